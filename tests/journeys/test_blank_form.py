"""For those who only need to type a form: typed by keyboard, box by box, kept, printed, read back, copied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt

from app import paperwork
from app.billing.records import TypedForm
from app.forms import read
from app.store import typed_forms
from app.ui import claim_paper
from app.ui.dialogs import Files, Leave, LeaveQuestion
from app.ui.main_window import MainWindow
from tests.journeys.test_session_to_paper import Hands
from tests.ui.conftest import TODAY

CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


@pytest.fixture
def hands(qtbot: Any, window: MainWindow) -> Hands:
    with qtbot.waitActive(window):
        window.activateWindow()
    return Hands(qtbot, window)


def type_boxes(hands: Hands, sheet: Any, start: str, *texts: str) -> None:
    """From one box on with Tab: text, `X` for Space, or nothing."""
    sheet.choose_item(start)
    for text in texts:
        if text == "X":
            hands.press(Qt.Key.Key_Space)
        elif text:
            hands.type(text)
        hands.press(Qt.Key.Key_Tab)


def test_a_form_is_typed_printed_and_read_back(
    hands: Hands, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.press(Qt.Key.Key_F, CTRL | ALT)
    assert window.page().key == "claims"
    blank: Any = window.page_of("claims").blank  # type: ignore[attr-defined]
    editor, sheet = blank.editor, blank.editor.sheet
    assert sheet.current.key == "2" and hands.focus() is sheet.field
    type_boxes(hands, sheet, "1", "X", "W123456789", "Quill, Torvald", "03041980", "X")
    assert sheet.page["1"] == "medicare"
    type_boxes(hands, sheet, "17.qualifier", "DN", "Henrietta Plum MD")
    type_boxes(hands, sheet, "17b", "1987654327")
    type_boxes(hands, sheet, "21.codes.0", "M54.2")
    type_boxes(hands, sheet, "24.0.from", "11182026", "", "11", "", "97140", "GP", "", "", "", "A", "72", "2")
    type_boxes(hands, sheet, "28", "72")

    # a wrong check digit blocks, is listed with its sentence, and stays as typed
    assert [problem.code for problem in sheet.problems] == ["npi.wrong"]
    assert editor.print_button.gate and sheet.page["17b"] == "1987654327"
    hands.press(Qt.Key.Key_S, CTRL | SHIFT)
    assert "not an NPI" in window.messages.text() and sheet.current.key == "17b"
    assert "NPI" in editor.side.sentence.text() or editor.side.name.text()
    hands.press(Qt.Key.Key_A, CTRL)
    hands.type("1987654328")
    assert not sheet.problems and not editor.print_button.gate
    hands.press(Qt.Key.Key_S, CTRL)
    with window.desk.read() as s:
        (kept,) = typed_forms.typed_forms(s)
    assert (kept.name, kept.made, kept.printed) == ("Quill, Torvald", TODAY, None)

    target = tmp_path / "form.pdf"
    monkeypatch.setattr(claim_paper.Choice, "ask", staticmethod(lambda *words: "full"))
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: target))
    hands.press(Qt.Key.Key_S, CTRL | SHIFT)
    (page,) = read.read_pages(target.read_bytes())
    assert (page["1"], page["1a"], page["2"]) == ("medicare", "W123456789", "QUILL, TORVALD")
    assert page["3"] == {"dob": "1980-03-04", "sex": "M"} and page["17b"] == "1987654328"
    assert page["17"] == {"qualifier": "DN", "name": "HENRIETTA PLUM MD"} and page["28"] == "72.00"
    assert page["24"] == [
        {"from": "2026-11-18", "to": "2026-11-18", "place": "11", "code": "97140", "modifiers": ["GP"], "pointer": "A",
         "charge": "72.00", "units": "2"}
    ]  # fmt: skip
    with window.desk.read() as s:
        assert typed_forms.typed_form(s, kept.id or 0).printed == TODAY

    # copied, changed, kept under another name; both are in the list
    hands.press(Qt.Key.Key_D, CTRL)
    type_boxes(hands, sheet, "28", "80")
    editor.name.setText("Quill, second")
    assert editor.changed
    hands.press(Qt.Key.Key_S, CTRL)
    with window.desk.read() as s:
        found = typed_forms.typed_forms(s)
    assert [(form.name, form.printed) for form in found] == [("Quill, second", None), ("Quill, Torvald", TODAY)]
    window.undo()
    with window.desk.read() as s:
        assert len(typed_forms.typed_forms(s)) == 1
    assert editor.changed
    hands.press(Qt.Key.Key_S, CTRL)
    with window.desk.read() as s:
        assert len(typed_forms.typed_forms(s)) == 2


def test_leaving_asks_once_and_the_list_opens_copies_and_deletes(
    hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.go("claims", "blank")
    blank: Any = window.page_of("claims").blank  # type: ignore[attr-defined]
    hands.type("Marsh, Ottoline")
    asked: list[str] = []

    def ask(cls: type, parent: object, what: str) -> Leave:
        asked.append(what)
        return Leave.STAY if len(asked) == 1 else Leave.SAVE

    monkeypatch.setattr(LeaveQuestion, "ask", classmethod(ask))
    hands.press(Qt.Key.Key_Escape)
    assert blank.typing and window.page_of("claims").front is blank  # type: ignore[attr-defined]
    blank.show_list()
    assert len(asked) == 2 and not blank.typing
    assert [form.name for form in blank.table.rows_model.rows] == ["Marsh, Ottoline"]
    hands.press(Qt.Key.Key_D, CTRL)
    assert blank.typing and blank.editor.sheet.page == {"2": "Marsh, Ottoline"} and blank.editor.form.id is None
    hands.press(Qt.Key.Key_S, CTRL)
    blank.show_list()
    assert blank.table.rows_model.rowCount() == 2
    hands.press(Qt.Key.Key_Delete)
    assert blank.table.rows_model.rowCount() == 1 and "deleted" in window.messages.text()
    window.undo()
    assert blank.table.rows_model.rowCount() == 2
    hands.press(Qt.Key.Key_Return)
    assert blank.typing and blank.editor.form.name.startswith("Marsh, Ottoline")
    hands.press(Qt.Key.Key_Escape)
    assert window.page_of("claims").front is window.page_of("claims").overview  # type: ignore[attr-defined]


def test_boxes_are_crossed_by_click_and_key_and_odd_dates_stay_as_typed(hands: Hands, window: MainWindow) -> None:
    window.go("claims", "blank")
    sheet: Any = window.page_of("claims").blank.editor.sheet  # type: ignore[attr-defined]
    sheet.choose_item("10a")
    for value in (True, False):
        hands.press(Qt.Key.Key_Space)
        assert sheet.page == {"10a": value}
    hands.press(Qt.Key.Key_Delete)
    assert sheet.page == {}
    for key, path, value in (("6.child", "6", "child"), ("25.SSN", "25", {"kind": "SSN"})):
        box = sheet.form_layout.boxes[key]
        x0, top, x1, bottom = sheet.form_layout.rect(box)
        place = QPoint(round(18 + (x0 + x1) / 2 * sheet.scale), round(18 + (top + bottom) / 2 * sheet.scale))
        hands.bot.mouseClick(sheet, Qt.MouseButton.LeftButton, pos=place)
        assert sheet.page[path] == value
    sheet.choose_item("14.date")
    hands.type("13/40")
    assert "14" not in sheet.page  # half a date is no mistake yet
    hands.press(Qt.Key.Key_Tab)
    assert sheet.page["14"] == {"date": "13/40"} and [p.code for p in sheet.problems] == ["date.unreadable"]
    sheet.choose_item("14.date")
    assert sheet.field.text() == "13/40"
    hands.press(Qt.Key.Key_A, CTRL)
    hands.type("t")
    hands.press(Qt.Key.Key_Down)
    assert sheet.page["14"] == {"date": TODAY.isoformat()} and sheet.current.key != "14.date"
    sheet.choose_item("2")
    hands.press(Qt.Key.Key_A, CTRL)
    sheet.field.setText("Quill\tTorvald")
    assert sheet.page["2"] == "Quill Torvald"
    sheet.choose(sheet.stops[-1])
    assert not sheet.step_within(1)


def test_what_does_not_fit_is_not_printed_even_when_asked_for(clinic: Any, tmp_path: Path) -> None:
    with clinic.write("Type") as s:
        blank, wide = (
            typed_forms.save(s, TypedForm(name="A", pages=pages)) for pages in ("[]", '[{"2": "%s"}]' % ("Q" * 29))
        )
    for form, told in ((blank, 0), (wide, 1)):
        with pytest.raises(paperwork.NotReadyError) as refused:
            paperwork.print_typed(clinic, form.id or 0, paperwork.Output(), tmp_path / "a.pdf", today=TODAY)
        assert len(refused.value.problems) == told and not list(tmp_path.glob("*.pdf"))
    with clinic.read() as s:
        assert [form.printed for form in typed_forms.typed_forms(s)] == [None, None]
