"""Values by hand: what may be typed where, what they replace, and how the form then tells it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from app.billing.records import ClaimBundle, ManyLines, Override
from app.errors import InputError
from app.forms import by_hand, cms1500, values
from app.forms.by_hand import Change
from tests.claim_sample import BUNDLE, TODAY, changed, line, visit, with_visits


def own(key: str, value: Any, reason: str = "As told", id: int = 1) -> Override:
    return Override(id=id, claim_id=12, key=key, value=json.dumps(value), reason=reason)


def of_payer(key: str, value: Any, id: int = 2) -> Override:
    return Override(id=id, payer_id=4, key=key, value=json.dumps(value), reason="They ask for it")


def made(*overrides: Override, bundle: ClaimBundle = BUNDLE) -> list[cms1500.ClaimPage]:
    return cms1500.pages(replace(bundle, overrides=overrides), today=TODAY)


def codes(*overrides: Override, bundle: ClaimBundle = BUNDLE) -> list[tuple[str, str, str]]:
    bundle = replace(bundle, overrides=overrides)
    pages = [page.values for page in cms1500.pages(bundle, today=TODAY)]
    return [(p.code, p.item, p.record) for p in by_hand.problems(bundle, pages)]


def eight_lines(many_lines: ManyLines = ManyLines.SEPARATE_TOTALS) -> ClaimBundle:
    sessions = [visit(20 + i, dt.date(2026, 10, 1 + i), line(100 + i, charge=9000)) for i in range(8)]
    return with_visits(*sessions, payer={"many_lines": many_lines})


# What is typed


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("19", "ZZ 225700000X", "ZZ 225700000X"),
        ("19", "", None),
        ("19", "true", "true"),
        ("1", "other", "other"),
        ("27", "false", False),
        ("27", "", None),
        ("17", '{"qualifier": "DK", "name": "Ann Other MD"}', {"name": "Ann Other MD", "qualifier": "DK"}),
        ("32", '["A", "B"]', ["A", "B"]),
        ("24.2.shaded", "ZZCupping", "ZZCupping"),
        ("24.*.emg", "N", "N"),
        ("24.12.modifiers", '["59"]', ["59"]),
        ("24.1.charge", "88.00", "88.00"),
    ],
)
def test_what_is_typed_is_text_or_json_by_the_item(key: str, text: str, value: Any) -> None:
    assert json.loads(by_hand.typed(key, text)) == value


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("24", "[]", "no such item"),
        ("34", "x", "no such item"),
        ("", "x", "no such item"),
        ("17.name", "Ann", "no such item"),
        ("24.1", "x", "no such item"),
        ("24.0.emg", "N", "no such item"),
        ("24.1000.emg", "N", "no such item"),
        ("24.٣.emg", "N", "no such item"),
        ("24.1.colour", "N", "no such item"),
        ("27", "yes", "value is JSON"),
        ("17", "Ann Other", "value is JSON"),
        ("17", "[" * 100_000, "value is JSON"),
        ("17", '{"colour": "red"}', "not a key"),
        ("27", '"yes"', "must be true or false"),
        ("32", '"A"', "must be an array"),
        ("1", "auto", "must be one of"),
        ("24.1.modifiers", '"59"', "must be an array"),
    ],
)
def test_what_suits_no_item_is_refused(key: str, text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        by_hand.typed(key, text)


@pytest.mark.parametrize("key", ["2", "1a", "26", "24.1.emg", "24.*.charge", "28"])
def test_a_payer_gets_no_text_where_claims_differ(key: str) -> None:
    assert json.loads(by_hand.typed(key, "x")) == "x"
    with pytest.raises(InputError, match="differs from client to client"):
        by_hand.typed(key, "x", for_payer=True)


@pytest.mark.parametrize(("key", "text"), [("19", "x"), ("24.*.emg", "N"), ("17b", ""), ("24.*.modifiers", "")])
def test_a_payer_may_have_its_own_words_and_blanks(key: str, text: str) -> None:
    assert json.loads(by_hand.typed(key, text, for_payer=True)) == (text or None)


def test_every_item_of_a_payer_is_one_of_the_form() -> None:
    for key in by_hand.OF_A_PAYER:
        item, _, part = key.partition(".*.")
        assert (part in values.SERVICE_LINE) if part else (item in values.FORMAT)


# What it does to a page


def test_a_value_by_hand_stands_in_place_of_the_rules_and_says_so() -> None:
    (page,) = made(
        own("17", {"name": "Ann Other MD"}), own("19", "PWK"), own("11c", None), own("24.2.modifiers", ["59"])
    )
    assert page.values["17"] == {"name": "Ann Other MD"}
    assert page.values["19"] == "PWK"
    assert "11c" not in page.values
    assert [page.values["24"][n]["modifiers"] for n in (0, 1, 2)] == [["GP"], ["59"], ["GP"]]
    assert page.reasons["17"].rule == "Changed by hand: As told"
    assert (page.reasons["17"].record, page.reasons["17"].field) == ("referral:6", "last_name")
    assert page.reasons["17"].by_hand == Change(
        "As told", {"qualifier": "DN", "name": "Henrietta Plum MD"}, "claim", 1
    )  # fmt: skip
    assert page.reasons["19"] == cms1500.Reason(
        "override:1", "", "Changed by hand: As told", "", Change("As told", None, "claim", 1)
    )
    nineteen, eleven = page.reason("19"), page.reasons["11c"].by_hand
    assert nineteen is not None and eleven is not None and eleven.own == "Bluebird Choice"
    assert page.reason("17.name") is page.reasons["17"]
    modifier = page.reason("24.2.modifier.1")
    assert modifier is not None and modifier.by_hand == Change("As told", ["GP"], "claim", 1)
    assert page.reasons["24.1.modifier"].by_hand is None
    assert page.reasons["1a"].by_hand is None


def test_without_values_by_hand_nothing_differs() -> None:
    (page,) = made()
    assert page.changes == {} and all(reason.by_hand is None for reason in page.reasons.values())
    assert by_hand.problems(BUNDLE, [page.values]) == []


def test_the_claim_goes_before_its_payer_and_one_line_before_all() -> None:
    overrides = [
        own("24.2.emg", "1", id=5), own("24.*.emg", "2", id=6), of_payer("24.*.emg", "3", id=7),
        own("19", "mine", id=8), of_payer("19", "theirs", id=9), of_payer("10d", "theirs", id=10),
    ]  # fmt: skip
    for order in (overrides, overrides[::-1]):
        (page,) = made(*order)
        assert [service["emg"] for service in page.values["24"]] == ["2", "1", "2", "2", "2", "2"]
        assert (page.values["19"], page.values["10d"]) == ("mine", "theirs")
        assert page.changes["24.2.emg"] == Change("As told", None, "claim", 5)
        assert page.changes["19"] == Change("As told", None, "claim", 8)
        assert page.changes["10d"] == Change("They ask for it", None, "payer", 10)


def test_lines_count_through_all_forms() -> None:
    first, second = made(own("24.7.shaded", "ZZA"), own("24.*.emg", "N"), own("10d", "W2"), bundle=eight_lines())
    assert second.values["24"][0]["shaded"] == "ZZA" and "shaded" not in second.values["24"][1]
    assert all("shaded" not in service for service in first.values["24"])
    assert {service["emg"] for page in (first, second) for service in page.values["24"]} == {"N"}
    assert first.values["10d"] == second.values["10d"] == "W2"
    assert second.reasons["24.1.shaded"].by_hand and not second.reasons["24.2.shaded"].by_hand
    keys = [key for key, _, _ in second.trace()]
    assert "24.7.shaded" in keys and "24.8.charge" in keys and "24.1.code" not in keys


@pytest.mark.parametrize(
    "kept",
    [
        own("99", "x"), own("24.1.colour", "x"), own("19", ["x"]), of_payer("2", "Quill"), of_payer("24.1.emg", "N"),
        Override(id=1, claim_id=12, key="19", value="{", reason="x"),
        Override(id=1, claim_id=12, key="19", value="[" * 100_000, reason="x"),
    ],
)  # fmt: skip
def test_a_kept_value_that_suits_nothing_is_left_out_and_blocks(kept: Override) -> None:
    (page,) = made(kept)
    (plain,) = made()
    assert page.values == plain.values and page.changes == {}
    assert [code for code, _, _ in codes(kept)] == ["override.unfit"]


def test_where_a_misfit_is_told() -> None:
    assert codes(own("24.7.emg", "N", id=3)) == [("override.unfit", "24.7", "override:3")]
    assert codes(own("24.6.emg", "N")) == []
    assert codes(own("24.*.colour", "N", id=3)) == [("override.unfit", "24", "override:3")]
    assert codes(own("17.name", "N", id=3)) == [("override.unfit", "17", "override:3")]


@pytest.mark.parametrize("key", ["page", "28", "29"])
def test_what_differs_from_form_to_form_takes_only_a_blank(key: str) -> None:
    two = eight_lines()
    assert codes(own(key, "1.00"), bundle=two)[0] == ("override.unfit", key, "override:1")
    assert ("override.unfit", key, "override:1") not in codes(own(key, None), bundle=two)
    assert all(code != "override.unfit" for code, _, _ in codes(own(key, "1.00")))


# Sums

TOTAL = ("override.total-differs", "28", "claim:12")


@pytest.mark.parametrize(
    ("overrides", "found"),
    [
        ([own("28", "396.00")], []),
        ([own("28", "395.00")], [TOTAL]),
        ([own("24.1.charge", "87.00")], [TOTAL]),
        ([own("24.1.charge", "87.00"), own("28", "395.00")], []),
        ([own("24.1.charge", None), own("28", "308.00")], []),
        ([own("28", None)], []),
        ([own("28", "CONTINUED")], []),
        ([own("28", "much")], []),
        ([own("24.1.charge", "much")], []),
        ([own("29", "1.00")], []),
    ],
)
def test_charges_and_total_stay_equal(overrides: list[Override], found: list[Any]) -> None:
    assert codes(*overrides) == found


def test_sums_of_several_forms() -> None:
    right = own("24.7.charge", "90.00")
    wrong = own("24.7.charge", "80.00")
    for many_lines in ManyLines:
        assert codes(right, bundle=eight_lines(many_lines)) == []
        assert codes(wrong, bundle=eight_lines(many_lines)) == [TOTAL]


# The trace


def test_every_value_is_traced_once_in_the_order_of_the_form() -> None:
    (page,) = made(own("19", "PWK"), own("11c", None), own("24.2.emg", "N"), own("24.3.modifiers", None))
    told = {key: (value, reason) for key, value, reason in page.trace()}
    assert list(told) == sorted(told, key=_place)
    assert set(page.values) - {"24"} == {key for key in told if "." not in key} - {"11c"}
    assert told["11c"][0] is None and told["11c"][1].by_hand
    assert told["24.3.modifiers"][0] is None and told["24.3.modifiers"][1].by_hand
    assert told["24.1.modifiers"] == (["GP"], page.reasons["24.1.modifier"])
    assert told["24.2.emg"][0] == "N"
    assert all(reason.rule and reason.record for _, reason in told.values())
    assert sum(len(service) for service in page.values["24"]) + 1 == sum(key.startswith("24.") for key in told)


def _place(key: str) -> tuple[int, int, int]:
    item, *rest = key.split(".")
    part = list(values.SERVICE_LINE).index(rest[1]) if rest else 0
    return list(values.FORMAT).index(item), int(rest[0]) if rest else 0, part


@pytest.mark.parametrize(
    ("about", "keys"),
    [
        ("17", ["17"]), ("23", ["23"]), ("8", []), ("24.2.shaded", ["24.2.shaded"]), ("24.9", []),
        ("24.2", [f"24.2.{part}" for part in
                  ("from", "to", "place", "code", "modifiers", "pointer", "charge", "units", "npi")]),
    ],
)  # fmt: skip
def test_one_item_is_told_even_when_it_is_blank(about: str, keys: list[str]) -> None:
    (page,) = made()
    assert [key for key, _, _ in page.trace(about)] == keys


def test_the_trace_of_all_of_item_24() -> None:
    (page,) = made()
    assert list(page.trace("24")) == [told for told in page.trace() if told[0].startswith("24.")]


# What was printed


def test_a_printed_form_keeps_its_reasons_as_long_as_the_records_say_the_same() -> None:
    issued = replace(BUNDLE, claim=replace(BUNDLE.claim, issued=TODAY))
    (page,) = made(own("19", "PWK"), of_payer("10d", "W2"))
    frozen = [page.values]
    changes = [dict(page.changes)]
    later = replace(
        changed(client={"last_name": "Changed"}, policy={"plan_name": ""}), claim=issued.claim,
        overrides=(own("19", "another"),),
        visits=(*BUNDLE.visits[:2], replace(BUNDLE.visits[2], lines=(
            replace(BUNDLE.visits[2].lines[0], modifiers=("59",), units=1), BUNDLE.visits[2].lines[1],
        ))),
    )  # fmt: skip
    (told,) = cms1500.printed(later, frozen, changes)
    assert told.values == page.values
    assert told.reasons["1a"] == page.reasons["1a"]
    stale = "So it was printed; the records say something else by now."
    assert {key for key, reason in told.reasons.items() if reason.rule == stale} == {
        "2", "4", "11c", "24.5.modifier", "24.5.units",
    }  # fmt: skip
    assert told.reasons["2"].record == "client:3"
    assert told.reasons["19"].rule == "Changed by hand: As told"
    assert told.reasons["10d"].by_hand == Change("They ask for it", None, "payer", 2)
    (same,) = cms1500.printed(issued, frozen, changes)
    assert [reason.rule for _, _, reason in same.trace()] == [reason.rule for _, _, reason in page.trace()]


def test_a_void_claim_that_lost_its_lines_still_tells_its_values() -> None:
    bundle = eight_lines()
    frozen = [page.values for page in cms1500.pages(bundle, today=TODAY)]
    lost = replace(bundle, claim=replace(bundle.claim, issued=TODAY, line_ids=()))
    first, second = cms1500.printed(lost, frozen, [{}, {}])
    told = {key: reason for key, _, reason in first.trace()}
    assert told["24.1.code"] == cms1500.Reason(
        "claim:12", "pages", "So it was printed; the records say something else by now.", ""
    )
    assert told["1a"].rule.startswith("The insured's number")
    assert [page.values for page in (first, second)] == frozen


def test_a_line_that_is_gone_since_is_told_as_printed() -> None:
    issued = replace(BUNDLE.claim, issued=TODAY)
    frozen = [page.values for page in made()]
    shorter = [{**frozen[0], "24": frozen[0]["24"][:5]}]
    (page,) = cms1500.printed(replace(BUNDLE, claim=issued), shorter, [{}])
    assert page.reasons["24.6"].rule.startswith("So it was printed")
