"""A clinic on a disk that is full or read-only: it is read as it lies, and nothing is written beside it.

A database with a journal does not open where nothing can be written. Without a journal beside it, it can be read as a
file that nobody changes. With one, from a crash or a full disk, its last changes are still in the journal: then both
are copied into a folder of our own, where the journal is played in. The copy is encrypted as the file is.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

from app.errors import UnwritableError
from app.i18n import _
from app.store import database


class Still:
    """The database to read at `path`, which nobody changes; `close` removes the copy, where there is one."""

    def __init__(self, clinic: Path, key: bytes) -> None:
        """Raises UnwritableError when a copy is wanted and there is no room for it, else the driver's errors."""
        self.path = clinic
        self._folder: Path | None = None
        journal = clinic.with_suffix(".clinic-wal")
        if journal.exists() and journal.stat().st_size:
            try:
                self._folder = Path(tempfile.mkdtemp(prefix="superbill-desk-"))
                self.path = self._folder / "still.clinic"
                for end in (".clinic", ".clinic-wal", ".keys"):
                    shutil.copyfile(clinic.with_suffix(end), self.path.with_suffix(end))
                self._play_in(key)
            except OSError:
                self.close()
                raise UnwritableError(
                    _("There is no room to read the clinic: its last changes are in a journal."),
                    _("Free some space on this computer, and try again."),
                ) from None
            except BaseException:
                self.close()
                raise

    def _play_in(self, key: bytes) -> None:
        connection = database.connect(self.path, key)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def close(self) -> None:
        """Harmless when done twice."""
        if self._folder is not None:
            with contextlib.suppress(OSError):
                shutil.rmtree(self._folder)
