"""Payers: a list with instant search on the left; on the right who a payer is, its habits on paper, and its prices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.billing import ids
from app.billing.problems import Problem
from app.billing.roles import Action
from app.i18n import _, ngettext
from app.store import payers
from app.ui import csv_lists, theme
from app.ui.controls import Button, IconButton, SearchBox, column, label, panel, row, rule
from app.ui.desk import Desk
from app.ui.fees_editor import FeesEditor
from app.ui.page import Header, LazyStack, Page, Split
from app.ui.payer_settings import payer_kind
from app.ui.record_editor import RecordEditor
from app.ui.settings_group import Editor
from app.ui.table import Empty, Line, LineList, choose
from app.ui.tabs import Tab
from app.ui.theme import Type


class PayersPage(Page):
    """One payer at a time; a new one begins with the habits of its kind."""

    key = "payers"
    name = _("Payers")
    icon = "umbrella"
    interests = frozenset({"payer", "payer_address", "policy", "fee_schedule", "fee"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.payer_id: int | None = None
        self.kind = payer_kind(desk)
        self.list = LineList(_("Payers"), _line, self._fetch)
        self.search = SearchBox(_("Name or city"))
        self.new = IconButton("plus", _("New payer"))
        self.csv = csv_lists.buttons(desk, self, "payers")
        if desk.refusal(Action.PAYERS):
            self.csv[0].hide()
            self.new.hide()
        self._count = label("", Type.BODY, "second")
        self.stack = LazyStack({"payer": self._make_form, "fees": self._make_fees})
        self.tabs: dict[str, Tab] = {}
        self.split = Split(self._left(), self._right())
        self.setLayout(column(self.split, gap=0))
        self.list.chose.connect(lambda line: self._choose(line.id))
        self.list.opened.connect(lambda line: self._into_form())
        self.list.clicked.connect(lambda index: self.split.bring_record())
        self.search.textChanged.connect(lambda *_: self._search())
        self.search.returnPressed.connect(self._first)
        self.new.clicked.connect(lambda *_: self.start_menu().popup(self.new.mapToGlobal(QPoint(0, 36))))

    # Building

    def _left(self) -> QWidget:
        Empty(self.list, self._no_payers)
        head = row(
            label(self.name, Type.LIST_TITLE), self._count, None, *self.csv, self.new, gap=4, margins=(16, 10, 10, 6)
        )
        box = row(self.search, margins=(16, 0, 16, 12))
        made = panel("pane", column(head, box, rule(), self.list, gap=0))
        made.setFixedWidth(304)
        return made

    def _right(self) -> QWidget:
        self.revert_button = Button(_("Revert"), "outline", key="Esc")
        self.save_button = Button(_("Save"), "filled", key="Ctrl+S")
        self.revert_button.clicked.connect(lambda *_: self.back())
        self.save_button.clicked.connect(lambda *_: self.save())
        self.header = Header("", (self.revert_button, self.save_button))
        tabs = row(gap=26, margins=(theme.MARGIN, 0, theme.MARGIN, 0))
        for key, title in (("payer", _("Payer")), ("fees", _("Fees"))):
            tab = self.tabs[key] = Tab(title)
            tab.clicked.connect(lambda *_, key=key: self.show_part(key))
            tabs.addWidget(tab)
        tabs.addStretch(1)
        self.tabs["payer"].setChecked(True)
        return panel("ground", column(self.header, tabs, rule(), self.stack, gap=0))

    def _make_form(self) -> QWidget:
        made = RecordEditor(self.desk, self.kind)
        made.edited.connect(self._show_actions)
        made.show_of(self.payer_id or 0)
        made.kept.connect(lambda kept: self._kept(kept.id))
        return made

    def _make_fees(self) -> QWidget:
        made = FeesEditor(self.desk, one_payer=True)
        made.edited.connect(self._show_actions)
        made.show_of(self.payer_id or 0)
        return made

    def parts_ahead(self) -> Sequence[Callable[[], object]]:
        """The form of a payer."""
        return [lambda: self.form]

    @property
    def form(self) -> RecordEditor:
        """Who the payer is, and its habits."""
        made = self.stack.part("payer")
        assert isinstance(made, RecordEditor)
        return made

    @property
    def fees(self) -> FeesEditor:
        """Its prices."""
        made = self.stack.part("fees")
        assert isinstance(made, FeesEditor)
        return made

    def _editors(self) -> list[Editor]:
        """Those made so far."""
        return [cast(Editor, made) for made in self.stack.made.values()]

    def start_menu(self) -> QMenu:
        """The ways to begin a payer."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for title, begin in (*self.kind.starts, (_("Something else"), None)):
            action = menu.addAction(title)
            action.triggered.connect(lambda *_, begin=begin: self.begin_new(begin))
        return menu

    # Reading

    def _fetch(self, limit: int, offset: int) -> Sequence[Any]:
        with self.desk.read() as s:
            return payers.lines(s, self.search.text())[offset : offset + limit]

    def refresh(self) -> None:
        """Read anew what is not being typed."""
        self.list.reload()
        with self.desk.read() as s:
            known = payers.lines(s)
        self._count.setText(str(len(known)) if known else "")
        there = {line.id for line in known}
        if self.payer_id in there:
            for editor in self._editors():
                editor.reread()
            self._show_header()
        elif self.payer_id is not None or not self.form.changed:
            self._show(known[0].id if known else None)

    def _show(self, payer_id: int | None) -> None:
        """Show a payer, or an empty form for a new one."""
        self.payer_id = payer_id
        for editor in self._editors():
            editor.show_of(payer_id or 0)
        self._choose_row()
        if payer_id is None:
            self._bring("payer")
        self.tabs["fees"].setVisible(payer_id is not None)
        self._show_header()

    def _choose_row(self) -> None:
        self.list.blockSignals(True)
        choose(self.list, self.payer_id)
        self.list.blockSignals(False)

    def _show_header(self) -> None:
        with self.desk.read() as s:
            line = next((line for line in payers.lines(s) if line.id == self.payer_id), None)
            phone = payers.payer(s, line.id).phone if line else ""
        self.header.title.setText(line.name if line else _("New payer"))
        facts = [_("Begin with the name as on the card.")]
        if line:
            facts = [_place(line), ids.PHONE.format(phone), _clients(line)]
        self.header.facts.setText("   ·   ".join(fact for fact in facts if fact))
        self._show_actions()

    def _show_actions(self) -> None:
        changed = any(editor.changed for editor in self._editors())
        self.header.state.setText(_("Changed") if changed else "")
        self.save_button.setVisible(changed or self.payer_id is None)
        self.revert_button.setVisible(changed)

    def _no_payers(self) -> str:
        if self.search.text().strip():
            return _("No payer matches “{text}”.").format(text=self.search.text().strip())
        return _(
            "No payers yet. The form on the right makes the first; the plus begins one with the habits of its kind."
        )

    def problems(self) -> Sequence[Problem]:
        """What claims to this payer would stumble over."""
        if self.payer_id is None:
            return ()
        return list(self.kind.check(self.form.form.draft()))

    # Doing

    def _search(self) -> None:
        self.list.rows_model.restart()
        self._choose_row()

    def _first(self) -> None:
        if self.list.rows_model.rows:
            self._choose(self.list.rows_model.rows[0].id)
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose(self, payer_id: int) -> None:
        if payer_id != self.payer_id and self.leave():
            self._show(payer_id)
        else:
            self._choose_row()

    def _into_form(self) -> None:
        self.split.bring_record()
        self.stack.bring(self.stack.key)
        cast(Editor, self.stack.part(self.stack.key)).focus_field("name")

    def show_part(self, key: str) -> None:
        """Bring a part of the record to the front; a changed one asks first."""
        if self.leave():
            self._bring(key)
        else:
            self.tabs[self.stack.key].setChecked(True)

    def _bring(self, key: str) -> None:
        self.tabs[key].setChecked(True)
        self.stack.bring(key)

    def begin_new(self, begin: Callable[[int], Any] | None = None) -> None:
        """An empty form for a new payer, or one with the habits that `begin` gives."""
        if self.leave():
            self.split.bring_record()
            self._show(None)
            self.form.begin_new(begin)

    def _kept(self, payer_id: int) -> None:
        self.search.clear()
        self._show(payer_id)

    # The window's commands

    def open(self, target: object) -> None:
        """A payer's id, "new", or ("payer" or "fee_schedule", id, field)."""
        self.split.bring_record()
        if target == "new":
            self.begin_new()
        elif isinstance(target, int):
            self._choose(target)
        elif isinstance(target, tuple) and target[1] is not None:
            self._choose(target[1])
            if self.payer_id == target[1]:
                self._bring("payer")
                self.form.focus_field(target[2])

    def focus_field(self, problem: Problem) -> bool:
        """A field of the payer in front."""
        table, __, record_id = problem.record.partition(":")
        if table not in {"", "payer"} or (record_id and record_id != str(self.payer_id)):
            return False
        self._bring("payer")
        self.form.focus_field(problem.field)
        return True

    def draft(self) -> Any:
        """What is typed about the payer in front and its prices."""
        typed = {key: state for key, made in self.stack.made.items() if (state := cast(Editor, made).typed())}
        return {"payer": self.payer_id, "part": self.stack.key, "typed": typed} if typed else None

    def restore(self, draft: Any) -> None:
        """Type it again."""
        self.refresh()
        self.stale = False
        self._show(draft["payer"])
        for key, state in draft["typed"].items():
            cast(Editor, self.stack.part(key)).retype(state)
        self._bring(draft["part"])
        self._show_actions()

    def leave(self) -> bool:
        """Ask about what is changed."""
        return all(editor.leave() for editor in self._editors() if editor.changed)

    def save(self) -> None:
        """Keep what is changed."""
        for editor in self._editors():
            if (editor.changed or (self.payer_id is None and editor is self.form)) and not editor.save():
                return

    def back(self) -> None:
        """Revert what is changed, or the cursor to the list."""
        changed = [editor for editor in self._editors() if editor.changed]
        for editor in changed:
            editor.revert()
        if self.payer_id is None and self.list.rows_model.rows:
            self._show(self.list.rows_model.rows[0].id)
        elif not changed:
            self.split.bring_list()
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin(self) -> None:
        """The cursor to the search."""
        self.split.bring_list()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)


def _line(line: payers.PayerLine) -> Line:
    second = (
        _("no longer used") if line.archived else " · ".join(each for each in (_place(line), _clients(line)) if each)
    )
    return Line(line.name, second)


def _place(line: payers.PayerLine) -> str:
    return ", ".join(each for each in (line.city, line.state) if each)


def _clients(line: payers.PayerLine) -> str:
    return ngettext("{n} client", "{n} clients", line.clients).format(n=line.clients)
