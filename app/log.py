"""The log: a rotating file of codes and ids. Never a name, a date of birth, an id of a payer or a diagnosis.

What is kept of a message is its constant text and, of its arguments, numbers and codes; of an exception its kind and
the lines it went through, never its text. A crash of the engine below Python leaves the same: places only.
"""

from __future__ import annotations

import faulthandler
import logging
import logging.handlers
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

_CODE = re.compile(r"[a-z][a-z-]*(?:\.[a-z][a-z-]*)+", re.ASCII)
"""Such as the code of a problem, `claim.lines-lost`: never a person's word, which has no dot within."""
_LARGEST_ID = 10_000_000
"""Ids of rows and counts are below; a date of birth in digits or a number of a card is above."""
_crash_file: list[TextIO] = []


class _NoValues(logging.Filter):
    """Drops what could hold a person's data: words among the arguments of messages, the texts of exceptions, and all
    that other packages say."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("app."):
            record.msg, record.args = "(message of %s left out)", (record.name,)
        elif not isinstance(record.msg, str):
            record.msg, record.args = _kept(record.msg), ()
        elif isinstance(record.args, tuple):
            record.args = tuple(map(_kept, record.args))
        else:
            record.args = {key: _kept(value) for key, value in (record.args or {}).items()}
        if isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
            record.msg = f"{_message(record)} [{record.exc_info[0].__name__} at {places(record.exc_info[2])}]"
            record.args = ()
        elif record.args:
            record.msg, record.args = _message(record), ()
        record.exc_info, record.exc_text, record.stack_info = None, None, None
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # a word was left out where a number was wanted
        return str(record.msg)


def _kept(value: Any) -> Any:
    """An argument as the log may hold it: a small number or a code, else only its kind."""
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < _LARGEST_ID):
        return value
    return value if isinstance(value, str) and _CODE.fullmatch(value) else f"({type(value).__name__})"


def places(traceback: TracebackType | None) -> str:
    """The lines the traceback went through, without any value."""
    found = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        found.append(f"{Path(code.co_filename).name}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return " > ".join(found)


def start(folder: Path) -> None:
    """Log to `folder`/superbill-desk.log: half a megabyte, two old ones kept. A crash below Python leaves its places in
    crash.log beside it."""
    handler = logging.handlers.RotatingFileHandler(
        folder / "superbill-desk.log", maxBytes=500_000, backupCount=2, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(_NoValues())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    file = (folder / "crash.log").open("w", encoding="utf-8")
    faulthandler.enable(file, all_threads=True)
    _crash_file.append(file)  # it has to stay open


def on_uncaught(show: Callable[[BaseException], None]) -> None:
    """Log every uncaught exception without its values, then `show` it to the person; nothing goes to a terminal.

    What breaks in a thread, or while an object is thrown away, is logged only.
    """
    crash = logging.getLogger("app.crash")

    def hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        crash.error("uncaught", exc_info=(kind, error, traceback))
        show(error)

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            crash.error("uncaught in a thread", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))

    def thrown_away(args: Any) -> None:  # sys.UnraisableHookArgs exists for type checkers only
        if args.exc_value is not None:
            crash.error("uncaught while thrown away", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))

    sys.excepthook = hook
    threading.excepthook = in_thread
    sys.unraisablehook = thrown_away
