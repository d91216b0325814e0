"""Random full pages come back from paper as they went, character by character and value by value."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.forms import acroform, glyphs, layout, marks, pdf, read
from app.forms.layout import Layout
from app.forms.values import Page, parse
from tests.forms import paper_trail, random_pages

GRID = layout.load()
BATCH = 25


def made(seed: int, count: int = BATCH) -> tuple[list[Page], list[list[marks.Mark]]]:
    chance = random.Random(seed)
    pages = parse([random_pages.page(chance, GRID) for _page in range(count)])
    composed = [marks.compose(page, GRID) for page in pages]
    assert [problem for page in composed for problem in page.problems] == []
    return pages, [page.marks for page in composed]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_every_character_of_a_full_page_lies_in_its_cell_and_every_value_comes_back(seed: int) -> None:
    pages, drawn = made(seed)
    seen = list(glyphs.pages(pdf.overlay(drawn, GRID)))
    assert paper_trail.faults(seen, drawn, GRID) == []
    assert [read.values_of(page, GRID) for page in seen] == [(page, []) for page in pages]


@pytest.mark.parametrize("draw", [pdf.overlay, pdf.full])
def test_a_shifted_page_reads_the_same(draw: object) -> None:
    chance = random.Random(7)
    for seed in range(4):
        pages, drawn = made(seed, 5)
        dx, dy = chance.uniform(-6, 3), chance.uniform(-8, 8)
        assert read.read_pages(draw(drawn, GRID, dx_mm=dx, dy_mm=dy)) == pages  # type: ignore[operator]


def test_a_scaled_page_reads_the_same() -> None:
    pages, drawn = made(11, 5)
    for scale in ((0.97, 0.97), (0.995, 0.995), (1.004, 1.0)):
        assert read.read_pages(pdf.overlay(drawn, GRID, scale=scale)) == pages


@pytest.mark.parametrize("seed", range(2))
def test_a_payers_form_gives_the_same_values(seed: int, real_forms: Path) -> None:
    template = acroform.load_template((real_forms / "fillable-a.pdf").read_bytes())
    pages, drawn = made(seed, 5)
    filled = acroform.fill(template, drawn, GRID)
    assert filled.problems == []
    assert read.read_pages(filled.pdf) == pages


def test_a_page_with_every_cell_filled_stands_in_its_cells() -> None:
    every = full_marks(GRID)
    for draw in (pdf.overlay, pdf.full):
        assert paper_trail.faults(list(glyphs.pages(draw([every], GRID))), [every], GRID) == []


def full_marks(grid: Layout) -> list[marks.Mark]:
    signs = "".join(map(chr, range(33, 127))) * 2
    return [
        marks.Mark(box.key, box.line, box.column, signs[number % 94 :][: box.width])
        for number, box in enumerate(grid.boxes.values())
    ]
