"""Checks of diagnoses (item 21): of a session by its date of service, of a referral, and of a claim as a whole.

A therapist cannot diagnose. What a code should be is always asked of the referring provider, never changed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from app.billing.checks.claim import Facts, claim
from app.billing.checks.orders import referral
from app.billing.checks.registry import BLOCK, INFORM, WARN, Asked, CodeStatus, Named, Where
from app.billing.checks.sessions import visit
from app.billing.claims import MOST_DIAGNOSES
from app.billing.ids import ICD10
from app.billing.records import CaseKind, Referral, Visit, VisitStatus
from app.i18n import N_, date_text

_FEW = 6
"""Codes that are offered in a sentence."""


def _not_bound(asked: Asked) -> bool:
    """Whether the payer is one that HIPAA's code sets do not bind: auto and workers' compensation."""
    return asked.case is not None and asked.case.kind in (CaseKind.AUTO, CaseKind.WORK)


visit.add(
    "visit.diagnosis-missing", BLOCK, "A", "NUCC 02/12, item 21",
    N_("The session has no diagnosis. Choose those of the referral."),
    lambda v, asked: (
        [Where(softly=v.policy_id is None)] if not v.diagnoses and v.status is VisitStatus.DONE else ()
    ),
    item="21", field="diagnoses",
)  # fmt: skip
visit.add(
    "visit.too-many-diagnoses", BLOCK, "A", "NUCC 02/12, item 21: twelve",
    N_("The session has more than twelve diagnoses. Keep those that were treated."),
    lambda v, asked: len(v.diagnoses) > MOST_DIAGNOSES, item="21", field="diagnoses",
)  # fmt: skip


def _malformed(v: Visit, asked: Asked) -> Iterator[Where]:
    for code in v.diagnoses:
        if not ICD10.is_valid(code):
            yield Where({"code": code}, item=asked.box(code))


visit.add(
    "visit.diagnosis-malformed", BLOCK, "A", "form of ICD-10-CM codes",
    N_("{code} is no ICD-10 code. Compare it with the referral; a code looks like M54.2."),
    _malformed, item="21", field="diagnoses",
)  # fmt: skip
visit.add(
    "visit.diagnosis-twice", BLOCK, "A", "payers refuse a diagnosis that comes twice",
    N_("The session has the same diagnosis twice. Take one out."),
    lambda v, asked: len({ICD10.compact(code) for code in v.diagnoses}) < len(v.diagnoses),
    item="21", field="diagnoses",
)  # fmt: skip

# --- by the list of the day -----------------------------------------------------------------------------------------


def _judged(v: Visit, asked: Asked) -> list[tuple[str, CodeStatus]]:
    """The diagnoses of the right form with what the list says of them; none without a list or a date."""
    icd, date = asked.icd, v.date
    if icd is None or date is None:
        return []
    return asked.once("diagnoses", v, lambda: [(c, icd.check(c, date)) for c in v.diagnoses if ICD10.is_valid(c)])


def _few(codes: Iterable[Named]) -> str:
    return ", ".join(each.code for each in list(codes)[:_FEW])


def _not_in_force(v: Visit, asked: Asked) -> Iterator[Where]:
    for code, status in _judged(v, asked):
        if not status.valid and not status.lacks_seventh:
            values = {"code": code, "sentence": status.sentence, "date": date_text(v.date)}
            yield Where(values, item=asked.box(code), softly=_not_bound(asked))


visit.add(
    "visit.diagnosis-not-valid", BLOCK, "A", "ICD-10-CM, release in force on the date of service",
    N_("{code} cannot be billed on {date}. {sentence}"), _not_in_force, item="21", field="diagnoses",
)  # fmt: skip


def _without_seventh(v: Visit, asked: Asked) -> Iterator[Where]:
    for code, status in _judged(v, asked):
        if status.lacks_seventh:
            values = {"code": code, "codes": _few(status.successors)}
            yield Where(values, item=asked.box(code), softly=_not_bound(asked))


visit.add(
    "visit.seventh-character", BLOCK, "A", "ICD-10-CM, tabular list: seventh characters",
    N_(
        "{code} lacks its seventh character. Ask the referring provider which is meant: {codes}. Of an injury, A is "
        "active treatment, D is healing, S is what it left behind."
    ),
    _without_seventh, item="21", field="diagnoses",
)  # fmt: skip


def _several_sevenths(v: Visit, asked: Asked) -> Iterator[Where]:
    by_injury: dict[str, dict[str, str]] = {}
    for code in v.diagnoses:
        compact = ICD10.compact(code)
        if len(compact) == 7:
            by_injury.setdefault(compact[:6], {})[compact] = code
    for stages in by_injury.values():
        if len(stages) > 1:
            first, second, *__ = stages.values()
            yield Where({"first": first, "second": second}, item=asked.box(second))


visit.add(
    "visit.seventh-twice", WARN, "C", "ICD-10-CM guidelines, chapter 19: one stage of care at a time",
    N_("{first} and {second} are one injury in two stages of care. Keep the one that the referral gives."),
    _several_sevenths, item="21", field="diagnoses",
)  # fmt: skip
visit.add(
    "visit.cause-first", WARN, "A", "ICD-10-CM guidelines: an external cause never comes first",
    N_("The first diagnosis says how it happened, not what it is. Put the injury or illness first."),
    lambda v, asked: [Where(item=asked.box(code)) for code in v.diagnoses[:1] if code[:1].upper() in "VWXY"],
    item="21", field="diagnoses",
)  # fmt: skip


def _open_side(v: Visit, asked: Asked) -> Iterator[Where]:
    for code, status in _judged(v, asked):
        if status.sided:
            yield Where({"code": code, "codes": _few(status.sided)}, item=asked.box(code))


visit.add(
    "visit.side-open", INFORM, "M", "payers deny codes of an unspecified side",
    N_("{code} leaves the side open. Ask the referring provider whether {codes} is meant."),
    _open_side, item="21", field="diagnoses",
)  # fmt: skip


def _excluding(pairs: Iterable[tuple[str, str]], v: Visit, asked: Asked) -> Iterator[Where]:
    for first, second in pairs:
        note = asked.icd.excludes1(first, second, v.date) if asked.icd is not None and v.date is not None else None
        if note:
            yield Where({"first": first, "second": second, "note": note}, item=asked.box(second))


visit.add(
    "visit.diagnoses-exclude", WARN, "A", "ICD-10-CM, tabular list: Excludes1 notes",
    N_(
        "{first} and {second} are not coded together: {note}. Ask the referring provider which one is meant, unless "
        "they have nothing to do with each other."
    ),
    lambda v, asked: _excluding(combinations(v.diagnoses, 2), v, asked), item="21", field="diagnoses",
)  # fmt: skip


def _excluding_across(f: Facts, asked: Asked) -> Iterator[Where]:
    """Pairs of item 21 that no single session holds, judged on the claim's last day."""
    if asked.icd is None or not f.dates:
        return
    last = max(f.visits, key=lambda v: v.date or min(f.dates))
    held = [{ICD10.compact(code) for code in v.diagnoses} for v in f.visits]
    codes = {ICD10.compact(code): code for code in f.codes}
    apart = (
        (codes[one], codes[two])
        for one, two in combinations(codes, 2)
        if not any(one in own and two in own for own in held)
    )
    yield from _excluding(apart, last, asked)


claim.add(
    "claim.diagnoses-exclude", WARN, "B", "ICD-10-CM, tabular list: Excludes1 notes; item 21 is for the whole claim",
    N_(
        "{first} and {second} stand in different sessions, but in one item 21, where they exclude each other: {note}. "
        "Build a claim for each, or ask which one is meant."
    ),
    _excluding_across, item="21", field="line_ids",
)  # fmt: skip

# --- what the referral gives ----------------------------------------------------------------------------------------


def _foreign(v: Visit, asked: Asked) -> Iterator[tuple[str, str]]:
    """Diagnoses that are not on the referral which the payer wants, each with the one of it that it follows or ""."""
    if asked.payer is None or not asked.payer.referral_required or asked.referral is None:
        return
    given = {ICD10.compact(code): code for code in asked.referral.diagnoses}
    for code in v.diagnoses if given else ():
        compact = ICD10.compact(code)
        if compact not in given:
            yield code, next((written for old, written in given.items() if _follows(compact, old, v, asked)), "")


def _follows(code: str, old: str, v: Visit, asked: Asked) -> bool:
    """Whether a code is what became of another one, or says more exactly what it says."""
    if code.startswith(old):
        return True
    if asked.icd is None or v.date is None:
        return False
    return any(ICD10.compact(each.code) == code for each in asked.icd.check(old, v.date).successors)


visit.add(
    "visit.diagnosis-not-on-referral", BLOCK, "B", "a therapist cannot diagnose; the payer wants a referral",
    N_("{code} is not on the referral. Ask for a new referral, or take it out."),
    lambda v, asked: [Where({"code": code}, item=asked.box(code)) for code, origin in _foreign(v, asked) if not origin],
    item="21", field="diagnoses",
)  # fmt: skip
visit.add(
    "visit.diagnosis-refined", WARN, "C", "a therapist cannot diagnose; the payer wants a referral",
    N_("The referral gives {origin}, the session {code}. Have the referring provider confirm the exact code."),
    lambda v, asked: [
        Where({"code": code, "origin": origin}, item=asked.box(code)) for code, origin in _foreign(v, asked) if origin
    ],
    item="21", field="diagnoses",
)  # fmt: skip


def _ended(r: Referral, asked: Asked) -> Iterator[Where]:
    day = r.written or asked.today
    for code in r.diagnoses if asked.icd is not None else ():
        if asked.icd is not None and ICD10.is_valid(code) and not (status := asked.icd.check(code, day)).valid:
            yield Where({"code": code, "sentence": status.sentence}, item=asked.box(code))


referral.add(
    "referral.diagnosis-not-valid", WARN, "A", "ICD-10-CM, release in force when the referral was written",
    N_("{code} of the referral could not be billed when it was written. {sentence}"),
    _ended, item="21", field="diagnoses",
)  # fmt: skip
claim.add(
    "claim.diagnoses-unfounded", BLOCK, "B", "a therapist cannot diagnose; the payer wants a referral",
    N_("This payer wants a referral, and the one chosen gives no diagnosis. Ask for it and enter it."),
    lambda f, asked: (
        f.bundle.payer.referral_required and f.bundle.referral is not None and not f.bundle.referral.diagnoses
    ),
    item="21", field="diagnoses", of="referral",
)  # fmt: skip
