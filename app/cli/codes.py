"""Commands that need no clinic: ICD-10-CM, and the public code pairs and unit caps."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.common import date_of
from app.errors import InputError
from app.i18n import _, date_text, ngettext

if TYPE_CHECKING:
    from app.billing.edits import PairEdit
    from app.store.icd10 import Code, CodeStatus

DONE, PROBLEMS = 0, 1
_MOST_CODES = 100_000  # there are fewer


def add_parsers(commands: Any) -> None:
    """Add `icd10` and `ncci`."""
    icd10 = commands.add_parser("icd10", help="search, check and update the ICD-10-CM codes")
    actions = icd10.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)

    search = actions.add_parser("search", help="find codes by words or by their first characters")
    search.add_argument("text", nargs="+", metavar="TEXT", help="words (low back) or a code (M54, m545)")
    search.add_argument("--limit", type=int, default=20, metavar="N", help="the most codes to show (20)")
    _add_date_and_json(search)
    search.set_defaults(run=run_search)

    check = actions.add_parser("check", help="tell whether codes may be used on a date of service")
    check.add_argument("codes", nargs="+", metavar="CODE", help="a code, with or without its dot")
    _add_date_and_json(check)
    check.set_defaults(run=run_check)

    load = actions.add_parser("import", help="add a newer release: the public order file (.txt, .zip or .xz)")
    load.add_argument("file", type=Path, metavar="FILE", help="such as icd10cm_order_2028.txt, or its zip")
    load.add_argument("--effective", metavar="DATE", help="first day in force, where the file's name does not say")
    load.add_argument("--json", action="store_true", help="answer as JSON")
    load.set_defaults(run=run_import)

    _add_ncci(commands)


def _add_ncci(commands: Any) -> None:
    ncci = commands.add_parser("ncci", help="show and update the public code pairs and unit caps")
    actions = ncci.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)

    load = actions.add_parser("import", help="add a quarter: the public pair file or caps file (.txt, .csv or .zip)")
    load.add_argument("file", type=Path, metavar="FILE", help="such as ccipra-v323r0-f4.txt, or its zip")
    load.add_argument("--quarter", default="", metavar="QUARTER", help="such as 2026Q4, where the name does not say")
    load.add_argument("--json", action="store_true", help="answer as JSON")
    load.set_defaults(run=run_ncci_import)

    show = actions.add_parser("show", help="pairs among codes, or of one code, and the most units a day")
    show.add_argument("codes", nargs="+", metavar="CODE", help="a procedure code, such as 97140")
    _add_date_and_json(show)
    show.set_defaults(run=run_ncci_show)


def _add_date_and_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--date", metavar="DATE", help="date of service (today)")
    parser.add_argument("--json", action="store_true", help="answer as JSON")


def run_search(args: argparse.Namespace) -> int:
    """List the codes that fit, best first; 1 when none does."""
    from app.store import icd10

    if args.limit < 1:
        raise InputError(_("The limit must be at least 1."))
    limit = min(args.limit, _MOST_CODES)
    codes = icd10.search(" ".join(args.text), date=date_of("--date", args.date), limit=limit, progress=_progress)
    if args.json:
        _print_json([_code_json(code) for code in codes])
    else:
        for code in codes:
            note = "" if code.billable else _("  (needs more characters)")
            print(f"{code.code:8}  {code.title}{note}")
        if not codes:
            print(_("No code fits. Try fewer or other words."), file=sys.stderr)
    return DONE if codes else PROBLEMS


def run_check(args: argparse.Namespace) -> int:
    """Say of each code whether it may be used; 1 when one may not."""
    from app.store import icd10

    date = date_of("--date", args.date)
    found = [icd10.check(code, date, progress=_progress) for code in args.codes]
    if args.json:
        _print_json([_status_json(status) for status in found])
    else:
        for status in found:
            print(f"{status.code:8}  {status.sentence}")
            for successor in status.successors:
                print(f"    {successor.code:8}  {successor.title}")
    return DONE if all(status.valid for status in found) else PROBLEMS


def run_import(args: argparse.Namespace) -> int:
    """Keep a release for every later search and check."""
    from app.store import icd10

    effective = date_of("--effective", args.effective) if args.effective else None
    result = icd10.import_release(args.file, effective=effective)
    icd10.book(_progress)
    if args.json:
        _print_json(
            {
                "effective": result.effective.isoformat(), "codes": result.codes, "billable": result.billable,
                "added": result.added, "ended": result.ended, "changed": result.changed, "kept": result.kept,
            }
        )  # fmt: skip
    else:
        text = _("{codes} codes in force from {date}, {billable} of them billable.")
        print(text.format(codes=result.codes, date=date_text(result.effective), billable=result.billable))
        if result.kept:
            text = _("{added} added, {ended} ended, {changed} changed.")
            print(text.format(added=result.added, ended=result.ended, changed=result.changed))
        else:
            print(_("The program already has this release; nothing was added."))
    return DONE


def run_ncci_import(args: argparse.Namespace) -> int:
    """Keep a quarter of pairs or caps for every later check."""
    from app.store import ncci

    result = ncci.import_file(args.file, quarter=args.quarter)
    if args.json:
        _print_json(
            {"kind": result.kind, "quarter": str(result.quarter), "rows": result.rows, "kept": result.kept}
        )  # fmt: skip
        return DONE
    what = _("Code pairs") if result.kind == ncci.PAIRS else _("Unit caps")
    text = _("{what} of {quarter}: {kept} of {rows} rows kept.")
    print(text.format(what=what, quarter=result.quarter, kept=result.kept, rows=result.rows))
    return DONE


def run_ncci_show(args: argparse.Namespace) -> int:
    """Pairs and caps on a date of service, with the quarters that they are of."""
    from app.billing.ids import PROCEDURE
    from app.store import ncci

    date = date_of("--date", args.date)
    codes = [PROCEDURE.validate(code) for code in args.codes]
    edits = ncci.edits(date)
    pairs = edits.pairs_among(codes, date) if len(codes) > 1 else edits.pairs_with(codes[0], date)
    caps = [cap for cap in map(edits.cap, codes) if cap is not None]
    if args.json:
        _print_json(
            {
                "date": date.isoformat(), "pairs_quarter": edits.pairs_quarter, "caps_quarter": edits.caps_quarter,
                "pairs": [_pair_json(pair) for pair in pairs],
                "caps": [{"code": cap.code, "units": cap.units, "indicator": cap.indicator} for cap in caps],
            }
        )  # fmt: skip
        return DONE
    head = _("Code pairs of {pairs}, unit caps of {caps}, for {date}.")
    print(head.format(pairs=edits.pairs_quarter, caps=edits.caps_quarter, date=date_text(date)))
    never = _("{first} with {second}: never both, whatever the modifier")
    separate = _("{first} with {second}: {second} only as a separate service, with its modifier and note")
    for pair in pairs:
        print((separate if pair.indicator else never).format(first=pair.column1, second=pair.column2))
    for cap in caps:
        most = ngettext("{code}: {units} unit a day", "{code}: {units} units a day", cap.units)
        print(most.format(code=cap.code, units=cap.units))
    if not pairs and not caps:
        print(_("No pair and no cap is known."))
    return DONE


def _progress(done: int, total: int) -> None:
    """The one long step, the first use: a line on the terminal that goes away by itself."""
    if sys.stderr.isatty():
        text = _("Preparing the ICD-10-CM codes: {percent} %").format(percent=done * 100 // total)
        print(f"\r{text}" if done < total else f"\r{' ' * len(text)}\r", end="", file=sys.stderr, flush=True)


def _code_json(code: Code) -> dict[str, Any]:
    return {
        "code": code.code,
        "title": code.title,
        "billable": code.billable,
        "valid_from": code.valid_from.isoformat(),
        "valid_to": code.valid_to.isoformat() if code.valid_to else None,
    }


def _status_json(status: CodeStatus) -> dict[str, Any]:
    return {
        "code": status.code,
        "date": status.date.isoformat(),
        "valid": status.valid,
        "billable": status.billable,
        "title": status.title,
        "valid_from": status.valid_from.isoformat() if status.valid_from else None,
        "valid_to": status.valid_to.isoformat() if status.valid_to else None,
        "successors": [_code_json(code) for code in status.successors],
        "message": status.sentence,
    }


def _pair_json(pair: PairEdit) -> dict[str, Any]:
    return {
        "column1": pair.column1,
        "column2": pair.column2,
        "indicator": pair.indicator,
        "effective": pair.effective.isoformat() if pair.effective else None,
        "deletion": pair.deletion.isoformat() if pair.deletion else None,
    }


def _print_json(data: object) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))
