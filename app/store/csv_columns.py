"""The columns of the lists that go out and come in as CSV: what each is called here and elsewhere, read and written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import partial
from typing import Any

from app.billing import ids
from app.billing.money import dollars_text, parse_cents
from app.billing.records import Client, Payer
from app.errors import InputError
from app.i18n import _, date_text, parse_date
from app.store.search import folded

LONGEST = 200
"""Characters of a cell; more is no name and no address."""
LONGEST_NOTE = 4_000


@dataclass(frozen=True)
class Column:
    """`key` names the field; `names` are headings by which other programs call it, folded and without blanks."""

    key: str
    title: str
    names: tuple[str, ...]
    read: Callable[[str], Any]
    show: Callable[[Any], str] = str

    def known_as(self, heading: str) -> bool:
        """Whether a heading means this column."""
        return plain(heading) in {plain(self.key), plain(self.title), *self.names}


def plain(text: str) -> str:
    """A heading without case, accents, blanks and signs: "E-mail Address" is "emailaddress"."""
    return re.sub(r"[^a-z0-9]", "", folded(text))


def guess(columns: Sequence[Column], headings: Sequence[str]) -> dict[int, str]:
    """Which field each heading means, by its place; a field is taken once, by the first that means it."""
    found: dict[int, str] = {}
    for at, heading in enumerate(headings):
        for column in columns:
            if column.key not in found.values() and column.known_as(heading):
                found[at] = column.key
                break
    return found


def _words(text: str, most: int = LONGEST) -> str:
    if len(text) > most:
        wrong = _("{count} characters are too long; {most} is the most.").format(count=len(text), most=most)
        raise InputError(wrong, _("Shorten it."))
    return text


def _date(text: str, *, past: bool, today: dt.date) -> dt.date:
    made = parse_date(text, today=today, past=past)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d|.*\d{4}", text):
        raise InputError(_("The year has no four digits."), _("Write 11/18/1986 or 1986-11-18."))
    return made


def _choice(kind: type[StrEnum], text: str, words: Mapping[str, StrEnum]) -> StrEnum:
    for value in kind:
        if plain(text) in {plain(value.value), plain(value.name)}:
            return value
    if plain(text) in words:
        return words[plain(text)]
    raise InputError(_("Not one of {words}.").format(words=", ".join(v.value for v in kind)), _("Use one of these."))


def _yes(text: str) -> bool:
    if plain(text) in {"yes", "y", "true", "1", "x"}:
        return True
    if plain(text) in {"no", "n", "false", "0"}:
        return False
    raise InputError(_("Neither yes nor no."), _("Write yes or no."))


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text, re.ASCII):
        raise InputError(_("Not a number."), _("Type digits only."))
    return int(text)


def _several(text: str) -> tuple[str, ...]:
    return tuple(re.split(r"[\s,;]+", _words(text)))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date):
        return date_text(value)
    return " ".join(value) if isinstance(value, tuple) else str(value)


_SEXES = {"f": "FEMALE", "w": "FEMALE", "woman": "FEMALE", "m": "MALE", "man": "MALE", "u": "UNKNOWN"}
_IDS = {"state": ids.STATE, "zip_code": ids.ZIP, "phone": ids.PHONE}
_ALIASES = {
    "number": ("clientnumber", "clientid", "clientno", "patientnumber", "patientid", "patientno", "id", "no"),
    "last_name": ("lastname", "surname", "familyname", "last", "name2"),
    "first_name": ("firstname", "givenname", "first", "forename"),
    "middle_name": ("middlename", "middle", "middleinitial", "mi"),
    "birth_date": ("birthdate", "dateofbirth", "dob", "birthday", "born"),
    "sex": ("gender",),
    "street": ("address", "address1", "addressline1", "street1", "streetaddress", "mailingaddress"),
    "street2": ("address2", "addressline2", "suite", "secondline"),
    "city": ("town",), "state": ("st", "province"), "zip_code": ("zip", "zipcode", "postalcode", "postcode"),
    "phone": ("phonenumber", "telephone", "tel", "mobile", "cell", "cellphone", "mobilephone", "homephone"),
    "email": ("emailaddress", "mail", "email"), "note": ("notes", "comment", "comments", "remarks"),
    "name": ("payername", "insurance", "insurancecompany", "insurer", "carrier", "payer", "company"),
    "code": ("cpt", "cptcode", "procedure", "procedurecode", "servicecode", "hcpcs"),
    "label": ("description", "ourwords", "words", "service"),
    "amount": ("price", "priceperunit", "fee", "rate", "charge"),
    "timed": ("countedbyminutes", "byminutes", "timed"),
    "schedule": ("feeschedule", "schedulename"), "valid_from": ("from", "effective", "effectivedate", "validfrom"),
}  # fmt: skip


def _columns(kind: type[Any], titles: Mapping[str, str], today: dt.date) -> list[Column]:
    """A column for each field of a record that is a word, number, date, choice or yes and no."""
    sample = kind()
    made = []
    for field in fields(kind):
        read = _reader(field.name, getattr(sample, field.name), today)
        if read is not None and field.name != "id":
            title = titles.get(field.name) or field.name.replace("_", " ").capitalize()
            made.append(Column(field.name, title, _ALIASES.get(field.name, ()), read, _shower(field.name)))
    order = list(titles)
    return sorted(made, key=lambda column: order.index(column.key) if column.key in order else len(order))


def _shower(name: str) -> Callable[[Any], str]:
    return _IDS[name].format if name in _IDS else _shown


def _reader(name: str, sample: Any, today: dt.date) -> Callable[[str], Any] | None:
    if name in _IDS:
        return _IDS[name].validate
    if name == "note":
        return partial(_words, most=LONGEST_NOTE)
    if name == "unit_rule":
        return partial(_choice, type(sample), words={})
    if name == "birth_date" or name.endswith(("_signed", "_expires")):
        return partial(_date, past=name == "birth_date", today=today)
    kinds: Sequence[tuple[type[Any], Callable[[str], Any]]] = (
        (StrEnum, partial(_choice, type(sample), words=_sexes(type(sample)) if name == "sex" else {})),
        (bool, _yes), (int, _count), (str, _words), (tuple, _several),
    )  # fmt: skip
    return next((read for known, read in kinds if isinstance(sample, known) and name != "addresses"), None)


def _sexes(kind: Any) -> Mapping[str, Any]:
    return {word: kind[name] for word, name in _SEXES.items()}


def of_clients(today: dt.date) -> list[Column]:
    """Number, name, birth date, address, signatures, note."""
    titles = {
        "number": _("Client number"), "last_name": _("Last name"), "first_name": _("First name"),
        "middle_name": _("Middle name"), "suffix": _("Suffix"), "birth_date": _("Birth date"), "sex": _("Sex"),
        "street": _("Street"), "city": _("City"), "state": _("State"), "zip_code": _("ZIP code"),
        "phone": _("Phone"), "email": _("Email"), "note": _("Note"),
        "release_signed": _("Release of records signed"), "assignment_signed": _("Payment to the clinic signed"),
        "archived": _("Archived"),
    }  # fmt: skip
    whole = Column("full_name", _("Last name, first name"), ("name", "fullname", "clientname", "patientname", "client",
                   "patient"), _words)  # fmt: skip
    return [*_columns(Client, titles, today), whole]


def of_payers(today: dt.date) -> list[Column]:
    """Name, address, rules and habits; addresses for other mail stay as they are."""
    titles = {
        "name": _("Name"), "street": _("Street or P.O. box"), "street2": _("Second line"), "city": _("City"),
        "state": _("State"), "zip_code": _("ZIP code"), "phone": _("Phone"), "program": _("Item 1: program"),
        "unit_rule": _("Minutes to units"), "unit_cap": _("Units a day"), "filing_days": _("Days to file"),
        "appeal_days": _("Days to appeal"),
    }  # fmt: skip
    return _columns(Payer, titles, today)


def of_fees(today: dt.date) -> list[Column]:
    """One row a code of a schedule: whose schedule, from when, the code, our words, the price of a unit."""
    rows: list[tuple[str, str, Callable[[str], Any], Callable[[Any], str]]] = [
        ("schedule", _("Schedule"), _words, str), ("payer", _("Payer"), _words, str),
        ("valid_from", _("From"), partial(_date, past=False, today=today), _shown),
        ("code", _("Code"), ids.PROCEDURE.validate, str), ("label", _("Our words"), _words, str),
        ("amount", _("Price per unit"), _price, dollars_text), ("timed", _("Counted by minutes"), _yes, _shown),
    ]  # fmt: skip
    return [Column(key, title, _ALIASES.get(key, ()), read, show) for key, title, read, show in rows]


def _price(text: str) -> int:
    cents = parse_cents(text)
    if cents < 0:
        raise InputError(_("A price is not below nothing."), _("Type 25 or 25.00."))
    return cents
