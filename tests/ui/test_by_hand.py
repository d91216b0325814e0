"""Values by hand and problems let pass, in the inspector: what is kept, what is shown, what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app import paperwork
from app.billing.problems import Severity
from app.forms import values
from app.store import claims, overrides, practice
from app.ui import claim_paper, hand_editor
from app.ui.claim_view import ClaimView
from app.ui.controls import Button
from app.ui.dialogs import Confirm, Leave, LeaveQuestion
from app.ui.fields import ChoiceEditor, TextEditor
from app.ui.hand_editor import HandEditor, shape, spoken, value_key
from app.ui.main_window import MainWindow
from tests.ui.conftest import TODAY
from tests.ui.test_pages import build


@pytest.fixture(autouse=True)
def _yes(monkeypatch: Any) -> None:
    monkeypatch.setattr(Confirm, "ask", classmethod(lambda cls, *words: True))
    monkeypatch.setattr(claim_paper.Choice, "ask", staticmethod(lambda *words: "full"))


def claim_of(view: ClaimView) -> int:
    assert view.open is not None and view.open.bundle.claim.id is not None
    return view.open.bundle.claim.id


def put(view: ClaimView, item: str, reason: str, *texts: str, scope: str = "claim") -> HandEditor:
    """Type into the fields of an item and keep them."""
    assert view.sheet.choose_item(item)
    view.override()
    hand = view.inspector.hand
    for part, text in zip(hand._parts, texts, strict=False):
        if isinstance(part.editor, TextEditor):
            part.editor.setText(text)
        elif isinstance(part.editor, ChoiceEditor):
            part.editor.setCurrentIndex(part.editor.findText(text))
    hand.reason.setText(reason)
    hand.scope.setCurrentIndex(hand.scope.findData(scope))
    hand.keep()
    return hand


def test_every_item_can_be_typed_as_it_is(demo_window: MainWindow) -> None:
    view = build(demo_window, "applewhite")
    hand = view.inspector.hand
    page = view.open.paper.values[0]
    seen = set()
    for stop in view.sheet.stops:
        key = value_key(stop)
        if key in seen or (key.startswith("24.") and not key.startswith("24.1.")):
            continue
        seen.add(key)
        value = hand_editor.value_of(page, key)
        hand.open_for(key, value)
        typed = hand.value()
        assert typed == value or (value is None and typed in (None, {"yes": False})), key
        if typed is not None:
            values.parse({"24": [{key.rpartition(".")[2]: typed}]} if key.startswith("24.") else {key: typed})
        assert not hand.changed
    hand.hide()
    assert {key for key in seen if "." not in key} == set(values.FORMAT) - {"24"}
    assert {key.rpartition(".")[2] for key in seen if "." in key} == set(values.SERVICE_LINE)


def test_a_value_by_hand_is_printed_told_reset_and_undone(demo_window: MainWindow, qtbot: Any) -> None:
    view = build(demo_window, "applewhite")
    view.sheet.choose_item("17")
    before = view.inspector.value.text()
    qtbot.keyClick(view.sheet, Qt.Key.Key_F2)
    hand = view.inspector.hand
    assert hand.isVisible() and [part.editor.text() for part in hand._parts] == ["DN", "Henrietta Plum MD"]
    put(view, "17", "The adjuster wants the orderer", "DK", "Ann Other MD")
    assert view.inspector.value.text() == "DK ANN OTHER MD"
    assert not hand.isVisible() and view.inspector.by_hand.isVisible()
    assert view.inspector.by_hand.words.text() == "The adjuster wants the orderer (for this claim)"
    assert before[3:].upper() in view.inspector.by_hand.own.text().upper()
    assert view.sheet.sheet.by_hand == {"17"}
    with demo_window.desk.read() as s:
        (kept,) = overrides.of_claim(s, claim_of(view))
    assert json.loads(kept.value) == {"name": "Ann Other MD", "qualifier": "DK"}
    view.inspector.by_hand.reset.click()
    assert view.inspector.value.text() == before and not view.inspector.by_hand.isVisible()
    demo_window.undo()
    assert view.inspector.value.text() == "DK ANN OTHER MD"
    demo_window.undo()
    assert view.inspector.value.text() == before


def test_a_value_for_the_payer_stands_on_every_line(demo_window: MainWindow) -> None:
    view = build(demo_window, "applewhite")
    put(view, "24C.1", "They want N", "N", scope="payer")
    assert view.inspector.hand.isHidden()
    view.show_page(1)
    view.sheet.choose_item("24C.1")
    assert view.inspector.value.text() == "N"
    assert "every claim to this payer" in view.inspector.by_hand.words.text()
    with demo_window.desk.read() as s:
        (kept,) = overrides.of_payer(s, view.open.bundle.payer.id)
    assert kept.key == "24.*.emg"
    view.inspector.by_hand.reset.click()
    with demo_window.desk.read() as s:
        assert overrides.of_payer(s, view.open.bundle.payer.id) == []


def test_a_line_of_the_second_form_is_meant(demo_window: MainWindow) -> None:
    view = build(demo_window, "applewhite")
    view.show_page(1)
    put(view, "24B.1", "At the client's home", "12")
    with demo_window.desk.read() as s:
        assert [each.key for each in overrides.of_claim(s, claim_of(view))] == ["24.7.place"]
    assert view.page_number == 1 and view.inspector.value.text() == "12"


@pytest.mark.parametrize(
    ("item", "text", "reason", "told"),
    [
        ("19", "ZZ 225700000X", " ", "no reason"),
        ("28", "lots", "So", "Not an amount"),
        ("14", "31/31", "So", "Not a date"),
        ("2", "Someone, Else", "For all", "differs from client to client"),
    ],
)
def test_what_does_not_suit_is_told_beside_the_field(
    demo_window: MainWindow, item: str, text: str, reason: str, told: str
) -> None:
    view = build(demo_window, "quill")
    hand = put(view, item, reason, text, scope="payer" if reason == "For all" else "claim")
    assert hand.isVisible() and told in hand.told.text()
    assert hand._parts[0].editor.text() == text
    with demo_window.desk.read() as s:
        assert overrides.of_claim(s, claim_of(view)) == []
        assert overrides.of_payer(s, view.open.bundle.payer.id) == []


def test_what_is_typed_is_asked_about_before_another_box(demo_window: MainWindow, monkeypatch: Any) -> None:
    answers = [Leave.STAY, Leave.DROP]
    monkeypatch.setattr(LeaveQuestion, "ask", classmethod(lambda cls, *words: answers.pop(0)))
    view = build(demo_window, "quill")
    view.sheet.choose_item("19")
    view.override()
    view.inspector.hand._parts[0].editor.setText("HALF TYPED")
    view.sheet.choose_item("2")
    assert view.sheet.current.key == "19" and view.inspector.hand._parts[0].editor.text() == "HALF TYPED"
    view.sheet.choose_item("2")
    assert view.sheet.current.key == "2" and view.inspector.hand.isHidden() and answers == []
    view.override()
    demo_window.page_of("claims").back()
    assert view.inspector.hand.isHidden() and demo_window.page_of("claims").stack.currentWidget() is view


def test_the_cursor_comes_into_the_part_that_was_chosen(demo_window: MainWindow, qtbot: Any) -> None:
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    view = build(demo_window, "quill")
    for item, text in (("21B", "B"), ("3.sex", "Sex"), ("5.phone", "Area"), ("2", "Value")):
        assert view.sheet.choose_item(item)
        view.override()
        front = QApplication.focusWidget()
        assert isinstance(front, (TextEditor, ChoiceEditor)) and front.spec.label == text
        view.close_hand()


def test_the_window_saves_and_asks(demo_window: MainWindow, monkeypatch: Any) -> None:
    monkeypatch.setattr(LeaveQuestion, "ask", classmethod(lambda cls, *words: Leave.STAY))
    page = demo_window.page_of("claims")
    view = build(demo_window, "quill")
    view.sheet.choose_item("19")
    view.override()
    view.inspector.hand._parts[0].editor.setText("ZZ225700000X")
    demo_window.go("clients")
    assert demo_window.page() is page
    page.open("build")
    assert page.stack.currentWidget() is view
    view.inspector.hand.reason.setText("They ask for the taxonomy")
    page.save()
    assert view.inspector.value.text() == "ZZ225700000X"


def test_an_issued_claim_keeps_its_values_and_says_so(demo_window: MainWindow, tmp_path: Any) -> None:
    view = build(demo_window, "quill")
    number = view.open.bundle.claim.number
    put(view, "19", "They ask for the taxonomy", "ZZ225700000X")
    view.write_pdf(tmp_path / "a.pdf", paperwork.Mode.FULL, claim_of(view), number)
    assert view.open.bundle.claim.issued is not None
    assert view.inspector.fixed.isVisible() and "issued" in view.inspector.fixed.text()
    assert view.inspector.by_hand.isVisible() and not view.inspector.by_hand.reset.isVisible()
    view.override()
    assert view.inspector.hand.isHidden() and "issued" in demo_window.messages.text()


def spoil(window: MainWindow) -> None:
    """The practice loses its NPI, which blocks."""
    with window.desk.write("Spoil") as s:
        practice.save_practice(s, replace(practice.practice(s), npi=""))


def links(view: ClaimView, text: str) -> list[Button]:
    QApplication.processEvents()
    return [one for one in view.inspector.findChildren(Button) if one.text() == text and one.isVisible()]


def test_a_blocking_problem_passes_with_a_reason_and_blocks_again(demo_window: MainWindow) -> None:
    spoil(demo_window)
    view = build(demo_window, "applewhite")
    blocking = [p for p in view.open.problems if p.severity is Severity.BLOCK]
    link = links(view, "Print anyway with a reason…")[0]
    link.click()
    reason = next(one for one in view.inspector.findChildren(TextEditor) if one.isVisible())
    asked = reason.parentWidget()
    asked.give()
    assert "no reason" in asked.told.text() and len(blocking) > 0
    reason.setText("The payer knows us by the tax id")
    asked.give()
    still = [p for p in view.open.problems if p.severity is Severity.BLOCK]
    assert len(still) == len(blocking) - 1
    let = [p for p in view.open.problems if "The payer knows us by the tax id" in p.message]
    assert [p.severity for p in let] == [Severity.WARN]
    with demo_window.desk.read() as s:
        (kept,) = overrides.waivers(s, claim_of(view))
    assert (kept.code, kept.item) == (blocking[0].code, blocking[0].item)
    (again,) = links(view, "Let it block again")
    again.click()
    assert [p for p in view.open.problems if p.severity is Severity.BLOCK] == blocking
    demo_window.undo()
    assert [p for p in view.open.problems if p.severity is Severity.BLOCK] == still


def test_what_the_paper_cannot_hold_never_passes(demo_window: MainWindow) -> None:
    view = build(demo_window, "quill")
    put(view, "32", "A long name", "QUIET RIVER MASSAGE THERAPY AND BODYWORK CENTER")
    (wide,) = [p for p in view.open.problems if p.code == "text.too-long"]
    assert wide.severity is Severity.BLOCK and not view.open.may_pass(wide)
    assert links(view, "Print anyway with a reason…") == []


def test_a_void_claim_takes_no_value(demo_window: MainWindow) -> None:
    view = build(demo_window, "quill")
    with demo_window.desk.write("Void") as s:
        claims.void(s, claim_of(view), on=TODAY)
    view.sheet.choose_item("19")
    view.override()
    assert view.inspector.override_button.isHidden() and view.inspector.hand.isHidden()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "blank"), ("", "blank"), ("ABC", "ABC"), (True, "yes"), (False, "no"), ("1990-03-04", "03/04/1990"),
        ({"dob": "1990-03-04", "sex": "F"}, "03/04/1990 F"), (["A", "", "B"], "A, B"), ("2026-99-99", "2026-99-99"),
        ({"area": "541", "lines": ["A", "B"]}, "541 A, B"),
    ],
)  # fmt: skip
def test_values_are_spoken(value: Any, words: str) -> None:
    assert spoken(value) == words


def test_shapes_are_those_of_the_format() -> None:
    assert shape("24.3.modifiers") == [values.TEXT] and shape("17") == values.FORMAT["17"]
