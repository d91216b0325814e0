"""Reasons of a payer's letter and the first step after each."""

from __future__ import annotations

import pytest

from app.billing import denials
from tests.billing.vectors import VECTORS


@pytest.mark.parametrize("case", VECTORS["denials"], ids=lambda case: case["code"])
def test_each_reason_has_a_first_step(case: dict[str, str]) -> None:
    assert case["first"] in denials.first_action(case["code"])
    assert denials.meaning(case["code"]).endswith(".")


def test_no_reason_without_a_case() -> None:
    assert denials.REASONS.keys() == {case["code"] for case in VECTORS["denials"]}
    assert {code[:2] for code in denials.REASONS} <= denials.GROUPS.keys()


def test_what_the_contract_takes_is_never_billed_to_the_client() -> None:
    """The client pays what is the client's; after a reason of the contract only where the contract allows it."""
    billed = {code for code, reason in denials.REASONS.items() if "Bill the client" in reason.first}
    assert billed == {"PR-1", "PR-2", "PR-3", "PR-204", "CO-119"}
    assert "where the contract allows it" in denials.first_action("CO-119")


@pytest.mark.parametrize("typed", ["CO-97", "co97", " co 97 ", "CO-097", "Co - 97"])
def test_codes_as_they_are_typed(typed: str) -> None:
    assert denials.spelled(typed) == "CO-97"
    assert denials.first_action(typed)


@pytest.mark.parametrize("typed", ["", "97", "CO", "CO-", "XX-97", "CO-9777", "CO-٩"])
def test_no_reason_codes(typed: str) -> None:
    assert denials.spelled(typed) == denials.first_action(typed) == denials.meaning(typed) == ""


def test_a_code_that_is_not_known_is_only_spelled() -> None:
    assert denials.spelled("pi b7") == "PI-B7"
    assert denials.first_action("PI-B7") == denials.meaning("PI-B7") == ""
