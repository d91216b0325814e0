"""Today: what needs a hand, most urgent first; on the right the month so far and the sessions of the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QBoxLayout,
    QGridLayout,
    QLineEdit,
    QSizePolicy,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from app.billing.records import VisitStatus
from app.forms.report import Bars, Series
from app.i18n import _, money_text, ngettext
from app.store.reports import DaySession
from app.ui import icons, theme, words, worklist
from app.ui.chart import Chart
from app.ui.controls import (
    Button,
    Chip,
    Elided,
    IconLabel,
    clear,
    column,
    framed,
    hover_repaints,
    label,
    outline,
    row,
    rule,
    scrolled,
)
from app.ui.desk import Desk
from app.ui.first_run_card import SetupCard
from app.ui.page import Header, Page, expected
from app.ui.theme import Type, color
from app.ui.visit_form import time_text
from app.ui.worklist import Group, Item, Listed, Side

_SHOWN, _OPENED = 3, 20
"""Rows of a group at first, and after "n more"."""
_SIDE = 324


class Row(QAbstractButton):
    """A thing to do: who, what, when, money, deed, in the columns that all groups share."""

    def __init__(self, item: Item) -> None:
        super().__init__()
        self.item = item
        money = money_text(item.money) if item.money is not None else ""
        told = ", ".join(part for part in (item.who, item.what, item.when, money) if part)
        self.setAccessibleName(f"{told}. {item.deed}")
        self.setFixedHeight(theme.scaled(theme.ROW) + 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        hover_repaints(self)

    def sizeHint(self) -> QSize:
        """As wide as the card."""
        return QSize(480, theme.scaled(theme.ROW))

    def columns(self) -> dict[str, QRectF]:
        """Where each column lies, in shares of the width; money and deed keep theirs. Without a when, what has its
        room."""
        box = QRectF(self.rect()).adjusted(12, 0, -12, 0)
        deed, money, when = 104.0, 76.0, 124.0
        room = max(0.0, box.width() - deed - money - when - 24)
        who = min(220.0, max(120.0, room * 0.38))
        x, found = box.left(), {}
        for name, width in (("who", who), ("what", room - who), ("when", when), ("money", money)):
            found[name] = QRectF(x, 0, width, box.height())
            x += width + (12 if name in {"who", "what"} else 0)
        if not self.item.when:
            found["what"].setRight(found["when"].right())
        found["deed"] = QRectF(box.right() - deed, 0, deed, box.height())
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground, the five columns, the focus frame."""
        look, painter, box = theme.tokens(), QPainter(self), QRectF(self.rect())
        if self.underMouse() or self.isDown():
            painter.fillRect(box, color(look.hover))
        painter.fillRect(QRectF(0, 0, box.width(), 1), color(look.line))
        at, item = self.columns(), self.item
        _write(painter, at["who"], item.who, Type.EMPHASIS, look.text)
        _write(painter, at["what"], item.what, Type.BODY, look.text2)
        ink, when = look.tone(item.tone).text if item.tone else look.text2, at["when"]
        if item.icon:
            icons.paint(painter, item.icon, ink, when.left(), (box.height() - 16) / 2, 16)
            when.setLeft(when.left() + 22)
        _write(painter, when, item.when, Type.EMPHASIS if item.tone else Type.BODY, ink)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setPen(color(look.text))
        painter.setFont(theme.font(Type.BODY, figures=True))
        painter.drawText(at["money"], right, money_text(item.money) if item.money is not None else "")
        painter.setPen(color(look.link))
        painter.setFont(theme.font(Type.EMPHASIS))
        painter.drawText(at["deed"], right, item.deed)
        if self.hasFocus():
            outline(painter, box.adjusted(2, 2, -2, -1), ground="", edge=look.accent, width=2, radius=theme.RADIUS)
        painter.end()

    def event(self, event: QEvent) -> bool:
        """The tooltip says in full what is cut."""
        if isinstance(event, QHelpEvent):
            at = self.columns()
            texts = (("who", self.item.who, Type.EMPHASIS), ("what", self.item.what, Type.BODY))
            cut = [text for name, text, kind in texts
                   if theme.metrics(kind).horizontalAdvance(text) > at[name].width()]  # fmt: skip
            QToolTip.showText(event.globalPos(), "\n".join(cut), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens; Up and Down go from row to row through all groups."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        elif event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            page = self.parentWidget()
            while page is not None and not isinstance(page, TodayPage):
                page = page.parentWidget()
            if page is not None:
                page.step(self, 1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)


def _write(painter: QPainter, box: QRectF, text: str, kind: Type, ink: str) -> None:
    painter.setFont(theme.font(kind))
    painter.setPen(color(ink))
    shown = theme.metrics(kind).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)


class TodayPage(Page):
    """`counted` hands over the counts of the rail whenever the clinic was read."""

    key = "today"
    name = _("Today")
    icon = "sun"
    counted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.listed: Listed | None = None
        self.rows: list[Row] = []
        if desk.keeper is not None:
            desk.keeper.known.connect(self._backed_up)
        self._opened: set[str] = set()
        self._reading, self._again, self._wanted = False, False, False
        new_client = Button(_("New client"), icon="user-plus", key="Ctrl+Shift+N")
        new_session = Button(_("New session"), "filled", icon="plus", key="Ctrl+N")
        new_client.clicked.connect(lambda *_: desk.go("clients", "new"))
        new_session.clicked.connect(lambda *_: desk.go("sessions", "new"))
        self.header = Header("", [new_client, new_session])
        self._cards = QVBoxLayout()
        self._cards.setSpacing(theme.CARD_GAP)
        self.month, self.day = MonthCard(), DayCard(desk)
        beside = QWidget()
        beside.setLayout(column(self.month, self.day, None, gap=theme.CARD_GAP))
        self._beside = beside
        left = QWidget()
        self.setup = SetupCard(desk)
        left.setLayout(column(self.setup, self._cards, None, gap=0))
        left.setMinimumWidth(0)
        self._body = row(left, beside, gap=16, margins=(theme.MARGIN, 0, theme.MARGIN, theme.MARGIN))
        self._body.setStretch(0, 1)
        inside = QWidget()
        inside.setLayout(self._body)
        self.setLayout(column(self.header, scrolled(inside), gap=0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The right column goes below where there is no room for both."""
        super().resizeEvent(event)
        narrow = self.width() < 940
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        self._body.setDirection(way)
        self._beside.setMinimumWidth(0 if narrow else _SIDE)
        self._beside.setMaximumWidth(16_777_215 if narrow else _SIDE)

    # Reading, on another thread

    def refresh(self) -> None:
        """Read the clinic; when it changes meanwhile, once more."""
        if self._reading:
            self._again = True
            return
        clinic, today = self.desk.clinic, self.desk.today()
        self._reading, self._again = True, False
        self.setup.refresh()
        unsafe = self._unsafe()
        self._run(lambda: worklist.find(clinic, today, unsafe), self._found)  # the rows are wanted first
        self._run(lambda: worklist.side(clinic, today), self._show_side)

    def _unsafe(self) -> Sequence[str]:
        keeper = self.desk.keeper
        return keeper.state.problems if keeper is not None and keeper.state is not None else ()

    def _backed_up(self, _state: object) -> None:
        """Another state of the backups: the rows about them come or go."""
        shown = () if self.listed is None else self.listed.found.unsafe
        if self.desk.is_open and list(shown) != list(self._unsafe()):
            self.refresh()

    def _run(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Do it on another thread; nothing is shown of a clinic that was closed meanwhile."""
        clinic = self.desk.clinic

        def is_open() -> bool:
            return self.desk.is_open and self.desk.clinic is clinic

        self.desk.run_task(
            work,
            done=lambda value: then(value) if is_open() else None,
            failed=lambda error: self._failed(error) if is_open() else None,
        )

    def _found(self, listed: Listed) -> None:
        self.counted.emit(listed.counts)
        clinic = self.desk.clinic
        if self.isVisible():
            if self.listed is None or not listed.found.open_claims:
                self._show(listed)  # later on, the rows that are there stay until the claims are checked
            self._run(lambda: worklist.check(clinic, listed), self._checked)
        else:
            self.stale = True  # the counts of the rail are wanted now, the rows when the page is in front
            self._finish()

    def _checked(self, listed: Listed) -> None:
        self._show(listed)
        self._finish()

    def _finish(self) -> None:
        self._reading = False
        if self._again:
            self.refresh()

    def _failed(self, error: BaseException) -> None:
        self._reading = False
        self.desk.fail(expected(error))

    def _show_side(self, side: Side) -> None:
        self.month.show_side(side, self.desk.today())
        self.day.show_day(side)

    def groups(self) -> list[Group]:
        """What is shown."""
        return list(self.listed.groups) if self.listed is not None else []

    def _show(self, listed: Listed) -> None:
        self.listed = listed
        today, shown = self.desk.today(), listed.groups
        front = next((each.item for each in self.rows if each.hasFocus()), None)
        self.header.title.setText(_long(today))
        count = sum(group.count for group in shown)
        told = ngettext("{n} thing needs a hand.", "{n} things need a hand, most urgent first.", count)
        self.header.facts.setText(told.format(n=f"{count:,}") if count else listed.next_date)
        clear(self._cards)
        self.rows = []
        for group in shown:
            self._cards.addWidget(self._card(group))
        if not shown:
            told = listed.next_date
            self._cards.addWidget(framed("card", row(IconLabel("circle-check", "green"), label(told, wrap=True))))
        self._keep_cursor(front)

    def _keep_cursor(self, front: Item | None) -> None:
        """The cursor stays on its row; where it waited for one, it goes to the first."""
        again = next((each for each in self.rows if front is not None and each.item.target == front.target), None)
        if again is None and self.rows and (front or (self._wanted and not self._typing())):
            again = self.rows[0]
        if again is not None:
            self._wanted = False
            again.setFocus(Qt.FocusReason.OtherFocusReason)

    @staticmethod
    def _typing() -> bool:
        return isinstance(QApplication.focusWidget(), QLineEdit)

    def _card(self, group: Group) -> QWidget:
        title = row(
            IconLabel(group.icon, group.tone, 18), label(group.title, Type.SECTION),
            label(f"{group.count:,}", tint="second"), Elided(group.note, tint="second"), gap=9, margins=(12, 5, 12, 5),
        )  # fmt: skip
        title.setStretch(3, 1)
        if group.deed:
            title.addWidget(self._place(group, group.deed, "outline" if group.target == "build" else "link"))
        head = QWidget()
        head.setLayout(title)
        head.setFixedHeight(41)
        whole = column(head, gap=0)
        limit = _OPENED if group.key in self._opened else _SHOWN
        for item in group.items[:limit]:
            line = Row(item)
            line.clicked.connect(lambda *_, item=item: self.desk.go(item.page, item.target))
            self.rows.append(line)
            whole.addWidget(line)
        rest = len(group.items) - limit
        if rest > 0:
            whole.addWidget(rule())
            whole.addLayout(row(self._more(group, rest), None, margins=(12, 5, 12, 5)))
        return framed("card", whole, (1, 1, 1, 1))

    def _more(self, group: Group, rest: int) -> Button:
        """The rows that are not shown: here, or in their own place where they are too many."""
        text = ngettext("{n} more", "{n} more", rest).format(n=f"{rest:,}")
        if group.key not in self._opened or not group.page:
            made = Button(text, "link")
            made.clicked.connect(lambda *_: self.open_group(group.key))
            return made
        return self._place(group, f"{text}: {group.deed}", "link")

    def _place(self, group: Group, text: str, kind: str) -> Button:
        made = Button(text, kind, icon="stack-2" if kind == "outline" else "", small=True)
        made.clicked.connect(lambda *_: self.desk.go(group.page, group.target))
        return made

    def open_group(self, key: str) -> None:
        """Show the rest of a group."""
        self._opened.add(key)
        if self.listed is None:
            return
        before = len(self.rows)
        first = next((n for n, each in enumerate(self.rows) if each.hasFocus()), None)
        self._show(self.listed)
        if first is None and len(self.rows) > before:
            shown = next(group for group in self.groups() if group.key == key)
            self._row_of(shown.items[_SHOWN]).setFocus(Qt.FocusReason.OtherFocusReason)

    def _row_of(self, item: Item) -> Row:
        return next(each for each in self.rows if each.item == item)

    def step(self, row_now: Row, by: int) -> None:
        """The cursor to the next or previous row, through all groups."""
        at = self.rows.index(row_now) + by
        if 0 <= at < len(self.rows):
            self.rows[at].setFocus(Qt.FocusReason.OtherFocusReason)

    def begin(self) -> None:
        """The cursor to the most urgent row, as soon as it is there."""
        self._wanted = not self.rows
        if self.rows:
            self.rows[0].setFocus(Qt.FocusReason.OtherFocusReason)


def _long(date: dt.date) -> str:
    """`Wednesday, November 18`."""
    text = _("{weekday}, {month} {day}")
    return text.format(
        weekday=words.WEEKDAYS[date.weekday()], month=words.MONTHS[date.month - 1], day=date.day
    )  # fmt: skip


class MonthCard(QWidget):
    """What was done this month, in figures, and half a year as bars."""

    def __init__(self) -> None:
        super().__init__()
        self.title = label("", Type.SECTION)
        self.figures = {name: label("", Type.FIGURE) for name in ("sessions", "clients", "charged", "paid")}
        for figure in self.figures.values():
            figure.setFont(theme.font(Type.FIGURE, figures=True))
        names = {"sessions": _("Sessions"), "clients": _("Clients"), "charged": _("Charged"),
                 "paid": _("Paid by clients")}  # fmt: skip
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(1)
        for at, (name, text) in enumerate(names.items()):
            down, across = at // 2 * 3, at % 2
            grid.addWidget(label(text, Type.LABEL, "second"), down, across)
            grid.addWidget(self.figures[name], down + 1, across)
        grid.setRowMinimumHeight(2, 8)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.chart = Chart(152)
        self.setLayout(column(framed("card", column(self.title, grid, self.chart, gap=10)), gap=0))

    def show_side(self, side: Side, today: dt.date) -> None:
        """The last one is this month."""
        self.setVisible(bool(side.months))  # not for roles that see no money
        if not side.months:
            return
        now = side.months[-1]
        self.title.setText(_("{month} so far").format(month=words.MONTHS[today.month - 1]))
        for name, text in (
            ("sessions", f"{now.sessions:,}"), ("clients", f"{side.clients:,}"), ("charged", money_text(now.charged)),
            ("paid", money_text(now.paid)),
        ):  # fmt: skip
            self.figures[name].setText(text)
        labels = [words.MONTHS[int(month.label[5:7]) - 1][:3] for month in side.months]
        self.chart.show_bars(
            Bars(
                _("Charged and paid by clients, the last six months"), labels,
                [Series(_("Charged"), [month.charged for month in side.months]),
                 Series(_("Paid by clients"), [month.paid for month in side.months])],
            )
        )  # fmt: skip


class DayCard(QWidget):
    """The sessions of the day, each with what became of it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.count = label("", tint="second")
        all_sessions = Button(_("All sessions"), "link")
        all_sessions.clicked.connect(lambda *_: desk.go("sessions"))
        self.lines = QVBoxLayout()
        self.lines.setSpacing(0)
        head = row(Elided(_("Sessions today"), Type.SECTION), self.count, all_sessions)
        head.setStretch(0, 1)
        self.setLayout(column(framed("card", column(head, self.lines, gap=8)), gap=0))

    def show_day(self, side: Side) -> None:
        """In their order."""
        clear(self.lines)
        self.count.setText(str(len(side.day)) if side.day else "")
        for session in side.day:
            line = DayRow(session)
            line.clicked.connect(lambda *_, session=session: self.desk.go("sessions", session.visit_id))
            self.lines.addWidget(line)
        if not side.day:
            self.lines.addWidget(label(_("No sessions today. Ctrl+N enters one."), tint="second", wrap=True))


class DayRow(QAbstractButton):
    """Time, client, and a chip."""

    def __init__(self, session: DaySession) -> None:
        super().__init__()
        self.session = session
        self.state = _state(session)
        self.setAccessibleName(f"{time_text(session.start)} {session.client}, {self.state[0]}".strip())
        self.setFixedHeight(theme.scaled(theme.ROW))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        hover_repaints(self)
        self.setLayout(row(None, Chip(*self.state), margins=(0, 0, 0, 0)))
        chip = self.findChild(Chip)
        assert chip is not None
        chip.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._chip = chip

    def sizeHint(self) -> QSize:
        """As wide as the card."""
        return QSize(240, theme.scaled(theme.ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Time and name; the chip paints itself."""
        look, painter, box = theme.tokens(), QPainter(self), QRectF(self.rect())
        if self.underMouse():
            outline(painter, box.adjusted(-6, 1, 6, -1), ground=look.hover, edge="", width=0, radius=theme.RADIUS)
        _write(painter, QRectF(0, 0, 66, box.height()), time_text(self.session.start), Type.BODY, look.text2)
        name = QRectF(70, 0, self._chip.x() - 78, box.height())
        _write(painter, name, self.session.client, Type.EMPHASIS, look.text)
        if self.hasFocus():
            outline(painter, box, ground="", edge=look.accent, width=2, radius=theme.RADIUS)
        painter.end()


def _state(session: DaySession) -> tuple[str, str, str]:
    """What became of a session: words, tone and icon."""
    if session.status is not VisitStatus.DONE:
        planned = session.status is VisitStatus.PLANNED
        return _("Planned") if planned else _("Missed"), "neutral", "calendar-event" if planned else "x"
    if session.claimed:
        return _("On a claim"), "blue", "file-text"
    if session.on_superbill:
        return _("Superbill"), "neutral", "receipt"
    if session.insured:
        return _("Unbilled"), "amber", "clock"
    return _("Self-pay"), "neutral", "users"
