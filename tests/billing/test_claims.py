"""Which lines become which claim, over how many forms, and where a claim may go."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing import claims
from app.billing.records import (
    Claim,
    ClaimBundle,
    ClaimStatus,
    Client,
    ManyLines,
    Payer,
    Policy,
    Practice,
    Provider,
    ServiceLine,
    Visit,
    VisitStatus,
)
from app.errors import UserError
from tests.billing.vectors import VECTORS

DAY = dt.date(2026, 11, 3)
PAYERS = [Payer(id=1), Payer(id=2, one_date_per_claim=True)]
POLICIES = [Policy(id=1, client_id=1, payer_id=1), Policy(id=2, client_id=1, payer_id=2)]


def line(number: int, **more: Any) -> ServiceLine:
    return ServiceLine(**({"id": number, "code": "97124", "charge": 9000, "pointers": "A"} | more))


def visit(number: int, *lines: ServiceLine, **more: Any) -> Visit:
    """A done session, a day later for each number, with two lines of its own unless given."""
    fields: dict[str, Any] = {
        "id": number, "client_id": 1, "provider_id": 1, "policy_id": 1, "date": DAY + dt.timedelta(days=number),
        "diagnoses": ("M54.2",), "lines": lines or (line(number * 10), line(number * 10 + 1)),
    }  # fmt: skip
    return Visit(**(fields | more))


def planned(*visits: Visit) -> list[tuple[int, ...]]:
    return [plan.line_ids for plan in claims.plan(visits, POLICIES, PAYERS)]


def test_what_goes_together_is_one_claim_in_order_of_date() -> None:
    assert planned(visit(3), visit(1), visit(2)) == [(10, 11, 20, 21, 30, 31)]
    same_day = [visit(1, line(5), start=900), visit(2, line(4), date=DAY + dt.timedelta(days=1), start=600)]
    assert planned(*same_day) == [(4, 5)]
    (plan,) = claims.plan([visit(1, case_id=4, referral_id=5, authorization_id=6)], POLICIES, PAYERS)
    assert plan == claims.ClaimPlan(
        client_id=1, policy_id=1, provider_id=1, case_id=4, referral_id=5, authorization_id=6, place="11",
        line_ids=(10, 11), why=(),
    )  # fmt: skip


def test_what_cannot_be_billed_is_left_out() -> None:
    assert (
        planned(visit(1, status=VisitStatus.PLANNED), visit(2, policy_id=None), visit(3, status=VisitStatus.VOID)) == []
    )
    assert claims.plan([visit(1, lines=())], POLICIES, PAYERS) == []


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"policy_id": 3}, "Another policy pays."),
        ({"provider_id": 2}, "Another therapist gave the session."),
        ({"case_id": 4}, "It belongs to another case."),
        ({"referral_id": 5}, "It stands on another referral."),
        ({"authorization_id": 6}, "Item 23 holds one authorization number."),
        ({"lines": (line(20, place="12"), line(21, place="12"))}, "The session was at another kind of place."),
    ],
)
def test_what_differs_makes_another_claim_and_says_why(other: dict[str, Any], reason: str) -> None:
    policies = [*POLICIES, Policy(id=3, client_id=1, payer_id=1)]
    plans = claims.plan([visit(1), visit(2, **other), visit(3)], policies, PAYERS)
    assert [plan.line_ids for plan in plans] == [(10, 11, 30, 31), (20, 21)]
    assert [plan.why for plan in plans] == [(reason,), (reason,)]


def test_clients_are_never_mixed_and_are_no_reason() -> None:
    plans = claims.plan([visit(1), visit(2, client_id=2)], POLICIES, PAYERS)
    assert [(plan.client_id, plan.line_ids, plan.why) for plan in plans] == [(1, (10, 11), ()), (2, (20, 21), ())]


def test_lines_of_one_session_at_two_places_are_two_claims() -> None:
    assert planned(visit(1, line(1), line(2, place="12"), line(3))) == [(1, 3), (2,)]


def test_a_payer_may_want_one_date_a_claim() -> None:
    visits = [visit(1, policy_id=2), visit(2, policy_id=2), visit(4, policy_id=2, date=visit(2).date), visit(3)]
    plans = claims.plan(visits, POLICIES, PAYERS)
    assert [plan.line_ids for plan in plans] == [(10, 11), (20, 21, 40, 41), (30, 31)]
    assert plans[0].why == ("Another policy pays.", "The payer wants one date of service on a claim.")
    assert plans[2].why == ("Another policy pays.",)


def test_a_thirteenth_diagnosis_begins_another_claim() -> None:
    def codes(first: int, count: int) -> tuple[str, ...]:
        return tuple(f"M{number}.1" for number in range(first, first + count))

    visits = [
        visit(1, diagnoses=codes(10, 6)), visit(2, diagnoses=codes(16, 6)),
        visit(3, diagnoses=("m101", *codes(30, 1))), visit(4, diagnoses=codes(10, 2)),
    ]  # fmt: skip
    plans = claims.plan(visits, POLICIES, PAYERS)
    assert [plan.line_ids for plan in plans] == [(10, 11, 20, 21), (30, 31, 40, 41)]
    assert [plan.why for plan in plans] == [("A claim holds twelve diagnoses.",)] * 2
    assert planned(*visits[:2], visit(3, diagnoses=("m101",))) == [(10, 11, 20, 21, 30, 31)]


@pytest.mark.parametrize("wrong", [visit(1, line(1, id=None)), visit(1, policy_id=9)])
def test_a_plan_needs_kept_lines_and_known_policies(wrong: Visit) -> None:
    with pytest.raises(ValueError, match="not"):
        planned(wrong)
    with pytest.raises(ValueError, match="payer"):
        claims.plan([visit(1)], POLICIES, [])


def test_diagnoses_are_joined_in_order_of_first_use_and_pointers_follow() -> None:
    visits = (
        visit(2, line(3, pointers="BA"), line(4, pointers="c"), diagnoses=("M62.830", "m542", "M79.18")),
        visit(1, line(1, pointers="AB"), line(2, pointers="B"), diagnoses=("M54.2", "M54.50")),
        visit(3, line(5, pointers="A"), diagnoses=("R51.9",)),
    )
    codes, pointers = claims.union(visits, [1, 2, 3, 4])
    assert codes == ("M54.2", "M54.50", "M62.830", "M79.18")
    assert pointers == {1: "AB", 2: "B", 3: "AC", 4: "D"}
    bundle = ClaimBundle(
        claim=Claim(line_ids=(5,)), practice=Practice(), provider=Provider(), client=Client(), payer=Payer(),
        policy=Policy(), visits=visits,
    )  # fmt: skip
    assert claims.diagnoses(bundle) == (("R51.9",), {5: "A"})


@pytest.mark.parametrize(
    ("pointers", "expected"),
    [("", ""), ("C", "?"), ("AC", "A?"), ("CZ", "?"), ("AA", "A"), ("BA", "BA"), ("a", "A"), ("1", "?")],
)
def test_a_pointer_to_nothing_shows_and_none_is_said_twice(pointers: str, expected: str) -> None:
    seen = visit(1, line(1, pointers=pointers), diagnoses=("M54.2", "M54.6"))
    assert claims.union([seen], [1])[1] == {1: expected}


def test_nothing_is_cut_from_diagnoses_or_pointers() -> None:
    many = tuple(f"M{number}.1" for number in range(10, 23))
    codes, pointers = claims.union(
        [visit(1, line(1, pointers="ABCDE"), diagnoses=many[:12]), visit(2, line(2), diagnoses=many[12:])], [1, 2]
    )
    assert codes == many
    assert pointers == {1: "ABCDE", 2: "?"}
    assert claims.union([visit(1, line(1, pointers="AB"), diagnoses=("M54.2", "M54.2"))], [1]) == (("M54.2",), {1: "A"})


@pytest.mark.parametrize("case", VECTORS["line_split"], ids=lambda case: str(case["lines"]))
@pytest.mark.parametrize("many_lines", ManyLines)
def test_six_lines_a_form(case: dict[str, Any], many_lines: ManyLines) -> None:
    seen = visit(1, *(line(number) for number in range(1, case["lines"] + 1)))
    ids = [entry.id for entry in seen.lines if entry.id]
    forms = claims.forms([seen], ids, many_lines)
    assert [len(form.line_ids) for form in forms] == case["forms"]
    assert [number for form in forms for number in form.line_ids] == ids


def test_totals_under_both_policies() -> None:
    case = VECTORS["line_split_policy"]
    seen = visit(1, *(line(number, charge=cents) for number, cents in enumerate(case["lines_cents"], start=1)))
    paying = replace(seen, paid=60_000)
    ids = list(range(1, 8))
    apart = claims.forms([paying], ids, ManyLines.SEPARATE_TOTALS)
    assert [form.charge for form in apart] == [form["box28"] for form in case["separate_claims"]]
    assert [form.paid for form in apart] == [54_000, 6_000]
    assert [form.label for form in apart] == ["", ""]
    continued = claims.forms([paying], ids, ManyLines.CONTINUED)
    expected = case["continued_total_on_last"]
    assert [form.charge or "CONTINUED" for form in continued] == [form["box28"] for form in expected]
    assert [form.label for form in continued] == [form["top_right"] for form in expected]
    assert [form.paid for form in continued] == [None, 60_000]
    (single,) = claims.forms([paying], ids[:6], ManyLines.CONTINUED)
    assert (single.charge, single.paid, single.label) == (54_000, 54_000, "")
    assert claims.forms([paying], [], ManyLines.CONTINUED) == ()


def test_a_form_needs_the_visits_of_its_lines() -> None:
    with pytest.raises(ValueError, match="none of its visits"):
        claims.forms([visit(1)], [10, 99], ManyLines.SEPARATE_TOTALS)


def test_payments_fill_the_lines_in_order() -> None:
    lines = (line(1, charge=13650), line(2, charge=4550))
    assert claims.paid_by_line([visit(1, *lines, paid=2500)]) == {1: 2500, 2: 0}
    assert claims.paid_by_line([visit(1, *lines, paid=15000)]) == {1: 13650, 2: 1350}
    assert claims.paid_by_line([visit(1, *lines, paid=20000)]) == {1: 13650, 2: 6350}
    assert claims.paid_by_line([visit(1, lines=(), paid=500)]) == {}


@given(st.lists(st.integers(0, 50_000), min_size=1, max_size=30), st.integers(0, 900_000), st.sampled_from(ManyLines))
def test_forms_add_up(charges: list[int], paid: int, many_lines: ManyLines) -> None:
    seen = visit(1, *(line(number, charge=cents) for number, cents in enumerate(charges, start=1)), paid=paid)
    forms = claims.forms([seen], list(range(1, len(charges) + 1)), many_lines)
    assert sum(form.charge or 0 for form in forms) == sum(charges)
    assert sum(form.paid or 0 for form in forms) == paid


LEGAL = """
draft: ready printed void
ready: draft printed void
printed: mailed corrected void
mailed: received in-process paid partly-paid denied rejected corrected void
received: in-process paid partly-paid denied rejected corrected void
in-process: paid partly-paid denied rejected corrected void
paid: partly-paid denied corrected closed
partly-paid: paid denied appealed corrected written-off closed
denied: paid partly-paid appealed corrected void written-off closed
rejected: in-process corrected void written-off
appealed: paid partly-paid denied corrected written-off closed
written-off: paid partly-paid appealed closed
closed: in-process appealed
"""
MAY = {(old, new) for old, to in (row.split(": ") for row in LEGAL.strip().splitlines()) for new in to.split()}


@pytest.mark.parametrize(("old", "new"), list(product(ClaimStatus, ClaimStatus)))
def test_a_claim_goes_only_where_it_may(old: ClaimStatus, new: ClaimStatus) -> None:
    assert claims.may_move(old, new) is ((old.value, new.value) in MAY)
    if (old.value, new.value) in MAY:
        assert claims.move(old, new) is new
        return
    with pytest.raises(UserError) as refused:
        claims.move(old, new)
    before, void = (ClaimStatus.DRAFT, ClaimStatus.READY), ClaimStatus.VOID
    words = {
        "already": old is new,
        "stays void": old is void,
        "took the place": old is ClaimStatus.CORRECTED,
        "can be mailed": new is ClaimStatus.MAILED and old in before,
        "never printed": new is ClaimStatus.CORRECTED and old in before,
        "not seen": old in before,
        "printed before": new is ClaimStatus.PRINTED,
        "has this claim": new is ClaimStatus.MAILED,
        "cannot be changed": new in before,
        "paid or decided": new is void,
        "to mailed first": old is ClaimStatus.PRINTED,
    }
    expected = next((text for text, fits in words.items() if fits), "does not go this way")
    assert expected in str(refused.value)
    assert refused.value.hint


def test_only_finished_claims_lead_nowhere() -> None:
    assert {status for status, to in claims.MOVES.items() if not to} == claims.FINISHED
    assert set(claims.MOVES) == set(ClaimStatus)


def test_a_person_sets_neither_printed_before_the_paper_nor_corrected() -> None:
    assert claims.by_hand(ClaimStatus.DRAFT, issued=False) == (ClaimStatus.READY, ClaimStatus.VOID)
    assert claims.by_hand(ClaimStatus.READY, issued=True) == (ClaimStatus.PRINTED, ClaimStatus.VOID)
    assert claims.by_hand(ClaimStatus.PRINTED, issued=True) == (ClaimStatus.MAILED, ClaimStatus.VOID)
    assert claims.by_hand(ClaimStatus.VOID, issued=True) == ()
