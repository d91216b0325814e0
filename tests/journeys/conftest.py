"""Journeys use the window of the tests beside them."""

from tests.ui.conftest import _cheap_keys, bare_window, desk, look, no_strays

__all__ = ["_cheap_keys", "bare_window", "desk", "look", "no_strays"]
