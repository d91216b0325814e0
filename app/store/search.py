"""Finding people as one types: words without accents or case, dates and telephone numbers as digits."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true

from app.billing.records import Client
from app.store.tables import ClientRow, PolicyRow

_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
_ORNAMENTS = re.compile(r"[-().,/+'’]")
_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})|(\d{4})-(\d{2})-(\d{2})", re.ASCII)


def folded(text: str) -> str:
    """Small letters without accents: "Łukasz Ñandú" is "lukasz nandu"."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).translate(_PLAIN)


def client_words(client: Client) -> str:
    """What `ClientRow.search` holds: the name first, for the order of lists, then whatever else finds the client."""
    names = [client.last_name, client.first_name, client.middle_name, client.suffix]
    words: list[str] = []
    for text in (*names, client.number):
        for word in folded(text).split():
            pieces = re.findall(r"\w+", word)
            words += [word, *(pieces if len(pieces) > 1 else ()), "".join(pieces)]
    digits = "".join(re.findall(r"\d", client.phone))
    words += [digits, digits[3:], digits[6:]] if len(digits) == 10 else [digits]
    if client.birth_date:
        words += [_digits(client.birth_date), f"{client.birth_date:%Y%m%d}"]
    return " " + " ".join(dict.fromkeys(word for word in words if word))


def _digits(date: dt.date) -> str:
    return f"{date:%m%d}{date.year:04d}"


def matches_clients(text: str) -> ColumnElement[bool]:
    """SQL that is true for a client in whom every word of `text` begins a word, or a member id of whose begins so.

    Wildcards of SQL have no meaning in it.
    """
    return and_(true(), *(_matches(word) for word in folded(text).split()))


def _matches(word: str) -> ColumnElement[bool]:
    forms = {word, _ORNAMENTS.sub("", word), _date_digits(word)} - {""}
    named = [ClientRow.search.like(f"% {_literal(form)}%", escape="\\") for form in sorted(forms)]
    member = [starts_with(PolicyRow.member_id, form) for form in sorted(forms)]
    return or_(*named, ClientRow.id.in_(select(PolicyRow.client_id).where(or_(*member))))


def starts_with(column: Any, text: str) -> ColumnElement[bool]:
    """SQL for a column that begins with `text`, whatever the case of its letters; wildcards have no meaning in it."""
    matched: ColumnElement[bool] = column.like(f"{_literal(text)}%", escape="\\")
    return matched


def _date_digits(word: str) -> str:
    """`2/3/1980` as 02031980; with a year of two digits as far as it goes, 0203."""
    match = _DATE.fullmatch(word)
    if match is None:
        return ""
    month, day, year, iso_year, iso_month, iso_day = match.groups()
    if iso_year:
        return f"{iso_month}{iso_day}{iso_year}"
    return f"{month:0>2}{day:0>2}{year if len(year) == 4 else ''}"


def _literal(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
