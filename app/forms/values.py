"""The values of a page: the JSON in which they go in and out, as data, and a strict reader for it.

`FORMAT` is the whole format (docs/VALUES.md tells it in words). The reader judges JSON, keys and types only, and
raises InputError; whether a value fits on the form is for `marks` to say, as problems.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from app.errors import InputError
from app.i18n import _

Page = dict[str, Any]

TEXT, DATE, MONEY, YES_NO = "text", "a date such as 2026-11-21", "money as text such as 120.00", "true or false"
PROGRAMS = ("medicare", "medicaid", "tricare", "champva", "group", "feca", "other")
RELATIONS = ("self", "spouse", "child", "other")
LETTERS = "ABCDEFGHIJKL"
CONTINUED = "CONTINUED"
"""What item 28 says on every page of a claim but the last."""
UNNAMED = frozenset({"yes", "kind", "lines"})
"""Parts of a value whose boxes carry the item's own name: `10b.yes`, `25.EIN`, `33.1`."""
_SEX = ("M", "F")
_BIRTH = {"dob": DATE, "sex": _SEX}
_ADDRESS = {"street": TEXT, "city": TEXT, "state": TEXT, "zip": TEXT, "area": TEXT, "phone": TEXT}
_SIGNATURE = {"signed": TEXT, "date": DATE}
_DATE_WITH_QUALIFIER = {"date": DATE, "qualifier": TEXT}
_SPAN = {"from": DATE, "to": DATE}
_NUMBER_WITH_QUALIFIER = {"qualifier": TEXT, "id": TEXT}
SERVICE_LINE: dict[str, Any] = {
    "shaded": TEXT,
    "from": DATE,
    "to": DATE,
    "place": TEXT,
    "emg": TEXT,
    "code": TEXT,
    "modifiers": [TEXT],
    "pointer": TEXT,
    "charge": MONEY,
    "units": TEXT,
    "epsdt": TEXT,
    "epsdt_shaded": TEXT,
    "id_qualifier": TEXT,
    "id": TEXT,
    "npi": TEXT,
}
FORMAT: dict[str, Any] = {
    "carrier": [TEXT],
    "page": TEXT,
    "1": PROGRAMS,
    "1a": TEXT,
    "2": TEXT,
    "3": _BIRTH,
    "4": TEXT,
    "5": _ADDRESS,
    "6": RELATIONS,
    "7": _ADDRESS,
    "8": TEXT,
    "9": TEXT,
    "9a": TEXT,
    "9b": TEXT,
    "9c": TEXT,
    "9d": TEXT,
    "10a": YES_NO,
    "10b": {"yes": YES_NO, "state": TEXT},
    "10c": YES_NO,
    "10d": TEXT,
    "11": TEXT,
    "11a": _BIRTH,
    "11b": _NUMBER_WITH_QUALIFIER,
    "11c": TEXT,
    "11d": YES_NO,
    "12": _SIGNATURE,
    "13": TEXT,
    "14": _DATE_WITH_QUALIFIER,
    "15": _DATE_WITH_QUALIFIER,
    "16": _SPAN,
    "17": {"qualifier": TEXT, "name": TEXT},
    "17a": _NUMBER_WITH_QUALIFIER,
    "17b": TEXT,
    "18": _SPAN,
    "19": TEXT,
    "20": {"yes": YES_NO, "charges": MONEY},
    "21": {"indicator": TEXT, "codes": [TEXT]},
    "22": {"code": TEXT, "reference": TEXT},
    "23": TEXT,
    "24": [SERVICE_LINE],
    "25": {"id": TEXT, "kind": ("EIN", "SSN")},
    "26": TEXT,
    "27": YES_NO,
    "28": MONEY,
    "29": MONEY,
    "30": TEXT,
    "31": _SIGNATURE,
    "32": [TEXT],
    "32a": TEXT,
    "32b": TEXT,
    "33": {"area": TEXT, "phone": TEXT, "lines": [TEXT]},
    "33a": TEXT,
    "33b": TEXT,
}
"""Every key of a page: a kind of text, a tuple of the words allowed, `{}` of such, or `[]` of such."""

LARGEST_FILE = 64 * 1024 * 1024
MOST_PAGES = 10_000


def read_json(content: bytes) -> list[Page]:
    """The pages of a JSON file. Raises InputError with what is wrong and where."""
    if len(content) > LARGEST_FILE:
        raise InputError(_("This file is larger than 64 MB."), _("Give the pages in several files."))
    try:
        data = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_without_doubles)
    except UnicodeDecodeError as error:
        raise InputError(_("This file is not text in UTF-8."), _("Save it as JSON in UTF-8.")) from error
    except RecursionError as error:
        raise InputError(_("This JSON is nested too deeply."), _("A page is at most three levels deep.")) from error
    except json.JSONDecodeError as error:
        place = _("line {line}, column {column}").format(line=error.lineno, column=error.colno)
        raise InputError(_("This is not JSON: {fault} at {place}.").format(fault=error.msg, place=place)) from error
    except ValueError as error:  # a number of more digits than Python reads
        raise InputError(_("This JSON holds a number that is too long."), _("Write values as text.")) from error
    return parse(data)


def parse(data: object) -> list[Page]:
    """The pages of one page or an array of pages. Raises InputError, which names page and key."""
    pages: list[Any] = data if isinstance(data, list) else [data]
    if not pages:
        raise InputError(_("There is no page in it."), _("Give an array of pages; {} is a blank page."))
    if len(pages) > MOST_PAGES:
        raise InputError(
            _("{count} pages are too many at once.").format(count=len(pages)),
            _("Give at most {most} in one file.").format(most=MOST_PAGES),
        )
    for number, page in enumerate(pages, 1):
        fault = next(_faults(page, FORMAT, ""), None)
        if fault:
            raise InputError(_("Page {number}: {fault}").format(number=number, fault=fault))
    return pages


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InputError(_("The key {key} stands twice in one object.").format(key=_shown(key)))
        found[key] = value
    return found


def _faults(value: object, wanted: Any, path: str) -> Iterator[str]:
    if isinstance(wanted, dict):
        yield from _object_faults(value, wanted, path)
    elif isinstance(wanted, list):
        if isinstance(value, list):
            for number, part in enumerate(value, 1):
                yield from _faults(part, wanted[0], f"{path}[{number}]")
        else:
            yield _wrong_type(path, _("an array"), value)
    elif wanted is YES_NO:
        if not isinstance(value, bool):
            yield _wrong_type(path, YES_NO, value)
    elif not isinstance(value, str):
        yield _wrong_type(path, wanted if isinstance(wanted, str) else _("text"), value)
    elif isinstance(wanted, tuple) and value and value not in wanted:
        yield _("{path} must be one of: {words}.").format(path=_shown(path), words=", ".join(wanted))


def _object_faults(value: object, wanted: dict[str, Any], path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            place = f"{path}.{key}" if path else str(key)
            if key in wanted:
                yield from _faults(part, wanted[key], place)
            else:
                known = ", ".join(wanted)
                yield _("{key} is not a key. Use one of: {known}.").format(key=_shown(place), known=known)
    else:
        yield _wrong_type(path, _("an object with keys"), value)


_JSON_TYPES = {dict: "an object", list: "an array", str: "text", bool: "true or false", type(None): "null"}


def _wrong_type(path: str, wanted: str, value: object) -> str:
    found = _JSON_TYPES.get(type(value), "a number")
    place = _shown(path) if path else _("it")
    return _("{place} must be {wanted}, not {found}.").format(place=place, wanted=wanted, found=found)


def _shown(key: str) -> str:
    """A key in a message: short, in quotes, printable."""
    return ascii(key if len(key) <= 40 else key[:37] + "...").replace("'", '"')
