"""A report as a file: CSV for a spreadsheet, PDF with bars and the same rows. Knows the clinic by the rows only."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.lib.pagesizes import letter
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from app.billing.money import dollars_text
from app.forms import fonts
from app.forms.superbill_style import ACCENT, GREY, HAIR, HAIRLINE, INK
from app.i18n import _, date_text, money_text


@dataclass(frozen=True)
class Series:
    """Values of one kind of bar; cents where the chart is of money."""

    name: str
    values: Sequence[int]


@dataclass(frozen=True)
class Bars:
    """What a chart shows: at each label one bar a series, at most two."""

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    money: bool = True

    @property
    def unit(self) -> int:
        """What the scale counts in: dollars or things."""
        return 100 if self.money else 1

    def sentence(self, at: int) -> str:
        """`Nov: Charged 4,212.00, Paid 2,968.40`."""
        values = ", ".join(f"{each.name} {self.text(each.values[at])}" for each in self.series)
        return f"{self.labels[at]}: {values}"

    def text(self, value: int) -> str:
        """A value in full."""
        return money_text(value) if self.money else f"{value:,}"

    def scale(self) -> list[int]:
        """The ticks that hold the highest bar."""
        return ticks(-(-max((value for each in self.series for value in each.values), default=0) // self.unit))


def ticks(highest: int) -> list[int]:
    """0 and up to four round values above it (steps 1, 2, 5, 10 …), the last at least `highest`."""
    step = 1
    while -(-highest // step) > 4:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return [step * n for n in range(max(1, -(-highest // step)) + 1)]


def tick_text(value: int) -> str:
    """`500`, `2k`, `2.5k`, `1M`."""
    for size, sign in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:g}{sign}"
    return str(value)


@dataclass(frozen=True)
class Head:
    """A column: its heading, and what it holds (text, count, money in cents, date). `width` is its share of a page."""

    title: str
    kind: str = "count"
    width: int = 110


@dataclass(frozen=True, kw_only=True)
class Table:
    """What is written: rows of values under their heads, their sums, and the bars that are a picture of them."""

    title: str
    span: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Any]]
    sums: Sequence[Any]
    bars: Bars


def cell_text(value: Any, kind: str) -> str:
    """A value in words."""
    if value is None:
        return ""
    if kind == "money":
        return money_text(value)
    if kind == "date":
        return date_text(value)
    return f"{value:,}" if kind == "count" else str(value)


# --- CSV ------------------------------------------------------------------------------------------------------------

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(table: Table) -> bytes:
    """Heading, rows and sums. Amounts are plain (1250.00), dates ISO; words that a spreadsheet would compute are led by
    an apostrophe. UTF-8 with its mark, so that every spreadsheet reads the names right."""
    kinds = [head.kind for head in table.heads]
    return _csv([head.title for head in table.heads], kinds, (*table.rows, table.sums))


def words_csv(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The same for rows of words and numbers without sums."""
    return _csv(titles, ["text"] * len(titles), rows)


def _csv(titles: Sequence[str], kinds: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(titles)
    for row in rows:
        writer.writerow([_plain(value, kind) for value, kind in zip(row, kinds, strict=True)])
    return out.getvalue().encode("utf-8-sig")


def _plain(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if kind == "money":
        return dollars_text(value)
    written = value.isoformat() if isinstance(value, dt.date) else str(value)
    return f"'{written}" if kind == "text" and written.startswith(_FORMULA) else written


# --- PDF ------------------------------------------------------------------------------------------------------------

_WIDTH, _HEIGHT = letter
_SIDE, _BOTTOM, _ROW, _CHART = 54.0, 60.0, 17.0, 150.0
_SIZE, _BAR = 8.5, 9.0


def pdf_bytes(table: Table, practice: str) -> bytes:
    """Letter paper: title and span, the bars, the rows with their heading on every page, page numbers."""
    fonts.register()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=letter, pageCompression=1, invariant=1)
    canvas.setTitle(table.title)
    _Paper(canvas, table, practice).draw()
    canvas.save()
    return buffer.getvalue()


class _Paper:
    """Where the next line goes: `y` counts from the bottom of the page, as reportlab does."""

    def __init__(self, canvas: Canvas, table: Table, practice: str) -> None:
        self.canvas, self.table, self.practice = canvas, table, practice
        self.y, self.number = _HEIGHT - _SIDE - 12, 1
        self.share = (_WIDTH - 2 * _SIDE) / sum(head.width for head in table.heads)

    def draw(self) -> None:
        """The whole document."""
        table = self.table
        self._text(_SIDE, self.y, table.title, font=fonts.SEMIBOLD, size=15)
        second = f"{self.practice} · {table.span}".lstrip(" ·")
        self._text(_SIDE, self.y - 17, second, font=fonts.REGULAR, size=9, ink=GREY)
        self.y -= 38
        if table.bars.labels:
            _Chart(self.canvas, table.bars, self.y).draw()
            self.y -= _CHART + 24
        self._heading()
        for row in table.rows:
            self._row(row)
        self._row(table.sums, strong=True)
        self._foot()

    def _text(self, x: float, y: float, words: str, *, font: str, size: float, ink: Any = INK) -> None:
        self.canvas.setFillColor(ink)
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, y, words)

    def _heading(self) -> None:
        self._cells([head.title for head in self.table.heads], fonts.MEDIUM, fonts.MEDIUM, GREY)

    def _row(self, row: Sequence[Any], *, strong: bool = False) -> None:
        if self.y - _ROW < _BOTTOM:
            self._foot()
            self.canvas.showPage()
            self.y, self.number = _HEIGHT - _SIDE, self.number + 1
            self._heading()
        cells = [cell_text(value, head.kind) for value, head in zip(row, self.table.heads, strict=True)]
        figures = fonts.TABULAR_SEMIBOLD if strong else fonts.TABULAR
        self._cells(cells, fonts.SEMIBOLD if strong else fonts.REGULAR, figures, INK)

    def _cells(self, cells: Sequence[str], words: str, figures: str, ink: Any) -> None:
        """A line of the table, with a hairline below."""
        x = _SIDE
        self.canvas.setFillColor(ink)
        for cell, head in zip(cells, self.table.heads, strict=True):
            width = head.width * self.share
            if head.kind == "text":
                self.canvas.setFont(words, _SIZE)
                self.canvas.drawString(x, self.y - 11.5, _fitting(cell, words, _SIZE, width - 8))
            else:
                self.canvas.setFont(figures, _SIZE)
                self.canvas.drawRightString(x + width, self.y - 11.5, cell)
            x += width
        self.y -= _ROW
        self.canvas.setStrokeColor(HAIRLINE)
        self.canvas.setLineWidth(HAIR)
        self.canvas.line(_SIDE, self.y, _WIDTH - _SIDE, self.y)

    def _foot(self) -> None:
        self.canvas.setFillColor(GREY)
        self.canvas.setFont(fonts.REGULAR, 7.5)
        self.canvas.drawRightString(_WIDTH - _SIDE, 36, _("Page {n}").format(n=self.number))


def _fitting(text: str, font: str, size: float, room: float) -> str:
    """The text, or as much of it as fits with … behind; the CSV holds it in full."""
    text = fonts.composed(text)
    if stringWidth(text, font, size) <= room:
        return text
    while text and stringWidth(f"{text}…", font, size) > room:
        text = text[:-1]
    return f"{text}…"


class _Chart:
    """The bars on paper; the second series is hatched."""

    def __init__(self, canvas: Canvas, bars: Bars, top: float) -> None:
        self.canvas, self.bars = canvas, bars
        self.left, self.right = _SIDE + 30, _WIDTH - _SIDE
        self.top, self.bottom = top - 20, top - _CHART + 14
        self.legend = top - 8

    def draw(self) -> None:
        """Legend, grid, bars, labels."""
        x = _SIDE
        for number, each in enumerate(self.bars.series):
            self._bar(x, self.legend, 8, 8, hatched=number == 1)
            self.canvas.setFillColor(GREY)
            self.canvas.setFont(fonts.REGULAR, 8)
            self.canvas.drawString(x + 12, self.legend + 1, each.name)
            x += 30 + stringWidth(each.name, fonts.REGULAR, 8)
        scale = self.bars.scale()
        self.canvas.setLineWidth(HAIR)
        for value in scale:
            y = self.bottom + (self.top - self.bottom) * value / scale[-1]
            self.canvas.setStrokeColor(HAIRLINE)
            self.canvas.line(self.left, y, self.right, y)
            self.canvas.setFont(fonts.TABULAR, 7.5)
            self.canvas.drawRightString(self.left - 6, y - 2.5, tick_text(value))
        self._pairs(scale[-1] * self.bars.unit)

    def _pairs(self, highest: int) -> None:
        step = (self.right - self.left) / len(self.bars.labels)
        many = len(self.bars.series)
        width = min(_BAR, (step - 3) / many - 1.5)
        every = 1 if step >= 20 else int(24 // step) + 1
        for at, text in enumerate(self.bars.labels):
            middle = self.left + (at + 0.5) * step
            x = middle - (many * width + (many - 1) * 1.5) / 2
            for number, each in enumerate(self.bars.series):
                height = max(0, each.values[at]) * (self.top - self.bottom) / highest
                self._bar(x + number * (width + 1.5), self.bottom, width, height, hatched=number == 1)
            if at % every == 0:
                self.canvas.setFillColor(GREY)
                self.canvas.setFont(fonts.REGULAR, 7.5)
                shown = _fitting(text, fonts.REGULAR, 7.5, step * every - 4)
                self.canvas.drawCentredString(middle, self.bottom - 11, shown)

    def _bar(self, x: float, y: float, width: float, height: float, *, hatched: bool) -> None:
        if height <= 0:
            return
        self.canvas.saveState()
        self.canvas.setFillColor(ACCENT)
        self.canvas.setStrokeColor(ACCENT)
        self.canvas.setLineWidth(0.8)
        if hatched:
            shape = self.canvas.beginPath()
            shape.rect(x, y, width, height)
            self.canvas.clipPath(shape, stroke=1, fill=0)
            at = y - width
            while at < y + height:
                self.canvas.line(x, at, x + width, at + width)
                at += 3
        else:
            self.canvas.rect(x, y, width, height, stroke=0, fill=1)
        self.canvas.restoreState()
