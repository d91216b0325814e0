"""What the commands say reaches a pipe, a full disk or an old console without a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import cli
from app.billing.problems import warn
from app.cli.common import tell

HERE = Path(__file__).parents[2]
SEARCH = [sys.executable, "-m", "app", "icd10", "search", "pain", "--limit", "2000"]


def test_a_reader_that_leaves_early_is_no_fault() -> None:
    with subprocess.Popen(SEARCH, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=HERE) as search:
        assert search.stdout is not None
        assert search.stderr is not None
        search.stdout.read(1)
        search.stdout.close()
        said = search.stderr.read()
    assert (search.returncode, said) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(SEARCH, stdout=full, stderr=subprocess.PIPE, cwd=HERE, check=False)
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == ["superbill-desk: The disk is full. Make room, then do it again."]


def test_a_name_that_the_console_cannot_show_does_not_stop_it(tmp_path: Path) -> None:
    values = tmp_path / "values.json"
    values.write_text('{"2": "Đào"}', "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "app", "cms1500", "fill", values, "-o", tmp_path / "o.pdf"],
        capture_output=True, check=False, cwd=HERE, env={**os.environ, "PYTHONIOENCODING": "ascii:strict"},
    )  # fmt: skip
    assert done.returncode == 0
    assert b"\\u0110" in done.stderr


def test_the_demo_says_where_it_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x")
    assert cli.main(["demo", "--out", str(tmp_path / "file" / "out")]) == 2
    assert "Choose another place" in capsys.readouterr().err


def test_what_is_so_of_several_sessions_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    found = [warn("visit.odd", "It is odd.", item="24A", record=f"visit:{number}") for number in (1, 2, 3)]
    tell([*found, warn("visit.even", "It is even.")])
    assert capsys.readouterr().out.splitlines() == [
        "  warn: visit.odd [24A]: It is odd. (3 times)",
        "  warn: visit.even: It is even.",
    ]
