"""A chart: paired bars on the screen. It is a picture of a table nearby, never the only carrier.

The second series is hatched, not only paler. The values of a pair show on hover and by the arrow keys, and the
description for screen readers holds them all.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy

from app.forms.report import Bars, tick_text
from app.i18n import _
from app.ui import theme
from app.ui.controls import outline
from app.ui.theme import Tokens, Type, color

BAR, GAP, RADIUS = 13.0, 2.0, 2.5
_TOP, _BOTTOM, _LEFT = 26.0, 22.0, 40.0


NOTHING = Bars("", (), ())


def paint(painter: QPainter, box: QRectF, bars: Bars, look: Tokens, chosen: int | None = None) -> None:
    """Draw the chart into `box`, in the colours of `look`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _legend(painter, box, bars, look)
    marks = bars.scale()
    field = plot(box)
    _grid(painter, field, marks, look)
    step = field.width() / max(1, len(bars.labels))
    if chosen is not None:
        ground = QRectF(field.left() + chosen * step, field.top() - 4, step, field.height() + 4)
        outline(painter, ground, ground=look.hover, edge="", width=0, radius=4)
    width = min(BAR, max(1.0, (step - 4) / len(bars.series) - GAP)) if bars.series else BAR
    for at in range(len(bars.labels)):
        whole = len(bars.series) * width + (len(bars.series) - 1) * GAP
        x = field.left() + (at + 0.5) * step - whole / 2
        for number, each in enumerate(bars.series):
            height = max(0.0, field.height() * each.values[at] / bars.unit / marks[-1])
            if height:
                bar = QRectF(x + number * (width + GAP), field.bottom() - height, width, height)
                _bar(painter, bar, look.accent, hatched=number == 1)
    painter.setPen(QPen(color(look.line), 1))
    painter.drawLine(QPointF(field.left(), field.bottom()), QPointF(field.right(), field.bottom()))
    _labels(painter, field, bars, step, look)
    painter.restore()


def plot(box: QRectF) -> QRectF:
    """Where the bars stand."""
    return box.adjusted(_LEFT, _TOP, 0, -_BOTTOM)


def _legend(painter: QPainter, box: QRectF, bars: Bars, look: Tokens) -> None:
    x = box.left()
    painter.setFont(theme.font(Type.NOTE))
    for number, each in enumerate(bars.series):
        _bar(painter, QRectF(x, box.top() + 3, 11, 11), look.accent, hatched=number == 1)
        painter.setPen(color(look.text2))
        width = theme.metrics(Type.NOTE).horizontalAdvance(each.name)
        painter.drawText(QRectF(x + 17, box.top(), width + 4, 17), Qt.AlignmentFlag.AlignVCenter, each.name)
        x += 17 + width + 18


def _grid(painter: QPainter, field: QRectF, marks: Sequence[int], look: Tokens) -> None:
    painter.setFont(theme.font(Type.KEY, figures=True))
    for value in marks:
        y = round(field.bottom() - field.height() * value / marks[-1]) + 0.5
        painter.setPen(QPen(color(look.line), 1))
        painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
        painter.setPen(color(look.text2))
        place = QRectF(field.left() - _LEFT, y - 9, _LEFT - 8, 18)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, tick_text(value))


def _bar(painter: QPainter, bar: QRectF, ink: str, *, hatched: bool) -> None:
    """A bar, rounded on top; the second series is an outline with strokes inside."""
    radius = min(RADIUS, bar.height(), bar.width() / 2)
    if hatched:
        bar = bar.adjusted(0.6, 0.6, -0.6, 0)
    shape = QPainterPath()
    shape.moveTo(bar.bottomLeft())
    shape.lineTo(bar.left(), bar.top() + radius)
    shape.quadTo(bar.topLeft(), QPointF(bar.left() + radius, bar.top()))
    shape.lineTo(bar.right() - radius, bar.top())
    shape.quadTo(bar.topRight(), QPointF(bar.right(), bar.top() + radius))
    shape.lineTo(bar.bottomRight())
    shape.closeSubpath()
    painter.setPen(Qt.PenStyle.NoPen)
    if not hatched:
        painter.fillPath(shape, color(ink))
        return
    painter.save()
    painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(QColor(ink), 1.1))
    y = bar.top()
    while y < bar.bottom() + bar.width():
        painter.drawLine(QPointF(bar.left(), y), QPointF(bar.right(), y - bar.width()))
        y += 4
    painter.restore()
    painter.strokePath(shape, QPen(QColor(ink), 1.2))


def _labels(painter: QPainter, field: QRectF, bars: Bars, step: float, look: Tokens) -> None:
    """Below the bars; where they are too many, every second, third …, where too long, cut with …."""
    painter.setFont(theme.font(Type.KEY))
    painter.setPen(color(look.text2))
    metrics = theme.metrics(Type.KEY)
    widest = max((metrics.horizontalAdvance(text) for text in bars.labels), default=0.0)
    every = 1 if widest <= step - 4 or step > 60 else int(-(-(min(widest, 60) + 8) // step))
    for at in range(0, len(bars.labels), every):
        room = step * every - 6
        place = QRectF(field.left() + (at + 0.5) * step - room / 2, field.bottom() + 4, room, 18)
        text = metrics.elidedText(bars.labels[at], Qt.TextElideMode.ElideRight, room)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


class Chart(QLabel):
    """The chart on the screen. A label for its role: a plain widget has none for screen readers."""

    def __init__(self, height: int = 220) -> None:
        super().__init__()
        self.bars = NOTHING
        self.chosen: int | None = None
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.show_bars(NOTHING)

    def show_bars(self, bars: Bars) -> None:
        """Another table."""
        self.bars, self.chosen = bars, None
        self.setAccessibleName(bars.title or _("Chart"))
        self.setAccessibleDescription("; ".join(bars.sentence(at) for at in range(len(bars.labels))))
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(320, self.height())

    def choose(self, at: int | None) -> None:
        """Show the values of a pair."""
        if at != self.chosen:
            self.chosen = at
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The pair under the pointer."""
        field = plot(self._box())
        inside = bool(self.bars.labels) and field.left() <= event.position().x() < field.right()
        step = field.width() / max(1, len(self.bars.labels))
        self.choose(int((event.position().x() - field.left()) // step) if inside else None)

    def leaveEvent(self, event: QEvent) -> None:
        """None."""
        self.choose(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """None."""
        super().focusOutEvent(event)
        self.choose(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right, Home and End go from pair to pair."""
        last = len(self.bars.labels) - 1
        now = self.chosen
        steps = {
            Qt.Key.Key_Right: 0 if now is None else min(now + 1, last),
            Qt.Key.Key_Left: last if now is None else max(now - 1, 0),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if last >= 0 and event.key() in steps:
            self.choose(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _box(self) -> QRectF:
        return QRectF(self.rect()).adjusted(0, 4, -4, -2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars, the values of the chosen pair, the focus."""
        look, painter = theme.tokens(), QPainter(self)
        paint(painter, self._box(), self.bars, look, self.chosen)
        if self.chosen is not None:
            self._values(painter, self.bars.sentence(self.chosen))
        if self.hasFocus():
            outline(painter, QRectF(self.rect()), ground="", edge=look.accent, width=2, radius=theme.RADIUS)
        painter.end()

    def _values(self, painter: QPainter, text: str) -> None:
        """The values in words, at the top right beside the legend, or over it where there is no room."""
        look, metrics = theme.tokens(), theme.metrics(Type.NOTE, figures=True)
        width = min(metrics.horizontalAdvance(text) + 16, self.width() - 4.0)
        box = QRectF(self.width() - width - 2, 2, width, 22)
        outline(painter, box, ground=look.text, edge="", width=0, radius=theme.CHIP_RADIUS)
        painter.setFont(theme.font(Type.NOTE, figures=True))
        painter.setPen(color(look.surface))
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width - 16)
        painter.drawText(box.adjusted(8, 0, -8, 0), Qt.AlignmentFlag.AlignVCenter, shown)
