"""Files that are only looked at: in a folder of ours that others cannot read, emptied at start and at the end.

A lock starts the program anew, so that it empties the folder too.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

from app import atomic, paths
from app.errors import InputError
from app.i18n import _


def folder() -> Path:
    """Where they lie."""
    return paths.cache_dir() / "viewing"


def put(name: str, pdf: bytes) -> Path:
    """A PDF to be opened in the computer's viewer. Raises InputError when there is no room."""
    try:
        folder().mkdir(mode=0o700, exist_ok=True)
        own = Path(tempfile.mkdtemp(dir=folder()))
    except OSError:
        raise InputError(_("The copy cannot be written."), _("Check the free space.")) from None
    path = own / f"{atomic.safe_name(name)}.pdf"
    atomic.write(path, pdf)
    return path


def empty() -> None:
    """Remove them all; what a viewer still holds open is removed the next time."""
    with contextlib.suppress(OSError):
        for own in folder().iterdir():
            shutil.rmtree(own, ignore_errors=True)
