"""What a person decided against the rules, always with a reason: values in place of the rules', and problems let pass.

Both belong to a claim as long as it is not issued, and stay with it afterwards; values may be kept for a payer instead.
Whether a value fits its item is for `forms` to say.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.billing.records import Claim, Override, Waiver
from app.errors import ClinicError, InputError
from app.i18n import _
from app.store import changes, convert
from app.store.tables import ClaimRow, OverrideRow, WaiverRow

Made = TypeVar("Made", Override, Waiver)


def of_claim(s: Session, claim_id: int) -> list[Override]:
    """The values by hand that are kept for this claim alone."""
    return convert.load(s, Override, OverrideRow.claim_id == claim_id, order=(OverrideRow.id,))


def of_payer(s: Session, payer_id: int) -> list[Override]:
    """The values by hand on every claim that goes to this payer and is not issued yet."""
    return convert.load(s, Override, OverrideRow.payer_id == payer_id, order=(OverrideRow.id,))


def override(s: Session, claim_id: int, key: str, value: str, reason: str, *, today: dt.date) -> Override:
    """Put `value` (JSON; null for a blank) in place of what the rules say for `key`, or of an earlier value by hand.

    Raises InputError without a reason, ClinicError when the claim is issued.
    """
    check_open(s, claim_id)
    before = (OverrideRow.claim_id == claim_id, OverrideRow.key == key)
    return _put(s, Override(claim_id=claim_id, key=key, value=value, reason=reason, made_on=today), before)


def override_for_payer(s: Session, payer_id: int, key: str, value: str, reason: str, *, today: dt.date) -> Override:
    """Likewise, on every claim that goes to the payer and is not issued yet."""
    before = (OverrideRow.payer_id == payer_id, OverrideRow.key == key)
    return _put(s, Override(payer_id=payer_id, key=key, value=value, reason=reason, made_on=today), before)


def drop_override(s: Session, override_id: int) -> None:
    """Give an item back to the rules. Raises ClinicError when it is gone or its claim is issued."""
    found = convert.one(convert.load(s, Override, OverrideRow.id == override_id))
    if found.claim_id is not None:
        check_open(s, found.claim_id)
    convert.remove(s, Override, [override_id])


def waivers(s: Session, claim_id: int) -> list[Waiver]:
    """The problems of a claim that were let pass."""
    return convert.load(s, Waiver, WaiverRow.claim_id == claim_id, order=(WaiverRow.id,))


def waive(
    s: Session, claim_id: int, code: str, reason: str, *, today: dt.date, item: str = "", record: str = ""
) -> Waiver:
    """Let a blocking problem of a claim pass; again with another reason, if that was done before.

    Raises InputError without a reason, ClinicError when the claim is issued.
    """
    check_open(s, claim_id)
    before = (
        WaiverRow.claim_id == claim_id, WaiverRow.code == code, WaiverRow.item == item, WaiverRow.record == record,
    )  # fmt: skip
    return _put(s, Waiver(claim_id=claim_id, code=code, item=item, record=record, reason=reason, made_on=today), before)


def drop_waiver(s: Session, waiver_id: int) -> None:
    """Let the problem block again. Raises ClinicError when it is gone or its claim is issued."""
    check_open(s, convert.one(convert.load(s, Waiver, WaiverRow.id == waiver_id)).claim_id)
    convert.remove(s, Waiver, [waiver_id])


def copy(s: Session, old_id: int, new_id: int) -> None:
    """Give a corrected claim the values by hand of the one it replaces; what was let pass is decided anew."""
    for kept in of_claim(s, old_id):
        convert.keep(s, dataclasses.replace(kept, id=None, claim_id=new_id))


def check_open(s: Session, claim_id: int) -> None:
    """Raise ClinicError when the claim is issued, or gone."""
    claim = convert.one(convert.load(s, Claim, ClaimRow.id == claim_id))
    if claim.issued is not None:
        raise ClinicError(
            _("The claim is issued: what stands on it stays."), _("Make a corrected claim, and change that one.")
        )


def _put(s: Session, made: Made, before: tuple[Any, ...]) -> Made:
    """Keep what was made, in place of what was there before."""
    reason = made.reason.strip()
    if not reason:
        raise InputError(_("There is no reason."), _("Say why, so that the next reader understands it."))
    table = convert.table_of(type(made))
    identity = s.scalar(select(table.c.id).where(*before))
    kept = dataclasses.replace(made, id=identity, reason=reason, user=changes.user(s.connection()))
    return dataclasses.replace(kept, id=convert.keep(s, kept))
