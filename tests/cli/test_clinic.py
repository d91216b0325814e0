"""The main job on a clinic without a window, and every bad input answered by a sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from app import selftest
from app.cli import common, parser
from app.forms import read
from app.store import demo
from app.store.backup_set import BackupSet
from tests.cli.conftest import Run


def build(run: Run, clinic: Path) -> list[str]:
    answer = run("claims", "build", "--clinic", clinic, "--json")
    assert answer.status == 0, answer.err
    return [row["number"] for row in answer.json]


def test_from_sessions_to_paper(run: Run, clinic: Path, tmp_path: Path) -> None:
    numbers = build(run, clinic)
    assert len(numbers) == 5
    assert run("claims", "check", "--clinic", clinic).status == 0
    out = tmp_path / "claims.pdf"
    answer = run("claims", "print", "--clinic", clinic, "-o", out, "--json")
    assert answer.status == 0
    assert sorted(answer.json["printed"]) == sorted(numbers)
    pages = read.read_pages(out.read_bytes())
    assert {page["26"] for page in pages} == {number.replace("-", "") for number in numbers}
    assert {row["status"] for row in run("claims", "list", "--clinic", clinic, "--json").json} == {"printed"}
    assert "none" not in run("claims", "list", "--clinic", clinic).out
    assert build(run, clinic) == []
    assert "on a claim" in run("claims", "build", "--clinic", clinic).out


def test_a_reprint_is_the_same_whatever_changed_since(run: Run, clinic: Path, tmp_path: Path) -> None:
    number = build(run, clinic)[0]
    first, second = tmp_path / "1.pdf", tmp_path / "2.pdf"
    assert run("claims", "print", number, "--clinic", clinic, "-o", first).status == 0
    change_every_name(clinic)
    assert run("claims", "print", number, "--clinic", clinic, "-o", second).status == 0
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("name", ["a.clinic", "a.keys", "records", "link.pdf"])
@pytest.mark.parametrize("command", [["export"], ["claims", "print"], ["superbill", "--client", "0001"]])
def test_no_command_writes_over_the_records(command: list[str], name: str, run: Run, clinic: Path) -> None:
    build(run, clinic)
    named = clinic.with_name(name)
    if name == "records":  # a clinic file may have any name
        clinic = clinic.rename(named)
        shutil.copy(clinic.with_name("a.keys"), clinic.with_suffix(".keys"))
    elif name == "link.pdf":
        named.symlink_to(clinic)
    before = named.read_bytes()
    answer = run(*command, "--clinic", clinic, "-o", named)
    assert (answer.status, answer.out) == (2, "")
    assert "would replace" in answer.err
    assert named.read_bytes() == before


def change_every_name(path: Path) -> None:
    from dataclasses import replace

    from app.store import clients
    from app.store.clinic import ClinicFile

    with ClinicFile.open(path, password=demo.PASSWORD) as opened, opened.write("rename") as s:
        for line in clients.find(s, limit=100):
            clients.save_client(s, replace(clients.client(s, line.id), last_name="Changed"))


def test_claims_of_one_client(run: Run, clinic: Path) -> None:
    answer = run("claims", "build", "--clinic", clinic, "--client", "0001", "--json")
    assert [row["client"] for row in answer.json] == ["Applewhite, Juniper"]


def test_a_blocking_problem_keeps_the_claim_from_the_printer(run: Run, clinic: Path, tmp_path: Path) -> None:
    take_referrer_npi(clinic)
    number = build(run, clinic)[0]
    checked = run("claims", "check", number, "--clinic", clinic, "--json")
    assert checked.status == 1
    found = [problem for claim in checked.json for problem in claim["problems"] if problem["severity"] == "block"]
    assert found
    assert set(found[0]) == {"severity", "code", "message", "item", "record", "field"}
    assert found[0]["item"] == "17b"
    out = tmp_path / "no.pdf"
    for extra in ((), ("--json",)):
        answer = run("claims", "print", number, "--clinic", clinic, "-o", out, *extra)
        assert answer.status == 1
        assert not out.exists()
        assert "17b" in answer.out + answer.err
    assert {row["status"] for row in run("claims", "list", "--clinic", clinic, "--json").json} == {"draft"}
    assert "block" in run("claims", "check", number, "--clinic", clinic).out


def take_referrer_npi(path: Path) -> None:
    from dataclasses import replace

    from app.store import clients
    from app.store.clinic import ClinicFile

    with ClinicFile.open(path, password=demo.PASSWORD) as opened, opened.write("npi") as s:
        for line in clients.find(s, limit=100):
            for referral in clients.referrals(s, line.id):
                clients.save_referral(s, replace(referral, npi=""))


def test_full_copies_and_shifts(run: Run, clinic: Path, tmp_path: Path) -> None:
    number = build(run, clinic)[1]
    plain, full = tmp_path / "plain.pdf", tmp_path / "full.pdf"
    assert run("claims", "print", number, "--clinic", clinic, "-o", plain, "--dx", "1.5", "--dy", "-2").status == 0
    assert run("claims", "print", number, "--clinic", clinic, "-o", full, "--mode", "full").status == 0
    assert read.read_pages(plain.read_bytes()) == read.read_pages(full.read_bytes())


def test_nothing_is_issued_when_the_file_cannot_be_written(run: Run, clinic: Path, tmp_path: Path) -> None:
    build(run, clinic)
    answer = run("claims", "print", "--clinic", clinic, "-o", tmp_path / "nowhere" / "claims.pdf")
    assert answer.status == 2
    assert "cannot be written" in answer.err
    assert {row["status"] for row in run("claims", "list", "--clinic", clinic, "--json").json} == {"draft"}


def test_superbill_and_its_reprint(run: Run, clinic: Path, tmp_path: Path) -> None:
    out, again = tmp_path / "bill.pdf", tmp_path / "again.pdf"
    made = run("superbill", "--clinic", clinic, "--client", "0007", "-o", out, "--json")
    assert made.status == 0
    number = made.json["number"]
    with pypdfium2.PdfDocument(out) as document:
        assert number in document[0].get_textpage().get_text_bounded()
    assert run("superbill", "--clinic", clinic, "--client", "0007", "--reprint", number, "-o", again).status == 0
    assert out.read_bytes() == again.read_bytes()


def test_superbill_of_a_range(run: Run, clinic: Path, tmp_path: Path) -> None:
    common = ("superbill", "--clinic", clinic, "--client", "0006", "-o", tmp_path / "bill.pdf")
    assert "with 4 sessions" in run(*common).out
    assert run(*common, "--to", "01/01/2001").status == 2
    assert "--from is no date" in run(*common, "--from", "the third").err


def test_export_and_import_are_the_whole_clinic(run: Run, clinic: Path, tmp_path: Path) -> None:
    build(run, clinic)
    out, copy = tmp_path / "all.json", tmp_path / "copy.clinic"
    assert run("export", "--clinic", clinic, "-o", out).status == 0
    made = run("import", out, "--clinic", copy)
    assert made.status == 0
    assert "recovery code" in made.out
    assert json.loads(run("export", "--clinic", copy).out) == json.loads(out.read_text(encoding="utf-8"))
    assert [each.manifest.reason for each in BackupSet(copy).all()] == ["import"]
    refused = run("import", out, "--clinic", copy)
    assert refused.status == 2
    assert "new name" in refused.err


@pytest.mark.parametrize("text", ["", "{", '"', "[1, 2]", '{"format": "something"}', "[" * 100_000])
def test_a_json_that_is_no_clinic_makes_nothing(run: Run, clinic: Path, tmp_path: Path, text: str) -> None:
    bad, new = tmp_path / "bad.json", tmp_path / "new.clinic"
    bad.write_text(text, encoding="utf-8")
    answer = run("import", bad, "--clinic", new)
    assert answer.status == 2
    assert answer.err.startswith("superbill-desk: ")
    assert not new.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("claims", "check", "2026-9999"), "no claim"),
        (("claims", "build", "--client", "9999"), "no client"),
        (("claims", "print", "-o", "x.pdf"), "No claim waits"),
        (("claims", "print", "-o", "x.pdf", "--mode", "fillable"), "--template"),
        (("claims", "print", "-o", "x.pdf", "--mode", "fillable", "--template", "none.pdf"), "cannot be read"),
        (("superbill", "--client", "9999", "-o", "x.pdf"), "no client"),
        (("superbill", "--client", "0001", "--reprint", "S1-1", "-o", "x.pdf"), "no superbill"),
        (("claims", "print", "-o", "x.pdf", "--dx", "left"), "invalid float"),
        (("claims", "dance"), "invalid choice"),
    ],
)
def test_bad_use_is_one_sentence(run: Run, clinic: Path, arguments: tuple[str, ...], words: str) -> None:
    answer = run(*arguments, "--clinic", clinic)
    assert answer.status == 2
    assert words in answer.err


def test_passwords(run: Run, clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right, wrong = tmp_path / "right.txt", tmp_path / "wrong.txt"
    right.write_text(demo.PASSWORD + "\n", encoding="utf-8")
    wrong.write_text("not it\n", encoding="utf-8")
    monkeypatch.delenv("SUPERBILL_DESK_PASSWORD")
    assert run("claims", "list", "--clinic", clinic, "--password-file", right).status == 0
    refused = run("claims", "list", "--clinic", clinic, "--password-file", wrong)
    assert refused.status == 2
    assert "password" in refused.err.lower()
    assert "Traceback" not in refused.err
    assert run("claims", "list", "--clinic", clinic, "--password-file", tmp_path / "none").status == 2
    assert "No password was given" in run("claims", "list", "--clinic", clinic).err


def test_an_absent_clinic_is_said_so_and_not_made(run: Run, clinic: Path, tmp_path: Path) -> None:
    absent = tmp_path / "absent.clinic"
    assert run("claims", "list", "--clinic", absent).status == 2
    assert not absent.exists()


def test_a_payers_pdf_that_is_none(run: Run, clinic: Path, tmp_path: Path) -> None:
    build(run, clinic)
    template = tmp_path / "t.pdf"
    template.write_bytes(b"not a PDF")
    answer = run(
        "claims", "print", "--clinic", clinic, "-o", tmp_path / "x.pdf", "--mode", "fillable", "--template", template
    )
    assert answer.status == 2
    assert "Traceback" not in answer.err
    with template.open("wb") as file:
        file.truncate(20_000_001)
    answer = run(
        "claims", "print", "--clinic", clinic, "-o", tmp_path / "x.pdf", "--mode", "fillable", "--template", template
    )
    assert "20 MB" in answer.err


def test_every_command_has_help() -> None:
    def walk(each: Any, name: str) -> None:
        assert each.format_help()
        for action in each._actions:
            assert action.help or action.dest in {"command", "help"} or action.choices, f"{name}: {action.dest}"
            if hasattr(action, "choices") and isinstance(action.choices, dict):
                for key, child in action.choices.items():
                    walk(child, f"{name} {key}")

    walk(parser(), "superbill-desk")


def test_demo_makes_a_believable_clinic(run: Run, tmp_path: Path) -> None:
    answer = run("demo", "--out", tmp_path / "out")
    assert answer.status == 0, answer.err
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"claims-for-red-forms.pdf", "claims-full-copies.pdf", "claims.txt", "calibration-sheet.pdf"} <= made
    assert sum(name.endswith(".png") for name in made) >= 17
    pages = read.read_pages((tmp_path / "out" / "claims-for-red-forms.pdf").read_bytes())
    assert any(page["10b"] == {"yes": True, "state": "OR"} and page["11b"]["qualifier"] == "Y4" for page in pages)
    assert any(page["10a"] is True for page in pages)
    assert any(page["28"] == "CONTINUED" for page in pages)
    assert "nothing missing" in answer.out
    again = tmp_path / "again.pdf"
    assert run("cms1500", "fill", tmp_path / "out" / "values.json", "-o", again).status == 0
    assert read.read_pages(again.read_bytes()) == pages
    assert run("demo", "--out", tmp_path / "out").status == 0, "a second time replaces the first"


def test_self_test(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: object) -> None:
    report = tmp_path / "report.txt"
    answer = run("--self-test", "--report", report)
    assert answer.status == 0, answer.out
    assert "all passed" in report.read_text(encoding="utf-8")

    def broken(bench: object) -> str:
        raise RuntimeError("planted")

    monkeypatch.setitem(selftest.CHECKS, "resources", broken)
    for name in set(selftest.CHECKS) - {"resources"}:
        monkeypatch.delitem(selftest.CHECKS, name)
    assert run("self-test").status == 1
    assert run("self-test", "--report", tmp_path / "no" / "report.txt").status == 2


def test_the_prompt_is_the_last_resort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUPERBILL_DESK_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(common.getpass, "getpass", lambda prompt: "typed")
    args = parser().parse_args(["claims", "list", "--clinic", "x"])
    assert common.password(args) == "typed"


def test_the_window_of_the_self_test_writes_nothing_afterwards(tmp_path: Path) -> None:
    from app import paths
    from app.main import paint_once

    with paths.apart(tmp_path):
        paint_once()
        written = paths.data_dir() / "desk.ini"
    assert written.exists(), "settings that are not written yet would come back after the folder is removed"
