"""Where every box of the form stands: the grid of a layout file, read once and refused when it is nonsense.

A form is a typewriter's grid: 10 characters to the inch, 6 lines to the inch. `resources/cms1500/layout.toml` holds
line, column and width of each box; this module turns them into points from the top left of the sheet.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from app import paths
from app.errors import InputError

KINDS = frozenset(
    ("text", "free", "name", "person", "address", "zip", "id", "npi", "digits", "icd", "pointer", "units", "date")
) | {"money", "mark"}
CHARACTER = 0.6
"""The width of every Courier character, in parts of the font size."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box: `width` cells on one line. `kind` says how a value becomes print; `item` is the form's own number."""

    key: str
    item: str
    label: str
    line: int
    column: int
    width: int
    kind: str

    @property
    def columns(self) -> range:
        """The columns of its cells."""
        return range(self.column, self.column + self.width)


@dataclass(frozen=True)
class Layout:
    """A form's grid and its boxes by key. Points are from the top left of the sheet."""

    id: str
    page: tuple[float, float]
    origin: tuple[float, float]
    pitch: tuple[float, float]
    columns: int
    lines: int
    top_lines: int
    font_size: float
    baseline_drop: float
    service_lines: int
    boxes: Mapping[str, Box]

    @functools.cached_property
    def owners(self) -> Mapping[tuple[int, int], Box]:
        """The box of each cell, by line and column."""
        return {(box.line, column): box for box in self.boxes.values() for column in box.columns}

    def left(self, column: int) -> float:
        """The x of the left edge of a column."""
        return self.origin[0] + (column - 1) * self.pitch[0]

    def centre(self, line: int) -> float:
        """The y of the middle of a line."""
        return self.origin[1] + line * self.pitch[1]

    def baseline(self, line: int) -> float:
        """The y of the baseline of the text on a line."""
        return self.centre(line) + self.baseline_drop

    def glyph(self, column: int) -> float:
        """The x where the character of a column begins, so that it stands in the middle of its cell."""
        return self.left(column) + (self.pitch[0] - CHARACTER * self.font_size) / 2

    def rect(self, box: Box) -> tuple[float, float, float, float]:
        """x0, top, x1, bottom of a box."""
        middle, half = self.centre(box.line), self.pitch[1] / 2
        return self.left(box.column), middle - half, self.left(box.column + box.width), middle + half


@functools.cache
def load(layout_id: str = "cms1500-0212") -> Layout:
    """The layout a claim names. Raises InputError for one that this program does not have."""
    for path in sorted(paths.resource("cms1500").glob("layout*.toml")):
        found = parse(path.read_text("utf-8"))
        if found.id == layout_id:
            return found
    raise InputError(f"There is no form layout {layout_id!r}.", "Update the program that opens this claim.")


def parse(text: str) -> Layout:
    """A layout from TOML. Raises InputError, which names the box, for anything that cannot be right."""
    try:
        data = tomllib.loads(text)
        grid = data["grid"]
        layout = Layout(
            id=data["id"],
            page=_pair(data["page"]),
            origin=_pair(grid["origin"]),
            pitch=_pair(grid["pitch"]),
            columns=int(grid["columns"]),
            lines=int(grid["lines"]),
            top_lines=int(grid["top_lines"]),
            font_size=float(grid["font_size"]),
            baseline_drop=float(grid["baseline"]),
            service_lines=int(data["service_lines"]["count"]),
            boxes=MappingProxyType(_by_key(_boxes(data))),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"A form layout cannot be read: {error}.") from error
    _refuse_nonsense(layout)
    return layout


def _pair(numbers: list[float]) -> tuple[float, float]:
    first, second = numbers
    return float(first), float(second)


def _boxes(data: dict[str, Any]) -> Iterator[Box]:
    for row in data["items"]["boxes"]:
        yield Box(**row)
    block = data["service_lines"]
    for number in range(1, block["count"] + 1):
        top = block["first"] + (number - 1) * block["pitch"]
        for row in block["boxes"]:
            place = {
                "key": f"{block['item']}.{number}.{row['key']}",
                "item": f"{row['item']}.{number}",
                "line": top + row["line"],
            }
            yield Box(**{**row, **place})


def _by_key(boxes: Iterator[Box]) -> dict[str, Box]:
    found: dict[str, Box] = {}
    for box in boxes:
        if box.key in found:
            raise InputError(f"The layout has box {box.key!r} twice.")
        found[box.key] = box
    return found


def _refuse_nonsense(layout: Layout) -> None:
    taken: dict[tuple[int, int], str] = {}
    for box in layout.boxes.values():
        if box.kind not in KINDS:
            raise InputError(f"The layout's box {box.key!r} has the unknown kind {box.kind!r}.")
        if box.width < 1 or (box.kind == "mark" and box.width > 1):
            raise InputError(f"The layout's box {box.key!r} cannot be {box.width} cells wide.")
        x0, top, x1, bottom = layout.rect(box)
        last_line = layout.lines - layout.top_lines
        if not (
            1 <= box.column <= box.column + box.width - 1 <= layout.columns
            and 1 - layout.top_lines <= box.line <= last_line
            and 0 <= x0 <= x1 <= layout.page[0]
            and 0 <= top <= bottom <= layout.page[1]
        ):
            raise InputError(f"The layout's box {box.key!r} lies outside the page.")
        for column in box.columns:
            other = taken.setdefault((box.line, column), box.key)
            if other != box.key:
                raise InputError(f"The layout's boxes {other!r} and {box.key!r} overlap.")
