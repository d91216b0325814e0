"""Fees: the price of one unit of each code, from a date on, for everyone or for one payer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from app.billing import codes, ids
from app.billing.money import parse_cents
from app.billing.records import Fee, FeeSchedule
from app.billing.roles import Action
from app.errors import ClinicError, InputError
from app.i18n import _, date_text
from app.store import payers
from app.ui import csv_lists, fields
from app.ui.controls import Button, Tick, clear, column, figure, label, row, scrolled, tint
from app.ui.desk import Desk
from app.ui.dialogs import Leave, LeaveQuestion
from app.ui.fields import ChoiceEditor, TextEditor
from app.ui.theme import Type


@dataclass
class _FeeRow:
    fee: Fee
    code: TextEditor
    label: TextEditor
    amount: TextEditor
    timed: Tick

    def read(self) -> Fee | None:
        """The fee as typed; None for an empty row. Raises InputError."""
        code = self.code.text().strip()
        if not code:
            return None
        amount = parse_cents(self.amount.text()) if self.amount.text().strip() else 0
        return replace(
            self.fee, code=ids.PROCEDURE.validate(code), label=self.label.text().strip(), amount=amount,
            timed=self.timed.isChecked(),
        )  # fmt: skip


class FeesEditor(QWidget):
    """One schedule at a time, chosen at the top; all its prices below. With `one_payer` only the schedules of the
    payer that `show_of` names."""

    edited = Signal()
    help_topic = "fee_schedule"

    def __init__(self, desk: Desk, *, one_payer: bool = False) -> None:
        super().__init__()
        self.desk, self.one_payer = desk, one_payer
        self.owner: int | None = None
        self.schedule = FeeSchedule(name=_("Standard fees"))
        self._schedules: list[FeeSchedule] = []
        self._everyones: tuple[Fee, ...] = ()
        self._base: object = None
        self.rows: list[_FeeRow] = []
        self.chooser = ChoiceEditor(fields.choice("schedule", _("Schedule"), self._offered, 300))
        self.chooser.setAccessibleName(_("Schedule"))
        self.chooser.changed.connect(self._chosen)
        self.new = Button(_("New schedule"), icon="plus", small=True)
        self.new.clicked.connect(lambda *_: self.begin_new())
        self.csv = csv_lists.buttons(desk, self, "fees")
        self.name = TextEditor(fields.text("name", _("Name")))
        self.payer = ChoiceEditor(fields.choice("payer_id", _("For"), self._payers, 230))
        self.valid_from = TextEditor(fields.date("valid_from", _("From"), desk.today))
        for control in (self.name, self.payer, self.valid_from):
            control.setAccessibleName(control.spec.label)
            control.changed.connect(self.edited.emit)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self.add = Button(_("Add a code"), icon="plus", small=True)
        self.add.clicked.connect(lambda *_: self._add_row(Fee()).code.setFocus())
        whom = (self.name, self.payer, self.valid_from)
        heads = [_headed(one) for one in whom]
        if one_payer:
            heads[1].hide()
        self._prices = QWidget()
        self._prices.setLayout(column(row(*heads, gap=12), self._grid, row(self.add, None), gap=14))
        self.none = label(
            _("This payer has no prices of its own, so those for everyone count. A new schedule begins with them."),
            tint="second", wrap=True,
        )  # fmt: skip
        inside = QWidget()
        inner = QWidget()
        inner.setMaximumWidth(760)
        inner.setLayout(
            column(
                label(_("Fees"), Type.SECTION), row(self.chooser, self.new, None, *self.csv), self.none, self._prices,
                label(codes.ama_notice(), Type.NOTE, "second", wrap=True), gap=14,
            )
        )  # fmt: skip
        inside.setLayout(column(inner, None, gap=0, margins=(24, 18, 24, 18)))
        refused = label(desk.refusal(Action.FEES), tint="second", wrap=True)
        refused.setContentsMargins(24, 18, 24, 0)
        inside.setDisabled(bool(refused.text()))
        if not refused.text():
            refused.hide()
        self.setLayout(column(refused, scrolled(inside), gap=0))
        self.reread()

    def _offered(self) -> list[tuple[object, str]]:
        known = [(one.id, self._title(one)) for one in self._schedules]
        return [*known, *([(None, _("a new schedule"))] if self.schedule.id is None else [])]

    def _title(self, one: FeeSchedule) -> str:
        since = _("from {date}").format(date=date_text(one.valid_from)) if one.valid_from else ""
        return ", ".join(part for part in (one.name or _("Fees"), since) if part)

    def _payers(self) -> list[tuple[object, str]]:
        with self.desk.read() as s:
            return [(None, _("everyone")), *((payer.id, payer.name) for payer in payers.payers(s))]

    def reread(self) -> None:
        """Read the schedules; what is being typed stays."""
        self._read()
        if not self.changed:
            known = next((one for one in self._schedules if one.id == self.schedule.id), None)
            self._load(known or self._first())

    def _read(self) -> None:
        with self.desk.read() as s:
            found = payers.fee_schedules(s)
        self._everyones = next((one.fees for one in found if one.payer_id is None), ())
        self._schedules = [one for one in found if not self.one_payer or one.payer_id == self.owner]

    def _first(self) -> FeeSchedule:
        """The one to begin with; without any, an empty one that is not kept yet."""
        if self._schedules:
            return self._schedules[0]
        return FeeSchedule(name=_("Standard fees"), payer_id=self.owner if self.one_payer else None)

    def _load(self, schedule: FeeSchedule) -> None:
        self.schedule = schedule
        for chooser, value in ((self.chooser, schedule.id), (self.payer, schedule.payer_id)):
            chooser.load(value)
        texts: tuple[tuple[TextEditor, object], ...] = (
            (self.name, schedule.name), (self.valid_from, schedule.valid_from)
        )  # fmt: skip
        for editor, text in texts:
            editor.blockSignals(True)
            editor.load(text)
            editor.blockSignals(False)
        clear(self._grid)
        self.rows = []
        for at, head in enumerate((_("Code"), _("Our words"), _("Price per unit"), _("Counted by minutes"))):
            made = figure(head, Type.LABEL, "second") if at == 2 else label(head, Type.LABEL, "second")
            self._grid.addWidget(made, 0, at)
        for fee in schedule.fees:
            self._add_row(fee)
        self._base = self._typed()
        self._show_none()
        self.edited.emit()

    def _show_none(self, *, new: bool = False) -> None:
        nothing = self.one_payer and self.schedule.id is None and not new
        self.none.setVisible(nothing)
        self._prices.setVisible(not nothing)
        self.chooser.setVisible(not nothing)

    def _add_row(self, fee: Fee) -> _FeeRow:
        number = len(self.rows) + 1
        made = _FeeRow(
            fee,
            TextEditor(fields.text("code", _("Code, row {n}").format(n=number), 84)),
            TextEditor(fields.text("label", _("Words, row {n}").format(n=number))),
            TextEditor(fields.money("amount", _("Price, row {n}").format(n=number))),
            Tick(_("15 minutes a unit")),
        )
        self.rows.append(made)
        values = ((made.code, fee.code), (made.label, fee.label), (made.amount, fee.amount))
        for at, (editor, value) in enumerate(values):
            editor.load(value)
            editor.setAccessibleName(editor.spec.label)
            editor.changed.connect(self.edited.emit)
            self._grid.addWidget(editor, number, at)
        made.timed.setObjectName("timed")
        made.timed.setChecked(fee.timed)
        made.timed.toggled.connect(lambda *_: self.edited.emit())
        self._grid.addWidget(made.timed, number, 3)
        return made

    def _typed(self) -> object:
        cells = [(r.code.text(), r.label.text(), r.amount.text(), r.timed.isChecked()) for r in self.rows]
        return self.name.text(), self.payer.value(), self.valid_from.text(), [c for c in cells if c[0] or c[1] or c[2]]

    @property
    def changed(self) -> bool:
        """Whether anything differs from what is kept."""
        return self._base is not None and self._typed() != self._base

    def _chosen(self) -> None:
        wanted = self.chooser.value()
        if wanted != self.schedule.id and self.leave():
            self._load(next(one for one in self._schedules if one.id == wanted))

    def begin_new(self) -> None:
        """Another schedule with the same codes and prices, from today."""
        if self.leave():
            known = self.schedule.fees or self._everyones
            fees = tuple(replace(fee, id=None) for fee in known) or codes.starter_fees()
            payer_id = self.owner if self.one_payer else None
            begun = FeeSchedule(name=self.schedule.name, payer_id=payer_id, valid_from=self.desk.today(), fees=fees)
            self._load(begun)
            self._base = ()
            self._show_none(new=True)
            self.edited.emit()

    def typed(self) -> dict[str, Any] | None:
        """What is typed and not kept, as JSON can hold it; None when there is nothing."""
        if not self.changed:
            return None
        rows = [[r.code.text(), r.label.text(), r.amount.text(), r.timed.isChecked()] for r in self.rows]
        return {
            "owner": self.owner, "id": self.schedule.id, "name": self.name.text(), "payer": self.payer.value(),
            "valid_from": self.valid_from.text(), "rows": rows,
        }  # fmt: skip

    def retype(self, state: Mapping[str, Any]) -> None:
        """Type it again, into its schedule or a new one. Raises ClinicError when its schedule is gone."""
        self.show_of(state["owner"])
        found = next((one for one in self._schedules if one.id == state["id"]), None)
        if found is None and state["id"] is not None:
            raise ClinicError(_("A fee schedule that was being changed is gone."), _("What was typed there is lost."))
        self._load(found or FeeSchedule(name=state["name"], payer_id=state["payer"]))
        base = self._base
        self._load(replace(self.schedule, fees=tuple(Fee(code="") for __ in state["rows"])))
        self._base = base if state["id"] is not None else ()
        for made, (code, words, amount, timed) in zip(self.rows, state["rows"], strict=True):
            made.code.setText(code)
            made.label.setText(words)
            made.amount.setText(amount)
            made.timed.setChecked(timed)
        self.name.setText(state["name"])
        self.valid_from.setText(state["valid_from"])
        self.payer.load(state["payer"])
        self._show_none(new=True)
        self.edited.emit()

    def leave(self) -> bool:
        """Ask once about what is changed."""
        if not self.changed:
            return True
        answer = LeaveQuestion.ask(self, _("fee schedule"))
        if answer is Leave.SAVE:
            return self.save()
        if answer is Leave.DROP:
            self.revert()
        return answer is Leave.DROP

    def revert(self) -> None:
        """What is kept, again."""
        self._load(self.schedule if self.schedule.id else self._first())

    def show_of(self, owner: int, record_id: int | None = None) -> None:
        """The schedules of a payer, where there are only those; and there the schedule with this id."""
        if self.one_payer and owner != self.owner:
            self.owner = owner
            self._read()
            self._load(self._first())
        wanted = next((one for one in self._schedules if one.id == record_id), None)
        if wanted is not None and self.leave():
            self._load(wanted)

    def focus_field(self, name: str) -> None:
        """The cursor into a field of the head, or to the first price."""
        heads = {"name": self.name, "payer_id": self.payer, "valid_from": self.valid_from}
        if name in heads:
            heads[name].setFocus()
        elif self.rows:
            self.rows[0].amount.setFocus()

    def save(self) -> bool:
        """Keep it, unless it is as it was; a price or code that cannot be read gets the cursor."""
        if not self.changed and self.schedule.id is not None:
            return True
        fees: list[Fee] = []
        for made in self.rows:
            for editor in (made.code, made.amount):
                tint(editor, "", "state")
            try:
                fee = made.read()
            except InputError as error:
                wrong = made.code if not ids.PROCEDURE.is_valid(made.code.text()) else made.amount
                tint(wrong, "block", "state")
                wrong.setFocus()
                self.desk.fail(str(error))
                return False
            if fee is not None:
                fees.append(fee)
        try:
            valid_from = self.valid_from.value()
        except InputError as error:
            self.valid_from.setFocus()
            self.desk.fail(str(error))
            return False
        draft = replace(
            self.schedule, name=self.name.text().strip(), payer_id=self.payer.value(), valid_from=valid_from,
            fees=tuple(fees),
        )  # fmt: skip
        kept: list[FeeSchedule] = []

        def do() -> None:
            with self.desk.write(_("Save fees")) as s:
                kept.append(payers.save_fee_schedule(s, draft))

        if not self.desk.attempt(do):
            return False
        self._read()
        self._load(kept[0])
        self.desk.say(_("Fees saved."), undo=True)
        return True


def _headed(one: TextEditor | ChoiceEditor) -> QWidget:
    held = QWidget()
    held.setLayout(column(label(one.spec.label, Type.LABEL, "second"), one, gap=5))
    return held
