"""Verified copies of the clinic: a copy counts only after it was opened with the key and read to its end."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from app.errors import ClinicError
from app.i18n import _
from app.store import database, keys


def copy_verified(connection: Any, key: bytes, key_file: Path, target: Path) -> None:
    """Copy the clinic of an open connection to `target`, and its key file beside it; whole, or not at all.

    The copy is encrypted with the same key. Raises ClinicError when there is no room or the copy is not equal.
    """
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        connection.execute("VACUUM INTO ?", (str(part),))
        _verify(connection, part, key)
        _private_and_synced(part)
        keys.write_whole(target.with_suffix(".keys"), key_file.read_bytes())
        part.replace(target)
        keys.sync_folder(target.parent)
    except (OSError, database.Error) as error:
        raise database.explained(error) or ClinicError(
            _("The backup could not be made."), _("Free some space, or check that the folder allows writing.")
        ) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _verify(source: Any, part: Path, key: bytes) -> None:
    copy = database.connect(part, key)
    try:
        database.check_integrity(copy)
        same = all(
            database.value(copy, pragma) == database.value(source, pragma)
            for pragma in ("application_id", "user_version")
        )
        if not same or row_counts(copy) != row_counts(source):
            raise ClinicError(_("The backup is not equal to the clinic file."), _("Try again; check the disk."))
    finally:
        copy.close()


def row_counts(connection: Any) -> dict[str, int]:
    """Rows by table."""
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    ).fetchall()
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in tables}


def _private_and_synced(path: Path) -> None:
    path.chmod(0o600)
    with path.open("rb+") as file:
        os.fsync(file.fileno())
