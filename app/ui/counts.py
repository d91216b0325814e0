"""What the shell of the window asks of the clinic: the hits of the find box."""

from __future__ import annotations

from app.i18n import _, date_text
from app.store import claims, clients
from app.ui import words
from app.ui.desk import Desk
from app.ui.lookup import Hit

_EACH = 4
_LEAST = 2
"""How many letters a near name shares at its beginning, at least."""


def found(desk: Desk, text: str) -> list[Hit]:
    """Clients and claims that `text` finds, a few of each."""
    with desk.read() as s:
        people, papers = clients.find(s, text, limit=_EACH), claims.lines(s, text=text, limit=_EACH)
    hits = [_client(desk, line) for line in people]
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


def _client(desk: Desk, line: clients.ClientLine) -> Hit:
    second = " · ".join(part for part in (date_text(line.birth_date), line.payer or _("self-pay")) if part)
    return Hit(line.id, line.name, second, _("Client"), lambda: desk.go("clients", line.id))


def instead(desk: Desk, text: str) -> list[Hit]:
    """Where nothing is found: a sentence that says so, clients whose names begin alike, and a new client."""
    near = _near(desk, text)
    said = _("Nothing matches “{text}”. Near:") if near else _("Nothing matches “{text}”.")
    new = Hit(
        -2, _("New client “{text}”").format(text=text), "", _("Action"), lambda: desk.go("clients", ("new", text))
    )
    return [Hit(-1, said.format(text=text), says=True), *near, new]


def _near(desk: Desk, text: str) -> list[Hit]:
    """Clients that the longest beginning of the word finds."""
    word = max(text.split(), key=len, default="")
    with desk.read() as s:
        for size in range(len(word) - 1, _LEAST - 1, -1):
            people = clients.find(s, word[:size], limit=_EACH)
            if people:
                return [_client(desk, line) for line in people]
    return []
