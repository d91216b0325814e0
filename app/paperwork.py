"""The main job, from records to paper, for the window and the command line alike.

Joins what the clinic knows (store), what is right (billing) and what is printed (forms). Nothing here decides
anything of its own: it only calls in the right order and refuses to print what has a blocking problem.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from app import atomic
from app.billing import checks
from app.billing import claims as planning
from app.billing.problems import Problem, blocks, in_order
from app.billing.records import Claim, ClaimBundle, ClaimStatus, Superbill
from app.errors import UserError
from app.forms import acroform, cms1500, layout, marks, pdf, superbill
from app.i18n import _
from app.store import claims, clients, icd10, payers, superbills, visits
from app.store.clinic import ClinicFile

Page = dict[str, Any]


class Mode(StrEnum):
    """What is put on paper: data for red stock, a copy with our own drawing of the form, or a payer's own PDF."""

    OVERLAY = "overlay"
    FULL = "full"
    FILLABLE = "fillable"


class NotReadyError(UserError):
    """A claim or superbill that cannot be issued; `problems` says why."""

    def __init__(self, number: str, problems: Sequence[Problem]) -> None:
        super().__init__(
            _("{number} cannot be printed yet.").format(number=number),
            _("Mend what is listed first."),
        )
        self.problems = list(problems)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The pages of one claim as they are printed: item values, marks on the grid, and what the paper cannot hold."""

    values: list[Page]
    marks: list[list[marks.Mark]]
    problems: list[Problem]
    date_digits: str
    layout_id: str


def sheet(bundle: ClaimBundle, *, today: dt.date) -> Sheet:
    """A claim's pages: the frozen ones when it was issued, else those that its records make now."""
    if bundle.claim.pages:
        frozen = json.loads(bundle.claim.pages)
        return _compose(frozen["pages"], frozen["date_digits"], bundle.claim.layout, bundle.claim.id)
    values = [page.values for page in cms1500.pages(bundle, today=today)]
    return _compose(values, str(bundle.payer.date_digits), layout.load().id, bundle.claim.id)


def _compose(values: list[Page], date_digits: str, layout_id: str, claim_id: int | None) -> Sheet:
    composed = [marks.compose(page, layout.load(layout_id), date_digits=date_digits) for page in values]
    problems = [replace(problem, record=f"claim:{claim_id}") for page in composed for problem in page.problems]
    return Sheet(
        values=values,
        marks=[page.marks for page in composed],
        problems=problems,
        date_digits=date_digits,
        layout_id=layout_id,
    )


def problems_of(bundle: ClaimBundle, *, today: dt.date) -> list[Problem]:
    """All that the rules and the paper have against a claim, blocking first. An issued claim is judged by its paper."""
    paper = sheet(bundle, today=today).problems
    rules = [] if bundle.claim.pages else checks.check_claim(bundle, today=today, icd=icd10.check)
    return in_order([*rules, *paper])


def check_claims(clinic: ClinicFile, claim_ids: Sequence[int], *, today: dt.date) -> dict[int, list[Problem]]:
    """Problems by claim id."""
    with clinic.read() as s:
        bundles = claims.bundles(s, claim_ids)
    return {bundle.claim.id or 0: problems_of(bundle, today=today) for bundle in bundles}


def issue(clinic: ClinicFile, claim_id: int, *, today: dt.date) -> Claim:
    """Freeze a claim's values; an issued one is answered as it stands.

    Raises NotReadyError when the rules or the paper stand against it.
    """
    with clinic.read() as s:
        (bundle,) = claims.bundles(s, [claim_id])
    if bundle.claim.pages:
        return bundle.claim
    problems = problems_of(bundle, today=today)
    if blocks(problems):
        raise NotReadyError(bundle.claim.number, problems)
    paper = sheet(bundle, today=today)
    frozen = json.dumps({"date_digits": paper.date_digits, "pages": paper.values}, ensure_ascii=False, sort_keys=True)
    with clinic.write(_("Issue claim {number}").format(number=bundle.claim.number), undoable=False) as s:
        return claims.issue(s, claim_id, pages=frozen, layout=paper.layout_id, today=today)


def build_claims(clinic: ClinicFile, *, today: dt.date, client_id: int | None = None) -> list[Claim]:
    """Claims from all sessions that are on none, or from those of one client."""
    with clinic.read() as s:
        waiting = visits.unbilled(s, client_id)
        policies = {visit.policy_id: clients.policy(s, visit.policy_id) for visit in waiting if visit.policy_id}
        payers_by_id = {policy.payer_id: payers.payer(s, policy.payer_id) for policy in policies.values()}
    plans = planning.plan(waiting, policies, payers_by_id)
    if not plans:
        return []
    with clinic.write(_("Build claims")) as s:
        return claims.build(s, plans, today=today)


def print_claims(
    clinic: ClinicFile,
    claim_ids: Sequence[int],
    mode: Mode,
    path: Path,
    *,
    today: dt.date,
    dx_mm: float = 0,
    dy_mm: float = 0,
    template: bytes | None = None,
    mapping: Mapping[str, str] | None = None,
) -> list[Claim]:
    """Issue claims, write their PDF to `path`, and set them to printed. All or nothing.

    Raises NotReadyError with the problems of every claim that has some, before anything is issued.
    """
    found = check_claims(clinic, claim_ids, today=today)
    against = [problem for problems in found.values() if blocks(problems) for problem in problems]
    if against:
        raise NotReadyError(_("What you chose"), against)
    issued = [issue(clinic, claim_id, today=today) for claim_id in claim_ids]
    document = claims_pdf(
        clinic, claim_ids, mode, today=today, dx_mm=dx_mm, dy_mm=dy_mm, template=template, mapping=mapping
    )
    atomic.write(path, document)
    return [
        set_status(clinic, claim.id, ClaimStatus.PRINTED) if claim.id and claim.status is ClaimStatus.READY else claim
        for claim in issued
    ]


def set_status(clinic: ClinicFile, claim_id: int, status: ClaimStatus) -> Claim:
    """Move a claim on; raises UserError for a move that makes no sense."""
    with clinic.write(_("Set status")) as s:
        return claims.set_status(s, claim_id, status)


def claims_pdf(
    clinic: ClinicFile,
    claim_ids: Sequence[int],
    mode: Mode,
    *,
    today: dt.date,
    dx_mm: float = 0,
    dy_mm: float = 0,
    template: bytes | None = None,
    mapping: Mapping[str, str] | None = None,
) -> bytes:
    """One PDF of all the claims' pages, in the order given. Draws; issuing comes before.

    `dx_mm` moves right, `dy_mm` down. Raises NotReadyError for what does not fit the paper or the payer's PDF.
    """
    with clinic.read() as s:
        bundles = claims.bundles(s, claim_ids)
    if mode is Mode.FILLABLE:
        return _filled(bundles, today, template, mapping)
    form = layout.load()
    draw = pdf.overlay if mode is Mode.OVERLAY else pdf.full
    return draw(_drawn(bundles, today), form, dx_mm=dx_mm, dy_mm=dy_mm)


def _drawn(bundles: Iterable[ClaimBundle], today: dt.date) -> Iterator[Sequence[marks.Mark]]:
    for bundle in bundles:
        paper = sheet(bundle, today=today)
        if blocks(paper.problems):
            raise NotReadyError(bundle.claim.number, paper.problems)
        yield from paper.marks


def _filled(
    bundles: Iterable[ClaimBundle], today: dt.date, template: bytes | None, mapping: Mapping[str, str] | None
) -> bytes:
    if template is None:
        raise UserError(_("No form was chosen."), _("Choose the payer's own PDF."))
    filled = acroform.fill(
        acroform.load_template(template), list(_drawn(bundles, today)), layout.load(), mapping=mapping
    )
    if blocks(filled.problems):
        raise NotReadyError(_("The payer's PDF"), filled.problems)
    return filled.pdf


def make_superbill(
    clinic: ClinicFile,
    client_id: int,
    visit_ids: Sequence[int],
    *,
    today: dt.date,
    options: superbill.SuperbillOptions | None = None,
    replaces_id: int | None = None,
) -> Superbill:
    """A numbered superbill, its content frozen at once. Raises NotReadyError when a blocking problem stands."""
    chosen = options or superbill.SuperbillOptions()
    with clinic.write(_("Make superbill"), undoable=False) as s:
        bill = superbills.make(s, client_id, visit_ids, today=today, replaces_id=replaces_id)
        content = superbill.content(superbills.bundle(s, bill), chosen, today=today, icd_title=icd10.title)
        problems = superbill.problems(content)
        if blocks(problems):
            raise NotReadyError(bill.number, problems)
        assert bill.id is not None
        return superbills.freeze(s, bill.id, json.dumps(content, ensure_ascii=False, sort_keys=True))


def superbill_problems(bill: Superbill) -> list[Problem]:
    """What an insurer would send a superbill back for."""
    return in_order(superbill.problems(json.loads(bill.document)))


def superbill_pdf(bill: Superbill) -> bytes:
    """The superbill as it was frozen; the same bytes each time."""
    return superbill.draw(json.loads(bill.document))
