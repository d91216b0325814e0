"""The demo's claims raise nothing, and whatever is broken in them is found by name."""

from __future__ import annotations

from collections import Counter

import pytest

from app import paperwork
from app.billing import checks
from app.billing.problems import Problem, Severity
from app.store import claims, demo, keys, visits
from tests.mutations.parties import PARTIES
from tests.mutations.services import SERVICES
from tests.mutations.ways import AUTO, HEALTH, NINE, SPOUSE, TODAY, WORK, Break, Clean

BREAKS = PARTIES + SERVICES
PAPER = {"date", "icd", "lines", "money", "npi", "phone", "pointer", "text", "units"}
"""How the codes of what the paper cannot hold begin."""
CLAIMS = (HEALTH, AUTO, WORK, NINE, SPOUSE)


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Clean]:
    """The demo's claims by the client's last name, each with the client's other sessions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "STANDARD", keys.Cost(memory=8192, passes=1))
        clinic = demo.make(tmp_path_factory.mktemp("mutations") / "demo.clinic", today=TODAY)
    with clinic:
        built = paperwork.build_claims(clinic, today=TODAY)
        with clinic.read() as s:
            found = {}
            for bundle in claims.bundles(s, [claim.id for claim in built if claim.id]):
                own = {visit.id for visit in bundle.visits}
                others = (v for v in visits.visits_of(s, bundle.claim.client_id) if v.id not in own)
                found[bundle.client.last_name] = Clean(bundle, tuple(others))
    return found


def problems(claim: Clean) -> list[Problem]:
    return paperwork.problems_of(
        claim.bundle, today=TODAY, beside=paperwork.Beside(others=claim.others, meanwhile=claim.meanwhile)
    )


def alarms(found: list[Problem]) -> set[str]:
    return {problem.code for problem in found if problem.severity is not Severity.INFORM}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_clean_claim_raises_no_warning(clean: dict[str, Clean], name: str) -> None:
    assert alarms(problems(clean[name])) == set()


def test_every_claim_of_the_demo_is_here(clean: dict[str, Clean]) -> None:
    assert set(clean) == set(CLAIMS)


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
def test_a_break_is_found(clean: dict[str, Clean], broken: Break) -> None:
    whole = clean[broken.claim]
    claim = broken.how(whole)
    assert claim != whole
    assert broken.code not in {problem.code for problem in problems(whole)}
    found = problems(claim)
    raised = [problem for problem in found if problem.code == broken.code]
    assert raised, f"only {sorted(problem.code for problem in found)}"
    for problem in raised:
        table, _, record_id = problem.record.partition(":")
        assert table and record_id.isdigit()
        assert problem.field
        assert problem.item or not checks.REGISTER[problem.code].item
        assert problem.message.endswith(".") and "{" not in problem.message and len(problem.message) > 20
    assert alarms(found) - {broken.code} <= set(broken.also)


def test_two_hundred_ways_and_none_twice(clean: dict[str, Clean]) -> None:
    assert len(BREAKS) >= 200
    assert [name for name, count in Counter(broken.name for broken in BREAKS).items() if count > 1] == []
    made = Counter(str(broken.how(clean[broken.claim])) for broken in BREAKS)
    assert max(made.values()) == 1
    assert len({broken.code for broken in BREAKS}) >= 200


def test_no_break_allows_what_no_longer_exists() -> None:
    named = {code for broken in BREAKS for code in (broken.code, *broken.also)}
    assert {code for code in named - checks.REGISTER.keys() if code.partition(".")[0] not in PAPER} == set()
