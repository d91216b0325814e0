"""The ledger of referrals, calls about benefits, and units in money, on the command line."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.billing.benefits import Answer, Network, Verification
from app.billing.records import Authorization, Fee, FeeSchedule, Policy, Rank, Referral, Visit, VisitStatus
from app.cli import benefits
from app.errors import InputError
from app.store import clients, cover, demo, payers, visits
from app.store.clinic import ClinicFile
from tests.cli.conftest import Run

TODAY = dt.date.today()  # noqa: DTZ011 - the commands ask the same clock
LONG_AGO = dt.date(2001, 5, 7)
CALL = ("called_on=t", "covers_massage=yes", "reference=R 7", "deductible=0", "copay=20")


def change(path: Path, write: Callable[[Session], object]) -> None:
    with ClinicFile.open(path, password=demo.PASSWORD) as opened, opened.write("change") as s:
        write(s)


# --- referrals ------------------------------------------------------------------------------------------------------


def test_the_ledger_of_the_demo(run: Run, clinic: Path) -> None:
    found = run("referrals", "--clinic", clinic, "--json")
    assert found.status == 0, found.out
    grants = found.json["grants"]
    assert found.json["date"] == TODAY.isoformat()
    assert [each["client"] for each in grants] == ["0001", "0001", "0005", "0002", "0004", "0003", "0006"]
    order, permission = grants[:2]
    assert (order["kind"], order["title"], order["proposed"]) == ("referral", "Henrietta Plum, MD", True)
    assert order["visits"] == {"allowed": 12, "used": 5, "elsewhere": 0, "left": 7}
    assert order["units"] == {"allowed": None, "used": 15, "left": None}
    assert order["dollars"] == {"allowed": None, "used": "660.00", "left": None}
    assert order["ends"] == (TODAY + dt.timedelta(days=20)).isoformat()
    assert order["frequency"]["text"] == "1 a week for 12 weeks"
    assert order["frequency"]["sessions"] == 12
    assert order["run_out"]["guess"] is True
    assert order["run_out"]["visits"] == 7
    assert {problem["code"] for problem in order["problems"]} == {"referral.plan-longer"}
    assert (permission["kind"], permission["title"], permission["proposed"]) == ("authorization", "A771900421", True)
    assert permission["frequency"] is permission["report"] is None
    text = run("referrals", "--clinic", clinic, "--client", "0001")
    assert text.status == 0
    assert text.out.count("[proposed]") == 2
    assert text.out.count("Applewhite, Juniper (0001)") == 1
    assert "visits 5 of 12, 7 left; units 15, no limit; dollars 660.00, no limit" in text.out
    assert "1 a week for 12 weeks: 12 sessions, planned until" in text.out
    assert text.out.count("That is a guess.") == 2


def test_the_ledger_of_another_day(run: Run, clinic: Path) -> None:
    later = TODAY + dt.timedelta(days=15)
    found = run("referrals", "--clinic", clinic, "--client", "0001", "--date", later.isoformat(), "--json")
    assert found.status == 1, "it ends soon"
    assert "referral.ends-soon" in {problem["code"] for problem in found.json["grants"][0]["problems"]}
    gone = TODAY + dt.timedelta(days=4000)
    none = run("referrals", "--clinic", clinic, "--date", gone.isoformat())
    assert (none.status, none.out) == (0, f"No referral and no authorization is live on {gone:%m/%d/%Y}.\n")
    assert run("referrals", "--clinic", clinic, "--date", gone.isoformat(), "--json").json["grants"] == []


def test_units_dollars_reports_and_open_ends(run: Run, clinic: Path) -> None:
    def write(s: Session) -> None:
        quill = clients.by_number(s, "0003").id or 0
        (case,) = clients.cases(s, quill)
        clients.save_case(s, replace(case, last_report=None))
        (policy,) = clients.policies(s, quill)
        fund = payers.payer(s, policy.payer_id)
        payers.save_payer(s, replace(fund, progress_visits=0, progress_months=9))
        clients.save_authorization(
            s, Authorization(
                client_id=quill, policy_id=policy.id, number="E44", units_allowed=80, dollars_allowed=500_000,
                used_elsewhere=3,
            )
        )  # fmt: skip
        clients.save_referral(s, Referral(client_id=quill, first_name="Ada", last_name="Fir", frequency="now and then"))
        clients.save_referral(s, Referral(client_id=quill, last_name="Yew", frequency="2 a week for 6 weeks"))

    change(clinic, write)
    found = {each["title"]: each for each in run("referrals", "--clinic", clinic, "--client", "0003", "--json").json[
        "grants"
    ]}  # fmt: skip
    granted = found["E44"]
    assert granted["units"] == {"allowed": 80, "used": 0, "left": 80}
    assert granted["dollars"] == {"allowed": "5000.00", "used": "0.00", "left": "5000.00"}
    assert granted["visits"] == {"allowed": None, "used": 3, "elsewhere": 3, "left": None}
    assert (granted["begins"], granted["ends"], granted["run_out"]) == (None, None, None)
    assert found["Ada Fir"]["frequency"] == {"text": "now and then", "sessions": None, "last_day": None}
    report = found["Leopold Ash, DO"]["report"]
    assert (report["visits"], report["visits_left"]) == (3, None)
    assert dt.date.fromisoformat(report["due"]) > TODAY
    text = run("referrals", "--clinic", clinic, "--client", "0003").out
    assert "Authorization E44: open to open" in text
    assert "visits 3, no limit; 3 of the visits elsewhere; units 0 of 80, 80 left" in text
    assert "dollars 0.00 of 5,000.00, 5,000.00 left" in text
    assert "The next progress report is due on" in text
    assert "2 a week for 6 weeks: 12 sessions, planned until open" in text


def test_the_ledger_of_nobody_is_bad_input(run: Run, clinic: Path) -> None:
    for extra in (("--client", "9999"), ("--date", "13/2/26")):
        found = run("referrals", "--clinic", clinic, *extra)
        assert (found.status, found.out) == (2, "")
        assert len(found.err.splitlines()) == 1


@pytest.mark.usefixtures("run")
def test_clients_with_something_live(clinic: Path) -> None:
    def write(s: Session) -> None:
        clients.archive_client(s, clients.by_number(s, "0005").id or 0)
        someone = clients.by_number(s, "0007")
        clients.save_authorization(s, Authorization(client_id=someone.id or 0, number="E1", valid_to=TODAY))

    change(clinic, write)
    with ClinicFile.open(clinic, password=demo.PASSWORD) as opened, opened.read() as s:
        numbers = [clients.client(s, each).number for each in cover.with_live_grants(s, TODAY)]
        assert numbers == ["0001", "0002", "0004", "0003", "0006", "0007"]
        tomorrow = cover.with_live_grants(s, TODAY + dt.timedelta(days=1))
        assert len(tomorrow) == 5


# --- benefits show --------------------------------------------------------------------------------------------------


def shown(run: Run, clinic: Path, client: str, *extra: str) -> Any:
    found = run("benefits", "show", "--clinic", clinic, "--client", client, "--json", *extra)
    assert found.status in (0, 1), found.err
    return found.json["policies"]


def test_what_the_plan_of_a_client_said(run: Run, clinic: Path) -> None:
    (policy,) = shown(run, clinic, "0001")
    assert (policy["payer"], policy["rank"]) == ("Bluebird Health Plan", "primary")
    assert policy["call"]["deductible"] == policy["call"]["deductible_met"] == "500.00"
    assert (policy["deductible_left"], policy["visits_left"]) == ("0.00", 21)
    assert policy["session"] == {
        "charge": "132.00", "client": "25.00", "plan": "107.00",
        "message": "Of 132.00 the client pays 25.00 (25.00 copay), the plan 107.00.",
    }  # fmt: skip
    assert policy["problems"] == []
    text = run("benefits", "show", "--clinic", clinic, "--client", "0001").out
    again = dt.date.fromisoformat(policy["reverify_on"])
    for part in (
        "Dahlia C-2217704", "copay 25.00;", "kinds 97112, 97124, 97140;",
        "deductible left: 0.00 (met); visits left: 21", "Of 132.00 the client pays 25.00",
        f"ask again: {again:%m/%d/%Y}",
    ):  # fmt: skip
        assert part in text
    assert "visits left: no limit" in run("benefits", "show", "--clinic", clinic, "--client", "0004").out


def test_a_plan_that_was_never_asked(run: Run, clinic: Path) -> None:
    both = run("benefits", "show", "--clinic", clinic, "--client", "0005")
    assert both.status == 1
    assert "never asked" in both.out
    assert "0.00 (it is not for massage)" in both.out
    first, second = shown(run, clinic, "0005")
    assert second["call"] is second["session"] is second["reverify_on"] is None
    (only,) = shown(run, clinic, "0005", "--policy", first["member_id"])
    assert only == first


def test_a_share_of_another_charge_on_another_day(run: Run, clinic: Path) -> None:
    (policy,) = shown(run, clinic, "0001", "--charge", "20")
    assert policy["session"]["client"] == "20.00"
    next_year = TODAY + dt.timedelta(days=366)
    (renewed,) = shown(run, clinic, "0001", "--charge", "100", "--date", next_year.isoformat())
    assert (renewed["deductible_left"], renewed["due"]) == ("500.00", True)
    assert renewed["session"]["client"] == "100.00"
    text = run("benefits", "show", "--clinic", clinic, "--client", "0001", "--date", next_year.isoformat())
    assert (text.status, "which is due" in text.out) == (1, True)


def test_what_was_not_asked_stays_unknown(run: Run, clinic: Path) -> None:
    def write(s: Session) -> None:
        client = clients.by_number(s, "0006").id or 0
        (policy,) = clients.policies(s, client)
        clients.save_verification(s, Verification(client_id=client, policy_id=policy.id or 0))

    change(clinic, write)
    (policy,) = shown(run, clinic, "0006")
    assert policy["session"] is policy["deductible_left"] is policy["visits_left"] is policy["reverify_on"] is None
    assert policy["due"] is True
    text = run("benefits", "show", "--clinic", clinic, "--client", "0006").out
    assert "called without a date" in text
    assert "deductible left: not known; visits left: not known" in text
    assert "ask again: now, which is due" in text
    assert "verification.called-missing" in text
    (policy,) = shown(run, clinic, "0006", "--charge", "100")
    assert (policy["session"]["client"], policy["session"]["plan"]) == (None, None)
    assert "no share is expected" in policy["session"]["message"]


@pytest.mark.parametrize(
    "extra",
    [
        ("--client", "9999"),
        ("--client", "0007"),
        ("--client", "0001", "--policy", "nothing"),
        ("--client", "0001", "--charge", "much"),
        ("--client", "0001", "--charge", "-5"),
        ("--client", "0001", "--date", "13/2/26"),
    ],
)
def test_bad_questions_are_told(run: Run, clinic: Path, extra: tuple[str, ...]) -> None:
    found = run("benefits", "show", "--clinic", clinic, *extra)
    assert (found.status, found.out) == (2, "")
    assert len(found.err.splitlines()) == 1


# --- benefits record ------------------------------------------------------------------------------------------------


def record(run: Run, clinic: Path, *answers: object, client: str = "0006") -> Any:
    return run("benefits", "record", "--clinic", clinic, "--client", client, *answers)


def test_a_call_is_kept(run: Run, clinic: Path) -> None:
    found = record(
        run, clinic, "called_on=t", "representative=Ida", "covers_massage=YES", "network=out", "deductible=1,500",
        "deductible_met=$20.50", "deductible_applies=yes", "coinsurance=20 %", "visit_limit=24", "visits_used=",
        "kinds= 97124 ,97140,", "year_begins=7", "reverify_on=12/31/2099", "copay=", "--json",
    )  # fmt: skip
    assert found.status == 0, found.err
    assert [problem["code"] for problem in found.json["problems"]] == ["verification.visits-unasked"]
    call = found.json["call"]
    assert (call["called_on"], call["reverify_on"]) == (TODAY.isoformat(), "2099-12-31")
    assert (call["deductible"], call["deductible_met"], call["copay"]) == ("1500.00", "20.50", None)
    assert (call["coinsurance"], call["visit_limit"], call["visits_used"], call["year_begins"]) == (20, 24, None, 7)
    assert (call["kinds"], call["covers_massage"], call["network"]) == (["97124", "97140"], "yes", "out")
    (policy,) = shown(run, clinic, "0006", "--charge", "102")
    assert policy["call"] == call
    assert policy["session"]["client"] == "102.00"


def test_the_newest_call_counts(run: Run, clinic: Path) -> None:
    assert record(run, clinic, *CALL).status == 0
    text = record(run, clinic, *CALL[:-1], "copay=35")
    assert text.out == f"The call of {TODAY:%m/%d/%Y} was kept.\n"
    (policy,) = shown(run, clinic, "0006", "--charge", "100")
    assert policy["session"]["client"] == "35.00"
    older = record(run, clinic, "called_on=2020-01-05", *CALL[1:])
    assert older.status == 0
    (policy,) = shown(run, clinic, "0006", "--charge", "100")
    assert policy["session"]["client"] == "35.00"


def test_what_is_missing_is_listed(run: Run, clinic: Path) -> None:
    found = record(run, clinic, "called_on=t", "year_begins=")
    assert found.status == 1
    assert "verification.cover-unasked" in found.out
    with ClinicFile.open(clinic, password=demo.PASSWORD) as opened, opened.read() as s:
        (policy,) = clients.policies(s, clients.by_number(s, "0006").id or 0)
        (kept,) = clients.verifications(s, policy.id or 0)
    assert (kept.year_begins, kept.covers_massage) == (1, Answer.UNKNOWN)


def test_a_call_from_a_file(run: Run, clinic: Path, tmp_path: Path) -> None:
    file = tmp_path / "call.json"
    (policy,) = shown(run, clinic, "0001")
    file.write_text(json.dumps(policy["call"] | {"called_on": TODAY.isoformat(), "copay": "30.00"}))
    assert record(run, clinic, "--json-file", file, client="0001").status == 0
    (again,) = shown(run, clinic, "0001")
    assert again["call"] == policy["call"] | {"called_on": TODAY.isoformat(), "copay": "30.00"}
    for text in ("[]", "no", '{"called_on": "t", "called_on": "t"}', "1" * 1_000_001):
        file.write_text(text)
        assert record(run, clinic, "--json-file", file).status == 2
    file.write_text("{}")
    for arguments in (("--json-file", file, "copay=3"), ("--json-file", tmp_path / "none")):
        bad = record(run, clinic, *arguments)
        assert (bad.status, bad.out, len(bad.err.splitlines())) == (2, "", 1)


@pytest.mark.parametrize(
    "answers",
    [
        (),
        ("covers_massage=yes",),
        ("called_on=",),
        ("called_on=13/2/26",),
        (*CALL, "client_id=4"),
        (*CALL, "nonsense=1"),
        (*CALL, "copay=3"),
        (*CALL, "copay"),
        (*CALL, "deductible_met=much"),
        (*CALL, "deductible_met=1000000000.00"),
        (*CALL, "coinsurance=20.5"),
        (*CALL, "coinsurance=٢"),
        (*CALL, "visit_limit=1234567"),
        (*CALL, "visit_limit=5%"),
        (*CALL, "deductible_applies=perhaps"),
        (*CALL, "network=near"),
        (*CALL, "note=one\ntwo"),
        (*CALL, "kinds=97124,\udcff"),
    ],
)
def test_bad_answers_are_told_and_nothing_is_kept(run: Run, clinic: Path, answers: tuple[str, ...]) -> None:
    found = record(run, clinic, *answers)
    assert (found.status, found.out) == (2, "")
    assert len(found.err.splitlines()) == 1
    assert shown(run, clinic, "0006")[0]["call"] is None


@pytest.mark.parametrize(
    "given",
    [{"copay": 25}, {"copay": 2.5}, {"covers_massage": True}, {"visit_limit": True}, {"visit_limit": 2.0},
     {"kinds": "a", "conditions": {"a": 1}}, {"kinds": [1]}, {"note": ["x"]}, {"visit_limit": -1}, {"kinds": None}],
)  # fmt: skip
def test_values_of_another_kind_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        benefits.verification({"called_on": "t"} | given, today=TODAY)


def test_numbers_and_nulls_of_a_file_are_read() -> None:
    given = {"called_on": "t", "visit_limit": 12, "visits_used": None, "network": None, "conditions": "M54.2, M62.-"}
    call = benefits.verification(given, today=TODAY)
    assert (call.visit_limit, call.visits_used, call.network) == (12, None, Network.UNKNOWN)
    assert call.conditions == ("M54.2", "M62.-")
    assert benefits.verification(benefits.plain(call), today=TODAY) == call


def test_the_policy_of_a_call(run: Run, clinic: Path) -> None:
    assert record(run, clinic, *CALL, client="0005").status == 0
    (first, second) = shown(run, clinic, "0005")
    assert (first["call"]["copay"], second["call"]) == ("20.00", None)
    assert record(run, clinic, *CALL, "--policy", second["member_id"], client="0005").status == 0
    assert shown(run, clinic, "0005")[1]["call"]["copay"] == "20.00"

    def write(s: Session) -> None:
        client = clients.by_number(s, "0005").id or 0
        payer = payers.payers(s)[0].id or 0
        clients.save_policy(s, Policy(client_id=client, payer_id=payer, rank=Rank.PRIMARY, member_id="NEW1"))

    change(clinic, write)
    unclear = record(run, clinic, *CALL, client="0005")
    assert unclear.status == 2
    assert "--policy" in unclear.err


# --- claims ---------------------------------------------------------------------------------------------------------


def test_claims_are_checked_against_the_calls(run: Run, clinic: Path) -> None:
    numbers = {row["client"]: row["number"] for row in run("claims", "build", "--clinic", clinic, "--json").json}
    number = numbers["Applewhite, Juniper"]

    def about_benefits() -> tuple[int, set[str]]:
        found = run("claims", "check", number, "--clinic", clinic, "--json")
        codes = {problem["code"] for problem in found.json[0]["problems"]}
        return found.status, {code for code in codes if code.startswith(("benefits.", "verification."))}

    assert about_benefits() == (0, set())
    assert record(run, clinic, "called_on=t", "covers_massage=no", "reference=R 8", client="0001").status == 0
    assert about_benefits() == (1, {"benefits.not-covered"})

    def forget(s: Session) -> None:
        (policy,) = clients.policies(s, clients.by_number(s, "0001").id or 0)
        for call in clients.verifications(s, policy.id or 0):
            clients.remove_verification(s, call.id or 0)

    change(clinic, forget)
    assert about_benefits() == (0, {"benefits.unverified"})


# --- units in money -------------------------------------------------------------------------------------------------


def test_units_in_money_by_the_schedule(run: Run, clinic: Path) -> None:
    found = run("units", "97112=24", "97110=23", "97010", "--clinic", clinic, "--json")
    assert found.status == 0
    assert (found.json["cms"]["charge"], found.json["ama"]["charge"]) == ("145.00", "187.00")
    assert found.json["ama_less_cms"] == "42.00"
    rows = [line.split() for line in run("units", "97112=24", "97110=23", "97010", "--clinic", clinic).out.splitlines()]
    assert rows[:5] == [
        ["CMS", "AMA"],
        ["97112", "2", "88.00", "2", "88.00"],
        ["97110", "1", "42.00", "2", "84.00"],
        ["97010", "1", "15.00", "1", "15.00"],
        ["total", "4", "145.00", "5", "187.00"],
    ]


def test_units_in_money_by_a_payers_schedule_of_that_day(run: Run, clinic: Path) -> None:
    def write(s: Session) -> None:
        payer = next(each for each in payers.payers(s) if each.name == "Bluebird Health Plan")
        fees = (Fee(code="97124", amount=1000), Fee(code="97140", amount=0))
        payers.save_fee_schedule(s, FeeSchedule(payer_id=payer.id, valid_from=LONG_AGO, fees=fees))

    change(clinic, write)
    asked = ("units", "97124=30", "--clinic", clinic, "--payer", "bluebird health plan", "--date", "5/8/2001")
    assert run(*asked, "--rule", "cms", "--json").json["cms"]["charge"] == "20.00"
    assert run(*asked[:-1], "5/6/2001").status == 1, "no price that day"
    assert run("units", "97124=30", "97140=15", *asked[2:], "--json").json["without_price"] == ["97140"]
    assert run(*asked, "--fee", "97124=12").out.splitlines()[1].split() == ["97124", "2", "24.00", "2", "24.00"]


def test_the_difference_in_words(run: Run) -> None:
    fees = ("--fee", "97112=40", "--fee", "97110=42")
    more = run("units", "97112=24", "97110=23", *fees).out
    assert more.endswith("AMA charges 42.00 more than CMS. The payer says which rule counts.\n")
    less = run("units", "97112=7", "97110=7", *fees).out
    assert less.endswith("CMS charges 40.00 more than AMA. The payer says which rule counts.\n")
    assert run("units", "97112=15", *fees).out.endswith("Both rules charge the same.\n")
    alone = run("units", "97112=15", "--rule", "ama", *fees)
    assert alone.out.splitlines()[-1].startswith("AMA: ")


def test_a_code_without_a_price(run: Run) -> None:
    found = run("units", "97112=24", "97110=23", "--fee", "97112=40")
    assert found.status == 1
    assert found.out.endswith("97110 has no price. Add it to the fee schedule, or give --fee CODE=AMOUNT.\n")
    assert [line.split() for line in found.out.splitlines()[:4]] == [
        ["CMS", "AMA"],
        ["97112", "2", "80.00", "2", "80.00"],
        ["97110", "1", "?", "2", "?"],
        ["total", "3", "4"],
    ]
    answer = run("units", "97112=24", "97110=23", "--fee", "97112=40", "--json").json
    assert answer["without_price"] == ["97110"]
    assert "charge" not in answer["cms"] and "ama_less_cms" not in answer


@pytest.mark.parametrize(
    "extra",
    [
        ("--fee", "97124"),
        ("--fee", "97124=0"),
        ("--fee", "97124=-3"),
        ("--fee", "97124=x"),
        ("--fee", "9712=3"),
        ("--fee", "97124=3", "--fee", "97124=4"),
        ("--date", "t"),
        ("--payer", "Bluebird Health Plan"),
    ],
)
def test_bad_prices_are_told(run: Run, extra: tuple[str, ...]) -> None:
    found = run("units", "97124=15", *extra)
    assert (found.status, found.out) == (2, "")
    assert len(found.err.splitlines()) == 1


def test_a_payer_that_is_not_there(run: Run, clinic: Path) -> None:
    assert run("units", "97124=15", "--clinic", clinic, "--payer", "Nobody").status == 2
    twice = run("units", "97124=15", "--clinic", clinic, "--fee", "97124=3", "--fee", "97124=3", "--json")
    assert twice.json["cms"]["charge"] == "3.00"


def test_sessions_that_did_not_take_place_are_not_usual(run: Run, clinic: Path) -> None:
    def write(s: Session) -> None:
        client = clients.by_number(s, "0001").id or 0
        for visit in visits.visits_of(s, client):
            visits.save_visit(s, replace(visit, status=VisitStatus.VOID))
        done = visits.visits_of(s, client)[0]
        visits.save_visit(s, Visit(client_id=client, provider_id=done.provider_id, date=TODAY, policy_id=None))

    change(clinic, write)
    assert shown(run, clinic, "0001")[0]["session"] is None
    assert "Of " not in run("benefits", "show", "--clinic", clinic, "--client", "0001").out
