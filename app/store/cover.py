"""What clients' sessions stand on, read whole: referrals and authorizations with the sessions that use them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.billing.outlook import Cover
from app.store import clients, payers, visits
from app.store.tables import AuthorizationRow, ClientRow, ReferralRow


def cover(s: Session, client_id: int) -> Cover:
    """One client's, with the payers of the policies."""
    policies = clients.policies(s, client_id)
    return Cover(
        referrals=clients.referrals(s, client_id),
        authorizations=clients.authorizations(s, client_id),
        visits=visits.visits_of(s, client_id),
        cases=clients.cases(s, client_id),
        policies=policies,
        payers=[*payers.by_id(s, {policy.payer_id for policy in policies}).values()],
    )


def with_live_grants(s: Session, date: dt.date) -> list[int]:
    """The ids of clients who have a referral or authorization that has not ended before `date`, by name."""
    live = or_(
        ClientRow.id.in_(_live(ReferralRow.client_id, ReferralRow.expires, date)),
        ClientRow.id.in_(_live(AuthorizationRow.client_id, AuthorizationRow.valid_to, date)),
    )
    at_hand = select(ClientRow.id).where(ClientRow.archived.is_(False), live)
    return list(s.scalars(at_hand.order_by(ClientRow.search, ClientRow.id)))


def _live(client_id: Any, last: Any, date: dt.date) -> Any:
    return select(client_id).where(or_(last.is_(None), last >= date))
