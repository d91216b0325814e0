"""Settings, Audit: who did and saw what, whether it is still as it was written, and the list as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from app.billing.roles import Action
from app.i18n import N_, _
from app.store import audit
from app.store.audit import Event, Report
from app.ui import fields, theme
from app.ui.controls import Button, IconLabel, clear, column, framed, label, row
from app.ui.desk import Desk
from app.ui.dialogs import Files
from app.ui.fields import ChoiceEditor
from app.ui.page import expected
from app.ui.settings_group import Found, Immediate
from app.ui.table import Cell, Column, Table

_MOST = 1_000_000_000
_KINDS = {
    "login": N_("Login"), "login-failed": N_("Wrong passwords"), "recovery": N_("Login by recovery code"),
    "quick-login": N_("Login by PIN"), "quick-failed": N_("Wrong PINs"), "quick-on": N_("PIN turned on"),
    "quick-off": N_("PIN turned off"), "quick-removed": N_("PIN removed"),
    "lock": N_("Locked"), "view": N_("Record seen"), "change": N_("Change"), "undo": N_("Undone"),
    "redo": N_("Done again"), "print": N_("Printed"), "export": N_("Exported"), "backup": N_("Backup"),
    "restore": N_("Backup restored"), "password": N_("New password"), "password-removed": N_("Password removed"),
    "recovery-code": N_("New recovery code"), "created": N_("Clinic made"), audit.FIRST: N_("Audit begun"),
    audit.GAP: N_("Rows missing"),
}  # fmt: skip


def find(desk: Desk) -> Iterable[Found]:
    """The settings of this group."""
    return (Found(_("Audit: who did and saw what"), "kind"), Found(_("Verify the audit"), "verify"))


class AuditSettings(Immediate):
    """The newest events first, by user and kind."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.kind = _choice("kind", _("Kind"), [("", _("All kinds")), *((k, _(w)) for k, w in _KINDS.items())], 200)
        self.user = _choice("user", _("User"), [("", _("All users"))], 160)
        self.verify_button = Button(_("Verify"), "filled")
        self.export_button = Button(_("Save CSV"), icon="download")
        self.verify_button.setObjectName("verify")
        self.verify_button.clicked.connect(lambda *_: self.verify())
        self.export_button.clicked.connect(lambda *_: self.export())
        self.state = row(gap=10)
        self.table = Table(_("Audit"), _columns(), self._fetch)
        for chooser in (self.kind, self.user):
            chooser.changed.connect(self._restart)
        controls = row(self.kind, self.user, None, self.export_button, self.verify_button, gap=theme.FIELD_GAP)
        self.body = framed("card", column(self.table, gap=0), (1, 1, 1, 1))
        self.refused = label("", wrap=True)
        whole = column(self.refused, controls, self.state, self.body, gap=12, margins=(24, 18, 24, 18))
        whole.setStretch(3, 1)
        self.setLayout(whole)
        self.reread()

    def reread(self) -> None:
        """As things are now."""
        if not self.desk.is_open:
            return
        clinic = self.desk.clinic
        allowed = clinic.may(Action.AUDIT)
        for part in (self.kind, self.user, self.verify_button, self.export_button, self.body):
            part.setVisible(allowed)
        self.refused.setVisible(not allowed)
        self.refused.setText("" if allowed else _("Only an owner reads the audit."))
        if allowed:
            names = [("", _("All users")), *((name, name) for name in [*clinic.users(), "recovery"])]
            self.user.spec = fields.choice("user", _("User"), lambda: names, 160)
            self.user.load(self.user.value() if self.user.value() in dict(names) else "")
            self._restart()

    def _restart(self) -> None:
        self.table.rows_model.restart()

    def _which(self) -> dict[str, str]:
        return {"kind": self.kind.value() or "", "user": self.user.value() or ""}

    def _fetch(self, limit: int, offset: int) -> Sequence[Event]:
        if not self.desk.is_open or not self.desk.clinic.may(Action.AUDIT):
            return ()
        return self.desk.clinic.audit_events(**self._which(), limit=limit, offset=offset)

    def verify(self) -> None:
        """Read the whole audit beside the window, and say what was found."""
        clinic = self.desk.clinic
        self.verify_button.setEnabled(False)
        self._say("hourglass", "second", _("Reading the audit…"))

        def failed(error: BaseException) -> None:
            self.verify_button.setEnabled(True)
            clear(self.state)
            self.desk.fail(expected(error))

        self.desk.run_task(clinic.verify_audit, done=self._verified, failed=failed)

    def _verified(self, report: Report) -> None:
        self.verify_button.setEnabled(True)
        if not report.findings:
            words = _("{count} rows were read. All of it is as it was written.").format(count=f"{report.checked:,}")
            self._say("shield-check", "green", words)
            return
        first = report.findings[0]
        words = _("{count} rows are not as they were written. Row {row}: {what}").format(
            count=len(report.findings), row=first.row, what=first.message
        )
        self._say("alert-triangle", "red", words)

    def _say(self, icon: str, tone: str, words: str) -> None:
        clear(self.state)
        said = label(words, tint=tone, wrap=True)
        self.state.addWidget(IconLabel(icon, tone, 20))
        self.state.addWidget(said, 1)

    def export(self) -> None:
        """Write what is chosen as CSV."""
        name = _("audit {date}.csv").format(date=self.desk.today().isoformat())
        path = Files.ask_save(self, self.desk.preferences, _("Save CSV"), name, _("CSV files (*.csv)"))
        if path is None:
            return
        from app import handover
        from app.forms import report

        def do() -> None:
            events = self.desk.clinic.audit_events(**self._which(), limit=_MOST)
            rows = [[getattr(event, each) for each in audit.EXPORTED] for event in events]
            written = report.words_csv(audit.EXPORTED, rows)
            handover.save(self.desk.clinic, path, written, "audit", detail=str(len(rows)))

        if self.desk.attempt(do):
            self.desk.say(_("Saved: {name}. It says who saw which record.").format(name=path.name))


def check_at_start(desk: Desk) -> None:
    """Beside the window, read what was added to the audit since the last time, and tell an owner what is wrong."""
    clinic = desk.clinic

    def done(report: Report) -> None:
        if report.findings and desk.is_open and clinic.may(Action.AUDIT):
            desk.fail(_("The audit is not as it was written: see Settings, Audit, and press Verify there."))

    def failed(error: BaseException) -> None:
        desk.fail(expected(error))

    desk.run_task(lambda: clinic.verify_audit(whole=False), done=done, failed=failed)


def _columns() -> list[Column]:
    return [
        Column(_("When"), lambda event: Cell(when(event.at)), 168),
        Column(_("User"), lambda event: Cell(event.user or _("unknown")), 110),
        Column(_("What"), _what, 180),
        Column(_("Record"), lambda event: Cell(_record(event), quiet=True), 130),
        Column(_("More"), lambda event: Cell(_more(event)), 200, stretch=True),
    ]


def _what(event: Event) -> Cell:
    kind = _KINDS.get(event.kind, event.kind)
    words = _(kind)
    if event.kind == audit.GAP:
        return Cell(words, "red", "alert-triangle")
    return Cell(words, "amber", "alert-triangle") if event.kind in {"login-failed", "quick-failed"} else Cell(words)


def _more(event: Event) -> str:
    return "" if event.kind == audit.FIRST else event.label or event.detail


def _record(event: Event) -> str:
    return f"{event.table} {event.row_id}" if event.row_id is not None else event.table


def when(at: str) -> str:
    """The moment on this computer's clock, of one that is kept in UTC."""
    moment = dt.datetime.fromisoformat(at).astimezone()
    return f"{moment:%m/%d/%Y %H:%M:%S}"


def _choice(name: str, words: str, options: list[tuple[str, str]], width: int) -> ChoiceEditor:
    made = fields.editor(fields.choice(name, words, lambda: options, width))
    assert isinstance(made, ChoiceEditor)
    made.setObjectName(name)
    made.setAccessibleName(words)
    made.load("")
    return made
