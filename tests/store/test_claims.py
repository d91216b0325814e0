"""Claims: built once, numbered for good, frozen when issued; superbills alike."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from app.billing import claims as rules
from app.billing.claims import ClaimPlan
from app.billing.records import Claim, ClaimStatus, Policy, Rank, Superbill, Visit, VisitStatus
from app.errors import ClinicError, InputError, UserError
from app.store import claims, clients, payers, practice, superbills, visits
from app.store.clinic import ClinicFile
from tests.store.conftest import TODAY


def _plans(clinic: ClinicFile, who: str = "") -> list[ClaimPlan]:
    with clinic.read() as s:
        found = clients.find(s, who)
        policies = [policy for line in found for policy in clients.policies(s, line.id)]
        sessions = [visit for line in found for visit in visits.unbilled(s, line.id)]
        return rules.plan(sessions, policies, payers.payers(s))


def _build(clinic: ClinicFile, who: str = "") -> list[Claim]:
    plans = _plans(clinic, who)
    with clinic.write("Build claims") as s:
        return claims.build(s, plans, today=TODAY)


def _issue(clinic: ClinicFile, claim: Claim) -> Claim:
    with clinic.write("Issue", undoable=False) as s:
        return claims.issue(s, claim.id or 0, pages='{"pages": [{}]}', layout="cms1500-0212", today=TODAY)


@pytest.fixture
def issued(demo_clinic: ClinicFile) -> tuple[ClinicFile, Claim]:
    """The demo clinic with one issued claim of Quill's three sessions."""
    (claim,) = _build(demo_clinic, "quill")
    return demo_clinic, _issue(demo_clinic, claim)


def test_built_claims_hold_their_lines_and_numbers(demo_clinic: ClinicFile) -> None:
    plans = _plans(demo_clinic)
    built = _build(demo_clinic)
    assert [claim.number for claim in built] == ["2026-0001", "2026-0002", "2026-0003", "2026-0004", "2026-0005"]
    assert [claim.line_ids for claim in built] == [plan.line_ids for plan in plans]
    assert {(claim.status, claim.built, claim.issued) for claim in built} == {(ClaimStatus.DRAFT, TODAY, None)}
    with demo_clinic.read() as s:
        assert visits.unbilled(s) == []
        assert claims.claim(s, built[2].id or 0) == claims.by_number(s, "2026-0003") == built[2]
        assert claims.claims_of(s, built[0].client_id) == [built[0]]
        assert {line.claims for line in visits.lines(s, text="quill")} == {"2026-0003"}
        with pytest.raises(InputError, match="no claim 2026-0009"):
            claims.by_number(s, "2026-0009")


def test_without_a_prefix_the_year_stands_before_the_counter(demo_clinic: ClinicFile) -> None:
    with demo_clinic.write("Change") as s:
        now = practice.practice(s)
        practice.save_practice(s, dataclasses.replace(now, claim_prefix="", next_claim=12345))
    (claim,) = _build(demo_clinic, "quill")
    assert claim.number == "2026-12345"


def test_a_number_that_is_there_already_is_passed_over(demo_clinic: ClinicFile) -> None:
    (first,) = _build(demo_clinic, "quill")
    with demo_clinic.write("Rename", undoable=False) as s:
        s.execute(text("UPDATE claim SET number = '2026-0003'"))
    built = _build(demo_clinic, "")
    assert [claim.number for claim in built] == ["2026-0002", "2026-0004", "2026-0005", "2026-0006"]
    assert first.number == "2026-0001"


def test_numbers_are_never_given_again(demo_clinic: ClinicFile) -> None:
    (first,) = _build(demo_clinic, "quill")
    demo_clinic.undo()
    (second,) = _build(demo_clinic, "quill")
    assert (first.number, second.number) == ("2026-0001", "2026-0002")
    with demo_clinic.write("Void") as s:
        claims.void(s, second.id or 0, on=TODAY)
    (third,) = _build(demo_clinic, "quill")
    assert third.number == "2026-0003"


def test_no_line_is_on_two_live_claims(demo_clinic: ClinicFile) -> None:
    plans = _plans(demo_clinic, "quill")
    _build(demo_clinic, "quill")
    with pytest.raises(ClinicError, match="already on claim 2026-0001"), demo_clinic.write("Again") as s:
        claims.build(s, plans, today=TODAY)
    with pytest.raises(IntegrityError), demo_clinic.write("Around the rule") as s:
        s.execute(
            text("INSERT INTO claim_line SELECT NULL, claim_id, position + 9, service_line_id, 1 FROM claim_line")
        )
    with demo_clinic.read() as s:
        assert claims.count(s) == 1


def test_a_plan_that_is_no_longer_true_is_refused(demo_clinic: ClinicFile) -> None:
    (plan,) = _plans(demo_clinic, "quill")
    for changed in ({"client_id": 1}, {"provider_id": 1}, {"referral_id": None}, {"line_ids": (*plan.line_ids, 999)}):
        with pytest.raises(ClinicError, match="changed meanwhile"), demo_clinic.write("Build") as s:
            claims.build(s, [dataclasses.replace(plan, **changed)], today=TODAY)  # type: ignore[arg-type]
    for broken in ([plan, plan], [dataclasses.replace(plan, line_ids=())]):
        with pytest.raises(ValueError, match="plan"), demo_clinic.write("Build") as s:
            claims.build(s, broken, today=TODAY)
    with demo_clinic.write("Build") as s:
        assert claims.build(s, [], today=TODAY) == []
        assert practice.practice(s).next_claim == 1


def test_an_issued_claim_never_changes(issued: tuple[ClinicFile, Claim]) -> None:
    clinic, claim = issued
    assert (claim.status, claim.issued, claim.layout) == (ClaimStatus.PRINTED, TODAY, "cms1500-0212")
    changes = [
        f"UPDATE claim SET {column} = {value}"
        for column, value in {
            "number": "'1'", "pages": "'[]'", "layout": "'x'", "issued": "NULL", "client_id": 1, "policy_id": 1,
            "provider_id": 1, "original_reference": "'x'", "built": "NULL", "referral_id": "NULL",
        }.items()
    ]  # fmt: skip
    changes += [
        "DELETE FROM claim_line", "DELETE FROM claim", "UPDATE claim_line SET position = position + 9",
        "UPDATE claim_line SET service_line_id = 1", "INSERT INTO claim_line VALUES (NULL, 1, 9, 1, 1)",
    ]  # fmt: skip
    for change in changes:
        with pytest.raises(IntegrityError, match="issued claim cannot be"), clinic.write("Change") as s:
            s.execute(text(change))
    with pytest.raises(UserError), clinic.write("Issue") as s:
        claims.issue(s, claim.id or 0, pages="{}", layout="other", today=dt.date(2027, 1, 1))
    with clinic.read() as s:
        assert claims.claim(s, claim.id or 0) == claim


def test_nothing_is_issued_without_pages(demo_clinic: ClinicFile) -> None:
    (claim,) = _build(demo_clinic, "quill")
    for pages, layout in (("", "x"), ("[]", "")):
        with pytest.raises(ValueError, match="pages"), demo_clinic.write("Issue") as s:
            claims.issue(s, claim.id or 0, pages=pages, layout=layout, today=TODAY)


def test_an_issued_claim_stays_ready_until_the_paper_is_right(demo_clinic: ClinicFile) -> None:
    (claim,) = _build(demo_clinic, "quill")
    claim_id = claim.id or 0
    pages = '{"pages": [{}]}'
    with demo_clinic.write("Issue") as s:
        kept = claims.issue(s, claim_id, pages=pages, layout="cms1500-0212", today=TODAY, status=ClaimStatus.READY)
    assert (kept.status, kept.issued, kept.pages) == (ClaimStatus.READY, TODAY, pages)
    with pytest.raises(UserError), demo_clinic.write("Change") as s:
        claims.set_status(s, claim_id, ClaimStatus.DRAFT, on=TODAY)
    with pytest.raises(UserError), demo_clinic.write("Change") as s:
        claims.issue(s, claim_id, pages="{}", layout="other", today=TODAY)
    with demo_clinic.write("Seen") as s:
        assert claims.set_status(s, claim_id, ClaimStatus.PRINTED, on=TODAY) == dataclasses.replace(
            kept, status=ClaimStatus.PRINTED
        )


def test_status_moves_as_the_rules_say(demo_clinic: ClinicFile) -> None:
    (claim,) = _build(demo_clinic, "quill")
    claim_id = claim.id or 0
    with demo_clinic.write("Ready") as s:
        assert claims.set_status(s, claim_id, ClaimStatus.READY, on=TODAY).status is ClaimStatus.READY
        with pytest.raises(ClinicError, match="not been issued"):
            claims.set_status(s, claim_id, ClaimStatus.PRINTED, on=TODAY)
        with pytest.raises(UserError, match="Only a printed claim"):
            claims.set_status(s, claim_id, ClaimStatus.MAILED, on=TODAY)
    _issue(demo_clinic, claim)
    with demo_clinic.write("Mail") as s:
        assert claims.set_status(s, claim_id, ClaimStatus.MAILED, on=TODAY).status is ClaimStatus.MAILED
        assert claims.set_note(s, claim_id, "by certified mail").note == "by certified mail"
    demo_clinic.undo()
    with demo_clinic.write("Void", undoable=False) as s:
        assert claims.claim(s, claim_id).status is ClaimStatus.PRINTED
        assert claims.set_status(s, claim_id, ClaimStatus.VOID, on=TODAY).status is ClaimStatus.VOID
        with pytest.raises(UserError, match="stays void"):
            claims.set_status(s, claim_id, ClaimStatus.MAILED, on=TODAY)


def test_void_frees_the_lines_and_keeps_the_pages(issued: tuple[ClinicFile, Claim]) -> None:
    clinic, claim = issued
    with clinic.write("Void", undoable=False) as s:
        void = claims.void(s, claim.id or 0, on=TODAY)
    assert void == dataclasses.replace(claim, status=ClaimStatus.VOID, status_on=TODAY)
    with pytest.raises(IntegrityError, match="issued claim"), clinic.write("Revive") as s:
        s.execute(text("UPDATE claim_line SET live = 1"))
    (again,) = _build(clinic, "quill")
    assert (again.number, again.line_ids) == ("2026-0002", claim.line_ids)


def test_replace_carries_item_22(issued: tuple[ClinicFile, Claim]) -> None:
    clinic, claim = issued
    with clinic.write("Replace", undoable=False) as s:
        new = claims.replace(s, claim.id or 0, code="7", reference="ICN 1", today=dt.date(2026, 12, 1))
        assert claims.claim(s, claim.id or 0) == dataclasses.replace(
            claim, status=ClaimStatus.CORRECTED, status_on=dt.date(2026, 12, 1)
        )
        assert claims.history(s, claim.id or 0)[-1].note == "Claim 2026-0002 takes its place."
    assert new == dataclasses.replace(
        claim, id=new.id, number="2026-0002", status=ClaimStatus.DRAFT, built=dt.date(2026, 12, 1), issued=None,
        layout="", pages="", resubmission_code="7", original_reference="ICN 1", replaces_id=claim.id,
        status_on=dt.date(2026, 12, 1),
    )  # fmt: skip
    with clinic.write("Replace", undoable=False) as s:
        for claim_id, code in ((claim.id, "7"), (new.id, "8"), (new.id, "1")):
            with pytest.raises(UserError):
                claims.replace(s, claim_id or 0, code=code, reference="", today=TODAY)
        assert visits.unbilled(s, claim.client_id) == []
        assert claims.count(s) == 2


def test_a_claim_sent_back_unread_is_sent_again_as_new(issued: tuple[ClinicFile, Claim]) -> None:
    clinic, claim = issued
    claim_id = claim.id or 0
    with clinic.write("Answer", undoable=False) as s:
        with pytest.raises(InputError):
            claims.replace(s, claim_id, code="", reference="", today=TODAY)
        for status in (ClaimStatus.MAILED, ClaimStatus.REJECTED):
            claims.set_status(s, claim_id, status, on=TODAY)
        new = claims.replace(s, claim_id, code="", reference="kept out", today=TODAY)
    assert (new.resubmission_code, new.original_reference, new.line_ids) == ("", "", claim.line_ids)
    assert (new.status, new.replaces_id) == (ClaimStatus.DRAFT, claim_id)


def test_a_status_from_a_day_to_come_stops_nobody(issued: tuple[ClinicFile, Claim]) -> None:
    """The clock was wrong when it was set."""
    clinic, claim = issued
    with clinic.write("Mail") as s:
        claims.set_status(s, claim.id or 0, ClaimStatus.MAILED, on=TODAY + dt.timedelta(days=3650))
        back = claims.set_status(s, claim.id or 0, ClaimStatus.RECEIVED, on=TODAY, today=TODAY)
    assert back.status_on == TODAY


def test_the_history_of_a_claim_has_every_step(issued: tuple[ClinicFile, Claim]) -> None:
    clinic, claim = issued
    claim_id, later, due = claim.id or 0, TODAY + dt.timedelta(days=3), TODAY + dt.timedelta(days=24)
    with clinic.write("Mail") as s:
        mailed = claims.set_status(
            s, claim_id, ClaimStatus.MAILED, on=later, note="certified", next_action="Call the payer", next_on=due
        )
        assert (mailed.status_on, mailed.next_action, mailed.next_on) == (later, "Call the payer", due)
        noted = claims.note_event(s, claim_id, "No answer yet", on=later)
        assert (noted.status, noted.next_action, noted.next_on) == (ClaimStatus.MAILED, "Call the payer", due)
        claims.note_event(s, claim_id, "Ask again", on=later, next_action="Call again", next_on=due)
        with pytest.raises(InputError, match=f"{later:%m/%d/%Y}"):
            claims.set_status(s, claim_id, ClaimStatus.PAID, on=TODAY, today=later)
        with pytest.raises(ClinicError, match="no corrected claim"):
            claims.set_status(s, claim_id, ClaimStatus.CORRECTED, on=later)
        assert claims.set_status(s, claim_id, ClaimStatus.PAID, on=due).next_action == ""
    with clinic.read() as s:
        steps = claims.history(s, claim_id)
    assert [(step.status.value, step.on, step.note, step.next_action) for step in steps] == [
        ("draft", TODAY, "", ""), ("printed", TODAY, "", ""), ("mailed", later, "certified", "Call the payer"),
        ("mailed", later, "No answer yet", "Call the payer"), ("mailed", later, "Ask again", "Call again"),
        ("paid", due, "", ""),
    ]  # fmt: skip
    assert {step.user for step in steps} == {"owner"}
    clinic.undo()
    with clinic.read() as s:
        assert claims.claim(s, claim_id) == claim
        assert len(claims.history(s, claim_id)) == 2


def test_a_session_on_a_live_claim_keeps_its_lines(issued: tuple[ClinicFile, Claim]) -> None:
    clinic, claim = issued
    with clinic.read() as s:
        visit = visits.visits_of(s, claim.client_id)[0]
    with clinic.write("Correct") as s:
        kept = visits.save_visit(s, dataclasses.replace(visit, note="late", paid=100))
        assert kept.note == "late"
    for act in (lambda s: visits.save_visit(s, dataclasses.replace(visit, lines=())),
                lambda s: visits.remove_visit(s, visit.id or 0)):  # fmt: skip
        with pytest.raises(ClinicError, match="on claim 2026-0001"), clinic.write("Drop") as s:
            act(s)
    with clinic.write("Void", undoable=False) as s:
        claims.void(s, claim.id or 0, on=TODAY)
    with clinic.write("Drop") as s:
        visits.remove_visit(s, visit.id or 0)
        after = claims.claim(s, claim.id or 0)
    assert (after.pages, len(after.line_ids)) == (claim.pages, len(claim.line_ids) - 1)
    assert clinic.undo_label == "Drop"
    with pytest.raises(ClinicError, match="cannot be undone"):
        clinic.undo()


def test_claims_in_a_list(demo_clinic: ClinicFile) -> None:
    built = _build(demo_clinic)
    _issue(demo_clinic, built[2])
    with demo_clinic.read() as s:
        found = claims.lines(s)
        assert [line.number for line in found] == [claim.number for claim in reversed(built)]
        (line,) = claims.lines(s, text="quill")
        sessions = visits.visits_of(s, built[2].client_id)
        assert (line.client, line.payer) == ("Quill, Torvald", "Evergreen State Fund")
        assert line.charge == sum(item.charge for visit in sessions for item in visit.lines) > 0
        assert (line.first, line.last) == (sessions[0].date, sessions[-1].date)
        assert claims.lines(s, text="2026-0003") == claims.lines(s, status=ClaimStatus.PRINTED) == [line]
        assert claims.lines(s, limit=1, offset=2) == [line]
        assert claims.lines(s, text="2026_0003") == claims.lines(s, text="%") == []
        assert claims.count(s) == 5
        assert claims.count(s, text="quill", status=ClaimStatus.DRAFT) == 0


# Bundles


def test_a_bundle_holds_all_that_a_page_needs(demo_clinic: ClinicFile) -> None:
    built = _build(demo_clinic)
    with demo_clinic.read() as s:
        ids = [claim.id or 0 for claim in reversed(built)]
        found = claims.bundles(s, ids)
        assert [bundle.claim for bundle in found] == list(reversed(built))
        for bundle in found:
            claim = bundle.claim
            assert bundle.practice == practice.practice(s)
            assert bundle.client == clients.client(s, claim.client_id)
            assert bundle.policy == clients.policy(s, claim.policy_id)
            assert bundle.payer == payers.payer(s, bundle.policy.payer_id)
            assert bundle.provider == practice.provider(s, claim.provider_id)
            assert bundle.case == (clients.case(s, claim.case_id) if claim.case_id else None)
            assert bundle.referral == (clients.referral(s, claim.referral_id) if claim.referral_id else None)
            assert (bundle.authorization and bundle.authorization.id) == claim.authorization_id
            lines = [line.id for visit in bundle.visits for line in visit.lines]
            assert set(claim.line_ids) <= set(lines)
            assert bundle.visits == tuple(visits.visits(s, [visit.id or 0 for visit in bundle.visits]))
        assert claims.bundles(s, []) == []
        assert claims.bundles(s, [ids[0], ids[0]])[1] == found[0]
        with pytest.raises(ClinicError, match="no longer there"):
            claims.bundles(s, [ids[0], 999])


def test_the_secondary_policy_is_the_one_in_force(demo_clinic: ClinicFile) -> None:
    (claim,) = _build(demo_clinic, "holt")
    with demo_clinic.read() as s:
        first = min(visit.date for visit in visits.visits_of(s, claim.client_id) if visit.date)
    for valid_from, valid_to, expected in (
        (None, None, True), (first, first, True), (first + dt.timedelta(1), None, False),
        (None, first - dt.timedelta(1), False),
    ):  # fmt: skip
        with demo_clinic.write("Change") as s:
            secondary = next(p for p in clients.policies(s, claim.client_id) if p.rank is Rank.SECONDARY)
            clients.save_policy(s, dataclasses.replace(secondary, valid_from=valid_from, valid_to=valid_to))
            (bundle,) = claims.bundles(s, [claim.id or 0])
            assert (bundle.visits[0].date, bundle.secondary is not None) == (first, expected), valid_from
            assert (bundle.secondary_payer is not None) == expected
    with demo_clinic.write("Another of the same rank") as s:
        clients.save_policy(s, Policy(client_id=claim.client_id, payer_id=1))
        (bundle,) = claims.bundles(s, [claim.id or 0])
        assert bundle.secondary is None


def test_any_number_of_bundles_takes_the_same_number_of_selects(demo_clinic: ClinicFile) -> None:
    built = _build(demo_clinic)
    counts = []
    with demo_clinic.read() as s:
        statements: list[str] = []
        event.listen(s.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2]))
        for wanted in (built[:1], built):
            statements.clear()
            claims.bundles(s, [claim.id or 0 for claim in wanted])
            counts.append(len(statements))
    assert counts[1] <= 17
    assert counts[1] - counts[0] <= 2  # one claim need not have a case or an authorization


# Superbills


@pytest.fixture
def sessions(demo_clinic: ClinicFile) -> tuple[ClinicFile, int, list[Visit]]:
    """Trần's four sessions."""
    with demo_clinic.read() as s:
        client_id = clients.find(s, "tran")[0].id
        return demo_clinic, client_id, visits.visits_of(s, client_id)


def _make(clinic: ClinicFile, client_id: int, some: list[Visit], replaces_id: int | None = None) -> Superbill:
    with clinic.write("Make", undoable=False) as s:
        bill = superbills.make(s, client_id, [visit.id or 0 for visit in some], today=TODAY, replaces_id=replaces_id)
        return superbills.freeze(s, bill.id or 0, '{"frozen": true}')


def test_superbills_are_numbered_and_versioned(sessions: tuple[ClinicFile, int, list[Visit]]) -> None:
    clinic, client_id, some = sessions
    first = _make(clinic, client_id, some[2:])
    other = _make(clinic, client_id, some[:1])
    newer = _make(clinic, client_id, some, replaces_id=first.id)
    assert [(bill.number, bill.version) for bill in (first, other, newer)] == [
        ("S2026-0001", 1), ("S2026-0002", 1), ("S2026-0001", 2),
    ]  # fmt: skip
    assert first.visit_ids == tuple(visit.id for visit in some[2:])
    with clinic.read() as s:
        assert superbills.by_number(s, "S2026-0001") == newer
        assert superbills.superbill(s, first.id or 0) == first
        assert superbills.superbills_of(s, client_id) == [newer, other, first]
        assert superbills.bundle(s, newer).replaces == first
        lines = superbills.lines(s, text="tran")
        assert [(line.number, line.version, line.visits) for line in lines] == [
            ("S2026-0001", 2, 4), ("S2026-0002", 1, 1), ("S2026-0001", 1, 2),
        ]  # fmt: skip
        assert superbills.lines(s, text="s2026-0002") == superbills.lines(s, limit=1, offset=1) == lines[1:2]
        assert superbills.lines(s, client_id=1) == superbills.lines(s, text="_") == []
        with pytest.raises(InputError, match="no superbill"):
            superbills.by_number(s, "S1")


def test_a_superbill_bundle_holds_all(sessions: tuple[ClinicFile, int, list[Visit]]) -> None:
    clinic, client_id, some = sessions
    bill = _make(clinic, client_id, some)
    with clinic.read() as s:
        bundle = superbills.bundle(s, bill)
        assert bundle.visits == tuple(some)
        assert bundle.client == clients.client(s, client_id)
        assert bundle.practice == practice.practice(s)
        assert list(bundle.providers) == [practice.provider(s, some[0].provider_id)]
        assert list(bundle.policies) == clients.policies(s, client_id)
        assert [payer.name for payer in bundle.payers] == ["Bluebird Health Plan"]
        assert list(bundle.referrals) == clients.referrals(s, client_id)
        assert (bundle.cases, bundle.authorizations, bundle.replaces) == ((), (), None)
        assert list(bundle.fees) == payers.fee_schedules(s)


def test_an_issued_superbill_never_changes(sessions: tuple[ClinicFile, int, list[Visit]]) -> None:
    clinic, client_id, some = sessions
    bill = _make(clinic, client_id, some)
    with pytest.raises(ClinicError, match="already issued"), clinic.write("Freeze") as s:
        superbills.freeze(s, bill.id or 0, "{}")
    for change in (
        "UPDATE superbill SET document = '{}'",
        "UPDATE superbill SET number = '1'",
        "DELETE FROM superbill",
    ):
        with pytest.raises(IntegrityError), clinic.write("Change") as s:
            s.execute(text(change))


def test_what_cannot_be_on_a_superbill(sessions: tuple[ClinicFile, int, list[Visit]]) -> None:
    clinic, client_id, some = sessions
    with clinic.write("Cancel") as s:
        visits.save_visit(s, dataclasses.replace(some[0], status=VisitStatus.NO_SHOW))
    for client, ids in ((client_id, [some[0].id]), (client_id, [1]), (client_id, [999]), (1, [some[1].id]),
                        (client_id, []), (client_id, [some[1].id] * 2)):  # fmt: skip
        with pytest.raises(InputError), clinic.write("Make") as s:
            superbills.make(s, client, [visit_id or 0 for visit_id in ids], today=TODAY)
    first = _make(clinic, client_id, some[1:])
    _make(clinic, client_id, some[1:], replaces_id=first.id)
    with pytest.raises(ClinicError, match="cannot be replaced"):
        _make(clinic, client_id, some[1:], replaces_id=first.id)
    with pytest.raises(ValueError, match="document"), clinic.write("Freeze") as s:
        superbills.freeze(s, superbills.make(s, client_id, [some[1].id or 0], today=TODAY).id or 0, "")
    with clinic.read() as s:
        assert practice.practice(s).next_superbill == 2
