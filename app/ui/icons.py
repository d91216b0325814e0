"""Icons: Tabler's outlines, coloured and drawn as vectors where they are shown."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgRenderer

from app import paths


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
