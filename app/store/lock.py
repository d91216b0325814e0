"""One program per clinic file: a lock that the operating system frees when the program ends, however it ends."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import sys
from pathlib import Path
from typing import IO

from app.errors import ClinicError, UnwritableError
from app.i18n import _

_FAR_BYTE = 1 << 30
"""Windows locks a byte so far behind the content that the owner's name can still be read."""


class FileLock:
    """Held from its making until `release`. Raises ClinicError with the owner when another program holds it."""

    def __init__(self, path: Path) -> None:
        try:
            self._file: IO[bytes] = open(path, "r+b", 0, opener=_made_when_missing)  # noqa: SIM115 - held open
        except OSError:
            raise UnwritableError(
                _("The folder of the clinic file cannot be written to."),
                _("Allow writing there, or copy the clinic to another folder."),
            ) from None
        try:
            _take(self._file)
        except OSError:
            owner = _owner(self._file)
            self._file.close()
            raise ClinicError(
                _("The clinic is already open{owner}.").format(owner=owner), _("Use that window, or close it first.")
            ) from None
        with contextlib.suppress(OSError):  # only for the sentence above: a full disk must not lock the user out
            self._file.truncate(0)
            self._file.write(json.dumps({"computer": platform.node(), "process": os.getpid()}).encode())
            self._file.flush()

    def release(self) -> None:
        """Let others in; harmless when done twice."""
        if self._file.closed:
            return
        with contextlib.suppress(OSError):
            self._file.truncate(0)
        self._file.close()


def _made_when_missing(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o600)


def _owner(file: IO[bytes]) -> str:
    try:
        file.seek(0)
        data = json.loads(file.read(1000))
        return _(" on {computer}, process {process}").format(
            computer=str(data["computer"]), process=int(data["process"])
        )
    except (OSError, ValueError, TypeError, KeyError):
        return ""


if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        file.seek(_FAR_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
