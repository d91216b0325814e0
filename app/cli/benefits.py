"""Commands on calls about benefits: `benefits show` and `benefits record`."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.billing.money import dollars_text, parse_cents
from app.billing.problems import Problem, Severity
from app.cli.common import Commands, answer, date_of, on_clinic, open_clinic, tell, today
from app.errors import InputError
from app.i18n import _, date_text, parse_date

if TYPE_CHECKING:
    from app.billing.benefits import Verification
    from app.billing.records import Client, Policy, Visit

DONE, PROBLEMS = 0, 1
_MOST_BYTES = 1_000_000
_NUMBER_DIGITS, _AMOUNT_CENTS = 6, 10**11
"""More than any plan says, and less than a clinic file can hold."""


def add_parsers(commands: Commands) -> None:
    """Add `benefits`."""
    benefits = commands.add_parser("benefits", help="what plans said on the phone, and what a session costs by it")
    verbs = benefits.add_subparsers(title="what to do", metavar="VERB", required=True)
    show = verbs.add_parser("show", help="the newest call about each policy of a client")
    show.add_argument("--charge", metavar="AMOUNT", help="of a session; else that of the client's last one")
    show.add_argument("--date", metavar="DATE", help="of the session (today)")
    show.set_defaults(run=run_show)
    record = verbs.add_parser("record", help="keep the answers of a call")
    record.add_argument("answers", nargs="*", metavar="FIELD=VALUE", help="such as called_on=t copay=25 network=in")
    record.add_argument("--json-file", type=Path, metavar="FILE", help="an object of answers, as `show --json` has it")
    record.set_defaults(run=run_record)
    for verb in (show, record):
        verb.add_argument("--client", required=True, metavar="NUMBER", help="the client's number")
        verb.add_argument("--policy", metavar="MEMBER", help="the policy with this member id")
        verb.add_argument("--json", action="store_true", help="answer as JSON")
        on_clinic(verb)


# --- show -----------------------------------------------------------------------------------------------------------


def run_show(args: argparse.Namespace) -> int:
    """What is known of each policy; 1 when one was never asked or something is to be seen to."""
    from app.store import clients, visits

    date = date_of("--date", args.date)
    charge = _charge(args.charge) if args.charge is not None else None
    with open_clinic(args) as clinic, clinic.read() as s:
        client = clients.by_number(s, args.client)
        held = visits.visits_of(s, client.id or 0)
        rows = [_standing(s, policy, held, charge, date) for policy in _policies(s, client, args.policy)]
    if args.json:
        answer({"client": client.number, "date": date.isoformat(), "policies": rows})
    else:
        print(f"{client.last_name}, {client.first_name} ({client.number})")
        for row in rows:
            _print_standing(row)
    return PROBLEMS if any(row["call"] is None or row["due"] or _serious(row["problems"]) for row in rows) else DONE


def _charge(text: str) -> int:
    cents = parse_cents(text)
    if cents < 0:
        raise InputError(_("A charge is not below 0."), _("Type 25 or 25.00."))
    return cents


def _policies(s: Any, client: Client, member_id: str | None) -> list[Policy]:
    from app.store import clients

    found = clients.policies(s, client.id or 0)
    if not found:
        raise InputError(_("The client has no policy."), _("Add the policy first."))
    if member_id is None:
        return found
    chosen = [policy for policy in found if policy.member_id == member_id.strip()]
    if not chosen:
        raise InputError(_("The client has no policy with this member id."), _("Compare it with the card."))
    return chosen


def _standing(s: Any, policy: Policy, held: list[Visit], charge: int | None, date: dt.date) -> dict[str, Any]:
    from app.billing import benefits, checks
    from app.store import clients, payers

    call = benefits.newest(clients.verifications(s, policy.id or 0), policy.id)
    row: dict[str, Any] = {
        "payer": payers.payer(s, policy.payer_id).name, "member_id": policy.member_id, "rank": str(policy.rank),
        "call": None, "deductible_left": None, "visits_left": None, "session": None, "reverify_on": None,
        "due": False, "problems": [],
    }  # fmt: skip
    if call is None:
        return row
    now, due = benefits.standing(call, date, held), benefits.due_on(call)
    cost = charge if charge is not None else _usual(policy, held)
    share = benefits.expected_share(call, cost, date, held) if cost is not None else None
    return row | {
        "call": plain(call), "visits_left": now.visits_left,
        "deductible_left": None if now.deductible_left is None else dollars_text(now.deductible_left),
        "session": {
            "charge": dollars_text(cost), "client": dollars_text(share.client) if share else None,
            "plan": dollars_text(share.plan) if share else None, "message": share.trace if share else _(
                "An answer is missing or two contradict each other, so no share is expected."
            ),
        } if cost is not None else None,
        "reverify_on": due.isoformat() if due else None, "due": due is None or due <= date,
        "problems": [problem.as_json() for problem in checks.check_verification(call, today=date)],
    }  # fmt: skip


def _usual(policy: Policy, held: list[Visit]) -> int | None:
    """What the client's last session on the policy charged, in cents; None without one."""
    from app.billing.records import VisitStatus

    charges = [
        sum(line.charge for line in visit.lines)
        for visit in held
        if visit.policy_id == policy.id and visit.status is VisitStatus.DONE and visit.lines
    ]
    return charges[-1] if charges else None


def _serious(problems: list[dict[str, str]]) -> bool:
    return any(problem["severity"] != Severity.INFORM for problem in problems)


def _print_standing(row: dict[str, Any]) -> None:
    print(f"  {row['payer']}, {row['member_id']} ({row['rank']})")
    call = row["call"]
    if call is None:
        print("    " + _("The plan was never asked what it covers. Call it, and keep the answers: benefits record."))
        return
    called = date_text(dt.date.fromisoformat(call["called_on"])) if call["called_on"] else _("without a date")
    print("    " + _("called {date}, {who} {reference}").format(
        date=called, who=call["representative"], reference=call["reference"]
    ).rstrip())  # fmt: skip
    print("    " + "; ".join(f"{name} {_text(value)}" for name, value in call.items() if _said(name, value)))
    unknown = _("not known")
    deductible = row["deductible_left"] if row["deductible_left"] is not None else unknown
    met = ""
    if row["deductible_left"] == "0.00":
        met = _(" (it is not for massage)") if call["deductible_applies"] == "no" else _(" (met)")
    visits = str(row["visits_left"]) if row["visits_left"] is not None else _no_visits(call)
    print("    " + _("deductible left: {amount}{met}; visits left: {visits}").format(
        amount=deductible, met=met, visits=visits
    ))  # fmt: skip
    if row["session"]:
        print(f"    {row['session']['message']}")
    again = date_text(dt.date.fromisoformat(row["reverify_on"])) if row["reverify_on"] else _("now")
    print("    " + _("ask again: {date}").format(date=again) + (_(", which is due") if row["due"] else ""))
    tell([Problem(**{**problem, "severity": Severity(problem["severity"])}) for problem in row["problems"]])


def _no_visits(call: dict[str, Any]) -> str:
    return _("no limit") if call["visit_limit"] == 0 else _("not known")


def _said(name: str, value: Any) -> bool:
    return name not in {"called_on", "representative", "reference", "year_begins"} and value not in (None, "", [])


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


# --- record ---------------------------------------------------------------------------------------------------------


def run_record(args: argparse.Namespace) -> int:
    """Keep a call; 1 when an answer is missing that the claim wants or two contradict each other."""
    from dataclasses import replace

    from app.billing import checks
    from app.store import clients

    call = verification(_given(args), today=today())
    with open_clinic(args) as clinic:
        with clinic.read() as s:
            client = clients.by_number(s, args.client)
            chosen = _one(_policies(s, client, args.policy), call.called_on or today())
        with clinic.write(_("Keep a call about benefits")) as s:
            kept = clients.save_verification(
                s, replace(call, client_id=client.id or 0, policy_id=chosen.id or 0)
            )  # fmt: skip
    problems = checks.check_verification(kept, today=today())
    if args.json:
        answer({"call": plain(kept), "problems": [problem.as_json() for problem in problems]})
    else:
        print(_("The call of {date} was kept.").format(date=date_text(kept.called_on)))
        tell(problems)
    return PROBLEMS if any(problem.severity is not Severity.INFORM for problem in problems) else DONE


def _one(policies: list[Policy], date: dt.date) -> Policy:
    """The policy that the call was about: the only one, or the only primary one in force that day."""
    from app.billing.records import Rank

    if len(policies) == 1:
        return policies[0]
    primary = [
        policy
        for policy in policies
        if policy.rank is Rank.PRIMARY
        and (policy.valid_from or dt.date.min) <= date <= (policy.valid_to or dt.date.max)
    ]
    if len(primary) != 1:
        raise InputError(_("Which policy the call was about is not clear."), _("Name its member id with --policy."))
    return primary[0]


def _given(args: argparse.Namespace) -> dict[str, Any]:
    """The answers as typed, or as they stand in the file."""
    if args.json_file is not None:
        data = _read(args.json_file)
        if args.answers or not isinstance(data, dict):
            raise InputError(
                _("The answers are not one object in a file."), _("Give FIELD=VALUE, or a JSON file with an object.")
            )
        return data
    given: dict[str, Any] = {}
    for item in args.answers:
        name, equals, value = item.partition("=")
        if not equals:
            raise InputError(_("An answer is no FIELD=VALUE."), _("Write such as copay=25.00."))
        if name in given:
            raise InputError(_("A field is given twice."), _("Leave one of them."))
        given[name] = value
    return given


def _read(path: Path) -> Any:
    from app.store import portable

    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(_("The file is larger than 1 MB."), _("One call is smaller; choose that file."))
        return portable.parse(path.read_bytes())
    except OSError:
        raise InputError(_("The file of answers cannot be read."), _("Check its name and place.")) from None


# --- a call as text -------------------------------------------------------------------------------------------------

_DATES = ("called_on", "reverify_on")
_AMOUNTS = ("deductible", "deductible_met", "copay")
_NUMBERS = ("coinsurance", "visit_limit", "visits_used", "year_begins")
_LISTS = ("conditions", "excluded_regions", "kinds")
_TEXTS = ("representative", "reference", "shared_with", "note")
_ANSWERS = ("covers_massage", "deductible_applies", "referral_required", "authorization_required")


def verification(given: dict[str, Any], *, today: dt.date) -> Verification:
    """A call from answers by name. Raises InputError for a name that is none, a value that cannot be, and no date."""
    from app.billing.benefits import Verification

    known = (*_DATES, *_AMOUNTS, *_NUMBERS, *_LISTS, *_TEXTS, *_ANSWERS, "network")
    if any(name not in known for name in given):
        raise InputError(_("There is no such field in a call."), _("The fields: {fields}.").format(
            fields=", ".join(known)
        ))  # fmt: skip
    values = {name: _value(name, value, today) for name, value in given.items()}
    if values.get("called_on") is None:
        raise InputError(_("The call has no date."), _("Give called_on=11/21/2026, or called_on=t for today."))
    if values.get("year_begins", 1) is None:
        del values["year_begins"]
    return Verification(**values)


def _value(name: str, value: Any, today: dt.date) -> Any:
    """What an answer means. Raises InputError that names the field."""
    try:
        if name in _LISTS:
            return tuple(_readable(part) for part in _listed(value))
        if value is None:
            value = ""
        if not isinstance(value, str):
            if isinstance(value, bool) or not isinstance(value, int) or name not in _NUMBERS:
                raise InputError(_("Not such an answer."), _("Write it as text."))
            value = str(value)
        return _typed(name, _readable(value), today)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


def _readable(text: str) -> str:
    """The text without blanks around it. Raises InputError for what is no text: half characters, control signs."""
    text = text.strip()
    if not text.isprintable():
        raise InputError(_("Not a text of one line."), _("Type it again, without signs that cannot be seen."))
    return text


def _listed(value: Any) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise InputError(_("Not a list of texts."), _("Write such as M54.2, M62.-"))
    return [part for part in parts if part.strip()]


def _typed(name: str, text: str, today: dt.date) -> Any:
    from app.billing.benefits import Answer, Network

    if name in _TEXTS:
        return text
    if name in _ANSWERS or name == "network":
        kind: Any = Network if name == "network" else Answer
        if text.lower() not in list(kind):
            answers = _(" or ").join(each for each in kind if each)
            hint = _("Write {answers}, or nothing when it was not asked.").format(answers=answers)
            raise InputError(_("Not one of the answers."), hint)
        return kind(text.lower())
    if not text:
        return None
    if name in _DATES:
        return parse_date(text, today=today)
    if name in _AMOUNTS:
        cents = parse_cents(text)
        if abs(cents) >= _AMOUNT_CENTS:
            raise InputError(_("Not an amount that a plan says."), _("Type 25 or 25.00."))
        return cents
    digits = text.removesuffix("%").rstrip() if name == "coinsurance" else text
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _NUMBER_DIGITS):
        raise InputError(_("Not a number."), _("Type digits only."))
    return int(digits)


def plain(call: Verification) -> dict[str, Any]:
    """A call as JSON values, which `verification` reads back; amounts are text."""
    values: dict[str, Any] = {}
    for name in (*_DATES, *_AMOUNTS, *_NUMBERS, *_LISTS, *_TEXTS, *_ANSWERS, "network"):
        value = getattr(call, name)
        if name in _DATES:
            value = value.isoformat() if value else None
        elif name in _AMOUNTS:
            value = None if value is None else dollars_text(value)
        elif name in _LISTS:
            value = list(value)
        elif name not in _NUMBERS:
            value = str(value)
        values[name] = value
    return values
