"""Readings of the sheet of marks: how they are taken, what each says the printer did, and a picture of the sheet."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.errors import InputError
from app.forms import drawing
from app.forms.calibration import MARKS, POINTS_PER_MM, Point, solve
from app.forms.layout import Layout
from app.i18n import _
from app.ui import theme
from app.ui.alignment import FURTHEST_MM, moved_words
from app.ui.controls import outline
from app.ui.theme import Type, color


class Way(StrEnum):
    """How the marks are measured."""

    RULER = "ruler"
    INCHES = "inches"
    SCALES = "scales"


WAYS = {
    Way.RULER: _("with a ruler, in millimeters"),
    Way.INCHES: _("with a ruler, in inches"),
    Way.SCALES: _("on the marks' own scales"),
}
INTROS = {
    Way.RULER: _("Measure with a ruler from the paper's edge to the middle of each mark."),
    Way.INCHES: _("Measure with a ruler from the paper's edge to the middle of each mark, such as 1.59 or 1 19/32."),
    Way.SCALES: _("Read where the red lines cross the two scales of each mark: +4 to −4, halves between the strokes."),
}
COLUMNS = {
    Way.RULER: (_("From left edge"), _("From nearer end")),
    Way.INCHES: (_("From left edge"), _("From nearer end")),
    Way.SCALES: (_("Level scale"), _("Upright scale")),
}
_DECIMAL = re.compile(r"([+\-−]?)(\d{1,3}(?:[.,]\d{1,3})?)", re.ASCII)
_FRACTION = re.compile(r"(?:(\d{1,2})[ -])?(\d{1,2})/(2|4|8|16|32|64)", re.ASCII)
_INCH = 25.4
_SHORT, _MARGIN_ARROWS = 14.0, 595.0
"""Points: shorter lines, and those right of the form, are left out of the small picture."""


class Reading(NamedTuple):
    """A length in millimetres, None while nothing is typed, and what was typed."""

    mm: float | None
    text: str


def read(typed: str, way: Way) -> Reading:
    """A length as a person reads it off. Raises InputError."""
    text = " ".join(typed.split())
    if not text:
        return Reading(None, "")
    if way is Way.INCHES and (match := _FRACTION.fullmatch(text)):
        return Reading((int(match[1] or 0) + int(match[2]) / int(match[3])) * _INCH, text)
    match = _DECIMAL.fullmatch(text)
    if match is None or (match[1] and way is not Way.SCALES):
        examples = {Way.RULER: _("Type 21.9."), Way.INCHES: _("Type 0.86 or 55/64."), Way.SCALES: _("Type 0.5 or -1.")}
        raise InputError(_("Not a length."), examples[way])
    value = float(match[2].replace(",", ".")) * (-1 if match[1] in {"-", "−"} else 1)
    return Reading(value * _INCH if way is Way.INCHES else value, text)


def _is_low(number: int, layout: Layout) -> bool:
    return MARKS[number][1] > layout.page[1] / 2


def belongs(number: int, way: Way, layout: Layout) -> Point:
    """What a printer without fault gives at a mark, in millimetres: from the left edge, from the nearer end."""
    if way is Way.SCALES:
        return 0.0, 0.0
    x, y = MARKS[number]
    return x / POINTS_PER_MM, (layout.page[1] - y if _is_low(number, layout) else y) / POINTS_PER_MM


class Off(NamedTuple):
    """How far a mark stands too far right and down, in millimetres; None where nothing was read."""

    right: float | None
    down: float | None

    @property
    def whole(self) -> bool:
        """Whether both were read."""
        return self.right is not None and self.down is not None

    @property
    def far(self) -> bool:
        """Whether no printer is that far off: a wrong mark, or a wrong edge."""
        return any(value is not None and abs(value) > FURTHEST_MM for value in self)

    def words(self) -> str:
        """Such as "0.7 right, 0.3 down"."""
        return moved_words(self.right or 0.0, self.down or 0.0, short=True) or _("in its place")


def off(number: int, way: Way, layout: Layout, across: float | None, along: float | None) -> Off:
    """What two readings of a mark, in millimetres, say that the printer did."""
    x, y = belongs(number, way, layout)
    turned = -1 if way is not Way.SCALES and _is_low(number, layout) else 1
    return Off(None if across is None else across - x, None if along is None else (along - y) * turned)


def pair(number: int, found: Off) -> tuple[Point, Point]:
    """Where a mark belongs and where it stands, in points, as `calibration.solve` takes them."""
    x, y = MARKS[number]
    assert found.right is not None and found.down is not None
    return (x, y), (x + found.right * POINTS_PER_MM, y + found.down * POINTS_PER_MM)


def suspect(pairs: Mapping[int, tuple[Point, Point]]) -> int:
    """The mark without which the others agree, where there is just one such; else 0."""
    rest: dict[int, float] = {}
    for number in pairs:
        try:
            rest[number] = solve([pair for other, pair in pairs.items() if other != number]).residual_mm
        except InputError:
            rest[number] = math.inf
    best, *others = sorted(rest, key=lambda number: rest[number])
    return best if all(rest[best] * 3 < rest[other] for other in others) else 0


class SheetPicture(QWidget):
    """The sheet in small: the form's lines and the numbered marks; the one being measured is ringed."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.form_layout = layout
        rules = (rule for rule in drawing.load(layout.id).rules if not rule.dash and rule.x0 < _MARGIN_ARROWS)
        self.rules = [rule for rule in rules if max(rule.x1 - rule.x0, rule.y1 - rule.y0) >= _SHORT]
        self.number, self.side, self.way = 0, 0, Way.RULER
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_width(356)

    def set_width(self, width: int) -> None:
        """As wide as there is room for."""
        self.setFixedSize(QSize(width, round((width - 8) * self.form_layout.page[1] / self.form_layout.page[0]) + 10))

    def show_mark(self, number: int, side: int, way: Way) -> None:
        """Ring a mark and draw its two distances, the one of `side` (0 across, 1 along) stronger; 0 rings none."""
        self.number, self.side, self.way = number, side, way
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paper, lines, marks, ring."""
        look, painter = theme.tokens(), QPainter(self)
        paper = QRectF(4, 3, self.width() - 8, self.height() - 10)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for spread in (3, 2, 1):
            painter.setBrush(color("#14000000"))
            painter.drawRect(paper.adjusted(-spread, -spread + 2, spread, spread + 1))
        painter.fillRect(paper, color(look.paper))
        self._scale = paper.width() / self.form_layout.page[0]
        painter.translate(paper.topLeft())
        line = color(look.form_rule)
        painter.setPen(QPen(type(line)(line.red(), line.green(), line.blue(), 150), 1))
        for rule in self.rules:
            painter.drawLine(QLineF(self._at((rule.x0, rule.y0)), self._at((rule.x1, rule.y1))))
        if self.number:
            self._paint_distances(painter)
        for number in MARKS:
            self._paint_mark(painter, number)
        painter.end()

    def _at(self, point: Point) -> QPointF:
        return QPointF(point[0] * self._scale, point[1] * self._scale)

    def _paint_distances(self, painter: QPainter) -> None:
        look, there = theme.tokens(), self._at(MARKS[self.number])
        ring = 19.0
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color(look.mark_warn), 2))
        painter.drawEllipse(there, ring, ring)
        if self.way is Way.SCALES:
            return
        foot = self.form_layout.page[1] * self._scale if _is_low(self.number, self.form_layout) else 0.0
        edges = QPointF(0, there.y()), QPointF(there.x(), foot)
        for side, edge in enumerate(edges):
            away = QLineF(there, edge)
            start = away.pointAt(ring / away.length()) if away.length() > ring else edge
            painter.setPen(QPen(color(look.mark_warn), 2.0 if side == self.side else 1.0))
            painter.drawLine(QLineF(start, edge))

    def _paint_mark(self, painter: QPainter, number: int) -> None:
        look, there = theme.tokens(), self._at(MARKS[number])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color(look.mark), 1.5))
        painter.drawEllipse(there, 6.5, 6.5)
        painter.drawLine(QLineF(there.x() - 13, there.y(), there.x() + 13, there.y()))
        painter.drawLine(QLineF(there.x(), there.y() - 13, there.x(), there.y() + 13))
        right = MARKS[number][0] < self.form_layout.page[0] / 2
        badge = QPointF(there.x() + (33 if right else -33), there.y())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(look.mark))
        painter.drawEllipse(badge, 10, 10)
        painter.setPen(color("#FFFFFF"))
        painter.setFont(theme.font(Type.KEY))
        painter.drawText(QRectF(badge.x() - 10, badge.y() - 10, 20, 20), Qt.AlignmentFlag.AlignCenter, str(number))


_ARROWS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip
STEP_MM, FAR_STEP_MM = 0.1, 0.5


class NudgePad(QAbstractButton):
    """A crossing of red lines and where the data goes from it; arrow keys move by 0.1 mm, with Shift by 0.5 mm."""

    def __init__(self) -> None:
        super().__init__()
        self.moved: Callable[[float, float], object] = lambda right, down: None
        self._at = (0.0, 0.0)
        self.setFixedSize(148, 104)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Nudge by arrow keys"))

    def show_nudge(self, right: float, down: float) -> None:
        """Where the data goes now."""
        self._at = (right, down)
        self.setAccessibleDescription(moved_words(right, down) or _("not moved"))
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows nudge."""
        arrow = _ARROWS.get(Qt.Key(event.key()))
        if arrow is None:
            super().keyPressEvent(event)
            return
        step = FAR_STEP_MM if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP_MM
        self.moved(arrow[0] * step, arrow[1] * step)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paper, two red lines, the mark."""
        look, painter, box = theme.tokens(), QPainter(self), QRectF(self.rect())
        focused = self.hasFocus()
        edge, width = (look.accent, 2) if focused else (look.edge, 1)
        outline(painter, box, ground=look.paper, edge=edge, width=width, radius=theme.RADIUS)
        middle = box.center()
        painter.setPen(QPen(color(look.form_rule), 1.2))
        painter.drawLine(QLineF(3, middle.y(), box.width() - 3, middle.y()))
        painter.drawLine(QLineF(middle.x(), 3, middle.x(), box.height() - 3))
        to_pixels = 7.2
        there = QPointF(middle.x() + self._at[0] * to_pixels, middle.y() + self._at[1] * to_pixels)
        painter.setPen(QPen(color(look.mark), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(there, 6.5, 6.5)
        painter.drawLine(QLineF(there.x() - 12, there.y(), there.x() + 12, there.y()))
        painter.drawLine(QLineF(there.x(), there.y() - 12, there.x(), there.y() + 12))
        painter.end()
