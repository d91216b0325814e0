"""What lies ahead of referrals and authorizations: which would be used, when the plan ends, what to see to in time."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from app.billing.outlook import Cover, Outlook, outlooks
from app.billing.problems import Severity
from app.billing.records import Authorization, Case, Payer, Policy, Referral, ServiceLine, Visit, VisitStatus
from app.billing.referrals import Thresholds
from tests.claim_sample import AUTHORIZATION, PAYER, POLICY, REFERRAL

DAY = dt.date(2026, 11, 3)
WRITTEN = dt.date(2026, 9, 14)


def visit(date: dt.date | None, **more: Any) -> Visit:
    fields: dict[str, Any] = {
        "client_id": 3, "date": date, "policy_id": 5, "referral_id": 6, "authorization_id": 7,
        "lines": (ServiceLine(code="97140", units=2, charge=8800),),
    }  # fmt: skip
    return Visit(**(fields | more))


def weekly(count: int, **more: Any) -> list[Visit]:
    return [visit(dt.date(2026, 10, 6) + dt.timedelta(days=7 * week), **more) for week in range(count)]


def seen(*grants: Referral | Authorization, date: dt.date = DAY, **more: Any) -> list[Outlook]:
    known: dict[str, Any] = {"policies": [POLICY], "payers": [PAYER]} | more
    cover = Cover(
        referrals=[each for each in grants if isinstance(each, Referral)],
        authorizations=[each for each in grants if isinstance(each, Authorization)],
        **known,
    )
    return outlooks(cover, date)


def codes(each: Outlook) -> list[str]:
    return [problem.code for problem in each.problems]


def test_a_referral_in_the_middle_of_its_plan() -> None:
    (found,) = seen(REFERRAL, visits=weekly(4))
    assert (found.account.visits_used, found.account.visits_left, found.proposed) == (4, 8, True)
    assert found.plan is not None and found.plan.sessions == 12
    assert found.plan_ends == dt.date(2026, 12, 28), "twelve weeks from the first session"
    assert found.guess is not None and found.guess.date == dt.date(2026, 12, 22)
    (longer,) = found.problems
    assert (longer.code, longer.severity, longer.record) == ("referral.plan-longer", Severity.INFORM, "referral:6")
    assert "12/28/2026" in longer.message and "12/14/2026" in longer.message


def test_the_plan_begins_with_the_order_while_no_session_was() -> None:
    (found,) = seen(REFERRAL)
    assert found.plan_ends == dt.date(2026, 12, 6)
    assert codes(found) == []
    (undated,) = seen(replace(REFERRAL, written=None))
    assert undated.plan is not None and undated.plan_ends is None


def test_a_guess_that_went_by_is_no_guess() -> None:
    held = weekly(4)
    (found,) = seen(replace(REFERRAL, visits_allowed=5), visits=held, date=dt.date(2026, 11, 4))
    assert found.guess is None, "the next was to be on 11/03"
    assert seen(replace(REFERRAL, visits_allowed=5), visits=held)[0].guess is not None


def test_what_ended_is_left_out_and_the_earliest_end_is_proposed() -> None:
    ended = replace(REFERRAL, id=60, expires=DAY - dt.timedelta(days=1))
    later = replace(REFERRAL, id=61, expires=DAY + dt.timedelta(days=90))
    endless = replace(REFERRAL, id=62, expires=None)
    today = replace(REFERRAL, id=63, expires=DAY)
    found = seen(endless, later, ended, REFERRAL, today)
    assert [(each.grant.id, each.proposed) for each in found] == [(63, True), (6, False), (61, False), (62, False)]


def test_an_authorization_is_proposed_for_each_policy() -> None:
    first = replace(AUTHORIZATION, id=70, number="A7720", valid_to=DAY + dt.timedelta(days=20))
    second = replace(AUTHORIZATION, id=71, policy_id=10)
    full = replace(AUTHORIZATION, id=72, visits_allowed=1, used_elsewhere=1, valid_to=DAY + dt.timedelta(days=9))
    found = {each.grant.id: each for each in seen(AUTHORIZATION, first, second, full)}
    assert {key for key, each in found.items() if each.proposed} == {70, 71}
    assert "authorization.used-up" in codes(found[72])
    assert "authorization.overlaps" in codes(found[70])


def test_one_that_is_used_up_or_not_begun_is_not_proposed() -> None:
    (early,) = seen(replace(AUTHORIZATION, valid_from=DAY + dt.timedelta(days=1)))
    assert (early.proposed, codes(early)) == (False, ["authorization.begins-later"])
    (used,) = seen(replace(REFERRAL, frequency="", used_elsewhere=12))
    assert (used.proposed, codes(used)) == (False, ["referral.used-up"])


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"visits_allowed": 6}, "2 visits are left. Ask for more in time."),
        ({"visits_allowed": 5}, "1 visit is left. Ask for more in time."),
        ({"visits_allowed": 7}, None),
        ({"visits_allowed": 0, "units_allowed": 17}, "9 units are left. Ask for more in time."),
        ({"visits_allowed": 0, "units_allowed": 9}, "1 unit is left. Ask for more in time."),
        ({"visits_allowed": 0, "units_allowed": 18}, None),
        (
            {"visits_allowed": 0, "dollars_allowed": 43_999},
            "87.99 is left, less than a session charged on average. Ask for more in time.",
        ),
        ({"visits_allowed": 0, "dollars_allowed": 44_000}, None),
        ({"valid_to": DAY + dt.timedelta(days=7)}, "It ends on 11/10/2026. Ask for a new one in time."),
        ({"valid_to": DAY + dt.timedelta(days=8)}, None),
    ],
)
def test_what_runs_low_is_said(limits: dict[str, Any], expected: str | None) -> None:
    (found,) = seen(replace(AUTHORIZATION, **limits), visits=weekly(4))
    assert [problem.message for problem in found.problems] == ([expected] if expected else [])
    assert all(problem.severity is Severity.WARN and problem.item == "23" for problem in found.problems)


def test_the_thresholds_are_the_practices() -> None:
    cover = Cover(referrals=[replace(REFERRAL, frequency="")], visits=weekly(4))
    (found,) = outlooks(cover, DAY, Thresholds(visits=8, days=41))
    assert codes(found) == ["referral.visits-low", "referral.ends-soon"]
    assert codes(outlooks(cover, DAY)[0]) == []


WANTS = replace(PAYER, progress_visits=6, progress_months=1)


def report(*, payers: tuple[Payer, ...] = (WANTS,), date: dt.date = DAY, **more: Any) -> Outlook:
    (found,) = seen(replace(REFERRAL, frequency=""), payers=payers, date=date, **more)
    return found


def test_a_progress_report_is_told_where_the_payer_wants_one() -> None:
    assert report(payers=(PAYER,), visits=weekly(4)).report is None
    assert report(payers=(), visits=weekly(4)).report is None
    assert report(visits=weekly(4, policy_id=None)).report is None
    ahead = report(visits=weekly(4))
    assert ahead.report is not None and ahead.report.due == dt.date(2026, 11, 6)
    assert codes(ahead) == []
    due = report(visits=weekly(4), date=dt.date(2026, 11, 6))
    assert codes(due) == ["referral.report-due"]
    assert due.problems[0].message == "A progress report is due since 11/06/2026: 4 visits since 10/06/2026."
    by_visits = report(payers=(replace(PAYER, progress_visits=6),), visits=weekly(4))
    assert by_visits.report is not None and (by_visits.report.due, by_visits.report.left) == (None, 2)
    assert codes(by_visits) == []


def test_the_sessions_of_a_case_count_since_its_last_report() -> None:
    held = [*weekly(3, case_id=8, referral_id=99), *weekly(5, case_id=None), *weekly(9, status=VisitStatus.NO_SHOW)]
    accident = Case(id=8, client_id=3, last_report=dt.date(2026, 10, 6))
    cover: dict[str, Any] = {"cases": [accident], "visits": held, "payers": [WANTS], "policies": [POLICY]}
    (found,) = seen(replace(REFERRAL, case_id=8), **cover)
    assert found.report is not None
    assert (found.report.first, found.report.visits) == (dt.date(2026, 10, 13), 2)
    (other,) = seen(replace(REFERRAL, case_id=None), **cover)
    assert other.report is not None and other.report.visits == 5


def test_an_unknown_policy_brings_no_report() -> None:
    assert report(visits=weekly(4), policies=[Policy(id=77)]).report is None


def test_a_record_with_a_fault_says_so() -> None:
    (found,) = seen(replace(REFERRAL, npi=""))
    assert "referral.npi-missing" in codes(found)
