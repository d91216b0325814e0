"""How a check is written down: a stable code, how grave, how sure, where it stands, and a pure function that looks.

A subject is a kind of record (or a line, or a whole claim); each module of this package fills one or two. Only what is
surely a rule may block: confidence A (the wording of the 02/12 instructions, of the law or of a public code set, or
plain arithmetic) and B (the 08/05 wording of an unchanged box, or several sources that agree). C (one source, or
inferred) and M (from memory) warn at most.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from app import i18n
from app.billing.benefits import Verification
from app.billing.edits import Edits
from app.billing.ids import ICD10
from app.billing.problems import Problem, Severity
from app.billing.records import Authorization, Case, Client, Payer, Policy, Provider, Referral, Visit
from app.billing.referrals import Thresholds

BLOCK, WARN, INFORM = Severity.BLOCK, Severity.WARN, Severity.INFORM

SURE = "AB"
"""The confidences that may block."""

Subject = TypeVar("Subject")
Found = TypeVar("Found")


class Named(Protocol):
    """A code of the list of diagnoses."""

    @property
    def code(self) -> str:
        """With its dot."""


class CodeStatus(Protocol):
    """What the list of diagnoses says of a code on a date: whether it may be used, why not, and what to use."""

    @property
    def valid(self) -> bool:
        """Whether the code is in force and billable."""

    @property
    def sentence(self) -> str:
        """What is so, without the code."""

    @property
    def lacks_seventh(self) -> bool:
        """Whether nothing but the seventh character is missing."""

    @property
    def successors(self) -> Sequence[Named]:
        """Codes to use on that date instead."""

    @property
    def sided(self) -> Sequence[Named]:
        """Codes for right and left, where a valid one leaves the side open."""


class Icd(Protocol):
    """The list of diagnoses, by date of service; the list itself is no part of billing."""

    def check(self, code: str, date: dt.date, /) -> CodeStatus:
        """What is known of a code on that date."""

    def excludes1(self, code: str, other: str, date: dt.date, /) -> str | None:
        """The note by which two codes are not coded together, as "M54.5 excludes …"; None where there is none."""


EditsOn = Callable[[dt.date], Edits]
"""The public code pairs and unit caps for a date of service."""


_USUAL = Thresholds()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a check may know besides its subject. What is None is not known, and then nothing is said about it.

    `others` are the client's other sessions, on whatever claim or none: they use up referrals and authorizations.
    `meanwhile` are sessions of other clients, with the same therapist or another one.
    `authorizations` are the client's, among which the right one is to be used, `verifications` the calls about the
    client's benefits. `limits` say when a referral or authorization runs low.
    `boxes` are those of item 21 ("21B") by diagnosis, written without its dot.
    `memory` keeps what several checks need and is dear to find out.
    """

    today: dt.date
    icd: Icd | None = None
    edits: EditsOn | None = None
    client: Client | None = None
    payer: Payer | None = None
    policy: Policy | None = None
    provider: Provider | None = None
    case: Case | None = None
    referral: Referral | None = None
    authorization: Authorization | None = None
    others: Sequence[Visit] = ()
    meanwhile: Sequence[Visit] = ()
    authorizations: Sequence[Authorization] = ()
    verifications: Sequence[Verification] | None = None
    limits: Thresholds = _USUAL
    boxes: Mapping[str, str] = field(default_factory=dict)
    memory: dict[tuple[str, int], Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, what: str, record: object, find: Callable[[], Found]) -> Found:
        """What `find` answers for a record, asked once however many checks need it."""
        key = (what, id(record))
        if key not in self.memory:
            self.memory[key] = find()
        found: Found = self.memory[key]
        return found

    def box(self, code: str) -> str:
        """The box of item 21 that holds a diagnosis, or all of item 21 where none does."""
        return self.boxes.get(ICD10.compact(code), "21")


class Where(NamedTuple):
    """One finding: what fills the places of the sentence, and where, if not where the check says.

    `softly` lowers a block to a warning where this payer or case does not hold to the rule.
    """

    values: Mapping[str, object] = {}
    item: str = ""
    field: str = ""
    record: str = ""
    softly: bool = False


Finding = bool | Iterable[Where]


@dataclass(frozen=True, kw_only=True)
class Check:
    """A registered check. `says` is its untranslated sentence with named places; `values` fill some of them always
    (texts to be translated); `find` answers yes, no, or each place where it is so; `of` names the record of a claim
    that is to be mended, where that is not the claim."""

    code: str
    severity: Severity
    confidence: str
    source: str
    says: str
    find: Callable[[Any, Asked], Finding]
    about: str
    item: str
    field: str
    values: Mapping[str, str]
    of: str = ""

    def __post_init__(self) -> None:
        if self.severity is BLOCK and self.confidence not in SURE:
            raise ValueError(f"{self.code} is not sure enough to block")

    def problem(self, where: Where, record: str, parts: Mapping[str, str]) -> Problem:
        """What it says of a finding in a subject, which is kept as `record` and made from `parts`."""
        words = {name: i18n._(text) for name, text in self.values.items()} | dict(where.values)
        return Problem(
            severity=WARN if where.softly and self.severity is BLOCK else self.severity,
            code=self.code, message=i18n._(self.says).format(**words), item=where.item or self.item,
            record=where.record or parts.get(self.of, record), field=where.field or self.field,
        )  # fmt: skip


_HERE = (Where(),)

REGISTER: dict[str, Check] = {}
"""Every check by its code."""


class Checks(Generic[Subject]):
    """The checks of one kind of subject, in the order they are written."""

    def __init__(self, about: str) -> None:
        self.about = about
        self.checks: list[Check] = []

    def add(  # noqa: PLR0917 - a row of a table
        self,
        code: str,
        severity: Severity,
        confidence: str,
        source: str,
        says: str,
        find: Callable[[Subject, Asked], Finding],
        *,
        item: str = "",
        field: str = "",
        values: Mapping[str, str] | None = None,
        of: str = "",
    ) -> None:
        """Register a check. Raises ValueError for a code that is taken or a block that is not sure enough."""
        if code in REGISTER:
            raise ValueError(f"{code} is taken")
        check = Check(
            code=code, severity=severity, confidence=confidence, source=source, says=says, find=find,
            about=self.about, item=item, field=field, values=values or {}, of=of,
        )  # fmt: skip
        REGISTER[code] = check
        self.checks.append(check)

    def run(
        self, subject: Subject, asked: Asked, record: str, parts: Mapping[str, str] = MappingProxyType({})
    ) -> list[Problem]:
        """What all of them find. `record` is the name of the subject ("claim:12"), `parts` those of its records."""
        problems: list[Problem] = []
        for check in self.checks:
            found = check.find(subject, asked)
            if found is not False:
                for where in _HERE if found is True else found:
                    problems.append(check.problem(where, record, parts))
        return problems


def empty(name: str) -> Callable[[Any, Asked], bool]:
    """A check that a text field is empty."""
    return lambda record, asked: not getattr(record, name).strip()


def longer(name: str, most: int) -> Callable[[Any, Asked], Iterator[Where]]:
    """A check that the letters and digits of a number are more than its box holds. Separators are not printed."""

    def find(record: Any, asked: Asked) -> Iterator[Where]:
        text: str = getattr(record, name)
        count = sum(sign.isalnum() for sign in text)
        if count > most:
            yield Where({"text": text, "count": count, "most": most})

    return find


_NUMBER = re.compile(r"[\w\s./-]*", re.ASCII)


def number_signs(name: str) -> Callable[[Any, Asked], Iterator[Where]]:
    """A check of a number for signs other than letters, digits and the separators that are not printed."""

    def find(record: Any, asked: Asked) -> Iterator[Where]:
        if not _NUMBER.fullmatch(getattr(record, name)):
            yield Where({"text": getattr(record, name)})

    return find


def without_digit(name: str) -> Callable[[Any, Asked], Iterator[Where]]:
    """A check that a number holds words only, such as PENDING."""

    def find(record: Any, asked: Asked) -> Iterator[Where]:
        text: str = getattr(record, name).strip()
        if text and not any(sign.isdigit() for sign in text):
            yield Where({"text": text})

    return find


def wider(text_of: Callable[[Any], str], most: int) -> Callable[[Any, Asked], Iterator[Where]]:
    """A check that a text is longer than its box."""

    def find(record: Any, asked: Asked) -> Iterator[Where]:
        text = text_of(record)
        if len(text) > most:
            yield Where({"text": text, "count": len(text), "most": most})

    return find
