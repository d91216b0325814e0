"""What a service costs: the fee schedule in force on a date. A missing price is a Problem, never a guess."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from app.billing.problems import Problem, block
from app.billing.records import Fee, FeeSchedule, ServiceLine, Visit
from app.i18n import _


def schedule_in_force(schedules: Iterable[FeeSchedule], date: dt.date, payer_id: int | None) -> FeeSchedule | None:
    """The payer's newest schedule that has begun by `date`; without one, the newest of everyone's.

    A schedule without a beginning has always been in force. `payer_id` None is a client who pays.
    """
    begun = [schedule for schedule in schedules if schedule.valid_from is None or schedule.valid_from <= date]
    for owner in dict.fromkeys((payer_id, None)):
        own = [schedule for schedule in begun if schedule.payer_id == owner]
        if own:
            return max(own, key=lambda schedule: schedule.valid_from or dt.date.min)
    return None


def fee(schedules: Iterable[FeeSchedule], code: str, date: dt.date, payer_id: int | None) -> Fee | None:
    """The price of one unit of `code`, or None when the schedule in force does not name it."""
    schedule = schedule_in_force(schedules, date, payer_id)
    if schedule is None:
        return None
    return next((entry for entry in schedule.fees if entry.code == code), None)


def price(line: ServiceLine, entry: Fee) -> int:
    """The charge for the line in cents: the fee of a unit times the units."""
    return entry.amount * line.units


def priced(visit: Visit, schedules: Iterable[FeeSchedule], payer_id: int | None) -> tuple[Visit, list[Problem]]:
    """The visit with the charge of each line set from the schedule in force on its date.

    A line without a known price keeps its charge, and a Problem says so.
    """
    schedules = list(schedules)
    record = f"visit:{visit.id or ''}"
    if visit.date is None:
        message = _("The session has no date, so no price is known. Give it a date.")
        return visit, [block("visit.date-missing", message, item="24A", record=record, field="date")]
    lines, problems = [], []
    for line in visit.lines:
        entry = fee(schedules, line.code, visit.date, payer_id)
        if entry is None or entry.amount <= 0:
            message = _("{code} has no price on this date. Add it to the fee schedule or type the charge.")
            problems.append(
                block("fee.missing", message.format(code=line.code), item="24F", record=record, field="lines")
            )
            lines.append(line)
        else:
            lines.append(replace(line, charge=price(line, entry)))
    return replace(visit, lines=tuple(lines)), problems
