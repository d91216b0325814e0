"""The forms of a claim: the pages of values that are printed and frozen, each value with its reason.

What an item holds and why is in `items`; how six lines make a form and where the total stands is in `billing.claims`;
what a person put there instead is in `by_hand`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from app import i18n
from app.billing import claims
from app.billing.records import ClaimBundle
from app.forms import by_hand, items
from app.forms.by_hand import Change
from app.forms.values import FORMAT, SERVICE_LINE
from app.i18n import N_

_STALE = N_("So it was printed; the records say something else by now.")

Page = dict[str, Any]
"""One form as the JSON of docs/VALUES.md."""


@dataclass(frozen=True)
class Reason:
    """Why an item holds what it holds: the record ("policy:12") and field it comes from, the rule that chose it, and
    where that rule stands. `field` is empty when several fields or none make the value.

    For a value by hand `rule` says so with the person's reason, and `by_hand` has what the rules say instead.
    """

    record: str
    field: str
    rule: str
    source: str
    by_hand: Change | None = None


@dataclass(frozen=True, eq=False)
class ClaimPage:
    """One form of a claim. `reasons` has an entry for every item that was decided, also for those left blank.

    Keys are those of `values`; item 24 has "24.1" … and, where a part has a reason of its own, "24.1.pointer".
    `changes` are the values by hand, `first` is the place of its first line among those of the claim.
    """

    values: Page
    changes: Mapping[str, Change]
    first: int
    _facts: items.Facts
    _line_ids: tuple[int, ...]
    _own: Mapping[str, items.Held]
    _now: Page | None = None
    """What the records make now, where `values` were printed before."""

    @cached_property
    def reasons(self) -> Mapping[str, Reason]:
        """Made when first asked for: printing a thousand claims needs none."""
        held = {**self._facts.header, **self._own}
        for number, line_id in enumerate(self._line_ids, start=1):
            held.update(items.line_reasons(number, self._facts, line_id))
        reasons = {key: self._reason(item) for key, item in held.items()}
        if self._now is not None:
            for key, reason in reasons.items():
                if _value(self.values, key) != _value(self._now, key):
                    reasons[key] = replace(reason, rule=i18n._(_STALE))
        for key, change in self.changes.items():
            rule = i18n._("Changed by hand: {reason}").format(reason=change.reason)
            box = _box(key)
            told = _nearest(reasons, box) or Reason(f"override:{change.id}", "", "", "")
            reasons[box] = replace(told, rule=rule, by_hand=change)
        return reasons

    def reason(self, key: str) -> Reason | None:
        """The reason of a box by its key in the layout: "24.2.from.mm" answers as "24.2", "3.sex.F" as "3"."""
        return _nearest(self.reasons, key)

    def trace(self, about: str = "") -> Iterator[tuple[str, Any, Reason]]:
        """Every value with its key and reason, in the order of the form; also blanks that a person made.

        Keys count lines through all forms of the claim. With `about` only what is within that key, also blank.
        """
        for key in FORMAT:
            if key == "24":
                yield from self._lines(about)
            elif _within(key, about) and (key in self.values or key in self.changes or (about and self.reason(key))):
                yield key, self.values.get(key), self._told(key)

    def _lines(self, about: str) -> Iterator[tuple[str, Any, Reason]]:
        for number, line in enumerate(self.values.get("24", ()), start=1):
            for part in SERVICE_LINE:
                key, here = f"24.{self.first + number - 1}.{part}", f"24.{number}.{part}"
                if _within(key, about) and (key == about or part in line or here in self.changes):
                    yield key, line.get(part), self._told(_box(here))

    def _told(self, key: str) -> Reason:
        return self.reason(key) or Reason(self._facts.names["claim"], "pages", i18n._(_STALE), "")

    def _reason(self, held: items.Held) -> Reason:
        record = self._facts.names.get(held.record, held.record)
        return Reason(record=record, field=held.field, rule=i18n._(held.rule), source=held.source)


def _within(key: str, about: str) -> bool:
    return not about or key == about or key.startswith(f"{about}.")


def _box(key: str) -> str:
    """The key of a value as its boxes and reasons have it."""
    return key.replace(".modifiers", ".modifier")


def _nearest(reasons: Mapping[str, Reason], key: str) -> Reason | None:
    parts = key.split(".")
    while parts:
        found = reasons.get(".".join(parts))
        if found is not None:
            return found
        parts.pop()
    return None


def _value(page: Page, key: str) -> Any:
    """What a reason's key means on a page: an item, a line of item 24, or a part of one."""
    item, *place = key.split(".")
    if not place:
        return page.get(item)
    lines = page.get("24", [])
    line = lines[int(place[0]) - 1] if int(place[0]) <= len(lines) else {}
    if len(place) == 1:
        return line.get("code")
    return line.get("modifiers" if place[1] == "modifier" else place[1])


def pages(bundle: ClaimBundle, *, today: dt.date) -> list[ClaimPage]:
    """The forms of a claim in order, six lines each; one without lines gives one form without item 24.

    `today` is the date of signature on a claim that is not issued. Raises ValueError for a line that is in none of
    the bundle's visits.
    """
    facts = items.Facts(bundle, today)
    shared = {key: held.value for key, held in facts.header.items() if held.value not in (None, "")}
    sheets = claims.forms(bundle.visits, bundle.claim.line_ids, bundle.payer.many_lines)
    made = []
    first = 1
    for sheet in sheets or (claims.Form(line_ids=(), charge=0, paid=0),):
        made.append(_page(facts, shared, sheet, first))
        first += len(sheet.line_ids)
    return made


def printed(bundle: ClaimBundle, frozen: Sequence[Page], changes: Sequence[Mapping[str, Change]]) -> list[ClaimPage]:
    """The forms of an issued claim as they were frozen, with the values by hand of each.

    A reason holds as long as the records still make the value; after that it says that they no longer do.
    """
    assert bundle.claim.issued is not None
    now = pages(replace(bundle, overrides=()), today=bundle.claim.issued)
    now += [now[-1]] * (len(frozen) - len(now))  # a void claim may have lost lines since
    return [
        replace(made, values=values, changes=changed, _now=made.values)
        for values, changed, made in zip(frozen, changes, now, strict=False)
    ]


def to_json(claim_pages: Iterable[ClaimPage | Page]) -> str:
    """Pages as text to freeze with a claim: the same pages give the same text."""
    values = [page.values if isinstance(page, ClaimPage) else page for page in claim_pages]
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> list[Page]:
    """The pages that `to_json` wrote."""
    frozen: list[Page] = json.loads(text)
    return frozen


def _page(facts: items.Facts, shared: Page, sheet: claims.Form, first: int) -> ClaimPage:
    own = {"28": items.total(facts, sheet), "29": items.paid(facts, sheet), "page": items.label(sheet)}
    values = shared | {key: held.value for key, held in own.items() if held.value not in (None, "")}
    if sheet.line_ids:
        values["24"] = [items.line(facts, line_id) for line_id in sheet.line_ids]
    changes = by_hand.apply(values, facts.bundle.overrides, first) if facts.bundle.overrides else {}
    return ClaimPage(values, changes, first, facts, sheet.line_ids, own)
