"""Settings, Look and help: what this computer shows, and how large. Each choice counts at once."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QApplication, QWidget

from app.i18n import _
from app.ui import fields, theme
from app.ui.controls import Tick, column, label, row, scrolled
from app.ui.desk import Desk
from app.ui.fields import labelled
from app.ui.preferences import Preferences
from app.ui.settings_group import Found, Immediate
from app.ui.theme import Type

LOOKS = (("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark")))
SIZES = (90, 100, 110, 120, 130)
_DIM, _HINTS = _("Dim the paper in the dark look"), _("Show hints the first time something is used")


def wear(preferences: Preferences) -> None:
    """Give every window the look that is chosen on this computer."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, look=preferences.look, scale=preferences.text_scale, dim_paper=preferences.dim_paper)


def find(desk: Desk) -> Iterable[Found]:
    """The settings of this group."""
    return (
        Found(_("Look: light or dark"), "look"), Found(_("Text size"), "text_size"), Found(_DIM, "dim_paper"),
        Found(_HINTS, "hints"),
    )  # fmt: skip


class LookSettings(Immediate):
    """Light or dark, text size, paper, hints."""

    help_topic = "look"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.look = fields.chooser(fields.choice("look", _("Look"), lambda: list(LOOKS), 200))
        sizes = [(percent, _("{percent} %").format(percent=percent)) for percent in SIZES]
        self.text_size = fields.chooser(fields.choice("text_size", _("Text size"), lambda: sizes, 120))
        self.dim = Tick(_DIM)
        self.hints = Tick(_HINTS)
        self.dim.setObjectName("dim_paper")
        self.hints.setObjectName("hints")
        self.look.changed.connect(self._chosen)
        self.text_size.changed.connect(self._chosen)
        self.dim.toggled.connect(lambda *_: self._chosen())
        self.hints.toggled.connect(lambda *_: self._chosen())
        held = QWidget()
        held.setMaximumWidth(760)
        held.setLayout(
            column(
                label(_("Look"), Type.SECTION),
                row(*(labelled(each) for each in (self.look, self.text_size)), None, gap=theme.FIELD_GAP), self.dim,
                14, label(_("Help"), Type.SECTION), self.hints,
                label(_("F1 says what a field is for at any time."), Type.NOTE, "second", wrap=True), gap=10,
            )
        )  # fmt: skip
        inside = QWidget()
        inside.setLayout(column(held, None, margins=(24, 18, 24, 18)))
        self.setLayout(column(scrolled(inside), gap=0))
        self.reread()

    def reread(self) -> None:
        """As this computer has it now."""
        kept = self.desk.preferences
        percent = round(kept.text_scale * 100)
        for control, value in ((self.look, kept.look), (self.text_size, percent)):
            control.load(value)
        for tick, on in ((self.dim, kept.dim_paper), (self.hints, kept.hints)):
            tick.blockSignals(True)
            tick.setChecked(on)
            tick.blockSignals(False)

    def _chosen(self) -> None:
        kept = self.desk.preferences
        before = (kept.look, kept.text_scale, kept.dim_paper)
        kept.look, kept.text_scale = self.look.value(), self.text_size.value() / 100
        kept.dim_paper, kept.hints = self.dim.isChecked(), self.hints.isChecked()
        if before != (kept.look, kept.text_scale, kept.dim_paper):
            wear(kept)
