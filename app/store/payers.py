"""Payers and fee schedules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from app.billing.records import Fee, FeeSchedule, Override, Payer, PayerAddress
from app.store import convert
from app.store.search import folded
from app.store.tables import FeeRow, FeeScheduleRow, OverrideRow, PayerAddressRow, PayerRow, PolicyRow


@dataclass(frozen=True, kw_only=True)
class PayerLine:
    """A payer in a list, with the number of clients who have a policy with it."""

    id: int
    name: str
    city: str
    state: str
    archived: bool
    clients: int


def lines(s: Session, text: str = "") -> list[PayerLine]:
    """All payers by name, those no longer used last; with `text` those of whom each word of it begins a word of the
    name or the city."""
    counted = (
        select(PolicyRow.payer_id, func.count(distinct(PolicyRow.client_id)).label("clients"))
        .group_by(PolicyRow.payer_id)
        .subquery()
    )
    statement = (
        select(
            PayerRow.id, PayerRow.name, PayerRow.city, PayerRow.state, PayerRow.archived,
            func.coalesce(counted.c.clients, 0).label("clients"),
        )
        .outerjoin(counted, counted.c.payer_id == PayerRow.id)
        .order_by(PayerRow.archived, func.lower(PayerRow.name), PayerRow.id)
    )  # fmt: skip
    wanted = folded(text).split()
    found = (PayerLine(**row) for row in s.execute(statement).mappings())
    return [line for line in found if _begins(wanted, f"{line.name} {line.city}")]


def _begins(wanted: Sequence[str], text: str) -> bool:
    words = folded(text).split()
    return all(any(word.startswith(each) for word in words) for each in wanted)


def payer(s: Session, payer_id: int) -> Payer:
    """One payer. Raises ClinicError when it is gone."""
    return convert.one(load(s, PayerRow.id == payer_id))


def payers(s: Session, archived: bool = False) -> list[Payer]:
    """Payers by name; with `archived` all of them."""
    where = () if archived else (PayerRow.archived.is_(False),)
    return load(s, *where, order=(PayerRow.name, PayerRow.id))


def by_id(s: Session, ids: Iterable[int]) -> dict[int, Payer]:
    """Payers with their addresses."""
    wanted = list(ids)
    addresses = convert.parts_listed(s, PayerAddress, "payer_id", wanted)
    parts = {payer_id: {"addresses": tuple(items)} for payer_id, items in addresses.items()}
    return {payer.id or 0: payer for payer in convert.load_listed(s, Payer, "id", wanted, parts=parts)}


def load(s: Session, *where: Any, order: Sequence[Any] = ()) -> list[Payer]:
    """Payers with their addresses."""
    ids = select(PayerRow.id).where(*where)
    addresses = convert.load_parts(s, PayerAddress, "payer_id", PayerAddressRow.payer_id.in_(ids))
    parts = {payer_id: {"addresses": tuple(items)} for payer_id, items in addresses.items()}
    return convert.load(s, Payer, *where, order=order, parts=parts)


def save_payer(s: Session, p: Payer) -> Payer:
    """Keep a new or changed payer with all its addresses."""
    payer_id = convert.keep(s, p)
    convert.keep_parts(s, payer_id, "payer_id", PayerAddress, p.addresses)
    return payer(s, payer_id) if p.addresses else replace(p, id=payer_id)


def remove_payer(s: Session, payer_id: int) -> None:
    """Delete it with what is kept for it by hand. Raises ClinicError when a policy or fee schedule names it: archive
    it."""
    convert.keep_parts(s, payer_id, "payer_id", PayerAddress, ())
    convert.remove(s, Override, s.scalars(select(OverrideRow.id).where(OverrideRow.payer_id == payer_id)))
    convert.remove(s, Payer, [payer_id])


def fee_schedule(s: Session, fee_schedule_id: int) -> FeeSchedule:
    """One fee schedule. Raises ClinicError when it is gone."""
    return convert.one(_schedules(s, FeeScheduleRow.id == fee_schedule_id))


def fee_schedules(s: Session) -> list[FeeSchedule]:
    """All fee schedules: everyone's first, then by payer, the newest first."""
    return _schedules(s)


def _schedules(s: Session, *where: Any) -> list[FeeSchedule]:
    ids = select(FeeScheduleRow.id).where(*where)
    fees = convert.load_parts(s, Fee, "fee_schedule_id", FeeRow.fee_schedule_id.in_(ids))
    parts = {schedule_id: {"fees": tuple(items)} for schedule_id, items in fees.items()}
    order = (FeeScheduleRow.payer_id, FeeScheduleRow.valid_from.desc(), FeeScheduleRow.id)
    return convert.load(s, FeeSchedule, *where, order=order, parts=parts)


def save_fee_schedule(s: Session, f: FeeSchedule) -> FeeSchedule:
    """Keep a new or changed schedule with all its fees."""
    schedule_id = convert.keep(s, f)
    convert.keep_parts(s, schedule_id, "fee_schedule_id", Fee, f.fees)
    return fee_schedule(s, schedule_id)


def remove_fee_schedule(s: Session, fee_schedule_id: int) -> None:
    """Delete it with its fees; prices of sessions stay as they were entered."""
    convert.keep_parts(s, fee_schedule_id, "fee_schedule_id", Fee, ())
    convert.remove(s, FeeSchedule, [fee_schedule_id])
