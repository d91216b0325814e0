"""Cents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing import money
from app.errors import InputError


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("25", 2500), ("25.5", 2550), (" 25.00 ", 2500), ("$1,250.00", 125000), (".5", 50), ("0", 0), ("-3.07", -307),
        ("-$4", -400), ("1,000,000", 100_000_000),
    ],
)  # fmt: skip
def test_amounts_are_read(text: str, cents: int) -> None:
    assert money.parse_cents(text) == cents


@pytest.mark.parametrize(
    "text", ["", ".", "-", "$", "1.234", "12,50", "1,23,456", "abc", "1e3", "٣", "1 000", "--1", "9" * 5000]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        money.parse_cents(text)


@given(st.integers(-(10**10), 10**10))
def test_amounts_survive_being_written(cents: int) -> None:
    assert money.parse_cents(money.dollars_text(cents)) == cents


@given(st.integers(0, 10**8), st.integers(1, 40))
def test_shares_add_up_and_differ_by_a_cent(cents: int, parts: int) -> None:
    shares = money.split_evenly(cents, parts)
    assert (sum(shares), len(shares)) == (cents, parts)
    assert max(shares) - min(shares) <= 1
    assert shares == sorted(shares, reverse=True)
