"""Limits that a process gives itself before it touches a file that may be hostile."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import time
from typing import Any

MEMORY = 1 << 30  # bytes
CPU_SECONDS = 10
_WATCH_SECONDS = 0.05
_OVER = 3  # exit status of a process that went over its limits


def apply(memory: int = MEMORY, cpu_seconds: int = CPU_SECONDS) -> None:
    """From now on: so much memory (bytes) and processor time, no core dump, no new file content, few open files.

    Where the system has no such limits (Windows), or does not keep them (macOS), a watch ends the process that takes
    too much.
    """
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(memory, cpu_seconds, over), daemon=True)
    watch.start()

    def end() -> None:
        over.set()
        watch.join()  # a thread that still runs while the interpreter ends can bring it down

    atexit.register(end)
    with contextlib.suppress(ImportError):  # on Windows
        import resource

        for name, most in (
            ("RLIMIT_AS", memory), ("RLIMIT_CPU", cpu_seconds), ("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", 0),
            ("RLIMIT_NOFILE", 64),
        ):  # fmt: skip
            with contextlib.suppress(ValueError, OSError):  # lower already, or not known here
                resource.setrlimit(getattr(resource, name), (most, most))


def _watch(memory: int, cpu_seconds: int, over: threading.Event) -> None:
    while time.process_time() <= cpu_seconds and most_memory() <= memory:
        if over.wait(_WATCH_SECONDS):
            return
    os._exit(_OVER)


def most_memory() -> int:
    """The most memory that this process has had, in bytes."""
    if sys.platform == "win32":
        return _most_on_windows()
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _most_on_windows() -> int:
    import ctypes

    class Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS of psapi.h."""

        _fields_ = [("size", ctypes.c_ulong), ("faults", ctypes.c_ulong)] + [
            (name, ctypes.c_size_t)
            for name in ("peak_set", "set", "peak_paged", "paged", "peak_pool", "pool", "pagefile", "peak_pagefile")
        ]

    found = Counters(ctypes.sizeof(Counters))
    kernel: Any = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.K32GetProcessMemoryInfo.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong)
    kernel.K32GetProcessMemoryInfo(kernel.GetCurrentProcess(), ctypes.byref(found), found.size)
    return int(found.peak_pagefile)
