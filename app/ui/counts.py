"""What the shell of the window asks of the clinic: the hits of the find box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtGui import QAction, QKeySequence

from app.i18n import _, date_text
from app.store import claims, clients
from app.ui import help as helping
from app.ui import words
from app.ui.desk import Desk
from app.ui.lookup import Hit

_EACH = 4
_LONG = 4
"""As many letters of a word tell that an action is meant; shorter ones may begin a name."""
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


def deeds(desk: Desk, actions: Iterable[QAction]) -> list[Hit]:
    """What can be done: the entries of the menus, and the groups of the settings."""
    from app.ui.settings_groups import GROUPS

    doing = [each for each in actions if each.isEnabled() and not each.isSeparator()]
    hits = [
        Hit(
            -100 - at, each.text().replace("&", ""),
            each.shortcut().toString(QKeySequence.SequenceFormat.NativeText), _("Action"), each.trigger,
            value=helping.words_for(each.iconText()),
        )
        for at, each in enumerate(doing)
    ]  # fmt: skip
    return hits + [
        Hit(
            -1000 - at, group.title, group.second, _("Settings"), lambda key=group.key: desk.go("settings", key),  # type: ignore[misc]
            value=helping.words_for(group.title),
        )
        for at, group in enumerate(GROUPS)
    ]  # fmt: skip


def meant(known: Iterable[Hit], text: str) -> list[Hit]:
    """The deeds that every typed word begins a word of; a name before other words."""
    typed = text.lower().split()
    hits = [hit for hit in known if all(any(word.startswith(each) for word in hit.value) for each in typed)]  # type: ignore[attr-defined]
    return sorted(hits, key=lambda hit: not f" {hit.title}".lower().count(f" {text.lower()}"))


def instead(desk: Desk, text: str, known: Sequence[Hit] = ()) -> list[Hit]:
    """Where nothing is found: a sentence that says so, deeds that a word of it means, clients whose names begin alike,
    and a new client last."""
    doing = {hit.id: hit for word in text.split() if len(word) >= _LONG for hit in meant(known, word)}
    near = [*list(doing.values())[:3], *_near(desk, text)[:3]]
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
