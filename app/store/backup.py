"""A backup: one file that holds the encrypted clinic, its wrapped keys and a manifest.

It is a zip without compression: `manifest.json`, `clinic.keys`, `clinic.db`. Nothing in it and nothing in its name is
personal: the manifest counts records and names no one. A backup bears its name only after its database was opened with
the key and read to the end, and after the finished file was read again against its seals.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from app import __version__
from app.errors import ClinicError
from app.i18n import _
from app.store import database, keys

FORMAT, VERSION = "superbill-desk-backup", 1
SUFFIX = ".clinic-backup"
_MANIFEST, KEYS, DATABASE = "manifest.json", "clinic.keys", "clinic.db"
_MOST_OF_MANIFEST, _MOST_OF_KEYS = 1 << 16, 1 << 20
_BLOCK = 1 << 20

Tell = Callable[[str], object]
"""Told what is being done, in a few words."""


class Reason(StrEnum):
    """Why a backup was made."""

    DAILY = "daily"
    CLOSING = "closing"
    UPGRADE = "upgrade"
    IMPORT = "import"
    RESTORE = "restore"
    HAND = "hand"
    MOVE = "move"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup says about itself without a key. `clinic` is the random name of the clinic in its key file,
    `change` the number of the last operation in the log, `changed` when that was, `audit` the head of the audit."""

    clinic: str
    sequence: int
    made: dt.datetime
    reason: Reason
    program: str
    schema: int
    clients: int
    sessions: int
    claims: int
    change: int
    changed: str
    audit: str
    seals: Mapping[str, str]


@dataclass(frozen=True)
class Backup:
    """A backup file and its manifest."""

    path: Path
    manifest: Manifest


def make(
    clinic: Path, key: bytes, target: Path, *, sequence: int, reason: Reason, now: dt.datetime,
    immutable: bool = False, tell: Tell = lambda words: None,
) -> Backup:  # fmt: skip
    """Back the clinic up into `target`, whole or not at all; others may read and write it meanwhile.

    Raises ClinicError when there is no room, or when what was read back is not what was there.
    """
    loose, part = (target.with_name(f"{target.name}{end}") for end in (".db.part", ".part"))
    try:
        for left in (loose, part):
            left.unlink(missing_ok=True)
        tell(_("copying"))
        facts = _copy(clinic, key, loose, immutable=immutable)
        key_file = clinic.with_suffix(".keys").read_bytes()
        manifest = Manifest(
            clinic=keys.load(clinic.with_suffix(".keys")).clinic, sequence=sequence, made=now, reason=reason,
            program=__version__, seals={KEYS: seal_of(key_file), DATABASE: _seal_of_file(loose)}, **facts,
        )  # fmt: skip
        tell(_("writing"))
        _pack(part, manifest, key_file, loose)
        tell(_("checking"))
        check(part)
        part.replace(target)
        keys.sync_folder(target.parent)
    except (OSError, database.Error, zipfile.BadZipFile) as error:
        raise database.explained(error) or ClinicError(
            _("The backup could not be made."), _("Free some space, or check that the folder allows writing.")
        ) from None
    finally:
        for left in (loose, part):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)
    return Backup(target, manifest)


def _copy(clinic: Path, key: bytes, loose: Path, *, immutable: bool) -> dict[str, Any]:
    """Copy the database, open the copy and read it to its end. Where nobody wrote meanwhile the counts must agree."""
    source = database.connect(clinic, key, immutable=immutable)
    try:
        before, version = row_counts(source), database.value(source, "data_version")
        source.execute("VACUUM INTO ?", (str(loose),))
        quiet = database.value(source, "data_version") == version
        identity = [database.value(source, pragma) for pragma in ("application_id", "user_version")]
    finally:
        source.close()
    loose.chmod(0o600)
    with opened(loose, key) as copy:
        same = [database.value(copy, pragma) for pragma in ("application_id", "user_version")] == identity
        if not same or (quiet and row_counts(copy) != before):
            raise ClinicError(_("The backup is not equal to the clinic file."), _("Try again; check the disk."))
        return facts(copy)


@contextlib.contextmanager
def opened(path: Path, key: bytes) -> Iterator[Any]:
    """A connection to a copy whose every page and structure was checked. Raises ClinicError when it is damaged."""
    copy = database.connect(path, key)
    try:
        database.check_integrity(copy)
        yield copy
    finally:
        copy.close()


def facts(connection: Any) -> dict[str, Any]:
    """The counts, the last change and the head of the audit, as in a Manifest."""
    counts = row_counts(connection)
    head = ""
    if "audit" in counts:  # not before schema 3
        from app.store import audit

        head = str(audit.head(connection) or "")
    last = connection.execute("SELECT operation, at FROM change ORDER BY id DESC LIMIT 1").fetchone() or (0, "")
    return {
        "schema": database.value(connection, "user_version"), "clients": counts.get("client", 0),
        "sessions": counts.get("visit", 0), "claims": counts.get("claim", 0), "change": last[0], "changed": last[1],
        "audit": head,
    }  # fmt: skip


def row_counts(connection: Any) -> dict[str, int]:
    """Rows by table."""
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    ).fetchall()
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in tables}


def _pack(part: Path, manifest: Manifest, key_file: bytes, loose: Path) -> None:
    words = {"format": FORMAT, "version": VERSION} | asdict(manifest) | {"made": manifest.made.isoformat()}
    with open(part, "wb", opener=keys.private) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(_MANIFEST, json.dumps(words, indent=1))
            archive.writestr(KEYS, key_file)
            archive.write(loose, DATABASE)
        keys.sync(file)


# Reading


def read(path: Path) -> Backup:
    """The manifest of a backup. Raises ClinicError for what is no backup, or a damaged or newer one."""
    with _archive(path) as archive:
        return Backup(path, _manifest(archive))


def check(path: Path, unpack_to: Path | None = None) -> Backup:
    """Read the whole backup against its seals; with `unpack_to` also write its two parts into that folder.

    Raises ClinicError when a byte is not what was written, OSError when there is no room to unpack.
    """
    with _archive(path) as archive:
        manifest = _manifest(archive)
        for name in (KEYS, DATABASE):
            seal = hashlib.sha256()
            target = contextlib.nullcontext() if unpack_to is None else open(  # noqa: SIM115 - closed by the `with` below
                unpack_to.joinpath(name), "wb", opener=keys.private)  # fmt: skip
            with target as out, archive.open(name) as source:
                while block := _block(source):
                    seal.update(block)
                    if out is not None:
                        out.write(block)
                if out is not None:
                    keys.sync(out)
            if seal.hexdigest() != manifest.seals.get(name):
                raise _damaged()
        return Backup(path, manifest)


@contextlib.contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            if set(entries) != {_MANIFEST, KEYS, DATABASE} or len(archive.infolist()) != len(entries):
                raise _no_backup()
            most = {_MANIFEST: _MOST_OF_MANIFEST, KEYS: _MOST_OF_KEYS, DATABASE: path.stat().st_size}
            if any(entry.compress_type or entry.file_size > most[name] for name, entry in entries.items()):
                raise _no_backup()
            yield archive
    except FileNotFoundError:
        raise ClinicError(_("There is no backup here."), _("Check the folder and the name.")) from None
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, ValueError):
        raise _damaged() from None


def _block(source: IO[bytes]) -> bytes:
    try:
        return source.read(_BLOCK)
    except OSError:
        raise ClinicError(_("The backup cannot be read."), _("Check the disk, or take another backup.")) from None


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        words = json.loads(archive.read(_MANIFEST))
        if words.pop("format") != FORMAT:
            raise _no_backup()
        if words.pop("version") != VERSION:
            raise ClinicError(_("The backup is from a newer version of the program."), _("Update Superbill Desk."))
        made = Manifest(**words | {"made": dt.datetime.fromisoformat(words["made"]), "reason": Reason(words["reason"])})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _damaged() from None
    whole = (made.sequence, made.schema, made.clients, made.sessions, made.claims, made.change)
    texts = (made.clinic, made.program, made.changed, made.audit)
    if any(type(each) is not int or each < 0 for each in whole) or not all(isinstance(each, str) for each in texts):
        raise _damaged()
    if not isinstance(made.seals, dict) or made.made.tzinfo is None:
        raise _damaged()
    return made


def seal_of(data: bytes) -> str:
    """The seal of a part: its SHA-256."""
    return hashlib.sha256(data).hexdigest()


def _seal_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged() -> ClinicError:
    return ClinicError(_("The backup is damaged."), _("Take another one."))


def _no_backup() -> ClinicError:
    return ClinicError(_("This is not a backup of Superbill Desk."), _("Choose a file that ends with .clinic-backup."))
