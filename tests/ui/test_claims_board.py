"""The board and the list of claims: what stands where, how claims are moved on, filters that are kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtWidgets import QApplication

from app import paperwork
from app.billing.follow_up import Stage
from app.billing.records import Claim, ClaimStatus, KeptFilter
from app.store import claim_lists, claims, kept_filters, payers, practice
from app.store.claim_lists import Due
from app.ui import board as boards
from app.ui.claim_filters import from_json, to_json
from app.ui.claim_steps import Ask
from app.ui.claims_overview import ClaimsOverview
from app.ui.dialogs import Confirm, Leave, LeaveQuestion
from app.ui.main_window import MainWindow
from tests.ui.conftest import TODAY

DAY = dt.timedelta(days=1)
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PAGES = '{"pages": [{}], "date_digits": "6"}'


@pytest.fixture
def built(demo_clinic: Any) -> list[Claim]:
    """Five claims: two printed, one with the payer for 40 days, one denied, one draft."""
    made = paperwork.build_claims(demo_clinic, today=TODAY - 50 * DAY)
    assert len(made) == 5
    with demo_clinic.write("Live", undoable=False) as s:
        for claim in made[:4]:
            claims.issue(s, claim.id or 0, pages=PAGES, layout="cms1500-0212", today=TODAY - 45 * DAY)
        for claim in made[2:4]:
            claims.set_status(s, claim.id or 0, ClaimStatus.MAILED, on=TODAY - 40 * DAY)
        claims.set_status(s, made[3].id or 0, ClaimStatus.DENIED, on=TODAY - 3 * DAY, next_action="Appeal")
    return made


@pytest.fixture
def overview(demo_window: MainWindow, built: list[Claim], qtbot: Any) -> ClaimsOverview:
    """The board in front."""
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    demo_window.go("claims")
    QApplication.processEvents()
    return demo_window.page_of("claims").overview  # type: ignore[attr-defined, no-any-return]


def numbers(overview: ClaimsOverview) -> dict[Stage, list[str]]:
    return {
        stage: [line.number for line in place.list.rows_model.rows] for stage, place in overview.board.columns.items()
    }


def status(window: MainWindow, claim: Claim) -> Claim:
    with window.desk.read() as s:
        return claims.claim(s, claim.id or 0)


def focus(overview: ClaimsOverview, stage: Stage) -> boards.CardList:
    cards = overview.board.columns[stage].list
    cards.setFocus()
    QApplication.processEvents()
    return cards


def test_each_claim_stands_in_the_column_of_its_status(overview: ClaimsOverview, built: list[Claim]) -> None:
    names = [claim.number for claim in built]
    found = numbers(overview)
    assert {stage: sorted(each) for stage, each in found.items()} == {
        Stage.TO_FINISH: [names[4]], Stage.READY: [], Stage.TO_MAIL: names[:2], Stage.WITH_PAYER: [names[2]],
        Stage.ANSWERED: [names[3]],
    }  # fmt: skip
    for place in overview.board.columns.values():
        own = list(place.list.rows_model.rows)
        assert place.count.text() == str(len(own))
        assert place.sum.text().replace(",", "") == f"{sum(line.charge for line in own) / 100:.2f}"
    total = sum(sum(line.charge for line in lines) for lines in overview.shown.cards.values())
    assert overview.header.facts.text().startswith(f"5 open, {total // 100:,}.{total % 100:02d}.")


def test_a_card_says_what_waits_and_what_comes_next(overview: ClaimsOverview, built: list[Claim]) -> None:
    (mailed,) = overview.board.columns[Stage.WITH_PAYER].list.rows_model.rows
    assert boards.waiting(mailed, TODAY) == ("40 days", "amber")
    assert boards.what_next(mailed, TODAY)[1:] == ("Ask whether it arrived", "quiet")
    planned = replace(mailed, next_action="Call", next_on=TODAY + DAY)
    assert boards.what_next(planned, TODAY)[1:] == ("Call, 11/22", "")
    (denied,) = overview.board.columns[Stage.ANSWERED].list.rows_model.rows
    near = replace(denied, appeal_days=10)
    assert boards.waiting(near, TODAY) == ("7 days left", "red")
    assert boards.what_next(near, TODAY)[1:] == ("Appeal until 11/28", "red")
    assert boards.waiting(replace(denied, appeal_days=1), TODAY) == ("limit passed", "red")
    assert boards.waiting(replace(denied, status_on=TODAY), TODAY) == ("today", "")
    assert boards.what_next(replace(denied, status=ClaimStatus.VOID, next_action=""), TODAY) == ("", "", "")
    assert boards.what_next(denied, TODAY, "1 problem blocks")[1:] == ("1 problem blocks", "red")
    index = overview.board.columns[Stage.ANSWERED].list.rows_model.index(0, 0)
    assert (
        index.data()
        == f"{denied.client}, {denied.charge / 100:.2f}, {denied.payer}, {denied.number}, Denied, 3 days, Appeal"
    )


def test_what_blocks_a_draft_stands_on_its_card(demo_window: MainWindow, built: list[Claim]) -> None:
    with demo_window.desk.write("Spoil") as s:
        practice.save_practice(s, replace(practice.practice(s), npi=""))
    demo_window.go("claims")
    shown = demo_window.page_of("claims").overview.shown  # type: ignore[attr-defined]
    assert "block" in shown.problems[built[4].id]


def test_arrows_go_from_card_to_card_and_enter_opens(
    overview: ClaimsOverview, demo_window: MainWindow, built: list[Claim], qtbot: Any
) -> None:
    cards = focus(overview, Stage.TO_MAIL)
    qtbot.keyClick(cards, Qt.Key.Key_Down)
    assert cards.currentIndex().row() == 1
    qtbot.keyClick(cards, Qt.Key.Key_Left)  # nothing is ready to print: on to the drafts
    assert overview.board.current is overview.board.columns[Stage.TO_FINISH].list
    for stage in (Stage.TO_MAIL, Stage.WITH_PAYER, Stage.ANSWERED, Stage.ANSWERED):
        qtbot.keyClick(overview.board.current, Qt.Key.Key_Right)
        assert overview.board.current is overview.board.columns[stage].list
    qtbot.keyClick(overview.board.current, Qt.Key.Key_Return)
    page: Any = demo_window.page()
    assert page.front is page.view and page.view.open.bundle.claim.id == built[3].id
    qtbot.keyClick(page.view.sheet, Qt.Key.Key_Escape)
    assert page.front is overview


def test_two_claims_are_mailed_at_once_and_undone(
    overview: ClaimsOverview, demo_window: MainWindow, built: list[Claim], qtbot: Any
) -> None:
    cards = focus(overview, Stage.TO_MAIL)
    qtbot.keyClick(cards, Qt.Key.Key_Space)
    qtbot.keyClick(cards, Qt.Key.Key_A, CTRL)
    assert overview.ticks.isVisible() and overview.ticked_words.text().startswith("2 ticked")
    qtbot.keyClick(cards, Qt.Key.Key_F2)
    editor = overview.asking()
    assert editor is not None and editor.who.text() == "2 claims"
    assert editor.status.value() is ClaimStatus.MAILED
    assert (editor.action.text(), editor.by.text()) == ("Ask whether it arrived", "12/12/2026")
    editor.on.setText("11/20/2026")
    assert editor.by.text() == "12/11/2026"
    editor.note.setText("Post office, certified")
    qtbot.keyClick(editor.note, Qt.Key.Key_Return)
    for claim in built[:2]:
        now = status(demo_window, claim)
        assert (now.status, now.status_on, now.next_action, now.next_on) == (
            ClaimStatus.MAILED, dt.date(2026, 11, 20), "Ask whether it arrived", dt.date(2026, 12, 11)
        )  # fmt: skip
        with demo_window.desk.read() as s:
            assert claims.history(s, claim.id or 0)[-1].note == "Post office, certified"
    assert len(numbers(overview)[Stage.WITH_PAYER]) == 3 and not overview.ticks.isVisible()
    assert overview.board.current is overview.board.columns[Stage.WITH_PAYER].list
    demo_window.undo()
    assert [status(demo_window, claim).status for claim in built[:2]] == [ClaimStatus.PRINTED] * 2


def test_a_call_is_noted_and_a_next_action_planned(
    overview: ClaimsOverview, demo_window: MainWindow, built: list[Claim], qtbot: Any
) -> None:
    cards = focus(overview, Stage.WITH_PAYER)
    qtbot.keyClick(cards, Qt.Key.Key_C, CTRL | SHIFT)
    editor = overview.asking()
    assert editor is not None and not editor.status.isVisible()
    editor.keep()
    assert "no note" in editor.told.text()
    editor.note.setText("Anna says it is in process")
    editor.keep()
    now = status(demo_window, built[2])
    assert now.status is ClaimStatus.MAILED
    cards = focus(overview, Stage.WITH_PAYER)
    qtbot.keyClick(cards, Qt.Key.Key_A, CTRL | SHIFT)
    editor = overview.asking()
    assert editor is not None and not editor.note.isVisible()
    editor.action.setText("Call Anna")
    editor.by.setText("soon")
    editor.keep()
    assert "Not a date" in editor.told.text() and status(demo_window, built[2]).next_action == ""
    editor.by.setText("12/01")
    editor.by.setText("1201")
    editor.keep()
    now = status(demo_window, built[2])
    assert (now.next_action, now.next_on) == ("Call Anna", dt.date(2026, 12, 1))
    with demo_window.desk.read() as s:
        events = claims.history(s, built[2].id or 0)
    assert [event.note for event in events][-2:] == ["Anna says it is in process", ""]


def test_a_drop_asks_in_the_column_and_takes_only_legal_moves(
    overview: ClaimsOverview, demo_window: MainWindow, built: list[Claim]
) -> None:
    focus(overview, Stage.WITH_PAYER)
    overview.board._drag()
    assert [stage for stage in overview.board.columns if overview.board.may_drop(stage)] == [
        Stage.WITH_PAYER, Stage.ANSWERED,
    ]  # fmt: skip
    overview.board.drop(Stage.TO_MAIL)
    assert "mailed claim was printed" in demo_window.messages.text()
    overview.board.drop(Stage.ANSWERED)
    place = overview.board.columns[Stage.ANSWERED]
    assert place.editor.is_open and overview.board.columns[Stage.WITH_PAYER].list.isRowHidden(0)
    options = [place.editor.status.itemText(i) for i in range(place.editor.status.count())]
    assert sorted(options) == ["Denied", "Paid", "Partly paid", "Rejected"]
    for named, told in (("Paid", True), ("Partly paid", True), ("Denied", False)):
        place.editor.status.setCurrentIndex(options.index(named))
        assert place.editor.no_amount.isVisible() is told
    assert "Write it into the note" in place.editor.no_amount.text()
    assert place.editor.reason.isVisible()
    place.editor.reason.setText("co16")
    assert "missing or wrong" in place.editor.meaning.text()
    assert place.editor.action.text().startswith("Read the remark code")
    place.editor.keep()
    now = status(demo_window, built[2])
    with demo_window.desk.read() as s:
        event = claims.history(s, built[2].id or 0)[-1]
    assert (
        now.status is ClaimStatus.DENIED and event.note.startswith("CO-16: ") and event.next_action == now.next_action
    )
    assert built[2].number in numbers(overview)[Stage.ANSWERED]


def test_escape_gives_the_card_back(overview: ClaimsOverview, demo_window: MainWindow, qtbot: Any) -> None:
    cards = focus(overview, Stage.WITH_PAYER)
    overview.ask(Ask.STATUS)
    assert cards.isRowHidden(0)
    demo_window.page().back()
    assert not cards.isRowHidden(0) and overview.asking() is None


def test_leaving_with_a_typed_step_asks(
    overview: ClaimsOverview, demo_window: MainWindow, built: list[Claim], monkeypatch: Any
) -> None:
    focus(overview, Stage.WITH_PAYER)
    overview.ask(Ask.CALL)
    editor = overview.asking()
    assert editor is not None
    editor.note.setText("Half a sentence")
    for answer, page in ((Leave.STAY, "claims"), (Leave.SAVE, "clients")):
        monkeypatch.setattr(LeaveQuestion, "ask", classmethod(lambda cls, *words, answer=answer: answer))
        demo_window.go("clients")
        assert demo_window.page().key == page
    with demo_window.desk.read() as s:
        assert claims.history(s, built[2].id or 0)[-1].note == "Half a sentence"


def test_voiding_is_asked_about(
    overview: ClaimsOverview, demo_window: MainWindow, built: list[Claim], monkeypatch: Any
) -> None:
    focus(overview, Stage.TO_MAIL)
    for answer, after in ((False, ClaimStatus.PRINTED), (True, ClaimStatus.VOID)):
        monkeypatch.setattr(Confirm, "ask", classmethod(lambda cls, *words, answer=answer: answer))
        overview.board.columns[Stage.TO_MAIL].list.rows_model.ticked = {built[0].id or 0, built[1].id or 0}
        overview.ask(Ask.STATUS, [ClaimStatus.VOID])
        overview.asking().keep()  # type: ignore[union-attr]
        assert status(demo_window, built[0]).status is status(demo_window, built[1]).status is after


def test_a_tick_is_a_click_on_its_box_or_with_ctrl(overview: ClaimsOverview, qtbot: Any) -> None:
    cards = focus(overview, Stage.TO_MAIL)
    place = cards.visualRect(cards.rows_model.index(0, 0))
    box = cards.itemDelegate().tick_box(QRectF(place)).center().toPoint()  # type: ignore[attr-defined]
    qtbot.mouseClick(cards.viewport(), Qt.MouseButton.LeftButton, pos=box)
    assert len(cards.rows_model.ticked) == 1
    qtbot.mouseClick(cards.viewport(), Qt.MouseButton.LeftButton, CTRL, place.topLeft() + QPoint(30, 30))
    assert not cards.rows_model.ticked and not overview.ticks.isVisible()


def test_claims_of_different_status_may_have_no_move_in_common(
    overview: ClaimsOverview, demo_window: MainWindow, built: list[Claim]
) -> None:
    for stage in (Stage.TO_FINISH, Stage.ANSWERED):
        overview.board.columns[stage].list.rows_model.ticked = {line.id for line in overview.shown.cards[stage]}
    overview.ask(Ask.STATUS, [ClaimStatus.PAID])
    assert overview.asking() is None and "in common" in demo_window.messages.text()


# The list


def test_the_list_sorts_filters_and_moves(
    overview: ClaimsOverview, demo_window: MainWindow, built: list[Claim], qtbot: Any
) -> None:
    qtbot.keyClick(focus(overview, Stage.TO_MAIL), Qt.Key.Key_V, CTRL | SHIFT)
    assert not overview.on_board and not demo_window.desk.preferences.claims_board
    rows = overview.table.rows_model
    assert [line.number for line in rows.rows] == [claim.number for claim in reversed(built)]
    overview.table.horizontalHeader().sectionClicked.emit(5)
    charges = [line.charge for line in rows.rows]
    assert charges == sorted(charges)
    overview.table.horizontalHeader().sectionClicked.emit(5)
    assert [line.charge for line in rows.rows] == charges[::-1]
    overview.table.horizontalHeader().sectionClicked.emit(0)
    assert overview.table.order == "-charge"
    overview.filters.search.setText(built[1].number)
    assert [line.number for line in rows.rows] == [built[1].number]
    overview.begin()
    overview.ask(Ask.STATUS)
    assert overview.editor.is_open and overview.asking() is overview.editor
    overview.editor.keep()
    assert status(demo_window, built[1]).status is ClaimStatus.MAILED
    overview.filters.search.setText("nobody")
    assert "nobody" in overview._none()
    overview.filters.search.setText("")
    overview.filters.show_statuses([ClaimStatus.VOID])
    assert rows.rowCount() == 0


def test_more_than_a_column_holds_leads_to_the_list(
    demo_window: MainWindow, built: list[Claim], monkeypatch: Any
) -> None:
    from app.ui import claims_overview

    monkeypatch.setattr(claims_overview, "MOST_CARDS", 1)
    demo_window.go("claims")
    overview: ClaimsOverview = demo_window.page_of("claims").overview  # type: ignore[attr-defined]
    more = overview.board.columns[Stage.TO_MAIL].more
    assert more.isVisible() and more.text() == "1 more"
    more.click()
    assert not overview.on_board and {line.status for line in overview.table.rows_model.rows} == {ClaimStatus.PRINTED}
    assert overview.table.rows_model.rowCount() == 2


# Filters


def test_a_filter_is_kept_renamed_deleted_and_brought_back(
    overview: ClaimsOverview, demo_window: MainWindow, built: list[Claim]
) -> None:
    filters = overview.filters
    with demo_window.desk.read() as s:
        payer = next(p for p in payers.payers(s) if p.name == claim_lists.lines(s, text=built[0].number)[0].payer)
    filters.payer.setCurrentIndex(filters.payer.findText(payer.name))
    own = {number for each in numbers(overview).values() for number in each}
    assert built[0].number in own and len(own) < 5
    assert filters.keep_button.isVisible()
    filters.ask_name()
    filters.keep()
    assert "no name" in demo_window.messages.text()
    filters.name.setText("Mine")
    filters.keep()
    with demo_window.desk.read() as s:
        (kept,) = kept_filters.kept_filters(s, "claims")
    assert kept.name == "Mine" and from_json(kept.content) == {"payer_id": payer.id}
    pill = filters.kept_pills[kept.id or 0]
    assert pill.isChecked() and pill.count == len(own) and not filters.keep_button.isVisible()
    filters.pills["open"].click()
    assert sum(map(len, numbers(overview).values())) == 5
    pill.click()
    assert {number for each in numbers(overview).values() for number in each} == own
    filters.rename(kept)
    filters.name.setText("Theirs")
    filters.keep()
    assert [p.text() for p in filters.kept_pills.values()] == ["Theirs"]
    filters.drop(replace(kept, name="Theirs"))
    assert not filters.kept_pills
    demo_window.undo()
    assert [p.text() for p in filters.kept_pills.values()] == ["Theirs"]


def test_a_filter_survives_being_kept() -> None:
    chosen = {"text": "quill", "payer_id": 3, "statuses": (ClaimStatus.DENIED, ClaimStatus.PAID), "due": Due.WAITING}
    assert from_json(to_json(chosen)) == chosen  # type: ignore[arg-type]
    for odd in ("", "[]", "5", '{"payer_id": "x", "due": "never", "statuses": ["lost"], "text": 5}'):
        assert from_json(odd) == {}


def test_the_status_of_a_filter_is_a_choice(overview: ClaimsOverview, built: list[Claim]) -> None:
    filters = overview.filters
    for choice, found in (("with-payer", 1), ("printed", 2), ("all", 5), ("", 5), ("closed", 0)):
        filters.status.load(choice)
        filters._own_changed()
        assert sum(map(len, numbers(overview).values())) == found, choice
        assert filters._status_of(filters.chosen()) == choice


def test_many_kept_filters_are_in_the_menu(demo_window: MainWindow, built: list[Claim]) -> None:
    with demo_window.desk.write("Keep") as s:
        for at in range(5):
            kept_filters.keep(s, KeptFilter(page="claims", name=f"Filter {at}"))
    demo_window.go("claims")
    filters = demo_window.page_of("claims").overview.filters  # type: ignore[attr-defined]
    assert len(filters.kept_pills) == 3 and len(filters._kept) == 5
