"""The readers of what comes from outside answer or refuse, and nothing else: a few runs each, 10 minutes in soak."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import InputError, UserError
from app.store import backup, keys, portable, tries
from app.store.clinic import ClinicFile
from tests import readers
from tests.fuzz import Target, fuzz
from tests.store.conftest import _cheap_keys, _demo, demo_clinic

__all__ = ["_cheap_keys", "_demo", "demo_clinic"]
RUNS, FEW = 60, 8
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@pytest.fixture
def targets(demo_clinic: ClinicFile, tmp_path: Path) -> Iterator[list[Target]]:
    with demo_clinic.read() as s:
        exported = portable.export_clinic(s)
    (tmp_path / "readers").mkdir()
    kept = demo_clinic.back_up(backup.Reason.HAND, now=NOW)
    made = readers.targets(tmp_path / "readers", kept.path.read_bytes())
    yield [*made, readers.clinic_json(exported)]


def test_every_reader_answers_or_refuses(targets: list[Target]) -> None:
    refused = {target.name: fuzz(target, runs=FEW if "PDF" in target.name else RUNS).refused for target in targets}
    assert sum(refused.values()) > len(targets)


def test_the_fuzzer_finds_what_random_bytes_never_would() -> None:
    def reader(data: bytes) -> None:
        for at, letter in enumerate(b"FUZZ"):
            if data[at : at + 1] != bytes([letter]):
                raise InputError("no")
            if at == 0:
                continue
            if at == 1:
                continue
            if at == 2:
                continue
            raise ZeroDivisionError

    target = Target("control", reader, [])
    with pytest.raises(ZeroDivisionError) as caught:
        fuzz(target, runs=60_000, within=str(Path(__file__).parent))
    assert "was given" in caught.value.__notes__[0]
    assert fuzz(target, runs=500, within="nowhere").kept == 0


@pytest.mark.parametrize("data", [b'[[1e999, "owner"]]', b"[" * 100_000, b'[[1, "a"], 5]', b"{}", b"null"])
def test_a_file_of_misses_that_is_none_counts_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.tries"
    path.write_bytes(data)
    assert not tries.Tries(path).by_user()


NESTED = b"[" * 100_000


@pytest.mark.parametrize("data", [NESTED, b'{"a":' * 100_000, b"\xff", b"9" * 5000, b" " * 3_000_000])
def test_a_key_file_that_is_none_is_damaged(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.keys"
    path.write_bytes(data)
    with pytest.raises(UserError, match="damaged"):
        keys.load(path)
