"""Bringing a backup back: look inside, then put it in the place of the clinic file, which is kept aside.

A restore is made ready in the folder NAME.restore.part beside the clinic; renaming that folder to NAME.restore is the
moment when it is decided. What follows are renames only: a crash between them is finished by the next start
(`finish_interrupted`), so that the file is the old one or the new one, never a mixture.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from app.billing.roles import Action, Role
from app.errors import ClinicError, UserError
from app.i18n import _
from app.store import access, backup, database, keys, places, tables
from app.store.backup import Backup, Manifest, Reason, Tell
from app.store.backup_set import BackupSet
from app.store.keys import KeyFile
from app.store.lock import FileLock

_ASIDE = "aside.txt"
_OF_THE_DATABASE = (".clinic", ".clinic-wal", ".clinic-shm")
"""They belong together: a journal beside another database would be played into it."""


@dataclass(frozen=True, kw_only=True)
class Inside:
    """What a backup holds, read from its database after it was opened and checked."""

    manifest: Manifest
    users: tuple[str, ...]
    clients: int
    sessions: int
    claims: int
    changed: str


class Restoration:
    """A backup about to be put at `target`. `unlock` shows what is inside, `finish` does it, `close` ends it.

    It holds the lock of the clinic all the time. Raises ClinicError when the clinic is open, the backup is damaged,
    there is no room, or no clinic may live at `target`.
    """

    def __init__(self, archive: Path, target: Path, *, tell: Tell = lambda words: None) -> None:
        self.target = target if target.suffix == ".clinic" else target.with_name(f"{target.name}.clinic")
        places.check_live(self.target)
        self._ready = self.target.with_suffix(".restore.part")
        self._key = b""
        try:
            self.target.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            raise ClinicError(_("The folder cannot be made."), _("Choose another folder.")) from None
        self._lock = FileLock(self.target.with_suffix(".lock"))
        try:
            finish_interrupted(self.target)
            tell(_("reading the backup"))
            self.backup = self._unpack(archive)
            self._keys: KeyFile = keys.load(self._ready.joinpath(backup.KEYS))
        except BaseException:
            self.close()
            raise

    def _unpack(self, archive: Path) -> Backup:
        try:
            shutil.rmtree(self._ready, ignore_errors=True)
            self._ready.mkdir(mode=0o700)
            return backup.check(archive, self._ready)
        except OSError:
            raise ClinicError(
                _("There is no room to restore the backup here."), _("Free some space, or choose another folder.")
            ) from None

    @property
    def users(self) -> list[str]:
        """Those whose password of that time opens it."""
        return self._keys.users()

    def unlock(self, *, password: str = "", user: str = "owner", code: str = "") -> Inside:
        """Open it with a password, or the recovery code, of the time when it was made; answers what is inside.

        Raises InputError or ClinicError as opening a clinic does.
        """
        known = self._keys
        key = known.open_with_recovery_code(code) if code else known.open_with_password(user, password)
        try:
            with backup.opened(self._ready.joinpath(backup.DATABASE), key) as copy:
                facts = backup.facts(copy)
                if database.value(copy, "application_id") != database.APPLICATION_ID:
                    raise ClinicError(_("This is not a backup of Superbill Desk."), _("Take another one."))
                if facts["schema"] > tables.SCHEMA:
                    raise ClinicError(
                        _("The backup is from a newer version of the program."), _("Update Superbill Desk.")
                    )
                if not code and _there(self.target):
                    _require_owner(copy, user)
                copy.execute("PRAGMA journal_mode = WAL")
        except database.Error as error:
            raise database.explained(error) or ClinicError(
                _("The backup cannot be opened."), _("Take another one.")
            ) from None
        self._key = key
        return Inside(
            manifest=self.backup.manifest, users=tuple(self.users),
            **{name: facts[name] for name in ("clients", "sessions", "claims", "changed")},
        )  # fmt: skip

    def finish(self, *, now: dt.datetime, tell: Tell = lambda words: None) -> Path | None:
        """Put it in place; answers the folder where what was there is kept, or None where nothing was."""
        assert self._key, "not unlocked"
        replaced = _there(self.target)
        if replaced:
            self._back_up_present(now, tell)
        tell(_("putting it in place"))
        aside = _free(self.target.with_name(f"{self.target.stem} replaced {now:%Y-%m-%d}"))
        try:
            (self._ready.joinpath(backup.DATABASE)).rename(self._ready / f"{self.target.stem}.clinic")
            (self._ready.joinpath(backup.KEYS)).rename(self._ready / f"{self.target.stem}.keys")
            keys.write_whole(self._ready.joinpath(_ASIDE), aside.name.encode())
            self._ready.rename(self.target.with_suffix(".restore"))
            keys.sync_folder(self.target.parent)
            finish_interrupted(self.target)
        except OSError:
            raise ClinicError(
                _("The backup could not be put in place."),
                _("Nothing is lost. Check that the folder allows writing, then open the clinic again."),
            ) from None
        return aside if replaced else None

    def _back_up_present(self, now: dt.datetime, tell: Tell) -> None:
        """What is replaced is kept aside whatever it is; where this key opens it, it also becomes a backup.

        Not where a crash left a journal: opening it would change what is to be kept.
        """
        journal = self.target.with_suffix(".clinic-wal")
        if journal.exists() and journal.stat().st_size:
            return
        with contextlib.suppress(UserError, OSError):
            BackupSet(self.target).make(self._key, Reason.RESTORE, now=now, tell=tell)

    def close(self) -> None:
        """Remove what was made ready and is not needed, and let the clinic go."""
        shutil.rmtree(self._ready, ignore_errors=True)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def is_interrupted(target: Path) -> bool:
    """Whether a restore was decided and not finished."""
    return target.with_suffix(".restore").is_dir()


def finish_interrupted(target: Path) -> None:
    """Finish a restore that was decided: first the old files aside, each before its new one comes. Raises OSError.

    The lock of the clinic must be held.
    """
    if not is_interrupted(target):
        return
    ready = target.with_suffix(".restore")
    aside = target.with_name((ready.joinpath(_ASIDE)).read_text())
    aside.mkdir(mode=0o700, exist_ok=True)
    for end, old_ones in ((".clinic", _OF_THE_DATABASE), (".keys", (".keys",))):
        new = ready / f"{target.stem}{end}"
        if new.exists():
            for old in old_ones:
                _move(target.with_suffix(old), aside / f"{target.stem}{old}")
            keys.sync_folder(target.parent)
            new.rename(target.with_suffix(end))
    keys.sync_folder(target.parent)
    with contextlib.suppress(OSError):
        aside.rmdir()  # nothing was there before
    shutil.rmtree(ready)


def _require_owner(copy: Any, user: str) -> None:
    """To replace a clinic is for those who may, by the backup's own list of users."""
    if "user" in backup.row_counts(copy):  # not before schema 3
        found = copy.execute("SELECT role FROM user WHERE name = ?", (keys.plain(user),)).fetchone()
        if found:
            access.check(Role(found[0]), Action.BACKUPS)


def _move(old: Path, new: Path) -> None:
    if old.exists():
        old.rename(new)


def _there(target: Path) -> bool:
    return any(target.with_suffix(end).exists() for end in (*_OF_THE_DATABASE, ".keys"))


def _free(folder: Path) -> Path:
    """`folder`, or the first of its numbered names that is free."""
    number, free = 1, folder
    while free.exists():
        number += 1
        free = folder.with_name(f"{folder.name} ({number})")
    return free
