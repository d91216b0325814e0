"""The call to a plan about benefits as a form: its questions in the order in which one asks them, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.billing import benefits, checks
from app.billing.benefits import Answer, Network, Verification
from app.billing.problems import Problem, block
from app.billing.records import Visit, VisitStatus
from app.i18n import _, date_text
from app.store import clients, payers, visits
from app.ui.desk import Desk
from app.ui.fields import NOTE_LETTERS, Field, choice, date, money, number, or_unknown, several, text
from app.ui.fields import words as fixed
from app.ui.record_editor import Kind, Owner
from app.ui.record_form import Section
from app.ui.table import Line

ANSWERS = {Answer.UNKNOWN: _("not asked"), Answer.YES: _("yes"), Answer.NO: _("no")}
NETWORKS = {Network.UNKNOWN: _("not asked"), Network.IN: _("in network"), Network.OUT: _("out of network")}
_COVERED = {Answer.UNKNOWN: _("cover not asked"), Answer.YES: _("covered"), Answer.NO: _("not covered")}
MONTHS = {
    1: _("January"), 2: _("February"), 3: _("March"), 4: _("April"), 5: _("May"), 6: _("June"), 7: _("July"),
    8: _("August"), 9: _("September"), 10: _("October"), 11: _("November"), 12: _("December"),
}  # fmt: skip


def _asked(name: str, label: str, note: str = "") -> Field:
    return choice(name, label, fixed(ANSWERS), 120, note=note)


def _sections(desk: Desk, owner: Owner) -> Sequence[Section]:
    def policies() -> list[tuple[Any, str]]:
        with desk.read() as s:
            names = {payer.id: payer.name for payer in payers.payers(s, archived=True)}
            found = clients.policies(s, owner()) if owner() else []
        return [(one.id, names.get(one.payer_id, "")) for one in found]

    return [
        Section(
            _("The call"),
            [
                [
                    choice("policy_id", _("About the policy with"), policies, 250),
                    date("called_on", _("Called on"), desk.today),
                ],
                [text("representative", _("Who answered")), text("reference", _("Reference number"))],
            ],
            _("What is left empty counts as not asked; nothing is worked out from it."),
        ),
        Section(
            _("What is covered"),
            [
                [
                    _asked("covers_massage", _("Massage by this provider"), _("by this kind of license")),
                    choice("network", _("Network"), fixed(NETWORKS), 150),
                ],
                [several("conditions", _("For which conditions"), placeholder="M54, G44")],
                [several("excluded_regions", _("Regions that are excluded"))],
                [several("kinds", _("Kinds of massage that are paid"), placeholder="97124, 97140")],
            ],
        ),
        Section(
            _("What the client pays"),
            [
                [
                    or_unknown(money("deductible", _("Deductible")), "0.00"),
                    or_unknown(money("deductible_met", _("Met so far"), note=_("on the day of the call")), "0.00"),
                    _asked("deductible_applies", _("For massage too")),
                ],
                [
                    or_unknown(money("copay", _("Copay a session")), "0.00"),
                    or_unknown(number("coinsurance", _("Or coinsurance, %"), 124, note=_("the client's part"))),
                ],
            ],
        ),
        Section(
            _("Visits"),
            [
                [
                    or_unknown(number("visit_limit", _("Visits a year"), 104, note=_("0: no limit"))),
                    or_unknown(number("visits_used", _("Used so far"), 104, note=_("also elsewhere"))),
                    text("shared_with", _("Shared with"), placeholder=_("physical therapy, chiropractic")),
                ],
            ],
        ),
        Section(
            _("What the plan wants"),
            [
                [
                    _asked("referral_required", _("A referral")),
                    _asked("authorization_required", _("An authorization")),
                ],
                [
                    choice("year_begins", _("Benefit year begins in"), fixed(MONTHS), 150),
                    date("reverify_on", _("Ask again on"), desk.today, note=_("empty: with the next benefit year")),
                ],
                [text("note", _("Note"), most=NOTE_LETTERS)],
            ],
        ),
    ]


def calls(s: Any, client_id: int) -> list[Verification]:
    """The calls about all policies of a client, the newest first."""
    found = [call for one in clients.policies(s, client_id) for call in clients.verifications(s, one.id or 0)]
    return sorted(found, key=lambda call: (str(call.called_on or ""), call.id or 0), reverse=True)


def kind(desk: Desk) -> Kind:
    """Calls about benefits."""

    def blank(owner: int) -> Verification:
        with desk.read() as s:
            first = next(iter(clients.policies(s, owner)), None) if owner else None
        policy_id = first.id if first is not None and first.id is not None else 0
        return Verification(client_id=owner, policy_id=policy_id, called_on=desk.today())

    def line(call: Verification) -> Line:
        due = benefits.due_on(call)
        second = _("ask again {date}").format(date=date_text(due)) if due else _("no date")
        return Line(date_text(call.called_on) or _("Call"), f"{_COVERED[call.covers_massage]} · {second}")

    def check(call: Verification) -> list[Problem]:
        found = checks.check_verification(call, today=desk.today())
        if not call.policy_id:
            text = _("The call is about no policy. Choose one; policies are added under Coverage.")
            found.insert(0, block("verification.policy-missing", text, field="policy_id"))
        return found

    return Kind(
        word=_("benefits call"), table="verification", new=_("New call"),
        none=_("No call yet. Ask the plan what it covers before the first session."),
        read=calls, keep=clients.save_verification, remove=clients.remove_verification, blank=blank, line=line,
        sections=_sections, check=check, told=lambda call: told(desk, call),
    )  # fmt: skip


def told(desk: Desk, call: Verification) -> list[str]:
    """What follows from the answers: a session's share, visits left, when to ask again."""
    with desk.read() as s:
        sessions = visits.visits_of(s, call.client_id) if call.client_id else []
    today = desk.today()
    said = [_share(call, sessions, desk)]
    left = benefits.standing(call, today, sessions).visits_left
    if left is not None:
        said.append(_("Visits left this benefit year: {n}.").format(n=left))
    due = benefits.due_on(call)
    if due is not None and due <= today:
        said.append(_("It was to be asked again on {date}: call the plan.").format(date=date_text(due)))
    elif due is not None:
        said.append(_("Ask again on {date}.").format(date=date_text(due)))
    return said


def _share(call: Verification, sessions: Sequence[Visit], desk: Desk) -> str:
    """The share of a session like the last one on the policy, as charged: what is allowed, only the payer says."""
    done = [v for v in sessions if v.status is VisitStatus.DONE and v.policy_id == call.policy_id and v.lines]
    if not done:
        return _("No session on this policy yet, so no share is worked out.")
    charge = sum(line.charge for line in done[-1].lines)
    share = benefits.expected_share(call, charge, desk.today(), sessions)
    if share is None:
        return _("Not enough was answered, or two answers differ, so no share is expected.")
    return _("A session like the last one: {share}").format(share=share.trace)
