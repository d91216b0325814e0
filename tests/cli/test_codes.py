"""The commands `icd10` and `units`, as a person types them."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from app import cli, paths
from app.store import icd10_releases

DONE, PROBLEMS, BAD_INPUT = 0, 1, 2


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        status = cli.main(arguments)
    except SystemExit as stopped:  # argparse itself
        status = int(stopped.code or 0)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return status, out, err


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    status, out, __ = run(capsys, *arguments, "--json")
    return status, json.loads(out)


def test_search_shows_codes_and_titles(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, __ = run(capsys, "icd10", "search", "low", "back", "--date", "11/21/2026", "--limit", "2")
    assert status == DONE
    assert out.splitlines() == ["M54.50    Low back pain, unspecified", "M54.59    Other low back pain"]
    status, out, __ = run(capsys, "icd10", "search", "M54.5", "--date", "2026-11-21")
    assert "M54.5     Low back pain  (needs more characters)" in out


def test_search_as_json_and_by_date(capsys: pytest.CaptureFixture[str]) -> None:
    status, codes = run_json(capsys, "icd10", "search", "m545", "--date", "2021-09-30")
    assert status == DONE
    assert codes == [
        {
            "code": "M54.5", "title": "Low back pain", "billable": True,
            "valid_from": "2015-10-01", "valid_to": "2021-09-30",
        }
    ]  # fmt: skip


def test_a_search_without_a_hit_is_a_problem(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "icd10", "search", "xyzzy") == (PROBLEMS, "", "No code fits. Try fewer or other words.\n")
    assert run_json(capsys, "icd10", "search", "%") == (PROBLEMS, [])


def test_check_says_what_is_so_and_what_to_use(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, __ = run(capsys, "icd10", "check", "M54.2", "m5459", "--date", "11212026")
    assert (status, out) == (DONE, "M54.2     Cervicalgia\nM54.59    Other low back pain\n")
    status, found = run_json(capsys, "icd10", "check", "M54.2", "M54.5", "hello", "--date", "2026-11-21")
    assert status == PROBLEMS
    assert [entry["valid"] for entry in found] == [True, False, False]
    assert [code["code"] for code in found[1]["successors"]] == ["M54.50", "M54.51", "M54.59"]
    assert found[2]["message"] == "It is not an ICD-10-CM code. Look it up by its words."
    status, out, __ = run(capsys, "icd10", "check", "M54.5", "--date", "2026-11-21")
    assert status == PROBLEMS
    assert "    M54.51    Vertebrogenic low back pain" in out.splitlines()


def test_without_a_date_today_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    status, (found,) = run_json(capsys, "icd10", "check", "M54.2")
    assert status == DONE
    assert found["valid_to"] is None


def test_import_keeps_a_newer_release(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lines = [
        f"00001 {row.code:7} {int(row.billable)} {row.title[:60]:60} {row.title}"
        for row in icd10_releases.own_rows() if row.last == icd10_releases.OPEN and row.code != "M5459"
    ]  # fmt: skip
    lines = [line if line[6:13].strip() != "M542" else f"{line[:14]}0{line[15:]}" for line in lines]
    lines.append(f"00001 M5420   1 {'Neck pain, plain':60} Neck pain, plain")
    file = tmp_path / "icd10cm_order_2028.txt.xz"
    file.write_bytes(lzma.compress("\n".join(lines).encode(), preset=0))
    status, out, __ = run(capsys, "icd10", "import", str(file))
    assert status == DONE
    assert "98403 codes in force from 10/01/2027" in out
    assert "1 added, 1 ended, 1 changed." in out

    before, after = ("--date", "2027-09-30"), ("--date", "2027-10-01")
    assert run(capsys, "icd10", "check", "M54.2", "M54.59", *before)[0] == DONE
    assert run(capsys, "icd10", "check", "M54.20", *before)[0] == PROBLEMS
    assert run(capsys, "icd10", "check", "M54.20", *after)[0] == DONE
    __, (grown, ended) = run_json(capsys, "icd10", "check", "M54.2", "M54.59", *after)
    assert [grown["valid"], ended["valid"]] == [False, False]
    assert [code["code"] for code in grown["successors"]] == ["M54.20"]
    assert ended["message"].startswith("Other low back pain: ended on 09/30/2027.")
    assert [code["code"] for code in run_json(capsys, "icd10", "search", "neck pain plain", *after)[1]] == ["M54.20"]
    status, result = run_json(capsys, "icd10", "import", str(file), "--effective", "2027-10-01")
    assert (status, result["kept"], result["effective"]) == (DONE, False, "2027-10-01")


def test_import_says_when_it_brings_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = [row for row in icd10_releases.own_rows() if row.last == icd10_releases.OPEN]
    file = tmp_path / "icd10cm_order_2027.txt"
    file.write_text("\n".join(f"00001 {r.code:7} {int(r.billable)} {r.title[:60]:60} {r.title}" for r in rows))
    status, out, __ = run(capsys, "icd10", "import", str(file))
    assert (status, "nothing was added" in out) == (DONE, True)


def test_a_wrong_file_is_bad_input(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "order_2028.txt"
    file.write_text("hello")
    for arguments in ([str(file)], [str(tmp_path / "none.txt")], [str(file), "--effective", "never"]):
        status, out, err = run(capsys, "icd10", "import", *arguments)
        assert (status, out) == (BAD_INPUT, "")
        assert len(err.splitlines()) == 1
    assert icd10_releases.imported_files(paths.data_dir()) == []


def test_a_limit_beyond_all_codes_is_no_limit(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("icd10", "search", "cervicalgia", "--date", "11/21/2026", "--limit")
    assert run(capsys, *asked, "9" * 30) == run(capsys, *asked, "100")


@pytest.mark.parametrize(
    "arguments",
    [
        ["icd10"],
        ["icd10", "search"],
        ["icd10", "search", "neck", "--date", "13/2/26"],
        ["icd10", "search", "neck", "--limit", "0"],
        ["icd10", "search", "neck", "--limit", "x"],
        ["units"],
        ["units", "97124=-5"],
        ["units", "97124="],
        ["units", "97124=1.5"],
        ["units", "97124=٣"],
        ["units", "97124=99999"],
        ["units", "97124=1441"],
        ["units", "97124=1000", "97140=441"],
        ["units", "9712=15"],
        ["units", "97124=15", "97124"],
        ["units", "97124=15", "--rule", "mine"],
    ],
)
def test_bad_use_is_told_in_words(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (BAD_INPUT, "")
    assert err


def test_units_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, __ = run(capsys, "units", "97112=24", "97110=23", "97010")
    assert status == DONE
    assert [line.split() for line in out.splitlines()[:5]] == [
        ["CMS", "AMA"],
        ["97112", "2", "2"],
        ["97110", "1", "2"],
        ["97010", "1", "1"],
        ["total", "4", "5"],
    ]
    assert "47 minutes: 3 units by the day's total" in out
    assert "47 minutes: 4 units by the midpoint" in out


def test_units_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    status, found = run_json(capsys, "units", "97112=20", "97110=20", "--rule", "cms")
    assert status == DONE
    assert found.keys() == {"cms"}
    assert found["cms"]["units"] == {"97112": 2, "97110": 1}
    assert found["cms"]["acceptable"] == [{"97112": 2, "97110": 1}, {"97112": 1, "97110": 2}]
    assert found["cms"]["tie"] is True
    assert found["cms"]["total"] == 3
    assert run_json(capsys, "units", "97112=20", "97110=20")[1].keys() == {"cms", "ama"}
