"""The key file: only the right secret opens it, and nothing in it can be exchanged."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import pytest

from app.errors import ClinicError, InputError
from app.store import keys
from app.store.keys import Cost, KeyFile

PASSWORD = "seven old herons"


@pytest.fixture
def made() -> tuple[KeyFile, bytes, str]:
    """A key file with an owner and a recovery code, its data key, and the code."""
    empty, key = keys.new_key_file()
    code = keys.new_recovery_code()
    return empty.with_password("owner", PASSWORD, key).with_recovery_code(code, key), key, code


def test_password_and_recovery_code_open(made: tuple[KeyFile, bytes, str]) -> None:
    key_file, key, code = made
    assert key_file.open_with_password("owner", PASSWORD) == key
    assert key_file.open_with_recovery_code(code) == key
    assert len(key) == 32


@pytest.mark.parametrize(("user", "password"), [("owner", PASSWORD + " "), ("owner", ""), ("Owner", PASSWORD)])
def test_wrong_ones_do_not(made: tuple[KeyFile, bytes, str], user: str, password: str) -> None:
    with pytest.raises(ClinicError, match="not right"):
        made[0].open_with_password(user, password)


def test_an_unknown_user_costs_a_derivation_too(
    made: tuple[KeyFile, bytes, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    costs: list[Cost] = []
    derive = keys._derive
    monkeypatch.setattr(keys, "_derive", lambda *args: costs.append(args[2]) or derive(*args))
    for user in ("owner", "nobody"):
        with pytest.raises(ClinicError, match="not right"):
            made[0].open_with_password(user, "wrong password")
    assert costs == [keys.STANDARD, keys.STANDARD]


def test_the_same_letters_typed_otherwise_open(made: tuple[KeyFile, bytes, str]) -> None:
    key_file = made[0].with_password("zoë", "caf\u00e9 au lait noir", made[1])
    assert key_file.open_with_password("zoe\u0308", "cafe\u0301 au lait noir") == made[1]


def test_a_new_password_replaces_the_old_one(made: tuple[KeyFile, bytes, str]) -> None:
    key_file, key, code = made
    changed = key_file.with_password("owner", "eight old herons", key)
    assert changed.users() == ["owner"]
    assert changed.open_with_password("owner", "eight old herons") == key
    assert changed.open_with_recovery_code(code) == key
    with pytest.raises(ClinicError):
        changed.open_with_password("owner", PASSWORD)


def test_a_new_recovery_code_replaces_the_old_one(made: tuple[KeyFile, bytes, str]) -> None:
    key_file, key, old = made
    changed = key_file.with_recovery_code(keys.new_recovery_code(), key)
    with pytest.raises(ClinicError, match="does not open"):
        changed.open_with_recovery_code(old)


def test_the_last_user_stays(made: tuple[KeyFile, bytes, str]) -> None:
    key_file, key, _code = made
    both = key_file.with_password("desk", "front desk words", key)
    assert both.without("owner").users() == ["desk"]
    with pytest.raises(ClinicError, match="last user"):
        key_file.without("owner")


@pytest.mark.parametrize(("user", "password"), [("owner", "short12"), ("", PASSWORD)])
def test_too_short_a_password_and_no_name_are_refused(
    made: tuple[KeyFile, bytes, str], user: str, password: str
) -> None:
    with pytest.raises(InputError):
        made[0].with_password(user, password, made[1])


def test_nothing_in_a_slot_can_be_exchanged(made: tuple[KeyFile, bytes, str]) -> None:
    key_file, key, _code = made
    slot = key_file.slots[0]
    for change in ({"user": "desk"}, {"kind": "recovery", "user": ""}, {"salt": bytes(16)}, {"sealed": bytes(48)}):
        forged = dataclasses.replace(key_file, slots=(dataclasses.replace(slot, **change),))  # type: ignore[arg-type]
        user = str(change.get("user", "owner"))
        with pytest.raises(ClinicError):
            forged.open_with_password(user, PASSWORD)
    with pytest.raises(ClinicError):
        dataclasses.replace(key_file, clinic="0" * 32).open_with_password("owner", PASSWORD)
    assert key_file.open_with_password("owner", PASSWORD) == key


@pytest.mark.parametrize(
    "cost", [Cost(memory=8192, passes=1), Cost(memory=1 << 40, passes=3), Cost(memory=1 << 28, passes=99)]
)
def test_a_cheaper_or_ruinous_derivation_is_not_begun(
    made: tuple[KeyFile, bytes, str], monkeypatch: pytest.MonkeyPatch, cost: Cost
) -> None:
    slot = dataclasses.replace(made[0].slots[0], cost=cost)
    forged = dataclasses.replace(made[0], slots=(slot,))
    monkeypatch.setattr(keys, "STANDARD", Cost(memory=1 << 28, passes=3))
    monkeypatch.setattr(keys, "_derive", lambda *args: pytest.fail("a derivation was begun"))
    with pytest.raises(ClinicError, match="damaged"):
        forged.open_with_password("owner", PASSWORD)


def test_the_standard_is_moderate() -> None:
    source = Path(keys.__file__).read_text(encoding="utf-8")
    assert "STANDARD = Cost(memory=256 * _MEBIBYTE, passes=3)" in source


def test_recovery_codes_are_nine_groups_of_four() -> None:
    codes = {keys.new_recovery_code() for _ in range(50)}
    assert len(codes) == 50
    for code in codes:
        assert [len(group) for group in code.split("-")] == [4] * 9
        assert len(keys.read_recovery_code(code)) == 20
        assert not set("ILOU") & set(code)


def test_a_recovery_code_is_read_as_people_type() -> None:
    code = keys.new_recovery_code()
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert keys.read_recovery_code(typed) == keys.read_recovery_code(code)


def test_every_typing_mistake_in_a_recovery_code_is_caught() -> None:
    code = keys.new_recovery_code()
    for place, letter in enumerate(code):
        if letter == "-":
            continue
        for other in "7QZ":
            if other != letter:
                with pytest.raises(InputError):
                    keys.read_recovery_code(code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize("text", ["", "ABCD", "U" * 36, "é" * 36, "0" * 37])
def test_what_is_no_recovery_code_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        keys.read_recovery_code(text)


def test_the_file_holds_all_and_no_secret(made: tuple[KeyFile, bytes, str], tmp_path: Path) -> None:
    key_file, key, code = made
    path = tmp_path / "a.keys"
    keys.save(path, key_file)
    assert keys.load(path) == key_file
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    content = path.read_text()
    for secret in (PASSWORD, code, key.hex()):
        assert secret not in content


def test_a_crash_while_saving_leaves_the_old_file(
    made: tuple[KeyFile, bytes, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_file, key, _code = made
    path = tmp_path / "a.keys"
    keys.save(path, key_file)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ClinicError, match="cannot be written"):
        keys.save(path, key_file.with_password("owner", "another password", key))
    assert keys.load(path) == key_file
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ClinicError, match=r"a\.keys is missing"):
        keys.load(tmp_path / "a.keys")


def test_a_newer_file_is_said(made: tuple[KeyFile, bytes, str], tmp_path: Path) -> None:
    path = tmp_path / "a.keys"
    keys.save(path, made[0])
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 2}))
    with pytest.raises(ClinicError, match="newer"):
        keys.load(path)


@pytest.mark.parametrize("junk", [None, 3, [], {}, [None], {"name": "argon2id"}, 1.5])
@pytest.mark.parametrize("spoiled", ["clinic", "slots", "salt", "nonce", "sealed", "kind", "user", "derivation"])
def test_a_damaged_file_is_said(made: tuple[KeyFile, bytes, str], tmp_path: Path, spoiled: str, junk: object) -> None:
    path = tmp_path / "a.keys"
    keys.save(path, made[0])
    content = json.loads(path.read_text())
    owner = content if spoiled in content else content["slots"][0]
    assert spoiled in owner
    owner[spoiled] = junk
    path.write_text(json.dumps(content))
    with pytest.raises(ClinicError, match="damaged"):
        keys.load(path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_file_of_something_else_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.keys"
    path.write_bytes(content)
    with pytest.raises(ClinicError, match="damaged"):
        keys.load(path)
