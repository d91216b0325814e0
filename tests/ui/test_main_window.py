"""The shell: pages by key, the find box, undo, the problems drawer, leaving a changed record, both looks."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QWidget

from app.billing.problems import block, inform, warn
from app.errors import ClinicError
from app.store import clients, users
from app.ui import crash_dialog, dialogs, tasks, theme
from app.ui.dialogs import Leave, LeaveQuestion
from app.ui.main_window import MainWindow

CTRL = Qt.KeyboardModifier.ControlModifier


def activate(window: MainWindow, qtbot: Any) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()


def test_the_shell_appears_with_a_clinic(bare_window: MainWindow, clinic: Any) -> None:
    assert not bare_window.find_box.isVisible() and not bare_window.rail.isVisible()
    bare_window.show_clinic(clinic, clinic.path)
    assert bare_window.find_box.isVisible() and bare_window.rail.isVisible()
    assert list(bare_window._rail_buttons) == [
        "today", "clients", "sessions", "claims", "superbills", "payers", "reports", "settings",
    ]  # fmt: skip
    assert list(bare_window.pages) == ["today"]
    assert bare_window.windowTitle() == "Today - Superbill Desk"


def test_keys_lead_to_the_pages(demo_window: MainWindow, qtbot: Any) -> None:
    activate(demo_window, qtbot)
    seen = []
    for key in (
        Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_6, Qt.Key.Key_7, Qt.Key.Key_Comma,
        Qt.Key.Key_1,
    ):  # fmt: skip
        qtbot.keyClick(demo_window, key, CTRL)
        seen.append(demo_window.page().key)
        assert demo_window._rail_buttons[seen[-1]].isChecked()
    assert seen == ["clients", "sessions", "claims", "superbills", "payers", "reports", "settings", "today"]


def test_the_rail_is_narrow_in_a_narrow_window(demo_window: MainWindow) -> None:
    assert demo_window.rail.width() == theme.RAIL_NARROW
    demo_window.resize(1440, 900)
    QApplication.processEvents()
    assert demo_window.rail.width() == theme.RAIL_WIDE
    assert all(not button.narrow for button in demo_window._rail_buttons.values())


@pytest.mark.parametrize("width", [960, 1280])
def test_a_name_set_later_has_its_room_in_the_top_bar(demo_window: MainWindow, width: int) -> None:
    demo_window.resize(width, 700)
    QApplication.processEvents()
    owner = demo_window.desk.clinic.user
    for name in ("Al", "Dana Reed", "Wilhelmina Featherstonehaugh-Applewhite"):
        with demo_window.desk.read() as s:
            person = next(one for one in users.users(s) if one.name == owner)
        users.change(demo_window.desk.clinic, replace(person, full_name=name))
        demo_window._show_user()
        top = demo_window.top
        parts = [each for each in top.findChildren(QWidget) if each.parent() is top and each.isVisible()]
        boxes = [(each, each.geometry()) for each in parts]
        assert demo_window.user_words in parts and demo_window.lock_button in parts
        assert [each for each, box in boxes if not top.rect().contains(box)] == []
        assert [(a, b) for (a, one), (b, two) in combinations(boxes, 2) if one.intersects(two)] == []
        assert demo_window.user_words.width() >= min(60, demo_window.user_words.sizeHint().width()), name
    assert top.width() == demo_window.width()


def test_find_opens_clients_claims_and_actions(demo_window: MainWindow, qtbot: Any) -> None:
    activate(demo_window, qtbot)
    demo_window.go("claims", "build")
    demo_window.page().builder.build()
    demo_window.go("sessions", "new")
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_K, CTRL)
    assert QApplication.focusWidget() is demo_window.find_box
    qtbot.keyClicks(demo_window.find_box, "marsh")
    hits = demo_window.find_box.hits()
    assert [hit.group for hit in hits][:2] == ["Client", "Claim"] and "08/21/1978" in hits[0].second
    qtbot.keyClick(demo_window.find_box, Qt.Key.Key_Return)
    assert demo_window.page().key == "clients" and demo_window.page().header.title.text().startswith("Marsh")
    assert demo_window.find_box.text() == ""
    qtbot.keyClicks(demo_window.find_box, "2026-0002")
    assert len(demo_window.find_box.hits()) == 1
    qtbot.keyClick(demo_window.find_box, Qt.Key.Key_Return)
    assert demo_window.page().key == "claims" and demo_window.page().view.header.title.text() == "Claim 2026-0002"
    qtbot.keyClicks(demo_window.find_box, "new cl")
    assert [hit.title for hit in demo_window.find_box.hits()] == ["New client"]
    qtbot.keyClick(demo_window.find_box, Qt.Key.Key_Escape)
    assert not demo_window.find_box.is_open and demo_window.find_box.text() == "new cl"
    qtbot.keyClick(demo_window.find_box, Qt.Key.Key_Escape)
    assert demo_window.find_box.text() == ""
    qtbot.keyClicks(demo_window.find_box, "zzz")
    assert demo_window.find_box.hits()[0].title.startswith("Nothing matches “zzz”.")


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("import", "Bring in a list from CSV"), ("csv", "Bring in a list from CSV"), ("backup", "Back up now"),
        ("restore", "Restore a backup"), ("print", "Print"), ("lock", "Lock"), ("export", "Save PDF"),
        ("dark", "Dark"), ("help", "About this field or page"), ("prices", "Fees"),
    ],
)  # fmt: skip
def test_find_knows_the_words_that_users_type(window: MainWindow, typed: str, title: str) -> None:
    assert title in [hit.title for hit in window._search(typed)[:3]]


def test_find_knows_every_menu_entry_and_prefers_a_deed_to_a_new_client(window: MainWindow) -> None:
    for menu in window.menus.findChildren(QMenu):
        for action in menu.actions():
            if action.isEnabled() and not action.isSeparator():
                assert action.text() in [hit.title for hit in window._search(action.text())], action.text()
    hits = window._search("import bank statement")
    assert hits[0].says and hits[1].title == "Bring in a list from CSV" and hits[-1].title.startswith("New client “")
    assert [hit.title for hit in window._search("Zyx Quill")][1:] == ["New client “Zyx Quill”"]


def test_undo_and_redo_show_in_menu_bar_and_page(window: MainWindow, qtbot: Any) -> None:
    page = window.page_of("clients")
    assert not window.undo_action.isEnabled()
    window.go("clients", "new")
    page.editor("person").form.editor("last_name").setText("Marsh")
    page.save()
    assert window.messages.text() == "Saved: client." and window.messages.undo.isVisible()
    assert window.undo_action.text() == "Undo: Save client"
    assert page.list.rows_model.rowCount() == 1
    window.messages.undo.click()
    assert page.list.rows_model.rowCount() == 0 and page.header.title.text() == "New client"
    assert window.messages.text() == "Undone: Save client." and not window.messages.undo.isVisible()
    window.redo_button.click()
    assert [line.name for line in page.list.rows_model.rows] == ["Marsh"]
    assert window.undo_action.isEnabled() and not window.redo_action.isEnabled()


@pytest.mark.parametrize(
    ("answer", "goes", "kept"), [(Leave.SAVE, True, "Fern"), (Leave.DROP, True, ""), (Leave.STAY, False, "")]
)
def test_leaving_a_changed_record_asks_once(
    window: MainWindow, monkeypatch: Any, answer: Leave, goes: bool, kept: str
) -> None:
    asked = []
    monkeypatch.setattr(LeaveQuestion, "ask", classmethod(lambda cls, parent, what: asked.append(what) or answer))
    page = window.page_of("clients")
    with window.desk.write("Add") as s:
        client = clients.save_client(s, clients.Client(last_name="Marsh"))
    window.go("clients", client.id)
    assert page.leave() and not asked
    page.editor("person").form.editor("first_name").setText("Fern")
    assert page.header.state.text() == "Changed"
    window.go("claims")
    assert asked == ["client"]
    assert window.page().key == ("claims" if goes else "clients")
    assert window._rail_buttons[window.page().key].isChecked()
    with window.desk.read() as s:
        assert clients.client(s, client.id or 0).first_name == kept
    event = QCloseEvent()
    window.closeEvent(event)
    assert event.isAccepted() is goes


def test_problems_are_stepped_through_and_lead_to_their_place(demo_window: MainWindow, qtbot: Any) -> None:
    activate(demo_window, qtbot)
    with demo_window.desk.read() as s:
        who = clients.find(s, "marsh")[0]
        referral = clients.referrals(s, who.id)[0]
    page = demo_window.page_of("claims")
    found = [
        inform("a.b", "A note."),
        block("c.d", "The referrer has no NPI.", record=f"referral:{referral.id}", field="npi"),
        warn("e.f", "A warning.", record=f"client:{who.id}", field="birth_date"),
    ]
    page.problems = lambda: found
    demo_window.go("claims")
    assert demo_window.messages.problems.text() == "3 problems" and demo_window.problems.isHidden()
    qtbot.keyClick(demo_window, Qt.Key.Key_F8)
    table = demo_window.problems.table
    assert demo_window.problems.isVisible() and table.currentIndex().row() == 0
    assert [table.rows_model.index(row, 0).data() for row in range(3)] == ["blocks", "warns", "note"]
    qtbot.keyClick(demo_window, Qt.Key.Key_F8)
    assert table.currentIndex().row() == 1
    qtbot.keyClick(demo_window, Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    front = QApplication.focusWidget()
    assert demo_window.page().key == "clients"
    assert isinstance(front, QLineEdit) and front.objectName() == "npi" and front.text() == referral.npi


def test_a_failure_stays_until_it_is_dismissed(window: MainWindow) -> None:
    def fail() -> None:
        raise ClinicError("The disk is full.", "Free some space.")

    assert not window.desk.attempt(fail)
    assert window.messages.text() == "The disk is full. Free some space."
    window.messages.dismiss.click()
    assert window.messages.text() == ""


def test_the_look_changes_at_once_and_is_kept(demo_window: MainWindow, look: QApplication) -> None:
    ground = demo_window.grab().toImage().pixelColor(900, 700).name().upper()
    demo_window.set_look("dark")
    QApplication.processEvents()
    assert ground == theme.LIGHT.window
    assert demo_window.grab().toImage().pixelColor(900, 700).name().upper() == theme.DARK.window
    assert demo_window.desk.preferences.look == "dark"


def test_the_window_remembers_its_size(bare_window: MainWindow, qtbot: Any) -> None:
    bare_window.resize(1000, 620)
    bare_window.close()
    again = MainWindow(bare_window.desk)
    qtbot.addWidget(again)
    assert again.height() == 620  # the screen of tests is narrower than the window may be


def test_tasks_answer_on_the_window_thread(look: QApplication, qtbot: Any) -> None:
    answers: list[object] = []

    def broken() -> None:
        raise ClinicError("No.")

    tasks.run_task(lambda: 41 + 1, done=answers.append, failed=answers.append)
    tasks.run_task(broken, done=answers.append, failed=answers.append)
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert 42 in answers and any(isinstance(answer, ClinicError) for answer in answers)


def test_a_crash_is_shown_without_any_value(look: QApplication, qtbot: Any, tmp_path: Any) -> None:
    try:
        int("Juniper Applewhite")
    except ValueError as error:
        dialog = crash_dialog.CrashDialog(None, error)
    qtbot.addWidget(dialog)
    text = dialog.details.toPlainText()
    assert "ValueError" in text and "test_main_window.py" in text and "Juniper" not in text


def test_questions_answer_by_their_buttons(look: QApplication, qtbot: Any) -> None:
    question = dialogs.Question(None, "Void it?", "It stays readable.", [("no", "Keep it"), ("yes", "Void it")])
    qtbot.addWidget(question)
    assert question.answer == "no"
    question.buttons["yes"].click()
    assert question.answer == "yes"
