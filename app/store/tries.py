"""Wrong passwords and PINs: how many there were, kept in a small file beside the clinic, and how long to wait.

The file outlasts the program. It holds the times, who was tried, if that is a user of this clinic, and what the audit
calls it; the next login writes that into the audit and deletes the file. Whoever can delete the file could as well copy
the clinic and guess elsewhere: what holds then is the cost of a guess (`keys.STANDARD`).
"""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from pathlib import Path

from app.errors import ClinicError
from app.i18n import _

PASSWORD, PIN, LAST_PIN = "login-failed", "quick-failed", "quick-removed"
"""Kinds of rows in the audit: a wrong password, a wrong PIN, and the wrong PIN that took the PIN away."""
FREE = 3
LONGEST = 60
_MOST_KEPT = 1000


def wait(misses: int) -> int:
    """Seconds to wait after so many misses in a row: none after the first two, then 1, 2, 4 and so on up to 60."""
    return 0 if misses < FREE else min(LONGEST, 1 << min(misses - FREE, 10))


class Tries:
    """The misses of one clinic. A file that cannot be read counts as none, one that cannot be written stops nobody."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self) -> None:
        """Raise ClinicError while there is time to wait.

        A clock that was set back opens nothing: the wait begins anew. It is never longer than a minute, wherever the
        clock stands.
        """
        misses = self._read()
        if not misses:
            return
        now, last = int(time.time()), misses[-1][0]
        left = wait(len(misses)) - (now - last)
        if now < last:
            left = wait(len(misses))
            self._write([*misses[:-1], (now, *misses[-1][1:])])
        if left > 0:
            said = _("There were {count} wrong passwords in a row.")
            if any(kind != PASSWORD for *__, kind in misses):
                said = _("There were {count} wrong PINs and passwords in a row.")
            raise ClinicError(
                said.format(count=len(misses)),
                _("Wait {seconds} seconds, then try again.").format(seconds=left),
            )

    def count_one(self, user: str, kind: str = PASSWORD) -> None:
        """Count a try before its password is tested, so that ending the program does not save it."""
        self._write([*self._read(), (int(time.time()), user, kind)][-_MOST_KEPT:])

    def forgive_one(self) -> None:
        """Take the last try back: it was no miss."""
        self._write(self._read()[:-1])

    def by_user(self) -> Counter[tuple[str, str]]:
        """How often each user was tried in each way; "" stands for a name that this clinic does not know."""
        return Counter((user, kind) for __, user, kind in self._read())

    def clear(self) -> None:
        """Forget them."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _read(self) -> list[tuple[int, str, str]]:
        try:
            found = json.loads(self._path.read_bytes())
            return [(int(at), str(user), kind[0] if kind else PASSWORD) for at, user, *kind in found if _known(kind)]
        except (OSError, ValueError, TypeError, OverflowError, RecursionError):
            return []

    def _write(self, misses: list[tuple[int, str, str]]) -> None:
        if not misses:
            self.clear()
            return
        part = self._path.with_name(self._path.name + ".part")
        with contextlib.suppress(OSError):
            part.write_text(json.dumps(misses), encoding="utf-8")
            part.replace(self._path)


def _known(kind: list[object]) -> bool:
    """Of nothing else may come what the audit then says; before there were PINs there was no kind."""
    return not kind or kind in ([PASSWORD], [PIN], [LAST_PIN])
