"""Icons: Tabler's outlines, coloured and rendered at the size and pixel ratio where they are shown."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app import paths
from app.ui import theme


@lru_cache(maxsize=512)
def _svg(name: str, color: str, width: float) -> QSvgRenderer:
    """`name` is a file below resources/icons: an outline, or `filled/…`."""
    path = paths.resource("icons", *(name if "/" in name else f"outline/{name}").split("/")).with_suffix(".svg")
    text = path.read_text("utf-8").replace("currentColor", color).replace('stroke-width="2"', f'stroke-width="{width}"')
    renderer = QSvgRenderer(QByteArray(text.encode()))
    assert renderer.isValid(), name
    return renderer


def paint(painter: QPainter, name: str, color: str, x: float, y: float, size: float) -> None:  # noqa: PLR0917
    """Draw the icon with its upper left corner at `x`, `y`; sharp at every scale, since it is drawn as vectors."""
    _svg(name, color, 2.0 if size <= 14 else 1.75).render(painter, QRectF(x, y, size, size))


@lru_cache(maxsize=256)
def _pixmap(name: str, color: str, size: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    _svg(name, color, 2.0 if size <= 14 else 1.75).render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def icon(name: str, size: int = 18) -> QIcon:
    """An icon for menus and native dialogs, in the look in force; asked for again when the look changes."""
    look, made = theme.tokens(), QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(_pixmap(name, look.text2, size, ratio), QIcon.Mode.Normal)
        made.addPixmap(_pixmap(name, look.text3, size, ratio), QIcon.Mode.Disabled)
        made.addPixmap(_pixmap(name, look.on_soft, size, ratio), QIcon.Mode.Selected)
    return made
