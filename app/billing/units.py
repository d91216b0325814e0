"""From hands-on minutes to billable units, under the two rules that payers use.

CMS (Pub 100-04, chapter 5, section 20.2): the day's timed minutes together give the number of units, one from 8
minutes and one more for every 15; each code first gets its whole quarters of an hour, what is left goes to the
largest remainders. AMA midpoint: each code alone, a unit for every 15 minutes and one more for a rest of 8 or more.
Neither is the cautious one: they differ in both directions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from app.billing.codes import UNTIMED
from app.billing.records import UnitRule
from app.i18n import _, ngettext

UNIT_MINUTES = 15
"""Length of a unit."""
FIRST_MINUTES = 8
"""A unit begins at its eighth minute."""
DAY_MINUTES = 24 * 60
MOST_CODES = 20
"""More timed codes than this in a day are a mistake (and their ties beyond counting)."""


@dataclass(frozen=True)
class Units:
    """The units of a day. `units` is the proposal, always one of `acceptable`; with `tie` the therapist chooses.

    `trace` is a sentence fit for the note.
    """

    units: dict[str, int]
    acceptable: tuple[dict[str, int], ...]
    tie: bool
    trace: str

    @property
    def total(self) -> int:
        """Units of all codes."""
        return sum(self.units.values())


def cms_total(minutes: int) -> int:
    """Units for the day's timed minutes under the CMS rule: 0 below 8, 1 to 22, 2 to 37, and so on."""
    return (minutes + UNIT_MINUTES - FIRST_MINUTES) // UNIT_MINUTES


def cms_range(units: int) -> tuple[int, int]:
    """The first and last number of minutes that give `units` under the CMS rule."""
    last = units * UNIT_MINUTES + FIRST_MINUTES - 1
    return max(0, last - UNIT_MINUTES + 1), last


def billable_units(timed: Iterable[tuple[str, int]], rule: UnitRule | str, untimed: Iterable[str] = ()) -> Units:
    """Units of one day for one client and therapist.

    `timed` holds (code, hands-on minutes); a code that comes twice is added up. `untimed` codes are one unit each and
    bring no minutes; so are the codes of `codes.UNTIMED`, wherever they stand. Where remainders tie, the proposal
    prefers the code with more minutes, then the one entered first. Raises ValueError for minutes below 0, more than
    a day in all, a code both timed and untimed, more than MOST_CODES timed codes, or an unknown rule.
    """
    rule = UnitRule(rule)
    minutes, singles = _sorted_out(timed, untimed)
    if rule is UnitRule.CMS:
        choices = _cms(minutes)
    else:
        choices = [{code: (spent + UNIT_MINUTES - FIRST_MINUTES) // UNIT_MINUTES for code, spent in minutes.items()}]
    acceptable = tuple(choice | dict.fromkeys(singles, 1) for choice in choices)
    trace = _trace(rule, minutes, singles, choices)
    return Units(units=dict(acceptable[0]), acceptable=acceptable, tie=len(acceptable) > 1, trace=trace)


def _sorted_out(timed: Iterable[tuple[str, int]], untimed: Iterable[str]) -> tuple[dict[str, int], list[str]]:
    """Minutes by timed code, and the untimed codes, both in the order of entry."""
    given = list(untimed)
    minutes: dict[str, int] = {}
    singles: dict[str, None] = {}
    spent = 0
    for code, part in timed:
        if part < 0:
            raise ValueError("minutes below 0")
        spent += part
        if code in UNTIMED:
            singles[code] = None
        elif code in given:
            raise ValueError("a code cannot be both timed and untimed")
        else:
            minutes[code] = minutes.get(code, 0) + part
    if spent > DAY_MINUTES:
        raise ValueError("more minutes than a day has")
    if len(minutes) > MOST_CODES:
        raise ValueError("too many timed codes in one day")
    return minutes, list(singles | dict.fromkeys(given))


def _cms(minutes: Mapping[str, int]) -> list[dict[str, int]]:
    """Every allocation of the day's units that the CMS rule allows, the proposed one first."""
    whole = {code: spent // UNIT_MINUTES for code, spent in minutes.items()}
    rest = {code: spent % UNIT_MINUTES for code, spent in minutes.items()}
    left = cms_total(sum(minutes.values())) - sum(whole.values())
    if left == 0:
        return [whole]
    # never more are left than there are codes with a remainder, so the last to get one has a remainder above 0
    edge = sorted(rest.values(), reverse=True)[left - 1]
    sure = [code for code in minutes if rest[code] > edge]
    tied = sorted((code for code in minutes if rest[code] == edge), key=lambda code: -minutes[code])
    return [
        {code: whole[code] + (code in sure or code in chosen) for code in minutes}
        for chosen in combinations(tied, left - len(sure))
    ]


def _trace(
    rule: UnitRule, minutes: Mapping[str, int], singles: Sequence[str], choices: Sequence[Mapping[str, int]]
) -> str:
    """What was counted and how, in one line."""
    total = sum(minutes.values())
    units = sum(choices[0].values())
    count = ngettext("{count} unit", "{count} units", units).format(count=units)
    parts = ", ".join(
        _("{code} {minutes} min = {units}").format(code=code, minutes=minutes[code], units=choices[0][code])
        for code in minutes
    )
    if rule is UnitRule.CMS:
        first, last = cms_range(units)
        text = _("{total} minutes: {count} by the day's total ({first} to {last} minutes)").format(
            total=total, count=count, first=first, last=last
        )
    else:
        text = _("{total} minutes: {count} by the midpoint of each code").format(total=total, count=count)
    sentences = [f"{text}: {parts}." if parts else f"{text}."]
    if len(choices) > 1:
        sentences.append(
            _("Equal remainders: {count} allocations are right, the therapist chooses.").format(count=len(choices))
        )
    if singles:
        sentences.append(_("Untimed, 1 unit each: {codes}.").format(codes=", ".join(singles)))
    return " ".join(sentences)
