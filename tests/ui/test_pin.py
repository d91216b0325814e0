"""The PIN in the window: turned on in the settings, asked for at the login, with the password one key away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.billing.roles import Role, User
from app.store import quick, users
from app.store.clinic import ClinicFile
from app.ui.main_window import MainWindow
from app.ui.preferences import Preferences
from tests.store.conftest import PASSWORD
from tests.store.test_quick import PIN, WRONG, Chain, Clock, chain, clock, pinned

__all__ = ["chain", "clock", "pinned"]


@pytest.fixture
def card(chain: Chain, clock: Clock, demo_window: MainWindow) -> Any:
    """The card of the PIN in the settings, in front."""
    demo_window.go("settings", "users")
    page: Any = demo_window.page()
    return page.editor("users").pin


def _type(card: Any, password: str, pin: str, again: str) -> None:
    for field, text in ((card.password, password), (card.pin, pin), (card.again, again)):
        field.setText(text)
    card.on.click()


def test_the_pin_is_turned_on_with_the_password_and_off_again(card: Any) -> None:
    failed: list[str] = []
    said: list[str] = []
    card.desk.failed.connect(failed.append)
    card.desk.said.connect(lambda text, undo: said.append(text))
    assert "is off" in card.state.text() and card.off.isHidden()
    _type(card, PASSWORD, PIN, WRONG)
    _type(card, "some wrong words", PIN, PIN)
    _type(card, PASSWORD, "123456", "123456")
    assert ["PINs differ" in failed[0], "not right" in failed[1], "first to be guessed" in failed[2]] == [True] * 3
    assert not card.desk.clinic.has_pin and card.on.isEnabled()
    _type(card, PASSWORD, PIN, PIN)
    assert card.desk.clinic.has_pin and "on this computer only" in said[-1]
    assert card.asking.isHidden() and not card.off.isHidden() and not card.password.text() + card.pin.text()
    card.off.click()
    assert not card.desk.clinic.has_pin and card.off.isHidden() and not card.asking.isHidden()


def test_without_a_keychain_one_sentence_says_so(card: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "chain", lambda: None)
    card.reread()
    assert "has no keychain" in card.state.text() and card.asking.isHidden() and card.off.isHidden()


def _ask(window: MainWindow, path: Path) -> Any:
    welcome: Any = window.welcome
    welcome.ask_password(path)
    return welcome


def test_the_login_asks_for_the_pin_where_it_works(bare_window: MainWindow, pinned: Path) -> None:
    welcome = _ask(bare_window, pinned)
    assert welcome.secret.by_pin and welcome.secret.field is welcome.pin
    welcome.pin.setText(WRONG)
    welcome.unlock.deed.click()
    assert "The PIN is not right." in welcome.unlock.problem.text() and welcome.secret.by_pin
    welcome.pin.setText(PIN)
    welcome.unlock.deed.click()
    assert bare_window.desk.is_open and bare_window.desk.clinic.user == "owner" and not welcome.pin.text()


def test_the_password_is_one_key_away(bare_window: MainWindow, pinned: Path, qtbot: Any) -> None:
    bare_window.show()
    welcome = _ask(bare_window, pinned)
    for by_pin in (False, True, False):
        qtbot.keyClick(welcome.secret.field, Qt.Key.Key_F2)
        assert welcome.secret.by_pin is by_pin
        assert welcome.secret.other.text() == ("Use the password" if by_pin else "Use the PIN")
    welcome.password.setText(PASSWORD)
    welcome.unlock.deed.click()
    assert bare_window.desk.is_open


def test_after_the_fifth_wrong_pin_the_password_is_asked(bare_window: MainWindow, pinned: Path) -> None:
    welcome = _ask(bare_window, pinned)
    for __ in range(5):
        welcome.pin.setText(WRONG)
        welcome.unlock.deed.click()
    assert "wrong 5 times" in welcome.unlock.problem.text()
    assert not welcome.secret.by_pin and not welcome.secret.other.isVisibleTo(welcome)
    welcome.password.setText(PASSWORD)
    welcome.unlock.deed.click()
    assert bare_window.desk.is_open


def test_without_a_pin_that_works_the_password_is_asked(bare_window: MainWindow, pinned: Path, clock: Clock) -> None:
    clock.go_on(quick.HOURS * 3600 + 1)
    welcome = _ask(bare_window, pinned)
    assert not welcome.secret.by_pin and not welcome.secret.other.isVisibleTo(welcome)
    welcome.password.setText(PASSWORD)
    welcome.unlock.deed.click()
    assert bare_window.desk.is_open and quick.offered(pinned, "owner"), "the password lets the PIN work again"


def test_it_is_asked_for_anew_when_another_user_is_chosen(bare_window: MainWindow, pinned: Path) -> None:
    with ClinicFile.open(pinned, password=PASSWORD) as clinic:
        users.add(clinic, User(name="ann", full_name="", role=Role.BILLER), "seven brown umbrellas")
    bare_window.desk.preferences.user = "owner"
    welcome = _ask(bare_window, pinned)
    assert welcome.secret.by_pin
    welcome.who.choice.setCurrentText("ann")
    assert not welcome.secret.by_pin and not welcome.secret.other.isVisibleTo(welcome)
    welcome.who.choice.setCurrentText("owner")
    assert welcome.secret.by_pin


def test_a_lost_secret_is_told_in_one_sentence(bare_window: MainWindow, pinned: Path, chain: Chain) -> None:
    chain.kept.clear()
    failed: list[str] = []
    bare_window.desk.failed.connect(failed.append)
    welcome = _ask(bare_window, pinned)
    welcome.password.setText(PASSWORD)
    welcome.unlock.deed.click()
    assert failed == ["The PIN was removed: the keychain of this computer does not have its secret."]
    assert not bare_window.desk.clinic.has_pin


def test_an_answer_that_comes_late_disturbs_nobody(bare_window: MainWindow, pinned: Path) -> None:
    """Somebody types the password already, or chose another clinic, when the keychain answers."""
    answers: list[Any] = []
    bare_window.desk.run_task = lambda work, *, done, failed: answers.append((work, done))
    welcome = _ask(bare_window, pinned)
    welcome.password.setText("qui")
    work, done = answers.pop()
    done(work())
    assert not welcome.secret.by_pin and welcome.password.text() == "qui"
    assert welcome.secret.other.isVisibleTo(welcome)
    _ask(bare_window, pinned)
    work, done = answers.pop()
    _ask(bare_window, pinned.with_name("other.clinic"))
    done(work())
    assert not welcome.secret.by_pin


def test_read_only_wants_the_password(bare_window: MainWindow, pinned: Path) -> None:
    welcome = _ask(bare_window, pinned)
    welcome.open(read_only=True)
    assert not welcome.secret.by_pin and "with the password" in welcome.unlock.problem.text()


def test_nothing_of_the_pin_is_kept_in_the_settings(card: Any) -> None:
    _type(card, PASSWORD, PIN, PIN)
    preferences: Preferences = card.desk.preferences
    preferences.settings.sync()
    kept = Path(preferences.settings.fileName())
    assert PIN not in (kept.read_text(encoding="utf-8") if kept.exists() else "")
