"""Whether the amounts of a payer's answer add up."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from app.billing.benefits import Answer, Verification, expected_share
from app.billing.problems import Severity
from app.billing.remittance import ExplainedLine, problems
from tests.billing.vectors import VECTORS


def explained(case: dict[str, Any]) -> ExplainedLine:
    return ExplainedLine(
        billed=case["billed"], allowed=case["allowed"], contractual=case["adj_CO45"], paid=case["insurer_paid"],
        client=case["patient_resp"],
    )  # fmt: skip


@pytest.mark.parametrize("case", VECTORS["eob_line"], ids=lambda case: str(case["billed"]))
def test_lines_that_add_up(case: dict[str, Any]) -> None:
    """And the shares are those that the benefits of the plan let expect."""
    line = explained(case)
    assert problems(line) == []
    plan = Verification(
        covers_massage=Answer.YES, deductible=case["deductible"], deductible_met=0, deductible_applies=Answer.YES,
        coinsurance=case["coinsurance_pct"], copay=0, visit_limit=0,
    )  # fmt: skip
    share = expected_share(plan, line.allowed, dt.date(2026, 11, 3))
    assert share is not None
    assert (share.client, share.plan) == (line.client, line.paid)


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"contractual": 3400}, "eob.billed-unexplained", "0.50 is neither allowed nor written off"),
        ({"contractual": 3500}, "eob.billed-unexplained", "0.50 too much is allowed and written off"),
        ({"paid": 6500}, "eob.allowed-unexplained", "0.60 is neither paid nor the client's"),
        ({"client": 3641}, "eob.allowed-unexplained", "0.01 too much is paid and the client's"),
        ({"paid": -6560, "client": 16760}, "eob.negative", "below 0"),
    ],
)
def test_lines_that_do_not_add_up(change: dict[str, int], code: str, said: str) -> None:
    (found,) = problems(replace(explained(VECTORS["eob_line"][0]), **change))
    assert (found.code, found.severity) == (code, Severity.WARN)
    assert said in found.message
