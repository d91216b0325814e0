"""For eyes, ears and other languages: the walk in a longer language and at 200 %, the form's boxes, focus, contrast."""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMenuBar, QWidget

from app.billing.problems import Severity
from app.forms import layout
from app.store import clients
from app.ui import form_access
from app.ui.dialogs import Leave, LeaveQuestion
from app.ui.form_sheet import FormSheet
from app.ui.main_window import MainWindow
from app.ui.theme import DARK, LIGHT, Tokens
from tests.store.conftest import copy
from tests.ui.test_theme import contrast
from tests.ui.test_walk import stations

_TIGHT = re.compile(r"(page )?sessions? \| scrolls sideways|list step \| cut")
"""Still tight in the longer language: the session with its cards beside it; what comes next in a list at 960."""
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("language", "scale", "sizes"),
    [("longer", "1", ["1280x800", "960x540"]), ("en", "2", ["960x540"])],
    ids=["forty percent longer", "at 200 percent"],
)
def test_all_words_have_room(_demo: Path, tmp_path: Path, language: str, scale: str, sizes: list[str]) -> None:
    """In a process of its own: the language and the scale are chosen once."""
    clinic = copy(_demo, tmp_path / "clinic")
    made = subprocess.run(
        [sys.executable, "-m", "tests.ui.walk_alone", str(clinic), str(tmp_path / "desk.ini"), language, *sizes],
        cwd=ROOT, env=os.environ | {"QT_SCALE_FACTOR": scale}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    found = json.loads(made.stdout)
    still = {
        size: [fault for fault in faults if language == "en" or not _TIGHT.match(fault)]
        for size, faults in found.items()
    }
    assert still == {size: [] for size in sizes}


@pytest.fixture
def sheet(demo_window: MainWindow, qtbot: Any) -> FormSheet:
    """The form of a claim with a problem, listened to."""
    form_access.install()
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    with demo_window.desk.read() as s:
        who = clients.find(s, "applewhite")[0].id
    demo_window.go("claims", "build")
    page: Any = demo_window.page()
    page.builder.build_for(who)
    found = page.view.sheet
    assert isinstance(found, FormSheet)
    found.setFocus()
    return found


def test_each_box_of_the_form_tells_what_it_holds(sheet: FormSheet) -> None:
    told = QAccessible.queryAccessibleInterface(sheet)
    assert told.role() == QAccessible.Role.Form and told.text(QAccessible.Text.Name) == "The form"
    boxes = [told.child(at) for at in range(told.childCount())]
    assert len(boxes) == len(sheet.stops) > 100
    by_name = {box.text(QAccessible.Text.Name): box for box in boxes}
    assert len(by_name) == len(boxes)
    name = by_name["Item 2, Patient's name"]
    assert name.text(QAccessible.Text.Value).startswith("APPLEWHITE") and name.role() == QAccessible.Role.StaticText
    stop = next(stop for stop in sheet.stops if stop.item == "2")
    middle = sheet.mapToGlobal(sheet.cell_rect(stop).center().toPoint())
    assert told.childAt(middle.x(), middle.y()) is name and told.indexOfChild(name) == sheet.stops.index(stop)
    sheet.choose(stop)
    focused = told.focusChild()
    assert focused is name and focused.state().focused and name.parent() is told
    for box in boxes:
        assert box.rect().isValid() and box.text(QAccessible.Text.Value) and box.childCount() == 0
    troubled = [p for p in sheet.sheet.problems if p.item and p.severity is not Severity.INFORM]
    described = {box.text(QAccessible.Text.Description) for box in boxes}
    assert {problem.message for problem in troubled} & described or not troubled


def test_the_boxes_go_with_their_form(look: QApplication) -> None:
    """A screen reader may still know a box by its number when the form is gone."""
    form_access.install()
    for _round in range(8):
        made = FormSheet(layout.load())
        told = QAccessible.queryAccessibleInterface(made)
        numbers = [QAccessible.uniqueId(told.child(at)) for at in range(told.childCount())]
        assert QAccessible.accessibleInterface(numbers[5]) is told.child(5)
        shiboken6.delete(made)
        del told
        gc.collect()
        assert all(QAccessible.accessibleInterface(number) is None for number in numbers)


def picture(widget: QWidget) -> QImage:
    window = widget.window()
    place = widget.rect().adjusted(-4, -4, 4, 4).translated(widget.mapTo(window, widget.rect().topLeft()))
    return window.grab(place.intersected(window.rect())).toImage()


def test_one_sees_where_the_focus_is(demo_window: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each kind of control one, on the page where it first comes up."""
    monkeypatch.setattr(LeaveQuestion, "ask", classmethod(lambda cls, *words: Leave.DROP))
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    seen, unseen = set(), set()
    for name, step in stations(demo_window):
        step()
        QApplication.processEvents()
        for widget in demo_window.findChildren(QWidget):
            kind = type(widget), str(getattr(widget, "kind", ""))[:8]
            if kind in seen or not widget.isVisible() or not widget.isEnabled() or isinstance(widget, QMenuBar):
                continue
            if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus or widget.visibleRegion().isEmpty():
                continue
            if isinstance(widget, QAbstractItemView) and widget.model().rowCount() == 0:
                continue  # its sentence says what to do instead
            cursor = QApplication.focusWidget()
            if cursor is not None:
                cursor.clearFocus()
            before = picture(widget)
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            if widget.hasFocus():
                seen.add(kind)
                if picture(widget) == before:
                    unseen.add((name, type(widget).__name__, widget.accessibleName()))
    assert len(seen) > 12 and unseen == set()


@pytest.mark.parametrize("look_of", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_stand_out(look_of: Tokens) -> None:
    for ground in (look_of.surface, look_of.window, look_of.rail):
        assert contrast(look_of.edge, ground) >= 3 and contrast(look_of.accent, ground) >= 3
