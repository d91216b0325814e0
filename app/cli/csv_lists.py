"""Commands on lists: clients, payers and fees in from CSV and out to CSV."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.common import Commands, answer, now, on_clinic, open_clinic, today

if TYPE_CHECKING:
    from app.store.csv_import import Preview

_LISTS = ("clients", "payers", "fees")


def add_parsers(commands: Commands) -> None:
    """Add `csv`."""
    top = commands.add_parser("csv", help="clients, payers and fees in and out as CSV")
    verbs = top.add_subparsers(title="what to do", metavar="VERB", required=True)
    into = verbs.add_parser("import", help="bring a list in; what cannot be read is refused with its line")
    into.add_argument("list", choices=_LISTS)
    into.add_argument("file", type=Path, metavar="FILE", help="the list, as a spreadsheet program saves it as CSV")
    into.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    into.add_argument("--encoding", choices=("utf-8", "utf-16-le", "utf-16-be", "cp1252"), help="else it is guessed")
    into.add_argument("--separator", choices=("comma", "semicolon", "tab"), help="else it is guessed")
    into.add_argument(
        "--map", action="append", default=[], metavar="HEADING=FIELD", help="a column that is not known by its heading"
    )
    into.add_argument("--refused", type=Path, metavar="FILE", help="write what was refused as CSV")
    into.add_argument("--json", action="store_true", help="answer as JSON")
    into.set_defaults(run=_import)
    out = verbs.add_parser("export", help="write a list")
    out.add_argument("list", choices=_LISTS)
    out.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="where to write it")
    out.set_defaults(run=_export)
    for verb in (into, out):
        on_clinic(verb)


def _import(args: argparse.Namespace) -> int:
    from app import lists
    from app.store import csv_columns, csv_import, csv_read

    form = csv_read.guess(args.file)
    separators = {"comma": ",", "semicolon": ";", "tab": "\t"}
    form = csv_read.Form(args.encoding or form.encoding, separators.get(args.separator, form.separator))
    heads = csv_import.headings(args.file, form)
    columns = csv_import.LISTS[args.list].columns(today())
    mapping = csv_columns.guess(columns, heads) | _mapped(args.map, heads, {column.key for column in columns})
    with open_clinic(args) as clinic:
        with clinic.read() as s:
            done = csv_import.preview(s, args.list, args.file, today=today(), form=form, mapping=mapping)
        if not args.dry_run and done.to_keep:
            done = lists.bring_in(clinic, args.list, done, today=today(), now=now())
    if args.refused:
        lists.save_refused(done.refused, args.refused)
    _tell(args, done)
    return 1 if done.refused else 0


def _mapped(given: list[str], heads: tuple[str, ...], known: set[str]) -> dict[int, str]:
    from app.errors import InputError

    found: dict[int, str] = {}
    for pair in given:
        heading, __, key = pair.rpartition("=")
        if heading not in heads:
            raise InputError("The file has no column of this name.", "Write it as in the first line.")
        if key and key not in known:
            raise InputError("There is no such field.", f"Name one of {', '.join(sorted(known))}.")
        found[heads.index(heading)] = key
    return found


def _tell(args: argparse.Namespace, done: Preview) -> None:
    from app.store.csv_import import What

    counts = {str(what): done.counts[what] for what in What}
    if args.json:
        mapping = {done.headings[at]: key for at, key in done.mapping.items()}
        rows: list[dict[str, Any]] = [
            {"line": row.line, "what": str(row.what), "row": row.title, "reason": row.reason,
             "changes": [change._asdict() for change in row.changes]}
            for row in (*done.rows, *done.refused)
        ]  # fmt: skip
        answer({"form": asdict(done.form), "mapping": mapping, "counts": counts, "rows": rows})
        return
    print(f"{done.form.encoding}, separator {done.form.separator!r}")
    for at, heading in enumerate(done.headings):
        print(f"  {heading} -> {done.mapping.get(at) or 'left out'}")
    for row in done.rows:
        changes = "; ".join(f"{title}: {old or 'nothing'} -> {new}" for title, old, new in row.changes)
        print(f"  line {row.line}: {row.what}: {row.title}" + (f" ({changes})" if row.what == "changed" else ""))
    for row in done.refused:
        print(f"  line {row.line}: refused: {row.reason}")
    told = ", ".join(f"{count} {what}" for what, count in counts.items())
    print(f"{'Would be' if args.dry_run else 'Done'}: {told}.")


def _export(args: argparse.Namespace) -> int:
    from app import lists

    with open_clinic(args) as clinic:
        count = lists.save(clinic, args.list, args.output, today=today())
    print(f"{count} rows written to {args.output.name}.")
    return 0
