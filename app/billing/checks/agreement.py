"""Checks of a claim's records against each other: whose and what they are for, and their dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from app.billing.checks.claim import Facts, claim
from app.billing.checks.registry import BLOCK, WARN, Asked, Where
from app.billing.checks.sessions import visit
from app.billing.ids import ICD10
from app.billing.names import account_number
from app.billing.records import CaseKind, FacilityBox, Sex, Visit, VisitStatus
from app.i18n import N_, date_text

_YEAR = 365
_OWN_PLACES = frozenset(("11", "12", "15", "99"))
"""Places that are the practice itself, the client's home, on wheels, or none of the list."""

# --- the sessions and the claim: a session may have been changed since the claim was built ---------------------------


def _differ(name: str) -> Callable[[Facts, Asked], Iterator[Where]]:
    """The sessions that name another record than the claim does. Only of a policy is none another: the client pays."""

    def find(f: Facts, asked: Asked) -> Iterator[Where]:
        own = getattr(f.bundle.claim, name)
        for v in f.visits:
            named = getattr(v, name)
            if named != own and (named is not None or name == "policy_id"):
                yield Where({"date": date_text(v.date)}, record=f"visit:{v.id}")

    return find


claim.add(
    "claim.line-twice", BLOCK, "A", "a service is billed once",
    N_("The same line of a session stands on the claim twice. Void it, and build a new one."),
    lambda f, asked: len(set(f.bundle.claim.line_ids)) < len(f.bundle.claim.line_ids), item="24", field="line_ids",
)  # fmt: skip
claim.add(
    "claim.other-policy", WARN, "A", "a session is billed to the policy that covers it",
    N_("The session of {date} names another policy than the claim, or none. Build the claim anew."),
    _differ("policy_id"), item="1a", field="policy_id",
)  # fmt: skip
claim.add(
    "claim.other-case", WARN, "A", "item 10 holds for all sessions of a claim",
    N_("The session of {date} belongs to another case than the claim. Build the claim anew."),
    _differ("case_id"), item="10", field="case_id",
)  # fmt: skip
claim.add(
    "claim.other-referral", WARN, "A", "item 17 holds one provider",
    N_("The session of {date} stands on another referral than the claim. Build the claim anew."),
    _differ("referral_id"), item="17", field="referral_id",
)  # fmt: skip
claim.add(
    "claim.other-authorization", WARN, "A", "item 23 holds one number",
    N_("The session of {date} uses another authorization than the claim. Build the claim anew."),
    _differ("authorization_id"), item="23", field="authorization_id",
)  # fmt: skip

# --- what the records are for ---------------------------------------------------------------------------------------

claim.add(
    "claim.referral-of-other-case", WARN, "B", "an order is for one injury or illness",
    N_("The referral is for another case than the claim. Choose the referral of this case, or correct its case."),
    lambda f, asked: (
        f.bundle.referral is not None and f.bundle.referral.case_id is not None
        and f.bundle.referral.case_id != f.bundle.claim.case_id
    ),
    item="17", field="case_id", of="referral",
)  # fmt: skip
claim.add(
    "claim.authorization-of-other-policy", WARN, "B", "the payer that is billed gave the permission",
    N_("The authorization was given for another policy than the one that is billed. Choose the right one."),
    lambda f, asked: (
        [Where(record=f"authorization:{f.bundle.authorization.id}")]
        if f.bundle.authorization is not None and f.bundle.authorization.policy_id is not None
        and f.bundle.authorization.policy_id != f.bundle.claim.policy_id else ()
    ),
    item="23", field="policy_id",
)  # fmt: skip


def _own_number(f: Facts, asked: Asked) -> bool:
    """Whether the reference looks like a number that this practice gave."""
    reference, own = account_number(f.bundle.claim.original_reference), account_number(f.bundle.claim.number)
    prefix = account_number(f.bundle.practice.claim_prefix)
    alike = bool(prefix) and reference.startswith(prefix) and len(reference) == len(own)
    return bool(reference) and (reference == own or alike)


claim.add(
    "claim.reference-own", WARN, "B", "NUCC 02/12, item 22: the payer's number of the first claim",
    N_("Item 22 seems to hold a number of yours. It wants the payer's: copy it from the payer's answer."),
    _own_number, item="22", field="original_reference",
)  # fmt: skip


def _place_unnamed(f: Facts, asked: Asked) -> Iterator[Where]:
    """Places that are not the practice's own, while item 32 names the practice."""
    if f.bundle.payer.facility_box is not FacilityBox.NEVER and not f.bundle.practice.service_street.strip():
        for place in sorted(f.places - _OWN_PLACES - {""}):
            yield Where({"place": place})


claim.add(
    "claim.place-not-named", WARN, "C", "NUCC item 32: where the service took place",
    N_("Place {place} is not the practice, but item 32 names it. Set the place of sessions in the settings, or 11."),
    _place_unnamed, item="32", field="service_street", of="practice",
)  # fmt: skip


def _uneven(f: Facts, asked: Asked) -> Iterator[Where]:
    """Codes whose unit costs two prices within the claim, and the year: prices may change with it."""
    prices: dict[tuple[str, int], set[tuple[int, int]]] = {}
    for line, v in f.lines:
        if line.units > 0 and line.charge > 0 and v.date is not None:
            shared = prices.setdefault((line.code, v.date.year), set())
            if not any(line.charge * units == charge * line.units for charge, units in shared):
                shared.add((line.charge, line.units))
    for (code, _year), found in prices.items():
        if len(found) > 1:
            yield Where({"code": code})


claim.add(
    "claim.charges-uneven", WARN, "C", "NUCC item 24F: the charge is for the line, units times the fee",
    N_("A unit of {code} does not cost the same on each line. A charge is for all units of its line: check them."),
    _uneven, item="24F", field="line_ids",
)  # fmt: skip

# --- dates against each other ---------------------------------------------------------------------------------------


def _unborn(f: Facts, asked: Asked) -> Iterator[Where]:
    case, born = f.bundle.case, f.bundle.client.birth_date
    if case is None or born is None:
        return
    for name, item in (("accident_date", "14"), ("onset", "14"), ("other_date", "15")):
        date: dt.date | None = getattr(case, name)
        if date is not None and date < born:
            yield Where(field=name, item=item)


claim.add(
    "claim.case-before-birth", BLOCK, "A", "calendar",
    N_("A date of the case lies before the client's birth. Correct it or the birth date."),
    _unborn, item="14", field="accident_date", of="case",
)  # fmt: skip
claim.add(
    "claim.referral-before-accident", WARN, "B", "an order for an injury follows it",
    N_("The referral was written before the accident of the case. Choose the one for the accident, or check its date."),
    lambda f, asked: (
        f.bundle.case is not None and f.case_kind is not CaseKind.HEALTH and f.bundle.case.accident_date is not None
        and f.bundle.referral is not None and f.bundle.referral.written is not None
        and f.bundle.referral.written < f.bundle.case.accident_date
    ),
    item="17", field="written", of="referral",
)  # fmt: skip


def _not_insured_then(f: Facts, asked: Asked) -> Iterator[Where]:
    case, policy = f.bundle.case, f.bundle.policy
    if case is None or case.accident_date is None or case.kind not in (CaseKind.AUTO, CaseKind.WORK):
        return
    if not (policy.valid_from or dt.date.min) <= case.accident_date <= (policy.valid_to or dt.date.max):
        yield Where({"date": date_text(case.accident_date)})


claim.add(
    "claim.policy-not-at-accident", WARN, "C", "auto and workers' compensation: cover on the day of the accident",
    N_("The policy was not in force on {date}, the day of the accident. Ask who insured the client then."),
    _not_insured_then, item="1a", field="valid_from", of="policy",
)  # fmt: skip

# --- a session and the person, or the age of its referral -----------------------------------------------------------


def _pregnant(v: Visit, asked: Asked) -> Iterator[Where]:
    if asked.client is not None and asked.client.sex is Sex.MALE:
        for code in v.diagnoses:
            if ICD10.compact(code).startswith("O"):
                yield Where({"code": code}, item=asked.box(code))


visit.add(
    "visit.pregnancy-of-a-man", WARN, "A", "ICD-10-CM, chapter 15: for mothers only",
    N_("{code} is a diagnosis of pregnancy or birth, and the client is a man. Compare both with the referral."),
    _pregnant, item="21", field="diagnoses",
)  # fmt: skip


def _old_order(v: Visit, asked: Asked) -> Iterator[Where]:
    order, wanted = asked.referral, asked.payer is not None and asked.payer.referral_required
    if order is None or order.written is None or order.expires is not None or v.date is None or not wanted:
        return
    if (v.date - order.written).days >= _YEAR:
        yield Where({"written": date_text(order.written), "date": date_text(v.date)})


visit.add(
    "referral.old", WARN, "C", "payers: an order without an end holds a year at most",
    N_("The referral of {written} has no end and is more than a year old on {date}. Ask for a new one."),
    _old_order, item="17", field="referral_id",
)  # fmt: skip
visit.add(
    "visit.start-odd", BLOCK, "A", "a day has 1,440 minutes",
    N_("The session begins before midnight or after the day's end. Correct its start."),
    lambda v, asked: v.start is not None and not 0 <= v.start < 24 * 60 and v.status is VisitStatus.DONE,
    item="24A", field="start",
)  # fmt: skip
