"""Clients, and what belongs to one: policies and calls about them, referrals, authorizations, cases."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ScalarSelect, bindparam, func, select
from sqlalchemy.orm import Session

from app.billing.benefits import Verification
from app.billing.records import Authorization, Case, Client, Paper, Policy, Rank, Referral
from app.errors import ClinicError, InputError
from app.i18n import _
from app.store import convert, practice
from app.store.search import client_words, folded, matches_clients
from app.store.tables import (
    AuthorizationRow,
    CaseRow,
    ClaimRow,
    ClientRow,
    PayerRow,
    PolicyRow,
    ReferralRow,
    SuperbillRow,
    VerificationRow,
    VisitRow,
)


@dataclass(frozen=True, kw_only=True)
class ClientLine:
    """A client in a list. `payer` is that of the primary policy."""

    id: int
    number: str
    last_name: str
    first_name: str
    birth_date: dt.date | None
    phone: str
    payer: str
    archived: bool

    @property
    def name(self) -> str:
        """`Last, First`."""
        return ", ".join(part for part in (self.last_name, self.first_name) if part)


def client(s: Session, client_id: int) -> Client:
    """One client. Raises ClinicError when they are gone."""
    return convert.one(convert.load(s, Client, ClientRow.id == client_id))


def among(s: Session, ids: Iterable[int | None]) -> list[Client]:
    """The clients with these ids, by one SELECT."""
    return convert.load_listed(s, Client, "id", ids)


def by_number(s: Session, number: str) -> Client:
    """The client with this number. Raises InputError when there is none."""
    found = convert.load(s, Client, ClientRow.number == number)
    if not found:
        raise InputError(_("There is no client {number}.").format(number=number), _("Check the number."))
    return found[0]


def save_client(s: Session, c: Client) -> Client:
    """Keep a new or changed client, who gets the next number if they have none. Raises InputError for a taken one."""
    number = c.number.strip()
    while not number or (c.number.strip() == "" and _taken(s, number, c.id)):
        number = f"{practice.take_numbers(s, 'next_client', 1):04d}"
    if _taken(s, number, c.id):
        raise InputError(_("Another client has this number."), _("Leave it empty to get the next one."))
    kept = replace(c, number=number)
    return replace(kept, id=convert.keep(s, kept, search=client_words(kept)))


def add_clients(s: Session, new: Sequence[Client]) -> None:
    """Keep many new clients at once; those without a number get the next ones. Raises InputError for a taken one."""
    taken = set(s.scalars(select(ClientRow.number).where(_among_numbers([c.number.strip() for c in new]))))
    if taken or len({c.number for c in new if c.number}) < sum(1 for c in new if c.number):
        raise InputError(_("Another client has this number."), _("Leave it empty to get the next one."))
    own = {c.number for c in new}
    rows = []
    for c in new:
        number = c.number.strip()
        while not number or (not c.number.strip() and (number in own or _taken(s, number, None))):
            number = f"{practice.take_numbers(s, 'next_client', 1):04d}"
        kept = replace(c, number=number)
        values = {name: getattr(kept, name) for name in convert.shared_columns(Client) if name != "id"}
        rows.append(values | {"search": client_words(kept)})
    if rows:
        s.execute(convert.table_of(Client).insert(), rows)


def _among_numbers(numbers: Sequence[str]) -> Any:
    listed = func.json_each(bindparam(None, json.dumps([n for n in numbers if n]), unique=True)).table_valued("value")
    return ClientRow.number.in_(select(listed.c.value))


def _taken(s: Session, number: str, client_id: int | None) -> bool:
    owner = s.scalar(select(ClientRow.id).where(ClientRow.number == number))
    return owner is not None and owner != client_id


def archive_client(s: Session, client_id: int, archived: bool = True) -> Client:
    """Take a client out of the lists, or back into them."""
    return save_client(s, replace(client(s, client_id), archived=archived))


def has_sessions(s: Session, client_id: int) -> bool:
    """Whether a session, claim or superbill is of this client, who is then archived and not deleted."""
    kinds = (VisitRow, ClaimRow, SuperbillRow)
    return any(s.scalar(select(row.id).where(row.client_id == client_id).limit(1)) is not None for row in kinds)


def remove_client(s: Session, client_id: int) -> None:
    """Delete one who was entered by mistake, with what covers them and their scans.

    Raises ClinicError, and deletes nothing, when there is a session, claim or superbill of theirs.
    """
    if has_sessions(s, client_id):
        raise ClinicError(
            _("This client cannot be deleted: there are sessions, claims or superbills."), _("Archive the client.")
        )
    for kind in (Paper, Verification, Authorization, Referral, Policy, Case):
        column = convert.table_of(kind).c
        convert.remove(s, kind, s.scalars(select(column.id).where(column.client_id == client_id)).all())
    convert.remove(s, Client, [client_id])


def find(s: Session, text: str = "", *, limit: int = 50, offset: int = 0, archived: bool = False) -> list[ClientLine]:
    """Clients by name: those of whom each word of `text` begins a name, a number, a date of birth, a telephone number
    or a member id, in any order. With `archived` also the archived ones."""
    statement = (
        select(
            ClientRow.id, ClientRow.number, ClientRow.last_name, ClientRow.first_name, ClientRow.birth_date,
            ClientRow.phone, func.coalesce(_primary_payer(), "").label("payer"), ClientRow.archived,
        )
        .where(matches_clients(text), *_at_hand(archived))
        .order_by(ClientRow.search, ClientRow.id)
        .limit(limit)
        .offset(offset)
    )  # fmt: skip
    return [ClientLine(**row) for row in s.execute(statement).mappings()]


def count(s: Session, text: str = "", *, archived: bool = False) -> int:
    """How many `find` would find without a limit."""
    where = (matches_clients(text), *_at_hand(archived))
    return s.scalar(select(func.count()).select_from(ClientRow).where(*where)) or 0


def alike(s: Session, c: Client) -> list[Client]:
    """Other clients of the same name and birth date, archived ones too; none while one of these is not typed."""
    if not (c.last_name.strip() and c.birth_date):
        return []
    born = convert.load(s, Client, ClientRow.birth_date == c.birth_date, order=(ClientRow.id,))
    name = (folded(c.last_name.strip()), folded(c.first_name.strip()))
    return [one for one in born if one.id != c.id and (folded(one.last_name), folded(one.first_name)) == name]


def with_member_id(s: Session, p: Policy) -> list[Client]:
    """Other clients who have this member id with the same payer."""
    if not (p.member_id.strip() and p.payer_id):
        return []
    where = (PolicyRow.payer_id == p.payer_id, func.upper(PolicyRow.member_id) == p.member_id.strip().upper(),
             PolicyRow.client_id != p.client_id)  # fmt: skip
    return convert.load(
        s, Client, ClientRow.id.in_(select(PolicyRow.client_id).where(*where)), order=(ClientRow.id,)
    )  # fmt: skip


def _at_hand(archived: bool) -> tuple[Any, ...]:
    return () if archived else (ClientRow.archived.is_(False),)


def _primary_payer() -> ScalarSelect[str]:
    return (
        select(PayerRow.name)
        .join(PolicyRow, PolicyRow.payer_id == PayerRow.id)
        .where(PolicyRow.client_id == ClientRow.id, PolicyRow.rank == Rank.PRIMARY)
        .order_by(PolicyRow.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def policy(s: Session, policy_id: int) -> Policy:
    """One policy. Raises ClinicError when it is gone."""
    return convert.one(convert.load(s, Policy, PolicyRow.id == policy_id))


def policies(s: Session, client_id: int) -> list[Policy]:
    """A client's policies, the primary ones first."""
    return convert.load(s, Policy, PolicyRow.client_id == client_id, order=(PolicyRow.rank, PolicyRow.id))


def policies_among(s: Session, ids: Iterable[int | None]) -> list[Policy]:
    """The policies with these ids, by one SELECT."""
    return convert.load_listed(s, Policy, "id", ids)


def save_policy(s: Session, p: Policy) -> Policy:
    """Keep a new or changed policy."""
    return replace(p, id=convert.keep(s, p))


def remove_policy(s: Session, policy_id: int) -> None:
    """Delete it. Raises ClinicError when a session, claim or call stands on it."""
    convert.remove(s, Policy, [policy_id])


def verification(s: Session, verification_id: int) -> Verification:
    """One call about benefits. Raises ClinicError when it is gone."""
    return convert.one(convert.load(s, Verification, VerificationRow.id == verification_id))


def verifications(s: Session, policy_id: int) -> list[Verification]:
    """The calls about a policy, the newest first."""
    order = (VerificationRow.called_on.desc(), VerificationRow.id.desc())
    return convert.load(s, Verification, VerificationRow.policy_id == policy_id, order=order)


def calls(s: Session, policy_ids: Iterable[int]) -> dict[int, list[Verification]]:
    """The calls about each of these policies, by one SELECT; an empty list where there was none."""
    found: dict[int, list[Verification]] = {policy_id: [] for policy_id in policy_ids}
    about = convert.among(VerificationRow.__table__.c.policy_id, found)
    for call in convert.load(s, Verification, about, order=(VerificationRow.id,)):
        found[call.policy_id].append(call)
    return found


def save_verification(s: Session, v: Verification) -> Verification:
    """Keep a new or changed call."""
    return replace(v, id=convert.keep(s, v))


def remove_verification(s: Session, verification_id: int) -> None:
    """Delete it."""
    convert.remove(s, Verification, [verification_id])


def referral(s: Session, referral_id: int) -> Referral:
    """One referral. Raises ClinicError when it is gone."""
    return convert.one(convert.load(s, Referral, ReferralRow.id == referral_id))


def referrals(s: Session, client_id: int) -> list[Referral]:
    """A client's referrals, the newest first."""
    order = (ReferralRow.written.desc(), ReferralRow.id.desc())
    return convert.load(s, Referral, ReferralRow.client_id == client_id, order=order)


def save_referral(s: Session, r: Referral) -> Referral:
    """Keep a new or changed referral."""
    return replace(r, id=convert.keep(s, r))


def remove_referral(s: Session, referral_id: int) -> None:
    """Delete it. Raises ClinicError when a session or claim stands on it."""
    convert.remove(s, Referral, [referral_id])


def authorization(s: Session, authorization_id: int) -> Authorization:
    """One authorization. Raises ClinicError when it is gone."""
    return convert.one(convert.load(s, Authorization, AuthorizationRow.id == authorization_id))


def authorizations(s: Session, client_id: int) -> list[Authorization]:
    """A client's authorizations, the newest first."""
    order = (AuthorizationRow.valid_from.desc(), AuthorizationRow.id.desc())
    return convert.load(s, Authorization, AuthorizationRow.client_id == client_id, order=order)


def save_authorization(s: Session, a: Authorization) -> Authorization:
    """Keep a new or changed authorization."""
    return replace(a, id=convert.keep(s, a))


def remove_authorization(s: Session, authorization_id: int) -> None:
    """Delete it. Raises ClinicError when a session or claim stands on it."""
    convert.remove(s, Authorization, [authorization_id])


def case(s: Session, case_id: int) -> Case:
    """One case. Raises ClinicError when it is gone."""
    return convert.one(convert.load(s, Case, CaseRow.id == case_id))


def cases(s: Session, client_id: int) -> list[Case]:
    """A client's cases, the newest first."""
    return convert.load(s, Case, CaseRow.client_id == client_id, order=(CaseRow.id.desc(),))


def save_case(s: Session, c: Case) -> Case:
    """Keep a new or changed case."""
    return replace(c, id=convert.keep(s, c))


def remove_case(s: Session, case_id: int) -> None:
    """Delete it. Raises ClinicError when a session, referral or claim belongs to it."""
    convert.remove(s, Case, [case_id])
