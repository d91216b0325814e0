"""Mail drafts, and a month of superbills for all clients: what is written is read back."""

from __future__ import annotations

import email
import email.policy
import io
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from app import handover, paperwork
from app.store import clients, practice, superbills
from app.ui import superbill_builder, superbill_month
from app.ui.dialogs import Files
from app.ui.main_window import MainWindow
from app.ui.superbill_month import SuperbillMonth


@pytest.fixture
def month(demo_window: MainWindow) -> SuperbillMonth:
    """The page of the month, on a month in which several clients came."""
    demo_window.go("superbills", "month")
    made = demo_window.page_of("superbills").month  # type: ignore[attr-defined]
    assert isinstance(made, SuperbillMonth)
    while len(made._rows) < 3:
        made.earlier.click()
    for line in made._rows:
        made.table.rows_model.tick(line.id, on=True)
    return made


def _text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def _choose(month: SuperbillMonth, how: str) -> None:
    month.delivery.setCurrentIndex(month.delivery.findData(how))


def test_one_pdf_holds_all_superbills(
    month: SuperbillMonth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demo_window: MainWindow
) -> None:
    place = tmp_path / "all.pdf"
    monkeypatch.setattr(Files, "ask_save", lambda *_: place)
    chosen = month.chosen()
    month.make()
    bills = [outcome.bill for outcome in month._outcomes.values() if outcome.bill]
    assert len(month._outcomes) == len(chosen)
    assert bills
    text = _text(place.read_bytes())
    assert all(bill.number in text for bill in bills)
    assert str(len(bills)) in demo_window.messages.text()
    with demo_window.desk.read() as s:
        assert {bill.id for bill in bills} == {line.id for line in superbills.lines(s)}
        still = {visit_id for one in superbills.not_billed(s, month.first, demo_window.desk.today())
                 for visit_id in one.visit_ids}  # fmt: skip
    assert not still & {visit_id for bill in bills for visit_id in bill.visit_ids}
    assert not {line.id for line in month.chosen()} & {bill.client_id for bill in bills}


def test_what_one_client_lacks_stops_no_other(
    month: SuperbillMonth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demo_window: MainWindow
) -> None:
    monkeypatch.setattr(superbill_month.FolderQuestion, "ask", lambda *_: tmp_path)
    make = paperwork.make_superbill
    first = month.chosen()[0].id

    def one_fails(clinic: object, client_id: int, *rest: object, **more: object) -> object:
        if client_id == first:
            raise paperwork.NotReadyError("S1", [])
        return make(clinic, client_id, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(paperwork, "make_superbill", one_fails)
    _choose(month, "each")
    month.make()
    bills = [outcome.bill for outcome in month._outcomes.values() if outcome.bill]
    assert month._outcomes[first].told
    assert sorted(path.name for path in tmp_path.glob("superbill*")) == sorted(
        f"superbill {b.number}.pdf" for b in bills
    )
    assert "1 lacks something" in demo_window.messages.text()
    assert [line.id for line in month.chosen()] == [first]


def test_mail_drafts_go_into_a_folder(month: SuperbillMonth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(superbill_month.FolderQuestion, "ask", lambda *_: tmp_path)
    _choose(month, "mail")
    month.make()
    drafts = [email.message_from_bytes(path.read_bytes()) for path in tmp_path.glob("*.eml")]
    assert len(drafts) == sum(outcome.bill is not None for outcome in month._outcomes.values()) > 0
    assert {draft["X-Unsent"] for draft in drafts} == {"1"}


def test_nothing_is_made_when_the_question_is_cancelled(month: SuperbillMonth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(superbill_month.FolderQuestion, "ask", lambda *_: None)
    monkeypatch.setattr(Files, "ask_save", lambda *_: None)
    for how in ("one", "each", "mail"):
        _choose(month, how)
        month.make()
    assert not month._outcomes


def _waiting(window: MainWindow) -> superbills.ClientSessions:
    """A client with sessions on no superbill."""
    today = window.desk.today()
    with window.desk.read() as s:
        return superbills.not_billed(s, today.replace(year=today.year - 3), today)[0]


def test_a_draft_opens_with_the_superbill_attached(
    demo_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(superbill_builder, "open_in_mail_program", opened.append)
    monkeypatch.setattr(Files, "ask_save", lambda *_: tmp_path / "draft.eml")
    demo_window.go("superbills", ("new", _waiting(demo_window).client_id))
    builder = demo_window.page_of("superbills").builder  # type: ignore[attr-defined]
    builder.mail()
    assert opened == [tmp_path / "draft.eml"]
    draft = email.message_from_bytes(opened[0].read_bytes(), policy=email.policy.SMTP)
    (attached,) = draft.iter_attachments()
    assert attached.get_filename() == f"superbill {builder.bill.number}.pdf"
    assert builder.bill.number in _text(attached.get_content())


def test_an_address_that_is_none_is_left_out(demo_window: MainWindow) -> None:
    row = _waiting(demo_window)
    with demo_window.desk.read() as s:
        who, desk = clients.client(s, row.client_id), practice.practice(s)
    bill = paperwork.make_superbill(
        demo_window.desk.clinic, row.client_id, row.visit_ids[:1], today=demo_window.desk.today()
    )
    for address, told in (("quill@example.org", "quill@example.org"), ("x", None), ("a@b.c\r\nBcc: d@e.f", None)):
        draft = email.message_from_bytes(
            handover.mail_draft(bill, replace(who, email=address), replace(desk, name="Quiet\r\nRiver")),
            policy=email.policy.SMTP,
        )
        assert draft["To"] == told
        assert draft["Bcc"] is None
        assert draft["Subject"] == "Your statement from Quiet River"
        body = draft.get_body()
        assert body is not None
        assert who.last_name not in body.get_content()
