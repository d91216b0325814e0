"""What the installed program checks about itself: the whole way once, in a folder that is removed afterwards."""

from __future__ import annotations

import datetime as dt
import gettext
import io
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app import __version__, paths

if TYPE_CHECKING:
    from app.store.clinic import ClinicFile


@dataclass
class Bench:
    """What the checks work on: a folder of their own, the day, the clinic that one of them makes for those after it."""

    folder: Path
    today: dt.date
    made: list[ClinicFile] = field(default_factory=list)

    @property
    def clinic(self) -> ClinicFile:
        """The open demo clinic. Raises RuntimeError when it could not be made."""
        if not self.made:
            raise RuntimeError("there is no clinic to work on")
        return self.made[0]

    def close(self) -> None:
        """Let the clinic go."""
        for clinic in self.made:
            clinic.close()


Check = Callable[[Bench], str]


def run(*, today: dt.date) -> tuple[list[str], bool]:
    """The report, a line each, and whether all passed. Nothing of the user's is read or left behind."""
    began = time.perf_counter()
    lines = [f"superbill-desk {__version__}, Python {sys.version.split()[0]}, {sys.platform}"]
    passed = True
    with (
        tempfile.TemporaryDirectory(prefix="superbill-desk-test-", ignore_cleanup_errors=True) as folder,
        paths.apart(Path(folder, "user")),
    ):
        bench = Bench(Path(folder), today)
        for name, check in CHECKS.items():
            start = time.perf_counter()
            try:
                answer = check(bench)
            except Exception as error:
                answer, passed = f"FAILED: {type(error).__name__}: {error}", False
            lines.append(f"{name:<20}{answer}  ({_milliseconds(start)})")
        bench.close()
    lines.append(f"{'all passed' if passed else 'NOT passed'} ({_milliseconds(began)})")
    return lines, passed


def _milliseconds(start: float) -> str:
    return f"{(time.perf_counter() - start) * 1000:.0f} ms"


def _resources(bench: Bench) -> str:
    wanted = ["cms1500/layout.toml", "cms1500/form.toml", "fonts/Inter_400Regular.ttf", "codes", "icons", "mark.svg"]
    missing = [name for name in wanted if not paths.resource(*name.split("/")).exists()]
    if missing:
        raise FileNotFoundError(", ".join(missing))
    return f"{len(wanted)} readable"


def _engine(bench: Bench) -> str:
    from app.store import database

    return f"SQLite {database.check_engine()}"


def _clinic(bench: Bench) -> str:
    """A clinic of the first version, opened as a person does: with its password, copied, brought to today's tables."""
    from app.store import database, demo, keys, migrations, practice, tables
    from app.store.clinic import ClinicFile

    path = bench.folder / "older.clinic"
    key_file, key = keys.new_key_file()
    keys.save(path.with_suffix(".keys"), key_file.with_password("owner", demo.PASSWORD, key))
    connection = database.connect(path, key, create=True)
    connection.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
    migrations.run(connection, migrations.STEPS[:1])
    connection.execute("UPDATE practice SET name = 'An Older Practice'")
    connection.close()
    with path.open("rb") as file:
        if file.read(16).startswith(b"SQLite format"):
            raise RuntimeError("the file is not encrypted")
    bench.made.append(ClinicFile.open(path, password=demo.PASSWORD))
    with bench.clinic.read() as s:
        if practice.practice(s).name != "An Older Practice":
            raise RuntimeError("its content is lost")
    with bench.clinic.write("Fill the test clinic", undoable=False) as s:
        demo.fill(s, today=bench.today)
    return f"encrypted, brought from schema 1 to {tables.SCHEMA}, content kept"


def _claims(bench: Bench) -> str:
    """The two longest claims as text, as data for red forms, as full copies and in a payer's PDF, each read back."""
    from app import paperwork
    from app.billing.problems import blocks
    from app.forms import acroform, grid, layout, scanner
    from app.store import claims

    form, template = layout.load(), _payers_form()
    ids = [claim.id for claim in paperwork.build_claims(bench.clinic, today=bench.today) if claim.id]
    with bench.clinic.read() as s:
        sheets = {bundle.claim.id: paperwork.sheet(bundle, today=bench.today) for bundle in claims.bundles(s, ids)}
    ids = sorted(ids, key=lambda number: len(sheets[number].marks))[-2:]
    pages = [page for number in ids for page in sheets[number].marks]
    for page in pages:
        lines = grid.text(page, form)
        if not all(mark.text.rstrip() in lines for mark in page):
            raise RuntimeError("text: what is written is not what was meant")
    for mode in paperwork.Mode:
        output = paperwork.Output(mode=mode, template=template if mode is paperwork.Mode.FILLABLE else None)
        document = paperwork.claims_pdf(bench.clinic, ids, output, today=bench.today)
        if output.template:
            found = scanner.scan_filled(document, pages, form, acroform.load_template(output.template))
        else:
            found = scanner.scan_pages(document, pages, form)
        if len(found) != len(pages) or any(blocks(problems) for problems in found):
            raise RuntimeError(f"{mode}: what is drawn is not what was meant")
    return f"{len(ids)} on {len(pages)} pages, in {1 + len(paperwork.Mode)} ways, read back"


def _payers_form() -> bytes:
    """A fillable PDF with the fields of the one that many payers hand out, on an empty page."""
    from pypdf import PdfWriter
    from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, FloatObject, NameObject
    from pypdf.generic import TextStringObject as Text

    from app.forms.matching import known_templates

    height = 792
    writer = PdfWriter()
    page = writer.add_blank_page(612, height)
    widgets = ArrayObject()
    for ref, (left, top, right, bottom) in known_templates()[0].boxes.values():
        name, _equals, on = ref.partition("=")
        rect = ArrayObject(FloatObject(value) for value in (left, height - bottom, right, height - top))
        widget = DictionaryObject({NameObject("/Subtype"): NameObject("/Widget"), NameObject("/T"): Text(name)})
        widget[NameObject("/Rect")] = rect
        widget[NameObject("/FT")] = NameObject("/Btn" if on else "/Tx")
        widget[NameObject("/DA")] = Text("/Helv 9 Tf 0 g")
        if on:
            looks = {NameObject(f"/{state}"): DecodedStreamObject() for state in (on, "Off")}
            widget[NameObject("/AP")] = DictionaryObject({NameObject("/N"): DictionaryObject(looks)})
        widgets.append(writer._add_object(widget))  # noqa: SLF001 - pypdf has no public name for it
    page[NameObject("/Annots")] = widgets
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): ArrayObject()})
    document = io.BytesIO()
    writer.write(document)
    return document.getvalue()


def _superbill(bench: Bench) -> str:
    from app import paperwork
    from app.store import clients, visits

    with bench.clinic.read() as s:
        (client,) = clients.find(s, "Vasquez")
        chosen = [visit.id for visit in visits.visits_of(s, client.id) if visit.id]
    bill = paperwork.make_superbill(bench.clinic, client.id, chosen, today=bench.today)
    document = paperwork.superbill_pdf(bill)
    if not document.startswith(b"%PDF-") or document != paperwork.superbill_pdf(bill):
        raise RuntimeError("the superbill is not the same twice")
    return f"{len(document) // 1000} kB"


def _codes(bench: Bench) -> str:
    from app.store import icd10

    hits = icd10.search("whiplash", date=bench.today)
    if not any(hit.code.startswith("S13.4") for hit in hits):
        raise RuntimeError("whiplash is not found")
    return "ICD-10-CM answers"


def _window(bench: Bench) -> str:
    from app.main import paint_once

    colours = paint_once()
    if colours < 10:
        raise RuntimeError(f"the window has {colours} colours: nothing is drawn")
    return f"painted, {colours} colours"


def _second_start(bench: Bench) -> str:
    """A second start asks the first one to come to the front, over a socket of this computer."""
    from app.ui.single import Doorbell, raise_other

    path = bench.folder / "older.clinic"
    if raise_other(path):
        raise RuntimeError("somebody answers where nobody listens")
    bell = Doorbell()
    bell.listen(path)
    if not raise_other(path):
        raise RuntimeError("a second start does not find the first one")
    bell.listen(None)
    return "finds the first one"


def _languages(bench: Bench) -> str:
    """English needs no catalog; every other language that came along must have one that can be read."""
    from app import i18n

    others = sorted(folder.name for folder in paths.resource("locale").glob("[a-z]*") if folder.is_dir())
    for language in others:
        if not isinstance(i18n.catalog(language), gettext.GNUTranslations):
            raise RuntimeError(f"the texts of {language} cannot be loaded")
    return ", ".join(["en", *others])


CHECKS: dict[str, Check] = {
    "resources": _resources,
    "database engine": _engine,
    "clinic file": _clinic,
    "claims": _claims,
    "superbill": _superbill,
    "codes": _codes,
    "window": _window,
    "second start": _second_start,
    "languages": _languages,
}
