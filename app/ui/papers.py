"""Scans of a client's papers: brought in, looked at as pictures, copied out, printed; never by a temporary file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QWidget

from app import handover
from app.billing.records import Authorization, Paper, PaperKind, Policy, Referral
from app.forms import guarded
from app.i18n import _, date_text
from app.store import clients, papers, payers
from app.ui.controls import Button, column, row, rule
from app.ui.desk import Desk
from app.ui.dialogs import Files
from app.ui.fields import choice, text
from app.ui.fields import words as fixed
from app.ui.paper_view import PaperView, images
from app.ui.payers_pdf import content as content_of
from app.ui.printing import PrinterQuestion, new_printer, print_pictures
from app.ui.record_editor import Deed, Kind, Owner, RecordEditor
from app.ui.record_form import Section
from app.ui.table import Line
from app.ui.tasks import Progress

KINDS = {
    PaperKind.REFERRAL: _("Referral"), PaperKind.AUTHORIZATION: _("Authorization"),
    PaperKind.CARD: _("Insurance card"), PaperKind.FORM: _("Signed form"), PaperKind.OTHER: _("Something else"),
}  # fmt: skip
SCANS = _("Scans (*.pdf *.png *.jpg *.jpeg *.tif *.tiff)")
_OF = {
    Referral: ("referral_id", PaperKind.REFERRAL), Authorization: ("authorization_id", PaperKind.AUTHORIZATION),
    Policy: ("policy_id", PaperKind.CARD),
}  # fmt: skip
"""The column of a paper that names a record of this type, and what such a paper is."""
_PRINT_DPI = 200


def bring_in(desk: Desk, parent: QWidget, new: Paper) -> None:
    """Ask for a file, see in the background that it can be read, keep it as `new`, and show it on the client's page."""
    path = Files.ask_open(parent, desk.preferences, _("Add scan"), SCANS)
    if path is None:
        return

    def read(progress: Progress) -> bytes:
        progress.goes_on(_("Reading the scan"), 0, 0)
        found = content_of(path, papers.MOST_BYTES)
        guarded.scan_page(found, papers.media_type(found), 0, 36)
        return found

    def keep(found: bytes) -> None:
        if not desk.is_open:
            return
        kept: list[Paper] = []

        def do() -> None:
            with desk.write(_("Add scan")) as s:
                kept.append(papers.add(s, replace(new, name=new.name or path.stem[:200], added=desk.today()), found))

        if desk.attempt(do):
            desk.say(_("The scan is kept in the clinic file."), undo=True)
            desk.go("clients", ("paper", kept[0].id, "name"))

    desk.work(read, done=keep)


def of_record(record: Referral | Authorization | Policy) -> Paper:
    """A new paper of a client's record."""
    column_of_it, kind = _OF[type(record)]
    return replace(Paper(client_id=record.client_id, kind=kind), **{column_of_it: record.id})  # type: ignore[arg-type]


def deeds(desk: Desk, record: Referral | Authorization | Policy) -> Sequence[Deed]:
    """What can be done about the scans of a record: show those that there are, add one."""
    name = _OF[type(record)][0]
    with desk.read() as s:
        found = [one for one in papers.papers(s, record.client_id) if getattr(one, name) == record.id]
    shown = [_show(desk, one, "" if len(found) == 1 else f" {number}") for number, one in enumerate(found, 1)]
    return [*shown[:3], Deed(_("Add scan"), "upload", lambda parent: bring_in(desk, parent, of_record(record)))]


def _show(desk: Desk, one: Paper, number: str) -> Deed:
    return Deed(_("Show scan") + number, "file-text", lambda parent: desk.go("clients", ("paper", one.id, "name")))


def kind(desk: Desk) -> Kind:
    """The scans of a client. What was scanned never changes; what it is called and belongs to may."""

    def line(record: Paper) -> Line:
        second = " · ".join(part for part in (KINDS[record.kind], date_text(record.added)) if part)
        return Line(record.name or KINDS[record.kind], second)

    return Kind(
        word=_("scan"), table="paper", new=_("Add scan"),
        none=_("No scans. Referrals, cards and signed forms can be kept here, encrypted with the rest."),
        read=papers.papers, keep=papers.save, remove=papers.remove,
        blank=lambda owner: Paper(client_id=owner), line=line, sections=_sections,
    )  # fmt: skip


def _sections(desk: Desk, owner: Owner) -> Sequence[Section]:
    def referrals() -> list[tuple[Any, str]]:
        with desk.read() as s:
            found = clients.referrals(s, owner()) if owner() else []
        words = _("Dr. {name}, {date}")
        return [
            (None, _("none")),
            *((r.id, words.format(name=r.last_name, date=date_text(r.written) or _("no date"))) for r in found),
        ]

    def authorizations() -> list[tuple[Any, str]]:
        with desk.read() as s:
            found = clients.authorizations(s, owner()) if owner() else []
        return [(None, _("none")), *((one.id, one.number or _("No number")) for one in found)]

    def policies() -> list[tuple[Any, str]]:
        with desk.read() as s:
            names = {payer.id: payer.name for payer in payers.payers(s, archived=True)}
            found = clients.policies(s, owner()) if owner() else []
        return [(None, _("none")), *((one.id, names.get(one.payer_id, "")) for one in found)]

    return [
        Section(
            "",
            [
                [text("name", _("Name"))],
                [
                    choice("kind", _("What it is"), fixed(KINDS), 200),
                    choice("referral_id", _("Of the referral"), referrals, 250),
                ],
                [
                    choice("authorization_id", _("Of the authorization"), authorizations, 200),
                    choice("policy_id", _("Of the policy with"), policies, 250),
                ],
            ],
        )
    ]


class PapersEditor(RecordEditor):
    """The scans of a client: the list, what the chosen one is, and the paper itself."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, kind(desk))
        self.view = PaperView(desk)
        self.copy_button = Button(_("Save a copy"), icon="download", key="Ctrl+Shift+S", small=True)
        self.print_button = Button(_("Print"), icon="printer", key="Ctrl+P", small=True)
        self.copy_button.clicked.connect(lambda *_: self.save_copy())
        self.print_button.clicked.connect(lambda *_: self.print_out())
        tools = row(self.view.turning, None, self.copy_button, self.print_button, gap=8)
        self.shown = QWidget()
        self.shown.setLayout(column(rule(), tools, self.view, gap=10))
        self.below.addWidget(self.shown)
        self._show_paper()

    @property
    def paper(self) -> Paper | None:
        """The one in front."""
        shown = self.record
        return shown if isinstance(shown, Paper) and shown.id is not None else None

    def _show(self, record: Any) -> None:
        super()._show(record)
        self._show_paper()

    def _show_paper(self) -> None:
        if hasattr(self, "view"):
            self.form.setVisible(self.paper is not None)
            self.shown.setVisible(self.paper is not None)
            self.view.show_paper(self.paper)

    def begin_new(self, begin: Any = None) -> None:
        """A file is chosen; nothing is typed before."""
        if self.leave():
            bring_in(self.desk, self, self.kind.blank(self._owner))

    def save_copy(self) -> None:
        """Write it where the user says, exactly as it was brought in."""
        paper = self.paper
        if paper is None:
            self.desk.fail(_("There is no scan to save. Add one first."))
            return
        ending = papers.ENDINGS[paper.media_type]
        name = f"{paper.name or KINDS[paper.kind]}.{ending}"
        path = Files.ask_save(self, self.desk.preferences, _("Save a copy"), name, f"{ending.upper()} (*.{ending})")

        def write() -> None:
            assert path is not None
            with self.desk.read() as s:
                data = papers.content(s, paper.sha256)
            handover.save(self.desk.clinic, path, data, "paper", [paper.id])

        if path is not None and self.desk.attempt(write):
            self.desk.say(_("Saved as {name}. This copy is not encrypted.").format(name=path.name))

    def print_out(self) -> None:
        """Every page, no larger than the sheet."""
        paper = self.paper
        if paper is None:
            self.desk.fail(_("There is no scan to print. Add one first."))
            return
        printer = new_printer(self.desk.preferences.plain_printer)
        if not PrinterQuestion.ask(self, printer):
            return
        with self.desk.read() as s:
            data = papers.content(s, paper.sha256)

        def work(progress: Progress) -> int:
            return print_pictures(printer, images(data, paper, _PRINT_DPI, progress))

        def done(pages: int) -> None:
            self.desk.clinic.note("print", table="paper", row_id=paper.id)
            self.desk.say(_("{name} printed, {n} pages.").format(name=paper.name, n=pages))

        self.desk.work(work, done=done)
