"""Checks of a session: its date, minutes, units and payment. Its diagnoses have checks of their own."""

from __future__ import annotations

from collections.abc import Iterator

from app.billing import units
from app.billing.checks.lines import TIMED
from app.billing.checks.registry import BLOCK, INFORM, WARN, Asked, Checks, Where
from app.billing.codes import UNTIMED
from app.billing.records import UnitRule, Visit, VisitStatus
from app.i18n import N_, date_text

DAY = 24 * 60

visit = Checks[Visit]("visit")

# --- date and time --------------------------------------------------------------------------------------------------

visit.add(
    "visit.date-missing", BLOCK, "B", "NUCC 08/05, item 24A",
    N_("The session has no date. Enter it."), lambda v, asked: v.date is None, item="24A", field="date",
)  # fmt: skip
visit.add(
    "visit.date-future", BLOCK, "A", "a session is billed after it took place",
    N_("The session of {date} lies in the future. It can be billed once it took place."),
    lambda v, asked: (
        [Where({"date": date_text(v.date)})]
        if v.date is not None and v.date > asked.today and v.status is VisitStatus.DONE else ()
    ),
    item="24A", field="date",
)  # fmt: skip
visit.add(
    "visit.before-birth", BLOCK, "A", "calendar",
    N_("The session of {date} is older than the client. Correct its date or the birth date."),
    lambda v, asked: (
        [Where({"date": date_text(v.date)})]
        if asked.client is not None and v.date is not None and asked.client.birth_date is not None
        and v.date < asked.client.birth_date else ()
    ),
    item="24A", field="date",
)  # fmt: skip
visit.add(
    "visit.before-accident", WARN, "B", "a claim for an accident holds sessions after it",
    N_("The session of {date} lies before the accident of its case. Check the date and the case."),
    lambda v, asked: (
        [Where({"date": date_text(v.date)})]
        if asked.case is not None and v.date is not None and asked.case.accident_date is not None
        and v.date < asked.case.accident_date else ()
    ),
    item="14", field="case_id",
)  # fmt: skip
visit.add(
    "visit.before-onset", WARN, "C", "an onset comes before its treatment",
    N_("The session of {date} lies before the onset of its case. Check the date and the case."),
    lambda v, asked: (
        [Where({"date": date_text(v.date)})]
        if asked.case is not None and v.date is not None and asked.case.onset is not None
        and v.date < asked.case.onset else ()
    ),
    item="14", field="case_id",
)  # fmt: skip
visit.add(
    "visit.lines-missing", BLOCK, "B", "NUCC 08/05, item 24",
    N_("The session has no line. Enter what was done."),
    lambda v, asked: not v.lines and v.status is VisitStatus.DONE, item="24", field="lines",
)  # fmt: skip
visit.add(
    "visit.minutes-odd", BLOCK, "A", "a day has 1,440 minutes",
    N_("The session lasts less than a minute or more than a day. Correct its length."),
    lambda v, asked: not 0 < v.minutes <= DAY, field="minutes",
)  # fmt: skip


def _spent(v: Visit) -> int:
    return sum(line.minutes for line in v.lines if line.code not in UNTIMED)


visit.add(
    "visit.minutes-exceeded", BLOCK, "B", "CMS Pub 100-04, chapter 5, 20.2: one-to-one minutes lie within the session",
    N_("The lines have {spent} hands-on minutes, but the session lasted {minutes}. Correct one of them."),
    lambda v, asked: (
        [Where({"spent": _spent(v), "minutes": v.minutes})] if _spent(v) > v.minutes else ()
    ),
    item="24G", field="lines",
)  # fmt: skip


def _same_day(v: Visit, asked: Asked) -> list[Visit]:
    """The client's other done sessions on the same day."""
    return [
        other for other in asked.others
        if other.date == v.date is not None and other.status is VisitStatus.DONE and not (other.id == v.id is not None)
    ]  # fmt: skip


def _overlaps(v: Visit, asked: Asked) -> bool:
    if v.start is None:
        return False
    return any(
        other.start is not None and other.start < v.start + v.minutes and v.start < other.start + other.minutes
        for other in _same_day(v, asked)
    )


visit.add(
    "visit.overlap", WARN, "B", "one-to-one work is for one client and one session at a time",
    N_("The session of {date} overlaps another one of the same client. Correct a start or a length."),
    lambda v, asked: [Where({"date": date_text(v.date)})] if _overlaps(v, asked) else (), item="24A", field="start",
)  # fmt: skip
_GROUP = frozenset(("97150",))
"""Work with several clients at a time."""


def _with_another(v: Visit, asked: Asked) -> bool:
    """Whether the therapist is with another client at the same time, and neither is a group."""
    if v.start is None or v.date is None or _GROUP.issuperset(line.code for line in v.lines):
        return False
    return any(
        (other.provider_id, other.date) == (v.provider_id, v.date) and other.client_id != v.client_id
        and other.status is VisitStatus.DONE and other.start is not None
        and other.start < v.start + v.minutes and v.start < other.start + other.minutes
        and not (other.lines and _GROUP.issuperset(line.code for line in other.lines))
        for other in asked.meanwhile
    )  # fmt: skip


visit.add(
    "visit.two-clients", WARN, "B", "one-to-one work is for one client at a time",
    N_("The therapist was with another client during the session of {date}. Correct a start, a length or who gave it."),
    lambda v, asked: [Where({"date": date_text(v.date)})] if _with_another(v, asked) else (),
    item="24A", field="start",
)  # fmt: skip
visit.add(
    "visit.second-of-day", WARN, "C", "many payers pay one session a day",
    N_("The client has two sessions on {date}. Many payers pay one a day: ask before you bill both."),
    lambda v, asked: [Where({"date": date_text(v.date)})] if _same_day(v, asked) else (), item="24A", field="date",
)  # fmt: skip

# --- units ----------------------------------------------------------------------------------------------------------


def _counted(v: Visit, asked: Asked) -> tuple[int, units.Units] | None:
    """The units of the timed lines as entered, and as the payer's rule gives them; None where it cannot be counted."""
    return asked.once("units", v, lambda: _count(v, asked))


def _count(v: Visit, asked: Asked) -> tuple[int, units.Units] | None:
    timed = [line for line in v.lines if line.minutes > 0 and line.code not in UNTIMED]
    if not timed or sum(line.minutes for line in timed) > DAY or any(line.minutes < 0 for line in v.lines):
        return None
    rule = (asked.payer.unit_rule if asked.payer else None) or UnitRule.CMS
    if len({line.code for line in timed}) > units.MOST_CODES:
        return None
    by_rule = units.billable_units([(line.code, line.minutes) for line in timed], rule)
    return sum(line.units for line in timed), by_rule


def _too_many_units(v: Visit, asked: Asked) -> Iterator[Where]:
    counted = _counted(v, asked)
    if counted and counted[0] > counted[1].total:
        yield Where({"units": counted[0], "trace": counted[1].trace})


def _too_few_units(v: Visit, asked: Asked) -> Iterator[Where]:
    counted = _counted(v, asked)
    if counted and counted[0] < counted[1].total:
        yield Where({"units": counted[0], "trace": counted[1].trace})


visit.add(
    "visit.units-too-many", WARN, "B", "CMS Pub 100-04, chapter 5, 20.2, or the AMA midpoint, by payer",
    N_("Units on the lines: {units}, more than the minutes give. {trace} Correct the units or the minutes."),
    _too_many_units, item="24G", field="lines",
)  # fmt: skip
visit.add(
    "visit.units-too-few", INFORM, "B", "CMS Pub 100-04, chapter 5, 20.2, or the AMA midpoint, by payer",
    N_("Units on the lines: {units}, fewer than the minutes give. {trace}"),
    _too_few_units, item="24G", field="lines",
)  # fmt: skip


def _units_spread(v: Visit, asked: Asked) -> bool:
    counted = _counted(v, asked)
    if counted is None or counted[0] != counted[1].total:
        return False
    entered: dict[str, int] = {}
    for line in v.lines:
        if line.code in counted[1].units:
            entered[line.code] = entered.get(line.code, 0) + line.units
    return entered not in counted[1].acceptable


visit.add(
    "visit.units-misplaced", WARN, "B", "CMS Pub 100-04, chapter 5, 20.2: the largest remainders get the rest",
    N_("The sum of units is right, but they stand on other codes than the minutes say. Move a unit."),
    _units_spread, item="24G", field="lines",
)  # fmt: skip
visit.add(
    "visit.unit-cap", WARN, "C", "payer's contract",
    N_("The session has {units} timed units, the payer pays {cap} a day at most. Bill it as it was and expect a cut."),
    lambda v, asked: (
        [Where({"units": _timed_units(v), "cap": asked.payer.unit_cap})]
        if asked.payer is not None and 0 < asked.payer.unit_cap < _timed_units(v) else ()
    ),
    item="24G", field="lines",
)  # fmt: skip


def _timed_units(v: Visit) -> int:
    return sum(line.units for line in v.lines if line.code in TIMED)


# --- money ----------------------------------------------------------------------------------------------------------

visit.add(
    "visit.paid-negative", BLOCK, "A", "NUCC 02/12, item 29: never negative",
    N_("The payment is below 0. Correct it."), lambda v, asked: v.paid < 0, item="29", field="paid",
)  # fmt: skip
visit.add(
    "visit.paid-too-much", WARN, "C", "NUCC item 29: paid on covered services only",
    N_("The client paid more than the session of {date} charges. Keep the rest as a credit."),
    lambda v, asked: (
        [Where({"date": date_text(v.date)})] if v.lines and v.paid > sum(line.charge for line in v.lines) else ()
    ),
    item="29", field="paid",
)  # fmt: skip
visit.add(
    "visit.paid-future", WARN, "A", "calendar",
    N_("The payment lies in the future. Correct its date."),
    lambda v, asked: v.paid_on is not None and v.paid_on > asked.today, item="29", field="paid_on",
)  # fmt: skip
