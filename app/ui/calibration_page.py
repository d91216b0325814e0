"""Line up the printer: a guide from printing the marks on a red form to a shift and scale that are kept."""

from __future__ import annotations

import json
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QWidget

from app import atomic
from app.errors import UserError
from app.forms import calibration, layout
from app.i18n import _
from app.ui import alignment, printing, theme
from app.ui.alignment import Alignment
from app.ui.calibration_steps import KeepingStep, MeasuringStep, hurry
from app.ui.controls import Button, Combo, column, framed, label, panel, row, rule, scrolled
from app.ui.desk import Desk
from app.ui.dialogs import Files
from app.ui.measuring import SheetPicture, Way
from app.ui.page import Header, Page
from app.ui.tabs import Stage
from app.ui.theme import Type

PRINTER, MARKING, MEASURING, KEEPING = range(4)
STEPS = (_("Printer and tray"), _("Print the marks"), _("Measure four marks"), _("Check and keep"))


class CalibrationPage(Page):
    """Four steps: which printer, print, measure, keep. It can be left at any of them and resumed."""

    key = "calibration"
    name = _("Line up the printer")
    icon = "printer"
    under = "settings"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.layout_in_use = layout.load()
        self.step = PRINTER
        self.after: tuple[str, object] = ("settings", "printer")
        self._nudging = False
        self.again = Button(_("Print the marks again"), icon="printer")
        self.again.clicked.connect(lambda *_: self.print_marks())
        self.header = Header(self.name, [self.again])
        self.picture = SheetPicture(self.layout_in_use)
        self.parts = QStackedWidget()
        self.measuring = MeasuringStep(self.layout_in_use, self.picture)
        self.keeping = KeepingStep()
        self.measuring.asked_nudge.connect(self.nudge)
        self.keeping.asked_print.connect(self.print_marks)
        self.keeping.asked_save.connect(self.save_marks)
        for part in (self._choosing(), self._marking(), self.measuring, self.keeping):
            self.parts.addWidget(part)
        self._lay_out()
        self.measuring.reckoned.connect(self._show_gate)
        shortcut = QShortcut(QKeySequence("Ctrl+Return"), self)
        shortcut.setWhatsThis(_("Next step"))
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.next)
        self._resume()

    # Parts

    def _lay_out(self) -> None:
        self.stages = [Stage(n + 1, text, last=n == KEEPING) for n, text in enumerate(STEPS)]
        for number, stage in enumerate(self.stages):
            stage.clicked.connect(partial(self.show_step, number))
        note = label(_("Stays on this computer, for this printer and tray."), Type.NOTE, "second", wrap=True)
        self.guide = QWidget()
        self.guide.setLayout(column(*self.stages, 22, note, None, gap=0, margins=(24, 20, 16, 20)))
        self.guide.setFixedWidth(max(216, *(stage.sizeHint().width() + 40 for stage in self.stages)))
        self._guide_edge = rule(upright=True)
        inside = QWidget()
        body = row(gap=32, margins=(theme.MARGIN, 22, theme.MARGIN, 22))
        body.addLayout(column(self.picture, None, gap=0))
        body.addWidget(self.parts, 1)
        inside.setLayout(body)
        middle = row(self.guide, self._guide_edge, scrolled(inside), gap=0)
        middle.setStretch(2, 1)
        self.back_button = Button(_("Back"), "quiet", icon="chevron-left")
        self.leave_button = Button(_("Leave and resume later"))
        self.next_button = Button(_("Next"), "filled", key="Ctrl+Return")
        self.why_not = label("", tint="second")
        self.back_button.clicked.connect(lambda *_: self.back())
        self.leave_button.clicked.connect(lambda *_: self._go_away())
        self.next_button.clicked.connect(lambda *_: self.next())
        bar = row(
            self.back_button, None, self.why_not, self.leave_button, self.next_button, gap=8, margins=(18, 0, 24, 0)
        )
        foot = panel("ground", bar)
        foot.setFixedHeight(60)
        whole = column(self.header, rule(), middle, rule(), foot, gap=0)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def _choosing(self) -> QWidget:
        self.printer_box, self.tray_box = Combo(), Combo()
        for box, name in ((self.printer_box, _("Printer")), (self.tray_box, _("Tray with red forms"))):
            box.setAccessibleName(name)
            box.setFixedWidth(320)
        for key, words in printing.TRAYS.items():
            self.tray_box.addItem(words[:1].upper() + words[1:], key)
        self.state = label("", Type.EMPHASIS, wrap=True)
        for box in (self.printer_box, self.tray_box):
            box.currentIndexChanged.connect(lambda *_: self._chose_another())
        self.no_printer = label(
            _("No printer is set up on this computer. The marks can be saved as a PDF and printed elsewhere."),
            tint="second", wrap=True,
        )  # fmt: skip
        nudge = Button(_("Nudge"), small=True)
        nudge.clicked.connect(lambda *_: self.nudge())
        made = QWidget()
        made.setLayout(
            column(
                label(_("Which printer prints the red forms, and from which tray?"), tint="second", wrap=True), 12,
                label(_("Printer"), Type.LABEL, "second"), self.printer_box, 6,
                label(_("Tray with red forms"), Type.LABEL, "second"), self.tray_box, self.no_printer, 6,
                framed("card", column(self.state, label(
                    _("Each tray feeds a little differently, so each is lined up by itself."), tint="second", wrap=True
                ), gap=4)),
                6, hurry(nudge), None, gap=6,
            )
        )  # fmt: skip
        return made

    def _marking(self) -> QWidget:
        self.print_button = Button(_("Print the marks"), icon="printer")
        self.save_button = Button(_("Save as PDF"), icon="download")
        self.print_button.clicked.connect(lambda *_: self.print_marks())
        self.save_button.clicked.connect(lambda *_: self.save_marks())
        sentences = (
            _("Put one red form into the tray, the way you do for claims."),
            _("Print the marks on it. They print at 100 %, no scaling, and name no person."),
            _("A saved PDF has to be printed at “actual size”, on a red form as well."),
        )
        made = QWidget()
        lines = QGridLayout()
        lines.setVerticalSpacing(8)
        lines.setHorizontalSpacing(12)
        lines.setColumnStretch(1, 1)
        for number, text in enumerate(sentences, 1):
            lines.addWidget(label(f"{number}", Type.TOTAL), number, 0)
            lines.addWidget(label(text, wrap=True), number, 1)
        made.setLayout(
            column(
                label(_("One red form is used up."), tint="second"), 6, lines, 12,
                row(self.print_button, self.save_button, None), None, gap=8,
            )
        )  # fmt: skip
        return made

    # Which printer

    @property
    def printer(self) -> str:
        """The chosen printer; nothing where there is none."""
        return str(self.printer_box.currentData() or "")

    @property
    def tray(self) -> str:
        """The key of the chosen tray."""
        return str(self.tray_box.currentData() or "")

    def _fill_printers(self, wanted: str, tray: str) -> None:
        for box in (self.printer_box, self.tray_box):
            box.blockSignals(True)
        known = printing.printers()
        names = [*known, *([wanted] if wanted and wanted not in known else [])]
        self.printer_box.clear()
        for name in names:
            self.printer_box.addItem(name, name)
        if not names:
            self.printer_box.addItem(_("Saved as PDF"), "")
        self.printer_box.setCurrentIndex(max(0, self.printer_box.findData(wanted)))
        self.tray_box.setCurrentIndex(max(0, self.tray_box.findData(tray)))
        for box in (self.printer_box, self.tray_box):
            box.blockSignals(False)
        self.no_printer.setVisible(not known)
        self.print_button.setEnabled(bool(known))
        self._chose()

    def _chose(self) -> None:
        place = printing.place_words(self.printer, self.tray)
        facts = _("{place}, red forms").format(place=place)
        if self.guide.isHidden():
            step = _("Step {n} of {count}: {name}").format(n=self.step + 1, count=len(STEPS), name=STEPS[self.step])
            facts = f"{step}   ·   {facts}"
        self.header.facts.setText(facts)
        known = alignment.of(self.desk.preferences, self.printer, self.tray)
        self.state.setText(_("{state}.").format(state=alignment.state_words(known)))

    def _chose_another(self) -> None:
        """What was measured on one printer says nothing of another."""
        self.measuring.clear()
        self._chose()

    # The sheet

    def _correction(self) -> Alignment:
        """What the sheet is printed with: raw to measure, corrected to see."""
        return self.keeping.draft if self.step == KEEPING else Alignment(printer=self.printer, tray=self.tray)

    def sheet(self) -> bytes:
        """The marks as they are to be printed now. Raises UserError."""
        now, place = self._correction(), printing.place_words(self.printer, self.tray)
        return calibration.sheet(
            self.layout_in_use, dx_mm=now.shift[0], dy_mm=now.shift[1], scale=now.scale, printer=place
        )

    def print_marks(self) -> None:
        """On a red form, at 100 %."""

        def do() -> None:
            if not self.printer:
                raise UserError(_("No printer is set up on this computer."), _("Save the marks as a PDF."))
            if self.printer not in printing.printers():
                words = _("The printer {name} is not there.").format(name=self.printer)
                raise UserError(words, _("Choose another, or save the marks as a PDF."))
            printing.print_pdf(printing.new_printer(self.printer, self.tray), self.sheet())

        if self.desk.attempt(do):
            place = printing.place_words(self.printer, self.tray)
            self.desk.say(_("Marks printed on a red form: {place}.").format(place=place))
            if self.step == MARKING:
                self.show_step(MEASURING)

    def save_marks(self) -> None:
        """As a PDF, to be printed elsewhere at its actual size."""
        preferences = self.desk.preferences
        path = Files.ask_save(self, preferences, _("Save the marks"), "printer marks.pdf", _("PDF files (*.pdf)"))
        if path is not None and self.desk.attempt(lambda: atomic.write(path, self.sheet())):
            self.desk.say(_("Marks saved as {name}. Print them at actual size.").format(name=path.name))

    # Keeping

    def nudge(self) -> None:
        """Straight to moving by hand, from what is known of this printer."""
        self._nudging = True
        self.show_step(KEEPING)

    def _draft(self) -> Alignment:
        """What the readings ask for; without them what is kept already."""
        result = self.measuring.result
        if self._nudging or result is None:
            return alignment.of(self.desk.preferences, self.printer, self.tray)
        dx, dy, (across, down) = result.correction
        return Alignment(
            printer=self.printer, tray=self.tray, dx_mm=dx, dy_mm=dy, scale_x=across, scale_y=down,
            left_over_mm=result.residual_mm, measured=self.desk.today(),
        )  # fmt: skip

    def keep(self) -> None:
        """Keep it for this printer and tray, and go back to where one came from."""
        preferences, draft = self.desk.preferences, self.keeping.draft
        if not self.desk.attempt(self.sheet):
            return
        alignment.keep(preferences, draft)
        preferences.red_printer, preferences.red_tray = self.printer, self.tray
        preferences.measuring = ""
        place = printing.place_words(self.printer, self.tray)
        said = _("{place}: {state}.").format(place=place, state=alignment.state_words(draft).lower())
        page, target = self.after
        self._start(self.printer, self.tray)
        self.desk.go(page, target)
        self.desk.say(said)

    # Steps

    def show_step(self, step: int, *_more: object) -> None:
        """A step of the guide."""
        self.step = step
        if step < KEEPING:
            self._nudging = False
        for number, stage in enumerate(self.stages):
            stage.show_state("front" if number == step else "done" if number < step else "later")
        self.parts.setCurrentIndex(step)
        self.again.setVisible(step == MEASURING)
        self.back_button.setVisible(step > PRINTER)
        self.next_button.setText(_("Keep") if step == KEEPING else _("Next"))
        self.next_button.updateGeometry()
        if step == KEEPING:
            self.keeping.show_draft(self._draft())
        if step != MEASURING:
            self.picture.show_mark(0, 0, self.measuring.way)
        self._show_gate()
        self._chose()
        self.begin()

    def _gate(self) -> str:
        """Why one cannot go on."""
        return self.measuring.gate() if self.step == MEASURING else ""

    def _show_gate(self) -> None:
        gate = self._gate()
        self.why_not.setText(gate)
        self.next_button.set_gate(gate)

    def next(self) -> None:
        """On to the next step; from the last, keep. What stands against it is focused instead."""
        if self.step == KEEPING:
            self.keep()
        elif self._gate():
            self.measuring.complain()
        else:
            self.show_step(self.step + 1)

    # Leaving and resuming

    def _store(self) -> None:
        """Remember what was typed, until it is kept."""
        texts = [editor.text() for editor in self.measuring.editors]
        now = {"printer": self.printer, "tray": self.tray, "way": self.measuring.way.value, "texts": texts}
        self.desk.preferences.measuring = json.dumps(now) if any(texts) else ""

    def _resume(self) -> None:
        preferences = self.desk.preferences
        self._start(preferences.red_printer, preferences.red_tray)
        try:
            kept = json.loads(preferences.measuring)
            texts, way = [str(text) for text in kept["texts"]], Way(kept["way"])
            printer, tray = str(kept["printer"]), str(kept["tray"])
        except (ValueError, KeyError, TypeError):
            return
        self._fill_printers(printer, tray)
        self.measuring.load(way, texts)
        self.show_step(MEASURING)

    def _start(self, printer: str, tray: str) -> None:
        self._fill_printers(printer, tray)
        self.measuring.clear()
        self.show_step(PRINTER)

    def _go_away(self) -> None:
        page, target = self.after
        self.desk.go(page, target)

    # The window's commands

    def open(self, target: object) -> None:
        """("claim", id) comes back to the claim afterwards; ("printer", name, tray) lines that one up;
        ("setup", name, tray) too, and comes back to setting up."""
        match target:
            case ("claim", int(claim_id)):
                self.after = ("claims", claim_id)
            case ("printer" | "setup" as whence, str(name), str(tray)):
                self.after = ("setup", "printer") if whence == "setup" else ("settings", "printer")
                if (name, tray) != (self.printer, self.tray):
                    self._start(name, tray)
        self.begin()

    def leave(self) -> bool:
        """Nothing is lost: what was typed is resumed."""
        self._store()
        self.after = ("settings", "printer")
        return True

    def back(self) -> None:
        """The step before; from the first, away."""
        if self._nudging:
            self.show_step(PRINTER)
        elif self.step > PRINTER:
            self.show_step(self.step - 1)
        else:
            self._go_away()

    def print_out(self) -> None:
        """The marks."""
        if self.step > PRINTER:
            self.print_marks()

    def save(self) -> None:
        """Keep, once there is something to keep."""
        if self.step == KEEPING:
            self.keep()

    def save_pdf(self) -> None:
        """The marks."""
        if self.step > PRINTER:
            self.save_marks()

    def begin(self) -> None:
        """The cursor into what the step needs."""
        marking = self.print_button if self.print_button.isEnabled() else self.save_button
        keeping = self.keeping.pad if self._nudging else self.next_button
        place: QWidget = (self.printer_box, marking, self.measuring.first_open(), keeping)[self.step]
        place.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The steps make room in a narrow window, and the sheet is as large as there is room."""
        super().resizeEvent(event)
        wide = self.width() >= 1040
        self.guide.setVisible(wide)
        self._guide_edge.setVisible(wide)
        free = self.width() - (217 if wide else 0) - 2 * theme.MARGIN - 32 - 500
        self.picture.set_width(max(240, min(380, free)))
        self._chose()
