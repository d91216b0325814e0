"""Lists and sums of reports, each counted again from the records one by one."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import replace

import pytest

from app import paperwork
from app.billing.records import (
    ClaimStatus,
    Client,
    Payer,
    Policy,
    Provider,
    Referral,
    ServiceLine,
    Visit,
    VisitStatus,
)
from app.store import claims, clients, payers, practice, reports, superbills, visits
from app.store.clinic import ClinicFile
from tests.store.conftest import TODAY

YEAR = dt.date(2026, 1, 1)


def everything(clinic: ClinicFile) -> list[Visit]:
    with clinic.read() as s:
        return [v for who in clients.find(s, limit=500) for v in visits.visits_of(s, who.id)]


def done(clinic: ClinicFile, first: dt.date = YEAR, last: dt.date = TODAY) -> list[Visit]:
    return [v for v in everything(clinic) if v.status is VisitStatus.DONE and v.date and first <= v.date <= last]


def charge(visit: Visit) -> int:
    return sum(line.charge for line in visit.lines)


def print_all(clinic: ClinicFile, day: dt.date) -> list[int]:
    ids = [claim.id or 0 for claim in paperwork.build_claims(clinic, today=day)]
    with clinic.write("Issue", undoable=False) as s:
        for claim_id in ids:
            claims.issue(s, claim_id, pages='{"pages": []}', layout="cms1500-0212", today=day)
    return ids


def test_unbilled_is_the_same_as_that_of_sessions(demo_clinic: ClinicFile) -> None:
    def compare() -> int:
        with demo_clinic.read() as s:
            found, expected = reports.unbilled(s), visits.unbilled(s)
            assert [(f.visit_id, f.charge, f.date) for f in found] == [(v.id, charge(v), v.date) for v in expected]
            for each, visit in zip(found, expected, strict=True):
                policy = clients.policy(s, visit.policy_id or 0)
                assert each.payer == payers.payer(s, policy.payer_id).name and each.payer_id == policy.payer_id
                who = clients.client(s, visit.client_id)
                assert each.client == f"{who.last_name}, {who.first_name}"
                assert each.filing_days == payers.payer(s, policy.payer_id).filing_days
        return len(found)

    assert compare() > 10
    with demo_clinic.read() as s:
        some = clients.find(s, "fennimore")[0].id
    built = paperwork.build_claims(demo_clinic, today=TODAY, client_id=some)
    fewer = compare()
    with demo_clinic.write("Void") as s:
        claims.void(s, built[0].id or 0, on=TODAY)
    assert compare() == fewer + 4, "a void claim frees its sessions"
    paperwork.build_claims(demo_clinic, today=TODAY)
    assert compare() == 0


def test_a_session_of_which_one_line_is_claimed_waits_with_the_other(demo_clinic: ClinicFile) -> None:
    with demo_clinic.read() as s:
        who = clients.find(s, "marsh")[0].id
    before = [v for v in everything(demo_clinic) if v.client_id == who]
    paperwork.build_claims(demo_clinic, today=TODAY, client_id=who)
    with demo_clinic.write("Another line") as s:
        visits.save_visit(s, replace(before[0], lines=(*before[0].lines, ServiceLine(code="97124", charge=1234))))
    with demo_clinic.read() as s:
        (found,) = [each for each in reports.unbilled(s) if each.client_id == who]
    assert (found.visit_id, found.charge) == (before[0].id, 1234)


def test_open_claims_tell_what_is_on_them(demo_clinic: ClinicFile) -> None:
    built = paperwork.build_claims(demo_clinic, today=TODAY)
    with demo_clinic.read() as s:
        found = reports.open_claims(s, (ClaimStatus.DRAFT,))
        lines = {line.id: line for line in claims.lines(s, limit=100)}
    assert [each.id for each in found] == [claim.id for claim in built]
    for each, claim in zip(found, built, strict=True):
        line = lines[each.id]
        assert (each.number, each.client, each.payer, each.charge, each.first) == (
            line.number, line.client, line.payer, line.charge, line.first,
        )  # fmt: skip
        assert each.lines == len(claim.line_ids) and each.built == TODAY and each.issued is None


def test_claims_by_the_day_they_were_printed(demo_clinic: ClinicFile) -> None:
    ids = print_all(demo_clinic, TODAY - dt.timedelta(days=40))
    with demo_clinic.write("Mail") as s:
        claims.set_status(s, ids[0], ClaimStatus.MAILED, on=TODAY)
    with demo_clinic.read() as s:
        day = TODAY - dt.timedelta(days=40)
        near = reports.open_claims(s, (ClaimStatus.PRINTED, ClaimStatus.MAILED), issued=(day, day))
        after = reports.open_claims(s, (ClaimStatus.PRINTED,), issued=(day + dt.timedelta(1), TODAY))
        mailed = reports.open_claims(s, reports.WAITING)
        total = sum(each.charge for each in reports.waiting(s))
    assert [each.id for each in near] == ids and after == [] and [each.id for each in mailed] == ids[:1]
    assert total == sum(each.charge for each in near) > 0
    with demo_clinic.write("Void") as s:
        claims.void(s, ids[0], on=TODAY)
    with demo_clinic.read() as s:
        assert [(each.issued, each.claims) for each in reports.waiting(s)] == [(day, len(ids) - 1)]


def test_months_add_up(demo_clinic: ClinicFile) -> None:
    sessions = defaultdict(list)
    for visit in done(demo_clinic):
        sessions[f"{visit.date:%Y-%m}"].append(visit)
    with demo_clinic.read() as s:
        found = reports.by_month(s, YEAR, TODAY)
        assert reports.first_session(s) == min(v.date for v in everything(demo_clinic) if v.date)
        assert reports.clients_seen(s, YEAR, TODAY) == len({v.client_id for v in done(demo_clinic)})
    assert [each.label for each in found] == [f"2026-{month:02d}" for month in range(1, 12)]
    for each in found:
        of_month = sessions[each.label]
        assert each.sessions == len(of_month)
        assert each.charged == sum(map(charge, of_month)) and each.paid == sum(v.paid for v in of_month)


def test_only_days_within_the_span_count(demo_clinic: ClinicFile) -> None:
    days = sorted({v.date for v in done(demo_clinic) if v.date})
    first, last = days[3], days[-4]
    with demo_clinic.read() as s:
        counts = {
            sum(each.sessions for each in reports.by_month(s, first, last)),
            sum(each.sessions for each in reports.by_payer(s, first, last)),
        }
    assert counts == {len(done(demo_clinic, first, last))}


def test_a_long_span_is_told_by_years(demo_clinic: ClinicFile) -> None:
    with demo_clinic.read() as s:
        months = reports.by_month(s, dt.date(2023, 12, 1), TODAY)
        years = reports.by_month(s, dt.date(2023, 11, 30), TODAY)
    assert len(months) == 36 and [each.label for each in years] == ["2023", "2024", "2025", "2026"]
    assert years[-1].charged == sum(each.charged for each in months) == sum(map(charge, done(demo_clinic)))


def test_payers_and_codes_add_up_to_the_same(demo_clinic: ClinicFile) -> None:
    visits_done = done(demo_clinic)
    with demo_clinic.read() as s:
        by_payer, by_code = reports.by_payer(s, YEAR, TODAY), reports.by_code(s, YEAR, TODAY)
        names = {v.policy_id: payers.payer(s, clients.policy(s, v.policy_id).payer_id).name
                 for v in visits_done if v.policy_id}  # fmt: skip
    counted = Counter(names.get(v.policy_id, "") for v in visits_done)
    assert {each.label: each.sessions for each in by_payer} == counted and counted[""] > 0
    assert [each.charged for each in by_payer] == sorted((each.charged for each in by_payer), reverse=True)
    lines = [line for v in visits_done for line in v.lines]
    assert {each.code: each.units for each in by_code} == {
        code: sum(line.units for line in lines if line.code == code) for code in {line.code for line in lines}
    }
    assert {each.code: each.sessions for each in by_code} == Counter(
        code for v in visits_done for code in {line.code for line in v.lines}
    )
    assert sum(each.charged for each in by_code) == sum(each.charged for each in by_payer)


def test_sessions_without_lines_count_and_charge_nothing(clinic: ClinicFile) -> None:
    with clinic.write("Enter") as s:
        who = clients.save_client(s, Client(last_name="Marsh")).id or 0
        provider = practice.save_provider(s, Provider(last_name="Thornquist")).id or 0
        for status in VisitStatus:
            visits.save_visit(s, Visit(client_id=who, provider_id=provider, date=TODAY, status=status, paid=500))
        visits.save_visit(s, Visit(client_id=who, provider_id=provider))
    with clinic.read() as s:
        (found,) = reports.by_month(s, TODAY, TODAY)
        assert (found.sessions, found.charged, found.paid) == (1, 0, 500)
        (payer,) = reports.by_payer(s, TODAY, TODAY)
        assert (payer.label, payer.sessions) == ("", 1)
        assert reports.by_code(s, TODAY, TODAY) == [] and reports.unbilled(s) == []
        assert [each.status for each in reports.day(s, TODAY)] == [
            VisitStatus.PLANNED, VisitStatus.DONE, VisitStatus.NO_SHOW,
        ]  # fmt: skip


def test_an_empty_clinic_has_nothing(clinic: ClinicFile) -> None:
    with clinic.read() as s:
        assert reports.unbilled(s) == reports.open_claims(s, list(ClaimStatus)) == reports.waiting(s) == []
        assert reports.grants_in_use(s, today=TODAY) == reports.day(s, TODAY) == []
        assert reports.by_payer(s, YEAR, TODAY) == reports.by_code(s, YEAR, TODAY) == []
        assert reports.by_source(s, YEAR, TODAY) == [] and reports.first_session(s) is None
        assert reports.clients_seen(s, YEAR, TODAY) == 0


def test_sources_by_referrals_written(demo_clinic: ClinicFile) -> None:
    with demo_clinic.read() as s:
        written = [r for who in clients.find(s, limit=100) for r in clients.referrals(s, who.id)]
        found = reports.by_source(s, YEAR, TODAY)
    assert [each.name for each in found] == ["Plum, Henrietta MD", "Ash, Leopold DO"]
    for each in found:
        own = [r for r in written if r.npi == each.npi]
        used = [v for v in done(demo_clinic, dt.date.min, dt.date.max) if v.referral_id in {r.id for r in own}]
        assert each.referrals == len(own) and each.clients == len({r.client_id for r in own})
        assert each.sessions == len(used) and each.charged == sum(map(charge, used))
    newest = max(r.written for r in written if r.written)
    with demo_clinic.read() as s:
        assert sum(each.referrals for each in reports.by_source(s, newest, TODAY)) == len(
            [r for r in written if r.written == newest]
        )


def test_a_referral_that_nobody_used_counts(clinic: ClinicFile) -> None:
    with clinic.write("Enter") as s:
        who = clients.save_client(s, Client(last_name="Marsh")).id or 0
        clients.save_referral(s, Referral(client_id=who, last_name="Ash", npi="1345678902", written=TODAY))
        clients.save_referral(s, Referral(client_id=who, last_name="Ash", npi="1345678902"))
    with clinic.read() as s:
        (found,) = reports.by_source(s, TODAY, TODAY)
    assert (found.name, found.referrals, found.clients, found.sessions, found.charged) == ("Ash", 1, 1, 0, 0)


def test_grants_of_clients_who_still_come(demo_clinic: ClinicFile) -> None:
    with demo_clinic.read() as s:
        who = clients.find(s, "applewhite")[0].id
        found = [each for each in reports.grants_in_use(s, today=TODAY) if each.grant.client_id == who]
        later = reports.grants_in_use(s, today=TODAY + dt.timedelta(days=120))
        used = len({v.date for v in visits.visits_of(s, who) if v.status is VisitStatus.DONE})
    assert [type(each.grant).__name__ for each in found] == ["Referral", "Authorization"]
    assert [each.account.visits_used for each in found] == [used, used]
    assert all(each.client == "Applewhite, Juniper" and each.guess is not None for each in found)
    assert later == [], "nobody came for sixty days"


@pytest.mark.parametrize("insured", [True, False])
def test_a_day_says_what_became_of_each_session(clinic: ClinicFile, insured: bool) -> None:
    with clinic.write("Enter") as s:
        payer = payers.save_payer(s, Payer(name="Bluebird")).id or 0
        who = clients.save_client(s, Client(last_name="Marsh", first_name="Ottoline")).id or 0
        provider = practice.save_provider(s, Provider(last_name="Thornquist")).id or 0
        policy = clients.save_policy(s, Policy(client_id=who, payer_id=payer)).id if insured else None
        lines = (ServiceLine(code="97124", charge=3400),)
        first = Visit(client_id=who, provider_id=provider, date=TODAY, start=600, policy_id=policy, lines=lines)
        ids = [visits.save_visit(s, replace(first, start=start)).id or 0 for start in (660, 540)]
        superbills.make(s, who, ids[:1], today=TODAY)
    if insured:
        paperwork.build_claims(clinic, today=TODAY)
    with clinic.read() as s:
        found = reports.day(s, TODAY)
        assert reports.day(s, TODAY + dt.timedelta(days=1)) == []
    assert [each.visit_id for each in found] == ids[::-1] and {each.client for each in found} == {"Marsh, Ottoline"}
    assert [each.claimed for each in found] == [insured, insured] == [each.insured for each in found]
    assert [each.on_superbill for each in found] == [False, True]
