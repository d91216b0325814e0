"""The records of a client as kinds for the record editor: person, policies, referrals, authorizations, cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from app.billing import codes, ids
from app.billing.records import Authorization, Case, Client, Policy, Referral, Relationship
from app.i18n import _, date_text, ngettext
from app.store import clients, payers
from app.ui import papers, words
from app.ui.desk import Desk
from app.ui.diagnoses import diagnoses
from app.ui.fields import NOTE_LETTERS, choice, date, email, identifier, money, number, text
from app.ui.fields import words as fixed
from app.ui.record_editor import Deed, Kind, Owner
from app.ui.record_form import Section
from app.ui.table import Line

Options = Callable[[], Sequence[tuple[Any, str]]]


def _address(prefix: str = "") -> list[list[Any]]:
    return [
        [text(f"{prefix}street", _("Street"))],
        [
            text(f"{prefix}city", _("City")),
            identifier(f"{prefix}state", _("State"), ids.STATE, 60),
            identifier(f"{prefix}zip_code", _("ZIP code"), ids.ZIP, 118),
        ],
    ]


def _signature(desk: Desk, name: str, label: str, note: str) -> list[Any]:
    return [
        date(f"{name}_signed", label, desk.today, past=True, note=note),
        date(f"{name}_expires", _("Holds until"), desk.today),
    ]


def _person(desk: Desk, owner: Owner) -> Sequence[Section]:
    return [
        Section(
            _("Name"),
            [
                [text("last_name", _("Last name")), text("first_name", _("First name"))],
                [
                    text("middle_name", _("Middle name"), 150),
                    text("suffix", _("Suffix"), 78, placeholder="JR"),
                    date("birth_date", _("Birth date"), desk.today, past=True),
                    choice("sex", _("Sex"), fixed(words.SEX), 120),
                    text("number", _("Client number"), 116, placeholder=_("next free")),
                ],
            ],
        ),
        Section(
            _("Address"),
            [*_address(), [identifier("phone", _("Phone"), ids.PHONE, 150), email("email", _("Email"))]],
        ),
        Section(
            _("Signatures on file"),
            [
                _signature(desk, "release", _("Release of records"), _("item 12")),
                _signature(desk, "assignment", _("Payment to the clinic"), _("item 13")),
                _signature(desk, "consent", _("Consent to treatment"), ""),
            ],
            _("When the client signed, and the last day on which it holds; empty is without end."),
        ),
        Section(_("Note"), [[text("note", _("Note"), most=NOTE_LETTERS)]]),
    ]


def person(desk: Desk) -> Kind:
    """The client. One who seems to be there already is noticed while they are typed."""

    def alike(draft: Client) -> list[Client]:
        with desk.read() as s:
            return clients.alike(s, draft)

    return Kind(
        word=_("client"), table="client", single=True, own=True,
        read=lambda s, owner: [clients.client(s, owner)] if owner else [],
        keep=clients.save_client,
        blank=lambda owner: Client(),
        line=lambda record: Line(words.person(record)),
        sections=_person,
        check=_check_person,
        told=lambda draft: [_alike_words(one) for one in alike(draft)],
        leads=lambda draft: _to_clients(alike(draft)),
    )  # fmt: skip


def _alike_words(one: Client) -> str:
    text = _("Client {number}, {name}, has the same name and birth date.")
    return text.format(number=one.number, name=words.person(one))


def _to_clients(found: Sequence[Client]) -> list[tuple[str, str, object]]:
    return [(_("Show client {number}").format(number=one.number), "clients", one.id) for one in found[:3]]


def _check_person(draft: Client) -> Any:
    from app.billing.problems import block

    if not draft.last_name:
        return [block("client.name-missing", _("The client has no last name. Type it."), field="last_name")]
    return []


def _payer_options(desk: Desk) -> Options:
    def read() -> list[tuple[Any, str]]:
        with desk.read() as s:
            return [(payer.id, payer.name) for payer in payers.payers(s)]

    return read


def _policy(desk: Desk, owner: Owner) -> Sequence[Section]:
    return [
        Section(
            _("Policy"),
            [
                [
                    choice(
                        "payer_id", _("Payer"), _payer_options(desk), 250, note=_("Payers are added on their own page.")
                    ),
                    choice("rank", _("Order"), fixed(words.RANK), 130),
                ],
                [
                    text("member_id", _("Member id"), 170, note=_("item 1a, as on the card")),
                    text("group_number", _("Group number"), 140),
                    text("plan_name", _("Plan name")),
                ],
                [
                    date("valid_from", _("From"), desk.today),
                    date("valid_to", _("To"), desk.today),
                    money("copay", _("Copay a session")),
                ],
            ],
        ),
        Section(
            _("Insured"),
            [
                [choice("relationship", _("The client is the insured's"), fixed(words.RELATIONSHIP), 170)],
            ],
            _("For self everything about the insured comes from the client."),
        ),
        Section(
            "",
            [
                [
                    text("insured_last_name", _("Last name")),
                    text("insured_first_name", _("First name")),
                    text("insured_middle_name", _("Middle name"), 110),
                ],
                [
                    date("insured_birth_date", _("Birth date"), desk.today, past=True),
                    choice("insured_sex", _("Sex"), fixed(words.SEX), 120),
                    identifier("insured_phone", _("Phone"), ids.PHONE, 150),
                ],
                *_address("insured_"),
            ],
            when=lambda draft: draft.relationship is not Relationship.SELF,
        ),
    ]


def policy(desk: Desk) -> Kind:
    """The client's cover."""

    def line(record: Policy) -> Line:
        return Line(names().get(record.payer_id, _("No payer")), f"{words.RANK[record.rank]} · {record.member_id}")

    def names() -> dict[int, str]:
        return dict(_payer_options(desk)())

    def others(draft: Policy) -> list[Client]:
        with desk.read() as s:
            return clients.with_member_id(s, draft)

    def told(draft: Policy) -> list[str]:
        text = _("Client {number}, {name}, has the same member id with this payer.")
        return [text.format(number=one.number, name=words.person(one)) for one in others(draft)]

    return Kind(
        word=_("policy"), table="policy", new=_("New policy"),
        none=_("No policy. This client pays directly; superbills can still be made."),
        read=clients.policies, keep=clients.save_policy, remove=clients.remove_policy,
        blank=lambda owner: Policy(client_id=owner), line=line, sections=_policy, check=_check_policy,
        told=told, leads=lambda draft: _to_clients(others(draft)), deeds=partial(papers.deeds, desk),
    )  # fmt: skip


def _check_policy(draft: Policy) -> Any:
    from app.billing.problems import block

    if not draft.payer_id:
        return [block("policy.payer-missing", _("The policy has no payer. Choose one."), field="payer_id")]
    return []


def _referral(desk: Desk, owner: Owner) -> Sequence[Section]:
    return [
        Section(
            _("Who referred"),
            [
                [
                    text("last_name", _("Last name")),
                    text("first_name", _("First name")),
                    text("middle_name", _("Middle"), 78),
                    text("credentials", _("Credentials"), 96, placeholder="MD"),
                ],
                [
                    choice("role", _("As"), fixed(words.REFERRER), 170),
                    identifier("npi", _("NPI"), ids.NPI, 140, note=_("item 17b")),
                ],
                [
                    choice(
                        "other_id_qualifier", _("Other id"),
                        lambda: [("", _("none")), *codes.REFERRER_ID_QUALIFIERS.items()], 210,
                    ),
                    text("other_id", _("Number"), 120),
                ],
            ],
        ),
        Section(
            _("What was written"),
            [
                [
                    date("written", _("Written"), desk.today),
                    date("expires", _("Last day"), desk.today),
                    number("visits_allowed", _("Visits"), note=_("empty: no limit")),
                    number("used_elsewhere", _("Used elsewhere"), 104),
                ],
                [
                    text("frequency", _("How often"), placeholder=_("2 a week for 6 weeks")),
                ],
                [
                    diagnoses(
                        desk, "diagnoses", _("Diagnoses (ICD-10)"), desk.today,
                        note=_("Sessions take these over, in this order."),
                    )
                ],
                [choice("case_id", _("Case"), _case_options(desk, owner), 250)],
            ],
        ),
    ]  # fmt: skip


def _case_options(desk: Desk, owner: Owner) -> Options:
    def read() -> list[tuple[Any, str]]:
        with desk.read() as s:
            found = clients.cases(s, owner()) if owner() else []
        return [(None, _("none")), *((case.id, case.name or words.CASE[case.kind]) for case in found)]

    return read


def referral(desk: Desk) -> Kind:
    """A physician's order."""

    def line(record: Referral) -> Line:
        visits = record.visits_allowed
        allowed = ngettext("{count} visit", "{count} visits", visits).format(count=visits) if visits else ""
        second = " · ".join(part for part in (date_text(record.written), allowed) if part)
        return Line(f"{record.last_name} {record.credentials}".strip(), second)

    return Kind(
        word=_("referral"), table="referral", new=_("New referral"),
        none=_("No referral. Some payers ask for one on every massage claim."),
        read=clients.referrals, keep=clients.save_referral, remove=clients.remove_referral,
        blank=lambda owner: Referral(client_id=owner), line=line, sections=_referral,
        deeds=partial(_with_next, desk, _("Next referral")),
    )  # fmt: skip


def _authorization(desk: Desk, owner: Owner) -> Sequence[Section]:
    def policies() -> list[tuple[Any, str]]:
        with desk.read() as s:
            names = {payer.id: payer.name for payer in payers.payers(s, archived=True)}
            found = clients.policies(s, owner()) if owner() else []
        return [(None, _("any")), *((one.id, names.get(one.payer_id, "")) for one in found)]

    return [
        Section(
            _("Authorization"),
            [
                [
                    text("number", _("Number"), 170, note=_("item 23")),
                    choice("policy_id", _("Of the policy with"), policies, 250),
                ],
                [date("valid_from", _("From"), desk.today), date("valid_to", _("To"), desk.today)],
                [
                    number("visits_allowed", _("Visits")),
                    number("units_allowed", _("Units")),
                    money("dollars_allowed", _("Dollars")),
                    number("used_elsewhere", _("Visits used elsewhere"), 140),
                ],
            ],
            _("What is left empty has no limit."),
        )
    ]


def next_one(before: Referral | Authorization) -> Referral | Authorization:
    """The same again, from the day after; its number and its dates are still to be typed."""
    if isinstance(before, Referral):
        return replace(before, id=None, written=None, expires=None, used_elsewhere=0)
    begins = before.valid_to + dt.timedelta(days=1) if before.valid_to else None
    return replace(before, id=None, number="", valid_from=begins, valid_to=None, used_elsewhere=0)


def _with_next(desk: Desk, words_of: str, record: Any) -> Sequence[Deed]:
    """Its scans, and the way to the one that follows it."""

    def begin(editor: Any) -> None:
        editor.begin_new(lambda owner: next_one(record))

    return [*papers.deeds(desk, record), Deed(words_of, "repeat", begin)]


def authorization(desk: Desk) -> Kind:
    """A payer's permission."""

    def line(record: Authorization) -> Line:
        dates = (date_text(record.valid_from), date_text(record.valid_to))
        return Line(record.number or _("No number"), " – ".join(part for part in dates if part))

    return Kind(
        word=_("authorization"), table="authorization", new=_("New authorization"), none=_("No authorization."),
        read=clients.authorizations, keep=clients.save_authorization, remove=clients.remove_authorization,
        blank=lambda owner: Authorization(client_id=owner), line=line, sections=_authorization,
        deeds=partial(_with_next, desk, _("Next authorization")),
    )  # fmt: skip


def _case(desk: Desk, owner: Owner) -> Sequence[Section]:
    def qualifiers(known: dict[str, str]) -> Options:
        return lambda: [("", _("none")), *((code, f"{code} {name}") for code, name in known.items())]

    return [
        Section(
            _("What the sessions are about"),
            [
                [
                    text("name", _("Name"), placeholder=_("Neck, since May")),
                    choice("kind", _("Related to"), fixed(words.CASE), 160, note=_("items 10a to 10c")),
                ],
                [
                    date("accident_date", _("Accident"), desk.today, past=True),
                    identifier("accident_state", _("State"), ids.STATE, 60),
                    text("claim_number", _("Payer's claim number"), 190, note=_("item 11b, Y4")),
                ],
                [
                    text("adjuster_name", _("Adjuster")),
                    identifier("adjuster_phone", _("Phone"), ids.PHONE, 150),
                    text("employer", _("Employer")),
                ],
                [date("last_report", _("Last progress report"), desk.today, past=True)],
            ],
        ),
        Section(
            _("Dates on the form"),
            [
                [
                    date("onset", _("Item 14"), desk.today, past=True),
                    choice("onset_qualifier", _("Qualifier"), qualifiers(codes.ONSET_QUALIFIERS), 250),
                ],
                [
                    date("other_date", _("Item 15"), desk.today, past=True),
                    choice("other_date_qualifier", _("Qualifier"), qualifiers(codes.OTHER_DATE_QUALIFIERS), 335),
                ],
                [
                    date("unable_from", _("Off work from"), desk.today),
                    date("unable_to", _("to"), desk.today, note=_("item 16")),
                    date("hospital_from", _("In hospital from"), desk.today),
                    date("hospital_to", _("to"), desk.today, note=_("item 18")),
                ],
            ],
        ),
    ]


def case() -> Kind:
    """Why the client comes."""

    def line(record: Case) -> Line:
        second = " · ".join(part for part in (words.CASE[record.kind], date_text(record.accident_date)) if part)
        return Line(record.name or words.CASE[record.kind], second)

    return Kind(
        word=_("case"), table="case", new=_("New case"),
        none=_("No case. Ordinary health needs none; an accident does."),
        read=clients.cases, keep=clients.save_case, remove=clients.remove_case,
        blank=lambda owner: Case(client_id=owner), line=line, sections=_case,
    )  # fmt: skip
