"""Claims on paper, one or several at once: on a printer for red forms, or as a PDF; then whether it came out right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app import paperwork
from app.billing.records import ClaimStatus
from app.forms import layout
from app.i18n import _, ngettext
from app.store import claims
from app.ui import alignment, printing
from app.ui.desk import Desk
from app.ui.dialogs import Confirm, Files, Question
from app.ui.red_forms import Answer, PrintQuestion, output


class Choice:
    """One of a few ways, asked in a small window. Tests replace `ask`."""

    @staticmethod
    def ask(parent: QWidget, title: str, ways: Mapping[str, str]) -> str | None:
        """The key of the way, or None."""
        answers = [("", _("Cancel")), *ways.items()]
        question = Question(parent, title, _("Red forms want the data alone; the copy is for your file."), answers)
        question.exec()
        return question.answer or None


class ClaimPaper:
    """Prints for a page of the desk; `line_up` leads to the guide for its printer."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        self.desk, self.parent = desk, parent

    def send(self, sheets: Sequence[tuple[int, str]], *, issued: bool, target: object) -> bool:
        """Print claims, given by id and number, on red forms: true size, scaled and moved as the tray needs. Answers
        whether they were sent; those that are new are frozen, and stay ready until the paper was seen."""
        preferences = self.desk.preferences
        printer = printing.new_printer(preferences.red_printer, preferences.red_tray)
        title = _("Print claim {number} on a red form").format(number=sheets[0][1])
        if len(sheets) > 1:
            title = _("Print {n} claims on red forms").format(n=len(sheets))
        told = _("It prints as it was issued.") if issued else frozen_words()
        answer = PrintQuestion.ask(self.parent, preferences, printer, title, told)
        if answer is Answer.LINE_UP:
            self.desk.go("calibration", target)
        if answer is not Answer.PRINT:
            return False
        how, today, ids = output(alignment.current(preferences)), self.desk.today(), [each[0] for each in sheets]

        def do() -> None:
            with self.desk.write(_("Print claims"), undoable=False) as s:
                paperwork.issue(s, ids, today=today, output=how, status=ClaimStatus.READY)
                papers = [paperwork.sheet(bundle, today=today) for bundle in claims.bundles(s, ids)]
                pages = [page for paper in papers for page in paper.marks]
                form = layout.load(papers[0].layout_id)
                printing.print_marks(printer, pages, form, dx_mm=how.dx_mm, dy_mm=how.dy_mm, scale=how.scale)

        sent = self.desk.attempt(do)
        if sent:
            self.desk.say(_("{which} sent to the printer.").format(which=named(sheets)))
        return sent

    def ask_pdf(self, sheets: Sequence[tuple[int, str]], *, issued: bool) -> bool:
        """As a PDF: the data alone for red forms, or a full copy. Answers whether it was written."""
        if not issued and not Confirm.ask(
            self.parent, _("Issue {which}?").format(which=named(sheets)), frozen_words(), _("Issue it"), _("Not yet")
        ):
            return False
        menu = {"overlay": _("Data only, for red forms"), "full": _("Full copy, for the file")}
        which = named(sheets)
        mode = Choice.ask(self.parent, _("Save {which} as PDF").format(which=which), menu)
        if mode is None:
            return False
        name = f"claim {sheets[0][1]}" if len(sheets) == 1 else f"{len(sheets)} claims from {sheets[0][1]}"
        name = f"{name}{' copy' if mode == 'full' else ''}.pdf"
        path = Files.ask_save(self.parent, self.desk.preferences, _("Save PDF"), name, _("PDF files (*.pdf)"))
        return path is not None and self.write_pdf(path, paperwork.Mode(mode), sheets)

    def write_pdf(self, path: Path, mode: paperwork.Mode, sheets: Sequence[tuple[int, str]]) -> bool:
        """Issue claims and write their PDF; all or nothing. A file is no paper, so they stay ready until it is seen."""
        how = paperwork.Output(mode=mode)
        if mode is paperwork.Mode.OVERLAY:
            how = output(alignment.current(self.desk.preferences))
        clinic, today, ids = self.desk.clinic, self.desk.today(), [each[0] for each in sheets]
        written = self.desk.attempt(lambda: paperwork.print_claims(
            clinic, ids, how, path, today=today, status=ClaimStatus.READY
        ))  # fmt: skip
        if written:
            self.desk.say(
                _("{which} saved as {name}, and issued: it is not set to printed yet.").format(
                    which=named(sheets), name=path.name
                )
            )
        return written


def named(sheets: Sequence[tuple[int, str]]) -> str:
    """`Claim 2026-0012`, or `12 claims`."""
    if len(sheets) == 1:
        return _("Claim {number}").format(number=sheets[0][1])
    return ngettext("{n} claim", "{n} claims", len(sheets)).format(n=len(sheets))


def frozen_words() -> str:
    """What issuing does."""
    return _("Its values are frozen as they stand on the screen. What changes later goes on a corrected claim.")
