"""The two main journeys with every key and click counted: a known client, the same session as last time, to paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt
from PySide6.QtGui import QImage, QKeySequence
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication

from app import paperwork
from app.billing.records import ClaimStatus
from app.forms import read
from app.store import claims, clients, superbills, visits
from app.ui import printing
from app.ui.main_window import MainWindow
from app.ui.red_forms import Answer, PrintQuestion
from tests.journeys.test_session_to_paper import CTRL, SHIFT, Hands
from tests.ui.conftest import TODAY

MOST_SUPERBILL, MOST_CLAIM = 8, 10
PRINTER = "Front desk"


class Clicks(QObject):
    """Counts the presses of mouse buttons that reach the window."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.MouseButtonPress
        return False


class CountedHands(Hands):
    """Hands on a keyboard: keys go to the window, which finds who wants them; each is counted, the mouse as well."""

    def __init__(self, qtbot: Any, window: MainWindow, clicks: Clicks) -> None:
        super().__init__(qtbot, window)
        self.keys: list[str] = []
        self.clicks = clicks

    def type(self, text: str) -> None:
        for sign in text:
            self.keys.append(sign)
            self.bot.keyClick(self.window.windowHandle(), sign)
        QApplication.processEvents()

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.keys.append(QKeySequence(QKeyCombination(modifiers, key)).toString())
        self.bot.keyClick(self.window.windowHandle(), key, modifiers)
        QApplication.processEvents()

    def count(self, what: str, most: int, capsys: pytest.CaptureFixture[str]) -> None:
        """Print what was pressed; more than `most` fails."""
        keys, clicks = len(self.keys), self.clicks.count
        with capsys.disabled():
            print(f"\n{what}: {keys} keys ({', '.join(self.keys)}) and {clicks} clicks; at most {most}")
        assert keys + clicks <= most


@pytest.fixture
def hands(qtbot: Any, demo_window: MainWindow, qapp: QApplication) -> Iterator[CountedHands]:
    """The demo clinic; everything so far is on claims."""
    paperwork.build_claims(demo_window.desk.clinic, today=TODAY)
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    demo_window.go("today")
    QApplication.processEvents()
    clicks = Clicks()
    qapp.installEventFilter(clicks)
    yield CountedHands(qtbot, demo_window, clicks)
    qapp.removeEventFilter(clicks)


@pytest.fixture
def paper(hands: CountedHands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A printer that is known from last time, whose paper is this file."""
    path = tmp_path / "paper.pdf"
    make: Callable[..., QPrinter] = printing.new_printer

    def to_file(*place: str) -> QPrinter:
        printer = make()
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(path))
        return printer

    monkeypatch.setattr(printing, "printers", lambda: [PRINTER])
    monkeypatch.setattr(printing, "new_printer", to_file)
    monkeypatch.setattr(printing, "choose", lambda *words: None)
    preferences = hands.window.desk.preferences
    preferences.printer = preferences.red_printer = PRINTER
    return path


def test_a_known_clients_superbill(
    hands: CountedHands, paper: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    desk = hands.window.desk
    monkeypatch.setattr(printing.PrinterQuestion, "ask", staticmethod(lambda *words: pytest.fail("a dialog")))
    with desk.read() as s:
        (who,) = clients.find(s, "vas")
        last = visits.last_visit(s, who.id)
    assert last is not None
    hands.press(Qt.Key.Key_N, CTRL)
    hands.type("vas")
    hands.press(Qt.Key.Key_Return)
    hands.press(Qt.Key.Key_L, CTRL)
    hands.press(Qt.Key.Key_P, CTRL | SHIFT)
    hands.press(Qt.Key.Key_P, CTRL)
    hands.count("To a printed superbill", MOST_SUPERBILL, capsys)
    with desk.read() as s:
        made = visits.last_visit(s, who.id)
        (bill,) = superbills.superbills_of(s, who.id)
    assert made is not None and made.date == TODAY and made.id in bill.visit_ids
    same = [(line.code, line.minutes, line.units, line.charge) for line in made.lines]
    assert same == [(line.code, line.minutes, line.units, line.charge) for line in last.lines]
    assert bill.number in hands.window.messages.text()
    (wanted,), (found,) = (
        printing.page_images(pdf, 100) for pdf in (paperwork.superbill_pdf(bill), paper.read_bytes())
    )
    blank = QImage(wanted.size(), wanted.format())
    blank.fill(Qt.GlobalColor.white)
    assert _differing(found, wanted) < _differing(blank, wanted) / 4


def _differing(one: QImage, other: QImage) -> float:
    """The part of a page that is darker on one than on the other, in squares of a tenth of an inch."""
    ways = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    a, b = one.scaled(85, 110, *ways), other.scaled(85, 110, *ways)
    spots = [(x, y) for x in range(85) for y in range(110)]
    far = sum(abs(a.pixelColor(x, y).lightness() - b.pixelColor(x, y).lightness()) > 12 for x, y in spots)
    return far / len(spots)


def test_a_known_clients_claim(
    hands: CountedHands, paper: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    desk = hands.window.desk

    def ask(parent: Any, preferences: Any, printer: QPrinter, title: str, words: str, **more: Any) -> Answer:
        """The real question, answered by Enter, which counts."""
        question = PrintQuestion(parent, preferences, printer, title, words, **more)
        question.show()
        QApplication.processEvents()
        assert question.printer_box.currentText() == PRINTER and question.print.isDefault()
        hands.keys.append("Return")
        question.print.click()
        return question.answer

    monkeypatch.setattr(PrintQuestion, "ask", staticmethod(ask))
    with desk.read() as s:
        (who,) = clients.find(s, "app")
    hands.press(Qt.Key.Key_N, CTRL)
    hands.type("app")
    hands.press(Qt.Key.Key_Return)
    hands.press(Qt.Key.Key_L, CTRL)
    hands.press(Qt.Key.Key_B, CTRL | SHIFT)
    hands.press(Qt.Key.Key_P, CTRL)
    hands.press(Qt.Key.Key_Return)
    hands.count("To a printed claim", MOST_CLAIM, capsys)
    with desk.read() as s:
        made = visits.last_visit(s, who.id)
        claim = claims.claims_of(s, who.id)[0]
    assert made is not None and made.date == TODAY
    assert claim.status is ClaimStatus.PRINTED and claim.issued == TODAY
    assert claim.line_ids == tuple(line.id for line in made.lines)
    (page,) = read.read_pages(paper.read_bytes())
    assert page["2"] == "APPLEWHITE, JUNIPER, A"
    assert [line["code"] for line in page["24"]] == [line.code for line in made.lines]
