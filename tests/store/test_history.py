"""The history of a record comes from the log of changes, and the draft of a locked window never gets there."""

from __future__ import annotations

import dataclasses
import datetime as dt

from app.billing.records import Client, Provider, Visit
from app.billing.roles import Role, User
from app.store import clients, drafts, practice, users, visits
from app.store.clinic import ClinicFile
from app.store.history import history

WORDS = "seven brown umbrellas"


def test_who_changed_what_when_and_from_what(clinic: ClinicFile) -> None:
    with clinic.write("Add a client") as s:
        made = clients.save_client(s, Client(last_name="Ash"))
    with clinic.write("Correct the name") as s:
        clients.save_client(s, dataclasses.replace(made, last_name="Fern", birth_date=dt.date(1980, 2, 3)))
    clinic.undo()
    with clinic.read() as s:
        undone, changed, added = history(s, "client", made.id or 0)
        assert history(s, "client", 99) == []
    assert (changed.user, changed.label, changed.at[:2]) == ("owner", "Correct the name", "20")
    assert changed.values["last_name"] == ("Ash", "Fern") and changed.values["birth_date"] == (None, "1980-02-03")
    assert "first_name" not in changed.values and "id" not in changed.values
    assert added.values["last_name"] == (None, "Ash")
    assert undone.label == "Undo Correct the name" and undone.values["last_name"] == ("Fern", "Ash")


def test_a_hidden_column_is_hidden_there_too(clinic: ClinicFile) -> None:
    with clinic.write("Add") as s:
        who = clients.save_client(s, Client(last_name="Ash"))
        by = practice.save_provider(s, Provider(last_name="Fern"))
        visit = visits.save_visit(s, Visit(client_id=who.id or 0, provider_id=by.id or 0, note="told me much"))
    users.add(clinic, User(name="ann", role=Role.FRONT_DESK), WORDS)
    with clinic.read() as s:
        assert history(s, "visit", visit.id or 0)[0].values["note"] == (None, "told me much")
    clinic.close()
    with ClinicFile.open(clinic.path, password=WORDS, user="ann") as opened, opened.read() as s:
        assert "note" not in history(s, "visit", visit.id or 0)[0].values


def test_drafts_are_of_one_user_given_back_once_and_never_logged(clinic: ClinicFile) -> None:
    users.add(clinic, User(name="ann", role=Role.FRONT_DESK), WORDS)
    before = clinic.audit_head(), clinic.undo_label
    with clinic.write("Keep") as s:
        drafts.keep(s, {"sessions": {"note": "a"}})
    with clinic.write("Keep") as s:
        drafts.keep(s, {"clients": ["b", None, 1]})
    assert (clinic.audit_head(), clinic.undo_label) == before
    clinic.close()
    with ClinicFile.open(clinic.path, password=WORDS, user="ann") as opened, opened.write("Take") as s:
        assert drafts.take(s) == {}
    with ClinicFile.open(clinic.path, password="quiet river demo") as opened:
        for expected in ({"clients": ["b", None, 1]}, {}):
            with opened.write("Take") as s:
                assert drafts.take(s) == expected
