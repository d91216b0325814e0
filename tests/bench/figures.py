"""How a figure is taken and told."""

from __future__ import annotations

import datetime as dt
import gc
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

TODAY = dt.date(2026, 11, 21)


def seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """The median time of `work`, after one round to warm up."""
    work()
    times = []
    for _ in range(repeats):
        gc.collect()
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def peak_megabytes(work: Callable[[], object]) -> float:
    """The most memory of this process while `work` runs; the mark left by unlocking the file is wiped before."""
    marks = Path("/proc/self/clear_refs")
    if marks.exists():
        marks.write_text("5", encoding="ascii")
    work()
    return resident_megabytes()[1]


def resident_megabytes() -> tuple[float, float]:
    """The memory of this process, now and at most."""
    told = Path("/proc/self/status")
    if not told.exists():
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        return most, most
    status = told.read_text(encoding="ascii")
    now, most = (int(status.split(f"{name}:")[1].split()[0]) / 1000 for name in ("VmRSS", "VmHWM"))
    return now, most


def say(what: str, value: float, limit: str, detail: str) -> None:
    """A line: what, how much, at most how much."""
    print(f"{what:<58}{value:>8.3f}  {limit:<10}{detail}", flush=True)
