"""Problems as values."""

from __future__ import annotations

from app.billing.problems import Severity, block, blocks, in_order, inform, warn


def test_problems_are_ordered_by_severity_and_else_as_found() -> None:
    found = [inform("a.one", "One."), warn("b.two", "Two."), block("c.three", "Three."), warn("d.four", "Four.")]
    assert [problem.code for problem in in_order(found)] == ["c.three", "b.two", "d.four", "a.one"]


def test_only_blocking_ones_block() -> None:
    assert blocks([warn("a.b", "A."), block("c.d", "C.")])
    assert not blocks([warn("a.b", "A."), inform("c.d", "C.")])
    assert not blocks([])


def test_a_problem_as_json_has_six_keys() -> None:
    problem = block("claim.dob-missing", "No birth date. Add it.", item="3", record="client:1", field="birth_date")
    assert problem.severity is Severity.BLOCK
    assert problem.as_json() == {
        "severity": "block", "code": "claim.dob-missing", "message": "No birth date. Add it.",
        "item": "3", "record": "client:1", "field": "birth_date",
    }  # fmt: skip
