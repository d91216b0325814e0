"""Words, money and dates for people."""

from __future__ import annotations

import datetime as dt
import gettext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import i18n
from app.errors import InputError

TODAY = dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11/18/2026", (2026, 11, 18)),
        ("1/2/26", (2026, 1, 2)),
        ("1-2-2026", (2026, 1, 2)),
        ("1.2.2026", (2026, 1, 2)),
        ("111826", (2026, 11, 18)),
        ("11182026", (2026, 11, 18)),
        ("1118", (2026, 11, 18)),
        ("2026-11-18", (2026, 11, 18)),
        (" T ", (2026, 11, 21)),
        ("today", (2026, 11, 21)),
        ("y", (2026, 11, 20)),
        ("yesterday", (2026, 11, 20)),
        ("2/29/24", (2024, 2, 29)),
        ("2/3/80", (1980, 2, 3)),
    ],
)
def test_dates_are_read(text: str, expected: tuple[int, int, int]) -> None:
    assert i18n.parse_date(text, today=TODAY) == dt.date(*expected)


@pytest.mark.parametrize(
    "text", ["", "13/2/26", "2/30/2026", "0229", "2026-2-3", "1/2", "11/18/026", "soon", "٠١/٠٢/٢٠٢٦", "20261118"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        i18n.parse_date(text, today=TODAY)


def test_two_digits_mean_the_past_for_a_birth_date() -> None:
    assert i18n.parse_date("11/22/26", today=TODAY, past=True) == dt.date(1926, 11, 22)
    assert i18n.parse_date("11/21/26", today=TODAY, past=True) == TODAY
    assert i18n.parse_date("11/22/26", today=TODAY) == dt.date(2026, 11, 22)
    assert i18n.parse_date("1/1/2050", today=TODAY, past=True) == dt.date(2050, 1, 1), "four digits are as typed"


def test_dates_can_be_read_on_a_leap_day() -> None:
    assert i18n.parse_date("3/1/28", today=dt.date(2028, 2, 29)) == dt.date(2028, 3, 1)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
def test_dates_survive_being_written(date: dt.date) -> None:
    assert i18n.parse_date(i18n.date_text(date), today=TODAY) == date


def test_texts() -> None:
    assert i18n.date_text(None) == ""
    assert i18n.money_text(125_000_05) == "125,000.05"
    assert i18n.money_text(-307) == "-3.07"
    assert i18n.money_text(0) == "0.00"
    assert i18n.ngettext("one", "many", 1) == "one"
    assert i18n.ngettext("one", "many", 2) == "many"


def test_a_language_without_a_catalog_leaves_the_english_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_catalog", gettext.NullTranslations())
    i18n.set_language("xx")
    assert i18n.N_("A claim holds twelve diagnoses.") == "A claim holds twelve diagnoses."
    assert i18n._("A claim holds twelve diagnoses.") == "A claim holds twelve diagnoses."
