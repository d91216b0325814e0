"""Superbills: numbered when they are made, frozen with their document, corrected by a new version."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from app.billing.records import (
    Authorization,
    Case,
    Client,
    Payer,
    Policy,
    Practice,
    Provider,
    Referral,
    Superbill,
    SuperbillBundle,
    VisitStatus,
)  # fmt: skip
from app.errors import ClinicError, InputError
from app.i18n import _
from app.store import convert, payers, practice, visits
from app.store.search import matches_clients, starts_with
from app.store.tables import (
    ClaimLineRow,
    ClaimRow,
    ClientRow,
    ServiceLineRow,
    SuperbillRow,
    SuperbillVisitRow,
    VisitRow,
)


@dataclass(frozen=True, kw_only=True)
class SuperbillLine:
    """A superbill in a list; `visits` is how many sessions are on it."""

    id: int
    number: str
    version: int
    client_id: int
    client: str
    issued: dt.date | None
    visits: int


@dataclass(frozen=True, kw_only=True)
class ClientSessions:
    """A client's sessions of a span of days that are on no superbill. `charge` and `paid` are in cents; `claimed` is
    how many of them are on an issued claim."""

    client_id: int
    client: str
    email: str
    visit_ids: tuple[int, ...]
    charge: int
    paid: int
    claimed: int


def not_billed(s: Session, first: dt.date, last: dt.date) -> list[ClientSessions]:
    """Sessions of all clients between two days, both included, that took place and are on no superbill, by name."""
    charge = select(func.coalesce(func.sum(ServiceLineRow.charge), 0)).where(ServiceLineRow.visit_id == VisitRow.id)
    claimed = (
        select(ClaimLineRow.id)
        .join(ServiceLineRow, ServiceLineRow.id == ClaimLineRow.service_line_id)
        .join(ClaimRow, ClaimRow.id == ClaimLineRow.claim_id)
        .where(ServiceLineRow.visit_id == VisitRow.id, ClaimLineRow.live.is_(True), ClaimRow.issued.is_not(None))
    )
    on_bill = select(SuperbillVisitRow.id).where(SuperbillVisitRow.visit_id == VisitRow.id)
    statement = (
        select(
            ClientRow.id, ClientRow.last_name, ClientRow.first_name, ClientRow.email, VisitRow.id,
            charge.scalar_subquery(), VisitRow.paid, claimed.exists(),
        )
        .join(ClientRow, ClientRow.id == VisitRow.client_id)
        .where(VisitRow.date.between(first, last), VisitRow.status == VisitStatus.DONE, ~on_bill.exists())
        .order_by(ClientRow.search, ClientRow.id, VisitRow.date, VisitRow.id)
    )  # fmt: skip
    found = []
    for _client, rows in itertools.groupby(s.execute(statement).all(), key=lambda row: row[0]):
        sessions = list(rows)
        client_id, last_name, first_name, email, *_rest = sessions[0]
        found.append(
            ClientSessions(
                client_id=client_id, client=", ".join(part for part in (last_name, first_name) if part), email=email,
                visit_ids=tuple(row[4] for row in sessions), charge=sum(row[5] for row in sessions),
                paid=sum(row[6] for row in sessions), claimed=sum(bool(row[7]) for row in sessions),
            )
        )  # fmt: skip
    return found


def superbill(s: Session, superbill_id: int) -> Superbill:
    """One superbill. Raises ClinicError when it is gone."""
    return convert.one(load(s, SuperbillRow.id == superbill_id))


def by_number(s: Session, number: str) -> Superbill:
    """The newest version of the superbill with this number. Raises InputError when there is none."""
    found = load(s, SuperbillRow.number == number)
    if not found:
        raise InputError(_("There is no superbill {number}.").format(number=number), _("Check the number."))
    return found[-1]


def superbills_of(s: Session, client_id: int) -> list[Superbill]:
    """A client's superbills, the newest first."""
    return sorted(load(s, SuperbillRow.client_id == client_id), key=lambda bill: bill.id or 0, reverse=True)


def load(s: Session, *where: Any) -> list[Superbill]:
    """Superbills with the ids of their sessions, in order of version."""
    ids = select(SuperbillRow.id).where(*where)
    on_bills = (
        select(SuperbillVisitRow.superbill_id, SuperbillVisitRow.visit_id)
        .where(SuperbillVisitRow.superbill_id.in_(ids))
        .order_by(SuperbillVisitRow.superbill_id, SuperbillVisitRow.position)
    )
    visit_ids: dict[int, list[int]] = {}
    for superbill_id, visit_id in s.execute(on_bills):
        visit_ids.setdefault(superbill_id, []).append(visit_id)
    parts = {superbill_id: {"visit_ids": tuple(items)} for superbill_id, items in visit_ids.items()}
    return convert.load(s, Superbill, *where, order=(SuperbillRow.version, SuperbillRow.id), parts=parts)


def make(
    s: Session, client_id: int, visit_ids: Sequence[int], *, today: dt.date, replaces_id: int | None = None
) -> Superbill:
    """A superbill of a client's sessions, with the next number, or the next version of the one it replaces.

    Raises InputError for sessions that are not this client's or did not take place, ClinicError for a superbill to
    replace that is another client's or has been replaced. `freeze` is to follow in the same write.
    """
    _check_visits(s, client_id, visit_ids)
    if replaces_id is None:
        bill = Superbill(number=_number(s, today), version=1, client_id=client_id, issued=today)
    else:
        old = superbill(s, replaces_id)
        if old.client_id != client_id or by_number(s, old.number).id != replaces_id:
            raise ClinicError(
                _("This superbill cannot be replaced: it has been already, or is another client's."),
                _("Replace its newest version."),
            )
        bill = Superbill(
            number=old.number, version=old.version + 1, client_id=client_id, issued=today, replaces_id=replaces_id
        )
    bill_id = convert.keep(s, bill)
    rows = [
        {"superbill_id": bill_id, "position": position, "visit_id": visit_id}
        for position, visit_id in enumerate(visit_ids)
    ]
    s.execute(insert(SuperbillVisitRow.__table__), rows)  # type: ignore[arg-type]
    return superbill(s, bill_id)


def _check_visits(s: Session, client_id: int, visit_ids: Sequence[int]) -> None:
    found = {visit.id: visit for visit in visits.visits(s, visit_ids)}
    if not visit_ids or len(set(visit_ids)) != len(visit_ids):
        raise InputError(_("A superbill holds sessions, each once."), _("Choose the sessions."))
    for visit_id in visit_ids:
        visit = found.get(visit_id)
        if visit is None or visit.client_id != client_id or visit.status is not VisitStatus.DONE:
            raise InputError(
                _("Session {id} cannot be on this superbill.").format(id=visit_id),
                _("Choose sessions of this client that took place."),
            )


def _number(s: Session, today: dt.date) -> str:
    """A number such as S2026-0001."""
    while True:
        number = f"S{today.year}-{practice.take_numbers(s, 'next_superbill', 1):04d}"
        if s.scalar(select(SuperbillRow.id).where(SuperbillRow.number == number)) is None:
            return number


def freeze(s: Session, superbill_id: int, document: str) -> Superbill:
    """Keep the content (JSON) as it was handed over. Raises ClinicError when it has been frozen before."""
    bill = superbill(s, superbill_id)
    if bill.document:
        raise ClinicError(_("This superbill is already issued."), _("Make a corrected one in its place."))
    if not document:
        raise ValueError("a superbill is frozen with its document")
    convert.keep(s, dataclasses.replace(bill, document=document))
    return superbill(s, superbill_id)


def bundle(s: Session, superbill: Superbill) -> SuperbillBundle:
    """All that the superbill is made from, as it is now."""
    sessions = visits.visits(s, superbill.visit_ids)
    policies = tuple(convert.load_listed(s, Policy, "client_id", [superbill.client_id]))
    return SuperbillBundle(
        superbill=superbill,
        practice=convert.one(convert.load(s, Practice)),
        client=convert.one(convert.load_listed(s, Client, "id", [superbill.client_id])),
        visits=tuple(sessions),
        providers=tuple(convert.load_listed(s, Provider, "id", (visit.provider_id for visit in sessions))),
        payers=tuple(convert.load_listed(s, Payer, "id", (policy.payer_id for policy in policies))),
        policies=policies,
        referrals=tuple(convert.load_listed(s, Referral, "id", (visit.referral_id for visit in sessions))),
        authorizations=tuple(
            convert.load_listed(s, Authorization, "id", (visit.authorization_id for visit in sessions))
        ),
        cases=tuple(convert.load_listed(s, Case, "id", (visit.case_id for visit in sessions))),
        fees=tuple(payers.fee_schedules(s)),
        replaces=_replaced(s, superbill),
    )


def _replaced(s: Session, bill: Superbill) -> Superbill | None:
    return None if bill.replaces_id is None else superbill(s, bill.replaces_id)


_VISITS = select(func.count()).where(SuperbillVisitRow.superbill_id == SuperbillRow.id).correlate(SuperbillRow)
ORDERS: Mapping[str, tuple[Any, ...]] = {
    "number": (SuperbillRow.number,),
    "client": (ClientRow.last_name, ClientRow.first_name),
    "sessions": (_VISITS.scalar_subquery(),),
    "version": (SuperbillRow.version,),
    "made": (func.coalesce(SuperbillRow.issued, ""),),
}
"""What the list can be sorted by; with a minus before it, the last one first. The newest comes first among equals."""


def lines(
    s: Session, *, text: str = "", client_id: int | None = None, order: str = "", limit: int = 50, offset: int = 0
) -> list[SuperbillLine]:
    """Superbills for a list, in one of `ORDERS` or the newest first: with a number that begins with `text`, or of the
    clients it finds. Raises KeyError for another order."""
    keys = ORDERS[order.removeprefix("-")] if order else ()
    ordered = [*(key.desc() if order.startswith("-") else key for key in keys), SuperbillRow.id.desc()]
    # The page first: in one SELECT, SQLite would look up the rest for every superbill before it sorts.
    page = select(SuperbillRow.id).join(ClientRow, ClientRow.id == SuperbillRow.client_id)
    page = page.where(*_listed(text, client_id)).order_by(*ordered).limit(limit).offset(offset)
    statement = (
        select(
            SuperbillRow.id, SuperbillRow.number, SuperbillRow.version, SuperbillRow.client_id, ClientRow.last_name,
            ClientRow.first_name, SuperbillRow.issued, _VISITS.scalar_subquery().label("visits"),
        )
        .join(ClientRow, ClientRow.id == SuperbillRow.client_id)
        .where(SuperbillRow.id.in_(page))
        .order_by(*ordered)
    )  # fmt: skip
    return [_line(dict(row)) for row in s.execute(statement).mappings()]


def count(s: Session, *, client_id: int) -> int:
    """How many superbills a client has, every version counted."""
    where = SuperbillRow.client_id == client_id
    return s.scalar(select(func.count()).select_from(SuperbillRow).where(where)) or 0


def _listed(text: str, client_id: int | None) -> list[Any]:
    where: list[Any] = [] if client_id is None else [SuperbillRow.client_id == client_id]
    if text.strip():
        of_clients = SuperbillRow.client_id.in_(select(ClientRow.id).where(matches_clients(text)))
        where.append(or_(starts_with(SuperbillRow.number, text.strip()), of_clients))
    return where


def _line(row: dict[str, Any]) -> SuperbillLine:
    name = ", ".join(part for part in (row.pop("last_name"), row.pop("first_name")) if part)
    return SuperbillLine(client=name, **row)
