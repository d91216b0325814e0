"""Addresses and telephone numbers: the same checks for everyone who has one.

ZIP ranges are the post office's three-digit prefixes; they only warn, since ranges move.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any

from app.billing.checks.registry import BLOCK, WARN, Asked, Checks, Where
from app.billing.codes import STATES
from app.billing.ids import PHONE, ZIP
from app.billing.problems import Severity
from app.i18n import N_

_TABLE = (
    "005-005NY 006-007PR 008-008VI 009-009PR 010-027MA 028-029RI 030-038NH 039-049ME 050-054VT 055-055MA 056-059VT "
    "060-069CT 070-089NJ 090-099AE 100-149NY 150-196PA 197-199DE 200-200DC 201-201VA 202-205DC 206-212MD 214-219MD "
    "220-246VA 247-268WV 270-289NC 290-299SC 300-319GA 320-339FL 340-340AA 341-342FL 344-344FL 346-347FL 349-349FL "
    "350-352AL 354-369AL 370-385TN 386-397MS 398-399GA 400-418KY 420-427KY 430-459OH 460-479IN 480-499MI 500-516IA "
    "520-528IA 530-532WI 534-535WI 537-549WI 550-551MN 553-567MN 569-569DC 570-577SD 580-588ND 590-599MT 600-620IL "
    "622-629IL 630-631MO 633-641MO 644-658MO 660-662KS 664-679KS 680-681NE 683-693NE 700-701LA 703-708LA 710-714LA "
    "716-729AR 730-731OK 733-733TX 734-741OK 743-749OK 750-770TX 772-799TX 800-816CO 820-831WY 832-838ID 840-847UT "
    "850-853AZ 855-857AZ 859-860AZ 863-865AZ 870-871NM 873-884NM 885-885TX 888-888DC 889-891NV 893-895NV 897-898NV "
    "900-908CA 910-928CA 930-961CA 962-966AP 967-968HI 969-969GU 970-979OR 980-986WA 988-994WA 995-999AK"
)
_RANGES = _TABLE.split()
_FIRST = [span[:3] for span in _RANGES]
_SHARED = {"WA": {"ID"}, "GU": {"MP", "PW", "FM", "MH"}, "HI": {"AS", "UM"}}
"""States that use prefixes of a neighbour."""


def state_of(zip_code: str) -> str:
    """The state that a ZIP code's first three digits are given to, or nothing where they are in no range."""
    prefix = zip_code[:3]
    index = bisect_right(_FIRST, prefix) - 1
    if index < 0 or prefix > _RANGES[index][4:7]:
        return ""
    return _RANGES[index][7:]


_PO_BOX = re.compile(r"\s*p\.?\s*o\.?\s*box\b", re.IGNORECASE)


def is_po_box(street: str) -> bool:
    """Whether a street is a post office box."""
    return _PO_BOX.match(street) is not None


Part = Callable[[Any], bool]


def add_address(
    checks: Checks[Any], noun: str, who: str, *, item: str, severity: Severity, confidence: str, source: str,
    prefix: str = "", when: Part = lambda record: True,
) -> None:  # fmt: skip
    """Seven checks of one address: its four parts, that the state exists, and that the ZIP is one and of the state.

    `prefix` is that of its fields ("insured_"), `when` whether there should be one at all.
    """
    values = {"who": who}

    def part(name: str, says: str) -> None:
        field = f"{prefix}{name}"
        checks.add(
            f"{noun}-{name.replace('_code', '')}-missing", severity, confidence, source, says,
            lambda record, asked: when(record) and not getattr(record, field).strip(),
            item=item, field=field, values=values,
        )  # fmt: skip

    part("street", N_("{who} has no street. Add it to the address."))
    part("city", N_("{who} has no city. Add it to the address."))
    part("state", N_("{who} has no state. Add its two letters to the address."))
    part("zip_code", N_("{who} has no ZIP code. Add it to the address."))

    def unknown_state(record: Any, asked: Asked) -> Iterator[Where]:
        state = getattr(record, f"{prefix}state").strip()
        if when(record) and state and state.upper() not in STATES:
            yield Where({"state": state})

    def bad_zip(record: Any, asked: Asked) -> Iterator[Where]:
        zip_code = getattr(record, f"{prefix}zip_code").strip()
        if when(record) and zip_code and not ZIP.is_valid(zip_code):
            yield Where({"zip": zip_code})

    def foreign_zip(record: Any, asked: Asked) -> Iterator[Where]:
        zip_code, state = getattr(record, f"{prefix}zip_code"), getattr(record, f"{prefix}state").strip().upper()
        if not when(record) or not ZIP.is_valid(zip_code) or state not in STATES:
            return
        belongs = state_of(ZIP.compact(zip_code))
        if belongs != state and state not in _SHARED.get(belongs, ()):
            yield Where({"zip": zip_code, "state": state})

    checks.add(
        f"{noun}-state-unknown", severity, confidence, source,
        N_("{who} has the state {state}, which does not exist. Choose one of two letters, such as WA."),
        unknown_state, item=item, field=f"{prefix}state", values=values,
    )  # fmt: skip
    checks.add(
        f"{noun}-zip-invalid", severity, confidence, source,
        N_("{who} has the ZIP code {zip}. A ZIP code has five or nine digits: correct it."),
        bad_zip, item=item, field=f"{prefix}zip_code", values=values,
    )  # fmt: skip
    checks.add(
        f"{noun}-zip-elsewhere", WARN, "C", "USPS three-digit prefixes",
        N_("{who} has the ZIP code {zip}, which is not in {state}. Compare both with the card."),
        foreign_zip, item=item, field=f"{prefix}zip_code", values=values,
    )  # fmt: skip


def add_phone(checks: Checks[Any], code: str, who: str, *, item: str = "", field: str = "phone") -> None:
    """A check that a telephone number has ten digits, when there is one."""
    checks.add(
        code, WARN, "B", "NUCC 02/12, items 5, 7 and 33: area code and number",
        N_("{who} has a telephone number without ten digits. Write it with its area code."),
        lambda record, asked: bool(getattr(record, field).strip()) and not PHONE.is_valid(getattr(record, field)),
        item=item, field=field, values={"who": who},
    )  # fmt: skip


def add_window(checks: Checks[Any], code: str, who: str, first: str, last: str, *, item: str = "") -> None:
    """A check that a span of days does not end before it begins."""

    def reversed_(record: Any, asked: Asked) -> bool:
        begins: dt.date | None = getattr(record, first)
        ends: dt.date | None = getattr(record, last)
        return begins is not None and ends is not None and ends < begins

    checks.add(
        code, BLOCK, "A", "calendar", N_("{who} ends before it begins. Correct one of the dates."),
        reversed_, item=item, field=last, values={"who": who},
    )  # fmt: skip
