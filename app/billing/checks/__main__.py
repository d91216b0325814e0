"""Prints docs/checks.md."""

from app.billing.checks.docs import markdown

print(markdown(), end="")  # noqa: T201 - that is what it is for
