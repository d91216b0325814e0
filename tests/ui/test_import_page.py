"""Lists from CSV in the window: looked at first, brought in as one step, what is refused can be saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.billing.records import Client
from app.store import clients, csv_import, payers
from app.store.backup import Reason
from app.store.csv_import import What
from app.ui.dialogs import Files
from app.ui.main_window import MainWindow

CTRL = Qt.KeyboardModifier.ControlModifier
PEOPLE = (
    "Client ID;Surname;Given;DOB;Phone\n0007;Applewhite;Juniper;;(541) 555-0147\n;Câmara;Zoë;1971-03-04;\n"
    ";Rowe;Ann;;12\n"
)


@pytest.fixture
def page(window: MainWindow) -> Any:
    with window.desk.write("One") as s:
        clients.save_client(s, Client(number="0007", last_name="Applewhite", first_name="Juniper"))
    window.go("import", "clients")
    return window.page()


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(PEOPLE.encode("cp1252"))
    monkeypatch.setattr(Files, "ask_open", staticmethod(lambda *words: path))
    return path


def shown(page: Any) -> list[tuple[int, str, str]]:
    return [(row.judged.line, str(row.judged.what), row.judged.title) for row in page.table.rows_model.rows]


def names(window: MainWindow) -> list[str]:
    with window.desk.read() as s:
        return [line.name for line in clients.find(s)]


def test_a_file_is_looked_at_and_brought_in_as_one_step(
    page: Any, window: MainWindow, people: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(page.choose, Qt.Key.Key_Return)
    assert (page.encoding.value(), page.separator.value()) == ("cp1252", ";")
    assert [box.value() for box in page.boxes] == ["number", "last_name", None, "birth_date", "phone"]
    assert shown(page) == [(2, "changed", "Applewhite, Juniper"), (3, "new", "Câmara"), (4, "refused", "Rowe")]
    page.boxes[2].setCurrentIndex(page.boxes[2].findText("First name"))
    assert shown(page)[:2] == [(2, "changed", "Applewhite, Juniper"), (3, "new", "Câmara, Zoë")]
    assert page.table.rows_model.index(0, 3).data() == "Phone: nothing → (541) 555-0147"
    assert page.header.facts.text() == "1 new   ·   1 changed   ·   1 refused" and page.bring.text() == "Bring in 2"
    page.tabs[What.REFUSED].click()
    assert [row[0] for row in shown(page)] == [4] and "Phone" in page.table.rows_model.index(0, 3).data()
    assert names(window) == ["Applewhite, Juniper"], "nothing is kept before it is said"
    qtbot.keyClick(page.table, Qt.Key.Key_Return, CTRL)
    assert names(window) == ["Applewhite, Juniper", "Câmara, Zoë"]
    assert [each.manifest.reason for each in window.desk.clinic.backups.all()] == [Reason.IMPORT]
    assert window.messages.text() == "2 rows brought in." and not page.bring.isEnabled() and window.rail.isEnabled()
    refused = people.with_name("refused.csv")
    monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words: refused))
    page.save_refused.click()
    assert "4,Rowe Ann" in refused.read_text("utf-8-sig")
    window.undo()
    assert names(window) == ["Applewhite, Juniper"]


def test_another_encoding_by_hand_shows_what_it_makes(page: Any, people: Path) -> None:
    page.ask_file()
    page.encoding.setCurrentIndex(page.encoding.findText("UTF-8"))
    reasons = [row.judged.reason for row in page.table.rows_model.rows if row.judged.line == 3]
    assert "Choose another encoding" in reasons[0] and page.seen.form.encoding == "utf-8"


def test_columns_that_nobody_knows_are_named_by_hand(page: Any, window: MainWindow, people: Path) -> None:
    people.write_text("Wer,Was\nMarsh,x\n", "utf-8")
    page.ask_file()
    assert "Say which column" in window.messages.text() and [box.value() for box in page.boxes] == [None, None]
    page.boxes[0].setCurrentIndex(page.boxes[0].findText("Last name"))
    assert shown(page) == [(2, "new", "Marsh")]
    people.write_text("Wer,Was\nMarsh,x\nRowe,y\n", "utf-8")
    page.bring_in()
    assert "has changed" in window.messages.text() and names(window) == ["Applewhite, Juniper"]


def test_a_file_that_cannot_be_read_is_said(page: Any, window: MainWindow, people: Path) -> None:
    people.write_bytes(b"")
    page.ask_file()
    assert "empty" in window.messages.text() and page.seen is None and page.boxes == []
    page.bring_in()
    page.back()


def test_cancelling_keeps_nothing(page: Any, window: MainWindow, people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people.write_text("Last name,First name\n" + "".join(f"Marsh,No{n}\n" for n in range(2_500)), "utf-8")
    page.ask_file()
    assert page.bring.text() == "Bring in 2,500" and "2,000 more rows" in page.state.text()
    told = csv_import.apply

    def stopped(*given: Any, **more: Any) -> Any:
        window.desk._works[-1].stop()
        return told(*given, **more)

    monkeypatch.setattr(csv_import, "apply", stopped)
    page.bring_in()
    assert "cancelled" in window.messages.text() and names(window) == ["Applewhite, Juniper"]
    assert window.rail.isEnabled() and page.bring.isEnabled()


def test_lists_go_out_from_their_pages(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    from app.billing.records import Payer

    with window.desk.write("One") as s:
        payers.save_payer(s, Payer(name="=Bluebird"))
    with qtbot.waitActive(window):
        window.activateWindow()
    for key in ("clients", "payers", "fees"):
        path = tmp_path / f"{key}.csv"
        monkeypatch.setattr(Files, "ask_save", staticmethod(lambda *words, path=path: path))
        window.go(*(("settings", "fees") if key == "fees" else (key,)))
        if key == "fees":
            window.page().editor("fees").name.setFocus()
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_E, CTRL)
        assert path.exists() and f"saved as {key}.csv" in window.messages.text(), key
    assert "'=Bluebird" in (tmp_path / "payers.csv").read_text("utf-8-sig")
    window.go("payers")
    window.page().csv[0].click()
    assert window.page().key == "import" and window.page().list_name == "payers"
