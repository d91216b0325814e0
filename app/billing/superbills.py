"""The lines and totals of a superbill: what was done, charged, paid, and what is still open. All money in cents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from app.billing.claims import in_order, paid_by_line, union
from app.billing.records import ServiceLine, Visit


@dataclass(frozen=True, kw_only=True)
class SuperbillLine:
    """One service on one exact date. `pointers` are letters of the superbill's own list of diagnoses."""

    visit: Visit
    line: ServiceLine
    date: dt.date | None
    pointers: str
    charge: int
    paid: int

    @property
    def unit_fee(self) -> int | None:
        """The price of a unit, or None where the charge is not a whole multiple of it."""
        whole = self.line.units > 0 and self.charge % self.line.units == 0
        return self.charge // self.line.units if whole else None


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Charged, paid and open; `balance` is below 0 when more was paid than charged."""

    charge: int
    paid: int

    @property
    def balance(self) -> int:
        """What is still open."""
        return self.charge - self.paid

    @property
    def paid_in_full(self) -> bool:
        """Whether nothing is open. An insurer may refuse a superbill that is not paid."""
        return self.balance <= 0


@dataclass(frozen=True, kw_only=True)
class Summary:
    """All of it: diagnoses in order of first use, lines in order of date, totals."""

    diagnoses: tuple[str, ...]
    lines: tuple[SuperbillLine, ...]
    totals: Totals


def summary(visits: Iterable[Visit]) -> Summary:
    """What a superbill of `visits` says. Tips and fees for missed sessions are no service lines and never appear.

    Payments are shown by line as `claims.paid_by_line` shares them out; the totals are of the visits.
    """
    visits = in_order(visits)
    line_ids = {line.id for visit in visits for line in visit.lines if line.id is not None}
    diagnoses, pointers = union(visits, line_ids)
    paid = paid_by_line(visits)
    lines = tuple(
        SuperbillLine(
            visit=visit, line=line, date=visit.date, pointers=pointers[line.id], charge=line.charge, paid=paid[line.id]
        )
        for visit in visits
        for line in visit.lines
        if line.id is not None
    )
    return Summary(diagnoses=diagnoses, lines=lines, totals=totals(visits))


def totals(visits: Iterable[Visit]) -> Totals:
    """What the visits cost together and what was paid for them."""
    visits = list(visits)
    return Totals(
        charge=sum(line.charge for visit in visits for line in visit.lines), paid=sum(visit.paid for visit in visits)
    )
