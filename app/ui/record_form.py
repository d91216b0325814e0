"""A form made from a list of fields: loads a frozen record, answers the draft as typed, shows problems beside fields.

When it speaks (ui.md): nothing while first typing; on leaving a field; live from then on until right; all at once on
Save, with the cursor in the first. Warnings never stop Save.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.billing.problems import Problem, Severity, block, in_order
from app.errors import InputError
from app.i18n import _
from app.ui import theme
from app.ui.controls import label, tint
from app.ui.fields import Editor, Field, Fixed, FlagEditor, TextEditor
from app.ui.fields import editor as make_editor
from app.ui.theme import Type

Record = TypeVar("Record")
_NOTE_LINE = 23
_BELOW = 9
"""What stands between a note and the next label, so that it is seen to belong to the field above."""
_ROOM = 700
"""What a row of fields may take."""
_TINTS = {Severity.BLOCK: "red", Severity.WARN: "amber", Severity.INFORM: "third"}


@dataclass(frozen=True)
class Section:
    """Fields under a heading, in rows; `hint` is one line beside the heading. `when` says of a draft whether they
    matter; hidden fields keep what they hold."""

    title: str
    rows: Sequence[Sequence[Field]]
    hint: str = ""
    when: Callable[[Any], bool] | None = None


class _Place:
    """One field on the form: its label, editor and note."""

    def __init__(self, spec: Field) -> None:
        self.spec = spec
        self.editor: Editor = make_editor(spec)
        self.label = QLabel()
        self.note = label(spec.note, Type.NOTE, "third")
        self.note.setWordWrap(True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.touched = False

    def show(self, problem: Problem | None) -> None:
        """The problem in place of the note, the outline in its colour; or the note again."""
        state = ""
        if problem is not None and isinstance(self.editor, TextEditor):
            state = {Severity.BLOCK: "block", Severity.WARN: "warn"}.get(problem.severity, "")
        tint(self.editor, state, "state")
        tint(self.note, _TINTS[problem.severity] if problem else "third")
        self.note.setText(problem.message if problem else self.spec.note)
        self.editor.setAccessibleDescription(self.note.text())


class _Notes(QWidget):
    """The line below a row of fields: each note begins under its field and may run on where nobody else speaks."""

    def __init__(self, places: Sequence[_Place]) -> None:
        super().__init__()
        self._places = places
        self.setFixedHeight(_NOTE_LINE)
        for place in places:
            place.note.setParent(self)

    def lay(self) -> None:
        """Give each note its place; the line grows where words must wrap."""
        for place in self._places:
            place.note.setVisible(bool(place.note.text()))
        speaking = [place for place in self._places if place.note.text()]
        height, below, line = _NOTE_LINE, 0, theme.scaled(17)
        for at, place in enumerate(speaking):
            x = place.editor.x() - self.x()
            end = speaking[at + 1].editor.x() - self.x() - 8 if at + 1 < len(speaking) else self.width()
            wanted = theme.metrics(Type.NOTE).horizontalAdvance(place.note.text()) + 4
            top = 3
            if wanted > end - x:  # a line of its own, as far left as its words need
                below += 1 if len(speaking) > 1 else 0
                top, end = 3 + line * below, self.width()
                x = max(0, min(x, round(end - wanted)))
            room = max(40, end - x)
            tall = line if wanted <= room else place.note.heightForWidth(room)
            place.note.setGeometry(x, top, room, tall)
            height = max(height, top + tall + _BELOW)
        if height != self.height():
            self.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay them anew."""
        super().resizeEvent(event)
        self.lay()


class RecordForm(QWidget, Generic[Record]):
    """`load(record)`, `draft()`, `problems()`, `changed`: the whole of editing a record.

    `check` answers the problems of a draft; their `field` says where they are shown. `topic` is where help is found.
    """

    edited = Signal()

    def __init__(
        self,
        sections: Sequence[Section],
        check: Callable[[Record], Sequence[Problem]] = lambda record: (),
        topic: str = "",
    ) -> None:
        super().__init__()
        self.help_topic = topic
        self._check = check
        self._places: dict[str, _Place] = {}
        self._loaded: Record | None = None
        self._base: Any = None
        self._notes: list[_Notes] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._shown_when: list[tuple[QWidget, Callable[[Any], bool]]] = []
        for number, section in enumerate(sections):
            inside = QVBoxLayout()
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setSpacing(0)
            self._fill(inside, section, first=number == 0)
            if section.when is None:
                column.addLayout(inside)
            else:
                held = QWidget()
                held.setLayout(inside)
                column.addWidget(held)
                self._shown_when.append((held, section.when))

    def _fill(self, inside: QVBoxLayout, section: Section, *, first: bool) -> None:
        if section.title:
            inside.addSpacing(0 if first else 10)
            inside.addWidget(label(section.title, Type.SECTION))
            if section.hint:
                inside.addSpacing(2)
                inside.addWidget(label(section.hint, Type.NOTE, "second", wrap=True))
            inside.addSpacing(10)
        for fields in section.rows:
            for part in _parted(fields):
                inside.addLayout(self._row(part))

    def _show_what_matters(self) -> None:
        for held, when in self._shown_when:
            held.setVisible(when(self.draft()))

    def _row(self, fields: Sequence[Field]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.FIELD_GAP)
        grid.setVerticalSpacing(0)
        for at, spec in enumerate(fields):
            place = self._places[spec.name] = _Place(spec)
            if not isinstance(place.editor, FlagEditor):
                place.label.setText(spec.label)
                place.label.setFont(theme.font(Type.LABEL))
                place.label.setProperty("tint", "second")
                place.label.setFixedHeight(21)
                place.label.setAlignment(Qt.AlignmentFlag.AlignTop)
                place.label.setBuddy(place.editor)
                grid.addWidget(place.label, 0, at)
            grid.addWidget(place.editor, 1, at)
            grid.setColumnStretch(at, 0 if spec.width or spec.flag else 1)
            place.editor.changed.connect(lambda name=spec.name: self._edited(name))
            place.editor.left.connect(lambda name=spec.name: self._left(name))
        if all(spec.width or spec.flag for spec in fields):
            grid.setColumnStretch(len(fields), 1)
        notes = _Notes([self._places[spec.name] for spec in fields])
        self._notes.append(notes)
        grid.addWidget(notes, 2, 0, 1, -1)
        return grid

    def _lay_notes(self) -> None:
        for notes in self._notes:
            notes.lay()

    def editor(self, name: str) -> Editor:
        """The control of a field."""
        return self._places[name].editor

    def load(self, record: Record) -> None:
        """Show a record; it counts as unchanged."""
        self._loaded = record
        for name, place in self._places.items():
            place.editor.blockSignals(True)
            place.editor.load(getattr(record, name))
            place.editor.blockSignals(False)
            place.touched = False
            place.show(None)
        self._base = self._typed()
        self._show_what_matters()
        self._lay_notes()
        self.update()

    def _typed(self) -> dict[str, Any]:
        """The raw state of every field."""
        return {name: _raw(place.editor) for name, place in self._places.items()}

    @property
    def changed(self) -> bool:
        """Whether anything differs from what was loaded."""
        return self._loaded is not None and self._typed() != self._base

    def state(self) -> dict[str, Any]:
        """What stands in every field, as JSON can hold it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in self._typed().items()}

    def retype(self, state: Mapping[str, Any]) -> None:
        """Put what `state` answered into the fields again; what was loaded stays what it is compared with."""
        for name, value in state.items():
            if name in self._places:
                place = self._places[name]
                place.editor.blockSignals(True)
                if isinstance(place.editor, TextEditor):
                    place.editor.setText(value)
                else:
                    place.editor.load(value)
                place.editor.blockSignals(False)
                place.touched = True
        self._speak()
        self.edited.emit()

    def _read(self) -> tuple[Record, list[Problem]]:
        assert self._loaded is not None
        values: dict[str, Any] = {}
        problems = []
        for name, place in self._places.items():
            try:
                values[name] = place.editor.value()
            except InputError as error:
                problems.append(block("input.unreadable", str(error), field=name))
        return replace(self._loaded, **values), problems  # type: ignore[type-var]

    def draft(self) -> Record:
        """The record as typed; a field that cannot be read keeps the value it was loaded with."""
        return self._read()[0]

    def problems(self) -> list[Problem]:
        """What cannot be read, then what the check says, blocking first."""
        draft, unreadable = self._read()
        names = {problem.field for problem in unreadable}
        return in_order([*unreadable, *(p for p in self._check(draft) if p.field not in names)])

    def _edited(self, name: str) -> None:
        place = self._places[name]
        if place.touched:
            self._speak()
        if isinstance(place.editor, TextEditor) and place.editor.pasted_junk:
            place.editor.pasted_junk = False
            place.note.setText(_("Line ends and invisible characters were left out."))
            self._lay_notes()
        self._show_what_matters()
        self.edited.emit()

    def _left(self, name: str) -> None:
        if self._loaded is not None:
            self._places[name].touched = self._places[name].touched or self.changed
            self._speak()

    def _speak(self) -> None:
        """Show the problems of the fields that were left."""
        said: dict[str, Problem] = {}
        for problem in self.problems():
            said.setdefault(problem.field, problem)
        for name, place in self._places.items():
            place.show(said.get(name) if place.touched else None)
        self._lay_notes()

    def complain(self) -> bool:
        """Show every problem and put the cursor into the first that blocks; answers whether any blocks."""
        for place in self._places.values():
            place.editor.tidy()
            place.touched = True
        self._speak()
        first = next((p for p in self.problems() if p.severity is Severity.BLOCK), None)
        if first is not None and first.field in self._places:
            self._places[first.field].editor.setFocus(Qt.FocusReason.OtherFocusReason)
        return first is not None

    def focus(self, name: str = "") -> None:
        """Put the cursor into a field, or into the first."""
        place = self._places.get(name) or next(iter(self._places.values()))
        place.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(place.editor, TextEditor):
            place.editor.selectAll()


def _parted(fields: Sequence[Field]) -> list[Sequence[Field]]:
    """A row, or two where the words of a language are too long for one."""
    wide = sum(_wanted(spec) for spec in fields) + theme.FIELD_GAP * (len(fields) - 1)
    half = (len(fields) + 1) // 2
    return [fields] if wide <= _ROOM or len(fields) == 1 else [*_parted(fields[:half]), *_parted(fields[half:])]


def _wanted(spec: Field) -> float:
    """How wide a field and its words are at least."""
    if spec.flag:
        return theme.metrics(Type.BODY).horizontalAdvance(spec.label) + 30
    answers = [words for __, words in spec.options()] if isinstance(spec.options, Fixed) else []
    widest = max((theme.metrics(Type.BODY).horizontalAdvance(words) + 42 for words in answers), default=0)
    return max(spec.width or 96, widest, theme.metrics(Type.LABEL).horizontalAdvance(spec.label))


def _raw(editor: Editor) -> Any:
    return editor.text() if isinstance(editor, TextEditor) else editor.value()
