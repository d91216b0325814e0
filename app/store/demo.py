"""The demo clinic: a believable small practice for tests, screenshots, `make demo` and "look around".

Everyone in it is invented, every telephone number is a 555-01 number, and the NPIs are the public examples. Dates lie
before `today`, so that the clinic looks the same whenever it is made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy.orm import Session

from app.billing import units
from app.billing.benefits import Answer, Network, Verification
from app.billing.records import (
    Authorization,
    Case,
    CaseKind,
    Client,
    DateDigits,
    Fee,
    FeeSchedule,
    InsuredWhenSelf,
    ManyLines,
    Payer,
    Policy,
    Program,
    Provider,
    Rank,
    Referral,
    Relationship,
    ServiceLine,
    Sex,
    UnitRule,
    Visit,
    VisitStatus,
)
from app.i18n import _
from app.store import clients, payers, practice, visits
from app.store.clinic import ClinicFile

PASSWORD = "quiet river demo"

_FEES = {
    "97124": (_("massage"), 3400, True),
    "97140": (_("manual therapy"), 4400, True),
    "97112": (_("movement re-education"), 4400, True),
    "97110": (_("therapeutic exercise"), 4200, True),
    "97750": (_("performance test"), 4800, True),
    "97010": (_("hot or cold pack"), 1500, False),
    "97039": (_("unlisted modality"), 3000, True),
    "97139": (_("unlisted procedure"), 3000, False),
    "S8990": (_("maintenance therapy"), 6500, False),
}


def make(
    path: Path, *, today: dt.date, password: str = PASSWORD, progress: Callable[[str], None] = lambda step: None
) -> ClinicFile:
    """A new clinic file at `path` with the demo's records, open. Raises ClinicError when a file is there."""
    progress(_("Making the encrypted file"))
    clinic, _code = ClinicFile.create(path, password=password)
    progress(_("Entering clients and sessions"))
    with clinic.write(_("Fill the demo clinic"), undoable=False) as s:
        fill(s, today=today)
    return clinic


def fill(s: Session, *, today: dt.date) -> None:
    """Put the demo's records into an empty clinic."""
    desk = _Desk(s, today)
    desk.practice_and_providers()
    desk.payers()
    _commercial(desk)
    _auto(desk)
    _work(desk)
    _nine_lines(desk)
    _spouse(desk)
    _self_pay(desk)


class _Desk:
    """The people of the clinic, and short words for entering what happened."""

    def __init__(self, s: Session, today: dt.date) -> None:
        self.s = s
        self.today = today
        self.provider_ids: dict[str, int] = {}
        self.payer_ids: dict[str, int] = {}

    def days_ago(self, days: int) -> dt.date:
        """A weekday about so many days ago."""
        date = self.today - dt.timedelta(days=days)
        return date - dt.timedelta(days=max(0, date.weekday() - 4))

    def practice_and_providers(self) -> None:
        kept = practice.practice(self.s)
        practice.save_practice(
            self.s,
            replace(
                kept,
                name="Quiet River Massage Therapy", street="120 Willow Bend Rd Ste 4", city="Springfield",
                state="OR", zip_code="974770120", phone="5415550120", fax="5415550121",
                email="desk@quietriver.example", service_name="Quiet River Massage",
                service_street="120 Willow Bend Rd Ste 4", service_city="Springfield", service_state="OR",
                service_zip_code="974770120", service_npi="1234567893",
                npi="1234567893", taxonomy="225700000X", tax_id="123456789",
                claim_prefix=f"{self.today:%Y}-",
            ),
        )  # fmt: skip
        for key, provider in {
            "mira": Provider(
                first_name="Mira", last_name="Thornquist", credentials="LMT", npi="1000000004",
                taxonomy="225700000X", license_number="12345", license_state="OR",
            ),
            "silas": Provider(
                first_name="Silas", middle_name="J", last_name="Overbrook", credentials="LMT", npi="1987654328",
                taxonomy="225700000X", license_number="23456", license_state="OR",
            ),
        }.items():  # fmt: skip
            self.provider_ids[key] = _id(practice.save_provider(self.s, provider).id)

    def payers(self) -> None:
        for key, payer in {
            "bluebird": Payer(
                name="Bluebird Health Plan", street="PO Box 4400", city="Portland", state="OR", zip_code="97208",
                phone="5035550144", program=Program.GROUP, referral_required=True, unit_cap=4, filing_days=180,
                appeal_days=180, taxonomy_in_33b=True,
            ),
            "northlight": Payer(
                name="Northlight Auto Mutual", street="800 Harbor Way", street2="Claims Floor 3", city="Salem",
                state="OR", zip_code="97301", phone="5035550181", program=Program.OTHER, referral_required=True,
                date_digits=DateDigits.SIX, filing_days=365, appeal_days=60,
            ),
            "statefund": Payer(
                name="Evergreen State Fund", street="1 Cedar Plaza", city="Olympia", state="WA", zip_code="98504",
                phone="3605550110", program=Program.OTHER, referral_required=True, filing_days=365, appeal_days=60,
                progress_visits=6, progress_months=1,
            ),
            "meadowlark": Payer(
                name="Meadowlark Benefit Trust", street="77 Orchard Street", city="Eugene", state="OR",
                zip_code="974010077", phone="5415550177", program=Program.GROUP, unit_rule=UnitRule.CMS,
                many_lines=ManyLines.CONTINUED, insured_when_self=InsuredWhenSelf.BLANK,
                date_digits=DateDigits.EIGHT, filing_days=180, appeal_days=180,
            ),
        }.items():  # fmt: skip
            self.payer_ids[key] = _id(payers.save_payer(self.s, payer).id)
        fees = tuple(
            Fee(code=code, label=label, amount=amount, timed=timed) for code, (label, amount, timed) in _FEES.items()
        )
        payers.save_fee_schedule(
            self.s, FeeSchedule(name=_("Standard"), valid_from=dt.date(self.today.year - 1, 1, 1), fees=fees)
        )

    def client(self, client: Client) -> int:
        signed = self.days_ago(200)
        return _id(clients.save_client(self.s, replace(client, release_signed=signed, assignment_signed=signed)).id)

    def visit(
        self, client_id: int, days: int, work: Sequence[tuple[str, int]], *, provider: str = "mira",
        pointers: str = "AB", diagnoses: Sequence[str], modifiers: Sequence[str] = (), policy: int | None = None,
        case: int | None = None, referral: int | None = None, authorization: int | None = None, paid: int = 0,
        status: VisitStatus = VisitStatus.DONE, hour: int = 10,
    ) -> None:  # fmt: skip
        """Enter a session: `work` is codes with their hands-on minutes (0 for an untimed code)."""
        timed = [(code, minutes) for code, minutes in work if minutes]
        count = units.billable_units(timed, UnitRule.CMS).units
        lines = tuple(
            ServiceLine(
                code=code, modifiers=tuple(modifiers), minutes=minutes, units=count.get(code, 1), pointers=pointers,
                charge=_FEES[code][1] * count.get(code, 1),
            )
            for code, minutes in work
        )  # fmt: skip
        date = self.days_ago(days)
        visits.save_visit(
            self.s,
            Visit(
                client_id=client_id, provider_id=self.provider_ids[provider], date=date, start=hour * 60,
                minutes=60, status=status, policy_id=policy, case_id=case, referral_id=referral,
                authorization_id=authorization, diagnoses=tuple(diagnoses), lines=lines, paid=paid,
                paid_method="card" if paid else "", paid_on=date if paid else None,
            ),
        )  # fmt: skip


def _commercial(desk: _Desk) -> None:
    """A health plan that wants a referral and an authorization."""
    client = desk.client(Client(
        first_name="Juniper", middle_name="A", last_name="Applewhite", birth_date=dt.date(1986, 4, 12),
        sex=Sex.FEMALE, street="14 Larkspur Court", city="Springfield", state="OR", zip_code="97477",
        phone="5415550132", email="juniper@applewhite.example",
    ))  # fmt: skip
    policy = _id(clients.save_policy(desk.s, Policy(
        client_id=client, payer_id=desk.payer_ids["bluebird"], member_id="BBH4471920", group_number="QR20417",
        plan_name="Bluebird Choice PPO", copay=2500, valid_from=dt.date(desk.today.year - 1, 1, 1),
    )).id)  # fmt: skip
    clients.save_verification(desk.s, Verification(
        client_id=client, policy_id=policy, called_on=desk.days_ago(72), year_begins=desk.days_ago(72).month,
        representative="Dahlia", reference="C-2217704",
        covers_massage=Answer.YES, network=Network.IN, conditions=("M54.-", "M62.-"),
        kinds=("97112", "97124", "97140"), deductible=50_000, deductible_met=50_000, deductible_applies=Answer.YES,
        copay=2500, visit_limit=30, visits_used=4, shared_with=_("physical therapy"), referral_required=Answer.YES,
        authorization_required=Answer.YES,
    ))  # fmt: skip
    diagnoses = ("M54.2", "M62.838")
    referral = _id(clients.save_referral(desk.s, Referral(
        client_id=client, first_name="Henrietta", last_name="Plum", credentials="MD", npi="1558598797",
        written=desk.days_ago(70), expires=desk.today + dt.timedelta(days=20), diagnoses=diagnoses,
        visits_allowed=12, frequency="1 a week for 12 weeks",
    )).id)  # fmt: skip
    authorization = _id(clients.save_authorization(desk.s, Authorization(
        client_id=client, policy_id=policy, number="A771900421", visits_allowed=12, valid_from=desk.days_ago(70),
        valid_to=desk.today + dt.timedelta(days=30),
    )).id)  # fmt: skip
    for days in (44, 37, 30, 23, 16):
        desk.visit(
            client, days, (("97140", 25), ("97112", 23)), diagnoses=diagnoses, modifiers=("GP",), policy=policy,
            referral=referral, authorization=authorization, paid=2500,
        )  # fmt: skip
    desk.visit(
        client, 9, (("97140", 30),), diagnoses=diagnoses, modifiers=("GP",), policy=policy, referral=referral,
        authorization=authorization, status=VisitStatus.NO_SHOW,
    )  # fmt: skip


def _auto(desk: _Desk) -> None:
    """An auto accident: 10b with its state, Y4 in 11b, 14 and 15."""
    client = desk.client(Client(
        first_name="Orson", middle_name="T", last_name="Fennimore", birth_date=dt.date(1963, 11, 30), sex=Sex.MALE,
        street="88 Sample Lane", city="Springfield", state="OR", zip_code="97477", phone="5415550119",
    ))  # fmt: skip
    accident = desk.days_ago(75)
    case = _id(clients.save_case(desk.s, Case(
        client_id=client, name="Auto accident", kind=CaseKind.AUTO, accident_date=accident, accident_state="OR",
        claim_number="26004417", adjuster_name="Wilhelmina Stroud", adjuster_phone="5035550182",
        onset=accident, onset_qualifier="431", other_date=accident, other_date_qualifier="439",
    )).id)  # fmt: skip
    policy = _id(clients.save_policy(desk.s, Policy(
        client_id=client, payer_id=desk.payer_ids["northlight"], member_id="NLA8820417", group_number="P7740215",
        plan_name="Northlight Auto Mutual", valid_from=dt.date(desk.today.year - 1, 6, 1),
    )).id)  # fmt: skip
    diagnoses = ("S13.4XXD", "M54.2", "M54.6")
    referral = _id(clients.save_referral(desk.s, Referral(
        client_id=client, case_id=case, first_name="Henrietta", last_name="Plum", credentials="MD",
        npi="1558598797", written=desk.days_ago(72), expires=desk.today + dt.timedelta(days=18),
        diagnoses=diagnoses, visits_allowed=12,
    )).id)  # fmt: skip
    for days in (61, 54, 47, 40):
        desk.visit(
            client, days, (("97140", 45),), diagnoses=diagnoses, policy=policy, case=case, referral=referral,
            pointers="ABC",
        )  # fmt: skip


def _work(desk: _Desk) -> None:
    """An injury at work, with a state fund."""
    client = desk.client(Client(
        first_name="Torvald", last_name="Quill", birth_date=dt.date(1991, 2, 3), sex=Sex.MALE,
        street="9 Ferry Landing", city="Vancouver", state="WA", zip_code="98660", phone="3605550160",
    ))  # fmt: skip
    injury = desk.days_ago(58)
    case = _id(clients.save_case(desk.s, Case(
        client_id=client, name="Back injury at work", kind=CaseKind.WORK, accident_date=injury, accident_state="WA",
        claim_number="ZZ20417", employer="Tidewater Crate Works", onset=injury, onset_qualifier="431",
        unable_from=injury, unable_to=desk.days_ago(44), last_report=desk.days_ago(33),
    )).id)  # fmt: skip
    policy = _id(clients.save_policy(desk.s, Policy(
        client_id=client, payer_id=desk.payer_ids["statefund"], member_id="ZZ20417", group_number="ZZ20417",
        plan_name="Evergreen State Fund", valid_from=injury,
    )).id)  # fmt: skip
    diagnoses = ("S39.012D", "M62.830")
    referral = _id(clients.save_referral(desk.s, Referral(
        client_id=client, case_id=case, first_name="Leopold", middle_name="B", last_name="Ash", credentials="DO",
        npi="1345678902", written=desk.days_ago(55), expires=desk.today + dt.timedelta(days=35),
        diagnoses=diagnoses, visits_allowed=6,
    )).id)  # fmt: skip
    for days in (48, 41, 34):
        desk.visit(
            client, days, (("97124", 53),), diagnoses=diagnoses, policy=policy, case=case, referral=referral,
            provider="silas", hour=14,
        )  # fmt: skip


def _nine_lines(desk: _Desk) -> None:
    """Three sessions of three lines: a claim on two pages, CONTINUED on the first."""
    client = desk.client(Client(
        first_name="Ottoline", last_name="Marsh", birth_date=dt.date(1978, 8, 21), sex=Sex.FEMALE,
        street="301 Plover Street Apt 2", city="Eugene", state="OR", zip_code="974010301", phone="5415550165",
    ))  # fmt: skip
    policy = _id(clients.save_policy(desk.s, Policy(
        client_id=client, payer_id=desk.payer_ids["meadowlark"], member_id="MBT00918273", group_number="88120",
        plan_name="Meadowlark Open Access", copay=1500, valid_from=dt.date(desk.today.year - 1, 1, 1),
    )).id)  # fmt: skip
    clients.save_verification(desk.s, Verification(
        client_id=client, policy_id=policy, called_on=desk.days_ago(52), year_begins=desk.days_ago(52).month,
        representative="Corwin", reference="551-0092",
        covers_massage=Answer.YES, network=Network.IN, deductible=0, copay=1500, visit_limit=0,
        referral_required=Answer.YES, authorization_required=Answer.NO,
    ))  # fmt: skip
    diagnoses = ("M54.50", "M79.18", "M25.551")
    referral = _id(clients.save_referral(desk.s, Referral(
        client_id=client, first_name="Leopold", middle_name="B", last_name="Ash", credentials="DO",
        npi="1345678902", written=desk.days_ago(50), expires=desk.today + dt.timedelta(days=60),
        diagnoses=diagnoses, visits_allowed=10,
    )).id)  # fmt: skip
    for days in (33, 26, 19):
        desk.visit(
            client, days, (("97140", 23), ("97112", 15), ("97110", 15)), diagnoses=diagnoses, policy=policy,
            referral=referral, pointers="ABC", provider="silas", paid=1500, hour=9,
        )  # fmt: skip


def _spouse(desk: _Desk) -> None:
    """Insured through a spouse, with a second plan behind the first, and an accent in the name."""
    client = desk.client(Client(
        first_name="Beatriz", last_name="Câmara-Holt", birth_date=dt.date(1995, 6, 17), sex=Sex.FEMALE,
        street="52 Kestrel Avenue", city="Springfield", state="OR", zip_code="97478", phone="5415550152",
    ))  # fmt: skip
    policy = _id(clients.save_policy(desk.s, Policy(
        client_id=client, payer_id=desk.payer_ids["bluebird"], member_id="BBH9921004", group_number="QR11002",
        plan_name="Bluebird Choice PPO", relationship=Relationship.SPOUSE, insured_first_name="Edmund",
        insured_last_name="Holt", insured_birth_date=dt.date(1993, 1, 28), insured_sex=Sex.MALE,
        insured_street="52 Kestrel Avenue", insured_city="Springfield", insured_state="OR",
        insured_zip_code="97478", insured_phone="5415550152", copay=2500,
    )).id)  # fmt: skip
    clients.save_verification(desk.s, Verification(
        client_id=client, policy_id=policy, called_on=desk.days_ago(29), year_begins=desk.days_ago(29).month,
        representative="Dahlia", reference="C-2301458",
        covers_massage=Answer.YES, network=Network.IN, deductible=150_000, deductible_met=12_000,
        deductible_applies=Answer.NO, copay=2500, visit_limit=20, visits_used=0, referral_required=Answer.YES,
        authorization_required=Answer.NO,
    ))  # fmt: skip
    clients.save_policy(desk.s, Policy(
        client_id=client, payer_id=desk.payer_ids["meadowlark"], rank=Rank.SECONDARY, member_id="MBT00771122",
        group_number="88120", plan_name="Meadowlark Open Access",
    ))  # fmt: skip
    diagnoses = ("M54.2", "G44.209")
    referral = _id(clients.save_referral(desk.s, Referral(
        client_id=client, first_name="Henrietta", last_name="Plum", credentials="MD", npi="1558598797",
        written=desk.days_ago(30), expires=desk.today + dt.timedelta(days=60), diagnoses=diagnoses,
        visits_allowed=8,
    )).id)  # fmt: skip
    for days in (13, 6):
        desk.visit(
            client, days, (("97124", 45),), diagnoses=diagnoses, policy=policy, referral=referral, paid=2500, hour=11,
        )  # fmt: skip


def _self_pay(desk: _Desk) -> None:
    """Clients who pay at the desk and take a superbill home."""
    first = desk.client(Client(
        first_name="Thị Sương", last_name="Trần", birth_date=dt.date(1989, 12, 5), sex=Sex.FEMALE,
        street="640 Heron Way", city="Eugene", state="OR", zip_code="97405", phone="5415550164",
    ))  # fmt: skip
    referral = _id(clients.save_referral(desk.s, Referral(
        client_id=first, first_name="Henrietta", last_name="Plum", credentials="MD", npi="1558598797",
        written=desk.days_ago(90), expires=desk.today + dt.timedelta(days=90), diagnoses=("M54.6", "M62.830"),
        visits_allowed=20,
    )).id)  # fmt: skip
    clients.save_policy(desk.s, Policy(
        client_id=first, payer_id=desk.payer_ids["bluebird"], member_id="BBH3310077", group_number="QR55310",
        plan_name="Bluebird Choice HSA",
    ))  # fmt: skip
    for days in (55, 41, 27, 13):
        desk.visit(
            first, days, (("97124", 55),), diagnoses=("M54.6", "M62.830"), referral=referral, paid=13600, hour=15
        )
    second = desk.client(Client(
        first_name="Ambrose", last_name="Vasquez-Rowe", birth_date=dt.date(1970, 3, 9), sex=Sex.MALE,
        street="7 Millrace Drive", city="Springfield", state="OR", zip_code="97477", phone="5415550107",
    ))  # fmt: skip
    for days in (20, 8):
        desk.visit(
            second, days, (("97140", 30), ("97010", 0)), diagnoses=("M25.511",), pointers="A", paid=10300,
            provider="silas", hour=16,
        )  # fmt: skip


def _id(value: int | None) -> int:
    assert value is not None, "a kept record has an id"
    return value
