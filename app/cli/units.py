"""The unit calculator: minutes to billable units under both rules, and what each comes to in money."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.billing.money import dollars_text, parse_cents
from app.cli.common import Commands, answer, date_of, on_clinic, open_clinic
from app.errors import InputError
from app.i18n import _, money_text

if TYPE_CHECKING:
    from app.billing.units import Units

DONE, PROBLEMS = 0, 1


def add_parsers(commands: Commands) -> None:
    """Add `units`."""
    units = commands.add_parser("units", help="minutes to billable units, under both rules side by side")
    units.add_argument("items", nargs="+", metavar="CODE=MIN", help="such as 97124=38; an untimed code alone: 97010")
    units.add_argument("--rule", choices=("cms", "ama"), help="cms: the day's total; ama: midpoint of each code")
    units.add_argument(
        "--fee", action="append", default=[], metavar="CODE=AMOUNT", help="price of a unit, for the money of both"
    )
    units.add_argument("--payer", metavar="NAME", help="with --clinic: this payer's fee schedule; else everyone's")
    units.add_argument("--date", metavar="DATE", help="with --clinic: date of service (today)")
    units.add_argument("--json", action="store_true", help="answer as JSON")
    on_clinic(units, required=False)
    units.set_defaults(run=run_units)


def run_units(args: argparse.Namespace) -> int:
    """Units under one rule, or under both, with their money where prices are given; 1 when a code has no price."""
    if not args.clinic and (args.payer or args.date):
        raise InputError(_("--payer and --date choose a fee schedule."), _("Name the clinic with --clinic."))
    results = _counted(args)
    codes = list(next(iter(results.values())).units)
    priced = bool(args.clinic or args.fee)
    prices = _prices(args, codes) if priced else {}
    missing = [code for code in codes if priced and code not in prices]
    notes = _notes(args.items)
    charges = _charges(results, prices) if priced and not missing else {}
    if args.json:
        answer(_as_json(results, charges, missing) | ({"notes": [*notes.values()]} if notes else {}))
    else:
        _print(codes, results, prices, priced)
        for line in [*_money_lines(charges, missing), *notes.values()]:
            print(line)
    return PROBLEMS if missing else DONE


def _counted(args: argparse.Namespace) -> dict[str, Units]:
    """Units by rule. Raises InputError for minutes that cannot be."""
    from app.billing.units import billable_units

    timed, untimed = [], []
    for item in args.items:
        code, minutes = _item(item)
        if minutes is None:
            untimed.append(code)
        else:
            timed.append((code, minutes))
    rules = (args.rule,) if args.rule else ("cms", "ama")
    try:
        return {rule: billable_units(timed, rule, untimed) for rule in rules}
    except ValueError as error:
        raise InputError(
            _("These minutes cannot be counted: {reason}.").format(reason=error), _("Check the minutes and the codes.")
        ) from None


def _item(text: str) -> tuple[str, int | None]:
    """`97124=38` is a code with minutes; a code alone is untimed."""
    from app.billing.checks.lines import TIMED
    from app.billing.ids import PROCEDURE

    code, equals, minutes = text.partition("=")
    code = PROCEDURE.validate(code)
    if not equals and code in TIMED:
        raise InputError(
            _("{code} is billed by time.").format(code=code),
            _("Write its minutes, such as {code}=38.").format(code=code),
        )
    if not equals:
        return code, None
    if not (minutes.isascii() and minutes.isdigit() and len(minutes) <= 4):
        raise InputError(_("Not a number of minutes."), _("Write code=minutes, such as 97124=38."))
    return code, int(minutes)


def _notes(items: Sequence[str]) -> dict[str, str]:
    """By code, how one was counted that is known neither as timed nor as untimed."""
    from app.billing.checks.lines import TIMED
    from app.billing.codes import UNTIMED

    notes = {}
    for code, minutes in map(_item, items):
        if code in TIMED or code in UNTIMED:
            continue
        text = _("{code} is not known here, so it was counted by its minutes. Look up whether the payer counts time.")
        if minutes is None:
            text = _("{code} is not known here, so it was counted as one unit. Look up whether the payer counts time.")
        notes[code] = text.format(code=code)
    return notes


# --- money ----------------------------------------------------------------------------------------------------------


def _prices(args: argparse.Namespace, codes: Sequence[str]) -> dict[str, int]:
    """Cents of a unit by code: as typed, else from the clinic's schedule. What has no price there is left out."""
    typed: dict[str, int] = {}
    for code, cents in map(_fee, args.fee):
        if typed.setdefault(code, cents) != cents:
            raise InputError(_("{code} has two prices.").format(code=code), _("Leave one of them."))
    if not args.clinic:
        return typed
    from app.billing import fees
    from app.store import payers

    date = date_of("--date", args.date)
    with open_clinic(args) as clinic, clinic.read() as s:
        payer_id = _payer_id(payers.payers(s), args.payer) if args.payer else None
        schedules = payers.fee_schedules(s)
    return _from_schedule(fees, schedules, codes, date, payer_id) | typed


def _from_schedule(
    fees: Any, schedules: Any, codes: Sequence[str], date: dt.date, payer_id: int | None
) -> dict[str, int]:
    found = {code: fees.fee(schedules, code, date, payer_id) for code in codes}
    return {code: entry.amount for code, entry in found.items() if entry is not None and entry.amount > 0}


def _payer_id(known: Sequence[Any], name: str) -> int | None:
    ids: list[int | None] = [payer.id for payer in known if payer.name.casefold() == name.strip().casefold()]
    if len(ids) != 1:
        raise InputError(_("There is no one payer with this name."), _("`payers list` names them."))
    return ids[0]


def _fee(text: str) -> tuple[str, int]:
    """`97124=34.00` is a price."""
    from app.billing.ids import PROCEDURE

    code, equals, amount = text.partition("=")
    cents = parse_cents(amount) if equals else 0
    if cents <= 0:
        raise InputError(_("Not a price."), _("Write code=amount, such as 97124=34.00."))
    return PROCEDURE.validate(code), cents


def _charges(results: Mapping[str, Units], prices: Mapping[str, int]) -> dict[str, int]:
    """What the day charges, in cents, by rule."""
    return {rule: sum(prices[code] * count for code, count in result.units.items()) for rule, result in results.items()}


# --- output ---------------------------------------------------------------------------------------------------------


def _as_json(results: Mapping[str, Units], charges: Mapping[str, int], missing: Sequence[str]) -> dict[str, Any]:
    data: dict[str, Any] = {
        rule: {
            "units": result.units, "total": result.total, "tie": result.tie, "acceptable": list(result.acceptable),
            "trace": result.trace,
        } | ({"charge": dollars_text(charges[rule])} if charges else {})
        for rule, result in results.items()
    }  # fmt: skip
    if len(charges) == 2:
        data["ama_less_cms"] = dollars_text(charges["ama"] - charges["cms"])
    if missing:
        data["without_price"] = list(missing)
    return data


def _print(codes: Sequence[str], results: Mapping[str, Units], prices: Mapping[str, int], priced: bool) -> None:
    """A row a code, the rules side by side, with the charge beside the units where prices are given."""

    def row(head: str, units: Sequence[int], price: int | None) -> str:
        cells = [f"{count:>6}" for count in units]
        if priced:
            shown = [money_text(price * count) if price is not None else "?" for count in units]
            cells = [f"{cell}{charge:>12}" for cell, charge in zip(cells, shown, strict=True)]
        return f"{head:8}{''.join(cells)}"

    print("        " + "".join(f"{rule.upper():>6}{'':{12 if priced else 0}}" for rule in results).rstrip())
    for code in codes:
        print(row(code, [result.units[code] for result in results.values()], prices.get(code)))
    totals = [result.total for result in results.values()]
    if priced and all(code in prices for code in codes):
        sums = [money_text(charge) for charge in _charges(results, prices).values()]
        cells = (f"{total:>6}{charge:>12}" for total, charge in zip(totals, sums, strict=True))
        print(f"{_('total'):8}{''.join(cells)}")
    else:
        print(f"{_('total'):8}" + "".join(f"{total:>6}{'':{12 if priced else 0}}" for total in totals).rstrip())
    for rule, result in results.items():
        print(f"{rule.upper()}: {result.trace}")


def _money_lines(charges: Mapping[str, int], missing: Sequence[str]) -> list[str]:
    """The difference in money, or why it cannot be told."""
    if missing:
        text = _("{codes} has no price. Add it to the fee schedule, or give --fee CODE=AMOUNT.")
        return [text.format(codes=", ".join(missing))]
    if len(charges) < 2:
        return []
    more = charges["ama"] - charges["cms"]
    if more == 0:
        return [_("Both rules charge the same.")]
    rules = ("AMA", "CMS") if more > 0 else ("CMS", "AMA")
    text = _("{first} charges {amount} more than {second}. The payer says which rule counts.")
    return [text.format(first=rules[0], second=rules[1], amount=money_text(abs(more)))]
