"""The CMS-1500 on the screen: our own drawing, the values in their cells, and boxes that can be chosen.

The drawing and the marks are the ones that are printed; nothing here decides where a value stands.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QEvent, QLineF, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from app.billing.problems import Problem, Severity
from app.billing.waivers import whole
from app.forms import drawing as drawings
from app.forms.drawing import Caption, Drawing, Rule
from app.forms.layout import Box, Layout
from app.forms.marks import Mark
from app.i18n import _
from app.ui import icons, theme
from app.ui.printing import paint_marks
from app.ui.theme import color

TRUE_SIZE = 96 / 72
"""Logical pixels to a point at 100 %."""
_ALONE = {"5": ("street", "city", "state", "zip"), "7": ("street", "city", "state", "zip"),
          "3": ("dob", "sex"), "11a": ("dob", "sex"), "12": ("signed", "date"), "31": ("signed", "date")}  # fmt: skip
MARGIN = 18
"""Around the paper, in pixels."""


@dataclass(frozen=True)
class Stop:
    """What Tab goes to: one thing that a person would call a box, made of one or more boxes of the layout."""

    key: str
    item: str
    label: str
    boxes: tuple[Box, ...]
    cell: tuple[float, float, float, float]

    @property
    def room(self) -> int:
        """How many characters it holds."""
        return sum(box.width for box in self.boxes)


def _stop_key(box: Box) -> str:
    parts = box.key.split(".")
    if parts[0] == "24":
        return ".".join(parts[:3])
    for name in _ALONE.get(box.item, ()):
        if parts[1:2] == [name]:
            return f"{box.item}.{name}"
    return f"{box.item}.phone" if box.item in {"5", "7"} else box.item


def _place(item: str) -> tuple[int, int, str]:
    match = re.fullmatch(r"(\d+)([A-Za-z]?)(?:\.(\d+))?", item)
    return (int(match[1]), int(match[3] or 0), match[2]) if match else (0, 0, item)


def stops(layout: Layout, form: Drawing, key_of: Callable[[Box], str] = _stop_key) -> list[Stop]:
    """All stops in the order of the form's items; boxes with the same key are one."""
    groups: dict[str, list[Box]] = {}
    for box in layout.boxes.values():
        groups.setdefault(key_of(box), []).append(box)
    upright = [r for r in form.rules if r.x0 == r.x1 and not r.dash]
    level = [r for r in form.rules if r.y0 == r.y1 and not r.dash]
    made = []
    for key, boxes in groups.items():
        cells = [_cell(re.sub(r"(?<=2[14]).*", "", box.item), layout.rect(box), upright, level) for box in boxes]
        whole = (
            min(c[0] for c in cells), min(c[1] for c in cells), max(c[2] for c in cells), max(c[3] for c in cells)
        )  # fmt: skip
        name = _name(boxes)
        made.append(Stop(key, boxes[0].item, name, tuple(boxes), whole))
    shared = {cell for cell, count in Counter(stop.cell for stop in made).items() if count > 1}
    made = [_clipped(stop, layout) if stop.cell in shared else stop for stop in made]
    return sorted(made, key=lambda stop: _place(stop.item))


def _name(boxes: Sequence[Box]) -> str:
    """What a stop is called: by the first box that is not a part of a telephone number, else by the number. A box that
    is alone in its stop, such as the date beside a signature, is called by its whole label."""
    if len(boxes) == 1:
        return boxes[0].label
    named = next((box for box in boxes if not box.key.endswith((".area", ".phone"))), boxes[-1])
    return named.label.split(",")[0]


def _clipped(stop: Stop, layout: Layout) -> Stop:
    """A stop that shares its printed cell with another keeps to its own boxes."""
    edges = [layout.rect(box) for box in stop.boxes]
    left, right = min(edge[0] for edge in edges) - 3, max(edge[2] for edge in edges) + 3
    return replace(stop, cell=(max(stop.cell[0], left), stop.cell[1], min(stop.cell[2], right), stop.cell[3]))


_RISE = {"24": 0, "21": 0, "12": 0, "13": 0, "31": 0, "17a": 0, "17b": 0, "33": 16} | dict.fromkeys(
    ("10a", "10b", "10c"), 9
)
"""How far a cell reaches above its characters, in points, where it is not the printed box."""


def _cell(
    item: str, rect: tuple[float, float, float, float], upright: Sequence[Rule], level: Sequence[Rule]
) -> tuple[float, float, float, float]:
    """The printed cell around a box: the nearest solid rules on its four sides, at most two lines up."""
    x0, top, x1, bottom = rect
    middle, centre = (x0 + x1) / 2, (top + bottom) / 2
    beside = [r.x0 for r in upright if r.y0 - 2 <= centre <= r.y1 + 2]
    across = [r.y0 for r in level if r.x0 - 2 <= middle <= r.x1 + 2]
    left = max((x for x in beside if x <= x0 + 4), default=x0)
    right = min((x for x in beside if x >= x1 - 4), default=x1)
    above = max((y for y in across if y <= top + 4), default=top)
    below = min((y for y in across if y >= bottom - 4), default=bottom)
    if x0 - left > 150 or right - x1 > 150:
        left, right = x0 - 3, x1 + 3
    return left, max(above, top - _RISE.get(item, 16)), right, min(below, bottom + (0 if item in _RISE else 5))


@dataclass(frozen=True)
class Sheet:
    """One page to show: its marks, the problems by item, the keys of each source record, the stops by hand, and those
    that differ from another claim."""

    marks: Sequence[Mark] = ()
    problems: Sequence[Problem] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    by_hand: frozenset[str] = frozenset()
    differing: frozenset[str] = frozenset()

    def problem(self, stop: Stop) -> Problem | None:
        """The gravest problem of a stop; an item such as 24E on line 2 is written "24E.2"."""
        names = {stop.item, stop.key, whole(stop.item), re.sub(r"^(\d+)[A-Z]\.(\d)$", r"\1.\2", stop.item)}
        return next((problem for problem in self.problems if problem.item in names), None)

    def text(self, stop: Stop) -> str:
        """What stands in a stop, its parts in order."""
        keys = [box.key for box in stop.boxes]
        by_key = {mark.key: mark.text.strip() for mark in self.marks}
        crossed = [box.label.split(", ")[-1] for box in stop.boxes if box.kind == "mark" and box.key in by_key]
        plain = [by_key[key] for key, box in zip(keys, stop.boxes, strict=True) if key in by_key and box.kind != "mark"]
        return " ".join(plain + [f"X {name}" for name in crossed])


class FormSheet(QWidget):
    """The page itself. A click, Tab or the arrows choose a stop; `chose` says which."""

    chose = Signal(object)
    help_topic = "box"

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.form_layout, self.drawing = layout, drawings.load(layout.id)
        self.stops = stops(layout, self.drawing)
        self.sheet = Sheet()
        self.current: Stop | None = None
        self.zoom = 1.0
        self._picture: QPixmap | None = None
        self._pictured: object = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("The form"))
        self.setFixedSize(self.sizeHint())

    @property
    def help_name(self) -> str:
        """The box that help is asked about."""
        return self.current.boxes[0].key if self.current else ""

    @property
    def help_title(self) -> str:
        """Its item and name."""
        return f"{self.current.item}  {self.current.label}" if self.current else ""

    @property
    def help_rect(self) -> QRect:
        """Where it stands."""
        return self.cell_rect(self.current).toRect() if self.current else self.rect()

    def show_sheet(self, sheet: Sheet) -> None:
        """Another page; the chosen box stays."""
        self.sheet = sheet
        self._picture = None
        self.update()

    def set_zoom(self, zoom: float) -> None:
        """1 is true size."""
        self.zoom = min(3.0, max(0.4, zoom))
        self._picture = None
        self.setFixedSize(self.sizeHint())
        self.update()

    @property
    def scale(self) -> float:
        """Logical pixels to a point."""
        return TRUE_SIZE * self.zoom

    def sizeHint(self) -> QSize:
        """The paper with a margin around it."""
        width, height = self.form_layout.page
        return QSize(round(width * self.scale) + 2 * MARGIN, round(height * self.scale) + 2 * MARGIN)

    # Choosing

    def choose(self, stop: Stop | None) -> None:
        """Choose a stop."""
        if stop is not self.current:
            self.current = stop
            text = self.sheet.text(stop) if stop else ""
            self.setAccessibleDescription(
                _("Item {item}, {label}: {text}").format(item=stop.item, label=stop.label, text=text or _("empty"))
                if stop
                else ""
            )
            self.update()
            self._tell_screen_readers()
            self.chose.emit(stop)

    def _tell_screen_readers(self) -> None:
        """The cursor is in another box; `form_access` says what it holds."""
        if self.current in self.stops and QAccessible.isActive():
            event = QAccessibleEvent(self, QAccessible.Event.Focus)
            event.setChild(self.stops.index(self.current))
            QAccessible.updateAccessibility(event)

    def choose_item(self, item: str) -> bool:
        """Choose the stop of an item as problems name it ("24E.2", "17b", "21")."""
        found = next((s for s in self.stops if item in {s.item, s.key}), None)
        found = found or next((s for s in self.stops if s.item.startswith(item)), None)
        found = found or next((s for s in self.stops if s.key.startswith(f"{item}.")), None)
        if found is not None:
            self.choose(found)
        return found is not None

    def step(self, by: int) -> None:
        """The next or previous stop in item order."""
        at = self.stops.index(self.current) if self.current in self.stops else -1 if by > 0 else 0
        self.choose(self.stops[(at + by) % len(self.stops)])

    def stop_at(self, x: float, y: float) -> Stop | None:
        """The smallest stop at a place in points."""
        inside = [s for s in self.stops if s.cell[0] <= x <= s.cell[2] and s.cell[1] <= y <= s.cell[3]]
        nearest = [(self._distance(s, x, y), s.key, s) for s in inside]
        return min(nearest)[2] if nearest else None

    @staticmethod
    def _distance(stop: Stop, x: float, y: float) -> float:
        return (stop.cell[2] - stop.cell[0]) * (stop.cell[3] - stop.cell[1])

    def _neighbour(self, dx: int, dy: int) -> None:
        """The nearest stop in a direction."""
        if self.current is None:
            self.step(1)
            return
        here = QRectF(*self._box(self.current)).center()
        best: tuple[float, str, Stop] | None = None
        for stop in self.stops:
            there = QRectF(*self._box(stop)).center()
            along = (there.x() - here.x()) * dx + (there.y() - here.y()) * dy
            aside = abs((there.x() - here.x()) * dy) + abs((there.y() - here.y()) * dx)
            if along > 3 and (best is None or (along + 6 * aside, stop.key) < best[:2]):
                best = (along + 6 * aside, stop.key, stop)
        if best is not None:
            self.choose(best[2])

    @staticmethod
    def _box(stop: Stop) -> tuple[float, float, float, float]:
        x0, top, x1, bottom = stop.cell
        return x0, top, x1 - x0, bottom - top

    def cell_rect(self, stop: Stop) -> QRectF:
        """Where a stop is on this widget."""
        x, y, width, height = self._box(stop)
        scale = self.scale
        return QRectF(MARGIN + x * scale, MARGIN + y * scale, width * scale, height * scale)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what is clicked."""
        where = event.position()
        stop = self.stop_at((where.x() - MARGIN) / self.scale, (where.y() - MARGIN) / self.scale)
        if stop is not None:
            self.choose(stop)
        super().mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Tab goes box by box, and out of the form after the last."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            by = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}.get(Qt.Key(event.key()), 0)
            at = self.stops.index(self.current) if self.current in self.stops else -1
            if by and 0 <= at + by < len(self.stops) and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.step(by)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go to the neighbour."""
        moves = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)
        }  # fmt: skip
        move = moves.get(Qt.Key(event.key()))
        if move is not None:
            self._neighbour(*move)
        else:
            super().keyPressEvent(event)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """The page as a cached picture, then what is chosen, of the same source, or wrong."""
        look = theme.tokens()
        wanted = (self.zoom, self.devicePixelRatioF(), look.dark, id(self.sheet))
        if self._picture is None or self._pictured != wanted:
            self._picture, self._pictured = self._paint_page(), wanted
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = self.form_layout.page
        paper = QRectF(MARGIN, MARGIN, width * self.scale, height * self.scale)
        for spread in (3, 2, 1):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("#12000000"))
            painter.drawRect(paper.adjusted(-spread, -spread + 1, spread, spread + 1))
        painter.drawPixmap(paper.topLeft(), self._picture)
        self._paint_over(painter)
        painter.end()

    def _paint_page(self) -> QPixmap:
        look, ratio = theme.tokens(), self.devicePixelRatioF()
        width, height = self.form_layout.page
        factor = self.scale * ratio
        picture = QPixmap(math.ceil(width * factor), math.ceil(height * factor))
        picture.fill(color(look.paper))
        painter = QPainter(picture)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.scale(factor, factor)
        paint_drawing(painter, self.drawing)
        painter.setPen(color(look.ink))
        paint_marks(painter, self.sheet.marks, self.form_layout)
        painter.end()
        picture.setDevicePixelRatio(ratio)
        return picture

    def _paint_over(self, painter: QPainter) -> None:
        look = theme.tokens()
        source = self.sheet.sources.get(self.current.key, "") if self.current else ""
        for stop in self.stops:
            box = self.cell_rect(stop)
            if source and self.sheet.sources.get(stop.key) == source and self.sheet.text(stop):
                tinted = color(look.mark)
                tinted = type(tinted)(tinted.red(), tinted.green(), tinted.blue(), 26)
                painter.fillRect(box.adjusted(1, 1, -1, -1), tinted)
            problem = self.sheet.problem(stop)
            if problem is not None and problem.severity is not Severity.INFORM:
                ink = look.mark_block if problem.severity is Severity.BLOCK else look.mark_warn
                self._outline(painter, box, ink, 1.5)
                icon = "filled/alert-circle" if problem.severity is Severity.BLOCK else "filled/alert-triangle"
                icons.paint(painter, icon, ink, box.right() - 16, box.top() + 2, 13)
            elif stop.key in self.sheet.differing:
                self._outline(painter, box, look.mark, 1.5)
            elif stop.key in self.sheet.by_hand:
                icons.paint(painter, "pencil", look.mark, box.right() - 14, box.top() + 2, 11)
        if self.current is not None:
            self._outline(painter, self.cell_rect(self.current), look.mark, 2.5 if self.hasFocus() else 1.5)

    @staticmethod
    def _outline(painter: QPainter, box: QRectF, ink: str, width: float) -> None:
        painter.setPen(QPen(color(ink), width))
        ground = color(ink)
        painter.setBrush(type(ground)(ground.red(), ground.green(), ground.blue(), 20))
        painter.drawRoundedRect(box, 3, 3)


def paint_drawing(painter: QPainter, form: Drawing) -> None:
    """The form's printed side in the look's red, on a painter whose unit is the point."""
    look = theme.tokens()
    tones = {"caption": color(look.form_caption), "rule": color(look.form_rule), "shade": color(look.form_shade)}
    for band in form.bands:
        painter.fillRect(QRectF(band.x0, band.y0, band.x1 - band.x0, band.y1 - band.y0), tones[band.tone])
    for rule in form.rules:
        pen = QPen(tones[rule.tone], rule.width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if rule.dash:
            pen.setDashPattern([part / rule.width for part in rule.dash])
        painter.setPen(pen)
        painter.drawLine(QLineF(rule.x0, rule.y0, rule.x1, rule.y1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for square in form.squares:
        painter.setPen(QPen(tones[square.tone], square.width))
        x0, y0, x1, y1 = square.rect
        painter.drawRect(QRectF(x0, y0, x1 - x0, y1 - y0))
    painter.setPen(Qt.PenStyle.NoPen)
    for shape in form.shapes:
        painter.setBrush(tones[shape.tone])
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in shape.points]))
    for caption in form.captions:
        painter.setPen(tones[caption.tone])
        _paint_caption(painter, caption)


_FINE = 10
"""Captions are set ten times as large and scaled down: fonts take whole pixels only."""
_NARROWER = 0.93
"""Inter is wider than Helvetica, for which the drawing was measured."""


def _paint_caption(painter: QPainter, caption: Caption) -> None:
    face = QFont(theme.font(theme.Type.BODY).family())
    face.setPixelSize(round(caption.size * _FINE))
    face.setWeight(QFont.Weight.DemiBold if caption.bold else QFont.Weight.Normal)
    face.setItalic(caption.italic)
    painter.save()
    painter.translate(caption.x, caption.baseline)
    painter.rotate(-caption.angle)
    painter.scale(caption.stretch * _NARROWER / _FINE, 1 / _FINE)
    painter.setFont(face)
    width = painter.fontMetrics().horizontalAdvance(caption.text)
    painter.drawText(QPointF(-width * {"left": 0.0, "center": 0.5, "right": 1.0}[caption.align], 0), caption.text)
    painter.restore()
