"""Marks on paper as PDF: the data alone for red stock, or a copy with our own drawing of the form under it.

A page is one string of text operators, handed over whole: several times faster than drawing string by string. The
same input gives the same bytes on every run, and the document's properties name no person.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Sequence

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from app.errors import InputError
from app.forms import drawing
from app.forms.layout import CHARACTER, Layout
from app.forms.marks import Mark
from app.i18n import _

POINTS_PER_MM = 72 / 25.4
FURTHEST_MM = 50.0
SCALES = (0.9, 1.1)
COPY = "COPY - NOT FOR MAILING AS AN ORIGINAL"
COPY_SIZE = 6.5  # points
COPY_BASELINE = 16.0  # points from the bottom of the sheet

rl_config.useA85 = 0  # type: ignore[attr-defined]  # streams as they are: a fifth smaller and quicker than in ASCII85


def overlay(
    pages: Iterable[Sequence[Mark]],
    layout: Layout,
    *,
    dx_mm: float = 0.0,
    dy_mm: float = 0.0,
    scale: tuple[float, float] = (1.0, 1.0),
) -> bytes:
    """The data alone, to be printed on red forms.

    `scale` stretches across and down from the sheet's top left corner, then `dx_mm` moves right and `dy_mm` down.
    Raises InputError when this pushes text off the sheet.
    """
    grid = _Grid(layout, dx_mm, dy_mm, scale)
    buffer = io.BytesIO()
    canvas = _canvas(buffer, layout)
    for marks in pages:
        canvas.addLiteral(grid.text(marks))
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def full(
    pages: Iterable[Sequence[Mark]],
    layout: Layout,
    *,
    dx_mm: float = 0.0,
    dy_mm: float = 0.0,
    scale: tuple[float, float] = (1.0, 1.0),
) -> bytes:
    """The form with its data, marked as a copy. Shift and scale move both together, as in `overlay`."""
    moved = _Grid(layout, dx_mm, dy_mm, scale)
    grid = _Grid(layout, 0.0, 0.0, (1.0, 1.0))
    buffer = io.BytesIO()
    canvas = _canvas(buffer, layout)
    form = drawing.load(layout.id)
    name = drawing.pdf_form(canvas, form)
    begin, copy_mark = f"q {moved.matrix} cm", _copy_mark(layout)
    for marks in pages:
        if moved.moved:
            moved.check(marks)
        canvas.addLiteral(begin)
        canvas.doForm(name)
        canvas.addLiteral(f"{copy_mark}\n{grid.text(marks)} Q")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _canvas(buffer: io.BytesIO, layout: Layout) -> Canvas:
    """A canvas whose first and only font is Courier, and whose bytes do not depend on the clock."""
    canvas = Canvas(buffer, pagesize=layout.page, pageCompression=1, invariant=1, initialFontName="Courier")
    canvas.setTitle("CMS-1500")
    canvas.setAuthor("")
    canvas.setSubject("")
    canvas.setCreator("Superbill Desk")
    return canvas


def _copy_mark(layout: Layout) -> str:
    """The word of warning under the form, in the form's red."""
    red = " ".join(_number(part / 255) for part in bytes.fromhex(drawing.PRINT_COLOURS["caption"][1:]))
    x = (layout.page[0] - len(COPY) * CHARACTER * COPY_SIZE) / 2
    return f"{red} rg BT /F1 {COPY_SIZE} Tf 0 Tc 1 0 0 1 {_number(x)} {COPY_BASELINE} Tm ({COPY}) Tj ET 0 g"


class _Grid:
    """The cells of a layout on a sheet that a printer shifts and scales."""

    def __init__(self, layout: Layout, dx_mm: float, dy_mm: float, scale: tuple[float, float]) -> None:
        for shift in (dx_mm, dy_mm):
            if not (math.isfinite(shift) and abs(shift) <= FURTHEST_MM):
                raise InputError(_("A shift must lie between -50 and 50 millimetres."))
        for factor in scale:
            if not SCALES[0] <= factor <= SCALES[1]:
                raise InputError(_("A scale must lie between 0.9 and 1.1."))
        self.layout = layout
        self.scale = scale
        self.shift = dx_mm * POINTS_PER_MM, dy_mm * POINTS_PER_MM
        self.moved = (dx_mm, dy_mm, *scale) != (0, 0, 1, 1)
        self.starts: dict[tuple[int, int], str] = {}
        spacing = layout.pitch[0] * scale[0] - CHARACTER * layout.font_size
        self.begin = f"BT /F1 {layout.font_size:g} Tf {_number(spacing)} Tc"

    @property
    def matrix(self) -> str:
        """The same shift and scale as six numbers of PDF, whose y counts upwards."""
        across, down = self.scale
        rise = self.layout.page[1] * (1 - down) - self.shift[1]
        return " ".join(map(_number, (across, 0.0, 0.0, down, self.shift[0], rise)))

    def text(self, marks: Sequence[Mark]) -> str:
        """The operators that draw a page's marks."""
        if self.moved:
            self.check(marks)
        starts, parts = self.starts, [self.begin]
        for _key, line, column, text in marks:
            start = starts.get((line, column))
            if start is None:
                start = starts[line, column] = self.start(line, column)
            parts.append(start + (text if text.isalnum() else _SPECIAL.sub(r"\\\g<0>", text)) + ") Tj")
        parts.append("ET")
        return "\n".join(parts)

    def start(self, line: int, column: int) -> str:
        """The operator that goes to a cell."""
        x, y = self.place(line, column)
        return f"1 0 0 1 {_number(x)} {_number(self.layout.page[1] - y)} Tm ("

    def place(self, line: int, column: int) -> tuple[float, float]:
        """Where the character of a cell begins, from the top left."""
        layout = self.layout
        middle = (layout.left(column) + layout.pitch[0] / 2) * self.scale[0] + self.shift[0]
        x = middle - CHARACTER * layout.font_size / 2
        return x, layout.centre(line) * self.scale[1] + self.shift[1] + layout.baseline_drop

    def check(self, marks: Sequence[Mark]) -> None:
        """Raises InputError when a mark leaves the sheet."""
        width, height = self.layout.page
        for mark in marks:
            x, y = self.place(mark.line, mark.column)
            right = self.place(mark.line, mark.column + len(mark.text))[0]
            if x < 0 or right > width or y < self.layout.font_size or y > height:
                raise InputError(
                    _("This shift or scale pushes text off the sheet."), _("Choose a smaller one, then print again.")
                )


_SPECIAL = re.compile(r"[\\()]")


def _number(value: float) -> str:
    """A number for PDF: three decimals, no more zeros than it needs."""
    return f"{value:.3f}".rstrip("0").rstrip(".")
