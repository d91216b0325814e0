"""Settings, Users and lock: one's own PIN on this computer, off until somebody turns it on."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.errors import InputError, UserError
from app.i18n import _
from app.ui import fields, theme
from app.ui.controls import Button, column, label, row
from app.ui.desk import Desk
from app.ui.fields import TextEditor
from app.ui.theme import Type


class PinCard(QWidget):
    """Whether the PIN is on, and the way to turn it on or off; a sentence where there is no keychain."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.state = label("", Type.NOTE, "second", wrap=True)
        self.password = _secret("pin_password", _("Your password"))
        self.pin, self.again = _secret("pin", _("New PIN")), _secret("pin_again", _("New PIN again"))
        self.on, self.off = Button(_("Turn the PIN on")), Button(_("Turn the PIN off"))
        self.on.clicked.connect(lambda *_: self.turn_on())
        self.off.clicked.connect(lambda *_: self.turn_off())
        self.again.enter = self.on.click
        self.asking = QWidget()
        typed = row(*(_labelled(each) for each in (self.password, self.pin, self.again)), gap=theme.FIELD_GAP)
        self.asking.setLayout(column(typed, row(self.on, None), gap=10))
        words = _(
            "Six to twelve digits open the clinic on this computer for twelve hours after the password, until the "
            "computer is started anew. Five wrong PINs turn it off. The password always works."
        )
        self.setLayout(
            column(
                label(_("PIN on this computer"), Type.SECTION), label(words, Type.NOTE, "second", wrap=True),
                self.state, self.asking, row(self.off, None), gap=10,
            )
        )  # fmt: skip
        self._show(works=False, known=False)

    def reread(self) -> None:
        """As things are now; the keychain is looked for on another thread."""
        clinic = self.desk.clinic

        def work() -> bool:
            from app.store import quick

            return quick.available()

        def failed(error: BaseException) -> None:
            raise error

        def done(works: bool) -> None:
            if self.desk.is_open and self.desk.clinic is clinic:
                self._show(works=works, known=True)

        self.desk.run_task(work, done=done, failed=failed)

    def _show(self, *, works: bool, known: bool) -> None:
        on = known and self.desk.clinic.has_pin
        can = known and not self.desk.clinic.read_only
        if on:
            words = _("The PIN is on.")
        elif works:
            words = _("The PIN is off.")
        else:
            words = _("This computer has no keychain that the program can use, so the password is asked each time.")
        self.state.setText(words if known else "")
        self.asking.setVisible(can and works and not on)
        self.off.setVisible(can and on)

    def turn_on(self) -> None:
        """Turn the PIN on that is typed; the keys are derived on another thread."""
        clinic, password, pin = self.desk.clinic, self.password.text(), self.pin.text()
        if pin != self.again.text():
            self.desk.fail(str(InputError(_("The two PINs differ."), _("Type the second one again."))))
            return
        self.on.setEnabled(False)

        def done(_nothing: None) -> None:
            self.on.setEnabled(True)
            for field in (self.password, self.pin, self.again):
                field.clear()
            self._show(works=True, known=True)
            self.desk.say(_("The PIN is on. It opens the clinic on this computer only."))

        def failed(error: BaseException) -> None:
            self.on.setEnabled(True)
            if not isinstance(error, UserError):
                raise error
            self.desk.fail(str(error))

        self.desk.run_task(lambda: clinic.turn_pin_on(password, pin), done=done, failed=failed)

    def turn_off(self) -> None:
        """Ask for the password each time from now on."""
        if self.desk.attempt(self.desk.clinic.turn_pin_off):
            self.reread()
            self.desk.say(_("The PIN is off."))


def _secret(name: str, words: str) -> TextEditor:
    made = fields.editor(fields.secret(name, words))
    assert isinstance(made, TextEditor)
    return made


def _labelled(made: TextEditor) -> QWidget:
    words, held = label(made.spec.label, Type.LABEL, "second"), QWidget()
    words.setBuddy(made)
    held.setLayout(column(words, made, gap=5))
    return held
