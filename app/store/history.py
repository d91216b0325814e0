"""What became of a record: who changed what, when, from which value to which. Read from the log of changes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.store import access
from app.store.tables import ChangeRow

OF_CLIENTS = ("policy", "verification", "case", "referral", "authorization", "paper")
"""Tables whose rows belong to a client's record."""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change of one row. `at` is UTC; `values` has the old and the new value by column, None where there was none.

    Values are as the file holds them: cents, ISO dates, JSON arrays, ids.
    """

    at: str
    user: str
    label: str
    table: str
    row_id: int
    values: Mapping[str, tuple[Any, Any]]


def history(s: Session, table: str, row_id: int) -> list[Edit]:
    """The changes of a record, the newest first. Columns that the user's role does not see are left out."""
    where = (ChangeRow.table == table, ChangeRow.row_id == row_id)
    rows = s.scalars(select(ChangeRow).where(*where).order_by(ChangeRow.id.desc()))
    hidden = access.hidden(s, table)
    return [_edit(row, hidden) for row in rows]


def of_client(s: Session, client_id: int) -> list[Edit]:
    """The changes of a client and of what covers them, the newest first; sessions and claims are not in it."""
    owner = func.json_extract(func.coalesce(ChangeRow.after, ChangeRow.before), "$.client_id")
    where = or_(
        and_(ChangeRow.table == "client", ChangeRow.row_id == client_id),
        and_(ChangeRow.table.in_(OF_CLIENTS), owner == client_id),
    )
    return [_edit(row) for row in s.scalars(select(ChangeRow).where(where).order_by(ChangeRow.id.desc()))]


def _edit(row: ChangeRow, hidden: Iterable[str] = ()) -> Edit:
    return Edit(
        at=row.at, user=row.user, label=row.label, table=row.table, row_id=row.row_id,
        values=_differences(row.before, row.after, hidden),
    )  # fmt: skip


def _differences(before: str | None, after: str | None, hidden: Iterable[str]) -> dict[str, tuple[Any, Any]]:
    old: dict[str, Any] = json.loads(before) if before else {}
    new: dict[str, Any] = json.loads(after) if after else {}
    names = [name for name in (old | new) if name not in {"id", *hidden}]
    return {name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)}
