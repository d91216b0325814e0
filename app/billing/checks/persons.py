"""Names of people on the form: what the client's, the insured's and the referring provider's are looked at for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from app.billing.checks.registry import Asked, Where

OLDEST_YEARS = 120
"""Nobody is older."""
_NAME = re.compile(r"(?:[^\W\d_]|[\s.'’\-])*")
_TITLES = frozenset(("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "rev"))
_CREDENTIALS = frozenset(("md", "do", "dc", "pt", "phd", "lmt", "lmp", "rn", "esq"))


def words(text: str) -> list[str]:
    """The words of a name in small letters, without its signs."""
    return text.lower().replace(".", "").replace(",", " ").split()


def signs(*names: str) -> Callable[[Any, Asked], Iterator[Where]]:
    """A check of these fields for digits and signs that no name has."""

    def find(record: Any, asked: Asked) -> Iterator[Where]:
        for name in names:
            if not _NAME.fullmatch(getattr(record, name)):
                yield Where({"name": getattr(record, name)}, field=name)

    return find


def titled(first: str, last: str, suffix: str = "") -> Callable[[Any, Asked], Iterator[Where]]:
    """A check for a title before the first name, and for credentials after the last one or as the suffix."""

    def find(record: Any, asked: Asked) -> Iterator[Where]:
        given, family = words(getattr(record, first)), words(getattr(record, last))
        after = words(getattr(record, suffix)) if suffix else []
        if given and given[0] in _TITLES:
            yield Where(field=first)
        if len(family) > 1 and family[-1] in _CREDENTIALS:
            yield Where(field=last)
        if not _CREDENTIALS.isdisjoint(after):
            yield Where(field=suffix)

    return find
