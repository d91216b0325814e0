"""The forms of a claim: the pages of values that are printed and frozen, each value with its reason.

What an item holds and why is in `items`; how six lines make a form and where the total stands is in `billing.claims`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app import i18n
from app.billing import claims
from app.billing.records import ClaimBundle
from app.forms import items

Page = dict[str, Any]
"""One form as the JSON of docs/VALUES.md."""


@dataclass(frozen=True)
class Reason:
    """Why an item holds what it holds: the record ("policy:12") and field it comes from, the rule that chose it, and
    where that rule stands. `field` is empty when several fields or none make the value."""

    record: str
    field: str
    rule: str
    source: str


@dataclass(frozen=True, eq=False)
class ClaimPage:
    """One form of a claim. `reasons` has an entry for every item that was decided, also for those left blank.

    Keys are those of `values`; item 24 has "24.1" … and, where a part has a reason of its own, "24.1.pointer".
    """

    values: Page
    _facts: items.Facts
    _line_ids: tuple[int, ...]
    _own: Mapping[str, items.Held]

    @cached_property
    def reasons(self) -> Mapping[str, Reason]:
        """Made when first asked for: printing a thousand claims needs none."""
        held = {**self._facts.header, **self._own}
        for number, line_id in enumerate(self._line_ids, start=1):
            held.update(items.line_reasons(number, self._facts, line_id))
        return {key: self._reason(item) for key, item in held.items()}

    def reason(self, key: str) -> Reason | None:
        """The reason of a box by its key in the layout: "24.2.from.mm" answers as "24.2", "3.sex.F" as "3"."""
        parts = key.split(".")
        while parts:
            found = self.reasons.get(".".join(parts))
            if found is not None:
                return found
            parts.pop()
        return None

    def _reason(self, held: items.Held) -> Reason:
        record = self._facts.names.get(held.record, held.record)
        return Reason(record=record, field=held.field, rule=i18n._(held.rule), source=held.source)


def pages(bundle: ClaimBundle, *, today: dt.date) -> list[ClaimPage]:
    """The forms of a claim in order, six lines each; one without lines gives one form without item 24.

    `today` is the date of signature on a claim that is not issued. Raises ValueError for a line that is in none of
    the bundle's visits.
    """
    facts = items.Facts(bundle, today)
    shared = {key: held.value for key, held in facts.header.items() if held.value not in (None, "")}
    sheets = claims.forms(bundle.visits, bundle.claim.line_ids, bundle.payer.many_lines)
    return [_page(facts, shared, sheet) for sheet in sheets or (claims.Form(line_ids=(), charge=0, paid=0),)]


def to_json(claim_pages: Iterable[ClaimPage | Page]) -> str:
    """Pages as text to freeze with a claim: the same pages give the same text."""
    values = [page.values if isinstance(page, ClaimPage) else page for page in claim_pages]
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> list[Page]:
    """The pages that `to_json` wrote."""
    frozen: list[Page] = json.loads(text)
    return frozen


def _page(facts: items.Facts, shared: Page, sheet: claims.Form) -> ClaimPage:
    own = {"28": items.total(facts, sheet), "29": items.paid(facts, sheet), "page": items.label(sheet)}
    values = shared | {key: held.value for key, held in own.items() if held.value not in (None, "")}
    if sheet.line_ids:
        values["24"] = [items.line(facts, line_id) for line_id in sheet.line_ids]
    return ClaimPage(values, facts, sheet.line_ids, own)
