"""Commands on payers: the presets of habits, a clinic's payers, and a new one made from a preset."""

from __future__ import annotations

import argparse
from dataclasses import asdict, fields
from typing import Any

from app.cli.common import Commands, answer, on_clinic, open_clinic


def add_parsers(commands: Commands) -> None:
    """Add `payers`."""
    payers = commands.add_parser("payers", help="payers and their habits on paper")
    verbs = payers.add_subparsers(title="what to do", metavar="VERB", required=True)
    presets = verbs.add_parser("presets", help="habits of kinds of payers, and what is still to be looked up")
    presets.set_defaults(run=_presets)
    show = verbs.add_parser("list", help="the payers of a clinic")
    show.set_defaults(run=_list)
    add = verbs.add_parser("add", help="add a payer with the habits of a preset")
    add.add_argument("name", metavar="NAME", help="as on the card")
    add.add_argument("--preset", required=True, metavar="KEY", help="as `payers presets` names it")
    add.set_defaults(run=_add)
    for verb in (presets, show, add):
        verb.add_argument("--json", action="store_true", help="answer as JSON")
    for verb in (show, add):
        on_clinic(verb)


def _presets(args: argparse.Namespace) -> int:
    from app.billing import payers
    from app.billing.records import Payer
    from app.i18n import _

    plain = Payer()
    rows: list[dict[str, Any]] = [
        {
            "key": preset.key, "title": _(preset.title), "source": preset.source,
            "look_up": [_(text) for text in preset.look_up],
            "habits": {
                field.name: getattr(preset.habits, field.name)
                for field in fields(Payer)
                if getattr(preset.habits, field.name) != getattr(plain, field.name)
            },
        }
        for preset in payers.PRESETS.values()
    ]  # fmt: skip
    if args.json:
        answer(rows)
        return 0
    for row in rows:
        print(f"{row['key']:<30}{row['title']}")
        habits = ", ".join(f"{name} {'?' if value is None else value}" for name, value in row["habits"].items())
        print(f"    {habits}  [{row['source']}]")
        for text in row["look_up"]:
            print(f"    - {text}")
    return 0


def _list(args: argparse.Namespace) -> int:
    from app.store import payers

    with open_clinic(args) as clinic, clinic.read() as s:
        found = payers.payers(s)
    if args.json:
        answer([asdict(payer) for payer in found])
        return 0
    for payer in found:
        days = [f"{count} days" if count else "look it up" for count in (payer.filing_days, payer.appeal_days)]
        print(f"{payer.name:<32}{payer.program:<12}filing: {days[0]:<14}appeals: {days[1]}")
    return 0


def _add(args: argparse.Namespace) -> int:
    from app.billing import payers as habits
    from app.billing.records import Payer
    from app.errors import InputError
    from app.i18n import _
    from app.store import payers

    preset = habits.PRESETS.get(args.preset)
    if preset is None:
        raise InputError("There is no such preset.", f"Name one of {', '.join(habits.PRESETS)}.")
    if not args.name.strip():
        raise InputError("The payer has no name.", "Give it as it stands on the card.")
    with open_clinic(args) as clinic, clinic.write(_("Add a payer")) as s:
        if args.name.strip().casefold() in {payer.name.casefold() for payer in payers.payers(s, archived=True)}:
            raise InputError("There is already a payer of this name.", "Tell the two apart, such as by their state.")
        made = payers.save_payer(s, habits.with_habits(Payer(name=args.name.strip()), preset))
    if args.json:
        answer(asdict(made))
    else:
        print(f"{made.name} was added. Still to be looked up:")
        for text in preset.look_up:
            print(f"  - {_(text)}")
    return 0
