"""Files that are whole or not there: written beside the place, flushed to the disk, then put in place; and their
names."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import unicodedata
from pathlib import Path

from app.errors import InputError
from app.i18n import _

_OF_A_CLINIC = (".clinic", ".clinic-wal", ".clinic-shm", ".keys", ".lock", ".clinic-backup")

_LONGEST_NAME = 120  # bytes; systems take 255, and an ending and a number may follow
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(?=\.|$)", re.IGNORECASE)
_FORBIDDEN = frozenset('<>:"/\\|?*')


def safe_name(text: str, otherwise: str = "file") -> str:
    """A name of a file made from any text, for every system; `otherwise` when nothing of the text can be kept.

    One part of a path: no signs that a system forbids or that cannot be seen, no dot or blank at its ends, none of the
    names that Windows keeps for devices, at most 120 bytes.
    """
    found = "".join(" " if _is_forbidden(sign) else sign for sign in unicodedata.normalize("NFC", text))
    found = " ".join(found.split()).strip(". ")
    found = found.encode()[:_LONGEST_NAME].decode(errors="ignore").strip(". ")
    found = unicodedata.normalize("NFC", found)
    return f"_{found}" if _RESERVED.match(found.replace(" ", "")) else found or otherwise


def _is_forbidden(sign: str) -> bool:
    return sign in _FORBIDDEN or unicodedata.category(sign)[0] in "CZ"


def write(path: Path, data: bytes) -> None:
    """Put `data` at `path`, readable by its owner only; an older file stays until the new one is finished.

    A link stays one: the file that it names is written. Raises InputError when the place cannot be written, is no
    place for a file, holds records, or the disk is full.
    """
    place = Path(os.path.realpath(path))
    if place.name.endswith(_OF_A_CLINIC) and place.exists():
        raise InputError(_("The output would replace a clinic's records."), _("Give another name."))
    try:
        if place.exists() and not place.is_file():
            raise OSError("a folder or a device")
        _put(place, data)
    except OSError:
        raise InputError(
            _("The file cannot be written there."), _("Check the folder and the free space, then save again.")
        ) from None


def _put(place: Path, data: bytes) -> None:
    handle, part = tempfile.mkstemp(prefix=f".{place.name[:40]}.", suffix=".part", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(place)
    except BaseException:  # an interruption too leaves nothing behind
        with contextlib.suppress(OSError):
            Path(part).unlink()
        raise
