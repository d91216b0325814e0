"""Roles are held below the window: the store does what a role may, and refuses the rest and keeps nothing of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app import paperwork
from app.billing import roles
from app.billing.records import Client, Fee, FeeSchedule, Payer, Provider, ServiceLine, Visit
from app.billing.roles import Action, Role, User
from app.errors import ClinicError, InputError
from app.store import (
    access,
    claims,
    clients,
    keys,
    overrides,
    payers,
    portable,
    practice,
    reports,
    superbills,
    users,
    visits,
)
from app.store.access import NotAllowedError
from app.store.changes import _LOGGED
from app.store.clinic import ClinicFile
from app.store.demo import fill
from tests.store.conftest import CHEAP, PASSWORD, TODAY, copy

WORDS = "seven brown umbrellas"


@pytest.fixture(scope="module")
def _staffed(_empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's records with claims, one of them issued, and a user of each role; made once."""
    path = copy(_empty, tmp_path_factory.mktemp("staffed"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "STANDARD", CHEAP)
        with ClinicFile.open(path, password=PASSWORD) as clinic:
            with clinic.write("Fill", undoable=False) as s:
                fill(s, today=TODAY)
            first, *__ = paperwork.build_claims(clinic, today=TODAY)
            with clinic.write("Print") as s:
                claims.issue(s, first.id or 0, pages="{}", layout="cms1500-0212", today=TODAY)
            for role in Role:
                users.add(clinic, User(name=f"a-{role}", role=role), WORDS)
    return path


@pytest.fixture
def staffed(_staffed: Path, tmp_path: Path) -> Iterator[ClinicFile]:
    """A copy of it, opened by the owner."""
    with ClinicFile.open(copy(_staffed, tmp_path / "staffed"), password=PASSWORD) as clinic:
        yield clinic


def _as(clinic: ClinicFile, role: Role) -> ClinicFile:
    clinic.close()
    return ClinicFile.open(clinic.path, password=WORDS, user=f"a-{role}")


def _first(s: Any, table: str) -> int:
    return int(s.scalar(text(f'SELECT min(id) FROM "{table}"')))


def _write(do: Callable[[Any], object]) -> Callable[[ClinicFile], object]:
    def run(clinic: ClinicFile) -> None:
        with clinic.write("Try") as s:
            do(s)

    return run


def _read(do: Callable[[Any], object]) -> Callable[[ClinicFile], object]:
    def run(clinic: ClinicFile) -> None:
        with clinic.read() as s:
            do(s)

    return run


def _note(s: Any) -> None:
    visit = visits.visit(s, _first(s, "visit"))
    visits.save_visit(s, dataclasses.replace(visit, note="new words"))


def _draft(s: Any) -> int:
    found = s.scalar(text("SELECT min(id) FROM claim WHERE issued IS NULL"))
    assert found, "the demo has a claim that is not printed"
    return int(found)


def _session(s: Any) -> None:
    line = ServiceLine(code="97124", minutes=60, units=4, charge=100)
    visits.save_visit(
        s, Visit(client_id=_first(s, "client"), provider_id=_first(s, "provider"), date=TODAY, lines=(line,))
    )


def _bill(clinic: ClinicFile) -> None:
    with clinic.write("Try") as s:
        client_id, visit_id = s.execute(text("SELECT client_id, id FROM visit WHERE status = 'done' LIMIT 1")).one()
        bill = superbills.make(s, client_id, [visit_id], today=TODAY)
        superbills.freeze(s, bill.id or 0, "{}")


DEEDS: dict[Action, Callable[[ClinicFile], object]] = {
    Action.CLIENTS: _write(lambda s: clients.save_client(s, Client(last_name="Ash"))),
    Action.SESSIONS: _write(_session),
    Action.NOTES: _write(_note),
    Action.CLAIMS: _write(lambda s: claims.set_note(s, _draft(s), "waits")),
    Action.PRINT_CLAIMS: _write(
        lambda s: claims.issue(s, _draft(s), pages="{}", layout="cms1500-0212", today=TODAY)
    ),
    Action.OVERRULE: _write(lambda s: overrides.override(s, _draft(s), "19", '"x"', "because", today=TODAY)),
    Action.SUPERBILLS: _bill,
    Action.FEES: _write(
        lambda s: payers.save_fee_schedule(s, FeeSchedule(name="More", fees=(Fee(code="97124", amount=1),)))
    ),
    Action.PAYERS: _write(lambda s: payers.save_payer(s, Payer(name="Heron Health"))),
    Action.PRACTICE: _write(lambda s: practice.save_provider(s, Provider(last_name="Fern"))),
    Action.REPORTS: _read(lambda s: reports.by_month(s, TODAY, TODAY)),
    Action.EXPORT: _read(portable.export_clinic),
    Action.BACKUPS: lambda clinic: clinic.require(Action.BACKUPS),
    Action.USERS: lambda clinic: users.add(clinic, User(name="new"), WORDS),
    Action.AUDIT: lambda clinic: clinic.audit_events(),
}  # fmt: skip


def _all_rows(clinic: ClinicFile) -> dict[str, list[Any]]:
    with clinic.read() as s:
        return {name: list(s.execute(text(f'SELECT * FROM "{name}"'))) for name in (*_LOGGED, "change")}


def test_every_action_is_tried_and_every_table_has_one() -> None:
    assert set(DEEDS) == set(Action)
    assert set(roles.TABLES) == set(_LOGGED)


@pytest.mark.parametrize("role", Role)
def test_each_role_does_what_it_may_and_nothing_else(staffed: ClinicFile, role: Role) -> None:
    with _as(staffed, role) as clinic:
        assert clinic.role is role and clinic.user == f"a-{role}"
        for action, deed in DEEDS.items():
            before = _all_rows(clinic)
            assert clinic.may(action) is (action in roles.ROLES[role])
            if clinic.may(action):
                deed(clinic)
            else:
                with pytest.raises(NotAllowedError, match="may not"):
                    deed(clinic)
                assert _all_rows(clinic) == before, f"{action} left something"


def test_reprints_and_further_reports_are_held_as_well(staffed: ClinicFile) -> None:
    with staffed.read() as s:
        printed = int(s.scalar(text("SELECT min(id) FROM claim WHERE issued IS NOT NULL")))
    with _as(staffed, Role.FRONT_DESK) as clinic:
        with pytest.raises(NotAllowedError, match="print claims"):
            paperwork.claims_pdf(clinic, [printed], paperwork.Output(), today=TODAY)
        with pytest.raises(NotAllowedError, match="print claims"), clinic.write("Again") as s:
            paperwork.issue(s, [printed], today=TODAY)
        for read in (reports.by_payer, reports.by_code, reports.by_source):
            with pytest.raises(NotAllowedError, match="reports"), clinic.read() as s:
                read(s, TODAY, TODAY)
        with pytest.raises(NotAllowedError, match="reports"), clinic.read() as s:
            reports.waiting(s)


def test_a_front_desk_changes_a_session_and_its_note_stays(staffed: ClinicFile) -> None:
    with staffed.write("Note") as s:
        _note(s)
    with _as(staffed, Role.FRONT_DESK) as clinic, clinic.write("Move") as s:
        visit = visits.visit(s, _first(s, "visit"))
        assert visit.note == ""
        visits.save_visit(s, dataclasses.replace(visit, minutes=visit.minutes + 5))
    with ClinicFile.open(staffed.path, password=PASSWORD) as clinic, clinic.read() as s:
        after = visits.visit(s, _first(s, "visit"))
        assert (after.note, after.minutes) == ("new words", visit.minutes + 5)


def test_a_refused_write_cannot_be_undone_into_being(staffed: ClinicFile) -> None:
    with _as(staffed, Role.FRONT_DESK) as clinic:
        DEEDS[Action.CLIENTS](clinic)
        with pytest.raises(NotAllowedError):
            DEEDS[Action.FEES](clinic)
        assert clinic.undo_label == "Try" and clinic.redo_label == ""


# Users


def test_a_clinic_begins_with_its_owner(clinic: ClinicFile) -> None:
    with clinic.read() as s:
        assert [(user.name, user.role) for user in users.users(s)] == [("owner", Role.OWNER)]


def test_the_last_owner_stays(staffed: ClinicFile) -> None:
    with staffed.read() as s:
        known = {user.name: user for user in users.users(s)}
    second, first = known["a-owner"], known["owner"]
    users.change(staffed, dataclasses.replace(second, role=Role.BILLER))
    for change in ({"role": Role.BILLER}, {"archived": True}):
        with pytest.raises(ClinicError, match="needs an owner"):
            users.change(staffed, dataclasses.replace(first, **change))
    with pytest.raises(ClinicError, match="needs an owner"):
        staffed.drop_password("owner")
    assert staffed.role is Role.OWNER and "owner" in staffed.users()


def test_an_owner_without_a_password_does_not_count(staffed: ClinicFile) -> None:
    staffed.drop_password("a-owner")
    with staffed.read() as s:
        first = next(user for user in users.users(s) if user.name == "owner")
    with pytest.raises(ClinicError, match="needs an owner"):
        users.change(staffed, dataclasses.replace(first, role=Role.BILLER))


def test_who_gives_the_role_away_loses_it_at_once(staffed: ClinicFile) -> None:
    with staffed.read() as s:
        first = next(user for user in users.users(s) if user.name == "owner")
    users.change(staffed, dataclasses.replace(first, role=Role.BILLER))
    assert staffed.role is Role.BILLER
    with pytest.raises(NotAllowedError):
        users.change(staffed, first)


def test_whoever_left_cannot_come_in(staffed: ClinicFile) -> None:
    with staffed.read() as s:
        gone = next(user for user in users.users(s) if user.name == "a-biller")
    users.change(staffed, dataclasses.replace(gone, archived=True))
    assert "a-biller" not in staffed.users()
    with staffed.read() as s:
        assert "a-biller" not in {user.name for user in users.users(s)}
        assert "a-biller" in {user.name for user in users.users(s, archived=True)}
    with pytest.raises(ClinicError, match="not right"):
        _as(staffed, Role.BILLER)


def test_a_slot_without_a_user_opens_nothing(staffed: ClinicFile) -> None:
    staffed.set_password("a-biller", WORDS)
    with staffed._engine.execution_options(write=True).begin() as connection:
        connection.exec_driver_sql("UPDATE user SET archived = 1 WHERE name = 'a-biller'")
    with pytest.raises(ClinicError, match="any more"):
        _as(staffed, Role.BILLER)
    with ClinicFile.open(staffed.path, password=PASSWORD) as again:
        assert again.role is Role.OWNER, "and the lock was let go"


def test_passwords_of_ones_own_and_of_others(staffed: ClinicFile) -> None:
    with _as(staffed, Role.FRONT_DESK) as clinic:
        with pytest.raises(ClinicError, match="not right"):
            clinic.change_password("a wrong old password", "eight green umbrellas")
        with pytest.raises(InputError, match="too short"):
            clinic.change_password(WORDS, "short")
        clinic.change_password(WORDS, "eight green umbrellas")
        for refused in (lambda: clinic.set_password("owner", WORDS), clinic.new_recovery_code):
            with pytest.raises(NotAllowedError):
                refused()
    with ClinicFile.open(staffed.path, password="eight green umbrellas", user="a-front-desk") as clinic:
        assert clinic.role is Role.FRONT_DESK


@pytest.mark.parametrize("name", ["", "  ", "owner", "OWNER", "recovery", "x" * 41, "a\nb"])
def test_names_that_are_refused(clinic: ClinicFile, name: str) -> None:
    with pytest.raises(InputError):
        users.add(clinic, User(name=name), WORDS)
    with clinic.read() as s:
        assert len(users.users(s, archived=True)) == 1


def test_a_password_that_is_no_good_makes_no_user(clinic: ClinicFile) -> None:
    with pytest.raises(InputError):
        users.add(clinic, User(name="ann"), "short")
    with pytest.raises(ClinicError, match="any more"):
        clinic.set_password("nobody", WORDS)
    assert clinic.users() == ["owner"]


def test_a_role_is_asked_of_every_session(clinic: ClinicFile, tmp_path: Path) -> None:
    with clinic.read() as s:
        assert access.role_of(s) is Role.OWNER
        access.require(s, Action.AUDIT)
