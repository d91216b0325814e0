"""A field that finds as one types: hits in a list below it, the first chosen, Enter takes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout

from app.i18n import _
from app.ui import theme
from app.ui.controls import is_ours, paint_search, prepare_search
from app.ui.table import Line, LineList, choose, chosen

MOST = 8


@dataclass(frozen=True)
class Hit:
    """Something found: words that tell namesakes apart, and what taking it does or gives. One that only `says`
    something cannot be taken."""

    id: int
    title: str
    second: str = ""
    group: str = ""
    go: Callable[[], object] = lambda: None
    value: object = None
    says: bool = False


def _line(hit: Hit) -> Line:
    return Line(hit.title, hit.second, figure_note=hit.group)


class Lookup(QLineEdit):
    """`search(text)` answers the hits. The cursor stays in the field while the list is open."""

    picked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.search: Callable[[str], Sequence[Hit]] = lambda text: ()
        self._hits: Sequence[Hit] = ()
        self._frame: QFrame | None = None
        self._list: LineList | None = None
        self.textEdited.connect(self.look_up)

    def event(self, event: QEvent) -> bool:
        """The desk's own keys pass; Esc is ours while there is something to close."""
        if is_ours(event):
            event.ignore()
            return True
        key = event.key() if isinstance(event, QKeyEvent) else 0
        if event.type() == QEvent.Type.ShortcutOverride and key == Qt.Key.Key_Escape and self.wants_escape():
            event.accept()
            return True
        return super().event(event)

    def wants_escape(self) -> bool:
        """Whether Esc has something to do here."""
        return self.is_open

    def hits(self) -> Sequence[Hit]:
        """What is shown now."""
        return self._hits

    def _popup(self) -> tuple[QFrame, LineList]:
        """The list, made when first wanted, on top of the whole window."""
        if self._frame is None or self._list is None:
            self._frame = QFrame(self.window())
            self._frame.setObjectName("card")
            self._list = LineList(_("Found"), _line, lambda limit, offset: self._hits[offset : offset + limit])
            self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._list.clicked.connect(lambda index: self.pick(self._hits[index.row()]))
            inside = QVBoxLayout(self._frame)
            inside.setContentsMargins(1, 5, 1, 5)
            inside.addWidget(self._list)
        return self._frame, self._list

    def look_up(self, text: str) -> None:
        """Show what is found for a text; nothing found closes the list."""
        self._hits = list(self.search(text.strip()))[:MOST] if text.strip() else []
        frame, found = self._popup()
        found.rows_model.restart()
        if not self._hits:
            frame.hide()
            return
        choose(found, next((hit.id for hit in self._hits if not hit.says), self._hits[0].id))
        self._place(frame, len(self._hits) * theme.scaled(theme.TALL_ROW) + 12)
        frame.show()
        frame.raise_()

    def _place(self, frame: QFrame, height: int) -> None:
        """Below the field; above it where there is more room and the window would cut the list off."""
        top = self.mapTo(self.window(), QPoint(0, 0))
        above, below = top.y() - 4, self.window().height() - top.y() - self.height() - 4
        upward = height > below and above > below
        height = min(height, above if upward else below)
        frame.setFixedSize(max(self.width(), 320), height)
        frame.move(top.x(), above - height if upward else top.y() + self.height() + 4)

    def pick(self, hit: Hit) -> None:
        """Take a hit."""
        if hit.says:
            return
        self.close_list()
        self.picked.emit(hit)

    @property
    def is_open(self) -> bool:
        """Whether the list is shown."""
        return self._frame is not None and self._frame.isVisible()

    def close_list(self) -> None:
        """Hide what was found."""
        if self._frame is not None:
            self._frame.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up, Down and Enter work in the list; Esc closes it."""
        key = event.key()
        if self._list is not None and self.is_open:
            if key in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
                step = 1 if key == Qt.Key.Key_Down else -1
                row = (self._list.currentIndex().row() + step) % len(self._hits)
                self._list.setCurrentIndex(self._list.rows_model.index(row, 0))
                return
            if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                hit = chosen(self._list)
                if hit is not None:
                    self.pick(hit)
                return
            if key == Qt.Key.Key_Escape:
                self.close_list()
                return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The list goes with the cursor."""
        super().focusOutEvent(event)
        self.close_list()


class FindBox(Lookup):
    """The find box of the window: clients, claims and actions; taking a hit opens it."""

    went = Signal()
    gave_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        prepare_search(self, _("Find a client, claim or action"), "Ctrl+K")
        self.setMinimumWidth(200)
        self.setMaximumWidth(420)
        self.picked.connect(self._go)

    def sizeHint(self) -> QSize:
        """Wide where the bar has the room; the menus and the name of the user need theirs first."""
        return QSize(420, super().sizeHint().height())

    def wants_escape(self) -> bool:
        """It empties and leaves the box."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """The field, the glass and the key."""
        super().paintEvent(event)
        paint_search(self, "Ctrl+K")

    def _go(self, hit: Hit) -> None:
        self.clear()
        hit.go()
        self.went.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the box."""
        if event.key() == Qt.Key.Key_Escape and not self.is_open:
            self.clear()
            self.gave_up.emit()
            return
        super().keyPressEvent(event)
