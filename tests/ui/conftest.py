"""The real window over a real clinic file: no modal loop, no thread, one look, settings of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QMenu, QWidget

from app.store.clinic import ClinicFile
from app.ui import help as helping
from app.ui import theme
from app.ui.desk import Desk
from app.ui.main_window import MainWindow
from app.ui.preferences import Preferences
from tests.store.conftest import _cheap_keys, _demo, _empty, clinic, closed, demo_clinic

__all__ = ["_cheap_keys", "_demo", "_empty", "clinic", "closed", "demo_clinic"]

TODAY = dt.date(2026, 11, 21)


def inline(
    work: Callable[[], Any], *, done: Callable[[Any], object], failed: Callable[[BaseException], object]
) -> None:
    """`run_task` without a thread."""
    try:
        value = work()
    except Exception as error:
        failed(error)
    else:
        done(value)


class _Strays(QObject):
    """Notices controls that come up as windows of their own, because they were shown before they had a place."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        shown = event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow()
        if shown and not isinstance(watched, (QMainWindow, QDialog, QMenu)):
            self.found.append(repr(watched))
        return False


@pytest.fixture
def no_strays(qapp: QApplication) -> Iterator[None]:
    """Only the window, its dialogs and menus come up as windows."""
    strays = _Strays()
    qapp.installEventFilter(strays)
    yield
    qapp.removeEventFilter(strays)
    assert not strays.found


@pytest.fixture
def look(qapp: QApplication) -> Iterator[QApplication]:
    """The light look."""
    if theme.tokens() is not theme.LIGHT or qapp.font() != theme.font(theme.Type.BODY):
        theme.apply(qapp, look="light")
    yield qapp


@pytest.fixture
def desk(look: QApplication, tmp_path: Path) -> Desk:
    """A desk without a clinic."""
    made = Desk(Preferences(tmp_path / "desk.ini"), today=lambda: TODAY)
    made.run_task = inline
    made.preferences.hints_seen = " ".join(helping.hints())
    return made


@pytest.fixture
def bare_window(desk: Desk, no_strays: None) -> Iterator[MainWindow]:
    """The window as it comes up."""
    window = MainWindow(desk)
    window.resize(1280, 800)
    window.show()
    yield window
    for page in window.pages.values():
        page.leave = lambda: True
    window.close()
    shiboken6.delete(window)


@pytest.fixture
def window(bare_window: MainWindow, clinic: ClinicFile) -> MainWindow:
    """The window on an empty clinic."""
    bare_window.show_clinic(clinic, clinic.path)
    return bare_window


@pytest.fixture
def demo_window(bare_window: MainWindow, demo_clinic: ClinicFile) -> MainWindow:
    """The window on the demo clinic."""
    bare_window.show_clinic(demo_clinic, demo_clinic.path)
    return bare_window
