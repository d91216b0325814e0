"""Checks of a call about benefits: what was not asked or contradicts itself; and of a session against its answers.

Nothing here blocks: a plan's word on the phone is no promise, and a claim may be sent without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.billing import benefits
from app.billing.benefits import Answer, Verification
from app.billing.checks.registry import INFORM, WARN, Asked, Checks, Where
from app.billing.checks.sessions import visit
from app.billing.ids import ICD10
from app.billing.records import CaseKind, Visit, VisitStatus
from app.i18n import N_, date_text, money_text

verification = Checks[Verification]("verification")

_CALL = "questions of a benefits call"
_CODE = re.compile(r"\d{4}[0-9A-Z]|[A-Z]\d{4}", re.ASCII)
_DIAGNOSES = re.compile(r"[A-Z]\d[0-9A-Z](\.?[0-9A-Z]{1,4})?(\.?-)?", re.ASCII)

# --- the call -------------------------------------------------------------------------------------------------------

verification.add(
    "verification.called-missing", WARN, "C", _CALL,
    N_("The call about benefits has no date. Enter it: the answers are those of that day."),
    lambda c, asked: c.called_on is None, field="called_on",
)  # fmt: skip
verification.add(
    "verification.called-future", WARN, "A", "calendar",
    N_("The call about benefits lies in the future. Correct its date."),
    lambda c, asked: c.called_on is not None and c.called_on > asked.today, field="called_on",
)  # fmt: skip
verification.add(
    "verification.reference-missing", INFORM, "C", _CALL,
    N_("The call has neither a name nor a reference number. Without one, no one can be held to the answers."),
    lambda c, asked: not c.representative.strip() and not c.reference.strip(), field="reference",
)  # fmt: skip
verification.add(
    "verification.cover-unasked", WARN, "C", _CALL,
    N_("Whether the plan covers massage by this provider was not answered. Ask it first."),
    lambda c, asked: c.covers_massage is Answer.UNKNOWN, field="covers_massage",
)  # fmt: skip
verification.add(
    "verification.cover-contradicted", WARN, "C", "two answers of one call",
    N_("The plan does not cover massage, but has a copay or coinsurance for it. Ask again."),
    lambda c, asked: c.covers_massage is Answer.NO and bool(c.copay or c.coinsurance), field="covers_massage",
)  # fmt: skip


def _covered(c: Verification) -> bool:
    return c.covers_massage is Answer.YES


verification.add(
    "verification.deductible-unasked", INFORM, "C", _CALL,
    N_("The deductible and what is met of it were not both answered, so no share is expected. Ask for both."),
    lambda c, asked: (
        _covered(c) and c.deductible_applies is not Answer.NO
        and (c.deductible is None or (c.deductible > 0 and c.deductible_met is None))
    ),
    field="deductible",
)  # fmt: skip
verification.add(
    "verification.deductible-doubtful", INFORM, "C", _CALL,
    N_("The deductible is not met, and whether it applies to massage was not answered. Ask, since all depends on it."),
    lambda c, asked: (
        _covered(c) and c.deductible_applies is Answer.UNKNOWN and (c.deductible or 0) > (c.deductible_met or 0)
        and c.deductible_met is not None
    ),
    field="deductible_applies",
)  # fmt: skip
verification.add(
    "verification.deductible-exceeded", WARN, "A", "two answers of one call",
    N_("More of the deductible is met than there is. Correct one of the two."),
    lambda c, asked: c.deductible is not None and (c.deductible_met or 0) > c.deductible, field="deductible_met",
)  # fmt: skip
verification.add(
    "verification.share-unasked", INFORM, "C", _CALL,
    N_("Neither copay nor coinsurance was answered, so no share is expected. Ask which one the plan has."),
    lambda c, asked: _covered(c) and c.copay is None and c.coinsurance is None, field="copay",
)  # fmt: skip
verification.add(
    "verification.share-twice", WARN, "C", "two answers of one call",
    N_("The call gives a copay and a coinsurance. Ask which one a massage has."),
    lambda c, asked: (c.copay or 0) > 0 and (c.coinsurance or 0) > 0, field="coinsurance",
)  # fmt: skip
verification.add(
    "verification.coinsurance-odd", WARN, "A", "a percentage",
    N_("The coinsurance is no percentage from 0 to 100. Enter the client's part."),
    lambda c, asked: c.coinsurance is not None and not 0 <= c.coinsurance <= 100, field="coinsurance",
)  # fmt: skip
verification.add(
    "verification.amount-negative", WARN, "A", "amounts and visits are not below 0",
    N_("An amount or a number of visits is below 0. Correct it."),
    lambda c, asked: (
        min(each or 0 for each in (c.deductible, c.deductible_met, c.copay, c.visit_limit, c.visits_used)) < 0
    ),
    field="deductible",
)  # fmt: skip
verification.add(
    "verification.visits-unasked", INFORM, "C", _CALL,
    N_("The plan has a limit of visits, but how many are used was not answered. Ask, those elsewhere included."),
    lambda c, asked: (c.visit_limit or 0) > 0 and c.visits_used is None, field="visits_used",
)  # fmt: skip
verification.add(
    "verification.visits-exceeded", WARN, "A", "two answers of one call",
    N_("More visits are used than the plan gives. Correct one of the two, or tell the client that none is left."),
    lambda c, asked: 0 < (c.visit_limit or 0) < (c.visits_used or 0), field="visits_used",
)  # fmt: skip
verification.add(
    "verification.reverify-early", WARN, "A", "calendar",
    N_("The day to ask again lies before the call. Correct it."),
    lambda c, asked: c.reverify_on is not None and c.called_on is not None and c.reverify_on <= c.called_on,
    field="reverify_on",
)  # fmt: skip
verification.add(
    "verification.year-odd", WARN, "A", "calendar",
    N_("The benefit year begins with a month from 1 to 12. Correct it; for most plans it is January."),
    lambda c, asked: not 1 <= c.year_begins <= 12, field="year_begins",
)  # fmt: skip

# --- a session against the answers ----------------------------------------------------------------------------------


def _answers(v: Visit, asked: Asked) -> Verification | None:
    """The last call about the session's policy; None without one, and for a session that no plan pays."""
    return benefits.newest(asked.verifications or (), v.policy_id) if v.policy_id is not None else None


def _policy(v: Visit) -> str:
    return f"policy:{v.policy_id}"


def _call(call: Verification) -> str:
    return f"verification:{call.id}"


def _unverified(v: Visit, asked: Asked) -> Iterator[Where]:
    health = asked.case is None or asked.case.kind is CaseKind.HEALTH
    if asked.verifications is not None and v.policy_id is not None and health and _answers(v, asked) is None:
        yield Where(record=_policy(v))


visit.add(
    "benefits.unverified", INFORM, "C", _CALL,
    N_("The plan was never asked what it covers. Call it, so that the client hears beforehand what a session costs."),
    _unverified, item="1a", field="payer_id",
)  # fmt: skip


def _outdated(v: Visit, asked: Asked) -> Iterator[Where]:
    call = _answers(v, asked)
    due = benefits.due_on(call) if call is not None else None
    if call is not None and due is not None and v.date is not None and v.date >= due:
        yield Where({"called": date_text(call.called_on), "due": date_text(due)}, record=_call(call))


visit.add(
    "benefits.outdated", INFORM, "C", _CALL,
    N_("What the plan said on {called} was to be asked again by {due}. Call it."),
    _outdated, item="1a", field="reverify_on",
)  # fmt: skip


def _not_covered(v: Visit, asked: Asked) -> Iterator[Where]:
    call = _answers(v, asked)
    if call is not None and call.covers_massage is Answer.NO:
        yield Where({"called": date_text(call.called_on)}, record=_call(call))


visit.add(
    "benefits.not-covered", WARN, "C", _CALL,
    N_("On {called} the plan said that it does not cover massage by this provider. Expect a denial; tell the client."),
    _not_covered, item="1a", field="covers_massage",
)  # fmt: skip


def _visits_left(v: Visit, asked: Asked) -> int | None:
    """Of the plan's visits, after this session."""
    call = _answers(v, asked)
    if call is None or v.date is None:
        return None
    left = benefits.standing(call, v.date, asked.others).visits_left
    return None if left is None else left - 1


def _used_up(v: Visit, asked: Asked) -> Iterator[Where]:
    left = _visits_left(v, asked)
    if left is not None and left < 0:
        yield Where({"date": date_text(v.date)})


visit.add(
    "benefits.visits-used-up", WARN, "C", _CALL,
    N_("The session of {date} is more than the plan's visits of the year. Tell the client, who pays it."),
    _used_up, item="24A", field="policy_id",
)  # fmt: skip


def _low(v: Visit, asked: Asked) -> Iterator[Where]:
    left = _visits_left(v, asked)
    last = not any(
        o.status is VisitStatus.DONE and o.policy_id == v.policy_id and v.date is not None
        and o.date is not None and o.date > v.date for o in asked.others
    )  # fmt: skip
    if left is not None and 0 <= left <= asked.limits.visits and last:
        yield Where({"left": left})


visit.add(
    "benefits.visits-low", INFORM, "C", _CALL,
    N_("Visits that the plan pays this year after this session: {left}. Talk with the client about what comes then."),
    _low, item="24A", field="policy_id",
)  # fmt: skip


def _order_wanted(v: Visit, asked: Asked) -> Iterator[Where]:
    call = _answers(v, asked)
    known = asked.payer is not None and asked.payer.referral_required
    if call is not None and call.referral_required is Answer.YES and asked.referral is None and not known:
        yield Where({"called": date_text(call.called_on)})


visit.add(
    "benefits.referral-wanted", WARN, "C", _CALL,
    N_("On {called} the plan said that it wants a referral, and the session has none. Add it."),
    _order_wanted, item="17", field="referral_id",
)  # fmt: skip


def _permission_wanted(v: Visit, asked: Asked) -> Iterator[Where]:
    call = _answers(v, asked)
    known = asked.payer is not None and asked.payer.authorization_required
    if call is not None and call.authorization_required is Answer.YES and asked.authorization is None and not known:
        yield Where({"called": date_text(call.called_on)})


visit.add(
    "benefits.authorization-wanted", WARN, "C", _CALL,
    N_("On {called} the plan said that it wants an authorization, and the session has none. Ask for its number."),
    _permission_wanted, item="23", field="authorization_id",
)  # fmt: skip


def _kind_not_paid(v: Visit, asked: Asked) -> Iterator[Where]:
    call = _answers(v, asked)
    paid = [kind.strip().upper() for kind in call.kinds] if call is not None else []
    if call is not None and paid and all(map(_CODE.fullmatch, paid)):
        for code in dict.fromkeys(line.code.strip().upper() for line in v.lines):
            if code and code not in paid:
                yield Where({"code": code, "called": date_text(call.called_on), "paid": ", ".join(paid)})


visit.add(
    "benefits.code-not-paid", WARN, "C", _CALL,
    N_("On {called} the plan said that it pays {paid}; {code} is not among them. Tell the client what may be owed."),
    _kind_not_paid, item="24D", field="lines",
)  # fmt: skip


def _condition_not_covered(v: Visit, asked: Asked) -> Iterator[Where]:
    call = _answers(v, asked)
    covered = [each.strip().upper() for each in call.conditions] if call is not None else []
    if call is None or not covered or not v.diagnoses or not all(map(_DIAGNOSES.fullmatch, covered)):
        return
    begun = tuple(ICD10.compact(each.rstrip("-")) for each in covered)
    if not any(ICD10.compact(code).startswith(begun) for code in v.diagnoses):
        yield Where({"called": date_text(call.called_on), "covered": ", ".join(covered)})


visit.add(
    "benefits.condition-not-covered", WARN, "C", _CALL,
    N_("On {called} the plan said that it covers {covered}, and no diagnosis of the session is among them."),
    _condition_not_covered, item="21", field="diagnoses",
)  # fmt: skip


def _copay_differs(v: Visit, asked: Asked) -> Iterator[Where]:
    call = _answers(v, asked)
    if call is not None and asked.policy is not None and call.copay is not None and call.copay != asked.policy.copay:
        yield Where({"said": money_text(call.copay), "kept": money_text(asked.policy.copay)}, record=_policy(v))


visit.add(
    "benefits.copay-differs", INFORM, "C", "two records of one copay",
    N_("The plan said a copay of {said}, the policy says {kept}. Correct one of the two."),
    _copay_differs, item="29", field="copay",
)  # fmt: skip
