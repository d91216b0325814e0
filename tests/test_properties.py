"""Six properties of what goes in and out, with 200 made-up examples each; 10,000 each in `make soak`."""

from __future__ import annotations

import csv
import datetime as dt
import io
import logging
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import String, create_engine, literal, select

from app import atomic, i18n, log
from app.billing import money
from app.errors import InputError
from app.forms import report
from app.store import search

FEW, MANY = 200, 10_000
RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    "conin$",
    "conout$",
    *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"),
}
TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)  # lone surrogates too
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
CELLS = WORDS | st.builds(str.__add__, st.sampled_from(("", "'", *FORMULA, "\n", '"', ",", ";")), WORDS)
SEED = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def names_are_safe(text: str) -> None:
    name = atomic.safe_name(text)
    assert 0 < len(name.encode()) <= 121 and name == name.strip(". ")
    assert not set('<>:"/\\|?*') & set(name) and (name.isprintable() or not name.isascii())
    assert name.split(".")[0].strip().lower() not in RESERVED
    assert atomic.safe_name(name) == name


def cells_are_no_formulas_and_come_back(cells: list[str]) -> None:
    heads = [report.Head(f"c{number}", "text") for number in range(len(cells))]
    none = report.Bars("", (), ())
    table = report.Table(title="t", span="", heads=heads, rows=[cells], sums=[""] * len(cells), bars=none)
    read = list(csv.reader(io.StringIO(report.csv_bytes(table).decode("utf-8-sig"), newline="")))
    for cell, got in zip(cells, read[1], strict=True):
        assert got[:1] not in FORMULA
        assert got == (f"'{cell}" if cell[:1] in FORMULA else cell)


def wildcards_are_letters(text: str, word: str) -> None:
    with create_engine("sqlite://").connect() as connection:
        found = connection.execute(select(search.starts_with(literal(text, String), word))).scalar_one()
    small = [each.translate(_LOWER) for each in (text, word)]
    assert bool(found) is small[0].startswith(small[1])


_LOWER = {number: number + 32 for number in range(ord("A"), ord("Z") + 1)}


def money_comes_back(cents: int, text: str) -> None:
    assert money.parse_cents(money.dollars_text(cents)) == cents
    assert money.parse_cents(i18n.money_text(cents)) == cents
    try:
        read = money.parse_cents(text)
    except InputError:
        return
    assert money.parse_cents(money.dollars_text(read)) == read


def dates_come_back(date: dt.date, text: str, today: dt.date) -> None:
    assert i18n.parse_date(i18n.date_text(date), today=today) == date
    assert i18n.parse_date(date.isoformat(), today=today) == date
    assert i18n.parse_date(f"{date:%m%d}{date.year:04}", today=today) == date
    try:
        read = i18n.parse_date(text, today=today, past=True)
    except InputError:
        return
    assert i18n.parse_date(i18n.date_text(read), today=today) == read


def logs_hold_no_word(words: list[str], number: int) -> None:
    record = logging.LogRecord(
        "app.x", 20, "f.py", 1, "claim %d of %s" + " %s" * len(words), (number, None, *words), None
    )
    try:
        raise ValueError(*words)
    except ValueError:
        record.exc_info = sys.exc_info()
    assert log._NoValues().filter(record)
    said = logging.Formatter("%(name)s %(message)s").format(record)
    told = said.removeprefix("app.x claim ").partition(" [ValueError at test_properties.py:")[0]
    kept = str(number) if abs(number) < 10_000_000 else "(int)"
    assert told.split(" ")[:3] == [kept, "of", "None"] or "%d" in said
    assert "Quillfeather" not in said


PROPERTIES: dict[str, tuple[Any, dict[str, Any]]] = {
    "file names": (names_are_safe, {"text": TEXT}),
    "CSV": (cells_are_no_formulas_and_come_back, {"cells": st.lists(CELLS, min_size=1, max_size=5)}),
    "LIKE": (wildcards_are_letters, {"text": st.text("aA%_\\é'", max_size=6), "word": st.text("aA%_\\é'", max_size=4)}),
    "money": (
        money_comes_back,
        {"cents": st.integers(-(10**14), 10**14), "text": st.text("0123456789.,$- ", max_size=12)},
    ),
    "dates": (
        dates_come_back,
        {
            "date": st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)),
            "today": st.dates(dt.date(2000, 3, 1), dt.date(2060, 2, 28)),
            "text": st.text("0123456789/.- ty", max_size=10),
        },
    ),
    "log": (
        logs_hold_no_word,
        {"words": st.lists(WORDS.map("Quillfeather{}".format), max_size=4), "number": st.integers(-(10**12), 10**12)},
    ),
}


def prove(name: str, count: int) -> None:
    """Hold one property for `count` examples."""
    check, parts = PROPERTIES[name]
    settings(SEED, max_examples=count, report_multiple_bugs=False)(given(**parts)(check))()


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_holds(name: str) -> None:
    prove(name, FEW)


BREAKS = {
    "file names": (atomic, "safe_name", str),
    "CSV": (report, "_plain", lambda value, kind: str(value)),
    "LIKE": (search, "_literal", str),
    "money": (money, "dollars_text", lambda cents: f"{cents / 100:.1f}"),
    "dates": (i18n, "date_text", lambda date: f"{date:%m/%d/%y}"),
    "log": (log, "_kept", lambda value: value),
}


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_would_notice(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*BREAKS[name])
    with pytest.raises((AssertionError, InputError, UnicodeError)):
        prove(name, FEW)
