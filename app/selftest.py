"""What the installed program checks about itself: the whole way once, in a folder that is removed afterwards."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app import __version__, paths

Check = Callable[[Path, dt.date], str]


def run(*, today: dt.date) -> tuple[list[str], bool]:
    """The report, a line each, and whether all passed. Nothing of the user's is touched."""
    lines = [f"superbill-desk {__version__}, Python {sys.version.split()[0]}, {sys.platform}"]
    passed = True
    with tempfile.TemporaryDirectory(prefix="superbill-desk-test-", ignore_cleanup_errors=True) as folder:
        for name, check in CHECKS.items():
            began = time.perf_counter()
            try:
                answer = check(Path(folder), today)
            except Exception as error:
                answer, passed = f"FAILED: {type(error).__name__}: {error}", False
            lines.append(f"{name:<28}{answer}  ({(time.perf_counter() - began) * 1000:.0f} ms)")
    lines.append("all passed" if passed else "NOT passed")
    return lines, passed


def _resources(folder: Path, today: dt.date) -> str:
    wanted = ["cms1500/layout.toml", "cms1500/form.toml", "fonts/Inter_400Regular.ttf", "codes", "icons"]
    missing = [name for name in wanted if not paths.resource(*name.split("/")).exists()]
    if missing:
        raise FileNotFoundError(", ".join(missing))
    return f"{len(wanted)} readable"


def _engine(folder: Path, today: dt.date) -> str:
    from sqlcipher3 import dbapi2

    version = ".".join(str(part) for part in dbapi2.sqlite_version_info)
    if dbapi2.sqlite_version_info < (3, 51, 3):
        raise RuntimeError(f"SQLite {version} has the WAL-reset bug")
    return f"SQLite {version}"


def _clinic(folder: Path, today: dt.date) -> str:
    from app.store import demo

    demo.make(folder / "test.clinic", today=today).close()
    head = (folder / "test.clinic").read_bytes()[:16]
    if head.startswith(b"SQLite format"):
        raise RuntimeError("the file is not encrypted")
    return "made, migrated, encrypted"


def _claims(folder: Path, today: dt.date) -> str:
    from app import paperwork
    from app.forms import read
    from app.store import claims, demo
    from app.store.clinic import ClinicFile

    with ClinicFile.open(folder / "test.clinic", password=demo.PASSWORD) as clinic:
        ids = [claim.id for claim in paperwork.build_claims(clinic, today=today) if claim.id]
        with clinic.read() as s:
            bundles = claims.bundles(s, ids)
        meant = [page for bundle in bundles for page in paperwork.sheet(bundle, today=today).values]
        for mode in (paperwork.Mode.OVERLAY, paperwork.Mode.FULL):
            document = paperwork.claims_pdf(clinic, ids, paperwork.Output(mode=mode), today=today)
            drawn = read.read_pages(document)
            if len(drawn) != len(meant) or [page["28"] for page in drawn] != [page["28"] for page in meant]:
                raise RuntimeError(f"{mode}: what is drawn is not what was meant")
    return f"{len(ids)} on {len(meant)} pages, printed in two modes and read back"


def _superbill(folder: Path, today: dt.date) -> str:
    from app import paperwork
    from app.store import clients, demo, visits
    from app.store.clinic import ClinicFile

    with ClinicFile.open(folder / "test.clinic", password=demo.PASSWORD) as clinic:
        with clinic.read() as s:
            (client,) = clients.find(s, "Vasquez")
            chosen = [visit.id for visit in visits.visits_of(s, client.id) if visit.id]
        bill = paperwork.make_superbill(clinic, client.id, chosen, today=today)
    document = paperwork.superbill_pdf(bill)
    if not document.startswith(b"%PDF-") or document != paperwork.superbill_pdf(bill):
        raise RuntimeError("the superbill is not the same twice")
    return f"{len(document) // 1000} kB"


def _codes(folder: Path, today: dt.date) -> str:
    from app.store import icd10

    hits = icd10.search("whiplash", date=today)
    if not any(hit.code.startswith("S13.4") for hit in hits):
        raise RuntimeError("whiplash is not found")
    return "ICD-10-CM answers"


def _window(folder: Path, today: dt.date) -> str:
    from app.main import paint_once

    return f"painted, {paint_once()} colours"


def _languages(folder: Path, today: dt.date) -> str:
    from app import i18n

    i18n.set_language("es")
    i18n.set_language("en")
    return "loaded"


CHECKS: dict[str, Check] = {
    "resources": _resources,
    "database engine": _engine,
    "clinic file": _clinic,
    "claims": _claims,
    "superbill": _superbill,
    "codes": _codes,
    "window": _window,
    "languages": _languages,
}
