"""Commands on backups: `backup make`, `list`, `verify`, `restore`, `drill`, `move`, `second`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.common import Commands, answer, now, on_clinic, open_clinic, password, today
from app.errors import InputError

if TYPE_CHECKING:
    from app.store.backup import Backup


def add_parsers(commands: Commands) -> None:
    """Add the commands of this module."""
    group = commands.add_parser("backup", help="make, check and restore backups, or move to another computer")
    verbs = group.add_subparsers(title="what to do", metavar="VERB", required=True)
    make = verbs.add_parser("make", help="make a verified backup now, here and in the second folder")
    make.add_argument("-o", "--output", type=Path, help="one file at this place instead")
    make.add_argument(
        "--read-only", action="store_true", help="with -o: write nothing beside the clinic, its disk is full"
    )
    make.set_defaults(run=_make)
    move = verbs.add_parser("move", help="write one file that opens the clinic on another computer")
    move.add_argument("-o", "--output", type=Path, required=True, help="the file to write (NAME.clinic-backup)")
    move.set_defaults(run=_move)
    drill = verbs.add_parser("drill", help="restore the last backup into a folder of our own, look, remove it again")
    drill.set_defaults(run=_drill)
    second = verbs.add_parser("second", help="also copy every backup to a second folder")
    second.add_argument("folder", type=Path, nargs="?", help="the folder; none any more when left out")
    second.set_defaults(run=_second)
    for verb in (make, move, drill, second):
        on_clinic(verb)
    show = verbs.add_parser("list", help="the backups of a clinic, the last first; needs no password")
    show.add_argument("--clinic", type=Path, required=True, metavar="FILE", help="the clinic file")
    show.set_defaults(run=_list)
    verify = verbs.add_parser("verify", help="read backups to their end; needs no password")
    verify.add_argument("files", type=Path, nargs="+", metavar="FILE", help="backup files")
    verify.set_defaults(run=_verify)
    bring = verbs.add_parser("restore", help="put a backup in the place of a clinic file, which is kept aside")
    bring.add_argument("backup", type=Path, metavar="BACKUP", help="the backup file")
    bring.add_argument(
        "--code", help="the recovery code of that time; with --yes the password that is given becomes the new one"
    )
    bring.add_argument("--reason", default="", help="with --code and --yes: why it is used; the audit keeps this")
    bring.add_argument("--yes", action="store_true", help="do it; without this it only shows what is inside")
    on_clinic(bring)
    bring.set_defaults(run=_restore)
    for verb in (make, move, drill, show, verify, bring):
        verb.add_argument("--json", action="store_true", help="answer as JSON")


def _facts(backup: Backup) -> dict[str, Any]:
    made = backup.manifest
    return {
        "file": backup.path.name, "number": made.sequence, "made": made.made.isoformat(timespec="minutes"),
        "reason": str(made.reason), "clients": made.clients, "sessions": made.sessions, "claims": made.claims,
        "last_change": made.changed, "schema": made.schema, "program": made.program,
    }  # fmt: skip


def _line(facts: dict[str, Any]) -> str:
    day, time = facts["made"][:10], facts["made"][11:16]
    counts = f"{facts['clients']} clients, {facts['sessions']} sessions, {facts['claims']} claims"
    return f"{facts['number']:>6}  {day} {time}  {facts['reason']:<8}  {counts:<44}  {facts['file']}"


def _make(args: argparse.Namespace) -> int:
    from app.store.backup import Reason

    return _made(args, Reason.HAND)


def _move(args: argparse.Namespace) -> int:
    from app.store.backup import Reason

    status = _made(args, Reason.MOVE)
    if not args.json:
        print("Carry it over, and choose 'Restore a backup' there. Work on one of the two computers only.")
    return status


def _made(args: argparse.Namespace, reason: Any) -> int:
    if args.output is not None and args.output.exists():
        raise InputError("There is a file of that name already.", "Give another name with -o.")
    with open_clinic(args) as clinic:
        made = clinic.back_up(reason, now=now(), target=args.output)
        warning = "" if args.output else clinic.backups.known().second_problem
    if args.json:
        answer(_facts(made) | {"warning": warning})
    else:
        print(f"Backup {made.manifest.sequence} was made and opened again: {made.path.name}")
        if warning:
            print(f"superbill-desk: {warning}", file=sys.stderr)
    return 1 if warning else 0


def _drill(args: argparse.Namespace) -> int:
    with open_clinic(args) as clinic:
        problem = clinic.try_restore(today=today())
    if args.json:
        answer({"problem": problem})
    else:
        print(problem or "The last backup was restored, opened and counted; it holds what it says.")
    return 1 if problem else 0


def _second(args: argparse.Namespace) -> int:
    with open_clinic(args) as clinic:
        clinic.use_second_folder(args.folder)
    print("Backups are also copied there." if args.folder else "Backups are no longer copied to a second folder.")
    return 0


def _list(args: argparse.Namespace) -> int:
    from app.store.backup_set import BackupSet

    rows = [_facts(each) for each in BackupSet(args.clinic).all()]
    if args.json:
        answer(rows)
    else:
        print("\n".join(map(_line, rows)) or "There is no backup of this clinic yet.")
    return 0


def _verify(args: argparse.Namespace) -> int:
    from app.errors import UserError
    from app.store import backup

    rows: list[dict[str, Any]] = []
    for path in args.files:
        try:
            rows.append(_facts(backup.check(path)) | {"problem": ""})
        except UserError as error:
            rows.append({"file": path.name, "problem": str(error)})
    if args.json:
        answer(rows)
    else:
        for row in rows:
            print(f"{row['file']}: {row['problem'] or 'whole'}")
    return 1 if any(row["problem"] for row in rows) else 0


def _restore(args: argparse.Namespace) -> int:
    from app.store.clinic import check_recovery
    from app.store.restore import Restoration

    aside, next_code = None, ""
    typed = password(args) if args.yes or not args.code else ""
    with Restoration(args.backup, args.clinic) as guide:
        inside = guide.unlock(password=typed, user=args.user, code=args.code or "")
        facts = _facts(guide.backup) | {"users": list(inside.users)}
        if args.yes:
            if args.code:
                check_recovery(typed, args.reason)
            aside = guide.finish(now=now())
        target = guide.target
    if args.yes:
        next_code = _open_restored(args, target, typed, inside.manifest.sequence)
    if args.json:
        answer(facts | {"restored": args.yes, "kept": aside.name if aside else "", "code": next_code})
        return 0
    print(_line(facts))
    print(f"Users: {', '.join(inside.users)}. Last change: {inside.changed or 'none'}.")
    if not args.yes:
        print("Nothing was replaced. Add --yes to put it in place.")
    elif aside:
        print(f"It is in place. What was there is kept in the folder '{aside.name}'.")
    else:
        print("It is in place.")
    if next_code:
        print("The password is the new one. Write the new recovery code on paper; the one used opens nothing any more:")
        print(f"    {next_code}")
    return 0


def _open_restored(args: argparse.Namespace, clinic: Path, typed: str, number: int) -> str:
    """Open it, so that its audit says what happened; answers the next recovery code where one was used."""
    from app.store import audit
    from app.store.clinic import ClinicFile

    if args.code:
        opened, code = ClinicFile.recover(clinic, code=args.code, password=typed, reason=args.reason, restored=number)
        opened.close()
        return code
    with ClinicFile.open(clinic, password=typed, user=args.user) as opened:
        opened.note(audit.RESTORED, detail=str(number))
    return ""
