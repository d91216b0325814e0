"""The clinic file: opened with a password, read in sessions, changed by named operations that can be undone.

Beside NAME.clinic, which is encrypted, lie NAME.keys (see `keys`), NAME.lock (see `lock`) and, after wrong passwords,
NAME.tries (see `tries`). Nothing else in the program makes an engine or a session. Whatever is written passes here, so
that here is where a user's role is asked (`access`) and the audit is written (`audit`).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app import paths
from app.billing import roles
from app.billing.roles import Action, Role
from app.errors import ClinicError, DamagedError, InputError, UnwritableError
from app.i18n import _
from app.store import access, audit, changes, database, keys, papers, places, quick, restore, tables, users
from app.store.backup import Backup, Reason, Tell
from app.store.backup_set import BackupSet
from app.store.keys import KeyFile
from app.store.lock import FileLock
from app.store.rescue import Still
from app.store.tries import LAST_PIN, PASSWORD, PIN, Tries

MOST_UNDO = 50
_PAGE = 4096


@dataclass(frozen=True)
class Operation:
    """One change of the clinic as the user named it: its number in the log, and the tables whose rows it changed."""

    id: int
    label: str
    tables: frozenset[str]


class ClinicFile:
    """An open clinic. Made by `create`, `open` or `recover`; `close` it, or use it in a `with`.

    Writes come from one thread at a time; reading is free. Every method raises ClinicError for a full disk, a
    read-only folder and the like; the clinic is then as it was before.
    """

    def __init__(
        self, path: Path, key_file: KeyFile, key: bytes, *, user: str, lock: FileLock | None, event: str,
        detail: str = "", still: Still | None = None,
    ) -> None:  # fmt: skip
        """For `create`, `open` and its like only; `event` is what the audit says of it."""
        self.path = path
        self.user = user
        self._key_file = key_file
        self._key = key
        self._lock = lock
        self._still = still
        self.read_only = still is not None
        source = still.path if still else path
        self._engine = database.make_engine(source, key, changes.triggers(), immutable=self.read_only)
        self.backups = BackupSet(path, still.path if still else None)
        self._writer = self._engine.execution_options(write=True)
        self._turn = threading.RLock()
        self._writing: Session | None = None
        self._newest: audit.Head | None = None
        self._trail = audit.Trail(key)
        self._mirror = audit.Mirror(paths.state_dir() / "audit", key_file.clinic)
        self.role = Role.FRONT_DESK
        self._done: list[Operation] = []
        self._undone: list[Operation] = []
        self._listeners: list[Callable[[Operation], None]] = []
        try:
            self._begin(event, detail)
        except BaseException:
            self._engine.dispose()
            raise

    # Opening and closing

    @classmethod
    def create(cls, path: Path, *, password: str, user: str = "owner") -> tuple[Self, str]:
        """A new, empty clinic and its recovery code, to be printed: it opens the clinic when the password is lost.

        Raises ClinicError when a file is already there, InputError for too short a password.
        """
        path = _checked(path)
        places.check_live(path)
        key_path = path.with_suffix(".keys")
        empty, key = keys.new_key_file()
        code = keys.new_recovery_code()
        key_file = empty.with_password(user, password, key).with_recovery_code(code, key)
        _make_folder(path.parent)
        lock = FileLock(path.with_suffix(".lock"))
        try:
            for taken in (path, key_path):
                if taken.exists():
                    raise ClinicError(
                        _("{name} already exists.").format(name=taken.name), _("Open it, or choose another name.")
                    )
            _make_database(path, key, before_naming=lambda: keys.save(key_path, key_file))
            return cls(path, key_file, key, user=keys.plain(user), lock=lock, event="created"), code
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, path: Path, *, password: str, user: str = "owner") -> Self:
        """Open with a password.

        Raises ClinicError: no such file, wrong password, damaged, already open, from a newer version.
        """
        return cls._open(path, user, lambda key_file: key_file.open_with_password(user, password))

    @classmethod
    def open_with_pin(cls, path: Path, *, pin: str, user: str = "owner") -> Self:
        """Open with the PIN that a user has on this computer (see `quick`).

        Raises as `open` does, and ClinicError when the password is due.
        """

        def unlock(key_file: KeyFile) -> bytes:
            try:
                return quick.unlock(key_file, user, pin)
            except quick.UsedUpError:
                tries = Tries(path.with_suffix(".tries"))
                tries.forgive_one()
                tries.count_one(user, LAST_PIN)
                with contextlib.suppress(ClinicError):
                    keys.save(path.with_suffix(".keys"), key_file.without_pin(user))
                raise

        user = keys.plain(user)
        return cls._open(path, user, unlock, event="quick-login", missed=PIN)

    @classmethod
    def recover(
        cls, path: Path, *, code: str, password: str, reason: str, user: str = "", restored: int | None = None
    ) -> tuple[Self, str]:
        """Open with the recovery code, which gives an owner a new password: open as that owner, and the next code.

        The code that was used opens nothing afterwards. `user` is the owner's name, the first one's when left out; the
        audit keeps `reason`, and the number of the backup that was `restored` just before. Raises InputError for a code
        with a typing mistake and as `check_recovery` does; else ClinicError as `open` does.
        """
        check_recovery(password, reason, user)
        clinic = cls._open(path, keys.RECOVERY, lambda key_file: key_file.open_with_recovery_code(code),
                           event="recovery", detail=reason.strip())  # fmt: skip
        try:
            if restored is not None:
                clinic.note(audit.RESTORED, detail=str(restored))
            return clinic, clinic.renew(keys.plain(user), password)
        except BaseException:
            clinic.close()
            raise

    def renew(self, user: str, password: str) -> str:
        """A new password for an owner and a new recovery code, in one change of the key file. For owners."""
        self.require(Action.USERS)
        with self.read() as s:
            owners = users.owners(s)
        if not user:
            user = owners[0]
        if user not in owners:
            raise ClinicError(_("This user is not an owner."), _("Give the name of an owner."))
        code = keys.new_recovery_code()
        key = self._key
        self._change_keys(lambda file: file.with_password(user, password, key).with_recovery_code(code, key))
        self.note("password", detail=_("by the recovery code"))
        self.note("recovery-code")
        self.user = user
        return code

    @classmethod
    def _open(
        cls, path: Path, user: str, unlock: Callable[[KeyFile], bytes], *, event: str = "login", detail: str = "",
        missed: str = PASSWORD,
    ) -> Self:  # fmt: skip
        path = _checked(path)
        user = keys.plain(user)
        key_path = path.with_suffix(".keys")
        lock = _locked(path)
        try:
            key_file = keys.load(key_path)
            key = _counted(Tries(path.with_suffix(".tries")), user, key_file, unlock, missed=missed)
            _check_inside(path, key)
            return cls(path, key_file, key, user=user, lock=lock, event=event, detail=detail)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open_read_only(cls, path: Path, *, password: str, user: str = "owner") -> Self:
        """Open a clinic whose disk is full or read-only: to read it, to export it, and to back it up elsewhere.

        Raises as `open` does, and ClinicError for a clinic of an older version, which would have to be upgraded.
        """
        path, user = _checked(path), keys.plain(user)
        _check_outside(path)
        lock, still = None, None
        with contextlib.suppress(UnwritableError):
            lock = FileLock(path.with_suffix(".lock"))
        try:
            key_file = keys.load(path.with_suffix(".keys"))
            tries = Tries(path.with_suffix(".tries"))
            key = _counted(tries, user, key_file, lambda file: file.open_with_password(user, password))
            with _told(path.parent):
                still = Still(path, key)
                _check_still(still.path, key)
            return cls(path, key_file, key, user=user, lock=lock, event="", still=still)
        except BaseException:
            if still:
                still.close()
            if lock:
                lock.release()
            raise

    def _begin(self, event: str, detail: str) -> None:
        """Learn the user's role; write into the audit who came in, and what happened before. Raises ClinicError."""
        if self.read_only:
            with self.read() as s:
                self.role = users.role_of(s, self.user)
            return
        tries = Tries(self.path.with_suffix(".tries"))
        with Session(self._writer) as session, _explained():
            connection = session.connection()
            users.begin(session, self.users())
            papers.sweep(session)
            self.role = Role.OWNER if self.user == keys.RECOVERY else users.role_of(session, self.user)
            self._trail.begin(connection, self.user, self._mirror.head)
            for (name, kind), count in tries.by_user().items():
                self._trail.append(connection, name, kind, detail=str(count))
            self._append(session, event, detail=detail)
            session.commit()
        self._mirror.keep(self._newest)
        tries.clear()

    def close(self) -> None:
        """Let the file go; harmless when done twice."""
        self._engine.dispose()
        if self._still:
            self._still.close()
        if self._lock:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # Keys

    def change_password(self, old: str, new: str) -> None:
        """One's own password; a crash leaves the old or the new one valid.

        Raises ClinicError when `old` is wrong, InputError when `new` is no good.
        """
        keys.check_password(new, self.user)
        self._key_file.open_with_password(self.user, old)
        self._put_password(self.user, new)

    def set_password(self, user: str, password: str) -> None:
        """Give a user a password, new or in place of a forgotten one. For those who manage users; raises UserError."""
        self.require(Action.USERS)
        with self.read() as s:
            users.role_of(s, keys.plain(user))
        self._put_password(keys.plain(user), password)

    def _put_password(self, user: str, password: str) -> None:
        self._change_keys(lambda file: file.with_password(user, password, self._key))
        self._note_user("password", user)

    def drop_password(self, user: str) -> None:
        """Take a user's password away. Copies and backups made before still open with it."""
        self.require(Action.USERS)
        if user not in self.users():
            return
        with self.read() as s:
            if not set(users.owners(s)) & set(self.users()) - {user}:
                raise users.last_owner()
        self._change_keys(lambda file: file.without(user))
        self._note_user("password-removed", user)

    def new_recovery_code(self) -> str:
        """A recovery code to be printed; the one before no longer works. For those who manage users."""
        self.require(Action.USERS)
        code = keys.new_recovery_code()
        self._change_keys(lambda file: file.with_recovery_code(code, self._key))
        self.note("recovery-code")
        return code

    def _note_user(self, kind: str, user: str) -> None:
        with self.read() as s:
            row_id = users.id_of(s, user)
        self.note(kind, table="user", row_id=row_id)

    def users(self) -> list[str]:
        """Those who have a password."""
        return self._key_file.users()

    def _change_keys(self, change: Callable[[KeyFile], KeyFile], *, without_pin: str = "quick-removed") -> None:
        """Keep the key file as `change` makes it of the present one; changes on several threads follow each other.

        Whoever has no PIN in it any more loses its secret too; the audit calls that as given.
        """
        self._check_can_write()
        with self._turn:
            before, made = self._key_file, change(self._key_file)
            keys.save(self.path.with_suffix(".keys"), made)
            self._key_file = made
        for user in sorted(before.quick_users() - made.quick_users()):
            quick.forget(before, user)
            self._note_user(without_pin, user)

    # The PIN of this computer

    @property
    def has_pin(self) -> bool:
        """Whether the user has a PIN, on this computer or another one."""
        return self.user in self._key_file.quick_users()

    def turn_pin_on(self, password: str, pin: str) -> None:
        """Let `pin` open the clinic on this computer for some hours after each password.

        Raises RefusedError for a wrong password, InputError for a PIN that is no good, ClinicError without a keychain.
        """
        self._check_can_write()
        keys.check_pin(pin)
        self._key_file.open_with_password(self.user, password)
        self._change_keys(lambda file: quick.turn_on(file, self.user, pin, self._key))
        self._note_user("quick-on", self.user)

    def turn_pin_off(self) -> None:
        """Ask for the password again, each time."""
        self._change_keys(lambda file: file.without_pin(self.user), without_pin="quick-off")

    def renew_pin(self) -> bool:
        """After the password was typed: the PIN works for some hours again. False when it had to be removed.

        It is when the keychain of this computer has lost its secret, or never had it.
        """
        if self.read_only or not self.has_pin or quick.renew(self._key_file, self.user):
            return True
        self._change_keys(lambda file: file.without_pin(self.user))
        return False

    # Roles and audit

    def may(self, action: Action) -> bool:
        """Whether the user's role allows it; for the window, which leaves out what would be refused."""
        return roles.may(self.role, action)

    def require(self, action: Action) -> None:
        """Raise NotAllowedError unless the user's role allows it."""
        access.check(self.role, action)

    def note(self, kind: str, *, table: str = "", row_id: int | None = None, detail: str = "") -> None:
        """Write something that is not a change into the audit: what was seen, printed, exported, backed up.

        `detail` holds ids and counts, never a value of a record. Within a write it is kept with it, or not at all.
        """
        if self.read_only:
            return
        with self._turn:
            if self._writing is not None:
                self._append(self._writing, kind, table=table, row_id=row_id, detail=detail)
                return
            with Session(self._writer) as session, _explained():
                self._append(session, kind, table=table, row_id=row_id, detail=detail)
                session.commit()
            self._mirror.keep(self._newest)

    @contextlib.contextmanager
    def noting(self, kind: str, table: str, ids: Iterable[int | None] = (None,), *, detail: str = "") -> Iterator[None]:
        """Write into the audit what the block does with records, such as printing them: both happen, or neither.

        Nothing else may be written in the block, and a long block keeps others from writing.
        """
        if self.read_only:
            yield
            return
        with self._one_at_a_time(), Session(self._writer) as session, _explained(), self._current(session):
            for row_id in ids:
                self._append(session, kind, table=table, row_id=row_id, detail=detail)
            yield
            session.commit()
            self._mirror.keep(self._newest)

    def _info(self) -> dict[str, Any]:
        """What the functions of the store may ask of a session (`access`)."""
        return {"role": self.role, "note": self.note}

    def _append(self, session: Session, kind: str, **more: Any) -> None:
        self._newest = self._trail.append(session.connection(), self.user, kind, **more)

    def audit_head(self) -> audit.Head | None:
        """The newest row of the audit, to be kept outside the file."""
        with self.read() as s:
            return audit.head(s.connection())

    def audit_events(self, **which: Any) -> list[audit.Event]:
        """Rows of the audit, the newest first; `which` as in `audit.events`. For those who read the audit."""
        self.require(Action.AUDIT)
        with self.read() as s:
            return audit.events(s.connection(), **which)

    def verify_audit(self, *, whole: bool = True) -> audit.Report:
        """Read the audit and the log of changes, and say what is not as it was written. For any thread.

        Otherwise than `whole` it begins where the last one without findings ended.
        """
        with self.read() as s:
            since = None if whole else self._mirror.verified
            report = self._trail.verify(s.connection(), since=since, known=self._mirror.head)
        if not report.findings:
            self._mirror.keep_verified(report.head)
        return report

    # Backups

    def back_up(
        self, reason: Reason, *, now: dt.datetime, target: Path | None = None, tell: Tell = lambda words: None
    ) -> Backup:
        """A verified backup beside the clinic and in the second folder, or only at `target`. For any thread.

        Raises ClinicError. Backups may be made by every role.
        """
        if target is not None:
            made = self.backups.make_elsewhere(self._key, target, reason, now=now, tell=tell)
        else:
            self._check_can_write()
            made = self.backups.make(self._key, reason, now=now, tell=tell)
        self.note("backup", detail=str(made.manifest.sequence))
        return made

    def try_restore(self, *, today: dt.date, tell: Tell = lambda words: None) -> str:
        """Restore the last backup into a folder of our own and look at it; answers what is wrong, or nothing."""
        return self.backups.drill(self._key, today=today, tell=tell)

    def use_second_folder(self, folder: Path | None) -> None:
        """Also copy every backup there, or no longer. Raises UserError."""
        self.require(Action.BACKUPS)
        self.backups.use_second(folder)

    def last_change(self) -> int:
        """The number of the last operation in the log."""
        with self.read() as s:
            last = s.connection().exec_driver_sql("SELECT coalesce(max(operation), 0) FROM change").scalar_one()
            return int(last)

    # Reading and writing

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees the clinic as it is now and cannot change it. For any thread."""
        with (
            Session(self._engine, autoflush=False, info=self._info()) as session,
            _explained(bugs=(database.READ_ONLY,)),
        ):
            yield session

    @contextlib.contextmanager
    def write(self, label: str, *, undoable: bool = True) -> Iterator[Session]:
        """A session whose changes are kept together under `label`, or not at all when the block raises.

        With `undoable=False` nothing before it can be undone either: for what has left the house on paper.
        """
        with self._one_at_a_time():
            with self._operation(label, "change") as (session, done):
                yield session
            if not done:
                return
            self._undone.clear()
            self._done = [*self._done, *done][-MOST_UNDO:] if undoable else []
        self._tell(done[0])

    @contextlib.contextmanager
    def _operation(self, label: str, kind: str) -> Iterator[tuple[Session, list[Operation]]]:
        """A write session, and a list that holds the operation after the block when anything has changed.

        Whatever the user's role does not allow is taken back with the rest of the block.
        """
        done: list[Operation] = []
        session = Session(self._writer, autoflush=False, expire_on_commit=False, info=self._info())
        with session, _explained(), self._current(session):
            connection = session.connection()
            number = changes.begin(connection, label, self.user)
            yield session, done
            session.flush()
            changed, digest = changes.made_by(connection, number)
            access.check_write(self.role, changed)
            if "user" in changed:
                users.check_owners(session, self.users())
            if changed:
                self._append(session, kind, operation=number, changes=digest)
            session.commit()
        self._mirror.keep(self._newest)
        if changed:
            done.append(Operation(number, label, changed))
        if "user" in changed:
            with self.read() as s:
                self.role = users.role_of(s, self.user)

    @contextlib.contextmanager
    def _current(self, session: Session) -> Iterator[None]:
        self._writing, self._newest = session, None
        try:
            yield
        finally:
            self._writing = None

    @contextlib.contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with self._turn:
            if self._writing is not None:
                raise RuntimeError("a write inside a write")
            self._check_can_write()
            yield

    def _check_can_write(self) -> None:
        if self.read_only:
            raise UnwritableError(
                _("The clinic is open read-only: its disk is full or cannot be written. Nothing can be changed."),
                _("Free some space or choose another disk, then open it again."),
            )

    # Undo

    @property
    def undo_label(self) -> str:
        """What `undo` would take back, or nothing."""
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        """What `redo` would do again, or nothing."""
        return self._undone[-1].label if self._undone else ""

    def undo(self) -> Operation | None:
        """Take the last operation back; None when there is none. Raises ClinicError when a record changed since."""
        return self._replay(self._done, self._undone, _("Undo {label}"), "undo")

    def redo(self) -> Operation | None:
        """Do the operation that was undone last again; None when there is none."""
        return self._replay(self._undone, self._done, _("Redo {label}"), "redo")

    def _replay(self, source: list[Operation], target: list[Operation], label: str, kind: str) -> Operation | None:
        turn = changes.take_back if kind == "undo" else changes.do_again
        with self._one_at_a_time():
            if not source:
                return None
            operation = source[-1]
            try:
                with self._operation(label.format(label=operation.label), kind) as (session, done):
                    turn(session.connection(), operation.id)
            except IntegrityError:
                raise ClinicError(
                    _("This cannot be undone: something else depends on it by now."), _("Change it by hand.")
                ) from None
            target.append(source.pop())
        for replayed in done:
            self._tell(replayed)
        return done[0] if done else None

    # Listeners

    def subscribe(self, listener: Callable[[Operation], None]) -> Callable[[], None]:
        """Call `listener` after every change, on the thread that made it; answers how to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _tell(self, operation: Operation) -> None:
        for listener in list(self._listeners):
            listener(operation)


def check_recovery(password: str, reason: str, user: str = "") -> None:
    """Raise InputError for a new password that is no good, and for no reason to use the recovery code."""
    if not reason.strip():
        raise InputError(_("There is no reason."), _("Say why the recovery code is used."))
    keys.check_password(password, user)


@contextlib.contextmanager
def _explained(bugs: tuple[int, ...] = ()) -> Iterator[None]:
    """Turn the driver's expected errors into sentences; an error whose code is in `bugs` stays one."""
    try:
        yield
    except DBAPIError as error:
        cause = error.orig
        sentence = None if cause is None or database.code_of(cause) in bugs else database.explained(cause)
        if sentence is None:
            raise
        raise sentence from None


def _counted(
    tries: Tries, user: str, key_file: KeyFile, unlock: Callable[[KeyFile], bytes], *, missed: str = PASSWORD
) -> bytes:
    """The data key. A wrong password counts, and makes the next try wait; the try is counted before it is made."""
    tries.check()
    tries.count_one(user if user in {*key_file.users(), keys.RECOVERY} else "", missed)
    try:
        key = unlock(key_file)
    except keys.RefusedError:
        raise
    except BaseException:
        tries.forgive_one()
        raise
    tries.forgive_one()
    return key


def _checked(path: Path) -> Path:
    if path.suffix in {".keys", ".lock", ".part", ".tries"}:
        raise InputError(_("This is not a clinic file."), _("Choose the file that ends with .clinic."))
    return path


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise ClinicError(_("The folder cannot be made."), _("Choose another folder.")) from None


def _make_database(path: Path, key: bytes, before_naming: Callable[[], None]) -> None:
    """The encrypted file with today's tables; it bears its name only when it is finished."""
    from app.store import migrations

    part = path.with_name(path.name + ".part")
    try:
        part.unlink(missing_ok=True)
        connection = database.connect(part, key, create=True)
        try:
            connection.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
            migrations.run(connection)
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()
        part.chmod(0o600)
        before_naming()
        part.rename(path)
        keys.sync_folder(path.parent)
    except (OSError, DBAPIError, database.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        raise database.explained(cause) or ClinicError(
            _("The clinic file cannot be made here."), _("Free some space, or choose another folder.")
        ) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _locked(path: Path) -> FileLock:
    """The lock of a clinic that is there. What a crash interrupted is finished, what it left over is removed."""
    places.check_live(path)
    if not restore.is_interrupted(path):
        _check_outside(path)
    lock = FileLock(path.with_suffix(".lock"))
    try:
        restore.finish_interrupted(path)
        _check_outside(path)
        BackupSet(path).sweep()
    except BaseException:
        lock.release()
        raise
    return lock


def _check_outside(path: Path) -> None:
    """What can be told without the key."""
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except FileNotFoundError:
        raise ClinicError(_("There is no clinic file here."), _("Check the folder and the name.")) from None
    except OSError:
        raise ClinicError(
            _("The clinic file cannot be read."), _("Check the disk and the rights of the folder.")
        ) from None
    if not start:
        raise DamagedError(_("The clinic file is empty: its content was lost."), _("Restore the last backup."))
    if start == b"SQLite format 3\0":
        raise _no_clinic()
    if path.stat().st_size < _PAGE:
        raise database.damaged()


def _no_clinic() -> ClinicError:
    return ClinicError(_("This is not a clinic file of Superbill Desk."), _("Choose the file that ends with .clinic."))


@contextlib.contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Turn the driver's expected errors while opening a file in `folder` into sentences."""
    try:
        yield
    except (DBAPIError, database.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        sentence = database.explained(cause, folder)
        if sentence is None:
            raise
        raise sentence from None


def _check_inside(path: Path, key: bytes) -> None:
    """Read the whole file, and bring an older one to today's tables."""
    with _told(path.parent):
        connection = _connected(path, key)
        try:
            version = _version(connection)
            database.check_integrity(connection)
            _check_writable(connection, version)
            if version < tables.SCHEMA:
                _migrate(connection, key, path)
        finally:
            connection.close()


def _check_still(path: Path, key: bytes) -> None:
    """Read the whole file of a clinic that is not written."""
    connection = _connected(path, key, immutable=True)
    try:
        version = _version(connection)
        database.check_integrity(connection)
    finally:
        connection.close()
    if version < tables.SCHEMA:
        raise ClinicError(
            _("The clinic file is of an older version, and cannot be upgraded on this disk."),
            _("Copy its .clinic and .keys files to another folder, and open it there."),
        )


def _check_writable(connection: Any, version: int) -> None:
    """SQLite opens a read-only file without a word; its errors come with the first change."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("ROLLBACK")


def _connected(path: Path, key: bytes, *, immutable: bool = False) -> Any:
    """A connection that could read the first page. The key is right: the key file held it under a seal."""
    try:
        connection = database.connect(path, key, immutable=immutable)
    except database.DatabaseError as error:
        if database.code_of(error) != database.NOT_A_DATABASE:
            raise
        raise DamagedError(
            _("The clinic file is damaged, or the key file beside it belongs to another clinic."),
            _("Keep both, and restore the last backup."),
        ) from None
    return connection


def _version(connection: Any) -> int:
    """The schema of a clinic that this program can read."""
    version: int = database.value(connection, "user_version")
    if database.value(connection, "application_id") != database.APPLICATION_ID or version < 1:
        raise _no_clinic()
    if version > tables.SCHEMA:
        raise ClinicError(
            _("The clinic file is from a newer version of the program."), _("Update Superbill Desk, then open it.")
        )
    return version


def _migrate(connection: Any, key: bytes, path: Path) -> None:
    """Upgrade after a verified backup of the old file."""
    from app.store import migrations

    BackupSet(path).make(key, Reason.UPGRADE, now=dt.datetime.now().astimezone())
    migrations.run(connection)
