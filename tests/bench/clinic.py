"""A made-up clinic of many six-line claims, in a real encrypted file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app import paperwork
from app.billing.records import Client, Policy, Referral, ServiceLine, Sex, Visit
from app.store import clients, demo, payers, practice, visits
from app.store.clinic import ClinicFile


@contextmanager
def six_line_claims(path: Path, count: int, *, today: dt.date) -> Iterator[tuple[ClinicFile, list[int]]]:
    """The clinic, open, and the ids of its `count` claims: ten clients share them, two lines a session."""
    clinic = demo.make(path, today=today)
    with clinic.read() as s:
        payer = next(payer for payer in payers.payers(s) if payer.name.startswith("Bluebird"))
        provider = practice.providers(s)[0]
    assert payer.id and provider.id
    codes = ("97140", "97112", "97110")
    with clinic.write("made up", undoable=False) as s:
        for number in range(count):
            client = clients.save_client(s, Client(
                first_name="Perpetua", last_name=f"Specimen-{_word(number)}", birth_date=dt.date(1980, 2, 29),
                sex=Sex.FEMALE, street="12 Placeholder Street Apt 4", city="Springfield", state="OR",
                zip_code="974770001", phone="5415550100", release_signed=today, assignment_signed=today,
            ))  # fmt: skip
            assert client.id
            policy = clients.save_policy(s, Policy(
                client_id=client.id, payer_id=payer.id, member_id=f"BBH{number:07d}", group_number="QR20417",
                plan_name="Bluebird Choice PPO",
            ))  # fmt: skip
            referral = clients.save_referral(s, Referral(
                client_id=client.id, first_name="Henrietta", last_name="Plum", credentials="MD", npi="1558598797",
                written=today - dt.timedelta(days=60), diagnoses=("M54.2", "M62.838"), visits_allowed=12,
            ))  # fmt: skip
            for session in range(2):
                visits.save_visit(s, Visit(
                    client_id=client.id, provider_id=provider.id, date=today - dt.timedelta(days=20 - session),
                    policy_id=policy.id, referral_id=referral.id, diagnoses=("M54.2", "M62.838"), lines=tuple(
                        ServiceLine(code=code, modifiers=("GP",), minutes=15, units=1, charge=4400, pointers="AB")
                        for code in codes
                    ),
                ))  # fmt: skip
    built = paperwork.build_claims(clinic, today=today)
    try:
        yield clinic, [claim.id for claim in built if claim.id and len(claim.line_ids) == 6][:count]
    finally:
        clinic.close()


def _word(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:04d}")
