"""Papers, history and archive on the client's page: what is kept, shown, copied out, and refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication

from app.billing.records import Paper, PaperKind
from app.forms import guarded
from app.store import clients, papers
from app.ui import printing
from app.ui.controls import Button
from app.ui.dialogs import Files, Leave, LeaveQuestion
from app.ui.main_window import MainWindow
from app.ui.papers import PapersEditor
from tests.forms import pdf_factory as factory
from tests.ui.conftest import TODAY
from tests.ui.test_pages import client_id

ORDER = factory.pdf([], drawing=b"0 0 1 rg 0 700 612 92 re f", blanks=1)


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "_run", guarded.answer)
    monkeypatch.setattr(LeaveQuestion, "ask", classmethod(lambda cls, *words: Leave.DROP))


@pytest.fixture
def page(demo_window: MainWindow) -> Any:
    demo_window.go("clients", client_id(demo_window, "app"))
    return demo_window.page()


def offer(monkeypatch: pytest.MonkeyPatch, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    monkeypatch.setattr(Files, "ask_open", staticmethod(lambda *words: path))


def scans(page: Any) -> list[Paper]:
    with page.desk.read() as s:
        return papers.papers(s, page.client.id)


def deed(editor: Any, words: str) -> Button:
    QApplication.processEvents()
    (found,) = [b for b in editor.findChildren(Button) if b.text() == words and not b.isHidden()]
    return found


def test_a_scan_of_a_referral_is_added_shown_and_undone(
    page: Any, demo_window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    offer(monkeypatch, tmp_path / "Order of Dr. Plum.pdf", ORDER)
    page.show_part("referral")
    deed(page.editor("referral"), "Add scan").click()
    (kept,) = scans(page)
    assert (kept.name, kept.kind, kept.added) == ("Order of Dr. Plum", PaperKind.REFERRAL, TODAY)
    assert kept.referral_id == page.editor("referral").record.id and kept.media_type == "application/pdf"
    assert page.stack.key == "paper" and page.tabs["paper"].count == 1
    editor = page.editor("paper")
    assert isinstance(editor, PapersEditor) and editor.paper == kept
    picture = editor.view.picture
    assert isinstance(picture, QImage) and picture.pixelColor(20, 20).blue() == 255 and editor.view.pages == 2
    editor.view.later.click()
    assert editor.view.number == 1 and editor.view.picture.pixelColor(20, 20).red() == 255
    assert editor.view.words.text() == "Page 2 of 2" and not editor.view.later.isEnabled()

    page.show_part("referral")
    deed(page.editor("referral"), "Show scan").click()
    assert page.stack.key == "paper" and editor.paper == kept
    demo_window.undo()
    assert scans(page) == [] and editor.paper is None and editor.view.isHidden() is False
    assert not editor.form.isVisible() and not editor.shown.isVisible()
    demo_window.redo()
    assert scans(page) == [kept]


def test_a_scan_is_renamed_removed_and_brought_back(page: Any, demo_window: MainWindow) -> None:
    with page.desk.write("Add") as s:
        kept = papers.add(s, Paper(client_id=page.client.id, name="Card", kind=PaperKind.CARD), ORDER)
    page.show_part("paper")
    editor = page.editor("paper")
    editor.form.editor("name").setText("Card, front")
    page.save()
    assert scans(page) == [replace(kept, name="Card, front")]
    editor.remove.click()
    assert scans(page) == []
    demo_window.undo()
    assert scans(page) == [replace(kept, name="Card, front")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"GIF89a", "no scan that can be kept"), (b"%PDF-1.7 broken", "cannot be read"), (b"", "empty")],
)
def test_what_cannot_be_read_is_refused(
    page: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, sentence: str
) -> None:
    offer(monkeypatch, tmp_path / "scan.pdf", content)
    page.add_scan()
    assert scans(page) == [] and sentence in page.window().messages.text()


def test_a_scan_is_copied_out_and_printed(
    page: Any, demo_window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page.show_part("paper")
    page.save_pdf()
    assert "no scan to save" in demo_window.messages.text()
    page.print_out()
    assert "no scan to print" in demo_window.messages.text()
    with page.desk.write("Add") as s:
        papers.add(s, Paper(client_id=page.client.id, name="Order"), ORDER)
    copy, sheet = tmp_path / "copy.pdf", tmp_path / "sheet.pdf"
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: copy))
    page.save_pdf()
    assert copy.read_bytes() == ORDER and "not encrypted" in demo_window.messages.text()

    def ask(parent: Any, printer: QPrinter) -> bool:
        printer.setOutputFileName(str(sheet))
        return True

    monkeypatch.setattr(printing.PrinterQuestion, "ask", staticmethod(ask))
    page.print_out()
    first, second = printing.page_images(sheet.read_bytes(), 36)
    assert first.pixelColor(150, 20).blue() > 200 > first.pixelColor(150, 20).red()
    assert second.pixelColor(150, 20).red() == 255 and "Order printed, 2 pages" in demo_window.messages.text()
    kinds = [(event.kind, event.table) for event in page.desk.clinic.audit_events(limit=4)]
    assert ("print", "paper") in kinds and ("export", "paper") in kinds


def test_content_that_is_lost_is_said_in_its_place(page: Any) -> None:
    with page.desk.write("Add") as s:
        kept = papers.add(s, Paper(client_id=page.client.id, name="Order"), ORDER)
        papers.save(s, kept)
        papers.sweep(s)
    with page.desk.write("Lose") as s:
        from sqlalchemy import text

        s.execute(text("DELETE FROM paper_content"))
        papers.save(s, replace(kept, name="Lost"))
    page.show_part("paper")
    view = page.editor("paper").view
    assert view.picture is None and "is lost" in view.told and view.accessibleDescription() == view.told


def test_the_history_says_who_changed_what(page: Any) -> None:
    page.show_part("person")
    page.editor("person").form.editor("city").setText("Eugene")
    page.save()
    page.show_part("history")
    line = page.stack.part("history").table.rows_model.rows[0]
    assert (line.who, line.deed, line.record) == ("owner", "Save client", "client")
    assert (line.field, line.before, line.after) == ("City", "Springfield", "Eugene")
    told = {(each.record, each.field): each.after for each in page.stack.part("history").table.rows_model.rows}
    assert told["referral", "Written"].count("/") == 2 and told["policy", "Payer"] == "Bluebird Health Plan"
    assert told["policy", "Copay a session"] == "25.00" and told["referral", "Diagnoses (ICD-10)"].startswith("M54.2")


def test_a_client_with_sessions_is_archived_and_found_again(page: Any, demo_window: MainWindow) -> None:
    assert [a.text() for a in page.more_menu().actions() if a.text()] == ["Add scan", "Archive client"]
    who = page.client.id
    page.archive(archived=True)
    assert page.list.rows_model.row_of(who) == -1 and page.client.archived
    page.archived.setChecked(True)
    assert page.list.rows_model.row_of(who) >= 0
    demo_window.undo()
    with page.desk.read() as s:
        assert not clients.client(s, who).archived
    page.archive(archived=True)
    page.archive(archived=False)
    assert not page.client.archived


def test_one_entered_by_mistake_is_deleted_with_their_coverage_and_comes_back(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.billing.records import Client, Payer, Policy, Referral
    from app.store import payers

    with window.desk.write("Add") as s:
        who = clients.save_client(s, Client(last_name="Marsh")).id or 0
        payer = payers.save_payer(s, Payer(name="Bluebird"))
        policy = clients.save_policy(s, Policy(client_id=who, payer_id=payer.id or 0))
        referral = clients.save_referral(s, Referral(client_id=who, last_name="Plum"))
        papers.add(s, Paper(client_id=who, referral_id=referral.id), ORDER)
    window.go("clients", who)
    page: Any = window.page()
    assert [a.text() for a in page.more_menu().actions() if a.text()][-1] == "Delete client"
    page.delete()
    assert page.client is None and "is deleted" in window.messages.text()
    window.undo()
    with window.desk.read() as s:
        assert clients.policies(s, who) == [policy] and clients.referrals(s, who) == [referral]
        assert papers.count(s, who) == 1


def test_the_superbills_lead_to_the_paper(page: Any, demo_window: MainWindow) -> None:
    from app import paperwork
    from app.store import visits

    with page.desk.read() as s:
        done = [v.id or 0 for v in visits.visits_of(s, page.client.id)][:1]
    bill = paperwork.make_superbill(page.desk.clinic, page.client.id, done, today=TODAY)
    assert page.tabs["superbills"].count == 1
    page.show_part("superbills")
    page.bills.opened.emit(page.bills.rows_model.rows[0])
    assert demo_window.page().key == "superbills"
    assert demo_window.page_of("superbills").builder.bill == bill
