"""Scanned papers as pictures, a page at a time. Only `guarded` calls this, in a process of its own.

A PDF may carry scripts, files and links. Here it is drawn and nothing else: what is shown and printed of it is the
picture, so that nothing in it ever acts.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import TYPE_CHECKING, NamedTuple

from app.errors import InputError
from app.i18n import _

if TYPE_CHECKING:
    from PIL import Image

PDF = "application/pdf"
_FORMATS = {"image/png": ["PNG"], "image/jpeg": ["JPEG"], "image/tiff": ["TIFF"]}
_LARGEST_PICTURE = 60_000_000  # points, as it comes
_LONGEST_SIDE = 4000  # points, as it is handed on


class ScanPage(NamedTuple):
    """A page as pixels: red, green, blue, row by row without gaps; and how many pages there are."""

    width: int
    height: int
    pixels: bytes
    pages: int


def unreadable() -> InputError:
    """Whatever is wrong with it: what to do is the same."""
    return InputError(
        _("This scan cannot be read: it is damaged, locked with a password, or too large."),
        _("Scan the paper again, or save it as PDF without a password."),
    )


def page(content: bytes, media_type: str, number: int, dpi: int) -> ScanPage:
    """One page, counted from 0: of a PDF at `dpi`, of a picture as it is, both no longer than 4000 points.

    Raises InputError for what cannot be read and for a page that is not there.
    """
    from PIL.Image import DecompressionBombError
    from pypdfium2 import PdfiumError

    try:
        picture, count = _of_pdf(content, number, dpi) if media_type == PDF else _picture(content, media_type, number)
    except (
        PdfiumError,
        OSError,
        ValueError,
        KeyError,
        IndexError,
        SyntaxError,
        EOFError,
        DecompressionBombError,
    ):
        raise unreadable() from None
    return ScanPage(picture.width, picture.height, picture.tobytes(), count)


def _of_pdf(content: bytes, number: int, dpi: int) -> tuple[Image.Image, int]:
    from pypdfium2 import PdfDocument

    with contextlib.closing(PdfDocument(content)) as document:
        if not 0 <= number < len(document):
            raise IndexError
        found = document[number]
        scale = min(dpi / 72, _LONGEST_SIDE / max(*found.get_size(), 1))
        return found.render(scale=scale).to_pil().convert("RGB"), len(document)


def _picture(content: bytes, media_type: str, number: int) -> tuple[Image.Image, int]:
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a file that bends the rules of its format
        with Image.open(io.BytesIO(content), formats=_FORMATS[media_type]) as opened:
            count = getattr(opened, "n_frames", 1)
            if not 0 <= number < count:
                raise IndexError
            opened.seek(number)
            if opened.width * opened.height > _LARGEST_PICTURE:
                raise ValueError
            opened.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
            opened.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            upright = ImageOps.exif_transpose(opened)
        return _on_white(upright), count


def _on_white(picture: Image.Image) -> Image.Image:
    """Without what shines through; sixteen shades of grey become eight, not black."""
    from PIL import Image

    if picture.mode.startswith("I;16"):
        picture = picture.point(lambda shade: shade / 256).convert("L")
    if picture.has_transparency_data:
        clear = picture.convert("RGBA")
        picture = Image.new("RGBA", clear.size, "white")
        picture.alpha_composite(clear)
    return picture.convert("RGB")
