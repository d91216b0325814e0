"""The benefits call on the client's record: what is asked, what stays unknown, what follows from the answers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from app.billing.benefits import Answer, Network, Verification
from app.store import clients
from app.ui.benefits_call import calls
from app.ui.fields import ChoiceEditor, TextEditor, money, number, or_unknown, several
from app.ui.main_window import MainWindow
from app.ui.record_editor import RecordEditor
from tests.ui.test_pages import client_id

ANSWERS = {
    "representative": "Odile", "reference": "C-4471", "covers_massage": "yes", "network": "in network",
    "conditions": "M54, G44 ; neck", "excluded_regions": "feet", "kinds": "97124,97140", "deductible": "500",
    "deductible_met": "500", "deductible_applies": "yes", "copay": "25", "visit_limit": "20", "visits_used": "4",
    "referral_required": "no",
}  # fmt: skip


def type_in(editor: RecordEditor, answers: dict[str, str]) -> None:
    for name, text in answers.items():
        control = editor.form.editor(name)
        if isinstance(control, TextEditor):
            control.setText(text)
        elif isinstance(control, ChoiceEditor):
            assert control.findText(text) >= 0
            control.setCurrentIndex(control.findText(text))


@pytest.fixture
def editor(demo_window: MainWindow) -> RecordEditor:
    """The calls of a client with a policy and sessions, an empty form in front."""
    page: Any = demo_window.page_of("clients")
    demo_window.go("clients", client_id(demo_window, "applewhite"))
    page.show_part("verification")
    made: RecordEditor = page.editor("verification")
    for call in range(made.count):
        made.remove_shown()
        assert made.count >= 0, call
    made.begin_new()
    return made


def test_a_call_is_kept_as_it_was_answered(demo_window: MainWindow, editor: RecordEditor) -> None:
    today = demo_window.desk.today()
    who = client_id(demo_window, "applewhite")
    type_in(editor, ANSWERS)
    assert editor.save()
    with demo_window.desk.read() as s:
        (kept,) = calls(s, who)
        policy = clients.policies(s, who)[0]
    assert kept == Verification(
        id=kept.id, client_id=who, policy_id=policy.id or 0, called_on=today, representative="Odile",
        reference="C-4471", covers_massage=Answer.YES, network=Network.IN, conditions=("M54", "G44", "neck"),
        excluded_regions=("feet",), kinds=("97124", "97140"), deductible=50000, deductible_met=50000,
        deductible_applies=Answer.YES, copay=2500, visit_limit=20, visits_used=4, referral_required=Answer.NO,
    )  # fmt: skip
    assert kept.coinsurance is None
    assert demo_window.page_of("clients").tabs["verification"].count == 1  # type: ignore[attr-defined]
    demo_window.undo()
    assert editor.count == 0


def test_what_follows_is_told_while_one_types(demo_window: MainWindow, editor: RecordEditor) -> None:
    assert editor.told_note.isHidden()
    type_in(editor, ANSWERS | {"copay": ""})
    assert editor.told.text().startswith("Not enough was answered")
    type_in(editor, {"copay": "25"})
    assert "Of 132.00 the client pays 25.00 (25.00 copay), the plan 107.00." in editor.told.text()
    assert "Visits left this benefit year: 16." in editor.told.text()
    assert "Ask again on 01/01/2027." in editor.told.text()
    type_in(editor, {"reverify_on": "12012026", "deductible_met": "468", "copay": "", "coinsurance": "20"})
    assert "the client pays 52.00 (32.00 deductible, 20.00 coinsurance of 20 percent)" in editor.told.text()
    assert "Ask again on 12/01/2026." in editor.told.text()
    type_in(editor, {"called_on": "11012025", "reverify_on": ""})
    assert "It was to be asked again on 01/01/2026: call the plan." in editor.told.text()


def test_a_contradiction_is_told_beside_its_field(editor: RecordEditor) -> None:
    type_in(editor, ANSWERS | {"coinsurance": "20"})
    editor.form.complain()
    assert "a copay and a coinsurance" in editor.form._places["coinsurance"].note.text()


def test_the_newest_call_comes_first(demo_window: MainWindow, editor: RecordEditor) -> None:
    for called in ("01152026", "09102026", "05012026"):
        editor.begin_new()
        type_in(editor, {"called_on": called, "covers_massage": "yes"})
        assert editor.save()
    with demo_window.desk.read() as s:
        found = calls(s, client_id(demo_window, "applewhite"))
    assert [call.called_on for call in found] == [dt.date(2026, 9, 10), dt.date(2026, 5, 1), dt.date(2026, 1, 15)]
    assert editor.list.rows_model.index(0, 0).data().startswith("09/10/2026")


def test_a_client_without_a_policy_has_nothing_to_call_about(demo_window: MainWindow) -> None:
    page: Any = demo_window.page_of("clients")
    demo_window.go("clients", client_id(demo_window, "vasquez"))
    page.show_part("verification")
    editor = page.editor("verification")
    editor.begin_new()
    type_in(editor, {"representative": "Odile"})
    assert not editor.save()
    assert "Choose one" in editor.form._places["policy_id"].note.text()


def test_a_problem_leads_to_the_call(demo_window: MainWindow, editor: RecordEditor) -> None:
    type_in(editor, ANSWERS)
    editor.save()
    demo_window.go("claims")
    demo_window.go("clients", ("verification", editor._shown.id, "reverify_on"))
    page: Any = demo_window.page_of("clients")
    assert page.stack.key == "verification" and editor._shown.reference == "C-4471"


@pytest.mark.parametrize(
    ("typed", "value", "shown"), [("", None, ""), ("0", 0, "0.00"), ("25", 2500, "25.00"), (" ", None, "")]
)
def test_an_amount_that_was_not_asked_is_unknown(typed: str, value: int | None, shown: str) -> None:
    spec = or_unknown(money("copay", "Copay"), "0.00")
    assert spec.read(typed) == value and spec.show(value) == shown


def test_a_number_that_was_not_asked_is_unknown() -> None:
    spec = or_unknown(number("visit_limit", "Visits"))
    assert [spec.read(""), spec.read("0"), spec.show(None), spec.show(0), spec.show(7)] == [None, 0, "", "0", "7"]


def test_several_words_stand_between_commas() -> None:
    spec = several("kinds", "Kinds")
    assert spec.read(" deep tissue; 97124,, ") == ("deep tissue", "97124") and spec.show(("a b", "c")) == "a b, c"
