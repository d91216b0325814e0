"""`make package`: freeze the program, then start what was frozen and let it test itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Build into dist/; answers the exit status of the frozen program's self-test."""
    environment = os.environ | {"PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": _commit_time()}
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"]
    subprocess.run([*command, "installer/app.spec"], cwd=ROOT, env=environment, check=True)
    folder = ROOT / "dist" / "superbill-desk"
    program = folder / ("superbill-desk.exe" if os.name == "nt" else "superbill-desk")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"{folder.relative_to(ROOT)}: {size // 1_000_000} MB")
    with tempfile.TemporaryDirectory() as home:
        quiet = environment | {"QT_QPA_PLATFORM": "offscreen", "HOME": home}
        return subprocess.run([program, "self-test"], cwd=home, env=quiet, check=False).returncode


def _commit_time() -> str:
    """The time of the last commit, so that two builds of one commit are alike."""
    answer = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "0"


if __name__ == "__main__":
    sys.exit(main())
