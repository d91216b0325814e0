"""The superbill on Letter paper, from its frozen content alone: the same content makes the same bytes.

Sizes are points. One colour besides ink and grey; columns of figures share their right edge with their totals.
"""

# mypy: allow-untyped-calls

from __future__ import annotations

import datetime as dt
import io
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from reportlab.lib.pagesizes import letter
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.doctemplate import BaseDocTemplate, PageTemplate
from reportlab.platypus.flowables import Flowable, Spacer
from reportlab.platypus.frames import Frame
from reportlab.platypus.tables import Table

from app.errors import UserError
from app.forms import fonts
from app.forms import superbill_style as style
from app.forms.superbill_checks import unsupported
from app.forms.superbill_services import services
from app.i18n import _, date_text

Content = Mapping[str, Any]


LABELS = 56.0
"""Width of the labels of a section."""

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
            out, pagesize=letter, invariant=1, pageCompression=1, initialFontName=fonts.REGULAR,
            lang=content["language"],
            title=f"{content['words']['superbill']} {number}", author="", subject="", creator="Superbill Desk",
        )  # fmt: skip
        document.addPageTemplates([_page("first", style.TOP), _page("later", style.TOP_LATER)])
        document.build(_story(content), canvasmaker=_canvas_maker(content))
    return out.getvalue()


# pages


def _page(name: str, top: float) -> PageTemplate:
    frame = Frame(
        style.SIDE,
        style.BOTTOM,
        style.INNER,
        style.HEIGHT - top - style.BOTTOM,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
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
    """The running head of later pages, and the foot of all. A name too long for them is left to the first page."""
    words = content["words"]
    paper = f"{words['superbill']} {_number(content)}"
    named = f"{paper}{style.BETWEEN}{content['client']['name']}"
    canvas.setFillColor(style.GREY)
    canvas.setFont(fonts.REGULAR, style.FOOT)
    canvas.drawString(
        style.SIDE, 34, named if stringWidth(named, fonts.REGULAR, style.FOOT) < style.INNER - 80 else paper
    )
    canvas.drawRightString(style.WIDTH - style.SIDE, 34, words["page"].format(page=page, pages=pages))
    if page > 1:
        y = style.HEIGHT - 50
        canvas.drawRightString(style.WIDTH - style.SIDE, y, paper)
        canvas.setFillColor(style.ACCENT)
        canvas.setFont(fonts.SEMIBOLD, style.BODY)
        name = content["practice"]["name"]
        canvas.drawString(
            style.SIDE, y, name if stringWidth(name, fonts.SEMIBOLD, style.BODY) < style.INNER - 140 else ""
        )
        canvas.setStrokeColor(style.HAIRLINE)
        canvas.setLineWidth(style.HAIR)
        canvas.line(style.SIDE, y - 8, style.WIDTH - style.SIDE, y - 8)


def _number(content: Content) -> str:
    """Its number, or that it has none yet."""
    words = content["words"]
    return str(words["number"].format(number=content["number"]) if content["number"] else words["draft"])


# from top to bottom


def _story(content: Content) -> list[Flowable]:
    return [
        _head(content),
        Spacer(0, 12),
        _parties(content),
        Spacer(0, 4),
        *_diagnoses(content),
        services(content),
    ]


def _head(content: Content) -> Table:
    """Who bills, at the left; what this paper is, at the right; a rule below."""
    words, practice = content["words"], content["practice"]
    width = style.INNER * 0.6
    contact = style.BETWEEN.join(f"{words[key]} {practice[key]}" for key in ("phone", "fax") if practice[key])
    lines = [", ".join(practice["address"]), style.BETWEEN.join(part for part in (contact, practice["email"]) if part)]
    if style.width_of(lines[-1], style.QUIET) > width:
        lines[-1:] = [contact, practice["email"]]
    left = [style.text(practice["name"], style.PRACTICE, width), Spacer(0, 3)]
    left += [style.text(line, style.QUIET, width) for line in lines if line]
    date = _date(content["issued"])
    issued = words["issued"].format(date=date) if content["number"] else date
    facts = (f"{_number(content)}{style.BETWEEN}{issued}", _version(content), _span(content))
    paper = [style.text(words["superbill"], style.right(style.TITLE)), Spacer(0, 3)]
    paper += [style.text(line, style.right(style.QUIET), style.INNER - width) for line in facts if line]
    below = (("BOTTOMPADDING", (0, 0), (-1, -1), 9), ("LINEBELOW", (0, 0), (-1, -1), style.RULE, style.ACCENT))
    return style.table([[left, paper]], [width, style.INNER - width], *below)


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


class Fact(NamedTuple):
    """One row of a section: a label, its value, and whether the value is a name to be found at a glance."""

    label: str
    value: str
    strong: bool = False


Section = tuple[str, list[Fact]]
"""A heading and its facts."""


def _parties(content: Content) -> Table:
    """Three columns of facts: who treats and bills, the client and the place, cover and referral.

    What not everyone has stands where there is room.
    """
    width = (style.INNER - 2 * style.GUTTER) / 3
    columns = [
        [_provider_section(content), _billing_section(content)],
        [_client_section(content), _place_section(content)],
        [*_cover_sections(content), *_referral_sections(content)],
    ]
    cells = [[_section(heading, facts, width) for heading, facts in sections if facts] for sections in columns]
    for heading, facts in (*_authorization_sections(content), *_accident_sections(content)):
        shortest = min(cells, key=lambda cell: sum(section.wrap(width, style.HEIGHT)[1] for section in cell))
        shortest.append(_section(heading, facts, width))
    return style.table(
        [[cells[0], "", cells[1], "", cells[2]]], [width, style.GUTTER, width, style.GUTTER, width], splitInRow=1
    )


def _section(heading: str, facts: Sequence[Fact], width: float) -> Table:
    """A heading over labels and values."""
    cells = [[style.text(heading, style.HEADING), ""]]
    for fact in facts:
        value = style.text(fact.value, style.STRONG if fact.strong else style.VALUE, width - LABELS)
        cells.append([style.text(fact.label, style.LABEL, LABELS), value])
    return style.table(
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
    width = (style.INNER - style.GUTTER * (abreast - 1)) / abreast
    code = max(stringWidth(diagnosis["code"], fonts.SEMIBOLD, style.BODY) for diagnosis in found) + 10
    rows: list[list[Any]] = []
    for start in range(0, len(found), abreast):
        row: list[Any] = []
        for diagnosis in found[start : start + abreast]:
            row += [
                style.text(diagnosis["letter"], style.STRONG),
                style.text(diagnosis["code"], style.STRONG),
                style.text(diagnosis["words"]),
                "",
            ]
        rows.append(row + [""] * (abreast * 4 - len(row)))
    words = max(0, width - 14 - code)
    return [
        style.table(
            [[style.text(content["words"]["diagnoses"], style.HEADING)]],
            [style.INNER],
            ("LINEABOVE", (0, 0), (-1, -1), style.HAIR, style.HAIRLINE),
            ("TOPPADDING", (0, 0), (-1, -1), 8),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ),
        style.table(rows, [14, code, words, style.GUTTER] * abreast),
        Spacer(0, 12),
    ]


def _date(iso: str) -> str:
    return date_text(dt.date.fromisoformat(iso))
