"""The form on the screen: every box can be reached, and what is painted stands where it is printed."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication

from app.billing.problems import block, warn
from app.forms import layout as layouts
from app.forms import values
from app.forms.layout import Layout
from app.forms.marks import Mark, compose
from app.ui import printing, theme
from app.ui.form_sheet import FormSheet, Sheet, Stop
from app.ui.theme import color

PAGE = {
    "1": "other", "1a": "XQB04177731", "2": "Applewhite, Juniper", "3": {"dob": "1986-04-12", "sex": "F"},
    "17": {"qualifier": "DN", "name": "Henrietta Plum MD"}, "17b": "1987654328",
    "21": {"indicator": "0", "codes": ["M54.2", "M54.59"]},
    "24": [{"from": "2026-11-18", "place": "11", "code": "97140", "pointer": "AB", "charge": "72.00", "units": "2"}],
    "28": "72.00", "33": {"area": "541", "phone": "5550134", "lines": ["QUIET RIVER", "410 EXAMPLE AVE"]},
}  # fmt: skip


@pytest.fixture(scope="module")
def layout() -> Layout:
    return layouts.load()


@pytest.fixture
def marks(layout: Layout) -> list[Mark]:
    (page,) = values.parse([PAGE])
    composed = compose(page, layout)
    assert not composed.problems
    return composed.marks


@pytest.fixture
def form(look: QApplication, qtbot: Any, layout: Layout, marks: list[Mark]) -> FormSheet:
    made = FormSheet(layout)
    qtbot.addWidget(made)
    made.show_sheet(Sheet(marks))
    made.show()
    return made


def stop(form: FormSheet, key: str) -> Stop:
    return next(one for one in form.stops if one.key == key)


def test_every_box_belongs_to_one_stop_and_lies_in_its_cell(form: FormSheet, layout: Layout) -> None:
    keys = [box.key for one in form.stops for box in one.boxes]
    assert sorted(keys) == sorted(layout.boxes)
    for one in form.stops:
        x0, top, x1, bottom = one.cell
        for box in one.boxes:
            left, above, right, below = layout.rect(box)
            assert x0 <= left + 4.1 and right <= x1 + 4.1 and top <= above + 4.1 and below <= bottom + 4.1, one.key


def test_stops_come_in_the_order_of_the_items(form: FormSheet) -> None:
    keys = [one.key for one in form.stops]
    wanted = ["1", "1a", "2", "3.dob", "5.street", "9", "9a", "10a", "11", "12.signed", "14", "17", "17a", "17b", "21A",
              "24.1.code", "24.2.code", "24.6.charge", "25", "28", "31.signed", "32", "32a", "33", "33b"]  # fmt: skip
    assert [key for key in keys if key in wanted] == wanted


def test_a_stop_says_all_that_stands_in_it(form: FormSheet) -> None:
    said = {
        key: form.sheet.text(stop(form, key)) for key in ("17", "3.dob", "3.sex", "1", "24.1.code", "21B", "9", "33")
    }
    assert said == {
        "17": "DN HENRIETTA PLUM MD", "3.dob": "04 12 1986", "3.sex": "X female", "1": "X Other program",
        "24.1.code": "97140", "21B": "M5459", "9": "", "33": "541 5550134 QUIET RIVER 410 EXAMPLE AVE",
    }  # fmt: skip


def test_a_click_tab_and_arrows_choose(form: FormSheet, qtbot: Any) -> None:
    seen: list[str] = []
    form.chose.connect(lambda one: seen.append(one.key))
    for key in ("2", "17b", "24.3.units"):
        centre = form.cell_rect(stop(form, key)).center()
        qtbot.mouseClick(form, Qt.MouseButton.LeftButton, pos=QPoint(round(centre.x()), round(centre.y())))
    form.choose_item("1a")
    qtbot.keyClick(form, Qt.Key.Key_Tab)
    qtbot.keyClick(form, Qt.Key.Key_Backtab)
    qtbot.keyClick(form, Qt.Key.Key_Down)
    qtbot.keyClick(form, Qt.Key.Key_Left)
    assert seen == ["2", "17b", "24.3.units", "1a", "2", "1a", "4", "3.sex"]
    assert form.accessibleDescription() == "Item 3, Patient's sex: X female"


@pytest.mark.parametrize(("item", "key"), [("24E.2", "24.2.pointer"), ("17b", "17b"), ("21", "21"), ("5", "5.city")])
def test_problems_find_their_box(form: FormSheet, item: str, key: str) -> None:
    assert form.choose_item(item)
    assert form.current is not None and form.current.key.split(".")[0] == key.split(".", maxsplit=1)[0]
    assert not form.choose_item("99")


@pytest.mark.parametrize(
    ("item", "marked"), [("21B", {"21B"}), ("21", {"21", *(f"21{letter}" for letter in "ABCDEFGHIJKL")})]
)
@pytest.mark.parametrize("make", [block, warn])
def test_a_diagnosis_marks_its_own_box(form: FormSheet, make: Any, item: str, marked: set[str]) -> None:
    sheet = Sheet(form.sheet.marks, [make("x.y", "Look.", item=item)])
    assert {one.key for one in form.stops if sheet.problem(one)} == marked


def test_marks_are_painted_in_their_cells(form: FormSheet, layout: Layout, marks: list[Mark]) -> None:
    """Ink of the values, and nothing but the form's red elsewhere."""
    form.set_zoom(1.0)
    picture = form._paint_page().toImage()
    scale = picture.width() / layout.page[0]
    dark = ink(picture)
    for mark in marks:
        box = layout.boxes[mark.key]
        left, top, right, bottom = (round(edge * scale) for edge in layout.rect(box))
        assert any(left <= x <= right and top <= y <= bottom for x, y in dark), mark.key
    cells = [tuple(edge * scale for edge in layout.rect(layout.boxes[mark.key])) for mark in marks]
    outside = [
        (x, y) for x, y in dark if not any(c[0] - 2 <= x <= c[2] + 2 and c[1] - 2 <= y <= c[3] + 2 for c in cells)
    ]
    assert outside == []


def ink(picture: QImage) -> list[tuple[int, int]]:
    """Pixels of the values: dark and not red."""
    found = []
    for y in range(picture.height()):
        for x in range(picture.width()):
            pixel = picture.pixelColor(x, y)
            if pixel.red() < 110 and pixel.blue() < 130:
                found.append((x, y))
    return found


def test_a_problem_and_the_chosen_box_are_outlined(form: FormSheet) -> None:
    plain = form.grab().toImage()
    form.show_sheet(Sheet(form.sheet.marks, [block("x.y", "Empty.", item="17b"), warn("x.z", "Look.", item="24E.1")]))
    wrong = form.grab().toImage()
    for key, tone in (("17b", theme.LIGHT.mark_block), ("24.1.pointer", theme.LIGHT.mark_warn)):
        box = form.cell_rect(stop(form, key))
        ratio = wrong.devicePixelRatio()
        edge = wrong.pixelColor(round(box.left() * ratio), round(box.center().y() * ratio))
        assert edge != plain.pixelColor(round(box.left() * ratio), round(box.center().y() * ratio))
        assert abs(edge.red() - color(tone).red()) < 90
    form.choose_item("2")
    assert form.grab().toImage() != wrong


def test_the_page_is_dimmed_in_the_dark_look(form: FormSheet, look: QApplication) -> None:
    theme.apply(look, look="dark")
    picture = form._paint_page().toImage()
    assert picture.pixelColor(2, 2).name().upper() == theme.DARK.paper


def test_print_is_true_to_size_and_moves_by_the_shift(
    look: QApplication, layout: Layout, marks: list[Mark], tmp_path: Any
) -> None:
    """The printer's page, read as a picture: each value in its cell, moved by exactly the shift."""
    for number, (dx, dy) in enumerate([(0.0, 0.0), (3.0, -2.0)]):
        path = tmp_path / f"{number}.pdf"
        printer = printing.new_printer()
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(path))
        printing.print_marks(printer, [marks, marks], layout, dx_mm=dx, dy_mm=dy)
        first, second = printing.page_images(path.read_bytes(), 72)
        assert (first.width(), first.height()) == (612, 792) and second.size() == first.size()
        cells = [layout.rect(layout.boxes[mark.key]) for mark in marks]
        x, y = dx * printing.MM, dy * printing.MM
        dark = [(px, py) for px in range(612) for py in range(792) if first.pixelColor(px, py).red() < 160]
        assert dark
        for px, py in dark:
            assert any(c[0] + x - 1 <= px <= c[2] + x + 1 and c[1] + y - 1 <= py <= c[3] + y + 1 for c in cells)
        for c in cells:
            assert any(c[0] + x - 1 <= px <= c[2] + x + 1 and c[1] + y - 1 <= py <= c[3] + y + 1 for px, py in dark)


def test_a_pdf_is_printed_at_true_size(look: QApplication, tmp_path: Any) -> None:
    source, target = tmp_path / "a.pdf", tmp_path / "b.pdf"
    for path, draw in ((source, True), (target, False)):
        printer = printing.new_printer()
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(path))
        if draw:
            painter = QPainter(printer)
            painter.scale(printer.resolution() / 72, printer.resolution() / 72)
            painter.fillRect(100, 200, 50, 40, Qt.GlobalColor.black)
            painter.end()
        else:
            printing.print_pdf(printer, source.read_bytes())
    (image,) = printing.page_images(target.read_bytes(), 72)
    black = [(x, y) for x in range(612) for y in range(792) if image.pixelColor(x, y).red() < 128]
    assert (min(black), max(black)) == ((100, 200), (149, 239))
