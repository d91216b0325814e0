"""The window: top bar with menus and find box, rail, the page in front, problems drawer, message bar.

It is painted before the database or the paper libraries are imported: pages are imported when a clinic is opened.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QKeySequence, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QMainWindow,
    QMenu,
    QMenuBar,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import __version__
from app.billing.problems import Problem
from app.billing.roles import Action
from app.i18n import _
from app.ui import theme
from app.ui.backup_keeper import Keeper
from app.ui.controls import Elided, IconButton, column, panel, row, rule
from app.ui.desk import Desk
from app.ui.help_desk import HelpDesk
from app.ui.look_settings import LOOKS, wear
from app.ui.lookup import MOST, FindBox, Hit
from app.ui.message_bar import MessageBar
from app.ui.page import Page
from app.ui.problems_panel import ProblemsPanel
from app.ui.tabs import RailButton
from app.ui.theme import color
from app.ui.welcome import Welcome

if TYPE_CHECKING:
    from app.store.clinic import ClinicFile


_PAUSE = 120
"""Milliseconds between two parts that are made ahead."""


def load_pages() -> None:
    """Import what the pages need, the database among it, and read the form: half a second, on another thread."""
    from app.forms import drawing, layout
    from app.ui import every_page

    assert every_page.RAIL
    drawing.load(layout.load().id)


def pages_are_loaded() -> bool:
    """Whether that is done; not while another thread is at it."""
    module = sys.modules.get("app.ui.every_page")
    return module is not None and hasattr(module, "BESIDE")


class Logo(QWidget):
    """The mark of the program: three quiet waves."""

    def __init__(self, size: int = 28) -> None:
        super().__init__()
        self.setFixedSize(size, size)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A rounded square and three waves."""
        look, painter = theme.tokens(), QPainter(self)
        side = self.width()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(look.accent))
        painter.drawRoundedRect(QRectF(self.rect()), side * 0.24, side * 0.24)
        pen = QPen(color(look.on_accent), side * 0.075)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        for level in (0.34, 0.5, 0.66):
            step = side * 0.29
            for half in (0, 1):
                box = QRectF(side * 0.21 + half * step, side * level - step * 0.3, step, step * 0.6)
                painter.drawArc(box, (0 if half else 180) * 16, -180 * 16)
        painter.end()


class MainWindow(QMainWindow):
    """One window on one clinic."""

    painted = Signal()
    lock_asked = Signal()
    opened = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.before_closing: Callable[[Callable[[], object]], bool] = lambda again: True
        """Asked before the clinic is closed; False puts it off, and the given function is called later."""
        self.pages: dict[str, Page] = {}
        self._kinds: dict[str, type[Page]] = {}
        self._rail_buttons: dict[str, RailButton] = {}
        self._came_from: str = ""
        self._painted = False
        self._before_find: QWidget | None = None
        self.setWindowTitle(_("Superbill Desk"))
        self.setMinimumSize(QSize(960, 540))
        self.messages = MessageBar()
        self.problems = ProblemsPanel()
        self.find_box = FindBox()
        self.stack = QStackedWidget()
        self.welcome = Welcome(desk, self.show_clinic)
        self.stack.addWidget(self.welcome)
        self._actions()
        self._lay_out()
        self.help = HelpDesk(self, self.menus, desk.preferences)
        desk.said.connect(lambda text, undo: self.messages.say(text, undo=undo))
        desk.failed.connect(self.messages.fail)
        desk.working.connect(self.messages.show_work)
        desk.going.connect(self.go)
        desk.demo_wanted.connect(self._open_demo)
        desk.changed.connect(self._changed)
        desk.restore_wanted.connect(self.restore_backup)
        self.keeper = Keeper(self)
        self._restoring: Path | None = None
        self.messages.undo_asked.connect(self.undo)
        self.messages.problems_asked.connect(lambda: self.problems.step(1))
        self.problems.chose.connect(self._mend)
        self.find_box.search = self._search
        self.find_box.went.connect(self._focus_page)
        self.find_box.gave_up.connect(self._focus_before)
        QApplication.styleHints().colorSchemeChanged.connect(lambda *_: self._system_look())

    # The look of the window

    def _lay_out(self) -> None:
        self.top = panel("bar", QGridLayout())
        grid = self.top.layout()
        assert isinstance(grid, QGridLayout)
        grid.setContentsMargins(17, 0, 14, 0)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        self.top.setFixedHeight(theme.TOP_BAR)
        self.undo_button = IconButton("arrow-back-up", _("Undo"), key="Ctrl+Z")
        self.undo_button.clicked.connect(lambda *_: self.undo())
        self.redo_button = IconButton("arrow-forward-up", _("Redo"), key="Ctrl+Y")
        self.redo_button.clicked.connect(lambda *_: self.redo())
        grid.addLayout(row(Logo(), 12, self.menus, None, gap=0), 0, 0)
        grid.addWidget(self.find_box, 0, 1)
        self.user_words = Elided("", tint="second")
        self.user_words.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.user_words.setMaximumWidth(140)
        self.lock_button = IconButton("lock", _("Lock"), key="Ctrl+Shift+L")
        self.lock_button.clicked.connect(lambda *_: self.lock_asked.emit())
        corner = (self.undo_button, self.redo_button, 8, self.user_words, self.lock_button)
        grid.addLayout(row(None, *corner, gap=4), 0, 2)
        self.rail = panel("bar", QVBoxLayout())
        self._rail_edge = rule(upright=True)
        centre = column(self.stack, self.problems, gap=0)
        middle = row(self.rail, self._rail_edge, centre, gap=0)
        middle.setStretch(2, 1)
        whole = column(self.top, rule(), middle, rule(), self.messages, gap=0)
        whole.setStretch(2, 1)
        self.setCentralWidget(panel("ground", whole))
        self._show_shell(on=False)
        self.resize(1280, 800)
        if not self.desk.preferences.geometry.isEmpty():
            self.restoreGeometry(self.desk.preferences.geometry)

    def _show_shell(self, *, on: bool) -> None:
        """Rail, find box and undo are there while a clinic is open."""
        corner = (self.undo_button, self.redo_button, self.user_words, self.lock_button)
        for part in (self.rail, self._rail_edge, self.find_box, *corner):
            part.setVisible(on)
        for action in self._needing_a_clinic:
            action.setEnabled(on)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The rail is narrow in a narrow window."""
        super().resizeEvent(event)
        narrow = self.width() < theme.NARROW_WINDOW
        self.rail.setFixedWidth(theme.RAIL_NARROW if narrow else theme.RAIL_WIDE)
        for button in self._rail_buttons.values():
            button.narrow = narrow
            button.update()

    def event(self, event: QEvent) -> bool:
        """Tell when the first picture has been painted."""
        answer = super().event(event)
        if not self._painted and event.type() == QEvent.Type.Paint:
            self._painted = True
            QTimer.singleShot(0, self.painted.emit)
        return answer

    def _system_look(self) -> None:
        if self.desk.preferences.look == "system":
            self.set_look("system")

    def set_look(self, look: str) -> None:
        """system, light or dark; remembered."""
        self.desk.preferences.look = look
        wear(self.desk.preferences)

    # Menus and keys

    def _action(self, menu: QMenu, text: str, keys: str, do: Callable[[], Any], *, clinic: bool = True) -> QAction:
        action = QAction(text, self)
        action.setIconText(text)  # what it is called where its words say more, such as what is undone
        if keys:
            action.setShortcuts([QKeySequence(key) for key in keys.split("|")])
        action.triggered.connect(lambda *_: do())
        menu.addAction(action)
        if clinic:
            self._needing_a_clinic.append(action)
        return action

    def _actions(self) -> None:
        self._needing_a_clinic: list[QAction] = []
        self.menus = QMenuBar()
        self.menus.setSizePolicy(self.menus.sizePolicy().Policy.Maximum, self.menus.sizePolicy().Policy.Fixed)
        file, edit, view, go, info = (
            self.menus.addMenu(name) for name in (_("File"), _("Edit"), _("View"), _("Go"), _("Help"))
        )
        self._action(file, _("New session"), "Ctrl+N", lambda: self.go("sessions", self.page().new_target()))
        self._action(file, _("New client"), "Ctrl+Shift+N", lambda: self.go("clients", "new"))
        self._action(file, _("Build claims"), "Ctrl+B", lambda: self.go("claims", "build"))
        self._action(file, _("New superbill"), "Ctrl+Alt+B", lambda: self.go("superbills", self.page().new_target()))
        self._action(file, _("Blank form"), "Ctrl+Alt+F", lambda: self.go("claims", "blank"))
        file.addSeparator()
        self._action(file, _("Save"), "Ctrl+S", lambda: self.page().save())
        self._action(file, _("Print"), "Ctrl+P", lambda: self.page().print_out())
        self._action(file, _("Save PDF"), "Ctrl+Shift+S", lambda: self.page().save_pdf())
        self._action(file, _("Line up the printer"), "", lambda: self.go("calibration"))
        self._action(file, _("Set up the clinic"), "", lambda: self.go("setup"))
        self._action(file, _("Bring in a list from CSV"), "", lambda: self.go("import"))
        file.addSeparator()
        self._action(file, _("Back up now"), "", self._back_up_now)
        self._action(file, _("Restore a backup"), "", self.restore_backup, clinic=False)
        self._action(file, _("Lock"), "Ctrl+Shift+L", self.lock_asked.emit)
        self._action(file, _("Close this clinic"), "", self.close_clinic)
        self._action(file, _("Quit"), "Ctrl+Q", self.close, clinic=False)
        self.undo_action = self._action(edit, _("Undo"), "Ctrl+Z", self.undo)
        self.redo_action = self._action(edit, _("Redo"), "Ctrl+Y|Ctrl+Shift+Z", self.redo)
        edit.addSeparator()
        self._action(edit, _("Find"), "Ctrl+K", self._find)
        self._action(edit, _("Back or revert"), "Esc", self._back)
        looks = QActionGroup(self)
        self.look_actions: dict[str, QAction] = {}
        for look, name in LOOKS:
            action = self.look_actions[look] = self._action(view, name, "", partial(self.set_look, look), clinic=False)
            action.setCheckable(True)
            looks.addAction(action)
        view.aboutToShow.connect(self._show_look)
        view.addSeparator()
        self._action(view, _("Next problem"), "F8", lambda: self.problems.step(1))
        self._action(view, _("Previous problem"), "Shift+F8", lambda: self.problems.step(-1))
        self._action(view, _("Next pane"), "F6", lambda: self._pane(1))
        self._action(view, _("Previous pane"), "Shift+F6", lambda: self._pane(-1))
        self._action(view, _("Full screen"), "F11", self._full_screen, clinic=False)
        self._go_menu = go
        self._action(info, _("About this field or page"), "F1", self._about_this, clinic=False)
        self._action(info, _("All keys"), "Ctrl+/|?", self._show_keys, clinic=False)
        self._action(info, _("About Superbill Desk"), "", self._about, clinic=False)

    def _show_look(self) -> None:
        """The settings may have chosen another one."""
        self.look_actions[self.desk.preferences.look].setChecked(True)

    def _full_screen(self) -> None:
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def _about_this(self) -> None:
        self.help.about_this()

    def _show_keys(self) -> None:
        self.help.show_keys(self.pages, self.stack.currentWidget())

    def _back(self) -> None:
        """Close what helps; else leave what is typed; else back to the page that asked to mend something."""
        if self.help.close_now():
            return
        if self._came_from and self.page().draft() is None:
            self.go(self._came_from)
        else:
            self.page().back()

    def _find(self) -> None:
        if not self.find_box.hasFocus():
            self._before_find = QApplication.focusWidget()
        self.find_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.find_box.selectAll()

    def _about(self) -> None:
        words = _("Superbill Desk {version}. Your data stays in one encrypted file on this computer.")
        self.messages.say(words.format(version=__version__))

    def _pane(self, step: int) -> None:
        """The cursor goes to the rail, the page's panes, and round again."""
        stops: list[QWidget] = [b for b in self._rail_buttons.values() if b.isChecked()]
        stops += [w for w in self.page().findChildren(QWidget, "pane") if w.isVisible()]
        front = QApplication.focusWidget()
        at = next((i for i, stop in enumerate(stops) if front is stop or (front and stop.isAncestorOf(front))), 0)
        target = stops[(at + step) % len(stops)]
        inner = next((w for w in target.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus), target)
        inner.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # Pages

    def show_clinic(self, clinic: ClinicFile, path: Path) -> None:
        """Work on an open clinic: its pages come up, Today in front. They are imported on another thread, unless that
        is done (`load_pages`)."""

        def failed(error: BaseException) -> None:
            raise error

        self.desk.set_clinic(clinic)
        self.desk.preferences.clinic = str(path)
        self.welcome.setDisabled(True)
        if pages_are_loaded():
            self._show_pages()
        else:
            self.desk.run_task(
                load_pages, done=lambda nothing: self._show_pages() if self.desk.is_open else None, failed=failed
            )

    def _show_pages(self) -> None:
        from app.ui import every_page, form_access

        self.welcome.setEnabled(True)
        form_access.install()
        clinic = self.desk.clinic
        kinds = list(every_page.RAIL)
        if not clinic.may(Action.REPORTS):
            kinds = [kind for kind in kinds if kind.key != "reports"]
        rail = self.rail.layout()
        assert isinstance(rail, QVBoxLayout)
        rail.setContentsMargins(0, 10, 0, 12)
        rail.setSpacing(0)
        for number, kind in enumerate(kinds):
            if kind.key in {"clients", "claims", "payers"}:
                rail.addSpacing(14)
            if kind.key == "settings":
                rail.addStretch(1)
            keys = "Ctrl+," if kind.key == "settings" else f"Ctrl+{number + 1}"
            self._offer(kind, keys)
        self._kinds |= {kind.key: kind for kind in every_page.BESIDE}
        self._show_shell(on=True)
        self.resizeEvent(QResizeEvent(self.size(), self.size()))
        self.messages.show_state(_("Encrypted on this computer"))
        self.messages.show_problems(0)
        self._show_undo()
        self._show_user()
        if gc.get_freeze_count() == 0:
            gc.freeze()  # what was imported stays; looking through it again would hold the window for 0.1 s each time
        self.page_of("today").counted.connect(self._show_counts)  # type: ignore[attr-defined]
        self.go("today")
        self.opened.emit()

    def _offer(self, kind: type[Page], keys: str) -> None:
        """A button and a menu entry for a page, which is made when it is first wanted."""
        self._kinds[kind.key] = kind
        button = self._rail_buttons[kind.key] = RailButton(kind.icon, kind.name, keys)
        button.clicked.connect(lambda *_: self.go(kind.key))
        rail = self.rail.layout()
        assert rail is not None
        rail.addWidget(button)
        self._action(self._go_menu, kind.name, keys, lambda: self.go(kind.key))

    def make_ahead(self) -> None:
        """Make the pages of the rail before they are asked for, each in a pause, so that they come up at once."""

        def makers() -> Iterator[Callable[[], object]]:
            for key in tuple(self._rail_buttons):
                yield partial(self.page_of, key)
                yield from self.page_of(key).parts_ahead()

        clinic, left = self.desk.clinic, makers()

        def make() -> None:
            if self.desk.is_open and self.desk.clinic is clinic and (maker := next(left, None)) is not None:
                maker()
                QTimer.singleShot(_PAUSE, self, make)

        make()

    @property
    def kinds(self) -> Collection[str]:
        """The keys of the pages that there are."""
        return self._kinds

    def page_of(self, key: str) -> Page:
        """A page by its key."""
        if key not in self.pages:
            page = self.pages[key] = self._kinds[key](self.desk)
            self.stack.addWidget(page)
            page.problems_changed.connect(self._show_problems)
        return self.pages[key]

    def close_clinic(self) -> None:
        """Back to the first page; what was changed is asked about."""
        if self.pages and not self.page().leave():
            return
        if not self.before_closing(self.close_clinic):
            return
        self.forget_clinic()

    def forget_clinic(self) -> None:
        """Back to the first page at once; what was changed and not saved is dropped."""
        self.stack.setCurrentWidget(self.welcome)
        for page in self.pages.values():
            self.stack.removeWidget(page)
            page.deleteLater()
        self.pages.clear()
        self._kinds.clear()
        self._rail_buttons.clear()
        self._go_menu.clear()
        layout = self.rail.layout()
        while layout is not None and (item := layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._came_from = ""
        self._show_shell(on=False)
        self.problems.show_problems([])
        self.messages.show_problems(0)
        self.messages.show_state("")
        self.messages.clear()
        self.desk.set_clinic(None)
        self.setWindowTitle(_("Superbill Desk"))
        path, self._restoring = self._restoring, None
        self.welcome.begin() if path is None else self.welcome.ask_restore(path)

    def _open_demo(self) -> None:
        """The demo clinic in place of the one that is open."""
        self.close_clinic()
        if not self.desk.is_open:
            self.welcome.open_demo()

    def _back_up_now(self) -> None:
        self.keeper.back_up()

    def restore_backup(self) -> None:
        """Close the clinic, then choose the backup to go back to."""
        if self.desk.is_open:
            self._restoring = self.desk.clinic.path
            self.close_clinic()
        else:
            self.welcome.ask_restore(None)

    def page(self) -> Page:
        """The page in front."""
        page = self.stack.currentWidget()
        assert isinstance(page, Page)
        return page

    def go(self, key: str, target: object = None) -> None:
        """Bring a page to the front, and there what `target` names."""
        page = self.page_of(key)
        front = self.stack.currentWidget()
        if front is not page and isinstance(front, Page) and not front.leave():
            self._rail_buttons[front.under or front.key].setChecked(True)
            return
        self.messages.grow_old()
        mends = isinstance(target, tuple) and len(target) == len(("table", "record", "field"))
        self._came_from = front.key if mends and isinstance(front, Page) and front is not page else ""
        self.stack.setCurrentWidget(page)
        self._rail_buttons[page.under or key].setChecked(True)
        self.setWindowTitle(_("{page} - Superbill Desk").format(page=page.name))
        if page.stale:
            page.stale = False
            self.desk.attempt(page.refresh)
        if target is not None:
            self.desk.attempt(lambda: page.open(target))
        else:
            page.begin()
        self._show_problems()
        self.help.hints.show_for(page, key)

    def _focus_before(self) -> None:
        """Nothing was taken from the find box: the cursor goes back to where it was."""
        before = self._before_find
        if before is not None and shiboken6.isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.page().begin()

    def _focus_page(self) -> None:
        if self.find_box.hasFocus():
            self.page().begin()

    def _changed(self, operation: Any) -> None:
        """A write, undo or redo: pages that show what it touched read anew, now or when they come to the front."""
        touched = set(operation.tables)
        for page in self.pages.values():
            if page.interests & touched:
                page.stale = True
        front = self.stack.currentWidget()
        if isinstance(front, Page) and front.stale and front.key in self.pages:
            front.stale = False
            self.desk.attempt(front.refresh)
        self._count_up()
        self._show_undo()

    def _count_up(self) -> None:
        """The counts of the rail come from the list of Today, which is read on another thread."""
        self.desk.attempt(self.page_of("today").refresh)

    def _show_counts(self, counts: dict[str, int]) -> None:
        for key, count in counts.items():
            self._rail_buttons[key].set_count(count)

    # Problems, undo, find

    def _show_problems(self) -> None:
        if self.stack.currentWidget() is self.welcome:
            return
        problems = self.page().problems()
        self.problems.show_problems(problems)
        self.messages.show_problems(len(problems))

    def _mend(self, problem: Problem) -> None:
        if self.page().focus_field(problem):
            return
        table, __, record_id = problem.record.partition(":")
        places = {"client": "clients", "policy": "clients", "referral": "clients", "authorization": "clients",
                  "case": "clients", "visit": "sessions", "claim": "claims", "payer": "payers",
                  "provider": "settings", "practice": "settings"}  # fmt: skip
        if table in places:
            self.go(places[table], (table, int(record_id) if record_id.isdigit() else None, problem.field))

    def undo(self) -> None:
        """Take the last operation back."""
        label = self.desk.clinic.undo_label if self.desk.is_open else None
        if label and self.desk.attempt(self.desk.clinic.undo):
            self.messages.say(_("Undone: {what}.").format(what=label))
        self._show_undo()

    def redo(self) -> None:
        """Do what was undone again."""
        label = self.desk.clinic.redo_label if self.desk.is_open else None
        if label and self.desk.attempt(self.desk.clinic.redo):
            self.messages.say(_("Done again: {what}.").format(what=label))
        self._show_undo()

    def _show_undo(self) -> None:
        if not self.desk.is_open:
            return
        undo, redo = self.desk.clinic.undo_label, self.desk.clinic.redo_label
        self.undo_action.setText(_("Undo: {what}").format(what=undo) if undo else _("Undo"))
        self.redo_action.setText(_("Redo: {what}").format(what=redo) if redo else _("Redo"))
        self.undo_action.setEnabled(bool(undo))
        self.redo_action.setEnabled(bool(redo))
        self.undo_button.setEnabled(bool(undo))
        self.redo_button.setEnabled(bool(redo))

    def _show_user(self) -> None:
        """Who works here now, by the full name where there is one."""
        from app.store import users

        with self.desk.read() as s:
            name = next((one.full_name for one in users.users(s) if one.name == self.desk.clinic.user), "")
        self.user_words.setText(name or self.desk.clinic.user)
        self.user_words.updateGeometry()
        layout = self.top.layout()
        assert layout is not None
        layout.activate()  # at once: the name may be told between two paintings

    def _search(self, text: str) -> Sequence[Hit]:
        from app.ui import counts

        menus = [head.menu() for head in self.menus.actions()]
        entries = [each for menu in menus if isinstance(menu, QMenu) for each in menu.actions()]
        known = counts.deeds(self.desk, entries)
        doing = counts.meant(known, text)
        hits = [*counts.found(self.desk, text)[: MOST - min(len(doing), 3)], *doing]
        return hits or counts.instead(self.desk, text, known)

    def come_forward(self) -> None:
        """In front of the other programs, and no longer small."""
        self.setWindowState((self.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive)
        self.show()
        self.raise_()
        self.activateWindow()

    def set_waiting(self, *, on: bool) -> None:
        """Nothing but the message bar answers while the window waits to close."""
        for part in (self.top, self.rail, self.stack, self.problems):
            part.setDisabled(on)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about what was changed, keep the sizes, close the clinic."""
        if self.pages and not self.page().leave():
            event.ignore()
            return
        if not self.before_closing(self.close):
            event.ignore()
            return
        self.desk.preferences.geometry = self.saveGeometry()
        self.desk.set_clinic(None)
        self.pages.clear()
        super().closeEvent(event)
