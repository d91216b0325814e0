"""The small controls of the desk: labels, cards, chips, buttons with their key, check and combo boxes.

What has a shape of its own is painted by a subclass of the right control, so that its role for screen readers is
right; the rest is styled by theme.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeVar

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui import icons, theme
from app.ui.theme import Type, color


def key_text(keys: str) -> str:
    """A shortcut as this system writes it: Ctrl+S, or ⌘S on macOS."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText).replace("Return", "Enter")


def label(text: str = "", kind: Type = Type.BODY, tint: str = "", *, wrap: bool = False) -> QLabel:
    """Words in a step of the type scale; `tint` is second, third, red, amber or green."""
    made = QLabel(text)
    made.setFont(theme.font(kind))
    made.setTextFormat(Qt.TextFormat.PlainText)
    if tint:
        made.setProperty("tint", tint)
    if wrap:
        made.setWordWrap(True)
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made


def tint(widget: QWidget, value: str, name: str = "tint") -> None:
    """Change a property that the style sheet looks at."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def figure(text: str = "", kind: Type = Type.BODY, tint: str = "") -> QLabel:
    """A number for a column: digits of one width, on the right."""
    made = label(text, kind, tint)
    made.setFont(theme.font(kind, figures=True))
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made


def row(
    *parts: QWidget | QLayout | int | None, gap: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QHBoxLayout:
    """Parts beside each other; a number is space, None takes what is left."""
    return _fill(QHBoxLayout(), parts, gap, margins)


def column(
    *parts: QWidget | QLayout | int | None, gap: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QVBoxLayout:
    """Parts below each other; a number is space, None takes what is left."""
    return _fill(QVBoxLayout(), parts, gap, margins)


_Box = TypeVar("_Box", bound=QBoxLayout)


def _fill(box: _Box, parts: Sequence[Any], gap: int, margins: tuple[int, int, int, int]) -> _Box:
    box.setSpacing(gap)
    box.setContentsMargins(*margins)
    for part in parts:
        if part is None:
            box.addStretch(1)
        elif isinstance(part, int):
            box.addSpacing(part)
        elif isinstance(part, QLayout):
            box.addLayout(part)
        else:
            box.addWidget(part)
    return box


def framed(name: str, layout: QLayout, margins: tuple[int, int, int, int] = (16, 12, 16, 14)) -> QFrame:
    """A card (`card`), a quiet ground (`quiet`), or a large note (`warn`, `block`) around a layout."""
    made = QFrame()
    made.setObjectName(name)
    layout.setContentsMargins(*margins)
    made.setLayout(layout)
    return made


def panel(name: str, layout: QLayout) -> QWidget:
    """A plain widget with the ground `name` (ground, bar, pane, surface, desk) around a layout."""
    made = QWidget()
    made.setObjectName(name)
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    made.setLayout(layout)
    return made


def rule(*, upright: bool = False) -> QFrame:
    """A hairline."""
    made = QFrame()
    made.setObjectName("line")
    if upright:
        made.setFixedWidth(1)
    else:
        made.setFixedHeight(1)
    return made


class _Scroll(QScrollArea):
    """Its vertical bar lies over the margin of what it shows, so that cards keep their right edge when it comes."""

    def __init__(self) -> None:
        super().__init__()
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._over = QScrollBar(Qt.Orientation.Vertical, self)
        self._over.hide()
        own = self.verticalScrollBar()
        own.rangeChanged.connect(self._reach)
        own.valueChanged.connect(self._over.setValue)
        self._over.valueChanged.connect(own.setValue)

    def _reach(self, least: int, most: int) -> None:
        self._over.setRange(least, most)
        self._over.setPageStep(self.viewport().height())
        self._over.setSingleStep(self.verticalScrollBar().singleStep())
        self._over.setVisible(most > least)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The bar stays at the right edge."""
        super().resizeEvent(event)
        wide = self._over.sizeHint().width()
        self._over.setGeometry(self.width() - wide, 0, wide, self.height())
        own = self.verticalScrollBar()
        self._reach(own.minimum(), own.maximum())


def scrolled(inside: QWidget, name: str = "ground") -> QScrollArea:
    """`inside` with a vertical scroll bar when it does not fit."""
    inside.setObjectName(inside.objectName() or name)
    inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    area = QScrollArea() if name == "desk" else _Scroll()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    return area


def clear(layout: QLayout) -> None:
    """Empty a layout and let its widgets go."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)
            inner.deleteLater()


def hover_repaints(widget: QWidget) -> None:
    """Paint anew when the pointer comes and goes."""
    widget.setAttribute(Qt.WidgetAttribute.WA_Hover)


def outline(painter: QPainter, box: QRectF, *, ground: str, edge: str, width: float, radius: float) -> None:
    """A rounded box whose line lies inside `box`, on half pixels."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color(edge), width) if edge else Qt.PenStyle.NoPen)
    painter.setBrush(color(ground) if ground else Qt.BrushStyle.NoBrush)
    half = width / 2 if edge else 0
    painter.drawRoundedRect(box.adjusted(half, half, -half, -half), radius, radius)


class Button(QPushButton):
    """A button that shows its key. Kinds: `filled` (one a page), `outline`, `quiet` (no edge), `link`."""

    def __init__(self, text: str, kind: str = "outline", *, icon: str = "", key: str = "", small: bool = False) -> None:
        super().__init__(text)
        self.kind, self.icon_name, self.key, self.small = kind, icon, key_text(key) if key else "", small
        self.gate, self.shown_key = "", self.key
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor if kind == "link" else Qt.CursorShape.ArrowCursor)
        self.setAutoDefault(False)
        hover_repaints(self)
        if key:
            self.setShortcut("")
            self.setAccessibleDescription(self.key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, as Space does, in windows and dialogs alike."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.isAutoRepeat():
            self.click()
            return
        super().keyPressEvent(event)

    def hide_key(self, *, hidden: bool) -> None:
        """Leave the key away where there is no room for it; the tooltip tells it then."""
        if hidden == bool(self.shown_key) and self.key:
            self.shown_key = "" if hidden else self.key
            self.setToolTip(self.gate or (self.key if hidden else ""))
            self.updateGeometry()
            self.update()

    def set_gate(self, reason: str) -> None:
        """Look unfilled and say why while what it does cannot pass yet; it can still be pressed to hear it."""
        self.gate = reason
        self.setToolTip(reason)
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as icon, words and key."""
        pad = 0 if self.kind == "link" else 11
        width = pad * 2 + theme.metrics(Type.EMPHASIS).horizontalAdvance(self.text())
        if self.icon_name:
            width += 16 + 7 if self.text() else 18
        if self.shown_key:
            width += 10 + theme.metrics(Type.LABEL).horizontalAdvance(self.shown_key)
        height = 24 if self.kind == "link" else theme.SMALL if self.small else theme.CONTROL
        return QSize(max(round(width + 1), height if not self.text() else 0), height)

    def minimumSizeHint(self) -> QSize:
        """Never cut."""
        return self.sizeHint()

    def _colors(self) -> tuple[str, str, str, str]:
        """Words, key, ground, edge."""
        look, hot = theme.tokens(), self.underMouse() or self.isDown()
        boxed = self.kind in {"filled", "outline"}
        if not self.isEnabled():
            return look.edge if self.kind == "quiet" else look.text3, look.text3, "", look.line if boxed else ""
        if self.kind == "link":
            return look.link, look.text3, "", ""
        if self.kind == "filled" and not self.gate:
            return look.on_accent, look.on_accent, look.accent_hover if hot else look.accent, ""
        if self.kind == "quiet":
            return look.text, look.text3, look.hover if hot else "", ""
        return look.text, look.text3, look.hover if hot else look.surface, look.edge

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, icon, words, key and the focus ring."""
        painter = QPainter(self)
        look, box = theme.tokens(), QRectF(self.rect())
        words, key, ground, edge = self._colors()
        outline(painter, box, ground=ground, edge=edge, width=1, radius=theme.RADIUS)
        x = 0.0 if self.kind == "link" else 11.0
        if not self.text():
            x = (box.width() - 18) / 2
        if self.icon_name:
            size = 16 if self.text() else 18
            icons.paint(painter, self.icon_name, words, x, (box.height() - size) / 2, size)
            x += size + 7
        painter.setFont(theme.font(Type.EMPHASIS))
        painter.setPen(color(words))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box.adjusted(x, 0, 0, 0), middle, self.text())
        if self.shown_key:
            painter.setFont(theme.font(Type.LABEL))
            painter.setPen(color(key))
            painter.drawText(box.adjusted(0, 0, -11, 0), middle | Qt.AlignmentFlag.AlignRight, self.shown_key)
        if self.hasFocus():
            if self.kind == "link":  # a ring would cut its words
                painter.fillRect(QRectF(0, box.height() - 2, box.width(), 2), color(look.accent))
            elif self.kind == "filled" and not self.gate:
                ring = box.adjusted(2, 2, -2, -2)
                outline(painter, ring, ground="", edge=look.on_accent, width=2, radius=theme.RADIUS - 2)
            else:
                outline(painter, box, ground="", edge=look.accent, width=2, radius=theme.RADIUS)
        painter.end()


class Flow(QWidget):
    """Controls beside each other; in another row below where the window is too narrow for all of them."""

    def __init__(self, parts: Sequence[QWidget], *, high: int, gap: int, margin: int = 0) -> None:
        super().__init__()
        self._parts, self._high, self._gap, self._margin = parts, high, gap, margin
        for part in parts:
            part.setParent(self)
        self.setFixedHeight(high)

    def lay(self) -> None:
        """Give each shown control its place."""
        x, y, end = self._margin, 0, self.width() - self._margin
        for part in (part for part in self._parts if not part.isHidden()):
            wide = part.sizeHint().width()
            if x > self._margin and x + wide > end:
                x, y = self._margin, y + self._high
            part.setGeometry(x, y, wide, self._high)
            x += wide + self._gap
        if self.height() != y + self._high:
            self.setFixedHeight(y + self._high)

    def event(self, event: QEvent) -> bool:
        """Lay them anew when one of them changes or goes."""
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize, QEvent.Type.Show}:
            self.lay()
        return super().event(event)


class ActionBar(QWidget):
    """60 high, at the foot of an entry page: state on the left, buttons on the right; keys go where it is narrow."""

    def __init__(self, state: QWidget, buttons: Sequence[Button]) -> None:
        super().__init__()
        self._buttons = buttons
        self.setObjectName("ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(60)
        line = row(state, *buttons, margins=(theme.MARGIN, 14, theme.MARGIN, 14))
        line.setStretch(0, 1)
        line.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setLayout(line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the keys where there is room for them."""
        super().resizeEvent(event)
        for button in self._buttons:
            button.hide_key(hidden=False)
        wanted = sum(button.sizeHint().width() + 8 for button in self._buttons) + 2 * theme.MARGIN + 90
        for button in self._buttons:
            button.hide_key(hidden=wanted > self.width())


class IconButton(Button):
    """A button with an icon only; its name is told to screen readers and shown as a tooltip."""

    def __init__(self, icon: str, name: str, *, key: str = "") -> None:
        super().__init__("", "quiet", icon=icon)
        self.setAccessibleName(name)
        self.setToolTip(f"{name}  {key_text(key)}" if key else name)


class Tick(QCheckBox):
    """A check box, painted: a border in a style sheet would make the tick vanish."""

    def sizeHint(self) -> QSize:
        """Box, gap, words."""
        return QSize(round(26 + theme.metrics(Type.BODY).horizontalAdvance(self.text())) + 2, 24)

    def minimumSizeHint(self) -> QSize:
        """Never cut."""
        return self.sizeHint()

    def hitButton(self, pos: Any) -> bool:
        """The words count as well."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A 16 px box with a tick."""
        painter = QPainter(self)
        look = theme.tokens()
        up = (self.height() - 16) / 2
        paint_tick(
            painter, 1, up, checked=self.isChecked(), focused=self.hasFocus(), faint=not self.isEnabled()
        )  # fmt: skip
        painter.setFont(theme.font(Type.BODY))
        painter.setPen(color(look.text if self.isEnabled() else look.text3))
        painter.drawText(QRectF(self.rect()).adjusted(26, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()


def paint_tick(
    painter: QPainter, x: float, y: float, *, checked: bool, focused: bool = False, faint: bool = False
) -> None:
    """The 16 px box of a check box, also inside tables; a `faint` one cannot be set."""
    look, box = theme.tokens(), QRectF(x, y, 16, 16)
    ground, edge = (look.accent, look.accent) if checked else (look.surface, look.line if faint else look.edge)
    outline(painter, box, ground=ground, edge=edge, width=1, radius=4)
    if checked:
        icons.paint(painter, "check", look.on_accent, x + 1, y + 1, 14)
    if focused:
        outline(
            painter,
            box.adjusted(-1, -1, 1, 1),
            ground="",
            edge=look.text if checked else look.accent,
            width=2,
            radius=5,
        )


class Combo(QComboBox):
    """A choice, painted like the fields; the wheel does not change it while one scrolls past."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(theme.CONTROL)
        self.setMaxVisibleItems(14)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        hover_repaints(self)

    def wheelEvent(self, event: Any) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def widest(self) -> int:
        """How wide it must be to show each of its answers whole."""
        metrics = theme.metrics(Type.BODY)
        texts = (self.itemText(at) for at in range(self.count()))
        return 42 + math.ceil(max((metrics.horizontalAdvance(text) for text in texts), default=0))

    def showPopup(self) -> None:
        """The answers are shown whole, however narrow the field is."""
        self.view().setMinimumWidth(min(self.widest(), self.window().width() - 16))
        super().showPopup()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to the next field, as in fields to type in; Down or Alt+Down change the answer."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers():
            self.focusNextChild()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Outline, words, chevron."""
        painter = QPainter(self)
        look, box = theme.tokens(), QRectF(self.rect())
        focused = self.hasFocus() or self.view().isVisible()
        edge = look.accent if focused else look.edge
        outline(painter, box, ground=look.surface, edge=edge, width=2 if focused else 1, radius=theme.RADIUS)
        painter.setFont(theme.font(Type.BODY))
        painter.setPen(color(look.text if self.isEnabled() else look.text3))
        room = box.adjusted(10, 0, -30, 0)
        text = theme.metrics(Type.BODY).elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room.width())
        self.setToolTip(self.currentText() if text != self.currentText() else "")
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        icons.paint(painter, "chevron-down", look.text2, box.width() - 26, (box.height() - 16) / 2, 16)
        painter.end()


class Chip(QLabel):
    """A state in icon and word, in one of the five tones."""

    def __init__(self, text: str = "", tone: str = "neutral", icon: str = "") -> None:
        super().__init__(text)
        self.tone, self.icon_name = tone, icon
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_state(self, text: str, tone: str, icon: str) -> None:
        """Another state."""
        self.tone, self.icon_name = tone, icon
        self.setText(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """22 high."""
        return QSize(chip_width(self.text(), self.icon_name), 22)

    def minimumSizeHint(self) -> QSize:
        """Never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """See `paint_chip`."""
        painter = QPainter(self)
        paint_chip(painter, QPointF(0, (self.height() - 22) / 2), self.text(), self.tone, self.icon_name)
        painter.end()


def chip_width(text: str, icon: str) -> int:
    """The width of a chip in pixels."""
    return round(theme.metrics(Type.LABEL).horizontalAdvance(text)) + 16 + (19 if icon else 0)


def paint_chip(painter: QPainter, at: QPointF, text: str, tone: str, icon: str) -> None:
    """A chip with its upper left corner at `at`."""
    colors = theme.tokens().tone(tone)
    box = QRectF(at.x(), at.y(), chip_width(text, icon), 22)
    outline(painter, box, ground=colors.ground, edge="", width=0, radius=theme.CHIP_RADIUS)
    x = box.x() + 8
    if icon:
        icons.paint(painter, icon, colors.text, x, box.y() + 4, 14)
        x += 19
    painter.setFont(theme.font(Type.LABEL))
    painter.setPen(color(colors.text))
    painter.drawText(QRectF(x, box.y(), box.right() - x, 22), Qt.AlignmentFlag.AlignVCenter, text)


class IconLabel(QWidget):
    """An icon that says nothing of its own; `ink` is the name of a token or of a tone."""

    def __init__(self, name: str, ink: str = "text2", size: int = 16) -> None:
        super().__init__()
        self.name, self.ink = name, ink
        self._size = size
        self.setFixedSize(size, size)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_icon(self, name: str, ink: str) -> None:
        """Another icon."""
        self.name, self.ink = name, ink
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The icon in its colour."""
        value = getattr(theme.tokens(), self.ink)
        painter = QPainter(self)
        icons.paint(painter, self.name, value.text if isinstance(value, theme.Tone) else value, 0, 0, self._size)
        painter.end()


class KeyCap(QLabel):
    """A key, drawn as a cap."""

    def __init__(self, keys: str) -> None:
        super().__init__(key_text(keys))
        self.setFont(theme.font(Type.KEY))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """18 high."""
        return QSize(round(theme.metrics(Type.KEY).horizontalAdvance(self.text())) + 10, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Words in a small box."""
        look, painter = theme.tokens(), QPainter(self)
        outline(painter, QRectF(self.rect()), ground=look.surface, edge=look.line, width=1, radius=4)
        painter.setFont(theme.font(Type.KEY))
        painter.setPen(color(look.text3))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


_OURS = {Qt.Key.Key_K, Qt.Key.Key_D}


def is_ours(event: QEvent) -> bool:
    """Whether a field is about to take a key that is the desk's: on Linux it would edit with Ctrl+K and Ctrl+D."""
    if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _OURS:
        return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return False


def prepare_search(field: QLineEdit, prompt: str, key: str = "") -> None:
    """Give a field the words it shows while empty, and room for the glass on its left and its key on its right."""
    field.setPlaceholderText(prompt)
    field.setAccessibleName(prompt)
    field.setFixedHeight(theme.CONTROL)
    space = round(theme.metrics(Type.LABEL).horizontalAdvance(key_text(key))) + 12 if key else 0
    field.setTextMargins(22, 0, space, 0)


def paint_search(field: QLineEdit, key: str = "") -> None:
    """The magnifying glass, and the key, over a field that has painted itself."""
    look, painter = theme.tokens(), QPainter(field)
    icons.paint(painter, "search", look.text2, 10, (field.height() - 16) / 2, 16)
    if key:
        painter.setFont(theme.font(Type.LABEL))
        painter.setPen(color(look.text3))
        box = QRect(0, 0, field.width() - 11, field.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, key_text(key))
    painter.end()


def whole_words(field: QLineEdit, prompt: str) -> None:
    """Say in an empty field as many of the prompt's parts as it has room for; none is cut in the middle."""
    parts = prompt.split(", ")
    room = field.width() - field.textMargins().left() - field.textMargins().right() - 22
    while len(parts) > 1 and field.fontMetrics().horizontalAdvance(", ".join(parts)) > room:
        parts.pop()
    field.setPlaceholderText(", ".join(parts))
    field.setToolTip(prompt if ", ".join(parts) != prompt else "")


class SearchBox(QLineEdit):
    """A field to filter a list, with a magnifying glass."""

    def __init__(self, prompt: str) -> None:
        super().__init__()
        self._prompt = prompt
        prepare_search(self, prompt)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Prompt in whole words."""
        super().resizeEvent(event)
        whole_words(self, self._prompt)

    def event(self, event: QEvent) -> bool:
        """The desk's own keys pass."""
        if is_ours(event):
            event.ignore()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The field, then the glass."""
        super().paintEvent(event)
        paint_search(self)


class Elided(QLabel):
    """A label that ends in … where it does not fit, and says all of it in its tooltip."""

    def __init__(self, text: str = "", kind: Type = Type.BODY, tint: str = "") -> None:
        super().__init__(text)
        self.setFont(theme.font(kind))
        if tint:
            self.setProperty("tint", tint)
        self.setMinimumWidth(24)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        """One line."""
        painter = QPainter(self)
        metrics = QFontMetrics(self.font())
        shown = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.text() if shown != self.text() else "")
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()
