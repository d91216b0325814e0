"""Setting up a clinic: a guide in the window, a step at a time, that can be left at any step and gone on with later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QWidget

from app.billing import codes
from app.billing.records import Provider
from app.i18n import _
from app.store import practice, users
from app.ui import first_run, theme
from app.ui.controls import Button, Flow, IconLabel, column, framed, label, panel, row, rule, scrolled
from app.ui.desk import Desk
from app.ui.fees_editor import FeesEditor
from app.ui.first_run import BEFORE, STEPS, StepList
from app.ui.first_run_parts import FirstPayer, PaperStep
from app.ui.page import Header, LazyStack, Page
from app.ui.practice_settings import practice_kind, provider_kind
from app.ui.record_editor import Kind, Owner, RecordEditor
from app.ui.record_form import Section
from app.ui.settings_group import Editor

ORDER = [step.key for step in STEPS if step.key not in BEFORE]
_END = "end"
_ROOM_FOR_STEPS = 1000


class FirstRunPage(Page):
    """Steps on the left; on the right one group of questions under the sentence that says why."""

    key = "setup"
    under = "today"
    name = _("Setting up")
    icon = "settings"
    interests = frozenset({"practice", "provider", "payer", "fee_schedule", "fee"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.steps = StepList(_("You can leave at any step. Today keeps the way back here."))
        self._edge = rule(upright=True)
        for step in ORDER:
            self.steps.stages[step].clicked.connect(partial(self.go_to, step))
        makers: dict[str, Callable[[], QWidget]] = {
            "practice": lambda: self._records(_short_practice(desk)),
            "provider": lambda: self._records(_one_provider(desk)),
            "fees": self._fees, "payer": lambda: self._watched(FirstPayer(desk)),
            "printer": lambda: self._watched(PaperStep(desk)), _END: self._make_end,
        }  # fmt: skip
        self.stack = LazyStack(makers)
        self.why = label("", tint="second", wrap=True)
        self.why.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.header = Header("")
        self._reason = QWidget()
        self._reason.setMaximumWidth(784)
        self._reason.setLayout(column(self.why, margins=(24, 14, 0, 0)))
        self.back_button = Button(_("Back"), "quiet", icon="chevron-left")
        self.out_button = Button(_("Leave this out"), "quiet")
        self.later_button = Button(_("Leave and resume later"))
        self.next_button = Button(_("Save and go on"), "filled", key="Ctrl+Return")
        self.back_button.clicked.connect(lambda *_: self.step_back())
        self.out_button.clicked.connect(lambda *_: self.leave_out())
        self.later_button.clicked.connect(lambda *_: desk.go("today"))
        self.next_button.clicked.connect(lambda *_: self.next())
        self.bar = QWidget()
        self.bar.setFixedHeight(60)
        self.bar.setLayout(
            row(self.back_button, None, self.out_button, self.later_button, self.next_button, margins=(18, 0, 24, 0))
        )
        self._foot = rule()
        right = panel("ground", column(self.header, rule(), self._reason, self.stack, self._foot, self.bar, gap=0))
        self._pane = panel("pane", column(self.steps, gap=0))
        whole = row(self._pane, self._edge, right, gap=0)
        whole.setStretch(2, 1)
        self.setLayout(whole)
        shortcut = QShortcut(QKeySequence("Ctrl+Return"), self)
        shortcut.setWhatsThis(_("Save and go on"))
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.next)

    # Parts

    def _records(self, kind: Kind) -> QWidget:
        made = RecordEditor(self.desk, kind)
        made.show_of(0)
        return self._watched(made)

    def _watched(self, made: RecordEditor | PaperStep) -> QWidget:
        made.edited.connect(self._show_bar)
        return made

    def _fees(self) -> QWidget:
        made = FeesEditor(self.desk)
        made.edited.connect(self._show_bar)
        return made

    def _make_end(self) -> QWidget:
        self.client_button = Button(_("Add a client"), "filled", icon="user-plus", key="Ctrl+Shift+N")
        self.session_button = Button(_("Enter a session"), icon="plus", key="Ctrl+N")
        self.demo_button = Button(_("Look at the demo clinic"), icon="users")
        self.client_button.clicked.connect(lambda *_: self.desk.go("clients", "new"))
        self.session_button.clicked.connect(lambda *_: self.desk.go("sessions", "new"))
        self.demo_button.clicked.connect(lambda *_: self.desk.demo_wanted.emit())
        self.end_words = label("", wrap=True)
        self.end_icon = IconLabel("circle-check", "green", 24)
        said = row(self.end_icon, self.end_words, gap=12)
        said.setStretch(1, 1)
        choices = Flow([self.client_button, self.session_button, self.demo_button], high=theme.CONTROL, gap=10)
        held = QWidget()
        held.setMaximumWidth(760)
        held.setLayout(column(framed("card", column(said, 6, choices, gap=12), (18, 18, 18, 18)), None))
        inside = QWidget()
        inside.setLayout(column(held, None, margins=(24, 18, 24, 18)))
        return scrolled(inside)

    def editor(self, key: str = "") -> Editor:
        """The form of a step, or of the one in front."""
        return cast(Editor, self.stack.part(key or self.stack.key))

    # Steps

    def done(self) -> list[str]:
        """The steps that are done."""
        with self.desk.read() as s:
            return first_run.done(s, self.desk.preferences)

    def refresh(self) -> None:
        """Read what is not being typed anew."""
        for key, made in self.stack.made.items():
            if key != _END:
                cast(Editor, made).reread()
        self._show_bar()

    def go_to(self, key: str) -> None:
        """Bring a step to the front; a changed one asks first."""
        if key != self.stack.key and self.leave():
            self._bring(key)

    def _bring(self, key: str) -> None:
        self.stack.bring(key)
        if key == _END:
            self._show_end()
        else:
            step = next(step for step in STEPS if step.key == key)
            self.header.title.setText(step.title)
            self.why.setText(step.why)
            self._fit_why()
            self.editor().focus_field(_FIRST.get(key, ""))
        self._reason.setVisible(key != _END)
        self._show_bar()

    def _show_end(self) -> None:
        open_steps = [step.title for step in STEPS if step.key not in self.done()]
        self.header.title.setText(_("Still open") if open_steps else _("Ready"))
        words = _("The clinic is set up. What comes next?")
        if open_steps:
            words = _("Still open: {steps}. That can wait; Today keeps the way back here.")
        self.end_words.setText(words.format(steps=", ".join(open_steps)))
        self.end_icon.show_icon("clock" if open_steps else "circle-check", "amber" if open_steps else "green")
        if not open_steps:
            first_run.end(self.desk.preferences)
        self.client_button.setFocus()

    def _show_bar(self) -> None:
        finished = self.done()
        key = self.stack.key
        self.steps.show_steps(key, finished, reachable=True)
        self.header.facts.setText(_("{n} of {count} done").format(n=len(finished), count=len(STEPS)))
        self.bar.setVisible(key != _END)
        self._foot.setVisible(key != _END)
        if key != _END:
            self.header.state.setText(_("Changed") if self.editor().changed else "")
            step = next(step for step in STEPS if step.key == key)
            self.out_button.setVisible(step.optional and key not in finished)
            self.back_button.setVisible(key != ORDER[0])

    def next(self) -> None:
        """Keep what is typed, and the next step."""
        key = self.stack.key
        if key != _END and self.editor().save():
            self._bring((*ORDER, _END)[ORDER.index(key) + 1])

    def leave_out(self) -> None:
        """This step is not for this clinic: it is not asked about again."""
        first_run.leave_out(self.desk.preferences, self.stack.key)
        self.editor().revert()
        self._bring((*ORDER, _END)[ORDER.index(self.stack.key) + 1])

    def step_back(self) -> None:
        """The step before."""
        at = len(ORDER) if self.stack.key == _END else ORDER.index(self.stack.key)
        if at > 0:
            self.go_to(ORDER[at - 1])

    # The window's commands

    def open(self, target: object) -> None:
        """A step by its key; anything else goes on where it was left."""
        key = target if isinstance(target, str) and target in ORDER else None
        finished = self.done()
        self._bring(key or next((step for step in ORDER if step not in finished), _END))

    def begin(self) -> None:
        """Go on with the first open step."""
        self.open("resume")

    def leave(self) -> bool:
        """Ask about what is typed."""
        return self.stack.key == _END or self.editor().leave()

    def save(self) -> None:
        """Keep what is typed, and stay."""
        if self.stack.key != _END:
            self.editor().save()

    def back(self) -> None:
        """Revert what is typed, or the step before."""
        if self.stack.key != _END and self.editor().changed:
            self.editor().revert()
        else:
            self.step_back()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The steps make room in a narrow window."""
        super().resizeEvent(event)
        wide = self.width() >= _ROOM_FOR_STEPS
        self._pane.setVisible(wide)
        self._edge.setVisible(wide)
        self._fit_why()

    def _fit_why(self) -> None:
        """The sentence keeps its lines where the form below wants all the room."""
        beside = self._pane.width() + 1 if self.width() >= _ROOM_FOR_STEPS else 0
        room = min(784, self.width() - beside) - 24
        self.why.setMinimumHeight(max(0, self.why.heightForWidth(room)))


_FIRST = {"practice": "name", "provider": "last_name", "fees": "price", "payer": "name"}


def _short_practice(desk: Desk) -> Kind:
    """Name, address and numbers; the rest has its place in the settings."""
    whole = practice_kind(desk)

    def sections(d: Desk, owner: Owner) -> list[Section]:
        first, numbers, *__ = whole.sections(d, owner)
        return [Section("", first.rows), Section(numbers.title, numbers.rows[:1])]

    return replace(whole, sections=sections)


def _one_provider(desk: Desk) -> Kind:
    """The first therapist."""

    def read(s: object, owner: int) -> list[Provider]:
        return practice.providers(s)[:1]  # type: ignore[arg-type]

    whole = provider_kind(desk)

    def sections(d: Desk, owner: Owner) -> list[Section]:
        return [Section("", whole.sections(d, owner)[0].rows[:2])]

    return replace(whole, single=True, remove=None, read=read, sections=sections, blank=lambda owner: _owner(desk))


def _owner(desk: Desk) -> Provider:
    """Where nobody is kept yet, whoever made the clinic: the name typed before, to be looked at and saved."""
    with desk.read() as s:
        name = next((one.full_name for one in users.users(s) if one.name == desk.clinic.user), "")
    first, __, last = name.strip().rpartition(" ")
    return Provider(taxonomy=codes.MASSAGE_THERAPIST, first_name=first.strip(), last_name=last)
