"""The reports as data: what each reads, its columns, and what its chart shows. Knows no widget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from app.billing.deadlines import BUCKETS, add_months, aging
from app.forms.report import Bars, Head, Series, Table
from app.i18n import _, date_text
from app.store import reports
from app.ui import words

_MOST_BARS = 24
_SELF_PAY = _("Self-pay")


@dataclass(frozen=True)
class Column:
    """A column of a report. `kind` is text, count, money (cents) or date; counts of people are not summed."""

    title: str
    value: Callable[[Any], Any]
    kind: str = "count"
    summed: bool = True
    width: int = 110


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A report. `read(s, first, last, today)` answers its rows; `bars` are the columns that the chart shows, `bar` what
    stands below a bar. Without `ranged` it tells how things stand today."""

    id: int
    key: str
    name: str
    about: str
    columns: Sequence[Column]
    bars: Sequence[int]
    read: Callable[[Any, dt.date, dt.date, dt.date], Sequence[Any]]
    ranged: bool = True
    bar: Callable[[str], str] = str


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report that was read: its rows as values, one for each column, and their sums."""

    kind: Kind
    span: str
    rows: Sequence[Sequence[Any]]
    sums: Sequence[Any]

    def chart(self) -> Bars:
        """The rows as bars; where they are too many, the rest together."""
        columns = [self.kind.columns[at] for at in self.kind.bars]
        shown, rest = list(self.rows), list[Sequence[Any]]()
        if len(shown) > _MOST_BARS and self.kind.key != "month":
            shown, rest = shown[: _MOST_BARS - 1], shown[_MOST_BARS - 1 :]
        labels = [self.kind.bar(row[0]) for row in shown]
        if rest:
            labels.append(_("{n} others").format(n=len(rest)))
        series = [
            Series(column.title, [row[at] for row in shown] + ([sum(row[at] for row in rest)] if rest else []))
            for at, column in zip(self.kind.bars, columns, strict=True)
        ]
        return Bars(self.kind.name, labels, series, money=columns[0].kind == "money")

    def table(self) -> Table:
        """The same for files."""
        heads = [Head(column.title, column.kind, column.width) for column in self.kind.columns]
        return Table(
            title=self.kind.name, span=self.span, heads=heads, rows=self.rows, sums=self.sums, bars=self.chart()
        )


def fill(kind: Kind, s: Any, first: dt.date, last: dt.date, today: dt.date) -> Report:
    """Read a report."""
    rows = [tuple(column.value(row) for column in kind.columns) for row in kind.read(s, first, last, today)]
    sums: list[Any] = [_("Together")]
    for at, column in enumerate(kind.columns[1:], start=1):
        adds = column.summed and column.kind in {"count", "money"}
        sums.append(sum(row[at] for row in rows) if adds else None)
    span = _("{first} to {last}").format(first=date_text(first), last=date_text(last))
    as_of = _("as of {date}").format(date=date_text(today))
    return Report(kind=kind, span=span if kind.ranged else as_of, rows=rows, sums=sums)


def _month(label: str) -> str:
    """`11/2026`, or the year as it is."""
    return f"{label[5:]}/{label[:4]}" if len(label) > 4 else label


def _month_bar(label: str) -> str:
    return words.MONTHS[int(label[:2]) - 1][:3] if "/" in label else label


@dataclass(frozen=True, kw_only=True)
class _Unbilled:
    payer: str
    clients: int
    sessions: int
    oldest: dt.date | None
    charged: int


def _unbilled(s: Any, first: dt.date, last: dt.date, today: dt.date) -> list[_Unbilled]:
    found = sorted(reports.unbilled(s), key=lambda each: (each.payer, each.payer_id))
    made = []
    for (payer, __), group in groupby(found, key=lambda each: (each.payer, each.payer_id)):
        items = list(group)
        made.append(_Unbilled(
            payer=payer, clients=len({each.client_id for each in items}), sessions=len(items),
            oldest=min((each.date for each in items if each.date), default=None),
            charged=sum(each.charge for each in items),
        ))  # fmt: skip
    return sorted(made, key=lambda each: -each.charged)


@dataclass(frozen=True, kw_only=True)
class _Age:
    bucket: str
    claims: int
    charged: int


def _aging(s: Any, first: dt.date, last: dt.date, today: dt.date) -> list[_Age]:
    """Every age has its row, also an empty one."""
    found: dict[str, list[reports.Waiting]] = {bucket: [] for bucket in BUCKETS}
    for day in reports.waiting(s):
        found[aging(day.issued, today)].append(day)
    if not any(found.values()):
        return []
    return [
        _Age(bucket=name, claims=sum(day.claims for day in days), charged=sum(day.charge for day in days))
        for name, days in found.items()
    ]


def _work(title: str, name: Callable[[Any], str]) -> tuple[Column, ...]:
    return (
        Column(title, name, "text", width=180),
        Column(_("Sessions"), lambda r: r.sessions),
        Column(_("Charged"), lambda r: r.charged, "money", width=130),
        Column(_("Paid by clients"), lambda r: r.paid, "money", width=130),
        Column(_("Difference"), lambda r: r.charged - r.paid, "money", width=130),
    )


KINDS: tuple[Kind, ...] = (
    Kind(
        id=1, key="month", name=_("Sessions and charges by month"), about=_("What was done and charged, over time"),
        columns=_work(_("Period"), lambda r: _month(r.label)), bars=(2, 3), bar=_month_bar,
        read=lambda s, first, last, today: _from_first_session(reports.by_month(s, first, last)),
    ),
    Kind(
        id=2, key="payer", name=_("Sessions and charges by payer"), about=_("Who the sessions were billed to"),
        columns=_work(_("Payer"), lambda r: r.label or _SELF_PAY), bars=(2, 3),
        read=lambda s, first, last, today: reports.by_payer(s, first, last),
    ),
    Kind(
        id=3, key="code", name=_("Charges by code"), about=_("Which services make up the work"),
        columns=(
            Column(_("Code"), lambda r: r.code, "text", width=180),
            Column(_("Sessions"), lambda r: r.sessions, summed=False),
            Column(_("Units"), lambda r: r.units),
            Column(_("Charged"), lambda r: r.charged, "money", width=130),
        ),
        bars=(3,), read=lambda s, first, last, today: reports.by_code(s, first, last),
    ),
    Kind(
        id=4, key="unbilled", name=_("Unbilled work"), about=_("Sessions with a policy, on no claim"), ranged=False,
        columns=(
            Column(_("Payer"), lambda r: r.payer, "text", width=180),
            Column(_("Clients"), lambda r: r.clients, summed=False),
            Column(_("Sessions"), lambda r: r.sessions),
            Column(_("Oldest"), lambda r: r.oldest, "date"),
            Column(_("Charged"), lambda r: r.charged, "money", width=130),
        ),
        bars=(4,), read=_unbilled,
    ),
    Kind(
        id=5, key="aging", name=_("Aging of claims"), about=_("Days since claims were printed"), ranged=False,
        columns=(
            Column(_("Days since printed"), lambda r: r.bucket, "text", width=180),
            Column(_("Claims"), lambda r: r.claims),
            Column(_("Charged"), lambda r: r.charged, "money", width=130),
        ),
        bars=(2,), read=_aging,
    ),
    Kind(
        id=6, key="source", name=_("Referrals by source"), about=_("Who sends clients, and what came of it"),
        columns=(
            Column(_("Referred by"), lambda r: r.name, "text", width=180),
            Column(_("NPI"), lambda r: r.npi, "text", width=110),
            Column(_("Referrals"), lambda r: r.referrals, width=90),
            Column(_("Clients"), lambda r: r.clients, summed=False, width=90),
            Column(_("Sessions on them"), lambda r: r.sessions, width=150),
            Column(_("Charged"), lambda r: r.charged, "money"),
        ),
        bars=(2, 4), read=lambda s, first, last, today: reports.by_source(s, first, last),
    ),
)  # fmt: skip


def _from_first_session(months: Sequence[reports.Work]) -> Sequence[reports.Work]:
    """Months without a session stand between others and at the end; those before the first one say nothing."""
    first = next((at for at, month in enumerate(months) if month.sessions), len(months))
    return months[first:]


SPANS = {
    "month": _("This month"),
    "quarter": _("This quarter"),
    "year": _("This year"),
    "last-year": _("Last year"),
    "own": _("From … to …"),
}


def span(key: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """The first and last day of a span; up to today where it is not over yet."""
    if key == "month":
        return today.replace(day=1), today
    if key == "quarter":
        return today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1), today
    if key == "last-year":
        return dt.date(today.year - 1, 1, 1), dt.date(today.year - 1, 12, 31)
    return dt.date(today.year, 1, 1), today


def nothing(kind: Kind, first_session: dt.date | None, today: dt.date) -> str:
    """What is said where a report has no rows."""
    if not kind.ranged:
        empty = {"unbilled": _("Every session of an insured client is on a claim."),
                 "aging": _("No claim waits for an answer.")}  # fmt: skip
        return empty[kind.key]
    if first_session is None:
        return _("Nothing in this range. No session was entered yet.")
    return _("Nothing in this range. The first session is of {date}.").format(date=date_text(first_session))


def earliest(today: dt.date) -> dt.date:
    """Where a span of one's own begins at first: a year ago."""
    return add_months(today, -12) + dt.timedelta(days=1)
