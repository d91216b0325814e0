"""Putting a value by hand in place of what the rules say: the item's parts as fields, the reason, and for whom."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.billing.money import parse_cents
from app.errors import InputError
from app.forms import values
from app.i18n import _, date_text, parse_date
from app.ui import fields
from app.ui.controls import Button, clear, column, framed, label, row
from app.ui.desk import Desk
from app.ui.fields import Editor, Field
from app.ui.form_sheet import Stop
from app.ui.theme import Type

_WIDE = 268
"""What a row of fields may take beside the form."""
_FULL_LISTS = {"carrier": 4, "32": 3, "33": 3, "21": 12, "modifiers": 4}
"""How many lines, codes or modifiers an item has places for."""
_LABELS = {
    "dob": _("Birth date"), "sex": _("Sex"), "street": _("Street"), "city": _("City"), "state": _("State"),
    "zip": _("ZIP code"), "area": _("Area"), "phone": _("Phone"), "yes": _("Yes or no"), "qualifier": _("Qualifier"),
    "id": _("Number"), "signed": _("Signature"), "date": _("Date"), "from": _("From"), "to": _("To"),
    "name": _("Name"), "charges": _("Charges"), "indicator": _("ICD indicator"), "code": _("Code"),
    "reference": _("Reference"), "kind": _("Kind"),
}  # fmt: skip
_WIDTHS = {"sex": 120, "state": 60, "zip": 118, "area": 60, "phone": 120, "qualifier": 84, "kind": 100, "code": 90,
           "yes": 120, "indicator": 190}  # fmt: skip
_WORDS: dict[str, str] = {
    "M": _("male"),
    "F": _("female"),
    "self": _("self"),
    "spouse": _("spouse"),
    "child": _("child"),
    "other": _("other"),
}
Path = tuple[str | int, ...]
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def value_key(stop: Stop, first: int = 1) -> str:
    """The key of a stop's value as `docs/VALUES.md` has it; lines count from `first`, the page's first one."""
    parts = stop.boxes[0].key.split(".")
    if parts[0] != "24":
        return parts[0]
    part = "modifiers" if parts[2] == "modifier" else parts[2]
    return f"24.{first + int(parts[1]) - 1}.{part}"


def part_of(stop: Stop) -> str | int:
    """Which part of its value a stop shows: `dob`, `street`, 2 for diagnosis C; nothing where it shows all."""
    part = (*stop.boxes[0].key.split("."), "")[1]
    return values.LETTERS.index(part) if len(part) == 1 and part in values.LETTERS else part


def shape(key: str) -> Any:
    """What a key takes, as in `values.FORMAT`."""
    parts = key.split(".")
    return values.SERVICE_LINE[parts[2]] if parts[0] == "24" else values.FORMAT[key]


def value_of(page: Mapping[str, Any], key: str) -> Any:
    """The value at a key of one page, whose lines count from 1; None where it is blank."""
    parts = key.split(".")
    if parts[0] != "24":
        return page.get(key)
    lines = page.get("24", [])
    number = int(parts[1])
    return lines[number - 1].get(parts[2]) if number <= len(lines) else None


def spoken(value: Any) -> str:
    """A value as one line of words: `DN Henrietta Plum MD`, `03/04/1990 female`."""
    if value in (None, "", [], {}):
        return _("blank")
    if isinstance(value, Mapping):
        return " ".join(spoken(part) for part in value.values() if part not in (None, "", []))
    if isinstance(value, list):
        return ", ".join(str(part) for part in value if part)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _shown_date(str(value))


def _shown_date(text: str) -> str:
    """A date of the page as people write it; anything else as it is."""
    try:
        return date_text(dt.date.fromisoformat(text)) if _DATE.fullmatch(text) else text
    except ValueError:
        return text


@dataclass(frozen=True)
class _Part:
    """One field of a value, and where in the value it stands."""

    path: Path
    editor: Editor


class HandEditor(QWidget):
    """Opens for one key at a time. `kept` asks to keep what is typed: key, text as `by_hand.typed` reads it, reason,
    whether for the payer. `closed` after Cancel."""

    kept = Signal(str, str, str, bool)
    closed = Signal()
    help_topic = "box"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.key = ""
        self._parts: list[_Part] = []
        self._base: object = None
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        self.reason = fields.TextEditor(fields.text("reason", _("Reason, required")))
        self.reason.setAccessibleName(_("Reason"))
        self.scope = fields.ChoiceEditor(fields.choice("scope", _("Keep it"), self._scopes, 0))
        self.scope.setAccessibleName(_("Keep it"))
        self.reason.help_topic = self.scope.help_topic = "override"
        self.told = label("", Type.NOTE, "red", wrap=True)
        self.keep_button = Button(_("Use this value"), icon="check", small=True)
        self.cancel_button = Button(_("Cancel"), "quiet", small=True)
        self.keep_button.clicked.connect(lambda *_: self.keep())
        self.cancel_button.clicked.connect(lambda *_: self.close_editor())
        inside = column(
            label(_("Put another value here"), Type.TOTAL), self._rows, _labelled(self.reason), _labelled(self.scope),
            self.told, row(self.keep_button, self.cancel_button, None), gap=10,
        )  # fmt: skip
        self.setLayout(column(framed("card", inside, (12, 10, 12, 12)), gap=0))
        self.hide()

    def _scopes(self) -> Sequence[tuple[Any, str]]:
        return [("claim", _("for this claim")), ("payer", _("for every claim to this payer"))]

    def open_for(
        self, key: str, value: Any, reason: str = "", *, for_payer: bool = False, part: str | int = ""
    ) -> None:
        """Show the fields of a key with what stands there now; the cursor into one part of it, else into the first."""
        self.key = key
        clear(self._rows)
        self._parts = [_Part(path, fields.editor(spec)) for path, spec in _fields(key, shape(key), self.desk.today)]
        for each in self._parts:
            each.editor.load(_at(value, each.path))
        self._lay_rows()
        self.reason.load(reason)
        self.scope.load("payer" if for_payer else "claim")
        self.told.hide()
        self._base = self._typed()
        self.show()
        first = next((each.editor for each in self._parts if part in each.path), self._parts[0].editor)
        first.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(first, fields.TextEditor):
            first.selectAll()

    def _lay_rows(self) -> None:
        """Narrow fields beside each other, as many as there is room for."""
        line, used = row(gap=8), 0
        for part in self._parts:
            width = part.editor.spec.width or _WIDE
            if used and used + 8 + width > _WIDE:
                self._put(line, used)
                line, used = row(gap=8), 0
            line.addLayout(_labelled(part.editor))
            used += width + (8 if used else 0)
        self._put(line, used)
        for before, after in zip(self._parts, self._parts[1:], strict=False):
            QWidget.setTabOrder(before.editor, after.editor)
        QWidget.setTabOrder(self._parts[-1].editor, self.reason)

    def _put(self, line: Any, used: int) -> None:
        if used < _WIDE:
            line.addStretch(1)
        self._rows.addLayout(line)

    def _typed(self) -> object:
        texts = [p.editor.text() if isinstance(p.editor, fields.TextEditor) else p.editor.value() for p in self._parts]
        return texts, self.reason.text(), self.scope.value()

    @property
    def help_name(self) -> str:
        """The box that help is asked about: the key without its line's number."""
        return ".".join(part for part in self.key.split(".") if not part.isdigit() or part == self.key)

    @property
    def is_open(self) -> bool:
        """Whether it stands beside the form, also while another page is in front."""
        return not self.isHidden()

    @property
    def changed(self) -> bool:
        """Whether something is typed that is not kept."""
        return self.is_open and self._typed() != self._base

    def value(self) -> Any:
        """The value as typed, None when all is blank. Raises InputError."""
        wanted = shape(self.key)
        made: Any = {} if isinstance(wanted, dict) else [] if isinstance(wanted, list) else None
        for part in self._parts:
            made = _with(made, part.path, part.editor.value())
        return _without_blanks(made)

    def keep(self) -> None:
        """Ask to keep it; what cannot be read is told, and gets the cursor."""
        for part in self._parts:
            try:
                part.editor.value()
            except InputError as error:
                self.tell(str(error))
                part.editor.setFocus(Qt.FocusReason.OtherFocusReason)
                return
        if not self.reason.text().strip():
            self.tell(_("There is no reason. Say why, so that the next reader understands it."))
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        value = self.value()
        plain = isinstance(value, str)
        text = value if plain else "" if value is None else json.dumps(value, ensure_ascii=False)
        self.kept.emit(self.key, text, self.reason.text(), self.scope.value() == "payer")

    def tell(self, text: str) -> None:
        """What is wrong with it."""
        self.told.setText(text)
        self.told.show()

    def close_editor(self) -> None:
        """Drop what is typed."""
        self.hide()
        self.closed.emit()


def _labelled(editor: Editor) -> QVBoxLayout:
    made = label(editor.spec.label, Type.LABEL, "second")
    made.setBuddy(editor)
    return column(made, editor, gap=4)


def _fields(key: str, wanted: Any, today: Callable[[], Any]) -> list[tuple[Path, Field]]:
    """The fields of a value of this shape, with their places in it."""
    if isinstance(wanted, dict):
        found = []
        for part, shape_of_part in wanted.items():
            if isinstance(shape_of_part, list):
                found += [((part, *path), spec) for path, spec in _list_fields(key)]
            else:
                found.append(((part,), _field(part, _LABELS[part], shape_of_part, today, _WIDTHS.get(part, 0))))
        return found
    if isinstance(wanted, list):
        return _list_fields(key.rpartition(".")[2])
    return [((), _field("value", _("Value"), wanted, today, 0))]


def _list_fields(key: str) -> list[tuple[Path, Field]]:
    places = range(_FULL_LISTS[key])
    if key == "21":
        return [((at,), fields.text(f"code{at}", values.LETTERS[at], 84)) for at in places]
    if key == "modifiers":
        return [((at,), fields.text(f"modifier{at}", _("Modifier {n}").format(n=at + 1), 62)) for at in places]
    return [((at,), fields.text(f"line{at}", _("Line {n}").format(n=at + 1))) for at in places]


def _field(name: str, words: str, wanted: Any, today: Callable[[], Any], width: int) -> Field:
    if wanted is values.YES_NO:
        return fields.choice(name, words, lambda: [("", _("blank")), (True, _("yes")), (False, _("no"))], 120)
    if isinstance(wanted, tuple):
        options: list[tuple[Any, str]] = [("", _("blank"))]
        options += [(word, _WORDS.get(word, str(word))) for word in wanted]
        return fields.choice(name, words, lambda: options, width or 160)
    if wanted is values.DATE:
        return Field(
            name=name, label=words, width=116, figures=True, today=today, show=_shown_date,
            read=lambda typed: parse_date(typed, today=today()).isoformat() if typed.strip() else "",
        )  # fmt: skip
    if wanted is values.MONEY:
        return Field(name=name, label=words, width=120, read=_money, right=True, figures=True)
    return fields.text(name, words, width)


def _money(typed: str) -> str:
    """`120.00`; the word that item 28 may say instead stays."""
    text = typed.strip()
    if not text or text.upper() == values.CONTINUED:
        return text.upper()
    cents = parse_cents(text)
    return f"{cents // 100}.{cents % 100:02d}"


def _at(value: Any, path: Path) -> Any:
    """The part of a value at a place, empty where there is none."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else ""
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return "" if value is None else value


def _with(made: Any, path: Path, part: Any) -> Any:
    """The value with one more part put in, in the order of the fields."""
    if not path:
        return part
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [*(made or []), part]
    return {**made, step: _with(made.get(step), rest, part)}


def _without_blanks(value: Any) -> Any:
    """The value without blank parts and without blanks at the end of a list; None when nothing is left."""
    if isinstance(value, dict):
        kept = {key: part for key, given in value.items() if (part := _without_blanks(given)) is not None}
        return kept or None
    if isinstance(value, list):
        while value and not value[-1]:
            value = value[:-1]
        return value or None
    return None if value == "" else value
