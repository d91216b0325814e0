"""The page as text."""

from __future__ import annotations

from app.forms import grid, layout
from app.forms.marks import Mark

GRID = layout.load()


def test_a_mark_stands_on_its_line_and_column() -> None:
    text = grid.text([Mark("1a", 8, 50, "ABC"), Mark("1.group", 8, 31, "X")], GRID)
    lines = text.splitlines()
    assert len(lines) == 66
    assert lines[9] == " " * 30 + "X" + " " * 18 + "ABC"
    assert not "".join(lines[:9] + lines[10:])


def test_a_blank_page() -> None:
    assert grid.text([], GRID) == "\n" * 66
