"""Coverage over time: what is said of each record, where its bar stands, and where it leads."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication

from app import paperwork
from app.billing.benefits import Answer, Verification
from app.billing.records import Visit, VisitStatus
from app.store import claims
from app.ui.client_overview import ClientOverview
from app.ui.coverage import Bar, Look, Mark, bars, dots
from app.ui.coverage_strip import CoverageStrip
from app.ui.main_window import MainWindow
from app.ui.visit_context import VisitContext
from tests.claim_sample import AUTHORIZATION, CLIENT, PAYER, POLICY, REFERRAL, TODAY, VISITS, line, visit
from tests.ui.test_pages import client_id

CALL = Verification(id=1, client_id=3, policy_id=5, called_on=dt.date(2026, 9, 10), covers_massage=Answer.YES)
NONE: frozenset[int] = frozenset()


def context(**changes: Any) -> VisitContext:
    fields: dict[str, Any] = {
        "payers": {4: PAYER}, "client": CLIENT, "policies": [POLICY], "referrals": [REFERRAL],
        "authorizations": [AUTHORIZATION], "visits": VISITS,
    }  # fmt: skip
    return VisitContext(**(fields | changes))


def lane(name: str, today: dt.date = TODAY, **changes: Any) -> list[tuple[str, Look, dt.date | None, dt.date | None]]:
    return [(b.text, b.look, b.first, b.last) for b in bars(context(**changes), today) if b.lane == name]


def test_a_policy_that_was_asked_about_is_to_be_asked_again() -> None:
    open_end = replace(POLICY, valid_to=None)
    assert lane("policy", policies=[open_end], verifications=[CALL]) == [
        ("Bluebird Health Plan, policy, asked 09/10/2026", Look.FORCE, POLICY.valid_from, dt.date(2026, 12, 31)),
        ("ask about benefits from 01/01/2027", Look.ASK, dt.date(2027, 1, 1), None),
    ]
    assert lane("policy") == [("Bluebird Health Plan, policy", Look.FORCE, POLICY.valid_from, POLICY.valid_to)]
    assert lane("policy", today=dt.date(2027, 1, 1))[0][1] is Look.PAST
    assert lane("policy", today=dt.date(2026, 12, 26))[0][1] is Look.LOW


def test_a_referral_runs_low_ends_and_is_missed() -> None:
    name, gap = "Dr. Plum, 3 of 12 visits used", ("no referral", Look.GAP, dt.date(2026, 12, 15), None)
    assert lane("referral") == [(name, Look.FORCE, REFERRAL.written, REFERRAL.expires), gap]
    (bar, __) = [b for b in bars(context(), TODAY) if b.lane == "referral"]
    assert bar.used == 0.25 and bar.target == ("referral", 6, "")
    assert lane("referral", referrals=[replace(REFERRAL, used_elsewhere=7)])[0][1] is Look.LOW
    assert lane("referral", today=dt.date(2026, 12, 20))[0][1] is Look.PAST
    assert lane("referral", referrals=[replace(REFERRAL, expires=None)])[1:] == []
    assert lane("referral", referrals=[]) == [("no referral", Look.GAP, TODAY, None)]
    plain = {4: replace(PAYER, referral_required=False)}
    assert lane("referral", referrals=[], payers=plain) == []
    asked = [replace(CALL, referral_required=Answer.YES)]
    assert lane("referral", referrals=[], payers=plain, verifications=asked) != []


def test_units_are_said_where_visits_are_not_limited() -> None:
    units = replace(AUTHORIZATION, visits_allowed=0, units_allowed=40)
    used = [replace(each, authorization_id=7) for each in VISITS]
    assert lane("authorization", authorizations=[units], visits=used)[0][:2] == (
        "A7719, 9 of 40 units used",
        Look.FORCE,
    )
    few = replace(units, units_allowed=12)
    assert lane("authorization", authorizations=[few], visits=used)[0][1] is Look.LOW


def test_signatures_are_said_or_missed() -> None:
    assert lane("signature") == [("Release and assignment on file", Look.FORCE, dt.date(2026, 9, 1), None)]
    half = replace(CLIENT, assignment_signed=None)
    assert lane("signature", client=half)[0][0] == "Release on file, no assignment"
    bare = replace(half, release_signed=None)
    assert lane("signature", client=bare) == [("no signature on file", Look.GAP, None, None)]
    assert lane("signature", client=bare, policies=[]) == []


def test_signatures_hold_until_a_day_and_are_to_be_given_again() -> None:
    end = dt.date(2027, 3, 4)
    until = replace(CLIENT, release_expires=end, assignment_expires=end)
    again = ("to be signed again", Look.GAP, dt.date(2027, 3, 5), None)
    text = "Release and assignment on file until 03/04/2027"
    assert lane("signature", client=until) == [(text, Look.FORCE, dt.date(2026, 9, 1), end), again]
    assert lane("signature", today=end - dt.timedelta(days=3), client=until)[0][1] is Look.LOW
    late = end + dt.timedelta(days=40)
    assert lane("signature", today=late, client=until) == [
        (text, Look.PAST, dt.date(2026, 9, 1), end), ("to be signed again", Look.GAP, late, None)
    ]  # fmt: skip
    apart = replace(CLIENT, assignment_expires=end, consent_signed=dt.date(2026, 9, 2))
    assert [(words, last) for words, __, __, last in lane("signature", client=apart)] == [
        ("Release on file", None), ("Assignment on file until 03/04/2027", end), ("Consent on file", None),
        ("to be signed again", None),
    ]  # fmt: skip
    assert [b.target for b in bars(context(client=apart), TODAY) if b.lane == "signature"][-1] == (
        "client", CLIENT.id, "assignment_signed",
    )  # fmt: skip
    paying = lane("signature", client=replace(until, assignment_signed=None), policies=[])
    assert [words for words, *__ in paying] == ["Release on file until 03/04/2027"]


def weekly(*statuses: VisitStatus) -> list[Visit]:
    start = dt.date(2026, 11, 21) - dt.timedelta(days=7 * len(statuses))
    return [
        replace(visit(50 + at, start + dt.timedelta(days=7 * (at + 1)), line(at)), status=status)
        for at, status in enumerate(statuses)
    ]


def test_sessions_are_marked_and_the_pace_goes_on() -> None:
    done, missed = VisitStatus.DONE, VisitStatus.NO_SHOW
    visits = weekly(done, done, missed, VisitStatus.VOID, done)
    marked = dots(context(visits=visits), frozenset({50}), TODAY)
    assert [dot.mark for dot in marked] == [
        Mark.BILLED, Mark.UNBILLED, Mark.MISSED, Mark.UNBILLED, Mark.EXPECTED, Mark.EXPECTED, Mark.EXPECTED,
    ]  # fmt: skip
    assert marked[-3].date == TODAY + dt.timedelta(days=7)
    assert dots(context(visits=weekly(done, done)), NONE, TODAY)[2:] == []
    later = TODAY + dt.timedelta(days=60)
    assert all(dot.mark is not Mark.EXPECTED for dot in dots(context(visits=weekly(done, done, done)), NONE, later))
    planned = dots(context(visits=weekly(done, done, done, VisitStatus.PLANNED)), NONE, TODAY)
    assert [dot.mark for dot in planned].count(Mark.EXPECTED) == 1
    own = [replace(each, policy_id=None) for each in weekly(done)]
    assert dots(context(visits=own), NONE, TODAY)[0].mark is Mark.BILLED


@pytest.fixture
def strip(look: QApplication, qtbot: Any) -> CoverageStrip:
    made = CoverageStrip()
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show_coverage(bars(context(), TODAY), dots(context(), NONE, TODAY), TODAY)
    made.show()
    return made


def test_bars_stand_at_their_days(strip: CoverageStrip) -> None:
    lanes = strip.lanes
    (referral,) = [b for b in lanes.buttons if b.text().startswith("Dr. Plum")]
    assert (lanes.first, lanes.last) == (dt.date(2026, 7, 1), dt.date(2027, 2, 1))
    assert referral.x() == round(lanes.x_of(dt.date(2026, 9, 14))) + 1
    assert referral.geometry().right() + 1 == round(lanes.x_of(dt.date(2026, 12, 15))) - 1
    strip.later.click()
    assert lanes.first == dt.date(2026, 9, 1)
    for __ in range(3):
        strip.later.click()
    assert referral.isHidden()
    strip.move_by(-8)
    assert referral.isVisible()


def test_spans_that_meet_stand_below_each_other(strip: CoverageStrip) -> None:
    tall = strip.lanes.height()
    second = replace(POLICY, id=9)
    both = context(policies=[POLICY, second])
    strip.show_coverage(bars(both, TODAY), (), TODAY)
    first, other = (b for b in strip.lanes.buttons if b.bar.lane == "policy")
    assert first.geometry().bottom() < other.y() and strip.lanes.height() == tall + 28


def test_the_strip_is_read_to_who_cannot_see_it(strip: CoverageStrip) -> None:
    assert strip.lanes.accessibleDescription() == "Sessions: 3 unbilled, 3 at this pace"
    for button in strip.lanes.buttons:
        told = QAccessible.queryAccessibleInterface(button)
        assert told.role() is QAccessible.Role.Button or told.role().name in {"Button", "PushButton"}
        assert told.text(QAccessible.Text.Name).endswith(button.text())
    (referral,) = [b for b in strip.lanes.buttons if b.text().startswith("Dr. Plum")]
    assert referral.accessibleName() == "Referral: Dr. Plum, 3 of 12 visits used"
    assert referral.accessibleDescription() == "09/14/2026 – 12/14/2026"


def test_a_bar_leads_to_its_record_by_key_too(strip: CoverageStrip, qtbot: Any) -> None:
    found: list[object] = []
    strip.chose.connect(found.append)
    (referral,) = [b for b in strip.lanes.buttons if b.text().startswith("Dr. Plum")]
    qtbot.keyClick(referral, Qt.Key.Key_Space)
    assert found == [("referral", 6, "")]


def bar_of(overview: ClientOverview, text: str) -> Any:
    return next(b for b in overview.strip.lanes.buttons if text in b.text())


def test_the_overview_of_a_client(demo_window: MainWindow) -> None:
    who = client_id(demo_window, "applewhite")
    page: Any = demo_window.page_of("clients")
    demo_window.go("clients", who)
    page.show_part("overview")
    overview = page.stack.part("overview")
    assert overview.sessions.rows_model.rowCount() == 6
    lanes = overview.strip.lanes
    assert [dot.mark for dot in lanes.dots].count(Mark.UNBILLED) == 5
    (claim,) = paperwork.build_claims(demo_window.desk.clinic, today=demo_window.desk.today(), client_id=who)
    page.refresh()
    assert [dot.mark for dot in lanes.dots].count(Mark.BILLED) == 5
    with demo_window.desk.write("Void") as s:
        claims.void(s, claim.id or 0, on=TODAY)
    page.refresh()
    assert [dot.mark for dot in lanes.dots].count(Mark.BILLED) == 0
    bar_of(overview, "Dr. Plum").click()
    assert page.stack.key == "referral" and page.editor("referral")._shown.last_name == "Plum"
    page.show_part("overview")
    bar_of(overview, "no referral").click()
    assert page.stack.key == "referral" and page.editor("referral")._shown.id is None
    page.show_part("overview")
    bar_of(overview, "Release").click()
    assert page.stack.key == "person"


def test_a_client_with_nothing_has_an_empty_strip(demo_window: MainWindow) -> None:
    page: Any = demo_window.page_of("clients")
    demo_window.go("clients", client_id(demo_window, "vasquez"))
    page.show_part("overview")
    shown: list[Bar] = [b.bar for b in page.stack.part("overview").strip.lanes.buttons]
    assert [bar for bar in shown if bar.lane in {"policy", "referral", "authorization"}] == []
    demo_window.go("clients", "new")
    assert page.stack.key == "person" and list(page.stack.part("overview").strip.lanes.dots) == []
