"""What happened to a claim: day, status, note, what was to be done next, and who wrote it down. The newest on top."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.billing.records import ClaimEvent
from app.i18n import _, date_text
from app.ui import theme, words
from app.ui.controls import Button, Chip, IconLabel, clear, column, figure, framed, label, row, scrolled
from app.ui.theme import Type


class ClaimHistory(QWidget):
    """`calling` and `planning` ask for a note of a call and for the next action."""

    calling = Signal()
    planning = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("History"))
        self.call_button = Button(_("Note a call"), icon="phone", key="Ctrl+Shift+C")
        self.next_button = Button(_("Next action"), icon="calendar-event", key="Ctrl+Shift+A")
        self.call_button.clicked.connect(lambda *_: self.calling.emit())
        self.next_button.clicked.connect(lambda *_: self.planning.emit())
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        card = framed("card", self._rows, (18, 6, 18, 6))
        card.setMaximumWidth(900)
        inside = QWidget()
        inside.setLayout(
            column(
                row(self.call_button, self.next_button, None), card, None, gap=14,
                margins=(theme.MARGIN, 16, theme.MARGIN, 16),
            )
        )  # fmt: skip
        self.setLayout(column(scrolled(inside), gap=0))

    def show_events(self, events: Sequence[ClaimEvent]) -> None:
        """The events of a claim, the oldest first."""
        clear(self._rows)
        for event in reversed(events):
            self._rows.addWidget(_row(event))


def _row(event: ClaimEvent) -> QWidget:
    day = figure(date_text(event.on))
    day.setFixedWidth(84)
    day.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    tone, icon = words.CLAIM_LOOKS[event.status]
    told = row(day, Chip(words.CLAIM[event.status], tone, icon), None, label(event.user, Type.NOTE, "third"), gap=12)
    made = column(told, gap=6, margins=(0, 10, 0, 10))
    if event.note:
        note = label(event.note, wrap=True)
        made.addLayout(_indented(note))
    if event.next_action:
        by = _("{action}, by {day}").format(action=event.next_action, day=date_text(event.next_on))
        line = row(
            IconLabel("chevron-right", "text2", 14),
            label(by if event.next_on else event.next_action, tint="second", wrap=True), gap=5,
        )  # fmt: skip
        line.setStretch(1, 1)
        made.addLayout(_indented(line))
    whole = QWidget()
    whole.setLayout(made)
    whole.setAccessibleName(
        ", ".join(part for part in (date_text(event.on), words.CLAIM[event.status], event.note) if part)
    )
    return whole


def _indented(part: QWidget | QVBoxLayout | object) -> QVBoxLayout:
    return column(part, margins=(96, 0, 0, 0))  # type: ignore[arg-type]
