"""`make package`: freeze the program, say what it holds, let it test itself, and pack it.

Everything is made in build/ and dist/. On Linux the result is a .deb and a .tar.xz; installer/windows.iss and
installer/macos.sh go on from dist/ on their systems. Two runs on one commit give the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path[:2]:
    sys.path.insert(0, str(ROOT))

from installer import linux, notices  # noqa: E402 - this file is started by its path

BUILD, DIST = ROOT / "build", ROOT / "dist"
BUNDLE = DIST / "superbill-desk"
MARK_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
MOST_UNPACKED = 190_000_000
MOST_PACKED = 65_000_000
"""Bytes that the program may have on Linux, and each of its packages."""

UNWANTED = re.compile(
    r"libreadline|libgdbm|/readline\.|DarkGarden|(lib-dynload|_internal)/_(sqlite3|ssl|tkinter)\.|libsqlite3|"
    r"Qt6?(Qml|Quick|Sql|WebEngine)",
    re.IGNORECASE,
)


def main() -> int:
    """Build all that this system can; answers 1 when the program does not pass its own test or grew too big."""
    for folder in (BUILD, DIST):
        shutil.rmtree(folder, ignore_errors=True)
    os.environ |= {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH") or commit_time()}
    if subprocess.run([sys.executable, __file__, "prepare"], check=False).returncode:
        return 1
    freeze()
    text = notices.document(notices.all_parts(BUNDLE))
    for folder in (BUNDLE, DIST / "Superbill Desk.app" / "Contents" / "Resources"):
        if folder.is_dir():
            (folder / "THIRD-PARTY-NOTICES.txt").write_text(text, encoding="utf-8")
    size = linux.size_of(BUNDLE)
    print(f"{BUNDLE.relative_to(ROOT)}: {size / 1e6:.0f} MB")
    if found := unwanted(BUNDLE):
        print("This does not belong into the program: " + ", ".join(found))
        return 1
    if not self_test():
        return 1
    if not sys.platform.startswith("linux"):
        return 0
    made = linux.pack(BUNDLE, BUILD, DIST, BUILD / "marks")
    for path in made:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB, sha256 {digest}")
    packed = max(path.stat().st_size for path in made)
    if size > MOST_UNPACKED or packed > MOST_PACKED:
        print(
            f"More than {MOST_UNPACKED / 1e6:.0f} MB unpacked or {MOST_PACKED / 1e6:.0f} MB packed: look what came in."
        )
        return 1
    return 0


def unwanted(bundle: Path) -> list[str]:
    """What must not come along: libraries and fonts under the GPL, Python's unencrypted engine, the network."""
    names = (path.relative_to(bundle).as_posix() for path in bundle.rglob("*"))
    return sorted(name for name in names if UNWANTED.search(name))


def commit_time() -> str:
    """The time of the last commit, so that two builds of one commit are alike."""
    answer = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "0"


def prepare() -> int:
    """Draw the mark in its sizes, and make the search file of diagnoses, so that no user has to wait for it."""
    draw_marks(BUILD / "marks")
    from app.store import icd10

    icd10.ship(BUILD / "codes")
    return 0


def draw_marks(folder: Path) -> None:
    """The program's mark as PNG files, and as the one file of Windows."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PIL import Image
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    folder.mkdir(parents=True, exist_ok=True)
    app = QGuiApplication.instance() or QGuiApplication([])
    drawing = QSvgRenderer(str(ROOT / "resources" / "mark.svg"))
    for size in MARK_SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        drawing.render(painter)
        painter.end()
        image.save(str(folder / f"superbill-desk-{size}.png"))
    with Image.open(folder / "superbill-desk-256.png") as largest:
        largest.save(folder / "superbill-desk.ico", sizes=[(size, size) for size in MARK_SIZES if size <= 256])
    del app


def freeze() -> None:
    """Run PyInstaller."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "ERROR"]
    places = ["--distpath", str(DIST), "--workpath", str(BUILD / "freeze")]
    subprocess.run([*command, *places, "installer/app.spec"], cwd=ROOT, check=True)


def self_test() -> bool:
    """Start what was frozen, in a home of its own, and show its report."""
    program = BUNDLE / ("superbill-desk.exe" if os.name == "nt" else "superbill-desk")
    with tempfile.TemporaryDirectory() as home:
        report = Path(home, "report.txt")
        own = {"QT_QPA_PLATFORM": "offscreen", "HOME": home, "LOCALAPPDATA": home, "APPDATA": home}
        command = [str(program), "--self-test", "--report", str(report)]
        status = subprocess.run(command, cwd=home, env=os.environ | own, stdout=subprocess.DEVNULL, check=False)
        print(report.read_text(encoding="utf-8") if report.is_file() else "The program did not start.")
        return status.returncode == 0


if __name__ == "__main__":
    sys.exit(prepare() if sys.argv[1:] == ["prepare"] else main())
