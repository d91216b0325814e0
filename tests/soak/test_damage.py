"""The long proof about damage: a thousand flipped bits, each found at open, and a restore that works after it."""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
from pathlib import Path

import pytest

from app.errors import DamagedError
from app.store import clients, demo, keys
from app.store.backup import Reason
from app.store.backup_set import BackupSet
from app.store.clinic import ClinicFile
from app.store.restore import Restoration
from tests.store.conftest import CHEAP
from tests.store.test_backups import live

FLIPS = 1_000
NOW = dt.datetime(2026, 11, 21, 8, tzinfo=dt.UTC)
pytestmark = pytest.mark.soak


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "STANDARD", CHEAP)


def test_every_flipped_bit_is_found_and_the_backup_comes_back(tmp_path: Path) -> None:
    path, chance, found, restored = tmp_path / "a.clinic", random.Random(17), 0, 0
    with demo.make(path, today=NOW.date()) as clinic, clinic.read() as s:
        people = len(clients.find(s, limit=1000))
    key = keys.load(path.with_suffix(".keys")).open_with_password("owner", demo.PASSWORD)
    made = BackupSet(path).make(key, Reason.HAND, now=NOW)
    good = path.read_bytes()
    ClinicFile.open(path, password=demo.PASSWORD).close()
    for number in range(FLIPS):
        content = bytearray(good)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        with pytest.raises(DamagedError):
            ClinicFile.open(path, password=demo.PASSWORD)
        found += 1
        if number % 50 == 0:
            with Restoration(made.path, path) as guide:
                assert guide.unlock(password=demo.PASSWORD).clients == people
                guide.finish(now=NOW)
            with ClinicFile.open(path, password=demo.PASSWORD) as clinic, clinic.read() as s:
                assert len(clients.find(s, limit=1000)) == people
            restored += 1
    print(f"{found} of {FLIPS} flipped bits found, {restored} restores")


def test_the_control_a_plain_database_does_not_notice_most(tmp_path: Path) -> None:
    path, chance, found = tmp_path / "plain.db", random.Random(17), 0
    with sqlite3.connect(path) as plain:
        plain.execute("CREATE TABLE client (id INTEGER PRIMARY KEY, name TEXT)")
        plain.executemany("INSERT INTO client (name) VALUES (?)", [(f"N{n}" * 20,) for n in range(2_000)])
    plain.close()
    good = path.read_bytes()
    for _ in range(200):
        content = bytearray(good)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        other = sqlite3.connect(path)
        try:
            found += other.execute("PRAGMA integrity_check").fetchone()[0] != "ok"
        except sqlite3.DatabaseError:
            found += 1
        finally:
            other.close()
    print(f"plain SQLite found {found} of 200")
    assert found < 150


def test_five_years_with_a_clock_that_goes_wrong() -> None:
    """Two backups a day for five years; every so often the clock is years off for a month. Never many files."""
    chance, moments, off = random.Random(23), [], 0
    for day in range(5 * 365):
        if day % 200 == 0:
            off = chance.choice((0, 3650, -3650, 400))
        if day % 200 == 40:
            off = 0
        moments += [NOW + dt.timedelta(days=day + off, hours=hour) for hour in (0, 9)]
    shelf = live(moments)
    print(f"{len(shelf)} files after five years")
    assert {len(moments) - at for at in range(14)} <= {each.manifest.sequence for each in shelf}
