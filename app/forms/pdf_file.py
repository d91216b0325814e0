"""A small PDF writer for filled forms: a bare page's file, grown by pages, texts and fields.

Objects are appended to the bytes of the bare page and one table of offsets ends the file, so that nothing of the
page is parsed or copied again for a claim.
"""

from __future__ import annotations

import functools
import io
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pypdf import PdfReader
from reportlab.pdfbase import pdfmetrics

from app.forms.template import Field, Rect

FONTS = {"Helv": "Helvetica", "Cour": "Courier", "HeBo": "Helvetica-Bold"}
CAPITAL = {"Helv": 0.718, "Cour": 0.562, "HeBo": 0.718}
"""The height of capitals, in parts of the font size."""
LARGEST, SMALLEST = 10.0, 5.0  # points


class Text(NamedTuple):
    """A line of text at a place: font, size, left end and baseline (from the top), extra room after each character."""

    text: bytes
    font: str
    size: float
    x: float
    y: float
    spacing: float = 0.0


@functools.cache
def _widths(font: str) -> tuple[float, ...]:
    """The width of each byte's character, in parts of the size."""
    return tuple(width / 1000 for width in pdfmetrics.getFont(FONTS[font]).widths)


def width_of(text: bytes, font: str) -> float:
    """The width of a text, in parts of the size."""
    return sum(map(_widths(font).__getitem__, text))


def cross(rect: Rect) -> Text:
    """An X in the middle of a check box."""
    size = fitting(min(rect.width, rect.height) / CAPITAL["HeBo"])
    x, y = rect.centre
    return Text(b"X", "HeBo", size, x - width_of(b"X", "HeBo") * size / 2, y + CAPITAL["HeBo"] * size / 2)


def fitting(wished: float) -> float:
    """A font size in tenths of a point, 10 at the most."""
    return min(LARGEST, int(wished * 10) / 10)


class Base(NamedTuple):
    """The bare page's file without its table of offsets, and the objects in it that are used again."""

    body: bytes
    offsets: Mapping[int, int]
    pages: int
    form: int
    layers: int


@functools.lru_cache(maxsize=4)
def prepared(page: bytes) -> Base:
    """The file of a bare page (see `FormPage`), ready to grow."""
    reader = PdfReader(io.BytesIO(page))
    root = reader.root_object
    resources: Any = reader.pages[0]["/Resources"]
    form = resources["/XObject"].raw_get("/Form")
    layers = root.raw_get("/OCProperties").idnum if "/OCProperties" in root else 0
    end = int(page[page.rindex(b"startxref") + 9 :].split()[0])
    return Base(page[:end], reader.xref[0], root.raw_get("/Pages").idnum, form.idnum, layers)


class Document:
    """A PDF that grows from a bare page: objects are appended, the table of offsets comes last."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self.parts = [base.body]
        self.size = len(base.body)
        self.offsets = dict(base.offsets)
        self.last = max(self.offsets)
        fonts = " ".join(
            f"/{name} << /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>"
            for name, font in FONTS.items()
        )
        self.fonts = self.add(f"<< {fonts} >>")
        self.resources = self.add(f"<< /XObject << /Form {base.form} 0 R >> /Font {self.fonts} 0 R >>")

    def reserve(self) -> int:
        """A number for an object that is added later."""
        self.last += 1
        return self.last

    def add(self, value: str, number: int = 0) -> int:
        """Write an object; its number."""
        return self._write(value.encode("latin-1"), number or self.reserve())

    def stream(self, entries: str, data: bytes) -> int:
        """Write a stream, compressed."""
        packed = zlib.compress(data)
        head = f"<< {entries}/Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode("latin-1")
        return self._write(head + packed + b"\nendstream", self.reserve())

    def _write(self, value: bytes, number: int) -> int:
        self.offsets[number] = self.size
        written = b"%d 0 obj\n%b\nendobj\n" % (number, value)
        self.parts.append(written)
        self.size += len(written)
        return number

    def page(self, content: int, width: float, height: float, more: str = "", number: int = 0) -> int:
        """Write a page; `more` holds more entries."""
        return self.add(
            f"<< /Type /Page /Parent {self.base.pages} 0 R /MediaBox [0 0 {width:g} {height:g}] "
            f"/Resources {self.resources} 0 R /Contents {content} 0 R {more}>>",
            number,
        )

    def pages(self, kids: Sequence[int]) -> None:
        """Write the list of pages, in place of the bare one."""
        inner = " ".join(f"{kid} 0 R" for kid in kids)
        self.add(f"<< /Type /Pages /Count {len(kids)} /Kids [{inner}] >>", self.base.pages)

    def finished(self, catalog: str = "") -> bytes:
        """The whole file; `catalog` holds more entries of its root."""
        layers = f"/OCProperties {self.base.layers} 0 R " if self.base.layers else ""
        root = self.add(f"<< /Type /Catalog /Pages {self.base.pages} 0 R {layers}{catalog}>>")
        table = [b"xref\n0 %d\n" % (self.last + 1)]
        table += [
            b"%010d 00000 n \n" % self.offsets[number] if number in self.offsets else b"0000000000 65535 f \n"
            for number in range(self.last + 1)
        ]
        table.append(
            b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (self.last + 1, root, self.size)
        )
        return b"".join(self.parts + table)


def shown(texts: Sequence[Text], left: float, bottom: float) -> bytes:
    """The drawing of texts, with its origin at `left`, `bottom` (from the top)."""
    parts = [b"BT 0 g"]
    font, size, spacing = "", 0.0, 0.0
    for text in texts:
        if (text.font, text.size) != (font, size):
            font, size = text.font, text.size
            parts.append(f"/{font} {size:g} Tf".encode())
        if text.spacing != spacing:
            spacing = text.spacing
            parts.append(b"%.3f Tc" % spacing)
        parts.append(b"1 0 0 1 %.2f %.2f Tm (%b) Tj" % (text.x - left, bottom - text.y, _escaped(text.text)))
    parts.append(b"ET")
    return b"\n".join(parts)


def _escaped(text: bytes) -> bytes:
    return text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


# Fields


class Fields:
    """The fields of a form that stays fillable, each page's made anew with its own appearance."""

    def __init__(self, document: Document, height: float) -> None:
        self.document = document
        self.height = height
        self.off = document.stream("/Type /XObject /Subtype /Form /BBox [0 0 1 1] ", b"")
        self.nodes: dict[tuple[str, ...], int] = {(): 0}
        self.kids: dict[tuple[str, ...], list[int]] = {(): []}

    def text(
        self, path: list[str], page: int, field: Field, values: Mapping[str, str], drawn: Mapping[str, list[Text]]
    ) -> int:
        """Write a text field with its value; its number."""
        shape = drawn.get(field.ref, [])
        size = shape[0].size if shape else min(field.size, LARGEST)
        entries = [
            self._widget(field, page, path),
            f"/FT /Tx /Q {field.align} /DA (/{'Cour' if field.courier else 'Helv'} {size:g} Tf 0 g)",
            f"/Ff {(field.multiline << 12) | (field.comb << 24)}",
        ]
        if field.max_length:
            entries.append(f"/MaxLen {field.max_length}")
        if shape:
            look = b"/Tx BMC q\n" + shown(shape, field.rect.left, field.rect.bottom) + b"\nQ EMC"
            entries.append(f"/V {_text(values[field.ref])} /AP << /N {self._look(field.rect, look)} 0 R >>")
        return self._place(path, self.document.add(f"<< {' '.join(entries)} >>"))

    def marks(self, path: list[str], page: int, fields: Sequence[Field], drawn: Mapping[str, list[Text]]) -> list[int]:
        """Write a group of check boxes, of which one may be ticked; the numbers of its boxes."""
        group = self.document.reserve()
        on, boxes = "Off", []
        for field in fields:
            state = _name(field.on)
            ticked = field.ref in drawn
            if ticked:
                on = state
            look = self._look(
                field.rect, b"q\n" + shown([cross(field.rect)], field.rect.left, field.rect.bottom) + b"\nQ"
            )
            boxes.append(
                self.document.add(
                    f"<< {self._widget(field, page)} /Parent {group} 0 R /AS /{state if ticked else 'Off'} "
                    f"/MK << /CA (8) >> /AP << /N << /{state} {look} 0 R /Off {self.off} 0 R >> >> >>"
                )
            )
        inner = " ".join(f"{box} 0 R" for box in boxes)
        value = f"<< /FT /Btn /V /{on} /T {_text(path[-1])} {self._above(path)}/Kids [{inner}] >>"
        self._place(path, self.document.add(value, group))
        return boxes

    def catalog(self) -> str:
        """Write the names that group others; the catalog's entry for all fields."""
        for path, number in self.nodes.items():
            if path:
                inner = " ".join(f"{kid} 0 R" for kid in self.kids[path])
                self.document.add(f"<< /T {_text(path[-1])} {self._above(list(path))}/Kids [{inner}] >>", number)
        top = " ".join(f"{kid} 0 R" for kid in self.kids[()])
        fonts = self.document.fonts
        return f"/AcroForm << /Fields [{top}] /DA (/Helv 0 Tf 0 g) /DR << /Font {fonts} 0 R >> >> "

    def _widget(self, field: Field, page: int, path: list[str] | None = None) -> str:
        rect = field.rect
        place = f"{rect.left:.2f} {self.height - rect.bottom:.2f} {rect.right:.2f} {self.height - rect.top:.2f}"
        named = f" /T {_text(path[-1])} {self._above(path)}" if path else ""
        return f"/Type /Annot /Subtype /Widget /F 4 /P {page} 0 R /Rect [{place}]{named}"

    def _look(self, rect: Rect, drawing: bytes) -> int:
        fonts = self.document.fonts
        return self.document.stream(
            f"/Type /XObject /Subtype /Form /BBox [0 0 {rect.width:.2f} {rect.height:.2f}] "
            f"/Resources << /Font {fonts} 0 R >> ",
            drawing,
        )

    def _above(self, path: list[str]) -> str:
        node = self._node(tuple(path[:-1]))
        return f"/Parent {node} 0 R " if node else ""

    def _node(self, path: tuple[str, ...]) -> int:
        """The number of a name that groups others; 0 is the top."""
        if path not in self.nodes:
            self._node(path[:-1])
            self.nodes[path] = self.document.reserve()
            self.kids[path] = []
            self.kids[path[:-1]].append(self.nodes[path])
        return self.nodes[path]

    def _place(self, path: list[str], number: int) -> int:
        self._node(tuple(path[:-1]))
        self.kids[tuple(path[:-1])].append(number)
        return number


def _text(text: str) -> str:
    """A text of a PDF object: in brackets, or as hexadecimal UTF-16 when it is more than ASCII."""
    if text.isascii() and text.isprintable():
        return f"({_escaped(text.encode()).decode()})"
    return f"<feff{text.encode('utf-16-be', 'surrogatepass').hex()}>"


def _name(text: str) -> str:
    """A name of a PDF object, without its stroke."""
    return "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else f"#{byte:02x}" for byte in text.encode("utf-8", "replace")
    )
