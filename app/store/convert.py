"""Rows to records and back, by equal names. Records never see a session, and no row leaves the store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from functools import cache
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import BindParameter, ColumnElement, Select, Table, Text, bindparam, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from app.billing import benefits, records, roles
from app.errors import ClinicError
from app.i18n import _
from app.store import access, tables


class Record(Protocol):
    """A kept thing of `billing.records`, or a call of `billing.benefits`."""

    @property
    def id(self) -> int | None: ...


R = TypeVar("R", bound=Record)

TABLES: dict[type[Any], type[tables.Base]] = {
    records.Practice: tables.PracticeRow,
    records.Provider: tables.ProviderRow,
    records.Client: tables.ClientRow,
    records.Payer: tables.PayerRow,
    records.PayerAddress: tables.PayerAddressRow,
    records.Policy: tables.PolicyRow,
    benefits.Verification: tables.VerificationRow,
    records.Case: tables.CaseRow,
    records.Referral: tables.ReferralRow,
    records.Authorization: tables.AuthorizationRow,
    records.Visit: tables.VisitRow,
    records.ServiceLine: tables.ServiceLineRow,
    records.FeeSchedule: tables.FeeScheduleRow,
    records.Fee: tables.FeeRow,
    records.Claim: tables.ClaimRow,
    records.ClaimEvent: tables.ClaimEventRow,
    records.Paper: tables.PaperRow,
    records.TypedForm: tables.TypedFormRow,
    records.PayerForm: tables.PayerFormRow,
    records.KeptFilter: tables.KeptFilterRow,
    records.Override: tables.OverrideRow,
    records.Waiver: tables.WaiverRow,
    records.Superbill: tables.SuperbillRow,
    roles.User: tables.UserRow,
}
"""Where each record is kept. Parts of a record that are rows of their own have no column of its name."""


_COLUMNS = {
    kind: tuple(field.name for field in fields(kind) if field.name in row.__table__.columns)
    for kind, row in TABLES.items()
}


def shared_columns(kind: type[Any]) -> tuple[str, ...]:
    """The attributes of a record that are columns of its table; `id` is the first."""
    return _COLUMNS[kind]


def table_of(kind: type[Any]) -> Table:
    """The table a record is kept in."""
    return cast(Table, TABLES[kind].__table__)


def columns_of(kind: type[Any]) -> list[ColumnElement[Any]]:
    """The columns to select for a record."""
    table = table_of(kind)
    return [table.c[name] for name in shared_columns(kind)]


_SELECT = {kind: select(*columns_of(kind)) for kind in TABLES}
"""Kept like the statements below, since building one takes longer than running it."""


def load(
    session: Session, kind: type[R], *where: SQLCoreOperations[bool], order: Sequence[Any] = (),
    parts: Mapping[int, Mapping[str, Any]] | None = None,
) -> list[R]:  # fmt: skip
    """Records by one SELECT; `parts` gives, by id, the attributes that are rows of their own."""
    found = session.connection().execute(_SELECT[kind].where(*where).order_by(*order)).all()
    return _records(session, kind, found, parts)


def load_listed(
    session: Session, kind: type[R], column: str, ids: Iterable[int | None], *, order: tuple[str, ...] = ("id",),
    parts: Mapping[int, Mapping[str, Any]] | None = None,
) -> list[R]:  # fmt: skip
    """Records whose `column` is among `ids`, where None counts for nothing; without ids, nothing is asked."""
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return []
    found = session.connection().execute(_listed(kind, column, order), {"ids": json.dumps([*wanted])}).all()
    return _records(session, kind, found, parts)


@cache
def _listed(kind: type[Any], column: str, order: tuple[str, ...]) -> Select[Any]:
    columns = table_of(kind).c
    return _SELECT[kind].where(columns[column].in_(ids_of("ids"))).order_by(*(columns[name] for name in order))


def _records(
    session: Session, kind: type[R], found: Sequence[Any], parts: Mapping[int, Mapping[str, Any]] | None
) -> list[R]:
    names = shared_columns(kind)
    hidden = access.hidden(session, table_of(kind).name)
    if hidden:
        found = [[("" if name in hidden else value) for name, value in zip(names, row, strict=True)] for row in found]
    if parts is None:
        return [kind(**dict(zip(names, row, strict=True))) for row in found]
    return [kind(**dict(zip(names, row, strict=True)), **parts.get(row[0], {})) for row in found]


def load_parts(session: Session, kind: type[R], column: str, *where: SQLCoreOperations[bool]) -> dict[int, list[R]]:
    """Parts of records in their order, by the parent's id in `column`."""
    return _by_parent(kind, session.connection().execute(_parts(kind, column).where(*where)).all())


def parts_listed(session: Session, kind: type[R], column: str, parent_ids: Iterable[int]) -> dict[int, list[R]]:
    """Parts of records in their order, by the parents' ids."""
    given = {"ids": json.dumps([*parent_ids])}
    return _by_parent(kind, session.connection().execute(_parts_listed(kind, column), given).all())


def _parts(kind: type[Any], column: str) -> Select[Any]:
    table = table_of(kind)
    return select(table.c[column], *columns_of(kind)).order_by(table.c[column], table.c.position)


@cache
def _parts_listed(kind: type[Any], column: str) -> Select[Any]:
    return _parts(kind, column).where(table_of(kind).c[column].in_(ids_of("ids")))


def _by_parent(kind: type[R], found: Sequence[Any]) -> dict[int, list[R]]:
    names = shared_columns(kind)
    parts: dict[int, list[R]] = {}
    for parent_id, *values in found:
        parts.setdefault(parent_id, []).append(kind(**dict(zip(names, values, strict=True))))
    return parts


def one(records_found: Sequence[R]) -> R:
    """The only one. Raises ClinicError when it is gone."""
    if not records_found:
        raise ClinicError(_("This record is no longer there."), _("Go back to the list and look again."))
    return records_found[0]


def keep(session: Session, record: Record, **more: Any) -> int:
    """Insert or update the row of a record; `more` are columns that it does not have. Answers the id.

    What the user's role hides stays as it is. Raises ClinicError when a record with an id is gone, NotAllowedError for
    a text in place of a hidden one.
    """
    table = table_of(type(record))
    values = {name: getattr(record, name) for name in shared_columns(type(record))} | more
    identity = values.pop("id")
    if identity is None:
        return int(session.execute(table.insert().values(values).returning(table.c.id)).scalar_one())
    for name in access.hidden(session, table.name):
        if values.pop(name):
            access.require(session, roles.HIDDEN[table.name][0])
    updated = table.update().where(table.c.id == identity).values(values).returning(table.c.id)
    if session.scalar(updated) is None:
        raise ClinicError(_("This record is no longer there."), _("Go back to the list and look again."))
    return int(identity)


def keep_parts(session: Session, parent_id: int, column: str, kind: type[R], parts: Sequence[R]) -> None:
    """Make the rows of a record's parts equal to `parts`, in their order; a part keeps its id.

    Raises ClinicError when one that is left out is mentioned elsewhere.
    """
    table = table_of(kind)
    before = set(session.scalars(select(table.c.id).where(table.c[column] == parent_id)))
    gone = before - {part.id for part in parts}
    if gone:
        remove(session, kind, gone)
    for position, part in enumerate(parts):
        known = part.id in before
        more = {column: parent_id, "position": position}
        keep(session, part if known else replace(cast(Any, part), id=None), **more)


def remove(session: Session, kind: type[Any], ids: Iterable[int]) -> None:
    """Delete rows. Raises ClinicError, and deletes none, when one is mentioned elsewhere."""
    table = table_of(kind)
    try:
        with session.begin_nested():
            session.execute(table.delete().where(among(table.c.id, ids)))
    except IntegrityError:
        raise ClinicError(
            _("This cannot be deleted: other records refer to it."), _("Archive it, or delete those first.")
        ) from None


def among(column: ColumnElement[Any], ids: Iterable[int]) -> ColumnElement[bool]:
    """`column IN ids` for any number of ids, as one parameter, so that the statement stays the same."""
    return column.in_(_values(bindparam(None, json.dumps(list(ids)), unique=True)))


def ids_of(name: str) -> Select[Any]:
    """The ids of a parameter of this name, which is given as their JSON: for statements that are kept."""
    return _values(bindparam(name, type_=Text))


def _values(listed: BindParameter[str]) -> Select[Any]:
    return select(func.json_each(listed).table_valued("value").c.value)
