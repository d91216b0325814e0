"""Ten minutes of coverage-guided fuzzing on every reader of what comes from outside, shared among them."""

from __future__ import annotations

import faulthandler

import pytest

from tests.fuzz import Target, fuzz
from tests.test_fuzz import _cheap_keys, _demo, demo_clinic, targets

__all__ = ["_cheap_keys", "_demo", "demo_clinic", "targets"]
SECONDS = 600


@pytest.mark.soak
def test_ten_minutes_of_changed_inputs(targets: list[Target]) -> None:
    for number, target in enumerate(targets):
        faulthandler.dump_traceback_later(SECONDS, exit=True)  # a reader that hangs ends the run with its place
        found = fuzz(target, seconds=SECONDS / len(targets), seed=number)
        faulthandler.cancel_dump_traceback_later()
        assert found.kept > len(target.seeds) or found.runs < 100, f"{target.name}: no input led anywhere new"
        print(
            f"{target.name:<22}{found.runs:>9,} runs, {found.steps:>5} steps reached, {found.kept:>4} inputs kept,"
            f" {found.refused:>9,} refused"
        )
