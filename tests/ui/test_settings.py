"""Settings: groups found by their words, nothing kept without a change, the look and the size of text."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.store import practice
from app.ui import theme
from app.ui.controls import label
from app.ui.main_window import MainWindow
from app.ui.settings_groups import GROUPS
from app.ui.theme import Type


@pytest.fixture
def page(window: MainWindow) -> Any:
    window.go("settings")
    return window.page_of("settings")


def titles(page: Any) -> list[str]:
    return [row.title for row in page.list.rows_model.rows]


def test_each_group_answers_what_the_page_asks(page: Any) -> None:
    for group in GROUPS:
        page.show_group(group.key)
        editor: Any = page.editor()
        assert page.stack.key == group.key and page.stack.currentWidget() is editor and not editor.changed
        editor.reread()
        editor.revert()
        editor.show_of(0)
        editor.focus_field("no such field")
        assert editor.leave() and not editor.changed


def test_search_finds_a_setting_and_goes_there(page: Any, qtbot: Any, window: MainWindow) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClicks(page.search, "visits le")
    assert titles(page) == ["Visits left"]
    qtbot.keyClick(page.search, Qt.Key.Key_Return)
    assert page.stack.key == "practice"
    assert QApplication.focusWidget() is page.editor().form.editor("low_visits")
    page.search.setText("text size")
    assert titles(page)[-1] == "Text size"
    page._open_row(page._rows[-1])
    assert page.stack.key == "look" and QApplication.focusWidget() is page.editor().text_size
    page.search.setText("zeppelin")
    assert titles(page) == []
    page.back()
    assert titles(page) == [group.title for group in GROUPS]


def test_saving_unchanged_fees_is_no_change(page: Any, window: MainWindow) -> None:
    page.show_group("fees")
    fees = page.editor()
    fees.add.click()
    fees.rows[0].code.setText("97140")
    fees.rows[0].amount.setText("36")
    page.save()
    done = len(window.desk.clinic._done)
    page.save()
    assert len(window.desk.clinic._done) == done == 1
    fees.rows[0].amount.setText("36.0")
    page.save()
    assert len(window.desk.clinic._done) == 1, "the same price typed in another way"


def test_a_long_name_of_the_practice_warns_and_is_kept(page: Any, window: MainWindow) -> None:
    form = page.editor("practice").form
    for typed, told in (
        ("Quiet River Massage Therap", ""),
        ("Quiet River Massage Therapy", "27 characters, item 32 holds 26"),
        ("Quiet River Massage Therapy of Salem", "36 characters, item 32 holds 26"),
    ):
        form.editor("name").setText(typed)
        page.save()
        with window.desk.read() as s:
            assert practice.practice(s).name == typed
        problems = [problem.message for problem in form.problems()]
        assert any(told in each for each in problems) if told else problems == []


def test_another_place_frees_the_name_for_item_33(page: Any) -> None:
    form = page.editor("practice").form
    form.editor("name").setText("Quiet River Massage Therapy")
    form.editor("service_name").setText("Quiet River")
    assert form.problems() == []
    form.editor("name").setText("Quiet River Massage Therapists")
    (problem,) = form.problems()
    assert "item 33 holds 29" in problem.message and problem.item == "33"


def test_the_look_is_chosen_at_once_and_remembered(page: Any, window: MainWindow, look: QApplication) -> None:
    kept = window.desk.preferences
    page.show_group("look")
    group = page.editor()
    shown = label("Quiet River", Type.BODY)
    before = shown.font().pixelSize()
    try:
        group.look.setCurrentIndex(2)
        assert (kept.look, theme.tokens()) == ("dark", theme.DARK)
        group.dim.click()
        assert theme.tokens().paper == theme.LIGHT.paper and theme.tokens().window == theme.DARK.window
        group.text_size.setCurrentIndex(4)
        assert kept.text_scale == 1.3 and shown.font().pixelSize() == round(13 * 1.3) > before
        assert group.text_size.currentText() == "130 %"
        group.hints.click()
        assert (kept.hints, kept.dim_paper) == (False, False)
        window._show_look()
        assert window.look_actions["dark"].isChecked()
        window.set_look("light")
        group.reread()
        assert group.look.value() == "light"
    finally:
        theme.apply(look, look="light")
    assert shown.font().pixelSize() == before
