"""Controls that choose what is in front: the pages of the rail, the parts of a record, the filters of a list."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from app.i18n import _
from app.ui import icons, theme
from app.ui.controls import hover_repaints, key_text, outline
from app.ui.theme import Type, color


class RailButton(QAbstractButton):
    """A page in the rail: icon, word, count; narrow: the icon, a tooltip and a dot for a count."""

    def __init__(self, icon: str, text: str, key: str = "") -> None:
        super().__init__()
        self.icon_name, self.narrow, self.count = icon, False, 0
        self.setText(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFixedHeight(36)
        self._key = key_text(key) if key else ""
        self.setAccessibleDescription(self._key)
        self.setToolTip(f"{text}  {self._key}".strip())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        hover_repaints(self)

    def set_count(self, count: int) -> None:
        """How many need a hand."""
        self.count = count
        self.setAccessibleDescription(f"{self._key} {count}".strip() if count else self._key)
        self.update()

    def sizeHint(self) -> QSize:
        """The width is that of the rail."""
        return QSize(0, 36)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the hover."""
        self.update()
        super().enterEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Repaint when the look changes."""
        self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground and bar of the chosen page, icon, word, count."""
        look, painter, box = theme.tokens(), QPainter(self), QRectF(self.rect())
        ground = box.adjusted(8, 1, -8, -1)
        chosen = self.isChecked()
        if chosen or self.underMouse():
            outline(painter, ground, ground=look.soft if chosen else look.hover, edge="", width=0, radius=theme.RADIUS)
        if chosen:
            painter.fillRect(QRectF(8, 9, 3, box.height() - 18), color(look.accent))
        ink = look.on_soft if chosen else look.text2
        x = (box.width() - 18) / 2 if self.narrow else 21.0
        icons.paint(painter, self.icon_name, ink, x, (box.height() - 18) / 2, 18)
        if self.narrow and self.count:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(look.accent))
            painter.drawEllipse(QPointF(x + 20, box.height() / 2 - 9), 3.5, 3.5)
        if not self.narrow:
            painter.setFont(theme.font(Type.EMPHASIS))
            painter.setPen(color(look.on_soft if chosen else look.text))
            painter.drawText(box.adjusted(50, 0, -20, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
            if self.count:
                painter.setFont(theme.font(Type.LABEL, figures=True))
                painter.setPen(color(ink))
                right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
                painter.drawText(box.adjusted(0, 0, -20, 0), right, str(self.count))
        if self.hasFocus():
            outline(painter, ground, ground="", edge=look.accent, width=2, radius=theme.RADIUS)
        painter.end()


class Tab(QAbstractButton):
    """One of the parts of a record: words, a count, a line under the chosen one."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setText(text)
        self.count = 0
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        hover_repaints(self)

    def set_count(self, count: int) -> None:
        """How many there are; 0 shows nothing."""
        self.count = count
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """38 high."""
        width = theme.metrics(Type.EMPHASIS).horizontalAdvance(self.text())
        if self.count:
            width += 6 + theme.metrics(Type.NOTE).horizontalAdvance(str(self.count))
        return QSize(round(width) + 2, 38)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Words, count, line, focus."""
        look, painter, box = theme.tokens(), QPainter(self), QRectF(self.rect())
        chosen = self.isChecked()
        painter.setFont(theme.font(Type.EMPHASIS))
        painter.setPen(color(look.text if chosen or self.underMouse() else look.text2))
        room = box.adjusted(0, 0, 0, -4)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.count:
            painter.setFont(theme.font(Type.NOTE))
            painter.setPen(color(look.text3))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, str(self.count))
        if chosen:
            painter.fillRect(QRectF(0, box.height() - 2, box.width(), 2), color(look.accent))
        if self.hasFocus():
            outline(painter, box.adjusted(-4, 5, 4, -8), ground="", edge=look.accent, width=2, radius=4)
        painter.end()


class Pill(QAbstractButton):
    """A filter that is on or off, with how many it would show."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setText(text)
        self.count = 0
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        hover_repaints(self)

    def set_count(self, count: int) -> None:
        """How many there are."""
        self.count = count
        self.setAccessibleName(f"{self.text()} {count}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """30 high."""
        width = theme.metrics(Type.EMPHASIS).horizontalAdvance(self.text()) + 24
        return QSize(round(width + 7 + theme.metrics(Type.NOTE).horizontalAdvance(str(self.count))) + 1, 30)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A rounded outline; the chosen one is soft."""
        look, painter, box = theme.tokens(), QPainter(self), QRectF(self.rect())
        on, hot = self.isChecked(), self.underMouse()
        ground = look.soft if on else look.hover if hot else look.surface
        outline(painter, box, ground=ground, edge=look.accent if on else look.edge, width=1, radius=14)
        if self.hasFocus():
            outline(painter, box, ground="", edge=look.accent, width=2, radius=14)
        painter.setFont(theme.font(Type.EMPHASIS))
        painter.setPen(color(look.on_soft if on else look.text))
        painter.drawText(box.adjusted(12, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.setFont(theme.font(Type.NOTE))
        painter.setPen(color(look.on_soft if on else look.text2))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(box.adjusted(0, 0, -12, 0), right, str(self.count))
        painter.end()


class Stage(QAbstractButton):
    """One step of a guide: done, in front, or to come."""

    def __init__(self, number: int, text: str, *, last: bool = False) -> None:
        super().__init__()
        self.number, self.last = number, last
        self.state = ""
        self.setText(text)
        self.setFixedHeight(44)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        hover_repaints(self)

    def show_state(self, state: str, *, reachable: bool = False) -> None:
        """ "done", "front" or "later"; only done ones can be gone to, unless all are `reachable`."""
        self.state = state
        self.setEnabled(state != "front" if reachable else state == "done")
        told = {"done": _("done"), "front": _("this step"), "later": _("to come")}
        self.setAccessibleDescription(told[state])
        self.update()

    def sizeHint(self) -> QSize:
        """Circle, gap, words."""
        return QSize(round(theme.metrics(Type.TOTAL).horizontalAdvance(self.text())) + 40, 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A circle with a check or a number, the line to the next, the words."""
        look, painter = theme.tokens(), QPainter(self)
        done, front = self.state == "done", self.state == "front"
        middle = QPointF(12.5, self.height() / 2)
        before, after = look.accent if done or front else look.line, look.accent if done else look.line
        if self.number > 1:
            painter.fillRect(QRectF(11.5, 0, 2, 6), color(before))
        if not self.last:
            painter.fillRect(QRectF(11.5, self.height() - 6, 2, 6), color(after))
        ground = look.accent if done else look.soft if front else look.surface
        box = QRectF(middle.x() - 12, middle.y() - 12, 24, 24)
        edge = look.accent if done or front else look.edge
        outline(painter, box, ground=ground, edge=edge, width=1.5, radius=12)
        if done:
            icons.paint(painter, "check", look.on_accent, middle.x() - 8, middle.y() - 8, 16)
        else:
            painter.setFont(theme.font(Type.LABEL))
            painter.setPen(color(look.on_soft if front else look.text2))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self.number))
        painter.setFont(theme.font(Type.TOTAL if front else Type.BODY))
        painter.setPen(color(look.text if done or front else look.text2))
        painter.drawText(QRectF(self.rect()).adjusted(36, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            outline(painter, QRectF(self.rect()).adjusted(0, 4, 0, -4), ground="", edge=look.accent, width=2, radius=6)
        painter.end()
