"""Words, money and dates for people. Dates print as MM/DD/YYYY in every language and are read strictly.

Babel only prints: it reads "2/3/80" as 2080 and "13/2/26" as 13 February without complaint.
"""

from __future__ import annotations

import datetime as dt
import gettext as _gettext
import re

from app import paths
from app.errors import InputError

_catalog: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"


def set_language(language: str) -> None:
    """Use the catalog of `language` ("en", "es"); a language without a catalog leaves the English texts."""
    global _catalog, _language
    _catalog, _language = catalog(language), language


def language() -> str:
    """The language in use."""
    return _language


def catalog(language: str) -> _gettext.NullTranslations:
    """The texts of a paper, whose reader may want another language than the screen's. English where there is none."""
    return _gettext.translation("app", paths.resource("locale"), [language], fallback=True)


def _(message: str) -> str:
    """The text in the user's language."""
    return _catalog.gettext(message)


def N_(message: str) -> str:
    """The same text, marked for the catalog: it is translated where it is shown."""
    return message


def ngettext(one: str, many: str, count: int) -> str:
    """The text for a count, in the user's language."""
    return _catalog.ngettext(one, many, count)


def money_text(cents: int) -> str:
    """`"1,250.00"`: dollars without a sign of currency, for screens and superbills."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def date_text(date: dt.date | None) -> str:
    """`"11/21/2026"`, or nothing."""
    return f"{date.month:02d}/{date.day:02d}/{date.year:04d}" if date else ""  # strftime is ten times slower


_DATE_FORMS = (
    re.compile(r"(?P<m>\d{1,2})[/.-](?P<d>\d{1,2})[/.-](?P<y>\d{4}|\d{2})", re.ASCII),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})", re.ASCII),
    re.compile(r"(?P<m>\d{2})(?P<d>\d{2})(?P<y>\d{4}|\d{2})", re.ASCII),
    re.compile(r"(?P<m>\d{2})(?P<d>\d{2})", re.ASCII),
)


def parse_date(text: str, *, today: dt.date, past: bool = False) -> dt.date:
    """A date from what a person types: `11/18/2026`, `111826`, `1118` (this year), ISO, `t`, `y`.

    Two-digit years lie within 50 years after `today`'s century start rule: 20YY unless that is more than ten
    years ahead; with `past` (birth dates) never ahead of today. Raises InputError.
    """
    text = text.strip().lower()
    if text in {"t", "today"}:
        return today
    if text in {"y", "yesterday"}:
        return today - dt.timedelta(days=1)
    for form in _DATE_FORMS:
        match = form.fullmatch(text)
        if match is None:
            continue
        parts = match.groupdict()
        year = _year(parts.get("y"), today)
        try:
            date = dt.date(year, int(parts["m"]), int(parts["d"]))
            if len(parts.get("y") or "") == 2 and date > (
                today if past else today.replace(year=today.year + 10, day=1)
            ):
                date = date.replace(year=year - 100)
        except ValueError:
            break
        return date
    raise InputError("Not a date.", "Try 11182026, 11/18/2026 or t for today.")


def _year(text: str | None, today: dt.date) -> int:
    if text is None:
        return today.year
    return int(text) if len(text) == 4 else today.year // 100 * 100 + int(text)
