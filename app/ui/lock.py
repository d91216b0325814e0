"""Locking: after idle time, with the computer's own lock or sleep, or by hand. The program then starts anew.

A program that only hides its window still has every name it showed in its memory, and the key. So what is typed goes
into the clinic file, a fresh program is started that shows only the login, and this one ends.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QProcess, QTimer
from PySide6.QtWidgets import QApplication

import app
from app.i18n import _
from app.ui import clipboard
from app.ui.lock_system import SystemWatch

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow

FEWEST, USUAL, MOST = 2, 10, 30
"""Minutes of idle time after which the window locks."""
_FRONT = "front"
"""Where the key of the page in front is kept beside the drafts."""
_TICK = 5
_ASLEEP = 60
_INPUT = {
    QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel,
    QEvent.Type.TouchBegin, QEvent.Type.TabletPress, QEvent.Type.InputMethod,
}  # fmt: skip


class IdleWatch(QObject):
    """Calls `lock` when nobody has typed or pointed for `minutes()`, and when the computer was asleep.

    The longer of two clocks counts: one stands still while the computer sleeps, the other may be set.
    """

    def __init__(
        self, minutes: Callable[[], int], lock: Callable[[], object],
        monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        super().__init__()
        self._minutes, self._lock = minutes, lock
        self._clocks = (monotonic, wall)
        self._last = self._ticked = self._now()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK * 1000)
        self._timer.timeout.connect(self.tick)

    def start(self) -> None:
        """Watch from now on."""
        self._last = self._ticked = self._now()
        core = QCoreApplication.instance()
        assert core is not None
        core.installEventFilter(self)
        self._timer.start()

    def stop(self) -> None:
        """Watch no longer."""
        core = QCoreApplication.instance()
        if core is not None:
            core.removeEventFilter(self)
        self._timer.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note that somebody is there."""
        if event.type() in _INPUT:
            self._last = self._now()
        return False

    def tick(self) -> None:
        """Lock when it is time."""
        slept = self._since(self._ticked) >= _ASLEEP
        self._ticked = self._now()
        minutes = max(FEWEST, min(MOST, self._minutes()))
        if slept or self._since(self._last) >= minutes * 60:
            self._last = self._now()
            self._lock()

    def _now(self) -> tuple[float, ...]:
        return tuple(clock() for clock in self._clocks)

    def _since(self, then: tuple[float, ...]) -> float:
        return max(now - before for now, before in zip(self._now(), then, strict=True))


def command(clinic: Path) -> tuple[str, list[str]]:
    """The program and its arguments that show the login of a clinic and nothing else."""
    ours = [] if getattr(sys, "frozen", False) else ["-m", "app"]
    return sys.executable, [*ours, "--locked", str(clinic)]


def start_locked(clinic: Path) -> bool:
    """Start it; answers whether that worked."""
    program, arguments = command(clinic)
    folder = Path(program).parent if getattr(sys, "frozen", False) else Path(app.__file__).parent.parent
    started = QProcess.startDetached(program, arguments, str(folder))
    return bool(started[0] if isinstance(started, tuple) else started)


def leave() -> None:
    """End this program at once: nothing may run on what was closed, neither an open dialog nor a destructor."""
    os._exit(0)


class Locker(QObject):
    """Locks a window: keeps what is typed, ends this program and leaves a fresh one with the login."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window, self.desk = window, window.desk
        self.start, self.leave = start_locked, leave
        self.idle = IdleWatch(lambda: self.desk.preferences.lock_minutes, self.lock)
        window.lock_asked.connect(self.lock)
        window.opened.connect(lambda: bring_back(window))

    def watch(self) -> None:
        """From now on: while a clinic is open, also when nobody asks for it."""
        self.system = SystemWatch(self.window, self.lock)
        self.window.opened.connect(self.idle.start)

    def lock(self) -> None:
        """Lock now. Where no fresh program can be started, this one goes back to the login."""
        if not self.desk.is_open:
            return
        self.idle.stop()
        for shown in QApplication.topLevelWidgets():
            shown.hide()
        clinic = self.desk.clinic
        self._keep_drafts()
        clipboard.forget()
        self.desk.attempt(lambda: clinic.note("lock"))
        self.desk.set_clinic(None)
        self.desk.preferences.geometry = self.window.saveGeometry()
        self.desk.preferences.settings.sync()
        if self.start(clinic.path):
            self.leave()
        else:
            self.window.forget_clinic()
            self.window.show()

    def _keep_drafts(self) -> None:
        """Into the clinic file; on a full disk they are lost, and the window locks all the same."""
        from app.store import drafts

        if self.desk.clinic.read_only:
            return
        typed = {key: page.draft() for key, page in self.window.pages.items()}
        found = {key: draft for key, draft in typed.items() if draft is not None}
        if found or self.window.pages:
            found[_FRONT] = self.window.page().key

        def keep() -> None:
            with self.desk.write(_("Keep what is typed")) as s:
                drafts.keep(s, found)

        self.desk.attempt(keep)


def bring_back(window: MainWindow) -> None:
    """After the login: the page that was in front, and what had been typed."""
    from app.store import drafts

    clinic = window.desk.clinic
    if clinic.read_only:
        return
    with clinic.write(_("Bring back what was typed")) as s:
        found = drafts.take(s)
    front = found.pop(_FRONT, None)
    for key, draft in found.items():
        if key in window.kinds:
            window.desk.attempt(partial(window.page_of(key).restore, draft))
    if front in window.kinds:
        window.go(front)
    if found:
        window.messages.say(_("What you had typed is back. It is not saved yet."))
