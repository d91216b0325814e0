"""The clinic as JSON: out and in again is the same; anything wrong is named by its place and nothing is kept."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.billing import claims as rules
from app.billing.benefits import Answer, Verification
from app.billing.records import KeptFilter, Paper, PaperKind, PayerAddress, Purpose, TypedForm
from app.errors import ClinicError, InputError
from app.store import claims, clients, convert, overrides, papers, payers, portable, superbills, visits
from app.store.clinic import ClinicFile
from tests.store.conftest import PASSWORD, TODAY


def fill_paper(clinic: ClinicFile) -> None:
    """Claims in every state, with what was changed by hand, and a superbill with a correction."""
    with clinic.write("Build") as s:
        policies = [policy for line in clients.find(s) for policy in clients.policies(s, line.id)]
        built = claims.build(s, rules.plan(visits.unbilled(s), policies, payers.payers(s)), today=TODAY)
    with clinic.write("Issue", undoable=False) as s:
        ids = [claim.id or 0 for claim in built]
        blue = payers.payers(s)[0]
        other = PayerAddress(purpose=Purpose.APPEALS, street="PO Box 9", city="Portland", state="OR", zip_code="97208")
        payers.save_payer(s, replace(blue, addresses=(other,), paid_pairs=("97140+97124",), unit_rule=None))
        policy = clients.policies(s, built[0].client_id)[0]
        asked = Verification(client_id=policy.client_id, policy_id=policy.id or 0, called_on=TODAY, deductible=50000)
        clients.save_verification(s, replace(asked, covers_massage=Answer.YES, conditions=("M54",)))
        overrides.override_for_payer(s, blue.id or 0, "19", '"ZZ225700000X"', "They ask for it", today=TODAY)
        overrides.override(s, ids[0], "24.1.emg", '"N"', "As told on the phone", today=TODAY)
        overrides.waive(
            s, ids[1], "referral.npi-missing", "None was given", today=TODAY, item="17b", record="referral:1"
        )
        for claim_id in ids[:3]:
            claims.issue(s, claim_id, pages='{"pages": []}', layout="cms1500-0212", today=TODAY)
        claims.replace(s, ids[0], code="7", reference="ICN 1", today=TODAY)
        claims.void(s, ids[3], on=TODAY)
        client_id = clients.find(s, "tran")[0].id
        sessions = [visit.id or 0 for visit in visits.visits_of(s, client_id)]
        first = superbills.make(s, client_id, sessions[:2], today=TODAY)
        superbills.freeze(s, first.id or 0, '{"a": 1}')
        scan = Paper(client_id=client_id, name="Referral", kind=PaperKind.REFERRAL, added=TODAY)
        papers.add(s, scan, b"%PDF-1.7 an order")
        papers.add(s, replace(scan, name="The same again"), b"%PDF-1.7 an order")
        convert.keep(s, TypedForm(name="By hand", made=TODAY, layout="cms1500-0212"))
        convert.keep(s, KeptFilter(page="claims", name="Blue", content='{"payer": 1}'))
        second = superbills.make(s, client_id, sessions, today=TODAY, replaces_id=first.id)
        superbills.freeze(s, second.id or 0, '{"a": 2}')


@pytest.fixture
def exported(demo_clinic: ClinicFile) -> dict[str, Any]:
    """The demo clinic with claims and superbills, as plain data."""
    fill_paper(demo_clinic)
    with demo_clinic.read() as s:
        return portable.export_clinic(s)


def _state(clinic: ClinicFile) -> dict[str, Any]:
    with clinic.read() as s:
        return portable.export_clinic(s)


def test_out_and_in_again_is_the_same(exported: dict[str, Any], clinic: ClinicFile) -> None:
    assert all(exported[name] for name in portable._KINDS)
    portable.import_clinic(clinic, portable.parse(json.dumps(exported)))
    assert _state(clinic) == exported
    with clinic.read() as s:
        assert [line.last_name for line in clients.find(s, "bbh33")] == ["Trần"]
        assert visits.unbilled(s), "the void claim's lines are free again"
    with pytest.raises(ClinicError, match="Void that claim"), clinic.write("Try") as s:
        live = next(claim for claim in _state(clinic)["claims"] if claim["status"] == "printed")
        line_id = live["line_ids"][0]
        visit = next(v for v in _state(clinic)["visits"] if any(line["id"] == line_id for line in v["lines"]))
        visits.remove_visit(s, visit["id"])


def test_what_stands_on_an_issued_claim_stays_after_the_import(exported: dict[str, Any], clinic: ClinicFile) -> None:
    portable.import_clinic(clinic, exported)
    (waived,) = exported["waivers"]
    assert next(claim for claim in exported["claims"] if claim["id"] == waived["claim_id"])["issued"]
    with pytest.raises(IntegrityError), clinic.write("Try") as s:
        s.execute(text("UPDATE waiver SET reason = 'another'"))


def test_version_1_is_read(exported: dict[str, Any], clinic: ClinicFile) -> None:
    new = ("verifications", "overrides", "waivers")
    older = {name: kept for name, kept in exported.items() if name not in new} | {"version": 1}
    given: dict[str, dict[str, Any]] = {
        "payers": {
            "appeal_days": 0, "progress_visits": 0, "progress_months": 0, "paid_pairs": [], "paid_pairs_reason": "",
            "preferred_code": "", "addresses": [],
        },
        "cases": {"last_report": None},
        "referrals": {"used_elsewhere": 0},
        "authorizations": {"used_elsewhere": 0},
    }  # fmt: skip
    newer = copy.deepcopy(exported) | {name: [] for name in new}
    for name, keys in given.items():
        older[name] = [{key: value for key, value in record.items() if key not in keys} for record in older[name]]
        newer[name] = [record | keys for record in newer[name]]
    for record, group in zip(older["payers"], (True, False, True, True), strict=True):
        del record["group_box"]
        record["group_in_11"] = group
    newer["payers"][1]["group_box"] = "blank"
    portable.import_clinic(clinic, older)
    assert _state(clinic) == newer


def test_only_into_a_new_clinic(exported: dict[str, Any], demo_clinic: ClinicFile) -> None:
    with pytest.raises(ClinicError, match="already has records"):
        portable.import_clinic(demo_clinic, exported)
    assert _state(demo_clinic) == exported


def test_what_is_left_out_has_its_default(clinic: ClinicFile) -> None:
    portable.import_clinic(
        clinic,
        {
            "format": "superbill-desk-clinic",
            "version": 1,
            "practice": {"name": "Quiet River", "next_claim": 17},
            "clients": [{"id": 5, "number": "A1", "last_name": "Quill", "birth_date": "1991-02-03"}],
        },
    )
    state = _state(clinic)
    assert (state["practice"]["name"], state["practice"]["next_claim"]) == ("Quiet River", 17)
    assert [(client["id"], client["sex"], client["birth_date"]) for client in state["clients"]] == [
        (5, "", "1991-02-03")
    ]


Change = Callable[[dict[str, Any]], object]

FAULTS: list[tuple[Change, str]] = [
    (lambda d: d.update(format="other"), "not an exported clinic"),
    (lambda d: d.pop("format"), "not an exported clinic"),
    (lambda d: d.update(version=4), "newer version"),
    (lambda d: d["papers"][0].update(sha256="ab" * 32), "papers\\[0\\].sha256 refers to nothing"),
    (lambda d: d["papers"][1].update(size=4), "scans\\[0\\] is not what its paper says"),
    (lambda d: d["papers"].clear(), "scans\\[0\\] is not what its paper says"),
    (lambda d: d["scans"].update({next(iter(d["scans"])): "JVBERi0="}), "scans\\[0\\] is not what its digest says"),
    (lambda d: d["scans"].update({next(iter(d["scans"])): "R0lG"}), "scans\\[0\\] has to be a PDF"),
    (lambda d: d["scans"].update({next(iter(d["scans"])): "no base64"}), "scans\\[0\\] has to be a PDF"),
    (lambda d: d.update(scans=[]), "scans has to be an object"),
    (lambda d: d.update(version="1"), "version has to be a number from 1"),
    (lambda d: d.update(version=True), "version has to be a number from 1"),
    (lambda d: d.update(version=0), "version has to be a number from 1"),
    (lambda d: d.update(version=1, payers={}), "payers has to be a list"),
    (lambda d: d.update(version=1, payers=[3]), r"payers\[0\] has to be an object"),
    (lambda d: d.update(version=1, payers=[{"group_in_11": 1}]), r"payers\[0\].group_in_11 has to be true or false"),
    (lambda d: d["payers"][0].update(group_in_11=True), r"payers\[0\] has a key that is not known"),
    (lambda d: d["payers"][0]["addresses"][0].update(purpose="gifts"), r"addresses\[0\].purpose is not one of"),
    (
        lambda d: d["overrides"][0].update(claim_id=1, payer_id=1),
        r"overrides\[0\] has to be for a claim or for a payer",
    ),
    (lambda d: d["overrides"][0].update(claim_id=None, payer_id=None), r"overrides\[0\] has to be for a claim"),
    (lambda d: d["overrides"][1].update(claim_id=99), r"overrides\[1\].claim_id refers to nothing"),
    (lambda d: d["overrides"][1].update(value="NaN"), r"overrides\[1\].value has to be JSON"),
    (lambda d: d["overrides"][1].update(value="[" * 100_000), r"overrides\[1\].value has to be JSON"),
    (lambda d: d["overrides"][1].update(reason=" "), r"overrides\[1\].reason has to be given"),
    (lambda d: d["verifications"][0].update(policy_id=2), r"verifications\[0\].policy_id belongs to another client"),
    (lambda d: d["verifications"][0].update(network="both"), r"verifications\[0\].network is not one of"),
    (lambda d: d["waivers"][0].update(reason=""), r"waivers\[0\].reason has to be given"),
    (lambda d: d["waivers"][0].pop("claim_id"), r"waivers\[0\].claim_id refers to nothing"),
    (lambda d: d.pop("practice"), "practice is missing"),
    (lambda d: d.update(practice=[]), "practice has to be an object"),
    (lambda d: d["practice"].update(id=2), "practice.id has to be 1"),
    (lambda d: d.update(surprise=[]), "the file has a key that is not known"),
    (lambda d: d.update(clients={}), "clients has to be a list"),
    (lambda d: d["clients"].append(3), r"clients\[7\] has to be an object"),
    (lambda d: d["clients"][1].update(nickname="x"), r"clients\[1\] has a key that is not known"),
    (lambda d: d["clients"][1].update(last_name=None), r"clients\[1\].last_name has to be text"),
    (lambda d: d["clients"][1].update(last_name="a\0b"), r"clients\[1\].last_name has to be text"),
    (lambda d: d["clients"][1].update(last_name="\ud800"), r"clients\[1\].last_name has to be text"),
    (lambda d: d["clients"][1].update(archived=0), r"clients\[1\].archived has to be true or false"),
    (lambda d: d["clients"][1].update(sex="x"), r"clients\[1\].sex is not one of the known values"),
    (lambda d: d["clients"][1].update(birth_date="1991-02-30"), r"clients\[1\].birth_date has to be a date"),
    (lambda d: d["clients"][1].update(birth_date="19910203"), r"clients\[1\].birth_date has to be a date"),
    (lambda d: d["clients"][1].update(birth_date=19910203), r"clients\[1\].birth_date has to be text"),
    (lambda d: d["clients"][1].update(id=1), r"clients\[1\].id is used twice"),
    (lambda d: d["clients"][1].update(id=0), r"clients\[1\].id has to be a number from 1"),
    (lambda d: d["clients"][1].pop("id"), r"clients\[1\].id has to be a number from 1"),
    (lambda d: d["clients"][1].update(id=1.0), r"clients\[1\].id has to be a whole number"),
    (lambda d: d["clients"][1].update(id=2**63), r"clients\[1\].id has to be a whole number"),
    (lambda d: d["clients"][1].update(number="0001"), r"clients\[1\].number is used twice"),
    (lambda d: d["clients"][1].update(number=""), r"clients\[1\].number has to be given"),
    (lambda d: d["policies"][0].update(client_id=99), r"policies\[0\].client_id refers to nothing"),
    (lambda d: d["policies"][0].pop("client_id"), r"policies\[0\].client_id refers to nothing"),
    (lambda d: d["visits"][0].update(policy_id=99), r"visits\[0\].policy_id refers to nothing"),
    (lambda d: d["visits"][0].update(policy_id=2), r"visits\[0\].policy_id belongs to another client"),
    (lambda d: d["visits"][0].update(diagnoses="M54.2"), r"visits\[0\].diagnoses has to be a list"),
    (lambda d: d["visits"][0].update(diagnoses=[1]), r"visits\[0\].diagnoses\[0\] has to be text"),
    (lambda d: d["visits"][0].update(paid=25.5), r"visits\[0\].paid has to be a whole number"),
    (lambda d: d["visits"][0].update(paid=True), r"visits\[0\].paid has to be a whole number"),
    (lambda d: d["visits"][0]["lines"][1].update(id=1), r"visits\[0\].lines\[1\].id is used twice"),
    (lambda d: d["visits"][0]["lines"][1].update(cost=1), r"visits\[0\].lines\[1\] has a key that is not known"),
    (lambda d: d["fee_schedules"][0]["fees"][0].update(amount="1"), r"fees\[0\].amount has to be a whole number"),
    (lambda d: d["claims"][1]["line_ids"].append(999), r"claims\[1\].line_ids refers to nothing"),
    (lambda d: d["claims"][1].update(line_ids=d["claims"][2]["line_ids"]), r"claims\[1\].line_ids belongs to another"),
    (lambda d: d["claims"][1].update(client_id=1), r"claims\[1\].policy_id belongs to another client"),
    (lambda d: d["claims"][1].update(replaces_id=77), r"claims\[1\].replaces_id refers to nothing"),
    (lambda d: d["claims"][1].update(issued=None), r"claims\[1\] is issued with its date, pages"),
    (lambda d: d["claims"][1].update(status="draft"), r"claims\[1\] is issued with its date, pages"),
    (
        lambda d: d["claims"][0].update(status="printed"),
        r"claims\[0\].line_ids has a line that is on live claims twice",
    ),
    (lambda d: d["claims"][1]["line_ids"].append(d["claims"][1]["line_ids"][0]), "on live claims twice"),
    (lambda d: d["superbills"][1].update(version=1), r"superbills\[1\].number is used twice"),
    (lambda d: d["superbills"][1].update(visit_ids=[1]), r"superbills\[1\].visit_ids belongs to another client"),
    (lambda d: d["superbills"][1].update(replaces_id=True), r"superbills\[1\].replaces_id has to be a whole number"),
]


@pytest.mark.parametrize(("change", "sentence"), FAULTS)
def test_a_fault_is_named_and_nothing_is_kept(
    _faulty: dict[str, Any], clinic: ClinicFile, change: Change, sentence: str
) -> None:
    before = _state(clinic)
    data = copy.deepcopy(_faulty)
    change(data)
    with pytest.raises(InputError, match=sentence) as caught:
        portable.import_clinic(clinic, data)
    assert _state(clinic) == before
    for name in ("Quill", "Applewhite", "Bluebird"):
        assert name not in str(caught.value)


@pytest.fixture(scope="session")
def _faulty(tmp_path_factory: pytest.TempPathFactory, _demo: Path) -> dict[str, Any]:
    from tests.store import conftest

    path = conftest.copy(_demo, tmp_path_factory.mktemp("faulty"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.store.keys.STANDARD", conftest.CHEAP)
        with ClinicFile.open(path, password=PASSWORD) as clinic:
            fill_paper(clinic)
            return _state(clinic)


@pytest.mark.parametrize("data", [None, [], "x", 3, {}, {"format": []}])
def test_something_else_is_refused(clinic: ClinicFile, data: object) -> None:
    with pytest.raises(InputError):
        portable.import_clinic(clinic, data)


def test_a_contradiction_that_only_the_tables_see_keeps_nothing(
    _faulty: dict[str, Any], clinic: ClinicFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _state(clinic)
    data = copy.deepcopy(_faulty)
    data["clients"][1]["number"] = "0001"
    monkeypatch.setattr(portable, "_check_together", lambda read: None)
    with pytest.raises(InputError, match="contradict each other"):
        portable.import_clinic(clinic, data)
    assert _state(clinic) == before


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, '{"a": NaN}', '{"a": Infinity}', b"\xff\xfe\xff", "{'a': 1}", "\ufeff{}"]
)
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(InputError, match="not a JSON file"):
        portable.parse(text)


def test_a_key_said_twice_is_refused() -> None:
    with pytest.raises(InputError, match="a key twice"):
        portable.parse('{"a": 1, "a": 2}')


def test_a_huge_file_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portable, "MOST_BYTES", 10)
    with pytest.raises(InputError, match="too large"):
        portable.parse("[1, 2, 3, 4]")


def test_the_document_names_every_key() -> None:
    document = (Path(__file__).parents[2] / "docs" / "CLINIC-JSON.md").read_text(encoding="utf-8")
    for kind, hints in portable._HINTS.items():
        for name in hints:
            assert f"`{name}`" in document, f"{kind.__name__}.{name} is not in docs/CLINIC-JSON.md"


def test_dates_are_text(exported: dict[str, Any]) -> None:
    assert dt.date.fromisoformat(exported["clients"][0]["birth_date"]) == dt.date(1986, 4, 12)
