"""What is used, what is left, which one to take, and what to warn of."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from app.billing import referrals
from app.billing.problems import Severity
from app.billing.records import Authorization, Practice, Referral, ServiceLine, Visit, VisitStatus
from tests.billing.vectors import VECTORS

DAY = dt.date(2026, 11, 21)
EARLY = dt.date(2026, 1, 1)


def visit(day: int, **more: Any) -> Visit:
    """A done session early in the year, on both the referral 1 and the authorization 1."""
    fields: dict[str, Any] = {
        "id": 100 + day, "client_id": 9, "date": EARLY + dt.timedelta(days=day),
        "referral_id": 1, "authorization_id": 1,
        "lines": (ServiceLine(code="97124", units=3, charge=9000), ServiceLine(code="97140", units=1, charge=3000)),
    }  # fmt: skip
    return Visit(**(fields | more))


def test_only_sessions_that_took_place_count_and_a_day_counts_once() -> None:
    visits = [
        visit(1),
        visit(1, id=200),
        visit(2),
        visit(3, status=VisitStatus.VOID),
        visit(4, status=VisitStatus.NO_SHOW),
        visit(5, status=VisitStatus.PLANNED),
        visit(6, referral_id=2, authorization_id=2),
    ]
    account = referrals.ledger(Referral(id=1, visits_allowed=3), visits)
    assert (account.visits_used, account.visits_left) == (2, 1)
    assert (account.units_left, account.dollars_left) == (None, None)
    granted = Authorization(id=1, visits_allowed=2, units_allowed=20, dollars_allowed=100_000)
    account = referrals.ledger(granted, visits)
    assert (account.visits_left, account.units_left, account.dollars_left) == (0, 8, 64_000)
    assert not account.has_room
    assert not account.overdrawn


def test_nothing_uses_a_record_that_is_not_kept() -> None:
    visits = [visit(1, referral_id=None, authorization_id=None)]
    assert referrals.counted(Referral(), visits) == []
    assert referrals.counted(Authorization(), visits) == []


@pytest.mark.parametrize(
    ("first", "last", "covered"),
    [
        (None, None, True),
        (DAY, None, True),
        (None, DAY, True),
        (DAY, DAY, True),
        (DAY + dt.timedelta(days=1), None, False),
        (None, DAY - dt.timedelta(days=1), False),
    ],
)
def test_windows_include_both_days(first: dt.date | None, last: dt.date | None, covered: bool) -> None:
    assert referrals.ledger(Referral(id=1, written=first, expires=last), []).covers(DAY) is covered
    assert referrals.ledger(Authorization(id=1, valid_from=first, valid_to=last), []).covers(DAY) is covered


def test_the_earliest_end_with_room_is_proposed() -> None:
    case = VECTORS["authorization"]["two_on_one_day"]
    day = dt.date.fromisoformat(case["dos"])
    first, second = (
        Authorization(id=number, visits_allowed=case[key]["visits"], valid_to=dt.date.fromisoformat(case[key]["end"]))
        for number, key in ((1, "a"), (2, "b"))
    )
    open_ended, over = Authorization(id=3), Authorization(id=4, valid_to=day - dt.timedelta(days=1))
    used = [visit(number, referral_id=None) for number in range(case["a"]["used"])]
    grants = [open_ended, second, over, first]
    assert referrals.usable(grants, used, day) == [first, second, open_ended]
    assert referrals.pick(grants, used, day) is first
    assert referrals.pick(grants, [*used, visit(50, referral_id=None)], day) is second
    assert referrals.pick([over], used, day) is None


@pytest.mark.parametrize("case", VECTORS["authorization"]["cases"], ids=lambda case: f"{case['used']}-{case['end']}")
def test_warnings_of_an_authorization(case: dict[str, Any]) -> None:
    granted = Authorization(
        id=1, visits_allowed=case["visits"],
        valid_from=dt.date.fromisoformat(case["start"]), valid_to=dt.date.fromisoformat(case["end"]),
    )  # fmt: skip
    day = dt.date.fromisoformat(case["dos"])
    others = [visit(number) for number in range(case["used"])]
    (expected,) = case["expect"]
    problems = referrals.check(granted, visit(0, id=1, date=day), others)
    assert all(problem.severity is Severity.WARN and problem.item == "23" for problem in problems)
    found = [problem.code for problem in problems]
    if expected == "ok":
        assert found == []
    elif expected == "exhausted":
        assert found == ["authorization.exhausted"]
    elif expected == "outside window":
        assert found == ["authorization.outside-window"]
    elif expected.startswith("expires in"):
        assert found == ["authorization.ends-soon"]
        assert f"ends {expected.split()[2]} days" in problems[0].message
    else:
        assert expected.startswith("low: ")
        assert found == ["authorization.visits-low"]
        assert problems[0].message.startswith(expected.split()[1])


def test_warnings_of_a_referral_name_the_referral() -> None:
    order = Referral(id=1, visits_allowed=2, expires=DAY + dt.timedelta(days=1))
    this = visit(0, id=1, date=DAY)
    problems = referrals.check(order, this, [visit(3)])
    assert [problem.code for problem in problems] == ["referral.visits-low", "referral.ends-soon"]
    assert problems[0].message == "0 visits are left on the referral after this one. Ask for more in time."
    assert problems[1].message == "The referral ends 1 day after this session. Ask for a new one in time."
    assert {(p.item, p.record, p.field) for p in problems} == {("17", "visit:1", "referral_id")}
    assert [p.code for p in referrals.check(order, this, [visit(3), visit(4)])] == ["referral.exhausted"]


def test_units_and_money_run_out_too() -> None:
    granted = Authorization(id=1, units_allowed=13, dollars_allowed=24_000)
    this = visit(0, id=1, date=DAY)
    assert [p.code for p in referrals.check(granted, this, [])] == ["authorization.units-low"]
    assert referrals.check(granted, this, [], referrals.Thresholds(units=9)) == []
    poor = replace(granted, units_allowed=0)
    assert referrals.check(poor, this, [visit(1)]) == []
    assert [p.code for p in referrals.check(poor, this, [visit(1), visit(2)])] == ["authorization.exhausted"]


def test_a_visit_is_not_counted_twice_and_a_second_one_on_its_day_is_free() -> None:
    granted = Authorization(id=1, visits_allowed=1)
    this = visit(0, id=1, date=DAY, status=VisitStatus.PLANNED, authorization_id=None)
    again = replace(this, id=2, status=VisitStatus.DONE, authorization_id=1)
    for others in ([], [this], [again], [this, again]):
        assert [p.code for p in referrals.check(granted, this, others)] == ["authorization.visits-low"]
    new = replace(this, id=None)
    assert [p.code for p in referrals.check(granted, new, [visit(1)])] == ["authorization.exhausted"]


def test_a_visit_without_a_date_can_be_asked_about() -> None:
    granted = Authorization(id=1, visits_allowed=5, valid_to=DAY)
    assert referrals.check(granted, Visit(client_id=9), []) == []


def test_a_window_of_ninety_days() -> None:
    assert referrals.last_day(dt.date(2026, 9, 1), 90) == dt.date(2026, 11, 29)


def test_visits_that_others_gave_are_used_too() -> None:
    account = referrals.ledger(Referral(id=1, visits_allowed=6, used_elsewhere=4), [visit(1)])
    assert (account.visits_used, account.visits_elsewhere, account.visits_left) == (5, 4, 1)
    granted = Authorization(id=1, visits_allowed=6, used_elsewhere=6)
    assert not referrals.ledger(granted, []).has_room
    assert referrals.pick([granted], [], DAY) is None


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ((None, None), (DAY, DAY), True),
        ((EARLY, DAY), (DAY, None), True),
        ((EARLY, DAY), (DAY + dt.timedelta(days=1), None), False),
        ((DAY + dt.timedelta(days=1), None), (EARLY, DAY), False),
    ],
)
def test_authorizations_of_one_policy_may_overlap(one: Any, other: Any, both: bool) -> None:
    first, second = (
        Authorization(id=number, policy_id=5, valid_from=window[0], valid_to=window[1])
        for number, window in ((1, one), (2, other))
    )
    assert referrals.overlapping(first, second) is both
    assert not referrals.overlapping(first, replace(second, policy_id=6))


def test_the_practice_has_thresholds_of_its_own() -> None:
    assert referrals.thresholds(Practice()) == referrals.Thresholds()
    own = Practice(low_visits=1, low_units=4, low_days=14)
    assert referrals.thresholds(own) == referrals.Thresholds(visits=1, units=4, days=14)


def test_windows_of_referrals_as_published() -> None:
    days, year, *__ = VECTORS["referral_windows"]
    assert referrals.last_day(dt.date.fromisoformat(days["start"]), 90).isoformat() == days["end_inclusive"]
    assert referrals.last_day(dt.date.fromisoformat(year["written"]), months=12).isoformat() == year["last_day"]
