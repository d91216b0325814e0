"""What every page is: a header with title, facts and actions, a body, and answers to the window's commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from app.billing.problems import Problem
from app.errors import UserError
from app.ui import theme
from app.ui.controls import Button, Chip, Elided, column, label, row, rule
from app.ui.desk import Desk
from app.ui.theme import Type

_TITLE = 280
"""What a title takes beside the buttons of a header, at least."""


class _Facts(Elided):
    """The second line; it takes no room while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__("", tint="second")
        self.hide()

    def setText(self, text: str) -> None:
        """Other facts."""
        super().setText(text)
        self.setVisible(bool(text))


class Header(QWidget):
    """72 high: title and chips, one line of facts; actions on the right, the filled one last."""

    def __init__(self, title: str = "", actions: Sequence[QWidget] = ()) -> None:
        super().__init__()
        self.title = Elided(title, Type.TITLE)
        self.title.setSizePolicy(self.title.sizePolicy().Policy.Maximum, self.title.sizePolicy().Policy.Preferred)
        self.facts = _Facts()
        self.chips = QHBoxLayout()
        self.chips.setSpacing(8)
        self.state = label("", Type.NOTE, "third")
        first = row(self.title, self.chips, None, gap=10)
        left = column(first, self.facts, gap=3)
        self.setFixedHeight(theme.HEADER)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(theme.MARGIN, 12, theme.MARGIN, 12)
        whole.setSpacing(8)
        whole.addLayout(left, 1)
        whole.addWidget(self.state)
        for action in actions:
            whole.addWidget(action)
        self._buttons = [action for action in actions if isinstance(action, Button)]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The buttons show their keys where there is room for them beside the title."""
        super().resizeEvent(event)
        for button in self._buttons:
            button.hide_key(hidden=False)
        wanted = sum(button.sizeHint().width() + 8 for button in self._buttons if not button.isHidden())
        for button in self._buttons:
            button.hide_key(hidden=wanted > self.width() - _TITLE)

    def set_chip(self, text: str, tone: str, icon: str) -> None:
        """One chip after the title; no text takes it away."""
        if self.chips.count() == 0:
            self.chips.addWidget(Chip())
        item = self.chips.itemAt(0)
        chip = item.widget() if item is not None else None
        assert isinstance(chip, Chip)
        chip.show_state(text, tone, icon)
        chip.setVisible(bool(text))


class Page(QWidget):
    """A page of the desk. `interests` are the tables whose change makes it refresh."""

    key = ""
    under = ""
    """The page of the rail that this one belongs to, where it has no place there itself."""
    name = ""
    icon = ""
    interests: frozenset[str] = frozenset()
    problems_changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.stale = True
        self.setObjectName("ground")
        self.setAccessibleName(self.name)

    def parts_ahead(self) -> Sequence[Callable[[], object]]:
        """What makes the parts that take long, each called in a pause before the page is wanted."""
        return ()

    def refresh(self) -> None:
        """Read anew what is shown."""

    def open(self, target: object) -> None:
        """Show what `target` names: an id, or a word such as "new"."""

    def new_target(self) -> object:
        """What a new session or superbill begins with when this page is in front: "new", or ("new", client id)."""
        return "new"

    def problems(self) -> Sequence[Problem]:
        """What the drawer shows while this page is in front."""
        return ()

    def draft(self) -> Any:
        """What is typed and not saved, as JSON can hold it; None when there is nothing. Asked before a lock."""

    def restore(self, draft: Any) -> None:
        """Type what `draft` answered before the lock again. Raises UserError when its record is gone."""

    def leave(self) -> bool:
        """Asked before another page comes to the front; False stays."""
        return True

    def focus_field(self, problem: Problem) -> bool:
        """Put the cursor where a problem is mended; False where that is on another page."""
        return False

    def save(self) -> None:
        """Ctrl+S."""

    def back(self) -> None:
        """Esc."""

    def print_out(self) -> None:
        """Ctrl+P."""

    def save_pdf(self) -> None:
        """Ctrl+Shift+S."""

    def begin(self) -> None:
        """Put the cursor into the field one needs."""


class Split(QWidget):
    """A list and the record beside it; where there is no room for both, one at a time."""

    def __init__(self, left: QWidget, right: QWidget) -> None:
        super().__init__()
        self._left, self._right, self._edge = left, right, rule(upright=True)
        self._narrow, self._record = False, False
        whole = row(left, self._edge, right, gap=0)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One pane below 900."""
        super().resizeEvent(event)
        narrow = self.width() < 900
        if narrow is not self._narrow:
            self._narrow = narrow
            self._show()

    def bring_record(self) -> None:
        """The record in front."""
        self._record = True
        self._show()

    def bring_list(self) -> None:
        """The list in front."""
        self._record = False
        self._show()

    def _show(self) -> None:
        self._left.setVisible(not self._narrow or not self._record)
        self._right.setVisible(not self._narrow or self._record)
        self._edge.setVisible(not self._narrow)


class LazyStack(QStackedWidget):
    """Parts of a page of which one is in front; each is made when it is first wanted."""

    def __init__(self, makers: Mapping[str, Callable[[], QWidget]]) -> None:
        super().__init__()
        self._makers = dict(makers)
        self._keys = list(makers)
        self.made: dict[str, QWidget] = {}
        for __ in makers:
            self.addWidget(QWidget())

    def part(self, key: str) -> QWidget:
        """A part by its key."""
        if key not in self.made:
            at, shown = self._keys.index(key), self.currentIndex()
            place = self.widget(at)
            assert place is not None
            self.made[key] = self._makers[key]()
            self.insertWidget(at, self.made[key])
            self.removeWidget(place)
            place.deleteLater()
            self.setCurrentIndex(shown)
        return self.made[key]

    def bring(self, key: str) -> None:
        """Bring a part to the front."""
        self.setCurrentWidget(self.part(key))

    @property
    def key(self) -> str:
        """The part in front."""
        return self._keys[self.currentIndex()]


def expected(error: BaseException) -> str:
    """The sentence of an expected failure; anything else is raised on."""
    if isinstance(error, UserError):
        return str(error)
    raise error
