"""The next step of a claim, or of several at once: status, day, note, what to do next and by when. Asked in place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.billing import claims as rules
from app.billing import denials
from app.billing.follow_up import next_step
from app.billing.records import ClaimStatus
from app.errors import InputError
from app.i18n import _, money_text, ngettext
from app.store import claims
from app.store.claim_lists import ClaimLine
from app.ui import fields, words
from app.ui.controls import Button, Elided, column, figure, label, row
from app.ui.desk import Desk
from app.ui.dialogs import Confirm
from app.ui.fields import Editor
from app.ui.theme import Type

_ANSWERS = (ClaimStatus.DENIED, ClaimStatus.PARTLY_PAID)
_MONEY = (ClaimStatus.PAID, ClaimStatus.PARTLY_PAID)


class Ask(Enum):
    """What is asked: another status, a note of a call, or only what comes next."""

    STATUS = "status"
    CALL = "call"
    NEXT = "next"


@dataclass(frozen=True)
class Given:
    """What was typed."""

    ask: Ask
    status: ClaimStatus | None
    on: dt.date
    note: str
    next_action: str
    next_on: dt.date | None


def offered(lines: Sequence[ClaimLine]) -> list[ClaimStatus]:
    """Where all of these claims may be set, in the order of the first one's moves."""
    each = [rules.by_hand(line.status, issued=line.issued is not None) for line in lines]
    return [to for to in each[0] if all(to in more for more in each)] if each else []


def keep(desk: Desk, lines: Sequence[ClaimLine], given: Given) -> bool:
    """Keep a step of claims, all or none; answers whether it was kept."""
    if given.status is ClaimStatus.VOID and not _may_void(lines):
        return False

    final = given.status is ClaimStatus.VOID and any(line.issued for line in lines)

    def do() -> None:
        with desk.write(_LABELS[given.ask](), undoable=not final) as s:
            for line in lines:
                if given.status is None:
                    claims.note_event(
                        s, line.id, given.note, on=given.on, next_action=given.next_action, next_on=given.next_on
                    )
                else:
                    claims.set_status(
                        s, line.id, given.status, on=given.on, note=given.note, next_action=given.next_action,
                        next_on=given.next_on, today=desk.today(),
                    )  # fmt: skip

    done = desk.attempt(do)
    if done:
        desk.say(_told(lines, given), undo=bool(desk.clinic.undo_label))
    return done


_LABELS: dict[Ask, Callable[[], str]] = {
    Ask.STATUS: lambda: _("Set status"),
    Ask.CALL: lambda: _("Note a call"),
    Ask.NEXT: lambda: _("Next action"),
}


def _may_void(lines: Sequence[ClaimLine]) -> bool:
    number = lines[0].number if len(lines) == 1 else ""
    title = _("Void claim {number}?").format(number=number) if number else _("Void {n} claims?").format(n=len(lines))
    text = _("Voiding keeps claim {number} readable and frees its sessions for another.")
    if not number:
        text = _("Voiding keeps the claims readable and frees their sessions for others.")
    return Confirm.ask(None, title, text.format(number=number), _("Void it"), _("Keep it"))


def _told(lines: Sequence[ClaimLine], given: Given) -> str:
    which = _("Claim {number}").format(number=lines[0].number)
    if len(lines) > 1:
        which = ngettext("{n} claim", "{n} claims", len(lines)).format(n=len(lines))
    if given.status is not None:
        return _("{which}: {status}.").format(which=which, status=words.CLAIM[given.status])
    return _("{which}: noted.").format(which=which)


class StepEditor(QFrame):
    """A card that asks for a step. `closed` says whether it was kept, `keeping` comes before it is tried; `wide` puts
    the fields side by side."""

    keeping = Signal()
    closed = Signal(bool)

    def __init__(self, desk: Desk, *, wide: bool = False) -> None:
        super().__init__()
        self.setObjectName("asking")
        self.setAccessibleName(_("The next step"))
        self.desk = desk
        self.lines: Sequence[ClaimLine] = ()
        self.ask = Ask.STATUS
        self._suggested = ("", "")
        self._base: object = None
        self._make(wide)
        self.hide()

    def _make(self, wide: bool) -> None:
        self.who, self.money = Elided("", Type.TOTAL), figure("", Type.TOTAL)
        self.status = choice_editor(fields.choice("step_status", _("Status"), self._options, 150 if wide else 0))
        self.on = text_editor(fields.date("step_on", _("Day"), self.desk.today))
        self.reason = text_editor(fields.text("step_reason", _("Reason code"), 96, placeholder="CO-97"))
        self.note = text_editor(fields.text("step_note", _("Note"), placeholder=_("Note")))
        self.action = text_editor(fields.text("step_action", _("Next action"), placeholder=_("Next action")))
        self.by = text_editor(fields.date("step_by", _("By"), self.desk.today))
        self.meaning = label("", Type.NOTE, "second", wrap=True)
        told = _("What the payer paid is not kept as an amount in this version. Write it into the note.")
        self.no_amount = label(told, Type.NOTE, "second", wrap=True)
        self.told = label("", Type.NOTE, "red", wrap=True)
        self.set_button = Button(_("Set"), "filled", small=True)
        self.cancel_button = Button(_("Cancel"), "quiet", small=True)
        self.set_button.clicked.connect(lambda *_: self.keep())
        self.cancel_button.clicked.connect(lambda *_: self.close_editor())
        self._reason_part = QWidget()
        self._reason_part.setLayout(row(_named(_("Reason"), self.reason), self.reason, None if not wide else 0))
        on, by = row(_named(_("On"), self.on), self.on), row(_named(_("By"), self.by), self.by)
        buttons = row(self.set_button, self.cancel_button)
        head = row(self.who, self.money)
        head.setStretch(0, 1)
        if wide:
            first = row(self.status, on, self._reason_part, self.note, gap=10)
            second = row(self.action, by, buttons, gap=10)
            first.setStretch(3, 1)
            second.setStretch(0, 1)
            whole = column(first, second, self.meaning, self.no_amount, self.told, gap=6, margins=(12, 10, 12, 10))
            self.who.hide()
            self.money.hide()
        else:
            for part in (on, by, buttons):
                part.addStretch(1)
            whole = column(
                head, self.status, on, self._reason_part, self.meaning, self.no_amount, self.note, self.action, by,
                self.told, buttons,
                gap=8, margins=(12, 10, 12, 12),
            )  # fmt: skip
        self.setLayout(whole)
        for editor in (self.status, self.on, self.reason):
            editor.changed.connect(self._suggest)
        for each in (self.on, self.reason, self.note, self.action, self.by):
            each.enter = self.keep

    def _editors(self) -> tuple[Editor, ...]:
        return self.status, self.on, self.reason, self.note, self.action, self.by

    def _options(self) -> Sequence[tuple[Any, str]]:
        return [(to, words.CLAIM[to]) for to in self._targets]

    # Opening and closing

    def open_for(
        self, lines: Sequence[ClaimLine], ask: Ask, targets: Sequence[ClaimStatus] = (),
    ) -> bool:  # fmt: skip
        """Ask for the step of these claims, to one of `targets` or wherever they may be set; answers whether there is
        something to ask."""
        self._targets = [to for to in offered(lines) if not targets or to in targets]
        if not lines or (ask is Ask.STATUS and not self._targets):
            return False
        self.lines, self.ask = lines, ask
        one = lines[0]
        count = ngettext("{n} claim", "{n} claims", len(lines)).format(n=len(lines))
        self.who.setText(one.client if len(lines) == 1 else count)
        self.money.setText(money_text(sum(line.charge for line in lines)))
        self.status.setVisible(ask is Ask.STATUS)
        self.note.setVisible(ask is not Ask.NEXT)
        if ask is Ask.STATUS:
            self.status.load(self._targets[0])
        self.on.load(self.desk.today())
        self.reason.load("")
        self.note.load("")
        self.action.load(one.next_action if ask is not Ask.STATUS else "")
        self.by.load(one.next_on if ask is not Ask.STATUS else None)
        self._suggested = ("", "")
        self.set_button.setText(_("Set status") if self.who.isHidden() else _("Set"))
        self.set_button.updateGeometry()
        self.told.hide()
        self._suggest()
        self._base = self._typed()
        self.show()
        first = {Ask.CALL: self.note, Ask.NEXT: self.action}.get(ask, self.status)
        first.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def _typed(self) -> object:
        return [each.text() if isinstance(each, fields.TextEditor) else each.value() for each in self._editors()]

    @property
    def is_open(self) -> bool:
        """Whether it asks."""
        return not self.isHidden()

    @property
    def changed(self) -> bool:
        """Whether something was typed that is not kept."""
        return self.is_open and self._typed() != self._base

    def close_editor(self, *, kept: bool = False) -> None:
        """Ask no more."""
        if self.is_open:
            self.hide()
            self.closed.emit(kept)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter keeps it, as Enter in a field does."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.keep()
            return
        super().keyPressEvent(event)

    # What is suggested

    def _status(self) -> ClaimStatus | None:
        chosen = self.status.value() if self.ask is Ask.STATUS else None
        return chosen if isinstance(chosen, ClaimStatus) else None

    def _suggest(self) -> None:
        """A next action of the usual kind, as long as none of one's own is typed."""
        status = self._status()
        self._reason_part.setVisible(status in _ANSWERS)
        self.no_amount.setVisible(status in _MONEY)
        code = str(self.reason.value()) if status in _ANSWERS else ""
        self.meaning.setText(denials.meaning(code))
        self.meaning.setVisible(bool(self.meaning.text()))
        if status is None or not self.lines:
            return
        try:
            on = _day(self.on) or self.desk.today()
        except InputError:
            return
        step = next_step(status, on, appeal_days=self.lines[0].appeal_days, reason=code)
        if (self.action.text(), self.by.text()) == self._suggested:
            self.action.load(step.action)
            self.by.load(step.on)
            self._suggested = (self.action.text(), self.by.text())

    # Keeping

    def given(self) -> Given:
        """What is typed. Raises InputError."""
        status, code = self._status(), denials.spelled(str(self.reason.value()))
        note = str(self.note.value())
        if status in _ANSWERS and str(self.reason.value()):
            told = denials.meaning(code)
            reason = f"{code}: {told}" if told else code or str(self.reason.value())
            note = f"{reason} {note}".strip()
        if self.ask is Ask.CALL and not note:
            raise InputError(_("There is no note."), _("Write what was said."))
        on = _day(self.on)
        if on is None:
            raise InputError(_("There is no day."), _("Type t for today."))
        return Given(self.ask, status, on, note, str(self.action.value()), _day(self.by))

    def keep(self) -> None:
        """Keep it; what cannot be read is told here."""
        for editor in (self.on, self.by):
            try:
                editor.value()
            except InputError as error:
                self._tell(str(error))
                editor.setFocus(Qt.FocusReason.OtherFocusReason)
                return
        try:
            given = self.given()
        except InputError as error:
            self._tell(str(error))
            return
        self.keeping.emit()
        if keep(self.desk, self.lines, given):
            self.close_editor(kept=True)

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.show()


def text_editor(spec: fields.Field) -> fields.TextEditor:
    made = fields.editor(spec)
    assert isinstance(made, fields.TextEditor)
    return made


def choice_editor(spec: fields.Field) -> fields.ChoiceEditor:
    made = fields.editor(spec)
    assert isinstance(made, fields.ChoiceEditor)
    return made


def _day(editor: Editor) -> dt.date | None:
    value: object = editor.value()
    return value if isinstance(value, dt.date) else None


def _named(text: str, editor: Editor) -> QWidget:
    made = label(text, Type.LABEL, "second")
    made.setBuddy(editor)
    return made
