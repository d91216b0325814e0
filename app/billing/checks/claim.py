"""Checks of a claim as a whole: what its records say about each other, and items 9, 20 to 22, 26 to 29, 31 and 33b."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from app.billing import claims
from app.billing.checks.registry import BLOCK, INFORM, WARN, Asked, Checks, Where
from app.billing.codes import RESUBMISSION_CODES
from app.billing.ids import ICD10
from app.billing.names import account_number
from app.billing.records import (
    CaseKind,
    ClaimBundle,
    FacilityBox,
    GroupBox,
    PaidBox,
    Program,
    Rank,
    Relationship,
    ServiceLine,
    Sex,
    SignatureBox,
    SignedDate,
    Visit,
    VisitStatus,
)
from app.i18n import N_, date_text

MOST_ACCOUNT = 14
MOST_REFERENCE = 18
MOST_TOTAL = 999_999_999
"""Cents: item 28 holds seven digits and two."""
MOST_LINES = 50
SOON_DAYS = 14


class Facts:
    """A claim's bundle, its lines with their sessions, and what several checks need of them."""

    def __init__(self, bundle: ClaimBundle) -> None:
        self.bundle = bundle
        by_id = {line.id: (line, visit) for visit in bundle.visits for line in visit.lines}
        ids = bundle.claim.line_ids
        self.lines: list[tuple[ServiceLine, Visit]] = [by_id[line_id] for line_id in ids if line_id in by_id]
        self.missing = [line_id for line_id in ids if line_id not in by_id]
        self.visits = list({id(visit): visit for __, visit in self.lines}.values())
        self.dates = [visit.date for __, visit in self.lines if visit.date is not None]
        self.total = sum(line.charge for line, __ in self.lines)
        self.codes, __ = claims.union(self.visits, ids)
        self.case_kind = bundle.case.kind if bundle.case else CaseKind.HEALTH
        self.places = {line.place for line, __ in self.lines}

    def names(self) -> dict[str, str]:
        """The name ("policy:5") of each record that the claim is made from."""
        b = self.bundle
        records = (
            ("client", "client", b.client.id), ("practice", "practice", b.practice.id), ("payer", "payer", b.payer.id),
            ("provider", "provider", b.provider.id), ("policy", "policy", b.policy.id),
            ("secondary", "policy", b.secondary and b.secondary.id),
            ("referral", "referral", b.referral and b.referral.id), ("case", "case", b.case and b.case.id),
        )  # fmt: skip
        return {part: f"{table}:{record_id}" for part, table, record_id in records if record_id is not None}


claim = Checks[Facts]("claim")

# --- the claim itself -----------------------------------------------------------------------------------------------

claim.add(
    "claim.lines-missing", BLOCK, "B", "NUCC 08/05, item 24",
    N_("The claim has no line. Void it, and build a new one from its sessions."),
    lambda f, asked: not f.bundle.claim.line_ids, item="24", field="line_ids",
)  # fmt: skip
claim.add(
    "claim.lines-lost", BLOCK, "A", "every line of a claim belongs to a session",
    N_("The claim has a line whose session is gone. Void it, and build a new one."),
    lambda f, asked: bool(f.missing), item="24", field="line_ids",
)  # fmt: skip
claim.add(
    "claim.void", BLOCK, "A", "a void claim is not sent",
    N_("The claim is void. Build a new one from its sessions."),
    lambda f, asked: f.bundle.claim.status in claims.FINISHED, field="status",
)  # fmt: skip
claim.add(
    "claim.account-missing", BLOCK, "A", "NUCC 02/12, item 26",
    N_("The claim has no number. Build it anew, so that it gets one."),
    lambda f, asked: not account_number(f.bundle.claim.number), item="26", field="number",
)  # fmt: skip


def _long_account(f: Facts, asked: Asked) -> Iterator[Where]:
    number = account_number(f.bundle.claim.number)
    if len(number) > MOST_ACCOUNT:
        yield Where({"number": number, "count": len(number), "most": MOST_ACCOUNT})


claim.add(
    "claim.account-too-long", BLOCK, "A", "NUCC 02/12, item 26: 14 characters",
    N_("The claim's number {number} is {count} characters, item 26 holds {most}. Shorten the prefix in the settings."),
    _long_account, item="26", field="number",
)  # fmt: skip


def _strangers(f: Facts, asked: Asked) -> Iterator[Where]:
    b = f.bundle
    for name, record in (
        ("policy", b.policy), ("referral", b.referral), ("authorization", b.authorization), ("case", b.case),
        ("policy", b.secondary), *(("visit", visit) for visit in f.visits),
    ):  # fmt: skip
        if record is not None and record.client_id != b.client.id:
            yield Where(record=f"{name}:{record.id}")


claim.add(
    "claim.other-client", BLOCK, "A", "a claim is for one person",
    N_("A record of this claim belongs to another client. Choose the right one."),
    _strangers, item="2", field="client_id",
)  # fmt: skip
claim.add(
    "claim.other-therapist", BLOCK, "B", "one rendering provider for items 24J and 31",
    N_("A session of this claim was given by another therapist. Build a claim for each."),
    lambda f, asked: [
        Where(record=f"visit:{visit.id}") for visit in f.visits if visit.provider_id != f.bundle.provider.id
    ],
    item="24J", field="provider_id",
)  # fmt: skip
claim.add(
    "claim.session-not-done", BLOCK, "A", "only what took place is billed",
    N_("The session of {date} is not set to done. Set it to done, or take it off the claim."),
    lambda f, asked: [
        Where({"date": date_text(visit.date)}, record=f"visit:{visit.id}")
        for visit in f.visits if visit.status is not VisitStatus.DONE
    ],
    item="24A", field="status",
)  # fmt: skip
claim.add(
    "claim.too-many-diagnoses", BLOCK, "A", "NUCC 02/12, item 21: twelve",
    N_("The sessions of this claim have {count} diagnoses, item 21 holds twelve. Bill them on two claims."),
    lambda f, asked: [Where({"count": len(f.codes)})] if len(f.codes) > claims.MOST_DIAGNOSES else (),
    item="21", field="line_ids",
)  # fmt: skip
claim.add(
    "claim.too-many-lines", WARN, "C", "payers take up to 28 or 50 lines on one claim",
    N_("The claim has {count} lines. Payers take fifty at most: bill them on two claims."),
    lambda f, asked: [Where({"count": len(f.lines)})] if len(f.lines) > MOST_LINES else (),
    item="24", field="line_ids",
)  # fmt: skip
claim.add(
    "claim.dates-unordered", INFORM, "C", "payers read lines by date",
    N_("The lines are not in order of date. Build the claim anew to put them in order."),
    lambda f, asked: f.dates != sorted(f.dates), item="24A", field="line_ids",
)  # fmt: skip
claim.add(
    "claim.two-years", INFORM, "C", "deductibles begin anew each year",
    N_("The claim holds sessions of two years. Some payers want a claim for each year."),
    lambda f, asked: len({date.year for date in f.dates}) > 1, item="24A", field="line_ids",
)  # fmt: skip
claim.add(
    "claim.several-dates", WARN, "C", "payer habit: one date of service a claim",
    N_("This payer wants one date of service on a claim. Build the claim anew."),
    lambda f, asked: f.bundle.payer.one_date_per_claim and len(set(f.dates)) > 1, item="24A", field="line_ids",
)  # fmt: skip
claim.add(
    "claim.places-mixed", WARN, "C", "item 32 holds one place",
    N_("The claim mixes places of service, and item 32 holds one. Build a claim for each."),
    lambda f, asked: len(f.places) > 1, item="32", field="line_ids",
)  # fmt: skip
claim.add(
    "claim.total-too-large", BLOCK, "A", "NUCC 02/12, item 28: seven digits and two",
    N_("The charges add up to more than item 28 holds. Bill the sessions on two claims."),
    lambda f, asked: f.total > MOST_TOTAL, item="28", field="line_ids",
)  # fmt: skip


def _paid(f: Facts) -> int:
    wanted = set(f.bundle.claim.line_ids)
    kept = [visit for visit in f.visits if all(line.id is not None for line in visit.lines)]
    return sum(paid for line_id, paid in claims.paid_by_line(kept).items() if line_id in wanted)


claim.add(
    "claim.paid-too-much", WARN, "C", "NUCC item 29: paid on covered services only",
    N_("Item 29 is more than item 28: more was paid than is charged. Keep the rest as a credit."),
    lambda f, asked: f.bundle.payer.paid_box is not PaidBox.BLANK and _paid(f) > f.total > 0,
    item="29", field="line_ids",
)  # fmt: skip


def _filing_days(f: Facts, asked: Asked) -> int | None:
    """Days left until the payer's limit, counted from the earliest session; None without a limit."""
    if not f.bundle.payer.filing_days or not f.dates:
        return None
    return (min(f.dates) + dt.timedelta(days=f.bundle.payer.filing_days) - asked.today).days


def _late(f: Facts, asked: Asked) -> Iterator[Where]:
    left = _filing_days(f, asked)
    if left is not None and left < 0:
        yield Where({"date": date_text(min(f.dates)), "days": f.bundle.payer.filing_days})


claim.add(
    "claim.filing-late", WARN, "C", "payer's contract",
    N_("The payer gives {days} days, and the session of {date} is older. Send proof of timely filing along."),
    _late, item="24A", field="line_ids",
)  # fmt: skip


def _nearly_late(f: Facts, asked: Asked) -> Iterator[Where]:
    left = _filing_days(f, asked)
    if left is not None and 0 <= left <= SOON_DAYS:
        yield Where({"days": left})


claim.add(
    "claim.filing-soon", INFORM, "C", "payer's contract",
    N_("The payer's time for filing ends in {days} days. Mail the claim soon."),
    _nearly_late, item="24A", field="line_ids",
)  # fmt: skip

# --- item 22 --------------------------------------------------------------------------------------------------------

claim.add(
    "claim.resubmission-unknown", BLOCK, "A", "NUCC 02/12, item 22: 7 and 8",
    N_("{code} is no code of item 22. Choose 7 for a corrected claim or 8 for a void, or leave it blank."),
    lambda f, asked: (
        [Where({"code": f.bundle.claim.resubmission_code})]
        if f.bundle.claim.resubmission_code and f.bundle.claim.resubmission_code not in (*RESUBMISSION_CODES, "1")
        else ()
    ),
    item="22", field="resubmission_code",
)  # fmt: skip
claim.add(
    "claim.resubmission-original", WARN, "B", "item 22 is blank on a first claim",
    N_("A first claim has nothing in item 22. Leave code and reference blank, unless this payer asks for 1."),
    lambda f, asked: f.bundle.claim.resubmission_code == "1", item="22", field="resubmission_code",
)  # fmt: skip
claim.add(
    "claim.reference-missing", BLOCK, "A", "NUCC 02/12, item 22",
    N_("A corrected or void claim needs the payer's number of the first one. Copy it from the payer's answer."),
    lambda f, asked: (
        f.bundle.claim.resubmission_code in RESUBMISSION_CODES and not f.bundle.claim.original_reference.strip()
    ),
    item="22", field="original_reference",
)  # fmt: skip
claim.add(
    "claim.reference-needless", BLOCK, "A", "NUCC 02/12, item 22",
    N_("The claim names the payer's number of a first claim but no code. Choose 7 or 8, or take the number out."),
    lambda f, asked: (
        not f.bundle.claim.resubmission_code and bool(f.bundle.claim.original_reference.strip())
    ),
    item="22", field="resubmission_code",
)  # fmt: skip
claim.add(
    "claim.reference-too-long", BLOCK, "A", "NUCC 02/12, item 22: 18 characters",
    N_("The payer's number of the first claim has more than 18 characters. Compare it with the payer's answer."),
    lambda f, asked: len(account_number(f.bundle.claim.original_reference)) > MOST_REFERENCE,
    item="22", field="original_reference",
)  # fmt: skip
claim.add(
    "claim.correction-unmarked", WARN, "A", "NUCC 02/12, item 22",
    N_("The claim replaces an earlier one, but item 22 is blank. Choose 7 if the payer had taken that one."),
    lambda f, asked: f.bundle.claim.replaces_id is not None and not f.bundle.claim.resubmission_code,
    item="22", field="resubmission_code",
)  # fmt: skip

# --- what the payer, the case and the people say about each other ---------------------------------------------------

claim.add(
    "claim.assignment-missing", WARN, "B", "items 13 and 27",
    N_("Item 27 accepts assignment, but no signature lets the payer pay you. Have item 13 signed."),
    lambda f, asked: f.bundle.payer.accepts_assignment and f.bundle.client.assignment_signed is None,
    item="13", field="assignment_signed", of="client",
)  # fmt: skip


def _expired(name: str) -> Callable[[Facts, Asked], Iterator[Where]]:
    """A signature that was given but did not hold any more on the last date of service."""

    def find(f: Facts, asked: Asked) -> Iterator[Where]:
        signed = getattr(f.bundle.client, f"{name}_signed")
        expires = getattr(f.bundle.client, f"{name}_expires")
        if signed is not None and expires is not None and f.dates and expires < max(f.dates):
            yield Where({"date": date_text(expires), "last": date_text(max(f.dates))})

    return find


claim.add(
    "claim.release-expired", WARN, "B", "NUCC item 12",
    N_("The signature to release information held through {date}, the last session is of {last}, so item 12 stays"
       " blank. Have it signed again."),
    _expired("release"), item="12", field="release_expires", of="client",
)  # fmt: skip
claim.add(
    "claim.assignment-expired", WARN, "B", "NUCC item 13",
    N_("The signature that lets the payer pay you held through {date}, the last session is of {last}, so item 13 stays"
       " blank. Have it signed again."),
    _expired("assignment"), item="13", field="assignment_expires", of="client",
)  # fmt: skip
claim.add(
    "claim.taxonomy-missing", WARN, "C", "payer habit: taxonomy in 33b",
    N_("This payer wants the taxonomy code in item 33b, and the practice has none. Add it in the settings."),
    lambda f, asked: f.bundle.payer.taxonomy_in_33b and not f.bundle.practice.taxonomy.strip(),
    item="33b", field="taxonomy", of="practice",
)  # fmt: skip
claim.add(
    "claim.license-missing", WARN, "B", "payer habit; Florida 627.736: license number in item 31",
    N_("This payer wants the license number in item 31, and the therapist has none. Add it."),
    lambda f, asked: (
        f.bundle.payer.signature_box is SignatureBox.LICENSE and not f.bundle.provider.license_number.strip()
    ),
    item="31", field="license_number", of="provider",
)  # fmt: skip
claim.add(
    "claim.signature-too-long", WARN, "C", "measured on the form: 21 cells in item 31",
    N_("The therapist's name has more than the 21 characters of item 31. Choose signature on file for this payer."),
    lambda f, asked: f.bundle.payer.signature_box is SignatureBox.NAME and len(_signature(f)) > 21,
    item="31", field="last_name", of="provider",
)  # fmt: skip


def _signature(f: Facts) -> str:
    p = f.bundle.provider
    return " ".join(part for part in (p.first_name, p.middle_name[:1], p.last_name, p.credentials) if part)


claim.add(
    "claim.signed-before-service", WARN, "C", "item 31 is signed after the last session",
    N_("The claim was issued before its last session. Issue it again."),
    lambda f, asked: (
        f.bundle.payer.signed_date is SignedDate.ISSUED and f.bundle.claim.issued is not None
        and bool(f.dates) and f.bundle.claim.issued < max(f.dates)
    ),
    item="31", field="issued",
)  # fmt: skip
claim.add(
    "claim.self-referral", WARN, "B", "a therapist cannot refer to herself",
    N_("The referring provider has the NPI of the therapist or of the practice. Enter who wrote the referral."),
    lambda f, asked: (
        f.bundle.referral is not None and bool(f.bundle.referral.npi)
        and f.bundle.referral.npi in (f.bundle.provider.npi, f.bundle.practice.npi)
    ),
    item="17b", field="npi", of="referral",
)  # fmt: skip
claim.add(
    "claim.group-number-missing", WARN, "C", "NUCC item 11: as on the card",
    N_("A group plan, but the policy has no group number. Look at the card, and leave it blank if it has none."),
    lambda f, asked: (
        f.bundle.payer.program is Program.GROUP and f.bundle.payer.group_box is GroupBox.NUMBER
        and not f.bundle.policy.group_number.strip()
    ),
    item="11", field="group_number", of="policy",
)  # fmt: skip
claim.add(
    "claim.feca-number", BLOCK, "B", "OWCP-1500, item 11: nine characters",
    N_("Federal workers' compensation has a case number of nine characters in item 11. Correct it in the case."),
    lambda f, asked: (
        f.bundle.payer.program is Program.FECA
        and (f.bundle.case is None or len(account_number(f.bundle.case.claim_number)) != 9)
    ),
    item="11", field="case_id",
)  # fmt: skip
claim.add(
    "claim.feca-not-work", BLOCK, "A", "FECA pays for injuries at work of federal employees",
    N_("Federal workers' compensation pays for injuries at work, but the case is none. Choose the right case."),
    lambda f, asked: f.bundle.payer.program is Program.FECA and f.case_kind is not CaseKind.WORK,
    item="10a", field="case_id",
)  # fmt: skip
claim.add(
    "claim.program-doubtful", WARN, "M", "NUCC item 1: Other for auto and state workers' compensation",
    N_("The case is an accident, but item 1 says Group. Choose Other, unless a health plan pays for it."),
    lambda f, asked: f.bundle.payer.program is Program.GROUP and f.case_kind in (CaseKind.AUTO, CaseKind.WORK),
    item="1", field="program", of="payer",
)  # fmt: skip
claim.add(
    "claim.injury-without-accident", INFORM, "M", "item 10 decides who pays first",
    N_("An injury is diagnosed, but the case is no accident. If it was one, set the case, since item 10 says no."),
    lambda f, asked: (
        f.case_kind is CaseKind.HEALTH and any(ICD10.compact(code)[:1] in ("S", "T") for code in f.codes)
    ),
    item="10c", field="case_id",
)  # fmt: skip
claim.add(
    "claim.period-of-a-man", WARN, "C", "NUCC item 14: 484 is the last menstrual period",
    N_("Item 14 says last period (484) for a man. Choose 431."),
    lambda f, asked: (
        f.bundle.case is not None and f.bundle.case.onset_qualifier == "484" and f.bundle.client.sex is Sex.MALE
    ),
    item="14", field="onset_qualifier", of="case",
)  # fmt: skip


def _insured_self(f: Facts, asked: Asked) -> bool:
    p, c = f.bundle.policy, f.bundle.client
    names = (p.insured_last_name.strip().lower(), p.insured_first_name.strip().lower())
    own = (c.last_name.strip().lower(), c.first_name.strip().lower())
    born = p.insured_birth_date in (None, c.birth_date)
    return p.relationship is not Relationship.SELF and names == own and born


claim.add(
    "claim.insured-is-client", WARN, "B", "NUCC 08/05, item 6",
    N_("The insured has the client's name. If it is the same person, set the relation to self."),
    _insured_self, item="6", field="relationship", of="policy",
)  # fmt: skip
claim.add(
    "claim.child-is-older", WARN, "C", "a child is younger than its parent",
    N_("Item 6 says child, but the client is older than the insured. Check the relation and both birth dates."),
    lambda f, asked: (
        f.bundle.policy.relationship is Relationship.CHILD and f.bundle.policy.insured_birth_date is not None
        and f.bundle.client.birth_date is not None
        and f.bundle.client.birth_date <= f.bundle.policy.insured_birth_date
    ),
    item="6", field="relationship", of="policy",
)  # fmt: skip
claim.add(
    "claim.home-address", WARN, "C", "item 32 at place 12",
    N_("The sessions were at the client's home, but this payer's item 32 is left blank. Ask the payer."),
    lambda f, asked: "12" in f.places and f.bundle.payer.facility_box is FacilityBox.NEVER,
    item="32", field="facility_box", of="payer",
)  # fmt: skip

# --- items 9, 9a, 9d and 11d ----------------------------------------------------------------------------------------


claim.add(
    "claim.secondary-number-missing", BLOCK, "B", "NUCC 08/05, items 9a and 11d",
    N_("Item 11d says that another plan covers the client, but it has no number. Copy it from the card."),
    lambda f, asked: (
        f.bundle.secondary is not None
        and not (f.bundle.secondary.member_id.strip() or f.bundle.secondary.group_number.strip())
    ),
    item="9a", field="member_id", of="secondary",
)  # fmt: skip
claim.add(
    "claim.secondary-name-missing", BLOCK, "B", "NUCC 08/05, items 9 and 11d",
    N_("The other plan's insured is not the client, but has no name. Add it as it stands on the card."),
    lambda f, asked: (
        f.bundle.secondary is not None and f.bundle.secondary.relationship is not Relationship.SELF
        and not f.bundle.secondary.insured_last_name.strip()
    ),
    item="9", field="insured_last_name", of="secondary",
)  # fmt: skip
claim.add(
    "claim.secondary-plan-missing", BLOCK, "B", "NUCC 08/05, items 9d and 11d",
    N_("The other plan has no name. Add it as it stands on the card."),
    lambda f, asked: (
        f.bundle.secondary is not None and not f.bundle.secondary.plan_name.strip()
        and not (f.bundle.secondary_payer is not None and f.bundle.secondary_payer.name.strip())
    ),
    item="9d", field="plan_name", of="secondary",
)  # fmt: skip
claim.add(
    "claim.secondary-is-primary", WARN, "B", "the other plan is another plan",
    N_("The other plan has the same payer and number as this one. Remove one of the two policies."),
    lambda f, asked: (
        f.bundle.secondary is not None and f.bundle.secondary.payer_id == f.bundle.policy.payer_id
        and f.bundle.secondary.member_id == f.bundle.policy.member_id
    ),
    item="9a", field="member_id", of="secondary",
)  # fmt: skip
claim.add(
    "claim.secondary-billed", INFORM, "C", "the second payer wants the first one's answer",
    N_("The claim goes to the client's second payer. Send the first payer's explanation of benefits along."),
    lambda f, asked: f.bundle.policy.rank is Rank.SECONDARY, item="11d", field="rank", of="policy",
)  # fmt: skip
