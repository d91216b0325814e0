"""Pictures of every page: `python -m tests.screenshots FOLDER [--only NAME] [--look light] [--size 1280x800]`.

Each page is painted in the light and the dark look, at 1280x800 and 1440x900, with a scale of 1.5.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_SCALE_FACTOR", "1.5")

TODAY = dt.date(2026, 11, 18)
MAILED = TODAY - dt.timedelta(days=47), TODAY - dt.timedelta(days=12)
CODE = "-".join(("4F7K", "9WQD", "T2XM", "6RPB", "H8VN", "3YCZ", "KJ5E", "1SGA", "P0TW"))
PEOPLE = (
    "Client ID;Surname;Given;DOB;Phone\n;Câmara;Zoë;1971-03-04;(541) 555-0151\n;Rowe;Ann;;12\n"
    ";Lindqvist;Per;1988-07-30;(541) 555-0162\n;Okafor;Ngozi;1990-12-01;\n"
)
Steps = Iterator[tuple[str, Callable[[], object]]]


class Tour:
    """The window on its way through every page. A step brings one page to the front."""

    def __init__(self, home: Path) -> None:
        from app.store import demo
        from app.ui.desk import Desk
        from app.ui.main_window import MainWindow
        from app.ui.preferences import Preferences

        self.home, self.path = home, home / "Quiet River.clinic"
        self.clinic = demo.make(self.path, today=TODAY)
        self.busy, self.claims = liven(self.clinic)
        preferences = Preferences(home / "desk.ini")
        preferences.hints = False
        self.window = MainWindow(Desk(preferences, today=lambda: TODAY))
        self.window.show()

    def steps(self) -> Steps:
        """Names of pictures, and what brings them up."""
        yield from self._before()
        yield from self._first_run()
        yield from self._clients()
        yield from self._sessions()
        yield from self._claims()
        yield from self._papers()
        yield from self._settings()
        yield from self._help()
        yield from self._after()

    # The groups

    def _before(self) -> Steps:
        welcome = self.window.welcome
        yield "welcome", lambda: None
        yield "welcome-new", welcome.ask_new
        yield "welcome-code", self._code

    def _first_run(self) -> Steps:
        yield "today", lambda: self.window.show_clinic(self.clinic, self.path)
        for step in ("practice", "provider", "fees", "payer", "printer"):
            yield f"setup-{step}", self._to("setup", step)
        yield "setup-end", lambda: self._page("setup")._bring("end")

    def _clients(self) -> Steps:
        yield "clients", self._to("clients")
        for part in list(self._page("clients").tabs):
            yield f"client-{part}", self._part(part)
        yield "client-call", self._call
        yield "client-new", lambda: (self.window.go("clients", "new"), self.window.page().save())
        yield "reports", lambda: (self.window.page().back(), self.window.go("reports"))
        for kind in ("payer", "code", "unbilled", "aging", "source"):
            yield f"reports-{kind}", self._to("reports", kind)

    def _sessions(self) -> Steps:
        yield "session-list", self._to("sessions")
        yield "session-day", lambda: self._page("sessions").show_by_day(on=True)
        yield "session-entry", self._entry
        yield "session-week", self._week
        yield "session-empty", lambda: (self.window.page().back(), self.window.go("sessions", "new"))

    def _claims(self) -> Steps:
        page: Callable[[], Any] = lambda: self._page("claims")  # noqa: E731
        yield "claims-board", lambda: (self._page("sessions").back(), self.window.go("claims", "list"))
        yield "claims-step", self._step
        yield "claims-list", lambda: (page().back(), page().overview.turn())
        yield "claims-build", self._to("claims", "build")
        yield "claim-form", self._to("claims", self.claims["sound"])
        yield "claim-override", self._override
        yield "claim-compare", lambda: (page().back(), self._open_claim("sound"), page().view.show_tab("paid"))
        yield "claim-history", lambda: (self._open_claim("paid"), page().view.show_tab("history"))
        yield "claim-problem", lambda: (self._open_claim("problem"), self.window.problems.step(1))
        yield "blank-form", self._typed_form
        yield "blank-forms", lambda: (self.window.problems.hide(), page().blank.show_list())

    def _papers(self) -> Steps:
        yield "superbills", self._to("superbills")
        yield "superbill-new", self._to("superbills", ("new", self.busy))
        yield "superbill-month", self._to("superbills", "month")
        yield "payers", self._to("payers")
        yield "payer-fees", lambda: self._page("payers").show_part("fees")
        yield "import", self._to("import", "clients")
        yield "import-preview", self._import

    def _settings(self) -> Steps:
        for group in ("practice", "provider", "fees", "look", "users", "audit"):
            yield f"settings-{group}", self._to("settings", group)
        yield "settings-backups", lambda: (self.window.keeper.back_up(), self.window.go("settings", "backups"))
        yield "calibration", lambda: self.window.go("calibration")
        yield "calibration-measure", lambda: measure(self.window.page())
        yield "calibration-keep", lambda: self._page("calibration").next()
        yield "settings-printing", lambda: self._page("calibration").next()

    def _help(self) -> Steps:
        yield "help-field", lambda: (self._part("policy")(), self._field("member_id"))
        yield "help-keys", lambda: (self.window.help.close_now(), self.window._show_keys())
        yield "find", lambda: (self.window.help.close_now(), self._find("a"))

    def _after(self) -> Steps:
        welcome = self.window.welcome
        yield "login", lambda: (self.window.find_box.clear(), self._second_user(), welcome.ask_password(self.path))
        yield "locked", welcome.say_locked
        yield "login-code", lambda: welcome._show(welcome.recover)
        yield "restore", lambda: welcome.ask_restore(self.path)
        yield "restore-password", self._take_backup
        yield "restore-inside", self._look_inside

    # Steps of more than one thing

    def _page(self, key: str) -> Any:
        return self.window.page_of(key)

    def _to(self, key: str, target: object = None) -> Callable[[], object]:
        return lambda: self.window.go(key, target)

    def _code(self) -> None:
        self.window.welcome._new_one = True
        self.window.welcome._show_code(self.clinic, CODE)

    def _part(self, key: str) -> Callable[[], object]:
        return lambda: (self.window.go("clients", self.busy), self._page("clients").show_part(key))

    def _call(self) -> None:
        self._part("verification")()
        self._page("clients").editor("verification").begin_new()

    def _field(self, name: str) -> None:
        self._page("clients").editor("policy").form.focus(name)
        self.window.activateWindow()
        self.window.help.about_this()

    def _find(self, text: str) -> None:
        self.window.find_box.setFocus()
        self.window.find_box.setText(text)
        self.window.find_box.textEdited.emit(text)

    def _entry(self) -> None:
        self._page("sessions").show_by_day(on=False)
        self.window.go("sessions", ("new", self.busy))
        self._page("sessions").form.same_as_last()

    def _week(self) -> None:
        for day in (0, 4):
            self._page("sessions").form.week.toggle(day)

    def _open_claim(self, which: str) -> None:
        self.window.go("claims", self.claims[which])

    def _step(self) -> None:
        from app.ui.claim_steps import Ask

        overview = self._page("claims").overview
        overview.board.begin()
        overview.ask(Ask.STATUS)

    def _override(self) -> None:
        view = self._page("claims").view
        view.sheet.choose(next(stop for stop in view.sheet.stops if stop.item == "17"))
        view.override()

    def _typed_form(self) -> None:
        self.window.problems.hide()
        self.window.go("claims", "blank")
        sheet = self._page("claims").blank.editor.sheet
        for item, text in (("2", "Quill, Torvald"), ("17", "Henrietta Plum MD"), ("17b", "1987654327")):
            sheet.choose_item(item)
            sheet.field.setText(text)
            sheet.finish()

    def _import(self) -> None:
        path = self.home / "people.csv"
        path.write_bytes(PEOPLE.encode("cp1252"))
        self._page("import").take(path)

    def _second_user(self) -> None:
        from app.billing.roles import Role, User
        from app.store import users

        users.add(self.clinic, User(name="wren", full_name="Wren Abernathy", role=Role.FRONT_DESK), "paper lantern sky")
        self.window.close_clinic()

    def _take_backup(self) -> None:
        guide = self.window.welcome._restoring
        assert guide is not None
        guide.take(guide._newest(self.path)[0].path, self.path)

    def _look_inside(self) -> None:
        from app.store import demo

        guide = self.window.welcome._restoring
        assert guide is not None
        guide.user.setText("owner")
        guide.password.setText(demo.PASSWORD)
        guide.look()


def liven(clinic: Any) -> tuple[int, dict[str, int]]:
    """A day on which something waits. Answers the client with most sessions and claims to show, by what they show."""
    from app import paperwork
    from app.store import clients, visits

    with clinic.read() as s:
        people = [who.id for who in clients.find(s, limit=50)]
        busy = max(people, key=lambda who: visits.count(s, client_id=who))
    for day in (MAILED[0], TODAY):
        _add_sessions(clinic, people, day - dt.timedelta(days=5))
    rounds = [_build(clinic, day) for day in (*MAILED, TODAY)]
    paid = _send(clinic, rounds)
    _add_sessions(clinic, people[:4], TODAY)
    _run_short(clinic, people)
    with clinic.read() as s:
        done = [visit.id or 0 for visit in visits.visits_of(s, busy) if visit.status == "done"]
    paperwork.make_superbill(clinic, busy, done[-3:], today=TODAY)
    return busy, {"sound": rounds[2][0], "paid": paid, "problem": rounds[2][-1]}


def _build(clinic: Any, day: dt.date) -> list[int]:
    """Claims of what was done before that day."""
    from app.billing import claims as planning
    from app.store import claims, clients, payers, visits

    with clinic.write("Build", undoable=False) as s:
        waiting = [visit for visit in visits.unbilled(s) if visit.date and visit.date < day]
        policies = {visit.policy_id: clients.policy(s, visit.policy_id) for visit in waiting if visit.policy_id}
        plans = planning.plan(waiting, policies.values(), payers.payers(s))
        return [claim.id or 0 for claim in claims.build(s, plans, today=day)]


def _add_sessions(clinic: Any, people: list[int], day: dt.date) -> None:
    """As the last one of each client; of the fourth client it is still to come."""
    from app.billing.records import VisitStatus
    from app.store import visits

    with clinic.write("Sessions", undoable=False) as s:
        for at, who in enumerate(people):
            last = visits.last_visit(s, who)
            if last is None:
                continue
            lines = tuple(replace(line, id=None) for line in last.lines)
            status = VisitStatus.PLANNED if at == 3 and day == TODAY else VisitStatus.DONE
            fresh = replace(last, id=None, date=day, start=540 + 75 * (at % 7), lines=lines, status=status)
            visits.save_visit(s, fresh)


def _send(clinic: Any, rounds: list[list[int]]) -> int:
    """The older claims went out and some were answered. Answers one that was paid."""
    from app import paperwork
    from app.billing.problems import blocks
    from app.billing.records import ClaimStatus as Status
    from app.store import claims

    checked = paperwork.check_claims(clinic, [each for ids in rounds for each in ids], today=TODAY)
    oldest, middle, newest = ([each for each in ids if not blocks(checked[each])] for ids in rounds)
    ways = [Status.PAID, Status.DENIED, Status.PARTLY_PAID, Status.PAID]
    with clinic.write("Mail", undoable=False) as s:
        for claim_id, answer in zip(oldest, ways, strict=False):
            paperwork.issue(s, [claim_id], today=MAILED[0])
            claims.set_status(s, claim_id, Status.MAILED, on=MAILED[0])
            claims.set_status(s, claim_id, answer, on=MAILED[0] + dt.timedelta(days=24), note="The check came.")
        for at, claim_id in enumerate(middle):
            paperwork.issue(s, [claim_id], today=MAILED[1])
            if at:
                claims.set_status(s, claim_id, Status.MAILED, on=MAILED[1])
        claims.note_event(s, middle[1], "By telephone: in process, answer within two weeks.",
                          on=TODAY - dt.timedelta(days=3), next_action="Ask again",
                          next_on=TODAY + dt.timedelta(days=6))  # fmt: skip
        for claim_id in newest[:2]:
            claims.set_status(s, claim_id, Status.READY, on=TODAY)
    return oldest[0]


def _run_short(clinic: Any, people: list[int]) -> None:
    """A limit that is near, referrals nearly used up, and a member id that is missing."""
    from app.store import clients, payers

    with clinic.write("Run short", undoable=False) as s:
        for payer in payers.payers(s):
            if payer.name.startswith("Northlight"):
                payers.save_payer(s, replace(payer, filing_days=65))
        for at, who in enumerate(people[:2]):
            for referral in clients.referrals(s, who):
                clients.save_referral(s, replace(referral, visits_allowed=9 - 3 * at))
        with_policy = [who for who in people if clients.policies(s, who)]
        clients.save_policy(s, replace(clients.policies(s, with_policy[-1])[0], member_id=""))


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


def main(folder: Path, looks: list[str], sizes: list[str], only: str) -> None:
    """Take the pictures whose names begin with `only`."""
    from PySide6.QtWidgets import QApplication

    from app.ui import printing, tasks, theme
    from app.ui.dialogs import Leave, LeaveQuestion

    LeaveQuestion.ask = classmethod(lambda cls, *words: Leave.DROP)  # type: ignore[method-assign, assignment]
    printing.printers = lambda: ["Laser at the front desk", "Back office"]
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    theme.apply(app, look="light")
    with tempfile.TemporaryDirectory() as home:
        tour = Tour(Path(home))
        for name, step in tour.steps():
            step()
            for _round in range(4):
                tasks.finish()
                app.processEvents()
            if not name.startswith(only):
                continue
            for look in looks:
                theme.apply(app, look=look)
                for size in sizes:
                    tour.window.resize(*(int(side) for side in size.split("x")))
                    for _round in range(3):
                        app.processEvents()
                    tour.window.grab().save(str(folder / f"{name}-{look}-{size}.png"))
        tour.window.close()


def _asked() -> argparse.Namespace:
    made = argparse.ArgumentParser(description="Pictures of every page of the window.")
    made.add_argument("folder", type=Path)
    made.add_argument("--only", default="", help="how the names of the wanted pages begin")
    made.add_argument("--look", action="append", choices=("light", "dark"))
    made.add_argument("--size", action="append")
    return made.parse_args()


if __name__ == "__main__":
    asked = _asked()
    main(asked.folder, asked.look or ["light", "dark"], asked.size or ["1280x800", "1440x900"], asked.only)
