"""Who opens the clinic: a choice of its users, shown where there are several."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.i18n import _
from app.ui.controls import Combo, column, label
from app.ui.theme import Type

_ALONE = "owner"


class Who(QWidget):
    """The names come from the key file, which anybody at this computer can read as well."""

    def __init__(self) -> None:
        super().__init__()
        self.choice = Combo()
        self.choice.setAccessibleName(_("User"))
        words = label(_("User"), Type.LABEL, "second")
        words.setBuddy(self.choice)
        self.setLayout(column(words, self.choice, gap=5, margins=(0, 0, 0, 12)))
        self.hide()

    def show_of(self, clinic: Path, last: str = "") -> None:
        """The users of a clinic; chosen is the one chosen before, else the `last` one on this computer."""
        names = _names(clinic.with_suffix(".keys"))
        before = self.choice.currentText() if self.choice.currentText() in names else last
        self.choice.clear()
        self.choice.addItems(names)
        if before in names:
            self.choice.setCurrentText(before)
        self.setVisible(len(names) > 1)

    @property
    def name(self) -> str:
        """The user chosen."""
        return self.choice.currentText() or _ALONE


def _names(key_file: Path) -> list[str]:
    """Those with a password. Read here, without the libraries that open a clinic: the window is not painted yet."""
    try:
        slots = json.loads(key_file.read_bytes())["slots"]
        return [str(slot["user"]) for slot in slots if slot["kind"] == "password"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):  # said when it is opened
        return []
