"""Pictures of every page, light and dark, at 1280x800 and 1.5 times: `python -m tests.screenshots FOLDER`."""

from __future__ import annotations

import datetime as dt
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_SCALE_FACTOR", "1.5")

TODAY = dt.date(2026, 11, 18)
BUILT = TODAY - dt.timedelta(days=49)


def main(folder: Path, looks: tuple[str, ...] = ("light", "dark"), only: str = "") -> None:
    from PySide6.QtWidgets import QApplication

    from app import paperwork
    from app.store import clients, demo, visits
    from app.ui import printing, tasks, theme
    from app.ui.desk import Desk
    from app.ui.dialogs import Leave, LeaveQuestion
    from app.ui.main_window import MainWindow
    from app.ui.preferences import Preferences

    LeaveQuestion.ask = classmethod(lambda cls, *words: Leave.DROP)  # type: ignore[method-assign, assignment]
    printing.printers = lambda: ["Laser at the front desk", "Back office"]
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    with tempfile.TemporaryDirectory() as home:
        theme.apply(app, look="light")
        clinic = demo.make(Path(home) / "Quiet River.clinic", today=TODAY)
        with clinic.read() as s:
            people = clients.find(s, limit=50)
        claims = []
        for who in people[:4]:
            claims += paperwork.build_claims(clinic, today=BUILT, client_id=who.id)
        with clinic.read() as s:
            busy = max(people, key=lambda line: visits.count(s, client_id=line.id))
        done = visits_of(clinic, busy.id)
        liven(clinic, [claim.id or 0 for claim in claims])
        paperwork.make_superbill(clinic, busy.id, done[-3:], today=TODAY)
        preferences = Preferences(Path(home) / "desk.ini")
        preferences.hints = False
        window = MainWindow(Desk(preferences, today=lambda: TODAY))
        window.resize(1280, 800)
        window.show()

        def entry() -> None:
            window.go("sessions", ("new", busy.id))
            page = window.page_of("sessions")
            page.form.same_as_last()  # type: ignore[attr-defined]

        steps: list[tuple[str, Callable[[], object]]] = [
            ("welcome", lambda: None),
            ("welcome-new", window.welcome.ask_new),
            ("welcome-code", lambda: window.welcome._show_code(clinic, "-".join(["4F7K"] * 9))),
            ("today", lambda: (window.show_clinic(clinic, Path(home) / "Quiet River.clinic"), settle())),
            ("reports", lambda: (window.go("reports"), settle())),
            ("reports-payer", lambda: (window.go("reports", "payer"), settle())),
            ("reports-source", lambda: (window.go("reports", "source"), settle())),
            ("clients", lambda: window.go("clients")),
            ("client-overview", lambda: (window.go("clients", busy.id), part("overview"))),
            ("client-benefits", lambda: part("verification")),
            ("client-coverage", lambda: (window.go("clients", busy.id), part("policy"))),
            ("client-referrals", lambda: part("referral")),
            ("client-sessions", lambda: part("sessions")),
            ("client-new", lambda: (window.go("clients", "new"), window.page().save())),
            ("session-list", lambda: (window.page().back(), window.go("sessions"))),
            ("session-entry", entry),
            ("claims", lambda: (window.page_of("sessions").back(), window.go("claims"))),
            ("claim-form", lambda: window.go("claims", claims[0].id)),
            ("claim-problem", lambda: (window.go("claims", claims[-1].id), window.problems.step(1))),
            ("claims-build", lambda: (window.problems.hide(), window.go("claims", "build"))),
            ("superbills", lambda: window.go("superbills")),
            ("superbill-new", lambda: window.go("superbills", ("new", busy.id))),
            ("settings-practice", lambda: window.go("settings", "practice")),
            ("settings-look", lambda: window.go("settings", "look")),
            ("payers", lambda: window.go("payers")),
            ("payer-fees", lambda: window.page().show_part("fees")),  # type: ignore[attr-defined]
            ("settings-fees", lambda: window.go("settings", "fees")),
            ("settings-backups", lambda: (window.keeper.back_up(), settle(), window.go("settings", "backups"))),
            ("calibration", lambda: (window.go("calibration"), measure(window.page()))),
            ("calibration-keep", lambda: window.page().next()),  # type: ignore[attr-defined]
            ("settings-printing", lambda: window.page().next()),  # type: ignore[attr-defined]
            ("help-field", lambda: (window.go("clients", busy.id), part("policy"), field("member_id"))),
            ("help-keys", lambda: (window.help.close_now(), window._show_keys())),
            ("find", lambda: (window.help.close_now(), find("a"))),
        ]  # fmt: skip

        def settle() -> None:
            for _ in range(4):
                tasks.finish()
                app.processEvents()

        def field(name: str) -> None:
            page: Any = window.page()
            page.editor("policy").form.focus(name)
            window.activateWindow()
            window.help.about_this()

        def find(text: str) -> None:
            window.find_box.setFocus()
            window.find_box.textEdited.emit(text)

        def part(key: str) -> None:
            window.page_of("clients").show_part(key)  # type: ignore[attr-defined]

        for name, step in steps:
            step()
            for look in looks:
                theme.apply(app, look=look)
                app.processEvents()
                app.processEvents()
                if only in name:
                    window.grab().save(str(folder / f"{name}-{look}.png"))
        window.close()


def liven(clinic: object, claim_ids: list[int]) -> None:
    """A day on which something waits: sessions today, an old claim, a limit that is near, a referral nearly used up."""
    from app.billing.records import ClaimStatus, VisitStatus
    from app.store import claims, clients, payers, visits
    from app.store.clinic import ClinicFile

    assert isinstance(clinic, ClinicFile)
    with clinic.write("Liven up", undoable=False) as s:
        for payer in payers.payers(s):
            if payer.name.startswith("Northlight"):
                payers.save_payer(s, replace(payer, filing_days=65))
        for at, who in enumerate(clients.find(s, limit=4)):
            last = visits.last_visit(s, who.id)
            if last is None:
                continue
            lines = tuple(replace(line, id=None) for line in last.lines)
            status = VisitStatus.PLANNED if at == 3 else VisitStatus.DONE
            fresh = replace(last, id=None, date=TODAY, start=540 + 75 * at, lines=lines, status=status)
            visits.save_visit(s, fresh)
            for referral in clients.referrals(s, who.id)[: at < 2]:
                clients.save_referral(s, replace(referral, visits_allowed=7 - 3 * at))
        claims.issue(s, claim_ids[0], pages='{"pages": [{}], "date_digits": "6"}', layout="cms1500-0212",
                     today=BUILT)  # fmt: skip
        claims.set_status(s, claim_ids[0], ClaimStatus.MAILED, on=TODAY)


def measure(guide: Any) -> None:
    """A printer that prints a little too far right and low."""
    from app.ui import measuring

    guide.show_step(2)
    offs = {1: (0.7, 0.3), 2: (0.7, 0.4), 3: (0.7, 0.1), 4: (0.8, 0.1)}
    for number, (right, down) in offs.items():
        across, along = measuring.belongs(number, guide.measuring.way, guide.layout_in_use)
        readings = across + right, along + (down if number < 3 else -down)
        for editor, reading in zip(guide.measuring.rows[number].editors, readings, strict=True):
            editor.setText(f"{reading:.1f}")
            editor.setFocus()


def visits_of(clinic: object, client_id: int) -> list[int]:
    """Ids of the sessions of a client that took place."""
    from app.billing.records import VisitStatus
    from app.store import visits
    from app.store.clinic import ClinicFile

    assert isinstance(clinic, ClinicFile)
    with clinic.read() as s:
        return [visit.id or 0 for visit in visits.visits_of(s, client_id) if visit.status is VisitStatus.DONE]


if __name__ == "__main__":
    main(Path(sys.argv[1]), only=sys.argv[2] if len(sys.argv) > 2 else "")
