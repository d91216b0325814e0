"""A month of superbills for all clients at once: who has sessions on none, how they are handed over, and how far it is.

Each superbill is made by itself: what one client lacks stops no other, and what is made when it is cancelled stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QFileDialog, QWidget

from app import handover, paperwork
from app.billing.records import Superbill
from app.errors import UserError
from app.i18n import _, money_text, ngettext
from app.store import clients, practice, superbills
from app.store.superbills import ClientSessions
from app.ui import printing, theme, words
from app.ui.controls import Button, Combo, IconButton, column, framed, label, panel, row, rule
from app.ui.desk import Desk
from app.ui.dialogs import Files
from app.ui.page import Header
from app.ui.table import Cell, Column, Empty, Table
from app.ui.tasks import Progress
from app.ui.theme import Type

DELIVERIES = {
    "one": _("One PDF"),
    "each": _("A PDF each, in a folder"),
    "mail": _("Mail drafts, in a folder"),
    "print": _("Print"),
}


@dataclass(frozen=True)
class Outcome:
    """What came of a client's sessions: the superbill, or the sentence why there is none."""

    bill: Superbill | None = None
    told: str = ""


@dataclass(frozen=True)
class _Row:
    id: int
    sessions: ClientSessions


class FolderQuestion:
    """Which folder. Tests replace `ask`."""

    @staticmethod
    def ask(parent: QWidget, title: str, begin: str) -> Path | None:
        """A folder, or None."""
        chosen = QFileDialog.getExistingDirectory(parent, title, begin)
        return Path(chosen) if chosen else None


class SuperbillMonth(QWidget):
    """The table of clients of a month, and the making."""

    closed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.first = desk.today().replace(day=1)
        self._rows: list[_Row] = []
        self._outcomes: dict[int, Outcome] = {}
        self._work: Progress | None = None
        self.make_button = Button("", "filled", icon="receipt", key="Ctrl+P")
        self.make_button.clicked.connect(lambda *_: self.make())
        self.header = Header(_("A month of superbills"), [self.make_button])
        self.header.facts.setText(_("One for each client, of the sessions that are on none yet."))
        self.earlier = IconButton("chevron-left", _("The month before"))
        self.later = IconButton("chevron-right", _("The month after"))
        self.earlier.clicked.connect(lambda *_: self.show_month(_month(self.first, -1)))
        self.later.clicked.connect(lambda *_: self.show_month(_month(self.first, 1)))
        self.month_words = label("", Type.SECTION)
        self.month_words.setFixedWidth(140)
        self.month_words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.delivery = Combo()
        self.delivery.setAccessibleName(_("How they are handed over"))
        self.delivery.setFixedWidth(220)
        for key, name in DELIVERIES.items():
            self.delivery.addItem(name, key)
        self.table = Table(_("Clients with sessions"), self._columns(), lambda limit, at: self._rows[at : at + limit])
        self.table.rows_model.ticks_changed.connect(self._count)
        Empty(self.table, lambda: _("Every session of this month is on a superbill."))
        self._lay_out()

    def _columns(self) -> list[Column]:
        def shown(of: Callable[[ClientSessions], Any]) -> Callable[[_Row], Any]:
            return lambda line: of(line.sessions)

        return [
            Column("", lambda line: "", 36, tick=True),
            Column(_("Client"), shown(lambda c: Cell(c.client, strong=True)), 180, stretch=True),
            Column(_("Sessions"), shown(lambda c: str(len(c.visit_ids))), 84, right=True, figures=True),
            Column(_("Charge"), shown(lambda c: money_text(c.charge)), 96, right=True, figures=True),
            Column(_("Paid"), shown(lambda c: Cell(money_text(c.paid), quiet=True)), 96, right=True, figures=True),
            Column(_("E-mail"), shown(lambda c: Cell(c.email, quiet=True)), 190, priority=2),
            Column(_("What came of it"), self._state, 260),
        ]

    def _state(self, line: _Row) -> Cell:
        """The superbill that was made, why there is none, or what is known before."""
        outcome = self._outcomes.get(line.id)
        if outcome is not None and outcome.bill is not None:
            return Cell(outcome.bill.number, "green", "circle-check")
        if outcome is not None:
            return Cell(outcome.told, quiet=True, icon="filled/alert-circle")
        claimed = line.sessions.claimed
        return Cell(ngettext("{n} is on a claim", "{n} are on a claim", claimed).format(n=claimed) if claimed else "")

    def _lay_out(self) -> None:
        back = IconButton("chevron-left", _("Back to the list"), key="Esc")
        back.clicked.connect(lambda *_: self.closed.emit())
        self.sum_words = label("", Type.TOTAL)
        choice = row(
            back, label(_("All superbills"), Type.EMPHASIS, "second"), None, self.earlier, self.month_words, self.later,
            None, self.delivery, gap=6, margins=(theme.MARGIN, 10, theme.MARGIN, 12),
        )  # fmt: skip
        sums = row(self.sum_words, None, margins=(12, 8, 12, 6))
        card = framed("card", column(self.table, sums, gap=0), (8, 6, 8, 4))
        body = column(card, gap=0, margins=(theme.MARGIN, 16, theme.MARGIN, 16))
        self.setLayout(column(panel("ground", column(self.header, choice, rule(), body, gap=0)), gap=0))

    def show_month(self, first: dt.date) -> None:
        """The clients of the month that begins on `first`; ticked are those whose sessions are on no claim either."""
        self.first, self._outcomes = first, {}
        with self.desk.read() as s:
            found = superbills.not_billed(s, first, _month(first, 1) - dt.timedelta(days=1))
        self._rows = [_Row(one.client_id, one) for one in found]
        self.table.rows_model.ticked = {one.client_id for one in found if not one.claimed}
        self.table.rows_model.restart()
        self.month_words.setText(f"{words.MONTHS[first.month - 1]} {first.year}")
        self._count()

    def chosen(self) -> list[_Row]:
        """The ticked clients that have none yet."""
        ticked = self.table.rows_model.ticked
        made = {client_id for client_id, outcome in self._outcomes.items() if outcome.bill is not None}
        return [line for line in self._rows if line.id in ticked and line.id not in made]

    def _count(self) -> None:
        chosen = self.chosen()
        self.make_button.setText(
            ngettext("Make {n} superbill", "Make {n} superbills", len(chosen)).format(n=len(chosen))
        )
        self.make_button.updateGeometry()
        self.make_button.set_gate("" if chosen else _("Tick the clients first."))
        told = ngettext("{n} client, {charge} charged", "{n} clients, {charge} charged", len(chosen))
        charge = money_text(sum(line.sessions.charge for line in chosen))
        self.sum_words.setText(told.format(n=len(chosen), charge=charge))

    def make(self) -> None:
        """Make the ticked superbills and hand them over as chosen, on another thread."""
        chosen, how = self.chosen(), str(self.delivery.currentData())
        if not chosen or self._work is not None:
            return
        hand_over = self._way(how)
        if hand_over is None:
            return
        clinic, today = self.desk.clinic, self.desk.today()

        def do(progress: Progress) -> dict[int, Outcome]:
            outcomes: dict[int, Outcome] = {}
            for at, line in enumerate(chosen):
                told = _("Making {at} of {total} superbills").format(at=at + 1, total=len(chosen))
                if not progress.goes_on(told, at, len(chosen)):
                    break
                try:
                    bill = paperwork.make_superbill(clinic, line.id, line.sessions.visit_ids, today=today)
                except UserError as error:
                    outcomes[line.id] = Outcome(told=str(error))
                else:
                    outcomes[line.id] = Outcome(bill=bill)
            hand_over([outcome.bill for outcome in outcomes.values() if outcome.bill is not None])
            return outcomes

        self._work = self.desk.work(do, done=self._done)

    def _way(self, how: str) -> Callable[[Sequence[Superbill]], None] | None:
        """What is done with superbills that are made; None when the question where to was cancelled."""
        if how == "one":
            name = _("superbills {month}.pdf").format(month=f"{self.first:%Y-%m}")
            path = Files.ask_save(self, self.desk.preferences, _("Save PDF"), name, _("PDF files (*.pdf)"))
            return None if path is None else lambda bills: self._write_one(path, bills)
        if how == "print":
            printer = printing.new_printer(self.desk.preferences.printer)
            if not printing.PrinterQuestion.ask(self, printer):
                return None
            self.desk.preferences.printer = printer.printerName()
            return lambda bills: self._print(printer, bills)
        folder = FolderQuestion.ask(self, _("The folder for the superbills"), self.desk.preferences.folder)
        if folder is None:
            return None
        write = self._write_mails if how == "mail" else self._write_each
        return lambda bills: write(folder, bills)

    def _write_mails(self, folder: Path, bills: Sequence[Superbill]) -> None:
        for bill in bills:
            with self.desk.read() as s:
                draft = handover.mail_draft(bill, clients.client(s, bill.client_id), practice.practice(s))
            self._save(folder / f"{handover.file_name(bill)}.eml", draft, [bill])

    def _write_one(self, path: Path, bills: Sequence[Superbill]) -> None:
        if bills:
            self._save(path, handover.superbills_pdf(bills), bills)

    def _write_each(self, folder: Path, bills: Sequence[Superbill]) -> None:
        for bill in bills:
            self._save(folder / f"{handover.file_name(bill)}.pdf", paperwork.superbill_pdf(bill), [bill])

    def _save(self, path: Path, data: bytes, bills: Sequence[Superbill]) -> None:
        handover.save(self.desk.clinic, path, data, "superbill", [bill.id for bill in bills])

    def _print(self, printer: QPrinter, bills: Sequence[Superbill]) -> None:
        if bills:
            document = handover.superbills_pdf(bills)
            with self.desk.clinic.noting("print", "superbill", [bill.id for bill in bills]):
                printing.print_pdf(printer, document)

    def _done(self, outcomes: dict[int, Outcome]) -> None:
        self._work = None
        self._outcomes.update(outcomes)
        self.table.reload()
        self._count()
        made = sum(outcome.bill is not None for outcome in outcomes.values())
        told = ngettext("{n} superbill made.", "{n} superbills made.", made).format(n=made)
        left = len(outcomes) - made
        if left:
            missing = ngettext("{n} lacks something.", "{n} lack something.", left).format(n=left)
            self.desk.fail(f"{told} {missing}")
        else:
            self.desk.say(told)


def _month(first: dt.date, step: int) -> dt.date:
    """The first day of the month so many months on."""
    months = first.year * 12 + first.month - 1 + step
    return dt.date(months // 12, months % 12 + 1, 1)
