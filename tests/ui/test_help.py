"""F1, the sheet of keys and the hints: every field and box has its sentence, and the sheet says what keys do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAction, QShortcut, QTextDocument
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QWidget

from app.forms import layout
from app.store import clients
from app.ui import help as helping
from app.ui import help_keys, printing
from app.ui.controls import Tick
from app.ui.fields import ChoiceEditor, FlagEditor, TextEditor
from app.ui.form_sheet import FormSheet
from app.ui.lookup import Lookup
from app.ui.main_window import MainWindow
from app.ui.preferences import Preferences
from app.ui.record_form import RecordForm

_FIELDS = (TextEditor, ChoiceEditor, FlagEditor, Lookup, Tick)


def _keys(shortcut: QShortcut) -> list[Any]:
    return shortcut.keys()


def front_of(window: MainWindow) -> Any:
    return window.page()


def cursor() -> Any:
    return QApplication.focusWidget()


def pages(window: MainWindow) -> list[Any]:
    """All pages of the window, with every part made."""
    made = [window.page_of(key) for key in window._kinds]
    for page in made:
        stack: Any = getattr(page, "stack", None)
        for key in getattr(stack, "_keys", ()):
            stack.part(key)
    return made


def test_every_box_of_the_form_has_a_sentence() -> None:
    without = [box.key for box in layout.load().boxes.values() if len(helping.of_box(box.key)) < 20]
    assert without == []
    assert helping.of_box("24.5.charge") == helping.of_box("24.1.charge") != helping.of_box("24.1.units")
    assert helping.of_box("no such box") == ""


def test_every_field_page_and_shortcut_has_its_words(demo_window: MainWindow) -> None:
    made = pages(demo_window)
    fields_have_sentences(demo_window)
    sentences_have_fields(demo_window)
    shortcuts_have_names(made)
    assert [page.key for page in made if not helping.of_page(page.key)] == []


def topics(window: MainWindow) -> set[tuple[str, str]]:
    """Every field of the window with the topic it belongs to."""
    found = set()
    for editor in window.findChildren(QWidget):
        named: Any = editor
        while named is not None and not getattr(named, "help_topic", ""):
            named = named.parentWidget()
        if named is not None and named.help_topic != helping.BOX and editor.objectName():
            found.add((named.help_topic, editor.objectName(), isinstance(editor, _FIELDS)))
    return {(topic, name) for topic, name, field in found if field}


def fields_have_sentences(window: MainWindow) -> None:
    there = topics(window)
    assert {topic for topic, __ in there} >= {"client", "policy", "referral", "payer", "practice", "visit", "line"}
    assert {(topic, name) for topic, name in there if not helping.of_field(topic, name)} == set()
    assert all(form.help_topic for form in window.findChildren(RecordForm))


def sentences_have_fields(window: MainWindow) -> None:
    there, told = topics(window), helping._book()["field"]
    shown = {topic for topic, __ in there} - {"override", "welcome"}
    assert {(topic, name) for topic in shown for name in told.get(topic, ())} - there == set()
    keys = {re.sub(r"^24\.\d+", "24", box.key) for box in layout.load().boxes.values()}
    boxes = set(helping._book()["box"])
    assert {key for key in boxes if not any(k == key or k.startswith(f"{key}.") for k in keys)} <= {"24.modifiers"}


def shortcuts_have_names(made: list[Any]) -> None:
    for page in made:
        for shortcut in page.findChildren(QShortcut):
            assert shortcut.whatsThis(), (page.key, shortcut.keys())
        for action in page.findChildren(QAction):
            assert not action.shortcuts() or action.text(), page.key
        for button in page.findChildren(QAbstractButton):
            assert button.shortcut().isEmpty() or button.text(), page.key


def test_the_sheet_shows_every_key_there_is(demo_window: MainWindow, qtbot: Any) -> None:
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    made = [demo_window.page_of("claims")]
    demo_window.go("sessions")
    search = front_of(demo_window).search
    search.setFocus()
    qtbot.keyClick(search, "?")
    assert search.text() == "?" and not demo_window.help.sheet.isVisible(), "in a field it is typed"
    front_of(demo_window).list.setFocus()
    qtbot.keyClick(front_of(demo_window).list, "?")
    sheet = demo_window.help.sheet
    assert sheet.isVisible() and sheet.isAncestorOf(cursor())
    shown = {(text, words) for group in sheet.groups for keys, words in group.rows for text in keys}
    assert sheet.groups[0].title == "On Sessions"
    listed = {words for group in sheet.groups for __, words in group.rows}
    assert listed >= {
        a.iconText() for a in demo_window.findChildren(QAction) if a.iconText() and a.parent() is demo_window
    }
    assert ("F6", "Next pane") in shown and ("F8", "Next problem") in shown and ("F11", "Full screen") in shown
    keys = {text for text, __ in shown}
    wanted = {k.toString() for p in [*made, front_of(demo_window)] for s in p.findChildren(QShortcut) for k in _keys(s)}
    assert {key.replace("Return", "Enter") for key in wanted} <= keys
    qtbot.keyClick(cursor(), Qt.Key.Key_Tab)
    assert sheet.isAncestorOf(cursor())
    qtbot.keyClick(cursor(), Qt.Key.Key_Escape)
    assert not sheet.isVisible() and cursor() is front_of(demo_window).list


def test_the_sheet_prints_all_its_rows(
    demo_window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, qtbot: Any
) -> None:
    from pypdf import PdfReader

    paper = tmp_path / "keys.pdf"

    def to_file(parent: QWidget, printer: QPrinter) -> bool:
        printer.setOutputFileName(str(paper))
        return True

    monkeypatch.setattr(printing.PrinterQuestion, "ask", staticmethod(to_file))
    demo_window._show_keys()
    sheet = demo_window.help.sheet
    sheet.print_out()
    text = "".join(page.extract_text() for page in PdfReader(paper).pages).replace("\t", " ")
    for group in sheet.groups:
        assert group.title in text
    document = QTextDocument()
    document.setHtml(help_keys.as_html(sheet.groups))
    for group in sheet.groups:
        for __, words in group.rows:
            assert words in document.toPlainText()


def test_hints_are_shown_once_and_can_be_turned_off(demo_window: MainWindow, tmp_path: Any) -> None:
    desk, popover = demo_window.desk, demo_window.help.popover
    desk.preferences.hints, desk.preferences.hints_seen = False, ""
    demo_window.go("clients")
    assert not popover.isVisible() and not desk.preferences.hints_seen
    desk.preferences.hints = True
    demo_window.go("clients")
    assert popover.isVisible() and "name" in popover.words.text()
    demo_window._back()
    assert not popover.isVisible()
    demo_window.go("today")
    demo_window.go("clients")
    assert not popover.isVisible(), "once"
    assert Preferences(tmp_path / "desk.ini").hints_seen.split() == ["clients"]


def test_every_hint_stands_beside_something(demo_window: MainWindow) -> None:
    demo_window.desk.preferences.hints_seen = ""
    for key in helping.hints():
        demo_window.go(key)
        assert demo_window.help.popover.isVisible(), key
        demo_window.help.close_now()


def on_window(window: MainWindow, widget: QWidget) -> QRect:
    """What is seen of a control; the hint is hidden for that."""
    box = widget.visibleRegion().boundingRect()
    return QRect(widget.mapTo(window, box.topLeft()), box.size())


@pytest.mark.parametrize("size", [(960, 640), (1280, 800)])
def test_a_hint_lies_over_no_field(demo_window: MainWindow, size: tuple[int, int]) -> None:
    demo_window.resize(*size)
    demo_window.desk.preferences.hints_seen = ""
    popover = demo_window.help.popover
    for key in helping.hints():
        demo_window.go(key)
        seen = demo_window.desk.preferences.hints_seen.split()
        assert popover.isVisible() == (key in seen) and (key in seen or size[0] < 1280), "no room: it comes later"
        if key not in seen:
            continue
        lies, page = popover.geometry(), demo_window.page()
        fields = [
            each
            for each in page.findChildren(QWidget)
            if isinstance(each, (*_FIELDS, QLineEdit, QComboBox)) and each.isVisible()
        ]
        assert [each.objectName() for each in fields if lies.intersects(on_window(demo_window, each))] == [], key
        assert on_window(demo_window, page).contains(lies) and cursor() is not popover.close_button
        popover.close_button.click()
        assert not popover.isVisible()


def test_a_hint_goes_by_esc_alone_and_as_one_types(demo_window: MainWindow, qtbot: Any) -> None:
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    preferences, popover = demo_window.desk.preferences, demo_window.help.popover
    preferences.hints_seen = ""
    demo_window.go("sessions", "new")
    box = front_of(demo_window).form.client_box
    box.setFocus()
    demo_window.help.close_now()

    def show() -> None:
        preferences.hints_seen = ""
        assert demo_window.help.hints.show_for(demo_window.page(), "sessions")

    show()
    qtbot.keyClick(box, "m")
    assert not popover.isVisible() and box.text() == "m"
    assert not demo_window.help.hints.show_for(demo_window.page(), "sessions"), "the client is being typed"
    box.clear()
    show()
    front_of(demo_window).form.provider.setFocus()
    assert not popover.isVisible()
    demo_window.find_box.setFocus()
    demo_window.find_box.setText("mar")
    show()
    qtbot.keyClick(demo_window.find_box, Qt.Key.Key_Escape)
    assert not popover.isVisible() and demo_window.find_box.text() == "mar" and cursor() is demo_window.find_box


def test_f1_tells_about_the_field_and_esc_takes_it_away(demo_window: MainWindow, qtbot: Any) -> None:
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    demo_window.go("clients")
    page = front_of(demo_window)
    page.show_part("policy")
    editor = page.editor("policy").form.editor("member_id")
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_F1)
    popover = demo_window.help.popover
    assert popover.isVisible() and popover.title.text() == "Member id"
    assert "item 1a" in popover.words.text() and cursor() is editor
    field = editor.rect().translated(editor.mapTo(demo_window, editor.rect().topLeft()))
    assert demo_window.rect().contains(popover.geometry()) and not popover.geometry().intersects(field)
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert not popover.isVisible() and front_of(demo_window) is page
    qtbot.keyClick(editor, Qt.Key.Key_F1)
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert not popover.isVisible(), "it goes with the cursor"


def test_f1_tells_about_the_box_of_the_form(demo_window: MainWindow, qtbot: Any) -> None:
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    demo_window.go("claims", "build")
    with demo_window.desk.read() as s:
        who = clients.find(s, "applewhite")[0].id
    page = front_of(demo_window)
    page.builder.build_for(who)
    sheet = page.view.sheet
    assert isinstance(sheet, FormSheet)
    sheet.choose_item("24F.1")
    sheet.setFocus()
    qtbot.keyClick(sheet, Qt.Key.Key_F1)
    popover = demo_window.help.popover
    assert popover.title.text().startswith("24F.1") and popover.words.text() == helping.of_box("24.charge")
    page.view.override()
    hand = page.view.inspector.hand
    for control, words in ((hand.reason, "Why another value"), (hand.scope, "For this claim")):
        control.setFocus()
        qtbot.keyClick(control, Qt.Key.Key_F1)
        assert popover.words.text().startswith(words)


def test_f1_outside_fields_tells_about_the_page(demo_window: MainWindow, qtbot: Any) -> None:
    demo_window.go("today")
    cursor().clearFocus()
    demo_window.rail.setFocus()
    demo_window.help.about_this()
    assert not demo_window.help.popover.isVisible()
    demo_window.go("claims")
    demo_window.go("superbills")
    front_of(demo_window).table.setFocus()
    demo_window.help.about_this()
    assert demo_window.help.popover.words.text() == helping.of_page("superbills")
    demo_window.help.about_this()
    assert not demo_window.help.popover.isVisible()
