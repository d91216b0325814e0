"""What leaves as a file, which the audit keeps; superbills on their way to clients, by mail or many at once."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pypdf

from app import atomic, paperwork
from app.billing.records import Client, Practice, Superbill
from app.i18n import _
from app.store.clinic import ClinicFile

_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\".]+", re.ASCII)


def save(
    clinic: ClinicFile, path: Path, data: bytes, table: str, ids: Iterable[int | None] = (None,), *, detail: str = ""
) -> None:
    """Write a file of these records and put it into the audit as an export; neither where the other fails.

    The way of records out of the window and the command line into a file, beside claims, which `paperwork` issues.
    Raises UserError.
    """
    with clinic.noting("export", table, ids, detail=detail):
        atomic.write(path, data)


def is_address(text: str) -> bool:
    """Whether text can stand in the To of a mail: one plain address."""
    return _ADDRESS.fullmatch(text) is not None


def mail_draft(bill: Superbill, client: Client, practice: Practice) -> bytes:
    """A mail (.eml) with the superbill attached, which mail programs open as one that is yet to be sent.

    Neither subject nor text says anything of the client's health. Without a plain address in the client's record the
    mail has no addressee.
    """
    mail = EmailMessage(policy=SMTP)
    mail["X-Unsent"] = "1"
    mail["Subject"] = _("Your statement from {practice}").format(practice=_one_line(practice.name))
    if is_address(client.email):
        mail["To"] = client.email
    text = _(
        "Hello,\n\nattached is statement {number} for your records. It has what an insurer asks for when you send it "
        "in yourself.\n\n{practice}\n{phone}\n"
    )
    mail.set_content(
        text.format(number=bill.number, practice=_one_line(practice.name), phone=_one_line(practice.phone))
    )
    mail.add_attachment(
        paperwork.superbill_pdf(bill), maintype="application", subtype="pdf", filename=f"{file_name(bill)}.pdf"
    )
    return mail.as_bytes()


def _one_line(text: str) -> str:
    return " ".join(text.split())


def file_name(bill: Superbill) -> str:
    """What a file of a superbill is called, without its ending: its number, and no one's name."""
    version = f" v{bill.version}" if bill.version > 1 else ""
    return _("superbill {number}").format(number=bill.number) + version


def superbills_pdf(bills: Sequence[Superbill]) -> bytes:
    """All superbills as they were frozen, one after the other."""
    whole = pypdf.PdfWriter()
    for bill in bills:
        whole.append(io.BytesIO(paperwork.superbill_pdf(bill)))
    written = io.BytesIO()
    whole.write(written)
    return written.getvalue()
