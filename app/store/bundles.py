"""Claims with all that their pages are made from: any number of them by some fifteen SELECTs."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.billing.records import (
    Authorization,
    Case,
    Claim,
    ClaimBundle,
    Client,
    Override,
    Policy,
    Practice,
    Provider,
    Referral,
    ServiceLine,
    Visit,
    Waiver,
)  # fmt: skip
from app.store import convert, payers, visits
from app.store.convert import among, table_of
from app.store.tables import ClaimLineRow, ClaimRow, OverrideRow, PayerRow, ServiceLineRow, VisitRow, WaiverRow

R = TypeVar("R", bound=convert.Record)


def load_claims(s: Session, *where: Any) -> list[Claim]:
    """Claims with the ids of their lines, in order of id."""
    ids = select(ClaimRow.id).where(*where)
    on_claims = (
        select(ClaimLineRow.claim_id, ClaimLineRow.service_line_id)
        .where(ClaimLineRow.claim_id.in_(ids))
        .order_by(ClaimLineRow.claim_id, ClaimLineRow.position)
    )
    line_ids: dict[int, list[int]] = defaultdict(list)
    for claim_id, line_id in s.connection().execute(on_claims).all():
        line_ids[claim_id].append(line_id)
    parts = {claim_id: {"line_ids": tuple(items)} for claim_id, items in line_ids.items()}
    return convert.load(s, Claim, *where, order=(ClaimRow.id,), parts=parts)


def bundles(s: Session, ids: Iterable[int]) -> list[ClaimBundle]:
    """The bundles of these claims, in the order given. Raises ClinicError when one is gone."""
    wanted = list(ids)
    claims = {claim.id: claim for claim in load_claims(s, among(table_of(Claim).c.id, wanted))}
    chosen = [convert.one([claims[claim_id]] if claim_id in claims else []) for claim_id in wanted]
    visit_of, visit_by_id = _visits(s, chosen)
    policies = _by_id(s, Policy, (claim.policy_id for claim in chosen))
    others = _policies_by_client(s, {claim.client_id for claim in chosen})
    payer_ids = {policy.payer_id for items in others.values() for policy in items}
    payer_by_id = {payer.id or 0: payer for payer in payers.load(s, among(PayerRow.__table__.c.id, payer_ids))}
    overrides = _overrides(s, wanted, payer_ids)
    waivers: dict[int, list[Waiver]] = defaultdict(list)
    for waiver in convert.load(s, Waiver, among(WaiverRow.__table__.c.claim_id, wanted), order=(WaiverRow.id,)):
        waivers[waiver.claim_id].append(waiver)
    clients = _by_id(s, Client, (claim.client_id for claim in chosen))
    providers = _by_id(s, Provider, (claim.provider_id for claim in chosen))
    referrals = _by_id(s, Referral, (claim.referral_id for claim in chosen))
    authorizations = _by_id(s, Authorization, (claim.authorization_id for claim in chosen))
    cases = _by_id(s, Case, (claim.case_id for claim in chosen))
    practice = convert.one(convert.load(s, Practice))
    made = []
    for claim in chosen:
        ids_of_visits = dict.fromkeys(visit_of[line_id] for line_id in claim.line_ids)
        own = sorted((visit_by_id[visit_id] for visit_id in ids_of_visits), key=_when)
        policy = policies[claim.policy_id]
        secondary = _secondary(policy, others[claim.client_id], own[0].date if own else None)
        made.append(
            ClaimBundle(
                claim=claim, practice=practice, provider=providers[claim.provider_id],
                client=clients[claim.client_id], payer=payer_by_id[policy.payer_id], policy=policy, visits=tuple(own),
                secondary=secondary, secondary_payer=payer_by_id[secondary.payer_id] if secondary else None,
                referral=referrals.get(claim.referral_id or 0), case=cases.get(claim.case_id or 0),
                authorization=authorizations.get(claim.authorization_id or 0),
                overrides=(*overrides["payer", policy.payer_id], *overrides["claim", claim.id or 0]),
                waivers=tuple(waivers[claim.id or 0]),
            )
        )  # fmt: skip
    return made


def _visits(s: Session, claims: Sequence[Claim]) -> tuple[dict[int, int], dict[int, Visit]]:
    """The visit of each line of the claims, and those visits by id."""
    line_ids = [line_id for claim in claims for line_id in claim.line_ids]
    of_lines = select(ServiceLineRow.id, ServiceLineRow.visit_id).where(among(table_of(ServiceLine).c.id, line_ids))
    visit_of: dict[int, int] = {line_id: visit_id for line_id, visit_id in s.connection().execute(of_lines).all()}
    found = visits.load(s, among(VisitRow.__table__.c.id, set(visit_of.values())))
    return visit_of, {visit.id or 0: visit for visit in found}


def _overrides(s: Session, claim_ids: Iterable[int], payer_ids: Iterable[int]) -> dict[tuple[str, int], list[Override]]:
    """Values by hand, by ("claim", id) and ("payer", id)."""
    table = OverrideRow.__table__
    of_either = or_(among(table.c.claim_id, claim_ids), among(table.c.payer_id, payer_ids))
    found: dict[tuple[str, int], list[Override]] = defaultdict(list)
    for override in convert.load(s, Override, of_either, order=(table.c.id,)):
        owner = ("payer", override.payer_id or 0) if override.claim_id is None else ("claim", override.claim_id)
        found[owner].append(override)
    return found


def _by_id(s: Session, kind: type[R], ids: Iterable[int | None]) -> dict[int, R]:
    wanted = {record_id for record_id in ids if record_id is not None}
    if not wanted:
        return {}
    return {record.id or 0: record for record in convert.load(s, kind, among(table_of(kind).c.id, wanted))}


def _policies_by_client(s: Session, client_ids: set[int]) -> dict[int, list[Policy]]:
    by_client: dict[int, list[Policy]] = defaultdict(list)
    table = table_of(Policy)
    for policy in convert.load(s, Policy, among(table.c.client_id, client_ids), order=(table.c.id,)):
        by_client[policy.client_id].append(policy)
    return by_client


def _secondary(policy: Policy, policies: Iterable[Policy], on: dt.date | None) -> Policy | None:
    """The client's other policy: of another rank, and in force on the first date of service; the newest of several."""
    others = [other for other in policies if other.id != policy.id and other.rank is not policy.rank]
    in_force = [
        other
        for other in others
        if on is None or ((other.valid_from or dt.date.min) <= on <= (other.valid_to or dt.date.max))
    ]
    return in_force[-1] if in_force else None


def _when(visit: Visit) -> tuple[dt.date, int, int]:
    return visit.date or dt.date.min, visit.start or 0, visit.id or 0
