"""What each item holds, by the payer's habits and the case, and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from app.billing import names
from app.billing.records import (
    Case,
    CaseKind,
    ClaimBundle,
    Client,
    FacilityBox,
    GroupBox,
    InsuredWhenSelf,
    ManyLines,
    PaidBox,
    Payer,
    Policy,
    Practice,
    Program,
    Provider,
    Relationship,
    RenderingNpi,
    SignatureBox,
    SignedDate,
)
from app.forms import cms1500
from tests.claim_sample import (
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
    with_visits,
)


def page(bundle: ClaimBundle) -> cms1500.Page:
    (only,) = cms1500.pages(bundle, today=TODAY)
    return only.values


def test_a_commercial_claim_with_a_referral() -> None:
    address = {
        "street": "12 Larch Lane", "city": "Tacoma", "state": "WA", "zip": "98406", "area": "253", "phone": "5550107",
    }  # fmt: skip
    clinic = ["Quiet River Massage", "410 Alder Street", "Tacoma WA 98402-1234"]
    values = page(BUNDLE)
    lines = values.pop("24")
    assert values == {
        "carrier": ["Bluebird Health Plan", "PO Box 4410", "Spokane WA 99210"],
        "1": "group",
        "1a": "BBH-4471902",
        "2": "Applewhite, Juniper, R",
        "3": {"dob": "1984-02-29", "sex": "F"},
        "4": "Applewhite, Juniper, R",
        "5": address,
        "6": "self",
        "7": address,
        "10a": False,
        "10b": {"yes": False},
        "10c": False,
        "11": "70-2210",
        "11a": {"dob": "1984-02-29", "sex": "F"},
        "11c": "Bluebird Choice",
        "11d": False,
        "12": {"signed": "SIGNATURE ON FILE"},
        "13": "SIGNATURE ON FILE",
        "17": {"qualifier": "DN", "name": "Henrietta Plum MD"},
        "17b": "1345678902",
        "20": {"yes": False},
        "21": {"indicator": "0", "codes": ["M54.2", "M62.838"]},
        "25": {"id": "12-3456789", "kind": "EIN"},
        "26": "20260151",
        "27": True,
        "28": "396.00",
        "29": "75.00",
        "31": {"signed": "SIGNATURE ON FILE", "date": "2026-11-21"},
        "32": clinic,
        "32a": "1234567893",
        "33": {"area": "253", "phone": "5550142", "lines": clinic},
        "33a": "1234567893",
    }
    assert len(lines) == 6
    assert lines[5] == {
        "from": "2026-11-17", "to": "2026-11-17", "place": "11", "code": "97112", "modifiers": ["GP"],
        "pointer": "B", "charge": "44.00", "units": "1", "npi": "1987654328",
    }  # fmt: skip


def test_an_empty_clinic_gives_a_form_without_a_guess() -> None:
    bundle = ClaimBundle(
        claim=replace(BUNDLE.claim, number="", line_ids=()), practice=Practice(), provider=Provider(), client=Client(),
        payer=Payer(), policy=Policy(), visits=(),
    )  # fmt: skip
    assert page(bundle) == {
        "1": "other", "6": "self", "10a": False, "10b": {"yes": False}, "10c": False, "11d": False,
        "20": {"yes": False}, "27": True, "28": "0.00", "31": {"signed": "SIGNATURE ON FILE", "date": "2026-11-21"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param(
            {"payer": {"insured_when_self": InsuredWhenSelf.BLANK}}, {"4": None, "7": None, "11a": None}, id="blank"
        ),
        pytest.param(
            {"client": {"suffix": "Jr", "middle_name": ""}}, {"2": "Applewhite Jr, Juniper"}, id="suffix before first"
        ),
        pytest.param(
            {"payer": {"street2": "Attn Claims"}},
            {"carrier": ["Bluebird Health Plan", "PO Box 4410", "Attn Claims", "Spokane WA 99210"]},
            id="four lines",
        ),
        pytest.param({"client": {"phone": "555-01"}}, {"5.phone": "55501", "5.area": None}, id="phone left whole"),
        pytest.param({"client": {"sex": ""}}, {"3": {"dob": "1984-02-29"}}, id="sex unknown"),
        pytest.param({"client": {"release_signed": None}}, {"12": None}, id="no release"),
        pytest.param({"client": {"assignment_signed": None}}, {"13": None}, id="no assignment"),
        pytest.param({"client": {"release_expires": dt.date(2026, 9, 1)}}, {"12": None}, id="release expired"),
        pytest.param({"client": {"assignment_expires": dt.date(2026, 9, 1)}}, {"13": None}, id="assignment expired"),
        pytest.param(
            {"client": {"release_expires": dt.date(2036, 9, 1)}}, {"12": {"signed": "SIGNATURE ON FILE"}},
            id="release in force",
        ),
        pytest.param({"payer": {"group_box": GroupBox.BLANK}}, {"11": None}, id="no group number"),
        pytest.param({"payer": {"group_box": GroupBox.NONE}}, {"11": "NONE"}, id="the word NONE"),
        pytest.param({"policy": {"plan_name": ""}}, {"11c": "Bluebird Health Plan"}, id="payer for plan"),
        pytest.param({"payer": {"accepts_assignment": False}}, {"27": False}, id="no assignment accepted"),
        pytest.param({"authorization": {}}, {"23": "A7719"}, id="authorization"),
        pytest.param(
            {"claim": {"resubmission_code": "7", "original_reference": "88-1"}},
            {"22": {"code": "7", "reference": "88-1"}},
            id="corrected claim",
        ),
        pytest.param(
            {"referral": {"other_id_qualifier": "0B", "other_id": "MD1"}},
            {"17a": {"qualifier": "0B", "id": "MD1"}},
            id="other id of the referrer",
        ),
        pytest.param({"payer": {"rendering_npi": RenderingNpi.WHEN_DIFFERENT}}, {"24.npi": "1987654328"}, id="differs"),
        pytest.param(
            {"payer": {"rendering_npi": RenderingNpi.WHEN_DIFFERENT}, "provider": {"npi": "1234567893"}},
            {"24.npi": None},
            id="rendering is billing",
        ),
        pytest.param({"payer": {"paid_box": PaidBox.BLANK}}, {"29": None}, id="29 blank"),
        pytest.param(
            {"payer": {"signature_box": SignatureBox.NAME, "signed_date": SignedDate.LAST_SERVICE}},
            {"31": {"signed": "Mira Thornquist LMT", "date": "2026-11-17"}},
            id="name and last service",
        ),
        pytest.param(
            {"payer": {"signature_box": SignatureBox.LICENSE, "signed_date": SignedDate.NONE}},
            {"31": {"signed": "MA60123456"}},
            id="license",
        ),
        pytest.param({"claim": {"issued": dt.date(2026, 11, 20)}}, {"31.date": "2026-11-20"}, id="issued"),
        pytest.param({"payer": {"facility_box": FacilityBox.NEVER}}, {"32": None, "32a": None}, id="32 never"),
        pytest.param({"payer": {"facility_box": FacilityBox.WHEN_DIFFERENT}}, {"32": None, "32a": None}, id="32 same"),
        pytest.param(
            {
                "payer": {"facility_box": FacilityBox.WHEN_DIFFERENT},
                "practice": {
                    "service_street": "7 Mill Way", "service_city": "Fife", "service_state": "WA",
                    "service_zip_code": "984240001", "service_npi": "1000000004",
                },
            },
            {"32": ["Quiet River Massage", "7 Mill Way", "Fife WA 98424-0001"], "32a": "1000000004"},
            id="32 elsewhere",
        ),
        pytest.param({"payer": {"taxonomy_in_33b": True}}, {"33b": "ZZ225700000X"}, id="33b"),
        pytest.param(
            {"payer": {"taxonomy_in_33b": True}, "practice": {"taxonomy": ""}}, {"33b": None}, id="33b not known"
        ),
    ],
)  # fmt: skip
def test_habits(parts: dict[str, dict[str, Any]], expected: dict[str, Any]) -> None:
    _holds(page(changed(**parts)), expected)


CASES: list[tuple[str, Case, dict[str, Any], dict[str, Any]]] = [
    ("an auto accident", AUTO, {}, {
        "10a": False, "10b": {"yes": True, "state": "WA"}, "10c": False,
        "11b": {"qualifier": "Y4", "id": "CLM-00123"},
        "14": {"date": "2026-09-05", "qualifier": "431"}, "15": {"date": "2026-09-05", "qualifier": "439"},
    }),
    ("an auto accident that is hardly known", Case(kind=CaseKind.AUTO), {}, {
        "10b": {"yes": True}, "11b": None, "14": None, "15": None,
    }),
    ("dates that the case gives go first", replace(
        AUTO, onset=dt.date(2026, 9, 7), onset_qualifier="431",
        other_date=dt.date(2026, 9, 14), other_date_qualifier="454",
    ), {}, {"14": {"date": "2026-09-07", "qualifier": "431"}, "15": {"date": "2026-09-14", "qualifier": "454"}}),
    ("a date without its qualifier is not given one", replace(
        AUTO, onset=dt.date(2026, 9, 7), other_date=dt.date(2026, 9, 8),
    ), {}, {"14": {"date": "2026-09-07"}, "15": {"date": "2026-09-08"}}),
    ("an injury at work", WORK, {}, {
        "10a": True, "10b": {"yes": False}, "4": "Stillwater Mill", "6": "other", "7": None, "11a": None,
        "11b": {"qualifier": "Y4", "id": "ZA55120"}, "14": {"date": "2026-09-05", "qualifier": "431"}, "15": None,
    }),
    ("an injury at work of unknown employer", replace(WORK, employer=""), {}, {
        "4": "Applewhite, Juniper, R", "6": "self",
    }),
    ("federal workers' compensation", WORK, {"program": Program.FECA}, {"1": "feca", "11": "ZA55120", "11b": None}),
    ("another accident", replace(AUTO, kind=CaseKind.OTHER), {}, {
        "10b": {"yes": False}, "10c": True, "15": {"date": "2026-09-05", "qualifier": "439"},
    }),
    ("off work and in hospital", replace(
        AUTO, unable_from=dt.date(2026, 9, 6), unable_to=dt.date(2026, 9, 20), hospital_from=dt.date(2026, 9, 5),
    ), {}, {"16": {"from": "2026-09-06", "to": "2026-09-20"}, "18": {"from": "2026-09-05"}}),
]  # fmt: skip


@pytest.mark.parametrize(("case", "payer", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_cases(case: Case, payer: dict[str, Any], expected: dict[str, Any]) -> None:
    _holds(page(replace(changed(payer=payer), case=case)), expected)


def test_an_insured_spouse() -> None:
    policy = replace(SECONDARY, insured_phone="2535550108", insured_sex="")
    values = page(replace(BUNDLE, policy=policy))
    assert (values["4"], values["6"]) == ("Applewhite, Rowan, T", "spouse")
    assert values["7"] == {
        "street": "12 Larch Lane", "city": "Tacoma", "state": "WA", "zip": "98406", "area": "253", "phone": "5550108",
    }  # fmt: skip
    assert values["11a"] == {"dob": "1983-05-06"}


@pytest.mark.parametrize(
    ("secondary", "payer", "expected"),
    [
        (SECONDARY, None, {"9": "Applewhite, Rowan, T", "9a": "HER-221", "9d": "Heron Extra", "11d": True}),
        (
            replace(SECONDARY, relationship=Relationship.SELF, member_id="", plan_name=""),
            SECONDARY_PAYER,
            {"9": "Applewhite, Juniper, R", "9a": "G9", "9d": "Heron Mutual"},
        ),
        (replace(SECONDARY, plan_name="", member_id="", group_number=""), None, {"9a": None, "9d": None, "11d": True}),
        (None, None, {"9": None, "9a": None, "9d": None, "11d": False}),
    ],
)
def test_another_plan(secondary: Policy | None, payer: Payer | None, expected: dict[str, Any]) -> None:
    _holds(page(replace(BUNDLE, secondary=secondary, secondary_payer=payer)), expected)


def test_a_session_at_home_names_the_home_and_no_npi() -> None:
    _holds(page(with_line(place="12")), {"32": ["PATIENT HOME", "12 Larch Lane", "Tacoma WA 98406"], "32a": None})


@pytest.mark.parametrize(
    ("code", "note", "shaded"),
    [
        ("97139", "Cupping of the upper back", "ZZCupping of the upper back"),
        ("97139", "ZZCupping", "ZZCupping"),
        ("97140", "Neck and shoulders ", "  Neck and shoulders"),
        ("97140", "", None),
    ],
)
def test_words_of_a_line(code: str, note: str, shaded: str | None) -> None:
    _holds(page(with_line(code=code, note=note)), {"24.shaded": shaded})


@pytest.mark.parametrize(("box", "paid"), [(PaidBox.AMOUNT, None), (PaidBox.ZERO, "0.00"), (PaidBox.BLANK, None)])
def test_nothing_paid(box: PaidBox, paid: str | None) -> None:
    bundle = with_visits(visit(20, dt.date(2026, 11, 3), line(100), paid=0), payer={"paid_box": box})
    assert page(bundle).get("29") == paid


def seven_lines(many_lines: ManyLines) -> list[cms1500.ClaimPage]:
    sessions = [visit(20 + i, dt.date(2026, 10, 1 + i), line(100 + i, charge=9000), paid=1000) for i in range(7)]
    return cms1500.pages(with_visits(*sessions, payer={"many_lines": many_lines}), today=TODAY)


def test_seven_lines_as_forms_of_their_own() -> None:
    first, second = (page.values for page in seven_lines(ManyLines.SEPARATE_TOTALS))
    assert (first["28"], first["29"], second["28"], second["29"]) == ("540.00", "60.00", "90.00", "10.00")
    assert "page" not in first and len(first["24"]) == 6 and len(second["24"]) == 1
    assert first["21"] == second["21"] and first["26"] == second["26"]


def test_seven_lines_continued() -> None:
    first, second = (page.values for page in seven_lines(ManyLines.CONTINUED))
    assert (first["28"], first.get("29"), first["page"]) == ("CONTINUED", None, "Page 1 of 2")
    assert (second["28"], second["29"], second["page"]) == ("630.00", "70.00", "Page 2 of 2")


def test_every_value_has_its_reason() -> None:
    bundle = replace(BUNDLE, secondary=SECONDARY, secondary_payer=SECONDARY_PAYER, case=AUTO)
    (only,) = cms1500.pages(bundle, today=TODAY)
    assert set(only.values) - {"24"} <= only.reasons.keys()
    assert all(reason.rule and reason.source and reason.record for reason in only.reasons.values())
    assert only.reasons["1a"] == cms1500.Reason(
        "policy:5", "member_id", "The insured's number as on the card of this payer.", "NUCC 02/12, item 1a"
    )
    assert (only.reasons["9a"].record, only.reasons["15"].record) == ("policy:10", "case:8")
    assert (only.reasons["21"].record, only.reasons["29"].record) == ("visit:20", "visit:20")
    assert [only.reasons[f"24.{n}"].record for n in range(1, 7)] == [f"visit:{20 + n // 2}" for n in range(6)]
    assert "24.7" not in only.reasons


def test_a_reason_is_found_by_the_key_of_a_box() -> None:
    (only,) = cms1500.pages(BUNDLE, today=TODAY)
    assert only.reason("3.dob.mm") is only.reasons["3"]
    assert only.reason("24.2.pointer") is only.reasons["24.2.pointer"]
    assert only.reason("24.2.from.mm") is only.reasons["24.2.from"]
    assert only.reason("24.2.emg") is only.reasons["24.2"]
    assert only.reason("19") is None


def test_reasons_of_continued_pages_and_of_a_missing_npi() -> None:
    first, second = seven_lines(ManyLines.CONTINUED)
    assert first.reasons["28"].field == "many_lines" and second.reasons["28"].field == "line_ids"
    (only,) = cms1500.pages(changed(provider={"npi": ""}), today=TODAY)
    assert only.reasons["24.1.npi"].rule.startswith("Blank")


def test_frozen_pages_are_the_same_text_and_come_back() -> None:
    made = cms1500.pages(changed(client={"first_name": "Zoë"}), today=TODAY)
    text = cms1500.to_json(made)
    frozen = cms1500.from_json(text)
    assert frozen == [only.values for only in made]
    assert cms1500.to_json(frozen) == text == cms1500.to_json([dict(reversed(frozen[0].items()))])
    assert "Zoë" in text


def test_a_line_without_its_session_is_refused() -> None:
    with pytest.raises(ValueError, match="in none of its visits"):
        cms1500.pages(changed(claim={"line_ids": (100, 999)}), today=TODAY)


def test_the_account_number_has_no_separators() -> None:
    assert names.account_number("A-2026/0151 b") == "A20260151b"


def _holds(values: cms1500.Page, expected: dict[str, Any]) -> None:
    """`24.npi` is a part of the first line, `5.phone` a part of an item; None means blank."""
    for key, value in expected.items():
        found: Any = values
        for part in key.split("."):
            found = found.get(part)
            if isinstance(found, list) and part == "24":
                found = found[0]
        assert found == value, key
