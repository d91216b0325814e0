"""Quiet about people: after a whole session nothing of a client stands anywhere but in the encrypted clinic."""

from __future__ import annotations

import ast
import datetime as dt
import faulthandler
import json
import logging
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication

from app import atomic, log, paths
from app.errors import UserError
from app.store import portable
from app.ui import printing
from app.ui.crash_dialog import CrashDialog
from app.ui.dialogs import Confirm, Files
from app.ui.main_window import MainWindow
from app.ui.red_forms import Answer, PrintQuestion
from tests.journeys.test_session_to_paper import CTRL, SHIFT, Hands, add_client, hands, make_clinic, set_up

__all__ = ["hands"]

MARKERS = (
    "Applewhite", "Juniper", "Larkspur", "XQB04177731", "5550147", "555.0147", "555-0147", "M54.59", "M5459",
    "04121986", "19860412", "1986-04-12", "04/12/1986", "04 12 1986", "Plum",
)  # fmt: skip
PUBLIC = ("icd10",)
"""Files of public code lists, whose content no client has touched."""


@pytest.fixture
def _hooks() -> Iterator[None]:
    """Put back what `log` sets for the whole process."""
    kept = sys.excepthook, threading.excepthook, sys.unraisablehook
    handlers = list(logging.getLogger().handlers)
    yield
    sys.excepthook, threading.excepthook, sys.unraisablehook = kept
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if handler not in handlers:
            root.removeHandler(handler)
            handler.close()
    logging.captureWarnings(False)
    faulthandler.disable()
    for file in log._crash_file:
        file.close()
    log._crash_file.clear()


def told(data: bytes) -> set[str]:
    """The markers that stand in some bytes, in any case and the usual encodings."""
    small = data.lower()
    return {
        marker
        for marker in MARKERS
        if any(marker.lower().encode(kind) in small for kind in ("utf-8", "utf-16-le", "utf-16-be"))
    }


def leaks(*folders: Path) -> dict[str, set[str]]:
    """Files in which a marker stands, and names of files that hold one."""
    found = {}
    for folder in folders:
        for path in folder.rglob("*"):
            named = told(path.name.encode())
            if path.is_file() and not any(word in path.name for word in PUBLIC):
                named |= told(path.read_bytes())
            if named:
                found[str(path)] = named
    return found


def _session(hands: Hands, window: MainWindow) -> None:
    """A claim and a superbill of a session, from nothing."""
    set_up(hands, window)
    add_client(hands, window)
    hands.press(Qt.Key.Key_3, CTRL)
    hands.press(Qt.Key.Key_N, CTRL)
    hands.type("app")
    hands.press(Qt.Key.Key_Return)
    hands.type("manual")
    hands.press(Qt.Key.Key_Return)
    hands.type("25")
    hands.press(Qt.Key.Key_B, CTRL | SHIFT)


def _choose_sessions(window: Any) -> None:
    """A superbill of the client's sessions, though they are on a claim: those are left off unless they are ticked."""
    window.go("superbills", ("new", 1))
    builder = window.page_of("superbills").builder
    for line in builder._lines:
        builder.table.rows_model.tick(line.id, on=True)
    builder.show_page()


def _go_wrong(window: MainWindow, bot: Any) -> list[str]:
    """Everything breaks with a name in it; answers what the crash dialog shows."""
    shown: list[str] = []

    def show(error: BaseException) -> None:
        shown.append(CrashDialog(None, error).details.toPlainText())

    log.on_uncaught(show)

    def breaks() -> None:
        person = {"name": "Juniper Applewhite", "born": dt.date(1986, 4, 12)}
        raise ValueError(f"{person} has M54.59")

    QTimer.singleShot(0, breaks)
    bot.waitUntil(lambda: bool(shown))
    thread = threading.Thread(target=breaks)
    thread.start()
    thread.join()
    own = logging.getLogger("app.claims")
    own.warning("claim of %s, born %s, member %s", "Applewhite", "04/12/1986", 5550147_000)
    own.warning("%(code)s in claim %(id)d: %(name)s", {"code": "claim.lines-lost", "id": 7, "name": "Juniper"})
    own.error(ValueError("Applewhite"))
    try:
        breaks()
    except ValueError:
        own.exception("while reading %s", Path("Applewhite.pdf"), stack_info=True)
        logging.getLogger("sqlalchemy.engine").exception("INSERT INTO client VALUES ('Applewhite')")
    logging.getLogger("pypdf").error("odd object in Applewhite.pdf")
    window.desk.attempt(lambda: (_ for _ in ()).throw(UserError("This did not work.")))
    return shown


def test_nothing_of_a_client_stands_outside_the_clinic(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _hooks: None, capfd: Any
) -> None:  # fmt: skip
    window, titles, spooled = hands.window, set[str](), list[str]()
    home = tmp_path / "home"
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    temporary, exported = home / "temporary", tmp_path / "exported of Applewhite"
    for folder in (temporary, exported, tmp_path / "clinic"):
        folder.mkdir(parents=True)
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(Confirm, "ask", classmethod(lambda cls, *words: True))
    window.windowTitleChanged.connect(titles.add)
    log.start(paths.log_dir())

    make_clinic(window, tmp_path / "clinic" / "Quiet River.clinic")
    _session(hands, window)
    for page in list(window.pages):
        window.go(page)
    window.go("clients")
    window.page_of("clients").search.setText("applewhite")
    QApplication.processEvents()

    def on_paper(printer: QPrinter) -> bool:
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(exported / f"{len(spooled)}.pdf"))
        spooled.append(printer.docName())
        return True

    def ask(parent: Any, preferences: Any, printer: QPrinter, title: str, words: str) -> Answer:
        on_paper(printer)
        return Answer.PRINT

    monkeypatch.setattr(PrintQuestion, "ask", staticmethod(ask))
    monkeypatch.setattr(printing.PrinterQuestion, "ask", staticmethod(lambda parent, printer: on_paper(printer)))
    window.go("claims", 1)
    window.page_of("claims").view.print_out()
    _choose_sessions(window)
    window.page_of("superbills").builder.print_out()
    chosen: list[str] = []

    def place(parent: Any, preferences: Any, title: str, name: str, kinds: str) -> Path:
        chosen.append(name)
        preferences.folder = str(exported)  # as the dialog does
        return exported / name

    monkeypatch.setattr(Files, "ask_save", staticmethod(place))
    _choose_sessions(window)
    window.page_of("superbills").builder.save_pdf()
    shown = _go_wrong(window, hands.bot)
    window.desk.preferences.settings.sync()
    with window.desk.read() as s:
        kept = portable.export_clinic(s)
    (exported / "clinic.json").write_text(json.dumps(kept), "utf-8")

    assert len(spooled) == 2 and set(spooled) == {"Superbill Desk"}
    assert chosen
    assert titles and not told(" ".join(titles).encode())
    assert shown and not told(" ".join(shown).encode()) and "breaks" in shown[0]
    assert (tmp_path / "clinic" / "Quiet River.clinic-wal").stat().st_size > 1000
    assert leaks(tmp_path / "clinic", home) == {}
    window.close_clinic()
    assert [path.suffix for path in (tmp_path / "clinic").rglob("*")]
    assert leaks(tmp_path / "clinic", home, *(path for path in tmp_path.iterdir() if path != exported)) == {}
    assert not told((tmp_path / "desk.ini").read_bytes())
    assert not any(told(text.encode()) for text in capfd.readouterr())

    # the log has what is needed to find the fault
    said = (paths.log_dir() / "superbill-desk.log").read_text("utf-8")
    for wanted in (
        "uncaught [ValueError at ", "uncaught in a thread [ValueError at ", "claim.lines-lost in claim 7: (str)",
        "claim of (str), born (str), member (int)", "(message of sqlalchemy.engine left out)",
    ):  # fmt: skip
        assert wanted in said

    # the controls: what was exported on purpose has it all, and the search would find it in a log
    assert set(MARKERS[:4]) <= told((exported / "clinic.json").read_bytes())
    (paths.log_dir() / "more.log").write_text("Applewhite", "utf-16")
    assert list(leaks(home).values()) == [{"Applewhite"}]


def test_a_message_that_lost_a_number_is_kept_without_it() -> None:
    record = logging.LogRecord("app.x", logging.INFO, "f.py", 1, "no place for %d", ("Plum",), None)
    assert log._NoValues().filter(record)
    assert record.getMessage() == "no place for %d"


def test_a_crash_below_python_leaves_places_only(tmp_path: Path) -> None:
    lines = """
        import faulthandler, sys
        from pathlib import Path
        from app import log
        log.start(Path(sys.argv[1]))
        def deep(name):
            faulthandler._sigsegv()
        deep("Applewhite")
    """
    script = "\n".join(line[8:] for line in lines.splitlines())
    environment = {"PYTHONPATH": str(Path(log.__file__).parent.parent), "PATH": ""}
    ended = subprocess.run(
        [sys.executable, "-P", "-c", script, str(tmp_path)], env=environment, capture_output=True, check=False
    )
    assert ended.returncode != 0
    found = (tmp_path / "crash.log").read_text("utf-8")
    assert "in deep" in found and not told(found.encode()) and not told(ended.stderr)


def test_messages_of_the_log_are_constant() -> None:
    """No name gets into a log by a message that is put together from values."""
    speaking = {"debug", "info", "warning", "error", "exception", "critical"}
    sources = [path for path in Path(log.__file__).parent.rglob("*.py") if "logging" in path.read_text("utf-8")]
    calls = [
        node
        for path in sources
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in speaking
    ]
    assert len(calls) >= 3
    assert [ast.unparse(call) for call in calls if not isinstance(call.args[0], ast.Constant)] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Juniper Applewhite", "Juniper Applewhite"), ("../../etc/passwd", "etc passwd"), ("con.pdf", "_con.pdf"),
        ("COM1", "_COM1"), ("  .hidden. ", "hidden"), ("a\u202eb\0c\n", "a b c"), ("", "file"), ("...", "file"),
        ("Ñandú: 50 %?", "Ñandú 50 %"), ("lpt²", "_lpt²"), ("console", "console"), ("e\u0301", "é"),
    ],
)  # fmt: skip
def test_names_of_files_are_safe(text: str, name: str) -> None:
    assert atomic.safe_name(text) == name


def test_a_long_name_is_cut_between_letters() -> None:
    name = atomic.safe_name("é" * 300)
    assert name == "é" * 60
