"""The diagnosis codes: by date of service, as one types, and with newer releases."""

from __future__ import annotations

import datetime as dt
import io
import lzma
import threading
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import paths
from app.errors import InputError, UserError
from app.store import icd10, icd10_releases
from tests.billing.vectors import VECTORS

DAY = dt.date(2026, 11, 21)
make = icd10.build
"""The real one; inside a test `icd10.build` links to the file that all tests share."""


def found(text: str, *, date: dt.date = DAY, limit: int = 20) -> list[str]:
    return [code.code for code in icd10.search(text, date=date, limit=limit)]


@pytest.mark.parametrize("case", VECTORS["icd_dos"], ids=lambda case: f"{case['code']}-{case['dos']}")
def test_a_code_is_valid_by_date_of_service(case: dict[str, str]) -> None:
    date = dt.date.fromisoformat(case["dos"])
    for written in (case["code"], case["code"].replace(".", "").lower()):
        status = icd10.check(written, date)
        assert status.valid is case["valid"]
        assert status.code == case["code"] or not status.title
    assert (icd10.title(case["code"], date) is not None) is case["valid"]


def test_what_is_known_of_a_code() -> None:
    status = icd10.check("m542", DAY)
    assert (status.code, status.title, status.valid, status.billable) == ("M54.2", "Cervicalgia", True, True)
    assert (status.valid_from, status.valid_to, status.successors) == (dt.date(2015, 10, 1), None, ())
    assert status.sentence == "Cervicalgia"

    ended = icd10.check("M54.5", dt.date(2021, 10, 1))
    assert (ended.valid, ended.billable, ended.valid_from) == (False, False, dt.date(2021, 10, 1))
    assert [code.code for code in ended.successors] == ["M54.50", "M54.51", "M54.59"]
    assert ended.sentence == "Low back pain: not complete, needs more characters. Choose from M54.50, M54.51, M54.59."
    assert icd10.check("M54.5", dt.date(2021, 9, 30)).valid_to == dt.date(2021, 9, 30)

    unknown = icd10.check("M54.Z9", DAY)
    assert (unknown.valid, unknown.title, unknown.valid_from, unknown.successors) == (False, "", None, ())
    assert unknown.sentence == "It is not an ICD-10-CM code. Look it up by its words."


def test_what_to_use_instead() -> None:
    def instead(code: str, date: dt.date) -> list[str]:
        return [code.code for code in icd10.check(code, date).successors]

    assert instead("M72.2", DAY) == ["M67.A01", "M67.A02", "M67.A09", "M72.20", "M72.21", "M72.22"]
    assert instead("M25.51", DAY) == ["M25.511", "M25.512", "M25.519"]
    assert instead("S13.4", DAY) == ["S13.4XXA", "S13.4XXD", "S13.4XXS"]
    assert instead("M54.50", dt.date(2021, 9, 30)) == ["M54.5"], "before it began, what it came from"
    early = icd10.check("M54.50", dt.date(2021, 9, 30))
    assert early.sentence == "Low back pain, unspecified: in force only from 10/01/2021. Choose from M54.5."
    gone = icd10.check("H40.11X0", DAY)
    assert gone.sentence.endswith("ended on 09/30/2016. Choose from H40.1110, H40.1120, H40.1130, H40.1190.")
    many = icd10.check("S72", DAY)
    assert len(many.successors) > 6
    assert many.sentence == "Fracture of femur: not complete, needs more characters. Choose another code."


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("whiplash", ["S13.4XXA", "S13.4XXD", "S13.4XXS"]),
        ("low back", ["M54.50", "M54.59", "M54.51"]),
        ("low back pain", ["M54.50"]),
        ("M545", ["M54.50", "M54.59", "M54.51", "M54.5"]),
        ("m54.5", ["M54.50"]),
        ("M54.", ["M54.2"]),
        ("m", ["M54.2"]),
        ("S1", ["S13.4XXA"]),
        ("s134xxd", ["S13.4XXD"]),
        ("tmj", ["M26.621", "M26.622"]),
        ("neck pain", ["M54.2"]),
        ("cervicalg", ["M54.2"]),
        ("headache", ["R51.9"]),
        ("frozen sh", ["M75.01", "M75.02"]),
        ("golfer’s elbow", ["M77.01", "M77.02"]),
        ("GOLFERS ELBOW", ["M77.01", "M77.02"]),
        ("pain in the right shoulder", ["M25.511"]),
        ("plantar", ["M67.A01", "M67.A02"]),
        ("hamstring", ["S76.311A"]),
        ("piriformis", ["G57.01", "G57.02"]),
        ("ménière", ["H81.03", "H81.01", "H81.02"]),
        ("hyper", ["G54.0", "M79.4"]),
        ("low*", ["M54.50"]),
    ],
)
def test_search_as_one_types(text: str, first: list[str]) -> None:
    assert found(text)[: len(first)] == first


def test_search_asks_for_the_list_of_that_day() -> None:
    assert found("M545", date=dt.date(2021, 9, 30)) == ["M54.5"]
    assert found("low back pain", date=dt.date(2021, 9, 30))[0] == "M54.5"
    assert "M54.5" not in found("lumbago", date=DAY)
    assert found("M54", date=dt.date(2015, 9, 30)) == []
    assert found("plantar fascial", date=dt.date(2026, 9, 30))[0] == "M72.2"


def test_wildcards_and_signs_mean_nothing() -> None:
    for text in ("", " ", "%", "*", "_", '"', "' OR 1=1 --", "M54*5 NEAR", "(((", "\0", "…", "頸痛"):
        assert found(text) == [] or "1" in text or "M" in text
    assert found("l_w") == found("l w")
    assert found("back%pain") == found("back pain")
    assert found("xyzzy back") == []
    assert found(" ".join(f"word{number}" for number in range(5000))) == []
    assert found("pain " * 500) == found("pain")


def test_the_limit_is_kept_and_no_code_comes_twice() -> None:
    assert len(found("pain", limit=7)) == 7
    codes = found("m25", limit=60)
    assert len(codes) == len(set(codes)) == 60
    assert [code.billable for code in icd10.search("sciatica", date=DAY, limit=200)] == sorted(
        (code.billable for code in icd10.search("sciatica", date=DAY, limit=200)), reverse=True
    )


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30))
def test_any_text_can_be_searched_and_checked(text: str) -> None:
    for code in icd10.search(text, date=DAY):
        assert icd10.check(code.code, DAY).title == code.title
    assert icd10.check(text, DAY).valid is bool(icd10.title(text, DAY))


def test_every_keystroke_of_a_code_and_its_title_finds_it() -> None:
    for code in ("M54.2", "S39.012A", "G44.209", "M99.01", "F07.81", "QA0.0101"):
        status = icd10.check(code, DAY)
        assert status.valid, code
        for length in range(4, len(code) + 1):
            assert any(hit.startswith(code[:length]) for hit in found(code[:length])), code[:length]
        assert code in found(status.title, limit=200)


def test_several_threads_may_search() -> None:
    answers: list[list[str]] = []
    threads = [threading.Thread(target=lambda: answers.append(found("low back"))) for __ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [answers[0]] * 6


def test_the_file_is_used_again_and_replaces_older_ones(tmp_path: Path) -> None:
    cache, data = tmp_path / "cache", tmp_path / "data"
    for folder in (cache, data):
        folder.mkdir()
    (cache / "icd10cm-0000.sqlite").write_bytes(b"old")
    icd10.open_book(cache, data).close()
    (file,) = cache.iterdir()
    before = file.stat().st_mtime_ns
    icd10.open_book(cache, data).close()
    assert [path.name for path in cache.iterdir()] == [file.name]
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0 and nothing else", b"\0" * 9000])
def test_a_damaged_search_file_is_made_anew(content: bytes) -> None:
    icd10.book()
    icd10.close()
    (file,) = paths.cache_dir().glob("*.sqlite")
    file.unlink()  # it is a link to the one that all tests share
    file.write_bytes(content)
    assert found("whiplash")[0] == "S13.4XXA"


def test_a_search_file_that_is_damaged_inside_is_made_anew() -> None:
    icd10.book()
    icd10.close()
    (file,) = paths.cache_dir().glob("*.sqlite")
    whole = file.read_bytes()
    file.unlink()
    third = len(whole) // 3
    file.write_bytes(whole[:third] + b"\xff" * third + whole[2 * third :])
    assert found("whiplash")[0] == "S13.4XXA"
    assert icd10.check("M54.2", DAY).valid


def test_a_full_disk_is_told_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(icd10, "build", full)
    with pytest.raises(UserError) as told:
        icd10.search("neck", date=DAY)
    assert "space" in told.value.hint


def test_making_the_file_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    make(tmp_path / "codes.sqlite", tmp_path, lambda done, total: told.append((done, total)))
    assert told[0][0] == 0
    assert told == sorted(told)
    assert told[-1] == (99_498, 99_498)
    assert [path.name for path in tmp_path.iterdir()] == ["codes.sqlite"]
    opened = icd10.Book(tmp_path / "codes.sqlite")
    assert opened.is_whole()
    assert opened.connection.execute("SELECT count(*) FROM code").fetchone() == (99_498,)
    assert icd10.connection().execute("SELECT count(*) FROM code WHERE title LIKE '%whiplash%'").fetchone() == (0,)
    opened.close()


# --- newer releases


def order_file(codes: dict[str, tuple[bool, str]]) -> bytes:
    """A list, written as the public order file."""
    lines = [
        f"{number:05} {code:7} {int(billable)} {title[:60]:60} {title}"
        for number, (code, (billable, title)) in enumerate(sorted(codes.items()), start=1)
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def in_force() -> dict[str, tuple[bool, str]]:
    rows = icd10_releases.own_rows()
    return {row.code: (row.billable, row.title) for row in rows if row.last == icd10_releases.OPEN}


@pytest.fixture(scope="module")
def next_year() -> bytes:
    """A made-up release: M54.2 grows a child, M54.59 is gone, M54.6 has a new title."""
    codes = in_force()
    del codes["M5459"]
    codes |= {"M542": (False, "Cervicalgia"), "M5420": (True, "Neck pain, plain"), "M546": (True, "Pain in upper back")}
    return order_file(codes)


def spans() -> dict[str, list[tuple[bool, str, str]]]:
    """When the codes under M54 are billable or not, from the program's list and the releases added."""
    found: dict[str, list[tuple[bool, str, str]]] = {}
    for row in icd10_releases.all_rows(paths.data_dir()):
        if row.code.startswith("M54"):
            found.setdefault(row.code, []).append((row.billable, row.first, row.last))
    return found


@pytest.mark.parametrize("year", [2027, 2026])
def test_what_the_program_knows_is_not_added(year: int) -> None:
    result = icd10.import_release(order_file(in_force()), name=f"icd10cm_order_{year}.txt")
    assert (result.effective, result.codes, result.billable) == (dt.date(year - 1, 10, 1), 98403, 74879)
    assert (result.kept, result.added, result.ended, result.changed) == (False, 0, 0, 0)
    assert icd10_releases.imported_files(paths.data_dir()) == []


def test_a_newer_release_is_in_force_from_its_day(next_year: bytes, tmp_path: Path) -> None:
    archive = tmp_path / "2028-Code-Descriptions.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("Code Descriptions/icd10cm-order-2028.txt", next_year)
        file.writestr("Code Descriptions/icd10cm-order-addenda-2028.txt", "other")
        file.writestr("Code Descriptions/icd10cm-codes-2028.txt", "other")
    result = icd10.import_release(archive)
    assert result.effective == dt.date(2027, 10, 1)
    assert (result.kept, result.added, result.ended, result.changed) == (True, 1, 1, 2)
    last, first, known = "2027-09-30", "2027-10-01", spans()
    assert known["M542"] == [(True, "2015-10-01", last), (False, first, icd10_releases.OPEN)]
    assert known["M5420"] == [(True, first, icd10_releases.OPEN)]
    assert known["M5459"] == [(True, "2021-10-01", last)]
    assert known["M546"] == [(True, "2015-10-01", icd10_releases.OPEN)]
    assert not icd10.import_release(archive).kept, "a second time brings nothing"


def test_releases_can_come_in_any_order(next_year: bytes) -> None:
    later = next_year.replace(b"M5420 ", b"M5421 ")
    assert icd10.import_release(later, name="icd10cm-order-April-2028.txt").effective == dt.date(2028, 4, 1)
    assert icd10.import_release(lzma.compress(next_year, preset=0), name="icd10cm_order_FY2028.txt.xz").kept
    known = spans()
    assert known["M5420"] == [(True, "2027-10-01", "2028-03-31")]
    assert known["M5421"] == [(True, "2028-04-01", icd10_releases.OPEN)]
    assert known["M542"] == [(True, "2015-10-01", "2027-09-30"), (False, "2027-10-01", icd10_releases.OPEN)]


def test_the_list_in_force_can_be_amended(next_year: bytes) -> None:
    assert icd10.import_release(next_year, effective=dt.date(2026, 10, 1)).kept
    known = spans()
    assert known["M5420"] == [(True, "2026-10-01", icd10_releases.OPEN)]
    assert known["M5459"] == [(True, "2021-10-01", "2026-09-30")]
    assert known["M542"] == [(True, "2015-10-01", "2026-09-30"), (False, "2026-10-01", icd10_releases.OPEN)]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("icd10cm_order_FY2028_2027-10-01.txt.xz", dt.date(2027, 10, 1)),
        ("icd10cm_order_2028.txt", dt.date(2027, 10, 1)),
        ("icd10cm-order-Jan-2028.txt", dt.date(2028, 1, 1)),
        ("folder 2020/icd10cm-order-April-2028.txt", dt.date(2028, 4, 1)),
        ("order.txt", None),
        ("order-2028-13-45.txt", None),
        ("order-123420289.txt", None),
    ],
)
def test_the_day_is_read_from_the_name(name: str, day: dt.date | None) -> None:
    assert icd10_releases._day(name) == day


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(f"{name}.txt", content)
    return buffer.getvalue()


LINE = f"00001 A00     0 {'Cholera':60} Cholera"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no codes"),
        (b"\n \r\n", "holds no codes"),
        (b"hello", "Line 1"),
        (f"{LINE}\n{LINE}".encode(), "Line 2"),
        (LINE.replace(" 0 ", " 2 ").encode(), "Line 1"),
        (LINE[:70].encode(), "Line 1"),
        (b"\xff\xfe\x00", "plain text"),
        (LINE.encode(), "not a whole release"),
        (b"PK\x03\x04 broken", "zip file is damaged"),
        (zipped(order=b"x")[:-30], "zip file is damaged"),
        (zipped(codes=b"x"), "does not hold one order file"),
        (zipped(order_a=b"x", order_b=b"x"), "does not hold one order file"),
        (zipped(order_addenda=b"x", order_pcs=b"x"), "does not hold one order file"),
        (zipped(order=b"x"), "Line 1"),
        (b"\xfd7zXZ\x00broken", "compressed file is damaged"),
        (lzma.compress(LINE.encode())[:-8], "compressed file is damaged"),
        (b"%PDF-1.7\n", "Line 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_what_is_no_order_file_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(InputError) as refused:
        icd10.import_release(content, name="icd10cm_order_2028.txt")
    assert words in refused.value.message
    assert refused.value.hint
    assert icd10_releases.imported_files(paths.data_dir()) == []


def test_a_damaged_member_of_a_zip_is_refused() -> None:
    content = bytearray(zipped(order=LINE.encode() * 50))
    content[45:60] = b"\xff" * 15
    with pytest.raises(InputError, match="zip file is damaged"):
        icd10.import_release(bytes(content), name="2028.zip")


def test_nothing_huge_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icd10_releases, "LARGEST", 1000)
    big = tmp_path / "order_2028.txt"
    big.write_bytes(b" " * 1001)
    for source in (big, lzma.compress(b" " * 5000), zipped(order=b" " * 5000)):
        with pytest.raises(InputError, match="too large"):
            icd10.import_release(source, effective=DAY)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for source in (tmp_path, tmp_path / "missing_2028.txt"):
        with pytest.raises(InputError, match="cannot be read"):
            icd10.import_release(source)


def test_a_file_without_a_day_asks_for_one(next_year: bytes) -> None:
    with pytest.raises(InputError, match="from when"):
        icd10.import_release(next_year, name="order.txt")


def test_an_added_release_that_is_damaged_is_removed_and_told(next_year: bytes) -> None:
    assert icd10.import_release(next_year, name="icd10cm_order_2028.txt").kept
    (file,) = icd10_releases.imported_files(paths.data_dir())
    file.write_bytes(b"\xfd7zXZ\x00broken")
    icd10.close()
    with pytest.raises(UserError, match="damaged and was removed"):
        icd10.search("neck", date=DAY)
    assert found("neck pain")[0] == "M54.2"
