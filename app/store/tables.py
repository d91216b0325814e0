"""The tables of the clinic file, with the names of `billing.records`.

Every column is NOT NULL unless its record may say None; enums and flags are held by CHECK, types by STRICT. Nothing is
deleted in a cascade: what is mentioned elsewhere stays. Columns that no record has are said so here.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.billing import benefits, records, roles

SCHEMA = 3
"""The number of the newest migration; PRAGMA user_version of an up-to-date clinic file."""


class Whole(TypeDecorator[int]):
    """A whole number: cents, minutes, counts. Never a float."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        if value is not None and type(value) is not int:
            raise TypeError("a whole number is wanted")
        return value


class Flag(TypeDecorator[bool]):
    """True or false as 1 or 0."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> bool | None:
        return None if value is None else value != 0


class Day(TypeDecorator[dt.date]):
    """A date as 2026-11-21."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dt.date | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> dt.date | None:
        return None if value is None else dt.date.fromisoformat(value)


class Words(TypeDecorator[tuple[str, ...]]):
    """Codes in their order, as a JSON array."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else _words(value)


@functools.lru_cache(maxsize=1000)
def _words(text: str) -> tuple[str, ...]:
    """The few lists of codes and modifiers of a clinic come again and again."""
    return tuple(json.loads(text))


class Choice(TypeDecorator[StrEnum]):
    """One of the values of an enum, as its text."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind
        self._by_value = {str(member): member for member in kind}

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else str(self.kind(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self._by_value[value]


_ENUMS = [
    kind
    for module in (records, benefits, roles)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, StrEnum)
]


class Base(DeclarativeBase):
    """All tables; `id` is never used twice."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text, int: Whole, bool: Flag, dt.date: Day, tuple[str, ...]: Words,
        **{kind: Choice(kind) for kind in _ENUMS if kind is not StrEnum},
    }  # fmt: skip

    id: Mapped[int] = mapped_column(Integer, primary_key=True, sort_order=-1)


def _options(*more: Any) -> tuple[Any, ...]:
    return (*more, {"sqlite_autoincrement": True, "sqlite_strict": True})


def _to(table: str) -> Any:
    return mapped_column(ForeignKey(f"{table}.id", ondelete="RESTRICT"))


class PracticeRow(Base):
    """One row, made with the clinic. The counters only ever grow, and an undo leaves them."""

    __tablename__ = "practice"
    __table_args__ = _options(CheckConstraint("id = 1", name="practice_is_one"))
    name: Mapped[str]
    street: Mapped[str]
    city: Mapped[str]
    state: Mapped[str]
    zip_code: Mapped[str]
    phone: Mapped[str]
    fax: Mapped[str]
    email: Mapped[str]
    npi: Mapped[str]
    taxonomy: Mapped[str]
    tax_id: Mapped[str]
    tax_id_kind: Mapped[records.TaxIdKind]
    service_name: Mapped[str]
    service_street: Mapped[str]
    service_city: Mapped[str]
    service_state: Mapped[str]
    service_zip_code: Mapped[str]
    service_npi: Mapped[str]
    low_visits: Mapped[int]
    low_units: Mapped[int]
    low_days: Mapped[int]
    claim_prefix: Mapped[str]
    next_claim: Mapped[int]
    next_superbill: Mapped[int]
    next_client: Mapped[int]


class ProviderRow(Base):
    __tablename__ = "provider"
    __table_args__ = _options()
    first_name: Mapped[str]
    middle_name: Mapped[str]
    last_name: Mapped[str]
    credentials: Mapped[str]
    npi: Mapped[str]
    taxonomy: Mapped[str]
    license_number: Mapped[str]
    license_state: Mapped[str]
    archived: Mapped[bool]


class ClientRow(Base):
    """`search` is made from the record: what `clients.find` looks in, beginning with the name for its order."""

    __tablename__ = "client"
    __table_args__ = _options(UniqueConstraint("number", name="client_number"), Index("client_search", "search"))
    number: Mapped[str]
    first_name: Mapped[str]
    middle_name: Mapped[str]
    last_name: Mapped[str]
    suffix: Mapped[str]
    birth_date: Mapped[dt.date | None]
    sex: Mapped[records.Sex]
    street: Mapped[str]
    city: Mapped[str]
    state: Mapped[str]
    zip_code: Mapped[str]
    phone: Mapped[str]
    email: Mapped[str]
    release_signed: Mapped[dt.date | None]
    release_expires: Mapped[dt.date | None]
    assignment_signed: Mapped[dt.date | None]
    assignment_expires: Mapped[dt.date | None]
    consent_signed: Mapped[dt.date | None]
    consent_expires: Mapped[dt.date | None]
    note: Mapped[str]
    archived: Mapped[bool]
    search: Mapped[str]


class PayerRow(Base):
    __tablename__ = "payer"
    __table_args__ = _options()
    name: Mapped[str]
    street: Mapped[str]
    street2: Mapped[str]
    city: Mapped[str]
    state: Mapped[str]
    zip_code: Mapped[str]
    phone: Mapped[str]
    program: Mapped[records.Program]
    unit_rule: Mapped[records.UnitRule | None]
    unit_cap: Mapped[int]
    filing_days: Mapped[int]
    appeal_days: Mapped[int]
    progress_visits: Mapped[int]
    progress_months: Mapped[int]
    insured_when_self: Mapped[records.InsuredWhenSelf]
    date_digits: Mapped[records.DateDigits]
    referral_required: Mapped[bool]
    authorization_required: Mapped[bool]
    rendering_npi: Mapped[records.RenderingNpi]
    facility_box: Mapped[records.FacilityBox]
    paid_box: Mapped[records.PaidBox]
    signature_box: Mapped[records.SignatureBox]
    signed_date: Mapped[records.SignedDate]
    many_lines: Mapped[records.ManyLines]
    one_date_per_claim: Mapped[bool]
    accepts_assignment: Mapped[bool]
    gp_modifier: Mapped[bool]
    taxonomy_in_33b: Mapped[bool]
    group_box: Mapped[records.GroupBox]
    paid_pairs: Mapped[tuple[str, ...]]
    paid_pairs_reason: Mapped[str]
    preferred_code: Mapped[str]
    archived: Mapped[bool]


class PayerAddressRow(Base):
    """`payer_id` and `position` are the place in `Payer.addresses`."""

    __tablename__ = "payer_address"
    __table_args__ = _options(Index("payer_addresses", "payer_id", "position"))
    payer_id: Mapped[int] = _to("payer")
    position: Mapped[int]
    purpose: Mapped[records.Purpose]
    name: Mapped[str]
    street: Mapped[str]
    street2: Mapped[str]
    city: Mapped[str]
    state: Mapped[str]
    zip_code: Mapped[str]


class PolicyRow(Base):
    __tablename__ = "policy"
    __table_args__ = _options(Index("policy_client", "client_id"), Index("policy_payer", "payer_id"))
    client_id: Mapped[int] = _to("client")
    payer_id: Mapped[int] = _to("payer")
    rank: Mapped[records.Rank]
    member_id: Mapped[str]
    group_number: Mapped[str]
    plan_name: Mapped[str]
    relationship: Mapped[records.Relationship]
    insured_first_name: Mapped[str]
    insured_middle_name: Mapped[str]
    insured_last_name: Mapped[str]
    insured_birth_date: Mapped[dt.date | None]
    insured_sex: Mapped[records.Sex]
    insured_street: Mapped[str]
    insured_city: Mapped[str]
    insured_state: Mapped[str]
    insured_zip_code: Mapped[str]
    insured_phone: Mapped[str]
    copay: Mapped[int]
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]


class VerificationRow(Base):
    __tablename__ = "verification"
    __table_args__ = _options(Index("verification_policy", "policy_id"))
    client_id: Mapped[int] = _to("client")
    policy_id: Mapped[int] = _to("policy")
    called_on: Mapped[dt.date | None]
    representative: Mapped[str]
    reference: Mapped[str]
    covers_massage: Mapped[benefits.Answer]
    network: Mapped[benefits.Network]
    conditions: Mapped[tuple[str, ...]]
    excluded_regions: Mapped[tuple[str, ...]]
    kinds: Mapped[tuple[str, ...]]
    deductible: Mapped[int | None]
    deductible_met: Mapped[int | None]
    deductible_applies: Mapped[benefits.Answer]
    copay: Mapped[int | None]
    coinsurance: Mapped[int | None]
    visit_limit: Mapped[int | None]
    visits_used: Mapped[int | None]
    shared_with: Mapped[str]
    referral_required: Mapped[benefits.Answer]
    authorization_required: Mapped[benefits.Answer]
    year_begins: Mapped[int]
    reverify_on: Mapped[dt.date | None]
    note: Mapped[str]


class CaseRow(Base):
    __tablename__ = "case"
    __table_args__ = _options(Index("case_client", "client_id"))
    client_id: Mapped[int] = _to("client")
    name: Mapped[str]
    kind: Mapped[records.CaseKind]
    accident_date: Mapped[dt.date | None]
    accident_state: Mapped[str]
    claim_number: Mapped[str]
    adjuster_name: Mapped[str]
    adjuster_phone: Mapped[str]
    employer: Mapped[str]
    onset: Mapped[dt.date | None]
    onset_qualifier: Mapped[str]
    other_date: Mapped[dt.date | None]
    other_date_qualifier: Mapped[str]
    unable_from: Mapped[dt.date | None]
    unable_to: Mapped[dt.date | None]
    hospital_from: Mapped[dt.date | None]
    hospital_to: Mapped[dt.date | None]
    last_report: Mapped[dt.date | None]


class ReferralRow(Base):
    __tablename__ = "referral"
    __table_args__ = _options(Index("referral_client", "client_id"))
    client_id: Mapped[int] = _to("client")
    case_id: Mapped[int | None] = _to("case")
    role: Mapped[records.ReferrerRole]
    first_name: Mapped[str]
    middle_name: Mapped[str]
    last_name: Mapped[str]
    credentials: Mapped[str]
    npi: Mapped[str]
    other_id_qualifier: Mapped[str]
    other_id: Mapped[str]
    written: Mapped[dt.date | None]
    expires: Mapped[dt.date | None]
    diagnoses: Mapped[tuple[str, ...]]
    visits_allowed: Mapped[int]
    used_elsewhere: Mapped[int]
    frequency: Mapped[str]


class AuthorizationRow(Base):
    __tablename__ = "authorization"
    __table_args__ = _options(Index("authorization_client", "client_id"))
    client_id: Mapped[int] = _to("client")
    policy_id: Mapped[int | None] = _to("policy")
    number: Mapped[str]
    visits_allowed: Mapped[int]
    units_allowed: Mapped[int]
    dollars_allowed: Mapped[int]
    used_elsewhere: Mapped[int]
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]


class VisitRow(Base):
    """Triggers keep `charge`, the sum of the lines; `waiting`, how many lines of a done session with a policy are on no
    live claim; and `waiting_charge`, the sum of those."""

    __tablename__ = "visit"
    __table_args__ = _options(
        Index("visit_client", "client_id", "date"),
        Index("visit_date", "date", "start"),
        Index("visit_policy", "policy_id"),
        Index("visit_waiting", "client_id", sqlite_where=text("waiting > 0")),
    )
    client_id: Mapped[int] = _to("client")
    provider_id: Mapped[int] = _to("provider")
    date: Mapped[dt.date | None]
    start: Mapped[int | None]
    minutes: Mapped[int]
    status: Mapped[records.VisitStatus]
    policy_id: Mapped[int | None] = _to("policy")
    case_id: Mapped[int | None] = _to("case")
    referral_id: Mapped[int | None] = _to("referral")
    authorization_id: Mapped[int | None] = _to("authorization")
    diagnoses: Mapped[tuple[str, ...]]
    paid: Mapped[int]
    paid_method: Mapped[str]
    paid_on: Mapped[dt.date | None]
    note: Mapped[str]
    charge: Mapped[int] = mapped_column(server_default="0")
    waiting: Mapped[int] = mapped_column(server_default="0")
    waiting_charge: Mapped[int] = mapped_column(server_default="0")


class ServiceLineRow(Base):
    """`visit_id` and `position` are the place in `Visit.lines`."""

    __tablename__ = "service_line"
    __table_args__ = _options(Index("service_line_visit", "visit_id", "position"))
    visit_id: Mapped[int] = _to("visit")
    position: Mapped[int]
    code: Mapped[str]
    modifiers: Mapped[tuple[str, ...]]
    minutes: Mapped[int]
    units: Mapped[int]
    charge: Mapped[int]
    pointers: Mapped[str]
    place: Mapped[str]
    note: Mapped[str]
    separate_region: Mapped[str]


class FeeScheduleRow(Base):
    __tablename__ = "fee_schedule"
    __table_args__ = _options()
    name: Mapped[str]
    payer_id: Mapped[int | None] = _to("payer")
    valid_from: Mapped[dt.date | None]


class FeeRow(Base):
    """`fee_schedule_id` and `position` are the place in `FeeSchedule.fees`."""

    __tablename__ = "fee"
    __table_args__ = _options(Index("fee_schedule_fees", "fee_schedule_id", "position"))
    fee_schedule_id: Mapped[int] = _to("fee_schedule")
    position: Mapped[int]
    code: Mapped[str]
    label: Mapped[str]
    amount: Mapped[int]
    timed: Mapped[bool]


class ClaimRow(Base):
    """Once `issued`, triggers hold everything but the status, the next action and the note.

    Triggers keep `charge`, the sum of its lines, and the first and last date of its sessions.
    """

    __tablename__ = "claim"
    __table_args__ = _options(
        UniqueConstraint("number", name="claim_number"), Index("claim_client", "client_id"),
        Index("claim_status_charge", "status", "charge"), Index("claim_policy", "policy_id"),
        Index("claim_first_date", "first_date"), Index("claim_charge", "charge"),
        Index("claim_status_on", "status_on"), Index("claim_next_on", "next_on"),
    )  # fmt: skip
    number: Mapped[str]
    client_id: Mapped[int] = _to("client")
    policy_id: Mapped[int] = _to("policy")
    provider_id: Mapped[int] = _to("provider")
    case_id: Mapped[int | None] = _to("case")
    referral_id: Mapped[int | None] = _to("referral")
    authorization_id: Mapped[int | None] = _to("authorization")
    status: Mapped[records.ClaimStatus]
    built: Mapped[dt.date | None]
    issued: Mapped[dt.date | None]
    layout: Mapped[str]
    pages: Mapped[str]
    resubmission_code: Mapped[str]
    original_reference: Mapped[str]
    replaces_id: Mapped[int | None] = _to("claim")
    note: Mapped[str]
    status_on: Mapped[dt.date | None]
    next_action: Mapped[str]
    next_on: Mapped[dt.date | None]
    charge: Mapped[int] = mapped_column(server_default="0")
    first_date: Mapped[dt.date | None]
    last_date: Mapped[dt.date | None]


class ClaimEventRow(Base):
    __tablename__ = "claim_event"
    __table_args__ = _options(Index("claim_event_claim", "claim_id"))
    claim_id: Mapped[int] = _to("claim")
    on: Mapped[dt.date | None]
    status: Mapped[records.ClaimStatus]
    note: Mapped[str]
    next_action: Mapped[str]
    next_on: Mapped[dt.date | None]
    user: Mapped[str]


class PaperRow(Base):
    """`sha256` names the row of `paper_content` that holds what was scanned."""

    __tablename__ = "paper"
    __table_args__ = _options(Index("paper_client", "client_id"), Index("paper_sha256", "sha256"))
    client_id: Mapped[int] = _to("client")
    referral_id: Mapped[int | None] = _to("referral")
    authorization_id: Mapped[int | None] = _to("authorization")
    policy_id: Mapped[int | None] = _to("policy")
    name: Mapped[str]
    kind: Mapped[records.PaperKind]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    added: Mapped[dt.date | None]


class PaperContentRow(Base):
    """What was scanned, once for equal content. Not logged: JSON holds no such bytes, and nothing ever changes it.

    It stays when its paper is removed, so that undo finds it; `papers.sweep` takes what undo can no longer reach.
    """

    __tablename__ = "paper_content"
    __table_args__ = _options(UniqueConstraint("sha256", name="paper_content_sha256"))
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class TypedFormRow(Base):
    __tablename__ = "typed_form"
    __table_args__ = _options()
    name: Mapped[str]
    made: Mapped[dt.date | None]
    printed: Mapped[dt.date | None]
    layout: Mapped[str]
    pages: Mapped[str]


class PayerFormRow(Base):
    __tablename__ = "payer_form"
    __table_args__ = _options(UniqueConstraint("payer_id", name="payer_form_payer"))
    payer_id: Mapped[int] = _to("payer")
    name: Mapped[str]
    sha256: Mapped[str]
    added: Mapped[dt.date | None]
    page: Mapped[str]
    mapping: Mapped[str]


class KeptFilterRow(Base):
    __tablename__ = "kept_filter"
    __table_args__ = _options(UniqueConstraint("page", "name", name="kept_filter_name"))
    page: Mapped[str]
    name: Mapped[str]
    content: Mapped[str]


class ClaimLineRow(Base):
    """The items of `Claim.line_ids`. `live` ends when the claim is void or corrected: a line is live at most once."""

    __tablename__ = "claim_line"
    __table_args__ = _options(
        UniqueConstraint("claim_id", "position", name="claim_line_position"),
        Index("claim_line_live", "service_line_id", unique=True, sqlite_where=text("live = 1")),
        Index("claim_line_service_line", "service_line_id"),
    )
    claim_id: Mapped[int] = _to("claim")
    position: Mapped[int]
    service_line_id: Mapped[int] = _to("service_line")
    live: Mapped[bool]


class OverrideRow(Base):
    """Of a claim or of a payer, once for each key. Triggers hold those of an issued claim."""

    __tablename__ = "override"
    __table_args__ = _options(
        CheckConstraint("(claim_id IS NULL) <> (payer_id IS NULL)", name="override_owner"),
        UniqueConstraint("claim_id", "key", name="override_of_claim"),
        UniqueConstraint("payer_id", "key", name="override_of_payer"),
    )
    claim_id: Mapped[int | None] = _to("claim")
    payer_id: Mapped[int | None] = _to("payer")
    key: Mapped[str]
    value: Mapped[str]
    reason: Mapped[str]
    made_on: Mapped[dt.date | None]
    user: Mapped[str]


class WaiverRow(Base):
    """Triggers hold those of an issued claim."""

    __tablename__ = "waiver"
    __table_args__ = _options(UniqueConstraint("claim_id", "code", "item", "record", name="waiver_problem"))
    claim_id: Mapped[int] = _to("claim")
    code: Mapped[str]
    item: Mapped[str]
    record: Mapped[str]
    reason: Mapped[str]
    made_on: Mapped[dt.date | None]
    user: Mapped[str]


class SuperbillRow(Base):
    """Triggers hold everything once the document is there."""

    __tablename__ = "superbill"
    __table_args__ = _options(
        UniqueConstraint("number", "version", name="superbill_number"), Index("superbill_client", "client_id")
    )
    number: Mapped[str]
    version: Mapped[int]
    client_id: Mapped[int] = _to("client")
    issued: Mapped[dt.date | None]
    document: Mapped[str]
    replaces_id: Mapped[int | None] = _to("superbill")


class SuperbillVisitRow(Base):
    """The items of `Superbill.visit_ids`."""

    __tablename__ = "superbill_visit"
    __table_args__ = _options(
        UniqueConstraint("superbill_id", "position", name="superbill_visit_position"),
        Index("superbill_visit_visit", "visit_id"),
    )
    superbill_id: Mapped[int] = _to("superbill")
    position: Mapped[int]
    visit_id: Mapped[int] = _to("visit")


class ChangeRow(Base):
    """The log: what a row was before and after, as JSON; None where it was not there. Only ever added to.

    `operation` numbers the writes of the clinic, `at` is UTC.
    """

    __tablename__ = "change"
    __table_args__ = _options(Index("change_operation", "operation"), Index("change_row", "table", "row_id"))
    operation: Mapped[int]
    at: Mapped[str]
    user: Mapped[str]
    label: Mapped[str]
    table: Mapped[str]
    row_id: Mapped[int]
    before: Mapped[str | None]
    after: Mapped[str | None]


class UserRow(Base):
    """The name is that of the password's slot in the key file; it never changes, and no user is deleted."""

    __tablename__ = "user"
    __table_args__ = _options(UniqueConstraint("name", name="user_name"))
    name: Mapped[str]
    full_name: Mapped[str]
    role: Mapped[roles.Role]
    provider_id: Mapped[int | None] = _to("provider")
    archived: Mapped[bool]


class AuditRow(Base):
    """Who did and saw what (`store.audit`). Only ever added to; triggers hold that.

    `at` is UTC; `operation` is the number in the log of changes, of a row that stands for a change; `table` and
    `row_id` name the record, of a row that stands for a look at one; `seal` chains the rows.
    """

    __tablename__ = "audit"
    __table_args__ = _options(Index("audit_row", "table", "row_id"), Index("audit_operation", "operation"))
    at: Mapped[str]
    user: Mapped[str]
    kind: Mapped[str]
    table: Mapped[str]
    row_id: Mapped[int | None]
    operation: Mapped[int | None]
    detail: Mapped[str]
    seal: Mapped[str]


class DraftRow(Base):
    """What a user had typed and not saved when the window was locked, as JSON. Not logged: it is no record yet."""

    __tablename__ = "draft"
    __table_args__ = _options(UniqueConstraint("user", "page", name="draft_page"))
    user: Mapped[str]
    page: Mapped[str]
    content: Mapped[str]


NOT_LOGGED = frozenset({"change", "audit", "draft", "paper_content"})
"""Tables that the log of changes does not follow."""

COUNTERS = {
    "practice": ("next_claim", "next_superbill", "next_client"),
    "visit": ("charge", "waiting", "waiting_charge"),
    "claim": ("charge", "first_date", "last_date"),
}
"""Columns that the log leaves out: no undo gives a number twice, and sums follow the rows they are made from."""


def _hold_enums_and_flags() -> None:
    """A CHECK for every column whose values can be listed."""
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, Flag):
                values = "0, 1"
            elif isinstance(column.type, Choice):
                values = ", ".join(f"'{member}'" for member in column.type.kind)
            else:
                continue
            table.append_constraint(CheckConstraint(f"{column.name} IN ({values})", name=f"{table.name}_{column.name}"))


_hold_enums_and_flags()
