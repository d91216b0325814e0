"""The characters that a PDF draws: what, where, how large. Only what can be seen, and only in dark ink.

PDFium's traps: it makes up blanks and line ends, gives a hyphen at the end of a line as U+0002, and tells the size of
a font before the page's own scale. Points are from the top left of the sheet.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw

from app.errors import InputError
from app.i18n import _

pdfium: Any = pypdfium2.raw  # made by a generator, without types

LARGEST_FILE = 128 * 1024 * 1024
MOST_PAGES = 20_000
MOST_CHARACTERS = 20_000
"""On one page; a claim form with every cell filled has about 2,000, and its captions as many again."""
SMALLEST = 4.5  # points
_DARK = 110  # of 255, in the brightest of red, green and blue
_HYPHEN = 0x02
_UNSEEN = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)


class Glyph(NamedTuple):
    """One character: its left end and baseline, its right end, the size of its font."""

    text: str
    x: float
    y: float
    right: float
    size: float


def pages(data: bytes) -> Iterator[list[Glyph]]:
    """The dark characters of each page of a PDF, filled fields included.

    Raises InputError for what is not a PDF, is locked, too large, or full of text like a book.
    """
    if len(data) > LARGEST_FILE:
        raise InputError(_("This PDF is larger than 128 MB."), _("Read it in parts."))
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise InputError(
            _("This is not a PDF that can be read: it is damaged, locked or something else."),
            _("Choose a PDF without a password."),
        ) from error
    try:
        if len(document) > MOST_PAGES:
            raise InputError(_("This PDF has {count} pages.").format(count=len(document)), _("Read it in parts."))
        document.init_forms()
        for number in range(len(document)):
            try:
                yield _glyphs(document, number)
            except pypdfium2.PdfiumError as error:
                raise InputError(_("Page {number} of this PDF is damaged.").format(number=number + 1)) from error
    finally:
        document.close()


def _glyphs(document: pypdfium2.PdfDocument, number: int) -> list[Glyph]:
    page = document[number]
    if pdfium.FPDFPage_GetAnnotCount(page.raw):
        page.flatten()
        page.close()
        page = document[number]
    left, _bottom, _right, top = page.get_mediabox()
    text = page.get_textpage()
    try:
        return list(_drawn(text.raw, left, top))
    finally:
        text.close()
        page.close()


def _drawn(text: object, left: float, top: float) -> Iterator[Glyph]:
    count = pdfium.FPDFText_CountChars(text)
    if count > MOST_CHARACTERS:
        raise InputError(_("A page of this PDF holds more text than a claim form can."), _("Choose a claim form."))
    x, y = ctypes.c_double(), ctypes.c_double()
    box = pdfium.FS_RECTF()
    inks: dict[int, float] = {}
    for index in range(count):
        code = pdfium.FPDFText_GetUnicode(text, index)
        thing = pdfium.FPDFText_GetTextObject(text, index)
        if not thing or (code <= 0x20 and code != _HYPHEN):  # made up, or a blank
            continue
        key = ctypes.addressof(thing.contents)
        size = inks.get(key)
        if size is None:
            size = inks[key] = _seen_size(text, index, thing)
        if size < SMALLEST:
            continue
        pdfium.FPDFText_GetCharOrigin(text, index, x, y)
        pdfium.FPDFText_GetLooseCharBox(text, index, box)
        yield Glyph("-" if code == _HYPHEN else chr(code), x.value - left, top - y.value, box.right - left, size)


def _seen_size(text: object, index: int, thing: object) -> float:
    """The size of a character on the sheet; 0 when it cannot be seen or is not dark."""
    if pdfium.FPDFTextObj_GetTextRenderMode(thing) in _UNSEEN:
        return 0.0
    red, green, blue, alpha = (ctypes.c_uint() for _channel in range(4))
    pdfium.FPDFText_GetFillColor(text, index, red, green, blue, alpha)
    if max(red.value, green.value, blue.value) > _DARK or alpha.value < 255 - _DARK:
        return 0.0
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(text, index, matrix)
    return float(pdfium.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d))
