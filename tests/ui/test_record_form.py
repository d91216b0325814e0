"""A form says nothing while one types for the first time, keeps what it cannot read, and never loses a value."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from app.billing import ids
from app.billing.problems import Problem, warn
from app.billing.records import Sex
from app.ui import fields, words
from app.ui.record_form import RecordForm, Section

TODAY = dt.date(2026, 11, 21)


@dataclass(frozen=True, kw_only=True)
class Person:
    id: int | None = None
    name: str = ""
    born: dt.date | None = None
    fee: int = 0
    visits: int = 0
    npi: str = ""
    state: str = ""
    sex: Sex = Sex.UNKNOWN
    codes: tuple[str, ...] = ()
    active: bool = False
    secret: str = "kept"


def _check(person: Person) -> list[Problem]:
    return [warn("person.cheap", "The fee is low.", field="fee")] if 0 < person.fee < 1000 else []


@pytest.fixture
def form(look: QApplication, qtbot: Any) -> RecordForm[Person]:
    made: RecordForm[Person] = RecordForm(
        [
            Section("Person", [
                [fields.text("name", "Name"), fields.date("born", "Born", lambda: TODAY, past=True)],
                [fields.money("fee", "Fee"), fields.number("visits", "Visits")],
                [fields.identifier("npi", "NPI", ids.NPI), fields.identifier("state", "State", ids.STATE, 60)],
                [fields.choice("sex", "Sex", fields.words(words.SEX))],
                [fields.codes("codes", "Codes", ids.ICD10), fields.flag("active", "Active")],
            ])
        ],
        _check,
    )  # fmt: skip
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    qtbot.waitExposed(made)
    made.load(Person(name="Ottoline", born=dt.date(1980, 2, 29), fee=2500, sex=Sex.FEMALE, codes=("M54.2",)))
    return made


def line(form: RecordForm[Person], name: str) -> QLineEdit:
    editor = form.editor(name)
    assert isinstance(editor, QLineEdit)
    return editor


def note(form: RecordForm[Person], name: str) -> str:
    return form._places[name].note.text()


def test_what_was_loaded_comes_back_unchanged(form: RecordForm[Person]) -> None:
    assert not form.changed
    assert form.draft() == Person(
        name="Ottoline", born=dt.date(1980, 2, 29), fee=2500, sex=Sex.FEMALE, codes=("M54.2",)
    )
    assert line(form, "born").text() == "02/29/1980" and line(form, "fee").text() == "25.00"


def test_every_kind_is_read(form: RecordForm[Person]) -> None:
    typed = {
        "name": "  Marsh ", "born": "111889", "fee": "1,250.5", "visits": "12", "npi": "1234567893", "state": "wa",
        "codes": "m542, S134XXA",
    }  # fmt: skip
    for name, text in typed.items():
        line(form, name).setText(text)
    form.editor("sex").setCurrentIndex(2)
    form.editor("active").setChecked(True)
    assert form.changed
    assert form.draft() == Person(
        name="Marsh", born=dt.date(1989, 11, 18), fee=125050, visits=12, npi="1234567893", state="WA", sex=Sex.MALE,
        codes=("M54.2", "S13.4XXA"), active=True,
    )  # fmt: skip
    assert isinstance(form.draft().sex, Sex)


def test_what_cannot_be_read_stays_as_typed_and_blocks(form: RecordForm[Person], qtbot: Any) -> None:
    line(form, "fee").setText("12,34,5")
    assert form.draft().fee == 2500
    (problem,) = form.problems()
    assert (problem.code, problem.field, problem.severity) == ("input.unreadable", "fee", "block")
    assert note(form, "fee") == ""
    assert form.complain()
    assert line(form, "fee").text() == "12,34,5"
    assert line(form, "fee").property("state") == "block"
    assert note(form, "fee") == "Not an amount. Type 25 or 25.00."


def test_it_speaks_after_leaving_and_then_live(form: RecordForm[Person], qtbot: Any) -> None:
    born = line(form, "born")
    born.setFocus()
    born.setText("13/45/2026")
    assert note(form, "born") == ""
    line(form, "fee").setFocus()
    QApplication.processEvents()
    assert note(form, "born").startswith("Not a date.")
    born.setText("04/12/1986")
    assert note(form, "born") == "" and not form.problems()


def test_a_warning_is_shown_and_does_not_stop(form: RecordForm[Person]) -> None:
    line(form, "fee").setText("5")
    assert not form.complain()
    assert line(form, "fee").property("state") == "warn" and note(form, "fee") == "The fee is low."
    assert line(form, "fee").text() == "5.00"


def test_dates_move_by_plus_and_minus_but_not_while_half_typed(form: RecordForm[Person], qtbot: Any) -> None:
    born = line(form, "born")
    born.setText("11/18/2026")
    qtbot.keyClicks(born, "+")
    assert born.text() == "11/19/2026"
    qtbot.keyClicks(born, "--")
    assert born.text() == "11/17/2026"
    born.clear()
    qtbot.keyClicks(born, "11-18-26")
    assert born.text() == "11-18-26"
    assert form.draft().born == dt.date(2026, 11, 18)


def test_pasted_line_ends_are_left_out_and_said(form: RecordForm[Person]) -> None:
    line(form, "name").end(False)
    line(form, "name").insert(" Ann\u2028\tLee\u200b")
    assert line(form, "name").text() == "Ottoline Ann Lee "
    assert form.draft().name == "Ottoline Ann Lee"
    assert "left out" in note(form, "name")


def test_enter_goes_to_the_next_field(form: RecordForm[Person], qtbot: Any) -> None:
    form.focus("name")
    qtbot.keyClick(line(form, "name"), Qt.Key.Key_Return)
    QApplication.processEvents()
    assert QApplication.focusWidget() is form.editor("born")


def test_an_id_says_when_it_is_right(form: RecordForm[Person]) -> None:
    npi = form.editor("npi")
    for typed, right in (("123456789", False), ("1234567893", True), ("1234567890", False)):
        npi.setText(typed)
        assert npi._ready is right


def test_an_option_that_is_gone_stays(form: RecordForm[Person]) -> None:
    offered = [(1, "one")]
    spec = fields.choice("name", "Name", lambda: offered)
    box = fields.ChoiceEditor(spec)
    box.load(7)
    assert box.value() == 7 and box.currentText() == "not offered any more"
    box.load(1)
    assert box.count() == 1 and box.value() == 1


def test_notes_never_overlap(form: RecordForm[Person]) -> None:
    for name in ("npi", "state"):
        line(form, name).setText("?")
    form.complain()
    boxes = [form._places[name].note.geometry() for name in ("npi", "state")]
    assert not any(a.intersects(b) for a, b in pairwise(boxes))
    assert all(box.right() <= form.width() for box in boxes)
