"""Making a superbill, or looking at one: client, sessions, what is on the paper, and the page itself."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QImage, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import handover, paperwork
from app.billing import claims as rules
from app.billing.problems import Problem, Severity, blocks, in_order, warn
from app.billing.records import Claim, ClaimStatus, Client, Superbill, VisitStatus
from app.forms import superbill as paper
from app.i18n import _, date_text, money_text, ngettext
from app.store import claims, clients, icd10, practice, superbills, visits
from app.ui import printing, theme, words
from app.ui.controls import (
    Button,
    IconButton,
    IconLabel,
    Tick,
    clear,
    column,
    figure,
    framed,
    label,
    row,
    rule,
    scrolled,
)
from app.ui.desk import Desk
from app.ui.dialogs import Confirm, Files
from app.ui.lookup import Hit
from app.ui.page import Header
from app.ui.problems_panel import LOOKS
from app.ui.table import Cell, Column, Empty, Table
from app.ui.theme import Type, color
from app.ui.visit_form import ClientBox

_OUT = frozenset(ClaimStatus) - rules.FINISHED


class PagePicture(QWidget):
    """The pages as they will be printed, as wide as there is room, at most true size."""

    def __init__(self) -> None:
        super().__init__()
        self.images: Sequence[QImage] = ()
        self.setAccessibleName(_("The superbill as it is printed"))
        self.setObjectName("desk")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def show_images(self, images: Sequence[QImage]) -> None:
        """Other pages."""
        self.images = images
        self.setMinimumHeight(self.heightForWidth(self.width()))
        self.update()

    def _scale(self, width: int) -> float:
        return min(1.0, (width - 40) / 816)

    def heightForWidth(self, width: int) -> int:
        """All pages below each other."""
        return round(len(self.images) * (1056 * self._scale(width) + 20)) + 20

    def resizeEvent(self, event: Any) -> None:
        """Keep the height to the width."""
        super().resizeEvent(event)
        self.setMinimumHeight(self.heightForWidth(self.width()))

    def sizeHint(self) -> QSize:
        """A page."""
        return QSize(640, self.heightForWidth(640))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Each page on its sheet."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        scale = self._scale(self.width())
        width, height = 816 * scale, 1056 * scale
        for number, image in enumerate(self.images):
            box = QRectF((self.width() - width) / 2, 20 + number * (height + 20), width, height)
            for spread in (3, 2, 1):
                painter.fillRect(box.adjusted(-spread, 1 - spread, spread, 1 + spread), color("#12000000"))
            painter.drawImage(box, image)
        painter.end()


class SuperbillBuilder(QWidget):
    """Choosing what goes on a superbill, or looking at one that was made."""

    made = Signal(object)
    closed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.client: Client | None = None
        self.bill: Superbill | None = None
        self._replaces: int | None = None
        self._lines: list[Any] = []
        self.found: Sequence[Problem] = ()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(40)
        self._later.timeout.connect(self.show_page)
        self.back_button = IconButton("chevron-left", _("Back to the list"), key="Esc")
        self.back_button.clicked.connect(lambda *_: self.closed.emit())
        self.correct = Button(_("Corrected version"), icon="history")
        self.pdf_button = Button(_("Save PDF"), icon="download", key="Ctrl+Shift+S")
        self.print_button = Button(_("Print"), "filled", icon="printer", key="Ctrl+P")
        self.correct.clicked.connect(lambda *_: self.begin_correction())
        self.pdf_button.clicked.connect(lambda *_: self.save_pdf())
        self.print_button.clicked.connect(lambda *_: self.print_out())
        self.mail_button = Button(_("Mail draft"), icon="mail-forward", key="Ctrl+M")
        self.mail_button.clicked.connect(lambda *_: self.mail())
        self.other_printer = IconButton("chevron-down", _("Print on another printer"), key="Ctrl+Alt+P")
        self.other_printer.clicked.connect(lambda *_: self.print_out(ask=True))
        for key, name, do in (
            ("Ctrl+M", _("Mail draft"), self.mail),
            ("Ctrl+Alt+P", _("Print on another printer"), lambda: self.print_out(ask=True)),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setWhatsThis(name)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(do)
        actions = [self.correct, self.mail_button, self.pdf_button, self.print_button, self.other_printer]
        self.header = Header("", actions)
        self.client_box = ClientBox()
        self.client_box.search = self._find
        self.client_box.picked.connect(lambda hit: self.begin_new(hit.id))
        self.table = Table(_("Sessions"), self._columns(), lambda limit, offset: self._lines[offset : offset + limit])
        self.table.rows_model.ticks_changed.connect(self._changed)
        Empty(self.table, lambda: _("No session of this client took place yet.") if self.client else "")
        self.options = {
            "diagnosis_words": Tick(_("Diagnosis words")), "paid": Tick(_("Paid and balance")),
            "minutes": Tick(_("Minutes")), "by_month": Tick(_("Group by month")),
        }  # fmt: skip
        for name, tick in self.options.items():
            tick.setChecked(getattr(paper.SuperbillOptions(), name))
            tick.toggled.connect(lambda *_: self._changed())
        self.picture = PagePicture()
        self._lay_out()

    def _columns(self) -> list[Column]:
        return [
            Column("", lambda v: "", 36, tick=True),
            Column(_("Date"), lambda v: Cell(date_text(v.date), strong=True), 104, figures=True),
            Column(_("Codes"), lambda v: v.codes, 80, stretch=True),
            Column(_("Charge"), lambda v: money_text(v.charge), 78, right=True, figures=True),
            Column(_("Paid"), lambda v: Cell(money_text(v.paid), quiet=True), 74, right=True, figures=True),
        ]

    def _lay_out(self) -> None:
        self.sum_words = label("", Type.TOTAL)
        self.sum_charge, self.sum_paid = figure("", Type.TOTAL), figure("", tint="second")
        for total, column_of in ((self.sum_charge, 3), (self.sum_paid, 4)):
            total.setFixedWidth(self.table.rows_model.columns[column_of].width)
        sums = row(self.sum_words, None, self.sum_charge, self.sum_paid, gap=0, margins=(12, 8, 12, 6))
        card = framed("card", column(self.table, sums, gap=0), (8, 6, 8, 4))
        self._choices = QWidget()
        ticks = list(self.options.values())
        self._choices.setLayout(
            column(
                label(_("On the paper"), Type.SECTION), row(ticks[0], ticks[1], None, gap=28),
                row(ticks[2], ticks[3], None, gap=28), gap=8, margins=(0, 6, 0, 0),
            )
        )  # fmt: skip
        self._verdict = QVBoxLayout()
        self._verdict.setSpacing(8)
        client = label(_("Client"), Type.LABEL, "second")
        client.setBuddy(self.client_box)
        back = row(self.back_button, label(_("All superbills"), Type.EMPHASIS, "second"), None, gap=4)
        inside = QWidget()
        inside.setLayout(
            column(
                back, column(client, self.client_box, gap=5), label(_("Sessions"), Type.SECTION), card, self._choices,
                label(_("Would an insurer take it?"), Type.SECTION), self._verdict, None,
                gap=12, margins=(theme.MARGIN, 10, 20, 16),
            )
        )  # fmt: skip
        left = scrolled(inside)
        left.setFixedWidth(496)
        self._page_area = scrolled(self.picture, "desk")
        middle = row(left, rule(upright=True), self._page_area, gap=0)
        middle.setStretch(2, 1)
        whole = column(self.header, rule(), gap=0)
        whole.addLayout(middle, 1)
        self.setLayout(whole)

    # What is shown

    def _find(self, text: str) -> list[Hit]:
        with self.desk.read() as s:
            found = clients.find(s, text, limit=8)
        return [Hit(one.id, one.name, f"{date_text(one.birth_date)} · {one.payer or _('self-pay')}") for one in found]

    def begin_new(self, client_id: int | None) -> None:
        """A new superbill, of the sessions that are on none yet and that no payer was asked to pay the clinic for."""
        self.bill, self._replaces = None, None
        self._read(client_id)
        with self.desk.read() as s:
            done = superbills.superbills_of(s, client_id) if client_id else []
        before = {visit_id for bill in done for visit_id in bill.visit_ids}
        claimed = self._claimed_ids([line.id for line in self._lines])
        free = [line.id for line in self._lines if line.id not in claimed]
        fresh = {visit_id for visit_id in free if visit_id not in before}
        self._tick(fresh or set(free[:1]))

    def begin_correction(self) -> None:
        """A new version of the one that is shown, which it will replace."""
        if self.bill is not None:
            replaced, ticked = self.bill.id, set(self.bill.visit_ids)
            self._read(self.bill.client_id)
            self.bill, self._replaces = None, replaced
            self._tick(ticked)

    def show_bill(self, bill: Superbill) -> None:
        """One that was made; nothing of it changes."""
        self.bill, self._replaces = bill, None
        self._read(bill.client_id)
        self._tick(set(bill.visit_ids))

    def _read(self, client_id: int | None) -> None:
        self.client, self._lines = None, []
        if client_id:
            with self.desk.read() as s:
                self.client = clients.client(s, client_id)
                found = visits.lines(s, client_id=client_id, limit=1000)
            self._lines = [line for line in found if line.status is VisitStatus.DONE]

    def _tick(self, ids: set[int]) -> None:
        if self.bill is not None:
            self._lines = [line for line in self._lines if line.id in ids]
        self.client_box.setText(words.person(self.client) if self.client else "")
        self.client_box.setReadOnly(self.bill is not None or self._replaces is not None)
        self.table.rows_model.ticked = set(ids)
        self.table.rows_model.restart()
        self.table.setFixedHeight(
            theme.scaled(theme.TABLE_HEAD) + theme.scaled(theme.ROW) * max(3, min(len(self._lines), 9)) + 2
        )
        self._changed()
        self.show_page()

    def state(self) -> dict[str, Any] | None:
        """The choice that was made for a superbill that is not made yet, as JSON can hold it."""
        if self.bill is not None or self.client is None:
            return None
        return {
            "client": self.client.id, "replaces": self._replaces, "ticked": sorted(self.table.rows_model.ticked),
            "options": {name: tick.isChecked() for name, tick in self.options.items()},
        }  # fmt: skip

    def choose_again(self, state: Mapping[str, Any]) -> None:
        """Make that choice again. Raises ClinicError when the client is gone."""
        self.bill, self._replaces = None, state["replaces"]
        self._read(state["client"])
        for name, on in state["options"].items():
            self.options[name].setChecked(on)
        self._tick(set(state["ticked"]) & {line.id for line in self._lines})

    def chosen(self) -> list[int]:
        """The ticked sessions, oldest first."""
        return [line.id for line in reversed(self._lines) if line.id in self.table.rows_model.ticked]

    def _changed(self) -> None:
        ticked = [line for line in self._lines if line.id in self.table.rows_model.ticked]
        self.sum_words.setText(ngettext("{n} session", "{n} sessions", len(ticked)).format(n=len(ticked)))
        self.sum_charge.setText(money_text(sum(line.charge for line in ticked)))
        self.sum_paid.setText(money_text(sum(line.paid for line in ticked)))
        self._choices.setVisible(self.bill is None)
        self.correct.setVisible(self.bill is not None)
        if self.bill is not None:
            self.header.title.setText(_("Superbill {number}").format(number=self.bill.number))
            self.header.facts.setText(
                _("{client}, version {version}, made {date}").format(
                    client=words.person(self.client) if self.client else "", version=self.bill.version,
                    date=date_text(self.bill.issued),
                )
            )  # fmt: skip
        else:
            self.header.title.setText(_("Corrected superbill") if self._replaces else _("New superbill"))
            self.header.facts.setText(_("Changes on the left show on the page at once."))
        self._later.start()

    def _options(self) -> paper.SuperbillOptions:
        on = {name: tick.isChecked() for name, tick in self.options.items()}
        return paper.SuperbillOptions(
            diagnosis_words=on["diagnosis_words"], paid=on["paid"], minutes=on["minutes"], by_month=on["by_month"]
        )

    def show_page(self) -> None:
        """The page itself, and what stands against it."""
        self._later.stop()
        pdf = b""
        if self.bill is not None:
            pdf = paperwork.superbill_pdf(self.bill)
            self.found = in_order([*paperwork.superbill_problems(self.bill), *self._claimed()])
        elif self.client is not None and self.client.id is not None and self.chosen():
            draft = Superbill(
                number=_("not made yet"), client_id=self.client.id, issued=self.desk.today(),
                visit_ids=tuple(self.chosen()), replaces_id=self._replaces,
            )  # fmt: skip
            with self.desk.read() as s:
                bundle = superbills.bundle(s, draft)
            content = paper.content(bundle, self._options(), today=self.desk.today(), icd_title=icd10.title)
            self.found = in_order([*paper.problems(content), *self._claimed()])
            pdf = paper.draw(content)
        else:
            self.found = ()
        ratio = self.devicePixelRatioF()
        self.picture.show_images(printing.page_images(pdf, 96 * max(1.0, ratio) * 1.0) if pdf else ())
        self._show_verdict(bool(pdf))

    def _on_claims(self, visit_ids: Sequence[int]) -> list[tuple[Claim, dict[int, dt.date | None]]]:
        """The claims that ask a payer to pay the clinic for some of these sessions (item 27 says yes on paper), each
        with those sessions and their dates."""
        if self.client is None or self.client.id is None or not visit_ids:
            return []
        with self.desk.read() as s:
            issued = [one for one in claims.claims_of(s, self.client.id) if one.issued and one.status in _OUT]
            asked = visits.visits(s, visit_ids) if issued else []
        found = []
        for claim in issued:
            ids = set(claim.line_ids)
            on = {visit.id or 0: visit.date for visit in asked if ids & {line.id for line in visit.lines}}
            if on and json.loads(claim.pages)["pages"][0].get("27") is True:
                found.append((claim, on))
        return found

    def _claimed_ids(self, visit_ids: Sequence[int]) -> set[int]:
        return {visit_id for __, on in self._on_claims(visit_ids) for visit_id in on}

    def _claimed(self) -> list[Problem]:
        """The chosen sessions that the payer was already asked to pay the clinic for."""
        found = []
        for claim, on in self._on_claims(self.chosen()):
            told = ngettext(
                "This session is on claim {number}, which has the payer pay the clinic: {dates}. Leave it off, or "
                "the client may be paid for it as well.",
                "These sessions are on claim {number}, which has the payer pay the clinic: {dates}. Leave them "
                "off, or the client may be paid for them as well.",
                len(on),
            ).format(number=claim.number, dates=", ".join(date_text(date) for date in on.values()))
            found.append(warn("superbill.claimed", told, record=f"claim:{claim.id}"))
        return found

    def _show_verdict(self, known: bool) -> None:
        clear(self._verdict)
        blocked = blocks(self.found)
        gate = _("Something blocks it; it is listed on the left.") if blocked else ""
        if not known:
            gate = _("Choose a client and sessions first.")
        self.print_button.set_gate(gate)
        self.pdf_button.set_gate(gate)
        self.mail_button.set_gate(gate)
        if known and not self.found:
            good = row(IconLabel("check", "green", 18), label(_("Nothing is missing.")), None, gap=10)
            self._verdict.addLayout(good)
        left_off = self._left_off()
        if left_off:
            self._verdict.addWidget(label(left_off, Type.NOTE, "second", wrap=True))
        for problem in self.found:
            icon, ink = LOOKS[problem.severity]
            told = label(problem.message, wrap=True)
            line = row(IconLabel(icon, ink, 18), told, gap=10)
            line.setAlignment(line.itemAt(0).widget(), Qt.AlignmentFlag.AlignTop)  # type: ignore[union-attr, arg-type]
            line.setStretch(1, 1)
            self._verdict.addLayout(line)

    def _left_off(self) -> str:
        """How many sessions are not ticked because a payer was asked to pay the clinic for them."""
        off = {line.id for line in self._lines} - self.table.rows_model.ticked if self.bill is None else set()
        count = len(self._claimed_ids(sorted(off)))
        told = ngettext(
            "{n} session is left off: a claim has the payer pay the clinic for it.",
            "{n} sessions are left off: a claim has the payer pay the clinic for them.",
            count,
        )
        return told.format(n=count) if count else ""

    # Doing

    def _may_issue(self) -> bool:
        """Ask once before sessions that a payer was asked to pay for are put on a new superbill; they may be left off,
        which shows what is left and makes nothing yet."""
        claimed = self._claimed_ids(self.chosen()) if self.bill is None and not self.print_button.gate else set()
        if not claimed:
            return True
        title = ngettext("Put {n} session on it that is claimed?", "Put {n} sessions on it that are claimed?",
                         len(claimed)).format(n=len(claimed))  # fmt: skip
        text = _("The payer was asked to pay the clinic for what is on a claim. With a superbill the client may be "
                 "paid for it as well.")  # fmt: skip
        if Confirm.ask(self, title, text, _("Make it all the same"), _("Leave them off")):
            return True
        self._tick(self.table.rows_model.ticked - claimed)
        return False

    def _issue(self) -> Superbill | None:
        """The superbill on paper: the one shown, or a new one, which is frozen now."""
        if self.bill is not None:
            return self.bill
        if self.client is None or not self.chosen():
            self.desk.fail(_("Choose a client and sessions first."))
            return None
        if blocks(self.found):
            self.desk.fail(next(p.message for p in self.found if p.severity is Severity.BLOCK))
            return None
        made: list[Superbill] = []
        client_id, chosen, options = self.client.id or 0, self.chosen(), self._options()

        def do() -> None:
            made.append(
                paperwork.make_superbill(
                    self.desk.clinic, client_id, chosen, today=self.desk.today(), options=options,
                    replaces_id=self._replaces,
                )
            )  # fmt: skip

        return made[0] if self.desk.attempt(do) else None

    def save_pdf(self) -> None:
        """As a PDF; a new one is numbered and frozen with it."""
        if not self._may_issue():
            return
        number = self.bill.number if self.bill is not None else words.person(self.client) if self.client else ""
        path = Files.ask_save(
            self, self.desk.preferences, _("Save PDF"), f"superbill {number}.pdf", _("PDF files (*.pdf)")
        )
        if path is None:
            return
        bill = self._issue()
        if bill is not None and self._write(path, paperwork.superbill_pdf(bill), bill):
            text = _("Superbill {number} saved as {name}.")
            self.desk.say(text.format(number=bill.number, name=Path(path).name))
            self.made.emit(bill)

    def _write(self, path: Path, data: bytes, bill: Superbill) -> bool:
        return self.desk.attempt(lambda: handover.save(self.desk.clinic, path, data, "superbill", [bill.id]))

    def mail(self) -> None:
        """A mail with the PDF attached, which the mail program opens as one that is yet to be sent."""
        if self.bill is None and self.print_button.gate:
            self.desk.fail(self.print_button.gate)
            return
        if not self._may_issue():
            return
        bill = self._issue()
        if bill is None or self.client is None:
            return
        self.made.emit(bill)
        path = Files.ask_save(
            self, self.desk.preferences, _("Mail draft"), f"{handover.file_name(bill)}.eml", _("Mail drafts (*.eml)")
        )
        if path is None:
            return
        with self.desk.read() as s:
            draft = handover.mail_draft(bill, self.client, practice.practice(s))
        if self._write(path, draft, bill):
            open_in_mail_program(path)
            told = _("The draft {name} opens in your mail program. Nothing is sent yet.")
            if not handover.is_address(self.client.email):
                told = _("The draft {name} has no addressee: the client's record has no e-mail address.")
            self.desk.say(told.format(name=path.name))

    def print_out(self, *, ask: bool = False) -> None:
        """At true size on the printer of last time; it is asked for when there is none, or with `ask`."""
        if not self._may_issue():
            return
        bill_ready, before = self.bill is not None or not self.print_button.gate, self.desk.preferences.printer
        printer = printing.new_printer(before)
        asked = ask or not before or before not in printing.printers()
        if bill_ready and asked and not printing.PrinterQuestion.ask(self, printer):
            return
        bill = self._issue()
        if bill is None:
            return
        self.desk.preferences.printer = printer.printerName()

        def do() -> None:
            with self.desk.clinic.noting("print", "superbill", [bill.id]):
                printing.print_pdf(printer, paperwork.superbill_pdf(bill))

        if self.desk.attempt(do):
            self.desk.say(_("Superbill {number} printed.").format(number=bill.number))
        self.made.emit(bill)

    def begin(self) -> None:
        """The cursor into the client, or the sessions."""
        target = self.client_box if self.client is None else self.table
        target.setFocus(Qt.FocusReason.OtherFocusReason)


def open_in_mail_program(path: Path) -> None:
    """Hand a draft to the program that opens such files. Tests replace it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
