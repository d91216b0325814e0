"""Why a value is there, a value of one's own, a problem let pass: the only ways around a rule, each with a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.forms import read
from tests.cli.conftest import Run
from tests.cli.test_clinic import build, change_every_name, take_referrer_npi

SECOND = "0002"
"""The client of the auto claim: one form, no value that another claim of the demo shares."""


@pytest.fixture
def number(run: Run, clinic: Path) -> str:
    """The claim of one client, built."""
    answer = run("claims", "build", "--clinic", clinic, "--client", SECOND, "--json")
    return str(answer.json[0]["number"])


def why(run: Run, clinic: Path, number: str, *item: str) -> list[dict[str, Any]]:
    answer = run("claims", "why", number, *item, "--clinic", clinic, "--json")
    assert answer.status == 0, answer.err
    values: list[dict[str, Any]] = answer.json["values"]
    return values


def test_every_value_of_a_claim_says_where_it_comes_from(run: Run, clinic: Path, number: str) -> None:
    rows = why(run, clinic, number)
    assert all(row["record"] and row["rule"] and row["source"] and row["by_hand"] is None for row in rows)
    assert [row["item"] for row in rows][:3] == ["carrier", "1", "1a"]
    (insured,) = why(run, clinic, number, "1a")
    assert insured["record"].startswith("policy:") and insured["field"] == "member_id"
    (blank,) = why(run, clinic, number, "23")
    assert blank["value"] is None and blank["rule"].startswith("The number of the authorization")
    assert {row["item"].split(".")[1] for row in why(run, clinic, number, "24.2")} == {"2"}
    text = run("claims", "why", number, "--clinic", clinic).out
    assert "page 1" in text and "member_id: The insured's number as on the card of this payer. [NUCC" in text
    checked = run("claims", "check", number, "--why", "--json", "--clinic", clinic)
    assert checked.json[0]["values"] == rows
    assert text.strip() in run("claims", "check", number, "--why", "--clinic", clinic).out
    assert "values" not in run("claims", "check", number, "--json", "--clinic", clinic).json[0]


def test_a_value_of_ones_own_is_printed_frozen_and_told(run: Run, clinic: Path, number: str, tmp_path: Path) -> None:
    put = run("claims", "override", number, "19", "PWK 1", "--reason", "They ask for it", "--clinic", clinic, "--json")
    assert put.status == 0 and put.json["value"] == "PWK 1"
    put = run("claims", "override", number, "11c", "", "--reason", "Not theirs", "--clinic", clinic)
    assert "set by hand on claim" in put.out
    out = tmp_path / "claim.pdf"
    assert run("claims", "print", number, "-o", out, "--clinic", clinic).status == 0
    (page,) = read.read_pages(out.read_bytes())
    assert page["19"] == "PWK 1" and "11c" not in page
    change_every_name(clinic)
    again = run("claims", "override", number, "19", "other", "--reason", "So", "--clinic", clinic)
    assert again.status == 2 and "issued" in again.err
    again = run("claims", "override", number, "19", "--take-back", "--clinic", clinic)
    assert again.status == 2 and "issued" in again.err
    (told,) = why(run, clinic, number, "19")
    assert told["rule"] == "Changed by hand: They ask for it"
    assert told["by_hand"] == {"reason": "They ask for it", "own": None, "kept_for": "claim"}
    (blank,) = why(run, clinic, number, "11c")
    assert blank["value"] is None and blank["by_hand"]["own"]
    (name,) = why(run, clinic, number, "2")
    assert name["rule"] == "So it was printed; the records say something else by now."
    assert name["value"].startswith("Fennimore")
    assert "the rules say (blank); kept for the claim" in run("claims", "why", number, "19", "--clinic", clinic).out


def test_a_value_is_taken_back(run: Run, clinic: Path, number: str) -> None:
    (before,) = why(run, clinic, number, "27")
    assert run("claims", "override", number, "27", "false", "--reason", "So", "--clinic", clinic).status == 0
    (changed,) = why(run, clinic, number, "27")
    assert changed["value"] is False and changed["by_hand"]["own"] is True
    assert run("claims", "override", number, "27", "--take-back", "--clinic", clinic).status == 0
    assert why(run, clinic, number, "27") == [before]
    again = run("claims", "override", number, "27", "--take-back", "--clinic", clinic)
    assert again.status == 2 and "Nothing was put there by hand" in again.err


def test_a_payers_value_stands_on_all_its_claims(run: Run, clinic: Path) -> None:
    numbers = build(run, clinic)
    payers = {row["number"]: row["payer"] for row in run("claims", "list", "--clinic", clinic, "--json").json}
    first = next(number for number in numbers if list(payers.values()).count(payers[number]) == 2)
    put = run("claims", "override", first, "10d", "W2", "--for-payer", "--reason", "Its rule", "--clinic", clinic)
    assert "every claim of the payer" in put.out
    for number in numbers:
        rows = why(run, clinic, number, "10d") if payers[number] == payers[first] else []
        assert all(row["value"] == "W2" and row["by_hand"]["kept_for"] == "payer" for row in rows)
        assert bool(rows) == (payers[number] == payers[first])
    back = run("claims", "override", first, "10d", "--take-back", "--clinic", clinic)
    assert back.status == 2, "it is the payer's"
    assert run("claims", "override", first, "10d", "--take-back", "--for-payer", "--clinic", clinic).status == 0
    assert run("claims", "why", first, "10d", "--clinic", clinic).status == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("override", "{}", "19"), "No value was given"),
        (("override", "{}", "19", "x"), "no reason"),
        (("override", "{}", "99", "x", "--reason", "So"), "no such item"),
        (("override", "{}", "17", "x", "--reason", "So"), "JSON"),
        (("override", "{}", "2", "Quill", "--for-payer", "--reason", "So"), "differs from client to client"),
        (("override", "{}", "24.7.emg", "N", "--reason", "So"), "does not suit the form"),
        (("override", "9", "19", "x", "--reason", "So"), "no claim 9"),
        (("waive", "{}", "no.such", "--reason", "So"), "no such problem"),
        (("waive", "{}", "no.such", "--take-back"), "No such problem was let pass"),
        (("why", "{}", "99"), "Nothing is known of item 99"),
        (("why", "9"), "no claim 9"),
    ],
)
def test_bad_use_changes_nothing(run: Run, clinic: Path, number: str, arguments: tuple[str, ...], words: str) -> None:
    before = why(run, clinic, number)
    answer = run("claims", *(part.format(number) for part in arguments), "--clinic", clinic)
    assert answer.status == 2 and words in answer.err
    assert why(run, clinic, number) == before


def problems(run: Run, clinic: Path, number: str) -> dict[tuple[str, str], str]:
    found = run("claims", "check", number, "--clinic", clinic, "--json").json[0]["problems"]
    return {(problem["code"], problem["severity"]): problem["message"] for problem in found}


def test_a_blocking_problem_is_let_pass_only_with_a_reason(run: Run, clinic: Path, tmp_path: Path) -> None:
    take_referrer_npi(clinic)
    number = build(run, clinic)[0]
    (code,) = {code for code, severity in problems(run, clinic, number) if severity == "block"}
    out = tmp_path / "claim.pdf"
    assert run("claims", "print", number, "-o", out, "--clinic", clinic).status == 1
    refused = run("claims", "waive", number, code, "--reason", " ", "--clinic", clinic)
    assert refused.status == 2 and "no reason" in refused.err
    assert run("claims", "print", number, "-o", out, "--clinic", clinic).status == 1
    waived = run("claims", "waive", number, code, "--reason", "The doctor has none.", "--clinic", clinic, "--json")
    assert waived.status == 0 and waived.json["items"] == ["17b"]
    assert problems(run, clinic, number)[code, "warn"].endswith("Let pass: The doctor has none.")
    assert run("claims", "waive", number, code, "--take-back", "--item", "17b", "--clinic", clinic).status == 0
    assert (code, "block") in problems(run, clinic, number)
    assert (
        run("claims", "waive", number, code, "--item", "17b", "--reason", "He has none.", "--clinic", clinic).status
        == 0
    )
    assert run("claims", "print", number, "-o", out, "--clinic", clinic).status == 0
    assert "17b" not in read.read_pages(out.read_bytes())[0]
    told = run("claims", "why", number, "--clinic", clinic)
    assert f"let pass: {code} [17b]: He has none. (owner, " in told.out
    (kept,) = run("claims", "why", number, "17b", "--clinic", clinic, "--json").json["let_pass"]
    assert kept["reason"] == "He has none." and kept["user"] == "owner" and kept["made_on"]
    assert run("claims", "why", number, "2", "--clinic", clinic, "--json").json["let_pass"] == []
    late = run("claims", "waive", number, code, "--take-back", "--clinic", clinic)
    assert late.status == 2 and "issued" in late.err


def test_what_does_not_fit_the_paper_never_passes(run: Run, clinic: Path, number: str, tmp_path: Path) -> None:
    long = "a" * 80
    assert run("claims", "override", number, "19", long, "--reason", "So", "--clinic", clinic).status == 0
    (code,) = {code for code, severity in problems(run, clinic, number) if severity == "block"}
    refused = run("claims", "waive", number, code, "--reason", "So", "--clinic", clinic)
    assert refused.status == 2 and "always mended" in refused.err
    assert run("claims", "print", number, "-o", tmp_path / "no.pdf", "--clinic", clinic).status == 1


def test_a_total_that_is_no_sum_passes_with_a_reason(run: Run, clinic: Path, number: str) -> None:
    assert run("claims", "override", number, "28", "1.00", "--reason", "So", "--clinic", clinic).status == 0
    assert ("override.total-differs", "block") in problems(run, clinic, number)
    waived = run("claims", "waive", number, "override.total-differs", "--reason", "They said so.", "--clinic", clinic)
    assert "only warns now" in waived.out
    assert ("override.total-differs", "warn") in problems(run, clinic, number)
    taken = run("claims", "waive", number, "override.total-differs", "--take-back", "--clinic", clinic)
    assert "blocks again" in taken.out


def test_a_rule_that_passes_does_not_hide_what_the_paper_says(run: Run, clinic: Path) -> None:
    from dataclasses import replace

    from app.store import clients, demo
    from app.store.clinic import ClinicFile

    with ClinicFile.open(clinic, password=demo.PASSWORD) as opened, opened.write("npi") as s:
        for line in clients.find(s, limit=100):
            for referral in clients.referrals(s, line.id):
                clients.save_referral(s, replace(referral, npi="1234567890"))
    number = build(run, clinic)[0]
    found = {code for code, severity in problems(run, clinic, number) if severity == "block"}
    assert found == {"referral.npi-invalid"}
    assert run("claims", "waive", number, "referral.npi-invalid", "--reason", "So", "--clinic", clinic).status == 0
    left = problems(run, clinic, number)
    assert ("referral.npi-invalid", "warn") in left
    assert any(severity == "block" for _, severity in left)
