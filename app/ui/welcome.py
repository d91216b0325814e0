"""Before a clinic is open: open one, make a new one with its recovery code, or look around in the demo clinic.

Everything that needs the database is imported when it is used, so that this page is painted at once.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from app import paths
from app.errors import DamagedError, InputError, UnwritableError, UserError
from app.i18n import _
from app.ui import first_run, theme
from app.ui.controls import Button, IconLabel, clear, column, framed, label, outline, panel, row, scrolled, tint
from app.ui.desk import Desk
from app.ui.dialogs import Files
from app.ui.fields import TextEditor, editor, secret, text
from app.ui.login import Secret, Who
from app.ui.theme import Type

if TYPE_CHECKING:
    from app.store.clinic import ClinicFile
    from app.ui.restore_guide import RestoreGuide

KINDS = _("Clinic files (*.clinic)")
OPENED = _("Clinic files and backups (*.clinic *.clinic-backup)")
WIDTH = 460


class Step(QWidget):
    """One thing asked: a title, a sentence, fields, and the button that goes on."""

    def __init__(self, title: str, words: str, deed: str) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)
        self.title, self.words = label(title, Type.TITLE), label(words, tint="second", wrap=True)
        self.inside = QVBoxLayout()
        self.inside.setSpacing(0)
        self.problem = label("", Type.BODY, "red", wrap=True)
        self.problem.setMinimumHeight(20)
        self.back, self.deed = Button(_("Back"), "quiet"), Button(deed, "filled")
        buttons = row(self.back, None, self.deed)
        self.setLayout(column(self.title, 2, self.words, 14, self.inside, self.problem, 8, buttons, None, gap=2))

    def field(self, made: TextEditor) -> TextEditor:
        """Add a field under its label."""
        words = label(made.spec.label, Type.LABEL, "second")
        words.setBuddy(made)
        self.inside.addLayout(column(words, made, gap=5, margins=(0, 0, 0, 12)))
        return made

    def complain(self, error: BaseException) -> None:
        """Say what was expected to go wrong; anything else is raised on."""
        if not isinstance(error, UserError):
            raise error
        self.problem.setText(str(error))
        self.deed.setEnabled(True)


def _field(name: str, words: str, *, hidden: bool = False) -> TextEditor:
    made = editor(secret(name, words) if hidden else text(name, words))
    assert isinstance(made, TextEditor)
    return made


class LengthMeter(QWidget):
    """How long a password is; there are no rules but length, and that it is not among the first to be guessed."""

    def __init__(self, field: TextEditor) -> None:
        super().__init__()
        self._field = field
        self._share = 0.0
        self.words = label("", Type.NOTE, "second")
        self.setLayout(column(7, self.words, gap=0))
        field.textChanged.connect(lambda *_: self.show_length())

    def show_length(self) -> None:
        """What is typed now."""
        from app.store import keys

        typed, least = self._field.text(), keys.SHORTEST_PASSWORD
        self._share = min(1.0, len(typed) / (2 * least))
        if not typed:
            words, ink = _("At least {n} characters. Three or four words are good.").format(n=least), "second"
        elif len(typed) < least:
            words, ink = _("{n} of {least} characters").format(n=len(typed), least=least), "amber"
        else:
            words, ink = self._judged(typed)
        self.words.setText(words)
        tint(self.words, ink)
        self.update()

    @staticmethod
    def _judged(typed: str) -> tuple[str, str]:
        from app.store import keys

        try:
            keys.check_password(typed)
        except InputError as error:
            return str(error), "amber"
        return _("{n} characters: long enough").format(n=len(typed)), "green"

    def paintEvent(self, event: QPaintEvent) -> None:
        """A bar, full at twice the length that is asked for."""
        look, painter = theme.tokens(), QPainter(self)
        box = QRectF(0, 0, self.width(), 4)
        outline(painter, box, ground=look.line, edge="", width=0, radius=2)
        ink = {"green": look.green.text, "amber": look.amber.text}.get(self.words.property("tint"), look.line)
        if self._share:
            box.setWidth(box.width() * self._share)
            outline(painter, box, ground=ink, edge="", width=0, radius=2)
        painter.end()


class Welcome(QWidget):
    """A stack of steps; `opened(clinic, path)` is called with what came out."""

    help_topic = "welcome"

    def __init__(self, desk: Desk, opened: Callable[[ClinicFile, Path], None]) -> None:
        super().__init__()
        self.setObjectName("ground")
        self.desk, self._opened = desk, opened
        self.path = Path()
        self._made: ClinicFile | None = None
        self._restoring: RestoreGuide | None = None
        self._new_one = False
        self._code = ""
        self.steps = QStackedWidget()
        self.guide = first_run.StepList(_("A new clinic is ready to use after the third step; the rest can wait."))
        self.start = self._start()
        self.unlock = self._unlock()
        self.new = self._new()
        self.paper = self._paper()
        self.recover = self._recover()
        for step in (self.start, self.unlock, self.new, self.paper, self.recover):
            self.steps.addWidget(step)
        centre = QWidget()
        centre.setLayout(column(64, row(None, self.steps, None), None, gap=0))
        self._guide_pane = panel("pane", column(self.guide, gap=0))
        whole = row(self._guide_pane, scrolled(centre), gap=0)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self.offer_safe_copies(lambda: self.ask_restore(self._last()), self._ask_moved)
        self.begin()

    def begin(self) -> None:
        """The clinic opened last asks for its password; without one, the choice of what to do."""
        last = self._last()
        if last is not None and last.is_file():
            self.ask_password(last)
        else:
            self._show(self.start)

    def _show(self, step: QWidget) -> None:
        self.steps.setCurrentWidget(step)
        self.steps.setFixedWidth(WIDTH)
        keys = {self.start: "where", self.new: "password", self.paper: "code"}
        self._guide_pane.setVisible(step in keys and (step is not self.paper or self._new_one))
        if step in keys:
            key = keys[step]
            self.guide.show_steps(key, first_run.BEFORE[: first_run.BEFORE.index(key)], reachable=False)
        self._begin_typing()

    def _begin_typing(self) -> None:
        shown: QWidget = self.steps.currentWidget() or self
        fields = (field for field in shown.findChildren(TextEditor) if field.isVisibleTo(shown))
        first = next((field for field in fields if field.isEnabled()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """A field that took the focus while the window was hidden lost it; the password can be typed at once."""
        super().showEvent(event)
        self._begin_typing()

    # What to do

    def _start(self) -> QWidget:
        page = QWidget()
        page.setFixedWidth(WIDTH)
        self.choose_new = Button(_("New clinic"), "filled")
        self.choose_open = Button(_("Open a clinic"))
        self.choose_demo = Button(_("Open the demo clinic"))
        self.choose_new.clicked.connect(lambda *_: self.ask_new())
        self.choose_open.clicked.connect(lambda *_: self.ask_file())
        self.choose_demo.clicked.connect(lambda *_: self.open_demo())
        self.demo_state = label("", Type.NOTE, "second", wrap=True)
        self.demo_state.setMinimumHeight(34)
        self.choose_restore = Button(_("Restore a backup"), "link")
        self.choose_move = Button(_("Move from another computer"), "link")
        self._safe_copies = QWidget()
        self._safe_copies.setLayout(row(self.choose_restore, self.choose_move, None, gap=18, margins=(2, 4, 0, 0)))
        self._safe_copies.hide()
        choices = (
            ("file-text", _("Start your own"), _("One encrypted file, on this computer only."), self.choose_new),
            ("folder", _("Go on with a clinic"), _("A .clinic file on this computer."), self.choose_open),
            ("users", _("Look around first"), _("A small practice of invented people."), self.choose_demo),
        )
        page.setLayout(
            column(
                label(_("Superbill Desk"), Type.TITLE),
                label(_("Claim forms and superbills from your session records."), tint="second"),
                14,
                *(self._choice(icon, title, words, button) for icon, title, words, button in choices),
                self._safe_copies,
                self.demo_state,
                None,
                gap=10,
            )
        )
        return page

    def _choice(self, icon: str, title: str, words: str, button: Button) -> QWidget:
        text_part = column(label(title, Type.SECTION), label(words, Type.NOTE, "second", wrap=True), gap=2)
        line = row(IconLabel(icon, "accent", 24), text_part, button, gap=14)
        line.setStretch(1, 1)
        return framed("card", line, (16, 14, 14, 14))

    def offer_safe_copies(self, restore: Callable[[], object], move: Callable[[], object]) -> None:
        """Show the two ways to a clinic that lies elsewhere, and what they do."""
        self.choose_restore.clicked.connect(lambda *_: restore())
        self.choose_move.clicked.connect(lambda *_: move())
        self._safe_copies.show()

    def ask_restore(self, clinic: Path | None, archive: Path | None = None) -> None:
        """Bring a backup back: one of the clinic at that path, a chosen file, or the one that is given."""
        if self._restoring is None:
            from app.ui.restore_guide import RestoreGuide

            self._restoring = RestoreGuide(
                self.desk, self.steps, show=self._show, leave=self.begin, opened=self._opened,
                recovered=self._restored_by_code,
            )  # fmt: skip
        self._restoring.begin(clinic)
        if archive is not None:
            self._restoring.take(archive)

    def _restored_by_code(self, clinic: ClinicFile, code: str, path: Path) -> None:
        self.path = path
        self._show_code(clinic, code)

    def _ask_moved(self) -> None:
        self.ask_restore(None)
        assert self._restoring is not None
        self._restoring.ask_file()

    def _last(self) -> Path | None:
        return Path(self.desk.preferences.clinic) if self.desk.preferences.clinic else None

    def ask_file(self) -> None:
        """Choose a clinic file, then its password."""
        path = Files.ask_open(self, self.desk.preferences, _("Open a clinic"), OPENED)
        if path is not None:
            self.ask_password(path)

    def open_demo(self) -> None:
        """Make the demo clinic anew when it is not there, and open it."""
        from app.store import demo

        folder, today = paths.data_dir(), self.desk.today()
        self.path = folder / "demo.clinic"
        path = self.path
        self.choose_demo.setEnabled(False)
        self.demo_state.setText(_("Making the demo clinic…"))

        def work() -> ClinicFile:
            from app.store.clinic import ClinicFile

            if path.exists():
                return ClinicFile.open(path, password=demo.PASSWORD)
            return demo.make(path, today=today)

        def failed(error: BaseException) -> None:
            self.choose_demo.setEnabled(True)
            self.demo_state.setText("")
            if not isinstance(error, UserError):
                raise error
            self.demo_state.setText(str(error))

        self.desk.run_task(work, done=self._done, failed=failed)

    def _done(self, clinic: ClinicFile) -> None:
        self.choose_demo.setEnabled(True)
        self.demo_state.setText("")
        self._opened(clinic, self.path)

    # Opening

    def _unlock(self) -> Step:
        step = Step("", _("The clinic is encrypted. Log in to open it."), _("Open"))
        self.who = Who()
        step.inside.addWidget(self.who)
        self.secret = Secret(self.desk)
        self.password, self.pin = self.secret.password, self.secret.pin
        step.inside.addWidget(self.secret)
        self.who.choice.currentTextChanged.connect(lambda *_: self.secret.ask(self.path, self.who.name))
        self.lost = Button(_("Use the recovery code"), "link")
        self.bring_back = Button(_("Restore a backup"), "link")
        self.look_only = Button(_("Open read-only"), "link")
        step.inside.addLayout(row(self.lost, self.bring_back, self.look_only, None, gap=18))
        self.bring_back.clicked.connect(lambda *_: self.ask_restore(self.path))
        self.look_only.clicked.connect(lambda *_: self.open(read_only=True))
        step.back.setText(_("Other clinic"))
        step.back.clicked.connect(lambda *_: self._show(self.start))
        step.deed.clicked.connect(lambda *_: self.open())
        self.password.enter = self.pin.enter = step.deed.click
        self.lost.clicked.connect(lambda *_: self._show(self.recover))
        return step

    def ask_password(self, path: Path) -> None:
        """Ask for the password of the clinic at `path`."""
        if path.suffix == ".clinic-backup":
            self.ask_restore(None, path)
            return
        self.path = path
        self.unlock.title.setText(path.stem)
        self.unlock.problem.setText("")
        self._offer_rescue(None)
        self.secret.clear()
        self.who.show_of(path, self.desk.preferences.user)
        self._show(self.unlock)
        self.secret.ask(path, self.who.name)

    def say_locked(self) -> None:
        """The clinic was open and is locked: what was typed waits in it."""
        self.unlock.words.setText(_("Locked. Log in to get back what you were typing."))

    def _offer_rescue(self, error: BaseException | None) -> None:
        """What else can be done about a clinic that does not open."""
        self.bring_back.setVisible(isinstance(error, DamagedError))
        self.look_only.setVisible(isinstance(error, UnwritableError))

    def open(self, password: str | None = None, *, read_only: bool = False) -> None:
        """Open the clinic with what is typed, off the window's thread: reading the key takes a moment."""
        by_pin = self.secret.by_pin and password is None
        if by_pin and read_only:
            self.secret.use(pin=False)
            self.unlock.problem.setText(_("Read-only it is opened with the password. Type it."))
            return
        path, typed = self.path, self.secret.field.text() if password is None else password
        user = self.who.name
        self.unlock.deed.setEnabled(False)
        self.unlock.problem.setText("")

        def work() -> tuple[ClinicFile, bool]:
            from app.store.clinic import ClinicFile

            if by_pin:
                return ClinicFile.open_with_pin(path, pin=typed, user=user), True
            way = ClinicFile.open_read_only if read_only else ClinicFile.open
            clinic, pin_kept = way(path, password=typed, user=user), True
            with contextlib.suppress(UserError):  # nothing about the PIN keeps a clinic closed
                pin_kept = clinic.renew_pin()
            return clinic, pin_kept

        def done(made: tuple[ClinicFile, bool]) -> None:
            clinic, pin_kept = made
            self.unlock.deed.setEnabled(True)
            self.secret.clear()
            self.desk.preferences.user = clinic.user
            self._opened(clinic, path)
            if not pin_kept:
                self.desk.fail(_("The PIN was removed: the keychain of this computer does not have its secret."))

        def failed(error: BaseException) -> None:
            self.unlock.deed.setEnabled(True)
            self.unlock.complain(error)
            self._offer_rescue(error)
            self.secret.field.selectAll()
            self.secret.ask_again()

        self.desk.run_task(work, done=done, failed=failed)

    def _recover(self) -> Step:
        words = _("Type the code that was printed when the clinic was made, and a new password.")
        step = Step(_("Recovery code"), words, _("Open"))
        self.recovery_code = step.field(_field("recovery_code", _("Recovery code")))
        self.recovery_password = step.field(_field("new_password", _("New password"), hidden=True))
        self.recovery_reason = step.field(_field("reason", _("Why the code is used; the audit keeps this")))
        self.recovery_reason.enter = step.deed.click
        step.back.clicked.connect(lambda *_: self._show(self.unlock))
        step.deed.clicked.connect(lambda *_: self._open_by_code())
        return step

    def _open_by_code(self) -> None:
        path, code, password = self.path, self.recovery_code.text(), self.recovery_password.text()
        reason = self.recovery_reason.text()
        self.recover.deed.setEnabled(False)
        self.recover.problem.setText("")

        def work() -> tuple[ClinicFile, str]:
            from app.store.clinic import ClinicFile

            return ClinicFile.recover(path, code=code, password=password, reason=reason)

        self.desk.run_task(work, done=lambda made: self._show_code(*made), failed=self.recover.complain)

    # A new clinic

    def _new(self) -> Step:
        words = _("All records go into one encrypted file. Only this password or the recovery code opens it.")
        step = Step(_("New clinic"), words, _("Make the clinic"))
        self.name = step.field(_field("name", _("Practice name, as it stands on claims")))
        self.person = step.field(_field("full_name", _("Your name")))
        self.new_password = step.field(_field("password", _("Password"), hidden=True))
        self.meter = LengthMeter(self.new_password)
        step.inside.addLayout(column(self.meter, margins=(0, 0, 0, 12)))
        self.again = step.field(_field("again", _("Password again"), hidden=True))
        self.again.enter = step.deed.click
        self.place = label("", Type.NOTE, "second", wrap=True)
        self.change_place = Button(_("Choose another place"), "link")
        self.change_place.clicked.connect(lambda *_: self._ask_place())
        step.inside.addLayout(column(self.place, row(self.change_place, None), gap=2))
        step.back.clicked.connect(lambda *_: self._show(self.start))
        step.deed.clicked.connect(lambda *_: self.make())
        self.name.textChanged.connect(lambda *_: self._show_place())
        self._chosen_place: Path | None = None
        return step

    def ask_new(self) -> None:
        """Begin a new clinic."""
        for field in (self.name, self.person, self.new_password, self.again):
            field.clear()
        self.new.problem.setText("")
        self._chosen_place = None
        self.meter.show_length()
        self._show_place()
        self._show(self.new)

    def _new_path(self) -> Path:
        if self._chosen_place is not None:
            return self._chosen_place
        plain = "".join(letter for letter in self.name.text() if letter.isalnum() or letter in " -")
        return paths.data_dir() / f"{' '.join(plain.split()) or 'Clinic'}.clinic"

    def _show_place(self) -> None:
        path = self._new_path()
        words = _("It will be kept in {path}, its keys beside it in {keys}, its backups in the folder backups.")
        self.place.setText(words.format(path=path, keys=path.with_suffix(".keys").name))

    def _ask_place(self) -> None:
        path = Files.ask_save(self, self.desk.preferences, _("New clinic"), self._new_path().name, KINDS)
        if path is not None:
            self._chosen_place = path.with_suffix(".clinic")
            self._show_place()

    def make(self) -> None:
        """Make the clinic, then show its recovery code."""
        name, password, path = self.name.text().strip(), self.new_password.text(), self._new_path()
        if not name:
            self.new.problem.setText(_("The practice has no name. Type it."))
            self.name.setFocus()
            return
        if password != self.again.text():
            self.new.problem.setText(_("The two passwords differ. Type the second one again."))
            self.again.setFocus()
            return
        self.new.deed.setEnabled(False)
        self.new.problem.setText("")

        def work() -> tuple[ClinicFile, str]:
            from app.store.clinic import ClinicFile

            return ClinicFile.create(path, password=password)

        def done(made: tuple[ClinicFile, str]) -> None:
            self.new.deed.setEnabled(True)
            self.path = path
            self._fill(made[0], name, self.person.text().strip())
            self._new_one = True
            self._show_code(*made)

        self.desk.run_task(work, done=done, failed=self.new.complain)

    def _fill(self, clinic: ClinicFile, name: str, person: str) -> None:
        """What a new clinic begins with: its name, that of its owner, and the starter codes without prices."""
        from app.billing import codes
        from app.billing.records import FeeSchedule, Practice
        from app.store import payers, practice, users

        with clinic.write(_("New clinic"), undoable=False) as s:
            practice.save_practice(s, Practice(name=name, taxonomy=codes.MASSAGE_THERAPIST))
            payers.save_fee_schedule(s, FeeSchedule(name=_("Standard fees"), fees=tuple(codes.starter_fees())))
        if person:
            with clinic.read() as s:
                owner = next(user for user in users.users(s) if user.name == clinic.user)
            users.change(clinic, replace(owner, full_name=person))

    # The recovery code

    def _paper(self) -> Step:
        words = _(
            "Keep this code on paper, away from this computer. If the password is lost, nothing else opens the file."
        )
        step = Step(_("Recovery code"), words, _("Begin"))
        self._groups = QGridLayout()
        self._groups.setSpacing(10)
        step.inside.addWidget(framed("card", self._groups, (20, 16, 20, 16)))
        self.save_code = Button(_("Save as a text file"), icon="download", small=True)
        self.print_code = Button(_("Print"), icon="printer", small=True)
        self.save_code.clicked.connect(lambda *_: self._save_code())
        self.print_code.clicked.connect(lambda *_: self._print_code())
        step.inside.addLayout(row(self.save_code, self.print_code, None, margins=(0, 12, 0, 16)))
        self.asked = (_field("first", ""), _field("second", ""))
        self.asked[1].enter = step.deed.click
        self._asked_words = (label("", Type.LABEL, "second"), label("", Type.LABEL, "second"))
        pairs = [column(words, made, gap=5) for words, made in zip(self._asked_words, self.asked, strict=True)]
        step.inside.addWidget(label(_("To be sure that you have it, type two of its groups."), Type.NOTE, "second"))
        step.inside.addLayout(row(*pairs, gap=12, margins=(0, 8, 0, 10)))
        step.back.hide()
        step.deed.clicked.connect(lambda *_: self._begin())
        return step

    def _show_code(self, clinic: ClinicFile, code: str) -> None:
        self._made, self._code = clinic, code
        clear(self._groups)
        groups = code.replace(" ", "-").split("-")
        for at, group in enumerate(groups):
            shown = label(group, Type.LIST_TITLE)
            shown.setFont(_code_font())
            number = label(str(at + 1), Type.NOTE, "third")
            self._groups.addLayout(row(number, shown, None, gap=8), at // 3, at % 3)
        self.wanted = sorted(random.SystemRandom().sample(range(len(groups)), 2))
        for at, made, words in zip(self.wanted, self.asked, self._asked_words, strict=True):
            made.clear()
            words.setText(_("Group {number}").format(number=at + 1))
            made.setAccessibleName(words.text())
        self.paper.problem.setText("")
        self._show(self.paper)

    def _page(self) -> str:
        name = self.path.stem
        head = _("Superbill Desk: recovery code of {name}").format(name=name)
        return f"{head}\n\n{self._code}\n\n{_('Keep it on paper, away from the computer. It opens the clinic file.')}\n"

    def _save_code(self) -> None:
        name = f"{self.path.stem} recovery code.txt"
        path = Files.ask_save(self, self.desk.preferences, _("Save the recovery code"), name, _("Text (*.txt)"))
        if path is not None:
            try:
                path.write_text(self._page(), encoding="utf-8")
            except OSError:
                self.paper.problem.setText(_("The file cannot be written. Choose another folder."))

    def _print_code(self) -> None:
        from app.ui import recovery_card

        try:
            recovery_card.print_card(self, self._code, self.path, self.desk.today())
        except UserError as error:
            self.paper.complain(error)

    def _begin(self) -> None:
        from app.store.keys import as_printed

        groups = self._code.replace(" ", "-").split("-")
        for at, made in zip(self.wanted, self.asked, strict=True):
            if as_printed(made.text()) != groups[at]:
                wrong = _("Group {number} is not right.").format(number=at + 1)
                self.paper.complain(InputError(wrong, _("Compare it with the code above.")))
                made.setFocus()
                made.selectAll()
                return
        clinic, self._made, self._code = self._made, None, ""
        clear(self._groups)
        assert clinic is not None
        self._opened(clinic, self.path)
        if self._new_one:
            self._new_one = False
            first_run.begin(self.desk.preferences, str(self.path))
            self.desk.go("setup", "practice")
            self.desk.say(_("Your clinic is made."))


def _code_font() -> QFont:
    made = QFont(theme.FORM_FACE)
    made.setPixelSize(18)
    return made
