"""Journeys use the window and the clinics of the tests beside them, in the size and the look that are asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QMainWindow

from app.ui import theme
from app.ui.main_window import MainWindow
from tests.store.conftest import _demo, _empty
from tests.ui.conftest import (
    _cheap_keys,
    bare_window,
    clinic,
    closed,
    demo_clinic,
    demo_window,
    desk,
    look,
    no_strays,
    window,
)

__all__ = [
    "_cheap_keys", "_demo", "_empty", "bare_window", "clinic", "closed", "demo_clinic", "demo_window", "desk", "look",
    "no_strays", "window",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _as_asked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """DESK_SIZE=960x540 and DESK_LOOK=dark, for `test_large_and_dark`, which starts journeys that way."""
    size, look = os.environ.get("DESK_SIZE"), os.environ.get("DESK_LOOK")
    if size:
        wide, high = (int(each) for each in size.split("x"))
        monkeypatch.setattr(MainWindow, "resize", lambda self, *given: QMainWindow.resize(self, wide, high))
    if look:
        app: Any = QApplication.instance() or request.getfixturevalue("qapp")
        request.getfixturevalue("look")
        theme.apply(app, look=look)
    yield
