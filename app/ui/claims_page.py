"""Claims: a list by true status, building from unbilled sessions, and the claim that is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.billing.problems import Problem
from app.billing.records import ClaimStatus
from app.i18n import _, date_text, money_text
from app.store import claims
from app.ui import theme, words
from app.ui.build_claims import BuildClaims
from app.ui.claim_view import ClaimView
from app.ui.controls import Button, SearchBox, column, framed, row, rule
from app.ui.desk import Desk
from app.ui.page import Header, Page
from app.ui.table import Cell, Column, Empty, Table
from app.ui.tabs import Pill


class ClaimsPage(Page):
    """The list, the builder or one claim in front."""

    key = "claims"
    name = _("Claims")
    icon = "file-text"
    interests = frozenset(
        {"claim", "claim_line", "client", "policy", "payer", "provider", "practice", "referral", "authorization",
         "case", "visit", "service_line", "override", "waiver"}
    )  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.status: ClaimStatus | None = None
        self.stack = QStackedWidget()
        self.view = ClaimView(desk)
        self.builder = BuildClaims(desk)
        for part in (self._list(), self.builder, self.view):
            self.stack.addWidget(part)
        self.setLayout(column(self.stack, gap=0))
        self.view.closed.connect(self.show_list)
        self.view.problems_changed.connect(self.problems_changed.emit)
        self.builder.closed.connect(self.show_list)
        self.builder.built.connect(self._built)

    def _list(self) -> QWidget:
        self.build_button = Button(_("Build claims"), "filled", icon="stack-2", key="Ctrl+B")
        self.build_button.clicked.connect(lambda *_: self.open("build"))
        self.header = Header(self.name, [self.build_button])
        self.pills: dict[ClaimStatus | None, Pill] = {}
        pills = row(gap=8, margins=(theme.MARGIN, 0, theme.MARGIN, 12))
        for status, text in ((None, _("All")), *words.CLAIM.items()):
            pill = self.pills[status] = Pill(text)
            pill.clicked.connect(lambda *_, status=status: self.show_status(status))
            pills.addWidget(pill)
        self.pills[None].setChecked(True)
        self.search = SearchBox(_("Number, client, birth date"))
        self.search.setFixedWidth(230)
        pills.addStretch(1)
        pills.addWidget(self.search)
        self.table: Table = Table(_("Claims"), _columns(), self._fetch)
        self.search.textChanged.connect(lambda *_: self.table.rows_model.restart())
        self.table.opened.connect(lambda line: self.open(line.id))
        self.table.clicked.connect(lambda index: self.open(self.table.rows_model.rows[index.row()].id))
        Empty(self.table, self._none)
        made = QWidget()
        card = framed("card", column(self.table, gap=0), (8, 6, 8, 8))
        body = column(card, gap=0, margins=(theme.MARGIN, 16, theme.MARGIN, 16))
        made.setLayout(column(self.header, pills, rule(), body, gap=0))
        return made

    def _fetch(self, limit: int, offset: int) -> Sequence[Any]:
        with self.desk.read() as s:
            return claims.lines(s, text=self.search.text(), status=self.status, limit=limit, offset=offset)

    def _none(self) -> str:
        if self.search.text().strip():
            return _("No claim matches “{text}”.").format(text=self.search.text().strip())
        if self.status is not None:
            return _("No claim has this status.")
        return _("No claims yet. Ctrl+B builds them from sessions.")

    def refresh(self) -> None:
        """Read the list, the builder and the open claim anew."""
        with self.desk.read() as s:
            counts = {status: claims.count(s, status=status) for status in (None, *words.CLAIM)}
        for status, count in counts.items():
            self.pills[status].set_count(count)
            self.pills[status].setVisible(status is None or count > 0 or status is self.status)
        waiting = counts[ClaimStatus.DRAFT] + counts[ClaimStatus.READY]
        self.header.facts.setText(_("{n} not printed yet. Status is kept by hand.").format(n=waiting))
        self.table.reload()
        if self.stack.currentWidget() is self.builder:
            self.builder.refresh()
        elif self.stack.currentWidget() is self.view:
            self.view.reread()

    def show_status(self, status: ClaimStatus | None) -> None:
        """Only the claims of one status, or all."""
        self.status = status
        self.pills[status].setChecked(True)
        self.table.rows_model.restart()

    def show_list(self) -> None:
        """Back to the list."""
        self.stack.setCurrentIndex(0)
        self.problems_changed.emit()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _built(self, made: Sequence[Any]) -> None:
        if len(made) == 1:
            self.open(made[0].id)
        else:
            self.show_status(ClaimStatus.DRAFT)
            self.show_list()

    # The window's commands

    def open(self, target: object) -> None:
        """A claim's id, "list", "build", ("of-client", id) to build a client's at once, or (table, id, field)."""
        if not self.leave():
            return
        if target == "list":
            self.show_list()
        elif target == "build":
            self.builder.refresh()
            self.stack.setCurrentWidget(self.builder)
            self.builder.begin()
        elif isinstance(target, tuple) and target[0] == "of-client":
            self.builder.refresh()
            self.builder.build_for(target[1])
        elif isinstance(target, (int, tuple)):
            claim_id = target if isinstance(target, int) else target[1]
            self.stack.setCurrentWidget(self.view)
            self.view.show_claim(claim_id)
        self.problems_changed.emit()

    def problems(self) -> Sequence[Problem]:
        """Those of the open claim."""
        if self.stack.currentWidget() is self.view and self.view.open is not None:
            return self.view.open.problems
        return ()

    def focus_field(self, problem: Problem) -> bool:
        """The box of the open claim."""
        return self.stack.currentWidget() is self.view and bool(problem.item) and self.view.show_problem(problem)

    def print_out(self) -> None:
        """The open claim."""
        if self.stack.currentWidget() is self.view:
            self.view.print_out()

    def save_pdf(self) -> None:
        """The open claim."""
        if self.stack.currentWidget() is self.view:
            self.view.save_pdf()

    def save(self) -> None:
        """The value by hand that is being typed."""
        if self.stack.currentWidget() is self.view and self.view.inspector.hand.is_open:
            self.view.inspector.hand.keep()

    def leave(self) -> bool:
        """Ask about a value by hand that is being typed."""
        return self.stack.currentWidget() is not self.view or self.view.leave()

    def back(self) -> None:
        """Close what is being typed, else to the list."""
        if self.stack.currentWidget() is not self.view or not self.view.close_hand():
            self.show_list()

    def begin(self) -> None:
        """The cursor into what is in front."""
        front = self.stack.currentWidget()
        target = self.view.sheet if front is self.view else self.search
        if front is self.builder:
            self.builder.begin()
        else:
            target.setFocus(Qt.FocusReason.OtherFocusReason)


def _columns() -> list[Column]:
    def dates(line: claims.ClaimLine) -> str:
        first, last = date_text(line.first), date_text(line.last)
        return first if first == last else f"{first} – {last}"

    def status(line: claims.ClaimLine) -> Cell:
        tone, icon = words.CLAIM_LOOKS[line.status]
        return Cell(words.CLAIM[line.status], tone, icon)

    return [
        Column(_("Number"), lambda c: Cell(c.number, strong=True), 120),
        Column(_("Client"), lambda c: c.client, 150, stretch=True),
        Column(_("Payer"), lambda c: Cell(c.payer, quiet=True), 150, stretch=True),
        Column(_("Sessions"), dates, 196, figures=True, priority=1),
        Column(_("Charge"), lambda c: money_text(c.charge), 96, right=True, figures=True),
        Column(_("Status"), status, 150),
        Column(_("Issued"), lambda c: Cell(date_text(c.issued), quiet=True), 108, figures=True, priority=2),
    ]
