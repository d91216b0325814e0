"""A walk over every page: each control has a name, Tab reaches and leaves it, and no words are cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.store import clients
from app.ui.claim_steps import Ask
from app.ui.dialogs import Leave, LeaveQuestion
from app.ui.main_window import MainWindow
from tests.ui import walk

Steps = list[tuple[str, Callable[[], object]]]


def stations(window: MainWindow) -> Steps:
    """Every page in the state that shows most of it."""
    with window.desk.read() as s:
        who = clients.find(s, "applewhite")[0].id
    page = window.page_of
    parts = ("overview", "policy", "verification", "referral", "authorization", "case", "sessions", "claims", "person")
    steps: Steps = [(f"client {part}", lambda part=part: page("clients").show_part(part)) for part in parts]  # type: ignore[misc]
    steps.insert(0, ("client", lambda: window.go("clients", who)))
    steps.insert(0, ("today", lambda: window.go("today")))
    kinds = ("month", "payer", "code", "unbilled", "source")
    steps += [(f"report {kind}", lambda kind=kind: window.go("reports", kind)) for kind in kinds]  # type: ignore[misc]
    steps += [
        ("session", lambda: (window.go("sessions", ("new", who)), page("sessions").form.same_as_last())),
        ("build", lambda: window.go("claims", "build")),
        ("claim", lambda: page("claims").builder.build_for(who)),
        ("claim against paid", lambda: page("claims").view.show_tab("paid")),
        ("claim history", lambda: page("claims").view.show_tab("history")),
        ("claim step", lambda: page("claims").view.ask(Ask.CALL)),
        ("claims", lambda: page("claims").show_list()),
        ("board step", lambda: page("claims").overview.ask(Ask.STATUS)),
        ("board ticked", lambda: (page("claims").back(), page("claims").overview.board.current.toggle(1))),
        ("claims list", lambda: (page("claims").overview, page("claims").overview.turn())),
        ("list step", lambda: page("claims").overview.ask(Ask.STATUS)),
        ("claims filter", lambda: (page("claims").back(), page("claims").overview.filters.ask_name())),
        ("blank form", lambda: (page("claims").back(), window.go("claims", "blank"))),
        ("blank forms", lambda: (page("claims").blank, page("claims").blank.show_list())),
        ("superbill", lambda: window.go("superbills", ("new", who))),
        ("superbills", lambda: page("superbills").back()),
        ("payer", lambda: window.go("payers")),
        ("import", lambda: window.go("import", "payers")),
        ("payer fees", lambda: (page("payers").show_part("fees"), page("payers").fees.begin_new())),
    ]
    steps += [
        (f"calibration {step}", lambda step=step: (window.go("calibration"), page("calibration").show_step(step)))  # type: ignore[misc]
        for step in range(4)
    ]
    setup = ("practice", "provider", "fees", "payer", "printer")
    steps += [(f"setup {step}", lambda step=step: window.go("setup", step)) for step in setup]  # type: ignore[misc]
    groups = ("practice", "provider", "fees", "printer", "look")
    steps += [(f"settings {group}", lambda group=group: window.go("settings", group)) for group in groups]  # type: ignore[misc]
    return steps


@pytest.fixture(params=[(1280, 800)])
def walked(demo_window: MainWindow, monkeypatch: Any, request: Any) -> Iterator[Callable[[], Iterator[str]]]:
    monkeypatch.setattr(LeaveQuestion, "ask", classmethod(lambda cls, *words: Leave.DROP))

    def steps() -> Iterator[str]:
        demo_window.resize(*request.param)
        for name, step in [*stations(demo_window), *walk.every_part(demo_window)]:
            step()
            for _round in range(2):  # layouts settle from the inside out
                QApplication.processEvents()
            yield name

    yield steps


@pytest.mark.parametrize("walked", [(1280, 800), (960, 540), (1920, 1080)], indirect=True, ids=str)
def test_every_control_has_a_name_and_all_words_have_room(
    demo_window: MainWindow, walked: Callable[[], Iterator[str]]
) -> None:
    found: set[tuple[str, ...]] = set()
    for station in walked():
        found |= {(station, *fault) for fault in walk.faults(demo_window)}
    assert found == set()


def test_tab_goes_round_and_is_never_trapped(
    demo_window: MainWindow, qtbot: Any, walked: Callable[[], Iterator[str]]
) -> None:
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    for station in walked():
        if station in {"claim", "claim against paid", "claim step", "blank form"}:
            continue  # Tab goes box by box through the form first, see test_form_sheet
        seen: list[int] = []
        for _ in range(220):
            front = QApplication.focusWidget()
            if front is None:
                demo_window.focusNextChild()
                continue
            if seen and id(front) == seen[0]:
                break
            seen.append(id(front))
            qtbot.keyClick(front, Qt.Key.Key_Tab)
        else:
            pytest.fail(f"Tab does not come round on {station}")
        assert len(set(seen)) == len(seen) > 3, station
