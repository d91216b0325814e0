"""Checks of payer and policy: the carrier block and items 1, 1a, 4, 6, 7, 11, 11a and 11c."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.billing import payers
from app.billing.checks.persons import OLDEST_YEARS, signs, titled
from app.billing.checks.places import add_address, add_phone, add_window
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
from app.billing.ids import ZIP
from app.billing.names import city_line, listed_name
from app.billing.records import Payer, Policy, Program, Purpose, Relationship
from app.i18n import N_, _

_PAIR = re.compile(r"\s*[0-9A-Z]{5}\s*\+\s*[0-9A-Z]{5}\s*", re.ASCII | re.IGNORECASE)

payer = Checks[Payer]("payer")
policy = Checks[Policy]("policy")

# --- the payer ------------------------------------------------------------------------------------------------------

payer.add(
    "payer.name-missing", WARN, "C", "NUCC carrier block",
    N_("The payer has no name. Add it as it stands on the card."), empty("name"), item="carrier", field="name",
)  # fmt: skip
add_address(
    payer, "payer.address", N_("The payer"), item="carrier", severity=WARN, confidence="C", source="NUCC carrier block",
    when=lambda p: not any(mail.purpose is Purpose.CLAIMS for mail in p.addresses),
)  # fmt: skip


def _widest(p: Payer) -> str:
    to = payers.address(p, Purpose.CLAIMS)
    return max((to.name, to.street, to.street2, city_line(to.city, to.state, to.zip_code)), key=len)


payer.add(
    "payer.address-too-long", WARN, "C", "carrier block: 41 characters a line",
    N_("{text} is {count} characters, a line of the payer's address holds {most}. Shorten it."),
    wider(_widest, 41), item="carrier", field="name",
)  # fmt: skip
add_phone(payer, "payer.phone-invalid", N_("The payer"))
payer.add(
    "payer.original-medicare", WARN, "B", "CMS: massage therapists are no provider type of Medicare",
    N_(
        "Original Medicare does not pay massage therapists. If this is a Medicare Advantage plan, choose the kind of "
        "plan that its card shows."
    ),
    lambda p, asked: p.program is Program.MEDICARE, item="1", field="program",
)  # fmt: skip
payer.add(
    "payer.filing-days-unknown", INFORM, "C", "payer contracts differ",
    N_("How many days this payer gives for filing is not known. Look it up in the contract."),
    lambda p, asked: p.filing_days == 0, field="filing_days",
)  # fmt: skip
payer.add(
    "payer.filing-days-odd", WARN, "C", "payer contracts: 30 to 730 days",
    N_("The days for filing are unusual. Compare them with the contract."),
    lambda p, asked: p.filing_days != 0 and not 30 <= p.filing_days <= 730, field="filing_days",
)  # fmt: skip
payer.add(
    "payer.appeal-days-unknown", INFORM, "C", "payer contracts differ",
    N_("How many days this payer gives for an appeal is not known. Look it up in the contract."),
    lambda p, asked: p.appeal_days == 0, field="appeal_days",
)  # fmt: skip
payer.add(
    "payer.appeal-days-odd", WARN, "C", "payer contracts: 15 to 730 days",
    N_("The days for an appeal are unusual. Compare them with the contract."),
    lambda p, asked: p.appeal_days != 0 and not 15 <= p.appeal_days <= 730, field="appeal_days",
)  # fmt: skip
payer.add(
    "payer.unit-rule-missing", WARN, "B", "CMS Pub 100-04, chapter 5, 20.2, or the AMA midpoint, by payer",
    N_("How this payer turns minutes into units is not chosen. Ask the payer; until then the rule of CMS counts."),
    lambda p, asked: p.unit_rule is None, item="24G", field="unit_rule",
)  # fmt: skip

_MAIL = {Purpose.CLAIMS: N_("claims"), Purpose.APPEALS: N_("appeals"), Purpose.RECORDS: N_("records")}


def _unfinished(p: Payer, asked: Asked) -> Iterator[Where]:
    for mail in p.addresses:
        if not (mail.street.strip() and mail.city.strip() and mail.state.strip() and ZIP.is_valid(mail.zip_code)):
            yield Where({"purpose": _(_MAIL[mail.purpose])}, item="carrier" if mail.purpose is Purpose.CLAIMS else "")


payer.add(
    "payer.mailing-incomplete", WARN, "C", "carrier block; mail needs street, city, state and ZIP code",
    N_("The payer's address for {purpose} lacks its street, city, state or ZIP code. Complete it, or take it out."),
    _unfinished, field="addresses",
)  # fmt: skip
payer.add(
    "payer.mailing-twice", WARN, "A", "one address for a kind of mail",
    N_("The payer has two addresses for one kind of mail, and the first one counts. Take one out."),
    lambda p, asked: len({mail.purpose for mail in p.addresses}) < len(p.addresses), field="addresses",
)  # fmt: skip
payer.add(
    "payer.paid-pairs-unexplained", WARN, "A", "a payer that differs from the public pairs is marked with a reason",
    N_("Pairs are marked as paid, but nobody said why, so they still warn. Write how you know, or take them out."),
    lambda p, asked: bool(p.paid_pairs) and not p.paid_pairs_reason.strip(), field="paid_pairs_reason",
)  # fmt: skip


def _no_pairs(p: Payer, asked: Asked) -> Iterator[Where]:
    for pair in p.paid_pairs:
        if not _PAIR.fullmatch(pair):
            yield Where({"pair": pair})


payer.add(
    "payer.paid-pair-malformed", WARN, "A", "a pair is two codes of five signs",
    N_("{pair} is no pair of codes. Write two codes with a plus, such as 97140+97124."),
    _no_pairs, field="paid_pairs",
)  # fmt: skip
payer.add(
    "payer.unit-cap-odd", WARN, "C", "a day has 96 quarters of an hour",
    N_("The payer's cap of units a day is unusual. Compare it with the contract."),
    lambda p, asked: p.unit_cap < 0 or p.unit_cap > 24, field="unit_cap",
)  # fmt: skip
payer.add(
    "payer.progress-visits-odd", WARN, "C", "payers ask for a progress report after some 6 to 30 visits",
    N_("The visits after which this payer wants a progress report are unusual. Compare them with the contract."),
    lambda p, asked: not 0 <= p.progress_visits <= 52, field="progress_visits",
)  # fmt: skip
payer.add(
    "payer.progress-months-odd", WARN, "C", "payers ask for a progress report within a year",
    N_("The months after which this payer wants a progress report are unusual. Compare them with the contract."),
    lambda p, asked: not 0 <= p.progress_months <= 12, field="progress_months",
)  # fmt: skip

# --- the policy -----------------------------------------------------------------------------------------------------


def _other(p: Policy) -> bool:
    return p.relationship is not Relationship.SELF


policy.add(
    "policy.payer-missing", BLOCK, "A", "a policy is with a payer",
    N_("The policy names no payer. Choose one."), lambda p, asked: p.payer_id == 0, item="carrier", field="payer_id",
)  # fmt: skip
policy.add(
    "policy.member-id-missing", BLOCK, "B", "NUCC 08/05, item 1a",
    N_("The policy has no member id. Copy it from the card."), empty("member_id"), item="1a", field="member_id",
)  # fmt: skip
policy.add(
    "policy.member-id-signs", WARN, "B", "NUCC: no separators in numbers",
    N_("The member id holds signs that no card has. Compare it with the card."),
    number_signs("member_id"), item="1a", field="member_id",
)  # fmt: skip
policy.add(
    "policy.member-id-words", WARN, "C", "member ids hold digits",
    N_("The member id {text} holds no digit. If it stands for one that is still to come, wait for it."),
    without_digit("member_id"), item="1a", field="member_id",
)  # fmt: skip
policy.add(
    "policy.member-id-too-long", BLOCK, "B", "NUCC item 1a: 29 characters",
    N_("The member id has {count} characters, item 1a holds {most}. Compare it with the card."),
    longer("member_id", 29), item="1a", field="member_id",
)  # fmt: skip
policy.add(
    "policy.group-number-signs", WARN, "B", "NUCC: no separators in numbers",
    N_("The group number {text} holds signs that no card has. Compare it with the card."),
    number_signs("group_number"), item="11", field="group_number",
)  # fmt: skip
policy.add(
    "policy.group-number-too-long", BLOCK, "B", "NUCC item 11: 29 characters",
    N_("The group number has {count} characters, item 11 holds {most}. Compare it with the card."),
    longer("group_number", 29), item="11", field="group_number",
)  # fmt: skip
policy.add(
    "policy.plan-name-too-long", BLOCK, "B", "NUCC item 11c: 29 characters",
    N_("{text} is {count} characters, item 11c holds {most}. Shorten it."),
    wider(lambda p: p.plan_name, 29), item="11c", field="plan_name",
)  # fmt: skip
policy.add(
    "policy.insured-name-missing", BLOCK, "B", "NUCC 08/05, item 4",
    N_("The insured is not the client, but has no name. Add it as it stands on the card."),
    lambda p, asked: _other(p) and not p.insured_last_name.strip(), item="4", field="insured_last_name",
)  # fmt: skip
policy.add(
    "policy.insured-first-name-missing", INFORM, "B", "NUCC 08/05, item 4",
    N_("The insured has no first name. That is right for an employer only."),
    lambda p, asked: _other(p) and bool(p.insured_last_name.strip()) and not p.insured_first_name.strip(),
    item="4", field="insured_first_name",
)  # fmt: skip


def _insured_signs(p: Policy, asked: Asked) -> Iterator[Where]:
    if _other(p) and p.insured_first_name.strip():  # else it is an employer, whose name may hold any sign
        yield from signs("insured_first_name", "insured_middle_name", "insured_last_name")(p, asked)


policy.add(
    "policy.insured-name-signs", WARN, "B", "NUCC 08/05, items 2, 4 and 9",
    N_("The insured's name {name} holds digits or signs other than a hyphen. Compare it with the card."),
    _insured_signs, item="4", field="insured_last_name",
)  # fmt: skip
policy.add(
    "policy.insured-name-title", WARN, "B", "NUCC 08/05, items 2, 4 and 9",
    N_("The insured's name holds a title. Item 4 has none: leave it out."),
    lambda p, asked: _other(p) and titled("insured_first_name", "insured_last_name")(p, asked),
    item="4", field="insured_first_name",
)  # fmt: skip
policy.add(
    "policy.insured-name-too-long", BLOCK, "B", "NUCC item 4: 29 characters",
    N_("{text} is {count} characters, item 4 holds {most}. Shorten it as the card does."),
    wider(lambda p: listed_name(p.insured_last_name, p.insured_first_name, p.insured_middle_name), 29),
    item="4", field="insured_last_name",
)  # fmt: skip
add_address(
    policy, "policy.insured", N_("The insured"), item="7", severity=BLOCK, confidence="B",
    source="NUCC 08/05, item 7: complete when item 4 is", prefix="insured_", when=_other,
)  # fmt: skip
policy.add(
    "policy.insured-street-too-long", BLOCK, "B", "NUCC item 7: 29 characters",
    N_("{text} is {count} characters, item 7 holds {most}. Shorten it."),
    wider(lambda p: p.insured_street, 29), item="7", field="insured_street",
)  # fmt: skip
policy.add(
    "policy.insured-city-too-long", BLOCK, "B", "NUCC item 7: 23 characters",
    N_("{text} is {count} characters, item 7 holds {most}. Shorten it."),
    wider(lambda p: p.insured_city, 23), item="7", field="insured_city",
)  # fmt: skip
add_phone(policy, "policy.insured-phone-invalid", N_("The insured"), item="7", field="insured_phone")
policy.add(
    "policy.insured-birth-date-missing", WARN, "B", "NUCC 08/05, item 11a",
    N_("The insured has no birth date. Add it."),
    lambda p, asked: _other(p) and p.insured_birth_date is None, item="11a", field="insured_birth_date",
)  # fmt: skip
policy.add(
    "policy.insured-birth-date-future", BLOCK, "A", "calendar",
    N_("The insured's birth date lies in the future. Correct it."),
    lambda p, asked: p.insured_birth_date is not None and p.insured_birth_date > asked.today,
    item="11a", field="insured_birth_date",
)  # fmt: skip
policy.add(
    "policy.insured-birth-date-distant", WARN, "M", "nobody is that old",
    N_("The insured's birth date is more than 120 years ago. Check the year."),
    lambda p, asked: (
        p.insured_birth_date is not None and asked.today.year - p.insured_birth_date.year > OLDEST_YEARS
    ),
    item="11a", field="insured_birth_date",
)  # fmt: skip
policy.add(
    "policy.insured-needless", INFORM, "A", "item 6: the client is the insured",
    N_("The client is the insured, so the insured's name of the policy is not used. Check the relation."),
    lambda p, asked: not _other(p) and bool(p.insured_last_name.strip()), item="6", field="relationship",
)  # fmt: skip
policy.add(
    "policy.copay-negative", BLOCK, "A", "a copay is not below 0",
    N_("The copay is below 0. Correct it."), lambda p, asked: p.copay < 0, field="copay",
)  # fmt: skip
add_window(policy, "policy.window-reversed", N_("The policy"), "valid_from", "valid_to")
