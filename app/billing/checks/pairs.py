"""Checks of the codes of one session together: pairs that exclude each other, and units a day.

The few public facts that massage needs, with their quarter; they warn, since payers differ.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.billing.checks.lines import CHIROPRACTIC, SEPARATE
from app.billing.checks.registry import WARN, Asked, Where
from app.billing.checks.sessions import visit
from app.billing.records import Visit
from app.i18n import N_

PAIRS_QUARTER = "2024 Q3"
CAPS_QUARTER = "2026 Q4"
PAIRS: dict[tuple[str, str], int] = {
    **{(spine, hands): 1 for spine in sorted(CHIROPRACTIC - {"98943"}) for hands in ("97112", "97124", "97140")},
    ("97012", "97140"): 1, ("97113", "97110"): 1, ("97140", "97124"): 0, ("97140", "97750"): 1,
    **{("97150", code): 1 for code in ("97110", "97112", "97113", "97116", "97124", "97140", "97530", "97535")},
}  # fmt: skip
"""Pairs of the public file of PAIRS_QUARTER: the first code is paid, the second only with a modifier (1) or never (0).
"""
CAPS: dict[str, int] = {
    "97012": 1, "97016": 1, "97018": 1, "97022": 1, "97024": 1, "97026": 1, "97028": 1, "97032": 4, "97033": 4,
    "97034": 2, "97035": 2, "97036": 3, "97039": 1, "97110": 6, "97112": 4, "97113": 6, "97116": 4, "97124": 4,
    "97139": 1, "97140": 6, "97150": 1, "97530": 6, "97535": 8, "97750": 8, "98940": 1, "98941": 1, "98942": 1,
    "G0283": 1,
}  # fmt: skip
"""Most units of a code a day, of the public file of CAPS_QUARTER."""


def _pairs(v: Visit, indicator: int) -> Iterator[tuple[str, str]]:
    codes = {line.code for line in v.lines}
    if len(codes) > 1:
        yield from (pair for pair, kind in PAIRS.items() if kind == indicator and pair[0] in codes and pair[1] in codes)


def _one_of_two(v: Visit, asked: Asked) -> Iterator[Where]:
    for first, second in _pairs(v, 0):
        sums = {code: sum(line.charge for line in v.lines if line.code == code) for code in (first, second)}
        less = second if sums[second] <= sums[first] else first
        yield Where({"first": first, "second": second, "less": less, "quarter": PAIRS_QUARTER})


visit.add(
    "pair.one-of-two", WARN, "B", f"public code pairs, {PAIRS_QUARTER}, indicator 0",
    N_(
        "{first} and {second} are in one session. Payers pay one of the two and no modifier opens the pair (public "
        "pairs of {quarter}). Bill the one this payer prefers; by money, drop {less}."
    ),
    _one_of_two, item="24D", field="lines",
)  # fmt: skip


def _unopened(v: Visit, asked: Asked) -> Iterator[Where]:
    for first, second in _pairs(v, 1):
        if any(line.code == second and SEPARATE.isdisjoint(line.modifiers) for line in v.lines):
            yield Where({"first": first, "second": second, "quarter": PAIRS_QUARTER})


visit.add(
    "pair.modifier-missing", WARN, "B", f"public code pairs, {PAIRS_QUARTER}, indicator 1",
    N_(
        "{second} is not paid with {first} unless it was a separate region (public pairs of {quarter}). If it was, add "
        "59 or XS and name the region; else drop it."
    ),
    _unopened, item="24D", field="lines",
)  # fmt: skip


def _unexplained(v: Visit, asked: Asked) -> Iterator[Where]:
    for first, second in _pairs(v, 1):
        for line in v.lines:
            if line.code == second and not SEPARATE.isdisjoint(line.modifiers) and not (v.note or line.note).strip():
                yield Where({"first": first, "second": second})


visit.add(
    "pair.region-missing", WARN, "B", f"public code pairs, {PAIRS_QUARTER}: a separate region is documented",
    N_("{second} stands beside {first} as a separate service. Name the separate region in the note."),
    _unexplained, item="24D", field="note",
)  # fmt: skip


def _over_cap(v: Visit, asked: Asked) -> Iterator[Where]:
    for code in dict.fromkeys(line.code for line in v.lines):
        entered = sum(line.units for line in v.lines if line.code == code)
        if entered > CAPS.get(code, entered):
            yield Where({"code": code, "units": entered, "cap": CAPS[code], "quarter": CAPS_QUARTER})


visit.add(
    "pair.public-cap", WARN, "B", f"public unit caps, {CAPS_QUARTER}",
    N_("{code} has {units} units, more than {cap} a day draw questions (public caps of {quarter}). Check the minutes."),
    _over_cap, item="24G", field="lines",
)  # fmt: skip


def _line_twice(v: Visit, asked: Asked) -> Iterator[Where]:
    seen = [(line.code, line.modifiers) for line in v.lines if line.code]
    for code, modifiers in dict.fromkeys(seen):
        if seen.count((code, modifiers)) > 1:
            yield Where({"code": code})


visit.add(
    "visit.code-twice", WARN, "B", "payers take a second line of the same code and day for a duplicate",
    N_("{code} stands on two lines of one session. Put the units together on one line."),
    _line_twice, item="24D", field="lines",
)  # fmt: skip
