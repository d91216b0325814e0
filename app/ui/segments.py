"""A few ways to look at the same thing, side by side."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy

from app.ui import theme
from app.ui.controls import framed, hover_repaints, outline, row
from app.ui.theme import Type, color


class Segment(QAbstractButton):
    """One of a few ways to look at the same thing, side by side on a common ground (see `segments`)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setText(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        hover_repaints(self)

    def sizeHint(self) -> QSize:
        """26 high."""
        return QSize(round(theme.metrics(Type.EMPHASIS).horizontalAdvance(self.text())) + 25, 26)

    def minimumSizeHint(self) -> QSize:
        """Never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The chosen one stands out as a surface with an edge."""
        look, painter, box = theme.tokens(), QPainter(self), QRectF(self.rect())
        if self.isChecked():
            outline(painter, box, ground=look.surface, edge=look.edge, width=1, radius=theme.RADIUS - 1)
        if self.hasFocus():
            outline(painter, box, ground="", edge=look.accent, width=2, radius=theme.RADIUS - 1)
        painter.setFont(theme.font(Type.EMPHASIS))
        painter.setPen(color(look.text if self.isChecked() or self.underMouse() else look.text2))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


def segments(*buttons: Segment) -> QFrame:
    """Segments on their ground; the first is chosen."""
    buttons[0].setChecked(True)
    made = framed("quiet", row(*buttons, gap=2), (3, 3, 3, 3))
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made
