"""Lists that leave the clinic as CSV, written so that a spreadsheet neither computes nor cuts what they hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from app import atomic
from app.forms import report
from app.i18n import _
from app.store import csv_import
from app.store.csv_import import Judged

if TYPE_CHECKING:
    from app.store.clinic import ClinicFile


def save(clinic: ClinicFile, name: str, path: Path, *, today: dt.date) -> int:
    """Write "clients", "payers" or "fees" as CSV that `csv_import` reads back; answers how many rows.

    UTF-8 with its mark; words that a spreadsheet would compute are led by an apostrophe. Raises ClinicError when the
    file cannot be written.
    """
    with clinic.read() as s:
        titles, found = csv_import.table(s, name, today=today)
        rows = list(found)
    atomic.write(path, report.words_csv(titles, rows))
    return len(rows)


def save_refused(refused: Iterable[Judged], path: Path) -> None:
    """Write which rows of an import stayed outside, and why."""
    rows = [[str(row.line), row.title, row.reason] for row in refused]
    atomic.write(path, report.words_csv([_("Line"), _("Row"), _("Why it was refused")], rows))
