"""The long proof that a crash loses nothing: a thousand kills, two thousand power cuts, a disk that runs full."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.billing.records import Client
from app.errors import ClinicError
from app.store import backup, clients, database, keys
from app.store.backup import Reason
from app.store.clinic import ClinicFile
from tests.soak import power
from tests.store.conftest import PASSWORD, _cheap_keys
from tests.store.test_backup_crash import counted

__all__ = ["_cheap_keys"]

pytestmark = pytest.mark.soak
KILLS, CUTS, MIGRATION_KILLS, PASSWORD_KILLS = 1_000, 2_000, 50, 200


def test_a_thousand_kills_lose_nothing(tmp_path: Path) -> None:
    seen = counted("work", tmp_path, KILLS)
    print(seen)
    assert seen["kills"] == KILLS and seen["acknowledged"] > KILLS
    assert seen["unfinished backups"] and seen["backups"] > KILLS // 10
    assert (seen["lost"], seen["torn"], seen["bad backups"], seen["left over"]) == (0, 0, 0, 0)


def test_the_control_a_writer_that_tells_too_early_is_caught(tmp_path: Path) -> None:
    assert counted("work", tmp_path, 60, "control")["lost"] > 0


def test_killed_migrations_are_old_or_new(tmp_path: Path) -> None:
    seen = counted("migration", tmp_path / "m", MIGRATION_KILLS)
    print(seen)
    assert seen["old"] > 5 and seen["new"] > 5, "kills before and after the moment that decides"
    assert seen.get("between", 0) == 0 and seen.get("rows lost", 0) == 0


def test_killed_password_changes_lock_nobody_out(tmp_path: Path) -> None:
    seen = counted("password", tmp_path, PASSWORD_KILLS)
    print(seen)
    assert seen["changes"] > PASSWORD_KILLS and seen.get("locked out", 0) == 0


@pytest.fixture(scope="module")
def cheap() -> Iterator[None]:
    """Keys that cost nothing, for a whole module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "STANDARD", keys.Cost(memory=8192, passes=1))
        yield


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize(("synchronous", "loses"), [("FULL", False), ("NORMAL", True)])
def test_power_cuts(tmp_path: Path, synchronous: str, loses: bool) -> None:
    """FULL loses nothing that was acknowledged; NORMAL does, which shows that this simulation can find it."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed; `sh installer/setup.sh` does that")
    place = tmp_path / "disk"
    place.mkdir()
    clinic = place / "a.clinic"
    ClinicFile.create(clinic, password=PASSWORD)[0].close()
    key = keys.load(clinic.with_suffix(".keys")).open_with_password("owner", PASSWORD)
    begin = {str(path): path.read_bytes() for path in place.iterdir()}
    events = power.record(clinic, 60, synchronous)
    assert sum(event.kind == "told" for event in events) == 60
    assert not loses or sum(e.kind == "flush" for e in events) < sum(e.kind == "write" for e in events)
    seen = _cut_often(begin, events, key, tmp_path / "after", random.Random(3))
    print(synchronous, dict(seen))
    assert seen["cuts"] == CUTS and seen["backups"] > 0
    assert (seen["unopenable"], seen["torn"], seen["bad backups"]) == (0, 0, 0)
    assert bool(seen["lost"]) is loses


def _cut_often(
    begin: dict[str, bytes], events: list[power.Event], key: bytes, after: Path, chance: random.Random
) -> Counter[str]:
    seen: Counter[str] = Counter()
    disk = power.Disk(flushed=dict(begin))
    moments = Counter(chance.randrange(len(events)) for _ in range(CUTS))
    told = -1
    for number, event in enumerate(events):
        disk.take(event)
        if event.kind == "told":
            told = int(event.data)
        for _ in range(moments[number]):
            seen["cuts"] += 1
            _look(disk.cut(chance), told, key, after, seen)
    return seen


def _look(files: dict[str, bytes], told: int, key: bytes, after: Path, seen: Counter[str]) -> None:
    shutil.rmtree(after, ignore_errors=True)
    after.mkdir()
    for name, content in files.items():
        path = after / Path(name).name
        if path.suffix in {".clinic", ".clinic-wal", backup.SUFFIX}:
            path.write_bytes(content)
    try:
        connection = database.connect(after / "a.clinic", key)
        try:
            database.check_integrity(connection)
            names = {name for (name,) in connection.execute("SELECT last_name FROM client")}
        finally:
            connection.close()
    except (ClinicError, database.Error):
        seen["unopenable"] += 1
        return
    halves = [{int(name[1:]) for name in names if name[0] == letter} for letter in "AB"]
    seen["torn"] += halves[0] != halves[1]
    seen["lost"] += not set(range(told + 1)) <= halves[0]
    for path in after.glob(f"*{backup.SUFFIX}"):
        seen["backups"] += 1
        try:
            backup.check(path)
        except ClinicError:
            seen["bad backups"] += 1


@pytest.mark.parametrize("megabytes", [2, 3, 5])
def test_a_disk_that_runs_full(tmp_path: Path, megabytes: int) -> None:
    """Every acknowledged record is there, the sentence is right, and work goes on when there is room again."""
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(disk)]
    if subprocess.run(options, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here: it takes the rights of root")
    try:
        _fill(disk)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def _fill(disk: Path) -> None:
    now = dt.datetime(2026, 11, 21, 8, tzinfo=dt.UTC)
    path, kept, chance = disk / "a.clinic", list[str](), random.Random(disk.name)

    def names(clinic: ClinicFile) -> list[str]:
        with clinic.read() as s:
            return sorted(line.last_name for line in clients.find(s, limit=10_000))

    ClinicFile.create(path, password=PASSWORD)[0].close()
    with ClinicFile.open(path, password=PASSWORD) as clinic:
        with pytest.raises(ClinicError) as caught:
            for number in range(5_000):
                name = f"N{number:05d}"
                with clinic.write("Add") as s:
                    clients.save_client(s, Client(last_name=name, note="x" * chance.randrange(6_000)))
                kept.append(name)
        assert "disk" in str(caught.value).casefold() and len(kept) > 20
        assert names(clinic) == kept
        with pytest.raises(ClinicError):
            clinic.back_up(Reason.HAND, now=now)
        assert not list(disk.glob("backups/*.clinic-backup*"))
        subprocess.run(["mount", "-o", "remount,size=60m", str(disk)], check=True)
        with clinic.write("Add") as s:
            clients.save_client(s, Client(last_name="Z"))
        assert names(clinic) == [*kept, "Z"]
        assert clinic.back_up(Reason.HAND, now=now).manifest.clients == len(kept) + 1
    with ClinicFile.open(path, password=PASSWORD) as clinic:
        assert names(clinic) == [*kept, "Z"]
