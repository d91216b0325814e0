"""Days that a limit gives: months that clamp, payers' time limits, and the age of a claim."""

from __future__ import annotations

import calendar
import datetime as dt

_DAY = dt.timedelta(days=1)


def add_months(date: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the last day of a month that is too short: 2024-02-29 + 12 = 2025-02-28."""
    month = date.month - 1 + months
    year, month = date.year + month // 12, month % 12 + 1
    return dt.date(year, month, min(date.day, calendar.monthrange(year, month)[1]))


def deadline(anchor: dt.date, *, days: int = 0, months: int = 0) -> dt.date:
    """The last day of a limit that is counted from `anchor`: a date of service, a letter, a first payer's answer.

    Limits are the payer's contract, never known here. Raises ValueError without a limit.
    """
    if days <= 0 and months <= 0:
        raise ValueError("a limit has days or months")
    return add_months(anchor, months) + days * _DAY


BUCKETS = ("0-30", "31-60", "61-90", "91-120", "120+")
"""Ages of claims in days, as payers and accountants group them."""
_LAST_DAYS = (30, 60, 90, 120)


def aging(sent: dt.date, today: dt.date) -> str:
    """The one of `BUCKETS` that a claim falls into, by the days since it was sent. A day ahead counts as today."""
    age = (today - sent).days
    return next((name for name, last in zip(BUCKETS, _LAST_DAYS, strict=False) if age <= last), BUCKETS[-1])
