"""Commands run in this process, on a copy of the demo clinic that is made once with a cheap derivation of its key."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.cli import main
from app.store import demo, keys

CHEAP = keys.Cost(memory=8192, passes=1)


class Answer(NamedTuple):
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Answer]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command; answers its status, output and errors."""
    monkeypatch.setattr(keys, "STANDARD", CHEAP)

    def command(*arguments: object) -> Answer:
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as bad_use:  # argparse's way of saying 2
            status = int(str(bad_use.code))
        return Answer(status, *capsys.readouterr())

    return command


@pytest.fixture(scope="session")
def _demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "a.clinic"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "STANDARD", CHEAP)
        demo.make(path, today=dt.date.today()).close()  # noqa: DTZ011 - the commands ask the same clock
    return path


@pytest.fixture
def clinic(_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a demo clinic of one's own; its password is in the environment."""
    monkeypatch.setenv("SUPERBILL_DESK_PASSWORD", demo.PASSWORD)
    for suffix in (".clinic", ".keys"):
        shutil.copy(_demo.with_suffix(suffix), tmp_path)
    return tmp_path / _demo.name
