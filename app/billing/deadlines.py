"""Days that a limit gives: months that clamp, payers' time limits, the age of a claim, and good-faith estimates."""

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
