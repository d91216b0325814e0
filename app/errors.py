"""What can go wrong that is not a bug: one family, each with a sentence and what to do.

Everything else that is raised is a bug. No message may hold personal data: these texts reach logs.
"""


class UserError(Exception):
    """Something expected: the user can mend it. `message` says what is so, `hint` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(UserError):
    """Something given cannot be read: a file, a key, an option, a number. Exit status 2."""


class ClinicError(UserError):
    """The clinic file cannot be opened or written: wrong password, full disk, newer version."""


class DamagedError(ClinicError):
    """The clinic file is not what was written; a backup can be restored in its place."""


class UnwritableError(ClinicError):
    """The disk is full or read-only, or the folder may not be written: the clinic can still be opened to be read."""
