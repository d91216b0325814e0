"""How values become print: from a page's values to marks, each a text at a line and column of the grid.

Every output (text grid, PDF, AcroForm, preview) draws the same marks. What cannot be printed as meant is a Problem:
nothing is cut, dropped or guessed. The rules stand in docs/VALUES.md; which of them serves a box is its `kind`.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from app.billing import codes, ids
from app.billing.money import parse_cents
from app.billing.problems import Problem, block, inform, warn
from app.errors import InputError
from app.forms import lettering
from app.forms.layout import Box, Layout
from app.forms.values import CONTINUED, DATE, FORMAT, LETTERS, MONEY, TEXT, UNNAMED, YES_NO, Page
from app.i18n import _

LONG_DATES = frozenset({"3", "11a"})
"""Items whose dates always have eight digits."""
LONG_DATES_BY_PAYER = frozenset({"12", "14", "15", "16", "18"})


_FEW = 10
"""Choices that are named in a sentence."""
_MOST_LINES = 12
"""Service lines of the largest layout."""


def _choices() -> dict[str, frozenset[str]]:
    """What may stand in boxes that hold a code of a short public list, by the key of the box."""
    lists: dict[str, Iterable[str]] = {
        "11b.qualifier": codes.OTHER_CLAIM_ID_QUALIFIERS, "14.qualifier": codes.ONSET_QUALIFIERS,
        "15.qualifier": codes.OTHER_DATE_QUALIFIERS, "17.qualifier": codes.REFERRER_QUALIFIERS,
        "17a.qualifier": codes.REFERRER_ID_QUALIFIERS, "21.indicator": "09",
        "22.code": (*codes.RESUBMISSION_CODES, "1"),
    }  # fmt: skip
    for number in range(1, _MOST_LINES + 1):
        start = f"24.{number}."
        lists |= {
            f"{start}place": codes.PLACES_OF_SERVICE, f"{start}emg": "Y", f"{start}epsdt": "YN",
            f"{start}epsdt_shaded": ("AV", "S2", "ST", "NU"),
            f"{start}id_qualifier": (*codes.PROVIDER_ID_QUALIFIERS, "N5", "SY", "X5"),
        }  # fmt: skip
    return {key: frozenset(choices) for key, choices in lists.items()}


CHOICES = _choices()
"""Codes of the NUCC's lists for the 02/12 form; others are worth a warning, since a payer may want them."""


class Mark(NamedTuple):
    """`text` in the box `key`, its first character in `column` of `line`. May begin with blanks, never ends so."""

    key: str
    line: int
    column: int
    text: str


class Composed(NamedTuple):
    """The marks of a page, and what is wrong or worth knowing. Where a problem blocks, its mark is missing."""

    marks: list[Mark]
    problems: list[Problem]


def compose(page: Page, layout: Layout, *, date_digits: str = "6", first: int = 1) -> Composed:
    """The marks of a page that `values.parse` accepts.

    `date_digits` is the payer's way for items 12, 14, 15, 16 and 18: `"6"` is MM DD YY, `"8"` is MM DD CCYY. `first` is
    the place of the page's first service line among those of its claim: problems count lines through all forms.
    """
    sheet = _Sheet(page, layout, date_digits == "8", first)
    for item, wanted in FORMAT.items():
        if item in page:
            _SPECIAL.get(item, _Sheet.value)(sheet, item, page[item], wanted)
    return Composed(sheet.marks, sheet.problems)


class _Sheet:
    """One page while it is composed."""

    def __init__(self, page: Page, layout: Layout, long_dates: bool, first: int) -> None:
        self.first = first
        self.boxes = layout.boxes
        self.service_lines = layout.service_lines
        self.codes: Sequence[str] = page.get("21", {}).get("codes", ())
        self.long_dates = LONG_DATES | LONG_DATES_BY_PAYER if long_dates else LONG_DATES
        self.marks: list[Mark] = []
        self.problems: list[Problem] = []

    def value(self, key: str, value: Any, wanted: Any) -> None:
        """A value of any shape of the format."""
        if wanted is TEXT:
            self.text(key, value)
        elif wanted is DATE:
            self.date(key, value)
        elif wanted is MONEY:
            self.money(key, value)
        elif wanted is YES_NO:
            self.cross(f"{key}.yes" if value else f"{key}.no")
        elif isinstance(wanted, tuple):
            if value:
                self.cross(f"{key}.{value}")
        elif isinstance(wanted, list):
            self.lines(key, value)
        else:
            for part, shape in wanted.items():  # in the order of the format, so that the same values give the same PDF
                if part in value:
                    self.value(key if part in UNNAMED else f"{key}.{part}", value[part], shape)

    def text(self, key: str, text: str) -> None:
        """Text in the style of its box."""
        if not text:
            return
        box = self.boxes[key]
        printed = self.lettered(box, text)
        if len(printed) > box.width:
            self.too_long(box, len(printed), box.width)
        elif printed and (box.kind not in _CHECKS or _CHECKS[box.kind](self, box, printed)):
            self.marks.append(Mark(key, box.line, box.column, printed))
            if printed not in CHOICES.get(key, (printed,)):
                few = ", ".join(sorted(CHOICES[key])[:_FEW])
                severity = warn if len(CHOICES[key]) > 1 else block  # 24C has a single word: Y
                self.problem(box, severity, "value.unknown", _NO_CHOICE, text=printed, choices=few)

    def lettered(self, box: Box, text: str) -> str:
        """The text as the box prints it; empty when it is blank or, with a problem, cannot be printed."""
        if lettering.READY[box.kind](text) or not text.strip():
            return text.rstrip()
        spelled = lettering.spell(text)
        if spelled.unknown:
            signs = ", ".join(map(lettering.visible, spelled.unknown[:5]))
            self.problem(box, block, "text.unprintable", _UNPRINTABLE, signs=signs)
            return ""
        printed = lettering.STYLES[box.kind](spelled.text)
        if not printed:
            self.problem(box, block, "text.nothing", _NOTHING)
        elif spelled.changed:
            letters = ", ".join(f"{old} → {new}" for old, new in spelled.changed)
            self.problem(box, inform, "text.spelled", _SPELLED, letters=letters)
        return printed

    def cross(self, key: str) -> None:
        """An X in a check box."""
        box = self.boxes[key]
        self.marks.append(Mark(key, box.line, box.column, "X"))

    def money(self, key: str, text: str) -> None:
        """Dollars to the right, cents in the last two cells. Item 28 may say CONTINUED."""
        if not text:
            return
        box = self.boxes[key]
        if text == CONTINUED and key == "28":
            self.marks.append(Mark(key, box.line, box.column, text))
            return
        try:
            cents = parse_cents(text)
        except InputError:
            self.problem(box, block, "money.unreadable", _NO_AMOUNT)
            return
        printed = f"{cents // 100}{cents % 100:02d}"
        if cents < 0:
            self.problem(box, block, "money.negative", _NEGATIVE)
        elif len(printed) > box.width:
            self.problem(box, block, "money.too-long", _TOO_MANY_DOLLARS, count=len(printed) - 2, width=box.width - 2)
        else:
            self.marks.append(Mark(key, box.line, box.column + box.width - len(printed), printed))

    def date(self, key: str, text: str) -> tuple[str, str, str] | None:
        """A date in its three boxes (`.mm`, `.dd`, `.yy`), or as one text in its box; what was printed."""
        if not text:
            return None
        parts = date_parts(text)
        if parts is None:
            self.problem(self.date_box(key), block, "date.unreadable", _NO_DATE)
            return None
        year, month, day = parts
        if key.partition(".")[0] not in self.long_dates:
            if year[:2] != "20":
                self.problem(self.date_box(key), warn, "date.century", _CENTURY, year=year, last=year[2:])
            year = year[2:]
        self.place_date(key, (month, day, year))
        return month, day, year

    def place_date(self, key: str, digits: tuple[str, str, str]) -> None:
        """The month, day and year of a date where they belong."""
        one = self.boxes.get(key)
        if one:
            self.marks.append(Mark(key, one.line, one.column, " ".join(digits)))
            return
        for part, text in zip((".mm", ".dd", ".yy"), digits, strict=True):
            box = self.boxes[key + part]
            self.marks.append(Mark(box.key, box.line, box.column, text))

    def date_box(self, key: str) -> Box:
        """The box that stands for a date in a problem."""
        return self.boxes.get(key) or self.boxes[f"{key}.mm"]

    def lines(self, key: str, lines: Sequence[str], message: str = "") -> None:
        """Texts in the boxes `key.1`, `key.2` and so on, as many as the layout has."""
        most = 0
        while f"{key}.{most + 1}" in self.boxes:
            most += 1
        if self.fits(self.boxes[f"{key}.1"].item, lines, most, message or _TOO_MANY_LINES):
            for number, text in enumerate(lines, 1):
                self.text(f"{key}.{number}", text)

    def fits(self, item: str, values: Sequence[Any], most: int, message: str) -> bool:
        """Whether there are places enough; a problem when not."""
        if len(values) <= most:
            return True
        item = self.counted(item)
        text = _(message).format(item=item_name(item), most=most, count=len(values))
        self.problems.append(block("lines.too-many", text, item=item, field=item))
        return False

    def carrier(self, key: str, lines: Sequence[str], _wanted: Any) -> None:
        """Name, address, city line: three lines leave the third of the four places blank."""
        self.lines(key, [*lines[:2], "", lines[2]] if len(lines) == 3 else lines)

    def additional(self, key: str, text: str, _wanted: Any) -> None:
        """Item 19: its own line; longer text begins at the end of the caption's line above."""
        above, box = self.boxes["19.caption"], self.boxes[key]
        printed = self.lettered(box, text)
        if len(printed) > above.width + box.width:
            self.too_long(box, len(printed), above.width + box.width)
        elif len(printed) > box.width:
            self.marks.append(Mark(above.key, above.line, above.column, printed[: above.width].rstrip()))
            self.marks.append(Mark(key, box.line, box.column, printed[above.width :]))
        elif printed:
            self.marks.append(Mark(key, box.line, box.column, printed))

    def diagnoses(self, key: str, value: Mapping[str, Any], _wanted: Any) -> None:
        """Item 21: the indicator, and up to twelve codes from A to L."""
        self.text("21.indicator", value.get("indicator", ""))
        if self.fits(key, self.codes, len(LETTERS), _TOO_MANY_DIAGNOSES):
            for letter, code in zip(LETTERS, self.codes, strict=False):
                self.text(f"21.{letter}", code)

    def services(self, key: str, lines: Sequence[Mapping[str, Any]], wanted: Any) -> None:
        """Item 24: up to six lines. A single day stands in both dates."""
        if not self.fits(key, lines, self.service_lines, _TOO_MANY_SERVICES):
            return
        for number, line in enumerate(lines, 1):
            start = f"24.{number}."
            first = self.date(f"{start}from", line.get("from", ""))
            if line.get("to"):
                self.date(f"{start}to", line["to"])
            elif first:
                self.place_date(f"{start}to", first)
            for part, shape in wanted[0].items():
                if part == "modifiers":
                    self.lines(f"{start}modifier", line.get(part, ()), _TOO_MANY_MODIFIERS)
                elif part in line and shape is not DATE:
                    self.value(start + part, line[part], shape)

    def npi(self, box: Box, text: str) -> bool:
        """An NPI with its check digit."""
        if _is_npi(text):
            return True
        self.problem(box, block, "npi.wrong", _NO_NPI)
        return False

    def icd(self, box: Box, text: str) -> bool:
        """A diagnosis code of an unusual shape is worth a warning; item 21 may also hold ICD-9."""
        if ids.ICD10.pattern.fullmatch(text) is None:
            self.problem(box, warn, "icd.shape", _NO_ICD)
        return True

    def pointer(self, box: Box, text: str) -> bool:
        """Letters of diagnoses that are there."""
        if text.strip(LETTERS):
            self.problem(box, block, "pointer.unreadable", _NO_POINTER)
            return False
        empty = [letter for letter in text if not self.diagnosis(letter).strip()]
        if empty:
            self.problem(box, block, "pointer.empty", _EMPTY_POINTER, letters=", ".join(empty))
        return not empty

    def diagnosis(self, letter: str) -> str:
        """The code of item 21 at a letter, or nothing."""
        index = LETTERS.index(letter)
        return self.codes[index] if index < len(self.codes) else ""

    def units(self, box: Box, text: str) -> bool:
        """Digits, with a point only for a fraction."""
        if text.isdigit() or text.replace(".", "", 1).isdigit():
            return True
        self.problem(box, block, "units.unreadable", _NO_UNITS)
        return False

    def digits(self, box: Box, text: str) -> bool:
        """Telephone numbers."""
        if not text.isdigit():
            self.problem(box, warn, "phone.shape", _NO_PHONE)
        return True

    def too_long(self, box: Box, count: int, width: int) -> None:
        """A text that does not fit."""
        self.problem(box, block, "text.too-long", _TOO_LONG, count=count, width=width)

    def problem(self, box: Box, severity: Callable[..., Problem], code: str, message: str, **facts: object) -> None:
        """A problem about a box, with the box's name in front."""
        label, part = _(box.label), box.label.rpartition(", ")[2]
        if part in {"month", "day", "year"}:
            label = label.rpartition(", ")[0]
        item, field = self.counted(box.item), self.counted(box.key)
        place = _("{label} (item {item})").format(label=label, item=item_name(item))
        self.problems.append(severity(code, f"{place}: {_(message).format(**facts)}", item=item, field=field))

    def counted(self, name: str) -> str:
        """The item or key of a service line ("24F.2", "24.2.charge") as counted through all forms of the claim."""
        return _LINE.sub(lambda line: f"{line[1]}.{int(line[2]) + self.first - 1}", name)


_SPECIAL: dict[str, Callable[[_Sheet, str, Any, Any], None]] = {
    "carrier": _Sheet.carrier,
    "19": _Sheet.additional,
    "21": _Sheet.diagnoses,
    "24": _Sheet.services,
}
_CHECKS: dict[str, Callable[[_Sheet, Box, str], bool]] = {
    "npi": _Sheet.npi,
    "icd": _Sheet.icd,
    "pointer": _Sheet.pointer,
    "units": _Sheet.units,
    "digits": _Sheet.digits,
}


_LINE = re.compile(r"^(24[A-J]?)\.([1-9])", re.ASCII)


def item_name(item: str) -> str:
    """`24E.1` as people say it."""
    number, _dot, line = item.partition(".")
    return _("{item}, line {line}").format(item=number, line=line) if line else item


def date_parts(text: str) -> tuple[str, str, str] | None:
    """Year, month and day of a date in ISO form, or None."""
    try:
        if dt.date.fromisoformat(text).isoformat() != text:
            return None
    except ValueError:
        return None
    return text[:4], text[5:7], text[8:]


@functools.lru_cache(maxsize=512)
def _is_npi(text: str) -> bool:
    return ids.NPI.is_valid(text)


def N_(message: str) -> str:
    """Marks a text for translation where it is used."""
    return message


_UNPRINTABLE = N_("it has {signs}, which the form cannot print. Spell it in Latin letters.")
_NOTHING = N_("it holds only signs that the form leaves out. Mend it.")
_SPELLED = N_("spelled for print, {letters}.")
_TOO_LONG = N_("{count} characters do not fit, the box holds {width}. Shorten it.")
_NO_AMOUNT = N_("this is not an amount. Write it as 120.00.")
_NEGATIVE = N_("the amount is negative, which the form does not take. Mend it.")
_TOO_MANY_DOLLARS = N_(
    "{count} digits of dollars do not fit, the box holds {width}. Mend the amount or split the claim."
)
_NO_DATE = N_("there is no such date. Write it as 2026-11-21.")
_CENTURY = N_("the year {year} prints as {last} and reads as 20{last}. Check the year.")
_NO_NPI = N_("this is not an NPI: ten digits, of which the last one checks the others. Check the number.")
_NO_ICD = N_("this does not look like an ICD-10 code such as M54.2. Check the code.")
_NO_POINTER = N_("a pointer is made of letters from A to L. Name diagnoses of item 21.")
_EMPTY_POINTER = N_("it points to {letters}, but item 21 holds no such diagnosis. Point to one that is there.")
_NO_UNITS = N_("this is not a number of units. Write it as 4.")
_NO_CHOICE = N_("{text} is no code that belongs here, such as {choices}. Check it.")
_NO_PHONE = N_("this has signs other than digits. Check the number.")
_TOO_MANY_LINES = N_("Item {item} holds {most} lines, {count} are given. Join some.")
_TOO_MANY_DIAGNOSES = N_("Item {item} holds {most} diagnoses, {count} are given. Bill the others on a second claim.")
_TOO_MANY_SERVICES = N_("Item {item} holds {most} service lines on a page, {count} are given. Use another page.")
_TOO_MANY_MODIFIERS = N_("Item {item} holds {most} modifiers, {count} are given. Leave out some.")
