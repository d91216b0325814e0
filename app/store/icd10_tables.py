"""The tables of the ICD-10 search file, and what they are filled with. How they are asked stands in icd10.py."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from app.store import icd10_notes
from app.store import icd10_releases as releases
from app.store.icd10_releases import Row

Progress = Callable[[int, int], object]
"""Is told how many of how many steps are done."""

_CHUNK = 4000
_NOT_COMMON = 10_000
_SIBLING = re.compile(r"(?i)\s*\b(right|left|bilateral|initial|subsequent|encounter|sequela)\b")
_WORD = re.compile(r"[a-z0-9]+")


def fold(text: str) -> str:
    """Small letters without accents and apostrophes, one blank between words and one on either side."""
    plain = unicodedata.normalize("NFKD", text) if not text.isascii() else text
    plain = plain.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign)) if not plain.isascii() else plain
    return f" {' '.join(_WORD.findall(plain.lower()))} "


_TABLES = (
    "PRAGMA page_size = 8192",
    "PRAGMA journal_mode = OFF",  # the file is thrown away when it is not finished
    "PRAGMA synchronous = OFF",
    "PRAGMA cache_size = -65536",
    "BEGIN",
    "CREATE TABLE code (id INTEGER PRIMARY KEY, code TEXT NOT NULL, title TEXT NOT NULL, folded TEXT NOT NULL,"
    " size INTEGER NOT NULL, billable INTEGER NOT NULL, common INTEGER NOT NULL,"
    " first TEXT NOT NULL, last TEXT NOT NULL)",
    "CREATE VIRTUAL TABLE words USING fts5"
    " (text, content='', detail=none, columnsize=0, tokenize='ascii', prefix='1 2 3')",
    "CREATE TABLE term (term TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE successor (old TEXT NOT NULL, new TEXT NOT NULL)",
    "CREATE TABLE excluded (bearer TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, note TEXT NOT NULL)",
)
_INDEXES = (
    "CREATE INDEX code_code ON code (code)",
    "CREATE INDEX code_1 ON code (substr(code, 1, 1), id)",
    "CREATE INDEX code_2 ON code (substr(code, 1, 2), id)",
    "CREATE INDEX successor_old ON successor (old, new)",
    "CREATE INDEX successor_new ON successor (new, old)",
    "CREATE INDEX excluded_bearer ON excluded (bearer)",
    "CREATE TABLE finished (at INTEGER)",
    "INSERT INTO finished VALUES (1)",
    "COMMIT",
)


def fill(connection: Any, rows: list[Row], progress: Progress) -> None:
    """All rows, in the order in which they are likely wanted, then the indexes."""
    total = len(rows)
    progress(0, total)
    common = {code: place for place, (code,) in enumerate(releases.table("common.csv"))}
    terms = _terms()
    for statement in _TABLES:
        connection.execute(statement)
    ranked = sorted((_common(row.code, common), not row.billable, _size(row.title), row) for row in rows)
    vocabulary: set[str] = set()
    for start in range(0, total, _CHUNK):
        codes, texts = [], []
        for number, (place, __, size, row) in enumerate(ranked[start : start + _CHUNK], start=start + 1):
            folded = fold(row.title)
            codes.append((number, row.code, row.title, folded, size, int(row.billable), place, row.first, row.last))
            words = _searchable(row.code, folded, terms)
            vocabulary |= words
            texts.append((number, " ".join(sorted(words))))
        connection.executemany("INSERT INTO code VALUES (?,?,?,?,?,?,?,?,?)", codes)
        connection.executemany("INSERT INTO words (rowid, text) VALUES (?,?)", texts)
        progress(start * 9 // 10, total)
    connection.executemany("INSERT INTO term VALUES (?)", ((word,) for word in sorted(vocabulary)))
    connection.executemany(
        "INSERT INTO successor VALUES (?,?)", ((old, new) for old, new, __ in releases.table("successors.csv.xz"))
    )
    categories = sorted({row.code for row in rows if len(row.code) == 3})
    written = ((code, text) for code, kind, text in releases.table("terms.csv.xz") if kind == "excludes1")
    connection.executemany("INSERT INTO excluded VALUES (?,?,?,?)", icd10_notes.excluded(written, categories))
    for statement in _INDEXES:
        connection.execute(statement)


def _terms() -> dict[str, set[str]]:
    """Words of inclusion terms, index entries and everyday names, by the code that they lead to."""
    terms: dict[str, set[str]] = {}
    for code, kind, text in releases.table("terms.csv.xz"):
        if kind == "inclusion":
            terms.setdefault(code, set()).update(fold(text).split())
    for code, text in releases.table("index.csv.xz"):
        terms.setdefault(code, set()).update(fold(text).split())
    for text, code in releases.table("lay_terms.csv"):
        terms.setdefault(code, set()).update(fold(text).split())
    return terms


def _searchable(code: str, folded: str, terms: dict[str, set[str]]) -> set[str]:
    """All words that lead to a code: of its title, its own terms, and those of the categories above it."""
    words = set(folded.split())
    for length in range(3, len(code) + 1):
        words |= terms.get(code[:length], set())
    return words


def _size(title: str) -> int:
    """The length of a title without what its siblings differ in, so that they stay in the order of their codes."""
    return len(_SIBLING.sub("", title))


def _common(code: str, common: dict[str, int]) -> int:
    """The place of a code among what massage sees often, counted by its beginning."""
    places = (common[code[:length]] for length in range(3, len(code) + 1) if code[:length] in common)
    return min(places, default=_NOT_COMMON)
