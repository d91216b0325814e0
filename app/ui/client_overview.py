"""The first part of a client's record: what covers them over time, and their last sessions."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.store import claims
from app.ui import coverage, visit_context
from app.ui.controls import column, framed, label, scrolled
from app.ui.coverage_strip import CoverageStrip
from app.ui.desk import Desk
from app.ui.table import Table
from app.ui.theme import Type


class ClientOverview(QWidget):
    """The strip above a table of sessions."""

    def __init__(self, desk: Desk, title: str, sessions: Table) -> None:
        super().__init__()
        self.desk, self.sessions = desk, sessions
        self.strip = CoverageStrip()
        sessions.setMinimumHeight(180)
        listed = framed("card", column(label(title, Type.SECTION), sessions, gap=6), (16, 12, 16, 8))
        inside = QWidget()
        whole = column(self.strip, listed, gap=12, margins=(24, 18, 24, 18))
        whole.setStretch(1, 1)
        inside.setLayout(whole)
        self.setLayout(column(scrolled(inside), gap=0))

    def show_of(self, client_id: int) -> None:
        """A client's, as it is kept now."""
        context = visit_context.read(self.desk, client_id)
        with self.desk.read() as s:
            live = claims.live_lines(s, client_id) if client_id else frozenset()
        billed = frozenset(v.id for v in context.visits if v.id and any(line.id in live for line in v.lines))
        today = self.desk.today()
        self.strip.show_coverage(coverage.bars(context, today), coverage.dots(context, billed, today), today)
        self.sessions.rows_model.restart()
