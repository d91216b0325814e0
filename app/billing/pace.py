"""How fast sessions come: the frequency that an order gives, progress reports, and when a referral runs out.

What an order says is read only where it has one meaning. What lies ahead is a guess from the last sessions, and says
so.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low

from app.billing.deadlines import add_months
from app.billing.records import Authorization, Referral, Visit, VisitStatus
from app.billing.referrals import Ledger, counted
from app.i18n import _, date_text, ngettext

# --- the frequency of an order --------------------------------------------------------------------------------------

_WORDS = {
    "once": "1 x", "twice": "2 x", "thrice": "3 x", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "wk": "week",
    "wks": "week", "weeks": "week", "mo": "month", "mos": "month", "months": "month", "days": "day", "daily": "1 a day",
    "weekly": "1 a week", "monthly": "1 a month", "×": "x", "times": "x", "time": "x", "visit": "visits",
    "sessions": "visits", "session": "visits", "treatments": "visits", "treatment": "visits", "per": "a", "each": "a",
    "/": "a", "an": "a", "within": "in", "over": "in",
}  # fmt: skip
_TOKEN = re.compile(r"\d+|[a-z]+|[×/]")
_LIMIT = r"(?:(?:for|in|x) )?(?:the )?(?:next )?(?P<length>\d+|a) (?P<unit>day|week|month)"
_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        # 2 a week for 6 weeks; 2x/week x 6 weeks; twice weekly for a month; weekly for 8 weeks
        rf"(?P<times>\d+)(?: x)?(?: visits)?(?: a)? (?P<period>day|week|month) {_LIMIT}",
        # every other week for 12 weeks; every 2 weeks for 12 weeks; every week for 8 weeks
        rf"(?:(?P<times>1) x )?every (?:(?P<every>\d+|other) )?(?P<period>day|week|month) {_LIMIT}",
        # 12 visits in 90 days
        r"(?P<total>\d+) visits (?:in|a) (?:the )?(?:next )?(?P<length>\d+|a) (?P<unit>day|week|month)",
        # 1x/week x 12, where sessions and weeks are one number
        r"1(?: x)?(?: visits)? a (?P<period>day|week|month) (?:for|x) (?P<total>\d+)(?: visits)?",
    )
)
_WEEKS_OF_MONTH = 4
"""Whole weeks that every month holds."""


@dataclass(frozen=True, kw_only=True)
class Frequency:
    """An order's plan: this many sessions in `length` days, weeks or months.

    Months, and days that are no whole weeks, count for the weeks that they surely hold: 4 a month.
    """

    sessions: int
    length: int
    unit: str

    def last_day(self, first: dt.date) -> dt.date:
        """The last day of the plan when it begins on `first`."""
        if self.unit == "month":
            return add_months(first, self.length) - dt.timedelta(days=1)
        return first + dt.timedelta(days=self.length * (7 if self.unit == "week" else 1) - 1)


def parse_frequency(text: str) -> Frequency | None:
    """What "2 a week for 6 weeks" or "12 visits in 90 days" plans; None for what has no end, no number, or more than
    one meaning: "1-2 a week", "2x/week x 12" (weeks or sessions?), "biweekly", "as needed"."""
    if re.search(r"[^\w\s/×.,]", text):
        return None
    words = " ".join(_WORDS.get(word, word) for word in _TOKEN.findall(text.lower().replace(".", " ")))
    words = re.sub(r"(\d+) x 1 a ", r"\1 a ", words)  # twice weekly
    words = re.sub(r"(\d+) 1 a ", r"\1 a ", words)  # 2 weekly
    for form in _FORMS:
        match = form.fullmatch(words)
        if match:
            return _planned({name: value for name, value in match.groupdict().items() if value})
    return None


def _planned(found: dict[str, str]) -> Frequency | None:
    unit = found.get("unit") or found["period"]
    length = _number(found.get("length") or found["total"])
    sessions = int(found["total"]) if "total" in found else _sessions(found, length, unit)
    return Frequency(sessions=sessions, length=length, unit=unit) if 0 < sessions < 1000 and 0 < length < 1000 else None


def _sessions(found: dict[str, str], length: int, unit: str) -> int:
    """How many sessions a rate gives; 0 where the period does not go into the time."""
    periods = _periods(found["period"], length, unit)
    every = _number(found.get("every", "1"))
    return _number(found.get("times", "1")) * (periods // every) if every and periods % every == 0 else 0


def _periods(period: str, length: int, unit: str) -> int:
    if period == unit:
        return length
    return {
        ("week", "month"): length * _WEEKS_OF_MONTH, ("week", "day"): length // 7, ("day", "week"): length * 7,
    }.get((period, unit), 0)  # fmt: skip


def _number(text: str) -> int:
    return {"a": 1, "other": 2}.get(text) or int(text)


# --- progress reports -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReportRule:
    """A progress report is due at this visit or after these months, whichever comes first; 0 is no such limit.

    The default is Washington's for workers' compensation (WAC 296-23-250): six visits or one month.
    """

    visits: int = 6
    months: int = 1


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a client stands between two progress reports. `visits` since the last one began on `first`; the report is
    due on `due`: the day of the visit that made it due, or the day the month is over; None while only visits count
    and `left` of them are to come (None: visits do not count)."""

    first: dt.date
    visits: int
    left: int | None
    due: dt.date | None

    def sentence(self, today: dt.date) -> str:
        """What is so and when the report is due."""
        if self.due is None:
            left = self.left or 0
            text = ngettext(
                "The next progress report is due in {left} visit.",
                "The next progress report is due in {left} visits.",
                left,
            )
        elif self.due <= today:
            text = _("A progress report is due since {date}: {count} visits since {first}.")
        elif self.left is None:
            text = _("The next progress report is due on {date}.")
        else:
            text = _("The next progress report is due on {date} or in {left} visits, whichever comes first.")
        return text.format(date=date_text(self.due), count=self.visits, first=date_text(self.first), left=self.left)


def progress(
    visits: Iterable[Visit], *, since: dt.date | None = None, rule: ReportRule | None = None
) -> Progress | None:
    """When the next progress report is due, by the done visits of a case after the last report (`since`).

    None when there was no visit since, or no limit in the rule. One visit is one date.
    """
    rule = rule or ReportRule()
    days = sorted({v.date for v in visits if v.status is VisitStatus.DONE and v.date is not None})
    days = [day for day in days if since is None or day > since]
    if not days or not (rule.visits or rule.months):
        return None
    limits = [add_months(days[0], rule.months)] if rule.months else []
    if 0 < rule.visits <= len(days):
        limits.append(days[rule.visits - 1])
    left = max(rule.visits - len(days), 0) if rule.visits else None
    return Progress(first=days[0], visits=len(days), left=left, due=min(limits, default=None))


# --- running out ----------------------------------------------------------------------------------------------------

_RECENT = 6
"""Sessions that the present pace is taken from."""
_LEAST = 3


@dataclass(frozen=True, kw_only=True)
class RunOut:
    """A guess: at a session every `gap` days, the `visits` that are left are used up on `date`."""

    date: dt.date
    visits: int
    gap: int
    ends: dt.date | None

    @property
    def sentence(self) -> str:
        """The guess in words, with the end of the window where that comes first."""
        text = _("At the present pace, a session every {gap} days, the {visits} left last until about {date}.")
        text = text.format(gap=self.gap, visits=self.visits, date=date_text(self.date))
        if self.ends is not None and self.ends < self.date:
            return f"{text} {_('The time ends before that, on {date}.').format(date=date_text(self.ends))}"
        return text


def run_out(grant: Referral | Authorization, account: Ledger, visits: Iterable[Visit]) -> RunOut | None:
    """When a referral or authorization is used up, by the median gap of its last sessions.

    None where that cannot be guessed: without a limit, with nothing left, or with fewer than three sessions.
    """
    by_day: dict[dt.date, tuple[int, int]] = {}
    for visit in counted(grant, visits):
        if visit.date is not None:
            units, cents = by_day.get(visit.date, (0, 0))
            units += sum(line.units for line in visit.lines)
            by_day[visit.date] = (units, cents + sum(line.charge for line in visit.lines))
    days = sorted(by_day)[-_RECENT:]
    if len(days) < _LEAST:
        return None
    left = _visits_left(account, [by_day[day] for day in days])
    if left is None or left <= 0:
        return None
    gap = median_low([(later - earlier).days for earlier, later in pairwise(days)])
    return RunOut(date=days[-1] + dt.timedelta(days=gap * left), visits=left, gap=gap, ends=account.last)


def _visits_left(account: Ledger, recent: list[tuple[int, int]]) -> int | None:
    """Visits left by the limit that is reached first; units and dollars by what a session takes of late."""
    units, cents = (median_low(column) for column in zip(*recent, strict=True))
    limits = [account.visits_left]
    if account.units_left is not None and units > 0:
        limits.append(account.units_left // units)
    if account.dollars_left is not None and cents > 0:
        limits.append(account.dollars_left // cents)
    return min((limit for limit in limits if limit is not None), default=None)
