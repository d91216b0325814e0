"""Checks of referral, authorization and case: items 10, 11b, 14 to 18 and 23."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from app.billing.checks.persons import signs, titled, words
from app.billing.checks.places import add_phone, add_window
from app.billing.checks.registry import (
    BLOCK,
    INFORM,
    WARN,
    Asked,
    Checks,
    Where,
    empty,
    longer,
    number_signs,
    wider,
    without_digit,
)
from app.billing.codes import ONSET_QUALIFIERS, OTHER_DATE_QUALIFIERS, REFERRER_ID_QUALIFIERS, STATES
from app.billing.ids import ICD10, NPI
from app.billing.names import plain_name
from app.billing.records import Authorization, Case, CaseKind, Referral, ReferrerRole
from app.i18n import N_

referral = Checks[Referral]("referral")
authorization = Checks[Authorization]("authorization")
case = Checks[Case]("case")

_THERAPISTS = frozenset(("lmt", "lmp", "rmt", "cmt", "mt", "lmbt", "ncbtmb", "bcmt", "bctmb"))
"""Credentials of massage therapists."""

# --- the referral ---------------------------------------------------------------------------------------------------

referral.add(
    "referral.last-name-missing", BLOCK, "A", "NUCC 02/12, item 17",
    N_("The referral names no provider. Add who wrote it."), empty("last_name"), item="17", field="last_name",
)  # fmt: skip
referral.add(
    "referral.first-name-missing", WARN, "B", "NUCC 08/05, item 17",
    N_("The provider of the referral has no first name. Add it."),
    empty("first_name"), item="17", field="first_name",
)  # fmt: skip
referral.add(
    "referral.credentials-missing", INFORM, "B", "NUCC 08/05, item 17",
    N_("The provider of the referral has no credentials. Add them, such as MD."),
    empty("credentials"), item="17", field="credentials",
)  # fmt: skip
referral.add(
    "referral.credentials-of-therapist", WARN, "B", "payers: who orders must be allowed to diagnose",
    N_("A massage therapist cannot write a referral. Enter the physician, or whoever the payer takes orders from."),
    lambda r, asked: bool(words(r.credentials)) and set(words(r.credentials)) <= _THERAPISTS,
    item="17", field="credentials",
)  # fmt: skip
referral.add(
    "referral.name-signs", WARN, "B", "NUCC 02/12, item 17: name and credentials",
    N_("The name {name} on the referral holds digits or signs that no name has. Compare it with the order."),
    signs("first_name", "middle_name", "last_name"), item="17", field="last_name",
)  # fmt: skip
referral.add(
    "referral.name-title", WARN, "A", "NUCC 02/12, item 17: credentials follow the name",
    N_("The name on the referral holds a title, or credentials in the wrong place. Put them behind the name."),
    titled("first_name", "last_name"), item="17", field="first_name",
)  # fmt: skip
referral.add(
    "referral.name-too-long", WARN, "M", "NUCC item 17: 24 characters; 23 whole cells on the form",
    N_("{text} is {count} characters, item 17 holds {most}. Leave out the first name's rest or a credential."),
    wider(lambda r: plain_name(r.first_name, r.middle_name, r.last_name, r.credentials), 24),
    item="17", field="last_name",
)  # fmt: skip
referral.add(
    "referral.npi-missing", BLOCK, "B", "NUCC 08/05, item 17b; contractors refuse a referrer without NPI",
    N_("Item 17b is empty. Add the NPI of {name} to the referral."),
    lambda r, asked: (
        [Where({"name": plain_name(r.first_name, "", r.last_name, r.credentials)})]
        if r.last_name.strip() and not r.npi.strip() else ()
    ),
    item="17b", field="npi",
)  # fmt: skip
referral.add(
    "referral.npi-invalid", BLOCK, "A", "CMS, check digit of the NPI",
    N_("The NPI of the referral cannot be right. Compare its ten digits with the order."),
    lambda r, asked: bool(r.npi.strip()) and not NPI.is_valid(r.npi), item="17b", field="npi",
)  # fmt: skip
referral.add(
    "referral.other-id-qualifier-missing", BLOCK, "A", "NUCC 02/12, item 17a",
    N_("The other number of the referral has no qualifier. Say what kind of number it is, or leave it out."),
    lambda r, asked: bool(r.other_id.strip()) and not r.other_id_qualifier.strip(),
    item="17a", field="other_id_qualifier",
)  # fmt: skip
referral.add(
    "referral.other-id-missing", WARN, "A", "NUCC 02/12, item 17a",
    N_("The referral has a qualifier for another number but no number. Add it, or take the qualifier out."),
    lambda r, asked: bool(r.other_id_qualifier.strip()) and not r.other_id.strip(), item="17a", field="other_id",
)  # fmt: skip
referral.add(
    "referral.other-id-qualifier-unknown", BLOCK, "A", "NUCC 02/12, item 17a: 0B 1G G2 LU",
    N_("The qualifier of the other number is none of 0B, 1G, G2 and LU. Choose one of them."),
    lambda r, asked: bool(r.other_id_qualifier.strip()) and r.other_id_qualifier not in REFERRER_ID_QUALIFIERS,
    item="17a", field="other_id_qualifier",
)  # fmt: skip
referral.add(
    "referral.location-not-supervising", WARN, "A", "NUCC 02/12, item 17a: LU for a supervising provider only",
    N_("LU, a location number, goes with a supervising provider only. Choose another kind of number."),
    lambda r, asked: r.other_id_qualifier == "LU" and r.role is not ReferrerRole.SUPERVISING,
    item="17a", field="other_id_qualifier",
)  # fmt: skip
referral.add(
    "referral.other-id-too-long", BLOCK, "A", "NUCC item 17a: 17 characters",
    N_("The other number has {count} characters, item 17a holds {most}. Compare it with the order."),
    longer("other_id", 17), item="17a", field="other_id",
)  # fmt: skip
referral.add(
    "referral.written-missing", WARN, "B", "payers: a dated order",
    N_("The referral has no date. Enter the day it was written."),
    lambda r, asked: r.written is None, item="17", field="written",
)  # fmt: skip
referral.add(
    "referral.written-future", BLOCK, "A", "calendar",
    N_("The referral was written in the future. Correct its date."),
    lambda r, asked: r.written is not None and r.written > asked.today, item="17", field="written",
)  # fmt: skip
add_window(referral, "referral.window-reversed", N_("The referral"), "written", "expires", item="17")
referral.add(
    "referral.diagnoses-missing", WARN, "B", "payers: the order gives the diagnoses",
    N_("The referral gives no diagnosis. A therapist cannot diagnose: ask for it and enter it."),
    lambda r, asked: not r.diagnoses, item="21", field="diagnoses",
)  # fmt: skip


def _malformed(r: Referral, asked: Asked) -> Iterator[Where]:
    for code in r.diagnoses:
        if not ICD10.is_valid(code):
            yield Where({"code": code}, item=asked.box(code))


referral.add(
    "referral.diagnosis-malformed", BLOCK, "A", "form of ICD-10-CM codes",
    N_("{code} on the referral is no ICD-10 code. Compare it with the order; a code looks like M54.2."),
    _malformed, item="21", field="diagnoses",
)  # fmt: skip
referral.add(
    "referral.diagnosis-twice", WARN, "B", "payers refuse a diagnosis that comes twice",
    N_("The referral gives a diagnosis twice. Take one out."),
    lambda r, asked: len({ICD10.compact(code) for code in r.diagnoses}) < len(r.diagnoses),
    item="21", field="diagnoses",
)  # fmt: skip
referral.add(
    "referral.visits-negative", BLOCK, "A", "a number of visits is not below 0",
    N_("The referral allows fewer than 0 visits. Correct it; 0 means that no limit is written."),
    lambda r, asked: r.visits_allowed < 0, field="visits_allowed",
)  # fmt: skip

# --- the authorization ----------------------------------------------------------------------------------------------

authorization.add(
    "authorization.number-missing", BLOCK, "B", "NUCC 08/05, item 23",
    N_("The authorization has no number. Add the payer's number, or remove the authorization."),
    empty("number"), item="23", field="number",
)  # fmt: skip
authorization.add(
    "authorization.number-too-long", BLOCK, "B", "NUCC item 23: 29 characters",
    N_("The number of the authorization has {count} characters, item 23 holds {most}. Compare it with the letter."),
    longer("number", 29), item="23", field="number",
)  # fmt: skip
authorization.add(
    "authorization.number-signs", WARN, "B", "NUCC: no separators in numbers",
    N_("The number {text} of the authorization holds signs that no number has. Compare it with the letter."),
    number_signs("number"), item="23", field="number",
)  # fmt: skip
authorization.add(
    "authorization.number-words", WARN, "C", "authorization numbers hold digits",
    N_("The number {text} of the authorization holds no digit. If it is still to come, wait for it."),
    without_digit("number"), item="23", field="number",
)  # fmt: skip
add_window(authorization, "authorization.window-reversed", N_("The authorization"), "valid_from", "valid_to", item="23")
authorization.add(
    "authorization.window-missing", INFORM, "C", "authorizations have dates",
    N_("The authorization has no last day. Copy it from the payer's letter."),
    lambda a, asked: a.valid_to is None, item="23", field="valid_to",
)  # fmt: skip
authorization.add(
    "authorization.limits-negative", BLOCK, "A", "a limit is not below 0",
    N_("The authorization allows less than 0. Correct it; 0 means that no limit is given."),
    lambda a, asked: min(a.visits_allowed, a.units_allowed, a.dollars_allowed) < 0, field="visits_allowed",
)  # fmt: skip

# --- the case -------------------------------------------------------------------------------------------------------


def _auto(c: Case) -> bool:
    return c.kind is CaseKind.AUTO


def _accident(c: Case) -> bool:
    return c.kind is not CaseKind.HEALTH


case.add(
    "case.accident-state-missing", BLOCK, "B", "NUCC 08/05, item 10b; text of the form",
    N_("The auto accident has no state. Add where it happened."),
    lambda c, asked: _auto(c) and not c.accident_state.strip(), item="10b", field="accident_state",
)  # fmt: skip
case.add(
    "case.accident-state-unknown", BLOCK, "B", "USPS state codes",
    N_("The state of the accident does not exist. Choose one of two letters, such as WA."),
    lambda c, asked: bool(c.accident_state.strip()) and c.accident_state.strip().upper() not in STATES,
    item="10b", field="accident_state",
)  # fmt: skip
case.add(
    "case.accident-of-health", WARN, "B", "NUCC 08/05, item 10: yes or no to each kind of accident",
    N_("The case is ordinary health, but has an accident or a claim number. Choose the kind of accident for item 10."),
    lambda c, asked: (
        not _accident(c) and (c.accident_date is not None or bool(c.accident_state.strip() or c.claim_number.strip()))
    ),
    item="10", field="kind",
)  # fmt: skip
case.add(
    "case.accident-date-missing", BLOCK, "A", "payers of auto accidents; WAC 296-23; OWCP-1500: date in item 14",
    N_("The accident has no date. Add it: items 14 and 15 stand on it."),
    lambda c, asked: (
        [Where(softly=c.kind is CaseKind.OTHER)] if _accident(c) and c.accident_date is None and c.onset is None else ()
    ),
    item="14", field="accident_date",
)  # fmt: skip
case.add(
    "case.accident-date-future", BLOCK, "A", "calendar",
    N_("The accident lies in the future. Correct its date."),
    lambda c, asked: c.accident_date is not None and c.accident_date > asked.today,
    item="14", field="accident_date",
)  # fmt: skip
case.add(
    "case.claim-number-missing", WARN, "A", "NUCC 02/12, item 11b: required if known",
    N_("The case has no claim number of the payer. Ask the adjuster for it and add it."),
    lambda c, asked: c.kind in (CaseKind.AUTO, CaseKind.WORK) and not c.claim_number.strip(),
    item="11b", field="claim_number",
)  # fmt: skip
case.add(
    "case.claim-number-too-long", BLOCK, "A", "NUCC 02/12, item 11b: 28 characters",
    N_("The claim number of the case has {count} characters, item 11b holds {most}. Compare it with the letter."),
    longer("claim_number", 28), item="11b", field="claim_number",
)  # fmt: skip
case.add(
    "case.claim-number-signs", WARN, "B", "NUCC: no separators in numbers",
    N_("The claim number {text} of the case holds signs that no number has. Compare it with the letter."),
    number_signs("claim_number"), item="11b", field="claim_number",
)  # fmt: skip
case.add(
    "case.claim-number-words", WARN, "C", "claim numbers hold digits",
    N_("The claim number {text} of the case holds no digit. If it is still to come, leave it blank and wait for it."),
    without_digit("claim_number"), item="11b", field="claim_number",
)  # fmt: skip
case.add(
    "case.employer-missing", WARN, "M", "NUCC item 4 for workers' compensation",
    N_("The case is an injury at work, but names no employer. Add the employer for item 4."),
    lambda c, asked: c.kind is CaseKind.WORK and not c.employer.strip(), item="4", field="employer",
)  # fmt: skip
case.add(
    "case.employer-too-long", BLOCK, "B", "NUCC item 4: 29 characters",
    N_("{text} is {count} characters, item 4 holds {most}. Shorten it."),
    wider(lambda c: c.employer if c.kind is CaseKind.WORK else "", 29), item="4", field="employer",
)  # fmt: skip
case.add(
    "case.adjuster-missing", INFORM, "C", "auto payers: bills go to an adjuster",
    N_("The case names no adjuster. Add the name for questions about the claim."),
    lambda c, asked: _auto(c) and not c.adjuster_name.strip(), field="adjuster_name",
)  # fmt: skip
add_phone(case, "case.adjuster-phone-invalid", N_("The adjuster"), field="adjuster_phone")
case.add(
    "case.onset-qualifier-missing", BLOCK, "A", "NUCC 02/12, item 14",
    N_("The onset has no qualifier. Choose 431 for symptoms or illness, or 484 for the last period."),
    lambda c, asked: c.onset is not None and not c.onset_qualifier, item="14", field="onset_qualifier",
)  # fmt: skip
case.add(
    "case.onset-qualifier-unknown", BLOCK, "A", "NUCC 02/12, item 14: 431 484",
    N_("{qualifier} is no qualifier of item 14. Choose 431 for symptoms or illness, or 484 for the last period."),
    lambda c, asked: (
        [Where({"qualifier": c.onset_qualifier})]
        if c.onset_qualifier and c.onset_qualifier not in ONSET_QUALIFIERS else ()
    ),
    item="14", field="onset_qualifier",
)  # fmt: skip
case.add(
    "case.onset-missing", WARN, "A", "NUCC 02/12, item 14",
    N_("The case has a qualifier for the onset but no date. Add the date, or take the qualifier out."),
    lambda c, asked: bool(c.onset_qualifier) and c.onset is None, item="14", field="onset",
)  # fmt: skip
case.add(
    "case.onset-future", BLOCK, "A", "calendar",
    N_("The onset lies in the future. Correct its date."),
    lambda c, asked: c.onset is not None and c.onset > asked.today, item="14", field="onset",
)  # fmt: skip
case.add(
    "case.report-future", WARN, "A", "calendar",
    N_("The last progress report lies in the future, so none will be asked for. Correct its date."),
    lambda c, asked: c.last_report is not None and c.last_report > asked.today, field="last_report",
)  # fmt: skip
case.add(
    "case.onset-before-accident", WARN, "C", "an onset follows its accident",
    N_("The onset lies before the accident. Check both dates."),
    lambda c, asked: (
        _accident(c) and c.onset is not None and c.accident_date is not None and c.onset < c.accident_date
    ),
    item="14", field="onset",
)  # fmt: skip
case.add(
    "case.other-date-qualifier-missing", BLOCK, "A", "NUCC 02/12, item 15",
    N_("The other date has no qualifier. Say what happened on it, such as 439 for an accident."),
    lambda c, asked: c.other_date is not None and not c.other_date_qualifier, item="15", field="other_date_qualifier",
)  # fmt: skip
case.add(
    "case.other-date-qualifier-unknown", BLOCK, "A", "NUCC 02/12, item 15: 439 454 304 453 444 471 455 090 091",
    N_("{qualifier} is no qualifier of item 15. Choose one of the list, such as 439 for an accident."),
    lambda c, asked: (
        [Where({"qualifier": c.other_date_qualifier})]
        if c.other_date_qualifier and c.other_date_qualifier not in OTHER_DATE_QUALIFIERS else ()
    ),
    item="15", field="other_date_qualifier",
)  # fmt: skip
case.add(
    "case.other-date-missing", WARN, "A", "NUCC 02/12, item 15",
    N_("The case has a qualifier for another date but no date. Add the date, or take the qualifier out."),
    lambda c, asked: bool(c.other_date_qualifier) and c.other_date is None, item="15", field="other_date",
)  # fmt: skip
case.add(
    "case.other-date-future", WARN, "C", "dates of item 15 have passed, except the end of a report",
    N_("The other date lies in the future. Check it."),
    lambda c, asked: c.other_date is not None and c.other_date > asked.today and c.other_date_qualifier != "091",
    item="15", field="other_date",
)  # fmt: skip
case.add(
    "case.accident-dates-differ", WARN, "B", "NUCC 02/12, item 15: 439 is the accident",
    N_("Item 15 gives another day for the accident than the case does. Correct one of them."),
    lambda c, asked: (
        c.other_date_qualifier == "439" and c.other_date is not None and c.accident_date is not None
        and c.other_date != c.accident_date
    ),
    item="15", field="other_date",
)  # fmt: skip
case.add(
    "case.unable-before-accident", WARN, "C", "the accident is why the client could not work",
    N_("The time off work begins before the accident. Check both dates."),
    lambda c, asked: (
        _accident(c) and c.unable_from is not None and c.accident_date is not None and c.unable_from < c.accident_date
    ),
    item="16", field="unable_from",
)  # fmt: skip
add_window(case, "case.unable-reversed", N_("The time off work"), "unable_from", "unable_to", item="16")
case.add(
    "case.unable-from-missing", WARN, "A", "NUCC 02/12, item 16: from and to",
    N_("The time off work has an end but no beginning. Add the first day."),
    lambda c, asked: c.unable_to is not None and c.unable_from is None, item="16", field="unable_from",
)  # fmt: skip
add_window(case, "case.hospital-reversed", N_("The stay in hospital"), "hospital_from", "hospital_to", item="18")
case.add(
    "case.hospital-from-missing", WARN, "A", "NUCC 02/12, item 18: from and to",
    N_("The stay in hospital has an end but no beginning. Add the first day."),
    lambda c, asked: c.hospital_to is not None and c.hospital_from is None, item="18", field="hospital_from",
)  # fmt: skip


def _future(name: str) -> Callable[[Case, Asked], bool]:
    def find(c: Case, asked: Asked) -> bool:
        date: dt.date | None = getattr(c, name)
        return date is not None and date > asked.today

    return find


case.add(
    "case.unable-future", WARN, "C", "a time off work that was certified has begun",
    N_("The time off work begins in the future. Check the date."),
    _future("unable_from"), item="16", field="unable_from",
)  # fmt: skip
case.add(
    "case.hospital-future", WARN, "C", "a stay in hospital that goes with a session has begun",
    N_("The stay in hospital begins in the future. Check the date."),
    _future("hospital_from"), item="18", field="hospital_from",
)  # fmt: skip
