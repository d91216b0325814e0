"""Nothing is issued, printed or written that does not read back as it was meant."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from app import paperwork
from app.billing.problems import Severity
from app.billing.records import ClaimStatus
from app.forms import acroform, pdf
from app.forms.marks import Mark
from app.paperwork import Mode, NotReadyError, Output
from app.store import claims, demo, keys
from app.store.clinic import ClinicFile
from tests.forms import pdf_factory as factory

TODAY = dt.date(2026, 11, 21)


PASSWORD = "quiet river demo"
CHEAP = keys.Cost(memory=8192, passes=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo clinic, closed, to be copied."""
    path = tmp_path_factory.mktemp("made") / "demo.clinic"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "STANDARD", CHEAP)
        demo.make(path, today=TODAY, password=PASSWORD).close()
    return path


@pytest.fixture
def clinic(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClinicFile]:
    monkeypatch.setattr(keys, "STANDARD", CHEAP)
    for suffix in (".clinic", ".keys"):
        shutil.copy(made.with_suffix(suffix), tmp_path)
    with ClinicFile.open(tmp_path / made.name, password=PASSWORD) as opened:
        yield opened


@pytest.fixture
def ready(clinic: ClinicFile) -> list[int]:
    """Claims that nothing stands against, two at most."""
    built = [claim.id or 0 for claim in paperwork.build_claims(clinic, today=TODAY)]
    problems = paperwork.check_claims(clinic, built, today=TODAY)
    found = [number for number in built if not any(p.severity is Severity.BLOCK for p in problems[number])]
    assert len(found) >= 2
    return found[:2]


def statuses(clinic: ClinicFile, ids: Sequence[int]) -> set[ClaimStatus]:
    with clinic.read() as s:
        return {claims.claim(s, number).status for number in ids}


def outputs() -> dict[Mode, Output]:
    template = factory.pdf(factory.like_fillable_a())
    return {
        Mode.OVERLAY: Output(dx_mm=1.5, dy_mm=-2, scale=(0.996, 1.004)),
        Mode.FULL: Output(mode=Mode.FULL, dx_mm=-1, scale=(1.002, 0.998)),
        Mode.FILLABLE: Output(mode=Mode.FILLABLE, template=template),
    }


@pytest.mark.parametrize("mode", list(Mode))
def test_what_reads_back_is_printed(clinic: ClinicFile, ready: list[int], mode: Mode, tmp_path: Path) -> None:
    path = tmp_path / "claims.pdf"
    printed = paperwork.print_claims(clinic, ready, outputs()[mode], path, today=TODAY)
    assert [claim.id for claim in printed] == ready
    assert path.read_bytes().startswith(b"%PDF")
    assert ClaimStatus.DRAFT not in statuses(clinic, ready)


def without_account(draw: Callable[..., Any]) -> Callable[..., Any]:
    """A writer that loses item 26 of the first page."""

    def worse(*given: Any, **how: Any) -> Any:
        at = 1 if isinstance(given[0], acroform.Template) else 0
        first, *others = given[at]
        kept: list[Mark] = [mark for mark in first if mark.key != "26"]
        return draw(*given[:at], [kept, *others], *given[at + 1 :], **how)

    return worse


@pytest.mark.parametrize("mode", list(Mode))
def test_what_reads_back_otherwise_is_neither_issued_nor_written(
    clinic: ClinicFile, ready: list[int], mode: Mode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((pdf, "overlay"), (pdf, "full"), (acroform, "fill")):
        monkeypatch.setattr(module, name, without_account(getattr(module, name)))
    path = tmp_path / "claims.pdf"
    with pytest.raises(NotReadyError) as refused:
        paperwork.print_claims(clinic, ready, outputs()[mode], path, today=TODAY)
    found = {(p.code, p.item, p.record) for p in refused.value.problems if p.severity is Severity.BLOCK}
    assert found == {("scanner.missing", "26", f"claim:{ready[0]}")}
    assert not path.exists()
    assert statuses(clinic, ready) == {ClaimStatus.DRAFT}


def test_a_claim_is_read_back_before_it_is_issued_without_a_file(
    clinic: ClinicFile, ready: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(pdf, "overlay", without_account(pdf.overlay))
        with pytest.raises(NotReadyError), clinic.write("Issue", undoable=False) as s:
            paperwork.issue(s, ready, today=TODAY)
    assert statuses(clinic, ready) == {ClaimStatus.DRAFT}
    with clinic.write("Issue", undoable=False) as s:
        assert [claim.id for claim in paperwork.issue(s, ready, today=TODAY)] == ready
    assert ClaimStatus.DRAFT not in statuses(clinic, ready)


def test_no_claims_are_no_problem(clinic: ClinicFile) -> None:
    with clinic.write("Issue", undoable=False) as s:
        assert paperwork.issue(s, [], today=TODAY) == []


def test_a_claim_that_is_ready_is_printed_again_as_it_was(clinic: ClinicFile, ready: list[int], tmp_path: Path) -> None:
    with clinic.write("Issue", undoable=False) as s:
        issued = paperwork.issue(s, ready, today=TODAY, output=Output(dx_mm=1), status=ClaimStatus.READY)
    assert {claim.status for claim in issued} == statuses(clinic, ready) == {ClaimStatus.READY}
    papers = []
    for later in range(2):
        path = tmp_path / f"{later}.pdf"
        again = paperwork.print_claims(clinic, ready, Output(dx_mm=1), path, today=TODAY + dt.timedelta(later))
        assert [(claim.issued, claim.pages) for claim in again] == [(claim.issued, claim.pages) for claim in issued]
        papers.append(path.read_bytes())
    assert papers[0] == papers[1]
    assert statuses(clinic, ready) == {ClaimStatus.PRINTED}
