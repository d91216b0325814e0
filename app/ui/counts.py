"""What the shell of the window asks of the clinic: the hits of the find box."""

from __future__ import annotations

from app.i18n import _, date_text
from app.store import claims, clients
from app.ui import words
from app.ui.desk import Desk
from app.ui.lookup import Hit

_EACH = 4


def found(desk: Desk, text: str) -> list[Hit]:
    """Clients and claims that `text` finds, a few of each."""
    with desk.read() as s:
        people, papers = clients.find(s, text, limit=_EACH), claims.lines(s, text=text, limit=_EACH)
    hits = [
        Hit(
            line.id,
            line.name,
            " · ".join(part for part in (date_text(line.birth_date), line.payer or _("self-pay")) if part),
            _("Client"),
            lambda line=line: desk.go("clients", line.id),  # type: ignore[misc]
        )
        for line in people
    ]
    hits += [
        Hit(
            1_000_000_000 + claim.id,
            _("Claim {number}").format(number=claim.number),
            f"{claim.client} · {claim.payer} · {words.CLAIM[claim.status]}",
            _("Claim"),
            lambda claim=claim: desk.go("claims", claim.id),  # type: ignore[misc]
        )
        for claim in papers
    ]
    return hits
