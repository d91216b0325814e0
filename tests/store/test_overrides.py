"""Values by hand and waivers: always with a reason and a name, and fixed once the claim is issued."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from app.billing import claims as rules
from app.billing.benefits import Answer, Verification
from app.billing.records import Claim, Override, Payer, PayerAddress, Purpose
from app.errors import ClinicError, InputError
from app.store import claims, clients, convert, overrides, payers, visits
from app.store.clinic import ClinicFile
from tests.store.conftest import TODAY


@pytest.fixture
def built(demo_clinic: ClinicFile) -> tuple[ClinicFile, Claim]:
    """The demo clinic with the drafts of all its sessions, and Quill's."""
    with demo_clinic.write("Build") as s:
        policies = [policy for line in clients.find(s) for policy in clients.policies(s, line.id)]
        made = claims.build(s, rules.plan(visits.unbilled(s), policies, payers.payers(s)), today=TODAY)
        quill = clients.find(s, "quill")[0].id
    return demo_clinic, next(claim for claim in made if claim.client_id == quill)


def issue(clinic: ClinicFile, claim: Claim) -> None:
    with clinic.write("Issue", undoable=False) as s:
        claims.issue(s, claim.id or 0, pages='{"pages": [{}]}', layout="cms1500-0212", today=TODAY)


def payer_id(clinic: ClinicFile, claim: Claim) -> int:
    with clinic.read() as s:
        return clients.policy(s, claim.policy_id).payer_id


def test_a_value_is_kept_with_its_reason_and_replaced_in_place(built: tuple[ClinicFile, Claim]) -> None:
    clinic, claim = built
    with clinic.write("By hand") as s:
        first = overrides.override(s, claim.id or 0, "19", '"A"', "  They ask for it ", today=TODAY)
    assert first == Override(
        id=first.id, claim_id=claim.id, key="19", value='"A"', reason="They ask for it", made_on=TODAY, user="owner"
    )
    with clinic.write("By hand") as s:
        second = overrides.override(s, claim.id or 0, "19", '"B"', "Another one", today=TODAY)
        overrides.override(s, claim.id or 0, "10d", "null", "Blank", today=TODAY)
    assert second.id == first.id
    with clinic.read() as s:
        assert [kept.value for kept in overrides.of_claim(s, claim.id or 0)] == ['"B"', "null"]
    clinic.undo()
    clinic.undo()
    with clinic.read() as s:
        assert overrides.of_claim(s, claim.id or 0) == []


def test_a_payers_value_comes_with_all_its_claims_and_before_the_claims_own(built: tuple[ClinicFile, Claim]) -> None:
    clinic, claim = built
    payer = payer_id(clinic, claim)
    with clinic.write("By hand") as s:
        own = overrides.override(s, claim.id or 0, "19", '"A"', "So", today=TODAY)
        all_of_payer = overrides.override_for_payer(s, payer, "19", '"P"', "They ask", today=TODAY)
        again = overrides.override_for_payer(s, payer, "19", '"Q"', "They ask", today=TODAY)
        passed = overrides.waive(s, claim.id or 0, "a.b", "So", today=TODAY, item="19", record="claim:1")
    assert again.id == all_of_payer.id
    with clinic.read() as s:
        found = claims.bundles(s, [line.id for line in claims.lines(s)])
        assert overrides.of_payer(s, payer) == [again]
    for bundle in found:
        mine = bundle.claim.id == claim.id
        assert bundle.overrides == (*((again,) if bundle.payer.id == payer else ()), *((own,) if mine else ()))
        assert bundle.waivers == ((passed,) if mine else ())


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_nothing_without_a_reason(built: tuple[ClinicFile, Claim], reason: str) -> None:
    clinic, claim = built
    for decide in (
        lambda s: overrides.override(s, claim.id or 0, "19", '"A"', reason, today=TODAY),
        lambda s: overrides.override_for_payer(s, 1, "19", '"A"', reason, today=TODAY),
        lambda s: overrides.waive(s, claim.id or 0, "a.b", reason, today=TODAY),
    ):
        with pytest.raises(InputError, match="no reason"), clinic.write("Try") as s:
            decide(s)
    with clinic.read() as s:
        assert convert.load(s, Override) == []


def test_waivers_are_of_one_problem_each_and_can_be_taken_back(built: tuple[ClinicFile, Claim]) -> None:
    clinic, claim = built
    with clinic.write("Waive") as s:
        first = overrides.waive(s, claim.id or 0, "a.b", "Once", today=TODAY, item="17b", record="referral:1")
        other = overrides.waive(s, claim.id or 0, "a.b", "Once", today=TODAY, item="17b", record="referral:2")
        again = overrides.waive(s, claim.id or 0, "a.b", "Twice", today=TODAY, item="17b", record="referral:1")
    assert again == replace(first, reason="Twice") and again.user == "owner"
    with clinic.write("Take back") as s:
        assert overrides.waivers(s, claim.id or 0) == [again, other]
        overrides.drop_waiver(s, other.id or 0)
        assert overrides.waivers(s, claim.id or 0) == [again]
    with pytest.raises(ClinicError, match="no longer there"), clinic.write("Take back") as s:
        overrides.drop_waiver(s, other.id or 0)


def test_what_stands_on_an_issued_claim_stays(built: tuple[ClinicFile, Claim]) -> None:
    clinic, claim = built
    with clinic.write("By hand") as s:
        kept = overrides.override(s, claim.id or 0, "19", '"A"', "So", today=TODAY)
        passed = overrides.waive(s, claim.id or 0, "a.b", "So", today=TODAY)
        others = overrides.override_for_payer(s, payer_id(clinic, claim), "19", '"P"', "So", today=TODAY)
    issue(clinic, claim)
    for change in (
        lambda s: overrides.override(s, claim.id or 0, "19", '"B"', "So", today=TODAY),
        lambda s: overrides.drop_override(s, kept.id or 0),
        lambda s: overrides.waive(s, claim.id or 0, "c.d", "So", today=TODAY),
        lambda s: overrides.drop_waiver(s, passed.id or 0),
    ):
        with pytest.raises(ClinicError, match="issued"), clinic.write("Try") as s:
            change(s)
    for past_the_rules in (
        lambda s: convert.keep(s, replace(kept, value='"B"')),
        lambda s: convert.keep(s, replace(kept, id=None, key="10d")),
        lambda s: convert.keep(s, replace(passed, reason="Other")),
        lambda s: convert.keep(s, replace(passed, id=None, code="c.d")),
    ):
        with pytest.raises(IntegrityError), clinic.write("Try") as s:
            past_the_rules(s)
    for record in (kept, passed):
        with pytest.raises(ClinicError, match="cannot be deleted"), clinic.write("Try") as s:
            convert.remove(s, type(record), [record.id or 0])
    with clinic.write("Take back") as s:
        overrides.drop_override(s, others.id or 0)
        assert overrides.of_claim(s, claim.id or 0) == [kept]
        assert overrides.waivers(s, claim.id or 0) == [passed]


def test_a_correction_has_the_values_but_not_the_waivers(built: tuple[ClinicFile, Claim]) -> None:
    clinic, claim = built
    with clinic.write("By hand") as s:
        kept = overrides.override(s, claim.id or 0, "19", '"A"', "So", today=TODAY)
        overrides.waive(s, claim.id or 0, "a.b", "So", today=TODAY)
    issue(clinic, claim)
    with clinic.write("Correct", undoable=False) as s:
        new = claims.replace(s, claim.id or 0, code="7", reference="88", today=TODAY)
        (copied,) = overrides.of_claim(s, new.id or 0)
        assert overrides.waivers(s, new.id or 0) == []
    assert copied == replace(kept, id=copied.id, claim_id=new.id)


def test_an_override_has_one_owner(built: tuple[ClinicFile, Claim]) -> None:
    clinic, claim = built
    for owners in ({}, {"claim_id": claim.id, "payer_id": payer_id(clinic, claim)}):
        with pytest.raises(IntegrityError), clinic.write("Try") as s:
            convert.keep(s, Override(key="19", reason="So", **owners))


def test_payers_keep_their_addresses_and_go_with_what_is_theirs(clinic: ClinicFile) -> None:
    claims_box = PayerAddress(street="PO Box 1", city="Salem", state="OR", zip_code="97301")
    appeals = PayerAddress(purpose=Purpose.APPEALS, name="Appeals Unit", street="2 Oak St")
    with clinic.write("Save") as s:
        made = payers.save_payer(s, Payer(name="Bluebird", addresses=(claims_box, appeals), unit_rule=None))
        plain = payers.save_payer(s, Payer(name="Ash"))
        overrides.override_for_payer(s, made.id or 0, "19", '"P"', "They ask", today=TODAY)
    assert [replace(kept, id=None) for kept in made.addresses] == [claims_box, appeals]
    with clinic.write("Change") as s:
        assert payers.payers(s) == [plain, made]
        changed = payers.save_payer(s, replace(made, addresses=(made.addresses[1], replace(claims_box, city="Bend"))))
        assert [kept.purpose for kept in payers.payer(s, made.id or 0).addresses] == ["appeals", "claims"]
        assert changed.addresses[0] == made.addresses[1]
    with clinic.write("Delete") as s:
        payers.remove_payer(s, made.id or 0)
        assert payers.payers(s) == [plain]
        assert convert.load(s, PayerAddress) == convert.load(s, Override) == []
    clinic.undo()
    with clinic.read() as s:
        assert payers.payer(s, made.id or 0) == changed


def test_calls_about_benefits(demo_clinic: ClinicFile) -> None:
    with demo_clinic.write("Save") as s:
        client_id = clients.find(s, "quill")[0].id
        policy_id = clients.policies(s, client_id)[0].id or 0
        blank = Verification(client_id=client_id, policy_id=policy_id)
        undated = clients.save_verification(s, blank)
        told = clients.save_verification(
            s,
            replace(blank, called_on=TODAY, covers_massage=Answer.YES, kinds=("97140",), deductible=50000, copay=None),
        )
    with demo_clinic.write("Change") as s:
        assert clients.verifications(s, policy_id) == [told, undated]
        told = clients.save_verification(s, replace(told, deductible_met=0))
        assert clients.verification(s, told.id or 0) == told
        clients.remove_verification(s, undated.id or 0)
        assert clients.verifications(s, policy_id) == [told]
        with pytest.raises(ClinicError, match="no longer there"):
            clients.verification(s, undated.id or 0)
    with pytest.raises(ClinicError, match="cannot be deleted"), demo_clinic.write("Delete") as s:
        clients.remove_policy(s, policy_id)
