"""The first run through the real window: a fresh start, the guide left and gone on with, the first client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.billing.records import Program
from app.store import clients, payers, practice, users
from app.store.clinic import ClinicFile
from app.ui import printing
from app.ui.main_window import MainWindow
from tests.journeys.test_session_to_paper import CTRL, PASSWORD, Hands, hands

__all__ = ["hands"]


def test_from_a_fresh_start_to_the_first_client(
    hands: Hands, bare_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, welcome = bare_window, bare_window.welcome
    monkeypatch.setattr(printing, "printers", lambda: ["Laser at the front desk"])

    # where; name and password; recovery code
    assert welcome.steps.currentWidget() is welcome.start and welcome.guide.isVisible()
    welcome.choose_new.click()
    hands.type("Quiet River Massage")
    hands.press(Qt.Key.Key_Return)
    hands.type("Mira Thornquist")
    hands.press(Qt.Key.Key_Return)
    assert "At least" in welcome.meter.words.text()
    hands.type("four")
    assert welcome.meter.words.text().startswith("4 of ")
    hands.type(PASSWORD[4:])
    assert "long enough" in welcome.meter.words.text()
    hands.press(Qt.Key.Key_Return)
    hands.type(PASSWORD)
    welcome._chosen_place = tmp_path / "Quiet River.clinic"
    hands.press(Qt.Key.Key_Return)
    assert welcome.steps.currentWidget() is welcome.paper and not window.pages
    hands.press(Qt.Key.Key_Return)
    hands.press(Qt.Key.Key_Return)
    assert "not right" in welcome.paper.problem.text() and not window.pages, "the code cannot be skipped"
    groups = welcome._code.split("-")
    for at, field in zip(welcome.wanted, welcome.asked, strict=True):
        field.setText(groups[at].lower())
    welcome.asked[1].setFocus()
    hands.press(Qt.Key.Key_Return)

    # the practice; a wrong number is said at once
    page: Any = window.page()
    assert page.key == "setup" and page.stack.key == "practice" and "3 of 8" in page.header.facts.text()
    assert hands.focus().objectName() == "name"
    hands.fill(street="410 Example Avenue Ste 2", city="Springfield", state="or", zip_code="974771234")
    hands.fill(phone="5415550134", tax_id="123456789", npi="1234567890")
    hands.press(Qt.Key.Key_Return, CTRL)
    assert page.stack.key == "practice" and "NPI" in page.editor().form._places["npi"].note.text()
    hands.fill(npi="1234567893")
    hands.press(Qt.Key.Key_Return, CTRL)
    assert page.stack.key == "provider"

    # left, and gone on with from Today
    page.later_button.click()
    card = window.page_of("today").setup
    assert window.page().key == "today" and card.isVisible()
    assert card.title.text() == "Setting up: 4 of 8" and card.words.text().startswith("Next: Therapist")
    card.go_on.click()
    assert window.page() is page and page.stack.key == "provider"
    typed = page.editor().form.draft()
    assert (typed.last_name, typed.first_name, page.editor().changed) == ("Thornquist", "Mira", False)
    hands.fill(credentials="LMT", npi="1000000004")
    hands.fill(license_number="LMT-00417", license_state="OR")
    hands.press(Qt.Key.Key_Return, CTRL)

    # fees, payer, printer
    assert page.stack.key == "fees"
    for row in page.editor().rows:
        if row.code.text() in {"97140", "97124"}:
            row.amount.setFocus()
            hands.type("36" if row.code.text() == "97140" else "32.50")
    hands.press(Qt.Key.Key_Return, CTRL)
    assert page.stack.key == "payer"
    hands.fill(name="Bluebird Health")
    hands.choose("preset", "Commercial health plan")
    assert page.editor().told_note.isVisible()
    hands.fill(street="PO Box 4400", city="Portland", state="OR", zip_code="97208")
    hands.press(Qt.Key.Key_Return, CTRL)
    assert page.stack.key == "printer"
    assert page.editor().told.isVisible() and "stays open" in page.editor().told.text()
    hands.choose("claim_paper", "on red forms bought from a printer's shop")
    assert "stays open" not in page.editor().told.text()
    assert page.editor().printer.value() == "Laser at the front desk"
    hands.press(Qt.Key.Key_Return, CTRL)
    assert page.header.title.text() == "Ready" and window.desk.preferences.setup == ""

    # the first client
    hands.press(Qt.Key.Key_Return)
    assert window.page().key == "clients" and hands.focus().objectName() == "last_name"
    hands.fill(last_name="Applewhite", first_name="Juniper", birth_date="04121986")
    hands.save()
    hands.press(Qt.Key.Key_1, CTRL)
    assert not card.isVisible()
    window.close_clinic()

    with ClinicFile.open(tmp_path / "Quiet River.clinic", password=PASSWORD) as clinic, clinic.read() as s:
        kept = practice.practice(s)
        assert (kept.name, kept.state, kept.npi) == ("Quiet River Massage", "OR", "1234567893")
        (provider,) = practice.providers(s)
        assert (provider.last_name, provider.npi, provider.license_state) == ("Thornquist", "1000000004", "OR")
        (fees,) = payers.fee_schedules(s)
        prices = {fee.code: fee.amount for fee in fees.fees if fee.amount}
        assert prices == {"97140": 3600, "97124": 3250}
        (payer,) = payers.payers(s)
        assert (payer.name, payer.zip_code, payer.program) == ("Bluebird Health", "97208", Program.GROUP)
        assert [user.full_name for user in users.users(s)] == ["Mira Thornquist"]
        assert [line.name for line in clients.find(s)] == ["Applewhite, Juniper"]
    assert window.desk.preferences.red_printer == "Laser at the front desk"
    assert window.desk.preferences.claim_paper == "overlay"
