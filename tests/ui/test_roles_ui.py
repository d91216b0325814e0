"""The window as each role sees it: every page comes up, and what is refused is hidden or said before it is begun."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app import paperwork
from app.billing.records import Provider
from app.billing.roles import Role, User
from app.store import claim_lists, keys, practice, users, visits
from app.store.clinic import ClinicFile
from app.ui.claim_steps import Ask
from app.ui.dialogs import Confirm, Files
from app.ui.main_window import MainWindow
from app.ui.red_forms import PrintQuestion
from app.ui.settings_groups import GROUPS
from tests.store.conftest import CHEAP, PASSWORD, copy
from tests.ui.conftest import TODAY

WORDS = "seven brown umbrellas"


def closing_cheaply(patch: pytest.MonkeyPatch, path: Path) -> ClinicFile:
    """The clinic, opened with keys that cost little; the fixtures of a module come before those of a test."""
    patch.setattr(keys, "STANDARD", CHEAP)
    return ClinicFile.open(path, password=PASSWORD)


@pytest.fixture(scope="module")
def _staffed(_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with claims, one of them ready, and a user of each role; the therapist is the second provider."""
    path = copy(_demo, tmp_path_factory.mktemp("staff"))
    with pytest.MonkeyPatch.context() as patch, closing_cheaply(patch, path) as clinic:
        paperwork.build_claims(clinic, today=TODAY)
        with clinic.write("Second") as s:
            second = practice.save_provider(s, Provider(last_name="Second", npi="1234567893"))
        for role in Role:
            own = second.id if role is Role.THERAPIST else None
            users.add(clinic, User(name=f"a-{role}", role=role, provider_id=own), WORDS)
    return path


@pytest.fixture
def staffed(_staffed: Path, tmp_path: Path) -> Path:
    return copy(_staffed, tmp_path / "staffed")


class Seen:
    """The window of a user, and what it said."""

    def __init__(self, window: MainWindow, path: Path, role: Role) -> None:
        window.welcome.ask_password(path)
        window.welcome.who.choice.setCurrentText(f"a-{role}")
        window.welcome.open(WORDS)
        self.window, self.desk = window, window.desk
        self.failed: list[str] = []
        window.desk.failed.connect(self.failed.append)

    def page(self, key: str, target: object = None) -> Any:
        self.window.go(key, target)
        return self.window.page_of(key)

    def draft(self) -> int:
        with self.desk.read() as s:
            return next(line.id for line in claim_lists.lines(s, limit=1000) if line.issued is None)


@pytest.mark.parametrize("role", list(Role))
def test_every_page_comes_up_for_every_role(bare_window: MainWindow, staffed: Path, role: Role) -> None:
    seen = Seen(bare_window, staffed, role)
    assert ("reports" in bare_window.kinds) is (role in {Role.OWNER, Role.BILLER})
    for key in bare_window.kinds:
        seen.page(key)
    for group in GROUPS:
        seen.page("settings", group.key)
    claim = seen.page("claims", seen.draft())
    claim.view.sheet.choose_item("1a")
    for key, target in (("clients", 1), ("sessions", 1), ("payers", 1), ("superbills", ("new", 1)), ("import", "fees")):
        seen.page(key, target)
    page = seen.page("clients", 1)
    for part in page.tabs:
        page.show_part(part)
    assert not seen.failed


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.FRONT_DESK])
def test_claims_are_looked_at_and_no_more(
    bare_window: MainWindow, staffed: Path, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    for asks in (PrintQuestion, Confirm, Files):
        for name in {"ask", "ask_save"} & set(vars(asks)):
            monkeypatch.setattr(asks, name, staticmethod(lambda *given: pytest.fail("it was begun")))
    seen = Seen(bare_window, staffed, role)
    page = seen.page("claims", seen.draft())
    view, overview = page.view, page.overview
    assert view.status_button.isHidden() and "may not print claims" in view.print_button.gate
    for do, told in (
        (view.print_out, "print claims"), (view.save_pdf, "print claims"), (view._other_ways, "print claims"),
        (lambda: view.ask(Ask.CALL), "change claims"), (lambda: page.open("build"), "change claims"),
        (lambda: page.open("blank"), "change claims"), (lambda: page.open(("of-client", 1)), "change claims"),
        (overview.print_ready, ""),
    ):  # fmt: skip
        seen.failed.clear()
        do()
        assert [f"may not {told}" in said for said in seen.failed] == ([True] if told else [])
    view.sheet.choose_item("1a")
    seen.failed.clear()
    view.override()
    assert "may not decide against a rule" in seen.failed[0] and seen.failed[0].endswith("Ask an owner.")
    assert "may not change claims" in overview.build_button.gate == overview.blank_button.gate


def test_a_front_desk_reads_settings_and_payers_and_changes_none(bare_window: MainWindow, staffed: Path) -> None:
    seen = Seen(bare_window, staffed, Role.FRONT_DESK)
    payers = seen.page("payers", 1)
    assert payers.new.isHidden() and not payers.form.form.isEnabled()
    assert "may not change payers" in payers.form.told.text() and payers.form.new.isHidden()
    payers.show_part("fees")
    settings = seen.page("settings", "practice")
    assert "may not change the practice" in settings.editor("practice").told.text()
    settings.show_group("fees")
    assert not settings.editor("fees").add.isEnabled()
    settings.show_group("backups")
    backups = settings.editor("backups")
    assert backups.restore.isHidden() and backups.second.isHidden() and backups.card.isHidden()
    assert "may not restore backups" in backups.refused.text() and not backups.now.isHidden()
    importing = seen.page("import", "payers")
    importing._show()
    assert "may not change payers" in importing.bring.gate and "may not change payers" in importing.state.text()
    importing.open("clients")
    importing._show()
    assert not importing.bring.gate
    assert not seen.failed


def test_an_owner_sees_none_of_that(bare_window: MainWindow, staffed: Path) -> None:
    seen = Seen(bare_window, staffed, Role.OWNER)
    claim = seen.draft()
    view = seen.page("claims", claim).view
    assert "may not" not in view.print_button.gate
    assert (
        seen.page("payers", 1).form.form.isEnabled() and not seen.page("settings", "backups").editor().card.isHidden()
    )


def test_a_therapists_sessions_begin_with_the_therapist(bare_window: MainWindow, staffed: Path) -> None:
    seen = Seen(bare_window, staffed, Role.THERAPIST)
    with seen.desk.read() as s:
        second = next(one.id for one in practice.providers(s) if one.last_name == "Second")
        known = visits.visits_of(s, 1)
    assert known and all(visit.provider_id != second for visit in known), "the client came to another one before"
    page = seen.page("sessions", "new")
    assert page.form.provider.value() == second
    page.form.take_client(1)
    assert page.form.provider.value() == second
    bare_window.forget_clinic()
    seen = Seen(bare_window, staffed, Role.BILLER)
    page = seen.page("sessions", ("new", 1))
    assert page.form.provider.value() == known[0].provider_id


def test_the_login_remembers_who_came_last(bare_window: MainWindow, staffed: Path) -> None:
    Seen(bare_window, staffed, Role.THERAPIST)
    bare_window.forget_clinic()
    welcome = bare_window.welcome
    welcome.who.choice.clear()  # as in a fresh program
    welcome.ask_password(staffed)
    assert welcome.who.name == "a-therapist"


def test_an_owner_says_which_therapist_a_user_is(bare_window: MainWindow, staffed: Path) -> None:
    seen = Seen(bare_window, staffed, Role.OWNER)
    group = seen.page("settings", "users").editor()
    with seen.desk.read() as s:
        ann = next(user for user in users.users(s) if user.role is Role.FRONT_DESK)
        first = practice.providers(s)[0].id
    group.change_therapist(ann, first)
    with seen.desk.read() as s:
        assert users.provider_of(s, ann.name) == first
    assert not seen.failed
