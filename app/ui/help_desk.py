"""What the window offers as help: F1 beside the control, all keys on a sheet, and the hints of the first days."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QApplication, QMenuBar, QWidget

from app.i18n import _
from app.ui import help as helping
from app.ui import help_keys
from app.ui.help_popover import Hints, Popover
from app.ui.page import Page
from app.ui.preferences import Preferences


class HelpDesk:
    """One for a window. `Esc` asks it first: what it shows is closed before anything else is left."""

    def __init__(self, window: QWidget, menus: QMenuBar, preferences: Preferences) -> None:
        self._menus = menus
        self.popover = Popover(window)
        self.sheet = help_keys.KeySheet(window)
        self.hints = Hints(preferences, self.popover)

    def about_this(self) -> None:
        """Say what the control with the cursor is for; a second time closes it."""
        if self.popover.close_now():
            return
        found = helping.about(QApplication.focusWidget())
        if found is not None:
            self.popover.show_beside(found.widget, found.box, found.title, found.sentence)

    def show_keys(self, pages: Mapping[str, Page], front: QWidget | None) -> None:
        """All keys: those of the page in front first."""
        if self.sheet.close_now():
            return
        self.popover.close_now()
        ordered = sorted(pages.values(), key=lambda page: page is not front)
        own = [help_keys.of_page(page, _("On {page}").format(page=page.name)) for page in ordered]
        self.sheet.show_groups([*own[:1], *help_keys.of_menus(self._menus), *own[1:], *help_keys.inside_controls()])

    def close_now(self) -> bool:
        """Close what is shown; answers whether there was something."""
        return self.popover.close_now() or self.sheet.close_now()
