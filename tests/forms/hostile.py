"""An enemy's PDFs: made by hand to hang, burst, trick or act, and mutated from good forms."""

from __future__ import annotations

import io
import random
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from pypdf import PdfReader

from app.billing.problems import blocks
from app.errors import InputError
from app.forms import acroform, guarded, matching
from app.forms import layout as layouts
from app.forms.marks import compose
from app.forms.matching import Frame
from app.forms.template import FormPage
from app.forms.values import parse
from tests.forms import pdf_factory as factory

FIELD = factory.text("one", (50, 100, 150, 112))
SCRIPT = {"/S": "/JavaScript", "/JS": "app.alert(1)"}
LAUNCH = {"/Type": "/Action", "/S": "/Launch", "/Win": {"/F": "cmd.exe"}}
FORBIDDEN_KEYS = frozenset(
    {"/AA", "/A", "/JS", "/JavaScript", "/OpenAction", "/Names", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent"}
)
ACTIVE = frozenset({"/JavaScript", "/Launch", "/URI", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition"})
ACTIVE_WORDS = re.compile(rb"/(JavaScript|JS|Launch|OpenAction|EmbeddedFiles|XFA|SubmitForm|ImportData|RichMedia)\b")


# By hand


def _full(**more: Any) -> bytes:
    """A claim form that could be used, with something added."""
    return factory.pdf(factory.like_fillable_a(), **more)


def _raw(*objects: bytes, root: int = 1, trailer: bytes = b"") -> bytes:
    """A PDF written out by hand: objects from 1 on."""
    out, places = [b"%PDF-1.7\n"], []
    for number, content in enumerate(objects, 1):
        places.append(sum(map(len, out)))
        out.append(b"%d 0 obj\n%b\nendobj\n" % (number, content))
    start = sum(map(len, out))
    out.append(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out += [b"%010d 00000 n \n" % place for place in places]
    head = b"trailer\n<< /Size %d /Root %d 0 R %b >>\nstartxref\n%d\n%%%%EOF\n"
    return b"".join([*out, head % (len(objects) + 1, root, trailer, start)])


def _stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(data), entries, data)


_WIDGET = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (one) /Rect [50 680 150 692] >>"


def _page(contents: bytes, resources: bytes = b"<< >>", annots: bytes = b"[4 0 R]") -> bytes:
    return b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %b /Resources %b /Annots %b >>" % (
        contents, resources, annots,
    )  # fmt: skip


_ROOT, _ONE = b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"


def _packed_zeros(times: int) -> bytes:
    """2 GB of zeros after `times` unpackings."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    check = (2048 << 20) % 65521 << 16 | 1
    data = b"\x78\xda" + block * 2048 + packer.flush() + check.to_bytes(4, "big")
    for __ in range(times - 1):
        data = zlib.compress(data, 9)
    return data


def _many_contents() -> bytes:
    """A small drawing, named so often that the page's drawing is 20 GB."""
    drawing = _stream(zlib.compress(b"q Q " * 2_500_000, 9), b"/Filter /FlateDecode")
    return _raw(_ROOT, _ONE, _page(b"[" + b"5 0 R " * 2000 + b"]"), _WIDGET, drawing)


def _page_loop() -> bytes:
    return _raw(_ROOT, b"<< /Type /Pages /Count 9 /Kids [2 0 R 3 0 R] >>", _page(b"5 0 R"), _WIDGET, _stream(b""))


def _many_pages() -> bytes:
    kids = b"<< /Type /Pages /Count 200000 /Kids [" + b"3 0 R " * 200_000 + b"] >>"
    return _raw(_ROOT, kids, _page(b"5 0 R"), _WIDGET, _stream(b""))


def _lying_count() -> bytes:
    return _raw(_ROOT, b"<< /Type /Pages /Count 1 /Kids [" + b"3 0 R " * 5000 + b"] >>", _page(b"5 0 R"), _WIDGET)


def _resource_loop() -> bytes:
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >>"
    return _raw(
        _ROOT, _ONE, _page(b"5 0 R", b"<< /XObject << /X 6 0 R >> >>"), _WIDGET, _stream(b"/X Do"),
        _stream(b"/X Do /X Do", form),
    )  # fmt: skip


def _deep(opening: bytes, closing: bytes, depth: int) -> bytes:
    return _raw(
        _ROOT, _ONE, _page(b"5 0 R", b"<< /Odd 6 0 R >>"), _WIDGET, _stream(b""), opening * depth + closing * depth
    )


def _chain(length: int) -> bytes:
    """Dictionaries that each name the next."""
    links = [b"<< /Next %d 0 R >>" % (number + 1) for number in range(6, 6 + length)]
    return _raw(_ROOT, _ONE, _page(b"5 0 R", b"<< /Odd 6 0 R >>"), _WIDGET, _stream(b""), *links, b"<< >>")


def _previous_loop() -> bytes:
    data = _full()
    start = int(data[data.rindex(b"startxref") + 9 :].split()[0])
    return data.replace(b"trailer\n<<", b"trailer\n<<\n/Prev %d" % start)


def _object_stream(pairs: bytes, entries: bytes) -> bytes:
    packed = zlib.compress(pairs)
    stream = _stream(packed, b"/Type /ObjStm /Filter /FlateDecode " + entries)
    return _raw(_ROOT, _ONE, _page(b"5 0 R"), _WIDGET, stream)


def _cross_reference_stream(size: int) -> bytes:
    entries = b"/Type /XRef /W [8 8 8] /Index [0 %d] /Size %d /Root 1 0 R" % (size, size)
    data = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    return data + b"2 0 obj\n" + _stream(b"abc", entries) + b"\nendobj\nstartxref\n%d\n%%%%EOF" % len(data)


def _parents_loop() -> bytes:
    widget = _WIDGET.replace(b"/T (one)", b"/T (one) /Parent 4 0 R")
    return _raw(_ROOT, _ONE, _page(b"5 0 R"), widget, _stream(b""))


def _many_fields() -> bytes:
    return _raw(_ROOT, _ONE, _page(b"5 0 R", annots=b"[" + b"4 0 R " * 500_000 + b"]"), _WIDGET, _stream(b""))


def _odd_places() -> bytes:
    rects = [(50.0, 50.0, 1e30, 60.0), (-1e300, 0, 1e300, 9), (50, 100, 50, 100)]
    return factory.pdf([*factory.like_fillable_a(), *(factory.text(f"odd{at}", rect) for at, rect in enumerate(rects))])


def _odd_names() -> bytes:
    names = ["%n%n%s", "../../etc/passwd", "a\0b", "\u202eevil", "x" * 100_000, "=cmd|' /C calc'!A0", "(", "<<", ")>>"]
    fields = [factory.text(name, (300, 700 + at, 340, 710 + at)) for at, name in enumerate(names)]
    return factory.pdf([*factory.like_fillable_a(), *fields])


def by_hand() -> dict[str, Callable[[], bytes]]:
    """The makers, by what they try."""
    names = {"/JavaScript": {"/Names": ["x", SCRIPT]}, "/EmbeddedFiles": {"/Names": ["y", {"/Type": "/Filespec"}]}}
    hidden = {"/Odd": {"/Deep": [SCRIPT, {"/Do": LAUNCH}]}, "/XObject": {}}
    bomb = b"/Filter /FlateDecode"
    return {
        "script at opening": lambda: _full(root={"/OpenAction": SCRIPT}),
        "script behind pages and fields": lambda: factory.pdf(
            [{**widget, "/AA": {"/K": SCRIPT}, "/A": SCRIPT} for widget in factory.like_fillable_a()],
            page={"/AA": {"/O": LAUNCH}},
        ),
        "named scripts and attachments": lambda: _full(root={"/Names": names}),
        "actions among the resources": lambda: _full(page={"/Resources": hidden}),
        "program to launch": lambda: _full(root={"/AA": {"/WC": LAUNCH}, "/OpenAction": LAUNCH}),
        "links and buttons": lambda: factory.pdf(
            [
                *factory.like_fillable_a(),
                factory.text("l", (1, 1, 60, 60), Subtype="/Link", A={"/S": "/URI", "/URI": "https://example.org"}),
                factory.text("b", (1, 1, 60, 60), FT="/Btn", Ff=1 << 16, A={"/S": "/SubmitForm", "/F": "x"}),
                factory.text("m", (1, 1, 60, 60), Subtype="/RichMedia", RichMediaContent={"/Assets": {}}),
            ]
        ),
        "XFA only": lambda: factory.pdf([], root={"/AcroForm": {"/XFA": "x"}}),
        "XFA beside fields": lambda: _full(root={"/AcroForm": {"/Fields": [], "/XFA": ["template", "<script/>"]}}),
        "password": lambda: _full(password="secret"),
        "drawing of 2 GB": lambda: _raw(_ROOT, _ONE, _page(b"5 0 R"), _WIDGET, _stream(_packed_zeros(1), bomb)),
        "drawing of 2 GB, packed twice": lambda: _raw(
            _ROOT, _ONE, _page(b"5 0 R"), _WIDGET, _stream(_packed_zeros(2), b"/Filter [/FlateDecode /FlateDecode]")
        ),
        "one drawing two thousand times": _many_contents,
        "rows wider than memory": lambda: _raw(
            _ROOT,
            _ONE,
            _page(b"5 0 R"),
            _WIDGET,
            _stream(zlib.compress(b"x"), bomb + b" /DecodeParms << /Predictor 15 /Columns 2147483647 /Colors 32 >>"),
        ),
        "LZW of one code": lambda: _raw(
            _ROOT, _ONE, _page(b"5 0 R"), _WIDGET, _stream(b"\x80\x0b\x60" * 100_000, b"/Filter /LZWDecode")
        ),
        "runs of zeros": lambda: _raw(
            _ROOT, _ONE, _page(b"5 0 R"), _WIDGET, _stream(b"\x81\x00" * 4_000_000, b"/Filter /RunLengthDecode")
        ),
        "200,000 pages": _many_pages,
        "pages within themselves": _page_loop,
        "one page that is five thousand": _lying_count,
        "fields within themselves": _parents_loop,
        "half a million fields": _many_fields,
        "drawing within itself": _resource_loop,
        "arrays 50,000 deep": lambda: _deep(b"[", b"]", 50_000),
        "dictionaries 50,000 deep": lambda: _deep(b"<< /A ", b">>", 50_000),
        "a chain of 20,000": lambda: _chain(20_000),
        "text of 15 MB": lambda: _deep(b"(" + b"A" * 15_000_000, b")", 1),
        "text that does not end": lambda: _deep(b"(" * 3, b"", 1),
        "number of a million digits": lambda: _deep(b"9" * 1_000_000, b"", 1),
        "earlier version that is itself": _previous_loop,
        "objects within themselves": lambda: _object_stream(b"5 0 (x)", b"/N 1 /First 4 /Extends 5 0 R"),
        "a billion objects": lambda: _object_stream(b"5 0 (x)", b"/N 1000000000 /First 4"),
        "table of a billion entries": lambda: _cross_reference_stream(1_000_000_000),
        "length that lies": lambda: _full().replace(b"/Length ", b"/Length 99999"),
        "length that is itself": lambda: _raw(
            _ROOT, _ONE, _page(b"5 0 R"), _WIDGET, b"<< /Length 5 0 R >>\nstream\nq Q\nendstream"
        ),
        "places beyond any page": _odd_places,
        "names that are commands": _odd_names,
        "page that is not a page": lambda: _raw(_ROOT, b"<< /Type /Pages /Kids [4 0 R 1 0 R] >>", b"null", b"5 0 R"),
        "nothing but a head": lambda: b"%PDF-1.7\n%%EOF",
        "two megabytes of percent": lambda: b"%PDF-1.7\n" + b"%" * 2_000_000 + b"%%EOF",
    }


# Mutated

_WORDS = (
    b"9999999999", b"-1", b"0", b"<<", b">>", b"[", b"]", b"R", b"obj", b"stream", b"/Kids", b"/Parent", b"/Annots",
    b"null", b"/AA << /S /JavaScript /JS (x) >>", b"/Filter /FlateDecode", b"/Filter /DCTDecode", b"1 0 R", b"4 0 R",
)  # fmt: skip


def mutated(count: int, seed: int = 1500) -> Iterator[bytes]:
    """Good forms with bytes flipped, pieces gone, doubled or moved, and words put in the place of others."""
    chance = random.Random(seed)
    sound = [_full(), factory.pdf(factory.strangers(Frame(1.0, 2.0, 1.0, -2.0)).values()), _full(root={"/AA": LAUNCH})]
    for number in range(count):
        data = bytearray(sound[number % len(sound)])
        for __ in range(chance.choice((1, 2, 5, 20))):
            at, length = chance.randrange(len(data)), chance.randrange(1, 200)
            match chance.randrange(5):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + length]
                case 2:
                    data[at:at] = data[at : at + length]
                case 3:
                    other = chance.randrange(len(data))
                    data[other : other + length] = data[at : at + length]
                case _:
                    words = list(re.finditer(rb"[/\w.]+", data[at : at + 2000]))
                    if words:
                        found = chance.choice(words)
                        data[at + found.start() : at + found.end()] = chance.choice(_WORDS)
        yield bytes(data) + b"\n%%EOF"


# What has to hold


def outcome(data: bytes) -> str:
    """Read a file as the program does, fill it if it can be, and hold that nothing active came through.

    Answers "filled", "read" (its pages are no claim form), or the sentence with which it was refused.
    """
    try:
        forms = guarded.read_forms(data)
    except InputError as error:
        assert error.message.count(".") == 1 and error.hint
        return error.message
    for form in forms:
        harmless(form.page)
    return _filled(forms)


def _filled(forms: list[FormPage]) -> str:
    try:
        made = matching.understood(forms)
    except InputError:
        return "read"
    grid = layouts.load()
    marks = compose(parse({"1a": "ZGP883920114", "28": "120.00", "2": "TESTPERSON, MARIGOLD"})[0], grid).marks
    for keep in (False, True):
        filled = acroform.fill(made, [marks], grid, keep_fillable=keep)
        harmless(filled.pdf)
        if not keep and not blocks(filled.problems):
            assert len(guarded.pictures(filled.pdf, 36)) == 1
    return "filled"


def harmless(pdf: bytes) -> None:
    """Hold that nothing in a PDF of ours acts or leads elsewhere, whether it can be reached or not."""
    reader = PdfReader(io.BytesIO(pdf))
    for number in reader.xref[0]:
        _look(reader.get_object(number), 0)


def _look(value: Any, depth: int) -> None:
    assert depth < 300
    if isinstance(value, dict):
        assert not FORBIDDEN_KEYS & set(map(str, value)), "a key that acts"
        assert str(value.get("/S", "")) not in ACTIVE and str(value.get("/Type", "")) not in {"/Action", "/Filespec"}
        for key in value:
            _look(value.raw_get(key), depth + 1)  # type: ignore[attr-defined]
    elif isinstance(value, list):
        for inner in value:
            _look(inner, depth + 1)
