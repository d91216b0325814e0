"""Payers' own PDFs, cleaned: at most one a payer."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from app.billing.records import PayerForm
from app.store import convert
from app.store.tables import PayerFormRow


def payer_form(s: Session, payer_id: int) -> PayerForm | None:
    """The form of a payer, or None."""
    return next(iter(convert.load(s, PayerForm, PayerFormRow.payer_id == payer_id)), None)


def keep(s: Session, form: PayerForm) -> PayerForm:
    """Keep a form as the only one of its payer."""
    before = payer_form(s, form.payer_id)
    kept = replace(form, id=before.id if before else None)
    return replace(kept, id=convert.keep(s, kept))


def drop(s: Session, payer_id: int) -> None:
    """Forget the form of a payer; claims to it are printed on red forms again."""
    before = payer_form(s, payer_id)
    if before is not None:
        convert.remove(s, PayerForm, [before.id or 0])
