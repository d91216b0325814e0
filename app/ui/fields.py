"""Field kinds: how a value is typed, read and shown. A form is a list of these; nothing here knows a record.

What cannot be read stays as typed, and the note says what is understood.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.billing import ids
from app.billing.money import parse_cents
from app.errors import InputError
from app.i18n import _, date_text, money_text, parse_date
from app.ui import icons, theme
from app.ui.controls import Combo, Tick, column, is_ours, row
from app.ui.controls import label as words_of
from app.ui.theme import Type

MOST_LETTERS, NOTE_LETTERS = 200, 4000
"""How many characters a field takes, and a note."""
_WIDEST = 330
"""How far a choice grows to show its answers whole."""
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff]+")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a form. `read` turns what is typed into the value (raises InputError); `show` the value into text.

    `width` 0 takes what is left of the row. `ready` says by a check that an id is complete and right. `options` make
    a choice; `flag` a check box. `note` stands below while there is nothing more urgent to say.
    """

    name: str
    label: str
    width: int = 0
    read: Callable[[str], Any] = str
    show: Callable[[Any], str] = str
    ready: Callable[[str], bool] | None = None
    options: Callable[[], Sequence[tuple[Any, str]]] | None = None
    flag: bool = False
    note: str = ""
    placeholder: str = ""
    right: bool = False
    figures: bool = False
    keys: dict[str, int] = field(default_factory=dict)
    today: Callable[[], dt.date] | None = None
    make: Callable[[Field], TextEditor] | None = None


def text(name: str, label: str, width: int = 0, *, most: int = MOST_LETTERS, **more: Any) -> Field:
    """Words on one line, without blanks around them; more than `most` characters are refused, none are cut."""

    def read(typed: str) -> str:
        words = typed.strip()
        if len(words) > most:
            said = _("That is {n} characters long.").format(n=len(words))
            raise InputError(said, _("Shorten it to {most}.").format(most=most))
        return words

    return Field(name=name, label=label, width=width, read=read, **more)


def email(name: str, label: str, width: int = 0, **more: Any) -> Field:
    """An address for electronic mail, or nothing."""
    plain = text(name, label, width, **more)

    def read(typed: str) -> str:
        words: str = plain.read(typed)
        if words and not re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", words):
            raise InputError(_("Not an email address."), _("It looks like name@example.org."))
        return words

    return replace(plain, read=read)


def secret(name: str, label: str, width: int = 0, **more: Any) -> Field:
    """Words that are not shown and are taken exactly as typed."""
    return Field(name=name, label=label, width=width, keys={"secret": 1}, **more)


def date(name: str, label: str, today: Callable[[], dt.date], *, past: bool = False, **more: Any) -> Field:
    """A date, or None when empty; `past` for birth dates. `t`, `y`, `+` and `-` work while typing."""

    def read(typed: str) -> dt.date | None:
        return parse_date(typed, today=today(), past=past) if typed.strip() else None

    return Field(name=name, label=label, width=116, read=read, show=date_text, figures=True, today=today, **more)


def money(name: str, label: str, width: int = 104, **more: Any) -> Field:
    """An amount in cents; empty is nothing."""

    def read(typed: str) -> int:
        return parse_cents(typed) if typed.strip() else 0

    def show(cents: int) -> str:
        return money_text(cents) if cents else ""

    return Field(name=name, label=label, width=width, read=read, show=show, right=True, figures=True, **more)


def number(name: str, label: str, width: int = 78, **more: Any) -> Field:
    """A whole number, 0 when empty."""

    def read(typed: str) -> int:
        if not typed.strip():
            return 0
        if not re.fullmatch(r"\d{1,6}", typed.strip(), re.ASCII):
            raise InputError(_("Not a number."), _("Type digits only."))
        return int(typed)

    def show(value: int) -> str:
        return str(value) if value else ""

    return Field(name=name, label=label, width=width, read=read, show=show, right=True, figures=True, **more)


def or_unknown(spec: Field, nothing: str = "0") -> Field:
    """The same field where empty means that it is not known (None); `nothing` shows 0."""

    def read(typed: str) -> Any:
        return spec.read(typed) if typed.strip() else None

    def show(value: Any) -> str:
        return "" if value is None else spec.show(value) or nothing

    return replace(spec, read=read, show=show)


def several(name: str, label: str, width: int = 0, **more: Any) -> Field:
    """Several words or codes with commas between them, as a tuple."""

    def read(typed: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in re.split(r"[,;]", typed) if part.strip())

    return Field(name=name, label=label, width=width, read=read, show=", ".join, **more)


def identifier(name: str, label: str, kind: ids.Identifier, width: int = 128, **more: Any) -> Field:
    """An NPI, EIN, ZIP, phone, state: kept compact, shown as people write it, checked as soon as it is complete."""

    def read(typed: str) -> str:
        return kind.validate(typed) if typed.strip() else ""

    return Field(name=name, label=label, width=width, read=read, show=kind.format, ready=kind.is_valid, **more)


def codes(name: str, label: str, kind: ids.Identifier, width: int = 0, **more: Any) -> Field:
    """Several codes with blanks or commas between them, as a tuple; shown as people write them."""

    def read(typed: str) -> tuple[str, ...]:
        found = [part for part in re.split(r"[\s,;]+", typed) if part]
        return tuple(kind.format(kind.validate(part)) for part in found)

    return Field(name=name, label=label, width=width, read=read, show=", ".join, **more)


def choice(
    name: str, label: str, options: Callable[[], Sequence[tuple[Any, str]]], width: int = 160, **more: Any
) -> Field:
    """One of `options`, pairs of value and words, asked for each time a record is loaded."""
    return Field(name=name, label=label, width=width, options=options, **more)


@dataclass(frozen=True)
class Fixed:
    """Options that are the same on every day and in every clinic, so that a form can be laid out for them."""

    kinds: dict[Any, str]

    def __call__(self) -> Sequence[tuple[Any, str]]:
        """Value and words of each."""
        return list(self.kinds.items())


def words(kinds: dict[Any, str]) -> Fixed:
    """Fixed options."""
    return Fixed(kinds)


def flag(name: str, label: str, **more: Any) -> Field:
    """Yes or no."""
    return Field(name=name, label=label, flag=True, **more)


class TextEditor(QLineEdit):
    """A field to type in; tells when it is left, and what was dropped on pasting."""

    left = Signal()
    changed = Signal()
    help_topic = ""

    def __init__(self, spec: Field) -> None:
        super().__init__()
        self.spec = spec
        self.setObjectName(spec.name)
        self.pasted_junk = False
        self.enter: Callable[[], object] = self.focusNextChild
        self._ready = False
        self.setFixedHeight(theme.CONTROL)
        self.setFont(theme.font(Type.BODY, figures=spec.figures))
        self.setPlaceholderText(spec.placeholder)
        if spec.width:
            self.setFixedWidth(spec.width)
        else:
            self.setMinimumWidth(96)
        if spec.right:
            self.setAlignment(Qt.AlignmentFlag.AlignRight)
        if "secret" in spec.keys:
            self.setEchoMode(QLineEdit.EchoMode.Password)
        self._shows_ready = spec.ready is not None and spec.width > 90
        if self._shows_ready:
            self.setTextMargins(0, 0, 16, 0)
        self.textChanged.connect(self._typed)

    def load(self, value: Any) -> None:
        """Show a value."""
        self.setText(self.spec.show(value))
        self.setCursorPosition(0)
        self._judge()

    def _judge(self) -> None:
        """Whether the small check is shown."""
        self._ready = self._shows_ready and self.spec.ready is not None and self.spec.ready(self.text())

    def value(self) -> Any:
        """What is typed, read. Raises InputError."""
        return self.spec.read(self.text())

    def event(self, event: QEvent) -> bool:
        """The desk's own keys pass."""
        if is_ours(event):
            event.ignore()
            return True
        return super().event(event)

    def _typed(self, typed: str) -> None:
        clean = _CONTROL_CHARACTERS.sub(" ", typed)
        if clean != typed:
            self.pasted_junk = True
            self.setText(clean)
            return
        self._judge()
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """`+` and `-` move a date by a day; Enter does `enter`, which goes to the next field unless told otherwise."""
        step = {"+": 1, "-": -1}.get(event.text(), 0)
        if self.spec.today is not None and step and self._moved(step):
            return
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers():
            self.enter()
            return
        super().keyPressEvent(event)

    def _moved(self, days: int) -> bool:
        """Move a complete date, or today from an empty field; half a typed date may hold a `-` of its own."""
        try:
            now = self.value() or self.spec.today()  # type: ignore[misc]
        except InputError:
            return False
        if self.text() not in {"", date_text(now)}:
            return False
        self.setText(date_text(now + dt.timedelta(days=days)))
        return True

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tidy what can be read, then tell."""
        super().focusOutEvent(event)
        if event.reason() not in {Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason}:
            self.tidy()
            self.left.emit()

    def tidy(self) -> None:
        """Write a readable value the way it is shown; what cannot be read stays as typed."""
        try:
            shown = self.spec.show(self.value())
        except InputError:
            return
        if shown != self.text():
            self.setText(shown)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The field, and a small check when an id is complete."""
        super().paintEvent(event)
        if self._ready:
            painter = QPainter(self)
            icons.paint(painter, "check", theme.tokens().green.text, self.width() - 24, (self.height() - 14) / 2, 14)
            painter.end()


def chooser(spec: Field) -> ChoiceEditor:
    """The control for a field with a few answers, named after it."""
    made = editor(spec)
    assert isinstance(made, ChoiceEditor)
    return made


def labelled(control: TextEditor | ChoiceEditor) -> QWidget:
    """A field under its label."""
    above = words_of(control.spec.label, Type.LABEL, "second")
    above.setBuddy(control)
    held = QWidget()
    held.setLayout(column(above, row(control, None), gap=5))
    return held


class ChoiceEditor(Combo):
    """A field with a few answers. A value that is no longer offered stays, so that nothing changes unseen."""

    left = Signal()
    changed = Signal()
    help_topic = ""

    def __init__(self, spec: Field) -> None:
        super().__init__()
        self.spec = spec
        self.setObjectName(spec.name)
        self._offered: list[tuple[Any, str]] = []
        if spec.width:
            self.setFixedWidth(spec.width)
        else:  # as wide as there is room, not as its longest answer
            self.setSizeAdjustPolicy(self.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.currentIndexChanged.connect(lambda *_: self.changed.emit())

    def load(self, value: Any) -> None:
        """Show the options of now and choose the value's."""
        assert self.spec.options is not None
        self.blockSignals(True)
        self.clear()
        options = self._offered = list(self.spec.options())
        if all(option != value for option, __ in options):
            options.insert(0, (value, _("Choose") if value in {None, "", 0} else _("not offered any more")))
        for option, shown in options:
            self.addItem(shown, option)
        self.setCurrentIndex(next(at for at, (option, __) in enumerate(options) if option == value))
        if self.spec.width:
            self.setFixedWidth(max(self.spec.width, min(self.widest(), _WIDEST)))
        else:
            self.setMinimumWidth(min(self.widest(), 176))
        self.blockSignals(False)

    def value(self) -> Any:
        """The chosen value. Enums come back as such: Qt would hand out their text."""
        held = self.currentData()
        known = (option for option, __ in self._offered if option == held)
        return next(known, held)

    def tidy(self) -> None:
        """Nothing to tidy."""

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell."""
        super().focusOutEvent(event)
        self.left.emit()


class FlagEditor(Tick):
    """Yes or no."""

    left = Signal()
    changed = Signal()

    def __init__(self, spec: Field) -> None:
        super().__init__(spec.label)
        self.spec = spec
        self.setFixedHeight(theme.CONTROL)
        self.toggled.connect(lambda *_: self.changed.emit())

    def load(self, value: Any) -> None:
        """Show yes or no."""
        self.setChecked(bool(value))

    def value(self) -> bool:
        """Yes or no."""
        return self.isChecked()

    def tidy(self) -> None:
        """Nothing to tidy."""


Editor = TextEditor | ChoiceEditor | FlagEditor


def editor(spec: Field) -> Editor:
    """The control for a field, named after it."""
    kind = FlagEditor if spec.flag else ChoiceEditor if spec.options else spec.make or TextEditor
    made: Editor = kind(spec)
    made.setObjectName(spec.name)
    made.setAccessibleName(spec.label)
    if spec.note:
        made.setAccessibleDescription(spec.note)
    return made
