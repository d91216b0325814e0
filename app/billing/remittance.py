"""A line of a payer's explanation of benefits: whether its amounts add up before anything is done by them."""

from __future__ import annotations

from dataclasses import dataclass

from app.billing.problems import Problem, warn
from app.i18n import _, money_text


@dataclass(frozen=True, kw_only=True)
class ExplainedLine:
    """What a payer says of one service, in cents. `billed` is the charge of the claim, `allowed` the contract's fee,
    `contractual` the difference that is written off (group CO), `paid` by the payer, `client` all that the client owes:
    deductible, coinsurance, copay and what is not covered (group PR)."""

    billed: int
    allowed: int
    contractual: int
    paid: int
    client: int


def problems(line: ExplainedLine) -> list[Problem]:
    """What does not add up: billed = allowed + written off, and allowed = paid + the client's share."""
    found = []
    if min(line.billed, line.allowed, line.contractual, line.paid, line.client) < 0:
        text = _(
            "An amount of the payer's answer is below 0. Read the letter again; a correction is a line of its own."
        )
        found.append(warn("eob.negative", text))
    gap = line.billed - line.allowed - line.contractual
    if gap:
        text = _("Of {billed} billed, {amount} is neither allowed nor written off. Read the letter again, or ask.")
        if gap < 0:
            text = _("Of {billed} billed, {amount} too much is allowed and written off. Read the letter again, or ask.")
        found.append(
            warn("eob.billed-unexplained", text.format(billed=money_text(line.billed), amount=money_text(abs(gap))))
        )
    gap = line.allowed - line.paid - line.client
    if gap:
        text = _("Of {allowed} allowed, {amount} is neither paid nor the client's. Read the letter again, or ask.")
        if gap < 0:
            text = _("Of {allowed} allowed, {amount} too much is paid and the client's. Read the letter again, or ask.")
        found.append(
            warn("eob.allowed-unexplained", text.format(allowed=money_text(line.allowed), amount=money_text(abs(gap))))
        )
    return found
