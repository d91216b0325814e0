"""The tables on a client's record: sessions, claims, superbills."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.billing.records import VisitStatus
from app.i18n import _, date_text, money_text
from app.store import claims, visits
from app.ui import words
from app.ui.controls import column, framed
from app.ui.table import Cell, Column, Table


def carded(table: Table) -> QWidget:
    """A table on a card of its own, which fills a part."""
    holder = QWidget()
    holder.setLayout(column(framed("card", column(table, gap=0), (8, 6, 8, 8)), gap=0, margins=(24, 18, 24, 18)))
    return holder


def session_columns() -> list[Column]:
    """A client's sessions."""
    return [
        Column(_("Date"), lambda v: Cell(date_text(v.date), strong=True), 104, figures=True),
        Column(_("Codes"), lambda v: v.codes, 150, stretch=True),
        Column(_("Min."), lambda v: Cell(str(v.minutes), quiet=True), 64, right=True, figures=True, priority=2),
        Column(_("Units"), lambda v: Cell(str(v.units), quiet=True), 64, right=True, figures=True, priority=1),
        Column(_("Charge"), lambda v: money_text(v.charge), 90, right=True, figures=True),
        Column(_("Claim"), billed, 144),
    ]


def billed(line: visits.VisitLine) -> Cell:
    """Where a session stands: not taken place, on a claim, waiting for one, or paid by the client."""
    if line.status is not VisitStatus.DONE:
        return Cell(words.VISIT[line.status], "neutral", "calendar-event")
    if line.claims:
        return Cell(line.claims.replace(" ", ", "), quiet=True)
    if line.payer:
        return Cell(_("Unbilled"), "amber", "clock")
    return Cell(_("Self-pay"), quiet=True)


def claim_columns() -> list[Column]:
    """A client's claims."""
    return [
        Column(_("Number"), lambda c: Cell(c.number, strong=True), 110),
        Column(_("Payer"), lambda c: Cell(c.payer, quiet=True), 130, stretch=True),
        Column(_("Sessions"), dates, 190, figures=True, priority=1),
        Column(_("Charge"), lambda c: money_text(c.charge), 90, right=True, figures=True),
        Column(_("Status"), status, 140),
    ]


def dates(line: claims.ClaimLine) -> str:
    """First and last date of service."""
    first, last = date_text(line.first), date_text(line.last)
    return first if first == last else f"{first} – {last}"


def status(line: claims.ClaimLine) -> Cell:
    """The chip of a claim."""
    tone, icon = words.CLAIM_LOOKS[line.status]
    return Cell(words.CLAIM[line.status], tone, icon)


def superbill_columns() -> list[Column]:
    """A client's superbills."""
    return [
        Column(_("Number"), lambda b: Cell(b.number, strong=True), 150, stretch=True),
        Column(_("Made"), lambda b: date_text(b.issued), 120, figures=True),
        Column(_("Sessions"), lambda b: str(b.visits), 90, right=True, figures=True),
        Column(_("Version"), lambda b: Cell(str(b.version), quiet=True), 90, right=True, figures=True, priority=1),
    ]
