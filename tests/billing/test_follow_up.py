"""The stages of the board and the step that is suggested next."""

from __future__ import annotations

import datetime as dt

import pytest

from app.billing import denials
from app.billing.claims import FINISHED
from app.billing.follow_up import OPEN, STAGES, Stage, Step, appeal_limit, next_step, stage
from app.billing.records import ClaimStatus

ON = dt.date(2026, 11, 2)


def test_every_status_stands_in_one_stage() -> None:
    assert sorted(status for statuses in STAGES.values() for status in statuses) == sorted(ClaimStatus)
    assert all(status in STAGES[stage(status)] for status in ClaimStatus)
    assert all(stage(status) is Stage.DONE for status in FINISHED)
    assert set(ClaimStatus) - set(OPEN) == set(STAGES[Stage.DONE])


@pytest.mark.parametrize(
    ("status", "facts", "step"),
    [
        (ClaimStatus.PRINTED, {}, Step("Put it in the mail", ON)),
        (ClaimStatus.MAILED, {}, Step("Ask whether it arrived", dt.date(2026, 11, 23))),
        (ClaimStatus.DENIED, {}, Step("Correct it, or appeal", ON)),
        (ClaimStatus.DENIED, {"appeal_days": 30}, Step("Correct it, or appeal", dt.date(2026, 12, 2))),
        (ClaimStatus.DENIED, {"reason": "CO-29"}, Step("Send proof that the claim was filed in time", ON)),
        (ClaimStatus.DENIED, {"reason": "CO-999"}, Step("Correct it, or appeal", ON)),
        (ClaimStatus.PAID, {"reason": "CO-29", "appeal_days": 30}, Step("Close it", ON)),
        (ClaimStatus.CLOSED, {}, Step()),
        (ClaimStatus.VOID, {}, Step()),
    ],
)
def test_what_comes_next(status: ClaimStatus, facts: dict[str, object], step: Step) -> None:
    assert next_step(status, ON, **facts) == step  # type: ignore[arg-type]


def test_a_reason_gives_its_first_step() -> None:
    for code in denials.REASONS:
        assert next_step(ClaimStatus.DENIED, ON, reason=code).action == denials.first_action(code).rstrip(".")


def test_only_an_answer_that_can_be_appealed_has_a_limit() -> None:
    assert appeal_limit(ClaimStatus.PARTLY_PAID, ON, 10) == dt.date(2026, 11, 12)
    assert appeal_limit(ClaimStatus.DENIED, ON, 0) is None
    assert appeal_limit(ClaimStatus.PAID, ON, 10) is None
