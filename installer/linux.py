"""The Linux packages of a frozen program: superbill-desk_VERSION_ARCH.deb and superbill-desk-VERSION-linux-ARCH.tar.xz.

Both come out the same from the same bundle: owners, times, modes and the order of files are set here.
"""

from __future__ import annotations

import lzma
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

from app import __version__

ROOT = Path(__file__).resolve().parent.parent
FILES = ROOT / "installer" / "debian"
NAME = "superbill-desk"

CONTROL = """\
Package: superbill-desk
Version: {version}
Architecture: {architecture}
Maintainer: Superbill Desk maintainers <maintainers@superbill-desk.invalid>
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: cups
Section: office
Priority: optional
Description: superbills and CMS-1500 claim forms for small clinics
 Keeps clients, insurance, referrals and sessions of a massage or small rehab
 clinic in one encrypted file, and prints CMS-1500 (02/12) claim forms and
 superbills from them. Works without a network.
"""


class PackError(Exception):
    """Something that the packages need is not on this machine."""


def pack(bundle: Path, build: Path, dist: Path, marks: Path) -> list[Path]:
    """The packages that this machine can make; one that it cannot is told in a sentence."""
    made = [tarball(bundle, build / "tar", dist, marks)]
    if shutil.which("dpkg-deb"):
        made.insert(0, deb(bundle, build / "deb", dist, marks))
    else:
        print("No .deb was made: dpkg-deb is not on this machine.")
    return made


def size_of(folder: Path) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def deb(bundle: Path, stage: Path, dist: Path, marks: Path) -> Path:
    """The Debian package: the program under /usr/lib, its entry in menus, its mark, its file type."""
    lib = stage / "usr" / "lib" / NAME
    shutil.copytree(bundle, lib, symlinks=True)
    (stage / "usr" / "bin").mkdir(parents=True)
    (stage / "usr" / "bin" / NAME).symlink_to(f"../lib/{NAME}/{NAME}")
    share = stage / "usr" / "share"
    _put(FILES / f"{NAME}.desktop", share / "applications")
    _put(FILES / f"{NAME}.xml", share / "mime" / "packages")
    _put(FILES / "copyright", share / "doc" / NAME)
    (share / "doc" / NAME / "THIRD-PARTY-NOTICES.txt").symlink_to(f"../../../lib/{NAME}/THIRD-PARTY-NOTICES.txt")
    icons = share / "icons" / "hicolor"
    for mark in sorted(marks.glob("*.png")):
        size = mark.stem.rpartition("-")[2]
        _put(mark, icons / f"{size}x{size}" / "apps", f"{NAME}.png")
    _put(ROOT / "resources" / "mark.svg", icons / "scalable" / "apps", f"{NAME}.svg")
    _put(ROOT / "resources" / "mark.svg", icons / "scalable" / "mimetypes", "application-x-superbill-desk-clinic.svg")
    architecture = _answer("dpkg", "--print-architecture")
    _put(FILES / "postrm", stage / "DEBIAN")
    facts = {"version": __version__, "architecture": architecture, "depends": ", ".join(depends(bundle))}
    text = CONTROL.format(**facts, kilobytes=size_of(stage / "usr") // 1024)
    (stage / "DEBIAN" / "control").write_text(text, encoding="utf-8")
    _settle(stage)
    (stage / "DEBIAN" / "postrm").chmod(0o755)
    target = dist / f"{NAME}_{__version__}_{architecture}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", stage, target], check=True, stdout=subprocess.DEVNULL
    )
    return target


def tarball(bundle: Path, stage: Path, dist: Path, marks: Path) -> Path:
    """The same program as a folder to unpack anywhere."""
    name = f"{NAME}-{__version__}-linux-{os.uname().machine}"
    shutil.copytree(bundle, stage / name, symlinks=True)
    _put(FILES / f"{NAME}.desktop", stage / name)
    _put(marks / f"{NAME}-256.png", stage / name, f"{NAME}.png")
    _settle(stage)
    target = dist / f"{name}.tar.xz"
    with (
        lzma.open(target, "wb", preset=6) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.GNU_FORMAT) as tar,
    ):
        for path in sorted(stage.rglob("*")):
            entry = tar.gettarinfo(path, path.relative_to(stage).as_posix())
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = "root"
            if entry.isreg():
                with path.open("rb") as file:
                    tar.addfile(entry, file)
            else:
                tar.addfile(entry)
    return target


def depends(bundle: Path) -> list[str]:
    """The Debian packages whose libraries the bundle needs and does not hold. Raises PackError for an unknown one."""
    found = set()
    for library in sorted(needed(bundle)):
        for folder in _folders():
            if (folder / library).exists():
                path = os.path.realpath(folder / library)
                owner = _owner(str(folder / library)) or _owner(path) or _owner(path.removeprefix("/usr"))
                break
        else:
            owner = ""
        if not owner:
            raise PackError(f"The program needs {library}, which is not installed here: install it, then build again.")
        found.add(owner)
    return [f"libc6 (>= {newest_glibc(bundle)})", *sorted(found - {"libc6"})]


def needed(bundle: Path) -> set[str]:
    """The libraries that files of the bundle name and that are not in it."""
    inside = {path.name for path in bundle.rglob("*")}
    found = set()
    for path in elf_files(bundle):
        found |= set(re.findall(r"\(NEEDED\).*\[(.+)\]", _answer("readelf", "-dW", str(path))))
    return {name for name in found - inside if not name.startswith("ld-linux")}


def newest_glibc(bundle: Path) -> str:
    """The newest version of the C library that a file of the bundle asks for."""
    found = {"2.17"}
    for path in elf_files(bundle):
        found |= set(re.findall(r"Name: GLIBC_(2\.\d+)", _answer("readelf", "-VW", str(path))))
    return max(found, key=lambda version: [int(part) for part in version.split(".")])


def elf_files(bundle: Path) -> Iterator[Path]:
    """Programs and libraries."""
    for path in sorted(bundle.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def _folders() -> Iterator[Path]:
    kind = _answer("dpkg-architecture", "-qDEB_HOST_MULTIARCH") if shutil.which("dpkg-architecture") else ""
    kind = kind or f"{os.uname().machine}-linux-gnu"
    for folder in (f"/usr/lib/{kind}", f"/lib/{kind}", "/usr/lib", "/lib"):
        yield Path(folder)


def _owner(path: str) -> str:
    answer = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True, check=False).stdout
    return answer.split(":")[0]


def _answer(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _put(source: Path, folder: Path, name: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, folder / (name or source.name))


def _settle(stage: Path) -> None:
    """Times of the commit, and modes that do not come from whoever builds."""
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    for path in sorted(stage.rglob("*"), reverse=True):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.name == NAME else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)
    stage.chmod(0o755)
