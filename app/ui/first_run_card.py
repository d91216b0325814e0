"""The way back to the guide, on Today until the clinic is set up or one does not want it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.billing.roles import Action
from app.i18n import _
from app.ui import first_run, theme
from app.ui.controls import Button, IconButton, IconLabel, column, framed, label, row
from app.ui.desk import Desk
from app.ui.first_run import STEPS
from app.ui.theme import Type


class SetupCard(QWidget):
    """`Setting up: 5 of 8`, what comes next, and two buttons. It is there for the clinic that is being set up."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.title, self.words = label("", Type.SECTION), label("", tint="second", wrap=True)
        self.go_on = Button(_("Go on"), small=True)
        self.dismiss = IconButton("x", _("Do not show this any more"))
        self.go_on.clicked.connect(lambda *_: desk.go("setup"))
        self.dismiss.clicked.connect(lambda *_: self._dismiss())
        inside = row(
            IconLabel("settings", "accent", 18), column(self.title, self.words, gap=2), self.go_on, self.dismiss, gap=12
        )
        inside.setStretch(1, 1)
        card = framed("card", inside, (14, 10, 8, 10))
        self.setLayout(column(card, margins=(0, 0, 0, theme.CARD_GAP)))
        self.hide()

    def refresh(self) -> None:
        """How far it is; gone when there is nothing left to do."""
        kept = self.desk.preferences
        if kept.setup != str(self.desk.clinic.path) or not self.desk.clinic.may(Action.PRACTICE):
            self.hide()
            return
        with self.desk.read() as s:
            done = first_run.done(s, kept)
        left = [step.title for step in STEPS if step.key not in done]
        self.title.setText(_("Setting up: {n} of {count}").format(n=len(done), count=len(STEPS)))
        self.words.setText(_("Next: {steps}").format(steps=", ".join(left)))
        self.setVisible(bool(left))

    def _dismiss(self) -> None:
        first_run.end(self.desk.preferences)
        self.hide()
        self.desk.say(_("The guide stays in the menu File, Set up the clinic."))
