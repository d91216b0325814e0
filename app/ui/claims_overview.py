"""All claims, on the board or in the list: filtered, ticked, moved on, printed together."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from app import paperwork
from app.billing.follow_up import STAGES, UNMAILED, Stage
from app.billing.problems import Problem, Severity, blocks
from app.billing.records import ClaimStatus
from app.billing.roles import Action
from app.i18n import _, date_text, money_text, ngettext
from app.store import claim_lists, claims
from app.store.claim_lists import Chosen, ClaimLine
from app.ui import theme, words
from app.ui.board import COLUMNS, MOST_CARDS, Board, Shown, waiting, what_next
from app.ui.claim_filters import ClaimFilters, of_open, stages_of
from app.ui.claim_paper import ClaimPaper
from app.ui.claim_steps import Ask, StepEditor, offered
from app.ui.controls import Button, column, framed, label, row
from app.ui.desk import Desk
from app.ui.page import Header, expected
from app.ui.red_forms import Afterwards
from app.ui.table import Cell, Column, Empty, Table, chosen
from app.ui.theme import Type

_TYPING_PAUSE = 300
"""Milliseconds after a keystroke in the search before what it found is checked."""
_CHECKED_AT_ONCE = 5
"""Claims checked before it is asked whether anyone still wants to know: three milliseconds each."""


class ClaimsOverview(QWidget):
    """`opened` opens a claim, `building` and `typing` ask for the builder and the blank form."""

    opened = Signal(int)
    building = Signal()
    typing = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.shown = Shown(desk.today())
        self._asked = 0
        self._printed: list[int] = []
        self.paper = ClaimPaper(desk, self)
        self.blank_button = Button(_("Blank form"), icon="file-text")
        self.build_button = Button(_("Build claims"), "filled", icon="stack-2", key="Ctrl+B")
        self.blank_button.clicked.connect(lambda *_: self.typing.emit())
        self.build_button.clicked.connect(lambda *_: self.building.emit())
        self.header = Header(_("Claims"), [self.blank_button, self.build_button])
        for button in (self.blank_button, self.build_button):
            button.set_gate(desk.refusal(Action.CLAIMS))
        self.filters = ClaimFilters(desk)
        self.board = Board(desk)
        self.afterwards = Afterwards()
        self._lay_out()
        self.filters.changed.connect(self.read)
        self.filters.viewed.connect(self.show_board)
        self.board.opened.connect(self.opened)
        self.board.listed.connect(self.list_stage)
        self.board.ticked.connect(self._show_ticks)
        self.board.menu_asked.connect(self._menu)
        self.afterwards.right.connect(self._came_out_right)
        self.afterwards.again.connect(self.print_out)
        self.afterwards.line_up.connect(lambda: self.desk.go("calibration"))
        for key, name, do in (
            ("F2", _("Set status"), lambda: self.ask(Ask.STATUS)),
            ("Ctrl+Shift+C", _("Note a call"), lambda: self.ask(Ask.CALL)),
            ("Ctrl+Shift+A", _("Next action"), lambda: self.ask(Ask.NEXT)),
            ("Ctrl+Shift+V", _("Board or list"), self.turn),
            ("Ctrl+Alt+P", _("Print all ready claims"), self.print_ready),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.setWhatsThis(name)
            shortcut.activated.connect(do)
        if not desk.preferences.claims_board:
            self.filters.list.setChecked(True)

    def _lay_out(self) -> None:
        self.table: Table = Table(_("Claims"), _columns(self.desk), self._fetch)
        self.table.opened.connect(lambda line: self.opened.emit(line.id))
        self.table.rows_model.ticks_changed.connect(self._show_ticks)
        self.table.remember(self.desk.preferences, "claims")
        Empty(self.table, self._none)
        self.editor = StepEditor(self.desk, wide=True)
        self.editor.closed.connect(self._step_done)
        card = framed("card", column(self.table, gap=0), (8, 6, 8, 8))
        listed = QWidget()
        listed.setLayout(column(self.editor, card, gap=10, margins=(theme.MARGIN, 12, theme.MARGIN, 16)))
        self.views = QStackedWidget()
        self.views.addWidget(self.board)
        self.views.addWidget(listed)
        self.ticked_words = label("", Type.EMPHASIS)
        status = Button(_("Set status"), key="F2", small=True)
        self.print_button = Button(_("Print on red forms"), icon="printer", key="Ctrl+P", small=True)
        self.pdf_button = Button(_("Save PDF"), icon="download", key="Ctrl+Shift+S", small=True)
        none = Button(_("Clear"), "quiet", key="Esc", small=True)
        status.clicked.connect(lambda *_: self.ask(Ask.STATUS))
        self.print_button.clicked.connect(lambda *_: self.print_out())
        self.pdf_button.clicked.connect(lambda *_: self.save_pdf())
        none.clicked.connect(lambda *_: self.tick_none())
        self.ticks = QWidget()
        self.ticks.setObjectName("ground")
        self.ticks.setLayout(
            row(
                self.ticked_words, None, status, self.print_button, self.pdf_button, none, gap=8,
                margins=(theme.MARGIN, 8, theme.MARGIN, 0),
            )
        )  # fmt: skip
        self.ticks.hide()
        whole = column(self.header, self.filters, self.afterwards, self.ticks, self.views, gap=0)
        whole.setStretch(4, 1)
        self.setLayout(whole)

    # Reading

    def refresh(self) -> None:
        """Read the filters, then the claims."""
        self.filters.refresh()
        self.read()
        self.filters.count()

    def read(self) -> None:
        """Read the claims that the filter leaves: on another thread, for a board counts and sums all that is open."""
        if not self.on_board:
            self.table.rows_model.restart()
        self._asked += 1
        asked, today, clinic = self._asked, self.desk.today(), self.desk.clinic
        chosen_now = self.filters.chosen()

        def work() -> Shown | None:
            with clinic.read() as s:
                sums = claim_lists.sums(s, **of_open(chosen_now, today))
                cards: dict[Stage, Sequence[ClaimLine]] = {}
                for stage, statuses in stages_of(chosen_now):
                    if asked != self._asked:
                        return None
                    own: Chosen = {**chosen_now, "statuses": statuses}
                    some = statuses and sums[stage].count
                    cards[stage] = claim_lists.lines(s, order="urgent", limit=MOST_CARDS, **own) if some else []
                return Shown(today, cards, sums)

        def show(shown: Shown | None) -> None:
            if shown is not None and asked == self._asked:
                self._show(shown)
                if chosen_now.get("text"):
                    QTimer.singleShot(_TYPING_PAUSE, self, lambda: self._check(asked))
                else:
                    self._check(asked)

        self.desk.run_task(work, done=show, failed=self._failed)

    def _check(self, asked: int) -> None:
        """What blocks the drafts that are shown. Given up at the next keystroke in the search."""
        if asked != self._asked or not self.desk.is_open:
            return
        shown, clinic = self.shown, self.desk.clinic
        ids = [line.id for stage in (Stage.TO_FINISH, Stage.READY) for line in shown.cards[stage] if not line.issued]

        def work() -> dict[int, str]:
            told = {}
            for at in range(0, len(ids), _CHECKED_AT_ONCE):
                if asked != self._asked:
                    return {}
                found = paperwork.check_claims(clinic, ids[at : at + _CHECKED_AT_ONCE], today=shown.today)
                told.update({claim_id: _blocking(problems) for claim_id, problems in found.items() if blocks(problems)})
            return told

        def show(problems: dict[int, str]) -> None:
            if asked == self._asked and problems:
                self._show(Shown(shown.today, shown.cards, shown.sums, problems))

        if ids:
            self.desk.run_task(work, done=show, failed=self._failed)

    def _failed(self, error: BaseException) -> None:
        self.desk.fail(expected(error))

    def _show(self, shown: Shown) -> None:
        self.shown = shown
        self.board.show_cards(shown)
        told = [shown.sums[stage] for stage in COLUMNS if stage in shown.sums]
        words_now = _("{n} open, {total}. Status is kept by hand, with a date each time.")
        count, total = sum(each.count for each in told), sum(each.charge for each in told)
        self.header.facts.setText(words_now.format(n=f"{count:,}", total=money_text(total)))
        self._show_ticks()

    def _fetch(self, limit: int, offset: int) -> Sequence[ClaimLine]:
        if not self.desk.is_open or self.on_board:
            return []
        chosen_now = of_open(self.filters.chosen(), self.desk.today())
        with self.desk.read() as s:
            return claim_lists.lines(s, order=self.table.order, limit=limit, offset=offset, **chosen_now)

    def _none(self) -> str:
        text = self.filters.search.text().strip()
        if text:
            return _("No open claim matches “{text}”. Choose all under Filter to look in closed ones.").format(
                text=text
            )
        return _("No claim here. Ctrl+B builds claims from sessions.")

    # Board or list

    @property
    def on_board(self) -> bool:
        """Whether the board is in front."""
        return self.views.currentIndex() == 0

    def turn(self) -> None:
        """The other of board and list."""
        (self.filters.list if self.on_board else self.filters.board).setChecked(True)
        self.begin()

    def show_board(self, board: bool) -> None:
        """Board or list; remembered."""
        self.tick_none()
        self.views.setCurrentIndex(0 if board else 1)
        self.desk.preferences.claims_board = board
        self.read()

    def list_stage(self, stage: Stage) -> None:
        """All claims of a column, as a list."""
        self.filters.list.setChecked(True)
        self.filters.show({**self.filters.chosen(), "statuses": STAGES[stage]})
        self.begin()

    def begin(self) -> None:
        """The cursor to the cards or rows."""
        if self.on_board:
            self.board.begin()
        else:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            if not self.table.currentIndex().isValid() and self.table.rows_model.rows:
                self.table.setCurrentIndex(self.table.rows_model.index(0, 1))

    # What is ticked

    def ticked(self) -> list[ClaimLine]:
        """The claims that are ticked."""
        if self.on_board:
            return self.board.ticked_lines()
        model = self.table.rows_model
        return [line for line in model.rows if line.id in model.ticked]

    def lines(self) -> list[ClaimLine]:
        """Those that are ticked, else the one with the cursor."""
        if self.on_board:
            return self.board.lines()
        one = chosen(self.table)
        return self.ticked() or ([one] if one is not None else [])

    def tick_none(self) -> None:
        """Clear all ticks."""
        self.table.rows_model.ticked.clear()
        self.table.viewport().update()
        self.board.tick_none()

    def _show_ticks(self) -> None:
        lines = self.ticked()
        self.ticks.setVisible(bool(lines))
        text = ngettext("{n} ticked, {total}", "{n} ticked, {total}", len(lines))
        self.ticked_words.setText(text.format(n=len(lines), total=money_text(sum(line.charge for line in lines))))
        self.print_button.setVisible(all(line.status in UNMAILED for line in lines))

    # Deeds

    def ask(self, ask: Ask, targets: Sequence[ClaimStatus] = ()) -> None:
        """Ask for the step of what is ticked or chosen."""
        if self.on_board:
            self.board.ask(ask, targets)
        elif self.desk.allows(Action.CLAIMS) and not self.editor.open_for(self.lines(), ask, targets) and self.lines():
            self.desk.fail(_("These claims have no next status in common. Tick claims of one status."))

    def _step_done(self, kept: bool) -> None:
        if kept:
            self.tick_none()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _menu(self, at: QPoint) -> None:
        """The moves of what is chosen, and the rest that can be done with it."""
        menu = QMenu(self)
        for to in offered(self.lines()):
            action = QAction(words.CLAIM[to], menu)
            action.triggered.connect(lambda *_, to=to: self.ask(Ask.STATUS, [to]))
            menu.addAction(action)
        menu.addSeparator()
        notes = ((_("Note a call"), "Ctrl+Shift+C", Ask.CALL), (_("Next action"), "Ctrl+Shift+A", Ask.NEXT))
        for text, keys, ask in notes:
            action = QAction(f"{text}\t{keys}", menu)
            action.triggered.connect(lambda *_, ask=ask: self.ask(ask))
            menu.addAction(action)
        menu.popup(at)

    def _sheets(self) -> list[tuple[int, str]]:
        return [(line.id, line.number) for line in self.lines()]

    def print_out(self) -> None:
        """What is ticked or chosen, on red forms."""
        lines = self.lines()
        if not lines and not self._printed:
            return
        sheets = self._sheets() if lines else []
        if self._printed and not self.ticked():
            with self.desk.read() as s:
                sheets = [(bundle.claim.id or 0, bundle.claim.number) for bundle in claims.bundles(s, self._printed)]
        issued = bool(lines) and all(line.issued is not None for line in lines)
        self.paper.send(sheets, issued=issued, target=None, then=self._sent)

    def print_ready(self) -> None:
        """All that are ready to print, on red forms."""
        with self.desk.read() as s:
            ready = claim_lists.lines(s, status=ClaimStatus.READY, limit=100_000)
        if not ready:
            self.desk.say(_("No claim is ready to print."))
            return
        issued = all(line.issued is not None for line in ready)
        self.paper.send([(line.id, line.number) for line in ready], issued=issued, target=None, then=self._sent)

    def _sent(self, printed: list[int]) -> None:
        """Claims were sent to a printer; it is asked whether the paper is right."""
        if printed:
            self._printed = printed
            self.tick_none()
            self.afterwards.ask(printed=False)
            self.afterwards.yes.setFocus(Qt.FocusReason.OtherFocusReason)

    def save_pdf(self) -> None:
        """What is ticked or chosen, as one PDF."""
        lines = self.lines()
        if lines and self.paper.ask_pdf(self._sheets(), issued=all(line.issued is not None for line in lines)):
            self.tick_none()

    def _came_out_right(self) -> None:
        """The paper was seen: what was ready is printed."""
        ids, self._printed = self._printed, []
        self.afterwards.hide()

        def do() -> None:
            with self.desk.write(_("Set status")) as s:
                for bundle in claims.bundles(s, ids):
                    if bundle.claim.status is ClaimStatus.READY:
                        claims.set_status(s, bundle.claim.id or 0, ClaimStatus.PRINTED, on=self.desk.today())

        if self.desk.attempt(do):
            count = ngettext("{n} claim printed.", "{n} claims printed.", len(ids)).format(n=len(ids))
            self.desk.say(count, undo=bool(self.desk.clinic.undo_label))
        self.begin()

    # Leaving

    def asking(self) -> StepEditor | None:
        """The editor that is open."""
        return self.board.editor() if self.on_board else self.editor if self.editor.is_open else None

    def close_one(self) -> bool:
        """Close what is asked, else the naming of a filter, else clear the ticks; answers whether it did."""
        editor = self.asking()
        if editor is not None:
            editor.close_editor()
            return True
        if self.filters.close_naming():
            return True
        had = bool(self.ticked())
        self.tick_none()
        return had


def _blocking(problems: Sequence[Problem]) -> str:
    """How many problems block a claim, and where the first of them is."""
    blocking = [problem for problem in problems if problem.severity is Severity.BLOCK]
    item = _("item {item}").format(item=blocking[0].item) if blocking[0].item else ""
    count = ngettext("{n} problem blocks", "{n} problems block", len(blocking))
    return ": ".join(part for part in (count.format(n=len(blocking)), item) if part)


def _columns(desk: Desk) -> list[Column]:
    def dates(line: ClaimLine) -> str:
        first, last = date_text(line.first), date_text(line.last)
        return first if first == last else f"{first} – {last}"

    def status(line: ClaimLine) -> Cell:
        tone, icon = words.CLAIM_LOOKS[line.status]
        return Cell(words.CLAIM[line.status], tone, icon)

    def days(line: ClaimLine) -> Cell:
        text, tone = waiting(line, desk.today())
        return Cell(text, tone)

    def action(line: ClaimLine) -> Cell:
        __, text, tone = what_next(line, desk.today())
        return Cell(text, "" if tone == "quiet" else tone, quiet=tone == "quiet")

    return [
        Column("", lambda c: "", 40, tick=True),
        Column(_("Number"), lambda c: Cell(c.number, strong=True), 106, order="number"),
        Column(_("Client"), lambda c: c.client, 130, stretch=True, order="client"),
        Column(_("Payer"), lambda c: Cell(c.payer, quiet=True), 126, stretch=True, priority=2, order="payer"),
        Column(_("Sessions"), dates, 196, figures=True, priority=5, order="dates"),
        Column(_("Charge"), lambda c: money_text(c.charge), 92, right=True, figures=True, order="charge"),
        Column(_("Status"), status, 138, order="status"),
        Column(_("Days"), days, 92, right=True, priority=3, order="since"),
        Column(_("Next action"), action, 150, stretch=True, priority=1, order="next"),
        Column(_("By"), lambda c: Cell(date_text(c.next_on), quiet=True), 104, figures=True, priority=4, order="by"),
    ]
