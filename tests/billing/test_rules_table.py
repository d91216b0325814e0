"""Every rule of the form that was collected beforehand, in our own words, with what holds it: checks, or the way that
pages are made, which other tests prove."""

from __future__ import annotations

import importlib
import re
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

from app.billing import checks
from app.billing.records import ClaimBundle, FacilityBox, InsuredWhenSelf, ManyLines, Program
from app.forms import cms1500
from tests.billing.check_cases import auto, feca, work
from tests.claim_sample import AUTHORIZATION, BUNDLE, SECONDARY, SECONDARY_PAYER, TODAY
from tests.conftest import SHARED


class Rule(NamedTuple):
    """A row: the item, what belongs there, the codes of problems that say where it does not, and tests of what cannot
    go wrong because of how pages are made."""

    item: str
    says: str
    codes: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


EVERYWHERE = (
    Rule("type", "capitals of one typewriter size; nothing touches",
         ("text.unprintable", "text.spelled"),
         ("forms.test_lettering.test_spelling", "forms.test_scanner.test_pages_as_the_program_makes_them_are_right")),
    Rule("ink", "black on the red original; a copy says that it is one", (),
         ("forms.test_pdf.test_the_full_page_is_red_marked_as_a_copy_and_the_overlay_is_not",
          "forms.test_scanner.test_a_copy_must_say_so_and_be_whole")),
    Rule("signs", "no dollar sign, point, comma or dash where an item does not ask for it",
         ("text.nothing", "money.unreadable"), ("forms.test_lettering.test_styles",)),
    Rule("names", "last, first, initial, with commas; a suffix after the last name; no title, no credential",
         ("client.name-signs", "client.name-title", "client.suffix-in-last-name", "policy.insured-name-signs",
          "policy.insured-name-title"), ("forms.test_lettering.test_styles",)),
    Rule("addresses", "no punctuation; a ZIP code of nine digits keeps its hyphen",
         ("client.address-zip-invalid", "practice.address-zip-invalid", "client.phone-invalid"),
         ("forms.test_lettering.test_styles",)),
    Rule("numbers", "no separators within a number",
         ("policy.member-id-signs", "policy.group-number-signs", "authorization.number-signs",
          "case.claim-number-signs"), ("forms.test_cms1500.test_the_account_number_has_no_separators",)),
    Rule("dates", "births with eight digits, lines with six, the others in one style",
         ("date.century", "date.unreadable"),
         ("billing.test_vectors.test_dates_as_printed", "forms.test_marks.test_dates_in_the_payers_way")),
    Rule("boxes", "one cross for each question", ("read.unclear",),
         ("billing.test_rules_table.test_one_answer_to_each_question",)),
)  # fmt: skip
"""Rules of the whole form."""

ITEMS = (
    Rule("Carrier block", "the payer's name and address on four lines; pages of several are numbered",
         ("payer.name-missing", "payer.address-street-missing", "payer.address-zip-invalid", "payer.address-too-long",
          "lines.too-many"),
         ("forms.test_marks.test_three_lines_of_a_carrier_leave_the_third_place_blank",
          "forms.test_cms1500.test_seven_lines_continued")),
    Rule("1", "one kind of plan; Other for auto and state workers' compensation",
         ("claim.program-doubtful", "payer.original-medicare", "claim.feca-not-work")),
    Rule("1a", "the number on the card, at most 29 characters",
         ("policy.member-id-missing", "policy.member-id-too-long", "policy.member-id-signs",
          "policy.member-id-words")),
    Rule("2", "the client's name, at most 28 characters",
         ("client.last-name-missing", "client.first-name-missing", "client.name-too-long")),
    Rule("3", "birth date and sex, blank when the sex is not known",
         ("client.birth-date-missing", "client.birth-date-future", "client.birth-date-distant", "client.sex-unknown")),
    Rule("4", "the insured; at work the employer",
         ("policy.insured-name-missing", "policy.insured-name-too-long", "case.employer-missing",
          "case.employer-too-long"), ("billing.test_vectors.test_the_insured_is_repeated_or_blank",)),
    Rule("5", "the client's address and telephone number",
         ("client.address-street-missing", "client.address-city-missing", "client.address-state-missing",
          "client.address-zip-missing", "client.street-too-long", "client.city-too-long", "client.phone-invalid")),
    Rule("6", "how the client is related to the insured",
         ("claim.insured-is-client", "claim.child-is-older", "policy.insured-needless")),
    Rule("7", "the insured's address, whole when item 4 is filled",
         ("policy.insured-street-missing", "policy.insured-city-missing", "policy.insured-state-missing",
          "policy.insured-zip-missing", "policy.insured-street-too-long", "policy.insured-city-too-long",
          "policy.insured-phone-invalid")),
    Rule("8, 9b, 9c, 30", "kept for the NUCC: blank", (), ("billing.test_rules_table.test_what_stays_blank",)),
    Rule("9, 9a, 9d", "the other plan, only when item 11d says yes",
         ("claim.secondary-name-missing", "claim.secondary-number-missing", "claim.secondary-plan-missing",
          "claim.secondary-is-primary"), ("forms.test_cms1500.test_another_plan",)),
    Rule("10a-c", "yes or no to each cause; an auto accident names its state",
         ("case.accident-state-missing", "case.accident-state-unknown", "case.accident-of-health", "claim.other-case",
          "claim.injury-without-accident"), ("billing.test_vectors.test_one_cause_in_item_10",)),
    Rule("10d", "only when a payer asks", ("text.too-long",), ("billing.test_rules_table.test_what_stays_blank",)),
    Rule("11", "the group number, or the nine characters of a federal case",
         ("claim.group-number-missing", "policy.group-number-too-long", "claim.feca-number")),
    Rule("11a", "the insured's birth date and sex, as in item 3",
         ("policy.insured-birth-date-missing", "policy.insured-birth-date-future",
          "policy.insured-birth-date-distant")),
    Rule("11b", "Y4 and the claim number of an accident, when it is known",
         ("case.claim-number-missing", "case.claim-number-too-long", "case.claim-number-words", "value.unknown")),
    Rule("11c / 11d", "the plan's name; another plan fills item 9",
         ("policy.plan-name-too-long", "claim.secondary-plan-missing", "claim.secondary-billed")),
    Rule("12, 13", "signatures on file, or blank",
         ("client.release-missing", "client.release-future", "claim.assignment-missing", "client.assignment-future",
          "client.signed-before-birth")),
    Rule("14", "the onset with 431, or 484",
         ("case.onset-qualifier-missing", "case.onset-qualifier-unknown", "case.onset-missing", "case.onset-future",
          "case.accident-date-missing", "claim.period-of-a-man", "visit.before-onset", "claim.case-before-birth")),
    Rule("15", "another date with its qualifier, such as 439",
         ("case.other-date-qualifier-missing", "case.other-date-qualifier-unknown", "case.other-date-missing",
          "case.other-date-future", "case.accident-dates-differ")),
    Rule("16, 18", "spans of days; a stay in hospital may be open",
         ("case.unable-reversed", "case.unable-from-missing", "case.unable-before-accident", "case.hospital-reversed",
          "case.hospital-from-missing")),
    Rule("17", "DN, DK or DQ, then one provider's name and credentials",
         ("referral.missing", "referral.last-name-missing", "referral.name-title", "referral.name-signs",
          "referral.name-too-long", "referral.credentials-of-therapist", "value.unknown"),
         ("billing.test_vectors.test_item_17_has_its_qualifier",)),
    Rule("17a", "another number with 0B, 1G or G2; LU for who supervises",
         ("referral.other-id-qualifier-missing", "referral.other-id-missing", "referral.other-id-qualifier-unknown",
          "referral.location-not-supervising", "referral.other-id-too-long")),
    Rule("17b", "the NPI, whose last digit checks the others",
         ("referral.npi-missing", "referral.npi-invalid", "npi.wrong", "claim.self-referral")),
    Rule("19", "what a payer asks for, at most 71 characters", ("text.too-long",),
         ("forms.test_marks.test_item_19_uses_the_end_of_the_captions_line_only_when_it_must",
          "billing.test_rules_table.test_what_stays_blank")),
    Rule("20", "no outside laboratory", (), ("billing.test_rules_table.test_no_laboratory",)),
    Rule("21", "0 for ICD-10, and up to twelve codes without their dot, as exact as can be",
         ("visit.diagnosis-missing", "visit.diagnosis-malformed", "visit.diagnosis-not-valid",
          "visit.seventh-character", "visit.diagnosis-twice", "visit.too-many-diagnoses", "claim.too-many-diagnoses",
          "visit.cause-first", "icd.shape", "value.unknown")),
    Rule("22", "7 or 8 with the payer's number of the first claim; blank on a first one",
         ("claim.resubmission-unknown", "claim.resubmission-original", "claim.reference-missing",
          "claim.reference-needless", "claim.reference-too-long", "claim.reference-own", "claim.correction-unmarked")),
    Rule("23", "the number of the authorization",
         ("authorization.missing", "authorization.number-missing", "authorization.number-too-long",
          "authorization.number-words", "claim.other-authorization")),
    Rule("24 general", "six lines a form; shaded halves never stand alone",
         ("claim.lines-missing", "claim.lines-lost", "claim.line-twice", "lines.too-many"),
         ("billing.test_claims.test_six_lines_a_form",)),
    Rule("24 shaded A-G", "supplemental text at its place, ZZ and words for an unlisted code",
         ("line.note-missing", "line.note-too-long", "line.note-needless"),
         ("forms.test_cms1500.test_words_of_a_line",)),
    Rule("24A", "one day a line, in both places",
         ("visit.date-missing", "visit.date-future", "visit.before-birth", "claim.dates-unordered"),
         ("forms.test_marks.test_a_single_day_stands_twice",)),
    Rule("24B", "a place of the list: 11, 12, 99 and so on",
         ("line.place-missing", "line.place-unknown", "line.place-remote", "claim.places-mixed")),
    Rule("24C", "Y or blank", ("value.unknown",), ("billing.test_rules_table.test_what_stays_blank",)),
    Rule("24D", "a code and up to four modifiers of two characters",
         ("line.code-missing", "line.code-malformed", "line.code-unknown", "line.modifier-malformed",
          "line.too-many-modifiers", "line.modifier-twice", "line.modifiers-rival", "visit.code-twice")),
    Rule("24E", "up to four letters of filled places, the first one first",
         ("line.pointer-missing", "line.pointer-empty", "line.pointer-malformed", "line.pointer-twice",
          "line.too-many-pointers", "pointer.empty", "pointer.unreadable")),
    Rule("24F", "the charge of the line, cents always, never below 0",
         ("line.charge-negative", "line.charge-zero", "line.charge-too-large", "claim.charges-uneven",
          "money.negative", "money.too-long"), ("forms.test_marks.test_money_stands_at_the_right",)),
    Rule("24G", "at least one unit, by the payer's rule",
         ("line.units-missing", "line.too-many-units", "line.units-untimed", "visit.units-too-many",
          "visit.units-misplaced", "line.minutes-missing", "line.minutes-negative", "line.minutes-too-many",
          "visit.minutes-odd", "visit.minutes-exceeded", "payer.unit-rule-missing", "units.unreadable")),
    Rule("24H", "for Medicaid only: blank", ("value.unknown",), ("billing.test_rules_table.test_what_stays_blank",)),
    Rule("24I/24J shaded", "another number with its qualifier, when a payer asks", ("value.unknown",),
         ("billing.test_rules_table.test_what_stays_blank",)),
    Rule("24J", "the therapist's NPI, always or when it is not that of 33a",
         ("provider.npi-missing", "provider.npi-invalid", "claim.other-therapist"),
         ("forms.test_cms1500.test_habits",)),
    Rule("25", "the EIN or SSN of who bills, without hyphens",
         ("practice.tax-id-missing", "practice.ein-invalid", "practice.ssn-invalid", "practice.ssn-used"),
         ("billing.test_vectors.test_employer_numbers",)),
    Rule("26", "the claim's number, at most 14 characters", ("claim.account-missing", "claim.account-too-long")),
    Rule("27", "whether the payer's terms are taken", ("claim.assignment-missing",)),
    Rule("28", "the sum of the lines", ("claim.total-too-large", "money.too-long"),
         ("billing.test_claims.test_totals_under_both_policies", "billing.test_claims.test_forms_add_up")),
    Rule("29", "what was paid on these services, blank or 0 00 when nothing was",
         ("visit.paid-negative", "visit.paid-too-much", "claim.paid-too-much", "visit.paid-future"),
         ("forms.test_cms1500.test_nothing_paid",)),
    Rule("31", "signature on file, name or license, and the day it was signed",
         ("provider.name-missing", "claim.license-missing", "claim.signature-too-long", "claim.signed-before-service"),
         ("forms.test_cms1500.test_habits",)),
    Rule("32 / 32a / 32b", "where sessions are: name, street, city line, NPI",
         ("practice.place-too-long", "practice.place-street-missing", "practice.place-po-box",
          "practice.place-npi-invalid", "claim.home-address", "claim.place-not-named"),
         ("forms.test_cms1500.test_a_session_at_home_names_the_home_and_no_npi",)),
    Rule("33 / 33a / 33b", "who bills: street, ZIP code of nine digits, telephone number, NPI, taxonomy",
         ("practice.name-missing", "practice.name-too-long", "practice.address-street-missing", "practice.po-box",
          "practice.zip-short", "practice.phone-missing", "practice.npi-missing", "practice.npi-invalid",
          "practice.taxonomy-invalid", "claim.taxonomy-missing")),
    Rule("More than 6 lines", "more forms with the same head; totals on each or on the last; pointers are to page 1",
         ("claim.too-many-lines", "claim.too-many-diagnoses"),
         ("forms.test_cms1500.test_seven_lines_as_forms_of_their_own",
          "forms.test_cms1500.test_seven_lines_continued")),
)  # fmt: skip
"""Rules item by item."""

PAYERS = (
    Rule("Commercial / group", "group number, referral and authorization as the plan wants, caps and modifiers",
         ("claim.group-number-missing", "referral.missing", "authorization.missing", "visit.unit-cap",
          "line.gp-missing", "pair.one-of-two", "pair.modifier-missing")),
    Rule("Medicare", "does not pay massage therapists", ("payer.original-medicare", "line.modifier-medicare",
                                                         "line.maintenance-medicare")),
    Rule("Federal WC (OWCP/FECA)", "item 1 FECA, the case's number in 11, at work, its date in 14",
         ("claim.feca-number", "claim.feca-not-work", "case.accident-date-missing")),
    Rule("State WC (WA L&I)", "at work, the claim's number, a written order, an employer, a limit for filing",
         ("case.claim-number-missing", "referral.missing", "case.employer-missing", "claim.filing-late",
          "claim.filing-soon"),
         ("billing.test_pace.test_a_progress_report_is_due_at_the_sixth_visit_or_after_a_month",)),
    Rule("Auto PIP / MedPay", "item 1 Other, the state, Y4, the accident's date; a license in Florida",
         ("claim.program-doubtful", "case.accident-state-missing", "case.claim-number-missing",
          "case.accident-date-missing", "claim.license-missing", "claim.policy-not-at-accident",
          "claim.referral-before-accident", "case.adjuster-missing")),
    Rule("Self-pay superbill", "all that the client needs for an own claim",
         ("provider.license-missing", "practice.tax-id-missing", "superbill.no-sessions"),
         ("forms.test_superbill.test_the_paper_holds_every_fact",
          "forms.test_superbill.test_what_an_insurer_would_send_back")),
)  # fmt: skip
"""What kinds of payers want."""

RULES = (*EVERYWHERE, *ITEMS, *PAYERS)
FORMS = Path(cms1500.__file__).parent


@pytest.fixture(scope="module")
def known() -> set[str]:
    """The codes of all checks, and those that the modules of the paper name."""
    named = {
        code for path in sorted(FORMS.glob("*.py"))
        for code in re.findall(r'"([a-z]+\.[a-z][a-z-]+)"', path.read_text("utf-8"))
    }  # fmt: skip
    return checks.REGISTER.keys() | named


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.item)
def test_a_rule_is_held(rule: Rule, known: set[str]) -> None:
    assert rule.says and (rule.codes or rule.tests)
    assert set(rule.codes) - known == set()
    assert len(set(rule.codes)) == len(rule.codes)
    for name in rule.tests:
        module, _dot, test = name.rpartition(".")
        assert callable(getattr(importlib.import_module(f"tests.{module}"), test))


def test_no_collected_rule_is_missing() -> None:
    """Where the collection itself is at hand, every row of it has one here."""
    path = SHARED / "cms1500" / "rules.md"
    if not path.is_file():
        pytest.skip("the collection is not here")
    sections = dict(re.findall(r"(?ms)^## ([^\n]+)\n(.*?)(?=^## |\Z)", path.read_text("utf-8")))
    rows = {
        title: [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")]
        for title, text in sections.items()
    }
    assert len(rows["Global format rules"]) - 1 == len(EVERYWHERE)
    assert [*rows["Items"][1:], "More than 6 lines"] == [rule.item for rule in ITEMS]
    (title,) = [title for title in rows if title.startswith("Payer profiles")]
    assert rows[title][1:] == [rule.item for rule in PAYERS]


# --- what cannot go wrong because of how pages are made -------------------------------------------------------------

CLAIMS: tuple[ClaimBundle, ...] = (
    BUNDLE, auto(), work(), feca(), replace(BUNDLE, authorization=AUTHORIZATION),
    replace(BUNDLE, secondary=SECONDARY, secondary_payer=SECONDARY_PAYER),
)  # fmt: skip
HABITS = tuple(product(Program, InsuredWhenSelf, (FacilityBox.ALWAYS, FacilityBox.NEVER), ManyLines))


@pytest.mark.parametrize("bundle", CLAIMS)
def test_what_stays_blank(bundle: ClaimBundle) -> None:
    """Nothing is put into items that are reserved or that only some payers ask for."""
    for program, insured, facility, many in HABITS:
        payer = replace(
            bundle.payer, program=program, insured_when_self=insured, facility_box=facility, many_lines=many
        )
        for page in cms1500.pages(replace(bundle, payer=payer), today=TODAY):
            assert page.values.keys().isdisjoint({"8", "9b", "9c", "10d", "19", "30", "32b"})
            for line in page.values["24"]:
                assert line.keys().isdisjoint({"emg", "epsdt", "epsdt_shaded", "id_qualifier", "id"})


@pytest.mark.parametrize("bundle", CLAIMS)
def test_no_laboratory(bundle: ClaimBundle) -> None:
    assert [page.values["20"] for page in cms1500.pages(bundle, today=TODAY)] == [{"yes": False}]


@pytest.mark.parametrize("bundle", CLAIMS)
def test_one_answer_to_each_question(bundle: ClaimBundle) -> None:
    """Answers are one word or yes and no, so that two crosses cannot stand."""
    (page,) = (each.values for each in cms1500.pages(bundle, today=TODAY))
    for item in ("1", "6"):
        assert isinstance(page[item], str)
    for item in ("10a", "10c", "11d", "27"):
        assert isinstance(page[item], bool)
    assert isinstance(page["10b"]["yes"], bool)
