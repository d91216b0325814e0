"""Claims as lists want them: chosen by a filter, ordered by a column or by urgency, counted and summed by stage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, TypedDict, Unpack

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from app.billing.deadlines import deadline
from app.billing.follow_up import ASK_DAYS, STAGES, UNMAILED, Stage, Step, appeal_limit, next_step
from app.billing.records import ClaimStatus
from app.store.search import matches_clients, starts_with
from app.store.tables import (
    ClaimEventRow,
    ClaimLineRow,
    ClaimRow,
    ClientRow,
    PayerRow,
    PolicyRow,
    ServiceLineRow,
)

SOON_DAYS = 14
"""A limit for filing that ends in so many days is near."""
LONG_DAYS = 30
"""A claim that the payer has for so many days waits long."""


class Due(StrEnum):
    """Why a claim needs a hand: its next action is due, its limit for filing is near, or it waits long."""

    ACTION = "action"
    DEADLINE = "deadline"
    WAITING = "waiting"


class Chosen(TypedDict, total=False):
    """Which claims: with a number that begins with `text` or of the clients it finds, and all else that is given.

    `due` needs `today`. Without any key: all claims.
    """

    text: str
    status: ClaimStatus | None
    statuses: Collection[ClaimStatus]
    claim_id: int | None
    client_id: int | None
    payer_id: int | None
    provider_id: int | None
    due: Due | None
    today: dt.date


@dataclass(frozen=True, kw_only=True)
class ClaimLine:
    """A claim in a list. `charge` is in cents; `first` and `last` are dates of service."""

    id: int
    number: str
    client_id: int
    client: str
    payer: str
    first: dt.date | None
    last: dt.date | None
    charge: int
    status: ClaimStatus
    issued: dt.date | None
    status_on: dt.date | None = None
    next_action: str = ""
    next_on: dt.date | None = None
    filing_days: int = 0
    appeal_days: int = 0

    def days(self, today: dt.date) -> int:
        """Days since it came to its status; with the payer, since it was sent."""
        with_payer = self.status in (ClaimStatus.RECEIVED, ClaimStatus.IN_PROCESS)
        since = (self.issued if with_payer else None) or self.status_on or today
        return (today - since).days

    @property
    def limit(self) -> dt.date | None:
        """The last day to mail it, or to appeal against the answer; None where there is none or it is not known."""
        if self.status in UNMAILED:
            return deadline(self.first, days=self.filing_days) if self.first and self.filing_days > 0 else None
        return appeal_limit(self.status, self.status_on, self.appeal_days) if self.status_on else None

    @property
    def suggestion(self) -> Step:
        """What to do next where nothing is planned."""
        return next_step(self.status, self.status_on, appeal_days=self.appeal_days) if self.status_on else Step()


@dataclass(frozen=True)
class Sum:
    """So many claims, and their charges in cents."""

    count: int = 0
    charge: int = 0


_SINCE = case(
    (ClaimRow.status.in_((ClaimStatus.RECEIVED, ClaimStatus.IN_PROCESS)), ClaimRow.issued), else_=ClaimRow.status_on
)
_STATUS_RANK = case({status: rank for rank, status in enumerate(ClaimStatus)}, value=ClaimRow.status)
_ANSWER_RANK = case({ClaimStatus.PARTLY_PAID: 1, ClaimStatus.PAID: 2}, value=ClaimRow.status, else_=0)
_NEVER = "9999"


def _day(date: Any, days: Any) -> ColumnElement[Any]:
    """A date so many days later, as text."""
    return func.date(date, func.printf("%+d days", days))


_LIMIT = case(
    (and_(ClaimRow.status.in_(UNMAILED), PayerRow.filing_days > 0), _day(ClaimRow.first_date, PayerRow.filing_days)),
    (
        and_(
            ClaimRow.status.in_((ClaimStatus.DENIED, ClaimStatus.PARTLY_PAID)),
            PayerRow.appeal_days > 0,
        ),
        _day(ClaimRow.status_on, PayerRow.appeal_days),
    ),
)

ORDERS: Mapping[str, tuple[Any, ...]] = {
    "": (),
    "number": (ClaimRow.number,),
    "client": (ClientRow.last_name, ClientRow.first_name),
    "payer": (PayerRow.name,),
    "dates": (ClaimRow.first_date,),
    "charge": (ClaimRow.charge,),
    "status": (_STATUS_RANK,),
    "since": (func.coalesce(_SINCE, ""),),
    "next": (ClaimRow.next_action == "", ClaimRow.next_action),
    "by": (func.coalesce(ClaimRow.next_on, _NEVER),),
    "urgent": (
        _ANSWER_RANK,
        func.coalesce(_LIMIT, _NEVER),
        func.coalesce(ClaimRow.next_on, _day(_SINCE, ASK_DAYS), _NEVER),
    ),
}
"""Columns that lists are sorted by; a `-` before the name turns the order round. The newest first among equals."""


def lines(
    s: Session, *, order: str = "", limit: int = 50, offset: int = 0, **chosen: Unpack[Chosen]
) -> list[ClaimLine]:
    """Claims for a list, in one of `ORDERS`; the newest first without one. Raises KeyError for another."""
    # The page first: in one SELECT, SQLite would look up the rest for every claim before it sorts.
    ordered = _ordered(order)
    page = _joined(select(ClaimRow.id)).where(*_wanted(chosen)).order_by(*ordered).limit(limit).offset(offset)
    statement = (
        select(
            ClaimRow.id, ClaimRow.number, ClaimRow.client_id, ClientRow.last_name, ClientRow.first_name,
            PayerRow.name.label("payer"), ClaimRow.first_date.label("first"), ClaimRow.last_date.label("last"),
            ClaimRow.charge, ClaimRow.status, ClaimRow.issued, ClaimRow.status_on, ClaimRow.next_action,
            ClaimRow.next_on, PayerRow.filing_days, PayerRow.appeal_days,
        )
    )  # fmt: skip
    found = _joined(statement).where(ClaimRow.id.in_(page)).order_by(*ordered)
    return [_line(dict(row)) for row in s.execute(found).mappings()]


def _joined(statement: Any) -> Any:
    """SQLite leaves out of the page's SELECT what the order does not need: each of these is one row, always there."""
    return (
        statement.join(ClientRow, ClientRow.id == ClaimRow.client_id)
        .join(PolicyRow, PolicyRow.id == ClaimRow.policy_id)
        .join(PayerRow, PayerRow.id == PolicyRow.payer_id)
    )


def _ordered(order: str) -> list[Any]:
    columns = ORDERS[order.removeprefix("-")]
    turned = [column.desc() for column in columns] if order.startswith("-") else list(columns)
    return [*turned, ClaimRow.id.desc()]


def count(s: Session, **chosen: Unpack[Chosen]) -> int:
    """How many `lines` would list without a limit."""
    return s.scalar(select(func.count()).select_from(ClaimRow).where(*_wanted(chosen))) or 0


def sums(s: Session, **chosen: Unpack[Chosen]) -> dict[Stage, Sum]:
    """Count and charges of each stage of the board."""
    wanted = _wanted(chosen)
    summed = select(ClaimRow.status, func.count(), func.sum(ClaimRow.charge)).where(*wanted).group_by(ClaimRow.status)
    found = {status: (count, charge) for status, count, charge in s.execute(summed)}
    return {
        stage: Sum(*(sum(figures) for figures in zip((0, 0), *(found.get(each, (0, 0)) for each in of), strict=True)))
        for stage, of in STAGES.items()
    }


def _wanted(chosen: Chosen) -> list[Any]:
    return [make(chosen[key], chosen) for key, make in _FILTERS.items() if chosen.get(key)]  # type: ignore[literal-required]


def _of_text(text: str, chosen: Chosen) -> Any:
    of_clients = ClaimRow.client_id.in_(select(ClientRow.id).where(matches_clients(text)))
    return or_(starts_with(ClaimRow.number, text.strip()), of_clients) if text.strip() else True


def _of_payer(payer_id: int, chosen: Chosen) -> Any:
    return ClaimRow.policy_id.in_(select(PolicyRow.id).where(PolicyRow.payer_id == payer_id))


def _of_due(due: Due, chosen: Chosen) -> Any:
    today = chosen["today"]
    if due is Due.ACTION:
        return and_(ClaimRow.next_on <= today, ClaimRow.status.not_in(STAGES[Stage.DONE]))
    if due is Due.WAITING:
        long_ago = today - dt.timedelta(days=LONG_DAYS)
        return and_(ClaimRow.status.in_(STAGES[Stage.WITH_PAYER]), long_ago >= _SINCE)
    filing_days = (
        select(PayerRow.filing_days)
        .join(PolicyRow, PolicyRow.payer_id == PayerRow.id)
        .where(PolicyRow.id == ClaimRow.policy_id)
        .correlate(ClaimRow)
        .scalar_subquery()
    )
    near = (today + dt.timedelta(days=SOON_DAYS)).isoformat()
    return and_(ClaimRow.status.in_(UNMAILED), filing_days > 0, _day(ClaimRow.first_date, filing_days) <= near)


_FILTERS: Mapping[str, Callable[[Any, Chosen], Any]] = {
    "text": _of_text,
    "status": lambda status, chosen: ClaimRow.status == status,
    "statuses": lambda statuses, chosen: ClaimRow.status.in_(list(statuses)),
    "claim_id": lambda claim_id, chosen: ClaimRow.id == claim_id,
    "client_id": lambda client_id, chosen: ClaimRow.client_id == client_id,
    "payer_id": _of_payer,
    "provider_id": lambda provider_id, chosen: ClaimRow.provider_id == provider_id,
    "due": _of_due,
}


def _line(row: dict[str, Any]) -> ClaimLine:
    name = ", ".join(part for part in (row.pop("last_name"), row.pop("first_name")) if part)
    return ClaimLine(client=name, **row)


# What a payer did before


class Answer(NamedTuple):
    """How a payer answered a claim with a code."""

    claim_id: int
    status: ClaimStatus
    on: dt.date | None
    code: str


MOST_ANSWERS = 200


def answers(s: Session, payer_id: int, codes: Collection[str], *, besides: int | None = None) -> list[Answer]:
    """How a payer answered its last claims with these codes, the newest first; of at most `MOST_ANSWERS` claims."""
    answered = (
        select(ClaimRow.id)
        .join(PolicyRow, PolicyRow.id == ClaimRow.policy_id)
        .where(PolicyRow.payer_id == payer_id, ClaimRow.status.in_(STAGES[Stage.ANSWERED]), ClaimRow.id.is_not(besides))
        .order_by(ClaimRow.id.desc())
        .limit(MOST_ANSWERS)
    )
    statement = (
        select(ClaimRow.id, ClaimRow.status, ClaimRow.status_on, ServiceLineRow.code)
        .join(ClaimLineRow, ClaimLineRow.claim_id == ClaimRow.id)
        .join(ServiceLineRow, ServiceLineRow.id == ClaimLineRow.service_line_id)
        .where(ClaimRow.id.in_(answered), ServiceLineRow.code.in_(list(codes)))
        .distinct()
        .order_by(func.coalesce(ClaimRow.status_on, "").desc(), ClaimRow.id.desc())
    )
    return [Answer(*row) for row in s.execute(statement)]


def last_paid(s: Session, payer_id: int, *, besides: int | None = None) -> int | None:
    """The id of the payer's claim that was paid last: paid now, or paid and then closed."""
    was_paid = select(ClaimEventRow.claim_id).where(ClaimEventRow.status == ClaimStatus.PAID)
    statement = (
        select(ClaimRow.id)
        .join(PolicyRow, PolicyRow.id == ClaimRow.policy_id)
        .where(
            PolicyRow.payer_id == payer_id, ClaimRow.pages != "", ClaimRow.id.is_not(besides),
            or_(
                ClaimRow.status == ClaimStatus.PAID,
                and_(ClaimRow.status == ClaimStatus.CLOSED, ClaimRow.id.in_(was_paid)),
            ),
        )
        .order_by(func.coalesce(ClaimRow.status_on, "").desc(), ClaimRow.id.desc())
        .limit(1)
    )  # fmt: skip
    found: int | None = s.scalar(statement)
    return found
