"""Where mail goes, and what a preset of habits brings and leaves."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from app.billing import checks, payers
from app.billing.problems import Severity
from app.billing.records import GroupBox, Payer, PayerAddress, Program, Purpose, UnitRule
from tests.claim_sample import PAYER, TODAY

APPEALS = PayerAddress(purpose=Purpose.APPEALS, street="PO Box 9", city="Spokane", state="WA", zip_code="99210")


def test_each_mail_goes_to_its_address_or_to_the_payers_own() -> None:
    payer = replace(
        PAYER, addresses=(APPEALS, replace(APPEALS, street="Second"), replace(APPEALS, purpose=Purpose.RECORDS))
    )
    assert payers.address(payer, Purpose.APPEALS) == replace(APPEALS, name="Bluebird Health Plan")
    own = payers.address(payer, Purpose.CLAIMS)
    assert (own.name, own.street, own.city, own.state, own.zip_code) == (
        PAYER.name, PAYER.street, PAYER.city, PAYER.state, PAYER.zip_code,
    )  # fmt: skip
    named = replace(APPEALS, name="Bluebird Appeals")
    assert payers.address(replace(PAYER, addresses=(named,)), Purpose.APPEALS) == named


@pytest.mark.parametrize("key", payers.PRESETS)
def test_a_preset_brings_habits_and_leaves_the_payer(key: str) -> None:
    preset = payers.PRESETS[key]
    assert preset.key == key and preset.title and preset.source and preset.look_up
    assert preset.habits == payers.with_habits(Payer(), preset), "a preset holds what belongs to one payer"
    known = replace(PAYER, addresses=(APPEALS,), paid_pairs=("97140+97124",), paid_pairs_reason="Paid in May")
    made = payers.with_habits(known, preset)
    for name in ("id", "name", "street", "phone", "unit_cap", "filing_days", "appeal_days", "addresses", "paid_pairs"):
        assert getattr(made, name) == getattr(known, name)
    assert made.program is preset.habits.program


def test_presets_differ_and_cover_the_kinds_of_payer() -> None:
    kinds = {key: preset.habits for key, preset in payers.PRESETS.items()}
    assert len(kinds) == 7
    assert kinds["federal-workers-compensation"].program is Program.FECA
    assert kinds["federal-workers-compensation"].authorization_required
    assert kinds["auto-pip"].referral_required and kinds["workers-compensation"].referral_required
    assert kinds["veterans"].authorization_required and kinds["veterans"].gp_modifier
    assert kinds["medicare-advantage"].unit_rule is UnitRule.CMS
    assert kinds["original-medicare"].group_box is GroupBox.NONE
    assert {field.name for field in fields(Payer)} >= set(payers._OWN)


@pytest.mark.parametrize("key", payers.PRESETS)
def test_what_a_preset_leaves_open_is_said(key: str) -> None:
    payer = payers.with_habits(replace(PAYER, filing_days=0, appeal_days=0), payers.PRESETS[key])
    found = {problem.code: problem.severity for problem in checks.check_payer(payer, today=TODAY)}
    assert found.pop("payer.filing-days-unknown") is Severity.INFORM
    assert found.pop("payer.appeal-days-unknown") is Severity.INFORM
    assert (found.pop("payer.unit-rule-missing", None) is Severity.WARN) == (payer.unit_rule is None)
    assert (found.pop("payer.original-medicare", None) is Severity.WARN) == (key == "original-medicare")
    assert found == {}
