"""The few modal questions: which file, leaving a changed record, what cannot be undone. Tests replace each `ask`."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from app import atomic
from app.i18n import _
from app.ui.controls import Button, IconLabel, column, label, row
from app.ui.preferences import Preferences
from app.ui.theme import Type


class Leave(Enum):
    """What to do with a changed record."""

    SAVE = "save"
    DROP = "drop"
    STAY = "stay"


class Question(QDialog):
    """One sentence what is so, one what follows, and buttons that say the deed. The first answer is the safe one."""

    def __init__(self, parent: QWidget | None, title: str, words: str, answers: Sequence[tuple[str, str]]) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Superbill Desk"))
        self.setModal(True)
        self.answer = answers[0][0]
        self.buttons: dict[str, Button] = {}
        for at, (key, text) in enumerate(answers):
            button = self.buttons[key] = Button(text, "filled" if at == len(answers) - 1 else "outline")
            button.clicked.connect(lambda *_, key=key: self._choose(key))
        words_label = label(words, tint="second", wrap=True)
        words_label.setMinimumWidth(380)
        inside = column(label(title, Type.LIST_TITLE, wrap=True), words_label, gap=6)
        buttons = row(None, *self.buttons.values())
        self.setLayout(
            column(row(IconLabel("help", "accent", 24), inside, gap=16), 12, buttons, margins=(24, 22, 24, 20))
        )
        self.buttons[answers[-1][0]].setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose(self, key: str) -> None:
        self.answer = key
        self.accept()


class LeaveQuestion(Question):
    """Asked once when a changed record is left."""

    @classmethod
    def ask(cls, parent: QWidget | None, what: str) -> Leave:
        """Save it, drop the change, or stay."""
        answers = [
            (Leave.STAY.value, _("Stay")),
            (Leave.DROP.value, _("Drop the change")),
            (Leave.SAVE.value, _("Save")),
        ]
        question = cls(
            parent, _("Save the change?"), _("What you changed is not saved yet: {what}.").format(what=what), answers
        )
        question.exec()
        return Leave(question.answer)


class Confirm(Question):
    """Asked before what cannot be undone."""

    @classmethod
    def ask(cls, parent: QWidget | None, title: str, words: str, deed: str, keep: str) -> bool:
        """Whether to do it."""
        question = cls(parent, title, words, [("no", keep), ("yes", deed)])
        question.exec()
        return question.answer == "yes"


class Files:
    """Choosing files, beginning where the last one was."""

    @staticmethod
    def ask_save(parent: QWidget | None, preferences: Preferences, title: str, name: str, kinds: str) -> Path | None:
        """Where to write, or None. `name` is proposed, made safe for every system: it may be a client's."""
        stem, dot, ending = name.rpartition(".")
        begin = str(Path(preferences.folder or Path.home()) / f"{atomic.safe_name(stem)}{dot}{ending}")
        return _remember(preferences, QFileDialog.getSaveFileName(parent, title, begin, kinds)[0])

    @staticmethod
    def ask_open(parent: QWidget | None, preferences: Preferences, title: str, kinds: str) -> Path | None:
        """What to read, or None."""
        begin = preferences.folder or str(Path.home())
        return _remember(preferences, QFileDialog.getOpenFileName(parent, title, begin, kinds)[0])


def _remember(preferences: Preferences, chosen: str) -> Path | None:
    if not chosen:
        return None
    preferences.folder = str(Path(chosen).parent)
    return Path(chosen)
