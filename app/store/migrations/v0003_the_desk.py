"""The states of a claim after the mail with their history, forms typed by hand, kept filters, and how long signatures
hold; scans with their content; users with roles, the audit, and what was typed when the window was locked."""

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
    _paper()
    _sums()


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


def _paper() -> None:
    """Scans; their content is beside them, outside the log of changes."""
    table(
        "paper",
        to("client", "client_id"),
        to("referral", "referral_id", optional=True),
        to("authorization", "authorization_id", optional=True),
        to("policy", "policy_id", optional=True),
        *texts("name"),
        choice("kind", "referral authorization card form other"),
        *texts("media_type"),
        whole("size"),
        *texts("sha256"),
        text("added", optional=True),
    )
    op.create_index("paper_client", "paper", ["client_id"])
    op.create_index("paper_sha256", "paper", ["sha256"])
    table(
        "paper_content",
        *texts("sha256"),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("sha256", name="paper_content_sha256"),
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


_CHARGE = "(SELECT coalesce(sum(charge), 0) FROM service_line WHERE visit_id = visit.id)"
_WAITING = (
    "(CASE WHEN visit.status = 'done' AND visit.policy_id IS NOT NULL THEN (SELECT {of} FROM service_line"
    " WHERE visit_id = visit.id AND NOT EXISTS (SELECT 1 FROM claim_line"
    " WHERE service_line_id = service_line.id AND live = 1)) ELSE 0 END)"
)
_OF_CLAIM = (
    "FROM claim_line JOIN service_line ON service_line.id = claim_line.service_line_id"
    " JOIN visit ON visit.id = service_line.visit_id WHERE claim_line.claim_id = claim.id"
)
_VISIT = (
    f"UPDATE visit SET charge = {_CHARGE}, waiting = {_WAITING.format(of='count(*)')},"
    f" waiting_charge = {_WAITING.format(of='coalesce(sum(charge), 0)')}"
)
_CLAIM = (
    f"UPDATE claim SET charge = (SELECT coalesce(sum(service_line.charge), 0) {_OF_CLAIM}),"
    f" first_date = (SELECT min(visit.date) {_OF_CLAIM}), last_date = (SELECT max(visit.date) {_OF_CLAIM})"
)


def _sums() -> None:
    """What lists are sorted and searched by is kept beside the rows it is made from, by triggers: no writer can forget
    it, and undoing a change of the rows brings it back as well."""
    op.add_column("visit", sa.Column("charge", sa.Integer, nullable=False, server_default="0"))
    op.add_column("visit", sa.Column("waiting", sa.Integer, nullable=False, server_default="0"))
    op.add_column("visit", sa.Column("waiting_charge", sa.Integer, nullable=False, server_default="0"))
    op.add_column("claim", sa.Column("charge", sa.Integer, nullable=False, server_default="0"))
    op.add_column("claim", sa.Column("first_date", sa.Text))
    op.add_column("claim", sa.Column("last_date", sa.Text))
    of_line = "WHERE visit.id = (SELECT visit_id FROM service_line WHERE id = {row}.service_line_id)"
    on_claims = (
        "WHERE id IN (SELECT claim_id FROM claim_line JOIN service_line ON service_line.id = service_line_id"
        " WHERE service_line.{column} = NEW.id)"
    )
    keep = {
        "claim_line_sums_insert": (
            "INSERT ON claim_line",
            [f"{_CLAIM} WHERE id = NEW.claim_id", f"{_VISIT} {of_line.format(row='NEW')}"],
        ),
        "claim_line_sums_update": (
            "UPDATE OF live, service_line_id ON claim_line",
            [f"{_VISIT} {of_line.format(row='NEW')}", f"{_CLAIM} WHERE id = NEW.claim_id"],
        ),
        "claim_line_sums_delete": (
            "DELETE ON claim_line",
            [f"{_CLAIM} WHERE id = OLD.claim_id", f"{_VISIT} {of_line.format(row='OLD')}"],
        ),
        "service_line_sums_insert": ("INSERT ON service_line", [f"{_VISIT} WHERE id = NEW.visit_id"]),
        "service_line_sums_update": (
            "UPDATE OF charge, visit_id ON service_line",
            [f"{_VISIT} WHERE id IN (OLD.visit_id, NEW.visit_id)", f"{_CLAIM} {on_claims.format(column='id')}"],
        ),
        "service_line_sums_delete": ("DELETE ON service_line", [f"{_VISIT} WHERE id = OLD.visit_id"]),
        "visit_sums_update": (
            "UPDATE OF status, policy_id, date ON visit",
            [f"{_VISIT} WHERE id = NEW.id", f"{_CLAIM} {on_claims.format(column='visit_id')}"],
        ),
    }
    op.execute(_VISIT)
    op.execute(_CLAIM)
    for name, (event, updates) in keep.items():
        op.execute(f"CREATE TRIGGER {name} AFTER {event} BEGIN {'; '.join(updates)}; END")
    op.create_index("visit_waiting", "visit", ["client_id"], sqlite_where=sa.text("waiting > 0"))
    op.create_index("claim_status_charge", "claim", ["status", "charge"])
    op.create_index("claim_first_date", "claim", ["first_date"])
    op.create_index("claim_charge", "claim", ["charge"])
    op.create_index("claim_status_on", "claim", ["status_on"])
    op.create_index("claim_next_on", "claim", ["next_on"])
