"""Settings, Practice and Providers: who bills (items 25, 32, 33) and who treats (items 24J, 31)."""

from __future__ import annotations

from collections.abc import Sequence

from app.billing import codes, ids
from app.billing.problems import Problem, block, warn
from app.billing.records import Practice, Provider
from app.forms import layout
from app.i18n import _
from app.store import practice
from app.ui import words
from app.ui.desk import Desk
from app.ui.fields import Field, choice, email, flag, identifier, number, text
from app.ui.fields import words as fixed
from app.ui.record_editor import Kind, Owner
from app.ui.record_form import Section
from app.ui.table import Line


def _practice_sections(desk: Desk, owner: Owner) -> Sequence[Section]:
    def address(prefix: str = "") -> list[list[Field]]:
        return [
            [text(f"{prefix}street", _("Street"))],
            [
                text(f"{prefix}city", _("City")),
                identifier(f"{prefix}state", _("State"), ids.STATE, 60),
                identifier(f"{prefix}zip_code", _("ZIP code"), ids.ZIP, 118),
            ],
        ]

    return [
        Section(
            _("Practice"),
            [
                [text("name", _("Legal name"), note=_("as it stands on claims, items 32 and 33"))],
                *address(),
                [
                    identifier("phone", _("Phone"), ids.PHONE, 150),
                    identifier("fax", _("Fax"), ids.PHONE, 150),
                    email("email", _("Email")),
                ],
            ],
        ),
        Section(
            _("Numbers"),
            [
                [
                    text("tax_id", _("Tax id"), 128, note=_("item 25")),
                    choice("tax_id_kind", _("Kind"), fixed(words.TAX_ID), 96),
                    identifier("npi", _("NPI of the practice"), ids.NPI, 140, note=_("item 33a")),
                    identifier("taxonomy", _("Taxonomy"), ids.TAXONOMY, 140),
                ],
                [text("claim_prefix", _("Claim numbers begin with"), 140, note=_("empty: the year"))],
            ],
        ),
        Section(
            _("When a referral or authorization runs low"),
            [
                [
                    number("low_visits", _("Visits left"), 104),
                    number("low_units", _("Units left"), 104),
                    number("low_days", _("Days left"), 104),
                ]
            ],
            _("A session warns when no more than this is left."),
        ),
        Section(
            _("Where sessions happen"),
            [
                [text("service_name", _("Name")), identifier("service_npi", _("NPI"), ids.NPI, 140)],
                *address("service_"),
            ],
            _("Only when that is not the practice's address (item 32)."),
        ),
    ]


def practice_kind(desk: Desk) -> Kind:
    """The clinic itself."""
    return Kind(
        word=_("practice"), table="practice", single=True, read=lambda s, owner: [practice.practice(s)],
        keep=practice.save_practice, blank=lambda owner: Practice(), line=lambda record: Line(record.name),
        sections=_practice_sections, check=_check_practice,
    )  # fmt: skip


def _check_practice(draft: Practice) -> list[Problem]:
    found = [*_too_long(draft)]
    kind = ids.SSN if draft.tax_id_kind == "SSN" else ids.EIN
    if draft.tax_id and not kind.is_valid(draft.tax_id):
        found.append(block("practice.tax-id", f"{_('Not a valid number.')} {kind.wanted}", field="tax_id"))
    return found


def _too_long(draft: Practice) -> list[Problem]:
    """A warning for each name that its box on the form cannot hold; a claim with it is refused."""
    boxes = layout.load().boxes
    place, biller = boxes["32.1"], boxes["33.1"]
    wanted = [("name", draft.name, biller), ("service_name", draft.service_name, place)]
    if not draft.service_name:
        wanted.insert(0, ("name", draft.name, place))
    text = _("{name} is {count} characters, item {item} holds {room}. Shorten it as far as the payers know it so.")
    return [
        warn(
            "practice.name-long",
            text.format(name=name.upper(), count=len(name), item=box.item, room=box.width), item=box.item, field=field,
        )
        for field, name, box in wanted
        if len(name) > box.width
    ]  # fmt: skip


def _provider_sections(desk: Desk, owner: Owner) -> Sequence[Section]:
    return [
        Section(
            _("Provider"),
            [
                [
                    text("last_name", _("Last name")), text("first_name", _("First name")),
                    text("middle_name", _("Middle"), 78), text("credentials", _("Credentials"), 96, placeholder="LMT"),
                ],
                [
                    identifier("npi", _("NPI"), ids.NPI, 140, note=_("item 24J")),
                    identifier("taxonomy", _("Taxonomy"), ids.TAXONOMY, 140),
                    text("license_number", _("License"), 140), identifier("license_state", _("State"), ids.STATE, 60),
                ],
                [flag("archived", _("No longer works here"))],
            ],
            _("The name as it stands on the license."),
        )
    ]  # fmt: skip


def provider_kind(desk: Desk) -> Kind:
    """The therapists."""
    return Kind(
        word=_("provider"), table="provider", new=_("New provider"), none=_("No provider yet. Sessions need one."),
        read=lambda s, owner: practice.providers(s, archived=True), keep=practice.save_provider,
        remove=practice.remove_provider, blank=lambda owner: Provider(taxonomy=codes.MASSAGE_THERAPIST),
        line=lambda record: Line(words.person(record), record.credentials), sections=_provider_sections,
        check=lambda draft: [] if draft.last_name else [
            block("provider.name-missing", _("The provider has no last name. Type it."), field="last_name")
        ],
    )  # fmt: skip
