"""The main journeys on a full-HD screen at 200 %, which is the smallest window there is, and in the dark."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app.ui import theme
from tests.journeys.test_counted import hands, paper, test_a_known_clients_claim, test_a_known_clients_superbill
from tests.ui import walk

__all__ = ["hands", "paper", "test_a_known_clients_claim", "test_a_known_clients_superbill"]
ROOT = Path(__file__).parents[2]
ASKED = {"QT_SCALE_FACTOR": "2", "DESK_SIZE": "960x540", "DESK_LOOK": "dark"}
IN_IT = all(os.environ.get(name) == value for name, value in ASKED.items())

if not IN_IT:  # here they only run as the process below starts them
    del test_a_known_clients_claim, test_a_known_clients_superbill
    __all__ = ["hands", "paper"]


@pytest.mark.skipif(IN_IT, reason="this is that process")
def test_the_main_journeys_pass_at_200_percent_in_the_dark() -> None:
    """In a process of its own: the scale of a program is chosen once."""
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist",
         f"{Path(__file__).relative_to(ROOT)}"],
        cwd=ROOT, env=os.environ | ASKED, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert "3 passed, 1 skipped" in ran.stdout


@pytest.mark.skipif(not IN_IT, reason="started by the test above")
def test_the_pages_of_the_journeys_have_room_and_are_dark(hands: Any) -> None:
    window = hands.window
    assert QApplication.devicePixelRatio(QApplication.instance()) == 2  # type: ignore[arg-type]
    assert (window.width(), window.height()) == (960, 540) and theme.tokens() is theme.DARK
    ground = window.grab().toImage().pixelColor(400, 900)
    assert ground.lightness() < 60
    with window.desk.read() as s:
        from app.store import clients

        who = clients.find(s, "app")[0].id
    found = set()
    window.go("clients", who)
    page = window.page()
    for part in page.tabs:
        page.show_part(part)
        QApplication.processEvents()
        found |= {(part, *fault) for fault in walk.faults(window)}
    for name, target in (("sessions", ("new", who)), ("claims", None), ("superbills", ("new", who)), ("today", None)):
        window.go(name, target)
        QApplication.processEvents()
        found |= {(name, *fault) for fault in walk.faults(window)}
    assert found == set()
