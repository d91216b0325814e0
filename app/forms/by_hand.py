"""Values that a person put in place of the rules': how they are typed, where they may stand, and what they replace.

A key is an item of the page ("19") or a part of a line ("24.2.shaded", lines counted through all forms of the claim;
"24.*.emg" is every line). What is kept for a claim goes before what is kept for its payer, and one line before all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from app.billing.money import parse_cents
from app.billing.problems import Problem, block
from app.billing.records import ClaimBundle, Override
from app.errors import InputError
from app.forms import values
from app.forms.values import CONTINUED
from app.i18n import _

_LINE = re.compile(r"24\.(\*|[1-9]\d{0,2})\.([a-z_]+)", re.ASCII)
_EACH_FORM = frozenset({"page", "28", "29"})
"""Items that differ from form to form of one claim."""
OF_A_PAYER = frozenset({
    "carrier", "1", "8", "9b", "9c", "10d", "11", "11c", "12", "13", "19", "20", "27", "30", "31", "32", "32a", "32b",
    "33", "33a", "33b", "24.*.emg", "24.*.epsdt", "24.*.epsdt_shaded", "24.*.id_qualifier", "24.*.id",
})  # fmt: skip
"""Where one text can be right on every claim that goes to a payer; elsewhere it would be another person's. A blank may
be wanted anywhere."""


class Change(NamedTuple):
    """A value by hand in place: why, what the rules say instead (None: blank), for whom it is kept ("claim", "payer"),
    and the id of its record."""

    reason: str
    own: Any
    kept_for: str
    id: int | None


def typed(key: str, text: str, *, for_payer: bool = False) -> str:
    """The JSON of what a person types for an item: text as it is, or JSON where the item has parts; nothing is blank.

    Raises InputError for an unknown key, a value of the wrong kind, or a payer's text where people differ.
    """
    wanted = _wanted(key)
    if wanted is None:
        raise InputError(
            _("There is no such item of the form."), _("Name one as 19, 17, or 24.2.shaded; see docs/VALUES.md.")
        )
    value: Any = text or None
    if value is not None and (isinstance(wanted, dict | list) or wanted is values.YES_NO):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise InputError(
                _("This item has parts, so its value is JSON."), _("Write it as in docs/VALUES.md.")
            ) from None
    _check(key, value)
    if for_payer and not _suits_payer(key, value):
        raise InputError(
            _("This item differs from client to client."), _("Keep the value for the claim, or leave it blank.")
        )
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _wanted(key: str) -> Any:
    """What an item or a part of a line takes, as in `values.FORMAT`; None where there is none."""
    line = _LINE.fullmatch(key)
    if line:
        return values.SERVICE_LINE.get(line[2])
    return values.FORMAT.get(key) if key != "24" else None


def _check(key: str, value: Any) -> None:
    """Raise InputError where a value does not suit its item."""
    line = _LINE.fullmatch(key)
    if value is not None:
        values.parse({"24": [{line[2]: value}]} if line else {key: value})


def _suits_payer(key: str, value: Any) -> bool:
    every = key if not _LINE.fullmatch(key) else re.sub(r"\.[^.]+\.", ".*.", key)
    return (value is None or key in OF_A_PAYER) and every == key


def apply(page: values.Page, overrides: Sequence[Override], first: int) -> dict[str, Change]:
    """Put values by hand into a form's page, whose lines count from `first`; answers them by their key on the page."""
    changes: dict[str, Change] = {}
    for override in sorted(overrides, key=_precedence):
        if _fault(override) is not None:
            continue
        value = json.loads(override.value)
        for key, holder, part in _places(page, override.key, first):
            own = changes[key].own if key in changes else holder.get(part)
            kept_for = "payer" if override.claim_id is None else "claim"
            changes[key] = Change(override.reason, own, kept_for, override.id)
            holder.pop(part, None)
            if value not in (None, "", [], {}):
                holder[part] = value
    return changes


def _precedence(override: Override) -> tuple[bool, bool]:
    return override.claim_id is not None, ".*." not in override.key


def _places(page: values.Page, key: str, first: int) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The key on this page, the object and the part of it that a key of the claim means: none, one, or every line."""
    line = _LINE.fullmatch(key)
    if line is None:
        yield key, page, key
        return
    for number, holder in enumerate(page.get("24", ()), start=1):
        if line[1] in ("*", str(first + number - 1)):
            yield f"24.{number}.{line[2]}", holder, line[2]


def _fault(override: Override) -> str | None:
    """The code of what is wrong with a kept value; what a person types is checked before it is kept."""
    try:
        if _wanted(override.key) is None:
            raise InputError("no such item")
        value = json.loads(override.value)
        _check(override.key, value)
    except (InputError, ValueError, RecursionError):
        return "override.unfit"
    if override.payer_id is not None and not _suits_payer(override.key, value):
        return "override.unfit"
    return None


def problems(bundle: ClaimBundle, pages: Sequence[values.Page]) -> list[Problem]:
    """What is wrong with the values by hand of a claim that is made into `pages`."""
    return [*misfits(bundle, len(pages)), *_sums(bundle, pages)] if bundle.overrides else []


def misfits(bundle: ClaimBundle, forms: int) -> list[Problem]:
    """Values by hand that suit no item, or no line, of a claim of so many forms."""
    return list(_misfits(bundle, forms))


def _misfits(bundle: ClaimBundle, forms: int) -> Iterator[Problem]:
    for override in bundle.overrides:
        line = _LINE.fullmatch(override.key)
        lost = line is not None and line[1] != "*" and int(line[1]) > len(bundle.claim.line_ids)
        if _fault(override) is not None or lost:
            message = _("The value by hand for {key} does not suit the form. Take it back, or put another.")
        elif override.key in _EACH_FORM and forms > 1 and override.value != "null":
            message = _("Item {key} differs from form to form, but one value by hand is given. Take it back.")
        else:
            continue
        item = f"24.{line[1]}" if line and line[1] != "*" else override.key.partition(".")[0]
        yield block("override.unfit", message.format(key=override.key), item=item, record=f"override:{override.id}")


def _sums(bundle: ClaimBundle, pages: Sequence[values.Page]) -> Iterator[Problem]:
    """Where charges or the total were changed, item 28 still is their sum; CONTINUED passes the sum on."""
    if not any(override.key == "28" or override.key.endswith(".charge") for override in bundle.overrides):
        return
    total = 0
    for page in pages:
        try:
            total += sum(parse_cents(line["charge"]) for line in page.get("24", ()) if "charge" in line)
            if page.get("28", CONTINUED) == CONTINUED:
                continue
            stated = parse_cents(page["28"])
        except InputError:
            return  # which amount cannot be read is said by the paper
        if stated != total:
            yield block(
                "override.total-differs",
                _("The charges and item 28 differ after a change by hand. Change both, or take the change back."),
                item="28", record=f"claim:{bundle.claim.id}",
            )  # fmt: skip
        total = 0
