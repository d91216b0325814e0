"""A month of claims through the window: built, printed together, mailed on one day, answered, corrected; each step is
in the history, and what was printed reads back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter

from app import paperwork
from app.billing.follow_up import Stage
from app.billing.records import ClaimStatus
from app.forms import read
from app.forms.lettering import spell
from app.store import claims
from app.ui import printing
from app.ui.claim_steps import Ask
from app.ui.dialogs import Confirm
from app.ui.main_window import MainWindow
from app.ui.red_forms import Answer, PrintQuestion
from tests.journeys.test_session_to_paper import Hands
from tests.ui.conftest import TODAY

CTRL = Qt.KeyboardModifier.ControlModifier
DAY = dt.timedelta(days=1)


@pytest.fixture
def hands(qtbot: Any, demo_window: MainWindow) -> Hands:
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    return Hands(qtbot, demo_window)


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """Answers Print; the files that came out."""
    made: list[Path] = []

    def ask(parent: Any, preferences: Any, printer: QPrinter, title: str, words: str) -> Answer:
        made.append(tmp_path / f"{len(made)}.pdf")
        printer.setOutputFileName(str(made[-1]))
        return Answer.PRINT

    monkeypatch.setattr(PrintQuestion, "ask", staticmethod(ask))
    monkeypatch.setattr(printing, "printers", lambda: ["Laser"])
    monkeypatch.setattr(Confirm, "ask", classmethod(lambda cls, *words: True))
    return made


def test_from_sessions_to_answers(
    hands: Hands, demo_window: MainWindow, paper: list[Path], tmp_path: Path, qtbot: Any
) -> None:
    window, desk = demo_window, demo_window.desk
    today = [TODAY]
    desk.today = lambda: today[0]

    # every session that waits becomes a claim
    hands.press(Qt.Key.Key_B, CTRL)
    hands.press(Qt.Key.Key_Return, CTRL)
    page: Any = window.page()
    hands.bot.waitUntil(lambda: page.front is page.overview)
    overview, board = page.overview, page.overview.board
    drafts = board.columns[Stage.TO_FINISH].list
    count = drafts.rows_model.rowCount()
    assert count >= 4

    # those that nothing blocks are printed together, and the paper is looked at
    good = [line for line in drafts.rows_model.rows if line.id not in overview.shown.problems]
    assert len(good) >= 3
    for line in good:
        drafts.toggle(line.id)
    hands.press(Qt.Key.Key_P, CTRL)
    assert len(paper) == 1 and "sent to the printer" in window.messages.text()
    assert overview.afterwards.isVisible()
    assert {line.status for line in overview.shown.cards[Stage.READY]} == {ClaimStatus.READY}
    hands.press(Qt.Key.Key_Return)
    printed = board.columns[Stage.TO_MAIL].list
    assert {line.id for line in printed.rows_model.rows} == {line.id for line in good}

    # all are mailed on one day, with the day on which one asks
    printed.setFocus()
    hands.press(Qt.Key.Key_A, CTRL)
    hands.press(Qt.Key.Key_F2)
    editor = overview.asking()
    editor.note.setFocus()
    hands.type("Certified mail")
    hands.press(Qt.Key.Key_Return)
    with desk.read() as s:
        mailed = [claims.claim(s, line.id) for line in good]
    assert {(c.status, c.status_on, c.next_on) for c in mailed} == {(ClaimStatus.MAILED, TODAY, TODAY + 21 * DAY)}

    # the issued values are what reads back from paper
    copy = tmp_path / "copy.pdf"
    paperwork.print_claims(
        desk.clinic, [c.id or 0 for c in mailed], paperwork.Output(mode=paperwork.Mode.FULL), copy, today=TODAY
    )
    pages = read.read_pages(copy.read_bytes())
    with desk.read() as s:
        meant = [
            p for b in claims.bundles(s, [c.id or 0 for c in mailed]) for p in paperwork.sheet(b, today=TODAY).values
        ]
    assert [p.get("28") for p in pages] == [p.get("28") for p in meant]
    assert [p["2"].split(",")[0] for p in pages] == [spell(p["2"].split(",")[0]).text.upper() for p in meant]

    # two weeks later the answers: one paid, one denied with a reason
    today[0] = TODAY + 14 * DAY
    page.refresh()
    first, second = (line.id for line in good[:2])
    for claim_id, answer, reason in ((first, ClaimStatus.PAID, ""), (second, ClaimStatus.DENIED, "co-16")):
        place = board.columns[Stage.WITH_PAYER].list
        row = place.rows_model.row_of(claim_id)
        place.setCurrentIndex(place.rows_model.index(row, 0))
        place.setFocus()
        board._drag()
        board.drop(Stage.ANSWERED)
        editor = overview.asking()
        editor.status.setCurrentIndex([editor.status.itemData(i) for i in range(editor.status.count())].index(answer))
        if reason:
            editor.reason.setFocus()
            hands.type(reason)
        editor.note.setFocus()
        hands.type("Letter of today")
        hands.press(Qt.Key.Key_Return)
    with desk.read() as s:
        denied = claims.claim(s, second)
        assert claims.claim(s, first).status is ClaimStatus.PAID and denied.status is ClaimStatus.DENIED
    assert denied.next_action.startswith("Read the remark code")

    # the denied one is held against a paid one, then corrected with the payer's number
    answered = board.columns[Stage.ANSWERED].list
    answered.setCurrentIndex(answered.rows_model.index(answered.rows_model.row_of(second), 0))
    answered.setFocus()
    hands.press(Qt.Key.Key_Return)
    view = page.view
    assert view.open.bundle.claim.id == second
    view.show_tab("history")
    view.show_tab("form")
    view.replace("7")
    hands.type("ICN-4471920")
    hands.press(Qt.Key.Key_Return)
    new = view.open.bundle.claim
    assert (new.replaces_id, new.resubmission_code, new.original_reference) == (second, "7", "ICN-4471920")
    assert view.open.paper.values[0]["22"] == {"code": "7", "reference": "ICN-4471920"}
    view.print_out()
    view.afterwards.yes.click()
    view.ask(Ask.STATUS, [ClaimStatus.MAILED])
    view.editor.keep()
    assert len(paper) == 2 and view.open.bundle.claim.status is ClaimStatus.MAILED

    with desk.read() as s:
        told = [(event.status, event.on, event.note) for event in claims.history(s, second)]
        newer = [event.status for event in claims.history(s, new.id or 0)]
    assert [status for status, __, __ in told] == [
        ClaimStatus.DRAFT, ClaimStatus.READY, ClaimStatus.PRINTED, ClaimStatus.MAILED, ClaimStatus.DENIED,
        ClaimStatus.CORRECTED,
    ]  # fmt: skip
    assert told[-2][1:] == (TODAY + 14 * DAY, "CO-16: Something on the claim is missing or wrong. Letter of today")
    assert told[-1][2].startswith(f"Claim {new.number} takes its place")
    assert newer[-1] is ClaimStatus.MAILED
    total = sum(each.count for each in overview.shown.sums.values())
    assert total == count  # the corrected one is no longer open, the new one is
