"""Backups in the window: made without being asked, shown in the message bar, brought back from the first page."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app.billing.records import Client
from app.errors import ClinicError
from app.store import backup_set, clients, keys
from app.store.backup import Reason
from app.store.backup_set import BackupSet
from app.store.clinic import ClinicFile
from app.ui import backup_settings, printing, recovery_card
from app.ui.backup_settings import BackupSettings
from app.ui.dialogs import Confirm, Files
from app.ui.main_window import MainWindow
from app.ui.restore_guide import RestoreGuide
from app.ui.single import Doorbell
from tests.store.conftest import PASSWORD
from tests.ui.conftest import inline

NOW = dt.datetime(2026, 11, 21, 7, 42, tzinfo=dt.UTC)


@pytest.fixture
def kept_window(bare_window: MainWindow) -> MainWindow:
    """The window as the program makes it: it looks after backups."""
    bare_window.keeper.now = lambda: NOW
    bare_window.keeper.watch()
    return bare_window


def open_in(window: MainWindow, path: Path) -> None:
    window.welcome.ask_password(path)
    window.welcome.open(PASSWORD)


def add(window: MainWindow, name: str) -> None:
    with window.desk.write(f"Add {name}") as s:
        clients.save_client(s, Client(last_name=name))


def reasons(path: Path) -> list[Reason]:
    return [each.manifest.reason for each in BackupSet(path).all()]


def settings_of(window: MainWindow) -> BackupSettings:
    window.go("settings", "backups")
    made: Any = window.page_of("settings")
    group = made.stack.part("backups")
    assert isinstance(group, BackupSettings)
    return group


def restoring(window: MainWindow) -> RestoreGuide:
    guide = window.welcome._restoring
    assert guide is not None
    guide.now = lambda: NOW + dt.timedelta(hours=1)
    return guide


# Without being asked


def test_the_first_backup_of_the_day_and_one_at_the_end(kept_window: MainWindow, closed: Path) -> None:
    open_in(kept_window, closed)
    assert reasons(closed) == [Reason.DAILY]
    assert kept_window.messages.state.text() == "Backup verified today 7:42"
    assert BackupSet(closed).known().drill_day == "2026-11-21"
    kept_window.close_clinic()
    assert reasons(closed) == [Reason.DAILY], "nothing was changed"
    open_in(kept_window, closed)
    assert reasons(closed) == [Reason.DAILY], "one a day"
    add(kept_window, "Quill")
    kept_window.close_clinic()
    assert reasons(closed) == [Reason.CLOSING, Reason.DAILY]
    assert not kept_window.desk.is_open and kept_window.stack.currentWidget() is kept_window.welcome


def test_closing_waits_for_the_backup_beside_the_window(
    kept_window: MainWindow, closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_in(kept_window, closed)
    add(kept_window, "Quill")
    waiting: list[Callable[[], None]] = []
    kept_window.desk.run_task = lambda work, **then: waiting.append(lambda: inline(work, **then))
    assert not kept_window.close() and kept_window.isVisible()
    assert not kept_window.close(), "it is still waiting"
    assert not kept_window.stack.isEnabled() and kept_window.messages.isEnabled()
    assert "closes by itself" in kept_window.messages.text()
    (finish,) = waiting
    finish()
    QApplication.processEvents()
    assert not kept_window.isVisible() and reasons(closed)[0] is Reason.CLOSING


def test_a_failing_backup_is_told_once_and_does_not_keep_anybody_in(
    kept_window: MainWindow, closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_in(kept_window, closed)
    add(kept_window, "Quill")
    monkeypatch.setattr(backup_set.backup, "make", _no_room)
    kept_window.close_clinic()
    assert kept_window.desk.is_open and kept_window.stack.isEnabled()
    assert kept_window.messages.text().startswith("The backup could not be made. Free some space.")
    add(kept_window, "Ash")
    kept_window.close_clinic()
    assert kept_window.desk.is_open, "there is something new to be lost"
    kept_window.close_clinic()
    assert not kept_window.desk.is_open


def _no_room(*words: Any, **more: Any) -> None:
    raise ClinicError("The backup could not be made.", "Free some space.")


def test_a_backup_can_be_cancelled(kept_window: MainWindow, closed: Path) -> None:
    open_in(kept_window, closed)
    add(kept_window, "Quill")
    kept_window.desk.working.connect(lambda progress: progress and progress.stop())
    kept_window.close_clinic()
    assert "was cancelled. Close once more" in kept_window.messages.text() and kept_window.desk.is_open
    kept_window.close_clinic()
    assert not kept_window.desk.is_open and reasons(closed) == [Reason.DAILY]
    assert not list(closed.parent.joinpath("backups").glob("*.part"))


def test_an_old_copy_is_told(kept_window: MainWindow, closed: Path, tmp_path: Path) -> None:
    before = closed.read_bytes()
    open_in(kept_window, closed)
    add(kept_window, "Quill")
    kept_window.close_clinic()
    closed.write_bytes(before)
    open_in(kept_window, closed)
    assert "is older than its backup 2 of 11/21/2026" in kept_window.messages.text()


@pytest.mark.parametrize(
    ("days", "text", "ink"),
    [
        (0, "Backup verified today 7:42", "green"), (1, "Backup verified yesterday 7:42", "green"),
        (3, "Last backup 3 days ago", "green"), (4, "Last backup 4 days ago", "amber"),
    ],
)  # fmt: skip
def test_the_state_turns_amber_after_three_days(window: MainWindow, days: int, text: str, ink: str) -> None:
    window.keeper.now = lambda: NOW
    window.keeper.back_up()
    window.keeper.now = lambda: NOW + dt.timedelta(days=days)
    window.keeper.look()
    assert (window.messages.state.text(), window.messages.state_icon.ink) == (text, ink)


def test_today_says_what_is_wrong_with_the_backups(window: MainWindow) -> None:
    page: Any = window.page_of("today")

    def told() -> list[str]:
        return [item.what for group in page.listed.groups if group.key == "backup" for item in group.items]

    window.keeper.now = lambda: NOW
    window.keeper.look()
    assert told() == ["No backup has been made yet."]
    window.keeper.back_up()
    assert told() == []
    window.keeper.now = lambda: NOW + dt.timedelta(days=9)
    window.keeper.look()
    assert told() == ["The last backup is 9 days old."]
    (row,) = [row for row in page.rows if row.item.page == "settings"]
    window.go(row.item.page, row.item.target)
    assert window.page().stack.key == "backups"  # type: ignore[attr-defined]


# A clinic that cannot be written, or is damaged


def test_a_full_disk_offers_to_read(kept_window: MainWindow, closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.errors import UnwritableError

    def full(*words: Any, **more: Any) -> None:
        raise UnwritableError("The disk is full.")

    page = kept_window.welcome
    with monkeypatch.context() as patch:
        patch.setattr(ClinicFile, "open", full)
        open_in(kept_window, closed)
    assert page.look_only.isVisible() and not page.bring_back.isVisible()
    page.password.setText(PASSWORD)
    page.look_only.click()
    assert kept_window.messages.state.text() == "Read-only"
    assert "open read-only" in kept_window.messages.text()
    assert not kept_window.desk.attempt(lambda: add(kept_window, "Quill"))
    assert "Nothing can be changed" in kept_window.messages.text()
    group = settings_of(kept_window)
    assert not group.now.isEnabled() and group.move_out.isEnabled()
    kept_window.close_clinic()
    assert reasons(closed) == []


def test_a_damaged_clinic_offers_its_backups(kept_window: MainWindow, closed: Path) -> None:
    open_in(kept_window, closed)
    add(kept_window, "Quill")
    kept_window.close_clinic()
    content = bytearray(closed.read_bytes())
    content[len(content) // 2] ^= 1
    closed.write_bytes(content)
    page = kept_window.welcome
    page.ask_password(closed)
    assert not page.bring_back.isVisible()
    page.open("not the password")
    assert not page.bring_back.isVisible(), "a wrong password is no damage"
    page.open(PASSWORD)
    assert "damaged" in page.unlock.problem.text() and page.bring_back.isVisible()
    page.bring_back.click()
    guide = restoring(kept_window)
    cards = [button for button in guide.choice.findChildren(type(page.bring_back)) if button.text() == "Look inside"]
    assert [button.accessibleDescription() for button in cards] == [
        "11/21/2026 7:42, number 2", "11/21/2026 7:42, number 1",
    ]  # fmt: skip
    cards[0].click()
    guide.password.setText("not it")
    guide.unlock.deed.click()
    assert "not right" in guide.unlock.problem.text()
    guide.password.setText(PASSWORD)
    guide.unlock.deed.click()
    assert page.steps.currentWidget() is guide.inside and closed.read_bytes() == bytes(content)
    guide.inside.deed.click()
    assert kept_window.page().key == "today"
    with kept_window.desk.read() as s:
        assert [line.last_name for line in clients.find(s)] == ["Quill"]
    assert (closed.parent / "a replaced 2026-11-21" / "a.clinic").read_bytes() == bytes(content)


# Settings


def test_settings_make_try_and_copy_backups(window: MainWindow, tmp_path: Path, monkeypatch: Any) -> None:
    group = settings_of(window)
    group.now.click()
    assert "Backup 1 is made" in window.messages.text()
    group.drill.click()
    assert "restored on trial" in window.messages.text()
    stick = tmp_path / "stick"
    stick.mkdir()
    monkeypatch.setattr(backup_settings.FolderQuestion, "ask", staticmethod(lambda parent: stick))
    group.second.click()
    assert len(list(stick.glob("*.clinic-backup"))) == 1 and group.forget.isVisible()
    stick.rename(tmp_path / "away")
    group.now.click()
    assert window.messages.state.text() == "Second backup folder is away"
    assert window.messages.state_icon.ink == "amber"
    group.forget.click()
    assert not group.forget.isVisible() and window.messages.state_icon.ink == "green"


def test_restore_from_the_settings_closes_the_clinic_first(window: MainWindow) -> None:
    path = window.desk.clinic.path
    group = settings_of(window)
    group.now.click()
    add(window, "Quill")
    group.restore.click()
    assert not window.desk.is_open
    guide = restoring(window)
    guide.take(BackupSet(path).all()[0].path)
    guide.password.setText(PASSWORD)
    guide.look()
    guide.finish()
    with window.desk.read() as s:
        assert not clients.find(s)
    with window.desk.clinic.read() as s:
        from app.store import audit

        assert any(event.kind == "restore" for event in audit.events(s.connection()))


def test_leaving_the_guide_lets_the_clinic_go(window: MainWindow) -> None:
    path = window.desk.clinic.path
    settings_of(window).now.click()
    window.restore_backup()
    guide = restoring(window)
    guide.take(BackupSet(path).all()[0].path)
    guide.unlock.back.click()
    guide.choice.back.click()
    assert window.welcome.steps.currentWidget() is not guide.choice
    ClinicFile.open(path, password=PASSWORD).close()


def test_one_file_moves_the_clinic_and_opens_on_another_computer(
    window: MainWindow, tmp_path: Path, monkeypatch: Any
) -> None:
    add(window, "Quill")
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: tmp_path / "to go"))
    settings_of(window).move_out.click()
    file = tmp_path / "to go.clinic-backup"
    assert "then work on one computer only" in window.messages.text() and file.exists()
    window.close_clinic()
    monkeypatch.setattr(Files, "ask_open", staticmethod(lambda *words: file))
    window.welcome.choose_open.click()
    guide = restoring(window)
    guide.target = tmp_path / "new" / "Mine.clinic"
    guide.take(file, guide.target)
    guide.password.setText(PASSWORD)
    guide.look()
    assert "is there is kept" not in guide.place.text()
    guide.finish()
    assert window.desk.clinic.path == tmp_path / "new" / "Mine.clinic"


def test_a_file_that_is_no_backup_is_said(bare_window: MainWindow, tmp_path: Path, monkeypatch: Any) -> None:
    wrong = tmp_path / "x.clinic-backup"
    wrong.write_bytes(b"PK nothing")
    monkeypatch.setattr(Files, "ask_open", staticmethod(lambda *words: wrong))
    bare_window.welcome.choose_move.click()
    guide = restoring(bare_window)
    assert "damaged" in guide.choice.problem.text() and guide.choice.deed.isEnabled()


def test_by_the_recovery_code(bare_window: MainWindow, tmp_path: Path) -> None:
    clinic, code = ClinicFile.create(tmp_path / "a.clinic", password="four quiet wooden spoons")
    with clinic:
        made = clinic.back_up(Reason.HAND, now=NOW)
    bare_window.welcome.ask_restore(clinic.path, made.path)
    guide = restoring(bare_window)
    guide.code.setText(code.lower())
    guide.look()
    before = clinic.path.read_bytes()
    for new, reason, told in (("short", "a new computer", "15"), ("nine new herons fly", " ", "no reason")):
        guide.new_password.setText(new)
        guide.reason.setText(reason)
        guide.inside.deed.click()
        assert told in guide.inside.problem.text() and clinic.path.read_bytes() == before
    guide.reason.setText("the password is lost")
    guide.inside.deed.click()
    welcome = bare_window.welcome
    assert welcome.steps.currentWidget() is welcome.paper and welcome._code not in ("", code)
    assert not any(field.text() for field in (guide.code, guide.new_password, guide.reason))
    groups = welcome._code.split("-")
    for at, field in zip(welcome.wanted, welcome.asked, strict=True):
        field.setText(groups[at])
    welcome.paper.deed.click()
    opened = bare_window.desk.clinic
    kinds = [event.kind for event in opened.audit_events()]
    assert kinds[:4] == ["recovery-code", "password", "restore", "recovery"]
    assert opened.audit_events(kind="restore")[0].detail == str(made.manifest.sequence)
    assert not opened.verify_audit().findings, "newer rows are missing, and it is said why"
    bare_window.forget_clinic()
    ClinicFile.open(clinic.path, password="nine new herons fly").close()
    with pytest.raises(ClinicError):
        ClinicFile.recover(clinic.path, code=code, password="ten other herons fly", reason="again")


def test_a_restore_by_password_is_in_the_audit(bare_window: MainWindow, closed: Path) -> None:
    with ClinicFile.open(closed, password=PASSWORD) as clinic:
        made = clinic.back_up(Reason.HAND, now=NOW)
        clinic.note("view")
    bare_window.welcome.ask_restore(closed, made.path)
    guide = restoring(bare_window)
    guide.password.setText(PASSWORD)
    guide.look()
    assert guide.by_code.isHidden()
    guide.finish()
    found = bare_window.desk.clinic
    assert found.audit_events(kind="restore")[0].detail == str(made.manifest.sequence)
    assert found.audit_events(kind="gap") and not found.verify_audit().findings


# The recovery card


def test_a_new_card_replaces_the_code(window: MainWindow, tmp_path: Path, monkeypatch: Any) -> None:
    group = settings_of(window)
    before = window.desk.clinic.path.with_suffix(".keys").read_bytes()
    monkeypatch.setattr(Confirm, "ask", classmethod(lambda cls, *words: False))
    group.card.click()
    assert window.desk.clinic.path.with_suffix(".keys").read_bytes() == before
    shown: list[recovery_card.CardDialog] = []
    monkeypatch.setattr(Confirm, "ask", classmethod(lambda cls, *words: True))
    monkeypatch.setattr(
        recovery_card.CardDialog, "show_code", classmethod(lambda cls, *words: shown.append(cls(*words)))
    )
    group.card.click()
    (dialog,) = shown
    keys.load(window.desk.clinic.path.with_suffix(".keys")).open_with_recovery_code(dialog._code)
    saved = tmp_path / "card.pdf"
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: saved))
    dialog.save_button.click()
    assert saved.read_bytes().startswith(b"%PDF")
    printed: list[bytes] = []
    monkeypatch.setattr(printing.PrinterQuestion, "ask", staticmethod(lambda *words: True))
    monkeypatch.setattr(printing, "print_pdf", lambda printer, pdf: printed.append(pdf))
    dialog.print_button.click()
    assert printed == [saved.read_bytes()]
    dialog.deleteLater()


# One window a clinic


_SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
app = QCoreApplication([])
from app.ui.single import raise_other
print(raise_other(Path(sys.argv[1])))
"""


def test_a_second_start_raises_the_first_window(bare_window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    path = tmp_path / "a.clinic"

    def second(clinic: Path) -> str:
        process = subprocess.Popen(
            [sys.executable, "-c", _SECOND, str(clinic)], stdout=subprocess.PIPE, text=True, env={**os.environ}
        )
        qtbot.waitUntil(lambda: process.poll() is not None, timeout=30_000)
        with process:
            assert process.stdout
            return process.stdout.read().strip()

    assert second(path) == "False", "the control: nobody is there"
    rung: list[int] = []
    bell = Doorbell(bare_window)
    bell.rang.connect(lambda: rung.append(1))
    bell.listen(path)
    assert second(path) == "True"
    qtbot.waitUntil(lambda: bool(rung))
    bell.listen(tmp_path / "b.clinic")
    assert second(path) == "False", "this window is at another clinic by now"


def test_a_socket_left_over_from_a_crash_is_taken_over(bare_window: MainWindow, tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("only sockets in the file system are left over")
    script = _SECOND.replace("print(raise_other(Path(sys.argv[1])))", (
        "from app.ui.single import Doorbell\nbell = Doorbell(app)\nbell.listen(Path(sys.argv[1]))\n"
        "print(bell._server.fullServerName(), flush=True)\nimport os\nos.kill(os.getpid(), 9)"
    ))  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "a.clinic")], capture_output=True, text=True, check=False
    )
    socket = Path(run.stdout.strip())
    assert socket.exists(), "the control: the crash left it"
    bell = Doorbell(bare_window)
    bell.listen(tmp_path / "a.clinic")
    assert bell._server.isListening()
