"""The states of a claim after the mail with their history, forms typed by hand, kept filters, and how long signatures
hold; users with roles, the audit, and what was typed when the window was locked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.store.migrations.parts import choice, flag, rebuild, table, text, texts, to, trigger, whole

_STATUSES = (
    "draft ready printed mailed received in-process paid partly-paid denied rejected appealed corrected void"
    " written-off closed"
)
_FROZEN_CLAIM = (
    "number client_id policy_id provider_id case_id referral_id authorization_id built issued layout pages"
    " resubmission_code original_reference replaces_id"
)


def upgrade() -> None:
    """Rebuild two tables with their new columns, and make the new ones."""
    _client()
    _claim()
    _typed_form()
    _payer_form()
    _kept_filter()
    _users()


def _client() -> None:
    rebuild(
        "client",
        *texts("number first_name middle_name last_name suffix"),
        text("birth_date", optional=True),
        choice("sex", "- F M"),
        *texts("street city state zip_code phone email"),
        text("release_signed", optional=True),
        text("release_expires", optional=True),
        text("assignment_signed", optional=True),
        text("assignment_expires", optional=True),
        text("consent_signed", optional=True),
        text("consent_expires", optional=True),
        *texts("note"),
        flag("archived"),
        *texts("search"),
        sa.UniqueConstraint("number", name="client_number"),
        new=dict.fromkeys(("release_expires", "assignment_expires", "consent_signed", "consent_expires"), "NULL"),
    )
    op.create_index("client_search", "client", ["search"])


def _claim() -> None:
    """The state that a claim is in becomes the first event of its history."""
    rebuild(
        "claim",
        *texts("number"),
        to("client", "client_id"),
        to("policy", "policy_id"),
        to("provider", "provider_id"),
        to("case", "case_id", optional=True),
        to("referral", "referral_id", optional=True),
        to("authorization", "authorization_id", optional=True),
        choice("status", _STATUSES),
        text("built", optional=True),
        text("issued", optional=True),
        *texts("layout pages resubmission_code original_reference"),
        to("claim", "replaces_id", optional=True),
        *texts("note"),
        text("status_on", optional=True),
        *texts("next_action"),
        text("next_on", optional=True),
        sa.UniqueConstraint("number", name="claim_number"),
        new={"status_on": "coalesce(issued, built)", "next_action": "''", "next_on": "NULL"},
    )
    op.create_index("claim_client", "claim", ["client_id"])
    op.create_index("claim_policy", "claim", ["policy_id"])
    op.create_index("claim_status", "claim", ["status"])
    differs = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in _FROZEN_CLAIM.split())
    frozen = f"OLD.issued IS NOT NULL AND ({differs})"
    op.execute(trigger("claim_frozen", "UPDATE ON claim", frozen, "an issued claim cannot be changed"))
    kept = "OLD.issued IS NOT NULL"
    op.execute(trigger("claim_kept", "DELETE ON claim", kept, "an issued claim cannot be deleted"))
    table(
        "claim_event",
        to("claim", "claim_id"),
        text("on", optional=True),
        choice("status", _STATUSES),
        *texts("note next_action"),
        text("next_on", optional=True),
        *texts("user"),
    )
    op.create_index("claim_event_claim", "claim_event", ["claim_id"])
    op.execute(
        'INSERT INTO claim_event (claim_id, "on", status, note, next_action, user)'
        " SELECT id, status_on, status, '', '', '' FROM claim ORDER BY id"
    )


def _typed_form() -> None:
    table(
        "typed_form",
        *texts("name"),
        text("made", optional=True),
        text("printed", optional=True),
        *texts("layout pages"),
    )


def _payer_form() -> None:
    table(
        "payer_form",
        to("payer", "payer_id"),
        *texts("name sha256"),
        text("added", optional=True),
        *texts("page mapping"),
        sa.UniqueConstraint("payer_id", name="payer_form_payer"),
    )


def _kept_filter() -> None:
    table("kept_filter", *texts("page name content"), sa.UniqueConstraint("page", "name", name="kept_filter_name"))


def _users() -> None:
    """Who the users are is for the store to say when the clinic is opened: it knows who has a password."""
    table(
        "user",
        *texts("name full_name"),
        choice("role", "owner biller therapist front-desk"),
        to("provider", "provider_id", optional=True),
        flag("archived"),
        sa.UniqueConstraint("name", name="user_name"),
    )
    table(
        "audit",
        *texts("at user kind table"),
        whole("row_id", optional=True),
        whole("operation", optional=True),
        *texts("detail seal"),
    )
    op.create_index("audit_operation", "audit", ["operation"])
    op.create_index("audit_row", "audit", ["table", "row_id"])
    op.execute(trigger("audit_frozen", "UPDATE ON audit", "TRUE", "the audit cannot be changed"))
    op.execute(trigger("audit_kept", "DELETE ON audit", "TRUE", "the audit cannot be changed"))
    table("draft", *texts("user page content"), sa.UniqueConstraint("user", "page", name="draft_page"))
