"""The days of the week on which a session that is typed is repeated: one tick each, Alt+1 (Monday) to Alt+7."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.i18n import _, date_text
from app.ui import words
from app.ui.controls import Flow, Tick, column, label
from app.ui.theme import Type


class WeekRepeat(QWidget):
    """Seven ticks for the week of a session. The session's own day is set and stays; a day that has one is marked."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._date: dt.date | None = None
        self._ticks = [Tick("") for _day in range(7)]
        self._title = label(_("Also on"), Type.LABEL, "second")
        for tick in self._ticks:
            tick.toggled.connect(lambda *_: self.changed.emit())
        self.setLayout(column(Flow([self._title, *self._ticks], high=24, gap=14), gap=0))

    def show_for(self, date: dt.date | None, taken: Collection[dt.date]) -> None:
        """The week of `date`, Monday first; ticks stay while the week does. `taken` are days with another session."""
        if date is None or self._date is None or _monday(date) != _monday(self._date):
            self.clear()
        self._date = date
        self.setVisible(date is not None)
        if date is None:
            return
        for number, (tick, day) in enumerate(zip(self._ticks, _week(date), strict=True)):
            own = day == date
            tick.blockSignals(True)
            if own:
                tick.setChecked(False)
            tick.blockSignals(False)
            tick.setEnabled(not own and day not in taken)
            tick.setText(f"{words.WEEKDAYS[number][:3]} {day.day}")
            told = _("Also on {weekday}, {date}").format(weekday=words.WEEKDAYS[number], date=date_text(day))
            why = _("This is the day of the session.") if own else _("The client has a session on that day.")
            tick.setAccessibleName(told)
            tick.setToolTip(f"{told}   Alt+{number + 1}" if tick.isEnabled() else why)
            tick.updateGeometry()

    def clear(self) -> None:
        """No other day."""
        for tick in self._ticks:
            tick.setChecked(False)

    def toggle(self, number: int) -> None:
        """Set or clear the tick of a day, counted from Monday, 0; a day that cannot be chosen stays."""
        if not self.isHidden() and self._ticks[number].isEnabled():
            self._ticks[number].toggle()

    def days(self) -> list[dt.date]:
        """The ticked days, in order."""
        if self._date is None:
            return []
        week = zip(self._ticks, _week(self._date), strict=True)
        return [day for tick, day in week if tick.isChecked() and tick.isEnabled()]


def _monday(date: dt.date) -> dt.date:
    return date - dt.timedelta(days=date.weekday())


def _week(date: dt.date) -> list[dt.date]:
    return [_monday(date) + dt.timedelta(days=step) for step in range(7)]
