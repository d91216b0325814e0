"""What stands on a page comes back as values, whoever printed it."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from app.errors import InputError
from app.forms import acroform, glyphs, layout, marks, matching, pdf, read
from app.forms.gather import gather
from tests.forms import pdf_factory, sample_pages

GRID = layout.load()
SAMPLES = [sample_pages.COMMERCIAL, sample_pages.AUTO, {}]
DRAWN = [marks.compose(page, GRID).marks for page in SAMPLES]
VALUES = read.read_pages(pdf.overlay(DRAWN, GRID))


def test_the_sample_pages_come_back() -> None:
    commercial, auto, blank = VALUES
    assert blank == {}
    assert commercial["carrier"] == ["EVERGREEN MUTUAL EXAMPLE", "PO BOX 1200", "SEATTLE WA 98101-1234"]
    assert commercial["21"] == {"indicator": "0", "codes": ["M54.2", "S13.4XXA", "M54.50"]}
    assert commercial["24"][1]["to"] == "2026-09-16"
    assert commercial["24"][1]["charge"] == "9.05"
    assert commercial["28"] == "CONTINUED"
    assert commercial["29"] == "0.00"
    assert commercial["25"] == {"id": "123456789", "kind": "EIN"}
    assert auto["19"] == sample_pages.AUTO["19"].upper()
    assert auto["carrier"][2] == "9 WRECK RD SUITE 2"
    assert auto["10b"] == {"yes": True, "state": "WA"}


@pytest.mark.parametrize("page", VALUES)
def test_what_was_read_prints_the_same(page: dict[str, Any]) -> None:
    again = marks.compose(page, GRID)
    assert again.problems == []
    assert again.marks in DRAWN


def test_a_filled_payers_form_reads_the_same(real_forms: Path) -> None:
    template = acroform.load_template((real_forms / "fillable-a.pdf").read_bytes())
    flat = acroform.fill(template, DRAWN, GRID)
    assert flat.problems == []
    assert read.read_pages(flat.pdf) == VALUES
    drawn = [[mark for mark in page if mark.key != "page"] for page in DRAWN]
    kept = acroform.fill(template, drawn, GRID, keep_fillable=True)
    assert kept.problems == []
    commercial = {key: value for key, value in VALUES[0].items() if key != "page"}
    assert read.read_pages(kept.pdf) == [commercial, *VALUES[1:]]


@pytest.mark.skipif(shutil.which("pdftocairo") is None, reason="pdftocairo is not installed")
@pytest.mark.parametrize("draw", [pdf.overlay, pdf.full])
def test_a_page_that_another_program_printed(draw: Any, tmp_path: Path) -> None:
    (tmp_path / "ours.pdf").write_bytes(draw(DRAWN, GRID, dx_mm=1, dy_mm=2))
    subprocess.run(["pdftocairo", "-pdf", "ours.pdf", "theirs.pdf"], cwd=tmp_path, check=True)
    assert read.read_pages((tmp_path / "theirs.pdf").read_bytes()) == VALUES


def test_a_sheet_whose_corner_is_not_at_zero() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf.overlay(DRAWN[:1], GRID))))
    page = writer.pages[0]
    page.merge_translated_page(page, 0, 0)
    page.mediabox.lower_left, page.mediabox.upper_right = (-30, -40), (582, 752)
    moved = io.BytesIO()
    writer.write(moved)
    drawn = next(glyphs.pages(moved.getvalue()))
    assert min(glyph.x for glyph in drawn) == pytest.approx(54.6, abs=0.1)


def test_proportional_text_at_the_places_of_the_boxes() -> None:
    canvas, content = paper()
    canvas.setFont("Helvetica", 9)
    texts = {"2": "ROE,  ANN", "1a": "ILLI-1", "5.city": "OAK HILL", "1.group": "X", "24.1.charge": "120 00"}
    write(canvas, texts)
    canvas.setFont("Helvetica", 6)
    canvas.drawString(100, 792 - 90, "A caption in black, in no box")
    canvas.setFont("Courier", 8.5)
    write(canvas, {"33.1": "CALM  HANDS"})
    (found,) = read.read(content())
    assert found.values == {
        "1": "group",
        "1a": "ILLI-1",
        "2": "ROE,  ANN",
        "5": {"city": "OAK HILL"},
        "24": [{"charge": "120.00"}],
        "33": {"lines": ["CALM  HANDS"]},
    }
    assert found.problems == []


def test_blanks_that_no_character_stands_for_are_seen_as_gaps() -> None:
    canvas, content = paper()
    box = GRID.boxes["2"]
    canvas.setFont("Helvetica", 9)
    for at, word in enumerate(("ROE", "ANN")):
        canvas.drawString(GRID.left(box.column) + 30 * at, 792 - GRID.baseline(box.line), word)
    write(canvas, {"1.group": "X"})
    ((values, _problems),) = read.read(content())
    assert values["2"].split() == ["ROE", "ANN"]


def test_a_font_that_another_program_took_instead_makes_no_blanks() -> None:
    """Where Helvetica is not installed, a printer puts letters of another width at Helvetica's places."""
    canvas, content = paper()
    for key, words in {"2": "PAUL-JONES,  JILL", "4": "JIM   PJ", "7.city": "PJTO"}.items():
        box = GRID.boxes[key]
        for at, sign in enumerate(words):
            x = GRID.left(box.column) + canvas.stringWidth(words[:at], "Helvetica", 9)
            text = canvas.beginText(x, 792 - GRID.baseline(box.line))
            text.setFont("Helvetica", 9)
            text.setHorizScale(60)
            text.textOut(sign)
            canvas.drawText(text)
    assert read.read_pages(content()) == [{"2": "PAUL-JONES,  JILL", "4": "JIM   PJ", "7": {"city": "PJTO"}}]


def test_blanks_of_a_box_without_a_field_keep_their_number(real_forms: Path) -> None:
    template = acroform.load_template((real_forms / "fillable-a.pdf").read_bytes())
    page = {"2": "ROE, ANN", "30": "A  BC  D", "page": "PAGE  1  OF 2"}
    filled = acroform.fill(template, [marks.compose(page, GRID).marks], GRID)
    assert read.read_pages(filled.pdf) == [page]


@pytest.mark.parametrize(
    "page", [{"22": {"code": "3DGIFBNTVNF"}}, {"24": [{"epsdt_shaded": "AV"}], "30": "1"}, {"24": [{"code": "97124"}]}]
)
def test_a_value_that_was_shrunk_into_its_field_is_no_caption(real_forms: Path, page: dict[str, Any]) -> None:
    template = acroform.load_template((real_forms / "fillable-a.pdf").read_bytes())
    filled = acroform.fill(template, [marks.compose(page, GRID).marks], GRID)
    assert read.read_pages(filled.pdf) == [page]


@pytest.mark.parametrize(
    "frame",
    [
        matching.Frame(1.0, -3.5, 1.0, 2.1), matching.Frame(1.0, 4.0, 1.0, 6.5), matching.Frame(1.01, -4.2, 1.01, -3.2),
    ],
)  # fmt: skip
@pytest.mark.parametrize("keep_fillable", [False, True])
def test_a_strangers_form_reads_the_same_wherever_its_fields_are(frame: matching.Frame, keep_fillable: bool) -> None:
    template = acroform.load_template(pdf_factory.pdf([*pdf_factory.strangers(frame, ["19.caption"]).values()]))
    filled = acroform.fill(template, DRAWN[:2], GRID, keep_fillable=keep_fillable)
    assert read.read_pages(filled.pdf) == VALUES[:2]


@pytest.mark.parametrize("page", [{"24": [{"shaded": "  ANY WORDS"}]}, {"19": " " * 30 + "X"}])
def test_blanks_in_front_are_kept_on_an_unmoved_page(page: dict[str, Any]) -> None:
    assert read.read_pages(pdf.overlay([marks.compose(page, GRID).marks], GRID)) == [page]


def test_only_what_is_seen_counts() -> None:
    canvas, content = paper()
    canvas.setFont("Courier", 10)
    write(canvas, {"1a": "SEEN"})
    canvas.setFillColorRGB(0.8, 0.1, 0.1)
    write(canvas, {"2": "RED"})
    canvas.setFillColorRGB(1, 1, 1)
    write(canvas, {"4": "WHITE"})
    canvas.setFillColorRGB(0, 0, 0, alpha=0.2)
    write(canvas, {"9": "FAINT"})
    canvas.setFillColorRGB(0, 0, 0, alpha=1)
    canvas.setFont("Courier", 3)
    write(canvas, {"11": "TINY"})
    canvas.setFont("Courier", 10)
    hidden = canvas.beginText(30, 792 - GRID.baseline(26))
    hidden.setTextRenderMode(3)
    hidden.textOut("HIDDEN")
    canvas.drawText(hidden)
    assert read.read_pages(content()) == [{"1a": "SEEN"}]


def test_small_captions_in_black_are_no_values() -> None:
    canvas, content = paper()
    canvas.setFont("Helvetica", 6)
    canvas.drawString(30, 770, "A title above the boxes")
    canvas.drawString(GRID.left(1), 792 - GRID.baseline(12), "5. Street")
    writer = PdfWriter(io.BytesIO(pdf.overlay([DRAWN[0]], GRID)))
    writer.pages[0].merge_page(PdfReader(io.BytesIO(content())).pages[0])
    out = io.BytesIO()
    writer.write(out)
    assert read.read_pages(out.getvalue()) == [VALUES[0]]


def test_text_outside_the_boxes_is_told() -> None:
    stray = [marks.Mark("x", 42, 10, "OH")]
    ((values, problems),) = read.read(pdf.overlay([[*DRAWN[0], *stray]], GRID))
    assert values == VALUES[0]
    assert [(problem.code, problem.message[:12]) for problem in problems] == [("read.outside", "2 characters")]


def test_two_characters_in_one_cell_are_told() -> None:
    double = [marks.Mark("1a", 8, 50, "Z")]
    ((values, problems),) = read.read(pdf.overlay([[*DRAWN[0], *double]], GRID))
    assert [problem.code for problem in problems] == ["read.outside"]
    assert values["1a"] == VALUES[0]["1a"]


def test_a_letter_is_no_claim_form() -> None:
    canvas, content = paper()
    canvas.setFont("Courier", 11)
    for line in range(20):
        canvas.drawString(40, 700 - line * 13.7, "Dear Sir, this is a letter of many words and no boxes at all.")
    with pytest.raises(InputError, match="Page 1 of this PDF does not look like a CMS-1500"):
        read.read_pages(content())


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"hello", b"\0" * 1000])
def test_what_is_no_pdf(content: bytes) -> None:
    with pytest.raises(InputError, match="not a PDF that can be read"):
        read.read_pages(content)


def test_a_locked_pdf_is_refused() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf.overlay(DRAWN[:1], GRID))))
    writer.encrypt("secret", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    with pytest.raises(InputError, match="without a password"):
        read.read_pages(locked.getvalue())


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    document = pdf.overlay(DRAWN[:1], GRID)
    monkeypatch.setattr(glyphs, "MOST_CHARACTERS", 100)
    with pytest.raises(InputError, match="more text than a claim form"):
        read.read_pages(document)
    monkeypatch.setattr(glyphs, "MOST_PAGES", 0)
    with pytest.raises(InputError, match="has 1 pages"):
        read.read_pages(document)
    monkeypatch.setattr(glyphs, "LARGEST_FILE", 100)
    with pytest.raises(InputError, match="larger than"):
        read.read_pages(document)


def test_a_damaged_page_is_told() -> None:
    document = pdf.overlay(DRAWN, GRID)
    broken = document.replace(b"/Type /Page\n", b"/Type /Pagx\n")
    assert broken != document
    with pytest.raises(InputError):
        read.read_pages(broken.replace(b"/Contents", b"/Xontents").replace(b"/MediaBox", b"/XediaBox"))


@pytest.mark.parametrize(
    ("texts", "item", "field"),
    [
        ({"1.group": "X", "1.other": "X"}, "1", "1"),
        ({"10a.yes": "X", "10a.no": "X"}, "10a", "10a"),
        ({"14.date.mm": "13", "14.date.dd": "01", "14.date.yy": "26"}, "14", "14.date"),
        ({"14.date.mm": "12", "14.date.dd": "01"}, "14", "14.date"),
        ({"14.date.mm": "1", "14.date.dd": "01", "14.date.yy": "26"}, "14", "14.date"),
        ({"31.date": "09 31 26"}, "31", "31.date"),
        ({"28": "7"}, "28", "28"),
        ({"24.2.charge": "12A00"}, "24", "24.2.charge"),
    ],
)
def test_what_makes_no_sense_is_told_and_left_out(texts: Mapping[str, str], item: str, field: str) -> None:
    values, problems = gather(texts)
    assert values == {}
    assert [(problem.code, problem.item, problem.field) for problem in problems] == [("read.unclear", item, field)]


def test_gathering() -> None:
    values, problems = gather(
        {
            "carrier.1": "A",
            "carrier.4": "D",
            "14.date.mm": "01",
            "14.date.dd": "02",
            "14.date.yy": "1999",
            "21.indicator": "9",
            "21.A": "E8490",
            "21.B": "7242",
            "21.D": "V57",
            "24.2.code": "97124",
            "24.2.modifier.2": "59",
            "29": "05",
        }
    )
    assert problems == []
    assert values == {
        "carrier": ["A", "", "D"],
        "14": {"date": "1999-01-02"},
        "21": {"indicator": "9", "codes": ["E849.0", "724.2", "", "V57"]},
        "24": [{}, {"code": "97124", "modifiers": ["", "59"]}],
        "29": "0.05",
    }


def paper() -> tuple[Canvas, Any]:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=GRID.page)

    def content() -> bytes:
        canvas.save()
        return buffer.getvalue()

    return canvas, content


def write(canvas: Canvas, texts: Mapping[str, str]) -> None:
    for key, text in texts.items():
        box = GRID.boxes[key]
        canvas.drawString(GRID.left(box.column), 792 - GRID.baseline(box.line), text)
