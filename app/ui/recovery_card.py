"""A new recovery code and its card: shown, printed or saved, and typed back in part before it counts as kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

from app import atomic
from app.i18n import _
from app.ui import printing
from app.ui.controls import Button, column, framed, label, row
from app.ui.desk import Desk
from app.ui.dialogs import Confirm, Files
from app.ui.theme import Type


def card(code: str, clinic: Path, today: dt.date) -> bytes:
    """The sheet as a PDF, which lies in memory until it is saved."""
    from app.forms import recovery_card

    return recovery_card.pdf_bytes(code, clinic.name, today)


def print_card(parent: QWidget, code: str, clinic: Path, today: dt.date) -> None:
    """Ask for a printer, and print the sheet. Raises UserError when it does not answer."""
    printer = printing.new_printer()
    if printing.PrinterQuestion.ask(parent, printer):
        printing.print_pdf(printer, card(code, clinic, today))


class CardDialog(QDialog):
    """The new code, with ways to get it onto paper. Tests replace `show_code`."""

    def __init__(self, parent: QWidget, desk: Desk, code: str) -> None:
        super().__init__(parent)
        self.desk, self._code, self._clinic = desk, code, desk.clinic.path
        self.setWindowTitle(_("Superbill Desk"))
        self.setModal(True)
        groups = code.split("-")
        shown = label("\n".join("   ".join(groups[at : at + 3]) for at in range(0, len(groups), 3)), Type.LIST_TITLE)
        words = label(
            _("This is the only code from now on; the one before opens nothing new. Print the card and keep it away "
              "from this computer."), tint="second", wrap=True,
        )  # fmt: skip
        words.setMinimumWidth(420)
        self.print_button = Button(_("Print"), icon="printer")
        self.save_button = Button(_("Save as PDF"), icon="download")
        self.done_button = Button(_("It is on paper"), "filled")
        self.print_button.clicked.connect(lambda *_: desk.attempt(self._print))
        self.save_button.clicked.connect(lambda *_: desk.attempt(self._save))
        self.done_button.clicked.connect(lambda *_: self.accept())
        self.setLayout(
            column(
                label(_("The new recovery code"), Type.LIST_TITLE), words, framed("card", column(shown)),
                row(self.print_button, self.save_button, None, self.done_button), gap=12, margins=(24, 22, 24, 20),
            )
        )  # fmt: skip

    @classmethod
    def show_code(cls, parent: QWidget, desk: Desk, code: str) -> None:
        """Show it until it is on paper."""
        cls(parent, desk, code).exec()

    def _print(self) -> None:
        print_card(self, self._code, self._clinic, self.desk.today())

    def _save(self) -> None:
        name = f"{self._clinic.stem} recovery card.pdf"
        path = Files.ask_save(self, self.desk.preferences, _("Save the recovery card"), name, _("PDF (*.pdf)"))
        if path is not None:
            atomic.write(path, card(self._code, self._clinic, self.desk.today()))


def renew(parent: QWidget, desk: Desk) -> None:
    """Ask, make a new code off the window's thread, and show it."""
    sure = Confirm.ask(
        parent, _("Make a new recovery code?"),
        _("The code on paper stops opening the clinic at once; it still opens the backups made until now."),
        _("Make a new code"), _("Keep the old one"),
    )  # fmt: skip
    if sure:
        desk.work(
            lambda progress: desk.clinic.new_recovery_code(),
            done=lambda code: CardDialog.show_code(parent, desk, code),
        )
