"""A superbill that was handed over is corrected: the new one names it, the old one stays as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdf
import pytest
from PySide6.QtCore import Qt

from app.store import clients, superbills, visits
from app.ui.dialogs import Files
from app.ui.main_window import MainWindow
from tests.journeys.test_session_to_paper import CTRL, SHIFT, Hands
from tests.ui.test_pages import client_id


@pytest.fixture
def hands(qtbot: Any, demo_window: MainWindow) -> Hands:
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    return Hands(qtbot, demo_window)


def test_the_new_version_names_the_one_it_replaces(
    hands: Hands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window, desk = hands.window, hands.window.desk
    who = client_id(window, "vas")
    first_paper, second_paper = tmp_path / "first.pdf", tmp_path / "second.pdf"
    papers = iter([first_paper, second_paper])
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: next(papers)))

    window.go("superbills", ("new", who))
    hands.press(Qt.Key.Key_S, CTRL | SHIFT)
    with desk.read() as s:
        (first,) = superbills.superbills_of(s, who)
        visit = visits.visit(s, first.visit_ids[-1])

    # the therapist had typed the wrong number of minutes
    window.go("sessions", visit.id)
    sessions: Any = window.page()
    line = sessions.form.lines.rows[0]
    line.minutes.setFocus()
    hands.press(Qt.Key.Key_A, CTRL)
    hands.type("60" if visit.lines[0].minutes != 60 else "45")
    hands.save()
    with desk.read() as s:
        mended = visits.visit(s, visit.id or 0)
    assert mended.lines[0].minutes != visit.lines[0].minutes

    # the way back leads over the client's page
    window.go("clients", who)
    page: Any = window.page()
    page.show_part("superbills")
    page.bills.setFocus()
    page.bills.setCurrentIndex(page.bills.rows_model.index(0, 0))
    hands.press(Qt.Key.Key_Return)
    builder = window.page_of("superbills").builder  # type: ignore[attr-defined]
    assert builder.bill == first
    builder.correct.setFocus()
    hands.press(Qt.Key.Key_Space)
    hands.press(Qt.Key.Key_S, CTRL | SHIFT)

    with desk.read() as s:
        kept = {bill.id: bill for bill in superbills.superbills_of(s, who)}
    (second,) = (bill for bill in kept.values() if bill.id != first.id)
    assert kept[first.id] == first and second.replaces_id == first.id
    assert (second.number, second.version) == (first.number, 2) and second.visit_ids == first.visit_ids
    old, new = (pypdf.PdfReader(path).pages[0].extract_text() for path in (first_paper, second_paper))
    assert "replaces" not in old and first.number in old
    assert f"Version 2, replaces no. {first.number}" in new
    with desk.read() as s:
        name = clients.client(s, who).last_name
    assert name in old and name in new and old != new
