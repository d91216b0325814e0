"""Filling a payer's PDF: every value in its field, flat and fillable, and nothing cut."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from pypdf import PdfReader

from app.billing.problems import Severity
from app.errors import InputError
from app.forms import layout as layouts
from app.forms.acroform import Template, box_map, fill, load_template
from app.forms.marks import Mark, compose
from app.forms.matching import Frame
from app.forms.values import parse
from tests.forms import pdf_factory as factory
from tests.forms.test_template import FORBIDDEN, checked, dark, keys_of, picture

GRID = layouts.load()
MOVED = Frame(1.003, 4.0, 0.998, -3.5)
LONG = "ADDITIONAL CLAIM INFORMATION THAT GOES ON FOR MORE THAN ONE LINE, TO 71"
VALUES: dict[str, Any] = {
    "carrier": ["CASCADE MUTUAL HEALTH PLAN", "CLAIMS DEPARTMENT", "PO BOX 4410", "SPOKANE WA 99201-4410"],
    "1": "group",
    "1a": "ZGP883920114",
    "2": "TESTPERSON, MARIGOLD, Q",
    "3": {"dob": "1980-02-29", "sex": "F"},
    "4": "TESTPERSON, ALEXANDER, R",
    "5": {
        "street": "1400 IMAGINARY ORCHARD LANE",
        "city": "WALLA WALLA",
        "state": "WA",
        "zip": "99362-1234",
        "area": "509",
        "phone": "5550142",
    },
    "6": "spouse",
    "7": {
        "street": "77 ELSEWHERE AVENUE",
        "city": "PASCO",
        "state": "WA",
        "zip": "99301",
        "area": "509",
        "phone": "5550143",
    },
    "8": "RESERVED 8",
    "9": "OTHER, INSURED, X",
    "9a": "OTHERPOLICY77",
    "9b": "RESERVED 9B",
    "9c": "RESERVED 9C",
    "9d": "OTHER PLAN NAME",
    "10a": False,
    "10b": {"yes": True, "state": "WA"},
    "10c": False,
    "10d": "W2",
    "11": "GRP55210",
    "11a": {"dob": "1979-07-04", "sex": "M"},
    "11b": {"qualifier": "Y4", "id": "ABC1234567890CLAIM"},
    "11c": "CASCADE PPO GOLD",
    "11d": True,
    "12": {"signed": "SIGNATURE ON FILE", "date": "2026-11-21"},
    "13": "SIGNATURE ON FILE",
    "14": {"date": "2026-09-14", "qualifier": "431"},
    "15": {"date": "2026-09-20", "qualifier": "454"},
    "16": {"from": "2026-09-15", "to": "2026-10-01"},
    "17": {"qualifier": "DN", "name": "HAROLD FAKEDOC MD"},
    "17a": {"qualifier": "0B", "id": "MD00012345"},
    "17b": "1234567893",
    "18": {"from": "2026-09-15", "to": "2026-09-17"},
    "19": LONG,
    "20": {"yes": True, "charges": "120.00"},
    "21": {
        "indicator": "0",
        "codes": [
            "M54.2", "M54.50", "S13.4XXA", "M62.830", "G44.209", "M25.511",
            "M25.512", "M79.18", "S33.5XXA", "M54.16", "R51.9", "M54.6",
        ],
    },
    "22": {"code": "7", "reference": "ORIGREF123456"},
    "23": "AUTH99887766",
    "24": [
        {
            "shaded": f"ZZUNLISTED THERAPY {number}",
            "from": f"2026-11-0{number}",
            "place": f"1{number}",
            "emg": "Y",
            "code": f"9714{number}",
            "modifiers": ["GP", "59", "KX", f"X{number}"],
            "pointer": "ABCD",
            "charge": f"{number}20.50",
            "units": str(number),
            "epsdt": "Y",
            "epsdt_shaded": "AV",
            "id_qualifier": "ZZ",
            "id": f"22570000{number}X",
            "npi": "1000000004",
        }
        for number in range(1, 7)
    ],
    "25": {"id": "12-3456789", "kind": "EIN"},
    "26": "ACCT00012",
    "27": True,
    "28": "2523.00",
    "29": "0.00",
    "31": {"signed": "TESS THERAPIST LMT", "date": "2026-11-21"},
    "32": ["STILL WATER MASSAGE", "22 MADE UP STREET SUITE 4", "WALLA WALLA WA 99362-1234"],
    "32a": "1987654328",
    "32b": "ZZ225700000X",
    "33": {"area": "509", "phone": "5550199", "lines": ["STILL WATER PLLC", "PO BOX 9", "PASCO WA 99301-1234"]},
    "33a": "1987654328",
    "33b": "ZZ225700000X",
}  # fmt: skip
OTHER_TICKS = {
    **VALUES,
    "1": "other",
    "3": {"dob": "1980-02-29", "sex": "M"},
    "6": "self",
    "10a": True,
    "10b": {"yes": False},
    "10c": True,
    "11a": {"dob": "1979-07-04", "sex": "F"},
    "11d": False,
    "20": {"yes": False},
    "25": {"id": "12-3456789", "kind": "SSN"},
    "27": False,
}


def marks_of(values: Mapping[str, Any]) -> list[Mark]:
    page = compose(parse(values)[0], GRID)
    assert page.problems == []
    return page.marks


def text(key: str, words: str) -> Mark:
    box = GRID.boxes[key]
    return Mark(key, box.line, box.column, words)


def expected(marks: list[Mark]) -> dict[str, str]:
    """What must stand at each box: item 19 whole at its last line, money with a blank before the cents."""
    found = {mark.key: mark.text for mark in marks}
    if "19.caption" in found:
        found["19"] = found.pop("19.caption").ljust(23) + found["19"]
    return {
        key: f"{words[:-2]} {words[-2:]}" if GRID.boxes[key].kind == "money" and words.isdigit() else words
        for key, words in found.items()
    }


def words_at(pdf: bytes, rect: tuple[float, float, float, float], page: int = 0) -> str:
    """The text whose characters stand within a place."""
    (words,) = all_words(pdf, {"": rect}, page).values()
    return words


def all_words(pdf: bytes, rects: Mapping[str, tuple[float, float, float, float]], page: int = 0) -> dict[str, str]:
    """The text at each place."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        height, reader = document[page].get_height(), document[page].get_textpage()
        return {
            key: reader.get_text_bounded(left, height - bottom, right, height - top).strip()
            for key, (left, top, right, bottom) in rects.items()
        }
    finally:
        document.close()


def values_of(pdf: bytes) -> dict[str, str]:
    """Field name → value, for fields that have one."""
    fields = PdfReader(io.BytesIO(pdf)).get_fields() or {}
    return {name: str(field["/V"]) for name, field in fields.items() if field.get("/V") not in (None, "/Off")}


def annotations(pdf: bytes, page: int = 0) -> list[Any]:
    return [annotation.get_object() for annotation in PdfReader(io.BytesIO(pdf)).pages[page]["/Annots"]]  # type: ignore[attr-defined]


def known(**more: Any) -> Template:
    return load_template(factory.pdf(factory.like_fillable_a(), **more))


def stranger(*extra: factory.Widget, leave_out: tuple[str, ...] = ()) -> Template:
    return load_template(factory.pdf([*factory.strangers(MOVED, leave_out).values(), *extra]))


def only(template: Template, *marks: Mark, **how: Any) -> tuple[str, str]:
    """The one problem of filling in these marks: code and sentence."""
    (problem,) = [problem for problem in fill(template, [marks], GRID, **how).problems if problem.severity == "block"]
    return problem.code, problem.message


# All of a form


def assert_all_stands(template: Template, values: Mapping[str, Any]) -> None:
    marks = marks_of(values)
    filled = fill(template, [marks], GRID)
    assert filled.problems == []
    boxes = box_map("fillable-a")
    wanted = expected(marks)
    ticked = {key for key in wanted if GRID.boxes[key].kind == "mark"}
    assert all_words(filled.pdf, {key: boxes[key] for key in wanted}) == wanted
    image = picture(filled.pdf)
    for key in GRID.boxes:
        if GRID.boxes[key].kind == "mark":
            left, top, right, bottom = boxes[key]
            inside = (left + 2, top + 2, right - 2, bottom - 2)
            assert (dark(image, inside) > 0.25) == (key in ticked), key


@pytest.mark.parametrize("values", [VALUES, OTHER_TICKS], ids=["one", "other"])
def test_every_field_of_a_known_form_reads_back(values: Mapping[str, Any]) -> None:
    assert_all_stands(known(), values)


@pytest.mark.parametrize("values", [VALUES, OTHER_TICKS], ids=["one", "other"])
def test_every_field_of_the_real_form_reads_back(values: Mapping[str, Any], real_forms: Path, tmp_path: Path) -> None:
    template = load_template((real_forms / "fillable-a.pdf").read_bytes())
    assert_all_stands(template, values)
    for keep_fillable in (False, True):
        filled = fill(template, [marks_of(values)] * 2, GRID, keep_fillable=keep_fillable)
        assert filled.problems == []
        assert not keys_of(filled.pdf) & (FORBIDDEN - {"/Names"})
        checked(filled.pdf, tmp_path)
        assert len(PdfReader(io.BytesIO(filled.pdf)).pages) == 2


def test_flat_pages_share_the_form_and_hold_nothing_to_fill(tmp_path: Path) -> None:
    drawing = b"".join(b"%d %d m %d 5 l S " % (n % 611, n % 787, n * 7 % 613) for n in range(9000))
    template = known(drawing=drawing)
    marks = marks_of(VALUES)
    one, six = fill(template, [marks], GRID).pdf, fill(template, [marks] * 6, GRID).pdf
    assert len(six) - len(one) < 5 * 5000
    assert len(one) > len(template.page) > 20_000
    assert not keys_of(six) & (FORBIDDEN | {"/AcroForm", "/Annots"})
    checked(six, tmp_path)
    assert [words_at(six, box_map("fillable-a")["2"], page) for page in range(6)] == ["TESTPERSON, MARIGOLD, Q"] * 6
    assert fill(template, [marks] * 6, GRID).pdf == six


def test_a_strangers_form_is_filled_where_its_fields_are() -> None:
    marks = marks_of({**VALUES, "page": "PAGE 1 OF 1", "30": "RSVD", "19": "SHORT", "28": "CONTINUED"})
    filled = fill(stranger(), [marks], GRID)
    assert [(problem.code, problem.severity) for problem in filled.problems] == [("template.by-place", Severity.INFORM)]
    wanted = expected(marks)
    assert all_words(filled.pdf, {key: MOVED.rect(GRID.rect(GRID.boxes[key])) for key in wanted}) == wanted


def test_no_page_is_refused() -> None:
    with pytest.raises(InputError, match="no page"):
        fill(known(), [], GRID)


# Fields that stay fillable


def test_fields_that_stay_fillable_hold_the_values(tmp_path: Path) -> None:
    template = known()
    marks = marks_of(VALUES)
    filled = fill(template, [marks], GRID, keep_fillable=True)
    assert filled.problems == []
    checked(filled.pdf, tmp_path)
    assert not keys_of(filled.pdf) & FORBIDDEN
    values = values_of(filled.pdf)
    for key, words in expected(marks).items():
        name, _equals, on = template.mapping[key][0].partition("=")
        assert values.pop(name) == (f"/{on}" if on else words), key
    assert values == {}


def test_a_fillable_page_looks_like_a_flat_one() -> None:
    template, marks = known(), marks_of(VALUES)
    pages = []
    for keep_fillable in (False, True):
        document = pypdfium2.PdfDocument(fill(template, [marks], GRID, keep_fillable=keep_fillable).pdf)
        document.init_forms()
        pages.append(document[0].render(scale=2).to_pil().convert("L").tobytes())
        document.close()
    different = sum(abs(one - other) > 128 for one, other in zip(*pages, strict=True))
    dark = sum(one < 128 for one in pages[0])
    assert dark > 5000
    assert different < dark * 0.1


def test_pages_that_stay_fillable_have_fields_of_their_own() -> None:
    marks = [marks_of(VALUES), marks_of({**OTHER_TICKS, "2": "SECOND, PAGE"})]
    pdf = fill(known(), marks, GRID, keep_fillable=True).pdf
    values = values_of(pdf)
    assert (values["pt_name"], values["page2.pt_name"]) == ("TESTPERSON, MARIGOLD, Q", "SECOND, PAGE")
    assert (values["employment"], values["page2.employment"]) == ("/NO", "/YES")
    states = {str(box["/AS"]) for box in annotations(pdf, 1) if "/AS" in box}
    assert {"/YES", "/SSN", "/Off"} <= states


def test_names_in_a_tree_odd_names_and_lengths_survive() -> None:
    extra = [
        factory.text("form1[0].Page.note (a)", (300, 760, 400, 775), Ff=1 << 12),
        factory.text("Stra\u00dfe\\", (420, 760, 500, 775)),
        factory.check("form1[0].odd", (510, 760, 520, 770), "Yes & no"),
        factory.text("comb", (20, 760, 140, 775), Ff=1 << 24, MaxLen=10),
    ]
    template = stranger(*extra, leave_out=("30", "26", "10d", "1.feca"))
    mapping = {
        "30": "form1[0].Page.note (a)",
        "26": "Stra\u00dfe\\",
        "10d": "comb",
        "1.feca": "form1[0].odd=Yes & no",
    }
    marks = [text("30", "(A)\\B"), text("26", "ACCT\u00e9"), text("10d", "0123456789"), text("1.feca", "X")]
    filled = fill(template, [marks], GRID, keep_fillable=True, mapping=mapping)
    assert filled.problems == []
    values = values_of(filled.pdf)
    assert values == {
        "form1[0].Page.note (a)": "(A)\\B",
        "Stra\u00dfe\\": "ACCT\u00e9",
        "comb": "0123456789",
        "form1[0].odd": "/Yes & no",
    }
    fields = {str(field.get("/T")): field for field in annotations(filled.pdf)}
    assert (fields["comb"]["/MaxLen"], fields["comb"]["/Ff"]) == (10, 1 << 24)
    assert fields["note (a)"]["/Ff"] == 1 << 12
    flat = fill(template, [marks], GRID, mapping=mapping).pdf
    assert words_at(flat, (300, 760, 400, 775)) == "(A)\\B"
    for number in range(10):
        assert words_at(flat, (20 + 12 * number, 760, 32 + 12 * number, 775)) == str(number)


# How text stands


def drawn(pdf: bytes) -> list[tuple[str, float, float, float]]:
    """Font, size, x and y of the drawn texts, in order."""
    contents = PdfReader(io.BytesIO(pdf)).pages[0].get_contents()
    assert contents is not None
    found, font, size = [], "", 0.0
    for line in contents.get_data().decode("latin-1").splitlines():
        if match := re.fullmatch(r"/(\w+) ([\d.]+) Tf", line):
            font, size = match[1], float(match[2])
        elif match := re.match(r"1 0 0 1 ([\d.]+) ([\d.]+) Tm", line):
            found.append((font, size, float(match[1]), float(match[2])))
    return found


@pytest.mark.parametrize(
    ("width", "size"), [(60, 10), (40, 7.7), (26, 5.3), (24, None)], ids=["whole", "shrunk", "smallest", "too long"]
)
def test_text_shrinks_to_five_points_and_is_never_cut(width: float, size: float | None) -> None:
    field = factory.text("f", (300, 760, 300 + width, 772))
    template = stranger(field, leave_out=("30",))
    mark = text("30", "AAAAAAA")
    filled = fill(template, [[mark]], GRID, mapping={"30": "f"})
    if size is None:
        assert drawn(filled.pdf) == []
        assert only(template, mark, mapping={"30": "f"}) == (
            "template.does-not-fit",
            "Reserved for NUCC use does not fit the form's field “f” even at 5 points. Shorten it.",
        )
    else:
        assert filled.problems == []
        assert drawn(filled.pdf)[0][:2] == ("Helv", pytest.approx(size))
        assert words_at(filled.pdf, (300, 755, 300 + width, 777)) == "AAAAAAA"


def test_text_shrinks_for_a_low_field_too() -> None:
    template = stranger(factory.text("f", (300, 760, 400, 766)), leave_out=("30",))
    filled = fill(template, [[text("30", "A")]], GRID, mapping={"30": "f"})
    assert 5 < drawn(filled.pdf)[0][1] < 7


@pytest.mark.parametrize(("align", "x"), [(0, 302), (1, 350 - 6.67), (2, 398 - 13.34)])
def test_text_stands_left_middle_or_right_as_its_field_says(align: int, x: float) -> None:
    template = stranger(factory.text("f", (300, 760, 400, 774), Q=align), leave_out=("30",))
    ((font, size, left, y),) = drawn(fill(template, [[text("30", "AA")]], GRID, mapping={"30": "f"}).pdf)
    assert (font, size) == ("Helv", 10)
    assert left == pytest.approx(x, abs=0.02)
    assert y + 3.59 == pytest.approx(792 - 767, abs=0.02)  # the middle of a capital is the middle of the field


def test_the_fields_font_is_kept_where_it_is_courier() -> None:
    template = stranger(factory.text("f", (300, 760, 400, 774), DA="/CourierStd 12 Tf"), leave_out=("30",))
    assert drawn(fill(template, [[text("30", "AA")]], GRID, mapping={"30": "f"}).pdf)[0][:2] == ("Cour", 10)


def test_several_lines_stand_below_each_other() -> None:
    widgets = factory.strangers(MOVED)
    rects = [widgets.pop(f"32.{number}")["/Rect"] for number in (1, 2, 3)]
    address = factory.text("address", (rects[0][0], rects[0][1], rects[2][2], rects[2][3]), Ff=1 << 12)
    template = load_template(factory.pdf([*widgets.values(), address]))
    marks = [text("32.1", "ONE"), text("32.2", "TWO"), text("32.3", "THREE")]
    filled = fill(template, [marks], GRID)
    rows = drawn(filled.pdf)
    assert len(rows) == 3
    assert rows[0][3] - rows[1][3] == pytest.approx(rows[1][3] - rows[2][3], abs=0.02)
    assert words_at(filled.pdf, address["/Rect"]).split() == ["ONE", "TWO", "THREE"]
    assert values_of(fill(template, [marks], GRID, keep_fillable=True).pdf)["address"] == "ONE\nTWO\nTHREE"


def test_boxes_that_share_a_field_are_joined() -> None:
    widgets = factory.strangers(MOVED)
    parts = [widgets.pop(f"14.date.{part}")["/Rect"] for part in ("mm", "dd", "yy")]
    date = factory.text("date", (parts[0][0], parts[0][1], parts[2][2], parts[2][3]))
    left, top, right, bottom = widgets.pop("28")["/Rect"]
    dollars = factory.text("dollars", (left, top, right - 18, bottom), Q=2)
    cents = factory.text("cents", (right - 17, top, right, bottom))
    template = load_template(factory.pdf([*widgets.values(), date, dollars, cents]))
    marks = marks_of({"14": {"date": "2026-09-14"}, "28": "480.00"})
    values = values_of(fill(template, [marks], GRID, keep_fillable=True).pdf)
    assert values == {"date": "09 14 26", "dollars": "480", "cents": "00"}
    marks = marks_of({"28": "0.05"})
    assert values_of(fill(template, [marks], GRID, keep_fillable=True).pdf) == {"dollars": "0", "cents": "05"}
    marks = marks_of({"28": "CONTINUED"})
    assert values_of(fill(template, [marks], GRID, keep_fillable=True).pdf) == {"dollars": "CONTINUED"}


def test_item_19_is_one_text_in_one_field() -> None:
    filled = fill(known(), [marks_of({"19": LONG})], GRID, keep_fillable=True)
    assert values_of(filled.pdf) == {"96": LONG}


# What has no place


def test_a_known_form_takes_what_has_no_field_at_its_place_on_the_grid() -> None:
    template = known()
    marks = marks_of({"page": "PAGE 1 OF 2", "30": "RSVD 30"})
    filled = fill(template, [marks], GRID)
    assert filled.problems == []
    for key, words in (("page", "PAGE 1 OF 2"), ("30", "RSVD 30")):
        left, top, right, bottom = box_map("fillable-a")[key]
        assert words_at(filled.pdf, (left, top - 1, right, bottom + 1)) == words
    assert {font for font, *_rest in drawn(filled.pdf)} == {"Cour"}
    assert only(template, text("30", "A"), keep_fillable=True) == (
        "template.no-field",
        "Reserved for NUCC use has no field in this form. Print it flat, or leave it out.",
    )


def test_a_strangers_form_takes_it_there_only_when_told() -> None:
    template = stranger(leave_out=("30",))
    code, message = only(template, text("30", "A"))
    assert code == "template.no-field"
    assert 'or "" for the grid' in message
    filled = fill(template, [[text("30", "A")]], GRID, mapping={"30": ""})
    assert filled.problems == []
    assert words_at(filled.pdf, MOVED.rect(GRID.rect(GRID.boxes["30"]))) == "A"
    assert only(template, text("30", "A"), mapping={"30": ""}, keep_fillable=True)[0] == "template.no-field"


def test_a_problem_names_its_page_and_item() -> None:
    problems = fill(known(), [[], [text("24.2.charge", "1" * 40)]], GRID).problems
    assert [(problem.code, problem.item) for problem in problems] == [("template.does-not-fit", "24F.2")]
    assert "(page 2)" in problems[0].message


def test_a_field_takes_no_more_than_its_length_where_it_stays_fillable() -> None:
    template = stranger(factory.text("f", (300, 760, 400, 774), MaxLen=3), leave_out=("30",))
    mark = text("30", "FOUR")
    assert fill(template, [[mark]], GRID, mapping={"30": "f"}).problems == []
    assert only(template, mark, mapping={"30": "f"}, keep_fillable=True) == (
        "template.too-long",
        "Reserved for NUCC use: the form's field “f” takes 3 characters, the value has 4.",
    )


def test_cells_hold_a_character_each() -> None:
    narrow = factory.text("f", (300, 760, 315, 774), MaxLen=5, Ff=1 << 24)
    template = stranger(narrow, leave_out=("30",))
    assert only(template, text("30", "SIXSIX"), mapping={"30": "f"})[0] == "template.too-long"
    assert only(template, text("30", "FIVE5"), mapping={"30": "f"})[0] == "template.does-not-fit"


@pytest.mark.parametrize("how", [{"mapping": {"30": ""}}, {"mapping": {"30": "f"}}], ids=["grid", "field"])
def test_signs_that_the_font_lacks_are_a_problem(how: dict[str, Any]) -> None:
    template = stranger(factory.text("f", (300, 760, 400, 774)), leave_out=("30",))
    assert only(template, text("30", "\u4e2d"), **how) == (
        "template.unprintable",
        "Reserved for NUCC use has signs that the form's font lacks.",
    )
