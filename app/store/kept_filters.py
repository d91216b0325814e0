"""Filters of lists, kept by name in the clinic, so that everybody has them."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from app.billing.records import KeptFilter
from app.errors import InputError
from app.i18n import _
from app.store import convert
from app.store.tables import KeptFilterRow

MOST_NAME = 40


def kept_filters(s: Session, page: str) -> list[KeptFilter]:
    """Those of a page, in the order in which they were made."""
    return convert.load(s, KeptFilter, KeptFilterRow.page == page, order=(KeptFilterRow.id,))


def keep(s: Session, kept: KeptFilter) -> KeptFilter:
    """Keep a filter, or give it another name or content. Raises InputError for no name, a long or a taken one."""
    name = " ".join(kept.name.split())
    if not name:
        raise InputError(_("The filter has no name."), _("Give it one."))
    if len(name) > MOST_NAME:
        raise InputError(_("The name is longer than 40 characters."), _("Shorten it."))
    if any(each.name == name and each.id != kept.id for each in kept_filters(s, kept.page)):
        raise InputError(_("Another filter has this name."), _("Choose another one."))
    made = replace(kept, name=name)
    return replace(made, id=convert.keep(s, made))


def drop(s: Session, filter_id: int) -> None:
    """Delete a filter."""
    convert.remove(s, KeptFilter, [filter_id])
