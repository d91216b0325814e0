"""Numbers that identify people, firms and services."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing import ids
from app.errors import InputError
from tests.billing.vectors import VECTORS


@pytest.mark.parametrize("number", VECTORS["npi"]["valid"])
def test_good_npis(number: str) -> None:
    assert ids.NPI.validate(f" {number[:3]}-{number[3:]} ") == number


@pytest.mark.parametrize("number", VECTORS["npi"]["invalid"])
def test_bad_npis(number: str) -> None:
    assert not ids.NPI.is_valid(number)


@given(st.from_regex(r"[12][0-9]{8}", fullmatch=True))
def test_exactly_one_check_digit_is_right(first_nine: str) -> None:
    good = [digit for digit in "0123456789" if ids.NPI.is_valid(first_nine + digit)]
    assert good == [str(ids.npi_check_digit(first_nine))]


@pytest.mark.parametrize(
    ("kind", "typed", "compact", "written"),
    [
        (ids.EIN, " 12-3456789 ", "123456789", "12-3456789"),
        (ids.SSN, "123-45-6789", "123456789", "123-45-6789"),
        (ids.ZIP, "98101", "98101", "98101"),
        (ids.ZIP, "98101 1234", "981011234", "98101-1234"),
        (ids.PHONE, "(206) 555-0100", "2065550100", "(206) 555-0100"),
        (ids.TAXONOMY, "225700000x", "225700000X", "225700000X"),
        (ids.TAXONOMY, "111N00000X", "111N00000X", "111N00000X"),
        (ids.STATE, "wa", "WA", "WA"),
        (ids.PROCEDURE, "s8990", "S8990", "S8990"),
        (ids.PROCEDURE, "97124", "97124", "97124"),
        (ids.MODIFIER, "gp", "GP", "GP"),
        (ids.ICD10, "m54.50", "M5450", "M54.50"),
        (ids.ICD10, "s134xxa", "S134XXA", "S13.4XXA"),
        (ids.ICD10, "R51", "R51", "R51"),
        (ids.ICD10, "C4A.0", "C4A0", "C4A.0"),
        (ids.ICD10, "QA00.1", "QA001", "QA0.01"),
    ],
)
def test_good_numbers_are_compacted_and_written(kind: ids.Identifier, typed: str, compact: str, written: str) -> None:
    assert kind.validate(typed) == compact
    assert kind.format(typed) == written
    assert kind.validate(kind.format(typed)) == compact


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (ids.EIN, "12-345678"),
        (ids.EIN, "00-0000000"),
        (ids.SSN, "000-45-6789"),
        (ids.SSN, "666-45-6789"),
        (ids.SSN, "123-00-6789"),
        (ids.SSN, "123-45-0000"),
        (ids.ZIP, "9810"),
        (ids.PHONE, "555-0100"),
        (ids.TAXONOMY, "225700000"),
        (ids.TAXONOMY, "22570000X0"),
        (ids.STATE, "W"),
        (ids.PROCEDURE, "9712"),
        (ids.MODIFIER, "GPX"),
        (ids.ICD10, "54.2"),
        (ids.ICD10, "M5"),
        (ids.ICD10, "S13.4XXAA"),
        (ids.NPI, "12345678٣3"),
    ],
)
def test_bad_numbers_are_refused_and_never_repeated(kind: ids.Identifier, typed: str) -> None:
    with pytest.raises(InputError) as refused:
        kind.validate(typed)
    assert kind.name in refused.value.message
    assert typed not in refused.value.message
    assert kind.format(typed) == typed
