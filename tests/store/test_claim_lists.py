"""Claims in lists: which, in which order, how many and how much; and what a payer did before."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from app import paperwork
from app.billing.follow_up import STAGES, Stage
from app.billing.records import Claim, ClaimStatus, KeptFilter, TypedForm
from app.errors import ClinicError, InputError
from app.store import claim_lists, claims, kept_filters, payers, practice, typed_forms
from app.store.claim_lists import ORDERS, Due, Sum
from app.store.clinic import ClinicFile
from tests.store.conftest import TODAY

DAY = dt.timedelta(days=1)


@pytest.fixture
def built(demo_clinic: ClinicFile) -> list[Claim]:
    """Claims of the demo: the first mailed 40 days ago, the second denied, the third paid, the others drafts."""
    made = paperwork.build_claims(demo_clinic, today=TODAY - 50 * DAY)
    with demo_clinic.write("Live") as s:
        for claim, answer in zip(made, (None, ClaimStatus.DENIED, ClaimStatus.PAID), strict=False):
            pages = '{"pages": [{}], "date_digits": "6"}'
            claims.issue(s, claim.id or 0, pages=pages, layout="cms1500-0212", today=TODAY - 45 * DAY)
            claims.set_status(s, claim.id or 0, ClaimStatus.MAILED, on=TODAY - 40 * DAY, next_action="Ask",
                              next_on=TODAY)  # fmt: skip
            if answer:
                claims.set_status(s, claim.id or 0, answer, on=TODAY - 3 * DAY)
    return made


def numbers(clinic: ClinicFile, **chosen: object) -> list[str]:
    with clinic.read() as s:
        return [line.number for line in claim_lists.lines(s, **chosen)]  # type: ignore[arg-type]


def test_filters_choose(demo_clinic: ClinicFile, built: list[Claim]) -> None:
    mailed, denied, paid = (claim.number for claim in built[:3])
    assert numbers(demo_clinic, statuses=STAGES[Stage.WITH_PAYER]) == [mailed]
    assert numbers(demo_clinic, statuses=STAGES[Stage.ANSWERED]) == [paid, denied]
    assert numbers(demo_clinic, due=Due.ACTION, today=TODAY) == [mailed]
    assert numbers(demo_clinic, due=Due.ACTION, today=TODAY - DAY) == []
    assert numbers(demo_clinic, due=Due.WAITING, today=TODAY) == [mailed]
    assert numbers(demo_clinic, due=Due.WAITING, today=TODAY - 11 * DAY) == []
    with demo_clinic.read() as s:
        lines = claim_lists.lines(s)
        all_payers, all_providers = payers.payers(s), practice.providers(s)
        of_payers = {p.name: claim_lists.lines(s, payer_id=p.id) for p in all_payers}
        of_providers = [claim_lists.count(s, provider_id=p.id) for p in all_providers]
    assert {name for name, found in of_payers.items() if {line.payer for line in found} == {name}} == {
        line.payer for line in lines
    }
    assert sum(map(len, of_payers.values())) == sum(of_providers) == len(built)


def test_a_limit_for_filing_is_near_until_it_is_mailed(demo_clinic: ClinicFile, built: list[Claim]) -> None:
    with demo_clinic.read() as s:
        line = next(line for line in claim_lists.lines(s, status=ClaimStatus.DRAFT))
        payer = next(p for p in payers.payers(s) if p.name == line.payer)
    assert line.first is not None
    with demo_clinic.write("Limit") as s:
        payers.save_payer(s, replace(payer, filing_days=(TODAY - line.first).days + 14))
    found = numbers(demo_clinic, due=Due.DEADLINE, today=TODAY)
    assert line.number in found and built[0].number not in found
    assert line.number not in numbers(demo_clinic, due=Due.DEADLINE, today=TODAY - DAY)
    with demo_clinic.read() as s:
        (again,) = claim_lists.lines(s, text=line.number)
        first = claim_lists.lines(s, statuses=STAGES[Stage.TO_FINISH], order="urgent")[0]
    assert again.limit == TODAY + 14 * DAY and first.limit is not None and first.limit <= again.limit


@pytest.mark.parametrize("order", sorted(ORDERS))
def test_every_order_goes_both_ways(demo_clinic: ClinicFile, built: list[Claim], order: str) -> None:
    up, down = numbers(demo_clinic, order=order), numbers(demo_clinic, order=f"-{order}")
    assert sorted(up) == sorted(down) == sorted(claim.number for claim in built)
    first, rest = numbers(demo_clinic, order=order, limit=2), numbers(demo_clinic, order=order, offset=2)
    assert first + rest == up


def test_orders_are_those_of_the_columns(demo_clinic: ClinicFile, built: list[Claim]) -> None:
    with demo_clinic.read() as s:
        for order, key in (
            ("client", lambda x: x.client), ("payer", lambda x: x.payer), ("charge", lambda x: x.charge),
            ("dates", lambda x: x.first), ("number", lambda x: x.number), ("since", lambda x: -x.days(TODAY)),
            ("by", lambda x: x.next_on or dt.date.max), ("status", lambda x: list(ClaimStatus).index(x.status)),
        ):  # fmt: skip
            found = [key(line) for line in claim_lists.lines(s, order=order)]
            assert found == sorted(found), order
    with pytest.raises(KeyError):
        numbers(demo_clinic, order="weather")


def test_stages_are_counted_and_summed(demo_clinic: ClinicFile, built: list[Claim]) -> None:
    with demo_clinic.read() as s:
        lines, found = claim_lists.lines(s), claim_lists.sums(s)
        (own,) = [line for line in lines if line.number == built[0].number]
        one = claim_lists.sums(s, text=built[0].number)
    assert found[Stage.WITH_PAYER] == Sum(1, own.charge) and found[Stage.ANSWERED].count == 2
    assert found[Stage.READY] == Sum() == found[Stage.DONE]
    assert sum(each.charge for each in found.values()) == sum(line.charge for line in lines)
    assert one[Stage.WITH_PAYER] == Sum(1, own.charge) and one[Stage.TO_FINISH] == Sum()


def test_a_line_knows_its_days_its_limit_and_what_comes_next(demo_clinic: ClinicFile, built: list[Claim]) -> None:
    with demo_clinic.read() as s:
        mailed, denied, paid, draft = (claim_lists.lines(s, text=claim.number)[0] for claim in built[:4])
    assert mailed.days(TODAY) == 40 and denied.days(TODAY) == 3 and draft.days(TODAY) == 50
    assert replace(mailed, status=ClaimStatus.IN_PROCESS).days(TODAY) == 45
    assert mailed.limit is None and replace(denied, appeal_days=15).limit == TODAY + 12 * DAY
    assert mailed.suggestion.on == TODAY - 19 * DAY and paid.suggestion.action == "Close it"
    assert replace(paid, status_on=None).suggestion.action == "" and replace(paid, status_on=None).limit is None


def test_what_a_payer_did_before(demo_clinic: ClinicFile, built: list[Claim]) -> None:
    paid = built[2]
    with demo_clinic.read() as s:
        (bundle,) = claims.bundles(s, [paid.id or 0])
        code = bundle.visits[0].lines[0].code
        payer_id = bundle.policy.payer_id
        found = claim_lists.answers(s, payer_id, {code})
        assert [(each.claim_id, each.status, each.code) for each in found] == [(paid.id, ClaimStatus.PAID, code)]
        assert claim_lists.answers(s, payer_id, {code}, besides=paid.id) == []
        assert claim_lists.answers(s, payer_id, {"99999"}) == []
        assert claim_lists.last_paid(s, payer_id) == paid.id
        assert claim_lists.last_paid(s, payer_id, besides=paid.id) is None
    with demo_clinic.write("Close") as s:
        claims.set_status(s, paid.id or 0, ClaimStatus.CLOSED, on=TODAY)
    with demo_clinic.read() as s:
        assert claim_lists.last_paid(s, payer_id) == paid.id


def test_filters_are_kept_by_name(clinic: ClinicFile) -> None:
    with clinic.write("Keep") as s:
        made = kept_filters.keep(s, KeptFilter(page="claims", name="  Auto   cases ", content='{"payer_id": 1}'))
        kept_filters.keep(s, KeptFilter(page="clients", name="Auto cases"))
        assert made.name == "Auto cases"
        renamed = kept_filters.keep(s, replace(made, name="Autos"))
        for name, word in (("", "no name"), ("x" * 41, "longer"), ("Autos", "has this name")):
            with pytest.raises(InputError, match=word):
                kept_filters.keep(s, KeptFilter(page="claims", name=name))
        assert kept_filters.kept_filters(s, "claims") == [renamed]
    with clinic.write("Drop") as s:
        kept_filters.drop(s, renamed.id or 0)
        assert kept_filters.kept_filters(s, "claims") == []
    clinic.undo()
    with clinic.read() as s:
        assert kept_filters.kept_filters(s, "claims") == [renamed]


def test_typed_forms_are_kept_copied_and_deleted(clinic: ClinicFile) -> None:
    with clinic.write("Type") as s:
        made = typed_forms.save(s, TypedForm(name="Quill", made=TODAY, printed=TODAY, pages='[{"2": "Q"}]'))
        copy = typed_forms.duplicate(s, made.id or 0, name="Quill 2", today=TODAY + DAY)
        assert (copy.printed, copy.made, copy.pages) == (None, TODAY + DAY, made.pages)
        assert typed_forms.typed_forms(s) == [copy, made] and typed_forms.typed_form(s, made.id or 0) == made
    with clinic.write("Drop") as s:
        typed_forms.drop(s, made.id or 0)
        assert typed_forms.typed_forms(s) == [copy]
        with pytest.raises(ClinicError):
            typed_forms.typed_form(s, made.id or 0)
    clinic.undo()
    with clinic.read() as s:
        assert typed_forms.typed_forms(s) == [copy, made]
