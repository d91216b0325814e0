"""Whatever leaves the clinic on paper or as a file is in the audit, and what failed to leave is not."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtPrintSupport import QPrinter

from app import paperwork, viewing
from app.billing.records import TypedForm
from app.forms import guarded, layout
from app.store import superbills, typed_forms
from app.store.audit import Event
from app.ui import audit_settings, claim_paper, csv_lists, printing, superbill_builder, superbill_month
from app.ui.claim_paper import Choice
from app.ui.dialogs import Confirm, Files
from app.ui.main_window import MainWindow
from app.ui.red_forms import Answer, PrintQuestion
from tests.ui.conftest import TODAY

APP = Path(paperwork.__file__).parent
UNNOTED = {
    "ui/calibration_page.py": "marks to line a printer up",
    "ui/recovery_card.py": "the recovery code, whose making is noted",
    "cli/cms1500.py": "no clinic is open",
    "cli/demo.py": "the demo clinic",
    "cli/clinic.py": "the export of the clinic, which `portable` notes",
}
"""Where a file is written otherwise than by `handover.save`, and of what."""


@pytest.fixture(autouse=True)
def _answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every question is answered, every printer is a file."""

    def on_paper(*given: Any, **more: Any) -> Answer:
        return _into_file(given[2], Answer.PRINT)

    def _into_file(printer: QPrinter, answer: Any) -> Any:
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(tmp_path / "printed.pdf"))
        return answer

    monkeypatch.setattr(guarded, "_run", guarded.answer)
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *given: tmp_path / f"out {given[3]}".replace("/", "-")))
    monkeypatch.setattr(superbill_month.FolderQuestion, "ask", staticmethod(lambda *given: tmp_path))
    monkeypatch.setattr(PrintQuestion, "ask", staticmethod(on_paper))
    monkeypatch.setattr(printing.PrinterQuestion, "ask", staticmethod(lambda *given: _into_file(given[1], True)))
    monkeypatch.setattr(Confirm, "ask", staticmethod(lambda *given: True))
    monkeypatch.setattr(Choice, "ask", staticmethod(lambda *given: "full"))
    monkeypatch.setattr(superbill_builder, "open_in_mail_program", lambda path: None)
    monkeypatch.setattr(claim_paper, "open_file", lambda path: None)


class Walk:
    """Does things in a window and answers what the audit says of them."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.clinic = window, window.desk.clinic
        self.failed: list[str] = []
        window.desk.failed.connect(self.failed.append)

    def left(self, do: Any) -> list[tuple[str, str, int | None]]:
        """The prints and exports that `do` left in the audit."""
        before = self._events()
        do()
        assert not self.failed
        new = self._events()[: -len(before) or None]
        return [(event.kind, event.table, event.row_id) for event in reversed(new)]

    def _events(self) -> list[Event]:
        return [event for kind in ("print", "export") for event in self.clinic.audit_events(kind=kind)]


@pytest.fixture
def walk(demo_window: MainWindow) -> Walk:
    return Walk(demo_window)


def _page(walk: Walk, key: str, target: object = None) -> Any:
    walk.window.go(key, target)
    return walk.window.page_of(key)


def test_claims(walk: Walk) -> None:
    made = paperwork.build_claims(walk.clinic, today=TODAY)
    found = paperwork.check_claims(walk.clinic, [claim.id or 0 for claim in made], today=TODAY)
    first, second, third, *__ = (k for k, all_ in found.items() if not any(p.severity == "block" for p in all_))
    view = _page(walk, "claims", first).view
    ways = dict(view.paper.ways(view._sheets()[0], view.open.bundle.payer, issued=False, target=None, then=view._sent))
    assert walk.left(next(do for text, do in ways.items() if "PDF viewer" in text)) == [("export", "claim", first)]
    assert list(viewing.folder().rglob("*.pdf"))
    assert walk.left(view.print_out) == [("print", "claim", first)]
    view = _page(walk, "claims", second).view
    assert walk.left(view.save_pdf) == [("print", "claim", second)]
    sheets = [(each, "") for each in (second, third)]
    paper = view.paper
    batch = lambda: paper.send(sheets, issued=True, target=None, then=lambda sent: None)  # noqa: E731
    assert walk.left(batch) == [("print", "claim", second), ("print", "claim", third)]


def test_blank_forms(walk: Walk) -> None:
    form = TypedForm(name="Note to a payer", made=TODAY, layout=layout.load().id, pages=json.dumps([{"1a": "XYZ1"}]))
    with walk.clinic.write("Keep") as s:
        kept = typed_forms.save(s, form)
    _page(walk, "claims", "blank")
    blank = walk.window.page_of("claims").blank  # type: ignore[attr-defined]
    blank.open_form(kept)
    assert walk.left(blank.editor.print_out) == [("print", "typed_form", kept.id)]
    assert walk.left(blank.editor.save_pdf) == [("print", "typed_form", kept.id)]


def test_one_superbill(walk: Walk) -> None:
    with walk.clinic.read() as s:
        waiting = superbills.not_billed(s, TODAY.replace(year=TODAY.year - 3), TODAY)[0]
    builder = _page(walk, "superbills", ("new", waiting.client_id)).builder
    assert [each[:2] for each in walk.left(builder.save_pdf)] == [("export", "superbill")]
    with walk.clinic.read() as s:
        (bill,) = superbills.superbills_of(s, waiting.client_id)
    builder = _page(walk, "superbills", bill.id).builder
    assert walk.left(builder.save_pdf) == [("export", "superbill", bill.id)]
    assert walk.left(builder.mail) == [("export", "superbill", bill.id)]
    assert walk.left(builder.print_out) == [("print", "superbill", bill.id)]


def test_a_month_of_superbills(walk: Walk) -> None:
    page = _page(walk, "superbills", "month")
    month = page.month
    while len(month._rows) < 3:
        month.earlier.click()
    for how, kind in (("one", "export"), ("each", "export"), ("mail", "export"), ("print", "print")):
        month.show_month(month.first)
        if not month._rows:
            month.earlier.click()
        month.table.rows_model.ticked = {month._rows[0].id}
        month.delivery.setCurrentIndex(month.delivery.findData(how))
        left = walk.left(month.make)
        month._work = None  # the task ended before it could be remembered
        (bill,) = (outcome.bill for outcome in month._outcomes.values())
        assert left == [(kind, "superbill", bill.id)], how


def test_reports_lists_and_the_audit(walk: Walk) -> None:
    page = _page(walk, "reports", "unbilled")
    assert page.report.rows
    assert walk.left(page.save_csv) == [("export", "report", None)]
    assert walk.left(page.save_pdf) == [("export", "report", None)]
    for name in ("clients", "payers", "fees"):
        assert walk.left(lambda name=name: csv_lists.save(walk.window.desk, walk.window, name)) == [
            ("export", name, None)
        ]
    group = _page(walk, "settings", "audit").editor("audit")
    assert isinstance(group, audit_settings.AuditSettings)
    assert walk.left(group.export) == [("export", "audit", None)]


def test_what_did_not_leave_is_not_noted(walk: Walk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *given: tmp_path / "no folder" / "x.csv"))
    before = walk._events()
    csv_lists.save(walk.window.desk, walk.window, "clients")
    assert len(walk.failed) == 1 and "cannot be written" in walk.failed[0]
    assert walk._events() == before


def test_every_file_takes_the_noted_way() -> None:
    calls = {
        path.relative_to(APP).as_posix()
        for folder in ("ui", "cli")
        for path in (APP / folder).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "atomic.write"
    }
    assert calls == set(UNNOTED), "records leave by `handover.save`; name here what holds none"
