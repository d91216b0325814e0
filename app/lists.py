"""Lists in and out as CSV: what leaves is written so that a spreadsheet neither computes nor cuts what it holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from app import atomic
from app.forms import report
from app.i18n import _
from app.store import csv_import
from app.store.backup import Reason
from app.store.csv_import import Judged, Preview, StoppedError

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
    with clinic.noting("export", name, detail=str(len(rows))):
        atomic.write(path, report.words_csv(titles, rows))
    return len(rows)


def bring_in(
    clinic: ClinicFile, name: str, seen: Preview, *, today: dt.date, now: dt.datetime,
    told: Callable[[int, int], bool] = lambda at, size: True,
) -> Preview:  # fmt: skip
    """Keep what a preview showed, as one change that Undo takes back, after a backup of what is there.

    `told` is asked with (0, 0) before the backup. Raises UserError, also for a backup that cannot be made; nothing is
    changed then.
    """
    if not told(0, 0):
        raise StoppedError(_("The import was cancelled. Nothing was changed."))
    clinic.back_up(Reason.IMPORT, now=now)
    with clinic.write(_("Bring in {list} from CSV").format(list=csv_import.LISTS[name].title.lower())) as s:
        return csv_import.apply(s, name, seen, today=today, told=told)


def save_refused(refused: Iterable[Judged], path: Path) -> None:
    """Write which rows of an import stayed outside, and why."""
    rows = [[str(row.line), row.title, row.reason] for row in refused]
    atomic.write(path, report.words_csv([_("Line"), _("Row"), _("Why it was refused")], rows))
