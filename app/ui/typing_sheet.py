"""The form on the screen with boxes to type into: a field over the chosen box, an X where a box is crossed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QLineEdit, QWidget

from app.billing.problems import Problem
from app.forms import typed
from app.forms.layout import Box, Layout
from app.forms.marks import compose
from app.forms.typed import Place
from app.forms.values import DATE, MONEY, Page
from app.ui import theme
from app.ui.controls import is_ours
from app.ui.form_sheet import MARGIN, FormSheet, Sheet, Stop, stops
from app.ui.theme import color

_NARROWEST = 34


def _key(box: Box) -> str:
    return ".".join(map(str, typed.path_of(box.key)))


class _Field(QLineEdit):
    """What is typed into the chosen box. Tab and the arrows up and down go on to other boxes."""

    def __init__(self, sheet: TypingSheet) -> None:
        super().__init__(sheet)
        self._sheet = sheet
        self.setObjectName("typedbox")
        self.setFrame(False)
        self.hide()

    @property
    def help_name(self) -> str:
        """The box that help is asked about."""
        return self._sheet.help_name

    def event(self, event: QEvent) -> bool:
        """The desk's own keys pass; Tab goes box by box, and out of the form after the last."""
        if is_ours(event):
            event.ignore()
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            by = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1, Qt.Key.Key_Return: 1, Qt.Key.Key_Enter: 1}.get(
                Qt.Key(event.key()), 0
            )
            if by and not event.modifiers() & Qt.KeyboardModifier.ControlModifier and self._sheet.step_within(by):
                return True
            if event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
                self._sheet.keyPressEvent(event)
                return True
        return super().event(event)


class TypingSheet(FormSheet):
    """A page that is filled by hand. `typed` after each change; `page` is the JSON of docs/VALUES.md."""

    typed = Signal()

    def __init__(self, layout: Layout, today: Callable[[], dt.date]) -> None:
        self.field: _Field | None = None
        super().__init__(layout)
        self.today = today
        self.page: Page = {}
        self.places = {_key(place.boxes[0]): place for place in typed.places(layout).values()}
        self.stops = [
            Stop(stop.key, stop.item, _label(self.places[stop.key]), stop.boxes, stop.cell)
            for stop in stops(layout, self.drawing, _key)
        ]
        self.problems: list[Problem] = []
        self._loading = False
        self.field = _Field(self)
        self.field.textChanged.connect(self._typing)
        self.field.installEventFilter(self)

    def show_page(self, page: Page) -> None:
        """Another page."""
        self.page = page
        self._compose()
        self._place_field()

    def _compose(self) -> None:
        composed = compose(self.page, self.form_layout)
        self.problems = composed.problems
        self.show_sheet(Sheet(composed.marks, composed.problems))

    @property
    def place(self) -> Place | None:
        """The place that is chosen."""
        return self.places[self.current.key] if self.current is not None else None

    # Choosing

    def choose(self, stop: Stop | None) -> None:
        """Choose a stop: what can be typed there gets a field, with the cursor in it."""
        if stop is not self.current:
            self.finish()
        super().choose(stop)
        self._place_field()

    def step_within(self, by: int) -> bool:
        """The next or previous stop; False after the last."""
        at = self.stops.index(self.current) + by if self.current in self.stops else 0
        if 0 <= at < len(self.stops):
            self.choose(self.stops[at])
            return True
        return False

    def set_zoom(self, zoom: float) -> None:
        """The field goes with the form."""
        super().set_zoom(zoom)
        self._place_field()

    def _place_field(self) -> None:
        field, place = self.field, self.place
        if field is None:
            return
        if place is None or place.crossed:
            had = field.hasFocus()
            field.hide()
            if had:
                self.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        face = QFont(theme.FORM_FACE)
        face.setPixelSize(max(1, round(self.form_layout.font_size * self.scale)))
        field.setFont(face)
        assert self.current is not None
        inside = self.cell_rect(self.current).adjusted(3, 2, -3, -2)
        box = self._box_rect(place.boxes)
        field.setGeometry((box if inside.width() < _NARROWEST else box.intersected(inside)).toRect())
        self._loading = True
        field.setText(typed.shown(place, typed.value_at(self.page, place.path)))
        self._loading = False
        field.setAccessibleName(self.current.label if self.current else "")
        field.show()
        if self.hasFocus() or self.isAncestorOf(_focus(self)):
            field.setFocus(Qt.FocusReason.OtherFocusReason)
            field.selectAll()

    def _box_rect(self, boxes: tuple[Box, ...]) -> QRectF:
        edges = [self.form_layout.rect(box) for box in boxes]
        x0, top = min(e[0] for e in edges), min(e[1] for e in edges)
        x1, bottom = max(e[2] for e in edges), max(e[3] for e in edges)
        made = QRectF(
            MARGIN + x0 * self.scale, MARGIN + top * self.scale, (x1 - x0) * self.scale, (bottom - top) * self.scale
        )
        made.setWidth(max(made.width() + 4, _NARROWEST))
        return made

    def _paint_over(self, painter: QPainter) -> None:
        """Also what was typed and cannot be printed, in the colour of what blocks."""
        super()._paint_over(painter)
        printed = {mark.key for mark in self.sheet.marks}
        painter.setPen(color(theme.tokens().mark_block))
        face = QFont(theme.FORM_FACE)
        face.setPixelSize(max(1, round(self.form_layout.font_size * self.scale)))
        painter.setFont(face)
        for stop in self.stops:
            place = self.places[stop.key]
            value = typed.value_at(self.page, place.path)
            if value and not place.crossed and not printed & {box.key for box in place.boxes}:
                room = self.cell_rect(stop).adjusted(3, 0, -18, -1)
                text = QFontMetricsF(face).elidedText(str(value), Qt.TextElideMode.ElideRight, room.width())
                painter.drawText(room, Qt.AlignmentFlag.AlignBottom, text)

    def focusInEvent(self, event: Any) -> None:
        """The cursor goes on into the field."""
        super().focusInEvent(event)
        if self.current is None:
            self.choose(self.stops[0])
        self._place_field()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is left is read and tidied."""
        if event.type() == QEvent.Type.FocusOut:
            self.finish()
        return False

    # Typing

    def _typing(self, text: str) -> None:
        place = self.place
        if self._loading or place is None:
            return
        clean = "".join(sign if sign.isprintable() else " " for sign in text)
        if clean != text and self.field is not None:
            self.field.setText(clean)
            return
        if place.shape in (DATE, MONEY) and not typed.readable(place, text, today=self.today()):
            return  # half a date is no mistake yet
        self._put(place, typed.read(place, text, today=self.today()))

    def finish(self) -> None:
        """Keep what was typed, also where it cannot be read: the form says so then."""
        place, field = self.place, self.field
        if field is None or place is None or field.isHidden():
            return
        self._put(place, typed.read(place, field.text(), today=self.today()))
        self._loading = True
        field.setText(typed.shown(place, typed.value_at(self.page, place.path)))
        self._loading = False

    def _put(self, place: Place, value: Any) -> None:
        made = typed.put(self.page, place.path, value)
        if made != self.page:
            self.page = made
            self._compose()
            self.typed.emit()

    def cross(self, value: Any) -> None:
        """Put the X of the chosen place there, or take it away."""
        place = self.place
        if place is not None and place.crossed:
            now = typed.value_at(self.page, place.path)
            self._put(place, None if now == value else value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space moves the X on, Delete takes it away."""
        place = self.place
        if place is not None and place.crossed and event.key() == Qt.Key.Key_Space:
            self._put(place, typed.next_choice(place, typed.value_at(self.page, place.path)))
        elif place is not None and place.crossed and event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self._put(place, None)
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.step_within(1):
            return
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a box that is crossed crosses it."""
        super().mousePressEvent(event)
        place = self.place
        if place is not None and place.crossed:
            for box, value in zip(place.boxes, typed.choices(place), strict=True):
                if self._box_rect((box,)).adjusted(-6, -4, 0, 4).contains(event.position()):
                    self.cross(value)


def _focus(widget: QWidget) -> QWidget:
    return widget.window().focusWidget() or widget.window()


def _label(place: Place) -> str:
    """What a place is called: without month, day and year, and without the words beside one of several boxes."""
    name = place.boxes[0].label
    return name.rpartition(", ")[0] or name if len(place.boxes) > 1 else name
