"""Claims on plain paper from the window: a full copy, a payer's own PDF, several at once, true size, a viewer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrinter

from app import paperwork, payers_pdf, viewing
from app.billing.records import ClaimStatus
from app.forms import guarded
from app.forms.matching import Frame
from app.store import claims
from app.ui import claim_paper, page_preview, printing, red_forms
from app.ui import payers_pdf as form_choice
from app.ui.claim_paper import ClaimPaper
from app.ui.dialogs import Files
from app.ui.main_window import MainWindow
from app.ui.red_forms import Answer, PrintQuestion, Stock
from tests.forms import pdf_factory as factory

TODAY = dt.date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "_run", guarded.answer)
    monkeypatch.setattr(printing, "printers", lambda: ["Laser", "Office"])


@pytest.fixture
def view(demo_window: MainWindow) -> Any:
    """A sound claim, open on the form."""
    made = paperwork.build_claims(demo_window.desk.clinic, today=TODAY)
    found = paperwork.check_claims(demo_window.desk.clinic, [claim.id or 0 for claim in made], today=TODAY)
    sound = next(key for key, problems in found.items() if not any(p.severity == "block" for p in problems))
    demo_window.go("claims", sound)
    page: Any = demo_window.page_of("claims")
    return page.view


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[Stock, Path]]:
    """Answer the question for a printer with a file; what was asked for, and where it went."""
    asked: list[tuple[Stock, Path]] = []

    def ask(*given: Any, stock: Stock = Stock.RED) -> Answer:
        printer: QPrinter = given[2]
        asked.append((stock, tmp_path / f"paper{len(asked)}.pdf"))
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(asked[-1][1]))
        return Answer.PRINT

    monkeypatch.setattr(PrintQuestion, "ask", staticmethod(ask))
    return asked


def ways(view: Any) -> dict[str, Callable[[], object]]:
    how = {"issued": False, "target": None, "then": view._sent}
    return dict(view.paper.ways(view._sheets()[0], view.open.bundle.payer, **how))


def way(view: Any, word: str) -> Callable[[], object]:
    return next(do for text, do in ways(view).items() if word in text)


def ink(path: Path) -> float:
    """The share of dark pixels of the first page."""
    image = printing.page_images(path.read_bytes(), 36)[0].convertToFormat(QImage.Format.Format_Grayscale8)
    return sum(byte < 160 for byte in bytes(image.constBits())) / image.sizeInBytes()


def test_a_copy_goes_on_plain_paper(view: Any, paper: Any) -> None:
    way(view, "Full copy")()
    ((stock, path),) = paper
    assert stock is Stock.PLAIN
    assert view.open.bundle.claim.issued == TODAY and view.afterwards.isVisible()
    view.afterwards.yes.click()
    assert view.open.bundle.claim.status is ClaimStatus.PRINTED
    assert ink(path) > 0.01  # the whole form, not the data alone


def test_a_payers_pdf_is_chosen_once_and_used_from_then_on(
    view: Any, paper: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "payer.pdf"
    source.write_bytes(factory.pdf([*factory.like_fillable_a()]))
    shown: list[Any] = []

    def ask(parent: Any, desk: Any, payer: str, found: payers_pdf.PayersPdf) -> payers_pdf.PayersPdf:
        question = form_choice.PayersPdfQuestion(parent, desk, payer, found)
        shown.append((question.state.text(), question.unused.toPlainText(), payer))
        question.use.click()
        assert question.answer is form_choice.Answer.USE
        return question.found

    monkeypatch.setattr(form_choice.PayersPdfQuestion, "ask", staticmethod(ask))
    monkeypatch.setattr(Files, "ask_open", staticmethod(lambda *words: source))
    way(view, "chosen now")()
    payer = view.open.bundle.payer
    assert shown == [(shown[0][0], "", payer.name)] and "known one" in shown[0][0]
    assert [stock for stock, __ in paper] == [Stock.PLAIN]
    assert ink(paper[0][1]) > 0.0005
    assert view.open.bundle.claim.issued == TODAY

    source.unlink()
    way(view, f"In the PDF of {payer.name}")()
    assert len(paper) == 2
    way(view, "Forget")()
    assert "chosen now" in " ".join(ways(view))
    view.desk.clinic.undo()
    assert f"In the PDF of {payer.name}" in ways(view)


def test_a_pdf_that_is_refused_is_one_sentence(
    view: Any, demo_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "letter.pdf"
    for content, sentence in ((b"hello", "not a PDF"), (factory.pdf([]), "no fields"), (None, "cannot be read")):
        source.unlink(missing_ok=True)
        if content is not None:
            source.write_bytes(content)
        monkeypatch.setattr(Files, "ask_open", staticmethod(lambda *words: source))
        way(view, "chosen now")()
        assert sentence in demo_window.messages.text()
    assert view.open.bundle.claim.issued is None


def test_the_question_shows_what_found_no_place(
    demo_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = payers_pdf.read("odd.pdf", factory.pdf([*factory.strangers(Frame(), ("17b",)).values()]))
    question = form_choice.PayersPdfQuestion(demo_window, demo_window.desk, "Bluebird Health", found)
    assert question.lacking.toPlainText() == "17b" and not question.unused.isVisibleTo(question)
    assert "by their places" in question.state.text()
    mapping = tmp_path / "map.toml"
    mapping.write_text('"17b" = "nothing"', "utf-8")
    monkeypatch.setattr(Files, "ask_open", staticmethod(lambda *words: mapping))
    question.correct.click()
    assert "does not have" in question.problem.text() and question.problem.isVisibleTo(question)
    mapping.write_text('"17b" = ""', "utf-8")
    question.correct.click()
    assert not question.problem.isVisibleTo(question) and question.found.mapping == {"17b": ""}
    question.not_now.click()
    assert question.answer is form_choice.Answer.NOT_NOW


def test_several_are_printed_one_by_one_and_can_be_stopped(
    demo_window: MainWindow, paper: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = demo_window.desk
    made = paperwork.build_claims(desk.clinic, today=TODAY)
    found = paperwork.check_claims(desk.clinic, [claim.id or 0 for claim in made], today=TODAY)
    sound = [c for c in made if not any(p.severity == "block" for p in found[c.id or 0])]
    assert len(sound) >= 3
    sheets = [(claim.id or 0, claim.number) for claim in sound[:3]]
    sent: list[list[int]] = []
    told: list[str] = []
    works: list[Any] = []
    desk.working.connect(lambda work: works.append(work) if work is not None else None)
    printed: list[int] = []

    def print_marks(printer: Any, pages: Any, *more: Any, **how: Any) -> None:
        printed.append(len(pages))
        if len(printed) == 2:
            works[-1].stop()

    monkeypatch.setattr(printing, "print_marks", print_marks)
    desk.working.connect(lambda work: work and work.moved.connect(lambda text, at, total: told.append(text)))
    ClaimPaper(desk, demo_window).send(sheets, issued=False, target=None, then=sent.append)
    assert told[0] == "Printing 1 of 3. What is printed stays printed." and len(printed) == 2
    assert sent == [[sheets[0][0], sheets[1][0]]]
    assert "2 of 3" in demo_window.messages.text()
    with desk.read() as s:
        issued = [bundle.claim.issued is not None for bundle in claims.bundles(s, [each[0] for each in sheets])]
    assert issued == [True, True, False]


def test_all_that_are_ready_are_printed(demo_window: MainWindow, paper: Any, view: Any) -> None:
    desk = demo_window.desk
    demo_window.go("claims", "list")
    overview: Any = demo_window.page_of("claims")
    overview.overview.print_ready()
    assert paper == [] and demo_window.messages.text() == "No claim is ready to print."
    claim = view.open.bundle.claim
    with desk.write("Ready") as s:
        claims.set_status(s, claim.id, ClaimStatus.READY, on=TODAY)
    overview.overview.print_ready()
    assert [stock for stock, __ in paper] == [Stock.RED]
    with desk.read() as s:
        assert claims.claim(s, claim.id).issued == TODAY


def test_a_printer_that_goes_stops_the_rest_and_the_claim_stays_ready(
    demo_window: MainWindow, paper: Any, view: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*given: Any, **how: Any) -> None:
        raise printing.PrinterGoneError("Laser does not answer.", "Look at it.")

    monkeypatch.setattr(printing, "print_marks", gone)
    view.print_out()
    wanted = "Laser does not answer. The claim stays ready to print. Choose a printer."
    assert demo_window.messages.text() == wanted
    assert view.open.bundle.claim.issued is None


def test_the_printer_is_remembered_for_each_stock(demo_window: MainWindow) -> None:
    preferences = demo_window.desk.preferences
    preferences.red_printer, preferences.plain_printer = "Laser", "Attic"
    red = PrintQuestion(demo_window, preferences, printing.new_printer(), "t", "w")
    plain = PrintQuestion(demo_window, preferences, printing.new_printer(), "t", "w", stock=Stock.PLAIN)
    assert red.printer_box.currentText() == "Laser" and red.line_up.isVisibleTo(red)
    assert not plain.line_up.isVisibleTo(plain) and "Attic does not answer" in plain.words_below.text()
    plain.printer_box.setCurrentText("Office")
    plain.print.click()
    assert (preferences.red_printer, preferences.plain_printer) == ("Laser", "Office")
    assert red_forms.Stock.PLAIN.place(preferences) == ("Office", "")


def test_pages_are_shown_in_true_size(view: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[page_preview.PagePreview] = []
    monkeypatch.setattr(
        page_preview.PagePreview,
        "show_pages",
        classmethod(lambda cls, parent, title, pages: shown.append(cls(parent, title, pages))),
    )
    way(view, "true size")()
    (dialog,) = shown
    dots = dialog.screen().physicalDotsPerInch()
    assert dialog.sheets[0].width() == pytest.approx(8.5 * dots, abs=2)
    assert dialog.sheets[0].height() == pytest.approx(11 * dots, abs=2)
    assert view.open.bundle.claim.issued is None


def test_a_copy_in_the_viewer_is_private_and_goes(view: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(claim_paper, "open_file", opened.append)
    way(view, "viewer")()
    (path,) = opened
    assert path.read_bytes().startswith(b"%PDF-") and path.name == f"claim {view.open.bundle.claim.number}.pdf"
    assert viewing.folder() in path.parents
    assert [place.stat().st_mode & 0o077 for place in (viewing.folder(), path.parent, path)] == [0, 0, 0]
    viewing.empty()
    assert list(viewing.folder().iterdir()) == []
