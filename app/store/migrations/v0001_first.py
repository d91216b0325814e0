"""The first schema: the clinic from its practice to its superbills, and the log of changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    """Make the tables, the triggers and the one row of the practice."""
    _records()
    _paper()
    for trigger in _TRIGGERS:
        op.execute(trigger)
    op.execute(_PRACTICE)


def _records() -> None:
    _table(
        "practice",
        *_texts("name street city state zip_code phone fax email npi taxonomy tax_id"),
        _choice("tax_id_kind", "EIN SSN"),
        *_texts("service_name service_street service_city service_state service_zip_code service_npi claim_prefix"),
        _whole("next_claim"),
        _whole("next_superbill"),
        _whole("next_client"),
        sa.CheckConstraint("id = 1", name="practice_is_one"),
    )
    _table(
        "provider",
        *_texts("first_name middle_name last_name credentials npi taxonomy license_number license_state"),
        _flag("archived"),
    )
    _table(
        "client",
        *_texts("number first_name middle_name last_name suffix"),
        _text("birth_date", optional=True),
        _choice("sex", "- F M"),
        *_texts("street city state zip_code phone email"),
        _text("release_signed", optional=True),
        _text("assignment_signed", optional=True),
        *_texts("note"),
        _flag("archived"),
        *_texts("search"),
        sa.UniqueConstraint("number", name="client_number"),
    )
    op.create_index("client_search", "client", ["search"])
    _table(
        "payer",
        *_texts("name street street2 city state zip_code phone"),
        _choice("program", "medicare medicaid tricare champva group feca other"),
        _choice("unit_rule", "cms ama"),
        _whole("unit_cap"),
        _whole("filing_days"),
        _choice("insured_when_self", "repeat blank"),
        _choice("date_digits", "6 8"),
        _flag("referral_required"),
        _flag("authorization_required"),
        _choice("rendering_npi", "always when-different"),
        _choice("facility_box", "always when-different never"),
        _choice("paid_box", "amount zero blank"),
        _choice("signature_box", "on-file name license"),
        _choice("signed_date", "issued last-service none"),
        _choice("many_lines", "separate-totals continued"),
        _flag("one_date_per_claim"),
        _flag("accepts_assignment"),
        _flag("gp_modifier"),
        _flag("taxonomy_in_33b"),
        _flag("group_in_11"),
        _flag("archived"),
    )
    _table(
        "policy",
        _to("client", "client_id"),
        _to("payer", "payer_id"),
        _choice("rank", "primary secondary"),
        *_texts("member_id group_number plan_name"),
        _choice("relationship", "self spouse child other"),
        *_texts("insured_first_name insured_middle_name insured_last_name"),
        _text("insured_birth_date", optional=True),
        _choice("insured_sex", "- F M"),
        *_texts("insured_street insured_city insured_state insured_zip_code insured_phone"),
        _whole("copay"),
        _text("valid_from", optional=True),
        _text("valid_to", optional=True),
    )
    op.create_index("policy_client", "policy", ["client_id"])
    op.create_index("policy_payer", "policy", ["payer_id"])
    _table(
        "case",
        _to("client", "client_id"),
        *_texts("name"),
        _choice("kind", "health auto work other"),
        _text("accident_date", optional=True),
        *_texts("accident_state claim_number adjuster_name adjuster_phone employer"),
        _text("onset", optional=True),
        *_texts("onset_qualifier"),
        _text("other_date", optional=True),
        *_texts("other_date_qualifier"),
        _text("unable_from", optional=True),
        _text("unable_to", optional=True),
        _text("hospital_from", optional=True),
        _text("hospital_to", optional=True),
    )
    op.create_index("case_client", "case", ["client_id"])
    _table(
        "referral",
        _to("client", "client_id"),
        _to("case", "case_id", optional=True),
        _choice("role", "DN DK DQ"),
        *_texts("first_name middle_name last_name credentials npi other_id_qualifier other_id"),
        _text("written", optional=True),
        _text("expires", optional=True),
        *_texts("diagnoses"),
        _whole("visits_allowed"),
        *_texts("frequency"),
    )
    op.create_index("referral_client", "referral", ["client_id"])
    _table(
        "authorization",
        _to("client", "client_id"),
        _to("policy", "policy_id", optional=True),
        *_texts("number"),
        _whole("visits_allowed"),
        _whole("units_allowed"),
        _whole("dollars_allowed"),
        _text("valid_from", optional=True),
        _text("valid_to", optional=True),
    )
    op.create_index("authorization_client", "authorization", ["client_id"])
    _table(
        "visit",
        _to("client", "client_id"),
        _to("provider", "provider_id"),
        _text("date", optional=True),
        _whole("start", optional=True),
        _whole("minutes"),
        _choice("status", "planned done no-show void"),
        _to("policy", "policy_id", optional=True),
        _to("case", "case_id", optional=True),
        _to("referral", "referral_id", optional=True),
        _to("authorization", "authorization_id", optional=True),
        *_texts("diagnoses"),
        _whole("paid"),
        *_texts("paid_method"),
        _text("paid_on", optional=True),
        *_texts("note"),
    )
    op.create_index("visit_client", "visit", ["client_id", "date"])
    op.create_index("visit_date", "visit", ["date", "start"])
    op.create_index("visit_policy", "visit", ["policy_id"])
    _table(
        "service_line",
        _to("visit", "visit_id"),
        _whole("position"),
        *_texts("code modifiers"),
        _whole("minutes"),
        _whole("units"),
        _whole("charge"),
        *_texts("pointers place note"),
    )
    op.create_index("service_line_visit", "service_line", ["visit_id", "position"])
    _table(
        "fee_schedule",
        *_texts("name"),
        _to("payer", "payer_id", optional=True),
        _text("valid_from", optional=True),
    )
    _table(
        "fee",
        _to("fee_schedule", "fee_schedule_id"),
        _whole("position"),
        *_texts("code label"),
        _whole("amount"),
        _flag("timed"),
    )
    op.create_index("fee_schedule_fees", "fee", ["fee_schedule_id", "position"])


def _paper() -> None:
    _table(
        "claim",
        *_texts("number"),
        _to("client", "client_id"),
        _to("policy", "policy_id"),
        _to("provider", "provider_id"),
        _to("case", "case_id", optional=True),
        _to("referral", "referral_id", optional=True),
        _to("authorization", "authorization_id", optional=True),
        _choice("status", "draft ready printed mailed void"),
        _text("built", optional=True),
        _text("issued", optional=True),
        *_texts("layout pages resubmission_code original_reference"),
        _to("claim", "replaces_id", optional=True),
        *_texts("note"),
        sa.UniqueConstraint("number", name="claim_number"),
    )
    op.create_index("claim_client", "claim", ["client_id"])
    op.create_index("claim_policy", "claim", ["policy_id"])
    op.create_index("claim_status", "claim", ["status"])
    _table(
        "claim_line",
        _to("claim", "claim_id"),
        _whole("position"),
        _to("service_line", "service_line_id"),
        _flag("live"),
        sa.UniqueConstraint("claim_id", "position", name="claim_line_position"),
    )
    op.create_index("claim_line_live", "claim_line", ["service_line_id"], unique=True, sqlite_where=sa.text("live = 1"))
    op.create_index("claim_line_service_line", "claim_line", ["service_line_id"])
    _table(
        "superbill",
        *_texts("number"),
        _whole("version"),
        _to("client", "client_id"),
        _text("issued", optional=True),
        *_texts("document"),
        _to("superbill", "replaces_id", optional=True),
        sa.UniqueConstraint("number", "version", name="superbill_number"),
    )
    op.create_index("superbill_client", "superbill", ["client_id"])
    _table(
        "superbill_visit",
        _to("superbill", "superbill_id"),
        _whole("position"),
        _to("visit", "visit_id"),
        sa.UniqueConstraint("superbill_id", "position", name="superbill_visit_position"),
    )
    op.create_index("superbill_visit_visit", "superbill_visit", ["visit_id"])
    _table(
        "change",
        _whole("operation"),
        *_texts("at user label table"),
        _whole("row_id"),
        _text("before", optional=True),
        _text("after", optional=True),
    )
    op.create_index("change_operation", "change", ["operation"])
    op.create_index("change_row", "change", ["table", "row_id"])


_FROZEN_CLAIM = (
    "number client_id policy_id provider_id case_id referral_id authorization_id built issued layout pages"
    " resubmission_code original_reference replaces_id"
)
_FROZEN_SUPERBILL = "number version client_id issued document replaces_id"


def _differs(columns: str) -> str:
    return " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns.split())


def _trigger(name: str, event: str, when: str, message: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {event} WHEN {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"


def _issued(claim_id: str) -> str:
    return f"(SELECT issued FROM claim WHERE id = {claim_id}) IS NOT NULL"


_TRIGGERS = (
    _trigger(
        "claim_frozen", "UPDATE ON claim", f"OLD.issued IS NOT NULL AND ({_differs(_FROZEN_CLAIM)})",
        "an issued claim cannot be changed",
    ),
    _trigger("claim_kept", "DELETE ON claim", "OLD.issued IS NOT NULL", "an issued claim cannot be deleted"),
    _trigger(
        "claim_line_added", "INSERT ON claim_line", _issued("NEW.claim_id"), "an issued claim cannot be changed"
    ),
    _trigger(
        "claim_line_frozen", "UPDATE ON claim_line",
        f"{_issued('OLD.claim_id')} AND (NEW.live > OLD.live OR {_differs('claim_id position service_line_id')})",
        "an issued claim cannot be changed",
    ),
    _trigger(
        "claim_line_kept", "DELETE ON claim_line", f"{_issued('OLD.claim_id')} AND OLD.live",
        "an issued claim cannot be changed",
    ),
    _trigger(
        "superbill_frozen", "UPDATE ON superbill", f"OLD.document <> '' AND ({_differs(_FROZEN_SUPERBILL)})",
        "an issued superbill cannot be changed",
    ),
    _trigger(
        "superbill_kept", "DELETE ON superbill", "OLD.document <> ''", "an issued superbill cannot be deleted"
    ),
    _trigger("change_frozen", "UPDATE ON change", "TRUE", "the log cannot be changed"),
    _trigger("change_kept", "DELETE ON change", "TRUE", "the log cannot be changed"),
)  # fmt: skip

_PRACTICE = """
INSERT INTO practice VALUES (
    1, '', '', '', '', '', '', '', '', '', '', '', 'EIN', '', '', '', '', '', '', '', 1, 1, 1
)
"""


def _table(name: str, *parts: sa.Column[object] | sa.Constraint | tuple[sa.Column[object], sa.CheckConstraint]) -> None:
    """A table with its id; a column with a list of values brings its CHECK, named after both."""
    columns: list[sa.Column[object] | sa.Constraint] = [sa.Column("id", sa.Integer, primary_key=True, nullable=False)]
    checks = []
    for part in parts:
        if isinstance(part, tuple):
            column, check = part
            check.name = f"{name}_{column.name}"
            columns.append(column)
            checks.append(check)
        else:
            columns.append(part)
    op.create_table(name, *columns, *checks, sqlite_autoincrement=True, sqlite_strict=True)


def _texts(names: str) -> list[sa.Column[object]]:
    return [_text(name) for name in names.split()]


def _text(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text, nullable=optional)


def _whole(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Integer, nullable=optional)


def _to(table: str, name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{table}.id", ondelete="RESTRICT"), nullable=optional)


def _flag(name: str) -> tuple[sa.Column[object], sa.CheckConstraint]:
    return _whole(name), sa.CheckConstraint(f"{name} IN (0, 1)")


def _choice(name: str, values: str) -> tuple[sa.Column[object], sa.CheckConstraint]:
    """`values` are parted by spaces; a hyphen stands for the empty one."""
    listed = ", ".join(f"'{'' if value == '-' else value}'" for value in values.split())
    return _text(name), sa.CheckConstraint(f"{name} IN ({listed})")
