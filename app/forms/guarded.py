"""Work on a payer's PDF or a scan in a process of its own: little memory, little time, nothing to give but data.

A parser that a hostile file breaks, or keeps busy for ever, takes only that process with it. The process is this
program again with a hidden argument (`OPTION`), from source and frozen alike. What goes in and what comes back has one
shape (`_written`): a line of JSON, then the bytes that it announces. The answer is checked before it is used.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from app.billing.problems import Problem, Severity
from app.errors import InputError
from app.forms import layout as layouts
from app.forms import scans, template
from app.forms.layout import Layout
from app.forms.marks import Mark
from app.forms.scans import ScanPage
from app.forms.template import FormPage, Rect
from app.i18n import _, language, set_language

OPTION = "--read-pdf"
WALL_SECONDS = 15
"""The process has a limit of its own on the processor's time and on memory: `app/limits.py`."""
_LARGEST = 256 << 20  # bytes, of what goes in and of what comes back
_KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL")


class Picture(NamedTuple):
    """A page as pixels: one byte each, from black to white, row by row without gaps."""

    width: int
    height: int
    pixels: bytes


Blobs = Sequence[bytes]
_Job = Callable[[Mapping[str, Any], Blobs], tuple[dict[str, Any], list[bytes]]]


# What the window and the commands call


def read_forms(data: bytes) -> list[FormPage]:
    """The clean pages with fields of a payer's PDF. Raises InputError as `template.read_forms` does, and when the file
    breaks the reader or asks for too much."""
    if len(data) > template.MAX_BYTES:
        return template.read_forms(data)  # which refuses it
    __, blobs = _ask("forms", {}, [data])
    with _unusable():
        return [template.unpacked(blob) for blob in blobs]


def pictures(pdf: bytes, dpi: int) -> list[Picture]:
    """The pages of a PDF that holds a payer's drawing, as they look, in grey. Raises InputError."""
    head, blobs = _ask("pictures", {"dpi": dpi}, [pdf])
    with _unusable():
        sizes = [(int(width), int(height)) for width, height in head["sizes"]]
        if [width * height for width, height in sizes] != [len(blob) for blob in blobs]:
            raise ValueError("not as large as it says")
        return [Picture(*size, blob) for size, blob in zip(sizes, blobs, strict=True)]


def scan_fields(
    pdf: bytes,
    expected: Sequence[Sequence[Mark]],
    layout: Layout,
    places: Mapping[str, Sequence[Rect]],
    size: tuple[float, float],
) -> list[list[Problem]]:
    """What `scanner.scan_fields` finds wrong with a payer's form that was filled flat, by page. Raises InputError."""
    given = {"layout": layout.id, "pages": [[*map(list, marks)] for marks in expected], "places": places, "size": size}
    head, __ = _ask("scan", given, [pdf])
    with _unusable():
        found = [[_problem(row) for row in page] for page in head["problems"]]
        if len(found) != max(len(expected), 1):
            raise ValueError("not every page")
        return found


def scan_page(content: bytes, media_type: str, number: int, dpi: int) -> ScanPage:
    """One page of a scanned paper as a picture (`scans.page`). Raises InputError."""
    given = {"media_type": media_type, "number": number, "dpi": dpi}
    head, blobs = _ask("page", given, [content], broken=scans.unreadable)
    with _unusable(scans.unreadable):
        (width, height, count), (pixels,) = (int(each) for each in head["page"]), blobs
        if 3 * width * height != len(pixels) or not 0 <= number < count:
            raise ValueError("not as large as it says")
        return ScanPage(width, height, pixels, count)


def _problem(row: Mapping[str, str]) -> Problem:
    if not all(type(value) is str for value in row.values()):
        raise TypeError("no problem")
    return Problem(**{**row, "severity": Severity(row["severity"])})  # type: ignore[arg-type]


def _broken() -> InputError:
    return InputError(
        _("The PDF breaks the reader, or asks for too much memory or time."),
        _("Get a fresh copy of the form from the payer."),
    )


@contextlib.contextmanager
def _unusable(broken: Callable[[], InputError] = _broken) -> Any:
    """An answer that is not as it has to be counts as none."""
    try:
        yield
    except (KeyError, TypeError, ValueError, RecursionError):
        raise broken() from None


# The process, from outside


def _ask(
    job: str, head: Mapping[str, Any], blobs: Blobs, broken: Callable[[], InputError] = _broken
) -> tuple[dict[str, Any], list[bytes]]:
    """Have a job done there. Raises InputError with what the job says, or that there was no usable answer."""
    answer = _run(_written({**head, "job": job, "language": language()}, blobs))
    with _unusable(broken):
        told, found = _read(answer)
    refused = told.get("refused")
    if refused is None:
        return told, found
    with _unusable(broken):
        message, hint = (str(text)[:500] for text in refused)
    raise InputError(message, hint)


def _run(request: bytes) -> bytes:
    """Start the process, hand it the request, take its answer; nothing when it breaks or goes over its limits."""
    process = subprocess.Popen(
        _command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # where a traceback would show what is in the file
        env=_environment(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    assert process.stdin is not None and process.stdout is not None
    late = threading.Timer(WALL_SECONDS, process.kill)
    hand_over = threading.Thread(target=_hand_over, args=(process.stdin, request))
    with process:
        late.start()
        hand_over.start()
        answer = process.stdout.read(_LARGEST + 1)
        if len(answer) > _LARGEST:
            process.kill()
        status = process.wait()
        late.cancel()
        hand_over.join()
    return answer if status == 0 else b""


def _hand_over(pipe: Any, request: bytes) -> None:
    with contextlib.suppress(OSError):  # it has died meanwhile
        pipe.write(request)
    with contextlib.suppress(OSError):
        pipe.close()


def _command() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, OPTION]
    return [sys.executable, "-P", "-m", "app", OPTION]


def _environment() -> dict[str, str]:
    """What a process needs to start, and nothing else of the user's."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return kept | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}


# The process, from inside


def serve(source: BinaryIO, target: BinaryIO) -> int:
    """Do one job: read it, write its answer. The exit status."""
    target.write(answer(source.read(_LARGEST + 1)))
    target.flush()
    return 0


def answer(request: bytes) -> bytes:
    """The answer to a request: what its job gives, or the sentence with which the file is refused."""
    head, blobs = _read(request)
    set_language(str(head["language"]))
    try:
        return _written(*_JOBS[head["job"]](head, blobs))
    except InputError as error:
        return _written({"refused": [error.message, error.hint]}, [])


def _forms(head: Mapping[str, Any], blobs: Blobs) -> tuple[dict[str, Any], list[bytes]]:
    return {}, [form.packed() for form in template.read_forms(blobs[0])]


def _pictures(head: Mapping[str, Any], blobs: Blobs) -> tuple[dict[str, Any], list[bytes]]:
    import pypdfium2

    sizes, pixels = [], []
    try:
        with contextlib.closing(pypdfium2.PdfDocument(blobs[0])) as document:
            for page in document:
                bitmap = page.render(scale=head["dpi"] / 72, grayscale=True)
                rows = memoryview(bitmap.buffer).cast("B")
                sizes.append([bitmap.width, bitmap.height])
                pixels.append(b"".join(rows[at : at + bitmap.width] for at in range(0, len(rows), bitmap.stride)))
                page.close()
    except pypdfium2.PdfiumError:
        raise _broken() from None
    return {"sizes": sizes}, pixels


def _scan(head: Mapping[str, Any], blobs: Blobs) -> tuple[dict[str, Any], list[bytes]]:
    from app.forms import scanner

    expected = [[Mark(*row) for row in page] for page in head["pages"]]
    places = {key: [Rect(*rect) for rect in rects] for key, rects in head["places"].items()}
    grid, (width, height) = layouts.load(head["layout"]), head["size"]
    found = scanner.scan_fields(blobs[0], expected, grid, places, (width, height))
    return {"problems": [[problem.as_json() for problem in page] for page in found]}, []


def _page(head: Mapping[str, Any], blobs: Blobs) -> tuple[dict[str, Any], list[bytes]]:
    made = scans.page(blobs[0], head["media_type"], head["number"], head["dpi"])
    return {"page": [made.width, made.height, made.pages]}, [made.pixels]


_JOBS: Mapping[str, _Job] = {"forms": _forms, "pictures": _pictures, "scan": _scan, "page": _page}


# What goes through the pipes


def _written(head: Mapping[str, Any], blobs: Blobs) -> bytes:
    lengths = {"lengths": [len(blob) for blob in blobs]}
    return b"".join([json.dumps({**head, **lengths}).encode(), b"\n", *blobs])


def _read(data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """The JSON and the bytes behind it. Raises ValueError, KeyError, TypeError for anything else."""
    source = io.BytesIO(data)
    head = json.loads(source.readline())
    blobs = [source.read(length) for length in head["lengths"] if type(length) is int and 0 <= length <= len(data)]
    if [len(blob) for blob in blobs] != head["lengths"] or source.read(1):
        raise ValueError("not all there")
    return head, blobs
