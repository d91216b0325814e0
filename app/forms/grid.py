"""Marks as text: the page as a typewriter shows it, for eyes, tests and difference tools."""

from __future__ import annotations

from collections.abc import Iterable

from app.forms.layout import Layout
from app.forms.marks import Mark


def text(marks: Iterable[Mark], layout: Layout) -> str:
    """The sheet as lines of text, 66 on Letter paper, without blanks at their ends."""
    sheet = [[" "] * layout.columns for _line in range(layout.lines)]
    for mark in marks:
        start = mark.column - 1
        sheet[mark.line + layout.top_lines - 1][start : start + len(mark.text)] = mark.text
    return "".join("".join(line).rstrip() + "\n" for line in sheet)
