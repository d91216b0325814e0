"""Commands on what sessions stand on: `referrals`, the ledger of referrals and authorizations."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import TYPE_CHECKING, Any

from app.billing.money import dollars_text
from app.billing.problems import Severity
from app.cli.common import Commands, answer, date_of, on_clinic, open_clinic, tell
from app.i18n import _, date_text, money_text

if TYPE_CHECKING:
    from app.billing.outlook import Outlook
    from app.billing.records import Client

DONE, PROBLEMS = 0, 1


def add_parsers(commands: Commands) -> None:
    """Add `referrals`."""
    ledger = commands.add_parser(
        "referrals", help="referrals and authorizations: what is used, what is left, and until when"
    )
    ledger.add_argument("--client", metavar="NUMBER", help="only of this client's number")
    ledger.add_argument("--date", metavar="DATE", help="seen from this day (today)")
    ledger.add_argument("--json", action="store_true", help="answer as JSON")
    on_clinic(ledger)
    ledger.set_defaults(run=run_referrals)


def run_referrals(args: argparse.Namespace) -> int:
    """The ledger of all that has not ended; 1 when something of it is to be seen to."""
    from app.billing.outlook import outlooks
    from app.billing.referrals import thresholds
    from app.store import clients, cover, practice

    date = date_of("--date", args.date)
    found: list[tuple[Client, Outlook]] = []
    with open_clinic(args) as clinic, clinic.read() as s:
        limits = thresholds(practice.practice(s))
        ids = [clients.by_number(s, args.client).id or 0] if args.client else cover.with_live_grants(s, date)
        for client_id in ids:
            client = clients.client(s, client_id)
            found += [(client, each) for each in outlooks(cover.cover(s, client_id), date, limits)]
    if args.json:
        answer({"date": date.isoformat(), "grants": [_as_json(client, each) for client, each in found]})
    else:
        _print(found, date)
    to_see_to = (problem for __, each in found for problem in each.problems)
    return PROBLEMS if any(problem.severity is not Severity.INFORM for problem in to_see_to) else DONE


def _as_json(client: Client, each: Outlook) -> dict[str, Any]:
    from app.billing.records import Referral

    account, grant = each.account, each.grant
    plan, report, guess = each.plan, each.report, each.guess
    left, allowed = account.dollars_left, account.dollars_allowed
    return {
        "kind": "referral" if isinstance(grant, Referral) else "authorization",
        "client": client.number, "name": _name(client), "title": _title(grant), "proposed": each.proposed,
        "visits": {
            "allowed": account.visits_allowed or None, "used": account.visits_used,
            "elsewhere": account.visits_elsewhere, "left": account.visits_left,
        },
        "units": {"allowed": account.units_allowed or None, "used": account.units_used, "left": account.units_left},
        "dollars": {
            "allowed": dollars_text(allowed) if allowed else None, "used": dollars_text(account.dollars_used),
            "left": None if left is None else dollars_text(left),
        },
        "begins": _iso(account.first), "ends": _iso(account.last),
        "frequency": {
            "text": grant.frequency, "sessions": plan.sessions if plan else None, "last_day": _iso(each.plan_ends),
        } if isinstance(grant, Referral) and grant.frequency.strip() else None,
        "report": {
            "due": _iso(report.due), "visits": report.visits, "visits_left": report.left,
            "since": _iso(report.first),
        } if report else None,
        "run_out": {
            "guess": True, "date": _iso(guess.date), "visits": guess.visits, "days_between": guess.gap,
            "message": guess.sentence,
        } if guess else None,
        "problems": [problem.as_json() for problem in each.problems],
    }  # fmt: skip


def _print(found: list[tuple[Client, Outlook]], date: dt.date) -> None:
    if not found:
        print(_("No referral and no authorization is live on {date}.").format(date=date_text(date)))
    last = None
    for client, each in found:
        if client.id != last:
            print(f"{_name(client)} ({client.number})")
            last = client.id
        for line in _lines(each, date):
            print(f"  {line}")
        tell(each.problems)


def _lines(each: Outlook, date: dt.date) -> list[str]:
    from app.billing.records import Referral

    grant, account = each.grant, each.account
    kind = _("Referral of {title}") if isinstance(grant, Referral) else _("Authorization {title}")
    window = _("{first} to {last}").format(
        first=date_text(account.first) or _("open"), last=date_text(account.last) or _("open")
    )
    head = f"{kind.format(title=_title(grant))}: {window}"
    lines = [f"{head} [{_('proposed')}]" if each.proposed else head]
    used = [_used(_("visits"), account.visits_allowed, account.visits_used, account.visits_left)]
    if account.visits_elsewhere:
        used.append(_("{count} of the visits elsewhere").format(count=account.visits_elsewhere))
    used.append(_used(_("units"), account.units_allowed, account.units_used, account.units_left))
    used.append(_used(_("dollars"), account.dollars_allowed, account.dollars_used, account.dollars_left, money_text))
    lines.append(f"  {'; '.join(used)}")
    if each.plan is not None and isinstance(grant, Referral):
        text = _("{frequency}: {count} sessions, planned until {date}")
        lines.append("  " + text.format(
            frequency=grant.frequency.strip(), count=each.plan.sessions, date=date_text(each.plan_ends) or _("open")
        ))  # fmt: skip
    if each.report is not None and (each.report.due is None or each.report.due > date):
        lines.append(f"  {each.report.sentence(date)}")
    if each.guess is not None:
        lines.append(f"  {each.guess.sentence} {_('That is a guess.')}")
    return lines


def _used(what: str, allowed: int, used: int, left: int | None, show: Any = str) -> str:
    """`visits 5 of 12, 7 left`, or `units 20, no limit`."""
    if left is None:
        return _("{what} {used}, no limit").format(what=what, used=show(used))
    text = _("{what} {used} of {allowed}, {left} left")
    return text.format(what=what, used=show(used), allowed=show(allowed), left=show(left))


def _title(grant: Any) -> str:
    """The authorization's number, or who wrote the referral."""
    if hasattr(grant, "number"):
        return str(grant.number)
    name = " ".join(part for part in (grant.first_name, grant.last_name) if part)
    return ", ".join(part for part in (name, grant.credentials) if part)


def _name(client: Client) -> str:
    return ", ".join(part for part in (client.last_name, client.first_name) if part)


def _iso(date: dt.date | None) -> str | None:
    return date.isoformat() if date else None
