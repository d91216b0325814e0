"""What a user had typed and not saved when the window was locked: kept in the clinic file, given back once."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.store import changes
from app.store.tables import DraftRow


def keep(s: Session, pages: dict[str, Any]) -> None:
    """Keep the drafts of pages (JSON values by the page's key) in place of earlier ones of this user."""
    user = changes.user(s.connection())
    s.execute(delete(DraftRow).where(DraftRow.user == user))
    for page, content in pages.items():
        s.execute(insert(DraftRow).values(user=user, page=page, content=json.dumps(content)))


def take(s: Session) -> dict[str, Any]:
    """The drafts of this user by page; they are deleted with it."""
    user = changes.user(s.connection())
    found = s.execute(select(DraftRow.page, DraftRow.content).where(DraftRow.user == user)).all()
    if found:
        s.execute(delete(DraftRow).where(DraftRow.user == user))
    return {page: json.loads(content) for page, content in found}
