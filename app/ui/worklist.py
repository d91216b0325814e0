"""What needs a hand today, as groups of rows: who, what, when, how much, and the way to the place. Knows no widget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, overload

from app import paperwork
from app.billing.deadlines import add_months
from app.billing.problems import Problem, blocks
from app.billing.records import ClaimStatus, Referral
from app.billing.referrals import Ledger, Thresholds, thresholds
from app.billing.roles import Action
from app.i18n import _, date_text, money_text, ngettext
from app.store import practice, reports
from app.store.clinic import ClinicFile
from app.store.reports import DaySession, OpenClaim, RunningOut, Unbilled, Work
from app.ui import words

DEADLINE_DAYS = 14
"""A payer's limit that ends in so many days is told."""
FOLLOW_DAYS, FOLLOW_UNTIL = 30, 180
"""A claim without an answer is asked after from the first to the second day; the report on aging holds them all."""
MOST_CHECKED = 200
"""Claims checked at once: three milliseconds each."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """A row. `tone` and `icon` belong to `when`; `page` and `target` are where it leads."""

    who: str
    what: str
    when: str = ""
    tone: str = ""
    icon: str = ""
    money: int | None = None
    deed: str = ""
    page: str = ""
    target: object = None


class Items(Sequence[Item]):
    """Rows that are put into words when they are looked at: of a thousand, three are shown."""

    def __init__(self, of: Sequence[Any], item: Callable[[Any], Item]) -> None:
        self._of, self._item = of, item

    def __len__(self) -> int:
        return len(self._of)

    @overload
    def __getitem__(self, at: int) -> Item: ...
    @overload
    def __getitem__(self, at: slice) -> list[Item]: ...
    def __getitem__(self, at: int | slice) -> Item | list[Item]:
        return [self._item(each) for each in self._of[at]] if isinstance(at, slice) else self._item(self._of[at])


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rows of one kind. `count` is of things, which may be more than rows; `deed` leads to the place of all."""

    key: str
    title: str
    icon: str
    count: int
    note: str
    items: Sequence[Item]
    tone: str = "text2"
    deed: str = ""
    page: str = ""
    target: object = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the clinic file says."""

    today: dt.date
    unbilled: Sequence[Unbilled]
    open_claims: Sequence[OpenClaim]
    printed: Sequence[OpenClaim]
    following: Sequence[OpenClaim]
    grants: Sequence[RunningOut]
    limits: Thresholds
    unsafe: Sequence[str] = ()
    """What is wrong with the backups, in sentences."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What was found, as it is shown. Claims are checked where `checked` says so."""

    found: Found
    groups: Sequence[Group]
    next_date: str
    checked: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """The counts of the rail, by page; a check of claims changes none of them."""
        return {
            "today": sum(group.count for group in self.groups),
            "sessions": len(self.found.unbilled),
            "claims": len(self.found.open_claims),
        }


@dataclass(frozen=True, kw_only=True)
class Side:
    """The right column: this month and the five before it, and the sessions of the day."""

    months: Sequence[Work]
    clients: int
    day: Sequence[DaySession]


def side(clinic: ClinicFile, today: dt.date) -> Side:
    """Read the right column."""
    with clinic.read() as s:
        this = today.replace(day=1)
        return Side(
            months=reports.by_month(s, add_months(this, -5), today) if clinic.may(Action.REPORTS) else (),
            clients=reports.clients_seen(s, this, today),
            day=reports.day(s, today),
        )  # fmt: skip


def find(clinic: ClinicFile, today: dt.date, unsafe: Sequence[str] = ()) -> Listed:
    """Read and list all that may wait, and what is wrong with the backups. A second in a clinic of ten years."""
    found = replace(_read(clinic, today), unsafe=unsafe)
    return Listed(found=found, groups=groups(found, None), next_date=next_date(found))


def _read(clinic: ClinicFile, today: dt.date) -> Found:
    span = (today - dt.timedelta(days=FOLLOW_UNTIL), today - dt.timedelta(days=FOLLOW_DAYS))
    with clinic.read() as s:
        return Found(
            today=today,
            unbilled=reports.unbilled(s),
            open_claims=reports.open_claims(s, (ClaimStatus.DRAFT, ClaimStatus.READY)),
            printed=reports.open_claims(s, (ClaimStatus.PRINTED,)),
            following=reports.open_claims(s, reports.WAITING, issued=span),
            grants=reports.grants_in_use(s, today=today),
            limits=thresholds(practice.practice(s)),
        )


Checked = Mapping[int, Sequence[Problem]]


def check(clinic: ClinicFile, listed: Listed) -> Listed:
    """The same, with the oldest claims that are not printed yet looked over for problems."""
    found = listed.found
    ids = [claim.id for claim in found.open_claims[:MOST_CHECKED]]
    checked = paperwork.check_claims(clinic, ids, today=found.today)
    return replace(listed, groups=groups(found, checked), checked=True)


def groups(found: Found, checked: Checked | None) -> list[Group]:
    """The groups that are not empty, the most urgent first. Claims are not checked yet where `checked` is None."""
    made = [
        _deadlines(found), _problems(found, checked), _ready(found, checked), _unbilled(found), _follow_up(found),
        _running_out(found), _backups(found),
    ]  # fmt: skip
    return [group for group in made if group is not None and group.count]


def next_date(found: Found) -> str:
    """What comes next where nothing needs a hand today."""
    coming = [(end, each) for each in found.grants if (end := reports.ends(each)) is not None and end > found.today]
    if not coming:
        return _("Nothing needs a hand.")
    end, each = min(coming, key=lambda pair: pair[0])
    kind = _("referral of {who}") if isinstance(each.grant, Referral) else _("authorization of {who}")
    text = _("Nothing needs a hand. The next date is {date}: {what}.")
    return text.format(date=short(end, found.today), what=kind.format(who=each.client))


# Words for days


def short(date: dt.date | None, today: dt.date) -> str:
    """`11/22`; with the year where it is another one."""
    if date is None:
        return ""
    return f"{date.month:02d}/{date.day:02d}" if date.year == today.year else date_text(date)


def since(date: dt.date | None, today: dt.date) -> str:
    """`since today`, `since Monday`, `since 10/09`."""
    if date is None:
        return ""
    days = (today - date).days
    if days == 0:
        return _("since today")
    return _("since {day}").format(day=words.WEEKDAYS[date.weekday()] if 0 < days < 7 else short(date, today))


def ahead(date: dt.date, today: dt.date) -> str:
    """`in 4 days`, `today`, `4 days ago`."""
    days = (date - today).days
    if days == 0:
        return _("today")
    if days > 0:
        return ngettext("in {n} day", "in {n} days", days).format(n=days)
    return ngettext("{n} day ago", "{n} days ago", -days).format(n=-days)


# Groups


def _deadlines(found: Found) -> Group | None:
    today = found.today
    dated: list[tuple[dt.date | None, OpenClaim | Sequence[Unbilled]]] = [
        (_limit(claim.first, claim.filing_days), claim) for claim in (*found.open_claims, *found.printed)
    ]
    for sessions in _by_client(found.unbilled):
        dated.append((_limit(sessions[0].date, sessions[0].filing_days), sessions))
    near = [(limit, each) for limit, each in dated if limit and (limit - today).days <= DEADLINE_DAYS]
    near.sort(key=lambda pair: (pair[0] < today, abs((pair[0] - today).days)))

    def item(pair: tuple[dt.date, OpenClaim | Sequence[Unbilled]]) -> Item:
        of = pair[1]
        return _claim_deadline(of, today) if isinstance(of, OpenClaim) else _session_deadline(of, of[0], today)

    items = Items(near, item)
    return Group(
        key="deadlines", title=_("Deadlines"), icon="calendar-due", tone="red", count=len(items),
        note=_("mail these first"), items=items,
    )  # fmt: skip


def _limit(first: dt.date | None, days: int) -> dt.date | None:
    return first + dt.timedelta(days=days) if first and days else None


def _must(first: dt.date | None, days: int, today: dt.date) -> dict[str, str]:
    """What and when of a deadline."""
    limit = _limit(first, days)
    if first is None or limit is None:
        return {"what": ""}
    text = _("Session of {date} had to be mailed by {limit}") if limit < today else _(
        "Session of {date} must be mailed by {limit}")  # fmt: skip
    near = (limit - today).days <= 7
    return {
        "what": text.format(date=short(first, today), limit=short(limit, today)),
        "when": ahead(limit, today),
        "tone": "red" if near else "amber",
        "icon": "filled/alert-circle" if near else "filled/alert-triangle",
    }


def _claim_deadline(claim: OpenClaim, today: dt.date) -> Item:
    deed = _("Mail first") if claim.status is ClaimStatus.PRINTED else _("Print first")
    return Item(
        who=claim.client, money=claim.charge, deed=deed, page="claims", target=claim.id,
        **_must(claim.first, claim.filing_days, today),
    )  # fmt: skip


def _session_deadline(sessions: Sequence[Unbilled], oldest: Unbilled, today: dt.date) -> Item:
    return Item(
        who=oldest.client, money=sum(each.charge for each in sessions), deed=_("Build claim"), page="claims",
        target=("of-client", oldest.client_id), **_must(oldest.date, oldest.filing_days, today),
    )  # fmt: skip


def _by_client(unbilled: Iterable[Unbilled]) -> list[list[Unbilled]]:
    """Sessions of one client with one payer together."""

    def key(each: Unbilled) -> tuple[str, int, int]:
        return each.client, each.client_id, each.payer_id

    return [list(items) for __, items in groupby(sorted(unbilled, key=key), key=key)]


def _problems(found: Found, checked: Checked | None) -> Group | None:
    if checked is None:
        return None
    items = []
    for claim in found.open_claims:
        against = [each for each in checked.get(claim.id, ()) if blocks([each])]
        if against:
            more = len(against) - 1
            when = ngettext("and {n} more", "and {n} more", more).format(n=more) if more else ""
            items.append(Item(who=claim.client, what=against[0].message, when=when, money=claim.charge,
                              deed=_("Mend"), page="claims", target=claim.id))  # fmt: skip
    return Group(
        key="problems", title=_("Problems"), icon="file-alert", tone="red", count=len(items),
        note=_("these claims cannot be printed yet"), items=items,
    )  # fmt: skip


def _ready(found: Found, checked: Checked | None) -> Group:
    claims = [claim for claim in found.open_claims if checked is None or not blocks(checked.get(claim.id, ()))]
    items = Items(claims, lambda claim: _to_print(claim, found.today))
    note = _("checked, nothing missing")
    if checked is None:
        note = _("being checked")
    elif len(found.open_claims) > MOST_CHECKED:
        note = _("the oldest {n} are checked").format(n=MOST_CHECKED)
    return Group(
        key="ready", title=_("Claims ready to print"), icon="printer", count=len(items), note=note, items=items,
        deed=_("All claims"), page="claims", target="list",
    )  # fmt: skip


def _to_print(claim: OpenClaim, today: dt.date) -> Item:
    lines = ngettext("{n} line", "{n} lines", claim.lines).format(n=claim.lines)
    return Item(
        who=claim.client, what=f"{claim.number} · {claim.payer} · {lines}", when=since(claim.built, today),
        money=claim.charge, deed=_("Print"), page="claims", target=claim.id,
    )  # fmt: skip


def _unbilled(found: Found) -> Group:
    clients = {each.client_id for each in found.unbilled}
    total = money_text(sum(each.charge for each in found.unbilled))
    together = sorted(_by_client(found.unbilled), key=lambda sessions: sessions[0].date or dt.date.max)
    note = ngettext("of {n} client, {total} in all", "of {n} clients, {total} in all", len(clients))
    return Group(
        key="unbilled", title=_("Unbilled sessions"), icon="clock", count=len(found.unbilled),
        note=note.format(n=len(clients), total=total),
        items=Items(together, lambda sessions: _to_bill(sessions, found.today)),
        deed=_("Build claims"), page="claims", target="build",
    )  # fmt: skip


def _to_bill(sessions: Sequence[Unbilled], today: dt.date) -> Item:
    count = ngettext("{n} session", "{n} sessions", len(sessions)).format(n=len(sessions))
    first = sessions[0]
    return Item(
        who=first.client, what=f"{count}, {first.payer}", money=sum(each.charge for each in sessions),
        when=_("oldest {date}").format(date=short(first.date, today)) if first.date else "", deed=_("Build claim"),
        page="claims", target=("of-client", first.client_id),
    )  # fmt: skip


def _follow_up(found: Found) -> Group:
    today = found.today
    items = [_to_mail(claim, today) for claim in found.printed if claim.issued and claim.issued < today]
    waiting = sorted(found.following, key=lambda claim: claim.issued or today)
    items += [_to_ask_after(claim, today) for claim in waiting]
    note = _("printed and not mailed, or {first} to {last} days without an answer")
    return Group(
        key="follow", title=_("Follow up"), icon="phone", count=len(items), items=items,
        note=note.format(first=FOLLOW_DAYS, last=FOLLOW_UNTIL), deed=_("By age"), page="reports", target="aging",
    )  # fmt: skip


def _to_mail(claim: OpenClaim, today: dt.date) -> Item:
    return Item(
        who=claim.client, what=_("{number} is printed and not mailed yet").format(number=claim.number),
        when=since(claim.issued, today), money=claim.charge, deed=_("Set to mailed"), page="claims", target=claim.id,
    )  # fmt: skip


def _to_ask_after(claim: OpenClaim, today: dt.date) -> Item:
    days = (today - (claim.issued or today)).days
    text = _("{number}: ask {payer}")
    return Item(
        who=claim.client, what=text.format(payer=claim.payer, number=claim.number),
        when=ngettext("{n} day", "{n} days", days).format(n=days), tone="amber" if days >= 45 else "",
        icon="hourglass" if days >= 45 else "", money=claim.charge, deed=_("Open"), page="claims", target=claim.id,
    )  # fmt: skip


def _running_out(found: Found) -> Group:
    low = reports.running_out(found.grants, found.limits, today=found.today)
    return Group(
        key="running-out", title=_("Running out"), icon="file-certificate", count=len(low),
        note=_("referrals and authorizations"), items=[_grant(each, found.today) for each in low],
    )  # fmt: skip


def _backups(found: Found) -> Group:
    items = [
        Item(who=_("Backup"), what=text, deed=_("Open"), page="settings", target="backups") for text in found.unsafe
    ]
    return Group(
        key="backup", title=_("Backups"), icon="shield-check", tone="amber", count=len(items), items=items,
        note=_("if this computer broke now, work would be lost"),
    )  # fmt: skip


def _grant(each: RunningOut, today: dt.date) -> Item:
    grant = each.grant
    if isinstance(grant, Referral):
        who = " ".join(part for part in (grant.last_name, grant.credentials) if part)
        name, table = _("Referral of {who}").format(who=who), "referral"
    else:
        name, table = _("Authorization {number}").format(number=grant.number), "authorization"
    left = _left(each.account)
    when, tone, icon = _when(each, today)
    return Item(
        who=each.client, what=f"{name}: {left}" if left else name, when=when, tone=tone, icon=icon, deed=_("Open"),
        page="clients", target=(table, grant.id, "visits_allowed"),
    )  # fmt: skip


def _left(account: Ledger) -> str:
    """What is left of each limit that was given."""
    parts = []
    if account.visits_left is not None:
        parts.append(_("{left} of {all} visits left").format(left=account.visits_left, all=account.visits_allowed))
    if account.units_left is not None:
        parts.append(_("{left} of {all} units left").format(left=account.units_left, all=account.units_allowed))
    if account.dollars_left is not None:
        parts.append(_("{left} left").format(left=money_text(account.dollars_left)))
    return ", ".join(parts)


def _when(each: RunningOut, today: dt.date) -> tuple[str, str, str]:
    """When it runs out, as words, tone and icon. A guess is told as one."""
    last, warned = each.account.last, ("amber", "filled/alert-triangle")
    if not each.account.has_room:
        return _("used up"), "red", "filled/alert-circle"
    if last is not None and last < today:
        return _("ended {date}").format(date=short(last, today)), "red", "filled/alert-circle"
    if each.guess is not None and (last is None or each.guess.date < last):
        return _("about {date}").format(date=short(each.guess.date, today)), *warned
    if last is not None:
        return ahead(last, today), *warned
    return "", "", ""
