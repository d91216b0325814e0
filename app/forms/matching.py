"""Which box of the layout goes into which field of a payer's PDF: known by name, found by place, or given by hand."""

from __future__ import annotations

import functools
import hashlib
import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from types import MappingProxyType
from typing import Any

from app import paths
from app.errors import InputError
from app.forms import guarded
from app.forms import layout as layouts
from app.forms.layout import Box, Layout
from app.forms.template import Field, FormPage, Rect
from app.i18n import _

Match = Mapping[str, tuple[str, ...]]
"""Box key → the fields it goes into, by `Field.ref`. Several fields divide an amount: dollars, then cents. No field
at all (an empty tuple) means by hand: print it at its place on the grid."""

_ENOUGH = 50  # boxes that find a field before a page counts as a claim form (it has over 250)
_KNOWN = 0.9  # share of a known template's fields that a PDF must have, at their places
_MARKS = 12  # check boxes that a form must have for its place to be judged by them
_AGREE = 0.6  # share of the fields that must agree on one place of the grid
REACH = 9.0  # points a frame may be moved against the grid; copies in use differ by up to 6
_NEAR = 6.0  # points between the centres of a box and its check box
_CARRIER_ENDS = 90.0  # points: the payer's address stands above


@dataclass(frozen=True, slots=True)
class Frame:
    """How the grid lies on a template: x' = x·scale + shift, the same for y. Points."""

    x_scale: float = 1.0
    x_shift: float = 0.0
    y_scale: float = 1.0
    y_shift: float = 0.0

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A place of the grid, on the template."""
        return x * self.x_scale + self.x_shift, y * self.y_scale + self.y_shift

    def rect(self, rect: tuple[float, float, float, float]) -> Rect:
        """A box of the grid, on the template."""
        return Rect(*self.point(rect[0], rect[1]), *self.point(rect[2], rect[3]))


@dataclass(frozen=True, eq=False)
class Template:
    """A payer's form, clean and understood. `id` is empty unless it is one of ours; `sha256` is the original file's.

    `page` is the bare page as a PDF, `fields` what can be filled, `mapping` where each box goes, `frame` how the
    grid lies on it.
    """

    id: str
    sha256: str
    page: bytes
    width: float
    height: float
    fields: Mapping[str, Field]
    mapping: Match
    frame: Frame

    @property
    def known(self) -> bool:
        """Whether its fields' names are known (else they were matched by place, which a person should confirm)."""
        return bool(self.id)

    @property
    def form(self) -> FormPage:
        """What `understood` made it from, as far as it is needed."""
        return FormPage(self.page, self.width, self.height, tuple(self.fields.values()))

    def without_field(self, grid: Layout) -> list[str]:
        """The boxes, by key, that found no field."""
        return [key for key in grid.boxes if key not in self.mapping]

    def unused(self) -> list[Field]:
        """The fields that serve no box."""
        used = {ref for refs in self.mapping.values() for ref in refs}
        return [field for ref, field in self.fields.items() if ref not in used]


@functools.lru_cache(maxsize=4)
def load_template(data: bytes) -> Template:
    """The claim form in a payer's PDF. Raises InputError when it cannot be used (see `guarded.read_forms`)."""
    return understood(guarded.read_forms(data), hashlib.sha256(data).hexdigest())


def understood(forms: Iterable[FormPage], sha256: str = "") -> Template:
    """The one of a PDF's clean pages that is a claim form, matched; `sha256` is the original file's.

    Raises InputError when none of them is one.
    """
    grid = layouts.load()
    found = [_template(form, sha256, grid) for form in forms]
    best = max(found, key=lambda template: len(template.mapping))
    if len(best.mapping) < _ENOUGH:
        raise InputError(
            _("No page of the PDF looks like a CMS-1500 claim form with fields."),
            _("Choose the payer's fillable CMS-1500 (02/12)."),
        )
    return best


def _template(form: FormPage, sha256: str, grid: Layout) -> Template:
    fields = {field.ref: field for field in form.fields}
    for known in known_templates():
        mapping = known.mapping(fields)
        if mapping is not None:
            kept = {ref: fields[ref] for refs in mapping.values() for ref in refs}
            frame = fitted(_centres(grid, mapping, kept))
            return Template(known.id, sha256, form.page, form.width, form.height, kept, mapping, frame)
    frame, mapping = by_place(form, grid)
    return Template("", sha256, form.page, form.width, form.height, fields, mapping, frame)


# By name


@dataclass(frozen=True)
class KnownTemplate:
    """A template of `resources/cms1500/templates`: each box's field and its place."""

    id: str
    boxes: Mapping[str, tuple[str, Rect]]

    def mapping(self, fields: Mapping[str, Field]) -> Match | None:
        """Box key → field, or None when these are not the fields of this template."""
        there = {
            key: (ref,) for key, (ref, rect) in self.boxes.items() if ref in fields and _close(rect, fields[ref].rect)
        }
        return MappingProxyType(there) if len(there) >= _KNOWN * len(self.boxes) else None


def _close(one: Rect, other: Rect) -> bool:
    (x, y), (u, v) = one.centre, other.centre
    return abs(x - u) <= REACH and abs(y - v) <= REACH


@functools.cache
def known_templates() -> tuple[KnownTemplate, ...]:
    """The templates this program knows by the names of their fields."""
    found = []
    for path in sorted(paths.resource("cms1500", "templates").glob("*.toml")):
        data = tomllib.loads(path.read_text("utf-8"))
        rows = data["texts"] | data["marks"]
        found.append(KnownTemplate(data["id"], {key: (row["field"], Rect(*row["rect"])) for key, row in rows.items()}))
    return tuple(found)


@functools.cache
def box_map(template_id: str) -> Mapping[str, Rect]:
    """Where each box's text stands on a flat page of a known template, in points from the top left.

    A box without a field is at its place on the grid. The second line of item 19 is where the whole item is.
    Raises InputError for a template that is not known.
    """
    known = next((known for known in known_templates() if known.id == template_id), None)
    if known is None:
        raise InputError(_("There is no template “{name}”.").format(name=template_id))
    grid = layouts.load()
    places = {key: rect for key, (_ref, rect) in known.boxes.items()}
    pairs = [(_middle(grid, box), places[key].centre) for key, box in grid.boxes.items() if box.kind == "mark"]
    frame = fitted(pairs)
    free = {key: frame.rect(grid.rect(box)) for key, box in grid.boxes.items() if key not in places}
    del places["19.caption"]
    return MappingProxyType(places | free)


# By place

Pairs = Sequence[tuple[tuple[float, float], tuple[float, float]]]
"""Places on the grid and the same places on the template."""


def by_place(form: FormPage, grid: Layout) -> tuple[Frame, Match]:
    """How the grid lies on an unknown form, and each box's field there; boxes that find none are left out.

    Nothing is matched when the fields do not agree on one place of the grid.
    """
    frame = _frame(form, grid)
    if frame is None:
        return Frame(), MappingProxyType({})
    boxes = {key: frame.rect(grid.rect(box)) for key, box in grid.boxes.items()}
    marks = [field for field in form.fields if field.kind == "mark"]
    texts = [field for field in form.fields if field.kind == "text"]
    found: dict[str, tuple[str, ...]] = {}
    found |= _marks(grid, boxes, marks, texts)
    taken = {ref for refs in found.values() for ref in refs}
    found |= _carrier([field for field in texts if field.ref not in taken], frame)
    taken |= {ref for refs in found.values() for ref in refs}
    found |= _texts(grid, boxes, [field for field in texts if field.ref not in taken])
    if "19" in found:
        found.setdefault("19.caption", found["19"])
    return frame, MappingProxyType({key: found[key] for key in grid.boxes if key in found})


def _frame(form: FormPage, grid: Layout) -> Frame | None:
    """The shift and scale of the grid, from the check boxes, which stand exactly; else a shift from the text fields.

    None when the fields do not agree: what lies a line or a column off would match wrongly.
    """
    scale = Frame(form.width / grid.page[0], 0.0, form.height / grid.page[1], 0.0)
    plain = [_middle(grid, box) for box in grid.boxes.values() if box.kind == "mark"]
    marks = [field.rect.centre for field in form.fields if field.kind == "mark"]
    if len(marks) >= _MARKS:
        pairs = _voted([scale.point(*place) for place in plain], marks)
        agree = len(pairs) >= _AGREE * min(len(marks), len(plain))
        return fitted([(plain[one], place) for one, place in pairs]) if agree else None
    texts = [scale.rect(grid.rect(box)) for box in grid.boxes.values() if box.kind != "mark"]
    starts = [(rect.left, rect.centre[1]) for rect in texts]
    ends = [(field.rect.left + 1.0, field.rect.centre[1]) for field in form.fields if field.kind == "text"]
    pairs = _voted(starts, ends)
    if len(pairs) < max(_ENOUGH, _AGREE * len(ends)):
        return None
    x = fmean(place[0] - starts[one][0] for one, place in pairs)
    y = fmean(place[1] - starts[one][1] for one, place in pairs)
    return Frame(scale.x_scale, x, scale.y_scale, y)


def _voted(
    ours: Sequence[tuple[float, float]], theirs: Sequence[tuple[float, float]]
) -> list[tuple[int, tuple[float, float]]]:
    """The pairs that agree on one shift: the shift that most pairs come close to wins."""
    near = [
        (x - u, y - v, one, (x, y))
        for one, (u, v) in enumerate(ours)
        for x, y in theirs
        if abs(x - u) <= REACH and abs(y - v) <= REACH
    ]
    best: list[tuple[int, tuple[float, float]]] = []
    for x, y in sorted({(round(dx), round(dy)) for dx, dy, _one, _place in near}):
        agreeing = {one: place for dx, dy, one, place in near if abs(dx - x) <= 2.5 and abs(dy - y) <= 2.5}
        if len(agreeing) > len(best):
            best = list(agreeing.items())
    return best


def fitted(pairs: Pairs) -> Frame:
    """The frame that brings the first places nearest to the second (least squares, x and y apart)."""
    return Frame(
        *_line([one[0] for one, _two in pairs], [two[0] for _one, two in pairs]),
        *_line([one[1] for one, _two in pairs], [two[1] for _one, two in pairs]),
    )


def _line(xs: Sequence[float], ys: Sequence[float]) -> tuple[float, float]:
    middle_x, middle_y = fmean(xs), fmean(ys)
    spread = sum((x - middle_x) ** 2 for x in xs)
    scale = sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True)) / spread if spread else 1.0
    return scale, middle_y - scale * middle_x


def _middle(grid: Layout, box: Box) -> tuple[float, float]:
    return Rect(*grid.rect(box)).centre


def _centres(grid: Layout, mapping: Match, fields: Mapping[str, Field]) -> Pairs:
    return [
        (_middle(grid, grid.boxes[key]), fields[refs[0]].rect.centre)
        for key, refs in mapping.items()
        if grid.boxes[key].kind == "mark"
    ]


def _marks(
    grid: Layout, boxes: Mapping[str, Rect], marks: Iterable[Field], texts: Iterable[Field]
) -> dict[str, tuple[str, ...]]:
    """Check boxes by their centres; a small text field over the place serves as well."""
    small = [field for field in texts if field.rect.width <= 20 and field.rect.height <= 20]
    pairs = []
    for key, rect in boxes.items():
        if grid.boxes[key].kind != "mark":
            continue
        x, y = rect.centre
        for field in [*marks, *small]:
            u, v = field.rect.centre
            distance = max(abs(x - u), abs(y - v))
            if distance <= _NEAR:
                pairs.append((distance + (field.kind == "text") * _NEAR, key, field.ref))
    found: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for _distance, key, ref in sorted(pairs):
        if key not in found and ref not in taken:
            found[key] = (ref,)
            taken.add(ref)
    return found


def _carrier(texts: Iterable[Field], frame: Frame) -> dict[str, tuple[str, ...]]:
    """The payer's address: its block stands anywhere right of the title, so its wide fields are taken in order."""
    ends = frame.point(0, _CARRIER_ENDS)[1]
    above = [field for field in texts if field.rect.bottom <= ends and field.rect.width >= 120]
    lines = [field.ref for field in sorted(above, key=lambda field: field.rect.top)]
    keys = [f"carrier.{number}" for number in (1, 2, 3, 4)]
    if len(lines) == 1:
        return dict.fromkeys(keys, (lines[0],))
    if len(lines) == 3:  # without a second line of the address
        keys.remove("carrier.3")
    return {key: (ref,) for key, ref in zip(keys, lines, strict=False)}


def _texts(grid: Layout, boxes: Mapping[str, Rect], texts: Sequence[Field]) -> dict[str, tuple[str, ...]]:
    """Text fields by the share they cover of a box, best first. Boxes share a field only within an item's line."""
    pairs = []
    for key, rect in boxes.items():
        if grid.boxes[key].kind != "mark" and not key.startswith("carrier."):
            pairs += [(score, key, field.ref) for field in texts if (score := _score(rect, field)) > 0]
    found: dict[str, tuple[str, ...]] = {}
    sharing: dict[str, Box] = {}
    fields = {field.ref: field for field in texts}
    for _value, key, ref in sorted(pairs, key=lambda pair: (-pair[0], pair[1:])):
        box, other = grid.boxes[key], sharing.get(ref)
        together = other is None or (other.item == box.item and (other.line == box.line or fields[ref].multiline))
        if key not in found and together:
            found[key] = (ref,)
            sharing.setdefault(ref, box)
    for key in [key for key in found if grid.boxes[key].kind == "money"]:
        if pair := _dollars_and_cents(boxes[key], [field for field in texts if field.ref not in sharing], found[key]):
            found[key] = pair(fields)
    return found


def _score(box: Rect, field: Field) -> float:
    """How well a field serves a box: 0 not at all, 1 the same place."""
    rect = field.rect
    across = min(box.right, rect.right) - max(box.left, rect.left)
    if across < 0.5 * min(box.width, rect.width):
        return 0.0
    down = min(box.bottom, rect.bottom) - max(box.top, rect.top)
    apart = abs(box.centre[1] - rect.centre[1])
    if down < 0.4 * min(box.height, rect.height) and (apart > 10 or field.rect.height > 16):
        return 0.0
    width = max(box.right, rect.right) - min(box.left, rect.left)
    return max(down / min(box.height, rect.height), 0.01) * across / width


def _dollars_and_cents(
    box: Rect, free: Iterable[Field], found: tuple[str, ...]
) -> Callable[[Mapping[str, Field]], tuple[str, ...]] | None:
    """An amount in two fields: another one, not taken, stands in the same box."""
    beside = [
        field.ref
        for field in free
        if abs(field.rect.centre[1] - box.centre[1]) <= _NEAR
        and box.left - _NEAR <= field.rect.left
        and field.rect.right <= box.right + _NEAR
    ]
    if len(beside) != 1:
        return None
    return lambda fields: tuple(sorted((*found, *beside), key=lambda ref: fields[ref].rect.left))


# By hand


def read_mapping(data: bytes) -> dict[str, str | list[str]]:
    """A mapping file (JSON or TOML): box key = field, a list of dollars and cents, or "" for the grid.

    It is laid over the template's own match, so it needs only what that has wrong. Raises InputError for a file
    that is neither; whether box and field exist is for `by_hand` to say.
    """
    try:
        text = data.decode("utf-8-sig")
        found = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        return dict(_flattened(found))
    except (ValueError, RecursionError):
        raise InputError(
            _("The mapping file cannot be read."), _('Write TOML or JSON with lines such as "1a" = "insurance_id".')
        ) from None


def _flattened(given: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, str | list[str]]]:
    """Keys and fields; `24.1.charge = …` without quotes makes tables in TOML, which are joined again."""
    for key, value in given.items():
        if isinstance(value, dict):
            yield from _flattened(value, f"{before}{key}.")
        elif isinstance(value, str) or (isinstance(value, list) and value and all(isinstance(v, str) for v in value)):
            yield before + key, value
        else:
            raise InputError(_("The mapping file gives no field name for “{key}”.").format(key=before + key))


def by_hand(given: Mapping[str, str | Sequence[str]], template: Template, grid: Layout) -> Match:
    """What a person says about the match, checked. Raises InputError, which names the box or the field."""
    found = {key: _checked(key, value, template, grid) for key, value in given.items()}
    claimed = {ref: key for key, refs in found.items() for ref in refs}
    for other, refs in template.mapping.items():
        key = next((claimed[ref] for ref in refs if ref in claimed), other)
        if other not in found and grid.boxes[other].item != grid.boxes[key].item:
            raise InputError(
                _("The mapping file gives {key} the field of {other}.").format(key=key, other=other),
                _('Say in it where {other} goes ("" is its place on the grid).').format(other=other),
            )
    return found


def _checked(key: str, value: str | Sequence[str], template: Template, grid: Layout) -> tuple[str, ...]:
    refs = (value,) if isinstance(value, str) else tuple(value)
    box = grid.boxes.get(key)
    if box is None:
        raise InputError(
            _("The mapping file names the box “{key}”, which the form does not have.").format(key=key),
            _("Keys are such as 1a, 5.street, 24.1.charge."),
        )
    if refs == ("",):
        return ()
    for ref in refs:
        if ref not in template.fields:
            raise InputError(
                _("The mapping file names the field “{field}” for {key}, which the PDF does not have.").format(
                    field=ref, key=key
                ),
                _("A check box is its field's name, “=” and the name of its ticked state."),
            )
        if template.fields[ref].kind == "mark" and box.kind != "mark":
            raise InputError(_("The mapping file puts {key} into a check box; it needs a text field.").format(key=key))
    if len(refs) > 1 and (box.kind != "money" or len(refs) > 2):
        raise InputError(
            _("The mapping file gives several fields to {key}.").format(key=key),
            _("Only an amount can be divided: one field for dollars, one for cents."),
        )
    return refs


def mapping_text(template: Template) -> str:
    """The match as a mapping file (TOML) to be looked over and corrected; fields that serve no box at its end."""
    lines = []
    for key, refs in template.mapping.items():
        value = json.dumps(refs[0]) if len(refs) == 1 else json.dumps(list(refs))
        lines.append(f"{json.dumps(key)} = {value}")
    lines += [f"# unused: {json.dumps(field.ref)}" for field in template.unused()]
    return "\n".join(lines) + "\n"
