"""Fillable PDFs for tests, made here: like the well-known form, like a stranger's, and like an enemy's."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from app.forms import layout as layouts
from app.forms.matching import Frame, known_templates
from app.forms.template import Rect

LETTER = (612.0, 792.0)
Widget = dict[str, Any]


def obj(value: Any) -> Any:
    """A PDF object from plain values: a text that begins with "/" is a name, dict and list nest."""
    if isinstance(value, dict):
        return DictionaryObject({NameObject(key): obj(inner) for key, inner in value.items()})
    if isinstance(value, list | tuple):
        return ArrayObject([obj(inner) for inner in value])
    if isinstance(value, str):
        return NameObject(value) if value.startswith("/") else TextStringObject(value)
    if isinstance(value, bool | int):
        return NumberObject(value)
    return FloatObject(value) if isinstance(value, float) else value


def stream(data: bytes, **entries: Any) -> DecodedStreamObject:
    made = DecodedStreamObject()
    made.set_data(data)
    made.update(obj({f"/{key}": value for key, value in entries.items()}))
    return made


def text(name: str, rect: Sequence[float], **more: Any) -> Widget:
    """A text field; `rect` is left, top, right, bottom from the top left."""
    return {"/T": name, "/FT": "/Tx", "/Rect": rect, "/DA": "/Helv 9 Tf 0 g", **_entries(more)}


def check(name: str, rect: Sequence[float], on: str = "Yes", **more: Any) -> Widget:
    """A check box with its ticked state."""
    look = {f"/{on}": stream(b"", Subtype="/Form", BBox=[0, 0, 9, 9]), "/Off": stream(b"", Subtype="/Form")}
    return {"/T": name, "/FT": "/Btn", "/Rect": rect, "/AP": {"/N": look}, **_entries(more)}


def _entries(more: dict[str, Any]) -> dict[str, Any]:
    return {f"/{key}": value for key, value in more.items()}


def pdf(
    widgets: Iterable[Widget],
    *,
    size: tuple[float, float] = LETTER,
    drawing: bytes = b"0.5 g 20 20 572 752 re S",
    page: dict[str, Any] | None = None,
    root: dict[str, Any] | None = None,
    blanks: int = 0,
    password: str = "",
) -> bytes:
    """A PDF whose first page has these fields; `page` and `root` add entries, `blanks` pages without fields."""
    writer = PdfWriter()
    sheet = writer.add_blank_page(*size)
    sheet[NameObject("/Contents")] = writer._add_object(stream(drawing))
    sheet[NameObject("/Annots")] = ArrayObject([_annotation(writer, widget, size[1]) for widget in widgets])
    sheet.update(obj(page or {}))
    writer.root_object[NameObject("/AcroForm")] = obj({"/Fields": []})
    writer.root_object.update(obj(root or {}))
    for _number in range(blanks):
        writer.add_blank_page(*size)
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _annotation(writer: PdfWriter, widget: Widget, height: float) -> Any:
    left, top, right, bottom = map(float, widget["/Rect"])
    made = {"/Type": "/Annot", "/Subtype": "/Widget", **widget, "/Rect": [left, height - bottom, right, height - top]}
    return writer._add_object(obj(made))


def like_fillable_a(leave_out: Iterable[str] = (), shift: tuple[float, float] = (0.0, 0.0)) -> list[Widget]:
    """Fields with the names and places of the well-known form, but for those of some boxes."""
    missing = set(leave_out)
    made: dict[str, Widget] = {}
    for key, (ref, rect) in known_templates()[0].boxes.items():
        if key not in missing:
            place = moved(rect, Frame(1, shift[0], 1, shift[1]))
            name, _equals, on = ref.partition("=")
            made[ref] = check(name, place, on) if on else text(name, place)
    return list(made.values())


def moved(rect: tuple[float, float, float, float], frame: Frame) -> Rect:
    return frame.rect(rect)


def strangers(frame: Frame, leave_out: Iterable[str] = ()) -> dict[str, Widget]:
    """Fields over every box of the grid as it lies in `frame`, with names that say nothing, by box key."""
    grid, missing = layouts.load(), set(leave_out)
    made = {}
    for number, (key, box) in enumerate(grid.boxes.items()):
        if key in missing:
            continue
        left, top, right, bottom = frame.rect(grid.rect(box))
        if box.kind == "mark":
            made[key] = check(f"f{number}", (left - 1, top + 1, right + 1, bottom - 1))
        else:
            made[key] = text(f"f{number}", (left - 1, top + 1, right + 1, bottom - 1))
    return made
