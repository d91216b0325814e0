"""A printer is lined up in the guide; what was measured is kept for it and moves the next claim on paper."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter

from app.forms.calibration import MARKS, POINTS_PER_MM
from app.ui import alignment, printing
from app.ui.dialogs import Confirm
from app.ui.main_window import MainWindow
from app.ui.red_forms import Answer, PrintQuestion
from tests.journeys.test_session_to_paper import CTRL, Hands
from tests.ui.conftest import TODAY
from tests.ui.test_pages import build

SHIFT_MM, SCALE = (1.4, -0.9), (1.006, 0.995)
DPI = 200


@pytest.fixture
def hands(qtbot: Any, demo_window: MainWindow) -> Hands:
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    return Hands(qtbot, demo_window)


@pytest.fixture
def sheets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """What came out of the printer, in order."""
    made: list[Path] = []
    new = printing.new_printer

    def printer(name: str = "", tray: str = "") -> QPrinter:
        printer = new()
        made.append(tmp_path / f"sheet{len(made)}.pdf")
        printer.setOutputFileName(str(made[-1]))
        return printer

    def ask(parent: Any, preferences: Any, printer: QPrinter, title: str, words: str, **more: Any) -> Answer:
        preferences.red_printer = "Laser"
        return Answer.PRINT

    monkeypatch.setattr(printing, "printers", lambda: ["Laser"])
    monkeypatch.setattr(printing, "new_printer", printer)
    monkeypatch.setattr(PrintQuestion, "ask", staticmethod(ask))
    monkeypatch.setattr(Confirm, "ask", classmethod(lambda cls, *words: True))
    return made


def ink(path: Path) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is printed on the first sheet, in millimetres."""
    with contextlib.closing(pypdfium2.PdfDocument(path)) as document:
        grey = document[0].render(scale=DPI / 72).to_pil().convert("L")
    box = grey.point(lambda shade: 255 if shade < 90 else 0).getbbox()
    assert box is not None
    return tuple(value * 25.4 / DPI for value in box)  # type: ignore[return-value]


def print_claim(hands: Hands) -> None:
    hands.window.go("claims", hands.window.page_of("claims").view.open.bundle.claim.id)  # type: ignore[attr-defined]
    hands.press(Qt.Key.Key_P, CTRL)


def test_four_marks_move_the_next_claim_and_a_nudge_moves_it_on(hands: Hands, sheets: list[Path]) -> None:
    window, preferences = hands.window, hands.window.desk.preferences
    build(window, "app")
    print_claim(hands)
    before = ink(sheets[-1])

    # the guide: printer, marks on a red form, what the ruler says, keep
    window.go("calibration")
    guide: Any = window.page()
    guide.next_button.setFocus()
    hands.press(Qt.Key.Key_Space)
    guide.print_button.setFocus()
    hands.press(Qt.Key.Key_Space)
    step = guide.measuring
    for number, row in step.rows.items():
        x, y = (value / POINTS_PER_MM for value in MARKS[number])
        x, y = x * SCALE[0] + SHIFT_MM[0], y * SCALE[1] + SHIFT_MM[1]
        for editor, reading in zip(row.editors, (x, y if number < 3 else 279.4 - y), strict=True):
            editor.setFocus()
            hands.type(f"{reading:.1f}")
    assert "Values keep" in step.verdict.text()
    guide.next()
    guide.next()
    (kept,) = alignment.kept(preferences)
    assert (kept.printer, kept.measured) == ("Laser", TODAY) and kept.left_over_mm is not None
    assert kept.scale == pytest.approx((1 / SCALE[0], 1 / SCALE[1]), abs=0.001) and kept.left_over_mm < 0.2

    # the next print is where this printer has to be told to print
    build_next = window.page_of("claims").view  # type: ignore[attr-defined]
    assert build_next.open is not None
    print_claim(hands)
    after = ink(sheets[-1])
    expected = [mm * kept.scale[axis % 2] + kept.shift[axis % 2] for axis, mm in enumerate(before)]
    assert after == pytest.approx(expected, abs=0.3)
    assert max(abs(a - b) for a, b in zip(after, before, strict=True)) > 0.5

    # by hand half a millimetre down, and it is kept beside what was measured
    window.go("calibration", ("printer", "Laser", ""))
    guide.nudge()
    guide.keeping.pad.setFocus()
    hands.press(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    guide.save()
    print_claim(hands)
    nudged = ink(sheets[-1])
    assert nudged[1] - after[1] == pytest.approx(0.5, abs=0.15) and nudged[0] == pytest.approx(after[0], abs=0.15)
    assert alignment.current(preferences).left_over_mm == kept.left_over_mm
