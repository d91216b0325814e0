"""Claims: built from plans, issued with frozen pages, replaced or void, never edited or deleted."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.billing import claims as rules
from app.billing.claims import ClaimPlan
from app.billing.records import Claim, ClaimEvent, ClaimStatus
from app.billing.roles import Action
from app.errors import ClinicError, InputError
from app.i18n import _
from app.store import access, changes, convert, overrides, practice
from app.store.bundles import bundles, load_claims
from app.store.claim_lists import ClaimLine, count, lines
from app.store.tables import ClaimEventRow, ClaimLineRow, ClaimRow, ServiceLineRow, VisitRow

__all__ = [
    "ClaimLine", "build", "bundles", "by_number", "claim", "claims_of", "count", "history", "issue", "lines",
    "live_lines", "note_event", "replace", "set_note", "set_status", "void",
]  # fmt: skip

_SHARED = ("client_id", "policy_id", "provider_id", "case_id", "referral_id", "authorization_id")
"""What a session says of itself and all lines of a claim share."""


def claim(s: Session, claim_id: int) -> Claim:
    """One claim. Raises ClinicError when it is gone."""
    return convert.one(load_claims(s, ClaimRow.id == claim_id))


def by_number(s: Session, number: str) -> Claim:
    """The claim with this number. Raises InputError when there is none."""
    found = load_claims(s, ClaimRow.number == number)
    if not found:
        raise InputError(_("There is no claim {number}.").format(number=number), _("Check the number."))
    return found[0]


def claims_of(s: Session, client_id: int) -> list[Claim]:
    """A client's claims, the newest first."""
    return load_claims(s, ClaimRow.client_id == client_id)[::-1]


def live_lines(s: Session, client_id: int) -> frozenset[int]:
    """The ids of a client's service lines that are on a claim that is not void."""
    of_client = select(ClaimLineRow.service_line_id).join(ClaimRow, ClaimRow.id == ClaimLineRow.claim_id)
    return frozenset(s.scalars(of_client.where(ClaimRow.client_id == client_id, ClaimLineRow.live.is_(True))))


def build(s: Session, plans: Sequence[ClaimPlan], *, today: dt.date) -> list[Claim]:
    """Make a draft of each plan, with a number of its own that is never given again.

    Raises ClinicError, and builds none, when a line is on a live claim or its session has changed since the plan.
    """
    _check_plans(s, plans)
    numbers = _numbers(s, len(plans), today)
    ids = [
        convert.keep(
            s,
            Claim(
                number=number, client_id=plan.client_id, policy_id=plan.policy_id, provider_id=plan.provider_id,
                case_id=plan.case_id, referral_id=plan.referral_id, authorization_id=plan.authorization_id,
                built=today, status_on=today,
            ),
        )
        for number, plan in zip(numbers, plans, strict=True)
    ]  # fmt: skip
    _add_lines(s, {claim_id: plan.line_ids for claim_id, plan in zip(ids, plans, strict=True)})
    for claim_id in ids:
        _add_event(s, ClaimEvent(claim_id=claim_id, on=today))
    return load_claims(s, convert.among(ClaimRow.__table__.c.id, ids))


def _check_plans(s: Session, plans: Sequence[ClaimPlan]) -> None:
    wanted = [line_id for plan in plans for line_id in plan.line_ids]
    if not all(plan.line_ids for plan in plans) or len(set(wanted)) != len(wanted):
        raise ValueError("a plan without lines, or a line in two plans")
    line_ids = convert.among(ServiceLineRow.__table__.c.id, wanted)
    claimed = s.scalar(
        select(ClaimRow.number)
        .join(ClaimLineRow, ClaimLineRow.claim_id == ClaimRow.id)
        .where(convert.among(ClaimLineRow.__table__.c.service_line_id, wanted), ClaimLineRow.live.is_(True))
    )
    if claimed:
        raise ClinicError(
            _("A session is already on claim {number}.").format(number=claimed), _("Void that claim first.")
        )
    columns = [VisitRow.__table__.c[name] for name in _SHARED]
    found = select(ServiceLineRow.id, *columns).join(VisitRow, VisitRow.id == ServiceLineRow.visit_id).where(line_ids)
    visits = {line_id: tuple(values) for line_id, *values in s.execute(found)}
    for plan in plans:
        expected = tuple(getattr(plan, name) for name in _SHARED)
        if any(visits.get(line_id) != expected for line_id in plan.line_ids):
            raise ClinicError(_("A session has changed meanwhile."), _("Build the claims again."))


def _numbers(s: Session, count: int, today: dt.date) -> list[str]:
    """Numbers such as 2026-0001, or with the practice's own prefix in place of the year."""
    prefix = practice.practice(s).claim_prefix or f"{today.year}-"
    numbers: list[str] = []
    while len(numbers) < count:
        missing = count - len(numbers)
        first = practice.take_numbers(s, "next_claim", missing)
        fresh = [f"{prefix}{counter:04d}" for counter in range(first, first + missing)]
        taken = set(s.scalars(select(ClaimRow.number).where(ClaimRow.number.in_(fresh))))
        numbers += [number for number in fresh if number not in taken]
    return numbers


def _add_lines(s: Session, lines_by_claim: dict[int, tuple[int, ...]]) -> None:
    rows = [
        {"claim_id": claim_id, "position": position, "service_line_id": line_id, "live": True}
        for claim_id, line_ids in lines_by_claim.items()
        for position, line_id in enumerate(line_ids)
    ]
    if rows:
        s.execute(insert(ClaimLineRow.__table__), rows)  # type: ignore[arg-type]


def issue(
    s: Session, claim_id: int, *, pages: str, layout: str, today: dt.date, status: ClaimStatus = ClaimStatus.PRINTED
) -> Claim:
    """Freeze a claim: from now on its pages (JSON), layout, number and parties never change.

    It becomes printed, or with `status` stays ready until a person has seen that the paper came out right. Raises
    UserError for a claim that is already issued or void.
    """
    access.require(s, Action.PRINT_CLAIMS)
    if not pages or not layout:
        raise ValueError("a claim is issued with its pages and their layout")
    now = claim(s, claim_id)
    if now.issued is not None:
        raise ClinicError(_("The claim is issued already."), _("Print it again as it is."))
    moved = now.status if now.status is status else rules.move(now.status, status)
    frozen = dataclasses.replace(now, issued=today, pages=pages, layout=layout)
    if moved is now.status:
        convert.keep(s, frozen)
    else:
        _come_to(s, frozen, moved, on=today)
    return claim(s, claim_id)


def set_status(
    s: Session,
    claim_id: int,
    status: ClaimStatus,
    *,
    on: dt.date,
    note: str = "",
    next_action: str = "",
    next_on: dt.date | None = None,
    today: dt.date | None = None,
) -> Claim:
    """Move a claim on, as of the day `on`. What was to be done next is done, unless a new `next_action` is given.

    Raises UserError for a move that makes no sense, or a day before the claim came to where it is now, unless that
    lies after `today`: the clock was wrong then. Printed it becomes only by `issue`, corrected only by `replace`.
    """
    now = claim(s, claim_id)
    if now.status_on is not None and on < now.status_on <= (today or dt.date.max):
        raise InputError(
            _("The claim came to its present status on {day:%m/%d/%Y}, after that day.").format(day=now.status_on),
            _("Give that day or a later one."),
        )
    if status is ClaimStatus.VOID:
        return void(s, claim_id, on=on, note=note)
    moved = rules.move(now.status, status)
    if moved is ClaimStatus.PRINTED and now.issued is None:
        raise ClinicError(_("The claim has not been issued yet."), _("Print it."))
    if moved is ClaimStatus.DRAFT and now.issued is not None:
        raise ClinicError(_("An issued claim is no draft any more."), _("Set it to printed, or void it."))
    if moved is ClaimStatus.CORRECTED:
        raise ClinicError(_("There is no corrected claim yet."), _("Make it: this one is then set to corrected."))
    _come_to(s, now, moved, on=on, note=note, next_action=next_action, next_on=next_on)
    return claim(s, claim_id)


def note_event(
    s: Session, claim_id: int, note: str, *, on: dt.date, next_action: str = "", next_on: dt.date | None = None
) -> Claim:
    """Keep a call or another event of a claim in its history; its status stays.

    Without a `next_action` the one that was planned still is.
    """
    now = claim(s, claim_id)
    if not next_action:
        next_action, next_on = now.next_action, now.next_on
    convert.keep(s, dataclasses.replace(now, next_action=next_action, next_on=next_on))
    event = ClaimEvent(claim_id=claim_id, on=on, status=now.status, note=note, next_action=next_action, next_on=next_on)
    _add_event(s, event)
    return claim(s, claim_id)


def history(s: Session, claim_id: int) -> list[ClaimEvent]:
    """All that happened to a claim, the oldest first."""
    columns = ClaimEventRow.__table__.c
    return convert.load(s, ClaimEvent, columns.claim_id == claim_id, order=[columns.id])


def _come_to(
    s: Session,
    now: Claim,
    status: ClaimStatus,
    *,
    on: dt.date,
    note: str = "",
    next_action: str = "",
    next_on: dt.date | None = None,
) -> None:
    """Give a claim a new status, and its history the step."""
    come = dataclasses.replace(now, status=status, status_on=on, next_action=next_action, next_on=next_on)
    convert.keep(s, come)
    assert now.id is not None
    _add_event(
        s,
        ClaimEvent(claim_id=now.id, on=on, status=status, note=note, next_action=next_action, next_on=next_on),
    )


def _add_event(s: Session, event: ClaimEvent) -> None:
    convert.keep(s, dataclasses.replace(event, user=changes.user(s.connection())))


def set_note(s: Session, claim_id: int, note: str) -> Claim:
    """Keep a note on a claim, issued or not."""
    convert.keep(s, dataclasses.replace(claim(s, claim_id), note=note))
    return claim(s, claim_id)


def void(s: Session, claim_id: int, *, on: dt.date, note: str = "") -> Claim:
    """End a claim and free its lines for another; its number, and its pages if it was issued, stay."""
    now = claim(s, claim_id)
    _come_to(s, now, rules.move(now.status, ClaimStatus.VOID), on=on, note=note)
    _free_lines(s, claim_id)
    return claim(s, claim_id)


def _free_lines(s: Session, claim_id: int) -> None:
    s.execute(update(ClaimLineRow).where(ClaimLineRow.claim_id == claim_id).values(live=False))


def replace(s: Session, claim_id: int, *, code: str, reference: str, today: dt.date) -> Claim:
    """A draft with the same lines and values by hand in place of an issued claim, which becomes corrected.

    `code` 7 replaces and 8 cancels it at the payer, `reference` is the payer's number of it: item 22. A claim that
    the payer rejected unread is sent again as new, with neither. Raises InputError for another code, ClinicError when
    the claim was not issued, or another took its place already.
    """
    old = claim(s, claim_id)
    if old.issued is None or old.status in rules.FINISHED:
        raise ClinicError(
            _("Only a claim that was printed and is not void can be replaced."), _("Void it, and build a new one.")
        )
    if code not in ("7", "8") and (code or old.status is not ClaimStatus.REJECTED):
        raise InputError(_("The resubmission code is not 7 or 8."), _("7 replaces a claim, 8 cancels it."))
    (number,) = _numbers(s, 1, today)
    _come_to(
        s,
        old,
        rules.move(old.status, ClaimStatus.CORRECTED),
        on=today,
        note=_("Claim {number} takes its place.").format(number=number),
    )
    _free_lines(s, claim_id)
    new = dataclasses.replace(
        old, id=None, number=number, status=ClaimStatus.DRAFT, built=today, issued=None, layout="", pages="", note="",
        resubmission_code=code, original_reference=reference if code else "", replaces_id=claim_id, status_on=today,
        next_action="", next_on=None,
    )  # fmt: skip
    new_id = convert.keep(s, new)
    _add_lines(s, {new_id: old.line_ids})
    overrides.copy(s, claim_id, new_id)
    _add_event(s, ClaimEvent(claim_id=new_id, on=today))
    return claim(s, new_id)
