"""The board of claims: a column for each stage, the most urgent card first. Cards are moved by hand, one or several.

A column holds the first cards only; the rest of a long one is in the list.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
)
from PySide6.QtWidgets import QFrame, QListView, QSizePolicy, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.billing import claims as rules
from app.billing.follow_up import STAGES, UNMAILED, Stage
from app.billing.records import ClaimStatus
from app.billing.roles import Action
from app.i18n import _, money_text, ngettext
from app.store.claim_lists import SOON_DAYS, ClaimLine, Sum
from app.ui import icons, theme, words
from app.ui.claim_steps import Ask, StepEditor, offered
from app.ui.controls import Button, Elided, column, figure, label, outline, paint_chip, paint_tick, row
from app.ui.desk import Desk
from app.ui.table import RECORD, Column, Empty, RowsModel, choose, chosen
from app.ui.theme import Type, color
from app.ui.worklist import short

Index = QModelIndex | QPersistentModelIndex

COLUMNS = {
    Stage.TO_FINISH: _("To finish"),
    Stage.READY: _("Ready to print"),
    Stage.TO_MAIL: _("Printed, to mail"),
    Stage.WITH_PAYER: _("With the payer"),
    Stage.ANSWERED: _("Answered"),
}
MOST_CARDS = 40
"""Cards in a column."""
_CARD, _GAP = 114, 8
_LONG_DAYS, _URGENT_DAYS = 30, 7
_KIND = "application/x-superbill-desk-claims"


@dataclass(frozen=True)
class Shown:
    """What the board shows: the first cards of each stage, the count and sum of all, and what blocks a card."""

    today: dt.date
    cards: Mapping[Stage, Sequence[ClaimLine]] = field(default_factory=dict)
    sums: Mapping[Stage, Sum] = field(default_factory=dict)
    problems: Mapping[int, str] = field(default_factory=dict)


def waiting(line: ClaimLine, today: dt.date) -> tuple[str, str]:
    """How long a claim waits, or how long there is to mail it or to appeal; and the tone of that."""
    limit = line.limit
    if limit is not None and (limit - today).days <= SOON_DAYS:
        left = (limit - today).days
        tone = "red" if left <= _URGENT_DAYS else "amber"
        if left < 0:
            return _("limit passed"), "red"
        return ngettext("{n} day left", "{n} days left", left).format(n=left), tone
    days = line.days(today)
    text = ngettext("{n} day", "{n} days", days).format(n=days) if days else _("today")
    return text, "amber" if line.status not in UNMAILED and days >= _LONG_DAYS else ""


def what_next(line: ClaimLine, today: dt.date, problem: str = "") -> tuple[str, str, str]:
    """The icon, words and tone of what is to be done: what blocks, a limit that is near, what is planned, or what is
    usual (then in a quiet tone)."""
    limit = line.limit
    if problem:
        return "filled/alert-circle", problem, "red"
    if limit is not None and (limit - today).days <= SOON_DAYS:
        day = short(limit, today)
        text = _("Mail by {day}") if line.status in UNMAILED else _("Appeal until {day}")
        return "filled/alert-circle", text.format(day=day), "red" if (limit - today).days <= _URGENT_DAYS else "amber"
    planned = bool(line.next_action)
    action, on = (line.next_action, line.next_on) if planned else line.suggestion
    if not action:
        return "", "", ""
    if on is not None and on > today:
        action = _("{action}, {day}").format(action=action, day=short(on, today))
    return "chevron-right", action, "" if planned else "quiet"


def short_number(line: ClaimLine, today: dt.date) -> str:
    """Without the year where it is this one."""
    return line.number.removeprefix(f"{today.year}-")


def spoken(line: ClaimLine, today: dt.date, problem: str = "") -> str:
    """A card in words."""
    told = (
        line.client, money_text(line.charge), line.payer, line.number, words.CLAIM[line.status],
        waiting(line, today)[0], what_next(line, today, problem)[1],
    )  # fmt: skip
    return ", ".join(part for part in told if part)


class CardDelegate(QStyledItemDelegate):
    """Paints a card: who and how much, payer and number, status and days, what comes next."""

    def __init__(self, parent: CardList) -> None:
        super().__init__(parent)
        self._list = parent

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Fixed."""
        return QSize(120, _CARD + _GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Card, four lines, tick."""
        line: ClaimLine = index.data(RECORD)
        look, place, today = theme.tokens(), option, self._list.shown.today
        state = place.state
        chosen_now = bool(state & QStyle.StateFlag.State_Selected) and self._list.hasFocus()
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        ticked = line.id in self._list.rows_model.ticked
        painter.save()
        card = QRectF(place.rect).adjusted(1, 1, -2, 1 - _GAP)
        ground = look.soft if ticked else look.hover if hovered else look.surface
        edge = look.accent if chosen_now else look.line
        outline(painter, card, ground=ground, edge=edge, width=2 if chosen_now else 1, radius=theme.CARD_RADIUS)
        box = card.adjusted(12, 9, -12, -9)
        ink = look.on_soft if ticked else look.text
        second = look.on_soft if ticked else look.text2
        self._pair(painter, box, 0, (line.client, Type.TOTAL, ink), (money_text(line.charge), Type.TOTAL, ink))
        self._pair(painter, box, 22, (line.payer, Type.BODY, second), (short_number(line, today), Type.NOTE, second))
        tone, icon = words.CLAIM_LOOKS[line.status]
        paint_chip(painter, QPointF(box.x(), box.y() + 47), words.CLAIM[line.status], tone, icon)
        days, urgency = waiting(line, today)
        self._text(painter, QRectF(box.x(), box.y() + 47, box.width(), 22), days, Type.NOTE,
                   look.tone(urgency).text if urgency else second, right=True)  # fmt: skip
        icon, text, tone = what_next(line, today, self._list.shown.problems.get(line.id, ""))
        tick = ticked or hovered or chosen_now
        ink = look.tone(tone).text if tone not in {"", "quiet"} else second if tone else ink
        low = QRectF(box.x(), box.y() + 74, box.width() - (24 if tick else 0), 22)
        if icon:
            icons.paint(painter, icon, ink, low.x(), low.y() + 4, 14)
            low.setLeft(low.left() + 19)
        self._text(painter, low, text, Type.NOTE, ink)
        if tick:
            paint_tick(painter, box.right() - 16, box.y() + 77, checked=ticked)
        painter.restore()

    def _pair(
        self, painter: QPainter, box: QRectF, down: int, left: tuple[str, Type, str], right: tuple[str, Type, str]
    ) -> None:
        """Words on the left, elided before the figure on the right."""
        room = QRectF(box.x(), box.y() + down, box.width(), 20)
        self._text(painter, room, right[0], right[1], right[2], right=True)
        room.setRight(room.right() - theme.metrics(right[1], figures=True).horizontalAdvance(right[0]) - 8)
        self._text(painter, room, *left)

    @staticmethod
    def _text(painter: QPainter, box: QRectF, text: str, kind: Type, ink: str, *, right: bool = False) -> None:
        painter.setFont(theme.font(kind, figures=right))
        painter.setPen(color(ink))
        if not right:
            text = theme.metrics(kind).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)

    def tick_box(self, rect: QRectF) -> QRectF:
        """Where the tick of a card is, given the place of its row."""
        return QRectF(rect.right() - 34, rect.top() + 78, 32, 34)


class CardList(QListView):
    """The cards of one stage. `opened` on Enter or a double click; Left and Right are handed on."""

    opened = Signal(object)
    stepped = Signal(int)
    ticked = Signal()
    menu_asked = Signal(object)
    drag_began = Signal()
    dropped = Signal(object)

    def __init__(self, stage: Stage, may_drop: Callable[[Stage], bool]) -> None:
        super().__init__()
        self.stage, self._may_drop = stage, may_drop
        self.shown = Shown(dt.date.min)
        self.rows_model = RowsModel([Column(COLUMNS[stage], self._spoken)], self._fetch, self)
        self.setModel(self.rows_model)
        self.setItemDelegate(CardDelegate(self))
        self.setAccessibleName(COLUMNS[stage])
        self.setObjectName("board")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.activated.connect(lambda index: self.opened.emit(index.data(RECORD)))
        self.rows_model.ticks_changed.connect(self.ticked)
        Empty(self, lambda: _("No claim."))

    def _spoken(self, line: ClaimLine) -> str:
        return spoken(line, self.shown.today, self.shown.problems.get(line.id, ""))

    def _fetch(self, limit: int, offset: int) -> Sequence[ClaimLine]:
        return self.shown.cards.get(self.stage, ())[offset : offset + limit]

    def show_cards(self, shown: Shown) -> None:
        """Other cards; the chosen one and the ticks stay where they are still there."""
        record, focused = chosen(self), self.hasFocus()
        self.shown = shown
        self.rows_model.restart()
        there = {line.id for line in self.rows_model.rows}
        self.rows_model.ticked &= there
        if record is not None and record.id in there:
            choose(self, record.id)
        elif focused and there:
            self.setCurrentIndex(self.rows_model.index(0, 0))

    # Keys and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space ticks, Ctrl+A ticks all, Left and Right go to the next column."""
        index, key = self.currentIndex(), event.key()
        if key in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            self.stepped.emit(1 if key == Qt.Key.Key_Right else -1)
        elif key == Qt.Key.Key_Space and index.isValid():
            self.toggle(index.data(RECORD).id)
        elif key == Qt.Key.Key_A and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.rows_model.ticked = {line.id for line in self.rows_model.rows}
            self.viewport().update()
            self.ticked.emit()
        else:
            super().keyPressEvent(event)

    def toggle(self, claim_id: int) -> None:
        """Set or clear the tick of a card."""
        self.rows_model.tick(claim_id, on=claim_id not in self.rows_model.ticked)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The tick of a card, or Ctrl and a click anywhere on it."""
        index = self.indexAt(event.position().toPoint())
        delegate = self.itemDelegate()
        assert isinstance(delegate, CardDelegate)
        if index.isValid() and event.button() is Qt.MouseButton.LeftButton:
            ctrl = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if ctrl or delegate.tick_box(QRectF(self.visualRect(index))).contains(event.position()):
                self.setCurrentIndex(index)
                self.toggle(index.data(RECORD).id)
                return
        super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The moves of the chosen card."""
        self.menu_asked.emit(event.globalPos())

    def focusInEvent(self, event: object) -> None:
        """A card is chosen as soon as the cursor comes."""
        super().focusInEvent(event)  # type: ignore[arg-type]
        if not self.selectionModel().hasSelection() and self.rows_model.rows:
            self.setCurrentIndex(self.rows_model.index(0, 0))
        self.viewport().update()

    # Dragging

    def startDrag(self, actions: Qt.DropAction) -> None:
        """The chosen card, or all that are ticked."""
        self.drag_began.emit()
        drag, data = QDrag(self), QMimeData()
        data.setData(_KIND, b"")
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.MoveAction)
        self.dropped.emit(None)

    def _takes(self, event: QDropEvent) -> bool:
        return event.mimeData().hasFormat(_KIND) and self._may_drop(self.stage)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Only what may come here."""
        event.setAccepted(self._takes(event))
        self._light(on=event.isAccepted())

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Only what may come here."""
        event.setAccepted(self._takes(event))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """No longer here."""
        self._light(on=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for the step."""
        self._light(on=False)
        if self._takes(event):
            event.acceptProposedAction()
            self.dropped.emit(self.stage)

    def _light(self, *, on: bool) -> None:
        self.setProperty("over", on)
        self.style().unpolish(self)
        self.style().polish(self)


class BoardColumn(QWidget):
    """A heading with count and sum, a place for what is asked, the cards, and how many more there are."""

    def __init__(self, desk: Desk, stage: Stage, may_drop: Callable[[Stage], bool]) -> None:
        super().__init__()
        self.stage = stage
        self.count, self.sum = label("", Type.BODY, "second"), figure("", Type.BODY, "second")
        self.list = CardList(stage, may_drop)
        self.editor = StepEditor(desk)
        self.more = Button("", "link")
        self.more.hide()
        title = Elided(COLUMNS[stage], Type.TOTAL)
        title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        head = row(title, self.count, None, self.sum, gap=7, margins=(2, 0, 4, 0))
        self.setLayout(column(head, self.editor, self.list, self.more, gap=8))
        self.setMinimumWidth(120)

    def show_cards(self, shown: Shown) -> None:
        """Other cards."""
        told = shown.sums.get(self.stage, Sum())
        self.count.setText(str(told.count))
        self.sum.setText(money_text(told.charge))
        self.list.show_cards(shown)
        hidden = told.count - len(shown.cards.get(self.stage, ()))
        self.more.setText(_("{n} more").format(n=f"{hidden:,}"))
        self.more.updateGeometry()
        self.more.setVisible(hidden > 0)

    def hide_rows(self, ids: frozenset[int]) -> None:
        """Cards whose step is asked for stand in the editor, not in the list."""
        for number, line in enumerate(self.list.rows_model.rows):
            self.list.setRowHidden(number, line.id in ids)


class Board(QWidget):
    """Five columns. `opened` opens a claim, `listed` asks for all of a stage, `ticked` when what is ticked changes."""

    opened = Signal(int)
    listed = Signal(object)
    ticked = Signal()
    menu_asked = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.setAccessibleName(_("Board"))
        self.columns = {stage: BoardColumn(desk, stage, self.may_drop) for stage in COLUMNS}
        self._moved: frozenset[int] = frozenset()
        self._dragged: list[ClaimLine] = []
        line = row(*self.columns.values(), gap=12, margins=(theme.MARGIN, 12, theme.MARGIN, 12))
        for at, each in enumerate(self.columns.values()):
            line.setStretch(at, 1)
            each.list.opened.connect(lambda record: self.opened.emit(record.id))
            each.list.stepped.connect(lambda by, at=at: self.step(at, by))
            each.list.ticked.connect(self.ticked)
            each.list.menu_asked.connect(self.menu_asked)
            each.list.drag_began.connect(self._drag)
            each.list.dropped.connect(self.drop)
            each.more.clicked.connect(lambda *_, stage=each.stage: self.listed.emit(stage))
            each.editor.keeping.connect(self._follow)
            each.editor.closed.connect(self._asked)
            each.list.installEventFilter(self)
        self.setLayout(line)
        self.current: CardList = self.columns[Stage.TO_FINISH].list

    def show_cards(self, shown: Shown) -> None:
        """Other cards; a card that was moved keeps the cursor."""
        for each in self.columns.values():
            each.show_cards(shown)
            each.hide_rows(frozenset(line.id for line in each.editor.lines) if each.editor.is_open else frozenset())
        if self._moved:
            for each in self.columns.values():
                if choose(each.list, min(self._moved)):
                    self.current = each.list
                    each.list.setFocus(Qt.FocusReason.OtherFocusReason)
                    break
            self._moved = frozenset()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Know which column has the cursor."""
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, CardList):
            self.current = watched
        return False

    # What is chosen

    def tick_none(self) -> None:
        """Clear all ticks."""
        for each in self.columns.values():
            each.list.rows_model.ticked.clear()
            each.list.viewport().update()
        self.ticked.emit()

    def ticked_lines(self) -> list[ClaimLine]:
        """The cards that are ticked."""
        models = [each.list.rows_model for each in self.columns.values()]
        return [line for model in models for line in model.rows if line.id in model.ticked]

    def lines(self) -> list[ClaimLine]:
        """The cards that are ticked, else the one with the cursor."""
        one = chosen(self.current)
        return self.ticked_lines() or ([one] if one is not None else [])

    def step(self, at: int, by: int) -> None:
        """The cursor to the next column that has a card, at the same height."""
        columns = list(self.columns.values())
        row_now = columns[at].list.currentIndex().row()
        while 0 <= (at := at + by) < len(columns):
            target = columns[at].list
            if target.rows_model.rows:
                wanted = min(max(row_now, 0), len(target.rows_model.rows) - 1)
                target.setCurrentIndex(target.rows_model.index(wanted, 0))
                target.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def begin(self) -> None:
        """The cursor to the first card there is."""
        has = [each.list for each in self.columns.values() if each.list.rows_model.rows]
        target = self.current if self.current in has else has[0] if has else self.current
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    # Moving

    def editor(self) -> StepEditor | None:
        """The one that asks now."""
        return next((each.editor for each in self.columns.values() if each.editor.is_open), None)

    def ask(self, ask: Ask, targets: Sequence[ClaimStatus] = (), stage: Stage | None = None) -> None:
        """Ask for the step of what is chosen, in its column or in the one where it was dropped."""
        if not self.desk.allows(Action.CLAIMS):
            return
        lines = self.lines()
        before = self.editor()
        if before is not None:
            before.close_editor()
        place = self.columns[stage or self.current.stage]
        if place.editor.open_for(lines, ask, targets):
            for each in self.columns.values():
                each.hide_rows(frozenset(line.id for line in lines))
        elif lines:
            self.desk.fail(_("These claims have no next status in common. Tick claims of one status.")
                           if len(lines) > 1 else _("This claim has no next status."))  # fmt: skip

    def _follow(self) -> None:
        """The cursor goes with the cards that are about to move."""
        editor = self.editor()
        self._moved = frozenset(line.id for line in editor.lines) if editor is not None else frozenset()

    def _asked(self, kept: bool) -> None:
        for each in self.columns.values():
            each.hide_rows(frozenset())
        if kept:
            for each in self.columns.values():
                each.list.rows_model.ticked.clear()
            self.ticked.emit()
        else:
            self.current.setFocus(Qt.FocusReason.OtherFocusReason)

    def _drag(self) -> None:
        one = chosen(self.current)
        ticked = self.ticked_lines()
        self._dragged = ticked if one is None or one in ticked else [one]

    def targets(self, stage: Stage) -> list[ClaimStatus]:
        """Where what is dragged may go in a column."""
        return [to for to in offered(self._dragged) if to in STAGES[stage]]

    def may_drop(self, stage: Stage) -> bool:
        """Whether a column takes what is dragged."""
        return bool(self.targets(stage))

    def drop(self, stage: Stage | None) -> None:
        """Dropped on a column: ask. On None the drag is over."""
        if stage is not None and self._dragged:
            targets = self.targets(stage)
            if targets:
                self.ask(Ask.STATUS, targets, stage)
            else:
                self.desk.attempt(lambda: rules.move(self._dragged[0].status, STAGES[stage][0]))
        elif stage is None:
            self._dragged = []
