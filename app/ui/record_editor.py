"""Editing the records of one kind: those of a client, or of the clinic. A list where there may be several, and a form.

A kind is data: how its records are read, kept, begun and shown, and which fields they have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from app.billing import roles
from app.billing.problems import Problem
from app.errors import ClinicError
from app.i18n import _
from app.ui import theme
from app.ui.controls import Button, IconLabel, clear, column, framed, label, row, scrolled
from app.ui.desk import Desk
from app.ui.dialogs import Leave, LeaveQuestion
from app.ui.record_form import RecordForm, Section
from app.ui.table import Empty, Line, LineList, choose

Owner = Callable[[], int]


class Deed(NamedTuple):
    """What else can be done with a record: words, icon, and the doing, which is given the editor for its questions."""

    words: str
    icon: str
    do: Callable[[QWidget], object]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`word` names one of them in a sentence; `table` is where they are kept; `read(s, owner)` lists them.

    `blank(owner)` begins one; `line` shows one in the list. `single` kinds have exactly one record and no list.
    `remove` deletes one that nothing stands on. With `own` a record is its own owner, as a client is. `told` says in
    sentences what follows from the draft, `leads` where that leads to: words, page, and what to show there. `starts`
    are ways to begin one, by title; `deeds` what else can be done with one that is kept.
    """

    word: str
    table: str
    read: Callable[[Any, int], Sequence[Any]]
    keep: Callable[[Any, Any], Any]
    blank: Callable[[int], Any]
    line: Callable[[Any], Line]
    sections: Callable[[Desk, Owner], Sequence[Section]]
    check: Callable[[Any], Sequence[Problem]] = lambda record: ()
    new: str = ""
    none: str = ""
    remove: Callable[[Any, int], None] | None = None
    single: bool = False
    own: bool = False
    told: Callable[[Any], Sequence[str]] | None = None
    leads: Callable[[Any], Sequence[tuple[str, str, object]]] | None = None
    starts: Sequence[tuple[str, Callable[[int], Any]]] = ()
    deeds: Callable[[Any], Sequence[Deed]] | None = None


class RecordEditor(QWidget):
    """A list on the left where there may be several, the form on the right. Nothing is kept before Save."""

    edited = Signal()
    kept = Signal(object)

    def __init__(self, desk: Desk, kind: Kind) -> None:
        super().__init__()
        self.desk, self.kind = desk, kind
        self._owner = 0
        self._records: list[Any] = []
        self._shown: Any = None
        self.form: RecordForm[Any] = RecordForm(kind.sections(desk, lambda: self._owner), kind.check, kind.table)
        self.form.edited.connect(self._edited)
        self.form.setMaximumWidth(760)
        self.list = LineList(kind.word, kind.line, lambda limit, offset: self._records[offset : offset + limit])
        self.new = Button(kind.new or _("New"), icon="plus", small=True)
        self.new.clicked.connect(lambda *_: self._new_clicked())
        self.remove = Button(_("Remove"), "quiet", icon="trash", small=True)
        self.remove.clicked.connect(lambda *_: self.remove_shown())
        self.remove.hide()
        self.refused = desk.refusal(roles.TABLES[kind.table])
        self.form.setDisabled(bool(self.refused))
        if self.refused:
            self.new.hide()
        self.told = label("", wrap=True)
        self._leads = row(gap=16)
        noted = row(IconLabel("info-circle", "accent", 16), column(self.told, self._leads, gap=4), gap=10)
        noted.setStretch(1, 1)
        self.told_note = framed("quiet", noted, (14, 11, 14, 11))
        self.told_note.setMaximumWidth(760)
        self.told_note.setVisible(False)
        inside = QWidget()
        self._deeds, self.below = row(gap=8), column(gap=10)
        ends = row(self._deeds, None, self.remove, gap=8)
        inside.setLayout(column(self.told_note, self.form, ends, self.below, None, gap=10, margins=(24, 18, 24, 18)))
        self.area = scrolled(inside)
        if kind.single:
            self.setLayout(column(self.area, gap=0))
        else:
            Empty(self.list, lambda: kind.none)
            self._card = framed("card", column(self.list, gap=0), (1, 6, 1, 6))
            self._card.setFixedWidth(250)
            side = column(self._card, row(self.new, None), gap=10, margins=(24, 18, 0, 18))
            side.addStretch(1)
            side.setStretch(0, 1000)
            whole = row(gap=0)
            whole.addLayout(side)
            whole.addWidget(self.area, 1)
            self.setLayout(whole)
            self.list.chose.connect(self._chose)

    @property
    def changed(self) -> bool:
        """Whether the form differs from what is kept."""
        return self.form.changed

    @property
    def record(self) -> Any:
        """The one in front, as it is kept; its id is None while it is new."""
        return self._shown

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._records)

    def show_of(self, owner: int, record_id: int | None = None) -> None:
        """The records of `owner`; the one named, else the one shown before, else the first."""
        same = owner == self._owner and self._shown is not None
        wanted = record_id if record_id is not None else self._shown.id if same else None
        self._owner = owner
        with self.desk.read() as s:
            self._records = list(self.kind.read(s, owner))
        self.list.rows_model.reload()
        if not self.kind.single:
            self._card.setMaximumHeight(max(2, len(self._records)) * theme.TALL_ROW + 14)
        found = next((r for r in self._records if r.id == wanted), self._records[0] if self._records else None)
        self._show(found if found is not None else self.kind.blank(owner))

    def _edited(self) -> None:
        self._tell()
        self.edited.emit()

    def _tell(self, *, fresh: bool = False) -> None:
        """What follows from the draft; of one that was just begun, only when it comes with something to say."""
        draft = self.form.draft()
        said = self.kind.told(draft) if self.kind.told is not None and (draft.id or self.changed or fresh) else ()
        said = (self.refused, *said) if self.refused else said
        self.told.setText("\n".join(said))
        clear(self._leads)
        for words, page, target in self.kind.leads(draft) if said and self.kind.leads is not None else ():
            link = Button(words, "link")
            link.clicked.connect(lambda *_, page=page, target=target: self.desk.go(page, target))
            self._leads.addWidget(link)
        self._leads.addStretch(1)
        self.told_note.setVisible(bool(said))

    def reread(self) -> None:
        """The same record as it is kept now; what is being typed stays."""
        if self.changed:
            with self.desk.read() as s:
                self._records = list(self.kind.read(s, self._owner))
            self.list.reload()
        else:
            self.show_of(self._owner)

    def _show(self, record: Any) -> None:
        self._shown = record
        self.list.blockSignals(True)
        choose(self.list, record.id)
        self.list.blockSignals(False)
        self.form.load(record)
        self.remove.setVisible(self.kind.remove is not None and record.id is not None and not self.refused)
        self._show_deeds()
        self._edited()

    def _show_deeds(self) -> None:
        clear(self._deeds)
        known = self._shown.id is not None and self.kind.deeds is not None
        for deed in self.kind.deeds(self._shown) if known and self.kind.deeds else ():
            button = Button(deed.words, "quiet", icon=deed.icon, small=True)
            button.clicked.connect(lambda *_, deed=deed: deed.do(self))
            self._deeds.addWidget(button)

    def _chose(self, record: Any) -> None:
        if self._shown is not None and record.id != self._shown.id:
            if self.leave():
                self._show(next((r for r in self._records if r.id == record.id), record))
            else:
                choose(self.list, self._shown.id)

    def _new_clicked(self) -> None:
        if self.kind.starts:
            self.start_menu().popup(self.new.mapToGlobal(QPoint(0, self.new.height() + 4)))
        else:
            self.begin_new()

    def start_menu(self) -> QMenu:
        """The ways to begin another one."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for title, begin in (*self.kind.starts, (_("Something else"), self.kind.blank)):
            action = menu.addAction(title)
            action.triggered.connect(lambda *_, begin=begin: self.begin_new(begin))
        return menu

    def begin_new(self, begin: Callable[[int], Any] | None = None) -> None:
        """A form for another one: empty, or as `begin` makes it."""
        if self.leave():
            self._show((begin or self.kind.blank)(self._owner))
            self._tell(fresh=begin is not None)
            self.form.focus()

    def typed(self) -> dict[str, Any] | None:
        """What is typed and not saved, as JSON can hold it; None when there is nothing."""
        if not self.changed:
            return None
        return {"owner": self._owner, "id": self._shown.id, "fields": self.form.state()}

    def retype(self, state: Mapping[str, Any]) -> None:
        """Type it again, into the record it belongs to or a new one."""
        self.show_of(state["owner"], state["id"])
        if state["id"] is None:
            self._show(self.kind.blank(state["owner"]))
        elif self._shown.id != state["id"]:
            raise ClinicError(_("A record that was being changed is gone."), _("What was typed there is lost."))
        self.form.retype(state["fields"])

    def leave(self) -> bool:
        """Ask once about what is changed; False stays."""
        if not self.changed:
            return True
        answer = LeaveQuestion.ask(self, self.kind.word)
        if answer is Leave.SAVE:
            return self.save()
        if answer is Leave.DROP:
            self.revert()
        return answer is Leave.DROP

    def revert(self) -> None:
        """What is kept, again."""
        self.form.load(self._shown)
        self._edited()

    def save(self) -> bool:
        """Keep the draft; what blocks is shown beside its field instead. Answers whether it is kept."""
        if not self.changed and self._shown.id is not None:
            return True
        if self.form.complain():
            return False
        draft = self.form.draft()
        kept: list[Any] = []

        def keep() -> None:
            with self.desk.write(_("Save {what}").format(what=self.kind.word)) as s:
                kept.append(self.kind.keep(s, draft))

        if not self.desk.attempt(keep):
            return False
        self._shown = kept[0]
        self.form.load(kept[0])
        self.show_of(kept[0].id if self.kind.own else self._owner, kept[0].id)
        self.desk.say(_("Saved: {what}.").format(what=self.kind.word), undo=True)
        self.kept.emit(kept[0])
        return True

    def remove_shown(self) -> None:
        """Delete what is shown; Undo brings it back."""
        remove, record_id = self.kind.remove, self._shown.id
        if remove is None or record_id is None:
            return

        def do() -> None:
            with self.desk.write(_("Remove {what}").format(what=self.kind.word)) as s:
                remove(s, record_id)

        if self.desk.attempt(do):
            self._shown = None
            self.show_of(self._owner)
            self.desk.say(_("Removed: {what}.").format(what=self.kind.word), undo=True)

    def focus(self) -> None:
        """Put the cursor into the form, or where one begins another."""
        if self.form.isVisible():
            self.form.focus()
        else:
            self.new.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_field(self, name: str) -> None:
        """Put the cursor into a field."""
        self.form.focus(name)
