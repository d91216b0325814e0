"""Settings: the practice, providers, payers with their habits, fees, and what belongs to this computer's printer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.billing import codes, ids
from app.billing.problems import Problem, block
from app.billing.records import Practice, Provider
from app.i18n import _
from app.store import practice
from app.ui import words
from app.ui.controls import Button, column, label, panel, row, rule
from app.ui.desk import Desk
from app.ui.fees_editor import FeesEditor
from app.ui.fields import Field, choice, flag, identifier, number, text
from app.ui.fields import words as fixed
from app.ui.page import Header, LazyStack, Page, Split
from app.ui.payer_settings import payer_kind
from app.ui.printer_settings import PrinterSettings
from app.ui.record_editor import Kind, Owner, RecordEditor
from app.ui.record_form import Section
from app.ui.table import Line, LineList, choose
from app.ui.theme import Type


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
                [text("name", _("Legal name"), note=_("item 33, at most 29 characters"))],
                *address(),
                [
                    identifier("phone", _("Phone"), ids.PHONE, 150),
                    identifier("fax", _("Fax"), ids.PHONE, 150),
                    text("email", _("Email")),
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


def practice_kind() -> Kind:
    """The clinic itself."""
    return Kind(
        word=_("practice"), table="practice", single=True, read=lambda s, owner: [practice.practice(s)],
        keep=practice.save_practice, blank=lambda owner: Practice(), line=lambda record: Line(record.name),
        sections=_practice_sections, check=_check_practice,
    )  # fmt: skip


def _check_practice(draft: Practice) -> list[Problem]:
    kind = ids.SSN if draft.tax_id_kind == "SSN" else ids.EIN
    if draft.tax_id and not kind.is_valid(draft.tax_id):
        return [block("practice.tax-id", f"{_('Not a valid number.')} {kind.wanted}", field="tax_id")]
    return []


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


def provider_kind() -> Kind:
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


@dataclass(frozen=True)
class _Group:
    id: int
    key: str
    title: str
    second: str


class SettingsPage(Page):
    """Groups on the left, one form a group on the right."""

    key = "settings"
    name = _("Settings")
    icon = "settings"
    interests = frozenset({"practice", "provider", "payer", "fee_schedule", "fee"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        kinds = {
            "practice": practice_kind(), "provider": provider_kind(), "payer": payer_kind(desk),
        }  # fmt: skip
        makers: dict[str, Callable[[], QWidget]] = {k: partial(self._make, kind) for k, kind in kinds.items()}
        self.stack = LazyStack(makers | {"fees": self._make_fees, "printer": lambda: PrinterSettings(desk)})
        self.groups = [
            _Group(1, "practice", _("Practice"), _("Name, address, tax id")),
            _Group(2, "provider", _("Providers"), _("Therapists, NPI, license")),
            _Group(3, "payer", _("Payers"), _("Addresses and habits")),
            _Group(4, "fees", _("Fees"), _("Prices a unit")),
            _Group(5, "printer", _("Printing"), _("Lined up on this computer")),
        ]
        self.list = LineList(_("Settings"), lambda group: Line(group.title, group.second), self._fetch)
        self.list.rows_model.restart()
        self.revert_button = Button(_("Revert"), key="Esc")
        self.save_button = Button(_("Save"), "filled", key="Ctrl+S")
        self.revert_button.clicked.connect(lambda *_: self.back())
        self.save_button.clicked.connect(lambda *_: self.save())
        self.header = Header("", [self.revert_button, self.save_button])
        head = row(label(self.name, Type.LIST_TITLE), None, margins=(16, 16, 10, 14))
        left = panel("pane", column(head, rule(), self.list, gap=0))
        left.setFixedWidth(220)
        right = QWidget()
        right.setLayout(column(self.header, rule(), self.stack, gap=0))
        self.split = Split(left, right)
        self.setLayout(column(self.split, gap=0))
        self.list.chose.connect(lambda group: self.show_group(group.key))
        self.list.clicked.connect(lambda index: self.split.bring_record())
        self.list.opened.connect(lambda group: self.split.bring_record())

    def _fetch(self, limit: int, offset: int) -> Sequence[Any]:
        return self.groups[offset : offset + limit]

    def _make(self, kind: Kind) -> QWidget:
        editor = RecordEditor(self.desk, kind)
        editor.show_of(0)
        editor.edited.connect(self._show_actions)
        return editor

    def _make_fees(self) -> QWidget:
        editor = FeesEditor(self.desk)
        editor.refresh()
        editor.edited.connect(self._show_actions)
        return editor

    def editor(self, key: str = "") -> RecordEditor | FeesEditor | PrinterSettings:
        """The form of a group, or the one in front."""
        made = self.stack.part(key or self.stack.key)
        assert isinstance(made, (RecordEditor, FeesEditor, PrinterSettings))
        return made

    def refresh(self) -> None:
        """Read what is not being typed anew."""
        for made in self.stack.made.values():
            if isinstance(made, FeesEditor):
                made.refresh()
            elif isinstance(made, RecordEditor):
                made.reread()
        if not self.list.currentIndex().isValid():
            self.show_group("practice")
        self._show_actions()

    def show_group(self, key: str) -> None:
        """Bring a group to the front; a changed one asks first."""
        if key != self.stack.key and not self.editor().leave():
            key = self.stack.key
        self.stack.bring(key)
        group = next(group for group in self.groups if group.key == key)
        self.list.blockSignals(True)
        choose(self.list, group.id)
        self.list.blockSignals(False)
        self.header.title.setText(group.title)
        self.header.facts.setText(group.second)
        self._show_actions()

    def _show_actions(self) -> None:
        changed = self.editor().changed
        self.header.state.setText(_("Changed") if changed else "")
        self.save_button.setVisible(changed)
        self.revert_button.setVisible(changed)

    def open(self, target: object) -> None:
        """A group's key, or (table, record id, field)."""
        self.split.bring_record()
        if isinstance(target, str):
            self.show_group(target)
        elif isinstance(target, tuple) and any(group.key == target[0] for group in self.groups):
            self.show_group(target[0])
            editor = self.editor()
            if isinstance(editor, RecordEditor):
                editor.show_of(0, target[1])
                editor.focus_field(target[2])

    def leave(self) -> bool:
        """Ask about what is changed."""
        return self.editor().leave()

    def save(self) -> None:
        """Keep the form in front."""
        self.editor().save()

    def back(self) -> None:
        """Revert, or the cursor to the list."""
        if self.editor().changed:
            self.editor().revert()
        else:
            self.split.bring_list()
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin(self) -> None:
        """The cursor to the list."""
        self.split.bring_list()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
