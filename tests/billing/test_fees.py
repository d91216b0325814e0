"""Prices by payer and date."""

from __future__ import annotations

import datetime as dt

import pytest

from app.billing import fees
from app.billing.problems import Severity
from app.billing.records import Fee, FeeSchedule, ServiceLine, Visit
from tests.billing.vectors import VECTORS

DAY = dt.date(2026, 11, 21)
OLD = FeeSchedule(id=1, name="Old", fees=(Fee(code="97124", amount=4000),))
NEW = FeeSchedule(
    id=2, name="New", valid_from=dt.date(2026, 1, 1), fees=(Fee(code="97124", amount=4550), Fee(code="97140", amount=0))
)
NEXT = FeeSchedule(id=3, name="Next", valid_from=dt.date(2027, 1, 1), fees=(Fee(code="97124", amount=5000),))
OWN = FeeSchedule(
    id=4, name="Evergreen", payer_id=7, valid_from=dt.date(2026, 6, 1), fees=(Fee(code="97140", amount=3333),)
)
ALL = (NEXT, OWN, OLD, NEW)


@pytest.mark.parametrize(
    ("date", "payer_id", "expected"),
    [
        (DAY, None, NEW),
        (DAY, 7, OWN),
        (DAY, 8, NEW),
        (dt.date(2026, 5, 31), 7, NEW),
        (dt.date(2026, 1, 1), None, NEW),
        (dt.date(2025, 12, 31), None, OLD),
        (dt.date(2027, 1, 1), 8, NEXT),
    ],
)
def test_the_schedule_in_force(date: dt.date, payer_id: int | None, expected: FeeSchedule) -> None:
    assert fees.schedule_in_force(ALL, date, payer_id) is expected


def test_without_a_schedule_or_an_entry_no_price_is_guessed() -> None:
    assert fees.schedule_in_force((NEXT,), DAY, None) is None
    assert fees.fee((NEXT,), "97124", DAY, None) is None
    assert fees.fee(ALL, "97124", DAY, 7) is None, "a payer's own schedule is not filled up from everyone's"
    assert fees.fee(ALL, "97140", DAY, 7) == Fee(code="97140", amount=3333)


@pytest.mark.parametrize("case", VECTORS["money"]["line_charge"], ids=lambda case: str(case["charge"]))
def test_a_charge_is_fee_times_units(case: dict[str, int]) -> None:
    line = ServiceLine(code="97124", units=case["units"])
    assert fees.price(line, Fee(code="97124", amount=case["fee_cents"])) == case["charge"]


def test_pricing_a_visit_keeps_what_has_no_price_and_says_so() -> None:
    lines = (
        ServiceLine(id=1, code="97124", units=3),
        ServiceLine(id=2, code="97140", units=1, charge=900),
        ServiceLine(id=3, code="97010", units=1),
    )
    visit, problems = fees.priced(Visit(id=5, date=DAY, lines=lines), ALL, None)
    assert [line.charge for line in visit.lines] == [13650, 900, 0]
    assert [(p.code, p.severity, p.record) for p in problems] == [("fee.missing", Severity.BLOCK, "visit:5")] * 2
    assert "97140" in problems[0].message
    assert "97010" in problems[1].message


def test_a_visit_without_a_date_has_no_price() -> None:
    visit = Visit(lines=(ServiceLine(code="97124"),))
    same, problems = fees.priced(visit, ALL, None)
    assert same == visit
    assert [p.code for p in problems] == ["visit.date-missing"]
