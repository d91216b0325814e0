"""What all tests share: no screen, no folder of the real user, and the measured material where it is at hand."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import icd10, icd10_tables

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings, logs and caches of a test go to a folder of its own."""
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    yield


@pytest.fixture(autouse=True)
def _code_list_made_once(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The ICD-10 search file takes seconds to make: the first test that needs it makes it, the others link to it."""
    folder = tmp_path_factory.getbasetemp() / "codes"
    make = icd10.build

    def build(path: Path, data: Path, progress: icd10_tables.Progress) -> None:
        kept = folder / path.name
        if not kept.exists():
            folder.mkdir(exist_ok=True)
            make(kept, data, progress)
        try:
            path.hardlink_to(kept)
        except OSError:
            shutil.copyfile(kept, path)

    monkeypatch.setattr(icd10, "build", build)
    yield
    icd10.close()


@pytest.fixture(scope="session")
def real_forms() -> Path:
    """The folder with the two real forms, which the project does not ship; skips where it is absent."""
    folder = SHARED / "cms1500" / "forms"
    if not folder.is_dir():
        pytest.skip("the real forms are not here (they may not be redistributed)")
    return folder
