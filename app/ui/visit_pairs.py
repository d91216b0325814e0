"""Codes of one session that exclude each other: what a person can decide about them, beside the warnings.

Nothing is decided here. A code goes only when its button is pressed, and a modifier comes only so; where a code was
done apart from the other one, only the therapist knows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.billing.checks.lines import SEPARATE
from app.billing.edits import NEVER
from app.billing.records import Payer, ServiceLine
from app.i18n import _
from app.store import ncci
from app.ui import fields
from app.ui.controls import Button, Flow, clear, column, label, row
from app.ui.fields import TextEditor
from app.ui.theme import Type


@dataclass(frozen=True)
class Apart:
    """A line that is paid beside `other` only where it was done apart from it."""

    at: int
    code: str
    other: str
    marked: bool


def apart(lines: Sequence[ServiceLine], date: dt.date | None) -> list[Apart]:
    """The lines of a session that are paid only as separate services, and those that say where they were done."""
    if date is None:
        return []
    pairs = [each for each in ncci.edits(date).pairs_among([line.code for line in lines], date) if each.indicator]
    found = {}
    for at, line in enumerate(lines):
        other = next((pair.column1 for pair in pairs if pair.column2 == line.code), "")
        if other or line.separate_region:
            found[at] = Apart(at, line.code, other, not SEPARATE.isdisjoint(line.modifiers))
    return list(found.values())


def rivals(lines: Sequence[ServiceLine], date: dt.date | None, payer: Payer | None) -> list[tuple[str, str]]:
    """The pairs of codes of which one only is paid, whatever the modifiers, unless this payer is known to differ."""
    if date is None:
        return []
    known = set(payer.paid_pairs) if payer is not None and payer.paid_pairs_reason.strip() else set()
    pairs = ncci.edits(date).pairs_among([line.code for line in lines], date)
    found = [(each.column1, each.column2) for each in pairs if each.indicator == NEVER]
    return [(one, other) for one, other in found if not known & {f"{one}+{other}", f"{other}+{one}"}]


class PairChoices(QWidget):
    """A field for each line that was done apart, and a button for each code that may go."""

    region_typed = Signal(int, str)
    asked_modifier = Signal(int)
    asked_drop = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(8)
        self._shown: object = None
        self.regions: dict[int, TextEditor] = {}
        self.hide()

    def show_for(self, lines: Sequence[ServiceLine], date: dt.date | None, payer: Payer | None) -> None:
        """What can be decided about these lines; fields that are being typed in stay."""
        separate, pairs = apart(lines, date), rivals(lines, date, payer)
        if (separate, pairs) != self._shown:
            self._shown = separate, pairs
            had = next((at for at, field in self.regions.items() if field.hasFocus()), None)
            clear(self._rows)
            self.regions = {}
            for one, other in pairs:
                self._rows.addLayout(self._drops(one, other))
            for each in separate:
                self._rows.addLayout(self._region(each, lines[each.at].separate_region))
            if had in self.regions:
                self.regions[had].setFocus()
        for each in separate:
            field, text = self.regions[each.at], lines[each.at].separate_region
            if field.text().strip() != text:  # another session with the same codes
                field.blockSignals(True)
                field.load(text)
                field.blockSignals(False)
        self.setVisible(bool(separate or pairs))

    def _drops(self, one: str, other: str) -> QVBoxLayout:
        buttons = [Button(_("Drop {code}").format(code=code), icon="trash", small=True) for code in (one, other)]
        for button, code in zip(buttons, (one, other), strict=True):
            button.clicked.connect(lambda *_, code=code: self.asked_drop.emit(code))
        said = _("{one} or {other}: one of the two is paid.").format(one=one, other=other)
        return column(Flow([label(said, Type.LABEL, "second"), *buttons], high=30, gap=10))

    def _region(self, each: Apart, text: str) -> QVBoxLayout:
        name = _("Region of {code}").format(code=each.code)
        field = self.regions[each.at] = TextEditor(fields.text(f"region{each.at}", name))
        field.setAccessibleName(name)
        field.setPlaceholderText(_("left shoulder"))
        field.load(text)
        field.changed.connect(lambda at=each.at, field=field: self.region_typed.emit(at, field.text().strip()))
        said = _("Where {code} was done, apart from {other}").format(code=each.code, other=each.other)
        head = label(said if each.other else name, Type.LABEL, "second", wrap=True)
        head.setBuddy(field)
        line = row(field, gap=8)
        if each.other and not each.marked:
            mark = Button(_("Bill it apart with 59"), small=True)
            mark.clicked.connect(lambda *_: self.asked_modifier.emit(each.at))
            line.addWidget(mark)
        return column(head, line, gap=5)
