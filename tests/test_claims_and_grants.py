"""A claim is checked with all that the clinic knows of its client: other sessions, other authorizations."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from app import paperwork
from app.billing.problems import Severity
from app.store import claims, clients, demo, keys

TODAY = dt.date(2026, 11, 21)


def test_another_authorization_of_the_client_is_proposed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "STANDARD", keys.Cost(memory=8192, passes=1))
    with demo.make(tmp_path / "demo.clinic", today=TODAY) as clinic:
        built = [claim.id for claim in paperwork.build_claims(clinic, today=TODAY) if claim.id is not None]
        with clinic.read() as s:
            bundle = next(each for each in claims.bundles(s, built) if each.authorization is not None)
        used = bundle.authorization
        assert used is not None and used.valid_to is not None and bundle.claim.id is not None
        rival = replace(used, id=None, number="EARLIER-1", valid_to=used.valid_to - dt.timedelta(days=1))
        with clinic.write("Add") as s:
            clients.save_authorization(s, rival)
        found = paperwork.check_claims(clinic, [bundle.claim.id], today=TODAY)[bundle.claim.id]
    told = [problem for problem in found if problem.code.startswith("authorization.")]
    assert {problem.code for problem in told} >= {"authorization.another-first", "authorization.overlaps"}
    assert all(problem.severity is Severity.INFORM and "EARLIER-1" in problem.message for problem in told)
