"""Superbills: what they say, what they refuse, and the paper read back."""

from __future__ import annotations

import datetime as dt
import importlib
import io
import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.billing.problems import Severity, blocks
from app.billing.records import (
    Authorization,
    Case,
    CaseKind,
    Client,
    Fee,
    FeeSchedule,
    Payer,
    Policy,
    Practice,
    Provider,
    Rank,
    Referral,
    Relationship,
    ServiceLine,
    Sex,
    Superbill,
    SuperbillBundle,
    TaxIdKind,
    Visit,
    VisitStatus,
)
from app.errors import UserError
from app.forms import superbill, superbill_services, superbill_style
from app.forms.superbill import SuperbillOptions
from app.i18n import date_text, money_text

TODAY = dt.date(2026, 11, 21)
GOLDENS = Path(__file__).resolve().parent.parent / "goldens" / "superbill"
TITLES = {
    "M54.2": "Cervicalgia",
    "M62.838": "Other muscle spasm",
    "S13.4XXD": "Sprain of ligaments of cervical spine, subsequent encounter",
}

PRACTICE = Practice(
    id=1, name="Quiet River Massage Therapy", street="410 Example Avenue, Suite 2", city="Springfield", state="OR",
    zip_code="97477", phone="5415550134", fax="5415550135", email="desk@quietriver.example", npi="1234567893",
    taxonomy="261QP2000X", tax_id="123456789",
)  # fmt: skip
MIRA = Provider(
    id=1, first_name="Mira", last_name="Thornquist", credentials="LMT", npi="1000000004", taxonomy="225700000X",
    license_number="LMT-00417", license_state="OR",
)  # fmt: skip
SILAS = Provider(
    id=2, first_name="Silas", last_name="Aldermoor", credentials="LMT", npi="1987654328", taxonomy="225700000X",
    license_number="LMT-01288", license_state="OR",
)  # fmt: skip
INES = Client(
    id=1, number="C-0042", first_name="Inês", last_name="Câmara", birth_date=dt.date(1994, 6, 17), sex=Sex.FEMALE,
    street="27 Sample Street", city="Springfield", state="OR", zip_code="97477", phone="5415550162",
    note="prefers firm pressure",
)  # fmt: skip
CEDAR = Payer(
    id=1, name="Cedar Benefit Trust", street="PO Box 5519", street2="Dept 7", city="Portland", state="OR",
    zip_code="972080001",
)  # fmt: skip
POLICY = Policy(id=1, client_id=1, payer_id=1, member_id="CBT 5519 204", group_number="88-1204", plan_name="Choice PPO")
REFERRAL = Referral(
    id=1, client_id=1, first_name="Henrietta", last_name="Plum", credentials="MD", npi="1345678902",
    written=dt.date(2026, 10, 20), expires=dt.date(2027, 1, 20), visits_allowed=12,
)  # fmt: skip
FEES = FeeSchedule(
    id=1,
    fees=(
        Fee(code="97124", label="massage", amount=3200),
        Fee(code="97140", label="manual therapy", amount=3600),
        Fee(code="97010", label="hot or cold pack", amount=1500, timed=False),
        Fee(code="97039", label="unlisted modality", amount=3000),
    ),
)


def line(id: int, code: str = "97124", **fields: Any) -> ServiceLine:
    case = {"minutes": 60, "units": 4, "charge": 12800, "pointers": "AB"} | fields
    return ServiceLine(id=id, code=code, **case)


def visit(id: int, date: dt.date | None, *lines: ServiceLine, **fields: Any) -> Visit:
    case: dict[str, Any] = {
        "provider_id": 1, "policy_id": 1, "referral_id": 1, "diagnoses": ("M54.2", "M62.838"),
        "paid": sum(line.charge for line in lines), "paid_method": "card", "paid_on": date, "note": "tight shoulders",
    }  # fmt: skip
    return Visit(id=id, client_id=1, date=date, lines=lines, **(case | fields))


def nov(day: int) -> dt.date:
    return dt.date(2026, 11, day)


def bundle(*visits: Visit, **fields: Any) -> SuperbillBundle:
    visits = visits or (visit(1, nov(2), line(1)),)
    case: dict[str, Any] = {
        "superbill": Superbill(id=4, number="S2026-0004", client_id=1, issued=TODAY),
        "practice": PRACTICE, "client": INES, "providers": (MIRA, SILAS), "payers": (CEDAR,), "policies": (POLICY,),
        "referrals": (REFERRAL,), "fees": (FEES,),
    }  # fmt: skip
    return SuperbillBundle(visits=visits, **(case | fields))


def content(case: SuperbillBundle, **options: Any) -> dict[str, Any]:
    return superbill.content(
        case, SuperbillOptions(**options), today=TODAY, icd_title=lambda code, date: TITLES.get(code)
    )


def found(case: SuperbillBundle, **options: Any) -> list[str]:
    return [problem.code for problem in superbill.problems(content(case, **options))]


def text_of(pdf: bytes) -> str:
    """All that can be read from the PDF, page by page, one space between words."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_bounded().replace("\x02", "-") for page in document]  # cut at a hyphen
    return "\n\f\n".join("\n".join(" ".join(row.split()) for row in page.splitlines() if row.strip()) for page in pages)


def flat(text: str) -> str:
    return " ".join(text.split())


FOUR = (
    visit(1, nov(2), line(1)),
    visit(
        2, nov(5), line(2, "97140", minutes=30, units=2, charge=7200, pointers="A", modifiers=("GP",)),
        line(3, minutes=30, units=2, charge=6400, pointers="B", modifiers=("GP", "59")), provider_id=2,
    ),
    visit(3, nov(9), line(4, charge=12801)),
    visit(4, nov(12), line(5, minutes=45, units=3, charge=9600), paid=5000, paid_method="check", paid_on=nov(13)),
)  # fmt: skip
FULL = bundle(
    *FOUR,
    superbill=Superbill(id=5, number="S2026-0005", version=2, client_id=1, issued=TODAY, replaces_id=4),
    replaces=Superbill(id=4, number="S2026-0004"),
    practice=replace(
        PRACTICE, service_name="Quiet River at Harbour Hall", service_street="9 Pier Road", service_city="Florence",
        service_state="OR", service_zip_code="97439",
    ),
    policies=(  # the second one first
        replace(POLICY, id=2, payer_id=2, rank=Rank.SECONDARY, member_id="ZZ 1", group_number="", plan_name=""),
        replace(
            POLICY, relationship=Relationship.SPOUSE, insured_first_name="Rui", insured_last_name="Câmara",
            insured_birth_date=dt.date(1990, 2, 3),
        ),
    ),
    payers=(CEDAR, Payer(id=2, name="Alder Mutual")),
    authorizations=(Authorization(id=1, number="A7719", valid_from=nov(1), valid_to=nov(30)),),
    cases=(
        Case(
            id=1, kind=CaseKind.AUTO, accident_date=dt.date(2026, 8, 13), accident_state="OR",
            claim_number="AU-118800",
        ),
        Case(id=2, kind=CaseKind.HEALTH),
    ),
)  # fmt: skip


# what is said


def test_the_paper_holds_every_fact() -> None:
    text = flat(text_of(superbill.draw(content(FULL))))
    facts = [
        # who bills and treats
        "Quiet River Massage Therapy", "410 Example Avenue, Suite 2, Springfield, OR 97477", "Phone (541) 555-0134",
        "Fax (541) 555-0135", "desk@quietriver.example", "Tax ID (EIN) 12-3456789", "NPI 1234567893",
        "Taxonomy 261QP2000X", "By 1 Mira Thornquist, LMT NPI 1000000004 License OR LMT-00417 Taxonomy 225700000X",
        "By 2 Silas Aldermoor, LMT NPI 1987654328 License OR LMT-01288",
        # whom and where
        "Name Inês Câmara Date of birth 06/17/1994 Sex F Address 27 Sample Street",
        "Springfield, OR 97477 Phone (541) 555-0162",
        "POS 11 Office Quiet River at Harbour Hall 9 Pier Road Florence, OR 97439",
        # cover, referral, authorization, accident
        "Insurer Cedar Benefit Trust PO Box 5519, Dept 7 Portland, OR 97208-0001 Plan Choice PPO "
        "Member ID CBT 5519 204 Group 88-1204 Subscriber Rui Câmara Date of birth 02/03/1990 Client is Spouse",
        "Second insurance Insurer Alder Mutual Member ID ZZ 1 Subscriber Self",
        "Referred by Henrietta Plum, MD NPI 1345678902 Written 10/20/2026 Expires 01/20/2027 Visits 12",
        "Number A7719 Valid 11/01/2026 – 11/30/2026",
        "Kind Auto Date 08/13/2026 State OR Claim no. AU-118800",
        # what was done
        "A M54.2 Cervicalgia B M62.838 Other muscle spasm",
        "11/02/2026 11 97124 Massage AB 1 60 4 32.00 128.00 128.00",
        "11/05/2026 11 97140 Manual therapy GP A 2 30 2 36.00 72.00 72.00",
        "11/05/2026 11 97124 Massage GP 59 B 2 30 2 32.00 64.00 64.00",
        "11/09/2026 11 97124 Massage AB 1 60 4 128.01 128.01",  # 128.01 has no whole fee per unit
        "11/12/2026 11 97124 Massage AB 1 45 3 32.00 96.00 50.00",
        "Total 225 15 488.01 442.01",
        # what it means
        "Balance due $46.00", "Discounts and adjustments none", "Balance 46.00",
        "The client paid the provider: 11/02/2026 card $128.00, 11/05/2026 card $136.00, 11/09/2026 card $128.01, "
        "11/13/2026 check $50.00.",
        "Send any payment to the client. Assignment of benefits is not accepted.",
        "Tips and retail purchases are not part of this superbill.",
        # the paper itself
        "Superbill No. S2026-0005", "Issued 11/21/2026", "Version 2, replaces no. S2026-0004",
        "Services 11/02/2026 to 11/12/2026", "Page 1 of 1",
        "Mira Thornquist, LMT Date Signature of the treating provider Silas Aldermoor, LMT Date",
    ]  # fmt: skip
    assert [fact for fact in facts if fact not in text] == []


def test_no_narrative_is_said() -> None:
    text = json.dumps(content(FULL)) + text_of(superbill.draw(content(FULL)))
    assert "tight shoulders" not in text
    assert "firm pressure" not in text


@pytest.mark.parametrize(
    ("name", "case", "options"),
    [("two-therapists", FULL, {}), ("one-session", bundle(), {"diagnosis_words": False})],
)
def test_the_text_is_that_of_the_golden(name: str, case: SuperbillBundle, options: dict[str, Any]) -> None:
    """`UPDATE_GOLDENS=1` writes it anew."""
    text = text_of(superbill.draw(content(case, **options))) + "\n"
    golden = GOLDENS / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDENS"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 99_999_99), min_size=1, max_size=4), st.integers(0, 50_000_00)), min_size=1
    )
)
def test_totals_are_right_to_the_cent(days: list[tuple[list[int], int]]) -> None:
    visits, number = [], 0
    for index, (charges, paid) in enumerate(days):
        lines = [line(number + place, charge=charge) for place, charge in enumerate(charges, start=1)]
        number += len(lines)
        visits.append(visit(index + 1, nov(1) - dt.timedelta(days=index), *lines, paid=paid))
    made = content(bundle(*visits))
    charge, paid = sum(sum(charges) for charges, _paid in days), sum(paid for _charges, paid in days)
    assert made["totals"]["charge"] == charge == sum(row["charge"] for row in made["lines"])
    assert made["totals"]["paid"] == paid == sum(row["paid"] for row in made["lines"])
    assert made["totals"]["balance"] == charge - paid
    assert sum(month["charge"] for month in made["months"]) == charge
    assert sum(month["paid"] for month in made["months"]) == paid
    assert sum(session["paid"] for session in made["sessions"]) == paid


@pytest.mark.parametrize(
    ("paid", "status", "balance"),
    [
        (12800, "Paid in full", "0.00"),
        (0, "Balance due $128.00", "128.00"),
        (15000, "Paid in full, with $22.00 over", "-22.00"),
    ],
)
def test_the_status_says_what_is_open(paid: int, status: str, balance: str) -> None:
    text = text_of(superbill.draw(content(bundle(visit(1, nov(2), line(1), paid=paid)))))
    assert f"\n{status}\n" in text
    assert f"\nBalance {balance}\n" in text
    assert ("The client paid the provider" in text) is (paid > 0)


def test_how_the_client_paid() -> None:
    def sentence(*visits: Visit) -> str:
        return str(content(bundle(*visits))["statement"]["sentences"][0])

    first, second = visit(1, nov(2), line(1)), visit(2, nov(5), line(2))
    assert sentence(first, second) == "The client paid the provider $256.00 by card on the dates of the sessions."
    assert sentence(replace(first, paid_on=None)).endswith("$128.00 by card on the date of the session.")
    unnamed = replace(first, paid_method="")
    assert sentence(unnamed) == "The client paid the provider $128.00 on the date of the session."
    assert sentence(first, replace(second, paid_method="cash")) == (
        "The client paid the provider: 11/02/2026 card $128.00, 11/05/2026 cash $128.00."
    )
    same_day = replace(second, paid_on=nov(2))
    assert sentence(first, same_day) == "The client paid the provider: 11/02/2026 card $256.00."
    own = replace(first, paid_method="gift card", paid_on=nov(1))
    assert sentence(own) == "The client paid the provider: 11/01/2026 gift card $128.00."
    unpaid = replace(second, paid=0, paid_method="", paid_on=None)
    assert sentence(first, unpaid) == "The client paid the provider: 11/02/2026 card $128.00."


# options


def test_hidden_diagnosis_words_leave_the_codes() -> None:
    made = content(bundle(), diagnosis_words=False)
    assert "Cervicalgia" not in json.dumps(made)
    assert "A M54.2 B M62.838" in flat(text_of(superbill.draw(made)))


def test_hidden_payments_and_minutes() -> None:
    text = text_of(superbill.draw(content(bundle(), paid=False, minutes=False)))
    assert "\n11/02/2026 11 97124 Massage AB 4 32.00 128.00\nTotal 4 128.00\n" in text
    for hidden in ("Paid", "Balance", "Min.", "The client paid"):
        assert hidden not in text
    assert "Send any payment to the client" in text


def test_months_have_their_sums() -> None:
    visits = [visit(n, dt.date(2026, 9 + n, 3), line(n)) for n in (1, 2)]
    visits.append(visit(3, nov(20), line(3, charge=5000)))
    rows = text_of(superbill.draw(content(bundle(*visits), by_month=True))).splitlines()
    table = rows[rows.index("October 2026 128.00 128.00") :]
    assert [row.partition(" 11 ")[0] for row in table[:5]] == [
        "October 2026 128.00 128.00", "10/03/2026", "November 2026 178.00 178.00", "11/03/2026", "11/20/2026",
    ]  # fmt: skip


def test_an_ssn_can_be_masked_and_then_is_nowhere_in_the_content() -> None:
    case = bundle(practice=replace(PRACTICE, tax_id="219099999", tax_id_kind=TaxIdKind.SSN))
    assert "Tax ID (SSN) 219-09-9999" in flat(text_of(superbill.draw(content(case))))
    made = content(case, mask_ssn=True)
    assert "Tax ID (SSN) XXX-XX-9999" in flat(text_of(superbill.draw(made)))
    assert "21909" not in json.dumps(made)
    assert "219-09" not in json.dumps(made)
    assert "practice.tax-id-masked" in found(case, mask_ssn=True)
    assert "practice.tax-id-masked" not in found(bundle(), mask_ssn=True)  # an EIN is never masked
    assert content(bundle(), mask_ssn=True)["practice"]["tax_id"] == "12-3456789"


def test_months_speak_the_language_of_the_paper_and_unknown_ones_english() -> None:
    assert content(bundle(), language="es")["months"][0]["words"].startswith("Noviembre")
    assert content(bundle())["words"]["superbill"] == "Superbill"


# lines and places


def test_lines_carry_words_from_the_fee_schedule_and_for_unlisted_codes_their_note() -> None:
    own = FeeSchedule(id=2, payer_id=1, fees=(Fee(code="97124", label="therapeutic massage", amount=3300),))
    visits = (
        visit(1, nov(2), line(1, note="left alone"), line(2, "97039", note="kinesiology tape")),
        visit(2, nov(3), line(3), policy_id=None),
        visit(3, nov(4), line(4, "97999")),
    )
    made = content(bundle(*visits, fees=(FEES, own)))
    assert [row["words"] for row in made["lines"]] == [
        "Therapeutic massage", "kinesiology tape", "Massage", "",
    ]  # fmt: skip
    assert "line.words-missing" in found(bundle(*visits, fees=(FEES, own)))
    made = content(bundle(*visits))
    assert made["lines"][1]["words"] == "Unlisted modality: kinesiology tape"


def test_places_have_the_address_that_is_known() -> None:
    visits = (
        visit(1, nov(2), line(1), line(2, place="12")),
        visit(2, nov(3), line(3, place="99"), line(4, place=""), line(5, place="77")),
    )
    places = {place["code"]: place for place in content(bundle(*visits))["places"]}
    assert places["11"]["address"] == ["410 Example Avenue, Suite 2", "Springfield, OR 97477"]
    assert places["12"] == {
        "record": "practice:1",
        "code": "12",
        "words": "Home",
        "address": ["at the client's address"],
    }
    assert places["99"]["words"] == "Other Place of Service"
    assert places["99"]["address"] == []
    assert places["77"]["words"] == ""
    assert found(bundle(*visits)).count("line.place-missing") == 1
    assert "POS 12 Home at the client's address" in flat(text_of(superbill.draw(content(bundle(*visits)))))


def test_sessions_stand_in_order_of_date_whatever_order_they_come_in() -> None:
    later, earlier = visit(1, nov(9), line(1), start=540), visit(2, nov(2), line(2))
    assert [row["date"] for row in content(bundle(later, earlier))["lines"]] == ["2026-11-02", "2026-11-09"]


def test_names_in_decomposed_letters_are_composed() -> None:
    made = content(bundle(client=replace(INES, first_name="Ine\u0302s", last_name="Ca\u0302mara")))
    assert made["client"]["name"] == "Inês Câmara"
    assert "Inês Câmara" in text_of(superbill.draw(made))


@pytest.mark.parametrize(
    ("first", "last"),
    [("Nguyễn Thị Ánh", "Đặng"), ("Ελένη", "Παπαδοπούλου"), ("Ксения", "Щербакова"), ("Żółcia", "Łęcka-Þórsdóttir")],
)
def test_names_of_every_bundled_script_are_read_back(first: str, last: str) -> None:
    made = content(bundle(client=replace(INES, first_name=first, last_name=last)))
    assert superbill.problems(made) == []
    text = text_of(superbill.draw(made))
    assert f"\nName {first} {last}\n" in text
    assert f"{first} {last}" in pypdf.PdfReader(io.BytesIO(superbill.draw(made))).pages[0].extract_text()


# what is refused


def test_a_complete_superbill_has_no_problem() -> None:
    assert found(bundle()) == []
    assert found(FULL) == ["superbill.balance-due"]
    assert found(bundle(practice=replace(PRACTICE, npi=""))) == []  # a therapist who bills alone has none


def change(record: str, **fields: Any) -> SuperbillBundle:
    """The complete bundle with one record changed."""
    case = bundle(
        policies=(
            replace(
                POLICY, relationship=Relationship.CHILD, insured_first_name="Rui", insured_last_name="Câmara",
                insured_birth_date=dt.date(1960, 2, 3),
            ),
        ),
        cases=(Case(id=1, kind=CaseKind.AUTO, accident_date=dt.date(2026, 8, 13), accident_state="OR"),),
    )  # fmt: skip
    assert found(case) == []
    before = getattr(case, record)
    if isinstance(before, tuple):
        return replace(case, **{record: (replace(before[0], **fields), *before[1:])})
    return replace(case, **{record: replace(before, **fields)})


@pytest.mark.parametrize(
    ("record", "fields", "code", "severity", "where"),
    [
        ("practice", {"name": ""}, "practice.name-missing", "block", "practice:1/name"),
        ("practice", {"street": ""}, "practice.address-missing", "warn", "practice:1/street"),
        ("practice", {"phone": ""}, "practice.phone-missing", "inform", "practice:1/phone"),
        ("practice", {"tax_id": ""}, "practice.tax-id-missing", "warn", "practice:1/tax_id"),
        ("practice", {"tax_id": "12345"}, "practice.tax-id-invalid", "warn", "practice:1/tax_id"),
        (
            "practice", {"tax_id": "000123456", "tax_id_kind": TaxIdKind.SSN}, "practice.tax-id-invalid", "warn",
            "practice:1/tax_id",
        ),
        ("practice", {"npi": "1234567890"}, "practice.npi-invalid", "warn", "practice:1/npi"),
        ("providers", {"first_name": "", "last_name": "", "credentials": ""}, "provider.name-missing", "block",
         "provider:1/last_name"),
        ("providers", {"credentials": ""}, "provider.credentials-missing", "warn", "provider:1/credentials"),
        ("providers", {"npi": ""}, "provider.npi-missing", "warn", "provider:1/npi"),
        ("providers", {"npi": "1243567893"}, "provider.npi-invalid", "warn", "provider:1/npi"),
        ("providers", {"taxonomy": ""}, "provider.taxonomy-missing", "warn", "provider:1/taxonomy"),
        ("providers", {"license_number": "", "license_state": ""}, "provider.license-missing", "warn",
         "provider:1/license_number"),
        ("providers", {"license_state": ""}, "provider.license-missing", "warn", "provider:1/license_state"),
        ("client", {"first_name": "", "last_name": ""}, "client.name-missing", "block", "client:1/last_name"),
        ("client", {"birth_date": None}, "client.birth-date-missing", "warn", "client:1/birth_date"),
        ("client", {"street": "", "city": "", "state": "", "zip_code": ""}, "client.address-missing", "warn",
         "client:1/street"),
        ("client", {"sex": Sex.UNKNOWN}, "client.sex-missing", "inform", "client:1/sex"),
        ("payers", {"name": ""}, "policy.insurer-missing", "warn", "policy:1/payer_id"),
        ("policies", {"payer_id": 9}, "policy.insurer-missing", "warn", "policy:1/payer_id"),
        ("policies", {"member_id": ""}, "policy.member-id-missing", "warn", "policy:1/member_id"),
        ("policies", {"insured_first_name": "", "insured_last_name": ""}, "policy.subscriber-missing", "warn",
         "policy:1/insured_last_name"),
        ("policies", {"insured_birth_date": None}, "policy.subscriber-birth-date-missing", "warn",
         "policy:1/insured_birth_date"),
        ("referrals", {"first_name": "", "last_name": "", "credentials": ""}, "referral.name-missing", "warn",
         "referral:1/last_name"),
        ("referrals", {"npi": ""}, "referral.npi-missing", "warn", "referral:1/npi"),
        ("referrals", {"npi": "123"}, "referral.npi-invalid", "warn", "referral:1/npi"),
        ("referrals", {"written": None}, "referral.written-missing", "warn", "referral:1/written"),
        ("referrals", {"visits_allowed": 0}, "referral.visits-missing", "inform", "referral:1/visits_allowed"),
        ("referrals", {"written": nov(3)}, "referral.outside-window", "warn", "referral:1/expires"),
        ("referrals", {"expires": nov(1)}, "referral.outside-window", "warn", "referral:1/expires"),
        ("cases", {"accident_date": None}, "case.accident-date-missing", "warn", "case:1/accident_date"),
        ("cases", {"accident_state": ""}, "case.accident-state-missing", "warn", "case:1/accident_state"),
        ("visits", {"referral_id": None}, "referral.missing", "inform", "client:1/"),
        ("visits", {"provider_id": 9}, "visit.provider-missing", "block", "visit:1/provider_id"),
        ("visits", {"date": None}, "visit.date-missing", "block", "visit:1/date"),
        ("visits", {"status": VisitStatus.NO_SHOW}, "visit.not-done", "block", "visit:1/status"),
        ("visits", {"lines": (), "paid": 0}, "visit.no-lines", "block", "visit:1/lines"),
        ("visits", {"paid": 15000}, "visit.overpaid", "warn", "visit:1/paid"),
        ("visits", {"paid": 12799}, "superbill.balance-due", "warn", "/"),
        ("visits", {"diagnoses": ("M54.2",)}, "line.pointer-unknown", "block", "visit:1/lines"),
        ("visits", {"diagnoses": ("M54.2", "M54.5")}, "diagnosis.not-billable", "warn", "/"),
        ("visits", {"diagnoses": ("M54.2", "neck")}, "diagnosis.invalid", "warn", "/"),
    ],
)  # fmt: skip
def test_what_an_insurer_would_send_back(
    record: str, fields: dict[str, Any], code: str, severity: str, where: str
) -> None:
    problems = superbill.problems(content(change(record, **fields)))
    (problem,) = [problem for problem in problems if problem.code == code]
    assert problem.severity == severity
    assert f"{problem.record}/{problem.field}" == where
    assert problem.message.endswith(".")
    superbill.draw(content(change(record, **fields)))  # the preview stands all the same


@pytest.mark.parametrize(
    ("fields", "code", "severity"),
    [
        ({"code": "9712"}, "line.code-invalid", "block"),
        ({"place": ""}, "line.place-missing", "warn"),
        ({"units": 0}, "line.units-missing", "warn"),
        ({"minutes": 0}, "line.minutes-missing", "warn"),
        ({"pointers": ""}, "line.diagnosis-missing", "warn"),
        ({"pointers": "C"}, "line.pointer-unknown", "block"),
        ({"charge": 0}, "line.charge-missing", "warn"),
        ({"code": "97750"}, "line.words-missing", "inform"),
    ],
)
def test_what_a_line_lacks(fields: dict[str, Any], code: str, severity: str) -> None:
    case = bundle(visit(1, nov(2), replace(line(1), **fields)))
    (problem,) = superbill.problems(content(case))
    assert (problem.code, problem.severity, problem.record, problem.field) == (code, severity, "visit:1", "lines")


def test_minutes_are_not_asked_where_they_are_not_shown_or_do_not_count() -> None:
    untimed = bundle(visit(1, nov(2), line(1, "97010", minutes=0, units=1, charge=1500)))
    assert found(untimed) == []
    assert found(bundle(visit(1, nov(2), line(1, minutes=0))), minutes=False) == []


def test_a_later_session_is_refused_and_todays_is_not() -> None:
    assert found(bundle(visit(1, TODAY, line(1)))) == []
    later = visit(1, TODAY + dt.timedelta(days=1), line(1))
    assert found(bundle(later)) == ["visit.after-superbill"]
    undated = replace(bundle(later), superbill=Superbill(client_id=1))
    assert found(undated) == ["visit.after-superbill"]  # `today` is its date


def test_no_sessions_at_all() -> None:
    nothing = replace(bundle(), visits=())
    assert found(nothing) == ["superbill.no-sessions"]
    assert "Total" in text_of(superbill.draw(content(nothing)))


def test_no_policy_and_what_the_payer_wants() -> None:
    assert found(bundle(policies=(), payers=())) == ["policy.missing"]
    strict = replace(CEDAR, referral_required=True, authorization_required=True)
    assert found(bundle(payers=(strict,))) == ["authorization.missing"]
    none = bundle(visit(1, nov(2), line(1), referral_id=None), payers=(strict,), referrals=())
    (problem,) = [p for p in superbill.problems(content(none)) if p.code == "referral.missing"]
    assert problem.severity is Severity.WARN


def test_thirteen_diagnoses_are_refused() -> None:
    codes = (*(f"M54.{n}" for n in range(10)), "M62.830", "M62.831", "M62.838")
    case = bundle(visit(1, nov(2), line(1, pointers="A"), diagnoses=codes))
    made = superbill.content(case, today=TODAY)  # without words for the codes none is doubted
    assert [problem.code for problem in superbill.problems(made)] == ["superbill.too-many-diagnoses"]
    assert made["diagnoses"][12]["letter"] == "?"


@pytest.mark.parametrize(
    ("case", "where", "said"),
    [
        (bundle(client=replace(INES, first_name="小明", last_name="王")), ("client:1", "last_name"), "小 明 王"),
        (bundle(client=replace(INES, street="27\u200bSample")), ("client:1", "street"), "cannot be seen"),
        (bundle(practice=replace(PRACTICE, name="川 Massage")), ("practice:1", "name"), "川"),
        (bundle(payers=(replace(CEDAR, name="שלום Trust"),)), ("payer:1", "name"), "ו ל ם ש"),
        (bundle(policies=(replace(POLICY, member_id="王1"),)), ("policy:1", "member_id"), "王"),
        (bundle(fees=(FeeSchedule(fees=(Fee(code="97124", label="按摩", amount=1),)),)), ("visit:1", "lines"), "按 摩"),
        (bundle(superbill=Superbill(id=4, number="王-1", issued=TODAY)), ("superbill:4", "number"), "王"),
    ],
)  # fmt: skip
def test_characters_without_a_glyph_are_named_and_never_drawn(
    case: SuperbillBundle, where: tuple[str, str], said: str
) -> None:
    made = content(case)
    (problem,) = superbill.problems(made)
    assert problem.code == "superbill.character"
    assert blocks([problem])
    assert (problem.record, problem.field) == where
    assert said in problem.message
    with pytest.raises(UserError) as refusal:
        superbill.draw(made)
    assert "王" not in str(refusal.value)


def test_the_subscribers_name_is_looked_at_too() -> None:
    policy = replace(POLICY, relationship=Relationship.SPOUSE, insured_last_name="王", insured_birth_date=nov(1))
    (problem,) = superbill.problems(content(bundle(policies=(policy,))))
    assert (problem.record, problem.field) == ("policy:1", "insured_last_name")


# the paper


def many(count: int, **fields: Any) -> SuperbillBundle:
    visits = []
    for index in range(count):
        day = dt.date(2026, 11, 20) - dt.timedelta(days=3 * index)
        pair = (
            line(2 * index + 1, "97140", minutes=30, units=2, charge=7200, modifiers=("GP", "59", "XS", "22")),
            line(2 * index + 2, minutes=30, units=2, charge=6400),
        )
        visits.append(visit(index + 1, day, *(pair if index % 3 == 1 else pair[:1])))
    return bundle(*visits, referrals=(replace(REFERRAL, written=dt.date(2020, 1, 1)),), **fields)


@pytest.mark.parametrize(
    ("count", "by_month"), [*((count, False) for count in (1, 2, 9, 10, 11, 12, 40, 60)), (10, True), (40, True)]
)
def test_pages_break_well(count: int, by_month: bool) -> None:
    made = content(many(count), by_month=by_month)
    pages = text_of(superbill.draw(made)).split("\n\f\n")
    whole = flat(" ".join(pages))
    dates = [date_text(dt.date.fromisoformat(row["date"])) for row in made["lines"]]
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Superbill No. S2026-0004" in flat(page)
        if number > 1:
            assert "Date POS Code Service" in flat(page)  # the head of the table again
    for row in made["lines"]:
        assert whole.count(f"{date_text(dt.date.fromisoformat(row['date']))} 11 {row['code']}") == 1
    assert "Total" in pages[-1]
    assert "Signature of the treating provider" in pages[-1]
    last = sum(f"{date} 11" in flat(pages[-1]) for date in dates)
    assert last >= min(count, 1 if len(pages) == 1 or count < 3 else 2)
    for date in set(dates):  # the lines of one session are on one page
        assert sum(f"{date} 11 97" in flat(page) for page in pages) == 1


@pytest.mark.parametrize("count", [1, 12, 60])
def test_nothing_is_drawn_outside_the_margins(count: int) -> None:
    long = replace(
        INES, first_name="Maximiliane-Alexandrina", middle_name="Nguyễn Thị Phương Ánh",
        last_name="Papadopoulou-Щербакова von Hohenstauffenberg", suffix="III",
        street="12345 Northwest Old Lighthouse Harbour Boulevard, Building C, Apartment 1204",
    )  # fmt: skip
    wide = replace(
        PRACTICE, name="The Quiet River Center for Massage, Myofascial Work and Rehabilitation of Lane County " * 2,
        email="a.very.long.address.for.the.front.desk@quietriverrehabilitation.example",
    )  # fmt: skip
    policy = replace(POLICY, member_id="W" * 60, plan_name="Pneumonoultramicroscopicsilicovolcanoconiosis Plan")
    pdf = superbill.draw(content(many(count, client=long, practice=wide, policies=(policy,))))
    for page in pypdfium2.PdfDocument(pdf):
        text = page.get_textpage()
        for index in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(index)
            assert left >= superbill_style.SIDE - 1
            assert right <= superbill_style.WIDTH - superbill_style.SIDE + 1
            assert bottom >= 30
            assert top <= superbill_style.HEIGHT - 40
    whole = "".join(text_of(pdf).split())
    assert "W" * 60 in whole
    assert "Pneumonoultramicroscopicsilicovolcanoconiosis" in whole
    assert "Papadopoulou-ЩербаковаvonHohenstauffenbergIII" in whole
    assert "a.very.long.address.for.the.front.desk@quietriverrehabilitation.example" in whole


def test_a_row_stands_on_one_line() -> None:
    page = pypdfium2.PdfDocument(superbill.draw(content(FULL)))[0].get_textpage()
    for words, beside in (("Manual therapy", "97140"), ("97140", "72.00"), ("Date of birth", "06/17/1994")):
        bottoms = []
        for text in (words, beside):
            first, _count = page.search(text).get_next()
            bottoms.append(page.get_charbox(first, loose=True)[1])
        assert abs(bottoms[0] - bottoms[1]) < 0.3


def test_columns_of_money_share_their_right_edge() -> None:
    pdf = superbill.draw(content(FULL))
    page = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    edges: dict[str, set[int]] = {}
    for words in ("128.00", "72.00", "64.00", "128.01", "96.00", "488.01", "442.01", "46.00", "none"):
        search = page.search(words)
        while hit := search.get_next():
            right = page.get_charbox(hit[0] + hit[1] - 1, loose=True)[2]
            edges.setdefault(words, set()).add(round(right))
    paid = round(superbill_style.WIDTH - superbill_style.SIDE - superbill_style.CELL)
    for words in ("442.01", "46.00", "none", "72.00", "64.00", "128.01", "128.00"):
        assert paid in edges[words]
    charge = edges["488.01"]
    for words in ("128.00", "72.00", "64.00", "128.01", "96.00"):
        assert charge <= edges[words]


def test_an_id_a_little_too_long_is_set_smaller_and_stays_whole() -> None:
    pdf = superbill.draw(content(bundle(policies=(replace(POLICY, member_id="XYZ123456789012345678"),))))
    assert "Member ID XYZ123456789012345678\n" in text_of(pdf)


def test_many_people_and_papers_still_fit() -> None:
    """More than a page of facts about persons breaks over pages instead of failing."""
    providers = tuple(replace(MIRA, id=n, last_name=f"Thornquist {n}") for n in range(1, 14))
    referrals = tuple(replace(REFERRAL, id=n, last_name=f"Plum {n}") for n in range(1, 14))
    visits = [visit(n, nov(n), line(n), provider_id=n, referral_id=n) for n in range(1, 14)]
    text = text_of(superbill.draw(content(bundle(*visits, providers=providers, referrals=referrals))))
    for n in range(1, 14):
        assert f"Mira Thornquist {n}, LMT" in text
        assert f"Henrietta Plum {n}, MD" in text


def test_a_session_of_many_lines_may_break() -> None:
    lines = [line(n, charge=100, units=1) for n in range(1, 61)]
    pages = text_of(superbill.draw(content(bundle(visit(1, nov(2), *lines))))).split("\f")
    assert len(pages) > 1
    assert sum(page.count("11/02/2026 11 97124") for page in map(flat, pages)) == 60


def test_a_reprint_is_the_same_to_the_byte() -> None:
    made = content(FULL)
    first = superbill.draw(made)
    superbill.draw(content(bundle(client=replace(INES, last_name="Щербакова"))))
    frozen = json.loads(json.dumps(made, sort_keys=True))
    assert superbill.draw(frozen) == first
    assert frozen == made
    assert superbill.problems(frozen) == superbill.problems(made)


def test_a_reprint_of_another_day_and_process_is_the_same_to_the_byte(tmp_path: Path) -> None:
    """Also beside modules that set reportlab's switches, which the other process has not loaded."""
    importlib.import_module("app.forms.pdf")
    made = content(FULL)
    (tmp_path / "content.json").write_text(json.dumps(made), encoding="utf-8")
    code = (
        "import json, sys; from app.forms import superbill; assert 'app.forms.pdf' not in sys.modules;"
        "sys.stdout.buffer.write(superbill.draw(json.load(open(sys.argv[1], encoding='utf-8'))))"
    )
    root = Path(__file__).resolve().parents[2]
    other = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "content.json")],
        cwd=root, check=True, capture_output=True, env={**os.environ, "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert other.stdout == superbill.draw(made)


def test_two_at_once_do_not_mix() -> None:
    jobs = [content(bundle(client=replace(INES, last_name=name))) for name in ("Щербакова", "Παπαδοπούλου", "Đặng")] * 3
    alone = [superbill.draw(job) for job in jobs]
    together: list[bytes] = [b""] * len(jobs)

    def work(index: int) -> None:
        together[index] = superbill.draw(jobs[index])

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_the_file_is_sound_and_its_properties_name_nobody(tmp_path: Path) -> None:
    pdf = superbill.draw(content(many(40)))
    path = tmp_path / "superbill.pdf"
    path.write_bytes(pdf)
    subprocess.run(["qpdf", "--check", str(path)], check=True, capture_output=True)
    reader = pypdf.PdfReader(path)
    assert reader.metadata is not None
    assert reader.metadata.title == "Superbill S2026-0004"
    properties = " ".join(str(value) for value in reader.metadata.values())
    assert not any(name in properties for name in ("Câmara", "Inês", "Thornquist", "Quiet River"))
    assert reader.trailer["/Root"]["/Lang"] == "en"
    fonts = {name for page in reader.pages for name in _fonts(page)}
    assert fonts
    assert all("Inter" in name for name in fonts)


def _fonts(page: pypdf.PageObject) -> list[str]:
    return [str(font.get_object()["/BaseFont"]) for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]


def test_a_draft_says_so() -> None:
    text = flat(text_of(superbill.draw(content(bundle(superbill=Superbill(client_id=1))))))
    assert "Draft, not issued" in text
    assert "Issued" not in text
    assert "No." not in text
    numbered = flat(
        text_of(superbill.draw(content(bundle(superbill=Superbill(number="S-7", version=2, issued=TODAY)))))
    )
    assert "Version 2" in numbered


def test_money_and_dates_print_as_everywhere() -> None:
    made = content(bundle(visit(1, nov(2), line(1, charge=123456789))))
    text = text_of(superbill.draw(made))
    assert money_text(123456789) == "1,234,567.89"
    assert text.count("1,234,567.89") == 5  # line and total, charge and paid; the payment


def test_closing_rows_keep_company() -> None:
    keep = superbill_services._with_closing
    assert keep([(1, 1)], 2) == [(1, 3)]
    assert keep([(1, 1), (2, 2), (3, 3)], 4) == [(1, 1), (2, 5)]
    assert keep([(1, 1), (2, 2), (3, 3), (4, 4)], 5) == [(1, 1), (2, 6)]
    assert keep([(1, 2), (3, 5)], 6) == [(1, 2), (3, 7)]
    assert keep([], 2) == [(2, 3)]
    assert keep([(1, 1)], 30) == [(1, 1), (30, 31)]  # a session of many lines lies between
