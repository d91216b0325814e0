"""Prints docs/checks.md."""

from app.billing.checks.docs import markdown

if __name__ == "__main__":
    print(markdown(), end="")  # noqa: T201 - that is what it is for
