"""The backups of one clinic: where they lie, which are kept, and what is known of the last one.

They lie in the folder `backups` beside the clinic file and, where one was chosen, in a second folder: a USB stick or a
share. What is known of them (the second folder, the last drill) lies beside them in a small JSON file, because it
belongs to this computer and not to the clinic.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from app.errors import ClinicError
from app.i18n import _
from app.store import backup, database, keys
from app.store.backup import Backup, Reason, Tell

DAYS, WEEKS, MONTHS, LAST = 14, 8, 12, 14
"""What is kept: the last backup of so many days, weeks and months, and always the last by number."""
STALE_DAYS = 3
"""A last backup older than this is warned of."""
DRILL_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is remembered: the second folder and what is wrong with it, the last drill and what was wrong then, and the
    highest number that was given."""

    second: str = ""
    second_problem: str = ""
    drill_day: str = ""
    drill_problem: str = ""
    sequence: int = 0


@dataclass(frozen=True, kw_only=True)
class State:
    """How safe the clinic is: the last backup, its age in days, and sentences on what is wrong."""

    last: Backup | None
    days: int | None
    known: Known
    problems: Sequence[str] = field(default=())


def kept(backups: Iterable[Backup]) -> set[int]:
    """The numbers of the backups to keep.

    The order is that of the numbers, not of the clock: after a clock that was years ahead, new backups take the places
    of days, weeks and months again, while those of the wrong days go.
    """
    newest_first = sorted(backups, key=lambda each: -each.manifest.sequence)
    stay = {each.manifest.sequence for each in newest_first[:LAST]}
    for most, period in ((DAYS, "%Y-%m-%d"), (WEEKS, "%G-%V"), (MONTHS, "%Y-%m")):
        last_of: dict[str, int] = {}
        for each in newest_first:
            last_of.setdefault(each.manifest.made.strftime(period), each.manifest.sequence)
        stay.update(list(last_of.values())[:most])
    return stay


class BackupSet:
    """The backups of the clinic at `clinic`. Only the program that holds the clinic's lock may change them.

    `still` is the database to read where nobody can write to it, see `rescue`.
    """

    def __init__(self, clinic: Path, still: Path | None = None) -> None:
        self.clinic, self._still = clinic, still
        self.folder = clinic.absolute().parent / "backups"

    def identity(self) -> str:
        """The random name of the clinic, from its key file."""
        return keys.load(self.clinic.with_suffix(".keys")).clinic

    # What is there

    def all(self) -> list[Backup]:
        """The backups of this clinic in its folder that can be read, the last first."""
        return found(self.folder, self.identity())

    def known(self) -> Known:
        """What is remembered; nothing where that cannot be read."""
        try:
            words = json.loads(self._memory().read_text("utf-8"))
            return Known(**{name: type(getattr(Known, name))(value) for name, value in words.items()})
        except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError, ClinicError):
            return Known()

    def remember(self, **changes: Any) -> None:
        """Change what is remembered. Raises ClinicError when it cannot be written."""
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            keys.write_whole(self._memory(), json.dumps(asdict(replace(self.known(), **changes)), indent=1).encode())
        except OSError:
            raise ClinicError(_("The folder of the backups cannot be written to."), _ROOM) from None

    def _memory(self) -> Path:
        return self.folder / f"{self.identity()[:8]}.json"

    def state(self, today: dt.date) -> State:
        """How safe the clinic is."""
        backups, known = self.all(), self.known()
        last = backups[0] if backups else None
        days = max(0, (today - last.manifest.made.date()).days) if last else None
        problems = []
        if days is None:
            problems.append(_("No backup has been made yet."))
        elif days > STALE_DAYS:
            problems.append(_("The last backup is {days} days old.").format(days=days))
        return State(
            last=last, days=days, known=known,
            problems=[*problems, *(text for text in (known.second_problem, known.drill_problem) if text)],
        )  # fmt: skip

    def is_due(self, today: dt.date) -> bool:
        """Whether no backup of today is there; a last one from the future does not count."""
        backups = self.all()
        return not backups or backups[0].manifest.made.date() != today

    def is_behind(self, change: int) -> bool:
        """Whether the clinic, whose log ends with operation `change`, or its keys differ from the last backup."""
        backups = self.all()
        if not backups:
            return True
        last = backups[0].manifest
        return last.change != change or last.seals[backup.KEYS] != backup.seal_of(self._key_file().read_bytes())

    def newer_than(self, change: int) -> Backup | None:
        """A backup that holds more changes than the clinic file does: then the file is an old copy."""
        ahead = [each for each in self.all() if each.manifest.change > change]
        return max(ahead, key=lambda each: each.manifest.change, default=None)

    def _key_file(self) -> Path:
        return self.clinic.with_suffix(".keys")

    # Making

    def make(self, key: bytes, reason: Reason, *, now: dt.datetime, tell: Tell = lambda words: None) -> Backup:
        """A backup in the folder, and a copy in the second one; then those that need not be kept are removed.

        A second folder that is out of reach is remembered as a warning and stops nothing. Raises ClinicError.
        """
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            raise ClinicError(_("The folder of the backups cannot be made."), _ROOM) from None
        identity, number = self.identity(), self._next()
        made = backup.make(
            self.clinic, key, self.folder.joinpath(_name(identity, now, number)), sequence=number, reason=reason,
            now=now, tell=tell,
        )  # fmt: skip
        problem = self._second(made, tell)
        with contextlib.suppress(ClinicError):  # the backup is made; a full disk may forget its number, not the file
            self.remember(sequence=number, second_problem=problem)
        prune(self.folder, identity)
        return made

    def make_elsewhere(
        self, key: bytes, target: Path, reason: Reason, *, now: dt.datetime, tell: Tell = lambda words: None
    ) -> Backup:
        """One backup at a place of the user's choice, which nothing is ever removed from. Raises ClinicError."""
        return backup.make(
            self._still or self.clinic, key, target, sequence=self._next(), reason=reason, now=now,
            immutable=self._still is not None, tell=tell,
        )  # fmt: skip

    def _next(self) -> int:
        return 1 + max([self.known().sequence, *(each.manifest.sequence for each in self.all())])

    # The second folder

    def use_second(self, folder: Path | None) -> None:
        """Also copy every backup to `folder`, or no longer. Raises ClinicError when nothing can be written there."""
        if folder is None:
            self.remember(second="", second_problem="")
            return
        folder = folder.absolute()
        if folder == self.folder or self.folder in folder.parents:
            raise ClinicError(
                _("That is where the backups lie already."), _("Choose a folder on another disk, such as a USB stick.")
            )
        try:
            keys.write_whole(folder.joinpath(self._marker()), b"Superbill Desk keeps copies of its backups here.\n")
        except OSError:
            raise ClinicError(_("That folder cannot be written to."), _("Choose another one.")) from None
        self.remember(second=str(folder), second_problem="")

    def _marker(self) -> str:
        """A stick that is not plugged in can leave its empty folder behind: only where this file lies is the stick."""
        return f"{self.identity()[:8]}.second"

    def second(self) -> Path | None:
        """The second folder, where one was chosen and it is within reach."""
        chosen = self.known().second
        return Path(chosen) if chosen and (Path(chosen).joinpath(self._marker())).is_file() else None

    def _second(self, made: Backup, tell: Tell) -> str:
        """Copy to the second folder; answers what is wrong, or nothing."""
        chosen = self.known().second
        if not chosen:
            return ""
        tell(_("copying to the second folder"))
        folder = self.second()
        if folder is None:
            return _("The second folder for backups is not there. Plug the stick in, or connect to the share.")
        part = folder / f"{made.path.name}.part"
        try:
            with part.open("wb") as target, made.path.open("rb") as source:
                shutil.copyfileobj(source, target)
                keys.sync(target)
            backup.check(part)
            part.replace(folder.joinpath(made.path.name))
            prune(folder, made.manifest.clinic)
        except (OSError, ClinicError):
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            return _("The copy of the backup in the second folder could not be made. Look whether it has room.")
        return ""

    # The drill

    def drill_due(self, today: dt.date) -> bool:
        """Whether the last drill is a month old, or its day is in the future."""
        try:
            days = (today - dt.date.fromisoformat(self.known().drill_day)).days
        except ValueError:
            return True
        return not 0 <= days < DRILL_DAYS

    def drill(self, key: bytes, *, today: dt.date, tell: Tell = lambda words: None) -> str:
        """Restore the last backup into a folder of our own, open it, count, and remove it again; the second one too.

        Answers what is wrong, or nothing, and remembers it.
        """
        tell(_("trying a restore"))
        tried = self.all()[:1] + (found(second, self.identity())[:1] if (second := self.second()) else [])
        problem = "" if tried else _("There is no backup to try a restore with.")
        for each in tried:
            try:
                self._try(each, key)
            except (OSError, ClinicError, database.Error):
                problem = _("The trial restore of backup {number} failed. Make a new backup, and look at the disk.")
                problem = problem.format(number=each.manifest.sequence)
        self.remember(drill_day=today.isoformat(), drill_problem=problem)
        return problem

    def _try(self, tried: Backup, key: bytes) -> None:
        with tempfile.TemporaryDirectory(prefix="drill-", suffix=".part", dir=self.folder) as place:
            manifest = backup.check(tried.path, Path(place)).manifest
            keys.load(Path(place).joinpath(backup.KEYS))
            with backup.opened(Path(place).joinpath(backup.DATABASE), key) as copy:
                if any(getattr(manifest, name) != value for name, value in backup.facts(copy).items()):
                    raise ClinicError(_("The backup does not hold what it says."))

    # Leftovers

    def sweep(self) -> None:
        """Remove what a crash left unfinished."""
        places = [*self.folder.glob("*.part"), *self.clinic.absolute().parent.glob(f"{self.clinic.name}*.part")]
        if second := self.second():
            places += second.glob(f"{self.identity()[:8]}-*.part")
        for left in places:
            with contextlib.suppress(OSError):
                shutil.rmtree(left) if left.is_dir() else left.unlink()


_ROOM = _("Free some space, or check that the folder allows writing.")


def _name(identity: str, now: dt.datetime, number: int) -> str:
    return f"{identity[:8]}-{now:%Y-%m-%d}-{number:06d}{backup.SUFFIX}"


def found(folder: Path, identity: str = "") -> list[Backup]:
    """The backups in a folder that can be read, of one clinic or of all, the last first."""
    backups = []
    for path in folder.glob(f"*{backup.SUFFIX}"):
        with contextlib.suppress(OSError, ClinicError):
            made = backup.read(path)
            if identity in ("", made.manifest.clinic):
                backups.append(made)
    return sorted(backups, key=lambda each: (-each.manifest.sequence, each.path.name))


def prune(folder: Path, identity: str) -> None:
    """Remove the backups of one clinic that need not be kept; what cannot be read is left alone."""
    backups = found(folder, identity)
    stay = kept(backups)
    for each in backups:
        if each.manifest.sequence not in stay:
            with contextlib.suppress(OSError):
                each.path.unlink()
