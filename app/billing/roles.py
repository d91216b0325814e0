"""Who may do what: each person of a clinic has one role, and each role a list of actions. One table says it all.

The store asks this table below the window, at the end of every write and before what is not a write; the window asks
it only to leave out what would be refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.i18n import N_, _


class Role(StrEnum):
    """What a person does in the clinic."""

    OWNER = "owner"
    BILLER = "biller"
    THERAPIST = "therapist"
    FRONT_DESK = "front-desk"


class Action(StrEnum):
    """What a role may do or not. Reading records of clients, sessions and coverage is open to every role."""

    CLIENTS = "clients"
    SESSIONS = "sessions"
    NOTES = "notes"
    CLAIMS = "claims"
    PRINT_CLAIMS = "print-claims"
    OVERRULE = "overrule"
    SUPERBILLS = "superbills"
    FEES = "fees"
    PAYERS = "payers"
    PRACTICE = "practice"
    REPORTS = "reports"
    EXPORT = "export"
    BACKUPS = "backups"
    USERS = "users"
    AUDIT = "audit"


@dataclass(frozen=True, kw_only=True)
class User:
    """A person who opens the clinic. `name` is the one typed at the login, `provider_id` the therapist they are.

    An archived user cannot open the clinic; the records keep the name.
    """

    id: int | None = None
    name: str
    full_name: str = ""
    role: Role = Role.FRONT_DESK
    provider_id: int | None = None
    archived: bool = False


ROLES: dict[Role, frozenset[Action]] = {
    Role.OWNER: frozenset(Action),
    Role.BILLER: frozenset(
        {
            Action.CLIENTS, Action.SESSIONS, Action.NOTES, Action.CLAIMS, Action.PRINT_CLAIMS, Action.OVERRULE,
            Action.SUPERBILLS, Action.FEES, Action.PAYERS, Action.REPORTS,
        }
    ),
    Role.THERAPIST: frozenset({Action.CLIENTS, Action.SESSIONS, Action.NOTES, Action.SUPERBILLS}),
    Role.FRONT_DESK: frozenset({Action.CLIENTS, Action.SESSIONS, Action.SUPERBILLS}),
}  # fmt: skip
"""What each role may do. A front desk books sessions and hands out superbills, and does not read session notes."""

TABLES: dict[str, Action | None] = {
    "practice": Action.PRACTICE,
    "provider": Action.PRACTICE,
    "payer": Action.PAYERS,
    "payer_address": Action.PAYERS,
    "fee_schedule": Action.FEES,
    "fee": Action.FEES,
    "client": Action.CLIENTS,
    "policy": Action.CLIENTS,
    "verification": Action.CLIENTS,
    "case": Action.CLIENTS,
    "referral": Action.CLIENTS,
    "authorization": Action.CLIENTS,
    "paper": Action.CLIENTS,
    "visit": Action.SESSIONS,
    "service_line": Action.SESSIONS,
    "claim": Action.CLAIMS,
    "claim_line": Action.CLAIMS,
    "claim_event": Action.CLAIMS,
    "typed_form": Action.CLAIMS,
    "override": Action.OVERRULE,
    "waiver": Action.OVERRULE,
    "superbill": Action.SUPERBILLS,
    "superbill_visit": Action.SUPERBILLS,
    "payer_form": Action.PAYERS,
    "kept_filter": None,
    "user": Action.USERS,
}
"""The action that a change of a table is; None where anybody may."""

HIDDEN: dict[str, tuple[Action, tuple[str, ...]]] = {"visit": (Action.NOTES, ("note",))}
"""Columns that are neither read nor written without the action: they read as empty, and a change leaves them."""

_NAMES = {
    Role.OWNER: N_("Owner"),
    Role.BILLER: N_("Biller"),
    Role.THERAPIST: N_("Therapist"),
    Role.FRONT_DESK: N_("Front desk"),
}

_SUBJECTS = {
    Role.OWNER: N_("An owner"),
    Role.BILLER: N_("A biller"),
    Role.THERAPIST: N_("A therapist"),
    Role.FRONT_DESK: N_("The front desk"),
}

_REFUSALS = {
    Action.CLIENTS: N_("{who} may not change clients."),
    Action.SESSIONS: N_("{who} may not change sessions."),
    Action.NOTES: N_("{who} may not read session notes."),
    Action.CLAIMS: N_("{who} may not change claims."),
    Action.PRINT_CLAIMS: N_("{who} may not print claims."),
    Action.OVERRULE: N_("{who} may not decide against a rule."),
    Action.SUPERBILLS: N_("{who} may not make superbills."),
    Action.FEES: N_("{who} may not change fees."),
    Action.PAYERS: N_("{who} may not change payers."),
    Action.PRACTICE: N_("{who} may not change the practice or its providers."),
    Action.REPORTS: N_("{who} may not see reports with money."),
    Action.EXPORT: N_("{who} may not export the clinic."),
    Action.BACKUPS: N_("{who} may not restore backups or say where they go."),
    Action.USERS: N_("{who} may not manage users."),
    Action.AUDIT: N_("{who} may not read the audit."),
}


def may(role: Role, action: Action | None) -> bool:
    """Whether a role may do it."""
    return action is None or action in ROLES[role]


def name(role: Role) -> str:
    """The role as it is called in the window."""
    return _(_NAMES[role])


def refusal(role: Role, action: Action) -> tuple[str, str]:
    """Why not, and what to do."""
    return _(_REFUSALS[action]).format(who=_(_SUBJECTS[role])), _("Ask an owner.")


def hidden_columns(role: Role, table: str) -> tuple[str, ...]:
    """The columns of a table that a role does not see."""
    action, columns = HIDDEN.get(table, (None, ()))
    return () if may(role, action) else columns
