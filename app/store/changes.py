"""The log of changes, and going back by it.

Triggers write the log, so that every change is in it whoever makes it: what a row was before and after, in the very
order of the writing. Undoing an operation walks back through its entries; each step then leads to a state that has
been, which every constraint once accepted.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from app.errors import ClinicError
from app.i18n import _
from app.store import audit
from app.store.tables import COUNTERS, NOT_LOGGED, Base

_LOGGED = {
    name: [column.name for column in table.columns if column.name not in COUNTERS.get(name, ())]
    for name, table in Base.metadata.tables.items()
    if name not in NOT_LOGGED
}
"""The columns of each table that the log keeps."""


def _image(table: str, row: str = "") -> str:
    """SQL for a row as JSON; `row` is NEW or OLD inside a trigger."""
    prefix = f"{row}." if row else ""
    return "json_object(" + ", ".join(f"'{column}', {prefix}\"{column}\"" for column in _LOGGED[table]) + ")"


@functools.cache
def triggers() -> str:
    """SQL that a connection runs once: the operation under way, and a trigger for each kind of change."""
    script = ["CREATE TEMP TABLE operation_under_way (number INTEGER, at TEXT, user TEXT, label TEXT);"]
    for table in _LOGGED:
        old, new = _image(table, "OLD"), _image(table, "NEW")
        for event, row, when, before, after in (
            ("INSERT", "NEW", "", "NULL", new),
            ("UPDATE", "NEW", f"WHEN {old} <> {new}", old, new),
            ("DELETE", "OLD", "", old, "NULL"),
        ):
            script.append(
                f'CREATE TEMP TRIGGER "log_{table}_{event}" AFTER {event} ON main."{table}" {when} BEGIN '
                'INSERT INTO change (operation, at, user, label, "table", row_id, before, after) '
                f"SELECT number, at, user, label, '{table}', {row}.id, {before}, {after} FROM operation_under_way; END;"
            )
    return "\n".join(script)


def begin(connection: Connection, label: str, user: str) -> int:
    """Start an operation in the transaction under way; answers its number."""
    number: int = connection.exec_driver_sql("SELECT coalesce(max(operation), 0) + 1 FROM change").scalar_one()
    at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
    connection.exec_driver_sql("DELETE FROM operation_under_way")
    connection.exec_driver_sql("INSERT INTO operation_under_way VALUES (?, ?, ?, ?)", (number, at, user, label))
    return number


def user(connection: Connection) -> str:
    """Who performs the operation under way."""
    found: str | None = connection.exec_driver_sql("SELECT user FROM operation_under_way").scalar()
    return found or ""


def made_by(connection: Connection, operation: int) -> tuple[frozenset[str], bytes]:
    """The tables that an operation changed, and the digest of its rows in the log for the audit."""
    found: set[str] = set()

    def rows() -> Iterator[tuple[Any, ...]]:
        for row in connection.exec_driver_sql(f"{audit.CHANGES} WHERE operation = ? ORDER BY id", (operation,)):
            found.add(row[5])
            yield tuple(row)

    digest = audit.digest(rows())
    return frozenset(found), digest


def take_back(connection: Connection, operation: int) -> None:
    """Bring every row of an operation back to what it was before. Raises ClinicError when one has changed since."""
    for table, row_id, before, after in _entries(connection, operation, "DESC"):
        _turn(connection, table, row_id, found=after, wanted=before)


def do_again(connection: Connection, operation: int) -> None:
    """Bring every row of an operation to what it was after. Raises ClinicError when one has changed since."""
    for table, row_id, before, after in _entries(connection, operation, "ASC"):
        _turn(connection, table, row_id, found=before, wanted=after)


def _entries(connection: Connection, operation: int, order: str) -> list[Any]:
    return list(
        connection.exec_driver_sql(
            f'SELECT "table", row_id, before, after FROM change WHERE operation = ? ORDER BY id {order}', (operation,)
        )
    )


def _turn(connection: Connection, table: str, row_id: int, *, found: str | None, wanted: str | None) -> None:
    query = f'SELECT {_image(table)} FROM "{table}" WHERE id = ?'
    if connection.exec_driver_sql(query, (row_id,)).scalar_one_or_none() != found:
        raise ClinicError(_("This cannot be undone: the record has changed since."), _("Change it by hand."))
    if wanted is None:
        connection.exec_driver_sql(f'DELETE FROM "{table}" WHERE id = ?', (row_id,))
        return
    row = json.loads(wanted)
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    if found is None:
        more: tuple[int, ...] = ()
        sql = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'
    else:
        more = (row_id,)
        sql = f'UPDATE "{table}" SET ({names}) = ({marks}) WHERE id = ?'
    connection.exec_driver_sql(sql, (*row.values(), *more))
