"""Superbills: those that were made, and the ways to make one or a month of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget

from app.billing.problems import Problem
from app.billing.records import Superbill
from app.i18n import _, date_text
from app.store import superbills
from app.ui import theme
from app.ui.controls import (
    Button,
    SearchBox,
    column,
    framed,
    panel,
    row,
    rule,
)
from app.ui.desk import Desk
from app.ui.page import Header, Page
from app.ui.superbill_builder import SuperbillBuilder
from app.ui.superbill_month import SuperbillMonth
from app.ui.table import Cell, Column, Empty, Table


class SuperbillsPage(Page):
    """The list, or one superbill."""

    key = "superbills"
    name = _("Superbills")
    icon = "receipt"
    interests = frozenset(
        {"superbill", "client", "visit", "service_line", "practice", "provider", "referral", "policy", "claim"}
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.new_button = Button(_("New superbill"), "filled", icon="plus")
        self.new_button.clicked.connect(lambda *_: self.open("new"))
        self.month_button = Button(_("A month for all clients"), icon="calendar-event")
        self.month_button.clicked.connect(lambda *_: self.open("month"))
        self.header = Header(self.name, [self.month_button, self.new_button])
        self.search = SearchBox(_("Number, client, birth date"))
        self.search.setFixedWidth(280)
        self.search.textChanged.connect(lambda *_: self.table.rows_model.restart())
        self.table: Table = Table(_("Superbills"), _columns(), self._fetch)
        self.table.remember(desk.preferences, "superbills")
        self.table.opened.connect(lambda line: self.open(line.id))
        self.table.clicked.connect(lambda index: self.open(self.table.rows_model.rows[index.row()].id))
        Empty(self.table, lambda: _("No superbills yet. A session of any client can go on one."))
        card = framed("card", column(self.table, gap=0), (8, 6, 8, 8))
        found = row(self.search, None, margins=(theme.MARGIN, 0, theme.MARGIN, 12))
        body = column(card, gap=0, margins=(theme.MARGIN, 16, theme.MARGIN, 16))
        self.builder = SuperbillBuilder(desk)
        self.builder.closed.connect(self.back)
        self.builder.made.connect(self._made)
        self.stack = QStackedWidget()
        self.stack.addWidget(panel("ground", column(self.header, found, rule(), body, gap=0)))
        self.stack.addWidget(self.builder)
        self.month = SuperbillMonth(desk)
        self.month.closed.connect(self.back)
        self.stack.addWidget(self.month)
        self.setLayout(column(self.stack, gap=0))

    def _fetch(self, limit: int, offset: int) -> Sequence[Any]:
        with self.desk.read() as s:
            return superbills.lines(s, text=self.search.text(), order=self.table.order, limit=limit, offset=offset)

    def refresh(self) -> None:
        """Read the list anew."""
        self.table.reload()
        if self.stack.currentWidget() is self.builder and self.builder.bill is None:
            self.builder.show_page()
        self.header.facts.setText(_("What was handed over stays as it was; a correction is a new version."))

    def _made(self, bill: Superbill) -> None:
        self.builder.show_bill(bill)
        self.table.reload()

    def open(self, target: object) -> None:
        """A superbill's id, "month", "new", or ("new", client id)."""
        if target == "month":
            self.month.show_month(self.desk.today().replace(day=1))
            self.stack.setCurrentWidget(self.month)
            self.month.table.setFocus(Qt.FocusReason.OtherFocusReason)
            self.problems_changed.emit()
            return
        if isinstance(target, int):
            with self.desk.read() as s:
                bill = superbills.superbill(s, target)
            self.builder.show_bill(bill)
        else:
            self.builder.begin_new(target[1] if isinstance(target, tuple) else None)
        self.stack.setCurrentWidget(self.builder)
        self.builder.begin()
        self.problems_changed.emit()

    def draft(self) -> Any:
        """The choice for a superbill that is not made yet."""
        return self.builder.state() if self.stack.currentWidget() is self.builder else None

    def restore(self, draft: Any) -> None:
        """Choose it again."""
        self.builder.choose_again(draft)
        self.stack.setCurrentWidget(self.builder)
        self.problems_changed.emit()

    def problems(self) -> Sequence[Problem]:
        """Those of the superbill in front."""
        return self.builder.found if self.stack.currentWidget() is self.builder else ()

    def print_out(self) -> None:
        """The one in front."""
        if self.stack.currentWidget() is self.builder:
            self.builder.print_out()
        elif self.stack.currentWidget() is self.month:
            self.month.make()

    def save_pdf(self) -> None:
        """The one in front."""
        if self.stack.currentWidget() is self.builder:
            self.builder.save_pdf()

    def back(self) -> None:
        """To the list."""
        self.stack.setCurrentIndex(0)
        self.problems_changed.emit()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin(self) -> None:
        """The cursor into the search."""
        if self.stack.currentWidget() is self.builder:
            self.builder.begin()
        elif self.stack.currentWidget() is self.month:
            self.month.table.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.search.setFocus(Qt.FocusReason.OtherFocusReason)


def _columns() -> list[Column]:
    return [
        Column(_("Number"), lambda b: Cell(b.number, strong=True), 130, order="number"),
        Column(_("Client"), lambda b: b.client, 180, stretch=True, order="client"),
        Column(_("Sessions"), lambda b: str(b.visits), 90, right=True, figures=True, order="sessions"),
        Column(
            _("Version"), lambda b: Cell(str(b.version), quiet=True), 84, right=True, figures=True, priority=1,
            order="version",
        ),
        Column(_("Made"), lambda b: Cell(date_text(b.issued), quiet=True), 130, figures=True, order="made"),
    ]  # fmt: skip
