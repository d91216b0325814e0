"""Sessions (the code says visits) with their service lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, text
from sqlalchemy.orm import Session

from app.billing.records import ServiceLine, Visit, VisitStatus
from app.errors import ClinicError
from app.i18n import _
from app.store import convert
from app.store.search import matches_clients
from app.store.tables import ClaimLineRow, ClaimRow, ClientRow, PayerRow, PolicyRow, ServiceLineRow, VisitRow

_ORDER = ("date", "start", "id")
_MANY_CLIENTS = 100
_NEWEST = (VisitRow.date.desc(), VisitRow.start.desc(), VisitRow.id.desc())


@dataclass(frozen=True, kw_only=True)
class VisitLine:
    """A session in a list. `charge` and `paid` are in cents; `claims` are the numbers of its live claims."""

    id: int
    client_id: int
    client: str
    date: dt.date | None
    start: int | None
    minutes: int
    status: VisitStatus
    payer: str
    codes: str
    units: int
    charge: int
    paid: int
    claims: str


def visit(s: Session, visit_id: int) -> Visit:
    """One session. Raises ClinicError when it is gone."""
    return convert.one(load(s, VisitRow.id == visit_id))


def visits(s: Session, ids: Iterable[int]) -> list[Visit]:
    """Sessions by id, in order of date and start."""
    wanted = list(ids)
    lines = convert.parts_listed(s, ServiceLine, "visit_id", wanted)
    parts = {visit_id: {"lines": tuple(items)} for visit_id, items in lines.items()}
    return convert.load_listed(s, Visit, "id", wanted, order=_ORDER, parts=parts)


def visits_of(s: Session, client_id: int) -> list[Visit]:
    """A client's sessions in order of date and start."""
    return load(s, VisitRow.client_id == client_id)


def by_client(s: Session, client_ids: Iterable[int]) -> dict[int, list[Visit]]:
    """The sessions of these clients, each client's in order of date and start."""
    ids = set(client_ids)
    found: dict[int, list[Visit]] = {client_id: [] for client_id in ids}
    for visit in load(s, convert.among(VisitRow.__table__.c.client_id, ids)):
        found[visit.client_id].append(visit)
    return found


def last_visit(s: Session, client_id: int) -> Visit | None:
    """A client's newest session that took place, to begin the next one from."""
    newest = (
        select(VisitRow.id)
        .where(VisitRow.client_id == client_id, VisitRow.status == VisitStatus.DONE)
        .order_by(*_NEWEST)
        .limit(1)
    )
    found = load(s, VisitRow.id.in_(newest))
    return found[0] if found else None


def meanwhile(s: Session, ids: Iterable[int]) -> list[Visit]:
    """Done sessions of other clients that overlap one of these and were given by the same therapist."""
    table = VisitRow.__table__
    one, other = table.alias().c, table.alias().c
    overlapping = select(other.id).where(
        convert.among(one.id, ids), one.date == other.date, one.provider_id == other.provider_id,
        one.client_id != other.client_id, other.status == VisitStatus.DONE,
        one.start < other.start + other.minutes, other.start < one.start + one.minutes,
    )  # fmt: skip
    return visits(s, s.scalars(overlapping.distinct()))


def given_on(s: Session, date: dt.date, provider_id: int) -> list[Visit]:
    """All sessions of a therapist on a day, of whatever client, in order of start."""
    return load(s, VisitRow.date == date, VisitRow.provider_id == provider_id)


def load(s: Session, *where: Any) -> list[Visit]:
    """Sessions with their lines by two SELECTs, in order of date and start."""
    ids = select(VisitRow.id).where(*where)
    lines = convert.load_parts(s, ServiceLine, "visit_id", ServiceLineRow.visit_id.in_(ids))
    parts = {visit_id: {"lines": tuple(items)} for visit_id, items in lines.items()}
    return convert.load(s, Visit, *where, order=(VisitRow.date, VisitRow.start, VisitRow.id), parts=parts)


def save_visit(s: Session, v: Visit) -> Visit:
    """Keep a new or changed session with all its lines.

    Raises ClinicError when a line that is left out is on a claim that is not void.
    """
    visit_id = convert.keep(s, v)
    _let_go(s, visit_id, {line.id for line in v.lines})
    convert.keep_parts(s, visit_id, "visit_id", ServiceLine, v.lines)
    return visit(s, visit_id)


def remove_visit(s: Session, visit_id: int) -> None:
    """Delete a session that was entered by mistake. Raises ClinicError when it is on a claim or superbill."""
    _let_go(s, visit_id, set())
    convert.keep_parts(s, visit_id, "visit_id", ServiceLine, ())
    convert.remove(s, Visit, [visit_id])


def _let_go(s: Session, visit_id: int, kept: set[int | None]) -> None:
    """Free the lines that go from claims that are void; those keep their printed values."""
    lines = set(s.scalars(select(ServiceLineRow.id).where(ServiceLineRow.visit_id == visit_id)))
    gone = convert.among(ClaimLineRow.__table__.c.service_line_id, lines - kept)
    live = select(ClaimRow.number).join(ClaimLineRow, ClaimLineRow.claim_id == ClaimRow.id)
    number = s.scalar(live.where(gone, ClaimLineRow.live.is_(True)))
    if number:
        raise ClinicError(
            _("A line of this session is on claim {number}.").format(number=number), _("Void that claim first.")
        )
    s.execute(delete(ClaimLineRow).where(gone))


def unbilled(s: Session, client_id: int | None = None) -> list[Visit]:
    """Sessions that took place, have a policy and lines on no live claim; only those lines are in them."""
    of_client = [] if client_id is None else [VisitRow.client_id == client_id]
    ids = s.scalars(select(VisitRow.id).where(text("visit.waiting > 0"), *of_client)).all()
    lines_of = convert.among(ServiceLineRow.__table__.c.visit_id, ids)
    found = convert.load_parts(s, ServiceLine, "visit_id", lines_of, ~on_live_claim())
    parts = {visit_id: {"lines": tuple(items)} for visit_id, items in found.items()}
    order = (VisitRow.date, VisitRow.start, VisitRow.id)
    return convert.load(s, Visit, convert.among(VisitRow.__table__.c.id, ids), order=order, parts=parts)


def on_live_claim() -> ColumnElement[bool]:
    """SQL that is true for a service line on a live claim; written as the index on live lines is."""
    return (
        select(ClaimLineRow.id)
        .where(ClaimLineRow.service_line_id == ServiceLineRow.id, text("claim_line.live = 1"))
        .exists()
    )


def lines(
    s: Session,
    *,
    text: str = "",
    client_id: int | None = None,
    day: dt.date | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[VisitLine]:
    """Sessions for a list, the newest first: of the clients that `text` finds, of one client, or of one day, whose
    first comes first."""
    order = _NEWEST if day is None else (VisitRow.start, VisitRow.id)
    # The page first: in one SELECT, SQLite would look up the rest for every session before it sorts.
    where = _listed(text, client_id, day)
    if text.strip() and _are_many(s, text):
        # Going through the sessions in their order soon finds a page of them; all those of many clients would have to
        # be sorted. The sum keeps SQLite from the index on clients.
        where = [(VisitRow.client_id + 0).in_(select(ClientRow.id).where(matches_clients(text)))]
    page = select(VisitRow.id).where(*where).order_by(*order).limit(limit).offset(offset)
    service = (
        select(ServiceLineRow)
        .where(ServiceLineRow.visit_id == VisitRow.id)
        .order_by(ServiceLineRow.position)
        .correlate(VisitRow)
        .subquery()
    )
    statement = (
        select(
            VisitRow.id, VisitRow.client_id, ClientRow.last_name, ClientRow.first_name, VisitRow.date, VisitRow.start,
            VisitRow.minutes, VisitRow.status, func.coalesce(_payer(), "").label("payer"),
            select(func.coalesce(func.group_concat(service.c.code, " "), "")).scalar_subquery().label("codes"),
            select(func.coalesce(func.sum(service.c.units), 0)).scalar_subquery().label("units"),
            VisitRow.charge, VisitRow.paid, func.coalesce(_claims(), "").label("claims"),
        )
        .join(ClientRow, ClientRow.id == VisitRow.client_id)
        .where(VisitRow.id.in_(page))
        .order_by(*order)
    )  # fmt: skip
    return [_line(dict(row)) for row in s.execute(statement).mappings()]


def _are_many(s: Session, text: str) -> bool:
    """Whether a search finds so many clients that sorting all their sessions takes long."""
    found = select(ClientRow.id).where(matches_clients(text)).limit(_MANY_CLIENTS + 1)
    return len(s.scalars(found).all()) > _MANY_CLIENTS


def count(s: Session, *, text: str = "", client_id: int | None = None, day: dt.date | None = None) -> int:
    """How many `lines` would list without a limit."""
    return s.scalar(select(func.count()).select_from(VisitRow).where(*_listed(text, client_id, day))) or 0


def _listed(text: str, client_id: int | None, day: dt.date | None) -> list[Any]:
    where: list[Any] = [] if client_id is None else [VisitRow.client_id == client_id]
    if day is not None:
        where.append(VisitRow.date == day)
    if text.strip():
        where.append(VisitRow.client_id.in_(select(ClientRow.id).where(matches_clients(text))))
    return where


def _line(row: dict[str, Any]) -> VisitLine:
    name = ", ".join(part for part in (row.pop("last_name"), row.pop("first_name")) if part)
    return VisitLine(client=name, **row)


def _payer() -> Any:
    return (
        select(PayerRow.name)
        .join(PolicyRow, PolicyRow.payer_id == PayerRow.id)
        .where(PolicyRow.id == VisitRow.policy_id)
        .scalar_subquery()
    )


def _claims() -> Any:
    numbers = (
        select(ClaimRow.number)
        .distinct()
        .join(ClaimLineRow, ClaimLineRow.claim_id == ClaimRow.id)
        .join(ServiceLineRow, ServiceLineRow.id == ClaimLineRow.service_line_id)
        .where(ServiceLineRow.visit_id == VisitRow.id, ClaimLineRow.live.is_(True))
        .correlate(VisitRow)
        .subquery()
    )
    return select(func.group_concat(numbers.c.number, " ")).scalar_subquery()
