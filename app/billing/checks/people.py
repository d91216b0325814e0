"""Checks of the client, the practice and the therapist: items 2, 3, 5, 12, 13, 24J, 25, 31, 32 and 33."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from app.billing.checks.persons import OLDEST_YEARS, signs, titled, words
from app.billing.checks.places import add_address, add_phone, is_po_box
from app.billing.checks.registry import BLOCK, INFORM, WARN, Asked, Checks, Where, empty, wider
from app.billing.codes import STATES
from app.billing.ids import EIN, NPI, SSN, TAXONOMY, ZIP
from app.billing.names import city_line, listed_name
from app.billing.records import Client, Practice, Provider, TaxIdKind
from app.i18n import N_

client = Checks[Client]("client")
practice = Checks[Practice]("practice")
provider = Checks[Provider]("provider")

_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))


# --- the client -----------------------------------------------------------------------------------------------------

_NAME_SOURCE = "NUCC 08/05 and 02/12, item 2"

client.add(
    "client.last-name-missing", BLOCK, "B", _NAME_SOURCE,
    N_("The client has no last name. Add it as it stands on the card."),
    empty("last_name"), item="2", field="last_name",
)  # fmt: skip
client.add(
    "client.first-name-missing", BLOCK, "B", _NAME_SOURCE,
    N_("The client has no first name. Add it as it stands on the card."),
    empty("first_name"), item="2", field="first_name",
)  # fmt: skip
client.add(
    "client.name-signs", WARN, "B", _NAME_SOURCE,
    N_("The name {name} holds digits or signs other than a hyphen. Compare it with the card."),
    signs("first_name", "middle_name", "last_name"), item="2", field="last_name",
)  # fmt: skip
client.add(
    "client.name-title", WARN, "B", _NAME_SOURCE,
    N_("The client's name holds a title. Item 2 has none: leave it out."),
    titled("first_name", "last_name", "suffix"), item="2", field="first_name",
)  # fmt: skip
client.add(
    "client.suffix-in-last-name", WARN, "B", _NAME_SOURCE,
    N_("The last name ends with a suffix such as Jr. Put it into its own field."),
    lambda c, asked: len(words(c.last_name)) > 1 and words(c.last_name)[-1] in _SUFFIXES,
    item="2", field="last_name",
)  # fmt: skip
client.add(
    "client.name-too-long", BLOCK, "B", "NUCC item 2: 28 characters",
    N_("{text} is {count} characters, item 2 holds {most}. Shorten it as the card does."),
    wider(lambda c: listed_name(c.last_name, c.first_name, c.middle_name, c.suffix), 28), item="2", field="last_name",
)  # fmt: skip
client.add(
    "client.birth-date-missing", BLOCK, "B", "NUCC item 3",
    N_("The client has no birth date. Add it."),
    lambda c, asked: c.birth_date is None, item="3", field="birth_date",
)  # fmt: skip
client.add(
    "client.birth-date-future", BLOCK, "A", "calendar",
    N_("The client's birth date lies in the future. Correct it."),
    lambda c, asked: c.birth_date is not None and c.birth_date > asked.today, item="3", field="birth_date",
)  # fmt: skip
client.add(
    "client.birth-date-distant", WARN, "M", "nobody is that old",
    N_("The client's birth date is more than 120 years ago. Check the year."),
    lambda c, asked: c.birth_date is not None and asked.today.year - c.birth_date.year > OLDEST_YEARS,
    item="3", field="birth_date",
)  # fmt: skip
client.add(
    "client.sex-unknown", INFORM, "B", "NUCC item 3: blank when unknown",
    N_("The client's sex is not known, so its boxes stay blank. Some payers want the one on the card."),
    lambda c, asked: not c.sex, item="3", field="sex",
)  # fmt: skip
add_address(
    client, "client.address", N_("The client"), item="5", severity=BLOCK, confidence="B", source="NUCC 08/05, item 5"
)
client.add(
    "client.street-too-long", BLOCK, "B", "NUCC item 5: 28 characters",
    N_("{text} is {count} characters, item 5 holds {most}. Shorten it."),
    wider(lambda c: c.street, 28), item="5", field="street",
)  # fmt: skip
client.add(
    "client.city-too-long", BLOCK, "B", "NUCC item 5: 24 characters",
    N_("{text} is {count} characters, item 5 holds {most}. Shorten it."),
    wider(lambda c: c.city, 24), item="5", field="city",
)  # fmt: skip
add_phone(client, "client.phone-invalid", N_("The client"), item="5")


def _before_birth(c: Client, asked: Asked) -> Iterator[Where]:
    for name, item in (("release_signed", "12"), ("assignment_signed", "13")):
        signed: dt.date | None = getattr(c, name)
        if signed is not None and c.birth_date is not None and signed < c.birth_date:
            yield Where(field=name, item=item)


client.add(
    "client.signed-before-birth", BLOCK, "A", "calendar",
    N_("A signature is older than the client. Correct its date or the birth date."),
    _before_birth, item="12", field="release_signed",
)  # fmt: skip
client.add(
    "client.release-missing", WARN, "B", "NUCC item 12",
    N_("No signature to release information is on file, so item 12 stays blank. Have it signed and enter the day."),
    lambda c, asked: c.release_signed is None, item="12", field="release_signed",
)  # fmt: skip
client.add(
    "client.release-future", BLOCK, "A", "calendar",
    N_("The signature to release information lies in the future. Correct its date."),
    lambda c, asked: c.release_signed is not None and c.release_signed > asked.today,
    item="12", field="release_signed",
)  # fmt: skip
client.add(
    "client.assignment-future", BLOCK, "A", "calendar",
    N_("The signature that lets the payer pay you lies in the future. Correct its date."),
    lambda c, asked: c.assignment_signed is not None and c.assignment_signed > asked.today,
    item="13", field="assignment_signed",
)  # fmt: skip


# --- the practice ---------------------------------------------------------------------------------------------------

_FORM = "text of the form 02/12"

practice.add(
    "practice.name-missing", BLOCK, "A", f"{_FORM}, item 33",
    N_("The practice has no name. Add it in the settings."), empty("name"), item="33", field="name",
)  # fmt: skip
practice.add(
    "practice.name-too-long", BLOCK, "A", "measured on the form: 29 cells in item 33",
    N_("{text} is {count} characters, item 33 holds {most}. Shorten it for claims."),
    wider(lambda p: p.name, 29), item="33", field="name",
)  # fmt: skip
practice.add(
    "practice.npi-missing", BLOCK, "A", f"{_FORM}, item 33a",
    N_("The practice has no NPI. Add it in the settings."), empty("npi"), item="33a", field="npi",
)  # fmt: skip
practice.add(
    "practice.npi-invalid", BLOCK, "A", "CMS, check digit of the NPI",
    N_("The NPI of the practice cannot be right. Compare its ten digits with the letter from NPPES."),
    lambda p, asked: bool(p.npi.strip()) and not NPI.is_valid(p.npi), item="33a", field="npi",
)  # fmt: skip
practice.add(
    "practice.tax-id-missing", BLOCK, "A", "NUCC 02/12, item 25",
    N_("The practice has no tax id. Add the EIN in the settings."), empty("tax_id"), item="25", field="tax_id",
)  # fmt: skip
practice.add(
    "practice.ein-invalid", BLOCK, "A", "NUCC 02/12, item 25; IRS: nine digits",
    N_("The EIN cannot be right. Compare its nine digits with the letter from the IRS."),
    lambda p, asked: p.tax_id_kind is TaxIdKind.EIN and bool(p.tax_id.strip()) and not EIN.is_valid(p.tax_id),
    item="25", field="tax_id",
)  # fmt: skip
practice.add(
    "practice.ssn-invalid", BLOCK, "A", "NUCC 02/12, item 25; SSA: nine digits",
    N_("The SSN cannot be right. Compare its nine digits with the card."),
    lambda p, asked: p.tax_id_kind is TaxIdKind.SSN and bool(p.tax_id.strip()) and not SSN.is_valid(p.tax_id),
    item="25", field="tax_id",
)  # fmt: skip
practice.add(
    "practice.ssn-used", INFORM, "M", "prudence",
    N_("An SSN stands on every claim and superbill. An EIN costs nothing and keeps it private."),
    lambda p, asked: p.tax_id_kind is TaxIdKind.SSN and SSN.is_valid(p.tax_id), item="25", field="tax_id_kind",
)  # fmt: skip
practice.add(
    "practice.taxonomy-invalid", WARN, "B", "NUCC taxonomy codes: ten characters",
    N_("The taxonomy code of the practice does not have ten characters and an X at the end. Correct it."),
    lambda p, asked: bool(p.taxonomy.strip()) and not TAXONOMY.is_valid(p.taxonomy), item="33b", field="taxonomy",
)  # fmt: skip
add_address(
    practice, "practice.address", N_("The practice"), item="33", severity=BLOCK, confidence="A",
    source=f"{_FORM}, item 33",
)  # fmt: skip
practice.add(
    "practice.street-too-long", BLOCK, "A", "measured on the form: 29 cells in item 33",
    N_("{text} is {count} characters, item 33 holds {most}. Shorten it."),
    wider(lambda p: p.street, 29), item="33", field="street",
)  # fmt: skip
practice.add(
    "practice.city-too-long", BLOCK, "A", "measured on the form: 29 cells in item 33",
    N_("{text} is {count} characters, item 33 holds {most}. Shorten the city."),
    wider(lambda p: city_line(p.city, p.state, p.zip_code), 29), item="33", field="city",
)  # fmt: skip
practice.add(
    "practice.po-box", WARN, "C", "NUCC item 33: a physical address",
    N_("Item 33 wants the street of the practice, not a PO box. Put the street into the settings."),
    lambda p, asked: is_po_box(p.street), item="33", field="street",
)  # fmt: skip
practice.add(
    "practice.place-po-box", WARN, "C", "NUCC item 32: where the service took place",
    N_("Item 32 wants the street where sessions happen, not a PO box. Put the street into the settings."),
    lambda p, asked: is_po_box(p.service_street), item="32", field="service_street",
)  # fmt: skip
practice.add(
    "practice.zip-short", INFORM, "C", "NUCC item 33: nine-digit ZIP",
    N_("The ZIP code of the practice has five digits. Many payers want all nine in item 33."),
    lambda p, asked: ZIP.is_valid(p.zip_code) and len(ZIP.compact(p.zip_code)) == 5, item="33", field="zip_code",
)  # fmt: skip
practice.add(
    "practice.phone-missing", WARN, "C", f"{_FORM}, item 33",
    N_("The practice has no telephone number. Add it in the settings."), empty("phone"), item="33", field="phone",
)  # fmt: skip
add_phone(practice, "practice.phone-invalid", N_("The practice"), item="33")


def _has_place(p: Practice) -> bool:
    return any((p.service_street, p.service_city, p.service_state, p.service_zip_code, p.service_npi))


add_address(
    practice, "practice.place", N_("The place of sessions"), item="32", severity=WARN, confidence="C",
    source="NUCC item 32", prefix="service_", when=_has_place,
)  # fmt: skip
practice.add(
    "practice.place-npi-invalid", BLOCK, "A", "CMS, check digit of the NPI",
    N_("The NPI of the place of sessions cannot be right. Compare its ten digits, or leave it blank."),
    lambda p, asked: bool(p.service_npi.strip()) and not NPI.is_valid(p.service_npi),
    item="32a", field="service_npi",
)  # fmt: skip


def _place_too_long(p: Practice, asked: Asked) -> Iterator[Where]:
    own = (("name", p.name), ("street", p.street), ("city", city_line(p.city, p.state, p.zip_code)))
    city = city_line(p.service_city, p.service_state, p.service_zip_code)
    place = (("service_name", p.service_name or p.name), ("service_street", p.service_street), ("service_city", city))
    for field, text in place if p.service_street else own:
        if len(text) > 26:
            yield Where({"text": text, "count": len(text)}, field=field)


practice.add(
    "practice.place-too-long", WARN, "C", "measured on the form: 26 cells in item 32",
    N_("{text} is {count} characters, item 32 holds 26. Shorten it, or leave item 32 blank for payers that allow it."),
    _place_too_long, item="32",
)  # fmt: skip


# --- the therapist --------------------------------------------------------------------------------------------------

provider.add(
    "provider.name-missing", WARN, "C", "NUCC item 31",
    N_("The therapist has no full name. Add first and last name."),
    lambda p, asked: not p.first_name.strip() or not p.last_name.strip(), item="31", field="last_name",
)  # fmt: skip
provider.add(
    "provider.npi-missing", WARN, "C", f"{_FORM}, item 24J; some payers take it blank",
    N_("The therapist has no NPI. Add it: most payers want it on every line."),
    empty("npi"), item="24J", field="npi",
)  # fmt: skip
provider.add(
    "provider.npi-invalid", BLOCK, "A", "CMS, check digit of the NPI",
    N_("The therapist's NPI cannot be right. Compare its ten digits with the letter from NPPES."),
    lambda p, asked: bool(p.npi.strip()) and not NPI.is_valid(p.npi), item="24J", field="npi",
)  # fmt: skip
provider.add(
    "provider.taxonomy-invalid", WARN, "B", "NUCC taxonomy codes: ten characters",
    N_("The therapist's taxonomy code does not have ten characters and an X at the end. Correct it."),
    lambda p, asked: bool(p.taxonomy.strip()) and not TAXONOMY.is_valid(p.taxonomy), item="24I", field="taxonomy",
)  # fmt: skip
provider.add(
    "provider.taxonomy-missing", INFORM, "C", "payer enrollment",
    N_("The therapist has no taxonomy code. A massage therapist's is 225700000X."),
    empty("taxonomy"), item="24I", field="taxonomy",
)  # fmt: skip
provider.add(
    "provider.license-missing", INFORM, "C", "state boards; superbills and auto claims show it",
    N_("The therapist has no license number. Add it: superbills and some auto payers need it."),
    empty("license_number"), item="31", field="license_number",
)  # fmt: skip
provider.add(
    "provider.license-state-unknown", WARN, "B", "USPS state codes",
    N_("The state of the license does not exist. Choose one of two letters, such as WA."),
    lambda p, asked: bool(p.license_state.strip()) and p.license_state.strip().upper() not in STATES,
    field="license_state",
)  # fmt: skip
