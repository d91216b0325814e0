"""What should never be entered: it is a problem with a sentence, it goes to no payer, and what was typed is kept."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy.orm import Session

from app import paperwork
from app.billing import checks, fees, referrals
from app.billing.problems import Problem, Severity
from app.billing.records import Authorization, ClaimBundle, Fee, FeeSchedule, ServiceLine, UnitRule, Visit
from app.cli import BAD_INPUT, PROBLEMS, main
from app.store import claims, clients, demo, keys, payers, visits
from app.store.clinic import ClinicFile

TODAY = dt.date(2026, 11, 21)
HEALTH, AUTO = "Applewhite", "Fennimore"
CHEAP = keys.Cost(memory=8192, passes=1)


@pytest.fixture(scope="module")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo clinic with its claims built, closed."""
    path = tmp_path_factory.mktemp("bad") / "a.clinic"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "STANDARD", CHEAP)
        with demo.make(path, today=TODAY) as clinic:
            paperwork.build_claims(clinic, today=TODAY)
    return path


@pytest.fixture
def clinic(_built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClinicFile]:
    """A copy of it, open."""
    monkeypatch.setattr(keys, "STANDARD", CHEAP)
    for suffix in (".clinic", ".keys"):
        shutil.copy(_built.with_suffix(suffix), tmp_path)
    with ClinicFile.open(tmp_path / _built.name, password=demo.PASSWORD) as opened:
        yield opened


class Entry(NamedTuple):
    """Something bad that is entered into the records of a claim, and the code and gravity of what is said to it."""

    claim: str
    enter: Callable[[Session, ClaimBundle], object]
    code: str
    severity: Severity


def _line(**fields: object) -> Callable[[Session, ClaimBundle], object]:
    def enter(s: Session, bundle: ClaimBundle) -> object:
        first = bundle.visits[0]
        changed = replace(first, lines=(replace(first.lines[0], **fields), *first.lines[1:]))  # type: ignore[arg-type]
        assert visits.save_visit(s, changed) == changed
        return changed

    return enter


def _session(**fields: object) -> Callable[[Session, ClaimBundle], object]:
    def enter(s: Session, bundle: ClaimBundle) -> object:
        changed = replace(bundle.visits[0], **fields)  # type: ignore[arg-type]
        assert visits.save_visit(s, changed) == changed
        return changed

    return enter


def _referral(s: Session, bundle: ClaimBundle) -> object:
    assert bundle.referral is not None and bundle.referral.written is not None
    return clients.save_referral(s, replace(bundle.referral, expires=bundle.referral.written - dt.timedelta(days=1)))


def _authorization(s: Session, bundle: ClaimBundle) -> object:
    assert bundle.authorization is not None and bundle.authorization.valid_from is not None
    ended = bundle.authorization.valid_from - dt.timedelta(days=1)
    return clients.save_authorization(s, replace(bundle.authorization, valid_to=ended))


def _second_authorization(s: Session, bundle: ClaimBundle) -> object:
    assert bundle.authorization is not None
    return clients.save_authorization(s, replace(bundle.authorization, id=None, number="B1"))


def _no_rule(s: Session, bundle: ClaimBundle) -> object:
    return payers.save_payer(s, replace(bundle.payer, unit_rule=None))


BLOCK, WARN, INFORM = Severity.BLOCK, Severity.WARN, Severity.INFORM
ENTRIES = {
    "minutes below 0": Entry(HEALTH, _line(minutes=-15), "line.minutes-negative", BLOCK),
    "minutes above a day": Entry(HEALTH, _line(minutes=1441), "line.minutes-too-many", BLOCK),
    "a session above a day": Entry(AUTO, _session(minutes=1441), "visit.minutes-odd", BLOCK),
    "a session below 0": Entry(AUTO, _session(minutes=-60), "visit.minutes-odd", BLOCK),
    "a start above a day": Entry(AUTO, _session(start=1441), "visit.start-odd", BLOCK),
    "a code of letters": Entry(AUTO, _line(code="NECK"), "line.code-malformed", BLOCK),
    "a code that is none": Entry(AUTO, _line(code="97999"), "line.code-unknown", WARN),
    "a diagnosis that is none": Entry(
        HEALTH, _session(diagnoses=("M54.2", "M54.Z9")), "visit.diagnosis-not-valid", BLOCK
    ),
    "a referral that ends before it begins": Entry(HEALTH, _referral, "referral.window-reversed", BLOCK),
    "an authorization that ends before it begins": Entry(
        HEALTH, _authorization, "authorization.window-reversed", BLOCK
    ),
    "overlapping authorizations": Entry(HEALTH, _second_authorization, "authorization.overlaps", INFORM),
    "a payer without a rule": Entry(HEALTH, _no_rule, "payer.unit-rule-missing", WARN),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_what_is_entered_is_kept_and_said(clinic: ClinicFile, tmp_path: Path, name: str) -> None:
    entry = ENTRIES[name]
    with clinic.write("Enter") as s:
        (found,) = claims.lines(s, text=entry.claim)
        (bundle,) = claims.bundles(s, [found.id])
        entered = entry.enter(s, bundle)
    problems = [p for p in paperwork.check_claims(clinic, [found.id], today=TODAY)[found.id] if p.code == entry.code]
    assert problems and {p.severity for p in problems} == {entry.severity}
    assert all(p.message.endswith(".") and "{" not in p.message for p in problems)
    paper = tmp_path / "claim.pdf"
    if entry.severity is BLOCK:
        with pytest.raises(paperwork.NotReadyError) as refused:
            paperwork.print_claims(clinic, [found.id], paperwork.Output(), paper, today=TODAY)
        assert entry.code in {p.code for p in refused.value.problems}
        assert not paper.exists()
    else:
        paperwork.print_claims(clinic, [found.id], paperwork.Output(), paper, today=TODAY)
        assert paper.stat().st_size > 0
    with clinic.read() as s:
        (after,) = claims.bundles(s, [found.id])
        kept = (*after.visits, after.referral, after.payer, *clients.authorizations(s, after.client.id or 0))
    assert entered in kept
    assert bool(after.claim.pages) is (entry.severity is not BLOCK)


def test_a_therapist_with_two_clients_at_once_is_seen_in_both_claims(clinic: ClinicFile) -> None:
    with clinic.write("Enter") as s:
        (one,), (other,) = (claims.lines(s, text=name) for name in (HEALTH, AUTO))
        first, second = claims.bundles(s, [one.id, other.id])
        date, start = first.visits[0].date, first.visits[0].start
        entered = visits.save_visit(s, replace(second.visits[0], date=date, start=(start or 0) + 30))
        assert [visit.id for visit in visits.meanwhile(s, [entered.id or 0])] == [first.visits[0].id]
    found = paperwork.check_claims(clinic, [one.id, other.id], today=TODAY)
    for claim, visit in ((one, first.visits[0]), (other, entered)):
        (problem,) = [p for p in found[claim.id] if p.code == "visit.two-clients"]
        assert (problem.severity, problem.record, problem.field) == (WARN, f"visit:{visit.id}", "start")
    with clinic.write("Move") as s:
        visits.save_visit(s, replace(entered, start=(start or 0) + 60))
        assert visits.meanwhile(s, [entered.id or 0]) == []


def test_a_window_that_ends_before_it_begins_covers_no_day() -> None:
    day = dt.date(2026, 10, 8)
    backwards = Authorization(id=1, valid_from=day, valid_to=day - dt.timedelta(days=1), visits_allowed=5)
    for offset in (-2, -1, 0, 1):
        assert referrals.pick([backwards], [], day + dt.timedelta(days=offset)) is None


def test_of_overlapping_authorizations_the_one_that_ends_first_is_proposed() -> None:
    day = dt.date(2026, 10, 8)
    longer = Authorization(id=1, number="A1", valid_from=day, valid_to=day + dt.timedelta(days=60))
    shorter = replace(longer, id=2, number="B1", valid_to=day + dt.timedelta(days=30))
    assert referrals.usable([longer, shorter], [], day) == [shorter, longer]
    (found,) = _coded(checks.check_authorization(longer, today=TODAY, others=[longer, shorter]))
    assert "A1" in found.message and "B1" in found.message


def _coded(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.code == "authorization.overlaps"]


def test_a_code_without_a_price_is_not_given_one() -> None:
    schedule = FeeSchedule(id=1, fees=(Fee(code="97140", amount=4400),))
    entered = Visit(id=1, date=TODAY, lines=(ServiceLine(id=1, code="97999", minutes=30, units=2),))
    priced, problems = fees.priced(entered, [schedule], None)
    assert priced == entered
    assert [(p.code, p.severity) for p in problems] == [("fee.missing", BLOCK)]


def test_a_session_is_checked_without_a_rule_and_counted_by_that_of_cms(clinic: ClinicFile) -> None:
    with clinic.read() as s:
        (found,) = claims.lines(s, text=HEALTH)
        (bundle,) = claims.bundles(s, [found.id])
    said = {
        rule: {p.code for p in checks.check_claim(replace(bundle, payer=payer), today=TODAY)}
        for rule, payer in ((rule, replace(bundle.payer, unit_rule=rule)) for rule in (None, UnitRule.CMS))
    }
    assert said[None] - said[UnitRule.CMS] == {"payer.unit-rule-missing"}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["units", "97140=-5"], BAD_INPUT),
        (["units", "97140=1441"], BAD_INPUT),
        (["units", "97140"], BAD_INPUT),
        (["units", "97140=15", "--rule", ""], BAD_INPUT),
        (["units", "NECK=15"], BAD_INPUT),
        (["icd10", "check", "NECK"], PROBLEMS),
        (["icd10", "check", "M54.2", "--date", "2026-13-01"], BAD_INPUT),
        (["ncci", "show", "NECK"], BAD_INPUT),
    ],
)
def test_commands_say_it_in_a_sentence(arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        answered = main(arguments)
    except SystemExit as bad_use:  # argparse's way of saying 2
        answered = int(str(bad_use.code))
    said = "".join(capsys.readouterr())
    assert answered == status
    assert said.strip() and "Traceback" not in said
