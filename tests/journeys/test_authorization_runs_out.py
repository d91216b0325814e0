"""An authorization runs out: warned at entry, on Today and on the claim; the next one is proposed and takes over."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app import paperwork
from app.store import clients, visits
from app.ui.client_overview import ClientOverview
from app.ui.coverage import Look
from app.ui.main_window import MainWindow
from tests.journeys.test_session_to_paper import CTRL, Hands
from tests.ui.conftest import TODAY
from tests.ui.test_pages import client_id

LATER = TODAY + dt.timedelta(days=3)


@pytest.fixture
def hands(qtbot: Any, demo_window: MainWindow) -> Hands:
    paperwork.build_claims(demo_window.desk.clinic, today=TODAY)
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    return Hands(qtbot, demo_window)


def enter(hands: Hands) -> Any:
    """The same session as last time, typed but not kept."""
    hands.press(Qt.Key.Key_N, CTRL)
    hands.type("app")
    hands.press(Qt.Key.Key_Return)
    hands.press(Qt.Key.Key_L, CTRL)
    page: Any = hands.window.page()
    return page.form


def test_it_is_warned_everywhere_and_the_next_one_takes_over(hands: Hands) -> None:
    window, desk = hands.window, hands.window.desk
    who = client_id(window, "app")
    with desk.read() as s:
        (old,) = clients.authorizations(s, who)
        used = sum(visit.authorization_id == old.id and visit.status == "done" for visit in visits.visits_of(s, who))

    # the payer allows one visit more than were used
    window.go("clients", ("authorization", old.id, "visits_allowed"))
    hands.press(Qt.Key.Key_A, CTRL)
    hands.type(str(used + 1))
    hands.save()
    window.go("today")
    today: Any = window.page()
    told = {group.key: [item.what for item in group.items] for group in today.listed.groups}
    assert told["running-out"] == [f"Authorization {old.number}: 1 of {used + 1} visits left"]

    # the last visit that is allowed stands on it
    form = enter(hands)
    assert form.draft().authorization_id == old.id and form._warnings() == []
    hands.save()

    # a few days later it is used up: nothing is filled in, and who takes it all the same is warned
    desk.today = lambda: LATER
    form = enter(hands)
    assert form.draft().authorization_id is None
    assert any("wants an authorization, and the session has none" in told for told in form._warnings())
    chooser = form.authorization
    chooser.setCurrentIndex(chooser.findData(old.id))
    form._chose("authorization_id")
    assert any(old.number in told and "used" in told for told in form._warnings())
    hands.save()
    visit_id = form.visit.id

    # the claim says so, too
    window.go("claims", ("of-client", who))
    view = window.page_of("claims").view  # type: ignore[attr-defined]
    assert any(p.code.startswith("authorization.") and old.number in p.message for p in view.open.problems)

    # the next one is proposed where there is none: the same again, to be given its number and dates
    window.go("clients", who)
    page: Any = window.page()
    page.show_part("overview")
    overview = page.stack.part("overview")
    assert isinstance(overview, ClientOverview)
    (gap,) = [b for b in overview.strip.lanes.buttons if b.bar.lane == "authorization" and b.bar.look is Look.GAP]
    gap.setFocus()
    hands.press(Qt.Key.Key_Space)
    assert page.stack.key == "authorization"
    draft = page.editor("authorization").form.draft()
    assert (draft.id, draft.number, draft.policy_id) == (None, "", old.policy_id)
    assert draft.visits_allowed == used + 1 and old.valid_to and draft.valid_from == old.valid_to + dt.timedelta(days=1)
    hands.fill(number="B5520", valid_from=f"{LATER:%m%d%Y}", valid_to="", visits_allowed="12")
    hands.save()
    with desk.read() as s:
        new, __ = clients.authorizations(s, who)
    assert (new.number, new.valid_from, new.visits_allowed) == ("B5520", LATER, 12)

    # the session moves over to it, and nothing is left to warn of
    window.go("sessions", visit_id)
    chooser.setCurrentIndex(chooser.findData(new.id))
    form._chose("authorization_id")
    assert form._warnings() == []
    hands.save()
    with desk.read() as s:
        assert visits.visit(s, visit_id).authorization_id == new.id
    QApplication.processEvents()
