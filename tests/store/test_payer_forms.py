"""A payer's own PDF is kept with the payer, replaced, undone and forgotten."""

from __future__ import annotations

import datetime as dt

from app.billing.records import Payer, PayerForm
from app.store import payer_forms, payers
from app.store.clinic import ClinicFile

DAY = dt.date(2026, 11, 21)


def test_a_payer_has_one_form(clinic: ClinicFile) -> None:
    with clinic.write("Set up") as s:
        one, other = (payers.save_payer(s, Payer(name=name)).id or 0 for name in ("Bluebird Health", "Ostrich Mutual"))
    form = PayerForm(payer_id=one, name="form.pdf", sha256="ab" * 32, added=DAY, page="UEFHRQ==")
    with clinic.write("Keep a form") as s:
        first = payer_forms.keep(s, form)
    with clinic.write("Keep another") as s:
        second = payer_forms.keep(s, PayerForm(payer_id=one, name="newer.pdf", added=DAY, mapping='{"1a": "id"}'))
    assert first.id == second.id
    with clinic.read() as s:
        assert payer_forms.payer_form(s, one) == second and payer_forms.payer_form(s, other) is None
    clinic.undo()
    with clinic.read() as s:
        assert payer_forms.payer_form(s, one) == first
    for __ in range(2):
        with clinic.write("Forget") as s:
            payer_forms.drop(s, one)
            assert payer_forms.payer_form(s, one) is None
