"""What all tests share: no screen, no folder of the real user, and the measured material where it is at hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings, logs and caches of a test go to a folder of its own."""
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    yield


@pytest.fixture(scope="session")
def real_forms() -> Path:
    """The folder with the two real forms, which the project does not ship; skips where it is absent."""
    folder = SHARED / "cms1500" / "forms"
    if not folder.is_dir():
        pytest.skip("the real forms are not here (they may not be redistributed)")
    return folder
