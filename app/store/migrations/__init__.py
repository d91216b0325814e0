"""The steps from one schema to the next, in order. Each is a module with `upgrade()`, written by hand.

A step never imports `tables`: those are today's, and the step has to make yesterday's. A clinic of schema N needs
STEPS[N:]; a new clinic is made by running them all. A step that leaves other numbers of rows in a table on purpose
names the table in `ROWS_CHANGE`. SQLite drops a table's triggers with it: a step that rebuilds `claim`, `claim_line`,
`superbill` or `change` makes theirs again.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from app.errors import ClinicError
from app.i18n import _
from app.store.backup import row_counts
from app.store.database import sqlcipher
from app.store.migrations import v0001_first, v0002_habits_and_hands, v0003_the_desk

STEPS: tuple[ModuleType, ...] = (v0001_first, v0002_habits_and_hands, v0003_the_desk)


def run(connection: Any, steps: tuple[ModuleType, ...] = STEPS) -> None:
    """Bring the clinic on a driver's connection to the last of `steps`: wholly, or not at all.

    Raises ClinicError when a step would lose rows or leave dangling references, and whatever a step raises.
    """
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    engine = create_engine(
        "sqlite://", module=sqlcipher, creator=lambda: connection, poolclass=StaticPool, hide_parameters=True
    )
    event.listen(engine, "begin", lambda shared: shared.exec_driver_sql("BEGIN IMMEDIATE"))
    # Alembic rebuilds tables by dropping them; with foreign keys on, that would reach the rows of other tables. The
    # pragma does nothing inside a transaction, hence its place.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        with engine.begin() as shared:
            for number, step in enumerate(steps[version:], version + 1):
                _upgrade(shared, connection, step)
                connection.execute(f"PRAGMA user_version = {number}")
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def _upgrade(shared: Connection, connection: Any, step: ModuleType) -> None:
    before = row_counts(connection)
    with Operations.context(MigrationContext.configure(shared, opts={"transactional_ddl": True})):
        step.upgrade()
    after = row_counts(connection)
    expected = before.keys() - set(getattr(step, "ROWS_CHANGE", ()))
    dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
    if dangling or any(before[table] != after.get(table) for table in expected):
        raise ClinicError(
            _("The clinic file could not be brought to this version of the program."),
            _("It is unchanged. Keep using the old version, and report this."),
        )
