"""Pairs of codes that are not paid together, and the most units of a code a day: the public NCCI edits as values.

CMS publishes both each quarter for practitioners. Which quarter a program has is data (`store/ncci.py`); here is only
what they say on a date of service. Indicators of a pair: 0, no modifier opens it; 1, a modifier for a separate service
does; 9, it does not apply. Indicators of a cap: 1 a line, 2 a day by policy, 3 a day, judged on review.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

NEVER, SEPARATE, NOT_APPLIED = 0, 1, 9
"""Indicators of a pair."""
_QUARTER = re.compile(r"(20\d\d) ?Q([1-4])", re.ASCII | re.IGNORECASE)


class Quarter(NamedTuple):
    """A quarter of the public files; they change each January, April, July and October."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year} Q{self.number}"

    @property
    def first(self) -> dt.date:
        """Its first day."""
        return dt.date(self.year, 3 * self.number - 2, 1)

    @property
    def last(self) -> dt.date:
        """Its last day."""
        following = Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)
        return following.first - dt.timedelta(days=1)

    @classmethod
    def of(cls, date: dt.date) -> Quarter:
        """The quarter of a date."""
        return cls(date.year, (date.month + 2) // 3)

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """`2026Q4` or `2026 Q4`. Raises ValueError."""
        match = _QUARTER.fullmatch(text.strip())
        if match is None:
            raise ValueError("not a quarter")
        return cls(int(match[1]), int(match[2]))


@dataclass(frozen=True, slots=True)
class PairEdit:
    """Two codes of one day: `column1` is paid, `column2` is not, or only as a separate service.

    In force from `effective` (None: longer than is known) to `deletion`, its last day (None: still).
    """

    column1: str
    column2: str
    indicator: int
    effective: dt.date | None = None
    deletion: dt.date | None = None

    def in_force(self, date: dt.date) -> bool:
        """Whether the pair counts on a date of service."""
        begun = self.effective is None or self.effective <= date
        return begun and (self.deletion is None or date <= self.deletion) and self.indicator != NOT_APPLIED


@dataclass(frozen=True, slots=True)
class UnitCap:
    """The most `units` of a code a day (or a line, by `indicator`). 0 units: the code is not paid by itself."""

    code: str
    units: int
    indicator: int
    effective: dt.date


class Edits:
    """The pairs and caps of a quarter each, asked by date of service."""

    def __init__(
        self, pairs: Iterable[PairEdit], caps: Iterable[UnitCap], pairs_quarter: str, caps_quarter: str
    ) -> None:
        self.pairs_quarter = pairs_quarter
        self.caps_quarter = caps_quarter
        self._pairs: dict[tuple[str, str], list[PairEdit]] = {}
        self._caps = {cap.code: cap for cap in caps}
        for edit in pairs:
            self._pairs.setdefault(_key(edit.column1, edit.column2), []).append(edit)

    def pair(self, one: str, other: str, date: dt.date) -> PairEdit | None:
        """What counts for two codes, in either order, on a date; the stricter one where there are two."""
        found = [edit for edit in self._pairs.get(_key(one, other), ()) if edit.in_force(date)]
        return min(found, key=lambda edit: edit.indicator) if found else None

    def pairs_among(self, codes: Iterable[str], date: dt.date) -> list[PairEdit]:
        """Every pair that counts among the codes of one day, in the order of the codes."""
        found = (self.pair(one, other, date) for one, other in combinations(dict.fromkeys(codes), 2))
        return [edit for edit in found if edit is not None]

    def pairs_with(self, code: str, date: dt.date) -> list[PairEdit]:
        """Every pair of a code that counts on a date, by its codes."""
        found = (self.pair(one, other, date) for one, other in self._pairs if code in (one, other))
        return sorted((edit for edit in found if edit is not None), key=lambda edit: (edit.column1, edit.column2))

    def cap(self, code: str) -> UnitCap | None:
        """The cap of a code; None where none is known."""
        return self._caps.get(code)


def _key(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)
