"""What is not coded together, which codes leave the side open, and which only lack their seventh character."""

from __future__ import annotations

import datetime as dt

import pytest

from app.store import icd10, icd10_notes, icd10_releases
from tests.billing.vectors import VECTORS

DAY = dt.date(2026, 11, 21)
CATEGORIES = ("E10", "E11", "M50", "M51", "M53", "M54", "O00", "O9A")


def excluded(bearer: str, note: str) -> list[tuple[str, str, str]]:
    found = icd10_notes.excluded([(bearer, note)], CATEGORIES)
    assert all(each.note == note for each in icd10_notes.excluded([(bearer, note)], CATEGORIES))
    return [(each.bearer, each.first, each.last) for each in found]


@pytest.mark.parametrize(
    ("note", "named"),
    [
        ("low back strain (S39.012)", [("S39012", "S39012")]),
        ("lumbago with sciatica (M54.4-)", [("M544", "M544")]),
        ("cervicalgia due to disc disorder (M50.-)", [("M50", "M50")]),
        ("specific movement disorders (G20-G26)", [("G20", "G26")]),
        ("subluxation (M43.3-M43.5X9)", [("M433", "M435X9")]),
        ("open wounds (S01.0-, S01.1, S02-S04.-)", [("S010", "S010"), ("S011", "S011"), ("S02", "S04")]),
        ("pain (acute) in joint (M25.5-)", [("M255", "M255")]),
        ("traumatic rupture (M51.- with fifth character 4)", []),
        ("diabetic arthropathy (E08-E13 with .61-)", []),
        ("enzyme deficiency (G6PD)", []),
        ("current injury - see injury of spine by body region", []),
    ],
)
def test_only_codes_and_ranges_are_read_from_a_note(note: str, named: list[tuple[str, str]]) -> None:
    assert excluded("M54.5", note) == [("M54.5", *pair) for pair in named]


def test_the_note_of_a_block_or_chapter_is_that_of_its_categories() -> None:
    assert [bearer for bearer, *__ in excluded("M50-M53", "discitis (M46.4-)")] == ["M50", "M51", "M53"]
    assert [bearer for bearer, *__ in excluded("CH4", "of newborn (P70-P74)")] == ["E10", "E11"]
    assert [bearer for bearer, *__ in excluded("CH15", "supervision (Z34.-)")] == ["O00", "O9A"]


@pytest.mark.parametrize(
    ("first", "last", "code", "covered"),
    [
        ("M544", "M544", "M5441", True),
        ("M544", "M544", "M545", False),
        ("M544", "M544", "M54", False),
        ("G20", "G26", "G2582", True),
        ("G20", "G26", "G27", False),
        ("M433", "M435X9", "M434", True),
    ],
)
def test_what_a_range_covers(first: str, last: str, code: str, covered: bool) -> None:
    assert icd10_notes.covers(first, last, code) is covered


def test_nearly_all_notes_that_name_a_code_are_read() -> None:
    notes = [(code, text) for code, kind, text in icd10_releases.table("terms.csv.xz") if kind == "excludes1"]
    read = {note for __, __, __, note in icd10_notes.excluded(notes, ["A00"])}
    plain = [text for code, text in notes if "-" not in code and "CH" not in code and text.endswith(")")]
    assert len(plain) > 5000
    assert len([text for text in plain if text not in read]) < 60


@pytest.mark.parametrize(("one", "two"), VECTORS["excludes1_pairs"])
def test_pairs_that_are_not_coded_together(one: str, two: str) -> None:
    note = icd10.excludes1(one, two, DAY)
    assert note is not None and " excludes " in note
    assert icd10.excludes1(two.replace(".", "").lower(), one, DAY) == note


def test_the_note_says_where_it_stands_and_the_nearest_comes_first() -> None:
    assert icd10.excludes1("S39.012A", "M54.50", DAY) == "M54.5 excludes low back strain (S39.012)"
    assert icd10.excludes1("M62.838", "R25.2", DAY) == "M62 excludes cramp and spasm (R25.2)"
    assert icd10.excludes1("M54.2", "M46.42", DAY) == "M54 excludes discitis NOS (M46.4-)"


@pytest.mark.parametrize(
    ("one", "two"),
    [("M54.2", "M62.838"), ("M54.50", "M99.03"), ("S13.4XXD", "S16.1XXD"), ("M54.2", "M54.2"), ("M54.2", "X9")],
)
def test_pairs_that_nothing_excludes(one: str, two: str) -> None:
    assert icd10.excludes1(one, two, DAY) is None


def test_codes_that_are_not_in_force_exclude_nothing() -> None:
    assert icd10.excludes1("M54.5", "S39.012A", dt.date(2021, 9, 30)) is not None
    assert icd10.excludes1("M54.5", "S39.012A", dt.date(2021, 10, 1)) is None
    assert icd10.excludes1("S39.012A", "M54.5", dt.date(2021, 10, 1)) is None


@pytest.mark.parametrize(
    ("code", "sided"),
    [
        ("M25.519", ["M25.511", "M25.512"]),
        ("M54.30", ["M54.31", "M54.32"]),
        ("M79.603", ["M79.601", "M79.602"]),
        ("S46.019A", ["S46.011A", "S46.012A"]),
        ("M75.100", ["M75.101", "M75.102"]),
        ("M54.50", []),
        ("M25.511", []),
        ("M25.51", []),
        ("M54.2", []),
    ],
)
def test_a_code_that_leaves_the_side_open_names_those_that_do_not(code: str, sided: list[str]) -> None:
    assert [each.code for each in icd10.check(code, DAY).sided] == sided


def test_sides_are_those_in_force_on_the_day() -> None:
    """M72.2 became three codes on 2026-10-01."""
    assert icd10.check("M72.20", DAY).sided
    assert icd10.check("M72.20", dt.date(2026, 9, 30)).sided == ()


@pytest.mark.parametrize(
    ("code", "lacks", "instead"),
    [
        ("S13.4", True, ["S13.4XXA", "S13.4XXD", "S13.4XXS"]),
        ("S39.012", True, ["S39.012A", "S39.012D", "S39.012S"]),
        ("S13.4XXB", False, ["S13.4XXA", "S13.4XXD", "S13.4XXS"]),
        ("S13.4XD", False, ["S13.4XXD"]),
        ("S134A", False, ["S13.4XXA"]),
        ("M25.511A", False, ["M25.511"]),
        ("M54.5", False, ["M54.50", "M54.51", "M54.59"]),
        ("M54.2", False, []),
        ("M54.Z9", False, []),
        ("Q99.Z", False, []),
    ],
)
def test_what_is_offered_for_a_missing_or_wrong_seventh_character(code: str, lacks: bool, instead: list[str]) -> None:
    status = icd10.check(code, DAY)
    assert status.lacks_seventh is lacks
    assert [each.code for each in status.successors] == instead


def test_what_is_no_code_but_nearly_one_is_told_in_a_sentence() -> None:
    assert icd10.check("S13.4XA", DAY).sentence == "It is not an ICD-10-CM code. Choose from S13.4XXA."


def test_an_answer_is_remembered() -> None:
    book = icd10.book()
    assert book.check("m542", DAY) is book.check("M54.2", DAY)
    assert book.check("M54.2", DAY) != book.check("M54.2", dt.date(2016, 1, 1))
