"""The field of diagnoses: codes as they are written, or found by their words as one types."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import shiboken6
from PySide6.QtGui import QKeyEvent

from app.billing import ids
from app.i18n import _
from app.store import icd10
from app.ui import fields
from app.ui.desk import Desk
from app.ui.fields import Field, TextEditor
from app.ui.lookup import MOST, Hit, Lookup
from app.ui.page import expected


def diagnoses(desk: Desk, name: str, label: str, day: Callable[[], dt.date], **more: Any) -> Field:
    """ICD-10 codes with blanks or commas between them; those in force on `day` are found by their words."""
    spec = fields.codes(name, label, ids.ICD10, placeholder=_("M54.2 M54.59, or words"), **more)
    return replace(spec, make=lambda spec: DiagnosesEditor(spec, desk, day))


class DiagnosesEditor(TextEditor, Lookup):
    """Several codes in one field; what is typed after the last of them, up to the cursor, is looked up."""

    def __init__(self, spec: Field, desk: Desk, day: Callable[[], dt.date]) -> None:
        super().__init__(spec)
        self.desk, self.day = desk, day
        self.search = self._search
        self._waiting = False

    def _sought(self) -> tuple[str, str, str]:
        """The codes before what is looked up, what is looked up, and what stands after the cursor."""
        before, after = self.text()[: self.cursorPosition()], self.text()[self.cursorPosition() :]
        parts = re.split(r"(?<=[\s,;])", before)
        at = 0
        while at < len(parts) - 1 and (not parts[at].strip(" ,;") or ids.ICD10.is_valid(parts[at].strip(" ,;"))):
            at += 1
        return "".join(parts[:at]), "".join(parts[at:]).strip(), after

    def _search(self, text: str) -> list[Hit]:
        """Codes of the day. A code that is complete needs no search; without the search file it is made first."""
        __, sought, after = self._sought()
        if len(sought) < 2 or (after and after[0].isalnum()):
            return []
        if not icd10.is_open():
            self._make_ready()
            return []
        found = icd10.search(sought, date=self.day(), limit=MOST)
        if found and ids.ICD10.compact(found[0].code) == ids.ICD10.compact(sought):
            return []
        return [Hit(at, code.code, code.title, value=code.code) for at, code in enumerate(found)]

    def _make_ready(self) -> None:
        if not self._waiting:
            self._waiting = True
            self.desk.run_task(icd10.book, done=lambda book: self._ready_now(), failed=self._not_ready)

    def _ready_now(self) -> None:
        self._waiting = False
        if shiboken6.isValid(self) and self.hasFocus():
            self.look_up(self.text())

    def _not_ready(self, error: BaseException) -> None:
        self._waiting = False
        self.desk.fail(expected(error))

    def pick(self, hit: Hit) -> None:
        """The code takes the place of the words."""
        before, __, after = self._sought()
        self.close_list()
        head = before.rstrip(" ,;")
        taken = f"{head}, {hit.value}" if head else str(hit.value)
        self.setText(taken + after)
        self.setCursorPosition(len(taken))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """While something is found, the keys of the list; else those of a field."""
        if self.is_open:
            Lookup.keyPressEvent(self, event)
        else:
            super().keyPressEvent(event)
