"""Quick unlock: a PIN opens the clinic on this computer for some hours after the password did.

The slot of a PIN in the key file needs, besides the PIN, 256 random bits that lie in the keychain of the system and
nowhere else. So a copy of the folder, or a backup, cannot be opened by trying all PINs. Beside those bits the keychain
holds how many tries are left, and when the password was typed last. Whatever fails there costs the convenience only:
the password opens the clinic as before.

Nothing here protects against programs of the same user of the computer, who may read the keychain as well.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from app.errors import ClinicError
from app.i18n import _
from app.store import keys
from app.store.keys import KeyFile, RefusedError

SERVICE = "Superbill Desk"
TRIES = 5
HOURS = 12
_DRIFT = 120
"""Seconds by which the two clocks may part before the computer counts as started anew, or its clock as set."""
_BACKENDS = {
    "win32": ("keyring.backends.Windows", "WinVaultKeyring"),
    "darwin": ("keyring.backends.macOS", "Keyring"),
    "linux": ("keyring.backends.SecretService", "Keyring"),
}
"""The system's own keychain. Not what keyring would choose: its settings may name a plain file."""


class Keychain(Protocol):
    """What keyring's backends offer. Each may raise anything."""

    def get_password(self, service: str, username: str) -> str | None:
        """The text kept for an account; None when there is none."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a text for an account, in place of the one before."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget an account."""


class UsedUpError(RefusedError):
    """The PIN was wrong for the last time."""


class _NoKeychainError(Exception):
    """The keychain is not there, or failed."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Now, by two clocks in seconds and the name of this run of the computer, where the system has one."""

    boot: str
    up: int
    at: int


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What the keychain holds for a user: the secret and the salt of the slot it belongs to, both in hex, the tries
    that are left, and when the password was typed last."""

    secret: str
    slot: str
    left: int
    boot: str
    up: int
    at: int

    def fresh(self, now: Moment) -> bool:
        """Whether the password was typed in this run of the computer and at most `HOURS` ago, by either clock."""
        up, at = now.up - self.up, now.at - self.at
        same_run = now.boot == self.boot and up >= 0 and abs(at - up) <= _DRIFT
        return same_run and max(up, at) <= HOURS * 3600


def system_keychain() -> Keychain | None:
    """The keychain of this system, where there is one that works."""
    module, name = _BACKENDS.get(sys.platform, ("", ""))
    try:
        backend: Any = getattr(importlib.import_module(module), name)
        if not backend.viable:
            return None
        made: Keychain = backend()
        if sys.platform == "win32":
            made.persist = "local machine"  # type: ignore[attr-defined,unused-ignore] # not carried to other computers
    except Exception:  # no keyring, no desktop session, no service: each backend fails in its own way
        return None
    return made


def moment() -> Moment:
    """Now."""
    running = (getattr(time, name, None) for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"))
    counter = next((one for one in running if one is not None), None)
    up = time.monotonic_ns() if counter is None else time.clock_gettime_ns(counter)  # each goes on while it sleeps
    boot = ""
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return Moment(boot=boot, up=up // 1_000_000_000, at=int(time.time()))


chain: Callable[[], Keychain | None] = system_keychain
"""Where the keychain comes from; tests put another one here."""
clock: Callable[[], Moment] = moment


def available() -> bool:
    """Whether this computer has a keychain that works. For another thread: the system may ask for its password."""
    return chain() is not None


def offered(path: Path, user: str) -> bool:
    """Whether the PIN of `user` opens the clinic at `path` now. Raises nothing; for another thread."""
    try:
        _usable(keys.load(path.with_suffix(".keys")), user)
    except (ClinicError, _NoKeychainError):
        return False
    return True


def turn_on(key_file: KeyFile, user: str, pin: str, data_key: bytes) -> KeyFile:
    """The key file with a PIN for `user`, whose secret is in the keychain now.

    Raises InputError for a PIN that is no good, ClinicError without a keychain.
    """
    keys.check_pin(pin)
    secret = secrets.token_bytes(32)
    made = key_file.with_pin(user, pin, secret, data_key)
    slot = made.quick_slot(user)
    assert slot is not None
    entry = Entry(secret=secret.hex(), slot=slot.salt.hex(), left=TRIES, **asdict(clock()))
    try:
        _keep(key_file, user, entry)
        if _read(key_file, user) != entry:
            raise _NoKeychainError
    except _NoKeychainError:
        raise ClinicError(
            _("The keychain of this computer did not keep the secret of the PIN."), _("Go on with the password.")
        ) from None
    return made


def unlock(key_file: KeyFile, user: str, pin: str) -> bytes:
    """The data key. A try is taken off before it is made; the last one deletes the secret.

    Raises RefusedError for a wrong PIN, UsedUpError after the last one, ClinicError when the password is due or the
    keychain fails.
    """
    try:
        entry = _usable(key_file, user)
        entry = replace(entry, left=entry.left - 1)
        _keep(key_file, user, entry)
    except _NoKeychainError:
        raise ClinicError(_("The PIN does not open the clinic now."), _("Use the password.")) from None
    try:
        data_key = key_file.open_with_pin(user, pin, bytes.fromhex(entry.secret))
    except RefusedError:
        if entry.left > 0:
            raise
        forget(key_file, user)
        raise UsedUpError(
            _("The PIN was wrong {count} times; it is turned off.").format(count=TRIES), _("Use the password.")
        ) from None
    with contextlib.suppress(_NoKeychainError):
        _keep(key_file, user, replace(entry, left=TRIES))
    return data_key


def renew(key_file: KeyFile, user: str) -> bool:
    """After the password: the PIN works for some hours again. False when its secret is lost, so that it never will."""
    try:
        _keep(key_file, user, replace(_matching(key_file, user), left=TRIES, **asdict(clock())))
    except _NoKeychainError:
        return False
    return True


def forget(key_file: KeyFile, user: str) -> None:
    """Delete the secret of the slot in this key file, if the keychain lets us; without its slot it opens nothing."""
    keychain, slot, entry = chain(), key_file.quick_slot(user), None
    with contextlib.suppress(_NoKeychainError):
        entry = _read(key_file, user)
    another = slot is not None and entry is not None and entry.slot != slot.salt.hex()
    if keychain is not None and not another:
        with contextlib.suppress(Exception):
            keychain.delete_password(SERVICE, _account(key_file, user))


def _usable(key_file: KeyFile, user: str) -> Entry:
    entry = _matching(key_file, user)
    if entry.left < 1 or not entry.fresh(clock()):
        raise _NoKeychainError
    return entry


def _matching(key_file: KeyFile, user: str) -> Entry:
    """The entry, if it belongs to the slot in this key file: a restored or copied folder may hold another one."""
    slot = key_file.quick_slot(user)
    entry = _read(key_file, user) if slot else None
    if slot is None or entry is None or entry.slot != slot.salt.hex():
        raise _NoKeychainError
    return entry


def _account(key_file: KeyFile, user: str) -> str:
    return f"{key_file.clinic}/{keys.plain(user)}"


def _read(key_file: KeyFile, user: str) -> Entry | None:
    keychain = chain()
    if keychain is None:
        raise _NoKeychainError
    try:
        text = keychain.get_password(SERVICE, _account(key_file, user))
        entry = Entry(**json.loads(text)) if text else None
    except Exception:
        raise _NoKeychainError from None
    if entry is not None and not _sound(entry):
        raise _NoKeychainError
    return entry


def _sound(entry: Entry) -> bool:
    numbers = all(type(value) is int for value in (entry.left, entry.up, entry.at))
    texts = all(type(value) is str for value in (entry.secret, entry.slot, entry.boot))
    return numbers and texts and len(entry.secret) == 64 and set(entry.secret) <= set("0123456789abcdef")


def _keep(key_file: KeyFile, user: str, entry: Entry) -> None:
    keychain = chain()
    if keychain is None:
        raise _NoKeychainError
    try:
        keychain.set_password(SERVICE, _account(key_file, user), json.dumps(asdict(entry)))
    except Exception:
        raise _NoKeychainError from None
