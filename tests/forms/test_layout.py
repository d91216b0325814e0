"""The layout file: every box where it was measured, and nonsense refused by name."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app import paths
from app.errors import InputError
from app.forms import layout

GRID = layout.load()
SOURCE = paths.resource("cms1500", "layout.toml").read_text("utf-8")


def test_every_measured_box_is_there_and_no_other(real_forms: Path) -> None:
    with (real_forms.parent / "print-grid.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    measured = {(int(row["openemr_line"]), int(row["col_start"]), int(row["length"])) for row in rows}
    ours = {(box.line, box.column, box.width) for box in GRID.boxes.values()}
    above = GRID.boxes["19.caption"]
    assert ours - measured == {(above.line, above.column, above.width)}
    assert measured <= ours
    assert len(GRID.boxes) == len(rows) + 1


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("carrier.1", (1, 38, 41)),
        ("1.group", (8, 31, 1)),
        ("11b.id", (22, 52, 28)),
        ("21.L", (40, 42, 7)),
        ("24.1.shaded", (43, 1, 61)),
        ("24.6.charge", (54, 50, 8)),
        ("24.6.npi", (54, 68, 10)),
        ("33b", (61, 62, 17)),
    ],
)
def test_boxes_stand_where_they_belong(key: str, place: tuple[int, int, int]) -> None:
    box = GRID.boxes[key]
    assert (box.line, box.column, box.width) == place


def test_the_grid_in_points() -> None:
    assert GRID.left(1) == 24.0
    assert GRID.centre(8) == 113.0
    assert GRID.baseline(8) == pytest.approx(115.8)
    assert GRID.glyph(1) == pytest.approx(24.6)
    assert GRID.rect(GRID.boxes["1a"]) == pytest.approx((376.8, 107.0, 585.6, 119.0))


def test_items_of_service_lines_carry_their_line() -> None:
    assert GRID.boxes["24.3.pointer"].item == "24E.3"
    assert GRID.service_lines == 6


def test_each_cell_knows_its_box() -> None:
    assert GRID.owners[8, 50].key == "1a"
    assert (8, 49) not in GRID.owners


def test_an_unknown_layout_is_refused() -> None:
    with pytest.raises(InputError, match="cms1500-2099"):
        layout.load("cms1500-2099")


ONE = '{ key = "1a",             item = "1a",  line = 8,  column = 50, width = 29, kind = "id",      label'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('key = "1a"', 'key = "2"', "'2' twice"),
        ("line = 8,  column = 50, width = 29", "line = 8,  column = 53, width = 29", "'1a' lies outside"),
        ("line = 8,  column = 50, width = 29", "line = 65, column = 50, width = 29", "'1a' lies outside"),
        ("line = 8,  column = 50, width = 29", "line = 8,  column = 0,  width = 29", "'1a' lies outside"),
        ("line = 8,  column = 50, width = 29", "line = 8,  column = 50, width = 0", "'1a' cannot be 0"),
        ("line = 8,  column = 50, width = 29", "line = 8,  column = 45, width = 29", "'1.other' and '1a' overlap"),
        ("width = 1,  kind", "width = 2,  kind", "cannot be 2 cells wide"),
        ('width = 29, kind = "id"', 'width = 29, kind = "guess"', "'1a' has the unknown kind 'guess'"),
        ('label = "Insured\'s ID number"', 'lable = "Insured\'s ID number"', "cannot be read"),
        ('id = "cms1500-0212"', "id = ", "cannot be read"),
        ("[service_lines]", "[services]", "cannot be read"),
        ("page = [612, 792]", "page = [612]", "cannot be read"),
    ],
)
def test_nonsense_is_refused(old: str, new: str, message: str) -> None:
    assert old in SOURCE
    with pytest.raises(InputError, match=message):
        layout.parse(SOURCE.replace(old, new, 1))
