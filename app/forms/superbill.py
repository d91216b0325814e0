"""A superbill: the statement with which a client claims from the insurer.

`content` gathers every fact and every word of it from the records, as JSON that is frozen when the superbill is
issued; `problems` says what an insurer would send it back for; `draw` makes the PDF from the content alone, so a
reprint years later shows what was handed over. What must stand on a superbill: docs/DOMAIN.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from typing import Any

from babel import dates

from app import i18n
from app.billing import claims, codes, fees, superbills
from app.billing.ids import EIN, ICD10, PHONE, SSN, ZIP
from app.billing.records import (
    Authorization,
    Case,
    CaseKind,
    Client,
    Payer,
    Policy,
    Practice,
    Provider,
    Referral,
    Relationship,
    SuperbillBundle,
    TaxIdKind,
    Visit,
)
from app.forms.fonts import composed
from app.forms.superbill_checks import problems
from app.forms.superbill_page import draw

__all__ = ["Content", "SuperbillOptions", "content", "draw", "problems"]

Content = dict[str, Any]
"""JSON: text, whole numbers (money in cents), dates as ISO text, lists. `record` says where a fact is kept."""

IcdTitle = Callable[[str, dt.date], str | None]
"""The words of a diagnosis code on a date, or None when it cannot be billed then."""

OFFICE, HOME = "11", "12"


@dataclass(frozen=True, kw_only=True)
class SuperbillOptions:
    """What is on the paper. Hidden diagnosis words leave the codes; a masked SSN leaves its last four digits.

    `language` is that of the paper's own words; without a catalog they are English.
    """

    diagnosis_words: bool = True
    paid: bool = True
    minutes: bool = True
    by_month: bool = False
    mask_ssn: bool = False
    language: str = "en"


def content(
    bundle: SuperbillBundle,
    options: SuperbillOptions | None = None,
    *,
    today: dt.date,
    icd_title: IcdTitle | None = None,
) -> Content:
    """All that stands on the superbill, ready for `json.dumps`; `today` is its date while it has none.

    `icd_title` gives the words of a diagnosis and whether it is valid on a date; without it only codes are printed.
    """
    options = options or SuperbillOptions()
    catalog = i18n.catalog(options.language)
    bill = bundle.superbill
    visits = claims.in_order(bundle.visits)
    summary = superbills.summary(visits)
    used = list(dict.fromkeys(visit.provider_id for visit in visits))
    providers = sorted((p for p in bundle.providers if p.id in used), key=lambda p: used.index(p.id or 0))
    lines = [_line(line, bundle, [provider.id for provider in providers]) for line in summary.lines]
    found = {
        "format": 1,
        "record": _record("superbill", bill.id),
        "language": options.language,
        "options": {
            "diagnosis_words": options.diagnosis_words,
            "paid": options.paid,
            "minutes": options.minutes,
            "by_month": options.by_month,
        },
        "words": _words(catalog),
        "number": bill.number,
        "version": bill.version,
        "replaces": bundle.replaces.number if bundle.replaces else "",
        "issued": _iso(bill.issued or today),
        "practice": _practice(bundle.practice, masked=options.mask_ssn),
        "places": _places(lines, bundle.practice, catalog),
        "providers": [_provider(provider) for provider in providers],
        "client": _client(bundle.client),
        "cover": [_policy(policy, bundle, catalog) for policy in sorted(bundle.policies, key=lambda p: p.rank)],
        "referrals": [_referral(referral) for referral in bundle.referrals],
        "authorizations": [_authorization(authorization) for authorization in bundle.authorizations],
        "accidents": [_accident(case, catalog) for case in bundle.cases if case.kind is not CaseKind.HEALTH],
        "diagnoses": _diagnoses(visits, summary.diagnoses, icd_title, words=options.diagnosis_words),
        "sessions": [_session(visit, bundle) for visit in visits],
        "lines": lines,
        "months": _months(lines, options.language),
        "totals": {
            "minutes": sum(line["minutes"] for line in lines),
            "units": sum(line["units"] for line in lines),
            "charge": summary.totals.charge,
            "paid": summary.totals.paid,
            "balance": summary.totals.balance,
        },
        "statement": _statement(visits, summary.totals, catalog, paid=options.paid),
    }
    return {key: _composed(value) for key, value in found.items()}


def _composed(value: Any) -> Any:
    """Every text with its accents joined to their letters, as the fonts hold them."""
    if isinstance(value, str):
        return composed(value)
    if isinstance(value, dict):
        return {key: _composed(item) for key, item in value.items()}
    return [_composed(item) for item in value] if isinstance(value, list) else value


def _record(table: str, id: int | None) -> str:
    return f"{table}:{id or ''}"


def _iso(date: dt.date | None) -> str:
    return date.isoformat() if date else ""


def _joined(*parts: str, by: str = " ") -> str:
    return by.join(part for part in parts if part)


# people, firms, cover


def _address(street: str, city: str, state: str, zip_code: str) -> list[str]:
    """Up to two lines, as on an envelope."""
    place = _joined(_joined(city, state, by=", "), ZIP.format(zip_code))
    return [line for line in (street, place) if line]


def _practice(practice: Practice, *, masked: bool) -> Content:
    kind, tax_id = practice.tax_id_kind, practice.tax_id
    shown = (SSN if kind is TaxIdKind.SSN else EIN).format(tax_id)
    masked = masked and kind is TaxIdKind.SSN and bool(tax_id)
    return {
        "record": _record("practice", practice.id),
        "name": practice.name,
        "address": _address(practice.street, practice.city, practice.state, practice.zip_code),
        "phone": PHONE.format(practice.phone),
        "fax": PHONE.format(practice.fax),
        "email": practice.email,
        "npi": practice.npi,
        "taxonomy": practice.taxonomy,
        "tax_id": f"XXX-XX-{tax_id[-4:]}" if masked else shown,
        "tax_id_kind": str(kind),
        "tax_id_masked": masked,
    }


def _places(lines: Sequence[Content], practice: Practice, catalog: NullTranslations) -> list[Content]:
    """Each kind of place once. Only the office and the client's home have an address that is known."""
    _ = catalog.gettext
    own = _address(practice.street, practice.city, practice.state, practice.zip_code)
    elsewhere = _address(
        practice.service_street, practice.service_city, practice.service_state, practice.service_zip_code
    )
    addresses = {OFFICE: [line for line in (practice.service_name,) if line] + (elsewhere or own)}
    addresses[HOME] = [_("at the client's address")]
    return [
        {
            "record": _record("practice", practice.id),
            "code": code,
            "words": codes.PLACES_OF_SERVICE.get(code, ""),
            "address": addresses.get(code, []),
        }
        for code in dict.fromkeys(line["place"] for line in lines)
    ]


def _provider(provider: Provider) -> Content:
    name = _joined(provider.first_name, provider.middle_name, provider.last_name)
    return {
        "record": _record("provider", provider.id),
        "name": _joined(name, provider.credentials, by=", "),
        "credentials": provider.credentials,
        "npi": provider.npi,
        "license_number": provider.license_number,
        "license_state": provider.license_state,
        "taxonomy": provider.taxonomy,
    }


def _client(client: Client) -> Content:
    name = _joined(client.first_name, client.middle_name, client.last_name)
    return {
        "record": _record("client", client.id),
        "number": client.number,
        "name": _joined(name, client.suffix),
        "birth_date": _iso(client.birth_date),
        "sex": str(client.sex),
        "address": _address(client.street, client.city, client.state, client.zip_code),
        "phone": PHONE.format(client.phone),
    }


def _policy(policy: Policy, bundle: SuperbillBundle, catalog: NullTranslations) -> Content:
    """A policy with its payer. Who the subscriber is stays empty when it is the client."""
    _ = catalog.gettext
    relations = {
        Relationship.SELF: _("Self"),
        Relationship.SPOUSE: _("Spouse"),
        Relationship.CHILD: _("Child"),
        Relationship.OTHER: _("Other"),
    }
    payer = next((payer for payer in bundle.payers if payer.id == policy.payer_id), Payer(id=policy.payer_id))
    own = policy.relationship is Relationship.SELF
    name = _joined(policy.insured_first_name, policy.insured_middle_name, policy.insured_last_name)
    return {
        "record": _record("policy", policy.id),
        "payer": {
            "record": _record("payer", payer.id),
            "name": payer.name,
            "address": _address(_joined(payer.street, payer.street2, by=", "), payer.city, payer.state, payer.zip_code),
            "referral_required": payer.referral_required,
            "authorization_required": payer.authorization_required,
        },
        "plan_name": policy.plan_name,
        "member_id": policy.member_id,
        "group_number": policy.group_number,
        "relationship": str(policy.relationship),
        "relation": relations[policy.relationship],
        "subscriber": "" if own else name,
        "subscriber_birth_date": "" if own else _iso(policy.insured_birth_date),
    }


def _referral(referral: Referral) -> Content:
    name = _joined(referral.first_name, referral.middle_name, referral.last_name)
    return {
        "record": _record("referral", referral.id),
        "name": _joined(name, referral.credentials, by=", "),
        "npi": referral.npi,
        "written": _iso(referral.written),
        "expires": _iso(referral.expires),
        "visits_allowed": referral.visits_allowed,
    }


def _authorization(authorization: Authorization) -> Content:
    return {
        "record": _record("authorization", authorization.id),
        "number": authorization.number,
        "valid_from": _iso(authorization.valid_from),
        "valid_to": _iso(authorization.valid_to),
    }


def _accident(case: Case, catalog: NullTranslations) -> Content:
    _ = catalog.gettext
    kinds = {CaseKind.AUTO: _("Auto"), CaseKind.WORK: _("At work"), CaseKind.OTHER: _("Other")}
    return {
        "record": _record("case", case.id),
        "kind": str(case.kind),
        "words": kinds[case.kind],
        "accident_date": _iso(case.accident_date),
        "accident_state": case.accident_state,
        "claim_number": case.claim_number,
    }


# sessions, lines, money


def _session(visit: Visit, bundle: SuperbillBundle) -> Content:
    return {
        "record": _record("visit", visit.id),
        "date": _iso(visit.date),
        "status": str(visit.status),
        "provider_known": any(provider.id == visit.provider_id for provider in bundle.providers),
        "referral": _record("referral", visit.referral_id) if visit.referral_id else "",
        "authorization": _record("authorization", visit.authorization_id) if visit.authorization_id else "",
        "lines": len(visit.lines),
        "charge": sum(line.charge for line in visit.lines),
        "paid": visit.paid,
        "paid_method": visit.paid_method,
        "paid_on": _iso(visit.paid_on),
    }


def _line(entry: superbills.SuperbillLine, bundle: SuperbillBundle, providers: Sequence[int | None]) -> Content:
    """One row. `provider` counts in the list of providers from 1; `unit_fee` is None without whole cents."""
    line, visit = entry.line, entry.visit
    payer_id = next((policy.payer_id for policy in bundle.policies if policy.id == visit.policy_id), None)
    fee = fees.fee(bundle.fees, line.code, visit.date, payer_id) if visit.date else None
    label = fee.label[:1].upper() + fee.label[1:] if fee else ""
    return {
        "record": _record("visit", visit.id),
        "date": _iso(visit.date),
        "provider": providers.index(visit.provider_id) + 1 if visit.provider_id in providers else 0,
        "place": line.place,
        "code": line.code,
        "words": _joined(label, line.note, by=": ") if line.code in codes.UNLISTED else label,
        "modifiers": list(line.modifiers),
        "pointers": entry.pointers,
        "timed": bool(fee and fee.timed),
        "minutes": line.minutes,
        "units": line.units,
        "unit_fee": entry.unit_fee,
        "charge": entry.charge,
        "paid": entry.paid,
    }


def _diagnoses(
    visits: Sequence[Visit], found: Sequence[str], icd_title: IcdTitle | None, *, words: bool
) -> list[Content]:
    """Code, words, and the dates on which the code cannot be billed. Past the twelfth there is no letter."""
    days: dict[str, list[dt.date]] = {}
    for visit in visits:
        for code in visit.diagnoses:
            if visit.date:
                days.setdefault(ICD10.compact(code), []).append(visit.date)
    entries = []
    for index, code in enumerate(found):
        on = dict.fromkeys(days.get(ICD10.compact(code), []))
        titles = {day: icd_title(code, day) for day in on} if icd_title else {}
        entries.append(
            {
                "letter": claims.LETTERS[index] if index < len(claims.LETTERS) else claims.UNKNOWN_POINTER,
                "code": ICD10.format(code),
                "words": next((title for title in titles.values() if title), "") if words else "",
                "invalid_on": [_iso(day) for day, title in titles.items() if title is None],
            }
        )
    return entries


def _months(lines: Sequence[Content], language: str) -> list[Content]:
    """For grouping: each month with its name and sums, in the order of the lines."""
    months: dict[str, Content] = {}
    for line in lines:
        key = line["date"][:7]
        month = months.setdefault(key, {"month": key, "words": _month_words(key, language), "charge": 0, "paid": 0})
        month["charge"] += line["charge"]
        month["paid"] += line["paid"]
    return list(months.values())


def _month_words(month: str, language: str) -> str:
    if not month:
        return ""
    text = dates.format_skeleton("yMMMM", dt.date.fromisoformat(f"{month}-01"), locale=language)
    return text[:1].upper() + text[1:]


def _statement(visits: Sequence[Visit], totals: superbills.Totals, catalog: NullTranslations, *, paid: bool) -> Content:
    """What the client paid, and who is to be paid now."""
    _ = catalog.gettext
    if not paid:
        status = ""
    elif totals.balance > 0:
        status = _("Balance due {amount}").format(amount=f"${i18n.money_text(totals.balance)}")
    elif totals.balance < 0:
        status = _("Paid in full, with {amount} over").format(amount=f"${i18n.money_text(-totals.balance)}")
    else:
        status = _("Paid in full")
    return {
        "status": status,
        "sentences": [
            *([_payments(visits, catalog)] if paid and totals.paid else []),
            _("Send any payment to the client. Assignment of benefits is not accepted."),
            _("Tips and retail purchases are not part of this superbill."),
        ],
    }


def _payments(visits: Sequence[Visit], catalog: NullTranslations) -> str:
    """When and how the client paid: in a few words where each session was paid on its day, else day by day."""
    _, ngettext = catalog.gettext, catalog.ngettext
    paid = [visit for visit in visits if visit.paid]
    methods = {visit.paid_method for visit in paid}
    if len(methods) == 1 and all(visit.paid and visit.paid_on in {None, visit.date} for visit in visits):
        method = _method(methods.pop(), catalog)
        amount = f"${i18n.money_text(sum(visit.paid for visit in visits))}"
        if method:
            return ngettext(
                "The client paid the provider {amount} by {method} on the date of the session.",
                "The client paid the provider {amount} by {method} on the dates of the sessions.",
                len(visits),
            ).format(amount=amount, method=method)
        return ngettext(
            "The client paid the provider {amount} on the date of the session.",
            "The client paid the provider {amount} on the dates of the sessions.",
            len(visits),
        ).format(amount=amount)
    sums: dict[tuple[str, str], int] = {}
    for visit in paid:
        key = (i18n.date_text(visit.paid_on or visit.date), _method(visit.paid_method, catalog))
        sums[key] = sums.get(key, 0) + visit.paid
    parts = [f"{_joined(*key)} ${i18n.money_text(cents)}" for key, cents in sums.items()]
    return _("The client paid the provider: {payments}.").format(payments=", ".join(parts))


def _method(method: str, catalog: NullTranslations) -> str:
    """A way to pay in the language of the paper; one the user has made up stays as it is."""
    _ = catalog.gettext
    known: Mapping[str, str] = {"card": _("card"), "cash": _("cash"), "check": _("check")}
    return known.get(method, method)


def _words(catalog: NullTranslations) -> dict[str, str]:
    """The words of the page itself, in its language."""
    _ = catalog.gettext
    return {
        "superbill": _("Superbill"),
        "number": _("No. {number}"),
        "draft": _("Draft, not issued"),
        "issued": _("Issued {date}"),
        "version": _("Version {version}"),
        "replaces": _("Version {version}, replaces no. {number}"),
        "services": _("Services {first} to {last}"),
        "service": _("Service of {first}"),
        "phone": _("Phone"),
        "fax": _("Fax"),
        "provider": _("Treating provider"),
        "providers": _("Treating providers"),
        "name": _("Name"),
        "npi": _("NPI"),
        "license": _("License"),
        "taxonomy": _("Taxonomy"),
        "billing": _("Billing provider"),
        "tax_id": _("Tax ID ({kind})"),
        "billing_npi": _("NPI"),
        "place": _("Place of service"),
        "place_code": _("POS {code}"),
        "client": _("Client"),
        "birth_date": _("Date of birth"),
        "sex": _("Sex"),
        "address": _("Address"),
        "client_number": _("Client no."),
        "cover": _("Insurance"),
        "second_cover": _("Second insurance"),
        "insurer": _("Insurer"),
        "plan_name": _("Plan"),
        "member_id": _("Member ID"),
        "group_number": _("Group"),
        "subscriber": _("Subscriber"),
        "relation": _("Client is"),
        "referral": _("Referral"),
        "referrer": _("Referred by"),
        "written": _("Written"),
        "expires": _("Expires"),
        "visits_allowed": _("Visits"),
        "authorization": _("Authorization"),
        "authorization_number": _("Number"),
        "valid": _("Valid"),
        "accident": _("Accident"),
        "kind": _("Kind"),
        "date": _("Date"),
        "state": _("State"),
        "claim_number": _("Claim no."),
        "diagnoses": _("Diagnoses (ICD-10-CM)"),
        "place_column": _("POS"),
        "code": _("Code"),
        "service_column": _("Service"),
        "modifiers": _("Mod."),
        "pointers": _("Dx"),
        "provider_column": _("By"),
        "minutes": _("Min."),
        "units": _("Units"),
        "unit_fee": _("Per unit"),
        "charge": _("Charge"),
        "paid": _("Paid"),
        "total": _("Total"),
        "adjustments": _("Discounts and adjustments"),
        "none": _("none"),
        "balance": _("Balance"),
        "signature": _("Signature of the treating provider"),
        "signature_date": _("Date"),
        "page": _("Page {page} of {pages}"),
    }
