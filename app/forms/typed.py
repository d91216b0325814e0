"""A form that is typed box by box: which value of a page a box holds, and what a person types as that value.

A page is the JSON of docs/VALUES.md; a place in it is a path such as ("24", 1, "charge") or ("3", "dob").
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.billing.money import parse_cents
from app.errors import InputError
from app.forms.layout import Box, Layout
from app.forms.values import CONTINUED, DATE, FORMAT, LETTERS, MONEY, UNNAMED, YES_NO, Page
from app.i18n import date_text, parse_date

Path = tuple[str | int, ...]
_WHOLE = {"carrier": 4}
"""Lists that mean another thing when they are shorter: three lines of the carrier leave its third place blank."""


@dataclass(frozen=True)
class Place:
    """A value of a page that is typed or crossed as one, and its boxes on the form."""

    path: Path
    shape: Any
    boxes: tuple[Box, ...]

    @property
    def crossed(self) -> bool:
        """Whether it is an X in one of its boxes."""
        return self.boxes[0].kind == "mark"


def places(layout: Layout) -> dict[Path, Place]:
    """Every place of a form in the order of the layout."""
    boxes: dict[Path, list[Box]] = {}
    for key, box in layout.boxes.items():
        boxes.setdefault(path_of(key), []).append(box)
    return {path: Place(path, shape_of(path), tuple(own)) for path, own in boxes.items()}


def path_of(key: str) -> Path:
    """The path of a box by its key in the layout: "24.2.from.mm" is ("24", 1, "from"), "25.EIN" ("25", "kind")."""
    item, *rest = key.split(".")
    wanted: Any = FORMAT[item]
    at: list[str | int] = [item]
    while rest and isinstance(wanted, dict | list):
        name = rest[0]
        if isinstance(wanted, list):
            at.append(int(name) - 1)
            wanted, rest = wanted[0], rest[1:]
            continue
        part = _part(wanted, name)
        at.append(part)
        wanted = wanted[part]
        if part == "codes":
            at.append(LETTERS.index(name))
            wanted = wanted[0]
        elif part in {name, "modifiers"}:
            rest = rest[1:]
    return tuple(at)


def _part(wanted: Mapping[str, Any], name: str) -> str:
    """The part of a value that a box's name means."""
    if name in wanted:
        return name
    if name == "modifier":
        return "modifiers"
    if name in LETTERS:
        return "codes"
    return next(part for part in wanted if part in UNNAMED and (part == "lines") is name.isdigit())


def shape_of(path: Path) -> Any:
    """What a place takes, as in `values.FORMAT`."""
    wanted: Any = FORMAT[str(path[0])]
    for step in path[1:]:
        wanted = wanted[0] if isinstance(step, int) else wanted[step]
    return wanted


def value_at(page: Page, path: Path) -> Any:
    """What stands at a place, None where it is blank."""
    found: Any = page
    for step in path:
        if isinstance(step, int):
            found = found[step] if isinstance(found, list) and step < len(found) else None
        else:
            found = found.get(step) if isinstance(found, Mapping) else None
    return found


def put(page: Page, path: Path, value: Any) -> Page:
    """The page with a value at a place; blank ("" or None) leaves nothing there."""
    made = copy.deepcopy(page)
    _put(made, path, value)
    return _tidy(made)


def _put(holder: Any, path: Path, value: Any) -> None:
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        blank: Any = {} if rest else ""
        while len(holder) <= step:
            holder.append(copy.copy(blank))
    if not rest:
        holder[step] = "" if value is None else value
        return
    if not isinstance(step, int):
        holder.setdefault(step, [] if isinstance(rest[0], int) else {})
    _put(holder[step], rest, value)


def _tidy(page: Page) -> Page:
    """Without blanks, but with the holes that keep the later ones in their places."""
    kept = {}
    for item, value in page.items():
        tidied = _without_blanks(value)
        if tidied in (None, "", [], {}):
            continue
        whole = _WHOLE.get(item, 0)
        if whole and len(tidied) == whole - 1:
            tidied = [*tidied, ""]
        kept[item] = tidied
    return kept


def _without_blanks(value: Any) -> Any:
    if isinstance(value, dict):
        tidied = {key: _without_blanks(part) for key, part in value.items()}
        return {key: part for key, part in tidied.items() if part not in (None, "", [], {})}
    if isinstance(value, list):
        parts = [_without_blanks(part) for part in value]
        while parts and parts[-1] in ("", {}):
            parts.pop()
        return parts
    return value


# Typing


def readable(place: Place, text: str, *, today: dt.date) -> bool:
    """Whether what is typed can be read as the place wants it; nothing can always be."""
    return not text.strip() or _read(place, text, today) is not None


def read(place: Place, text: str, *, today: dt.date) -> str:
    """The value of what is typed: dates as 2026-11-21, amounts as 120.00; what cannot be read stays as typed."""
    text = text.strip()
    return (_read(place, text, today) or text) if text else ""


def _read(place: Place, text: str, today: dt.date) -> str | None:
    try:
        if place.shape is DATE:
            return parse_date(text, today=today, past=place.path[-1] == "dob").isoformat()
        if place.shape is MONEY and text.strip().upper() != CONTINUED:
            cents = parse_cents(text)
            return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
    except InputError:
        return None
    return text.upper() if place.shape is MONEY else text


def shown(place: Place, value: Any) -> str:
    """A value as it is typed again: a date as 11/21/2026."""
    text = "" if value is None else str(value)
    try:
        return date_text(dt.date.fromisoformat(text)) if place.shape is DATE and text else text
    except ValueError:
        return text


def choices(place: Place) -> Sequence[Any]:
    """What may be crossed at a place, in the order of its boxes."""
    names = [box.key.rpartition(".")[2] for box in place.boxes]
    return [name == "yes" for name in names] if place.shape is YES_NO else names


def next_choice(place: Place, value: Any) -> Any:
    """The choice after this one, beginning with the first; blank after the last."""
    offered = [*choices(place), None]
    known = value if value in offered else None
    return offered[(offered.index(known) + 1) % len(offered)]
