"""The main job, from records to paper, for the window and the command line alike.

Joins what the clinic knows (store), what is right (billing) and what is printed (forms). Nothing here decides
anything of its own: it only calls in the right order and refuses to print what has a blocking problem.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from app import atomic
from app.billing import checks, waivers
from app.billing import claims as planning
from app.billing.benefits import Verification
from app.billing.problems import Problem, Severity, blocks, in_order
from app.billing.records import (
    Authorization,
    Claim,
    ClaimBundle,
    ClaimStatus,
    Override,
    Superbill,
    TypedForm,
    Visit,
    Waiver,
)
from app.billing.roles import Action
from app.errors import InputError, UserError
from app.forms import acroform, by_hand, cms1500, layout, marks, pdf, scanner, superbill
from app.i18n import _
from app.store import access, claims, clients, icd10, ncci, overrides, payers, superbills, typed_forms, visits
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
    """How claims are put on paper. `scale` stretches across and down from the top left corner, then `dx_mm` moves right
    and `dy_mm` down; a payer's PDF comes with its bytes, or as it was kept, and with the match of keys to fields where
    that was corrected by hand."""

    mode: Mode = Mode.OVERLAY
    dx_mm: float = 0
    dy_mm: float = 0
    scale: tuple[float, float] = (1.0, 1.0)
    template: bytes | acroform.Template | None = None
    mapping: Mapping[str, str | Sequence[str]] | None = None


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
    """The pages of one claim as they are printed: item values, those of them that were changed by hand, marks on the
    grid, and what the paper cannot hold."""

    values: list[Page]
    changes: list[dict[str, by_hand.Change]]
    marks: list[list[marks.Mark]]
    problems: list[Problem]
    date_digits: str
    layout_id: str


def sheet(bundle: ClaimBundle, *, today: dt.date) -> Sheet:
    """A claim's pages: the frozen ones when it was issued, else those that its records make now."""
    if bundle.claim.pages:
        frozen = json.loads(bundle.claim.pages)
        values = frozen["pages"]
        return _compose(values, _frozen_changes(frozen), frozen["date_digits"], bundle.claim.layout, bundle.claim.id)
    pages = cms1500.pages(bundle, today=today)
    values, changes = [page.values for page in pages], [dict(page.changes) for page in pages]
    return _compose(values, changes, str(bundle.payer.date_digits), layout.load().id, bundle.claim.id)


def _frozen_changes(frozen: Mapping[str, Any]) -> list[dict[str, by_hand.Change]]:
    """The values by hand of each page; a claim without them has no word of it."""
    kept = frozen.get("by_hand") or [{}] * len(frozen["pages"])
    return [{key: by_hand.Change(**change) for key, change in page.items()} for page in kept]


def forms(bundle: ClaimBundle, *, today: dt.date) -> list[cms1500.ClaimPage]:
    """A claim's pages with the reason of every value: the frozen ones when it was issued."""
    if not bundle.claim.pages:
        return cms1500.pages(bundle, today=today)
    frozen = json.loads(bundle.claim.pages)
    return cms1500.printed(bundle, frozen["pages"], _frozen_changes(frozen))


def _compose(
    values: list[Page], changes: list[dict[str, by_hand.Change]], date_digits: str, layout_id: str, claim_id: int | None
) -> Sheet:
    composed, first = [], 1
    for page in values:
        composed.append(marks.compose(page, layout.load(layout_id), date_digits=date_digits, first=first))
        first += len(page.get("24", ()))
    problems = [replace(problem, record=f"claim:{claim_id}") for page in composed for problem in page.problems]
    return Sheet(
        values=values,
        changes=changes,
        marks=[page.marks for page in composed],
        problems=problems,
        date_digits=date_digits,
        layout_id=layout_id,
    )


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What the clinic knows beside a claim. `others` are the client's other sessions, so that what they use up of a
    referral is known, `meanwhile` sessions of other clients at the same time, `authorizations` all of the client's, so
    that the right one is used, and `verifications` the calls about the policy (None: not known)."""

    others: Sequence[Visit] = ()
    meanwhile: Sequence[Visit] = ()
    authorizations: Sequence[Authorization] = ()
    verifications: Sequence[Verification] | None = None


_NOTHING_BESIDE = Beside()


def problems_of(bundle: ClaimBundle, *, today: dt.date, beside: Beside = _NOTHING_BESIDE) -> list[Problem]:
    """All that the rules and the paper have against a claim, blocking first. An issued claim is judged by its paper.

    A blocking problem of the rules that was let pass only warns.
    """
    rules = _by_rules(bundle, today, beside)
    if _LINES_LOST in {problem.code for problem in rules}:
        return in_order(rules)
    paper = sheet(bundle, today=today)
    if not bundle.claim.pages:
        rules += by_hand.problems(bundle, paper.values)
    rules = waivers.let_pass(rules, bundle.waivers)
    blocked = {problem.item for problem in rules if problem.severity is Severity.BLOCK}
    return in_order(dict.fromkeys([*rules, *(each for each in paper.problems if each.item not in blocked)]))


def _by_rules(bundle: ClaimBundle, today: dt.date, beside: Beside) -> list[Problem]:
    if bundle.claim.pages:
        return []
    return checks.check_claim(
        bundle, today=today, icd=icd10, edits=ncci.edits, others=beside.others, meanwhile=beside.meanwhile,
        authorizations=beside.authorizations, verifications=beside.verifications,
    )  # fmt: skip


def check_claims(clinic: ClinicFile, claim_ids: Sequence[int], *, today: dt.date) -> dict[int, list[Problem]]:
    """Problems by claim id."""
    with clinic.read() as s:
        return _check(s, claims.bundles(s, claim_ids), today)


def _check(s: Session, bundles: Sequence[ClaimBundle], today: dt.date) -> dict[int, list[Problem]]:
    beside = _beside(s, bundles)
    return {
        bundle.claim.id or 0: problems_of(bundle, today=today, beside=known)
        for bundle, known in zip(bundles, beside, strict=True)
    }


def _beside(s: Session, bundles: Sequence[ClaimBundle]) -> list[Beside]:
    """What is known beside each of the claims, in their order."""
    sessions = visits.by_client(s, {bundle.claim.client_id for bundle in bundles})
    meanwhile = _by_therapist(visits.meanwhile(s, [visit.id or 0 for bundle in bundles for visit in bundle.visits]))
    calls = clients.calls(s, {bundle.claim.policy_id for bundle in bundles})
    granted = {
        client_id: clients.authorizations(s, client_id)
        for client_id in {bundle.claim.client_id for bundle in bundles if bundle.authorization is not None}
    }
    found = []
    for bundle in bundles:
        client_id = bundle.claim.client_id
        known = {visit.id for visit in bundle.visits}
        found.append(
            Beside(
                others=[visit for visit in sessions[client_id] if visit.id not in known],
                meanwhile=[each for visit in bundle.visits for each in meanwhile[visit.provider_id, visit.date]],
                authorizations=granted.get(client_id, ()) if bundle.authorization is not None else (),
                verifications=calls[bundle.claim.policy_id],
            )
        )
    return found


def _by_therapist(found: Iterable[Visit]) -> defaultdict[tuple[int, dt.date | None], list[Visit]]:
    grouped = defaultdict(list)
    for visit in found:
        grouped[visit.provider_id, visit.date].append(visit)
    return grouped


def override(
    clinic: ClinicFile, claim_id: int, key: str, text: str, reason: str, *, today: dt.date, for_payer: bool = False
) -> Override:
    """Put what a person types in place of what the rules say for an item, on this claim or on all of its payer.

    Raises InputError for a value that does not suit the item and for a missing reason, ClinicError for an issued claim.
    """
    value = by_hand.typed(key, text, for_payer=for_payer)
    with clinic.write(_("Change by hand")) as s:
        (bundle,) = claims.bundles(s, [claim_id])
        if for_payer:
            return overrides.override_for_payer(s, bundle.policy.payer_id, key, value, reason, today=today)
        made = overrides.override(s, claim_id, key, value, reason, today=today)
        pages = cms1500.pages(replace(bundle, overrides=()), today=today)
        unfit = by_hand.misfits(replace(bundle, overrides=(made,)), len(pages))
        if unfit:
            raise InputError(unfit[0].message)
        return made


def take_back(clinic: ClinicFile, claim_id: int, key: str, *, for_payer: bool = False) -> None:
    """Give an item back to the rules. Raises InputError when nothing was put there by hand, ClinicError as above."""
    with clinic.write(_("Take back a change by hand")) as s:
        (bundle,) = claims.bundles(s, [claim_id])
        kept = [each for each in bundle.overrides if each.key == key and (each.claim_id is None) is for_payer]
        if not kept:
            raise InputError(_("Nothing was put there by hand."), _("Name the key as `claims why` shows it."))
        overrides.drop_override(s, kept[0].id or 0)


def waive(clinic: ClinicFile, claim_id: int, code: str, reason: str, *, today: dt.date, item: str = "") -> list[Waiver]:
    """Let a blocking problem of a claim pass, wherever it stands or at one item only.

    Raises InputError when the rules find no such problem, when it is none to let pass, and for a missing reason;
    ClinicError for an issued claim.
    """
    with clinic.write(_("Let a problem pass")) as s:
        overrides.check_open(s, claim_id)
        (bundle,) = claims.bundles(s, [claim_id])
        (beside,) = _beside(s, [bundle])
        found = _by_rules(bundle, today, beside)
        if all(problem.code != _LINES_LOST for problem in found):
            found += by_hand.problems(bundle, [page.values for page in cms1500.pages(bundle, today=today)])
        meant = [problem for problem in found if problem.code == code and item in _names(problem.item)]
        if not any(waivers.may_pass(problem) for problem in meant):
            raise InputError(
                _("There is no such problem that a reason lets pass."),
                _("`claims check` names those that block; what does not fit the paper is always mended."),
            )
        places = dict.fromkeys((problem.item, problem.record) for problem in meant if waivers.may_pass(problem))
        return [
            overrides.waive(s, claim_id, code, reason, today=today, item=place, record=record)
            for place, record in places
        ]


def _names(item: str) -> tuple[str, ...]:
    """What a problem at an item may be called by: nothing, the item, or all of item 21 for one of its boxes."""
    return "", item, waivers.whole(item)


def block_again(clinic: ClinicFile, claim_id: int, code: str, *, item: str = "") -> None:
    """Take back what was let pass. Raises InputError when nothing was, ClinicError for an issued claim."""
    with clinic.write(_("Let a problem block again")) as s:
        kept = [each for each in overrides.waivers(s, claim_id) if each.code == code and item in _names(each.item)]
        if not kept:
            raise InputError(_("No such problem was let pass."), _("`claims why` names those that were."))
        for waiver in kept:
            overrides.drop_waiver(s, waiver.id or 0)


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
    clinic: ClinicFile,
    claim_ids: Sequence[int],
    output: Output,
    path: Path,
    *,
    today: dt.date,
    status: ClaimStatus = ClaimStatus.PRINTED,
) -> list[Claim]:
    """Issue claims and write their PDF to `path`: all of them and the finished file, or nothing.

    They become printed, or with `status` ready until a person has seen the paper. An issued claim is printed again as
    it was frozen. The finished file is read back before it is written. Raises NotReadyError with the problems of every
    claim that has a blocking one, or whose pages are not as they were meant.
    """
    with clinic.write(_("Print claims"), undoable=False) as s:
        issued = _issue_checked(s, claim_ids, today, status)
        pages = _pages(claims.bundles(s, claim_ids), today)
        document = _document(pages, output)
        _read_back(document, pages, output)
        atomic.write(path, document)
    return issued


def issue(
    s: Session,
    claim_ids: Sequence[int],
    *,
    today: dt.date,
    output: Output | None = None,
    status: ClaimStatus = ClaimStatus.PRINTED,
) -> list[Claim]:
    """Freeze the values of claims that are not issued yet; answers all as they stand.

    They become printed, or with `status` ready until a person has looked at the paper. Their pages are drawn as
    `output` has them and read back first. Raises NotReadyError.
    """
    how = output or Output()
    issued = _issue_checked(s, claim_ids, today, status)
    pages = _pages(claims.bundles(s, claim_ids), today)
    _read_back(_document(pages, how), pages, how)
    return issued


def _issue_checked(s: Session, claim_ids: Sequence[int], today: dt.date, status: ClaimStatus) -> list[Claim]:
    access.require(s, Action.PRINT_CLAIMS)
    bundles = claims.bundles(s, claim_ids)
    found = _check(s, bundles, today)
    against = [problem for problems in found.values() if blocks(problems) for problem in problems]
    if against:
        refused = [bundle.claim.number for bundle in bundles if blocks(found[bundle.claim.id or 0])]
        raise NotReadyError(", ".join(refused), against)
    for bundle in bundles:
        access.note(s, "print", table="claim", row_id=bundle.claim.id)
    return [_issue(s, bundle, today, status) for bundle in bundles]


def _issue(s: Session, bundle: ClaimBundle, today: dt.date, status: ClaimStatus) -> Claim:
    if bundle.claim.pages:
        if bundle.claim.status is ClaimStatus.READY and status is ClaimStatus.PRINTED:
            return claims.set_status(s, bundle.claim.id or 0, status, on=today, today=today)
        return bundle.claim
    paper = sheet(bundle, today=today)
    kept: dict[str, Any] = {"date_digits": paper.date_digits, "pages": paper.values}
    if any(paper.changes):
        kept["by_hand"] = [{key: change._asdict() for key, change in page.items()} for page in paper.changes]
    frozen = json.dumps(kept, ensure_ascii=False, sort_keys=True)
    assert bundle.claim.id is not None
    return claims.issue(s, bundle.claim.id, pages=frozen, layout=paper.layout_id, today=today, status=status)


def claims_pdf(clinic: ClinicFile, claim_ids: Sequence[int], output: Output, *, today: dt.date) -> bytes:
    """One PDF of all the claims' pages, in the order given. Draws only; `print_claims` issues.

    Raises NotReadyError for what does not fit the paper or the payer's PDF.
    """
    with clinic.read() as s:
        access.require(s, Action.PRINT_CLAIMS)
        return drawn(s, claim_ids, output, today=today)


def drawn(s: Session, claim_ids: Sequence[int], output: Output, *, today: dt.date) -> bytes:
    """The same within a session that is open. Raises NotReadyError."""
    return _document(_pages(claims.bundles(s, claim_ids), today), output)


class _Drawn(NamedTuple):
    """A page to print, and what it is of: the number of a claim, its record."""

    name: str
    record: str
    marks: Sequence[marks.Mark]


def _pages(bundles: Iterable[ClaimBundle], today: dt.date) -> list[_Drawn]:
    """The pages of claims, in their order. Raises NotReadyError for what the paper cannot hold."""
    pages = []
    for bundle in bundles:
        paper = sheet(bundle, today=today)
        if blocks(paper.problems):
            raise NotReadyError(bundle.claim.number, paper.problems)
        pages += [_Drawn(bundle.claim.number, f"claim:{bundle.claim.id}", page) for page in paper.marks]
    return pages


def _document(pages: Sequence[_Drawn], output: Output) -> bytes:
    drawn = [page.marks for page in pages]
    if output.mode is Mode.FILLABLE:
        filled = acroform.fill(_template(output), drawn, layout.load(), mapping=output.mapping)
        if blocks(filled.problems):
            raise NotReadyError(_("The payer's PDF"), filled.problems)
        return filled.pdf
    draw = pdf.overlay if output.mode is Mode.OVERLAY else pdf.full
    return draw(drawn, layout.load(), dx_mm=output.dx_mm, dy_mm=output.dy_mm, scale=output.scale)


def _template(output: Output) -> acroform.Template:
    if output.template is None:
        raise UserError(_("No form was chosen."), _("Choose the payer's own PDF."))
    return acroform.load_template(output.template) if isinstance(output.template, bytes) else output.template


def _read_back(document: bytes, pages: Sequence[_Drawn], output: Output) -> None:
    """Read a finished document as a payer's reader would. Raises NotReadyError when it is not as it was meant."""
    meant, grid = [page.marks for page in pages], layout.load()
    if output.mode is Mode.FILLABLE:
        found = scanner.scan_filled(document, meant, grid, _template(output), mapping=output.mapping)
    else:
        found = scanner.scan_pages(document, meant, grid, dx_mm=output.dx_mm, dy_mm=output.dy_mm, scale=output.scale)
    against = [
        (page.name, replace(problem, record=page.record))
        for page, problems in zip(pages, found, strict=False)
        if blocks(problems)
        for problem in problems
    ]
    if against:
        numbers = dict.fromkeys(number for number, _problem in against)
        raise NotReadyError(", ".join(numbers), [problem for _number, problem in against])


def print_typed(clinic: ClinicFile, form_id: int, output: Output, path: Path, *, today: dt.date) -> TypedForm:
    """Write the PDF of a form that was typed by hand, read back as those of claims are, and remember the day.

    Raises NotReadyError for what the paper cannot hold.
    """
    with clinic.write(_("Print a form"), undoable=False) as s:
        form, document = _typed(s, form_id, output, today)
        atomic.write(path, document)
    return form


def issue_typed(s: Session, form_id: int, *, output: Output, today: dt.date) -> list[list[marks.Mark]]:
    """The marks of a form that was typed by hand, for a printer; else as `print_typed`."""
    form, _document_read = _typed(s, form_id, output, today)
    return [page.marks for page in typed_sheet(form)]


def typed_sheet(form: TypedForm) -> list[marks.Composed]:
    """The pages of a form that was typed by hand, with what is wrong about each."""
    grid = layout.load(form.layout) if form.layout else layout.load()
    return [marks.compose(page, grid) for page in json.loads(form.pages)]


def _typed(s: Session, form_id: int, output: Output, today: dt.date) -> tuple[TypedForm, bytes]:
    access.require(s, Action.PRINT_CLAIMS)
    form = typed_forms.typed_form(s, form_id)
    composed = typed_sheet(form)
    problems = [problem for page in composed for problem in page.problems]
    if not composed or blocks(problems):
        raise NotReadyError(form.name, problems)
    pages = [_Drawn(form.name, f"typed_form:{form.id}", page.marks) for page in composed]
    document = _document(pages, output)
    _read_back(document, pages, output)
    access.note(s, "print", table="typed_form", row_id=form.id)
    return typed_forms.save(s, replace(form, printed=today)), document


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
