"""Pairs of codes while a session is entered: what warns, what a person decides, what is kept; the expected share."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from app.billing.benefits import Answer
from app.billing.records import Payer, ServiceLine
from app.store import clients, payers, visits
from app.ui.benefits_call import calls
from app.ui.controls import Button
from app.ui.main_window import MainWindow
from app.ui.visit_form import VisitForm, time_text
from app.ui.visit_pairs import apart, rivals
from tests.ui.test_pages import client_id

DAY = dt.date(2026, 11, 18)


def put(form: VisitForm, at: int, **texts: str) -> None:
    for name, text in texts.items():
        cell = getattr(form.lines.rows[at], name)
        cell.setText(text)
        cell.textEdited.emit(text)


@pytest.fixture
def form(demo_window: MainWindow) -> VisitForm:
    """A new session of an insured client with last time's lines: 97140 and 97112."""
    demo_window.go("sessions", ("new", client_id(demo_window, "applewhite")))
    page: Any = demo_window.page()
    page.form.same_as_last()
    made: VisitForm = page.form
    return made


def buttons(form: VisitForm) -> dict[str, Button]:
    return {one.text(): one for one in form.pairs.findChildren(Button) if not one.isHidden()}


def test_an_ordinary_session_asks_nothing(form: VisitForm) -> None:
    assert form.pairs.isHidden() and form.pairs.regions == {}


def test_what_cannot_be_read_is_told_where_it_stands(form: VisitForm, demo_window: MainWindow) -> None:
    form.date.setText("soon")
    form.date.left.emit()
    assert form.date.property("state") == "block" and form.date_note.isVisible()
    assert form.date_note.text() and "Date" not in form.warning.text()
    form.edited.emit()
    said = [each.text() for each in demo_window.page().findChildren(QLabel) if not each.isHidden()]
    assert "Choose a client" not in said and "Type a date first" in said
    assert form.lines.rows[0].words.text() == "Type a date first"
    form.date.setText("11/18/2026")
    form.date.left.emit()
    assert form.date.property("state") == "" and form.date_note.isHidden()
    assert form.lines.rows[0].words.text() not in {"Type a date first", "not in the fees"}
    put(form, 0, minutes="sixty")
    form.note.setFocus()
    assert form.lines.rows[0].minutes.property("state") == "block"
    assert "Line 1: Not a number." in form.warning.text() and form.warn_note.isVisible()
    put(form, 0, minutes="60")
    assert form.lines.rows[0].minutes.property("state") == "" and "Not a number" not in form.warning.text()


def test_one_of_two_codes_is_dropped_by_its_button(form: VisitForm) -> None:
    put(form, 1, code="97124")
    assert "Payers pay one of the two" in form.warning.text() and form.warn_note.isVisible()
    charge = form.lines.rows[0].charge.text()
    buttons(form)["Drop 97124"].click()
    assert [line.code for line in form.draft().lines] == ["97140"]
    assert form.pairs.isHidden() and "one of the two" not in form.warning.text()
    assert form.lines.rows[0].charge.text() == charge


def test_a_payer_that_is_known_to_pay_both_asks_nothing(demo_window: MainWindow, form: VisitForm) -> None:
    policy = form.context.policy(form.policy.value())
    assert policy is not None
    payer = replace(
        form.context.payers[policy.payer_id], paid_pairs=("97124+97140",), paid_pairs_reason="Paid on 10/02"
    )
    with demo_window.desk.write("Mark") as s:
        payers.save_payer(s, payer)
    form.load(form.blank(policy.client_id))
    form.same_as_last()
    put(form, 1, code="97124")
    assert form.pairs.isHidden() and "one of the two" not in form.warning.text()


def test_a_line_done_apart_names_its_region_and_is_kept(demo_window: MainWindow, form: VisitForm) -> None:
    put(form, 1, code="98941", minutes="", charge="60")
    assert list(form.pairs.regions) == [0] and "separate region" in form.warning.text()
    assert form.lines.rows[0].modifiers.text() == "GP"
    buttons(form)["Bill it apart with 59"].click()
    assert form.lines.rows[0].modifiers.text() == "59 GP"
    assert "Name the separate region" in form.warning.text() and "Bill it apart with 59" not in buttons(form)
    field = form.pairs.regions[0]
    field.setText("left shoulder")
    assert form.pairs.regions[0] is field and "Name the separate region" not in form.warning.text()
    page: Any = demo_window.page()
    page.save()
    with demo_window.desk.read() as s:
        kept = visits.last_visit(s, client_id(demo_window, "applewhite"))
    assert kept is not None
    assert [(line.separate_region, line.modifiers) for line in kept.lines] == [
        ("left shoulder", ("59", "GP")), ("", ("GP",)),
    ]  # fmt: skip
    form.load(kept)
    assert form.pairs.regions[0].text() == "left shoulder" and not form.changed
    form.pairs.regions[0].setText("neck")
    assert form.changed
    form.load(replace(kept, lines=(replace(kept.lines[0], separate_region="right hip"), kept.lines[1])))
    assert form.pairs.regions[0].text() == "right hip" and not form.changed


def test_dropping_a_line_keeps_what_the_others_say(form: VisitForm) -> None:
    put(form, 1, code="98941", minutes="", charge="60")
    put(form, 2, code="97110", minutes="10")
    form.pairs.regions[0].setText("left shoulder")
    form.lines.drop_code("98941")
    assert [(line.code, line.separate_region) for line in form.draft().lines] == [
        ("97140", "left shoulder"), ("97110", ""),
    ]  # fmt: skip


def test_who_pays_directly_is_not_asked_about_pairs(demo_window: MainWindow) -> None:
    demo_window.go("sessions", ("new", client_id(demo_window, "vasquez")))
    page: Any = demo_window.page()
    put(page.form, 0, code="97140", minutes="20")
    put(page.form, 1, code="97124", minutes="20")
    assert page.form.pairs.isHidden()


def test_the_expected_share_comes_from_the_newest_call(demo_window: MainWindow) -> None:
    who = client_id(demo_window, "applewhite")
    with demo_window.desk.write("Ask") as s:
        newest = calls(s, who)[0]
        answers = {
            "covers_massage": Answer.YES, "deductible": 0, "copay": None, "coinsurance": 20, "visit_limit": 0,
            "called_on": dt.date(2026, 11, 1),
        }  # fmt: skip
        clients.save_verification(s, replace(newest, id=None, **answers))
    demo_window.go("sessions", ("new", who))
    page: Any = demo_window.page()
    page.form.same_as_last()
    QApplication.processEvents()
    said = [one.text() for one in page.cards.findChildren(QLabel) if not one.isHidden()]
    at = said.index("Client's share, expected")
    assert page.form.lines.charge() == 13200 and said[at + 1] == "26.40"
    assert "Benefits asked" in said and "called 11/01/2026" in said


@pytest.mark.parametrize(
    ("codes", "wanted"), [(("97140", "97124"), [("97140", "97124")]), (("97140",), []), (("97140", "97140"), [])]
)
def test_rivals(codes: tuple[str, ...], wanted: list[tuple[str, str]]) -> None:
    lines = [ServiceLine(code=code) for code in codes]
    assert rivals(lines, DAY, Payer(paid_pairs=("97140+97124",))) == wanted
    assert rivals(lines, None, None) == [] and apart(lines, None) == []


def test_a_therapist_who_is_with_another_client_then_is_told_while_it_is_typed(
    demo_window: MainWindow, form: VisitForm
) -> None:
    with demo_window.desk.read() as s:
        taken = visits.visits_of(s, client_id(demo_window, "marsh"))[0]
        assert taken.date is not None
        assert taken in visits.given_on(s, taken.date, taken.provider_id)
    form.provider.load(taken.provider_id)
    form.date.setText(f"{taken.date:%m/%d/%Y}")
    form.start.setText(time_text(taken.start))
    form.start.textEdited.emit(form.start.text())
    assert "another client" in form.warning.text()
    form.start.setText(time_text((taken.start or 0) + taken.minutes))
    form.start.textEdited.emit(form.start.text())
    assert "another client" not in form.warning.text()
