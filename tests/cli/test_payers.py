"""Payers and presets on the command line."""

from __future__ import annotations

from pathlib import Path

from app.billing import payers
from tests.cli.conftest import Run


def test_presets_need_no_clinic(run: Run) -> None:
    answer = run("payers", "presets", "--json")
    assert answer.status == 0
    assert [row["key"] for row in answer.json] == list(payers.PRESETS)
    feca = next(row for row in answer.json if row["key"] == "federal-workers-compensation")
    assert feca["habits"] == {
        "program": "feca", "unit_rule": None, "referral_required": True, "authorization_required": True,
    }  # fmt: skip
    assert all(row["look_up"] and row["title"] and row["source"] for row in answer.json)
    text = run("payers", "presets").out
    assert "look at the contract" in text and "program feca" in text and "unit_rule ?" in text


def test_a_payer_from_a_preset(run: Run, clinic: Path) -> None:
    made = run("payers", "add", "State Fund", "--preset", "workers-compensation", "--clinic", clinic, "--json")
    assert made.status == 0
    assert (made.json["name"], made.json["unit_rule"], made.json["referral_required"]) == ("State Fund", None, True)
    told = run("payers", "add", "Heron Auto", "--preset", "auto-pip", "--clinic", clinic)
    assert "The limit of the policy" in told.out
    listed = run("payers", "list", "--clinic", clinic, "--json").json
    assert [payer["name"] for payer in listed] == sorted(payer["name"] for payer in listed)
    assert made.json in listed and len(listed) == 6
    text = run("payers", "list", "--clinic", clinic).out
    assert "appeals: look it up" in text and "filing: 180 days" in text


def test_bad_use_of_payers(run: Run, clinic: Path) -> None:
    for arguments, words in (
        (("x", "--preset", "none"), "no such preset"),
        ((" ", "--preset", "auto-pip"), "no name"),
    ):
        answer = run("payers", "add", *arguments, "--clinic", clinic)
        assert answer.status == 2 and words in answer.err
    assert len(run("payers", "list", "--clinic", clinic, "--json").json) == 4


def test_two_payers_of_one_name_are_told_apart(run: Run, clinic: Path) -> None:
    before = run("payers", "list", "--clinic", clinic, "--json").json
    refused = run("payers", "add", " bluebird health plan ", "--preset", "commercial", "--clinic", clinic)
    assert (refused.status, refused.err.count("\n")) == (2, 1)
    assert "already a payer of this name" in refused.err
    assert run("payers", "list", "--clinic", clinic, "--json").json == before
