"""What lies ahead of a client's referrals and authorizations on a day: the account of each, the plan of its order, the
next progress report, a guess when it is used up, and what to see to in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.billing import checks
from app.billing.pace import Frequency, Progress, ReportRule, RunOut, parse_frequency, progress, run_out
from app.billing.problems import Problem, in_order, inform, warn
from app.billing.records import Authorization, Case, Payer, Policy, Referral, Visit, VisitStatus
from app.billing.referrals import Ledger, Thresholds, counted, ledger, pick
from app.i18n import _, date_text, money_text, ngettext


@dataclass(frozen=True, kw_only=True)
class Cover:
    """All that a client's sessions stand on: everything of one client, and the payers of the policies."""

    referrals: Sequence[Referral] = ()
    authorizations: Sequence[Authorization] = ()
    visits: Sequence[Visit] = ()
    cases: Sequence[Case] = ()
    policies: Sequence[Policy] = ()
    payers: Sequence[Payer] = ()


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """A referral or authorization that has not ended. `proposed`: a session on this day would use it. `plan` is read
    from its frequency and ends on `plan_ends`, counted from its first session, else from the day it was written.
    `report` is the next progress report, where the payer wants them; `guess` when it is used up, None where that day
    went by: the pace is another one by now."""

    grant: Referral | Authorization
    account: Ledger
    proposed: bool
    plan: Frequency | None
    plan_ends: dt.date | None
    report: Progress | None
    guess: RunOut | None
    problems: list[Problem]


def outlooks(cover: Cover, date: dt.date, limits: Thresholds | None = None) -> list[Outlook]:
    """Referrals, then authorizations, the one that ends first in front; those that ended before `date` are left out."""
    proposed = _proposed(cover, date)
    found = []
    for grants in (cover.referrals, cover.authorizations):
        accounts = [(grant, ledger(grant, cover.visits)) for grant in grants]
        live = [(grant, account) for grant, account in accounts if account.last is None or account.last >= date]
        for grant, account in sorted(live, key=lambda pair: pair[1].last or dt.date.max):
            found.append(_outlook(grant, account, grant in proposed, cover, date, limits or Thresholds()))
    return found


def _proposed(cover: Cover, date: dt.date) -> list[Referral | Authorization]:
    """What a session on `date` would use: a referral, and an authorization for each policy that has one."""
    chosen: list[Referral | Authorization | None] = [pick(cover.referrals, cover.visits, date)]
    for policy_id in {grant.policy_id for grant in cover.authorizations}:
        suited = [grant for grant in cover.authorizations if grant.policy_id in (policy_id, None)]
        chosen.append(pick(suited, cover.visits, date))
    return [grant for grant in chosen if grant is not None]


def _outlook(  # noqa: PLR0917 - what is known of one grant
    grant: Referral | Authorization, account: Ledger, proposed: bool, cover: Cover, date: dt.date, limits: Thresholds
) -> Outlook:
    plan = parse_frequency(grant.frequency) if isinstance(grant, Referral) else None
    days = [visit.date for visit in counted(grant, cover.visits) if visit.date is not None]
    begins = min(days, default=account.first)
    plan_ends = plan.last_day(begins) if plan is not None and begins is not None else None
    report = _report(grant, cover) if isinstance(grant, Referral) else None
    guess = run_out(grant, account, cover.visits)
    return Outlook(
        grant=grant, account=account, proposed=proposed, plan=plan, plan_ends=plan_ends, report=report,
        guess=guess if guess is not None and guess.date >= date else None,
        problems=in_order([
            *_ledger_problems(grant, account, date, limits), *_plan_problems(grant, account, plan_ends),
            *_report_problems(grant, report, date), *_record_problems(grant, cover, date),
        ]),
    )  # fmt: skip


def _report(referral: Referral, cover: Cover) -> Progress | None:
    """By the sessions of the referral's case, else of the referral; None where the payer wants no reports."""
    case = next((case for case in cover.cases if case.id == referral.case_id is not None), None)
    held = counted(referral, cover.visits)
    if case is not None:
        held = [visit for visit in cover.visits if visit.case_id == case.id and visit.status is VisitStatus.DONE]
    billed = [visit.policy_id for visit in held if visit.policy_id is not None]
    policy = next((policy for policy in cover.policies if billed and policy.id == billed[-1]), None)
    payer = next((payer for payer in cover.payers if policy is not None and payer.id == policy.payer_id), None)
    if payer is None:
        return None
    rule = ReportRule(visits=max(payer.progress_visits, 0), months=max(payer.progress_months, 0))
    return progress(held, since=case.last_report if case is not None else None, rule=rule)


# --- what to see to -------------------------------------------------------------------------------------------------


def _kind(grant: Referral | Authorization) -> tuple[str, str]:
    """How its problems are called, and the item it is for."""
    return ("referral", "17") if isinstance(grant, Referral) else ("authorization", "23")


def _record(grant: Referral | Authorization) -> str:
    return f"{_kind(grant)[0]}:{grant.id or ''}"


def _ledger_problems(
    grant: Referral | Authorization, account: Ledger, date: dt.date, limits: Thresholds
) -> Iterator[Problem]:
    kind, item = _kind(grant)
    if account.first is not None and account.first > date:
        text = _("It begins on {date}. Until then no session may use it.").format(date=date_text(account.first))
        yield inform(f"{kind}.begins-later", text, item=item, record=_record(grant))
    if not account.has_room:
        yield warn(f"{kind}.used-up", _("It is used up. Ask for a new one."), item=item, record=_record(grant))
    else:
        for fact, text in _running_low(account, limits):
            yield warn(f"{kind}.{fact}-low", text, item=item, record=_record(grant))
    if account.last is not None and (account.last - date).days <= limits.days:
        text = _("It ends on {date}. Ask for a new one in time.").format(date=date_text(account.last))
        yield warn(f"{kind}.ends-soon", text, item=item, record=_record(grant))


def _running_low(account: Ledger, limits: Thresholds) -> Iterator[tuple[str, str]]:
    """What is little, of that which has a limit: (fact, sentence). Dollars: less than a usual session charged."""
    if account.visits_left is not None and account.visits_left <= limits.visits:
        text = ngettext(
            "{count} visit is left. Ask for more in time.",
            "{count} visits are left. Ask for more in time.",
            account.visits_left,
        )
        yield "visits", text.format(count=account.visits_left)
    if account.units_left is not None and account.units_left < limits.units:
        text = ngettext(
            "{count} unit is left. Ask for more in time.",
            "{count} units are left. Ask for more in time.",
            account.units_left,
        )
        yield "units", text.format(count=account.units_left)
    used = account.visits_used - account.visits_elsewhere
    if account.dollars_left is not None and used > 0 and account.dollars_left * used < account.dollars_used:
        text = _("{amount} is left, less than a session charged on average. Ask for more in time.")
        yield "dollars", text.format(amount=money_text(account.dollars_left))


def _plan_problems(grant: Referral | Authorization, account: Ledger, plan_ends: dt.date | None) -> Iterator[Problem]:
    if plan_ends is not None and account.last is not None and plan_ends > account.last:
        text = _("The order plans sessions until {planned}, but it ends on {ends}. Ask for a longer one in time.")
        text = text.format(planned=date_text(plan_ends), ends=date_text(account.last))
        yield inform("referral.plan-longer", text, item="17", record=_record(grant), field="expires")


def _report_problems(grant: Referral | Authorization, report: Progress | None, date: dt.date) -> Iterator[Problem]:
    if report is not None and report.due is not None and report.due <= date:
        yield warn("referral.report-due", report.sentence(date), record=_record(grant), field="case_id")


def _record_problems(grant: Referral | Authorization, cover: Cover, date: dt.date) -> list[Problem]:
    """What is wrong with the record itself."""
    if isinstance(grant, Referral):
        return checks.check_referral(grant, today=date)
    return checks.check_authorization(grant, today=date, others=cover.authorizations)
