"""Lines and totals of a superbill."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from app.billing import superbills
from app.billing.records import ServiceLine, Visit
from tests.billing.vectors import VECTORS


def test_lines_come_in_order_of_date_with_joined_diagnoses() -> None:
    late = Visit(
        id=2, client_id=1, date=dt.date(2026, 11, 10), diagnoses=("M62.830", "M54.2"), paid=5000,
        lines=(ServiceLine(id=3, code="97124", units=3, charge=13650, pointers="BA"),),
    )  # fmt: skip
    early = Visit(
        id=1, client_id=1, date=dt.date(2026, 11, 3), diagnoses=("M54.2",), paid=18200,
        lines=(
            ServiceLine(id=1, code="97124", units=3, charge=13651, pointers="A"),
            ServiceLine(id=2, code="97140", units=1, charge=4549, pointers="A"),
        ),
    )  # fmt: skip
    found = superbills.summary([late, early])
    assert found.diagnoses == ("M54.2", "M62.830")
    assert [(entry.line.id, entry.date, entry.pointers) for entry in found.lines] == [
        (1, early.date, "A"),
        (2, early.date, "A"),
        (3, late.date, "AB"),
    ]
    assert [(entry.charge, entry.paid, entry.unit_fee) for entry in found.lines] == [
        (13651, 13651, None),
        (4549, 4549, 4549),
        (13650, 5000, 4550),
    ]
    assert (found.totals.charge, found.totals.paid, found.totals.balance) == (31850, 23200, 8650)
    assert not found.totals.paid_in_full
    assert [entry.visit.id for entry in found.lines] == [1, 1, 2]


def test_no_units_have_no_fee() -> None:
    (entry,) = superbills.summary([Visit(lines=(ServiceLine(id=1, units=0, charge=100),))]).lines
    assert entry.unit_fee is None


@pytest.mark.parametrize("case", VECTORS["money"]["superbill"], ids=lambda case: str(case["balance"]))
def test_totals(case: dict[str, Any]) -> None:
    visits = [
        Visit(
            date=dt.date.fromisoformat(session["dos"]), paid=session["paid"],
            lines=(ServiceLine(id=number, charge=session["charge"]),),
        )
        for number, session in enumerate(case["sessions"], start=1)
    ]  # fmt: skip
    totals = superbills.totals(visits)
    assert totals.balance == case["balance"]
    assert totals.paid_in_full is case.get("paid_in_full", False)
    assert superbills.summary(visits).totals == totals
