"""Every noun of the business, as frozen values: text, whole numbers, dates, enums and tuples of records.

Equal content is equal: a draft is `dataclasses.replace(record, …)`, and changed means `!=`. Money is in cents, time
in minutes. `id` is None until the record is kept. Empty text means "not known"; None means "no such thing".
The rows of `store/tables.py` have the same names.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Sex(StrEnum):
    """Item 3 and 11a; empty when not known (the boxes then stay blank)."""

    UNKNOWN = ""
    FEMALE = "F"
    MALE = "M"


class TaxIdKind(StrEnum):
    """Item 25."""

    EIN = "EIN"
    SSN = "SSN"


class Program(StrEnum):
    """Item 1: the kind of plan. `OTHER` is right for auto, state workers' compensation and most commercial plans."""

    MEDICARE = "medicare"
    MEDICAID = "medicaid"
    TRICARE = "tricare"
    CHAMPVA = "champva"
    GROUP = "group"
    FECA = "feca"
    OTHER = "other"


class Relationship(StrEnum):
    """Item 6: the client's relation to the insured."""

    SELF = "self"
    SPOUSE = "spouse"
    CHILD = "child"
    OTHER = "other"


class Rank(StrEnum):
    """Which policy pays first."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


class ReferrerRole(StrEnum):
    """The qualifier of item 17, left of the dotted line."""

    REFERRING = "DN"
    ORDERING = "DK"
    SUPERVISING = "DQ"


class CaseKind(StrEnum):
    """Why the client comes: ordinary health, an auto accident (10b), work (10a), another accident (10c)."""

    HEALTH = "health"
    AUTO = "auto"
    WORK = "work"
    OTHER = "other"


class VisitStatus(StrEnum):
    """Only a `DONE` visit is billed or counts against a referral."""

    PLANNED = "planned"
    DONE = "done"
    NO_SHOW = "no-show"
    VOID = "void"


class UnitRule(StrEnum):
    """How a payer turns minutes into units: over the day's total (CMS) or per code (AMA midpoint)."""

    CMS = "cms"
    AMA = "ama"


class InsuredWhenSelf(StrEnum):
    """Items 4 and 7 when the client is the insured: repeated (NUCC) or blank."""

    REPEAT = "repeat"
    BLANK = "blank"


class DateDigits(StrEnum):
    """Items 12, 14, 15, 16 and 18: one style within a claim."""

    SIX = "6"
    EIGHT = "8"


class GroupBox(StrEnum):
    """Item 11: the group number (or what the kind of plan wants there), the word NONE, or blank."""

    NUMBER = "number"
    NONE = "none"
    BLANK = "blank"


class RenderingNpi(StrEnum):
    """Item 24J: always, or only when it differs from item 33a."""

    ALWAYS = "always"
    WHEN_DIFFERENT = "when-different"


class FacilityBox(StrEnum):
    """Item 32: always, only when it differs from item 33, or never."""

    ALWAYS = "always"
    WHEN_DIFFERENT = "when-different"
    NEVER = "never"


class PaidBox(StrEnum):
    """Item 29 when nothing was paid, or at all: the amount (blank when none), 0 00 when none, always blank."""

    AMOUNT = "amount"
    ZERO = "zero"
    BLANK = "blank"


class SignatureBox(StrEnum):
    """Item 31: SIGNATURE ON FILE, the provider's name, or the licence number (Florida PIP)."""

    ON_FILE = "on-file"
    NAME = "name"
    LICENSE = "license"


class SignedDate(StrEnum):
    """The date of item 31: the day the claim is issued, the last date of service, or none."""

    ISSUED = "issued"
    LAST_SERVICE = "last-service"
    NONE = "none"


class ManyLines(StrEnum):
    """More than six lines: forms with totals of their own, or `Page x of y`, CONTINUED and the total on the last."""

    SEPARATE_TOTALS = "separate-totals"
    CONTINUED = "continued"


class Purpose(StrEnum):
    """What is mailed to an address of a payer."""

    CLAIMS = "claims"
    APPEALS = "appeals"
    RECORDS = "records"


class PaperKind(StrEnum):
    """What a kept scan is of."""

    REFERRAL = "referral"
    AUTHORIZATION = "authorization"
    CARD = "card"
    FORM = "form"
    OTHER = "other"


class ClaimStatus(StrEnum):
    """Where a claim stands. A person sets it: paper gives no other news.

    A `REJECTED` claim came back unread and is sent again as if new; a `DENIED` one was decided, and is corrected or
    appealed. `CORRECTED` is a claim that another one took the place of; like a `VOID` one it holds no session.
    """

    DRAFT = "draft"
    READY = "ready"
    PRINTED = "printed"
    MAILED = "mailed"
    RECEIVED = "received"
    IN_PROCESS = "in-process"
    PAID = "paid"
    PARTLY_PAID = "partly-paid"
    DENIED = "denied"
    REJECTED = "rejected"
    APPEALED = "appealed"
    CORRECTED = "corrected"
    VOID = "void"
    WRITTEN_OFF = "written-off"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Practice:
    """The clinic: billing provider (item 33), tax id (25), and the place where sessions happen (item 32).

    `service_*` is empty when sessions happen at the practice's address. `low_*` say when a referral or authorization
    runs low: so many visits or days left, or fewer units than that.
    """

    id: int | None = None
    name: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""
    phone: str = ""
    fax: str = ""
    email: str = ""
    npi: str = ""
    taxonomy: str = ""
    tax_id: str = ""
    tax_id_kind: TaxIdKind = TaxIdKind.EIN
    service_name: str = ""
    service_street: str = ""
    service_city: str = ""
    service_state: str = ""
    service_zip_code: str = ""
    service_npi: str = ""
    low_visits: int = 2
    low_units: int = 10
    low_days: int = 7
    claim_prefix: str = ""
    next_claim: int = 1
    next_superbill: int = 1
    next_client: int = 1


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A therapist: rendering provider (items 24J and 31). `credentials` as printed after the name, such as LMT."""

    id: int | None = None
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    credentials: str = ""
    npi: str = ""
    taxonomy: str = ""
    license_number: str = ""
    license_state: str = ""
    archived: bool = False


@dataclass(frozen=True, kw_only=True)
class Client:
    """A person who is treated; "patient" only on the form. `release_signed` is the date of the signature that
    item 12 stands on, `assignment_signed` that of item 13, `consent_signed` that of the consent to treatment; each
    holds through its day of expiry, if there is one."""

    id: int | None = None
    number: str = ""
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    suffix: str = ""
    birth_date: dt.date | None = None
    sex: Sex = Sex.UNKNOWN
    street: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""
    phone: str = ""
    email: str = ""
    release_signed: dt.date | None = None
    release_expires: dt.date | None = None
    assignment_signed: dt.date | None = None
    assignment_expires: dt.date | None = None
    consent_signed: dt.date | None = None
    consent_expires: dt.date | None = None
    note: str = ""
    archived: bool = False


@dataclass(frozen=True, kw_only=True)
class PayerAddress:
    """Where a payer wants a kind of mail, when that is not its own address. Without a `name`: the payer's."""

    id: int | None = None
    purpose: Purpose = Purpose.CLAIMS
    name: str = ""
    street: str = ""
    street2: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""


@dataclass(frozen=True, kw_only=True)
class Payer:
    """An insurer and its habits on paper. Habits are data: a payer that differs is a row, never a branch of code.

    `unit_cap` (units a day, 0 = none known), `filing_days` and `appeal_days` (0 = not looked up) come from the
    contract; so does that a progress report is due after `progress_visits` visits or `progress_months` months (0 = not
    by these). `unit_rule` None is not chosen yet. `paid_pairs` are pairs ("97140+97124") that this payer is known to
    pay together, with the reason to think so; `preferred_code` stays when one code of a pair must go.
    """

    id: int | None = None
    name: str = ""
    street: str = ""
    street2: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""
    phone: str = ""
    program: Program = Program.OTHER
    unit_rule: UnitRule | None = UnitRule.CMS
    unit_cap: int = 0
    filing_days: int = 0
    appeal_days: int = 0
    progress_visits: int = 0
    progress_months: int = 0
    insured_when_self: InsuredWhenSelf = InsuredWhenSelf.REPEAT
    date_digits: DateDigits = DateDigits.SIX
    referral_required: bool = False
    authorization_required: bool = False
    rendering_npi: RenderingNpi = RenderingNpi.ALWAYS
    facility_box: FacilityBox = FacilityBox.ALWAYS
    paid_box: PaidBox = PaidBox.AMOUNT
    signature_box: SignatureBox = SignatureBox.ON_FILE
    signed_date: SignedDate = SignedDate.ISSUED
    many_lines: ManyLines = ManyLines.SEPARATE_TOTALS
    one_date_per_claim: bool = False
    accepts_assignment: bool = True
    gp_modifier: bool = False
    taxonomy_in_33b: bool = False
    group_box: GroupBox = GroupBox.NUMBER
    paid_pairs: tuple[str, ...] = ()
    paid_pairs_reason: str = ""
    preferred_code: str = ""
    addresses: tuple[PayerAddress, ...] = ()
    archived: bool = False


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A client's cover with a payer. The `insured_*` fields are empty when `relationship` is self.

    `copay` is in cents a session.
    """

    id: int | None = None
    client_id: int = 0
    payer_id: int = 0
    rank: Rank = Rank.PRIMARY
    member_id: str = ""
    group_number: str = ""
    plan_name: str = ""
    relationship: Relationship = Relationship.SELF
    insured_first_name: str = ""
    insured_middle_name: str = ""
    insured_last_name: str = ""
    insured_birth_date: dt.date | None = None
    insured_sex: Sex = Sex.UNKNOWN
    insured_street: str = ""
    insured_city: str = ""
    insured_state: str = ""
    insured_zip_code: str = ""
    insured_phone: str = ""
    copay: int = 0
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Referral:
    """A physician's order: items 17, 17a, 17b and the diagnoses of item 21.

    Diagnoses carry their dot. `visits_allowed` 0 means no limit was written, `used_elsewhere` are visits of it that
    others gave. `frequency` as written ("2 a week for 6 weeks"). `expires` is the last day it covers.
    """

    id: int | None = None
    client_id: int = 0
    case_id: int | None = None
    role: ReferrerRole = ReferrerRole.REFERRING
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    credentials: str = ""
    npi: str = ""
    other_id_qualifier: str = ""
    other_id: str = ""
    written: dt.date | None = None
    expires: dt.date | None = None
    diagnoses: tuple[str, ...] = ()
    visits_allowed: int = 0
    used_elsewhere: int = 0
    frequency: str = ""


@dataclass(frozen=True, kw_only=True)
class Authorization:
    """A payer's permission: item 23 holds its number. Limits of 0 are not given; `dollars_allowed` is in cents,
    `used_elsewhere` are visits of it that others gave."""

    id: int | None = None
    client_id: int = 0
    policy_id: int | None = None
    number: str = ""
    visits_allowed: int = 0
    units_allowed: int = 0
    dollars_allowed: int = 0
    used_elsewhere: int = 0
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Case:
    """What the sessions are about: an accident, an injury at work, or ordinary health.

    `onset` with `onset_qualifier` (431, 484) is item 14, `other_date` with `other_date_qualifier` item 15,
    `claim_number` the payer's number of the accident (11b, Y4), `last_report` the date of the last progress report.
    """

    id: int | None = None
    client_id: int = 0
    name: str = ""
    kind: CaseKind = CaseKind.HEALTH
    accident_date: dt.date | None = None
    accident_state: str = ""
    claim_number: str = ""
    adjuster_name: str = ""
    adjuster_phone: str = ""
    employer: str = ""
    onset: dt.date | None = None
    onset_qualifier: str = ""
    other_date: dt.date | None = None
    other_date_qualifier: str = ""
    unable_from: dt.date | None = None
    unable_to: dt.date | None = None
    hospital_from: dt.date | None = None
    hospital_to: dt.date | None = None
    last_report: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class ServiceLine:
    """One line of item 24. `charge` is for the line, in cents; `pointers` are letters of the visit's diagnoses.

    `minutes` are hands-on and 0 for an untimed code; `note` goes into the shaded half (words for an unlisted code).
    `separate_region` answers where the code was done, when another code of the session is paid only apart from it.
    """

    id: int | None = None
    code: str = ""
    modifiers: tuple[str, ...] = ()
    minutes: int = 0
    units: int = 1
    charge: int = 0
    pointers: str = ""
    place: str = "11"
    note: str = ""
    separate_region: str = ""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A session (the screens say "session"). No policy means that the client pays. `paid` is in cents.

    `start` is minutes after midnight, or None; `minutes` the booked length.
    """

    id: int | None = None
    client_id: int = 0
    provider_id: int = 0
    date: dt.date | None = None
    start: int | None = None
    minutes: int = 60
    status: VisitStatus = VisitStatus.DONE
    policy_id: int | None = None
    case_id: int | None = None
    referral_id: int | None = None
    authorization_id: int | None = None
    diagnoses: tuple[str, ...] = ()
    lines: tuple[ServiceLine, ...] = ()
    paid: int = 0
    paid_method: str = ""
    paid_on: dt.date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Fee:
    """The price of one unit of a code, in cents, with our own or the user's short words (never the AMA's)."""

    id: int | None = None
    code: str = ""
    label: str = ""
    amount: int = 0
    timed: bool = True


@dataclass(frozen=True, kw_only=True)
class FeeSchedule:
    """Prices in force from a date: of one payer, or of everyone without a schedule of their own (`payer_id` None)."""

    id: int | None = None
    name: str = ""
    payer_id: int | None = None
    valid_from: dt.date | None = None
    fees: tuple[Fee, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One CMS-1500 in the making or issued: up to six lines a form, more forms under the payer's policy.

    `line_ids` are service lines in the order of item 24. `number` is given when the claim is built and never used
    again. When it is issued, `pages` (the JSON of docs/VALUES.md) and `layout` are frozen; a reprint draws them.
    `resubmission_code` (7, 8) and `original_reference` are item 22; `replaces_id` the claim this one corrects.
    `status_on` is the day it came to its status, `next_action` what its owner means to do next, by `next_on`: all
    three are those of its last event.
    """

    id: int | None = None
    number: str = ""
    client_id: int = 0
    policy_id: int = 0
    provider_id: int = 0
    case_id: int | None = None
    referral_id: int | None = None
    authorization_id: int | None = None
    status: ClaimStatus = ClaimStatus.DRAFT
    built: dt.date | None = None
    issued: dt.date | None = None
    layout: str = ""
    pages: str = ""
    line_ids: tuple[int, ...] = ()
    resubmission_code: str = ""
    original_reference: str = ""
    replaces_id: int | None = None
    note: str = ""
    status_on: dt.date | None = None
    next_action: str = ""
    next_on: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class ClaimEvent:
    """One step in the history of a claim: it came to `status` on a day, or something was noted while it had it."""

    id: int | None = None
    claim_id: int = 0
    on: dt.date | None = None
    status: ClaimStatus = ClaimStatus.DRAFT
    note: str = ""
    next_action: str = ""
    next_on: dt.date | None = None
    user: str = ""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A scan kept with a client: of a referral, an authorization, an insurance card, a signed form.

    `name` is what its owner calls it; `media_type` says what the content is, `size` its bytes, `sha256` is its digest
    in hexadecimal. The content itself is kept beside the records (`store.papers`).
    """

    id: int | None = None
    client_id: int = 0
    referral_id: int | None = None
    authorization_id: int | None = None
    policy_id: int | None = None
    name: str = ""
    kind: PaperKind = PaperKind.OTHER
    media_type: str = ""
    size: int = 0
    sha256: str = ""
    added: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class TypedForm:
    """A CMS-1500 typed box by box, for those who only need to fill in a form: no claim, no client behind it.

    `pages` is the JSON of docs/VALUES.md, `name` what its owner calls it in the list.
    """

    id: int | None = None
    name: str = ""
    made: dt.date | None = None
    printed: dt.date | None = None
    layout: str = ""
    pages: str = "[]"


@dataclass(frozen=True, kw_only=True)
class PayerForm:
    """A payer's own PDF, cleaned: claims to this payer can be printed in it.

    `name` is what its file was called, `sha256` that of the file, `page` the clean page as `forms/template.py` packs it
    in base64, `mapping` the corrections of its match as JSON, box key to field.
    """

    id: int | None = None
    payer_id: int = 0
    name: str = ""
    sha256: str = ""
    added: dt.date | None = None
    page: str = ""
    mapping: str = "{}"


@dataclass(frozen=True, kw_only=True)
class KeptFilter:
    """A filter of a list, kept by name; `content` is JSON that the `page` understands."""

    id: int | None = None
    page: str = ""
    name: str = ""
    content: str = "{}"


@dataclass(frozen=True, kw_only=True)
class Override:
    """A value that a person put in place of the rule's, on one claim or on all that go to a payer.

    `key` is an item of the page ("19") or a part of a line ("24.2.shaded"; "24.*.emg" is every line), lines counted
    through all forms of the claim. `value` is its JSON (docs/VALUES.md), null for a blank. There is always a reason.
    """

    id: int | None = None
    claim_id: int | None = None
    payer_id: int | None = None
    key: str = ""
    value: str = "null"
    reason: str = ""
    made_on: dt.date | None = None
    user: str = ""


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """A blocking problem of a claim that a person let pass, and why. It is known by `code`, `item` and `record`."""

    id: int | None = None
    claim_id: int = 0
    code: str = ""
    item: str = ""
    record: str = ""
    reason: str = ""
    made_on: dt.date | None = None
    user: str = ""


@dataclass(frozen=True, kw_only=True)
class Superbill:
    """A statement for the client's own claim. Issued at once; `document` is its frozen content as JSON.

    A correction is a new superbill with the next `version` that names the one it replaces.
    """

    id: int | None = None
    number: str = ""
    version: int = 1
    client_id: int = 0
    issued: dt.date | None = None
    visit_ids: tuple[int, ...] = ()
    document: str = ""
    replaces_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class ClaimBundle:
    """All that the pages of one claim are made from, as it is now. `visits` hold the lines of the claim (and perhaps
    others); `secondary` is the client's other policy in force, with its payer; `overrides` are the claim's and the
    payer's."""

    claim: Claim
    practice: Practice
    provider: Provider
    client: Client
    payer: Payer
    policy: Policy
    visits: tuple[Visit, ...]
    secondary: Policy | None = None
    secondary_payer: Payer | None = None
    referral: Referral | None = None
    authorization: Authorization | None = None
    case: Case | None = None
    overrides: tuple[Override, ...] = ()
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SuperbillBundle:
    """All that a superbill is made from."""

    superbill: Superbill
    practice: Practice
    client: Client
    visits: tuple[Visit, ...]
    providers: tuple[Provider, ...]
    payers: tuple[Payer, ...] = ()
    policies: tuple[Policy, ...] = ()
    referrals: tuple[Referral, ...] = ()
    authorizations: tuple[Authorization, ...] = ()
    cases: tuple[Case, ...] = ()
    fees: tuple[FeeSchedule, ...] = ()
    replaces: Superbill | None = None
