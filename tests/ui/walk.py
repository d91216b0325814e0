"""What a walk over the pages looks for: controls without a name, words that are cut off, pages that scroll sideways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenuBar,
    QScrollArea,
    QScrollBar,
    QTableView,
    QWidget,
)

from app.ui import theme
from app.ui.controls import Elided, chip_width
from app.ui.main_window import MainWindow
from app.ui.page import LazyStack
from app.ui.table import CELL, RowsModel
from app.ui.tabs import RailButton

Faults = set[tuple[str, ...]]


def shown(window: QWidget) -> list[QWidget]:
    """The controls one can see."""
    return [w for w in window.findChildren(QWidget) if w.isVisible() and not isinstance(w, QScrollBar)]


def faults(window: QWidget) -> Faults:
    """What is wrong with the page in front."""
    found: Faults = set()
    for widget in shown(window):
        found |= nameless(widget) | cut_off(widget) | sideways(widget)
    return found


def nameless(widget: QWidget) -> Faults:
    """A control that Tab reaches says its name and role to screen readers."""
    reached = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled()
    if not reached or isinstance(widget, QMenuBar):
        return set()
    told = QAccessible.queryAccessibleInterface(widget)
    unknown = told.role() in {QAccessible.Role.NoRole, QAccessible.Role.Client}
    if told.text(QAccessible.Text.Name).strip() and not unknown:
        return set()
    return {("no name or role", type(widget).__name__, widget.objectName(), told.role().name)}


def cut_off(widget: QWidget) -> Faults:
    """Words have the room they need."""
    if isinstance(widget, QLabel) and not isinstance(widget, Elided) and widget.text():
        return _cut_label(widget)
    if isinstance(widget, QAbstractButton) and widget.text():
        wanted: float = widget.sizeHint().width()
        if isinstance(widget, RailButton):
            wanted = 0 if widget.narrow else 70 + _advance(widget, widget.text(), theme.Type.EMPHASIS)
        return _fault("button", widget.text(), wanted, widget.width() + 1)
    if isinstance(widget, QLineEdit):
        return _cut_field(widget)
    if isinstance(widget, QComboBox):
        wanted = widget.fontMetrics().horizontalAdvance(widget.currentText())
        return _fault("choice", f"{widget.objectName()}: {widget.accessibleName()}", wanted, widget.width() - 40)
    if isinstance(widget, QTableView):
        return _cut_cells(widget)
    return set()


def _fault(kind: str, text: str, wanted: float, room: float) -> Faults:
    return {(f"cut {kind}", text, f"{wanted:.0f} of {room:.0f}")} if wanted > room else set()


def _advance(widget: QWidget, text: str, kind: theme.Type) -> float:
    return theme.metrics(kind).horizontalAdvance(text)


def _cut_label(widget: QLabel) -> Faults:
    metrics = widget.fontMetrics()
    if widget.wordWrap():
        words = max((metrics.horizontalAdvance(word) for word in widget.text().split()), default=0)
        wanted = widget.heightForWidth(widget.width())
        return _fault("label's word", widget.text(), words, widget.contentsRect().width() + 1) | _fault(
            "label's lines", widget.text(), wanted, widget.height() + 1
        )
    lines = widget.text().split("\n")
    wide = max(metrics.horizontalAdvance(line) for line in lines)
    return _fault("label", widget.text(), wide, widget.contentsRect().width() + 1) | _fault(
        "label's height", widget.text(), metrics.height(), widget.height() + 1
    )


def _cut_field(widget: QLineEdit) -> Faults:
    """What is typed may be long and scrolls; short fields and prompts must show it."""
    room = widget.width() - widget.textMargins().left() - widget.textMargins().right() - 16
    metrics = QFontMetrics(widget.font())
    found: Faults = set()
    if widget.text() and widget.maximumWidth() < 300:
        found |= _fault("field", widget.objectName(), metrics.horizontalAdvance(widget.text()), room)
    if not widget.text():
        found |= _fault("prompt", widget.placeholderText(), metrics.horizontalAdvance(widget.placeholderText()), room)
    return found


def _cut_cells(widget: QTableView) -> Faults:
    """Headings whole; figures, dates and states whole; names may end in …."""
    model, head = widget.model(), widget.horizontalHeader()
    found: Faults = set()
    if not isinstance(model, RowsModel):
        return found
    for at, column in enumerate(model.columns):
        room = widget.columnWidth(at) - 24
        if head.isSectionHidden(at) or room <= 0:
            continue
        if head.isVisible():
            found |= _fault("heading", column.title, _heading(head, column.title), room + 1)
        for number in range(min(model.rowCount(), 30)):
            cell = model.index(number, at).data(CELL)
            text = cell if isinstance(cell, str) else getattr(cell, "text", "")
            tone, icon = getattr(cell, "tone", ""), getattr(cell, "icon", "")
            if tone and icon and text:
                found |= _fault("state", text, chip_width(text, icon), room + 8)
            elif column.right or column.figures:
                found |= _fault(
                    "figure",
                    f"{column.title}: {text}",
                    theme.metrics(theme.Type.BODY, figures=True).horizontalAdvance(text),
                    room + 1,
                )
    return found


def _heading(head: QHeaderView, text: str) -> float:
    return QFontMetrics(head.font()).horizontalAdvance(text)


def sideways(widget: QWidget) -> Faults:
    """Nothing scrolls sideways but the drawn paper."""
    if not isinstance(widget, QScrollArea) or widget.objectName() == "desk":
        return set()
    much = widget.horizontalScrollBar().maximum()
    return {("scrolls sideways", ", ".join(_beyond(widget)), str(much))} if much > 0 else set()


def _beyond(area: QScrollArea) -> set[str]:
    """The controls that reach beyond the right edge."""
    end = area.viewport().width()
    reach = {w: w.mapTo(area.viewport(), w.rect().topRight()).x() for w in shown(area.viewport())}
    return {
        w.accessibleName() or str(getattr(w, "text", type(w).__name__.lower)())
        for w, x in reach.items()
        if x > end and w.layout() is None
    }


def every_part(window: MainWindow) -> Iterator[tuple[str, Callable[[], object]]]:
    """Every page and every part of it as they come up, also those that no station knows by name."""
    for key in list(window._kinds):
        yield f"page {key}", partial(window.go, key)
        for stack in window.page_of(key).findChildren(LazyStack):
            for part in stack._keys:
                yield f"page {key} {part}", partial(stack.bring, part)
