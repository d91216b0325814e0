"""Claims on paper, one or several at once: on a printer for red forms, or as a PDF; then whether it came out right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget

from app import paperwork, payers_pdf, viewing
from app.billing.problems import blocks
from app.billing.records import ClaimStatus, Payer
from app.billing.roles import Action
from app.errors import UserError
from app.forms import layout
from app.i18n import _, ngettext
from app.paperwork import Mode, Output
from app.store import claims
from app.ui import alignment, page_preview, printing
from app.ui import payers_pdf as form_choice
from app.ui.desk import Desk
from app.ui.dialogs import Confirm, Files, Question
from app.ui.red_forms import Answer, PrintQuestion, Stock, output
from app.ui.tasks import Progress


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

    def send(
        self, sheets: Sequence[tuple[int, str]], *, issued: bool, target: object, then: Callable[[list[int]], object],
        how: Output | None = None,
    ) -> None:  # fmt: skip
        """Print claims, given by id and number: on red forms as their tray needs it, or as `how` says; at true size.

        Those that are new are frozen, and stay ready until the paper was seen. Several are printed in the background
        and can be cancelled. `then` is told which were sent to the printer.
        """
        if not self.desk.allows(Action.PRINT_CLAIMS):
            then([])
            return
        preferences, stock = self.desk.preferences, Stock.PLAIN if how else Stock.RED
        printer = printing.new_printer(*stock.place(preferences))
        told = _("It prints as it was issued.") if issued else frozen_words()
        title = _title(sheets, how)
        answer = (
            PrintQuestion.ask(self.parent, preferences, printer, title, told)
            if stock is Stock.RED
            else PrintQuestion.ask(self.parent, preferences, printer, title, told, stock=stock)
        )
        if answer is Answer.LINE_UP:
            self.desk.go("calibration", target)
        if answer is not Answer.PRINT:
            then([])
            return
        chosen, today = how or output(alignment.current(preferences)), self.desk.today()
        if len(sheets) == 1:
            sent = self.desk.attempt(lambda: _print_one(self.desk, printer, sheets[0][0], chosen, today))
            self._sent(sheets if sent else [], then)
        else:
            self.desk.work(
                partial(_print_all, desk=self.desk, printer=printer, sheets=sheets, how=chosen, today=today),
                done=lambda outcome: self._all_sent(sheets, outcome, then),
            )

    def _sent(self, sheets: Sequence[tuple[int, str]], then: Callable[[list[int]], object]) -> None:
        if sheets:
            self.desk.only_saved -= {each[0] for each in sheets}
            self.desk.say(_("{which} sent to the printer.").format(which=named(sheets)))
        then([each[0] for each in sheets])

    def _all_sent(
        self, sheets: Sequence[tuple[int, str]], outcome: _Outcome, then: Callable[[list[int]], object]
    ) -> None:
        if not self.desk.is_open:
            return
        self._sent(sheets[: outcome.sent], then)
        if outcome.error is not None:
            self.desk.fail(str(outcome.error))
        elif outcome.sent < len(sheets):
            stopped = _("Stopped: {n} of {total} claims are printed, and stay printed.")
            self.desk.say(stopped.format(n=outcome.sent, total=len(sheets)))

    # Other ways

    def ways(self, sheet: tuple[int, str], payer: Payer, **how: Any) -> list[tuple[str, Callable[[], object]]]:
        """Ways to print one claim beside red forms, by what a menu says of them. `how` goes to `send`."""
        number, payer_id = sheet[1], payer.id or 0
        try:
            with self.desk.read() as s:
                kept = payers_pdf.of_payer(s, payer_id)
        except UserError as error:
            self.desk.fail(str(error))
            kept = None
        full = Output(mode=Mode.FULL)

        def choose() -> None:
            then = partial(self._print_in_payers, sheet, payer_id, how)
            form_choice.choose(self.desk, self.parent, payer_id, payer.name, then=then)

        print_in = _("In the PDF of {payer}") if kept else _("In a PDF of {payer}, chosen now")
        ways: list[tuple[str, Callable[[], object]]] = [
            (_("Full copy on plain paper"), lambda: self.send([sheet], how=full, **how)),
            (
                print_in.format(payer=payer.name),
                (lambda: self.send([sheet], how=payers_pdf.output(kept), **how)) if kept else choose,
            ),
        ]
        if kept:
            ways.append((_("Choose another PDF of {payer}").format(payer=payer.name), choose))
            forget = partial(form_choice.forget, self.desk, payer_id, payer.name)
            ways.append((_("Forget the PDF of {payer}").format(payer=payer.name), forget))
        look = partial(self.preview, sheet, payers_pdf.output(kept) if kept else full)
        ways.append((_("Look at it in true size"), look))
        ways.append((_("Open a copy in the PDF viewer"), lambda: self._view(sheet[0], number)))
        return ways

    def _print_in_payers(self, sheet: tuple[int, str], payer_id: int, how: Mapping[str, Any]) -> None:
        with self.desk.read() as s:
            kept = payers_pdf.of_payer(s, payer_id)
        if kept is not None:
            self.send([sheet], how=payers_pdf.output(kept), **how)

    def preview(self, sheet: tuple[int, str], how: Output) -> None:
        """The pages of a claim, as large as on paper."""
        today, dots = self.desk.today(), page_preview.dots_per_inch(self.parent)
        draw = printing.payers_images if how.mode is Mode.FILLABLE else printing.page_images

        def do() -> None:
            document = paperwork.claims_pdf(self.desk.clinic, [sheet[0]], how, today=today)
            title = _("Claim {number}").format(number=sheet[1])
            page_preview.PagePreview.show_pages(self.parent, title, draw(document, dots))

        self.desk.attempt(do)

    def _view(self, claim_id: int, number: str) -> None:
        def do() -> None:
            how = Output(mode=Mode.FULL)
            document = paperwork.claims_pdf(self.desk.clinic, [claim_id], how, today=self.desk.today())
            with self.desk.clinic.noting("export", "claim", [claim_id]):
                copy = viewing.put(f"claim {number}", document)
            open_file(copy)

        if self.desk.attempt(do):
            self.desk.say(_("Claim {number} is open in the PDF viewer. The copy goes when this program ends.").format(
                number=number
            ))  # fmt: skip

    def ask_pdf(self, sheets: Sequence[tuple[int, str]], *, issued: bool) -> bool:
        """As a PDF: the data alone for red forms, or a full copy. Answers whether it was written."""
        if not self.desk.allows(Action.PRINT_CLAIMS):
            return False
        if not issued and not Confirm.ask(
            self.parent, _("Issue {which}?").format(which=named(sheets)), frozen_words(), _("Issue it"), _("Not yet")
        ):
            return False
        menu = {"overlay": _("Data only, for red forms"), "full": _("Full copy, for the file")}
        first = self.desk.preferences.claim_paper  # what was said when the clinic was set up is offered first
        menu = {key: menu[key] for key in sorted(menu, key=lambda key: key != first)} if first in menu else menu
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
        with self.desk.read() as s:
            fresh = {claim_id for claim_id in ids if claims.claim(s, claim_id).issued is None}
        written = self.desk.attempt(lambda: paperwork.print_claims(
            clinic, ids, how, path, today=today, status=ClaimStatus.READY
        ))  # fmt: skip
        if written:
            self.desk.only_saved |= fresh
            self.desk.say(
                _("{which} saved as {name}, and issued: it is not set to printed yet.").format(
                    which=named(sheets), name=path.name
                )
            )
        return written


class _Outcome(NamedTuple):
    """How many were sent to the printer, and what went wrong with the next."""

    sent: int
    error: UserError | None = None


def _print_all(
    progress: Progress, *, desk: Desk, printer: QPrinter, sheets: Sequence[tuple[int, str]], how: Output, today: dt.date
) -> _Outcome:
    """Print claims one by one, on another thread; none when one of them cannot be printed."""
    found = paperwork.check_claims(desk.clinic, [each[0] for each in sheets], today=today)
    against = [number for claim_id, number in sheets if blocks(found[claim_id])]
    if against:
        problems = [problem for problems in found.values() if blocks(problems) for problem in problems]
        return _Outcome(0, paperwork.NotReadyError(", ".join(against), problems))
    for at, (claim_id, __) in enumerate(sheets):
        text = _("Printing {n} of {total}. What is printed stays printed.").format(n=at + 1, total=len(sheets))
        if not progress.goes_on(text, at, len(sheets)):
            return _Outcome(at)
        try:
            _print_one(desk, printer, claim_id, how, today)
        except UserError as error:
            return _Outcome(at, error)
    return _Outcome(len(sheets))


def _print_one(desk: Desk, printer: QPrinter, claim_id: int, how: Output, today: dt.date) -> None:
    """Freeze a claim and print it, or neither."""
    try:
        with desk.write(_("Print claims"), undoable=False) as s:
            paperwork.issue(s, [claim_id], today=today, output=how, status=ClaimStatus.READY)
            if how.mode is not Mode.OVERLAY:
                document = paperwork.drawn(s, [claim_id], how, today=today)
                printing.print_pdf(printer, document, payers=how.mode is Mode.FILLABLE)
                return
            (bundle,) = claims.bundles(s, [claim_id])
            paper = paperwork.sheet(bundle, today=today)
            form = layout.load(paper.layout_id)
            printing.print_marks(printer, paper.marks, form, dx_mm=how.dx_mm, dy_mm=how.dy_mm, scale=how.scale)
    except printing.PrinterGoneError as error:
        text = _("{problem} The claim stays ready to print.").format(problem=error.message)
        raise UserError(text, _("Choose a printer.")) from None


def _title(sheets: Sequence[tuple[int, str]], how: Output | None) -> str:
    if len(sheets) > 1:
        return _("Print {n} claims on red forms").format(n=len(sheets))
    if how is None:
        return _("Print claim {number} on a red form").format(number=sheets[0][1])
    kind = _("Print claim {number} in the payer's PDF")
    if how.mode is Mode.FULL:
        kind = _("Print a copy of claim {number}")
    return kind.format(number=sheets[0][1])


def open_file(path: Path) -> None:
    """Show a file in the program that the computer has for it. Tests replace it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def named(sheets: Sequence[tuple[int, str]]) -> str:
    """`Claim 2026-0012`, or `12 claims`."""
    if len(sheets) == 1:
        return _("Claim {number}").format(number=sheets[0][1])
    return ngettext("{n} claim", "{n} claims", len(sheets)).format(n=len(sheets))


def frozen_words() -> str:
    """What issuing does."""
    return _("Its values are frozen as they stand on the screen. What changes later goes on a corrected claim.")
