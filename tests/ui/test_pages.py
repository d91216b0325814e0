"""The pages on the demo clinic: what they show, what they keep, and what they refuse with a sentence."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app import paperwork
from app.billing.problems import block
from app.billing.records import Authorization, ClaimStatus, Payer
from app.errors import InputError
from app.store import claims, clients, icd10, payers, practice, superbills, visits
from app.ui import claim_paper, claim_view, printing
from app.ui.controls import Button
from app.ui.dialogs import Confirm, Files, Leave, LeaveQuestion
from app.ui.main_window import MainWindow
from app.ui.visit_form import parse_time, time_text
from tests.ui.conftest import TODAY


@pytest.fixture(autouse=True)
def _yes(monkeypatch: Any) -> None:
    monkeypatch.setattr(Confirm, "ask", classmethod(lambda cls, *words: True))
    monkeypatch.setattr(LeaveQuestion, "ask", classmethod(lambda cls, *words: Leave.DROP))
    monkeypatch.setattr(claim_paper.Choice, "ask", staticmethod(lambda *words: "full"))


def client_id(window: MainWindow, name: str) -> int:
    with window.desk.read() as s:
        return clients.find(s, name)[0].id


def build(window: MainWindow, name: str) -> Any:
    """The claim view, open on the first claim built for a client."""
    window.go("claims", ("of-client", client_id(window, name)))
    page = window.page_of("claims")
    if page.stack.currentWidget() is not page.view:
        cards = page.overview.shown.cards.values()
        page.open(min(line.id for lines in cards for line in lines))
    return page.view


# Clients


def test_search_finds_by_word_date_and_number(demo_window: MainWindow) -> None:
    page = demo_window.page_of("clients")
    for text, names in (("marsh", ["Marsh, Ottoline"]), ("04/12/1986", ["Applewhite, Juniper"]), ("zzz", [])):
        page.search.setText(text)
        assert [line.name for line in page.list.rows_model.rows] == names


def test_a_client_without_a_name_is_not_kept(window: MainWindow) -> None:
    page = window.page_of("clients")
    window.go("clients", "new")
    page.save()
    assert page.editor("person").form._places["last_name"].note.text() == "The client has no last name. Type it."
    with window.desk.read() as s:
        assert clients.count(s) == 0


def test_parts_of_a_client_are_added_changed_and_removed(demo_window: MainWindow) -> None:
    page = demo_window.page_of("clients")
    who = client_id(demo_window, "vasquez")
    demo_window.go("clients", who)
    page.show_part("authorization")
    editor = page.editor("authorization")
    assert editor.count == 0
    editor.begin_new()
    editor.form.editor("number").setText("A-5520")
    editor.form.editor("valid_from").setText("11012026")
    editor.form.editor("units_allowed").setText("40")
    page.save()
    with demo_window.desk.read() as s:
        (kept,) = clients.authorizations(s, who)
    assert kept == Authorization(
        id=kept.id, client_id=who, number="A-5520", valid_from=dt.date(2026, 11, 1), units_allowed=40
    )
    assert page.tabs["authorization"].count == 1
    editor.form.editor("units_allowed").setText("forty")
    page.save()
    assert editor.changed and "Not a number" in editor.form._places["units_allowed"].note.text()
    page.back()
    assert not editor.changed
    editor.remove.click()
    assert editor.count == 0 and page.tabs["authorization"].count == 0
    demo_window.undo()
    assert editor.count == 1


def test_what_stands_on_a_record_keeps_it(demo_window: MainWindow) -> None:
    page = demo_window.page_of("clients")
    demo_window.go("clients", client_id(demo_window, "applewhite"))
    page.show_part("policy")
    page.editor("policy").remove.click()
    assert page.editor("policy").count == 1
    assert demo_window.messages.dismiss.isVisible() and demo_window.messages.text()


def test_the_tables_of_a_client_lead_on(demo_window: MainWindow) -> None:
    view = build(demo_window, "applewhite")
    number = view.open.bundle.claim.number
    page = demo_window.page_of("clients")
    demo_window.go("clients", client_id(demo_window, "applewhite"))
    assert page.tabs["sessions"].count == 6 and page.tabs["claims"].count == 1
    assert page.claims.rows_model.index(0, 0).data() == number
    page.sessions.opened.emit(page.sessions.rows_model.rows[0])
    assert demo_window.page().key == "sessions"
    assert demo_window.page().form.visit.id == page.sessions.rows_model.rows[0].id


# Sessions


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("9", 540), ("930", 570), ("9:30", 570), ("1:15", 795), ("1:15 pm", 795), ("12 am", 0), ("12p", 720),
        ("14:05", 845), ("", None),
    ],
)  # fmt: skip
def test_times_are_read(typed: str, minutes: int | None) -> None:
    assert parse_time(typed) == minutes
    assert parse_time(time_text(minutes)) == minutes


@pytest.mark.parametrize("typed", ["25", "9:75", "13 pm", "noon", "0 am"])
def test_times_that_are_none_are_refused(typed: str) -> None:
    with pytest.raises(InputError):
        parse_time(typed)


def test_same_as_last_time_and_save(demo_window: MainWindow) -> None:
    who = client_id(demo_window, "applewhite")
    page = demo_window.page_of("sessions")
    demo_window.go("sessions", ("new", who))
    form = page.form
    with demo_window.desk.read() as s:
        last = visits.last_visit(s, who)
    assert last is not None and form.last.isVisible()
    form.same_as_last()
    assert form.lines.sum_charge.text() == "132.00" and form.lines.sum_units.text() == "3"
    assert [row.by_hand for row in (form.lines.rows[0].units, form.lines.rows[0].charge)] == [False, False]
    form.start.setText("1130")
    page.save_and_next()
    assert form.visit.id is None and form.client is None
    with demo_window.desk.read() as s:
        kept = visits.last_visit(s, who)
    assert kept is not None and kept.id != last.id
    assert (kept.date, kept.start, kept.minutes) == (demo_window.desk.today(), 690, 48)
    assert [
        (line.code, line.minutes, line.units, line.charge, line.pointers, line.modifiers) for line in kept.lines
    ] == [(line.code, line.minutes, line.units, line.charge, line.pointers, line.modifiers) for line in last.lines]
    assert (kept.policy_id, kept.referral_id, kept.authorization_id, kept.diagnoses) == (
        last.policy_id, last.referral_id, last.authorization_id, last.diagnoses,
    )  # fmt: skip


@pytest.mark.parametrize(("answer", "note"), [(Leave.SAVE, "Sore"), (Leave.DROP, ""), (Leave.STAY, "Sore")])
def test_escape_asks_once_about_a_session_that_is_typed(
    demo_window: MainWindow, monkeypatch: Any, answer: Leave, note: str
) -> None:
    asked = []
    monkeypatch.setattr(LeaveQuestion, "ask", classmethod(lambda cls, parent, what: asked.append(what) or answer))
    page = demo_window.page_of("sessions")
    demo_window.go("sessions", ("new", client_id(demo_window, "applewhite")))
    page.back()
    assert asked == []
    page.open(("new", client_id(demo_window, "applewhite")))
    page.form.same_as_last()
    page.form.note.setText("Sore")
    page.header.findChild(Button).click()
    assert asked == ["session"] and page.form.note.text() == note
    assert (page.form.visit.id is not None) is (answer is Leave.SAVE)
    assert page.form.changed is (answer is Leave.STAY)
    if answer is Leave.SAVE:
        page.form.note.setText("Better")
        page.back()
        assert len(asked) == 2
        with demo_window.desk.read() as s:
            assert visits.visit(s, page.form.visit.id).note == page.form.note.text() == "Better"


def test_new_from_a_client_is_for_that_client(demo_window: MainWindow, qtbot: Any) -> None:
    who = client_id(demo_window, "vasquez")
    actions = {action.text(): action for menu in demo_window.menus.actions() for action in menu.menu().actions()}
    demo_window.go("clients", who)
    actions["New session"].trigger()
    assert demo_window.page().key == "sessions" and demo_window.page().form.client.id == who
    actions["New session"].trigger()
    assert demo_window.page().form.client is None
    demo_window.go("clients", who)
    actions["New superbill"].trigger()
    assert demo_window.page().key == "superbills" and demo_window.page().builder.client.id == who


def test_units_and_charges_follow_until_typed_over(demo_window: MainWindow) -> None:
    demo_window.go("sessions", ("new", client_id(demo_window, "vasquez")))
    grid = demo_window.page().form.lines
    row = grid.rows[0]
    for cell, text in ((row.code, "97140"), (row.minutes, "60")):
        cell.setText(text)
        cell.textEdited.emit(text)
    assert (row.units.text(), row.charge.text(), row.words.text()) == ("4", "176.00", "manual therapy")
    row.minutes.setText("7")
    row.minutes.textEdited.emit("7")
    assert row.units.text() == "0"
    row.charge.setText("50")
    row.charge.textEdited.emit("50")
    row.minutes.setText("30")
    row.minutes.textEdited.emit("30")
    assert (row.units.text(), row.charge.text(), grid.charge()) == ("2", "50", 5000)
    row.charge.setText("")
    row.charge.textEdited.emit("")
    assert row.charge.text() == "88.00"
    row.minutes.setText("soon")
    row.minutes.textEdited.emit("soon")
    with pytest.raises(InputError, match="Line 1"):
        grid.lines()


def test_equal_remainders_are_left_to_the_therapist(demo_window: MainWindow) -> None:
    demo_window.go("sessions", ("new", client_id(demo_window, "vasquez")))
    form = demo_window.page().form
    for at, (code, minutes) in enumerate((("97140", "11"), ("97124", "11"))):
        row = form.lines.rows[at]
        row.code.setText(code)
        row.code.textEdited.emit(code)
        row.minutes.setText(minutes)
        row.minutes.textEdited.emit(minutes)
    assert form.lines.tie and form.warn_note.isVisible() and "equal" in form.warning.text()
    assert form.lines.sum_units.text() == "1"


def test_a_session_that_is_not_whole_is_not_kept(demo_window: MainWindow) -> None:
    page = demo_window.page_of("sessions")
    demo_window.go("sessions", "new")
    with demo_window.desk.read() as s:
        before = visits.count(s)
    for mend, told in (
        (lambda: None, "no client"),
        (lambda: page.form.take_client(client_id(demo_window, "marsh")), "no service line"),
        (lambda: page.form.date.setText("31/31"), "Not a date"),
    ):
        mend()
        page.save()
        assert told in demo_window.messages.text()
    assert page.form.date.text() == "31/31"
    with demo_window.desk.read() as s:
        assert visits.count(s) == before


def test_place_and_the_words_of_an_unlisted_code_are_kept(demo_window: MainWindow) -> None:
    who = client_id(demo_window, "applewhite")
    page = demo_window.page_of("sessions")
    demo_window.go("sessions", ("new", who))
    page.form.same_as_last()
    row = page.form.lines.rows[2]
    assert not row.note.isVisible()
    for cell, text in ((row.code, "97139"), (row.note, "CUPPING"), (row.minutes, "10")):
        cell.setText(text)
        cell.textEdited.emit(text)
    assert row.note.isVisible() and not row.words.isVisible()
    page.form.place.setCurrentIndex(page.form.place.findData("12"))
    page.save()
    with demo_window.desk.read() as s:
        kept = visits.last_visit(s, who)
    assert kept is not None
    assert [(line.place, line.note) for line in kept.lines] == [("12", ""), ("12", ""), ("12", "CUPPING")]
    mixed = replace(kept, lines=(replace(kept.lines[0], place="11"), *kept.lines[1:]))
    with demo_window.desk.write("Mix") as s:
        visits.save_visit(s, mixed)
    page.form.load(mixed)
    assert page.form.place.currentText() == "as on each line" and page.form.draft() == mixed


def test_codes_are_found_by_words_and_by_number(demo_window: MainWindow) -> None:
    demo_window.go("sessions", ("new", client_id(demo_window, "marsh")))
    grid = demo_window.page().form.lines
    assert [hit.title for hit in grid._find_fee("massage")] == ["97124"]
    assert {hit.title for hit in grid._find_fee("9711")} == {"97112", "97110"}
    assert grid._find_fee("97124") == []
    grid._take_fee(grid.rows[0], grid._find_fee("massage")[0])
    assert grid.rows[0].code.text() == "97124" and grid.rows[0].pointers.text()
    assert len(grid.rows) == 2


def test_diagnoses_are_found_by_words(demo_window: MainWindow, qtbot: Any) -> None:
    page = demo_window.page_of("sessions")
    demo_window.go("sessions", ("new", client_id(demo_window, "vasquez")))
    demo_window.activateWindow()
    qtbot.waitUntil(demo_window.isActiveWindow)
    field = page.form.diagnoses
    field.clear()
    field.setFocus()
    icd10.close()
    qtbot.keyClicks(field, "cervicalgia")
    assert field.is_open
    assert (field.hits()[0].title, field.hits()[0].second) == ("M54.2", "Cervicalgia")
    bottom = field._frame.geometry().bottom()
    assert field._frame.y() >= 0 and bottom <= demo_window.height()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert not field.is_open and field.value() == ("M54.2",)
    qtbot.keyClicks(field, " M54.59 low back pa")
    assert field.hits()[0].title.startswith("M54.5")
    qtbot.keyClick(field, Qt.Key.Key_Down)
    second = field.hits()[1].title
    qtbot.keyClick(field, Qt.Key.Key_Enter)
    assert field.value() == ("M54.2", "M54.59", second) and page.form.draft().diagnoses == field.value()
    qtbot.keyClicks(field, " zzzz")
    assert not field.is_open
    field.setText("")
    qtbot.keyClicks(field, "neck")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not field.is_open and field.text() == "neck"
    field.clear()
    qtbot.keyClicks(field, "M54.2")
    assert not field.is_open


def test_diagnoses_wait_for_the_search_file(demo_window: MainWindow, qtbot: Any) -> None:
    demo_window.activateWindow()
    qtbot.waitUntil(demo_window.isActiveWindow)
    waiting: list[Any] = []
    demo_window.desk.run_task = lambda work, *, done, failed: waiting.append((work, done, failed))
    page = demo_window.page_of("clients")
    demo_window.go("clients", client_id(demo_window, "vasquez"))
    page.show_part("referral")
    page.editor("referral").begin_new()
    field = page.editor("referral").form.editor("diagnoses")
    field.setFocus()
    icd10.close()
    waiting.clear()
    qtbot.keyClicks(field, "cervical")
    assert len(waiting) == 1 and not field.is_open and not icd10.is_open()
    work, done, failed = waiting[0]
    failed(InputError("No space.", "Free some."))
    assert "No space." in demo_window.messages.text()
    done(work())
    assert field.is_open
    first = field.hits()[0].title
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert page.editor("referral").form.draft().diagnoses == (first,)


def test_lines_are_repeated_and_dropped(demo_window: MainWindow, qtbot: Any) -> None:
    with qtbot.waitActive(demo_window):
        demo_window.activateWindow()
    demo_window.go("sessions", ("new", client_id(demo_window, "applewhite")))
    grid = demo_window.page().form.lines
    demo_window.page().form.same_as_last()
    grid.rows[2].code.setFocus()
    assert QApplication.focusWidget() is grid.rows[2].code
    qtbot.keyClick(grid.rows[2].code, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert [row.code.text() for row in grid.rows] == ["97140", "97112", "97112", ""]
    grid.rows[0].code.setFocus()
    grid.drop_line()
    assert [row.code.text() for row in grid.rows if row.used] == ["97112", "97112"]
    assert grid.sum_units.text() == "3"


def test_a_kept_session_opens_as_it_was(demo_window: MainWindow) -> None:
    page = demo_window.page_of("sessions")
    demo_window.go("sessions")
    for line in page.list.rows_model.rows[:8]:
        page._choose(line.id)
        with demo_window.desk.read() as s:
            kept = visits.visit(s, line.id)
        assert page.form.draft() == kept
        assert not page.form.changed and page.form.visit == kept


# Claims


def test_claims_are_built_from_what_is_ticked(demo_window: MainWindow) -> None:
    page = demo_window.page_of("claims")
    demo_window.go("claims", "build")
    builder = page.builder
    everything = len(builder.plans())
    mine = [row for row in builder._found.rows if row.client.startswith("Quill")]
    builder.table.rows_model.ticked = {row.id for row in mine}
    builder._show_plans()
    assert 0 < len(builder.plans()) < everything and len(mine) > 0
    builder.build()
    with demo_window.desk.read() as s:
        (made,) = claims.lines(s)
    assert made.client.startswith("Quill") and made.status is ClaimStatus.DRAFT
    assert page.stack.currentWidget() is page.view
    demo_window.undo()
    with demo_window.desk.read() as s:
        assert claims.count(s) == 0


def test_a_claim_goes_through_its_states(demo_window: MainWindow) -> None:
    view = build(demo_window, "applewhite")
    claim = view.open.bundle.claim
    assert ClaimStatus.PRINTED not in view._moves()
    view.set_status(ClaimStatus.READY)
    assert view.open.bundle.claim.status is ClaimStatus.READY
    assert view.header.chips.itemAt(0).widget().text() == "Ready to print"
    view.set_status(ClaimStatus.VOID)
    with demo_window.desk.read() as s:
        assert claims.claim(s, claim.id).status is ClaimStatus.VOID
        assert visits.unbilled(s, claim.client_id)
    assert not view.print_button.isEnabled() and not view.status_button.isVisible()


def test_a_blocked_claim_is_not_issued_and_leads_to_its_box(demo_window: MainWindow) -> None:
    with demo_window.desk.write("Spoil") as s:
        kept = practice.practice(s)
        practice.save_practice(s, type(kept)(**{**vars(kept), "npi": ""}))
    view = build(demo_window, "applewhite")
    assert view.print_button.gate and view.open.problems[0].severity == "block"
    item = view.open.problems[0].item
    view.save_pdf()
    assert demo_window.messages.text() == view.open.problems[0].message
    assert view.sheet.current is not None and view.sheet.current.item == item
    with demo_window.desk.read() as s:
        assert claims.claim(s, view.open.bundle.claim.id).issued is None
    assert demo_window.messages.problems.isVisible()


def test_the_inspector_leads_to_the_source(demo_window: MainWindow) -> None:
    view = build(demo_window, "applewhite")
    view.sheet.choose_item("17b")
    assert view.inspector.name.text() == "Referring provider's NPI" and view.inspector.why.text()
    view.inspector.source.click()
    assert demo_window.page().key == "clients"
    assert demo_window.page().stack.key == "referral"


def test_the_second_form_of_a_claim_is_shown(demo_window: MainWindow) -> None:
    view = build(demo_window, "applewhite")
    assert view.page_words.text() == "Page 1 of 2" and view.later.isVisible()
    first = view.sheet.sheet.marks
    view.later.click()
    assert view.page_words.text() == "Page 2 of 2" and view.sheet.sheet.marks != first


def test_a_problem_of_the_second_form_leads_there(demo_window: MainWindow) -> None:
    view = build(demo_window, "applewhite")
    assert view.show_problem(block("line.x", "Look.", item="24E.8"))
    assert view.page_number == 1 and view.sheet.current.key == "24.2.pointer"
    assert claim_view._on_page(block("line.x", "Look.", item="24E.8"), 0) is None
    assert claim_view._on_page(block("line.x", "Look.", item="24E.8"), 1).item == "24E.2"
    assert claim_view._on_page(block("item.x", "Look.", item="17b"), 1).item == "17b"
    with demo_window.desk.read() as s:
        referral = clients.referrals(s, view.open.bundle.client.id)[0]
    assert not view.show_problem(block("referral.x", "Look.", record=f"referral:{referral.id}", field="npi"))
    assert demo_window.page().key == "clients"


def test_a_form_is_made_larger_and_fits_again(demo_window: MainWindow, qtbot: Any) -> None:
    view = build(demo_window, "applewhite")
    fitted = view.sheet.zoom
    assert 0.9 < fitted <= 1.0
    qtbot.keyClick(view.sheet, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert view.sheet.zoom == pytest.approx(fitted * 1.15)
    view.fit()
    assert view.sheet.zoom == pytest.approx(fitted)


# Superbills


def test_a_superbill_is_made_corrected_and_shown_again(
    demo_window: MainWindow, monkeypatch: Any, tmp_path: Any
) -> None:
    who = client_id(demo_window, "vasquez")
    page = demo_window.page_of("superbills")
    demo_window.go("superbills", ("new", who))
    builder = page.builder
    everyone = builder.chosen()
    assert len(everyone) >= 2 and len(builder.picture.images) >= 1
    builder.table.rows_model.tick(everyone[0], on=False)
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: tmp_path / "a.pdf"))
    builder.save_pdf()
    first = builder.bill
    assert first is not None and first.visit_ids == tuple(everyone[1:])
    assert builder.client_box.isReadOnly() and builder.correct.isVisible()
    builder.correct.click()
    assert builder.bill is None and set(builder.chosen()) == set(first.visit_ids)
    builder.table.rows_model.tick(everyone[0], on=True)
    builder.save_pdf()
    second = builder.bill
    assert second is not None
    assert (second.number, second.version, second.replaces_id) == (first.number, 2, first.id)
    before = (tmp_path / "a.pdf").read_bytes()
    demo_window.go("superbills", second.id)
    builder.save_pdf()
    assert (tmp_path / "a.pdf").read_bytes() == before
    page.back()
    assert page.table.rows_model.rowCount() == 2
    with demo_window.desk.read() as s:
        assert len(superbills.superbills_of(s, who)) == 2


@pytest.mark.parametrize(("accepts", "told"), [(True, True), (False, False)])
def test_a_session_on_an_issued_claim_is_told(demo_window: MainWindow, accepts: bool, told: bool) -> None:
    who = client_id(demo_window, "applewhite")
    view = build(demo_window, "applewhite")
    claim = view.open.bundle.claim
    on_claim = {visit.id for visit in view.open.bundle.visits}

    def said() -> list[str]:
        demo_window.go("superbills", ("new", who))
        builder = demo_window.page().builder
        for line in builder._lines:
            builder.table.rows_model.tick(line.id, on=line.id in on_claim)
        builder.show_page()
        assert set(builder.chosen()) == on_claim
        return [problem.message for problem in builder.found if problem.code == "superbill.claimed"]

    assert said() == []
    with demo_window.desk.write("Issue") as s:
        payers.save_payer(s, replace(view.open.bundle.payer, accepts_assignment=accepts))
        paperwork.issue(s, [claim.id], today=claim.built)
    assert bool(said()) is told
    if told:
        (sentence,) = said()
        assert f"on claim {claim.number}, which has the payer pay the clinic: " in sentence
        assert not demo_window.page().builder.print_button.gate
        with demo_window.desk.write("Void") as s:
            claims.set_status(s, claim.id, ClaimStatus.MAILED, on=TODAY)
            claims.void(s, claim.id, on=TODAY)
        assert said() == []


def test_a_claimed_session_is_left_off_asked_about_and_told_of(
    demo_window: MainWindow, monkeypatch: Any, tmp_path: Any
) -> None:
    who = client_id(demo_window, "applewhite")
    view = build(demo_window, "applewhite")
    on_claim = {visit.id for visit in view.open.bundle.visits}
    with demo_window.desk.write("Issue") as s:
        payers.save_payer(s, replace(view.open.bundle.payer, accepts_assignment=True))
        paperwork.issue(s, [view.open.bundle.claim.id], today=view.open.bundle.claim.built)
    demo_window.go("superbills", ("new", who))
    builder = demo_window.page().builder
    assert not on_claim & set(builder.chosen()) and f"{len(on_claim)} session" in builder._left_off()
    asked: list[str] = []
    answers = iter([False, True])
    monkeypatch.setattr(Confirm, "ask", classmethod(lambda cls, parent, *said: asked.append(said[2]) or next(answers)))
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: tmp_path / "a.pdf"))
    for visit_id in on_claim:
        builder.table.rows_model.tick(visit_id, on=True)
    builder.show_page()
    builder.save_pdf()
    assert builder.bill is None and not on_claim & set(builder.chosen()) and not (tmp_path / "a.pdf").exists()
    for visit_id in on_claim:
        builder.table.rows_model.tick(visit_id, on=True)
    builder.show_page()
    builder.save_pdf()
    assert builder.bill is not None and on_claim <= set(builder.bill.visit_ids)
    assert asked == ["Make it all the same"] * 2
    assert "superbill.claimed" in {problem.code for problem in builder.found}
    builder.save_pdf()
    assert len(asked) == 2


def test_a_superbill_is_printed(demo_window: MainWindow, monkeypatch: Any, tmp_path: Any) -> None:
    target = tmp_path / "printed.pdf"

    def ask(parent: Any, printer: Any) -> bool:
        printer.setOutputFileName(str(target))
        return True

    monkeypatch.setattr(printing.PrinterQuestion, "ask", staticmethod(ask))
    demo_window.go("superbills", ("new", client_id(demo_window, "vasquez")))
    builder = demo_window.page().builder
    demo_window.page().print_out()
    assert builder.bill is not None and demo_window.messages.text() == f"Superbill {builder.bill.number} printed."
    (page,) = printing.page_images(target.read_bytes(), 72)
    assert (page.width(), page.height()) == (612, 792)


def test_nothing_chosen_makes_no_superbill(demo_window: MainWindow, monkeypatch: Any, tmp_path: Any) -> None:
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: tmp_path / "a.pdf"))
    demo_window.go("superbills", "new")
    demo_window.page().builder.save_pdf()
    assert "Choose a client" in demo_window.messages.text() and not (tmp_path / "a.pdf").exists()


# Settings


def test_fees_are_kept_and_a_wrong_price_is_not(window: MainWindow) -> None:
    page = window.page_of("settings")
    window.go("settings", "fees")
    fees = page.editor("fees")
    fees.add.click()
    row = fees.rows[0]
    row.code.setText("97140")
    row.amount.setText("thirty")
    page.save()
    assert "Not an amount" in window.messages.text() and row.amount.text() == "thirty"
    row.amount.setText("36")
    page.save()
    with window.desk.read() as s:
        (kept,) = payers.fee_schedules(s)
    assert [(fee.code, fee.amount) for fee in kept.fees] == [("97140", 3600)]
    fees.begin_new()
    fees.valid_from.setText("01/01/2027")
    fees.rows[0].amount.setText("40")
    page.save()
    with window.desk.read() as s:
        both = payers.fee_schedules(s)
    assert sorted((one.valid_from or dt.date.min, one.fees[0].amount) for one in both) == [
        (dt.date.min, 3600), (dt.date(2027, 1, 1), 4000),
    ]  # fmt: skip


def test_leaving_changed_fees_drops_them(window: MainWindow) -> None:
    page = window.page_of("settings")
    window.go("settings", "fees")
    fees = page.editor("fees")
    fees.add.click()
    fees.rows[-1].code.setText("97140")
    assert fees.changed and page.header.state.text() == "Changed"
    page.show_group("practice")
    assert page.stack.key == "practice" and not fees.changed


def test_a_tax_id_is_checked_by_its_kind(window: MainWindow) -> None:
    page = window.page_of("settings")
    window.go("settings", "practice")
    form = page.editor("practice").form
    form.editor("tax_id").setText("12-34567")
    page.save()
    assert "nine digits" in form._places["tax_id"].note.text()
    form.editor("tax_id").setText("12-3456789")
    form.editor("state").setText("or")
    page.save()
    with window.desk.read() as s:
        kept = practice.practice(s)
    assert (kept.tax_id, kept.state) == ("12-3456789", "OR")


def test_a_payer_and_its_habits_are_kept(window: MainWindow) -> None:
    page = window.page_of("payers")
    window.go("payers")
    form = page.form.form
    form.editor("name").setText("Bluebird Health")
    form.editor("gp_modifier").setChecked(True)
    assert form.editor("unit_rule").currentText() == "not chosen yet"
    form.editor("unit_rule").setCurrentIndex(2)
    page.save()
    with window.desk.read() as s:
        (kept,) = payers.payers(s)
    assert kept == Payer(id=kept.id, name="Bluebird Health", gp_modifier=True, unit_rule=kept.unit_rule)
    assert kept.unit_rule == "ama"
