"""Opening a payer's PDF: what is refused, with which sentence, and that nothing but drawing and places comes out."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas

from app.errors import InputError
from app.forms import template
from app.forms.template import FormPage, Rect, read_forms
from tests.forms import pdf_factory as factory

FORBIDDEN = {
    "/AA", "/A", "/JS", "/JavaScript", "/OpenAction", "/Names", "/EmbeddedFiles", "/XFA", "/PieceInfo", "/Metadata",
}  # fmt: skip
A_FIELD = factory.text("one", (50, 100, 150, 112))


def keys_of(pdf: bytes) -> set[str]:
    """The keys of every dictionary in a PDF that can be reached."""
    found: set[str] = set()
    seen: set[int] = set()

    def walk(value: Any) -> None:
        value = value.get_object()
        if id(value) in seen:
            return
        seen.add(id(value))
        if isinstance(value, dict):
            found.update(map(str, value))
            for key in value:
                walk(value.raw_get(key))  # type: ignore[attr-defined]
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(PdfReader(io.BytesIO(pdf)).root_object)
    return found


def picture(pdf: bytes, page: int = 0) -> Any:
    """A page as it looks, three pixels to the point, grey."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        document.init_forms()
        return document[page].render(scale=3).to_pil().convert("L")
    finally:
        document.close()


def dark(image: Any, rect: tuple[float, float, float, float]) -> float:
    """The share of dark pixels within a place of a picture."""
    pixels = image.crop(tuple(round(edge * 3) for edge in rect)).tobytes()
    return sum(pixel < 100 for pixel in pixels) / len(pixels)


def checked(pdf: bytes, folder: Any) -> None:
    """qpdf finds nothing wrong."""
    path = folder / "out.pdf"
    path.write_bytes(pdf)
    result = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_field_becomes_plain_data() -> None:
    widgets = [
        factory.text("plain", (50, 100, 150, 112), Q=1, MaxLen=7),
        factory.text("courier", (50, 120, 150, 132), DA="/Cour 8 Tf 0 g", Ff=1 << 12),
        factory.text("comb", (50, 140, 150, 152), DA="0 g", Ff=1 << 24, MaxLen=10),
        factory.text("choice", (50, 160, 150, 172), FT="/Ch", Opt=["a", "b"], V="a"),
        factory.check("tick", (50, 180, 60, 190), "Group"),
    ]
    form = read_forms(factory.pdf(widgets))[0]
    plain, courier, comb, choice, tick = form.fields
    assert (plain.ref, plain.kind, plain.align, plain.max_length, plain.size) == ("plain", "text", 1, 7, 9.0)
    assert plain.rect == pytest.approx(Rect(50, 100, 150, 112))
    assert (courier.courier, courier.multiline, courier.comb) == (True, True, False)
    assert (comb.comb, comb.size, comb.max_length) == (True, 0.0, 10)
    assert (choice.kind, choice.comb) == ("text", False)
    assert (tick.ref, tick.name, tick.on, tick.kind) == ("tick=Group", "tick", "Group", "mark")
    assert (form.width, form.height) == factory.LETTER


def test_names_and_attributes_come_from_the_tree_of_fields() -> None:
    root = factory.obj({"/T": "form", "/FT": "/Tx", "/Q": 2, "/MaxLen": 5, "/DA": "/Cour 8 Tf"})
    kid = {"/Rect": (50, 100, 150, 112), "/T": "name", "/Parent": root}
    unnamed = {"/Rect": (50, 120, 150, 132), "/FT": "/Tx"}
    again = factory.text("form.name", (50, 140, 150, 152))
    fields = read_forms(factory.pdf([kid, unnamed, again]))[0].fields
    assert [field.ref for field in fields] == ["form.name", "field", "form.name#2"]
    assert (fields[0].align, fields[0].max_length, fields[0].courier) == (2, 5, True)
    assert fields[2].name == "form.name#2"


def test_what_is_not_a_field_to_fill_is_left_behind() -> None:
    widgets = [
        A_FIELD,
        factory.text("speck", (80, 200, 82, 202)),
        factory.text("hidden", (50, 220, 150, 232), F=2),
        factory.text("far away", (50, 220, 1e7, 232)),
        factory.text("n" * 500, (50, 230, 150, 242)),
        factory.text("signature", (50, 240, 150, 252), FT="/Sig"),
        factory.text("reset", (50, 260, 150, 272), FT="/Btn", Ff=1 << 16, MK={"/CA": "Clear Form"}),
        factory.text("tickless", (50, 280, 60, 290), FT="/Btn"),
        factory.text("comment", (50, 300, 150, 312), Subtype="/FreeText"),
        factory.text("link", (50, 320, 150, 332), Subtype="/Link", A={"/S": "/URI", "/URI": "https://example.org"}),
    ]
    assert [field.ref for field in read_forms(factory.pdf(widgets))[0].fields] == ["one"]


def test_only_the_drawing_crosses_over(tmp_path: Any) -> None:
    script = {"/S": "/JavaScript", "/JS": "app.alert(1)"}
    data = factory.pdf(
        [factory.text("one", (50, 100, 150, 112), V="LEFTOVER", AA={"/K": script}, A=script)],
        page={
            "/AA": {"/O": script},
            "/PieceInfo": {"/Private": "x"},
            "/Group": {"/S": "/Transparency"},
            "/Resources": {
                "/Font": {"/F1": {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}},
                "/XObject": {"/Old": factory.stream(b"", Subtype="/Form", PieceInfo={"/A": script})},
            },
        },
        root={
            "/OpenAction": script,
            "/AA": {"/WC": script},
            "/Names": {"/JavaScript": {"/Names": ["x", script]}, "/EmbeddedFiles": {"/Names": []}},
            "/AcroForm": {"/Fields": [], "/XFA": "x"},
            "/Metadata": factory.stream(b"<x/>"),
        },
        drawing=b"BT /F1 20 Tf 60 600 Td (DRAWN) Tj ET",
    )
    form = read_forms(data)[0]
    assert not keys_of(form.page) & FORBIDDEN
    assert b"LEFTOVER" not in form.page
    assert "DRAWN" in PdfReader(io.BytesIO(form.page)).pages[0].extract_text()
    assert dark(picture(form.page), (60, 176, 130, 194)) > 0.1
    checked(form.page, tmp_path)


def test_actions_and_other_files_are_left_behind_wherever_they_hide() -> None:
    script = {"/S": "/JavaScript", "/Odd": "app.alert(1)"}
    launch = {"/Type": "/Action", "/S": "/Launch", "/Win": {"/P": "calc"}}
    other = {"/Type": "/Filespec", "/UF": "other.exe"}
    odd = {"/Kept": "/Yes", "/Do": script, "/List": ["/Kept", launch, [other, "/Kept"]]}
    data = factory.pdf([A_FIELD], page={"/Resources": {"/Odd": odd}})
    assert resources_of(data)["/Odd"] == {"/Kept": "/Yes", "/List": ["/Kept", ["/Kept"]]}


def test_a_drawing_that_lies_in_another_file_is_left_there() -> None:
    writer = factory.PdfWriter(clone_from=PdfReader(io.BytesIO(factory.pdf([A_FIELD]))))
    drawing = factory.stream(b"", Type="/XObject", Subtype="/Form", BBox=[0, 0, 1, 1], F="other.pdf", Kept="/Yes")
    drawing[factory.NameObject("/Ref")] = factory.obj({"/F": "other.pdf", "/Page": 0})
    writer.pages[0].update(factory.obj({"/Resources": {"/XObject": {"/F": writer._add_object(drawing)}}}))
    out = io.BytesIO()
    writer.write(out)
    found = resources_of(out.getvalue())["/XObject"]["/F"]
    assert found["/Kept"] == "/Yes" and not {"/F", "/Ref"} & set(found)


def resources_of(payers: bytes) -> Any:
    """What the drawing of the clean page uses."""
    page: Any = PdfReader(io.BytesIO(read_forms(payers)[0].page)).pages[0]
    return page["/Resources"]["/XObject"]["/Form"]["/Resources"]


def test_what_nests_deeper_than_any_form_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "_MAX_NESTING", 3)
    with pytest.raises(InputError, match="damaged"):
        read_forms(factory.pdf([A_FIELD], page={"/Resources": {"/A1": {"/A2": {"/A3": {"/A4": {"/A5": 1}}}}}}))


def test_memory_that_runs_out_is_no_damaged_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(data: bytes) -> Any:
        raise MemoryError

    monkeypatch.setattr(template, "_read", read)
    with pytest.raises(MemoryError):
        read_forms(factory.pdf([A_FIELD]))


@pytest.mark.parametrize("state", ["/OFF", "/ON"])
def test_a_hidden_layer_stays_hidden(state: str) -> None:
    shape = factory.stream(b"0 g 100 600 100 100 re f", Type="/XObject", Subtype="/Form", BBox=[0, 0, 612, 792])
    writer = factory.PdfWriter()
    page = writer.add_blank_page(612, 792)
    layer = writer._add_object(factory.obj({"/Type": "/OCG", "/Name": "Draft"}))
    shape.update(factory.obj({"/OC": layer}))
    resources = {"/XObject": {"/Draft": writer._add_object(shape)}}
    page.update(factory.obj({"/Resources": resources, "/Contents": writer._add_object(factory.stream(b"/Draft Do"))}))
    page.update(factory.obj({"/Annots": [factory.obj({**A_FIELD, "/Subtype": "/Widget"})]}))
    writer.root_object.update(factory.obj({"/OCProperties": {"/OCGs": [layer], "/D": {state: [layer]}}}))
    out = io.BytesIO()
    writer.write(out)
    form = read_forms(out.getvalue())[0]
    assert dark(picture(form.page), (100, 92, 200, 192)) == (0.0 if state == "/OFF" else 1.0)


def test_places_count_from_the_visible_page() -> None:
    data = factory.pdf([A_FIELD], page={"/CropBox": [10, 20, 602, 780]}, drawing=b"0 g 50 680 100 12 re f")
    form = read_forms(data)[0]
    assert (form.width, form.height) == (592, 760)
    assert form.fields[0].rect == pytest.approx(Rect(40, 88, 140, 100))
    assert dark(picture(form.page), form.fields[0].rect) > 0.95


def test_a_page_without_drawing_is_a_page() -> None:
    form = read_forms(factory.pdf([A_FIELD], page={"/Contents": factory.obj([]), "/Resources": {}}))[0]
    assert dark(picture(form.page), (0, 0, 612, 792)) == 0.0


def test_fields_made_by_another_program() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=factory.LETTER)
    canvas.acroForm.textfield(name="who", x=50, y=680, width=100, height=12, value="OLD", maxlen=20, borderWidth=0)
    canvas.acroForm.checkbox(name="box", x=200, y=680, size=10, checked=True)
    canvas.acroForm.radio(name="choice", value="M", x=230, y=680, size=10)
    canvas.acroForm.radio(name="choice", value="F", x=250, y=680, size=10)
    canvas.showPage()
    canvas.save()
    fields = {field.ref: field for field in read_forms(out.getvalue())[0].fields}
    assert list(fields) == ["who", "box=Yes", "choice=M", "choice=F"]
    assert fields["who"].max_length == 20
    assert fields["who"].rect == pytest.approx(Rect(50, 100, 150, 112), abs=1)


def loop() -> bytes:
    parent = factory.obj({"/T": "again"})
    data = factory.pdf([{"/Rect": (50, 100, 150, 112), "/T": "kid", "/Parent": parent}])
    reader = PdfReader(io.BytesIO(data))
    writer = factory.PdfWriter(clone_from=reader)
    widget = writer.pages[0]["/Annots"][0].get_object()
    widget[factory.NameObject("/Parent")] = widget.indirect_reference
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def bomb() -> bytes:
    """A small file whose drawing unpacks to more than any page needs."""
    writer = factory.PdfWriter()
    page = writer.add_blank_page(612, 792)
    drawing = factory.stream(zlib.compress(b"0" * 80_000_000, 1), Filter="/FlateDecode")
    page[factory.NameObject("/Contents")] = writer._add_object(drawing)
    page.update(factory.obj({"/Annots": [factory.obj({**A_FIELD, "/Subtype": "/Widget"})]}))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def letter() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 700, "Dear client")
    canvas.save()
    return out.getvalue()


def refusals() -> Iterator[Any]:
    good = factory.pdf([A_FIELD])
    yield pytest.param(b"hello", "not a PDF", id="text")
    yield pytest.param(b"", "not a PDF", id="empty")
    yield pytest.param(good[: len(good) // 2], "cut off", id="truncated")
    yield pytest.param(good + b" " * (20 * 1024 * 1024), "larger than 20 MB", id="big")
    yield pytest.param(b"%PDF-1.7\nnonsense\n%%EOF", "damaged", id="nonsense")
    yield pytest.param(factory.pdf([A_FIELD], password="secret"), "password", id="locked")
    yield pytest.param(factory.pdf([A_FIELD], blanks=30), "more than 30 pages", id="pages")
    yield pytest.param(factory.pdf([], root={"/AcroForm": {"/XFA": "x"}}), "XFA only", id="xfa")
    yield pytest.param(factory.pdf([]), "no fields", id="no fields")
    yield pytest.param(letter(), "no fields", id="letter")
    yield pytest.param(factory.pdf([A_FIELD], page={"/Rotate": 90}), "sideways", id="sideways")
    yield pytest.param(factory.pdf([A_FIELD], size=(90, 792)), "damaged", id="strip of paper")
    yield pytest.param(loop(), "damaged", id="loop")
    yield pytest.param(bomb(), "damaged", id="bomb")
    nested = factory.pdf([A_FIELD], page={"/Resources": {"/Font": {"/F": "NEST"}}})
    yield pytest.param(nested.replace(b"(NEST)", b"[" * 3000 + b"]" * 3000), "damaged", id="nested")


@pytest.mark.parametrize(("data", "sentence"), [*refusals()])
def test_a_pdf_that_cannot_be_used_is_refused_in_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        read_forms(data)
    assert caught.value.message.count(".") == 1
    assert caught.value.hint


@pytest.mark.parametrize("password", ["", "secret"])
def test_a_pdf_locked_with_todays_cipher_is_said_to_be_locked(password: str, tmp_path: Path) -> None:
    program = shutil.which("qpdf")
    if program is None:
        pytest.skip("needs qpdf")
    plain, locked = tmp_path / "plain.pdf", tmp_path / "locked.pdf"
    plain.write_bytes(factory.pdf([A_FIELD]))
    subprocess.run([program, "--encrypt", password, "owner", "256", "--", plain, locked], check=True)
    with pytest.raises(InputError, match="protected by a password"):
        read_forms(locked.read_bytes())


def test_a_drawing_too_large_to_keep_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "_MAX_DRAWING", 10)
    with pytest.raises(InputError, match="too complex"):
        read_forms(factory.pdf([A_FIELD]))


def test_a_broken_pdf_is_read_or_refused_and_nothing_else() -> None:
    good = factory.pdf([*factory.strangers(factory.Frame()).values()][:40])
    chance = random.Random(1500)
    outcomes = set()
    for _number in range(60):
        data = bytearray(good)
        for _hit in range(chance.randrange(1, 30)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        data += b"%%EOF"
        try:
            outcomes.add(type(read_forms(bytes(data))[0]))
        except InputError:
            outcomes.add(InputError)
    assert outcomes == {FormPage, InputError}
