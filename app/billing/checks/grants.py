"""Checks of a session against its referral, its authorization and its policy: dates, visits, units and dollars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from app.billing import referrals
from app.billing.checks.registry import BLOCK, WARN, Asked, Where
from app.billing.checks.sessions import visit
from app.billing.records import Authorization, Referral, Visit, VisitStatus
from app.i18n import N_, date_text


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


def _account(grant: Referral | Authorization, v: Visit, asked: Asked) -> referrals.Ledger:
    """What is used once this session is: it, and the others up to its day."""
    if isinstance(grant, Referral):
        done = replace(v, status=VisitStatus.DONE, referral_id=grant.id)
    else:
        done = replace(v, status=VisitStatus.DONE, authorization_id=grant.id)
    day = v.date or dt.date.max
    earlier = [o for o in asked.others if not (o.id == v.id is not None) and (o.date or dt.date.max) <= day]
    return referrals.ledger(grant, [done, *earlier])


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
