"""An enemy's PDFs: refused with one sentence or made harmless. The long run is tests/soak/test_hostile.py."""

from __future__ import annotations

import pytest

from tests.forms import hostile

MADE = hostile.by_hand()
ACTING = (
    "script at opening", "script behind pages and fields", "named scripts and attachments",
    "actions among the resources", "program to launch", "links and buttons", "XFA beside fields",
)  # fmt: skip
TRICKING = {
    "XFA only": "XFA only", "password": "password", "one page that is five thousand": "more than 30 pages",
    "fields within themselves": "damaged", "places beyond any page": "damaged",
    "earlier version that is itself": "filled", "length that lies": "filled", "names that are commands": "filled",
}  # fmt: skip
BURSTING = (
    "drawing of 2 GB", "one drawing two thousand times", "rows wider than memory", "arrays 50,000 deep",
    "table of a billion entries", "pages within themselves",
)  # fmt: skip


@pytest.mark.parametrize("name", ACTING)
def test_what_would_act_is_left_behind(name: str) -> None:
    data = MADE[name]()
    with pytest.raises(AssertionError):
        hostile.harmless(data)
    assert hostile.outcome(data) == "filled"


@pytest.mark.parametrize("name", TRICKING)
def test_what_would_trick_is_said_or_does_no_harm(name: str) -> None:
    assert TRICKING[name] in hostile.outcome(MADE[name]())


@pytest.mark.parametrize("name", BURSTING)
def test_what_would_burst_is_one_sentence(name: str, own_process: None) -> None:
    assert "The PDF" in hostile.outcome(MADE[name]())
