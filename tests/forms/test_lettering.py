"""Capitals without accents, and the style of each kind of box."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.forms import lettering


@pytest.mark.parametrize(
    ("text", "printed", "changed"),
    [
        ("Đào Nguyễn", "DAO NGUYEN", [("Đ", "D"), ("à", "A"), ("ễ", "E")]),
        ("Łukasz", "LUKASZ", [("Ł", "L")]),
        ("Groß", "GROSS", [("ß", "SS")]),
        ("Müller", "MULLER", [("ü", "U")]),
        ("Mu\u0308ller", "MULLER", [("ü", "U")]),
        ("Åse Ørsted", "ASE ORSTED", [("Å", "A"), ("Ø", "O")]),
        ("Ǿ", "O", [("Ǿ", "O")]),
        ("O’Brien – Roe", "O'BRIEN - ROE", []),
        ("Ann\u00a0Roe", "ANN ROE", []),
        ("Ann\u200bRoe", "ANNROE", []),
        ("ﬁne", "FINE", [("ﬁ", "FI")]),
        ("ı", "I", [("ı", "I")]),
    ],
)
def test_spelling(text: str, printed: str, changed: list[tuple[str, str]]) -> None:
    assert lettering.spell(text) == (printed, changed, [])


@pytest.mark.parametrize(
    "text", ["陳大文", "Ελένη", "Іван", "🙂", "a\nb", "a\tb", "\ud800", "é\x07", "חנה", "12½", "①"]
)
def test_what_has_no_latin_spelling_is_named(text: str) -> None:
    unknown = lettering.spell(text).unknown
    assert unknown
    assert set(unknown) <= set(text)


def test_signs_in_messages() -> None:
    assert lettering.visible("陳") == "陳 (U+9673)"
    assert lettering.visible("\n") == "U+000A"


@pytest.mark.parametrize(
    ("kind", "text", "printed"),
    [
        ("name", "O'BRIEN-ROE, ANN, J.", "OBRIEN-ROE, ANN, J"),
        ("person", "ANN B. ROE, M.D.", "ANN B ROE MD"),
        ("person", "ROE,ANN", "ROE ANN"),
        ("address", "12 N. MAIN ST., #4-B", "12 N MAIN ST 4-B"),
        ("address", "APT#4", "APT 4"),
        ("address", "ST. MARY'S (REAR)", "ST MARYS REAR"),
        ("address", "12 1/2 OAK ST", "12 1/2 OAK ST"),
        ("address", "C/O ROE", "C O ROE"),
        ("address", "HANDS & HEART", "HANDS & HEART"),
        ("address", "SEATTLE, WA 981011234", "SEATTLE WA 98101-1234"),
        ("address", "SEATTLE WA 98101 1234", "SEATTLE WA 98101-1234"),
        ("zip", "981011234", "98101-1234"),
        ("zip", "98101 1234", "98101-1234"),
        ("zip", "98101", "98101"),
        ("zip", " V6B 1A1", "V6B 1A1"),
        ("id", "ABC-123 456", "ABC123456"),
        ("npi", "123-456 7893", "1234567893"),
        ("digits", "(555) 01-23", "5550123"),
        ("icd", "M54.2", "M542"),
        ("pointer", "A, B", "AB"),
        ("text", "  PLAN 1 ", "PLAN 1"),
        ("free", "  ZZ TEXT ", "  ZZ TEXT"),
        ("units", " 4 ", "4"),
    ],
)
def test_styles(kind: str, text: str, printed: str) -> None:
    assert lettering.STYLES[kind](text) == printed


@given(st.sampled_from(sorted(lettering.STYLES)), st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_what_counts_as_ready_needs_no_change(kind: str, text: str) -> None:
    assert set(lettering.READY) == set(lettering.STYLES)
    if lettering.READY[kind](text):
        assert lettering.STYLES[kind](text.upper()) == text


@given(st.text())
def test_spelling_leaves_only_what_a_typewriter_has(text: str) -> None:
    printed = lettering.spell(text).text
    if not lettering.spell(text).unknown:
        assert all(" " <= sign <= "~" for sign in printed)
        assert printed == printed.upper()
