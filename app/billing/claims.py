"""From sessions to claims: which lines go together, over how many forms, and where a claim may go from here.

A form holds one payer's policy, one rendering provider, one place, one referral, one number in item 23, one case, six
lines and twelve diagnoses. Everything that differs makes another claim.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.billing.ids import ICD10
from app.billing.records import (
    ClaimBundle,
    ClaimStatus,
    ManyLines,
    Payer,
    Policy,
    ServiceLine,
    Visit,
    VisitStatus,
)
from app.errors import UserError
from app.i18n import _

LINES_A_FORM = 6
MOST_DIAGNOSES = 12
MOST_POINTERS = 4
LETTERS = "ABCDEFGHIJKL"
UNKNOWN_POINTER = "?"
"""Stands for a pointer to a diagnosis that the session does not have: never a valid letter, never left out."""


@dataclass(frozen=True, kw_only=True)
class ClaimPlan:
    """A claim before it has a number. `why` says, sentence by sentence, why it is apart from the client's others."""

    client_id: int
    policy_id: int
    provider_id: int
    case_id: int | None
    referral_id: int | None
    authorization_id: int | None
    place: str
    line_ids: tuple[int, ...]
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Key:
    """What all lines of a claim share, and the count of the claim among those that share it."""

    client_id: int
    policy_id: int
    provider_id: int
    case_id: int | None
    referral_id: int | None
    authorization_id: int | None
    place: str
    date: dt.date | None
    part: int = 0


def plan(visits: Iterable[Visit], policies: Iterable[Policy], payers: Iterable[Payer]) -> list[ClaimPlan]:
    """The claims to build from `visits`, in order of client, first date and first line.

    Sessions that are not done or have no policy are left out: there is nothing to bill. Lines keep the order of date,
    start and entry. Raises ValueError for a line that is not kept yet or a policy or payer that is not given.
    """
    payer_by_id = {payer.id: payer for payer in payers}
    policy_by_id = {policy.id: policy for policy in policies}
    groups: dict[_Key, list[tuple[Visit, list[int]]]] = {}
    for visit in in_order(visits):
        if visit.status is not VisitStatus.DONE or visit.policy_id is None:
            continue
        policy = policy_by_id.get(visit.policy_id)
        payer = payer_by_id.get(policy.payer_id) if policy else None
        if payer is None:
            raise ValueError("a policy or payer of a visit is not given")
        for place in dict.fromkeys(line.place for line in visit.lines):
            key = _Key(
                visit.client_id, visit.policy_id, visit.provider_id, visit.case_id, visit.referral_id,
                visit.authorization_id, place, visit.date if payer.one_date_per_claim else None,
            )  # fmt: skip
            line_ids = [_line_id(line) for line in visit.lines if line.place == place]
            groups.setdefault(key, []).append((visit, line_ids))
    parts: dict[_Key, list[int]] = {}
    for key, members in groups.items():
        parts.update(_by_diagnoses(key, members))
    return _plans(parts)


def in_order(visits: Iterable[Visit]) -> list[Visit]:
    """By client, date, start and id: the order of item 24."""
    return sorted(visits, key=lambda v: (v.client_id, v.date or dt.date.min, v.start or 0, v.id or 0))


def _line_id(line: ServiceLine) -> int:
    if line.id is None:
        raise ValueError("a line that is not kept yet cannot be claimed")
    return line.id


def _by_diagnoses(key: _Key, members: Sequence[tuple[Visit, list[int]]]) -> dict[_Key, list[int]]:
    """The lines of one group, begun anew before the thirteenth diagnosis; a session is never torn apart."""
    parts: dict[_Key, list[int]] = {}
    seen: set[str] = set()
    part = 0
    for visit, line_ids in members:
        codes = {ICD10.compact(code) for code in visit.diagnoses}
        if seen and len(seen | codes) > MOST_DIAGNOSES:
            part += 1
            seen = set()
        seen |= codes
        parts.setdefault(replace(key, part=part), []).extend(line_ids)
    return parts


def _plans(parts: Mapping[_Key, list[int]]) -> list[ClaimPlan]:
    """A plan for each group of lines, with the reasons."""
    why = _reasons(parts)
    return [
        ClaimPlan(
            client_id=key.client_id, policy_id=key.policy_id, provider_id=key.provider_id, case_id=key.case_id,
            referral_id=key.referral_id, authorization_id=key.authorization_id, place=key.place,
            line_ids=tuple(line_ids), why=why[key],
        )
        for key, line_ids in parts.items()
    ]  # fmt: skip


def _reasons(keys: Iterable[_Key]) -> dict[_Key, tuple[str, ...]]:
    """For each claim, what sets it apart from the other claims of its client.

    Date and diagnoses are reasons only between claims that are otherwise alike.
    """
    keys = list(keys)
    texts: tuple[tuple[str, str], ...] = (
        ("policy_id", _("Another policy pays.")),
        ("provider_id", _("Another therapist gave the session.")),
        ("case_id", _("It belongs to another case.")),
        ("referral_id", _("It stands on another referral.")),
        ("authorization_id", _("Item 23 holds one authorization number.")),
        ("place", _("The session was at another kind of place.")),
    )
    values: dict[tuple[int, str], set[object]] = {}
    dates: dict[_Key, set[dt.date | None]] = {}
    parts: dict[_Key, set[int]] = {}
    for key in keys:
        for name, __ in texts:
            values.setdefault((key.client_id, name), set()).add(getattr(key, name))
        dates.setdefault(replace(key, date=None, part=0), set()).add(key.date)
        parts.setdefault(replace(key, part=0), set()).add(key.part)
    why = {}
    for key in keys:
        found = [text for name, text in texts if len(values[key.client_id, name]) > 1]
        if len(dates[replace(key, date=None, part=0)]) > 1:
            found.append(_("The payer wants one date of service on a claim."))
        if len(parts[replace(key, part=0)]) > 1:
            found.append(_("A claim holds twelve diagnoses."))
        why[key] = tuple(found)
    return why


def diagnoses(bundle: ClaimBundle) -> tuple[tuple[str, ...], dict[int, str]]:
    """The diagnoses of item 21 and the letters of item 24E by line id, of one claim: see `union`."""
    return union(bundle.visits, bundle.claim.line_ids)


def union(visits: Iterable[Visit], line_ids: Collection[int]) -> tuple[tuple[str, ...], dict[int, str]]:
    """The diagnoses of the visits in order of first use, and each line's pointers to them.

    Only visits with one of `line_ids` count. A code comes once, with or without its dot. Pointers keep their order
    (primary first) and say nothing twice; one to a diagnosis that the visit does not have becomes `UNKNOWN_POINTER`.
    Nothing is cut: more than twelve codes or four letters are for the checks to refuse.
    """
    codes: dict[str, str] = {}
    pointers: dict[int, str] = {}
    for visit in in_order(visits):
        lines = [line for line in visit.lines if line.id in line_ids]
        if not lines:
            continue
        for code in visit.diagnoses:
            codes.setdefault(ICD10.compact(code), code)
        places = {code: place for place, code in enumerate(codes)}
        own = [places[ICD10.compact(code)] for code in visit.diagnoses]
        pointers.update({_line_id(line): _letters(line.pointers, own) for line in lines})
    return tuple(codes.values()), pointers


def _letters(pointers: str, own: Sequence[int]) -> str:
    """A line's letters in the union: `own` gives the place there of each of the visit's diagnoses."""
    found: dict[str, None] = {}
    for pointer in pointers.upper():
        index = LETTERS.find(pointer)
        known = 0 <= index < len(own) and own[index] < len(LETTERS)
        found[LETTERS[own[index]] if known else UNKNOWN_POINTER] = None
    return "".join(found)


@dataclass(frozen=True, kw_only=True)
class Form:
    """One sheet of a claim: its lines, and items 28 and 29 in cents.

    `charge` None prints CONTINUED, and `paid` None a blank box; `label` is the text at the top of the sheet.
    """

    line_ids: tuple[int, ...]
    charge: int | None
    paid: int | None
    label: str = ""


def forms(visits: Iterable[Visit], line_ids: Sequence[int], many_lines: ManyLines) -> tuple[Form, ...]:
    """The sheets of a claim, six lines each in the order given.

    `SEPARATE_TOTALS`: each sheet has the total and the payments of its own lines. `CONTINUED`: sheets are labelled,
    the last one has the total and the payments of all. Raises ValueError for a line that is in none of the visits.
    """
    visits = list(visits)
    charges = {line.id: line.charge for visit in visits for line in visit.lines}
    if not charges.keys() >= set(line_ids):
        raise ValueError("a line of the claim is in none of its visits")
    paid = paid_by_line(visits)
    sheets = [tuple(line_ids[start : start + LINES_A_FORM]) for start in range(0, len(line_ids), LINES_A_FORM)]
    if many_lines is ManyLines.SEPARATE_TOTALS or len(sheets) < 2:
        return tuple(
            Form(line_ids=sheet, charge=sum(charges[i] for i in sheet), paid=sum(paid[i] for i in sheet))
            for sheet in sheets
        )
    charge, received = sum(charges[i] for i in line_ids), sum(paid[i] for i in line_ids)
    return tuple(
        Form(
            line_ids=sheet,
            charge=charge if number == len(sheets) else None,
            paid=received if number == len(sheets) else None,
            label=f"Page {number} of {len(sheets)}",
        )
        for number, sheet in enumerate(sheets, start=1)
    )


def paid_by_line(visits: Iterable[Visit]) -> dict[int, int]:
    """What was paid for each line, in cents: a visit's payment fills its lines in order.

    More than the visit's charges stays on its last line, so that the checks see it.
    """
    shares: dict[int, int] = {}
    for visit in visits:
        left = visit.paid
        for line in visit.lines:
            last = line is visit.lines[-1]
            share = left if last else min(left, line.charge)
            shares[_line_id(line)] = share
            left -= share
    return shares


_S = ClaimStatus
_ANSWERS = (_S.PAID, _S.PARTLY_PAID, _S.DENIED, _S.REJECTED)
MOVES: dict[ClaimStatus, tuple[ClaimStatus, ...]] = {
    _S.DRAFT: (_S.READY, _S.PRINTED, _S.VOID),
    _S.READY: (_S.DRAFT, _S.PRINTED, _S.VOID),
    _S.PRINTED: (_S.MAILED, _S.CORRECTED, _S.VOID),
    _S.MAILED: (_S.RECEIVED, _S.IN_PROCESS, *_ANSWERS, _S.CORRECTED, _S.VOID),
    _S.RECEIVED: (_S.IN_PROCESS, *_ANSWERS, _S.CORRECTED, _S.VOID),
    _S.IN_PROCESS: (*_ANSWERS, _S.CORRECTED, _S.VOID),
    _S.PAID: (_S.CLOSED, _S.PARTLY_PAID, _S.DENIED, _S.CORRECTED),
    _S.PARTLY_PAID: (_S.PAID, _S.APPEALED, _S.DENIED, _S.CORRECTED, _S.WRITTEN_OFF, _S.CLOSED),
    _S.DENIED: (_S.APPEALED, _S.PAID, _S.PARTLY_PAID, _S.CORRECTED, _S.WRITTEN_OFF, _S.CLOSED, _S.VOID),
    _S.REJECTED: (_S.CORRECTED, _S.IN_PROCESS, _S.WRITTEN_OFF, _S.VOID),
    _S.APPEALED: (_S.PAID, _S.PARTLY_PAID, _S.DENIED, _S.CORRECTED, _S.WRITTEN_OFF, _S.CLOSED),
    _S.WRITTEN_OFF: (_S.PAID, _S.PARTLY_PAID, _S.APPEALED, _S.CLOSED),
    _S.CLOSED: (_S.IN_PROCESS, _S.APPEALED),
    _S.CORRECTED: (),
    _S.VOID: (),
}
"""Where a claim may go. Once printed it is frozen: a change is a new claim that corrects it, or a void. A payer may
answer without a word before, take back what it paid, and pay what was written off; a closed claim can be opened again.
"""

FINISHED = frozenset({_S.CORRECTED, _S.VOID})
"""What holds no session any more: its lines are free, or on the claim that took its place."""


def may_move(old: ClaimStatus, new: ClaimStatus) -> bool:
    """Whether a claim may go from `old` to `new`."""
    return new in MOVES[old]


def by_hand(old: ClaimStatus, *, issued: bool) -> tuple[ClaimStatus, ...]:
    """Where a person may set a claim: printed it becomes only on paper, corrected only by the claim that follows."""
    closed = {_S.CORRECTED, _S.DRAFT if issued else _S.PRINTED}
    return tuple(new for new in MOVES[old] if new not in closed)


def move(old: ClaimStatus, new: ClaimStatus) -> ClaimStatus:
    """`new`, or UserError with the reason why a claim cannot go there."""
    if may_move(old, new):
        return new
    if old is new:
        raise UserError(_("The claim already has this status."), _("There is nothing to do."))
    raise UserError(*_refused(old, new))


def _refused(old: ClaimStatus, new: ClaimStatus) -> tuple[str, str]:
    """What is so, and what to do: the first of the reasons that fits."""
    unprinted = old in (_S.DRAFT, _S.READY)
    reasons = (
        (old is _S.VOID, _("A void claim stays void."), _("Build a new claim from its sessions.")),
        (old is _S.CORRECTED, _("Another claim took the place of this one."), _("Set the status of that claim.")),
        (unprinted and new is _S.MAILED, _("Only a printed claim can be mailed."), _("Print it first.")),
        (
            unprinted and new is _S.CORRECTED,
            _("This claim was never printed, so there is nothing to correct."),
            _("Change its records."),
        ),
        (unprinted, _("The payer has not seen this claim yet."), _("Print and mail it first, or void it.")),
        (new is _S.PRINTED, _("A mailed claim was printed before."), _("A reprint leaves its status as it is.")),
        (
            new is _S.MAILED,
            _("The payer has this claim already."),
            _("Replace it by a corrected claim, and mail that one."),
        ),
        (
            new in (_S.DRAFT, _S.READY),
            _("A printed claim cannot be changed."),
            _("Replace it by a corrected claim, or void it."),
        ),
        (new is _S.VOID, _("The payer has paid or decided on this claim."), _("Replace it by a corrected claim.")),
        (old is _S.PRINTED, _("The payer has not seen this claim yet."), _("Set it to mailed first.")),
        (True, _("A claim does not go this way."), _("Choose one of the states that are offered.")),
    )
    return next((message, hint) for fits, message, hint in reasons if fits)
