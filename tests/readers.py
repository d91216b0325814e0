"""The readers of what comes from outside, with good inputs: for the fuzzer."""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from app.forms import guarded, matching, pdf, read, template, values
from app.forms import layout as layouts
from app.forms.marks import compose
from app.store import audit, backup, csv_read, icd10_releases, keys, ncci, portable, tries
from tests.forms import pdf_factory as factory
from tests.forms.sample_pages import COMMERCIAL as FULL
from tests.fuzz import Target
from tests.store.conftest import CHEAP
from tests.store.test_ncci import CAPS, CAPS_NAME, PAIRS, PAIRS_NAME


def _words(*texts: bytes) -> list[bytes]:
    """The words of good inputs, to be put where they do not belong."""
    return sorted({word for text in texts for word in re.findall(rb'"[^"]{1,30}"|[\w./-]{2,30}', text)})[:400]


def _file(folder: Path, name: str, load: Callable[[Path], object]) -> Callable[[bytes], object]:
    """A reader of files as one of bytes."""

    def from_bytes(data: bytes) -> object:
        path = folder / name
        path.write_bytes(data)
        return load(path)

    return from_bytes


def _form(data: bytes) -> object:
    """Payers' PDFs, as their own process reads them; running out of memory ends that process only."""
    try:
        return template.read_forms(data)
    except MemoryError:
        return None


def _zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def _keys() -> bytes:
    file, data_key = keys.new_key_file()
    return keys_text(file.with_password("owner", "four quiet wooden spoons", data_key))


def keys_text(file: keys.KeyFile) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.keys"
        keys.save(path, file)
        return path.read_bytes()


def clinic_json(exported: dict[str, Any]) -> Target:
    data = json.dumps(exported).encode()
    return Target("clinic JSON", lambda data: portable.check(portable.parse(data)), [data], _words(data))


def targets(folder: Path, backup_file: bytes) -> list[Target]:
    """Those that need no clinic; `backup_file` is a backup."""
    grid = layouts.load()
    page = json.dumps(FULL).encode()
    small = factory.pdf([factory.text("one", (50, 100, 150, 112)), factory.check("two", (50, 120, 60, 130))])
    few = {"2": "TESTPERSON, MARIGOLD", "28": "120.00", "24": [{"from": "2026-11-21", "code": "97140"}]}
    overlay = pdf.overlay([compose(values.parse(few)[0], grid).marks], grid)
    answer = guarded._written({"a": 1}, [b"abc", template.read_forms(small)[0].packed()])
    mapping = b'"1a" = "id"\n"24.1.charge" = ["a", "b"]\n24.2.code = "x"\n'
    order = b"".join(
        b"%05d %-7s %d %-60s %s\r\n" % (n, code, 1, b"Title %d" % n, b"Long title %d" % n)
        for n, code in enumerate((b"M542", b"M5459", b"S134XXA"), 1)
    )
    raw_keys = _keys()
    misses = json.dumps([[1, "owner"], [2, ""]]).encode()
    heads = json.dumps({"head": {"count": 3, "seal": "ab"}, "verified": {"count": 2, "seal": "cd"}}).encode()
    table = b'last_name,first_name,birth_date\r\n"Quill, Jr.",Torvald,1980-02-29\r\n=Odd,"two\nlines",\r\n'
    return [
        Target("item values", values.read_json, [page], _words(page)),
        Target("mapping file", matching.read_mapping, [mapping], _words(mapping)),
        Target("payer's PDF", _form, [small], _words(small)),
        Target("PDF read back", read.read, [overlay], _words(overlay)),
        Target("answer of the process", _answer, [answer], _words(answer)),
        Target("key file", _file(folder, "a.keys", _load_keys), [raw_keys], _words(raw_keys)),
        Target("misses", _file(folder, "a.tries", lambda path: tries.Tries(path).by_user()), [misses], _words(misses)),
        Target("head of the audit", _file(folder, "a.json", _mirror), [heads], _words(heads)),
        Target("backup", _file(folder, "a.backup", backup.check), [backup_file]),
        Target("code release", _release, [order, _zipped(icd10cm_order_2026__txt=order)], _words(order)),
        Target("pairs", partial(ncci.import_file, name=PAIRS_NAME), [PAIRS, _zipped(ccipra__txt=PAIRS)], _words(PAIRS)),
        Target("caps", partial(ncci.import_file, name=CAPS_NAME), [CAPS], _words(CAPS)),
        Target("CSV", _file(folder, "a.csv", _table), [table, table.decode().encode("utf-16")], _words(table)),
    ]  # fmt: skip


def _load_keys(path: Path) -> object:
    file = keys.load(path)
    return [*file.users(), *(slot.cost.within(CHEAP) for slot in file.slots)]


def _mirror(path: Path) -> object:
    return audit.Mirror(path.parent, path.stem).head


def _answer(data: bytes) -> object:
    with guarded._unusable():
        return [template.unpacked(blob) for blob in guarded._read(data)[1][1:]]


def _release(data: bytes) -> object:
    """An order file; that a release is whole is judged afterwards, by what it holds."""
    content, __ = icd10_releases._unpacked(data, "icd10cm_order_2026.txt")
    return icd10_releases._codes(content)


def _table(path: Path) -> object:
    return list(csv_read.rows(path, csv_read.guess(path)))
