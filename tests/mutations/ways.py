"""Ways to break one thing in a clean claim of the demo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from app.billing.records import (
    Authorization,
    Case,
    ClaimBundle,
    Policy,
    Visit,
)

TODAY = dt.date(2026, 11, 21)
HEALTH, AUTO, WORK, NINE, SPOUSE = "Applewhite", "Fennimore", "Quill", "Marsh", "Câmara-Holt"
"""The demo's claims by the client's last name: a health plan with referral and authorization, an auto accident, an
injury at work, nine lines on two pages, and one insured through a spouse with a second plan behind."""


@dataclass(frozen=True)
class Clean:
    """A claim, the client's sessions that are not on it, and those of other clients at the same time."""

    bundle: ClaimBundle
    others: tuple[Visit, ...]
    meanwhile: tuple[Visit, ...] = ()


Change = Callable[[Clean], Clean]


class Break(NamedTuple):
    """One row: `name` is what is wrong, `claim` the one it is done to, `code` the problem that must come.

    `also` are further codes that the same mistake may rightly raise; what else warns or blocks is a false alarm.
    """

    name: str
    claim: str
    how: Change
    code: str
    also: tuple[str, ...] = ()


# --- ways to change one thing ---------------------------------------------------------------------------------------

_NEW: dict[str, Any] = {"case": Case(id=90), "authorization": Authorization(id=91), "secondary": Policy(id=92)}


def _part(name: str) -> Callable[..., Change]:
    def changes(**fields: Any) -> Change:
        def change(clean: Clean) -> Clean:
            record: Any = getattr(clean.bundle, name) or replace(_NEW[name], client_id=clean.bundle.client.id)
            changed: dict[str, Any] = {name: replace(record, **fields)}
            return replace(clean, bundle=replace(clean.bundle, **changed))

        return change

    return changes


practice, provider, client = _part("practice"), _part("provider"), _part("client")
payer, policy, other_plan = _part("payer"), _part("policy"), _part("secondary")
referral, authorization, case, claim = _part("referral"), _part("authorization"), _part("case"), _part("claim")


def without(name: str) -> Change:
    """The claim without one of its records."""
    gone: dict[str, Any] = {name: None}
    return lambda clean: replace(clean, bundle=replace(clean.bundle, **gone))


def both(*changes: Change) -> Change:
    """Changes that are one mistake only together."""

    def change(clean: Clean) -> Clean:
        for each in changes:
            clean = each(clean)
        return clean

    return change


def session(number: int = 1, **fields: Any) -> Change:
    """A session of the claim, from 1."""

    def change(clean: Clean) -> Clean:
        visits = list(clean.bundle.visits)
        visits[number - 1] = replace(visits[number - 1], **fields)
        return replace(clean, bundle=replace(clean.bundle, visits=tuple(visits)))

    return change


def sessions(**fields: Any) -> Change:
    """All sessions of the claim alike."""
    return lambda clean: replace(
        clean, bundle=replace(clean.bundle, visits=tuple(replace(visit, **fields) for visit in clean.bundle.visits))
    )


def line(number: int = 1, **fields: Any) -> Change:
    """A line of item 24, from 1."""

    def change(clean: Clean) -> Clean:
        wanted = clean.bundle.claim.line_ids[number - 1]
        visits = tuple(
            replace(visit, lines=tuple(replace(ln, **fields) if ln.id == wanted else ln for ln in visit.lines))
            for visit in clean.bundle.visits
        )
        return replace(clean, bundle=replace(clean.bundle, visits=visits))

    return change


def lines(**fields: Any) -> Change:
    """All lines of the claim alike."""

    def change(clean: Clean) -> Clean:
        for number in range(1, len(clean.bundle.claim.line_ids) + 1):
            clean = line(number, **fields)(clean)
        return clean

    return change


def one_more_line(number: int = 1, **fields: Any) -> Change:
    """A line more in a session: a copy of its first, changed, and on the claim."""

    def change(clean: Clean) -> Clean:
        visit = clean.bundle.visits[number - 1]
        added = replace(visit.lines[0], id=9000 + number, **fields)
        ids = list(clean.bundle.claim.line_ids)
        ids.insert(ids.index(visit.lines[-1].id or 0) + 1, 9000 + number)
        grown = session(number, lines=(*visit.lines, added))(clean)
        return claim(line_ids=tuple(ids))(grown)

    return change


def elsewhere(**fields: Any) -> Change:
    """Another session of the same client, on the day of the claim's first one unless a date is given."""

    def change(clean: Clean) -> Clean:
        visit = replace(clean.bundle.visits[0], **({"id": 9100, "start": None} | fields))
        return replace(clean, others=(*clean.others, visit))

    return change


def another_client(**fields: Any) -> Change:
    """A session of another client at the time of the claim's first one."""

    def change(clean: Clean) -> Clean:
        return replace(clean, meanwhile=(replace(clean.bundle.visits[0], id=9100, client_id=999, **fields),))

    return change


def day(month: int, date: int, year: int = 2026) -> dt.date:
    return dt.date(year, month, date)


FUTURE = day(12, 1)
TEXT = "text.too-long"
"""What the paper says of a text that its box does not hold."""
