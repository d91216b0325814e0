"""The public NCCI files: the few pairs and caps that the program brings, and newer quarters that the user adds.

CMS publishes a file of code pairs and one of unit caps for practitioners each quarter. A pair file holds its own past
(each pair has its days), so the newest one answers for every date; a caps file holds for its quarter only. What is
kept has code numbers, dates and numbers, nothing of the AMA's text.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from app import atomic, paths
from app.billing.edits import Edits, PairEdit, Quarter, UnitCap
from app.errors import InputError, UserError
from app.i18n import _

PAIRS, CAPS = "pairs", "caps"
LARGEST = 256 * 1024 * 1024
"""Bytes of a file to import, packed or not. One of the four parts of a quarter's pairs has about 60 million."""
ANCHOR = "97140"
"""Manual therapy, which is in every file that is of use here."""
_COLUMNS = {PAIRS: ["column1", "column2", "effective", "deletion", "indicator"], CAPS: ["code", "units", "indicator"]}
_CODE = "[0-9A-Z][0-9]{3}[0-9A-Z]"
_PAIR_ROW = re.compile(rf"({_CODE})\t({_CODE})\t\*?\t(\d{{8}})\t(\d{{8}}|\*)?\t([019])(?:\t.*)?", re.ASCII)
_CAP_ROW = re.compile(rf"({_CODE}) *\t *(\d{{1,6}}) *\t *([123])(?!\d).*", re.ASCII | re.DOTALL)
_PAIRS_HEAD = re.compile(r"Column ?1\tColumn ?2\t")
_CAPS_HEAD = re.compile(r"Practitioner Services +MUE Values")
_THERAPY = re.compile(r"97\d{3}|989\d\d", re.ASCII)
_BESIDE = re.compile(r"97\d{3}|989\d\d|992[01]\d|958[35]\d|2055\d|2056[01]|29[2-5]\d\d|G0283|S8990", re.ASCII)
"""Codes that may stand beside therapy in one session: evaluation, testing, needling, strapping, stimulation."""
_VERSION = re.compile(r"v(\d\d)([0-3])r\d", re.ASCII | re.IGNORECASE)
_QUARTER = re.compile(r"20\d\d[ -]?q[1-4]", re.ASCII | re.IGNORECASE)
_DAY = re.compile(r"(\d\d)-(\d\d)-(20\d\d)", re.ASCII)
_FIRST_VERSION_YEAR = 1994  # version 30 is of 2024


Row = TypeVar("Row", PairEdit, UnitCap)


class File(NamedTuple):
    """A file of pairs or caps in the program's own form, and its quarter."""

    path: Path
    quarter: Quarter


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import brought: `kind` is "pairs" or "caps", `rows` were in the file, `kept` are of use here."""

    kind: str
    quarter: Quarter
    rows: int
    kept: int


class _Read(NamedTuple):
    """A public file: how many rows it has, those that are kept, and the newest day that it knows of."""

    rows: int
    kept: list[tuple[str, ...]]
    newest: dt.date


# What is known on a date


@functools.lru_cache(maxsize=4096)
def edits(date: dt.date) -> Edits:
    """The pairs and caps for a date of service: the newest pairs, and the caps of its quarter or of the nearest known.

    Raises UserError when an added file is damaged (it is taken away, so that the next call goes on without it).
    """
    caps = _files(CAPS)
    begun = [file for file in caps if file.quarter.first <= date]
    return _edits(_files(PAIRS)[-1], begun[-1] if begun else caps[0])


def forget() -> None:
    """Read the files anew at the next call."""
    edits.cache_clear()
    _edits.cache_clear()


@functools.lru_cache(maxsize=16)
def _edits(pairs: File, caps: File) -> Edits:
    return Edits(_parsed(pairs, _pair), _parsed(caps, _cap), str(pairs.quarter), str(caps.quarter))


def _files(kind: str) -> list[File]:
    """The program's files and the user's, by quarter; of two for one quarter the user's."""
    found = {file.quarter: file for folder in (_own(), _added()) for file in _in(folder, kind)}
    return [found[quarter] for quarter in sorted(found)]


def _own() -> Path:
    return paths.resource("codes", "ncci")


def _added() -> Path:
    return paths.data_dir() / "ncci"


def _in(folder: Path, kind: str) -> Iterator[File]:
    for path in folder.glob(f"{kind}-20[0-9][0-9]Q[1-4].csv"):
        yield File(path, Quarter.parse(path.stem.rpartition("-")[2]))


def _pair(file: File, row: list[str]) -> PairEdit:
    one, two, effective, deletion, indicator = row
    return PairEdit(one, two, int(indicator), _iso(effective), _iso(deletion))


def _cap(file: File, row: list[str]) -> UnitCap:
    code, units, indicator = row
    return UnitCap(code, int(units), int(indicator), file.quarter.first)


def _iso(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _parsed(file: File, parse: Callable[[File, list[str]], Row]) -> list[Row]:
    """The rows of a file in the program's own form; a damaged one that the user added is taken away."""
    try:
        rows = csv.reader(io.StringIO(file.path.read_text("utf-8"), newline=""))
        if next(rows, None) not in _COLUMNS.values():
            raise ValueError
        return [parse(file, row) for row in rows]
    except (ValueError, csv.Error):
        if file.path.parent == _own():
            raise
        file.path.unlink()
        forget()
        message = _("The added NCCI file of {quarter} is damaged and was removed.")
        raise UserError(message.format(quarter=file.quarter), _("Import it again.")) from None


# Import


def import_file(source: Path | bytes, *, name: str = "", quarter: str = "") -> Imported:
    """Keep a quarter of pairs or caps from the public file, alone or in its zip; one of the same quarter is replaced.

    The quarter is taken from `quarter` ("2026Q4"), else from the file's name (`name` when `source` is bytes), else, for
    pairs, from the newest day in it. Of the pairs, those of therapy codes with each other and with what may stand
    beside them are kept. Raises InputError for what is no such file of practitioners, or another quarter's.
    """
    data, name = _bytes(source, name)
    data, member = _unpacked(data, name)
    names = f"{member} {name}"
    if "ccioph" in names.lower():
        raise InputError(_("This is the pair file of hospitals."), _("Use the one of practitioners (ccipra)."))
    lines = data.decode("utf-8-sig", "replace").splitlines()
    kind = _kind(lines)
    read = _read_pairs(lines) if kind == PAIRS else _read_caps(lines)
    chosen = _quarter(quarter, names, read.newest if kind == PAIRS else None)
    _refuse_unfit(kind, chosen, read)
    _keep(kind, chosen, read.kept)
    return Imported(kind=kind, quarter=chosen, rows=read.rows, kept=len(read.kept))


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
        raise _too_large()
    return data, name


def _unpacked(data: bytes, name: str) -> tuple[bytes, str]:
    """The text file inside `data`, with the name that it has there."""
    if data[:4] != b"PK\x03\x04":
        return data, name
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            texts = [each for each in archive.infolist() if each.filename.lower().endswith((".txt", ".csv"))]
            if len(texts) != 1:
                raise InputError(
                    _("The zip file does not hold one pair file or caps file."),
                    _("Unpack it and choose the text file."),
                )
            with archive.open(texts[0]) as file:
                text = file.read(LARGEST + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise InputError(_("The zip file is damaged."), _("Download it again.")) from None
    if len(text) > LARGEST:
        raise _too_large()
    return text, texts[0].filename


def _too_large() -> InputError:
    return InputError(_("The file is too large for a pair file."), _("A quarter's part has about 60 megabytes."))


def _no_such_file() -> InputError:
    return InputError(
        _("This is neither the public pair file nor the public caps file of practitioners."),
        _("Use the text of the NCCI files, such as ccipra-v323r0-f4.txt, or its zip."),
    )


def _kind(lines: list[str]) -> str:
    """What a file is, by its header, which stands within the first lines and may be wrapped."""
    head = " ".join(lines[:20])
    if _PAIRS_HEAD.search(head):
        return PAIRS
    if _CAPS_HEAD.search(head):
        return CAPS
    raise _no_such_file()


def _read_pairs(lines: list[str]) -> _Read:
    """The pairs: rows begin after the notice and the wrapped header, and then nothing else may come."""
    rows, newest = 0, ("", 0)
    kept: list[tuple[str, ...]] = []
    for number, line in enumerate(lines, 1):
        match = _PAIR_ROW.fullmatch(line)
        if match is None:
            if rows and line.strip():
                raise _bad_row(number)
            continue
        rows += 1
        one, two, effective, deletion, indicator = match.groups("")
        newest = max(newest, (effective, number))
        if _wanted(one, two):
            kept.append((one, two, _day(effective, number), _day(deletion.strip("*"), number), indicator))
    if not any(ANCHOR in row[:2] for row in kept):
        raise InputError(
            _("The file has no pairs of therapy codes such as {code}.").format(code=ANCHOR),
            _("Take the part of the quarter that has them, usually the last one (f4)."),
        )
    return _Read(rows, kept, dt.date.fromisoformat(_day(*newest)))


def _wanted(one: str, two: str) -> bool:
    """Whether a pair can come up in a session of therapy."""
    if not (_BESIDE.fullmatch(one) and _BESIDE.fullmatch(two)):
        return False
    return bool(_THERAPY.fullmatch(one) or _THERAPY.fullmatch(two))


def _day(digits: str, number: int) -> str:
    """`20261001` as ISO text; empty stays empty."""
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat() if digits else ""
    except ValueError:
        raise _bad_row(number) from None


def _read_caps(lines: list[str]) -> _Read:
    """The caps: rows of a code, its units and its indicator, after the quoted notice and the header."""
    kept: list[tuple[str, ...]] = []
    table = csv.reader(lines)
    try:
        for row in table:
            found = _CAP_ROW.fullmatch("\t".join(row))
            if found:
                kept.append((found[1], str(int(found[2])), found[3]))
            elif kept and any(cell.strip() for cell in row):
                raise _bad_row(table.line_num)
    except csv.Error:
        raise _bad_row(table.line_num) from None
    if not any(row[0] == ANCHOR for row in kept):
        raise InputError(
            _("The file has no cap of {code}, so it is not whole.").format(code=ANCHOR), _("Download it again.")
        )
    return _Read(len(kept), kept, dt.date.min)


def _bad_row(number: int) -> InputError:
    return InputError(
        _("Line {number} of the file is not a row of an NCCI file.").format(number=number), _("Download it again.")
    )


def _quarter(given: str, names: str, newest: dt.date | None) -> Quarter:
    """The quarter of a file, from what is said, from its name or from the newest day in it."""
    named = _named(names)
    if given:
        try:
            chosen = Quarter.parse(given)
        except ValueError:
            raise InputError(_("This is not a quarter."), _("Write it as 2026Q4.")) from None
        if named not in {None, chosen}:
            message = _("The file is of {named}, not of {quarter}.")
            raise InputError(message.format(named=named, quarter=chosen), _("Leave the quarter out."))
        return chosen
    if named is not None:
        return named
    if newest is None:
        raise InputError(_("The file's name does not say its quarter."), _("Give it, such as 2026Q4."))
    return Quarter.of(newest)


def _named(names: str) -> Quarter | None:
    """The quarter that the names of a file tell: a version (v323 is 2026 Q4), a quarter, or a first day."""
    version, quarter, day = (pattern.search(names) for pattern in (_VERSION, _QUARTER, _DAY))
    if version:
        return Quarter(_FIRST_VERSION_YEAR + int(version[1]), int(version[2]) + 1)
    if quarter:
        return Quarter(int(quarter[0][:4]), int(quarter[0][-1]))
    if day and 1 <= int(day[1]) <= 12:
        return Quarter(int(day[3]), (int(day[1]) + 2) // 3)
    return None


def _refuse_unfit(kind: str, quarter: Quarter, read: _Read) -> None:
    """Raise InputError for a quarter that the rows speak against, or that the program's own pairs are newer than."""
    if read.newest > quarter.last:
        message = _("The file has pairs that begin after {quarter}, so it is of a later quarter.")
        raise InputError(message.format(quarter=quarter), _("Give the right quarter."))
    own = max(file.quarter for file in _in(_own(), PAIRS))
    if kind == PAIRS and quarter < own:
        message = _("The program has the pairs of {quarter} already, which hold the older ones too.")
        raise InputError(message.format(quarter=own), _("Use a newer file."))


def _keep(kind: str, quarter: Quarter, rows: Iterable[tuple[str, ...]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS[kind])
    writer.writerows(rows)
    folder = _added()
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(_("The program's data folder cannot be written."), error.strerror or "") from None
    atomic.write(folder / f"{kind}-{quarter.year}Q{quarter.number}.csv", text.getvalue().encode())
    forget()
