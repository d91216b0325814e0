"""What commands on a clinic share: how it is opened, what day it is, and how answers and problems are told."""

from __future__ import annotations

import argparse
import datetime as dt
import getpass
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.billing.problems import Problem
from app.errors import InputError
from app.i18n import _, parse_date

if TYPE_CHECKING:
    from app.store.clinic import ClinicFile

Commands = Any  # argparse's sub-parser action has no public type


def on_clinic(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add the options that name the clinic and who opens it."""
    parser.add_argument("--clinic", type=Path, required=required, metavar="FILE", help="the clinic file")
    parser.add_argument("--user", default="owner", help="who opens it (owner)")
    parser.add_argument(
        "--password-file", type=Path, metavar="FILE", help="else SUPERBILL_DESK_PASSWORD is asked, then you are"
    )


def password(args: argparse.Namespace) -> str:
    """From the file, the environment, or a prompt; only the line's end is taken off."""
    if args.password_file:
        try:
            return str(args.password_file.read_text(encoding="utf-8")).rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise InputError("The password file cannot be read.", "Give a text file with the password.") from None
    given = os.environ.get("SUPERBILL_DESK_PASSWORD")
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise InputError("No password was given.", "Use --password-file or SUPERBILL_DESK_PASSWORD.")
    return getpass.getpass("Password: ")


def open_clinic(args: argparse.Namespace) -> ClinicFile:
    """The clinic of the options, open. Raises UserError."""
    from app.store.clinic import ClinicFile

    if _same_file(getattr(args, "output", None), args.clinic):
        raise InputError("The output would replace the clinic file.", "Give another name with -o.")
    way = ClinicFile.open_read_only if getattr(args, "read_only", False) else ClinicFile.open
    return way(args.clinic, password=password(args), user=args.user)


def _same_file(one: Path | None, other: Path) -> bool:
    try:
        return one is not None and one.samefile(other)
    except OSError:  # one of them is not there, or no name at all
        return False


def today() -> dt.date:
    """Today."""
    return dt.date.today()  # noqa: DTZ011 - the clinic's own day, on the clinic's own clock


def now() -> dt.datetime:
    """This moment, on the clinic's own clock."""
    return dt.datetime.now().astimezone()


def date_of(option: str, text: str | None, default: dt.date | None = None) -> dt.date:
    """The date that a person types for an option; not given: `default`, else today. Raises InputError, naming it."""
    if text is None:
        return default or today()
    try:
        return parse_date(text, today=today())
    except InputError as error:
        raise InputError(_("{option} is no date.").format(option=option), error.hint) from None


def answer(data: object) -> None:
    """Print an answer as JSON."""
    print(json.dumps(data, ensure_ascii=False, indent=2))


def tell(problems: Iterable[Problem], stream: Any = None) -> None:
    """Print problems, one a line; what is said of several sessions in the same words, once."""
    said = Counter(
        f"  {problem.severity}: {problem.code}{f' [{problem.item}]' if problem.item else ''}: {problem.message}"
        for problem in problems
    )
    for line, count in said.items():
        print(line + (_(" ({count} times)").format(count=count) if count > 1 else ""), file=stream or sys.stdout)
