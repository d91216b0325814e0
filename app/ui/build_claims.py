"""Building claims: unbilled sessions ticked on the left, on the right the claims they become, before any is made."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.billing import claims as planning
from app.billing.claims import ClaimPlan
from app.billing.records import Claim, Payer, Policy, Visit
from app.i18n import _, date_text, money_text, ngettext
from app.store import claims, clients, payers, visits
from app.store.clinic import ClinicFile
from app.ui import theme, words
from app.ui.controls import Button, clear, column, figure, framed, label, row, rule, scrolled
from app.ui.desk import Desk
from app.ui.page import Header, expected
from app.ui.table import Cell, Column, Empty, Table
from app.ui.tasks import Progress
from app.ui.theme import Type


@dataclass(frozen=True)
class Waiting:
    """A session that is on no claim, as a row."""

    id: int
    client: str
    payer: str
    visit: Visit

    @property
    def charge(self) -> int:
        """In cents."""
        return sum(line.charge for line in self.visit.lines)


@dataclass(frozen=True)
class Found:
    """What waits, by name and date, and what it is billed under."""

    rows: Sequence[Waiting] = ()
    policies: Sequence[Policy] = ()
    payers: Sequence[Payer] = ()


def find(clinic: ClinicFile, client_id: int | None = None) -> Found:
    """Read what waits, of one client or of all."""
    with clinic.read() as s:
        sessions = visits.unbilled(s, client_id)
        policies = clients.policies_among(s, (visit.policy_id for visit in sessions))
        everyone = payers.payers(s, archived=True)
        people = {person.id: person for person in clients.among(s, (visit.client_id for visit in sessions))}
    payer_of = {policy.id: policy.payer_id for policy in policies}
    names = {payer.id: payer.name for payer in everyone}
    rows = [
        Waiting(
            visit.id or 0,
            words.person(people[visit.client_id]),
            names.get(payer_of.get(visit.policy_id, 0), ""),
            visit,
        )
        for visit in sessions
    ]
    rows.sort(key=lambda waiting: (waiting.client.casefold(), waiting.visit.date or dt.date.max))
    return Found(rows, policies, everyone)


class BuildClaims(QWidget):
    """`built` hands over the claims that were made."""

    built = Signal(object)
    closed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._found = Found()
        self._asked = 0
        cancel = Button(_("Cancel"), "quiet", key="Esc")
        cancel.clicked.connect(lambda *_: self.closed.emit())
        self.build_button = Button(_("Build"), "filled", icon="stack-2", key="Ctrl+Return")
        self.build_button.clicked.connect(lambda *_: self.build())
        self.header = Header(_("Build claims"), [cancel, self.build_button])
        self.table = Table(
            _("Sessions on no claim"),
            [
                Column("", lambda w: "", 40, tick=True),
                Column(_("Client"), lambda w: Cell(w.client, strong=True), 130, stretch=True),
                Column(_("Payer"), lambda w: Cell(w.payer, quiet=True), 120, stretch=True, priority=1),
                Column(_("Date"), lambda w: date_text(w.visit.date), 104, figures=True),
                Column(_("Charge"), lambda w: money_text(w.charge), 90, right=True, figures=True),
            ],
            lambda limit, offset: self._found.rows[offset : offset + limit],
        )
        self.table.rows_model.ticks_changed.connect(self._show_plans)
        Empty(self.table, lambda: _("Every session of an insured client is on a claim."))
        self._cards = QVBoxLayout()
        self._cards.setSpacing(12)
        inside = QWidget()
        inside.setLayout(column(label(_("Becomes"), Type.SECTION), self._cards, None, gap=12, margins=(0, 16, 24, 16)))
        right = scrolled(inside)
        right.setFixedWidth(380)
        card = framed("card", column(self.table, gap=0), (8, 6, 8, 8))
        left = column(card, gap=0, margins=(theme.MARGIN, 16, 16, 16))
        middle = row(gap=0)
        middle.addLayout(left, 1)
        middle.addWidget(right)
        whole = column(self.header, rule(), gap=0)
        whole.addLayout(middle, 1)
        self.setLayout(whole)

    def refresh(self) -> None:
        """Read on another thread what waits; everything is ticked."""
        self._asked += 1
        asked, clinic = self._asked, self.desk.clinic

        def show(found: Found) -> None:
            if asked == self._asked and self.desk.is_open and self.desk.clinic is clinic:
                self._show(found)

        def failed(error: BaseException) -> None:
            self.desk.fail(expected(error))

        self.desk.run_task(lambda: find(clinic), done=show, failed=failed)

    def _show(self, found: Found) -> None:
        had_none = not self._found.rows
        self._found = found
        model = self.table.rows_model
        model.ticked = {waiting.id for waiting in found.rows}
        model.restart()
        self._show_plans()
        if had_none and self.table.hasFocus():
            self.begin()

    def plans(self) -> list[ClaimPlan]:
        """What the ticked sessions become."""
        ticked = [waiting.visit for waiting in self._found.rows if waiting.id in self.table.rows_model.ticked]
        return planning.plan(ticked, self._found.policies, self._found.payers)

    def _show_plans(self) -> None:
        clear(self._cards)
        made = self.plans()
        count = ngettext("{n} claim", "{n} claims", len(made)).format(n=len(made))
        self.build_button.setText(_("Build {count}").format(count=count) if made else _("Build"))
        self.build_button.setShortcut("Ctrl+Return")  # other words take the key of a button away
        self.build_button.updateGeometry()
        self.build_button.setEnabled(bool(made))
        ticked = len(self.table.rows_model.ticked)
        sessions = ngettext("{n} session ticked", "{n} sessions ticked", ticked).format(n=ticked)
        self.header.facts.setText(_("{sessions}; they become {claims}.").format(sessions=sessions, claims=count))
        lines = {line.id: (waiting, line) for waiting in self._found.rows for line in waiting.visit.lines}
        of_client = Counter(plan.client_id for plan in made)
        seen: Counter[int] = Counter()
        for plan in made[:_MOST_CARDS]:
            seen[plan.client_id] += 1
            self._cards.addWidget(_card(plan, lines, seen[plan.client_id], of_client[plan.client_id]))
        if len(made) > _MOST_CARDS:
            self._cards.addWidget(label(_("{n} more").format(n=len(made) - _MOST_CARDS), tint="second"))

    def build_for(self, client_id: int) -> None:
        """Build what one client has waiting, at once."""
        self._asked += 1
        self._show(find(self.desk.clinic, client_id))
        self.build()

    def build(self) -> None:
        """Make the claims, each with its number."""
        plans, today, clinic = self.plans(), self.desk.today(), self.desk.clinic
        if not plans:
            self.desk.fail(_("Every session of this client is on a claim already."))
            return

        def do(progress: Progress) -> Sequence[Claim]:
            if not progress.goes_on(_("Building claims"), 0, 0):
                return ()
            with clinic.write(_("Build claims")) as s:
                return claims.build(s, plans, today=today)

        def done(made: Sequence[Claim]) -> None:
            if made:
                count = ngettext("{n} claim built.", "{n} claims built.", len(made)).format(n=len(made))
                self.desk.say(count, undo=True)
                self.built.emit(made)

        self.desk.work(do, done=done)

    def begin(self) -> None:
        """The cursor into the table."""
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._found.rows:
            self.table.setCurrentIndex(self.table.rows_model.index(0, 1))


_MOST_CARDS = 30


def _card(plan: ClaimPlan, lines: dict[int | None, tuple[Waiting, Any]], number: int, of: int) -> QWidget:
    """What will be one claim: who, for how much, which lines; of several for a client, which one and why apart."""
    found: Sequence[tuple[Waiting, Any]] = [lines[line_id] for line_id in plan.line_ids]
    first = found[0][0]
    charge = sum(line.charge for __, line in found)
    dates = sorted({waiting.visit.date for waiting, __ in found if waiting.visit.date})
    count = ngettext("{n} line", "{n} lines", len(found)).format(n=len(found))
    span = " – ".join(dict.fromkeys(date_text(date) for date in (*dates[:1], *dates[-1:])))
    inside = column(
        row(label(first.client, Type.EMPHASIS), None, figure(money_text(charge), Type.EMPHASIS)),
        label(f"{first.payer} · {count} · {span}", Type.NOTE, "second", wrap=True),
        gap=3,
    )
    if len(found) > planning.LINES_A_FORM:
        forms = -(-len(found) // planning.LINES_A_FORM)
        told = _("It takes {n} forms: one holds six lines.").format(n=forms)
        inside.addWidget(label(told, Type.NOTE, "second", wrap=True))
    if of > 1:
        inside.addWidget(label(_("Claim {n} of {all} for this client:").format(n=number, all=of), Type.LABEL))
    for why in plan.why:
        inside.addWidget(label(why, Type.NOTE, "second", wrap=True))
    return framed("card", inside, (14, 11, 14, 11))
