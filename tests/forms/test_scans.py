"""Scanned papers become pictures in a process of their own; what cannot be read is one sentence."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
from PIL import Image

from app.errors import InputError
from app.forms import guarded, scans
from tests.forms import pdf_factory as factory

INK = factory.pdf([], drawing=b"1 0 0 rg 0 780 300 12 re f", blanks=1)
REFUSED = "cannot be read"


def saved(picture: Image.Image, kind: str, **more: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **more)
    return target.getvalue()


def dot(found: scans.ScanPage, x: int, y: int) -> tuple[int, ...]:
    at = 3 * (y * found.width + x)
    return tuple(found.pixels[at : at + 3])


def test_a_page_of_a_pdf_is_drawn_there(own_process: None) -> None:
    first = guarded.scan_page(INK, scans.PDF, 0, 36)
    assert (first.width, first.height, first.pages) == (306, 396, 2)
    assert dot(first, 10, 2) == (255, 0, 0) and dot(first, 300, 300) == (255, 255, 255)
    assert set(guarded.scan_page(INK, scans.PDF, 1, 36).pixels) == {255}


def test_a_huge_page_is_drawn_smaller() -> None:
    assert guarded.scan_page(INK, scans.PDF, 0, 10_000).height == 4000


def test_what_acts_in_a_pdf_is_only_drawn() -> None:
    acting = factory.pdf([], root={"/OpenAction": {"/S": "/JavaScript", "/JS": "app.alert(1)"}})
    still = guarded.scan_page(factory.pdf([]), scans.PDF, 0, 36)
    assert guarded.scan_page(acting, scans.PDF, 0, 36) == still and len(set(still.pixels)) > 1


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("TIFF", "image/tiff")])
def test_pictures_keep_their_colours(kind: str, media_type: str) -> None:
    found = guarded.scan_page(saved(Image.new("RGB", (40, 20), "lime"), kind), media_type, 0, 72)
    assert (found.width, found.height, found.pages) == (40, 20, 1)
    assert dot(found, 5, 5)[1] > 250 and max(dot(found, 5, 5)[::2]) < 5


def test_a_photo_of_a_phone_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = guarded.scan_page(saved(Image.new("RGB", (40, 20)), "JPEG", exif=exif), "image/jpeg", 0, 72)
    assert (found.width, found.height) == (20, 40)


def test_a_tiff_has_pages() -> None:
    pages = [Image.new("1", (30, 30), shade) for shade in (0, 1)]
    tiff = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="group4")
    first, second = (guarded.scan_page(tiff, "image/tiff", number, 72) for number in (0, 1))
    assert first.pages == 2 and set(first.pixels) == {0} and set(second.pixels) == {255}


def test_what_shines_through_lies_on_white_and_sixteen_bits_are_eight() -> None:
    clear = saved(Image.new("RGBA", (10, 10), (0, 0, 0, 0)), "PNG")
    assert set(guarded.scan_page(clear, "image/png", 0, 72).pixels) == {255}
    deep = saved(Image.new("I;16", (10, 10), 0x8000), "TIFF")
    assert set(guarded.scan_page(deep, "image/tiff", 0, 72).pixels) == {128}


def test_a_large_picture_comes_smaller_and_a_bomb_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = saved(Image.new("1", (8000, 100)), "PNG")
    assert guarded.scan_page(wide, "image/png", 0, 72).width == 4000
    monkeypatch.setattr(scans, "_LARGEST_PICTURE", 799_999)
    with pytest.raises(InputError, match=REFUSED):
        guarded.scan_page(wide, "image/png", 0, 72)


@pytest.mark.parametrize(
    ("content", "media_type", "number"),
    [
        (b"%PDF-1.7 nothing", scans.PDF, 0),
        (INK, scans.PDF, 2),
        (b"\x89PNG\r\n\x1a\n nothing", "image/png", 0),
        (saved(Image.new("RGB", (40, 40)), "PNG")[:60], "image/png", 0),
        (saved(Image.new("RGB", (4, 4)), "PNG"), "image/jpeg", 0),
        (saved(Image.new("RGB", (4, 4)), "PNG"), "image/png", 1),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, media_type: str, number: int) -> None:
    with pytest.raises(InputError, match=REFUSED) as caught:
        guarded.scan_page(content, media_type, number, 72)
    assert caught.value.hint


@pytest.mark.parametrize("answer", ["", '{"lengths": [1], "page": [1, 1, 1]}\n0', '{"lengths": [], "page": []}\n'])
def test_an_answer_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, own_process: None, answer: str) -> None:
    script = f"import sys; sys.stdin.buffer.read(); sys.stdout.write({answer!r})"
    monkeypatch.setattr(guarded, "_command", lambda: [sys.executable, "-P", "-c", script])
    with pytest.raises(InputError, match=REFUSED):
        guarded.scan_page(INK, scans.PDF, 0, 36)
