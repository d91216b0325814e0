"""Blocking problems that a person let pass on one claim, with a reason on record: then they only warn, and say it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from app.billing.problems import Problem, Severity
from app.billing.records import Waiver
from app.i18n import _

NEVER = frozenset({"claim.lines-missing", "claim.lines-lost", "claim.void", "claim.other-client", "override.unfit"})
"""Problems of the rules that no reason lets pass: nothing to print, a void claim, two people on one form, or a value by
hand that suits no item."""


def may_pass(problem: Problem) -> bool:
    """Whether a blocking problem of the rules may be let pass. What does not fit the paper never may."""
    return problem.severity is Severity.BLOCK and problem.code not in NEVER


def let_pass(problems: Iterable[Problem], waivers: Iterable[Waiver]) -> list[Problem]:
    """The problems of the rules, where those that were let pass only warn."""
    reasons = {(waiver.code, waiver.item, waiver.record): waiver.reason for waiver in waivers}

    def reason(problem: Problem) -> str | None:
        found = (reasons.get((problem.code, item, problem.record)) for item in (problem.item, whole(problem.item)))
        return next(filter(None, found), None)

    return [_softened(problem, reason(problem)) for problem in problems]


def whole(item: str) -> str:
    """The item that a box is part of: "21" of "21B", all others themselves."""
    return re.sub(r"^21[A-L]$", "21", item)


def _softened(problem: Problem, reason: str | None) -> Problem:
    if reason is None or not may_pass(problem):
        return problem
    message = _("{problem} Let pass: {reason}").format(problem=problem.message, reason=reason)
    return replace(problem, severity=Severity.WARN, message=message)
