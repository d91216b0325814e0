"""What comes next for a claim: the stages of the board, and the step that is suggested when a claim comes to a status.

The days are advice from billing guides, no rule of a payer: what is suggested can be changed before it is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from app.billing import denials
from app.billing.deadlines import deadline
from app.billing.records import ClaimStatus
from app.i18n import N_, _

_S = ClaimStatus


class Stage(StrEnum):
    """Where a claim stands on the board. What is `DONE` is in the list only."""

    TO_FINISH = "to-finish"
    READY = "ready"
    TO_MAIL = "to-mail"
    WITH_PAYER = "with-payer"
    ANSWERED = "answered"
    DONE = "done"


STAGES: Mapping[Stage, tuple[ClaimStatus, ...]] = {
    Stage.TO_FINISH: (_S.DRAFT,),
    Stage.READY: (_S.READY,),
    Stage.TO_MAIL: (_S.PRINTED,),
    Stage.WITH_PAYER: (_S.MAILED, _S.RECEIVED, _S.IN_PROCESS, _S.APPEALED),
    Stage.ANSWERED: (_S.DENIED, _S.REJECTED, _S.PARTLY_PAID, _S.PAID),
    Stage.DONE: (_S.WRITTEN_OFF, _S.CLOSED, _S.CORRECTED, _S.VOID),
}
UNMAILED = (_S.DRAFT, _S.READY, _S.PRINTED)
OPEN = tuple(status for stage, statuses in STAGES.items() if stage is not Stage.DONE for status in statuses)
_STAGE_OF = {status: stage for stage, statuses in STAGES.items() for status in statuses}

ASK_DAYS = 21
"""Days after which one asks whether a mailed claim arrived. Guides say two to four weeks."""
APPEAL_ASK_DAYS = 30


def stage(status: ClaimStatus) -> Stage:
    """The stage of a status."""
    return _STAGE_OF[status]


class Step(NamedTuple):
    """What to do next, and by which day; empty and None where there is nothing or no day is known."""

    action: str = ""
    on: dt.date | None = None


_NEXT: Mapping[ClaimStatus, tuple[str, int]] = {
    _S.DRAFT: (N_("Print it"), 0),
    _S.READY: (N_("Print it"), 0),
    _S.PRINTED: (N_("Put it in the mail"), 0),
    _S.MAILED: (N_("Ask whether it arrived"), ASK_DAYS),
    _S.RECEIVED: (N_("Ask how it stands"), ASK_DAYS),
    _S.IN_PROCESS: (N_("Ask how it stands"), ASK_DAYS),
    _S.APPEALED: (N_("Ask how the appeal stands"), APPEAL_ASK_DAYS),
    _S.REJECTED: (N_("Correct it and send it as new"), 0),
    _S.PARTLY_PAID: (N_("Compare the payment with the contract"), 0),
    _S.DENIED: (N_("Correct it, or appeal"), 0),
    _S.PAID: (N_("Close it"), 0),
    _S.WRITTEN_OFF: (N_("Close it"), 0),
}


def next_step(status: ClaimStatus, on: dt.date, *, appeal_days: int = 0, reason: str = "") -> Step:
    """What to do about a claim that came to `status` on a day.

    A denial ends with the payer's limit for appeals, where it is known; the code of its `reason` ("CO-97") says what
    is best done first.
    """
    action, days = _NEXT.get(status, ("", 0))
    if not action:
        return Step()
    first = denials.first_action(reason) if status in (_S.DENIED, _S.PARTLY_PAID) else ""
    limit = appeal_limit(status, on, appeal_days)
    return Step(first.rstrip(".") or _(action), limit or on + dt.timedelta(days=days))


def appeal_limit(status: ClaimStatus, on: dt.date, appeal_days: int) -> dt.date | None:
    """The last day for an appeal against an answer of the day `on`; None where there is none or it is not known."""
    appealable = status in (_S.DENIED, _S.PARTLY_PAID) and appeal_days > 0
    return deadline(on, days=appeal_days) if appealable else None
