"""The line at the foot: the last thing done with its Undo, long work, and how many problems this page has."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from app.i18n import _, ngettext
from app.ui import theme
from app.ui.controls import Button, Elided, IconButton, IconLabel, KeyCap, rule
from app.ui.tasks import Progress

_OLD_MS = 10_000


class MessageBar(QWidget):
    """Always there, so that nothing jumps. It speaks to screen readers."""

    undo_asked = Signal()
    problems_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theme.MESSAGE_BAR)
        self.setAccessibleName(_("Messages"))
        self._said = QElapsedTimer()
        self._icon = IconLabel("check", "green")
        self._text = Elided()
        self._text.setSizePolicy(self._text.sizePolicy().Policy.Maximum, self._text.sizePolicy().Policy.Preferred)
        self._text.setMinimumWidth(0)
        self.undo = Button(_("Undo"), "link")
        self.undo.clicked.connect(lambda *_: self.undo_asked.emit())
        self._undo_key = KeyCap("Ctrl+Z")
        self.dismiss = IconButton("x", _("Dismiss"))
        self.dismiss.clicked.connect(lambda *_: self.clear())
        self.problems = Button("", "quiet", icon="alert-triangle", key="F8", small=True)
        self.problems.clicked.connect(lambda *_: self.problems_asked.emit())
        line = QHBoxLayout(self)
        line.setContentsMargins(18, 0, 12, 0)
        line.setSpacing(8)
        for part in (self._icon, self._text, self.undo, self._undo_key, self.dismiss):
            line.addWidget(part)
        self.work_text = Elided("", tint="second")
        self.work_text.setSizePolicy(self._text.sizePolicy())
        self.work_bar = QProgressBar()
        self.work_bar.setFixedSize(120, 6)
        self.work_bar.setTextVisible(False)
        self.work_bar.setAccessibleName(_("How far it is"))
        self.cancel = Button(_("Cancel"), "link")
        self.cancel.clicked.connect(lambda *_: self._stop())
        for shown in (self.work_text, self.work_bar, self.cancel):
            line.addWidget(shown)
        line.addStretch(1)
        line.addWidget(self.problems)
        line.addWidget(self._separator())
        self.state_icon = IconLabel("shield-check", "green")
        self.state = Elided("", tint="second")
        self.state.setSizePolicy(self.state.sizePolicy().Policy.Maximum, self.state.sizePolicy().Policy.Preferred)
        line.addWidget(self.state_icon)
        line.addWidget(self.state)
        self._work: Progress | None = None
        self.show_problems(0)
        self.show_state("")
        self.show_work(None)
        self.clear()

    def _separator(self) -> QWidget:
        self._bar = rule(upright=True)
        self._bar.setFixedHeight(18)
        return self._bar

    def text(self) -> str:
        """What it says now."""
        return self._text.text()

    def say(self, text: str, *, undo: bool = False) -> None:
        """Something was done; `undo` offers to take it back."""
        self._show(text, "check", "green", undo=undo, dismissable=False)

    def fail(self, text: str) -> None:
        """Something did not work; the sentence stays until it is dismissed or something else is done."""
        self._show(text, "filled/alert-circle", "red", undo=False, dismissable=True)

    def grow_old(self) -> None:
        """Another page comes to the front: what was said more than ten seconds ago is not about it."""
        if self._said.isValid() and self._said.elapsed() > _OLD_MS:
            self.clear()

    def clear(self) -> None:
        """Say nothing."""
        self._show("", "check", "green", undo=False, dismissable=False)

    def _show(self, text: str, icon: str, ink: str, *, undo: bool, dismissable: bool) -> None:
        self._icon.show_icon(icon, ink)
        self._icon.setVisible(bool(text))
        self._text.setText(text)
        self._said.start()
        self.undo.setVisible(undo)
        self._undo_key.setVisible(undo)
        self.dismiss.setVisible(dismissable)
        if text and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def show_work(self, work: Progress | None) -> None:
        """The long work in front: what it does, how far it is, and a way to end it."""
        if self._work is not None:
            self._work.moved.disconnect(self._moved)
        self._work = work
        for part in (self.work_text, self.work_bar, self.cancel):
            part.setVisible(work is not None)
        self.cancel.setEnabled(True)
        if work is not None:
            self._moved("", 0, 0)
            work.moved.connect(self._moved)

    def _moved(self, text: str, at: int, total: int) -> None:
        self.work_text.setText(text)
        self.work_bar.setRange(0, total)
        self.work_bar.setValue(at)

    def _stop(self) -> None:
        if self._work is not None:
            self._work.stop()
            self.cancel.setEnabled(False)

    def show_problems(self, count: int) -> None:
        """How many problems the drawer holds."""
        self.problems.setText(ngettext("{count} problem", "{count} problems", count).format(count=count))
        self.problems.setVisible(count > 0)
        self.problems.updateGeometry()
        self._bar.setVisible(count > 0 and bool(self.state.text()))

    def show_state(self, text: str, ink: str = "green", icon: str = "shield-check") -> None:
        """How safe the open clinic is, on the right."""
        self.state.setText(text)
        self.state_icon.show_icon(icon, ink)
        self.state.setVisible(bool(text))
        self.state_icon.setVisible(bool(text))
