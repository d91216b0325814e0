"""Rows of records: a lazy model, columns as data, and two views with one painted delegate each.

A model fetches a page of rows when the view comes near its end, so that 200,000 sessions show as fast as 20. Sorting
and filtering are the query's business. Row heights and column widths are fixed: nothing is measured row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPen,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.i18n import _
from app.ui import clipboard, icons, theme
from app.ui.controls import paint_chip, paint_tick
from app.ui.preferences import Preferences
from app.ui.theme import Type, color

Index = QModelIndex | QPersistentModelIndex
CELL = int(Qt.ItemDataRole.UserRole)
RECORD = CELL + 1
_NOWHERE = QModelIndex()


class Cell(NamedTuple):
    """What stands in a cell. A `tone` with an icon makes a chip; an icon alone stands before the words."""

    text: str
    tone: str = ""
    icon: str = ""
    quiet: bool = False
    strong: bool = False


class Line(NamedTuple):
    """A row of two lines in a list: name, what tells namesakes apart, a figure, a mark on the right."""

    title: str
    second: str = ""
    figure: str = ""
    figure_note: str = ""
    icon: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Column:
    """A column: heading, what it shows of a row, width in pixels. `priority` 0 is never hidden; the highest goes first.

    The `stretch` column takes what is left. With `tick` it holds a check box. A column with an `order` can be sorted
    by: the word is what the store calls that order.
    """

    title: str
    cell: Callable[[Any], Cell | Line | str]
    width: int = 100
    right: bool = False
    figures: bool = False
    stretch: bool = False
    priority: int = 0
    tick: bool = False
    order: str = ""


class RowsModel(QAbstractTableModel):
    """Rows fetched page by page: `fetch(limit, offset)` answers at most `limit` records from `offset` on."""

    ticks_changed = Signal()

    def __init__(
        self, columns: Sequence[Column], fetch: Callable[[int, int], Sequence[Any]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._fetch, self._page = fetch, 100
        self.rows: list[Any] = []
        self.ticked: set[int] = set()
        self._more = True

    def reload(self) -> None:
        """Fetch anew from the start; as many rows as were there, so that the view stays where it is."""
        self.beginResetModel()
        wanted = max(len(self.rows), self._page)
        self.rows = list(self._fetch(wanted, 0))
        self._more = len(self.rows) == wanted
        self.endResetModel()

    def restart(self) -> None:
        """Fetch the first page only, for a new search."""
        self.rows = []
        self.reload()

    def row_of(self, record_id: int | None) -> int:
        """Which row holds the record, or -1."""
        return next((number for number, row in enumerate(self.rows) if row.id == record_id), -1)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Rows fetched so far."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Columns."""
        return 0 if parent.isValid() else len(self.columns)

    def canFetchMore(self, parent: Index) -> bool:
        """Whether another page may follow."""
        return self._more and not parent.isValid()

    def fetchMore(self, parent: Index) -> None:
        """The next page."""
        new = list(self._fetch(self._page, len(self.rows)))
        self._more = len(new) == self._page
        if new:
            self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(new) - 1)
            self.rows.extend(new)
            self.endInsertRows()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The cell, the record, the words, or the tick."""
        if not index.isValid():
            return None
        record, column = self.rows[index.row()], self.columns[index.column()]
        answer: Any = None
        if role == RECORD:
            answer = record
        elif role == CELL:
            answer = column.cell(record)
        elif role == Qt.ItemDataRole.CheckStateRole and column.tick:
            answer = Qt.CheckState.Checked if record.id in self.ticked else Qt.CheckState.Unchecked
        elif role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole} and not column.tick:
            answer = _words(column.cell(record))
        return answer

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Set or clear a tick."""
        if role != Qt.ItemDataRole.CheckStateRole or not self.columns[index.column()].tick:
            return False
        self.tick(self.rows[index.row()].id, on=Qt.CheckState(value) is Qt.CheckState.Checked)
        return True

    def tick(self, record_id: int, *, on: bool) -> None:
        """Set or clear the tick of a record."""
        (self.ticked.add if on else self.ticked.discard)(record_id)
        row = self.row_of(record_id)
        if row >= 0:
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(self.columns) - 1))
        self.ticks_changed.emit()

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows are chosen; a tick can be set."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        if self.columns[index.column()].tick:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Headings, aligned as their column."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.FontRole:
            return theme.font(Type.LABEL)  # the style sheet paints headings in the font of the program otherwise
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self.columns[section].right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


def _words(cell: Cell | Line | str) -> str:
    if isinstance(cell, Line):
        return ", ".join(part for part in (cell.title, cell.second, cell.figure, cell.figure_note) if part)
    return cell.text if isinstance(cell, Cell) else cell


def _ground(painter: QPainter, option: Any, *, first: bool, last: bool) -> bool:
    """The ground of a cell: selection, focus frame of the row, the hairline below. Answers whether it is chosen."""
    look, box = theme.tokens(), QRectF(option.rect)
    chosen = bool(option.state & QStyle.StateFlag.State_Selected)
    hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
    painter.fillRect(box, color(look.soft if chosen else look.hover if hovered else look.surface))
    painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), color(look.line))
    view = option.widget
    if chosen and view is not None and view.hasFocus():
        for y in (box.top(), box.bottom() - 2):
            painter.fillRect(QRectF(box.left(), y, box.width(), 2), color(look.accent))
        if last:
            painter.fillRect(QRectF(box.right() - 2, box.top(), 2, box.height()), color(look.accent))
    if chosen and first:
        painter.fillRect(QRectF(box.left(), box.top(), 3, box.height()), color(look.accent))
    return chosen


class CellDelegate(QStyledItemDelegate):
    """Paints a cell of a table from one role."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, icon or chip, words."""
        model = index.model()
        assert isinstance(model, RowsModel)
        look, place, column = theme.tokens(), option, model.columns[index.column()]
        painter.save()
        last = index.column() == len(model.columns) - 1
        chosen = _ground(painter, place, first=index.column() == 0, last=last)
        box = QRectF(place.rect).adjusted(12, 0, -12, 0)
        if column.tick:
            checked = model.rows[index.row()].id in model.ticked
            paint_tick(painter, box.x(), box.center().y() - 8, checked=checked)
            painter.restore()
            return
        made = column.cell(model.rows[index.row()])
        cell = made if isinstance(made, Cell) else Cell(_words(made))
        if cell.tone and cell.icon and cell.text:
            paint_chip(painter, QPointF(box.x(), box.center().y() - 11), cell.text, cell.tone, cell.icon)
            painter.restore()
            return
        plain = look.on_soft if chosen else look.text2 if cell.quiet else look.text
        ink = look.tone(cell.tone).text if cell.tone else plain
        if cell.icon:
            icons.paint(painter, cell.icon, ink, box.x(), box.center().y() - 8, 16)
            box.setLeft(box.left() + 22)
        kind = Type.EMPHASIS if cell.strong else Type.BODY
        painter.setFont(theme.font(kind, figures=column.figures))
        painter.setPen(color(ink))
        text = cell.text
        if not (column.right or column.figures):
            text = theme.metrics(kind).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Fixed for a text size."""
        return QSize(40, theme.scaled(theme.ROW))


class LineDelegate(QStyledItemDelegate):
    """Paints a row of two lines."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Title, second line, figure, mark."""
        line: Line = index.data(CELL)
        look = theme.tokens()
        painter.save()
        _ground(painter, option, first=True, last=True)
        edge = theme.scaled(9)
        box = QRectF(option.rect).adjusted(16, edge, -16, 1 - edge)
        if line.icon:
            ink = look.tone(line.tone).text if line.tone else look.text2
            icons.paint(painter, line.icon, ink, box.right() - 16, box.center().y() - 8, 16)
            box.setRight(box.right() - 24)
        right = Qt.AlignmentFlag.AlignRight
        room = box.width()
        if line.figure:
            painter.setPen(color(look.text))
            painter.setFont(theme.font(Type.EMPHASIS, figures=True))
            painter.drawText(box, right | Qt.AlignmentFlag.AlignTop, line.figure)
            room -= theme.metrics(Type.EMPHASIS, figures=True).horizontalAdvance(line.figure) + 12
        painter.setFont(theme.font(Type.EMPHASIS))
        painter.setPen(color(look.text))
        title = theme.metrics(Type.EMPHASIS).elidedText(line.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, Qt.AlignmentFlag.AlignTop, title)
        painter.setFont(theme.font(Type.NOTE))
        painter.setPen(color(look.text2))
        room = box.width()
        if line.figure_note:
            painter.drawText(box, right | Qt.AlignmentFlag.AlignBottom, line.figure_note)
            room -= theme.metrics(Type.NOTE).horizontalAdvance(line.figure_note) + 12
        second = theme.metrics(Type.NOTE).elidedText(line.second, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, Qt.AlignmentFlag.AlignBottom, second)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Fixed for a text size."""
        return QSize(100, theme.scaled(theme.TALL_ROW))


class _Rows:
    """What both views share: opening by Enter or click, keeping the chosen record over a reload."""

    opened: Any

    def _prepare(self, view: QAbstractItemView, model: RowsModel, name: str) -> None:
        model.setParent(view)
        view.setModel(model)
        view.setAccessibleName(name)
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setMouseTracking(True)


def chosen(view: QAbstractItemView) -> Any:
    """The chosen record of a view, or None."""
    index = view.currentIndex()
    return index.data(RECORD) if index.isValid() else None


def choose(view: QAbstractItemView, record_id: int | None) -> bool:
    """Choose the row of a record where it is fetched."""
    model = view.model()
    assert isinstance(model, RowsModel)
    row = model.row_of(record_id)
    if row < 0:
        view.clearSelection()
        view.selectionModel().clearCurrentIndex()
        return False
    view.setCurrentIndex(model.index(row, 0))
    return True


class LineList(QListView, _Rows):
    """A list of two-line rows. `chose` fires when another row becomes current, `opened` on Enter or a double click."""

    chose = Signal(object)
    opened = Signal(object)

    def __init__(self, name: str, line: Callable[[Any], Line], fetch: Callable[[int, int], Sequence[Any]]) -> None:
        super().__init__()
        self.rows_model = RowsModel([Column(name, line)], fetch)
        self._prepare(self, self.rows_model, name)
        self.setItemDelegate(LineDelegate(self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.activated.connect(lambda index: self.opened.emit(index.data(RECORD)))
        self.selectionModel().currentChanged.connect(self._current_changed)

    def _current_changed(self, now: QModelIndex, before: QModelIndex) -> None:
        if now.isValid():
            self.chose.emit(now.data(RECORD))

    def reload(self) -> None:
        """Fetch anew and keep the chosen record, without telling."""
        record = chosen(self)
        self.blockSignals(True)
        self.rows_model.reload()
        self.selectionModel().blockSignals(True)
        choose(self, record.id if record is not None else None)
        self.selectionModel().blockSignals(False)
        self.blockSignals(False)
        self.viewport().update()


class Table(QTableView, _Rows):
    """A table of records. `opened` fires on Enter or a double click.

    A click on a heading, or Ctrl with an arrow, sorts by it: `order` is then what the store is asked for, with a minus
    before it when the last comes first. The widths that a person gave to columns stay, as does the order, where
    `remember` says under which name.
    """

    opened = Signal(object)
    chose = Signal(object)

    def __init__(self, name: str, columns: Sequence[Column], fetch: Callable[[int, int], Sequence[Any]]) -> None:
        super().__init__()
        self.order = ""
        self._own = [0] * len(columns)
        self._sharing = False
        self._place: tuple[Preferences, str] | None = None
        self.rows_model = RowsModel(columns, fetch)
        self._prepare(self, self.rows_model, name)
        self.setItemDelegate(CellDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        self._fit_rows()
        head.setFont(theme.font(Type.LABEL))
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setMinimumSectionSize(24)
        head.sectionResized.connect(self._resized)
        head.sectionHandleDoubleClicked.connect(lambda section: self._resized(section, 0, 0))
        head.viewport().installEventFilter(self)
        if any(each.order for each in columns):
            self._prepare_sorting(head)
        self.activated.connect(lambda index: self.opened.emit(index.data(RECORD)))
        self.selectionModel().currentRowChanged.connect(
            lambda now, before: self.chose.emit(now.data(RECORD)) if now.isValid() else None
        )
        self.clicked.connect(self._clicked)

    def _fit_rows(self) -> None:
        """Rows and headings as high as the text size wants them."""
        self.verticalHeader().setDefaultSectionSize(theme.scaled(theme.ROW))
        self.horizontalHeader().setFixedHeight(theme.scaled(theme.TABLE_HEAD))

    def changeEvent(self, event: QEvent) -> None:
        """Another text size needs other rows."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit_rows()

    # Sorting

    def _prepare_sorting(self, head: QHeaderView) -> None:
        head.setSectionsClickable(True)
        head.setSortIndicatorShown(True)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.sectionClicked.connect(self._heading)
        up, down = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
        for key, name, do in (
            ("Ctrl+Right", _("Sort by the next column"), lambda: self._sort_beside(1)),
            ("Ctrl+Left", _("Sort by the column before"), lambda: self._sort_beside(-1)),
            ("Ctrl+Up", _("Sort upward"), lambda: self._sort_beside(0, up)),
            ("Ctrl+Down", _("Sort downward"), lambda: self._sort_beside(0, down)),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.setWhatsThis(name)
            shortcut.activated.connect(do)

    def _sorted(self) -> tuple[int, Qt.SortOrder]:
        """The column that is sorted by, or -1, and which way."""
        wanted = self.order.removeprefix("-")
        at = next((n for n, each in enumerate(self.rows_model.columns) if wanted and each.order == wanted), -1)
        return at, Qt.SortOrder.DescendingOrder if self.order.startswith("-") else Qt.SortOrder.AscendingOrder

    def _heading(self, section: int) -> None:
        """By a column; a second time the other way round."""
        if self.rows_model.columns[section].order:
            upward = self._sorted() != (section, Qt.SortOrder.AscendingOrder)
            self.sort_by(section, Qt.SortOrder.AscendingOrder if upward else Qt.SortOrder.DescendingOrder)
        else:
            self._show_order()

    def _sort_beside(self, step: int, way: Qt.SortOrder | None = None) -> None:
        """By the column next to the one that is sorted by; with a `way`, by the same one."""
        columns = [n for n, each in enumerate(self.rows_model.columns) if each.order and not self.isColumnHidden(n)]
        at, now = self._sorted()
        place = columns.index(at) + step if at in columns else 0 if step >= 0 else len(columns) - 1
        if columns:
            self.sort_by(columns[place % len(columns)], now if way is None else way)

    def sort_by(self, section: int, way: Qt.SortOrder) -> None:
        """Fetch anew in the order of a column that has one; remembered."""
        sign = "-" if way is Qt.SortOrder.DescendingOrder else ""
        self.order = sign + self.rows_model.columns[section].order
        self._show_order()
        self.rows_model.restart()
        self.scrollToTop()
        self._keep()

    def _show_order(self) -> None:
        self.horizontalHeader().setSortIndicator(*self._sorted())

    # Widths

    def remember(self, preferences: Preferences, name: str) -> None:
        """Begin as it was left on this computer, and keep how it is left from now on."""
        self._place = (preferences, name)
        order, widths = preferences.table(name)
        if any(each.order and each.order == order.removeprefix("-") for each in self.rows_model.columns):
            self.order = order
            self._show_order()
        if len(widths) == len(self._own):  # else the columns are others now
            self._own = widths
            self._share()

    def _keep(self) -> None:
        if self._place is not None:
            preferences, name = self._place
            preferences.keep_table(name, self.order, self._own)

    def _resized(self, section: int, before: int, now: int) -> None:
        """A person gives a column a width; none with a double click."""
        if not self._sharing and not self.isColumnHidden(section):
            self._own[section] = now
            if not now:
                self._let_go()

    def _let_go(self) -> None:
        self._share()
        self._keep()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What a column was given or taken is shared out when the mouse lets go of it."""
        if event.type() == QEvent.Type.MouseButtonRelease:
            QTimer.singleShot(0, self, self._let_go)
        return super().eventFilter(watched, event)

    def _width(self, column: Column) -> int:
        """As wide as asked for, and never narrower than its heading, with room for the arrow of one that sorts."""
        if self.horizontalHeader().isHidden():
            return column.width
        heading = QFontMetrics(self.horizontalHeader().font()).horizontalAdvance(column.title) + 26
        return max(column.width, heading)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame of a row shows where the cursor is: of the first, where none is chosen yet."""
        super().focusInEvent(event)
        if not self.selectionModel().hasSelection() and self.rows_model.rowCount():
            self.setCurrentIndex(self.rows_model.index(0, 0))
            self.selectRow(0)

    def _clicked(self, index: QModelIndex) -> None:
        if self.rows_model.columns[index.column()].tick:
            self._toggle(index)

    def _toggle(self, index: QModelIndex) -> None:
        record = index.data(RECORD)
        self.rows_model.tick(record.id, on=record.id not in self.rows_model.ticked)

    def reload(self) -> None:
        """Fetch anew and keep the chosen record."""
        record = chosen(self)
        self.rows_model.reload()
        if record is not None:
            choose(self, record.id)

    def fit_height(self) -> None:
        """Be as high as its rows, for tables inside a page that scrolls."""
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rows = theme.scaled(theme.ROW) * self.rows_model.rowCount()
        self.setFixedHeight(theme.scaled(theme.TABLE_HEAD) + rows + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space ticks, Ctrl+C copies the row."""
        index = self.currentIndex()
        if index.isValid() and event.key() == Qt.Key.Key_Space and any(c.tick for c in self.rows_model.columns):
            self._toggle(index)
        elif (
            index.isValid() and event.key() == Qt.Key.Key_C and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            cells = (self.rows_model.index(index.row(), c).data() for c in range(len(self.rows_model.columns)))
            clipboard.copy("\t".join(cell for cell in cells if cell))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width: the stretch column takes the rest; where it is too narrow, columns hide by priority."""
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        columns, room = self.rows_model.columns, self.viewport().width()
        usual = [self._width(column) for column in columns]
        wide = [own or width for own, width in zip(self._own, usual, strict=True)]
        if sum(width for width, column in zip(wide, columns, strict=True) if not column.priority) > room:
            wide = usual
        shown = set(range(len(columns)))
        while sum(wide[i] for i in shown) > room:
            hideable = [i for i in shown if columns[i].priority]
            if not hideable:
                break
            shown.discard(max(hideable, key=lambda i: columns[i].priority))
        rest = max(0, room - sum(wide[i] for i in shown))
        stretching = [i for i in sorted(shown) if columns[i].stretch]
        free = [i for i in stretching if not self._own[i]] or stretching[-1:]
        self._sharing = True
        for number in range(len(columns)):
            self.setColumnHidden(number, number not in shown)
            self.setColumnWidth(number, wide[number] + (rest // len(free) if number in free else 0))
        self._sharing = False


class Empty(QWidget):
    """What stands in place of a list that has nothing: one sentence and what to do."""

    def __init__(self, parent: QAbstractItemView, words: Callable[[], str]) -> None:
        super().__init__(parent.viewport())
        self._view, self._words = parent, words
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        parent.viewport().installEventFilter(self)
        model = parent.model()
        model.modelReset.connect(self._look)
        model.rowsInserted.connect(self._look)
        self._look()

    def _look(self) -> None:
        self.setVisible(self._view.model().rowCount() == 0)
        self.setGeometry(self._view.viewport().rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the list."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._view.viewport().rect())
        return False

    def paintEvent(self, event: Any) -> None:
        """The sentence, a little below the top."""
        painter = QPainter(self)
        painter.setFont(theme.font(Type.BODY))
        painter.setPen(QPen(color(theme.tokens().text2)))
        box = QRectF(self.rect()).adjusted(16, 20, -16, 0)
        flags = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignTop)
        painter.drawText(box, flags, self._words())
        painter.end()
