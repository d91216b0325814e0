"""The words of the desk for the values of records: one place, so that a state reads the same on every page."""

from __future__ import annotations

from app.billing.records import (
    CaseKind,
    ClaimStatus,
    Client,
    DateDigits,
    FacilityBox,
    GroupBox,
    InsuredWhenSelf,
    ManyLines,
    PaidBox,
    Program,
    Provider,
    Rank,
    ReferrerRole,
    Relationship,
    RenderingNpi,
    Sex,
    SignatureBox,
    SignedDate,
    TaxIdKind,
    UnitRule,
    VisitStatus,
)
from app.i18n import _

SEX = {Sex.UNKNOWN: _("not known"), Sex.FEMALE: _("female"), Sex.MALE: _("male")}
TAX_ID = {TaxIdKind.EIN: _("EIN"), TaxIdKind.SSN: _("SSN")}
PROGRAM = {
    Program.OTHER: _("Other (auto, work, most plans)"),
    Program.GROUP: _("Group health plan"),
    Program.MEDICARE: _("Medicare"),
    Program.MEDICAID: _("Medicaid"),
    Program.TRICARE: _("TRICARE"),
    Program.CHAMPVA: _("CHAMPVA"),
    Program.FECA: _("FECA Black Lung"),
}
RELATIONSHIP = {
    Relationship.SELF: _("self"),
    Relationship.SPOUSE: _("spouse"),
    Relationship.CHILD: _("child"),
    Relationship.OTHER: _("other"),
}
RANK = {Rank.PRIMARY: _("pays first"), Rank.SECONDARY: _("pays second")}
REFERRER = {
    ReferrerRole.REFERRING: _("referring (DN)"),
    ReferrerRole.ORDERING: _("ordering (DK)"),
    ReferrerRole.SUPERVISING: _("supervising (DQ)"),
}
CASE = {
    CaseKind.HEALTH: _("health"),
    CaseKind.AUTO: _("auto accident"),
    CaseKind.WORK: _("work"),
    CaseKind.OTHER: _("other accident"),
}
VISIT = {
    VisitStatus.DONE: _("took place"),
    VisitStatus.PLANNED: _("planned"),
    VisitStatus.NO_SHOW: _("missed"),
    VisitStatus.VOID: _("void"),
}
UNIT_RULE = {UnitRule.CMS: _("CMS, the day's total"), UnitRule.AMA: _("AMA, midpoint of each code")}
INSURED = {InsuredWhenSelf.REPEAT: _("repeat the client"), InsuredWhenSelf.BLANK: _("leave blank")}
GROUP = {
    GroupBox.NUMBER: _("the group number"),
    GroupBox.NONE: _("the word NONE"),
    GroupBox.BLANK: _("always blank"),
}
DATES = {DateDigits.SIX: _("six digits"), DateDigits.EIGHT: _("eight digits")}
RENDERING = {RenderingNpi.ALWAYS: _("always"), RenderingNpi.WHEN_DIFFERENT: _("only when not the same as 33a")}
FACILITY = {
    FacilityBox.ALWAYS: _("always"),
    FacilityBox.WHEN_DIFFERENT: _("only when not the same as 33"),
    FacilityBox.NEVER: _("never"),
}
PAID = {PaidBox.AMOUNT: _("the amount"), PaidBox.ZERO: _("0 00 when none"), PaidBox.BLANK: _("always blank")}
SIGNATURE = {
    SignatureBox.ON_FILE: _("SIGNATURE ON FILE"),
    SignatureBox.NAME: _("the provider's name"),
    SignatureBox.LICENSE: _("the license number"),
}
SIGNED = {
    SignedDate.ISSUED: _("the day of issue"),
    SignedDate.LAST_SERVICE: _("the last date of service"),
    SignedDate.NONE: _("none"),
}
MANY_LINES = {
    ManyLines.SEPARATE_TOTALS: _("forms with totals of their own"),
    ManyLines.CONTINUED: _("Page x of y, total on the last"),
}
MONTHS = (
    _("January"), _("February"), _("March"), _("April"), _("May"), _("June"), _("July"), _("August"), _("September"),
    _("October"), _("November"), _("December"),
)  # fmt: skip
WEEKDAYS = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
)  # fmt: skip
CLAIM = {
    ClaimStatus.DRAFT: _("Draft"),
    ClaimStatus.READY: _("Ready to print"),
    ClaimStatus.PRINTED: _("Printed"),
    ClaimStatus.MAILED: _("Mailed"),
    ClaimStatus.RECEIVED: _("Received"),
    ClaimStatus.IN_PROCESS: _("In process"),
    ClaimStatus.PAID: _("Paid"),
    ClaimStatus.PARTLY_PAID: _("Partly paid"),
    ClaimStatus.DENIED: _("Denied"),
    ClaimStatus.REJECTED: _("Rejected"),
    ClaimStatus.APPEALED: _("Appealed"),
    ClaimStatus.CORRECTED: _("Corrected"),
    ClaimStatus.VOID: _("Void"),
    ClaimStatus.WRITTEN_OFF: _("Written off"),
    ClaimStatus.CLOSED: _("Closed"),
}
CLAIM_LOOKS = {
    ClaimStatus.DRAFT: ("neutral", "pencil"),
    ClaimStatus.READY: ("blue", "circle-check"),
    ClaimStatus.PRINTED: ("blue", "printer"),
    ClaimStatus.MAILED: ("blue", "mail-forward"),
    ClaimStatus.RECEIVED: ("blue", "inbox"),
    ClaimStatus.IN_PROCESS: ("blue", "hourglass"),
    ClaimStatus.PAID: ("green", "filled/circle-check"),
    ClaimStatus.PARTLY_PAID: ("amber", "circle-half-2"),
    ClaimStatus.DENIED: ("red", "ban"),
    ClaimStatus.REJECTED: ("red", "arrow-back-up"),
    ClaimStatus.APPEALED: ("blue", "gavel"),
    ClaimStatus.CORRECTED: ("blue", "replace"),
    ClaimStatus.VOID: ("neutral", "file-x"),
    ClaimStatus.WRITTEN_OFF: ("neutral", "eraser"),
    ClaimStatus.CLOSED: ("neutral", "archive"),
}
"""Tone and icon of each status."""


def person(who: Client | Provider) -> str:
    """`Applewhite, Juniper`."""
    return ", ".join(part for part in (who.last_name, who.first_name) if part)


def provider(who: Provider) -> str:
    """`Mira Thornquist, LMT`."""
    name = " ".join(part for part in (who.first_name, who.last_name) if part)
    return ", ".join(part for part in (name, who.credentials) if part)
