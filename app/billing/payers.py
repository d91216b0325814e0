"""Payers: where to mail what, and presets of habits for the kinds of payer that massage practices meet.

A preset is a start, not a promise: what only the contract or the payer can tell stays empty, and `look_up` names it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.billing.records import GroupBox, Payer, PayerAddress, Program, Purpose, UnitRule
from app.i18n import N_


def address(payer: Payer, purpose: Purpose) -> PayerAddress:
    """Where a payer wants this mail: its address for the purpose, with the payer's name where that has none, else the
    payer's own."""
    for kept in payer.addresses:
        if kept.purpose is purpose:
            return replace(kept, name=kept.name or payer.name)
    return PayerAddress(
        purpose=purpose, name=payer.name, street=payer.street, street2=payer.street2, city=payer.city,
        state=payer.state, zip_code=payer.zip_code,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Preset:
    """The habits of a kind of payer. `title` and `look_up` are untranslated; `source` says how sure they are."""

    key: str
    title: str
    habits: Payer
    look_up: tuple[str, ...]
    source: str


_CONTRACT = N_("The days for filing and for appeals: look at the contract.")
_UNITS = N_("How minutes become units, and how many a day are paid: ask the payer.")

_PRESETS: tuple[Preset, ...] = (
    Preset(
        key="commercial", title=N_("Commercial health plan"),
        habits=Payer(program=Program.GROUP, unit_rule=None),
        look_up=(
            _CONTRACT, _UNITS,
            N_("Whether it wants a referral (item 17) or an authorization (item 23), and for which codes."),
            N_("Which modifiers it wants: GP, or 59 for a separate region."),
            N_("Whether it wants the taxonomy code in item 33b."),
        ),
        source="NUCC 02/12: Group Health Plan in item 1 (M); the rest varies by plan",
    ),
    Preset(
        key="auto-pip", title=N_("Auto, PIP or MedPay"),
        habits=Payer(program=Program.OTHER, unit_rule=None, referral_required=True),
        look_up=(
            _CONTRACT, _UNITS,
            N_("The adjuster and the address for bills: it goes to the top right of the form."),
            N_("The limit of the policy, and what is used of it."),
            N_("Florida wants the license number in item 31, and pays no massage under PIP."),
        ),
        source="NUCC 02/12, items 10b, 11b and 14 (A); Other in item 1 (M); Florida 627.736 (A)",
    ),
    Preset(
        key="workers-compensation", title=N_("Workers' compensation of a state"),
        habits=Payer(program=Program.OTHER, unit_rule=None, referral_required=True),
        look_up=(
            _CONTRACT, _UNITS,
            N_("After how many visits it wants an authorization or a progress report."),
            N_("Whether it prints instructions of its own for this form."),
        ),
        source="NUCC 02/12, items 10a and 11b (A); Other in item 1 (M); WAC 296-23-250 for Washington (A)",
    ),
    Preset(
        key="federal-workers-compensation", title=N_("Federal workers' compensation (FECA)"),
        habits=Payer(program=Program.FECA, unit_rule=None, referral_required=True, authorization_required=True),
        look_up=(_CONTRACT, _UNITS, N_("Whether the therapist is enrolled: only then it pays.")),
        source="OWCP-1500: FECA in item 1, the case number of nine characters in item 11 (A)",
    ),
    Preset(
        key="veterans", title=N_("Veterans' community care"),
        habits=Payer(program=Program.OTHER, unit_rule=None, authorization_required=True, gp_modifier=True),
        look_up=(
            _CONTRACT, _UNITS,
            N_("The number of the referral: it goes into item 23."),
            N_("Which box of item 1 the network that pays wants."),
            N_("The veteran is never billed."),
        ),
        source="VA pages of 2025: referral number in 23, GP (M)",
    ),
    Preset(
        key="medicare-advantage", title=N_("Medicare Advantage plan"),
        habits=Payer(program=Program.OTHER, unit_rule=UnitRule.CMS),
        look_up=(
            _CONTRACT,
            N_("Whether massage is among the plan's extras, by whom it may be given, and how many visits."),
            N_("Which box of item 1 the plan wants: it pays, not Medicare."),
        ),
        source="CMS: an extra that a plan may give (B); units by the rule of CMS (M)",
    ),
    Preset(
        key="original-medicare", title=N_("Original Medicare"),
        habits=Payer(program=Program.MEDICARE, unit_rule=UnitRule.CMS, group_box=GroupBox.NONE, gp_modifier=True),
        look_up=(N_("Original Medicare does not pay massage therapists. Bill it only as a mixed practice may."),),
        source="CMS: massage therapists are no provider type of Medicare (B); NONE in item 11 (B)",
    ),
)  # fmt: skip
PRESETS = {preset.key: preset for preset in _PRESETS}
"""By key, in the order to show them."""

_OWN = (
    "id", "name", "street", "street2", "city", "state", "zip_code", "phone", "addresses", "archived", "unit_cap",
    "filing_days", "appeal_days", "progress_visits", "progress_months", "paid_pairs", "paid_pairs_reason",
    "preferred_code",
)  # fmt: skip
"""What belongs to one payer and not to its kind: who it is, and what its contract says."""


def with_habits(payer: Payer, chosen: Preset) -> Payer:
    """The payer with the habits of a preset. Name, addresses, and what its contract says stay."""
    return replace(chosen.habits, **{name: getattr(payer, name) for name in _OWN})
