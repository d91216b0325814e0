"""One claim: the form with its values, the inspector beside it, and what can be done: status, PDF, print."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QWidget

from app import paperwork
from app.billing import claims as rules
from app.billing.problems import Problem, Severity, blocks
from app.billing.records import ClaimStatus
from app.errors import UserError
from app.forms import layout
from app.forms.by_hand import Change
from app.forms.cms1500 import ClaimPage
from app.i18n import _, date_text, money_text, ngettext
from app.store import claims
from app.ui import alignment, printing, words
from app.ui.controls import Button, IconButton, column, figure, label, panel, row, rule, scrolled
from app.ui.desk import Desk
from app.ui.dialogs import Confirm, Files, Leave, LeaveQuestion, Question
from app.ui.form_sheet import FormSheet, Sheet, Stop
from app.ui.hand_editor import value_key
from app.ui.inspector import Inspector, Open
from app.ui.page import Header
from app.ui.red_forms import Afterwards, Answer, PrintQuestion, output
from app.ui.theme import Type


def read(desk: Desk, claim_id: int) -> Open:
    """Read a claim and work its pages out. Raises UserError when it is gone."""
    with desk.read() as s:
        (bundle,) = claims.bundles(s, [claim_id])
    today = desk.today()
    problems = paperwork.check_claims(desk.clinic, [claim_id], today=today)[claim_id]
    return Open(bundle, paperwork.sheet(bundle, today=today), paperwork.forms(bundle, today=today), problems)


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
        self.inspector = Inspector(desk)
        self.status_button = Button(_("Set status"), icon="chevron-down")
        self.pdf_button = Button(_("Save PDF"), icon="download", key="Ctrl+Shift+S")
        self.print_button = Button(_("Print on red form"), "filled", icon="printer", key="Ctrl+P")
        self.back_button = IconButton("chevron-left", _("Back to the list"), key="Esc")
        self.header = Header("", [self.status_button, self.pdf_button, self.print_button])
        self.afterwards, self._just_printed = Afterwards(), False
        self._lay_out()
        self.sheet.chose.connect(self._chose)
        self.inspector.stepped.connect(self.sheet.step)
        self.inspector.asked_source.connect(self._go_to_source)
        self.inspector.asked_problem.connect(self.show_problem)
        self.inspector.asked_override.connect(self.override)
        self.inspector.asked_reset.connect(self.take_back)
        self.inspector.asked_pass.connect(self.let_pass)
        self.inspector.asked_block.connect(self.block_again)
        self.inspector.hand.kept.connect(self.keep_override)
        self.inspector.hand.closed.connect(self._hand_closed)
        self.back_button.clicked.connect(lambda *_: self.closed.emit())
        self.status_button.clicked.connect(lambda *_: self._status_menu())
        self.pdf_button.clicked.connect(lambda *_: self.save_pdf())
        self.print_button.clicked.connect(lambda *_: self.print_out())
        self.afterwards.right.connect(self._came_out_right)
        self.afterwards.again.connect(self.print_out)
        self.afterwards.line_up.connect(self._line_up)
        for key, name, do in (
            ("Ctrl++", _("Larger"), lambda: self._zoom_by(1.15)), ("Ctrl+=", _("Larger"), lambda: self._zoom_by(1.15)),
            ("Ctrl+-", _("Smaller"), lambda: self._zoom_by(1 / 1.15)), ("Ctrl+0", _("As wide as fits"), self.fit),
            ("Ctrl+Return", _("Open the source, or keep what is typed"), self._finish),
            ("F2", _("Put another value into the box"), self.override),
        ):  # fmt: skip
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setWhatsThis(name)
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
        whole = column(self.header, rule(), self.afterwards, middle, gap=0)
        whole.setStretch(3, 1)
        self.setLayout(whole)

    # Showing

    def show_claim(self, claim_id: int) -> None:
        """Open a claim. Raises UserError when it cannot be shown."""
        fresh = self.open is None or self.open.bundle.claim.id != claim_id
        self.open = read(self.desk, claim_id)
        if fresh:
            self.page_number = 0
            self._just_printed = False
            self.sheet.current = None
            self.inspector.hand.hide()
        self._show_header()
        self.show_page(min(self.page_number, len(self.open.paper.marks) - 1))
        self.inspector.show_problems(self.open)
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
        void = b.claim.status in rules.FINISHED
        self.print_button.setEnabled(not void)
        self.status_button.setVisible(bool(self._moves()))
        self.print_button.setText(_("Print again") if b.claim.issued else _("Print on red form"))
        self.print_button.updateGeometry()
        unseen = b.claim.issued is not None and b.claim.status is ClaimStatus.READY
        asking = unseen or (self._just_printed and not void)
        self.print_button.kind = "outline" if asking else "filled"
        if asking:
            self.afterwards.ask(printed=not unseen)
        else:
            self.afterwards.hide()

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
        by_hand = frozenset(stop.key for stop in self.sheet.stops if value_key(stop) in page.changes)
        self.sheet.show_sheet(Sheet(self.open.paper.marks[self.page_number], shown, sources, by_hand))
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
        if self.inspector.hand.is_open and value_key(stop, self._page().first) != self.inspector.hand.key:
            if not self.leave():
                self._back_to_hand()
                return
            self.inspector.hand.hide()
        self.inspector.show_stop(stop, self.sheet.sheet, self._page(), self.open)
        if self.inspector.hand.is_open:
            self.inspector.override_button.hide()
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
        pages = {"visit": "sessions", "practice": "settings", "provider": "settings", "payer": "payers"}
        if table in {"client", "policy", "referral", "authorization", "case", *pages} and key.isdigit():
            self.desk.go(pages.get(table, "clients"), (table, int(key), field))

    # By hand

    def override(self) -> None:
        """Open the fields for another value in the chosen box; an issued claim says why it keeps its own."""
        stop, button = self.sheet.current, self.inspector.override_button
        if self.open is None or stop is None or self.inspector.hand.is_open:
            return
        if button.gate:
            self.desk.fail(button.gate)
        elif not button.isHidden():
            self.inspector.open_hand(stop, self._page())

    def keep_override(self, key: str, text: str, reason: str, for_payer: bool) -> None:
        """Keep what was typed; what does not suit the item is told beside it."""
        assert self.open is not None and self.open.bundle.claim.id is not None
        if for_payer and key.startswith("24."):
            key = f"24.*.{key.split('.')[2]}"
        try:
            paperwork.override(
                self.desk.clinic, self.open.bundle.claim.id, key, text, reason, today=self.desk.today(),
                for_payer=for_payer,
            )  # fmt: skip
        except UserError as error:
            self.inspector.hand.tell(str(error))
            return
        self.inspector.hand.close_editor()
        self.reread()
        self.desk.say(_("{item} changed by hand.").format(item=self.inspector.name.text()), undo=True)

    def take_back(self, change: Change) -> None:
        """Give the chosen box back to the rules."""
        assert self.open is not None and self.open.bundle.claim.id is not None
        claim_id, for_payer = self.open.bundle.claim.id, change.kept_for == "payer"
        key = next((each.key for each in self.open.bundle.overrides if each.id == change.id), "")
        done = _("{item} follows the rules again.").format(item=self.inspector.name.text())
        self._decide(lambda: paperwork.take_back(self.desk.clinic, claim_id, key, for_payer=for_payer), done)

    def let_pass(self, problem: Problem, reason: str) -> None:
        """A blocking problem only warns from now on."""
        assert self.open is not None and self.open.bundle.claim.id is not None
        claim_id, today = self.open.bundle.claim.id, self.desk.today()
        self._decide(
            lambda: paperwork.waive(
                self.desk.clinic, claim_id, problem.code, reason, today=today, item=problem.item
            ),
            _("A problem was let pass."),
        )  # fmt: skip

    def block_again(self, problem: Problem) -> None:
        """What was let pass blocks again."""
        assert self.open is not None and self.open.bundle.claim.id is not None
        claim_id = self.open.bundle.claim.id
        again = _("It blocks again.")
        self._decide(
            lambda: paperwork.block_again(self.desk.clinic, claim_id, problem.code, item=problem.item), again
        )  # fmt: skip

    def _decide(self, do: Callable[[], object], done: str) -> None:
        if self.desk.attempt(do):
            self.reread()
            self.desk.say(done, undo=True)

    def _finish(self) -> None:
        """Keep what is being typed; else open the source."""
        if self.inspector.hand.is_open:
            self.inspector.hand.keep()
        else:
            self._go_to_source(*self.inspector.where)

    def leave(self) -> bool:
        """Ask once about a value that is being typed; False stays."""
        hand = self.inspector.hand
        if not hand.changed:
            return True
        answer = LeaveQuestion.ask(self, self.inspector.name.text())
        if answer is Leave.SAVE:
            hand.keep()
            return not hand.is_open
        if answer is Leave.DROP:
            hand.hide()
        return answer is Leave.DROP

    def close_hand(self) -> bool:
        """Close the fields of another value, if they are open; answers whether they were."""
        was = self.inspector.hand.is_open
        if was:
            self.inspector.hand.close_editor()
        return was

    def _hand_closed(self) -> None:
        self._chose(self.sheet.current)
        self.sheet.setFocus(Qt.FocusReason.OtherFocusReason)

    def _back_to_hand(self) -> None:
        """Choose the box again whose value is being typed."""
        key, first = self.inspector.hand.key, self._page().first
        here = next((stop for stop in self.sheet.stops if value_key(stop, first) == key), None)
        if here is not None:
            self.sheet.choose(here)

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
        closed = {ClaimStatus.CORRECTED, ClaimStatus.PRINTED if now.issued is None else ClaimStatus.DRAFT}
        return [to for to in rules.MOVES[now.status] if to not in closed]

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
                claims.set_status(s, claim.id or 0, to, on=self.desk.today())

        if self.desk.attempt(do):
            self.reread()
            text = _("Claim {number}: {status}.").format(number=claim.number, status=words.CLAIM[to])
            self.desk.say(text, undo=bool(self.desk.clinic.undo_label))

    def _is_sound(self) -> bool:
        """Whether nothing blocks the claim; what does is shown."""
        assert self.open is not None
        if blocks(self.open.problems):
            first = self.open.problems[0]
            self.show_problem(first)
            self.desk.fail(first.message)
            return False
        return True

    def _may_issue(self) -> bool:
        """Whether the claim may go on paper; a first time freezes it, which is asked about."""
        assert self.open is not None
        claim = self.open.bundle.claim
        if not self._is_sound():
            return False
        if claim.issued is not None:
            return True
        title = _("Issue claim {number}?").format(number=claim.number)
        return Confirm.ask(self, title, _frozen_words(), _("Issue it"), _("Not yet"))

    def print_out(self) -> None:
        """On a printer, for red forms: true size, scaled and moved as its tray needs. Then it is asked about."""
        if self.open is None or not self._is_sound():
            return
        preferences, claim = self.desk.preferences, self.open.bundle.claim
        printer = printing.new_printer(preferences.red_printer, preferences.red_tray)
        title = _("Print claim {number} on a red form").format(number=claim.number)
        told = _frozen_words() if claim.issued is None else _("It prints as it was issued.")
        answer = PrintQuestion.ask(self, preferences, printer, title, told)
        if answer is Answer.LINE_UP:
            self._line_up()
        if answer is not Answer.PRINT:
            return
        how = output(alignment.current(preferences))

        def do() -> None:
            with self.desk.write(_("Print claims"), undoable=False) as s:
                status = ClaimStatus.READY
                paperwork.issue(s, [claim.id or 0], today=self.desk.today(), output=how, status=status)
                (bundle,) = claims.bundles(s, [claim.id or 0])
                paper = paperwork.sheet(bundle, today=self.desk.today())
                form = layout.load(paper.layout_id)
                printing.print_marks(printer, paper.marks, form, dx_mm=how.dx_mm, dy_mm=how.dy_mm, scale=how.scale)

        self._just_printed = self.desk.attempt(do)
        if self._just_printed:
            self.desk.say(_("Claim {number} sent to the printer.").format(number=claim.number))
        self.reread()
        if self._just_printed:
            self.afterwards.yes.setFocus(Qt.FocusReason.OtherFocusReason)

    def _came_out_right(self) -> None:
        """The paper was seen: the claim is printed."""
        assert self.open is not None
        self._just_printed = False
        if self.open.bundle.claim.status is ClaimStatus.READY:
            self.set_status(ClaimStatus.PRINTED)
        else:
            self.reread()
        self.sheet.setFocus(Qt.FocusReason.OtherFocusReason)

    def _line_up(self) -> None:
        assert self.open is not None
        self.desk.go("calibration", ("claim", self.open.bundle.claim.id))

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
        how = paperwork.Output(mode=mode)
        if mode is paperwork.Mode.OVERLAY:
            how = output(alignment.current(self.desk.preferences))
        clinic, today = self.desk.clinic, self.desk.today()

        def do() -> None:
            paperwork.print_claims(clinic, [claim_id], how, path, today=today)

        if self.desk.attempt(do):
            self.desk.say(_("Claim {number} saved as {name}.").format(number=number, name=path.name))
        self.reread()


def _frozen_words() -> str:
    return _("Its values are frozen as they stand on the screen. What changes later goes on a corrected claim.")


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
