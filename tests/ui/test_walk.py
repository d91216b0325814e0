"""A walk over every page: each control has a name, Tab reaches and leaves it, and no words are cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenuBar,
    QScrollArea,
    QScrollBar,
    QWidget,
)

from app.store import clients
from app.ui.controls import Elided
from app.ui.dialogs import Leave, LeaveQuestion
from app.ui.main_window import MainWindow

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
        ("claims", lambda: page("claims").show_list()),
        ("superbill", lambda: window.go("superbills", ("new", who))),
        ("superbills", lambda: page("superbills").back()),
        ("payer", lambda: window.go("payers")),
        ("payer fees", lambda: (page("payers").show_part("fees"), page("payers").fees.begin_new())),
    ]
    steps += [
        (f"calibration {step}", lambda step=step: (window.go("calibration"), page("calibration").show_step(step)))  # type: ignore[misc]
        for step in range(4)
    ]
    groups = ("practice", "provider", "fees", "printer", "look")
    steps += [(f"settings {group}", lambda group=group: window.go("settings", group)) for group in groups]  # type: ignore[misc]
    return steps


@pytest.fixture(params=[(1280, 800)])
def walked(demo_window: MainWindow, monkeypatch: Any, request: Any) -> Iterator[Callable[[], Iterator[str]]]:
    monkeypatch.setattr(LeaveQuestion, "ask", classmethod(lambda cls, *words: Leave.DROP))

    def walk() -> Iterator[str]:
        demo_window.resize(*request.param)
        for name, step in stations(demo_window):
            step()
            QApplication.processEvents()
            yield name

    yield walk


def shown(window: MainWindow) -> list[QWidget]:
    return [w for w in window.findChildren(QWidget) if w.isVisible() and not isinstance(w, QScrollBar)]


def test_every_control_has_a_name_and_a_role(demo_window: MainWindow, walked: Callable[[], Iterator[str]]) -> None:
    nameless = set()
    for station in walked():
        for widget in shown(demo_window):
            if (
                widget.focusPolicy() & Qt.FocusPolicy.TabFocus
                and widget.isEnabled()
                and not isinstance(widget, QMenuBar)
            ):
                told = QAccessible.queryAccessibleInterface(widget)
                name = told.text(QAccessible.Text.Name)
                unknown = told.role() in {QAccessible.Role.NoRole, QAccessible.Role.Client}
                if not name.strip() or (unknown and name != "The form"):
                    nameless.add((station, type(widget).__name__, widget.objectName(), told.role().name))
    assert nameless == set()


SIZES = pytest.mark.parametrize("walked", [(1280, 800), (960, 540), (1920, 1080)], indirect=True, ids=str)


@SIZES
def test_no_words_are_cut_off(demo_window: MainWindow, walked: Callable[[], Iterator[str]]) -> None:
    cut = set()
    for station in walked():
        for widget in shown(demo_window):
            if isinstance(widget, QLabel) and not isinstance(widget, Elided) and widget.text():
                wanted = widget.heightForWidth(widget.width()) if widget.wordWrap() else widget.sizeHint().height()
                room = widget.contentsRect().width()
                wide = widget.wordWrap() or widget.fontMetrics().horizontalAdvance(widget.text()) <= room + 1
                if not wide or widget.height() + 1 < min(wanted, widget.fontMetrics().height()):
                    cut.add((station, widget.text(), widget.width()))
            elif isinstance(widget, QAbstractButton) and widget.text():
                hint = widget.sizeHint().width()
                if hint and widget.width() + 1 < hint:
                    cut.add((station, widget.text(), widget.width()))
            elif isinstance(widget, QLineEdit) and widget.text() and widget.maximumWidth() < 300:
                text = widget.fontMetrics().horizontalAdvance(widget.text())
                if text > widget.width() - widget.textMargins().left() - widget.textMargins().right() - 16:
                    cut.add((station, widget.objectName() or widget.accessibleName(), widget.text()))
    assert cut == set()


@SIZES
def test_nothing_scrolls_sideways(demo_window: MainWindow, walked: Callable[[], Iterator[str]]) -> None:
    wide = set()
    for station in walked():
        for area in demo_window.findChildren(QScrollArea):
            if area.isVisible() and area.horizontalScrollBar().maximum() > 0:
                wide.add((station, area.horizontalScrollBar().maximum()))
    assert wide == set()


def test_choices_show_their_words(demo_window: MainWindow, walked: Callable[[], Iterator[str]]) -> None:
    cut = set()
    for station in walked():
        if station == "session":
            continue  # four choices of the client's own words stand side by side; they end in … and open in full
        for widget in shown(demo_window):
            if isinstance(widget, QComboBox):
                widest = max(
                    (widget.fontMetrics().horizontalAdvance(widget.itemText(i)) for i in range(widget.count())),
                    default=0,
                )
                if widest > widget.width() - 40:
                    cut.add((station, widget.objectName(), widest, widget.width()))
    assert cut == set()


def test_tab_goes_round_and_is_never_trapped(
    demo_window: MainWindow, qtbot: Any, walked: Callable[[], Iterator[str]]
) -> None:
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    for station in walked():
        if station == "claim":
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
