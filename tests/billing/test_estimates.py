"""Days by which a good-faith estimate is given, and disputes about bills above it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing import estimates
from tests.billing.vectors import VECTORS

FACTS = VECTORS["gfe_deadline"]
DATES = st.dates(dt.date(2022, 1, 1), dt.date(2060, 12, 31))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize("case", FACTS["cases"], ids=lambda case: f"{case['scheduled']} {case['service']}")
def test_when_an_estimate_is_due(case: dict[str, Any]) -> None:
    found = estimates.due(day(case["scheduled"]), day(case["service"]))
    assert (found.business_days, found.due) == (case["business_days"], day(case["due"]) if case["due"] else None)


@pytest.mark.parametrize("case", FACTS["on_request"], ids=lambda case: case["requested"])
def test_asked_for_it_is_due_in_three_business_days(case: dict[str, str]) -> None:
    assert estimates.due_on_request(day(case["requested"])) == day(case["due"])


@pytest.mark.parametrize("case", FACTS["dispute"]["cases"], ids=lambda case: str(case["billed"]))
def test_bills_far_above_the_estimate_may_be_disputed(case: dict[str, Any]) -> None:
    assert FACTS["dispute"]["threshold_cents"] == estimates.OVER
    assert estimates.may_dispute(case["estimate"], case["billed"]) is case["eligible"]
    bill = dt.date(2026, 11, 21)
    assert (estimates.dispute_until(bill) - bill).days == FACTS["dispute"]["window_days"]


def test_a_session_is_not_before_it_was_scheduled() -> None:
    with pytest.raises(ValueError, match="before"):
        estimates.due(dt.date(2026, 11, 3), dt.date(2026, 11, 2))


def test_the_holidays_of_a_year() -> None:
    """As the Office of Personnel Management lists them for 2026 (July 4 is a Saturday) and 2028."""
    assert sorted(f"{each:%m-%d}" for each in estimates.holidays(2026)) == [
        "01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25",
    ]  # fmt: skip
    assert dt.date(2027, 12, 31) in estimates.holidays(2027)
    assert dt.date(2028, 1, 1) not in estimates.holidays(2028)
    assert dt.date(2023, 1, 2) in estimates.holidays(2023)


@given(DATES, st.integers(1, 15))
def test_counting_and_going_ahead_agree(start: dt.date, count: int) -> None:
    end = estimates.after(start, count)
    assert estimates.business_days(start, end) == count
    assert estimates.is_business_day(end)


@given(DATES)
def test_a_year_has_ten_to_twelve_holidays_on_working_days(date: dt.date) -> None:
    held = estimates.holidays(date.year)
    assert 10 <= len(held) <= 12
    assert all(each.weekday() < 5 for each in held)
