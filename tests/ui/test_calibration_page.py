"""Lining up a printer: every way to measure gives what the printer did, and it is kept for its tray alone."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.errors import InputError
from app.forms import calibration, layout
from app.forms.calibration import MARKS, POINTS_PER_MM
from app.ui import alignment, measuring, printing
from app.ui.alignment import Alignment
from app.ui.calibration_page import KEEPING, MARKING, MEASURING, PRINTER
from app.ui.dialogs import Files
from app.ui.main_window import MainWindow
from app.ui.measuring import Way
from tests.ui.conftest import TODAY

FORM = layout.load()


@pytest.fixture(autouse=True)
def _printers(monkeypatch: Any, tmp_path: Path) -> None:
    """Two printers, which print into numbered files."""
    monkeypatch.setattr(printing, "printers", lambda: ["Laser", "Office"])
    made = iter(range(99))
    new = printing.new_printer

    def printer(name: str = "", tray: str = "") -> Any:
        printer = new(name, tray)
        printer.setOutputFileName(str(tmp_path / f"sheet{next(made)}.pdf"))
        return printer

    monkeypatch.setattr(printing, "new_printer", printer)


@pytest.fixture
def guide(window: MainWindow) -> Any:
    window.go("calibration")
    return window.page()


def printed(
    number: int, shift: tuple[float, float], scale: tuple[float, float], turn: float = 0.0
) -> tuple[float, float]:
    """Where a printer with these faults puts a mark, in millimetres from the top left."""
    x, y = (value / POINTS_PER_MM for value in MARKS[number])
    middle = (107.95, 139.7)
    angle = math.radians(turn)
    x, y = (
        middle[0] + (x - middle[0]) * math.cos(angle) - (y - middle[1]) * math.sin(angle),
        middle[1] + (x - middle[0]) * math.sin(angle) + (y - middle[1]) * math.cos(angle),
    )
    return x * scale[0] + shift[0], y * scale[1] + shift[1]


def measure(
    guide: Any,
    way: Way,
    shift: tuple[float, float] = (0.7, 0.3),
    scale: tuple[float, float] = (1.0, 1.0),
    *,
    turn: float = 0.0,
    wrong: dict[int, float] | None = None,
) -> None:
    """Type what a ruler, or the scales, would say."""
    step = guide.measuring
    step.way_box.setCurrentIndex(step.way_box.findData(way.value))
    for number, row in step.rows.items():
        x, y = printed(number, shift, scale, turn)
        x += (wrong or {}).get(number, 0.0)
        if way is Way.SCALES:
            x, y = x - MARKS[number][0] / POINTS_PER_MM, y - MARKS[number][1] / POINTS_PER_MM
        elif MARKS[number][1] > FORM.page[1] / 2:
            y = 279.4 - y
        if way is Way.INCHES:
            x, y = x / 25.4, y / 25.4
        digits = 3 if way is Way.INCHES else 2
        for editor, value in zip(row.editors, (x, y), strict=True):
            editor.setText(f"{value:.{digits}f}")


# Readings


@pytest.mark.parametrize("way", list(Way))
def test_every_way_to_measure_finds_what_the_printer_does(guide: Any, way: Way) -> None:
    guide.show_step(MEASURING)
    measure(guide, way, (0.7, -0.4), (1.004, 0.997))
    found = guide.measuring.result
    assert (found.scale_x, found.scale_y) == pytest.approx((1.004, 0.997), abs=2e-4)
    assert (found.dx_mm, found.dy_mm) == pytest.approx((0.7, -0.4), abs=0.04)
    assert found.residual_mm < 0.05
    assert guide.measuring.facts["scale"][1].text() == "100.4 %, 99.7 %"
    assert guide.measuring.verdict.text().startswith("Values keep 0.")
    assert guide.measuring.rows[1].said.text().endswith(("up", "down"))


def test_each_mark_says_at_once_how_far_it_is_off(guide: Any) -> None:
    guide.show_step(MEASURING)
    row = guide.measuring.rows[3]
    across, along = measuring.belongs(3, Way.RULER, FORM)
    assert along == pytest.approx(279.4 - MARKS[3][1] / POINTS_PER_MM)
    row.editors[0].setText(f"{across + 0.7:.1f}")
    assert row.said.text() == "0.7 right"
    row.editors[1].setText(f"{along + 0.3:.1f}")
    assert row.said.text() == "0.7 right, 0.3 up"
    row.editors[0].setText(f"{across:.1f}")
    row.editors[1].setText(f"{along:.1f}")
    assert row.said.text() == "in its place"


@pytest.mark.parametrize(
    ("typed", "way", "mm"),
    [
        ("21.9", Way.RULER, 21.9), (" 21,9 ", Way.RULER, 21.9), ("195", Way.RULER, 195.0), ("", Way.RULER, None),
        ("1 19/32", Way.INCHES, 25.4 * 51 / 32), ("55/64", Way.INCHES, 25.4 * 55 / 64), ("0.86", Way.INCHES, 21.844),
        ("7-5/8", Way.INCHES, 25.4 * 61 / 8), ("-0.5", Way.SCALES, -0.5), ("−1", Way.SCALES, -1.0),
        ("+4", Way.SCALES, 4.0),
    ],
)  # fmt: skip
def test_lengths_are_read_as_people_write_them(typed: str, way: Way, mm: float | None) -> None:
    read = measuring.read(typed, way).mm
    assert read == mm if mm is None else read == pytest.approx(mm)


@pytest.mark.parametrize(
    ("typed", "way"),
    [("far", Way.RULER), ("-1", Way.RULER), ("21.9 mm", Way.RULER), ("1e3", Way.RULER), ("nan", Way.RULER),
     ("1/2", Way.RULER), ("1/3", Way.INCHES), ("1//2", Way.INCHES), ("٣", Way.RULER), ("--1", Way.SCALES),
     ("21.9999", Way.RULER), ("1,000.5", Way.RULER)],
)  # fmt: skip
def test_anything_else_is_no_length(typed: str, way: Way) -> None:
    with pytest.raises(InputError, match="Not a length"):
        measuring.read(typed, way)


def test_what_cannot_be_read_stays_and_is_said_when_left(guide: Any, qtbot: Any) -> None:
    guide.show_step(MEASURING)
    row = guide.measuring.rows[1]
    row.editors[0].setText("forty")
    assert row.said.text() == "" and not row.editors[0].property("state")
    row.editors[0].left.emit()
    assert row.said.text() == "Not a length. Type 21.9." and row.editors[0].property("state") == "block"
    row.editors[0].setText("400")
    assert row.said.text() == "More than 25 mm. Look at the mark again."
    row.editors[0].setText("41")
    assert row.said.text() == "0.4 right" and not row.editors[0].property("state")


# What is refused


def test_next_leads_to_the_first_field_to_fill(guide: Any, window: MainWindow, qtbot: Any) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    guide.show_step(MEASURING)
    measure(guide, Way.RULER)
    guide.measuring.rows[2].editors[1].setText("")
    assert guide.next_button.gate == guide.why_not.text() == "Four marks make the result."
    guide.next()
    assert guide.step == MEASURING
    assert QApplication.focusWidget() is guide.measuring.rows[2].editors[1]
    assert (guide.picture.number, guide.picture.side) == (2, 1)


def test_too_much_left_over_is_measured_again(guide: Any) -> None:
    guide.show_step(MEASURING)
    measure(guide, Way.RULER, wrong={2: 6.0})
    step = guide.measuring
    assert step.result.residual_mm > calibration.LEFT_OVER_MM
    assert step.verdict.text() == "More than 1.5 mm is left over. Measure mark 2 again."
    guide.next()
    assert guide.step == MEASURING and alignment.kept(guide.desk.preferences) == []
    measure(guide, Way.RULER)
    assert guide.why_not.text() == ""
    guide.next()
    assert guide.step == KEEPING


def test_two_wrong_marks_blame_none(guide: Any) -> None:
    guide.show_step(MEASURING)
    measure(guide, Way.RULER, wrong={1: 4.0, 4: -5.0})
    assert guide.measuring.verdict.text() == "More than 1.5 mm is left over. Measure again."


def test_what_no_printer_does_is_refused(guide: Any) -> None:
    guide.show_step(MEASURING)
    measure(guide, Way.RULER, scale=(1.09, 1.0))
    assert guide.measuring.result is None
    assert "no printer is that far off" in guide.measuring.verdict.text()
    assert guide.measuring.gate()


def test_a_small_rest_that_may_touch_a_line_warns_only(guide: Any) -> None:
    guide.show_step(MEASURING)
    measure(guide, Way.RULER, turn=0.5)
    step = guide.measuring
    assert 0.5 < step.result.residual_mm < 1.5
    assert step.verdict.text().startswith("Values may touch a line, by up to ")
    assert step.facts["skew"][1].text() == "0.5 degrees" and not step.gate()


# The whole way


def test_from_the_sheet_to_a_printer_that_is_lined_up(guide: Any, window: MainWindow, tmp_path: Path) -> None:
    preferences = window.desk.preferences
    guide.tray_box.setCurrentIndex(guide.tray_box.findData("lower"))
    assert guide.header.facts.text() == "Laser, lower tray, red forms"
    guide.next()
    assert guide.step == MARKING
    guide.print_button.click()
    assert guide.step == MEASURING
    assert window.messages.text() == "Marks printed on a red form: Laser, lower tray."
    (raw,) = printing.page_images((tmp_path / "sheet0.pdf").read_bytes(), 72)
    measure(guide, Way.RULER, (1.5, -1.0), (1.01, 0.99))
    guide.next()
    assert guide.keeping.facts["over"][1].text() == "0.0 mm"
    assert guide.keeping.facts["scale"][1].text() == "99.0 %, 101.0 %"
    guide.print_marks()
    (corrected,) = printing.page_images((tmp_path / "sheet1.pdf").read_bytes(), 72)
    assert corrected != raw
    for number in MARKS:  # what the printer will do to the corrected sheet puts each mark in its place
        dx, dy = guide.keeping.draft.shift
        x, y = (value / POINTS_PER_MM for value in MARKS[number])
        across, down = guide.keeping.draft.scale
        assert ((x * across + dx) * 1.01 + 1.5, (y * down + dy) * 0.99 - 1.0) == pytest.approx((x, y), abs=0.03)
    guide.next()
    assert window.page().key == "settings"
    assert window.messages.text() == "Laser, lower tray: lined up on 11/21/2026, 0.0 mm left over."
    (kept,) = alignment.kept(preferences)
    assert (kept.printer, kept.tray, kept.measured) == ("Laser", "lower", TODAY)
    assert alignment.current(preferences) == kept
    assert alignment.of(preferences, "Laser", "") == Alignment(printer="Laser")
    assert preferences.measuring == ""


def test_the_sheet_can_be_saved(guide: Any, window: MainWindow, monkeypatch: Any, tmp_path: Path) -> None:
    target = tmp_path / "marks.pdf"
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: target))
    guide.next()
    guide.save_pdf()
    assert target.read_bytes() == calibration.sheet(FORM, printer="Laser")
    assert window.messages.text() == "Marks saved as marks.pdf. Print them at actual size."


def test_a_printer_that_is_gone_is_named(guide: Any, window: MainWindow, monkeypatch: Any) -> None:
    guide.next()
    monkeypatch.setattr(printing, "printers", lambda: ["Office"])
    guide.print_button.click()
    assert window.messages.text().startswith("The printer Laser is not there.")
    assert guide.step == MARKING


def test_without_a_printer_the_marks_are_saved(window: MainWindow, monkeypatch: Any) -> None:
    monkeypatch.setattr(printing, "printers", list)
    window.go("calibration")
    guide: Any = window.page()
    assert guide.no_printer.isVisibleTo(guide) and guide.printer == ""
    guide.next()
    assert not guide.print_button.isEnabled()
    guide.print_out()
    assert window.messages.text() == "No printer is set up on this computer. Save the marks as a PDF."


# By hand


def test_arrow_keys_nudge_and_that_is_kept(guide: Any, window: MainWindow, qtbot: Any) -> None:
    preferences = window.desk.preferences
    guide.nudge()
    pad = guide.keeping.pad
    for key, times in ((Qt.Key.Key_Right, 3), (Qt.Key.Key_Up, 1)):
        for _ in range(times):
            qtbot.keyClick(pad, key)
    qtbot.keyClick(pad, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert guide.keeping.nudge_words.text() == "Moved by hand 0.3 mm right, 0.4 mm down"
    assert pad.accessibleDescription() == "0.3 mm right, 0.4 mm down"
    guide.save()
    (kept,) = alignment.kept(preferences)
    assert kept == Alignment(printer="Laser", nudge_x=0.3, nudge_y=0.4)
    guide.open(("printer", "Laser", ""))
    guide.nudge()
    assert guide.keeping.draft == kept
    guide.keeping.reset.click()
    assert guide.keeping.draft.shift == (0.0, 0.0) and not guide.keeping.reset.isVisible()


def test_a_nudge_stands_beside_what_was_measured(guide: Any) -> None:
    guide.show_step(MEASURING)
    measure(guide, Way.RULER, (1.0, 0.0))
    guide.next()
    guide.keeping.nudge(0.1, 0.0)
    assert guide.keeping.draft.shift == pytest.approx((-0.9, 0.0), abs=0.05)
    assert "0.0 mm left over, then moved by hand 0.1 mm right" in guide.keeping.state.text()


# Leaving


def test_what_was_typed_is_there_again(guide: Any, window: MainWindow) -> None:
    guide.printer_box.setCurrentIndex(1)
    guide.show_step(MEASURING)
    measure(guide, Way.INCHES)
    texts = [editor.text() for editor in guide.measuring.editors]
    guide.leave_button.click()
    assert window.page().key == "settings"
    again = type(guide)(window.desk)
    assert (again.step, again.printer, again.measuring.way) == (MEASURING, "Office", Way.INCHES)
    assert [editor.text() for editor in again.measuring.editors] == texts
    again.show_step(PRINTER)
    again.printer_box.setCurrentIndex(0)
    assert not any(editor.text() for editor in again.measuring.editors)
    again.deleteLater()


def test_esc_goes_step_by_step(guide: Any, window: MainWindow) -> None:
    guide.show_step(MEASURING)
    guide.stages[0].click()
    assert guide.step == PRINTER
    guide.show_step(MEASURING)
    guide.back()
    assert guide.step == MARKING
    guide.back()
    guide.back()
    assert window.page().key == "settings"


def test_the_guide_is_found_and_belongs_to_the_settings(window: MainWindow) -> None:
    hits = [hit for hit in window._search("line up") if hit.title == "Line up the printer"]
    hits[0].go()
    assert window.page().key == "calibration" and window._rail_buttons["settings"].isChecked()
