"""Rows are fetched as they are wanted, and the models keep Qt's rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.preferences import Preferences
from app.ui.table import RECORD, Cell, Column, Empty, Line, LineList, RowsModel, Table, choose, chosen


@dataclass(frozen=True)
class Row:
    id: int
    name: str


class Source:
    def __init__(self, count: int) -> None:
        self.rows = [Row(number, f"name {number}") for number in range(1, count + 1)]
        self.asked: list[tuple[int, int]] = []

    def fetch(self, limit: int, offset: int) -> Sequence[Any]:
        self.asked.append((limit, offset))
        return self.rows[offset : offset + limit]


COLUMNS = [
    Column("", lambda row: "", 40, tick=True),
    Column("Name", lambda row: Cell(row.name, "green", "check"), 200, stretch=True),
    Column("Number", lambda row: str(row.id), 90, right=True, figures=True, priority=1),
]


@pytest.mark.parametrize("count", [0, 1, 250])
def test_a_model_keeps_the_rules(look: QApplication, qtmodeltester: Any, count: int) -> None:
    model = RowsModel(COLUMNS, Source(count).fetch)
    model.reload()
    qtmodeltester.check(model)


def test_rows_are_fetched_page_by_page() -> None:
    source = Source(230)
    model = RowsModel(COLUMNS, source.fetch)
    model.reload()
    assert (model.rowCount(), source.asked) == (100, [(100, 0)])
    for wanted in (200, 230):
        assert model.canFetchMore(QModelIndex())
        model.fetchMore(QModelIndex())
        assert model.rowCount() == wanted
    assert not model.canFetchMore(QModelIndex())
    assert [row.id for row in model.rows] == list(range(1, 231))
    model.reload()
    assert model.rowCount() == 230
    model.restart()
    assert model.rowCount() == 100


def test_ticks_belong_to_records() -> None:
    model = RowsModel(COLUMNS, Source(5).fetch)
    model.reload()
    index = model.index(2, 0)
    assert model.setData(index, Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    assert model.ticked == {3}
    assert model.data(index, Qt.ItemDataRole.CheckStateRole) is Qt.CheckState.Checked
    assert not model.setData(model.index(2, 1), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    model.reload()
    assert model.ticked == {3}


def test_a_table_hides_by_priority_ticks_by_space_and_copies(look: QApplication, qtbot: Any) -> None:
    table = Table("Names", COLUMNS, Source(30).fetch)
    qtbot.addWidget(table)
    table.rows_model.reload()
    table.resize(600, 300)
    table.show()
    assert not table.isColumnHidden(2)
    assert sum(table.columnWidth(column) for column in range(3)) == table.viewport().width()
    table.resize(300, 300)
    assert table.isColumnHidden(2) and not table.isColumnHidden(1)
    table.setCurrentIndex(table.rows_model.index(4, 1))
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert table.rows_model.ticked == {5}
    qtbot.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.rows_model.index(4, 0)).center()
    )
    assert table.rows_model.ticked == set()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "name 5\t5"
    assert table.grab().toImage().width() > 0


def test_a_list_keeps_what_is_chosen_over_a_reload(look: QApplication, qtbot: Any) -> None:
    source = Source(3)
    names = LineList("Names", lambda row: Line(row.name, "second", "1.00", icon="clock", tone="amber"), source.fetch)
    qtbot.addWidget(names)
    seen: list[Row] = []
    names.chose.connect(seen.append)
    names.reload()
    assert choose(names, 2) and chosen(names) == Row(2, "name 2")
    source.rows.insert(0, Row(9, "new"))
    names.reload()
    assert chosen(names) == Row(2, "name 2")
    assert seen == [Row(2, "name 2")]
    assert not choose(names, 77) and chosen(names) is None
    assert names.rows_model.index(1, 0).data() == "name 1, second, 1.00"
    assert names.rows_model.index(1, 0).data(RECORD) == Row(1, "name 1")


def test_an_empty_list_says_what_to_do(look: QApplication, qtbot: Any) -> None:
    source = Source(0)
    names = LineList("Names", lambda row: Line(row.name), source.fetch)
    qtbot.addWidget(names)
    empty = Empty(names, lambda: "No names yet.")
    names.resize(300, 200)
    names.show()
    assert empty.isVisible() and empty.width() == names.viewport().width()
    source.rows.append(Row(1, "one"))
    names.reload()
    assert not empty.isVisible()


SORTED = [
    Column("", lambda row: "", 40, tick=True),
    Column("Name", lambda row: Cell(row.name), 120, stretch=True, order="name"),
    Column("Note", lambda row: "", 90),
    Column("Number", lambda row: str(row.id), 90, right=True, order="number"),
]


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path / "desk.ini")


def _sorted_table(preferences: Preferences) -> tuple[Table, list[str]]:
    """A table that is remembered, and the orders that were asked for."""
    asked: list[str] = []

    def fetch(limit: int, offset: int) -> Sequence[Any]:
        asked.append(table.order)
        return [Row(1, "one"), Row(2, "two")][offset : offset + limit]

    table = Table("Sorted", SORTED, fetch)
    table.remember(preferences, "sorted")
    table.resize(700, 200)
    table.show()
    return table, asked


def _shown_order(table: Table) -> tuple[int, bool]:
    head = table.horizontalHeader()
    return head.sortIndicatorSection(), head.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder


def test_a_heading_sorts_and_a_second_click_turns_round(qtbot: QtBot, look: Any, preferences: Preferences) -> None:
    table, asked = _sorted_table(preferences)
    qtbot.addWidget(table)
    head = table.horizontalHeader()
    for section in (1, 1, 3, 1):
        head.sectionClicked.emit(section)
    assert asked == ["name", "-name", "number", "name"] and _shown_order(table) == (1, False)
    head.sectionClicked.emit(2)
    assert table.order == "name" and _shown_order(table) == (1, False)  # a column without an order changes nothing


def test_the_keyboard_sorts(qtbot: QtBot, look: Any, preferences: Preferences) -> None:
    table, asked = _sorted_table(preferences)
    qtbot.addWidget(table)
    table.activateWindow()
    table.setFocus()
    qtbot.waitUntil(table.hasFocus)
    asked.clear()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Left):
        QTest.keyClick(table, key, Qt.KeyboardModifier.ControlModifier)
    assert asked == ["name", "number", "-number", "-name", "name", "number"]


def test_order_and_widths_are_remembered(qtbot: QtBot, look: Any, preferences: Preferences) -> None:
    table, _ = _sorted_table(preferences)
    qtbot.addWidget(table)
    table.sort_by(3, Qt.SortOrder.DescendingOrder)
    table.horizontalHeader().resizeSection(2, 150)
    QTest.mouseRelease(table.horizontalHeader().viewport(), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: preferences.table("sorted") == ("-number", [0, 0, 150, 0]))
    again, asked = _sorted_table(Preferences(Path(preferences.settings.fileName())))
    qtbot.addWidget(again)
    again.reload()
    assert asked == ["-number"] and _shown_order(again) == (3, True)
    widths = [again.columnWidth(n) for n in range(4)]
    assert widths[2] == 150 and sum(widths) == again.viewport().width()
    again.horizontalHeader().sectionHandleDoubleClicked.emit(2)
    assert again.columnWidth(2) == 90 and preferences.table("sorted")[1] == [0, 0, 0, 0]


def test_widths_never_push_a_column_out_of_sight(qtbot: QtBot, look: Any, preferences: Preferences) -> None:
    preferences.keep_table("sorted", "", [0, 0, 900, 0])
    table, _ = _sorted_table(preferences)
    qtbot.addWidget(table)
    assert sum(table.columnWidth(n) for n in range(4)) == table.viewport().width()


@pytest.mark.parametrize(
    "kept", ["{", "[]", '{"sorted": 5}', '{"sorted": ["gone", [1]]}', '{"sorted": ["-name", ["x"]]}',
             '{"sorted": ["", [-5, 0, 0, 0]]}', '{"sorted": [3, 4]}']
)  # fmt: skip
def test_what_was_kept_and_cannot_be_read_is_passed_over(
    qtbot: QtBot, look: Any, preferences: Preferences, kept: str
) -> None:
    preferences.tables = kept
    table, _ = _sorted_table(preferences)
    qtbot.addWidget(table)
    assert table.order == "" and table.columnWidth(2) == 90
    preferences.keep_table("sorted", "name", [])
    assert preferences.table("sorted") == ("name", [])
