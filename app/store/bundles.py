"""Claims with all that their pages are made from: any number of them by some fifteen SELECTs."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.billing.records import (
    Authorization,
    Case,
    Claim,
    ClaimBundle,
    Client,
    Override,
    Policy,
    Provider,
    Referral,
    Visit,
    Waiver,
)  # fmt: skip
from app.store import convert, payers, visits
from app.store import practice as practices
from app.store.tables import ClaimLineRow, ClaimRow, ServiceLineRow

R = TypeVar("R", bound=convert.Record)


def load_claims(s: Session, *where: Any) -> list[Claim]:
    """Claims with the ids of their lines, in order of id."""
    ids = select(ClaimRow.id).where(*where)
    on_claims = s.connection().execute(_LINES.where(ClaimLineRow.claim_id.in_(ids))).all()
    return convert.load(s, Claim, *where, order=(ClaimRow.id,), parts=_line_ids(on_claims))


_LINES = select(ClaimLineRow.claim_id, ClaimLineRow.service_line_id).order_by(
    ClaimLineRow.claim_id, ClaimLineRow.position
)
# Statements are kept, since building one takes longer than running it.
_LINES_LISTED = _LINES.where(ClaimLineRow.claim_id.in_(convert.ids_of("ids")))
_VISITS = (
    select(ServiceLineRow.id, ServiceLineRow.visit_id)
    .join(ClaimLineRow, ClaimLineRow.service_line_id == ServiceLineRow.id)
    .where(ClaimLineRow.claim_id.in_(convert.ids_of("ids")))
)


def _line_ids(on_claims: Iterable[Any]) -> dict[int, dict[str, Any]]:
    line_ids: dict[int, list[int]] = defaultdict(list)
    for claim_id, line_id in on_claims:
        line_ids[claim_id].append(line_id)
    return {claim_id: {"line_ids": tuple(items)} for claim_id, items in line_ids.items()}


def bundles(s: Session, ids: Iterable[int]) -> list[ClaimBundle]:
    """The bundles of these claims, in the order given. Raises ClinicError when one is gone."""
    wanted = list(ids)
    given = {"ids": json.dumps(wanted)}
    parts = _line_ids(s.connection().execute(_LINES_LISTED, given).all())
    claims = {claim.id: claim for claim in convert.load_listed(s, Claim, "id", wanted, parts=parts)}
    chosen = [convert.one([claims[claim_id]] if claim_id in claims else []) for claim_id in wanted]
    visit_of: dict[int, int] = {line_id: visit_id for line_id, visit_id in s.connection().execute(_VISITS, given)}
    visit_by_id = {visit.id or 0: visit for visit in visits.visits(s, set(visit_of.values()))}
    others = _policies_by_client(s, {claim.client_id for claim in chosen})
    policies = {policy.id or 0: policy for items in others.values() for policy in items}
    policies |= _by_id(s, Policy, {claim.policy_id for claim in chosen} - policies.keys())
    payer_by_id = payers.by_id(s, {policy.payer_id for policy in policies.values()})
    overrides = _overrides(s, wanted, payer_by_id)
    waivers: dict[int, list[Waiver]] = defaultdict(list)
    for waiver in convert.load_listed(s, Waiver, "claim_id", wanted):
        waivers[waiver.claim_id].append(waiver)
    clients = _by_id(s, Client, (claim.client_id for claim in chosen))
    providers = _by_id(s, Provider, (claim.provider_id for claim in chosen))
    referrals = _by_id(s, Referral, (claim.referral_id for claim in chosen))
    authorizations = _by_id(s, Authorization, (claim.authorization_id for claim in chosen))
    cases = _by_id(s, Case, (claim.case_id for claim in chosen))
    practice = practices.practice(s)
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


def _overrides(s: Session, claim_ids: Iterable[int], payer_ids: Iterable[int]) -> dict[tuple[str, int], list[Override]]:
    """Values by hand, by ("claim", id) and ("payer", id)."""
    found: dict[tuple[str, int], list[Override]] = defaultdict(list)
    for override in convert.load_listed(s, Override, "claim_id", claim_ids):
        found["claim", override.claim_id or 0].append(override)
    for override in convert.load_listed(s, Override, "payer_id", payer_ids):
        found["payer", override.payer_id or 0].append(override)
    return found


def _by_id(s: Session, kind: type[R], ids: Iterable[int | None]) -> dict[int, R]:
    return {record.id or 0: record for record in convert.load_listed(s, kind, "id", ids)}


def _policies_by_client(s: Session, client_ids: set[int]) -> dict[int, list[Policy]]:
    by_client: dict[int, list[Policy]] = defaultdict(list)
    for policy in convert.load_listed(s, Policy, "client_id", client_ids):
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
