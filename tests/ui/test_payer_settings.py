"""A payer's record: addresses by purpose, pairs it pays, and presets to begin with."""

from __future__ import annotations

from typing import Any

import pytest

from app.billing.payers import PRESETS
from app.billing.records import Payer, PayerAddress, Program, Purpose
from app.store import payers
from app.ui.main_window import MainWindow
from app.ui.payer_settings import fold, spread
from app.ui.record_editor import RecordEditor

MAIL = (
    PayerAddress(id=3, purpose=Purpose.APPEALS, name="Bluebird Appeals", street="1 Quay", city="Salem", state="OR",
                 zip_code="97301"),
    PayerAddress(id=4, purpose=Purpose.APPEALS, street="2 Quay"),
)  # fmt: skip


@pytest.fixture
def editor(window: MainWindow) -> RecordEditor:
    window.go("payers")
    page: Any = window.page_of("payers")
    made: RecordEditor = page.form
    return made


def test_a_payer_comes_back_from_its_form_as_it_was() -> None:
    payer = Payer(id=7, name="Bluebird Health", addresses=MAIL, paid_pairs=("97140+97124",), unit_rule=None)
    assert fold(spread(payer)) == payer
    assert fold(spread(Payer())) == Payer()


def test_an_address_without_words_is_taken_out() -> None:
    sheet = spread(Payer(addresses=MAIL[:1]))
    empty = {f"appeals_{part}": "" for part in ("name", "street", "street2", "city", "state", "zip_code")}
    assert fold(type(sheet)(**{**vars(sheet), **empty})).addresses == ()


def test_addresses_and_pairs_are_kept(window: MainWindow, editor: RecordEditor) -> None:
    editor.begin_new()
    typed = {
        "name": "Bluebird Health", "claims_street": "PO Box 44", "claims_city": "Salem", "claims_state": "or",
        "claims_zip_code": "97301", "paid_pairs": "97140+97124, 97140+97530", "preferred_code": "97140",
        "paid_pairs_reason": "Their letter of 03/02",
    }  # fmt: skip
    for name, text in typed.items():
        editor.form.editor(name).setText(text)  # type: ignore[union-attr]
    assert editor.save()
    with window.desk.read() as s:
        (kept,) = payers.payers(s)
    (mail,) = kept.addresses
    assert (mail.purpose, mail.street, mail.city, mail.state, mail.zip_code) == (
        Purpose.CLAIMS, "PO Box 44", "Salem", "OR", "97301",
    )  # fmt: skip
    assert kept.paid_pairs == ("97140+97124", "97140+97530") and kept.preferred_code == "97140"
    assert kept.paid_pairs_reason == "Their letter of 03/02"
    assert editor.form.editor("claims_street").text() == "PO Box 44" and not editor.changed  # type: ignore[union-attr]


def test_pairs_without_a_reason_are_told_beside_the_field(editor: RecordEditor) -> None:
    editor.begin_new()
    for name, text in {"name": "Bluebird", "paid_pairs": "97140+97124"}.items():
        editor.form.editor(name).setText(text)  # type: ignore[union-attr]
    assert not editor.form.complain()
    assert "nobody said why" in editor.form._places["paid_pairs_reason"].note.text()
    assert "no pair" not in editor.form._places["paid_pairs"].note.text()


def test_a_preset_begins_a_payer_and_says_what_to_look_up(window: MainWindow, editor: RecordEditor) -> None:
    page: Any = window.page_of("payers")
    menu = page.start_menu()
    actions = {action.text(): action for action in menu.actions()}
    assert list(actions) == [*(preset.title for preset in PRESETS.values()), "Something else"]
    actions["Veterans' community care"].trigger()
    assert not editor.changed and editor.told_note.isVisible()
    assert editor.told.text().splitlines()[1:] == list(PRESETS["veterans"].look_up)
    editor.form.editor("name").setText("Community Care West")  # type: ignore[union-attr]
    assert editor.save()
    with window.desk.read() as s:
        (kept,) = payers.payers(s)
    assert (kept.program, kept.authorization_required, kept.gp_modifier) == (Program.OTHER, True, True)
    assert kept.unit_rule is None and editor.told_note.isHidden()
    editor.begin_new()
    assert editor.told_note.isHidden()
