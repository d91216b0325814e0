"""Superbills sort by each heading, both ways; the newest first among equals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from app.billing.records import VisitStatus
from app.store import clients, superbills, visits
from app.store.clinic import ClinicFile
from app.store.superbills import SuperbillLine

TODAY = dt.date(2026, 11, 18)
KEYS: Mapping[str, Callable[[SuperbillLine], Any]] = {
    "number": lambda line: line.number,
    "client": lambda line: line.client,
    "sessions": lambda line: line.visits,
    "version": lambda line: line.version,
    "made": lambda line: line.issued,
}


@pytest.fixture
def lines(demo_clinic: ClinicFile) -> list[SuperbillLine]:
    """Superbills of several clients, some corrected, with many equals."""
    with demo_clinic.write("made up", undoable=False) as s:
        for number, person in enumerate(clients.find(s, limit=5)):
            done = [v.id or 0 for v in visits.visits_of(s, person.id) if v.status is VisitStatus.DONE]
            day = TODAY - dt.timedelta(days=number % 3)
            bill = superbills.make(s, person.id, done[: 1 + number % 2], today=day)
            superbills.make(s, person.id, done[-1:], today=TODAY)
            if number % 2:
                superbills.make(s, person.id, done[:1], today=TODAY, replaces_id=bill.id)
        return superbills.lines(s)


@pytest.mark.parametrize("order", sorted(superbills.ORDERS))
@pytest.mark.parametrize("sign", ["", "-"])
def test_each_order_both_ways(demo_clinic: ClinicFile, lines: list[SuperbillLine], order: str, sign: str) -> None:
    assert len(lines) == 12 and [line.id for line in lines] == sorted((line.id for line in lines), reverse=True)
    assert len({KEYS[order](line) for line in lines}) > 1
    wanted = sorted(lines, key=KEYS[order], reverse=bool(sign))
    if sign:  # equals stay in the order of the list, which `reverse` keeps
        assert sorted(lines, key=KEYS[order]) != wanted
    with demo_clinic.read() as s:
        assert superbills.lines(s, order=sign + order) == wanted
        pages = [superbills.lines(s, order=sign + order, limit=5, offset=at) for at in (0, 5, 10)]
    assert [line for page in pages for line in page] == wanted


def test_there_is_no_other_order(demo_clinic: ClinicFile) -> None:
    with demo_clinic.read() as s, pytest.raises(KeyError):
        superbills.lines(s, order="colour")
