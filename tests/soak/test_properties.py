"""The six properties with 10,000 examples each."""

from __future__ import annotations

import pytest

from tests.test_properties import MANY, PROPERTIES, prove


@pytest.mark.soak
@pytest.mark.parametrize("name", PROPERTIES)
def test_ten_thousand_examples(name: str) -> None:
    prove(name, MANY)
    print(f"{name}: {MANY:,} examples, all right")
