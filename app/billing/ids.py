"""Numbers that identify people, firms and services: NPI, EIN, SSN, ZIP, phone, taxonomy, codes.

Each is an `Identifier` with the same four verbs. Wrongly refusing a good number is worse than accepting a bad one:
only the NPI, whose check digit is certain (CMS, "Requirements for NPI check digit"), is held to arithmetic.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from app.errors import InputError
from app.i18n import _


@dataclass(frozen=True)
class Identifier:
    """A kind of number: what it is called, how it is written without ornaments, when it can be right."""

    name: str
    pattern: re.Pattern[str]
    ornaments: str
    wanted: str
    check: Callable[[str], bool] = lambda text: True
    shape: Callable[[str], str] = lambda text: text

    def compact(self, text: str) -> str:
        """The number as it is stored and printed in boxes: capitals, no separators."""
        if text.isalnum():  # most are: there is nothing to take out
            return text.upper()
        return "".join(text.translate(self._without).split()).upper()

    @cached_property
    def _without(self) -> dict[int, int | None]:
        return str.maketrans("", "", self.ornaments)

    def validate(self, text: str) -> str:
        """The compact number; raises InputError when it cannot be right. The message never holds the number."""
        number = self.compact(text)
        if self.pattern.fullmatch(number) is None or not self.check(number):
            raise InputError(_("Not a valid {name}.").format(name=self.name), self.wanted)
        return number

    def is_valid(self, text: str) -> bool:
        """Whether `validate` accepts it."""
        try:
            self.validate(text)
        except InputError:
            return False
        return True

    def format(self, text: str) -> str:
        """The number as people write it; what is not valid stays as typed."""
        return self.shape(self.compact(text)) if self.is_valid(text) else text


def npi_check_digit(first_nine: str) -> int:
    """The tenth digit: Luhn over 80840 and the nine (the 80840 adds a constant 24)."""
    total = 24
    for position, digit in enumerate(reversed(first_nine)):
        double = int(digit) * 2 if position % 2 == 0 else int(digit)
        total += double - 9 if double > 9 else double
    return -total % 10


def _digits(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


NPI = Identifier(
    "NPI", _digits(r"[12]\d{9}"), "-.", "An NPI has ten digits, begins with 1 or 2 and ends with a check digit.",
    check=lambda number: int(number[-1]) == npi_check_digit(number[:-1]),
)  # fmt: skip
EIN = Identifier(
    "EIN", _digits(r"\d{9}"), "-", "An EIN has nine digits: 12-3456789.",
    check=lambda number: number[:2] != "00", shape=lambda number: f"{number[:2]}-{number[2:]}",
)  # fmt: skip
SSN = Identifier(
    "SSN", _digits(r"\d{9}"), "-", "An SSN has nine digits: 123-45-6789.",
    check=lambda number: number[:3] not in {"000", "666"} and number[3:5] != "00" and number[5:] != "0000",
    shape=lambda number: f"{number[:3]}-{number[3:5]}-{number[5:]}",
)  # fmt: skip
ZIP = Identifier(
    "ZIP code", _digits(r"\d{5}(\d{4})?"), "-", "A ZIP code has five or nine digits.",
    shape=lambda number: number if len(number) == 5 else f"{number[:5]}-{number[5:]}",
)  # fmt: skip
PHONE = Identifier(
    "phone number", _digits(r"\d{10}"), "-.()/+", "A phone number has ten digits.",
    shape=lambda number: f"({number[:3]}) {number[3:6]}-{number[6:]}",
)  # fmt: skip
TAXONOMY = Identifier(
    "taxonomy code", _digits(r"[0-9]{3}[0-9A-Z]{6}X"), "-", "A taxonomy code has ten characters and ends with X.",
)  # fmt: skip
STATE = Identifier("state", _digits(r"[A-Z]{2}"), ".", "A state has two letters, such as WA.")
PROCEDURE = Identifier(
    "procedure code", _digits(r"\d{4}[0-9A-Z]|[A-Z]\d{4}"), "-. ", "A procedure code has five characters.",
)  # fmt: skip
MODIFIER = Identifier("modifier", _digits(r"[0-9A-Z]{2}"), " ", "A modifier has two characters.")
ICD10 = Identifier(
    "ICD-10 code", _digits(r"[A-Z][0-9A][0-9A-Z]([0-9A-Z]{1,4})?"), ".", "An ICD-10 code looks like M54.2 or S13.4XXA.",
    shape=lambda code: code if len(code) == 3 else f"{code[:3]}.{code[3:]}",
)  # fmt: skip
