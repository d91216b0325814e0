"""One window for each clinic file: a second start brings the first window to the front and ends.

The lock of the file is what keeps it safe (`store.lock`); this only saves the person from a sentence about it. The
window listens on a local socket named after the file, which no other user of the computer can reach.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app import paths

_WAIT = 500
"""Milliseconds for an answer; a window that is busy for longer is raised all the same when it comes to it."""


def _name(clinic: Path | None) -> str:
    about = f"{paths.data_dir()}|{clinic.resolve() if clinic else ''}"
    return f"superbill-desk-{hashlib.sha256(about.encode()).hexdigest()[:24]}"


def raise_other(clinic: Path | None) -> bool:
    """Ask the window that shows this clinic to come to the front; False where there is none."""
    socket = QLocalSocket()
    socket.connectToServer(_name(clinic))
    if not socket.waitForConnected(_WAIT):
        return False
    socket.write(b"raise")
    socket.waitForBytesWritten(_WAIT)
    socket.disconnectFromServer()
    return True


class Doorbell(QObject):
    """Rings when a second program was started for the clinic that this window is at."""

    rang = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)

    def listen(self, clinic: Path | None) -> None:
        """Listen for starts with this clinic; where another window does, it stays the one that is raised."""
        name = _name(clinic)
        if self._server.serverName() == name and self._server.isListening():
            return
        self._server.close()
        if self._server.listen(name):
            return
        probe = QLocalSocket()
        probe.connectToServer(name)
        if not probe.waitForConnected(_WAIT):  # left over from a crash: nobody answers
            QLocalServer.removeServer(name)
            self._server.listen(name)

    def _answer(self) -> None:
        while self._server.hasPendingConnections():
            connection = self._server.nextPendingConnection()
            connection.disconnected.connect(connection.deleteLater)
        self.rang.emit()
