"""The proof that a page is right: what a reader of the PDF sees, character by character, against the marks."""

from __future__ import annotations

from collections.abc import Sequence

from app.forms.glyphs import Glyph
from app.forms.layout import Layout
from app.forms.marks import Mark

NEAR = 1.0
"""Points that a character may be away from its cell."""


def faults(drawn: Sequence[Sequence[Glyph]], pages: Sequence[Sequence[Mark]], grid: Layout) -> list[str]:
    """What is wrong with the characters of each page: missing, changed, away from their cells, or nobody's."""
    found = [] if len(drawn) == len(pages) else [f"{len(drawn)} pages for {len(pages)}"]
    for number, (marks, seen) in enumerate(zip(pages, drawn, strict=False), 1):
        found += [f"page {number}: {fault}" for fault in _page_faults(marks, seen, grid)]
    return found


def _page_faults(marks: Sequence[Mark], seen: Sequence[Glyph], grid: Layout) -> list[str]:
    found = []
    wanted: dict[tuple[int, int], str] = {}
    for mark in marks:
        box = grid.boxes[mark.key]
        if mark.line != box.line or mark.column < box.column or mark.column + len(mark.text) > box.columns.stop:
            found.append(f"{mark.key} leaves its box")
        wanted |= {(mark.line, mark.column + at): sign for at, sign in enumerate(mark.text) if sign != " "}
    for glyph in seen:
        column = round((glyph.x - grid.glyph(0)) / grid.pitch[0])
        line = round((glyph.y - grid.baseline(0)) / grid.pitch[1])
        away = max(abs(glyph.x - grid.glyph(column)), abs(glyph.y - grid.baseline(line)))
        sign = wanted.pop((line, column), None)
        if sign != glyph.text or away > NEAR:
            found.append(f"{glyph.text!r} instead of {sign!r} at line {line}, column {column}, {away:.2f} pt away")
    return found + [f"{sign!r} missing at {place}" for place, sign in wanted.items()]
