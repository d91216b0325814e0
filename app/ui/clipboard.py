"""Copying what belongs to clients: it leaves the clipboard after ten seconds, and histories are asked to pass it by."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QMimeData, QTimer
from PySide6.QtGui import QGuiApplication

SECONDS = 10
_MARKERS = {
    "x-kde-passwordManagerHint": b"secret",
    "ExcludeClipboardContentFromMonitorProcessing": b"1",
    "CanIncludeInClipboardHistory": b"\0\0\0\0",
    "org.nspasteboard.ConcealedType": b"1",
}
"""What the histories of clipboards on Linux, Windows and macOS look for."""
_ours: list[str] = []


def copy(text: str) -> None:
    """Copy a text of a record; after ten seconds it is gone, unless something else was copied meanwhile."""
    data = QMimeData()
    data.setText(text)
    for marker, value in _MARKERS.items():
        data.setData(marker, QByteArray(value))
    QGuiApplication.clipboard().setMimeData(data)
    _ours[:] = [text]
    QTimer.singleShot(SECONDS * 1000, lambda: forget(text))


def forget(text: str | None = None) -> None:
    """Take what was copied here (or only this text) out of the clipboard, if it is still there."""
    if not _ours or text not in (None, _ours[0]):
        return
    clipboard = QGuiApplication.clipboard()
    if clipboard.text() == _ours[0]:
        clipboard.clear()
    _ours.clear()
