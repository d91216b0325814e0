"""The whole clinic as one JSON file, out and in: docs/CLINIC-JSON.md.

Reading is strict. A key that is not known, a value of the wrong kind, a number that nothing answers to: each is
refused with its place ("clients[3].birth_date"), and nothing of the file is kept. Places hold no personal data.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import json
import re
import types
import typing
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NoReturn

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.billing import claims as rules
from app.billing.benefits import Verification
from app.billing.records import (
    Authorization,
    Case,
    Claim,
    ClaimEvent,
    ClaimStatus,
    Client,
    Fee,
    FeeSchedule,
    GroupBox,
    KeptFilter,
    Override,
    Paper,
    Payer,
    PayerAddress,
    Policy,
    Practice,
    Provider,
    Referral,
    ServiceLine,
    Superbill,
    TypedForm,
    Visit,
    Waiver,
)
from app.billing.roles import Action
from app.errors import ClinicError, InputError
from app.i18n import _
from app.store import access, bundles, convert, papers, payers, practice, superbills, visits
from app.store.clinic import ClinicFile
from app.store.convert import table_of
from app.store.search import client_words
from app.store.tables import ClaimLineRow, SuperbillVisitRow

FORMAT = "superbill-desk-clinic"
VERSION = 3
MOST_BYTES = 500_000_000
MOST_SCANNED = 350_000_000
"""Bytes of scans that fit in such a file, where they take a third more room."""

_KINDS: dict[str, type[Any]] = {
    "providers": Provider,
    "payers": Payer,
    "fee_schedules": FeeSchedule,
    "clients": Client,
    "policies": Policy,
    "verifications": Verification,
    "cases": Case,
    "referrals": Referral,
    "authorizations": Authorization,
    "papers": Paper,
    "visits": Visit,
    "claims": Claim,
    "claim_events": ClaimEvent,
    "overrides": Override,
    "waivers": Waiver,
    "superbills": Superbill,
    "typed_forms": TypedForm,
    "kept_filters": KeptFilter,
}
"""The lists of the file, in an order in which each refers only to those before it (and to itself)."""

_REFERENCES: dict[str, str] = {
    "provider_id": "providers",
    "payer_id": "payers",
    "client_id": "clients",
    "policy_id": "policies",
    "case_id": "cases",
    "referral_id": "referrals",
    "authorization_id": "authorizations",
    "claim_id": "claims",
    "visit_ids": "visits",
    "line_ids": "visits.lines",
}
_HINTS = {kind: typing.get_type_hints(kind) for kind in (*_KINDS.values(), Practice, PayerAddress, ServiceLine, Fee)}
_STATUSES = {
    False: (ClaimStatus.DRAFT, ClaimStatus.READY, ClaimStatus.VOID),
    True: tuple(status for status in ClaimStatus if status is not ClaimStatus.DRAFT),
}
"""The states of a claim that was not issued, and of one that was."""
_REPLACES = {Claim: "claims", Superbill: "superbills"}
_PARTS = {"addresses": "payers", "fees": "fee_schedules", "lines": "visits"}
"""Attributes that are records with ids of their own, and the list they are in."""
_SMALLEST, _LARGEST = -(2**53), 2**53
_TEXT = re.compile(r"[^\x00\ud800-\udfff]*")


# Out


def export_clinic(s: Session) -> dict[str, Any]:
    """Everything but users, passwords, the log of changes and the audit, ready for `json.dumps`. For owners.

    Raises ClinicError when the scans are too many for one file.
    """
    access.require(s, Action.EXPORT)
    if papers.total(s) > MOST_SCANNED:
        raise ClinicError(_("The scans are too many for one JSON file."), _("Move the clinic by a backup instead."))
    exported: dict[str, Any] = {"format": FORMAT, "version": VERSION, "practice": _plain(practice.practice(s))}
    for name, kind in _KINDS.items():
        exported[name] = [_plain(record) for record in _all(s, kind)]
    exported["scans"] = {digest: base64.b64encode(data).decode() for digest, data in papers.contents(s)}
    access.note(s, "export", table="practice", row_id=1)
    return exported


def _all(s: Session, kind: type[Any]) -> list[Any]:
    """Every record of a kind, in order of id."""
    special: dict[type[Any], Any] = {
        Payer: payers.load,
        FeeSchedule: payers.fee_schedules,
        Visit: visits.load,
        Claim: bundles.load_claims,
        Superbill: superbills.load,
    }
    found = special[kind](s) if kind in special else convert.load(s, kind)
    return sorted(found, key=lambda record: record.id)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, StrEnum):
        return str(value)
    return value.isoformat() if isinstance(value, dt.date) else value


# In


def parse(text: str | bytes) -> Any:
    """JSON as Python values. Raises InputError for what is not JSON, is too large or says a key twice."""
    if len(text) > MOST_BYTES:
        raise InputError(_("The file is too large for a clinic."), _("Choose the file that was exported."))
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise InputError(_("This is not a JSON file."), _("Choose the file that was exported.")) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise InputError(_("The file says a key twice in one record."), _("Leave one of them."))
    return result


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def check(data: object) -> None:
    """Raise InputError with the place for the first thing in `data` that is not right."""
    _Reader().clinic(data)


def import_clinic(clinic: ClinicFile, data: object) -> None:
    """Fill a new clinic with what `export_clinic` gave, ids and all, in one write.

    Raises InputError with the place for anything that is not right, ClinicError when the clinic already has records;
    the clinic is then as it was.
    """
    read = _Reader().clinic(data)
    with clinic.read() as s:
        if any(s.scalar(select(func.count()).select_from(table_of(kind))) for kind in _KINDS.values()):
            raise ClinicError(_("This clinic already has records."), _("Import into a new clinic file."))
    try:
        with clinic.write(_("Import a clinic"), undoable=False) as s:
            _keep(s, read)
    except IntegrityError:
        raise InputError(
            _("The records of the file contradict each other."), _("Export the clinic again, or correct the file.")
        ) from None


@dataclasses.dataclass
class _Reader:
    """Turns plain values into records, remembering the ids it has met."""

    ids: dict[str, set[int]] = dataclasses.field(default_factory=dict)

    def clinic(self, data: object) -> dict[str, Any]:
        """The practice and the lists of records."""
        content = _object(data, _("the file"))
        if content.get("format") != FORMAT:
            raise InputError(_("This is not an exported clinic."), _("Its format is not superbill-desk-clinic."))
        version = content.get("version")
        if type(version) is not int or version < 1:
            _refuse("version", _("has to be a number from 1"))
        if version > VERSION:
            raise InputError(_("The file is from a newer version of the program."), _("Update Superbill Desk."))
        _only(content, {"format", "version", "practice", "scans", *_KINDS}, "")
        if version == 1:
            content = _from_version_1(content)
        if "practice" not in content:
            _refuse("practice", _("is missing"))
        read: dict[str, Any] = {"practice": self.record(Practice, content["practice"], "practice")}
        if read["practice"].id not in (None, 1):
            _refuse("practice.id", _("has to be 1"))
        for name, kind in _KINDS.items():
            read[name] = self.records(name, kind, content.get(name, []))
        _check_together(read)
        read["scans"] = _scans(read["papers"], content.get("scans", {}))
        return read

    def records(self, name: str, kind: type[Any], data: object) -> list[Any]:
        """A list of records with ids of their own, whose references are known."""
        if not isinstance(data, list):
            _refuse(name, _("has to be a list"))
        known = self.ids.setdefault(name, set())
        found = []
        for index, item in enumerate(data):
            place = f"{name}[{index}]"
            record = self.record(kind, item, place)
            self.remember(record, known, place)
            found.append(record)
        for index, record in enumerate(found):
            self.check_references(record, f"{name}[{index}]")
        return found

    def remember(self, record: Any, known: set[int], place: str) -> None:
        """Note a record's id, and those of its parts."""
        if record.id is None or record.id < 1:
            _refuse(f"{place}.id", _("has to be a number from 1"))
        if record.id in known:
            _refuse(f"{place}.id", _("is used twice"))
        known.add(record.id)
        for part_name, owner in _PARTS.items():
            for index, part in enumerate(getattr(record, part_name, ())):
                self.remember(part, self.ids.setdefault(f"{owner}.{part_name}", set()), f"{place}.{part_name}[{index}]")

    def check_references(self, record: Any, place: str) -> None:
        """Every id a record mentions is there."""
        references = _REFERENCES | ({"replaces_id": _REPLACES[type(record)]} if type(record) in _REPLACES else {})
        for attribute, target in references.items():
            if any(item not in self.ids.get(target, ()) for item in _several(getattr(record, attribute, None))):
                _refuse(f"{place}.{attribute}", _("refers to nothing in the file"))

    def record(self, kind: type[Any], data: object, place: str) -> Any:
        """A record whose values are of the right kinds; what is left out has its default."""
        content = _object(data, place)
        hints = _HINTS[kind]
        _only(content, hints, place)
        return kind(**{name: self.value(hints[name], item, f"{place}.{name}") for name, item in content.items()})

    def value(self, hint: Any, data: object, place: str) -> Any:
        """One value of the kind that `hint` names."""
        if isinstance(hint, types.UnionType):
            return None if data is None else self.value(_without_none(hint), data, place)
        if typing.get_origin(hint) is tuple:
            if not isinstance(data, list):
                _refuse(place, _("has to be a list"))
            item_hint = typing.get_args(hint)[0]
            return tuple(self.value(item_hint, item, f"{place}[{index}]") for index, item in enumerate(data))
        if dataclasses.is_dataclass(hint):
            return self.record(typing.cast(type[Any], hint), data, place)
        return _simple(hint, data, place)


def _simple(hint: Any, data: object, place: str) -> Any:
    if hint is bool and type(data) is not bool:
        _refuse(place, _("has to be true or false"))
    if hint is int and (type(data) is not int or not _SMALLEST <= data <= _LARGEST):
        _refuse(place, _("has to be a whole number"))
    if hint in (bool, int):
        return data
    if not isinstance(data, str) or not _TEXT.fullmatch(data):
        _refuse(place, _("has to be text"))
    try:
        if hint is dt.date:
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", data, re.ASCII):
                raise ValueError
            return dt.date.fromisoformat(data)
        return data if hint is str else hint(data)
    except ValueError:
        wanted = _("has to be a date such as 2026-11-21") if hint is dt.date else _("is not one of the known values")
        _refuse(place, wanted)


def _from_version_1(content: Mapping[str, Any]) -> dict[str, Any]:
    """Version 1 knew of item 11 only whether it holds the group number."""
    payers = content.get("payers", [])
    if not isinstance(payers, list):
        _refuse("payers", _("has to be a list"))
    newer = []
    for index, payer in enumerate(payers):
        kept = dict(_object(payer, f"payers[{index}]"))
        numbered = kept.pop("group_in_11", True)
        if type(numbered) is not bool:
            _refuse(f"payers[{index}].group_in_11", _("has to be true or false"))
        newer.append({**kept, "group_box": str(GroupBox.NUMBER if numbered else GroupBox.BLANK)})
    return {**content, "payers": newer}


def _several(mentioned: Any) -> tuple[int, ...]:
    """The ids in an attribute that holds one, several or None."""
    if isinstance(mentioned, tuple):
        return mentioned
    return () if mentioned is None else (mentioned,)


def _without_none(hint: types.UnionType) -> Any:
    return next(kind for kind in typing.get_args(hint) if kind is not type(None))


def _object(data: object, place: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        _refuse(place, _("has to be an object with named values"))
    return data


def _only(content: Mapping[str, Any], known: typing.Container[str], place: str) -> None:
    for name in content:
        if name not in known:
            # The name itself may be anything, so it is not repeated.
            _refuse(place or _("the file"), _("has a key that is not known"))


def _refuse(place: str, fault: str) -> NoReturn:
    raise InputError(
        _("{place} {fault}.").format(place=place, fault=fault), _("Nothing was imported. See docs/CLINIC-JSON.md.")
    )


def _check_together(read: Mapping[str, Any]) -> None:
    """What must not come twice, and what hangs together across records."""
    for name in ("clients", "claims", "superbills"):
        _no_twins(name, [(record.number, getattr(record, "version", 1)) for record in read[name]])
    for name in ("overrides", "typed_forms", "kept_filters"):
        for index, record in enumerate(read[name]):
            _check_json(record, f"{name}[{index}]")
    _check_owners(read)
    _check_by_hand(read)
    for index, claim in enumerate(read["claims"]):
        frozen = (bool(claim.issued), bool(claim.pages), bool(claim.layout))
        if len(set(frozen)) != 1 or claim.status not in _STATUSES[frozen[0]]:
            _refuse(f"claims[{index}]", _("is issued with its date, pages, layout and status, or with none of them"))
    on_claims = Counter(line for claim in read["claims"] if _is_live(claim) for line in claim.line_ids)
    for index, claim in enumerate(read["claims"]):
        if _is_live(claim) and any(on_claims[line_id] > 1 for line_id in claim.line_ids):
            _refuse(f"claims[{index}].line_ids", _("has a line that is on live claims twice"))


def _check_by_hand(read: Mapping[str, Any]) -> None:
    """Each value by hand is for a claim or a payer, is JSON, and has its reason; each waiver likewise."""
    for index, override in enumerate(read["overrides"]):
        if (override.claim_id is None) is (override.payer_id is None):
            _refuse(f"overrides[{index}]", _("has to be for a claim or for a payer"))
    for name in ("overrides", "waivers"):
        for index, record in enumerate(read[name]):
            if not record.reason.strip():
                _refuse(f"{name}[{index}].reason", _("has to be given"))


def _scans(kept: Sequence[Paper], data: object) -> dict[str, bytes]:
    """The contents of the scans; each is what its digest and its paper say, and belongs to a paper."""
    told = _object(data, "scans")
    for index, paper in enumerate(kept):
        if paper.sha256 not in told:
            _refuse(f"papers[{index}].sha256", _("refers to nothing in the file"))
    found = {}
    for index, (digest, text) in enumerate(told.items()):
        place = f"scans[{index}]"
        try:
            content = base64.b64decode(text, validate=True)
            kind = papers.media_type(content)
        except (TypeError, ValueError, InputError):
            _refuse(place, _("has to be a PDF, PNG, JPEG or TIFF of at most 20 MB in base64"))
        if hashlib.sha256(content).hexdigest() != digest:
            _refuse(place, _("is not what its digest says"))
        of_it = [paper for paper in kept if paper.sha256 == digest]
        if not of_it or any((paper.size, paper.media_type) != (len(content), kind) for paper in of_it):
            _refuse(place, _("is not what its paper says"))
        found[digest] = content
    return found


def _check_json(record: Any, place: str) -> None:
    """The attributes that hold JSON do."""
    for attribute in ("value", "pages", "content"):
        try:
            json.loads(getattr(record, attribute, "null"), parse_constant=_no_number)
        except (ValueError, RecursionError):
            _refuse(f"{place}.{attribute}", _("has to be JSON"))


def _check_owners(read: Mapping[str, Any]) -> None:
    """What a client's record mentions is that client's, so that no paper mixes two people."""
    owner: dict[str, dict[int, int]] = {
        name: {record.id: record.client_id for record in read[name] if hasattr(record, "client_id")} for name in _KINDS
    }
    owner["visits.lines"] = {line.id: visit.client_id for visit in read["visits"] for line in visit.lines}
    for name in _KINDS:
        for index, record in enumerate(read[name]):
            own = getattr(record, "client_id", None)
            for attribute, target in _REFERENCES.items():
                for mentioned in _several(getattr(record, attribute, None)):
                    if own is not None and owner[target].get(mentioned, own) != own:
                        _refuse(f"{name}[{index}].{attribute}", _("belongs to another client"))


def _no_twins(name: str, numbers: Sequence[tuple[str, int]]) -> None:
    seen = set()
    for index, number in enumerate(numbers):
        if not number[0]:
            _refuse(f"{name}[{index}].number", _("has to be given"))
        if number in seen:
            _refuse(f"{name}[{index}].number", _("is used twice"))
        seen.add(number)


def _is_live(claim: Claim) -> bool:
    return claim.status not in rules.FINISHED


def _keep(s: Session, read: Mapping[str, Any]) -> None:
    s.connection().exec_driver_sql("PRAGMA defer_foreign_keys = ON")  # a record may refer to a later one of its kind
    practice.save_practice(s, read["practice"])
    for name, kind in _KINDS.items():
        found = read[name]
        _insert(s, table_of(kind), (_row(kind, record) for record in found))
        if kind is Payer:
            addresses = ((payer.id, payer.addresses) for payer in found)
            _insert(s, table_of(PayerAddress), _parts(PayerAddress, "payer_id", addresses))
        elif kind is FeeSchedule:
            fees = ((schedule.id, schedule.fees) for schedule in found)
            _insert(s, table_of(Fee), _parts(Fee, "fee_schedule_id", fees))
        elif kind is Visit:
            _insert(
                s, table_of(ServiceLine), _parts(ServiceLine, "visit_id", ((item.id, item.lines) for item in found))
            )
        elif kind is Claim:
            _insert(s, ClaimLineRow.__table__, _claim_lines(found))
        elif kind is Superbill:
            _insert(s, SuperbillVisitRow.__table__, _superbill_visits(found))
    papers.keep_contents(s, read["scans"].items())
    _freeze(s, read["claims"])


def _row(kind: type[Any], record: Any) -> dict[str, Any]:
    values = {name: getattr(record, name) for name in convert.shared_columns(kind)}
    if kind is Client:
        values["search"] = client_words(record)
    if kind is Claim:  # frozen only when all that belongs to it is there
        values.update(issued=None, layout="", pages="")
    return values


def _parts(kind: type[Any], column: str, parents: Iterable[tuple[int, Iterable[Any]]]) -> Iterator[dict[str, Any]]:
    for parent_id, parts in parents:
        for position, part in enumerate(parts):
            yield {**_row(kind, part), column: parent_id, "position": position}


def _claim_lines(claims: Iterable[Claim]) -> Iterator[dict[str, Any]]:
    for claim in claims:
        for position, line_id in enumerate(claim.line_ids):
            live = _is_live(claim)
            yield {"claim_id": claim.id, "position": position, "service_line_id": line_id, "live": live}


def _superbill_visits(bills: Iterable[Superbill]) -> Iterator[dict[str, Any]]:
    for bill in bills:
        for position, visit_id in enumerate(bill.visit_ids):
            yield {"superbill_id": bill.id, "position": position, "visit_id": visit_id}


def _freeze(s: Session, claims: Iterable[Claim]) -> None:
    for claim in claims:
        if claim.issued:
            convert.keep(s, claim)


def _insert(s: Session, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    values = list(rows)
    if values:
        s.execute(insert(table), values)
