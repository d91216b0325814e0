"""The real window on the clinic of ten years: `python -m tests.bench.window FILE`, in a process of its own.

Work off the window's thread runs on real threads. A time is from the deed until the rows are painted, on the clock; the
seconds that the window's own thread computed stand beside it, for a machine that does other things as well.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from app.billing.records import ClaimStatus
from app.store import demo
from app.ui import help as helping
from app.ui import tasks, theme
from app.ui.desk import Desk
from app.ui.main_window import MainWindow
from app.ui.preferences import Preferences
from app.ui.table import Table
from tests.bench.figures import TODAY, resident_megabytes, say

_PATIENCE = 30.0
_WORDS = ("apple", "quill per", "5415550", "bbh00012", "t0123", "zzz")


class Took(NamedTuple):
    """Seconds by the clock, and those that the window's thread computed."""

    clock: float
    computed: float

    def __str__(self) -> str:
        return f"{self.clock * 1000:.0f} ms by the clock, {self.computed * 1000:.0f} computed"


class Bench(QObject):
    """The window, and what watches its thread."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        preferences = Preferences(folder / "desk.ini")
        preferences.hints_seen = " ".join(helping.hints())
        self.desk = Desk(preferences, today=lambda: TODAY)
        self.desk.run_task = self._run_task
        self.under_way = 0
        self.window = MainWindow(self.desk)
        self.window.resize(1280, 800)
        self.window.show()
        self._beat = QTimer(self, interval=2)
        self._beat.timeout.connect(self._beats)
        self._last, self.stall = time.thread_time(), 0.0
        self._beat.start()

    def _run_task(self, work: Callable[[], Any], *, done: Any, failed: Any) -> None:
        self.under_way += 1

        def over(then: Callable[[Any], object], value: Any) -> None:
            self.under_way -= 1
            then(value)

        tasks.run_task(work, done=lambda value: over(done, value), failed=lambda error: over(failed, error))

    def _beats(self) -> None:
        """The longest that the window's thread computed without looking at an event."""
        now = time.thread_time()
        self._last, self.stall = now, max(self.stall, now - self._last)

    def until(self, ready: Callable[[], bool]) -> None:
        """Let the window work until then, and until that is painted."""
        end = time.monotonic() + _PATIENCE
        while not ready():
            if time.monotonic() > end:
                raise TimeoutError
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        QApplication.sendPostedEvents()
        QApplication.processEvents()

    def settle(self) -> None:
        """Until nothing is under way."""
        self.until(lambda: self.under_way == 0)
        QApplication.processEvents()

    def took(self, do: Callable[[], object], ready: Callable[[], bool] = lambda: True) -> Took:
        """How long a deed takes until it is painted."""
        clock, computed = time.perf_counter(), time.thread_time()
        do()
        self.until(ready)
        return Took(time.perf_counter() - clock, time.thread_time() - computed)

    @contextmanager
    def stalls(self, what: str) -> Iterator[None]:
        """Say how long the window did not look at events, at most."""
        QApplication.processEvents()
        self._last, self.stall = time.thread_time(), 0.0
        yield
        self.settle()
        self._beats()
        say(f"{what}: longest stall, ms computed", self.stall * 1000, "<= 100", "")


def first_rows(page: Any) -> Callable[[], bool]:
    """Whether the rows of a page are there, by where it keeps them."""
    if page.key == "today":
        return lambda: bool(page.rows)
    if page.key == "claims":
        return lambda: any(page.overview.shown.cards.values()) or bool(page.overview.table.rows_model.rows)
    if page.key == "reports":
        return lambda: page.report is not None
    view = page.table if page.key == "superbills" else page.list
    return lambda: bool(view.rows_model.rows)


def opening(bench: Bench, path: Path) -> None:
    """From the password to the first rows of Today."""
    with bench.stalls("opening the clinic"):
        bench.window.welcome.ask_password(path)
        bench.settle()
        opened: list[bool] = []
        bench.window.opened.connect(lambda: QTimer.singleShot(500, bench.window.make_ahead))
        bench.window.opened.connect(lambda: opened.append(True))
        unlock = bench.took(lambda: bench.window.welcome.open(demo.PASSWORD), lambda: bool(opened))
        rows = bench.took(lambda: None, first_rows(bench.window.page_of("today")))
        say("from the password to the window of the clinic, s", unlock.clock, "", str(unlock))
        say("Today: first rows after that, ms", rows.clock * 1000, "<= 100", str(rows))
    from app.ui import every_page

    with bench.stalls("making the other pages ahead"):
        rail = {page.key for page in every_page.RAIL}
        bench.until(lambda: rail <= set(bench.window.pages))


def pages(bench: Bench) -> None:
    """Each page when it is shown for the first time, and again after a write that it shows."""
    for key in [*list(bench.window.kinds)[1:], "today"]:
        if key in {"calibration", "setup", "import"}:
            continue
        with bench.stalls(key):
            first = show(bench, key)
            say(f"{key}: first rows, ms", first.clock * 1000, "<= 100", str(first))
        bench.window.page_of(key).stale = True
        with bench.stalls(f"{key}, read anew"):
            again = show(bench, key)
            say(f"{key}: again, ms", again.clock * 1000, "<= 100", str(again))


def building(bench: Bench) -> None:
    """All that waits to be billed, and the claims it would become."""
    builder: Any = bench.window.page_of("claims").builder  # type: ignore[attr-defined]
    with bench.stalls("claims to build"):
        took = bench.took(
            lambda: bench.window.go("claims", "build"), lambda: bool(builder.table.rows_model.rows)
        )  # fmt: skip
        say("claims to build: first rows, ms", took.clock * 1000, "", f"{took}, {len(builder.plans()):,} claims")
    bench.window.page().back()


def show(bench: Bench, key: str) -> Took:
    """Bring a page to the front."""

    def ready() -> bool:
        return first_rows(bench.window.page_of(key))()

    return bench.took(lambda: bench.window.go(key), ready)


def typing(bench: Bench) -> None:
    """A keystroke in each search box, until what it finds is painted."""
    window = bench.window
    overview: Any = window.page_of("claims")
    boxes: list[tuple[str, str, Callable[[], QLineEdit], Callable[[], Any]]] = [
        ("find box", "clients", lambda: window.find_box, lambda: None),
        ("clients", "clients", lambda: window.page_of("clients").search, lambda: None),  # type: ignore[attr-defined]
        ("sessions", "sessions", lambda: window.page_of("sessions").search, lambda: None),  # type: ignore[attr-defined]
        ("superbills", "superbills", lambda: window.page_of("superbills").search, lambda: None),  # type: ignore[attr-defined]
        ("claims, board", "claims", lambda: overview.overview.filters.search, lambda: overview.overview.shown),
    ]
    for name, key, box, answer in boxes:
        window.go(key)
        bench.settle()
        field = box()
        field.setFocus()
        times: list[Took] = []
        with bench.stalls(f"search, {name}"):
            for word in _WORDS:
                field.clear()
                bench.settle()
                for letter in word:
                    before = answer()
                    times.append(bench.took(
                        lambda letter=letter, field=field: QTest.keyClicks(field, letter),  # type: ignore[misc]
                        lambda before=before, answer=answer: before is None or answer() is not before,  # type: ignore[misc]
                    ))  # fmt: skip
            bench.settle()
            field.clear()
        worst, middle = max(each.clock for each in times), statistics.median(each.clock for each in times)
        say(f"search, {name}: ms a keystroke, median", middle * 1000, "<= 50",
            f"at most {worst * 1000:.0f}, computed {max(each.computed for each in times) * 1000:.0f}")  # fmt: skip


def scrolling(bench: Bench) -> None:
    """A page down, painted: the fetching of more rows is part of it."""
    window = bench.window
    window.go("claims")
    claims: Any = window.page_of("claims")
    claims.overview.filters.list.setChecked(True)
    claims.overview.filters.show({"statuses": frozenset(ClaimStatus)})
    bench.settle()
    views: list[tuple[str, QWidget]] = [
        ("clients", window.page_of("clients").list),  # type: ignore[attr-defined]
        ("sessions", window.page_of("sessions").list),  # type: ignore[attr-defined]
        ("claims", claims.overview.table),
        ("superbills", window.page_of("superbills").table),  # type: ignore[attr-defined]
    ]
    for key, view in views:
        window.go(key)
        bench.settle()
        bar = view.verticalScrollBar()  # type: ignore[attr-defined]
        times = []
        with bench.stalls(f"scrolling, {key}"):
            for _ in range(120):
                times.append(bench.took(lambda bar=bar: bar.setValue(bar.value() + bar.pageStep())))  # type: ignore[misc]
        say(f"scrolling, {key}: ms a page, median", statistics.median(each.clock for each in times) * 1000, "<= 16",
            f"at most {max(each.clock for each in times) * 1000:.0f}, {view.model().rowCount():,} rows")  # type: ignore[attr-defined]  # fmt: skip


def sorting(bench: Bench) -> None:
    """Every column that sorts, both ways, by a click on its heading."""
    window = bench.window
    tables: list[tuple[str, Callable[[], Table]]] = [
        ("claims", lambda: window.page_of("claims").overview.table),  # type: ignore[attr-defined]
        ("superbills", lambda: window.page_of("superbills").table),  # type: ignore[attr-defined]
    ]
    for key, of in tables:
        window.go(key)
        bench.settle()
        table = of()
        for number, column in enumerate(table.rows_model.columns):
            if not column.order:
                continue
            for way in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
                took = bench.took(lambda number=number, way=way, table=table: table.sort_by(number, way))  # type: ignore[misc]
                sign = "down" if way is Qt.SortOrder.DescendingOrder else "up"
                say(f"sorting {key} by {column.title}, {sign}, ms", took.clock * 1000, "<= 150", str(took))
        bench.settle()


def writing(bench: Bench) -> None:
    """What a kept session costs the window: the write itself, and what reads anew after it."""
    from app.store import visits

    window = bench.window
    with bench.desk.read() as s:
        visit = visits.visit(s, visits.lines(s, limit=1)[0].id)

    def keep() -> None:
        with bench.desk.write("Save session") as s:
            visits.save_visit(s, visit)

    for key in ("today", "sessions", "claims"):
        window.go(key)
        bench.settle()
        with bench.stalls(f"a session is kept while {key} is in front"):
            took = bench.took(keep)
            say(f"keeping a session, {key} in front, ms", took.clock * 1000, "", str(took))


def measure(path: Path) -> None:
    """All of it."""
    app = QApplication(sys.argv[:1])
    app.setStyle("Fusion")
    theme.apply(app, look="light")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        opening(bench, path)
        for part in (pages, building, typing, scrolling, sorting, writing):
            bench.settle()
            part(bench)
        now, most = resident_megabytes()
        say("memory after all pages, MB", now, "<= 300", f"at most {most:.0f}")
        bench.window.close()
        tasks.finish()


if __name__ == "__main__":
    measure(Path(sys.argv[1]))
