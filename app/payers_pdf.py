"""A payer's own PDF: read and cleaned once, kept with the payer, and used from then on. Joins forms and store."""

from __future__ import annotations

import base64
import datetime as dt
import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.billing.records import PayerForm
from app.errors import InputError
from app.forms import acroform, layout, matching, template
from app.forms.marks import item_name
from app.i18n import _
from app.paperwork import Mode, Output
from app.store import payer_forms
from app.store.clinic import ClinicFile

LARGEST = template.MAX_BYTES
"""Bytes; a larger file is refused."""
Corrections = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class PayersPdf:
    """A payer's PDF as it was understood: `mapping` is what a person corrected."""

    name: str
    form: acroform.Template
    mapping: Corrections = field(default_factory=dict)

    @property
    def matched(self) -> int:
        """How many boxes of the form have a field."""
        return len(layout.load().boxes) - len(self._lacking())

    @property
    def without_field(self) -> list[str]:
        """The items of the form with a box that has no field, in their order. A box may share the item of another."""
        boxes = layout.load().boxes
        return list(dict.fromkeys(item_name(boxes[key].item) for key in self._lacking()))

    @property
    def without_box(self) -> list[str]:
        """The names of fields that serve no box: they stay empty."""
        used = {ref for value in self.mapping.values() for ref in ([value] if isinstance(value, str) else value)}
        return [each.name for each in self.form.unused() if each.ref not in used]

    def _lacking(self) -> list[str]:
        return [key for key in self.form.without_field(layout.load()) if not self.mapping.get(key)]

    def corrected(self, data: bytes) -> PayersPdf:
        """With the corrections of a mapping file (docs/PAYER-PDF.md) laid over the match. Raises InputError."""
        mapping = matching.read_mapping(data)
        matching.by_hand(mapping, self.form, layout.load())
        return PayersPdf(self.name, self.form, mapping)


def read(name: str, data: bytes) -> PayersPdf:
    """Read a file in a process of its own and match its fields. Takes a second. Raises InputError."""
    return PayersPdf(name, acroform.load_template(data))


def keep(clinic: ClinicFile, payer_id: int, found: PayersPdf, *, today: dt.date) -> PayerForm:
    """Use it from now on for the payer's claims."""
    page = base64.b64encode(found.form.form.packed()).decode("ascii")
    mapping = json.dumps(dict(found.mapping), ensure_ascii=False, sort_keys=True)
    kept = PayerForm(
        payer_id=payer_id, name=found.name, sha256=found.form.sha256, added=today, page=page, mapping=mapping
    )
    with clinic.write(_("Keep a payer's PDF")) as s:
        return payer_forms.keep(s, kept)


def forget(clinic: ClinicFile, payer_id: int) -> None:
    """Print this payer's claims on red forms again."""
    with clinic.write(_("Forget a payer's PDF")) as s:
        payer_forms.drop(s, payer_id)


def of_payer(s: Session, payer_id: int) -> PayersPdf | None:
    """What is kept for a payer, or None. Raises InputError when what is kept cannot be read."""
    kept = payer_forms.payer_form(s, payer_id)
    return _opened(kept) if kept else None


@functools.lru_cache(maxsize=8)
def _opened(kept: PayerForm) -> PayersPdf:
    try:
        page = template.unpacked(base64.b64decode(kept.page, validate=True))
        mapping = json.loads(kept.mapping)
    except (ValueError, TypeError, KeyError):
        raise InputError(_("The payer's PDF that is kept cannot be read."), _("Choose the file again.")) from None
    return PayersPdf(kept.name, matching.understood([page], kept.sha256), mapping)


def output(found: PayersPdf) -> Output:
    """How claims are put on it."""
    return Output(mode=Mode.FILLABLE, template=found.form, mapping=found.mapping or None)
