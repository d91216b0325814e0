"""What is shown when the program itself is at fault: where it broke, to copy. No values, and nothing is sent."""

from __future__ import annotations

import platform
import traceback
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from app import __version__
from app.i18n import _
from app.ui.controls import Button, column, label, row
from app.ui.theme import Type


def places(error: BaseException) -> str:
    """The kind of the exception and the lines it went through; neither its text nor any value."""
    lines = [f"Superbill Desk {__version__}, {platform.platform()}, Python {platform.python_version()}"]
    for frame in traceback.extract_tb(error.__traceback__):
        lines.append(f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}")
    return "\n".join([*lines, type(error).__name__])


class CrashDialog(QDialog):
    """The sentence, the places, and a button to copy them."""

    def __init__(self, parent: QWidget | None, error: BaseException) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Superbill Desk"))
        self.details = QPlainTextEdit(places(error))
        self.details.setReadOnly(True)
        self.details.setAccessibleName(_("Where it broke"))
        self.details.setMinimumSize(560, 180)
        copy, close = Button(_("Copy"), icon="copy"), Button(_("Go on"), "filled")
        copy.clicked.connect(lambda *_: QGuiApplication.clipboard().setText(self.details.toPlainText()))
        close.clicked.connect(lambda *_: self.accept())
        words = _(
            "What you last pressed was not done, and nothing was half written. The lines below say where the program "
            "broke, without any client's data. Nothing is sent anywhere."
        )
        head = label(_("Something in the program broke."), Type.LIST_TITLE)
        buttons = row(None, copy, close)
        self.setLayout(
            column(
                head, label(words, tint="second", wrap=True), self.details, buttons, gap=12, margins=(24, 20, 24, 20)
            )
        )

    is_open = False

    @classmethod
    def ask(cls, parent: QWidget | None, error: BaseException) -> None:
        """Show it until it is closed; what breaks meanwhile is only logged."""
        if not cls.is_open:
            cls.is_open = True
            try:
                cls(parent, error).exec()
            finally:
                cls.is_open = False
