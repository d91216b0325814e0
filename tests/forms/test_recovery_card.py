"""The recovery card: the code in groups, and what to do, on one sheet."""

from __future__ import annotations

import datetime as dt
import io

from pypdf import PdfReader

from app.forms import recovery_card

TODAY = dt.date(2026, 11, 21)


def test_the_card_holds_the_code_and_what_to_do() -> None:
    code = "-".join(f"A{number}BC" for number in range(9))
    document = recovery_card.pdf_bytes(code, "Quiet River.clinic", TODAY)
    (page,) = PdfReader(io.BytesIO(document)).pages
    text = page.extract_text()
    assert all(group in text for group in code.split("-"))
    assert "Quiet River.clinic" in text and "11/21/2026" in text and "Restore a backup" in text
    assert document == recovery_card.pdf_bytes(code, "Quiet River.clinic", TODAY)


def test_a_long_name_is_wrapped_and_whole() -> None:
    name = "A practice with a very long name " * 5
    text = PdfReader(io.BytesIO(recovery_card.pdf_bytes("AAAA", name, TODAY))).pages[0].extract_text()
    assert " ".join(text.split()).count("very long name") == 5
