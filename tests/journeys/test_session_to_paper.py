"""The main job through the real window, by keyboard: a new clinic, a client, a session, a claim and a superbill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from app.billing.records import ClaimStatus
from app.forms import read
from app.store import claims, clients, superbills, visits
from app.store.clinic import ClinicFile
from app.ui import claim_paper
from app.ui.dialogs import Confirm, Files
from app.ui.main_window import MainWindow

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
PASSWORD = "four quiet wooden spoons"


class Hands:
    """Types and presses keys where the cursor is."""

    def __init__(self, qtbot: Any, window: MainWindow) -> None:
        self.bot, self.window = qtbot, window

    def focus(self) -> QWidget:
        QApplication.processEvents()
        widget = QApplication.focusWidget()
        assert widget is not None
        return widget

    def type(self, text: str) -> None:
        self.bot.keyClicks(self.focus(), text)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.bot.keyClick(self.focus(), key, modifiers)
        QApplication.processEvents()

    def fill(self, **values: str) -> None:
        """Type into fields by name, beginning with the page's form."""
        for name, value in values.items():
            fields = [w for w in self.window.page().findChildren(QWidget, name) if w.isVisible()]
            assert len(fields) == 1, name
            fields[0].setFocus()
            self.press(Qt.Key.Key_A, CTRL)
            self.type(value)

    def choose(self, name: str, words: str) -> None:
        (box,) = [w for w in self.window.page().findChildren(QWidget, name) if w.isVisible()]
        at = box.findText(words)
        assert at >= 0, words
        box.setCurrentIndex(at)

    def save(self) -> None:
        self.press(Qt.Key.Key_S, CTRL)


@pytest.fixture
def hands(qtbot: Any, bare_window: MainWindow) -> Hands:
    with qtbot.waitActive(bare_window):
        bare_window.activateWindow()
    return Hands(qtbot, bare_window)


def make_clinic(window: MainWindow, path: Path) -> None:
    welcome = window.welcome
    welcome.choose_new.click()
    welcome.name.setText("Quiet River Massage")
    welcome._chosen_place = path
    welcome.new_password.setText(PASSWORD)
    welcome.again.setText(PASSWORD)
    welcome.new.deed.click()
    groups = welcome._code.split("-")
    for at, field in zip(welcome.wanted, welcome.asked, strict=True):
        field.setText(groups[at].lower())
    welcome.paper.deed.click()


def set_up(hands: Hands, window: MainWindow) -> None:
    window.go("settings", "practice")
    hands.fill(
        street="410 Example Avenue Ste 2", city="Springfield", state="or", zip_code="974771234", phone="5415550134",
        tax_id="123456789", npi="1234567893",
    )  # fmt: skip
    hands.save()
    window.go("settings", "provider")
    hands.fill(last_name="Thornquist", first_name="Mira", credentials="LMT", npi="1000000004")
    hands.fill(license_number="LMT-00417", license_state="OR")
    hands.save()
    window.go("payers")
    hands.fill(name="Bluebird Health", street="PO Box 4400", city="Portland", state="OR", zip_code="97208")
    hands.save()
    window.go("settings", "fees")
    fees = window.page_of("settings").editor("fees")
    price = {row.code.text(): row.amount for row in fees.rows}
    price["97140"].setText("36")
    price["97124"].setText("32")
    fees.rows[0].code.setFocus()
    hands.save()


def add_client(hands: Hands, window: MainWindow) -> None:
    hands.press(Qt.Key.Key_N, CTRL | SHIFT)
    assert hands.focus().objectName() == "last_name"
    hands.type("Applewhite")
    hands.press(Qt.Key.Key_Return)
    hands.type("Juniper")
    hands.fill(birth_date="04121986", street="14 Larkspur Court", city="Springfield", state="or", zip_code="97477")
    hands.choose("sex", "female")
    hands.fill(phone="541.555.0147", release_signed="05/01/2026", assignment_signed="05/01/2026")
    hands.save()
    page = window.page_of("clients")
    page.show_part("policy")
    hands.choose("payer_id", "Bluebird Health")
    hands.fill(member_id="XQB04177731", copay="25", plan_name="Bluebird Choice")
    hands.save()
    page.show_part("referral")
    hands.fill(last_name="Plum", first_name="Henrietta", credentials="MD", npi="1987654328", written="09142026")
    hands.fill(visits_allowed="12", diagnoses="m54.2 m54.59")
    hands.save()


def test_from_a_new_clinic_to_both_papers(
    hands: Hands, bare_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = bare_window
    make_clinic(window, tmp_path / "Quiet River.clinic")
    assert window.page().key == "setup"
    set_up(hands, window)
    add_client(hands, window)

    # the session: three letters, Enter, code by word, minutes
    hands.press(Qt.Key.Key_3, CTRL)
    hands.press(Qt.Key.Key_N, CTRL)
    hands.type("app")
    hands.press(Qt.Key.Key_Return)
    hands.type("manual")
    hands.press(Qt.Key.Key_Return)
    hands.type("25")
    form = window.page_of("sessions").form
    form.lines.rows[1].code.setFocus()
    hands.type("97124")
    form.lines.rows[1].minutes.setFocus()
    hands.type("23")
    assert form.lines.sum_units.text() == "3"
    assert form.lines.sum_charge.text() == "104.00"
    assert "38 to 52" in form.trace.text()
    assert form.source.text() == "from Dr. Plum's referral of 09/14/2026"
    form.paid.setFocus()
    hands.type("25")
    hands.press(Qt.Key.Key_B, CTRL | SHIFT)

    # the claim is built and open on the form
    assert window.page().key == "claims"
    view = window.page_of("claims").view
    clinic: ClinicFile = window.desk.clinic
    assert window.page_of("claims").stack.currentWidget() is view
    assert [p for p in view.open.problems if p.severity == "block"] == []
    view.sheet.choose_item("17")
    assert view.inspector.value.text() == "DN HENRIETTA PLUM MD"
    assert view.inspector.source.text() == "Referral of 09/14/2026"
    target = tmp_path / "claim.pdf"
    monkeypatch.setattr(Confirm, "ask", classmethod(lambda cls, *words: True))
    monkeypatch.setattr(claim_paper.Choice, "ask", staticmethod(lambda *words: "overlay"))
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: target))
    hands.press(Qt.Key.Key_S, CTRL | SHIFT)
    (page,) = read.read_pages(target.read_bytes())
    assert page["2"] == "APPLEWHITE, JUNIPER"
    assert page["1a"] == "XQB04177731"
    assert page["17b"] == "1987654328"
    assert page["21"]["codes"] == ["M54.2", "M54.59"]
    assert [(line["code"], line["units"], line["charge"]) for line in page["24"]] == [
        ("97140", "2", "72.00"), ("97124", "1", "32.00"),
    ]  # fmt: skip
    assert page["28"] == "104.00" and page["29"] == "25.00"
    assert "saved as claim.pdf" in window.messages.text()
    with clinic.read() as s:
        (line,) = claims.lines(s)
        assert line.status is ClaimStatus.READY, "a file is not yet paper"
        assert claims.claim(s, line.id).issued == window.desk.today()
        assert visits.unbilled(s) == []
        (who,) = clients.find(s)
    view.afterwards.yes.click()
    with clinic.read() as s:
        assert claims.claim(s, line.id).status is ClaimStatus.PRINTED

    # the superbill of the same session
    paper = tmp_path / "superbill.pdf"
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: paper))
    window.go("clients", who.id)
    window.page_of("clients").superbill_button.click()
    assert window.page().key == "superbills"
    builder = window.page_of("superbills").builder
    assert builder.chosen() == [], "the session is on a claim that pays the clinic"
    for session in builder._lines:
        builder.table.rows_model.tick(session.id, on=True)
    builder.show_page()
    assert len(builder.chosen()) == 1 and len(builder.picture.images) == 1
    hands.press(Qt.Key.Key_S, CTRL | SHIFT)
    words = pypdf.PdfReader(paper).pages[0].extract_text()
    for told in ("Quiet River Massage", "Applewhite", "97140", "104.00", "M54.2", "1000000004"):
        assert told in words
    with clinic.read() as s:
        (made,) = superbills.superbills_of(s, who.id)
    assert made.number in words and builder.bill == made
