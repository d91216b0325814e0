"""A made-up clinic of ten years, encrypted: 5,000 clients, 200,000 sessions, 400,000 lines, 60,000 claims, and
20,000 superbills of those who pay themselves.

The rows go in by themselves, not by named writes: the log of changes of such a clinic would take minutes to write.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from app.billing.records import ClaimStatus, Client, VisitStatus
from app.store import convert, demo
from app.store.clinic import ClinicFile
from app.store.search import client_words
from app.store.tables import (
    Base,
    ClaimEventRow,
    ClaimLineRow,
    ClaimRow,
    ClientRow,
    PolicyRow,
    ReferralRow,
    ServiceLineRow,
    SuperbillRow,
    SuperbillVisitRow,
    VisitRow,
)

CLIENTS, VISITS_EACH, LINES_EACH, CLAIMS, SUPERBILLS = 5_000, 40, 2, 60_000, 20_000
_YEARS = 10
_CODES = ("97140", "97112", "97110", "97124")
_CHUNK = 20_000
_FIRST = ("Perpetua", "Orson", "Juniper", "Ottoline", "Ambrose", "Torvald", "Beatriz", "Ignatius", "Lavinia", "Cosmo")
_STARTS = ("Spec", "Moss", "Quill", "Fenn", "Brook", "Thorn", "Vell", "Apple", "Marsh", "Wick", "Hollow", "Grey")
_ENDS = ("imen", "more", "white", "ley", "water", "ford", "by", "wick", "stone", "field", "worth", "dale", "ham")


def build(path: Path, *, today: dt.date, clients: int = CLIENTS) -> ClinicFile:
    """The clinic, open. With fewer `clients` everything else is fewer in proportion."""
    clinic = demo.make(path, today=today)
    chance = random.Random(20261118)
    with clinic.read() as s:
        payers = [payer.id for payer in convert.load(s, _kind("Payer"))]
        providers = [provider.id for provider in convert.load(s, _kind("Provider"))]
        first = {table.name: _next_id(s, table) for table in Base.metadata.tables.values() if "id" in table.c}
    people = list(_people(chance, clients, first["client"], today))
    visits = list(_visits(chance, people, first, providers, today))
    with Session(clinic._writer) as s:
        s.connection().exec_driver_sql("DELETE FROM operation_under_way")  # without one, nothing is logged
        _add(s, ClientRow, (person | {"search": client_words(_client(person))} for person in people))
        _add(s, PolicyRow, (_policy(first, number, person, payers) for number, person in enumerate(people)))
        _add(s, ReferralRow, (_referral(first, number, person, today) for number, person in enumerate(people)))
        _add(s, VisitRow, visits)
        _add(s, ServiceLineRow, _lines(visits, first))
        claims, lines, events = _claims(visits, first, today, CLAIMS * clients // CLIENTS)
        _add(s, ClaimRow, (claim | {"issued": None, "layout": "", "pages": ""} for claim in claims))
        _add(s, ClaimLineRow, lines)
        _freeze(s, claims)
        _add(s, ClaimEventRow, events)
        bills, sessions = _superbills(visits, first, SUPERBILLS * clients // CLIENTS)
        _add(s, SuperbillRow, bills)
        _add(s, SuperbillVisitRow, sessions)
        s.commit()
    return clinic


def _kind(name: str) -> Any:
    return next(kind for kind in convert.TABLES if kind.__name__ == name)


def _next_id(s: Session, table: Any) -> int:
    return (s.connection().exec_driver_sql(f'SELECT max(id) FROM "{table.name}"').scalar() or 0) + 1


def _add(s: Session, row: type[Base], rows: Any) -> None:
    chunk: list[dict[str, Any]] = []
    table: Any = row.__table__
    for values in rows:
        chunk.append(values)
        if len(chunk) == _CHUNK:
            s.execute(insert(table), chunk)
            chunk = []
    if chunk:
        s.execute(insert(table), chunk)


def _freeze(s: Session, claims: list[dict[str, Any]]) -> None:
    """Lines are only added to a claim that is not issued yet."""
    table: Any = ClaimRow.__table__
    frozen = update(table).where(table.c.id == bindparam("claim_id"))
    frozen = frozen.values({name: bindparam(f"new_{name}") for name in ("issued", "layout", "pages")})
    rows = [
        {"claim_id": claim["id"], **{f"new_{name}": claim[name] for name in ("issued", "layout", "pages")}}
        for claim in claims
        if claim["issued"]
    ]
    if rows:
        s.connection().execute(frozen, rows)


def _defaults(kind: str, **values: Any) -> dict[str, Any]:
    """All columns of a record's row, as the record has them when nothing is said."""
    record = _kind(kind)()
    shared = convert.shared_columns(_kind(kind))
    return {name: getattr(record, name) for name in shared if name != "id"} | values


def _people(chance: random.Random, count: int, first: int, today: dt.date) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield _defaults(
            "Client", id=first + number, number=f"K{number:05d}", first_name=chance.choice(_FIRST),
            last_name=chance.choice(_STARTS) + chance.choice(_ENDS) + chance.choice(("", "", "-Rowe", "son")),
            birth_date=dt.date(1940 + chance.randrange(65), 1 + chance.randrange(12), 1 + chance.randrange(28)),
            street=f"{number} Placeholder Street", city="Springfield", state="OR", zip_code="974770001",
            phone=f"541{5550000 + number:07d}", release_signed=today - dt.timedelta(days=3000),
            assignment_signed=today - dt.timedelta(days=3000),
        )  # fmt: skip


def _client(person: dict[str, Any]) -> Client:
    return Client(**person)


def _policy(first: dict[str, int], number: int, person: dict[str, Any], payers: list[Any]) -> dict[str, Any]:
    return _defaults(
        "Policy", id=first["policy"] + number, client_id=person["id"], payer_id=payers[number % len(payers)],
        member_id=f"BBH{number:07d}", group_number="QR20417",
    )  # fmt: skip


def _referral(first: dict[str, int], number: int, person: dict[str, Any], today: dt.date) -> dict[str, Any]:
    return _defaults(
        "Referral", id=first["referral"] + number, client_id=person["id"], first_name="Henrietta", last_name="Plum",
        credentials="MD", npi="1558598797", written=today - dt.timedelta(days=60 + number % 400),
        expires=today + dt.timedelta(days=number % 300 - 150), diagnoses=("M54.2", "M62.838"), visits_allowed=60,
    )  # fmt: skip


def _visits(
    chance: random.Random, people: list[dict[str, Any]], first: dict[str, int], providers: list[Any], today: dt.date
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Each client came for some years; all sessions in order of date, as they were entered."""
    came = []
    for number, person in enumerate(people):
        begin = chance.randrange(_YEARS * 365 - 396)
        for session in range(VISITS_EACH):
            came.append((begin + session * 10 + chance.randrange(7), number, person["id"]))
    came.sort()
    for at, (day, number, client_id) in enumerate(came):
        insured = number % 5 < 3
        yield _defaults(
            "Visit", id=first["visit"] + at, client_id=client_id, provider_id=providers[at % len(providers)],
            date=today - dt.timedelta(days=_YEARS * 365 - day), start=540 + at % 9 * 60,
            status=VisitStatus.NO_SHOW if at % 25 == 7 else VisitStatus.DONE,
            policy_id=first["policy"] + number if insured else None,
            referral_id=first["referral"] + number if insured else None, diagnoses=("M54.2", "M62.838"),
            paid=2500 if insured else 8800, paid_method="card",
        )  # fmt: skip


def _lines(visits: list[dict[str, Any]], first: dict[str, int]) -> Iterator[dict[str, Any]]:
    for at, visit in enumerate(visits):
        for position in range(LINES_EACH):
            yield _defaults(
                "ServiceLine", id=first["service_line"] + at * LINES_EACH + position, visit_id=visit["id"],
                position=position, code=_CODES[(at + position) % 4], modifiers=("GP",), minutes=30, units=2,
                charge=8800, pointers="AB",
            )  # fmt: skip


def _claims(
    visits: list[dict[str, Any]], first: dict[str, int], today: dt.date, most: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Two insured sessions of a client make a claim; the older ones are paid and closed."""
    waiting: dict[int, tuple[int, dict[str, Any]]] = {}
    claims: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for at, visit in enumerate(visits):
        if visit["policy_id"] is None or visit["status"] is not VisitStatus.DONE or len(claims) == most:
            continue
        if visit["client_id"] not in waiting:
            waiting[visit["client_id"]] = (at, visit)
            continue
        pair = (waiting.pop(visit["client_id"]), (at, visit))
        built = min(visit["date"] + dt.timedelta(days=3), today)
        claim_id, status = first["claim"] + len(claims), _status(len(claims), built, today)
        issued = None if status in (ClaimStatus.DRAFT, ClaimStatus.READY) else built
        claims.append(_defaults(
            "Claim", id=claim_id, number=f"T{len(claims):06d}", client_id=visit["client_id"],
            policy_id=visit["policy_id"], provider_id=visit["provider_id"], referral_id=visit["referral_id"],
            status=status, built=built, issued=issued, status_on=built, layout="cms1500-0212" if issued else "",
            pages='{"date_digits": "6", "pages": [{}]}' if issued else "",
        ))  # fmt: skip
        events.append(_defaults("ClaimEvent", claim_id=claim_id, on=built, status=status))
        for position, (index, line) in enumerate((i, n) for i, _v in pair for n in range(LINES_EACH)):
            line_id = first["service_line"] + index * LINES_EACH + line
            lines.append({"claim_id": claim_id, "position": position, "service_line_id": line_id, "live": True})
    return claims, lines, events


def _superbills(
    visits: list[dict[str, Any]], first: dict[str, int], most: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Two sessions that a client paid for make a superbill."""
    waiting: dict[int, dict[str, Any]] = {}
    bills: list[dict[str, Any]] = []
    sessions: list[dict[str, Any]] = []
    for visit in visits:
        if visit["policy_id"] is not None or visit["status"] is not VisitStatus.DONE or len(bills) == most:
            continue
        if visit["client_id"] not in waiting:
            waiting[visit["client_id"]] = visit
            continue
        bill_id = first["superbill"] + len(bills)
        pair = (waiting.pop(visit["client_id"]), visit)
        bills.append({"id": bill_id, "number": f"U{len(bills):06d}", "version": 1, "client_id": visit["client_id"],
                      "issued": visit["date"], "document": "", "replaces_id": None})  # fmt: skip
        sessions += [
            {"superbill_id": bill_id, "position": position, "visit_id": one["id"]} for position, one in enumerate(pair)
        ]
    return bills, sessions


def _status(number: int, built: dt.date, today: dt.date) -> ClaimStatus:
    age = (today - built).days
    if age > 120:
        return (ClaimStatus.PAID, ClaimStatus.CLOSED, ClaimStatus.CLOSED, ClaimStatus.WRITTEN_OFF)[number % 4]
    if age > 30:
        return (ClaimStatus.PAID, ClaimStatus.MAILED, ClaimStatus.IN_PROCESS, ClaimStatus.DENIED)[number % 4]
    return (ClaimStatus.DRAFT, ClaimStatus.READY, ClaimStatus.PRINTED, ClaimStatus.MAILED)[number % 4]
