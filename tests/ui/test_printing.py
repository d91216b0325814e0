"""Red forms on a printer: where the data lands, what is asked before and after, and what becomes of the claim."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication

from app.billing.records import ClaimStatus
from app.forms import layout, pdf, read
from app.forms.marks import Mark
from app.paperwork import Mode
from app.store import claims, clients
from app.ui import alignment, claim_paper, printing, red_forms
from app.ui.alignment import Alignment
from app.ui.controls import Button
from app.ui.dialogs import Confirm, Files
from app.ui.main_window import MainWindow
from app.ui.preferences import Preferences
from app.ui.red_forms import Answer, PrintQuestion

LASER = Alignment(
    printer="Laser", tray="lower", dx_mm=-0.7, dy_mm=0.4, scale_x=0.998, scale_y=1.003, left_over_mm=0.24,
    measured=dt.date(2026, 11, 18), nudge_x=0.1,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _asked(monkeypatch: Any) -> None:
    monkeypatch.setattr(Confirm, "ask", classmethod(lambda cls, *words: True))
    monkeypatch.setattr(printing, "printers", lambda: ["Laser", "Office"])


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path / "desk.ini")


@pytest.fixture
def view(demo_window: MainWindow) -> Any:
    """A claim that is ready to print."""
    with demo_window.desk.read() as s:
        who = clients.find(s, "applewhite")[0].id
    demo_window.go("claims", ("of-client", who))
    page: Any = demo_window.page_of("claims")
    if page.stack.currentWidget() is not page.view:
        page.open(page.table.rows_model.rows[-1].id)
    return page.view


@pytest.fixture
def paper(monkeypatch: Any, tmp_path: Path) -> Callable[[], list[bytes]]:
    """Answers Print, and catches what comes out."""
    made: list[Path] = []

    def ask(parent: Any, preferences: Any, printer: QPrinter, title: str, words: str) -> Answer:
        made.append(tmp_path / f"{len(made)}.pdf")
        printer.setOutputFileName(str(made[-1]))
        return Answer.PRINT

    monkeypatch.setattr(PrintQuestion, "ask", staticmethod(ask))
    return lambda: [path.read_bytes() for path in made]


def dark(picture: QImage) -> set[tuple[int, int]]:
    return {(x, y) for x in range(612) for y in range(792) if picture.pixelColor(x, y).red() < 128}


# Where it lands


def test_the_printer_puts_data_where_the_pdf_does(look: QApplication, tmp_path: Path) -> None:
    form = layout.load()
    marks = [Mark("2", 10, 1, "I"), Mark("1a", 8, 50, "I"), Mark("28", 59, 52, "I"), Mark("33a", 63, 50, "I")]
    how: dict[str, Any] = {"dx_mm": 1.5, "dy_mm": -1.0, "scale": (0.99, 1.01)}
    printer = printing.new_printer()
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    printing.print_marks(printer, [marks], form, **how)
    (printed,) = printing.page_images((tmp_path / "printed.pdf").read_bytes(), 288)
    (meant,) = printing.page_images(pdf.overlay([marks], form, **how), 288)
    for mark in marks:
        places = []
        for picture in (printed, meant):
            x = 4 * (form.glyph(mark.column) * 0.99 + 1.5 * printing.MM)
            y = 4 * (form.baseline(mark.line) * 1.01 - 1.0 * printing.MM)
            near = [
                (px, py) for px in range(round(x) - 20, round(x) + 44) for py in range(round(y) - 52, round(y) + 20)
                if picture.pixelColor(px, py).red() < 128
            ]  # fmt: skip
            assert near
            places.append((sum(px for px, _y in near) / len(near) / 4, max(py for _x, py in near) / 4))
        assert places[0] == pytest.approx(places[1], abs=0.5)


def test_a_claim_is_printed_where_its_tray_needs_it(view: Any, demo_window: MainWindow, paper: Any) -> None:
    preferences = demo_window.desk.preferences
    alignment.keep(preferences, replace(LASER, dx_mm=9.9, dy_mm=-6.0, scale_x=1.0, scale_y=1.0))
    view.print_out()
    preferences.red_printer, preferences.red_tray = "Laser", "lower"
    view.print_out()
    plain, moved = (dark(printing.page_images(made, 72)[0]) for made in paper())
    left, top = (min(point[axis] for point in plain) for axis in (0, 1))
    right, down = round(10.0 * printing.MM), round(-6.0 * printing.MM)
    assert (min(x for x, _y in moved) - left) == pytest.approx(right, abs=1)
    assert (min(y for _x, y in moved) - top) == pytest.approx(down, abs=1)


def test_a_saved_pdf_is_moved_and_scaled_as_well(
    view: Any, demo_window: MainWindow, monkeypatch: Any, tmp_path: Path
) -> None:
    preferences = demo_window.desk.preferences
    alignment.keep(preferences, replace(LASER, scale_x=1.0, scale_y=1.0))
    preferences.red_printer, preferences.red_tray = "Laser", "lower"
    target = tmp_path / "claim.pdf"
    monkeypatch.setattr(claim_paper.Choice, "ask", staticmethod(lambda *words: "overlay"))
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: target))
    view.save_pdf()
    (claim,) = [view.open.bundle.claim]
    assert claim.status is ClaimStatus.READY and claim.issued is not None, "a file is no paper yet"
    meant = pdf.overlay(view.open.paper.marks, layout.load(), dx_mm=-0.6, dy_mm=0.4)
    assert target.read_bytes() == meant
    assert read.read_pages(target.read_bytes()) == read.read_pages(pdf.overlay(view.open.paper.marks, layout.load()))


# Afterwards


def test_a_claim_is_printed_once_a_person_says_so(view: Any, demo_window: MainWindow, paper: Any, qtbot: Any) -> None:
    desk = demo_window.desk
    assert not view.afterwards.isVisible()
    view.print_out()
    claim = view.open.bundle.claim
    assert claim.status is ClaimStatus.READY and claim.issued == desk.today()
    assert demo_window.messages.text() == f"Claim {claim.number} sent to the printer."
    assert not demo_window.undo_action.isEnabled()
    assert view.afterwards.isVisible() and view.print_button.kind == "outline"
    assert ClaimStatus.DRAFT not in view._moves() and ClaimStatus.PRINTED in view._moves()
    qtbot.keyClick(view.afterwards.yes, Qt.Key.Key_Return)
    assert view.open.bundle.claim == replace(claim, status=ClaimStatus.PRINTED)
    assert not view.afterwards.isVisible() and view.print_button.kind == "filled"
    with desk.read() as s:
        assert claims.claim(s, claim.id).status is ClaimStatus.PRINTED
    demo_window.undo()
    assert view.open.bundle.claim == claim and view.afterwards.isVisible()


def test_a_claim_that_is_only_saved_is_still_to_be_printed(view: Any, paper: Any, tmp_path: Path) -> None:
    assert view.inspector.override_button.isEnabled()
    claim = view.open.bundle.claim
    view.write_pdf(tmp_path / "claim.pdf", Mode.OVERLAY, claim.id, claim.number)
    assert view.open.bundle.claim.issued is not None
    assert (view.print_button.text(), view.print_button.kind) == ("Print on red form", "filled")
    band = view.afterwards
    assert (band.question.text(), band.yes.text()) == ("Did you print the saved PDF?", "Yes, set to printed")
    assert band.isVisible() and band.no_again.isHidden()
    inspector = view.inspector
    assert not inspector.override_button.isEnabled() and "The claim is issued" in inspector.fixed.text()
    view.print_out()
    assert (view.print_button.text(), view.print_button.kind) == ("Print again", "outline")
    assert band.question.text() == "Did it come out right?" and not band.no_again.isHidden()
    view.write_pdf(tmp_path / "claim.pdf", Mode.OVERLAY, claim.id, claim.number)
    assert view.print_button.text() == "Print again", "the paper is still the one to look at"


def test_a_claim_that_came_out_wrong_is_printed_again_just_so(view: Any, demo_window: MainWindow, paper: Any) -> None:
    view.print_out()
    claim = view.open.bundle.claim
    view.afterwards.no_again.click()
    assert view.open.bundle.claim == claim and view.afterwards.isVisible()
    first, second = ([image.convertToFormat(QImage.Format.Format_RGB888) for image in printing.page_images(made, 100)]
                     for made in paper())  # fmt: skip
    assert first == second and len(first) == len(view.open.paper.marks)
    view.afterwards.yes.click()
    view.print_out()
    assert view.open.bundle.claim.status is ClaimStatus.PRINTED
    assert view.afterwards.yes.text() == "Yes"
    view.afterwards.yes.click()
    assert not view.afterwards.isVisible() and view.open.bundle.claim.status is ClaimStatus.PRINTED


def test_the_question_waits_with_the_claim(view: Any, demo_window: MainWindow, paper: Any) -> None:
    view.print_out()
    claim_id = view.open.bundle.claim.id
    with demo_window.desk.read() as s:
        other = clients.find(s, "marsh")[0].id
    demo_window.go("claims", ("of-client", other))
    assert view.open.bundle.claim.id != claim_id and not view.afterwards.isVisible()
    demo_window.go("claims", claim_id)
    assert view.afterwards.isVisible()


def test_lining_up_comes_back_to_the_claim(view: Any, demo_window: MainWindow, paper: Any) -> None:
    view.print_out()
    number = view.open.bundle.claim.number
    view.afterwards.no_line_up.click()
    guide: Any = demo_window.page()
    assert guide.key == "calibration"
    guide.nudge()
    guide.keeping.nudge(0.3, 0)
    guide.next()
    assert demo_window.page().key == "claims" and view.open.bundle.claim.number == number
    assert view.afterwards.isVisible()
    assert alignment.current(demo_window.desk.preferences).shift == (0.3, 0.0)


@pytest.mark.qt_log_ignore("QPainter::begin")
def test_a_printer_that_does_not_answer_leaves_the_claim_as_it_was(
    view: Any, demo_window: MainWindow, monkeypatch: Any
) -> None:
    before = view.open.bundle.claim

    def ask(parent: Any, preferences: Any, printer: QPrinter, title: str, words: str) -> Answer:
        printer.setOutputFileName("/nowhere/at/all.pdf")
        return Answer.PRINT

    monkeypatch.setattr(PrintQuestion, "ask", staticmethod(ask))
    view.print_out()
    assert "does not answer" in demo_window.messages.text()
    assert view.open.bundle.claim == before and not view.afterwards.isVisible()


@pytest.mark.parametrize("answer", [Answer.NOT_YET, Answer.LINE_UP])
def test_without_printing_nothing_is_issued(
    view: Any, demo_window: MainWindow, monkeypatch: Any, answer: Answer
) -> None:
    before = view.open.bundle.claim
    monkeypatch.setattr(PrintQuestion, "ask", staticmethod(lambda *words: answer))
    view.print_out()
    with demo_window.desk.read() as s:
        assert claims.claim(s, before.id) == before
    assert demo_window.page().key == ("calibration" if answer is Answer.LINE_UP else "claims")


# The question


def question(preferences: Preferences) -> PrintQuestion:
    return PrintQuestion(None, preferences, printing.new_printer(), "Print claim 1 on a red form", "It is frozen.")


def test_the_question_shows_how_the_tray_is_lined_up(look: QApplication, preferences: Preferences, qtbot: Any) -> None:
    alignment.keep(preferences, LASER)
    asked = question(preferences)
    qtbot.addWidget(asked)
    assert asked.state.text() == "Not lined up yet."
    asked.tray_box.setCurrentIndex(asked.tray_box.findData("lower"))
    assert asked.state.text() == "Lined up on 11/18/2026, 0.2 mm left over, then moved by hand 0.1 mm right."
    asked.print.click()
    assert asked.answer is Answer.PRINT
    assert (preferences.red_printer, preferences.red_tray) == ("Laser", "lower")
    assert asked.printer.paperSource() is QPrinter.PaperSource.Lower
    again = question(preferences)
    qtbot.addWidget(again)
    assert again.state.text() == asked.state.text()
    again.not_yet.click()
    assert again.answer is Answer.NOT_YET


def test_without_a_printer_the_pdf_is_the_way(
    look: QApplication, preferences: Preferences, qtbot: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(printing, "printers", list)
    asked = question(preferences)
    qtbot.addWidget(asked)
    assert not asked.print.isEnabled() and not asked.more.isEnabled()
    asked.line_up.click()
    assert asked.answer is Answer.LINE_UP


def test_the_printers_own_choices_print(
    look: QApplication, preferences: Preferences, qtbot: Any, monkeypatch: Any
) -> None:
    asked = question(preferences)
    qtbot.addWidget(asked)
    monkeypatch.setattr(printing.PrinterQuestion, "ask", staticmethod(lambda parent, printer: False))
    asked.more.click()
    assert asked.answer.value == "not-yet"
    monkeypatch.setattr(printing.PrinterQuestion, "ask", staticmethod(lambda parent, printer: True))
    asked.more.click()
    assert asked.answer.value == "print"


# What is kept of a printer


def test_each_printer_and_tray_is_kept_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "desk.ini"
    known = [
        LASER,
        replace(LASER, tray=""),
        replace(LASER, printer='Büro/1 "x", %s\\', measured=None, left_over_mm=None),
    ]
    for each in known:
        alignment.keep(Preferences(file), each)
    changed = replace(LASER, nudge_y=-0.4)
    alignment.keep(Preferences(file), changed)
    assert alignment.kept(Preferences(file)) == [*known[1:], changed]
    assert alignment.of(Preferences(file), "Laser", "lower").shift == (-0.6, 0.0)
    alignment.forget(Preferences(file), "Laser", "lower")
    assert alignment.of(Preferences(file), "Laser", "lower") == Alignment(printer="Laser", tray="lower")


@pytest.mark.parametrize(
    "spoiled",
    ["{", "3", "[3]", '[{"printer": "Laser"}]', *(
        f'[{{"printer": "Laser", "tray": "lower", "dx_mm": {dx}, "dy_mm": 0, "scale_x": {scale}, "scale_y": 1,'
        f' "left_over_mm": null, "measured": {date}, "nudge_x": 0, "nudge_y": 0}}]'
        for dx, scale, date in (("1", "9", "null"), ("NaN", "1", "null"), ("99", "1", "null"), ("1", "1", '"x"'),
                                ('"far"', "1", "null"), ("null", "1", "null"))
    )],
)  # fmt: skip
def test_what_cannot_be_read_counts_as_not_lined_up(preferences: Preferences, spoiled: str) -> None:
    preferences.alignments = spoiled
    assert alignment.kept(preferences) == []
    assert alignment.state_words(alignment.of(preferences, "Laser", "lower")) == "Not lined up yet"


def test_moves_are_said_in_words() -> None:
    assert alignment.moved_words(0.72, -0.3) == "0.7 mm right, 0.3 mm up"
    assert alignment.moved_words(-1.0, 0.04, short=True) == "1.0 left"
    assert alignment.moved_words(0.049, -0.049) == ""
    assert Alignment(nudge_y=0.2).nudged(-9, 0.1).shift == (-5.0, 0.3)
    assert alignment.state_words(Alignment(nudge_y=0.2)) == "Not measured, moved by hand 0.2 mm down"
    assert LASER.at_middle == pytest.approx((-0.6 - 0.2159, 0.4 + 0.4191))
    how = red_forms.output(LASER)
    assert (how.dx_mm, how.dy_mm, how.scale) == (-0.6, 0.4, (0.998, 1.003))


def test_settings_show_and_forget_each_printer(window: MainWindow) -> None:
    preferences = window.desk.preferences
    alignment.keep(preferences, LASER)
    window.go("settings", "printer")
    panel: Any = window.page_of("settings").editor("printer")  # type: ignore[attr-defined]
    assert panel.cards.count() == 1 and not panel.none.isVisible()
    card = panel.cards.itemAt(0).widget()
    buttons = {button.text(): button for button in card.findChildren(Button)}
    buttons["Line up again"].click()
    guide: Any = window.page()
    assert (guide.key, guide.printer, guide.tray) == ("calibration", "Laser", "lower")
    assert guide.state.text().startswith("Lined up on 11/18/2026")
    guide.back()
    assert window.page().key == "settings"
    card = panel.cards.itemAt(0).widget()
    buttons = {button.text(): button for button in card.findChildren(Button)}
    buttons["Forget"].click()
    assert alignment.kept(preferences) == [] and panel.none.isVisible()
