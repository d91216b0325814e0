"""Settings: groups on the left, found by their words; the form of one on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.i18n import _
from app.ui.controls import Button, SearchBox, column, label, panel, row, rule
from app.ui.desk import Desk
from app.ui.page import Header, LazyStack, Page, Split
from app.ui.settings_group import Editor
from app.ui.settings_groups import GROUPS, Group
from app.ui.table import Empty, Line, LineList, choose
from app.ui.theme import Type


@dataclass(frozen=True)
class _Row:
    """A group in the list; or, while one searches, a setting of it."""

    id: int
    group: Group
    title: str
    second: str
    field: str = ""


class SettingsPage(Page):
    """Groups on the left, one form a group on the right."""

    key = "settings"
    name = _("Settings")
    icon = "settings"
    interests = frozenset({"practice", "provider", "payer", "fee_schedule", "fee"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.groups = {group.key: group for group in GROUPS}
        self.stack = LazyStack({key: partial(self._make, group) for key, group in self.groups.items()})
        self._all = [_Row(at, group, group.title, group.second) for at, group in enumerate(GROUPS)]
        self._rows = list(self._all)
        self.search = SearchBox(_("Find a setting"))
        self.list = LineList(_("Settings"), lambda row: Line(row.title, row.second), self._fetch)
        self.list.rows_model.restart()
        Empty(self.list, lambda: _("No setting has these words."))
        self.revert_button = Button(_("Revert"), key="Esc")
        self.save_button = Button(_("Save"), "filled", key="Ctrl+S")
        self.revert_button.clicked.connect(lambda *_: self.back())
        self.save_button.clicked.connect(lambda *_: self.save())
        self.header = Header("", [self.revert_button, self.save_button])
        head = row(label(self.name, Type.LIST_TITLE), None, margins=(16, 16, 10, 10))
        box = row(self.search, margins=(16, 0, 16, 12))
        left = panel("pane", column(head, box, rule(), self.list, gap=0))
        left.setFixedWidth(240)
        right = QWidget()
        right.setLayout(column(self.header, rule(), self.stack, gap=0))
        self.split = Split(left, right)
        self.setLayout(column(self.split, gap=0))
        self.search.textChanged.connect(lambda *_: self._search())
        self.search.returnPressed.connect(self._first)
        self.list.chose.connect(self._chose)
        self.list.clicked.connect(lambda index: self.split.bring_record())
        self.list.opened.connect(self._open_row)

    def _fetch(self, limit: int, offset: int) -> Sequence[Any]:
        return self._rows[offset : offset + limit]

    def _make(self, group: Group) -> QWidget:
        editor = group.make(self.desk)
        editor.edited.connect(self._show_actions)
        return cast(QWidget, editor)

    # Searching

    def _search(self) -> None:
        """Every word begins a word of what is found: of a group, or of a setting in it."""
        wanted = self.search.text().casefold().split()
        self._rows = list(self._all)
        if wanted:
            found = [_Row(0, group, group.title, group.second) for group in GROUPS]
            found += [
                _Row(0, group, each.words, group.title, each.field)
                for group in GROUPS
                for each in group.find(self.desk)
            ]
            hits = [each for each in found if _begins(wanted, f"{each.title} {each.second}")]
            self._rows = [_Row(at, each.group, each.title, each.second, each.field) for at, each in enumerate(hits)]
        self.list.rows_model.restart()
        if not wanted:
            self._choose_row()

    def _first(self) -> None:
        if self._rows:
            self._open_row(self._rows[0])

    def _chose(self, row: _Row) -> None:
        self.show_group(row.group.key)

    def _open_row(self, row: _Row) -> None:
        self.split.bring_record()
        self.show_group(row.group.key)
        if self.stack.key == row.group.key:
            self.editor().focus_field(row.field)

    # The group in front

    def editor(self, key: str = "") -> Editor:
        """The form of a group, or the one in front."""
        return cast(Editor, self.stack.part(key or self.stack.key))

    def refresh(self) -> None:
        """Read what is not being typed anew."""
        for made in self.stack.made.values():
            cast(Editor, made).reread()
        if not self.header.title.text():
            self.show_group("practice")
        self._show_actions()

    def show_group(self, key: str) -> None:
        """Bring a group to the front; a changed one asks first."""
        if key != self.stack.key and not self.editor().leave():
            key = self.stack.key
        self.stack.bring(key)
        self._choose_row()
        self.header.title.setText(self.groups[key].title)
        self.header.facts.setText(self.groups[key].second)
        self._show_actions()

    def _choose_row(self) -> None:
        """The list shows what is in front, unless it shows what was searched for."""
        if not self.search.text().strip():
            self.list.blockSignals(True)
            choose(self.list, next(row.id for row in self._all if row.group.key == self.stack.key))
            self.list.blockSignals(False)

    def _show_actions(self) -> None:
        changed = self.editor().changed
        self.header.state.setText(_("Changed") if changed else "")
        self.save_button.setVisible(changed)
        self.revert_button.setVisible(changed)

    def open(self, target: object) -> None:
        """A group's key, or (table, record id, field)."""
        self.split.bring_record()
        if isinstance(target, str):
            self.show_group(target)
        elif isinstance(target, tuple) and target[0] in self.groups:
            self.show_group(target[0])
            if self.stack.key == target[0]:
                self.editor().show_of(0, target[1])
                self.editor().focus_field(target[2])

    def draft(self) -> Any:
        """What is typed in each group."""
        typed = {key: state for key, made in self.stack.made.items() if (state := cast(Editor, made).typed())}
        return {"group": self.stack.key, "typed": typed} if typed else None

    def restore(self, draft: Any) -> None:
        """Type it again."""
        for key, state in draft["typed"].items():
            self.editor(key).retype(state)
        self.stale = False
        self.stack.bring(draft["group"])
        self.show_group(draft["group"])

    def leave(self) -> bool:
        """Ask about what is changed."""
        return self.editor().leave()

    def save(self) -> None:
        """Keep the form in front."""
        self.editor().save()

    def back(self) -> None:
        """Revert, or the cursor to the list."""
        if self.editor().changed:
            self.editor().revert()
        elif self.search.text():
            self.search.clear()
        else:
            self.split.bring_list()
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin(self) -> None:
        """The cursor to the list."""
        self.split.bring_list()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)


def _begins(wanted: Sequence[str], text: str) -> bool:
    words = text.casefold().split()
    return all(any(word.startswith(each) for word in words) for each in wanted)
