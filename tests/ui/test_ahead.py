"""What takes long is done before it is wanted: pages are imported on another thread, and made in pauses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.store.clinic import ClinicFile
from app.ui import main_window
from app.ui.claims_page import ClaimsPage
from app.ui.main_window import MainWindow


def test_pages_and_their_parts_are_made_in_pauses(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main_window, "_PAUSE", 0)
    assert set(window.pages) == {"today"}
    window.make_ahead()
    rail = [key for key in window.kinds if key not in {"calibration", "setup", "import"}]
    qtbot.waitUntil(lambda: set(window.pages) == set(rail))
    claims = window.pages["claims"]
    assert isinstance(claims, ClaimsPage)
    qtbot.waitUntil(lambda: {"claim", "build"} <= set(claims.stack.made))
    assert window.page().key == "today" and all(window.pages[key].stale for key in rail[1:])


def test_nothing_is_made_ahead_of_a_clinic_that_is_closed(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main_window, "_PAUSE", 0)
    window.make_ahead()
    window.forget_clinic()
    qtbot.wait(20)
    assert not window.pages


def test_the_first_page_waits_until_the_pages_are_imported(
    bare_window: MainWindow, clinic: ClinicFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks: list[Callable[[], object]] = []

    def later(work: Callable[[], Any], *, done: Callable[[Any], object], failed: Any) -> None:
        tasks.append(lambda: done(work()))

    with monkeypatch.context() as patch:
        patch.setattr(main_window, "pages_are_loaded", lambda: False)
        patch.setattr(bare_window.desk, "run_task", later)
        bare_window.show_clinic(clinic, clinic.path)
        assert bare_window.desk.is_open and not bare_window.pages and not bare_window.welcome.isEnabled()
    tasks.pop()()
    assert bare_window.page().key == "today" and bare_window.welcome.isEnabled()


def test_a_clinic_that_was_closed_meanwhile_is_not_shown(
    bare_window: MainWindow, clinic: ClinicFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks: list[Callable[[], object]] = []

    def later(work: Callable[[], Any], *, done: Callable[[Any], object], failed: Any) -> None:
        tasks.append(lambda: done(work()))

    monkeypatch.setattr(main_window, "pages_are_loaded", lambda: False)
    monkeypatch.setattr(bare_window.desk, "run_task", later)
    bare_window.show_clinic(clinic, clinic.path)
    bare_window.desk.set_clinic(None)
    tasks[0]()
    assert not bare_window.pages
