"""Open a payer's PDF and take from it only what is safe: the look of its pages and the places of its fields.

Such a file comes from a web page or a letter: it may be broken or hostile. So nothing is "removed" from it: a new
page is made that holds the drawing alone, and each field becomes plain data (name, place, length). Scripts,
actions, XFA, attachments, comments, buttons, links and values that somebody left in the fields never cross over.
`read_forms` takes bytes and gives plain values, so that it runs in a process of its own (`guarded.py`).
"""

from __future__ import annotations

import io
import json
import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, NamedTuple, NoReturn

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import DependencyError
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    RectangleObject,
    StreamObject,
)

from app.errors import InputError
from app.i18n import _

MAX_BYTES = 20 * 1024 * 1024
MAX_PAGES = 30
_MAX_DRAWING = 20 * 1024 * 1024  # decoded bytes of one page's drawing
_MAX_FIELDS = 1000  # on one page; the claim form has 252
_MAX_DEPTH = 32  # of the tree of field names
_MAX_NESTING = 200  # of arrays and dictionaries within one object
_MAX_NAME = 400  # characters of a field's name, state or style
_MAX_LENGTH = 10_000  # characters that a field may say it takes
_FARTHEST = 20_000.0  # points; no page of a PDF reaches so far
_SMALLEST = 4.0  # points; smaller fields are helpers of the form's scripts

_HIDDEN = 0x02 | 0x20  # annotation flags: hidden, no view
_MULTILINE, _PUSH, _COMB = 1 << 12, 1 << 16, 1 << 24

_ACTIONS = frozenset(
    {
        "/GoToE", "/GoToR", "/Hide", "/ImportData", "/JavaScript", "/Launch", "/Movie", "/Named", "/Rendition",
        "/ResetForm", "/RichMediaExecute", "/SetOCGState", "/Sound", "/SubmitForm", "/Thread", "/Trans", "/URI",
    }
)  # fmt: skip
"""What a dictionary's `/S` is when it makes a viewer do something."""
_OUTSIDE = frozenset({"/Action", "/EmbeddedFile", "/Filespec"})
"""What a dictionary's `/Type` is when it acts, or is another file."""

# Never copied with the drawing: private data, structure, and whatever leads back to the document.
_LEFT_OUT = (
    "/AA",
    "/Annots",
    "/EF",
    "/JS",
    "/JavaScript",
    "/LastModified",
    "/Metadata",
    "/OPI",
    "/OpenAction",
    "/Parent",
    "/PieceInfo",
    "/StructParent",
    "/StructParents",
)

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it comments on every flaw of a file; we answer once


class Rect(NamedTuple):
    """A place on a page, in points from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Field:
    """One place to fill. `ref` is its name, for a check box `name=STATE`; a repeated one gets `#2`, `#3`.

    `kind` is "text" or "mark"; `on` the state of a ticked box; `max_length` 0 when free; `size` the font size in
    points, 0 when the viewer chooses; `align` 0 left, 1 centre, 2 right; `comb`: one cell a character.
    """

    ref: str
    name: str
    kind: str
    rect: Rect
    on: str = ""
    max_length: int = 0
    courier: bool = False
    size: float = 0.0
    align: int = 0
    multiline: bool = False
    comb: bool = False


@dataclass(frozen=True)
class FormPage:
    """A page that has fields: `page` is a PDF of the bare page (its drawing as form XObject `/Form`)."""

    page: bytes
    width: float
    height: float
    fields: tuple[Field, ...]

    def packed(self) -> bytes:
        """As plain data: a line of JSON, then the PDF of the bare page."""
        head = {"width": self.width, "height": self.height, "fields": [asdict(field) for field in self.fields]}
        return json.dumps(head, allow_nan=False).encode() + b"\n" + self.page


def unpacked(data: bytes) -> FormPage:
    """What `FormPage.packed` gave, each value checked. Raises ValueError."""
    head, _end, page = data.partition(b"\n")
    found = json.loads(head, parse_constant=_no_number)
    if type(found) is not dict or set(found) != {"width", "height", "fields"} or type(found["fields"]) is not list:
        raise ValueError("no form page")
    width, height = found["width"], found["height"]
    if not all(type(edge) is float and 100 < edge < 5000 for edge in (width, height)) or page[:5] != b"%PDF-":
        raise ValueError("no page of paper")
    return FormPage(page, width, height, tuple(_checked_field(row) for row in found["fields"]))


_KINDS = {"str": str, "int": int, "bool": bool, "float": float}


def _checked_field(row: Any) -> Field:
    rect = row["rect"]
    if len(rect) != 4 or not all(type(edge) is float and abs(edge) <= _FARTHEST for edge in rect):
        raise ValueError("no place")
    field = Field(**{**row, "rect": Rect(*rect)})
    for each in fields(Field):
        kind = _KINDS.get(str(each.type))
        if kind is not None and type(getattr(field, each.name)) is not kind:
            raise ValueError("no field")
    return field


def _no_number(name: str) -> NoReturn:
    raise ValueError("no number")


def read_forms(data: bytes) -> list[FormPage]:
    """The pages with fields of a PDF, each clean and alone.

    Raises InputError, with one sentence for each: not a PDF, cut off, damaged, locked by a password, too big, too
    many pages, XFA only, turned sideways, no fields. A file may also ask for endless time or memory, so the program
    calls this through `guarded.read_forms` only.
    """
    if len(data) > MAX_BYTES:
        raise InputError(_("The PDF is larger than 20 MB."), _("Use the payer's original blank form."))
    if b"%PDF-" not in data[:1024]:
        raise InputError(_("This is not a PDF file."), _("Choose the payer's form as a PDF."))
    if b"%%EOF" not in data[-2048:]:
        raise InputError(_("The PDF is cut off: its end is missing."), _("Download or copy the file again."))
    try:
        return _read(data)
    except (InputError, MemoryError):
        raise
    except Exception as error:  # a hostile file can make a parser fail in any way at all
        if isinstance(error, DependencyError) and b"/Encrypt" in data:
            raise _locked() from None
        raise InputError(
            _("The PDF is damaged and cannot be read."), _("Get a fresh copy of the form from the payer.")
        ) from None


def _locked() -> InputError:
    return InputError(
        _("The PDF is protected by a password."), _("Ask the payer for a form without protection, or print to PDF.")
    )


def _read(data: bytes) -> list[FormPage]:
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        raise _locked()
    if len(reader.pages) > MAX_PAGES:
        raise InputError(
            _("The PDF has more than {count} pages.").format(count=MAX_PAGES), _("Save only the form's page.")
        )
    forms = [_form_page(reader, page, fields) for page in reader.pages if (fields := _fields(page))]
    if not forms:
        form: Any = reader.root_object.get("/AcroForm")
        if form is not None and "/XFA" in form.get_object():
            raise InputError(
                _("The PDF holds its form as XFA only, which other programs cannot fill."),
                _("Ask the payer for an ordinary fillable PDF (AcroForm)."),
            )
        raise InputError(
            _("The PDF has no fields to fill."), _("Use the payer's fillable form, or print on the grid instead.")
        )
    return forms


# The bare page


def _form_page(reader: PdfReader, page: PageObject, fields: list[Field]) -> FormPage:
    if int(page.get("/Rotate", 0)) % 360:
        raise InputError(_("The form's page is turned sideways."), _("Save it upright and choose it again."))
    box = page.cropbox
    width, height = float(box.width), float(box.height)
    if not (100 < width < 5000 and 100 < height < 5000):
        raise ValueError("no page of paper")
    moved = [
        replace(
            field,
            rect=Rect(
                field.rect.left - float(box.left),
                float(box.top) - field.rect.bottom,
                field.rect.right - float(box.left),
                float(box.top) - field.rect.top,
            ),
        )
        for field in fields
    ]
    return FormPage(_bare(reader, page, width, height), width, height, tuple(moved))


def _bare(reader: PdfReader, page: PageObject, width: float, height: float) -> bytes:
    """A PDF of one page that draws the form XObject `/Form`: what `page` shows without its annotations."""
    writer = PdfWriter()
    writer.pdf_header = "%PDF-1.7"
    writer.metadata = None
    contents = page.get_contents()
    drawing = contents.get_data() if contents is not None else b""
    if len(drawing) > _MAX_DRAWING:
        raise InputError(_("The form's page is too complex."), _("Use the payer's original blank form."))
    plain = DecodedStreamObject()
    plain.set_data(drawing)
    form = plain.flate_encode()
    box = page.cropbox
    left, bottom = float(box.left), float(box.bottom)
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): RectangleObject((left, bottom, left + width, bottom + height)),
            NameObject("/Matrix"): ArrayObject([FloatObject(n) for n in (1, 0, 0, 1, -left, -bottom)]),
        }
    )
    if "/Group" in page:
        form[NameObject("/Group")] = page["/Group"].clone(writer, ignore_fields=_LEFT_OUT)
    resources = page.get("/Resources")
    form[NameObject("/Resources")] = (
        DictionaryObject() if resources is None else resources.get_object().clone(writer, ignore_fields=_LEFT_OUT)
    )
    blank = writer.add_blank_page(width, height)
    blank[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/XObject"): DictionaryObject({NameObject("/Form"): writer._add_object(form)})}  # noqa: SLF001
    )
    call = DecodedStreamObject()
    call.set_data(b"q /Form Do Q")
    blank[NameObject("/Contents")] = writer._add_object(call)  # noqa: SLF001
    _copy_layers(reader, writer)
    for kept in writer._objects:  # noqa: SLF001 - an action without its own key does nothing, but nothing needs it
        _without_actions(kept, 0)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _without_actions(value: Any, depth: int) -> None:
    """Take from a dictionary or array all that is an action or another file, however deep."""
    if depth > _MAX_NESTING:
        raise ValueError("nested too deep")
    if isinstance(value, DictionaryObject):
        for key in [key for key in value if _acts(value.raw_get(key))]:
            del value[key]
        if isinstance(value, StreamObject):
            for key in [key for key in ("/F", "/FDecodeParms", "/FFilter", "/Ref") if key in value]:  # data elsewhere
                del value[key]
    elif isinstance(value, ArrayObject):
        value[:] = [each for each in value if not _acts(each)]
    else:
        return
    for each in list(value.values() if isinstance(value, DictionaryObject) else value):
        if not isinstance(each, IndirectObject):
            _without_actions(each, depth + 1)


def _acts(value: Any) -> bool:
    found = value.get_object()
    return isinstance(found, DictionaryObject) and (
        str(found.get("/S", "")) in _ACTIONS or str(found.get("/Type", "")) in _OUTSIDE
    )


def _copy_layers(reader: PdfReader, writer: PdfWriter) -> None:
    """Which layers (optional content) show: without this, hidden watermarks would come to light."""
    layers: Any = reader.root_object.get("/OCProperties")
    if layers is None:
        return
    layers = layers.get_object()
    default = layers.get("/D", DictionaryObject()).get_object()
    kept = DictionaryObject(
        {NameObject(key): default.raw_get(key) for key in ("/BaseState", "/ON", "/OFF", "/AS") if key in default}
    )
    both = DictionaryObject({NameObject("/OCGs"): layers.get("/OCGs", ArrayObject()), NameObject("/D"): kept})
    writer.root_object[NameObject("/OCProperties")] = writer._add_object(  # noqa: SLF001
        both.clone(writer, ignore_fields=_LEFT_OUT)
    )


# The fields, as plain data (here still in the page's own coordinates, y upwards)


def _fields(page: PageObject) -> list[Field]:
    annotations = page.get("/Annots")
    if annotations is None:
        return []
    fields: list[Field] = []
    seen: Counter[str] = Counter()
    for reference in list(annotations.get_object())[:_MAX_FIELDS]:
        field = _field(reference.get_object())
        if field is None:
            continue
        seen[field.ref] += 1
        if (count := seen[field.ref]) > 1:
            field = replace(field, ref=f"{field.ref}#{count}", name=f"{field.name}#{count}")
        fields.append(field)
    return fields


def _field(annotation: Any) -> Field | None:
    """The field behind an annotation; None for comments, links, buttons, signatures, hidden ones and specks."""
    if not isinstance(annotation, DictionaryObject) or annotation.get("/Subtype") != "/Widget":
        return None
    place: Any = annotation["/Rect"]
    kind, flags = _inherited(annotation, "/FT"), int(_inherited(annotation, "/Ff") or 0)
    left, bottom, right, top = (float(value) for value in RectangleObject(place))
    rect = Rect(min(left, right), min(bottom, top), max(left, right), max(bottom, top))
    if int(annotation.get("/F", 0)) & _HIDDEN or not _can_be_seen(rect):
        return None
    name = ".".join(reversed([str(node["/T"]) for node in _line_of(annotation) if "/T" in node])) or "field"
    if len(name) > _MAX_NAME:
        return None
    if kind == "/Btn" and not flags & _PUSH and (on := _on_state(annotation)[:_MAX_NAME]):
        return Field(f"{name}={on}", name, "mark", rect, on=on)
    if kind not in {"/Tx", "/Ch"}:
        return None
    length = min(max(int(_inherited(annotation, "/MaxLen") or 0), 0), _MAX_LENGTH)
    multiline = kind == "/Tx" and bool(flags & _MULTILINE)
    style = str(_inherited(annotation, "/DA") or "")[:_MAX_NAME]
    font = re.search(r"/(\S+)\s+([\d.]+)\s+Tf", style)
    return Field(
        name,
        name,
        "text",
        rect,
        max_length=length,
        courier=bool(font and font[1].lower().startswith("cour")),
        size=min(float(font[2]), 1000.0) if font else 0.0,
        align=min(max(int(_inherited(annotation, "/Q") or 0), 0), 2),
        multiline=multiline,
        comb=kind == "/Tx" and bool(flags & _COMB) and length > 0 and not multiline,
    )


def _can_be_seen(rect: Rect) -> bool:
    return min(rect.width, rect.height) >= _SMALLEST and max(map(abs, rect)) <= _FARTHEST / 2


def _line_of(annotation: DictionaryObject) -> Iterator[DictionaryObject]:
    """The annotation and its parents in the tree of fields."""
    node: Any = annotation
    for _step in range(_MAX_DEPTH):
        yield node
        if "/Parent" not in node:
            return
        node = node["/Parent"].get_object()
    raise ValueError("fields too deep")


def _inherited(annotation: DictionaryObject, key: str) -> Any:
    return next((node[key].get_object() for node in _line_of(annotation) if key in node), None)


def _on_state(annotation: DictionaryObject) -> str:
    """The name of a check box's ticked state, empty when it has none."""
    states = annotation.get("/AP", DictionaryObject()).get_object().get("/N", DictionaryObject()).get_object()
    return next((str(state)[1:] for state in states if state != "/Off"), "")
