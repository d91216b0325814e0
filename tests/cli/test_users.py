"""`users` and `audit`: people with roles, and what they did."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def word(tmp_path: Path) -> Path:
    path = tmp_path / "word.txt"
    path.write_text("seven brown umbrellas\n")
    return path


def _add(run: Run, clinic: Path, word: Path, name: str, role: str) -> None:
    answer = run("users", "add", name, "--role", role, "--new-password-file", word, "--clinic", clinic)
    assert answer.status == 0, answer.err


def test_people_come_change_and_leave(run: Run, clinic: Path, word: Path) -> None:
    _add(run, clinic, word, "ann", "front-desk")
    as_ann = ("--user", "ann", "--password-file", word)
    refused = run("export", "--clinic", clinic, *as_ann)
    assert refused.status == 2 and "The front desk may not export the clinic. Ask an owner." in refused.err
    assert run("users", "role", "ann", "--role", "owner", "--clinic", clinic).status == 0
    assert run("users", "list", "--clinic", clinic, "--json", *as_ann).json == [
        {"name": "ann", "full_name": "", "role": "owner", "password": True},
        {"name": "owner", "full_name": "", "role": "owner", "password": True},
    ]
    assert "Backups made before" in run("users", "archive", "ann", "--clinic", clinic).out
    assert "ann                 owner         (has no password)" in run("users", "list", "--clinic", clinic).out
    assert run("claims", "list", "--clinic", clinic, *as_ann).status == 2
    assert "needs an owner" in run("users", "archive", "owner", "--clinic", clinic).err
    assert "no user of this name" in run("users", "role", "bob", "--role", "owner", "--clinic", clinic).err


def test_a_new_password_takes_the_place_of_the_old(run: Run, clinic: Path, word: Path) -> None:
    assert run("users", "password", "owner", "--new-password-file", word, "--clinic", clinic).status == 0
    assert run("claims", "list", "--clinic", clinic).status == 2
    assert run("claims", "list", "--clinic", clinic, "--password-file", word).status == 0
    assert "cannot be read" in run(
        "users", "password", "owner", "--new-password-file", word.parent, "--clinic", clinic, "--password-file", word
    ).err  # fmt: skip
    assert "No new password" in run("users", "password", "owner", "--clinic", clinic, "--password-file", word).err


def test_the_audit_is_shown_checked_and_exported(run: Run, clinic: Path, word: Path, tmp_path: Path) -> None:
    _add(run, clinic, word, "ann", "biller")
    assert "may not read the audit" in run(
        "audit", "show", "--clinic", clinic, "--user", "ann", "--password-file", word
    ).err  # fmt: skip
    shown = run("audit", "show", "--clinic", clinic, "--kind", "change", "--json").json
    assert [event["label"] for event in shown][:1] == ["Add a user"]
    assert "ann             login" in run("audit", "show", "--clinic", clinic, "--of", "ann").out
    assert "user:2" in run("audit", "show", "--clinic", clinic, "--record", "user:2").out
    assert run("audit", "show", "--clinic", clinic, "--record", "user").status == 2
    good = run("audit", "verify", "--clinic", clinic)
    assert good.status == 0 and "nothing was changed" in good.out
    out = tmp_path / "audit.csv"
    assert run("audit", "export", "--clinic", clinic, "-o", out, "--to", "2999-01-01").status == 0
    lines = out.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "id,at,user,kind,table,row_id,label,detail" and lines[-1].split(",")[3] == "begun"


def test_a_head_that_is_ahead_of_the_file_is_a_finding(run: Run, clinic: Path, tmp_path: Path) -> None:
    old = clinic.read_bytes()
    for __ in range(2):
        assert run("claims", "list", "--clinic", clinic).status == 0
    clinic.write_bytes(old)
    found = run("audit", "verify", "--clinic", clinic, "--json")
    assert found.status == 1 and found.json["findings"][0]["message"].startswith("Newer rows were missing")
    assert "1 findings" in run("audit", "verify", "--clinic", clinic).out
