"""Payers' PDFs are read in this process, but for tests that ask for the process of its own: `own_process`."""

from __future__ import annotations

import pytest

from app.forms import guarded


@pytest.fixture(autouse=True)
def _in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "own_process" not in request.fixturenames:
        monkeypatch.setattr(guarded, "_run", guarded.answer)


@pytest.fixture
def own_process() -> None:
    """The real thing."""
