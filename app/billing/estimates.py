"""Good-faith estimates for clients who pay themselves: by when one is given, and when a bill may be disputed.

Source: 45 CFR 149.610 (b)(1)(vi) for the days, 149.620 (b) for disputes; holidays by 5 U.S.C. 6103 and E.O. 11582.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

_DAY = dt.timedelta(days=1)

_FIXED = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
"""Month and day of New Year, Juneteenth, Independence Day, Veterans Day, Christmas."""
_BY_WEEKDAY = ((1, calendar.MONDAY, 3), (2, calendar.MONDAY, 3), (5, calendar.MONDAY, -1), (9, calendar.MONDAY, 1),
               (10, calendar.MONDAY, 2), (11, calendar.THURSDAY, 4))  # fmt: skip
"""Month, weekday and which of the month (-1: the last): Martin Luther King, Washington, Memorial Day, Labor Day,
Columbus Day, Thanksgiving."""

FAR_AHEAD, AHEAD = 10, 3
"""Business days from scheduling to the service that give `LONG` or `SHORT` business days for the estimate."""
LONG, SHORT = 3, 1
OVER = 40_000
"""Cents above the estimate from which on a bill may be disputed."""
DISPUTE_DAYS = 120


@dataclass(frozen=True, kw_only=True)
class Due:
    """`business_days` from scheduling to the service; `due` is the last day for the estimate, None when it is only
    given to those who ask."""

    business_days: int
    due: dt.date | None


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[dt.date]:
    """The days of a year on which federal offices are closed: a holiday on a Saturday is kept on the Friday before, one
    on a Sunday on the Monday after. As in force since 2021, for all of the country."""
    days = {_nth(year, *rule) for rule in _BY_WEEKDAY}
    days |= {_observed(dt.date(of, *day)) for of in (year, year + 1) for day in _FIXED}
    return frozenset(day for day in days if day.year == year)


def _nth(year: int, month: int, weekday: int, nth: int) -> dt.date:
    days = [week[weekday] for week in calendar.monthcalendar(year, month) if week[weekday]]
    return dt.date(year, month, days[nth if nth < 0 else nth - 1])


def _observed(day: dt.date) -> dt.date:
    return day + {calendar.SATURDAY: -_DAY, calendar.SUNDAY: _DAY}.get(day.weekday(), 0 * _DAY)


def is_business_day(day: dt.date) -> bool:
    """Whether it is neither Saturday nor Sunday nor a federal holiday."""
    return day.weekday() < calendar.SATURDAY and day not in holidays(day.year)


def business_days(start: dt.date, end: dt.date) -> int:
    """Business days after `start` up to and with `end`."""
    return sum(is_business_day(start + n * _DAY) for n in range(1, (end - start).days + 1))


def after(start: dt.date, count: int) -> dt.date:
    """The business day that is the `count`-th after `start`."""
    day = start
    while count:
        day += _DAY
        count -= is_business_day(day)
    return day


def due(scheduled: dt.date, service: dt.date) -> Due:
    """By when the estimate for a service is given that was scheduled on that day.

    Raises ValueError for a service before it was scheduled.
    """
    if service < scheduled:
        raise ValueError("the service is before it was scheduled")
    ahead = business_days(scheduled, service)
    if ahead < AHEAD:
        return Due(business_days=ahead, due=None)
    return Due(business_days=ahead, due=after(scheduled, LONG if ahead >= FAR_AHEAD else SHORT))


def due_on_request(requested: dt.date) -> dt.date:
    """By when the estimate is given to a person who asks for one, or for prices."""
    return after(requested, LONG)


def may_dispute(estimate: int, billed: int) -> bool:
    """Whether the bill of a provider is so far above the estimate that the client may have it decided. In cents."""
    return billed - estimate >= OVER


def dispute_until(bill: dt.date) -> dt.date:
    """The last day to begin a dispute about a first bill of that date."""
    return bill + DISPUTE_DAYS * _DAY
