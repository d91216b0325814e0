"""Wrong passwords: each further one costs a wait that outlasts the program and never grows beyond a minute."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import ClinicError, InputError
from app.store import tries
from app.store.clinic import ClinicFile
from app.store.tries import Tries
from tests.store.conftest import PASSWORD


class Clock:
    """The wall's clock, as somebody sets it."""

    now = 1_800_000_000

    def time(self) -> int:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(tries, "time", made)
    return made


def _miss(path: Path, count: int, clock: Clock) -> None:
    for __ in range(count):
        with pytest.raises(ClinicError, match="not right"):
            ClinicFile.open(path, password="some wrong words")
        clock.now += tries.LONGEST


def test_the_wait_doubles_up_to_a_minute() -> None:
    assert [tries.wait(misses) for misses in range(12)] == [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert tries.wait(10_000) == 60


def test_three_misses_make_one_wait(closed: Path, clock: Clock) -> None:
    _miss(closed, 3, clock)
    clock.now -= tries.LONGEST
    for password in ("some wrong words", PASSWORD):
        with pytest.raises(ClinicError, match=r"3 wrong passwords in a row\. Wait 1 seconds"):
            ClinicFile.open(closed, password=password)
    clock.now += 1
    with ClinicFile.open(closed, password=PASSWORD) as clinic:
        assert clinic.audit_events(kind="login-failed")[0].detail == "3"
    ClinicFile.open(closed, password=PASSWORD).close()


def test_a_clock_set_back_opens_nothing(closed: Path, clock: Clock) -> None:
    _miss(closed, 9, clock)
    clock.now -= 3600
    with pytest.raises(ClinicError, match="Wait 60 seconds"):
        ClinicFile.open(closed, password=PASSWORD)
    clock.now += 59
    with pytest.raises(ClinicError, match="Wait 1 seconds"):
        ClinicFile.open(closed, password=PASSWORD)
    clock.now += 1
    ClinicFile.open(closed, password=PASSWORD).close()


@pytest.mark.parametrize("years", [-10, 10])
def test_a_clock_ten_years_off_locks_nobody_out(closed: Path, clock: Clock, years: int) -> None:
    right = clock.now
    clock.now += years * 31_557_600
    _miss(closed, 9, clock)
    clock.now = right
    if years > 0:
        with pytest.raises(ClinicError, match="Wait 60 seconds"):
            ClinicFile.open(closed, password=PASSWORD)
    clock.now += 60
    ClinicFile.open(closed, password=PASSWORD).close()


def test_a_mistyped_recovery_code_is_no_miss_and_a_wrong_one_is(tmp_path: Path, clock: Clock) -> None:
    one, code = ClinicFile.create(tmp_path / "a.clinic", password=PASSWORD)
    other, foreign = ClinicFile.create(tmp_path / "b.clinic", password=PASSWORD)
    one.close()
    other.close()
    kept = tmp_path / "a.tries"
    with pytest.raises(InputError):
        ClinicFile.recover(one.path, code=code[:-1], password=PASSWORD, reason="lost")
    assert not kept.exists()
    with pytest.raises(ClinicError, match="does not open"):
        ClinicFile.recover(one.path, code=foreign, password=PASSWORD, reason="lost")
    assert Tries(kept).by_user() == {("recovery", tries.PASSWORD): 1}


def test_a_try_counts_before_it_is_made(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever ends the program while it looks has had the try."""
    from app.store import keys

    counted: list[int] = []
    real = keys._derive

    def look(*given: object) -> bytes:
        counted.append(sum(Tries(closed.with_suffix(".tries")).by_user().values()))
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(keys, "_derive", look)
    ClinicFile.open(closed, password=PASSWORD).close()
    assert counted == [1] and not closed.with_suffix(".tries").exists()


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'[["x", 2]]', b"\xff\xfe"])
def test_a_spoilt_file_counts_as_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tries"
    path.write_bytes(content)
    Tries(path).check()
    assert not Tries(path).by_user()


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    path = tmp_path / "none" / "a.tries"
    made = Tries(path)
    made.count_one("owner")
    made.check()
    made.clear()
    assert not path.exists()


def test_there_is_an_end_to_what_is_kept(tmp_path: Path) -> None:
    made = Tries(tmp_path / "a.tries")
    for __ in range(1010):
        made.count_one("")
    assert made.by_user()["", tries.PASSWORD] == 1000
