"""Long work: off the window's thread, shown in the message bar, ended by Cancel."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from app.errors import InputError
from app.ui.main_window import MainWindow
from app.ui.tasks import Progress, run_task


@pytest.fixture
def busy_window(demo_window: MainWindow) -> MainWindow:
    """The window with work really on other threads."""
    demo_window.desk.run_task = run_task
    return demo_window


def test_work_is_shown_and_its_value_handed_over(busy_window: MainWindow, qtbot: QtBot) -> None:
    bar, values, go = busy_window.messages, list[int](), threading.Event()

    def do(progress: Progress) -> int:
        assert progress.goes_on("Making 3 of 5", 3, 5)
        go.wait(10)
        return 7

    busy_window.desk.work(do, done=values.append)
    qtbot.waitUntil(lambda: bar.work_text.text() == "Making 3 of 5")
    assert (bar.work_bar.value(), bar.work_bar.maximum()) == (3, 5)
    assert not bar.cancel.isHidden()
    go.set()
    qtbot.waitUntil(lambda: values == [7])
    assert bar.cancel.isHidden()
    assert bar.work_bar.isHidden()


def test_cancel_ends_it_at_the_next_step(busy_window: MainWindow, qtbot: QtBot) -> None:
    bar, values = busy_window.messages, list[int]()

    def do(progress: Progress) -> int:
        at = 0
        while progress.goes_on("Counting", at, 0) and at < 10**9:
            at += 1
            threading.Event().wait(0.001)
        return at

    busy_window.desk.work(do, done=values.append)
    qtbot.waitUntil(lambda: bar.work_text.text() == "Counting")
    bar.cancel.click()
    qtbot.waitUntil(lambda: len(values) == 1)
    assert 0 < values[0] < 10**9


def test_an_expected_failure_is_a_sentence(busy_window: MainWindow, qtbot: QtBot) -> None:
    def do(progress: Progress) -> None:
        raise InputError("The file is empty.", "Choose another.")

    busy_window.desk.work(do, done=lambda value: pytest.fail("it did not fail"))
    qtbot.waitUntil(lambda: busy_window.messages.text() == "The file is empty. Choose another.")
    assert busy_window.messages.cancel.isHidden()
