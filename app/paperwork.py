"""The main job, from records to paper, for the window and the command line alike.

Joins what the clinic knows (store), what is right (billing) and what is printed (forms). Nothing here decides
anything of its own: it only calls in the right order and refuses to print what has a blocking problem.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from app import atomic
from app.billing import checks
from app.billing import claims as planning
from app.billing.problems import Problem, Severity, blocks, in_order
from app.billing.records import Claim, ClaimBundle, Superbill, Visit
from app.errors import UserError
from app.forms import acroform, cms1500, layout, marks, pdf, scanner, superbill
from app.i18n import _
from app.store import claims, clients, icd10, ncci, payers, superbills, visits
from app.store.clinic import ClinicFile

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Page = dict[str, Any]

_LINES_LOST = "claim.lines-lost"
"""The code of a claim whose session is gone: there is nothing to lay on paper then."""


class Mode(StrEnum):
    """What is put on paper: data for red stock, a copy with our own drawing of the form, or a payer's own PDF."""

    OVERLAY = "overlay"
    FULL = "full"
    FILLABLE = "fillable"


@dataclass(frozen=True, kw_only=True)
class Output:
    """How claims are put on paper. `dx_mm` moves right, `dy_mm` down; a payer's PDF comes with its bytes, and with the
    match of keys to fields where that was corrected by hand."""

    mode: Mode = Mode.OVERLAY
    dx_mm: float = 0
    dy_mm: float = 0
    template: bytes | None = None
    mapping: Mapping[str, str] | None = None


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


def problems_of(bundle: ClaimBundle, *, today: dt.date, others: Sequence[Visit] = ()) -> list[Problem]:
    """All that the rules and the paper have against a claim, blocking first. An issued claim is judged by its paper.

    `others` are the client's other sessions, so that what they use up of a referral is known.
    """
    rules: list[Problem] = []
    if not bundle.claim.pages:
        rules = checks.check_claim(bundle, today=today, icd=icd10, edits=ncci.edits, others=others)
    blocked = {problem.item for problem in rules if problem.severity is Severity.BLOCK}
    if _LINES_LOST in {problem.code for problem in rules}:
        return in_order(rules)
    paper = [problem for problem in sheet(bundle, today=today).problems if problem.item not in blocked]
    return in_order(dict.fromkeys([*rules, *paper]))


def check_claims(clinic: ClinicFile, claim_ids: Sequence[int], *, today: dt.date) -> dict[int, list[Problem]]:
    """Problems by claim id."""
    with clinic.read() as s:
        return _check(s, claims.bundles(s, claim_ids), today)


def _check(s: Session, bundles: Iterable[ClaimBundle], today: dt.date) -> dict[int, list[Problem]]:
    sessions: dict[int, list[Visit]] = {}
    found = {}
    for bundle in bundles:
        client_id = bundle.claim.client_id
        if client_id not in sessions:
            sessions[client_id] = visits.visits_of(s, client_id)
        known = {visit.id for visit in bundle.visits}
        others = [visit for visit in sessions[client_id] if visit.id not in known]
        found[bundle.claim.id or 0] = problems_of(bundle, today=today, others=others)
    return found


def build_claims(clinic: ClinicFile, *, today: dt.date, client_id: int | None = None) -> list[Claim]:
    """Claims from all sessions that are on none, or from those of one client."""
    with clinic.read() as s:
        waiting = visits.unbilled(s, client_id)
        policies = {visit.policy_id: clients.policy(s, visit.policy_id) for visit in waiting if visit.policy_id}
        payers_by_id = {policy.payer_id: payers.payer(s, policy.payer_id) for policy in policies.values()}
    plans = planning.plan(waiting, policies.values(), payers_by_id.values())
    if not plans:
        return []
    with clinic.write(_("Build claims")) as s:
        return claims.build(s, plans, today=today)


def print_claims(
    clinic: ClinicFile, claim_ids: Sequence[int], output: Output, path: Path, *, today: dt.date
) -> list[Claim]:
    """Issue claims and write their PDF to `path`: all of them and the finished file, or nothing.

    An issued claim is printed again as it was frozen. The finished file is read back before it is written. Raises
    NotReadyError with the problems of every claim that has a blocking one, or whose pages are not as they were meant.
    """
    with clinic.write(_("Print claims"), undoable=False) as s:
        issued = _issue_checked(s, claim_ids, today)
        pages = _pages(claims.bundles(s, claim_ids), today)
        document = _document(pages, output)
        _read_back(document, pages, output)
        atomic.write(path, document)
    return issued


def issue(s: Session, claim_ids: Sequence[int], *, today: dt.date) -> list[Claim]:
    """Freeze the values of claims that are not issued yet; answers all as they stand.

    Their pages are drawn and read back first. Raises NotReadyError.
    """
    issued = _issue_checked(s, claim_ids, today)
    pages = _pages(claims.bundles(s, claim_ids), today)
    _read_back(_document(pages, Output()), pages, Output())
    return issued


def _issue_checked(s: Session, claim_ids: Sequence[int], today: dt.date) -> list[Claim]:
    bundles = claims.bundles(s, claim_ids)
    found = _check(s, bundles, today)
    against = [problem for problems in found.values() if blocks(problems) for problem in problems]
    if against:
        refused = [bundle.claim.number for bundle in bundles if blocks(found[bundle.claim.id or 0])]
        raise NotReadyError(", ".join(refused), against)
    return [_issue(s, bundle, today) for bundle in bundles]


def _issue(s: Session, bundle: ClaimBundle, today: dt.date) -> Claim:
    if bundle.claim.pages:
        return bundle.claim
    paper = sheet(bundle, today=today)
    frozen = json.dumps({"date_digits": paper.date_digits, "pages": paper.values}, ensure_ascii=False, sort_keys=True)
    assert bundle.claim.id is not None
    return claims.issue(s, bundle.claim.id, pages=frozen, layout=paper.layout_id, today=today)


def claims_pdf(clinic: ClinicFile, claim_ids: Sequence[int], output: Output, *, today: dt.date) -> bytes:
    """One PDF of all the claims' pages, in the order given. Draws only; `print_claims` issues.

    Raises NotReadyError for what does not fit the paper or the payer's PDF.
    """
    with clinic.read() as s:
        bundles = claims.bundles(s, claim_ids)
    return _document(_pages(bundles, today), output)


class _Drawn(NamedTuple):
    """A page to print, and the claim that it is of."""

    claim: Claim
    marks: Sequence[marks.Mark]


def _pages(bundles: Iterable[ClaimBundle], today: dt.date) -> list[_Drawn]:
    """The pages of claims, in their order. Raises NotReadyError for what the paper cannot hold."""
    pages = []
    for bundle in bundles:
        paper = sheet(bundle, today=today)
        if blocks(paper.problems):
            raise NotReadyError(bundle.claim.number, paper.problems)
        pages += [_Drawn(bundle.claim, page) for page in paper.marks]
    return pages


def _document(pages: Sequence[_Drawn], output: Output) -> bytes:
    drawn = [page.marks for page in pages]
    if output.mode is Mode.FILLABLE:
        filled = acroform.fill(_template(output), drawn, layout.load(), mapping=output.mapping)
        if blocks(filled.problems):
            raise NotReadyError(_("The payer's PDF"), filled.problems)
        return filled.pdf
    draw = pdf.overlay if output.mode is Mode.OVERLAY else pdf.full
    return draw(drawn, layout.load(), dx_mm=output.dx_mm, dy_mm=output.dy_mm)


def _template(output: Output) -> acroform.Template:
    if output.template is None:
        raise UserError(_("No form was chosen."), _("Choose the payer's own PDF."))
    return acroform.load_template(output.template)


def _read_back(document: bytes, pages: Sequence[_Drawn], output: Output) -> None:
    """Read a finished document as a payer's reader would. Raises NotReadyError when it is not as it was meant."""
    meant, grid = [page.marks for page in pages], layout.load()
    if output.mode is Mode.FILLABLE:
        found = scanner.scan_filled(document, meant, grid, _template(output), mapping=output.mapping)
    else:
        found = scanner.scan_pages(document, meant, grid, dx_mm=output.dx_mm, dy_mm=output.dy_mm)
    against = [
        (page.claim.number, replace(problem, record=f"claim:{page.claim.id}"))
        for page, problems in zip(pages, found, strict=False)
        if blocks(problems)
        for problem in problems
    ]
    if against:
        numbers = dict.fromkeys(number for number, _problem in against)
        raise NotReadyError(", ".join(numbers), [problem for _number, problem in against])


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
