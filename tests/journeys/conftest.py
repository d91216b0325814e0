"""Journeys use the window and the clinics of the tests beside them."""

from tests.store.conftest import _demo, _empty
from tests.ui.conftest import (
    _cheap_keys,
    bare_window,
    clinic,
    closed,
    demo_clinic,
    demo_window,
    desk,
    look,
    no_strays,
    window,
)

__all__ = [
    "_cheap_keys", "_demo", "_empty", "bare_window", "clinic", "closed", "demo_clinic", "demo_window", "desk", "look",
    "no_strays", "window",
]  # fmt: skip
