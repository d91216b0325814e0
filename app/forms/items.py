"""What each item of the CMS-1500 (02/12) holds for a claim, and why: no positions, no printing style.

An item is a function from the facts of a claim to what it holds, with the record and field it comes from, the rule
that chose it and the source of that rule. Values are text as the user means it (docs/VALUES.md); `marks` gives them
the form's style and reports what does not fit. What is not known stays blank here and is for `billing.checks` to say.
A payer's habits are fields of its record. Sources name the NUCC instructions, a payer's habit, or the case; those
known less surely say so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from app.billing import claims, ids, payers
from app.billing.codes import UNLISTED
from app.billing.money import dollars_text
from app.billing.names import account_number, city_line, listed_name, plain_name
from app.billing.records import (
    Case,
    CaseKind,
    ClaimBundle,
    FacilityBox,
    GroupBox,
    InsuredWhenSelf,
    PaidBox,
    Policy,
    Practice,
    Program,
    Purpose,
    Relationship,
    RenderingNpi,
    ServiceLine,
    SignatureBox,
    SignedDate,
    Visit,
)
from app.i18n import N_

ON_FILE = "SIGNATURE ON FILE"
CONTINUED = "CONTINUED"
PATIENT_HOME = "PATIENT HOME"
HOME = "12"
_QUALIFIED = ("ZZ", "N4", "CTR", "VP", "OZ", "JP", "JO", "UP")
"""What supplemental text of a line may begin with (item 24, shaded half)."""


class Held(NamedTuple):
    """What an item holds (None or empty text: it stays blank), and its reason in parts; `rule` is untranslated."""

    value: Any
    record: str
    field: str
    rule: str
    source: str


class Facts:
    """A claim's bundle and what several items need of it, worked out once for all its forms.

    Raises ValueError for a line that is in none of the bundle's visits.
    """

    def __init__(self, bundle: ClaimBundle, today: dt.date) -> None:
        self.bundle = bundle
        self.today = today
        self.codes, self.pointers = claims.diagnoses(bundle)
        self.lines: dict[int, tuple[ServiceLine, Visit]] = {
            line.id: (line, visit) for visit in bundle.visits for line in visit.lines if line.id is not None
        }
        if not self.lines.keys() >= set(bundle.claim.line_ids):
            raise ValueError("a line of the claim is in none of its visits")
        self.case = bundle.case or Case()
        self.self_insured = bundle.policy.relationship is Relationship.SELF
        self.employer = self.case.employer if self.case.kind is CaseKind.WORK and self.self_insured else ""
        self.blank_self = self.self_insured and bundle.payer.insured_when_self is InsuredWhenSelf.BLANK
        self.at_home = any(self.lines[line_id][0].place == HOME for line_id in bundle.claim.line_ids)
        npi = bundle.provider.npi
        same = bundle.payer.rendering_npi is RenderingNpi.WHEN_DIFFERENT and npi == bundle.practice.npi
        self.rendering_npi = "" if same else npi
        self.header = {key: item(self) for key, item in ITEMS}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The name ("policy:12") of each record that the claim is made from."""
        b = self.bundle
        records: tuple[tuple[str, str, Any], ...] = (
            ("claim", "claim", b.claim), ("practice", "practice", b.practice), ("provider", "provider", b.provider),
            ("client", "client", b.client), ("payer", "payer", b.payer), ("policy", "policy", b.policy),
            ("secondary", "policy", b.secondary), ("secondary_payer", "payer", b.secondary_payer),
            ("referral", "referral", b.referral), ("authorization", "authorization", b.authorization),
            ("case", "case", b.case),
        )  # fmt: skip
        return {part: f"{table}:{record.id}" for part, table, record in records if record is not None}

    def last_service(self) -> dt.date | None:
        """The last date of service on the claim."""
        dates = [self.lines[line_id][1].date for line_id in self.bundle.claim.line_ids]
        return max((date for date in dates if date), default=None)

    def holds(self, expires: dt.date | None) -> bool:
        """Whether a signature with this day of expiry covers all services of the claim."""
        last = self.last_service()
        return expires is None or last is None or last <= expires


# --- the parts of values --------------------------------------------------------------------------------------------


def _date(date: dt.date | None) -> str:
    return date.isoformat() if date else ""


def _phone(phone: str) -> tuple[str, str]:
    """Area code and number; what is not a number of ten digits is left whole, for the checks to refuse."""
    digits = ids.PHONE.compact(phone)
    return (digits[:3], digits[3:]) if len(digits) == 10 else ("", digits)


def _address(street: str, city: str, state: str, zip_code: str, phone: str) -> dict[str, str] | None:
    area, number = _phone(phone)
    parts = {"street": street, "city": city, "state": state, "zip": ids.ZIP.format(zip_code)}
    filled = {key: value for key, value in (parts | {"area": area, "phone": number}).items() if value}
    return filled or None


def _span(first: dt.date | None, last: dt.date | None) -> dict[str, str] | None:
    span = {key: date.isoformat() for key, date in (("from", first), ("to", last)) if date}
    return span or None


def _birth(date: dt.date | None, sex: str) -> dict[str, str] | None:
    filled = {key: value for key, value in (("dob", _date(date)), ("sex", str(sex))) if value}
    return filled or None


# --- the items ------------------------------------------------------------------------------------------------------

_NUCC = "NUCC 02/12"


def _carrier(f: Facts) -> Held:
    p = payers.address(f.bundle.payer, Purpose.CLAIMS)
    lines = [line for line in (p.name, p.street, p.street2, city_line(p.city, p.state, p.zip_code)) if line]
    return Held(
        lines or None, "payer", "street",
        N_("The payer's name and the address for paper claims, at the top right."), f"{_NUCC}, carrier block",
    )  # fmt: skip


def _item_1(f: Facts) -> Held:
    return Held(
        str(f.bundle.payer.program), "payer", "program",
        N_("The kind of plan, as set for this payer: Other for auto and state workers' compensation."),
        f"{_NUCC}, item 1; the choice for auto and work is from memory",
    )  # fmt: skip


def _item_1a(f: Facts) -> Held:
    rule = N_("The insured's number as on the card of this payer.")
    return Held(f.bundle.policy.member_id, "policy", "member_id", rule, f"{_NUCC}, item 1a")


def _item_2(f: Facts) -> Held:
    c = f.bundle.client
    rule = N_("Last name with suffix, first name, middle initial, with commas between them.")
    value = listed_name(c.last_name, c.first_name, c.middle_name, c.suffix)
    return Held(value, "client", "last_name", rule, f"{_NUCC}, item 2")


def _item_3(f: Facts) -> Held:
    c = f.bundle.client
    rule = N_("Birth date with eight digits; the sex stays blank when it is not known.")
    return Held(_birth(c.birth_date, c.sex), "client", "birth_date", rule, f"{_NUCC}, item 3")


def _item_4(f: Facts) -> Held:
    if f.employer:
        rule = N_("At work the employer is the insured.")
        return Held(f.employer, "case", "employer", rule, f"{_NUCC}, item 4, from memory")
    if f.blank_self:
        rule = N_("This payer wants it blank when the client is the insured.")
        return Held(None, "payer", "insured_when_self", rule, "payer habit")
    if f.self_insured:
        rule = N_("The client is the insured: the name of item 2 again.")
        return Held(_item_2(f).value, "client", "last_name", rule, f"{_NUCC}, item 4")
    value = _insured_name(f.bundle.policy)
    return Held(value, "policy", "insured_last_name", N_("The insured as on the policy."), f"{_NUCC}, item 4")


def _insured_name(policy: Policy) -> str:
    return listed_name(policy.insured_last_name, policy.insured_first_name, policy.insured_middle_name)


def _item_5(f: Facts) -> Held:
    c = f.bundle.client
    value = _address(c.street, c.city, c.state, c.zip_code, c.phone)
    return Held(value, "client", "street", N_("The client's address and telephone number."), f"{_NUCC}, item 5")


def _item_6(f: Facts) -> Held:
    if f.employer:
        rule = N_("The insured of item 4 is the employer, so the relation is Other.")
        return Held(str(Relationship.OTHER), "case", "employer", rule, f"{_NUCC}, item 6, from memory")
    rule = N_("The client's relation to the insured.")
    return Held(str(f.bundle.policy.relationship), "policy", "relationship", rule, f"{_NUCC}, item 6")


def _item_7(f: Facts) -> Held:
    if f.employer:
        rule = N_("The employer's address is not kept, so it stays blank.")
        return Held(None, "case", "employer", rule, f"{_NUCC}, item 7, from memory")
    if f.blank_self:
        rule = N_("This payer wants it blank when the client is the insured.")
        return Held(None, "payer", "insured_when_self", rule, "payer habit")
    if f.self_insured:
        rule = N_("The client is the insured: the address of item 5 again.")
        return Held(_item_5(f).value, "client", "street", rule, f"{_NUCC}, item 7")
    p = f.bundle.policy
    value = _address(p.insured_street, p.insured_city, p.insured_state, p.insured_zip_code, p.insured_phone)
    return Held(value, "policy", "insured_street", N_("The insured's address as on the policy."), f"{_NUCC}, item 7")


_OTHER_RULE = N_("Filled only when another plan covers the client, and then item 11d says yes.")


def _item_9(f: Facts) -> Held:
    other = f.bundle.secondary
    if other is None:
        return Held(None, "client", "", _OTHER_RULE, f"{_NUCC}, item 9")
    client = f.bundle.client
    value = (
        listed_name(client.last_name, client.first_name, client.middle_name, client.suffix)
        if other.relationship is Relationship.SELF
        else _insured_name(other)
    )
    return Held(value, "secondary", "insured_last_name", _OTHER_RULE, f"{_NUCC}, item 9")


def _item_9a(f: Facts) -> Held:
    other = f.bundle.secondary
    if other is None:
        return Held(None, "client", "", _OTHER_RULE, f"{_NUCC}, item 9a")
    if other.member_id or not other.group_number:
        rule = N_("The number of the other policy.")
        return Held(other.member_id, "secondary", "member_id", rule, f"{_NUCC}, item 9a")
    rule = N_("The other policy has no number of its own: its group number.")
    return Held(other.group_number, "secondary", "group_number", rule, f"{_NUCC}, item 9a")


def _item_9d(f: Facts) -> Held:
    other, payer = f.bundle.secondary, f.bundle.secondary_payer
    if other is None:
        return Held(None, "client", "", _OTHER_RULE, f"{_NUCC}, item 9d")
    if other.plan_name or payer is None:
        rule = N_("The name of the other plan.")
        return Held(other.plan_name, "secondary", "plan_name", rule, f"{_NUCC}, item 9d")
    rule = N_("The other policy names no plan: the name of its payer.")
    return Held(payer.name, "secondary_payer", "name", rule, f"{_NUCC}, item 9d")


def _item_10a(f: Facts) -> Held:
    rule = N_("Yes when the case is an injury at work.")
    return Held(f.case.kind is CaseKind.WORK, "case", "kind", rule, f"{_NUCC}, item 10a")


def _item_10b(f: Facts) -> Held:
    auto = f.case.kind is CaseKind.AUTO
    value: dict[str, Any] = {"yes": auto}
    if auto and f.case.accident_state:
        value["state"] = f.case.accident_state
    rule = N_("Yes when the case is an auto accident, with the state where it happened.")
    return Held(value, "case", "accident_state" if auto else "kind", rule, f"{_NUCC}, item 10b")


def _item_10c(f: Facts) -> Held:
    rule = N_("Yes when the case is another accident.")
    return Held(f.case.kind is CaseKind.OTHER, "case", "kind", rule, f"{_NUCC}, item 10c")


def _item_11(f: Facts) -> Held:
    b = f.bundle
    if b.payer.program is Program.FECA:
        rule = N_("Federal workers' compensation: the number of the case.")
        return Held(f.case.claim_number, "case", "claim_number", rule, "OWCP-1500; item 11")
    if b.payer.group_box is GroupBox.BLANK:
        rule = N_("This payer wants no group number.")
        return Held(None, "payer", "group_box", rule, "payer habit")
    if b.payer.group_box is GroupBox.NONE:
        rule = N_("This payer wants the word NONE: no other insurance pays before it.")
        return Held("NONE", "payer", "group_box", rule, "payer habit")
    rule = N_("The group or policy number as on the card.")
    return Held(b.policy.group_number, "policy", "group_number", rule, f"{_NUCC}, item 11")


def _item_11a(f: Facts) -> Held:
    source = f"{_NUCC}, item 11a"
    if f.employer:
        return Held(None, "case", "employer", N_("The employer is the insured: no birth date."), source)
    if f.blank_self:
        rule = N_("This payer wants it blank when the client is the insured.")
        return Held(None, "payer", "insured_when_self", rule, "payer habit")
    if f.self_insured:
        rule = N_("The client is the insured: birth date and sex of item 3 again.")
        return Held(_item_3(f).value, "client", "birth_date", rule, source)
    p = f.bundle.policy
    rule = N_("The insured's birth date and sex.")
    return Held(_birth(p.insured_birth_date, p.insured_sex), "policy", "insured_birth_date", rule, source)


def _item_11b(f: Facts) -> Held:
    source = f"{_NUCC}, item 11b"
    if f.bundle.payer.program is Program.FECA:
        return Held(None, "case", "claim_number", N_("A federal case number stands in item 11."), source)
    if f.case.kind is CaseKind.HEALTH or not f.case.claim_number:
        rule = N_("Only for a claim number that a property or casualty payer gave.")
        return Held(None, "case", "claim_number", rule, source)
    value = {"qualifier": "Y4", "id": f.case.claim_number}
    return Held(value, "case", "claim_number", N_("Y4 and the payer's number of the accident or injury."), source)


def _item_11c(f: Facts) -> Held:
    source = f"{_NUCC}, item 11c"
    if f.bundle.policy.plan_name:
        rule = N_("The name of the plan as on the card.")
        return Held(f.bundle.policy.plan_name, "policy", "plan_name", rule, source)
    rule = N_("The policy names no plan: the name of the payer.")
    return Held(f.bundle.payer.name, "payer", "name", rule, source)


def _item_11d(f: Facts) -> Held:
    other = f.bundle.secondary
    record = "client" if other is None else "secondary"
    return Held(other is not None, record, "", N_("Yes when another plan covers the client."), f"{_NUCC}, item 11d")


def _item_12(f: Facts) -> Held:
    client, source = f.bundle.client, f"{_NUCC}, item 12"
    if not f.holds(client.release_expires):
        rule = N_("The client's signature to release information had expired by the last date of service.")
        return Held(None, "client", "release_expires", rule, source)
    value = {"signed": ON_FILE} if client.release_signed else None
    rule = N_("The client's signature to release information is on file; a date only stands beside ink.")
    return Held(value, "client", "release_signed", rule, source)


def _item_13(f: Facts) -> Held:
    client, source = f.bundle.client, f"{_NUCC}, item 13"
    if not f.holds(client.assignment_expires):
        rule = N_("The signature that lets the payer pay the practice had expired by the last date of service.")
        return Held(None, "client", "assignment_expires", rule, source)
    value = ON_FILE if client.assignment_signed else None
    rule = N_("The signature that lets the payer pay the practice is on file.")
    return Held(value, "client", "assignment_signed", rule, source)


def _item_14(f: Facts) -> Held:
    source = f"{_NUCC}, item 14"
    case = f.case
    if case.onset:
        value = {"date": _date(case.onset), "qualifier": case.onset_qualifier}
        rule = N_("The onset as the case says: 431 for symptoms or illness, 484 for the last period.")
        return Held({k: v for k, v in value.items() if v}, "case", "onset", rule, source)
    if case.kind is not CaseKind.HEALTH and case.accident_date:
        value = {"date": _date(case.accident_date), "qualifier": "431"}
        rule = N_("After an accident or injury its date is the onset, 431.")
        return Held(value, "case", "accident_date", rule, source)
    return Held(None, "case", "onset", N_("Blank when the case has no date of onset."), source)


def _item_15(f: Facts) -> Held:
    source = f"{_NUCC}, item 15"
    case = f.case
    if case.other_date:
        value = {"date": _date(case.other_date), "qualifier": case.other_date_qualifier}
        rule = N_("The other date that the case gives.")
        return Held({k: v for k, v in value.items() if v}, "case", "other_date", rule, source)
    if case.kind in (CaseKind.AUTO, CaseKind.OTHER) and case.accident_date:
        value = {"date": _date(case.accident_date), "qualifier": "439"}
        return Held(value, "case", "accident_date", N_("The date of the accident, 439."), source)
    return Held(None, "case", "other_date", N_("Blank when the case has no other date."), source)


def _item_16(f: Facts) -> Held:
    value = _span(f.case.unable_from, f.case.unable_to)
    rule = N_("From when to when the client could not work.")
    return Held(value, "case", "unable_from", rule, f"{_NUCC}, item 16")


def _item_17(f: Facts) -> Held:
    r = f.bundle.referral
    rule = N_("Who referred, ordered or supervises, with the qualifier of that role.")
    if r is None:
        return Held(None, "claim", "referral_id", rule, f"{_NUCC}, item 17")
    value = {"qualifier": str(r.role), "name": plain_name(r.first_name, r.middle_name, r.last_name, r.credentials)}
    return Held({k: v for k, v in value.items() if v}, "referral", "last_name", rule, f"{_NUCC}, item 17")


def _item_17a(f: Facts) -> Held:
    r = f.bundle.referral
    rule = N_("A number other than the NPI, only when the referral has one.")
    if r is None or not r.other_id:
        return Held(None, "referral" if r else "claim", "other_id", rule, f"{_NUCC}, item 17a")
    value = {k: v for k, v in (("qualifier", r.other_id_qualifier), ("id", r.other_id)) if v}
    return Held(value, "referral", "other_id", rule, f"{_NUCC}, item 17a")


def _item_17b(f: Facts) -> Held:
    r = f.bundle.referral
    rule = N_("The NPI of the provider in item 17.")
    return Held(r.npi if r else None, "referral" if r else "claim", "npi", rule, f"{_NUCC}, item 17b")


def _item_18(f: Facts) -> Held:
    value = _span(f.case.hospital_from, f.case.hospital_to)
    rule = N_("The stay in hospital that the sessions go with; no end while it lasts.")
    return Held(value, "case", "hospital_from", rule, f"{_NUCC}, item 18")


def _item_20(f: Facts) -> Held:
    return Held({"yes": False}, "claim", "", N_("No outside laboratory is bought for massage."), f"{_NUCC}, item 20")


def _item_21(f: Facts) -> Held:
    value = {"indicator": "0", "codes": list(f.codes)} if f.codes else None
    rule = N_("ICD-10-CM (0): the diagnoses of the claim's sessions in order of first use.")
    first = next((f"visit:{visit.id}" for visit in f.bundle.visits if visit.diagnoses), "claim")
    return Held(value, first, "diagnoses", rule, f"{_NUCC}, item 21")


def _item_22(f: Facts) -> Held:
    c = f.bundle.claim
    value = {k: v for k, v in (("code", c.resubmission_code), ("reference", c.original_reference)) if v}
    rule = N_("Only on a corrected (7) or voided (8) claim, with the payer's number of the first one.")
    return Held(value or None, "claim", "resubmission_code", rule, f"{_NUCC}, item 22")


def _item_23(f: Facts) -> Held:
    a = f.bundle.authorization
    rule = N_("The number of the authorization that the sessions use.")
    return Held(a.number if a else None, "authorization" if a else "claim", "number", rule, f"{_NUCC}, item 23")


def _item_25(f: Facts) -> Held:
    p = f.bundle.practice
    value = {"id": p.tax_id, "kind": str(p.tax_id_kind)} if p.tax_id else None
    return Held(value, "practice", "tax_id", N_("The tax id of the billing provider."), f"{_NUCC}, item 25")


def _item_26(f: Facts) -> Held:
    value = account_number(f.bundle.claim.number)
    rule = N_("The claim's number without separators, so that the payer's answer finds it.")
    return Held(value, "claim", "number", rule, f"{_NUCC}, item 26")


def _item_27(f: Facts) -> Held:
    rule = N_("Whether the practice accepts this payer's terms.")
    return Held(f.bundle.payer.accepts_assignment, "payer", "accepts_assignment", rule, f"{_NUCC}, item 27")


def _item_31(f: Facts) -> Held:
    p, habits = f.bundle.provider, f.bundle.payer
    if habits.signature_box is SignatureBox.NAME:
        signed, field = plain_name(p.first_name, p.middle_name, p.last_name, p.credentials), "last_name"
        rule = N_("This payer wants the therapist's name.")
    elif habits.signature_box is SignatureBox.LICENSE:
        signed, field = p.license_number, "license_number"
        rule = N_("This payer wants the therapist's license number.")
    else:
        signed, field = ON_FILE, ""
        rule = N_("The therapist's signature is on file.")
    dates = {
        SignedDate.ISSUED: f.bundle.claim.issued or f.today,
        SignedDate.LAST_SERVICE: f.last_service(),
        SignedDate.NONE: None,
    }
    value = {k: v for k, v in (("signed", signed), ("date", _date(dates[habits.signed_date]))) if v}
    return Held(value or None, "provider", field, rule, "payer habit; NUCC 02/12, item 31")


def _item_32(f: Facts) -> Held:
    box, source = f.bundle.payer.facility_box, f"payer habit; {_NUCC}, item 32"
    p, c = f.bundle.practice, f.bundle.client
    if box is FacilityBox.NEVER:
        return Held(None, "payer", "facility_box", N_("This payer wants it blank."), source)
    if f.at_home:
        lines = [PATIENT_HOME, c.street, city_line(c.city, c.state, c.zip_code)]
        rule = N_("Place 12: the client's home.")
        return Held([line for line in lines if line], "client", "street", rule, source)
    if box is FacilityBox.WHEN_DIFFERENT and not _elsewhere(p):
        return Held(None, "payer", "facility_box", N_("Blank: the place is that of item 33."), source)
    name, street, *city = _place(p)
    lines = [line for line in (name, street, city_line(*city)) if line]
    rule = N_("The place where sessions happen.")
    return Held(lines or None, "practice", "service_street" if p.service_street else "street", rule, source)


def _place(p: Practice) -> tuple[str, str, str, str, str]:
    """Name, street, city, state and ZIP of where sessions happen."""
    if p.service_street:
        return p.service_name or p.name, p.service_street, p.service_city, p.service_state, p.service_zip_code
    return p.service_name or p.name, p.street, p.city, p.state, p.zip_code


def _elsewhere(p: Practice) -> bool:
    return _place(p) != (p.name, p.street, p.city, p.state, p.zip_code)


def _item_32a(f: Facts) -> Held:
    source = f"payer habit; {_NUCC}, item 32a"
    if f.at_home or _item_32(f).value is None:
        return Held(None, "payer", "facility_box", N_("Blank: item 32 names no place with an NPI."), source)
    p = f.bundle.practice
    if _elsewhere(p):
        return Held(p.service_npi, "practice", "service_npi", N_("The NPI of the place in item 32."), source)
    return Held(p.npi, "practice", "npi", N_("The place is the practice: its NPI."), source)


def _item_33(f: Facts) -> Held:
    p = f.bundle.practice
    area, number = _phone(p.phone)
    lines = [line for line in (p.name, p.street, city_line(p.city, p.state, p.zip_code)) if line]
    value = {k: v for k, v in (("area", area), ("phone", number), ("lines", lines)) if v}
    rule = N_("The billing provider's name, address and telephone number.")
    return Held(value or None, "practice", "name", rule, f"{_NUCC}, item 33")


def _item_33a(f: Facts) -> Held:
    rule = N_("The NPI of the billing provider.")
    return Held(f.bundle.practice.npi, "practice", "npi", rule, f"{_NUCC}, item 33a")


def _item_33b(f: Facts) -> Held:
    b = f.bundle
    if not b.payer.taxonomy_in_33b:
        rule = N_("This payer asks for no second number.")
        return Held(None, "payer", "taxonomy_in_33b", rule, "payer habit")
    value = f"ZZ{b.practice.taxonomy}" if b.practice.taxonomy else None
    rule = N_("This payer wants the taxonomy code, with the qualifier ZZ.")
    return Held(value, "practice", "taxonomy", rule, f"payer habit; {_NUCC}, item 33b")


ITEMS: tuple[tuple[str, Callable[[Facts], Held]], ...] = (
    ("carrier", _carrier), ("1", _item_1), ("1a", _item_1a), ("2", _item_2), ("3", _item_3), ("4", _item_4),
    ("5", _item_5), ("6", _item_6), ("7", _item_7), ("9", _item_9), ("9a", _item_9a), ("9d", _item_9d),
    ("10a", _item_10a), ("10b", _item_10b), ("10c", _item_10c), ("11", _item_11), ("11a", _item_11a),
    ("11b", _item_11b), ("11c", _item_11c), ("11d", _item_11d), ("12", _item_12), ("13", _item_13),
    ("14", _item_14), ("15", _item_15), ("16", _item_16), ("17", _item_17), ("17a", _item_17a), ("17b", _item_17b),
    ("18", _item_18), ("20", _item_20), ("21", _item_21), ("22", _item_22), ("23", _item_23), ("25", _item_25),
    ("26", _item_26), ("27", _item_27), ("31", _item_31), ("32", _item_32), ("32a", _item_32a), ("33", _item_33),
    ("33a", _item_33a), ("33b", _item_33b),
)  # fmt: skip
"""Items 8, 9b, 9c and 30 are reserved; 10d, 19 and 32b stay blank until a payer asks for them."""


# --- what differs from form to form: totals and lines ---------------------------------------------------------------


def label(sheet: claims.Form) -> Held:
    rule = N_("This payer wants claims of more than six lines as numbered pages.")
    return Held(sheet.label, "payer", "many_lines", rule, "payer habit")


def total(facts: Facts, sheet: claims.Form) -> Held:
    source = f"payer habit; {_NUCC}, item 28"
    if sheet.charge is None:
        rule = N_("More pages follow; the last one has the total.")
        return Held(CONTINUED, "payer", "many_lines", rule, source)
    rule = N_("The sum of the charges of this form's lines, or of the whole claim on the last numbered page.")
    return Held(dollars_text(sheet.charge), "claim", "line_ids", rule, source)


def paid(facts: Facts, sheet: claims.Form) -> Held:
    box, source = facts.bundle.payer.paid_box, f"payer habit; {_NUCC}, item 29"
    if box is PaidBox.BLANK or sheet.paid is None:
        return Held(None, "payer", "paid_box", N_("This payer wants it blank, or a later page has it."), source)
    rule = N_("What the client paid for these lines; nothing paid is blank or 0 00, as the payer wants.")
    value = dollars_text(sheet.paid) if sheet.paid or box is PaidBox.ZERO else None
    first = next((f"visit:{facts.lines[line_id][1].id}" for line_id in sheet.line_ids), "claim")
    return Held(value, first, "paid", rule, source)


def line(facts: Facts, line_id: int) -> dict[str, Any]:
    service, visit = facts.lines[line_id]
    date = _date(visit.date)
    value: dict[str, Any] = {
        "from": date, "to": date, "place": service.place, "code": service.code, "modifiers": list(service.modifiers),
        "pointer": facts.pointers[line_id], "charge": dollars_text(service.charge), "units": str(service.units),
        "npi": facts.rendering_npi, "shaded": _shaded(service),
    }  # fmt: skip
    return {key: part for key, part in value.items() if part}


def _shaded(line: ServiceLine) -> str:
    """An unlisted code's words follow ZZ at once; other words without a qualifier begin after two blanks (NUCC)."""
    note = line.note.strip()
    if not note or note.startswith(_QUALIFIED):
        return note
    return f"ZZ{note}" if line.code in UNLISTED else f"  {note}"


def line_reasons(number: int, facts: Facts, line_id: int) -> dict[str, Held]:
    """Why line `number` of a form holds what it holds."""
    line, visit = facts.lines[line_id]
    record, source = f"visit:{visit.id}", f"{_NUCC}, item 24"
    npi_rule = (
        N_("The therapist's NPI.") if facts.rendering_npi else N_("Blank: the same as item 33a, or not known.")
    )  # fmt: skip
    reasons = {
        "": Held(line, record, "lines", N_("One line for each code of a session, on its own date."), source),
        ".from": Held(line, record, "date", N_("The date of the session, repeated under To."), f"{source}A"),
        ".place": Held(line, record, "lines", N_("Where the session was: 11 office, 12 home."), f"{source}B"),
        ".modifier": Held(line, record, "lines", N_("Only those that a person put there."), f"{source}D"),
        ".pointer": Held(
            line, record, "lines", N_("Letters of the diagnoses in item 21 that the line is for."), f"{source}E",
        ),
        ".charge": Held(line, record, "lines", N_("The charge for all units of the line."), f"{source}F"),
        ".units": Held(line, record, "lines", N_("Units by the payer's rule from hands-on minutes."), f"{source}G"),
        ".shaded": Held(line, record, "lines", N_("Words that an unlisted code needs, after ZZ."), f"{source}, shaded"),
        ".npi": Held(line, "provider", "npi", npi_rule, f"payer habit; {source}J"),
    }  # fmt: skip
    reasons[".to"] = reasons[".from"]
    return {f"24.{number}{part}": held for part, held in reasons.items()}
