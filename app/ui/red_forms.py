"""Red forms: which printer and tray, with what it does as facts; and afterwards, whether it came out right."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QDialog, QWidget

from app.i18n import _
from app.paperwork import Mode, Output
from app.ui import alignment, printing
from app.ui.alignment import Alignment
from app.ui.controls import Button, Combo, IconLabel, column, label, row, rule
from app.ui.preferences import Preferences
from app.ui.theme import Type


class Answer(StrEnum):
    """What is to be done with a claim."""

    PRINT = "print"
    LINE_UP = "line-up"
    NOT_YET = "not-yet"


class Stock(StrEnum):
    """What lies in the tray: red forms, or plain paper for copies and payers' PDFs."""

    RED = "red"
    PLAIN = "plain"

    def place(self, preferences: Preferences) -> tuple[str, str]:
        """The printer and tray chosen last for it."""
        if self is Stock.RED:
            return preferences.red_printer, preferences.red_tray
        return preferences.plain_printer, preferences.plain_tray

    def keep(self, preferences: Preferences, printer: str, tray: str) -> None:
        """Remember them."""
        if self is Stock.RED:
            preferences.red_printer, preferences.red_tray = printer, tray
        else:
            preferences.plain_printer, preferences.plain_tray = printer, tray


def output(needed: Alignment) -> Output:
    """The data alone, where a printer and tray need it."""
    return Output(mode=Mode.OVERLAY, dx_mm=needed.shift[0], dy_mm=needed.shift[1], scale=needed.scale)


class PrintQuestion(QDialog):
    """Printer, tray, and how they are lined up: remembered for each stock. Tests replace `ask`."""

    def __init__(
        self, parent: QWidget | None, preferences: Preferences, printer: QPrinter, title: str, words: str, *,
        stock: Stock = Stock.RED,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.preferences, self.printer, self.stock = preferences, printer, stock
        self.answer = Answer.NOT_YET
        self.setWindowTitle(_("Superbill Desk"))
        self.setModal(True)
        self.printer_box, self.tray_box = Combo(), Combo()
        known = printing.printers()
        for name in known:
            self.printer_box.addItem(name, name)
        if not known:
            self.printer_box.addItem(_("none on this computer"), "")
        for key, tray in printing.TRAYS.items():
            self.tray_box.addItem(tray[:1].upper() + tray[1:], key)
        before, tray_before = stock.place(preferences)
        self.printer_box.setCurrentIndex(max(0, self.printer_box.findData(before)))
        self.tray_box.setCurrentIndex(max(0, self.tray_box.findData(tray_before)))
        fields = row(gap=12)
        for name, box in ((_("Printer"), self.printer_box), (_("Tray"), self.tray_box)):
            title_label = label(name, Type.LABEL, "second")
            title_label.setBuddy(box)
            box.setAccessibleName(name)
            box.currentIndexChanged.connect(lambda *_: self._show())
            fields.addLayout(column(title_label, box, gap=5), 1)
        self.state_icon, self.state = IconLabel("check", "green"), label("", wrap=True)
        state = row(self.state_icon, self.state, gap=8)
        state.setStretch(1, 1)
        words_label = label(words, tint="second", wrap=True)
        words_label.setMinimumWidth(470)
        self.line_up, self.more = Button(_("Line up the printer"), "quiet"), Button(_("Printer's own choices"), "quiet")
        self.not_yet, self.print = Button(_("Not yet")), Button(_("Print"), "filled")
        self.print.setAutoDefault(True)
        self.print.setEnabled(bool(known))
        self.more.setEnabled(bool(known))
        self.line_up.clicked.connect(lambda *_: self._close(Answer.LINE_UP))
        self.not_yet.clicked.connect(lambda *_: self._close(Answer.NOT_YET))
        self.print.clicked.connect(lambda *_: self._close(Answer.PRINT))
        self.more.clicked.connect(lambda *_: self._ask_more())
        facts = column(row(IconLabel("check", "green"), label(_("100 %, no scaling")), None, gap=8), state, gap=5)
        none = label("" if known else _("Save the PDF, and print it at 100 % elsewhere."), tint="second")
        if before and before not in known:
            gone = _("{printer} does not answer. Look which printer is chosen before you print.")
            none.setText(gone.format(printer=before) if known else none.text())
        self.words_below = none
        buttons = row(self.line_up, self.more, None, self.not_yet, self.print)
        self.setLayout(
            column(
                label(title, Type.LIST_TITLE, wrap=True), words_label, 8, fields, none, 6, facts, 14, buttons, gap=6,
                margins=(24, 22, 24, 20),
            )
        )  # fmt: skip
        self.words_below.setHidden(not none.text())
        for part in (self.line_up, self.state_icon, self.state):
            part.setHidden(stock is not Stock.RED)
        self._show()
        (self.print if known else self.not_yet).setFocus(Qt.FocusReason.OtherFocusReason)

    def _chosen(self) -> tuple[str, str]:
        return str(self.printer_box.currentData() or ""), str(self.tray_box.currentData() or "")

    def _show(self) -> None:
        known = alignment.of(self.preferences, *self._chosen())
        lined_up = known.measured is not None
        self.state_icon.show_icon("check" if lined_up else "filled/alert-triangle", "green" if lined_up else "amber")
        self.state.setText(_("{state}.").format(state=alignment.state_words(known)))

    def _close(self, answer: Answer) -> None:
        self.answer = answer
        if answer is not Answer.NOT_YET:
            self.stock.keep(self.preferences, *self._chosen())
        if answer is Answer.PRINT:
            printing.choose(self.printer, *self._chosen())
        self.accept()

    def _ask_more(self) -> None:
        """The system's dialog, for what only the printer's driver knows; printing there prints."""
        printing.choose(self.printer, *self._chosen())
        if printing.PrinterQuestion.ask(self, self.printer):
            self.stock.keep(self.preferences, self.printer.printerName(), self._chosen()[1])
            self.answer = Answer.PRINT
            self.accept()

    @classmethod
    def ask(
        cls, parent: QWidget, preferences: Preferences, printer: QPrinter, title: str, words: str, *,
        stock: Stock = Stock.RED,
    ) -> Answer:  # fmt: skip
        """What to do; the printer and tray chosen are kept and set on `printer`."""
        question = cls(parent, preferences, printer, title, words, stock=stock)
        question.exec()
        return question.answer


class Afterwards(QWidget):
    """Did it come out right? Asked beside the claim, as long as nobody has said so."""

    right = Signal()
    again = Signal()
    line_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("After printing"))
        self.question = label(_("Did it come out right?"), Type.EMPHASIS)
        self.yes = Button(_("Yes, set to printed"), "filled", small=True)
        self.no_again = Button(_("No, print again"), small=True)
        self.no_line_up = Button(_("No, line up the printer"), small=True)
        for button, told in ((self.yes, self.right), (self.no_again, self.again), (self.no_line_up, self.line_up)):
            button.setAutoDefault(True)
            button.clicked.connect(lambda *_, told=told: told.emit())
        line = row(
            IconLabel("printer", "text2", 18), 2, self.question, None, self.yes, self.no_again, self.no_line_up,
            margins=(24, 9, 24, 9),
        )  # fmt: skip
        self.setLayout(column(line, rule(), gap=0))
        self.hide()

    def ask(self, *, printed: bool, saved: bool = False) -> None:
        """Show the question; a claim that is `printed` already keeps its status. One that is only `saved` was sent to
        no printer from here: whether its PDF was printed elsewhere is asked instead."""
        self.question.setText(_("Did you print the saved PDF?") if saved else _("Did it come out right?"))
        self.yes.kind = "outline" if saved else "filled"
        self.yes.update()
        self.no_again.setVisible(not saved)
        self.no_line_up.setVisible(not saved)
        self.yes.setText(_("Yes") if printed else _("Yes, set to printed"))
        self.yes.updateGeometry()
        self.show()
