"""A small card beside a control that says one thing; Esc takes it away. It never takes the cursor.

Help (F1) and the hints of the first days are shown in it.
"""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from app.i18n import _
from app.ui import help as helping
from app.ui.controls import IconLabel, KeyCap, column, label, row
from app.ui.preferences import Preferences
from app.ui.theme import Type

_WIDTH, _GAP = 340, 6


class Popover(QFrame):
    """Lies over the window it belongs to; goes when the cursor goes elsewhere."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("card")
        self.setFixedWidth(_WIDTH)
        self._beside: QWidget | None = None
        self.title, self.words = label("", Type.TOTAL), label("", wrap=True)
        self.title.setWordWrap(True)
        head = row(IconLabel("info-circle", "accent", 16), self.title, gap=8)
        head.setStretch(1, 1)
        foot = row(None, KeyCap("Esc"), label(_("closes this"), Type.NOTE, "second"), gap=6)
        self.setLayout(column(head, self.words, foot, gap=7, margins=(14, 12, 14, 10)))
        self.hide()
        QApplication.instance().focusChanged.connect(self._cursor_moved)  # type: ignore[union-attr]

    def show_beside(self, widget: QWidget, box: QRect, title: str, sentence: str) -> None:
        """Say something about a part of a widget, below it; above it where there is no room."""
        self._beside = widget
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.words.setText(sentence)
        layout = self.layout()
        assert layout is not None
        self.setFixedHeight(max(layout.heightForWidth(_WIDTH), layout.sizeHint().height()))
        self.move(self._place(widget, box))
        self.setAccessibleName(title or sentence)
        self.setAccessibleDescription(sentence)
        self.show()
        self.raise_()
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, f"{title}. {sentence}"))

    def _place(self, widget: QWidget, box: QRect) -> QPoint:
        """Where it lies: within the window, off the control."""
        window = self.parentWidget()
        assert window is not None
        top = widget.mapTo(window, box.topLeft())
        left = max(8, min(top.x(), window.width() - self.width() - 8))
        below = top.y() + box.height() + _GAP
        above = top.y() - self.height() - _GAP
        if below + self.height() <= window.height() - 8:
            return QPoint(left, below)
        if above >= 8:
            return QPoint(left, above)
        beside = top.x() + box.width() + _GAP
        if beside + self.width() > window.width() - 8:
            beside = max(8, top.x() - self.width() - _GAP)
        return QPoint(beside, max(8, window.height() - self.height() - 8))

    def close_now(self) -> bool:
        """Take it away; answers whether it was there."""
        was = self.isVisible()
        self.hide()
        return was

    def _cursor_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        if shiboken6.isValid(self) and self.isVisible() and old is not None and new is not None:
            self.hide()


class Hints:
    """Each hint is shown once on this computer, and none when they are off."""

    def __init__(self, preferences: Preferences, popover: Popover) -> None:
        self._preferences, self._popover = preferences, popover

    def show_for(self, page: QWidget, key: str) -> bool:
        """The hint of a page, beside its control, if it was never shown; answers whether it is now."""
        found = helping.hints().get(key)
        seen = self._preferences.hints_seen.split()
        if not found or not self._preferences.hints or key in seen:
            return False
        way, sentence = found
        target: object = page
        for name in way.split("."):
            target = getattr(target, name, None)
        if not isinstance(target, QWidget) or not target.isVisible():
            return False
        self._preferences.hints_seen = " ".join([*seen, key])
        self._popover.show_beside(target, target.rect(), "", _(sentence))
        return True
