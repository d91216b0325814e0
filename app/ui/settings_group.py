"""What a group of the settings answers to its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget


class Found(NamedTuple):
    """A setting that the search finds: its words, and the name that `focus_field` takes."""

    words: str
    field: str


class Editor(Protocol):
    """A QWidget that edits a group. `edited` is a signal, emitted when `changed` may have become another."""

    edited: Any

    @property
    def changed(self) -> bool:
        """Whether anything is typed that is not kept."""

    def reread(self) -> None:
        """Show what is kept now; what is being typed stays."""

    def leave(self) -> bool:
        """Ask once about what is changed; False stays."""

    def save(self) -> bool:
        """Keep what is typed; answers whether it is kept."""

    def revert(self) -> None:
        """Show what is kept, again."""

    def show_of(self, owner: int, record_id: int | None = None) -> None:
        """Show the record with this id, where the group has several."""

    def typed(self) -> dict[str, Any] | None:
        """What is typed and not kept, as JSON can hold it; None when there is nothing."""

    def retype(self, state: Mapping[str, Any]) -> None:
        """Type it again. Raises ClinicError when its record is gone."""

    def focus_field(self, name: str) -> None:
        """Put the cursor into a setting."""


class Immediate(QWidget):
    """A group where each choice counts at once: nothing is ever changed and not kept."""

    edited = Signal()
    changed = False

    def reread(self) -> None:
        """Nothing is kept elsewhere."""

    def leave(self) -> bool:
        """Nothing to ask."""
        return True

    def save(self) -> bool:
        """Nothing to keep."""
        return True

    def revert(self) -> None:
        """Nothing to take back."""

    def show_of(self, owner: int, record_id: int | None = None) -> None:
        """There is one of it."""

    def typed(self) -> dict[str, Any] | None:
        """Nothing, and a password least of all."""
        return None

    def retype(self, state: Mapping[str, Any]) -> None:
        """Nothing was kept."""

    def focus_field(self, name: str) -> None:
        """Put the cursor into the control with this object name."""
        found = self.findChild(QWidget, name)
        if found is not None:
            found.setFocus()
