"""Where things lie: the program's own resources (source tree or frozen bundle) and the user's folders."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import platformdirs

APP_NAME = "Superbill Desk"
_apart: list[Path] = []


def resource(*parts: str) -> Path:
    """The path of a file under `resources/`, in the source tree and in the frozen program alike."""
    bundle = getattr(sys, "_MEIPASS", None)
    base = Path(bundle) if bundle else Path(__file__).resolve().parent.parent
    return base.joinpath("resources", *parts)


def data_dir() -> Path:
    """The user's data folder, made when missing, readable by its owner only."""
    return _own("data", platformdirs.user_data_dir(APP_NAME, appauthor=False))


def cache_dir() -> Path:
    """A folder whose content can be rebuilt at any time."""
    return _private(Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False)))


def state_dir() -> Path:
    """What the program remembers by itself about clinics: no settings, and nothing of a person."""
    return _own("state", platformdirs.user_state_dir(APP_NAME, appauthor=False))


def log_dir() -> Path:
    """The folder of the log files, which hold codes and ids only."""
    return _own("log", platformdirs.user_log_dir(APP_NAME, appauthor=False))


@contextlib.contextmanager
def apart(folder: Path) -> Iterator[None]:
    """While the block runs, settings, memory and logs lie in `folder`: what the program tries leaves nothing behind."""
    _apart.append(folder)
    try:
        yield
    finally:
        _apart.pop()


def _own(kind: str, usual: str) -> Path:
    return _private(_apart[-1] / kind if _apart else Path(usual))


def _private(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
