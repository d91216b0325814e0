"""Settings, Backups: how safe the clinic is, the second folder, the backups there are, restoring and moving."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from app.billing.roles import Action
from app.i18n import N_, _, date_text
from app.store.backup import Backup, Reason
from app.store.backup_set import DAYS, LAST, MONTHS, WEEKS, State
from app.ui import recovery_card
from app.ui.backup_keeper import state_words
from app.ui.controls import Button, IconLabel, clear, column, framed, label, row, scrolled
from app.ui.desk import Desk
from app.ui.dialogs import Files
from app.ui.restore_guide import counts_words, kinds, made_words
from app.ui.settings_group import Found, Immediate
from app.ui.theme import Type

MOST_SHOWN = 8
_WHY = {
    Reason.DAILY: N_("first of the day"), Reason.CLOSING: N_("when the clinic was closed"),
    Reason.UPGRADE: N_("before an upgrade"), Reason.IMPORT: N_("before an import"),
    Reason.RESTORE: N_("before a restore"), Reason.HAND: N_("by hand"), Reason.MOVE: N_("for another computer"),
}  # fmt: skip


def find(desk: Desk) -> Iterable[Found]:
    """The settings of this group."""
    return (
        Found(_("Backups: second folder, USB stick, share"), "second"), Found(_("Back up now"), "now"),
        Found(_("Restore a backup"), "restore"), Found(_("Trial restore"), "drill"),
        Found(_("Move to another computer"), "move"), Found(_("Recovery code and card"), "card"),
    )  # fmt: skip


class FolderQuestion:
    """Which folder. Tests replace `ask`."""

    @staticmethod
    def ask(parent: QWidget) -> Path | None:
        """The system's own dialog."""
        chosen = QFileDialog.getExistingDirectory(parent, _("Second folder for backups"))
        return Path(chosen) if chosen else None


class BackupSettings(Immediate):
    """Cards: the state, the second folder, the last backups, and what to do when something went wrong."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        assert desk.keeper is not None
        self.keeper = desk.keeper
        self.state_card, self.second_card = QVBoxLayout(), QVBoxLayout()
        self.rows = QVBoxLayout()
        self.rows.setSpacing(6)
        self.now = self._button(_("Back up now"), "now", self._back_up, kind="filled")
        self.drill = self._button(_("Try a restore"), "drill", self._drill)
        self.restore = self._button(_("Restore a backup"), "restore", self._restore)
        self.move_out = self._button(_("Move to another computer"), "move", self._move)
        self.card = self._button(_("New recovery card"), "card", self._new_card)
        self.second = self._button(_("Choose a folder"), "second", self._choose_second)
        self.refused = label("", tint="second", wrap=True)
        self.forget = self._button(_("No second folder"), "forget", self._forget_second, kind="quiet")
        rule = _(
            "Kept are the last backup of {days} days, {weeks} weeks and {months} months, and always the last {last}. "
            "They lie in the folder {folder}, encrypted like the clinic."
        ).format(days=DAYS, weeks=WEEKS, months=MONTHS, last=LAST, folder=desk.clinic.backups.folder)
        held = QWidget()
        held.setMaximumWidth(760)
        held.setLayout(
            column(
                framed("card", column(self.state_card, 4, row(self.now, self.drill, None), gap=6)),
                framed("card", column(self.second_card, 4, row(self.second, self.forget, None), gap=6)),
                6, label(_("Last backups"), Type.SECTION), self.rows,
                label(rule, Type.NOTE, "second", wrap=True), 8,
                label(_("When something went wrong"), Type.SECTION),
                label(
                    _("A restore shows what is inside a backup first, and keeps what it replaces. One file is enough "
                      "to open the clinic on another computer; then work on one of the two only."),
                    tint="second", wrap=True,
                ),
                self.refused, row(self.restore, self.move_out, self.card, None), gap=10,
            )
        )  # fmt: skip
        inside = QWidget()
        inside.setLayout(column(held, None, margins=(24, 18, 24, 18)))
        self.setLayout(column(scrolled(inside), gap=0))
        self.keeper.known.connect(self._known)
        self.reread()

    def _button(self, words: str, name: str, do: Callable[[], object], kind: str = "outline") -> Button:
        made = Button(words, kind)
        made.setObjectName(name)
        made.clicked.connect(lambda *_: do())
        return made

    def reread(self) -> None:
        """As things are now."""
        if self.desk.is_open:
            self._known(self.desk.clinic.backups.state(self.desk.today()))

    def _known(self, state: State) -> None:
        words, good = state_words(state, self.keeper.now())
        clear(self.state_card)
        icon = IconLabel("shield-check" if good else "alert-triangle", "green" if good else "amber", 20)
        self.state_card.addLayout(row(icon, label(words, Type.SECTION), None, gap=10))
        for problem in state.problems:
            if problem != state.known.second_problem:  # which stands in the card below
                self.state_card.addWidget(label(problem, tint="amber", wrap=True))
        self.state_card.addWidget(label(_drill_words(state), tint="second", wrap=True))
        self._show_second(state)
        clear(self.rows)
        for backup in self.desk.clinic.backups.all()[:MOST_SHOWN]:
            self.rows.addWidget(_line(backup))
        read_only = self.desk.clinic.read_only
        for button in (self.now, self.drill, self.second, self.forget, self.card):
            button.setDisabled(read_only)
        for button in (self.restore, self.second, self.card):
            button.setHidden(bool(self.desk.refusal(Action.BACKUPS)))
        self.refused.setText(self.desk.refusal(Action.BACKUPS))
        self.refused.setVisible(bool(self.refused.text()))

    def _show_second(self, state: State) -> None:
        clear(self.second_card)
        chosen = state.known.second
        title = _("Second folder: {folder}").format(folder=chosen) if chosen else _("No second folder yet")
        self.second_card.addWidget(label(title, Type.SECTION, wrap=True))
        words = _("Every backup is copied to a USB stick or a share as well: fire, theft and a broken disk take both.")
        if state.known.second_problem:
            self.second_card.addWidget(label(state.known.second_problem, tint="amber", wrap=True))
        elif chosen:
            words = _("Every backup is copied there, and read again after the copying.")
        self.second_card.addWidget(label(words, tint="second", wrap=True))
        self.second.setText(_("Choose another folder") if chosen else _("Choose a folder"))
        self.forget.setVisible(bool(chosen) and not self.desk.refusal(Action.BACKUPS))

    # Deeds

    def _back_up(self) -> None:
        if self.desk.clinic.read_only:
            self._move()
        else:
            self.keeper.back_up()

    def _drill(self) -> None:
        self.keeper.try_restore()

    def _choose_second(self) -> None:
        folder = FolderQuestion.ask(self)
        if folder is not None and self.desk.attempt(lambda: self.desk.clinic.use_second_folder(folder)):
            self.keeper.back_up()

    def _forget_second(self) -> None:
        if self.desk.attempt(lambda: self.desk.clinic.use_second_folder(None)):
            self.keeper.look()

    def _restore(self) -> None:
        self.desk.restore_wanted.emit()

    def _move(self) -> None:
        name = f"{self.desk.clinic.path.stem} {self.desk.today():%Y-%m-%d}.clinic-backup"
        path = Files.ask_save(self, self.desk.preferences, _("Move to another computer"), name, kinds())
        if path is None:
            return
        target, now = path.with_suffix(".clinic-backup"), self.keeper.now()

        def done(made: Backup) -> None:
            self.desk.say(
                _("The clinic is in {name}. Open it there with Restore a backup; then work on one computer only.")
                .format(name=made.path.name)
            )  # fmt: skip

        self.desk.work(lambda progress: self.desk.clinic.back_up(Reason.MOVE, now=now, target=target), done=done)

    def _new_card(self) -> None:
        recovery_card.renew(self, self.desk)


def _drill_words(state: State) -> str:
    known = state.known
    if not known.drill_day:
        return _("Once a month the last backup is restored on trial and looked at; that has not been done yet.")
    day = date_text(_day(known.drill_day))
    if known.drill_problem:
        return _("The trial restore of {date} failed.").format(date=day)
    return _("The last trial restore was on {date}: it opened and held what it says.").format(date=day)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _line(backup: Backup) -> QWidget:
    made = backup.manifest
    size = _("{size} MB").format(size=f"{max(backup.path.stat().st_size, 50_000) / 1_000_000:.1f}")
    held = QWidget()
    first = label(made_words(backup), Type.LABEL)
    first.setMinimumWidth(220)
    counts = label(counts_words(made.clients, made.sessions, made.claims), tint="second")
    held.setLayout(
        row(first, counts, None, label(_(_WHY[made.reason]), tint="second"), label(size, tint="third"), gap=16)
    )
    return held
