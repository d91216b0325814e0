"""THIRD-PARTY-NOTICES.txt: every part of a frozen program with its licence and the licence's text.

The list is made from what lies in the bundle, not from what ought to. An unknown part, a licence that is not allowed
or a missing text ends the build.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "installer" / "licences"
PROGRAM = "superbill-desk"

EXTENSION = re.compile(r"\.(cpython-[^.]+|abi3)\.so$|\.pyd$")
"""File names of modules that are compiled; other shared files are libraries."""

HEAD = """\
Superbill Desk: the works of others in it
=========================================

This file is made with the program, from what lies in its folder.

Qt, PySide6 and shiboken6 are under the GNU Lesser General Public License, version 3. They are separate files in the
folder _internal/PySide6 and _internal/shiboken6 beside the program: you may replace them by versions of your own with
the same interface, and the program will use those. Their source is published by The Qt Company with every release of
the version named below. You may take the program apart to find errors in such a change.
"""


class NoticeError(Exception):
    """A part without a licence that is known, allowed and at hand."""


@dataclass(frozen=True)
class Part:
    """A work of others: `texts` are whole licence texts."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]
    note: str = ""


def table() -> dict[str, Any]:
    """What installer/licences.toml states."""
    return tomllib.loads((TEXTS.parent / "licences.toml").read_text(encoding="utf-8"))


def runtime(name: str = PROGRAM) -> set[str]:
    """The distributions that one needs to run, itself left out, on this system."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for line in metadata.distribution(waiting.pop()).requires or ():
            requirement = Requirement(line)
            needed = canonicalize_name(requirement.name)
            if needed not in found and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
                found.add(needed)
                waiting.append(needed)
    return found


def bundled(bundle: Path) -> set[str]:
    """The distributions that have a module in a frozen program."""
    from PyInstaller.archive.readers import CArchiveReader  # type: ignore[import-untyped]

    program = next(path for path in (bundle / PROGRAM, bundle / f"{PROGRAM}.exe") if path.exists())
    modules = {name.partition(".")[0] for name in CArchiveReader(str(program)).open_embedded_archive("PYZ.pyz").toc}
    modules |= {path.name.partition(".")[0] for path in (bundle / "_internal").iterdir() if EXTENSION.search(path.name)}
    owners = metadata.packages_distributions()
    strangers = sorted(
        name for name in modules - owners.keys() - sys.stdlib_module_names
        if name != "app" and not name.startswith(("_pyi", "_sysconfigdata"))
    )  # fmt: skip
    if strangers:
        raise NoticeError(f"Nobody is known to own the modules {', '.join(strangers)}.")
    found: set[str] = {canonicalize_name(owner) for name in modules & owners.keys() for owner in owners[name]}
    return found - {PROGRAM}


def distribution_parts(names: Iterable[str], stated: Mapping[str, Any]) -> Iterator[Part]:
    """A part for each distribution, by its own metadata or by what is `stated` for it. Raises NoticeError."""
    for name in sorted(names):
        dist = metadata.distribution(name)
        entry = stated.get(name, {})
        words = dist.metadata.json
        licence = entry.get("licence") or words.get("license_expression") or words.get("license") or ""
        texts = [read_text(source) for source in entry.get("texts", ())] or own_texts(dist)
        yield Part(dist.metadata["Name"], dist.version, str(licence), tuple(texts), entry.get("note", ""))


def own_texts(dist: metadata.Distribution) -> list[str]:
    """The licence texts that a wheel brought, in the order of their names."""
    found = [
        file for file in dist.files or ()
        if ".dist-info" in str(file) and re.search(r"(?i)licen[cs]e|copying|notice", str(file).partition("-info")[2])
    ]  # fmt: skip
    return [Path(str(file.locate())).read_text(encoding="utf-8", errors="replace") for file in sorted(found)]


def read_text(source: str) -> str:
    """A text named in licences.toml: a file of installer/licences, of the resources, or of a distribution."""
    kind, _colon, name = source.rpartition(":")
    if kind == "resource":
        return (ROOT / "resources" / name).read_text(encoding="utf-8")
    if kind.startswith("dist:"):
        dist = metadata.distribution(kind.removeprefix("dist:"))
        file = next(file for file in dist.files or () if file.name == name)
        return Path(str(file.locate())).read_text(encoding="utf-8", errors="replace")
    return (TEXTS / name).read_text(encoding="utf-8")


def other_parts(rows: Iterable[Mapping[str, Any]]) -> Iterator[Part]:
    """The parts that no metadata knows."""
    for row in rows:
        texts = tuple(read_text(source) for source in row.get("texts", ()))
        yield Part(row["name"], version_of(row.get("version", "")), row["licence"], texts, row.get("note", "").strip())


def version_of(what: str) -> str:
    """The version of a part inside another, asked of the part itself; nothing for what has none."""
    answers: dict[str, Callable[[], str]] = {
        "": str,
        "icu": _icu,
        "pyinstaller": lambda: metadata.version("pyinstaller"),
        "python": lambda: sys.version.split()[0],
        "qt": lambda: metadata.version("PySide6_Essentials"),
        "sqlcipher": lambda: _engine("PRAGMA cipher_version"),
        "sqlcipher-openssl": lambda: _engine("PRAGMA cipher_provider_version"),
        "sqlite": lambda: _engine("SELECT sqlite_version()"),
    }
    return answers[what]()


def _engine(question: str) -> str:
    from app.store.database import sqlcipher as dbapi2

    connection = dbapi2.connect(":memory:")
    connection.execute("PRAGMA key = 'it answers only with a key'")
    answer = str(connection.execute(question).fetchone()[0])
    connection.close()
    return answer


def _icu() -> str:
    from PySide6.QtCore import QLibraryInfo

    libraries = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.LibrariesPath))
    return next((path.name.rpartition(".")[2] for path in sorted(libraries.glob("libicudata.so.*"))), "")


def library_parts(bundle: Path, patterns: Mapping[str, str]) -> Iterator[Part]:
    """The libraries beside the program that no distribution brought. Raises NoticeError for an unknown one."""
    for path in sorted(own_libraries(bundle)):
        licence = next((licence for pattern, licence in patterns.items() if re.match(pattern, path.name)), None)
        if licence is None:
            raise NoticeError(f"{path.name} is in the bundle, and licences.toml does not know it.")
        if licence != "PSF-2.0":  # Python itself has a part of its own
            package, version, text = debian_package(path.name)
            yield Part(f"{package or path.name}", version, licence, (text or python_text(),))


def own_libraries(bundle: Path) -> Iterator[Path]:
    """Shared libraries at the top of the bundle; links lead into a distribution's folder."""
    for path in (bundle / "_internal").iterdir():
        library = re.search(r"\.so(\.[\d.]+)?$|\.dylib$|\.dll$|^Python$", path.name, re.IGNORECASE)
        if library and path.is_file() and not path.is_symlink() and not EXTENSION.search(path.name):
            yield path


def debian_package(name: str) -> tuple[str, str, str]:
    """Package, version and copyright file of a library that Debian installed; empty where there is no dpkg."""
    try:
        answer = subprocess.run(["dpkg-query", "-S", f"*/{name}"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "", "", ""
    package = answer.split(":")[0]
    version = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}\n", package], capture_output=True, text=True, check=True
    ).stdout.split()[0]
    text = Path("/usr/share/doc", package, "copyright")
    return package, version, text.read_text(encoding="utf-8", errors="replace") if text.is_file() else ""


def python_text() -> str:
    """The licence file of this Python, which on Windows and macOS covers the libraries that came with it."""
    folders = [Path(sys.base_prefix), Path(sys.base_prefix, "lib", f"python3.{sys.version_info.minor}")]
    for folder in folders:
        if (folder / "LICENSE.txt").is_file():
            return (folder / "LICENSE.txt").read_text(encoding="utf-8")
    return ""


def checked(parts: Iterable[Part], allowed: Iterable[str]) -> list[Part]:
    """The parts by name, each once. Raises NoticeError for a licence that is not allowed or whose text is missing."""
    free = set(allowed)
    found: dict[str, Part] = {}
    for part in parts:
        names = re.split(r" AND ", part.licence)
        if not part.licence or not all(name in free for name in names):
            raise NoticeError(f"{part.name}: the licence {part.licence!r} is not on the list of those allowed.")
        if part.licence != "LicenseRef-Public-Domain" and not any(text.strip() for text in part.texts):
            raise NoticeError(f"{part.name}: the text of its licence is missing.")
        found.setdefault(part.name, part)
    return sorted(found.values(), key=lambda part: part.name.lower())


def all_parts(bundle: Path) -> list[Part]:
    """Everything in the bundle, and everything the program needs to run. Raises NoticeError."""
    facts = table()
    names = runtime() | bundled(bundle)
    return checked(
        [
            *distribution_parts(names, facts["distributions"]),
            *other_parts(facts["parts"]),
            *library_parts(bundle, facts["libraries"]),
        ],
        facts["allowed"],
    )


def document(parts: Iterable[Part]) -> str:
    """The notices: a list, then every text once, under the names of the parts it belongs to."""
    listed = list(parts)
    lines = [HEAD]
    bearers: dict[str, list[str]] = {}
    for part in listed:
        lines.append(f"* {' '.join(f'{part.name} {part.version}'.split())}: {part.licence}")
        lines += [f"  {line}" for line in part.note.splitlines()]
        for text in part.texts:
            if text.strip():
                bearers.setdefault(text.strip(), []).append(part.name)
    for text, names in bearers.items():
        lines += ["", "-" * 100, ", ".join(names), "-" * 100, "", text]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the notices of a bundle."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    try:
        args.output.write_text(document(all_parts(args.bundle)), encoding="utf-8")
    except NoticeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
