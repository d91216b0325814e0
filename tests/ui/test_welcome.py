"""Before a clinic is open: making one with its recovery code, opening it, and every way that can fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app import paths
from app.billing.roles import Role, User
from app.store import payers, practice, users
from app.store.clinic import ClinicFile
from app.ui import welcome
from app.ui.desk import Desk
from app.ui.dialogs import Files
from app.ui.main_window import MainWindow
from tests.store.conftest import PASSWORD

LONG = "four quiet wooden spoons"


def begin_new(window: MainWindow, path: Path, name: str = "Quiet River", again: str = LONG) -> welcome.Welcome:
    page = window.welcome
    page.choose_new.click()
    page.name.setText(name)
    page._chosen_place = path
    page.new_password.setText(LONG)
    page.again.setText(again)
    page.new.deed.click()
    return page


def test_a_new_clinic_needs_its_code_typed_back(bare_window: MainWindow, tmp_path: Path, monkeypatch: Any) -> None:
    page = begin_new(bare_window, tmp_path / "new.clinic")
    assert page.steps.currentWidget() is page.paper and not bare_window.pages
    code = page._code
    saved = tmp_path / "code.txt"
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: saved))
    page.save_code.click()
    assert code in saved.read_text("utf-8")
    page.asked[0].setText("ZZZZ")
    page.paper.deed.click()
    assert "is not right" in page.paper.problem.text() and not bare_window.pages
    for at, field in zip(page.wanted, page.asked, strict=True):
        field.setText(f" {code.split('-')[at].lower().replace('1', 'l').replace('0', 'o')} ")
    page.paper.deed.click()
    assert bare_window.page().key == "setup"
    assert page._code == "" and page._groups.count() == 0
    with bare_window.desk.read() as s:
        assert practice.practice(s).name == "Quiet River"
        (fees,) = payers.fee_schedules(s)
    assert {fee.amount for fee in fees.fees} == {0} and "97140" in {fee.code for fee in fees.fees}
    assert bare_window.desk.preferences.clinic == str(tmp_path / "new.clinic")


@pytest.mark.parametrize(
    ("name", "passwords", "told"),
    [
        ("", (LONG, LONG), "has no name"),
        ("Quiet River", (LONG, "four quiet wooden forks"), "differ"),
        ("Quiet River", ("short", "short"), "too short"),
    ],
)
def test_what_is_wrong_with_a_new_clinic_is_said(
    bare_window: MainWindow, tmp_path: Path, name: str, passwords: tuple[str, str], told: str
) -> None:
    page = bare_window.welcome
    page.ask_new()
    page.name.setText(name)
    page._chosen_place = tmp_path / "new.clinic"
    page.new_password.setText(passwords[0])
    page.again.setText(passwords[1])
    page.new.deed.click()
    assert told in page.new.problem.text()
    assert not (tmp_path / "new.clinic").exists() and page.new.deed.isEnabled()


def test_an_existing_clinic_is_not_overwritten(bare_window: MainWindow, closed: Path) -> None:
    before = closed.read_bytes()
    page = begin_new(bare_window, closed)
    assert "already exists" in page.new.problem.text() and closed.read_bytes() == before


def test_the_place_follows_the_name(bare_window: MainWindow) -> None:
    page = bare_window.welcome
    page.ask_new()
    page.name.setText("Quiet River / Ltd.")
    assert page._new_path() == paths.data_dir() / "Quiet River Ltd.clinic"
    assert str(page._new_path()) in page.place.text() and "Quiet River Ltd.keys" in page.place.text()


def test_the_password_can_be_typed_as_soon_as_the_window_is_there(desk: Desk, closed: Path, qtbot: Any) -> None:
    desk.preferences.clinic = str(closed)
    window = MainWindow(desk)
    qtbot.addWidget(window)
    window.show()
    assert window.focusWidget() is window.welcome.password


def test_enter_after_the_last_field_goes_on(bare_window: MainWindow, closed: Path, qtbot: Any) -> None:
    page = bare_window.welcome
    page.ask_password(closed)
    qtbot.keyClicks(page.password, PASSWORD)
    qtbot.keyClick(page.password, Qt.Key.Key_Return)
    assert bare_window.pages and page.password.text() == ""
    page.ask_new()
    qtbot.keyClick(page.again, Qt.Key.Key_Return)
    assert "has no name" in page.new.problem.text()


def test_a_wrong_password_stays_here_and_the_right_one_opens(
    bare_window: MainWindow, closed: Path, monkeypatch: Any
) -> None:
    page = bare_window.welcome
    monkeypatch.setattr(Files, "ask_open", staticmethod(lambda *words: closed))
    page.choose_open.click()
    assert page.unlock.title.text() == closed.stem
    page.password.setText("not the password at all")
    page.unlock.deed.click()
    assert "not right" in page.unlock.problem.text() and not bare_window.pages
    page.password.setText(PASSWORD)
    page.unlock.deed.click()
    assert bare_window.page().key == "today" and page.password.text() == ""


def test_a_file_that_is_gone_or_no_clinic_is_said(bare_window: MainWindow, tmp_path: Path) -> None:
    page = bare_window.welcome
    other = tmp_path / "notes.clinic"
    page.ask_password(other)
    page.open(PASSWORD)
    assert page.unlock.problem.text().startswith("There is no clinic file here.")
    other.write_bytes(b"hello" * 1000)
    page.open(PASSWORD)
    assert page.unlock.problem.text() and not bare_window.pages


def test_the_recovery_code_opens_and_gives_a_new_one(bare_window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "lost.clinic"
    made, code = ClinicFile.create(path, password=LONG)
    made.close()
    page = bare_window.welcome
    page.ask_password(path)
    page.lost.click()
    page.recovery_code.setText(code[:-1] + ("A" if code[-1] != "A" else "B"))
    page.recovery_password.setText("another long password")
    page.recovery_reason.setText("forgotten")
    page.recover.deed.click()
    assert page.recover.problem.text() and page.recover.deed.isEnabled()
    page.recovery_code.setText(code.lower())
    page.recover.deed.click()
    assert page.steps.currentWidget() is page.paper and page._code != code
    page._made.close()
    ClinicFile.open(path, password="another long password").close()
    page._made = None


def test_the_demo_clinic_opens_and_opens_again(bare_window: MainWindow) -> None:
    page = bare_window.welcome
    page.choose_demo.click()
    assert bare_window.page().key == "today"
    bare_window.go("clients")
    assert bare_window.page_of("clients").list.rows_model.rowCount() > 3
    bare_window.close_clinic()
    assert not bare_window.pages and bare_window.stack.currentWidget() is page
    assert page.steps.currentWidget() is page.unlock
    page.open_demo()
    assert bare_window.page().key == "today"


def test_the_last_clinic_is_asked_for_first(desk: Any, qtbot: Any, closed: Path) -> None:
    desk.preferences.clinic = str(closed)
    window = MainWindow(desk)
    qtbot.addWidget(window)
    assert window.welcome.steps.currentWidget() is window.welcome.unlock
    desk.preferences.clinic = str(closed) + ".gone"
    window.welcome.begin()
    assert window.welcome.steps.currentWidget() is window.welcome.start


def test_who_opens_it_is_asked_where_there_are_several(bare_window: MainWindow, closed: Path) -> None:
    page = bare_window.welcome
    page.ask_password(closed)
    assert page.who.isHidden() and page.who.name == "owner"
    with ClinicFile.open(closed, password=PASSWORD) as clinic:
        users.add(clinic, User(name="ann", role=Role.FRONT_DESK), LONG)
    page.ask_password(closed)
    assert not page.who.isHidden()
    page.who.choice.setCurrentText("ann")
    page.ask_password(closed)
    page.open(LONG)
    assert bare_window.desk.clinic.user == "ann" and bare_window.desk.clinic.role is Role.FRONT_DESK
    closed.with_suffix(".keys").write_text("{}")
    page.who.show_of(closed)
    assert page.who.isHidden() and page.who.name == "owner"
