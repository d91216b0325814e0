"""Coverage over time on a client's record: a lane each, every bar a button, the sessions below, a line at today."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.billing.deadlines import add_months
from app.i18n import _, date_text
from app.ui import icons, theme
from app.ui.benefits_call import MONTHS
from app.ui.controls import IconButton, column, framed, hover_repaints, label, outline, row
from app.ui.coverage import LANES, Bar, Dot, Look, Mark
from app.ui.theme import Type, color

_NAMES, _HEAD, _LANE, _FOOT = 104, 26, 35, 28
_MONTHS, _BEFORE = 7, 4
_MARKS = {
    Mark.BILLED: _("billed"), Mark.UNBILLED: _("unbilled"), Mark.MISSED: _("missed"),
    Mark.EXPECTED: _("at this pace"),
}  # fmt: skip


class _BarButton(QAbstractButton):
    """One span. Its words are cut at its edge on the screen; tooltip and screen reader have them whole."""

    def __init__(self, parent: QWidget, bar: Bar) -> None:
        super().__init__(parent)
        self.bar = bar
        dates = " – ".join(date_text(date) for date in (bar.first, bar.last) if date)
        self.setText(bar.text)
        self.setAccessibleName(f"{LANES[bar.lane]}: {bar.text}")
        self.setAccessibleDescription(dates)
        self.setToolTip("\n".join(part for part in (bar.text, dates) if part))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        hover_repaints(self)

    def sizeHint(self) -> QSize:
        """As long as its time."""
        return QSize(0, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground by state, what is used at the foot, words."""
        look, painter, box = theme.tokens(), QPainter(self), QRectF(self.rect())
        state = self.bar.look
        ground, ink = {
            Look.FORCE: (look.soft, look.on_soft), Look.PAST: (look.neutral.ground, look.neutral.text),
            Look.LOW: (look.amber.ground, look.amber.text), Look.GAP: (look.surface, look.amber.text),
            Look.ASK: (look.surface, look.text2),
        }[state]  # fmt: skip
        outline(painter, box, ground=ground, edge="", width=0, radius=4)
        if state is Look.GAP:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(color(look.amber.text), Qt.BrushStyle.BDiagPattern))
            painter.setOpacity(0.28)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4)
            painter.setOpacity(1.0)
        if state in {Look.GAP, Look.ASK}:
            pen = QPen(color(ink), 1, Qt.PenStyle.SolidLine if state is Look.GAP else Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if self.bar.used is not None:
            painter.fillRect(QRectF(0, box.height() - 3, box.width() * self.bar.used, 3), color(ink))
        x = 8.0
        if state in {Look.GAP, Look.LOW} and box.width() > 40:
            icons.paint(painter, "filled/alert-triangle", ink, x, 5, 14)
            x += 20
        painter.setFont(theme.font(Type.LABEL))
        painter.setPen(color(ink))
        room = box.adjusted(x, 0, -6, -1)
        text = theme.metrics(Type.LABEL).elidedText(self.text(), Qt.TextElideMode.ElideRight, max(room.width(), 0))
        if room.width() > 24:
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        if self.hasFocus() or self.underMouse():
            outline(painter, box, ground="", edge=look.accent, width=2 if self.hasFocus() else 1, radius=4)
        painter.end()


class _Lanes(QWidget):
    """The strip itself: months across, lanes down."""

    chose = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.buttons: list[_BarButton] = []
        self.dots: Sequence[Dot] = ()
        self.today = self.first = self.last = dt.date(2000, 1, 1)
        self._rows: list[int] = []
        self._tops: list[int] = []
        self.setMinimumWidth(360)
        self.setAccessibleName(_("Coverage over time"))

    def show_time(self, first: dt.date, last: dt.date) -> None:
        """Another span of time."""
        self.first, self.last = first, last
        self._lay()
        self.update()

    def show_bars(self, bars: Sequence[Bar], dots: Sequence[Dot], today: dt.date) -> None:
        """Another client."""
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = [_BarButton(self, bar) for bar in bars]
        for button in self.buttons:
            button.clicked.connect(lambda *_, target=button.bar.target: self.chose.emit(target))
        self.dots, self.today = dots, today
        self._stack()
        counts = Counter(dot.mark for dot in dots)
        said = ", ".join(f"{counts[mark]} {words}" for mark, words in _MARKS.items() if counts[mark])
        self.setAccessibleDescription(_("Sessions: {counts}").format(counts=said or _("none")))

    def _stack(self) -> None:
        """Spans of a lane that lie over each other stand below each other; the lane grows."""
        self._rows, self._tops, top = [], [], _HEAD
        rows: dict[str, list[list[Bar]]] = {lane: [[]] for lane in LANES}
        for button in self.buttons:
            lane = rows[button.bar.lane]
            free = next((at for at, row in enumerate(lane) if not any(_meet(button.bar, o) for o in row)), len(lane))
            lane[free:free] = [[]] if free == len(lane) else []
            lane[free].append(button.bar)
            self._rows.append(free)
        for lane in rows.values():
            self._tops.append(top)
            top += _LANE + 28 * (len(lane) - 1)
        self._tops.append(top)
        self.setFixedHeight(top + _FOOT)

    def x_of(self, date: dt.date) -> float:
        """Where a day begins."""
        width = self.width() - _NAMES
        return _NAMES + width * (date - self.first).days / max((self.last - self.first).days, 1)

    def _lay(self) -> None:
        lanes = list(LANES)
        for button, below in zip(self.buttons, self._rows, strict=True):
            bar = button.bar
            begins = max(bar.first or self.first, self.first)
            ends = min(bar.last + dt.timedelta(days=1) if bar.last else self.last, self.last)
            x0, x1 = round(self.x_of(begins)) + 1, round(self.x_of(ends)) - 1
            button.setGeometry(x0, self._tops[lanes.index(bar.lane)] + 5 + 28 * below, max(x1 - x0, 4), 24)
            button.setVisible(begins < ends)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Bars follow the width."""
        super().resizeEvent(event)
        self._lay()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Months, lanes, sessions, today."""
        look, painter = theme.tokens(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_months(painter)
        painter.setFont(theme.font(Type.LABEL))
        for top, words in zip(self._tops, LANES.values(), strict=False):
            painter.fillRect(QRectF(0, top, self.width(), 1), color(look.line))
            painter.setPen(color(look.text2))
            painter.drawText(QRectF(0, top, _NAMES - 8, _LANE), Qt.AlignmentFlag.AlignVCenter, words)
        for dot in self.dots:
            if self.first <= dot.date < self.last:
                paint_dot(painter, QPointF(self.x_of(dot.date) + 5, self._tops[-1] - _LANE / 2), dot.mark)
        if self._tops and self.first <= self.today < self.last:
            self._paint_today(painter)
        painter.end()

    def _paint_months(self, painter: QPainter) -> None:
        look, month = theme.tokens(), self.first
        painter.setFont(theme.font(Type.LABEL))
        while month < self.last:
            x = self.x_of(month)
            painter.fillRect(QRectF(round(x), 2, 1, self.height() - _FOOT), color(look.line))
            painter.setPen(color(look.text if month.replace(day=1) == self.today.replace(day=1) else look.text2))
            words = MONTHS[month.month] if month.month > 1 else f"{MONTHS[1]} {month.year}"
            painter.drawText(QRectF(x + 7, 0, 90, _HEAD), Qt.AlignmentFlag.AlignVCenter, words)
            month = add_months(month, 1)

    def _paint_today(self, painter: QPainter) -> None:
        look, x = theme.tokens(), round(self.x_of(self.today) + 5)
        bottom = self._tops[-1]
        painter.fillRect(QRectF(x - 1, _HEAD, 2, bottom - _HEAD + 6), color(look.text))
        text = _("Today")
        width = theme.metrics(Type.LABEL).horizontalAdvance(text) + 14
        box = QRectF(min(x - width / 2, self.width() - width), bottom + 5, width, 20)
        outline(painter, box, ground=look.text, edge="", width=0, radius=4)
        painter.setPen(color(look.surface))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _meet(one: Bar, other: Bar) -> bool:
    """Whether two spans have a day in common."""
    begin, end = dt.date.min, dt.date.max
    return (one.first or begin) <= (other.last or end) and (other.first or begin) <= (one.last or end)


def paint_dot(painter: QPainter, at: QPointF, mark: Mark) -> None:
    """Filled: billed; ring: unbilled; cross: missed; dotted: expected."""
    look = theme.tokens()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if mark is Mark.MISSED:
        painter.setPen(QPen(color(look.text2), 2))
        painter.drawLine(QLineF(at.x() - 4, at.y() - 4, at.x() + 4, at.y() + 4))
        painter.drawLine(QLineF(at.x() - 4, at.y() + 4, at.x() + 4, at.y() - 4))
        return
    if mark is Mark.BILLED:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(look.accent))
    elif mark is Mark.UNBILLED:
        painter.setPen(QPen(color(look.amber.text), 2))
    else:
        painter.setPen(QPen(color(look.text3), 1.5, Qt.PenStyle.DotLine))
    painter.drawEllipse(at, 4.5, 4.5)


class _Key(QWidget):
    """What a dot means."""

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self._mark = mark
        self.setFixedSize(14, 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        """One dot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_dot(painter, QPointF(7, 8), self._mark)
        painter.end()


class CoverageStrip(QWidget):
    """The card: title, what the dots mean, earlier and later, the lanes. `chose` asks for a bar's record."""

    chose = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.lanes = _Lanes()
        self.lanes.chose.connect(self.chose.emit)
        self.earlier = IconButton("chevron-left", _("Earlier"))
        self.later = IconButton("chevron-right", _("Later"))
        self.earlier.clicked.connect(lambda *_: self.move_by(-2))
        self.later.clicked.connect(lambda *_: self.move_by(2))
        head = row(label(_("Coverage over time"), Type.SECTION), None, gap=5)
        for mark, words in _MARKS.items():
            head.addWidget(_Key(mark))
            head.addWidget(label(words, Type.NOTE, "second"))
            head.addSpacing(8)
        head.addWidget(self.earlier)
        head.addWidget(self.later)
        self.setLayout(column(framed("card", column(head, self.lanes, gap=4), (16, 10, 16, 8)), gap=0))

    def show_coverage(self, bars: Sequence[Bar], dots: Sequence[Dot], today: dt.date) -> None:
        """A client's, with today inside."""
        self.lanes.show_bars(bars, dots, today)
        self._begin(add_months(today.replace(day=1), -_BEFORE))

    def _begin(self, first: dt.date) -> None:
        self.lanes.show_time(first, add_months(first, _MONTHS))

    def move_by(self, months: int) -> None:
        """Look at an earlier or later time."""
        self._begin(add_months(self.lanes.first, months))
