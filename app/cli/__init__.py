"""The command line: the same job without a window. `superbill-desk` alone opens the window.

Each module of this package adds its commands with `add_parsers(commands)` and sets `run`, a function of the parsed
arguments that answers the exit status: 0 done, 1 problems found, 2 bad use or bad input. Heavy libraries are imported
inside those functions, so that the window and `--help` stay quick.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from app import __version__
from app.errors import UserError

DONE, PROBLEMS, BAD_INPUT = 0, 1, 2

_MODULES = ("clinic", "cms1500", "codes", "payers")


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
    if not arguments:
        from app.main import run_window

        return run_window()
    args = parser().parse_args(arguments)
    try:
        status: int = args.run(args)
    except UserError as error:
        print(f"superbill-desk: {error}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        return DONE
    return status
