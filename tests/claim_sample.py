"""One believable claim of invented people with nothing wrong in it, and ways to change it. NPIs are public examples."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from app.billing.records import (
    Authorization,
    Case,
    CaseKind,
    Claim,
    ClaimBundle,
    Client,
    Payer,
    Policy,
    Practice,
    Program,
    Provider,
    Rank,
    Referral,
    Relationship,
    ServiceLine,
    Sex,
    Visit,
)

TODAY = dt.date(2026, 11, 21)

PRACTICE = Practice(
    id=1, name="Quiet River Massage", street="410 Alder Street", city="Tacoma", state="WA", zip_code="98402-1234",
    phone="(253) 555-0142", npi="1234567893", taxonomy="225700000X", tax_id="12-3456789", claim_prefix="2026-",
)  # fmt: skip
PROVIDER = Provider(
    id=2, first_name="Mira", last_name="Thornquist", credentials="LMT", npi="1987654328", taxonomy="225700000X",
    license_number="MA60123456", license_state="WA",
)  # fmt: skip
CLIENT = Client(
    id=3, number="C-1003", first_name="Juniper", middle_name="Rose", last_name="Applewhite",
    birth_date=dt.date(1984, 2, 29), sex=Sex.FEMALE, street="12 Larch Lane", city="Tacoma", state="WA",
    zip_code="98406", phone="253-555-0107", release_signed=dt.date(2026, 9, 1), assignment_signed=dt.date(2026, 9, 1),
)  # fmt: skip
PAYER = Payer(
    id=4, name="Bluebird Health Plan", street="PO Box 4410", city="Spokane", state="WA", zip_code="99210",
    phone="5095550123", program=Program.GROUP, unit_cap=6, filing_days=180, appeal_days=180,
    referral_required=True,
)  # fmt: skip
POLICY = Policy(
    id=5, client_id=3, payer_id=4, member_id="BBH-4471902", group_number="70-2210", plan_name="Bluebird Choice",
    copay=2500, valid_from=dt.date(2026, 1, 1), valid_to=dt.date(2026, 12, 31),
)  # fmt: skip
REFERRAL = Referral(
    id=6, client_id=3, first_name="Henrietta", last_name="Plum", credentials="MD", npi="1345678902",
    written=dt.date(2026, 9, 14), expires=dt.date(2026, 12, 14), diagnoses=("M54.2", "M62.838"), visits_allowed=12,
    frequency="1 a week for 12 weeks",
)  # fmt: skip
AUTHORIZATION = Authorization(
    id=7, client_id=3, policy_id=5, number="A7719", visits_allowed=20, valid_from=dt.date(2026, 9, 14),
    valid_to=dt.date(2026, 12, 31),
)  # fmt: skip
AUTO = Case(
    id=8, client_id=3, name="Rear-ended on 09/05", kind=CaseKind.AUTO, accident_date=dt.date(2026, 9, 5),
    accident_state="WA", claim_number="CLM-00123", adjuster_name="Perrin Oak", adjuster_phone="2065550177",
)  # fmt: skip
WORK = Case(
    id=9, client_id=3, name="Lifted a crate", kind=CaseKind.WORK, accident_date=dt.date(2026, 9, 5),
    claim_number="ZA55120", employer="Stillwater Mill",
)  # fmt: skip
SECONDARY = Policy(
    id=10, client_id=3, payer_id=11, rank=Rank.SECONDARY, member_id="HER-221", group_number="G9",
    plan_name="Heron Extra", relationship=Relationship.SPOUSE, insured_first_name="Rowan", insured_middle_name="Tam",
    insured_last_name="Applewhite", insured_birth_date=dt.date(1983, 5, 6), insured_sex=Sex.MALE,
    insured_street="12 Larch Lane", insured_city="Tacoma", insured_state="WA", insured_zip_code="98406",
)  # fmt: skip
SECONDARY_PAYER = Payer(id=11, name="Heron Mutual", street="9 Quay", city="Olympia", state="WA", zip_code="98501")


def line(id: int, **changes: Any) -> ServiceLine:
    """A line of 30 minutes of 97140, 2 units at 44.00."""
    fields = {"code": "97140", "modifiers": ("GP",), "minutes": 30, "units": 2, "charge": 8800, "pointers": "AB"}
    return ServiceLine(id=id, **{**fields, **changes})


def visit(id: int, date: dt.date, *lines: ServiceLine, **changes: Any) -> Visit:
    """A done session of an hour with the sample's records."""
    fields: dict[str, Any] = {
        "client_id": 3, "provider_id": 2, "date": date, "start": 690, "minutes": 60, "policy_id": 5, "referral_id": 6,
        "diagnoses": ("M54.2", "M62.838"), "lines": lines, "paid": 2500, "paid_on": date, "paid_method": "card",
    }  # fmt: skip
    return Visit(id=id, **{**fields, **changes})


VISITS = tuple(
    visit(
        20 + week, dt.date(2026, 11, 3) + dt.timedelta(days=7 * week),
        line(100 + 2 * week), line(101 + 2 * week, code="97112", minutes=15, units=1, charge=4400, pointers="B"),
    )
    for week in range(3)
)  # fmt: skip

CLAIM = Claim(
    id=12, number="2026-0151", client_id=3, policy_id=5, provider_id=2, referral_id=6, built=TODAY,
    line_ids=(100, 101, 102, 103, 104, 105),
)  # fmt: skip

BUNDLE = ClaimBundle(
    claim=CLAIM, practice=PRACTICE, provider=PROVIDER, client=CLIENT, payer=PAYER, policy=POLICY, visits=VISITS,
    referral=REFERRAL,
)  # fmt: skip
"""Six lines over three weeks, on a referral, with a commercial payer: no check has anything to say."""


def changed(**parts: dict[str, Any]) -> ClaimBundle:
    """The sample with fields of its records changed: `changed(client={"last_name": ""})`.

    Records that the sample does not use come in with their own fields: `changed(case={"kind": CaseKind.AUTO})` starts
    from AUTO; likewise `authorization` and `secondary`.
    """
    given: dict[str, Any] = {"case": AUTO, "authorization": AUTHORIZATION, "secondary": SECONDARY}
    given["secondary_payer"] = SECONDARY_PAYER
    records = {}
    for name, fields in parts.items():
        records[name] = replace(getattr(BUNDLE, name) or given[name], **fields)
    return replace(BUNDLE, **records)


def with_visits(*visits: Visit, **parts: dict[str, Any]) -> ClaimBundle:
    """The sample with other sessions, all of whose lines are on the claim."""
    line_ids = tuple(line.id for visit in visits for line in visit.lines if line.id is not None)
    bundle = changed(**parts)
    return replace(bundle, visits=visits, claim=replace(bundle.claim, line_ids=line_ids))


def with_line(**changes: Any) -> ClaimBundle:
    """The sample with one session of one line, changed."""
    return with_visits(visit(20, dt.date(2026, 11, 3), line(100, **changes)))


def with_visit(**changes: Any) -> ClaimBundle:
    """The sample with one session of one line; fields of the session changed."""
    return with_visits(replace(visit(20, dt.date(2026, 11, 3), line(100)), **changes))
