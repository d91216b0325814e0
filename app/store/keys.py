"""Who may open a clinic: the key file beside it, and the recovery code that is printed on paper.

The clinic file is encrypted with a random data key. The key file holds that key several times, each time sealed by
another secret: the password of a user, the recovery code, or a user's PIN together with a secret that stays on one
computer (see `quick`). A new password seals the same data key again; the clinic file itself is not touched. Whatever
stands in a slot (user, kind, cost of the derivation) is bound to its seal.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import functools
import hashlib
import itertools
import json
import os
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

from nacl import bindings, pwhash
from nacl.exceptions import CryptoError

from app import paths
from app.errors import ClinicError, DamagedError, InputError
from app.i18n import _

FORMAT = "superbill-desk-keys"
VERSION = 1
RECOVERY = "recovery"
"""The user that the recovery code logs in, until a password is set with it."""
SHORTEST_PASSWORD = 15
"""Where a password is the only factor, NIST SP 800-63B-4 wants 15 characters, and no rules about what they are."""
FEWEST_LETTERS = 5
SHORTEST_PIN, LONGEST_PIN, FEWEST_DIGITS = 6, 12, 3
COMMON_PINS = frozenset({
    "102030", "112233", "121314", "123654", "147258", "147852", "159357", "159753", "258456", "321654", "456123",
    "741852", "789456", "987456",
})  # fmt: skip
"""Patterns on the keypad and in lists of those most used which the other rules do not catch."""
_MEBIBYTE = 1 << 20
_LARGEST = _MEBIBYTE  # bytes of a key file; that of a hundred users has a twentieth of it


class RefusedError(ClinicError):
    """The password or the recovery code is not the right one."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one guess of a password costs: Argon2id with this memory in bytes and this many passes."""

    memory: int
    passes: int

    def within(self, floor: Cost) -> bool:
        """Whether it is neither cheaper than `floor` nor so dear that a forged file could exhaust the computer."""
        return floor.memory <= self.memory <= 1024 * _MEBIBYTE and floor.passes <= self.passes <= 16


STANDARD = Cost(memory=256 * _MEBIBYTE, passes=3)
"""libsodium's "moderate". New slots cost this and no cheaper slot is believed; only tests lower it."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    """The data key, sealed by one secret. `kind` is "password", "quick" or "recovery"; the last one has no user."""

    kind: str
    user: str
    cost: Cost
    salt: bytes
    nonce: bytes
    sealed: bytes


@dataclass(frozen=True, kw_only=True)
class KeyFile:
    """The content of the key file. `clinic` is a random name that binds the slots to one clinic."""

    clinic: str
    slots: tuple[Slot, ...]

    def users(self) -> list[str]:
        """Those who have a password."""
        return [slot.user for slot in self.slots if slot.kind == "password"]

    def open_with_password(self, user: str, password: str) -> bytes:
        """The data key. Raises ClinicError; an unknown user takes as long as a wrong password."""
        refusal = RefusedError(_("The user name or the password is not right."), _("Check Caps Lock and try again."))
        return self._open("password", plain(user), plain(password).encode(), refusal)

    def open_with_recovery_code(self, code: str) -> bytes:
        """The data key. Raises InputError for a code with a typing mistake, ClinicError for that of another clinic."""
        refusal = RefusedError(
            _("This recovery code does not open this clinic."), _("Use the newest one that was printed for it.")
        )
        return self._open("recovery", "", read_recovery_code(code), refusal)

    def open_with_pin(self, user: str, pin: str, device: bytes) -> bytes:
        """The data key, by the PIN of a user and the secret of this computer. Raises ClinicError."""
        refusal = RefusedError(_("The PIN is not right."), _("Try again, or use the password."))
        return self._open("quick", plain(user), plain(pin).encode(), refusal, device)

    def quick_slot(self, user: str) -> Slot | None:
        """The slot that the PIN of `user` opens, if there is one."""
        return self._slot("quick", plain(user))

    def quick_users(self) -> set[str]:
        """Those who have a PIN on some computer."""
        return {slot.user for slot in self.slots if slot.kind == "quick"}

    def _slot(self, kind: str, user: str) -> Slot | None:
        return next((slot for slot in self.slots if (slot.kind, slot.user) == (kind, user)), None)

    def _open(self, kind: str, user: str, secret: bytes, refusal: ClinicError, device: bytes = b"") -> bytes:
        slot = self._slot(kind, user)
        if slot is None:
            _derive(secret, bytes(pwhash.argon2id.SALTBYTES), STANDARD)
            raise refusal
        if not slot.cost.within(STANDARD):
            raise _damaged()
        key = _derive(secret, slot.salt, slot.cost, device)
        try:
            data_key: bytes = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
                slot.sealed, _bound(self.clinic, slot), slot.nonce, key
            )
        except CryptoError:
            raise refusal from None
        return data_key

    def with_password(self, user: str, password: str, data_key: bytes) -> KeyFile:
        """With a slot for `user`, in place of the one there may be, and without a PIN.

        Raises InputError for a bad password.
        """
        user = plain(user)
        if not user:
            raise InputError(_("The user has no name."), _("Enter one, such as owner."))
        check_password(password, user)
        return self._with("password", user, plain(password).encode(), data_key)

    def with_recovery_code(self, code: str, data_key: bytes) -> KeyFile:
        """With `code` as the only recovery code."""
        return self._with("recovery", "", read_recovery_code(code), data_key)

    def with_pin(self, user: str, pin: str, device: bytes, data_key: bytes) -> KeyFile:
        """With a PIN for `user` that works with the secret of this computer only."""
        return self._with("quick", plain(user), plain(pin).encode(), data_key, device)

    def without_pin(self, user: str) -> KeyFile:
        """Without the PIN of `user`."""
        user = plain(user)
        return replace(self, slots=tuple(slot for slot in self.slots if (slot.kind, slot.user) != ("quick", user)))

    def without(self, user: str) -> KeyFile:
        """Without the slots of `user`. Raises ClinicError for the last one."""
        rest = tuple(slot for slot in self.slots if slot.kind == "recovery" or slot.user != plain(user))
        if not any(slot.kind == "password" for slot in rest):
            raise ClinicError(_("The last user cannot be removed."), _("Add another user first."))
        return replace(self, slots=rest)

    def _with(self, kind: str, user: str, secret: bytes, data_key: bytes, device: bytes = b"") -> KeyFile:
        slot = _sealed(self.clinic, kind, user, secret, data_key, device=device)
        replaced = {"password", "quick"} if kind == "password" else {kind}
        others = tuple(other for other in self.slots if other.user != user or other.kind not in replaced)
        return replace(self, slots=(*others, slot))


def check_password(password: str, user: str = "") -> None:
    """Raise InputError for a new password that is too short or among the first to be guessed."""
    password = plain(password)
    if len(password) < SHORTEST_PASSWORD:
        raise InputError(
            _("The password is too short."),
            _("Use at least {count} characters; three or four words are good.").format(count=SHORTEST_PASSWORD),
        )
    bare = "".join(letter for letter in password.casefold() if letter.isalnum())
    known = bare in _common() or bare.strip("0123456789") in _common()
    named = len(user) > 2 and not bare.replace(plain(user).casefold(), "").strip("0123456789")
    if known or named or len(set(bare)) < FEWEST_LETTERS or _repeats(bare):
        raise InputError(
            _("This password is among the first to be guessed."),
            _("Use three or four words that do not belong together."),
        )


@functools.cache
def _common() -> frozenset[str]:
    """Passwords of the needed length that stand in lists of those most used."""
    lines = paths.resource("common-passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _repeats(text: str) -> bool:
    """Whether it is one piece over and over, such as passwordpassword."""
    return bool(text) and text in (text + text)[1:-1]


def check_pin(pin: str) -> None:
    """Raise InputError for a new PIN that is too short or among the first to be guessed."""
    if not SHORTEST_PIN <= len(pin) <= LONGEST_PIN or not (pin.isascii() and pin.isdigit()):
        raise InputError(
            _("A PIN has {least} to {most} digits, and nothing else.").format(least=SHORTEST_PIN, most=LONGEST_PIN),
            _("Type digits only."),
        )
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    if len(steps) == 1 or len(set(pin)) < FEWEST_DIGITS or _repeats(pin) or pin in COMMON_PINS:
        raise InputError(
            _("This PIN is among the first to be guessed."), _("Choose digits that do not follow each other.")
        )


def new_key_file() -> tuple[KeyFile, bytes]:
    """A key file without slots, and the data key to put into them."""
    return KeyFile(clinic=secrets.token_hex(16), slots=()), secrets.token_bytes(32)


def _sealed(clinic: str, kind: str, user: str, secret: bytes, data_key: bytes, *, device: bytes) -> Slot:
    slot = Slot(
        kind=kind, user=user, cost=STANDARD, salt=secrets.token_bytes(pwhash.argon2id.SALTBYTES),
        nonce=secrets.token_bytes(bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES), sealed=b"",
    )  # fmt: skip
    sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        data_key, _bound(clinic, slot), slot.nonce, _derive(secret, slot.salt, slot.cost, device)
    )
    return replace(slot, sealed=sealed)


def _bound(clinic: str, slot: Slot) -> bytes:
    """What a seal is bound to, so that a slot cannot be given to another user, clinic or cheaper derivation."""
    return json.dumps([FORMAT, clinic, slot.user, slot.kind, "argon2id", slot.cost.memory, slot.cost.passes]).encode()


def _derive(secret: bytes, salt: bytes, cost: Cost, device: bytes = b"") -> bytes:
    """The key of a slot. A PIN alone is soon guessed: what is made of it is mixed with 256 random bits of `device`."""
    try:
        key: bytes = pwhash.argon2id.kdf(
            bindings.crypto_aead_xchacha20poly1305_ietf_KEYBYTES, secret, salt, cost.passes, cost.memory
        )
    except (CryptoError, MemoryError):
        raise ClinicError(_("There is too little memory to open the clinic."), _("Close other programs.")) from None
    if device:
        return hashlib.blake2b(key, digest_size=len(key), key=device, person=b"quick-unlock").digest()
    return key


def plain(text: str) -> str:
    """The same letters give the same bytes on every keyboard (NFKC)."""
    return unicodedata.normalize("NFKC", text)


# The recovery code: 160 random bits and 20 bits to check the typing, in Crockford's base 32 (no I, L, O, U).

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("ILO", "110")
_SECRET_BITS, _CHECK_BITS, _LETTERS = 160, 20, 36


def new_recovery_code() -> str:
    """Nine groups of four characters, to be printed."""
    secret = secrets.token_bytes(_SECRET_BITS // 8)
    number = int.from_bytes(secret, "big") << _CHECK_BITS | _check(secret)
    letters = "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * (_LETTERS - 1), -1, -5))
    return "-".join(letters[start : start + 4] for start in range(0, _LETTERS, 4))


def as_printed(text: str) -> str:
    """A code, or a part of one, as it is printed: capitals, no blanks; I and L are read as 1, O as 0."""
    return "".join(plain(text).upper().split()).translate(_READ_AS)


def read_recovery_code(text: str) -> bytes:
    """The secret in a code as typed, in any case, with or without hyphens. Raises InputError for a typing mistake."""
    letters = as_printed(text).replace("-", "")
    if len(letters) != _LETTERS:
        raise InputError(
            _("The recovery code has {wanted} characters, not {count}.").format(wanted=_LETTERS, count=len(letters)),
            _("Type it as printed: nine groups of four."),
        )
    mistake = InputError(_("The recovery code has a typing mistake."), _("Compare it with the printed one."))
    if not set(letters) <= set(_ALPHABET):
        raise mistake
    number = 0
    for letter in letters:
        number = number << 5 | _ALPHABET.index(letter)
    secret = (number >> _CHECK_BITS).to_bytes(_SECRET_BITS // 8, "big")
    if number & (1 << _CHECK_BITS) - 1 != _check(secret):
        raise mistake
    return secret


def _check(secret: bytes) -> int:
    digest = hashlib.blake2b(secret, digest_size=8, person=b"recovery").digest()
    return int.from_bytes(digest, "big") >> 64 - _CHECK_BITS


# The file


def save(path: Path, keys: KeyFile) -> None:
    """Write the key file so that a crash leaves the old one or the new one, whole. Raises ClinicError."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "clinic": keys.clinic,
        "slots": [
            {
                "kind": slot.kind,
                "user": slot.user,
                "derivation": {"name": "argon2id", **asdict(slot.cost)},
                **{name: _text(getattr(slot, name)) for name in ("salt", "nonce", "sealed")},
            }
            for slot in keys.slots
        ],
    }
    try:
        write_whole(path, json.dumps(content, indent=1).encode())
    except OSError:
        raise ClinicError(
            _("The key file cannot be written."), _("Free space on the disk, or check that the folder allows writing.")
        ) from None


def load(path: Path) -> KeyFile:
    """Read the key file. Raises ClinicError when it is missing, damaged or of a newer program."""
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(_LARGEST))  # a longer one is cut, and damaged
    except FileNotFoundError:
        raise DamagedError(
            _("The key file {name} is missing.").format(name=path.name),
            _("It belongs into the folder of the clinic file; without it nothing opens the clinic. Look in a backup."),
        ) from None
    except OSError:
        raise ClinicError(
            _("The key file cannot be read."), _("Check the disk and the rights of the folder.")
        ) from None
    except (ValueError, RecursionError):
        raise _damaged() from None
    if isinstance(content, dict) and content.get("format") == FORMAT and content.get("version") != VERSION:
        raise ClinicError(_("The key file is from a newer version of the program."), _("Update Superbill Desk."))
    try:
        slots = content["slots"]
        if not isinstance(slots, list) or not slots:
            raise ValueError
        return KeyFile(clinic=_string(content["clinic"]), slots=tuple(_slot(slot) for slot in slots))
    except (KeyError, TypeError, ValueError):
        raise _damaged() from None


def _slot(data: dict[str, Any]) -> Slot:
    derivation = data["derivation"]
    memory, passes = derivation["memory"], derivation["passes"]
    if derivation["name"] != "argon2id" or type(memory) is not int or type(passes) is not int:
        raise ValueError
    salt, nonce, sealed = (_bytes(data[name]) for name in ("salt", "nonce", "sealed"))
    if len(salt) != pwhash.argon2id.SALTBYTES or len(nonce) != bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES:
        raise ValueError
    return Slot(
        kind=_string(data["kind"]), user=_string(data["user"]), cost=Cost(memory=memory, passes=passes),
        salt=salt, nonce=nonce, sealed=sealed,
    )  # fmt: skip


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError from error


def _damaged() -> DamagedError:
    return DamagedError(_("The key file is damaged."), _("Put the one from the last backup in its place."))


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file by a finished one, readable by its owner only. Raises OSError and leaves the old one."""
    part = path.with_name(path.name + ".part")
    try:
        with open(part, "wb", opener=private) as file:
            file.write(data)
            sync(file)
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def private(path: str, flags: int) -> int:
    """An opener for files that only their owner may read."""
    return os.open(path, flags, 0o600)


def sync(file: IO[bytes]) -> None:
    """Make what was written to an open file outlast a power cut."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` outlast a power cut (Windows does so by itself)."""
    if os.name == "nt":
        return
    with _opened(folder) as descriptor:
        os.fsync(descriptor)


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
