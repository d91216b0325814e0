"""Scans kept with a client, inside the encrypted file: never beside it, and never in a temporary file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from app.billing.records import Paper
from app.errors import ClinicError, InputError
from app.i18n import _
from app.store import convert
from app.store.tables import PaperContentRow, PaperRow

MOST_BYTES = 20_000_000
_BEGINNINGS = {
    b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg",
    b"II*\0": "image/tiff", b"MM\0*": "image/tiff",
}  # fmt: skip
ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/tiff": "tif"}
"""What a copy's name ends with, by the kind of content. There are no other kinds."""


def media_type(content: bytes) -> str:
    """What the content is, by its first bytes and not by a name. Raises InputError for what is not kept."""
    if len(content) > MOST_BYTES:
        raise InputError(_("The file is larger than 20 MB."), _("Scan it with fewer dots an inch, or in parts."))
    if not content:
        raise InputError(_("The file is empty."), _("Choose another."))
    for beginning, kind in _BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    raise InputError(_("This is no scan that can be kept."), _("Choose a PDF, PNG, JPEG or TIFF file."))


def paper(s: Session, paper_id: int) -> Paper:
    """One scan without its content. Raises ClinicError when it is gone."""
    return convert.one(convert.load(s, Paper, PaperRow.id == paper_id))


def papers(s: Session, client_id: int) -> list[Paper]:
    """A client's scans, the newest first."""
    return convert.load(s, Paper, PaperRow.client_id == client_id, order=(PaperRow.id.desc(),))


def count(s: Session, client_id: int) -> int:
    """How many scans a client has."""
    return s.scalar(select(func.count()).select_from(PaperRow).where(PaperRow.client_id == client_id)) or 0


def add(s: Session, new: Paper, content: bytes) -> Paper:
    """Keep a scan with its content, of which kind, size and digest are taken. Raises InputError."""
    kind, digest = media_type(content), hashlib.sha256(content).hexdigest()
    if s.scalar(select(PaperContentRow.id).where(PaperContentRow.sha256 == digest)) is None:
        s.execute(insert(PaperContentRow).values(sha256=digest, content=content))
    kept = replace(new, id=None, media_type=kind, size=len(content), sha256=digest)
    return replace(kept, id=convert.keep(s, kept))


def save(s: Session, changed: Paper) -> Paper:
    """Keep what a scan is called and belongs to; what was scanned never changes. Raises ClinicError when gone."""
    before = paper(s, changed.id or 0)
    kept = replace(changed, media_type=before.media_type, size=before.size, sha256=before.sha256, added=before.added)
    convert.keep(s, kept)
    return kept


def remove(s: Session, paper_id: int) -> None:
    """Take a scan away. Its content stays until the clinic is opened again, so that this can be undone."""
    convert.remove(s, Paper, [paper_id])


def content(s: Session, sha256: str) -> bytes:
    """What was scanned. Raises ClinicError when it is not there or not as it was."""
    found = s.scalar(select(PaperContentRow.content).where(PaperContentRow.sha256 == sha256))
    if found is None or hashlib.sha256(found).hexdigest() != sha256:
        raise ClinicError(_("The content of this scan is lost."), _("Scan the paper again, or restore a backup."))
    return bytes(found)


def contents(s: Session) -> Iterable[tuple[str, bytes]]:
    """The content of every scan there is, by its digest, one at a time."""
    for digest in s.scalars(select(PaperRow.sha256).distinct().order_by(PaperRow.sha256)).all():
        yield digest, content(s, digest)


def total(s: Session) -> int:
    """The bytes of all scans together."""
    once = select(func.min(PaperRow.size).label("size")).group_by(PaperRow.sha256).subquery()
    return s.scalar(select(func.coalesce(func.sum(once.c.size), 0))) or 0


def keep_contents(s: Session, found: Iterable[tuple[str, bytes]]) -> None:
    """Keep the content of scans that come with their records from elsewhere."""
    for digest, data in found:
        s.execute(insert(PaperContentRow).values(sha256=digest, content=data))


def sweep(s: Session) -> None:
    """Forget content that no scan refers to: for when a clinic is opened, before anything can be undone."""
    s.execute(delete(PaperContentRow).where(PaperContentRow.sha256.not_in(select(PaperRow.sha256))))
