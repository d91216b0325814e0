"""Excludes1 notes of the tabular list: which diagnoses are not coded together.

A note stands under a code, a block (M50-M54) or a chapter, and names codes in parentheses: "low back strain (S39.012)".
Only what is such a list of codes and ranges is taken. A condition in words ("M51.- with fifth character 4") or no code
at all ("see injury of spine by body region") is left to the person, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

_CODE = r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?"
_GROUP = re.compile(r"\(([^()]*)\)")
_ITEM = re.compile(rf"({_CODE})(?:\.?-(?!\w))?(?:\s?-\s?({_CODE})(?:\.?-)?)?")
_LIST = re.compile(rf"{_ITEM.pattern}(?:,\s*{_ITEM.pattern})*[,\s]*")
_CHAPTERS = {"CH4": "E00-E89", "CH15": "O00-O9A"}
"""Chapters whose notes name codes."""


class Excluded(NamedTuple):
    """Under `bearer` (a code and all below it) a note excludes the codes whose beginnings lie from `first` to `last`.
    Codes have no dot."""

    bearer: str
    first: str
    last: str
    note: str


def excluded(notes: Iterable[tuple[str, str]], categories: Collection[str]) -> Iterator[Excluded]:
    """What notes (bearer, text) exclude. Blocks and chapters become those of their `categories` (M50, M51 …)."""
    for written, note in notes:
        for bearer in _bearers(_CHAPTERS.get(written, written), categories):
            for first, last in _named(note):
                yield Excluded(bearer, first, last, note)


def _bearers(written: str, categories: Collection[str]) -> list[str]:
    first, dash, last = written.partition("-")
    return [category for category in categories if first <= category <= last] if dash else [written]


def _named(note: str) -> Iterator[tuple[str, str]]:
    """Each code or range in the parentheses of a note, from its first to its last beginning."""
    for group in _GROUP.findall(note):
        if _LIST.fullmatch(group):
            for first, last in _ITEM.findall(group):
                yield first.replace(".", ""), (last or first).replace(".", "")


def covers(first: str, last: str, code: str) -> bool:
    """Whether a code without dot lies under the codes from `first` to `last`."""
    return first <= code and code[: len(last)] <= last
