"""What the steps are written with: tables and columns by kind, triggers, and a table made anew with other columns.

Steps of every age use these, so they only ever grow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from alembic import op

Part = sa.Column[object] | sa.Constraint | tuple[sa.Column[object], sa.CheckConstraint]
"""Of a table: a column, a constraint, or a column with its list of values."""


def table(name: str, *parts: Part) -> None:
    """A table with its id; a column with a list of values brings its CHECK, named after both."""
    columns: list[sa.Column[object] | sa.Constraint] = [sa.Column("id", sa.Integer, primary_key=True, nullable=False)]
    checks = []
    for part in parts:
        if isinstance(part, tuple):
            column, check = part
            check.name = f"{name}_{column.name}"
            columns.append(column)
            checks.append(check)
        else:
            columns.append(part)
    op.create_table(name, *columns, *checks, sqlite_autoincrement=True, sqlite_strict=True)


def texts(names: str) -> list[sa.Column[object]]:
    """Several columns of text, their names parted by spaces."""
    return [text(name) for name in names.split()]


def text(name: str, *, optional: bool = False) -> sa.Column[object]:
    """A column of text; dates and lists are text, too."""
    return sa.Column(name, sa.Text, nullable=optional)


def whole(name: str, *, optional: bool = False) -> sa.Column[object]:
    """A column of whole numbers."""
    return sa.Column(name, sa.Integer, nullable=optional)


def to(target: str, name: str, *, optional: bool = False) -> sa.Column[object]:
    """A column of ids of another table."""
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{target}.id", ondelete="RESTRICT"), nullable=optional)


def flag(name: str) -> tuple[sa.Column[object], sa.CheckConstraint]:
    """A column of 0 and 1."""
    return whole(name), sa.CheckConstraint(f"{name} IN (0, 1)")


def choice(name: str, values: str, *, optional: bool = False) -> tuple[sa.Column[object], sa.CheckConstraint]:
    """A column of a few values, parted by spaces; a hyphen stands for the empty one."""
    listed = ", ".join(f"'{'' if value == '-' else value}'" for value in values.split())
    return text(name, optional=optional), sa.CheckConstraint(f"{name} IN ({listed})")


def trigger(name: str, event: str, when: str, message: str) -> str:
    """SQL that refuses an event with a message."""
    return f"CREATE TRIGGER {name} BEFORE {event} WHEN {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"


def rebuild(name: str, *parts: Part, new: Mapping[str, str]) -> None:
    """Make a table anew with `parts` and give its rows back to it.

    `new` has SQL over the old row for each column that is new; the others keep their values. Indexes and triggers of
    the table go and are for the caller to make. The old table makes room before, so that nothing is renamed: a rename
    would reach into the references of other tables. No id is given twice afterwards either.
    """
    bind = op.get_bind()
    last = bind.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (name,)).scalar()
    op.execute(f'CREATE TABLE old_rows AS SELECT * FROM "{name}"')
    op.drop_table(name)
    table(name, *parts)
    columns = ["id", *_names(parts)]
    values = ", ".join(new.get(column, f'old_rows."{column}"') for column in columns)
    listed = ", ".join(f'"{column}"' for column in columns)
    op.execute(f'INSERT INTO "{name}" ({listed}) SELECT {values} FROM old_rows')
    op.drop_table("old_rows")
    if last is not None:
        bind.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
        bind.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, last))


def _names(parts: Iterable[Part]) -> Iterable[str]:
    for part in parts:
        column = part[0] if isinstance(part, tuple) else part
        if isinstance(column, sa.Column):
            yield column.name
