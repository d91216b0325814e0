"""After locking, the program that shows the login holds nothing of the clinic: neither a name nor the key.

The real program is started, works on a clinic with planted markers, and locks itself. The memory of both processes is
read from /proc. The control is the unlocked program, where the very same search finds everything.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.billing.records import Client, Provider, ServiceLine, Visit
from app.store import clients, keys, practice, visits
from app.store.clinic import ClinicFile

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="reads the memory of processes from /proc"),
]
PASSWORD = "four quiet wooden spoons"
MARKERS = ("Markerfeather", "Plantedlane", "1961-04-23 never typed", "unsavedmarkerwords")
ROOT = Path(__file__).resolve().parent.parent.parent

PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
import app.main as program

clinic, go = Path(sys.argv[1]), Path(sys.argv[2])
make = program.make_window

def made(path, password):
    window = make(path, password)
    window.opened.connect(lambda: QTimer.singleShot(1000, lambda: work(window)))
    return window

def work(window):
    window.go("clients")
    window.grab()
    window.go("sessions", 1)
    window.page().form.note.setText("unsavedmarkerwords")
    window.grab()
    print("ready", flush=True)
    window.timer = QTimer()
    window.timer.timeout.connect(lambda: go.exists() and window.lock_asked.emit())
    window.timer.start(100)

program.make_window = made
program.run_window(clinic, sys.argv[3])
"""


def _found(pid: int, wanted: dict[str, bytes]) -> set[str]:
    """Which of these bytes are anywhere in the writable memory of a process."""
    found = set()
    place = Path("/proc", str(pid))
    with place.joinpath("maps").open() as maps, place.joinpath("mem").open("rb", buffering=0) as memory:
        for line in maps:
            span = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if span is None:
                continue
            start, end = int(span[1], 16), int(span[2], 16)
            try:
                memory.seek(start)
                content = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
            found |= {name for name, data in wanted.items() if data in content}
    return found


def _wanted(path: Path) -> dict[str, bytes]:
    key = keys.load(path.with_suffix(".keys")).open_with_password("owner", PASSWORD)
    wanted = {"the data key": key, "the data key in hex": key.hex().encode(), "the password": PASSWORD.encode()}
    for marker in MARKERS:
        wanted[f"{marker} in UTF-8"] = marker.encode()
        wanted[f"{marker} in UTF-16"] = marker.encode("utf-16-le")
    return wanted


def _locked_ones(path: Path) -> list[int]:
    found = []
    for place in Path("/proc").iterdir():
        try:
            words = (place / "cmdline").read_bytes().split(b"\0") if place.name.isdigit() else []
        except OSError:
            continue
        if b"--locked" in words and str(path).encode() in words:
            found.append(int(place.name))
    return found


def _wait(what: str, done: object) -> None:
    assert callable(done)
    for __ in range(600):
        if done():
            return
        time.sleep(0.1)
    raise AssertionError(f"not within a minute: {what}")


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    path = tmp_path / "a.clinic"
    made, __ = ClinicFile.create(path, password=PASSWORD)
    with made, made.write("Plant") as s:
        practice.save_provider(s, Provider(last_name="Fern", npi="1234567893"))
        who = clients.save_client(
            s, Client(last_name=MARKERS[0], street=MARKERS[1], note=MARKERS[2], birth_date=dt.date(1961, 4, 23))
        )
        visits.save_visit(
            s, Visit(client_id=who.id or 0, provider_id=1, date=dt.date(2026, 11, 20), start=600, note=MARKERS[2],
                     lines=(ServiceLine(code="97124", minutes=60, units=4, charge=10000),))
        )  # fmt: skip
    return path


@pytest.fixture
def unlocked(clinic: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    program = subprocess.Popen(
        [sys.executable, str(script), str(clinic), str(tmp_path / "go"), PASSWORD], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, env=environment | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    yield program
    program.kill()
    program.wait()
    if program.stdout is not None:
        program.stdout.close()
    for pid in _locked_ones(clinic):
        os.kill(pid, signal.SIGKILL)


def test_the_locked_program_holds_nothing(unlocked: subprocess.Popen[str], clinic: Path, tmp_path: Path) -> None:
    assert unlocked.stdout is not None
    assert unlocked.stdout.readline() == "ready\n"
    wanted = _wanted(clinic)
    open_one = _found(unlocked.pid, wanted)
    print("unlocked:", sorted(open_one))
    assert "the data key" in open_one, "the control: the search finds what is there"
    assert all({f"{marker} in UTF-8", f"{marker} in UTF-16"} & open_one for marker in MARKERS)

    (tmp_path / "go").touch()
    _wait("the unlocked program ends", lambda: unlocked.poll() is not None)
    assert unlocked.returncode == 0
    _wait("the locked program runs", lambda: len(_locked_ones(clinic)) == 1)
    time.sleep(5)
    (pid,) = _locked_ones(clinic)
    left = _found(pid, wanted)
    print("locked:", sorted(left))
    assert left == set()
    with ClinicFile.open(clinic, password=PASSWORD) as again:
        assert again.audit_events(limit=2)[1].kind == "lock"
        with again.read() as s:
            kept = s.connection().exec_driver_sql("SELECT content FROM draft WHERE page = 'sessions'").scalar()
        assert MARKERS[3] in str(kept)
