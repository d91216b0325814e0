"""A week of sessions from one that is typed, and the list of a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.billing.problems import Problem, warn
from app.billing.records import FeeSchedule, Referral, ServiceLine, Visit, VisitStatus
from app.store import clients, visits
from app.ui.main_window import MainWindow
from app.ui.visits_page import VisitsPage
from tests.ui.conftest import TODAY
from tests.ui.test_pages import client_id

MONDAY = TODAY - dt.timedelta(days=TODAY.weekday() + 28)


@pytest.fixture
def page(demo_window: MainWindow) -> VisitsPage:
    """A session of a client in a week without one, its lines like last time's."""
    demo_window.go("sessions", ("new", client_id(demo_window, "applewhite")))
    found = demo_window.page()
    assert isinstance(found, VisitsPage)
    found.form.date.load(_free_monday(found))
    found.form.date.left.emit()
    found.form.same_as_last()
    return found


def _free_monday(page: VisitsPage) -> dt.date:
    """The Monday of a week in which the client did not come."""
    taken = {visit.date for visit in page.form.context.visits}
    day = MONDAY
    while any(day + dt.timedelta(days=step) in taken for step in range(7)):
        day -= dt.timedelta(days=7)
    return day


def test_a_week_is_kept_by_its_keys(page: VisitsPage, demo_window: MainWindow) -> None:
    monday, who = page.form.typed_date(), page.form.client
    assert monday is not None and who is not None and who.id is not None
    demo_window.activateWindow()
    for key in (Qt.Key.Key_1, Qt.Key.Key_3, Qt.Key.Key_5, Qt.Key.Key_6, Qt.Key.Key_6):
        QTest.keyClick(page.form.note, key, Qt.KeyboardModifier.AltModifier)
    days = [monday + dt.timedelta(days=step) for step in (2, 4)]
    assert page.form.week.days() == days, "its own day is not repeated, and a second press takes a day back"
    page.form.paid.load(2500)
    page.save_and_next()
    with demo_window.desk.read() as s:
        kept = [visit for visit in visits.visits_of(s, who.id) if visit.date and 0 <= (visit.date - monday).days < 7]
    assert [visit.date for visit in kept] == [monday, *days]
    assert [visit.paid for visit in kept] == [2500, 0, 0]
    assert len({tuple((line.code, line.units, line.charge) for line in visit.lines) for visit in kept}) == 1
    assert demo_window.messages.text().startswith("3 sessions of Applewhite, Juniper saved.")
    demo_window.undo()
    with demo_window.desk.read() as s:
        assert not [visit for visit in visits.visits_of(s, who.id) if visit.id in {one.id for one in kept}]


def test_a_day_with_a_session_cannot_be_chosen_twice(page: VisitsPage, demo_window: MainWindow) -> None:
    monday = page.form.typed_date()
    assert monday is not None
    page.save()
    page.open(("new", page.form.visit.client_id))
    page.form.date.load(monday + dt.timedelta(days=1))
    page.form.date.left.emit()
    for number in range(7):
        page.form.week.toggle(number)
    assert page.form.week.days() == [monday + dt.timedelta(days=step) for step in (2, 3, 4, 5, 6)]
    page.form.date.load(monday + dt.timedelta(days=8))
    page.form.date.left.emit()
    assert page.form.week.days() == [], "another week begins without ticks"


def test_each_day_stands_on_what_is_in_force_then(page: VisitsPage, demo_window: MainWindow) -> None:
    monday, who = page.form.typed_date(), page.form.visit.client_id
    assert monday is not None
    short = Referral(
        client_id=who, last_name="Plum", npi="1234567893", written=monday - dt.timedelta(days=9),
        expires=monday + dt.timedelta(days=1), diagnoses=("M54.2",),
    )  # fmt: skip
    with demo_window.desk.write("Referral") as s:
        kept = clients.save_referral(s, short)
    page._begin(who)
    page.form.date.load(monday)
    page.form.date.left.emit()
    page.form.same_as_last()
    page.form.referral.load(kept.id)
    page.form.week.toggle(3)
    page.save()
    with demo_window.desk.read() as s:
        by_day = {visit.date: visit.referral_id for visit in visits.visits_of(s, who)}
    assert by_day[monday] == kept.id != by_day[monday + dt.timedelta(days=3)]


def test_each_day_is_checked_for_itself(
    page: VisitsPage, demo_window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monday = page.form.typed_date()
    assert monday is not None
    thursday = monday + dt.timedelta(days=3)

    def problems(visit: Visit) -> list[Problem]:
        return [warn("visit.odd", "Too many.")] if visit.date == thursday else []

    monkeypatch.setattr(page.form, "problems", problems)
    for number in (2, 3):
        page.form.week.toggle(number)
    page.save()
    assert demo_window.messages.text() == f"3 sessions of Applewhite, Juniper saved. {thursday:%m/%d}: Too many."


def test_a_repetition_has_what_is_right_on_its_day(page: VisitsPage) -> None:
    form = page.form
    line = ServiceLine(id=7, code="97140", minutes=30, units=2, charge=8800)
    later = TODAY + dt.timedelta(days=2)
    visit = replace(form.draft(), id=5, date=TODAY, lines=(line,), paid=2500, status=VisitStatus.DONE)
    dearer = [
        FeeSchedule(id=90 + at, valid_from=day, fees=tuple(replace(fee, amount=amount) for fee in one.fees))
        for at, (day, amount) in enumerate(((TODAY - dt.timedelta(days=1), 4400), (later, 5000)))
        for one in form.context.schedules[:1]
    ]
    context = replace(form.context, schedules=dearer, payers={})
    copy = context.repeated(replace(visit, policy_id=None), later, TODAY)
    assert (copy.id, copy.date, copy.status, copy.paid) == (None, later, VisitStatus.PLANNED, 0)
    assert [(one.id, one.charge) for one in copy.lines] == [(None, 10000)]
    by_hand = replace(visit, policy_id=None, lines=(replace(line, charge=7000),))
    assert context.repeated(by_hand, later, TODAY).lines[0].charge == 7000
    assert context.repeated(replace(by_hand, status=VisitStatus.NO_SHOW), later, TODAY).status is VisitStatus.NO_SHOW


def test_the_list_of_a_day(page: VisitsPage, demo_window: MainWindow) -> None:
    page._begin()
    with demo_window.desk.read() as s:
        newest = visits.lines(s, limit=1)[0]
        assert newest.date is not None
        same_day = visits.lines(s, day=newest.date)
    assert [line.start for line in same_day] == sorted(line.start or 0 for line in same_day)
    page.show_day(newest.date)
    assert [line.id for line in page.list.rows_model.rows] == [line.id for line in same_day]
    assert demo_window.desk.preferences.sessions_by_day
    far = dt.date(2019, 1, 2)
    page.show_day(far)
    assert page.list.rows_model.rows == []
    assert page._no_sessions() == "No sessions on Wednesday, 01/02. Ctrl+N enters one."
    page.later.click()
    assert page.day == far + dt.timedelta(days=1)
    page.of_all.click()
    assert len(page.list.rows_model.rows) > len(same_day)
    assert isinstance(page.form.visit, Visit)
