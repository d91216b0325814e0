"""A walk in a process of its own, because a language and a scale hold for a whole process.

`python -m tests.ui.walk_alone CLINIC SETTINGS LANGUAGE WIDTHxHEIGHT...` prints what it found as JSON, by size. The
language is `en`, or `longer`: English with 40 % more of it.
"""

from __future__ import annotations

import datetime as dt
import gettext
import json
import math
import os
import re
import sys
from pathlib import Path

TODAY = dt.date(2026, 11, 21)


class Longer(gettext.NullTranslations):
    """Each text is followed by a part of itself."""

    def gettext(self, message: str) -> str:
        """The text and 40 % more."""
        plain = re.sub(r"\{\w*\}", "", message).strip()
        return f"{message}‹{plain[: math.ceil(len(plain) * 0.4)].strip()}›" if plain else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """That of the count."""
        return self.gettext(msgid1 if n == 1 else msgid2)


def main(path: Path, settings: Path, language: str, sizes: list[str]) -> dict[str, list[str]]:
    """Walk over a clinic that opens with the demo's password."""
    from app import i18n

    if language == "longer":
        i18n._catalog = Longer()
    from PySide6.QtWidgets import QApplication

    from app.store import demo, keys
    from app.store.clinic import ClinicFile
    from app.ui import theme
    from app.ui.desk import Desk
    from app.ui.dialogs import Leave, LeaveQuestion
    from app.ui.main_window import MainWindow
    from app.ui.preferences import Preferences
    from tests.store.conftest import CHEAP
    from tests.ui import walk
    from tests.ui.conftest import inline
    from tests.ui.test_walk import stations

    keys.STANDARD = CHEAP
    app = QApplication(sys.argv[:1])
    theme.apply(app, look="light")
    LeaveQuestion.ask = classmethod(lambda cls, *words: Leave.DROP)  # type: ignore[method-assign, assignment]
    desk = Desk(Preferences(settings), today=lambda: TODAY)
    desk.run_task = inline  # type: ignore[assignment]
    desk.preferences.hints = False
    window = MainWindow(desk)
    window.show()
    window.show_clinic(ClinicFile.open(path, password=demo.PASSWORD), path)
    found: dict[str, list[str]] = {}
    for size in sizes:
        width, height = (int(part) for part in size.split("x"))
        window.resize(width, height)
        seen = set()
        for name, step in [*stations(window), *walk.every_part(window)]:
            step()
            for _round in range(3):  # layouts settle from the inside out
                app.processEvents()
            seen |= {" | ".join((name, *fault)) for fault in walk.faults(window)}
        found[size] = sorted(seen)
    window.desk.set_clinic(None)
    return found


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:]), indent=1))
