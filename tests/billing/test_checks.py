"""Every check raises where it should and not beside it; clean claims are silent; the list in docs is current."""

from __future__ import annotations

import datetime as dt
import json
import runpy
from dataclasses import fields, replace
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from app.billing import benefits, checks, claims, records
from app.billing.checks import docs, places
from app.billing.checks.registry import Checks
from app.billing.problems import Problem, Severity
from app.billing.records import CaseKind, ClaimBundle, UnitRule, Visit, VisitStatus
from app.billing.referrals import Thresholds
from app.i18n import N_
from app.store import icd10
from tests.billing.check_cases import CALL, CASES, DAY, KNOWN, Case, Told, auto, edits, icd, lines, pair, work
from tests.billing.vectors import VECTORS
from tests.claim_sample import (
    AUTHORIZATION,
    AUTO,
    BUNDLE,
    SECONDARY,
    SECONDARY_PAYER,
    TODAY,
    WORK,
    changed,
    line,
    visit,
    with_line,
    with_visit,
    with_visits,
)

KINDS = {
    "client": records.Client, "practice": records.Practice, "provider": records.Provider, "payer": records.Payer,
    "policy": records.Policy, "referral": records.Referral, "authorization": records.Authorization,
    "case": records.Case, "visit": records.Visit, "claim": records.Claim, "verification": benefits.Verification,
}  # fmt: skip


def problems(case: Case) -> list[Problem]:
    if isinstance(case, Visit):
        return checks.check_visit(case, today=TODAY, edits=edits)
    told = case if isinstance(case, Told) else Told(case, {})
    return checks.check_claim(told.bundle, today=TODAY, edits=edits, **told.told)


def codes(case: Case) -> set[str]:
    return {problem.code for problem in problems(case)}


def test_every_check_has_a_claim_that_raises_it_and_one_that_does_not() -> None:
    assert CASES.keys() == checks.REGISTER.keys()
    assert len(checks.REGISTER) >= 120


@pytest.mark.parametrize("code", sorted(CASES))
def test_a_check(code: str) -> None:
    broken, sound = CASES[code]
    found = [problem for problem in problems(broken) if problem.code == code]
    assert found
    assert code not in codes(sound)
    for problem in found:
        assert problem.message and "{" not in problem.message
        table, _, record_id = problem.record.partition(":")
        assert record_id.isdigit()
        names = {field.name for field in fields(KINDS[table])}
        assert not problem.field or problem.field.split(".")[0] in names
        if problem.field.startswith("lines."):
            assert problem.field.split(".")[2] in {field.name for field in fields(records.ServiceLine)}


@pytest.mark.parametrize(
    "bundle",
    [
        pytest.param(BUNDLE, id="commercial"),
        pytest.param(replace(BUNDLE, authorization=AUTHORIZATION), id="authorization"),
        pytest.param(auto(), id="auto"),
        pytest.param(work(), id="work"),
        pytest.param(replace(BUNDLE, secondary=SECONDARY, secondary_payer=SECONDARY_PAYER), id="two plans"),
    ],
)
def test_a_clean_claim_raises_nothing(bundle: ClaimBundle) -> None:
    told: dict[str, Any] = {"icd": icd, "edits": edits, "others": bundle.visits, "verifications": [CALL]}
    assert checks.check_claim(bundle, today=TODAY, **told) == []


def test_only_what_is_sure_blocks() -> None:
    assert not [c.code for c in checks.REGISTER.values() if c.severity is Severity.BLOCK and c.confidence not in "AB"]
    assert {c.confidence for c in checks.REGISTER.values()} <= set("ABCM")
    unsure = Checks[Any]("client")
    with pytest.raises(ValueError, match="not sure enough"):
        unsure.add("client.unsure", Severity.BLOCK, "M", "memory", N_("No."), lambda record, asked: True)
    with pytest.raises(ValueError, match="is taken"):
        unsure.add("client.sex-unknown", Severity.WARN, "M", "memory", N_("No."), lambda record, asked: True)


def test_sentences_are_plain() -> None:
    for check in checks.REGISTER.values():
        assert check.says[0] in "{ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", check.code
        assert check.says.endswith((".", "}")) and check.source, check.code
        assert not {"please", "error", "!"} & set(check.says.lower().replace("!", " ! ").split()), check.code
        assert all(name is None or name.isidentifier() for _, name, _, _ in Formatter().parse(check.says))


@pytest.mark.parametrize(
    ("code", "bundle"),
    [
        ("referral.expired", changed(referral={"expires": DAY})),
        ("referral.written-later", changed(referral={"written": dt.date(2026, 11, 4)})),
        ("referral.used-up", changed(referral={"visits_allowed": 2})),
    ],
)
def test_a_referral_that_nobody_asked_for_only_warns(code: str, bundle: ClaimBundle) -> None:
    assert _severities(bundle)[code] is Severity.BLOCK
    free = replace(bundle.payer, referral_required=False)
    assert _severities(replace(bundle, payer=free))[code] is Severity.WARN


def test_diagnoses_bind_health_plans_only() -> None:
    bundle = with_visit(diagnoses=("M54.5", "S13.4"))
    wanted = ["visit.diagnosis-not-valid", "visit.seventh-character"]
    (old, short) = [p for p in _found(bundle, icd=icd) if p.code in wanted]
    assert (old.severity, short.severity) == (Severity.BLOCK, Severity.BLOCK)
    assert old.message.endswith("Choose from M54.50.") and "S13.4XXA, S13.4XXD" in short.message
    for case, severity in ((AUTO, Severity.WARN), (WORK, Severity.WARN), (_other(), Severity.BLOCK)):
        found = [p for p in _found(replace(bundle, case=case), icd=icd) if p.code in wanted]
        assert {p.severity for p in found} == {severity}


def test_another_accident_may_lack_its_date() -> None:
    found = _severities(replace(BUNDLE, case=replace(_other(), accident_date=None)))
    assert found["case.accident-date-missing"] is Severity.WARN


def test_a_session_of_a_client_who_pays_may_lack_a_diagnosis() -> None:
    own = replace(visit(20, DAY, line(100)), diagnoses=(), policy_id=None)
    found = {p.code: p.severity for p in checks.check_visit(own, today=TODAY)}
    assert found["visit.diagnosis-missing"] is Severity.WARN


def test_items_and_fields_of_lines_count_through_the_claim_and_within_the_session() -> None:
    sessions = [
        visit(20 + week, DAY + dt.timedelta(days=week), line(100 + 2 * week), line(101 + 2 * week, code="97112"))
        for week in range(4)
    ]  # fmt: skip
    broken = replace(sessions[3], lines=(sessions[3].lines[0], replace(sessions[3].lines[1], pointers="")))
    bundle = with_visits(*sessions[:3], broken)
    (found,) = [p for p in problems(bundle) if p.code == "line.pointer-missing"]
    assert (found.item, found.record, found.field) == ("24E.8", "visit:23", "lines.2.pointers")
    (alone,) = [p for p in checks.check_visit(broken, today=TODAY) if p.code == "line.pointer-missing"]
    assert (alone.item, alone.field) == ("24E.2", "lines.2.pointers")


def test_blocking_problems_come_first_and_nothing_comes_twice() -> None:
    found = problems(changed(client={"last_name": "", "release_signed": None, "sex": ""}))
    assert [p.severity for p in found] == [Severity.BLOCK, Severity.WARN, Severity.INFORM]
    assert len(set(found)) == len(found)


def test_records_are_checked_alone() -> None:
    b = BUNDLE
    clean = [
        checks.check_client(b.client, today=TODAY), checks.check_practice(b.practice, today=TODAY),
        checks.check_provider(b.provider, today=TODAY), checks.check_payer(b.payer, today=TODAY),
        checks.check_policy(b.policy, today=TODAY), checks.check_authorization(AUTHORIZATION, today=TODAY),
        checks.check_case(AUTO, today=TODAY), checks.check_visit(b.visits[0], today=TODAY),
        checks.check_referral(records.Referral(id=1, last_name="Ash", first_name="Leo", credentials="DO",
            npi="1345678902", written=DAY, diagnoses=("M54.2",)), today=TODAY),
    ]  # fmt: skip
    assert clean == [[]] * 9


def test_a_new_record_has_no_number_yet() -> None:
    assert {p.record for p in checks.check_client(records.Client(), today=TODAY)} == {"client"}


def test_a_session_is_checked_against_what_is_known() -> None:
    second = visit(21, dt.date(2026, 11, 10), line(101))
    found = checks.check_visit(
        second, today=TODAY, icd=icd, client=BUNDLE.client, payer=BUNDLE.payer, policy=BUNDLE.policy,
        provider=BUNDLE.provider, referral=replace(BUNDLE.referral or records.Referral(), visits_allowed=1),
        others=[visit(20, DAY, line(100)), second],
    )  # fmt: skip
    assert [p.code for p in found] == ["referral.used-up"]


@pytest.mark.parametrize("status", [VisitStatus.NO_SHOW, VisitStatus.VOID])
def test_a_missed_or_void_session_needs_no_more_than_its_date(status: VisitStatus) -> None:
    missed = replace(visit(20, DAY), status=status, diagnoses=())
    assert checks.check_visit(missed, today=TODAY, payer=BUNDLE.payer) == []
    assert [p.code for p in checks.check_visit(replace(missed, date=None), today=TODAY)] == ["visit.date-missing"]


def test_sessions_elsewhere_use_up_a_referral_and_later_ones_do_not() -> None:
    bundle = with_visits(visit(30, DAY, line(100)), referral={"visits_allowed": 2, "frequency": ""})
    before = [visit(i, dt.date(2026, 10, i), line(200 + i)) for i in (1, 2)]
    after = [visit(40 + i, dt.date(2026, 11, 10 + i), line(300 + i)) for i in (1, 2)]
    assert "referral.used-up" in {p.code for p in checks.check_claim(bundle, today=TODAY, others=before)}
    assert checks.check_claim(bundle, today=TODAY, others=after) == []
    missed = [replace(each, status=VisitStatus.NO_SHOW) for each in before]
    assert [p.code for p in checks.check_claim(bundle, today=TODAY, others=missed)] == ["referral.visits-low"]


def test_the_payer_says_how_units_are_counted() -> None:
    bundle = lines(line(100, minutes=23, units=2), line(101, code="97112", minutes=23, units=2))
    assert "visit.units-too-many" in codes(bundle)
    ama = replace(bundle, payer=replace(bundle.payer, unit_rule=UnitRule.AMA))
    assert codes(ama) == set()


def test_units_that_tie_may_stand_on_either_code() -> None:
    for first, second in ((2, 1), (1, 2)):
        bundle = lines(line(100, minutes=20, units=first), line(101, code="97112", minutes=20, units=second))
        assert codes(bundle) == set()


@pytest.mark.parametrize(
    "odd",
    [
        lines(*(line(100 + i, code=f"9{i:04}", minutes=2, units=1) for i in range(21)), minutes=60),
        lines(line(100, minutes=1500, units=4), minutes=60),
        lines(line(100, code="97010", minutes=0, units=1)),
    ],
)
def test_minutes_that_cannot_be_counted_say_nothing_of_units(odd: ClaimBundle) -> None:
    assert not {"visit.units-too-many", "visit.units-too-few", "visit.units-misplaced"} & codes(odd)


def test_one_of_97124_and_97140_is_named_for_dropping() -> None:
    by_charge = lines(line(100, code="97140", charge=4000), line(101, code="97124", charge=5000))
    for bundle, less in ((pair("97124", "97140"), "97124"), (by_charge, "97140")):
        (found,) = [p for p in problems(bundle) if p.code == "pair.one-of-two"]
        assert f"drop {less}" in found.message and "2026 Q4" in found.message


def test_the_payer_may_prefer_a_code_or_pay_both() -> None:
    both = pair("97140", "97124")
    for preferred, drop in (("97124", "drop 97140"), ("97140", "drop 97124"), ("97112", "by money, drop 97124")):
        choosy = replace(both, payer=replace(both.payer, preferred_code=preferred))
        (found,) = [p for p in problems(choosy) if p.code == "pair.one-of-two"]
        assert drop in found.message
    known = replace(both, payer=KNOWN)
    assert "pair.one-of-two" not in codes(known) and "pair.paid-together" in codes(known)
    assert "pair.modifier-missing" not in codes(replace(pair("98940", "97140"), payer=KNOWN))
    unproven = replace(both, payer=replace(KNOWN, paid_pairs_reason=" "))
    assert "pair.one-of-two" in codes(unproven) and "pair.paid-together" not in codes(unproven)


def test_a_separate_region_may_stand_with_its_line() -> None:
    def asks(region: str) -> bool:
        apart = line(101, code="97140", minutes=30, modifiers=("XS",), separate_region=region)
        return "pair.region-missing" in codes(lines(line(100, code="98940", minutes=30), apart))

    assert asks("") and not asks("Left forearm")


def test_a_pair_that_no_one_edits_is_left_alone() -> None:
    for second in ("97112", "97110", "97530"):
        assert not {code for code in codes(pair("97140", second)) if code.startswith("pair.")}


def test_nothing_is_said_of_pairs_and_caps_where_they_are_not_known() -> None:
    for bundle in (pair("97124", "97140"), pair("97140", "98940"), with_line(code="97124", minutes=75, units=5)):
        assert not [p for p in checks.check_claim(bundle, today=TODAY) if p.code.startswith("pair.")]
    undated = replace(pair("97124", "97140").visits[0], date=None)
    assert not [p for p in checks.check_visit(undated, today=TODAY, edits=edits) if p.code.startswith("pair.")]


def test_pairs_and_caps_name_their_quarter() -> None:
    found = {p.code: p.message for p in problems(pair("98940", "97140")) + problems(pair("97124", "97014"))}
    assert "public pairs of 2026 Q4" in found["pair.modifier-missing"]
    assert "public caps of 2026 Q3" in found["pair.unpaid"]


@pytest.mark.parametrize("modifiers", [("59",), ("XS",), ("GP", "59"), ("25",), ("LT",)])
def test_no_modifier_opens_a_pair_of_indicator_0(modifiers: tuple[str, ...]) -> None:
    assert "pair.one-of-two" in codes(pair("97140", "97124", *modifiers, note="neck"))


@pytest.mark.parametrize(
    ("first", "second", "modifier", "opened"),
    [
        ("98940", "97140", "XE", True),
        ("98940", "97140", "RT", True),
        ("98940", "97140", "GP", False),
        ("98940", "97140", "25", False),
        ("97140", "99213", "25", True),
    ],
)
def test_a_pair_of_indicator_1_is_opened_by_what_says_apart(
    first: str, second: str, modifier: str, opened: bool
) -> None:
    assert ("pair.modifier-missing" not in codes(pair(first, second, modifier, note="neck"))) is opened


def test_59_and_its_finer_forms_do_not_tell_two_lines_apart() -> None:
    def twice(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
        return "visit.code-twice" in codes(lines(line(100, modifiers=one), line(101, modifiers=other)))

    assert twice(("59",), ("XS",))
    assert twice(("GP", "59"), ("XE", "GP"))
    assert not twice((), ("59",))
    assert not twice(("RT",), ("LT",))


def test_zip_codes_of_states() -> None:
    assert [places.state_of(code) for code in ("98402", "10001", "00601", "00000", "213999", "34300")] == [
        "WA", "NY", "PR", "", "", "",
    ]  # fmt: skip
    assert "client.address-zip-elsewhere" not in codes(changed(client={"state": "ID", "zip_code": "99401"}))


def test_the_list_in_docs_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "checks.md"
    assert page.read_text(encoding="utf-8") == docs.markdown()
    runpy.run_module("app.billing.checks", run_name="__main__")
    assert capsys.readouterr().out == docs.markdown()


FORM_RULES: dict[str, tuple[Case, str]] = {
    "10b_state": (auto(accident_state=""), "case.accident-state-missing"),
    "14_bad_qual": (auto(onset=DAY, onset_qualifier="439"), "case.onset-qualifier-unknown"),
    "15_accident": (auto(other_date=dt.date(2026, 9, 5), other_date_qualifier="439"), ""),
    "14_future": (auto(onset=dt.date(2026, 12, 1), onset_qualifier="431"), "case.onset-future"),
    "11b_y4": (auto(claim_number="CLM-00123"), ""),
    "17_rendering_same": (changed(referral={"npi": "1987654328"}), "claim.self-referral"),
    "22_1_with_ref": (
        changed(claim={"resubmission_code": "1", "original_reference": "ABC"}), "claim.resubmission-original",
    ),
    "22_void": (changed(claim={"resubmission_code": "8", "original_reference": "ABC"}), ""),
    "24_order": (changed(claim={"line_ids": (102, 100)}), "claim.dates-unordered"),
    "24_same_code_same_dos": (lines(line(100), line(101, minutes=15, units=1)), "visit.code-twice"),
    "24g_zero": (with_line(units=0), "line.units-missing"),
    "modifiers_5": (with_line(modifiers=("GP", "59", "RT", "22", "52")), "line.too-many-modifiers"),
    "eval_for_LMT": (with_line(code="97161", minutes=0, units=1), "line.outside-license"),
    "CMT_for_LMT": (with_line(code="98940", minutes=0, units=1), "line.outside-license"),
    "13_vs_27": (changed(client={"assignment_signed": None}), "claim.assignment-missing"),
    "26_length": (changed(claim={"number": "CLIENT-000000001"}), "claim.account-too-long"),
    "unicode": (changed(client={"last_name": "Muñoz", "first_name": "José"}), ""),
    "patient_self": (BUNDLE, ""),
    "duplicate_dx": (with_visit(diagnoses=("M54.2", "m542")), "visit.diagnosis-twice"),
    "overpayment": (with_visit(paid=20000), "visit.paid-too-much"),
    "payer_cap": (
        replace(
            lines(line(100, minutes=30, units=2), line(101, code="97112", minutes=30, units=2)),
            payer=replace(BUNDLE.payer, unit_cap=3),
        ),
        "visit.unit-cap",
    ),
    "session_length": (
        lines(line(100, minutes=30, units=2), line(101, code="97112", minutes=45, units=3)), "visit.minutes-exceeded",
    ),
    "authorization_exhausted": (
        with_visits(
            *(visit(20 + i, DAY + dt.timedelta(days=i), line(100 + i), authorization_id=7) for i in range(3)),
            authorization={"visits_allowed": 2},
        ),
        "authorization.used-up",
    ),
    "authorization_ends_today": (changed(authorization={"valid_to": dt.date(2026, 11, 17)}), ""),
}  # fmt: skip
"""Rules of the form as published or proposed, by their name in the collection they were taken from."""


@pytest.mark.parametrize("name", sorted(FORM_RULES))
def test_rules_of_the_form(name: str) -> None:
    case, expected = FORM_RULES[name]
    assert expected in codes(case) if expected else not {p for p in problems(case) if p.severity != "inform"}


def test_filing_limits_are_counted_from_the_earliest_session() -> None:
    """Today is 2026-11-21, and the payer gives 90 days."""
    for day, expected in ((23, {"claim.filing-soon"}), (24, {"claim.filing-soon"}), (22, {"claim.filing-late"})):
        bundle = with_visits(
            visit(20, dt.date(2026, 8, day), line(100)), payer={"filing_days": 90},
            referral={"written": dt.date(2026, 8, 1)},
        )  # fmt: skip
        assert codes(bundle) == expected


def test_problems_are_plain_json() -> None:
    found = problems(changed(client={"last_name": ""}))
    assert json.loads(json.dumps([p.as_json() for p in found])) == [
        {
            "severity": "block", "code": "client.last-name-missing", "item": "2", "record": "client:3",
            "field": "last_name", "message": "The client has no last name. Add it as it stands on the card.",
        }
    ]  # fmt: skip


def _severities(bundle: ClaimBundle) -> dict[str, Severity]:
    return {problem.code: problem.severity for problem in problems(bundle)}


def _found(bundle: ClaimBundle, **told: Any) -> list[Problem]:
    return checks.check_claim(bundle, today=TODAY, **told)


def _other() -> records.Case:
    return replace(AUTO, kind=CaseKind.OTHER)


def test_what_runs_low_is_said_once_with_the_last_session() -> None:
    found = [p for p in problems(changed(referral={"visits_allowed": 4})) if p.code == "referral.visits-low"]
    assert [(p.record, p.severity) for p in found] == [("visit:22", Severity.INFORM)]
    assert found[0].message == "Visits left on the referral after this session: 1. Ask for more in time."


def test_the_practice_says_when_little_is_left() -> None:
    careful = changed(practice={"low_visits": 9, "low_days": 23})
    assert {p.code for p in problems(careful)} == {"referral.visits-low", "referral.ends-soon"}


def test_visits_that_others_gave_use_up_a_referral() -> None:
    assert "referral.used-up" in codes(changed(referral={"visits_allowed": 12, "used_elsewhere": 10}))
    assert "referral.used-up" not in codes(changed(referral={"visits_allowed": 12, "used_elsewhere": 9}))


def test_a_planned_session_may_lie_near_the_end() -> None:
    planned = visit(30, dt.date(2026, 12, 10), line(100), status=VisitStatus.PLANNED, paid=0, paid_on=None)
    found = checks.check_visit(planned, today=TODAY, payer=BUNDLE.payer, referral=BUNDLE.referral)
    assert [p.code for p in found] == ["referral.ends-soon"]
    assert checks.check_visit(planned, today=TODAY, referral=BUNDLE.referral, limits=Thresholds(days=3)) == []
    undated = replace(planned, date=None)
    assert {p.code for p in checks.check_visit(undated, today=TODAY, referral=BUNDLE.referral)} == {
        "visit.date-missing"
    }


def test_an_authorization_beside_another_one_is_told_of_it() -> None:
    rival = replace(AUTHORIZATION, id=70, number="A7700")
    (found,) = checks.check_authorization(AUTHORIZATION, today=TODAY, others=[AUTHORIZATION, rival])
    assert found.code == "authorization.overlaps" and "A7700" in found.message


def test_another_authorization_is_proposed_only_with_room_and_of_the_same_policy() -> None:
    def proposed(**fields: Any) -> bool:
        rival = replace(AUTHORIZATION, id=70, number="A7700", valid_to=dt.date(2026, 11, 30))
        rival = replace(rival, **fields)
        session = visit(20, DAY, line(100), authorization_id=7)
        found = checks.check_visit(
            session, today=TODAY, authorization=AUTHORIZATION, authorizations=[rival], others=[session]
        )
        return "authorization.another-first" in {p.code for p in found}

    assert proposed() and proposed(used_elsewhere=19)
    assert not proposed(used_elsewhere=20) and not proposed(policy_id=99)
    assert not proposed(valid_from=dt.date(2026, 11, 4))


def test_the_referral_is_judged_by_the_list_on_the_day_it_was_written() -> None:
    old = replace(BUNDLE.referral or records.Referral(), diagnoses=("M54.5", "x"), written=None)
    assert {"referral.diagnosis-not-valid"} <= {p.code for p in checks.check_referral(old, today=TODAY, icd=icd)}
    assert "referral.diagnosis-not-valid" not in {p.code for p in checks.check_referral(old, today=TODAY)}


def test_a_code_that_became_of_the_referrals_is_to_be_confirmed() -> None:
    bundle = with_visits(visit(20, DAY, line(100), diagnoses=("M54.50", "S13.4XXD", "M54.2")),
        referral={"diagnoses": ("M54.5", "S13.4")})  # fmt: skip
    assert {p.code for p in _found(bundle, icd=icd)} >= {"visit.diagnosis-refined", "visit.diagnosis-not-on-referral"}
    (foreign,) = [p for p in _found(bundle, icd=icd) if p.code == "visit.diagnosis-not-on-referral"]
    assert foreign.message.startswith("M54.2 ") and foreign.severity is Severity.BLOCK
    one = with_visits(visit(20, DAY, line(100), diagnoses=("M54.2",)), referral={"diagnoses": ("M54.5",)})
    assert "visit.diagnosis-not-on-referral" in {p.code for p in _found(one, icd=icd)}
    assert "visit.diagnosis-not-on-referral" in {p.code for p in _found(with_date(one, None), icd=icd)}


def test_diagnoses_that_exclude_each_other_in_one_session_are_told_there_only() -> None:
    bundle = with_visits(
        visit(20, DAY, line(100), diagnoses=("M54.50", "S39.012D")),
        visit(21, dt.date(2026, 11, 4), line(101), diagnoses=("S39.012D",)),
    )
    found = [p for p in _found(bundle, icd=icd) if p.code.endswith("diagnoses-exclude")]
    assert [(p.code, p.record) for p in found] == [("visit.diagnoses-exclude", "visit:20")]
    assert "M54.5 excludes low back strain (S39.012)" in found[0].message
    undated = with_date(bundle, None)
    assert not [p for p in _found(undated, icd=icd) if p.code.endswith("diagnoses-exclude")]


def with_date(bundle: ClaimBundle, date: dt.date | None) -> ClaimBundle:
    """The claim with its sessions on another day."""
    return replace(bundle, visits=tuple(replace(each, date=date) for each in bundle.visits))


@pytest.mark.parametrize("case", VECTORS["timely_filing"][:9], ids=lambda case: case["dos"])
def test_published_limits_of_days(case: dict[str, Any]) -> None:
    bundle = with_visits(
        visit(20, dt.date.fromisoformat(case["dos"]), line(100)), payer={"filing_days": case["limit_days"]},
        referral={"written": None, "expires": None},
    )  # fmt: skip
    (found,) = [p for p in problems(bundle) if p.code.startswith("claim.filing")]
    if case["state"] == "late":
        assert found.code == "claim.filing-late"
    else:
        assert found.code == "claim.filing-soon" and f"ends in {case['days_left']} days" in found.message


def test_units_and_minutes_that_a_payer_does_not_pay_are_said_and_kept() -> None:
    cap, session, overlap, back_to_back = VECTORS["units_caps"]
    items = [line(100 + i, code=code, minutes=minutes, units=minutes // 15) for i, (code, minutes) in
             enumerate(cap["items"])]  # fmt: skip
    capped = lines(*items, minutes=75)
    capped = replace(capped, payer=replace(capped.payer, unit_cap=cap["cap"]))
    (found,) = [p for p in problems(capped) if p.code == "visit.unit-cap"]
    assert found.severity is Severity.WARN and f"{cap['cms_total']} timed units" in found.message
    long = lines(*items, minutes=60)
    assert session["session"] == ["10:00", "11:00"] and "visit.minutes-exceeded" in codes(long)
    for case, expected in ((overlap, True), (back_to_back, False)):
        starts = [int(case[key][0][:2]) * 60 + int(case[key][0][3:]) for key in ("a", "b")]
        both = with_visits(*(visit(20 + i, DAY, line(100 + i), start=start) for i, start in enumerate(starts)))
        assert ("visit.overlap" in codes(both)) is expected


def test_calls_about_benefits_are_said_once_a_claim() -> None:
    found = checks.check_claim(BUNDLE, today=TODAY, verifications=[])
    assert [(p.code, p.record, p.severity) for p in found] == [("benefits.unverified", "policy:5", Severity.INFORM)]
    low = checks.check_claim(BUNDLE, today=TODAY, verifications=[replace(CALL, visits_used=11)])
    assert [(p.code, p.record) for p in low] == [("benefits.visits-low", "visit:22")]


def test_the_newest_call_counts_and_a_session_that_the_client_pays_has_none() -> None:
    denied = replace(CALL, id=41, covers_massage=benefits.Answer.NO, copay=None, called_on=dt.date(2026, 8, 1))
    assert checks.check_claim(BUNDLE, today=TODAY, verifications=[CALL, denied]) == []
    own = replace(visit(20, DAY, line(100)), policy_id=None, authorization_id=None)
    for calls in ([], [denied]):
        assert checks.check_visit(own, today=TODAY, verifications=calls) == []
    undated = replace(visit(20, DAY, line(100)), date=None)
    found = checks.check_visit(undated, today=TODAY, referral=BUNDLE.referral, verifications=[CALL])
    assert [p.code for p in found] == ["visit.date-missing"]


def test_what_the_plan_wants_is_said_once() -> None:
    wanting = replace(CALL, authorization_required=benefits.Answer.YES)
    bundle = replace(BUNDLE, referral=None, payer=replace(BUNDLE.payer, authorization_required=True))
    found = {p.code for p in checks.check_claim(bundle, today=TODAY, verifications=[wanting])}
    assert {"referral.missing", "authorization.missing"} <= found
    assert not {"benefits.referral-wanted", "benefits.authorization-wanted"} & found


def test_a_call_is_checked_alone() -> None:
    assert checks.check_verification(CALL, today=TODAY) == []
    found = checks.check_verification(benefits.Verification(), today=TODAY)
    assert [(p.code, p.record) for p in found] == [
        ("verification.called-missing", "verification"),
        ("verification.cover-unasked", "verification"),
        ("verification.reference-missing", "verification"),
    ]


# --- the box of a diagnosis -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(code for code, check in checks.REGISTER.items() if check.item == "21"))
def test_a_problem_of_one_diagnosis_names_its_box(code: str) -> None:
    """All of item 21 where it is about all of it, or about a code that is not on the claim."""
    broken, _sound = CASES[code]
    bundle = broken.bundle if isinstance(broken, Told) else broken
    listed = claims.diagnoses(bundle)[0]
    for problem in problems(broken):
        if problem.code == code:
            named = [each for each in listed if each and each in problem.message.split(":")[0].partition(". ")[0]]
            boxes = [f"21{claims.LETTERS[listed.index(each)]}" for each in named[: claims.MOST_DIAGNOSES]]
            assert problem.item in (boxes or ["21"]) or (code == "visit.cause-first" and problem.item == "21A")


def test_the_box_is_the_claims_and_not_the_sessions() -> None:
    sessions = (
        visit(20, DAY, line(100), diagnoses=("M54.2", "M54.6")),
        visit(21, DAY + dt.timedelta(days=1), line(101), diagnoses=("99", "M54.6")),
    )
    (found,) = [p for p in problems(with_visits(*sessions)) if p.code == "visit.diagnosis-malformed"]
    assert (found.item, found.record) == ("21C", "visit:21")
    alone = checks.check_visit(replace(sessions[1], diagnoses=("A00.99", "M54.6")), today=TODAY, icd=icd10)
    assert {p.item for p in alone if p.code == "visit.diagnosis-not-valid"} == {"21A"}
