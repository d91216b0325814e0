"""What the packages promise: each part's licence told, nothing foreign inside, the same bytes twice, data kept."""

from __future__ import annotations

import configparser
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from app import __version__, paths
from app import main as window
from app.cli import main as program
from app.errors import ClinicError
from app.store import database, icd10
from installer import build, linux, notices

ROOT = Path(__file__).resolve().parent.parent
INSTALLER = ROOT / "installer"


# Licences


def test_every_distribution_the_program_runs_on_is_told_with_an_allowed_licence_and_its_text() -> None:
    facts = notices.table()
    names = notices.runtime()
    assert {"pyside6-essentials", "sqlcipher3", "pynacl", "cffi", "typing-extensions"} <= names
    parts = notices.checked(notices.distribution_parts(names, facts["distributions"]), facts["allowed"])
    assert {canonicalize_name(part.name) for part in parts} == names
    assert all(sum(len(text) for text in part.texts) > 500 for part in parts)


def test_the_lock_pins_every_distribution_the_program_runs_on() -> None:
    locked = re.findall(r"^([a-z0-9-]+)==\S+ ", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    assert notices.runtime() <= set(locked)
    assert notices.runtime().isdisjoint({"pytest", "pyinstaller", "ruff"}), "tools are not told as parts"


def test_parts_without_metadata_are_told_with_their_versions() -> None:
    facts = notices.table()
    parts = {part.name: part for part in notices.checked(notices.other_parts(facts["parts"]), facts["allowed"])}
    assert parts["SQLite"].version == database.sqlcipher.sqlite_version
    assert parts["OpenSSL in SQLCipher"].version.startswith("OpenSSL 3.")
    assert parts["Qt"].licence == "LGPL-3.0-only" and len(parts["Qt"].texts) == 2
    document = notices.document(parts.values())
    for text in ("GNU LESSER GENERAL PUBLIC LICENSE", "ZETETIC LLC", "SIL OPEN FONT LICENSE", "Apache License"):
        assert text.lower() in document.lower()
    assert "you may replace them" in document.replace("\n", " ")
    assert document.count("Everyone is permitted to copy and distribute verbatim copies") == 3, "each text once"


def test_every_font_and_icon_comes_with_its_licence() -> None:
    told = " ".join(source for part in notices.table()["parts"] for source in part.get("texts", ()))
    for font in paths.resource("fonts").glob("*.ttf"):
        assert f"fonts/{font.name.partition('_')[0]}-OFL.txt" in told
    assert "icons/LICENSE" in told


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (notices.Part("stranger", "1", "GPL-3.0-only", ("text",)), "not on the list"),
        (notices.Part("stranger", "1", "MIT AND Proprietary", ("text",)), "not on the list"),
        (notices.Part("stranger", "1", "", ("text",)), "not on the list"),
        (notices.Part("stranger", "1", "MIT", ("  ",)), "text of its licence is missing"),
    ],
)
def test_a_part_under_a_foreign_licence_ends_the_build(part: notices.Part, words: str) -> None:
    with pytest.raises(notices.NoticeError, match=words):
        notices.checked([part], notices.table()["allowed"])


def test_a_distribution_whose_licence_nobody_stated_ends_the_build() -> None:
    with pytest.raises(notices.NoticeError, match="sqlcipher3"):
        notices.checked(notices.distribution_parts(["sqlcipher3"], {}), notices.table()["allowed"])


def test_a_library_that_nobody_knows_ends_the_build(tmp_path: Path) -> None:
    inside = tmp_path / "_internal"
    inside.mkdir()
    (inside / "libmystery.so.1").write_bytes(b"")
    (inside / "_cffi_backend.cpython-311-x86_64-linux-gnu.so").write_bytes(b"")
    with pytest.raises(notices.NoticeError, match="libmystery"):
        list(notices.library_parts(tmp_path, notices.table()["libraries"]))


def test_what_must_not_come_along_is_found(tmp_path: Path) -> None:
    names = [
        "_internal/libreadline.so.8", "_internal/reportlab/fonts/DarkGardenMK.pfb", "_internal/libsqlite3.so.0",
        "_internal/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so", "_internal/_sqlite3.pyd",
        "_internal/PySide6/Qt/lib/libQt6Qml.so.6",
    ]  # fmt: skip
    for name in [*names, "_internal/sqlcipher3/_sqlite3.cpython-311-x86_64-linux-gnu.so", "_internal/libQt6Core.so.6"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert build.unwanted(tmp_path) == sorted(names)


# Linux packages, from a small program


linux_only = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not shutil.which("dpkg-deb") or not shutil.which("readelf"),
    reason="Debian packages are made on Linux",
)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    (folder / "_internal").mkdir(parents=True)
    shutil.copy("/bin/true", folder / "superbill-desk")
    (folder / "_internal" / "data.txt").write_text("data", encoding="utf-8")
    (folder / "_internal" / "link.txt").symlink_to("data.txt")
    (folder / "THIRD-PARTY-NOTICES.txt").write_text("notices", encoding="utf-8")
    return folder


@linux_only
def test_two_packings_are_the_same_and_hold_what_a_desktop_wants(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: object
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    build.draw_marks(tmp_path / "marks")
    made = []
    for name, mode in (("one", 0o600), ("two", 0o666)):  # modes and times of whoever builds must not count
        (bundle / "_internal" / "data.txt").chmod(mode)
        (tmp_path / name / "dist").mkdir(parents=True)
        made.append(linux.pack(bundle, tmp_path / name, tmp_path / name / "dist", tmp_path / "marks"))
    for one, two in zip(*made, strict=True):
        assert hashlib.sha256(one.read_bytes()).digest() == hashlib.sha256(two.read_bytes()).digest(), one.name
    deb, tarball = made[0]
    assert deb.name.startswith(f"superbill-desk_{__version__}_") and __version__ in tarball.name
    listed = subprocess.run(["dpkg-deb", "-c", deb], capture_output=True, text=True, check=True).stdout
    for wanted in (
        "./usr/lib/superbill-desk/superbill-desk\n",
        "./usr/bin/superbill-desk -> ../lib/superbill-desk/superbill-desk\n",
        "./usr/share/applications/superbill-desk.desktop\n",
        "./usr/share/mime/packages/superbill-desk.xml\n",
        "./usr/share/icons/hicolor/48x48/apps/superbill-desk.png\n",
        "./usr/share/icons/hicolor/scalable/apps/superbill-desk.svg\n",
        "./usr/share/icons/hicolor/scalable/mimetypes/application-x-superbill-desk-clinic.svg\n",
        "./usr/share/doc/superbill-desk/copyright\n",
        "./usr/lib/superbill-desk/_internal/link.txt -> data.txt\n",
    ):
        assert wanted in listed
    assert all(" root/root " in line and " 2026-09-21 " in line for line in listed.splitlines())
    with tarfile.open(tarball) as archive:
        assert {entry.mtime for entry in archive} == {1790000000}
        assert f"{tarball.name.removesuffix('.tar.xz')}/superbill-desk" in archive.getnames()


@linux_only
def test_the_package_depends_on_the_libraries_it_does_not_bring(bundle: Path) -> None:
    first, *others = linux.depends(bundle)
    assert re.fullmatch(r"libc6 \(>= 2\.\d+\)", first) and others == []
    shutil.copy(Path(linux.__file__), bundle / "not-a-program")
    binary = (bundle / "superbill-desk").read_bytes()
    (bundle / "other").write_bytes(binary.replace(b"libc.so.6", b"libq.so.9"))
    with pytest.raises(linux.PackError, match=r"libq\.so\.9"):
        linux.depends(bundle)


def test_the_marks_are_drawn_in_every_size(tmp_path: Path, qapp: object) -> None:
    from PIL import Image

    build.draw_marks(tmp_path)
    for size in build.MARK_SIZES:
        with Image.open(tmp_path / f"superbill-desk-{size}.png") as picture:
            assert picture.size == (size, size)
            cover = picture.getchannel("A")
            assert cover.getpixel((0, 0)) == 0, "clear at the corner"
            assert cover.getpixel((size // 2, size // 8)) == 255, "filled in the middle"
    with Image.open(tmp_path / "superbill-desk.ico") as icon:
        assert {(16, 16), (256, 256)} <= icon.info["sizes"]


# Recipes


def test_the_entry_in_menus_and_the_file_type_belong_together() -> None:
    entry = configparser.RawConfigParser()
    entry.read(INSTALLER / "debian" / "superbill-desk.desktop", encoding="utf-8")
    desk = entry["Desktop Entry"]
    assert desk["Exec"] == "superbill-desk %f" and desk["Icon"] == "superbill-desk" and desk["Terminal"] == "false"
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    (kind,) = ET.parse(INSTALLER / "debian" / "superbill-desk.xml").getroot().iter(f"{space}mime-type")
    assert desk["MimeType"] == f"{kind.get('type')};"
    glob = kind.find(f"{space}glob")
    assert glob is not None and glob.get("pattern") == "*.clinic"


@pytest.mark.parametrize("action", ["remove", "purge", "upgrade"])
def test_a_removal_says_where_the_data_is(action: str) -> None:
    if not Path("/bin/sh").exists():
        pytest.skip("the script is Debian's")
    script = INSTALLER / "debian" / "postrm"
    said = subprocess.run(["/bin/sh", script, action], capture_output=True, text=True, check=True).stdout
    assert ("Your clinics are not" in said) == (action != "upgrade")
    assert not re.search(r"\b(rm|unlink|find)\b", script.read_text(encoding="utf-8")), "it deletes nothing"


def test_the_windows_recipe_installs_for_one_user_and_keeps_data() -> None:
    text = (INSTALLER / "windows.iss").read_text(encoding="utf-8")
    assert "PrivilegesRequired=lowest" in text and "HKLM" not in text
    (mutex,) = re.findall(r"AppMutex=(\w+)", text)
    assert f'"{mutex}"' in Path(window.__file__).read_text(encoding="utf-8")
    deleted = re.findall(r"^Type: .*", text, re.MULTILINE)
    assert deleted == [r'Type: filesandordirs; Name: "{app}\_internal"']
    assert "UninstallDelete" not in text and "Your clinics are not" in text


def test_workflows_pin_their_actions_and_audit_strictly() -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))]
    assert len(texts) == 2
    uses = [line for text in texts for line in re.findall(r"uses: (\S+)", text)]
    assert uses and all(re.fullmatch(r"actions/[a-z-]+@v\d+", action) for action in uses)
    assert "pip-audit --strict" in texts[1] and "SHA256SUMS" in texts[1]
    assert all("permissions:\n  contents: read" in text for text in texts)


def test_no_recipe_names_an_address() -> None:
    recipes = [*INSTALLER.glob("*.*"), *(INSTALLER / "debian").iterdir(), *(ROOT / ".github").rglob("*.yml")]
    recipes = [path for path in recipes if path.is_file()]
    assert len(recipes) > 15
    allowed = r"https?://(www\.freedesktop\.org/standards/|www\.apple\.com/DTDs/)"
    for path in recipes:
        text = re.sub(allowed, "", path.read_text(encoding="utf-8"))
        assert not re.search(r"https?://", text), path.name


@pytest.mark.parametrize("name", ["try_deb.sh", "reproducible.sh", "macos.sh", "setup.sh", "lock.sh"])
def test_scripts_are_whole(name: str) -> None:
    if not Path("/bin/sh").exists():
        pytest.skip("no shell here")
    subprocess.run(["/bin/sh", "-n", INSTALLER / name], check=True)


def test_without_root_the_clean_debian_is_left_out_in_a_sentence(tmp_path: Path) -> None:
    if not Path("/bin/sh").exists():
        pytest.skip("no shell here")
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n", encoding="utf-8")
    (tmp_path / "id").chmod(0o755)
    script = INSTALLER / "try_deb.sh"
    run = subprocess.run(
        ["/bin/sh", script, "some.deb"],
        capture_output=True,
        text=True,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=True,
    )
    assert run.stdout.startswith("Not tried in a clean Debian") and run.stdout.count("\n") == 1


# The program as the packages start it


def test_the_version_is_said_and_stands_in_one_place(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        program(["--version"])
    assert end.value.code == 0 and capsys.readouterr().out == f"superbill-desk {__version__}\n"
    holders = [
        path for folder in ("app", "installer") for path in (ROOT / folder).rglob("*.*")
        if path.suffix in {".py", ".spec", ".iss", ".sh"} and f'"{__version__}"' in path.read_text(encoding="utf-8")
    ]  # fmt: skip
    assert holders == [ROOT / "app" / "__init__.py"]


def test_a_clinic_that_is_clicked_opens_in_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path | None] = []

    def run_window(path: Path | None = None, **how: object) -> int:
        opened.append(path)
        return 0

    monkeypatch.setattr(window, "run_window", run_window)
    assert program(["/somebody/My Desk.clinic"]) == 0
    assert program([]) == 0
    assert opened == [Path("/somebody/My Desk.clinic"), None]


def test_an_engine_that_can_damage_a_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database.connect(tmp_path / "good.clinic", bytes(32), create=True).close()
    monkeypatch.setattr(database.sqlcipher, "sqlite_version_info", (3, 51, 2))
    with pytest.raises(ClinicError, match="can damage"):
        database.connect(tmp_path / "other.clinic", bytes(32), create=True)
    assert not (tmp_path / "other.clinic").exists()


def test_the_search_file_that_came_along_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    icd10.book()
    icd10.close()
    (ready,) = paths.cache_dir().glob("*.sqlite")
    monkeypatch.setattr(icd10, "_shipped", lambda name: ready if name == ready.name else tmp_path / name)
    book = icd10.open_book(tmp_path / "cache", tmp_path / "data")
    assert book.is_whole() and not (tmp_path / "cache").exists(), "nothing was made"
    book.close()


def test_apart_nothing_of_the_user_is_touched(tmp_path: Path) -> None:
    usual = (paths.data_dir(), paths.state_dir(), paths.log_dir())
    with paths.apart(tmp_path):
        inside = {paths.data_dir(), paths.state_dir(), paths.log_dir()}
    assert inside == {tmp_path / name for name in ("data", "state", "log")}
    assert (paths.data_dir(), paths.state_dir(), paths.log_dir()) == usual
