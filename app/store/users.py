"""The people who open a clinic: their names, roles and passwords. The passwords themselves are in the key file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.billing.roles import Action, Role, User
from app.errors import ClinicError, InputError
from app.i18n import _
from app.store import convert, keys
from app.store.tables import UserRow

if TYPE_CHECKING:
    from app.store.clinic import ClinicFile

LONGEST_NAME = 40


def users(s: Session, *, archived: bool = False) -> list[User]:
    """All users in order of name, without those who left unless asked for."""
    where = [] if archived else [UserRow.archived.is_(False)]
    return convert.load(s, User, *where, order=(UserRow.name,))


def add(clinic: ClinicFile, user: User, password: str) -> User:
    """A new user with a password. Raises InputError for a name or password that is no good, NotAllowedError."""
    clinic.require(Action.USERS)
    user = dataclasses.replace(user, id=None, name=keys.plain(user.name.strip()))
    _check_name(user.name)
    keys.check_password(password, user.name)
    with clinic.write(_("Add a user"), undoable=False) as s:
        if s.scalar(select(UserRow.id).where(func.lower(UserRow.name) == user.name.lower())):
            raise InputError(_("There is a user of this name already."), _("Choose another name."))
        kept = dataclasses.replace(user, id=convert.keep(s, user))
    clinic.set_password(user.name, password)
    return kept


def change(clinic: ClinicFile, user: User) -> User:
    """Another full name, role or therapist, or archived: whoever is archived loses the password.

    The name itself stays, because the records carry it. Raises ClinicError when no owner would be left.
    """
    clinic.require(Action.USERS)
    with clinic.write(_("Change a user"), undoable=False) as s:
        before = convert.one(convert.load(s, User, UserRow.id == user.id))
        kept = dataclasses.replace(user, name=before.name)
        convert.keep(s, kept)
    if kept.archived:
        clinic.drop_password(kept.name)
    return kept


def _check_name(name: str) -> None:
    if not name:
        raise InputError(_("The user has no name."), _("Enter one, such as a first name."))
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError(_("The name of the user is too long, or has odd characters."), _("Use a short name."))
    if name.lower() == keys.RECOVERY:
        raise InputError(_("This name is kept for the recovery code."), _("Choose another name."))


# For the clinic file


def begin(s: Session, names: Iterable[str]) -> None:
    """In a clinic without users (new, or from before there were roles) everybody with a password is an owner."""
    if s.scalar(select(func.count()).select_from(UserRow)):
        return
    for name in names:
        s.execute(insert(UserRow).values(name=name, full_name="", role=Role.OWNER, provider_id=None, archived=False))


def role_of(s: Session, name: str) -> Role:
    """Raises ClinicError for somebody who is no user, or no longer."""
    role = s.scalar(select(UserRow.role).where(UserRow.name == name, UserRow.archived.is_(False)))
    if role is None:
        raise ClinicError(_("This user may not open the clinic any more."), _("Ask an owner."))
    return role


def provider_of(s: Session, name: str) -> int | None:
    """The therapist that a user is, where that was said."""
    return s.scalar(select(UserRow.provider_id).where(UserRow.name == name))


def id_of(s: Session, name: str) -> int | None:
    """The id of a user's row."""
    return s.scalar(select(UserRow.id).where(UserRow.name == name))


def owners(s: Session) -> list[str]:
    """The names of the owners, the first one first."""
    where = (UserRow.role == Role.OWNER, UserRow.archived.is_(False))
    return list(s.scalars(select(UserRow.name).where(*where).order_by(UserRow.id)))


def check_owners(s: Session, names: Iterable[str]) -> None:
    """Raise ClinicError when no owner would be left who has a password."""
    if not set(owners(s)) & set(names):
        raise last_owner()


def last_owner() -> ClinicError:
    """Why an owner has to stay."""
    return ClinicError(_("The clinic needs an owner."), _("Make somebody else an owner first."))
