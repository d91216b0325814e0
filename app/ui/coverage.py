"""What covers a client over time, as values to draw: policies, referrals, authorizations, signatures, sessions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from statistics import median_low

from app.billing import benefits, referrals
from app.billing.records import Authorization, Client, Referral, VisitStatus
from app.i18n import _, date_text
from app.ui.visit_context import VisitContext

_RECENT, _LEAST, _AHEAD = 6, 3, 3
"""Sessions that the pace is taken from, how many it needs, and how many are drawn ahead."""


class Look(Enum):
    """How a bar is drawn; its words say the same."""

    FORCE = "force"
    PAST = "past"
    LOW = "low"
    GAP = "gap"
    ASK = "ask"


class Mark(Enum):
    """How a session is drawn."""

    BILLED = "billed"
    UNBILLED = "unbilled"
    MISSED = "missed"
    EXPECTED = "expected"


LANES = {
    "policy": _("Policy"), "referral": _("Referral"), "authorization": _("Authorization"),
    "signature": _("Signatures"), "visit": _("Sessions"),
}  # fmt: skip


@dataclass(frozen=True)
class Bar:
    """A span of a lane, both days included; None is open. `used` is what is used up, from 0 to 1. `target` is the
    table, id and field it leads to; without an id, to a new record."""

    lane: str
    text: str
    look: Look
    first: dt.date | None
    last: dt.date | None
    target: tuple[str, int | None, str]
    used: float | None = None


@dataclass(frozen=True)
class Dot:
    """A session that was, or is expected at the present pace."""

    date: dt.date
    mark: Mark


def bars(context: VisitContext, today: dt.date) -> list[Bar]:
    """Every span of every lane."""
    return [*_policies(context, today), *_grants(context, today), *_signatures(context, today)]


def _policies(context: VisitContext, today: dt.date) -> Iterator[Bar]:
    for one in context.policies:
        payer = context.payers[one.payer_id].name
        call = benefits.newest(context.verifications, one.id)
        asked = _(", asked {date}").format(date=date_text(call.called_on)) if call and call.called_on else ""
        due = benefits.due_on(call) if call is not None else None
        last = min(filter(None, (one.valid_to, due - dt.timedelta(days=1) if due else None)), default=None)
        text = _("{payer}, policy{asked}").format(payer=payer, asked=asked)
        yield Bar("policy", text, _look(one.valid_to, today, context), one.valid_from, last, ("policy", one.id, ""))
        if due is not None and (one.valid_to is None or due <= one.valid_to):
            again = _("ask about benefits from {date}").format(date=date_text(due))
            yield Bar("policy", again, Look.ASK, due, one.valid_to, ("verification", None, ""))


def _look(last: dt.date | None, today: dt.date, context: VisitContext) -> Look:
    if last is not None and last < today:
        return Look.PAST
    soon = last is not None and (last - today).days <= context.limits.days
    return Look.LOW if soon else Look.FORCE


def _grants(context: VisitContext, today: dt.date) -> Iterator[Bar]:
    wanted = _wanted(context, today)
    for lane, kept in (("referral", context.referrals), ("authorization", context.authorizations)):
        for one in kept:
            yield _grant(lane, one, context, today)
        ends = [_end(one) for one in kept]
        if wanted.get(lane) and None not in ends:
            last = max((end for end in ends if end is not None), default=None)
            first = max(today, last + dt.timedelta(days=1)) if last is not None else today
            none = _("no referral") if lane == "referral" else _("no authorization")
            yield Bar(lane, none, Look.GAP, first, None, (lane, None, ""))


def _wanted(context: VisitContext, today: dt.date) -> dict[str, bool]:
    """Whether a policy of today wants a referral or an authorization, by its payer or by the last call."""
    live = [one for one in context.policies if one.valid_to is None or one.valid_to >= today]
    said = [(context.payers[one.payer_id], benefits.newest(context.verifications, one.id)) for one in live]
    yes = benefits.Answer.YES
    return {
        "referral": any(p.referral_required or (c and c.referral_required is yes) for p, c in said),
        "authorization": any(p.authorization_required or (c and c.authorization_required is yes) for p, c in said),
    }


def _end(one: Referral | Authorization) -> dt.date | None:
    return one.expires if isinstance(one, Referral) else one.valid_to


def _grant(lane: str, one: Referral | Authorization, context: VisitContext, today: dt.date) -> Bar:
    account = referrals.ledger(one, context.visits)
    name = _("Dr. {name}").format(name=one.last_name) if isinstance(one, Referral) else one.number or _("no number")
    used, allowed, counted = account.visits_used, account.visits_allowed, _("{used} of {allowed} visits used")
    if not allowed and account.units_allowed:
        used, allowed, counted = account.units_used, account.units_allowed, _("{used} of {allowed} units used")
    text = ", ".join((name, counted.format(used=used, allowed=allowed))) if allowed else name
    look = _look(account.last, today, context)
    limits = context.limits
    low = (account.visits_left is not None and account.visits_left <= limits.visits) or (
        account.units_left is not None and account.units_left < limits.units
    )
    if look is Look.FORCE and (low or not account.has_room):
        look = Look.LOW
    share = min(used / allowed, 1.0) if allowed else None
    return Bar(lane, text, look, account.first, account.last, (lane, one.id, ""), share)


def _signatures(context: VisitContext, today: dt.date) -> Iterator[Bar]:
    """Release and assignment on one bar where they hold equally long; what is no longer signed is a gap."""
    who = context.client
    if who is None:
        return
    signed = {
        name: (begun, getattr(who, f"{name}_expires"))
        for name in ("release", "assignment", "consent")
        if (begun := getattr(who, f"{name}_signed")) is not None
    }
    wanted = bool(context.policies)
    if not signed and wanted:
        yield _unsigned(who, "release", _("no signature on file"), None)
        return
    release, assignment = signed.get("release"), signed.get("assignment")
    if release and assignment and release[1] == assignment[1]:
        text, since = _("Release and assignment on file"), max(release[0], assignment[0])
        yield _signature(who, "release", text, (since, release[1]), _look(release[1], today, context))
        del signed["assignment"], signed["release"]
    texts = {
        "release": _("Release on file") if assignment or not wanted else _("Release on file, no assignment"),
        "assignment": _("Assignment on file") if release or not wanted else _("Assignment on file, no release"),
        "consent": _("Consent on file"),
    }
    for name, span in signed.items():
        yield _signature(who, name, texts[name], span, _look(span[1], today, context))
    ends = [expires for span in (release, assignment) if span and (expires := span[1]) is not None]
    if ends and wanted:
        first = max(today, min(ends) + dt.timedelta(days=1))
        name = "release" if release and release[1] == min(ends) else "assignment"
        yield _unsigned(who, name, _("to be signed again"), first)


def _signature(who: Client, name: str, text: str, span: tuple[dt.date, dt.date | None], look: Look) -> Bar:
    since, until = span
    if until is not None:
        text = _("{what} until {date}").format(what=text, date=date_text(until))
    return Bar("signature", text, look, since, until, ("client", who.id, f"{name}_signed"))


def _unsigned(who: Client, name: str, text: str, first: dt.date | None) -> Bar:
    return Bar("signature", text, Look.GAP, first, None, ("client", who.id, f"{name}_signed"))


def dots(context: VisitContext, billed: frozenset[int], today: dt.date) -> list[Dot]:
    """The sessions in order, then those that the present pace leads to. `billed` are ids of sessions on a claim."""
    found = []
    for visit in context.visits:
        if visit.date is None or visit.status is VisitStatus.VOID:
            continue
        if visit.status is VisitStatus.DONE:
            mark = Mark.BILLED if visit.id in billed or visit.policy_id is None else Mark.UNBILLED
        else:
            mark = Mark.MISSED if visit.status is VisitStatus.NO_SHOW else Mark.EXPECTED
        found.append(Dot(visit.date, mark))
    return [*found, *_ahead(context, today)]


def _ahead(context: VisitContext, today: dt.date) -> list[Dot]:
    """Guessed sessions, by the median gap of the last ones; none for a client who stopped coming."""
    done = sorted({v.date for v in context.visits if v.date is not None and v.status is VisitStatus.DONE})[-_RECENT:]
    if len(done) < _LEAST or any(v.status is VisitStatus.PLANNED for v in context.visits):
        return []
    gap = median_low([(later - earlier).days for earlier, later in pairwise(done)])
    if (today - done[-1]).days > 3 * gap:
        return []
    coming = (done[-1] + dt.timedelta(days=gap * number) for number in range(1, 3 * _AHEAD + 1))
    return [Dot(date, Mark.EXPECTED) for date in coming if date > today][:_AHEAD]
