"""What the computer says of itself: that its screen is locked, that it goes to sleep, that another user takes over.

Linux says it over D-Bus, Windows in messages to the window. macOS says it only to programs of its own kind: there, and
wherever a message is missed, `lock.IdleWatch` notices afterwards that the computer was asleep.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from ctypes import wintypes
from typing import Any

from PySide6.QtCore import SLOT, QAbstractNativeEventFilter, QByteArray, QCoreApplication, QObject, Slot
from PySide6.QtWidgets import QWidget

_SESSION_CHANGE, _POWER = 0x02B1, 0x0218
_WANTED = {(_SESSION_CHANGE, 0x7), (_SESSION_CHANGE, 0x2), (_SESSION_CHANGE, 0x4), (_POWER, 0x4)}
"""Locked, another user on the console or from afar, going to sleep."""


class SystemWatch(QObject):
    """Calls `lock` when the computer says so. Where it says nothing, nothing happens."""

    def __init__(self, window: QWidget, lock: Callable[[], object]) -> None:
        super().__init__(window)
        self._lock = lock
        self._filter: _Messages | None = None
        if sys.platform == "win32":
            self._watch_messages(window)
        elif sys.platform == "linux":
            self._watch_bus()

    def _watch_bus(self) -> None:
        """The login manager tells of locking and sleeping, the desktop's screen saver of the screen."""
        from PySide6.QtDBus import QDBusConnection

        system, session = QDBusConnection.systemBus(), QDBusConnection.sessionBus()
        login = "org.freedesktop.login1"
        for bus, service, place, name, slot in (
            (system, login, "", f"{login}.Session", ("Lock", SLOT("locked()"))),
            (system, login, "/org/freedesktop/login1", f"{login}.Manager", ("PrepareForSleep", SLOT("turned(bool)"))),
            (session, "", "", "org.freedesktop.ScreenSaver", ("ActiveChanged", SLOT("turned(bool)"))),
            (session, "", "", "org.gnome.ScreenSaver", ("ActiveChanged", SLOT("turned(bool)"))),
        ):
            if bus.isConnected():
                bus.connect(service, place, name, slot[0], self, slot[1])  # type: ignore[call-overload]

    @Slot()
    def locked(self) -> None:
        """The session was locked."""
        self._lock()

    @Slot(bool)
    def turned(self, on: bool) -> None:
        """The screen saver came up or the computer goes to sleep; or, with False, it is over."""
        if on:
            self._lock()

    def _watch_messages(self, window: QWidget) -> None:
        library: Any = getattr(ctypes, "WinDLL")("wtsapi32")  # noqa: B009 - other systems have no such name
        library.WTSRegisterSessionNotification(wintypes.HWND(int(window.winId())), 0)
        self._filter = _Messages(self._lock)
        core = QCoreApplication.instance()
        assert core is not None
        core.installNativeEventFilter(self._filter)


class _Messages(QAbstractNativeEventFilter):
    """Windows' messages to the window."""

    def __init__(self, lock: Callable[[], object]) -> None:
        super().__init__()
        self._lock = lock

    def nativeEventFilter(self, kind: QByteArray | bytes | bytearray | memoryview, message: int) -> Any:
        """Look at one; it goes on to the window in any case."""
        found = wintypes.MSG.from_address(int(message))
        if tells(found.message, found.wParam):
            self._lock()
        return False, 0


def tells(message: int, what: int) -> bool:
    """Whether a message of Windows says that the computer is locked, asleep or another's."""
    return (message, what) in _WANTED
