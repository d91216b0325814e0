"""What an order's frequency plans, when a progress report is due, and when a referral runs out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing import pace, referrals
from app.billing.records import Authorization, Referral, ServiceLine, Visit, VisitStatus
from tests.billing.vectors import VECTORS

FIRST = dt.date(2026, 10, 5)


def visit(date: dt.date | None, **more: Any) -> Visit:
    fields: dict[str, Any] = {"client_id": 9, "date": date, "referral_id": 1, "authorization_id": 1}
    return Visit(**(fields | more))


def visits(*days: int, **more: Any) -> list[Visit]:
    """Sessions so many days after the first."""
    return [visit(FIRST + dt.timedelta(days=day), **more) for day in days]


@pytest.mark.parametrize(
    ("text", "sessions", "last"),
    [
        ("2 a week for 6 weeks", 12, "2026-11-15"),
        ("2x/week x 6 weeks", 12, "2026-11-15"),
        ("2 times per week, 6 wks.", 12, "2026-11-15"),
        ("twice a week over the next six weeks", 12, "2026-11-15"),
        ("2x week for 3 weeks", 6, "2026-10-25"),
        ("1x/week x 12", 12, "2026-12-27"),
        ("1/week x 12 visits", 12, "2026-12-27"),
        ("Once a week for 8 weeks", 8, "2026-11-29"),
        ("weekly for 8 weeks", 8, "2026-11-29"),
        ("every week for 8 weeks", 8, "2026-11-29"),
        ("1 visit each week for the next 8 weeks", 8, "2026-11-29"),
        ("every other week for 12 weeks", 6, "2026-12-27"),
        ("once every 2 weeks for 12 weeks", 6, "2026-12-27"),
        ("twice weekly for a month", 8, "2026-11-04"),
        ("2 a week for 3 months", 24, "2027-01-04"),
        ("2 a month for 3 months", 6, "2027-01-04"),
        ("monthly for 6 months", 6, "2027-04-04"),
        ("2 a week for 30 days", 8, "2026-11-03"),
        ("daily for 5 days", 5, "2026-10-09"),
        ("daily for 2 weeks", 14, "2026-10-18"),
        ("12 visits in 90 days", 12, "2027-01-02"),
        ("12 sessions / 6 weeks", 12, "2026-11-15"),
    ],
)
def test_what_an_order_plans(text: str, sessions: int, last: str) -> None:
    plan = pace.parse_frequency(text)
    assert plan is not None
    assert (plan.sessions, plan.last_day(FIRST).isoformat()) == (sessions, last)


@pytest.mark.parametrize(
    "text",
    [
        "", "as needed", "PRN", "biweekly for 6 weeks", "2 a week", "12 visits", "2x/week x 12",
        "1-2 a week for 6 weeks", "1 to 2 a week for 6 weeks", "2 a week for 6 weeks then 1 a week for 4 weeks",
        "up to 2 a week for 6 weeks", "every other week for 3 weeks", "2 a month for 6 weeks", "daily for a month",
        "2 a week for 5 days",
        "0 a week for 6 weeks", "2 a week for 0 weeks", "every 0 weeks for 6 weeks", "1x/week x 0",
        "2 a week for 1.5 weeks",
        "1000 visits in 2000 days", "2 a week for 9999 weeks", "2+ a week for 6 weeks", "2 a week for 6 weeks?",
    ],
)  # fmt: skip
def test_what_has_more_than_one_meaning_or_no_end_is_not_read(text: str) -> None:
    assert pace.parse_frequency(text) is None


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    plan = pace.parse_frequency(text)
    assert plan is None or (plan.sessions > 0 and plan.length > 0)


@given(st.integers(1, 7), st.integers(1, 52))
def test_a_rate_times_its_weeks(times: int, weeks: int) -> None:
    plan = pace.parse_frequency(f"{times} a week for {weeks} weeks")
    assert plan is not None
    assert plan.sessions == times * weeks
    assert plan.last_day(FIRST) == FIRST + dt.timedelta(days=7 * weeks - 1)


@pytest.mark.parametrize("case", VECTORS["referral_windows"][2:], ids=lambda case: case["kind"][:12])
def test_a_progress_report_is_due_at_the_sixth_visit_or_after_a_month(case: dict[str, str]) -> None:
    first, sixth = dt.date.fromisoformat(case["first_visit"]), dt.date.fromisoformat(case["visit6"])
    days = [first + (sixth - first) * step // 5 for step in range(6)]
    found = pace.progress([visit(day) for day in days])
    assert found is not None
    assert found.due.isoformat() == case["due"]
    assert (found.first, found.visits, found.left) == (first, 6, 0)


def test_progress_counts_days_with_done_sessions_since_the_last_report() -> None:
    held = [
        *visits(0, 2, 2, 4),
        *visits(5, status=VisitStatus.NO_SHOW),
        *visits(6, status=VisitStatus.PLANNED),
        visit(None),
    ]
    found = pace.progress(held, since=FIRST)
    assert found is not None
    assert (found.first, found.visits, found.left) == (FIRST + dt.timedelta(days=2), 2, 4)
    assert found.sentence(FIRST) == (
        "The next progress report is due on 11/07/2026 or in 4 visits, whichever comes first."
    )
    assert found.sentence(dt.date(2026, 11, 7)) == (
        "A progress report is due since 11/07/2026: 2 visits since 10/07/2026."
    )
    assert pace.progress(held, since=FIRST + dt.timedelta(days=4)) is None
    rule = pace.ReportRule(visits=2, months=3)
    early = pace.progress(held, rule=rule)
    assert early is not None
    assert early.due == FIRST + dt.timedelta(days=2)


def test_a_rule_may_count_visits_or_months_only() -> None:
    held = visits(0, 2)
    by_visits = pace.progress(held, rule=pace.ReportRule(visits=3, months=0))
    assert by_visits is not None
    assert (by_visits.due, by_visits.left) == (None, 1)
    assert by_visits.sentence(FIRST) == "The next progress report is due in 1 visit."
    by_months = pace.progress(held, rule=pace.ReportRule(visits=0, months=1))
    assert by_months is not None
    assert (by_months.due, by_months.left) == (dt.date(2026, 11, 5), None)
    assert by_months.sentence(FIRST) == "The next progress report is due on 11/05/2026."
    assert pace.progress(held, rule=pace.ReportRule(visits=0, months=0)) is None


def run_out(grant: Referral | Authorization, held: list[Visit]) -> pace.RunOut | None:
    return pace.run_out(grant, referrals.ledger(grant, held), held)


def test_when_the_visits_run_out_at_the_present_pace() -> None:
    held = [*visits(0, 50, 57, 64, 70, 77, 98), visit(None)]
    guess = run_out(Referral(id=1, visits_allowed=10), held)
    assert guess is not None
    assert (guess.gap, guess.visits, guess.date) == (7, 2, FIRST + dt.timedelta(days=98 + 14))
    assert guess.sentence == ("At the present pace, a session every 7 days, the 2 left last until about 01/25/2027.")
    short = run_out(Referral(id=1, visits_allowed=10, expires=dt.date(2027, 1, 20)), held)
    assert short is not None
    assert short.sentence.endswith(" The time ends before that, on 01/20/2027.")
    late = run_out(Referral(id=1, visits_allowed=10, expires=dt.date(2027, 1, 25)), held)
    assert late is not None and "ends before" not in late.sentence


def test_units_and_dollars_run_out_by_what_a_session_takes() -> None:
    lines = (ServiceLine(units=3, charge=9000), ServiceLine(units=1, charge=3000))
    held = visits(0, 7, 14, 21, lines=lines)
    for grant, left in (
        (Authorization(id=1, units_allowed=27), 2),
        (Authorization(id=1, dollars_allowed=84_000), 3),
        (Authorization(id=1, units_allowed=40, dollars_allowed=200_000, visits_allowed=5), 1),
    ):
        guess = run_out(grant, held)
        assert guess is not None
        assert (guess.visits, guess.date) == (left, FIRST + dt.timedelta(days=21 + 7 * left))


@pytest.mark.parametrize(
    ("grant", "days"),
    [
        (Referral(id=1), (0, 7, 14)),
        (Referral(id=1, visits_allowed=3), (0, 7, 14)),
        (Referral(id=1, visits_allowed=2), (0, 7, 14)),
        (Referral(id=1, visits_allowed=9), (0, 7)),
        (Authorization(id=1, units_allowed=9, dollars_allowed=900), (0, 7, 14)),
    ],
)
def test_what_cannot_be_guessed_is_not(grant: Referral | Authorization, days: tuple[int, ...]) -> None:
    assert run_out(grant, visits(*days)) is None
