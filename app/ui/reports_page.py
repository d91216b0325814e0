"""Reports: a list on the left; on the right the range, a chart, and the table that the chart is a picture of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import handover
from app.errors import InputError
from app.forms import report
from app.i18n import _
from app.store import practice, reports
from app.ui import fields, report_kinds, theme
from app.ui.chart import Chart
from app.ui.controls import (
    Button,
    Combo,
    clear,
    column,
    framed,
    label,
    panel,
    row,
    rule,
    scrolled,
)
from app.ui.desk import Desk
from app.ui.dialogs import Files
from app.ui.page import Header, Page, Split, expected
from app.ui.report_kinds import KINDS, SPANS, Kind, Report
from app.ui.table import Cell, Column, Line, LineList, Table, choose
from app.ui.theme import Type


class _Row(NamedTuple):
    id: int
    values: Sequence[Any]
    is_sum: bool


class _Read(NamedTuple):
    """What another thread read."""

    report: Report
    first_session: dt.date | None
    practice: str


class ReportsPage(Page):
    """Each report as a chart, a table, CSV and PDF, of one range."""

    key = "reports"
    name = _("Reports")
    icon = "chart-bar"
    interests = frozenset(
        {"visit", "service_line", "claim", "claim_line", "client", "policy", "payer", "referral", "practice"}
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.kind = KINDS[0]
        self.report: Report | None = None
        self.practice = ""
        self._asked = 0
        self.list = LineList(_("Reports"), lambda kind: Line(kind.name, kind.about), _kinds)
        self.list.chose.connect(self._choose)
        self.csv_button = Button(_("CSV"), icon="download", key="Ctrl+E")
        self.pdf_button = Button(_("PDF"), icon="download", key="Ctrl+Shift+S")
        shortcut = QShortcut(QKeySequence("Ctrl+E"), self)
        shortcut.setWhatsThis(_("Save the table as CSV"))
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.save_csv)
        self.csv_button.clicked.connect(lambda *_: self.save_csv())
        self.pdf_button.clicked.connect(lambda *_: self.save_pdf())
        self.header = Header("", [self.csv_button, self.pdf_button])
        self.chart = Chart()
        self.empty = label("", tint="second", wrap=True)
        self._place = QVBoxLayout()
        self._full, self._none = QWidget(), QWidget()
        self.split = Split(self._left(), self._right())
        self.list.clicked.connect(lambda *_: self.split.bring_record())
        self.setLayout(column(self.split, gap=0))

    def _left(self) -> QWidget:
        head = row(label(self.name, Type.LIST_TITLE), None, margins=(16, 16, 10, 12))
        made = panel("pane", column(head, rule(), self.list, gap=0))
        made.setFixedWidth(264)
        return made

    def _right(self) -> QWidget:
        self.range = Combo()
        self.range.setAccessibleName(_("Range"))
        self.range.setFixedWidth(160)
        for key, name in SPANS.items():
            self.range.addItem(name, key)
        self.range.setCurrentIndex(self.range.findData("year"))
        today = self.desk.today
        self.first = fields.TextEditor(fields.date("first", _("From"), today))
        self.last = fields.TextEditor(fields.date("last", _("To"), today))
        for field, name, value in (
            (self.first, _("From"), report_kinds.earliest(today())),
            (self.last, _("To"), today()),
        ):
            field.setAccessibleName(name)
            field.load(value)
            field.left.connect(self.refresh)
        self.range.activated.connect(lambda *_: self._range_chosen())
        self._between = label(_("to"), tint="second")
        self._own = (self.first, self._between, self.last)
        self._range_words = label(_("Range"), Type.LABEL, "second")
        self._range_words.setBuddy(self.range)
        tools = row(self._range_words, self.range, *self._own, None, gap=8, margins=(theme.MARGIN, 0, theme.MARGIN, 12))
        chart = framed("card", column(self.chart, gap=0), (12, 12, 16, 10))
        self._table_card = framed("card", self._place, (8, 6, 8, 8))
        self._full.setLayout(column(chart, self._table_card, gap=theme.CARD_GAP))
        self._none.setLayout(column(framed("card", column(self.empty, gap=0)), gap=0))
        inside = QWidget()
        margins = (theme.MARGIN, 16, theme.MARGIN, theme.MARGIN)
        inside.setLayout(column(self._full, self._none, None, gap=0, margins=margins))
        self._full.hide()
        self._none.hide()
        made = panel("ground", column(self.header, tools, rule(), scrolled(inside), gap=0))
        for part in self._own:
            part.hide()
        return made

    # Reading, on another thread

    def span(self) -> tuple[dt.date, dt.date]:
        """The range. Raises InputError for dates that cannot be read, or that run backwards."""
        key = self.range.currentData()
        if key != "own":
            return report_kinds.span(key, self.desk.today())
        first, last = self.first.value(), self.last.value()
        if first is None or last is None:
            raise InputError(_("The range has no two days."), _("Type both dates."))
        if last < first:
            raise InputError(_("The range ends before it begins."), _("Change one of the dates."))
        return first, last

    def refresh(self) -> None:
        """Read the report anew; what is shown stays until then."""
        try:
            first, last = self.span()
        except InputError as error:
            self.desk.fail(str(error))
            return
        self._asked += 1
        asked, kind, clinic, today = self._asked, self.kind, self.desk.clinic, self.desk.today()
        self.header.title.setText(kind.name)
        self.header.state.setText(_("Reading …"))

        def read() -> _Read:
            with clinic.read() as s:
                filled = report_kinds.fill(kind, s, first, last, today)
                return _Read(filled, reports.first_session(s), practice.practice(s).name)

        def current() -> bool:
            return asked == self._asked and self.desk.is_open and self.desk.clinic is clinic

        self.desk.run_task(
            read,
            done=lambda found: self._show(found) if current() else None,
            failed=lambda error: self._failed(error) if current() else None,
        )

    def _failed(self, error: BaseException) -> None:
        self.header.state.setText("")
        self.desk.fail(expected(error))

    def _show(self, found: _Read) -> None:
        filled = self.report = found.report
        self.practice = found.practice
        self.header.state.setText("")
        self.header.facts.setText(filled.span)
        choose_quietly(self.list, filled.kind.id)
        for button in (self.csv_button, self.pdf_button):
            button.setEnabled(bool(filled.rows))
        self._full.setVisible(bool(filled.rows))
        self._none.setVisible(not filled.rows)
        if not filled.rows:
            self.empty.setText(report_kinds.nothing(filled.kind, found.first_session, self.desk.today()))
            return
        self.chart.show_bars(filled.chart())
        clear(self._place)
        rows = [_Row(number, values, False) for number, values in enumerate(filled.rows)]
        rows.append(_Row(len(rows), filled.sums, True))
        self.table = Table(filled.kind.name, _columns(filled.kind), lambda limit, offset: rows[offset : offset + limit])
        self.table.rows_model.restart()
        while self.table.rows_model.canFetchMore(self.table.rootIndex()):
            self.table.rows_model.fetchMore(self.table.rootIndex())
        self.table.fit_height()
        self._place.addWidget(self.table)

    # Choosing

    def _choose(self, kind: Kind) -> None:
        if kind.id != self.kind.id:
            self.kind = kind
            self._show_range()
            self.refresh()

    def _range_chosen(self) -> None:
        self._show_range()
        self.refresh()

    def _show_range(self) -> None:
        """The range is asked for where a report has one, both days where they are one's own."""
        own = self.range.currentData() == "own"
        for part in self._own:
            part.setVisible(own and self.kind.ranged)
        self.range.setVisible(self.kind.ranged)
        self._range_words.setVisible(self.kind.ranged)

    # Files

    def save_csv(self) -> None:
        """Ctrl+E."""
        if self.report is not None and self.report.rows:
            path = self._ask(_("Save CSV"), "csv", _("CSV files (*.csv)"))
            if path is not None:
                self._write(path, report.csv_bytes(self.report.table()))

    def save_pdf(self) -> None:
        """Ctrl+Shift+S."""
        if self.report is not None and self.report.rows:
            path = self._ask(_("Save PDF"), "pdf", _("PDF files (*.pdf)"))
            if path is not None:
                self._write(path, report.pdf_bytes(self.report.table(), self.practice))

    def _ask(self, title: str, ending: str, kinds: str) -> Path | None:
        assert self.report is not None
        name = f"{self.report.kind.name}, {self.report.span}".replace("/", "-")
        return Files.ask_save(self, self.desk.preferences, title, f"{name}.{ending}", kinds)

    def _write(self, path: Path, data: bytes) -> None:
        clinic, which = self.desk.clinic, self.kind.key
        if self.desk.attempt(lambda: handover.save(clinic, path, data, "report", detail=which)):
            self.desk.say(_("Report saved as {name}.").format(name=path.name))

    # The window's commands

    def open(self, target: object) -> None:
        """A report's key."""
        kind = next((kind for kind in KINDS if kind.key == target), None)
        if kind is not None:
            self._choose(kind)
            self.begin()
            self.split.bring_record()

    def back(self) -> None:
        """The cursor to the list."""
        self.split.bring_list()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin(self) -> None:
        """The cursor to the list."""
        choose_quietly(self.list, self.kind.id)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)


def choose_quietly(view: LineList, record_id: int) -> None:
    """Mark the row without telling that it was chosen."""
    if not view.rows_model.rows:
        view.rows_model.restart()
    view.blockSignals(True)
    choose(view, record_id)
    view.blockSignals(False)


def _kinds(limit: int, offset: int) -> Sequence[Kind]:
    return KINDS[offset : offset + limit]


def _columns(kind: Kind) -> list[Column]:
    def cell(at: int) -> Any:
        spec = kind.columns[at]
        return lambda line: Cell(report.cell_text(line.values[at], spec.kind), strong=line.is_sum)

    return [
        Column(
            spec.title, cell(at), spec.width, right=spec.kind != "text", figures=spec.kind != "text", stretch=at == 0
        )
        for at, spec in enumerate(kind.columns)
    ]
