"""A payer's own PDF in the window: chosen, read in the background, shown as it was matched, kept with the payer."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from app import payers_pdf
from app.errors import InputError, UserError
from app.i18n import _, ngettext
from app.payers_pdf import PayersPdf
from app.ui.controls import Button, IconLabel, column, label, row
from app.ui.desk import Desk
from app.ui.dialogs import Files
from app.ui.tasks import Progress
from app.ui.theme import Type

PDFS = _("PDF files (*.pdf)")
_LARGEST_MAPPING = 1 << 20  # bytes


class Answer(StrEnum):
    """What to do with a PDF that was read."""

    USE = "use"
    NOT_NOW = "not-now"


class PayersPdfQuestion(QDialog):
    """How the PDF was matched, before it is used. Tests replace `ask`."""

    def __init__(self, parent: QWidget | None, desk: Desk, payer: str, found: PayersPdf) -> None:
        super().__init__(parent)
        self.desk, self.found, self.answer = desk, found, Answer.NOT_NOW
        self.setWindowTitle(_("Superbill Desk"))
        self.setModal(True)
        title = label(_("Print claims to {payer} in this PDF?").format(payer=payer), Type.LIST_TITLE, wrap=True)
        self.state_icon, self.state = IconLabel("check", "green"), label("", wrap=True)
        self.problem = label("", tint="red", wrap=True)
        self.problem.hide()
        self.lacking, self.unused = _listed(_("Boxes without a field")), _listed(_("Fields that stay empty"))
        self.correct, self.not_now = Button(_("Correct it by a mapping file"), "quiet"), Button(_("Not now"))
        self.use = Button(_("Use it"), "filled")
        self.use.setAutoDefault(True)
        self.correct.clicked.connect(lambda *_: self._correct())
        self.not_now.clicked.connect(lambda *_: self.reject())
        self.use.clicked.connect(lambda *_: self._use())
        state = row(self.state_icon, self.state, gap=8)
        state.setStretch(1, 1)
        words = label(
            _("Only its drawing and the places of its fields are kept, in the clinic file. The file itself is not."),
            tint="second", wrap=True,
        )  # fmt: skip
        words.setMinimumWidth(520)
        self.lacking_title = label(self.lacking.accessibleName(), Type.LABEL, "second")
        self.unused_title = label(self.unused.accessibleName(), Type.LABEL, "second")
        self.setLayout(
            column(
                title, words, 6, state, 6, self.lacking_title, self.lacking, 4, self.unused_title, self.unused,
                self.problem, 14, row(self.correct, None, self.not_now, self.use), gap=6, margins=(24, 22, 24, 20),
            )
        )  # fmt: skip
        self._show()
        self.use.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        found = self.found
        known = found.form.known
        self.state_icon.show_icon("check" if known else "filled/alert-triangle", "green" if known else "amber")
        matched = ngettext("{n} box has its field.", "{n} boxes have their field.", found.matched)
        how = (
            _("The form is a known one; what has no field prints at its place.")
            if known
            else _("Its fields were matched by their places: look the first page over before it is mailed.")
        )
        self.state.setText(f"{matched.format(n=found.matched)} {how}")
        for box, title, names in (
            (self.lacking, self.lacking_title, found.without_field), (self.unused, self.unused_title, found.without_box)
        ):  # fmt: skip
            box.setPlainText(", ".join(names))
            box.setVisible(bool(names))
            title.setVisible(bool(names))

    def _correct(self) -> None:
        path = Files.ask_open(
            self, self.desk.preferences, _("Mapping file"), _("Mapping files (*.toml *.json);;All files (*)")
        )
        if path is None:
            return
        try:
            self.found = self.found.corrected(content(path, _LARGEST_MAPPING))
        except UserError as error:
            self.problem.setText(str(error))
            self.problem.show()
            return
        self.problem.hide()
        self._show()

    def _use(self) -> None:
        self.answer = Answer.USE
        self.accept()

    @classmethod
    def ask(cls, parent: QWidget, desk: Desk, payer: str, found: PayersPdf) -> PayersPdf | None:
        """The PDF as it is to be used, or None."""
        question = cls(parent, desk, payer, found)
        question.exec()
        return question.found if question.answer is Answer.USE else None


def _listed(name: str) -> QPlainTextEdit:
    made = QPlainTextEdit()
    made.setReadOnly(True)
    made.setAccessibleName(name)
    made.setTabChangesFocus(True)
    made.setFixedHeight(64)
    return made


def content(path: Path, largest: int) -> bytes:
    """A file's bytes, one more than `largest` at the most. Raises InputError."""
    try:
        with path.open("rb") as file:
            return file.read(largest + 1)
    except OSError:
        raise InputError(_("The file cannot be read."), _("Choose another.")) from None


def choose(desk: Desk, parent: QWidget, payer_id: int, payer: str, *, then: Callable[[], object]) -> None:
    """Ask for a PDF, read it in the background, show how it was matched, keep it; `then` goes on when it is kept."""
    path = Files.ask_open(parent, desk.preferences, _("The PDF of {payer}").format(payer=payer), PDFS)
    if path is None:
        return

    def read(progress: Progress) -> PayersPdf:
        progress.goes_on(_("Reading the PDF"), 0, 0)
        return payers_pdf.read(path.name, content(path, payers_pdf.LARGEST))

    def show(found: PayersPdf) -> None:
        if not desk.is_open:
            return
        wanted = PayersPdfQuestion.ask(parent, desk, payer, found)
        if wanted is not None and desk.attempt(
            lambda: payers_pdf.keep(desk.clinic, payer_id, wanted, today=desk.today())
        ):
            desk.say(_("Claims to {payer} can be printed in its PDF.").format(payer=payer), undo=True)
            then()

    desk.work(read, done=show)


def forget(desk: Desk, payer_id: int, payer: str) -> None:
    """Print on red forms again."""
    if desk.attempt(lambda: payers_pdf.forget(desk.clinic, payer_id)):
        desk.say(_("The PDF of {payer} is forgotten.").format(payer=payer), undo=True)
