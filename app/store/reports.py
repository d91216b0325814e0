"""Lists and sums over the whole clinic: what waits for a hand, and what was done, by month, payer, code and referrer.

Sums are made by SQL, in cents, over sessions that took place. `paid` is what clients paid at the desk: what payers
answer is not kept yet. A sum over ten years takes a while, so the window asks on another thread.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, text
from sqlalchemy.orm import Session

from app.billing.deadlines import add_months
from app.billing.pace import RunOut, run_out
from app.billing.records import Authorization, ClaimStatus, Referral, Visit, VisitStatus
from app.billing.referrals import Ledger, Thresholds, ledger
from app.billing.roles import Action
from app.store import access, convert, visits
from app.store.tables import (
    AuthorizationRow,
    ClaimLineRow,
    ClaimRow,
    ClientRow,
    PayerRow,
    PolicyRow,
    ReferralRow,
    ServiceLineRow,
    SuperbillVisitRow,
    VisitRow,
)

WAITING = (ClaimStatus.MAILED, ClaimStatus.RECEIVED, ClaimStatus.IN_PROCESS, ClaimStatus.APPEALED)
"""With the payer, and not answered."""
_RECENT_DAYS = 60
"""A client with a session in so many days still comes: only then does a referral that runs out matter."""
_ENDED_DAYS = 30
"""A referral that has ended, and that no other follows, is told for so many days."""
_MONTHS_A_TABLE = 36
"""A longer span is told by years."""


# --- what waits -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Unbilled:
    """A session that took place, has a policy, and lines on no live claim; `charge` is of those lines."""

    visit_id: int
    client_id: int
    client: str
    payer_id: int
    payer: str
    date: dt.date | None
    charge: int
    filing_days: int


def unbilled(s: Session) -> list[Unbilled]:
    """All unbilled sessions, the oldest first: as `visits.unbilled`, with only what a list shows."""
    statement = (
        select(
            VisitRow.id.label("visit_id"), VisitRow.client_id, ClientRow.last_name, ClientRow.first_name,
            PayerRow.id.label("payer_id"), PayerRow.name.label("payer"), VisitRow.date,
            VisitRow.waiting_charge.label("charge"), PayerRow.filing_days,
        )
        .join(PolicyRow, PolicyRow.id == VisitRow.policy_id)
        .join(PayerRow, PayerRow.id == PolicyRow.payer_id)
        .join(ClientRow, ClientRow.id == VisitRow.client_id)
        .where(VisitRow.id.in_(select(VisitRow.id).where(text("visit.waiting > 0"))))
    )  # fmt: skip
    found = [Unbilled(**_named(row)) for row in s.execute(statement).mappings()]
    return sorted(found, key=lambda each: (each.date or dt.date.max, each.visit_id))


@dataclass(frozen=True, kw_only=True)
class OpenClaim:
    """A claim that is under way. `first` is its oldest session, `lines` how many services it has."""

    id: int
    number: str
    client_id: int
    client: str
    payer: str
    status: ClaimStatus
    built: dt.date | None
    issued: dt.date | None
    first: dt.date | None
    lines: int
    charge: int
    filing_days: int


def open_claims(
    s: Session, statuses: Sequence[ClaimStatus], *, issued: tuple[dt.date, dt.date] | None = None
) -> list[OpenClaim]:
    """Claims of some statuses, the oldest first; with `issued` only those printed from one day to another."""
    chosen = select(ClaimRow.id).where(ClaimRow.status.in_(statuses))
    if issued is not None:
        chosen = chosen.where(ClaimRow.issued.between(*issued))
    statement = (
        select(
            ClaimRow.id, ClaimRow.number, ClaimRow.client_id, ClientRow.last_name, ClientRow.first_name,
            PayerRow.name.label("payer"), ClaimRow.status, ClaimRow.built, ClaimRow.issued,
            ClaimRow.first_date.label("first"), func.count(ClaimLineRow.id).label("lines"), ClaimRow.charge,
            PayerRow.filing_days,
        )
        .join(ClientRow, ClientRow.id == ClaimRow.client_id)
        .join(PolicyRow, PolicyRow.id == ClaimRow.policy_id)
        .join(PayerRow, PayerRow.id == PolicyRow.payer_id)
        .outerjoin(ClaimLineRow, ClaimLineRow.claim_id == ClaimRow.id)
        .where(ClaimRow.id.in_(chosen))
        .group_by(ClaimRow.id)
        .order_by(ClaimRow.id)
    )  # fmt: skip
    return [OpenClaim(**_named(row)) for row in s.execute(statement).mappings()]


def _named(row: Any) -> dict[str, Any]:
    """The values of a row, with first and last name as one."""
    values = dict(row)
    values["client"] = ", ".join(part for part in (values.pop("last_name"), values.pop("first_name")) if part)
    return values


@dataclass(frozen=True, kw_only=True)
class RunningOut:
    """A referral or authorization that is used up soon, or has just ended, and no other takes its place."""

    grant: Referral | Authorization
    client: str
    account: Ledger
    guess: RunOut | None


def grants_in_use(s: Session, *, today: dt.date) -> list[RunningOut]:
    """Referrals and authorizations of clients who still come, in force or ended of late, with what is left of each."""
    coming = (
        select(VisitRow.client_id)
        .where(
            VisitRow.date.between(today - dt.timedelta(days=_RECENT_DAYS), today), VisitRow.status == VisitStatus.DONE
        )
        .distinct()
    )
    recent = today - dt.timedelta(days=_ENDED_DAYS)
    referrals = convert.load(
        s, Referral, ReferralRow.client_id.in_(coming),
        or_(ReferralRow.expires.is_(None), ReferralRow.expires >= recent),
        or_(ReferralRow.expires.is_not(None), ReferralRow.visits_allowed > 0),
    )  # fmt: skip
    authorizations = convert.load(
        s, Authorization, AuthorizationRow.client_id.in_(coming),
        or_(AuthorizationRow.valid_to.is_(None), AuthorizationRow.valid_to >= recent),
    )  # fmt: skip
    grants: list[Referral | Authorization] = [*referrals, *authorizations]
    names = _names(s, {grant.client_id for grant in grants})
    # A referral counts visits only; lines are read where units or dollars may count.
    visit = VisitRow.__table__.c
    on_referrals = convert.load(
        s, Visit, convert.among(visit.client_id, {grant.client_id for grant in referrals}),
        convert.among(visit.referral_id, [grant.id or 0 for grant in referrals]),
    )  # fmt: skip
    on_authorizations = visits.load(
        s, convert.among(visit.client_id, {grant.client_id for grant in authorizations}),
        convert.among(visit.authorization_id, [grant.id or 0 for grant in authorizations]),
    )  # fmt: skip
    return [
        *_accounts(referrals, on_referrals, names),
        *_accounts(authorizations, on_authorizations, names),
    ]


def _accounts(
    grants: Sequence[Referral | Authorization], used: Sequence[Visit], names: dict[int, str]
) -> Iterator[RunningOut]:
    by_client = {key: list(items) for key, items in groupby(sorted(used, key=_client), key=_client)}
    for grant in grants:
        on_it = by_client.get(grant.client_id, [])
        account = ledger(grant, on_it)
        guess = run_out(grant, account, on_it)
        yield RunningOut(grant=grant, client=names[grant.client_id], account=account, guess=guess)


def _client(visit: Visit) -> int:
    return visit.client_id


def _names(s: Session, client_ids: Iterable[int]) -> dict[int, str]:
    wanted = convert.among(ClientRow.__table__.c.id, client_ids)
    found = s.execute(select(ClientRow.id, ClientRow.last_name, ClientRow.first_name).where(wanted)).mappings()
    return {row["id"]: _named(row)["client"] for row in found}


def running_out(grants: Sequence[RunningOut], limits: Thresholds, *, today: dt.date) -> list[RunningOut]:
    """Those of `grants_in_use` that are low or end soon, the most urgent first.

    One that is used up or over counts only while no other of its kind and client takes its place.
    """
    of_client = {key: list(items) for key, items in groupby(sorted(grants, key=_of), key=_of)}
    low = [each for each in grants if _is_low(each.account, limits, today)]
    found = [each for each in low if not _replaced(each, of_client[each.grant.client_id], today)]
    return sorted(found, key=lambda each: ends(each) or dt.date.max)


def _of(each: RunningOut) -> int:
    return each.grant.client_id


def ends(each: RunningOut) -> dt.date | None:
    """The day a grant ends: by its window, or by the guess where that comes first."""
    days = [day for day in (each.account.last, each.guess.date if each.guess else None) if day is not None]
    return min(days, default=None)


def _is_low(account: Ledger, limits: Thresholds, today: dt.date) -> bool:
    return (
        (account.visits_left is not None and account.visits_left <= limits.visits)
        or (account.units_left is not None and account.units_left < limits.units)
        or (account.dollars_left is not None and account.dollars_left <= 0)
        or (account.last is not None and (account.last - today).days <= limits.days)
    )


def _replaced(each: RunningOut, grants: Sequence[RunningOut], today: dt.date) -> bool:
    """Whether another grant of the same kind goes on after this one; `grants` are the client's."""
    return any(
        other.grant != each.grant
        and type(other.grant) is type(each.grant)
        and other.account.has_room
        and (other.account.last or dt.date.max) > (each.account.last or today)
        for other in grants
    )


@dataclass(frozen=True, kw_only=True)
class DaySession:
    """A session of a day; `claimed` says that lines of it are on a live claim."""

    visit_id: int
    client: str
    start: int | None
    status: VisitStatus
    insured: bool
    claimed: bool
    on_superbill: bool


def day(s: Session, date: dt.date) -> list[DaySession]:
    """The sessions of a day in their order."""
    claimed = (
        select(ClaimLineRow.id)
        .join(ServiceLineRow, ServiceLineRow.id == ClaimLineRow.service_line_id)
        .where(ServiceLineRow.visit_id == VisitRow.id, ClaimLineRow.live.is_(True))
        .exists()
    )
    on_superbill = select(SuperbillVisitRow.id).where(SuperbillVisitRow.visit_id == VisitRow.id).exists()
    statement = (
        select(
            VisitRow.id.label("visit_id"), ClientRow.last_name, ClientRow.first_name, VisitRow.start, VisitRow.status,
            VisitRow.policy_id.is_not(None).label("insured"), claimed.label("claimed"),
            on_superbill.label("on_superbill"),
        )
        .join(ClientRow, ClientRow.id == VisitRow.client_id)
        .where(VisitRow.date == date, VisitRow.status != VisitStatus.VOID)
        .order_by(VisitRow.start, VisitRow.id)
    )  # fmt: skip
    return [DaySession(**_named(row)) for row in s.execute(statement).mappings()]


# --- what was done --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Work:
    """Sessions that took place, what was charged for them and what clients paid, under a month, year or payer."""

    label: str
    sessions: int
    charged: int
    paid: int


def first_session(s: Session) -> dt.date | None:
    """The date of the first session of the clinic."""
    found: dt.date | None = s.scalar(
        select(VisitRow.date).where(VisitRow.date.is_not(None)).order_by(VisitRow.date).limit(1)
    )
    return found


def clients_seen(s: Session, first: dt.date, last: dt.date) -> int:
    """How many clients had a session in a span."""
    seen = select(func.count(VisitRow.client_id.distinct())).where(
        VisitRow.date.between(first, last), VisitRow.status == VisitStatus.DONE
    )
    return s.scalar(seen) or 0


def _sessions(first: dt.date, last: dt.date) -> Any:
    return (
        select(VisitRow.id, VisitRow.date, VisitRow.policy_id, VisitRow.paid, VisitRow.charge)
        .where(VisitRow.date.between(first, last), VisitRow.status == VisitStatus.DONE)
        .subquery()
    )


def _summed(sessions: Any, label: Any) -> Select[Any]:
    return select(
        label.label("label"), func.count().label("sessions"),
        func.coalesce(func.sum(sessions.c.charge), 0).label("charged"),
        func.coalesce(func.sum(sessions.c.paid), 0).label("paid"),
    ).select_from(sessions)  # fmt: skip


def by_month(s: Session, first: dt.date, last: dt.date) -> list[Work]:
    """Month by month ("2026-11"), also those without a session; a span of more than three years by years ("2026")."""
    access.require(s, Action.REPORTS)
    months = [add_months(first.replace(day=1), n) for n in range(_months(first, last))]
    length = 4 if len(months) > _MONTHS_A_TABLE else 7
    sessions = _sessions(first, last)
    period = func.substr(sessions.c.date, 1, length)
    found = {row["label"]: Work(**row) for row in s.execute(_summed(sessions, period).group_by(period)).mappings()}
    labels = dict.fromkeys(month.isoformat()[:length] for month in months)
    return [found.get(label, Work(label=label, sessions=0, charged=0, paid=0)) for label in labels]


def _months(first: dt.date, last: dt.date) -> int:
    return max(0, (last.year - first.year) * 12 + last.month - first.month + 1)


def by_payer(s: Session, first: dt.date, last: dt.date) -> list[Work]:
    """By the payer of each session, the largest first; without a policy the label is empty."""
    access.require(s, Action.REPORTS)
    sessions = _sessions(first, last)
    name = func.coalesce(PayerRow.name, "")
    statement = (
        _summed(sessions, name)
        .outerjoin(PolicyRow, PolicyRow.id == sessions.c.policy_id)
        .outerjoin(PayerRow, PayerRow.id == PolicyRow.payer_id)
        .group_by(PayerRow.id)
    )
    found = [Work(**row) for row in s.execute(statement).mappings()]
    return sorted(found, key=lambda each: (-each.charged, each.label))


@dataclass(frozen=True, kw_only=True)
class CodeWork:
    """What was billed under a code."""

    code: str
    sessions: int
    units: int
    charged: int


def by_code(s: Session, first: dt.date, last: dt.date) -> list[CodeWork]:
    """By code, the largest first."""
    access.require(s, Action.REPORTS)
    # Asked with IN and not with a join, SQLite goes through the lines once, visit by visit: five times as fast.
    of_span = select(VisitRow.id).where(VisitRow.date.between(first, last), VisitRow.status == VisitStatus.DONE)
    statement = (
        select(
            ServiceLineRow.code, func.count(ServiceLineRow.visit_id.distinct()).label("sessions"),
            func.sum(ServiceLineRow.units).label("units"), func.sum(ServiceLineRow.charge).label("charged"),
        )
        .where(ServiceLineRow.visit_id.in_(of_span))
        .group_by(ServiceLineRow.code)
    )  # fmt: skip
    found = [CodeWork(**row) for row in s.execute(statement).mappings()]
    return sorted(found, key=lambda each: (-each.charged, each.code))


@dataclass(frozen=True, kw_only=True)
class SourceWork:
    """Who sends clients: referrals written in a span, and what was done on them."""

    name: str
    npi: str
    referrals: int
    clients: int
    sessions: int
    charged: int


def by_source(s: Session, first: dt.date, last: dt.date) -> list[SourceWork]:
    """By referrer (name and NPI), the most referrals first; sessions are all those on the referrals."""
    access.require(s, Action.REPORTS)
    used = (
        select(
            VisitRow.referral_id.label("referral_id"), func.count().label("sessions"),
            func.sum(VisitRow.charge).label("charged"),
        )
        .select_from(ReferralRow)
        .join(VisitRow, and_(VisitRow.client_id == ReferralRow.client_id, VisitRow.referral_id == ReferralRow.id))
        .where(ReferralRow.written.between(first, last), VisitRow.status == VisitStatus.DONE)
        .group_by(VisitRow.referral_id)
        .subquery()
    )  # fmt: skip
    who = (ReferralRow.last_name, ReferralRow.first_name, ReferralRow.credentials, ReferralRow.npi)
    statement = (
        select(
            *who, func.count(ReferralRow.id).label("referrals"),
            func.count(ReferralRow.client_id.distinct()).label("clients"),
            func.coalesce(func.sum(used.c.sessions), 0).label("sessions"),
            func.coalesce(func.sum(used.c.charged), 0).label("charged"),
        )
        .outerjoin(used, used.c.referral_id == ReferralRow.id)
        .where(ReferralRow.written.between(first, last))
        .group_by(*who)
    )  # fmt: skip
    found = [_source(dict(row)) for row in s.execute(statement).mappings()]
    return sorted(found, key=lambda each: (-each.referrals, -each.charged, each.name))


def _source(row: dict[str, Any]) -> SourceWork:
    name = ", ".join(part for part in (row.pop("last_name"), row.pop("first_name")) if part)
    return SourceWork(name=" ".join(part for part in (name, row.pop("credentials")) if part), **row)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Claims with payers that were printed on one day, and what was charged on them."""

    issued: dt.date
    claims: int
    charge: int


def waiting(s: Session) -> list[Waiting]:
    """Claims that were printed, or mailed, and are not answered, by the day they were printed."""
    access.require(s, Action.REPORTS)
    statement = (
        select(
            ClaimRow.issued, func.count().label("claims"), func.sum(ClaimRow.charge).label("charge"),
        )
        .where(ClaimRow.status.in_((ClaimStatus.PRINTED, *WAITING)), ClaimRow.issued.is_not(None))
        .group_by(ClaimRow.issued)
    )  # fmt: skip
    return [Waiting(**row) for row in s.execute(statement).mappings()]
