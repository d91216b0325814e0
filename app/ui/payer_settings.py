"""A payer's record: who it is, where its mail goes, its rules and its habits on paper; presets to begin with."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from app.billing import checks, ids
from app.billing.payers import PRESETS, Preset
from app.billing.problems import Problem, Severity, block
from app.billing.records import Payer, PayerAddress, Purpose
from app.i18n import _
from app.store import payers
from app.ui import words
from app.ui.desk import Desk
from app.ui.fields import Field, choice, flag, identifier, number, several, text
from app.ui.fields import words as fixed
from app.ui.record_editor import Kind, Owner
from app.ui.record_form import Section
from app.ui.table import Line

_PURPOSES = {Purpose.CLAIMS: _("Claims to"), Purpose.APPEALS: _("Appeals to"), Purpose.RECORDS: _("Records to")}
_PARTS = ("name", "street", "street2", "city", "state", "zip_code")
_MAIL = {f"{purpose}_{part}": part for purpose in _PURPOSES for part in _PARTS}
_Sheet: Any = dataclasses.make_dataclass(
    "_Sheet",
    [*((name, str, dataclasses.field(default="")) for name in _MAIL), ("look_up", str, dataclasses.field(default=""))],
    bases=(Payer,), frozen=True, kw_only=True,
)  # fmt: skip
"""A payer as its form has it: each address in fields of its own, and what a preset left to look up."""


def spread(payer: Payer, look_up: str = "") -> Any:
    """The payer as its form has it."""
    mail = {each.purpose: each for each in reversed(payer.addresses)}
    typed = {
        f"{purpose}_{part}": getattr(mail[purpose], part) for purpose in _PURPOSES if purpose in mail for part in _PARTS
    }
    return _Sheet(**_own(payer), **typed, look_up=look_up)


def fold(sheet: Any) -> Payer:
    """The payer that a form says. An address without a word in it is none; what the form does not show stays."""
    kept: list[PayerAddress] = []
    for purpose in _PURPOSES:
        before = [each for each in sheet.addresses if each.purpose is purpose]
        parts = {part: getattr(sheet, f"{purpose}_{part}") for part in _PARTS}
        first = replace(before[0], **parts) if before else PayerAddress(purpose=purpose, **parts)
        kept += [*([first] if any(parts.values()) else []), *before[1:]]
    return Payer(**(_own(sheet) | {"addresses": tuple(kept)}))


def _own(payer: Payer) -> dict[str, Any]:
    return {each.name: getattr(payer, each.name) for each in dataclasses.fields(Payer)}


def _unit_rules() -> list[tuple[Any, str]]:
    return [(None, _("not chosen yet")), *words.UNIT_RULE.items()]


def _address(purpose: Purpose) -> list[list[Field]]:
    """An address in two rows, its name standing for what is mailed there."""
    return [
        [
            text(f"{purpose}_name", _PURPOSES[purpose], placeholder=_("name, if another")),
            text(f"{purpose}_street", _("Street or P.O. box")),
            text(f"{purpose}_street2", _("Second line"), 130),
        ],
        [
            text(f"{purpose}_city", _("City")),
            identifier(f"{purpose}_state", _("State"), ids.STATE, 60),
            identifier(f"{purpose}_zip_code", _("ZIP code"), ids.ZIP, 118),
        ],
    ]


def _payer_sections(desk: Desk, owner: Owner) -> Sequence[Section]:
    return [
        Section(
            _("Payer"),
            [
                [text("name", _("Name"), note=_("as on the card; prints at the top right"))],
                [text("street", _("Street or P.O. box")), text("street2", _("Second line"))],
                [
                    text("city", _("City")),
                    identifier("state", _("State"), ids.STATE, 60),
                    identifier("zip_code", _("ZIP code"), ids.ZIP, 118),
                    identifier("phone", _("Phone"), ids.PHONE, 150),
                ],
            ],
        ),
        Section(
            _("Rules"),
            [
                [
                    choice("program", _("Item 1: program"), fixed(words.PROGRAM), 236),
                    choice("unit_rule", _("Minutes to units"), _unit_rules, 250),
                ],
                [
                    number("unit_cap", _("Units a day"), 104, note=_("empty: no cap")),
                    number("filing_days", _("Days to file"), 104, note=_("from the session")),
                    number("appeal_days", _("Days to appeal"), 104),
                ],
                [
                    number("progress_visits", _("Visits to a progress report"), note=_("empty: wants none")),
                    number("progress_months", _("Months to it"), note=_("whichever comes first")),
                ],
                [
                    flag("referral_required", _("Wants a referral")),
                    flag("authorization_required", _("Wants an authorization")),
                ],
                [
                    flag("accepts_assignment", _("Item 27: accept assignment")),
                    flag("gp_modifier", _("Item 24D: GP on timed codes")),
                    flag("one_date_per_claim", _("One date a claim")),
                ],
            ],
        ),
        Section(
            _("Pairs of codes"),
            [
                [
                    several("paid_pairs", _("Pairs that it pays together"), placeholder="97140+97124"),
                    text("preferred_code", _("Else it prefers"), 120, placeholder="97140"),
                ],
                [text("paid_pairs_reason", _("How you know that it pays them"), note=_("without it the pairs warn"))],
            ],
            _("The public pairs say that one of the two is paid. A payer that differs is marked here."),
        ),
        Section(
            _("On the form"),
            [
                [
                    choice("insured_when_self", _("Items 4 and 7: insured is self"), fixed(words.INSURED), 200),
                    choice("group_box", _("Item 11: group"), fixed(words.GROUP), 160),
                    choice("date_digits", _("Items 12, 14 to 18: dates"), fixed(words.DATES), 170),
                ],
                [
                    choice("rendering_npi", _("Item 24J: therapist's NPI"), fixed(words.RENDERING), 250),
                    choice("paid_box", _("Item 29: amount paid"), fixed(words.PAID), 160),
                ],
                [
                    choice("signature_box", _("Item 31: signature"), fixed(words.SIGNATURE), 200),
                    choice("signed_date", _("Item 31: date"), fixed(words.SIGNED), 200),
                ],
                [
                    choice("facility_box", _("Item 32: place of sessions"), fixed(words.FACILITY), 250),
                    choice("many_lines", _("Item 24: more than six lines"), fixed(words.MANY_LINES), 260),
                ],
                [
                    flag("taxonomy_in_33b", _("Item 33b: taxonomy")),
                    flag("archived", _("No longer used")),
                ],
            ],
        ),
        Section(
            _("Where else mail goes"),
            [row for purpose in _PURPOSES for row in _address(purpose)],
            _("Only where it differs from the address above; claims print theirs at the top right."),
        ),
    ]


def _begin(preset: Preset, owner: int) -> Any:
    return spread(preset.habits, "\n".join(_(sentence) for sentence in preset.look_up))


def payer_kind(desk: Desk) -> Kind:
    """Insurers and their habits."""

    def check(draft: Any) -> list[Problem]:
        missing = block("payer.name-missing", _("The payer has no name. Type it as on the card."), field="name")
        found = checks.check_payer(fold(draft), today=desk.today())
        softer = [replace(each, severity=Severity.WARN) if each.severity is Severity.BLOCK else each for each in found]
        return [*([] if draft.name else [missing]), *softer]

    return Kind(
        word=_("payer"), table="payer", single=True, own=True,
        read=lambda s, owner: [spread(payer) for payer in payers.payers(s, archived=True) if payer.id == owner],
        keep=lambda s, sheet: spread(payers.save_payer(s, fold(sheet))), remove=payers.remove_payer,
        blank=lambda owner: spread(Payer(unit_rule=None)), line=lambda record: Line(record.name),
        sections=_payer_sections, check=check, told=_to_look_up,
        starts=[(_(preset.title), partial(_begin, preset)) for preset in PRESETS.values()],
    )  # fmt: skip


def _to_look_up(sheet: Any) -> list[str]:
    """What the chosen preset cannot know."""
    return [_("Look up before the first claim:"), *sheet.look_up.splitlines()] if sheet.look_up else []
