"""Clients, payers and fees from CSV: first judged row by row, then kept in one operation that can be undone.

A file is read twice, so that a million rows need little memory. Nothing is guessed in silence: the columns, encoding
and separator are shown; an empty cell changes nothing; a row that cannot be read, or may be someone else, is refused
with its line and the reason.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sqlalchemy.orm import Session

from app.billing.records import Client, Fee, FeeSchedule, Payer
from app.errors import InputError, UserError
from app.i18n import _
from app.store import clients, convert, csv_columns, csv_read, payers
from app.store.csv_columns import Column
from app.store.csv_read import Form
from app.store.search import folded

MOST_SHOWN, MOST_REFUSED, _AT_ONCE = 500, 5_000, 1_000
_JUNK = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff]+")
_GUARDED = re.compile(r"'[=+\-@]")


class What(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Change(NamedTuple):
    """A field's value before and after, in words."""

    title: str
    before: str
    after: str


class Judged(NamedTuple):
    """A row: its line, what becomes of it, whom it is about, what changes, and why it is refused."""

    line: int
    what: What
    title: str
    changes: tuple[Change, ...] = ()
    reason: str = ""
    record: Any = None


class StoppedError(UserError):
    """The import was cancelled; nothing of it is kept."""


@dataclass
class Preview:
    """What an import would do. `rows` are the first of each kind, `refused` those that stay outside."""

    path: Path
    form: Form
    headings: tuple[str, ...]
    mapping: Mapping[int, str]
    stamp: tuple[int, int]
    counts: Counter[What] = field(default_factory=Counter)
    rows: list[Judged] = field(default_factory=list)
    refused: list[Judged] = field(default_factory=list)
    cleaned: int = 0

    def add(self, row: Judged) -> None:
        """Count a row, and remember it while there are not too many."""
        self.counts[row.what] += 1
        plain = row._replace(record=None)
        if row.what is What.REFUSED and len(self.refused) < MOST_REFUSED:
            self.refused.append(plain)
        elif row.what in {What.NEW, What.CHANGED} and self.counts[row.what] <= MOST_SHOWN:
            self.rows.append(plain)

    @property
    def to_keep(self) -> int:
        """How many rows are new or changed."""
        return self.counts[What.NEW] + self.counts[What.CHANGED]


class Kind(Protocol):
    """A list that can be brought in: it knows what is kept already, and judges a row against it."""

    def judge(self, line: int, values: dict[str, Any]) -> Judged:
        """What the values, by key, would do. Raises InputError for a row that is refused."""

    def keep(self, s: Session, row: Judged) -> None:
        """Keep a new or changed row."""

    def finish(self, s: Session) -> None:
        """After the last row."""


# --- Clients ----------------------------------------------------------------------------------------------------------


class _Clients:
    def __init__(self, s: Session, columns: Sequence[Column]) -> None:
        self._columns = {column.key: column for column in columns}
        known = convert.load(s, Client)
        self._by_number = {one.number: one for one in known}
        self._by_name: dict[tuple[str, str], list[Client]] = {}
        for one in known:
            self._by_name.setdefault(_name(one), []).append(one)
        self._seen: dict[int, int] = {}
        self._new: list[Client] = []

    def judge(self, line: int, values: dict[str, Any]) -> Judged:
        whole = values.pop("full_name", "")
        if whole:
            last, comma, first = whole.partition(",")
            if not comma:
                raise InputError(_("The name has no comma."), _("Write it as Last, First, or in two columns."))
            values = {"last_name": last.strip(), "first_name": first.strip(), **values}
        typed = Client(**values)
        before = self._before(typed)
        record = replace(before or Client(), **values)
        if not record.last_name:
            raise InputError(_("There is no last name."), _("Type it, or name the column that holds it."))
        self._once(line, typed, before)
        title = ", ".join(part for part in (record.last_name, record.first_name) if part)
        return _judged(line, title, (before, record), values, self._columns)

    def _before(self, typed: Client) -> Client | None:
        """The client whom a row means. Raises InputError when that cannot be told."""
        if typed.number and typed.number in self._by_number:
            known = self._by_number[typed.number]
            if typed.last_name and _name(typed) != _name(known) and typed.birth_date != known.birth_date:
                wrong = _("Client {number} has another name and birth date.").format(number=known.number)
                raise InputError(wrong, _("Check the number, or leave it empty."))
            return known
        alike = self._by_name.get(_name(typed), []) if typed.last_name else []
        same = [one for one in alike if one.birth_date == typed.birth_date is not None]
        if typed.number and same:
            wrong = _("Client {number} has the same name and birth date.").format(number=same[0].number)
            raise InputError(wrong, _("Use that number, or leave it empty."))
        if len(same) == 1:
            return same[0]
        if same or any(one.birth_date is None or typed.birth_date is None for one in alike):
            wrong = _("This may be client {number}, who has the same name.").format(number=(same or alike)[0].number)
            raise InputError(wrong, _("Give the client number."))
        return None

    def _once(self, line: int, typed: Client, before: Client | None) -> None:
        marks = [hash(typed.number)] if typed.number else []
        marks += [hash((_name(typed), typed.birth_date))] if typed.birth_date else []
        marks += [hash(("id", before.id))] if before else []
        first = next((self._seen[mark] for mark in marks if mark in self._seen), None)
        if first is not None:
            raise InputError(_("The same client as in line {line}.").format(line=first), _("Keep one of the two."))
        self._seen.update(dict.fromkeys(marks, line))

    def keep(self, s: Session, row: Judged) -> None:
        if row.record.id is not None:
            clients.save_client(s, row.record)
            return
        self._new.append(row.record)
        if len(self._new) >= _AT_ONCE:
            self.finish(s)

    def finish(self, s: Session) -> None:
        clients.add_clients(s, self._new)
        self._new.clear()


def _name(one: Client) -> tuple[str, str]:
    return folded(one.last_name), folded(one.first_name)


# --- Payers -----------------------------------------------------------------------------------------------------------


class _Payers:
    def __init__(self, s: Session, columns: Sequence[Column]) -> None:
        self._columns = {column.key: column for column in columns}
        self._known: dict[str, list[Payer]] = {}
        for one in payers.payers(s, archived=True):
            self._known.setdefault(folded(one.name), []).append(one)
        self._seen: dict[str, int] = {}

    def judge(self, line: int, values: dict[str, Any]) -> Judged:
        name = folded(values.get("name", ""))
        if not name:
            raise InputError(_("The payer has no name."), _("Type it as on the card."))
        if name in self._seen:
            sentence = _("The same payer as in line {line}.").format(line=self._seen[name])
            raise InputError(sentence, _("Keep one of the two."))
        self._seen[name] = line
        same = self._known.get(name, [])
        if len(same) > 1:
            raise InputError(_("Several payers have this name."), _("Change it on the page of payers."))
        before = same[0] if same else None
        record = replace(before or Payer(unit_rule=None), **values)
        return _judged(line, record.name, (before, record), values, self._columns)

    def keep(self, s: Session, row: Judged) -> None:
        payers.save_payer(s, row.record)

    def finish(self, s: Session) -> None:
        """Nothing is left."""


# --- Fees -------------------------------------------------------------------------------------------------------------


class _Fees:
    """A row is one code of a schedule: everyone's, or a payer's, from a date on."""

    def __init__(self, s: Session, columns: Sequence[Column]) -> None:
        self._columns = {column.key: column for column in columns}
        self._payers = {folded(one.name): one for one in payers.payers(s, archived=True)}
        self._known = {(one.payer_id, one.valid_from): one for one in payers.fee_schedules(s)}
        self._changed: dict[tuple[int | None, dt.date | None], FeeSchedule] = {}
        self._seen: dict[tuple[Any, ...], int] = {}

    def judge(self, line: int, values: dict[str, Any]) -> Judged:
        payer = self._payers.get(folded(values.get("payer", "")))
        if values.get("payer") and payer is None:
            raise InputError(_("There is no payer of this name."), _("Add the payer first, or leave it empty."))
        if "code" not in values:
            raise InputError(_("There is no code."), _("Type it, or name the column that holds it."))
        place = (payer.id if payer else None, values.get("valid_from"))
        mark = (*place, values["code"])
        if mark in self._seen:
            sentence = _("The same code of the same schedule as in line {line}.").format(line=self._seen[mark])
            raise InputError(sentence, _("Keep one of the two."))
        self._seen[mark] = line
        schedule = self._known.get(place)
        before = next((fee for fee in schedule.fees if fee.code == values["code"]), None) if schedule else None
        own = {key: value for key, value in values.items() if key in {"code", "label", "amount", "timed"}}
        fee = replace(before or Fee(), **own)
        begun = schedule or FeeSchedule(name=values.get("schedule", ""), payer_id=place[0], valid_from=place[1])
        titles = [fee.code, payer.name if payer else _("everyone"), self._columns["valid_from"].show(place[1])]
        judged = _judged(line, ", ".join(filter(None, titles)), (before, fee), own, self._columns)
        return judged._replace(record=(place, begun, fee))

    def keep(self, s: Session, row: Judged) -> None:
        place, begun, fee = row.record
        now = self._changed.get(place, begun)
        others = tuple(one for one in now.fees if one.code != fee.code)
        at = next((n for n, one in enumerate(now.fees) if one.code == fee.code), len(now.fees))
        self._changed[place] = replace(now, fees=(*others[:at], fee, *others[at:]))

    def finish(self, s: Session) -> None:
        for schedule in self._changed.values():
            payers.save_fee_schedule(s, schedule)


# --- The whole --------------------------------------------------------------------------------------------------------


def _judged(
    line: int, title: str, records: tuple[Any, Any], values: Mapping[str, Any], columns: Mapping[str, Column]
) -> Judged:
    before, record = records
    changes = tuple(
        Change(columns[key].title, columns[key].show(getattr(before, key)) if before else "",
               columns[key].show(getattr(record, key)))
        for key in values
        if before is None or getattr(before, key) != getattr(record, key)
    )  # fmt: skip
    what = What.NEW if before is None else What.CHANGED if changes else What.UNCHANGED
    return Judged(line, what, title, changes, record=record)


class List(NamedTuple):
    """One of the lists: its words, its columns, how its rows are judged."""

    title: str
    columns: Callable[[dt.date], list[Column]]
    kind: Callable[[Session, Sequence[Column]], Kind]


LISTS: Mapping[str, List] = {
    "clients": List(_("Clients"), csv_columns.of_clients, _Clients),
    "payers": List(_("Payers"), csv_columns.of_payers, _Payers),
    "fees": List(_("Fees"), csv_columns.of_fees, _Fees),
}


def headings(path: Path, form: Form) -> tuple[str, ...]:
    """The names of the columns, from the first row. Raises InputError."""
    for __, cells in csv_read.rows(path, form):
        return tuple(_JUNK.sub(" ", cell).strip() for cell in cells)
    raise InputError(_("The file has no rows."), _("Choose a file whose first line names its columns."))


def preview(
    s: Session, name: str, path: Path, *, today: dt.date, form: Form | None = None,
    mapping: Mapping[int, str] | None = None, told: Callable[[int, int], bool] = lambda at, size: True,
) -> Preview:  # fmt: skip
    """What bringing in the file would do. `form` and `mapping` are guessed where they are not given.

    Raises InputError for a file that cannot be read or has no column that is known, StoppedError when `told` says so.
    """
    form = form or csv_read.guess(path)
    heads = headings(path, form)
    columns = LISTS[name].columns(today)
    chosen = dict(csv_columns.guess(columns, heads) if mapping is None else mapping)
    made = Preview(path, form, heads, chosen, _stamp(path))
    for row in _walk(made, LISTS[name].kind(s, columns), columns, told):
        made.add(row)
    return made


def apply(
    s: Session, name: str, seen: Preview, *, today: dt.date,
    told: Callable[[int, int], bool] = lambda at, size: True,
) -> Preview:  # fmt: skip
    """Keep what the preview showed; answers what was done. Raises InputError when the file changed since."""
    if _stamp(seen.path) != seen.stamp:
        raise InputError(_("The file has changed since it was looked at."), _("Look at it again."))
    columns = LISTS[name].columns(today)
    kind = LISTS[name].kind(s, columns)
    done = replace(seen, counts=Counter(), rows=[], refused=[], cleaned=0)
    for row in _walk(done, kind, columns, told):
        done.add(row)
        if row.what in {What.NEW, What.CHANGED}:
            kind.keep(s, row)
    kind.finish(s)
    return done


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        raise InputError(_("The file cannot be read."), _("Check the folder and the name.")) from None
    return found.st_size, found.st_mtime_ns


def _walk(made: Preview, kind: Kind, columns: Sequence[Column], told: Callable[[int, int], bool]) -> Iterator[Judged]:
    by_key = {column.key: column for column in columns}
    places = [(at, by_key[key]) for at, key in made.mapping.items() if key]
    if not places:
        raise InputError(_("No column of the file is known."), _("Say which column holds what."))
    stopped = False

    def goes_on(at: int, size: int) -> bool:
        nonlocal stopped
        stopped = not told(at, size)
        return not stopped

    lines = csv_read.rows(made.path, made.form, goes_on)
    next(lines, None)
    for line, cells in lines:
        try:
            yield kind.judge(line, _values(made, places, cells))
        except InputError as error:
            title = " ".join(cells[at].strip() for at, __ in places[:3] if at < len(cells))
            yield Judged(line, What.REFUSED, _JUNK.sub(" ", title).strip()[:60], reason=str(error))
    if stopped:
        raise StoppedError(_("The import was cancelled. Nothing was changed."))


def _values(made: Preview, places: Sequence[tuple[int, Column]], cells: Sequence[str]) -> dict[str, Any]:
    """What the cells say, by key; empty cells say nothing."""
    if len(cells) > len(made.headings) and any(cell.strip() for cell in cells[len(made.headings) :]):
        raise InputError(
            _("The row has more cells than the first line."), _("Look for a separator inside a cell without quotes.")
        )
    values: dict[str, Any] = {}
    cleaned = False
    for at, column in places:
        raw = cells[at] if at < len(cells) else ""
        text = _JUNK.sub(" ", raw).strip()
        cleaned = cleaned or text != raw.strip()
        if _GUARDED.match(text):
            text = text[1:]
        if not text:
            continue
        if "\ufffd" in text:
            wrong = _("{column}: a character cannot be read.").format(column=column.title)
            raise InputError(wrong, _("Choose another encoding."))
        try:
            values[column.key] = column.read(text)
        except InputError as error:
            raise InputError(f"{column.title}: {error}") from None
    made.cleaned += cleaned
    return values


# --- Going out --------------------------------------------------------------------------------------------------------


def table(s: Session, name: str, *, today: dt.date) -> tuple[list[str], Iterator[list[str]]]:
    """Headings and rows of a list, as `preview` reads them back."""
    columns = [column for column in LISTS[name].columns(today) if column.key != "full_name"]
    return [column.title for column in columns], (
        [column.show(each[column.key]) for column in columns] for each in _all(s, name)
    )


def _all(s: Session, name: str) -> Iterator[Mapping[str, Any]]:
    if name == "fees":
        names = {one.id: one.name for one in payers.payers(s, archived=True)}
        for schedule in payers.fee_schedules(s):
            whose = {"schedule": schedule.name, "payer": names.get(schedule.payer_id, ""),
                     "valid_from": schedule.valid_from}  # fmt: skip
            yield from ({**vars(fee), **whose} for fee in schedule.fees)
        return
    found: Sequence[Any] = payers.payers(s, archived=True) if name == "payers" else convert.load(s, Client)
    yield from (vars(one) for one in found)
