"""What is wrong, as a value. Checks return problems; nothing stores them; every surface shows the same list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """`BLOCK`: cannot be issued. `WARN`: a payer may send it back. `INFORM`: worth knowing."""

    BLOCK = "block"
    WARN = "warn"
    INFORM = "inform"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong, and where to mend it.

    `code` is stable ("noun.fact"); `message` is one plain sentence and what to do, for the person only, never for
    a log; `item` is the box of the CMS-1500 ("24E.2" is item 24E on line 2) or empty; `record` is "table:id";
    `field` is the attribute of that record.
    """

    severity: Severity
    code: str
    message: str
    item: str = ""
    record: str = ""
    field: str = ""

    def as_json(self) -> dict[str, str]:
        """The six keys, all text."""
        return {
            "severity": str(self.severity),
            "code": self.code,
            "message": self.message,
            "item": self.item,
            "record": self.record,
            "field": self.field,
        }


def block(code: str, message: str, *, item: str = "", record: str = "", field: str = "") -> Problem:
    """A problem that stops issuing and printing."""
    return Problem(severity=Severity.BLOCK, code=code, message=message, item=item, record=record, field=field)


def warn(code: str, message: str, *, item: str = "", record: str = "", field: str = "") -> Problem:
    """A problem that a payer may stumble over."""
    return Problem(severity=Severity.WARN, code=code, message=message, item=item, record=record, field=field)


def inform(code: str, message: str, *, item: str = "", record: str = "", field: str = "") -> Problem:
    """A note."""
    return Problem(severity=Severity.INFORM, code=code, message=message, item=item, record=record, field=field)


_ORDER = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.INFORM: 2}


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Blocking first, then warnings, then notes; otherwise as found."""
    return sorted(problems, key=lambda problem: _ORDER[problem.severity])


def blocks(problems: Iterable[Problem]) -> bool:
    """Whether one of them stops issuing."""
    return any(problem.severity is Severity.BLOCK for problem in problems)
