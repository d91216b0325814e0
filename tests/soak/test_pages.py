"""The long proof: 10,000 random full pages, nothing wrong, cut or substituted."""

from __future__ import annotations

import pytest

from app.forms import glyphs, pdf, read
from tests.forms import paper_trail
from tests.forms.test_roundtrip import GRID, made

PAGES, BATCH = 10_000, 250


@pytest.mark.soak
@pytest.mark.parametrize("draw", [pdf.overlay, pdf.full])
def test_ten_thousand_pages(draw: object) -> None:
    count = PAGES if draw is pdf.overlay else PAGES // 10
    for seed in range(count // BATCH):
        pages, drawn = made(seed, BATCH)
        seen = list(glyphs.pages(draw(drawn, GRID)))  # type: ignore[operator]
        assert paper_trail.faults(seen, drawn, GRID) == []
        assert [read.values_of(page, GRID) for page in seen] == [(page, []) for page in pages]
