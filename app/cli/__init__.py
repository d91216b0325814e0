"""The command line: the same job without a window. `superbill-desk` alone opens the window.

Each module of this package adds its commands with `add_parsers(commands)` and sets `run`, a function of the parsed
arguments that answers the exit status: 0 done, 1 problems found, 2 bad use or bad input. Heavy libraries are imported
inside those functions, so that the window and `--help` stay quick.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app import __version__
from app.errors import UserError

DONE, PROBLEMS, BAD_INPUT = 0, 1, 2

_MODULES = (
    "clinic",
    "cms1500",
    "codes",
    "units",
    "cover",
    "benefits",
    "payers",
    "answers",
    "backup",
    "users",
    "csv_lists",
)


def parser() -> argparse.ArgumentParser:
    """The whole command line, with help for each command."""
    top = argparse.ArgumentParser(
        prog="superbill-desk", description="Superbills and CMS-1500 claim forms. Without a command: the window."
    )
    top.add_argument("--version", action="version", version=f"superbill-desk {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for name in _MODULES:
        importlib.import_module(f"app.cli.{name}").add_parsers(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; answers its exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    locked = len(arguments) == 2 and arguments[0] == "--locked"  # this program, started by itself: `ui/lock.py`
    if not arguments or locked or _is_clinic(arguments):
        from app.main import run_window

        return run_window(Path(arguments[-1]) if arguments else None, locked=locked)
    if arguments[0] == "--self-test":  # as installers and workflows call it
        arguments[0] = "self-test"
    if arguments == ["--read-pdf"]:  # this program, started by itself: `forms/guarded.py`
        from app import limits
        from app.forms import guarded

        limits.apply()
        with open(0, "rb", closefd=False) as source, open(1, "wb", closefd=False) as target:
            return guarded.serve(source, target)
    _show_every_name()
    args = parser().parse_args(arguments)
    try:
        status: int = args.run(args)
        if sys.stdout is not None:  # a program without a console has none
            sys.stdout.flush()
    except UserError as error:
        print(f"superbill-desk: {error}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        _say_no_more()
        return DONE
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _say_no_more()
        print("superbill-desk: The disk is full. Make room, then do it again.", file=sys.stderr)
        return BAD_INPUT
    return status


def _is_clinic(arguments: Sequence[str]) -> bool:
    """Whether a desktop hands over the file that was clicked."""
    return len(arguments) == 1 and not arguments[0].startswith("-") and arguments[0].lower().endswith(".clinic")


def _show_every_name() -> None:
    """A console or file that cannot show a letter of a name is no reason to stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _say_no_more() -> None:
    """Drop what could not be written: Python would try it again at its end, and complain."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
