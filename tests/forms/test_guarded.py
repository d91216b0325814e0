"""Payers' PDFs in a process of their own: data comes back, or one clear sentence, whatever the file does."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import i18n, limits
from app.billing.problems import Severity
from app.errors import InputError
from app.forms import acroform, guarded, template
from app.forms import layout as layouts
from tests.forms import pdf_factory as factory
from tests.forms.test_acroform import VALUES, marks_of

FORM = factory.pdf(factory.like_fillable_a())
BROKEN = "breaks the reader"


@pytest.fixture
def behaves(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make the other process run a script of ours."""

    def script(lines: str) -> None:
        monkeypatch.setattr(guarded, "_command", lambda: [sys.executable, "-P", "-c", lines])

    return script


def test_what_comes_back_is_what_this_process_would_read(own_process: None) -> None:
    assert guarded.read_forms(FORM) == template.read_forms(FORM)


def test_a_refusal_comes_back_as_it_was_said(own_process: None) -> None:
    with pytest.raises(InputError, match="XFA only") as caught:
        guarded.read_forms(factory.pdf([], root={"/AcroForm": {"/XFA": "x"}}))
    assert caught.value.hint


def test_a_filled_form_is_drawn_and_read_back_there(own_process: None) -> None:
    made, grid = acroform.load_template(FORM), layouts.load()
    marks = marks_of(VALUES)
    filled = acroform.fill(made, [marks], grid)
    assert filled.problems == []
    (picture,) = guarded.pictures(filled.pdf, 72)
    assert (picture.width, len(picture.pixels)) == (612, 612 * picture.height)
    assert min(picture.pixels) < 60 and max(picture.pixels) == 255

    from app.forms import scanner

    assert scanner.scan_filled(filled.pdf, [marks], grid, made) == [[]]
    other = [mark for mark in marks if mark.key != "1a"]
    ((problem,),) = scanner.scan_filled(filled.pdf, [other], grid, made)
    assert problem.severity is Severity.BLOCK and problem.message


def test_a_picture_has_the_pages_size_and_ink() -> None:
    first, second = guarded.pictures(factory.pdf([], drawing=b"0 g 0 780 300 12 re f", blanks=1), 36)
    assert (first.width, first.height, len(first.pixels)) == (306, 396, 306 * 396)
    assert first.pixels[:2] == b"\0\0" and first.pixels[-1] == 255 and set(second.pixels) == {255}


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(InputError, match=BROKEN):
        guarded.pictures(b"%PDF-1.7 nothing", 72)


def test_too_large_a_file_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "_run", None)
    with pytest.raises(InputError, match="larger than 20 MB"):
        guarded.read_forms(b"%PDF-" + bytes(template.MAX_BYTES))


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param("import os; os.abort()", id="crash"),
        pytest.param("import sys; sys.exit(1)", id="fails"),
        pytest.param("pass", id="says nothing"),
        pytest.param("import os; os.write(1, b'not JSON')", id="nonsense"),
        pytest.param("import os; os.write(1, b'{\"lengths\": [5]}\\nabc')", id="too little"),
        pytest.param("import os; os.write(1, b'{\"lengths\": [1]}\\nabc')", id="too much"),
        pytest.param("import os; os.write(1, b'{\"lengths\": [' + b'9' * 40 + b']}\\n')", id="far too little"),
        pytest.param("import os; os.write(1, b'[' * 60000)", id="deep"),
        pytest.param('import os; os.write(1, b\'{"lengths": [], "refused": 5}\\n\')', id="no sentence"),
    ],
)
def test_a_process_that_breaks_is_one_sentence(own_process: None, behaves: Any, lines: str) -> None:
    behaves(lines)
    with pytest.raises(InputError, match=BROKEN) as caught:
        guarded.read_forms(FORM)
    assert caught.value.message.count(".") == 1 and caught.value.hint


def test_a_process_that_hangs_is_ended(own_process: None, behaves: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "WALL_SECONDS", 0.3)
    behaves("import os, threading; os.close(1); threading.Event().wait()")
    with pytest.raises(InputError, match=BROKEN):
        guarded.read_forms(FORM)
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


def test_a_process_that_never_stops_talking_is_ended(
    own_process: None, behaves: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarded, "_LARGEST", 100_000)
    behaves("import os\nwhile True: os.write(1, b'x' * 4096)")
    with pytest.raises(InputError, match=BROKEN):
        guarded.read_forms(FORM)


LIMITED = "from app import limits; limits.apply(memory={memory}, cpu_seconds=1); import os; os.write(1, b'began')\n"


@pytest.mark.skipif(sys.platform == "win32", reason="the limits of POSIX")
@pytest.mark.parametrize(
    ("lines", "gets_through"),
    [
        ("bytes(50 << 20); raise SystemExit(0)", True),
        ("bytes(2 << 30); raise SystemExit(0)", False),
        ("while True: pass", False),
        ("os.write(os.open('more', os.O_CREAT | os.O_WRONLY), b'x'); raise SystemExit(0)", False),
    ],
)
def test_the_limits_hold(lines: str, gets_through: bool, tmp_path: Path) -> None:
    script = LIMITED.format(memory=limits.MEMORY) + lines
    path = str(Path(guarded.__file__).parents[2])
    command = [sys.executable, "-P", "-c", script]
    ended = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": path}, capture_output=True, check=False)
    assert ended.stdout == b"began"
    assert (ended.returncode == 0) is gets_through
    assert not [path for path in tmp_path.iterdir() if path.stat().st_size]


@pytest.mark.skipif(sys.platform == "win32", reason="takes the limits of POSIX away")
def test_without_limits_of_the_system_the_watch_ends_it() -> None:
    script = "import resource; resource.setrlimit = lambda *_: None\n" + LIMITED.format(memory=200 << 20)
    path = str(Path(guarded.__file__).parents[2])
    for lines in ("kept = b'x' * (300 << 20)\nimport threading; threading.Event().wait()", "while True: pass"):
        command = [sys.executable, "-P", "-c", script + lines]
        ended = subprocess.run(command, env={"PYTHONPATH": path}, capture_output=True, check=False)
        assert ended.returncode == 3
    assert limits.most_memory() > 1 << 20


def test_the_process_gets_nothing_of_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPERBILL_DESK_PASSWORD", "secret")
    monkeypatch.setenv("PYTHONSTARTUP", "x")
    assert "secret" not in guarded._environment().values()
    assert set(guarded._environment()) <= {*guarded._KEPT_ENVIRONMENT, "PYTHONPATH"}


def test_the_frozen_program_starts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert guarded._command() == [sys.executable, "--read-pdf"]


def test_one_job_is_read_and_answered() -> None:
    request = guarded._written({"job": "forms", "language": "en"}, [FORM])
    target = io.BytesIO()
    assert guarded.serve(io.BytesIO(request), target) == 0
    head, blobs = guarded._read(target.getvalue())
    assert head["lengths"] == [len(blob) for blob in blobs] and len(blobs) == 1


def test_the_sentence_is_in_the_users_language(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def run(request: bytes) -> bytes:
        asked.append(request)
        return guarded.answer(request)

    monkeypatch.setattr(guarded, "_run", run)
    monkeypatch.setattr(i18n, "_language", "es")
    guarded.read_forms(FORM)
    assert json.loads(asked[0].partition(b"\n")[0])["language"] == "es"
    i18n.set_language("en")


def test_an_answer_about_pictures_or_problems_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    def says(head: dict[str, Any], *blobs: bytes) -> None:
        monkeypatch.setattr(guarded, "_run", lambda request: guarded._written(head, blobs))

    says({"sizes": [[10, 10]]}, b"x" * 99)
    with pytest.raises(InputError, match=BROKEN):
        guarded.pictures(FORM, 72)
    row = {"severity": "block", "code": "a", "message": "b", "item": "", "record": "", "field": ""}
    for page in ([{**row, "severity": "huge"}], [{**row, "message": 5}], [{**row, "more": ""}], 5):
        says({"problems": [page]})
        with pytest.raises(InputError, match=BROKEN):
            guarded.scan_fields(FORM, [[]], layouts.load(), {}, (612.0, 792.0))
    says({"problems": []})
    with pytest.raises(InputError, match=BROKEN):
        guarded.scan_fields(FORM, [[]], layouts.load(), {}, (612.0, 792.0))
    says({"problems": [[row]]})
    assert guarded.scan_fields(FORM, [[]], layouts.load(), {}, (612.0, 792.0))[0][0].code == "a"


def _faults() -> list[tuple[str, Any]]:
    return [
        ("width", 50.0), ("width", True), ("width", float("inf")), ("height", "792"), ("fields", {}), ("more", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), _faults())
def test_a_page_that_is_not_as_it_has_to_be_is_not_taken(key: str, value: Any) -> None:
    head, __, page = template.read_forms(FORM)[0].packed().partition(b"\n")
    changed = {**json.loads(head), key: value}
    with pytest.raises(ValueError, match="no"):
        template.unpacked(json.dumps(changed).encode() + b"\n" + page)


@pytest.mark.parametrize(
    ("key", "value"), [("rect", [0.0, 0.0, 1e9, 1.0]), ("rect", [0.0, 0.0, 1.0]), ("name", 5), ("max_length", 1.5)]
)
def test_a_field_that_is_not_as_it_has_to_be_is_not_taken(key: str, value: Any) -> None:
    head, __, page = template.read_forms(FORM)[0].packed().partition(b"\n")
    changed = json.loads(head)
    changed["fields"][0][key] = value
    with pytest.raises(ValueError, match="no"):
        template.unpacked(json.dumps(changed).encode() + b"\n" + page)


def test_a_page_without_its_pdf_is_not_taken() -> None:
    head = template.read_forms(FORM)[0].packed().partition(b"\n")[0]
    with pytest.raises(ValueError, match="no page"):
        template.unpacked(head + b"\nelse")
    with pytest.raises(ValueError, match="no form page"):
        template.unpacked(b"[]\n%PDF-")
