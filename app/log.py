"""The log: a rotating file of codes and ids. Never a name, a date of birth, an id of a payer or a diagnosis."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType


class _NoValues(logging.Filter):
    """Drops what could hold a person's data: the arguments of messages and the texts of exceptions."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("app."):
            record.msg, record.args = "(message of %s left out)", (record.name,)
        if record.exc_info and record.exc_info[0] is not None:
            record.msg = f"{record.getMessage()} [{record.exc_info[0].__name__} at {_places(record.exc_info[2])}]"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True


def _places(traceback: TracebackType | None) -> str:
    """The lines the traceback went through, without any value."""
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{Path(code.co_filename).name}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return " > ".join(places)


def start(folder: Path) -> None:
    """Log to `folder`/superbill-desk.log: half a megabyte, two old ones kept."""
    handler = logging.handlers.RotatingFileHandler(
        folder / "superbill-desk.log", maxBytes=500_000, backupCount=2, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(_NoValues())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)


def on_uncaught(show: Callable[[BaseException], None]) -> None:
    """Log every uncaught exception without its values, then `show` it to the person."""

    def hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        logging.getLogger("app.crash").error("uncaught", exc_info=(kind, error, traceback))
        show(error)

    sys.excepthook = hook
