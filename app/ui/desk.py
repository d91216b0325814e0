"""What every page shares: the open clinic, the date, and ways to say something, to go somewhere, to try something."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Signal

from app.billing import roles
from app.billing.roles import Action
from app.errors import UserError
from app.ui import tasks
from app.ui.preferences import Preferences
from app.ui.tasks import Progress

if TYPE_CHECKING:
    from app.store.clinic import ClinicFile
    from app.ui.backup_keeper import Keeper

_Value = TypeVar("_Value")


def _clock() -> dt.date:
    return dt.datetime.now().astimezone().date()


class Desk(QObject):
    """Handed to every page: read with `desk.read()`, change with `desk.write(label)`, refresh on `changed`."""

    changed = Signal(object)
    said = Signal(str, bool)
    failed = Signal(str)
    going = Signal(str, object)
    problems_found = Signal(object)
    restore_wanted = Signal()
    demo_wanted = Signal()
    working = Signal(object)
    """The Progress of the long work in front, or None when there is none any more."""

    def __init__(self, preferences: Preferences, today: Callable[[], dt.date] = _clock) -> None:
        super().__init__()
        self.preferences, self.today = preferences, today
        self.run_task = tasks.run_task
        self.keeper: Keeper | None = None
        self._clinic: ClinicFile | None = None
        self._seen = ("", 0)
        self.only_saved: set[int] = set()
        """Ids of claims that were issued as a PDF since the clinic was opened and that no printer had yet."""
        self._works: list[Progress] = []

    @property
    def clinic(self) -> ClinicFile:
        """The open clinic."""
        assert self._clinic is not None, "no clinic is open"
        return self._clinic

    @property
    def is_open(self) -> bool:
        """Whether a clinic is open."""
        return self._clinic is not None

    def set_clinic(self, clinic: ClinicFile | None) -> None:
        """Work on `clinic` from now on; its operations are passed on as `changed`."""
        if self._clinic is not None:
            for progress in self._works:
                progress.stop()
            tasks.finish()
            self._clinic.close()
        self._clinic, self._seen = clinic, ("", 0)
        self.only_saved.clear()
        if clinic is not None:
            clinic.subscribe(self.changed.emit)

    def saw(self, table: str, row_id: int | None) -> None:
        """Tell the audit that a record of a client is in front; not again while it stays there."""
        clinic = self.clinic
        if row_id is None or clinic.read_only or (table, row_id) == self._seen:
            return
        self._seen = (table, row_id)

        def failed(error: BaseException) -> None:
            if not isinstance(error, UserError):
                raise error
            self.fail(str(error))

        self.run_task(lambda: clinic.note("view", table=table, row_id=row_id), done=lambda nothing: None, failed=failed)

    def read(self) -> AbstractContextManager[Any]:
        """A reading session for the functions of app.store."""
        return self.clinic.read()

    def write(self, label: str, *, undoable: bool = True) -> AbstractContextManager[Any]:
        """A named change; all of it or nothing."""
        return self.clinic.write(label, undoable=undoable)

    def work(self, do: Callable[[Progress], _Value], *, done: Callable[[_Value], object]) -> Progress:
        """Long work on another thread: the message bar shows how far it is, and offers to cancel it.

        `do` tells its steps to the Progress, stops where that says so, and touches no widget; `done` is given its
        value on the window's thread. An expected failure becomes a sentence in the message bar.
        """
        progress = Progress()

        def over() -> None:
            self._works.remove(progress)
            self.working.emit(self._works[-1] if self._works else None)

        def ready(value: _Value) -> None:
            over()
            done(value)

        def failed(error: BaseException) -> None:
            over()
            if not isinstance(error, UserError):
                raise error
            self.fail(str(error))

        self._works.append(progress)
        self.working.emit(progress)
        self.run_task(lambda: do(progress), done=ready, failed=failed)
        return progress

    def refusal(self, action: Action | None) -> str:
        """Why the user's role does not allow an action, and whom to ask; nothing where it does."""
        if action is None or self.clinic.may(action):
            return ""
        return " ".join(roles.refusal(self.clinic.role, action))

    def allows(self, action: Action) -> bool:
        """The same before something is begun: the refusal is said."""
        refused = self.refusal(action)
        if refused:
            self.fail(refused)
        return not refused

    def say(self, text: str, *, undo: bool = False) -> None:
        """The last thing done, in the message bar."""
        self.said.emit(text, undo)

    def fail(self, text: str) -> None:
        """Something did not work; stays until dismissed."""
        self.failed.emit(text)

    def go(self, page: str, target: object = None) -> None:
        """Show a page, and there what `target` names."""
        self.going.emit(page, target)

    def attempt(self, do: Callable[[], object]) -> bool:
        """Do it; what is expected to go wrong becomes a sentence in the message bar. Answers whether it worked."""
        try:
            do()
        except UserError as error:
            self.fail(str(error))
            return False
        return True
