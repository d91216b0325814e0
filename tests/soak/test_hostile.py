"""The long proof that no payer's PDF can harm: 300 files of an enemy, each in the process of its own."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.forms import hostile

FILES = 300


@pytest.mark.soak
def test_three_hundred_hostile_pdfs() -> None:
    made = hostile.by_hand()
    outcomes = Counter(hostile.outcome(make()) for make in made.values())
    outcomes.update(hostile.outcome(data) for data in hostile.mutated(FILES - len(made)))
    assert outcomes.total() == FILES
    assert outcomes["filled"] > 20 and FILES - outcomes["filled"] - outcomes["read"] > 20
    for outcome, count in outcomes.most_common():
        print(f"{count:>4}  {outcome}")
