"""Our own drawing of the form: rules, shaded bands, check boxes and printed words, as data that anything can paint.

`resources/cms1500/form.toml` holds every line and word in points from the top left of the sheet. `load` reads it once
and refuses nonsense; the PDF draws it here, the screen paints the same primitives with its own colours.
"""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from app import paths
from app.errors import InputError

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

Tone = Literal["caption", "rule", "shade"]
Align = Literal["left", "center", "right"]
Point = tuple[float, float]
Colour = tuple[float, float, float]

PRINT_COLOURS: Mapping[Tone, str] = {"caption": "#BF2C37", "rule": "#D06C73", "shade": "#FBE6E6"}
"""The form's red on white paper. Captions keep a contrast of 5.8 to 1 on white, 4.8 on the shade."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line `width` points thick; `dash` alternates points drawn and left out, empty for a solid one."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float
    dash: tuple[float, ...]
    tone: Tone


@dataclass(frozen=True, slots=True)
class Band:
    """A filled rectangle, behind everything else."""

    x0: float
    y0: float
    x1: float
    y1: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Square:
    """A check box around its centre; `side` runs from line middle to line middle."""

    x: float
    y: float
    side: float
    width: float
    tone: Tone

    @property
    def rect(self) -> tuple[float, float, float, float]:
        """x0, top, x1, bottom along the middle of its lines."""
        half = self.side / 2
        return self.x - half, self.y - half, self.x + half, self.y + half


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled outline: the arrow heads in the margin."""

    points: tuple[Point, ...]
    tone: Tone


@dataclass(frozen=True, slots=True)
class Caption:
    """Printed words in Helvetica. `x` and `baseline` are the anchor that `align` names; `angle` turns around it,
    counter-clockwise in degrees; `stretch` narrows the letters (1 is their own width)."""

    x: float
    baseline: float
    size: float
    text: str
    bold: bool
    italic: bool
    align: Align
    angle: float
    stretch: float
    tone: Tone

    @property
    def font(self) -> str:
        """Its name among the fonts that every PDF reader has."""
        style = ("Bold" if self.bold else "") + ("Oblique" if self.italic else "")
        return f"Helvetica-{style}" if style else "Helvetica"


Part = Band | Rule | Square | Shape | Caption


@dataclass(frozen=True)
class Drawing:
    """A form's printed side, in the order to paint it: bands, rules, squares, shapes, captions."""

    id: str
    page: tuple[float, float]
    bands: tuple[Band, ...]
    rules: tuple[Rule, ...]
    squares: tuple[Square, ...]
    shapes: tuple[Shape, ...]
    captions: tuple[Caption, ...]


# --- reading ---------------------------------------------------------------------------------------------------


@functools.cache
def load(form_id: str = "cms1500-0212") -> Drawing:
    """The drawing of a form. Raises InputError for one that this program does not have."""
    for path in sorted(paths.resource("cms1500").glob("form*.toml")):
        found = parse(path.read_text("utf-8"))
        if found.id == form_id:
            return found
    raise InputError(f"There is no drawing of form {form_id!r}.", "Update the program that opens this claim.")


def parse(text: str) -> Drawing:
    """A drawing from TOML. Raises InputError, which names the entry, for anything that cannot be right."""
    try:
        data = tomllib.loads(text)
        drawing = _drawing(data)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"A form drawing cannot be read: {error}.") from error
    _refuse_nonsense(drawing)
    return drawing


@dataclass(frozen=True, slots=True)
class _Line:
    width: float
    dash: tuple[float, ...] = ()
    tone: Tone = "rule"


def _drawing(data: dict[str, Any]) -> Drawing:
    lines = {
        name: _Line(float(row["width"]), tuple(map(float, row.get("dash", ()))), row.get("tone", "rule"))
        for name, row in data["lines"].items()
    }
    bands: list[Band] = []
    rules: list[Rule] = []
    captions: list[Caption] = []
    for table, down, number in _repeats(data):
        bands += [_band(row, down) for row in table.get("bands", ())]
        rules += [_rule(row, down, lines, across=True) for row in table.get("across", ())]
        rules += [_rule(row, down, lines, across=False) for row in table.get("down", ())]
        captions += [_caption(row, down, number) for row in table.get("captions", ())]
    width, height = data["page"]
    return Drawing(
        id=str(data["id"]),
        page=(float(width), float(height)),
        bands=tuple(bands),
        rules=tuple(rules),
        squares=tuple(_squares(data)),
        shapes=tuple(_arrows(data["arrows"])),
        captions=tuple(captions),
    )


def _repeats(data: dict[str, Any]) -> Iterator[tuple[dict[str, Any], float, int]]:
    """The tables with primitives: how far each is moved down, and the number it has."""
    yield data["form"], 0.0, 0
    service = data["service"]
    for index in range(int(service["count"])):
        yield service, index * float(service["pitch"]), index + 1


def _known(row: dict[str, Any], keys: str) -> dict[str, Any]:
    unknown = row.keys() - set(keys.split())
    if unknown:
        raise ValueError(f"{row} has the unknown key {min(unknown)!r}")
    return row


def _band(row: dict[str, Any], down: float) -> Band:
    (x0, x1), (y0, y1) = _known(row, "x y tone")["x"], row["y"]
    return Band(float(x0), y0 + down, float(x1), y1 + down, row.get("tone", "shade"))


def _rule(row: dict[str, Any], down: float, lines: dict[str, _Line], *, across: bool) -> Rule:
    line = lines[_known(row, "x y line").get("line", "thin")]
    (x0, x1), (y0, y1) = (row["x"], (row["y"], row["y"])) if across else ((row["x"], row["x"]), row["y"])
    return Rule(float(x0), y0 + down, float(x1), y1 + down, line.width, line.dash, line.tone)


def _caption(row: dict[str, Any], down: float, number: int) -> Caption:
    _known(row, "x y text size bold italic align angle stretch tone")
    return Caption(
        x=float(row["x"]),
        baseline=row["y"] + down,
        size=float(row.get("size", 6)),
        text=row["text"].replace("{n}", str(number)),
        bold=bool(row.get("bold", False)),
        italic=bool(row.get("italic", False)),
        align=row.get("align", "left"),
        angle=float(row.get("angle", 0)),
        stretch=float(row.get("stretch", 1)),
        tone=row.get("tone", "caption"),
    )


def _squares(data: dict[str, Any]) -> Iterator[Square]:
    (x0, y0), (across, down), table = data["grid"]["origin"], data["grid"]["pitch"], data["squares"]
    for line, column in table["at"]:
        centre = x0 + (column - 0.5) * across, y0 + line * down
        yield Square(*centre, float(table["side"]), float(table["width"]), "caption")


def _arrows(table: dict[str, Any]) -> Iterator[Shape]:
    for direction, sign in (("up", 1), ("down", -1)):
        for tip_x, tip_y in table[direction]:
            yield Shape(tuple((tip_x + x, tip_y + sign * y) for x, y in table["outline"]), "caption")


# --- refusing --------------------------------------------------------------------------------------------------


def _refuse_nonsense(drawing: Drawing) -> None:
    width, height = drawing.page
    if not (100 <= width <= 2000 and 100 <= height <= 2000):
        raise InputError(f"The drawing {drawing.id!r} has a page of {width} by {height} points.")
    parts: list[Part] = [*drawing.bands, *drawing.rules, *drawing.squares, *drawing.shapes, *drawing.captions]
    for part in parts:
        wrong = _wrong(part, drawing.page)
        if wrong:
            raise InputError(f"The drawing {drawing.id!r} has {part}, which {wrong}.")
    if len(set(parts)) < len(parts):
        twice = next(part for part in parts if parts.count(part) > 1)
        raise InputError(f"The drawing {drawing.id!r} has {twice} twice.")


def _wrong(part: Part, page: tuple[float, float]) -> str:
    """What is wrong with one part, or nothing."""
    points = _corners(part)
    if part.tone not in get_args(Tone):
        return f"has the unknown tone {part.tone!r}"
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in points):
        return "has no place"
    if not all(0 <= x <= page[0] and 0 <= y <= page[1] for x, y in points):
        return "lies outside the page"
    check = _CHECKS.get(type(part))
    return check(part) if check else ""


def _corners(part: Part) -> tuple[Point, ...]:
    match part:
        case Shape(points=points):
            return points
        case Square():
            x0, y0, x1, y1 = part.rect
            return (x0, y0), (x1, y1)
        case Caption(x=x, baseline=y):
            return ((x, y),)
        case _:
            return (part.x0, part.y0), (part.x1, part.y1)


def _wrong_band(band: Band) -> str:
    return "" if band.x0 < band.x1 and band.y0 < band.y1 else "has no area"


def _wrong_rule(rule: Rule) -> str:
    if rule.x0 > rule.x1 or rule.y0 > rule.y1 or (rule.x0, rule.y0) == (rule.x1, rule.y1):
        return "has no length"
    if not 0 < rule.width <= 5:
        return "has an impossible width"
    return "" if len(rule.dash) in {0, 2} and all(part > 0 for part in rule.dash) else "has an impossible dash"


def _wrong_square(square: Square) -> str:
    return "" if 0 < square.width < square.side / 4 else "has no room inside"


def _wrong_caption(caption: Caption) -> str:
    if caption.align not in get_args(Align):
        return f"has the unknown alignment {caption.align!r}"
    if not 3 <= caption.size <= 20 or not 0.5 <= caption.stretch <= 1.5:
        return "has an impossible size"
    try:
        printable = caption.text.encode("cp1252").decode("cp1252").isprintable()
    except UnicodeEncodeError:
        printable = False
    return "" if printable and caption.text.strip() else "has words that its font lacks"


_CHECKS: Mapping[type, Callable[[Any], str]] = {
    Band: _wrong_band,
    Rule: _wrong_rule,
    Square: _wrong_square,
    Caption: _wrong_caption,
}


# --- drawing as PDF --------------------------------------------------------------------------------------------


def pdf_form(canvas: Canvas, drawing: Drawing, colours: Mapping[Tone, str] = PRINT_COLOURS) -> str:
    """Put the drawing into the document once and answer its name, for `canvas.doForm` on every page.

    A second call on the same canvas answers the same name and adds nothing.
    """
    if not canvas.hasForm(drawing.id):
        width, height = drawing.page
        canvas.beginForm(drawing.id, 0, 0, width, height)
        _paint(canvas, drawing, {tone: _rgb(colour) for tone, colour in colours.items()})
        canvas.endForm()
    return drawing.id


def _rgb(colour: str) -> Colour:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red / 255, green / 255, blue / 255


def _paint(canvas: Canvas, drawing: Drawing, colours: Mapping[Tone, Colour]) -> None:
    top = drawing.page[1]
    for band in drawing.bands:
        canvas.setFillColorRGB(*colours[band.tone])
        canvas.rect(band.x0, top - band.y1, band.x1 - band.x0, band.y1 - band.y0, stroke=0, fill=1)
    for rule in drawing.rules:
        canvas.setStrokeColorRGB(*colours[rule.tone])
        canvas.setLineWidth(rule.width)
        canvas.setDash(*([list(rule.dash)] if rule.dash else []))
        canvas.line(rule.x0, top - rule.y0, rule.x1, top - rule.y1)
    canvas.setDash()
    for square in drawing.squares:
        x0, _, _, bottom = square.rect
        canvas.setStrokeColorRGB(*colours[square.tone])
        canvas.setLineWidth(square.width)
        canvas.rect(x0, top - bottom, square.side, square.side)
    for shape in drawing.shapes:
        canvas.setFillColorRGB(*colours[shape.tone])
        outline = canvas.beginPath()
        outline.moveTo(shape.points[0][0], top - shape.points[0][1])
        for x, y in shape.points[1:]:
            outline.lineTo(x, top - y)
        outline.close()
        canvas.drawPath(outline, stroke=0, fill=1)
    for caption in drawing.captions:
        canvas.setFillColorRGB(*colours[caption.tone])
        _write(canvas, caption, top)


def _write(canvas: Canvas, caption: Caption, top: float) -> None:
    width = canvas.stringWidth(caption.text, caption.font, caption.size) * caption.stretch
    start = -width * {"left": 0.0, "center": 0.5, "right": 1.0}[caption.align]
    turn = math.radians(caption.angle)
    cos, sin = math.cos(turn), math.sin(turn)
    words = canvas.beginText()
    words.setFont(caption.font, caption.size)
    words.setHorizScale(100 * caption.stretch)
    words.setTextTransform(cos, sin, -sin, cos, caption.x + start * cos, top - caption.baseline + start * sin)
    words.textOut(caption.text)
    canvas.drawText(words)
