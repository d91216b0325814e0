"""Money is a whole number of cents. Nothing in billing or store is ever a float."""

from __future__ import annotations

import re

from app.errors import InputError

_AMOUNT = re.compile(r"(-?)\$?(\d{1,3}(?:,\d{3})+|\d+)?(?:\.(\d{1,2}))?", re.ASCII)
_LONGEST = 1_000  # characters; far more than any form holds, fewer than Python refuses to make a number of


def parse_cents(text: str) -> int:
    """Cents from what a person types: `25`, `25.5`, `25.00`, `$1,250.00`. Raises InputError, never rounds."""
    match = _AMOUNT.fullmatch(text.strip())
    if match is None or (match[2] is None and match[3] is None) or len(match[2] or "") > _LONGEST:
        raise InputError("Not an amount.", "Type 25 or 25.00.")
    sign = -1 if match[1] else 1
    dollars = int((match[2] or "0").replace(",", ""))
    return sign * (dollars * 100 + int((match[3] or "0").ljust(2, "0")))


def dollars_text(cents: int) -> str:
    """`"1250.00"`: plain text for JSON and CSV, read back by parse_cents."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def split_evenly(cents: int, parts: int) -> list[int]:
    """Shares that differ by at most a cent and add up to `cents`; the first ones carry the odd cents."""
    share, rest = divmod(cents, parts)
    return [share + (1 if index < rest else 0) for index in range(parts)]
