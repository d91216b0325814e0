"""Lists in and out as CSV: encodings, columns that are guessed, what is refused, one operation, and the way back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from app import lists
from app.billing.records import Client, Fee, FeeSchedule, Payer, Program, Sex
from app.errors import ClinicError, InputError
from app.store import clients, convert, csv_import, csv_read, payers
from app.store.backup import Reason
from app.store.clinic import ClinicFile
from app.store.csv_import import Change, Preview, StoppedError, What

TODAY = dt.date(2026, 11, 21)
HEAD = "Client ID,Surname,First Name,DOB,Phone"


def look(clinic: ClinicFile, path: Path, text: str | bytes, name: str = "clients", **more: Any) -> Preview:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with clinic.read() as s:
        return csv_import.preview(s, name, path, today=TODAY, **more)


def bring_in(clinic: ClinicFile, seen: Preview, name: str = "clients") -> Preview:
    with clinic.write("Bring in") as s:
        return csv_import.apply(s, name, seen, today=TODAY)


def test_before_a_list_comes_in_a_backup_is_made(clinic: ClinicFile, file: Path) -> None:
    now = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
    seen = look(clinic, file, "Last name\nMarsh\n")
    with pytest.raises(StoppedError):
        lists.bring_in(clinic, "clients", seen, today=TODAY, now=now, told=lambda at, size: False)
    assert not clinic.backups.all(), "cancelled before it began"
    lists.bring_in(clinic, "clients", seen, today=TODAY, now=now)
    (made,) = clinic.backups.all()
    assert (made.manifest.reason, made.manifest.clients) == (Reason.IMPORT, 0)
    assert len(all_clients(clinic)) == 1


def test_without_a_backup_no_list_comes_in(clinic: ClinicFile, file: Path) -> None:
    seen = look(clinic, file, "Last name\nMarsh\n")
    clinic.backups.folder.write_bytes(b"in the way")
    with pytest.raises(ClinicError, match="backups cannot be made"):
        lists.bring_in(clinic, "clients", seen, today=TODAY, now=dt.datetime.now(dt.UTC))
    assert not all_clients(clinic)


def all_clients(clinic: ClinicFile) -> list[Client]:
    with clinic.read() as s:
        return convert.load(s, Client)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16-le"), ("utf-16-le", "utf-16-le"),
     ("utf-16-be", "utf-16-be"), ("cp1252", "cp1252")],
)  # fmt: skip
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encoding_and_separator_are_guessed(file: Path, encoding: str, found: str, separator: str) -> None:
    rows = [["Last name", "First name", "Note"], ["Câmara", "Zoë", f'says "so{separator}la"']]
    text = "\r\n".join(separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    file.write_bytes(text.encode(encoding))
    form = csv_read.guess(file)
    assert form == csv_read.Form(found, separator)
    assert list(csv_read.rows(file, form)) == [(1, rows[0]), (2, rows[1])]


def test_a_separator_that_is_declared_counts(clinic: ClinicFile, file: Path) -> None:
    seen = look(clinic, file, 'sep=;\nLast name;"First, or given name";Phone\nMarsh;Ottoline;5415550101\n')
    assert seen.form.separator == ";" and seen.headings == ("Last name", "First, or given name", "Phone")
    assert seen.rows[0].line == 3 and seen.mapping == {0: "last_name", 2: "phone"}


def test_rows_are_new_changed_unchanged_or_refused(clinic: ClinicFile, file: Path) -> None:
    with clinic.write("Two") as s:
        clients.save_client(s, Client(number="0007", last_name="Applewhite", first_name="Juniper", phone="5415550147"))
        clients.save_client(s, Client(number="0008", last_name="Quill", birth_date=dt.date(1980, 3, 2)))
    text = (
        f"{HEAD}\n0007,Applewhite,Juniper,04/12/1986,\n,QUILL,,1980-03-02,\n,Marsh,Ottoline,3/4/1971,(541) 555-0101\n"
        ",,Nobody,,\n,Rowe,Ann,,12\n\n,Marsh,Ottoline,03/04/1971,\n,Applewhite,Juniper,,\n0009,Quill,,03/02/1980,\n"
        "0008,Stranger,Sam,01/01/1990,\n,Short,Year,1/2/86,\n"
    )
    seen = look(clinic, file, text)
    assert seen.mapping == {0: "number", 1: "last_name", 2: "first_name", 3: "birth_date", 4: "phone"}
    assert [(row.line, row.what, row.title) for row in seen.rows] == [
        (2, What.CHANGED, "Applewhite, Juniper"), (3, What.CHANGED, "QUILL"), (4, What.NEW, "Marsh, Ottoline"),
    ]  # fmt: skip
    assert seen.rows[0].changes == (Change("Birth date", "", "04/12/1986"),)
    assert seen.rows[1].changes == (Change("Last name", "Quill", "QUILL"),)
    reasons = {row.line: row.reason for row in seen.refused}
    told = {5: "no last name", 6: "Phone: Not a valid phone", 8: "as in line 4", 9: "may be client 0007",
            10: "Client 0008 has the same name", 11: "another name and birth date", 12: "four digits"}  # fmt: skip
    assert set(reasons) == set(told)
    for line, words in told.items():
        assert words in reasons[line], line
    before = all_clients(clinic)
    done = bring_in(clinic, seen)
    assert done.counts == seen.counts and done.refused == seen.refused
    people = {one.number: one for one in all_clients(clinic)}
    assert people["0007"].phone == "5415550147" and people["0007"].birth_date == dt.date(1986, 4, 12)
    assert sorted(one.last_name for one in people.values()) == ["Applewhite", "Marsh", "QUILL"]
    clinic.undo()
    assert all_clients(clinic) == before


def test_the_same_file_again_changes_nothing(clinic: ClinicFile, file: Path) -> None:
    text = f"{HEAD}\n,Marsh,Ottoline,3/4/1971,\n"
    bring_in(clinic, look(clinic, file, text))
    seen = look(clinic, file, text)
    assert seen.counts == {What.UNCHANGED: 1} and seen.to_keep == 0


@pytest.mark.parametrize("name", ["clients", "payers", "fees"])
def test_what_goes_out_comes_back_unchanged(demo_clinic: ClinicFile, file: Path, name: str) -> None:
    with demo_clinic.write("Odd ones") as s:
        odd = payers.save_payer(
            s, Payer(name="=cmd|x", unit_rule=None, program=Program.FECA, paid_pairs=("97140+97124",))
        )
        clients.save_client(s, Client(last_name="-Dash", first_name='O"Neil, "Bo"', sex=Sex.MALE, note="=1+1\n two"))
        payers.save_fee_schedule(s, FeeSchedule(name="Own", payer_id=odd.id, fees=(Fee(code="97140", amount=4150),)))
    count = lists.save(demo_clinic, name, file, today=TODAY)
    assert b"'=cmd|x" in file.read_bytes() if name == "payers" else count > 3
    with demo_clinic.read() as s:
        seen = csv_import.preview(s, name, file, today=TODAY)
    changed = [row for row in seen.rows if "Dash" not in row.title]
    assert not seen.refused and changed == [] and seen.counts[What.UNCHANGED] >= count - 1


def test_payers_are_known_by_their_name(clinic: ClinicFile, file: Path) -> None:
    with clinic.write("One") as s:
        payers.save_payer(s, Payer(name="Bluebird Health", filing_days=90))
    text = (
        "Insurance;Address;Zip;Days to file;Item 1: program\n"
        "BLUEBIRD health;PO Box 1;97208;180;group\nCedar;;;x;\nAster;;;;\n"
    )
    seen = look(clinic, file, text, "payers")
    assert seen.counts == {What.CHANGED: 1, What.REFUSED: 1, What.NEW: 1}
    assert seen.refused[0].reason.startswith("Days to file: Not a number.")
    bring_in(clinic, seen, "payers")
    with clinic.read() as s:
        aster, bluebird = payers.payers(s)
    assert (bluebird.street, bluebird.zip_code, bluebird.filing_days) == ("PO Box 1", "97208", 180)
    assert (bluebird.program, aster.unit_rule) == (Program.GROUP, None)


def test_fees_go_into_their_schedule(clinic: ClinicFile, file: Path) -> None:
    with clinic.write("One") as s:
        payer = payers.save_payer(s, Payer(name="Bluebird"))
        payers.save_fee_schedule(
            s, FeeSchedule(name="Standard", fees=(Fee(code="97140", label="manual", amount=3600),))
        )
    text = (
        "CPT,Description,Price,Payer,From\n97140,,$40,,\n97124,massage,32.5,,\n"
        "97140,,30,bluebird,01/01/2027\n97140,,1,,\nX,,1,,\n97110,,1,Nobody,\n"
    )
    seen = look(clinic, file, text, "fees")
    assert seen.counts == {What.CHANGED: 1, What.NEW: 2, What.REFUSED: 3}
    assert seen.rows[0].changes == (Change("Price per unit", "36.00", "40.00"),)
    for row, words in zip(seen.refused, ("line 2", "Code: Not a valid", "no payer of this name"), strict=True):
        assert words in row.reason
    bring_in(clinic, seen, "fees")
    with clinic.read() as s:
        known = {one.payer_id: one for one in payers.fee_schedules(s)}
    assert [(fee.code, fee.label, fee.amount) for fee in known[None].fees] == [
        ("97140", "manual", 4000), ("97124", "massage", 3250),
    ]  # fmt: skip
    assert known[payer.id].valid_from == dt.date(2027, 1, 1) and known[payer.id].fees[0].amount == 3000


def test_long_and_invisible_things_are_handled_in_place(clinic: ClinicFile, file: Path) -> None:
    text = f"Last name,First name\n{'x' * 300},Long\nAp\x00ple\u202ewhite,Juni\x07per\na,b,c\n".encode()
    seen = look(clinic, file, text)
    assert "300 characters are too long" in seen.refused[0].reason and "more cells" in seen.refused[1].reason
    assert seen.cleaned == 1 and seen.rows[0].title == "Ap ple white, Juni per"


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "empty"), ("\n\n", "empty"), ("colour,size\nred,3\n", "No column of the file is known"),
     ("Last name\n\"never closed\n" + "x" * 120_000, "has no end")],
    ids=["nothing", "blank", "strange", "open quote"],
)  # fmt: skip
def test_a_file_that_is_no_list_is_said(clinic: ClinicFile, file: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        look(clinic, file, text)
    with pytest.raises(InputError, match="cannot be read"):
        csv_read.guess(file.with_name("gone.csv"))


def test_a_character_of_another_encoding_is_refused_not_changed(clinic: ClinicFile, file: Path) -> None:
    text = "Last name\nCâmara\n".encode("cp1252")
    seen = look(clinic, file, text, form=csv_read.Form("utf-8", ","))
    assert "Choose another encoding" in seen.refused[0].reason and seen.to_keep == 0


def test_whole_names_and_a_mapping_by_hand(clinic: ClinicFile, file: Path) -> None:
    text = 'Patient,Extra\n"Marsh, Ottoline",1971-03-04\nOttoline Marsh,\n'
    seen = look(clinic, file, text)
    assert seen.mapping == {0: "full_name"} and "no comma" in seen.refused[0].reason
    seen = look(clinic, file, text, mapping={0: "full_name", 1: "birth_date"})
    bring_in(clinic, seen)
    (kept,) = all_clients(clinic)
    assert (kept.last_name, kept.first_name, kept.birth_date) == ("Marsh", "Ottoline", dt.date(1971, 3, 4))


def test_stopping_keeps_nothing_and_a_changed_file_is_looked_at_again(clinic: ClinicFile, file: Path) -> None:
    text = "Last name,First name\n" + "".join(f"Marsh,No{n}\n" for n in range(5_000))
    seen = look(clinic, file, text)
    told: list[tuple[int, int]] = []

    def stop(at: int, size: int) -> bool:
        told.append((at, size))
        return False

    with pytest.raises(StoppedError), clinic.write("Bring in") as s:
        csv_import.apply(s, "clients", seen, today=TODAY, told=stop)
    assert all_clients(clinic) == [] and told[0][0] <= told[0][1] == file.stat().st_size
    file.write_text(text + "Rowe,Ann\n", encoding="utf-8")
    with pytest.raises(InputError, match="has changed"):
        bring_in(clinic, seen)


def test_the_report_of_what_was_refused(clinic: ClinicFile, file: Path) -> None:
    seen = look(clinic, file, "Last name,Phone\n=Rowe,12\n")
    lists.save_refused(seen.refused, file)
    lines = file.read_text("utf-8-sig").splitlines()
    assert lines[0] == "Line,Row,Why it was refused" and lines[1].startswith("2,'=Rowe 12,Phone: ")
