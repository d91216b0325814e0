"""How the CMS-1500 writes names and the claim's number: shared by the items and by the checks of their length."""

from __future__ import annotations

from app.billing.ids import ZIP


def listed_name(last: str, first: str, middle: str, suffix: str = "") -> str:
    """`Last Suffix, First, M`: commas between the parts, the suffix after the last name (NUCC item 2)."""
    parts = (f"{last} {suffix}".strip(), first.strip(), middle.strip()[:1])
    return ", ".join(part for part in parts if part)


def plain_name(first: str, middle: str, last: str, credentials: str) -> str:
    """`First M Last Credentials` (NUCC items 17 and 31)."""
    return " ".join(part for part in (first.strip(), middle.strip()[:1], last.strip(), credentials.strip()) if part)


def city_line(city: str, state: str, zip_code: str) -> str:
    """`Tacoma WA 98402-1234`: the last line of an address in items 32 and 33 and of the payer's."""
    return " ".join(part for part in (city.strip(), state.strip(), ZIP.format(zip_code)) if part)


def account_number(number: str) -> str:
    """A claim's number as item 26 holds it: letters and digits only."""
    return "".join(sign for sign in number if sign.isalnum())
