"""The claim that is open: held against the last paid one, its history, the next step, and another in its place."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from app import paperwork
from app.billing.records import Claim, ClaimStatus
from app.store import claims, payers
from app.store.claim_lists import Answer
from app.ui import claim_view
from app.ui.claim_steps import Ask
from app.ui.controls import Button
from app.ui.dialogs import Confirm
from app.ui.main_window import MainWindow
from tests.ui.conftest import TODAY

DAY = dt.timedelta(days=1)


@pytest.fixture
def mailed(demo_clinic: Any) -> list[Claim]:
    """All claims of the demo, mailed as they really print."""
    made = paperwork.build_claims(demo_clinic, today=TODAY - 30 * DAY)
    with demo_clinic.write("Mail", undoable=False) as s:
        for claim in made:
            (bundle,) = claims.bundles(s, [claim.id or 0])
            pages = {"pages": paperwork.sheet(bundle, today=TODAY - 20 * DAY).values, "date_digits": "6"}
            claims.issue(
                s, claim.id or 0, pages=json.dumps(pages), layout="cms1500-0212", today=TODAY - 20 * DAY
            )  # fmt: skip
            claims.set_status(s, claim.id or 0, ClaimStatus.MAILED, on=TODAY - 19 * DAY)
    return made


def opened(window: MainWindow, claim: Claim) -> Any:
    window.go("claims", claim.id)
    return window.page_of("claims").view  # type: ignore[attr-defined]


def set_to(window: MainWindow, claim: Claim, status: ClaimStatus, on: dt.date = TODAY) -> None:
    with window.desk.write("Set") as s:
        claims.set_status(s, claim.id or 0, status, on=on)


def test_without_a_paid_claim_a_sentence_says_so(demo_window: MainWindow, mailed: list[Claim]) -> None:
    view = opened(demo_window, mailed[0])
    view.tabs["paid"].click()
    assert view.against.isVisible() and "nothing to hold this one against" in view.against.text()
    assert not view.sheet.sheet.differing and view.inspector.then.isHidden()
    view.tabs["form"].click()
    assert not view.against.isVisible()


def test_what_differs_from_the_last_paid_claim_is_outlined_and_listed(
    demo_window: MainWindow, mailed: list[Claim]
) -> None:
    """The demo has one payer with two clients: one of their claims is paid, the other is held against it."""
    with demo_window.desk.read() as s:
        of_payer: dict[int, list[Claim]] = {}
        for bundle in claims.bundles(s, [claim.id or 0 for claim in mailed]):
            of_payer.setdefault(bundle.payer.id or 0, []).append(bundle.claim)
    paid, other = next(own for own in of_payer.values() if len(own) > 1)[:2]
    set_to(demo_window, paid, ClaimStatus.PAID)
    view = opened(demo_window, other)
    view.show_tab("paid")
    assert paid.number in view.against.text() and "11/21/2026" in view.against.text()
    now = view.open.paper.values[0]
    then = paperwork.sheet(view.paid.bundle, today=TODAY).values[0]
    differing = view.sheet.sheet.differing
    assert ("2" in differing) is (now["2"] != then["2"]) is True
    assert ("33a" in differing) is (now["33a"] != then["33a"]) is False
    view.sheet.choose_item("2")
    last_name = then["2"].split(",")[0]
    assert view.inspector.then.isVisible() and view.inspector.value.text() != view.inspector.then.text()
    assert view.inspector.then.text().split(",")[0] in {last_name.upper(), "CAMARA-HOLT"}
    found = list(view.inspector.differences.values())
    blank_first = [each.one_is_blank for each in found]
    assert blank_first == sorted(blank_first, reverse=True) and view.inspector._problems_head.text() == "Differences"
    links = [b for b in view.inspector.findChildren(Button) if b.text().startswith(f"{found[-1].stop.item}  ")]
    links[-1].click()
    assert view.sheet.current == found[-1].stop
    view.show_tab("form")
    assert view.inspector._problems_head.text() == "Problems" and view.inspector.differences is None


def test_the_history_tells_every_step(demo_window: MainWindow, mailed: list[Claim], qtbot: Any) -> None:
    view = opened(demo_window, mailed[0])
    view.tabs["history"].click()
    qtbot.keyClick(view.history, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert view.editor.isVisible() and view.editor.ask is Ask.CALL
    view.editor.note.setText("Anna: on the doctor's desk")
    view.editor.action.setText("Call again")
    view.editor.by.setText("12/01/2026")
    view.editor.keep()
    QApplication.processEvents()
    told = [each.text() for each in view.history.findChildren(QLabel) if each.isVisible()]
    assert told.index("Anna: on the doctor's desk") < told.index("Draft")
    assert "Call again, by 12/01/2026" in told and "owner" in told and "11/21/2026" in told
    assert view.asking() is None and view.tab == "history"


def test_the_menu_offers_legal_moves_and_asks_for_the_step(demo_window: MainWindow, mailed: list[Claim]) -> None:
    view = opened(demo_window, mailed[0])
    assert list(view._moves()) == [
        ClaimStatus.RECEIVED, ClaimStatus.IN_PROCESS, ClaimStatus.PAID, ClaimStatus.PARTLY_PAID, ClaimStatus.DENIED,
        ClaimStatus.REJECTED, ClaimStatus.VOID,
    ]  # fmt: skip
    view.ask(Ask.STATUS, [ClaimStatus.RECEIVED])
    assert view.editor.status.value() is ClaimStatus.RECEIVED and view.editor.action.text() == "Ask how it stands"
    view.editor.on.setText("10/01/2026")
    view.editor.keep()
    assert "after that day" in demo_window.messages.text() and view.editor.is_open
    demo_window.page().back()
    assert not view.editor.is_open and demo_window.page().front is view  # type: ignore[attr-defined]
    demo_window.page().back()
    assert demo_window.page().front is not view  # type: ignore[attr-defined]


def test_a_rejected_claim_is_sent_again_as_new(demo_window: MainWindow, mailed: list[Claim]) -> None:
    view = opened(demo_window, mailed[0])
    assert list(view._replacements()) == ["7", "8"]
    set_to(demo_window, mailed[0], ClaimStatus.REJECTED)
    assert list(view._replacements()) == ["", "7", "8"]
    view.replace("")
    assert view.replacing.isVisible() and not view.replacing.reference.isVisible()
    assert view.close_one() and not view.replacing.isVisible()
    view.replace("")
    view.replacing.make()
    new = view.open.bundle.claim
    assert (new.replaces_id, new.resubmission_code, new.status) == (mailed[0].id, "", ClaimStatus.DRAFT)
    assert "22" not in view.open.paper.values[0]
    assert not demo_window.undo_action.isEnabled()
    with demo_window.desk.read() as s:
        assert claims.claim(s, mailed[0].id or 0).status is ClaimStatus.CORRECTED


def test_a_claim_that_was_never_printed_has_no_replacement(demo_window: MainWindow, demo_clinic: Any) -> None:
    (draft, *_) = paperwork.build_claims(demo_clinic, today=TODAY)
    view = opened(demo_window, draft)
    assert view._replacements() == {}


def test_what_the_payer_did_before_stands_beside_the_claim(demo_window: MainWindow, demo_clinic: Any) -> None:
    with demo_clinic.write("One date") as s:
        for payer in payers.payers(s):
            payers.save_payer(s, replace(payer, one_date_per_claim=True))
    made = paperwork.build_claims(demo_clinic, today=TODAY - 30 * DAY)
    own = [claim for claim in made if claim.client_id == made[0].client_id]
    with demo_clinic.write("Pay", undoable=False) as s:
        claims.issue(
            s, own[0].id or 0, pages='{"pages": [{}], "date_digits": "6"}', layout="cms1500-0212", today=TODAY
        )  # fmt: skip
        for status in (ClaimStatus.MAILED, ClaimStatus.PAID):
            claims.set_status(s, own[0].id or 0, status, on=TODAY)
    view = opened(demo_window, own[1])
    assert "1 of 1 paid. The last: paid 11/21/2026." in view.inspector.payer_words.text()
    with demo_window.desk.read() as s:
        (bundle,) = claims.bundles(s, [own[1].id or 0])
        others = claims.bundles(s, [claim.id or 0 for claim in made])
    view = opened(demo_window, next(each.claim for each in others if each.payer.id != bundle.payer.id))
    assert not view.inspector.payer_head.isVisible()


def test_answers_are_told_by_code() -> None:
    found = [Answer(at, status, TODAY, "97140") for at, status in enumerate(
        [ClaimStatus.DENIED, ClaimStatus.PAID, ClaimStatus.PAID, ClaimStatus.REJECTED]
    )]  # fmt: skip
    assert claim_view.answer_words(found, ["97140", "97124"]) == [
        "With 97140: 2 of 4 paid. The last: denied 11/21/2026, paid 11/21/2026, paid 11/21/2026."
    ]


def test_a_limit_that_is_near_stands_in_the_header(
    demo_window: MainWindow, mailed: list[Claim], monkeypatch: Any
) -> None:
    monkeypatch.setattr(Confirm, "ask", classmethod(lambda cls, *words: True))
    set_to(demo_window, mailed[0], ClaimStatus.DENIED, TODAY - 10 * DAY)
    view = opened(demo_window, mailed[0])
    assert not view.limit.isVisible()
    with demo_window.desk.write("Limit") as s:
        payers.save_payer(s, replace(view.open.bundle.payer, appeal_days=14))
    assert view.limit.isVisible() and view.limit.text() == "Appeal until 11/25, 4 days"
    view.set_status(ClaimStatus.APPEALED)
    assert not view.limit.isVisible()
