"""From the text that stands in each box back to a page's values: the way of `marks`, in the other direction."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from app.billing.problems import Problem, block
from app.forms.values import CONTINUED, DATE, FORMAT, LETTERS, MONEY, SERVICE_LINE, TEXT, UNNAMED, YES_NO, Page
from app.i18n import _


class Gathered(NamedTuple):
    """The values of a page, and the boxes whose text makes no sense and is left out."""

    values: Page
    problems: list[Problem]


def gather(texts: Mapping[str, str]) -> Gathered:
    """A page's values from the text by box key. Years of two digits are 20YY; codes get their dot back."""
    boxes = _Boxes(texts)
    page: Page = {}
    for item, wanted in FORMAT.items():
        value = _SPECIAL[item](boxes) if item in _SPECIAL else boxes.value(item, wanted)
        if value not in _NOTHING:
            page[item] = value
    return Gathered(page, boxes.problems)


_NOTHING: tuple[Any, ...] = ("", None, [], {})
_MOST_LINES = 12


class _Boxes:
    """The texts of one page while they are gathered."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.problems: list[Problem] = []

    def value(self, key: str, wanted: Any) -> Any:
        """A value of any shape of the format; something empty when its boxes are."""
        if isinstance(wanted, str):
            return _PLAIN[wanted](self, key)
        if isinstance(wanted, tuple):
            return self.choice(key, wanted)
        if isinstance(wanted, list):
            return self.lines(key.replace("modifiers", "modifier"))
        return self.parts(key, wanted)

    def text(self, key: str) -> str:
        """What stands there."""
        return self.texts.get(key, "")

    def yes_no(self, key: str) -> bool | None:
        """Which of the two boxes is crossed."""
        return {"yes": True, "no": False}.get(self.choice(key, ("yes", "no")))

    def parts(self, key: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """The parts of a value that are not empty."""
        found = {part: self.value(key if part in UNNAMED else f"{key}.{part}", shape) for part, shape in wanted.items()}
        return {part: value for part, value in found.items() if value not in _NOTHING}

    def lines(self, key: str) -> list[str]:
        """Numbered texts up to the last that is not empty."""
        return _trimmed([self.texts.get(f"{key}.{number}", "") for number in range(1, _MOST_LINES + 1)])

    def choice(self, key: str, words: tuple[str, ...]) -> str:
        """The word whose box is crossed."""
        crossed = [word for word in words if self.texts.get(f"{key}.{word}")]
        if len(crossed) > 1:
            self.wrong(key, _("more than one box is crossed"))
        return crossed[0] if len(crossed) == 1 else ""

    def money(self, key: str) -> str:
        """`120.00` from 12000; the two last digits are cents."""
        text = self.texts.get(key, "")
        digits = re.sub(r"[ .]", "", text)
        if not text or text == CONTINUED:
            return text
        if not re.fullmatch(r"\d{2,}", digits, re.ASCII):
            self.wrong(key, _("there is no amount in it"))
            return ""
        return f"{int(digits[:-2] or '0')}.{digits[-2:]}"

    def date(self, key: str) -> str:
        """A date in ISO form, from three boxes or one."""
        one = self.texts.get(key, "").split()
        month, day, year = (
            one if len(one) == 3 else (self.texts.get(f"{key}.{part}", "") for part in ("mm", "dd", "yy"))
        )
        if not (one or month or day or year):
            return ""
        try:
            if not all(re.fullmatch(r"\d{2}|\d{4}", part, re.ASCII) for part in (month, day, year)):
                raise ValueError
            return dt.date(int(year if len(year) == 4 else f"20{year}"), int(month), int(day)).isoformat()
        except ValueError:
            self.wrong(key, _("there is no date in it"))
            return ""

    def wrong(self, key: str, fault: str) -> None:
        """A box that makes no sense."""
        item, _dot, line = key.partition(".")
        place = f"{item}, line {line[0]}" if item == "24" else item
        message = _("Item {place}: {fault}, so it is left out. Look at the page.").format(place=place, fault=fault)
        self.problems.append(block("read.unclear", message, item=item, field=key))

    def carrier(self) -> list[str]:
        """Three lines when the third of the four places is blank."""
        lines = self.lines("carrier")
        return [*lines[:2], lines[3]] if len(lines) == 4 and not lines[2] else lines

    def additional(self) -> str:
        """Item 19 with what stands at the end of the caption's line before it."""
        above, text = self.texts.get("19.caption", ""), self.texts.get("19", "")
        return above.ljust(_CAPTION_WIDTH) + text if above else text

    def diagnoses(self) -> dict[str, Any]:
        """Item 21 with the dots of its codes."""
        indicator = self.texts.get("21.indicator", "")
        codes = _trimmed([_dotted(self.texts.get(f"21.{letter}", ""), indicator) for letter in LETTERS])
        return {key: value for key, value in (("indicator", indicator), ("codes", codes)) if value}

    def services(self) -> list[dict[str, Any]]:
        """Item 24; a blank line before a filled one is kept."""
        lines = [self.parts(f"24.{number}", SERVICE_LINE) for number in range(1, _MOST_LINES + 1)]
        return _trimmed(lines)


_CAPTION_WIDTH = 23
_PLAIN: dict[str, Callable[[_Boxes, str], Any]] = {
    TEXT: _Boxes.text,
    MONEY: _Boxes.money,
    DATE: _Boxes.date,
    YES_NO: _Boxes.yes_no,
}
_SPECIAL: dict[str, Callable[[_Boxes], Any]] = {
    "carrier": _Boxes.carrier,
    "19": _Boxes.additional,
    "21": _Boxes.diagnoses,
    "24": _Boxes.services,
}


def _trimmed(values: list[Any]) -> list[Any]:
    while values and not values[-1]:
        values.pop()
    return values


def _dotted(code: str, indicator: str) -> str:
    """An ICD-10 code has its dot after three characters; so has ICD-9, whose E codes have it after four."""
    place = 4 if indicator == "9" and code.startswith("E") else 3
    return f"{code[:place]}.{code[place:]}" if len(code) > place else code
