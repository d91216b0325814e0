"""ICD-10-CM by date of service: search as one types, and whether a code may be used on a day.

The lists are compressed resources. On first use they become a search file in the cache folder (SQLite, full text),
which is made anew when a list changes. Rows are numbered by how likely they are wanted, so that the first 500 hits of
the index are the best ones, and only these are ranked for the words typed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sqlcipher3 import dbapi2

from app import paths
from app.billing.ids import ICD10
from app.errors import UserError
from app.i18n import _, date_text
from app.store import icd10_notes
from app.store import icd10_releases as releases
from app.store.icd10_releases import OPEN, Imported
from app.store.icd10_tables import Progress, fill, fold

_sqlite: Any = dbapi2  # its names come from C; used without a key: the lists are public

_SCHEMA = "2"
_CANDIDATES = 500
_SHORT = 2
_LONGEST_PREFIX = 3
_FEW_TERMS = 40
_MOST_SUCCESSORS = 50
_FEW_SUCCESSORS = 6
_SHORTEST, _LONGEST = 4, 7
"""A code with a seventh character and its X left out has five characters or more."""
_MOST_WORDS = 60
"""More than any code has."""
_REMEMBERED = 16_384
"""Answers kept in memory: a clinic uses some dozens of codes on a few hundred days."""
_STOP_WORDS = frozenset(("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"))
_CODE_BEGUN = re.compile(r"[A-Z]([0-9A][0-9A-Z]{0,5})?")


class Code(NamedTuple):
    """A code over the days that it is in force. `code` has its dot; `valid_to` None means until further notice."""

    code: str
    title: str
    billable: bool
    valid_from: dt.date
    valid_to: dt.date | None


@dataclass(frozen=True, kw_only=True)
class CodeStatus:
    """What is known of a code on a date of service.

    `valid`: it may be used on that day. `billable`: it is complete, whatever the day. `title` is empty for a code
    that never was. `successors` are codes to use on that day instead; `sided` those for right and left, when a valid
    code leaves the side open.
    """

    code: str
    date: dt.date
    valid: bool
    billable: bool
    title: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    successors: tuple[Code, ...] = ()
    sided: tuple[Code, ...] = ()

    @property
    def lacks_seventh(self) -> bool:
        """Whether nothing but the seventh character is missing or wrong."""
        stem = _stem(ICD10.compact(self.code))
        return bool(self.successors) and all(ICD10.compact(each.code)[:-1] == stem for each in self.successors)

    @property
    def sentence(self) -> str:
        """What is so and what to do, in one line, without the code."""
        if self.valid:
            return self.title
        if not self.title:
            text = _("It is not an ICD-10-CM code.")
        elif self.valid_from and self.date < self.valid_from:
            text = _("{title}: in force only from {date}.").format(title=self.title, date=date_text(self.valid_from))
        elif self.valid_to and self.date > self.valid_to:
            text = _("{title}: ended on {date}.").format(title=self.title, date=date_text(self.valid_to))
        else:
            text = _("{title}: not complete, needs more characters.").format(title=self.title)
        if 0 < len(self.successors) <= _FEW_SUCCESSORS:
            codes = ", ".join(successor.code for successor in self.successors)
            return f"{text} {_('Choose from {codes}.').format(codes=codes)}"
        return f"{text} {_('Choose another code.') if self.title else _('Look it up by its words.')}"


def search(text: str, *, date: dt.date, limit: int = 20, progress: Progress | None = None) -> list[Code]:
    """Codes in force on `date` that begin with `text` or hold its words, best first: see Book.search."""
    return _ask(lambda found: found.search(text, date=date, limit=limit), progress)


def check(code: str, date: dt.date, *, progress: Progress | None = None) -> CodeStatus:
    """Whether `code` may be used on `date`: see Book.check."""
    return _ask(lambda found: found.check(code, date), progress)


def excludes1(code: str, other: str, date: dt.date) -> str | None:
    """Why two codes are not coded together, or None: see Book.excludes1."""
    return _ask(lambda found: found.excludes1(code, other, date), None)


Answer = TypeVar("Answer")


def _ask(question: Callable[[Book], Answer], progress: Progress | None) -> Answer:
    """The answer of the search file, made anew once when it turns out to be damaged."""
    try:
        return question(book(progress))
    except _sqlite.DatabaseError:
        close()
        for path in paths.cache_dir().glob("icd10cm-*.sqlite"):
            path.unlink()
        return question(book(progress))


def title(code: str, date: dt.date) -> str | None:
    """The words of a code, or None when it may not be used on `date`."""
    status = check(code, date)
    return status.title if status.valid else None


def connection() -> Any:
    """The search file itself, read-only, for measuring."""
    return book().connection


def import_release(source: Path | bytes, *, name: str = "", effective: dt.date | None = None) -> Imported:
    """Add a newer release, kept in the user's data folder: see releases.keep.

    The next search makes the search file anew; `book` does so at once.
    """
    result = releases.keep(source, paths.data_dir(), name=name, effective=effective)
    if result.kept:
        close()
    return result


_opened: list[Book] = []
_opening = threading.Lock()


def book(progress: Progress | None = None) -> Book:
    """The search file of this user, made when it is missing (a few seconds, told to `progress`)."""
    with _opening:
        if not _opened:
            _opened.append(open_book(paths.cache_dir(), paths.data_dir(), progress))
        return _opened[0]


def is_open() -> bool:
    """Whether a search answers at once, without making or opening the file first."""
    return bool(_opened)


def close() -> None:
    """Close the search file; the next search opens it again."""
    with _opening:
        while _opened:
            _opened.pop().close()


def open_book(cache: Path, data: Path, progress: Progress | None = None) -> Book:
    """The search file that came with the program, else the one in `cache`, made anew when that is missing, outdated or
    damaged."""
    name = _file_name(data)
    path = cache.joinpath(name)
    for ready in (_shipped(name), path):
        if ready.is_file():
            found = Book(ready)
            if found.is_whole():
                return found
            found.close()
    try:
        build(path, data, progress or (lambda done, total: None))
    except (_sqlite.DatabaseError, OSError):
        raise UserError(
            _("The ICD-10 codes cannot be made ready for searching."), _("Free some space on the disk and try again.")
        ) from None
    for old in cache.glob("icd10cm-*.sqlite"):
        if old != path:
            with contextlib.suppress(OSError):
                old.unlink()
    return Book(path)


def ship(folder: Path) -> Path:
    """Make the search file of the program's own list in `folder`, for the installed program to bring along."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder.joinpath(_file_name(folder))
    build(path, folder, lambda done, total: None)
    return path


def _file_name(data: Path) -> str:
    return f"icd10cm-{releases.fingerprint(data, _SCHEMA)}.sqlite"


def _shipped(name: str) -> Path:
    return paths.resource("codes", "icd10cm", name)


class Book:
    """An open search file; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self.connection = _sqlite.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self._lock = threading.Lock()
        self._known = lru_cache(_REMEMBERED)(self._look_up)
        self._spans = lru_cache(_REMEMBERED)(self._spans_of)
        self._between = lru_cache(_REMEMBERED)(self._note_between)
        self._sides = lru_cache(_REMEMBERED)(self._sides_of)

    def close(self) -> None:
        """Let the file go."""
        self.connection.close()

    def is_whole(self) -> bool:
        """Whether the file was finished and can be read."""
        try:
            return bool(self._rows("SELECT 1 FROM finished"))
        except _sqlite.DatabaseError:
            return False

    def _rows(self, sql: str, values: Iterable[object] = ()) -> list[Any]:
        with self._lock:
            return list(self.connection.execute(sql, tuple(values)).fetchall())

    def search(self, text: str, *, date: dt.date, limit: int = 20) -> list[Code]:
        """Codes in force on `date`, at most `limit`: first those that begin with `text` (with or without the dot),
        then those whose title, inclusion terms, index entries or everyday names hold every word of it.

        Each word may be unfinished. Complete codes come before incomplete ones, what massage sees often before the
        rest, whole words before beginnings, short titles before long ones. Signs such as * and % mean nothing.
        """
        day = date.isoformat()
        found = {row[0]: row for row in self._by_code(text, day, limit)}
        if len(found) < limit:
            for row in self._by_words(fold(text).split(), day):
                found.setdefault(row[0], row)
        return [_code(row) for row in list(found.values())[:limit]]

    def _by_code(self, text: str, day: str, limit: int) -> list[Any]:
        begun = ICD10.compact(text)
        if _CODE_BEGUN.fullmatch(begun) is None:
            return []
        if len(begun) <= _SHORT:  # thousands begin so: take the likeliest, which come first by id
            return self._rows(
                "SELECT code, title, billable, first, last FROM code"
                f" WHERE substr(code, 1, {len(begun)}) = ? AND billable AND first <= ? AND last >= ?"
                " ORDER BY id LIMIT ?",
                (begun, day, day, limit),
            )
        return self._rows(
            "SELECT code, title, billable, first, last FROM code"
            " WHERE code >= ? AND code < ? AND first <= ? AND last >= ?"
            " ORDER BY NOT billable, common, code LIMIT ?",
            (begun, f"{begun}~", day, day, limit),
        )

    def _by_words(self, words: list[str], day: str) -> list[Any]:
        words = [word for word in dict.fromkeys(words) if word not in _STOP_WORDS] or words
        if len(words) > _MOST_WORDS:
            return []
        wanted = [self._begins(word) for word in words]
        if not words or not all(wanted):
            return []
        rows = self._rows(
            "SELECT code, title, billable, first, last, common, folded, size"
            " FROM words JOIN code ON code.id = words.rowid"
            " WHERE words MATCH ? AND first <= ? AND last >= ? ORDER BY words.rowid LIMIT ?",
            (" AND ".join(wanted), day, day, _CANDIDATES),
        )
        whole, begun = [f" {word} " for word in words], [f" {word}" for word in words]

        def rank(row: Any) -> tuple[object, ...]:
            folded: str = row[6]
            misses = sum(word not in folded for word in whole) + sum(word not in folded for word in begun)
            return not row[2], row[5], misses, row[7], row[0]

        return sorted(rows, key=rank)

    def _begins(self, word: str) -> str:
        """What to ask the index for a word or its beginning; empty when there is no such word.

        Named in full where they are few: the index walks those lists only as far as it must, while for a beginning
        that is longer than its own prefix lists it first gathers them all ("unspecifie" would take 30,000 rows).
        """
        if len(word) <= _LONGEST_PREFIX:
            return f'"{word}"*'
        terms = self._rows(
            "SELECT term FROM term WHERE term >= ? AND term < ? LIMIT ?", (word, f"{word}~", _FEW_TERMS + 1)
        )
        if len(terms) > _FEW_TERMS:
            return f'"{word}"*'
        return f"({' OR '.join(row[0] for row in terms)})" if terms else ""

    def check(self, code: str, date: dt.date) -> CodeStatus:
        """Whether `code`, with or without its dot, may be used on `date`, and what to use instead."""
        return self._known(ICD10.compact(code), date)

    def _look_up(self, compact: str, date: dt.date) -> CodeStatus:
        day = date.isoformat()
        rows = self._spans(compact)
        written = ICD10.format(compact)
        if not rows:
            return CodeStatus(
                code=written, date=date, valid=False, billable=False, title="", valid_from=None, valid_to=None,
                successors=tuple(self._completed(compact, day)),
            )  # fmt: skip
        begun = [row for row in rows if row[3] <= day]
        row = begun[-1] if begun else rows[0]
        known = _code(row)
        in_force = known.valid_from <= date and (known.valid_to is None or date <= known.valid_to)
        valid = in_force and known.billable
        return CodeStatus(
            code=written, date=date, valid=valid, billable=known.billable, title=known.title,
            valid_from=known.valid_from, valid_to=known.valid_to,
            successors=() if valid else tuple(self._instead(compact, day)),
            sided=tuple(_code(each) for each in self._sides(compact, row[5]) if valid and each[3] <= day <= each[4]),
        )  # fmt: skip

    def _spans_of(self, code: str) -> list[Any]:
        """Every span of days of a code, oldest first."""
        sql = "SELECT code, title, billable, first, last, folded FROM code WHERE code = ? ORDER BY first"
        return self._rows(sql, (code,))

    def _completed(self, code: str, day: str) -> Iterator[Code]:
        """For what is no code: the codes that it may mean, had it the right X and seventh character."""
        stem = _stem(code[:-1].rstrip("X"))
        found = self._billable(stem, f"{stem}~", day) if _SHORTEST < len(code) <= _LONGEST else []
        yield from map(_code, [row for row in found if row[0][-1] == code[-1]] or found)

    def _sides_of(self, code: str, folded: str) -> list[Any]:
        """The codes for right and left beside one that leaves the side open: one word of their titles differs."""
        words = folded.split()
        if "unspecified" not in words:
            return []
        words.remove("unspecified")
        wanted = [sorted([*words, side]) for side in ("right", "left")]
        rows = self._rows(
            "SELECT code, title, billable, first, last, folded FROM code"
            " WHERE code BETWEEN ? AND ? AND billable AND length(code) = ? AND substr(code, 7) = ? ORDER BY code",
            (code[:4], f"{code[:4]}~", len(code), code[6:]),
        )
        return [row for row in rows if sorted(row[5].split()) in wanted]

    def excludes1(self, code: str, other: str, date: dt.date) -> str | None:
        """The Excludes1 note, of the tabular list of 2026-04-01, by which two codes are not coded together.

        "M54.5 excludes low back strain (S39.012)"; None when there is none, or when one of the codes was not in force
        on `date`. The official guidelines make an exception of conditions that have nothing to do with each other.
        """
        one, two = ICD10.compact(code), ICD10.compact(other)
        if one == two or not (self._known(one, date).valid and self._known(two, date).valid):
            return None
        found = self._between(one, two)
        return _("{code} excludes {note}").format(code=ICD10.format(found[0]), note=found[1]) if found else None

    def _note_between(self, one: str, two: str) -> tuple[str, str] | None:
        """The code that bears the note, and the note."""
        for bearing, borne in ((one, two), (two, one)):
            for bearer, first, last, note in self._notes_of(bearing):
                if icd10_notes.covers(first, last, borne):
                    return bearer, note
        return None

    def _notes_of(self, code: str) -> list[Any]:
        """The notes of a code and of all above it, the nearest first."""
        above = [code[:length] for length in range(len(code), 2, -1)]
        return self._rows(
            f"SELECT bearer, first, last, note FROM excluded WHERE bearer IN ({','.join('?' * len(above))})"
            " ORDER BY length(bearer) DESC, rowid",
            above,
        )

    def _instead(self, code: str, day: str) -> Iterator[Code]:
        """Codes to use on `day` instead: what the code was replaced by (or had replaced), else its complete forms."""
        seen, edge = {code}, [code]
        found: list[Any] = []
        while edge and not found:
            marks = ",".join("?" * len(edge))
            pairs = self._rows(
                f"SELECT new FROM successor WHERE old IN ({marks})"
                f" UNION SELECT old FROM successor WHERE new IN ({marks})",
                (*edge, *edge),
            )
            edge = [row[0] for row in pairs if row[0] not in seen]
            seen.update(edge)
            found = [row for step in edge for row in self._billable(step, step, day)]
        yield from map(_code, found or self._billable(code, f"{code}~", day))

    def _billable(self, first: str, last: str, day: str) -> list[Any]:
        return self._rows(
            "SELECT code, title, billable, first, last FROM code WHERE code BETWEEN ? AND ?"
            " AND billable AND first <= ? AND last >= ? ORDER BY code LIMIT ?",
            (first, last, day, day, _MOST_SUCCESSORS),
        )


def _stem(code: str) -> str:
    """The six characters before the seventh."""
    return code.ljust(6, "X")


def _code(row: Any) -> Code:
    code, title, billable, first, last = row[:5]
    valid_to = None if last == OPEN else dt.date.fromisoformat(last)
    return Code(ICD10.format(code), title, bool(billable), dt.date.fromisoformat(first), valid_to)


def build(path: Path, data: Path, progress: Progress) -> None:
    """Write the search file beside `path` and put it there when it is whole; `data` holds the added releases."""
    rows = releases.all_rows(data)
    draft = path.with_suffix(f".{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    try:
        with contextlib.closing(_sqlite.connect(str(draft), isolation_level=None)) as connection:
            fill(connection, rows, progress)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    progress(len(rows), len(rows))
