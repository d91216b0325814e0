"""Help: a sentence for each field, each box of the form and each page. F1 shows it beside the thing it is about.

The sentences are data (`resources/help.toml`). A control is known by its object's name and by the `help_topic` of the
form it stands on; a form that draws its own boxes says which one is meant by `help_name`, `help_title`, `help_rect`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from app import paths
from app.i18n import _

BOX = "box"
"""The topic of a form whose names are keys of the layout."""
_PREFIXES = ("insured_", "service_", "claims_", "appeals_", "records_")


@cache
def _book() -> Mapping[str, Any]:
    return tomllib.loads(paths.resource("help.toml").read_text("utf-8"))


def of_box(key: str) -> str:
    """The sentence of a box of the layout ("3.dob.mm", "24.2.charge"), empty where there is none."""
    parts = re.sub(r"^24\.\d+", "24", key).split(".")
    known: Mapping[str, str] = _book()[BOX]
    found = (known.get(".".join(parts[:size])) for size in range(len(parts), 0, -1))
    return next((_(sentence) for sentence in found if sentence), "")


def of_field(topic: str, name: str) -> str:
    """The sentence of a field of a record ("client", "birth_date"), empty where there is none."""
    own: Mapping[str, str] = _book()["field"].get(topic, {})
    everywhere: Mapping[str, str] = _book()["field"]["*"]
    plain = next((name.removeprefix(start) for start in _PREFIXES if name.startswith(start)), name)
    sentence = own.get(name) or everywhere.get(name) or everywhere.get(plain)
    return _(sentence) if sentence else ""


def of_page(key: str) -> str:
    """What a page is for, empty where nothing is known of it."""
    sentence = _book()["page"].get(key, "")
    return _(sentence) if sentence else ""


def keys_inside() -> list[tuple[str, list[tuple[str, str]]]]:
    """What the keys inside controls do, in groups: keys and words. Actions say their keys themselves."""
    return [(_(group["title"]), [(each, _(words)) for each, words in group["rows"]]) for group in _book()["keys"]]


@cache
def _find_words() -> Mapping[str, str]:
    known: Mapping[str, str] = _book()["find"]
    return {_(name): _(others) for name, others in known.items()}


def words_for(name: str) -> list[str]:
    """The words by which a menu entry or a group of the settings is found: those of its name, and what others say."""
    return f"{name} {_find_words().get(name, '')}".replace("&", "").lower().split()


def hints() -> Mapping[str, Sequence[str]]:
    """The hints of the first days: by page, the way to the control and what is said."""
    found: Mapping[str, Sequence[str]] = _book()["hint"]
    return found


@dataclass(frozen=True)
class About:
    """What is told about a control, and where it stands (`box` in the coordinates of `widget`)."""

    title: str
    sentence: str
    widget: QWidget
    box: QRect


def about(widget: QWidget | None) -> About | None:
    """What is known about a control: its field or box, else the page around it."""
    at = widget
    while at is not None and widget is not None:
        topic = getattr(at, "help_topic", "")
        if topic:
            name = getattr(at, "help_name", "") or widget.objectName()
            sentence = of_box(name) if topic == BOX else of_field(topic, name)
            if sentence:
                title = getattr(at, "help_title", "") or widget.accessibleName()
                whole = at if hasattr(at, "help_rect") else widget
                return About(title, sentence, whole, getattr(at, "help_rect", widget.rect()))
        key = getattr(at, "key", "")
        if isinstance(key, str) and of_page(key) and hasattr(at, "interests"):
            return About(str(getattr(at, "name", "")), of_page(key), widget, widget.rect())
        at = at.parentWidget()
    return None
