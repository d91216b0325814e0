"""Commands on a clinic: `demo`, `import`, `export`, `claims`, `superbill`, and `self-test` of the program itself."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app import atomic
from app.billing.money import dollars_text
from app.billing.problems import Problem, Severity
from app.cli import by_hand
from app.cli.common import Commands, answer, date_of, now, on_clinic, open_clinic, password, tell, today
from app.errors import InputError, UserError
from app.i18n import date_text, ngettext


def add_parsers(commands: Commands) -> None:
    """Add the commands of this module."""
    demo = commands.add_parser("demo", help="make the demo clinic and do the main job on it")
    demo.add_argument("--out", type=Path, default=Path("out"), help="folder for the clinic, PDFs and pictures")
    demo.add_argument("--window", action="store_true", help="open the window on it where there is a display")
    demo.set_defaults(run=_demo)

    bring = commands.add_parser("import", help="make a new clinic file from a clinic's JSON")
    bring.add_argument("json", type=Path, help="what `export` wrote (docs/CLINIC-JSON.md)")
    on_clinic(bring)
    bring.set_defaults(run=_import)

    give = commands.add_parser("export", help="write the whole clinic as one JSON file (it is not encrypted)")
    give.add_argument("-o", "--output", type=Path, help="file to write; standard output when left out")
    on_clinic(give)
    give.add_argument("--read-only", action="store_true", help="write nothing beside the clinic: its disk is full")
    give.set_defaults(run=_export)

    _claims(commands.add_parser("claims", help="build, check, list and print claims"))

    bill = commands.add_parser("superbill", help="make a client's superbill as PDF")
    bill.add_argument("--client", required=True, help="the client's number")
    bill.add_argument("--from", dest="first", metavar="DATE", help="first date of service")
    bill.add_argument("--to", dest="last", metavar="DATE", help="last date of service")
    bill.add_argument("--reprint", metavar="NUMBER", help="print this superbill again instead")
    bill.add_argument("-o", "--output", type=Path, required=True, help="the PDF to write")
    bill.add_argument("--json", action="store_true", help="answer as JSON")
    on_clinic(bill)
    bill.set_defaults(run=_superbill)

    test = commands.add_parser("self-test", help="check that this installation does its job")
    test.add_argument("--report", type=Path, help="also write the report to this file")
    test.set_defaults(run=_self_test)


def _claims(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(title="what to do", metavar="VERB", required=True)
    build = verbs.add_parser("build", help="make claims from the sessions that are on none")
    build.add_argument("--client", help="only of this client's number")
    build.set_defaults(run=_claims_build)
    check = verbs.add_parser("check", help="say what a payer would send back")
    check.add_argument("numbers", nargs="*", metavar="NUMBER", help="claims; all that are not printed when left out")
    check.set_defaults(run=_claims_check)
    check.add_argument("--why", action="store_true", help="also say where every value comes from")
    show = verbs.add_parser("list", help="all claims, newest first")
    show.set_defaults(run=_claims_list)
    paper = verbs.add_parser("print", help="issue claims and write their PDF")
    paper.add_argument("numbers", nargs="*", metavar="NUMBER", help="claims; all that are not printed when left out")
    paper.add_argument("-o", "--output", type=Path, required=True, help="the PDF to write")
    paper.add_argument("--mode", choices=("overlay", "full", "fillable"), default="overlay")
    paper.add_argument("--template", type=Path, help="the payer's own PDF, for --mode fillable")
    paper.add_argument("--dx", type=float, default=0, metavar="MM", help="move right")
    paper.add_argument("--dy", type=float, default=0, metavar="MM", help="move down")
    paper.set_defaults(run=_claims_print)
    for verb in (build, check, show, paper):
        verb.add_argument("--json", action="store_true", help="answer as JSON")
        on_clinic(verb)
    by_hand.add_verbs(verbs)


# import, export


def _import(args: argparse.Namespace) -> int:
    from app.store import portable
    from app.store.backup import Reason
    from app.store.clinic import ClinicFile

    data = _read_json(args.json)
    if args.clinic.exists():
        raise InputError("There is a clinic file already.", "Choose a new name: import makes a new clinic.")
    portable.check(data)
    clinic, code = ClinicFile.create(args.clinic, password=password(args), user=args.user)
    with clinic:
        clinic.back_up(Reason.IMPORT, now=now())
        portable.import_clinic(clinic, data)
    print("The clinic was made. Write this recovery code on paper; it opens the file when the password is lost:")
    print(f"    {code}")
    return 0


def _read_json(path: Path) -> Any:
    try:
        if path.stat().st_size > 500_000_000:
            raise InputError("The JSON file is larger than 500 MB.", "That is not an export of one clinic.")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise InputError("The JSON file cannot be read.", "Check its name and place.") from None
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise InputError("The file is not JSON.", "Give a file that `export` wrote.") from None


def _export(args: argparse.Namespace) -> int:
    from app.store import portable

    with open_clinic(args) as clinic, clinic.read() as s:
        text = json.dumps(portable.export_clinic(s), ensure_ascii=False, indent=1)
    if args.output is None:
        print(text)
    else:
        atomic.write(args.output, text.encode())
        print(f"The whole clinic, not encrypted, is in {args.output.name}. Keep it safe.", file=sys.stderr)
    return 0


# claims


def _claims_build(args: argparse.Namespace) -> int:
    from app import paperwork
    from app.store import clients

    with open_clinic(args) as clinic:
        with clinic.read() as s:
            client_id = clients.by_number(s, args.client).id if args.client else None
        built = paperwork.build_claims(clinic, today=today(), client_id=client_id)
        with clinic.read() as s:
            rows = _claim_rows(s, [claim.id for claim in built if claim.id])
    if args.json:
        answer(rows)
    else:
        _print_claims(rows)
        built_now = ngettext("{count} claim built.", "{count} claims built.", len(rows)).format(count=len(rows))
        print(built_now if rows else "Every session of an insured client is on a claim.")
    return 0


def _claims_list(args: argparse.Namespace) -> int:
    with open_clinic(args) as clinic, clinic.read() as s:
        rows = _claim_rows(s, None)
    if args.json:
        answer(rows)
    else:
        _print_claims(rows)
    return 0


def _claim_rows(s: Any, ids: Sequence[int] | None) -> list[dict[str, Any]]:
    from app.store import claims

    return [
        {
            "number": line.number, "client": line.client, "payer": line.payer, "status": str(line.status),
            "first_date": line.first.isoformat() if line.first else None,
            "last_date": line.last.isoformat() if line.last else None, "charge": dollars_text(line.charge),
        }
        for line in claims.lines(s, limit=1_000_000)
        if ids is None or line.id in ids
    ]  # fmt: skip


def _print_claims(rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:
        dates = f"{row['first_date']} to {row['last_date']}"
        print(
            f"{row['number']:<14}{row['client']:<28}{row['payer']:<26}{dates:<26}{row['charge']:>10}  {row['status']}"
        )


def _chosen(s: Any, numbers: Sequence[str]) -> list[Any]:
    """The claims named, or all that wait to be printed."""
    from app.billing.records import ClaimStatus
    from app.store import claims

    if numbers:
        return [claims.by_number(s, number) for number in numbers]
    waiting = {ClaimStatus.DRAFT, ClaimStatus.READY}
    rows = sorted(claims.lines(s, limit=1_000_000), key=lambda line: line.id)
    return [claims.claim(s, line.id) for line in rows if line.status in waiting]


def _claims_check(args: argparse.Namespace) -> int:
    from app import paperwork

    with open_clinic(args) as clinic:
        with clinic.read() as s:
            chosen = _chosen(s, args.numbers)
        ids = [claim.id for claim in chosen]
        found = paperwork.check_claims(clinic, ids, today=today())
        why = by_hand.values_of(clinic, ids) if args.why else {}
    if args.json:
        answer([
            {"number": claim.number, "problems": [problem.as_json() for problem in found[claim.id]]}
            | ({"values": why[claim.id]} if args.why else {})
            for claim in chosen
        ])  # fmt: skip
    else:
        for claim in chosen:
            print(f"{claim.number}: {_count(found[claim.id])}")
            tell(found[claim.id])
            by_hand.print_values(why.get(claim.id, ()))
    return 1 if any(problem.severity is not Severity.INFORM for each in found.values() for problem in each) else 0


def _count(problems: Sequence[Problem]) -> str:
    if not problems:
        return "nothing missing"
    return "1 problem" if len(problems) == 1 else f"{len(problems)} problems"


def _claims_print(args: argparse.Namespace) -> int:
    from app import paperwork

    output = paperwork.Output(mode=paperwork.Mode(args.mode), dx_mm=args.dx, dy_mm=args.dy, template=_template(args))
    with open_clinic(args) as clinic:
        with clinic.read() as s:
            chosen = _chosen(s, args.numbers)
        if not chosen:
            raise InputError("No claim waits to be printed.", "Build claims first, or name one.")
        try:
            printed = paperwork.print_claims(
                clinic, [claim.id for claim in chosen], output, args.output, today=today()
            )  # fmt: skip
        except paperwork.NotReadyError as refusal:
            if args.json:
                answer({"printed": [], "problems": [problem.as_json() for problem in refusal.problems]})
            else:
                print(f"superbill-desk: {refusal}", file=sys.stderr)
                tell(refusal.problems, sys.stderr)
            return 1
    if args.json:
        answer({"printed": [claim.number for claim in printed], "problems": []})
    else:
        told = ngettext("{count} claim is in {name}.", "{count} claims are in {name}.", len(printed))
        print(told.format(count=len(printed), name=args.output.name), "Print it at 100 %, without scaling.")
    return 0


def _template(args: argparse.Namespace) -> bytes | None:
    if args.template is None:
        if args.mode == "fillable":
            raise InputError("--mode fillable needs the payer's PDF.", "Name it with --template.")
        return None
    try:
        if args.template.stat().st_size > 20_000_000:
            raise InputError("The template is larger than 20 MB.", "A payer's form is smaller; choose that file.")
        return bytes(args.template.read_bytes())
    except OSError:
        raise InputError("The template cannot be read.", "Check its name and place.") from None


# superbill


def _superbill(args: argparse.Namespace) -> int:
    from app import handover, paperwork
    from app.billing.records import VisitStatus
    from app.store import clients, superbills, visits

    day = today()
    first = date_of("--from", args.first, dt.date.min)
    last = date_of("--to", args.last, day)
    if first > last:
        raise InputError("--from is after --to.", "Swap the two dates.")
    with open_clinic(args) as clinic:
        if args.reprint:
            with clinic.read() as s:
                bill = superbills.by_number(s, args.reprint)
        else:
            with clinic.read() as s:
                client = clients.by_number(s, args.client)
                chosen = [
                    visit.id
                    for visit in visits.visits_of(s, client.id or 0)
                    if visit.id and visit.status is VisitStatus.DONE and visit.date and first <= visit.date <= last
                ]
            if not chosen:
                raise InputError(
                    "The client has no session in that range.", f"Dates up to {date_text(last)} were looked at."
                )
            try:
                bill = paperwork.make_superbill(clinic, client.id or 0, chosen, today=day)
            except paperwork.NotReadyError as refusal:
                tell(refusal.problems, sys.stderr)
                return 1
        handover.save(clinic, args.output, paperwork.superbill_pdf(bill), "superbill", [bill.id])
    problems = paperwork.superbill_problems(bill)
    if args.json:
        answer({"number": bill.number, "version": bill.version, "problems": [each.as_json() for each in problems]})
    else:
        print(f"Superbill {bill.number} with {len(bill.visit_ids)} sessions is in {args.output.name}.")
        tell(problems, sys.stderr)
    return 0


# the program itself


def _demo(args: argparse.Namespace) -> int:
    from app.cli import demo

    return demo.run(args.out, window=args.window, today=today())


def _self_test(args: argparse.Namespace) -> int:
    from app import selftest

    lines, passed = selftest.run(today=today())
    text = "\n".join(lines)
    print(text)
    if args.report:
        try:
            args.report.write_text(text + "\n", encoding="utf-8")
        except OSError:
            raise UserError("The report cannot be written.", "Choose another place.") from None
    return 0 if passed else 1
