"""Blank forms: the CMS-1500 filled by hand, kept, copied and printed, for those who only need to type a form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app import paperwork
from app.billing.problems import Problem, Severity, blocks
from app.billing.records import TypedForm
from app.forms import layout, typed
from app.forms.typed import Place
from app.forms.values import DATE, MONEY
from app.i18n import _, date_text
from app.store import typed_forms
from app.ui import alignment, fields, help, printing, theme
from app.ui.claim_paper import Choice
from app.ui.claim_steps import text_editor
from app.ui.controls import (
    Button,
    IconButton,
    IconLabel,
    clear,
    column,
    figure,
    framed,
    label,
    panel,
    row,
    rule,
    scrolled,
)
from app.ui.desk import Desk
from app.ui.dialogs import Files, Leave, LeaveQuestion
from app.ui.form_sheet import Stop
from app.ui.page import Header
from app.ui.problems_panel import LOOKS
from app.ui.red_forms import Answer, PrintQuestion, output
from app.ui.table import Cell, Column, Empty, Table, chosen
from app.ui.theme import Type
from app.ui.typing_sheet import TypingSheet


class BoxHelp(QWidget):
    """340 wide: the chosen box with its sentence and its room, then what is wrong on the form."""

    asked = Signal(object)
    stepped = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(340)
        self.setObjectName("pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.item, self.name = label("", Type.LABEL), label("", Type.LIST_TITLE, wrap=True)
        item_box = framed("itemchip", row(self.item), (7, 3, 7, 3))
        before, after = IconButton("chevron-left", _("Previous box")), IconButton("chevron-right", _("Next"))
        before.clicked.connect(lambda *_: self.stepped.emit(-1))
        after.clicked.connect(lambda *_: self.stepped.emit(1))
        self.sentence, self.room = label("", wrap=True), label("", Type.NOTE, "second", wrap=True)
        head = row(item_box, self.name, before, after, gap=8)
        head.setStretch(1, 1)
        self.count = label("", tint="second")
        self.problems = QVBoxLayout()
        self.problems.setSpacing(10)
        top = column(head, self.sentence, self.room, gap=10, margins=(18, 14, 14, 14))
        below = column(
            row(label(_("Problems"), Type.SECTION), self.count, None), self.problems, gap=10, margins=(18, 14, 18, 14)
        )
        inside = QWidget()
        inside.setLayout(column(top, rule(), below, None, gap=0))
        self.setLayout(column(scrolled(inside, "surface"), gap=0))

    def show_stop(self, stop: Stop, place: Place, text: str) -> None:
        """What belongs into a box, how much of its room is used, or how it is typed."""
        number, __, line = stop.item.partition(".")
        self.item.setText(f"{number}, {_('line {n}').format(n=line)}" if line else number)
        self.name.setText(stop.label)
        self.sentence.setText(help.of_box(stop.boxes[0].key))
        self.sentence.setVisible(bool(self.sentence.text()))
        told = _("{used} of {room} characters").format(used=len(text), room=stop.room)
        if place.crossed:
            told = _("Space moves the X on, Delete takes it away.")
        elif place.shape is DATE:
            told = _("Type 11182026, 11/18/2026 or t for today.")
        elif place.shape is MONEY:
            told = _("Type 25 or 25.00.")
        self.room.setText(told)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """What is wrong, blocking first."""
        clear(self.problems)
        found = sorted(problems, key=lambda problem: list(Severity).index(problem.severity))
        self.count.setText(str(len(found)) if found else _("none"))
        for problem in found:
            icon, ink = LOOKS[problem.severity]
            go = Button(_("Item {item}").format(item=problem.item), "link")
            go.clicked.connect(lambda *_, problem=problem: self.asked.emit(problem))
            told = column(label(problem.message, wrap=True), row(go, None), gap=2)
            line = row(IconLabel(icon, ink, 18), told, gap=10)
            line.setAlignment(line.itemAt(0).widget(), Qt.AlignmentFlag.AlignTop)  # type: ignore[union-attr, arg-type]
            line.setStretch(1, 1)
            self.problems.addLayout(line)


class FormEditor(QWidget):
    """One form that is typed. `closed` asks to go back, `listing` for those that are kept."""

    closed = Signal()
    listing = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.form = TypedForm()
        self.kept = 0
        self._base = ("", "[{}]")
        self._fitted = True
        self.sheet = TypingSheet(layout.load(), desk.today)
        self.side = BoxHelp()
        self.name = text_editor(
            fields.text("form_name", _("Name of the form"), 230, placeholder=_("Its name in the list"))
        )
        self.state = label("", Type.NOTE, "third")
        self.list_button = Button(_("Kept forms"), "quiet", icon="folder")
        self.save_button = Button(_("Save"), key="Ctrl+S")
        self.pdf_button = Button(_("Save PDF"), icon="download", key="Ctrl+Shift+S")
        self.print_button = Button(_("Print on red form"), "filled", icon="printer", key="Ctrl+P")
        self.header = Header(
            _("Blank form"), [self.list_button, self.name, self.save_button, self.pdf_button, self.print_button]
        )
        self.list_button.clicked.connect(lambda *_: self.listing.emit())
        self.save_button.clicked.connect(lambda *_: self.save())
        self.pdf_button.clicked.connect(lambda *_: self.save_pdf())
        self.print_button.clicked.connect(lambda *_: self.print_out())
        self._lay_out()
        self.sheet.chose.connect(self._chose)
        self.sheet.typed.connect(self._typed)
        self.name.changed.connect(self._show_state)
        self.side.stepped.connect(self.sheet.step_within)
        self.side.asked.connect(self.go_to)
        shortcut = QShortcut(QKeySequence("Ctrl+D"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.setWhatsThis(_("Begin another form with these values"))
        shortcut.activated.connect(self.duplicate)

    def _lay_out(self) -> None:
        self.zoom_words = figure("", tint="second")
        smaller, larger = IconButton("zoom-out", _("Smaller")), IconButton("zoom-in", _("Larger"))
        smaller.clicked.connect(lambda *_: self._zoom_by(1 / 1.15))
        larger.clicked.connect(lambda *_: self._zoom_by(1.15))
        back = IconButton("chevron-left", _("Back to the list"), key="Esc")
        back.clicked.connect(lambda *_: self.closed.emit())
        tools = row(back, self.state, None, smaller, self.zoom_words, larger, gap=4, margins=(14, 5, 14, 5))
        on_desk = panel("desk", column(row(None, self.sheet, None), None, gap=0))
        self.area = scrolled(on_desk, "desk")
        self.area.viewport().installEventFilter(self)
        paper = panel("pane", column(panel("ground", tools), rule(), self.area, gap=0))
        middle = row(paper, rule(upright=True), self.side, gap=0)
        middle.setStretch(0, 1)
        whole = column(self.header, rule(), middle, gap=0)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    # Size

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As wide as fits, at most true size."""
        if event.type() == QEvent.Type.Resize and self._fitted:
            width = self.area.viewport().width() - 36
            self._set_zoom(min(1.0, width / (self.sheet.form_layout.page[0] * 96 / 72)))
        return False

    def _zoom_by(self, factor: float) -> None:
        self._fitted = False
        self._set_zoom(self.sheet.zoom * factor)

    def _set_zoom(self, zoom: float) -> None:
        self.sheet.set_zoom(zoom)
        self.zoom_words.setText(_("{percent} %").format(percent=round(self.sheet.zoom * 100)))

    # Showing

    def open_form(self, form: TypedForm) -> None:
        """A form to type on; one that is not kept yet is new."""
        self.form = form
        self.sheet.current = None
        self.sheet.show_page(json.loads(form.pages or "[]")[0] if form.pages not in ("", "[]") else {})
        self.name.load(form.name)
        self._base = self._content()
        self.side.show_problems(self.sheet.problems)
        self.sheet.choose_item("2")
        self._show_state()
        self.begin()

    def begin(self) -> None:
        """The cursor into the chosen box."""
        self.sheet.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_kept(self, count: int, ids: Set[int | None]) -> None:
        """How many forms are kept; this one may have gone."""
        if self.form.id is not None and self.form.id not in ids:
            self.form = replace(self.form, id=None)
            self._base = ("", "")
            self._show_state()
        self.list_button.setText(_("Kept forms ({n})").format(n=count))
        self.list_button.updateGeometry()
        self.list_button.setVisible(count > 0)

    def _content(self) -> tuple[str, str]:
        return str(self.name.value()), json.dumps([self.sheet.page], ensure_ascii=False, sort_keys=True)

    @property
    def changed(self) -> bool:
        """Whether something is typed that is not kept."""
        return self._content() != self._base

    def _show_state(self) -> None:
        printed = _("Printed {day}").format(day=date_text(self.form.printed)) if self.form.printed else ""
        self.state.setText(_("Changed") if self.changed else printed if self.form.id else _("Not kept yet"))
        blocked = blocks(self.sheet.problems)
        gate = _("Something does not fit the paper. It is listed on the right.") if blocked else ""
        self.print_button.set_gate(gate)
        self.pdf_button.set_gate(gate)

    def _chose(self, stop: Stop | None) -> None:
        if stop is not None:
            place = self.sheet.places[stop.key]
            text = str(typed.value_at(self.sheet.page, place.path) or "")
            self.side.show_stop(stop, place, text)
            box = self.sheet.cell_rect(stop)
            self.area.ensureVisible(round(box.center().x()), round(box.center().y()), 60, 90)

    def _typed(self) -> None:
        self.side.show_problems(self.sheet.problems)
        self._chose(self.sheet.current)
        self._show_state()

    def draft(self) -> dict[str, Any] | None:
        """What is typed and not kept, as JSON can hold it; None when there is nothing."""
        self.sheet.finish()
        return {"id": self.form.id, "name": str(self.name.value()), "page": self.sheet.page} if self.changed else None

    def retype(self, form: TypedForm, state: Mapping[str, Any]) -> None:
        """Type it again, on the form it belongs to or a new one."""
        self.open_form(form)
        self.sheet.show_page(dict(state["page"]))
        self.name.load(state["name"])
        self._typed()

    def go_to(self, problem: Problem) -> bool:
        """The box of a problem."""
        found = self.sheet.choose_item(problem.field) or self.sheet.choose_item(problem.item)
        self.begin()
        return found

    # Keeping and printing

    def save(self) -> bool:
        """Keep the form; without a name it bears that of item 2, or its day."""
        self.sheet.finish()
        today = self.desk.today()
        name = str(self.name.value()) or str(self.sheet.page.get("2", "")) or _("Form of {day}").format(
            day=date_text(today)
        )  # fmt: skip
        form = replace(
            self.form,
            name=name,
            made=self.form.made or today,
            layout=self.sheet.form_layout.id,
            pages=self._content()[1],
        )
        kept: list[TypedForm] = []

        def do() -> None:
            with self.desk.write(_("Keep a form")) as s:
                kept.append(typed_forms.save(s, form))

        if not self.desk.attempt(do):
            return False
        self.form = kept[0]
        self.name.load(self.form.name)
        self._base = self._content()
        self._show_state()
        self.desk.say(_("{name} kept.").format(name=self.form.name), undo=True)
        return True

    def duplicate(self) -> None:
        """Another form with the same values; this one is kept first."""
        if self.changed and not self.save():
            return
        name = _("{name}, copy").format(name=self.form.name) if self.form.name else ""
        self.open_form(replace(self.form, id=None, name=name, made=None, printed=None))
        self._base = ("", "")
        self._show_state()

    def _is_sound(self) -> bool:
        """Whether it fits the paper and is kept; what does not is shown."""
        self.sheet.finish()
        against = next((each for each in self.sheet.problems if each.severity is Severity.BLOCK), None)
        if against is not None:
            self.go_to(against)
            self.desk.fail(against.message)
            return False
        return (not self.changed and self.form.id is not None) or self.save()

    def save_pdf(self) -> None:
        """As a PDF: the data alone for red forms, or a full copy."""
        if not self._is_sound():
            return
        ways = {"overlay": _("Data only, for red forms"), "full": _("Full copy, for the file")}
        mode = Choice.ask(self, _("Save this form as PDF"), ways)
        if mode is not None:
            path = Files.ask_save(self, self.desk.preferences, _("Save PDF"), "form.pdf", _("PDF files (*.pdf)"))
            if path is not None:
                self.write_pdf(path, paperwork.Mode(mode))

    def write_pdf(self, path: Path, mode: paperwork.Mode) -> None:
        """Write it and remember the day."""
        how = paperwork.Output(mode=mode)
        if mode is paperwork.Mode.OVERLAY:
            how = output(alignment.current(self.desk.preferences))
        clinic, form_id, today = self.desk.clinic, self.form.id or 0, self.desk.today()
        if self.desk.attempt(lambda: paperwork.print_typed(clinic, form_id, how, path, today=today)):
            self._was_printed(_("Form saved as {name}.").format(name=path.name))

    def print_out(self) -> None:
        """On a printer, for red forms."""
        if not self._is_sound():
            return
        preferences, today = self.desk.preferences, self.desk.today()
        printer = printing.new_printer(preferences.red_printer, preferences.red_tray)
        told = _("It prints as it stands on the screen.")
        answer = PrintQuestion.ask(self, preferences, printer, _("Print this form on a red form"), told)
        if answer is Answer.LINE_UP:
            self.desk.go("calibration")
        if answer is not Answer.PRINT:
            return
        how, form_id = output(alignment.current(preferences)), self.form.id or 0

        def do() -> None:
            with self.desk.write(_("Print a form"), undoable=False) as s:
                pages = paperwork.issue_typed(s, form_id, output=how, today=today)
                grid = self.sheet.form_layout
                printing.print_marks(printer, pages, grid, dx_mm=how.dx_mm, dy_mm=how.dy_mm, scale=how.scale)

        if self.desk.attempt(do):
            self._was_printed(_("Form sent to the printer."))

    def _was_printed(self, told: str) -> None:
        self.form = replace(self.form, printed=self.desk.today())
        self._show_state()
        self.desk.say(told)

    def leave(self) -> bool:
        """Ask once about what is typed; False stays."""
        self.sheet.finish()
        if not self.changed:
            return True
        answer = LeaveQuestion.ask(self, _("the form"))
        if answer is Leave.SAVE:
            return self.save()
        if answer is Leave.DROP:
            self.open_form(TypedForm())
        return answer is Leave.DROP


class BlankForms(QWidget):
    """The forms that are kept, and the one that is typed. `closed` goes back to the claims."""

    closed = Signal()
    problems_changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.editor = FormEditor(desk)
        new = Button(_("New form"), "filled", icon="plus")
        copy = Button(_("Duplicate"), icon="copy", key="Ctrl+D")
        delete = Button(_("Delete"), "quiet", icon="trash", key="Del")
        back = Button(_("Claims"), "quiet", icon="chevron-left", key="Esc")
        new.clicked.connect(lambda *_: self.new())
        copy.clicked.connect(lambda *_: self.duplicate())
        delete.clicked.connect(lambda *_: self.drop())
        back.clicked.connect(lambda *_: self.closed.emit())
        self.header = Header(_("Forms typed by hand"), [back, delete, copy, new])
        self.table: Table = Table(
            _("Forms typed by hand"),
            [
                Column(_("Name"), lambda form: Cell(form.name, strong=True), 220, stretch=True),
                Column(_("Typed"), lambda form: date_text(form.made), 120, figures=True),
                Column(_("Printed"), lambda form: Cell(date_text(form.printed), quiet=True), 120, figures=True),
            ],
            self._fetch,
        )
        Empty(self.table, lambda: _("No form is kept yet."))
        self.table.opened.connect(self.open_form)
        card = framed("card", column(self.table, gap=0), (8, 6, 8, 8))
        listed = QWidget()
        listed.setLayout(column(self.header, rule(), column(card, margins=(theme.MARGIN, 16, theme.MARGIN, 16)), gap=0))
        for key, name, do in (
            ("Ctrl+D", _("Duplicate the form"), self.duplicate), ("Del", _("Delete the form"), self.drop)
        ):  # fmt: skip
            shortcut = QShortcut(QKeySequence(key), listed)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.setWhatsThis(name)
            shortcut.activated.connect(do)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.editor)
        self.stack.addWidget(listed)
        self.setLayout(column(self.stack, gap=0))
        self.editor.closed.connect(self.back)
        self.editor.listing.connect(self.show_list)
        self.editor.sheet.typed.connect(self.problems_changed)

    def _fetch(self, limit: int, offset: int) -> Sequence[TypedForm]:
        with self.desk.read() as s:
            return typed_forms.typed_forms(s)[offset : offset + limit]

    @property
    def typing(self) -> bool:
        """Whether a form is being typed."""
        return self.stack.currentIndex() == 0

    @property
    def typed(self) -> FormEditor | None:
        """The form that is typed; None while the list is in front."""
        return self.editor if self.typing else None

    def refresh(self) -> None:
        """Read the list anew. A form whose keeping was undone is on the screen still, and can be kept again."""
        self.table.reload()
        with self.desk.read() as s:
            kept = typed_forms.typed_forms(s)
        self.editor.show_kept(len(kept), {form.id for form in kept})

    def new(self) -> None:
        """A blank form."""
        self.open_form(TypedForm())

    def open_form(self, form: TypedForm) -> None:
        """A form to go on with."""
        self.refresh()
        self.stack.setCurrentIndex(0)
        self.editor.open_form(form)
        self.problems_changed.emit()

    def retype(self, state: Mapping[str, Any]) -> None:
        """Type again what `FormEditor.draft` answered. Raises ClinicError when its form is gone."""
        with self.desk.read() as s:
            form = typed_forms.typed_form(s, state["id"]) if state["id"] is not None else TypedForm()
        self.open_form(form)
        self.editor.retype(form, state)

    def show_list(self) -> None:
        """The forms that are kept."""
        if self.editor.leave():
            self.refresh()
            self.stack.setCurrentIndex(1)
            self.problems_changed.emit()
            self.begin()

    def duplicate(self) -> None:
        """A copy of the chosen form, open to be typed on."""
        form = chosen(self.table)
        if form is not None:
            self.open_form(form)
            self.editor.duplicate()

    def drop(self) -> None:
        """Delete the chosen form."""
        form = chosen(self.table)
        if form is None:
            return

        def do() -> None:
            with self.desk.write(_("Delete a form")) as s:
                typed_forms.drop(s, form.id or 0)

        if self.desk.attempt(do):
            self.refresh()
            self.begin()
            self.desk.say(_("{name} deleted.").format(name=form.name), undo=True)

    def problems(self) -> Sequence[Problem]:
        """Those of the form that is typed."""
        return self.editor.sheet.problems if self.typing else ()

    def go_to(self, problem: Problem) -> bool:
        """The box of a problem."""
        return self.typing and self.editor.go_to(problem)

    def leave(self) -> bool:
        """Ask once about what is typed; False stays."""
        return not self.typing or self.editor.leave()

    def back(self) -> None:
        """To the claims."""
        if self.leave():
            self.closed.emit()

    def begin(self) -> None:
        """The cursor into what is in front."""
        if self.typing:
            self.editor.begin()
        else:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            if self.table.rows_model.rows and not self.table.currentIndex().isValid():
                self.table.setCurrentIndex(self.table.rows_model.index(0, 0))
