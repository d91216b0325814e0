"""Lining up a printer: what readings say about it, the nonsense that is refused, and the sheet itself."""

from __future__ import annotations

import dataclasses
import io
import math
import shutil
import subprocess
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from app.errors import InputError
from app.forms import calibration, drawing, layout, pdf
from app.forms.calibration import MARKS, POINTS_PER_MM, Calibration, Point, solve
from app.forms.marks import Mark

shifts = st.floats(-15, 15)
scales = st.floats(0.96, 1.04)
skews = st.floats(-2, 2)


def printed(
    place: Point, shift: Point = (0, 0), scale: Point = (1, 1), skew: float = 0, marks: list[Point] | None = None
) -> Point:
    """Where a printer that is off by this much puts a point; it turns around the middle of the marks."""
    marks = marks or list(MARKS.values())
    x, y = place
    from_x = x - sum(x for x, _ in marks) / len(marks)
    from_y = y - sum(y for _, y in marks) / len(marks)
    turn = math.tan(math.radians(skew))
    return (
        x * scale[0] - turn * from_y + shift[0] * POINTS_PER_MM,
        y * scale[1] + turn * from_x + shift[1] * POINTS_PER_MM,
    )


def readings(**off: object) -> list[tuple[Point, Point]]:
    return [(place, printed(place, **off)) for place in MARKS.values()]  # type: ignore[arg-type]


# --- solving ---------------------------------------------------------------------------------------------------


def test_a_printer_that_is_right() -> None:
    found = solve(readings())
    assert found == Calibration(*map(pytest.approx, (0.0, 0.0, 1.0, 1.0, 0.0)), residual_mm=pytest.approx(0, abs=1e-9))


@given(shifts, shifts, scales, scales, skews)
@example(0.7, 0.3, 1.0, 0.998, 0.1)
@example(0, 0, 1, 1, 2)
def test_what_the_printer_does_is_found(dx: float, dy: float, sx: float, sy: float, skew: float) -> None:
    found = solve(readings(shift=(dx, dy), scale=(sx, sy), skew=skew))
    assert found.dx_mm == pytest.approx(dx, abs=1e-6)
    assert found.dy_mm == pytest.approx(dy, abs=1e-6)
    assert found.scale_x == pytest.approx(sx, abs=1e-9)
    assert found.scale_y == pytest.approx(sy, abs=1e-9)
    assert found.skew == pytest.approx(skew, abs=1e-6)


@given(shifts, shifts, scales, scales)
def test_shift_and_scale_leave_nothing_over_and_their_correction_undoes_them(
    dx: float, dy: float, sx: float, sy: float
) -> None:
    found = solve(readings(shift=(dx, dy), scale=(sx, sy)))
    assert found.residual_mm == pytest.approx(0, abs=1e-6)
    right, down, (across, along) = found.correction
    for x, y in MARKS.values():
        told = x * across + right * POINTS_PER_MM, y * along + down * POINTS_PER_MM
        assert printed(told, (dx, dy), (sx, sy)) == pytest.approx((x, y), abs=1e-6)


@given(st.lists(st.tuples(st.floats(0, 612), st.floats(0, 792)), min_size=3, max_size=8, unique=True), shifts, skews)
def test_any_marks_that_spread_will_do(marks: list[Point], dx: float, skew: float) -> None:
    pairs = [(place, printed(place, (dx, -dx), (1.01, 0.99), skew, marks)) for place in marks]
    try:
        found = solve(pairs)
    except InputError as refused:
        assert "one line" in refused.message
        middle = [sum(p[i] for p in marks) / len(marks) for i in (0, 1)]
        moved = [complex(x - middle[0], y - middle[1]) for x, y in marks]
        total = sum(abs(z) ** 2 for z in moved)
        lean = abs(sum(z * z for z in moved))
        assert total - lean <= (total + lean) / 399, "only marks in one line may be refused"
        return
    assert found.dx_mm == pytest.approx(dx, abs=1e-3)
    assert found.dy_mm == pytest.approx(-dx, abs=1e-3)
    assert found.scale_x == pytest.approx(1.01, abs=1e-5)
    assert found.scale_y == pytest.approx(0.99, abs=1e-5)
    assert found.skew == pytest.approx(skew, abs=1e-3)


def test_the_skew_stays_in_what_is_left_over() -> None:
    found = solve(readings(skew=0.2))
    middle = [sum(place[i] for place in MARKS.values()) / 4 for i in (0, 1)]
    furthest = max(math.dist(place, middle) for place in MARKS.values())
    assert found.residual_mm == pytest.approx(furthest * math.tan(math.radians(0.2)) / POINTS_PER_MM)


def test_one_wrong_reading_shows_in_what_is_left_over() -> None:
    pairs = readings(shift=(0.5, 0.5))
    place, (x, y) = pairs[2]
    pairs[2] = place, (x, y + 9 * POINTS_PER_MM)
    assert solve(pairs).residual_mm > calibration.LEFT_OVER_MM


@given(st.lists(st.floats(-0.3, 0.3), min_size=8, max_size=8))
def test_no_other_answer_fits_the_readings_better(errors: list[float]) -> None:
    pairs = [
        (place, (place[0] + errors[2 * i], place[1] + errors[2 * i + 1])) for i, place in enumerate(MARKS.values())
    ]
    found = solve(pairs)

    def missed(dx: float, dy: float, sx: float, sy: float, skew: float) -> float:
        return sum(math.dist(printed(place, (dx, dy), (sx, sy), skew), there) ** 2 for place, there in pairs)

    best = [found.dx_mm, found.dy_mm, found.scale_x, found.scale_y, found.skew]
    for index, step in enumerate((1e-3, 1e-3, 1e-5, 1e-5, 1e-4)):
        for sign in (-1, 1):
            other = best.copy()
            other[index] += sign * step
            assert missed(*best) <= missed(*other) + 1e-12


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        ([], "Three marks"),
        (readings()[:2], "Three marks"),
        ([readings()[0]] * 5, "Three marks"),
        ([((x, 100.0), (x, 100.0)) for x in (50.0, 300.0, 500.0)], "one line"),
        ([((100.0, y), (100.0, y)) for y in (50.0, 300.0, 500.0)], "one line"),
        ([((x, 2 * x + 1), (x, 2 * x + 1)) for x in (50.0, 200.0, 300.0)], "one line"),
        ([((x, x + (x == 200)), (x, x)) for x in (50.0, 200.0, 300.0)], "one line"),
        (readings(scale=(1.06, 1)), "no printer"),
        (readings(scale=(1, 0.94)), "no printer"),
        (readings(skew=8), "no printer"),
        ([(place, MARKS[5 - number]) for number, place in MARKS.items()], "no printer"),
        ([*readings()[:3], ((9.0, 9.0), (math.nan, 9.0))], "not a number"),
        ([*readings()[:3], ((9.0, 9.0), (9.0, math.inf))], "not a number"),
    ],
)
def test_nonsense_is_refused(pairs: list[tuple[Point, Point]], says: str) -> None:
    with pytest.raises(InputError, match=says):
        solve(pairs)


def test_five_percent_is_still_a_printer() -> None:
    assert solve(readings(scale=(1.049, 0.951))).scale_x == pytest.approx(1.049)


# --- the sheet -------------------------------------------------------------------------------------------------


def picture(data: bytes, scale: float = 2.0) -> Image.Image:
    return pypdfium2.PdfDocument(data)[0].render(scale=scale).to_pil().convert("L")


def test_the_marks_belong_on_crossings_of_the_form() -> None:
    rules = drawing.load("cms1500-0212").rules
    for x, y in MARKS.values():
        assert any(rule.x0 == rule.x1 == x and rule.y0 <= y <= rule.y1 for rule in rules)
        assert any(rule.y0 == rule.y1 == y and rule.x0 <= x <= rule.x1 for rule in rules)


@pytest.mark.parametrize(("dx", "dy"), [(0.0, 0.0), (1.5, -2.0)])
def test_each_mark_is_drawn_where_it_is_said_to_be(dx: float, dy: float) -> None:
    page = picture(calibration.sheet(layout.load(), dx_mm=dx, dy_mm=dy), scale=4)
    for place in MARKS.values():
        x, y = place[0] + dx * POINTS_PER_MM, place[1] + dy * POINTS_PER_MM
        for reach in (-14.8, 14.8):
            assert _darkest(page, x + reach, y) < 120
            assert _darkest(page, x, y + reach) < 120
            assert _darkest(page, x + reach, y + reach / 2) > 150


def _darkest(page: Image.Image, x: float, y: float) -> int:
    at = round(4 * x), round(4 * y)
    return page.crop((at[0] - 2, at[1] - 2, at[0] + 2, at[1] + 2)).getextrema()[0]  # type: ignore[return-value]


def test_every_cell_box_is_outlined_around_what_prints_there() -> None:
    form = layout.load()
    page = picture(calibration.sheet(form), scale=4)
    outlined = 0
    for box in form.boxes.values():
        x0, top, x1, bottom = form.rect(box)
        sides = [((x0 + x1) / 2, top + 0.6), ((x0 + x1) / 2, bottom - 0.6), (x0 + 0.6, top + 3), (x1 - 0.6, top + 3)]
        outlined += all(_darkest(page, *side) < 225 for side in sides)
    assert outlined == len(form.boxes)


def test_the_sheet_moves_as_a_claim_moves() -> None:
    """A calibrated claim lands as far from the sheet's place as the sheet's own marks do."""
    form = layout.load()
    claim = [
        picture(pdf.overlay([[Mark("2", 10, 1, "X")]], form, dx_mm=shift, dy_mm=-shift), 4).point(lambda v: 255 - v)
        for shift in (0.0, 3.0)
    ]
    sheet = [
        picture(calibration.sheet(form, dx_mm=shift, dy_mm=-shift), 4).point(lambda v: 255 - v) for shift in (0.0, 3.0)
    ]
    moved = [
        [b - a for a, b in zip(*(page.getbbox() or () for page in pages), strict=True)] for pages in (claim, sheet)
    ]
    assert moved[0][:2] == pytest.approx(moved[1][:2], abs=1)


@pytest.mark.parametrize("printer", ["", "Laser, Zeile 2 · Büro", "激光打印机", "a" * 300, "tab\tand\nline"])
def test_the_sheet_is_one_sound_letter_page(tmp_path: Path, printer: str) -> None:
    data = calibration.sheet(layout.load(), dx_mm=0.7, dy_mm=-0.3, printer=printer)
    document = pypdf.PdfReader(io.BytesIO(data))
    assert [tuple(page.mediabox) for page in document.pages] == [(0, 0, 612, 792)]
    words = " ".join(pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range().split())
    assert "Line up the printer" in words
    assert "Moved +0.7 mm across, -0.3 mm down." in words
    assert "150 mm" in words
    assert calibration.sheet(layout.load(), dx_mm=0.7, dy_mm=-0.3, printer=printer) == data
    if shutil.which("qpdf"):
        file = tmp_path / "sheet.pdf"
        file.write_bytes(data)
        done = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_name_of_the_printer_stands_on_the_sheet() -> None:
    data = calibration.sheet(layout.load(), printer="Front desk, tray 2")
    words = pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range()
    assert "Front desk, tray 2" in words
    assert "Moved" not in words


@pytest.mark.parametrize("shift", [math.nan, math.inf, 26.0, -1000.0])
def test_a_shift_off_the_sheet_is_refused(shift: float) -> None:
    with pytest.raises(InputError, match="25 millimetres"):
        calibration.sheet(layout.load(), dx_mm=shift)
    with pytest.raises(InputError, match="25 millimetres"):
        calibration.sheet(layout.load(), dy_mm=shift)


@pytest.mark.parametrize("scale", [(1.01, 0.99), (0.95, 1.05)])
def test_the_sheet_is_scaled_as_a_claim_is(scale: tuple[float, float]) -> None:
    page = picture(calibration.sheet(layout.load(), dx_mm=-1.0, dy_mm=0.5, scale=scale), scale=4)
    for x, y in MARKS.values():
        there = x * scale[0] - POINTS_PER_MM, y * scale[1] + 0.5 * POINTS_PER_MM
        assert _darkest(page, there[0] - 14.8, there[1]) < 120 and _darkest(page, there[0], there[1] + 14.8) < 120
    words = pypdfium2.PdfDocument(calibration.sheet(layout.load(), scale=scale))[0].get_textpage().get_text_range()
    assert f"Scaled to {scale[0] * 100:.2f} % across" in words and "Moved" not in words


@pytest.mark.parametrize("scale", [(math.nan, 1.0), (1.0, 1.07), (0.0, 1.0)])
def test_a_scale_that_no_printer_needs_is_refused(scale: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="scale"):
        calibration.sheet(layout.load(), scale=scale)


def test_values_have_a_little_room() -> None:
    """A line that is moved towards the values takes just that much of their room."""
    form, drawn = layout.load(), drawing.load()
    room = calibration.room_mm(form, drawn)
    assert 0.3 < room < 0.6
    nearer = dataclasses.replace(
        drawn,
        rules=tuple(
            dataclasses.replace(r, y0=r.y0 + 1, y1=r.y1 + 1) if r.y0 == r.y1 and not r.dash else r for r in drawn.rules
        ),
    )
    assert calibration.room_mm(form, nearer) < room
