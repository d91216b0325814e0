"""The superbill on Letter paper, from its frozen content alone: the same content makes the same bytes.

Sizes are points. One colour besides ink and grey; columns of figures share their right edge with their totals.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table

from app.errors import UserError
from app.forms import fonts
from app.forms.superbill_checks import unsupported
from app.i18n import _, date_text, money_text

Content = Mapping[str, Any]


class Fact(NamedTuple):
    """One row of a section: a label, its value, and whether the value is a name to be found at a glance."""

    label: str
    value: str
    strong: bool = False


Section = tuple[str, list[Fact]]
"""A heading and its facts."""

WIDTH, HEIGHT = letter
SIDE, TOP, BOTTOM = 54.0, 52.0, 58.0
TOP_LATER = 74.0
"""Later pages begin lower, below their running head."""
INNER = WIDTH - 2 * SIDE

INK, GREY, ACCENT = HexColor("#1D2426"), HexColor("#5F6667"), HexColor("#0A6870")
HAIRLINE, GROUND = HexColor("#D5D9D8"), HexColor("#EFF4F4")
HAIR, RULE = 0.5, 1.0

BODY, LEADING = 8.0, 11.0
"""Size of most of the text: labels have it too, so that they stand on one line with their values."""
GUTTER = 18.0
LABELS = 56.0
SUMS, SIGNED = 184.0, 72.0
"""Widths: of the block below the total, and of the line for the date of a signature."""
MOST_TOGETHER = 8
"""Rows of one session that are kept on one page."""
BETWEEN = "\u00a0\u00a0· \u00a0"
CELL = 6.0
"""Space left and right of the text of a table's cell."""


def _style(name: str, size: float, leading: float, *, font: str = fonts.REGULAR, color: Color = INK) -> ParagraphStyle:
    return ParagraphStyle(
        name, fontName=font, fontSize=size, leading=leading, textColor=color, splitLongWords=1, embeddedHyphenation=1
    )


TITLE = _style("title", 16, 20, font=fonts.SEMIBOLD)
PRACTICE = _style("practice", 16, 20, font=fonts.SEMIBOLD, color=ACCENT)
QUIET = _style("quiet", 7.8, 11.2, color=GREY)
HEADING = _style("heading", 7.8, 11, font=fonts.SEMIBOLD, color=ACCENT)
LABEL = _style("label", BODY, LEADING, color=GREY)
VALUE = _style("value", BODY, LEADING)
STRONG = _style("strong", BODY, LEADING, font=fonts.SEMIBOLD)
SUM = _style("sum", BODY, LEADING, font=fonts.TABULAR_SEMIBOLD)
STATUS = _style("status", 10.5, 15, font=fonts.SEMIBOLD, color=ACCENT)


def _right(style: ParagraphStyle) -> ParagraphStyle:
    return ParagraphStyle(f"{style.name}-right", parent=style, alignment=TA_RIGHT)


_one_at_a_time = threading.Lock()
"""reportlab keeps the state of a font's subsets in the font, which all documents share."""


def draw(content: Content) -> bytes:
    """The PDF. Raises UserError when a text holds characters that the fonts lack; `problems` names them."""
    if next(unsupported(content), None):
        raise UserError(
            _("The superbill holds characters that its fonts lack."),
            _("The list of problems says where; write them anew."),
        )
    out = io.BytesIO()
    number = content["number"] or content["words"]["draft"]
    with _one_at_a_time:
        document = BaseDocTemplate(
            out, pagesize=letter, invariant=1, pageCompression=1, lang=content["language"],
            title=f"{content['words']['superbill']} {number}", author="", subject="", creator="Superbill Desk",
        )  # fmt: skip
        document.addPageTemplates([_page("first", TOP), _page("later", TOP_LATER)])
        document.build(_story(content), canvasmaker=_canvas_maker(content))
    return out.getvalue()


# pages


def _page(name: str, top: float) -> PageTemplate:
    frame = Frame(
        SIDE, BOTTOM, INNER, HEIGHT - top - BOTTOM, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0
    )
    return PageTemplate(name, [frame], autoNextPageTemplate="later")


def _canvas_maker(content: Content) -> type[Canvas]:
    """A canvas that holds its pages back until it knows how many there are."""

    class Numbered(Canvas):
        def __init__(self, *args: Any, **keywords: Any) -> None:
            super().__init__(*args, **keywords)
            self._held: list[dict[str, Any]] = []
            self.setViewerPreference("DisplayDocTitle", "true")

        def showPage(self) -> None:
            self._held.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for page, state in enumerate(self._held, start=1):
                self.__dict__.update(state)
                _margins(self, content, page, len(self._held))
                super().showPage()
            super().save()

    return Numbered


def _margins(canvas: Canvas, content: Content, page: int, pages: int) -> None:
    """The running head of later pages, and the foot of all."""
    words = content["words"]
    number = _number(content)
    canvas.setFillColor(GREY)
    canvas.setFont(fonts.REGULAR, 7.2)
    canvas.drawString(SIDE, 34, f"{words['superbill']} {number}{BETWEEN}{content['client']['name']}")
    canvas.drawRightString(WIDTH - SIDE, 34, words["page"].format(page=page, pages=pages))
    if page > 1:
        y = HEIGHT - 50
        canvas.drawRightString(WIDTH - SIDE, y, f"{words['superbill']} {number}")
        canvas.setFillColor(ACCENT)
        canvas.setFont(fonts.SEMIBOLD, 8)
        canvas.drawString(SIDE, y, content["practice"]["name"])
        canvas.setStrokeColor(HAIRLINE)
        canvas.setLineWidth(HAIR)
        canvas.line(SIDE, y - 8, WIDTH - SIDE, y - 8)


def _number(content: Content) -> str:
    """ "No. S2026-0004", or that it has none yet."""
    words = content["words"]
    return words["number"].format(number=content["number"]) if content["number"] else words["draft"]


# from top to bottom


def _story(content: Content) -> list[Flowable]:
    return [
        _head(content),
        Spacer(0, 12),
        _parties(content),
        Spacer(0, 10),
        *_diagnoses(content),
        _services(content),
    ]


def _text(text: str, style: ParagraphStyle = VALUE) -> Paragraph:
    return Paragraph(escape(text), style)


def _table(rows: Sequence[Sequence[Any]], widths: Sequence[float], *commands: tuple[Any, ...], **options: Any) -> Table:
    """A table without space of its own around its cells."""
    bare = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]
    bare += [("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 0)]
    style = [*bare, ("VALIGN", (0, 0), (-1, -1), "TOP"), *commands]
    return Table(rows, colWidths=widths, style=style, hAlign="LEFT", **options)


def _head(content: Content) -> Table:
    """Who bills, at the left; what this paper is, at the right; a rule below."""
    words, practice = content["words"], content["practice"]
    contact = [f"{words[key]} {practice[key]}" for key in ("phone", "fax") if practice[key]]
    contact += [practice["email"]] if practice["email"] else []
    left = [_text(practice["name"], PRACTICE), Spacer(0, 3)]
    left += [_text(line, QUIET) for line in (", ".join(practice["address"]), BETWEEN.join(contact)) if line]
    issued = words["issued"].format(date=_date(content["issued"]))
    right = [_text(words["superbill"], _right(TITLE)), Spacer(0, 3)]
    right += [
        _text(line, _right(QUIET))
        for line in (f"{_number(content)}{BETWEEN}{issued}", _version(content), _span(content))
        if line
    ]
    return _table(
        [[left, right]],
        [INNER * 0.6, INNER * 0.4],
        ("BOTTOMPADDING", (0, 0), (-1, -1), 9),
        ("LINEBELOW", (0, 0), (-1, -1), RULE, ACCENT),
    )


def _version(content: Content) -> str:
    words, version = content["words"], content["version"]
    if content["replaces"]:
        return str(words["replaces"].format(version=version, number=content["replaces"]))
    return str(words["version"].format(version=version)) if version > 1 else ""


def _span(content: Content) -> str:
    days = sorted({line["date"] for line in content["lines"] if line["date"]})
    if not days:
        return ""
    key = "services" if len(days) > 1 else "service"
    return str(content["words"][key].format(first=_date(days[0]), last=_date(days[-1])))


# who, where, on whose order


def _parties(content: Content) -> Table:
    """Three columns of facts: who treats and bills, the client and the place, cover and referral.

    What not everyone has stands where there is room.
    """
    width = (INNER - 2 * GUTTER) / 3
    columns = [
        [_provider_section(content), _billing_section(content)],
        [_client_section(content), _place_section(content)],
        [*_cover_sections(content), *_referral_sections(content)],
    ]
    cells = [[_section(heading, facts, width) for heading, facts in sections if facts] for sections in columns]
    for heading, facts in (*_authorization_sections(content), *_accident_sections(content)):
        shortest = min(cells, key=lambda cell: sum(section.wrap(width, HEIGHT)[1] for section in cell))
        shortest.append(_section(heading, facts, width))
    return _table([[cells[0], "", cells[1], "", cells[2]]], [width, GUTTER, width, GUTTER, width], splitInRow=1)


def _section(heading: str, facts: Sequence[Fact], width: float) -> Table:
    """A heading over labels and values."""
    cells = [[_text(heading, HEADING), ""]]
    cells += [[_text(fact.label, LABEL), _text(fact.value, STRONG if fact.strong else VALUE)] for fact in facts]
    return _table(
        cells,
        [LABELS, width - LABELS],
        ("SPAN", (0, 0), (-1, 0)),
        ("BOTTOMPADDING", (0, 0), (-1, 0), 2),
        ("BOTTOMPADDING", (0, -1), (-1, -1), 9),
    )


def _facts(words: Mapping[str, str], source: Content, *keys: str) -> list[Fact]:
    """The texts under these keys, with the words of the same keys; what is not known makes no row."""
    return [Fact(words[key], str(source[key])) for key in keys if source[key]]


def _address(words: Mapping[str, str], lines: Sequence[str]) -> list[Fact]:
    return [Fact("" if index else words["address"], line) for index, line in enumerate(lines)]


def _provider_section(content: Content) -> Section:
    words, providers = content["words"], content["providers"]
    facts = []
    for number, provider in enumerate(providers, start=1):
        label = f"{words['provider_column']} {number}" if len(providers) > 1 else words["name"]
        license_ = " ".join(part for part in (provider["license_state"], provider["license_number"]) if part)
        facts += [Fact(label, provider["name"], strong=True), *_facts(words, provider, "npi")]
        facts += [Fact(words["license"], license_)] if license_ else []
        facts += _facts(words, provider, "taxonomy")
    return words["providers" if len(providers) > 1 else "provider"], facts


def _billing_section(content: Content) -> Section:
    words, practice = content["words"], content["practice"]
    facts = _facts(words, practice, "name")
    if practice["tax_id"]:
        facts.append(Fact(words["tax_id"].format(kind=practice["tax_id_kind"]), practice["tax_id"]))
    return words["billing"], facts + _facts(words, practice, "npi", "taxonomy")


def _client_section(content: Content) -> Section:
    words, client = content["words"], content["client"]
    facts = [Fact(words["name"], client["name"], strong=True)]
    facts += [Fact(words["birth_date"], _date(client["birth_date"]))] if client["birth_date"] else []
    facts += [*_facts(words, client, "sex"), *_address(words, client["address"]), *_facts(words, client, "phone")]
    return words["client"], facts


def _place_section(content: Content) -> Section:
    words = content["words"]
    facts = []
    for place in content["places"]:
        facts.append(Fact(words["place_code"].format(code=place["code"]), place["words"]))
        facts += [Fact("", line) for line in place["address"]]
    return words["place"], facts


def _cover_sections(content: Content) -> Iterator[Section]:
    words = content["words"]
    for index, policy in enumerate(content["cover"]):
        payer = policy["payer"]
        facts = [Fact(words["insurer"], payer["name"], strong=True)] if payer["name"] else []
        facts += [Fact("", line) for line in payer["address"]]
        facts += _facts(words, policy, "plan_name", "member_id", "group_number")
        if policy["subscriber"]:
            facts.append(Fact(words["subscriber"], policy["subscriber"]))
            if policy["subscriber_birth_date"]:
                facts.append(Fact(words["birth_date"], _date(policy["subscriber_birth_date"])))
            facts.append(Fact(words["relation"], policy["relation"]))
        else:
            facts.append(Fact(words["subscriber"], policy["relation"]))
        yield words["second_cover" if index else "cover"], facts


def _referral_sections(content: Content) -> Iterator[Section]:
    words = content["words"]
    for referral in content["referrals"]:
        facts = [Fact(words["referrer"], referral["name"])] if referral["name"] else []
        facts += _facts(words, referral, "npi")
        facts += [Fact(words[key], _date(referral[key])) for key in ("written", "expires") if referral[key]]
        yield words["referral"], facts + _facts(words, referral, "visits_allowed")


def _authorization_sections(content: Content) -> Iterator[Section]:
    words = content["words"]
    for authorization in content["authorizations"]:
        days = [_date(authorization[key]) for key in ("valid_from", "valid_to") if authorization[key]]
        facts = [Fact(words["authorization_number"], authorization["number"])] if authorization["number"] else []
        facts += [Fact(words["valid"], " – ".join(days))] if days else []
        yield words["authorization"], facts


def _accident_sections(content: Content) -> Iterator[Section]:
    words = content["words"]
    for accident in content["accidents"]:
        facts = [Fact(words["kind"], accident["words"])]
        facts += [Fact(words["date"], _date(accident["accident_date"]))] if accident["accident_date"] else []
        facts += [Fact(words["state"], accident["accident_state"])] if accident["accident_state"] else []
        yield words["accident"], facts + _facts(words, accident, "claim_number")


def _diagnoses(content: Content) -> list[Flowable]:
    """Letter, code, words; two abreast, or six where the words are hidden."""
    found = content["diagnoses"]
    if not found:
        return []
    abreast = 2 if any(diagnosis["words"] for diagnosis in found) else 6
    width = (INNER - GUTTER * (abreast - 1)) / abreast
    code = max(stringWidth(diagnosis["code"], fonts.SEMIBOLD, BODY) for diagnosis in found) + 10
    rows: list[list[Any]] = []
    for start in range(0, len(found), abreast):
        row: list[Any] = []
        for diagnosis in found[start : start + abreast]:
            row += [_text(diagnosis["letter"], STRONG), _text(diagnosis["code"], STRONG), _text(diagnosis["words"]), ""]
        rows.append(row + [""] * (abreast * 4 - len(row)))
    words = max(0, width - 14 - code)
    return [
        _table(
            [[_text(content["words"]["diagnoses"], HEADING)]],
            [INNER],
            ("LINEABOVE", (0, 0), (-1, -1), HAIR, HAIRLINE),
            ("TOPPADDING", (0, 0), (-1, -1), 8),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ),
        _table(rows, [14, code, words, GUTTER] * abreast),
        Spacer(0, 12),
    ]


# what was done, charged and paid


class Column(NamedTuple):
    """One column of the services: its key in `words`, its width (0: what is left), whether it is of figures."""

    key: str
    width: float
    figures: bool = False


def _columns(content: Content) -> list[Column]:
    """The columns that this superbill has. Those of money are as wide as their widest sum."""
    options, totals = content["options"], content["totals"]

    def money(key: str, total: int) -> Column:
        text = stringWidth(money_text(total), fonts.TABULAR_SEMIBOLD, BODY)
        head = stringWidth(content["words"][key], fonts.MEDIUM, BODY)
        return Column(key, max(text, head) + 2 * CELL, figures=True)

    columns = [Column("date", 58), Column("place_column", 28), Column("code", 38), Column("service_column", 0)]
    columns += [Column("modifiers", 36), Column("pointers", 34)]
    columns += [Column("provider_column", 24)] if len(content["providers"]) > 1 else []
    columns += [Column("minutes", 32, figures=True)] if options["minutes"] else []
    columns += [Column("units", 34, figures=True)]
    columns += [money("unit_fee", max((line["unit_fee"] or 0 for line in content["lines"]), default=0))]
    columns += [money("charge", totals["charge"])]
    return columns + ([money("paid", totals["paid"])] if options["paid"] else [])


def _services(content: Content) -> Table:
    """The table of services. Its last rows are the total and the closing, so that neither stands alone on a page."""
    columns = _columns(content)
    wide = INNER - sum(column.width for column in columns)
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
    last = groups.pop()[0] if groups else len(rows) - 2
    groups.append((last, len(rows) - 1))
    return Table(
        rows,
        colWidths=[column.width or wide for column in columns],
        repeatRows=1,
        style=_services_style(columns, months, groups),
        hAlign="LEFT",
    )


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
    "service_column": lambda entry, key: _text(entry["words"] if "date" in entry else ""),
    "modifiers": lambda entry, key: _text(" ".join(entry.get(key, ()))),
    "provider_column": lambda entry, key: str(entry.get("provider", "")),
    "minutes": lambda entry, key: f"{entry[key]:,}" if entry.get(key) else "",
    "unit_fee": _money,
    "charge": _money,
    "paid": _money,
}
"""How a cell is written, by column; the others are plain text."""


def _services_style(columns: Sequence[Column], months: Sequence[int], groups: Sequence[tuple[int, int]]) -> list[Any]:
    """How the rows look: head, services between hairlines, months, total, closing."""
    style: list[Any] = [
        ("FONT", (0, 0), (-1, -1), fonts.REGULAR, BODY, LEADING),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), CELL),
        ("RIGHTPADDING", (0, 0), (-1, -1), CELL),
        ("TOPPADDING", (0, 0), (-1, -3), 3.8),
        ("BOTTOMPADDING", (0, 0), (-1, -3), 3.8),
        ("LINEBELOW", (0, 1), (-1, -4), HAIR, HAIRLINE),
        ("BACKGROUND", (0, 0), (-1, 0), GROUND),
        ("FONT", (0, 0), (-1, 0), fonts.MEDIUM, 7.4, LEADING),
        ("TEXTCOLOR", (0, 0), (-1, 0), GREY),
        ("LINEABOVE", (0, -2), (-1, -2), HAIR, INK),
        ("TOPPADDING", (0, -2), (-1, -2), 6),
        ("FONT", (0, -2), (-1, -2), fonts.SEMIBOLD, BODY, LEADING),
        ("SPAN", (0, -1), (-1, -1)),
        ("LEFTPADDING", (0, -1), (-1, -1), 0),
        ("RIGHTPADDING", (0, -1), (-1, -1), 0),
    ]
    for index, column in enumerate(columns):
        if column.figures:
            style.append(("ALIGN", (index, 0), (index, -2), "RIGHT"))
            style.append(("FONTNAME", (index, -2), (index, -2), fonts.TABULAR_SEMIBOLD))
        if column.figures or column.key == "date":
            style.append(("FONTNAME", (index, 1), (index, -3), fonts.TABULAR))
    for row in months:
        style.append(("FONTNAME", (0, row), (0, row), fonts.SEMIBOLD))
        style.append(("SPAN", (0, row), (2, row)))
        style.append(("TOPPADDING", (0, row), (-1, row), 10))
    return style + [("NOSPLIT", (0, start), (-1, end)) for start, end in groups]


def _closing(content: Content) -> list[Flowable]:
    """What the total means, what is to be done, and who signs."""
    words, statement = content["words"], content["statement"]
    left = [_text(statement["status"], STATUS)] if statement["status"] else []
    left += [_text(sentence, QUIET) for sentence in statement["sentences"]]
    sums = [[_text(words["adjustments"], LABEL), _text(words["none"], _right(VALUE))]]
    if content["options"]["paid"]:
        balance = money_text(content["totals"]["balance"])
        sums.append([_text(words["balance"], STRONG), _text(balance, _right(SUM))])
    right = _table(sums, [SUMS - 64, 64], ("TOPPADDING", (0, 0), (-1, -1), 3))
    return [
        Spacer(0, 9),
        _table([[left, right]], [INNER - SUMS - CELL, SUMS + CELL]),
        Spacer(0, 10),
        _signatures(content),
    ]


def _signatures(content: Content) -> Table:
    """For each provider a line to sign on and one for the date; two abreast."""
    words = content["words"]
    width = (INNER - GUTTER) / 2
    cells = []
    for provider in content["providers"]:
        lines = [
            ["", "", ""],
            [_text(provider["name"], STRONG), "", _text(words["signature_date"], LABEL)],
            [_text(words["signature"], LABEL), "", ""],
        ]
        above = [("LINEABOVE", (column, 1), (column, 1), HAIR, INK) for column in (0, 2)]
        cells.append(
            _table(
                lines,
                [width - SIGNED - GUTTER, GUTTER, SIGNED],
                ("TOPPADDING", (0, 1), (-1, 1), 4),
                *above,
                rowHeights=[34, None, None],
            )
        )
    pairs = [[cells[start], "", *cells[start + 1 : start + 2]] for start in range(0, len(cells), 2)]
    return _table(
        [pair + [""] * (3 - len(pair)) for pair in pairs] or [[""]], [width, GUTTER, width] if pairs else [INNER]
    )


def _date(iso: str) -> str:
    return date_text(dt.date.fromisoformat(iso))
