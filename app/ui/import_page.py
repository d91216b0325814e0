"""Lists from CSV: a file, what its columns hold, what would change row by row, then all of it in one step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.billing.roles import Action
from app.errors import UserError
from app.i18n import _, ngettext
from app.store import csv_import, csv_read
from app.store.csv_import import LISTS, Judged, Preview, What
from app.store.csv_read import ENCODINGS, SEPARATORS, Form
from app.ui import csv_lists, fields
from app.ui.controls import ActionBar, Button, Elided, clear, column, label, panel, row, rule, scrolled
from app.ui.csv_lists import FILES
from app.ui.desk import Desk
from app.ui.dialogs import Files
from app.ui.fields import ChoiceEditor, labelled
from app.ui.page import Header, Page
from app.ui.table import Cell, Column, Empty, Table
from app.ui.tabs import Tab
from app.ui.tasks import Progress
from app.ui.theme import Type

_LOOKS = {
    What.NEW: (_("New"), "green", "plus"), What.CHANGED: (_("Changed"), "blue", "pencil"),
    What.REFUSED: (_("Refused"), "red", "ban"), What.UNCHANGED: (_("Unchanged"), "neutral", "check"),
}  # fmt: skip

LIST_ACTIONS = {"clients": Action.CLIENTS, "payers": Action.PAYERS, "fees": Action.FEES}


@dataclass(frozen=True)
class _Row:
    """A row of the table; its line is its id."""

    id: int
    judged: Judged


class ImportPage(Page):
    """What is shown is what would happen; nothing is kept before `Bring in`."""

    key = "import"
    under = "settings"
    name = _("Lists from CSV")
    icon = "upload"
    help_topic = "import"
    interests = frozenset({"client", "payer", "fee_schedule", "fee"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.path: Path | None = None
        self.seen: Preview | None = None
        self.finished = False
        self._progress: Progress | None = None
        self._busy = False
        self._turn = 0
        self._filter: What | None = None
        lists = [(key, one.title) for key, one in LISTS.items()]
        self.list_box = fields.chooser(fields.choice("list", _("List"), lambda: lists, 200))
        self.list_box.load("clients")
        self.list_box.changed.connect(self._other_list)
        self.choose = Button(_("Choose a file"), icon="folder")
        self.choose.clicked.connect(lambda *_: self.ask_file())
        self.file_words = Elided("", tint="second")
        self.encoding = fields.chooser(fields.choice("encoding", _("Encoding"), lambda: list(ENCODINGS.items()), 152))
        self.separator = fields.chooser(
            fields.choice("separator", _("Separator"), lambda: list(SEPARATORS.items()), 122)
        )
        for box in (self.encoding, self.separator):
            box.changed.connect(lambda: self.look_again(keep_mapping=False))
        self._columns = QVBoxLayout()
        self._columns.setSpacing(8)
        self.boxes: list[ChoiceEditor] = []
        self.state = label("", tint="second", wrap=True)
        self.table = Table(_("What would change"), _columns(), self._fetch)
        self.table.chose.connect(lambda line: self.state.setText(_said(line.judged)))
        Empty(self.table, self._nothing)
        self.tabs: dict[What | None, Tab] = {}
        self.header = Header(self.name)
        self.save_list = Button(_("Save the list as CSV"), icon="download", key="Ctrl+E")
        self.save_list.clicked.connect(lambda *_: csv_lists.save(desk, self, self.list_name))
        self.save_refused = Button(_("Save what was refused"), icon="download")
        self.save_refused.clicked.connect(lambda *_: self.ask_refused())
        self.bring = Button(_("Bring in"), "filled", key="Ctrl+Return")
        self.bring.clicked.connect(lambda *_: self.bring_in())
        whole = row(self._left(), rule(upright=True), self._right(), gap=0)
        whole.setStretch(2, 1)
        self.setLayout(whole)
        for keys, words, do in (
            ("Ctrl+Return", _("Bring in"), self.bring_in),
            ("Ctrl+E", _("Save the list as CSV"), lambda: csv_lists.save(desk, self, self.list_name)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setWhatsThis(words)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(do)
        self._show()

    # Building

    def _left(self) -> QWidget:
        self._form = QWidget()
        self._form.setLayout(
            column(
                row(
                    labelled(self.encoding),
                    labelled(self.separator),
                    None,
                    gap=12,
                )
            )
        )
        self._heading = label(_("Columns of the file"), Type.SECTION)
        self._told = label(_("Empty cells change nothing."), Type.NOTE, "second", wrap=True)
        inside = QWidget()
        inside.setLayout(
            column(
                labelled(self.list_box), row(self.choose, None), self.file_words, self._form, 6, self._heading,
                self._told, self._columns, None, gap=10, margins=(20, 18, 20, 18),
            )
        )  # fmt: skip
        made = panel("pane", column(scrolled(inside, "pane"), gap=0))
        made.setFixedWidth(412)
        return made

    def _right(self) -> QWidget:
        tabs = row(gap=22, margins=(24, 0, 24, 0))
        for what in (None, What.NEW, What.CHANGED, What.REFUSED):
            tab = self.tabs[what] = Tab(_LOOKS[what][0] if what else _("All"))
            tab.clicked.connect(lambda *_, what=what: self.filter_by(what))
            tabs.addWidget(tab)
        tabs.addStretch(1)
        self.tabs[None].setChecked(True)
        bar = ActionBar(self.state, [self.save_list, self.save_refused, self.bring])
        return panel("ground", column(self.header, tabs, rule(), self.table, rule(), bar, gap=0))

    # What is chosen

    @property
    def list_name(self) -> str:
        """clients, payers or fees."""
        return str(self.list_box.value())

    def ask_file(self) -> None:
        """Choose the file; it is looked at at once."""
        path = Files.ask_open(self, self.desk.preferences, _("Bring in a list"), FILES)
        if path is not None:
            self.take(path)

    def take(self, path: Path) -> None:
        """Look at a file."""
        self.path = path
        self._look(None, None)

    def _other_list(self) -> None:
        if self.path is not None:
            self._look(self.seen.form if self.seen else None, None)
        self._show()

    def look_again(self, *, keep_mapping: bool = True) -> None:
        """With the encoding, the separator and the columns as they are chosen now."""
        if self.seen is not None:
            mapping = {at: box.value() for at, box in enumerate(self.boxes) if box.value()} if keep_mapping else None
            self._look(Form(self.encoding.value(), self.separator.value()), mapping)

    def _look(self, form: Form | None, mapping: dict[int, str] | None) -> None:
        assert self.path is not None
        if self._progress is not None:
            self._progress.stop()
        self._turn += 1
        self.seen, self.finished, turn = None, False, self._turn
        clinic, name, path, today = self.desk.clinic, self.list_name, self.path, self.desk.today()

        def work(progress: Progress) -> Preview | UserError:
            def told(at: int, size: int) -> bool:
                return progress.goes_on(_("Looking at the file"), at, size)

            try:
                with clinic.read() as s:
                    return csv_import.preview(s, name, path, today=today, form=form, mapping=mapping, told=told)
            except UserError as error:
                return error

        def done(found: Preview | UserError) -> None:
            if turn == self._turn:
                self._looked(found, fresh=mapping is None)

        self._busy = True
        self._show()
        self._progress = self.desk.work(work, done=done)

    def _looked(self, found: Preview | UserError, *, fresh: bool) -> None:
        self._busy = False
        if isinstance(found, UserError):
            self._look_failed(found)
            return
        self.seen = found
        self._show_form(found.form)
        if fresh:
            self._show_columns(found.headings, found.mapping)
        self._show()

    def _show_form(self, form: Form) -> None:
        self.encoding.load(form.encoding)
        self.separator.load(form.separator)

    def _look_failed(self, error: UserError) -> None:
        """Where only the columns are not known, they can be named."""
        self.desk.fail(str(error))
        path = self.path
        assert path is not None
        try:
            form = csv_read.guess(path)
            heads = csv_import.headings(path, form)
        except UserError:
            self._show_columns((), {})
        else:
            self.seen = Preview(path, form, heads, {}, (0, 0))
            self._show_form(form)
            if len(self.boxes) != len(heads):
                self._show_columns(heads, {})
        self._show()

    def _show_columns(self, heads: Sequence[str], mapping: Any) -> None:
        clear(self._columns)
        self.boxes = []
        known = LISTS[self.list_name].columns(self.desk.today())
        offered: list[tuple[object, str]] = [(None, _("left out")), *((one.key, one.title) for one in known)]
        for at, heading in enumerate(heads):
            words = Elided(heading or _("column {n}").format(n=at + 1))
            words.setFixedWidth(130)
            words.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            box = fields.chooser(fields.choice(f"column{at}", words.text(), lambda: offered, 176))
            box.load(mapping.get(at))
            box.changed.connect(self.look_again)
            self.boxes.append(box)
            held = QWidget()
            held.setLayout(row(words, box, None, gap=10))
            self._columns.addWidget(held)

    # Showing

    def _fetch(self, limit: int, offset: int) -> Sequence[Any]:
        if self.seen is None:
            return []
        rows = sorted([*self.seen.rows, *self.seen.refused], key=lambda one: one.line)
        wanted = [_Row(one.line, one) for one in rows if self._filter in {None, one.what}]
        return wanted[offset : offset + limit]

    def filter_by(self, what: What | None) -> None:
        """Only the rows of which this becomes."""
        self._filter = what
        self.tabs[what].setChecked(True)
        self.table.rows_model.restart()

    def _show(self) -> None:
        seen, counts = self.seen, self.seen.counts if self.seen else {}
        self.table.rows_model.restart()
        self.header.title.setText(LISTS[self.list_name].title)
        self.file_words.setText(self.path.name if self.path else _("No file chosen yet."))
        for part in (self._form, self._heading, self._told):
            part.setVisible(bool(self.path) and bool(self.boxes))
        for what, tab in self.tabs.items():
            tab.set_count(counts.get(what, 0) if what else 0)
        self.header.facts.setText(_summary(seen) if seen else _("What would change is shown here first."))
        count = 0 if seen is None or self.finished else seen.to_keep
        self.bring.setText(
            ngettext("Bring in {n}", "Bring in {n}", count).format(n=f"{count:,}") if count else _("Bring in")
        )
        self.bring.setEnabled(bool(count))
        self.bring.set_gate(self.desk.refusal(LIST_ACTIONS[self.list_name]))
        self.save_refused.setVisible(bool(seen and seen.refused))
        self.state.setText(self._state_words())
        self.bring.updateGeometry()

    def _state_words(self) -> str:
        refused = self.desk.refusal(LIST_ACTIONS[self.list_name])
        if self.seen is None or refused:
            return refused
        if self.finished:
            return _("Done. Undo takes all of it back.")
        hidden = self.seen.to_keep - len(self.seen.rows)
        if hidden > 0:
            return _("{n} more rows would change that are not listed.").format(n=f"{hidden:,}")
        if self.seen.cleaned:
            told = ngettext("Invisible characters are left out of {n} row.",
                            "Invisible characters are left out of {n} rows.", self.seen.cleaned)  # fmt: skip
            return told.format(n=self.seen.cleaned)
        return ""

    def _nothing(self) -> str:
        if self._busy:
            return _("Looking at the file…")
        if self.path is None:
            return _("Choose a CSV file whose first line names its columns. Nothing is changed before you say so.")
        return _("No row of this kind.")

    # Doing

    def bring_in(self) -> None:
        """Keep what is shown, in one step."""
        if self.seen is None or self.finished or not self.seen.to_keep or self._busy:
            return
        if not self.desk.allows(LIST_ACTIONS[self.list_name]):
            return
        clinic, name, seen, today = self.desk.clinic, self.list_name, self.seen, self.desk.today()
        words = _("Bringing in {list} from CSV").format(list=LISTS[name].title.lower())
        now = dt.datetime.now().astimezone()

        def work(progress: Progress) -> Preview | UserError:
            from app import lists

            def told(at: int, size: int) -> bool:
                return progress.goes_on(words if size else _("Making a backup first"), at, size)

            try:
                return lists.bring_in(clinic, name, seen, today=today, now=now, told=told)
            except UserError as error:
                return error

        self._busy = True
        self._wait(on=True)
        self._progress = self.desk.work(work, done=self._brought)

    def _wait(self, *, on: bool) -> None:
        """Nothing else can be kept while a list comes in; only the message bar answers."""
        window: Any = self.window()
        window.set_waiting(on=on)

    def _brought(self, done: Preview | UserError) -> None:
        self._busy = False
        self._wait(on=False)
        if isinstance(done, UserError):
            self.desk.fail(str(done))
            self._show()
            return
        self.seen, self.finished = done, True
        told = ngettext("{n} row brought in.", "{n} rows brought in.", done.to_keep)
        self.desk.say(told.format(n=f"{done.to_keep:,}"), undo=True)
        self._show()

    def ask_refused(self) -> None:
        """Save the rows that stayed outside, with the reason."""
        from app import lists

        assert self.seen is not None
        refused = self.seen.refused
        path = Files.ask_save(self, self.desk.preferences, _("Save what was refused"), "refused.csv", FILES)
        if path is not None and self.desk.attempt(lambda: lists.save_refused(refused, path)):
            self.desk.say(_("What was refused is saved as {name}.").format(name=path.name))

    # The window's commands

    def refresh(self) -> None:
        """What is kept has changed: what would change is another thing."""
        if self.seen is not None and not self.finished and not self._busy:
            self.look_again()

    def open(self, target: object) -> None:
        """The list by its name."""
        if isinstance(target, str) and target in LISTS and target != self.list_name:
            self.list_box.load(target)
            self._other_list()
        self.begin()

    def begin(self) -> None:
        """The cursor to the file."""
        self.choose.setFocus()


def _summary(seen: Preview) -> str:
    parts = [f"{seen.counts[what]:,} {words.lower()}" for what, (words, *__) in _LOOKS.items() if seen.counts[what]]
    return "   ·   ".join(parts) or _("No rows")


def _columns() -> list[Column]:
    return [
        Column(_("Line"), lambda r: Cell(str(r.judged.line), quiet=True), 70, right=True, figures=True),
        Column(_("What"), lambda r: Cell(*_LOOKS[r.judged.what]), 130),
        Column(_("Who"), lambda r: Cell(r.judged.title, strong=True), 200),
        Column(_("What changes, or why not"), lambda r: _said(r.judged), 260, stretch=True),
    ]


def _said(one: Judged) -> str:
    if one.what is What.CHANGED:
        text = _("{field}: {before} → {after}")
        nothing = _("nothing")
        return "; ".join(text.format(field=c.title, before=c.before or nothing, after=c.after) for c in one.changes)
    return one.reason or ", ".join(change.after for change in one.changes if change.after)
