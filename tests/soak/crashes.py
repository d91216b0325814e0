"""Kills programs at their work and looks what is left: `python -m tests.soak.crashes WHAT FOLDER COUNT [control]`.

The work is done in forked children, so that a kill costs milliseconds; the parent then opens what they left, as the
program does. Prints what it counted, as JSON. WHAT is `work` (writes, checkpoints, backups), `migration` or `password`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from app.billing.records import Client
from app.errors import ClinicError
from app.store import backup, clients, database, keys, tables
from app.store.backup import Reason
from app.store.clinic import ClinicFile

PASSWORD = "quiet river demo"
OTHER = "nine new herons"
DATABASES = Path(__file__).parent.parent / "data" / "databases"


def killed(work: Callable[[Callable[[str], None]], None], delay: float, after: str = "") -> list[str]:
    """Fork, work, kill `delay` seconds after it told something that holds `after`; answers all that it told."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            work(lambda words: (os.write(writer, f"{words}\n".encode()), None)[1])
        except BaseException:  # what ended it stands in the report of the test
            traceback.print_exc()
        os._exit(3)
    os.close(writer)
    told = block = os.read(reader, 1 << 16)
    while block and after.encode() not in told:
        told += (block := os.read(reader, 1 << 16))
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    while block := os.read(reader, 1 << 16):
        told += block
    os.close(reader)
    status = os.waitpid(child, 0)[1]
    if os.WIFEXITED(status):
        raise RuntimeError("the child ended by itself, and nothing was killed")
    return told.decode().splitlines()


# Writes, checkpoints, backups


def _work(path: Path, start: int, early: bool) -> Callable[[Callable[[str], None]], None]:
    def run(tell: Callable[[str], None]) -> None:
        clinic = ClinicFile.open(path, password=PASSWORD)
        for number in range(start, start + 10_000):
            if early:  # the control: acknowledged before it is kept
                tell(f"kept {number}")
            with clinic.write("Add two") as s:
                clients.save_client(s, Client(last_name=f"A{number}"))
                clients.save_client(s, Client(last_name=f"B{number}"))
            if not early:
                tell(f"kept {number}")
            if number % 7 == 3:
                with clinic.read() as s:
                    s.connection().exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            if number % 5 == 1:
                made = clinic.back_up(Reason.HAND, now=dt.datetime.now().astimezone())
                tell(f"backup {made.path.name}")

    return run


def work(folder: Path, count: int, *, control: bool) -> Counter[str]:
    """Kill writers; every acknowledged pair must be there, no half of a pair, and every finished backup must open."""
    path, chance, seen = folder / "a.clinic", random.Random(7), Counter[str]()
    ClinicFile.create(path, password=PASSWORD)[0].close()
    key = keys.load(path.with_suffix(".keys")).open_with_password("owner", PASSWORD)
    start, expected, opened = 1, set[int](), set[str]()
    for kill in range(count):
        told = killed(_work(path, start, control), chance.uniform(0, 0.12), "backup" if kill % 3 == 0 else "")
        kept = [int(line.split()[1]) for line in told if line.startswith("kept")]
        expected |= set(kept)
        start = max([start, *(number + 2 for number in kept)])
        seen["kills"] += 1
        seen["acknowledged"] += len(kept)
        seen["unfinished backups"] += len(list(path.parent.glob("backups/*.part")))
        with ClinicFile.open(path, password=PASSWORD) as clinic:
            with clinic.read() as s:
                names = {line.last_name for line in clients.find(s, limit=100_000)}
            halves = [{int(name[1:]) for name in names if name[0] == letter} for letter in "AB"]
            seen["lost"] += len(expected - halves[0] - halves[1])
            seen["torn"] += len(halves[0] ^ halves[1])
            seen["left over"] += len(list(path.parent.glob("backups/*.part")))
            expected &= halves[0]
            if len(names) > 400:
                with clinic.write("Clear", undoable=False) as s:
                    for line in clients.find(s, limit=100_000):
                        clients.remove_client(s, line.id)
                expected.clear()
        for file in path.parent.glob(f"backups/*{backup.SUFFIX}"):
            if file.name not in opened:
                opened.add(file.name)
                _open_backup(file, key, folder / "look", seen)
    return seen


def _open_backup(file: Path, key: bytes, place: Path, seen: Counter[str]) -> None:
    seen["backups"] += 1
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    try:
        manifest = backup.check(file, place).manifest
        with backup.opened(place / backup.DATABASE, key) as copy:
            seen["bad backups"] += backup.facts(copy)["clients"] != manifest.clients
    except (ClinicError, database.Error):
        seen["bad backups"] += 1


# Migrations


def migration(folder: Path, count: int, *, control: bool) -> Counter[str]:
    """Kill the upgrade of every released schema; the file is then the old one or the new one, with all its rows."""
    seen, chance = Counter[str](), random.Random(11)
    for fixture in sorted(DATABASES.glob("v*.clinic")):
        version = int(fixture.stem[1:])
        if version == tables.SCHEMA:
            continue
        took = _time_of_upgrade(folder, fixture)
        for _ in range(count):
            path = _fresh(folder, fixture)
            before = _rows(path)

            def upgrade(tell: Callable[[str], None], path: Path = path) -> None:
                tell("begin")
                ClinicFile.open(path, password=PASSWORD).close()
                tell("done")
                time.sleep(60)

            killed(upgrade, chance.uniform(0, took * 1.1))
            after, found = _rows(path), _version(path)
            seen["kills"] += 1
            seen["old" if found == version else "new" if found == tables.SCHEMA else "between"] += 1
            seen["rows lost"] += found == version and after != before
            with ClinicFile.open(path, password=PASSWORD) as clinic, clinic.read() as s:
                seen["rows lost"] += len(clients.find(s, limit=1000)) != before["client"]
    return seen


def _fresh(folder: Path, fixture: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for end in (".clinic", ".keys"):
        shutil.copy(fixture.with_suffix(end), folder)
    return folder / fixture.name


def _time_of_upgrade(folder: Path, fixture: Path) -> float:
    path = _fresh(folder, fixture)
    began = time.perf_counter()
    ClinicFile.open(path, password=PASSWORD).close()
    return time.perf_counter() - began


def _version(path: Path) -> int:
    return int(_ask(path, lambda connection: database.value(connection, "user_version")))


def _rows(path: Path) -> dict[str, int]:
    rows: dict[str, int] = _ask(path, backup.row_counts)
    return rows


def _ask(path: Path, question: Callable[[object], object]):  # type: ignore[no-untyped-def]
    connection = database.connect(path, keys.load(path.with_suffix(".keys")).open_with_password("owner", PASSWORD))
    try:
        return question(connection)
    finally:
        connection.close()


# Passwords


def password(folder: Path, count: int, *, control: bool) -> Counter[str]:
    """Kill the change of a password; the old one or the new one opens."""
    path, chance, seen = folder / "a.clinic", random.Random(13), Counter[str]()
    ClinicFile.create(path, password=PASSWORD)[0].close()
    now = PASSWORD

    def change(tell: Callable[[str], None]) -> None:
        clinic = ClinicFile.open(path, password=now)
        for number in range(10_000):
            clinic.set_password("owner", OTHER if number % 2 == 0 else PASSWORD)
            tell(f"changed {number}")

    for _ in range(count):
        told = killed(change, chance.uniform(0, 0.08))
        seen["kills"] += 1
        seen["changes"] += len(told)
        path.with_suffix(".tries").unlink(missing_ok=True)
        for candidate in (PASSWORD, OTHER):
            with contextlib.suppress(ClinicError), ClinicFile.open(path, password=candidate):
                now = candidate
                break
        else:
            seen["locked out"] += 1
            return seen
    return seen


def main() -> None:
    """Run one kind and print what was counted."""
    keys.STANDARD = keys.Cost(memory=8192, passes=1)
    kinds = {"work": work, "migration": migration, "password": password}
    what, folder, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    print(json.dumps(kinds[what](folder, count, control=sys.argv[4:] == ["control"])))


if __name__ == "__main__":
    main()
