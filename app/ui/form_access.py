"""The drawn form for screen readers: the page is a form whose children are its boxes, each with its item and value.

Qt asks a factory for the interface of a control; ours answers for `FormSheet` alone. Qt's cache may hold an interface
as well, so those of the boxes are deleted there when their form goes: Python's own end of them would leave Qt a pointer
to nothing.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from app.i18n import _
from app.ui.form_sheet import FormSheet, Stop


class BoxAccess(QAccessibleInterface):
    """One box: "Item 17, Referring provider" with what stands there."""

    def __init__(self, sheet: FormSheet, stop: Stop) -> None:
        super().__init__()
        self._sheet, self._stop = sheet, stop

    def isValid(self) -> bool:
        """As long as the form is there."""
        return shiboken6.isValid(self._sheet)

    def object(self) -> Any:
        """A box is drawn: no control of its own."""
        return None

    def parent(self) -> QAccessibleInterface:
        """The form."""
        return QAccessible.queryAccessibleInterface(self._sheet)

    def role(self) -> QAccessible.Role:
        """Words that can be read but are not typed here."""
        return QAccessible.Role.StaticText

    def childCount(self) -> int:
        """None."""
        return 0

    def child(self, index: int) -> Any:
        """None."""
        return None

    def childAt(self, x: int, y: int) -> Any:
        """None."""
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """None."""
        return -1

    def rect(self) -> QRect:
        """On the screen."""
        box = self._sheet.cell_rect(self._stop).toRect()
        return box.translated(self._sheet.mapToGlobal(box.topLeft()) - box.topLeft())

    def state(self) -> QAccessible.State:
        """Chosen with Tab or the arrows, and read only."""
        made = QAccessible.State()
        made.readOnly = made.focusable = made.selectable = 1
        made.focused = int(self._sheet.current is self._stop and self._sheet.hasFocus())
        made.selected = int(self._sheet.current is self._stop)
        return made

    def text(self, kind: QAccessible.Text) -> str:
        """Name: item and label; value: what stands there; description: what is wrong with it."""
        if kind == QAccessible.Text.Name:
            return _("Item {item}, {label}").format(item=self._stop.item, label=self._stop.label)
        if kind == QAccessible.Text.Value:
            return self._sheet.sheet.text(self._stop) or _("empty")
        problem = self._sheet.sheet.problem(self._stop)
        return problem.message if problem is not None and kind == QAccessible.Text.Description else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Values are put in by hand in the inspector."""


class SheetAccess(QAccessibleWidget):
    """The page: its boxes in the order of the form's items."""

    def __init__(self, sheet: FormSheet) -> None:
        super().__init__(sheet, QAccessible.Role.Form)
        self._sheet = sheet
        self.boxes = [BoxAccess(sheet, stop) for stop in sheet.stops]

    def childCount(self) -> int:
        """Its boxes."""
        return len(self.boxes)

    def child(self, index: int) -> Any:
        """A box."""
        return self.boxes[index] if 0 <= index < len(self.boxes) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Where a box stands among them."""
        return next((at for at, box in enumerate(self.boxes) if box is child), -1)

    def childAt(self, x: int, y: int) -> Any:
        """The box at a place on the screen."""
        return next((box for box in self.boxes if box.rect().contains(x, y)), None)

    def focusChild(self) -> Any:
        """The chosen box, while the form has the focus."""
        sheet = self._sheet
        if not sheet.hasFocus() or sheet.current not in sheet.stops:
            return None
        return self.boxes[sheet.stops.index(sheet.current)]


_kept: dict[int, SheetAccess] = {}


def _factory(class_name: str, made_for: QObject) -> Any:
    if not isinstance(made_for, FormSheet):
        return None
    key = id(made_for)
    if key not in _kept:
        _kept[key] = SheetAccess(made_for)
        made_for.destroyed.connect(lambda *_: _forget(key))
    return _kept[key]


def _forget(key: int) -> None:
    for box in _kept.pop(key).boxes:
        QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(box))


@cache
def install() -> None:
    """Once for the program."""
    QAccessible.installFactory(_factory)
