"""A client who seems to be there already is noticed while they are typed, with the way to the other."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app.billing.records import Client, Payer, Policy
from app.store import clients, payers
from app.ui.controls import Button
from app.ui.dialogs import Leave, LeaveQuestion
from app.ui.main_window import MainWindow

BORN = dt.date(1986, 4, 12)


@pytest.fixture
def page(window: MainWindow) -> Any:
    with window.desk.write("Two") as s:
        first = clients.save_client(s, Client(number="0007", last_name="Câmara", first_name="Zoë", birth_date=BORN))
        payer = payers.save_payer(s, Payer(name="Bluebird"))
        clients.save_policy(s, Policy(client_id=first.id or 0, payer_id=payer.id or 0, member_id="XQB0417"))
        clients.save_client(s, Client(number="0008", last_name="Marsh"))
    window.go("clients", "new")
    return window.page()


def links(editor: Any) -> list[Button]:
    QApplication.processEvents()
    return [each for each in editor.findChildren(Button) if each.kind == "link" and each.isVisible()]


def test_the_same_name_and_birth_date(page: Any, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LeaveQuestion, "ask", classmethod(lambda cls, *words: Leave.DROP))
    editor = page.editor("person")
    for name, text in {"last_name": "camara", "first_name": "ZOE", "birth_date": "04/13/1986"}.items():
        editor.form.editor(name).setText(text)
    assert editor.told_note.isHidden()
    editor.form.editor("birth_date").setText("04/12/1986")
    assert editor.told.text() == "Client 0007, Câmara, Zoë, has the same name and birth date."
    (link,) = links(editor)
    link.click()
    assert page.client.number == "0007" and editor.told_note.isHidden() and not editor.changed


def test_the_same_member_id_with_the_same_payer(page: Any, window: MainWindow) -> None:
    window.go("clients", next(line.id for line in page.list.rows_model.rows if line.number == "0008"))
    page.show_part("policy")
    editor = page.editor("policy")
    editor.form.editor("member_id").setText("xqb0417")
    assert editor.told_note.isHidden(), "the payer is not chosen yet"
    box = editor.form.editor("payer_id")
    box.setCurrentIndex(box.findText("Bluebird"))
    assert editor.told.text() == "Client 0007, Câmara, Zoë, has the same member id with this payer."
    assert [link.text() for link in links(editor)] == ["Show client 0007"]
    assert editor.save(), "it is a note, not a refusal"
