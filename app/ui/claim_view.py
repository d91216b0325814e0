"""One claim: the form with its values, the inspector beside it, and what can be done: status, PDF, print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from app import paperwork
from app.billing import claims as rules
from app.billing.follow_up import UNMAILED
from app.billing.problems import Problem, Severity, blocks
from app.billing.records import ClaimStatus
from app.billing.roles import Action
from app.errors import UserError
from app.forms import layout
from app.forms.by_hand import Change
from app.forms.cms1500 import ClaimPage
from app.i18n import _, date_text, money_text, ngettext
from app.store import claim_lists, claims
from app.store.claim_lists import Answer, ClaimLine
from app.ui import claim_compare, claim_steps, theme, words
from app.ui.claim_history import ClaimHistory
from app.ui.claim_paper import ClaimPaper
from app.ui.claim_replace import ReplaceEditor
from app.ui.claim_steps import Ask, Given, StepEditor
from app.ui.controls import Button, Chip, IconButton, column, figure, label, panel, row, rule, scrolled
from app.ui.desk import Desk
from app.ui.dialogs import Leave, LeaveQuestion
from app.ui.form_sheet import FormSheet, Sheet, Stop
from app.ui.hand_editor import value_key
from app.ui.inspector import Inspector, Open
from app.ui.page import Header, expected
from app.ui.red_forms import Afterwards
from app.ui.segments import Segment, segments
from app.ui.worklist import short

_NARROW = 960
"""Below this width there is no room beside the parts of a claim for the size of its form."""


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
        self.other_ways = IconButton("chevron-down", _("Other ways to print"), key="Ctrl+Alt+P")
        self.header = Header("", [self.status_button, self.pdf_button, self.print_button, self.other_ways])
        self.limit = Chip()
        self.limit.hide()
        self.afterwards, self._just_printed = Afterwards(), False
        self.paper = ClaimPaper(desk, self)
        self.paid: claim_compare.Paid | None = None
        self.editor, self.replacing = StepEditor(desk, wide=True), ReplaceEditor(desk)
        self.history = ClaimHistory()
        self._lay_out()
        self.editor.closed.connect(self._step_done)
        self.replacing.closed.connect(self._back_to_form)
        self.replacing.made.connect(self.show_claim)
        self.history.calling.connect(lambda: self.ask(Ask.CALL))
        self.history.planning.connect(lambda: self.ask(Ask.NEXT))
        self.sheet.chose.connect(self._chose)
        self.inspector.stepped.connect(self.sheet.step)
        self.inspector.asked_source.connect(self._go_to_source)
        self.inspector.asked_problem.connect(self.show_problem)
        self.inspector.asked_override.connect(self.override)
        self.inspector.asked_reset.connect(self.take_back)
        self.inspector.asked_pass.connect(self.let_pass)
        self.inspector.asked_block.connect(self.block_again)
        self.inspector.asked_box.connect(self.sheet.choose)
        self.inspector.hand.kept.connect(self.keep_override)
        self.inspector.hand.closed.connect(self._hand_closed)
        self.back_button.clicked.connect(lambda *_: self.closed.emit())
        self.status_button.clicked.connect(lambda *_: self._status_menu())
        self.pdf_button.clicked.connect(lambda *_: self.save_pdf())
        self.print_button.clicked.connect(lambda *_: self.print_out())
        self.other_ways.clicked.connect(lambda *_: self._other_ways())
        self.afterwards.right.connect(self._came_out_right)
        self.afterwards.again.connect(self.print_out)
        self.afterwards.line_up.connect(self._line_up)
        for key, name, do in (
            ("Ctrl++", _("Larger"), lambda: self._zoom_by(1.15)), ("Ctrl+=", _("Larger"), lambda: self._zoom_by(1.15)),
            ("Ctrl+-", _("Smaller"), lambda: self._zoom_by(1 / 1.15)), ("Ctrl+0", _("As wide as fits"), self.fit),
            ("Ctrl+Return", _("Open the source, or keep what is typed"), self._finish),
            ("F2", _("Put another value into the box"), self.override),
            ("Ctrl+Alt+P", _("Other ways to print"), self._other_ways),
            ("Ctrl+Shift+C", _("Note a call"), lambda: self.ask(Ask.CALL)),
            ("Ctrl+Shift+A", _("Next action"), lambda: self.ask(Ask.NEXT)),
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
        self.tabs = {
            "form": Segment(_("Form")), "paid": Segment(_("Against last paid")), "history": Segment(_("History"))
        }  # fmt: skip
        for key, tab in self.tabs.items():
            tab.clicked.connect(lambda *_, key=key: self.show_tab(key))
        self.sizes, self.zooms = QWidget(), QWidget()
        self.zooms.setLayout(row(smaller, self.zoom_words, larger, 8, upright, 8, gap=4))
        self.sizes.setLayout(row(self.zooms, self.earlier, self.page_words, self.later, gap=4))
        tools = row(
            self.back_button, 6, segments(*self.tabs.values()), None, self.sizes, gap=4, margins=(14, 5, 14, 5)
        )  # fmt: skip
        self.against = label("", tint="second", wrap=True)
        self.against.setContentsMargins(18, 0, 18, 8)
        self.against.hide()
        on_desk = panel("desk", column(row(None, self.sheet, None), None, gap=0))
        self.area = scrolled(on_desk, "desk")
        self.area.viewport().installEventFilter(self)
        self.parts = QStackedWidget()
        self.parts.addWidget(self.area)
        self.parts.addWidget(self.history)
        paper = panel("pane", column(panel("ground", column(tools, self.against, gap=0)), rule(), self.parts, gap=0))
        middle = row(paper, rule(upright=True), self.inspector, gap=0)
        middle.setStretch(0, 1)
        self._asked = QWidget()
        self._asked.setLayout(column(self.editor, self.replacing, gap=0, margins=(theme.MARGIN, 0, theme.MARGIN, 10)))
        self._asked.hide()
        whole = column(self.header, self._asked, rule(), self.afterwards, middle, gap=0)
        whole.setStretch(4, 1)
        self.setLayout(whole)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Without room for them the size is set by its keys alone."""
        super().resizeEvent(event)
        self.zooms.setVisible(self.width() > _NARROW)

    # Showing

    def show_claim(self, claim_id: int) -> None:
        """Open a claim. Raises UserError when it cannot be shown."""
        fresh = self.open is None or self.open.bundle.claim.id != claim_id
        self.open = read(self.desk, claim_id)
        self.desk.saw("claim", claim_id)
        if fresh:
            self.page_number = 0
            self._just_printed = False
            self.sheet.current = None
            self.inspector.hand.hide()
            self.close_one()
            self._choose_tab("form")
            self.inspector.show_answers(())
            self._read_answers()
        self._show_header()
        self.show_tab(self.tab)
        if fresh:
            first = next((p for p in self.open.problems if p.severity is not Severity.INFORM and p.item), None)
            if first is None or not self.show_problem(first):
                self.sheet.choose_item("2")
            self.sheet.setFocus(Qt.FocusReason.OtherFocusReason)
        self.problems_changed.emit()

    @property
    def tab(self) -> str:
        """The part in front: form, paid or history."""
        return next(key for key, tab in self.tabs.items() if tab.isChecked())

    def _choose_tab(self, key: str) -> None:
        self.tabs[key].setChecked(True)

    def show_tab(self, key: str) -> None:
        """The form, the form against the claim that this payer paid last, or the history."""
        assert self.open is not None
        self._choose_tab(key)
        bundle = self.open.bundle
        self.paid = claim_compare.last_paid(self.desk, bundle) if key == "paid" else None
        self.against.setText(self._against_words() if key == "paid" else "")
        self.against.setVisible(key == "paid")
        self.parts.setCurrentIndex(1 if key == "history" else 0)
        self.sizes.setVisible(key != "history")
        self.inspector.setVisible(key != "history")
        if key == "history":
            with self.desk.read() as s:
                self.history.show_events(claims.history(s, bundle.claim.id or 0))
        self.show_page(min(self.page_number, len(self.open.paper.marks) - 1))

    def _against_words(self) -> str:
        """Which claim it is held against, or that there is none."""
        assert self.open is not None
        payer = self.open.bundle.payer.name
        if self.paid is None:
            return _("No claim to {payer} is set to paid yet, so there is nothing to hold this one against.").format(
                payer=payer
            )
        other = self.paid.bundle
        told = _(
            "Against claim {number} of {client}, paid {day}. What differs is outlined; the paid value stands above."
        )
        return told.format(
            number=other.claim.number, client=words.person(other.client), day=date_text(other.claim.status_on)
        )

    def _read_answers(self) -> None:
        """How this payer answered claims with the same codes: read on another thread."""
        assert self.open is not None
        bundle, clinic = self.open.bundle, self.desk.clinic
        ids = set(bundle.claim.line_ids)
        codes = list(dict.fromkeys(line.code for visit in bundle.visits for line in visit.lines if line.id in ids))

        def work() -> list[Answer]:
            with clinic.read() as s:
                return claim_lists.answers(s, bundle.payer.id or 0, codes, besides=bundle.claim.id)

        def show(found: list[Answer]) -> None:
            if self.open is not None and self.open.bundle.claim.id == bundle.claim.id:
                self.inspector.show_answers(answer_words(found, codes))

        self.desk.run_task(work, done=show, failed=lambda error: self.desk.fail(expected(error)))

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
        if self.header.chips.indexOf(self.limit) < 0:
            self.header.chips.addWidget(self.limit)
        self._show_limit()
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
        gate = self.desk.refusal(Action.PRINT_CLAIMS) or gate
        self.print_button.set_gate(gate)
        self.pdf_button.set_gate(gate)
        void = b.claim.status in rules.FINISHED
        self.print_button.setEnabled(not void)
        self.other_ways.setEnabled(not void)
        self.status_button.setVisible(bool(self._moves()) and not self.desk.refusal(Action.CLAIMS))
        unseen = b.claim.issued is not None and b.claim.status is ClaimStatus.READY
        saved = unseen and b.claim.id in self.desk.only_saved
        again = b.claim.issued is not None and not saved
        self.print_button.setText(_("Print again") if again else _("Print on red form"))
        self.print_button.updateGeometry()
        asking = unseen or (self._just_printed and not void)
        self.print_button.kind = "outline" if asking and not saved else "filled"
        if asking:
            self.afterwards.ask(printed=not unseen, saved=saved)
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
        sheet = Sheet(self.open.paper.marks[self.page_number], shown, sources, by_hand)
        if self.paid is not None:
            found = claim_compare.differences(self.sheet.stops, sheet, self.paid, self.page_number)
            sheet = Sheet(sheet.marks, differing=frozenset(each.stop.key for each in found))
            self.inspector.differences = {each.stop.key: each for each in found}
            self.inspector.show_differences(found)
        else:
            self.inspector.differences = None
            self.inspector.show_problems(self.open)
        self.sheet.show_sheet(sheet)
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
            self.inspector.area.verticalScrollBar().setValue(0)
            self.sheet.setFocus(Qt.FocusReason.OtherFocusReason)
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

    def _line(self) -> ClaimLine:
        assert self.open is not None
        with self.desk.read() as s:
            (line,) = claim_lists.lines(s, claim_id=self.open.bundle.claim.id)
        return line

    def _show_limit(self) -> None:
        """How long there is to mail the claim, or to appeal."""
        line = self._line()
        limit, today = line.limit, self.desk.today()
        left = (limit - today).days if limit else claim_lists.SOON_DAYS + 1
        if limit is None or left > claim_lists.SOON_DAYS:
            self.limit.hide()
            return
        told = _("Mail by {day}") if line.status in UNMAILED else _("Appeal until {day}")
        days = ngettext("{n} day", "{n} days", left).format(n=left) if left >= 0 else _("passed")
        self.limit.show_state(
            f"{told.format(day=short(limit, today))}, {days}", "red" if left <= 7 else "amber", "calendar-due"
        )
        self.limit.show()

    def _moves(self) -> Sequence[ClaimStatus]:
        if self.open is None:
            return ()
        claim = self.open.bundle.claim
        return rules.by_hand(claim.status, issued=claim.issued is not None)

    def _replacements(self) -> dict[str, str]:
        """The claims that may take its place, by the code of item 22."""
        assert self.open is not None
        claim = self.open.bundle.claim
        if claim.issued is None or not rules.may_move(claim.status, ClaimStatus.CORRECTED):
            return {}
        made = {"": _("Send it again as new")} if claim.status is ClaimStatus.REJECTED else {}
        return made | {"7": _("Correct it: a claim that replaces it (7)"), "8": _("Cancel it at the payer (8)")}

    def _status_menu(self) -> None:
        menu = QMenu(self)
        deeds: list[tuple[str, Callable[[], object]]] = []
        for to in self._moves():
            deeds.append((words.CLAIM[to], partial(self.ask, Ask.STATUS, [to])))
        for code, text in self._replacements().items():
            deeds.append((text, partial(self.replace, code)))
        for text, do in deeds:
            action = QAction(text, menu)
            action.triggered.connect(lambda *_, do=do: do())
            menu.addAction(action)
        menu.popup(self.status_button.mapToGlobal(QPoint(0, self.status_button.height() + 4)))

    def ask(self, ask: Ask, targets: Sequence[ClaimStatus] = ()) -> None:
        """Ask for the next step of the claim."""
        if self.open is not None and self.desk.allows(Action.CLAIMS):
            self.replacing.hide()
            self._asked.show()
            if not self.editor.open_for([self._line()], ask, targets):
                self._asked.hide()

    def replace(self, code: str) -> None:
        """Ask for the claim that takes the place of this one: item 22 is 7, 8, or blank."""
        assert self.open is not None
        self.editor.hide()
        self._asked.show()
        self.replacing.open_for(self.open.bundle.claim, code)

    def _step_done(self, kept: bool) -> None:
        self._asked.hide()
        if kept:
            self.reread()
        self._back_to_form()

    def _back_to_form(self) -> None:
        self._asked.hide()
        self.sheet.setFocus(Qt.FocusReason.OtherFocusReason)

    def asking(self) -> StepEditor | None:
        """The editor of the next step, when it is open."""
        return self.editor if self.editor.is_open else None

    def close_one(self) -> bool:
        """Close what is being asked or typed; answers whether there was something."""
        for each in (self.editor, self.replacing):
            if each.is_open:
                each.close_editor()
                return True
        return self.close_hand()

    def set_status(self, to: ClaimStatus) -> None:
        """Move the claim on today, without a note."""
        given = Given(Ask.STATUS, to, self.desk.today(), "", "", None)
        if claim_steps.keep(self.desk, [self._line()], given):
            self.reread()

    def _is_sound(self) -> bool:
        """Whether nothing blocks the claim; what does is shown."""
        assert self.open is not None
        if not self.desk.allows(Action.PRINT_CLAIMS):
            return False
        if blocks(self.open.problems):
            first = self.open.problems[0]
            self.show_problem(first)
            self.desk.fail(first.message)
            return False
        return True

    def _sheets(self) -> list[tuple[int, str]]:
        assert self.open is not None
        claim = self.open.bundle.claim
        return [(claim.id or 0, claim.number)]

    def print_out(self) -> None:
        """On a printer, for red forms. Then it is asked about."""
        if self.open is None or not self._is_sound():
            return
        claim = self.open.bundle.claim
        target = ("claim", claim.id)
        self.paper.send(self._sheets(), issued=claim.issued is not None, target=target, then=self._sent)

    def _sent(self, printed: Sequence[int]) -> None:
        """The claim was sent to a printer, or not."""
        self._just_printed = bool(printed)
        self.reread()
        if printed:
            self.afterwards.yes.setFocus(Qt.FocusReason.OtherFocusReason)

    def _other_ways(self) -> None:
        if self.open is None or not self._is_sound():
            return
        bundle = self.open.bundle
        claim = bundle.claim
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        how = {"issued": claim.issued is not None, "target": ("claim", claim.id), "then": self._sent}
        for text, do in self.paper.ways(self._sheets()[0], bundle.payer, **how):
            action = QAction(text, menu)
            action.triggered.connect(lambda *_, do=do: do())
            menu.addAction(action)
        menu.popup(self.other_ways.mapToGlobal(QPoint(0, self.other_ways.height() + 4)))

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
        """As a PDF: the data alone for red forms, or a full copy."""
        if self.open is not None and self._is_sound():
            self.paper.ask_pdf(self._sheets(), issued=self.open.bundle.claim.issued is not None)
            self.reread()

    def write_pdf(self, path: Path, mode: paperwork.Mode, claim_id: int, number: str) -> None:
        """Issue the claim and write its PDF; all or nothing."""
        self.paper.write_pdf(path, mode, [(claim_id, number)])
        self.reread()


_MOST_TOLD = 3


def answer_words(found: Sequence[Answer], codes: Sequence[str]) -> list[str]:
    """How a payer answered claims with each code, in a sentence or two."""
    told = []
    for code in codes:
        own = [each for each in found if each.code == code]
        if own:
            paid = sum(each.status is ClaimStatus.PAID for each in own)
            last = ", ".join(
                _("{status} {day}").format(status=words.CLAIM[each.status].lower(), day=date_text(each.on))
                for each in own[:_MOST_TOLD]
            )
            text = _("With {code}: {paid} of {all} paid. The last: {last}.")
            told.append(text.format(code=code, paid=paid, all=len(own), last=last))
    return told


def _on_page(problem: Problem, page: int) -> Problem | None:
    """The problem as it stands on one form: lines count through all forms, six on each."""
    item, __, line = problem.item.partition(".")
    if not line.isdigit():
        return problem
    number = int(line) - 1
    return replace(problem, item=f"{item}.{number % 6 + 1}") if number // 6 == page else None
