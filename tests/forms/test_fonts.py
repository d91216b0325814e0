"""The bundled fonts: what they can write, what they refuse, and figures of one width."""

from __future__ import annotations

import io
import struct

import pypdfium2
import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from app.forms import fonts

WRITABLE = [
    "Nguyễn Thị Phương Ánh Đặng Ước Kỳ Sỹ Ẵm",
    "Ελένη Παπαδοπούλου Ϊρις Γεώργιος Ωμέγα",
    "Ксения Щербакова Ёлкин Ґалаґан Їжак Ђорђе Ћирић",
    "Inês Câmara Łukasz Żółć Şahin Çelik Ağca Þór Ægir Ñandú Ōsaka",
    "“quoted” – — × · − • … № § ½ €",
]
INTER = [fonts.REGULAR, fonts.MEDIUM, fonts.SEMIBOLD, fonts.TABULAR, fonts.TABULAR_SEMIBOLD]


@pytest.mark.parametrize("font", INTER)
@pytest.mark.parametrize("text", WRITABLE)
def test_inter_writes_latin_vietnamese_greek_and_cyrillic(text: str, font: str) -> None:
    assert fonts.missing(text, font) == set()


def test_decomposed_names_are_composed_first() -> None:
    decomposed = "Nguye\u0302\u0303n I\u0301nes A\u030angstro\u0308m Й".replace("Й", "И\u0306")
    assert fonts.composed(decomposed) == "Nguyễn Ínes Ångström Й"
    assert fonts.missing(decomposed) == set()


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("王小明", {"王", "小", "明"}),
        ("Ana שלום", {"ש", "ל", "ו", "ם"}),
        ("q\u0301", {"\u0301"}),  # no letter takes up this accent
        ("a\tb\nc", {"\t", "\n"}),
        ("zero\u200bwidth\u202e", {"\u200b", "\u202e"}),
        ("smile 🙂", {"🙂"}),
        ("", set()),
    ],
)
def test_what_cannot_be_set_is_named(text: str, lacking: set[str]) -> None:
    assert fonts.missing(text) == lacking


def test_courier_prime_has_fewer_letters_all_of_one_width() -> None:
    assert fonts.missing("FENNIMORE, ORSÓN", fonts.COURIER) == set()
    assert fonts.missing("Щ", fonts.COURIER) == {"Щ"}
    assert stringWidth("0", fonts.COURIER, 10) == pytest.approx(6.0, abs=0.01)


@pytest.mark.parametrize("font", [fonts.TABULAR, fonts.TABULAR_SEMIBOLD])
def test_tabular_digits_are_of_one_width_and_read_back_as_digits(font: str) -> None:
    fonts.register()
    assert len({stringWidth(digit, font, 1000) for digit in "0123456789"}) == 1
    ordinary = font.replace("-Tabular", "")
    assert stringWidth("1", font, 8) > stringWidth("1", ordinary, 8)
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.setFont(font, 8)
    canvas.drawString(72, 720, "1,234,567.89")
    canvas.setFont(ordinary, 8)
    canvas.drawString(72, 700, "0123456789")
    canvas.save()
    page = pypdfium2.PdfDocument(out.getvalue())[0]
    assert page.get_textpage().get_text_bounded().split() == ["1,234,567.89", "0123456789"]


@pytest.mark.parametrize("font", [fonts.TABULAR, fonts.TABULAR_SEMIBOLD])
def test_tabular_digits_are_the_glyphs_of_the_feature_tnum(font: str) -> None:
    """Read from the font's own table of substitutions (OpenType, GSUB lookup type 1, format 2)."""
    fonts.register()
    ordinary = pdfmetrics.getFont(font.replace("-Tabular", "")).face.charToGlyph
    tabular = pdfmetrics.getFont(font).face
    table = tabular.get_table("GSUB")

    def shorts(offset: int, count: int) -> tuple[int, ...]:
        return struct.unpack_from(f">{count}H", table, offset)

    _major, _minor, _scripts, features, lookups = shorts(0, 5)
    records = [struct.unpack_from(">4sH", table, features + 2 + 6 * n) for n in range(shorts(features, 1)[0])]
    feature = features + next(offset for tag, offset in records if tag == b"tnum")
    lookup = lookups + shorts(lookups + 2 + 2 * shorts(feature + 4, 1)[0], 1)[0]
    subtable = lookup + shorts(lookup + 6, 1)[0]
    _format, coverage, count = shorts(subtable, 3)
    ranges = shorts(subtable + coverage + 2, 1)[0]
    covered: list[int] = []
    for number in range(ranges):
        first, last, _index = shorts(subtable + coverage + 4 + 6 * number, 3)
        covered += range(first, last + 1)
    substitutes = dict(zip(covered, shorts(subtable + 6, count), strict=True))
    for digit in b"0123456789":
        assert tabular.charToGlyph[digit] == substitutes[ordinary[digit]]
