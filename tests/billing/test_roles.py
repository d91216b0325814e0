"""Who may do what: the table is whole, and every refusal is a sentence."""

from __future__ import annotations

import pytest

from app.billing import roles
from app.billing.roles import Action, Role, User


def test_an_owner_may_do_everything_and_nobody_else_may() -> None:
    assert roles.ROLES[Role.OWNER] == set(Action)
    assert all(roles.ROLES[role] < set(Action) for role in Role if role is not Role.OWNER)


@pytest.mark.parametrize("action", [Action.USERS, Action.AUDIT, Action.EXPORT, Action.BACKUPS, Action.PRACTICE])
def test_what_only_an_owner_may(action: Action) -> None:
    assert [role for role in Role if roles.may(role, action)] == [Role.OWNER]


def test_a_table_that_needs_nothing_is_open_to_all() -> None:
    assert roles.TABLES["kept_filter"] is None
    assert all(roles.may(role, None) for role in Role)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_every_refusal_is_a_sentence(role: Role, action: Action) -> None:
    said, todo = roles.refusal(role, action)
    assert said.endswith(".") and " may not " in said and "{" not in said
    assert todo == "Ask an owner."
    assert roles.name(role)


def test_the_sentence_names_who_and_what() -> None:
    assert roles.refusal(Role.FRONT_DESK, Action.FEES)[0] == "The front desk may not change fees."


def test_a_front_desk_does_not_see_session_notes() -> None:
    assert roles.hidden_columns(Role.FRONT_DESK, "visit") == ("note",)
    assert roles.hidden_columns(Role.THERAPIST, "visit") == ()
    assert roles.hidden_columns(Role.FRONT_DESK, "client") == ()


def test_a_new_user_has_the_least_to_say() -> None:
    assert User(name="ann").role is Role.FRONT_DESK
