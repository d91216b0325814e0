"""What belongs to this computer: the last clinic, the look, sizes, its printers. Never what belongs to a clinic.

One INI file per user; each setting is an attribute with a type and a default.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from PySide6.QtCore import QByteArray, QSettings

from app import paths

_Value = TypeVar("_Value")


class Preference(Generic[_Value]):
    """A setting as an attribute of `Preferences`; what is unreadable in the file counts as the default."""

    def __init__(self, key: str, default: _Value) -> None:
        self.key, self.default = key, default

    def __get__(self, owner: Preferences, kind: type[Preferences]) -> _Value:
        raw = owner.settings.value(self.key)
        if raw is None:
            return self.default
        if isinstance(self.default, QByteArray):
            return cast("_Value", raw if isinstance(raw, QByteArray) else self.default)
        try:
            read: Any = str(raw).lower() == "true" if isinstance(self.default, bool) else type(self.default)(raw)  # type: ignore[call-arg]
        except (TypeError, ValueError):
            return self.default
        return cast("_Value", read)

    def __set__(self, owner: Preferences, value: _Value) -> None:
        owner.settings.setValue(self.key, value)


class Preferences:
    """All settings of this computer."""

    clinic = Preference("clinic/last", "")
    user = Preference("clinic/user", "")
    look = Preference("look/scheme", "system")
    text_scale = Preference("look/text_scale", 1.0)
    dim_paper = Preference("look/dim_paper", True)
    hints = Preference("help/hints", True)
    hints_seen = Preference("help/hints_seen", "")
    lock_minutes = Preference("lock/minutes", 10)
    geometry = Preference("window/geometry", QByteArray())
    sessions_by_day = Preference("sessions/by_day", False)
    list_width = Preference("window/list_width", 304)
    tables = Preference("window/tables", "")
    claims_board = Preference("claims/board", True)
    printer = Preference("printing/printer", "")
    plain_printer = Preference("printing/plain_printer", "")
    plain_tray = Preference("printing/plain_tray", "")
    red_printer = Preference("printing/red_printer", "")
    red_tray = Preference("printing/red_tray", "")
    alignments = Preference("printing/alignments", "")
    claim_paper = Preference("printing/claim_paper", "")
    setup = Preference("setup/clinic", "")
    setup_left_out = Preference("setup/left_out", "")
    measuring = Preference("printing/measuring", "")

    def __init__(self, path: Path | None = None) -> None:
        self.folder = ""
        """Where the last file was, until the program ends: a folder may bear a client's name, so it is not kept."""
        file = path or paths.data_dir() / "desk.ini"
        self.settings = QSettings(str(file), QSettings.Format.IniFormat)

    def _tables(self) -> dict[str, Any]:
        try:
            kept = json.loads(self.tables)
        except ValueError:
            return {}
        return kept if isinstance(kept, dict) else {}

    def table(self, name: str) -> tuple[str, list[int]]:
        """What a table is sorted by, "" for its usual order, and the width of each column, 0 for its usual one."""
        kept = self._tables().get(name)
        order, widths = kept if isinstance(kept, list) and len(kept) == len(("order", "widths")) else ("", [])
        readable = isinstance(order, str) and isinstance(widths, list)
        if not readable or not all(isinstance(width, int) and width >= 0 for width in widths):
            return "", []
        return order, widths

    def keep_table(self, name: str, order: str, widths: Sequence[int]) -> None:
        """Keep how a table is left."""
        self.tables = json.dumps(self._tables() | {name: [order, list(widths)]})
