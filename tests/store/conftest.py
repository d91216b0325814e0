"""A clinic for each test: a real encrypted file, copied from one that is made once with a cheap derivation."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.store import demo, keys
from app.store.clinic import ClinicFile

TODAY = dt.date(2026, 11, 21)
PASSWORD = "quiet river demo"
CHEAP = keys.Cost(memory=8192, passes=1)


@pytest.fixture(autouse=True)
def _cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "STANDARD", CHEAP)


def _template(folder: Path, make: Callable[[Path], ClinicFile]) -> Path:
    path = folder / "a.clinic"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "STANDARD", CHEAP)
        make(path).close()
    return path


@pytest.fixture(scope="session")
def _empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _template(tmp_path_factory.mktemp("empty"), lambda path: ClinicFile.create(path, password=PASSWORD)[0])


@pytest.fixture(scope="session")
def _demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _template(tmp_path_factory.mktemp("demo"), lambda path: demo.make(path, today=TODAY, password=PASSWORD))


@pytest.fixture
def closed(_empty: Path, tmp_path: Path) -> Path:
    """The path of an empty clinic that is not open."""
    return copy(_empty, tmp_path)


@pytest.fixture
def clinic(closed: Path) -> Iterator[ClinicFile]:
    """An empty clinic, open."""
    with ClinicFile.open(closed, password=PASSWORD) as opened:
        yield opened


@pytest.fixture
def demo_clinic(_demo: Path, tmp_path: Path) -> Iterator[ClinicFile]:
    """The demo clinic, open."""
    with ClinicFile.open(copy(_demo, tmp_path / "demo"), password=PASSWORD) as opened:
        yield opened


def copy(path: Path, folder: Path) -> Path:
    """Copy a closed clinic; answers the new path."""
    folder.mkdir(exist_ok=True)
    for suffix in (".clinic", ".keys"):
        shutil.copy(path.with_suffix(suffix), folder)
    return folder / path.name
