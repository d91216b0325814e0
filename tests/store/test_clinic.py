"""The clinic file: encrypted, for one program, and each trouble told in a sentence with nothing lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.billing.records import Client, Provider
from app.errors import ClinicError, InputError
from app.store import clients, database, keys, practice, tables
from app.store.clinic import MOST_UNDO, ClinicFile, Operation
from tests.store.conftest import PASSWORD, copy

MARKER = "Marker-Quillfeather"


def _names(clinic: ClinicFile) -> list[str]:
    with clinic.read() as s:
        return [line.last_name for line in clients.find(s, limit=1000)]


def _add(clinic: ClinicFile, name: str, **options: Any) -> int:
    with clinic.write(f"Add {name}", **options) as s:
        kept = clients.save_client(s, Client(last_name=name))
    assert kept.id is not None
    return kept.id


# Making and opening


def test_a_new_clinic_opens_with_its_password_and_its_recovery_code(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.clinic"
    clinic, code = ClinicFile.create(path, password=PASSWORD)
    with clinic:
        _add(clinic, "Quill")
        assert clinic.user == "owner"
    with ClinicFile.open(path, password=PASSWORD) as again:
        assert _names(again) == ["Quill"]
    again, newer = ClinicFile.recover(path, code=code, password="nine new herons", reason="forgotten")
    with again:
        assert (again.user, _names(again)) == ("owner", ["Quill"])
    with pytest.raises(ClinicError, match="not right"):
        ClinicFile.open(path, password=PASSWORD)
    with pytest.raises(ClinicError, match="does not open"):
        ClinicFile.recover(path, code=code, password="nine new herons", reason="forgotten")
    with ClinicFile.open(path, password="nine new herons") as again:
        assert _names(again) == ["Quill"]
    again, __ = ClinicFile.recover(path, code=newer, password="ten other herons", reason="forgotten", user="owner")
    again.close()
    assert sorted(file.name for file in path.parent.iterdir()) == ["a.clinic", "a.keys", "a.lock"]


def test_a_file_that_is_there_is_not_overwritten(closed: Path) -> None:
    before = closed.read_bytes()
    with pytest.raises(ClinicError, match=r"a\.clinic already exists"):
        ClinicFile.create(closed, password=PASSWORD)
    assert closed.read_bytes() == before
    closed.unlink()
    with pytest.raises(ClinicError, match=r"a\.keys already exists"):
        ClinicFile.create(closed, password=PASSWORD)


def test_too_short_a_password_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too short"):
        ClinicFile.create(tmp_path / "a.clinic", password="short")
    assert list(tmp_path.iterdir()) == []


def test_the_key_file_is_not_taken_for_a_clinic(closed: Path) -> None:
    with pytest.raises(InputError, match="not a clinic file"):
        ClinicFile.open(closed.with_suffix(".keys"), password=PASSWORD)


def test_the_settings_are_those_that_lose_nothing(clinic: ClinicFile) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "trusted_schema": 0}
    with clinic.read() as s:
        assert {name: s.scalar(text(f"PRAGMA {name}")) for name in expected} == expected
        assert s.scalar(text("PRAGMA user_version")) == tables.SCHEMA
        assert tuple(map(int, s.scalar(text("SELECT sqlite_version()")).split("."))) >= (3, 51, 3)


def test_nothing_readable_is_on_disk(clinic: ClinicFile, tmp_path: Path) -> None:
    _add(clinic, MARKER)
    wal = clinic.path.with_name("a.clinic-wal")
    assert wal.stat().st_size > 0, "the change is in the WAL, or this test proves nothing"
    assert any(MARKER in name for name in _names(clinic))
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert MARKER.encode() not in content, file.name
        assert MARKER.casefold().encode() not in content, file.name
        assert b"SQLite format" not in content, file.name
        assert b"CREATE TABLE" not in content, file.name


def test_files_are_private(clinic: ClinicFile) -> None:
    if os.name != "posix":
        pytest.skip("rights of files are otherwise on Windows")
    for suffix in (".clinic", ".keys", ".lock"):
        assert clinic.path.with_suffix(suffix).stat().st_mode & 0o077 == 0 or suffix != ".clinic"


# Troubles


def test_a_wrong_password_is_not_called_damage(closed: Path) -> None:
    with pytest.raises(ClinicError, match="not right") as caught:
        ClinicFile.open(closed, password="wrong password")
    assert "damaged" not in str(caught.value)
    ClinicFile.open(closed, password=PASSWORD).close()


def test_no_file_is_not_made_by_opening(tmp_path: Path) -> None:
    with pytest.raises(ClinicError, match="no clinic file"):
        ClinicFile.open(tmp_path / "a.clinic", password=PASSWORD)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_key_file_is_said(closed: Path) -> None:
    closed.with_suffix(".keys").unlink()
    with pytest.raises(ClinicError, match=r"a\.keys is missing"):
        ClinicFile.open(closed, password=PASSWORD)


def test_an_empty_file_is_not_an_empty_clinic(closed: Path) -> None:
    closed.write_bytes(b"")
    with pytest.raises(ClinicError, match="is empty"):
        ClinicFile.open(closed, password=PASSWORD)


def test_another_database_is_no_clinic(closed: Path) -> None:
    closed.unlink()
    with sqlite3.connect(closed) as other:
        other.execute("CREATE TABLE a (b)")
    other.close()
    with pytest.raises(ClinicError, match="not a clinic file"):
        ClinicFile.open(closed, password=PASSWORD)


def _key(path: Path) -> bytes:
    return keys.load(path.with_suffix(".keys")).open_with_password("owner", PASSWORD)


def _pragma(path: Path, pragma: str) -> None:
    connection = database.connect(path, _key(path))
    connection.execute(f"PRAGMA {pragma}")
    connection.close()


def test_another_encrypted_database_is_no_clinic(closed: Path) -> None:
    _pragma(closed, "application_id = 7")
    with pytest.raises(ClinicError, match="not a clinic file"):
        ClinicFile.open(closed, password=PASSWORD)


def test_a_newer_clinic_is_left_alone(closed: Path) -> None:
    _pragma(closed, f"user_version = {tables.SCHEMA + 1}")
    before = closed.read_bytes()
    with pytest.raises(ClinicError, match="newer version"):
        ClinicFile.open(closed, password=PASSWORD)
    assert closed.read_bytes() == before


def test_keys_of_another_clinic(closed: Path, tmp_path: Path) -> None:
    other, _code = ClinicFile.create(tmp_path / "other.clinic", password=PASSWORD)
    other.close()
    closed.with_suffix(".keys").write_bytes(other.path.with_suffix(".keys").read_bytes())
    with pytest.raises(ClinicError, match="belongs to another clinic"):
        ClinicFile.open(closed, password=PASSWORD)


@pytest.mark.parametrize("place", [0, 100, 4096, 0.5, -1])
def test_one_flipped_bit_is_found(closed: Path, place: float) -> None:
    content = bytearray(closed.read_bytes())
    content[int(place * len(content)) if isinstance(place, float) else int(place)] ^= 1
    closed.write_bytes(content)
    with pytest.raises(ClinicError, match="damaged"):
        ClinicFile.open(closed, password=PASSWORD)


@pytest.mark.parametrize("left", [1, 4095, 4096, 0.5, -1, -4096])
def test_a_cut_file_is_found(closed: Path, left: float) -> None:
    content = closed.read_bytes()
    closed.write_bytes(content[: int(left * len(content)) if isinstance(left, float) else int(left)])
    with pytest.raises(ClinicError, match="damaged"):
        ClinicFile.open(closed, password=PASSWORD)


def test_a_trouble_frees_the_lock(closed: Path) -> None:
    good = closed.read_bytes()
    closed.write_bytes(good[:5000])
    for _ in range(2):
        with pytest.raises(ClinicError, match="damaged"):
            ClinicFile.open(closed, password=PASSWORD)
    closed.write_bytes(good)
    ClinicFile.open(closed, password=PASSWORD).close()


def test_one_program_per_file(clinic: ClinicFile) -> None:
    with pytest.raises(ClinicError, match=f"already open on .*, process {os.getpid()}"):
        ClinicFile.open(clinic.path, password=PASSWORD)
    _add(clinic, "Quill")
    clinic.close()
    clinic.close()
    ClinicFile.open(clinic.path, password=PASSWORD).close()


_HOLDER = """
import sys, time
from pathlib import Path
from app.billing.records import Client
from app.store import clients, keys
from app.store.clinic import ClinicFile
keys.STANDARD = keys.Cost(memory=8192, passes=1)
clinic = ClinicFile.open(Path(sys.argv[1]), password=sys.argv[2])
number = 0
while True:
    with clinic.write("Add two") as s:
        clients.save_client(s, Client(last_name=f"A{number}"))
        clients.save_client(s, Client(last_name=f"B{number}"))
    print(number, flush=True)
    number += 1
"""


def test_kill_9_frees_the_file_and_loses_no_acknowledged_write(closed: Path) -> None:
    if os.name != "posix":
        pytest.skip("no SIGKILL")
    for acknowledgements in (3, 40):
        with subprocess.Popen(
            [sys.executable, "-c", _HOLDER, str(closed), PASSWORD], stdout=subprocess.PIPE, text=True
        ) as holder:
            assert holder.stdout
            last = [int(holder.stdout.readline()) for _ in range(acknowledgements)][-1]
            with pytest.raises(ClinicError, match=f"process {holder.pid}"):
                ClinicFile.open(closed, password=PASSWORD)
            holder.send_signal(signal.SIGKILL)
            rest = [int(line) for line in holder.stdout.read().splitlines() if line.strip()]
        last = rest[-1] if rest else last
        with ClinicFile.open(closed, password=PASSWORD) as clinic:
            names = set(_names(clinic))
            assert {f"{letter}{number}" for letter in "AB" for number in range(last + 1)} <= names
            assert {name[1:] for name in names if name[0] == "A"} == {name[1:] for name in names if name[0] == "B"}
            with clinic.write("Clear", undoable=False) as s:
                for line in clients.find(s, limit=10_000):
                    clients.remove_client(s, line.id)


def test_a_full_disk_is_said_and_loses_nothing(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = database.connect

    def small(*args: Any, **options: Any) -> Any:
        connection = connect(*args, **options)
        connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0] + 8}")
        return connection

    monkeypatch.setattr(database, "connect", small)
    kept: list[str] = []
    with ClinicFile.open(closed, password=PASSWORD) as clinic:
        with pytest.raises(ClinicError, match="disk is full"):
            for number in range(1000):
                name = f"N{number:04d}" + "x" * 500
                _add(clinic, name)
                kept.append(name)
        assert kept
        assert _names(clinic) == kept
        label = clinic.undo_label
        assert label == f"Add {kept[-1]}"
    monkeypatch.undo()
    monkeypatch.setattr(keys, "STANDARD", keys.Cost(memory=8192, passes=1))
    with ClinicFile.open(closed, password=PASSWORD) as clinic:
        assert _names(clinic) == kept
        _add(clinic, "Zander")
        assert _names(clinic) == [*kept, "Zander"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts a small disk, as root only")
def test_a_really_full_disk_is_said_and_loses_nothing(closed: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        path = copy(closed, disk)
        kept: list[str] = []
        with ClinicFile.open(path, password=PASSWORD) as clinic:
            with pytest.raises(ClinicError) as caught:
                for number in range(3000):
                    name = f"N{number:04d}" + "x" * 3000
                    _add(clinic, name)
                    kept.append(name)
            assert "disk" in caught.value.message
            assert len(kept) > 10
            assert _names(clinic) == kept
            filler = disk / "filler"
            with pytest.raises(OSError, match="space"), filler.open("wb") as file:
                file.write(bytes(3_000_000))
            with pytest.raises(ClinicError, match="cannot be written"):
                clinic.set_password("owner", "nine new herons")
        with pytest.raises(ClinicError, match="disk"):
            ClinicFile.open(path, password=PASSWORD)
        subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True)
        with ClinicFile.open(path, password=PASSWORD) as clinic:
            assert _names(clinic) == kept
    finally:
        subprocess.run(["umount", str(disk)], check=True)


_READER = """
import os, sys
from pathlib import Path
from app.errors import ClinicError
from app.store import keys
from app.store.clinic import ClinicFile
keys.STANDARD = keys.Cost(memory=8192, passes=1)
os.setuid(65534)
try:
    ClinicFile.open(Path(sys.argv[1]), password=sys.argv[2])
except ClinicError as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="becomes another user, as root only")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_read_only_is_said(closed: Path, what: str, tmp_path: Path) -> None:
    top = Path(tempfile.gettempdir())
    for folder in (tmp_path, *(parent for parent in tmp_path.parents if top in parent.parents)):
        folder.chmod(0o755)
    for suffix in (".clinic", ".keys"):
        closed.with_suffix(suffix).chmod(0o644)
    if what == "file":
        tmp_path.chmod(0o777)
    run = subprocess.run(
        [sys.executable, "-c", _READER, str(closed), PASSWORD], capture_output=True, text=True, check=False
    )
    if "Permission denied" in run.stderr or "ModuleNotFoundError" in run.stderr:
        pytest.skip("the program itself cannot be read by another user here")
    assert run.stderr == ""
    assert "Allow writing there" in run.stdout or "cannot be changed" in run.stdout, run.stdout


def test_creating_where_nothing_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ClinicError, match="folder cannot be made"):
        ClinicFile.create(tmp_path / "file" / "a.clinic", password=PASSWORD)


def test_a_crash_while_creating_leaves_no_clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, key_file: object) -> None:
        raise ClinicError("The key file cannot be written.")

    monkeypatch.setattr(keys, "save", fail)
    with pytest.raises(ClinicError, match="cannot be written"):
        ClinicFile.create(tmp_path / "a.clinic", password=PASSWORD)
    assert [file.name for file in tmp_path.iterdir()] == ["a.lock"]


# Reading, writing, listening


def test_reading_cannot_write(clinic: ClinicFile) -> None:
    with pytest.raises(DBAPIError), clinic.read() as s:
        clients.save_client(s, Client(last_name="Quill"))
    assert _names(clinic) == []


def test_an_exception_keeps_nothing(clinic: ClinicFile) -> None:
    told: list[Operation] = []
    clinic.subscribe(told.append)
    with pytest.raises(ZeroDivisionError), clinic.write("Add") as s:
        clients.save_client(s, Client(last_name="Quill"))
        raise ZeroDivisionError
    assert (_names(clinic), told, clinic.undo_label) == ([], [], "")


def test_a_write_inside_a_write_is_a_bug(clinic: ClinicFile) -> None:
    with pytest.raises(RuntimeError, match="inside"), clinic.write("Outer"), clinic.write("Inner"):
        pytest.fail("it was let in")
    _add(clinic, "Quill")


def test_listeners_hear_what_changed(clinic: ClinicFile) -> None:
    told: list[Operation] = []
    stop = clinic.subscribe(told.append)
    _add(clinic, "Quill")
    with clinic.write("Look") as s:
        clients.find(s)
    with clinic.write("Hire") as s:
        practice.save_provider(s, Provider(last_name="Ash"))
    clinic.undo()
    stop()
    clinic.redo()
    assert [(op.label, set(op.tables)) for op in told] == [
        ("Add Quill", {"client"}), ("Hire", {"provider"}), ("Undo Hire", {"provider"}),
    ]  # fmt: skip
    assert [op.id for op in told] == [1, 2, 3]


def test_other_threads_may_read_while_one_writes(clinic: ClinicFile) -> None:
    _add(clinic, "Quill")
    seen: list[list[str]] = []
    with clinic.write("Add another") as s:
        clients.save_client(s, Client(last_name="Ash"))
        reader = threading.Thread(target=lambda: seen.append(_names(clinic)))
        reader.start()
        reader.join(timeout=20)
    assert seen == [["Quill"]]
    assert _names(clinic) == ["Ash", "Quill"]


def test_the_log_keeps_before_and_after(clinic: ClinicFile) -> None:
    client_id = _add(clinic, "Quill")
    with clinic.write("Marry") as s:
        clients.save_client(s, Client(id=client_id, number="0001", last_name="Ash"))
    with clinic.write("Nothing") as s:
        clients.save_client(s, Client(id=client_id, number="0001", last_name="Ash"))
    with clinic.read() as s:
        log = s.execute(text('SELECT operation, at, user, label, "table", row_id, before, after FROM change')).all()
    assert [(row.operation, row.user, row.label, row.table, row.row_id) for row in log] == [
        (1, "owner", "Add Quill", "client", client_id), (2, "owner", "Marry", "client", client_id),
    ]  # fmt: skip
    assert log[0].before is None
    assert log[0].after == log[1].before
    assert json.loads(log[1].after)["last_name"] == "Ash"
    assert log[0].at.endswith("+00:00")


@pytest.mark.parametrize("statement", ["UPDATE change SET label = ''", "DELETE FROM change"])
def test_the_log_cannot_be_changed(clinic: ClinicFile, statement: str) -> None:
    _add(clinic, "Quill")
    with pytest.raises(DBAPIError, match="log cannot be changed"), clinic.write("Hide") as s:
        s.execute(text(statement))


# Undo


def test_undo_and_redo_say_what_they_do(clinic: ClinicFile) -> None:
    assert (clinic.undo(), clinic.redo(), clinic.undo_label, clinic.redo_label) == (None, None, "", "")
    _add(clinic, "Ash")
    _add(clinic, "Quill")
    assert clinic.undo_label == "Add Quill"
    undone = clinic.undo()
    assert undone and undone.label == "Undo Add Quill"
    assert (clinic.undo_label, clinic.redo_label, _names(clinic)) == ("Add Ash", "Add Quill", ["Ash"])
    clinic.redo()
    assert (clinic.undo_label, clinic.redo_label, _names(clinic)) == ("Add Quill", "", ["Ash", "Quill"])
    clinic.undo()
    _add(clinic, "Plum")
    assert clinic.redo_label == ""
    assert _names(clinic) == ["Ash", "Plum"]


def test_what_left_the_house_ends_undo(clinic: ClinicFile) -> None:
    _add(clinic, "Ash")
    _add(clinic, "Quill", undoable=False)
    assert (clinic.undo_label, clinic.undo()) == ("", None)


def test_undo_reaches_back_fifty_operations(clinic: ClinicFile) -> None:
    for number in range(MOST_UNDO + 3):
        _add(clinic, f"N{number:02d}")
    while clinic.undo():
        pass
    assert _names(clinic) == ["N00", "N01", "N02"]


def test_undo_refuses_when_the_record_changed_since(clinic: ClinicFile) -> None:
    client_id = _add(clinic, "Ash")
    connection = database.connect(clinic.path, _key(clinic.path))
    connection.execute("UPDATE client SET first_name = 'Silas' WHERE id = ?", (client_id,))
    connection.close()
    with pytest.raises(ClinicError, match="changed since"):
        clinic.undo()
    assert clinic.undo_label == "Add Ash"
    assert _names(clinic) == ["Ash"]


def test_numbers_are_not_given_again_after_undo(clinic: ClinicFile) -> None:
    _add(clinic, "Ash")
    clinic.undo()
    client_id = _add(clinic, "Quill")
    with clinic.read() as s:
        assert clients.client(s, client_id).number == "0002"
        assert client_id == 2


def test_a_copy_opens_like_the_original(clinic: ClinicFile, tmp_path: Path) -> None:
    _add(clinic, "Ash")
    clinic.close()
    with ClinicFile.open(copy(clinic.path, tmp_path / "copy"), password=PASSWORD) as other:
        assert _names(other) == ["Ash"]
