"""How a superbill is set: sizes in points, colours, styles, and the two building blocks, a text and a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus.paragraph import Paragraph
from reportlab.platypus.tables import Table

from app.forms import fonts

fonts.register()

WIDTH, HEIGHT = letter
SIDE, TOP, BOTTOM = 54.0, 52.0, 58.0
TOP_LATER = 74.0
"""Later pages begin lower, below their running head."""
INNER = WIDTH - 2 * SIDE

INK, GREY, ACCENT = HexColor("#1D2426"), HexColor("#5F6667"), HexColor("#0A6870")
HAIRLINE, GROUND = HexColor("#D5D9D8"), HexColor("#EFF4F4")
HAIR, RULE = 0.5, 1.0

FOOT, SMALLEST, BODY, LEADING = 7.2, 6.2, 8.0, 11.0
"""`BODY` is the size of most of the text: labels have it too, so that they stand on one line with their values."""
GUTTER = 18.0
CELL = 6.0
"""Space left and right of the text in the table of services."""
BETWEEN = "\u00a0\u00a0·\u00a0 "


def _style(name: str, size: float, leading: float, *, font: str = fonts.REGULAR, color: Color = INK) -> ParagraphStyle:
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=leading, textColor=color, splitLongWords=1)


TITLE = _style("title", 16, 20, font=fonts.SEMIBOLD)
PRACTICE = _style("practice", 16, 20, font=fonts.SEMIBOLD, color=ACCENT)
QUIET = _style("quiet", 7.8, 11.2, color=GREY)
HEADING = _style("heading", 7.8, 11, font=fonts.SEMIBOLD, color=ACCENT)
LABEL = _style("label", BODY, LEADING, color=GREY)
VALUE = _style("value", BODY, LEADING)
STRONG = _style("strong", BODY, LEADING, font=fonts.SEMIBOLD)
SUM = _style("sum", BODY, LEADING, font=fonts.TABULAR_SEMIBOLD)
STATUS = _style("status", 10.5, 15, font=fonts.SEMIBOLD, color=ACCENT)
OPEN = _style("open", 10.5, 15, font=fonts.SEMIBOLD)


def right(style: ParagraphStyle) -> ParagraphStyle:
    """The same, set against the right edge."""
    return ParagraphStyle(f"{style.name}-right", parent=style, alignment=TA_RIGHT)


def text(words: str, style: ParagraphStyle = VALUE, width: float = INNER) -> Paragraph:
    """A text that wraps within `width`, cut behind hyphens where it must be, a little smaller where it cannot be."""
    pieces = list(_pieces(words, style, width))
    full: float = vars(style)["fontSize"]
    widest = max(width_of(piece, style) for piece in pieces)
    if widest > width and full * width / widest >= SMALLEST:
        style = ParagraphStyle(f"{style.name}-small", parent=style, fontSize=full * width / widest - 0.01)
    return Paragraph(escape(" ".join(pieces)), style)


def _pieces(words: str, style: ParagraphStyle, width: float) -> Iterator[str]:
    """The words of a text; one too wide for a line comes in pieces, cut behind a hyphen or a mark of an address.

    Two pieces never fit on one line together, so the space that joins them always falls at the end of a line.
    """
    for word in words.split(" "):
        piece = ""
        for part in re.findall(r"[^-@./]*[-@./]*", word) if width_of(word, style) > width else [word]:
            if piece and width_of(piece + part, style) > width:
                yield piece
                piece = ""
            piece += part
        yield piece


def width_of(words: str, style: ParagraphStyle) -> float:
    """How wide a text is on one line."""
    look = vars(style)
    return float(stringWidth(words, look["fontName"], look["fontSize"]))


def table(rows: Sequence[Sequence[Any]], widths: Sequence[float], *commands: tuple[Any, ...], **options: Any) -> Table:
    """A table without space of its own around its cells."""
    bare: list[tuple[Any, ...]] = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]
    bare += [("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 0)]
    bare += [("FONT", (0, 0), (-1, -1), fonts.REGULAR, BODY, LEADING)]
    style = [*bare, ("VALIGN", (0, 0), (-1, -1), "TOP"), *commands]
    return Table(rows, colWidths=widths, style=style, hAlign="LEFT", **options)
