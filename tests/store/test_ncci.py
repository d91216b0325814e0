"""The public pair and caps files: what ships, what an import keeps, which quarter answers, what is refused."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import cli, paths
from app.billing.edits import PairEdit, Quarter
from app.errors import InputError, UserError
from app.store import ncci

DAY = dt.date(2026, 11, 3)
HEAD = (
    "CPT only copyright 2025 American Medical Association.  All rights reserved.\t\t\t\t\t\t\r\n"
    "Column1/Column2 Edits\t\t\t\t\t\t\r\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n"
    "\t\t\t\t*=no data\t1=allowed\t\r\n"
    "\t\t\t\t\t9=not applicable\t\r\n"
)
ROWS = (
    "33285\t97140\t\t20190101\t*\t1\tStandards of practice\r\n"
    "97124\t33285\t\t20190101\t*\t1\tStandards of practice\r\n"
    "97140\t97124\t\t20200101\t*\t0\tMisuse of column two code\r\n"
    "97140\t97530\t*\t19960101\t20191231\t1\tMutually exclusive procedures\r\n"
    "97140\t99213\t\t20261001\t*\t1\tStandards of practice\r\n"
    "99213\t20560\t\t20200101\t*\t1\tStandards of practice\r\n"
)
PAIRS = (HEAD + ROWS).encode()
CAPS_HEAD = (
    '"CPT codes, descriptions and other data only are copyright 2025, ""AMA"".\nAll rights reserved.",,,\n'
    '"HCPCS/\nCPT Code","Practitioner Services\nMUE Values",MUE Adjudication Indicator,MUE Rationale\n'
)
CAPS_ROWS = (
    "0001U,1,2 Date of Service Edit: Policy,CMS Policy\n97140,5,3 Date of Service Edit: Clinical,Clinical: Data\n"
)
CAPS = (CAPS_HEAD + CAPS_ROWS).encode()
PAIRS_NAME = "ccipra-v323r0-f4.txt"
CAPS_NAME = "MCR_MUE_PractitionerServices_Eff_01-01-2027.csv"


@pytest.fixture(autouse=True)
def _files_read_anew() -> Iterator[None]:
    ncci.forget()
    yield
    ncci.forget()


def added() -> list[str]:
    return sorted(path.name for path in (paths.data_dir() / "ncci").glob("*"))


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return buffer.getvalue()


# What ships


def test_the_program_brings_the_pairs_and_caps_of_massage() -> None:
    own = ncci.edits(DAY)
    assert (own.pairs_quarter, own.caps_quarter) == ("2024 Q3", "2026 Q4")
    known = {
        ("98940", "97140"): 1, ("98940", "97124"): 1, ("98940", "97112"): 1, ("98941", "97140"): 1,
        ("98942", "97140"): 1, ("97140", "97124"): 0, ("97140", "97750"): 1, ("97012", "97140"): 1,
    }  # fmt: skip
    for (one, two), indicator in known.items():
        found = own.pair(two, one, DAY)
        assert found is not None and (found.column1, found.column2, found.indicator) == (one, two, indicator)
    for one, two in (("97112", "97140"), ("97110", "97140"), ("97140", "97530")):
        assert own.pair(one, two, DAY) is None
    assert own.pair("97140", "97530", dt.date(2019, 12, 31)) is not None
    caps = {"97124": 4, "97140": 6, "97110": 6, "97112": 4, "97530": 6, "97010": 0, "98940": 1, "G0283": 1}
    for code, units in caps.items():
        cap = own.cap(code)
        assert cap is not None and (cap.units, cap.effective) == (units, dt.date(2026, 10, 1))


def test_a_damaged_file_of_the_program_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pairs-2024Q3.csv", "caps-2026Q4.csv"):
        (tmp_path / name).write_text("column1\n")
    monkeypatch.setattr(ncci, "_own", lambda: tmp_path)
    with pytest.raises(ValueError):
        ncci.edits(DAY)
    assert (tmp_path / "pairs-2024Q3.csv").exists()


# Import


@pytest.mark.parametrize("packed", [False, True])
def test_a_pair_file_is_kept_as_far_as_it_concerns_therapy(packed: bool, tmp_path: Path) -> None:
    path = tmp_path / ("a.zip" if packed else PAIRS_NAME)
    path.write_bytes(zipped(**{"ccipra-v323r0-f4__TXT": PAIRS, "ccipra-v323r0-f4__xlsx": b"x"}) if packed else PAIRS)
    result = ncci.import_file(path)
    assert result == ncci.Imported(kind="pairs", quarter=Quarter(2026, 4), rows=6, kept=3)
    found = ncci.edits(DAY)
    assert found.pairs_quarter == "2026 Q4"
    assert found.pair("99213", "97140", DAY) == PairEdit("97140", "99213", 1, dt.date(2026, 10, 1))
    assert found.pair("97530", "97140", dt.date(2019, 12, 31)) is not None
    assert found.pair("97530", "97140", DAY) is None
    assert found.pair("33285", "97140", DAY) is None
    assert found.pair("98940", "97140", DAY) is None
    assert added() == ["pairs-2026Q4.csv"]


def test_the_newest_pairs_answer_and_a_quarter_is_replaced() -> None:
    ncci.import_file(PAIRS.replace(b"\t0\tMisuse", b"\t1\tMisuse"), name="ccipra-v330r0-f4.txt")
    ncci.import_file(PAIRS, name=PAIRS_NAME)
    newest = ncci.edits(dt.date(2025, 1, 1))
    assert newest.pairs_quarter == "2027 Q1"
    one = newest.pair("97124", "97140", DAY)
    assert one is not None and one.indicator == 1
    ncci.import_file(PAIRS, name="ccipra-v330r1-f4.txt")
    other = ncci.edits(DAY).pair("97124", "97140", DAY)
    assert other is not None and other.indicator == 0


@pytest.mark.parametrize(
    ("name", "quarter"),
    [
        ("ccipra-v324r0-f4.txt", "2026 Q4"),  # no version of NCCI: the newest day tells
        ("pairs.txt", "2026 Q4"),
        ("medicare-ncci-2027q2-practitioner-ptp-edits.zip", "2027 Q2"),
        ("CCIPRA-V331R0-F4.TXT", "2027 Q2"),
        ("effective-01-01-2028.txt", "2028 Q1"),
        ("effective-13-01-2028.txt", "2026 Q4"),
    ],
)
def test_the_quarter_of_pairs_comes_from_the_name_or_the_newest_day(name: str, quarter: str) -> None:
    assert str(ncci.import_file(PAIRS, name=name).quarter) == quarter


@pytest.mark.parametrize(
    ("date", "quarter", "units"),
    [(DAY, "2026 Q4", 6), (dt.date(2027, 1, 1), "2027 Q1", 5), (dt.date(2025, 1, 1), "2026 Q4", 6)],
)
def test_caps_hold_for_their_quarter(date: dt.date, quarter: str, units: int) -> None:
    result = ncci.import_file(CAPS, name=CAPS_NAME)
    assert result == ncci.Imported(kind="caps", quarter=Quarter(2027, 1), rows=2, kept=2)
    found = ncci.edits(date)
    cap = found.cap("97140")
    assert cap is not None and (found.caps_quarter, cap.units) == (quarter, units)
    assert (found.cap("0001U") is not None) == (quarter == "2027 Q1")


def test_the_quarter_may_be_given() -> None:
    assert ncci.import_file(CAPS, quarter="2025 q1").quarter == Quarter(2025, 1)
    assert ncci.import_file(CAPS, name=CAPS_NAME, quarter="2027Q1").quarter == Quarter(2027, 1)
    assert added() == ["caps-2025Q1.csv", "caps-2027Q1.csv"]


def part(data: bytes, old: str, new: str) -> bytes:
    assert old.encode() in data
    return data.replace(old.encode(), new.encode())


REFUSED = {
    "other text": (b"a letter", PAIRS_NAME, "", "neither the public pair file"),
    "nothing": (b"", PAIRS_NAME, "", "neither"),
    "rows without header": (ROWS.encode(), PAIRS_NAME, "", "neither"),
    "header only": (HEAD.encode(), PAIRS_NAME, "", "no pairs of therapy codes"),
    "caps of hospitals": (part(CAPS, "Practitioner", "Outpatient"), CAPS_NAME, "", "neither"),
    "pairs of hospitals": (PAIRS, "ccioph-v323r0-f4.txt", "", "of hospitals"),
    "another part": (part(PAIRS, "97140", "33140"), PAIRS_NAME, "", "no pairs of therapy codes"),
    "a cut row": (part(PAIRS, "97140\t99213\t\t2026", "97140\t992\r\n2026"), PAIRS_NAME, "", "Line 11 of the file"),
    "no such day": (part(PAIRS, "20261001", "20261301"), PAIRS_NAME, "", "Line 11 of the file"),
    "no such deletion": (part(PAIRS, "20191231", "20191331"), PAIRS_NAME, "", "Line 10 of the file"),
    "a newest row of no day": (part(PAIRS, "99213\t20560\t\t20200101", "99213\t20560\t\t20269901"), "", "", "Line 12"),
    "an earlier quarter": (PAIRS, "ccipra-v321r0-f4.txt", "", "begin after 2026 Q2"),
    "older than ours": (part(PAIRS, "20261001", "20200101"), "ccipra-v301r0-f4.txt", "", "has the pairs of 2024 Q3"),
    "another quarter": (PAIRS, PAIRS_NAME, "2026Q3", "The file is of 2026 Q4, not of 2026 Q3"),
    "no quarter": (PAIRS, PAIRS_NAME, "fall", "not a quarter"),
    "a name of no quarter": (CAPS, "caps.csv", "", "does not say its quarter"),
    "caps of nothing": (CAPS_HEAD.encode(), CAPS_NAME, "", "no cap of 97140"),
    "caps without ours": (part(CAPS, "97140", "97141"), CAPS_NAME, "", "no cap of 97140"),
    "a bad cap": (part(CAPS, "97140,5,", "97140,many,"), CAPS_NAME, "", "Line 7 of the file"),
    "a bad indicator": (part(CAPS, "3 Date", "4 Date"), CAPS_NAME, "", "Line 7 of the file"),
    "an endless cell": (CAPS + b'"' + b"a,\n" * 70_000, CAPS_NAME, "", "is not a row"),
    "an empty zip": (zipped(a__xlsx=b"x"), "a.zip", "", "does not hold one"),
    "a full zip": (zipped(a__txt=PAIRS, b__txt=PAIRS), "a.zip", "", "does not hold one"),
    "a damaged zip": (zipped(a__txt=PAIRS)[:-30], "a.zip", "", "is damaged"),
    "a damaged member": (
        zipped(a__txt=PAIRS).replace(b"\x4b\x4c", b"\x00\x00")[:60] + b"\0" * 400,
        "",
        "",
        "is damaged",
    ),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_is_no_such_file_is_refused_and_nothing_is_kept(case: str) -> None:
    data, name, quarter, message = REFUSED[case]
    with pytest.raises(InputError, match=message):
        ncci.import_file(data, name=name, quarter=quarter)
    assert added() == []
    assert ncci.edits(DAY).pairs_quarter == "2024 Q3"


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ncci, "LARGEST", 400)
    path = tmp_path / PAIRS_NAME
    path.write_bytes(PAIRS)
    for data in (path, PAIRS, zipped(a__txt=b"0" * 500)):
        with pytest.raises(InputError, match="too large"):
            ncci.import_file(data)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        ncci.import_file(tmp_path / "no.txt")


def test_a_folder_that_cannot_be_made_is_refused() -> None:
    (paths.data_dir() / "ncci").write_bytes(b"")
    with pytest.raises(InputError, match="cannot be written"):
        ncci.import_file(PAIRS, name=PAIRS_NAME)


@pytest.mark.parametrize("text", ["", "code\n", "column1,column2,effective,deletion,indicator\n97140,97124,,soon,0\n"])
def test_an_added_file_that_was_damaged_is_taken_away_once(text: str) -> None:
    ncci.import_file(PAIRS, name=PAIRS_NAME)
    (paths.data_dir() / "ncci" / "pairs-2026Q4.csv").write_text(text)
    ncci.forget()
    with pytest.raises(UserError, match="of 2026 Q4 is damaged"):
        ncci.edits(DAY)
    assert ncci.edits(DAY).pairs_quarter == "2024 Q3"


# The commands


def test_the_command_imports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / PAIRS_NAME
    path.write_bytes(PAIRS)
    assert cli.main(["ncci", "import", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"kind": "pairs", "quarter": "2026 Q4", "rows": 6, "kept": 3}
    (tmp_path / "caps.csv").write_bytes(CAPS)
    assert cli.main(["ncci", "import", str(tmp_path / "caps.csv"), "--quarter", "2027Q1"]) == 0
    assert capsys.readouterr().out == "Unit caps of 2027 Q1: 2 of 2 rows kept.\n"
    assert cli.main(["ncci", "import", str(path)]) == 0
    assert capsys.readouterr().out == "Code pairs of 2026 Q4: 3 of 6 rows kept.\n"
    assert cli.main(["ncci", "import", str(tmp_path / "caps.csv")]) == 2


def test_the_command_shows_pairs_and_caps(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ncci", "show", "97124", "97140", "97112", "--date", "2026-11-03"]) == 0
    out = capsys.readouterr().out
    assert "Code pairs of 2024 Q3, unit caps of 2026 Q4" in out
    assert "97140 with 97124: never both, whatever the modifier" in out
    assert "97124: 4 units a day" in out
    assert "97112 with" not in out
    assert cli.main(["ncci", "show", "98940"]) == 0
    out = capsys.readouterr().out
    assert "98940 with 97140: 97140 only as a separate service" in out
    assert cli.main(["ncci", "show", "99999"]) == 0
    assert "No pair and no cap is known." in capsys.readouterr().out
    assert cli.main(["ncci", "show", "9"]) == 2


def test_the_command_shows_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ncci", "show", "97124", "97140", "--date", "2026-11-03", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "date": "2026-11-03",
        "pairs_quarter": "2024 Q3",
        "caps_quarter": "2026 Q4",
        "pairs": [{"column1": "97140", "column2": "97124", "indicator": 0, "effective": None, "deletion": None}],
        "caps": [{"code": "97124", "units": 4, "indicator": 3}, {"code": "97140", "units": 6, "indicator": 3}],
    }
    assert cli.main(["ncci", "show", "98940", "--date", "2026-11-03", "--json"]) == 0
    pairs = json.loads(capsys.readouterr().out)["pairs"]
    assert {
        "column1": "98940",
        "column2": "97140",
        "indicator": 1,
        "effective": "1999-04-01",
        "deletion": None,
    } in pairs
