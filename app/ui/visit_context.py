"""What a session is entered against: the client with all that is theirs, and the clinic's providers and prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.billing import referrals
from app.billing.benefits import Verification
from app.billing.records import (
    Authorization,
    Case,
    Client,
    FeeSchedule,
    Payer,
    Policy,
    Provider,
    Rank,
    Referral,
    ServiceLine,
    Visit,
    VisitStatus,
)
from app.billing.referrals import Thresholds
from app.store import clients, payers, practice, users, visits
from app.ui.desk import Desk
from app.ui.visit_lines import Prices


@dataclass(frozen=True)
class VisitContext:
    """Read once for a client; everything about a session that is being typed is worked out from it."""

    providers: Sequence[Provider] = ()
    payers: Mapping[int, Payer] = field(default_factory=dict)
    schedules: Sequence[FeeSchedule] = ()
    client: Client | None = None
    policies: Sequence[Policy] = ()
    referrals: Sequence[Referral] = ()
    authorizations: Sequence[Authorization] = ()
    cases: Sequence[Case] = ()
    visits: Sequence[Visit] = ()
    verifications: Sequence[Verification] = ()
    limits: Thresholds = field(default_factory=Thresholds)
    own: int | None = None
    """The provider who the user is, where that was said."""

    @property
    def own_provider(self) -> int | None:
        """The user's own id among the providers who still work here."""
        return next((one.id for one in self.providers if one.id == self.own and not one.archived), None)

    def policy(self, policy_id: int | None) -> Policy | None:
        """One of the client's policies."""
        return next((policy for policy in self.policies if policy.id == policy_id), None)

    def referral(self, referral_id: int | None) -> Referral | None:
        """One of the client's referrals."""
        return next((referral for referral in self.referrals if referral.id == referral_id), None)

    def authorization(self, authorization_id: int | None) -> Authorization | None:
        """One of the client's authorizations."""
        return next((grant for grant in self.authorizations if grant.id == authorization_id), None)

    def prices(self, policy_id: int | None, date: dt.date | None) -> Prices:
        """What lines are priced by when this policy is billed."""
        policy = self.policy(policy_id)
        return Prices(self.schedules, self.payers.get(policy.payer_id) if policy else None, date)

    def last(self, but: int | None) -> Visit | None:
        """The client's newest session that took place, other than `but`."""
        done = [visit for visit in self.visits if visit.status is VisitStatus.DONE and visit.id != but]
        return done[-1] if done else None

    def others(self, but: int | None) -> list[Visit]:
        """The client's other sessions."""
        return [visit for visit in self.visits if visit.id != but or but is None]

    def preset(self, visit: Visit, today: dt.date) -> Visit:
        """The session with what it would stand on at its date: policy, referral, authorization, case, diagnoses."""
        date, last = visit.date or today, self.last(visit.id)
        policy = next((p for p in self.policies if p.rank is Rank.PRIMARY and in_force(p, date)), None)
        referral = referrals.pick(self.referrals, self.visits, date)
        grants = [grant for grant in self.authorizations if policy and grant.policy_id in {None, policy.id}]
        authorization = referrals.pick(grants, self.visits, date)
        case_id = referral.case_id if referral and referral.case_id else last.case_id if last else None
        if case_id is None and len(self.cases) == 1:
            case_id = self.cases[0].id
        return replace(
            visit,
            client_id=self.client.id if self.client and self.client.id else 0,
            provider_id=self.own_provider or (last.provider_id if last else visit.provider_id),
            policy_id=policy.id if policy else None,
            referral_id=referral.id if referral else None,
            authorization_id=authorization.id if authorization else None,
            case_id=case_id,
            diagnoses=referral.diagnoses if referral else last.diagnoses if last else (),
        )

    def repeated(self, visit: Visit, day: dt.date, today: dt.date) -> Visit:
        """The same session on another day: what it stands on and its prices are those of that day.

        A referral, authorization or policy that was chosen by hand stays. Payments are not repeated, and a day that
        is still to come is planned.
        """
        own, there = self.preset(visit, today), self.preset(replace(visit, date=day), today)
        names = ("policy_id", "referral_id", "authorization_id", "case_id")
        moved = {name: getattr(there, name) for name in names if getattr(visit, name) == getattr(own, name)}
        status = VisitStatus.PLANNED if day > today and visit.status is VisitStatus.DONE else visit.status
        copy = replace(visit, id=None, date=day, status=status, paid=0, paid_method="", paid_on=None, **moved)
        before, then = self.prices(visit.policy_id, visit.date), self.prices(copy.policy_id, day)
        return replace(copy, lines=tuple(replace(_priced(line, before, then), id=None) for line in visit.lines))


def _priced(line: ServiceLine, before: Prices, then: Prices) -> ServiceLine:
    """The line at the price of another day, where it has that of its own; a price typed by hand stays."""
    old, new = before.fee(line.code), then.fee(line.code)
    if old is None or new is None or line.charge != old.amount * line.units:
        return line
    return replace(line, charge=new.amount * line.units)


def in_force(policy: Policy, date: dt.date) -> bool:
    """Whether the policy covers the date; a missing end is open."""
    return (policy.valid_from is None or policy.valid_from <= date) and (
        policy.valid_to is None or date <= policy.valid_to
    )


def read(desk: Desk, client_id: int) -> VisitContext:
    """The context of a client; of nobody when `client_id` is 0."""
    with desk.read() as s:
        common = VisitContext(
            providers=practice.providers(s, archived=True),
            payers={payer.id: payer for payer in payers.payers(s, archived=True) if payer.id is not None},
            schedules=payers.fee_schedules(s),
            limits=referrals.thresholds(practice.practice(s)),
            own=users.provider_of(s, desk.clinic.user),
        )
        if not client_id:
            return common
        policies = clients.policies(s, client_id)
        return replace(
            common,
            client=clients.client(s, client_id),
            policies=policies,
            referrals=clients.referrals(s, client_id),
            authorizations=clients.authorizations(s, client_id),
            cases=clients.cases(s, client_id),
            visits=visits.visits_of(s, client_id),
            verifications=[call for one in policies for call in clients.verifications(s, one.id or 0)],
        )
