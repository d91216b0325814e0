"""A whole day at the desk without a mouse: not one click, and each page is reached and left by keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from app import paperwork
from app.billing.records import ClaimStatus
from app.store import claims, clients, superbills, visits
from app.ui.main_window import MainWindow
from tests.journeys.test_counted import Clicks, CountedHands, paper
from tests.journeys.test_session_to_paper import CTRL, SHIFT
from tests.ui.conftest import TODAY

__all__ = ["paper"]
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def hands(qtbot: Any, demo_window: MainWindow, qapp: QApplication) -> Iterator[CountedHands]:
    paperwork.build_claims(demo_window.desk.clinic, today=TODAY)
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    demo_window.go("today")
    QApplication.processEvents()
    clicks = Clicks()
    qapp.installEventFilter(clicks)
    yield CountedHands(qtbot, demo_window, clicks)
    qapp.removeEventFilter(clicks)


def go_to(hands: CountedHands, wanted: QWidget) -> None:
    """Tab until the cursor is there."""
    for _ in range(150):
        front = QApplication.focusWidget()
        if front is wanted or (front is not None and wanted.isAncestorOf(front)):
            return
        hands.press(Qt.Key.Key_Tab)
    pytest.fail(f"Tab does not reach {wanted.accessibleName() or wanted.objectName()}")


def test_a_day_without_a_mouse(hands: CountedHands, paper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    window, desk = hands.window, hands.window.desk

    # every page by its key
    for number, key in enumerate(("today", "clients", "sessions", "claims", "superbills", "payers", "reports"), 1):
        hands.press(Qt.Key(Qt.Key.Key_0 + number), CTRL)
        assert window.page().key == key
    hands.press(Qt.Key.Key_Comma, CTRL)
    assert window.page().key == "settings"

    # a new client, from field to field
    hands.press(Qt.Key.Key_N, CTRL | SHIFT)
    hands.type("Winterbourne")
    hands.press(Qt.Key.Key_Tab)
    hands.type("Odette")
    page: Any = window.page()
    go_to(hands, page.editor("person").form.editor("birth_date"))
    hands.type("02031988")
    hands.press(Qt.Key.Key_S, CTRL)
    with desk.read() as s:
        (who,) = clients.find(s, "winterb")
    assert who.first_name == "Odette" and page.client.id == who.id

    # a referral: to the tab, a new one, its name and date
    for key in ("policy", "verification", "referral"):
        hands.press(Qt.Key.Key_PageDown, CTRL)
        assert page.stack.key == key
    go_to(hands, page.editor("referral").form.editor("last_name"))
    hands.type("Plum")
    go_to(hands, page.editor("referral").form.editor("written"))
    hands.type("t")
    hands.press(Qt.Key.Key_S, CTRL)
    with desk.read() as s:
        (referral,) = clients.referrals(s, who.id)
    assert (referral.last_name, referral.written) == ("Plum", TODAY)

    # her first session, by code and minutes, and its superbill
    hands.press(Qt.Key.Key_N, CTRL)
    sessions: Any = window.page()
    assert sessions.key == "sessions" and sessions.form.client is not None and sessions.form.client.id == who.id
    go_to(hands, sessions.form.lines.rows[0].code)
    hands.type("97124")
    hands.press(Qt.Key.Key_Return)
    go_to(hands, sessions.form.lines.rows[0].minutes)
    hands.type("60")
    hands.press(Qt.Key.Key_P, CTRL | SHIFT)
    hands.press(Qt.Key.Key_P, CTRL)
    with desk.read() as s:
        (visit,) = visits.visits_of(s, who.id)
        (bill,) = superbills.superbills_of(s, who.id)
    assert (visit.date, visit.lines[0].code, visit.lines[0].minutes) == (TODAY, "97124", 60)
    assert bill.visit_ids == (visit.id,) and paper.stat().st_size > 1000

    # found again by typing, from anywhere
    hands.press(Qt.Key.Key_1, CTRL)
    hands.press(Qt.Key.Key_K, CTRL)
    hands.type("winterb")
    hands.press(Qt.Key.Key_Return)
    assert window.page() is page and page.client.id == who.id

    # a claim of the board is opened, walked box by box, and set to void; undone again
    hands.press(Qt.Key.Key_4, CTRL)
    overview: Any = window.page().overview  # type: ignore[attr-defined]
    (column,) = [c for c in overview.board.columns.values() if c.list.rows_model.rows][:1]
    go_to(hands, column.list)
    hands.press(Qt.Key.Key_Home)
    hands.press(Qt.Key.Key_Return)
    view: Any = window.page().view  # type: ignore[attr-defined]
    claim = view.open.bundle.claim
    before = view.sheet.current
    hands.press(Qt.Key.Key_Tab)
    assert view.sheet.current != before
    with desk.read() as s:
        assert claims.claim(s, claim.id).status is ClaimStatus.DRAFT
    hands.press(Qt.Key.Key_Escape)

    # what was saved is undone and done again
    hands.press(Qt.Key.Key_N, CTRL)
    hands.type("winterb")
    hands.press(Qt.Key.Key_Return)
    hands.press(Qt.Key.Key_L, CTRL)
    hands.press(Qt.Key.Key_S, CTRL)
    hands.press(Qt.Key.Key_1, CTRL)
    hands.press(Qt.Key.Key_Z, CTRL)
    with desk.read() as s:
        assert len(visits.visits_of(s, who.id)) == 1
    hands.press(Qt.Key.Key_Y, CTRL)
    with desk.read() as s:
        assert len(visits.visits_of(s, who.id)) == 2
    assert hands.clicks.count == 0 and len(hands.keys) > 60
