"""The virtual scanner finds every planted fault, names its item, and is silent about pages that are right."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject
from reportlab.pdfgen.canvas import Canvas

from app.billing.problems import Problem, Severity
from app.forms import acroform, layout, marks, pdf, scanner
from app.forms.marks import Mark
from app.forms.matching import Frame
from app.forms.values import parse
from tests.forms import pdf_factory as factory
from tests.forms import random_pages, sample_pages
from tests.forms.test_roundtrip import full_marks

GRID = layout.load()
PAGE = marks.compose(parse([sample_pages.COMMERCIAL])[0], GRID).marks
OTHER = marks.compose(parse([sample_pages.AUTO])[0], GRID).marks
Draw = Callable[[Canvas], object]


def blocking(problems: Sequence[Problem]) -> list[tuple[str, str]]:
    """Code and item of what blocks."""
    assert not [problem for problem in problems if re.search(r"\{[a-z]+\}", problem.message)]
    return [(p.code.removeprefix("scanner."), p.item) for p in problems if p.severity is Severity.BLOCK]


def look(document: bytes, expected: Sequence[Sequence[Mark]] = (PAGE,), **shift: Any) -> list[tuple[str, str]]:
    return blocking(scanner.scan(document, expected, GRID, **shift))


def place(key: str, at: int = 0) -> tuple[float, float]:
    """Where a character of a box begins, as PDF counts."""
    box = GRID.boxes[key]
    return GRID.glyph(box.column + at), GRID.page[1] - GRID.baseline(box.line)


def drawn(*extra: Draw, without: str = "", size: tuple[float, float] = GRID.page) -> bytes:
    """The page, drawn another way than the program does, with something planted on it."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size)
    canvas.setFont("Courier", GRID.font_size)
    for mark in PAGE:
        if mark.key != without:
            x, y = GRID.glyph(mark.column), GRID.page[1] - GRID.baseline(mark.line)
            canvas.drawString(x, y, mark.text, charSpace=1.2)
    for plant in extra:
        plant(canvas)
    canvas.save()
    return buffer.getvalue()


def written(
    key: str, text: str, dx: float = 0.0, dy: float = 0.0, *, at: int = 0, size: float = 10.0, space: float = 1.2
) -> Draw:
    """A text at a box, moved by points."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Courier", size)
        x, y = place(key, at)
        canvas.drawString(x + dx, y - dy, text, charSpace=space)

    return draw


def text_of(key: str) -> str:
    return next(mark.text for mark in PAGE if mark.key == key)


# What is right


@pytest.mark.parametrize("draw", [pdf.overlay, pdf.full])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (2.0, -1.3), (-3.3, 4.0), (6.0, 3.0)])
def test_pages_as_the_program_makes_them_are_right(draw: Any, shift: tuple[float, float]) -> None:
    pages = [PAGE, OTHER, []]
    document = draw(pages, GRID, dx_mm=shift[0], dy_mm=shift[1])
    assert look(document, pages, dx_mm=shift[0], dy_mm=shift[1]) == []


@pytest.mark.parametrize("draw", [pdf.overlay, pdf.full])
@pytest.mark.parametrize("scale", [(1.004, 1.0), (0.996, 1.002), (0.985, 0.985), (1.0, 1.01)])
def test_a_scale_that_the_printer_needs_is_right_and_no_other(draw: Any, scale: tuple[float, float]) -> None:
    pages = [PAGE, OTHER, []]
    document = draw(pages, GRID, dx_mm=-1.1, dy_mm=0.4, scale=scale)
    assert look(document, pages, dx_mm=-1.1, dy_mm=0.4, scale=scale) == []
    assert look(document, pages, dx_mm=-1.1, dy_mm=0.4) != []
    assert look(document, pages, dx_mm=-1.1, dy_mm=0.4, scale=(scale[0] + 0.003, scale[1])) != []
    assert look(document, pages, dx_mm=-1.1, dy_mm=0.4, scale=(scale[0], scale[1] - 0.003)) != []


def test_a_page_that_another_hand_drew_is_right() -> None:
    assert look(drawn()) == []


def test_a_page_with_every_cell_filled_has_no_letter_out_of_its_cell() -> None:
    full = full_marks(GRID)
    for draw in (pdf.overlay, pdf.full):
        assert {code for code, _item in look(draw([full], GRID), [full])} == {"letter"}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_random_pages_are_right_and_one_changed_character_is_found(seed: int) -> None:
    chance = random.Random(seed)
    page = marks.compose(parse([random_pages.page(chance, GRID)])[0], GRID).marks
    assert look(pdf.overlay([page], GRID), [page]) == []
    at = chance.randrange(len(page))
    mark = page[at]
    where = chance.choice([number for number, sign in enumerate(mark.text) if sign != " "])
    other = "A" if mark.text[where] != "A" else "B"
    changed = [*page[:at], mark._replace(text=mark.text[:where] + other + mark.text[where + 1 :]), *page[at + 1 :]]
    item = GRID.boxes[mark.key].item
    assert look(pdf.overlay([changed], GRID), [page]) == [("changed", item)]
    assert look(pdf.overlay([[*page[:at], *page[at + 1 :]]], GRID), [page]) == [("missing", item)]
    assert look(pdf.overlay([page], GRID), [[*page[:at], *page[at + 1 :]]]) == [("unexpected", item)]


# Planted faults


@pytest.mark.parametrize(
    ("document", "found"),
    [
        pytest.param(drawn(written("26", "CL12", 0.6), without="26"), "shifted", id="shifted right"),
        pytest.param(drawn(written("26", "CL12", 0, 1.5), without="26"), "shifted", id="shifted down"),
        pytest.param(drawn(written("26", "CL12", 0, 4), without="26"), "outside", id="over the bottom of the box"),
        pytest.param(drawn(written("26", "CL12", -1.5), without="26"), "outside", id="over the left of the box"),
        pytest.param(drawn(written("26", "CL12", space=0.0), without="26"), "shifted", id="too narrow"),
        pytest.param(drawn(written("26", "CL12", size=16, space=-2.4), without="26"), "touching", id="too large"),
        pytest.param(drawn(written("26", "CL13"), without="26"), "changed", id="another digit"),
        pytest.param(drawn(written("26", "CL1"), without="26"), "missing", id="a digit gone"),
        pytest.param(drawn(without="26"), "missing", id="a value gone"),
        pytest.param(drawn(written("26", "9", at=5)), "unexpected", id="a digit more"),
        pytest.param(drawn(written("26", "8")), "touching", id="one on another"),
        pytest.param(drawn(written("26", "CL12", 3)), "touching", id="one beside another"),
        pytest.param(drawn(written("26", "CL12", 0, 0.4)), "touching", id="twice, a little off"),
    ],
)
def test_a_planted_fault_is_found_in_its_item(document: bytes, found: str) -> None:
    problems = scanner.scan(document, [PAGE], GRID)
    assert found in {code for code, _item in blocking(problems)}
    assert {(problem.item, problem.field) for problem in problems if problem.severity is Severity.BLOCK} == {
        ("26", "26")
    }


def white(canvas: Canvas) -> None:
    canvas.setFillColorRGB(1, 1, 1)
    written("26", text_of("26"))(canvas)


def unseen(canvas: Canvas) -> None:
    text = canvas.beginText(*place("26"))
    text.setFont("Courier", 10)
    text.setCharSpace(1.2)
    text.setTextRenderMode(3)
    text.textOut(text_of("26"))
    canvas.drawText(text)


def clear(canvas: Canvas) -> None:
    canvas.setFillAlpha(0.2)
    written("26", text_of("26"))(canvas)


@pytest.mark.parametrize("draw", [white, unseen, clear])
def test_text_that_a_reader_cannot_see_is_missing(draw: Draw) -> None:
    assert look(drawn(draw, without="26")) == [("unexpected", ""), ("missing", "26")]


@pytest.mark.parametrize(
    ("document", "found"),
    [
        pytest.param(drawn(lambda canvas: canvas.drawString(280, 400, "NOTE")), "unexpected", id="between the boxes"),
        pytest.param(drawn(lambda canvas: canvas.drawString(606, 700, "NOTE")), "edge", id="over the right edge"),
        pytest.param(drawn(lambda canvas: canvas.drawString(300, -3, "NOTE")), "edge", id="over the lower edge"),
        pytest.param(drawn(lambda canvas: canvas.drawString(-3, 700, "NOTE")), "edge", id="over the left edge"),
        pytest.param(drawn(lambda canvas: canvas.drawString(300, 788, "NOTE")), "edge", id="over the upper edge"),
        pytest.param(drawn(lambda canvas: canvas.line(20, 20, 90, 20)), "drawing", id="a line"),
        pytest.param(drawn(*[written("26", "CL12")] * 2, without="26"), "doubled", id="twice in one place"),
        pytest.param(drawn(Canvas.showPage, written("26", "CL12")), "pages", id="a page more"),
        pytest.param(drawn(size=(595, 842)), "paper", id="other paper"),
        pytest.param(b"no PDF", "unreadable", id="no PDF"),
        pytest.param(drawn()[:700], "unreadable", id="a cut PDF"),
    ],
)
def test_a_fault_of_the_page_is_found(document: bytes, found: str) -> None:
    assert (found, "") in look(document)


def test_a_page_too_few_is_found() -> None:
    assert look(pdf.overlay([PAGE], GRID), [PAGE, OTHER]) == [("pages", "")]
    assert look(pdf.overlay([PAGE], GRID), []) == [("pages", "")]


def changed(document: bytes, change: Callable[[pypdf.PageObject], object]) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(document))
    change(writer.pages[0])
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def note(page: pypdf.PageObject) -> None:
    rect = ArrayObject([FloatObject(at) for at in (9, 9, 90, 90)])
    page[NameObject("/Annots")] = ArrayObject(
        [DictionaryObject({NameObject("/Subtype"): NameObject("/Square"), NameObject("/Rect"): rect})]
    )


def cut(page: pypdf.PageObject) -> None:
    page.cropbox.upper_right = (600, 780)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param(note, "drawing", id="a note"),
        pytest.param(lambda page: page.rotate(90), "paper", id="turned"),
        pytest.param(cut, "paper", id="cut"),
        pytest.param(lambda page: page.scale_by(0.97), "moved", id="scaled"),
    ],
)
def test_a_page_that_was_changed_afterwards_is_found(change: Any, found: str) -> None:
    assert (found, "") in look(changed(pdf.overlay([PAGE], GRID), change))


def test_a_page_that_begins_elsewhere_is_read_from_its_corner() -> None:
    def move(page: pypdf.PageObject) -> None:
        page.add_transformation(pypdf.Transformation().translate(100, 50))
        for box in (page.mediabox, page.cropbox, page.trimbox, page.bleedbox, page.artbox):
            box.lower_left, box.upper_right = (100, 50), (712, 842)

    assert look(changed(pdf.overlay([PAGE], GRID), move)) == []


@pytest.mark.parametrize("draw", [pdf.overlay, pdf.full])
@pytest.mark.parametrize("shift", [(0.3, 0.0), (0.0, -0.3), (2.0, 1.0), (-2.54, 0.0), (0.0, 4.2333)])
def test_a_shift_that_nobody_asked_for_is_found(draw: Any, shift: tuple[float, float]) -> None:
    document = draw([PAGE], GRID, dx_mm=shift[0], dy_mm=shift[1])
    assert ("moved", "") in look(document)
    assert ("moved", "") in look(pdf.overlay([PAGE], GRID), dx_mm=shift[0], dy_mm=shift[1])


def test_a_copy_must_say_so_and_be_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_copy_mark", lambda _layout: "")
    assert look(pdf.full([PAGE], GRID)) == [("copy", "")]
    monkeypatch.undo()
    with monkeypatch.context() as patch:
        patch.setattr(scanner, "_parts_drawn", lambda _layout_id: 3)
        assert look(pdf.full([PAGE], GRID)) == [("drawing", "")]


# What is meant


def test_marks_out_of_their_box_are_found() -> None:
    box = GRID.boxes["26"]
    wide = Mark("26", box.line, box.column, "A" * (box.width + 1))
    left = Mark("26", box.line, box.column - 1, "AB")
    low = Mark("26", box.line + 1, box.column, "AB")
    for mark in (wide, left, low):
        assert ("outside", "26") in look(pdf.overlay([[mark]], GRID), [[mark]])


def test_marks_that_share_a_cell_are_found() -> None:
    box = GRID.boxes["26"]
    page = [Mark("26", box.line, box.column, "AB"), Mark("26", box.line, box.column + 1, "CD")]
    assert ("touching", "26") in look(pdf.overlay([page], GRID), [page])


@pytest.mark.parametrize(
    ("text", "severity"),
    [("A*", Severity.WARN), ("$5", Severity.WARN), ("a", Severity.BLOCK), ("É", Severity.BLOCK), ("A\x01", "block")],
)
def test_signs_that_readers_do_not_know(text: str, severity: str) -> None:
    box = GRID.boxes["19"]
    mark = Mark("19", box.line, box.column, text)
    (problem,) = [p for p in scanner.scan(pdf.overlay([[]], GRID), [[mark]], GRID) if "know" in p.message]
    assert (problem.severity, problem.item) == (severity, "19")


def test_a_problem_names_its_page_where_there_are_several() -> None:
    short = [mark for mark in OTHER if mark.key != "33.1"]
    found = scanner.scan_pages(pdf.overlay([PAGE, short], GRID), [PAGE, OTHER], GRID)
    (problem,) = [problem for problem in found[1] if problem.severity is Severity.BLOCK]
    assert blocking(found[0]) == [] and problem.message.startswith("Page 2. Billing provider") and problem.item == "33"


# A payer's form


def filled(template: acroform.Template, pages: Sequence[Sequence[Mark]], **how: Any) -> bytes:
    result = acroform.fill(template, pages, GRID, **how)
    assert not [problem for problem in result.problems if problem.severity is Severity.BLOCK]
    return result.pdf


def look_filled(document: bytes, template: acroform.Template, *pages: Sequence[Mark], **how: Any) -> set[Any]:
    found = scanner.scan_filled(document, pages, GRID, template, **how)
    return {each for page in found for each in blocking(page)}


@pytest.fixture(scope="module")
def known() -> acroform.Template:
    return acroform.load_template(factory.pdf(factory.like_fillable_a()))


def test_a_filled_form_is_right(known: acroform.Template) -> None:
    assert look_filled(filled(known, [PAGE, OTHER]), known, PAGE, OTHER) == set()


def test_a_strangers_form_is_right() -> None:
    stranger = acroform.load_template(factory.pdf(factory.strangers(Frame()).values()))
    document = filled(stranger, [PAGE])
    assert look_filled(document, stranger, PAGE) == set()
    assert look_filled(document, stranger, [mark for mark in PAGE if mark.key != "26"]) == {("unexpected", "")}


def test_the_real_form_is_right(real_forms: Any) -> None:
    template = acroform.load_template((real_forms / "fillable-a.pdf").read_bytes())
    assert look_filled(filled(template, [PAGE, OTHER]), template, PAGE, OTHER) == set()


def test_another_value_in_a_field_is_found(known: acroform.Template) -> None:
    def but(key: str, text: str) -> list[Mark]:
        return [mark._replace(text=text) if mark.key == key else mark for mark in PAGE]

    assert look_filled(filled(known, [but("26", "CL13")]), known, PAGE) == {("changed", "26")}
    assert look_filled(filled(known, [but("24.1.charge", "11000")]), known, PAGE) == {("changed", "24F.1")}
    without = [mark for mark in PAGE if mark.key != "26"]
    assert look_filled(filled(known, [without]), known, PAGE) == {("missing", "26")}
    assert look_filled(filled(known, [PAGE]), known, without) == {("unexpected", "")}
    assert look_filled(filled(known, [PAGE]), known) == {("pages", "")}


def test_an_amount_in_two_fields_is_read_from_both() -> None:
    fields = [factory.text("dollars", (300, 700, 360, 716)), factory.text("cents", (362, 700, 390, 716))]
    template = acroform.load_template(factory.pdf([*factory.strangers(Frame(), leave_out=("28",)).values(), *fields]))
    box, mapping = GRID.boxes["28"], {"28": ["dollars", "cents"]}
    for text in ("12345", "CONTINUED"):
        mark = Mark("28", box.line, box.column, text)
        document = filled(template, [[mark]], mapping=mapping)
        assert look_filled(document, template, [mark], mapping=mapping) == set()
        other = mark._replace(text="99945")
        assert ("changed", "28") in look_filled(document, template, [other], mapping=mapping)


def planted(document: bytes, *texts: tuple[float, float, str], size: float = 10.0) -> bytes:
    """Texts drawn over the first page, at points from the top left."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=GRID.page)
    canvas.setFont("Helvetica", size)
    for x, y, text in texts:
        canvas.drawString(x, GRID.page[1] - y, text)
    canvas.save()
    over = pypdf.PdfReader(buffer).pages[0]
    return changed(document, lambda page: page.merge_page(over))


def test_letters_that_touch_or_leave_their_field_are_found(known: acroform.Template) -> None:
    document = filled(known, [PAGE])
    rect = known.fields[known.mapping["26"][0]].rect
    line = rect.bottom - 3
    assert ("touching", "26") in look_filled(planted(document, (rect.left + 5, line, "M")), known, PAGE)
    assert ("outside", "26") in look_filled(planted(document, (rect.right - 9, line, "MMM")), known, PAGE)
    assert ("unexpected", "") in look_filled(planted(document, (3, 785, "M")), known, PAGE)
