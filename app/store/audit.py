"""Who did and saw what, and when: a table that is only ever added to, each row sealed together with the row before it.

The seal is a keyed BLAKE2b over the row, the seal of the row before, and the rows of the log of changes that the
operation made; its key comes from the data key. Whoever changes, swaps, renumbers or takes out rows without the key
breaks the chain. Cutting off its end breaks nothing in the file: hence the head (the number and the seal of the newest
row) is kept outside as well, in the program's own folder (`Mirror`) and in every backup.

Rows hold ids and counts; what was before and after stands in the log of changes, under the number of the operation.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.i18n import _

_FIELDS = 'id, at, user, kind, "table", row_id, operation, detail, seal'
CHANGES = 'SELECT operation, id, at, user, label, "table", row_id, before, after FROM change'
"""The log of changes as it goes into a digest."""
FIRST = "begun"
"""The kind of the first row; its detail is the number of the last operation that was made before there was an audit."""
GAP = "gap"
"""The kind of the row that says: the newest rows known on this computer are no longer in the file."""

RESTORED = "restore"
"""The kind of the row that follows the login after a backup was restored."""
_MIRROR_BYTES = 512
_COMING_IN = {GAP, "login-failed", "quick-failed", "quick-removed", "login", "quick-login", "recovery"}


@dataclass(frozen=True)
class Head:
    """The newest row: its number, which is also how many there are, and its seal in hex."""

    count: int
    seal: str

    def __str__(self) -> str:
        return f"{self.count}:{self.seal}"

    @classmethod
    def read(cls, text: str) -> Head | None:
        """From the text of one, as a backup's manifest holds it; None for anything else."""
        count, __, seal = text.partition(":")
        return cls(int(count), seal) if count.isascii() and count.isdigit() and seal else None


@dataclass(frozen=True, kw_only=True)
class Event:
    """A row of the audit as it is read. `label` names the operation, where it is a change."""

    id: int
    at: str
    user: str
    kind: str
    table: str
    row_id: int | None
    operation: int | None
    detail: str
    label: str


EXPORTED = ("id", "at", "user", "kind", "table", "row_id", "label", "detail")
"""What an exported event consists of, in this order."""


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was written: the number of the audit's row, and a sentence."""

    row: int
    message: str


@dataclass(frozen=True)
class Report:
    """What a verification found; `head` is the newest row it came to, `checked` how many rows it read."""

    checked: int
    head: Head | None
    findings: tuple[Finding, ...]


def key_from(data_key: bytes) -> bytes:
    """The key of the seals."""
    return hashlib.blake2b(b"audit", key=data_key, digest_size=32, person=b"superbill-desk").digest()


class Trail:
    """Adds rows to the audit of one clinic, on the connection of the write under way."""

    def __init__(self, data_key: bytes) -> None:
        self._key = key_from(data_key)

    def append(
        self, connection: Any, user: str, kind: str, *, table: str = "", row_id: int | None = None,
        operation: int | None = None, detail: str = "", changes: bytes = b"",
    ) -> Head:  # fmt: skip
        """Add a row. `changes` is the digest of the rows that the operation left in the log of changes."""
        before = head(connection) or Head(0, "")
        at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        row = (before.count + 1, at, user, kind, table, row_id, operation, detail)
        seal = _seal(self._key, before.seal, row, changes)
        connection.exec_driver_sql(f"INSERT INTO audit ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, seal))
        return Head(row[0], seal)

    def begin(self, connection: Any, user: str, known: Head | None) -> None:
        """Add the first row to a new audit, and the row that says so when the newest one known here is gone."""
        if head(connection) is None:
            last = _execute(connection, "SELECT coalesce(max(operation), 0) FROM change").fetchone()[0]
            self.append(connection, user, FIRST, detail=str(last))
        if known is not None and not holds(connection, known):
            self.append(connection, user, GAP, detail=str(known.count))

    def verify(self, connection: Any, *, since: Head | None = None, known: Head | None = None) -> Report:
        """Read the chain, and the log of changes beside it: wholly, or from a row `since` that was right before.

        `known` is a head from outside the file. Answers every row that is not as it was written.
        """
        if since is not None and not holds(connection, since):
            since = None
        return _verify(connection, self._key, since, known)


def head(connection: Any) -> Head | None:
    """The newest row; None where there is none."""
    row = _execute(connection, "SELECT id, seal FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    return Head(*row) if row else None


def holds(connection: Any, known: Head) -> bool:
    """Whether the file has a row that was once its newest."""
    row = _execute(connection, "SELECT seal FROM audit WHERE id = ?", (known.count,)).fetchone()
    return row is not None and row[0] == known.seal


def _execute(connection: Any, sql: str, values: tuple[Any, ...] = ()) -> Any:
    """On the driver's connection, which reads a long chain in half the time, also when given that of SQLAlchemy."""
    below = getattr(connection, "connection", None)
    return (connection if below is None else below.driver_connection).execute(sql, values)


def digest(rows: Iterator[tuple[Any, ...]]) -> bytes:
    """Of rows of the log of changes, in their order. No text of the log holds a zero byte: JSON writes it otherwise."""
    made = hashlib.blake2b(digest_size=32)
    for row in rows:
        made.update("\0".join(["\1" if value is None else str(value) for value in row]).encode() + b"\0")
    return made.digest()


def _seal(key: bytes, before: str, row: tuple[Any, ...], changes: bytes) -> str:
    message = json.dumps([before, *row], ensure_ascii=False).encode() + changes
    return hashlib.blake2b(message, key=key, digest_size=32).hexdigest()


# Verification


def _verify(connection: Any, key: bytes, since: Head | None, known: Head | None) -> Report:
    found: list[Finding] = []
    last = since or Head(0, "")
    gaps = _Gaps()
    entries = _Entries(connection, _operation_before(connection, last))
    checked = 0
    for row in _execute(connection, f"SELECT {_FIELDS} FROM audit WHERE id > ? ORDER BY id", (last.count,)):
        *written, seal = row
        checked += 1
        if row[0] != last.count + 1:
            found.append(Finding(row[0], _("Rows before this one are missing.")))
        changes = entries.digest_of(row[6]) if row[6] is not None else b""
        if not hmac.compare_digest(_seal(key, last.seal, tuple(written), changes), str(seal)):
            found.append(Finding(row[0], _("This row, its changes or the row before it is not as it was written.")))
        gaps.see(row[0], row[3])
        last = Head(row[0], str(seal))
    found += [Finding(gap, _("Newer rows were missing when the clinic was opened.")) for gap in gaps.unexplained()]
    found += [Finding(last.count, message) for message in _at_the_end(connection, entries, last, known)]
    return Report(checked, last if last.count else None, tuple(found))


def _at_the_end(connection: Any, entries: _Entries, last: Head, known: Head | None) -> Iterator[str]:
    first = _execute(connection, "SELECT kind FROM audit WHERE id = 1").fetchone()
    if first is None or first[0] != FIRST:
        yield _("The first row is missing.")
    if entries.strays():
        yield _("There are changes that no row of the audit names.")
    if known is not None and not holds(connection, known):
        yield _("The newest rows known on this computer are missing: the end was cut off, or an older copy put here.")


def _operation_before(connection: Any, start: Head) -> int:
    """The last operation whose changes need not be read: before the row to start from, or before the audit began."""
    if start.count:
        sql = "SELECT operation FROM audit WHERE id <= ? AND operation IS NOT NULL ORDER BY id DESC LIMIT 1"
        covered = _execute(connection, sql, (start.count,)).fetchone()
        if covered:
            return int(covered[0])
    row = _execute(connection, "SELECT detail FROM audit WHERE id = 1 AND kind = ?", (FIRST,)).fetchone()
    return int(row[0]) if row and str(row[0]).isdigit() else 0


class _Gaps:
    """The rows that tell of a gap. One that comes of restoring a backup is followed by the row that says so."""

    def __init__(self) -> None:
        self._found: list[int] = []
        self._fresh = False

    def see(self, row: int, kind: str) -> None:
        """Look at the next row."""
        if kind == GAP:
            self._found.append(row)
            self._fresh = True
        elif kind == RESTORED and self._fresh:
            self._found.pop()
        if kind not in _COMING_IN:
            self._fresh = False

    def unexplained(self) -> list[int]:
        """The rows of gaps that no restored backup explains."""
        return self._found


class _Entries:
    """The log of changes, read once from front to back beside the audit."""

    def __init__(self, connection: Any, after: int) -> None:
        self._rows = iter(_execute(connection, f"{CHANGES} WHERE operation > ? ORDER BY operation, id", (after,)))
        self._next: tuple[Any, ...] | None = next(self._rows, None)
        self._skipped = False

    def digest_of(self, operation: int) -> bytes:
        """Of the rows of an operation; rows of an earlier one that nobody asked for are strays."""
        while self._next is not None and self._next[0] < operation:
            self._skipped = True
            self._step()
        return digest(self._take(operation))

    def _take(self, operation: int) -> Iterator[tuple[Any, ...]]:
        while self._next is not None and self._next[0] == operation:
            yield tuple(self._next)
            self._step()

    def _step(self) -> None:
        self._next = next(self._rows, None)

    def strays(self) -> bool:
        """Whether there are rows that no row of the audit names."""
        return self._skipped or self._next is not None


# Outside the file


class Mirror:
    """The head of a clinic's audit on this computer, by the clinic's random name in its key file.

    It is not synced to the disk at each write: after a power cut it may be a little old, which only makes it know less.
    """

    def __init__(self, folder: Path, clinic: str) -> None:
        self._path = folder / f"{clinic}.json"
        self.head, self.verified = self._read()

    def _read(self) -> tuple[Head | None, Head | None]:
        try:
            content = json.loads(self._path.read_bytes())
            heads = [_read_head(content.get(name)) for name in ("head", "verified")]
        except (OSError, ValueError, AttributeError, RecursionError):
            return None, None
        return heads[0], heads[1]

    def keep(self, head: Head | None) -> None:
        """Remember the newest row; None changes nothing."""
        if head is not None:
            self.head = head
            self._write()

    def keep_verified(self, head: Head | None) -> None:
        """Remember up to which row the chain was found right."""
        self.verified = head
        self._write()

    def _write(self) -> None:
        content = {
            name: {"count": kept.count, "seal": kept.seal}
            for name, kept in (("head", self.head), ("verified", self.verified))
            if kept is not None
        }
        with contextlib.suppress(OSError):  # a full disk may not stop the work; the next one is kept
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Over the old one, always of one length: a file put in its place would cost each write a millisecond.
            with open(self._path, "r+b", opener=_made_when_missing) as file:
                file.write(json.dumps(content).encode().ljust(_MIRROR_BYTES))


def _made_when_missing(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o600)


def _read_head(data: Any) -> Head | None:
    if not isinstance(data, dict):
        return None
    count, seal = data.get("count"), data.get("seal")
    return Head(count, seal) if type(count) is int and isinstance(seal, str) else None


# Reading


def events(
    connection: Any, *, user: str = "", kind: str = "", table: str = "", row_id: int | None = None,
    first: str = "", last: str = "", limit: int = 200, offset: int = 0,
) -> list[Event]:  # fmt: skip
    """Rows for a report, the newest first; `first` and `last` are days such as 2026-11-21, both included."""
    where = ["1"]
    values: list[Any] = []
    for test, value in (
        ("audit.user = ?", user), ("audit.kind = ?", kind), ('audit."table" = ?', table), ("audit.row_id = ?", row_id),
        ("audit.at >= ?", first), ("substr(audit.at, 1, 10) <= ?", last),
    ):  # fmt: skip
        if value not in ("", None):
            where.append(test)
            values.append(value)
    columns = ", ".join(f"audit.{name.strip()}" for name in _FIELDS.split(",")[:-1])
    label = "coalesce((SELECT label FROM change WHERE operation = audit.operation LIMIT 1), '')"
    sql = f"SELECT {columns}, {label} FROM audit WHERE {' AND '.join(where)} ORDER BY audit.id DESC LIMIT ? OFFSET ?"
    names = ("id", "at", "user", "kind", "table", "row_id", "operation", "detail", "label")
    rows = _execute(connection, sql, (*values, limit, offset)).fetchall()
    return [Event(**dict(zip(names, row, strict=True))) for row in rows]
