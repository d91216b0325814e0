"""The first picture comes before the heavy libraries."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app import main
from app.store.backup_set import BackupSet
from app.ui import tasks
from tests.store.conftest import PASSWORD
from tests.ui.conftest import inline

SCRIPT = """
import sys
from PySide6.QtWidgets import QApplication
from app.main import make_window

app = QApplication([])
window = make_window()
window.desk.run_task = lambda work, done, failed: None
seen = []
window.painted.connect(lambda: (seen.append(sorted(sys.modules)), app.quit()))
window.show()
app.exec()
heavy = {"sqlalchemy", "reportlab", "alembic", "pypdf", "pypdfium2", "sqlcipher3", "nacl", "babel"}
print("painted:", bool(seen), "loaded:", sorted(heavy & set(seen[0])))
"""


def test_the_window_is_painted_before_the_database_and_the_paper_are_imported() -> None:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["painted:", "True", "loaded:", "[]"]


def test_a_clinic_and_its_password_open_at_once(
    look: QApplication, closed: Path, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    monkeypatch.setattr(tasks, "run_task", inline)
    window = main.make_window(closed, PASSWORD)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: bool(window.pages))
    assert window.page().key == "today"
    (made,) = BackupSet(closed).all()
    assert made.manifest.reason == "daily", "the program looks after backups by itself"
    window.close()
