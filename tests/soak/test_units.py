"""The long proof of the unit rules: 20,000 random days counted a second, naive way."""

from __future__ import annotations

import random

import pytest

from tests.billing.test_units import agrees

DAYS = 20_000
CODES = ("97124", "97140", "97112", "97110", "97530", "97750")


@pytest.mark.soak
def test_random_days_agree() -> None:
    chance = random.Random(2026)
    for __ in range(DAYS):
        agrees([(chance.choice(CODES), chance.randint(0, 75)) for __ in range(chance.randint(0, 6))])
    print(f"{DAYS} days counted twice, all alike")
