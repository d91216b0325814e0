"""`superbill-desk demo`: the main job on the demo clinic, from sessions to paper, with a picture of every page."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app import atomic
from app.errors import InputError
from app.i18n import _

if TYPE_CHECKING:
    from app.paperwork import Sheet
    from app.store.clinic import ClinicFile

_WIDTH = 24


class _Progress:
    """A bar on a terminal, a line a step elsewhere."""

    def __init__(self, steps: int) -> None:
        self.steps, self.done = steps, 0
        self.live = sys.stderr.isatty()

    def __call__(self, what: str) -> None:
        self.done = min(self.done + 1, self.steps)
        filled = _WIDTH * self.done // self.steps
        bar = f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {self.done:>2}/{self.steps}  {what}"
        print(f"\r{bar:<78}" if self.live else bar, end="" if self.live else "\n", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.live:
            print(file=sys.stderr)


def run(out: Path, *, window: bool, today: dt.date) -> int:
    """Make everything anew in `out`; answers the exit status."""
    from app import paperwork
    from app.billing.problems import Severity
    from app.forms import calibration, layout
    from app.store import claims, clients, demo

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(_("The folder {path} cannot be made.").format(path=out), _("Choose another place.")) from error
    for old in [*out.glob("*.pdf"), *out.glob("*.png"), *out.glob("*.txt"), *out.glob("*.json"), *out.glob("demo*")]:
        if old.is_file():
            old.unlink()
    progress = _Progress(10)
    clinic = demo.make(out / "demo.clinic", today=today, progress=progress)
    try:
        progress("Building claims from sessions")
        built = [claim.id for claim in paperwork.build_claims(clinic, today=today) if claim.id]
        progress("Checking them")
        found = paperwork.check_claims(clinic, built, today=today)
        progress("Printing the data for red forms")
        printed = paperwork.print_claims(
            clinic, built, paperwork.Output(), out / "claims-for-red-forms.pdf", today=today
        )
        progress("Printing the full copies")
        atomic.write(
            out / "claims-full-copies.pdf",
            paperwork.claims_pdf(clinic, built, paperwork.Output(mode=paperwork.Mode.FULL), today=today),
        )
        with clinic.read() as s:
            bundles = claims.bundles(s, built)
            everyone = [line.id for line in clients.find(s, limit=1000)]
        _as_text([paperwork.sheet(each, today=today) for each in bundles], out)
        progress("Making superbills")
        bills = _superbills(clinic, everyone, out, today)
        progress("Making the calibration sheet")
        atomic.write(out / "calibration-sheet.pdf", calibration.sheet(layout.load()))
        progress("Taking a picture of each page")
        pictures = _pictures(out)
    finally:
        clinic.close()
    progress("Done")
    progress.end()
    print(f"The demo clinic is {out / 'demo.clinic'}; its password is: {demo.PASSWORD}")
    for claim, bundle in zip(printed, bundles, strict=True):
        notes = [problem for problem in found[claim.id or 0] if problem.severity is not Severity.INFORM]
        state = f"{len(notes)} to look at" if notes else "nothing missing"
        lines = len(claim.line_ids)
        print(f"  claim {claim.number}  {bundle.payer.name:<26} {lines} line{'s' * (lines != 1):<2} {state}")
        for problem in notes:
            print(f"    {problem.severity}: {problem.message}")
    print(f"  {bills} superbills, {pictures} pictures of pages, all in {out}{os.sep}")
    if not window:
        return 0
    if not _has_display():
        print("There is no display here, so the window stays closed. On a desktop: superbill-desk")
        return 0
    from app.main import run_window

    return run_window(out / "demo.clinic", demo.PASSWORD)


def _as_text(sheets: list[Sheet], out: Path) -> None:
    """The item values as `cms1500 fill` takes them, and the pages as 66 lines of text."""
    from app.forms import grid, layout

    values = [page for sheet in sheets for page in sheet.values]
    atomic.write(out / "values.json", json.dumps(values, ensure_ascii=False, indent=1).encode())
    texts = [grid.text(page, layout.load()) for sheet in sheets for page in sheet.marks]
    atomic.write(out / "claims.txt", "\f".join(texts).encode())


def _superbills(clinic: ClinicFile, client_ids: list[int], out: Path, today: dt.date) -> int:
    """One superbill for each client with sessions that the client pays."""
    from app import paperwork
    from app.billing.records import VisitStatus
    from app.store import visits

    count = 0
    for client_id in client_ids:
        with clinic.read() as s:
            chosen = [
                visit.id
                for visit in visits.visits_of(s, client_id)
                if visit.id and visit.policy_id is None and visit.status is VisitStatus.DONE
            ]
        if chosen:
            bill = paperwork.make_superbill(clinic, client_id, chosen, today=today)
            atomic.write(out / f"superbill-{bill.number}.pdf", paperwork.superbill_pdf(bill))
            count += 1
    return count


def _pictures(out: Path) -> int:
    """A PNG of each page of each PDF, at 110 dots an inch."""
    import pypdfium2

    count = 0
    for path in sorted(out.glob("*.pdf")):
        with pypdfium2.PdfDocument(path) as document:
            for index in range(len(document)):
                picture = document[index].render(scale=110 / 72).to_pil()
                picture.save(out / f"{path.stem}-{index + 1:02d}.png")
                count += 1
    return count


def _has_display() -> bool:
    """Whether a window can be shown to somebody here."""
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen" or os.environ.get("CI"):
        return False
    return os.name == "nt" or sys.platform == "darwin" or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())
