"""Work that takes longer than a blink, off the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

_Value = TypeVar("_Value")


class _Report(QObject):
    """Lives on the window's thread and hands the outcome over there."""

    ready = Signal(object, object)

    def __init__(self, done: Callable[[Any], object], failed: Callable[[BaseException], object]) -> None:
        super().__init__()
        self.done, self.failed = done, failed
        self.ready.connect(self._finish, Qt.ConnectionType.QueuedConnection)
        _running.add(self)

    def _finish(self, value: object, error: BaseException | None) -> None:
        _running.discard(self)
        if error is None:
            self.done(value)
        else:
            self.failed(error)


_running: set[_Report] = set()


class _Job(QRunnable):
    def __init__(self, work: Callable[[], object], report: _Report) -> None:
        super().__init__()
        self.work, self.report = work, report

    def run(self) -> None:
        """Carry the value, or the exception as it is, to the window's thread."""
        try:
            value = self.work()
        except BaseException as error:
            self.report.ready.emit(None, error)
        else:
            self.report.ready.emit(value, None)


def run_task(
    work: Callable[[], _Value], *, done: Callable[[_Value], object], failed: Callable[[BaseException], object]
) -> None:
    """Do `work` on another thread; then call `done` or `failed` on this one. `work` touches no widget."""
    QThreadPool.globalInstance().start(_Job(work, _Report(done, failed)))


class Progress(QObject):
    """How far long work has come. Made on the window's thread; the work tells it from its own."""

    moved = Signal(str, int, int)

    def __init__(self) -> None:
        super().__init__()
        self._stopped = threading.Event()

    def goes_on(self, text: str, at: int, total: int) -> bool:
        """Show `text` and that `at` of `total` is done (0 of 0: nobody knows). False when the work is to end here."""
        self.moved.emit(text, at, total)
        return not self._stopped.is_set()

    def stop(self) -> None:
        """Ask the work to end at its next step."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Whether it was asked to end."""
        return self._stopped.is_set()


def finish() -> None:
    """Wait until nothing is under way: before a clinic is closed, so that no one reads a closed file."""
    QThreadPool.globalInstance().waitForDone()
