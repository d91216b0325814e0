"""The page of payers: list, record, prices of its own, and the way there from a problem."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.billing.problems import block
from app.billing.records import Fee, FeeSchedule, Payer
from app.store import payers
from app.ui.dialogs import Leave, LeaveQuestion
from app.ui.main_window import MainWindow


@pytest.fixture
def page(window: MainWindow) -> Any:
    with window.desk.write("Two payers") as s:
        payers.save_payer(s, Payer(name="Bluebird Health", city="Salem", state="OR"))
        payers.save_payer(s, Payer(name="Northlight Auto"))
        payers.save_payer(s, Payer(name="Aster Mutual", archived=True))
        payers.save_fee_schedule(s, FeeSchedule(name="Standard", fees=(Fee(code="97140", amount=3600),)))
    window.go("payers")
    return window.page_of("payers")


def names(page: Any) -> list[str]:
    return [line.name for line in page.list.rows_model.rows]


def test_the_list_is_searched_and_the_archived_come_last(page: Any, window: MainWindow, qtbot: Any) -> None:
    assert names(page) == ["Bluebird Health", "Northlight Auto", "Aster Mutual"]
    assert page.header.title.text() == "Bluebird Health" and page.header.facts.text() == "Salem, OR   ·   0 clients"
    with qtbot.waitActive(window):
        window.activateWindow()
    assert QApplication.focusWidget() is page.search
    qtbot.keyClicks(page.search, "auto no")
    assert names(page) == ["Northlight Auto"] and page.header.title.text() == "Bluebird Health"
    qtbot.keyClick(page.search, Qt.Key.Key_Return)
    assert page.header.title.text() == "Northlight Auto"
    page.search.setText("zzz")
    assert names(page) == [] and "zzz" in page._no_payers()


def test_one_that_is_made_is_in_front_and_undo_takes_it_back(page: Any, window: MainWindow) -> None:
    window.go("payers", "new")
    assert page.header.title.text() == "New payer" and page.tabs["fees"].isHidden()
    page.save()
    assert "no name" in page.form.form._places["name"].note.text()
    page.form.form.editor("name").setText("Cedar Plan")
    page.save()
    assert page.header.title.text() == "Cedar Plan" and page.tabs["fees"].isVisible()
    assert names(page) == ["Bluebird Health", "Cedar Plan", "Northlight Auto", "Aster Mutual"]
    window.undo()
    assert "Cedar Plan" not in names(page) and page.header.title.text() == "Bluebird Health"


def test_prices_of_its_own_begin_with_everyones(page: Any, window: MainWindow) -> None:
    page.show_part("fees")
    fees = page.fees
    assert fees.none.isVisible() and not fees._prices.isVisible() and not fees.changed
    fees.new.click()
    assert [(row.code.text(), row.amount.text()) for row in fees.rows] == [("97140", "36.00")] and fees.changed
    fees.rows[0].amount.setText("30")
    page.save()
    with window.desk.read() as s:
        own = [one for one in payers.fee_schedules(s) if one.payer_id == page.payer_id]
    assert [fee.amount for one in own for fee in one.fees] == [3000] and not fees.changed
    page._choose(page.list.rows_model.rows[1].id)
    assert fees.none.isVisible() and fees.rows == []
    page._choose(page.list.rows_model.rows[0].id)
    assert [row.amount.text() for row in fees.rows] == ["30.00"]


def test_a_problem_leads_to_its_field(page: Any, window: MainWindow, qtbot: Any) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    other = page.list.rows_model.rows[1].id
    window.go("today")
    window._mend(block("payer.name-missing", "…", record=f"payer:{other}", field="filing_days"))
    assert window.page() is page and page.payer_id == other
    assert QApplication.focusWidget() is page.form.form.editor("filing_days")


def test_a_changed_payer_is_asked_about(page: Any, monkeypatch: Any) -> None:
    answers = [Leave.STAY, Leave.DROP]
    monkeypatch.setattr(LeaveQuestion, "ask", classmethod(lambda cls, *words: answers.pop(0)))
    page.form.form.editor("city").setText("Bend")
    first, other = page.payer_id, page.list.rows_model.rows[1].id
    page._choose(other)
    assert page.payer_id == first and page.form.form.editor("city").text() == "Bend"
    page._choose(other)
    assert page.payer_id == other and answers == []


def test_one_that_is_removed_leaves_the_next_in_front(page: Any, window: MainWindow) -> None:
    page.form.remove.click()
    assert names(page) == ["Northlight Auto", "Aster Mutual"] and page.header.title.text() == "Northlight Auto"
    window.undo()
    assert names(page)[0] == "Bluebird Health"
