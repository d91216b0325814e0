"""Clients: a list with instant search on the left, the record with its parts on the right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QWidget

from app.billing import ids
from app.billing.records import Authorization, Client, Paper, Policy, Referral
from app.errors import UserError
from app.i18n import _, date_text
from app.store import claims, clients, superbills, visits
from app.store import papers as papers_store
from app.ui import benefits_call, client_records, client_tables, csv_lists, papers, theme, words
from app.ui.client_history import ClientHistory
from app.ui.client_overview import ClientOverview
from app.ui.controls import Button, Flow, IconButton, SearchBox, Tick, column, label, panel, row, rule
from app.ui.desk import Desk
from app.ui.fields import TextEditor
from app.ui.page import Header, LazyStack, Page, Split
from app.ui.papers import PapersEditor
from app.ui.record_editor import RecordEditor
from app.ui.table import Empty, Line, LineList, Table, choose
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
         "service_line", "paper", "superbill"}
    )  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.client: Client | None = None
        self.list = LineList(_("Clients"), _line, self._fetch)
        self.search = SearchBox(_("Name, birth date, phone, member id"))
        self.new = IconButton("user-plus", _("New client"), key="Ctrl+Shift+N")
        self.archived = Tick(_("Archived clients, too"))
        self.archived.toggled.connect(lambda *_: self.refresh())
        self.csv = csv_lists.buttons(desk, self, "clients")
        self._count = label("", Type.BODY, "second")
        self.header = self._make_header()
        self.tabs: dict[str, Tab] = {}
        self._kinds = {
            "person": client_records.person(desk), "policy": client_records.policy(desk),
            "verification": benefits_call.kind(desk), "referral": client_records.referral(desk),
            "authorization": client_records.authorization(desk), "case": client_records.case(),
            "paper": papers.kind(desk),
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
        box = row(self.search, margins=(16, 0, 16, 8))
        also = row(self.archived, None, margins=(16, 0, 16, 8))
        made = panel("pane", column(head, box, also, rule(), self.list, gap=0))
        made.setFixedWidth(304)
        return made

    def _make_header(self) -> Header:
        self.revert_button = Button(_("Revert"), "outline", key="Esc")
        self.save_button = Button(_("Save"), "filled", key="Ctrl+S")
        self.more = Button(_("More"), icon="chevron-down")
        self.more.clicked.connect(lambda *_: self._show_more())
        for key, name, do in (
            ("Ctrl+Alt+M", _("More"), self._show_more), ("Ctrl+Alt+A", _("Add scan"), self.add_scan),
            ("Ctrl+PgUp", _("Previous part of the record"), lambda: self.turn(-1)),
            ("Ctrl+PgDown", _("Next part of the record"), lambda: self.turn(1)),
        ):  # fmt: skip
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setWhatsThis(name)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(do)
        self.superbill_button = Button(_("Superbill"), icon="receipt")
        self.session_button = Button(_("New session"), "filled", icon="plus", key="Ctrl+N")
        self.revert_button.clicked.connect(lambda *_: self.back())
        self.save_button.clicked.connect(lambda *_: self.save())
        self.session_button.clicked.connect(lambda *_: self.desk.go("sessions", self.new_target()))
        self.superbill_button.clicked.connect(lambda *_: self.desk.go("superbills", self.new_target()))
        actions = (self.more, self.superbill_button, self.session_button, self.revert_button, self.save_button)
        return Header("", actions)

    def _right(self) -> QWidget:
        titles = {
            "overview": _("Overview"), "person": _("Person"), "policy": _("Coverage"),
            "verification": _("Benefits"), "referral": _("Referrals"), "authorization": _("Authorizations"),
            "case": _("Cases"), "sessions": _("Sessions"), "claims": _("Claims"), "superbills": _("Superbills"),
            "paper": _("Papers"), "history": _("History"),
        }  # fmt: skip
        for key, title in titles.items():
            tab = self.tabs[key] = Tab(title)
            tab.clicked.connect(lambda *_, key=key: self.show_part(key))
        tabs = Flow(list(self.tabs.values()), high=38, gap=26, margin=theme.MARGIN)
        self.tabs["person"].setChecked(True)
        return panel("ground", column(self.header, tabs, rule(), self.stack, gap=0))

    def _make_stack(self) -> LazyStack:
        makers: dict[str, Callable[[], QWidget]] = {key: partial(self._make_editor, key) for key in self._kinds}
        self.sessions = Table(_("Sessions"), client_tables.session_columns(), self._fetch_sessions)
        self.claims = Table(_("Claims"), client_tables.claim_columns(), self._fetch_claims)
        self.bills = Table(_("Superbills"), client_tables.superbill_columns(), self._fetch_bills)
        Empty(self.sessions, lambda: _("No sessions yet. Ctrl+N enters one."))
        Empty(self.claims, lambda: _("No claims yet. Ctrl+B builds them from sessions."))
        Empty(self.bills, lambda: _("No superbills yet. Ctrl+Alt+B makes one."))
        tables = {"sessions": self.sessions, "claims": self.claims, "superbills": self.bills}
        for page, table in tables.items():
            table.opened.connect(lambda line, page=page: self.desk.go(page, line.id))
            makers[page] = partial(client_tables.carded, table)
        makers |= {"overview": self._make_overview, "history": self._make_history}
        stack = LazyStack(makers)
        for page in tables:
            stack.part(page)
        return stack

    def parts_ahead(self) -> Sequence[Callable[[], object]]:
        """The overview of a client, and the person."""
        return [partial(self.stack.part, key) for key in ("overview", "person")]

    def _make_history(self) -> QWidget:
        made = ClientHistory(self.desk, list(self._kinds.values()))
        made.show_of(self.client.id or 0 if self.client else 0)
        return made

    def _make_editor(self, key: str) -> QWidget:
        editor = PapersEditor(self.desk) if key == "paper" else RecordEditor(self.desk, self._kinds[key])
        editor.edited.connect(self._show_actions)
        editor.show_of(self.client.id or 0 if self.client else 0)
        if key == "person":
            editor.kept.connect(self._person_kept)
        return editor

    def _make_overview(self) -> QWidget:
        recent = Table(_("Recent sessions"), client_tables.session_columns(), self._fetch_sessions)
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
            editor = self.editor(table)
            before = editor.record
            follows = isinstance(before, (Referral, Authorization)) and before.id is not None
            editor.begin_new((lambda owner: client_records.next_one(before)) if follows else None)

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
            return clients.find(s, self.search.text(), limit=limit, offset=offset, archived=self.archived.isChecked())

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

    def _fetch_bills(self, limit: int, offset: int) -> Sequence[Any]:
        if self.client is None or self.client.id is None:
            return []
        with self.desk.read() as s:
            return superbills.lines(s, client_id=self.client.id, limit=limit, offset=offset)

    def refresh(self) -> None:
        """Read the list, and what is shown of the client, anew; what is being typed stays."""
        self.list.reload()
        with self.desk.read() as s:
            total = clients.count(s, archived=self.archived.isChecked())
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
        self.bills.rows_model.restart()
        for key in ("overview", "history"):
            part = self.stack.made.get(key)
            if isinstance(part, (ClientOverview, ClientHistory)):
                part.show_of(self.client.id or 0 if self.client else 0)
        known = self.client is not None
        for key, tab in self.tabs.items():
            tab.setVisible(known or key == "person")
        if self.client is not None and self.client.id is not None:
            with self.desk.read() as s:
                for key, kind in self._kinds.items():
                    self.tabs[key].set_count(0 if kind.own else len(kind.read(s, self.client.id)))
                self.tabs["sessions"].set_count(visits.count(s, client_id=self.client.id))
                self.tabs["claims"].set_count(claims.count(s, client_id=self.client.id))
                self.tabs["superbills"].set_count(superbills.count(s, client_id=self.client.id))
        self._show_header()
        self._show_actions()

    def _show_header(self) -> None:
        who = self.client
        if who is None:
            self.header.title.setText(_("New client"))
            self.header.facts.setText(_("A last name is enough to begin."))
            self.header.set_chip("", "neutral", "archive")
            return
        self.header.set_chip(_("Archived") if who.archived else "", "neutral", "archive")
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
        self.more.setVisible(not changed and not fresh)

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

    def turn(self, step: int) -> None:
        """The part beside the one in front, with the cursor in it."""
        keys = [key for key, tab in self.tabs.items() if not tab.isHidden()]
        self.show_part(keys[(keys.index(self.stack.key) + step) % len(keys)])
        front = self.stack.currentWidget()
        if isinstance(front, RecordEditor):
            front.focus()
        else:
            self.tabs[self.stack.key].setFocus(Qt.FocusReason.ShortcutFocusReason)

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

    def add_scan(self) -> None:
        """Of the referral, authorization or policy in front, or else of the client."""
        if self.client is None or self.client.id is None or not self.leave():
            return
        editor = self._editor()
        record = editor.record if editor is not None else None
        new = Paper(client_id=self.client.id)
        if isinstance(record, (Referral, Authorization, Policy)) and record.id is not None:
            new = papers.of_record(record)
        papers.bring_in(self.desk, self, new)

    def _show_more(self) -> None:
        if self.more.isVisible():
            self.more_menu().popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 4)))

    def more_menu(self) -> QMenu:
        """What is seldom done with a client."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        who = self.client
        if who is None or who.id is None:
            return menu
        menu.addAction(_("Add scan"), self.add_scan).setShortcut("Ctrl+Alt+A")
        menu.addSeparator()
        words_of = _("Bring back from the archive") if who.archived else _("Archive client")
        menu.addAction(words_of, lambda: self.archive(archived=not who.archived))
        with self.desk.read() as s:
            if not clients.has_sessions(s, who.id):
                menu.addAction(_("Delete client"), self.delete)
        return menu

    def archive(self, *, archived: bool) -> None:
        """Out of the lists, or back into them; everything of the client stays."""
        if self.client is None or self.client.id is None or not self.leave():
            return
        who, label = self.client, _("Archive client") if archived else _("Bring client back")

        def do() -> None:
            with self.desk.write(label) as s:
                clients.archive_client(s, who.id or 0, archived)

        if self.desk.attempt(do):
            told = _("{client} is archived.") if archived else _("{client} is back in the list.")
            self.desk.say(told.format(client=words.person(who)), undo=True)

    def delete(self) -> None:
        """Remove one who was entered by mistake; Undo brings them back with all that is theirs."""
        if self.client is None or self.client.id is None or not self.leave():
            return
        who = self.client

        def do() -> None:
            with self.desk.write(_("Delete client")) as s:
                clients.remove_client(s, who.id or 0)

        if self.desk.attempt(do):
            self.desk.say(_("{client} is deleted.").format(client=words.person(who)), undo=True)

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
                self.list.setFocus(Qt.FocusReason.OtherFocusReason)
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
                record = papers_store.paper(s, record_id) if table == "paper" else getattr(clients, table)(s, record_id)
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

    def print_out(self) -> None:
        """The scan in front."""
        front = self.stack.currentWidget()
        if isinstance(front, PapersEditor):
            front.print_out()

    def save_pdf(self) -> None:
        """A copy of the scan in front."""
        front = self.stack.currentWidget()
        if isinstance(front, PapersEditor):
            front.save_copy()

    def begin(self) -> None:
        """The cursor to the search."""
        self.split.bring_list()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)


def _line(line: clients.ClientLine) -> Line:
    second = " · ".join(part for part in (date_text(line.birth_date), line.payer or _("self-pay")) if part)
    return Line(line.name, second, icon="archive" if line.archived else "", tone="neutral" if line.archived else "")
