"""For every check a claim that raises it and one that does not: (broken, sound) by the check's code.

A case is a claim, a claim with what `check_claim` is told besides, or a session by itself. The sound one is the nearest
right thing where there is one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from app.billing.benefits import Answer, Verification
from app.billing.edits import Edits, PairEdit, UnitCap
from app.billing.records import (
    CaseKind,
    ClaimBundle,
    ClaimStatus,
    FacilityBox,
    PayerAddress,
    Program,
    Rank,
    ReferrerRole,
    Relationship,
    Sex,
    SignatureBox,
    TaxIdKind,
    Visit,
    VisitStatus,
)
from tests.claim_sample import (
    AUTHORIZATION,
    AUTO,
    BUNDLE,
    SECONDARY,
    TODAY,
    WORK,
    changed,
    line,
    visit,
    with_line,
    with_visit,
    with_visits,
)

DAY = dt.date(2026, 11, 3)
FUTURE = dt.date(2026, 12, 1)
PAST = dt.date(2026, 10, 1)


@dataclass(frozen=True)
class Told:
    """A claim with what `check_claim` is told besides."""

    bundle: ClaimBundle
    told: Mapping[str, Any]


def _status(code: str, date: dt.date) -> Any:
    compact = code.replace(".", "")
    successors = {"M545": ["M54.50"], "S134": ["S13.4XXA", "S13.4XXD"]}.get(compact, [])
    sided = {"M25519": ["M25.511", "M25.512"]}.get(compact, [])
    return SimpleNamespace(
        valid=compact not in {"M545", "S134"}, sentence="Low back pain: ended. Choose from M54.50.",
        lacks_seventh=compact == "S134", successors=[SimpleNamespace(code=each) for each in successors],
        sided=[SimpleNamespace(code=each) for each in sided],
    )  # fmt: skip


def _excludes1(code: str, other: str, date: dt.date) -> str | None:
    pair = {code.replace(".", ""), other.replace(".", "")}
    return "M54.5 excludes low back strain (S39.012)" if pair == {"M5450", "S39012D"} else None


icd = SimpleNamespace(check=_status, excludes1=_excludes1)
"""A list in which M54.5 ended and M54.50 followed it, S13.4 lacks its seventh character, M25.519 has no side, and low
back pain excludes strain of the lower back."""


def listed(bundle: ClaimBundle) -> Told:
    """A claim judged with the list."""
    return Told(bundle, {"icd": icd})


_SINCE = dt.date(2026, 10, 1)
_EDITS = Edits(
    (
        PairEdit("97140", "97124", 0), PairEdit("98940", "97140", 1), PairEdit("97140", "99213", 1),
        PairEdit("97140", "97530", 1, None, DAY - dt.timedelta(days=1)), PairEdit("97110", "97140", 9),
    ),
    (UnitCap("97124", 4, 3, _SINCE), UnitCap("97010", 0, 3, _SINCE), UnitCap("97014", 0, 3, _SINCE)),
    "2026 Q4", "2026 Q3",
)  # fmt: skip


def edits(date: dt.date) -> Edits:
    """Public pairs and caps: one of each indicator, one that ended the day before."""
    return _EDITS


def spouse(**fields: Any) -> ClaimBundle:
    """Insured through a spouse."""
    return replace(BUNDLE, policy=replace(SECONDARY, payer_id=4, rank=Rank.PRIMARY, **fields))


def auto(**fields: Any) -> ClaimBundle:
    """An auto accident; the payer's kind of plan fits."""
    return replace(changed(payer={"program": Program.OTHER}), case=replace(AUTO, **fields))


def work(**fields: Any) -> ClaimBundle:
    """An injury at work."""
    return replace(changed(payer={"program": Program.OTHER}), case=replace(WORK, **fields))


def feca(**fields: Any) -> ClaimBundle:
    """Federal workers' compensation."""
    return replace(changed(payer={"program": Program.FECA}), case=replace(WORK, claim_number="551234567", **fields))


def lines(*given: Any, **fields: Any) -> ClaimBundle:
    """One session of these lines."""
    return with_visits(replace(visit(20, DAY, *given), **fields))


def pair(first: str, second: str, *modifiers: str, note: str = "") -> ClaimBundle:
    """Two codes in one session, the second with modifiers."""
    return lines(line(100, code=first, minutes=30), line(101, code=second, minutes=30, modifiers=modifiers), note=note)


MAIL = PayerAddress(street="PO Box 9", city="Spokane", state="WA", zip_code="99210")
KNOWN = replace(BUNDLE.payer, paid_pairs=("97124+97140", "98940 + 97140"), paid_pairs_reason="Paid since 2025.")
"""A payer that is known to pay both codes of these pairs."""


def weeks(count: int, **parts: dict[str, Any]) -> ClaimBundle:
    """Sessions of one line, a day apart."""
    days = (visit(200 + i, DAY + dt.timedelta(days=i), line(300 + i, charge=5000)) for i in range(count))
    return with_visits(*days, **parts)


def address(noun: str, record: str, build: Any, prefix: str = "") -> dict[str, tuple[Any, Any]]:
    """The seven cases of an address; `build` makes a claim with fields changed."""
    return {
        f"{noun}-street-missing": (build(**{f"{prefix}street": " "}), build(**{f"{prefix}street": "1 A"})),
        f"{noun}-city-missing": (build(**{f"{prefix}city": ""}), build(**{f"{prefix}city": "Fife"})),
        f"{noun}-state-missing": (build(**{f"{prefix}state": ""}), build(**{f"{prefix}state": "wa"})),
        f"{noun}-zip-missing": (build(**{f"{prefix}zip_code": ""}), build(**{f"{prefix}zip_code": "98401"})),
        f"{noun}-state-unknown": (build(**{f"{prefix}state": "WX"}), build(**{f"{prefix}state": "WA"})),
        f"{noun}-zip-invalid": (build(**{f"{prefix}zip_code": "9840"}), build(**{f"{prefix}zip_code": "984011234"})),
        f"{noun}-zip-elsewhere": (build(**{f"{prefix}zip_code": "10001"}), build(**{f"{prefix}state": ""})),
    }


def client(**fields: Any) -> ClaimBundle:
    return changed(client=fields)


def practice(**fields: Any) -> ClaimBundle:
    return changed(practice=fields)


def provider(**fields: Any) -> ClaimBundle:
    return changed(provider=fields)


def payer(**fields: Any) -> ClaimBundle:
    return changed(payer=fields)


def policy(**fields: Any) -> ClaimBundle:
    return changed(policy=fields)


def referral(**fields: Any) -> ClaimBundle:
    return changed(referral=fields)


def authorization(**fields: Any) -> ClaimBundle:
    return changed(authorization=fields)


CALL = Verification(
    id=40, client_id=3, policy_id=5, called_on=dt.date(2026, 9, 1), representative="Bo", reference="R-1",
    covers_massage=Answer.YES, conditions=("M54", "m62.-"), kinds=("97140", "97112"), deductible=50000,
    deductible_met=50000, copay=2500, visit_limit=16, visits_used=2, referral_required=Answer.YES,
    authorization_required=Answer.NO, reverify_on=dt.date(2026, 12, 15),
)  # fmt: skip
"""A call whose answers fit the sample."""


def call(bundle: ClaimBundle = BUNDLE, **fields: Any) -> Told:
    """A claim whose plan was called."""
    return Told(bundle, {"verifications": [replace(CALL, **fields)]})


def unreferred() -> ClaimBundle:
    """A claim without a referral, which the payer's profile does not ask for."""
    return replace(payer(referral_required=False), referral=None)


def granted(**fields: Any) -> ClaimBundle:
    """One session of 2 units and 88.00 on an authorization."""
    return with_visits(visit(20, DAY, line(100), authorization_id=7), authorization=fields)


def beside(**fields: Any) -> Told:
    """The same, where the client has another authorization with the policy."""
    rival = replace(AUTHORIZATION, **{"id": 70, "number": "A7700", **fields})
    return Told(granted(), {"authorizations": [AUTHORIZATION, rival]})


def claim(**fields: Any) -> ClaimBundle:
    return changed(claim=fields)


def place(**fields: Any) -> ClaimBundle:
    own = {
        "service_street": "7 Mill Way", "service_city": "Fife", "service_state": "WA", "service_zip_code": "98424",
        "service_npi": "1000000004",
    }  # fmt: skip
    return changed(practice=own | fields)


def case(**fields: Any) -> ClaimBundle:
    """A case of ordinary health."""
    return replace(BUNDLE, case=replace(AUTO, **({"kind": CaseKind.HEALTH, "accident_date": None} | fields)))


def second(**fields: Any) -> ClaimBundle:
    """Another plan behind the first."""
    return changed(secondary=fields)


THIRTEEN = tuple(f"M25.5{side}{joint}" for joint in (1, 2, 9) for side in range(1, 6))[:13]

Case = ClaimBundle | Told | Visit

CASES: dict[str, tuple[Case, Case]] = {
    # client
    "client.last-name-missing": (client(last_name=" "), client(last_name="Li")),
    "client.first-name-missing": (client(first_name=""), client(first_name="X")),
    "client.name-signs": (client(last_name="Applewhite2"), client(last_name="O'Hara-Đặng St. John")),
    "client.name-title": (client(first_name="Dr. Juniper"), client(first_name="Drew")),
    "client.suffix-in-last-name": (client(last_name="Applewhite Jr."), client(suffix="Jr")),
    "client.name-too-long": (client(last_name="Featherstonehaugh-Alderton"), client(middle_name="Rosamunde")),
    "client.birth-date-missing": (client(birth_date=None), client(birth_date=dt.date(2000, 2, 29))),
    "client.birth-date-future": (client(birth_date=dt.date(2026, 11, 22)), client(birth_date=dt.date(2026, 10, 1))),
    "client.birth-date-distant": (client(birth_date=dt.date(1890, 1, 1)), client(birth_date=dt.date(1910, 1, 1))),
    "client.sex-unknown": (client(sex=Sex.UNKNOWN), client(sex=Sex.MALE)),
    "client.street-too-long": (client(street="1" * 29), client(street="1" * 28)),
    "client.city-too-long": (client(city="T" * 25), client(city="T" * 24)),
    "client.phone-invalid": (client(phone="555-0107"), client(phone="")),
    "client.signed-before-birth": (
        client(birth_date=dt.date(2026, 9, 2), release_signed=dt.date(2026, 9, 1)),
        client(birth_date=None),
    ),
    "client.release-missing": (client(release_signed=None), client(release_signed=DAY)),
    "client.release-future": (client(release_signed=FUTURE), client(release_signed=dt.date(2026, 11, 21))),
    "client.assignment-future": (client(assignment_signed=FUTURE), client(assignment_signed=dt.date(2026, 11, 21))),
    # practice
    "practice.name-missing": (practice(name=""), practice(name="Q")),
    "practice.name-too-long": (practice(name="Q" * 30), practice(name="Q" * 29)),
    "practice.npi-missing": (practice(npi=""), practice(npi="1000000004")),
    "practice.npi-invalid": (practice(npi="1234567890"), practice(npi="1234567893")),
    "practice.tax-id-missing": (practice(tax_id=""), practice(tax_id="123456789")),
    "practice.ein-invalid": (practice(tax_id="00-0000000"), practice(tax_id=" 12-3456789 ")),
    "practice.ssn-invalid": (
        practice(tax_id="000-12-3456", tax_id_kind=TaxIdKind.SSN),
        practice(tax_id="123-45-6789", tax_id_kind=TaxIdKind.SSN),
    ),
    "practice.ssn-used": (practice(tax_id="123-45-6789", tax_id_kind=TaxIdKind.SSN), practice(tax_id="123456789")),
    "practice.taxonomy-invalid": (practice(taxonomy="22570000X0"), practice(taxonomy="111n00000x")),
    "practice.street-too-long": (practice(street="1" * 30), practice(street="1" * 29)),
    "practice.city-too-long": (practice(city="T" * 20), practice(city="T" * 13)),
    "practice.po-box": (practice(street="P.O. Box 12"), practice(street="12 Pobox Road")),
    "practice.zip-short": (practice(zip_code="98402"), practice(zip_code="984021234")),
    "practice.phone-missing": (practice(phone=""), practice(phone="2535550142")),
    "practice.phone-invalid": (practice(phone="555"), practice(phone="")),
    "practice.place-npi-invalid": (place(service_npi="1234567894"), place(service_npi="")),
    "practice.place-too-long": (place(service_street="7" * 27), place(service_street="7" * 26)),
    # therapist
    "provider.name-missing": (provider(first_name=""), provider(credentials="")),
    "provider.npi-missing": (provider(npi=""), provider(npi="1000000004")),
    "provider.npi-invalid": (provider(npi="1243567893"), provider(npi="1000000004")),
    "provider.taxonomy-invalid": (provider(taxonomy="225700000"), provider(taxonomy="225700000x")),
    "provider.taxonomy-missing": (provider(taxonomy=""), provider(taxonomy="225100000X")),
    "provider.license-missing": (provider(license_number=""), provider(license_number="1")),
    "provider.license-state-unknown": (provider(license_state="XX"), provider(license_state="")),
    "practice.place-po-box": (place(service_street="PO Box 7"), place(service_street="7 Box Hill")),
    # payer
    "payer.name-missing": (payer(name=""), payer(name="B")),
    "payer.address-too-long": (payer(street2="A" * 42), payer(street2="A" * 41)),
    "payer.phone-invalid": (payer(phone="1"), payer(phone="")),
    "payer.original-medicare": (payer(program=Program.MEDICARE), payer(program=Program.OTHER)),
    "payer.filing-days-unknown": (payer(filing_days=0), payer(filing_days=365)),
    "payer.filing-days-odd": (payer(filing_days=29), payer(filing_days=30)),
    "payer.appeal-days-unknown": (payer(appeal_days=0), payer(appeal_days=90)),
    "payer.appeal-days-odd": (payer(appeal_days=731), payer(appeal_days=730)),
    "payer.unit-rule-missing": (payer(unit_rule=None), BUNDLE),
    "payer.mailing-incomplete": (payer(addresses=(replace(MAIL, city=" "),)), payer(addresses=(MAIL,))),
    "payer.mailing-twice": (payer(addresses=(MAIL, MAIL)), payer(addresses=(MAIL,))),
    "payer.paid-pairs-unexplained": (payer(paid_pairs=("97140+97124",)), replace(BUNDLE, payer=KNOWN)),
    "payer.paid-pair-malformed": (payer(paid_pairs=("97140, 97124",)), replace(BUNDLE, payer=KNOWN)),
    "payer.unit-cap-odd": (payer(unit_cap=25), payer(unit_cap=24)),
    "payer.progress-visits-odd": (payer(progress_visits=53), payer(progress_visits=52)),
    "payer.progress-months-odd": (payer(progress_months=-1), payer(progress_months=12)),
    # policy
    "policy.payer-missing": (policy(payer_id=0), policy(payer_id=4)),
    "policy.member-id-missing": (policy(member_id=""), policy(member_id="1")),
    "policy.member-id-signs": (policy(member_id="BBH#447"), policy(member_id="BBH-447 01")),
    "policy.member-id-words": (policy(member_id="PENDING"), policy(member_id="W1")),
    "policy.member-id-too-long": (policy(member_id="1" * 30), policy(member_id="1-" * 29)),
    "policy.group-number-signs": (policy(group_number="70*2210"), policy(group_number="70/2210.1")),
    "policy.group-number-too-long": (policy(group_number="1" * 30), policy(group_number="1" * 29)),
    "policy.plan-name-too-long": (policy(plan_name="P" * 30), policy(plan_name="P" * 29)),
    "policy.insured-name-missing": (spouse(insured_last_name=""), BUNDLE),
    "policy.insured-first-name-missing": (spouse(insured_first_name=""), spouse(insured_first_name="R")),
    "policy.insured-name-too-long": (spouse(insured_last_name="A" * 26), spouse(insured_last_name="A" * 12)),
    "policy.insured-street-too-long": (spouse(insured_street="1" * 30), spouse(insured_street="1" * 29)),
    "policy.insured-city-too-long": (spouse(insured_city="T" * 24), spouse(insured_city="T" * 23)),
    "policy.insured-phone-invalid": (spouse(insured_phone="12"), spouse(insured_phone="2535550108")),
    "policy.insured-birth-date-missing": (spouse(insured_birth_date=None), BUNDLE),
    "policy.insured-birth-date-future": (
        spouse(insured_birth_date=FUTURE), spouse(insured_birth_date=dt.date(2026, 11, 21)),
    ),
    "policy.insured-name-signs": (
        spouse(insured_first_name="Rowan2"), spouse(insured_first_name="", insured_last_name="Mill #4 & Sons"),
    ),
    "policy.insured-name-title": (spouse(insured_last_name="Applewhite MD"), spouse(insured_last_name="Applewhite")),
    "policy.insured-birth-date-distant": (
        spouse(insured_birth_date=dt.date(1890, 1, 1)), spouse(insured_birth_date=dt.date(1910, 1, 1)),
    ),
    "policy.insured-needless": (policy(insured_last_name="Applewhite"), spouse()),
    "policy.copay-negative": (policy(copay=-1), policy(copay=0)),
    "policy.window-reversed": (policy(valid_to=dt.date(2025, 12, 31)), policy(valid_from=None)),
    # benefits
    "verification.called-missing": (call(called_on=None), call()),
    "verification.called-future": (call(called_on=FUTURE), call(called_on=dt.date(2026, 11, 21))),
    "verification.reference-missing": (call(representative=" ", reference=""), call(reference="")),
    "verification.cover-unasked": (call(covers_massage=Answer.UNKNOWN), call()),
    "verification.cover-contradicted": (call(covers_massage=Answer.NO), call(covers_massage=Answer.NO, copay=0)),
    "verification.deductible-unasked": (call(deductible_met=None), call(deductible=0, deductible_met=None)),
    "verification.deductible-doubtful": (
        call(deductible_met=0), call(deductible_met=0, deductible_applies=Answer.YES),
    ),
    "verification.deductible-exceeded": (call(deductible_met=50001), call()),
    "verification.share-unasked": (call(copay=None), call(copay=None, coinsurance=0)),
    "verification.share-twice": (call(coinsurance=20), call(coinsurance=0)),
    "verification.coinsurance-odd": (call(copay=None, coinsurance=101), call(copay=None, coinsurance=100)),
    "verification.amount-negative": (call(visits_used=-1), call(visits_used=0)),
    "verification.visits-unasked": (call(visits_used=None), call(visit_limit=0, visits_used=None)),
    "verification.visits-exceeded": (call(visits_used=17), call(visits_used=16)),
    "verification.reverify-early": (call(reverify_on=dt.date(2026, 9, 1)), call(reverify_on=dt.date(2026, 9, 2))),
    "verification.year-odd": (call(year_begins=13), call(year_begins=12)),
    "benefits.unverified": (Told(BUNDLE, {"verifications": []}), Told(auto(), {"verifications": []})),
    "benefits.outdated": (call(reverify_on=dt.date(2026, 11, 17)), call(reverify_on=dt.date(2026, 11, 18))),
    "benefits.not-covered": (call(covers_massage=Answer.NO), call()),
    "benefits.visits-used-up": (call(visits_used=14), call(visits_used=13)),
    "benefits.visits-low": (call(visits_used=11), call(visits_used=10)),
    "benefits.referral-wanted": (
        call(unreferred()), call(unreferred(), referral_required=Answer.NO),
    ),
    "benefits.authorization-wanted": (
        call(authorization_required=Answer.YES), call(granted(), authorization_required=Answer.YES),
    ),
    "benefits.code-not-paid": (call(kinds=("97124", "97140")), call(kinds=("97124", "medical massage"))),
    "benefits.condition-not-covered": (call(conditions=("M54.5-", "G44")), call(conditions=("M54.5-", "neck pain"))),
    "benefits.copay-differs": (call(copay=3000), call(copay=None, coinsurance=20)),
    "policy.not-in-force": (policy(valid_to=dt.date(2026, 11, 16)), policy(valid_to=dt.date(2026, 11, 17))),
    # referral
    "referral.last-name-missing": (referral(last_name=""), referral(last_name="Ash")),
    "referral.first-name-missing": (referral(first_name=""), referral(first_name="H")),
    "referral.credentials-missing": (referral(credentials=""), referral(credentials="DC")),
    "referral.credentials-of-therapist": (referral(credentials="LMT"), referral(credentials="DC, LMT")),
    "referral.name-signs": (referral(last_name="Plum / Ash"), referral(last_name="Plum-O'Ash")),
    "referral.name-title": (referral(first_name="Dr. Henrietta"), referral(first_name="Drusilla")),
    "referral.name-too-long": (referral(last_name="P" * 12), referral(last_name="P" * 11)),
    "referral.npi-missing": (referral(npi=""), referral(last_name="")),
    "referral.npi-invalid": (referral(npi="3234567893"), referral(npi="1345678902")),
    "referral.other-id-qualifier-missing": (
        referral(other_id="MD1"), referral(other_id="MD1", other_id_qualifier="0B"),
    ),
    "referral.other-id-missing": (
        referral(other_id_qualifier="0B"), referral(other_id="MD1", other_id_qualifier="G2"),
    ),
    "referral.other-id-qualifier-unknown": (
        referral(other_id="MD1", other_id_qualifier="ZZ"), referral(other_id="MD1", other_id_qualifier="1G"),
    ),
    "referral.location-not-supervising": (
        referral(other_id="MD1", other_id_qualifier="LU"),
        referral(other_id="MD1", other_id_qualifier="LU", role=ReferrerRole.SUPERVISING),
    ),
    "referral.other-id-too-long": (
        referral(other_id="1" * 18, other_id_qualifier="0B"), referral(other_id="1" * 17, other_id_qualifier="0B"),
    ),
    "referral.written-missing": (referral(written=None), referral(written=PAST)),
    "referral.written-future": (referral(written=FUTURE), referral(written=PAST)),
    "referral.window-reversed": (referral(expires=dt.date(2026, 9, 13)), referral(expires=None)),
    "referral.diagnoses-missing": (referral(diagnoses=()), referral(diagnoses=("M54.2", "M62.838", "M54.6"))),
    "referral.diagnosis-malformed": (referral(diagnoses=("M54.2", "neck")), referral(diagnoses=("m542", "M62.838"))),
    "referral.diagnosis-twice": (referral(diagnoses=("M54.2", "M542")), referral(diagnoses=("M62.838", "M54.2"))),
    "referral.diagnosis-not-valid": (
        listed(referral(diagnoses=("M54.2", "M62.838", "M54.5"))),
        listed(referral(diagnoses=("M54.2", "M62.838", "5"))),
    ),
    "referral.visits-negative": (referral(visits_allowed=-1), referral(visits_allowed=0)),
    "referral.missing": (
        replace(BUNDLE, referral=None), replace(payer(referral_required=False), referral=None),
    ),
    "referral.written-later": (referral(written=dt.date(2026, 11, 4)), referral(written=DAY)),
    "referral.expired": (referral(expires=dt.date(2026, 11, 16)), referral(expires=dt.date(2026, 11, 17))),
    "referral.visits-low": (referral(visits_allowed=5), referral(visits_allowed=6)),
    "referral.ends-soon": (referral(expires=dt.date(2026, 11, 28)), referral(expires=dt.date(2026, 11, 29))),
    "referral.elsewhere-negative": (referral(used_elsewhere=-1), referral(used_elsewhere=1)),
    "referral.frequency-unclear": (referral(frequency="as needed"), referral(frequency="2x/week x 6 weeks")),
    "referral.frequency-contradicted": (
        referral(frequency="2 a week for 6 weeks", visits_allowed=11), referral(frequency="2 a week for 6 weeks"),
    ),
    "referral.used-up": (referral(visits_allowed=2), referral(visits_allowed=3)),
    # authorization
    "authorization.number-missing": (authorization(number=""), authorization(number="1")),
    "authorization.number-too-long": (authorization(number="1" * 30), authorization(number="1" * 29)),
    "authorization.number-signs": (authorization(number="A#7719"), authorization(number="A-77 19")),
    "authorization.number-words": (authorization(number="verbal"), authorization(number="V1")),
    "authorization.window-reversed": (authorization(valid_to=dt.date(2026, 9, 1)), authorization(valid_from=None)),
    "authorization.window-missing": (authorization(valid_to=None), authorization()),
    "authorization.limits-negative": (authorization(units_allowed=-1), authorization(units_allowed=99)),
    "authorization.missing": (
        payer(authorization_required=True),
        replace(payer(authorization_required=True), authorization=AUTHORIZATION),
    ),
    "authorization.begins-later": (
        authorization(valid_from=dt.date(2026, 11, 4)), authorization(valid_from=DAY),
    ),
    "authorization.expired": (
        authorization(valid_to=dt.date(2026, 11, 16)), authorization(valid_to=dt.date(2026, 11, 17)),
    ),
    "authorization.visits-low": (granted(visits_allowed=3), granted(visits_allowed=4)),
    "authorization.units-low": (granted(units_allowed=11), granted(units_allowed=12)),
    "authorization.dollars-low": (granted(dollars_allowed=17599), granted(dollars_allowed=17600)),
    "authorization.ends-soon": (granted(valid_to=dt.date(2026, 11, 28)), granted(valid_to=dt.date(2026, 11, 29))),
    "authorization.another-first": (beside(valid_to=dt.date(2026, 12, 30)), beside(valid_to=dt.date(2027, 1, 1))),
    "authorization.overlaps": (beside(), beside(valid_from=dt.date(2027, 1, 1), valid_to=None)),
    "authorization.twice": (beside(number=AUTHORIZATION.number.lower()), beside(number="")),
    "authorization.elsewhere-negative": (authorization(used_elsewhere=-1), authorization(used_elsewhere=1)),
    "authorization.used-up": (
        with_visits(visit(20, DAY, line(100), authorization_id=7), authorization={"units_allowed": 1}),
        with_visits(visit(20, DAY, line(100), authorization_id=7), authorization={"units_allowed": 2}),
    ),
    # case
    "case.accident-state-missing": (auto(accident_state=""), work(accident_state="")),
    "case.accident-state-unknown": (auto(accident_state="XX"), auto(accident_state="or")),
    "case.accident-of-health": (auto(kind=CaseKind.HEALTH), case(accident_state="", claim_number="")),
    "case.accident-date-missing": (auto(accident_date=None), auto(accident_date=None, onset=PAST)),
    "case.accident-date-future": (auto(accident_date=FUTURE), auto(accident_date=PAST)),
    "case.claim-number-missing": (auto(claim_number=""), auto(kind=CaseKind.OTHER, claim_number="")),
    "case.claim-number-too-long": (auto(claim_number="1" * 29), auto(claim_number="1" * 28)),
    "case.claim-number-signs": (auto(claim_number="CLM:00123"), auto(claim_number="CLM 00/123")),
    "case.claim-number-words": (auto(claim_number="pending"), auto(claim_number="P1")),
    "case.employer-missing": (work(employer=""), auto(employer="")),
    "case.employer-too-long": (work(employer="S" * 30), auto(employer="S" * 30)),
    "case.adjuster-missing": (auto(adjuster_name=""), work(adjuster_name="")),
    "case.adjuster-phone-invalid": (auto(adjuster_phone="12"), auto(adjuster_phone="")),
    "case.onset-qualifier-missing": (case(onset=PAST), case(onset=PAST, onset_qualifier="431")),
    "case.onset-qualifier-unknown": (
        case(onset=PAST, onset_qualifier="439"), case(onset=PAST, onset_qualifier="484"),
    ),
    "case.onset-missing": (case(onset_qualifier="431"), case()),
    "case.onset-future": (
        case(onset=FUTURE, onset_qualifier="431"), case(onset=dt.date(2026, 11, 3), onset_qualifier="431"),
    ),
    "case.report-future": (case(last_report=FUTURE), case(last_report=TODAY)),
    "case.onset-before-accident": (
        auto(onset=dt.date(2026, 9, 4), onset_qualifier="431"), auto(onset=dt.date(2026, 9, 5), onset_qualifier="431"),
    ),
    "case.other-date-qualifier-missing": (case(other_date=PAST), case(other_date=PAST, other_date_qualifier="439")),
    "case.other-date-qualifier-unknown": (
        case(other_date=PAST, other_date_qualifier="431"), case(other_date=PAST, other_date_qualifier="454"),
    ),
    "case.other-date-missing": (case(other_date_qualifier="439"), case()),
    "case.other-date-future": (
        case(other_date=FUTURE, other_date_qualifier="439"), case(other_date=FUTURE, other_date_qualifier="091"),
    ),
    "case.accident-dates-differ": (
        auto(other_date=dt.date(2026, 9, 4), other_date_qualifier="439"),
        auto(other_date=dt.date(2026, 9, 4), other_date_qualifier="454"),
    ),
    "case.unable-before-accident": (
        work(unable_from=dt.date(2026, 9, 4)), work(unable_from=dt.date(2026, 9, 5)),
    ),
    "case.unable-reversed": (case(unable_from=DAY, unable_to=PAST), case(unable_from=PAST, unable_to=DAY)),
    "case.unable-from-missing": (case(unable_to=DAY), case(unable_from=DAY)),
    "case.hospital-reversed": (case(hospital_from=DAY, hospital_to=PAST), case(hospital_from=PAST, hospital_to=DAY)),
    "case.hospital-from-missing": (case(hospital_to=DAY), case(hospital_from=DAY)),
    "case.unable-future": (case(unable_from=FUTURE), case(unable_from=DAY)),
    "case.hospital-future": (case(hospital_from=FUTURE), case(hospital_from=DAY)),
    # line
    "line.code-missing": (with_line(code=""), with_line(code="97124")),
    "line.code-malformed": (with_line(code="9712"), with_line(code="S8990")),
    "line.code-unknown": (with_line(code="97142"), with_line(code="9714")),
    "line.modifier-malformed": (with_line(modifiers=("GPX",)), with_line(modifiers=("gp",))),
    "line.too-many-modifiers": (
        with_line(modifiers=("GP", "59", "RT", "22", "52")), with_line(modifiers=("GP", "59", "RT", "22")),
    ),
    "line.modifier-twice": (with_line(modifiers=("GP", "GP")), with_line(modifiers=("GP", "RT"))),
    "line.modifiers-rival": (with_line(modifiers=("59", "XS")), with_line(modifiers=("GP", "XS"))),
    "line.modifier-assistant": (with_line(modifiers=("CQ",)), with_line(modifiers=("GP",))),
    "line.modifier-evaluation": (with_line(modifiers=("25",)), with_line(code="97161", modifiers=("25",))),
    "line.modifier-remote": (with_line(modifiers=("95",)), with_line(modifiers=("96",))),
    "line.modifiers-sides": (with_line(modifiers=("RT", "LT")), with_line(modifiers=("RT",))),
    "line.modifier-alone": (
        with_line(modifiers=("59",)),
        with_visits(visit(20, DAY, line(100, modifiers=("XE",))), visit(21, DAY, line(101))),
    ),
    "line.modifier-medicare": (
        with_line(modifiers=("GA",)),
        replace(with_line(modifiers=("GA",)), payer=replace(BUNDLE.payer, program=Program.MEDICARE)),
    ),
    "line.gp-missing": (
        replace(with_line(modifiers=()), payer=replace(BUNDLE.payer, gp_modifier=True)), with_line(modifiers=()),
    ),
    "line.pointer-missing": (with_line(pointers=""), with_line(pointers="B")),
    "line.pointer-empty": (with_line(pointers="AC"), with_line(pointers="BA")),
    "line.pointer-malformed": (with_line(pointers="A,B"), with_line(pointers="ab")),
    "line.pointer-twice": (with_line(pointers="AA"), with_line(pointers="A")),
    "line.too-many-pointers": (
        lines(line(100, pointers="ABCDE"), diagnoses=("M54.2", "M62.838", "M54.6", "M25.511", "M25.512")),
        lines(line(100, pointers="ABCD"), diagnoses=("M54.2", "M62.838", "M54.6", "M25.511", "M25.512")),
    ),
    "line.charge-zero": (with_line(charge=0), with_line(charge=1)),
    "line.charge-negative": (with_line(charge=-1), with_line(charge=5)),
    "line.charge-too-large": (with_line(charge=100_000_000), with_line(charge=99_999_999)),
    "line.units-missing": (with_line(units=0), with_line(units=1)),
    "line.too-many-units": (with_line(units=1000), with_line(units=999)),
    "line.units-untimed": (with_line(code="97010", minutes=0, units=2), with_line(code="97010", minutes=0, units=1)),
    "line.minutes-missing": (with_line(minutes=0), with_line(code="97010", minutes=0)),
    "line.minutes-negative": (with_line(minutes=-1), with_line(code="97010", minutes=0)),
    "line.minutes-too-many": (with_line(code="97010", minutes=1441), with_line(code="97010", minutes=1440)),
    "line.place-missing": (with_line(place=""), with_line(place="12")),
    "line.place-unknown": (with_line(place="98"), with_line(place="99")),
    "line.place-remote": (with_line(place="10"), with_line(place="12")),
    "line.note-missing": (with_line(code="97139"), with_line(code="97139", note="Cupping")),
    "line.note-too-long": (with_line(code="97139", note="c" * 60), with_line(code="97139", note="c" * 59)),
    "line.note-needless": (with_line(note="Neck"), with_line(code="97139", note="Neck")),
    "line.outside-license": (
        with_line(code="97161", minutes=0),
        replace(with_line(code="97161", minutes=0), provider=replace(BUNDLE.provider, taxonomy="225100000X")),
    ),
    "line.pack-bundled": (with_line(code="97010", minutes=0), with_line(code="97016", minutes=0)),
    "line.maintenance-medicare": (
        replace(with_line(code="S8990"), payer=replace(BUNDLE.payer, program=Program.MEDICARE)),
        with_line(code="S8990"),
    ),
    # session
    "visit.date-missing": (with_visit(date=None), with_visit(date=DAY)),
    "visit.date-future": (with_visit(date=dt.date(2026, 11, 22)), with_visit(date=dt.date(2026, 11, 21))),
    "visit.before-birth": (client(birth_date=dt.date(2026, 11, 4)), client(birth_date=DAY)),
    "visit.before-accident": (auto(accident_date=dt.date(2026, 11, 4)), auto(accident_date=DAY)),
    "visit.before-onset": (
        case(onset=dt.date(2026, 11, 4), onset_qualifier="431"), case(onset=DAY, onset_qualifier="431"),
    ),
    "visit.start-odd": (with_visit(start=1440), with_visit(start=0)),
    "visit.lines-missing": (visit(20, DAY), visit(20, DAY, status=VisitStatus.PLANNED)),
    "visit.minutes-odd": (with_visit(minutes=0), with_visit(minutes=1440)),
    "visit.minutes-exceeded": (with_visit(minutes=29), with_visit(minutes=30)),
    "visit.overlap": (
        with_visits(visit(20, DAY, line(100), start=600), visit(21, DAY, line(101), start=645)),
        with_visits(visit(20, DAY, line(100), start=600), visit(21, DAY, line(101), start=660)),
    ),
    "visit.two-clients": (
        Told(with_visit(start=600), {"meanwhile": [visit(90, DAY, line(900), client_id=99, start=645)]}),
        Told(with_visit(start=600), {"meanwhile": [visit(90, DAY, line(900), client_id=99, start=660)]}),
    ),
    "visit.second-of-day": (
        with_visits(visit(20, DAY, line(100), start=None), visit(21, DAY, line(101), start=None)),
        with_visits(visit(20, DAY, line(100)), visit(21, dt.date(2026, 11, 4), line(101))),
    ),
    "visit.units-too-many": (with_line(minutes=52, units=4), with_line(minutes=53, units=4)),
    "visit.units-too-few": (with_line(minutes=53, units=3), with_line(minutes=52, units=3)),
    "visit.units-misplaced": (
        lines(line(100, minutes=33, units=1), line(101, code="97112", minutes=7, units=2)),
        lines(line(100, minutes=33, units=2), line(101, code="97112", minutes=7, units=1)),
    ),
    "visit.unit-cap": (
        replace(with_line(minutes=45, units=3), payer=replace(BUNDLE.payer, unit_cap=2)),
        replace(with_line(minutes=45, units=3), payer=replace(BUNDLE.payer, unit_cap=3)),
    ),
    "visit.diagnosis-missing": (with_visit(diagnoses=()), with_visit(diagnoses=("M54.2",))),
    "visit.too-many-diagnoses": (with_visit(diagnoses=THIRTEEN), with_visit(diagnoses=THIRTEEN[:12])),
    "visit.diagnosis-malformed": (with_visit(diagnoses=("M54.2", "5")), with_visit(diagnoses=("M542", "m62.838"))),
    "visit.diagnosis-twice": (with_visit(diagnoses=("M54.2", "M542")), with_visit(diagnoses=("M54.2", "M54.6"))),
    "visit.diagnosis-not-valid": (
        listed(with_visit(diagnoses=("M54.5",))), listed(with_visit(diagnoses=("M54.50", "5", "S13.4"))),
    ),
    "visit.seventh-character": (
        listed(with_visit(diagnoses=("S13.4",))), listed(with_visit(diagnoses=("M54.5", "S13.4XXA"))),
    ),
    "visit.seventh-twice": (
        with_visit(diagnoses=("S13.4XXA", "S13.4XXD")), with_visit(diagnoses=("S13.4XXA", "S134XXA", "S16.1XXD")),
    ),
    "visit.cause-first": (with_visit(diagnoses=("V49.9XXA", "M54.2")), with_visit(diagnoses=("M54.2", "V49.9XXA"))),
    "visit.side-open": (
        listed(with_visit(diagnoses=("M25.519",))), listed(with_visit(diagnoses=("M25.511",))),
    ),
    "visit.diagnoses-exclude": (
        listed(with_visit(diagnoses=("S39.012D", "M54.50"))), listed(with_visit(diagnoses=("S39.012D", "M54.6"))),
    ),
    "visit.diagnosis-not-on-referral": (
        with_visit(diagnoses=("M54.6",)),
        replace(with_visit(diagnoses=("M54.6",)), payer=replace(BUNDLE.payer, referral_required=False)),
    ),
    "visit.diagnosis-refined": (
        with_visits(visit(20, DAY, line(100), diagnoses=("M54.50",)), referral={"diagnoses": ("M54.5",)}),
        with_visits(visit(20, DAY, line(100), diagnoses=("M5450",)), referral={"diagnoses": ("M54.50",)}),
    ),
    "visit.paid-negative": (with_visit(paid=-1), with_visit(paid=0)),
    "visit.paid-too-much": (with_visit(paid=8801), with_visit(paid=8800)),
    "visit.paid-future": (with_visit(paid_on=FUTURE), with_visit(paid_on=None)),
    "visit.code-twice": (
        lines(line(100), line(101, minutes=15, units=1)),
        lines(line(100), line(101, minutes=15, units=1, modifiers=("GP", "XS"))),
    ),
    "pair.one-of-two": (pair("97124", "97140", "59"), pair("97112", "97140")),
    "pair.modifier-missing": (pair("98940", "97140"), pair("98940", "97140", "59", note="neck")),
    "pair.region-missing": (pair("98940", "97140", "XS"), pair("98940", "97140", "XS", note="Neck, apart from T5")),
    "pair.paid-together": (
        replace(pair("97124", "97140"), payer=KNOWN), replace(pair("97112", "97140"), payer=KNOWN),
    ),
    "pair.unpaid": (pair("97124", "97014"), pair("97124", "97010")),
    "pair.public-cap": (with_line(code="97124", minutes=75, units=5), with_line(code="97124", minutes=60, units=4)),
    "visit.pregnancy-of-a-man": (
        replace(with_visit(diagnoses=("O26.893",)), client=replace(BUNDLE.client, sex=Sex.MALE)),
        with_visit(diagnoses=("O26.893",)),
    ),
    "referral.old": (
        referral(written=dt.date(2025, 11, 3), expires=None), referral(written=dt.date(2025, 11, 18), expires=None),
    ),
    # claim
    "claim.lines-missing": (claim(line_ids=()), with_line()),
    "claim.lines-lost": (claim(line_ids=(100, 999)), claim(line_ids=(100,))),
    "claim.line-twice": (claim(line_ids=(100, 100)), claim(line_ids=(100, 101))),
    "claim.other-policy": (with_visit(policy_id=None), with_visit(policy_id=5)),
    "claim.other-case": (with_visit(case_id=8), claim(case_id=8)),
    "claim.other-referral": (with_visit(referral_id=99), with_visit(referral_id=None)),
    "claim.other-authorization": (with_visit(authorization_id=7), claim(authorization_id=7)),
    "claim.referral-of-other-case": (
        referral(case_id=8), changed(referral={"case_id": 8}, claim={"case_id": 8}, case={}),
    ),
    "claim.authorization-of-other-policy": (authorization(policy_id=99), authorization(policy_id=None)),
    "claim.reference-own": (
        claim(resubmission_code="7", original_reference="2026-0144"),
        claim(resubmission_code="7", original_reference="20260144001"),
    ),
    "claim.place-not-named": (with_line(place="32"), replace(with_line(place="32"), practice=place().practice)),
    "claim.charges-uneven": (
        with_visits(visit(20, DAY, line(100)), visit(21, dt.date(2026, 11, 4), line(101, charge=4400))),
        with_visits(visit(20, DAY, line(100)), visit(21, dt.date(2026, 11, 4), line(101, charge=4400, units=1))),
    ),
    "claim.case-before-birth": (
        auto(other_date=dt.date(1984, 2, 28), other_date_qualifier="454"),
        auto(other_date=dt.date(1984, 2, 29), other_date_qualifier="454"),
    ),
    "claim.referral-before-accident": (
        auto(accident_date=dt.date(2026, 9, 15)), auto(accident_date=dt.date(2026, 9, 14)),
    ),
    "claim.policy-not-at-accident": (
        auto(accident_date=dt.date(2025, 12, 31)), auto(accident_date=dt.date(2026, 1, 1)),
    ),
    "claim.void": (claim(status=ClaimStatus.VOID), claim(status=ClaimStatus.READY)),
    "claim.account-missing": (claim(number="-"), claim(number="1")),
    "claim.account-too-long": (claim(number="CLIENT-000000001"), claim(number="CLIENT-00000001")),
    "claim.other-client": (referral(client_id=99), referral(client_id=3)),
    "claim.other-therapist": (with_visit(provider_id=99), with_visit(provider_id=2)),
    "claim.session-not-done": (with_visit(status=VisitStatus.NO_SHOW), with_visit(status=VisitStatus.DONE)),
    "claim.too-many-diagnoses": (
        with_visits(
            visit(20, DAY, line(100), diagnoses=THIRTEEN[:7]),
            visit(21, dt.date(2026, 11, 4), line(101), diagnoses=THIRTEEN[7:]),
        ),
        with_visits(
            visit(20, DAY, line(100), diagnoses=THIRTEEN[:7]),
            visit(21, dt.date(2026, 11, 4), line(101), diagnoses=THIRTEEN[7:12]),
        ),
    ),
    "claim.diagnoses-exclude": (
        listed(
            with_visits(
                visit(20, DAY, line(100), diagnoses=("M54.50",)),
                visit(21, dt.date(2026, 11, 4), line(101), diagnoses=("S39.012D",)),
            ),
        ),
        listed(with_visits(visit(20, DAY, line(100), diagnoses=("M54.50", "S39.012D")))),
    ),
    "claim.diagnoses-unfounded": (
        referral(diagnoses=()), replace(referral(diagnoses=()), payer=replace(BUNDLE.payer, referral_required=False)),
    ),
    "claim.too-many-lines": (weeks(51), weeks(50)),
    "claim.dates-unordered": (claim(line_ids=(102, 100)), claim(line_ids=(100, 102))),
    "claim.two-years": (
        with_visits(visit(20, dt.date(2025, 12, 30), line(100)), visit(21, DAY, line(101))), weeks(2),
    ),
    "claim.several-dates": (payer(one_date_per_claim=True), weeks(1, payer={"one_date_per_claim": True})),
    "claim.places-mixed": (lines(line(100), line(101, place="12")), lines(line(100), line(101, code="97112"))),
    "claim.total-too-large": (
        lines(*(line(100 + i, charge=99_999_999) for i in range(11))),
        lines(*(line(100 + i, charge=99_999_999) for i in range(10))),
    ),
    "claim.paid-too-much": (with_visit(paid=8801), with_visit(paid=8800)),
    "claim.filing-late": (payer(filing_days=17), payer(filing_days=18)),
    "claim.filing-soon": (payer(filing_days=32), payer(filing_days=33)),
    "claim.resubmission-unknown": (
        claim(resubmission_code="6", original_reference="A"), claim(resubmission_code="8", original_reference="A"),
    ),
    "claim.resubmission-original": (
        claim(resubmission_code="1", original_reference="ABC"), claim(resubmission_code=""),
    ),
    "claim.reference-missing": (
        claim(resubmission_code="7"), claim(resubmission_code="7", original_reference="A"),
    ),
    "claim.reference-needless": (
        claim(original_reference="A"), claim(resubmission_code="8", original_reference="A"),
    ),
    "claim.reference-too-long": (
        claim(resubmission_code="7", original_reference="A" * 19),
        claim(resubmission_code="7", original_reference="A" * 18),
    ),
    "claim.correction-unmarked": (
        claim(replaces_id=11), claim(replaces_id=11, resubmission_code="7", original_reference="A"),
    ),
    "claim.assignment-missing": (
        client(assignment_signed=None),
        replace(client(assignment_signed=None), payer=replace(BUNDLE.payer, accepts_assignment=False)),
    ),
    "claim.release-expired": (
        client(release_expires=dt.date(2026, 11, 16)),
        client(release_expires=dt.date(2026, 11, 17)),
    ),
    "claim.assignment-expired": (
        client(assignment_expires=dt.date(2026, 11, 16)),
        client(assignment_expires=dt.date(2026, 11, 17)),
    ),
    "claim.taxonomy-missing": (
        changed(payer={"taxonomy_in_33b": True}, practice={"taxonomy": ""}), payer(taxonomy_in_33b=True),
    ),
    "claim.license-missing": (
        changed(payer={"signature_box": SignatureBox.LICENSE}, provider={"license_number": ""}),
        payer(signature_box=SignatureBox.LICENSE),
    ),
    "claim.signature-too-long": (
        changed(payer={"signature_box": SignatureBox.NAME}, provider={"last_name": "Thornquist-Vale"}),
        payer(signature_box=SignatureBox.NAME),
    ),
    "claim.signed-before-service": (claim(issued=dt.date(2026, 11, 16)), claim(issued=dt.date(2026, 11, 17))),
    "claim.self-referral": (referral(npi="1987654328"), changed(referral={"npi": ""}, provider={"npi": ""})),
    "claim.group-number-missing": (
        policy(group_number=""),
        replace(policy(group_number=""), payer=replace(BUNDLE.payer, program=Program.OTHER)),
    ),
    "claim.feca-number": (replace(feca(), case=WORK), feca()),
    "claim.feca-not-work": (feca(kind=CaseKind.OTHER), feca()),
    "claim.program-doubtful": (replace(BUNDLE, case=AUTO), auto()),
    "claim.injury-without-accident": (
        with_visit(diagnoses=("S13.4XXD",)),
        replace(with_visit(diagnoses=("S13.4XXD",)), case=AUTO),
    ),
    "claim.period-of-a-man": (
        replace(client(sex=Sex.MALE), case=replace(AUTO, onset=PAST, onset_qualifier="484")),
        case(onset=PAST, onset_qualifier="484"),
    ),
    "claim.insured-is-client": (
        spouse(insured_first_name="juniper ", insured_birth_date=None), spouse(insured_first_name="Juniper"),
    ),
    "claim.child-is-older": (
        spouse(relationship=Relationship.CHILD, insured_birth_date=dt.date(1990, 1, 1)),
        spouse(relationship=Relationship.CHILD),
    ),
    "claim.home-address": (
        replace(with_line(place="12"), payer=replace(BUNDLE.payer, facility_box=FacilityBox.NEVER)),
        with_line(place="12"),
    ),
    "claim.secondary-number-missing": (second(member_id="", group_number=""), second(member_id="")),
    "claim.secondary-name-missing": (
        second(insured_last_name=""), second(insured_last_name="", relationship=Relationship.SELF),
    ),
    "claim.secondary-plan-missing": (
        second(plan_name=""), changed(secondary={"plan_name": ""}, secondary_payer={}),
    ),
    "claim.secondary-is-primary": (second(payer_id=4, member_id="BBH-4471902"), second(payer_id=4)),
    "claim.secondary-billed": (policy(rank=Rank.SECONDARY), second()),
    **address("client.address", "client", client),
    **address("practice.address", "practice", practice),
    **address("payer.address", "payer", payer),
    **address("policy.insured", "policy", spouse, "insured_"),
    **address("practice.place", "practice", place, "service_"),
}  # fmt: skip
