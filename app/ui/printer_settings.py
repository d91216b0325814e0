"""Settings, Printing: what each printer and tray of this computer needs on red forms."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import _
from app.ui import alignment, printing
from app.ui.alignment import Alignment
from app.ui.controls import Button, IconLabel, clear, column, framed, label, row, scrolled
from app.ui.desk import Desk
from app.ui.settings_group import Immediate
from app.ui.theme import Type


class PrinterSettings(Immediate):
    """A card a printer and tray. Nothing is typed here, so nothing is ever changed and not kept."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.cards = QVBoxLayout()
        self.cards.setSpacing(12)
        self.line_up = Button(_("Line up the printer"), "filled", icon="printer")
        self.line_up.clicked.connect(lambda *_: desk.go("calibration"))
        self.none = label(_("No printer is lined up yet. Claims print as the printer feeds them."), wrap=True)
        hint = label(
            _("Red forms print at 100 %, no scaling. What a printer and tray need is kept on this computer only."),
            tint="second", wrap=True,
        )  # fmt: skip
        held = QWidget()
        held.setMaximumWidth(760)
        held.setLayout(column(hint, 6, self.none, self.cards, 6, row(self.line_up, None), None, gap=6))
        inside = QWidget()
        inside.setLayout(column(held, None, margins=(24, 18, 24, 18)))
        self.setLayout(column(scrolled(inside), gap=0))
        self.reread()

    def showEvent(self, event: QShowEvent) -> None:
        """What was lined up meanwhile."""
        super().showEvent(event)
        self.reread()

    def reread(self) -> None:
        """The cards as they are kept now."""
        clear(self.cards)
        known = alignment.kept(self.desk.preferences)
        for each in known:
            self.cards.addWidget(self._card(each))
        self.none.setVisible(not known)

    def _card(self, kept: Alignment) -> QWidget:
        place = printing.place_words(kept.printer, kept.tray)
        measured = kept.measured is not None
        icon = IconLabel("check" if measured else "filled/alert-triangle", "green" if measured else "amber")
        moved = alignment.moved_words(*kept.at_middle)
        scale = _("{across:.1f} %, {down:.1f} %").format(across=kept.scale_x * 100, down=kept.scale_y * 100)
        facts = _("Data is moved {move}, in the middle of the form. Scale across, along: {scale}.")
        said = facts.format(move=moved or _("not at all"), scale=scale)
        again, forget = Button(_("Line up again"), small=True), Button(_("Forget"), "quiet", icon="trash", small=True)
        again.setAccessibleDescription(place)
        forget.setAccessibleDescription(place)
        again.clicked.connect(lambda *_: self.desk.go("calibration", ("printer", kept.printer, kept.tray)))
        forget.clicked.connect(partial(self._forget, kept))
        head = row(label(place, Type.SECTION), None, forget, again)
        state = row(icon, label(_("{state}.").format(state=alignment.state_words(kept)), wrap=True), gap=8)
        state.setStretch(1, 1)
        return framed("card", column(head, state, label(said, tint="second", wrap=True), gap=6))

    def _forget(self, kept: Alignment, *_more: object) -> None:
        alignment.forget(self.desk.preferences, kept.printer, kept.tray)
        self.reread()
        place = printing.place_words(kept.printer, kept.tray)
        self.desk.say(_("{place} is not lined up any more.").format(place=place))
