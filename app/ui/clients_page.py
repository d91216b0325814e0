"""Clients: a list with instant search on the left, the record with its parts on the right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.billing import ids
from app.billing.records import Client, VisitStatus
from app.errors import UserError
from app.i18n import _, date_text, money_text
from app.store import claims, clients, visits
from app.ui import benefits_call, client_records, csv_lists, theme, words
from app.ui.client_overview import ClientOverview
from app.ui.controls import Button, Flow, IconButton, SearchBox, column, framed, label, panel, row, rule
from app.ui.desk import Desk
from app.ui.fields import TextEditor
from app.ui.page import Header, LazyStack, Page, Split
from app.ui.record_editor import RecordEditor
from app.ui.table import Cell, Column, Empty, Line, LineList, Table, choose
from app.ui.tabs import Tab
from app.ui.theme import Type


def age(born: dt.date, today: dt.date) -> int:
    """Whole years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


class ClientsPage(Page):
    """One client at a time; nothing of a client is typed twice."""

    key = "clients"
    name = _("Clients")
    icon = "users"
    interests = frozenset(
        {"client", "policy", "verification", "referral", "authorization", "case", "visit", "claim", "payer",
         "service_line"}
    )  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.client: Client | None = None
        self.list = LineList(_("Clients"), _line, self._fetch)
        self.search = SearchBox(_("Name, birth date, phone, member id"))
        self.new = IconButton("user-plus", _("New client"), key="Ctrl+Shift+N")
        self.csv = csv_lists.buttons(desk, self, "clients")
        self._count = label("", Type.BODY, "second")
        self.header = self._make_header()
        self.tabs: dict[str, Tab] = {}
        self._kinds = {
            "person": client_records.person(desk), "policy": client_records.policy(desk),
            "verification": benefits_call.kind(desk), "referral": client_records.referral(),
            "authorization": client_records.authorization(), "case": client_records.case(),
        }  # fmt: skip
        self.stack = self._make_stack()
        self.split = Split(self._left(), self._right())
        self.setLayout(column(self.split, gap=0))
        self.list.chose.connect(lambda line: self._choose(line.id))
        self.list.opened.connect(lambda line: self._editor_focus())
        self.list.clicked.connect(lambda index: self.split.bring_record())
        self.search.textChanged.connect(lambda *_: self.list.rows_model.restart())
        self.search.returnPressed.connect(self._first)
        self.new.clicked.connect(lambda *_: self.begin_new())

    # Building

    def _left(self) -> QWidget:
        Empty(self.list, self._no_clients)
        head = row(
            label(self.name, Type.LIST_TITLE), self._count, None, *self.csv, self.new, gap=4, margins=(16, 10, 10, 6)
        )
        box = row(self.search, margins=(16, 0, 16, 12))
        made = panel("pane", column(head, box, rule(), self.list, gap=0))
        made.setFixedWidth(304)
        return made

    def _make_header(self) -> Header:
        self.revert_button = Button(_("Revert"), "outline", key="Esc")
        self.save_button = Button(_("Save"), "filled", key="Ctrl+S")
        self.superbill_button = Button(_("Superbill"), icon="receipt")
        self.session_button = Button(_("New session"), "filled", icon="plus", key="Ctrl+N")
        self.revert_button.clicked.connect(lambda *_: self.back())
        self.save_button.clicked.connect(lambda *_: self.save())
        self.session_button.clicked.connect(lambda *_: self.desk.go("sessions", self.new_target()))
        self.superbill_button.clicked.connect(lambda *_: self.desk.go("superbills", self.new_target()))
        actions = (self.superbill_button, self.session_button, self.revert_button, self.save_button)
        return Header("", actions)

    def _right(self) -> QWidget:
        titles = {
            "overview": _("Overview"), "person": _("Person"), "policy": _("Coverage"),
            "verification": _("Benefits"), "referral": _("Referrals"), "authorization": _("Authorizations"),
            "case": _("Cases"), "sessions": _("Sessions"), "claims": _("Claims"),
        }  # fmt: skip
        for key, title in titles.items():
            tab = self.tabs[key] = Tab(title)
            tab.clicked.connect(lambda *_, key=key: self.show_part(key))
        tabs = Flow(list(self.tabs.values()), high=38, gap=26, margin=theme.MARGIN)
        self.tabs["person"].setChecked(True)
        return panel("ground", column(self.header, tabs, rule(), self.stack, gap=0))

    def _make_stack(self) -> LazyStack:
        makers: dict[str, Callable[[], QWidget]] = {key: partial(self._make_editor, key) for key in self._kinds}
        self.sessions = Table(_("Sessions"), _session_columns(), self._fetch_sessions)
        self.claims = Table(_("Claims"), _claim_columns(), self._fetch_claims)
        self.sessions.opened.connect(lambda line: self.desk.go("sessions", line.id))
        self.claims.opened.connect(lambda line: self.desk.go("claims", line.id))
        Empty(self.sessions, lambda: _("No sessions yet. Ctrl+N enters one."))
        Empty(self.claims, lambda: _("No claims yet."))
        makers |= {"sessions": lambda: _carded(self.sessions), "claims": lambda: _carded(self.claims)}
        stack = LazyStack(makers | {"overview": self._make_overview})
        stack.part("sessions")
        stack.part("claims")
        return stack

    def _make_editor(self, key: str) -> QWidget:
        editor = RecordEditor(self.desk, self._kinds[key])
        editor.edited.connect(self._show_actions)
        editor.show_of(self.client.id or 0 if self.client else 0)
        if key == "person":
            editor.kept.connect(self._person_kept)
        return editor

    def _make_overview(self) -> QWidget:
        recent = Table(_("Recent sessions"), _session_columns(), self._fetch_sessions)
        recent.opened.connect(lambda line: self.desk.go("sessions", line.id))
        Empty(recent, lambda: _("No sessions yet. Ctrl+N enters one."))
        made = ClientOverview(self.desk, _("Recent sessions"), recent)
        made.strip.chose.connect(self._open_bar)
        made.show_of(self.client.id or 0 if self.client else 0)
        return made

    def _open_bar(self, target: tuple[str, int | None, str]) -> None:
        """The record of a bar; for what is missing, a new one."""
        table, record_id, field = target
        if record_id is not None:
            self._open_record(table, record_id, field)
        elif table in self._kinds:
            self.show_part(table)
            self.editor(table).begin_new()

    def editor(self, key: str) -> RecordEditor:
        """The form of a part."""
        made = self.stack.part(key)
        assert isinstance(made, RecordEditor)
        return made

    def _editors(self) -> list[RecordEditor]:
        """The forms that were made so far."""
        return [made for made in self.stack.made.values() if isinstance(made, RecordEditor)]

    # Reading

    def _fetch(self, limit: int, offset: int) -> Sequence[Any]:
        with self.desk.read() as s:
            return clients.find(s, self.search.text(), limit=limit, offset=offset)

    def _fetch_sessions(self, limit: int, offset: int) -> Sequence[Any]:
        if self.client is None or self.client.id is None:
            return []
        with self.desk.read() as s:
            return visits.lines(s, client_id=self.client.id, limit=limit, offset=offset)

    def _fetch_claims(self, limit: int, offset: int) -> Sequence[Any]:
        if self.client is None or self.client.id is None:
            return []
        with self.desk.read() as s:
            return claims.lines(s, client_id=self.client.id, limit=limit, offset=offset)

    def refresh(self) -> None:
        """Read the list, and what is shown of the client, anew; what is being typed stays."""
        self.list.reload()
        with self.desk.read() as s:
            total = clients.count(s)
        self._count.setText(str(total) if total else "")
        self._read_client()
        if self.client is not None:
            for editor in self._editors():
                editor.reread()
            self._show_parts()
        elif not self.editor("person").changed:
            rows = self.list.rows_model.rows
            self._show(rows[0].id if rows else None)

    def _read_client(self) -> None:
        """The client in front as they are now; nobody when they are gone, which undo can do."""
        if self.client is not None and self.client.id is not None:
            try:
                with self.desk.read() as s:
                    self.client = clients.client(s, self.client.id)
            except UserError:
                self.client = None

    def _show(self, client_id: int | None) -> None:
        """Show a client, or an empty form for a new one."""
        if client_id is None:
            self.client = None
        else:
            with self.desk.read() as s:
                self.client = clients.client(s, client_id)
            self.desk.saw("client", client_id)
        for editor in self._editors():
            editor.show_of(client_id or 0)
        self.list.blockSignals(True)
        choose(self.list, client_id)
        self.list.blockSignals(False)
        if client_id is None:
            self.show_part("person")
        self._show_parts()

    def _show_parts(self) -> None:
        self.sessions.rows_model.restart()
        self.claims.rows_model.restart()
        overview = self.stack.made.get("overview")
        if isinstance(overview, ClientOverview):
            overview.show_of(self.client.id or 0 if self.client else 0)
        known = self.client is not None
        for key, tab in self.tabs.items():
            tab.setVisible(known or key == "person")
        if self.client is not None and self.client.id is not None:
            with self.desk.read() as s:
                for key, kind in self._kinds.items():
                    self.tabs[key].set_count(0 if kind.own else len(kind.read(s, self.client.id)))
                self.tabs["sessions"].set_count(visits.count(s, client_id=self.client.id))
                self.tabs["claims"].set_count(claims.count(s, client_id=self.client.id))
        self._show_header()
        self._show_actions()

    def _show_header(self) -> None:
        who = self.client
        if who is None:
            self.header.title.setText(_("New client"))
            self.header.facts.setText(_("A last name is enough to begin."))
            return
        self.header.title.setText(words.person(who))
        facts = [_("Client {number}").format(number=who.number)]
        if who.birth_date:
            years = age(who.birth_date, self.desk.today())
            facts.append(_("born {date}, age {years}").format(date=date_text(who.birth_date), years=years))
        if who.phone:
            facts.append(ids.PHONE.format(who.phone))
        self.header.facts.setText("   ·   ".join(facts))

    def _show_actions(self) -> None:
        changed = any(editor.changed for editor in self._editors())
        fresh = self.client is None
        self.header.state.setText(_("Changed") if changed else "")
        self.save_button.setVisible(changed or fresh)
        self.revert_button.setVisible(changed)
        self.session_button.setVisible(not changed and not fresh)
        self.superbill_button.setVisible(not changed and not fresh)

    def _no_clients(self) -> str:
        if self.search.text().strip():
            return _("No client matches “{text}”.").format(text=self.search.text().strip())
        return _("No clients yet. Ctrl+Shift+N adds the first.")

    # Doing

    def _editor(self) -> RecordEditor | None:
        front = self.stack.currentWidget()
        return front if isinstance(front, RecordEditor) else None

    def _editor_focus(self) -> None:
        self.split.bring_record()
        editor = self._editor()
        if editor is not None:
            editor.form.focus()

    def show_part(self, key: str) -> None:
        """Bring a part of the record to the front; a changed one asks first."""
        editor = self._editor()
        if editor is not None and not editor.leave():
            self.tabs[self.stack.key].setChecked(True)
            return
        self.tabs[key].setChecked(True)
        self.stack.bring(key)

    def _choose(self, client_id: int) -> None:
        if self.client is not None and self.client.id == client_id:
            return
        if self.leave():
            self._show(client_id)
        else:
            self.list.blockSignals(True)
            choose(self.list, self.client.id if self.client else None)
            self.list.blockSignals(False)

    def _first(self) -> None:
        if self.list.rows_model.rows:
            self._choose(self.list.rows_model.rows[0].id)
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin_new(self, name: str = "") -> None:
        """An empty record for a new client; with `name`, "First Last" or "Last, First", typed into it."""
        if not self.leave():
            return
        self.split.bring_record()
        self._show(None)
        form = self.editor("person").form
        first, __, last = name.rpartition(" ") if "," not in name else name.partition(",")[::-1]
        for field, words_of in (("last_name", last), ("first_name", first)):
            editor = form.editor(field)
            if words_of.strip() and isinstance(editor, TextEditor):
                editor.setText(words_of.strip().title() if words_of.islower() else words_of.strip())
        form.focus()

    def _person_kept(self, kept: Client) -> None:
        self.client = kept
        self.search.clear()
        self._show(kept.id)

    # The window's commands

    def new_target(self) -> object:
        """A session or superbill begun here is of this client."""
        return ("new", self.client.id) if self.client is not None else "new"

    def open(self, target: object) -> None:
        """A client's id, "new", ("new", name), or (table, record id, field)."""
        self.split.bring_record()
        if target == "new":
            self.begin_new()
        elif isinstance(target, tuple) and target[0] == "new":
            self.begin_new(target[1])
        elif isinstance(target, int):
            if self.leave():
                self._show(target)
        elif isinstance(target, tuple):
            self._open_record(*target)

    def _open_record(self, table: str, record_id: int | None, field: str) -> None:
        if record_id is None or not self.leave():
            return
        part = "person" if table == "client" else table
        if part == "person":
            self._show(record_id)
        else:
            with self.desk.read() as s:
                record = getattr(clients, table)(s, record_id)
            self._show(record.client_id)
            self.editor(part).show_of(record.client_id, record_id)
        self.show_part(part)
        self.editor(part).focus_field(field)

    def draft(self) -> Any:
        """The client, the part in front, and what is typed in each part."""
        typed = {key: made.typed() for key, made in self.stack.made.items() if isinstance(made, RecordEditor)}
        found = {key: state for key, state in typed.items() if state is not None}
        if not found:
            return None
        return {"client": self.client.id if self.client else None, "part": self.stack.key, "typed": found}

    def restore(self, draft: Any) -> None:
        """Type it again."""
        self._show(draft["client"])
        for key, state in draft["typed"].items():
            self.editor(key).retype(state)
        self.tabs[draft["part"]].setChecked(True)
        self.stack.bring(draft["part"])
        self._show_actions()

    def leave(self) -> bool:
        """Ask about each part that is changed."""
        return all(editor.leave() for editor in self._editors() if editor.changed)

    def save(self) -> None:
        """Keep every part that is changed."""
        for editor in self._editors():
            if (editor.changed or (self.client is None and editor is self.editor("person"))) and not editor.save():
                return

    def back(self) -> None:
        """Revert what is changed, or the cursor to the list."""
        changed = [editor for editor in self._editors() if editor.changed]
        for editor in changed:
            editor.revert()
        if self.client is None and self.list.rows_model.rows:
            self._show(self.list.rows_model.rows[0].id)
        elif not changed:
            self.split.bring_list()
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin(self) -> None:
        """The cursor to the search."""
        self.split.bring_list()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)


def _carded(table: Table) -> QWidget:
    holder = QWidget()
    holder.setLayout(column(framed("card", column(table, gap=0), (8, 6, 8, 8)), gap=0, margins=(24, 18, 24, 18)))
    return holder


def _line(line: clients.ClientLine) -> Line:
    second = " · ".join(part for part in (date_text(line.birth_date), line.payer or _("self-pay")) if part)
    return Line(line.name, second)


def _session_columns() -> list[Column]:
    return [
        Column(_("Date"), lambda v: Cell(date_text(v.date), strong=True), 104, figures=True),
        Column(_("Codes"), lambda v: v.codes, 150, stretch=True),
        Column(_("Min."), lambda v: Cell(str(v.minutes), quiet=True), 64, right=True, figures=True, priority=2),
        Column(_("Units"), lambda v: Cell(str(v.units), quiet=True), 64, right=True, figures=True, priority=1),
        Column(_("Charge"), lambda v: money_text(v.charge), 90, right=True, figures=True),
        Column(_("Claim"), billed, 144),
    ]


def billed(line: visits.VisitLine) -> Cell:
    """Where a session stands: not taken place, on a claim, waiting for one, or paid by the client."""
    if line.status is not VisitStatus.DONE:
        return Cell(words.VISIT[line.status], "neutral", "calendar-event")
    if line.claims:
        return Cell(line.claims.replace(" ", ", "), quiet=True)
    if line.payer:
        return Cell(_("Unbilled"), "amber", "clock")
    return Cell(_("Self-pay"), quiet=True)


def _claim_columns() -> list[Column]:
    return [
        Column(_("Number"), lambda c: Cell(c.number, strong=True), 110),
        Column(_("Payer"), lambda c: Cell(c.payer, quiet=True), 130, stretch=True),
        Column(_("Sessions"), dates, 190, figures=True, priority=1),
        Column(_("Charge"), lambda c: money_text(c.charge), 90, right=True, figures=True),
        Column(_("Status"), status, 140),
    ]


def dates(line: claims.ClaimLine) -> str:
    """First and last date of service."""
    first, last = date_text(line.first), date_text(line.last)
    return first if first == last else f"{first} – {last}"


def status(line: claims.ClaimLine) -> Cell:
    """The chip of a claim."""
    tone, icon = words.CLAIM_LOOKS[line.status]
    return Cell(words.CLAIM[line.status], tone, icon)
