"""How values become print, and what cannot is a problem."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.billing.problems import Problem, Severity
from app.forms import grid, layout, marks, values
from tests.forms import sample_pages

GRID = layout.load()
GOLDENS = Path(__file__).resolve().parent.parent / "goldens" / "cms1500"


def composed(page: dict[str, Any], **options: Any) -> marks.Composed:
    return marks.compose(values.parse(page)[0], GRID, **options)


def printed(page: dict[str, Any], **options: Any) -> dict[str, str]:
    found = composed(page, **options)
    assert not [problem for problem in found.problems if problem.severity is Severity.BLOCK]
    return {mark.key: mark.text for mark in found.marks}


def problems(page: dict[str, Any], **options: Any) -> list[Problem]:
    return composed(page, **options).problems


def codes(page: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(str(problem.severity), problem.code, problem.item) for problem in problems(page)]


@pytest.mark.parametrize(
    ("name", "page", "digits"),
    [("commercial", sample_pages.COMMERCIAL, "6"), ("auto", sample_pages.AUTO, "8"), ("blank", {}, "6")],
)
def test_whole_pages_look_as_they_were_approved(name: str, page: dict[str, Any], digits: str) -> None:
    found = composed(page, date_digits=digits)
    assert not [problem for problem in found.problems if problem.severity is not Severity.INFORM]
    text = grid.text(found.marks, GRID)
    assert text == (GOLDENS / f"{name}.txt").read_text("utf-8")
    assert len(text.splitlines()) == 66


def test_the_order_of_keys_does_not_change_the_marks() -> None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(value)}
        return [turned(part) for part in value] if isinstance(value, list) else value

    assert composed(sample_pages.AUTO) == composed(turned(sample_pages.AUTO))


def test_three_lines_of_a_carrier_leave_the_third_place_blank() -> None:
    assert list(printed({"carrier": ["A", "B", "C"]})) == ["carrier.1", "carrier.2", "carrier.4"]
    assert list(printed({"carrier": ["A", "B"]})) == ["carrier.1", "carrier.2"]
    assert list(printed({"carrier": ["A", "B", "", "D"]})) == ["carrier.1", "carrier.2", "carrier.4"]


def test_dates_in_the_payers_way() -> None:
    page = {"12": {"date": "2026-01-02"}, "14": {"date": "2026-01-02"}, "31": {"date": "2026-01-02"}}
    assert printed(page) == {
        "12.date": "01 02 26",
        "14.date.mm": "01",
        "14.date.dd": "02",
        "14.date.yy": "26",
        "31.date": "01 02 26",
    }
    long = printed({**page, "24": [{"from": "2026-01-02"}]}, date_digits="8")
    assert (long["12.date"], long["14.date.yy"], long["31.date"]) == ("01 02 2026", "2026", "01 02 26")
    assert long["24.1.from.yy"] == long["24.1.to.yy"] == "26"
    assert printed({"3": {"dob": "1980-02-29"}})["3.dob.yy"] == "1980"


@pytest.mark.parametrize("text", ["2026-02-30", "02/01/2026", "20260102", "2026-W01-1", "2026-1-2", "soon"])
def test_impossible_dates(text: str) -> None:
    assert codes({"14": {"date": text}}) == [("block", "date.unreadable", "14")]
    assert codes({"24": [{"from": text}]}) == [("block", "date.unreadable", "24A.1")]
    assert codes({"31": {"date": text}}) == [("block", "date.unreadable", "31")]


def test_a_year_that_two_digits_cannot_tell() -> None:
    assert codes({"14": {"date": "1999-01-02"}}) == [("warn", "date.century", "14")]
    assert problems({"14": {"date": "1999-01-02"}}, date_digits="8") == []


def test_a_single_day_stands_twice() -> None:
    assert printed({"24": [{"from": "2026-01-02"}]})["24.1.to.dd"] == "02"
    assert printed({"24": [{"from": "2026-01-02", "to": "2026-01-05"}]})["24.1.to.dd"] == "05"
    assert "24.1.from.dd" not in printed({"24": [{"to": "2026-01-05"}]})


@pytest.mark.parametrize(
    ("text", "column", "digits"),
    [("120.00", 53, "12000"), ("0.00", 55, "000"), ("999999.99", 50, "99999999"), ("$1,234.5", 52, "123450")],
)
def test_money_stands_at_the_right(text: str, column: int, digits: str) -> None:
    (mark,) = composed({"24": [{"charge": text}]}).marks
    assert (mark.column, mark.text) == (column, digits)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ({"24": [{"charge": "1000000.00"}]}, ("block", "money.too-long", "24F.1")),
        ({"24": [{"charge": "1.234"}]}, ("block", "money.unreadable", "24F.1")),
        ({"28": "lots"}, ("block", "money.unreadable", "28")),
        ({"29": "-1.00"}, ("block", "money.negative", "29")),
        ({"29": "CONTINUED"}, ("block", "money.unreadable", "29")),
        ({"1a": "X" * 30}, ("block", "text.too-long", "1a")),
        ({"19": "X" * 72}, ("block", "text.too-long", "19")),
        ({"2": "陳大文"}, ("block", "text.unprintable", "2")),
        ({"2": "..."}, ("block", "text.nothing", "2")),
        ({"2": "Đào"}, ("inform", "text.spelled", "2")),
        ({"17b": "1234567890"}, ("block", "npi.wrong", "17b")),
        ({"24": [{"npi": "123"}]}, ("block", "npi.wrong", "24J.1")),
        ({"32a": "9876543213"}, ("block", "npi.wrong", "32a")),
        ({"33a": "10000000O4"}, ("block", "npi.wrong", "33a")),
        ({"21": {"codes": ["M54.2"] * 13}}, ("block", "lines.too-many", "21")),
        ({"24": [{}] * 7}, ("block", "lines.too-many", "24")),
        ({"24": [{"modifiers": ["59"] * 5}]}, ("block", "lines.too-many", "24D.1")),
        ({"24": [{"modifiers": ["595"]}]}, ("block", "text.too-long", "24D.1")),
        ({"carrier": ["A"] * 5}, ("block", "lines.too-many", "carrier")),
        ({"32": ["A"] * 4}, ("block", "lines.too-many", "32")),
        ({"33": {"lines": ["A"] * 4}}, ("block", "lines.too-many", "33")),
        ({"24": [{"pointer": "A"}]}, ("block", "pointer.empty", "24E.1")),
        ({"21": {"codes": ["M54.2", ""]}, "24": [{}, {"pointer": "BA"}]}, ("block", "pointer.empty", "24E.2")),
        ({"24": [{"pointer": "1"}]}, ("block", "pointer.unreadable", "24E.1")),
        ({"24": [{"units": "x"}]}, ("block", "units.unreadable", "24G.1")),
        ({"24": [{"units": "1.2.3"}]}, ("block", "text.too-long", "24G.1")),
        ({"24": [{"units": "1.."}]}, ("block", "units.unreadable", "24G.1")),
        ({"21": {"codes": ["M5"]}}, ("warn", "icd.shape", "21A")),
        ({"5": {"phone": "555CALM"}}, ("warn", "phone.shape", "5")),
        ({"14": {"qualifier": "439"}}, ("warn", "value.unknown", "14")),
        ({"17": {"qualifier": "82"}}, ("warn", "value.unknown", "17")),
        ({"22": {"code": "6"}}, ("warn", "value.unknown", "22")),
        ({"24": [{}, {"emg": "N"}]}, ("block", "value.unknown", "24C.2")),
        ({"24": [{"id_qualifier": "PXC"}]}, ("block", "text.too-long", "24I.1")),
        ({"24": [{"id_qualifier": "EI"}]}, ("warn", "value.unknown", "24I.1")),
    ],
)
def test_what_cannot_be_printed_as_meant(page: dict[str, Any], expected: tuple[str, str, str]) -> None:
    assert codes(page) == [expected]


def test_a_value_with_a_blocking_problem_is_not_printed() -> None:
    assert composed({"1a": "X" * 30, "17b": "1", "29": "x", "24": [{"pointer": "A"}]}).marks == []


def test_messages_name_the_box_and_what_to_do() -> None:
    (problem,) = problems({"21": {"codes": ["M54.2"]}, "24": [{}, {"pointer": "AC"}]})
    assert problem.message == (
        "Diagnosis pointer (item 24E, line 2): it points to C, but item 21 holds no such diagnosis. "
        "Point to one that is there."
    )
    assert problem.field == "24.2.pointer"
    (date,) = problems({"14": {"date": "soon"}})
    assert date.message.startswith("Date of current illness (item 14): there is no such date.")


def test_item_19_uses_the_end_of_the_captions_line_only_when_it_must() -> None:
    assert printed({"19": "x" * 48}) == {"19": "X" * 48}
    long = "Q" * 22 + " " + "R" * 40
    assert printed({"19": long}) == {"19.caption": "Q" * 22, "19": "R" * 40}
    assert printed({"19": " "}) == {}


def test_blank_texts_print_nothing() -> None:
    page = {"1": "", "2": "", "3": {"dob": "", "sex": ""}, "4": "  ", "24": [{"from": "", "to": "", "pointer": ""}]}
    assert composed({**page, "28": "", "21": {"codes": [""]}}) == ([], [])


def test_twelve_diagnoses_and_their_letters() -> None:
    found = printed({"21": {"codes": [f"M54.{n}" for n in range(12)]}, "24": [{"pointer": "L, A"}]})
    assert found["21.L"] == "M5411"
    assert found["24.1.pointer"] == "LA"
