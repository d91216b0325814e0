"""Whatever is done, undone and done again: the clinic is what it was."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from app.billing import claims as rules
from app.billing.records import (
    Client,
    Fee,
    FeeSchedule,
    Payer,
    Policy,
    Provider,
    Referral,
    ServiceLine,
    Visit,
    VisitStatus,
)
from app.errors import ClinicError
from app.store import claims, clients, payers, practice, visits
from app.store.clinic import ClinicFile
from app.store.tables import COUNTERS, NOT_LOGGED, Base
from tests.store import conftest

NAMES = st.sampled_from(["Ash", "Plum", "Quill", "Łucja Ñandú", 'O\'Brien "x"', "", "名前", "a\nb\tc\\"])
CENTS = st.integers(0, 2**53)
CODES = st.lists(st.sampled_from(["M54.2", "M62.838", "S13.4XXA"]), unique=True, max_size=3).map(tuple)
DAYS = st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))


def snapshot(clinic: ClinicFile) -> dict[str, list[Any]]:
    """Every row but the log and the counters."""
    with clinic.read() as s:
        return {
            name: sorted(s.execute(text(f'SELECT {_columns(name)} FROM "{name}"')).all(), key=repr)
            for name in Base.metadata.tables
            if name not in NOT_LOGGED
        }


def _columns(name: str) -> str:
    columns = Base.metadata.tables[name].columns.keys()
    return ", ".join(f'"{column}"' for column in columns if column not in COUNTERS.get(name, ()))


class Desk(RuleBasedStateMachine):
    """A desk at work, and what it remembers of each state it has been in."""

    template: Path
    """A closed, empty clinic."""

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.clinic = ClinicFile.open(conftest.copy(self.template, self.folder), password=conftest.PASSWORD)
        self.before: list[dict[str, list[Any]]] = []
        self.after: list[dict[str, list[Any]]] = []
        self.now = snapshot(self.clinic)

    def teardown(self) -> None:
        self.clinic.close()
        shutil.rmtree(self.folder)

    def done(self) -> None:
        """Remember the new state; an operation that changed nothing is none."""
        new = snapshot(self.clinic)
        if new != self.now:
            self.before.append(self.now)
            self.after.clear()
        self.now = new

    def ids(self, table: str) -> list[int]:
        with self.clinic.read() as s:
            return list(s.scalars(text(f'SELECT id FROM "{table}" ORDER BY id')))

    @rule(name=NAMES, first=NAMES, born=DAYS)
    def add_client(self, name: str, first: str, born: dt.date | None) -> None:
        with self.clinic.write("Add client") as s:
            client = clients.save_client(s, Client(last_name=name, first_name=first, birth_date=born))
            payer = payers.save_payer(s, Payer(name=name))
            clients.save_policy(s, Policy(client_id=client.id or 0, payer_id=payer.id or 0))
            clients.save_referral(s, Referral(client_id=client.id or 0, diagnoses=("M54.2",)))
            practice.save_provider(s, Provider(last_name=first))
        self.done()

    @precondition(lambda self: self.ids("client"))
    @rule(data=st.data(), name=NAMES, archived=st.booleans())
    def change_client(self, data: st.DataObject, name: str, archived: bool) -> None:
        client_id = data.draw(st.sampled_from(self.ids("client")))
        with self.clinic.write("Change client") as s:
            client = clients.client(s, client_id)
            clients.save_client(s, dataclasses.replace(client, last_name=name, archived=archived))
        self.done()

    @precondition(lambda self: self.ids("client"))
    @rule(data=st.data(), charges=st.lists(CENTS, max_size=3), codes=CODES, day=DAYS)
    def add_visit(self, data: st.DataObject, charges: list[int], codes: tuple[str, ...], day: dt.date | None) -> None:
        client_id = data.draw(st.sampled_from(self.ids("client")))
        with self.clinic.write("Add session") as s:
            policy = clients.policies(s, client_id)[0]
            lines = tuple(ServiceLine(code="97140", charge=charge, modifiers=codes) for charge in charges)
            provider = practice.providers(s)[0]
            visits.save_visit(
                s,
                Visit(client_id=client_id, provider_id=provider.id or 0, policy_id=policy.id, lines=lines,
                      diagnoses=codes, date=day),
            )  # fmt: skip
        self.done()

    @precondition(lambda self: self.ids("visit"))
    @rule(data=st.data(), keep=st.integers(0, 3), charge=CENTS)
    def change_visit(self, data: st.DataObject, keep: int, charge: int) -> None:
        visit_id = data.draw(st.sampled_from(self.ids("visit")))
        try:
            with self.clinic.write("Change session") as s:
                visit = visits.visit(s, visit_id)
                lines = (*visit.lines[:keep][::-1], ServiceLine(code="97124", charge=charge))
                visits.save_visit(s, dataclasses.replace(visit, lines=lines))
        except ClinicError as error:
            assert "is on claim" in str(error)
        self.done()

    @precondition(lambda self: self.ids("visit"))
    @rule(data=st.data(), status=st.sampled_from(VisitStatus), day=DAYS, insured=st.booleans())
    def move_visit(self, data: st.DataObject, status: VisitStatus, day: dt.date | None, insured: bool) -> None:
        visit_id = data.draw(st.sampled_from(self.ids("visit")))
        with self.clinic.write("Move session") as s:
            visit = visits.visit(s, visit_id)
            policy_id = clients.policies(s, visit.client_id)[0].id if insured else None
            visits.save_visit(s, dataclasses.replace(visit, status=status, date=day, policy_id=policy_id))
        self.done()

    @precondition(lambda self: self.ids("visit"))
    @rule(data=st.data())
    def remove_visit(self, data: st.DataObject) -> None:
        visit_id = data.draw(st.sampled_from(self.ids("visit")))
        try:
            with self.clinic.write("Remove session") as s:
                visits.remove_visit(s, visit_id)
        except ClinicError as error:
            assert "is on claim" in str(error)
        self.done()

    @rule()
    def build(self) -> None:
        with self.clinic.write("Build") as s:
            sessions = [visit for visit in visits.unbilled(s) if visit.date]
            policies = [policy for line in clients.find(s, archived=True, limit=999)
                        for policy in clients.policies(s, line.id)]  # fmt: skip
            claims.build(s, rules.plan(sessions, policies, payers.payers(s, archived=True)), today=conftest.TODAY)
        self.done()

    @precondition(lambda self: self.ids("claim"))
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        claim_id = data.draw(st.sampled_from(self.ids("claim")))
        with self.clinic.write("Void") as s:
            if claims.claim(s, claim_id).status != "void":
                claims.void(s, claim_id, on=conftest.TODAY)
        self.done()

    @rule(amounts=st.lists(CENTS, max_size=3), remove=st.booleans())
    def fees(self, amounts: list[int], remove: bool) -> None:
        with self.clinic.write("Fees") as s:
            schedules = payers.fee_schedules(s)
            schedule = schedules[0] if schedules else FeeSchedule(name="Standard")
            if remove and schedules:
                payers.remove_fee_schedule(s, schedule.id or 0)
            else:
                fees = (*schedule.fees[1:], *(Fee(code="97140", amount=amount) for amount in amounts))
                payers.save_fee_schedule(s, dataclasses.replace(schedule, fees=fees))
        self.done()

    @rule(name=NAMES)
    def rename_practice(self, name: str) -> None:
        with self.clinic.write("Rename") as s:
            practice.save_practice(s, dataclasses.replace(practice.practice(s), name=name))
        self.done()

    @rule()
    def fail_midway(self) -> None:
        with pytest.raises(ZeroDivisionError), self.clinic.write("Fail") as s:
            clients.save_client(s, Client(last_name="Nobody"))
            raise ZeroDivisionError
        assert snapshot(self.clinic) == self.now

    @rule()
    def undo(self) -> None:
        undone = self.clinic.undo()
        assert (undone is not None) == bool(self.before)
        if undone:
            self.after.append(self.now)
            self.now = self.before.pop()
        assert snapshot(self.clinic) == self.now

    @rule()
    def redo(self) -> None:
        redone = self.clinic.redo()
        assert (redone is not None) == bool(self.after)
        if redone:
            self.before.append(self.now)
            self.now = self.after.pop()
        assert snapshot(self.clinic) == self.now

    @invariant()
    def sums_are_those_of_the_rows(self) -> None:
        """What triggers keep beside sessions and claims is what one would find by looking."""
        with self.clinic.read() as s:
            lines = [row._mapping for row in s.execute(text("SELECT * FROM service_line"))]
            sessions = [row._mapping for row in s.execute(text("SELECT * FROM visit"))]
            made = [row._mapping for row in s.execute(text("SELECT * FROM claim"))]
            on = [row._mapping for row in s.execute(text("SELECT * FROM claim_line"))]
        live = {each["service_line_id"] for each in on if each["live"]}
        visit_of = {line["id"]: line["visit_id"] for line in lines}
        dates = {visit["id"]: visit["date"] for visit in sessions}
        for visit in sessions:
            own = [line for line in lines if line["visit_id"] == visit["id"]]
            billable = visit["status"] == "done" and visit["policy_id"] is not None
            free = [line for line in own if line["id"] not in live] if billable else []
            found = visit["charge"], visit["waiting"], visit["waiting_charge"]
            assert found == (sum(n["charge"] for n in own), len(free), sum(n["charge"] for n in free))
        for claim in made:
            own = [line for line in lines for each in on
                   if each["claim_id"] == claim["id"] and each["service_line_id"] == line["id"]]  # fmt: skip
            days = [dates[visit_of[n["id"]]] for n in own if dates[visit_of[n["id"]]] is not None]
            found = claim["charge"], claim["first_date"], claim["last_date"]
            assert found == (sum(n["charge"] for n in own), min(days, default=None), max(days, default=None))


def test_any_work_can_be_undone_and_done_again(_empty: Path) -> None:
    Desk.template = _empty
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
