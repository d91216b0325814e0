"""Checks of the codes of one session together: pairs that exclude each other, and units a day.

The public pairs and caps come by date of service, with their quarter; without them nothing is said. They warn, since
payers differ. No modifier is ever added here: whether a region was separate only the therapist knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.billing.checks.lines import EVALUATIONS, SEPARATE
from app.billing.checks.registry import INFORM, WARN, Asked, Where
from app.billing.checks.sessions import visit
from app.billing.edits import NEVER, PairEdit
from app.billing.records import Payer, ServiceLine, Visit
from app.i18n import N_, _

_PACK = "97010"
"""Hot and cold packs, whose own note says that they are not paid by themselves."""
_SIDES = frozenset(("LT", "RT"))
_OFFICE_VISITS = frozenset(("99202", "99203", "99204", "99205", *(f"9921{digit}" for digit in range(1, 6))))


def _pairs(v: Visit, asked: Asked, *, never: bool) -> Iterator[tuple[PairEdit, str]]:
    """The pairs in a session, with the quarter they are of: those that nothing opens, or the others."""
    codes = list(dict.fromkeys(line.code for line in v.lines))
    if asked.edits is None or v.date is None or len(codes) < 2:
        return
    edits, date = asked.edits(v.date), v.date
    for pair in asked.once("pairs", v, lambda: edits.pairs_among(codes, date)):
        if (pair.indicator == NEVER) is never:
            yield pair, edits.pairs_quarter


def _paid_together(pair: PairEdit, payer: Payer | None) -> bool:
    """Whether a payer is known to pay both codes of a pair, and why is on record."""
    if payer is None or not payer.paid_pairs_reason.strip():
        return False
    paid = [{code.strip().upper() for code in codes.split("+")} for codes in payer.paid_pairs]
    return {pair.column1, pair.column2} in paid


def _one_of_two(v: Visit, asked: Asked) -> Iterator[Where]:
    for pair, quarter in _pairs(v, asked, never=True):
        if not _paid_together(pair, asked.payer):
            values = {"first": pair.column1, "second": pair.column2, "quarter": quarter}
            yield Where(values | {"drop": _to_drop(v, pair, asked.payer)})


def _to_drop(v: Visit, pair: PairEdit, payer: Payer | None) -> str:
    """Which of the two lines to drop, by what the payer prefers or by money."""
    codes = [pair.column1, pair.column2]
    preferred = payer.preferred_code.strip().upper() if payer is not None else ""
    if preferred in codes:
        other = codes[codes.index(preferred) - 1]
        return _("This payer prefers {code}: drop {other}.").format(code=preferred, other=other)
    one, two = (sum(line.charge for line in v.lines if line.code == code) for code in codes)
    less = codes[1] if two <= one else codes[0]
    return _("Bill the one this payer prefers; by money, drop {code}.").format(code=less)


visit.add(
    "pair.one-of-two", WARN, "B", "public code pairs of the quarter, indicator 0",
    N_(
        "{first} and {second} are in one session. Payers pay one of the two and no modifier opens the pair (public "
        "pairs of {quarter}). {drop}"
    ),
    _one_of_two, item="24D", field="lines",
)  # fmt: skip
visit.add(
    "pair.paid-together", INFORM, "C", "payer's record: pairs that it pays, with the reason",
    N_("{first} and {second} are in one session. This payer is known to pay both: {reason}"),
    lambda v, asked: [
        Where({"first": pair.column1, "second": pair.column2, "reason": asked.payer.paid_pairs_reason.strip()})
        for pair, _quarter in _pairs(v, asked, never=True)
        if asked.payer is not None and _paid_together(pair, asked.payer)
    ],
    item="24D", field="lines",
)  # fmt: skip


def _opened(line: ServiceLine) -> bool:
    """Whether a line says that it stands apart: a separate service, a side, or 25 of an evaluation."""
    openers = SEPARATE | _SIDES
    if line.code in EVALUATIONS or line.code in _OFFICE_VISITS:
        openers |= {"25"}
    return not openers.isdisjoint(line.modifiers)


def _unopened(v: Visit, asked: Asked) -> Iterator[Where]:
    for pair, quarter in _pairs(v, asked, never=False):
        opened = all(_opened(line) for line in v.lines if line.code == pair.column2)
        if not opened and not _paid_together(pair, asked.payer):
            yield Where({"first": pair.column1, "second": pair.column2, "quarter": quarter})


visit.add(
    "pair.modifier-missing", WARN, "B", "public code pairs of the quarter, indicator 1",
    N_(
        "{second} is not paid with {first} unless it was a separate region (public pairs of {quarter}). If it was, add "
        "59 or XS and name the region in the note; else drop it."
    ),
    _unopened, item="24D", field="lines",
)  # fmt: skip


def _unexplained(v: Visit, asked: Asked) -> Iterator[Where]:
    for pair, _quarter in _pairs(v, asked, never=False):
        for line in v.lines:
            separate = line.code == pair.column2 and not SEPARATE.isdisjoint(line.modifiers)
            if separate and not (line.separate_region + v.note + line.note).strip():
                yield Where({"first": pair.column1, "second": pair.column2})


visit.add(
    "pair.region-missing", WARN, "B", "public code pairs of the quarter: a separate region is documented",
    N_("{second} stands beside {first} as a separate service. Name the separate region in the note."),
    _unexplained, item="24D", field="note",
)  # fmt: skip


def _over_cap(v: Visit, asked: Asked) -> Iterator[Where]:
    if asked.edits is None or v.date is None:
        return
    edits = asked.edits(v.date)
    for code in dict.fromkeys(line.code for line in v.lines):
        cap = edits.cap(code)
        entered = sum(line.units for line in v.lines if line.code == code)
        if cap is not None and entered > cap.units and code != _PACK:
            yield Where({"code": code, "units": entered, "cap": cap.units, "quarter": edits.caps_quarter})


visit.add(
    "pair.public-cap", WARN, "B", "public unit caps of the quarter",
    N_("{code} has {units} units, more than {cap} a day draw questions (public caps of {quarter}). Check the minutes."),
    lambda v, asked: [where for where in _over_cap(v, asked) if where.values["cap"]], item="24G", field="lines",
)  # fmt: skip
visit.add(
    "pair.unpaid", INFORM, "B", "public unit caps of the quarter: 0",
    N_("{code} is not paid by itself (public caps of {quarter}). Ask the payer before you count on it."),
    lambda v, asked: [where for where in _over_cap(v, asked) if not where.values["cap"]], item="24D", field="lines",
)  # fmt: skip


def _line_twice(v: Visit, asked: Asked) -> Iterator[Where]:
    """Lines that say the same. 59 and its finer forms say one thing, so they do not tell two lines apart."""
    seen = [
        (line.code, frozenset(line.modifiers) - SEPARATE, SEPARATE.isdisjoint(line.modifiers))
        for line in v.lines if line.code
    ]  # fmt: skip
    for twice in dict.fromkeys(each for each in seen if seen.count(each) > 1):
        yield Where({"code": twice[0]})


visit.add(
    "visit.code-twice", WARN, "B", "payers take a second line of the same code and day for a duplicate",
    N_("{code} stands on two lines of one session. Put the units together on one line."),
    _line_twice, item="24D", field="lines",
)  # fmt: skip
