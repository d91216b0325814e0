"""The virtual scanner: a finished page is read back, as a payer's reader would see it, before it may leave the clinic.

Every character must stand in its own cell and touch no other, be one that readers know, and make the values that were
meant; nothing else may be on the page. What misfits is a blocking Problem that names the item. The reading is PDFium's
and knows nothing of how the page was drawn.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from ctypes import CFUNCTYPE, addressof, c_double, c_float, c_int, c_uint, c_void_p, cast, sizeof
from itertools import pairwise, repeat
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw

from app.billing.problems import Problem, Severity
from app.forms import guarded
from app.forms import layout as layouts
from app.forms import pdf as drawn_pdf
from app.forms.layout import Box, Layout
from app.forms.marks import Mark, item_name
from app.forms.matching import Template, by_hand
from app.forms.template import Rect
from app.i18n import N_, _

UNSCALED = (1.0, 1.0)
NEAR = 0.25
"""Points that a character may be off its cell: rounding, no more."""
SIGNS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -,&/.'()#:+")
"""What the readers of payers know: capitals, digits and the signs that the rules of the boxes use."""
_STRETCH = 0.001  # parts by which the form under a copy may be stretched: three quarters of a point down the sheet
_ROUNDING = 0.05  # points
_TOUCH = 0.3  # points that the boxes of two proportional letters may share; their ink does not touch then
_SPILL = 2.0  # points that a letter may stand out of a field, such as the tail of a comma
_RISE = 1.0  # points above the baseline, a height at which every letter stands in its field
_DARK = 110  # of 255, in the brightest of red, green and blue
_MANY = 20  # characters: of so many, one reason is likelier than as many as there are
_NOTHING = "", ""
_HYPHEN = 0x02  # PDFium's sign for a hyphen at the end of a line
_COPY = drawn_pdf.COPY.replace(" ", "")

pdfium: Any = pypdfium2.raw  # made by a generator, without types


class Sign(NamedTuple):
    """A character on the page: where its cell begins, its baseline, and the box of its ink, in points from the top
    left; `run` is the same for the characters that were drawn together."""

    text: str
    x: float
    y: float
    left: float
    top: float
    right: float
    bottom: float
    run: int | None


class _Seen(NamedTuple):
    """A page as it was read: its size, its characters in dark ink, the others as text, and what else is wrong."""

    size: tuple[float, float]
    signs: list[Sign]
    pale: str
    faults: list[str]


class _Fault(NamedTuple):
    """Something wrong in a box, or on the page where `key` is empty."""

    code: str
    key: str = ""
    words: Mapping[str, object] = {}


def scan(
    pdf: bytes,
    expected: Sequence[Sequence[Mark]],
    layout: Layout,
    *,
    dx_mm: float = 0.0,
    dy_mm: float = 0.0,
    scale: tuple[float, float] = UNSCALED,
) -> list[Problem]:
    """What is wrong with a finished PDF, data alone or a full copy, against the marks of its pages.

    `scale`, then `dx_mm` and `dy_mm` are what the printer needs: the boxes are looked for where they put them.
    """
    pages = scan_pages(pdf, expected, layout, dx_mm=dx_mm, dy_mm=dy_mm, scale=scale)
    return [problem for page in pages for problem in page]


def scan_pages(
    pdf: bytes,
    expected: Sequence[Sequence[Mark]],
    layout: Layout,
    *,
    dx_mm: float = 0.0,
    dy_mm: float = 0.0,
    scale: tuple[float, float] = UNSCALED,
) -> list[list[Problem]]:
    """The same for each page of `expected`; what concerns the whole file stands with the first."""
    moved = _Moved(layout, (dx_mm * drawn_pdf.POINTS_PER_MM, dy_mm * drawn_pdf.POINTS_PER_MM), scale)

    def look(page: _Page, marks: Sequence[Mark]) -> Iterator[_Fault]:
        yield from _form_faults(page, moved)
        seen = page.seen()
        yield from _page_faults(seen, layout.page, _COPY if page.forms else "")
        yield from _grid_faults(seen.signs, _Grid(moved, marks))

    return _scan(pdf, expected, layout, look)


def scan_filled(
    pdf: bytes,
    expected: Sequence[Sequence[Mark]],
    layout: Layout,
    template: Template,
    *,
    mapping: Mapping[str, str | Sequence[str]] | None = None,
) -> list[list[Problem]]:
    """What is wrong with a payer's form that was filled flat, by page: the values of its fields, touching letters.

    The page holds the payer's drawing, so it is read in a process of its own.
    """
    match = {**template.mapping, **(by_hand(mapping, template, layout) if mapping else {})}
    places = {
        key: [template.fields[ref].rect for ref in match.get(key, ())] or [template.frame.rect(layout.rect(box))]
        for key, box in layout.boxes.items()
    }
    return guarded.scan_fields(pdf, expected, layout, places, (template.width, template.height))


def scan_fields(
    pdf: bytes,
    expected: Sequence[Sequence[Mark]],
    layout: Layout,
    places: Mapping[str, Sequence[Rect]],
    size: tuple[float, float],
) -> list[list[Problem]]:
    """The same in this process, with the places of each box's fields and the page's size in points."""

    def look(page: _Page, marks: Sequence[Mark]) -> Iterator[_Fault]:
        seen = page.seen()
        yield from _page_faults(seen, size, "")
        yield from _field_faults(seen.signs, marks, layout, places)

    return _scan(pdf, expected, layout, look)


def _scan(
    pdf: bytes,
    expected: Sequence[Sequence[Mark]],
    layout: Layout,
    look: Callable[[_Page, Sequence[Mark]], Iterable[_Fault]],
) -> list[list[Problem]]:
    found: list[list[Problem]] = [[] for _marks in expected] or [[]]
    try:
        with contextlib.closing(pypdfium2.PdfDocument(pdf)) as document:
            if len(document) != len(expected):
                words = {"count": len(document), "wanted": len(expected)}
                found[0].append(_problem(_Fault("pages", "", words), layout, 0))
            for number, marks in zip(range(len(document)), expected, strict=False):
                with contextlib.closing(_Page(document, number)) as page:
                    faults = [*_unknown_signs(marks), *look(page, marks)]
                where = number + 1 if len(expected) > 1 else 0
                found[number] += [_problem(fault, layout, where) for fault in _once(faults)]
    except pypdfium2.PdfiumError:
        found[0].append(_problem(_Fault("unreadable"), layout, 0))
    return found


def _once(faults: Iterable[_Fault]) -> list[_Fault]:
    """Each kind of fault once a box."""
    return list({(fault.code, fault.key): fault for fault in faults}.values())


# What a page must be


def _page_faults(seen: _Seen, size: tuple[float, float], pale: str) -> Iterator[_Fault]:
    """What is wrong with a page of `size`; `pale` is the text that may stand there in another colour, and must."""
    for code in seen.faults:
        yield _Fault(code)
    if pale not in seen.pale:
        yield _Fault("copy")
    elif seen.pale.replace(pale, "", 1):
        yield _Fault("unexpected")
    (width, height), signs = seen.size, seen.signs
    if abs(width - size[0]) > 1 or abs(height - size[1]) > 1:
        yield _Fault("paper")
    if signs and not (
        min(sign.left for sign in signs) >= 0
        and min(sign.top for sign in signs) >= 0
        and max(sign.right for sign in signs) <= width
        and max(sign.bottom for sign in signs) <= height
    ):
        yield _Fault("edge")


def _unknown_signs(marks: Sequence[Mark]) -> Iterator[_Fault]:
    """Signs that a payer's reader may not know; lower case and letters of other scripts are never right."""
    for mark in marks:
        if not SIGNS.issuperset(mark.text):
            odd = "".join(dict.fromkeys(sign for sign in mark.text if sign not in SIGNS))
            printable = all("!" <= sign <= "~" and not sign.islower() for sign in odd)
            yield _Fault("sign" if printable else "letter", mark.key, {"signs": " ".join(odd)})


# The grid


class _Moved:
    """The cells of a layout as a printer needs them: stretched from the top left corner, then moved, in points.

    Characters stay as large as they are, so only the middles of the cells move.
    """

    def __init__(self, layout: Layout, shift: tuple[float, float], scale: tuple[float, float]) -> None:
        self.layout = layout
        self.shift, self.scale = shift, scale
        self.pitch = layout.pitch[0] * scale[0], layout.pitch[1] * scale[1]
        half = layout.pitch[0] / 2
        inset = layout.glyph(0) - layout.left(0)
        self.start = (layout.left(0) + half) * scale[0] + shift[0] - half + inset
        self.base = (layout.baseline(0) - layout.baseline_drop) * scale[1] + shift[1] + layout.baseline_drop

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """The line and column nearest to the beginning of a character."""
        return round((y - self.base) / self.pitch[1]), round((x - self.start) / self.pitch[0])

    def rect(self, box: Box) -> tuple[float, float, float, float]:
        """A box where it is on the sheet: x0, top, x1, bottom."""
        x0, top, x1, bottom = self.layout.rect(box)
        (across, down), (dx, dy) = self.scale, self.shift
        return x0 * across + dx, top * down + dy, x1 * across + dx, bottom * down + dy


class _Grid:
    """The cells of a layout on a sheet that the printer moves, and which of them are to be filled with what."""

    def __init__(self, moved: _Moved, marks: Sequence[Mark]) -> None:
        self.moved = moved
        self.layout = moved.layout
        self.wanted: dict[tuple[int, int], tuple[str, str]] = {}
        self.faults: list[_Fault] = []
        for mark in marks:
            self.want(mark)

    def want(self, mark: Mark) -> None:
        """Note the cells of a mark; one that leaves its box or meets another is a fault."""
        key, line, column, text = mark
        box = self.layout.boxes[key]
        if line != box.line or column < box.column or column + len(text) > box.column + box.width:
            self.faults.append(_Fault("outside", key))
        for at, sign in enumerate(text, column):
            if sign != " ":
                if (line, at) in self.wanted:
                    self.faults.append(_Fault("touching", key))
                self.wanted[line, at] = sign, key

    def out_of_place(self, signs: Sequence[Sign]) -> list[Sign]:
        """The characters that do not stand as meant in a cell of their own; the others' cells are wanted no more."""
        layout, wanted = self.layout, self.wanted
        start, base = self.moved.start, self.moved.base
        across, down = self.moved.pitch
        # how far the edges of a cell are from where its character begins
        left_edge, top_edge = layout.left(0) - layout.glyph(0), -layout.baseline_drop - layout.pitch[1] / 2
        right_edge, bottom_edge = left_edge + layout.pitch[0] + _ROUNDING, top_edge + layout.pitch[1] + _ROUNDING
        left_edge, top_edge = left_edge - _ROUNDING, top_edge - _ROUNDING
        odd = []
        for sign in signs:
            text, x, y, left, top, right, bottom, _run = sign
            column, line = round((x - start) / across), round((y - base) / down)
            x0, y0 = start + column * across, base + line * down
            if (
                wanted.get((line, column), _NOTHING)[0] == text
                and -NEAR <= x - x0 <= NEAR
                and -NEAR <= y - y0 <= NEAR
                and left_edge <= left - x0
                and right - x0 <= right_edge
                and top_edge <= top - y0
                and bottom - y0 <= bottom_edge
            ):
                del wanted[line, column]
            else:
                odd.append(sign)
        return odd

    def misfit(self, sign: Sign, signs: Sequence[Sign]) -> _Fault:
        """What is wrong with a character out of place. The cell that it stands in counts as filled."""
        layout = self.layout
        line, column = self.moved.cell(sign.x, sign.y)
        text, key = self.wanted.pop((line, column), _NOTHING)
        box = layout.boxes[key] if key else layout.owners.get((line, column))
        if box is None:
            return _Fault("unexpected")
        if _touches(sign, signs):
            return _Fault("touching", box.key)
        if text != sign.text:
            return _Fault("changed" if text else "unexpected", box.key, {"seen": sign.text, "meant": text})
        x0, top, x1, bottom = self.moved.rect(box)
        inside = x0 <= sign.left and sign.right <= x1 and top <= sign.top and sign.bottom <= bottom
        return _Fault("shifted" if inside else "outside", box.key)


def _grid_faults(signs: Sequence[Sign], grid: _Grid) -> Iterator[_Fault]:
    cells = len(grid.wanted)
    odd = grid.out_of_place(signs)
    if max(len(odd), len(grid.wanted)) * 2 > cells >= _MANY:
        yield _Fault("moved")
        return
    yield from grid.faults
    for sign in odd:
        yield grid.misfit(sign, signs)
    for _text, key in grid.wanted.values():
        yield _Fault("missing", key)


def _touches(sign: Sign, signs: Sequence[Sign]) -> bool:
    return any(
        sign.left < other.right and other.left < sign.right and sign.top < other.bottom and other.top < sign.bottom
        for other in signs
        if other is not sign
    )


# Fields


def _field_faults(
    signs: Sequence[Sign], marks: Sequence[Mark], layout: Layout, places: Mapping[str, Sequence[Rect]]
) -> Iterator[_Fault]:
    """Values by the places of their fields; blanks do not count, for the letters have no common pitch."""
    wanted: dict[Rect, list[tuple[Mark, str]]] = {}
    for mark in sorted(marks, key=lambda mark: (mark.line, mark.column)):
        for rect, text in _parts(mark, places[mark.key], layout.boxes[mark.key]):
            wanted.setdefault(rect, []).append((mark, text))
    inside: dict[Rect, list[Sign]] = {rect: [] for rect in wanted}
    owners: dict[int | None, Rect | None] = {}
    for sign in signs:
        if sign.run not in owners:
            owners[sign.run] = _field_of(sign, wanted)
        field = owners[sign.run]
        if field is None:
            yield _Fault("unexpected")
            continue
        inside[field].append(sign)
        if not _within(sign, field):
            yield _Fault("outside", wanted[field][0][0].key)
    for rect, found in inside.items():
        seen = "".join(sign.text for sign in sorted(found, key=lambda sign: (round(sign.y, 1), sign.x)))
        meant = "".join(text.replace(" ", "") for _mark, text in wanted[rect])
        if seen != meant:
            code = "changed" if seen else "missing"
            yield _Fault(code, wanted[rect][0][0].key, {"seen": seen, "meant": meant})
        yield from (_Fault("touching", wanted[rect][0][0].key) for _sign in _crowded(found))


def _parts(mark: Mark, rects: Sequence[Rect], box: Box) -> list[tuple[Rect, str]]:
    """The text of each field of a mark: two share an amount, dollars and cents."""
    if len(rects) == 2 and box.kind == "money" and mark.text.isdigit():
        return [(rects[0], mark.text[:-2]), (rects[1], mark.text[-2:])]
    return [(rects[0], mark.text)]


def _field_of(sign: Sign, rects: Iterable[Rect]) -> Rect | None:
    """The field that a run of letters begins in; of two the one whose middle is nearer."""
    x, y = (sign.left + sign.right) / 2, sign.y - _RISE
    around = [
        (abs(rect.centre[1] - y), rect)
        for rect in rects
        if rect.left <= x <= rect.right and rect.top <= y <= rect.bottom
    ]
    return min(around)[1] if around else None


def _within(sign: Sign, rect: Rect) -> bool:
    across = rect.left - _SPILL <= sign.left and sign.right <= rect.right + _SPILL
    return across and rect.top - _SPILL <= sign.top and sign.bottom <= rect.bottom + _SPILL


def _crowded(signs: Sequence[Sign]) -> list[Sign]:
    """Letters of one line that stand on the letter before."""
    ordered = sorted(signs, key=lambda sign: (round(sign.y, 1), sign.left))
    return [two for one, two in pairwise(ordered) if abs(one.y - two.y) < 1 and two.left < one.right - _TOUCH]


# What PDFium sees


def _direct(name: str, result: Any, *takes: Any) -> Callable[..., Any]:
    """A function of PDFium that takes plain numbers for pointers: one call a character must cost little."""
    place = cast(getattr(pdfium, name), c_void_p).value
    assert place is not None
    return CFUNCTYPE(result, *takes)(place)


_unicode = _direct("FPDFText_GetUnicode", c_uint, c_void_p, c_int)
_origin = _direct("FPDFText_GetCharOrigin", c_int, c_void_p, c_int, c_void_p, c_void_p)
_ink = _direct("FPDFText_GetCharBox", c_int, c_void_p, c_int, *[c_void_p] * 4)
_run = _direct("FPDFText_GetTextObject", c_void_p, c_void_p, c_int)
_object = _direct("FPDFPage_GetObject", c_void_p, c_void_p, c_int)
_remove = _direct("FPDFPage_RemoveObject", c_int, c_void_p, c_void_p)
_destroy = _direct("FPDFPageObj_Destroy", None, c_void_p)
_kind = _direct("FPDFPageObj_GetType", c_int, c_void_p)
_color = _direct("FPDFPageObj_GetFillColor", c_int, c_void_p, *[c_void_p] * 4)
_mode = _direct("FPDFTextObj_GetTextRenderMode", c_int, c_void_p)
_matrix = _direct("FPDFPageObj_GetMatrix", c_int, c_void_p, c_void_p)
_parts_of = _direct("FPDFFormObj_CountObjects", c_int, c_void_p)
_UNSEEN = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)


class _Page:
    """A page of a PDF that can be read once."""

    def __init__(self, document: pypdfium2.PdfDocument, number: int) -> None:
        self.page = document[number]
        self.handle = cast(self.page.raw, c_void_p).value
        objects = [_object(self.handle, at) for at in range(pdfium.FPDFPage_CountObjects(self.page.raw))]
        kinds = {each: _kind(each) for each in objects}
        self.texts = [each for each in objects if kinds[each] == pdfium.FPDF_PAGEOBJ_TEXT]
        self.forms = [each for each in objects if kinds[each] == pdfium.FPDF_PAGEOBJ_FORM]
        self.others = len(objects) - len(self.texts) - len(self.forms)

    def close(self) -> None:
        """Give the page back."""
        self.page.close()

    def bare(self) -> bool:
        """Whether nothing but text and at most one form is on it."""
        notes = pdfium.FPDFPage_GetAnnotCount(self.page.raw)
        return not self.others and not notes and len(self.forms) <= 1

    def seen(self) -> _Seen:
        """What can be seen: the form is taken away, and with it its captions; what is not dark is left out."""
        faults = [] if self.bare() else ["drawing"]
        box = self.page.get_mediabox()
        if self.page.get_rotation() or self.page.get_cropbox() != box:
            faults.append("paper")
        for form in self.forms:
            _remove(self.handle, form)
            _destroy(form)
        signs = self._signs(box[0], box[3])
        if len({sign.run for sign in signs}) < len(self.texts):
            faults.append("doubled")
        light = self._light()
        dark = [sign for sign in signs if sign.run not in light] if light else signs
        pale = "".join(sign.text for sign in signs if sign.run in light) if light else ""
        return _Seen(self.page.get_size(), dark, pale, faults)

    def _signs(self, left: float, top: float) -> list[Sign]:
        """The characters; what PDFium makes up, blanks and line ends, is left out."""
        with contextlib.closing(self.page.get_textpage()) as text:
            handle, count = cast(text.raw, c_void_p).value, text.count_chars()
            codes = list(map(_unicode, repeat(handle), range(count)))
            places = _written(_origin, (repeat(handle), range(count)), count, 2, c_double)
            inks = _written(_ink, (repeat(handle), range(count)), count, 4, c_double)
            runs = list(map(_run, repeat(handle), range(count)))
        rows = zip(
            ["-" if code == _HYPHEN else chr(code) for code in codes],
            [x - left for x in places[::2]],
            [top - y for y in places[1::2]],
            [x - left for x in inks[::4]],
            [top - y for y in inks[3::4]],
            [x - left for x in inks[1::4]],
            [top - y for y in inks[2::4]],
            runs,
            strict=True,
        )
        return [Sign._make(row) for row in rows if row[0] > " "]

    def _light(self) -> set[int]:
        """The texts that cannot be seen or are not dark, as readers want it."""
        shades = _written(_color, (self.texts,), len(self.texts), 4, c_uint)
        red, green, blue, solid = (shades[at::4] for at in range(4))
        lightest = map(max, red, green, blue)
        return {
            text
            for text, light, opaque, mode in zip(self.texts, lightest, solid, map(_mode, self.texts), strict=True)
            if light > _DARK or opaque < 255 - _DARK or mode in _UNSEEN
        }


def _written(call: Callable[..., Any], keys: Iterable[Iterable[Any]], count: int, width: int, kind: Any) -> list[Any]:
    """What a function writes through its `width` pointers, for each of `count` keys, one after the other."""
    cells = (kind * (count * width))()
    start, size = addressof(cells), sizeof(kind)
    pointers = (itertools.count(start + size * at, size * width) for at in range(width))
    deque(map(call, *keys, *pointers), maxlen=0)
    return list(cells)


def _form_faults(page: _Page, moved_by: _Moved) -> Iterator[_Fault]:
    """What is wrong with the drawing under a full copy: it must be ours, whole, and moved as the data is."""
    for form in page.forms:
        cells = (c_float * 6)()
        _matrix(form, addressof(cells))
        (across, down), (dx, dy) = moved_by.scale, moved_by.shift
        meant = (across, 0, 0, down, dx, moved_by.layout.page[1] * (1 - down) - dy)
        near = (_STRETCH, _STRETCH, _STRETCH, _STRETCH, NEAR, NEAR)
        moved = any(abs(is_so - wanted) > off for is_so, wanted, off in zip(cells, meant, near, strict=True))
        if moved or _parts_of(form) != _parts_drawn(moved_by.layout.id):
            yield _Fault("drawing")


@functools.cache
def _parts_drawn(layout_id: str) -> int:
    """How many parts our drawing of a form has, as PDFium counts them on an empty copy."""
    empty = drawn_pdf.full([()], layouts.load(layout_id))
    with contextlib.closing(pypdfium2.PdfDocument(empty)) as document, contextlib.closing(_Page(document, 0)) as page:
        return int(_parts_of(page.forms[0]))


# In words

_TEXTS: dict[str, tuple[Severity, str]] = {
    "unreadable": (Severity.BLOCK, N_("The finished PDF cannot be read back. Print again.")),
    "pages": (Severity.BLOCK, N_("The PDF has {count} pages instead of {wanted}. Print again.")),
    "paper": (Severity.BLOCK, N_("The page is turned or of another size than the form. Choose another form.")),
    "edge": (Severity.BLOCK, N_("Text stands over the edge of the sheet. Choose a smaller shift.")),
    "moved": (Severity.BLOCK, N_("Most of the text is not where it is meant. Check the shift of the printer.")),
    "drawing": (Severity.BLOCK, N_("Something is drawn on the page that is not of the form. Print again.")),
    "copy": (Severity.BLOCK, N_("The page shows the form, but not that it is a copy. Print again.")),
    "doubled": (Severity.BLOCK, N_("A text is printed twice in one place. Print again.")),
    "outside": (Severity.BLOCK, N_("it stands partly outside of its box. Check the shift, or shorten it.")),
    "shifted": (Severity.BLOCK, N_("it stands beside its cells. Check the shift of the printer.")),
    "touching": (Severity.BLOCK, N_("characters touch each other. Check the values of this item.")),
    "changed": (Severity.BLOCK, N_("“{seen}” is on the page where “{meant}” is meant. Check the value.")),
    "missing": (Severity.BLOCK, N_("a character that is meant is not on the page. Check the value.")),
    "unexpected": (Severity.BLOCK, N_("something is on the page that is not meant. Print again.")),
    "letter": (Severity.BLOCK, N_("readers do not know {signs}. Use capitals, digits and plain signs.")),
    "sign": (Severity.WARN, N_("a payer's reader may not know {signs}. Leave it out if you can.")),
}


def _problem(fault: _Fault, layout: Layout, page: int) -> Problem:
    """A fault in words; `page` is 0 where there is one page only."""
    severity, text = _TEXTS[fault.code]
    message, item = _(text).format(**fault.words), ""
    if fault.key:
        box = layout.boxes[fault.key]
        item = box.item
        place = _("{label} (item {item})").format(label=_(box.label), item=item_name(item))
        message = f"{place}: {message}"
    elif fault.code == "unexpected":
        message = message[:1].upper() + message[1:]
    if page:
        message = _("Page {number}. {message}").format(number=page, message=message)
    return Problem(severity=severity, code=f"scanner.{fault.code}", message=message, item=item, field=fault.key)
