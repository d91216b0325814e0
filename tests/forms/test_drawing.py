"""The drawing of the form: sound as data, true to the grid, one object in the PDF, nothing that touches."""

from __future__ import annotations

import io
import itertools
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pypdf
import pypdfium2
import pytest
from PIL import Image, ImageChops
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from app import paths
from app.errors import InputError
from app.forms import drawing as drawings
from app.forms import layout as layouts
from app.forms.drawing import Caption, Drawing, Rule
from app.forms.layout import Layout

BOX = Image.Resampling.BOX
FORM = paths.resource("cms1500", "form.toml").read_text("utf-8")


class Rect(NamedTuple):
    """x0, top, x1, bottom in points."""

    x0: float
    y0: float
    x1: float
    y1: float

    def meets(self, other: Rect, gap: float = 0.0) -> bool:
        return (
            self.x0 < other.x1 + gap
            and other.x0 < self.x1 + gap
            and self.y0 < other.y1 + gap
            and other.y0 < self.y1 + gap
        )


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    return drawings.load()


@pytest.fixture(scope="module")
def layout() -> Layout:
    return layouts.load()


def glyphs(layout: Layout, key: str) -> Rect:
    """Where the ink of a box filled from end to end can lie: capitals and digits, tail of the Q included."""
    box = layout.boxes[key]
    base = layout.baseline(box.line)
    last = layout.glyph(box.column + box.width - 1)
    return Rect(layout.glyph(box.column), base - 6.3, last + 6.0, base + 1.4)


def rule_ink(rule: Rule) -> Rect:
    half = rule.width / 2
    level = rule.y0 == rule.y1
    return Rect(
        rule.x0 - (0 if level else half),
        rule.y0 - (half if level else 0),
        rule.x1 + (0 if level else half),
        rule.y1 + (half if level else 0),
    )


def letters(caption: Caption) -> list[Rect]:
    """Where the ink of each letter can lie: only some letters go below the line."""
    start = {"left": 0.0, "center": -0.5, "right": -1.0}[caption.align]
    found = []
    at = start * stringWidth(caption.text, caption.font, caption.size) * caption.stretch
    for letter in caption.text:
        width = stringWidth(letter, caption.font, caption.size) * caption.stretch
        up = (0.54 if letter in "acegmnopqrsuvwxyz:;,." else 0.73) * caption.size
        down = (0.21 if letter in "()gjpqyQ,$" else 0.02) * caption.size
        if letter == " ":
            pass
        elif caption.angle == 90:
            x, y = caption.x, caption.baseline - at
            found.append(Rect(x - up, y - width, x + down, y))
        else:
            x, y = caption.x + at, caption.baseline
            found.append(Rect(x, y - up, x + width, y + down))
        at += width
    return found


def hull(rects: list[Rect]) -> Rect:
    x0, y0, x1, y1 = zip(*rects, strict=True)
    return Rect(min(x0), min(y0), max(x1), max(y1))


# Dividers that stand between the cells of one box: dollars and cents, qualifier and number.
INSIDE_A_BOX = {"20.charges", "28", "29", "30", *(f"24.{n}.charge" for n in range(1, 7))}
# Printed under the data on the real form too: the big pale NPI.
UNDER_THE_DATA = {"32a", "33a"}


# --- true to the grid ------------------------------------------------------------------------------------------


def test_no_rule_crosses_what_is_printed_in_a_box(drawing: Drawing, layout: Layout) -> None:
    rules = [rule_ink(rule) for rule in drawing.rules]
    crossed = {key for key in layout.boxes for rule in rules if glyphs(layout, key).meets(rule)}
    assert crossed <= INSIDE_A_BOX, crossed - INSIDE_A_BOX


def test_dividers_inside_a_box_stand_between_two_characters(drawing: Drawing, layout: Layout) -> None:
    seen = set()
    for key in INSIDE_A_BOX:
        box = layout.boxes[key]
        area = glyphs(layout, key)
        for rule in drawing.rules:
            ink = rule_ink(rule)
            if not area.meets(ink):
                continue
            seen.add(key)
            assert rule.x0 == rule.x1, f"a level rule runs through {key}"
            for column in box.columns:
                cell = Rect(layout.glyph(column), area.y0, layout.glyph(column) + 6.0, area.y1)
                assert not cell.meets(ink), f"column {column} of {key} is struck through at x {rule.x0}"
    assert seen == INSIDE_A_BOX


def test_the_cents_of_every_charge_stand_right_of_their_divider(drawing: Drawing, layout: Layout) -> None:
    for key in ("28", "29", *(f"24.{n}.charge" for n in range(1, 7))):
        area = glyphs(layout, key)
        (divider,) = {rule.x0 for rule in drawing.rules if area.meets(rule_ink(rule))}
        right = [column for column in layout.boxes[key].columns if layout.glyph(column) > divider]
        assert len(right) == 2, key


def test_each_check_mark_has_its_square_and_stands_in_its_middle(drawing: Drawing, layout: Layout) -> None:
    marks = {
        (round(layout.left(box.column) + layout.pitch[0] / 2, 3), round(layout.centre(box.line), 3))
        for box in layout.boxes.values()
        if box.kind == "mark"
    }
    squares = {(round(square.x, 3), round(square.y, 3)) for square in drawing.squares}
    assert squares == marks
    assert len(drawing.squares) == len(marks) > 25


def test_squares_keep_clear_of_rules_and_of_each_other(drawing: Drawing) -> None:
    boxes = [Rect(*square.rect) for square in drawing.squares]
    frame = min(rule.x0 for rule in drawing.rules if rule.y1 - rule.y0 > 600)
    for box in boxes:
        for rule in drawing.rules:
            if rule.x0 == rule.x1 == frame and abs(box.x0 - frame) < 0.01:
                continue  # the first box of item 1 shares the frame, as on the real form
            assert not box.meets(rule_ink(rule), gap=0.7), (box, rule)
    for one, other in itertools.combinations(boxes, 2):
        assert not one.meets(other, gap=2)


def test_captions_leave_the_data_alone(drawing: Drawing, layout: Layout) -> None:
    boxes = {key: glyphs(layout, key) for key in layout.boxes}
    struck = [
        (caption.text, key)
        for caption in drawing.captions
        for inks in [letters(caption)]
        for key, box in boxes.items()
        if hull(inks).meets(box) and any(letter.meets(box) for letter in inks)
        if not (caption.tone == "shade" and key in UNDER_THE_DATA)
    ]
    assert not struck


def test_words_touch_neither_rules_nor_squares(drawing: Drawing) -> None:
    lines = [(rule, rule_ink(rule), 0.5) for rule in drawing.rules]
    lines += [(square, Rect(*square.rect), 0.6) for square in drawing.squares]
    touching = [
        (caption.text, line)
        for caption in drawing.captions
        if caption.tone == "caption"
        for inks in [letters(caption)]
        for line, ink, gap in lines
        if hull(inks).meets(ink, gap) and any(letter.meets(ink, gap) for letter in inks)
    ]
    assert not touching


def test_words_do_not_touch_words(drawing: Drawing) -> None:
    words = [caption for caption in drawing.captions if caption.tone == "caption"]
    inks = [(caption.text, letters(caption), hull(letters(caption))) for caption in words]
    touching = [
        (text, other)
        for (text, one, around), (other, two, area) in itertools.combinations(inks, 2)
        if around.meets(area, 0.5) and any(a.meets(b, 0.5) for a in one for b in two)
    ]
    assert touching == [("If yes", ", complete items 9, 9a, and 9d.")]  # one sentence in two faces


@pytest.mark.parametrize("number", range(1, 7))
def test_each_service_line_is_drawn_on_its_lines_of_the_grid(drawing: Drawing, layout: Layout, number: int) -> None:
    shaded, plain = layout.boxes[f"24.{number}.shaded"], layout.boxes[f"24.{number}.code"]
    top, middle, bottom = (
        layout.centre(line) + layout.pitch[1] / 2 for line in (shaded.line - 1, shaded.line, plain.line)
    )
    assert any((band.y0, band.y1) == (top, middle) and band.x1 - band.x0 > 500 for band in drawing.bands)
    assert any(rule.y0 == rule.y1 == bottom and rule.x1 - rule.x0 > 500 for rule in drawing.rules)
    (word,) = [caption for caption in drawing.captions if caption.text == str(number)]
    assert top < word.baseline < bottom


def test_the_printed_words_are_all_there(drawing: Drawing) -> None:
    text = "\n".join(caption.text for caption in drawing.captions)
    for item in [*range(1, 34)]:
        assert re.search(rf"^{item}[.ad]", text, re.MULTILINE), item
    for words in (
        "HEALTH INSURANCE CLAIM FORM",
        "APPROVED BY NATIONAL UNIFORM CLAIM COMMITTEE (NUCC) 02/12",
        "APPROVED OMB-0938-1197 FORM 1500 (02-12)",
        "PATIENT AND INSURED INFORMATION",
        "PHYSICIAN OR SUPPLIER INFORMATION",
        "CARRIER",
        "PLEASE PRINT OR TYPE",
    ):
        assert words in text
    for letter in "ABCDEFGHIJKL":
        assert re.search(rf"^{letter}\.", text, re.MULTILINE)
    assert [caption.text for caption in drawing.captions].count("NPI") == 1 + 6 + 2


def test_captions_are_small_and_in_the_four_plain_faces(drawing: Drawing) -> None:
    faces = {caption.font for caption in drawing.captions}
    assert faces == {"Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Helvetica-BoldOblique"}
    words = [caption for caption in drawing.captions if len(caption.text) > 1 and caption.tone == "caption"]
    assert {caption.size for caption in words} <= {4.6, 5, 6, 8, 11}


# Rules that stand elsewhere than on the real form, by more than a printer's tolerance: 17.name would be struck through.
MOVED_ON_PURPOSE = {218.5}


def test_the_rules_lie_on_those_of_the_real_form(drawing: Drawing, real_forms: Path) -> None:
    """The scan shows a red line along every long rule, at most 1.1 points away."""
    with Image.open(real_forms / "genuine-red-form-300dpi.png") as scan:
        red, green, _blue = scan.convert("RGB").split()
    inked = ImageChops.subtract(red, green).point(lambda value: 255 * (value > 90))
    # the scanned sheet has its grid at 23.17, 16.35
    here = layouts.load().origin
    off_x, off_y = here[0] - 23.17, here[1] - 16.35
    missing = []
    for rule in drawing.rules:
        long = rule.x1 - rule.x0 > 90 or rule.y1 - rule.y0 > 20
        if rule.dash or not long or rule.x0 in MOVED_ON_PURPOSE:
            continue
        x0, x1, y0, y1 = rule.x0 - off_x, rule.x1 - off_x, rule.y0 - off_y, rule.y1 - off_y
        if y0 == y1:
            strip, share = inked.crop(pixels(x0 + 2, y0 - 1.1, x1 - 2, y0 + 1.1)).resize((1, 9), BOX), 0.45
        else:  # an upright line of this scan leans by a pixel or two
            strip, share = inked.crop(pixels(x0 - 1.1, y0 + 2, x0 + 1.1, y1 - 2)).resize((9, 1), BOX), 0.3
        if strip.getextrema()[1] < 255 * share:
            missing.append(rule)
    assert not missing


def pixels(x0: float, y0: float, x1: float, y1: float) -> tuple[int, int, int, int]:
    """Points to the pixels of a scan at 300 dots to the inch."""
    return round(x0 * 300 / 72), round(y0 * 300 / 72), round(x1 * 300 / 72), round(y1 * 300 / 72)


# --- as PDF ----------------------------------------------------------------------------------------------------


def pdf(pages: int = 1, **options: object) -> bytes:
    buffer = io.BytesIO()
    form = drawings.load()
    canvas = Canvas(buffer, pagesize=form.page, invariant=1)
    for _ in range(pages):
        canvas.doForm(drawings.pdf_form(canvas, form, **options))  # type: ignore[arg-type]
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def test_every_page_shares_one_object() -> None:
    one, three = pdf(1), pdf(3)
    document = pypdf.PdfReader(io.BytesIO(three))
    forms = {
        reference.idnum
        for page in document.pages
        for reference in (page["/Resources"]["/XObject"].raw_get(name) for name in page["/Resources"]["/XObject"])
    }
    assert len(document.pages) == 3
    assert len(forms) == 1
    assert len(three) - len(one) < 2000


def test_qpdf_finds_nothing(tmp_path: Path) -> None:
    if not shutil.which("qpdf"):
        pytest.skip("qpdf is not installed")
    file = tmp_path / "form.pdf"
    file.write_bytes(pdf(2))
    done = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_ink_is_red_enough_to_tell_from_data() -> None:
    picture = pypdfium2.PdfDocument(pdf())[0].render(scale=1).to_pil().convert("RGB")
    colours = picture.getcolors(1 << 20)
    assert colours
    ink = [colour for _, colour in colours if min(colour) < 225]
    assert len(ink) > 50
    assert all(red > green + 10 and red > blue + 10 and red > 150 for red, green, blue in ink)


def test_the_words_can_be_read_from_the_pdf() -> None:
    text = pypdfium2.PdfDocument(pdf())[0].get_textpage().get_text_range()
    assert "HEALTH INSURANCE CLAIM FORM" in text
    assert "24." in text
    assert "PLACE OF" in text


def test_other_colours_serve_another_paper() -> None:
    dark = {"caption": "#0000FF", "rule": "#0000EE", "shade": "#0000DD"}
    picture = pypdfium2.PdfDocument(pdf(colours=dark))[0].render(scale=1).to_pil().convert("RGB")
    assert all(blue >= red for _, (red, _, blue) in picture.getcolors(1 << 20) or ())
    assert picture.getpixel((300, 533)) == (0, 0, 0xDD)


# --- refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "cms1500-0212"', "id = ", "cannot be read"),
        ("page = [612, 792]", "page = [612]", "cannot be read"),
        ("page = [612, 792]", "page = [6, 7]", "a page of"),
        ("page = [612, 792]", "page = [612, 500]", "outside the page"),
        ('{ y = 95.4,  x = [21.95, 592.85], line = "bar" }', '{ y = 95.4, x = [9, 8], line = "bar" }', "no length"),
        ('{ y = 95.4,  x = [21.95, 592.85], line = "bar" }', '{ y = 95.4, x = [8, 9], line = "wavy" }', "wavy"),
        ('{ y = 95.4,  x = [21.95, 592.85], line = "bar" }', '{ y = 95.4, x = [8, 9], lime = "bar" }', "lime"),
        ('{ y = 95.4,  x = [21.95, 592.85], line = "bar" }', '{ y = "95", x = [8, 9] }', "cannot be read"),
        ('{ y = 95.4,  x = [21.95, 592.85], line = "bar" }', "{ y = nan, x = [8, 9] }", "has no place"),
        ("bar = { width = 2.0,", "bar = { width = 20.0,", "impossible width"),
        ("dash = [3.4, 1.3]", "dash = [3.4]", "impossible dash"),
        ("dash = [3.4, 1.3]", "dash = [3.4, 0]", "impossible dash"),
        ('tone = "caption" }', 'tone = "blue" }', "unknown tone 'blue'"),
        ("side = 10.8", "side = 1.0", "no room inside"),
        ("[8, 1], [8, 8]", "[8, 1], [8, 100]", "outside the page"),
        ("y = [407.4, 419.4]", "y = [419.4, 407.4]", "no area"),
        ('text = "SIGNED" }', 'text = "Ω" }', "its font lacks"),
        ('text = "SIGNED" }', 'text = " " }', "its font lacks"),
        ('text = "SIGNED" }', 'text = "A\\nB" }', "its font lacks"),
        ("size = 11", "size = 110", "impossible size"),
        ("stretch = 0.97", "stretch = 0", "impossible size"),
        ('align = "center" }', 'align = "centre" }', "alignment 'centre'"),
        ('  { x = 24.2,  y = 103.2, text = "1." },\n', '  { x = 24.2,  y = 103.2, text = "1." },\n' * 2, "twice"),
    ],
)
def test_nonsense_is_refused(old: str, new: str, says: str) -> None:
    assert old in FORM
    with pytest.raises(InputError, match=re.escape(says)):
        drawings.parse(FORM.replace(old, new, 1))


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(InputError, match="cms1500-9999"):
        drawings.load("cms1500-9999")


def test_the_drawing_is_read_once(drawing: Drawing, layout: Layout) -> None:
    assert drawings.load() is drawing
    assert drawing.id == layout.id
    assert drawing.page == layout.page
