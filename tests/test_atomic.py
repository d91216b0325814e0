"""A file is whole or not there, and what stood there before is not lost."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from app import atomic
from app.errors import InputError


def test_a_link_stays_a_link_and_its_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    real, link = tmp_path / "folder" / "real.pdf", tmp_path / "link.pdf"
    real.write_bytes(b"old")
    try:
        link.symlink_to(real)
    except OSError:
        pytest.skip("links need a right here")
    atomic.write(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "link.pdf", "real.pdf"]


@pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, tmp_path, tmp_path / "none" / "x.pdf", tmp_path / ("x" * 300)):
        with pytest.raises(InputError, match="cannot be written"):
            atomic.write(place, b"new")
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_an_interruption_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "out.pdf"
    place.write_bytes(b"old")

    def interrupted(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        atomic.write(place, b"new")
    assert place.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [place]


def test_no_output_replaces_a_clinics_records(tmp_path: Path) -> None:
    for name in ("a.clinic", "a.clinic-wal", "a.keys"):
        place = tmp_path / name
        place.write_bytes(b"records")
        with pytest.raises(InputError, match="replace a clinic's records"):
            atomic.write(place, b"new")
        assert place.read_bytes() == b"records"
