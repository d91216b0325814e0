"""Another claim in place of one that was sent: corrected (7), cancelled (8), or sent again as new after a rejection."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame

from app.billing.records import Claim
from app.i18n import _
from app.store import claims
from app.ui import fields
from app.ui.claim_steps import text_editor
from app.ui.controls import Button, column, label, row
from app.ui.desk import Desk
from app.ui.theme import Type


class ReplaceEditor(QFrame):
    """Asks for item 22. `made` hands over the id of the new claim."""

    made = Signal(int)
    closed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("asking")
        self.setAccessibleName(_("Another claim in its place"))
        self.desk = desk
        self.claim: Claim | None = None
        self.code = ""
        self.words = label("", Type.EMPHASIS)
        self.reference = text_editor(
            fields.text("original_reference", _("The payer's number of this claim"), 210,
                        placeholder=_("The payer's number"))
        )  # fmt: skip
        self.told = label("", Type.NOTE, "second", wrap=True)
        self.make_button = Button(_("Make the claim"), "filled", small=True)
        self.cancel_button = Button(_("Cancel"), "quiet", small=True)
        self.make_button.clicked.connect(lambda *_: self.make())
        self.cancel_button.clicked.connect(lambda *_: self.close_editor())
        self.reference.enter = self.make
        line = row(self.words, self.reference, None, self.make_button, self.cancel_button, gap=10)
        self.setLayout(column(line, self.told, gap=6, margins=(12, 10, 12, 10)))
        self.hide()

    def open_for(self, claim: Claim, code: str) -> None:
        """Ask for the payer's number; a rejected claim that is sent again needs none."""
        self.claim, self.code = claim, code
        asked = {
            "7": _("Item 22: 7, it replaces claim {number}"), "8": _("Item 22: 8, it cancels claim {number}"),
            "": _("Claim {number} is sent again as new"),
        }  # fmt: skip
        self.words.setText(asked[code].format(number=claim.number))
        told = _(
            "It begins as a draft with the same sessions. The number is on the payer's answer. This cannot be undone."
        )
        if not code:
            told = _(
                "It begins as a draft with the same sessions. Item 22 stays blank: the payer has not taken the first."
            )
        self.told.setText(told)
        self.reference.setVisible(bool(code))
        self.reference.load("")
        self.show()
        (self.reference if code else self.make_button).setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def is_open(self) -> bool:
        """Whether it asks."""
        return not self.isHidden()

    def make(self) -> None:
        """Make the draft that takes the place of the claim."""
        assert self.claim is not None and self.claim.id is not None
        old, reference, made = self.claim, str(self.reference.value()), []

        def do() -> None:
            with self.desk.write(_("Replace a claim"), undoable=False) as s:
                made.append(
                    claims.replace(s, old.id or 0, code=self.code, reference=reference, today=self.desk.today())
                )

        if self.desk.attempt(do):
            self.hide()
            number = made[0].number
            self.desk.say(_("Claim {number} takes the place of {old}.").format(number=number, old=old.number))
            self.made.emit(made[0].id)

    def close_editor(self) -> None:
        """Ask no more."""
        if self.is_open:
            self.hide()
            self.closed.emit()
