"""Minutes to units, against the published table and examples, and against a second, naive way to count."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.billing import units
from app.billing.records import UnitRule
from app.billing.units import billable_units
from tests.billing.vectors import VECTORS


@pytest.mark.parametrize("point", VECTORS["units_total_table"]["points"], ids=lambda point: str(point["minutes"]))
def test_the_day_total_follows_the_table(point: dict[str, int]) -> None:
    assert billable_units([("97124", point["minutes"])], "cms").total == point["units"]


@pytest.mark.parametrize("span", VECTORS["units_total_table"]["ranges"], ids=lambda span: str(span["units"]))
def test_each_number_of_units_has_its_range(span: dict[str, int]) -> None:
    assert units.cms_range(span["units"]) == (span["min"], span["max"])
    assert units.cms_total(span["min"]) == units.cms_total(span["max"]) == span["units"]
    assert units.cms_total(span["max"] + 1) == span["units"] + 1


@pytest.mark.parametrize("case", VECTORS["units_mixed"], ids=lambda case: case["id"])
def test_published_and_computed_days(case: dict[str, Any]) -> None:
    cms = billable_units(case["items"], UnitRule.CMS)
    assert cms.units == case["cms_default"]
    assert list(cms.acceptable) == case["cms_acceptable"]
    assert cms.tie is case["cms_tie"]
    assert cms.total == case["cms_total"]
    ama = billable_units(case["items"], "ama")
    assert (ama.units, ama.total, ama.tie) == (case["ama"], case["ama_total"], False)
    assert ama.acceptable == (case["ama"],)


@pytest.mark.parametrize("case", VECTORS["units_untimed"], ids=lambda case: f"{case['code']}-{case['minutes']}")
def test_untimed_codes_are_one_unit_and_bring_no_minutes(case: dict[str, Any]) -> None:
    for rule in UnitRule:
        for found in (
            billable_units([("97124", 20), (case["code"], case["minutes"])], rule),
            billable_units([("97124", 20)], rule, untimed=[case["code"]]),
            billable_units([("97124", 20), (case["code"], case["minutes"])], rule, untimed=[case["code"]]),
        ):
            assert found.units == {"97124": 1, case["code"]: case["units"]}
            assert found.acceptable == (found.units,)


def test_the_same_code_twice_is_added_up() -> None:
    assert billable_units([("97124", 8), ("97140", 30), ("97124", 15)], "ama").units == {"97124": 2, "97140": 2}


def test_the_default_of_a_tie_is_more_minutes_then_entry_order() -> None:
    assert billable_units([("97124", 8), ("97140", 23)], "cms").units == {"97124": 0, "97140": 2}
    assert billable_units([("97140", 8), ("97124", 8)], "cms").units == {"97140": 1, "97124": 0}


@pytest.mark.parametrize(
    ("timed", "untimed", "rule"),
    [
        ([("97124", -1)], [], "cms"),
        ([("97124", 1441)], [], "cms"),
        ([("97124", 1000), ("97140", 441)], [], "ama"),
        ([("97010", 1441)], [], "ama"),
        ([("97010", -5)], [], "cms"),
        ([("97124", 10)], ["97124"], "cms"),
        ([(str(10000 + number), 1) for number in range(21)], [], "cms"),
        ([("97124", 10)], [], "payer"),
    ],
)
def test_impossible_days_are_refused(timed: list[tuple[str, int]], untimed: list[str], rule: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        billable_units(timed, rule, untimed)


def test_a_whole_day_and_an_empty_one_can_be_counted() -> None:
    assert billable_units([("97124", 1440)], "cms").total == 96
    assert billable_units([], "cms").units == billable_units([], "ama").units == {}
    assert billable_units([], "cms").acceptable == ({},)


def test_the_trace_says_what_was_counted() -> None:
    found = billable_units([("97112", 24), ("97110", 23)], "cms")
    assert found.trace == (
        "47 minutes: 3 units by the day's total (38 to 52 minutes): 97112 24 min = 2, 97110 23 min = 1."
    )
    more = billable_units([("97124", 8), ("97140", 7), ("97112", 7)], "cms", ["97010"]).trace
    assert more.startswith("22 minutes: 1 unit by the day's total (8 to 22 minutes)")
    assert more.endswith("Untimed, 1 unit each: 97010.")
    assert "2 allocations are right" in billable_units([("97112", 20), ("97110", 20)], "cms").trace
    assert (
        billable_units([("97124", 8)], "ama").trace
        == "8 minutes: 1 unit by the midpoint of each code: 97124 8 min = 1."
    )
    assert billable_units([], "cms").trace == "0 minutes: 0 units by the day's total (0 to 7 minutes)."


DAYS = st.lists(
    st.tuples(st.sampled_from(["97124", "97140", "97112", "97110", "97530"]), st.integers(0, 70)), max_size=6
)


def naive_cms(minutes: dict[str, int]) -> list[dict[str, int]]:
    """Try every way to give each code its whole quarters or one more, and keep those that the rule allows."""
    allowed = 0
    for minute in range(1, sum(minutes.values()) + 1):  # the 8th, the 23rd, the 38th … begin a unit
        if minute % 15 == 8:
            allowed += 1
    found = []
    for extras in product((0, 1), repeat=len(minutes)):
        given = dict(zip(minutes, extras, strict=True))
        result = {code: minutes[code] // 15 + given[code] for code in minutes}
        passed_over = [minutes[code] % 15 for code in minutes if not given[code]]
        chosen = [minutes[code] % 15 for code in minutes if given[code]]
        fair = not passed_over or not chosen or max(passed_over) <= min(chosen)
        if sum(result.values()) == allowed and fair:
            found.append(result)
    return found


def naive_ama(minutes: dict[str, int]) -> dict[str, int]:
    """A unit for each quarter of an hour that is more than half full."""
    found = {}
    for code, left in minutes.items():
        found[code] = 0
        rest = left
        while rest >= 8:
            found[code] += 1
            rest -= 15
    return found


def agrees(day: list[tuple[str, int]]) -> None:
    """Holds `billable_units` against the naive way, under both rules."""
    minutes: dict[str, int] = {}
    for code, spent in day:
        minutes[code] = minutes.get(code, 0) + spent
    cms, ama = billable_units(day, "cms"), billable_units(day, "ama")
    expected = naive_cms(minutes)
    assert {tuple(found.items()) for found in cms.acceptable} == {tuple(found.items()) for found in expected}
    assert len(cms.acceptable) == len(expected)
    assert cms.tie is (len(expected) > 1)
    assert cms.units == cms.acceptable[0]
    assert {sum(found.values()) for found in cms.acceptable} == {units.cms_total(sum(minutes.values()))}
    assert ama.units == naive_ama(minutes)


@settings(max_examples=400, deadline=None)
@given(DAYS)
def test_a_second_way_to_count_agrees(day: list[tuple[str, int]]) -> None:
    agrees(day)
