"""What somebody stumbles over who has never seen the program: ways back, words that fit, nothing said too early."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app import paperwork
from app.billing.records import ClaimStatus, Client, Relationship
from app.store import claims, clients
from app.ui import message_bar
from app.ui.dialogs import Confirm
from app.ui.form_sheet import FormSheet
from app.ui.main_window import MainWindow
from tests.ui.conftest import TODAY


def front(window: MainWindow) -> Any:
    return window.page()


def cursor() -> Any:
    return QApplication.focusWidget()


def of(window: MainWindow, name: str) -> int:
    with window.desk.read() as s:
        return clients.find(s, name)[0].id


def open_claim(window: MainWindow) -> Any:
    """A claim that may be printed, open."""
    for line in list_of_clients(window):
        for made in paperwork.build_claims(window.desk.clinic, today=TODAY, client_id=line.id):
            window.go("claims", made.id)
            if not [p for p in front(window).view.open.problems if p.severity.name == "BLOCK"]:
                return front(window).view
    raise AssertionError("no claim may be printed")


def list_of_clients(window: MainWindow) -> Any:
    with window.desk.read() as s:
        return clients.find(s, limit=50)


def activate(window: MainWindow, qtbot: Any) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()


def test_a_remedy_leads_to_its_field_and_esc_back_to_the_claim(demo_window: MainWindow, qtbot: Any) -> None:
    activate(demo_window, qtbot)
    view = open_claim(demo_window)
    view.sheet.choose_item("1a")
    qtbot.keyClick(view.sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert front(demo_window).key == "clients" and cursor().objectName() == "member_id"
    cursor().insert("7")
    qtbot.keyClick(cursor(), Qt.Key.Key_Escape)
    assert front(demo_window).key == "clients", "first what was typed is reverted"
    qtbot.keyClick(cursor(), Qt.Key.Key_Escape)
    assert front(demo_window).key == "claims" and front(demo_window).view.isVisible()
    demo_window.go("clients")
    demo_window._back()
    assert front(demo_window).key == "clients", "who came by the rail stays"


def test_saving_a_pdf_issues_but_does_not_say_printed(
    demo_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = open_claim(demo_window)
    claim = view.open.bundle.claim
    monkeypatch.setattr(Confirm, "ask", classmethod(lambda cls, *words: True))
    sheets = [(claim.id, claim.number)]
    assert view.paper.write_pdf(tmp_path / "a.pdf", paperwork.Mode.OVERLAY, sheets)
    view.reread()
    assert view.open.bundle.claim.status is ClaimStatus.READY and view.open.bundle.claim.issued == TODAY
    assert view.afterwards.isVisible() and "not set to printed" in demo_window.messages.text()
    with demo_window.desk.write("Save client") as s:
        clients.save_client(s, Client(last_name="Fennel"))
    assert view.paper.write_pdf(tmp_path / "b.pdf", paperwork.Mode.FULL, sheets)
    assert demo_window.desk.clinic.undo_label == "Save client", "saving it again changes nothing, so undo stays"
    with demo_window.desk.read() as s:
        assert claims.bundles(s, [claim.id])[0].claim.status is ClaimStatus.READY


def test_old_words_go_with_the_page(demo_window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    demo_window.go("clients")
    demo_window.messages.fail("The printer does not answer.")
    demo_window.go("claims")
    assert demo_window.messages.text(), "it was said just now"
    monkeypatch.setattr(message_bar, "_OLD_MS", -1)
    demo_window.go("clients")
    assert not demo_window.messages.text()


def test_esc_in_the_find_box_gives_the_cursor_back(demo_window: MainWindow, qtbot: Any) -> None:
    activate(demo_window, qtbot)
    demo_window.go("clients", of(demo_window, "applewhite"))
    front(demo_window).show_part("person")
    field = front(demo_window).editor("person").form.editor("first_name")
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(demo_window.find_box, "zz")
    qtbot.keyClick(demo_window.find_box, Qt.Key.Key_Escape)
    qtbot.keyClick(demo_window.find_box, Qt.Key.Key_Escape)
    assert cursor() is field


def test_nothing_found_says_so_with_near_names_and_a_new_client(demo_window: MainWindow, qtbot: Any) -> None:
    activate(demo_window, qtbot)
    box = demo_window.find_box
    box.setFocus()
    qtbot.keyClicks(box, "applewheit")
    said = [hit.title for hit in box.hits()]
    assert said[0] == "Nothing matches “applewheit”. Near:" and said[1].startswith("Applewhite")
    assert said[-1] == "New client “applewheit”"
    qtbot.keyClick(box, Qt.Key.Key_Up)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.is_open, "the sentence is nothing to take"
    qtbot.keyClick(box, Qt.Key.Key_Up)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    form = front(demo_window).editor("person").form
    assert form.editor("last_name").text() == "Applewheit" and form.changed
    form.load(Client())


def test_enter_at_a_choice_goes_to_the_next_field(demo_window: MainWindow, qtbot: Any) -> None:
    activate(demo_window, qtbot)
    demo_window.go("clients", of(demo_window, "applewhite"))
    front(demo_window).show_part("person")
    form = front(demo_window).editor("person").form
    form.editor("sex").setFocus()
    qtbot.keyClick(form.editor("sex"), Qt.Key.Key_Return)
    assert cursor() is form.editor("number")


def test_boxes_are_called_by_what_they_hold(look: QApplication, qtbot: Any) -> None:
    from app.forms import layout

    sheet = FormSheet(layout.load())
    qtbot.addWidget(sheet)
    named = {stop.key: stop.label for stop in sheet.stops}
    assert named["33"] == "Billing provider" and named["5.phone"] == "Patient's phone number"
    assert named["32"] == "Service facility" and named["21.A" if "21.A" in named else "21A"] == "Diagnosis A"


def test_notes_of_narrow_fields_stay_on_one_line(demo_window: MainWindow) -> None:
    demo_window.go("clients", of(demo_window, "applewhite"))
    page = front(demo_window)
    page.show_part("person")
    form = page.editor("person").form
    form.editor("state").setText("Washington")
    form.editor("zip_code").setText("9")
    form.complain()
    QApplication.processEvents()
    notes = [form._places[name].note for name in ("state", "zip_code")]
    boxes = [note.geometry() for note in notes]
    assert all(note.text() and note.height() <= 20 for note in notes)
    assert not boxes[0].intersects(boxes[1]) and all(
        note.parentWidget().rect().contains(note.geometry()) for note in notes
    )
    form.load(form._loaded)


def test_the_insured_is_asked_only_when_it_is_another(demo_window: MainWindow) -> None:
    demo_window.go("clients", of(demo_window, "applewhite"))
    page = front(demo_window)
    page.show_part("policy")
    form = page.editor("policy").form
    first, relation = form.editor("insured_last_name"), form.editor("relationship")
    assert relation.value() is Relationship.SELF and not first.isVisible()
    relation.setCurrentIndex(relation.findData(Relationship.CHILD))
    assert first.isVisible()
    first.setText("Applewhite")
    relation.setCurrentIndex(relation.findData(Relationship.SELF))
    assert not first.isVisible() and form.draft().insured_last_name == "Applewhite", "what was typed is not lost"
    form.load(dataclasses.replace(form._loaded))


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("email", "x", "Not an email address. It looks like name@example.org."),
        ("last_name", "A" * 300, "That is 300 characters long. Shorten it to 200."),
        ("birth_date", "32/13/20", "Not a date."),
    ],
)
def test_what_cannot_be_meant_stays_as_typed_with_a_note(
    demo_window: MainWindow, field: str, typed: str, said: str
) -> None:
    demo_window.go("clients", of(demo_window, "applewhite"))
    page = front(demo_window)
    page.show_part("person")
    editor = page.editor("person")
    editor.form.editor(field).setText(typed)
    assert not editor.save()
    place = editor.form._places[field]
    assert place.note.text().startswith(said) and place.editor.text() == typed
    editor.revert()


def test_pasted_line_ends_are_dropped_with_a_note(demo_window: MainWindow, qtbot: Any) -> None:
    demo_window.go("clients", of(demo_window, "applewhite"))
    page = front(demo_window)
    page.show_part("person")
    form = page.editor("person").form
    form.editor("street").clear()
    QGuiApplication.clipboard().setText("12 Elm\nApt\u0007 4")
    form.editor("street").paste()
    assert form.editor("street").text() == "12 Elm Apt  4"
    assert form._places["street"].note.text() == "Line ends and invisible characters were left out."
    form.load(form._loaded)


def test_the_session_form_waits_until_words_are_typed(demo_window: MainWindow, qtbot: Any) -> None:
    activate(demo_window, qtbot)
    demo_window.go("sessions", ("new", of(demo_window, "applewhite")))
    form = front(demo_window).form
    form.diagnoses.clear()
    form.diagnoses.setFocus()
    qtbot.keyClicks(form.diagnoses, "cerv")
    assert form.source.text() == ""
    form.date.setText("soon")
    form.note.setFocus()
    assert "ICD-10" in form.source.text()
    assert "Not a date." in form.date_note.text() and form.date_note.isVisible() and form.date.text() == "soon"
    form.load(form.visit)
    assert form.typed_date() == dt.date(2026, 11, 21)
