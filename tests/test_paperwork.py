"""What the paper has against a claim is told at the line that the claim, not the form, has."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest

from app import paperwork
from app.billing.records import ClaimBundle, ManyLines
from tests.claim_sample import TODAY, line, visit, with_visits

TOO_MUCH = 123_456_789_00


def eight_lines(many_lines: ManyLines) -> ClaimBundle:
    """Two forms; the last line's charge is wider than its box."""
    sessions = [visit(20 + i, dt.date(2026, 10, 1 + i), line(100 + i)) for i in range(7)]
    wide = visit(27, dt.date(2026, 10, 8), line(107, charge=TOO_MUCH))
    return with_visits(*sessions, wide, payer={"many_lines": many_lines})


@pytest.mark.parametrize("many_lines", ManyLines)
def test_a_paper_problem_of_the_second_form_names_the_line_of_the_claim(many_lines: ManyLines) -> None:
    bundle = eight_lines(many_lines)
    found = paperwork.sheet(bundle, today=TODAY).problems
    lines = [problem for problem in found if problem.item.startswith("24F")]
    assert [(problem.item, problem.field) for problem in lines] == [("24F.8", "24.8.charge")]
    assert "item 24F, line 8" in lines[0].message
    assert {problem.item for problem in found} - {"24F.8"} <= {"28"}


def test_the_paper_of_an_issued_claim_counts_likewise() -> None:
    bundle = eight_lines(ManyLines.SEPARATE_TOTALS)
    pages = paperwork.sheet(bundle, today=TODAY).values
    frozen = json.dumps({"pages": pages, "date_digits": "6"})
    claim = replace(bundle.claim, pages=frozen, issued=TODAY, layout="cms1500-0212")
    found = paperwork.sheet(replace(bundle, claim=claim), today=TODAY).problems
    assert "24F.8" in {problem.item for problem in found}
