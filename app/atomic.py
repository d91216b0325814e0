"""Files that are whole or not there: written beside the place, flushed to the disk, then put in place."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from app.errors import InputError
from app.i18n import _


def write(path: Path, data: bytes) -> None:
    """Put `data` at `path`, readable by its owner only; an older file stays until the new one is finished.

    Raises InputError when the place cannot be written or the disk is full.
    """
    part: str | None = None
    try:
        handle, part = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(path)
    except OSError:
        if part is not None:
            with contextlib.suppress(OSError):
                Path(part).unlink()
        raise InputError(
            _("The file cannot be written there."), _("Check the folder and the free space, then save again.")
        ) from None
