"""docs/checks.md, made from the checks themselves: `python -m app.billing.checks > docs/checks.md`."""

from __future__ import annotations

from itertools import groupby

from app.billing.checks import REGISTER

_HEAD = """\
# Checks

Made by `python -m app.billing.checks > docs/checks.md`; a test fails when it is not current.

{count} checks, as pure functions in `app/billing/checks/`. A **block** stops issuing and printing, a **warn** is what
a payer may stumble over, an **inform** is worth knowing. Confidence **A**: the wording of the 02/12 instructions, of
the law or of a public code set, or plain arithmetic. **B**: the 08/05 wording of an unchanged box, or several sources
that agree. **C**: one source, or inferred. **M**: from memory. Only A and B may block. A few blocks only warn where
this payer or case does not hold to the rule: referrals that the payer did not ask for, diagnoses of auto and work
cases, sessions that no one is billed for.
"""
_TITLES = {
    "client": "Client", "practice": "Practice", "provider": "Therapist", "payer": "Payer", "policy": "Policy",
    "referral": "Referral", "authorization": "Authorization", "case": "Case", "line": "Service line",
    "verification": "Benefits call", "visit": "Session", "claim": "Claim",
}  # fmt: skip


def markdown() -> str:
    """The whole page: a table for each kind of record, in English."""
    parts = [_HEAD.format(count=len(REGISTER))]
    order = list(_TITLES)
    for about, checks in groupby(sorted(REGISTER.values(), key=lambda c: order.index(c.about)), lambda c: c.about):
        parts.append(f"\n## {_TITLES[about]}\n\n| code | item | | says | source | |\n|---|---|---|---|---|---|\n")
        for check in checks:
            says = check.says.replace("{who}", check.values.get("who", "")).replace("|", "/")
            parts.append(
                f"| `{check.code}` | {check.item} | {check.severity} | {says} | {check.source} | {check.confidence} |\n"
            )
    return "".join(parts)
