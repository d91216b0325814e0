"""Forms that were typed box by box: kept, copied and deleted. Nothing else refers to them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy.orm import Session

from app.billing.records import TypedForm
from app.store import convert
from app.store.tables import TypedFormRow


def typed_forms(s: Session) -> list[TypedForm]:
    """All, the newest first."""
    return convert.load(s, TypedForm, order=(TypedFormRow.id.desc(),))


def typed_form(s: Session, form_id: int) -> TypedForm:
    """One form. Raises ClinicError when it is gone."""
    return convert.one(convert.load(s, TypedForm, TypedFormRow.id == form_id))


def save(s: Session, form: TypedForm) -> TypedForm:
    """Keep a form, new or changed. Raises ClinicError when it is gone."""
    return replace(form, id=convert.keep(s, form))


def duplicate(s: Session, form_id: int, *, name: str, today: dt.date) -> TypedForm:
    """A form with the same values, not printed yet."""
    return save(s, replace(typed_form(s, form_id), id=None, name=name, made=today, printed=None))


def drop(s: Session, form_id: int) -> None:
    """Delete a form."""
    convert.remove(s, TypedForm, [form_id])
