"""The letters of a typewriter: capitals, digits and plain signs, and the style each kind of box wants them in.

Accents fold to their base letter; letters without one take their usual spelling (Đ D, Ł L, ß SS). What has no Latin
spelling is named, for the caller to refuse: nothing is dropped without a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple


class Spelled(NamedTuple):
    """Capitals in ASCII; which letters changed into what; which signs have no spelling."""

    text: str
    changed: list[tuple[str, str]]
    unknown: list[str]


_SPELLINGS = {
    "Đ": "D", "đ": "d", "Ð": "D", "ð": "d", "Ł": "L", "ł": "l", "Ø": "O", "ø": "o", "Æ": "AE", "æ": "ae",
    "Œ": "OE", "œ": "oe", "ß": "ss", "ẞ": "SS", "Þ": "TH", "þ": "th", "ı": "i", "Ħ": "H", "ħ": "h",
    "Ŋ": "NG", "ŋ": "ng", "Ŧ": "T", "ŧ": "t", "ĸ": "k", "Ɖ": "D", "ɖ": "d", "Ɓ": "B", "ɓ": "b",
    "Ɗ": "D", "ɗ": "d", "Ƙ": "K", "ƙ": "k", "Ə": "E", "ə": "e", "Ƶ": "Z", "ƶ": "z", "Ƀ": "B", "ƀ": "b",
}  # fmt: skip
_SAME = {
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "ʻ": "'", "ʼ": "'", "ʹ": "'", "´": "'", "′": "'",
    "“": '"', "”": '"', "„": '"', "″": '"', "«": '"', "»": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "⁄": "/",
}  # fmt: skip
"""Typographic forms of signs that a typewriter has: no change of spelling."""


def spell(text: str) -> Spelled:
    """The text in capitals, in the characters from blank to tilde."""
    if text.isascii():
        return Spelled(
            text.upper(), [], [] if text.isprintable() else [sign for sign in text if not sign.isprintable()]
        )
    spelled: list[str] = []
    changed: dict[str, str] = {}
    unknown: dict[str, None] = {}
    for sign in unicodedata.normalize("NFC", text):
        plain = _plain(sign)
        if plain is None:
            unknown[sign] = None
            continue
        spelled.append(plain)
        if not sign.isascii() and sign not in _SAME and plain.strip():
            changed[sign] = plain.upper()
    return Spelled("".join(spelled).upper(), list(changed.items()), list(unknown))


def _plain(sign: str) -> str | None:
    """One sign in plain letters: nothing for a mark that cannot be seen alone, None when it has no spelling."""
    if sign.isascii():
        return sign if sign.isprintable() else None
    if sign in _SAME:
        return _SAME[sign]
    if unicodedata.category(sign) == "No":  # a raised figure or a fraction: beside digits it would read as one of them
        return None
    letters = []
    for part in unicodedata.normalize("NFKD", sign):
        if unicodedata.category(part) in {"Mn", "Cf"}:
            continue
        part = _SPELLINGS.get(part) or _SAME.get(part) or part  # noqa: PLW2901 - one letter, respelled
        if not part.isascii():
            return None
        letters.append(part)
    return "".join(letters)


def visible(sign: str) -> str:
    """A sign for a message: itself with its number, or its number alone when it cannot be shown."""
    number = f"U+{ord(sign):04X}"
    return f"{sign} ({number})" if sign.isprintable() and sign != " " else number


_NINE_DIGIT_ZIP = re.compile(r"(?<= [A-Z]{2} )(\d{5}) ?(\d{4})$", re.ASCII)
_BLANKS = re.compile(r" {2,}")
_COMMA = re.compile(r" *, *")
_ADDRESS_GONE = re.compile(r"[.'\"`]")
_ADDRESS_BLANK = re.compile(r"(?<!\d)/|/(?!\d)|[^A-Z0-9 &/-]")
_SEPARATORS = re.compile(r"[- ]")
_PHONE_SIGNS = re.compile(r"[-+.()/ ]")
_POINTER_SIGNS = re.compile(r"[-, ]")


def _person(text: str) -> str:
    return _COMMA.sub(" ", text.replace(".", "")).strip()


def _name(text: str) -> str:
    return re.sub(r"[.'`]", "", text).strip()


def _address(text: str) -> str:
    """No punctuation but hyphens; an ampersand is a word and the slash of a fraction is part of a number."""
    plain = _ADDRESS_BLANK.sub(" ", _ADDRESS_GONE.sub("", text))
    return _NINE_DIGIT_ZIP.sub(r"\1-\2", _BLANKS.sub(" ", plain).strip())


def _zip(text: str) -> str:
    digits = _SEPARATORS.sub("", text)
    return f"{digits[:5]}-{digits[5:]}" if digits.isdigit() and len(digits) == 9 else text.strip()


def _id(text: str) -> str:
    return _SEPARATORS.sub("", text)


STYLES: dict[str, Callable[[str], str]] = {
    "text": str.strip,
    "free": str.rstrip,
    "units": str.strip,
    "name": _name,
    "person": _person,
    "address": _address,
    "zip": _zip,
    "id": _id,
    "npi": _id,
    "digits": lambda text: _PHONE_SIGNS.sub("", text),
    "icd": lambda text: text.replace(".", "").replace(" ", ""),
    "pointer": lambda text: _POINTER_SIGNS.sub("", text),
}
"""What each kind of box makes of a text in capitals."""


def _ready(signs: str, blanks: str = "") -> Callable[[str], object]:
    """A quick test that a text needs no change: only these signs, and blanks of this form between them."""
    pattern = f"[{signs}]+" + (f"(?:{blanks}[{signs}]+)*" if blanks else "")
    return re.compile(pattern, re.ASCII).fullmatch


_PLAIN_ADDRESS = _ready("A-Z0-9&-", " ")

READY: dict[str, Callable[[str], object]] = {
    "text": _ready("!-`{-~", " +"),
    "free": _ready("!-`{-~", " +"),
    "units": _ready("0-9."),
    "name": _ready("A-Z0-9,&-", " +"),
    "person": _ready("A-Z0-9&-", " +"),
    "address": lambda text: _PLAIN_ADDRESS(text) and not text[-4:].isdigit(),
    "zip": re.compile(r"\d{5}(-\d{4})?", re.ASCII).fullmatch,
    "id": _ready("A-Z0-9"),
    "npi": _ready("0-9"),
    "digits": _ready("0-9"),
    "icd": _ready("A-Z0-9"),
    "pointer": _ready("A-Z"),
}
