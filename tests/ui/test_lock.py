"""Locking: when, what is kept, and that what was typed comes back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QApplication

from app.store.clinic import ClinicFile
from app.ui import clipboard, lock
from app.ui.lock import IdleWatch, Locker
from app.ui.lock_system import SystemWatch, tells
from app.ui.main_window import MainWindow
from tests.store.conftest import PASSWORD


class Clocks:
    """The two clocks of a computer."""

    monotonic, wall = 100.0, 1_800_000_000.0

    def on(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += seconds


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def locks() -> list[int]:
    return []


@pytest.fixture
def idle(clocks: Clocks, locks: list[int], qapp: QApplication) -> IdleWatch:
    made = IdleWatch(lambda: 10, lambda: locks.append(1), lambda: clocks.monotonic, lambda: clocks.wall)
    made._timer.setInterval(1_000_000)
    return made


def _pass(idle: IdleWatch, clocks: Clocks, seconds: int) -> None:
    for __ in range(seconds // 5):
        clocks.on(5)
        idle.tick()


def test_it_locks_after_the_idle_time_and_not_before(idle: IdleWatch, clocks: Clocks, locks: list[int]) -> None:
    idle.start()
    _pass(idle, clocks, 595)
    assert not locks
    _pass(idle, clocks, 5)
    assert locks == [1]
    idle.stop()


@pytest.mark.parametrize("kind", [QEvent.Type.KeyPress, QEvent.Type.MouseMove])
def test_a_key_or_the_mouse_puts_it_off(idle: IdleWatch, clocks: Clocks, locks: list[int], kind: QEvent.Type) -> None:
    idle.start()
    _pass(idle, clocks, 595)
    event = QEvent(kind)
    assert idle.eventFilter(idle, event) is False
    _pass(idle, clocks, 595)
    assert not locks
    idle.eventFilter(idle, QEvent(QEvent.Type.Paint))
    _pass(idle, clocks, 5)
    assert locks
    idle.stop()


def test_sleep_locks_when_it_is_over(idle: IdleWatch, clocks: Clocks, locks: list[int]) -> None:
    """Asleep, one clock stands still."""
    idle.start()
    clocks.wall += 90
    idle.tick()
    assert locks == [1]
    idle.stop()


def test_a_clock_set_back_does_not_keep_it_open(idle: IdleWatch, clocks: Clocks, locks: list[int]) -> None:
    idle.start()
    clocks.wall -= 36_000
    _pass(idle, clocks, 600)
    assert locks == [1]
    idle.stop()


@pytest.mark.parametrize(("minutes", "wanted"), [(0, 120), (1000, 1800)])
def test_the_idle_time_has_bounds(clocks: Clocks, locks: list[int], qapp: Any, minutes: int, wanted: int) -> None:
    idle = IdleWatch(lambda: minutes, lambda: locks.append(1), lambda: clocks.monotonic, lambda: clocks.wall)
    _pass(idle, clocks, wanted - 5)
    assert not locks
    _pass(idle, clocks, 5)
    assert locks


def test_the_computers_own_lock_locks(window: MainWindow, locks: list[int]) -> None:
    watch = SystemWatch(window, lambda: locks.append(1))
    watch.turned(False)
    assert not locks
    watch.turned(True)
    watch.locked()
    assert locks == [1, 1]
    assert [tells(*message) for message in ((0x2B1, 7), (0x218, 4), (0x2B1, 8), (0x218, 7), (0x100, 7))] == [
        True, True, False, False, False,
    ]  # fmt: skip


_ON_THE_BUS = """
import os, subprocess, sys
os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = os.environ["DBUS_SESSION_BUS_ADDRESS"]
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from app.ui.lock_system import SystemWatch
core, window, locks = QApplication([]), QWidget(), []
watch = SystemWatch(window, lambda: locks.append(1))
for place, what, *value in (
    ("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver.ActiveChanged", "boolean:true"),
    ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver.ActiveChanged", "boolean:false"),
    ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver.ActiveChanged", "boolean:true"),
):
    subprocess.run(["dbus-send", "--type=signal", place, what, *value], check=True)
QTimer.singleShot(700, core.quit)
core.exec()
print("locks", len(locks))
"""


@pytest.mark.skipif(shutil.which("dbus-run-session") is None, reason="needs a message bus of its own")
def test_the_screen_saver_is_heard() -> None:
    run = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", _ON_THE_BUS], capture_output=True, text=True, check=False,
        timeout=60, cwd=Path(__file__).parent.parent.parent,
    )  # fmt: skip
    assert "locks 2" in run.stdout, run.stderr


# The window


@pytest.fixture
def locker(demo_window: MainWindow) -> Locker:
    made = Locker(demo_window)
    made.started = []  # type: ignore[attr-defined]
    made.start = lambda clinic: bool(made.started.append(clinic)) or True  # type: ignore[attr-defined]
    made.leave = lambda: made.started.append("left")  # type: ignore[attr-defined]
    return made


def _again(locker: Locker, path: Path) -> MainWindow:
    """As the fresh program does after the password."""
    window = locker.window
    window.forget_clinic()
    window.show()
    window.show_clinic(ClinicFile.open(path, password=PASSWORD), path)
    return window


def test_locking_closes_hides_and_starts_anew(locker: Locker) -> None:
    window = locker.window
    path = window.desk.clinic.path
    window.lock_asked.emit()
    assert locker.started == [path, "left"]  # type: ignore[attr-defined]
    assert not window.desk.is_open and not window.isVisible()
    with ClinicFile.open(path, password=PASSWORD) as clinic:
        assert clinic.audit_events(limit=2)[1].kind == "lock"
    locker.lock()
    assert len(locker.started) == 2, "locked is locked"  # type: ignore[attr-defined]


def test_without_a_fresh_program_it_is_the_login(locker: Locker) -> None:
    locker.start = lambda clinic: False
    locker.lock()
    window = locker.window
    assert window.isVisible() and window.stack.currentWidget() is window.welcome and not window.pages


def test_a_typed_session_comes_back(locker: Locker) -> None:
    window = locker.window
    path = window.desk.clinic.path
    window.go("sessions", "new")
    form = window.page_of("sessions").form  # type: ignore[attr-defined]
    with window.desk.read() as s:
        from app.store import clients

        client_id = clients.find(s)[0].id
    form.take_client(client_id)
    form.start.setText("930")
    form.note.setText("not yet saved words")
    form.paid.setText("12.5x")
    row = form.lines.rows[0]
    row.code.setText("97124")
    row.minutes.setText("45")
    row.charge.setText("77.77")
    row.charge.by_hand = True
    form.lines._code_left(row)
    typed = form._typed_values()
    locker.lock()
    again = _again(locker, path)
    page = again.page()
    assert page.key == "sessions"
    assert page.form._typed_values() == typed and page.form.changed  # type: ignore[attr-defined]
    assert page.form.visit.id is None  # type: ignore[attr-defined]
    with again.desk.read() as s:
        from sqlalchemy import text

        assert s.scalar(text("SELECT count(*) FROM draft")) == 0, "given back once"
    page.leave = lambda: True  # type: ignore[method-assign]


def test_a_changed_session_and_client_come_back_as_changed(locker: Locker) -> None:
    window = locker.window
    path = window.desk.clinic.path
    window.go("sessions")
    page: Any = window.page()
    page._show(1)
    page.form.note.setText("changed words")
    page.form.lines.rows[0].minutes.setText("59")
    page.form.lines._typed()
    session = page.form._typed_values()
    page.leave = lambda: True
    window.go("clients")
    page = window.page()
    client_id = page.client.id
    page.editor("person").form.editor("phone").setText("206 555 0100")
    page.editor("person").form.editor("sex").load("F")
    assert page.draft() == json.loads(json.dumps(page.draft()))
    page.leave = lambda: True
    locker.lock()
    again = _again(locker, path)
    page = again.page()
    assert page.key == "clients" and page.client.id == client_id
    assert page.editor("person").changed
    assert page.editor("person").form.draft().phone == "2065550100"
    form = again.page_of("sessions").form  # type: ignore[attr-defined]
    assert form.visit.id == 1 and form._typed_values() == session and form.changed
    for each in again.pages.values():
        each.leave = lambda: True  # type: ignore[method-assign]


def test_a_draft_of_a_record_that_is_gone_is_said(locker: Locker) -> None:
    page: Any = locker.window.page_of("clients")
    with pytest.raises(Exception, match="no longer there"):
        page.restore({"client": 99_999, "part": "person", "typed": {}})


# What else is typed


def _back(locker: Locker, key: str) -> Any:
    """The page after a lock and the password, with what it takes for its draft as it went through JSON."""
    window = locker.window
    page: Any = window.page_of(key)
    draft = page.draft()
    assert draft is not None and draft == json.loads(json.dumps(draft))
    path = window.desk.clinic.path
    for each in window.pages.values():
        each.leave = lambda: True  # type: ignore[method-assign]
    failed: list[str] = []
    window.desk.failed.connect(failed.append)
    locker.lock()
    again: Any = _again(locker, path).page_of(key)
    assert not failed and again is not page and again.draft() == draft
    for each in locker.window.pages.values():
        each.leave = lambda: True  # type: ignore[method-assign]
    return again


def test_a_changed_payer_and_its_prices_come_back(locker: Locker) -> None:
    locker.window.go("payers", 2)
    page: Any = locker.window.page()
    page.form.form.editor("name").setText("Cedar Sound Mut")
    page._bring("fees")
    fees = page.fees
    if fees.schedule.id is None:
        fees.begin_new()
    fees.rows[0].amount.setText("12.3x")
    again = _back(locker, "payers")
    assert again.payer_id == 2 and again.stack.key == "fees" and again.fees.rows[0].amount.text() == "12.3x"
    assert again.form.form.editor("name").text() == "Cedar Sound Mut"


def test_a_new_payer_comes_back(locker: Locker) -> None:
    locker.window.go("payers", "new")
    page: Any = locker.window.page()
    page.form.form.editor("name").setText("New Heron Health")
    again = _back(locker, "payers")
    assert again.payer_id is None and again.form.form.editor("name").text() == "New Heron Health"


def test_typed_settings_come_back_and_passwords_do_not(locker: Locker) -> None:
    locker.window.go("settings", "practice")
    page: Any = locker.window.page()
    page.editor("practice").form.editor("name").setText("Quiet River Two")
    page.editor("fees").rows[0].label.setText("our other words")
    page.editor("users").old.setText("nine new herons fly")
    assert "herons" not in json.dumps(page.draft())
    again = _back(locker, "settings")
    assert again.stack.key == "practice" and again.editor("fees").rows[0].label.text() == "our other words"
    assert again.editor("users").old.text() == ""


def test_a_superbill_that_is_being_chosen_comes_back(locker: Locker) -> None:
    locker.window.go("superbills", ("new", 1))
    builder = locker.window.page_of("superbills").builder  # type: ignore[attr-defined]
    ids = sorted(line.id for line in builder._lines)
    assert len(ids) > 1
    builder.table.rows_model.ticked = set(ids[:1])
    builder.options["minutes"].toggle()
    on = builder.options["minutes"].isChecked()
    again = _back(locker, "superbills").builder
    assert again.chosen() == ids[:1] and again.options["minutes"].isChecked() is on


def test_a_half_typed_form_comes_back(locker: Locker) -> None:
    locker.window.go("claims", "blank")
    editor = locker.window.page_of("claims").blank.editor  # type: ignore[attr-defined]
    editor.name.load("Letter to a payer")
    editor.sheet.choose_item("1a")
    editor.sheet.field.setText("W12345")
    again = _back(locker, "claims").blank
    assert again.typed.sheet.page["1a"] == "W12345" and again.typed.changed and again.typed.form.id is None


def test_the_fresh_program_is_this_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _program, arguments = lock.command(tmp_path / "a b.clinic")
    assert arguments == ["-m", "app", "--locked", str(tmp_path / "a b.clinic")]
    monkeypatch.setattr("sys.frozen", True, raising=False)
    assert lock.command(tmp_path)[1] == ["--locked", str(tmp_path)]


# The clipboard


def test_copied_records_leave_the_clipboard(demo_window: MainWindow) -> None:
    demo_window.go("sessions")
    shared = QGuiApplication.clipboard()
    clipboard.copy("Quill, Torvald")
    data = shared.mimeData()
    assert data.text() == "Quill, Torvald" and bytes(data.data("x-kde-passwordManagerHint").data()) == b"secret"
    clipboard.forget("something else")
    assert shared.text() == "Quill, Torvald"
    clipboard.forget("Quill, Torvald")
    assert shared.text() == ""
    clipboard.copy("Quill, Torvald")
    shared.setText("of another program")
    clipboard.forget()
    assert shared.text() == "of another program"


def test_a_row_is_copied_that_way(demo_window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr(clipboard, "copy", copied.append)
    page: Any = demo_window.page_of("clients")
    demo_window.go("clients")
    page.sessions.setCurrentIndex(page.sessions.rows_model.index(0, 0))
    press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    page.sessions.keyPressEvent(press)
    assert copied and "\t" in copied[0]
