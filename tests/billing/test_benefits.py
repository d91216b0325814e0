"""What a session will cost the client by what the plan said, and when to ask the plan again."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing import benefits
from app.billing.benefits import Answer, Standing, Verification
from app.billing.records import ServiceLine, Visit, VisitStatus
from tests.billing.vectors import VECTORS

CALLED = dt.date(2026, 9, 1)
DAY = dt.date(2026, 11, 3)
CALL = Verification(
    id=1, client_id=9, policy_id=5, called_on=CALLED, covers_massage=Answer.YES, deductible=0, copay=2500,
)  # fmt: skip


def visit(date: dt.date | None, charge: int = 10_000, **more: Any) -> Visit:
    fields: dict[str, Any] = {"client_id": 9, "policy_id": 5, "date": date, "lines": (ServiceLine(charge=charge),)}
    return Visit(**(fields | more))


def share(call: Verification, allowed: int, *visits: Visit, date: dt.date = DAY) -> tuple[int, int] | None:
    found = benefits.expected_share(call, allowed, date, visits)
    return (found.client, found.plan) if found else None


def test_a_published_answer_to_a_claim() -> None:
    (case,) = VECTORS["money"]["eob_line"]
    call = replace(
        CALL, deductible=case["deductible"], deductible_met=0, deductible_applies=Answer.YES, copay=None,
        coinsurance=case["coinsurance_pct"],
    )  # fmt: skip
    found = benefits.expected_share(call, case["allowed"], DAY)
    assert found is not None
    assert (found.client, found.plan) == (case["patient_resp"], case["insurer_paid"])
    assert found.trace == (
        "Of 102.00 the client pays 36.40 (20.00 deductible, 16.40 coinsurance of 20 percent), the plan 65.60."
    )


@pytest.mark.parametrize(
    ("fields", "allowed", "expected"),
    [
        ({}, 10_000, (2500, 7500)),
        ({}, 2000, (2000, 0)),
        ({}, 0, (0, 0)),
        ({"copay": 0}, 10_000, (0, 10_000)),
        ({"copay": None, "coinsurance": 0}, 10_000, (0, 10_000)),
        ({"copay": None, "coinsurance": 100}, 10_000, (10_000, 0)),
        ({"copay": None, "coinsurance": 20}, 3, (1, 2)),
        ({"copay": None, "coinsurance": 20}, 2, (0, 2)),
        ({"copay": 0, "coinsurance": 10}, 5, (1, 4)),
        ({"copay": None, "coinsurance": 250}, 5000, (5000, 0)),
        ({"deductible": 50_000, "deductible_applies": Answer.NO}, 10_000, (2500, 7500)),
        ({"deductible": 50_000, "deductible_met": 50_000}, 10_000, (2500, 7500)),
        ({"deductible": 50_000, "deductible_met": 60_000}, 10_000, (2500, 7500)),
        ({"deductible": 50_000, "deductible_met": 49_000, "deductible_applies": Answer.YES}, 10_000, (3500, 6500)),
        ({"deductible": 50_000, "deductible_met": 0, "deductible_applies": Answer.YES}, 10_000, (10_000, 0)),
        (
            {"deductible": 50_000, "deductible_met": 0, "deductible_applies": Answer.YES, "copay": None}, 10_000,
            (10_000, 0),
        ),
        ({"covers_massage": Answer.NO, "copay": None}, 10_000, (10_000, 0)),
        ({"visit_limit": 3, "visits_used": 3}, 10_000, (10_000, 0)),
        ({"visit_limit": 3, "visits_used": 2}, 10_000, (2500, 7500)),
        ({"visit_limit": 0, "visits_used": 9}, 10_000, (2500, 7500)),
        ({"visit_limit": 3}, 10_000, (2500, 7500)),
    ],
)  # fmt: skip
def test_shares(fields: dict[str, Any], allowed: int, expected: tuple[int, int]) -> None:
    assert share(replace(CALL, **fields), allowed) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"covers_massage": Answer.UNKNOWN},
        {"copay": None},
        {"copay": 2500, "coinsurance": 20},
        {"deductible": None},
        {"deductible": 50_000},
        {"deductible": 50_000, "deductible_met": 0},
    ],
)
def test_nothing_is_expected_from_answers_that_are_missing_or_contradict(fields: dict[str, Any]) -> None:
    assert share(replace(CALL, **fields), 10_000) is None


def test_the_way_to_a_share_is_told() -> None:
    def trace(allowed: int, **fields: Any) -> str:
        found = benefits.expected_share(replace(CALL, **fields), allowed, DAY)
        assert found is not None
        return found.trace

    assert trace(10_000) == "Of 100.00 the client pays 25.00 (25.00 copay), the plan 75.00."
    assert trace(10_000, copay=0) == "Of 100.00 the client pays 0.00 (nothing), the plan 100.00."
    assert trace(10_000, covers_massage=Answer.NO) == "The plan does not cover massage: the client pays all."
    used_up = "The plan's visits of this year are used up: the client pays all."
    assert trace(10_000, visit_limit=1, visits_used=1) == used_up


def test_an_amount_is_not_below_0() -> None:
    with pytest.raises(ValueError, match="below 0"):
        benefits.expected_share(CALL, -1, DAY)


@given(
    st.integers(0, 100_000),
    st.integers(0, 200_000),
    st.one_of(st.tuples(st.integers(0, 9000), st.none()), st.tuples(st.none(), st.integers(0, 100))),
)
def test_shares_add_up_and_lie_between_nothing_and_all(
    allowed: int, deductible: int, terms: tuple[int | None, int | None]
) -> None:
    call = replace(
        CALL, deductible=deductible, deductible_met=0, deductible_applies=Answer.YES, copay=terms[0],
        coinsurance=terms[1],
    )  # fmt: skip
    found = share(call, allowed)
    assert found is not None
    assert sum(found) == allowed
    assert min(allowed, deductible) <= found[0] <= allowed


# --- the benefit year


LIMITED = replace(
    CALL, deductible=50_000, deductible_met=20_000, deductible_applies=Answer.YES, visit_limit=10, visits_used=4
)


def test_sessions_since_the_call_use_up_deductible_and_visits() -> None:
    held = [
        visit(dt.date(2026, 8, 31)),
        visit(CALLED, 12_000),
        visit(dt.date(2026, 9, 8), 9000),
        visit(dt.date(2026, 9, 8), 1000),
        visit(dt.date(2026, 9, 15), status=VisitStatus.NO_SHOW),
        visit(dt.date(2026, 9, 22), policy_id=6),
        visit(DAY),
        visit(None),
    ]
    assert benefits.standing(LIMITED, DAY, held) == Standing(deductible_left=8000, visits_left=4)
    assert share(LIMITED, 10_000, *held) == (8000 + 2000, 0)
    assert benefits.standing(LIMITED, DAY, [*held, visit(dt.date(2026, 10, 1), 9000)]).deductible_left == 0
    unknown = replace(LIMITED, deductible_met=None, visits_used=None)
    assert benefits.standing(unknown, DAY, held) == Standing(deductible_left=None, visits_left=None)


def test_a_new_benefit_year_begins_anew() -> None:
    held = [visit(dt.date(2026, 12, 30)), visit(dt.date(2027, 1, 4), 7000)]
    assert benefits.standing(LIMITED, dt.date(2026, 12, 31), held) == Standing(deductible_left=20_000, visits_left=5)
    assert benefits.standing(LIMITED, dt.date(2027, 1, 4), held) == Standing(deductible_left=50_000, visits_left=10)
    assert benefits.standing(LIMITED, dt.date(2027, 1, 11), held) == Standing(deductible_left=43_000, visits_left=9)
    unknown = replace(LIMITED, deductible_met=None, visits_used=None)
    assert benefits.standing(unknown, dt.date(2027, 1, 4), held) == Standing(deductible_left=50_000, visits_left=10)


def test_a_call_without_a_date_counts_from_the_beginning_of_the_year() -> None:
    undated = replace(LIMITED, called_on=None)
    held = [visit(dt.date(2025, 12, 30)), visit(dt.date(2026, 1, 2), 5000)]
    assert benefits.standing(undated, DAY, held) == Standing(deductible_left=25_000, visits_left=5)


@pytest.mark.parametrize(
    ("month", "date", "begins"),
    [
        (1, "2026-11-03", "2026-01-01"),
        (7, "2026-11-03", "2026-07-01"),
        (12, "2026-11-03", "2025-12-01"),
        (11, "2026-11-01", "2026-11-01"),
        (0, "2026-11-03", "2026-01-01"),
        (13, "2026-11-03", "2025-12-01"),
    ],
)
def test_when_a_benefit_year_begins(month: int, date: str, begins: str) -> None:
    call = replace(CALL, year_begins=month)
    assert benefits.year_start(call, dt.date.fromisoformat(date)).isoformat() == begins


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({}, "2027-01-01"),
        ({"reverify_on": dt.date(2026, 12, 1)}, "2026-12-01"),
        ({"reverify_on": dt.date(2027, 3, 1)}, "2027-01-01"),
        ({"year_begins": 10}, "2026-10-01"),
        ({"called_on": None}, None),
    ],
)
def test_when_to_ask_again(fields: dict[str, Any], due: str | None) -> None:
    expected = dt.date.fromisoformat(due) if due else None
    assert benefits.due_on(replace(CALL, **fields)) == expected


def test_the_newest_call_about_a_policy() -> None:
    undated, other = replace(CALL, id=2, called_on=None), replace(CALL, id=3, policy_id=6)
    same_day = replace(CALL, id=4)
    assert benefits.newest([undated, CALL, other], 5) is CALL
    assert benefits.newest([CALL, same_day, undated], 5) is same_day
    assert benefits.newest([undated], 5) is undated
    assert benefits.newest([CALL], 7) is None
