"""Would an insurer take it? What is missing from a superbill, or cannot be printed, as problems.

The rules are those of docs/DOMAIN.md: what insurers name when they send a superbill back. Only what would make the
paper false or unreadable blocks; all else warns, since a client may need the paper for something else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from app.billing.claims import MOST_DIAGNOSES, UNKNOWN_POINTER
from app.billing.ids import EIN, ICD10, NPI, PROCEDURE, SSN, TAXONOMY, Identifier
from app.billing.problems import Problem, block, inform, warn
from app.billing.records import CaseKind, Relationship, TaxIdKind, VisitStatus
from app.forms import fonts
from app.i18n import _, date_text, money_text

Content = Mapping[str, Any]


def problems(content: Content) -> list[Problem]:
    """Everything against a superbill's content, in the order of the page."""
    return [
        *unsupported(content),
        *_practice(content["practice"]),
        *_providers(content["providers"]),
        *_client(content["client"]),
        *_cover(content),
        *_referrals(content),
        *_accidents(content["accidents"]),
        *_diagnoses(content["diagnoses"]),
        *_sessions(content),
        *_lines(content),
        *_balance(content["totals"]),
    ]


def unsupported(content: Content) -> Iterator[Problem]:
    """A blocking problem for each text with characters that the fonts lack: they would print as empty boxes."""
    remedy = _("Write it in Latin, Greek or Cyrillic letters, as on the insurance card.")
    for record, key, text in _texts(content, "", ""):
        lacking = fonts.missing(text)
        if not lacking:
            continue
        seen = " ".join(sorted(character for character in lacking if character.isprintable()))
        what = (
            _("The superbill's font has no {characters} ({where}).")
            if seen
            else _("A character that cannot be seen or printed is in {where}.")
        )
        sentence = what.format(characters=seen, where=_where(record, key))
        yield block("superbill.character", f"{sentence} {remedy}", record=record, field=_field(record, key))


def _texts(value: Any, record: str, key: str) -> Iterator[tuple[str, str, str]]:
    """(record, key, text) of all texts within, each with the record that it is kept in."""
    if isinstance(value, str):
        yield record, key, value
    elif isinstance(value, Mapping):
        for name in value:
            yield from _texts(value[name], value.get("record", record), name)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, record, key)


def _field(record: str, key: str) -> str:
    """The attribute of the record that a key of the content comes from."""
    table = record.partition(":")[0]
    if key == "name" and table not in {"practice", "payer"}:
        return "last_name"
    if table == "visit":
        return "lines"
    return {"address": "street", "subscriber": "insured_last_name"}.get(key, key)


def _where(record: str, key: str) -> str:
    """Plain words for a record and a key: "client: name"."""
    tables = {
        "practice": _("practice"), "provider": _("provider"), "client": _("client"), "payer": _("payer"),
        "policy": _("policy"), "referral": _("referral"), "authorization": _("authorization"), "case": _("case"),
        "visit": _("session"),
    }  # fmt: skip
    return _("{record}: {field}").format(
        record=tables.get(record.partition(":")[0], _("superbill")), field=key.replace("_", " ")
    )


# people, firms, cover


def _practice(practice: Content) -> Iterator[Problem]:
    record = practice["record"]
    if not practice["name"]:
        yield block(
            "practice.name-missing", _("The practice has no name. Add it in Settings."), record=record, field="name"
        )
    if len(practice["address"]) < 2:
        message = _("The practice's address is not complete. Add street, city, state and ZIP code.")
        yield warn("practice.address-missing", message, record=record, field="street")
    if not practice["phone"]:
        message = _("The practice has no phone number. Insurers call it with questions; add it.")
        yield inform("practice.phone-missing", message, record=record, field="phone")
    kind = SSN if practice["tax_id_kind"] == TaxIdKind.SSN else EIN
    if not practice["tax_id"]:
        message = _("The practice has no tax ID. Add its EIN, or the SSN it bills under.")
        yield warn("practice.tax-id-missing", message, record=record, field="tax_id")
    elif practice["tax_id_masked"]:
        message = _("Only the end of the SSN is shown. An insurer may ask for all of it.")
        yield inform("practice.tax-id-masked", message, record=record, field="tax_id")
    elif not kind.is_valid(practice["tax_id"]):
        message = _("The practice's tax ID is not a valid {kind}. Check its digits.").format(kind=kind.name)
        yield warn("practice.tax-id-invalid", message, record=record, field="tax_id")
    if practice["npi"]:
        yield from _number(NPI, practice, "npi", _("The practice"))


def _providers(providers: list[Content]) -> Iterator[Problem]:
    for provider in providers:
        who = provider["name"] or _("The therapist")
        record = provider["record"]
        if not provider["name"]:
            message = _("The therapist has no name. Add it as it is on the license.")
            yield block("provider.name-missing", message, record=record, field="last_name")
        elif not provider["credentials"]:
            message = _("{who} has no credentials, such as LMT. Add them.").format(who=who)
            yield warn("provider.credentials-missing", message, record=record, field="credentials")
        yield from _number(NPI, provider, "npi", who)
        yield from _number(TAXONOMY, provider, "taxonomy", who)
        for field in ("license_number", "license_state"):
            if not provider[field]:
                message = _("{who} has no license number with its state. Add both.").format(who=who)
                yield warn("provider.license-missing", message, record=record, field=field)
                break


def _number(kind: Identifier, owner: Content, field: str, who: str) -> Iterator[Problem]:
    """A number that has to be there and be right."""
    table = owner["record"].partition(":")[0]
    if not owner[field]:
        message = _("{who} has no {number}. Add it.").format(who=who, number=kind.name)
        yield warn(f"{table}.{field}-missing", message, record=owner["record"], field=field)
    elif not kind.is_valid(owner[field]):
        message = _("The {number} of {who} is not valid. Check its digits.").format(who=who, number=kind.name)
        yield warn(f"{table}.{field}-invalid", message, record=owner["record"], field=field)


def _client(client: Content) -> Iterator[Problem]:
    wanted = (
        ("name", "last_name", _("The client has no name. Add it as the insurer has it.")),
        (
            "birth_date",
            "birth_date",
            _("The client's date of birth is missing. Insurers find the member by it; add it."),
        ),
        ("address", "street", _("The client's address is missing. Add it as the insurer has it.")),
        ("sex", "sex", _("The client's sex is not entered. Some insurers ask for it.")),
    )
    for key, field, message in wanted:
        if not client[key]:
            make = {"name": block, "sex": inform}.get(key, warn)
            yield make(f"client.{key.replace('_', '-')}-missing", message, record=client["record"], field=field)


def _cover(content: Content) -> Iterator[Problem]:
    if not content["cover"]:
        message = _("No policy is entered. Without insurer and member ID the client cannot claim; add the policy.")
        yield warn("policy.missing", message, record=content["client"]["record"])
    for policy in content["cover"]:
        record = policy["record"]
        if not policy["payer"]["name"]:
            message = _("The policy has no insurer. Choose it.")
            yield warn("policy.insurer-missing", message, record=record, field="payer_id")
        if not policy["member_id"]:
            message = _("The member ID is missing. Copy it from the insurance card.")
            yield warn("policy.member-id-missing", message, record=record, field="member_id")
        if policy["relationship"] == Relationship.SELF:
            continue
        if not policy["subscriber"]:
            message = _("The subscriber's name is missing. Add it as on the insurance card.")
            yield warn("policy.subscriber-missing", message, record=record, field="insured_last_name")
        if not policy["subscriber_birth_date"]:
            message = _("The subscriber's date of birth is missing. Add it.")
            yield warn("policy.subscriber-birth-date-missing", message, record=record, field="insured_birth_date")


def _referrals(content: Content) -> Iterator[Problem]:
    """The referral is usually decisive for massage. Each session's own is looked at, by its dates."""
    payers = [policy["payer"] for policy in content["cover"]]
    sessions = content["sessions"]
    if not all(session["referral"] for session in sessions):
        message = _("A session has no referral. Most insurers pay massage only on a physician's order; add it.")
        make = warn if any(payer["referral_required"] for payer in payers) else inform
        yield make("referral.missing", message, record=content["client"]["record"])
    if any(payer["authorization_required"] for payer in payers) and not all(s["authorization"] for s in sessions):
        message = _("The insurer wants an authorization, and a session has none. Add its number.")
        yield warn("authorization.missing", message, record=content["client"]["record"])
    for referral in content["referrals"]:
        who = referral["name"] or _("The referring provider")
        record = referral["record"]
        if not referral["name"]:
            message = _("The referral does not say who wrote it. Add the name.")
            yield warn("referral.name-missing", message, record=record, field="last_name")
        yield from _number(NPI, referral, "npi", who)
        if not referral["written"]:
            message = _("The referral has no date. Add when it was written.")
            yield warn("referral.written-missing", message, record=record, field="written")
        if not referral["visits_allowed"]:
            message = _("The referral shows no number of visits. The insurer may ask for it.")
            yield inform("referral.visits-missing", message, record=record, field="visits_allowed")
        days = [session["date"] for session in sessions if session["referral"] == record and session["date"]]
        outside = [day for day in days if not referral["written"] <= day <= (referral["expires"] or day)]
        if outside:
            message = _("The session of {date} lies outside the dates of its referral. Choose another or ask for one.")
            yield warn("referral.outside-window", message.format(date=_day(outside[0])), record=record, field="expires")


def _accidents(accidents: list[Content]) -> Iterator[Problem]:
    for accident in accidents:
        if not accident["accident_date"]:
            message = _("The accident has no date. Add it to the case.")
            yield warn("case.accident-date-missing", message, record=accident["record"], field="accident_date")
        if accident["kind"] == CaseKind.AUTO and not accident["accident_state"]:
            message = _("The auto accident has no state. Add it to the case.")
            yield warn("case.accident-state-missing", message, record=accident["record"], field="accident_state")


# diagnoses, sessions, lines, money


def _diagnoses(diagnoses: list[Content]) -> Iterator[Problem]:
    if len(diagnoses) > MOST_DIAGNOSES:
        message = _("{count} diagnoses are too many for one superbill, which has letters for twelve. Make two of it.")
        yield block("superbill.too-many-diagnoses", message.format(count=len(diagnoses)))
    for diagnosis in diagnoses:
        code = diagnosis["code"]
        if not ICD10.is_valid(code):
            message = _("{code} is not an ICD-10 code. Correct the diagnosis of the session.")
            yield warn("diagnosis.invalid", message.format(code=code))
        elif diagnosis["invalid_on"]:
            message = _("{code} could not be billed on {date}. Choose a complete code that was valid that day.")
            yield warn("diagnosis.not-billable", message.format(code=code, date=_day(diagnosis["invalid_on"][0])))


def _sessions(content: Content) -> Iterator[Problem]:
    if not content["sessions"]:
        yield block("superbill.no-sessions", _("No session is chosen. Choose at least one."))
    for session in content["sessions"]:
        record, date = session["record"], _day(session["date"])
        if not session["date"]:
            message = _("A session has no date. Give it one.")
            yield block("visit.date-missing", message, record=record, field="date")
        elif session["date"] > content["issued"]:
            message = _("The session of {date} is later than the superbill. Leave it out until it has taken place.")
            yield block("visit.after-superbill", message.format(date=date), record=record, field="date")
        if session["status"] != VisitStatus.DONE:
            message = _("The session of {date} did not take place or is not done yet. Leave it out.")
            yield block("visit.not-done", message.format(date=date), record=record, field="status")
        if not session["provider_known"]:
            message = _("The session of {date} has no therapist. Choose who gave it.")
            yield block("visit.provider-missing", message.format(date=date), record=record, field="provider_id")
        if not session["lines"]:
            message = _("The session of {date} has no service line. Add what was done.")
            yield block("visit.no-lines", message.format(date=date), record=record, field="lines")
        elif session["paid"] > session["charge"]:
            message = _("More was paid for the session of {date} than charged. Take a tip or a purchase out of it.")
            yield warn("visit.overpaid", message.format(date=date), record=record, field="paid")


def _lines(content: Content) -> Iterator[Problem]:
    for line in content["lines"]:
        for make, code, message in _line(line, minutes=content["options"]["minutes"]):
            sentence = message.format(code=line["code"], date=_day(line["date"]), place=line["place"])
            yield make(code, sentence, record=line["record"], field="lines")


def _line(line: Content, *, minutes: bool) -> Iterator[tuple[Any, str, str]]:
    """(kind of problem, code, sentence with {code}, {date} and {place})."""
    if not PROCEDURE.is_valid(line["code"]):
        yield block, "line.code-invalid", _("A line of {date} has no valid procedure code. Correct it.")
    elif not line["words"]:
        yield inform, "line.words-missing", _("{code} has no short words. Add them to the fee schedule.")
    if not line["place"]:
        yield warn, "line.place-missing", _("{code} of {date} has no place of service. Add it, 11 for the office.")
    if line["units"] < 1:
        yield warn, "line.units-missing", _("{code} of {date} has no units. Enter them.")
    if minutes and line["timed"] and line["minutes"] < 1:
        yield warn, "line.minutes-missing", _("{code} of {date} is timed and has no minutes. Enter them.")
    if not line["pointers"]:
        yield warn, "line.diagnosis-missing", _("{code} of {date} points to no diagnosis. Choose one.")
    elif UNKNOWN_POINTER in line["pointers"]:
        yield block, "line.pointer-unknown", _("{code} of {date} points to a diagnosis that is not there. Correct it.")
    if line["charge"] < 1:
        yield warn, "line.charge-missing", _("{code} of {date} has no charge. Enter the price really charged.")


def _balance(totals: Content) -> Iterator[Problem]:
    if totals["balance"] > 0:
        message = _("{amount} is still open. Insurers may refuse a superbill that is not paid in full.")
        yield warn("superbill.balance-due", message.format(amount=f"${money_text(totals['balance'])}"))


def _day(iso: str) -> str:
    return date_text(dt.date.fromisoformat(iso) if iso else None)
