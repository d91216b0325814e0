"""Scans lie inside the encrypted file, once for equal content, and come back when their removal is undone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from app.billing.records import Client, Paper, PaperKind, Referral
from app.errors import ClinicError, InputError
from app.store import clients, history, papers, portable
from app.store.clinic import ClinicFile
from tests.store.conftest import PASSWORD

PDF, PNG = b"%PDF-1.7 an order", b"\x89PNG\r\n\x1a\n a card"


def _client(clinic: ClinicFile) -> int:
    with clinic.write("Add") as s:
        return clients.save_client(s, Client(last_name="Quill")).id or 0


def _contents(clinic: ClinicFile) -> list[bytes]:
    with clinic.read() as s:
        return list(s.scalars(text("SELECT content FROM paper_content ORDER BY id")))


def test_a_scan_is_kept_with_what_it_is(clinic: ClinicFile) -> None:
    who = _client(clinic)
    with clinic.write("Add scan") as s:
        order = clients.save_referral(s, Referral(client_id=who, last_name="Plum"))
        kept = papers.add(s, Paper(client_id=who, referral_id=order.id, name="Order", kind=PaperKind.REFERRAL), PDF)
        other = papers.add(s, Paper(client_id=who, name="Twice"), PDF)
        card = papers.add(s, Paper(client_id=who, name="Card", kind=PaperKind.CARD), PNG)
    assert (kept.media_type, kept.size, len(kept.sha256)) == ("application/pdf", len(PDF), 64)
    assert card.media_type == "image/png"
    with clinic.read() as s:
        assert papers.papers(s, who) == [card, other, kept] and papers.count(s, who) == 3
        assert papers.content(s, kept.sha256) == PDF and papers.total(s) == len(PDF) + len(PNG)
    assert _contents(clinic) == [PDF, PNG]
    with pytest.raises(ClinicError, match="other records refer"), clinic.write("Drop") as s:
        clients.remove_referral(s, order.id or 0)
    with clinic.write("Rename") as s:
        papers.save(s, replace(kept, name="Order of Dr. Plum", sha256="", size=0))
    with clinic.read() as s:
        assert papers.paper(s, kept.id or 0) == replace(kept, name="Order of Dr. Plum")


def test_undo_takes_the_scan_and_redo_brings_it_with_its_content(clinic: ClinicFile) -> None:
    who = _client(clinic)
    with clinic.write("Add scan") as s:
        kept = papers.add(s, Paper(client_id=who, name="Order"), PDF)
    clinic.undo()
    with clinic.read() as s:
        assert papers.papers(s, who) == []
    clinic.redo()
    with clinic.read() as s:
        assert papers.papers(s, who) == [kept] and papers.content(s, kept.sha256) == PDF
    with clinic.write("Remove scan") as s:
        papers.remove(s, kept.id or 0)
    clinic.undo()
    with clinic.read() as s:
        assert papers.content(s, papers.paper(s, kept.id or 0).sha256) == PDF
        told = [edit.label for edit in history.history(s, "paper", kept.id or 0)]
    assert told == ["Undo Remove scan", "Remove scan", "Redo Add scan", "Undo Add scan", "Add scan"]


def test_what_undo_cannot_reach_is_forgotten_when_the_clinic_is_opened(clinic: ClinicFile) -> None:
    who = _client(clinic)
    with clinic.write("Add") as s:
        gone = papers.add(s, Paper(client_id=who), PDF)
        papers.add(s, Paper(client_id=who), PNG)
    with clinic.write("Remove") as s:
        papers.remove(s, gone.id or 0)
    assert _contents(clinic) == [PDF, PNG]
    clinic.close()
    with ClinicFile.open(clinic.path, password=PASSWORD) as again:
        assert _contents(again) == [PNG]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"GIF89a", "no scan that can be kept"),
        (b"MZ" + PDF, "no scan that can be kept"),
        (PDF + bytes(papers.MOST_BYTES), "larger than 20 MB"),
    ],
)
def test_what_is_no_scan_is_refused_and_nothing_kept(clinic: ClinicFile, content: bytes, sentence: str) -> None:
    who = _client(clinic)
    with pytest.raises(InputError, match=sentence), clinic.write("Add") as s:
        papers.add(s, Paper(client_id=who), content)
    assert _contents(clinic) == []


@pytest.mark.parametrize("beginning", [b"\xff\xd8\xff\xe0", b"II*\0", b"MM\0*"])
def test_pictures_of_scanners_and_phones_are_known(beginning: bytes) -> None:
    assert papers.media_type(beginning + b"more").startswith("image/")


def test_content_that_is_not_as_it_was_is_said(clinic: ClinicFile) -> None:
    who = _client(clinic)
    with clinic.write("Add") as s:
        kept = papers.add(s, Paper(client_id=who), PDF)
        s.execute(text("UPDATE paper_content SET content = x'00'"))
    with clinic.read() as s, pytest.raises(ClinicError, match="is lost"):
        papers.content(s, kept.sha256)


def test_too_many_scans_for_a_json_file_move_by_a_backup(clinic: ClinicFile, monkeypatch: pytest.MonkeyPatch) -> None:
    who = _client(clinic)
    with clinic.write("Add") as s:
        papers.add(s, Paper(client_id=who), PDF)
    monkeypatch.setattr(portable, "MOST_SCANNED", len(PDF) - 1)
    with clinic.read() as s, pytest.raises(ClinicError, match="too many"):
        portable.export_clinic(s)
