"""Settings, Users and lock, and Audit: what an owner does there, and what others see of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.billing.roles import Role, User
from app.store import users
from app.store.clinic import ClinicFile
from app.ui import audit_settings, user_settings
from app.ui.dialogs import Confirm, Files
from app.ui.main_window import MainWindow
from tests.store.conftest import PASSWORD

WORDS = "seven brown umbrellas"


@pytest.fixture
def made(demo_window: MainWindow) -> Any:
    """The group, in front."""
    demo_window.go("settings", "users")
    page: Any = demo_window.page()
    return page.editor("users")


@pytest.fixture
def said(demo_window: MainWindow) -> list[str]:
    found: list[str] = []
    demo_window.desk.failed.connect(found.append)
    return found


def _add(made: Any, name: str, role: Role) -> None:
    made.name.setText(name)
    made.role.load(role)
    made.password.setText(WORDS)
    made.password_again.setText(WORDS)
    made.add.click()


def test_a_user_is_added_changed_and_removed(made: Any, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = made.desk.clinic
    made.name.setText("ann")
    made.password.setText(WORDS)
    made.add.click()
    assert said == ["The two passwords differ. Type the second one again."]
    _add(made, "ann", Role.BILLER)
    assert "ann" in clinic.users() and made.name.text() == "" and made.people.count() == 2
    with clinic.read() as s:
        ann = users.users(s)[0]
    assert (ann.name, ann.role) == ("ann", Role.BILLER)
    made.change_role(ann, Role.THERAPIST)
    given, twice = made._given["ann"]
    given.setText("another brown umbrella")
    twice.setText("another brown umbrella")
    made._give(ann)
    assert given.text() == ""
    answers = iter([False, True])
    monkeypatch.setattr(Confirm, "ask", lambda *_given: next(answers))
    made._remove(ann)
    assert made.people.count() == 2
    made._remove(ann)
    assert made.people.count() == 1 and clinic.users() == ["owner"]
    assert len(said) == 1


def test_the_last_owner_cannot_be_demoted_there(made: Any, said: list[str]) -> None:
    with made.desk.read() as s:
        owner = users.users(s)[0]
    made.change_role(owner, Role.BILLER)
    assert said == ["The clinic needs an owner. Make somebody else an owner first."]
    assert made.desk.clinic.role is Role.OWNER


def test_ones_own_password(made: Any, said: list[str]) -> None:
    path = made.desk.clinic.path
    for old, new, again in (("wrong", WORDS, WORDS), (PASSWORD, WORDS, "other"), (PASSWORD, "short", "short")):
        made.old.setText(old)
        made.new.setText(new)
        made.again.setText(again)
        made.change.click()
    assert len(said) == 3
    made.new.setText(WORDS)
    made.again.setText(WORDS)
    made.change.click()
    assert len(said) == 3 and made.old.text() == ""
    made.desk.clinic.close()
    ClinicFile.open(path, password=WORDS).close()


def test_the_idle_time_is_kept_on_this_computer(made: Any) -> None:
    assert made.minutes.value() == 10
    made.minutes.load(20)
    made.minutes.changed.emit()
    assert made.desk.preferences.lock_minutes == 20
    made.desk.preferences.lock_minutes = 400
    made.reread()
    assert made.minutes.value() == 30


def test_every_role_is_told_in_a_sentence() -> None:
    assert len({user_settings.about(role) for role in Role}) == len(Role)


def test_others_see_their_password_and_the_lock(bare_window: MainWindow, closed: Path) -> None:
    with ClinicFile.open(closed, password=PASSWORD) as clinic:
        users.add(clinic, User(name="ann", role=Role.FRONT_DESK), WORDS)
    clinic = ClinicFile.open(closed, password=WORDS, user="ann")
    bare_window.show_clinic(clinic, closed)
    bare_window.go("settings", "users")
    page: Any = bare_window.page()
    group = page.editor("users")
    assert group.who.text() == "You are ann (Front desk)" and group.managing.isHidden()
    bare_window.go("settings", "audit")
    group = page.editor("audit")
    assert group.table.isHidden() or group.body.isHidden()
    assert group.refused.text() == "Only an owner reads the audit."


def test_the_audit_is_listed_chosen_verified_and_saved(
    demo_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo_window.desk.clinic.note("view", table="client", row_id=1)
    demo_window.go("settings", "audit")
    page: Any = demo_window.page()
    group = page.editor("audit")
    rows = group.table.rows_model
    texts = [rows.index(0, at).data() for at in range(5)]
    assert texts[1:4] == ["owner", "Record seen", "client 1"]
    group.kind.load("login")
    group.kind.changed.emit()
    assert {rows.index(at, 2).data() for at in range(rows.rowCount())} == {"Login"}
    group.verify()
    assert "as it was written" in group.state.itemAt(1).widget().text()
    monkeypatch.setattr(Files, "ask_save", lambda *_given: tmp_path / "audit.csv")
    group.export()
    assert "login" in (tmp_path / "audit.csv").read_text(encoding="utf-8-sig")
    assert demo_window.desk.clinic.audit_events(limit=1)[0].kind == "export"


def test_a_finding_is_shown_in_red(demo_window: MainWindow) -> None:
    demo_window.go("settings", "audit")
    page: Any = demo_window.page()
    group = page.editor("audit")
    clinic = demo_window.desk.clinic
    with clinic._engine.execution_options(write=True).begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_frozen")
        connection.exec_driver_sql("UPDATE audit SET user = 'ann' WHERE id = 2")
    group.verify()
    said = group.state.itemAt(1).widget()
    assert "1 rows are not as they were written. Row 2" in said.text() and said.property("tint") == "red"


def test_what_comes_to_the_front_is_seen(demo_window: MainWindow) -> None:
    demo_window.go("clients")
    page: Any = demo_window.page()
    first = page.client.id
    page.refresh()
    demo_window.go("sessions", 1)
    demo_window.go("clients")
    page._show(first)
    seen = [(event.table, event.row_id) for event in demo_window.desk.clinic.audit_events(kind="view")]
    assert seen == [("client", first), ("visit", 1), ("client", first)]


def test_a_role_without_reports_has_no_page_of_them(bare_window: MainWindow, closed: Path) -> None:
    with ClinicFile.open(closed, password=PASSWORD) as clinic:
        users.add(clinic, User(name="ann", role=Role.THERAPIST), WORDS)
    bare_window.show_clinic(ClinicFile.open(closed, password=WORDS, user="ann"), closed)
    assert "reports" not in bare_window.kinds and "claims" in bare_window.kinds
    today: Any = bare_window.page_of("today")
    assert today.month.isHidden()


def test_an_owner_is_told_at_start(demo_window: MainWindow, said: list[str]) -> None:
    audit_settings.check_at_start(demo_window.desk)
    assert not said
    with demo_window.desk.clinic._engine.execution_options(write=True).begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_kept")
        connection.exec_driver_sql("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)")
    audit_settings.check_at_start(demo_window.desk)
    assert len(said) == 1 and said[0].startswith("The audit is not as it was written")
