"""A power cut, simulated: the system calls of a writer are recorded and replayed up to any moment, and of what was not
yet flushed to the disk any part is dropped, as a disk does. `python -m tests.soak.power WRITER…` is the writer.

A file keeps what was flushed; what was written since is a list of writes, of which any 512-byte sector may be missing
after the cut, or the file's new length. Names are kept at once: the file systems in use write those in order.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.billing.records import Client
from app.store import clients, database, keys
from app.store.backup import Reason
from app.store.clinic import ClinicFile

PASSWORD = "quiet river demo"
SECTOR = 512
_CALLS = "openat,open,close,pwrite64,write,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,lseek"
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\)\s+= (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass
class Event:
    """A call that matters: its kind, the file, and what it did."""

    kind: str
    path: str = ""
    data: bytes = b""
    at: int = 0
    other: str = ""


def record(clinic: Path, commits: int, synchronous: str) -> list[Event]:
    """Run the writer on a clinic that is there, and answer what it asked of the disk."""
    trace = clinic.with_name("trace")
    command = [
        "strace", "-o", str(trace), "-e", f"trace={_CALLS}", "-xx", "-s", "10000000", sys.executable, "-m",
        "tests.soak.power", str(clinic), str(commits), synchronous,
    ]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=Path(__file__).resolve().parents[2])
    events = list(_events(trace, str(clinic.parent)))
    trace.unlink()
    return events


def _events(trace: Path, folder: str) -> Iterator[Event]:
    paths: dict[int, str] = {}
    places: dict[int, int] = {}
    with trace.open() as lines:
        for line in lines:
            match = _CALL.match(line)
            if match is None or int(match[3]) < 0:
                continue
            call, given, answer = match[1], match[2], int(match[3])
            texts = [bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(given)]
            number = int(given.split(",")[0]) if given[:1].isdigit() else -1
            if call in {"openat", "open"}:
                paths[answer], places[answer] = texts[0].decode(), 0
                if "O_TRUNC" in given:
                    yield Event("truncate", paths[answer])
                continue
            if call == "close":
                paths.pop(number, None)
                continue
            if call == "write" and number == 1:
                yield Event("told", data=texts[0])
                continue
            if call.startswith("rename"):
                yield Event("rename", texts[0].decode(), other=texts[1].decode())
                continue
            if call.startswith("unlink"):
                yield Event("unlink", texts[0].decode())
                continue
            path = paths.get(number, "")
            if not path.startswith(folder):
                continue
            if call == "pwrite64":
                yield Event("write", path, texts[0][:answer], int(given.rsplit(",", 1)[1]))
            elif call == "write":
                yield Event("write", path, texts[0][:answer], places[number])
                places[number] += answer
            elif call == "lseek":
                places[number] = answer
            elif call == "ftruncate":
                yield Event("truncate", path, at=int(given.rsplit(",", 1)[1]))
            else:
                yield Event("flush", path)


@dataclass
class Disk:
    """What a disk holds: the flushed content of each file, and what was written to it since."""

    flushed: dict[str, bytes] = field(default_factory=dict)
    pending: dict[str, list[Event]] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """One call."""
        if event.kind in {"write", "truncate"}:
            self.flushed.setdefault(event.path, b"")
            self.pending.setdefault(event.path, []).append(event)
        elif event.kind == "flush":
            self.flushed[event.path] = _applied(self.flushed.get(event.path, b""), self.pending.pop(event.path, []))
        elif event.kind == "rename":
            for held in (self.flushed, self.pending):
                held.pop(event.other, None)  # type: ignore[attr-defined]
                if event.path in held:
                    held[event.other] = held.pop(event.path)  # type: ignore[attr-defined, index, assignment]
        elif event.kind == "unlink":
            self.flushed.pop(event.path, None)
            self.pending.pop(event.path, None)

    def cut(self, chance: random.Random) -> dict[str, bytes]:
        """The files after the power went: of what was not flushed, each sector is there or not."""
        share = chance.choice((0.0, 0.3, 0.7, 1.0))
        return {
            path: _applied(content, self.pending.get(path, []), chance, share) for path, content in self.flushed.items()
        }


def _applied(content: bytes, events: list[Event], chance: random.Random | None = None, share: float = 1.0) -> bytes:
    """Writes on top of a content; with `chance` each sector with the probability `share` only."""
    made = bytearray(content)

    def happens() -> bool:
        return chance is None or chance.random() < share

    for event in events:
        if event.kind == "truncate":
            if happens():
                made[event.at :] = bytes(max(0, event.at - len(made)))
            continue
        for start in range(0, len(event.data), SECTOR):
            if happens():
                at, part = event.at + start, event.data[start : start + SECTOR]
                made.extend(bytes(max(0, at + len(part) - len(made))))
                made[at : at + len(part)] = part
    return bytes(made)


def write(clinic: Path, commits: int, synchronous: str) -> None:
    """The writer: a pair of records in each commit, told only when it is kept; checkpoints and backups between."""
    keys.STANDARD = keys.Cost(memory=8192, passes=1)
    connect = database.connect

    def less_careful(*given: object, **more: object) -> object:
        connection = connect(*given, **more)  # type: ignore[arg-type]
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        return connection

    database.connect = less_careful  # type: ignore[assignment]
    with ClinicFile.open(clinic, password=PASSWORD) as opened:
        for number in range(commits):
            with opened.write("Add two") as s:
                clients.save_client(s, Client(last_name=f"A{number}"))
                clients.save_client(s, Client(last_name=f"B{number}"))
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()
            if number % 11 == 4:
                with opened.read() as s:
                    s.connection().exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
            if number % 25 == 9:
                opened.back_up(Reason.HAND, now=dt.datetime(2026, 11, 21, 8, tzinfo=dt.UTC))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
