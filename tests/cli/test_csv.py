"""Lists in and out as CSV on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_a_list_goes_out_and_comes_back(run: Run, clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "payers.csv"
    answer = run("csv", "export", "payers", "-o", out, "--clinic", clinic)
    assert answer.status == 0 and answer.out == "4 rows written to payers.csv.\n"
    text = out.read_text("utf-8-sig")
    first = text.splitlines()[1].split(",")[0]
    out.write_text(text + "Heron Auto,1 Quay\nCedar,,,,,x\n", "utf-8")
    dry = run("csv", "import", "payers", out, "--clinic", clinic, "--dry-run", "--json").json
    assert dry["counts"] == {"new": 1, "changed": 0, "unchanged": 4, "refused": 1}
    assert dry["mapping"]["Street or P.O. box"] == "street" and dry["form"] == {"encoding": "utf-8", "separator": ","}
    assert first and len(run("payers", "list", "--clinic", clinic, "--json").json) == 4
    refused = tmp_path / "refused.csv"
    told = run("csv", "import", "payers", out, "--clinic", clinic, "--refused", refused)
    assert told.status == 1 and "Done: 1 new, 0 changed, 4 unchanged, 1 refused." in told.out
    assert "line 7: refused: ZIP code: Not a valid ZIP code" in told.out and "Cedar" in refused.read_text("utf-8-sig")
    assert len(run("payers", "list", "--clinic", clinic, "--json").json) == 5


def test_columns_encoding_and_separator_by_hand(run: Run, clinic: Path, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_bytes("Wer;Geb\nCâmara-Nuñez;1980-03-02\n".encode("cp1252"))
    told = run(
        "csv", "import", "clients", people, "--map", "Wer=last_name", "--map", "Geb=birth_date", "--encoding", "cp1252",
        "--separator", "semicolon", "--clinic", clinic,
    )  # fmt: skip
    assert told.status == 0 and "Done: 1 new" in told.out and "Wer -> last_name" in told.out
    people.write_bytes("Wer;Geb\nCâmara-Nuñez;1981-03-02\n".encode("cp1252"))
    again = run("csv", "import", "clients", people, "--map", "Wer=last_name", "--dry-run", "--clinic", clinic)
    assert again.status == 1 and "Would be: 0 new" in again.out and "who has the same name" in again.out


def test_bad_use(run: Run, clinic: Path, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("Wer\nMarsh\n", "utf-8")
    for more, words in (
        ((), "No column of the file is known"), (("--map", "Who=last_name"), "no column of this name"),
        (("--map", "Wer=shoe"), "no such field"),
    ):  # fmt: skip
        answer = run("csv", "import", "clients", people, *more, "--clinic", clinic)
        assert answer.status == 2 and words in answer.err
    assert run("csv", "import", "clients", tmp_path / "gone.csv", "--clinic", clinic).status == 2
    assert run("csv", "import", "shoes", people, "--clinic", clinic).status == 2
