"""The commands on backups: made, listed, verified, tried, moved and brought back without a window."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.store.backup_set import BackupSet
from app.store.clinic import ClinicFile
from tests.cli.conftest import Run


def only(clinic: Path) -> Path:
    (made,) = BackupSet(clinic).all()
    return made.path


def test_a_backup_is_made_listed_verified_and_tried(run: Run, clinic: Path) -> None:
    assert run("backup", "list", "--clinic", clinic).out == "There is no backup of this clinic yet.\n"
    made = run("backup", "make", "--clinic", clinic)
    assert (made.status, made.err) == (0, "") and "Backup 1 was made and opened again" in made.out
    (row,) = run("backup", "list", "--clinic", clinic, "--json").json
    assert (row["number"], row["reason"]) == (1, "hand") and row["clients"] > 3 and row["sessions"] > 10
    assert run("backup", "verify", only(clinic)).out == f"{row['file']}: whole\n"
    assert run("backup", "drill", "--clinic", clinic).status == 0


def test_a_damaged_backup_is_said_with_status_1(run: Run, clinic: Path, tmp_path: Path) -> None:
    run("backup", "make", "--clinic", clinic)
    path = only(clinic)
    content = bytearray(path.read_bytes())
    content[-9000] ^= 1
    path.write_bytes(content)
    verified = run("backup", "verify", path, tmp_path / "none", "--json")
    assert verified.status == 1
    assert [row["problem"][:22] for row in verified.json] == ["The backup is damaged.", "There is no backup her"]
    drilled = run("backup", "drill", "--clinic", clinic, "--json")
    assert drilled.status == 1 and "trial restore of backup 1 failed" in drilled.json["problem"]


def test_a_restore_shows_first_and_keeps_what_it_replaces(run: Run, clinic: Path) -> None:
    run("backup", "make", "--clinic", clinic)
    path = only(clinic)
    shown = run("backup", "restore", path, "--clinic", clinic)
    assert shown.status == 0 and "Nothing was replaced" in shown.out and "Users: owner." in shown.out
    assert not list(clinic.parent.glob("* replaced *"))
    done = run("backup", "restore", path, "--clinic", clinic, "--yes", "--json").json
    assert done["restored"] and (clinic.parent / done["kept"] / clinic.name).exists()
    assert run("claims", "list", "--clinic", clinic).status == 0


def test_a_restore_by_the_recovery_code_makes_a_new_password(
    run: Run, clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ClinicFile.open(clinic, password=os.environ["SUPERBILL_DESK_PASSWORD"]) as opened:
        code = opened.new_recovery_code()
    run("backup", "make", "--clinic", clinic)
    monkeypatch.setenv("SUPERBILL_DESK_PASSWORD", "nine new herons fly")
    here = ("--clinic", clinic, "--code", code)
    assert run("backup", "restore", only(clinic), *here).status == 0, "looking asks for no new password"
    before = clinic.read_bytes()
    refused = run("backup", "restore", only(clinic), *here, "--yes")
    assert refused.status == 2 and "no reason" in refused.err and clinic.read_bytes() == before
    done = run("backup", "restore", only(clinic), *here, "--yes", "--reason", "it is lost", "--json").json
    assert done["restored"] and done["code"] not in ("", code)
    with ClinicFile.open(clinic, password="nine new herons fly") as opened:
        kinds = [event.kind for event in opened.audit_events()]
        assert kinds[:5] == ["login", "recovery-code", "password", "restore", "recovery"]
        assert not opened.verify_audit().findings


def test_a_wrong_password_restores_nothing(run: Run, clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("backup", "make", "--clinic", clinic)
    before = clinic.read_bytes()
    monkeypatch.setenv("SUPERBILL_DESK_PASSWORD", "not this one")
    refused = run("backup", "restore", only(clinic), "--clinic", clinic, "--yes")
    assert refused.status == 2 and "not right" in refused.err
    assert clinic.read_bytes() == before


def test_one_file_moves_a_clinic(run: Run, clinic: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "to go.clinic-backup", tmp_path / "new computer" / "mine.clinic"
    assert "another computer" not in run("backup", "move", "--clinic", clinic, "-o", file).err
    assert run("backup", "move", "--clinic", clinic, "-o", file).status == 2
    assert "It is in place.\n" in run("backup", "restore", file, "--clinic", other, "--yes").out
    assert run("claims", "list", "--clinic", other).out == run("claims", "list", "--clinic", clinic).out


def test_a_second_folder_out_of_reach_is_status_1(run: Run, clinic: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    assert run("backup", "second", stick, "--clinic", clinic).status == 0
    assert run("backup", "make", "--clinic", clinic).status == 0
    assert len(list(stick.glob("*.clinic-backup"))) == 1
    stick.rename(tmp_path / "away")
    made = run("backup", "make", "--clinic", clinic)
    assert made.status == 1 and "Plug the stick in" in made.err
    assert run("backup", "second", "--clinic", clinic).status == 0
    assert run("backup", "make", "--clinic", clinic).status == 0


def test_a_clinic_whose_disk_is_full_is_exported_and_backed_up_elsewhere(
    run: Run, clinic: Path, tmp_path: Path
) -> None:
    usual = run("export", "--clinic", clinic).json
    assert run("export", "--clinic", clinic, "--read-only").json == usual
    before = clinic.read_bytes()
    made = run("backup", "make", "--clinic", clinic, "--read-only", "-o", tmp_path / "out.clinic-backup")
    assert made.status == 0 and run("backup", "verify", tmp_path / "out.clinic-backup").status == 0
    refused = run("backup", "make", "--clinic", clinic, "--read-only")
    assert refused.status == 2 and "open read-only" in refused.err
    assert clinic.read_bytes() == before and not (clinic.parent / "backups").exists()
