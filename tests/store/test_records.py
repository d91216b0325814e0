"""Keeping, finding and listing the clinic's records."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from app.billing.records import (
    Authorization,
    Case,
    Client,
    Fee,
    FeeSchedule,
    Payer,
    Policy,
    Practice,
    Provider,
    Rank,
    Referral,
    ServiceLine,
    Sex,
    Visit,
    VisitStatus,
)  # fmt: skip
from app.errors import ClinicError, InputError
from app.store import clients, convert, payers, practice, visits
from app.store.clinic import ClinicFile
from app.store.search import folded


def _client(clinic: ClinicFile, **values: object) -> Client:
    with clinic.write("Save client") as s:
        return clients.save_client(s, Client(**values))  # type: ignore[arg-type]


def _found(clinic: ClinicFile, text: str, **options: bool) -> list[str]:
    with clinic.read() as s:
        found = clients.find(s, text, archived=options.get("archived", False))
        assert len(found) == clients.count(s, text, archived=options.get("archived", False))
    return [line.first_name for line in found]


# Practice and providers


def test_a_new_clinic_has_a_practice_to_fill_in(clinic: ClinicFile) -> None:
    with clinic.write("Save practice") as s:
        assert practice.practice(s) == Practice(id=1)
        kept = practice.save_practice(s, Practice(name="Quiet River", next_claim=5))
        assert kept == practice.practice(s) == Practice(id=1, name="Quiet River", next_claim=5)


def test_counters_never_go_back(clinic: ClinicFile) -> None:
    with clinic.write("Save practice") as s:
        practice.save_practice(s, Practice(next_claim=9, next_client=4))
    with clinic.write("Save an old draft") as s:
        assert practice.save_practice(s, Practice(name="Quiet River")).next_claim == 9
    assert clinic.undo()
    with clinic.write("Take") as s:
        assert practice.practice(s).name == ""
        assert practice.take_numbers(s, "next_claim", 3) == 9
        assert practice.take_numbers(s, "next_claim", 1) == 12
        with pytest.raises(ValueError, match="no such counter"):
            practice.take_numbers(s, "id", 1)


def test_providers_are_archived_once_they_worked(clinic: ClinicFile) -> None:
    client = _client(clinic, last_name="Quill")
    with clinic.write("Hire") as s:
        ash = practice.save_provider(s, Provider(last_name="Ash", npi="1000000004"))
        plum = practice.save_provider(s, Provider(last_name="Plum"))
        visits.save_visit(s, Visit(client_id=client.id or 0, provider_id=ash.id or 0))
        practice.remove_provider(s, plum.id or 0)
        with pytest.raises(ClinicError, match="cannot be deleted"):
            practice.remove_provider(s, ash.id or 0)
        practice.save_provider(s, replace(ash, archived=True))
        assert practice.providers(s) == []
        assert practice.providers(s, archived=True) == [replace(ash, archived=True)]
        assert practice.provider(s, ash.id or 0).npi == "1000000004"


# Clients


def test_clients_get_numbers(clinic: ClinicFile) -> None:
    assert _client(clinic, last_name="A").number == "0001"
    assert _client(clinic, last_name="B", number=" 0002 ").number == "0002"
    assert _client(clinic, last_name="C").number == "0003", "0002 is taken, and passed over"
    with pytest.raises(InputError, match="Another client"):
        _client(clinic, last_name="D", number="0002")
    kept = _client(clinic, last_name="E", number="E-1")
    with clinic.write("Save") as s:
        assert clients.save_client(s, replace(kept, last_name="F")).number == "E-1"
        assert clients.by_number(s, "E-1").last_name == "F"
        with pytest.raises(InputError, match="no client 9999"):
            clients.by_number(s, "9999")


@pytest.fixture
def people(clinic: ClinicFile) -> ClinicFile:
    """A clinic with names that are hard to find."""
    for values in (
        {"first_name": "Torvald", "last_name": "Quill", "birth_date": dt.date(1991, 2, 3), "phone": "3605550160"},
        {"first_name": "Łucja", "middle_name": "Maria", "last_name": "O'Brien-Ñandú", "phone": "2065550100"},
        {"first_name": "Thị", "last_name": "Trần", "birth_date": dt.date(1989, 12, 5), "number": "50%"},
        {"first_name": "Åsa", "last_name": "Quill", "number": "A_1"},
        {"first_name": "Γιώργος", "last_name": "Παπαδόπουλος"},
    ):
        _client(clinic, **values)
    with clinic.write("Cover") as s:
        payer = payers.save_payer(s, Payer(name="Bluebird"))
        other = payers.save_payer(s, Payer(name="Meadowlark"))
        for rank, insurer in ((Rank.SECONDARY, other), (Rank.PRIMARY, payer)):
            clients.save_policy(
                s, Policy(client_id=1, payer_id=insurer.id or 0, rank=rank, member_id=f"BBH{insurer.id}_7")
            )
    return clinic


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["Łucja", "Åsa", "Torvald", "Thị", "Γιώργος"]),
        ("quill", ["Åsa", "Torvald"]), ("QUILL tor", ["Torvald"]), ("tor QUI", ["Torvald"]), ("uill", []),
        ("asa", ["Åsa"]), ("Tran", ["Thị"]), ("TRẦN", ["Thị"]), ("łucja", ["Łucja"]), ("lucja nandu", ["Łucja"]),
        ("o'brien", ["Łucja"]), ("obrien", ["Łucja"]), ("brien", ["Łucja"]), ("maria", ["Łucja"]),
        ("O'Brien-Ñandú", ["Łucja"]), ("παπαδοπουλος", ["Γιώργος"]),
        ("2/3/1991", ["Torvald"]), ("02/03/91", ["Torvald"]), ("1991-02-03", ["Torvald"]), ("02031991", ["Torvald"]),
        ("3/2/1991", []), ("19910203", ["Torvald"]),
        ("(206) 555-0100", ["Łucja"]), ("206.555.0100", ["Łucja"]), ("5550100", ["Łucja"]), ("0160", ["Torvald"]),
        ("bbh1_7", ["Torvald"]), ("BBH2", ["Torvald"]), ("bbh1%", []), ("bbh1x7", []),
        ("0001", ["Torvald"]), ("50%", ["Thị"]), ("a_1", ["Åsa"]), ("axy1", []),
        ("%", []), ("_", []), ("\\", []), ("q%l", []), ("'; --", []), ("q_ill", []),
    ],
)  # fmt: skip
def test_clients_are_found(people: ClinicFile, text: str, names: list[str]) -> None:
    assert _found(people, text) == names


def test_the_list_names_the_primary_payer_and_pages(people: ClinicFile) -> None:
    with people.read() as s:
        (line,) = clients.find(s, "torvald")
        assert (line.name, line.number, line.payer) == ("Quill, Torvald", "0001", "Bluebird")
        assert [found.id for found in clients.find(s, limit=2, offset=1)] == [4, 1]


def test_archived_clients_leave_the_list(people: ClinicFile) -> None:
    with people.write("Archive") as s:
        assert clients.archive_client(s, 4).archived
    assert _found(people, "quill") == ["Torvald"]
    assert _found(people, "quill", archived=True) == ["Åsa", "Torvald"]
    with people.write("Bring back") as s:
        clients.archive_client(s, 4, archived=False)
    assert _found(people, "quill") == ["Åsa", "Torvald"]


def test_a_changed_name_is_found_and_after_undo_the_old_one(people: ClinicFile) -> None:
    with people.write("Marry") as s:
        clients.save_client(s, replace(clients.client(s, 4), last_name="Ash"))
    assert (_found(people, "ash"), _found(people, "quill asa")) == (["Åsa"], [])
    people.undo()
    assert (_found(people, "ash"), _found(people, "quill asa")) == ([], ["Åsa"])


def test_folded() -> None:
    assert folded("Łukasz Ñandú ßØ Æ") == "lukasz nandu sso ae"


def test_only_a_client_without_sessions_can_be_deleted(people: ClinicFile) -> None:
    with people.write("Delete") as s:
        clients.save_referral(s, Referral(client_id=5, last_name="Plum"))
        clients.remove_client(s, 5)
        assert clients.referrals(s, 5) == []
        provider = practice.save_provider(s, Provider(last_name="Ash"))
        visits.save_visit(s, Visit(client_id=1, provider_id=provider.id or 0))
        with pytest.raises(ClinicError, match="cannot be deleted"):
            clients.remove_client(s, 1)
        assert clients.client(s, 1)


def test_what_belongs_to_a_client(people: ClinicFile) -> None:
    with people.write("Enter") as s:
        case = clients.save_case(s, Case(client_id=1, name="Fall", onset=dt.date(2026, 1, 2)))
        newer = clients.save_case(s, Case(client_id=1))
        old = clients.save_referral(s, Referral(client_id=1, written=dt.date(2026, 1, 2), case_id=case.id))
        new = clients.save_referral(
            s, Referral(client_id=1, written=dt.date(2026, 5, 2), diagnoses=("M54.2", "M62.838"))
        )
        early = clients.save_authorization(s, Authorization(client_id=1, policy_id=1, number="A1"))
        late = clients.save_authorization(s, Authorization(client_id=1, valid_from=dt.date(2026, 5, 2), number="A2"))
    with people.read() as s:
        assert clients.cases(s, 1) == [newer, case]
        assert clients.case(s, case.id or 0) == case
        assert clients.referrals(s, 1) == [new, old]
        assert clients.referral(s, new.id or 0) == new
        assert clients.authorizations(s, 1) == [late, early]
        assert clients.authorization(s, early.id or 0) == early
        assert [policy.rank for policy in clients.policies(s, 1)] == [Rank.PRIMARY, Rank.SECONDARY]
        assert clients.policy(s, 2).member_id == "BBH1_7"
        assert clients.cases(s, 2) == clients.policies(s, 2) == []
    with people.write("Delete") as s:
        for remove, kept in (
            (clients.remove_case, case), (clients.remove_policy, clients.policy(s, 1)),
        ):  # fmt: skip
            if kept is case:
                with pytest.raises(ClinicError):
                    remove(s, kept.id or 0)
        clients.remove_authorization(s, early.id or 0)
        clients.remove_policy(s, 1)
        clients.remove_referral(s, old.id or 0)
        clients.remove_case(s, case.id or 0)
        assert len(clients.cases(s, 1)) == len(clients.referrals(s, 1)) == len(clients.policies(s, 1)) == 1


# Payers and fees


def test_payers(clinic: ClinicFile) -> None:
    with clinic.write("Save") as s:
        blue = payers.save_payer(s, Payer(name="Bluebird", unit_cap=4, taxonomy_in_33b=True))
        ash = payers.save_payer(s, Payer(name="Ash Mutual", archived=True))
    with clinic.write("Change") as s:
        blue = payers.save_payer(s, replace(blue, unit_cap=3))
        assert payers.payer(s, blue.id or 0) == blue
        assert payers.payers(s) == [blue]
        assert payers.payers(s, archived=True) == [ash, blue]
        payers.remove_payer(s, ash.id or 0)
        assert payers.payers(s, archived=True) == [blue]


def test_fee_schedules_keep_their_order_and_ids(clinic: ClinicFile) -> None:
    fees = tuple(Fee(code=code, label=code, amount=3400) for code in ("97140", "97124", "97010"))
    with clinic.write("Save") as s:
        payer = payers.save_payer(s, Payer(name="Bluebird"))
        kept = payers.save_fee_schedule(s, FeeSchedule(name="Standard", valid_from=dt.date(2025, 1, 1), fees=fees))
        own = payers.save_fee_schedule(s, FeeSchedule(name="Own", payer_id=payer.id))
    assert [fee.code for fee in kept.fees] == ["97140", "97124", "97010"]
    changed = replace(kept, fees=(kept.fees[2], Fee(code="97112", timed=True), replace(kept.fees[0], amount=1)))
    with clinic.write("Change") as s:
        again = payers.save_fee_schedule(s, changed)
        assert [(fee.code, fee.amount) for fee in again.fees] == [("97010", 3400), ("97112", 0), ("97140", 1)]
        assert [again.fees[0].id, again.fees[2].id] == [kept.fees[2].id, kept.fees[0].id]
        assert payers.fee_schedules(s) == [again, own]
    clinic.undo()
    with clinic.write("Delete") as s:
        assert payers.fee_schedules(s) == [kept, own]
        payers.remove_fee_schedule(s, kept.id or 0)
        assert payers.fee_schedules(s) == [own]


# Visits


@pytest.fixture
def billed(people: ClinicFile) -> tuple[ClinicFile, Visit]:
    """A session of Torvald with two lines."""
    with people.write("Save session") as s:
        provider = practice.save_provider(s, Provider(last_name="Ash"))
        visit = Visit(
            client_id=1, provider_id=provider.id or 0, date=dt.date(2026, 11, 2), start=600, policy_id=2,
            diagnoses=("M54.2",), paid=2500,
            lines=(
                ServiceLine(code="97140", modifiers=("GP", "59"), minutes=30, units=2, charge=8800, pointers="A"),
                ServiceLine(code="97010", charge=1500, note="hot pack"),
            ),
        )  # fmt: skip
        return people, visits.save_visit(s, visit)


def test_a_session_comes_back_whole(billed: tuple[ClinicFile, Visit]) -> None:
    clinic, visit = billed
    with clinic.read() as s:
        assert visits.visit(s, visit.id or 0) == visit
        assert visits.visits_of(s, 1) == visits.visits(s, [visit.id or 0]) == [visit]
        assert visits.visits_of(s, 2) == visits.visits(s, []) == []
    assert visit.lines[0].modifiers == ("GP", "59")


def test_lines_keep_their_ids_and_order(billed: tuple[ClinicFile, Visit]) -> None:
    clinic, visit = billed
    changed = replace(visit, lines=(replace(visit.lines[1], charge=1600), ServiceLine(code="97124"), visit.lines[0]))
    with clinic.write("Change") as s:
        again = visits.save_visit(s, changed)
    assert [line.code for line in again.lines] == ["97010", "97124", "97140"]
    assert [again.lines[0].id, again.lines[2].id] == [visit.lines[1].id, visit.lines[0].id]
    with clinic.write("Change") as s:
        assert visits.save_visit(s, replace(again, lines=again.lines[1:2])).lines == again.lines[1:2]
    clinic.undo()
    with clinic.read() as s:
        assert visits.visit(s, visit.id or 0) == again


def test_a_line_of_another_session_is_copied_not_taken(billed: tuple[ClinicFile, Visit]) -> None:
    clinic, visit = billed
    with clinic.write("Repeat") as s:
        copied = visits.save_visit(s, replace(visit, id=None))
        assert visits.visit(s, visit.id or 0) == visit
    assert {line.id for line in copied.lines} & {line.id for line in visit.lines} == set()


def test_the_last_session_is_the_newest_that_took_place(billed: tuple[ClinicFile, Visit]) -> None:
    clinic, visit = billed
    with clinic.write("Save") as s:
        later = dt.date(2026, 11, 9)
        visits.save_visit(s, replace(visit, id=None, date=later, status=VisitStatus.NO_SHOW))
        visits.save_visit(s, replace(visit, id=None, date=dt.date(2026, 10, 1)))
        newest = visits.save_visit(s, replace(visit, id=None, start=700))
        assert visits.last_visit(s, 1) == newest
        assert visits.last_visit(s, 2) is None


def test_sessions_in_a_list(billed: tuple[ClinicFile, Visit]) -> None:
    clinic, visit = billed
    with clinic.write("Save") as s:
        planned = replace(visit, id=None, client_id=4, policy_id=None, date=dt.date(2026, 11, 9), lines=(), paid=0)
        visits.save_visit(s, replace(planned, status=VisitStatus.PLANNED))
        newest, line = visits.lines(s)
        assert (newest.client, newest.payer, newest.codes, newest.charge) == ("Quill, Åsa", "", "", 0)
        assert (line.client, line.payer, line.codes, line.units, line.charge, line.paid, line.claims) == (
            "Quill, Torvald", "Bluebird", "97140 97010", 3, 10300, 2500, "",
        )  # fmt: skip
        assert visits.lines(s, text="torv") == visits.lines(s, client_id=1) == [line]
        assert visits.lines(s, limit=1, offset=1) == [line]
        assert visits.lines(s, text="%") == []
        assert (visits.count(s), visits.count(s, text="torv"), visits.count(s, client_id=4)) == (2, 1, 1)


def test_unbilled_are_done_and_have_a_policy(billed: tuple[ClinicFile, Visit]) -> None:
    clinic, visit = billed
    with clinic.write("Save") as s:
        visits.save_visit(s, replace(visit, id=None, policy_id=None))
        visits.save_visit(s, replace(visit, id=None, status=VisitStatus.NO_SHOW))
        visits.save_visit(s, replace(visit, id=None, lines=()))
        assert visits.unbilled(s) == visits.unbilled(s, 1) == [visit]
        assert visits.unbilled(s, 4) == []


def test_a_session_entered_by_mistake_goes(billed: tuple[ClinicFile, Visit]) -> None:
    clinic, visit = billed
    with clinic.write("Delete") as s:
        visits.remove_visit(s, visit.id or 0)
        assert visits.visits_of(s, 1) == []
    clinic.undo()
    with clinic.read() as s:
        assert visits.visits_of(s, 1) == [visit]


def test_any_number_of_ids(people: ClinicFile) -> None:
    with people.read() as s:
        ids = range(1, 40_000)
        found = convert.load(s, Client, convert.among(convert.table_of(Client).c.id, ids))
    assert {client.sex for client in found} == {Sex.UNKNOWN}
    assert len(found) == 5
