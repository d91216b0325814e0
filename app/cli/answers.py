"""Commands about what stands beside a claim: good-faith estimates, and the payer's letter. No clinic is needed."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any

from app.billing.money import parse_cents
from app.cli.common import Commands, answer, date_of, tell
from app.errors import InputError
from app.i18n import _, date_text, money_text

DONE, PROBLEMS = 0, 1


def add_parsers(commands: Commands) -> None:
    """Add `estimates` and `eob`."""
    estimates = commands.add_parser("estimates", help="good-faith estimates for clients who pay themselves")
    verbs = estimates.add_subparsers(title="what to do", metavar="VERB", required=True)
    due = verbs.add_parser("due", help="by when an estimate is given")
    due.add_argument("--scheduled", metavar="DATE", help="the day on which the session was scheduled (today)")
    due.add_argument("--service", metavar="DATE", help="the day of the session")
    due.add_argument("--requested", metavar="DATE", help="instead: the day on which a client asked for an estimate")
    due.set_defaults(run=run_due)
    compare = verbs.add_parser("compare", help="whether a bill is so far above its estimate that it may be disputed")
    compare.add_argument("--estimate", required=True, metavar="AMOUNT", help="what the estimate said")
    compare.add_argument("--billed", required=True, metavar="AMOUNT", help="what the bill says")
    compare.add_argument("--date", metavar="DATE", help="of the bill (today)")
    compare.set_defaults(run=run_compare)

    eob = commands.add_parser("eob", help="a payer's explanation of benefits: reason codes, and whether it adds up")
    verbs = eob.add_subparsers(title="what to do", metavar="VERB", required=True)
    reason = verbs.add_parser("reason", help="what a reason code says, and what to do first")
    reason.add_argument("codes", nargs="+", metavar="CODE", help="such as CO-97")
    reason.set_defaults(run=run_reason)
    check = verbs.add_parser("check", help="whether the amounts of a line add up")
    for name, told in (
        ("billed", "the charge of the claim"), ("allowed", "the contract's fee"),
        ("written-off", "not to be paid by anyone (CO)"), ("paid", "by the payer"), ("client", "all of PR"),
    ):  # fmt: skip
        check.add_argument(f"--{name}", required=True, metavar="AMOUNT", help=told)
    check.set_defaults(run=run_check)
    for verb in (due, compare, reason, check):
        verb.add_argument("--json", action="store_true", help="answer as JSON")


# --- estimates ------------------------------------------------------------------------------------------------------


def run_due(args: argparse.Namespace) -> int:
    """The last day for an estimate, or that it is given only to those who ask."""
    from app.billing import estimates

    if (args.service is None) is (args.requested is None) or None not in (args.requested, args.scheduled):
        raise InputError(
            _("An estimate is due by the day of a session, or by the day someone asked for it."),
            _("Give --service and --scheduled, or --requested alone."),
        )
    if args.requested is not None:
        last = estimates.due_on_request(_date("--requested", args.requested))
        return _say_due(args, last, _("The client asked: give the estimate by {date}."), {})
    scheduled, service = _date("--scheduled", args.scheduled), _date("--service", args.service)
    if service < scheduled:
        raise InputError(_("The session is before the day on which it was scheduled."), _("Check both dates."))
    found = estimates.due(scheduled, service)
    days = _("{count} business days lie between scheduling and session: give the estimate by {date}.")
    if found.due is None:
        days = _("{count} business days lie between scheduling and session: an estimate is given to a client who asks.")
    return _say_due(args, found.due, days, {"business_days": found.business_days})


def _date(option: str, text: str | None) -> dt.date:
    date = date_of(option, text)
    if not 2022 <= date.year < 2200:
        raise InputError(_("The rule of estimates is for days from 2022 on, within reason."), _("Check the year."))
    return date


def _say_due(args: argparse.Namespace, last: dt.date | None, sentence: str, more: dict[str, int]) -> int:
    said = sentence.format(date=date_text(last), count=more.get("business_days", ""))
    if args.json:
        answer({**more, "due": last.isoformat() if last else None, "message": said})
    else:
        print(said)
    return DONE


def run_compare(args: argparse.Namespace) -> int:
    """How far a bill is above its estimate; 1 when the client may dispute it."""
    from app.billing import estimates

    estimate, billed = _amount(args.estimate), _amount(args.billed)
    last = estimates.dispute_until(_date("--date", args.date))
    over, disputable = billed - estimate, estimates.may_dispute(estimate, billed)
    said = _("The bill is {amount} above its estimate. The client may dispute it until {date}.")
    if not disputable:
        said = _("The bill cannot be disputed for its amount: it is less than {limit} above its estimate.")
    said = said.format(amount=money_text(over), date=date_text(last), limit=money_text(estimates.OVER))
    if args.json:
        answer({"disputable": disputable, "until": last.isoformat() if disputable else None, "message": said})
    else:
        print(said)
    return PROBLEMS if disputable else DONE


def _amount(text: str) -> int:
    cents = parse_cents(text)
    if cents < 0:
        raise InputError(_("An amount is not below 0."), _("Type 25 or 25.00."))
    return cents


# --- the payer's letter ---------------------------------------------------------------------------------------------


def run_reason(args: argparse.Namespace) -> int:
    """What each code says and what to do first; 1 when one is not known."""
    from app.billing import denials

    rows = [_reason(denials, code) for code in args.codes]
    if args.json:
        answer({"source": denials.SOURCE, "confidence": denials.CONFIDENCE, "reasons": rows})
    else:
        for row in rows:
            if row["meaning"]:
                print(f"{row['code']:8}{row['meaning']} {row['first']}")
            else:
                print(_("{code} is not among the known reasons. Read its words in the letter.").format(**row))
    return DONE if all(row["meaning"] for row in rows) else PROBLEMS


def _reason(denials: Any, typed: str) -> dict[str, str]:
    code = denials.spelled(typed)
    if not code:
        raise InputError(_("Not a reason code."), _("Write its letters and number, such as CO-97."))
    return {
        "code": code, "group": _(denials.GROUPS[code[:2]]),
        "meaning": denials.meaning(code), "first": denials.first_action(code),
    }  # fmt: skip


def run_check(args: argparse.Namespace) -> int:
    """Whether a line adds up; 1 when it does not."""
    from app.billing.remittance import ExplainedLine, problems

    line = ExplainedLine(
        billed=parse_cents(args.billed), allowed=parse_cents(args.allowed), contractual=parse_cents(args.written_off),
        paid=parse_cents(args.paid), client=parse_cents(args.client),
    )  # fmt: skip
    found = problems(line)
    if args.json:
        answer([problem.as_json() for problem in found])
    elif found:
        tell(found)
    else:
        print(_("The amounts add up."))
    return PROBLEMS if found else DONE
