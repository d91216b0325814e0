"""`claims why`, `claims override` and `claims waive`: why a value is there, and what a person decides instead."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from app.cli.common import Commands, answer, on_clinic, open_clinic, today
from app.errors import InputError

if TYPE_CHECKING:
    from app.forms.cms1500 import Reason
    from app.store.clinic import ClinicFile

Row = dict[str, Any]


def add_verbs(verbs: Commands) -> None:
    """Add the three to `claims`."""
    why = verbs.add_parser("why", help="say where each value of a claim comes from, and by which rule")
    why.add_argument("number", metavar="NUMBER", help="the claim")
    why.add_argument("item", metavar="ITEM", nargs="?", default="", help="only this: 17, 24.2; also when it is blank")
    why.set_defaults(run=_why)
    put = verbs.add_parser("override", help="put a value of your own on a claim, with a reason")
    put.add_argument("number", metavar="NUMBER", help="the claim")
    put.add_argument("key", metavar="KEY", help="the item as in docs/VALUES.md: 19, 17, 24.2.shaded, 24.*.emg")
    put.add_argument("value", metavar="VALUE", nargs="?", help='text, or JSON where the item has parts; "" for a blank')
    put.add_argument("--for-payer", action="store_true", help="keep it for all claims of the payer")
    put.set_defaults(run=_override)
    waive = verbs.add_parser("waive", help="let a blocking problem of a claim pass, with a reason")
    waive.add_argument("number", metavar="NUMBER", help="the claim")
    waive.add_argument("code", metavar="CODE", help="the problem, as `claims check` names it")
    waive.add_argument("--item", default="", metavar="ITEM", help="only at this item; wherever it stands when left out")
    waive.set_defaults(run=_waive)
    for verb in (put, waive):
        verb.add_argument("--reason", default="", metavar="TEXT", help="why; it is kept with the claim")
        verb.add_argument("--take-back", action="store_true", help="undo it: the rules count again")
    for verb in (why, put, waive):
        verb.add_argument("--json", action="store_true", help="answer as JSON")
        on_clinic(verb)


def values_of(clinic: ClinicFile, claim_ids: Sequence[int], about: str = "") -> dict[int, list[Row]]:
    """Every value of the claims with its source, by claim id; with `about` those of one item, also blank."""
    from app import paperwork
    from app.store import claims

    with clinic.read() as s:
        bundles = claims.bundles(s, claim_ids)
    return {
        bundle.claim.id or 0: [
            _row(number, key, value, reason)
            for number, page in enumerate(paperwork.forms(bundle, today=today()), start=1)
            for key, value, reason in page.trace(about)
        ]
        for bundle in bundles
    }


def _row(page: int, key: str, value: Any, reason: Reason) -> Row:
    by_hand = reason.by_hand
    return {
        "page": page, "item": key, "value": value, "record": reason.record, "field": reason.field,
        "rule": reason.rule, "source": reason.source,
        "by_hand": by_hand and {"reason": by_hand.reason, "own": by_hand.own, "kept_for": by_hand.kept_for},
    }  # fmt: skip


def print_values(rows: Iterable[Row]) -> None:
    """Each value, and under it where it comes from."""
    page = 0
    for row in rows:
        if row["page"] != page:
            page = row["page"]
            print(f"  page {page}")
        field = f" {row['field']}" if row["field"] else ""
        print(f"    {row['item']:<14} {_shown(row['value'])}")
        source = f" [{row['source']}]" if row["source"] else ""
        print(f"    {'':<14} {row['record']}{field}: {row['rule']}{source}")
        if row["by_hand"]:
            print(
                f"    {'':<14} the rules say {_shown(row['by_hand']['own'])}; kept for the {row['by_hand']['kept_for']}"
            )


def _shown(value: Any) -> str:
    if value is None:
        return "(blank)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _why(args: argparse.Namespace) -> int:
    from app.store import claims, overrides

    with open_clinic(args) as clinic:
        with clinic.read() as s:
            claim_id = claims.by_number(s, args.number).id or 0
            let_pass = [
                {
                    "code": each.code, "item": each.item, "record": each.record, "reason": each.reason,
                    "made_on": each.made_on.isoformat() if each.made_on else None, "user": each.user,
                }
                for each in overrides.waivers(s, claim_id)
            ]  # fmt: skip
        rows = values_of(clinic, [claim_id], args.item)[claim_id]
    if not rows:
        raise InputError(f"Nothing is known of item {args.item[:20]}.", "Name one as 17, 24.2 or 24.2.charge.")
    if args.item:
        let_pass = [each for each in let_pass if each["item"] == args.item]
    if args.json:
        answer({"number": args.number, "values": rows, "let_pass": let_pass})
    else:
        print_values(rows)
        for each in let_pass:
            where = f" [{each['item']}]" if each["item"] else ""
            print(f"  let pass: {each['code']}{where}: {each['reason']} ({each['user']}, {each['made_on']})")
    return 0


def _override(args: argparse.Namespace) -> int:
    from app import paperwork

    with open_clinic(args) as clinic:
        claim_id = _claim_id(clinic, args.number)
        if args.take_back:
            paperwork.take_back(clinic, claim_id, args.key, for_payer=args.for_payer)
            return _said(args, f"Item {args.key} follows the rules again.", {})
        if args.value is None:
            raise InputError("No value was given.", 'Give one, or "" for a blank.')
        made = paperwork.override(
            clinic, claim_id, args.key, args.value, args.reason, today=today(), for_payer=args.for_payer
        )  # fmt: skip
    where = "every claim of the payer" if args.for_payer else f"claim {args.number}"
    return _said(args, f"Item {args.key} is set by hand on {where}.", {"value": json.loads(made.value)})


def _waive(args: argparse.Namespace) -> int:
    from app import paperwork

    with open_clinic(args) as clinic:
        claim_id = _claim_id(clinic, args.number)
        if args.take_back:
            paperwork.block_again(clinic, claim_id, args.code, item=args.item)
            return _said(args, f"{args.code} blocks again.", {})
        made = paperwork.waive(clinic, claim_id, args.code, args.reason, today=today(), item=args.item)
    return _said(args, f"{args.code} only warns now.", {"items": [waiver.item for waiver in made]})


def _claim_id(clinic: ClinicFile, number: str) -> int:
    from app.store import claims

    with clinic.read() as s:
        return claims.by_number(s, number).id or 0


def _said(args: argparse.Namespace, sentence: str, more: Row) -> int:
    if args.json:
        answer({"number": args.number, "done": sentence} | more)
    else:
        print(sentence)
    return 0
