"""The first schema: the clinic from its practice to its superbills, and the log of changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.store.migrations.parts import choice, flag, table, text, texts, to, trigger, whole


def upgrade() -> None:
    """Make the tables, the triggers and the one row of the practice."""
    _records()
    _paper()
    for guard in _TRIGGERS:
        op.execute(guard)
    op.execute(_PRACTICE)


def _records() -> None:
    table(
        "practice",
        *texts("name street city state zip_code phone fax email npi taxonomy tax_id"),
        choice("tax_id_kind", "EIN SSN"),
        *texts("service_name service_street service_city service_state service_zip_code service_npi claim_prefix"),
        whole("next_claim"),
        whole("next_superbill"),
        whole("next_client"),
        sa.CheckConstraint("id = 1", name="practice_is_one"),
    )
    table(
        "provider",
        *texts("first_name middle_name last_name credentials npi taxonomy license_number license_state"),
        flag("archived"),
    )
    table(
        "client",
        *texts("number first_name middle_name last_name suffix"),
        text("birth_date", optional=True),
        choice("sex", "- F M"),
        *texts("street city state zip_code phone email"),
        text("release_signed", optional=True),
        text("assignment_signed", optional=True),
        *texts("note"),
        flag("archived"),
        *texts("search"),
        sa.UniqueConstraint("number", name="client_number"),
    )
    op.create_index("client_search", "client", ["search"])
    table(
        "payer",
        *texts("name street street2 city state zip_code phone"),
        choice("program", "medicare medicaid tricare champva group feca other"),
        choice("unit_rule", "cms ama"),
        whole("unit_cap"),
        whole("filing_days"),
        choice("insured_when_self", "repeat blank"),
        choice("date_digits", "6 8"),
        flag("referral_required"),
        flag("authorization_required"),
        choice("rendering_npi", "always when-different"),
        choice("facility_box", "always when-different never"),
        choice("paid_box", "amount zero blank"),
        choice("signature_box", "on-file name license"),
        choice("signed_date", "issued last-service none"),
        choice("many_lines", "separate-totals continued"),
        flag("one_date_per_claim"),
        flag("accepts_assignment"),
        flag("gp_modifier"),
        flag("taxonomy_in_33b"),
        flag("group_in_11"),
        flag("archived"),
    )
    table(
        "policy",
        to("client", "client_id"),
        to("payer", "payer_id"),
        choice("rank", "primary secondary"),
        *texts("member_id group_number plan_name"),
        choice("relationship", "self spouse child other"),
        *texts("insured_first_name insured_middle_name insured_last_name"),
        text("insured_birth_date", optional=True),
        choice("insured_sex", "- F M"),
        *texts("insured_street insured_city insured_state insured_zip_code insured_phone"),
        whole("copay"),
        text("valid_from", optional=True),
        text("valid_to", optional=True),
    )
    op.create_index("policy_client", "policy", ["client_id"])
    op.create_index("policy_payer", "policy", ["payer_id"])
    table(
        "case",
        to("client", "client_id"),
        *texts("name"),
        choice("kind", "health auto work other"),
        text("accident_date", optional=True),
        *texts("accident_state claim_number adjuster_name adjuster_phone employer"),
        text("onset", optional=True),
        *texts("onset_qualifier"),
        text("other_date", optional=True),
        *texts("other_date_qualifier"),
        text("unable_from", optional=True),
        text("unable_to", optional=True),
        text("hospital_from", optional=True),
        text("hospital_to", optional=True),
    )
    op.create_index("case_client", "case", ["client_id"])
    table(
        "referral",
        to("client", "client_id"),
        to("case", "case_id", optional=True),
        choice("role", "DN DK DQ"),
        *texts("first_name middle_name last_name credentials npi other_id_qualifier other_id"),
        text("written", optional=True),
        text("expires", optional=True),
        *texts("diagnoses"),
        whole("visits_allowed"),
        *texts("frequency"),
    )
    op.create_index("referral_client", "referral", ["client_id"])
    table(
        "authorization",
        to("client", "client_id"),
        to("policy", "policy_id", optional=True),
        *texts("number"),
        whole("visits_allowed"),
        whole("units_allowed"),
        whole("dollars_allowed"),
        text("valid_from", optional=True),
        text("valid_to", optional=True),
    )
    op.create_index("authorization_client", "authorization", ["client_id"])
    table(
        "visit",
        to("client", "client_id"),
        to("provider", "provider_id"),
        text("date", optional=True),
        whole("start", optional=True),
        whole("minutes"),
        choice("status", "planned done no-show void"),
        to("policy", "policy_id", optional=True),
        to("case", "case_id", optional=True),
        to("referral", "referral_id", optional=True),
        to("authorization", "authorization_id", optional=True),
        *texts("diagnoses"),
        whole("paid"),
        *texts("paid_method"),
        text("paid_on", optional=True),
        *texts("note"),
    )
    op.create_index("visit_client", "visit", ["client_id", "date"])
    op.create_index("visit_date", "visit", ["date", "start"])
    op.create_index("visit_policy", "visit", ["policy_id"])
    table(
        "service_line",
        to("visit", "visit_id"),
        whole("position"),
        *texts("code modifiers"),
        whole("minutes"),
        whole("units"),
        whole("charge"),
        *texts("pointers place note"),
    )
    op.create_index("service_line_visit", "service_line", ["visit_id", "position"])
    table(
        "fee_schedule",
        *texts("name"),
        to("payer", "payer_id", optional=True),
        text("valid_from", optional=True),
    )
    table(
        "fee",
        to("fee_schedule", "fee_schedule_id"),
        whole("position"),
        *texts("code label"),
        whole("amount"),
        flag("timed"),
    )
    op.create_index("fee_schedule_fees", "fee", ["fee_schedule_id", "position"])


def _paper() -> None:
    table(
        "claim",
        *texts("number"),
        to("client", "client_id"),
        to("policy", "policy_id"),
        to("provider", "provider_id"),
        to("case", "case_id", optional=True),
        to("referral", "referral_id", optional=True),
        to("authorization", "authorization_id", optional=True),
        choice("status", "draft ready printed mailed void"),
        text("built", optional=True),
        text("issued", optional=True),
        *texts("layout pages resubmission_code original_reference"),
        to("claim", "replaces_id", optional=True),
        *texts("note"),
        sa.UniqueConstraint("number", name="claim_number"),
    )
    op.create_index("claim_client", "claim", ["client_id"])
    op.create_index("claim_policy", "claim", ["policy_id"])
    op.create_index("claim_status", "claim", ["status"])
    table(
        "claim_line",
        to("claim", "claim_id"),
        whole("position"),
        to("service_line", "service_line_id"),
        flag("live"),
        sa.UniqueConstraint("claim_id", "position", name="claim_line_position"),
    )
    op.create_index("claim_line_live", "claim_line", ["service_line_id"], unique=True, sqlite_where=sa.text("live = 1"))
    op.create_index("claim_line_service_line", "claim_line", ["service_line_id"])
    table(
        "superbill",
        *texts("number"),
        whole("version"),
        to("client", "client_id"),
        text("issued", optional=True),
        *texts("document"),
        to("superbill", "replaces_id", optional=True),
        sa.UniqueConstraint("number", "version", name="superbill_number"),
    )
    op.create_index("superbill_client", "superbill", ["client_id"])
    table(
        "superbill_visit",
        to("superbill", "superbill_id"),
        whole("position"),
        to("visit", "visit_id"),
        sa.UniqueConstraint("superbill_id", "position", name="superbill_visit_position"),
    )
    op.create_index("superbill_visit_visit", "superbill_visit", ["visit_id"])
    table(
        "change",
        whole("operation"),
        *texts("at user label table"),
        whole("row_id"),
        text("before", optional=True),
        text("after", optional=True),
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


def _issued(claim_id: str) -> str:
    return f"(SELECT issued FROM claim WHERE id = {claim_id}) IS NOT NULL"


_TRIGGERS = (
    trigger(
        "claim_frozen", "UPDATE ON claim", f"OLD.issued IS NOT NULL AND ({_differs(_FROZEN_CLAIM)})",
        "an issued claim cannot be changed",
    ),
    trigger("claim_kept", "DELETE ON claim", "OLD.issued IS NOT NULL", "an issued claim cannot be deleted"),
    trigger(
        "claim_line_added", "INSERT ON claim_line", _issued("NEW.claim_id"), "an issued claim cannot be changed"
    ),
    trigger(
        "claim_line_frozen", "UPDATE ON claim_line",
        f"{_issued('OLD.claim_id')} AND (NEW.live > OLD.live OR {_differs('claim_id position service_line_id')})",
        "an issued claim cannot be changed",
    ),
    trigger(
        "claim_line_kept", "DELETE ON claim_line", f"{_issued('OLD.claim_id')} AND OLD.live",
        "an issued claim cannot be changed",
    ),
    trigger(
        "superbill_frozen", "UPDATE ON superbill", f"OLD.document <> '' AND ({_differs(_FROZEN_SUPERBILL)})",
        "an issued superbill cannot be changed",
    ),
    trigger(
        "superbill_kept", "DELETE ON superbill", "OLD.document <> ''", "an issued superbill cannot be deleted"
    ),
    trigger("change_frozen", "UPDATE ON change", "TRUE", "the log cannot be changed"),
    trigger("change_kept", "DELETE ON change", "TRUE", "the log cannot be changed"),
)  # fmt: skip

_PRACTICE = """
INSERT INTO practice VALUES (
    1, '', '', '', '', '', '', '', '', '', '', '', 'EIN', '', '', '', '', '', '', '', 1, 1, 1
)
"""
