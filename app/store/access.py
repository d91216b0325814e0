"""What the role of the user who opened the clinic allows, asked by the functions of the store that are not writes.

Writes need no such call: `ClinicFile` asks for the tables that they changed.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.billing import roles
from app.billing.roles import Action, Role
from app.errors import ClinicError


class NotAllowedError(ClinicError):
    """The user's role does not allow it."""


def check(role: Role, action: Action | None) -> None:
    """Raise NotAllowedError unless the role may do it."""
    if action is not None and not roles.may(role, action):
        raise NotAllowedError(*roles.refusal(role, action))


def require(s: Session, action: Action) -> None:
    """Raise NotAllowedError unless the user of this session may do it."""
    check(role_of(s), action)


def role_of(s: Session) -> Role:
    """The role of the user of a session that the clinic file made."""
    role: Any = s.info["role"]
    assert isinstance(role, Role)
    return role


def check_write(role: Role, tables: frozenset[str]) -> None:
    """Raise NotAllowedError unless the role may change all of these tables."""
    for table in sorted(tables):
        check(role, roles.TABLES[table])


def hidden(s: Session, table: str) -> tuple[str, ...]:
    """The columns of a table that the user of this session does not see."""
    return roles.hidden_columns(role_of(s), table) if table in roles.HIDDEN else ()


def note(s: Session, kind: str, *, table: str = "", row_id: int | None = None, detail: str = "") -> None:
    """`ClinicFile.note`, for functions that know only the session."""
    s.info["note"](kind, table=table, row_id=row_id, detail=detail)
