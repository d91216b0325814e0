"""Fill a payer's PDF: marks drawn at the places of its fields (flat), or put into fields that stay fillable.

The bare page of a template is prepared once; each result is that file's bytes with small objects appended and one
table of offsets, so that a claim costs about as much as its own text. Positions are in points; a PDF counts y
upwards, the rest of the program counts it from the top.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from app.billing.problems import Problem, block, inform
from app.errors import InputError
from app.forms.layout import CHARACTER, Box, Layout
from app.forms.marks import Mark
from app.forms.matching import Match, Template, box_map, by_hand, load_template, mapping_text, read_mapping
from app.forms.pdf_file import CAPITAL, SMALLEST, Document, Fields, Text, cross, fitting, prepared, shown, width_of
from app.forms.template import Field, read_forms
from app.i18n import _

__all__ = ["Filled", "Template", "box_map", "fill", "load_template", "mapping_text", "read_forms", "read_mapping"]

_LEADING = 1.15  # from line to line, in parts of the size


class Filled(NamedTuple):
    """The PDF, and what could not be put into it: a value with a problem is left out, never cut."""

    pdf: bytes
    problems: list[Problem]


def fill(
    template: Template,
    pages: Sequence[Sequence[Mark]],
    layout: Layout,
    *,
    keep_fillable: bool = False,
    mapping: Mapping[str, str | Sequence[str]] | None = None,
) -> Filled:
    """The template filled once for each of `pages`, as one PDF.

    Flat: plain text on the page, nothing to fill. With `keep_fillable` the fields hold the values; those of a second
    page are named "page2.…" as names must differ. `mapping` (see `read_mapping`) is laid over the template's match.
    Raises InputError when there is no page, and when `mapping` names a box or field that is not there.
    """
    if not pages:
        raise InputError(_("There is no page to fill."))
    document = Document(prepared(template.page))
    match = by_hand(mapping, template, layout) if mapping else {}
    sheets = [_Sheet(template, layout, match, number, len(pages)) for number in range(1, len(pages) + 1)]
    for sheet, marks in zip(sheets, pages, strict=True):
        sheet.put(marks, keep_fillable)
    catalog = _write_fillable(document, template, sheets) if keep_fillable else _write_flat(document, template, sheets)
    problems = [problem for sheet in sheets for problem in sheet.problems]
    if not template.known and not mapping:
        message = _("The form is not a known one; its fields were matched by their places. Look the pages over.")
        problems.append(inform("template.by-place", message))
    return Filled(document.finished(catalog), problems)


# What goes where


class _Sheet:
    """One page: its marks as texts to draw, by field and outside of any."""

    def __init__(self, template: Template, layout: Layout, by_hand: Match, number: int, count: int) -> None:
        self.template = template
        self.layout = layout
        self.by_hand = by_hand
        self.number = number
        self.where = _(" (page {number})").format(number=number) if count > 1 else ""
        self.values: dict[str, str] = {}
        self.drawn: dict[str, list[Text]] = {}
        self.loose: list[Text] = []
        self.problems: list[Problem] = []

    def put(self, marks: Sequence[Mark], fillable: bool) -> None:
        """Sort the marks to their fields and set each field's text."""
        parts: dict[str, list[Mark]] = {}
        match = self.template.mapping
        for mark in marks:
            refs = self.by_hand.get(mark.key)
            if refs is None:
                refs = match.get(mark.key)
            if refs:
                for ref, text in zip(refs, _spoken(self.layout.boxes[mark.key], mark.text, len(refs)), strict=True):
                    if text:
                        parts.setdefault(ref, []).append(mark._replace(text=text))
            elif fillable or (refs is None and not self.template.known):
                self.no_field(mark, fillable)
            else:
                self.on_grid(mark)
        for ref, own in parts.items():
            self.set(self.template.fields[ref], own, fillable)

    def set(self, field: Field, marks: list[Mark], fillable: bool) -> None:
        """Put the marks of one field into it, or say why not."""
        if field.kind == "mark":
            self.values[field.ref] = field.on
            self.drawn[field.ref] = [cross(field.rect)]
            return
        text = self.joined(field, marks)
        box = self.layout.boxes[marks[0].key]
        limit = field.max_length
        if limit and len(text) > limit and (fillable or field.comb):
            message = _("{label}: the form's field “{field}” takes {limit} characters, the value has {count}{where}.")
            self.problem(box, "template.too-long", message, field=field.name, limit=limit, count=len(text))
            return
        encoded = self.encoded(text, box)
        if encoded is None:
            return
        drawn = _set_comb(field, encoded) if field.comb else _set_lines(field, encoded.split(b"\n"))
        if drawn is None:
            message = _("{label} does not fit the form's field “{field}” even at {size} points{where}. Shorten it.")
            self.problem(box, "template.does-not-fit", message, field=field.name, size=int(SMALLEST))
            return
        self.values[field.ref] = text
        self.drawn[field.ref] = drawn

    def joined(self, field: Field, marks: list[Mark]) -> str:
        """The text of a field that several boxes share: a blank between them, what goes on in the next line follows.

        Item 19 fills the end of one line before it begins the next, so the first part takes all its cells.
        """
        boxes = self.layout.boxes
        marks.sort(key=lambda mark: (mark.line, mark.column))
        text = marks[0].text
        for before, mark in pairwise(marks):
            if mark.line == before.line:
                text += " " + mark.text
            elif field.multiline:
                text += "\n" + mark.text
            else:
                text = text.ljust(boxes[before.key].width) + mark.text
        return text

    def on_grid(self, mark: Mark) -> None:
        """Draw a mark that has no field at its cells of the grid, as the grid lies on this template."""
        size, frame = self.layout.font_size, self.template.frame
        encoded = self.encoded(mark.text, self.layout.boxes[mark.key])
        if encoded is not None:
            x, y = frame.point(self.layout.glyph(mark.column), self.layout.baseline(mark.line))
            spacing = self.layout.pitch[0] * frame.x_scale - CHARACTER * size
            self.loose.append(Text(encoded, "Cour", size, x, y, spacing))

    def encoded(self, text: str, box: Box) -> bytes | None:
        """The text as the standard fonts hold it; None, and a problem, for signs that they lack."""
        try:
            return text.encode("cp1252")
        except UnicodeEncodeError:
            self.problem(box, "template.unprintable", _("{label} has signs that the form's font lacks{where}."))
            return None

    def no_field(self, mark: Mark, fillable: bool) -> None:
        message = (
            _("{label} has no field in this form{where}. Print it flat, or leave it out.")
            if fillable
            else _('{label} found no field in this form{where}. Give its field in a mapping file, or "" for the grid.')
        )
        self.problem(self.layout.boxes[mark.key], "template.no-field", message)

    def problem(self, box: Box, code: str, message: str, **values: object) -> None:
        text = message.format(label=box.label, where=self.where, **values)
        self.problems.append(block(code, text, item=box.item))


def _spoken(box: Box, text: str, fields: int) -> tuple[str, ...]:
    """A mark's text for each of its fields, as a person would type it.

    The grid parts dollars and cents by position; a field parts them by a blank, two fields hold one each.
    """
    if box.kind != "money" or not text.isdigit():
        return (text, *[""] * (fields - 1))
    dollars, cents = text[:-2], text[-2:]
    return (f"{dollars} {cents}",) if fields == 1 else (dollars, cents)


# How text stands in a field


def _set_lines(field: Field, lines: Sequence[bytes]) -> list[Text] | None:
    """The lines as large as they fit, up to 10 points; None when that is less than 5."""
    rect, font = field.rect, "Cour" if field.courier else "Helv"
    widths = [width_of(line, font) for line in lines]
    rows = CAPITAL[font] + _LEADING * (len(lines) - 1)
    tight = rect.width - 4.0 < max(widths) * SMALLEST
    margin = 0.5 if tight else 1.0 if rect.width < 30 else 2.0
    room = rect.width - 2 * margin
    size = fitting(min(room / max(widths), (rect.height - 1) / rows))
    if size < SMALLEST:
        return None
    above = margin if field.multiline else (rect.height - rows * size) / 2
    baseline = rect.top + above + CAPITAL[font] * size
    return [
        Text(
            line,
            font,
            size,
            rect.left + margin + (room - width * size) * field.align / 2,
            baseline + number * _LEADING * size,
        )
        for number, (line, width) in enumerate(zip(lines, widths, strict=True))
    ]


def _set_comb(field: Field, text: bytes) -> list[Text] | None:
    """One character a cell, in its middle."""
    rect, font = field.rect, "Cour" if field.courier else "Helv"
    cell = rect.width / field.max_length
    widths = [width_of(text[at : at + 1], font) for at in range(len(text))]
    size = fitting(min(cell / max(widths), (rect.height - 1) / CAPITAL[font]))
    if size < SMALLEST:
        return None
    y = rect.centre[1] + CAPITAL[font] * size / 2
    return [
        Text(text[at : at + 1], font, size, rect.left + cell * (at + 0.5) - width * size / 2, y)
        for at, width in enumerate(widths)
    ]


def _write_flat(document: Document, template: Template, sheets: Sequence[_Sheet]) -> str:
    """Pages with plain text; the catalog needs nothing more."""
    kids = []
    for sheet in sheets:
        texts = [text for drawn in sheet.drawn.values() for text in drawn] + sheet.loose
        content = document.stream("", b"q /Form Do Q\n" + shown(texts, 0.0, template.height))
        kids.append(document.page(content, template.width, template.height))
    document.pages(kids)
    return ""


# Fields made anew


def _write_fillable(document: Document, template: Template, sheets: Sequence[_Sheet]) -> str:
    """Pages with the template's fields, made anew; the catalog's entry for them."""
    content = document.stream("", b"q /Form Do Q")
    form = Fields(document, template.height)
    groups: dict[str, list[Field]] = {}
    for field in template.fields.values():
        groups.setdefault(field.name, []).append(field)
    kids = []
    for sheet in sheets:
        page = document.reserve()
        prefix = [f"page{sheet.number}"] if sheet.number > 1 else []
        widgets: list[int] = []
        for name, fields in groups.items():
            path = [*prefix, *name.split(".")]
            if fields[0].kind == "text":
                widgets.append(form.text(path, page, fields[0], sheet.values, sheet.drawn))
            else:
                widgets += form.marks(path, page, fields, sheet.drawn)
        annotations = " ".join(f"{widget} 0 R" for widget in widgets)
        document.page(content, template.width, template.height, f"/Annots [{annotations}] ", page)
        kids.append(page)
    document.pages(kids)
    return form.catalog()
