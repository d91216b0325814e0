"""The filters of the claims: usual ones and kept ones as pills, and the fields that make one's own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from app.billing.follow_up import OPEN, STAGES, Stage
from app.billing.records import ClaimStatus, KeptFilter
from app.i18n import _
from app.store import claims, kept_filters, payers, practice
from app.store.claim_lists import Chosen, Due
from app.ui import fields, theme, words
from app.ui.board import COLUMNS
from app.ui.claim_steps import choice_editor, text_editor
from app.ui.controls import Button, SearchBox, clear, column, label, row, rule
from app.ui.desk import Desk
from app.ui.page import expected
from app.ui.segments import Segment, segments
from app.ui.tabs import Pill
from app.ui.theme import Type

PAGE = "claims"
_MOST_PILLS = 3
"""Kept filters that have a pill; more are in a menu."""
_USUAL: dict[str, tuple[str, Chosen]] = {
    "open": (_("All open"), {}),
    "due": (_("Needs a hand"), {"due": Due.ACTION}),
    "waiting": (_("Over 30 days"), {"due": Due.WAITING}),
    "deadline": (_("Deadline near"), {"due": Due.DEADLINE}),
}
_DUE = {"": _("at any time"), Due.ACTION: _("next action is due"), Due.DEADLINE: _("deadline in 14 days"),
        Due.WAITING: _("over 30 days with the payer")}  # fmt: skip


def to_json(chosen: Chosen) -> str:
    """A filter as it is kept; what is typed into the search box is part of it."""
    kept: dict[str, Any] = {key: value for key, value in chosen.items() if value and key != "today"}
    if "statuses" in kept:
        kept["statuses"] = sorted(kept["statuses"])
    return json.dumps(kept, sort_keys=True)


def from_json(content: str) -> Chosen:
    """A kept filter; what cannot be read of it is left out."""
    try:
        kept = json.loads(content)
    except ValueError:
        return {}
    made: Chosen = {}
    if not isinstance(kept, dict):
        return made
    for key in ("payer_id", "provider_id"):
        if isinstance(kept.get(key), int):
            made[key] = kept[key]
    if isinstance(kept.get("text"), str):
        made["text"] = kept["text"]
    statuses = kept.get("statuses")
    if isinstance(statuses, list) and all(each in set(ClaimStatus) for each in statuses):
        made["statuses"] = tuple(ClaimStatus(each) for each in statuses)
    if kept.get("due") in set(Due):
        made["due"] = Due(kept["due"])
    return made


class ClaimFilters(QWidget):
    """`changed` when another filter is chosen; `viewed` when board (True) or list is."""

    changed = Signal()
    viewed = Signal(bool)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._kept: list[KeptFilter] = []
        self._counts: dict[str | int, int] = {}
        self._loading = False
        self._renaming: KeptFilter | None = None
        self._pills_box = QWidget()
        self._pills = QHBoxLayout(self._pills_box)
        self._pills.setContentsMargins(0, 0, 0, 0)
        self._pills.setSpacing(8)
        self.pills: dict[str, Pill] = {}
        self.kept_pills: dict[int, Pill] = {}
        self.search = SearchBox(_("Number, client, birth date"))
        self.search.setFixedWidth(214)
        self.filter_button = Button(_("Filter"), icon="adjustments", small=True)
        self.filter_button.setCheckable(True)
        self.filter_button.toggled.connect(self._toggle)
        self.board, self.list = Segment(_("Board")), Segment(_("List"))
        self.views = segments(self.board, self.list)
        self.board.toggled.connect(self.viewed)
        self._own_fields()
        first = row(
            self._pills_box, None, self.filter_button, self.search, self.views, gap=8,
            margins=(theme.MARGIN, 0, theme.MARGIN, 10),
        )  # fmt: skip
        self.setLayout(column(first, self._own, rule(), gap=0))
        self.search.textChanged.connect(lambda *_: self._own_changed())

    def _own_fields(self) -> None:
        """Payer, provider, status and what is due, and how to keep them."""
        self.payer = choice_editor(fields.choice("filter_payer", _("Payer"), self._payers, 170))
        self.provider = choice_editor(fields.choice("filter_provider", _("Therapist"), self._providers, 150))
        self.status = choice_editor(fields.choice("filter_status", _("Status"), self._statuses, 150))
        self.due = choice_editor(fields.choice("filter_due", _("Due"), fields.words(_DUE), 190))
        self.keep_button = Button(_("Keep this filter"), "link", icon="plus")
        self.keep_button.clicked.connect(lambda *_: self.ask_name())
        self.name = text_editor(fields.text("filter_name", _("Name of the filter"), 170, placeholder=_("Its name")))
        self.name.enter = self.keep
        self.name_button = Button(_("Keep"), small=True)
        self.name_button.clicked.connect(lambda *_: self.keep())
        self._naming = QWidget()
        self._naming.setLayout(row(self.name, self.name_button, gap=6))
        self._naming.hide()
        parts = row(gap=10, margins=(theme.MARGIN, 0, theme.MARGIN, 10))
        for editor in (self.payer, self.provider, self.status, self.due):
            named = label(editor.spec.label, Type.LABEL, "second")
            named.setBuddy(editor)
            parts.addLayout(column(named, editor, gap=4))
            editor.changed.connect(self._own_changed)
        parts.addLayout(column(20, row(self.keep_button, self._naming, gap=6), gap=4))
        parts.addStretch(1)
        self._own = QWidget()
        self._own.setLayout(parts)
        self._own.hide()

    def _payers(self) -> Sequence[tuple[Any, str]]:
        with self.desk.read() as s:
            return [(0, _("all")), *((each.id, each.name) for each in payers.payers(s, archived=True))]

    def _providers(self) -> Sequence[tuple[Any, str]]:
        with self.desk.read() as s:
            return [(0, _("all")), *((each.id, words.person(each)) for each in practice.providers(s, archived=True))]

    def _statuses(self) -> Sequence[tuple[Any, str]]:
        """All that are open, a column of the board, one status, or really all."""
        made: list[tuple[Any, str]] = [("", _("all open"))]
        made += [(stage.value, name) for stage, name in COLUMNS.items() if len(STAGES[stage]) > 1]
        made += [(status.value, text) for status, text in words.CLAIM.items()]
        return [*made, ("all", _("all, also closed"))]

    # What is chosen

    def chosen(self) -> Chosen:
        """The filter as it stands. Without a status it is that of open claims."""
        made: Chosen = {"today": self.desk.today()}
        if self.search.text().strip():
            made["text"] = self.search.text().strip()
        for key, editor in (("payer_id", self.payer), ("provider_id", self.provider), ("due", self.due)):
            if editor.value():
                made[key] = editor.value()  # type: ignore[literal-required]
        status = self.status.value()
        if status in set(ClaimStatus):
            made["statuses"] = (ClaimStatus(status),)
        elif status in set(Stage):
            made["statuses"] = STAGES[Stage(status)]
        elif status == "all":
            made["statuses"] = tuple(ClaimStatus)
        return made

    def show(self, chosen: Chosen) -> None:  # type: ignore[override]
        """Put a filter into the fields, and tell."""
        self._load(chosen)
        self._mark()
        self.changed.emit()

    def _load(self, chosen: Chosen) -> None:
        self._loading = True
        self.search.setText(chosen.get("text", ""))
        self.payer.load(chosen.get("payer_id") or 0)
        self.provider.load(chosen.get("provider_id") or 0)
        self.due.load(chosen.get("due") or "")
        self.status.load(self._status_of(chosen))
        self._loading = False

    @staticmethod
    def _status_of(chosen: Chosen) -> str:
        """The choice that means these statuses; those that no choice means are shown as all."""
        statuses = frozenset(chosen.get("statuses", ()))
        if not statuses or statuses == frozenset(OPEN):
            return ""
        if len(statuses) == 1:
            return min(statuses).value
        return next((stage.value for stage, own in STAGES.items() if frozenset(own) == statuses), "all")

    def show_statuses(self, statuses: Sequence[ClaimStatus]) -> None:
        """Only these, whatever else was chosen."""
        self.show({"statuses": tuple(statuses)})

    def _own_changed(self) -> None:
        if not self._loading:
            self._mark()
            self.changed.emit()

    def _mark(self) -> None:
        """The pill of the filter that stands in the fields; none where it is one's own."""
        now = to_json(self.chosen())
        same = [pill for key, pill in self.pills.items() if to_json(_USUAL[key][1]) == now]
        same += [self.kept_pills[k.id or 0] for k in self._kept[:_MOST_PILLS] if to_json(from_json(k.content)) == now]
        for pill in (*self.pills.values(), *self.kept_pills.values()):
            pill.setAutoExclusive(False)
            pill.setChecked(pill in same[:1])
        own = now != "{}" and not same
        self.keep_button.setVisible(own and self._naming.isHidden())
        if own:
            self._toggle(True)

    def _toggle(self, on: bool) -> None:
        self.filter_button.setChecked(on)
        self._own.setVisible(on)

    # Kept filters

    def refresh(self) -> None:
        """Read the kept filters; `count` says anew how many claims each pill would show."""
        with self.desk.read() as s:
            self._kept = kept_filters.kept_filters(s, PAGE)
        clear(self._pills)
        self.pills, self.kept_pills = {}, {}
        for key, (text, usual) in _USUAL.items():
            self.pills[key] = self._pill(text, usual)
        for kept in self._kept[:_MOST_PILLS]:
            pill = self.kept_pills[kept.id or 0] = self._pill(kept.name, from_json(kept.content))
            pill.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            pill.customContextMenuRequested.connect(partial(self._kept_menu, kept, pill))
        self._show_counts(self._counts)
        if self._kept:
            more = Button(_("Kept filters"), "quiet", icon="chevron-down", small=True)
            more.clicked.connect(lambda *_: self._all_kept(more))
            self._pills.addWidget(more)
        if self.payer.currentIndex() < 0:
            self._load({})
        self._mark()

    def count(self) -> None:
        """Read on another thread how many claims each pill would show."""
        clinic, today = self.desk.clinic, self.desk.today()
        filters: dict[str | int, Chosen] = {key: usual for key, (__, usual) in _USUAL.items()}
        filters |= {kept.id or 0: from_json(kept.content) for kept in self._kept[:_MOST_PILLS]}

        def work() -> dict[str | int, int]:
            with clinic.read() as s:
                return {key: claims.count(s, **of_open(each, today)) for key, each in filters.items()}

        def failed(error: BaseException) -> None:
            self.desk.fail(expected(error))

        def done(counts: dict[str | int, int]) -> None:
            if self.desk.is_open and self.desk.clinic is clinic:
                self._show_counts(counts)

        self.desk.run_task(work, done=done, failed=failed)

    def _show_counts(self, counts: dict[str | int, int]) -> None:
        """How many each pill would show; of the usual ones, those that would show none are hidden."""
        self._counts = counts
        for key, pill in self.pills.items():
            pill.set_count(counts.get(key, 0))
            pill.setVisible(key == "open" or counts.get(key, 0) > 0)
        for kept_id, pill in self.kept_pills.items():
            pill.set_count(counts.get(kept_id, 0))

    def _pill(self, text: str, chosen: Chosen) -> Pill:
        pill = Pill(text)
        pill.clicked.connect(lambda *_: self.show(chosen))
        self._pills.addWidget(pill)
        return pill

    def _kept_menu(self, kept: KeptFilter, pill: Pill, at: QPoint) -> None:
        menu = QMenu(self)
        self._add_deeds(menu, kept)
        menu.popup(pill.mapToGlobal(at))

    def _add_deeds(self, menu: QMenu, kept: KeptFilter) -> None:
        for text, do in ((_("Rename"), self.rename), (_("Delete"), self.drop)):
            action = QAction(text, menu)
            action.triggered.connect(lambda *_, do=do: do(kept))
            menu.addAction(action)

    def _all_kept(self, button: Button) -> None:
        menu = QMenu(self)
        for kept in self._kept:
            inner = menu.addMenu(kept.name)
            show = QAction(_("Show"), inner)
            show.triggered.connect(lambda *_, kept=kept: self.show(from_json(kept.content)))
            inner.addAction(show)
            self._add_deeds(inner, kept)
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 4)))

    def ask_name(self, kept: KeptFilter | None = None) -> None:
        """Ask for the name of the filter as it stands, or for another name of a kept one."""
        self._renaming = kept
        self._toggle(True)
        self._naming.show()
        self.keep_button.hide()
        self.name.load(kept.name if kept else "")
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def rename(self, kept: KeptFilter) -> None:
        """Ask for another name."""
        self.ask_name(kept)

    def keep(self) -> None:
        """Keep it under the name that was typed."""
        name = str(self.name.value())
        kept = self._renaming or KeptFilter(page=PAGE, content=to_json(self.chosen()))

        def do() -> None:
            with self.desk.write(_("Keep a filter")) as s:
                kept_filters.keep(s, replace(kept, name=name))

        if self.desk.attempt(do):
            self._renaming = None
            self._naming.hide()
            self.refresh()
            self.count()
            self.desk.say(_("Filter kept."), undo=True)

    def drop(self, kept: KeptFilter) -> None:
        """Delete a kept filter."""

        def do() -> None:
            with self.desk.write(_("Delete a filter")) as s:
                kept_filters.drop(s, kept.id or 0)

        if self.desk.attempt(do):
            self.refresh()
            self.count()
            self.desk.say(_("Filter deleted."), undo=True)

    def close_naming(self) -> bool:
        """Stop asking for a name; answers whether it was asked."""
        was = not self._naming.isHidden()
        self._naming.hide()
        self._mark()
        return was


def of_open(chosen: Chosen, today: Any) -> Chosen:
    """The filter with the status that it means: that of open claims where it says none."""
    made: Chosen = {"statuses": OPEN, **chosen, "today": today}
    return made


def stages_of(chosen: Chosen) -> list[tuple[Stage, tuple[ClaimStatus, ...]]]:
    """The columns of the board with the statuses that a filter leaves of each."""
    wanted = frozenset(chosen.get("statuses", OPEN))
    return [(stage, tuple(status for status in STAGES[stage] if status in wanted)) for stage in COLUMNS]
