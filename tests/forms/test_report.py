"""A report without bars or without a value is still a report."""

from __future__ import annotations

import pypdfium2

from app.forms.report import Bars, Head, Table, csv_bytes, pdf_bytes, words_csv

TABLE = Table(
    title="Unbilled work",
    span="2026",
    heads=[Head("Client", "text"), Head("Last session", "date"), Head("Charged", "money")],
    rows=[["Applewhite, Juniper", None, 13200]],
    sums=["Sum", None, 13200],
    bars=Bars("Charged", [], []),
)


def test_a_missing_date_is_an_empty_cell() -> None:
    lines = csv_bytes(TABLE).decode("utf-8-sig").splitlines()
    assert lines == ["Client,Last session,Charged", '"Applewhite, Juniper",,132.00', "Sum,,132.00"]


def test_a_report_without_bars_has_its_rows() -> None:
    with pypdfium2.PdfDocument(pdf_bytes(TABLE, "Quiet River Massage Therapy")) as document:
        text = document[0].get_textpage().get_text_bounded()
    assert "Unbilled work" in text
    assert text.count("132.00") == 2


def test_rows_of_words_are_guarded_like_a_report() -> None:
    written = words_csv(["No.", "User"], [[1, "ann"], [None, "=1+1"]]).decode("utf-8-sig")
    assert written == "No.,User\r\n1,ann\r\n,'=1+1\r\n"
