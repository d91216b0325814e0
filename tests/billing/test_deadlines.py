"""Months that clamp, and limits of days or months."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing import deadlines
from tests.billing.vectors import VECTORS


@pytest.mark.parametrize("case", VECTORS["timely_filing"], ids=lambda case: case["dos"])
def test_limits_as_published(case: dict[str, Any]) -> None:
    anchor = dt.date.fromisoformat(case.get("primary_eob", case["dos"]))
    limit = {"days": case.get("limit_days", 0), "months": case.get("limit_months", 0)}
    assert deadlines.deadline(anchor, **limit).isoformat() == case["deadline"]


def test_a_limit_has_a_length() -> None:
    with pytest.raises(ValueError, match="days or months"):
        deadlines.deadline(dt.date(2026, 1, 1))


@given(st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)), st.integers(0, 400))
def test_months_keep_the_day_or_clamp_it(date: dt.date, months: int) -> None:
    later = deadlines.add_months(date, months)
    assert (later.year * 12 + later.month) - (date.year * 12 + date.month) == months
    assert later.day == date.day or (later.day < date.day and (later + dt.timedelta(days=1)).day == 1)


@pytest.mark.parametrize("case", VECTORS["aging"]["cases"], ids=lambda case: case["age"])
def test_claims_are_grouped_by_their_age(case: dict[str, Any]) -> None:
    today, sent = dt.date.fromisoformat(VECTORS["aging"]["as_of"]), dt.date.fromisoformat(case["mailed"])
    assert (today - sent).days == case["age"]
    assert deadlines.aging(sent, today) == case["bucket"]


def test_a_claim_dated_ahead_is_not_old() -> None:
    assert deadlines.aging(dt.date(2026, 11, 22), dt.date(2026, 11, 21)) == deadlines.BUCKETS[0]
