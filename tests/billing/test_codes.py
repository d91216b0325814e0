"""The small public lists."""

from __future__ import annotations

from app.billing import codes
from app.billing.ids import MODIFIER, PROCEDURE, STATE, TAXONOMY


def test_places_states_and_modifiers_have_the_shape_of_their_boxes() -> None:
    assert codes.PLACES_OF_SERVICE["11"] == "Office"
    assert codes.PLACES_OF_SERVICE["12"] == "Home"
    assert len(codes.PLACES_OF_SERVICE) == 52
    assert all(len(code) == 2 and code.isdigit() for code in codes.PLACES_OF_SERVICE)
    assert codes.STATES["WA"] == "Washington"
    assert len([code for code in codes.STATES if code != "DC"]) >= 50
    assert all(STATE.is_valid(code) for code in codes.STATES)
    assert all(MODIFIER.is_valid(code) for code in codes.MODIFIERS)
    assert TAXONOMY.is_valid(codes.MASSAGE_THERAPIST)


def test_qualifiers_are_those_of_the_form() -> None:
    assert set(codes.ONSET_QUALIFIERS) == {"431", "484"}
    assert "439" in codes.OTHER_DATE_QUALIFIERS
    assert not codes.ONSET_QUALIFIERS.keys() & codes.OTHER_DATE_QUALIFIERS.keys()
    assert set(codes.REFERRER_QUALIFIERS) == {"DN", "DK", "DQ"}
    assert codes.PROVIDER_ID_QUALIFIERS.keys() - codes.REFERRER_ID_QUALIFIERS.keys() == {"ZZ"}
    assert set(codes.OTHER_CLAIM_ID_QUALIFIERS) == {"Y4"}
    assert set(codes.RESUBMISSION_CODES) == {"7", "8"}


def test_the_starter_codes_have_our_words_and_no_price() -> None:
    fees = codes.starter_fees()
    assert [fee.code for fee in fees] == [
        "97124", "97140", "97112", "97110", "97750", "97010", "97039", "97139", "S8990",
    ]  # fmt: skip
    assert all(PROCEDURE.is_valid(fee.code) and fee.label and fee.amount == 0 for fee in fees)
    assert not [fee.code for fee in fees if fee.timed and fee.code in codes.UNTIMED]
    assert {fee.code for fee in fees} >= codes.UNLISTED
    assert "American Medical Association" in codes.ama_notice()
