"""Who opens the clinic, and with what: a choice of its users where there are several, their password or their PIN."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.i18n import _
from app.ui.controls import Button, Combo, KeyCap, column, label, row
from app.ui.desk import Desk
from app.ui.fields import TextEditor, editor, secret
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


class Secret(QWidget):
    """The field for the password; for the PIN where that opens the clinic now, with the password one key away."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._asked = (Path(), "")
        self.password, self.pin = _hidden("password", _("Password")), _hidden("pin", _("PIN"))
        self._held = {made: _labelled(made) for made in (self.password, self.pin)}
        self.other = Button("", "link")
        self.other.setAccessibleDescription(_OTHER)
        self.other.clicked.connect(lambda *_: self.use(pin=not self.by_pin))
        shortcut = QShortcut(QKeySequence(_OTHER), self)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(self._change)
        self._line = QWidget()
        self._line.setLayout(row(self.other, KeyCap(_OTHER), None, gap=8, margins=(0, 0, 0, 12)))
        self.setLayout(column(*self._held.values(), self._line, gap=0))
        self.use(pin=False)
        self._line.hide()

    def _change(self) -> None:
        if self.other.isVisible():
            self.other.click()

    @property
    def by_pin(self) -> bool:
        """Whether the PIN is asked for."""
        return self._held[self.pin].isVisibleTo(self)

    @property
    def field(self) -> TextEditor:
        """What is typed in."""
        return self.pin if self.by_pin else self.password

    def use(self, *, pin: bool) -> None:
        """Ask for the PIN or for the password."""
        self.clear()
        for made, held in self._held.items():
            held.setVisible((made is self.pin) == pin)
        self.other.setText(_("Use the password") if pin else _("Use the PIN"))
        self.other.updateGeometry()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def clear(self) -> None:
        """Forget what is typed."""
        for made in self._held:
            made.clear()

    def ask(self, clinic: Path, user: str) -> None:
        """Ask for the password; for the PIN once it is known that it opens the clinic now, unless typing has begun."""
        if self.by_pin:
            self.use(pin=False)
        self._line.hide()
        self._find_out(clinic, user, self._offer)

    def ask_again(self) -> None:
        """After a failure: the PIN may not open the clinic any more."""
        if self.by_pin:
            self._find_out(*self._asked, self._take_back)

    def _find_out(self, clinic: Path, user: str, then: Callable[[bool], object]) -> None:
        """Whether the PIN works now. The keychain is looked into on another thread, and only where there is a PIN."""
        self._asked = asked = (clinic, user)
        if user not in _names(clinic.with_suffix(".keys"), "quick"):
            then(False)
            return

        def work() -> bool:
            from app.store import quick

            return quick.offered(clinic, user)

        def failed(error: BaseException) -> None:
            raise error

        def done(works: bool) -> None:
            if asked == self._asked:
                then(works)

        self.desk.run_task(work, done=done, failed=failed)

    def _offer(self, works: bool) -> None:
        if works:
            self._line.show()
            if not self.password.text():
                self.use(pin=True)

    def _take_back(self, works: bool) -> None:
        if not works:
            self.use(pin=False)
            self._line.hide()


_OTHER = "F2"


def _hidden(name: str, words: str) -> TextEditor:
    made: Any = editor(secret(name, words))
    assert isinstance(made, TextEditor)
    return made


def _labelled(made: TextEditor) -> QWidget:
    words, held = label(made.spec.label, Type.LABEL, "second"), QWidget()
    words.setBuddy(made)
    held.setLayout(column(words, made, gap=5, margins=(0, 0, 0, 12)))
    return held


def _names(key_file: Path, kind: str = "password") -> list[str]:
    """Those with a password, or a PIN. Read here, without the libraries that open a clinic: nothing is painted yet."""
    try:
        slots = json.loads(key_file.read_bytes())["slots"]
        return [str(slot["user"]) for slot in slots if slot["kind"] == kind]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):  # said when it is opened
        return []
