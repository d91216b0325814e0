"""Checks of a session against its referral, its authorization and its policy: dates, visits, units and dollars; and
what the ledger says of a referral or authorization by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace

from app.billing import pace, referrals
from app.billing.checks.orders import authorization, referral
from app.billing.checks.registry import BLOCK, INFORM, WARN, Asked, Where
from app.billing.checks.sessions import visit
from app.billing.records import Authorization, Referral, Visit, VisitStatus
from app.i18n import N_, date_text, money_text


def _wanted(asked: Asked) -> bool:
    return asked.payer is not None and asked.payer.referral_required


visit.add(
    "referral.missing", BLOCK, "B", "payer habit; WAC 296-23-250: a written order",
    N_("{payer} wants a referral, and the session of {date} has none. Add the referral and choose it."),
    lambda v, asked: (
        [Where({"payer": asked.payer.name, "date": date_text(v.date)})]
        if asked.payer is not None and asked.payer.referral_required and asked.referral is None else ()
    ),
    item="17", field="referral_id",
)  # fmt: skip
visit.add(
    "referral.written-later", BLOCK, "B", "payers: an order comes before the service",
    N_("The referral was written on {written}. The session of {date} lies before it. Choose another referral."),
    lambda v, asked: (
        [Where({"written": date_text(asked.referral.written), "date": date_text(v.date)}, softly=not _wanted(asked))]
        if asked.referral is not None and asked.referral.written is not None and v.date is not None
        and v.date < asked.referral.written else ()
    ),
    item="17", field="referral_id",
)  # fmt: skip
visit.add(
    "referral.expired", BLOCK, "B", "payers: an order has an end",
    N_("The referral ended on {expires}. The session of {date} lies after it. Ask for a new one."),
    lambda v, asked: (
        [Where({"expires": date_text(asked.referral.expires), "date": date_text(v.date)}, softly=not _wanted(asked))]
        if asked.referral is not None and asked.referral.expires is not None and v.date is not None
        and v.date > asked.referral.expires else ()
    ),
    item="17", field="referral_id",
)  # fmt: skip


Grant = Referral | Authorization


def _account(grant: Grant, v: Visit, asked: Asked) -> referrals.Ledger:
    """What is used once this session is: it, and the others up to its day."""

    def account() -> referrals.Ledger:
        day = v.date or dt.date.max
        earlier = [o for o in asked.others if not (o.id == v.id is not None) and (o.date or dt.date.max) <= day]
        return referrals.ledger(grant, [_using(grant, v), *earlier])

    return asked.once(type(grant).__name__, v, account)


def _using(grant: Grant, v: Visit) -> Visit:
    """The session as one that took place and uses the referral or authorization."""
    if isinstance(grant, Referral):
        return replace(v, status=VisitStatus.DONE, referral_id=grant.id)
    return replace(v, status=VisitStatus.DONE, authorization_id=grant.id)


def _used_up(v: Visit, asked: Asked) -> Iterator[Where]:
    if asked.referral is not None and _account(asked.referral, v, asked).overdrawn:
        yield Where({"visits": asked.referral.visits_allowed, "date": date_text(v.date)}, softly=not _wanted(asked))


visit.add(
    "referral.used-up", BLOCK, "B", "payers: an order is for a number of visits",
    N_("The referral allows {visits} visits, and the session of {date} is one more. Ask for a new referral."),
    _used_up, item="17", field="referral_id",
)  # fmt: skip
visit.add(
    "authorization.missing", BLOCK, "B", "payer habit; NUCC item 23",
    N_("{payer} wants an authorization, and the session of {date} has none. Ask for its number and add it."),
    lambda v, asked: (
        [Where({"payer": asked.payer.name, "date": date_text(v.date)})]
        if asked.payer is not None and asked.payer.authorization_required and asked.authorization is None else ()
    ),
    item="23", field="authorization_id",
)  # fmt: skip
visit.add(
    "authorization.begins-later", WARN, "B", "authorizations: both days are included",
    N_("Authorization {number} begins on {begins}. The session of {date} lies before it. Choose another."),
    lambda v, asked: (
        [Where({
            "number": asked.authorization.number, "begins": date_text(asked.authorization.valid_from),
            "date": date_text(v.date),
        })]
        if asked.authorization is not None and asked.authorization.valid_from is not None and v.date is not None
        and v.date < asked.authorization.valid_from else ()
    ),
    item="23", field="authorization_id",
)  # fmt: skip
visit.add(
    "authorization.expired", WARN, "B", "authorizations: both days are included",
    N_("Authorization {number} ended on {ends}. The session of {date} lies after it. Ask for a new one."),
    lambda v, asked: (
        [Where({
            "number": asked.authorization.number, "ends": date_text(asked.authorization.valid_to),
            "date": date_text(v.date),
        })]
        if asked.authorization is not None and asked.authorization.valid_to is not None and v.date is not None
        and v.date > asked.authorization.valid_to else ()
    ),
    item="23", field="authorization_id",
)  # fmt: skip
visit.add(
    "authorization.used-up", WARN, "B", "authorizations: visits, units or dollars",
    N_("Authorization {number} allows less than what is used with the session of {date}. Ask for more."),
    lambda v, asked: (
        [Where({"number": asked.authorization.number, "date": date_text(v.date)})]
        if asked.authorization is not None and _account(asked.authorization, v, asked).overdrawn else ()
    ),
    item="23", field="authorization_id",
)  # fmt: skip
visit.add(
    "policy.not-in-force", WARN, "B", "the card's dates",
    N_("The policy was not in force on {date}. Check the card, or choose the policy of that day."),
    lambda v, asked: (
        [Where({"date": date_text(v.date)})]
        if asked.policy is not None and v.date is not None and not (
            (asked.policy.valid_from or dt.date.min) <= v.date <= (asked.policy.valid_to or dt.date.max)
        ) else ()
    ),
    item="1a", field="policy_id",
)  # fmt: skip

# --- running low ----------------------------------------------------------------------------------------------------


def _referral(asked: Asked) -> Grant | None:
    return asked.referral


def _authorization(asked: Asked) -> Grant | None:
    return asked.authorization


def _newest(grant: Grant, v: Visit, asked: Asked) -> bool:
    """Whether no later session uses it: what is left is said once, with the last one."""
    own = (v.date or dt.date.max, v.id or 0)
    return not any((o.date or dt.date.min, o.id or 0) > own for o in referrals.counted(grant, asked.others))


def _low(
    of: Callable[[Asked], Grant | None], left: Callable[[referrals.Ledger, Visit, Asked], str | None]
) -> Callable[[Visit, Asked], Iterator[Where]]:
    """A check that says how much is `left` where that is little (None where it is not)."""

    def find(v: Visit, asked: Asked) -> Iterator[Where]:
        grant = of(asked)
        if grant is None:
            return
        account = _account(grant, v, asked)
        text = None if account.overdrawn else left(account, v, asked)
        if text is not None and _newest(grant, v, asked):
            yield Where({"left": text, "number": getattr(grant, "number", "")})

    return find


def _few_visits(account: referrals.Ledger, v: Visit, asked: Asked) -> str | None:
    left = account.visits_left
    return str(left) if left is not None and left <= asked.limits.visits else None


def _few_units(account: referrals.Ledger, v: Visit, asked: Asked) -> str | None:
    left = account.units_left
    return str(left) if left is not None and left < asked.limits.units else None


def _few_dollars(account: referrals.Ledger, v: Visit, asked: Asked) -> str | None:
    """Less than another session like this one takes."""
    left = account.dollars_left
    return money_text(left) if left is not None and left < sum(line.charge for line in v.lines) else None


def _few_days(account: referrals.Ledger, v: Visit, asked: Asked) -> str | None:
    """The last day, when it is near; seen from today, or from a session that is planned."""
    if account.last is None:
        return None
    days = (account.last - max(v.date or asked.today, asked.today)).days
    return date_text(account.last) if 0 <= days <= asked.limits.days else None


_EDITABLE = "common thresholds, the practice's to change"
visit.add(
    "referral.visits-low", INFORM, "C", _EDITABLE,
    N_("Visits left on the referral after this session: {left}. Ask for more in time."),
    _low(_referral, _few_visits), item="17", field="referral_id",
)  # fmt: skip
visit.add(
    "referral.ends-soon", INFORM, "C", _EDITABLE,
    N_("The referral ends on {left}. Ask for a new one in time."),
    _low(_referral, _few_days), item="17", field="referral_id",
)  # fmt: skip
visit.add(
    "authorization.visits-low", INFORM, "C", _EDITABLE,
    N_("Visits left on authorization {number} after this session: {left}. Ask for more in time."),
    _low(_authorization, _few_visits), item="23", field="authorization_id",
)  # fmt: skip
visit.add(
    "authorization.units-low", INFORM, "C", _EDITABLE,
    N_("Units left on authorization {number} after this session: {left}. Ask for more in time."),
    _low(_authorization, _few_units), item="23", field="authorization_id",
)  # fmt: skip
visit.add(
    "authorization.dollars-low", INFORM, "C", "what is left is less than the session charged",
    N_("Dollars left on authorization {number} after this session: {left}. Ask for more in time."),
    _low(_authorization, _few_dollars), item="23", field="authorization_id",
)  # fmt: skip
visit.add(
    "authorization.ends-soon", INFORM, "C", _EDITABLE,
    N_("Authorization {number} ends on {left}. Ask for a new one in time."),
    _low(_authorization, _few_days), item="23", field="authorization_id",
)  # fmt: skip


def _better(v: Visit, asked: Asked) -> Iterator[Where]:
    chosen = asked.authorization
    if chosen is None or v.date is None:
        return
    others = [o for o in asked.others if not (o.id == v.id is not None)]
    rivals = [a for a in asked.authorizations if a.policy_id == chosen.policy_id and a.id != chosen.id]
    first = referrals.pick([chosen, *rivals], others, v.date)
    if first is not None and first.id != chosen.id:
        yield Where({"first": first.number, "date": date_text(first.valid_to), "number": chosen.number})


visit.add(
    "authorization.another-first", INFORM, "C", "the one that ends first is used first",
    N_("Authorization {first} covers the session, has room and ends on {date}: use it before {number}."),
    _better, item="23", field="authorization_id",
)  # fmt: skip

# --- the ledger's side of a referral and an authorization -----------------------------------------------------------


def _overlaps(a: Authorization, asked: Asked) -> Iterator[Where]:
    for other in asked.authorizations:
        if other.id != a.id and not _same(a, other) and referrals.overlapping(a, other):
            yield Where({"number": a.number, "other": other.number})


def _same(a: Authorization, other: Authorization) -> bool:
    """Whether two authorizations have one number, however it is written."""
    return _letters(a.number) == _letters(other.number) != ""


def _letters(number: str) -> str:
    return "".join(sign for sign in number.upper() if sign.isalnum())


def _twice(a: Authorization, asked: Asked) -> Iterator[Where]:
    if any(other.id != a.id and _same(a, other) and referrals.overlapping(a, other) for other in asked.authorizations):
        yield Where({"number": a.number})


authorization.add(
    "authorization.overlaps", INFORM, "C", "the one that ends first is used first",
    N_("Authorizations {number} and {other} cover the same days. Say with each session which one it uses."),
    _overlaps, item="23", field="valid_from",
)  # fmt: skip
authorization.add(
    "authorization.twice", WARN, "A", "an authorization that is entered twice is counted twice",
    N_("Authorization {number} is entered twice for the same days, as if it gave twice as much. Take one out."),
    _twice, item="23", field="number",
)  # fmt: skip
authorization.add(
    "authorization.elsewhere-negative", BLOCK, "A", "a number of visits is not below 0",
    N_("The visits that others gave on the authorization are fewer than 0. Correct the number."),
    lambda a, asked: a.used_elsewhere < 0, item="23", field="used_elsewhere",
)  # fmt: skip
referral.add(
    "referral.elsewhere-negative", BLOCK, "A", "a number of visits is not below 0",
    N_("The visits that others gave on the referral are fewer than 0. Correct the number."),
    lambda r, asked: r.used_elsewhere < 0, item="17", field="used_elsewhere",
)  # fmt: skip
referral.add(
    "referral.frequency-unclear", INFORM, "C", "an order gives frequency and length",
    N_("The frequency {text} is not counted: it has no end or more than one meaning. 2 a week for 6 weeks is clear."),
    lambda r, asked: (
        [Where({"text": r.frequency.strip()})]
        if r.frequency.strip() and pace.parse_frequency(r.frequency) is None else ()
    ),
    field="frequency",
)  # fmt: skip


def _contradicted(r: Referral, asked: Asked) -> Iterator[Where]:
    plan = pace.parse_frequency(r.frequency)
    if plan is not None and 0 < r.visits_allowed < plan.sessions:
        yield Where({"text": r.frequency.strip(), "planned": plan.sessions, "allowed": r.visits_allowed})


referral.add(
    "referral.frequency-contradicted", INFORM, "C", "an order gives frequency and length",
    N_("{text} makes {planned} sessions, the referral allows {allowed} visits. Ask which one counts."),
    _contradicted, field="visits_allowed",
)  # fmt: skip
