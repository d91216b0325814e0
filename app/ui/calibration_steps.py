"""The two longer steps of lining up a printer: measuring the marks, and looking at what is to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from app.errors import InputError
from app.forms import calibration, drawing
from app.forms.calibration import MARKS, Calibration
from app.forms.layout import Layout
from app.i18n import _
from app.ui import alignment, measuring
from app.ui.alignment import Alignment
from app.ui.controls import Button, Combo, IconButton, IconLabel, column, figure, framed, label, row, rule, tint
from app.ui.fields import Field, TextEditor
from app.ui.measuring import COLUMNS, INTROS, WAYS, NudgePad, Off, Reading, SheetPicture, Way
from app.ui.theme import Type

_SIDES = ("across", "along")


def _facts(*names: str) -> tuple[QGridLayout, dict[str, tuple[QLabel, QLabel]]]:
    """Rows of a name and a figure."""
    grid, rows = QGridLayout(), {}
    grid.setVerticalSpacing(5)
    grid.setColumnStretch(0, 1)
    for at, name in enumerate(names):
        rows[name] = label("", tint="second"), figure("", Type.TOTAL)
        grid.addWidget(rows[name][0], at, 0)
        grid.addWidget(rows[name][1], at, 1)
    return grid, rows


class MarkRow:
    """The two readings of a mark and what they say."""

    def __init__(self, number: int, step: MeasuringStep) -> None:
        self.number, self._step = number, step
        self.left = False
        self.number_label = label(str(number), Type.TOTAL)
        self.editors = [TextEditor(self._field(side)) for side in (0, 1)]
        self.units = [label("", tint="second"), label("", tint="second")]
        self.said = label("")
        for side, editor in enumerate(self.editors):
            editor.setObjectName(f"mark{number}.{_SIDES[side]}")
            editor.changed.connect(step.reckon)
            editor.left.connect(self._was_left)
            editor.installEventFilter(step)

    def _field(self, side: int) -> Field:
        def read(typed: str) -> Reading:
            return measuring.read(typed, self._step.way)

        return Field(
            name=_SIDES[side], label="", width=92, read=read, show=lambda held: held.text, right=True, figures=True
        )

    def _was_left(self) -> None:
        self.left = True
        self._step.reckon()

    def show_way(self, way: Way) -> None:
        """The words of a way to measure."""
        for editor, title, unit in zip(self.editors, COLUMNS[way], self.units, strict=True):
            words = _("Mark {n}, {what}").format(n=self.number, what=title[:1].lower() + title[1:])
            editor.setAccessibleName(words)
            unit.setText(_("in") if way is Way.INCHES else _("mm"))

    def off(self) -> Off:
        """What the readings say; shows it, or what is wrong once the fields were left."""
        values: list[float | None] = []
        wrong = ""
        for editor in self.editors:
            try:
                values.append(editor.value().mm)
                bad = False
            except InputError as error:
                values.append(None)
                wrong, bad = str(error), True
            tint(editor, "block" if bad and self.left else "", "state")
        found = measuring.off(self.number, self._step.way, self._step.form_layout, *values)
        if found.far:
            wrong = _("More than 25 mm. Look at the mark again.")
        shown = wrong if self.left else ""
        if not wrong and (found.right is not None or found.down is not None):
            shown = found.words()
        self.said.setText(shown)
        tint(self.said, "red" if wrong else "")
        return Off(None, None) if found.far else found


def hurry(button: Button) -> QFrame:
    """A card that leads to moving by hand."""
    words = label(_("In a hurry? Nudge by arrow keys, 0.1 mm each."), wrap=True)
    line = row(IconLabel("adjustments", "text2", 18), words, button, gap=10)
    line.setStretch(1, 1)
    return framed("card", line, (16, 9, 10, 9))


class MeasuringStep(QWidget):
    """Two readings a mark, what they say at once, and what all of them say together."""

    reckoned = Signal()
    asked_nudge = Signal()

    def __init__(self, layout: Layout, picture: SheetPicture) -> None:
        super().__init__()
        self.form_layout, self.picture = layout, picture
        self.way = Way.RULER
        self.result: Calibration | None = None
        self.way_box = Combo()
        self.way_box.setAccessibleName(_("Measured"))
        for way, words in WAYS.items():
            self.way_box.addItem(words, way.value)
        self.way_box.setFixedWidth(max(236, self.way_box.widest()))
        self.way_box.currentIndexChanged.connect(lambda *_: self.clear())
        self.intro = label("", tint="second", wrap=True)
        self.heads = [label("", Type.LABEL, "second"), label("", Type.LABEL, "second")]
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(5, 1)
        for at, head in ((0, label(_("Mark"), Type.LABEL, "second")), (1, self.heads[0]), (3, self.heads[1]),
                         (5, label(_("Off by"), Type.LABEL, "second"))):  # fmt: skip
            grid.addWidget(head, 0, at, 1, 2 if at in {1, 3} else 1)
        self.rows = {number: MarkRow(number, self) for number in MARKS}
        for number, made in self.rows.items():
            parts = (made.number_label, made.editors[0], made.units[0], made.editors[1], made.units[1], made.said)
            for at, part in enumerate(parts):
                grid.addWidget(part, number, at)
        facts, self.facts = _facts("right", "down", "scale", "skew")
        over, self.over = _facts("over")
        self.verdict_icon, self.verdict = IconLabel("info-circle", "text2"), label("", wrap=True)
        verdict = row(self.verdict_icon, self.verdict, gap=8)
        verdict.setStretch(1, 1)
        self.result_parts = QWidget()
        self.result_parts.setLayout(column(facts, 4, rule(), 4, over, gap=3))
        title = label(_("What this printer does"), Type.SECTION)
        self.result_card = framed("card", column(title, self.result_parts, verdict, gap=8))
        nudge = Button(_("Nudge"), small=True)
        nudge.clicked.connect(lambda *_: self.asked_nudge.emit())
        how = row(label(_("Measured"), Type.LABEL, "second"), self.way_box, None, gap=10)
        self.setLayout(column(how, self.intro, 2, grid, 8, self.result_card, 2, hurry(nudge), None, gap=8))
        self.clear()

    def clear(self) -> None:
        """Empty fields, for the way chosen."""
        self.way = Way(self.way_box.currentData())
        for made in self.rows.values():
            made.show_way(self.way)
            made.left = False
            for editor in made.editors:
                editor.blockSignals(True)
                editor.clear()
                editor.blockSignals(False)
        self.intro.setText(INTROS[self.way])
        for head, words in zip(self.heads, COLUMNS[self.way], strict=True):
            head.setText(words)
        self.reckon()

    @property
    def editors(self) -> list[TextEditor]:
        """All fields, in reading order."""
        return [editor for made in self.rows.values() for editor in made.editors]

    def load(self, way: Way, texts: Sequence[str]) -> None:
        """What was typed before."""
        self.way_box.setCurrentIndex(self.way_box.findData(way.value))
        for editor, text in zip(self.editors, texts, strict=False):
            editor.setText(text)

    def gate(self) -> str:
        """Why these readings are not enough."""
        if self.result is None:
            return _("Four marks make the result.")
        return _("Too much is left over.") if self.result.residual_mm > calibration.LEFT_OVER_MM else ""

    def complain(self) -> None:
        """Say what is wrong everywhere, and go to the first field to fill or to mend."""
        for made in self.rows.values():
            made.left = True
        self.reckon()
        self.first_open().setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """Ring the mark that is being measured."""
        if event.type() == event.Type.FocusIn:
            number, side = next(
                (n, made.editors.index(watched)) for n, made in self.rows.items() if watched in made.editors
            )
            self.picture.show_mark(number, side, self.way)
        return False

    def reckon(self) -> None:
        """What all readings say together, live."""
        offs = {number: made.off() for number, made in self.rows.items()}
        pairs = {number: measuring.pair(number, found) for number, found in offs.items() if found.whole}
        self.result = None
        if len(pairs) < len(MARKS):
            self._show_verdict("info-circle", "text2", _("Shown as soon as all four marks are measured."))
        else:
            try:
                self.result = calibration.solve(list(pairs.values()))
                self._show_result(self.result, pairs, list(offs.values()))
            except InputError as error:
                self._show_verdict("filled/alert-circle", "red", str(error))
        self.result_parts.setVisible(self.result is not None)
        self.reckoned.emit()

    def _show_result(self, found: Calibration, pairs: Any, offs: Sequence[Off]) -> None:
        right, down = (sum(part or 0.0 for part in side) / len(offs) for side in zip(*offs, strict=True))
        for key, value, ahead, back in (
            ("right", right, _("Shift right"), _("Shift left")), ("down", down, _("Shift down"), _("Shift up"))
        ):  # fmt: skip
            self.facts[key][0].setText(ahead if value > -0.05 else back)
            self.facts[key][1].setText(_("{mm:.1f} mm").format(mm=abs(value)))
        self.facts["scale"][0].setText(_("Scale across, along"))
        self.facts["scale"][1].setText(scale_words((found.scale_x, found.scale_y)))
        self.facts["skew"][0].setText(_("Skew"))
        self.facts["skew"][1].setText(_("{degrees:.1f} degrees").format(degrees=abs(found.skew)))
        self.over["over"][0].setText(_("Left over after correction"))
        self.over["over"][1].setText(_("{mm:.1f} mm").format(mm=found.residual_mm))
        if found.residual_mm > calibration.LEFT_OVER_MM:
            suspect = measuring.suspect(pairs)
            words = _("More than 1.5 mm is left over. Measure again.")
            if suspect:
                words = _("More than 1.5 mm is left over. Measure mark {n} again.").format(n=suspect)
            self._show_verdict("filled/alert-circle", "red", words)
            return
        room = calibration.room_mm(self.form_layout, drawing.load(self.form_layout.id)) - found.residual_mm
        if room > 0:
            words = _("Values keep {mm:.1f} mm or more from the lines beside them.").format(mm=room)
            self._show_verdict("check", "green", words)
        else:
            words = _("Values may touch a line, by up to {mm:.1f} mm. Measuring again may help.").format(mm=-room)
            self._show_verdict("filled/alert-triangle", "amber", words)

    def _show_verdict(self, icon: str, ink: str, words: str) -> None:
        self.verdict_icon.show_icon(icon, ink)
        self.verdict.setText(words)

    def first_open(self) -> TextEditor:
        """The first field to fill or to mend."""
        for made in self.rows.values():
            for editor in made.editors:
                try:
                    if editor.value().mm is None:
                        return editor
                except InputError:
                    return editor
        return self.rows[1].editors[0]


class KeepingStep(QWidget):
    """What would be kept, to be seen on another form and moved by hand."""

    asked_print = Signal()
    asked_save = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.draft = Alignment()
        facts, self.facts = _facts("move", "scale", "over")
        self.state = label("", tint="second", wrap=True)
        self.pad = NudgePad()
        self.pad.moved = self.nudge
        self.nudge_words = label("", Type.EMPHASIS)
        self.reset = Button(_("Take back"), small=True)
        self.reset.clicked.connect(lambda *_: self.nudge(-self.draft.nudge_x, -self.draft.nudge_y))
        arrows = row(gap=2)
        for icon, name, right, down in (
            ("chevron-left", _("0.1 mm left"), -1, 0), ("chevron-right", _("0.1 mm right"), 1, 0),
            ("chevron-up", _("0.1 mm up"), 0, -1), ("chevron-down", _("0.1 mm down"), 0, 1),
        ):  # fmt: skip
            button = IconButton(icon, name)
            button.clicked.connect(partial(self.nudge, right * measuring.STEP_MM, down * measuring.STEP_MM))
            arrows.addWidget(button)
        arrows.addStretch(1)
        see, save = Button(_("Print it again to see"), icon="printer"), Button(_("Save as PDF"), icon="download")
        see.clicked.connect(lambda *_: self.asked_print.emit())
        save.clicked.connect(lambda *_: self.asked_save.emit())
        title = label(_("How red forms are printed"), Type.SECTION)
        words = _("On another red form, the middle of each mark now lies on its crossing of red lines.")
        keys = label(_("Arrow keys move the data by 0.1 mm, with Shift by 0.5 mm."), tint="second", wrap=True)
        beside = column(self.nudge_words, keys, arrows, row(self.reset, None), None, gap=6)
        pad = row(gap=16)
        pad.addWidget(self.pad, 0, Qt.AlignmentFlag.AlignTop)
        pad.addLayout(beside, 1)
        self.setLayout(
            column(
                framed("card", column(title, facts, self.state, gap=8)),
                framed("card", column(
                    label(_("See it first"), Type.SECTION), label(words, tint="second", wrap=True), 2,
                    row(see, save, None), gap=6,
                )),
                framed("card", column(label(_("Still a little off?"), Type.SECTION), pad, gap=8)),
                None, gap=12,
            )
        )  # fmt: skip

    def nudge(self, right: float, down: float, *_more: object) -> None:
        """Move by hand, in millimetres."""
        self.show_draft(self.draft.nudged(right, down))

    def show_draft(self, now: Alignment) -> None:
        """What would be kept."""
        self.draft = now
        self.facts["move"][0].setText(_("Moved in the middle"))
        self.facts["move"][1].setText(alignment.moved_words(*now.at_middle) or _("not at all"))
        self.facts["scale"][0].setText(_("Scale across, along"))
        self.facts["scale"][1].setText(scale_words(now.scale))
        self.facts["over"][0].setText(_("Left over"))
        left = now.left_over_mm
        self.facts["over"][1].setText(_("not measured") if left is None else _("{mm:.1f} mm").format(mm=left))
        self.state.setText(_("{state}.").format(state=alignment.state_words(now)))
        by_hand = alignment.moved_words(now.nudge_x, now.nudge_y)
        self.nudge_words.setText(_("Moved by hand {move}").format(move=by_hand) if by_hand else _("Not moved by hand"))
        self.reset.setVisible(bool(by_hand))
        self.pad.show_nudge(now.nudge_x, now.nudge_y)


def scale_words(scale: tuple[float, float]) -> str:
    """Across and down, in percent."""
    return _("{across:.1f} %, {down:.1f} %").format(across=scale[0] * 100, down=scale[1] * 100)
