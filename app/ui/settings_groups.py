"""The groups of the settings: one line each, in the order of the list.

A group is a module of its own with a widget that answers what `Editor` asks; where what is chosen counts at once,
`Immediate` answers for it. To add a group, write the module and add its line to `GROUPS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.i18n import _
from app.ui import audit_settings, backup_settings, look_settings, practice_settings, user_settings
from app.ui.audit_settings import AuditSettings
from app.ui.backup_settings import BackupSettings
from app.ui.desk import Desk
from app.ui.fees_editor import FeesEditor
from app.ui.printer_settings import PrinterSettings
from app.ui.record_editor import Kind, RecordEditor
from app.ui.settings_group import Editor, Found
from app.ui.user_settings import UserSettings


@dataclass(frozen=True)
class Group:
    """`key` is also the table of its records, where it has any. `find` lists the settings in it, for the search."""

    key: str
    title: str
    second: str
    make: Callable[[Desk], Editor]
    find: Callable[[Desk], Iterable[Found]] = lambda desk: ()


def _records(key: str, title: str, second: str, kind: Callable[[Desk], Kind]) -> Group:
    """A group that is a form of records."""

    def make(desk: Desk) -> Editor:
        made = RecordEditor(desk, kind(desk))
        made.show_of(0)
        return made

    def find(desk: Desk) -> Iterable[Found]:
        sections = kind(desk).sections(desk, lambda: 0)
        return [Found(f.label, f.name) for section in sections for fields in section.rows for f in fields]

    return Group(key, title, second, make, find)


GROUPS: tuple[Group, ...] = (
    _records("practice", _("Practice"), _("Name, address, tax id"), practice_settings.practice_kind),
    _records("provider", _("Providers"), _("Therapists, NPI, license"), practice_settings.provider_kind),
    Group("fees", _("Fees"), _("Prices per unit"), FeesEditor),
    Group("printer", _("Printing"), _("Lined up on this computer"), PrinterSettings),
    Group("backups", _("Backups"), _("Safe copies, restore, move"), BackupSettings, backup_settings.find),
    Group("users", _("Users and lock"), _("Passwords, roles, idle time"), UserSettings, user_settings.find),
    Group("audit", _("Audit"), _("Who did and saw what"), AuditSettings, audit_settings.find),
    Group(
        "look", _("Look and help"), _("Light or dark, text size, hints"), look_settings.LookSettings, look_settings.find
    ),
)
