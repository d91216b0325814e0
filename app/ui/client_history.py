"""The log of a client's record: who changed what, when, from which value to which, in the words of the forms."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from app.i18n import _, date_text
from app.store import history
from app.ui.client_tables import carded
from app.ui.controls import column
from app.ui.desk import Desk
from app.ui.fields import Field
from app.ui.record_editor import Kind
from app.ui.table import Cell, Column, Empty, Table

_UNSAID = {"client_id", "search", "sha256", "size", "media_type", "added"}
_MORE = {"archived": _("Archived"), "number": _("Number"), "policy_id": _("Policy"), "referral_id": _("Referral")}


@dataclass(frozen=True)
class HistoryLine:
    """One value that changed; `id` counts the lines."""

    id: int
    when: str
    who: str
    deed: str
    record: str
    field: str
    before: str
    after: str


class ClientHistory(QWidget):
    """Every change of a client and of what covers them, the newest first."""

    def __init__(self, desk: Desk, kinds: Sequence[Kind]) -> None:
        super().__init__()
        self.desk, self._kinds = desk, kinds
        self._client_id = 0
        self._lines: list[HistoryLine] = []
        self.table = Table(_("History"), _columns(), lambda limit, offset: self._lines[offset : offset + limit])
        Empty(self.table, lambda: _("Nothing has changed yet."))
        self.setLayout(column(carded(self.table), gap=0))

    def show_of(self, client_id: int) -> None:
        """A client's; of nobody when it is 0."""
        self._client_id = client_id
        fields = {kind.table: _fields(kind, self.desk, client_id) for kind in self._kinds}
        with self.desk.read() as s:
            edits = history.of_client(s, client_id) if client_id else []
        names = {kind.table: kind.word for kind in self._kinds}
        told = (told for edit in edits for told in _told(edit, names[edit.table], fields[edit.table]))
        self._lines = [HistoryLine(at, *each) for at, each in enumerate(told, 1)]
        self.table.rows_model.restart()


def _fields(kind: Kind, desk: Desk, client_id: int) -> dict[str, Field]:
    sections = kind.sections(desk, lambda: client_id)
    return {field.name: field for section in sections for line in section.rows for field in line}


def _told(edit: history.Edit, record: str, fields: Mapping[str, Field]) -> Iterator[tuple[str, ...]]:
    at = dt.datetime.fromisoformat(edit.at).astimezone()
    when = f"{date_text(at.date())} {at:%H:%M}"
    for name, (before, after) in edit.values.items():
        if name in _UNSAID or (before in (None, "", 0, "[]") and after in (None, "", 0, "[]")):
            continue
        field = fields.get(name)
        label = field.label if field else _MORE.get(name, name)
        yield when, edit.user, edit.label, record, label, _text(field, before), _text(field, after)


def _text(field: Field | None, raw: Any) -> str:
    """A value of the log as its form shows it."""
    if raw is None or raw == "":
        return ""
    if field is None:
        return str(raw)
    if field.options is not None:
        return next((words for value, words in field.options() if str(value) == str(raw)), str(raw))
    if field.today is not None:
        return date_text(dt.date.fromisoformat(raw))
    if isinstance(raw, str) and raw.startswith("["):
        return ", ".join(json.loads(raw))
    return field.show(raw)


def _columns() -> list[Column]:
    return [
        Column(_("When"), lambda h: Cell(h.when, strong=True), 148, figures=True),
        Column(_("Who"), lambda h: Cell(h.who, quiet=True), 84, priority=2),
        Column(_("What was done"), lambda h: h.deed, 150, priority=3),
        Column(_("Of"), lambda h: Cell(h.record, quiet=True), 124, priority=1),
        Column(_("Field"), lambda h: h.field, 140),
        Column(_("Before"), lambda h: Cell(h.before, quiet=True), 110, stretch=True),
        Column(_("After"), lambda h: h.after, 160),
    ]
