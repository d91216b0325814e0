"""The table of a superbill's services, with the total, what it means, and who signs."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus.flowables import Flowable, Spacer
from reportlab.platypus.tables import Table

from app.forms import fonts
from app.forms import superbill_style as style
from app.i18n import date_text, money_text

Content = Mapping[str, Any]

SUMS, SIGNED = 184.0, 72.0
"""Widths of the block below the total, and of the line for the date of a signature."""
MOST_TOGETHER, WITH_TOTAL = 8, 3
"""Rows of one session that are kept on one page, and rows that go with the total when it needs another page."""


class Column(NamedTuple):
    """One column of the services: its key in `words`, its width (0: what is left), whether it is of figures."""

    key: str
    width: float
    figures: bool = False


def _columns(content: Content) -> list[Column]:
    """The columns that this superbill has. Those of money are as wide as their widest sum."""
    options, totals = content["options"], content["totals"]

    def money(key: str, total: int) -> Column:
        text = stringWidth(money_text(total), fonts.TABULAR_SEMIBOLD, style.BODY)
        head = stringWidth(content["words"][key], fonts.MEDIUM, style.BODY)
        return Column(key, max(text, head) + 2 * style.CELL, figures=True)

    columns = [Column("date", 58), Column("place_column", 28), Column("code", 38), Column("service_column", 0)]
    columns += [Column("modifiers", 36), Column("pointers", 34)]
    columns += [Column("provider_column", 24)] if len(content["providers"]) > 1 else []
    columns += [Column("minutes", 32, figures=True)] if options["minutes"] else []
    columns += [Column("units", 34, figures=True)]
    columns += [money("unit_fee", max((line["unit_fee"] or 0 for line in content["lines"]), default=0))]
    columns += [money("charge", totals["charge"])]
    return columns + ([money("paid", totals["paid"])] if options["paid"] else [])


def services(content: Content) -> Table:
    """The table of services. Its last rows are the total and the closing, so that neither stands alone on a page."""
    columns = _columns(content)
    wide = style.INNER - sum(column.width for column in columns)
    rows: list[list[Any]] = [[content["words"][column.key] for column in columns]]
    months: list[int] = []
    groups: list[tuple[int, int]] = []
    for entries in _sessions(content):
        start = len(rows)
        for entry in entries:
            if "month" in entry:
                months.append(len(rows))
            rows.append(_cells(entry, columns))
        if len(entries) <= MOST_TOGETHER:
            groups.append((start, len(rows) - 1))
    totals = {**content["totals"], "words": content["words"]["total"]}
    rows += [_cells(totals, columns), [_closing(content)] + [""] * (len(columns) - 1)]
    groups = _with_closing(groups, len(rows) - 2)
    return Table(
        rows,
        colWidths=[column.width or wide for column in columns],
        repeatRows=1,
        style=_services_style(columns, months, groups),
        hAlign="LEFT",
    )


def _with_closing(groups: list[tuple[int, int]], total: int) -> list[tuple[int, int]]:
    """The ranges of rows to keep together, with the last sessions joined to the total and the closing below it.

    The first session never moves to make them more than one.
    """
    kept, first = list(groups), total
    while kept and kept[-1][1] == first - 1 and (first == total or (len(kept) > 1 and total - first < WITH_TOTAL)):
        first = kept.pop()[0]
    return [*kept, (first, total + 1)]


def _sessions(content: Content) -> Iterator[list[Content]]:
    """The lines of one session at a time; grouped by month, the first of a month comes with the month."""
    months = {month["month"]: month for month in content["months"]} if content["options"]["by_month"] else {}
    for _record, lines in itertools.groupby(content["lines"], key=lambda line: line["record"]):
        entries = list(lines)
        month = months.pop(entries[0]["date"][:7], None)
        yield [month, *entries] if month else entries


def _cells(entry: Content, columns: Sequence[Column]) -> list[Any]:
    """One row: of a service, or of the sums of a month or of all. What an entry does not have stays empty."""
    return [_CELLS.get(column.key, _plain)(entry, column.key) for column in columns]


def _plain(entry: Content, key: str) -> str:
    return str(entry.get(key, ""))


def _money(entry: Content, key: str) -> str:
    cents = entry.get(key)
    return "" if cents is None else money_text(cents)


_CELLS: dict[str, Callable[[Content, str], Any]] = {
    "date": lambda entry, key: _date(entry[key]) if key in entry else entry["words"],
    "place_column": lambda entry, key: entry.get("place", ""),
    "service_column": lambda entry, key: style.text(entry["words"] if "date" in entry else ""),
    "modifiers": lambda entry, key: style.text(" ".join(entry.get(key, ()))),
    "provider_column": lambda entry, key: str(entry.get("provider", "")),
    "minutes": lambda entry, key: f"{entry[key]:,}" if entry.get(key) else "",
    "unit_fee": _money,
    "charge": _money,
    "paid": _money,
}
"""How a cell is written, by column; the others are plain text."""


def _services_style(columns: Sequence[Column], months: Sequence[int], groups: Sequence[tuple[int, int]]) -> list[Any]:
    """How the rows look: head, services between hairlines, months, total, closing."""
    look: list[Any] = [
        ("FONT", (0, 0), (-1, -1), fonts.REGULAR, style.BODY, style.LEADING),
        ("TEXTCOLOR", (0, 0), (-1, -1), style.INK),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), style.CELL),
        ("RIGHTPADDING", (0, 0), (-1, -1), style.CELL),
        ("TOPPADDING", (0, 0), (-1, -3), 3.8),
        ("BOTTOMPADDING", (0, 0), (-1, -3), 3.8),
        ("LINEBELOW", (0, 1), (-1, -4), style.HAIR, style.HAIRLINE),
        ("BACKGROUND", (0, 0), (-1, 0), style.GROUND),
        ("FONT", (0, 0), (-1, 0), fonts.MEDIUM, 7.4, style.LEADING),
        ("TEXTCOLOR", (0, 0), (-1, 0), style.GREY),
        ("LINEABOVE", (0, -2), (-1, -2), style.HAIR, style.INK),
        ("TOPPADDING", (0, -2), (-1, -2), 6),
        ("FONT", (0, -2), (-1, -2), fonts.SEMIBOLD, style.BODY, style.LEADING),
        ("SPAN", (0, -1), (-1, -1)),
        ("LEFTPADDING", (0, -1), (-1, -1), 0),
        ("RIGHTPADDING", (0, -1), (-1, -1), 0),
    ]
    for index, column in enumerate(columns):
        if column.figures:
            look.append(("ALIGN", (index, 0), (index, -2), "RIGHT"))
            look.append(("FONTNAME", (index, -2), (index, -2), fonts.TABULAR_SEMIBOLD))
        if column.figures or column.key == "date":
            look.append(("FONTNAME", (index, 1), (index, -3), fonts.TABULAR))
    for row in months:
        look.append(("FONTNAME", (0, row), (0, row), fonts.SEMIBOLD))
        look.append(("SPAN", (0, row), (2, row)))
        look.append(("TOPPADDING", (0, row), (-1, row), 10))
    return look + [("NOSPLIT", (0, start), (-1, end)) for start, end in groups]


def _closing(content: Content) -> list[Flowable]:
    """What the total means, what is to be done, and who signs."""
    words, statement = content["words"], content["statement"]
    status = style.STATUS if content["totals"]["balance"] <= 0 else style.OPEN
    left = [style.text(statement["status"], status)] if statement["status"] else []
    left += [style.text(sentence, style.QUIET) for sentence in statement["sentences"]]
    sums = [[style.text(words["adjustments"], style.LABEL), style.text(words["none"], style.right(style.VALUE))]]
    if content["options"]["paid"]:
        balance = money_text(content["totals"]["balance"])
        sums.append([style.text(words["balance"], style.STRONG), style.text(balance, style.right(style.SUM))])
    below = style.table(sums, [SUMS - 64, 64], ("TOPPADDING", (0, 0), (-1, -1), 3))
    return [
        Spacer(0, 9),
        style.table([[left, below]], [style.INNER - SUMS - style.CELL, SUMS + style.CELL]),
        Spacer(0, 10),
        _signatures(content),
    ]


def _signatures(content: Content) -> Flowable:
    """For each provider a line to sign on and one for the date; two abreast."""
    words = content["words"]
    width = (style.INNER - style.GUTTER) / 2
    cells: list[Any] = []
    for provider in content["providers"]:
        lines: list[list[Any]] = [
            ["", "", ""],
            [style.text(provider["name"], style.STRONG), "", style.text(words["signature_date"], style.LABEL)],
            [style.text(words["signature"], style.LABEL), "", ""],
        ]
        above = [("LINEABOVE", (column, 1), (column, 1), style.HAIR, style.INK) for column in (0, 2)]
        cells.append(
            style.table(
                lines,
                [width - SIGNED - style.GUTTER, style.GUTTER, SIGNED],
                ("TOPPADDING", (0, 1), (-1, 1), 4),
                *above,
                rowHeights=[34, None, None],
            )
        )
    pairs = [[*cells[start : start + 2], ""][:2] for start in range(0, len(cells), 2)]
    if not cells:
        return Spacer(0, 0)
    return style.table([[first, "", second] for first, second in pairs], [width, style.GUTTER, width])


def _date(iso: str) -> str:
    return date_text(dt.date.fromisoformat(iso)) if iso else ""
