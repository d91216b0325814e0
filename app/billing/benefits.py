"""Benefits: what a plan said on the phone about massage, and what a session will cost the client by it.

A call is a record of answers. What was not asked stays unknown, and nothing is computed from an unknown answer. Shares
are an expectation for the talk with the client; only the payer's own answer to a claim decides.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.billing.deadlines import add_months
from app.billing.records import Visit, VisitStatus
from app.i18n import _, money_text


class Answer(StrEnum):
    """What the plan said; empty when it was not asked."""

    UNKNOWN = ""
    YES = "yes"
    NO = "no"


class Network(StrEnum):
    """Whether the plan has a contract with the provider."""

    UNKNOWN = ""
    IN = "in"
    OUT = "out"


@dataclass(frozen=True, kw_only=True)
class Verification:
    """A call to a plan about a client's cover. Money is in cents; None was not asked.

    `covers_massage`: by this provider's kind of license. `conditions`, `excluded_regions` and `kinds` (of massage that
    are paid) are as said; beginnings of ICD-10 codes and procedure codes among them are held against sessions.
    `deductible` is for a benefit year, 0 when there is none; `deductible_met` stood so on the day of the call;
    `deductible_applies` to massage. `copay` is a session's, `coinsurance` the client's percent; a plan has one of them.
    `visit_limit` is for a benefit year, 0 when there is none, `visits_used` include those elsewhere; `shared_with` are
    other services on the same limit. The benefit year begins with the month `year_begins`.
    """

    id: int | None = None
    client_id: int = 0
    policy_id: int = 0
    called_on: dt.date | None = None
    representative: str = ""
    reference: str = ""
    covers_massage: Answer = Answer.UNKNOWN
    network: Network = Network.UNKNOWN
    conditions: tuple[str, ...] = ()
    excluded_regions: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    deductible: int | None = None
    deductible_met: int | None = None
    deductible_applies: Answer = Answer.UNKNOWN
    copay: int | None = None
    coinsurance: int | None = None
    visit_limit: int | None = None
    visits_used: int | None = None
    shared_with: str = ""
    referral_required: Answer = Answer.UNKNOWN
    authorization_required: Answer = Answer.UNKNOWN
    year_begins: int = 1
    reverify_on: dt.date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where the client stands in the benefit year before a session: cents of the deductible and visits that are left,
    below 0 when overdrawn; None where it is not known, or where there is no limit of visits."""

    deductible_left: int | None
    visits_left: int | None


@dataclass(frozen=True, kw_only=True)
class Share:
    """What client and plan are expected to pay of a session, in cents, and how that comes, in a sentence."""

    client: int
    plan: int
    trace: str


def newest(verifications: Iterable[Verification], policy_id: int | None) -> Verification | None:
    """The last call about a policy; one without a date comes before all others."""
    of_policy = (each for each in verifications if each.policy_id == policy_id)
    return max(of_policy, key=lambda each: (each.called_on or dt.date.min, each.id or 0), default=None)


def year_start(verification: Verification, date: dt.date) -> dt.date:
    """The first day of the benefit year that `date` lies in."""
    month = min(max(verification.year_begins, 1), 12)
    return dt.date(date.year if date.month >= month else date.year - 1, month, 1)


def due_on(verification: Verification) -> dt.date | None:
    """When to ask again: on the day that was set, or when the next benefit year begins, whichever comes first.

    None for a call without a date: that is due now.
    """
    if verification.called_on is None:
        return None
    renewal = add_months(year_start(verification, verification.called_on), 12)
    return min(renewal, verification.reverify_on or renewal)


def standing(verification: Verification, date: dt.date, visits: Iterable[Visit] = ()) -> Standing:
    """Where the client stands before a session on `date`.

    To what the plan said come the done sessions on the policy since the call, the day of the call included, as charged
    (what the plan allows is not known before it answers). With a new benefit year both begin anew.
    """
    begins = year_start(verification, date)
    called = verification.called_on
    anew = called is not None and begins > called
    since = begins if anew else called
    earlier = [
        v for v in visits if _counts(v, verification) and v.date is not None and (since or begins) <= v.date < date
    ]
    left = _deductible_left(verification, anew)
    for visit in earlier:
        left = left if left is None else max(left - sum(line.charge for line in visit.lines), 0)
    used = 0 if anew else verification.visits_used
    visits_left = None
    if verification.visit_limit and used is not None:
        visits_left = verification.visit_limit - used - len({v.date for v in earlier})
    return Standing(deductible_left=left, visits_left=visits_left)


def _counts(visit: Visit, verification: Verification) -> bool:
    return visit.status is VisitStatus.DONE and visit.policy_id == verification.policy_id


def _deductible_left(verification: Verification, anew: bool) -> int | None:
    """Of the deductible, for massage: 0 when it does not apply, None when that was not asked."""
    if verification.deductible == 0 or verification.deductible_applies is Answer.NO:
        return 0
    met = 0 if anew else verification.deductible_met
    if verification.deductible is None or met is None:
        return None
    left = max(verification.deductible - met, 0)
    return left if left == 0 or verification.deductible_applies is Answer.YES else None


def expected_share(
    verification: Verification, allowed: int, date: dt.date, visits: Sequence[Visit] = ()
) -> Share | None:
    """What a session of `allowed` cents (or of its charge, where nothing is allowed yet) on `date` will cost whom.

    First the deductible, then copay or coinsurance of the rest, rounded to the nearest cent. Beyond the limit of
    visits, and where massage is not covered, the client pays all. None where an answer that it needs is missing or two
    contradict each other. `visits` are the client's. Raises ValueError for an amount below 0.
    """
    if allowed < 0:
        raise ValueError("an amount is not below 0")
    if verification.covers_massage is Answer.NO:
        return Share(client=allowed, plan=0, trace=_("The plan does not cover massage: the client pays all."))
    now = standing(verification, date, visits)
    if now.visits_left is not None and now.visits_left <= 0:
        return Share(
            client=allowed, plan=0, trace=_("The plan's visits of this year are used up: the client pays all.")
        )
    if verification.covers_massage is Answer.UNKNOWN or now.deductible_left is None:
        return None
    deductible = min(allowed, now.deductible_left)
    rest = allowed - deductible
    own = _of_rest(verification, rest)
    if own is None:
        return None
    client = deductible + own
    return Share(client=client, plan=allowed - client, trace=_trace(verification, allowed, deductible, own))


def _of_rest(verification: Verification, rest: int) -> int | None:
    """The client's part of what is left after the deductible."""
    copay, percent = verification.copay, verification.coinsurance
    if (copay or 0) > 0 and (percent or 0) > 0:
        return None
    if copay is None and percent is None:
        return 0 if rest == 0 else None
    if percent:
        return (rest * min(percent, 100) + 50) // 100
    return min(copay or 0, rest)


def _trace(verification: Verification, allowed: int, deductible: int, own: int) -> str:
    parts = []
    if deductible:
        parts.append(_("{amount} deductible").format(amount=money_text(deductible)))
    if own and verification.coinsurance:
        text = _("{amount} coinsurance of {percent} percent")
        parts.append(text.format(amount=money_text(own), percent=verification.coinsurance))
    elif own:
        parts.append(_("{amount} copay").format(amount=money_text(own)))
    return _("Of {allowed} the client pays {client} ({parts}), the plan {plan}.").format(
        allowed=money_text(allowed), client=money_text(deductible + own), parts=", ".join(parts) or _("nothing"),
        plan=money_text(allowed - deductible - own),
    )  # fmt: skip
