"""Quick unlock: a PIN with a secret of this computer; whatever fails, the password opens the clinic as before."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from app.billing.roles import Role, User
from app.errors import ClinicError, InputError
from app.store import keys, quick, tries, users
from app.store.clinic import ClinicFile
from app.store.quick import Moment
from tests.store.conftest import PASSWORD, copy

PIN, WRONG = "480315", "480316"
WORDS = "seven brown umbrellas"


class Chain:
    """A keychain in memory; `broken` lets everything fail, as that of a system may at any time."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.broken = False

    def _check(self) -> None:
        if self.broken:
            raise OSError("the keychain is locked")

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        del self.kept[service, username]


class Clock:
    """Both clocks and the run of the computer, as somebody sets them."""

    def __init__(self) -> None:
        self.now = Moment(boot="one", up=5000, at=1_800_000_000)

    def go_on(self, seconds: int) -> None:
        self.now = dataclasses.replace(self.now, up=self.now.up + seconds, at=self.now.at + seconds)

    def set(self, **values: object) -> None:
        self.now = dataclasses.replace(self.now, **values)  # type: ignore[arg-type]


@pytest.fixture
def chain(monkeypatch: pytest.MonkeyPatch) -> Chain:
    made = Chain()
    monkeypatch.setattr(quick, "chain", lambda: made)
    return made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(quick, "clock", lambda: made.now)
    monkeypatch.setattr(tries, "wait", lambda misses: 0)
    return made


@pytest.fixture
def pinned(closed: Path, chain: Chain, clock: Clock) -> Path:
    """A clinic whose owner has a PIN on this computer."""
    with ClinicFile.open(closed, password=PASSWORD) as clinic:
        clinic.turn_pin_on(PASSWORD, PIN)
    return closed


def _kinds(clinic: ClinicFile) -> list[tuple[str, str, str]]:
    return [(e.kind, e.user, e.detail) for e in reversed(clinic.audit_events()) if e.kind.startswith("quick")]


def _opens(path: Path, pin: str = PIN, user: str = "owner") -> bool:
    try:
        ClinicFile.open_with_pin(path, pin=pin, user=user).close()
    except ClinicError:
        return False
    return True


def test_the_pin_opens_and_the_audit_tells(pinned: Path) -> None:
    assert quick.available() and quick.offered(pinned, "owner")
    with ClinicFile.open_with_pin(pinned, pin=PIN) as clinic:
        assert clinic.user == "owner" and clinic.role is Role.OWNER and clinic.has_pin
        clinic.turn_pin_off()
        assert _kinds(clinic) == [("quick-on", "owner", ""), ("quick-login", "owner", ""), ("quick-off", "owner", "")]
        assert not clinic.verify_audit().findings
    assert not quick.offered(pinned, "owner") and not _opens(pinned)


def test_turning_off_forgets_the_secret(pinned: Path, chain: Chain) -> None:
    assert len(chain.kept) == 1
    with ClinicFile.open(pinned, password=PASSWORD) as clinic:
        clinic.turn_pin_off()
    assert not chain.kept and not keys.load(pinned.with_suffix(".keys")).quick_users()


def test_it_is_turned_on_with_the_password_again(closed: Path, chain: Chain, clock: Clock) -> None:
    with ClinicFile.open(closed, password=PASSWORD) as clinic:
        assert not clinic.has_pin
        with pytest.raises(keys.RefusedError):
            clinic.turn_pin_on("some wrong words", PIN)
        assert not clinic.has_pin and not chain.kept


@pytest.mark.parametrize(
    "pin",
    ["", "48031", "4803157486921", "48031a", "٤٨٠٣١٥", "000000", "123456", "654321", "890123", "246802", "121212",
     "480480", "112211", "159753", "112233"],
)  # fmt: skip
def test_a_pin_that_is_soon_guessed_is_refused(pin: str) -> None:
    with pytest.raises(InputError, match="PIN"):
        keys.check_pin(pin)


@pytest.mark.parametrize("pin", [PIN, WRONG, "99172630", "480315748692"])
def test_other_pins_are_taken(pin: str) -> None:
    keys.check_pin(pin)


def test_five_wrong_pins_take_it_away(pinned: Path, chain: Chain) -> None:
    for __ in range(4):
        with pytest.raises(keys.RefusedError, match=r"The PIN is not right\."):
            ClinicFile.open_with_pin(pinned, pin=WRONG)
    assert quick.offered(pinned, "owner")
    with pytest.raises(keys.RefusedError, match="wrong 5 times; it is turned off"):
        ClinicFile.open_with_pin(pinned, pin=WRONG)
    assert not chain.kept and not keys.load(pinned.with_suffix(".keys")).quick_users()
    assert not quick.offered(pinned, "owner") and not _opens(pinned)
    with ClinicFile.open(pinned, password=PASSWORD) as clinic:
        assert _kinds(clinic)[1:] == [("quick-failed", "owner", "4"), ("quick-removed", "owner", "1")]
        assert not clinic.verify_audit().findings


def test_the_tries_are_counted_whatever_is_deleted_or_killed(pinned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the file of misses nor somebody else's login gives new tries; a try counts before it is made."""
    with ClinicFile.open(pinned, password=PASSWORD) as clinic:
        users.add(clinic, User(name="ann", full_name="", role=Role.BILLER), WORDS)

    def killed(*_: object) -> bytes:
        raise KeyboardInterrupt

    for at in range(4):
        if at == 0:
            with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
                patch.setattr(keys.KeyFile, "open_with_pin", killed)
                ClinicFile.open_with_pin(pinned, pin=WRONG)
        else:
            assert not _opens(pinned, WRONG)
        pinned.with_suffix(".tries").unlink(missing_ok=True)
        ClinicFile.open(pinned, password=WORDS, user="ann").close()
    assert not _opens(pinned, WRONG) and not _opens(pinned)


def test_the_right_pin_and_the_password_give_the_tries_back(pinned: Path) -> None:
    for __ in range(3):
        assert [_opens(pinned, WRONG) for __ in range(4)] == [False] * 4
        assert _opens(pinned)
    assert [_opens(pinned, WRONG) for __ in range(4)] == [False] * 4
    with ClinicFile.open(pinned, password=PASSWORD) as clinic:
        assert clinic.renew_pin()
    assert [_opens(pinned, WRONG) for __ in range(4)] == [False] * 4
    assert _opens(pinned)


def test_wrong_pins_make_wait_as_wrong_passwords_do(
    closed: Path, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ClinicFile.open(closed, password=PASSWORD) as clinic:
        clinic.turn_pin_on(PASSWORD, PIN)
    monkeypatch.setattr(tries, "FREE", 1)
    assert not _opens(closed, WRONG)
    with pytest.raises(ClinicError, match=r"There were 1 wrong PINs and passwords in a row\. Wait"):
        ClinicFile.open_with_pin(closed, pin=PIN)


def test_after_twelve_hours_the_password_is_due(pinned: Path, clock: Clock) -> None:
    clock.go_on(quick.HOURS * 3600)
    assert _opens(pinned), "the PIN does not put the end off"
    clock.go_on(1)
    assert not quick.offered(pinned, "owner")
    with pytest.raises(ClinicError, match=r"The PIN does not open the clinic now\. Use the password\."):
        ClinicFile.open_with_pin(pinned, pin=PIN)
    with ClinicFile.open(pinned, password=PASSWORD) as clinic:
        assert not _kinds(clinic)[2:], "that was no wrong PIN"
        assert clinic.renew_pin()
    assert _opens(pinned)


@pytest.mark.parametrize(
    "change",
    [
        {"boot": "two"},
        {"boot": "two", "up": 100_000, "at": 1_800_095_000},
        {"up": 30},
        {"up": 4_990, "at": 1_799_999_990},
    ],
)
def test_after_a_restart_the_password_is_due(pinned: Path, clock: Clock, change: dict[str, object]) -> None:
    clock.go_on(60)
    assert quick.offered(pinned, "owner")
    clock.set(**change)
    assert not quick.offered(pinned, "owner") and not _opens(pinned)


@pytest.mark.parametrize("boot", ["one", ""])
def test_a_clock_set_back_gains_nothing(pinned: Path, clock: Clock, boot: str) -> None:
    start = clock.now.at
    clock.go_on(quick.HOURS * 3600 + 60)
    clock.set(at=start)
    assert not quick.offered(pinned, "owner") and not _opens(pinned)
    clock.set(at=start - 86_400)
    assert not quick.offered(pinned, "owner") and not _opens(pinned)


def test_a_restart_hidden_by_the_clock_is_seen_without_a_name_of_the_run(pinned: Path, clock: Clock) -> None:
    """Where the system names no run: the counter began anew, and the clock was set so that no time seems to pass."""
    clock.set(up=4_000, at=1_800_000_001)
    assert not quick.offered(pinned, "owner")
    clock.set(up=6_000, at=1_800_000_001)
    assert not quick.offered(pinned, "owner")


def test_a_clock_that_is_corrected_a_little_costs_nothing(pinned: Path, clock: Clock) -> None:
    clock.go_on(3600)
    clock.set(at=clock.now.at - 90)
    assert _opens(pinned)


@pytest.mark.parametrize("ahead", ["up", "at"])
def test_the_longer_of_the_two_clocks_counts(pinned: Path, clock: Clock, ahead: str) -> None:
    clock.go_on(quick.HOURS * 3600 - 30)
    assert quick.offered(pinned, "owner")
    clock.set(**{ahead: getattr(clock.now, ahead) + 60})
    assert not quick.offered(pinned, "owner")


def test_a_failing_keychain_costs_the_convenience_only(pinned: Path, chain: Chain) -> None:
    chain.broken = True
    assert not quick.offered(pinned, "owner")
    with pytest.raises(ClinicError, match=r"Use the password\."):
        ClinicFile.open_with_pin(pinned, pin=PIN)
    with ClinicFile.open(pinned, password=PASSWORD) as clinic:
        assert not clinic.renew_pin() and not clinic.has_pin
        assert clinic.renew_pin(), "said once"
        assert _kinds(clinic)[1:] == [("quick-removed", "owner", "")]
        with pytest.raises(ClinicError, match="did not keep the secret"):
            clinic.turn_pin_on(PASSWORD, PIN)
        assert not clinic.has_pin


def test_a_keychain_that_is_gone_costs_the_convenience_only(pinned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "chain", lambda: None)
    assert not quick.available() and not quick.offered(pinned, "owner") and not _opens(pinned)
    with ClinicFile.open(pinned, password=PASSWORD) as clinic:
        assert not clinic.renew_pin() and not clinic.has_pin


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "{}", "null", '{"secret": 1}', '"{}"', "[" * 100_000],
)
def test_nonsense_in_the_keychain_costs_the_convenience_only(pinned: Path, chain: Chain, text: str) -> None:
    chain.kept = dict.fromkeys(chain.kept, text)
    assert not quick.offered(pinned, "owner") and not _opens(pinned)
    with ClinicFile.open(pinned, password=PASSWORD) as clinic:
        assert not clinic.renew_pin() and not clinic.has_pin


@pytest.mark.parametrize(("name", "value"), [("left", "9"), ("left", True), ("secret", "zz" * 32), ("up", None)])
def test_a_changed_entry_costs_the_convenience_only(pinned: Path, chain: Chain, name: str, value: object) -> None:
    ((account, text),) = chain.kept.items()
    chain.kept[account] = json.dumps(json.loads(text) | {name: value})
    assert not quick.offered(pinned, "owner") and not _opens(pinned)


def test_a_keychain_that_forgets_at_once_is_told(closed: Path, chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "set_password", lambda *_: None)
    with ClinicFile.open(closed, password=PASSWORD) as clinic, pytest.raises(ClinicError, match="did not keep"):
        clinic.turn_pin_on(PASSWORD, PIN)


def _changed(clinic: ClinicFile) -> None:
    clinic.change_password(PASSWORD, WORDS)


def _given(clinic: ClinicFile) -> None:
    clinic.set_password("owner", WORDS)


def _recovered(clinic: ClinicFile) -> None:
    clinic.renew("owner", WORDS)


@pytest.mark.parametrize("change", [_changed, _given, _recovered])
def test_a_new_password_removes_it(pinned: Path, chain: Chain, change: Callable[[ClinicFile], None]) -> None:
    old = pinned.with_suffix(".keys").read_bytes()
    with ClinicFile.open_with_pin(pinned, pin=PIN) as clinic:
        change(clinic)
        assert not clinic.has_pin and ("quick-removed", "owner", "") in _kinds(clinic)
    assert not chain.kept and not _opens(pinned)
    pinned.with_suffix(".keys").write_bytes(old)
    assert not _opens(pinned), "nor does the key file of a backup bring it back"


def test_another_user_has_another_pin(pinned: Path, chain: Chain) -> None:
    with ClinicFile.open(pinned, password=PASSWORD) as clinic:
        users.add(clinic, User(name="ann", full_name="", role=Role.BILLER), WORDS)
    assert not quick.offered(pinned, "ann") and not _opens(pinned, user="ann")
    with ClinicFile.open(pinned, password=WORDS, user="ann") as clinic:
        clinic.turn_pin_on(WORDS, "730264")
    assert _opens(pinned, "730264", "ann") and _opens(pinned)
    assert not _opens(pinned, PIN, "ann") and not _opens(pinned, "730264")
    with ClinicFile.open(pinned, password=PASSWORD) as clinic:
        with clinic.read() as s:
            ann = next(user for user in users.users(s) if user.name == "ann")
        users.change(clinic, dataclasses.replace(ann, archived=True))
        assert ("quick-removed", "owner", "") in _kinds(clinic)
    assert not _opens(pinned, "730264", "ann") and _opens(pinned)
    assert [account for __, account in chain.kept] == [f"{keys.load(pinned.with_suffix('.keys')).clinic}/owner"]


def test_a_copy_on_another_computer_does_not_open(
    pinned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = copy(pinned, tmp_path / "stick")
    other = Chain()
    with monkeypatch.context() as patch:
        patch.setattr(quick, "chain", lambda: other)
        assert not quick.offered(there, "owner") and not _opens(there)
        data = keys.load(there.with_suffix(".keys"))
        for device in (b"", bytes(32)):
            with pytest.raises(keys.RefusedError):
                data.open_with_pin("owner", PIN, device)
        with ClinicFile.open(there, password=PASSWORD) as clinic:
            assert not clinic.renew_pin(), "removed in the copy"
    assert _opens(pinned)


def test_a_second_copy_on_this_computer_does_not_use_up_the_tries_of_the_first(pinned: Path, tmp_path: Path) -> None:
    there = copy(pinned, tmp_path / "copy")
    with ClinicFile.open(there, password=PASSWORD) as clinic:
        clinic.turn_pin_on(PASSWORD, "730264")
    assert not quick.offered(pinned, "owner")
    assert [_opens(pinned) for __ in range(6)] == [False] * 6
    with ClinicFile.open(pinned, password=PASSWORD) as clinic:
        assert not clinic.renew_pin()
    assert _opens(there, "730264"), "the secret of the copy is still there"


def test_the_slot_is_bound_to_its_user_and_kind(pinned: Path, chain: Chain) -> None:
    key_file = keys.load(pinned.with_suffix(".keys"))
    slot = key_file.quick_slot("owner")
    assert slot is not None
    secret = bytes.fromhex(json.loads(next(iter(chain.kept.values())))["secret"])
    key_file.open_with_pin("owner", PIN, secret)
    other = dataclasses.replace(key_file, slots=(*key_file.slots, dataclasses.replace(slot, user="ann")))
    with pytest.raises(keys.RefusedError):
        other.open_with_pin("ann", PIN, secret)
    as_password = dataclasses.replace(key_file, slots=(dataclasses.replace(slot, kind="password"),))
    with pytest.raises(keys.RefusedError):
        as_password.open_with_password("owner", PIN)


def test_without_keyring_there_is_no_keychain(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("keyring", "keyring.backends", "keyring.backends.SecretService"):
        monkeypatch.setitem(sys.modules, module, None)
    assert quick.system_keychain() is None
    monkeypatch.setattr(sys, "platform", "plan9")
    assert quick.system_keychain() is None


@pytest.mark.parametrize("platform", ["win32", "darwin", "linux"])
def test_the_keychain_of_each_system_is_found(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own, whatever the settings of keyring say; on Windows it stays on the computer."""

    class Backend(Chain):
        viable = True
        persist = "enterprise"

    module, name = {
        "win32": ("keyring.backends.Windows", "WinVaultKeyring"),
        "darwin": ("keyring.backends.macOS", "Keyring"),
        "linux": ("keyring.backends.SecretService", "Keyring"),
    }[platform]
    made = types.ModuleType(module)
    setattr(made, name, Backend)
    for parent in ("keyring", "keyring.backends"):
        monkeypatch.setitem(sys.modules, parent, types.ModuleType(parent))
    monkeypatch.setitem(sys.modules, module, made)
    monkeypatch.setattr(sys, "platform", platform)
    found = quick.system_keychain()
    assert isinstance(found, Backend)
    assert found.persist == ("local machine" if platform == "win32" else "enterprise")
    Backend.viable = False
    assert quick.system_keychain() is None


def test_the_packages_bring_the_keychain_of_their_system() -> None:
    root = Path(__file__).resolve().parents[2]
    recipe = (root / "installer" / "app.spec").read_text(encoding="utf-8")
    for platform, (module, _name) in quick._BACKENDS.items():
        assert (f'"{module}"' in recipe) == (platform != "linux")
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    assert re.findall(r"^keyring==\S+ ; (.+) \\$", lock, re.MULTILINE) == [
        "sys_platform == 'darwin' or sys_platform == 'win32'"
    ]
    for left_out in ("secretstorage", "jeepney", "cryptography", "lazy-importer"):
        assert not re.search(rf"^{left_out}==", lock, re.MULTILINE), left_out


def test_the_real_clocks_go_on() -> None:
    first, second = quick.moment(), quick.moment()
    assert first.boot == second.boot and first.up <= second.up and first.at <= second.at
    entry = quick.Entry(secret="", slot="", left=5, **dataclasses.asdict(first))
    assert entry.fresh(second)


def test_what_is_kept_of_misses_before_there_were_pins_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tries"
    path.write_text('[[1, "ann"], [2, "ann", "quick-failed"], [3, "ann", "made up"], [4, "ann", ["x"]]]')
    assert tries.Tries(path).by_user() == {("ann", tries.PASSWORD): 1, ("ann", tries.PIN): 1}
