"""The drawer of problems: the same list that colours the form and stops printing. A row leads to its field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.billing.problems import Problem, Severity, in_order
from app.i18n import _
from app.ui import theme
from app.ui.controls import IconButton, column, label, row, rule
from app.ui.table import Cell, Column, Table
from app.ui.theme import Type

LOOKS = {
    Severity.BLOCK: ("filled/alert-circle", "red"),
    Severity.WARN: ("filled/alert-triangle", "amber"),
    Severity.INFORM: ("info-circle", "blue"),
}
"""Icon and tone of each severity, everywhere."""


def word(severity: Severity) -> str:
    """The severity in a word."""
    return {Severity.BLOCK: _("blocks"), Severity.WARN: _("warns"), Severity.INFORM: _("note")}[severity]


@dataclass(frozen=True)
class _Row:
    id: int
    problem: Problem


def _sentence(line: _Row) -> Cell:
    return Cell(line.problem.message)


def _severity(line: _Row) -> Cell:
    icon, tone = LOOKS[line.problem.severity]
    return Cell(word(line.problem.severity), tone, icon)


def _where(line: _Row) -> Cell:
    item = line.problem.item
    return Cell(_("Item {item}").format(item=item) if item else "", quiet=True)


class ProblemsPanel(QWidget):
    """168 high; F8 opens it and goes through its rows, Enter goes to the place."""

    chose = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setFixedHeight(168)
        self._rows: list[_Row] = []
        self.table = Table(
            _("Problems"),
            [
                Column(_("Severity"), _severity, 104),
                Column(_("What is so, and what to do"), _sentence, 300, stretch=True),
                Column(_("Where"), _where, 110),
            ],
            lambda limit, offset: self._rows[offset : offset + limit],
        )
        self.table.horizontalHeader().hide()
        self.table.opened.connect(lambda line: self.chose.emit(line.problem))
        self.table.clicked.connect(lambda index: self.chose.emit(self._rows[index.row()].problem))
        self._title = label(_("Problems"), Type.SECTION)
        self.close_button = IconButton("x", _("Close"), key="F8")
        self.close_button.clicked.connect(lambda *_: self.hide())
        head = row(self._title, None, self.close_button, margins=(theme.MARGIN, 4, 12, 2))
        self.setLayout(column(rule(), head, self.table, gap=0))
        self.hide()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Another list."""
        self._rows = [_Row(number, problem) for number, problem in enumerate(in_order(problems))]
        self.table.rows_model.restart()
        if not self._rows:
            self.hide()

    def step(self, by: int) -> None:
        """Open, or go to the next row (round and round)."""
        if not self._rows:
            return
        if self.isHidden():
            self.show()
            self.table.setCurrentIndex(self.table.rows_model.index(0, 0))
        else:
            now = self.table.currentIndex().row()
            self.table.setCurrentIndex(self.table.rows_model.index((now + by) % len(self._rows), 0))
        self.table.setFocus()
