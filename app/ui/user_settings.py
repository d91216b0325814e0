"""Settings, Users and lock: one's own password, when the window locks, and who opens the clinic as what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.billing import roles
from app.billing.roles import Action, Role, User
from app.errors import InputError
from app.i18n import _, ngettext
from app.store import practice, users
from app.ui import fields, lock, theme, words
from app.ui.controls import Button, clear, column, framed, label, row, scrolled
from app.ui.desk import Desk
from app.ui.dialogs import Confirm
from app.ui.fields import ChoiceEditor, Field, TextEditor
from app.ui.pin_settings import PinCard
from app.ui.settings_group import Found, Immediate
from app.ui.theme import Type

_MINUTES = (2, 5, 10, 15, 20, 30)
_ROLES = fields.words({role: roles.name(role) for role in Role})


def find(desk: Desk) -> Iterable[Found]:
    """The settings of this group."""
    return (
        Found(_("Your password"), "old"), Found(_("PIN on this computer, quick unlock"), "pin"),
        Found(_("Lock after idle time"), "minutes"),
        Found(_("New user, role, front desk, biller, therapist"), "name"),
    )  # fmt: skip


class UserSettings(Immediate):
    """Four cards; the last one is for those who manage users."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.people = QVBoxLayout()
        self.people.setSpacing(8)
        self._given: dict[str, tuple[TextEditor, TextEditor]] = {}
        inside = QWidget()
        held = QWidget()
        held.setMaximumWidth(760)
        self.managing = QWidget()
        self.pin = PinCard(desk)
        self.pin_card = framed("card", column(self.pin, gap=0))
        self.managing.setLayout(column(self._users_card(), gap=0))
        held.setLayout(column(self._own_card(), self.pin_card, self._lock_card(), self.managing, gap=14))
        inside.setLayout(column(held, None, margins=(24, 18, 24, 18)))
        self.setLayout(column(scrolled(inside), gap=0))
        self.reread()

    # One's own password

    def _own_card(self) -> QWidget:
        self.who = label("", Type.SECTION)
        self.old = _text(fields.secret("old", _("Present password")))
        self.new = _text(fields.secret("new", _("New password")))
        self.again = _text(fields.secret("again", _("New password again")))
        self.change = Button(_("Change the password"))
        self.change.clicked.connect(lambda *_: self.change_password())
        self.again.enter = self.change.click
        words = _("At least 15 characters; three or four words that do not belong together are good.")
        return framed(
            "card",
            column(
                self.who, label(words, Type.NOTE, "second", wrap=True),
                row(*(_labelled(each) for each in (self.old, self.new, self.again)), gap=theme.FIELD_GAP),
                row(self.change, None), gap=10,
            ),
        )  # fmt: skip

    def change_password(self) -> None:
        """Change one's own password."""
        old, new = self.old.text(), self.new.text()

        def do() -> None:
            _check_twice(self.new, self.again)
            self.desk.clinic.change_password(old, new)

        if self.desk.attempt(do):
            for field in (self.old, self.new, self.again):
                field.clear()
            self.pin.reread()
            self.desk.say(_("Your password is changed. Backups made before still open with the old one."))

    # The lock

    def _lock_card(self) -> QWidget:
        options = [(n, ngettext("{n} minute", "{n} minutes", n).format(n=n)) for n in _MINUTES]
        self.minutes = _choice(fields.choice("minutes", _("Lock after"), lambda: options, 150))
        self.minutes.changed.connect(self._set_minutes)
        words = _(
            "Without a key or the mouse for so long, when the computer locks or sleeps, and with Ctrl+Shift+L, the "
            "window closes and asks for the password or the PIN. What you were typing comes back."
        )
        return framed(
            "card",
            column(
                label(_("Lock"), Type.SECTION), label(words, Type.NOTE, "second", wrap=True),
                row(_labelled(self.minutes), None), gap=10,
            ),
        )  # fmt: skip

    def _set_minutes(self) -> None:
        self.desk.preferences.lock_minutes = self.minutes.value()

    # Users

    def _users_card(self) -> QWidget:
        self.name = _text(fields.text("name", _("Name at the login")))
        self.full_name = _text(fields.text("full_name", _("Full name")))
        self.role = _choice(fields.choice("role", _("Role"), _ROLES, 140))
        self.password = _text(fields.secret("password", _("First password")))
        self.password_again = _text(fields.secret("password_again", _("First password again")))
        self.add = Button(_("Add the user"))
        self.add.clicked.connect(lambda *_: self.add_user())
        self.role.load(Role.FRONT_DESK)
        self.about = label("", Type.NOTE, "second", wrap=True)
        self.role.changed.connect(self._tell_role)
        self._tell_role()
        first = row(*(_labelled(each) for each in (self.name, self.full_name, self.role)), gap=theme.FIELD_GAP)
        second = row(*(_labelled(each) for each in (self.password, self.password_again)), gap=theme.FIELD_GAP)
        words = _("Each person has a password of their own, so that the audit says who did what.")
        return framed(
            "card",
            column(
                label(_("Users"), Type.SECTION), label(words, Type.NOTE, "second", wrap=True), self.people, 8,
                label(_("New user"), Type.SECTION), first, second, self.about, row(self.add, None), gap=10,
            ),
        )  # fmt: skip

    def _tell_role(self) -> None:
        self.about.setText(about(self.role.value()))

    def add_user(self) -> None:
        """Add the user that is typed."""
        made = User(name=self.name.text(), full_name=self.full_name.text().strip(), role=self.role.value())

        def do() -> None:
            _check_twice(self.password, self.password_again)
            users.add(self.desk.clinic, made, self.password.text())

        if self.desk.attempt(do):
            for field in (self.name, self.full_name, self.password, self.password_again):
                field.clear()
            self.reread()
            self.desk.say(_("The user is added. Ask them to change the password at their first login."))

    def reread(self) -> None:
        """As things are now."""
        if not self.desk.is_open:
            return
        clinic = self.desk.clinic
        self.who.setText(_("You are {name} ({role})").format(name=clinic.user, role=roles.name(clinic.role)))
        kept = self.desk.preferences.lock_minutes
        self.minutes.load(min(_MINUTES, key=lambda minutes: abs(minutes - max(lock.FEWEST, min(lock.MOST, kept)))))
        self.pin.reread()
        manages = clinic.may(Action.USERS) and not clinic.read_only
        self.managing.setVisible(manages)
        clear(self.people)
        self._given.clear()
        if manages:
            with self.desk.read() as s:
                known = users.users(s)
                found = practice.providers(s)
            self._therapists = [(None, _("no therapist")), *((one.id, words.provider(one)) for one in found)]
            for user in known:
                self.people.addWidget(self._person(user))

    def _person(self, user: User) -> QWidget:
        chosen = _choice(fields.choice(f"role-{user.name}", _("Role"), _ROLES, 140))
        chosen.setAccessibleName(_("Role of {name}").format(name=user.name))
        chosen.load(user.role)
        chosen.changed.connect(lambda *_: self.change_role(user, chosen.value()))
        therapist = _choice(fields.choice(f"therapist-{user.name}", _("Therapist"), lambda: self._therapists, 150))
        therapist.setAccessibleName(_("The therapist that {name} is").format(name=user.name))
        therapist.setToolTip(_("New sessions begin with this therapist."))
        therapist.load(user.provider_id)
        therapist.changed.connect(lambda *_: self.change_therapist(user, therapist.value()))
        given = _text(fields.secret(f"given-{user.name}", _("New password")))
        twice = _text(fields.secret(f"twice-{user.name}", _("Again")))
        for field in (given, twice):
            field.setPlaceholderText(field.spec.label)
            field.setMinimumWidth(field.fontMetrics().horizontalAdvance(field.spec.label) + 24)
            field.setAccessibleName(_("{what} for {name}").format(what=field.spec.label, name=user.name))
        self._given[user.name] = (given, twice)
        give, leave = Button(_("Give"), small=True), Button(_("Remove"), "quiet", icon="trash", small=True)
        give.setAccessibleName(_("Give {name} the new password").format(name=user.name))
        leave.setAccessibleName(_("Remove {name}").format(name=user.name))
        give.clicked.connect(partial(self._give, user))
        leave.clicked.connect(partial(self._remove, user))
        names = label(user.name, Type.BODY)
        names.setFixedWidth(110)
        names.setToolTip(user.full_name)
        held = QWidget()
        first = row(names, chosen, therapist, None, leave, gap=8)
        held.setLayout(column(first, row(118, given, twice, give, None, gap=8)))
        return held

    def change_role(self, user: User, role: Role) -> None:
        """Give a user another role."""
        if self.desk.attempt(lambda: users.change(self.desk.clinic, replace(user, role=role))):
            self.desk.say(_("{name} is now: {role}.").format(name=user.name, role=roles.name(role)))
        self.reread()

    def change_therapist(self, user: User, provider_id: int | None) -> None:
        """Say which therapist a user is: new sessions begin with that one."""
        if self.desk.attempt(lambda: users.change(self.desk.clinic, replace(user, provider_id=provider_id))):
            self.desk.say(_("Saved."))
        self.reread()

    def _give(self, user: User, *_more: object) -> None:
        given, twice = self._given[user.name]

        def do() -> None:
            _check_twice(given, twice)
            self.desk.clinic.set_password(user.name, given.text())

        if self.desk.attempt(do):
            given.clear()
            twice.clear()
            self.desk.say(_("{name} has a new password.").format(name=user.name))

    def _remove(self, user: User, *_more: object) -> None:
        sure = Confirm.ask(
            self, _("Remove {name}?").format(name=user.name),
            _("The password stops working. Backups made before still open with it; what {name} did stays in the "
              "records and in the audit.").format(name=user.name),
            _("Remove"), _("Keep"),
        )  # fmt: skip
        if sure and self.desk.attempt(lambda: users.change(self.desk.clinic, replace(user, archived=True))):
            self.desk.say(_("{name} cannot open the clinic any more.").format(name=user.name))
        self.reread()


def about(role: Role) -> str:
    """What a role may do, in a sentence."""
    return {
        Role.OWNER: _("Owner: everything, also users, audit, backups, export and the practice itself."),
        Role.BILLER: _("Biller: clients, sessions, claims, superbills, fees, payers and reports."),
        Role.THERAPIST: _("Therapist: clients, sessions with their notes, and superbills. No claims, no reports."),
        Role.FRONT_DESK: _("Front desk: clients, sessions and superbills, without session notes, claims and reports."),
    }[role]


def _check_twice(one: TextEditor, other: TextEditor) -> None:
    if one.text() != other.text():
        raise InputError(_("The two passwords differ."), _("Type the second one again."))


def _text(spec: Field) -> TextEditor:
    made = fields.editor(spec)
    assert isinstance(made, TextEditor)
    return made


def _choice(spec: Field) -> ChoiceEditor:
    made = fields.editor(spec)
    assert isinstance(made, ChoiceEditor)
    return made


def _labelled(made: TextEditor | ChoiceEditor) -> QWidget:
    words = label(made.spec.label, Type.LABEL, "second")
    words.setBuddy(made)
    held = QWidget()
    held.setLayout(column(words, made, gap=5))
    return held
