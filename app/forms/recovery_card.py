"""The recovery card: one sheet with the code that opens the clinic, and what to do with it."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from reportlab.lib.pagesizes import letter
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from app.forms import fonts
from app.forms.superbill_style import GREY, HAIR, HAIRLINE, INK
from app.i18n import _, date_text

_SIDE, _TOP, _COLUMNS = 72.0, 700.0, 3
_CODE_SIZE, _STEP, _LEADING = 20, 34.0, 1.5


def pdf_bytes(code: str, clinic: str, made: dt.date) -> bytes:
    """The card of the clinic with this file name, as a page of letter paper. The same input gives the same bytes."""
    fonts.register()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=letter, pageCompression=1, invariant=1)
    canvas.setTitle(_("Recovery card"))
    y = _lines(canvas, _TOP, [_("Recovery card")], fonts.SEMIBOLD, 22)
    about = _("Superbill Desk, clinic file {name}. Printed {date}.")
    y = _lines(canvas, y - 4, [about.format(name=clinic, date=date_text(made))], fonts.REGULAR, 10, GREY)
    y = _code(canvas, y - 22, code.split("-"))
    y = _lines(canvas, y - 14, [_("What it is for")], fonts.SEMIBOLD, 12)
    y = _lines(canvas, y, _what(), fonts.REGULAR, 10.5)
    y = _lines(canvas, y - 14, [_("When the password is lost")], fonts.SEMIBOLD, 12)
    y = _lines(canvas, y, _lost(), fonts.REGULAR, 10.5)
    y = _lines(canvas, y - 14, [_("When the computer is lost")], fonts.SEMIBOLD, 12)
    y = _lines(canvas, y, _gone(), fonts.REGULAR, 10.5)
    _lines(canvas, y - 18, [_("Where the backups are (write it here):")], fonts.MEDIUM, 10.5)
    for line in range(3):
        canvas.line(_SIDE, y - 62 - 26 * line, letter[0] - _SIDE, y - 62 - 26 * line)
    canvas.save()
    return buffer.getvalue()


def _what() -> list[str]:
    return [
        _("This code opens the clinic file and each of its backups made since the code was printed."),
        _("Whoever has it and the file can read everything: keep it in a safe or at the bank, away from the computer."),
    ]


def _lost() -> list[str]:
    return [
        _("1. Open the clinic, and choose Use the recovery code."),
        _("2. Type the code; capitals, blanks and hyphens do not matter. Choose a new password."),
        _("3. A new code is shown. Print it, and destroy this card."),
    ]


def _gone() -> list[str]:
    return [
        _("1. Install Superbill Desk on another computer."),
        _("2. Choose Restore a backup, and the newest file that ends with .clinic-backup."),
        _("3. Type the password of that time, or this code."),
    ]


def _lines(canvas: Canvas, y: float, lines: list[str], *style: Any) -> float:
    """Lines of text below `y` in a font, a size and, where it is not black, an ink; answers where they end."""
    font, size, *ink = style
    canvas.setFillColor(*ink or [INK])
    canvas.setFont(font, size)
    for words in lines:
        for line in _wrapped(words, font, size):
            y -= size * _LEADING
            canvas.drawString(_SIDE, y, line)
    return float(y)


def _wrapped(text: str, font: str, size: float) -> list[str]:
    lines, room = [""], letter[0] - 2 * _SIDE
    for word in fonts.composed(text).split():
        longer = f"{lines[-1]} {word}".strip()
        if stringWidth(longer, font, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _code(canvas: Canvas, y: float, groups: list[str]) -> float:
    """The groups with their numbers, three in a row, in a frame."""
    canvas.setStrokeColor(HAIRLINE)
    canvas.setLineWidth(HAIR)
    rows = -(-len(groups) // _COLUMNS)
    canvas.rect(_SIDE, y - rows * _STEP - 8, letter[0] - 2 * _SIDE, rows * _STEP + 8)
    for at, group in enumerate(groups):
        x = _SIDE + 24 + (at % _COLUMNS) * 150
        line = y - 28 - (at // _COLUMNS) * _STEP
        canvas.setFillColor(GREY)
        canvas.setFont(fonts.REGULAR, 9)
        canvas.drawString(x, line, str(at + 1))
        canvas.setFillColor(INK)
        canvas.setFont(fonts.COURIER, _CODE_SIZE)
        canvas.drawString(x + 18, line, group)
    return y - rows * _STEP - 8
