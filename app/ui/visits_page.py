"""Sessions: the newest on the left, one being entered or looked at on the right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.billing.records import Visit, VisitStatus
from app.i18n import _, date_text, money_text, ngettext
from app.store import visits
from app.ui import words
from app.ui.controls import ActionBar, Button, Elided, IconButton, SearchBox, column, label, panel, row, rule, scrolled
from app.ui.coverage_cards import CoverageCards
from app.ui.desk import Desk
from app.ui.dialogs import Leave, LeaveQuestion
from app.ui.page import Header, Page, Split
from app.ui.table import Empty, Line, LineList, choose
from app.ui.tabs import Pill
from app.ui.theme import Type
from app.ui.visit_form import VisitForm, time_text


class VisitsPage(Page):
    """Quick entry: client, then the codes with minutes or "same as last time"; saved with one key."""

    key = "sessions"
    name = _("Sessions")
    icon = "calendar-event"
    interests = frozenset(
        {"visit", "service_line", "client", "policy", "referral", "authorization", "case", "payer", "claim",
         "claim_line", "provider", "fee_schedule", "fee"}
    )  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.list = LineList(_("Sessions"), _line, self._fetch)
        self.search = SearchBox(_("Client, birth date, number"))
        self.new = IconButton("plus", _("New session"), key="Ctrl+N")
        self.day = desk.today()
        self.of_day, self.of_all = Pill(_("Day")), Pill(_("All"))
        self.earlier = IconButton("chevron-left", _("The day before"), key="Alt+PgUp")
        self.later = IconButton("chevron-right", _("The day after"), key="Alt+PgDown")
        self.day_words = label("", Type.EMPHASIS)
        self.form = VisitForm(desk)
        self.cards = CoverageCards(self.form)
        self.header = Header(_("New session"), [cancel := Button(_("Cancel"), "quiet", key="Esc")])
        cancel.clicked.connect(lambda *_: self.back())
        self.state = Elided("", tint="second")
        self.save_claim = Button(_("Save and claim"), icon="file-text", key="Ctrl+Shift+B")
        self.save_bill = Button(_("Save and superbill"), icon="receipt", key="Ctrl+Shift+P")
        self.save_button = Button(_("Save"), key="Ctrl+S")
        self.save_next = Button(_("Save and next"), "filled", key="Ctrl+Return")
        self._connect()
        self.split = Split(self._left(), self._right())
        self.setLayout(column(self.split, gap=0))
        self._show_kind()

    def _connect(self) -> None:
        self.list.chose.connect(lambda line: self._choose(line.id))
        self.list.opened.connect(lambda line: self.begin())
        self.list.clicked.connect(lambda index: self.split.bring_record())
        self.search.textChanged.connect(lambda *_: self.list.rows_model.restart())
        self.new.clicked.connect(lambda *_: self.open("new"))
        self.of_day.clicked.connect(lambda *_: self.show_by_day(on=True))
        self.of_all.clicked.connect(lambda *_: self.show_by_day(on=False))
        self.earlier.clicked.connect(lambda *_: self.show_day(self.day - dt.timedelta(days=1)))
        self.later.clicked.connect(lambda *_: self.show_day(self.day + dt.timedelta(days=1)))
        self.form.edited.connect(self._show_state)
        self.save_button.clicked.connect(lambda *_: self.save())
        self.save_next.clicked.connect(lambda *_: self.save_and_next())
        self.save_claim.clicked.connect(lambda *_: self.save_and_claim())
        self.save_bill.clicked.connect(lambda *_: self.save_and_superbill())
        keys: list[tuple[str, str, Callable[[], object]]] = [
            ("Ctrl+L", _("Same as last time"), self.form.same_as_last),
            ("Ctrl+Return", _("Save and next"), self.save_and_next),
            ("Ctrl+Enter", _("Save and next"), self.save_and_next),
            ("Ctrl+Shift+B", _("Save and claim"), self.save_and_claim),
            ("Ctrl+Shift+P", _("Save and superbill"), self.save_and_superbill),
            ("Ctrl+D", _("Line as above"), self.form.lines.same_as_above),
            ("Ctrl+Shift+D", _("Drop line"), self.form.lines.drop_line),
            ("Alt+PgUp", _("The day before"), lambda: self.show_day(self.day - dt.timedelta(days=1))),
            ("Alt+PgDown", _("The day after"), lambda: self.show_day(self.day + dt.timedelta(days=1))),
            ("Alt+Home", _("The sessions of today"), lambda: self.show_day(self.desk.today())),
            *(
                (
                    f"Alt+{number + 1}",
                    _("Also on {weekday}").format(weekday=name),
                    partial(self.form.week.toggle, number),
                )
                for number, name in enumerate(words.WEEKDAYS)
            ),
        ]
        for key, name, do in keys:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setWhatsThis(name)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(do)

    def _left(self) -> QWidget:
        Empty(self.list, self._no_sessions)
        head = row(label(self.name, Type.LIST_TITLE), None, self.new, gap=8, margins=(16, 10, 10, 6))
        kinds = row(self.of_day, self.of_all, None, gap=6, margins=(16, 0, 16, 10))
        self._search_row, self._day_row = QWidget(), QWidget()
        self._search_row.setLayout(row(self.search, margins=(16, 0, 16, 12)))
        self._day_row.setLayout(row(self.earlier, self.day_words, self.later, margins=(10, 0, 10, 12)))
        self.day_words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.day_words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        made = panel("pane", column(head, kinds, self._search_row, self._day_row, rule(), self.list, gap=0))
        made.setFixedWidth(264)
        return made

    def _right(self) -> QWidget:
        entry = row(self.form, self.cards, gap=0)
        entry.setStretch(0, 1)
        inside = QWidget()
        inside.setLayout(entry)
        bar = ActionBar(self.state, [self.save_claim, self.save_bill, self.save_button, self.save_next])
        return panel("ground", column(self.header, rule(), scrolled(inside), rule(), bar, gap=0))

    # A day, or all

    def show_by_day(self, *, on: bool) -> None:
        """The sessions of one day, or all of them, the newest first; remembered."""
        self.desk.preferences.sessions_by_day = on
        self._show_kind()
        self.refresh()

    def show_day(self, day: dt.date) -> None:
        """The sessions of this day, the first one first."""
        self.day = day
        self.show_by_day(on=True)

    @property
    def by_day(self) -> bool:
        """Whether one day is shown."""
        return self.desk.preferences.sessions_by_day

    def _show_kind(self) -> None:
        self.of_day.setChecked(self.by_day)
        self.of_all.setChecked(not self.by_day)
        self._day_row.setVisible(self.by_day)
        self._search_row.setVisible(not self.by_day)
        self.day_words.setText(f"{words.WEEKDAYS[self.day.weekday()][:3]} {date_text(self.day)}")
        self.list.rows_model.rows = []

    # Reading

    def _fetch(self, limit: int, offset: int) -> Sequence[Any]:
        with self.desk.read() as s:
            if self.by_day:
                return visits.lines(s, day=self.day, limit=limit, offset=offset)
            return visits.lines(s, text=self.search.text(), limit=limit, offset=offset)

    def refresh(self) -> None:
        """Read the list anew; a session that is being typed stays."""
        self.list.reload()
        with self.desk.read() as s:
            self.of_day.set_count(visits.count(s, day=self.day))
            self.of_all.set_count(visits.count(s))
        if self.form.visit.id is not None and not self.form.changed:
            if self.list.rows_model.row_of(self.form.visit.id) >= 0:
                self._show(self.form.visit.id)
            else:
                self._begin()
        elif self.form.visit.date is None:
            self._begin()

    def _begin(self, client_id: int = 0) -> None:
        choose(self.list, None)
        self.form.load(self.form.blank(client_id))
        self._show_state()
        self.cards.show_now()

    def _show(self, visit_id: int) -> None:
        with self.desk.read() as s:
            found = visits.visit(s, visit_id)
        self.desk.saw("visit", visit_id)
        self.form.load(found)
        self.list.blockSignals(True)
        choose(self.list, visit_id)
        self.list.blockSignals(False)
        self._show_state()
        self.cards.show_now()

    def _choose(self, visit_id: int) -> None:
        if self.form.visit.id == visit_id:
            return
        if self.leave():
            self._show(visit_id)
        else:
            self.list.blockSignals(True)
            choose(self.list, self.form.visit.id)
            self.list.blockSignals(False)

    def _show_state(self) -> None:
        visit, changed = self.form.visit, self.form.changed
        if visit.id is None:
            self.header.title.setText(_("New session"))
            self.state.setText(_("Not saved yet"))
        else:
            who = words.person(self.form.client) if self.form.client else ""
            date = f"{visit.date:%m/%d/%Y}" if visit.date else ""
            self.header.title.setText(_("{client}, {date}").format(client=who, date=date))
            self.state.setText(_("Changed") if changed else _("Saved"))

    def _no_sessions(self) -> str:
        if self.by_day:
            text = _("No sessions on {weekday}, {date}. Ctrl+N enters one.")
            return text.format(weekday=words.WEEKDAYS[self.day.weekday()], date=f"{self.day:%m/%d}")
        if self.search.text().strip():
            return _("No client matches “{text}”.").format(text=self.search.text().strip())
        return _("No sessions yet. Ctrl+N enters one.")

    # Keeping

    def _keep(self) -> Visit | None:
        """Keep what is typed; what is missing gets the cursor and a sentence. Answers the kept session."""
        missing = self.form.missing()
        if missing:
            control, problem = missing[0]
            control.setFocus(Qt.FocusReason.OtherFocusReason)
            self.desk.fail(problem.message)
            return None
        if self.form.visit.id is not None and not self.form.changed:
            return self.form.visit
        drafts = self.form.drafts()
        kept: list[Visit] = []

        def keep() -> None:
            with self.desk.write(ngettext("Save session", "Save sessions", len(drafts))) as s:
                kept.extend(visits.save_visit(s, draft) for draft in drafts)

        if not self.desk.attempt(keep):
            return None
        self.form.load(kept[0])
        self.list.reload()
        choose(self.list, kept[0].id)
        self._show_state()
        self.cards.show_now()
        who = words.person(self.form.client) if self.form.client else ""
        told = ngettext("Session of {client} saved.", "{n} sessions of {client} saved.", len(kept))
        self.desk.say(" ".join([told.format(client=who, n=len(kept)), *self._warned(kept[1:])]), undo=True)
        return kept[0]

    def _warned(self, repeated: Sequence[Visit]) -> list[str]:
        """What the rules say of each repetition, by its day: every day is checked for itself."""
        return [
            f"{draft.date:%m/%d}: {problem.message}" for draft in repeated for problem in self.form.problems(draft)[:1]
        ]

    def save(self) -> None:
        """Ctrl+S."""
        self._keep()

    def save_and_next(self) -> None:
        """Keep it and begin another, on the same day."""
        date = self.form.typed_date()
        if self._keep() is not None:
            self._begin()
            self.form.date.load(date)
            self.form.begin()

    def save_and_claim(self) -> None:
        """Keep it and build a claim of what this client has waiting."""
        kept = self._keep()
        if kept is None:
            return
        if kept.policy_id is None or kept.status is not VisitStatus.DONE:
            self.desk.fail(_("This session is billed to the client. Make a superbill of it."))
            return
        self.desk.go("claims", ("of-client", kept.client_id))

    def save_and_superbill(self) -> None:
        """Keep it and put it on a superbill."""
        kept = self._keep()
        if kept is not None:
            self.desk.go("superbills", ("new", kept.client_id))

    # The window's commands

    def open(self, target: object) -> None:
        """A session's id, "new", ("new", client id), or (table, record id, field)."""
        self.split.bring_record()
        if target == "new" or (isinstance(target, tuple) and target[0] == "new"):
            if self.leave():
                self._begin(target[1] if isinstance(target, tuple) else 0)
                self.form.begin()
        elif isinstance(target, int):
            self._choose(target)
        elif isinstance(target, tuple) and isinstance(target[1], int):
            self._choose(target[1])

    def draft(self) -> Any:
        """The session in the form, where it is not saved."""
        return self.form.state() if self.form.changed else None

    def restore(self, draft: Any) -> None:
        """Type it again."""
        self._show(draft["id"]) if draft["id"] is not None else self._begin()
        self.form.retype(draft)
        self._show_state()

    def leave(self) -> bool:
        """Ask once about what is typed and not kept."""
        if not self.form.changed:
            return True
        answer = LeaveQuestion.ask(self, _("session"))
        if answer is Leave.SAVE:
            return self._keep() is not None
        if answer is Leave.DROP:
            self._drop()
        return answer is Leave.DROP

    def _drop(self) -> None:
        if self.form.visit.id is not None:
            self._show(self.form.visit.id)
        else:
            self._begin()

    def back(self) -> None:
        """Esc: what is typed is asked about, never thrown away unseen."""
        if self.form.changed:
            self.leave()
        else:
            self.split.bring_list()
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin(self) -> None:
        """The cursor into the form."""
        self.split.bring_record()
        self.form.begin()


def _line(line: visits.VisitLine) -> Line:
    date = f"{line.date:%m/%d/%Y}" if line.date else ""
    parts = [date, time_text(line.start)]
    if line.status is VisitStatus.DONE:
        parts.append(ngettext("{n} unit", "{n} units", line.units).format(n=line.units))
    else:
        parts.append(words.VISIT[line.status])
    waiting = line.status is VisitStatus.DONE and line.payer and not line.claims
    return Line(
        line.client,
        " · ".join(part for part in parts if part),
        money_text(line.charge),
        icon="clock" if waiting else "",
        tone="amber" if waiting else "",
    )
