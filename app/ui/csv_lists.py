"""The two ways of a list: out as CSV, and to the page that brings one in; buttons and keys for pages that show it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.i18n import _, ngettext
from app.ui.controls import IconButton
from app.ui.desk import Desk
from app.ui.dialogs import Files
from app.ui.tasks import Progress

FILES = _("CSV files (*.csv *.txt *.tsv)")


def save(desk: Desk, parent: QWidget, name: str) -> None:
    """Ask where, and write "clients", "payers" or "fees" there."""
    path = Files.ask_save(parent, desk.preferences, _("Save the list"), f"{name}.csv", FILES)
    if path is None:
        return
    clinic, today = desk.clinic, desk.today()

    def work(progress: Progress) -> int:
        from app import lists

        return lists.save(clinic, name, path, today=today)

    def done(count: int) -> None:
        told = ngettext("{n} row saved as {name}.", "{n} rows saved as {name}.", count)
        desk.say(told.format(n=f"{count:,}", name=path.name))

    desk.work(work, done=done)


def buttons(desk: Desk, page: QWidget, name: str) -> tuple[IconButton, IconButton]:
    """Bring in, and save (Ctrl+E anywhere on the page)."""
    into = IconButton("upload", _("Bring in from a CSV file"))
    out = IconButton("download", _("Save the list as CSV"), key="Ctrl+E")
    into.clicked.connect(lambda *_: desk.go("import", name))
    out.clicked.connect(lambda *_: save(desk, page, name))
    shortcut = QShortcut(QKeySequence("Ctrl+E"), page)
    shortcut.setWhatsThis(_("Save the list as CSV"))
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.activated.connect(lambda: save(desk, page, name))
    return into, out
