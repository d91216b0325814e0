"""What stands on a printed page: from the drawn characters of a PDF back to the values of its boxes.

Nothing hidden is used, so a page that another program printed to PDF reads as well. A page of the grid is known by
the pitch of its characters, wherever a printer shifted it; otherwise the text is looked for where the fields of the
known payers' forms are.
"""

from __future__ import annotations

import cmath
import math
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from app.billing.problems import warn
from app.errors import InputError
from app.forms import glyphs, layout, matching
from app.forms.gather import Gathered, gather
from app.forms.glyphs import Glyph
from app.forms.layout import CHARACTER, Box, Layout
from app.forms.template import Rect
from app.forms.values import Page
from app.i18n import _

Place = Sequence[float]
"""x0, top, x1, bottom in points from the top left."""

DATA_SIZE = 8.0
"""Points; smaller text outside the boxes is a caption of the form."""
_EXACT = 0.05  # points that an unmoved page may be off
_ON_GRID = 1.0  # points that a character may be off the grid
_FEW = 0.25  # share of characters off the grid that a page of the grid may have
_REACH = (9, 5)  # whole columns and lines that a page may be shifted
_PITCH = (0.9, 1.1)  # how far a printer may have scaled a page
_FIELD_MARGIN = 2.0  # points between a field's edge and its text
_SAME_WIDTH = 0.015  # parts of the size
_HELVETICA_BLANK = 0.278  # parts of the size
_WORD_GAP = 0.15  # parts of the size: a wider gap is a blank
_HALF_CAPITAL = 0.34  # parts of the size
_NEAR, _NEAR_MOVED = 1.6, 4.0  # points that a word may be off where its place has it, and off a move of them all
_GOOD = 0.7
_PAIRS = 12  # places that must agree on a move
_WHOLE = 0.1  # blanks that a whole number of them may be off
_GRID_CELL = 0.72  # parts of the size: what a box without a field is written with
_COURIER, _COURIER_ON_GRID = (lambda _sign: CHARACTER), (lambda _sign: _GRID_CELL)


class Scan(NamedTuple):
    """Text by box key as it stands there, and the characters that stand in no box.

    `shift` is how far right and down the page was moved, in points; `places` says which map of the form fitted.
    """

    texts: dict[str, str]
    strays: list[Glyph]
    shift: tuple[float, float]
    places: str


def read_pages(pdf: bytes) -> list[Page]:
    """The values of each page of a PDF. Raises InputError when it is no PDF, or none of claim forms."""
    return [page.values for page in read(pdf)]


def read(pdf: bytes) -> list[Gathered]:
    """The values of each page, with what could not be understood. Raises InputError as `read_pages` does."""
    grid = layout.load()
    found = []
    for number, drawn in enumerate(glyphs.pages(pdf), 1):
        page = values_of(drawn, grid)
        if page is None:
            raise InputError(
                _("Page {number} of this PDF does not look like a CMS-1500.").format(number=number),
                _("Choose a PDF of filled claim forms."),
            )
        found.append(page)
    return found


def values_of(drawn: Sequence[Glyph], grid: Layout) -> Gathered | None:
    """The values of a page from its characters, or None when most of them stand in no box of the form."""
    page = scan(drawn, grid)
    if page.strays and len(page.strays) * 2 > len(drawn):
        return None
    values, problems = gather(page.texts)
    if page.strays:
        text = _("{count} characters stand outside the boxes and were left out. Look at the page.")
        problems.append(warn("read.outside", text.format(count=len(page.strays))))
    return Gathered(values, problems)


def scan(drawn: Sequence[Glyph], grid: Layout) -> Scan:
    """What stands in which box: by the grid when the characters stand on it, else by the map that takes most.

    Small characters are a form's captions or values that were shrunk into their fields; they are values where all that
    is on the page stands in the fields of a form.
    """
    data = [glyph for glyph in drawn if glyph.size >= DATA_SIZE]
    on_grid = _scan_grid(data, grid)
    fits = len(on_grid.strays) <= _FEW * len(data)
    if fits and len(data) == len(drawn):
        return on_grid
    maps: dict[str, Mapping[str, Place]] = {
        known.id: matching.box_map(known.id) for known in matching.known_templates()
    }
    if fits:
        maps = {name: places for name, places in maps.items() if all(_place_of(glyph, places) for glyph in drawn)}
        return _scan_places(drawn, grid, *maps.popitem()) if maps else on_grid
    maps[grid.id] = {key: grid.rect(box) for key, box in grid.boxes.items()}
    lying = [(name, *_lying(drawn, grid, places)) for name, places in maps.items()]
    most = max(agreed for _name, _places, agreed in lying)
    scans = [_scan_places(drawn, grid, name, places) for name, places, agreed in lying if agreed == most]
    return min([on_grid, *scans], key=lambda found: len(found.strays))


# The grid


class _Axis(NamedTuple):
    """One direction of the grid as it lies on the page: where number 0 is, and the pitch."""

    start: float
    pitch: float

    def cell(self, place: float) -> tuple[int, float]:
        """The nearest number, and how many points it is off."""
        number = round((place - self.start) / self.pitch)
        return number, place - self.start - number * self.pitch


def _scan_grid(data: Sequence[Glyph], grid: Layout) -> Scan:
    across = _axis([glyph.x for glyph in data], grid.glyph(0), grid.pitch[0], _pitches(data, grid.pitch[0]))
    pitches = [grid.pitch[1], grid.pitch[1] * across.pitch / grid.pitch[0]]
    down = _axis([glyph.y for glyph in data], grid.baseline(0), grid.pitch[1], pitches)
    cells: dict[tuple[int, int], Glyph] = {}
    strays = []
    for glyph in data:
        (column, right), (line, low) = across.cell(glyph.x), down.cell(glyph.y)
        if max(abs(right), abs(low)) > _ON_GRID or not _is_courier(glyph) or (line, column) in cells:
            strays.append(glyph)
        else:
            cells[line, column] = glyph
    unmoved = max(abs(across.start - grid.glyph(0)), abs(down.start - grid.baseline(0))) < _EXACT
    columns, lines = _whole_cells(cells.keys(), grid, unmoved)
    texts: dict[str, list[str]] = {}
    owners = grid.owners
    for (line, column), glyph in cells.items():
        box = owners.get((line + lines, column + columns))
        if box is None:
            strays.append(glyph)
            continue
        cell = column + columns - box.column
        texts.setdefault(box.key, [" "] * box.width)[cell] = glyph.text
    shift = (
        across.start - columns * across.pitch - grid.glyph(0),
        down.start - lines * down.pitch - grid.baseline(0),
    )
    found = {key: _kept(grid.boxes[key], "".join(signs)) for key, signs in texts.items()}
    return Scan(found, strays, shift, "")


def _kept(box: Box, text: str) -> str:
    return text.rstrip() if box.kind == "free" else text.strip()


def _pitches(data: Sequence[Glyph], pitch: float) -> list[float]:
    """The pitch as it should be, and as the characters of words show it."""
    ordered = sorted(data, key=lambda glyph: (round(glyph.y, 1), glyph.x))
    steps = [two.x - one.x for one, two in pairwise(ordered)]
    near = [step for step in steps if _PITCH[0] * pitch < step < _PITCH[1] * pitch]
    return [pitch, statistics.fmean(near)] if near else [pitch]


def _axis(places: Sequence[float], zero: float, wanted: float, pitches: Iterable[float]) -> _Axis:
    """The axis on which the places agree best; another pitch than the wanted one must be clearly better."""
    best, agreed = _Axis(zero, wanted), 0.0
    for pitch in pitches:
        total = sum((cmath.exp(2j * math.pi * (place - zero) / pitch) for place in places), 0j)
        if abs(total) > agreed + 1e-3 * len(places):
            agreed = abs(total)
            best = _Axis(zero + cmath.phase(total) / (2 * math.pi) * pitch, pitch)
    return best


def _whole_cells(cells: Iterable[tuple[int, int]], grid: Layout, unmoved: bool) -> tuple[int, int]:
    """By how many columns and lines the cells must be moved: fewest outside the boxes, most text at its box's edge,
    and then the smallest move. Blanks in front of a text count as meant on a page that seems `unmoved`."""
    filled = set(cells)
    owners = grid.owners
    best, move = (math.inf, math.inf), (0, 0)
    for columns, lines in _moves(grid):
        moved = ((line + lines, column + columns) for line, column in filled)
        outside = _outside(moved, owners, best[0])
        if outside > best[0]:
            continue
        strict = not unmoved or bool(columns or lines)
        score = outside, _ragged(((line + lines, column + columns) for line, column in filled), owners, strict)
        if score < best:
            best, move = score, (columns, lines)
        if not any(best):
            break
    return move


def _outside(cells: Iterable[tuple[int, int]], owners: Mapping[tuple[int, int], Box], enough: float) -> int:
    """How many cells are in no box, counted until they are too many."""
    count = 0
    for cell in cells:
        if cell not in owners:
            count += 1
            if count > enough:
                break
    return count


def _ragged(cells: Iterable[tuple[int, int]], owners: Mapping[tuple[int, int], Box], strict: bool) -> int:
    """How many boxes have text that does not begin at the left edge, or for money end at the right. Only when
    `strict`, those count whose text may begin with blanks."""
    used: dict[str, list[int]] = {}
    boxes: dict[str, Box] = {}
    for line, column in cells:
        box = owners.get((line, column))
        if box is not None:
            used.setdefault(box.key, []).append(column)
            boxes[box.key] = box
    return sum(
        max(columns) != boxes[key].columns[-1] if boxes[key].kind == "money" else min(columns) != boxes[key].column
        for key, columns in used.items()
        if strict or boxes[key].kind != "free"
    )


def _moves(grid: Layout) -> Iterator[tuple[int, int]]:
    across, down = grid.pitch
    every = ((x, y) for x in range(-_REACH[0], _REACH[0] + 1) for y in range(-_REACH[1], _REACH[1] + 1))
    return iter(sorted(every, key=lambda move: (abs(move[0] * across) + abs(move[1] * down), move)))


# Maps of places


def _lying(drawn: Sequence[Glyph], grid: Layout, places: Mapping[str, Place]) -> tuple[Mapping[str, Place], int]:
    """A map as it lies on the page, and how many of its places have a text that begins where it should.

    Another copy of a form may be moved a little and be larger or smaller; as it is goes before moved.
    """
    starts = _starts(drawn)
    agreed = len(_meeting(starts, grid, places, (0.0, 0.0), _NEAR))
    move = _voted(starts, grid, places)
    pairs = _meeting(starts, grid, places, move, _NEAR_MOVED)
    if len(pairs) >= _PAIRS:
        frame = matching.fitted(pairs)
        moved = {key: frame.rect(Rect(*place)) for key, place in places.items()}
        better = len(_meeting(starts, grid, moved, (0.0, 0.0), _NEAR))
        if agreed < _GOOD * better:  # centred text makes a map that lies right agree a little better when moved
            return moved, better
    return places, agreed


def _starts(drawn: Sequence[Glyph]) -> list[tuple[float, float, float]]:
    """Where words begin: left end, middle of the first letter, middle of its height."""
    lines: dict[int, list[Glyph]] = {}
    for glyph in drawn:
        lines.setdefault(round(glyph.y), []).append(glyph)
    found = []
    for line in lines.values():
        right = -math.inf
        for glyph in sorted(line, key=lambda glyph: glyph.x):
            if glyph.x - right > _WORD_GAP * glyph.size:
                found.append((glyph.x, (glyph.x + glyph.right) / 2, glyph.y - _HALF_CAPITAL * glyph.size))
            right = glyph.right
    return found


def _begins(start: tuple[float, float, float], box: Box, place: Place) -> tuple[float, float]:
    """How far right and down of where a place's text begins a word does: a cross stands in the middle."""
    across = start[1] - (place[0] + place[2]) / 2 if box.kind == "mark" else start[0] - place[0] - _FIELD_MARGIN
    return across, start[2] - (place[1] + place[3]) / 2


def _voted(starts: Sequence[tuple[float, float, float]], grid: Layout, places: Mapping[str, Place]) -> tuple[int, int]:
    """The move of the map, in whole points, that most words agree on."""
    votes: Counter[tuple[int, int]] = Counter()
    for start in starts:
        moves = (_begins(start, grid.boxes[key], place) for key, place in places.items())
        votes.update({(round(x), round(y)) for x, y in moves if abs(x) <= matching.REACH and abs(y) <= matching.REACH})
    around = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    together = {move: sum(votes[move[0] + x, move[1] + y] for x, y in around) for move in list(votes)}
    return max(together, key=lambda move: (together[move], -abs(move[0]) - abs(move[1])), default=(0, 0))


def _meeting(
    starts: Sequence[tuple[float, float, float]],
    grid: Layout,
    places: Mapping[str, Place],
    move: tuple[float, float],
    near: float,
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The places with a word that begins `near` where it should after a `move`: the place's middle, and where it is."""
    found = []
    for key, place in places.items():
        for start in starts:
            across, down = _begins(start, grid.boxes[key], place)
            if abs(across - move[0]) <= near and abs(down - move[1]) <= near:
                middle = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
                found.append((middle, (middle[0] + across, middle[1] + down)))
                break
    return found


def _scan_places(drawn: Sequence[Glyph], grid: Layout, name: str, places: Mapping[str, Place]) -> Scan:
    """Text by the rectangles it stands in, whatever its font."""
    inside: dict[str, list[Glyph]] = {}
    strays = []
    for glyph in drawn:
        key = _place_of(glyph, places)
        if key:
            inside.setdefault(key, []).append(glyph)
        elif glyph.size >= DATA_SIZE:
            strays.append(glyph)
    texts = {key: _kept(grid.boxes[key], _joined(found)) for key, found in inside.items()}
    if name != grid.id or places["19"] != grid.rect(grid.boxes["19"]):  # the text really begins there
        for key, found in inside.items():
            if grid.boxes[key].kind == "free":
                texts[key] = _indent(found, places[key][0]) + texts[key]
    return Scan(texts, strays, (0.0, 0.0), name)


def _place_of(glyph: Glyph, places: Mapping[str, Place]) -> str:
    x, y = (glyph.x + glyph.right) / 2, glyph.y - 0.3 * glyph.size
    around = [
        (abs(y - (top + bottom) / 2), key)
        for key, (left, top, right, bottom) in places.items()
        if left <= x <= right and top <= y <= bottom
    ]
    return min(around)[1] if around else ""


def _joined(found: list[Glyph]) -> str:
    """The text of one place: its lines from the top, blanks where there are gaps."""
    lines: dict[int, list[Glyph]] = {}
    for glyph in found:
        lines.setdefault(round(glyph.y), []).append(glyph)
    return " ".join(_spaced(sorted(line, key=lambda glyph: glyph.x)) for _y, line in sorted(lines.items()))


def _indent(found: list[Glyph], left: float) -> str:
    """The blanks in front of a text, in a field that begins at `left`."""
    first = min(found, key=lambda glyph: glyph.x)
    return " " * max(0, round((first.x - left - _FIELD_MARGIN) / _blank(found)))


def _spaced(line: list[Glyph]) -> str:
    return line[0].text + "".join(" " * count + two.text for count, two in zip(_gaps(line), line[1:], strict=True))


def _gaps(line: list[Glyph]) -> list[int]:
    """How many blanks stand between the characters of a line.

    The steps tell it where they are those of a font that we fill forms with, whatever font another program took
    instead; else the empty room does.
    """
    for advance, blank in ((_COURIER, CHARACTER), (_COURIER_ON_GRID, _GRID_CELL), (_helvetica, _HELVETICA_BLANK)):
        if advance is not _helvetica and not all(map(_is_courier, line)):
            continue
        counts = [((two.x - one.x) / one.size - advance(one.text)) / blank for one, two in pairwise(line)]
        if all(abs(count - round(count)) < _WHOLE and round(count) >= 0 for count in counts):
            return [round(count) for count in counts]
    blank = _blank(line)
    rooms = [(two.x - one.right, two.size) for one, two in pairwise(line)]
    return [max(1, round(room / blank)) if room > _WORD_GAP * size else 0 for room, size in rooms]


def _helvetica(sign: str) -> float:
    """The width of a character in Helvetica, in parts of the size."""
    from app.forms import pdf_file

    return pdf_file.width_of(sign.encode("cp1252", "replace"), "Helv")


def _blank(line: list[Glyph]) -> float:
    """The width of a blank: of Courier when every character is as wide as that, else of Helvetica."""
    return (CHARACTER if all(map(_is_courier, line)) else _HELVETICA_BLANK) * line[0].size


def _is_courier(glyph: Glyph) -> bool:
    return abs((glyph.right - glyph.x) / glyph.size - CHARACTER) < _SAME_WIDTH
