"""A few kills at work, in a migration and in a backup; `make soak` does a thousand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

pytestmark = pytest.mark.skipif(os.name != "posix", reason="forks and kills")


def counted(what: str, folder: Path, count: int, *more: str) -> dict[str, int]:
    """What `tests.soak.crashes` counted."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.soak.crashes", what, str(folder), str(count), *more],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    answer: dict[str, int] = json.loads(run.stdout)
    return answer


def test_killed_writers_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    seen = counted("work", tmp_path, 12)
    assert (seen["lost"], seen["torn"], seen["bad backups"], seen["left over"]) == (0, 0, 0, 0), seen
    assert seen["acknowledged"] > 20 and seen["backups"] > 3, f"too little was done to prove anything: {seen}"


def test_killed_migrations_are_old_or_new(tmp_path: Path) -> None:
    seen = counted("migration", tmp_path / "m", 4)
    assert seen.get("between", 0) == 0 and seen.get("rows lost", 0) == 0
