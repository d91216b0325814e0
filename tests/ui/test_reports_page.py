"""Reports: the same rows in chart, table, CSV and PDF; ranges; and words where there is nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QApplication

from app import paperwork
from app.billing.money import parse_cents
from app.billing.records import ServiceLine, Visit
from app.errors import ClinicError
from app.forms import report as paper
from app.forms.report import Bars, Series, tick_text, ticks
from app.store import clients, payers, practice, reports, visits
from app.store.clinic import ClinicFile
from app.ui import report_kinds, theme
from app.ui.chart import Chart, plot
from app.ui.dialogs import Files
from app.ui.main_window import MainWindow
from app.ui.report_kinds import KINDS, Report
from app.ui.reports_page import ReportsPage
from tests.ui.conftest import TODAY

KEYS = [kind.key for kind in KINDS]


@pytest.fixture
def page(demo_window: MainWindow) -> ReportsPage:
    demo_window.go("reports")
    page = demo_window.page()
    assert isinstance(page, ReportsPage)
    return page


def shown(page: ReportsPage) -> list[list[str]]:
    """The table as it is read."""
    model = page.table.rows_model
    return [[model.index(y, x).data() for x in range(model.columnCount())] for y in range(model.rowCount())]


def report(page: ReportsPage, key: str) -> Report:
    page.open(key)
    assert page.report is not None and page.report.kind.key == key
    return page.report


def choose_range(page: ReportsPage, key: str) -> None:
    page.range.setCurrentIndex(page.range.findData(key))
    page.range.activated.emit(page.range.currentIndex())


@pytest.mark.parametrize("key", KEYS)
def test_chart_and_table_have_the_same_rows_and_sums(page: ReportsPage, demo_clinic: Any, key: str) -> None:
    with demo_clinic.read() as s:
        first = clients.find(s, "fennimore")[0].id
    ids = [claim.id or 0 for claim in paperwork.build_claims(demo_clinic, today=TODAY, client_id=first)]
    paperwork.print_claims(demo_clinic, ids, paperwork.Output(), demo_clinic.path.with_suffix(".pdf"), today=TODAY)
    found = report(page, key)
    table = shown(page)
    assert len(table) == len(found.rows) + 1 and table[-1][0] == "Together"
    bars = page.chart.bars
    assert len(bars.labels) == len(found.rows) > 0
    for series, at in zip(bars.series, found.kind.bars, strict=True):
        assert series.name == found.kind.columns[at].title
        assert [bars.text(value) for value in series.values] == [row[at] for row in table[:-1]]
        assert bars.text(sum(series.values)) == table[-1][at]
    assert page.chart.accessibleName() == found.kind.name
    assert page.chart.accessibleDescription().startswith(bars.sentence(0))
    assert page.header.title.text() == found.kind.name and page.header.state.text() == ""


def test_months_stand_in_order_from_the_first_session_on(page: ReportsPage, demo_clinic: Any) -> None:
    with demo_clinic.read() as s:
        begin = reports.first_session(s)
    assert begin is not None
    months = [row[0] for row in report(page, "month").rows]
    assert months[0] == f"{begin:%m/%Y}" and months[-1] == "11/2026"
    assert page.header.facts.text() == "01/01/2026 to 11/21/2026"
    choose_range(page, "month")
    assert [row[0] for row in shown(page)] == ["11/2026", "Together"]
    assert page.header.facts.text() == "11/01/2026 to 11/21/2026"


def test_ranges() -> None:
    assert report_kinds.span("month", TODAY) == (dt.date(2026, 11, 1), TODAY)
    assert report_kinds.span("quarter", TODAY) == (dt.date(2026, 10, 1), TODAY)
    assert report_kinds.span("quarter", dt.date(2026, 3, 31)) == (dt.date(2026, 1, 1), dt.date(2026, 3, 31))
    assert report_kinds.span("year", TODAY) == (dt.date(2026, 1, 1), TODAY)
    assert report_kinds.span("last-year", TODAY) == (dt.date(2025, 1, 1), dt.date(2025, 12, 31))
    assert report_kinds.earliest(dt.date(2024, 2, 29)) == dt.date(2023, 3, 1)


def test_a_range_of_ones_own(page: ReportsPage) -> None:
    said: list[str] = []
    page.desk.failed.connect(said.append)
    assert not page.first.isVisible()
    choose_range(page, "own")
    assert page.first.isVisible() and page.header.facts.text() == "11/22/2025 to 11/21/2026"
    before = shown(page)
    page.first.setText("10012026")
    page.last.setText("10/31/2026")
    page.last.left.emit()
    assert [row[0] for row in shown(page)] == ["10/2026", "Together"] and shown(page) != before
    page.first.setText("soon")
    page.first.left.emit()
    page.first.setText("11/05/2026")
    page.first.left.emit()
    page.first.setText("")
    page.first.left.emit()
    assert [sentence.split(".")[0] for sentence in said] == [
        "Not a date", "The range ends before it begins", "The range has no two days",
    ]  # fmt: skip
    assert [row[0] for row in shown(page)] == ["10/2026", "Together"], "what is shown stays"
    page.open("aging")
    assert not page.range.isVisible() and not page.first.isVisible()


def test_unbilled_work_and_aging_tell_how_things_stand(page: ReportsPage, demo_clinic: Any) -> None:
    with demo_clinic.read() as s:
        waiting = visits.unbilled(s)
    found = report(page, "unbilled")
    assert found.span == "as of 11/21/2026"
    assert found.sums[4] == sum(line.charge for visit in waiting for line in visit.lines)
    assert found.sums[2] == len(waiting) and found.sums[1] is None, "a client may be with two payers"
    report(page, "aging")
    assert page.empty.text() == "No claim waits for an answer." and page.empty.isVisible()
    assert not page.chart.isVisible() and not page.csv_button.isEnabled()
    claims = paperwork.build_claims(demo_clinic, today=TODAY)
    ready = [claim.id or 0 for claim in claims]
    paperwork.print_claims(demo_clinic, ready, paperwork.Output(), demo_clinic.path.with_suffix(".pdf"), today=TODAY)
    assert [row[:2] for row in shown(page)] == [
        ["0-30", str(len(claims))], ["31-60", "0"], ["61-90", "0"], ["91-120", "0"], ["120+", "0"],
        ["Together", str(len(claims))],
    ]  # fmt: skip
    report(page, "unbilled")
    assert page.empty.text() == "Every session of an insured client is on a claim."


def test_a_range_without_sessions_names_the_first(page: ReportsPage, demo_clinic: Any) -> None:
    with demo_clinic.read() as s:
        begin = reports.first_session(s)
    choose_range(page, "last-year")
    assert page.empty.text() == f"Nothing in this range. The first session is of {begin:%m/%d/%Y}."
    choose_range(page, "year")
    assert page.chart.isVisible() and not page.empty.isVisible()


def test_an_empty_clinic_says_so(window: MainWindow) -> None:
    window.go("reports", "payer")
    page = window.page()
    assert isinstance(page, ReportsPage)
    assert page.empty.text() == "Nothing in this range. No session was entered yet."
    page.save_csv()
    page.save_pdf()


def test_csv_is_read_back(page: ReportsPage, tmp_path: Path, monkeypatch: Any, qtbot: Any) -> None:
    path = tmp_path / "out.csv"
    names: list[str] = []
    monkeypatch.setattr(
        Files, "ask_save", staticmethod(lambda parent, kept, title, name, kinds: names.append(name) or path)
    )
    found = report(page, "payer")
    with qtbot.waitActive(page.window()):
        page.window().activateWindow()
    qtbot.keyClick(page.list, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert names == ["Sessions and charges by payer, 01-01-2026 to 11-21-2026.csv"]
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    assert rows[0] == ["Payer", "Sessions", "Charged", "Paid by clients", "Difference"]
    assert [(row[0], int(row[1]), *map(parse_cents, row[2:])) for row in rows[1:-1]] == list(map(tuple, found.rows))
    assert [parse_cents(text) for text in rows[-1][2:]] == list(found.sums[2:])
    assert page.window().messages.text() == "Report saved as out.csv."


@pytest.mark.parametrize("name", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\tx", "\rx"])
def test_a_name_is_no_formula(page: ReportsPage, demo_clinic: Any, name: str) -> None:
    with demo_clinic.write("Rename") as s:
        payer = payers.payers(s)[0]
        payers.save_payer(s, replace(payer, name=name))
    data = paper.csv_bytes(report(page, "payer").table()).decode("utf-8-sig")
    first = [row[0] for row in csv.reader(io.StringIO(data, newline=""))]
    assert f"'{name}" in first and name not in first


def test_negative_amounts_stay_numbers() -> None:
    kind = KINDS[0]
    made = Report(kind=kind, span="", rows=[("11/2026", 1, 100, 2500, -2400)], sums=["Together", 1, 100, 2500, -2400])
    assert "11/2026,1,1.00,25.00,-24.00\r\n" in paper.csv_bytes(made.table()).decode("utf-8-sig")


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_pdf_holds_every_row_on_white(
    page: ReportsPage, tmp_path: Path, monkeypatch: Any, demo_clinic: Any, look: str
) -> None:
    page.window().set_look(look)
    path = tmp_path / "out.pdf"
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: path))
    found = report(page, "payer")
    page.window().page().save_pdf()
    document = PdfReader(path)
    text = document.pages[0].extract_text()
    assert len(document.pages) == 1 and found.kind.name in text and "Quiet River Massage Therapy" in text
    for row in (*found.rows, found.sums):
        for value, column in zip(row, found.kind.columns, strict=True):
            assert paper.cell_text(value, column.kind) in text
    from app.ui import printing

    (image,) = printing.page_images(path.read_bytes(), 40)
    assert image.pixelColor(3, 3).name() == "#ffffff"
    page.window().set_look("light")


def test_a_long_pdf_goes_on_with_its_heading() -> None:
    kind = next(kind for kind in KINDS if kind.key == "source")
    rows = [(f"Referrer {n}", "1234567893", n, 1, n, n * 100) for n in range(120)]
    made = Report(kind=kind, span="all", rows=rows, sums=("Together", None, 7140, None, 7140, 714000))
    document = PdfReader(io.BytesIO(paper.pdf_bytes(made.table(), "")))
    texts = [sheet.extract_text() for sheet in document.pages]
    assert len(texts) == 4 and all("Referred by" in text for text in texts)
    assert all(any(f"Referrer {n}" in text for text in texts) for n in range(120))
    assert "Together" in texts[-1] and all(f"Page {n}" in text for n, text in enumerate(texts, start=1))


def test_a_file_that_cannot_be_written_is_said(page: ReportsPage, monkeypatch: Any, tmp_path: Path) -> None:
    said: list[str] = []
    page.desk.failed.connect(said.append)
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: tmp_path / "no such folder" / "x.csv"))
    page.save_csv()
    assert said == ["The file cannot be written there. Check the folder and the free space, then save again."]
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: None))
    page.save_csv()
    page.save_pdf()


def test_only_the_last_question_is_answered(page: ReportsPage) -> None:
    waiting: list[Any] = []
    page.desk.run_task = lambda work, *, done, failed: waiting.append((work(), done, failed))
    page.open("payer")
    page.open("code")
    assert page.header.state.text() == "Reading …"
    (late, answer, _failed), (now, show, fail) = waiting
    show(now)
    answer(late)
    assert page.report is not None and page.report.kind.key == "code"
    page.open("month")
    said: list[str] = []
    page.desk.failed.connect(said.append)
    waiting[-1][2](ClinicError("The disk reports an error."))
    fail(ClinicError("too late"))
    assert said == ["The disk reports an error."] and page.header.state.text() == ""


def test_a_change_reads_the_report_anew(page: ReportsPage, demo_clinic: ClinicFile) -> None:
    found = report(page, "code")
    with demo_clinic.write("Session") as s:
        who, provider = clients.find(s, "trần")[0].id, practice.providers(s)[0].id
        line = ServiceLine(code="97124", units=1, charge=12_345)
        visits.save_visit(s, Visit(client_id=who, provider_id=provider or 0, date=TODAY, lines=(line,)))
    assert page.report is not None and page.report.sums[3] == found.sums[3] + 12_345
    demo_clinic.undo()
    assert page.report.sums == found.sums


def test_the_list_is_walked_by_keys(page: ReportsPage, qtbot: Any) -> None:
    for key in KEYS[1:]:
        qtbot.keyClick(page.list, Qt.Key.Key_Down)
        assert page.kind.key == key
    page.back()
    assert page.list.hasFocus()


def test_a_narrow_window_shows_one_pane_at_a_time(demo_window: MainWindow, page: ReportsPage) -> None:
    demo_window.resize(960, 540)
    QApplication.processEvents()
    page.open("code")
    assert page.chart.isVisible()
    assert not any(column.text() == "" for column in page.findChildren(type(page.csv_button)))


# The chart


def test_ticks_as_people_count() -> None:
    assert ticks(0) == [0, 1] and ticks(3) == [0, 1, 2, 3]
    assert ticks(5) == [0, 2, 4, 6] and ticks(21) == [0, 10, 20, 30] and ticks(4_212) == [0, 2000, 4000, 6000]
    assert [tick_text(value) for value in (0, 500, 2000, 2500, 1_500_000)] == ["0", "500", "2k", "2.5k", "1.5M"]


@given(st.integers(0, 10**12))
def test_ticks_hold_the_highest_in_few_steps(highest: int) -> None:
    found = ticks(highest)
    steps = {later - earlier for earlier, later in pairwise(found)}
    assert len(steps) == 1 and str(steps.pop()).rstrip("0") in {"1", "2", "5"}
    assert found[0] == 0 and 2 <= len(found) <= 5 and found[-1] >= highest
    assert highest == 0 or found[-2] < highest


BARS = Bars("Money", ["Jan", "Feb", "Mar"], [Series("Charged", [1000_00, 0, 2000_00]), Series("Paid", [500_00, 0, 0])])


@pytest.fixture
def chart(look: QApplication, qtbot: Any) -> Chart:
    made = Chart()
    qtbot.addWidget(made)
    made.resize(400, 220)
    made.show_bars(BARS)
    made.show()
    return made


def columns_of(image: QImage, ink: str) -> set[int]:
    """Where the ink of bars stands a little above the ground line."""
    y = round(plot(image_box(image)).bottom()) - 6
    return {x for x in range(image.width()) if image.pixelColor(x, y).name().upper() == ink}


def image_box(image: QImage) -> Any:

    return QRectF(0, 4, image.width() - 4, image.height() - 6)


def test_bars_stand_over_their_labels(chart: Chart) -> None:
    image = chart.grab().toImage()
    field = plot(image_box(image))
    step = field.width() / 3
    found = {int((x - field.left()) // step) for x in columns_of(image, theme.LIGHT.accent)}
    assert found & {0, 1, 2} == {0, 2}, "February has none"
    third = field.left() + 2.5 * step - 8
    tall = [y for y in range(image.height()) if image.pixelColor(round(third), y).name().upper() == theme.LIGHT.accent]
    assert abs(len([y for y in tall if y > field.top() - 1]) - field.height()) <= 3, "2,000 is the highest tick"


def test_values_show_by_keys_and_pointer(chart: Chart, qtbot: Any) -> None:
    plain = chart.grab().toImage()
    seen = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Home):
        qtbot.keyClick(chart, key)
        seen.append(chart.chosen)
    assert seen == [0, 1, 2, 2, 1, 0]
    assert chart.grab().toImage() != plain
    chart.leaveEvent(None)  # type: ignore[arg-type]
    assert chart.chosen is None
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert chart.chosen == 2

    def move(x: float) -> int | None:
        at = QPointF(x, 100)
        none, plain_keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        chart.mouseMoveEvent(QMouseEvent(QMouseEvent.Type.MouseMove, at, at, none, none, plain_keys))
        return chart.chosen

    assert [move(x) for x in (5, 60, 200, 390, 398)] == [None, 0, 1, 2, None]
    assert BARS.sentence(0) == "Jan: Charged 1,000.00, Paid 500.00"
    assert chart.accessibleDescription() == "; ".join(BARS.sentence(at) for at in range(3))


@pytest.mark.parametrize(
    "labels", [(), ("x",), tuple(str(n) for n in range(60)), ("A very long payer's name " * 4,) * 7]
)
def test_any_number_of_bars_is_drawn(chart: Chart, labels: Sequence[str], qtbot: Any) -> None:
    chart.show_bars(Bars("", labels, [Series("A", range(len(labels))), Series("B", [7] * len(labels))], money=False))
    qtbot.keyClick(chart, Qt.Key.Key_End)
    chart.resize(120, 220)
    assert not chart.grab().isNull() and chart.accessibleName() == "Chart"


def test_too_many_rows_stand_together_in_the_chart() -> None:
    kind = next(kind for kind in KINDS if kind.key == "payer")
    rows = [(f"Payer {n}", 1, 100 * n, n, 99 * n) for n in range(40, 0, -1)]
    made = Report(kind=kind, span="", rows=rows, sums=())
    bars = made.chart()
    assert len(bars.labels) == 24 and bars.labels[-1] == "17 others"
    assert sum(bars.series[0].values) == sum(row[2] for row in rows)
