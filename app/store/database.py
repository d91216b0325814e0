"""The encrypted SQLite file: how a connection is made, and what its errors mean to a person.

The settings are those measured for this program: WAL with synchronous=FULL loses no acknowledged change in a power
cut (NORMAL does), deleted data is overwritten, and transactions begin when we say so.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2

from app.errors import ClinicError, DamagedError, UnwritableError
from app.i18n import _

sqlcipher: Any = dbapi2  # a C module: its names are not to be found by the type checker

APPLICATION_ID = 0x5342444B  # "SBDK"
OLDEST_ENGINE = (3, 51, 3)
"""SQLite before it may damage a file while it begins its log anew."""
BUSY, LOCKED, READ_ONLY, IO_ERROR, DAMAGED, FULL, CANNOT_OPEN, NOT_A_DATABASE = 5, 6, 8, 10, 11, 13, 14, 26
_BUSY_SECONDS = 5
_CACHE_KILOBYTES = 16_000
"""Pages that stay decrypted: reading a clinic of ten years twice as fast, for 16 MB a connection."""
_LITTLE_ROOM = 1 << 17

Error = sqlcipher.Error
DatabaseError = sqlcipher.DatabaseError


def connect(path: Path, key: bytes, *, create: bool = False, immutable: bool = False) -> Any:
    """A connection with the settings of this program, which has read the first page. Raises the driver's errors.

    Without `create` a missing file is an error: SQLite would make an empty one. `immutable` reads a file that nobody
    changes and that has no journal beside it, without writing anything: on a full or read-only disk nothing else does.
    Raises ClinicError, before anything is touched, when the engine is one that can damage a file.
    """
    check_engine()
    mode = "ro&immutable=1" if immutable else "rwc" if create else "rw"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlcipher.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS)
    pragmas = (
        "cipher_log_level = NONE",
        f"key = \"x'{key.hex()}'\"",
        "synchronous = FULL",
        f"cache_size = -{_CACHE_KILOBYTES}",
        "foreign_keys = ON",
        "secure_delete = ON",
        "trusted_schema = OFF",
        *(["fullfsync = ON", "checkpoint_fullfsync = ON"] if sys.platform == "darwin" else []),
    )
    try:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
    except Error:
        connection.close()
        raise
    return connection


def check_engine() -> str:
    """The version of SQLite in use. Raises ClinicError for one that can damage a file."""
    version: str = sqlcipher.sqlite_version
    if sqlcipher.sqlite_version_info < OLDEST_ENGINE:
        raise ClinicError(
            _("The database engine is SQLite {version}, which can damage a clinic file.").format(version=version),
            _("Install Superbill Desk again from its own package."),
        )
    return version


def value(connection: Any, pragma: str) -> Any:
    """What a PRAGMA answers."""
    row = connection.execute(f"PRAGMA {pragma}").fetchone()
    return row[0] if row else None


def make_engine(path: Path, key: bytes, prepare: str, *, immutable: bool = False) -> Engine:
    """An engine whose transactions really begin; `prepare` is SQL for each connection before it first writes.

    An engine with the option `write` takes the write lock at once: a reader that becomes a writer later would fail
    without waiting. The other one refuses to write.
    """

    engine = create_engine(
        "sqlite://", module=sqlcipher, creator=lambda: connect(path, key, immutable=immutable), hide_parameters=True,
        poolclass=QueuePool, pool_size=4,
    )  # fmt: skip

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if write else 'ON'}")
        if write and not connection.info.get("prepared"):  # readers, of which the window has several, save the time
            driver: Any = connection.connection.dbapi_connection
            driver.executescript(prepare)
            connection.info["prepared"] = True
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def check_integrity(connection: Any) -> None:
    """Read every page and its seal, and the structure. Raises ClinicError when anything is damaged."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the check of the seals does not see the WAL
    broken = connection.execute("PRAGMA cipher_integrity_check").fetchall()
    if broken or connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise damaged()


def damaged() -> DamagedError:
    """The sentence for a file that is not what was written."""
    return DamagedError(_("The clinic file is damaged."), _("Keep it, and restore the last backup."))


def code_of(error: BaseException) -> int:
    """SQLite's primary error code, or 0."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def explained(error: BaseException, folder: Path | None = None) -> ClinicError | None:
    """The sentence for an error of the driver that is not a bug, or None.

    With the `folder` of the file, an error of the disk is told as a full disk where it is one: the file beside the
    journal cannot be made then, and SQLite says no more than that.
    """
    sentences = {
        FULL: (_("The disk is full. Nothing was changed."), _("Free some space and try again.")),
        READ_ONLY: (
            _("The clinic file cannot be changed: it or its folder is read-only."),
            _("Allow writing there, or copy the clinic to another folder."),
        ),
        IO_ERROR: (
            _("The disk reports an error. The last change was not saved."),
            _("Check the disk, and make a backup before going on."),
        ),
        CANNOT_OPEN: (
            _("The clinic file cannot be opened."),
            _("Check that the folder allows writing and the disk is not full."),
        ),
        BUSY: (_("Another program is using the clinic file."), _("Close it and try again.")),
        LOCKED: (_("Another program is using the clinic file."), _("Close it and try again.")),
    }
    code = code_of(error)
    if code == IO_ERROR and folder is not None and shutil.disk_usage(folder).free < _LITTLE_ROOM:
        code = FULL
    if code in (DAMAGED, NOT_A_DATABASE):
        return damaged()
    kind = UnwritableError if code in (FULL, READ_ONLY, CANNOT_OPEN, IO_ERROR) else ClinicError
    return kind(*sentences[code]) if code in sentences else None
