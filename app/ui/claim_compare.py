"""A claim against the last one that its payer paid: which boxes differ, as they are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app import paperwork
from app.billing.records import ClaimBundle
from app.store import claim_lists, claims
from app.ui.desk import Desk
from app.ui.form_sheet import Sheet, Stop


@dataclass(frozen=True)
class Difference:
    """A box, and what stands in it on the paid claim and on this one."""

    stop: Stop
    then: str
    now: str

    @property
    def one_is_blank(self) -> bool:
        """Filled on one of the two only: what a payer misses or does not want shows here first."""
        return not (self.then and self.now)


@dataclass(frozen=True)
class Paid:
    """The last paid claim of the payer, on paper."""

    bundle: ClaimBundle
    paper: paperwork.Sheet


def last_paid(desk: Desk, bundle: ClaimBundle) -> Paid | None:
    """The claim that the same payer paid last, besides this one; None where none was paid yet."""
    with desk.read() as s:
        found = claim_lists.last_paid(s, bundle.payer.id or 0, besides=bundle.claim.id)
        if found is None:
            return None
        (other,) = claims.bundles(s, [found])
    return Paid(other, paperwork.sheet(other, today=desk.today()))


def differences(stops: Sequence[Stop], now: Sheet, paid: Paid, page: int) -> list[Difference]:
    """The boxes of one page that differ, those that are blank on one of the two first. A page that the paid claim did
    not have is compared with its last one."""
    then = Sheet(paid.paper.marks[min(page, len(paid.paper.marks) - 1)])
    found = [Difference(stop, then.text(stop), now.text(stop)) for stop in stops]
    differ = [each for each in found if each.then != each.now]
    return sorted(differ, key=lambda each: not each.one_is_blank)
