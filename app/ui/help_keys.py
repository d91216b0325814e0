"""Every action with its keys, on one sheet over the window, and on paper. Read from the actions themselves."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFont, QKeyEvent, QKeySequence, QShortcut, QTextDocument
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QAbstractButton, QApplication, QFrame, QGridLayout, QMenu, QMenuBar, QWidget

from app.i18n import _
from app.ui import help as helping
from app.ui import theme
from app.ui.controls import Button, IconButton, KeyCap, clear, column, label, row, rule, scrolled
from app.ui.theme import Type

_COLUMNS, _BREAK_WIDTH = 3, 1100


@dataclass(frozen=True)
class Group:
    """A heading and its actions: keys as this system writes them, and what they do."""

    title: str
    rows: Sequence[tuple[Sequence[str], str]]


def _written(keys: Sequence[QKeySequence]) -> list[str]:
    native = (key.toString(QKeySequence.SequenceFormat.NativeText) for key in keys)
    return [text.replace("Return", "Enter") for text in dict.fromkeys(native) if text]


def of_menus(menus: QMenuBar) -> list[Group]:
    """The actions of the menus; those without a key too, for they are found there."""
    found = []
    for head in menus.actions():
        menu = head.menu()
        if isinstance(menu, QMenu):
            rows = [(_written(a.shortcuts()), a.iconText()) for a in menu.actions() if not a.isSeparator()]
            found.append(Group(head.text().replace("&", ""), rows))
    return [group for group in found if group.rows]


def of_page(page: QWidget, title: str) -> Group:
    """What a page adds: its shortcuts, its own actions, and buttons with a key of their own."""
    rows: dict[str, list[str]] = {}
    for shortcut in page.findChildren(QShortcut):
        rows.setdefault(shortcut.whatsThis(), []).extend(_written(shortcut.keys()))
    for action in page.findChildren(QAction):
        if action.shortcuts():
            rows.setdefault(action.iconText(), []).extend(_written(action.shortcuts()))
    for button in page.findChildren(QAbstractButton):
        if not button.shortcut().isEmpty():
            rows.setdefault(button.text() or button.accessibleName(), []).extend(_written([button.shortcut()]))
    return Group(title, [(list(dict.fromkeys(keys)), words) for words, keys in rows.items()])


def inside_controls() -> list[Group]:
    """What the keys inside fields, lists and forms do."""
    return [
        Group(title, [(_written([QKeySequence(k) for k in keys.split(", ")]), words) for keys, words in rows])
        for title, rows in helping.keys_inside()
    ]


def as_html(groups: Sequence[Group]) -> str:
    """The sheet for paper."""
    parts = [f"<h2>{html.escape(_('Keys of Superbill Desk'))}</h2>"]
    for group in groups:
        lines = (
            f"<tr><td width='190'><b>{html.escape('  '.join(keys) or _('in the menu'))}</b></td>"
            f"<td>{html.escape(words)}</td></tr>"
            for keys, words in group.rows
        )
        parts.append(f"<h3>{html.escape(group.title)}</h3><table cellpadding='2'>{''.join(lines)}</table>")
    return "".join(parts)


class KeySheet(QFrame):
    """Lies over the window; Esc gives the cursor back to where it was."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("card")
        self.setAccessibleName(_("Keys"))
        self.groups: list[Group] = []
        self._before: QWidget | None = None
        self.print_button = Button(_("Print"), icon="printer", small=True)
        self.close_button = IconButton("x", _("Close"), key="Esc")
        self.print_button.clicked.connect(lambda *_: self.print_out())
        self.close_button.clicked.connect(lambda *_: self.close_now())
        self._inside = QWidget()
        self._grid = QGridLayout(self._inside)
        self._grid.setContentsMargins(24, 16, 24, 20)
        self._grid.setHorizontalSpacing(36)
        self._grid.setVerticalSpacing(22)
        self.area = scrolled(self._inside, "surface")
        self.area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.area.setAccessibleName(_("Keys"))
        head = row(
            label(_("Keys"), Type.LIST_TITLE), label(_("Every action, and what reaches it"), tint="second"), None,
            self.print_button, self.close_button, gap=12, margins=(24, 12, 14, 12),
        )  # fmt: skip
        whole = column(head, rule(), self.area, gap=0, margins=(1, 1, 1, 1))
        whole.setStretch(2, 1)
        self.setLayout(whole)
        self.hide()

    def show_groups(self, groups: Sequence[Group]) -> None:
        """Come up with these groups, beside each other where there is room."""
        self.groups = [group for group in groups if group.rows]
        window = self.parentWidget()
        assert window is not None
        clear(self._grid)
        columns = _COLUMNS if window.width() >= _BREAK_WIDTH else _COLUMNS - 1
        places = [column(gap=22) for __ in range(columns)]
        heights = [0] * columns
        for group in self.groups:
            at = heights.index(min(heights))
            heights[at] += len(group.rows) + 2
            places[at].addLayout(_shown(group))
        for at, place in enumerate(places):
            place.addStretch(1)
            self._grid.addLayout(place, 0, at)
            self._grid.setColumnStretch(at, 1)
        self.setGeometry(window.rect().adjusted(40, theme.TOP_BAR + 16, -40, -theme.MESSAGE_BAR - 16))
        self._before = QApplication.focusWidget()
        self.show()
        self.raise_()
        self.area.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_now(self) -> bool:
        """Go, and give the cursor back; answers whether it was there."""
        was = self.isVisible()
        self.hide()
        if was and self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None
        return was

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab stays on the sheet while it is shown."""
        stops: list[QWidget] = [self.area, self.print_button, self.close_button]
        front = QApplication.focusWidget()
        at = stops.index(front) if front in stops else 0
        stops[(at + (1 if next else -1)) % len(stops)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_now()
            return
        super().keyPressEvent(event)

    def print_out(self) -> None:
        """On paper, by the system's own dialog."""
        from app.ui import printing  # the paper libraries come after the first picture

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        if printing.PrinterQuestion.ask(self, printer):
            document = QTextDocument()
            document.setDefaultFont(QFont(theme.font(Type.BODY).family(), 9))
            document.setHtml(as_html(self.groups))
            document.print_(printer)


def _shown(group: Group) -> QGridLayout:
    """A heading, and below it keys and words."""
    made = QGridLayout()
    made.setHorizontalSpacing(12)
    made.setVerticalSpacing(7)
    made.setColumnStretch(1, 1)
    made.addWidget(label(group.title, Type.SECTION), 0, 0, 1, 2)
    for number, (keys, words) in enumerate(group.rows, 1):
        caps = row(gap=4)
        for text in keys:
            caps.addWidget(KeyCap(text))
        if not keys:
            caps.addWidget(label(_("in the menu"), Type.NOTE, "third"))
        caps.addStretch(1)
        made.addLayout(caps, number, 0)
        made.addWidget(label(words, wrap=True), number, 1)
    return made
