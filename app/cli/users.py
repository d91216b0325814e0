"""Commands on the people of a clinic and on what they did: `users` and `audit`."""

from __future__ import annotations

import argparse
import dataclasses
import getpass
import sys
from pathlib import Path
from typing import Any

from app.billing import roles
from app.billing.roles import Role, User
from app.cli.common import Commands, answer, on_clinic, open_clinic
from app.errors import InputError

_ROLES = [str(role) for role in Role]
_MOST = 1_000_000_000


def add_parsers(commands: Commands) -> None:
    """Add the commands of this module."""
    _users(commands.add_parser("users", help="who opens a clinic, and what each may do"))
    _audit(commands.add_parser("audit", help="who did and saw what; check that nothing was taken out"))


def _users(group: argparse.ArgumentParser) -> None:
    verbs = group.add_subparsers(title="what to do", metavar="VERB", required=True)
    show = verbs.add_parser("list", help="all users, also those who left")
    show.add_argument("--json", action="store_true", help="answer as JSON")
    show.set_defaults(run=_list)
    add = verbs.add_parser("add", help="a new user with a password of their own")
    add.add_argument("--full-name", default="", help="the person's name")
    add.set_defaults(run=_add)
    role = verbs.add_parser("role", help="give a user another role")
    role.set_defaults(run=_role)
    leave = verbs.add_parser("archive", help="take the password of somebody who left; old backups still open with it")
    leave.set_defaults(run=_archive)
    word = verbs.add_parser("password", help="give a user a new password")
    word.set_defaults(run=_password)
    for verb in (add, role, leave, word):
        verb.add_argument("name", metavar="NAME", help="the name at the login")
    for verb in (add, role):
        verb.add_argument("--role", required=True, choices=_ROLES, help="what the user may do")
    for verb in (add, word):
        verb.add_argument(
            "--new-password-file", type=Path, metavar="FILE", help="the user's password; else you are asked"
        )
    for verb in (show, add, role, leave, word):
        on_clinic(verb)


def _audit(group: argparse.ArgumentParser) -> None:
    verbs = group.add_subparsers(title="what to do", metavar="VERB", required=True)
    show = verbs.add_parser("show", help="the newest events")
    show.add_argument("--limit", type=int, default=50, help="how many (50)")
    show.set_defaults(run=_show)
    verify = verbs.add_parser("verify", help="read it to its end; status 1 when something is not as it was written")
    verify.set_defaults(run=_verify)
    export = verbs.add_parser("export", help="write the events as CSV")
    export.add_argument("-o", "--output", type=Path, required=True, help="the file to write")
    export.set_defaults(run=_export)
    for verb in (show, export):
        verb.add_argument("--of", default="", metavar="USER", help="only what this user did")
        verb.add_argument("--kind", default="", help="only this kind, such as login, view, change, print")
        verb.add_argument("--record", default="", metavar="TABLE:ID", help="only of this record, such as client:7")
        verb.add_argument("--from", dest="first", default="", metavar="DATE", help="first day, as 2026-11-21 (UTC)")
        verb.add_argument("--to", dest="last", default="", metavar="DATE", help="last day")
    for verb in (show, verify):
        verb.add_argument("--json", action="store_true", help="answer as JSON")
    for verb in (show, verify, export):
        on_clinic(verb)


# users


def _list(args: argparse.Namespace) -> int:
    from app.store import users

    with open_clinic(args) as clinic:
        with clinic.read() as s:
            found = users.users(s, archived=True)
        able = set(clinic.users())
    rows = [
        {"name": user.name, "full_name": user.full_name, "role": str(user.role), "password": user.name in able}
        for user in found
    ]
    if args.json:
        answer(rows)
    else:
        for row in rows:
            state = "" if row["password"] else "  (has no password)"
            print(f"{row['name']:<20}{row['role']:<12}{row['full_name']}{state}")
    return 0


def _add(args: argparse.Namespace) -> int:
    from app.store import users

    with open_clinic(args) as clinic:
        made = User(name=args.name, full_name=args.full_name, role=Role(args.role))
        users.add(clinic, made, _new_password(args))
    print(f"{args.name} can open the clinic as {args.role}.")
    return 0


def _role(args: argparse.Namespace) -> int:
    _change(args, role=Role(args.role))
    print(f"{args.name} is now: {roles.name(Role(args.role))}.")
    return 0


def _archive(args: argparse.Namespace) -> int:
    _change(args, archived=True)
    print(f"{args.name} cannot open the clinic any more. Backups made before still open with the old password.")
    return 0


def _change(args: argparse.Namespace, **changes: Any) -> None:
    from app.store import users

    with open_clinic(args) as clinic:
        with clinic.read() as s:
            found = next((user for user in users.users(s, archived=True) if user.name == args.name), None)
        if found is None:
            raise InputError("There is no user of this name.", "See `users list`.")
        users.change(clinic, dataclasses.replace(found, **changes))


def _password(args: argparse.Namespace) -> int:
    with open_clinic(args) as clinic:
        clinic.set_password(args.name, _new_password(args))
    print("The password is changed.")
    return 0


def _new_password(args: argparse.Namespace) -> str:
    if args.new_password_file:
        try:
            return str(args.new_password_file.read_text(encoding="utf-8")).rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise InputError("The password file cannot be read.", "Give a text file with the password.") from None
    if not sys.stdin.isatty():
        raise InputError("No new password was given.", "Use --new-password-file.")
    typed = getpass.getpass("New password: ")
    if typed != getpass.getpass("Again: "):
        raise InputError("The two passwords differ.", "Type them again.")
    return typed


# audit


def _which(args: argparse.Namespace) -> dict[str, Any]:
    table, __, number = args.record.partition(":")
    if args.record and not number.isdigit():
        raise InputError("A record is a table and a number.", "Such as client:7.")
    return {
        "user": args.of, "kind": args.kind, "table": table, "row_id": int(number) if number else None,
        "first": args.first, "last": args.last,
    }  # fmt: skip


def _show(args: argparse.Namespace) -> int:
    with open_clinic(args) as clinic:
        events = clinic.audit_events(**_which(args), limit=args.limit)
    if args.json:
        answer([dataclasses.asdict(event) for event in events])
        return 0
    for event in events:
        record = f"{event.table}:{event.row_id}" if event.row_id is not None else ""
        said = "  ".join(part for part in (record, event.label, event.detail) if part)
        print(f"{event.id:>7}  {event.at[:19]}  {event.user:<16}{event.kind:<18}{said}")
    return 0


def _verify(args: argparse.Namespace) -> int:
    with open_clinic(args) as clinic:
        report = clinic.verify_audit()
    if args.json:
        answer({"checked": report.checked, "findings": [dataclasses.asdict(each) for each in report.findings]})
    else:
        for each in report.findings:
            print(f"row {each.row}: {each.message}")
        state = f"{len(report.findings)} findings" if report.findings else "nothing was changed"
        print(f"{report.checked} rows were read: {state}.")
    return 1 if report.findings else 0


def _export(args: argparse.Namespace) -> int:
    from app import handover
    from app.forms import report
    from app.store import audit

    with open_clinic(args) as clinic:
        events = clinic.audit_events(**_which(args), limit=_MOST)
        rows = [[getattr(event, name) for name in audit.EXPORTED] for event in events]
        handover.save(clinic, args.output, report.words_csv(audit.EXPORTED, rows), "audit", detail=str(len(rows)))
    print(f"{len(rows)} events are in {args.output.name}. It says who saw which record: keep it safe.")
    return 0
