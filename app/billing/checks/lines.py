"""Checks of one service line: item 24 without its date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from app.billing.checks.registry import BLOCK, INFORM, WARN, Asked, Checks, Where
from app.billing.codes import MASSAGE_THERAPIST, PLACES_OF_SERVICE, UNLISTED, UNTIMED, is_known
from app.billing.ids import MODIFIER, PROCEDURE
from app.billing.records import Program, ServiceLine, Visit
from app.i18n import N_

MOST_CHARGE = 99_999_999
"""Cents: item 24F holds six digits and two."""
MOST_UNITS = 999
MOST_POINTERS = 4
MOST_MODIFIERS = 4
MOST_SHADED = 61
LETTERS = "ABCDEFGHIJKL"
SEPARATE = frozenset(("59", "XE", "XS", "XP", "XU"))
"""Modifiers that say that two services were separate."""
TIMED = frozenset(
    (
        "97032",
        "97033",
        "97034",
        "97035",
        "97036",
        "97110",
        "97112",
        "97113",
        "97116",
        "97124",
        "97140",
        "97530",
        "97535",
        "97750",
    )
)
EVALUATIONS = frozenset(f"9716{digit}" for digit in range(1, 9))
CHIROPRACTIC = frozenset(("98940", "98941", "98942", "98943"))
_MEDICARE_ONLY = frozenset(("KX", "GA", "GX", "GY", "GZ"))
_ASSISTANTS = frozenset(("CQ", "CO"))
_REMOTE = frozenset(("02", "10"))
_REMOTE_MODIFIERS = frozenset(("93", "95", "FQ", "FR", "GT", "GQ"))
_SIDES = frozenset(("LT", "RT"))
DAY = 24 * 60


class LineAt(NamedTuple):
    """A service line with its session."""

    line: ServiceLine
    visit: Visit


line = Checks[LineAt]("line")

line.add(
    "line.code-missing", BLOCK, "B", "NUCC 08/05, item 24D",
    N_("The line has no procedure code. Enter it."),
    lambda at, asked: not at.line.code.strip(), item="24D", field="code",
)  # fmt: skip
line.add(
    "line.code-unknown", WARN, "C", "bare numbers of the codes that hands-on therapy uses",
    N_("{code} is none of the codes that are known for hands-on therapy. Compare it with the payer's list."),
    lambda at, asked: (
        [Where({"code": at.line.code})]
        if at.line.code.isdigit() and len(at.line.code) == 5 and not is_known(at.line.code) else ()
    ),
    item="24D", field="code",
)  # fmt: skip
line.add(
    "line.code-malformed", BLOCK, "B", "NUCC 08/05, item 24D: five characters",
    N_("{code} is no procedure code. A code has five characters, such as 97124."),
    lambda at, asked: (
        [Where({"code": at.line.code})] if at.line.code.strip() and not PROCEDURE.is_valid(at.line.code) else ()
    ),
    item="24D", field="code",
)  # fmt: skip


def _modifiers(at: LineAt, asked: Asked) -> Iterator[Where]:
    for modifier in at.line.modifiers:
        if not MODIFIER.is_valid(modifier):
            yield Where({"modifier": modifier})


line.add(
    "line.modifier-malformed", BLOCK, "B", "NUCC 08/05, item 24D: two characters",
    N_("{modifier} is no modifier. A modifier has two characters, such as GP."),
    _modifiers, item="24D", field="modifiers",
)  # fmt: skip
line.add(
    "line.too-many-modifiers", BLOCK, "B", "NUCC 08/05, item 24D: four modifiers",
    N_("The line has more than four modifiers. Keep those that the payer needs."),
    lambda at, asked: len(at.line.modifiers) > MOST_MODIFIERS, item="24D", field="modifiers",
)  # fmt: skip
line.add(
    "line.modifier-twice", WARN, "B", "a modifier says a thing once",
    N_("The line has the same modifier twice. Take one out."),
    lambda at, asked: len(set(at.line.modifiers)) < len(at.line.modifiers), item="24D", field="modifiers",
)  # fmt: skip
line.add(
    "line.modifiers-rival", BLOCK, "A", "CMS: X{EPSU} are used instead of 59",
    N_("The line has two modifiers that both say separate service. Keep one: 59, XE, XS, XP or XU."),
    lambda at, asked: len(SEPARATE.intersection(at.line.modifiers)) > 1, item="24D", field="modifiers",
)  # fmt: skip
line.add(
    "line.modifier-assistant", WARN, "B", "CMS: CQ and CO are for assistants",
    N_("CQ and CO stand for assistants in physical and occupational therapy. Take the modifier out."),
    lambda at, asked: not _ASSISTANTS.isdisjoint(at.line.modifiers), item="24D", field="modifiers",
)  # fmt: skip
line.add(
    "line.modifier-evaluation", WARN, "B", "25 marks a separate evaluation",
    N_("Modifier 25 goes with an evaluation only. Take it out."),
    lambda at, asked: "25" in at.line.modifiers and at.line.code not in EVALUATIONS, item="24D", field="modifiers",
)  # fmt: skip
line.add(
    "line.modifier-remote", WARN, "B", "93, 95, FQ, FR, GT and GQ are telehealth",
    N_("The line has a modifier of telehealth, and this work is hands-on. Take it out."),
    lambda at, asked: not _REMOTE_MODIFIERS.isdisjoint(at.line.modifiers), item="24D", field="modifiers",
)  # fmt: skip
line.add(
    "line.modifiers-sides", WARN, "B", "RT and LT are one side each",
    N_("The line says both right and left. Keep the side that was treated, or take both out."),
    lambda at, asked: _SIDES.issubset(at.line.modifiers), item="24D", field="modifiers",
)  # fmt: skip


def _apart_from_nothing(at: LineAt, asked: Asked) -> bool:
    others = [other for other in asked.others if other.date == at.visit.date and other.id != at.visit.id]
    return not SEPARATE.isdisjoint(at.line.modifiers) and len(at.visit.lines) == 1 and not others


line.add(
    "line.modifier-alone", WARN, "B", "CMS: 59 and X{EPSU} tell two services of a day apart",
    N_("The line says that it stands apart, but it is the only one of its day. Take 59, XE, XS, XP or XU out."),
    _apart_from_nothing, item="24D", field="modifiers",
)  # fmt: skip
line.add(
    "line.modifier-medicare", WARN, "B", "CMS: notices and thresholds of Medicare",
    N_("KX, GA, GX, GY and GZ are modifiers of Medicare. Take it out for this payer."),
    lambda at, asked: (
        not _MEDICARE_ONLY.isdisjoint(at.line.modifiers)
        and asked.payer is not None and asked.payer.program is not Program.MEDICARE
    ),
    item="24D", field="modifiers",
)  # fmt: skip
line.add(
    "line.gp-missing", WARN, "C", "payer habit: GP on therapy codes",
    N_("This payer wants GP on {code}. Add the modifier if the plan of care fits."),
    lambda at, asked: (
        [Where({"code": at.line.code})]
        if asked.payer is not None and asked.payer.gp_modifier and at.line.code in TIMED
        and "GP" not in at.line.modifiers else ()
    ),
    item="24D", field="modifiers",
)  # fmt: skip
line.add(
    "line.pointer-missing", BLOCK, "A", "NUCC 02/12, item 24E",
    N_("The line points to no diagnosis. Choose at least one."),
    lambda at, asked: not at.line.pointers.strip(), item="24E", field="pointers",
)  # fmt: skip


def _lost_pointers(at: LineAt, asked: Asked) -> Iterator[Where]:
    for letter in dict.fromkeys(at.line.pointers.upper()):
        if letter in LETTERS and LETTERS.index(letter) >= len(at.visit.diagnoses):
            yield Where({"letter": letter})


line.add(
    "line.pointer-empty", BLOCK, "A", "NUCC 02/12, item 24E: points to a filled place of item 21",
    N_("The line points to {letter}, but the session has no such diagnosis. Add it, or take the letter out."),
    _lost_pointers, item="24E", field="pointers",
)  # fmt: skip
line.add(
    "line.pointer-malformed", BLOCK, "A", "NUCC 02/12, item 24E: letters A to L, no separators",
    N_("The pointer {pointers} holds other signs than the letters A to L. Write it like AB."),
    lambda at, asked: (
        [Where({"pointers": at.line.pointers})] if not set(at.line.pointers.strip().upper()) <= set(LETTERS) else ()
    ),
    item="24E", field="pointers",
)  # fmt: skip
line.add(
    "line.pointer-twice", BLOCK, "A", "NUCC 02/12, item 24E: each diagnosis once",
    N_("The line points to the same diagnosis twice. Take one letter out."),
    lambda at, asked: len(set(at.line.pointers.upper())) < len(at.line.pointers), item="24E", field="pointers",
)  # fmt: skip
line.add(
    "line.too-many-pointers", BLOCK, "A", "NUCC 02/12, item 24E: four letters",
    N_("The line points to more than four diagnoses. Keep the four that matter most."),
    lambda at, asked: len(at.line.pointers) > MOST_POINTERS, item="24E", field="pointers",
)  # fmt: skip
line.add(
    "line.charge-zero", WARN, "M", "payers send back a line without a charge",
    N_("The line charges 0.00. Enter its charge, or take the line out."),
    lambda at, asked: at.line.charge == 0, item="24F", field="charge",
)  # fmt: skip
line.add(
    "line.charge-negative", BLOCK, "B", "NUCC 08/05, item 24F: never negative",
    N_("The line charges less than 0. Correct its charge."),
    lambda at, asked: at.line.charge < 0, item="24F", field="charge",
)  # fmt: skip
line.add(
    "line.charge-too-large", BLOCK, "B", "NUCC 08/05, item 24F: six digits and two",
    N_("The line charges 1,000,000.00 or more, item 24F holds six digits of dollars. Correct its charge."),
    lambda at, asked: at.line.charge > MOST_CHARGE, item="24F", field="charge",
)  # fmt: skip
line.add(
    "line.units-missing", BLOCK, "B", "NUCC 08/05, item 24G: at least 1",
    N_("The line has no unit. A claim line has at least one: check the minutes, or take the line out."),
    lambda at, asked: at.line.units < 1, item="24G", field="units",
)  # fmt: skip
line.add(
    "line.too-many-units", BLOCK, "B", "NUCC 08/05, item 24G: three characters",
    N_("The line has more than 999 units. Correct them."),
    lambda at, asked: at.line.units > MOST_UNITS, item="24G", field="units",
)  # fmt: skip
line.add(
    "line.units-untimed", WARN, "B", "CMS Pub 100-04, chapter 5, 20.2: an untimed code is one unit",
    N_("{code} counts once however long it takes, but has {units} units. Enter 1."),
    lambda at, asked: (
        [Where({"code": at.line.code, "units": at.line.units})]
        if at.line.code in UNTIMED and at.line.units > 1 else ()
    ),
    item="24G", field="units",
)  # fmt: skip
line.add(
    "line.minutes-missing", WARN, "B", "CMS Pub 100-04, chapter 5, 20.2: minutes of timed codes are recorded",
    N_("{code} is billed by time, but has no minutes. Enter the hands-on minutes."),
    lambda at, asked: (
        [Where({"code": at.line.code})] if at.line.code in TIMED and at.line.minutes == 0 else ()
    ),
    item="24G", field="minutes",
)  # fmt: skip
line.add(
    "line.minutes-negative", BLOCK, "A", "minutes are not below 0",
    N_("The line has less than 0 minutes. Correct them."),
    lambda at, asked: at.line.minutes < 0, item="24G", field="minutes",
)  # fmt: skip
line.add(
    "line.minutes-too-many", BLOCK, "A", "a day has 1,440 minutes",
    N_("The line has more minutes than a day. Correct them."),
    lambda at, asked: at.line.minutes > DAY, item="24G", field="minutes",
)  # fmt: skip
line.add(
    "line.place-missing", BLOCK, "B", "NUCC 08/05, item 24B",
    N_("The line has no place of service. Choose 11 for the office or 12 for the client's home."),
    lambda at, asked: not at.line.place.strip(), item="24B", field="place",
)  # fmt: skip
line.add(
    "line.place-unknown", BLOCK, "A", "CMS list of places of service",
    N_("{place} is no place of service. Choose 11 for the office or 12 for the client's home."),
    lambda at, asked: (
        [Where({"place": at.line.place})]
        if at.line.place.strip() and at.line.place not in PLACES_OF_SERVICE else ()
    ),
    item="24B", field="place",
)  # fmt: skip
line.add(
    "line.place-remote", WARN, "B", "02 and 10 are telehealth",
    N_("Place {place} is telehealth, and this work is hands-on. Choose 11 or 12."),
    lambda at, asked: [Where({"place": at.line.place})] if at.line.place in _REMOTE else (), item="24B", field="place",
)  # fmt: skip
line.add(
    "line.note-missing", BLOCK, "A", "NUCC 02/12, item 24 shaded: ZZ and words for an unlisted code",
    N_("{code} is an unlisted code and needs words that say what was done. Write them into the line's note."),
    lambda at, asked: (
        [Where({"code": at.line.code})] if at.line.code in UNLISTED and not at.line.note.strip() else ()
    ),
    item="24", field="note",
)  # fmt: skip
line.add(
    "line.note-too-long", BLOCK, "A", "NUCC 02/12, item 24 shaded: 61 characters",
    N_("The note has {count} characters, the shaded half of the line holds {most} after its qualifier. Shorten it."),
    lambda at, asked: (
        [Where({"count": len(at.line.note.strip()), "most": MOST_SHADED - 2})]
        if len(at.line.note.strip()) > MOST_SHADED - 2 else ()
    ),
    item="24", field="note",
)  # fmt: skip
line.add(
    "line.note-needless", INFORM, "A", "NUCC 02/12, item 24 shaded: supplemental only",
    N_("The note of {code} is printed in the shaded half. Payers rarely read it there for a listed code."),
    lambda at, asked: (
        [Where({"code": at.line.code})] if at.line.note.strip() and at.line.code not in UNLISTED else ()
    ),
    item="24", field="note",
)  # fmt: skip


def _outside_license(at: LineAt, asked: Asked) -> Iterator[Where]:
    massage = asked.provider is not None and asked.provider.taxonomy == MASSAGE_THERAPIST
    if massage and (at.line.code in EVALUATIONS or at.line.code in CHIROPRACTIC):
        yield Where({"code": at.line.code})


line.add(
    "line.outside-license", WARN, "B", "evaluations and chiropractic codes are outside a massage license",
    N_("{code} lies outside a massage therapist's license. Choose another code, or the provider who did it."),
    _outside_license, item="24D", field="code",
)  # fmt: skip
line.add(
    "line.pack-bundled", INFORM, "B", "CMS: 97010 is not paid by itself",
    N_("97010 is rarely paid by itself. Ask the payer before you count on it."),
    lambda at, asked: at.line.code == "97010", item="24D", field="code",
)  # fmt: skip
line.add(
    "line.maintenance-medicare", WARN, "C", "S8990 is no code of Medicare",
    N_("S8990 is maintenance care, which Medicare never pays. Bill the client."),
    lambda at, asked: (
        at.line.code == "S8990" and asked.payer is not None and asked.payer.program is Program.MEDICARE
    ),
    item="24D", field="code",
)  # fmt: skip
