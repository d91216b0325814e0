"""Pairs and caps by date of service: either order of codes, days of effect, indicators, quarters."""

from __future__ import annotations

import datetime as dt

import pytest

from app.billing.edits import NEVER, SEPARATE, Edits, PairEdit, Quarter, UnitCap

DAY = dt.date(2026, 11, 3)
NEVER_BOTH = PairEdit("97140", "97124", NEVER)
REGION = PairEdit("98940", "97140", SEPARATE, dt.date(1999, 4, 1))
ENDED = PairEdit("97140", "97530", SEPARATE, dt.date(2015, 1, 1), dt.date(2019, 12, 31))
NOT_APPLIED = PairEdit("97110", "97140", 9, dt.date(1999, 4, 1), dt.date(1999, 4, 1))
COMING = PairEdit("97012", "97140", SEPARATE, dt.date(2027, 1, 1))
CAP = UnitCap("97124", 4, 3, dt.date(2026, 10, 1))
EDITS = Edits((NEVER_BOTH, REGION, ENDED, NOT_APPLIED, COMING), (CAP,), "2026 Q4", "2026 Q3")


@pytest.mark.parametrize(
    ("codes", "date", "found"),
    [
        (("97140", "97124"), DAY, NEVER_BOTH),
        (("97124", "97140"), DAY, NEVER_BOTH),
        (("97140", "98940"), DAY, REGION),
        (("98940", "97140"), dt.date(1999, 4, 1), REGION),
        (("98940", "97140"), dt.date(1999, 3, 31), None),
        (("97530", "97140"), dt.date(2014, 12, 31), None),
        (("97530", "97140"), dt.date(2019, 12, 31), ENDED),
        (("97530", "97140"), dt.date(2020, 1, 1), None),
        (("97110", "97140"), dt.date(1999, 4, 1), None),
        (("97012", "97140"), dt.date(2026, 12, 31), None),
        (("97012", "97140"), dt.date(2027, 1, 1), COMING),
        (("97124", "97112"), DAY, None),
        (("97140", "97140"), DAY, None),
    ],
)
def test_a_pair_counts_from_its_first_to_its_last_day(
    codes: tuple[str, str], date: dt.date, found: PairEdit | None
) -> None:
    assert EDITS.pair(*codes, date) == found


def test_the_stricter_of_two_edits_counts() -> None:
    both = Edits((PairEdit("97113", "97036", SEPARATE), PairEdit("97036", "97113", NEVER)), (), "", "")
    found = both.pair("97113", "97036", DAY)
    assert found is not None and found.indicator == NEVER


def test_pairs_among_the_codes_of_a_day_come_once_and_in_their_order() -> None:
    assert EDITS.pairs_among(["98940", "97124", "97140", "98940", "97530"], DAY) == [REGION, NEVER_BOTH]
    assert EDITS.pairs_among(["97140"], DAY) == EDITS.pairs_among([], DAY) == []


def test_pairs_with_a_code() -> None:
    assert EDITS.pairs_with("97140", DAY) == [NEVER_BOTH, REGION]
    assert EDITS.pairs_with("97112", DAY) == []


def test_caps() -> None:
    assert EDITS.cap("97124") is CAP
    assert EDITS.cap("97140") is None
    assert (EDITS.pairs_quarter, EDITS.caps_quarter) == ("2026 Q4", "2026 Q3")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026Q1", dt.date(2026, 1, 1), dt.date(2026, 3, 31)),
        ("2026 q2", dt.date(2026, 4, 1), dt.date(2026, 6, 30)),
        (" 2024 Q3 ", dt.date(2024, 7, 1), dt.date(2024, 9, 30)),
        ("2026Q4", dt.date(2026, 10, 1), dt.date(2026, 12, 31)),
    ],
)
def test_a_quarter_has_three_months(text: str, first: dt.date, last: dt.date) -> None:
    quarter = Quarter.parse(text)
    assert (quarter.first, quarter.last) == (first, last)
    assert Quarter.of(first) == Quarter.of(last) == Quarter.parse(str(quarter)) == quarter
    assert Quarter.of(last + dt.timedelta(days=1)) > quarter > Quarter.of(first - dt.timedelta(days=1))


@pytest.mark.parametrize("text", ["", "2026", "2026Q5", "2026Q0", "1999Q1", "Q4 2026", "2026-Q4"])
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a quarter"):
        Quarter.parse(text)
