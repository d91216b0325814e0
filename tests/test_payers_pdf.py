"""A payer's own PDF: read, matched, kept with the payer, and its claims printed in it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from app import paperwork, payers_pdf
from app.billing.records import PayerForm
from app.errors import InputError
from app.forms import guarded, layout
from app.forms.matching import Frame
from app.store import claims, payer_forms
from app.store.clinic import ClinicFile
from tests.forms import pdf_factory as factory
from tests.store.conftest import _cheap_keys, _demo, demo_clinic

__all__ = ["_cheap_keys", "_demo", "demo_clinic"]
TODAY = dt.date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of its own is tested in tests/forms/test_guarded.py."""
    monkeypatch.setattr(guarded, "_run", guarded.answer)


def known() -> payers_pdf.PayersPdf:
    return payers_pdf.read("bluebird.pdf", factory.pdf([*factory.like_fillable_a(), *_extra()]))


def stranger(leave_out: tuple[str, ...] = ()) -> payers_pdf.PayersPdf:
    return payers_pdf.read("odd.pdf", factory.pdf([*factory.strangers(Frame(), leave_out).values(), *_extra()]))


def _extra() -> list[Any]:
    return [factory.text("office use", (300, 775, 340, 785))]


def first_claim(clinic: ClinicFile) -> Any:
    paperwork.build_claims(clinic, today=TODAY)
    with clinic.read() as s:
        (line,) = claims.lines(s, limit=1)
        (bundle,) = claims.bundles(s, [line.id])
    return bundle


def test_what_found_no_place_is_named() -> None:
    found = stranger(("24.2.code", "17b"))
    assert found.without_field == ["17b", "24D, line 2"]
    assert found.without_box == ["office use"]
    assert found.matched == len(layout.load().boxes) - 2


def test_a_mapping_file_corrects_the_match() -> None:
    found = stranger(("17b",))
    corrected = found.corrected(b'"17b" = "office use"')
    assert corrected.without_field == [] and corrected.without_box == []
    assert corrected.matched == found.matched + 1
    with pytest.raises(InputError, match="does not have"):
        found.corrected(b'"17b" = "nothing"')


def test_it_is_kept_with_the_payer_and_claims_are_printed_in_it(demo_clinic: ClinicFile, tmp_path: Path) -> None:
    bundle = first_claim(demo_clinic)
    payer_id = bundle.payer.id
    found = known()
    with demo_clinic.read() as s:
        assert payers_pdf.of_payer(s, payer_id) is None
    kept = payers_pdf.keep(demo_clinic, payer_id, found, today=TODAY)
    assert (kept.name, kept.sha256, kept.added) == ("bluebird.pdf", found.form.sha256, TODAY)
    with demo_clinic.read() as s:
        again = payers_pdf.of_payer(s, payer_id)
    assert again is not None and again.form.page == found.form.page and again.form.known
    assert (again.form.mapping, again.form.fields, again.form.frame) == (
        found.form.mapping, found.form.fields, found.form.frame,
    )  # fmt: skip

    target = tmp_path / "claim.pdf"
    paperwork.print_claims(demo_clinic, [bundle.claim.id], payers_pdf.output(again), target, today=TODAY)
    assert target.read_bytes().startswith(b"%PDF-")
    (picture,) = guarded.pictures(target.read_bytes(), 72)
    assert min(picture.pixels) < 60
    with demo_clinic.read() as s:
        (after,) = claims.bundles(s, [bundle.claim.id])
    assert after.claim.issued == TODAY

    payers_pdf.forget(demo_clinic, payer_id)
    with demo_clinic.read() as s:
        assert payers_pdf.of_payer(s, payer_id) is None
    demo_clinic.undo()
    with demo_clinic.read() as s:
        assert payers_pdf.of_payer(s, payer_id) == again


def test_corrections_are_kept_and_used(demo_clinic: ClinicFile) -> None:
    bundle = first_claim(demo_clinic)
    corrected = stranger(("1a",)).corrected(b'"1a" = "office use"')
    payers_pdf.keep(demo_clinic, bundle.payer.id, corrected, today=TODAY)
    with demo_clinic.read() as s:
        again = payers_pdf.of_payer(s, bundle.payer.id)
    assert again is not None and again.mapping == {"1a": "office use"}
    output = payers_pdf.output(again)
    document = paperwork.claims_pdf(demo_clinic, [bundle.claim.id], output, today=TODAY)
    (seen,) = guarded.pictures(document, 72)
    row = seen.pixels[778 * seen.width :][: 8 * seen.width]
    assert min(row) < 120  # the member id stands where the office would write


@pytest.mark.parametrize(("page", "mapping"), [("%%%", "{}"), ("UEFHRQ==", "{}"), ("", "{}"), ("UEFHRQ==", "{")])
def test_what_was_kept_and_is_damaged_is_one_sentence(demo_clinic: ClinicFile, page: str, mapping: str) -> None:
    with demo_clinic.write("Damage") as s:
        payer_forms.keep(s, PayerForm(payer_id=1, page=page, mapping=mapping))
    with demo_clinic.read() as s, pytest.raises(InputError, match="cannot be read"):
        payers_pdf.of_payer(s, 1)
