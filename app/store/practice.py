"""The practice and its providers."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from app.billing.records import Practice, Provider
from app.errors import ClinicError
from app.store import convert
from app.store.tables import ProviderRow


def practice(s: Session) -> Practice:
    """The practice; a new clinic has one without a name."""
    return convert.one(convert.load(s, Practice))


def save_practice(s: Session, p: Practice) -> Practice:
    """Keep it. The counters may be raised, never lowered: no number comes twice."""
    now = practice(s)
    kept = replace(
        p,
        id=now.id,
        next_claim=max(now.next_claim, p.next_claim),
        next_superbill=max(now.next_superbill, p.next_superbill),
        next_client=max(now.next_client, p.next_client),
    )
    convert.keep(s, kept)
    return kept


def provider(s: Session, provider_id: int) -> Provider:
    """One provider. Raises ClinicError when it is gone."""
    return convert.one(convert.load(s, Provider, ProviderRow.id == provider_id))


def providers(s: Session, archived: bool = False) -> list[Provider]:
    """Those at work, by name; with `archived` all of them."""
    where = () if archived else (ProviderRow.archived.is_(False),)
    return convert.load(s, Provider, *where, order=(ProviderRow.last_name, ProviderRow.first_name, ProviderRow.id))


def save_provider(s: Session, p: Provider) -> Provider:
    """Keep a new or changed provider."""
    return replace(p, id=convert.keep(s, p))


def remove_provider(s: Session, provider_id: int) -> None:
    """Delete one who was entered by mistake. Raises ClinicError when a session or claim names them: archive them."""
    convert.remove(s, Provider, [provider_id])


def take_numbers(s: Session, counter: str, count: int) -> int:
    """Take `count` numbers off a counter of the practice ("next_claim"); answers the first. None is given again."""
    if counter not in ("next_claim", "next_superbill", "next_client"):
        raise ValueError("no such counter")
    table = convert.table_of(Practice)
    first = s.scalar(table.update().values({counter: table.c[counter] + count}).returning(table.c[counter]))
    if first is None:
        raise ClinicError("The clinic has no practice.")
    return int(first) - count
