"""More habits and addresses of payers; calls about benefits; values and waivers by hand; what was used elsewhere;
progress reports.

Group number in 11, yes or no, becomes the number, the word NONE, or blank.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.store.migrations.parts import choice, flag, rebuild, table, text, texts, to, trigger, whole


def upgrade() -> None:
    """Rebuild six tables with their new columns, and make four."""
    _practice()
    _payer()
    _verification()
    _case()
    _grants()
    _service_line()
    _by_hand()


def _practice() -> None:
    rebuild(
        "practice",
        *texts("name street city state zip_code phone fax email npi taxonomy tax_id"),
        choice("tax_id_kind", "EIN SSN"),
        *texts("service_name service_street service_city service_state service_zip_code service_npi"),
        whole("low_visits"),
        whole("low_units"),
        whole("low_days"),
        *texts("claim_prefix"),
        whole("next_claim"),
        whole("next_superbill"),
        whole("next_client"),
        sa.CheckConstraint("id = 1", name="practice_is_one"),
        new={"low_visits": "2", "low_units": "10", "low_days": "7"},
    )


def _payer() -> None:
    rebuild(
        "payer",
        *texts("name street street2 city state zip_code phone"),
        choice("program", "medicare medicaid tricare champva group feca other"),
        choice("unit_rule", "cms ama", optional=True),
        whole("unit_cap"),
        whole("filing_days"),
        whole("appeal_days"),
        whole("progress_visits"),
        whole("progress_months"),
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
        choice("group_box", "number none blank"),
        *texts("paid_pairs paid_pairs_reason preferred_code"),
        flag("archived"),
        new={
            "appeal_days": "0", "progress_visits": "0", "progress_months": "0",
            "group_box": "CASE group_in_11 WHEN 1 THEN 'number' ELSE 'blank' END", "paid_pairs": "'[]'",
            "paid_pairs_reason": "''", "preferred_code": "''",
        },
    )  # fmt: skip
    table(
        "payer_address",
        to("payer", "payer_id"),
        whole("position"),
        choice("purpose", "claims appeals records"),
        *texts("name street street2 city state zip_code"),
    )
    op.create_index("payer_addresses", "payer_address", ["payer_id", "position"])


def _verification() -> None:
    table(
        "verification",
        to("client", "client_id"),
        to("policy", "policy_id"),
        text("called_on", optional=True),
        *texts("representative reference"),
        choice("covers_massage", "- yes no"),
        choice("network", "- in out"),
        *texts("conditions excluded_regions kinds"),
        whole("deductible", optional=True),
        whole("deductible_met", optional=True),
        choice("deductible_applies", "- yes no"),
        whole("copay", optional=True),
        whole("coinsurance", optional=True),
        whole("visit_limit", optional=True),
        whole("visits_used", optional=True),
        *texts("shared_with"),
        choice("referral_required", "- yes no"),
        choice("authorization_required", "- yes no"),
        whole("year_begins"),
        text("reverify_on", optional=True),
        *texts("note"),
    )
    op.create_index("verification_policy", "verification", ["policy_id"])


def _case() -> None:
    rebuild(
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
        text("last_report", optional=True),
        new={"last_report": "NULL"},
    )
    op.create_index("case_client", "case", ["client_id"])


def _grants() -> None:
    rebuild(
        "referral",
        to("client", "client_id"),
        to("case", "case_id", optional=True),
        choice("role", "DN DK DQ"),
        *texts("first_name middle_name last_name credentials npi other_id_qualifier other_id"),
        text("written", optional=True),
        text("expires", optional=True),
        *texts("diagnoses"),
        whole("visits_allowed"),
        whole("used_elsewhere"),
        *texts("frequency"),
        new={"used_elsewhere": "0"},
    )
    op.create_index("referral_client", "referral", ["client_id"])
    rebuild(
        "authorization",
        to("client", "client_id"),
        to("policy", "policy_id", optional=True),
        *texts("number"),
        whole("visits_allowed"),
        whole("units_allowed"),
        whole("dollars_allowed"),
        whole("used_elsewhere"),
        text("valid_from", optional=True),
        text("valid_to", optional=True),
        new={"used_elsewhere": "0"},
    )
    op.create_index("authorization_client", "authorization", ["client_id"])


def _service_line() -> None:
    rebuild(
        "service_line",
        to("visit", "visit_id"),
        whole("position"),
        *texts("code modifiers"),
        whole("minutes"),
        whole("units"),
        whole("charge"),
        *texts("pointers place note separate_region"),
        new={"separate_region": "''"},
    )
    op.create_index("service_line_visit", "service_line", ["visit_id", "position"])


def _by_hand() -> None:
    table(
        "override",
        to("claim", "claim_id", optional=True),
        to("payer", "payer_id", optional=True),
        *texts("key value reason"),
        text("made_on", optional=True),
        *texts("user"),
        sa.CheckConstraint("(claim_id IS NULL) <> (payer_id IS NULL)", name="override_owner"),
        sa.UniqueConstraint("claim_id", "key", name="override_of_claim"),
        sa.UniqueConstraint("payer_id", "key", name="override_of_payer"),
    )
    table(
        "waiver",
        to("claim", "claim_id"),
        *texts("code item record reason"),
        text("made_on", optional=True),
        *texts("user"),
        sa.UniqueConstraint("claim_id", "code", "item", "record", name="waiver_problem"),
    )
    for name in ("override", "waiver"):
        for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
            issued = f"(SELECT issued FROM claim WHERE id = {row}.claim_id) IS NOT NULL"
            message = "what was decided for an issued claim cannot be changed"
            op.execute(trigger(f"{name}_{event.lower()}", f"{event} ON {name}", issued, message))
