"""Restoring a backup, from the first page of the window: choose one, see what is inside, put it in place.

Nothing is replaced before the last button; what it replaces is kept in a folder beside it. The same steps open a
clinic that comes from another computer as one file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app import paths
from app.errors import UserError
from app.i18n import _, date_text, ngettext
from app.ui.controls import Button, IconLabel, clear, column, framed, label, row
from app.ui.desk import Desk
from app.ui.dialogs import Files
from app.ui.fields import TextEditor, editor, secret, text
from app.ui.theme import Type
from app.ui.welcome import Step

if TYPE_CHECKING:
    from app.store.backup import Backup
    from app.store.clinic import ClinicFile
    from app.store.restore import Inside, Restoration

MOST_SHOWN = 6


def kinds() -> str:
    """What a file dialog shows."""
    return _("Backups of a clinic (*.clinic-backup)")


def made_words(backup: Backup) -> str:
    """`11/21/2026 7:42, number 12`."""
    made = backup.manifest.made
    words = _("{date} {hour}:{minute}, number {number}")
    return words.format(
        date=date_text(made.date()), hour=made.hour, minute=f"{made.minute:02d}", number=backup.manifest.sequence
    )


def counts_words(clients: int, sessions: int, claims: int) -> str:
    """`9 clients, 31 sessions, 12 claims`."""
    parts = (
        ngettext("{n} client", "{n} clients", clients).format(n=clients),
        ngettext("{n} session", "{n} sessions", sessions).format(n=sessions),
        ngettext("{n} claim", "{n} claims", claims).format(n=claims),
    )
    return ", ".join(parts)


def _clock() -> dt.datetime:
    return dt.datetime.now().astimezone()


class RestoreGuide:
    """The steps, put into a stack that shows them by `show`; `opened(clinic, path)` is called at the end, after the
    recovery code `recovered(clinic, next code, path)`, and `leave` when the guide is left."""

    def __init__(
        self, desk: Desk, stack: QStackedWidget, *, show: Callable[[QWidget], None], leave: Callable[[], None],
        opened: Callable[[ClinicFile, Path], None], recovered: Callable[[ClinicFile, str, Path], None],
    ) -> None:  # fmt: skip
        self.desk, self._show, self._leave, self._opened, self._recovered = desk, show, leave, opened, recovered
        self.now = _clock
        self._guide: Restoration | None = None
        self._archive, self.target = Path(), Path()
        self.choice, self.unlock, self.inside = self._choice(), self._unlock(), self._inside()
        for step in (self.choice, self.unlock, self.inside):
            stack.addWidget(step)

    # Choosing

    def _choice(self) -> Step:
        step = Step(_("Restore a backup"), "", _("Choose a file"))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        step.inside.addLayout(self._rows)
        step.inside.addSpacing(10)
        step.back.clicked.connect(lambda *_: self.leave())
        step.deed.clicked.connect(lambda *_: self.ask_file())
        return step

    def begin(self, clinic: Path | None) -> None:
        """Offer the newest backups of the clinic at that path, from its folder and the second one."""
        self.close()
        self.target = clinic or Path()
        self.choice.problem.setText("")
        found = self._newest(clinic)
        self.choice.words.setText(
            _("What is there now is kept. Choose the backup to go back to:")
            if found
            else _("No backup is known here. Choose the file, from a stick or from another computer.")
        )
        clear(self._rows)
        for backup in found:
            self._rows.addWidget(self._card(backup))
        self._show(self.choice)

    def _newest(self, clinic: Path | None) -> list[Backup]:
        from app.store import backup_set

        if clinic is None:
            return []
        try:
            known = backup_set.BackupSet(clinic)
            found = known.all() + (backup_set.found(second, known.identity()) if (second := known.second()) else [])
        except (UserError, OSError):  # its key file is lost: every backup beside it may be the one
            found = backup_set.found(clinic.absolute().parent / "backups")
        by_number = {each.manifest.sequence: each for each in reversed(found)}
        return sorted(by_number.values(), key=lambda each: -each.manifest.sequence)[:MOST_SHOWN]

    def _card(self, backup: Backup) -> QWidget:
        made = backup.manifest
        choose = Button(_("Look inside"), small=True)
        choose.setAccessibleDescription(made_words(backup))
        choose.clicked.connect(partial(self._chosen, backup.path))
        words = column(
            label(made_words(backup), Type.LABEL),
            label(counts_words(made.clients, made.sessions, made.claims), Type.NOTE, "second"), gap=1,
        )  # fmt: skip
        line = row(IconLabel("archive", "accent", 20), words, None, choose, gap=12)
        return framed("card", line, (14, 8, 12, 8))

    def _chosen(self, path: Path, *_more: object) -> None:
        self.take(path)

    def ask_file(self) -> None:
        """Choose a backup file."""
        path = Files.ask_open(self.choice, self.desk.preferences, _("Restore a backup"), kinds())
        if path is not None:
            self.take(path)

    def take(self, archive: Path, target: Path | None = None) -> None:
        """Read a backup to its end, off the window's thread; then ask for its password."""
        self._archive = archive
        self.target = target or (self.target if self.target.name else paths.data_dir() / "Clinic.clinic")
        self._read(self.choice)

    def _read(self, step: Step) -> None:
        archive, target = self._archive, self.target
        self.close()
        step.deed.setEnabled(False)
        step.problem.setText("")

        def work() -> Restoration:
            from app.store.restore import Restoration

            return Restoration(archive, target)

        def done(guide: Restoration) -> None:
            step.deed.setEnabled(True)
            self._guide = guide
            self._ask_password(guide)

        self.desk.run_task(work, done=done, failed=step.complain)

    # The password

    def _unlock(self) -> Step:
        step = Step("", "", _("Look inside"))
        self.user = step.field(_field(text("user", _("User"))))
        self.password = step.field(_field(secret("password", _("Password of that time"))))
        self.code = step.field(_field(text("recovery_code", _("Or the recovery code of that time"))))
        self.place = label("", Type.NOTE, "second", wrap=True)
        self.other_place = Button(_("Choose another place"), "link")
        self.other_place.clicked.connect(lambda *_: self._ask_place())
        step.inside.addLayout(column(self.place, row(self.other_place, None), gap=2))
        step.back.clicked.connect(lambda *_: self.begin(self.target if self.target.is_file() else None))
        step.deed.clicked.connect(lambda *_: self.look())
        self.password.enter = step.deed.click
        self.code.enter = step.deed.click
        return step

    def _ask_password(self, guide: Restoration) -> None:
        self.unlock.title.setText(made_words(guide.backup))
        made = guide.backup.manifest
        self.unlock.words.setText(
            _("{counts}. It opens with a password that was valid when it was made.").format(
                counts=counts_words(made.clients, made.sessions, made.claims)
            )
        )
        self.user.setText(guide.users[0] if len(guide.users) == 1 else "")
        self.password.clear()
        self.code.clear()
        self.unlock.problem.setText("")
        words = _("It takes the place of {path}; what is there is kept in a folder beside it.")
        if not guide.target.exists():
            words = _("It will be kept in {path}.")
        self.place.setText(words.format(path=guide.target))
        self._show(self.unlock)
        if self.user.text():
            self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def _ask_place(self) -> None:
        words = _("Clinic files (*.clinic)")
        path = Files.ask_save(self.unlock, self.desk.preferences, _("Restore to"), self.target.name, words)
        if path is not None:
            self.target = path.with_suffix(".clinic")
            self._read(self.unlock)

    def look(self) -> None:
        """Open the backup with what is typed, off the window's thread."""
        guide = self._guide
        if guide is None:
            return
        user, password, code = self.user.text().strip(), self.password.text(), self.code.text().strip()
        self.unlock.deed.setEnabled(False)
        self.unlock.problem.setText("")

        def done(inside: Inside) -> None:
            self.unlock.deed.setEnabled(True)
            self._show_inside(guide, inside)

        self.desk.run_task(
            lambda: guide.unlock(user=user or "owner", password=password, code=code), done=done,
            failed=self.unlock.complain,
        )  # fmt: skip

    # What is inside

    def _inside(self) -> Step:
        step = Step(_("What is inside"), "", _("Restore this backup"))
        self.facts = QVBoxLayout()
        self.facts.setSpacing(4)
        step.inside.addWidget(framed("card", self.facts, (16, 12, 16, 12)))
        step.inside.addSpacing(8)
        self.new_password = _field(secret("new_password", _("New password")))
        self.reason = _field(text("reason", _("Why the code is used; the audit keeps this")))
        self.by_code = QWidget()
        words = label(_("The code makes a new password, and is replaced by a new one."), Type.NOTE, "second", wrap=True)
        parts = [part for field in (self.new_password, self.reason) for part in (_named(field), field)]
        self.by_code.setLayout(column(words, *parts, gap=6, margins=(0, 0, 0, 10)))
        step.inside.addWidget(self.by_code)
        self.reason.enter = step.deed.click
        step.back.clicked.connect(lambda *_: self._show(self.unlock))
        step.deed.clicked.connect(lambda *_: self.finish())
        return step

    def _show_inside(self, guide: Restoration, inside: Inside) -> None:
        clear(self.facts)
        made = inside.manifest
        changed = dt.datetime.fromisoformat(inside.changed).astimezone() if inside.changed else None
        pairs = (
            (_("Made"), made_words(guide.backup)),
            (_("Last change"), f"{date_text(changed.date())} {changed.hour}:{changed.minute:02d}" if changed else ""),
            (_("Holds"), counts_words(inside.clients, inside.sessions, inside.claims)),
            (_("Users"), ", ".join(inside.users)),
            (_("Made by"), _("version {program}, schema {schema}").format(program=made.program, schema=made.schema)),
        )
        for name, value in pairs:
            heading = label(name, Type.LABEL, "second")
            heading.setFixedWidth(110)
            line = row(heading, label(value or "-", wrap=True), gap=8)
            line.setStretch(1, 1)
            self.facts.addLayout(line)
        self.inside.words.setText(
            _("Every page was read and is whole. Changes made after it will not be there; what is replaced is kept.")
            if guide.target.exists()
            else _("Every page was read and is whole.")
        )
        self.inside.problem.setText("")
        self.by_code.setVisible(bool(self.code.text().strip()))
        self.new_password.clear()
        self.reason.clear()
        self._show(self.inside)

    def finish(self) -> None:
        """Put it in place and open it with the password that was typed."""
        guide = self._guide
        if guide is None:
            return
        user, password, now = self.user.text().strip() or "owner", self.password.text(), self.now()
        code, new, reason = self.code.text().strip(), self.new_password.text(), self.reason.text()
        number = guide.backup.manifest.sequence
        self.inside.deed.setEnabled(False)
        self.inside.problem.setText("")

        def work() -> tuple[ClinicFile, str]:
            from app.store import audit
            from app.store.clinic import ClinicFile, check_recovery

            if code:
                check_recovery(new, reason)
            guide.finish(now=now)
            guide.close()
            if code:
                return ClinicFile.recover(guide.target, code=code, password=new, reason=reason, restored=number)
            clinic = ClinicFile.open(guide.target, password=password, user=user)
            clinic.note(audit.RESTORED, detail=str(number))
            return clinic, ""

        def done(made: tuple[ClinicFile, str]) -> None:
            self.inside.deed.setEnabled(True)
            self._guide = None
            for field in (self.password, self.code, self.new_password, self.reason):
                field.clear()
            clinic, next_code = made
            if next_code:
                self._recovered(clinic, next_code, guide.target)
            else:
                self._opened(clinic, guide.target)
            self.desk.say(_("The backup is restored. What it replaced is kept in a folder beside it."))

        self.desk.run_task(work, done=done, failed=self.inside.complain)

    def leave(self) -> None:
        """Back to where the guide was begun."""
        self.close()
        self._leave()

    def close(self) -> None:
        """Let the clinic go; nothing was changed."""
        if self._guide is not None:
            self._guide.close()
            self._guide = None


def _named(field: TextEditor) -> QWidget:
    words = label(field.spec.label, Type.LABEL, "second")
    words.setBuddy(field)
    return words


def _field(spec: object) -> TextEditor:
    made = editor(spec)  # type: ignore[arg-type]
    assert isinstance(made, TextEditor)
    return made
