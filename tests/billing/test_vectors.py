"""Published and computed facts that no other test holds, and a list of which test holds which."""

from __future__ import annotations

import datetime as dt
import importlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.billing import checks, claims, ids, superbills
from app.billing.money import dollars_text
from app.billing.problems import Severity
from app.billing.records import (
    ClaimBundle,
    ClaimStatus,
    InsuredWhenSelf,
    Payer,
    Policy,
    ServiceLine,
)
from app.errors import UserError
from app.forms import cms1500, layout, marks
from app.store import ncci
from tests.billing.check_cases import auto, lines
from tests.billing.test_checks import FORM_RULES
from tests.billing.vectors import VECTORS
from tests.claim_sample import BUNDLE, TODAY, changed, line, visit, with_line, with_visits
from tests.conftest import SHARED

FORM: dict[str, Any] = json.loads((Path(__file__).parent.parent / "data" / "vectors-form.json").read_text("utf-8"))
DAY = dt.date(2026, 11, 3)
CODES = ("M54.2", "M54.6", "M25.511", "M25.512", "M79.18", "M62.838")

HOMES: dict[str, tuple[str, ...]] = {
    "meta": (),  # the day that the tests live in, claim_sample.TODAY
    "units_total_table": (
        "billing.test_units.test_the_day_total_follows_the_table",
        "billing.test_units.test_each_number_of_units_has_its_range",
    ),
    "units_mixed": ("billing.test_units.test_published_and_computed_days",),
    "units_untimed": ("billing.test_units.test_untimed_codes_are_one_unit_and_bring_no_minutes",),
    "units_caps": ("billing.test_checks.test_units_and_minutes_that_a_payer_does_not_pay_are_said_and_kept",),
    "npi": (
        "billing.test_ids.test_good_npis",
        "billing.test_ids.test_bad_npis",
        "billing.test_vectors.test_what_an_npi_cannot_tell",
    ),
    "other_ids": (
        "billing.test_vectors.test_taxonomy_codes",
        "billing.test_vectors.test_employer_numbers",
        "billing.test_vectors.test_most_characters",
    ),
    "timely_filing": (
        "billing.test_deadlines.test_limits_as_published",
        "billing.test_checks.test_published_limits_of_days",
    ),
    "aging": ("billing.test_deadlines.test_claims_are_grouped_by_their_age",),
    "date_print": ("billing.test_vectors.test_dates_as_printed",),
    "authorization": (
        "billing.test_referrals.test_warnings_of_an_authorization",
        "billing.test_referrals.test_the_earliest_end_with_room_is_proposed",
        "billing.test_referrals.test_windows_of_referrals_as_published",
        "billing.test_pace.test_a_progress_report_is_due_at_the_sixth_visit_or_after_a_month",
    ),
    "line_split": ("billing.test_claims.test_six_lines_a_form",),
    "line_split_policy": ("billing.test_claims.test_totals_under_both_policies",),
    "dx": (
        "billing.test_vectors.test_pointers",
        "billing.test_vectors.test_twelve_diagnoses_a_claim",
        "billing.test_vectors.test_diagnoses_lose_their_dot_on_the_form_only",
    ),
    "icd_dos": (
        "store.test_icd10.test_a_code_is_valid_by_date_of_service",
        "store.test_icd10_notes.test_pairs_that_are_not_coded_together",
    ),
    "money": (
        "billing.test_vectors.test_charges_as_printed",
        "billing.test_vectors.test_total_and_paid",
        "billing.test_vectors.test_a_package",
        "billing.test_vectors.test_a_tip_is_no_service",
        "billing.test_superbills.test_totals",
        "billing.test_fees.test_a_charge_is_fee_times_units",
        "billing.test_remittance.test_lines_that_add_up",
    ),
    "form_rules": (
        "billing.test_vectors.test_rules_of_the_form",
        "billing.test_vectors.test_one_cause_in_item_10",
        "billing.test_vectors.test_item_17_has_its_qualifier",
        "billing.test_vectors.test_a_claim_for_each_therapist",
        "billing.test_vectors.test_a_name_is_spelled_for_print_and_kept_in_the_record",
        "billing.test_vectors.test_the_insured_is_repeated_or_blank",
    ),
    "status_flow": (
        "billing.test_vectors.test_claims_do_not_jump",
        "billing.test_claims.test_a_claim_goes_only_where_it_may",
    ),
    "denials": ("billing.test_denials.test_each_reason_has_a_first_step",),
    "gfe_deadline": (
        "billing.test_estimates.test_when_an_estimate_is_due",
        "billing.test_estimates.test_asked_for_it_is_due_in_three_business_days",
        "billing.test_estimates.test_bills_far_above_the_estimate_may_be_disputed",
    ),
    "ncci_sample": ("billing.test_vectors.test_public_pairs",),
    "ncci_behaviour": ("billing.test_vectors.test_what_is_said_of_pairs",),
}
"""Which tests hold a group of the collected facts."""


@pytest.mark.parametrize("group", sorted(HOMES))
def test_a_group_of_facts_has_its_tests(group: str) -> None:
    for name in HOMES[group]:
        module, _dot, test = name.rpartition(".")
        assert callable(getattr(importlib.import_module(f"tests.{module}"), test))


def test_all_collected_facts_are_carried_over() -> None:
    """Where the collection itself is at hand, nothing in it is forgotten."""
    path = SHARED / "vectors" / "domain-vectors.json"
    if not path.is_file():
        pytest.skip("the collection is not here")
    collected = json.loads(path.read_text("utf-8"))
    assert collected.keys() == HOMES.keys()
    for group in ("units_mixed", "units_untimed", "line_split"):
        assert len(VECTORS[group]) == len(collected[group])
    assert VECTORS["units_total_table"]["points"] == collected["units_total_table"]["points"]
    assert VECTORS["npi"]["valid"] == [each["npi"] for each in collected["npi"]["valid"]]
    wrong = [each["npi"] for each in collected["npi"]["invalid"]]
    assert [*VECTORS["npi"]["invalid"], FORM["npi"]["spaced"]] == wrong
    assert len(VECTORS["icd_dos"]) == len(collected["icd_dos"]["cases"])
    assert len(VECTORS["authorization"]["cases"]) == len(collected["authorization"]["cases"])
    assert {rule["id"] for rule in FORM["form_rules"]} == {rule["id"] for rule in collected["form_rules"]}
    for group in ("ncci_sample", "ncci_behaviour"):
        assert len(FORM[group]) == len(collected[group])
    assert [each["code"] for each in VECTORS["denials"]] == [each["code"] for each in collected["denials"]]
    assert len(VECTORS["gfe_deadline"]["cases"]) == len(collected["gfe_deadline"]["cases"])
    assert VECTORS["gfe_deadline"]["on_request"] == collected["gfe_deadline"]["on_request"]
    assert len(VECTORS["eob_line"]) == len(collected["money"]["eob_line"])
    assert len(FORM["dx"]["cases"]) == len(collected["dx"]["cases"])
    for group in ("date_print", "timely_filing"):
        kept = FORM[group] if group in FORM else VECTORS[group]
        cases = collected[group] if isinstance(collected[group], list) else collected[group]["cases"]
        assert len(kept) == len([each for each in cases if "note" not in each])


# --- numbers --------------------------------------------------------------------------------------------------------


def test_what_an_npi_cannot_tell() -> None:
    """Spaces are no part of it, and a swap of 0 and 9 keeps the check digit right."""
    assert ids.NPI.validate(FORM["npi"]["spaced"]) == FORM["npi"]["spaced"].strip()
    assert all(ids.NPI.is_valid(number) for number in FORM["npi"]["swapped"])


def test_taxonomy_codes() -> None:
    assert all(ids.TAXONOMY.validate(code) == code.upper() for code in FORM["other_ids"]["taxonomy"]["ok"])
    assert not any(ids.TAXONOMY.is_valid(code) for code in FORM["other_ids"]["taxonomy"]["bad"])


def test_employer_numbers() -> None:
    facts = FORM["other_ids"]["ein"]
    for written in facts["input"]:
        page = cms1500.pages(changed(practice={"tax_id": written}), today=TODAY)[0].values
        assert _printed(page)["25.id"] == facts["form_text"]
    for written in facts["bad"]:
        assert "practice.ein-invalid" in _codes(changed(practice={"tax_id": written}))


@pytest.mark.parametrize(("item", "most"), FORM["other_ids"]["most"].items())
def test_most_characters(item: str, most: int) -> None:
    assert layout.load().boxes[item].width == most
    assert marks.compose({item: "1" * most}, layout.load()).problems == []
    assert [p.code for p in marks.compose({item: "1" * (most + 1)}, layout.load()).problems] == ["text.too-long"]


# --- days -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", FORM["date_print"], ids=lambda case: case["iso"])
def test_dates_as_printed(case: dict[str, str]) -> None:
    page = {"3": {"dob": case["iso"]}, "14": {"date": case["iso"]}, "24": [{"from": case["iso"]}]}
    for digits in ("6", "8"):
        printed = _printed(page, digits)
        assert _date(printed, "3.dob") == case["box3"]
        if f"box14_{digits}" in case:
            assert _date(printed, "14.date") == case[f"box14_{digits}"]
        if "box24a" in case:
            assert _date(printed, "24.1.from") == case["box24a"] == _date(printed, "24.1.to")


def _date(printed: dict[str, str], key: str) -> str:
    return " ".join(printed[f"{key}.{part}"] for part in ("mm", "dd", "yy"))


# --- diagnoses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", FORM["dx"]["cases"], ids=lambda case: case["pointers"] or "none")
def test_pointers(case: dict[str, Any]) -> None:
    seen = visit(20, DAY, line(100, pointers=case["pointers"]), diagnoses=CODES[: case["dx_count"]])
    found = _codes(with_visits(seen)) & {code for code in checks.REGISTER if "pointer" in code}
    if "print" in case:
        assert found == set()
        page = cms1500.pages(with_visits(seen), today=TODAY)[0].values
        assert _printed(page)["24.1.pointer"] == case["print"]
    else:
        assert found == {case["code"]}


def test_twelve_diagnoses_a_claim() -> None:
    """The thirteenth begins another claim, whose pointers begin anew."""
    most = FORM["dx"]["max_dx"]
    codes = [f"M25.5{joint}{side}" for joint in (1, 2, 5, 6, 7, 3) for side in (1, 2)] + ["M54.2"]
    assert (len(codes), claims.MOST_DIAGNOSES) == (FORM["dx"]["thirteen_dx"], most)
    twelve = visit(20, DAY, line(100, pointers="ABCD"), diagnoses=tuple(codes[:most]))
    another = visit(21, DAY, line(101, pointers="A"), diagnoses=tuple(codes[most:]))
    plans = claims.plan([twelve, another], [Policy(id=5, client_id=3, payer_id=4)], [Payer(id=4)])
    assert [plan.line_ids for plan in plans] == [(100,), (101,)]
    bundle = replace(with_visits(twelve, another), claim=replace(BUNDLE.claim, line_ids=(101,)))
    assert claims.diagnoses(bundle) == ((codes[-1],), {101: "A"})


@pytest.mark.parametrize("case", FORM["dx"]["decimal"], ids=lambda case: case["code"])
def test_diagnoses_lose_their_dot_on_the_form_only(case: dict[str, str]) -> None:
    printed = _printed({"21": {"indicator": "0", "codes": [case["code"]]}})
    assert printed["21.A"] == case["form"]
    assert ids.ICD10.format(case["form"]) == case.get("superbill", case["code"].upper())


# --- money ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", FORM["money"]["cases"], ids=lambda case: str(case["cents"]))
def test_charges_as_printed(case: dict[str, Any]) -> None:
    composed = marks.compose({"24": [{"charge": dollars_text(case["cents"])}]}, layout.load())
    box = layout.load().boxes["24.1.charge"]
    if "box24f" in case:
        (mark,) = [mark for mark in composed.marks if mark.key == "24.1.charge"]
        assert [mark.text[:-2], mark.text[-2:]] == case["box24f"]
        assert mark.column + len(mark.text) == box.column + box.width
    else:
        assert [p.code for p in composed.problems] == ["money.too-long"]
        assert "line.charge-too-large" in _codes(with_line(charge=case["cents"]))


@pytest.mark.parametrize("case", FORM["money"]["claim"], ids=lambda case: str(case["patient_paid"]))
def test_total_and_paid(case: dict[str, Any]) -> None:
    bundle = lines(*(line(100 + n, charge=cents) for n, cents in enumerate(case["lines"])), paid=case["patient_paid"])
    if "box28" not in case:
        assert "visit.paid-too-much" in _codes(bundle)
        return
    page = cms1500.pages(bundle, today=TODAY)[0].values
    assert (page["28"], page["29"]) == (dollars_text(case["box28"]), dollars_text(case["box29"]))
    assert superbills.totals(bundle.visits).balance == case["balance"]


def test_a_package() -> None:
    """What a session of a package cost is what a superbill shows, not the list price."""
    case = FORM["money"]["package"]
    sessions = [
        visit(20 + n, DAY + dt.timedelta(days=n), line(100 + n, charge=case["each"]), paid=case["each"])
        for n in range(case["sessions"])
    ]
    totals = superbills.totals(sessions)
    assert (totals.charge, totals.paid, totals.balance) == (case["paid"], case["paid"], 0)


def test_a_tip_is_no_service() -> None:
    """Neither a claim nor a superbill holds it; as a payment it is noticed, as a line it does not pass."""
    bundle = lines(line(100, charge=12000), paid=14000)
    page = cms1500.pages(bundle, today=TODAY)[0].values
    assert (page["28"], len(page["24"])) == ("120.00", 1)
    assert superbills.totals(bundle.visits).charge == 12000
    assert "visit.paid-too-much" in _codes(bundle)
    assert "line.code-malformed" in _codes(lines(line(100, charge=12000), line(101, code="TIP", charge=2000)))


# --- the form -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", FORM["form_rules"], ids=lambda rule: rule["id"])
def test_rules_of_the_form(rule: dict[str, Any]) -> None:
    case, expected = (RULES | FORM_RULES)[rule["id"]]
    assert isinstance(case, ClaimBundle)
    found = {p.code: p.severity for p in checks.check_claim(case, today=TODAY, edits=ncci.edits)}
    assert set(rule["raised"]) <= found.keys()
    assert rule["raised"] == ([expected] if expected else [])
    if not rule["raised"]:
        assert set(found.values()) <= {Severity.INFORM}


RULES: dict[str, tuple[ClaimBundle, str]] = {
    "10_one_cause_ok": (auto(), ""),
    "17_qual_missing": (BUNDLE, ""),
    "24_mixed_year": (
        with_visits(
            visit(20, dt.date(2025, 12, 30), line(100)), visit(21, dt.date(2026, 1, 6), line(101)),
            referral={"written": dt.date(2025, 12, 1)},
        ),
        "claim.two-years",
    ),
    "24_mixed_rendering": (
        with_visits(visit(20, DAY, line(100)), visit(21, dt.date(2026, 11, 4), line(101), provider_id=9)),
        "claim.other-therapist",
    ),
}  # fmt: skip


def test_one_cause_in_item_10() -> None:
    """A case is of one kind, so two causes cannot both say yes."""
    page = cms1500.pages(auto(), today=TODAY)[0].values
    assert (page["10a"], page["10b"]["yes"], page["10c"]) == (False, True, False)


def test_item_17_has_its_qualifier() -> None:
    """A referral has a role, so an NPI in item 17b never stands without DN, DK or DQ."""
    page = cms1500.pages(BUNDLE, today=TODAY)[0].values
    assert page["17b"] and page["17"]["qualifier"] == "DN"


def test_a_claim_for_each_therapist() -> None:
    sessions = [visit(20, DAY, line(100)), visit(21, DAY, line(101), provider_id=9)]
    plans = claims.plan(sessions, [Policy(id=5, client_id=3, payer_id=4)], [Payer(id=4)])
    assert [plan.provider_id for plan in plans] == [2, 9]


def test_a_name_is_spelled_for_print_and_kept_in_the_record() -> None:
    bundle = changed(client={"last_name": "Muñoz", "first_name": "José", "middle_name": ""})
    page = cms1500.pages(bundle, today=TODAY)[0].values
    assert page["2"] == "Muñoz, José"
    assert _printed(page)["2"] == "MUNOZ, JOSE"


@pytest.mark.parametrize("habit", InsuredWhenSelf)
def test_the_insured_is_repeated_or_blank(habit: InsuredWhenSelf) -> None:
    printed = _printed(cms1500.pages(changed(payer={"insured_when_self": habit}), today=TODAY)[0].values)
    repeated = habit is InsuredWhenSelf.REPEAT
    assert printed.get("4") == (printed["2"] if repeated else None)
    assert printed.get("7.street") == (printed["5.street"] if repeated else None)


# --- where claims go ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("old", "new"), FORM["status_flow"]["illegal"])
def test_claims_do_not_jump(old: str, new: str) -> None:
    assert set(FORM["status_flow"]["states"]) == set(ClaimStatus)
    with pytest.raises(UserError):
        claims.move(ClaimStatus(old), ClaimStatus(new))


# --- code pairs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", FORM["ncci_sample"], ids=lambda case: "-".join(case["codes"]))
def test_public_pairs(case: dict[str, Any]) -> None:
    one, other = case["codes"]
    found = ncci.edits(TODAY).pair(one, other, TODAY)
    assert (found and found.indicator) == case["indicator"]
    if found:
        assert [found.column1, found.column2] == case["codes"]


@pytest.mark.parametrize("case", FORM["ncci_behaviour"], ids=lambda case: "-".join(code for code, _m in case["lines"]))
def test_what_is_said_of_pairs(case: dict[str, Any]) -> None:
    """No modifier is ever added: the lines stay as they are."""
    entered = tuple(
        ServiceLine(id=100 + n, code=code, modifiers=(modifier,) if modifier else (), minutes=15, charge=4400,
                    pointers="A")
        for n, (code, modifier) in enumerate(case["lines"])
    )  # fmt: skip
    seen = visit(20, DAY, *entered)
    found = {p.code: p.severity for p in checks.check_visit(seen, today=TODAY, edits=ncci.edits)}
    assert set(case["raised"]) <= found.keys()
    assert found.keys().isdisjoint(case["not"])
    assert all(found[code] is Severity.WARN for code in case["raised"])
    assert seen.lines == entered


# --- helpers --------------------------------------------------------------------------------------------------------


def _printed(page: dict[str, Any], digits: str = "6") -> dict[str, str]:
    return {mark.key: mark.text for mark in marks.compose(page, layout.load(), date_digits=digits).marks}


def _codes(bundle: ClaimBundle) -> set[str]:
    return {problem.code for problem in checks.check_claim(bundle, today=TODAY, edits=ncci.edits)}
