"""`make bench`: each figure as a ratio measured in one run, with the milliseconds beside it. Nothing here can fail."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.bench.figures import TODAY, peak_megabytes, say, seconds
from tests.conftest import SHARED

COUNT = 1000


def draw_string(pages: Sequence[Sequence[Any]], form: Any) -> bytes:
    """The plain way with reportlab: one drawString a value."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=form.page, pageCompression=1, invariant=1)
    for page in pages:
        canvas.setFont("Courier", 10)
        for mark in page:
            canvas.drawString(form.left(mark.column), form.page[1] - form.baseline(mark.line), mark.text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def claims_on_paper(folder: Path) -> None:
    from app import paperwork
    from app.forms import layout, pdf, scanner
    from app.store import claims
    from tests.bench import clinic as made_up

    form = layout.load()
    with made_up.six_line_claims(folder / "bench.clinic", COUNT, today=TODAY) as (clinic, ids):
        with clinic.read() as s:
            bundles = claims.bundles(s, ids)
        pages = [page for bundle in bundles for page in paperwork.sheet(bundle, today=TODAY).marks]
        strings = sum(len(page) for page in pages)
        base = seconds(lambda: draw_string(pages, form))
        each = 1000 / len(pages)
        overlay = seconds(lambda: pdf.overlay(pages, form))
        say("1,000 claims, data only / drawString", overlay / base, "<= 0.35",
            f"{overlay * each:.2f} against {base * each:.2f} ms a claim, {strings // len(pages)} strings")  # fmt: skip
        full = seconds(lambda: pdf.full(pages, form))
        say("over the full drawing / data only", full / overlay, "<= 1.2", f"{full * each:.2f} ms a claim")
        way = seconds(lambda: paperwork.claims_pdf(clinic, ids, paperwork.Output(), today=TODAY), 3)
        say("rows to values to marks to PDF / drawString", way / base, "<= 1.6", f"{way * each:.2f} ms a claim")
        one = seconds(lambda: paperwork.claims_pdf(clinic, ids[:1], paperwork.Output(), today=TODAY), 9)
        say("one claim, warm, from the file to its PDF, ms", one * 1000, "<= 10", "")
        rules = seconds(lambda: [paperwork.problems_of(bundle, today=TODAY) for bundle in bundles], 3)
        say("all checks of one claim, ms", rules * 1000 / len(bundles), "<= 3", f"{rules:.2f} s for {len(bundles)}")
        whole = seconds(lambda: paperwork.check_claims(clinic, ids, today=TODAY), 3)
        say("all claims read and checked with what is beside them, s", whole, "<= 2", f"{len(ids)} claims")
    peak = peak_megabytes(lambda: pdf.overlay(pages, form))
    say("highest memory while writing them, MB", peak, "<= 200", "")
    scanned = pdf.overlay(pages[:100], form)
    look = seconds(lambda: scanner.scan(scanned, pages[:100], form), 3)
    say("the virtual scanner, ms a page", look * 10, "<= 10", "")
    payer_pdf(pages)


def payer_pdf(pages: Sequence[Sequence[Any]]) -> None:
    from pypdf import PdfReader, PdfWriter

    from app.forms import acroform, layout

    source = SHARED / "cms1500" / "forms" / "fillable-a.pdf"
    if not source.exists():
        print("fillable-a is not here: its figure is left out")
        return
    data = source.read_bytes()
    form, template = layout.load(), acroform.load_template(data)
    names = [name for name, field in (PdfReader(source).get_fields() or {}).items() if field.get("/FT") == "/Tx"]
    values = {name: "12" for name in names}

    def slow() -> bytes:
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
        writer.update_page_form_field_values(writer.pages[0], values, auto_regenerate=False)
        buffer = io.BytesIO()
        writer.write(buffer)
        return buffer.getvalue()

    base = seconds(slow)
    ours = seconds(lambda: acroform.fill(template, pages[:1], form), 15)
    say("payer's PDF, flat / pypdf with appearance streams", ours / base, "<= 0.05",
        f"{ours * 1000:.2f} against {base * 1000:.0f} ms")  # fmt: skip


def code_search() -> None:
    from app.store import icd10

    words = ["whiplash", "low back pain", "m54.5", "cervicalgia", "sprain of neck", "headache", "tmj", "sciatica",
             "M62.83", "muscle spasm", "fibromyalgia", "shoulder pain", "s13.4", "carpal tunnel"]  # fmt: skip
    keys = [word[:length] for word in words for length in range(1, len(word) + 1)]
    connection = icd10.connection()
    like = [_times(lambda key: connection.execute(
        "SELECT code, title FROM code WHERE title LIKE ? ESCAPE '\\' OR code LIKE ? ESCAPE '\\' LIMIT 500",
        (f"%{key}%", f"{key}%")).fetchall(), keys)]  # fmt: skip
    ours = [_times(lambda key: icd10.search(key, date=TODAY), keys)]
    slow, fast = _p99(like[0]), _p99(ours[0])
    say("ICD-10 search, p99 a keystroke / LIKE", fast / slow, "<= 0.5",
        f"{fast * 1000:.2f} against {slow * 1000:.2f} ms, {len(keys)} keystrokes")  # fmt: skip


def _times(work: Callable[[str], object], keys: Sequence[str]) -> list[float]:
    for key in keys:
        work(key)
    times = []
    for key in keys:
        begin = time.perf_counter()
        work(key)
        times.append(time.perf_counter() - begin)
    return times


def _p99(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


def first_window() -> None:
    """How long until the first window is painted, and whether the heavy libraries wait for it."""
    code = (
        "from app.main import paint_once; import sys; paint_once(); "
        "print('sqlalchemy' in sys.modules, 'reportlab' in sys.modules)"
    )
    begin = time.perf_counter()
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    took = time.perf_counter() - begin
    bare = seconds(lambda: subprocess.run(
        [sys.executable, "-c", "import PySide6.QtWidgets, PySide6.QtSvg"], check=False), 3)  # fmt: skip
    say("from the start to the first window painted, s", took, "<= 0.5", "")
    say("first window painted / importing Qt alone", took / bare, "", f"{took * 1000:.0f} ms; sqlalchemy, reportlab "
        f"imported before: {answer.stdout.strip()}")  # fmt: skip


def window_of_ten_years(folder: Path) -> None:
    """The window on the large clinic, in a process that has nothing else in its memory."""
    from tests.bench import ten_years

    path = folder / "ten.clinic"
    ten_years.build(path, today=TODAY).close()
    subprocess.run([sys.executable, "-m", "tests.bench.window", str(path)], check=False)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        claims_on_paper(Path(folder))
    code_search()
    first_window()
    with tempfile.TemporaryDirectory() as folder:
        window_of_ten_years(Path(folder))


if __name__ == "__main__":
    main()
