"""What a payer would send back, found before the stamp is on the envelope.

Each check is a row: code, how grave, how sure, its source, its sentence, and a pure function. `docs/checks.md` lists
them all. The same functions serve the record forms while one types and the gate before a claim is issued.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from app.billing.benefits import Verification, newest

# benefits, diagnoses, grants and pairs add to the checks of a session, agreement to those of a claim
from app.billing.checks import agreement, benefits, cover, diagnoses, grants, orders, pairs, people, sessions
from app.billing.checks import claim as _claim
from app.billing.checks import lines as _lines
from app.billing.checks.registry import REGISTER, Asked, Check, CodeStatus, EditsOn, Icd
from app.billing.claims import LETTERS, MOST_DIAGNOSES
from app.billing.ids import ICD10
from app.billing.problems import Problem, in_order
from app.billing.records import (
    Authorization,
    Case,
    ClaimBundle,
    Client,
    Payer,
    Policy,
    Practice,
    Provider,
    Referral,
    Visit,
    VisitStatus,
)
from app.billing.referrals import Thresholds, thresholds

__all__ = [
    "REGISTER", "Check", "CodeStatus", "EditsOn", "Icd", "agreement", "benefits", "check_authorization", "check_case",
    "check_claim", "check_client", "check_payer", "check_policy", "check_practice", "check_provider",
    "check_referral", "check_verification", "check_visit", "diagnoses", "grants", "pairs",
]  # fmt: skip


def check_client(client: Client, *, today: dt.date) -> list[Problem]:
    """What is wrong with a client's record by itself; like all of these, blocking problems come first."""
    return in_order(people.client.run(client, Asked(today=today), _name("client", client.id)))


def check_practice(practice: Practice, *, today: dt.date) -> list[Problem]:
    """What is wrong with the practice."""
    return in_order(people.practice.run(practice, Asked(today=today), _name("practice", practice.id)))


def check_provider(provider: Provider, *, today: dt.date) -> list[Problem]:
    """What is wrong with a therapist's record."""
    return in_order(people.provider.run(provider, Asked(today=today), _name("provider", provider.id)))


def check_payer(payer: Payer, *, today: dt.date) -> list[Problem]:
    """What is wrong with a payer's record."""
    return in_order(cover.payer.run(payer, Asked(today=today), _name("payer", payer.id)))


def check_policy(policy: Policy, *, today: dt.date) -> list[Problem]:
    """What is wrong with a policy."""
    return in_order(cover.policy.run(policy, Asked(today=today), _name("policy", policy.id)))


def check_referral(referral: Referral, *, today: dt.date, icd: Icd | None = None) -> list[Problem]:
    """What is wrong with a referral by itself; whether it covers a session is asked with the session."""
    return in_order(orders.referral.run(referral, Asked(today=today, icd=icd), _name("referral", referral.id)))


def check_authorization(
    authorization: Authorization, *, today: dt.date, others: Sequence[Authorization] = ()
) -> list[Problem]:
    """What is wrong with an authorization by itself, and beside the client's others."""
    record = _name("authorization", authorization.id)
    return in_order(orders.authorization.run(authorization, Asked(today=today, authorizations=others), record))


def check_case(case: Case, *, today: dt.date) -> list[Problem]:
    """What is wrong with a case."""
    return in_order(orders.case.run(case, Asked(today=today), _name("case", case.id)))


def check_verification(verification: Verification, *, today: dt.date) -> list[Problem]:
    """What was not answered in a call about benefits, and what contradicts itself."""
    record = _name("verification", verification.id)
    return in_order(benefits.verification.run(verification, Asked(today=today), record))


def check_visit(
    visit: Visit,
    *,
    today: dt.date,
    icd: Icd | None = None,
    edits: EditsOn | None = None,
    client: Client | None = None,
    payer: Payer | None = None,
    policy: Policy | None = None,
    provider: Provider | None = None,
    case: Case | None = None,
    referral: Referral | None = None,
    authorization: Authorization | None = None,
    others: Sequence[Visit] = (),
    meanwhile: Sequence[Visit] = (),
    authorizations: Sequence[Authorization] = (),
    verifications: Sequence[Verification] | None = None,
    limits: Thresholds | None = None,
) -> list[Problem]:
    """What is wrong with a session and its lines, as far as the records given tell; of a missed or void one, its date.

    `others` are the client's other sessions, `meanwhile` those of other clients at the same time, `authorizations` all
    of the client's, `verifications` the calls about the client's benefits (None: not known); `limits` say when a
    referral or authorization runs low. `item` counts diagnoses and lines of the session ("21B", "24E.2"),
    `field` likewise ("lines.2.pointers").
    """
    asked = Asked(
        today=today, icd=icd, edits=edits, client=client, payer=payer, policy=policy, provider=provider, case=case,
        referral=referral, authorization=authorization, others=others, meanwhile=meanwhile,
        authorizations=authorizations, verifications=verifications, limits=limits or Thresholds(),
        boxes=_boxes(visit.diagnoses),
    )  # fmt: skip
    problems = sessions.visit.run(visit, asked, _name("visit", visit.id))
    if visit.status in (VisitStatus.NO_SHOW, VisitStatus.VOID):
        return [problem for problem in problems if problem.code == "visit.date-missing"]
    for number in range(1, len(visit.lines) + 1):
        problems += _line(visit, number, number, asked)
    return in_order(problems)


def check_claim(
    bundle: ClaimBundle,
    *,
    today: dt.date,
    icd: Icd | None = None,
    edits: EditsOn | None = None,
    others: Sequence[Visit] = (),
    meanwhile: Sequence[Visit] = (),
    authorizations: Sequence[Authorization] = (),
    verifications: Sequence[Verification] | None = None,
) -> list[Problem]:
    """All that the rules have against a claim: its records, its sessions and lines, and how they fit together.

    `icd` judges diagnoses by date of service, `edits` gives the public pairs and caps of codes; what is not given is
    not asked. `others` are sessions of the client that are not on this claim, so that what they use up is known,
    `meanwhile` those of other clients at the same time; `authorizations` are all of the client's, `verifications` the
    calls about the client's benefits (None: not known). `item` counts the claim's lines through all its forms: "24E.8"
    is the second line of the second form; a diagnosis is named by its box of item 21 ("21B").
    """
    facts = _claim.Facts(bundle)
    known = {id(visit): visit for visit in (*bundle.visits, *others)}
    asked = Asked(
        today=today, icd=icd, edits=edits, client=bundle.client, payer=bundle.payer, policy=bundle.policy,
        provider=bundle.provider, case=bundle.case, referral=bundle.referral, authorization=bundle.authorization,
        others=tuple(known.values()), meanwhile=meanwhile, authorizations=authorizations,
        verifications=verifications, limits=thresholds(bundle.practice), boxes=_boxes(facts.codes),
    )  # fmt: skip
    problems = list(_of_records(bundle, asked))
    for visit in facts.visits:
        problems += sessions.visit.run(visit, asked, _name("visit", visit.id))
    positions = {line_id: number for number, line_id in enumerate(bundle.claim.line_ids, start=1)}
    for visit in facts.visits:
        for place, line in enumerate(visit.lines, start=1):
            if line.id in positions:
                problems += _line(visit, place, positions[line.id], asked)
    problems += _claim.claim.run(facts, asked, _name("claim", bundle.claim.id), facts.names())
    return in_order(dict.fromkeys(problems))


def _of_records(bundle: ClaimBundle, asked: Asked) -> Iterator[Problem]:
    b = bundle
    yield from people.client.run(b.client, asked, _name("client", b.client.id))
    yield from people.practice.run(b.practice, asked, _name("practice", b.practice.id))
    yield from people.provider.run(b.provider, asked, _name("provider", b.provider.id))
    yield from cover.payer.run(b.payer, asked, _name("payer", b.payer.id))
    yield from cover.policy.run(b.policy, asked, _name("policy", b.policy.id))
    if b.referral is not None:
        yield from orders.referral.run(b.referral, asked, _name("referral", b.referral.id))
    if b.authorization is not None:
        yield from orders.authorization.run(b.authorization, asked, _name("authorization", b.authorization.id))
    call = newest(asked.verifications or (), b.policy.id)
    if call is not None:
        yield from benefits.verification.run(call, asked, _name("verification", call.id))
    if b.case is not None:
        yield from orders.case.run(b.case, asked, _name("case", b.case.id))


def _line(visit: Visit, place: int, number: int, asked: Asked) -> Iterable[Problem]:
    """Problems of the line at `place` in its session, which is line `number` of the form."""
    found = _lines.line.run(_lines.LineAt(visit.lines[place - 1], visit), asked, _name("visit", visit.id))
    return [
        replace(problem, item=f"{problem.item}.{number}", field=f"lines.{place}.{problem.field}") for problem in found
    ]


def _boxes(codes: Iterable[str]) -> dict[str, str]:
    """The box of item 21 of each code, by the order that they stand in."""
    boxes: dict[str, str] = {}
    for code in codes:
        if len(boxes) < MOST_DIAGNOSES:
            boxes.setdefault(ICD10.compact(code), f"21{LETTERS[len(boxes)]}")
    return boxes


def _name(table: str, record_id: int | None) -> str:
    return table if record_id is None else f"{table}:{record_id}"
