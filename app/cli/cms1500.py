"""`cms1500 fill` and `cms1500 read`: item values to paper and back, without a clinic."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import atomic
from app.billing.problems import Problem, blocks, in_order
from app.errors import InputError
from app.i18n import _

if TYPE_CHECKING:
    from app.forms.marks import Mark

DONE, PROBLEMS = 0, 1
MODES = ("overlay", "full", "fillable")


def add_parsers(commands: Any) -> None:
    """Add `cms1500`."""
    group = commands.add_parser("cms1500", help="item values to a CMS-1500 and back (docs/VALUES.md)")
    actions = group.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)

    fill = actions.add_parser("fill", help="write a PDF from item values in JSON")
    fill.add_argument("values", metavar="VALUES.json", help="one page or an array of pages; - for standard input")
    fill.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.pdf", help="the PDF to write")
    fill.add_argument(
        "--mode",
        choices=MODES,
        default="overlay",
        help="overlay: the data alone, for red forms; full: a copy with the form; fillable: in a payer's PDF",
    )
    fill.add_argument("--template", type=Path, metavar="T.pdf", help="fillable: the payer's PDF")
    fill.add_argument("--keep-fillable", action="store_true", help="fillable: leave the fields, not a flat page")
    fill.add_argument("--map", type=Path, metavar="FILE", help="fillable: which field takes which box")
    fill.add_argument("--dx", type=float, default=0.0, metavar="MM", help="move right by millimetres")
    fill.add_argument("--dy", type=float, default=0.0, metavar="MM", help="move down by millimetres")
    fill.add_argument(
        "--date-digits", choices=("6", "8"), default="6", help="dates in 12, 14, 15, 16, 18: MM DD YY or MM DD CCYY"
    )
    fill.add_argument("--json", action="store_true", help="answer problems and notes as JSON")
    fill.set_defaults(run=run_fill)

    read = actions.add_parser("read", help="answer the item values that stand on a PDF's pages, as JSON")
    read.add_argument("pdf", type=Path, metavar="OUT.pdf", help="the PDF to read")
    read.set_defaults(run=run_read)

    fields = actions.add_parser(
        "fields", help="how a payer's PDF is matched: a mapping file to correct (docs/PAYER-PDF.md)"
    )
    fields.add_argument("pdf", type=Path, metavar="T.pdf", help="the payer's PDF")
    fields.set_defaults(run=run_fields)


def run_fill(args: argparse.Namespace) -> int:
    """Write the PDF when everything can be printed as meant; else say what cannot, and write nothing."""
    from app.forms import layout, marks, values

    _check_options(args)
    form = layout.load()
    pages = values.read_json(_content(args.values, values.LARGEST_FILE))
    composed = [marks.compose(page, form, date_digits=args.date_digits) for page in pages]
    problems = [
        replace(problem, record=f"page:{number}")
        for number, page in enumerate(composed, 1)
        for problem in in_order(page.problems)
    ]
    document = b""
    if not blocks(problems):
        document, more = _document(args, [page.marks for page in composed])
        problems += more
    done = not blocks(problems)
    if done:
        atomic.write(args.output, document)
    _tell(problems, as_json=args.json, many=len(pages) > 1)
    return DONE if done else PROBLEMS


def run_read(args: argparse.Namespace) -> int:
    """Print the values; what makes no sense is told and left out."""
    from app.forms import glyphs, read

    found = read.read(_content(str(args.pdf), glyphs.LARGEST_FILE))
    print(json.dumps([page.values for page in found], indent=2))
    problems = [
        replace(problem, record=f"page:{number}") for number, page in enumerate(found, 1) for problem in page.problems
    ]
    _tell(problems, as_json=False, many=len(found) > 1)
    return PROBLEMS if blocks(problems) else DONE


def run_fields(args: argparse.Namespace) -> int:
    """Print which field of a payer's PDF takes which box, in the form that `fill --map` reads."""
    from app.forms import acroform, matching

    template = acroform.load_template(_content(str(args.pdf), _LARGEST_TEMPLATE))
    print(matching.mapping_text(template), end="")
    return DONE


def _check_options(args: argparse.Namespace) -> None:
    if args.mode == "fillable":
        if args.template is None:
            raise InputError(_("A payer's PDF is filled, but none is given."), _("Give it with --template."))
        if args.dx or args.dy:
            raise InputError(_("A payer's PDF is not moved."), _("Leave out --dx and --dy."))
    elif args.template or args.map or args.keep_fillable:
        raise InputError(
            _("--template, --map and --keep-fillable serve a payer's PDF."), _("Add --mode fillable or leave them out.")
        )
    taken = [Path(args.values), args.template, args.map]
    if any(path and _same_file(path, args.output) for path in taken):
        raise InputError(_("The output would replace a file that is read."), _("Give another name with -o."))


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there, or no name at all
        return False


def _content(path: str, largest: int) -> bytes:
    """A file's bytes, or standard input's, up to one more than `largest`."""
    try:
        if path == "-":
            return sys.stdin.buffer.read(largest + 1)
        with Path(path).open("rb") as file:
            return file.read(largest + 1)
    except OSError as error:
        raise InputError(
            _("{path} cannot be read: {fault}.").format(path=path, fault=(error.strerror or _("no such file")).lower()),
            _("Check the name."),
        ) from error


def _document(args: argparse.Namespace, pages: Sequence[Sequence[Mark]]) -> tuple[bytes, list[Problem]]:
    from app.forms import acroform, layout, pdf

    form = layout.load()
    if args.mode == "fillable":
        template = acroform.load_template(_content(str(args.template), _LARGEST_TEMPLATE))
        mapping = acroform.read_mapping(_content(str(args.map), _LARGEST_TEMPLATE)) if args.map else None
        filled = acroform.fill(template, pages, form, keep_fillable=args.keep_fillable, mapping=mapping)
        return filled.pdf, filled.problems
    draw = pdf.overlay if args.mode == "overlay" else pdf.full
    return draw(pages, form, dx_mm=args.dx, dy_mm=args.dy), []


_LARGEST_TEMPLATE = 64 * 1024 * 1024


def _tell(problems: Sequence[Problem], *, as_json: bool, many: bool) -> None:
    """One line each on standard error, or a JSON list on standard output."""
    if as_json:
        print(json.dumps([problem.as_json() for problem in problems], indent=2))
        return
    for problem in problems:
        number = problem.record.partition(":")[2]
        place = _("page {number}, ").format(number=number) if many and number else ""
        print(f"{place}{problem.severity}: {problem.message}", file=sys.stderr)
