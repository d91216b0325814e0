"""What a printer and its tray need on red forms: found by lining it up, moved by hand, kept on this computer."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.i18n import _, date_text
from app.ui.preferences import Preferences

FURTHEST_MM = 25.0
SCALES = (0.94, 1.06)
MIDDLE_MM = (107.95, 139.7)
"""The middle of a letter sheet."""
_EXACT = 0.05


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """Data is scaled from the top left corner, then moved right and down by `dx_mm`, `dy_mm` and the nudge by hand.

    `left_over_mm` is how far the worst mark stays from its place after that; None where nothing was measured.
    """

    printer: str = ""
    tray: str = ""
    dx_mm: float = 0.0
    dy_mm: float = 0.0
    scale_x: float = 1.0
    scale_y: float = 1.0
    left_over_mm: float | None = None
    measured: dt.date | None = None
    nudge_x: float = 0.0
    nudge_y: float = 0.0

    @property
    def shift(self) -> tuple[float, float]:
        """Right and down, in millimetres."""
        return round(self.dx_mm + self.nudge_x, 4), round(self.dy_mm + self.nudge_y, 4)

    @property
    def scale(self) -> tuple[float, float]:
        """Across and down."""
        return self.scale_x, self.scale_y

    @property
    def at_middle(self) -> tuple[float, float]:
        """How far right and down data in the middle of the sheet is moved, in millimetres."""
        return tuple(  # type: ignore[return-value]
            shift + middle * (scale - 1) for shift, middle, scale in zip(self.shift, MIDDLE_MM, self.scale, strict=True)
        )

    def nudged(self, right: float, down: float) -> Alignment:
        """Moved by hand, never further than a tray can be off."""
        x, y = (max(-5.0, min(5.0, round(v, 1))) for v in (self.nudge_x + right, self.nudge_y + down))
        return dataclasses.replace(self, nudge_x=x, nudge_y=y)


_MOVES = (_("{mm:.1f} mm right"), _("{mm:.1f} mm left")), (_("{mm:.1f} mm down"), _("{mm:.1f} mm up"))
_SHORT_MOVES = (_("{mm:.1f} right"), _("{mm:.1f} left")), (_("{mm:.1f} down"), _("{mm:.1f} up"))


def moved_words(right: float, down: float, *, short: bool = False) -> str:
    """A move in words, such as "0.7 mm right, 0.3 mm down"; nothing for less than half a tenth of a millimetre."""
    moves = zip((right, down), _SHORT_MOVES if short else _MOVES, strict=True)
    parts = [(ahead if value > 0 else back).format(mm=abs(value)) for value, (ahead, back) in moves if _counts(value)]
    return ", ".join(parts)


def _counts(value: float) -> bool:
    return abs(value) >= _EXACT


def state_words(alignment: Alignment) -> str:
    """Since when it is lined up and how well, and what was done by hand."""
    by_hand = moved_words(alignment.nudge_x, alignment.nudge_y) if alignment.nudge_x or alignment.nudge_y else ""
    if alignment.measured is None or alignment.left_over_mm is None:
        return _("Not measured, moved by hand {move}").format(move=by_hand) if by_hand else _("Not lined up yet")
    words = _("Lined up on {date}, {mm:.1f} mm left over")
    said = words.format(date=date_text(alignment.measured), mm=alignment.left_over_mm)
    return _("{said}, then moved by hand {move}").format(said=said, move=by_hand) if by_hand else said


# Keeping


def kept(preferences: Preferences) -> list[Alignment]:
    """All that are known on this computer; what cannot be read is left out and counts as not lined up."""
    try:
        entries = json.loads(preferences.alignments or "[]")
    except ValueError:
        return []
    read = [_read(entry) for entry in entries] if isinstance(entries, list) else []
    return [alignment for alignment in read if alignment is not None]


def of(preferences: Preferences, printer: str, tray: str) -> Alignment:
    """What a printer and tray need; nothing where they were never lined up."""
    found = (each for each in kept(preferences) if (each.printer, each.tray) == (printer, tray))
    return next(found, Alignment(printer=printer, tray=tray))


def current(preferences: Preferences) -> Alignment:
    """That of the printer and tray chosen last for red forms."""
    return of(preferences, preferences.red_printer, preferences.red_tray)


def keep(preferences: Preferences, alignment: Alignment) -> None:
    """Keep it in place of what was known of its printer and tray."""
    others = [e for e in kept(preferences) if (e.printer, e.tray) != (alignment.printer, alignment.tray)]
    preferences.alignments = json.dumps([_entry(each) for each in [*others, alignment]])


def forget(preferences: Preferences, printer: str, tray: str) -> None:
    """Print there as if it had never been lined up."""
    others = [e for e in kept(preferences) if (e.printer, e.tray) != (printer, tray)]
    preferences.alignments = json.dumps([_entry(each) for each in others])


def _entry(alignment: Alignment) -> dict[str, Any]:
    measured = alignment.measured.isoformat() if alignment.measured else None
    return dataclasses.asdict(alignment) | {"measured": measured}


def _read(entry: object) -> Alignment | None:
    if not isinstance(entry, Mapping) or {*entry} != {field.name for field in dataclasses.fields(Alignment)}:
        return None
    try:
        measured = entry["measured"] and dt.date.fromisoformat(entry["measured"])
        numbers = {name: float(entry[name]) for name in ("dx_mm", "dy_mm", "scale_x", "scale_y", "nudge_x", "nudge_y")}
        left_over = None if entry["left_over_mm"] is None else float(entry["left_over_mm"])
    except (TypeError, ValueError):
        return None
    shifts = [number for name, number in numbers.items() if not name.startswith("scale")]
    sound = all(math.isfinite(number) and abs(number) <= FURTHEST_MM for number in [*shifts, left_over or 0.0])
    sound = sound and all(SCALES[0] <= numbers[name] <= SCALES[1] for name in ("scale_x", "scale_y"))
    if not sound or not isinstance(entry["printer"], str) or not isinstance(entry["tray"], str):
        return None
    return Alignment(
        printer=entry["printer"], tray=entry["tray"], measured=measured or None, left_over_mm=left_over, **numbers
    )
