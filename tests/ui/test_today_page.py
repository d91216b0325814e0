"""Today: the groups and their order, the ways to their places, and a right column that says what was done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolTip

from app import paperwork
from app.billing.records import Authorization, ClaimStatus, Referral, VisitStatus
from app.errors import ClinicError
from app.store import claims, clients, payers, reports, visits
from app.store.clinic import ClinicFile
from app.ui import worklist
from app.ui.main_window import MainWindow
from app.ui.today_page import TodayPage
from tests.ui.conftest import TODAY


@pytest.fixture
def page(demo_window: MainWindow) -> TodayPage:
    page = demo_window.page()
    assert isinstance(page, TodayPage)
    return page


def group(page: TodayPage, key: str) -> worklist.Group:
    return next(each for each in page.groups() if each.key == key)


def keys(page: TodayPage) -> list[str]:
    return [each.key for each in page.groups()]


def who(clinic: ClinicFile, text: str) -> int:
    with clinic.read() as s:
        return clients.find(s, text)[0].id


def change_payer(clinic: ClinicFile, name: str, **values: Any) -> None:
    with clinic.write("Change payer") as s:
        payer = next(payer for payer in payers.payers(s) if payer.name.startswith(name))
        payers.save_payer(s, replace(payer, **values))


def session_today(clinic: ClinicFile, client_id: int, **values: Any) -> int:
    with clinic.write("Session") as s:
        last = visits.last_visit(s, client_id)
        assert last is not None
        lines = tuple(replace(line, id=None) for line in last.lines)
        return visits.save_visit(s, replace(last, id=None, date=TODAY, lines=lines, **values)).id or 0


def test_it_comes_first_and_counts_on_the_rail(demo_window: MainWindow, page: TodayPage, demo_clinic: Any) -> None:
    assert page.header.title.text() == "Saturday, November 21"
    assert keys(page) == ["unbilled"]
    with demo_clinic.read() as s:
        waiting = visits.unbilled(s)
    found = group(page, "unbilled")
    assert found.count == len(waiting) == demo_window._rail_buttons["sessions"].count
    assert demo_window._rail_buttons["today"].count == len(waiting)
    assert page.header.facts.text() == f"{len(waiting)} things need a hand, most urgent first."
    assert sum(item.money or 0 for item in found.items) == sum(line.charge for v in waiting for line in v.lines)
    oldest = min(visit.date for visit in waiting if visit.date)
    assert found.items[0].when == f"oldest {oldest:%m/%d}" and found.items[0].who == "Fennimore, Orson"
    paperwork.build_claims(demo_clinic, today=TODAY)
    assert keys(page) == ["ready"]
    assert demo_window._rail_buttons["sessions"].count == 0
    assert demo_window._rail_buttons["claims"].count == group(page, "ready").count > 3


def test_three_rows_a_group_then_the_rest(page: TodayPage, qtbot: Any) -> None:
    found = group(page, "unbilled")
    assert len(found.items) > 3 and [row.item for row in page.rows] == list(found.items[:3])
    more = [button for button in page.findChildren(type(page._more(found, 1))) if button.text().endswith(" more")]
    assert more[0].text() == f"{len(found.items) - 3} more"
    more[0].click()
    assert [row.item for row in page.rows] == list(found.items)


def test_a_deadline_is_told_fourteen_days_before(page: TodayPage, demo_clinic: Any) -> None:
    with demo_clinic.read() as s:
        oldest = min(v.date for v in visits.visits_of(s, who(demo_clinic, "fennimore")) if v.date)
    age = (TODAY - oldest).days
    change_payer(demo_clinic, "Northlight", filing_days=age + 15)
    assert "deadlines" not in keys(page)
    change_payer(demo_clinic, "Northlight", filing_days=age + 14)
    (item,) = group(page, "deadlines").items
    assert (item.when, item.tone, item.deed) == ("in 14 days", "amber", "Build claim")
    change_payer(demo_clinic, "Northlight", filing_days=age + 4)
    assert keys(page)[0] == "deadlines"
    (item,) = group(page, "deadlines").items
    limit = oldest + dt.timedelta(days=age + 4)
    assert item.what == f"Session of {oldest:%m/%d} must be mailed by {limit:%m/%d}"
    assert (item.when, item.tone, item.icon) == ("in 4 days", "red", "filled/alert-circle")
    change_payer(demo_clinic, "Northlight", filing_days=age - 1)
    assert group(page, "deadlines").items[0].when == "1 day ago"
    assert "had to be mailed" in group(page, "deadlines").items[0].what
    change_payer(demo_clinic, "Northlight", filing_days=age)
    assert group(page, "deadlines").items[0].when == "today"
    built = paperwork.build_claims(demo_clinic, today=TODAY, client_id=who(demo_clinic, "fennimore"))
    (item,) = group(page, "deadlines").items
    assert (item.deed, item.page, item.target) == ("Print first", "claims", built[0].id)


def test_claims_that_cannot_be_printed_stand_before_those_that_can(page: TodayPage, demo_clinic: Any) -> None:
    paperwork.build_claims(demo_clinic, today=TODAY)
    ready = group(page, "ready").count
    with demo_clinic.write("Take the NPI") as s:
        referral = clients.referrals(s, clients.find(s, "applewhite")[0].id)[0]
        clients.save_referral(s, replace(referral, npi="", last_name=""))
    assert keys(page) == ["problems", "ready"]
    (item,) = group(page, "problems").items
    assert item.who == "Applewhite, Juniper" and item.deed == "Mend" and item.page == "claims"
    assert group(page, "ready").count == ready - 1
    assert group(page, "ready").note == "checked, nothing missing"


def test_printed_claims_are_followed_up(page: TodayPage, demo_clinic: Any) -> None:
    (claim,) = paperwork.build_claims(demo_clinic, today=TODAY, client_id=who(demo_clinic, "fennimore"))

    def issued(days: int) -> Sequence[worklist.Item]:
        with demo_clinic.write("Issue", undoable=False) as s:
            claims.issue(s, claim.id, pages='{"pages": [{}]}', layout="cms1500-0212", today=TODAY - dt.timedelta(days))
        return group(page, "follow").items

    (item,) = issued(3)
    assert item.what == f"{claim.number} is printed and not mailed yet" and item.when == "since Wednesday"
    with demo_clinic.write("Mail") as s:
        claims.set_status(s, claim.id, ClaimStatus.MAILED, on=TODAY)
    assert "follow" not in keys(page)


@pytest.mark.parametrize(("days", "told"), [(29, False), (30, True), (180, True), (181, False)])
def test_mailed_claims_are_asked_after_from_day_30_to_180(
    page: TodayPage, demo_clinic: Any, days: int, told: bool
) -> None:
    (claim,) = paperwork.build_claims(demo_clinic, today=TODAY, client_id=who(demo_clinic, "fennimore"))
    with demo_clinic.write("Issue", undoable=False) as s:
        printed = TODAY - dt.timedelta(days=days)
        claims.issue(s, claim.id, pages='{"pages": [{}]}', layout="cms1500-0212", today=printed)
        claims.set_status(s, claim.id, ClaimStatus.MAILED, on=TODAY)
    assert ("follow" in keys(page)) is told
    if told:
        (item,) = group(page, "follow").items
        assert item.when == f"{days} days" and (item.tone == "amber") is (days >= 45)
        assert claim.number in item.what and "Northlight Auto Mutual" in item.what


def test_what_runs_out_is_told_by_the_practices_limits(page: TodayPage, demo_clinic: Any) -> None:
    client_id = who(demo_clinic, "applewhite")
    with demo_clinic.read() as s:
        referral, authorization = clients.referrals(s, client_id)[0], clients.authorizations(s, client_id)[0]
        used = len([v for v in visits.visits_of(s, client_id) if v.status is VisitStatus.DONE])

    def save(record: Referral | Authorization) -> Sequence[worklist.Item]:
        with demo_clinic.write("Save") as s:
            if isinstance(record, Referral):
                clients.save_referral(s, record)
            else:
                clients.save_authorization(s, record)
        return group(page, "running-out").items if "running-out" in keys(page) else []

    assert save(replace(referral, visits_allowed=used + 3)) == []
    (item,) = save(replace(referral, visits_allowed=used + 2))
    assert item.what == f"Referral of Plum MD: 2 of {used + 2} visits left" and item.when.startswith("about ")
    assert (item.page, item.target) == ("clients", ("referral", referral.id, "visits_allowed"))
    (item,) = save(replace(referral, visits_allowed=used))
    assert item.when == "used up" and item.tone == "red"
    with demo_clinic.write("Another") as s:
        later = TODAY + dt.timedelta(days=90)
        clients.save_referral(s, replace(referral, id=None, written=TODAY, expires=later, visits_allowed=12))
    assert "running-out" not in keys(page), "another referral goes on"
    ends = TODAY + dt.timedelta(days=7)
    (item,) = save(replace(authorization, visits_allowed=0, units_allowed=99, valid_to=ends))
    assert item.when == "in 7 days" and "A771900421" in item.what and "of 99 units left" in item.what
    assert save(replace(authorization, visits_allowed=0, units_allowed=0, valid_to=ends + dt.timedelta(1))) == []
    (item,) = save(replace(authorization, valid_to=TODAY - dt.timedelta(days=2)))
    assert item.when == f"ended {TODAY - dt.timedelta(days=2):%m/%d}"


def test_a_row_leads_to_its_place(demo_window: MainWindow, page: TodayPage, demo_clinic: Any, qtbot: Any) -> None:
    built = paperwork.build_claims(demo_clinic, today=TODAY, client_id=who(demo_clinic, "fennimore"))
    row = next(each for each in page.rows if each.item.target == built[0].id)
    assert row.accessibleName().startswith("Fennimore, Orson, 2026-") and row.accessibleName().endswith(". Print")
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert demo_window.page().key == "claims"
    assert demo_window.page().view.header.title.text() == f"Claim {built[0].number}"
    demo_window.go("today")
    group_button = next(b for b in page.findChildren(type(page._place(group(page, "ready"), "", "link")))
                        if b.text() == "All claims")  # fmt: skip
    group_button.click()
    assert demo_window.page().key == "claims" and demo_window.page().stack.currentIndex() == 0


def test_the_keyboard_goes_through_all_rows(demo_window: MainWindow, page: TodayPage, qtbot: Any) -> None:
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    assert page.rows[0].hasFocus()
    qtbot.keyClick(page.rows[0], Qt.Key.Key_Up)
    assert page.rows[0].hasFocus()
    qtbot.keyClick(page.rows[0], Qt.Key.Key_Down)
    assert page.rows[1].hasFocus()
    page.refresh()
    assert page.rows[1].hasFocus(), "reading anew keeps the cursor on its row"
    target = page.rows[1].item.target
    qtbot.keyClick(page.rows[1], Qt.Key.Key_Return)
    assert demo_window.page().key == "claims" and isinstance(target, tuple)
    assert demo_window.page().view.open.bundle.claim.client_id == target[1]


def test_nothing_to_do_names_the_next_date(page: TodayPage, demo_clinic: Any) -> None:
    ids = [claim.id or 0 for claim in paperwork.build_claims(demo_clinic, today=TODAY)]
    with demo_clinic.write("All mailed", undoable=False) as s:
        for claim_id in ids:
            claims.issue(s, claim_id, pages='{"pages": [{}]}', layout="cms1500-0212", today=TODAY)
            claims.set_status(s, claim_id, ClaimStatus.MAILED, on=TODAY)
        found = reports.grants_in_use(s, today=TODAY)
    first = min(end for each in found if (end := reports.ends(each)) and end > TODAY)
    assert page.groups() == [] and page.rows == []
    assert page.header.facts.text().startswith(f"Nothing needs a hand. The next date is {first:%m/%d}: ")


def test_an_empty_clinic_says_so(window: MainWindow) -> None:
    page = window.page()
    assert isinstance(page, TodayPage)
    assert page.header.facts.text() == "Nothing needs a hand."
    assert [label.text() for label in page.day.findChildren(QLabel)][-1] == "No sessions today. Ctrl+N enters one."
    assert page.month.figures["charged"].text() == "0.00"


def test_the_right_column_sums_the_month_and_lists_the_day(page: TodayPage, demo_clinic: Any) -> None:
    client_id = who(demo_clinic, "applewhite")
    session_today(demo_clinic, client_id, start=9 * 60)
    session_today(demo_clinic, who(demo_clinic, "marsh"), start=13 * 60 + 30, status=VisitStatus.PLANNED)
    with demo_clinic.read() as s:
        people = [line.id for line in clients.find(s, limit=50)]
        month = [v for each in people for v in visits.visits_of(s, each)
                 if v.status is VisitStatus.DONE and v.date and v.date >= TODAY.replace(day=1)]  # fmt: skip
    figures = {name: label.text() for name, label in page.month.figures.items()}
    charged = sum(line.charge for v in month for line in v.lines)
    assert figures == {
        "sessions": str(len(month)), "clients": str(len({v.client_id for v in month})),
        "charged": f"{charged / 100:,.2f}", "paid": f"{sum(v.paid for v in month) / 100:,.2f}",
    }  # fmt: skip
    assert page.month.chart.bars.labels == ["Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]
    assert f"Nov: Charged {figures['charged']}, Paid by clients {figures['paid']}" in (
        page.month.chart.accessibleDescription()
    )
    told = [page.day.lines.itemAt(at).widget().accessibleName() for at in range(page.day.lines.count())]
    assert told == ["9:00 AM Applewhite, Juniper, Unbilled", "1:30 PM Marsh, Ottoline, Planned"]
    paperwork.build_claims(demo_clinic, today=TODAY, client_id=client_id)
    assert "On a claim" in page.day.lines.itemAt(0).widget().accessibleName()


def test_the_column_goes_below_in_a_narrow_window(demo_window: MainWindow, page: TodayPage) -> None:
    assert page._beside.x() > page.rows[0].width()
    demo_window.resize(960, 540)
    QApplication.processEvents()
    assert page._beside.y() > 0 and page._beside.width() > 600


def test_a_cut_word_is_told_in_full(page: TodayPage, monkeypatch: Any) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", staticmethod(lambda at, text, *more: told.append(text)))
    row = page.rows[0]
    row.item = replace(row.item, what="long " * 80, who="Short")
    row.event(QHelpEvent(QHelpEvent.Type.ToolTip, QPoint(5, 5), row.mapToGlobal(QPoint(5, 5))))
    assert told == ["long " * 80]
    row.grab()


def test_a_failure_is_said_and_reading_goes_on(page: TodayPage, demo_clinic: Any, monkeypatch: Any) -> None:
    def broken(*words: Any, **more: Any) -> Any:
        raise ClinicError("The disk reports an error.", "Check the disk.")

    said: list[str] = []
    page.desk.failed.connect(said.append)
    with monkeypatch.context() as patch:
        patch.setattr(worklist, "find", broken)
        page.refresh()
    assert said == ["The disk reports an error. Check the disk."]
    paperwork.build_claims(demo_clinic, today=TODAY)
    assert keys(page) == ["ready"]


def test_nothing_is_shown_of_a_clinic_that_was_closed(demo_window: MainWindow, page: TodayPage) -> None:
    waiting: list[Any] = []
    page.desk.run_task = lambda work, *, done, failed: waiting.append((work(), done))
    page.refresh()
    page.refresh()
    assert len(waiting) == 2, "one reading at a time"
    shown = list(page.rows)
    demo_window.close_clinic()
    for value, done in waiting:
        done(value)
    assert page.rows == shown


def test_changes_on_other_pages_are_counted_and_shown_on_return(
    demo_window: MainWindow, page: TodayPage, demo_clinic: Any
) -> None:
    before = demo_window._rail_buttons["sessions"].count
    demo_window.go("clients")
    session_today(demo_clinic, who(demo_clinic, "applewhite"))
    assert demo_window._rail_buttons["sessions"].count == before + 1
    demo_window.go("today")
    assert group(page, "unbilled").count == before + 1


def test_too_many_claims_are_checked_in_part(page: TodayPage, monkeypatch: Any, demo_clinic: Any) -> None:
    monkeypatch.setattr(worklist, "MOST_CHECKED", 2)
    paperwork.build_claims(demo_clinic, today=TODAY)
    assert group(page, "ready").note == "the oldest 2 are checked"
    assert page.listed is not None and worklist.groups(page.listed.found, None)[-1].note == "being checked"


def test_words_for_days() -> None:
    assert worklist.since(TODAY, TODAY) == "since today"
    assert worklist.since(TODAY - dt.timedelta(days=6), TODAY) == "since Sunday"
    assert worklist.since(TODAY - dt.timedelta(days=7), TODAY) == "since 11/14"
    assert worklist.short(dt.date(2025, 12, 31), TODAY) == "12/31/2025" and worklist.short(None, TODAY) == ""
    assert [worklist.ahead(TODAY + dt.timedelta(days=n), TODAY) for n in (1, 0, -2)] == ["in 1 day", "today",
                                                                                          "2 days ago"]  # fmt: skip
