"""Marks on paper: deterministic, well-formed, with nothing about a person but what is drawn."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfReader

from app.errors import InputError
from app.forms import glyphs, layout, marks, pdf
from tests.forms import sample_pages
from tests.forms.test_roundtrip import full_marks

GRID = layout.load()
DRAWN = [marks.compose(page, GRID).marks for page in (sample_pages.COMMERCIAL, {}, sample_pages.AUTO)]
Draw = Callable[..., bytes]
BOTH = pytest.mark.parametrize("draw", [pdf.overlay, pdf.full])


@BOTH
def test_the_same_values_give_the_same_bytes(draw: Draw) -> None:
    assert draw(DRAWN, GRID) == draw(iter(DRAWN), GRID)


@BOTH
def test_a_page_each_on_letter_paper(draw: Draw) -> None:
    document = PdfReader(pathless(draw(DRAWN, GRID)))
    assert [tuple(map(float, page.mediabox)) for page in document.pages] == [(0, 0, 612, 792)] * 3


@BOTH
def test_the_properties_name_no_person(draw: Draw) -> None:
    document = PdfReader(pathless(draw(DRAWN, GRID)))
    assert document.metadata is not None
    assert document.metadata.title == "CMS-1500"
    assert not document.metadata.author
    assert not document.metadata.subject
    assert not any("SAMPLE" in str(value).upper() for value in document.metadata.values())


@BOTH
@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_qpdf_finds_nothing(draw: Draw, tmp_path: Path) -> None:
    (tmp_path / "out.pdf").write_bytes(draw([*DRAWN, full_marks(GRID)], GRID, dx_mm=1.2, dy_mm=-0.7))
    subprocess.run(["qpdf", "--check", str(tmp_path / "out.pdf")], check=True, capture_output=True)


@BOTH
def test_a_shift_moves_right_and_down(draw: Draw) -> None:
    def place(**moves: float) -> tuple[float, float]:
        first = next(glyphs.pages(draw(DRAWN, GRID, **moves)))[0]
        return first.x, first.y

    x, y = place()
    assert place(dx_mm=25.4 / 72, dy_mm=25.4 / 36) == pytest.approx((x + 1, y + 2), abs=0.01)


def test_a_scale_stretches_from_the_top_left_corner() -> None:
    drawn = next(glyphs.pages(pdf.overlay([full_marks(GRID)], GRID, scale=(0.98, 0.99))))
    last = max(drawn, key=lambda glyph: (glyph.y, glyph.x))
    middle = GRID.left(78) + 3.6
    assert last.x + 3 == pytest.approx(middle * 0.98, abs=0.01)
    assert last.y == pytest.approx(GRID.centre(61) * 0.99 + 2.8, abs=0.01)


@pytest.mark.parametrize("moves", [{"dx_mm": -10}, {"dx_mm": 8}, {"dy_mm": -12}, {"dy_mm": 20}, {"scale": (1.05, 1)}])
@BOTH
def test_text_is_never_pushed_off_the_sheet(draw: Draw, moves: dict[str, float]) -> None:
    with pytest.raises(InputError, match="off the sheet"):
        draw([full_marks(GRID)], GRID, **moves)


@pytest.mark.parametrize("moves", [{"dx_mm": float("nan")}, {"dy_mm": float("inf")}, {"dx_mm": 51}, {"scale": (2, 1)}])
def test_senseless_moves_are_refused(moves: dict[str, float]) -> None:
    with pytest.raises(InputError, match="must lie between"):
        pdf.overlay(DRAWN, GRID, **moves)  # type: ignore[arg-type]


def test_the_form_is_drawn_once_for_all_pages() -> None:
    one, ten = (len(pdf.full([DRAWN[1]] * count, GRID)) for count in (1, 10))
    assert ten - one < 9 * 700


def test_the_full_page_is_red_marked_as_a_copy_and_the_overlay_is_not() -> None:
    def inks(document: bytes) -> tuple[int, int, str]:
        page = pypdfium2.PdfDocument(document)[0]
        picture = page.render(scale=1).to_pil().convert("RGB")
        colours = picture.getcolors(1 << 20)
        red = sum(count for count, (r, g, b) in colours if r > 120 and g < 110 and b < 110)
        dark = sum(count for count, pixel in colours if max(pixel) < 90)
        return red, dark, page.get_textpage().get_text_range()

    red, dark, words = inks(pdf.full(DRAWN[:1], GRID))
    assert red > 2000
    assert pdf.COPY in words
    plain_red, plain_dark, plain_words = inks(pdf.overlay(DRAWN[:1], GRID))
    assert plain_red == 0
    assert pdf.COPY not in plain_words
    assert abs(dark - plain_dark) < 0.2 * plain_dark


def test_signs_that_mean_something_in_pdf_are_drawn() -> None:
    drawn = next(glyphs.pages(pdf.overlay([[marks.Mark("8", 14, 30, r"\(A)\ ()\\")]], GRID)))
    assert "".join(glyph.text for glyph in drawn) == r"\(A)\()\\"


def pathless(content: bytes) -> io.BytesIO:
    return io.BytesIO(content)
