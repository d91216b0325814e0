"""`cms1500 fill` and `cms1500 read` as a person or a script uses them."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.forms import acroform
from tests.forms import pdf_factory, sample_pages

PAGES = [sample_pages.COMMERCIAL, sample_pages.AUTO]


@pytest.fixture
def values(tmp_path: Path) -> Path:
    return written(tmp_path / "values.json", PAGES)


def written(path: Path, page: Any) -> Path:
    path.write_text(json.dumps(page), "utf-8")
    return path


def run(*arguments: object) -> int:
    return cli.main(["cms1500", *map(str, arguments)])


def answered(capsys: pytest.CaptureFixture[str], pdf: Path) -> Any:
    capsys.readouterr()
    assert run("read", pdf) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("mode", ["overlay", "full"])
def test_what_was_filled_is_read(mode: str, values: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tmp_path / "first.pdf", tmp_path / "second.pdf"
    assert run("fill", values, "-o", first, "--mode", mode, "--dx", "1.5", "--dy", "-2") == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[0].startswith("page 1, inform: Patient's name (item 2): spelled for print, ễ → E")
    pages = answered(capsys, first)
    assert pages[0]["2"] == "NGUYEN-OSAMPLE, DAO, T"
    assert run("fill", written(tmp_path / "again.json", pages), "-o", second, "--mode", mode) == 0
    assert capsys.readouterr().err == ""
    assert answered(capsys, second) == pages


def test_a_payers_form(values: Path, tmp_path: Path, real_forms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, plain = tmp_path / "out.pdf", tmp_path / "plain.pdf"
    template = real_forms / "fillable-a.pdf"
    assert run("fill", values, "-o", plain) == 0
    wanted = answered(capsys, plain)
    assert run("fill", values, "-o", out, "--mode", "fillable", "--template", template) == 0
    assert answered(capsys, out) == wanted

    before = out.read_bytes()
    kept = ("fill", values, "-o", out, "--mode", "fillable", "--template", template, "--keep-fillable")
    assert run(*kept) == 1
    assert "page" in capsys.readouterr().err.lower()
    assert out.read_bytes() == before

    by_hand = tmp_path / "map.json"
    by_hand.write_text('{"1a": "no_such_field"}', "utf-8")
    assert run("fill", values, "-o", out, "--mode", "fillable", "--template", template, "--map", by_hand) == 2


def test_a_made_up_payers_form_gives_its_problems(
    values: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.billing.problems import block

    seen: dict[str, Any] = {}

    def fill(template: object, pages: object, layout: object, **options: Any) -> acroform.Filled:
        seen.update(options)
        return acroform.Filled(b"%PDF", [block("template.no-field", "Item 1a found no field.", item="1a")])

    monkeypatch.setattr(acroform, "load_template", lambda data: data)
    monkeypatch.setattr(acroform, "fill", fill)
    template = tmp_path / "t.pdf"
    template.write_bytes(b"%PDF")
    by_hand = tmp_path / "map.toml"
    by_hand.write_text('"1a" = "id"', "utf-8")
    out = tmp_path / "out.pdf"
    options = ("--mode", "fillable", "--template", template, "--map", by_hand, "--keep-fillable")
    assert run("fill", values, "-o", out, *options) == 1
    assert not out.exists()
    assert seen == {"keep_fillable": True, "mapping": {"1a": "id"}}
    assert "block: Item 1a found no field." in capsys.readouterr().err


def test_problems_write_nothing_and_leave_the_old_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.pdf"
    out.write_bytes(b"old")
    page = written(tmp_path / "v.json", {"2": "Łu", "17b": "1234567890", "24": [{"charge": "1000000"}]})
    assert run("fill", page, "-o", out) == 1
    assert out.read_bytes() == b"old"
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["block", "block", "inform"]
    assert list(tmp_path.iterdir()) == [out, page] or set(tmp_path.iterdir()) == {out, page}


def test_problems_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = written(tmp_path / "v.json", [{}, {"1a": "X" * 30}])
    assert run("fill", page, "-o", tmp_path / "out.pdf", "--json") == 1
    (problem,) = json.loads(capsys.readouterr().out)
    assert set(problem) == {"severity", "code", "message", "item", "record", "field"}
    assert (problem["severity"], problem["item"], problem["record"]) == ("block", "1a", "page:2")
    assert run("fill", written(page, {}), "-o", tmp_path / "out.pdf", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_dates_with_eight_digits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = written(tmp_path / "v.json", {"14": {"date": "1999-01-02"}})
    assert run("fill", page, "-o", tmp_path / "out.pdf", "--date-digits", "8") == 0
    assert answered(capsys, tmp_path / "out.pdf") == [{"14": {"date": "1999-01-02"}}]


def test_values_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"27": false}')))
    assert run("fill", "-", "-o", tmp_path / "out.pdf") == 0
    assert answered(capsys, tmp_path / "out.pdf") == [{"27": False}]


@pytest.mark.parametrize(
    ("content", "options", "sentence"),
    [
        ("{", (), "This is not JSON"),
        ('{"1b": ""}', (), '"1b" is not a key'),
        ('{"2": 1}', (), '"2" must be text'),
        ("[]", (), "no page"),
        ("{}", ("--mode", "fillable"), "none is given"),
        ("{}", ("--mode", "fillable", "--template", "VALUES", "--dx", "1"), "is not moved"),
        ("{}", ("--mode", "fillable", "--template", "VALUES"), "PDF"),
        ("{}", ("--mode", "fillable", "--template", "NOTHING"), "cannot be read: no such file"),
        ("{}", ("--template", "VALUES"), "serve a payer's PDF"),
        ("{}", ("--keep-fillable",), "serve a payer's PDF"),
        ("{}", ("--dx", "nan"), "must lie between"),
        ('{"2": "ROE"}', ("--dx", "-20"), "off the sheet"),
    ],
)
def test_bad_use_and_bad_input(
    content: str,
    options: tuple[str, ...],
    sentence: str,
    *,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("VALUES").write_text(content, "utf-8")
    assert run("fill", "VALUES", "-o", "out.pdf", *options) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert len(said.err.splitlines()) == 1
    assert not Path("out.pdf").exists()


@pytest.mark.parametrize("options", [("--mode", "poster"), ("--dx", "far"), ()])
def test_argparse_refuses_the_rest(options: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as left:
        run("fill", "values.json", *options)
    assert left.value.code == 2


def test_places_that_cannot_be_read_or_written(values: Path, tmp_path: Path) -> None:
    assert run("fill", tmp_path / "none.json", "-o", tmp_path / "out.pdf") == 2
    assert run("fill", tmp_path, "-o", tmp_path / "out.pdf") == 2
    assert run("fill", values, "-o", tmp_path / "none" / "out.pdf") == 2
    assert run("fill", values, "-o", tmp_path) == 2
    assert run("read", tmp_path / "none.pdf") == 2
    assert run("read", values) == 2


def test_the_input_is_never_replaced(values: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = values.read_bytes()
    assert run("fill", values, "-o", values) == 2
    assert "would replace a file that is read" in capsys.readouterr().err
    assert values.read_bytes() == before


def test_reading_tells_what_makes_no_sense(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from app.forms import layout, pdf
    from app.forms.marks import Mark

    marks = [Mark("2", 10, 1, "ROE"), Mark("27.yes", 56, 38, "X"), Mark("27.no", 56, 43, "X")]
    out = tmp_path / "out.pdf"
    out.write_bytes(pdf.overlay([marks], layout.load()))
    assert run("read", out) == 1
    said = capsys.readouterr()
    assert json.loads(said.out) == [{"2": "ROE"}]
    assert said.err == "block: Item 27: more than one box is crossed, so it is left out. Look at the page.\n"


def test_the_match_of_a_payers_pdf_is_a_mapping_file(
    values: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template, mapping = tmp_path / "t.pdf", tmp_path / "map.toml"
    template.write_bytes(pdf_factory.pdf(pdf_factory.like_fillable_a()))
    assert run("fields", template) == 0
    mapping.write_text(capsys.readouterr().out, "utf-8")
    assert '"1a" = "insurance_id"' in mapping.read_text("utf-8")
    out = tmp_path / "out.pdf"
    assert run("fill", values, "-o", out, "--mode", "fillable", "--template", template, "--map", mapping) == 0
    assert answered(capsys, out)


def test_a_name_that_no_file_can_have(values: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fill", values, "-o", tmp_path / ("x" * 300)) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert run("fill", tmp_path / ("x" * 300), "-o", tmp_path / "out.pdf") == 2
    assert sorted(tmp_path.iterdir()) == [values]
