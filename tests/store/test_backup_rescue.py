"""A disk that is full or cannot be written: the clinic opens to be read, and nothing beside it is touched."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.billing.records import Client
from app.errors import ClinicError, DamagedError, UnwritableError
from app.store import clients, keys, portable
from app.store.backup import Reason
from app.store.clinic import ClinicFile
from app.store.lock import FileLock
from app.store.restore import Restoration
from tests.store.conftest import PASSWORD, copy

NOW = dt.datetime(2026, 11, 21, 7, 42, tzinfo=dt.UTC)
DATABASES = Path(__file__).parent.parent / "data" / "databases"
needs_mount = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts a disk of its own, as root only"
)


def add(path: Path, *names: str) -> None:
    with ClinicFile.open(path, password=PASSWORD) as clinic:
        for name in names:
            with clinic.write(f"Add {name}") as s:
                clients.save_client(s, Client(last_name=name))


def names_in(clinic: ClinicFile) -> list[str]:
    with clinic.read() as s:
        return [line.last_name for line in clients.find(s, limit=1000)]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def crashed(path: Path, folder: Path) -> Path:
    """The files of a clinic as a crash leaves them: the last change is only in the journal."""
    folder.mkdir(exist_ok=True)
    with ClinicFile.open(path, password=PASSWORD) as clinic:
        with clinic.write("Add") as s:
            clients.save_client(s, Client(last_name="Late"))
        for end in (".clinic", ".clinic-wal", ".keys"):
            shutil.copyfile(path.with_suffix(end), folder / f"{path.stem}{end}")
    assert (folder / f"{path.stem}.clinic-wal").stat().st_size > 0
    return folder / path.name


def test_it_reads_exports_and_backs_up_and_changes_nothing(closed: Path, tmp_path: Path) -> None:
    add(closed, "Ash")
    before = contents(closed.parent)
    with ClinicFile.open_read_only(closed, password=PASSWORD) as clinic:
        assert clinic.read_only and names_in(clinic) == ["Ash"]
        with clinic.read() as s:
            assert portable.export_clinic(s)["clients"]
        made = clinic.back_up(Reason.HAND, now=NOW, target=tmp_path / "out.clinic-backup")
        for change in (
            lambda: add_to(clinic), clinic.new_recovery_code, lambda: clinic.set_password("owner", "nine new herons"),
            lambda: clinic.back_up(Reason.HAND, now=NOW),
        ):  # fmt: skip
            with pytest.raises(UnwritableError, match="open read-only"):
                change()
        clinic.note("seen")
    made.path.rename(tmp_path / "elsewhere")
    assert {**contents(closed.parent), "a.lock": b"", "elsewhere": b""} == {**before, "a.lock": b"", "elsewhere": b""}
    with Restoration(tmp_path / "elsewhere", tmp_path / "other" / "b.clinic") as guide:
        assert guide.unlock(password=PASSWORD).clients == 1


def add_to(clinic: ClinicFile) -> None:
    with clinic.write("Add"):
        pass


def test_what_is_only_in_the_journal_is_read_from_a_copy(closed: Path, tmp_path: Path) -> None:
    add(closed, "Ash")
    path = crashed(closed, tmp_path / "crashed")
    before = contents(path.parent)
    with ClinicFile.open_read_only(path, password=PASSWORD) as clinic:
        assert names_in(clinic) == ["Ash", "Late"]
        assert clinic._still and clinic._still.path.parent != path.parent
        copied = clinic._still.path.parent
        made = clinic.back_up(Reason.HAND, now=NOW, target=tmp_path / "out.clinic-backup")
    assert made.manifest.clients == 2 and not copied.exists()
    assert {name: data for name, data in contents(path.parent).items() if name != "a.lock"} == before


def test_its_troubles_are_told_apart(closed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClinicError, match="not right"):
        ClinicFile.open_read_only(closed, password="not this one")
    with ClinicFile.open(closed, password=PASSWORD), pytest.raises(ClinicError, match="already open"):
        ClinicFile.open_read_only(closed, password=PASSWORD)
    for suffix in (".clinic", ".keys"):
        shutil.copy(DATABASES / f"v1{suffix}", tmp_path)
    with pytest.raises(ClinicError, match="older version"):
        ClinicFile.open_read_only(tmp_path / "v1.clinic", password=PASSWORD)
    path = crashed(closed, tmp_path / "crashed")
    monkeypatch.setattr(shutil, "copyfile", _no_room)
    with pytest.raises(UnwritableError, match="no room"):
        ClinicFile.open_read_only(path, password=PASSWORD)
    content = bytearray(closed.read_bytes())
    content[-100] ^= 1
    closed.write_bytes(content)
    for _ in range(2):  # the lock is free again
        with pytest.raises(DamagedError, match="damaged"):
            ClinicFile.open_read_only(closed, password=PASSWORD)


def _no_room(*words: Any) -> None:
    raise OSError(28, "No space left on device")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if subprocess.run(options, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@needs_mount
@pytest.mark.parametrize("state", ["read-only", "full"])
@pytest.mark.parametrize("journal", [False, True])
def test_a_disk_that_cannot_be_written(closed: Path, disk: Path, tmp_path: Path, state: str, journal: bool) -> None:
    add(closed, "Ash")
    path = crashed(closed, disk) if journal else copy(closed, disk)
    if state == "read-only":
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    else:
        with pytest.raises(OSError, match="space"), (disk / "filler").open("wb") as file:
            file.write(bytes(3_000_000))
    with pytest.raises(UnwritableError):
        ClinicFile.open(path, password=PASSWORD)
    with ClinicFile.open_read_only(path, password=PASSWORD) as clinic:
        assert names_in(clinic) == (["Ash", "Late"] if journal else ["Ash"])
        made = clinic.back_up(Reason.HAND, now=NOW, target=tmp_path / "out.clinic-backup")
    assert made.manifest.clients == (2 if journal else 1)
    if state == "full":
        (disk / "filler").unlink()
        with ClinicFile.open(path, password=PASSWORD) as clinic:
            assert names_in(clinic) == (["Ash", "Late"] if journal else ["Ash"])


def test_the_lock_says_that_a_folder_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnwritableError):
        FileLock(tmp_path / "none" / "a.lock")


def test_missing_keys_can_be_restored(closed: Path) -> None:
    closed.with_suffix(".keys").write_text("{}")
    with pytest.raises(DamagedError):
        keys.load(closed.with_suffix(".keys"))
    closed.with_suffix(".keys").unlink()
    with pytest.raises(DamagedError):
        keys.load(closed.with_suffix(".keys"))
