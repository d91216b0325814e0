"""One claim: the form with its values, the inspector beside it, and what can be done: status, PDF, print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app import paperwork
from app.billing import claims as rules
from app.billing.problems import Problem, Severity, blocks
from app.billing.records import ClaimBundle, ClaimStatus
from app.forms import layout
from app.forms.cms1500 import ClaimPage
from app.i18n import _, date_text, money_text, ngettext
from app.store import claims
from app.ui import printing, theme, words
from app.ui.controls import (
    Button,
    IconButton,
    IconLabel,
    KeyCap,
    clear,
    column,
    figure,
    framed,
    label,
    panel,
    row,
    rule,
    scrolled,
)
from app.ui.desk import Desk
from app.ui.dialogs import Confirm, Files, Question
from app.ui.form_sheet import FormSheet, Sheet, Stop
from app.ui.page import Header
from app.ui.problems_panel import LOOKS
from app.ui.theme import Type


@dataclass(frozen=True)
class Open:
    """A claim as it is shown: its records, its paper, why each item holds what it holds, what is wrong."""

    bundle: ClaimBundle
    paper: paperwork.Sheet
    reasons: Sequence[ClaimPage]
    problems: Sequence[Problem]


def read(desk: Desk, claim_id: int) -> Open:
    """Read a claim and work its pages out. Raises UserError when it is gone."""
    with desk.read() as s:
        (bundle,) = claims.bundles(s, [claim_id])
    today = desk.today()
    problems = paperwork.check_claims(desk.clinic, [claim_id], today=today)[claim_id]
    return Open(bundle, paperwork.sheet(bundle, today=today), paperwork.forms(bundle, today=today), problems)


def source_name(bundle: ClaimBundle, record: str) -> str:
    """A record in words: "Referral of 08/13/2026"."""
    table, __, key = record.partition(":")
    plain = {
        "claim": _("This claim"), "practice": _("The practice"), "provider": words.provider(bundle.provider),
        "client": words.person(bundle.client), "payer": bundle.payer.name, "visit": _("The session"),
        "service_line": _("The session's line"),
    }  # fmt: skip
    if table == "policy":
        second = bundle.secondary is not None and str(bundle.secondary.id) == key
        payer = bundle.secondary_payer if second else bundle.payer
        return _("Policy with {payer}").format(payer=payer.name if payer else "")
    if table == "referral" and bundle.referral is not None:
        return _("Referral of {date}").format(date=date_text(bundle.referral.written))
    if table == "authorization" and bundle.authorization is not None:
        return _("Authorization {number}").format(number=bundle.authorization.number)
    if table == "case" and bundle.case is not None:
        return _("Case: {name}").format(name=bundle.case.name or words.CASE[bundle.case.kind])
    return plain.get(table, "")


class Inspector(QWidget):
    """352 wide: the chosen box in full, then the problems of the claim."""

    stepped = Signal(int)
    asked_source = Signal(str, str)
    asked_problem = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(340)
        self.setObjectName("pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.where: tuple[str, str] = ("", "")
        self.item, self.name = label("", Type.LABEL), label("", Type.LIST_TITLE, wrap=True)
        self.item_box = framed("itemchip", row(self.item), (7, 3, 7, 3))
        self.before, self.after = IconButton("chevron-left", _("Previous box")), IconButton("chevron-right", _("Next"))
        self.before.clicked.connect(lambda *_: self.stepped.emit(-1))
        self.after.clicked.connect(lambda *_: self.stepped.emit(1))
        self.value, self.room = label("", wrap=True), figure("", Type.NOTE, "second")
        face = QFont(theme.FORM_FACE)
        face.setPixelSize(15)
        self.value.setFont(face)
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value = row(self.value, self.room, gap=10)
        value.setStretch(0, 1)
        self.source = Button("", "link", icon="file-certificate")
        self.source.clicked.connect(lambda *_: self.asked_source.emit(*self.where))
        self.why, self.rule_source = label("", wrap=True), label("", Type.NOTE, "third", wrap=True)
        self.also = label("", wrap=True)
        self.problems = QVBoxLayout()
        self.problems.setSpacing(10)
        self._problems_head = label(_("Problems"), Type.SECTION)
        self._problems_count = label("", tint="second")
        self._parts = [
            (label(_("Comes from"), Type.LABEL, "second"), self.source),
            (label(_("Why"), Type.LABEL, "second"), self.why),
            (label(_("Also from here"), Type.LABEL, "second"), self.also),
        ]
        head = row(self.item_box, self.name, self.before, self.after, gap=8)
        head.setStretch(1, 1)
        top = column(head, framed("quiet", value, (12, 9, 12, 9)), gap=12, margins=(18, 14, 14, 12))
        details = column(gap=3, margins=(18, 0, 18, 14))
        for title, widget in self._parts:
            details.addSpacing(4)
            details.addWidget(title)
            details.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft if widget is self.source else Qt.AlignmentFlag(0))
            if widget is self.why:
                details.addWidget(self.rule_source)
        listed = column(row(self._problems_head, self._problems_count, None), self.problems, gap=10)
        inside = QWidget()
        below = column(gap=0, margins=(18, 14, 18, 14))
        below.addLayout(listed)
        inside.setLayout(column(top, details, rule(), below, None, gap=0))
        foot = row(
            KeyCap("Tab"), label(_("next box"), Type.NOTE, "second"), 8,
            KeyCap("F8"), label(_("next problem"), Type.NOTE, "second"), None, gap=6, margins=(18, 8, 18, 8),
        )  # fmt: skip
        self.setLayout(column(scrolled(inside, "surface"), rule(), foot, gap=0))

    def show_stop(self, stop: Stop | None, sheet: Sheet, page: ClaimPage, bundle: ClaimBundle) -> None:
        """What stands in a box, where it comes from and why."""
        if stop is None:
            return
        number, line = (*stop.item.split("."), "")[:2]
        self.item.setText(f"{number}, {_('line {n}').format(n=line)}" if line else number)
        self.name.setText(stop.label)
        text = sheet.text(stop)
        self.value.setText(text or _("empty"))
        plain = [box for box in stop.boxes if box.kind != "mark"]
        used = len(text.replace("  ", " "))
        room = _("{used} of {room}").format(used=used, room=sum(box.width for box in plain))
        self.room.setText(room if text and len(plain) == 1 else "")
        reason = page.reason(stop.boxes[0].key)
        self.where = (reason.record, reason.field) if reason else ("", "")
        name = source_name(bundle, reason.record) if reason else ""
        self.source.setText(name)
        self.source.updateGeometry()
        self.why.setText(reason.rule if reason else _("Nothing is known for this box; it stays blank."))
        self.rule_source.setText(reason.source if reason else "")
        same = [s for s in sheet.sources if sheet.sources[s] == sheet.sources.get(stop.key, "") and s != stop.key]
        items = list(dict.fromkeys(key.split(".")[0] for key in same))
        self.also.setText(", ".join(items[:14]))
        for title, widget in self._parts:
            shown = bool(name) if widget is self.source else bool(items) if widget is self.also else True
            title.setVisible(shown)
            widget.setVisible(shown)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """The claim's problems, blocking first."""
        clear(self.problems)
        blocking = sum(1 for problem in problems if problem.severity is Severity.BLOCK)
        if problems:
            said = _("{n} to look at, {blocking} block") if blocking else _("{n} to look at, none blocks")
            self._problems_count.setText(said.format(n=len(problems), blocking=blocking))
        else:
            self._problems_count.setText(_("none"))
        for problem in problems:
            icon, ink = LOOKS[problem.severity]
            where = Button(_("Item {item}").format(item=problem.item) if problem.item else _("Go there"), "link")
            where.clicked.connect(lambda *_, problem=problem: self.asked_problem.emit(problem))
            told = column(label(problem.message, wrap=True), row(where, None), gap=2)
            line = row(IconLabel(icon, ink, 18), told, gap=10)
            line.setAlignment(line.itemAt(0).widget(), Qt.AlignmentFlag.AlignTop)  # type: ignore[union-attr, arg-type]
            line.setStretch(1, 1)
            self.problems.addLayout(line)


class ClaimView(QWidget):
    """The claim that is open. `closed` asks to go back to the list; `changed` after a status was set."""

    closed = Signal()
    problems_changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.open: Open | None = None
        self.page_number = 0
        self._fitted = True
        self.sheet = FormSheet(layout.load())
        self.inspector = Inspector()
        self.status_button = Button(_("Set status"), icon="chevron-down")
        self.pdf_button = Button(_("Save PDF"), icon="download", key="Ctrl+Shift+S")
        self.print_button = Button(_("Print on red form"), "filled", icon="printer", key="Ctrl+P")
        self.back_button = IconButton("chevron-left", _("Back to the list"), key="Esc")
        self.header = Header("", [self.status_button, self.pdf_button, self.print_button])
        self._lay_out()
        self.sheet.chose.connect(self._chose)
        self.inspector.stepped.connect(self.sheet.step)
        self.inspector.asked_source.connect(self._go_to_source)
        self.inspector.asked_problem.connect(self.show_problem)
        self.back_button.clicked.connect(lambda *_: self.closed.emit())
        self.status_button.clicked.connect(lambda *_: self._status_menu())
        self.pdf_button.clicked.connect(lambda *_: self.save_pdf())
        self.print_button.clicked.connect(lambda *_: self.print_out())
        for key, do in (
            ("Ctrl++", lambda: self._zoom_by(1.15)), ("Ctrl+=", lambda: self._zoom_by(1.15)),
            ("Ctrl+-", lambda: self._zoom_by(1 / 1.15)), ("Ctrl+0", self.fit),
            ("Ctrl+Return", lambda: self._go_to_source(*self.inspector.where)),
        ):  # fmt: skip
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(do)

    def _lay_out(self) -> None:
        self.zoom_words = figure("", tint="second")
        self.page_words = label("", tint="second")
        smaller = IconButton("zoom-out", _("Smaller"), key="Ctrl+-")
        larger = IconButton("zoom-in", _("Larger"), key="Ctrl++")
        smaller.clicked.connect(lambda *_: self._zoom_by(1 / 1.15))
        larger.clicked.connect(lambda *_: self._zoom_by(1.15))
        self.earlier = IconButton("chevron-left", _("Previous page"))
        self.later = IconButton("chevron-right", _("Next page"))
        self.earlier.clicked.connect(lambda *_: self.show_page(self.page_number - 1))
        self.later.clicked.connect(lambda *_: self.show_page(self.page_number + 1))
        upright = rule(upright=True)
        upright.setFixedHeight(20)
        tools = row(
            self.back_button, label(_("All claims"), Type.EMPHASIS, "second"), None, smaller, self.zoom_words, larger,
            8, upright, 8, self.earlier, self.page_words, self.later, gap=4, margins=(14, 5, 14, 5),
        )  # fmt: skip
        on_desk = panel("desk", column(row(None, self.sheet, None), None, gap=0))
        self.area = scrolled(on_desk, "desk")
        self.area.viewport().installEventFilter(self)
        paper = panel("pane", column(panel("ground", tools), rule(), self.area, gap=0))
        middle = row(paper, rule(upright=True), self.inspector, gap=0)
        middle.setStretch(0, 1)
        whole = column(self.header, rule(), middle, gap=0)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    # Showing

    def show_claim(self, claim_id: int) -> None:
        """Open a claim. Raises UserError when it cannot be shown."""
        fresh = self.open is None or self.open.bundle.claim.id != claim_id
        self.open = read(self.desk, claim_id)
        if fresh:
            self.page_number = 0
            self.sheet.current = None
        self._show_header()
        self.show_page(min(self.page_number, len(self.open.paper.marks) - 1))
        self.inspector.show_problems(self.open.problems)
        if fresh:
            first = next((p for p in self.open.problems if p.severity is not Severity.INFORM and p.item), None)
            if first is None or not self.show_problem(first):
                self.sheet.choose_item("2")
            self.sheet.setFocus(Qt.FocusReason.OtherFocusReason)
        self.problems_changed.emit()

    def reread(self) -> None:
        """The same claim as it is now."""
        if self.open is not None and self.open.bundle.claim.id is not None:
            self.show_claim(self.open.bundle.claim.id)

    def _show_header(self) -> None:
        assert self.open is not None
        b = self.open.bundle
        tone, icon = words.CLAIM_LOOKS[b.claim.status]
        self.header.title.setText(_("Claim {number}").format(number=b.claim.number))
        self.header.set_chip(words.CLAIM[b.claim.status], tone, icon)
        dates = sorted(visit.date for visit in b.visits if visit.date)
        days = len(set(dates))
        ids = set(b.claim.line_ids)
        charge = sum(line.charge for visit in b.visits for line in visit.lines if line.id in ids)
        count = ngettext("{n} session", "{n} sessions", days).format(n=days)
        span = " – ".join(dict.fromkeys(date_text(date) for date in (dates[:1] + dates[-1:])))
        facts = (words.person(b.client), b.payer.name, f"{count}, {span}", money_text(charge))
        self.header.facts.setText("   ·   ".join(facts))
        blocked = blocks(self.open.problems)
        gate = _("Something blocks printing. It is listed on the right.") if blocked else ""
        self.print_button.set_gate(gate)
        self.pdf_button.set_gate(gate)
        void = b.claim.status is ClaimStatus.VOID
        self.print_button.setEnabled(not void)
        self.status_button.setVisible(bool(self._moves()))
        self.print_button.setText(_("Print again") if b.claim.issued else _("Print on red form"))
        self.print_button.updateGeometry()

    def show_page(self, number: int) -> None:
        """One of the claim's forms, from 0."""
        assert self.open is not None
        count = len(self.open.paper.marks)
        self.page_number = max(0, min(number, count - 1))
        page = self._page()
        sources = {
            stop.key: reason.record
            for stop in self.sheet.stops
            if (reason := page.reason(stop.boxes[0].key)) is not None
        }
        problems = [_on_page(problem, self.page_number) for problem in self.open.problems]
        shown = [problem for problem in problems if problem is not None]
        self.sheet.show_sheet(Sheet(self.open.paper.marks[self.page_number], shown, sources))
        words_now = _("Page {n} of {count}").format(n=self.page_number + 1, count=count)
        self.page_words.setText(words_now)
        self.earlier.setVisible(count > 1)
        self.later.setVisible(count > 1)
        self._chose(self.sheet.current)

    def _page(self) -> ClaimPage:
        assert self.open is not None
        return self.open.reasons[min(self.page_number, len(self.open.reasons) - 1)]

    def _chose(self, stop: Stop | None) -> None:
        if self.open is None or stop is None:
            return
        self.inspector.show_stop(stop, self.sheet.sheet, self._page(), self.open.bundle)
        box = self.sheet.cell_rect(stop)
        self.area.ensureVisible(round(box.center().x()), round(box.center().y()), 60, 90)

    def show_problem(self, problem: Problem) -> bool:
        """Choose the box of a problem, on the page that has it; without one, go to its record."""
        item, __, line = problem.item.partition(".")
        if line.isdigit() and int(line) > 6:
            self.show_page((int(line) - 1) // 6)
            return self.sheet.choose_item(f"{item}.{(int(line) - 1) % 6 + 1}")
        if problem.item and self.sheet.choose_item(problem.item):
            return True
        if problem.record:
            self._go_to_source(problem.record, problem.field)
        return False

    def _go_to_source(self, record: str, field: str) -> None:
        table, __, key = record.partition(":")
        pages = {"visit": "sessions", "practice": "settings", "provider": "settings", "payer": "settings"}
        if table in {"client", "policy", "referral", "authorization", "case", *pages} and key.isdigit():
            self.desk.go(pages.get(table, "clients"), (table, int(key), field))

    # Size

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the form as wide as it fits, at most true size."""
        if event.type() == QEvent.Type.Resize and self._fitted:
            self.fit()
        return False

    def fit(self) -> None:
        """As wide as fits, at most true size."""
        self._fitted = True
        width = self.area.viewport().width() - 36
        self._set_zoom(min(1.0, width / (self.sheet.form_layout.page[0] * 96 / 72)))

    def _zoom_by(self, factor: float) -> None:
        self._fitted = False
        self._set_zoom(self.sheet.zoom * factor)

    def _set_zoom(self, zoom: float) -> None:
        self.sheet.set_zoom(zoom)
        self.zoom_words.setText(_("{percent} %").format(percent=round(self.sheet.zoom * 100)))

    # Doing

    def _moves(self) -> Sequence[ClaimStatus]:
        if self.open is None:
            return ()
        now = self.open.bundle.claim
        return [to for to in rules.MOVES[now.status] if to is not ClaimStatus.PRINTED or now.issued is not None]

    def _status_menu(self) -> None:
        menu = QMenu(self)
        for to in self._moves():
            action = QAction(words.CLAIM[to], menu)
            action.triggered.connect(lambda *_, to=to: self.set_status(to))
            menu.addAction(action)
        menu.popup(self.status_button.mapToGlobal(QPoint(0, self.status_button.height() + 4)))

    def set_status(self, to: ClaimStatus) -> None:
        """Move the claim on; voiding is asked about first."""
        assert self.open is not None and self.open.bundle.claim.id is not None
        claim = self.open.bundle.claim
        if to is ClaimStatus.VOID:
            text = _("Voiding keeps claim {number} readable and frees its sessions for another.")
            title = _("Void claim {number}?").format(number=claim.number)
            if not Confirm.ask(self, title, text.format(number=claim.number), _("Void it"), _("Keep it")):
                return

        def do() -> None:
            with self.desk.write(_("Set status")) as s:
                claims.set_status(s, claim.id or 0, to)

        if self.desk.attempt(do):
            self.reread()
            text = _("Claim {number}: {status}.").format(number=claim.number, status=words.CLAIM[to])
            self.desk.say(text, undo=bool(self.desk.clinic.undo_label))

    def _may_issue(self) -> bool:
        """Whether the claim may go on paper; a first time freezes it, which is asked about."""
        assert self.open is not None
        claim = self.open.bundle.claim
        if blocks(self.open.problems):
            first = self.open.problems[0]
            self.show_problem(first)
            self.desk.fail(first.message)
            return False
        if claim.issued is not None:
            return True
        text = _("Its values are frozen as they stand on the screen. What changes later goes on a corrected claim.")
        title = _("Issue claim {number}?").format(number=claim.number)
        return Confirm.ask(self, title, text, _("Issue it"), _("Not yet"))

    def print_out(self) -> None:
        """On a printer, for red forms: true size, moved by what this computer's printer needs."""
        if self.open is None or not self._may_issue():
            return
        preferences, claim = self.desk.preferences, self.open.bundle.claim
        printer = printing.new_printer(preferences.printer)
        if not printing.PrinterQuestion.ask(self, printer):
            return
        preferences.printer = printer.printerName()

        def do() -> None:
            with self.desk.write(_("Print claims"), undoable=False) as s:
                paperwork.issue(s, [claim.id or 0], today=self.desk.today())
                (bundle,) = claims.bundles(s, [claim.id or 0])
                paper = paperwork.sheet(bundle, today=self.desk.today())
                form, shift = layout.load(paper.layout_id), (preferences.shift_x, preferences.shift_y)
                printing.print_marks(printer, paper.marks, form, dx_mm=shift[0], dy_mm=shift[1])

        if self.desk.attempt(do):
            self.desk.say(_("Claim {number} printed.").format(number=claim.number))
        self.reread()

    def save_pdf(self) -> None:
        """As a PDF: the data alone for red forms, or a full copy; what is chosen in the file dialog's kinds."""
        if self.open is None or not self._may_issue():
            return
        number, claim_id = self.open.bundle.claim.number, self.open.bundle.claim.id or 0
        menu = {"overlay": _("Data only, for red forms"), "full": _("Full copy, for the file")}
        mode = Choice.ask(self, _("Save claim {number} as PDF").format(number=number), menu)
        if mode is None:
            return
        name = f"claim {number}{' copy' if mode == 'full' else ''}.pdf"
        path = Files.ask_save(self, self.desk.preferences, _("Save PDF"), name, _("PDF files (*.pdf)"))
        if path is not None:
            self.write_pdf(path, paperwork.Mode(mode), claim_id, number)

    def write_pdf(self, path: Path, mode: paperwork.Mode, claim_id: int, number: str) -> None:
        """Issue the claim and write its PDF; all or nothing."""
        preferences, output = self.desk.preferences, paperwork.Output(mode=mode)
        if mode is paperwork.Mode.OVERLAY:
            output = paperwork.Output(mode=mode, dx_mm=preferences.shift_x, dy_mm=preferences.shift_y)
        clinic, today = self.desk.clinic, self.desk.today()

        def do() -> None:
            paperwork.print_claims(clinic, [claim_id], output, path, today=today)

        if self.desk.attempt(do):
            self.desk.say(_("Claim {number} saved as {name}.").format(number=number, name=path.name))
        self.reread()


def _on_page(problem: Problem, page: int) -> Problem | None:
    """The problem as it stands on one form: lines count through all forms, six on each."""
    item, __, line = problem.item.partition(".")
    if not line.isdigit():
        return problem
    number = int(line) - 1
    return replace(problem, item=f"{item}.{number % 6 + 1}") if number // 6 == page else None


class Choice:
    """One of a few ways, asked in a small window. Tests replace `ask`."""

    @staticmethod
    def ask(parent: QWidget, title: str, ways: Mapping[str, str]) -> str | None:
        """The key of the way, or None."""
        answers = [("", _("Cancel")), *ways.items()]
        question = Question(parent, title, _("Red forms want the data alone; the copy is for your file."), answers)
        question.exec()
        return question.answer or None
