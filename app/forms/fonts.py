"""The bundled fonts, registered once with reportlab, and what they can and cannot write.

Inter (SIL OFL) writes Latin with Vietnamese, Greek and Cyrillic; Courier Prime (SIL OFL) is the face of filled-in
forms. reportlab draws an empty box for a character that a font lacks and says nothing, so ask `missing` first.

Columns of figures want digits of one width. Inter has them as the OpenType feature "tnum", which reportlab does not
know; `TABULAR` and `TABULAR_SEMIBOLD` are the same files with the ten digits led to those glyphs. A reader of the PDF
gets ordinary digits from them.
"""

from __future__ import annotations

import functools
import unicodedata

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFNameBytes, TTFont

from app import paths

rl_config.useA85 = 0  # type: ignore[attr-defined]
"""As in pdf.py: the switch is one for the process, and a reprint must not depend on which module came first."""

REGULAR = "Inter"
MEDIUM = "Inter-Medium"
SEMIBOLD = "Inter-SemiBold"
TABULAR = "Inter-Tabular"
TABULAR_SEMIBOLD = "Inter-Tabular-SemiBold"
COURIER = "CourierPrime"

_FILES = {
    REGULAR: "Inter_400Regular.ttf",
    MEDIUM: "Inter_500Medium.ttf",
    SEMIBOLD: "Inter_600SemiBold.ttf",
    TABULAR: "Inter_400Regular.ttf",
    TABULAR_SEMIBOLD: "Inter_600SemiBold.ttf",
    COURIER: "CourierPrime_400Regular.ttf",
}
_TABULAR_ZERO = 1357
"""The glyph of the tabular 0 in both Inter files; 1 to 9 follow it (their GSUB feature "tnum")."""

_NOT_SET_AS_WRITTEN = {"Cc", "Cf", "Mn", "Me", "Zl", "Zp"}
"""Unicode categories: controls and line ends, direction marks, accents that stand alone."""


@functools.cache
def register() -> None:
    """Make the fonts known to reportlab under the names above, once."""
    for name, file in _FILES.items():
        font = TTFont(name, paths.resource("fonts", file))
        if name in (TABULAR, TABULAR_SEMIBOLD):
            _make_tabular(font, name)
        pdfmetrics.registerFont(font)


def missing(text: str, font: str = REGULAR) -> set[str]:
    """The characters of `text`, composed (NFC), that `font` cannot set.

    Besides what has no glyph these are accents that no composed letter takes up (reportlab would set them beside
    their letter) and characters that cannot be seen: line ends, tabs, direction marks.
    """
    register()
    glyphs: dict[int, int] = pdfmetrics.getFont(font).face.charToGlyph
    return {
        character
        for character in composed(text)
        if not glyphs.get(ord(character)) or unicodedata.category(character) in _NOT_SET_AS_WRITTEN
    }


def composed(text: str) -> str:
    """`text` with each accent joined to its letter (NFC), as the fonts hold them."""
    return unicodedata.normalize("NFC", text)


def _make_tabular(font: TTFont, name: str) -> None:
    """Lead 0 to 9 to the glyphs of one width. reportlab keys an embedded subset by the name of the face."""
    face = font.face
    face.name = TTFNameBytes(name.encode())
    for value in range(10):
        glyph = _TABULAR_ZERO + value
        face.charToGlyph[ord("0") + value] = glyph
        face.charWidths[ord("0") + value] = face.hmetrics[glyph][0] * 1000 / face.unitsPerEm
