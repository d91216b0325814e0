"""Payers and fee schedules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.billing.records import Fee, FeeSchedule, Override, Payer, PayerAddress
from app.store import convert
from app.store.tables import FeeRow, FeeScheduleRow, OverrideRow, PayerAddressRow, PayerRow


def payer(s: Session, payer_id: int) -> Payer:
    """One payer. Raises ClinicError when it is gone."""
    return convert.one(load(s, PayerRow.id == payer_id))


def payers(s: Session, archived: bool = False) -> list[Payer]:
    """Payers by name; with `archived` all of them."""
    where = () if archived else (PayerRow.archived.is_(False),)
    return load(s, *where, order=(PayerRow.name, PayerRow.id))


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
