"""The ICD-10-CM lists: what the program brings, and newer releases that the user adds from the public order file.

A row says that a code, with this title, billable or not, was in force from one day to another. Days are ISO text here,
as they stand in the files and in the search file; no end is `OPEN`.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app import atomic, paths
from app.errors import InputError, UserError
from app.i18n import _

OPEN = "9999-12-31"
LARGEST = 64 * 1024 * 1024
"""Bytes of a file to import, packed or not. A release has 15 million."""
_LEAST_SHARE = 9, 10
"""A release with fewer codes than this share of the list before it is not whole."""
_LINE = re.compile(r"\d{5} (?=.{7} [01] .{60} )([A-Z][0-9A-Z]{2,6}) +([01]) .{60} (\S.*)")
_ISO = re.compile(r"(20\d\d)-(\d\d)-(\d\d)", re.ASCII)
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)", re.ASCII)
_MONTHS = {"april": 4, "apr": 4, "january": 1, "jan": 1}


class Row(NamedTuple):
    """One code over one span of days; `code` has no dot."""

    code: str
    billable: bool
    first: str
    last: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Release:
    """A list in force from a day: code to (billable, title)."""

    effective: dt.date
    codes: dict[str, tuple[bool, str]]


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import brought, against the list that was in force on that day.

    `kept` is False when the program knew it all: then nothing was added, ended or changed.
    """

    effective: dt.date
    codes: int
    billable: int
    added: int
    ended: int
    changed: int
    kept: bool


def resource_files() -> list[Path]:
    """The files that the search file is made from, in a fixed order."""
    names = ("codes.csv.xz", "terms.csv.xz", "index.csv.xz", "successors.csv.xz", "lay_terms.csv", "common.csv")
    return [paths.resource("codes", "icd10cm", name) for name in names]


def imported_files(folder: Path) -> list[Path]:
    """The releases that the user added, by their first day."""
    return sorted((folder / "icd10cm").glob("????-??-??.csv.xz"))


def table(name: str) -> Iterator[list[str]]:
    """The rows of one of the program's tables, without its header."""
    data = paths.resource("codes", "icd10cm", name).read_bytes()
    return _csv_rows(lzma.decompress(data) if name.endswith(".xz") else data)


def _csv_rows(data: bytes) -> Iterator[list[str]]:
    rows = csv.reader(io.StringIO(data.decode("utf-8"), newline=""))
    next(rows)
    return rows


def own_rows() -> list[Row]:
    """Every row of the list that the program brings."""
    return [
        Row(code, billable == "1", first, last or OPEN, title)
        for code, billable, first, last, title in table("codes.csv.xz")
    ]


def all_rows(folder: Path) -> list[Row]:
    """Every row of the program's list and of the releases kept in `folder`."""
    return _with_added(own_rows(), folder)


def _with_added(rows: list[Row], folder: Path) -> list[Row]:
    for path in imported_files(folder):
        rows = merged(rows, _kept_release(path))
    return rows


def _kept_release(path: Path) -> Release:
    effective = dt.date.fromisoformat(path.name[:10])
    try:
        entries = _csv_rows(lzma.decompress(path.read_bytes()))
        return Release(effective=effective, codes={code: (billable == "1", title) for code, billable, title in entries})
    except (lzma.LZMAError, EOFError, ValueError, StopIteration):
        path.unlink()
        message = _("The ICD-10 release of {date}, which was added here, is damaged and was removed.")
        raise UserError(message.format(date=effective.isoformat()), _("Import it again.")) from None


def merged(rows: Iterable[Row], release: Release) -> list[Row]:
    """The rows with `release` in force from its day on: codes it lacks end the day before."""
    start = release.effective.isoformat()
    eve = (release.effective - dt.timedelta(days=1)).isoformat()
    going_on: set[str] = set()
    result = []
    for row in rows:
        if row.last < start:
            result.append(row)
        elif row.first < start:
            billable, title = release.codes.get(row.code, (None, ""))
            if billable is row.billable:
                going_on.add(row.code)
                result.append(row._replace(title=title, last=OPEN))
            else:
                result.append(row._replace(last=eve))
    result.extend(
        Row(code, billable, start, OPEN, title)
        for code, (billable, title) in release.codes.items()
        if code not in going_on
    )
    return result


def keep(source: Path | bytes, folder: Path, *, name: str = "", effective: dt.date | None = None) -> Imported:
    """Read an order file and keep it under `folder`, so that the next search file includes it.

    `source` is a path or the file's bytes (then `name` helps to tell the day). The first day in force is taken from
    `effective`, else from the name of the file: `2028` is 2027-10-01, `April-2028` is 2028-04-01. A release older
    than the program's own list changes nothing. Raises InputError for what is not a whole order file.
    """
    data, name = _bytes(source, name)
    text, member = _unpacked(data, name)
    day = effective or _day(member) or _day(name)
    if day is None:
        raise InputError(_("The file's name does not say from when its codes are in force."), _("Give the first day."))
    release = Release(effective=day, codes=_codes(text))
    own = own_rows()
    rows = _with_added(own, folder)
    start = day.isoformat()
    before = {row.code: (row.billable, row.title) for row in rows if row.first <= start <= row.last}
    share, of = _LEAST_SHARE
    if len(release.codes) * of < len(before) * share:
        raise InputError(_("The file is not a whole release: too many codes are missing."), _("Download it again."))
    kept = before != release.codes and start >= max(row.first for row in own)
    if kept:
        _write(folder / "icd10cm" / f"{start}.csv.xz", release)
    common = before.keys() & release.codes.keys()
    return Imported(
        effective=day,
        codes=len(release.codes),
        billable=sum(billable for billable, __ in release.codes.values()),
        added=len(release.codes) - len(common) if kept else 0,
        ended=len(before) - len(common) if kept else 0,
        changed=sum(before[code] != release.codes[code] for code in common) if kept else 0,
        kept=kept,
    )


def _bytes(source: Path | bytes, name: str) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        data = source
    else:
        name = name or source.name
        try:
            with source.open("rb") as file:
                data = file.read(LARGEST + 1)
        except OSError:
            raise InputError(_("The file cannot be read."), _("Check its name and place.")) from None
    if len(data) > LARGEST:
        raise InputError(_("The file is too large for an order file."), _("A release has about 15 megabytes."))
    return data, name


def _unpacked(data: bytes, name: str) -> tuple[bytes, str]:
    """The order file inside `data`, with the name that it has there."""
    if data[:4] == b"PK\x03\x04":
        return _zip_member(data)
    if data[:6] == b"\xfd7zXZ\x00":
        try:
            unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=256 * 1024 * 1024)
            text = unpacker.decompress(data, max_length=LARGEST + 1)
        except lzma.LZMAError:
            raise InputError(_("The compressed file is damaged."), _("Download it again.")) from None
        if len(text) > LARGEST or not unpacker.eof:
            raise InputError(_("The compressed file is damaged or too large."), _("Download it again."))
        return text, name
    return data, name


def _zip_member(data: bytes) -> tuple[bytes, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if _is_order_file(info.filename)]
            if len(members) != 1:
                raise InputError(
                    _("The zip file does not hold one order file."), _("Look for a file named icd10cm_order_YEAR.txt.")
                )
            with archive.open(members[0]) as file:
                text = file.read(LARGEST + 1)
    except (
        zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, OSError,
        ValueError,
    ):  # fmt: skip
        raise InputError(_("The zip file is damaged."), _("Download it again.")) from None
    if len(text) > LARGEST:
        raise InputError(_("The file is too large for an order file."), _("A release has about 15 megabytes."))
    return text, members[0].filename


def _is_order_file(name: str) -> bool:
    name = name.rpartition("/")[2].lower()
    return "order" in name and name.endswith(".txt") and "addenda" not in name and "pcs" not in name


def _day(name: str) -> dt.date | None:
    """The first day in force that a file's name tells."""
    name = name.rpartition("/")[2].lower()
    iso = _ISO.search(name)
    try:
        if iso:
            return dt.date(*map(int, iso.groups()))
    except ValueError:
        return None
    year = _YEAR.search(name)
    if year is None:
        return None
    month = next((number for word, number in _MONTHS.items() if word in name), None)
    return dt.date(int(year[1]), month, 1) if month else dt.date(int(year[1]) - 1, 10, 1)


def _codes(data: bytes) -> dict[str, tuple[bool, str]]:
    """The codes of an order file; raises InputError that names the first line of another shape."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(_("The file is not an order file: it is not plain text."), _order_file_hint()) from None
    codes: dict[str, tuple[bool, str]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.rstrip())
        if match is None or match[1] in codes:
            message = _("Line {number} of the file is not a line of an order file, or repeats a code.")
            raise InputError(message.format(number=number), _order_file_hint())
        codes[match[1]] = (match[2] == "1", match[3])
    if not codes:
        raise InputError(_("The file holds no codes."), _order_file_hint())
    return codes


def _order_file_hint() -> str:
    return _("Use the public order file, such as icd10cm_order_2028.txt, or its zip.")


def _write(path: Path, release: Release) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("code", "billable", "title"))
    writer.writerows((code, int(billable), title) for code, (billable, title) in release.codes.items())
    atomic.write(path, lzma.compress(text.getvalue().encode(), preset=1))


def fingerprint(folder: Path, schema: str) -> str:
    """Changes whenever a list, an added release or the `schema` of the search file does."""
    digest = hashlib.sha256(schema.encode())
    for path in (*resource_files(), *imported_files(folder)):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
        digest.update(path.name.encode())
    return digest.hexdigest()[:16]
