"""Reading lists that other programs wrote: which encoding and separator, then row by row, of any length."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.errors import InputError
from app.i18n import _

ENCODINGS = {
    "utf-8": _("UTF-8"), "utf-16-le": _("UTF-16"), "utf-16-be": _("UTF-16, big-endian"), "cp1252": _("Windows-1252"),
}  # fmt: skip
SEPARATORS = {",": _("comma"), ";": _("semicolon"), "\t": _("tab")}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEAD, _PIECE = 65_536, 1 << 20
LONGEST_CELL = 100_000
"""Characters; a cell that is longer means a quotation mark that is never closed."""


@dataclass(frozen=True)
class Form:
    """How a file is written; guessed, and shown so that a person can say otherwise."""

    encoding: str
    separator: str


def guess(path: Path) -> Form:
    """The encoding by its mark, else by whether the whole file is UTF-8; the separator by the first line.

    Raises InputError when it cannot be read, or is empty.
    """
    with _opened(path) as file:
        encoding = _encoding(file)
        file.seek(0)
        with _wrapped(file, encoding) as text:
            first = text.readline(_HEAD)
    if not first.strip():
        raise InputError(_("The file is empty."), _("Choose a file whose first line names its columns."))
    return Form(encoding, _separator(first))


def _encoding(file: BinaryIO) -> str:
    head = file.read(_HEAD)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if head.count(b"\0") * 4 > len(head):
        return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while head:
            decoder.decode(head)
            head = file.read(_PIECE)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _separator(line: str) -> str:
    declared = line.strip().lower().removeprefix("sep=")
    if line.lower().startswith("sep=") and declared in SEPARATORS:
        return declared
    outside = "".join(line.split('"')[::2])
    return max(SEPARATORS, key=outside.count)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError:
        raise InputError(_("The file cannot be read."), _("Check the folder and the name.")) from None


def _wrapped(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    if encoding.startswith("utf") and text.read(1) != "\ufeff":
        text.seek(0)
    return text


def rows(
    path: Path, form: Form, told: Callable[[int, int], bool] = lambda at, size: True
) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of their first line; the first is the heading. Empty rows are passed over.

    `told` is called now and then with the bytes read and the size, and ends the reading when it answers False. Raises
    InputError for a row that cannot be one.
    """
    with _opened(path) as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        with _wrapped(file, form.encoding) as text:
            yield from _read(text, form.separator, lambda: told(min(size, file.tell()), size))


def _read(text: io.TextIOWrapper, separator: str, goes_on: Callable[[], bool]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text, delimiter=separator)
    csv.field_size_limit(LONGEST_CELL)
    before = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            sentence = _("The row of line {line} has no end.").format(line=before + 1)
            raise InputError(sentence, _("Look for a quotation mark that is not closed.")) from None
        if cells is None:
            return
        line, before = before + 1, reader.line_num
        if line % 2_000 == 0 and not goes_on():
            return
        if any(cell.strip() for cell in cells) and not (line == 1 and cells[0].lower().startswith("sep=")):
            yield line, cells
