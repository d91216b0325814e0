"""Backups without being asked: the first of the day after the clinic is opened, one before it is closed.

Once a month one is restored on trial. All of it runs beside the window, with its steps in the message bar; the right
end of the bar says how safe the clinic is. Closing waits for the backup with a sentence; a second attempt after a
failure closes without it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.errors import UserError
from app.i18n import _, date_text
from app.ui.page import expected
from app.ui.tasks import Progress

if TYPE_CHECKING:
    from app.store.backup import Reason
    from app.store.backup_set import State
    from app.ui.main_window import MainWindow


class CancelledError(UserError):
    """The work was cancelled by the person."""


def _clock() -> dt.datetime:
    return dt.datetime.now().astimezone()


class Keeper(QObject):
    """Looks after the backups of the window's clinic. `known` tells a new State after each backup."""

    known = Signal(object)

    def __init__(self, window: MainWindow, now: Callable[[], dt.datetime] = _clock) -> None:
        super().__init__(window)
        self.window, self.desk, self.now = window, window.desk, now
        self.state: State | None = None
        self._closing = False
        self._enough: int | None = None
        self.desk.keeper = self

    def watch(self) -> None:
        """From now on make backups without being asked: the program does, a test of something else does not."""
        self.window.opened.connect(self.begin)
        self.window.before_closing = self.before_closing

    # After opening

    def begin(self) -> None:
        """Make the backup of the day and the drill of the month where they are due, then say how things are."""
        self.state, self._closing, self._enough = None, False, None
        if self.desk.clinic.read_only:
            self.window.messages.show_state(_("Read-only"), "amber", "alert-triangle")
            self.desk.fail(
                _("The clinic is open read-only: its disk is full or cannot be written. Export it or back it up.")
            )
            return
        self.desk.work(self._of_the_day, done=self._began)

    def _of_the_day(self, progress: Progress) -> tuple[State, str]:
        from app.store.backup import Reason

        clinic, today = self.desk.clinic, self.now().date()
        newer = clinic.backups.newer_than(clinic.last_change())
        problem = ""
        try:
            if clinic.backups.is_due(today):
                clinic.back_up(Reason.DAILY, now=self.now(), tell=_steps(progress))
            if clinic.backups.drill_due(today):
                clinic.try_restore(today=today, tell=_steps(progress))
        except UserError as error:
            problem = str(error)
        if newer is not None:
            problem = _(
                "The clinic file is older than its backup {number} of {date}: it may be an old copy. To bring that "
                "backup back, choose Restore in the settings."
            ).format(number=newer.manifest.sequence, date=date_text(newer.manifest.made.date()))
        return clinic.backups.state(today), problem

    def _began(self, outcome: tuple[State, str]) -> None:
        state, problem = outcome
        self.show(state)
        if problem:
            self.desk.fail(problem)

    # By hand

    def back_up(self, reason: Reason | None = None, *, then: Callable[[], object] = lambda: None) -> None:
        """A backup now."""
        from app.store.backup import Reason

        chosen = reason or Reason.HAND

        def do(progress: Progress) -> State:
            self.desk.clinic.back_up(chosen, now=self.now(), tell=_steps(progress))
            return self.desk.clinic.backups.state(self.now().date())

        def done(state: State) -> None:
            self.show(state)
            assert state.last is not None
            words = _("Backup {number} is made and was opened again.")
            self.desk.say(words.format(number=state.last.manifest.sequence))
            then()

        self.desk.work(do, done=done)

    def try_restore(self, *, then: Callable[[], object] = lambda: None) -> None:
        """A trial restore now."""

        def do(progress: Progress) -> tuple[str, State]:
            today = self.now().date()
            problem = self.desk.clinic.try_restore(today=today, tell=_steps(progress))
            return problem, self.desk.clinic.backups.state(today)

        def done(outcome: tuple[str, State]) -> None:
            problem, state = outcome
            self.show(state)
            if problem:
                self.desk.fail(problem)
            else:
                self.desk.say(_("The last backup was restored on trial: it opens and holds what it says."))
            then()

        self.desk.work(do, done=done)

    def look(self) -> None:
        """Read anew how things are: after the second folder was changed."""
        self.show(self.desk.clinic.backups.state(self.now().date()))

    def show(self, state: State) -> None:
        """The right end of the message bar."""
        self.state = state
        text, good = state_words(state, self.now())
        self.window.messages.show_state(
            text, "green" if good else "amber", "shield-check" if good else "alert-triangle"
        )
        self.known.emit(state)

    # Before closing

    def before_closing(self, again: Callable[[], object]) -> bool:
        """Whether the clinic may be closed now; else a backup is under way, and `again` is called after it."""
        if not self.desk.is_open or self.desk.clinic.read_only:
            return True
        if self._closing:
            return False
        clinic = self.desk.clinic
        if self._enough == clinic.last_change():
            return True
        try:
            if not clinic.backups.is_behind(clinic.last_change()):
                return True
        except UserError as error:
            return self._stay(error)
        return self._back_up_first(again)

    def _back_up_first(self, again: Callable[[], object]) -> bool:
        from app.store.backup import Reason

        clinic, outcome = self.desk.clinic, [False, True]  # made, and still inside this call

        def do(progress: Progress) -> UserError | None:
            try:
                clinic.back_up(Reason.CLOSING, now=self.now(), tell=_steps(progress))
            except UserError as error:
                return error
            return None

        def done(error: UserError | None) -> None:
            self._closing = False
            self.window.set_waiting(on=False)
            outcome[0] = self._stay(error) if error else True
            if outcome[0]:
                self._enough = clinic.last_change()
                if not outcome[1]:
                    QTimer.singleShot(0, self, again)

        self._closing = True
        self.window.set_waiting(on=True)
        self.desk.say(_("The backup is being made; the clinic closes by itself."))
        self.desk.work(do, done=done)
        outcome[1] = False
        return outcome[0]

    def _stay(self, error: UserError) -> bool:
        """Say why there is no backup; closing once more does without, unless something is changed again."""
        self._enough = self.desk.clinic.last_change()
        self.desk.fail(_("{problem} Close once more to close without this backup.").format(problem=expected(error)))
        return False


def _steps(progress: Progress) -> Callable[[str], None]:
    def tell(words: str) -> None:
        if not progress.goes_on(_("Backup: {step}").format(step=words), 0, 0):
            raise CancelledError(_("The backup was cancelled."))

    return tell


def state_words(state: State, now: dt.datetime) -> tuple[str, bool]:
    """The state in a few words, and whether all is well."""
    if state.last is None or state.days is None:
        return _("No backup yet"), False
    if state.known.drill_problem:
        return _("Trial restore failed"), False
    if state.known.second_problem:
        return _("Second backup folder is away"), False
    made = state.last.manifest.made.astimezone(now.tzinfo)
    when = f"{made.hour}:{made.minute:02d}"
    if state.days == 0:
        return _("Backup verified today {time}").format(time=when), True
    if state.days == 1:
        return _("Backup verified yesterday {time}").format(time=when), True
    return _("Last backup {days} days ago").format(days=state.days), not state.problems
