"""The service lines of a session: cells edited in place, units and charges worked out live, typed over where one must.

Units come from `billing.units` under the payer's rule over the whole day; a charge is the fee in force times units.
What a person typed over stays until it is cleared again.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from app.billing import codes, fees, units
from app.billing.money import parse_cents
from app.billing.records import Fee, FeeSchedule, Payer, ServiceLine, UnitRule
from app.errors import InputError
from app.i18n import _, money_text
from app.ui import theme
from app.ui.controls import Elided, figure, label, tint
from app.ui.lookup import Hit, Lookup
from app.ui.theme import Type

MOST_LINES = 12
_HEADS = ("", _("Code"), "", _("Modifiers"), _("Minutes"), _("Units"), _("Diagnosis"), _("Charge"))
_WIDTHS = {1: 74, 3: 78, 4: 64, 5: 48, 6: 70, 7: 80}


@dataclass(frozen=True)
class Prices:
    """What lines are priced and counted by: all fee schedules, the payer (None: the client pays), the date."""

    schedules: Sequence[FeeSchedule] = ()
    payer: Payer | None = None
    date: dt.date | None = None

    @property
    def rule(self) -> UnitRule:
        """How minutes become units."""
        return (self.payer.unit_rule if self.payer is not None else None) or UnitRule.CMS

    def fee(self, code: str) -> Fee | None:
        """The fee in force for a code."""
        if self.date is None:
            return None
        return fees.fee(self.schedules, code, self.date, self.payer.id if self.payer else None)

    def known(self) -> Sequence[Fee]:
        """The fees that are offered while a code is typed."""
        if self.date is None:
            return ()
        schedule = fees.schedule_in_force(self.schedules, self.date, self.payer.id if self.payer else None)
        return schedule.fees if schedule is not None else ()

    def timed(self, code: str) -> bool:
        """Whether a code is counted by minutes."""
        fee = self.fee(code)
        return fee.timed if fee is not None else code not in codes.UNTIMED


class _Cell(Lookup):
    """A cell of the grid; Enter goes to the next one. A cell that is worked out knows whether it was typed over."""

    help_topic = "line"

    def __init__(self, field: str, name: str, width: int, *, right: bool = False) -> None:
        super().__init__()
        self.setObjectName(field)
        self.setAccessibleName(name)
        self.setFixedSize(width, theme.CONTROL)
        self.setFont(theme.font(Type.BODY, figures=right))
        self.by_hand = False
        if right:
            self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.returnPressed.connect(self.focusNextChild)
        self.textEdited.connect(self._edited)

    def _edited(self, text: str) -> None:
        self.by_hand = bool(text.strip())

    def work_out(self, text: str) -> None:
        """Show what was worked out, unless a person typed over it."""
        if not self.by_hand and self.text() != text:
            self.setText(text)


class _Row:
    """One line while it is being typed."""

    def __init__(self, number: int) -> None:
        self.line = ServiceLine()
        self.number = label(str(number), Type.BODY, "third")
        self.code = _Cell("code", _("Code, line {n}").format(n=number), _WIDTHS[1])
        self.words = Elided(_("type to find"), tint="second")
        self.note = _Cell("note", _("What was done, line {n}").format(n=number), 120)
        self.note.setMaximumWidth(400)
        self.note.setPlaceholderText(_("what was done"))
        self.modifiers = _Cell("modifiers", _("Modifiers, line {n}").format(n=number), _WIDTHS[3])
        self.minutes = _Cell("minutes", _("Minutes, line {n}").format(n=number), _WIDTHS[4], right=True)
        self.units = _Cell("units", _("Units, line {n}").format(n=number), _WIDTHS[5], right=True)
        self.pointers = _Cell("pointers", _("Diagnosis, line {n}").format(n=number), _WIDTHS[6])
        self.charge = _Cell("charge", _("Charge, line {n}").format(n=number), _WIDTHS[7], right=True)
        for cell in (self.units, self.charge):
            tint(cell, "true", "faint")

    @property
    def cells(self) -> tuple[_Cell, ...]:
        """In the order of typing."""
        return self.code, self.note, self.modifiers, self.minutes, self.units, self.pointers, self.charge

    @property
    def numbers(self) -> tuple[_Cell, ...]:
        """What may turn out to be no number."""
        return self.minutes, self.units, self.charge

    def misread(self, cell: _Cell) -> bool:
        """Whether a cell of numbers cannot be read and the cursor has left it."""
        try:
            parse_cents(cell.text().strip() or "0") if cell is self.charge else self.whole(cell)
        except InputError:
            return self.used and not cell.hasFocus()
        return False

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """By column."""
        return (
            self.number, self.code, self.words, self.modifiers, self.minutes, self.units, self.pointers, self.charge,
        )  # fmt: skip

    @property
    def used(self) -> bool:
        """Whether it holds a code."""
        return bool(self.code.text().strip())

    def code_text(self) -> str:
        """The code alone."""
        return self.code.text().strip().upper()

    def whole(self, cell: _Cell) -> int:
        """A whole number, 0 when empty. Raises InputError."""
        typed = cell.text().strip()
        if typed and not re.fullmatch(r"\d{1,4}", typed, re.ASCII):
            raise InputError(_("Not a number."), _("Type digits only."))
        return int(typed or 0)

    def read(self) -> ServiceLine:
        """The line as typed. Raises InputError, which names the cell."""
        try:
            minutes, count = self.whole(self.minutes), self.whole(self.units)
            charge = parse_cents(self.charge.text()) if self.charge.text().strip() else 0
        except InputError as error:
            where = _("Line {n}: {what}").format(n=self.number.text(), what=error.message)
            raise InputError(where, error.hint) from None
        return replace(
            self.line,
            code=self.code_text(),
            modifiers=tuple(part.upper() for part in re.split(r"[\s,]+", self.modifiers.text()) if part),
            minutes=minutes,
            units=count,
            charge=charge,
            pointers="".join(sign for sign in self.pointers.text().upper() if sign.isalpha()),
            note=self.note.text().strip(),
        )


class VisitLines(QWidget):
    """The grid; there is always an empty line to type into. `changed` fires on every keystroke that matters."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnMinimumWidth(0, 12)
        self._grid.setColumnStretch(2, 1)
        for at, head in enumerate(_HEADS):
            made = figure(head, Type.LABEL, "second") if at in {4, 5, 7} else label(head, Type.LABEL, "second")
            made.setFixedHeight(24)
            made.setContentsMargins(0, 0, 10 if at in {4, 5, 7} else 0, 0)
            self._grid.addWidget(made, 0, at)
        self.together = label(_("Together"), Type.BODY, "second")
        self.sum_minutes, self.sum_units, self.sum_charge = (figure("", Type.TOTAL) for __ in range(3))
        for sum_label in (self.sum_minutes, self.sum_units, self.sum_charge):
            sum_label.setContentsMargins(0, 0, 10, 0)
        self.rows: list[_Row] = []
        self.prices = Prices()
        self.letters = ""
        self.trace = ""
        self.tie = False
        self._quiet = False
        self._add_row()

    # Rows

    def _add_row(self) -> _Row:
        row = _Row(len(self.rows) + 1)
        at = len(self.rows) + 1
        self._take_sums()
        for column, widget in enumerate(row.widgets):
            self._grid.addWidget(widget, at, column)
            widget.show()  # at once, so that it can take the cursor
        self._grid.addWidget(row.note, at, 2)
        row.note.hide()
        self.rows.append(row)
        self._put_sums()
        self._chain_tabs()
        row.code.search = self._find_fee
        row.code.picked.connect(lambda hit, row=row: self._take_fee(row, hit))
        row.code.editingFinished.connect(lambda row=row: self._code_left(row))
        for cell in row.cells:
            cell.textEdited.connect(lambda *_: self._typed())
        for cell in row.numbers:
            cell.editingFinished.connect(self._number_left)
        return row

    def _take_sums(self) -> None:
        for widget in (self.together, self.sum_minutes, self.sum_units, self.sum_charge):
            self._grid.removeWidget(widget)

    def _put_sums(self) -> None:
        at = len(self.rows) + 1
        sums = ((2, self.together), (4, self.sum_minutes), (5, self.sum_units), (7, self.sum_charge))
        for column, widget in sums:
            self._grid.addWidget(widget, at, column)

    def _chain_tabs(self) -> None:
        cells = [cell for row in self.rows for cell in row.cells]
        for first, second in pairwise(cells):
            QWidget.setTabOrder(first, second)

    def _drop_row(self) -> None:
        row = self.rows.pop()
        for widget in (*row.widgets, row.note):
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._take_sums()
        self._put_sums()

    def _fit_rows(self) -> None:
        """One empty line after the used ones."""
        while len(self.rows) > 1 and not self.rows[-1].used and not self.rows[-2].used:
            if any(cell.hasFocus() for cell in self.rows[-1].cells):
                break
            self._drop_row()
        if self.rows[-1].used and len(self.rows) < MOST_LINES:
            self._add_row()
        for row in self.rows:
            unlisted = row.code_text() in codes.UNLISTED or bool(row.note.text())
            row.note.setVisible(unlisted)
            row.words.setVisible(not unlisted)
            for cell in (row.modifiers, row.minutes, row.pointers):
                tint(cell, "false" if row.used else "true", "faint")

    # Finding a code

    def _find_fee(self, text: str) -> list[Hit]:
        words = text.lower().split()
        found = []
        for at, fee in enumerate(self.prices.known()):
            haystack = f"{fee.code} {fee.label}".lower()
            if all(word in haystack for word in words):
                price = money_text(fee.amount) if fee.amount else _("no price")
                found.append(Hit(at, fee.code, fee.label, price, value=fee))
        exact = [hit for hit in found if hit.title == text.upper()]
        return [] if exact else found

    def _take_fee(self, row: _Row, hit: Hit) -> None:
        row.code.setText(hit.title)
        self._code_left(row)
        self._typed()
        row.minutes.setFocus(Qt.FocusReason.OtherFocusReason)

    def _code_left(self, row: _Row) -> None:
        """A new line gets its diagnoses, and GP where the payer wants it."""
        if not row.used:
            return
        row.code.setText(row.code_text())
        if not row.pointers.text():
            row.pointers.setText(" ".join(self.letters[:4]))
        payer = self.prices.payer
        if payer is not None and payer.gp_modifier and not row.modifiers.text():
            row.modifiers.setText("GP")
        self._typed()

    def _number_left(self) -> None:
        """What cannot be read is told once the cursor leaves it; all else was worked out while it was typed."""
        if self.misread():
            self._typed()

    # Values

    def load(self, lines: Sequence[ServiceLine], prices: Prices, letters: str) -> None:
        """Show lines; a unit or charge that differs from what would be worked out counts as typed by hand."""
        self._quiet = True
        self.prices, self.letters = prices, letters
        while len(self.rows) > 1:
            self._drop_row()
        for cell in self.rows[0].cells:
            cell.setText("")
            cell.by_hand = False
        self.rows[0].line = ServiceLine()
        for at, line in enumerate(lines):
            row = self.rows[at] if at < len(self.rows) else self._add_row()
            row.line = line
            row.code.setText(line.code)
            row.modifiers.setText(" ".join(line.modifiers))
            row.minutes.setText(str(line.minutes) if line.minutes else "")
            row.pointers.setText(" ".join(line.pointers))
            row.note.setText(line.note)
        self._fit_rows()
        self._quiet = False
        self.work_out()
        for line, row in zip(lines, self.rows, strict=False):
            for cell, text in ((row.units, str(line.units)), (row.charge, money_text(line.charge))):
                if cell.text() != text:
                    cell.setText(text)
                    cell.by_hand = True
        self.work_out()

    def state(self) -> list[dict[str, Any]]:
        """What is typed in each line, as JSON can hold it."""
        return [
            {
                "id": row.line.id, "place": row.line.place, "region": row.line.separate_region,
                "cells": [cell.text() for cell in row.cells], "by_hand": [cell.by_hand for cell in row.cells],
            }
            for row in self.rows
            if row.used
        ]  # fmt: skip

    def retype(
        self, state: Sequence[Mapping[str, Any]], known: Sequence[ServiceLine], prices: Prices, letters: str
    ) -> None:
        """Type it again; a line that is kept already stays that line."""
        by_id = {line.id: line for line in known}
        lines = [
            replace(
                by_id.get(kept["id"], ServiceLine()), code=kept["cells"][0], place=kept["place"],
                separate_region=kept["region"],
            )
            for kept in state
        ]  # fmt: skip
        self.load(lines, prices, letters)
        self._quiet = True
        for kept, row in zip(state, self.rows, strict=False):
            for cell, text, by_hand in zip(row.cells, kept["cells"], kept["by_hand"], strict=True):
                cell.setText(text)
                cell.by_hand = by_hand
        self._quiet = False
        self.work_out()

    def set_prices(self, prices: Prices, letters: str) -> None:
        """Another payer, date or list of diagnoses."""
        gained = letters != self.letters
        old, self.prices, self.letters = self.letters, prices, letters
        for row in self.rows:
            if gained and row.used and row.pointers.text() == " ".join(old[:4]):
                row.pointers.setText(" ".join(letters[:4]))
        self.work_out()

    def misread(self) -> list[str]:
        """What cannot be read, line by line, once the cursor has left it."""
        said = []
        for row in self.rows:
            if any(row.misread(cell) for cell in row.numbers):
                try:
                    row.read()
                except InputError as error:
                    said.append(str(error))
        return said

    def lines(self) -> tuple[ServiceLine, ...]:
        """The lines as typed. Raises InputError."""
        return tuple(row.read() for row in self.rows if row.used)

    def _typed(self) -> None:
        if not self._quiet:
            self.work_out()
            self.changed.emit()

    def work_out(self) -> None:
        """Units over all lines, charges, words and sums."""
        self._fit_rows()
        for row, count in zip(self.rows, self._units(), strict=True):
            row.units.work_out(str(count) if count is not None else "")
            self._price(row)
            for cell in row.numbers:
                tint(cell, "block" if row.misread(cell) else "", "state")
        used = [row for row in self.rows if row.used]
        minutes = units_sum = charge = 0
        for row in used:
            try:
                line = row.read()
            except InputError:
                continue
            minutes, units_sum, charge = minutes + line.minutes, units_sum + line.units, charge + line.charge
        self.sum_minutes.setText(str(minutes) if minutes else "")
        self.sum_units.setText(str(units_sum) if units_sum else "")
        self.sum_charge.setText(money_text(charge) if used else "")
        for widget in (self.together, self.sum_minutes, self.sum_units, self.sum_charge):
            widget.setVisible(bool(used))

    def charge(self) -> int:
        """The sum of the charges, in cents."""
        return parse_cents(self.sum_charge.text()) if self.sum_charge.text() else 0

    def _units(self) -> list[int | None]:
        """Units by line; None where minutes are missing or cannot be read."""
        timed: list[tuple[str, int]] = []
        untimed: list[str] = []
        for row in self.rows:
            if not row.used:
                continue
            if not self.prices.timed(row.code_text()):
                untimed.append(row.code_text())
                continue
            try:
                timed.append((row.code_text(), row.whole(row.minutes)))
            except InputError:
                timed.append((row.code_text(), 0))
        self.trace, self.tie = "", False
        try:
            counted = units.billable_units(timed, self.prices.rule, untimed)
        except ValueError:
            return [None] * len(self.rows)
        if sum(minutes for __, minutes in timed):
            self.trace, self.tie = counted.trace, counted.tie
        left = dict(counted.units)
        return [self._share(row, left, timed) for row in self.rows]

    def _share(self, row: _Row, left: dict[str, int], timed: Sequence[tuple[str, int]]) -> int | None:
        """A line's part of its code's units: all of them, or by its minutes where the code stands on several lines."""
        code = row.code_text()
        if not row.used:
            return None
        if code not in {name for name, __ in timed}:
            return 1
        try:
            minutes = row.whole(row.minutes)
        except InputError:
            return None
        if not minutes:
            return None
        later = sum(1 for other in self.rows[self.rows.index(row) + 1 :] if other.code_text() == code)
        part = left.get(code, 0) if not later else min(left.get(code, 0), units.cms_total(minutes))
        left[code] = left.get(code, 0) - part
        return part

    def _price(self, row: _Row) -> None:
        fee = self.prices.fee(row.code_text()) if row.used else None
        unknown = _("not in the fees") if self.prices.date is not None else _("Type a date first")
        row.words.setText(fee.label if fee is not None else unknown if row.used else _("type to find"))
        try:
            count = row.whole(row.units)
        except InputError:
            count = 0
        priced = fee is not None and fee.amount > 0 and count
        row.charge.work_out(money_text(fee.amount * count) if fee is not None and priced else "")

    def begin(self) -> None:
        """The cursor into the first empty code."""
        empty = next((row for row in self.rows if not row.used), self.rows[0])
        empty.code.setFocus(Qt.FocusReason.OtherFocusReason)

    def same_as_above(self) -> None:
        """A copy of the line above the one with the cursor."""
        at = next((i for i, row in enumerate(self.rows) if any(c.hasFocus() for c in row.cells)), len(self.rows) - 1)
        if at > 0:
            for cell, other in zip(self.rows[at].cells, self.rows[at - 1].cells, strict=True):
                cell.setText(other.text())
                cell.by_hand = other.by_hand
            self._typed()

    def drop_code(self, code: str) -> None:
        """Empty every line of a code."""
        for at in reversed([i for i, row in enumerate(self.rows) if row.code_text() == code]):
            self._drop(at)

    def add_modifier(self, at: int, modifier: str) -> None:
        """Put a modifier first on a line, as a person asked."""
        cell = self.rows[at].modifiers
        cell.setText(" ".join(dict.fromkeys([modifier, *cell.text().upper().split()])))
        self._typed()

    def set_region(self, at: int, text: str) -> None:
        """Where a line was done, apart from the others."""
        self.rows[at].line = replace(self.rows[at].line, separate_region=text)
        self._typed()

    def drop_line(self) -> None:
        """Empty the line with the cursor; the ones below move up."""
        at = next((i for i, row in enumerate(self.rows) if any(c.hasFocus() for c in row.cells)), None)
        if at is not None:
            self._drop(at)

    def _drop(self, at: int) -> None:
        kept: list[ServiceLine | None] = [row.line for row in self.rows]
        texts = [[(cell.text(), cell.by_hand) for cell in row.cells] for row in self.rows]
        del texts[at], kept[at]
        texts.append([("", False)] * len(self.rows[0].cells))
        kept.append(None)
        for row, values, line in zip(self.rows, texts, kept, strict=True):
            row.line = line or ServiceLine()
            for cell, (text, by_hand) in zip(row.cells, values, strict=True):
                cell.setText(text)
                cell.by_hand = by_hand
        self._typed()
