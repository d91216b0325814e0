"""Referrals and authorizations as a ledger: what they allow, what is used, what is left, until when.

Only sessions that took place count. One visit is one date of a client, however many lines or sessions it has. Windows
include both their days. Dollars are counted as charged, the only figure known before a payer answers. Visits on the
same referral that others gave (`used_elsewhere`) are used, too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from app.billing.deadlines import add_months
from app.billing.problems import Problem, warn
from app.billing.records import Authorization, Practice, Referral, Visit, VisitStatus
from app.i18n import _, ngettext

Grant = TypeVar("Grant", Referral, Authorization)


@dataclass(frozen=True)
class Thresholds:
    """When to warn: this many visits or fewer left, fewer units than this, this many days or fewer."""

    visits: int = 2
    units: int = 10
    days: int = 7


def thresholds(practice: Practice) -> Thresholds:
    """The practice's own."""
    return Thresholds(visits=practice.low_visits, units=practice.low_units, days=practice.low_days)


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What a referral or authorization allows and what is used. Limits of 0 were not given; money is in cents.
    `visits_used` are all, `visits_elsewhere` those of them that others gave."""

    visits_allowed: int
    visits_used: int
    visits_elsewhere: int
    units_allowed: int
    units_used: int
    dollars_allowed: int
    dollars_used: int
    first: dt.date | None
    last: dt.date | None

    @property
    def visits_left(self) -> int | None:
        """Visits left, below 0 when overdrawn; None without a limit."""
        return self.visits_allowed - self.visits_used if self.visits_allowed else None

    @property
    def units_left(self) -> int | None:
        """Units left, likewise."""
        return self.units_allowed - self.units_used if self.units_allowed else None

    @property
    def dollars_left(self) -> int | None:
        """Cents left, likewise."""
        return self.dollars_allowed - self.dollars_used if self.dollars_allowed else None

    @property
    def has_room(self) -> bool:
        """Whether another visit may begin: nothing that has a limit is used up."""
        return all(left is None or left > 0 for left in (self.visits_left, self.units_left, self.dollars_left))

    @property
    def overdrawn(self) -> bool:
        """Whether more is used than was allowed."""
        return any(left is not None and left < 0 for left in (self.visits_left, self.units_left, self.dollars_left))

    def covers(self, date: dt.date) -> bool:
        """Whether `date` lies within the window; a missing end is open."""
        return (self.first is None or self.first <= date) and (self.last is None or date <= self.last)


def counted(grant: Referral | Authorization, visits: Iterable[Visit]) -> list[Visit]:
    """The visits that use it: done, and naming it."""
    if isinstance(grant, Referral):
        return [v for v in visits if v.status is VisitStatus.DONE and v.referral_id == grant.id is not None]
    return [v for v in visits if v.status is VisitStatus.DONE and v.authorization_id == grant.id is not None]


def ledger(grant: Referral | Authorization, visits: Iterable[Visit]) -> Ledger:
    """The account of one referral or authorization over the client's visits."""
    used = counted(grant, visits)
    days = {(visit.client_id, visit.date) for visit in used}
    units = sum(line.units for visit in used for line in visit.lines)
    charged = sum(line.charge for visit in used for line in visit.lines)
    if isinstance(grant, Referral):
        allowed = (grant.visits_allowed, 0, 0, grant.written, grant.expires)
    else:
        limits = (grant.visits_allowed, grant.units_allowed, grant.dollars_allowed)
        allowed = (*limits, grant.valid_from, grant.valid_to)
    return Ledger(
        visits_allowed=allowed[0], visits_used=len(days) + grant.used_elsewhere,
        visits_elsewhere=grant.used_elsewhere, units_allowed=allowed[1], units_used=units,
        dollars_allowed=allowed[2], dollars_used=charged, first=allowed[3], last=allowed[4],
    )  # fmt: skip


def usable(grants: Iterable[Grant], visits: Iterable[Visit], date: dt.date) -> list[Grant]:
    """Those that cover `date` and have room, the one that ends first in front; without an end they come last."""
    visits = list(visits)
    found = []
    for grant in grants:
        account = ledger(grant, visits)
        if account.covers(date) and account.has_room:
            found.append((account.last or dt.date.max, grant))
    return [grant for __, grant in sorted(found, key=lambda pair: pair[0])]


def pick(grants: Iterable[Grant], visits: Iterable[Visit], date: dt.date) -> Grant | None:
    """The one to use for a visit on `date`: the earliest end with room. `usable` gives the whole choice."""
    return next(iter(usable(grants, visits, date)), None)


def overlapping(one: Authorization, other: Authorization) -> bool:
    """Whether two authorizations of one policy cover a day in common; a missing end is open."""
    return (
        one.policy_id == other.policy_id
        and (one.valid_from or dt.date.min) <= (other.valid_to or dt.date.max)
        and (other.valid_from or dt.date.min) <= (one.valid_to or dt.date.max)
    )


def last_day(first: dt.date, days: int = 0, *, months: int = 0) -> dt.date:
    """The last day of a window that begins on `first`: 90 days from 2026-09-01 end on 2026-11-29, and twelve months
    on 2027-08-31, the day before the anniversary."""
    return add_months(first, months) + dt.timedelta(days=days - 1)


def check(
    grant: Referral | Authorization, visit: Visit, others: Iterable[Visit], limits: Thresholds | None = None
) -> list[Problem]:
    """Warnings about using `grant` for `visit`; `others` are the client's visits (it may be among them).

    They never block: what a payer has granted since is not known here.
    """
    limits = limits or Thresholds()
    done = replace(visit, status=VisitStatus.DONE)
    if isinstance(grant, Referral):
        kind, field, item, name = "referral", "referral_id", "17", _("referral")
        done = replace(done, referral_id=grant.id)
    else:
        kind, field, item, name = "authorization", "authorization_id", "23", _("authorization")
        done = replace(done, authorization_id=grant.id)
    earlier = [other for other in others if visit.id is None or other.id != visit.id]
    after = ledger(grant, [*earlier, done])

    def problem(fact: str, message: str) -> Problem:
        record = f"visit:{visit.id or ''}"
        return warn(f"{kind}.{fact}", message, item=item, record=record, field=field)

    if visit.date is not None and not after.covers(visit.date):
        message = _("The session lies outside the dates of its {name}. Choose another or ask for a new one.")
        return [problem("outside-window", message.format(name=name))]
    if after.overdrawn:
        message = _("The {name} is used up. Choose another or ask for a new one.")
        return [problem("exhausted", message.format(name=name))]
    return [problem(fact, message.format(name=name)) for fact, message in _running_out(after, visit.date, limits)]


def _running_out(after: Ledger, date: dt.date | None, limits: Thresholds) -> list[tuple[str, str]]:
    """What will soon be used up: (fact, sentence with {name})."""
    found = []
    if after.visits_left is not None and after.visits_left <= limits.visits:
        text = ngettext(
            "{count} visit is left on the {{name}} after this one. Ask for more in time.",
            "{count} visits are left on the {{name}} after this one. Ask for more in time.",
            after.visits_left,
        )
        found.append(("visits-low", text.format(count=after.visits_left)))
    if after.units_left is not None and after.units_left < limits.units:
        text = ngettext(
            "{count} unit is left on the {{name}} after this session. Ask for more in time.",
            "{count} units are left on the {{name}} after this session. Ask for more in time.",
            after.units_left,
        )
        found.append(("units-low", text.format(count=after.units_left)))
    if after.last is not None and date is not None and (after.last - date).days <= limits.days:
        days = (after.last - date).days
        text = ngettext(
            "The {{name}} ends {count} day after this session. Ask for a new one in time.",
            "The {{name}} ends {count} days after this session. Ask for a new one in time.",
            days,
        )
        found.append(("ends-soon", text.format(count=days)))
    return found
