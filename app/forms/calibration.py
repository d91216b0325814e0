"""Lining up a printer: a sheet to print on a red form, and what its readings say about the printer.

Each of the four marks of the sheet is a pair of millimetre scales whose middle belongs on a crossing of two red lines.
Where the red lines meet the scales, the printed number says how far the print lies too far right or down; a ruler from
the edge of the paper to the middle of the mark serves as well. `solve` turns marks and readings into shift and scale.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from app.errors import InputError
from app.forms import fonts
from app.forms.drawing import Drawing, Rule
from app.forms.layout import Layout
from app.i18n import _

Point = tuple[float, float]

POINTS_PER_MM = 72 / 25.4
MARKS: Mapping[int, Point] = MappingProxyType(
    {1: (115.2, 191.0), 2: (545.6, 167.7), 3: (178.7, 695.6), 4: (524.0, 695.6)}
)
"""Where the middle of each mark belongs, in points from the top left: crossings of the form's rules (form.toml)."""

LEFT_OVER_MM = 1.5
"""More than this left over after correction means a wrong reading: measure again."""
FURTHEST_MM = 25.0
LARGEST_SCALE_ERROR = 0.05
LARGEST_SKEW = 5.0
LARGEST_CORRECTION = 0.06
"""A little more than undoes the largest error of scale."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a printer does to a page.

    A point is scaled from the top left corner of the sheet, then lands `dx_mm` too far right and `dy_mm` too far down;
    `skew` turns the page around the middle of the marks, clockwise in degrees. `residual_mm` is how far the worst mark
    stays from its place after `correction`, which cannot undo the skew.
    """

    dx_mm: float
    dy_mm: float
    scale_x: float
    scale_y: float
    skew: float
    residual_mm: float

    @property
    def correction(self) -> tuple[float, float, tuple[float, float]]:
        """dx_mm, dy_mm and scale to print with, so that the form's data lands where it belongs."""
        return (
            -self.dx_mm / self.scale_x,
            -self.dy_mm / self.scale_y,
            (1 / self.scale_x, 1 / self.scale_y),
        )


# --- solving ---------------------------------------------------------------------------------------------------


def solve(measured: Sequence[tuple[Point, Point]]) -> Calibration:
    """Shift, scale and skew by least squares from pairs of (where a mark belongs, where it stands), in points.

    Raises InputError for fewer than three marks, marks in one line, and readings that no printer would give.
    """
    if len({belongs for belongs, _stands in measured}) < 3:
        raise InputError(_("Three marks are needed at least."), _("Measure one more mark."))
    if not all(math.isfinite(number) for pair in measured for point in pair for number in point):
        raise InputError(_("A reading is not a number."), _("Measure this mark again."))
    middle = _middle([belongs for belongs, _stands in measured])
    middle_there = _middle([stands for _belongs, stands in measured])
    pairs = [(x - middle[0], y - middle[1], u - middle_there[0], v - middle_there[1]) for (x, y), (u, v) in measured]
    _refuse_one_line(pairs)
    scale_x, scale_y, turn = _fit(pairs)
    skew = math.degrees(math.atan(turn))
    if max(abs(scale_x - 1), abs(scale_y - 1)) > LARGEST_SCALE_ERROR or abs(skew) > LARGEST_SKEW:
        raise InputError(
            _("These readings do not fit together: no printer is that far off."),
            _("Print at 100 %, check the number of each mark and measure again."),
        )
    left_over = max(math.hypot(u - scale_x * x, v - scale_y * y) for x, y, u, v in pairs)
    return Calibration(
        dx_mm=(middle_there[0] - scale_x * middle[0]) / POINTS_PER_MM,
        dy_mm=(middle_there[1] - scale_y * middle[1]) / POINTS_PER_MM,
        scale_x=scale_x,
        scale_y=scale_y,
        skew=skew,
        residual_mm=left_over / POINTS_PER_MM,
    )


def _middle(points: Sequence[Point]) -> Point:
    return sum(x for x, _y in points) / len(points), sum(y for _x, y in points) / len(points)


def _refuse_one_line(pairs: Sequence[tuple[float, float, float, float]]) -> None:
    """The marks must spread in both directions: their spread across their line is at least a twentieth of along it."""
    xx = sum(x * x for x, _y, _u, _v in pairs)
    yy = sum(y * y for _x, y, _u, _v in pairs)
    xy = sum(x * y for x, y, _u, _v in pairs)
    half, apart = (xx + yy) / 2, math.hypot((xx - yy) / 2, xy)
    if half - apart <= (half + apart) / 400:
        raise InputError(_("These marks stand in one line."), _("Measure a mark in another corner of the sheet."))


def _fit(pairs: Sequence[tuple[float, float, float, float]]) -> tuple[float, float, float]:
    """scale_x, scale_y and turn that best explain u = scale_x x - turn y and v = scale_y y + turn x.

    The normal equations, solved by hand for `turn` first: both scales follow from it.
    """
    xx = sum(x * x for x, _y, _u, _v in pairs)
    yy = sum(y * y for _x, y, _u, _v in pairs)
    xy = sum(x * y for x, y, _u, _v in pairs)
    xu = sum(x * u for x, _y, u, _v in pairs)
    yv = sum(y * v for _x, y, _u, v in pairs)
    crossed = sum(x * v - y * u for x, y, u, v in pairs)
    turn = (crossed + xy * (xu / xx - yv / yy)) / (xx + yy - xy * xy * (1 / xx + 1 / yy))
    return (xu + turn * xy) / xx, (yv - turn * xy) / yy, turn


def room_mm(layout: Layout, form: Drawing) -> float:
    """How far, in millimetres, values stand off the solid lines of the form at least when a page lies right.

    To the left, above and below: how close the end of a value comes depends on its length.
    """
    upright = [rule for rule in form.rules if rule.x0 == rule.x1 and not rule.dash]
    level = [rule for rule in form.rules if rule.y0 == rule.y1 and not rule.dash]
    rooms = []
    for box in layout.boxes.values():
        if box.kind == "mark":
            continue
        left, base = layout.glyph(box.column) + _BEARING, layout.baseline(box.line)
        top, right = base - _CAPITAL, layout.glyph(box.column + box.width)
        rooms += [left - rule.x0 - rule.width / 2 for rule in upright if rule.x0 < left and _meet(rule, top, base)]
        for rule in level:
            if rule.x0 < right and rule.x1 > left:
                rooms.append((base - _CAPITAL - rule.y0 if rule.y0 < base else rule.y0 - base) - rule.width / 2)
    return min(rooms) / POINTS_PER_MM


_BEARING, _CAPITAL = 0.5, 6.0
"""Points beside and of the height of a letter of the form's face."""


def _meet(rule: Rule, top: float, base: float) -> bool:
    return rule.y0 < base and rule.y1 > top


# --- the sheet -------------------------------------------------------------------------------------------------


def sheet(
    layout: Layout,
    *,
    dx_mm: float = 0.0,
    dy_mm: float = 0.0,
    scale: tuple[float, float] = (1.0, 1.0),
    printer: str = "",
) -> bytes:
    """One page as PDF, to be printed on a red form: the numbered marks, every cell box, two rulers, what to do.

    `scale`, then `dx_mm` and `dy_mm` move all of it, as they move a claim. Raises InputError for a shift that leaves
    the sheet and for a scale that no printer needs.
    """
    if not all(math.isfinite(shift) and abs(shift) <= FURTHEST_MM for shift in (dx_mm, dy_mm)):
        raise InputError(_("A shift must lie between -25 and 25 millimetres."))
    if not all(abs(factor - 1) <= LARGEST_CORRECTION for factor in scale):
        raise InputError(_("A scale must lie between 0.94 and 1.06."))
    fonts.register()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=layout.page, invariant=1)
    canvas.setTitle(_("Line up the printer"))
    canvas.setCreator("Superbill Desk")
    across, down = scale
    rise = layout.page[1] * (1 - down) - dy_mm * POINTS_PER_MM
    canvas.transform(across, 0, 0, down, dx_mm * POINTS_PER_MM, rise)
    pen = _Pen(canvas, layout.page[1])
    _boxes(pen, layout)
    for number, place in MARKS.items():
        _mark(pen, number, place)
    _rulers(pen)
    _instructions(pen, (dx_mm, dy_mm), scale, printer)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


class _Pen:
    """A canvas whose y counts downwards from the top of the sheet."""

    def __init__(self, canvas: Canvas, height: float) -> None:
        self.canvas = canvas
        self.height = height

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.35) -> None:
        self.canvas.setLineWidth(width)
        self.canvas.line(x0, self.height - y0, x1, self.height - y1)

    def write(self, x: float, y: float, text: str, size: float, *, font: str = fonts.REGULAR, turn: int = 0) -> None:
        """Words centred on x, their baseline at y; `turn` 90 lets them run upwards."""
        self.canvas.saveState()
        self.canvas.translate(x, self.height - y)
        self.canvas.rotate(turn)
        self.canvas.setFont(font, size)
        self.canvas.drawCentredString(0, 0, text)
        self.canvas.restoreState()


def _boxes(pen: _Pen, layout: Layout) -> None:
    inset = 0.6
    pen.canvas.saveState()
    pen.canvas.setStrokeGray(0.6)
    pen.canvas.setLineWidth(0.3)
    for box in layout.boxes.values():
        x0, top, x1, bottom = layout.rect(box)
        pen.canvas.rect(x0 + inset, pen.height - bottom + inset, x1 - x0 - 2 * inset, bottom - top - 2 * inset)
    pen.canvas.restoreState()


def _mark(pen: _Pen, number: int, place: Point) -> None:
    """Two crossed scales of 5 mm to either side. A red line left of or above their middle: printed too far right, down.

    Labels stand where the form has no words near a crossing: above the one scale, left of the other.
    """
    x, y = place
    arm = 16.0
    pen.line(x - arm, y, x + arm, y)
    pen.line(x, y - arm, x, y + arm)
    for step in range(-10, 11):
        at = step / 2 * POINTS_PER_MM
        half = 3.0 if step % 8 == 0 else 2.0 if step % 2 == 0 else 1.1
        if step:
            pen.line(x + at, y - half, x + at, y + half, 0.25)
            pen.line(x - half, y + at, x + half, y + at, 0.25)
        if abs(step) == 8:
            label = "+4" if step < 0 else "−4"
            pen.write(x + at, y - 4.2, label, 5)
            pen.write(x - 7, y + at + 1.8, label, 5)
    badge = x + 21, y - 13
    pen.canvas.circle(badge[0], pen.height - badge[1], 5, stroke=0, fill=1)
    pen.canvas.saveState()
    pen.canvas.setFillGray(1)
    pen.write(badge[0], badge[1] + 2.4, str(number), 6.8, font=fonts.SEMIBOLD)
    pen.canvas.restoreState()


def _rulers(pen: _Pen) -> None:
    """150 mm along the bottom and the left edge: longer or shorter means that the printer scales."""
    length = 150
    left, bottom = 60.0, 780.0
    edge, top = 12.5, 100.0
    pen.line(left, bottom, left + length * POINTS_PER_MM, bottom)
    pen.line(edge, top, edge, top + length * POINTS_PER_MM)
    for step in range(0, length + 1, 5):
        at = step * POINTS_PER_MM
        tall = 5.0 if step % 50 == 0 else 3.6 if step % 10 == 0 else 2.2
        pen.line(left + at, bottom - tall, left + at, bottom)
        pen.line(edge, top + at, edge + tall, top + at)
        if step % 50 == 0:
            label = f"{step} mm" if step == length else str(step)
            pen.write(left + at, bottom - 6.2, label, 4.6)
            pen.write(edge + 8.6, top + at, label, 4.6, turn=90)


def _instructions(pen: _Pen, shift: Point, scale: Point, printer: str) -> None:
    """Words in the blank left of the payer's address."""
    left, right, size, leading = 97.0, 285.0, 6.6, 7.7
    pen.canvas.setFont(fonts.SEMIBOLD, 9)
    pen.canvas.drawString(left, pen.height - 22, _("Line up the printer"))
    pen.canvas.setFont(fonts.REGULAR, size)
    text = _(
        "Print at 100 % on a red form. At marks 1 to 4, read both numbers where the red lines meet the scales, "
        "or measure from the edges of the paper to the middle of the mark."
    )
    y = 31.0
    for line in (*simpleSplit(text, fonts.REGULAR, size, right - left), *_state(shift, scale, printer)):
        pen.canvas.drawString(left, pen.height - y, line)
        y += leading


def _state(shift: Point, scale: Point, printer: str) -> Iterator[str]:
    """The printer's name, shortened to a line, and what the sheet was moved and scaled by, if at all."""
    name = fonts.composed(" ".join(printer.split()))
    missing = fonts.missing(name)
    name = "".join("?" if character in missing else character for character in name)
    if name:
        yield name if len(name) <= 45 else f"{name[:30]}…{name[-14:]}"
    if any(shift):
        yield _("Moved {across:+.1f} mm across, {down:+.1f} mm down.").format(across=shift[0], down=shift[1])
    if scale != (1, 1):
        words = _("Scaled to {across:.2f} % across, {down:.2f} % down.")
        yield words.format(across=scale[0] * 100, down=scale[1] * 100)
