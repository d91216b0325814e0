"""A small card beside a control that says one thing; Esc or its button takes it away. It never takes the cursor.

Help (F1) and the hints of the first days are shown in it. A hint was not asked for: it keeps off every field of the
page, and goes as soon as one types.
"""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from app.i18n import _
from app.ui import help as helping
from app.ui.controls import IconButton, IconLabel, KeyCap, column, label, row
from app.ui.preferences import Preferences
from app.ui.theme import Type

_WIDTH, _NARROW, _GAP, _EDGE, _STEP = 340, 240, 6, 8, 16
_FIELDS = (QLineEdit, QComboBox, QPlainTextEdit, QAbstractSpinBox, QCheckBox)


class Popover(QFrame):
    """Lies over the window it belongs to; goes when the cursor goes elsewhere."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("card")
        self.setFixedWidth(_WIDTH)
        self._cursor: QWidget | None = None
        self._passing = False
        self.title, self.words = label("", Type.TOTAL), label("", wrap=True)
        self.title.setWordWrap(True)
        head = row(IconLabel("info-circle", "accent", 16), self.title, gap=8)
        head.setStretch(1, 1)
        self.close_button = IconButton("x", _("Close"), key="Esc")
        self.close_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.close_button.clicked.connect(lambda *_: self.close_now())
        foot = row(None, KeyCap("Esc"), label(_("closes this"), Type.NOTE, "second"), self.close_button, gap=6)
        self.setLayout(column(head, self.words, foot, gap=7, margins=(14, 12, 14, 10)))
        self.hide()
        QApplication.instance().focusChanged.connect(self._cursor_moved)  # type: ignore[union-attr]

    def show_beside(self, widget: QWidget, box: QRect, title: str, sentence: str, *, passing: bool = False) -> bool:
        """Say something about a part of a widget, near it. What is `passing` was not asked for: it lies over no field,
        and goes when one types. Answers whether there is room for it."""
        self.hide()
        self._passing = passing
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.words.setText(sentence)
        self._watch(QApplication.focusWidget())
        spot = None
        for width in (_WIDTH, _NARROW) if passing else (_WIDTH,):
            self._fit(width)
            if (spot := self._place(widget, box)) is not None:
                break
        if spot is None:
            self._watch(None)
            return False
        self.move(spot)
        self.setAccessibleName(title or sentence)
        self.setAccessibleDescription(sentence)
        self.show()
        self.raise_()
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, f"{title}. {sentence}"))
        return True

    def _fit(self, width: int) -> None:
        """As high as its words are at this width."""
        layout = self.layout()
        assert layout is not None
        self.setFixedWidth(width)
        self.setFixedHeight(max(layout.heightForWidth(width), layout.minimumSize().height()))

    def _place(self, widget: QWidget, box: QRect) -> QPoint | None:
        """Where it lies: off the control and the cursor; below, above, beside, else at the foot of the page. A hint
        lies nowhere where it would cover a field."""
        room, told = self._room(widget), self._rect_of(widget, box)
        wide, high = self.width(), self.height()
        left = max(room.left(), min(told.left(), room.right() - wide))
        foot = room.bottom() - high
        spots = [
            QPoint(left, told.bottom() + _GAP), QPoint(left, told.top() - high - _GAP),
            *(
                QPoint(x, y)
                for y in (told.top(), foot)
                for x in (told.right() + _GAP, told.left() - wide - _GAP)
            ),
            *(QPoint(x, foot) for x in (room.right() - wide, room.left(), room.center().x() - wide // 2)),
        ]  # fmt: skip
        if self._passing:
            spots += [
                QPoint(x, y)
                for y in range(foot, room.top() - 1, -_STEP)
                for x in range(room.left(), room.right() - wide + 1, _STEP)
            ]
        rects = [QRect(spot, self.size()) for spot in spots]
        inside = [rect for rect in rects if room.contains(rect)] or [QRect(QPoint(left, foot), self.size())]
        held = [told]
        if isinstance(self._cursor, _FIELDS):
            held.append(self._rect_of(self._cursor, self._cursor.rect()))
        fields = self._seen(widget, _FIELDS) if self._passing else []
        buttons = self._seen(widget, (QAbstractButton,)) if self._passing else []

        def covered(rect: QRect) -> list[int]:
            return [sum(rect.intersects(each) for each in boxes) for boxes in (held, fields, buttons)]

        best = min(inside, key=covered)
        return None if self._passing and any(covered(best)[:2]) else best.topLeft()

    def _rect_of(self, widget: QWidget, box: QRect) -> QRect:
        """A part of a widget, in the window."""
        return QRect(widget.mapTo(self._window(), box.topLeft()), box.size())

    def _window(self) -> QWidget:
        window = self.parentWidget()
        assert window is not None
        return window

    def _page(self, widget: QWidget) -> QWidget:
        """The page a control stands on, else the window."""
        at: QWidget | None = widget
        while at is not None and not hasattr(at, "interests"):
            at = at.parentWidget()
        return at or self._window()

    def _room(self, widget: QWidget) -> QRect:
        page = self._page(widget)
        return self._rect_of(page, page.rect()).adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)

    def _seen(self, widget: QWidget, kinds: tuple[type[QWidget], ...]) -> list[QRect]:
        """What one needs on the page, as far as it is scrolled into sight."""
        found = (each for each in self._page(widget).findChildren(QWidget) if isinstance(each, kinds))
        return [self._rect_of(each, each.visibleRegion().boundingRect()) for each in found if each.isVisible()]

    def close_now(self) -> bool:
        """Take it away; answers whether it was there."""
        was = self.isVisible()
        self.hide()
        return was

    def hideEvent(self, event: QHideEvent) -> None:
        """The cursor is not watched any more."""
        super().hideEvent(event)
        self._watch(None)

    def _watch(self, cursor: QWidget | None) -> None:
        """Listen to the keys of the control with the cursor."""
        if self._cursor is not None and shiboken6.isValid(self._cursor):
            self._cursor.removeEventFilter(self)
        self._cursor = cursor
        if cursor is not None:
            cursor.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc closes this and nothing else; what is typed goes on to the field, and a hint goes away."""
        if not isinstance(event, QKeyEvent) or not self.isVisible():
            return super().eventFilter(watched, event)
        if event.key() == Qt.Key.Key_Escape and event.type() != QEvent.Type.KeyRelease:
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                self.hide()
            return True
        if event.type() == QEvent.Type.KeyPress and self._passing and event.text():
            self.hide()
        return super().eventFilter(watched, event)

    def _cursor_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        if not shiboken6.isValid(self) or not self.isVisible() or new is None or new is self._cursor:
            return
        if old is None and self._cursor is None:
            self._watch(new)
        else:
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
        if isinstance(target, QLineEdit) and target.text():
            return False  # it is filled: how to fill it can be told another time
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)  # a page just made has its places then
        shown = self._popover.show_beside(target, target.rect(), "", _(sentence), passing=True)
        if shown:
            self._preferences.hints_seen = " ".join([*seen, key])
        return shown
