"""Pages full of random values that are already in the form's style, so that they must come back unchanged."""

from __future__ import annotations

import datetime as dt
import random
import string
from typing import Any

from app.billing.ids import npi_check_digit
from app.forms import lettering
from app.forms.layout import Layout
from app.forms.marks import CHOICES
from app.forms.values import CONTINUED, DATE, FORMAT, LETTERS, MONEY, SERVICE_LINE, TEXT, UNNAMED, YES_NO, Page

_PRINTED = "".join(map(chr, range(33, 127)))
_ALL = "".join(sign for sign in _PRINTED if not sign.islower())
_WORDS = string.ascii_uppercase + string.digits
_SIGNS = {
    "text": _ALL + " ",
    "free": _ALL + " ",
    "name": _WORDS + ",-&/() ",
    "person": _WORDS + "-&' ",
    "address": _WORDS + "-& ",
    "id": _WORDS + "./#",
    "digits": string.digits,
}


def page(chance: random.Random, grid: Layout) -> Page:
    """A page with every box in use, as far as they exclude one another."""
    made = {item: _value(chance, grid, item, wanted) for item, wanted in FORMAT.items()}
    codes = [_icd(chance) for _letter in LETTERS[: chance.randint(1, 12)]]
    made["carrier"] = [text(chance, grid, f"carrier.{number}") for number in (1, 2, 4)]
    if chance.random() < 0.3:
        made["carrier"].insert(2, text(chance, grid, "carrier.3"))
    made["19"] = _additional(chance)
    made["21"] = {"indicator": "0", "codes": codes}
    made["24"] = [_service(chance, grid, f"24.{line}", len(codes)) for line in range(1, chance.randint(1, 6) + 1)]
    if chance.random() < 0.2:
        made["28"] = CONTINUED
    return made


def _value(chance: random.Random, grid: Layout, key: str, wanted: Any) -> Any:
    if isinstance(wanted, dict):
        return {
            part: _value(chance, grid, key if part in UNNAMED else f"{key}.{part}", shape)
            for part, shape in wanted.items()
        }
    if isinstance(wanted, list):
        return [text(chance, grid, f"{key}.{number}") for number in range(1, 4) if f"{key}.{number}" in grid.boxes]
    if isinstance(wanted, tuple):
        return chance.choice(wanted)
    plain = {TEXT: text, MONEY: _money, DATE: _date}
    return chance.random() < 0.5 if wanted == YES_NO else plain[wanted](chance, grid, key)


def text(chance: random.Random, grid: Layout, key: str) -> str:
    """Text as long as the box at most, in its style."""
    box = grid.boxes[key]
    if key in CHOICES:
        return chance.choice(sorted(CHOICES[key]))
    if box.kind == "npi":
        return npi(chance)
    if box.kind == "zip":
        digits = f"{chance.randrange(10**9):09d}"
        return chance.choice((digits[:5], f"{digits[:5]}-{digits[5:]}"))
    if box.kind == "units":
        return chance.choice(("4", "12", "1.5", "0.5"))
    width = chance.choice((box.width, chance.randint(1, box.width)))
    while True:
        made = "".join(chance.choices(_SIGNS[box.kind], k=width))
        if made.strip() == made == lettering.STYLES[box.kind](made):
            return made


def npi(chance: random.Random) -> str:
    """A number with its check digit."""
    nine = f"{chance.randint(1, 2)}{chance.randrange(10**8):08d}"
    return f"{nine}{npi_check_digit(nine)}"


def _money(chance: random.Random, grid: Layout, key: str) -> str:
    dollars = chance.randrange(10 ** chance.randint(1, grid.boxes[key].width - 2))
    return f"{dollars}.{chance.randrange(100):02d}"


def _date(chance: random.Random, _grid: Layout, key: str) -> str:
    first = 1900 if key.endswith("dob") else 2000
    day = dt.date(first, 1, 1) + dt.timedelta(days=chance.randrange(36000))
    return day.isoformat()


def _icd(chance: random.Random) -> str:
    tail = "".join(chance.choices(_WORDS, k=chance.randint(0, 4)))
    code = chance.choice(string.ascii_uppercase) + chance.choice(string.digits) + chance.choice(_WORDS)
    return f"{code}.{tail}" if tail else code


def _additional(chance: random.Random) -> str:
    made = "".join(chance.choices(_SIGNS["free"], k=chance.choice((48, 71, chance.randint(1, 71)))))
    return f"Q{made[1:-1]}Z" if len(made) > 1 else "Q"


def _service(chance: random.Random, grid: Layout, key: str, diagnoses: int) -> dict[str, Any]:
    made = {
        part: _value(chance, grid, f"{key}.{part}", shape)
        for part, shape in SERVICE_LINE.items()
        if part not in {"modifiers", "pointer"}
    }
    made["shaded"] = " " * chance.choice((0, 0, 2)) + made["shaded"][:59]
    made["shaded"] = made["shaded"].rstrip()
    made["modifiers"] = [text(chance, grid, f"{key}.modifier.{n}") for n in range(1, chance.randint(1, 4) + 1)]
    made["pointer"] = "".join(chance.sample(LETTERS[:diagnoses], k=chance.randint(1, min(4, diagnoses))))
    return made
