"""What may be let pass, and how it is then told."""

from __future__ import annotations

import pytest

from app.billing import waivers
from app.billing.checks import REGISTER
from app.billing.problems import Severity, block, warn
from app.billing.records import Waiver

NPI = block("referral.npi-missing", "The referral has no NPI. Add it.", item="17b", record="referral:6", field="npi")
KNOWN = Waiver(claim_id=12, code="referral.npi-missing", item="17b", record="referral:6", reason="None was given.")


def test_a_problem_that_was_let_pass_warns_and_says_why() -> None:
    (told,) = waivers.let_pass([NPI], [KNOWN])
    assert told.severity is Severity.WARN
    assert told.message == "The referral has no NPI. Add it. Let pass: None was given."
    assert (told.code, told.item, told.record, told.field) == (NPI.code, NPI.item, NPI.record, NPI.field)


@pytest.mark.parametrize(
    "other",
    [
        block("referral.npi-invalid", "x", item="17b", record="referral:6"),
        block("referral.npi-missing", "x", item="17", record="referral:6"),
        block("referral.npi-missing", "x", item="17b", record="referral:7"),
        warn("referral.npi-missing", "x", item="17b", record="referral:6"),
    ],
)
def test_another_problem_stays_what_it_is(other: object) -> None:
    assert waivers.let_pass([other], [KNOWN]) == [other]  # type: ignore[list-item]


@pytest.mark.parametrize("code", sorted(waivers.NEVER))
def test_some_never_pass(code: str) -> None:
    problem = block(code, "x", record="claim:12")
    assert not waivers.may_pass(problem)
    assert waivers.let_pass([problem], [Waiver(code=code, record="claim:12", reason="I insist.")]) == [problem]
    assert code in REGISTER or code.startswith("override.")


def test_only_what_blocks_may_pass() -> None:
    assert waivers.may_pass(NPI)
    assert not waivers.may_pass(warn("referral.expired", "x"))


def test_what_was_let_pass_for_all_of_item_21_holds_for_its_boxes() -> None:
    """As it was kept before problems named the box."""
    problem = block("visit.diagnosis-malformed", "x", item="21B", record="visit:20")
    kept = Waiver(code=problem.code, item="21", record="visit:20", reason="Asked.")
    other = Waiver(code=problem.code, item="21A", record="visit:20", reason="Asked.")
    assert [told.severity for told in waivers.let_pass([problem], [kept])] == [Severity.WARN]
    assert waivers.let_pass([problem], [other]) == [problem]
    assert [waivers.whole(item) for item in ("21L", "21", "24E.2", "17b", "2")] == ["21", "21", "24E.2", "17b", "2"]
