"""Entering a session: who, when, the service lines, what it stands on, what was paid. Everything is worked out live."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.billing import checks, codes
from app.billing.claims import LETTERS
from app.billing.problems import Problem, Severity, block
from app.billing.records import Client, Referral, Visit, VisitStatus
from app.errors import InputError
from app.i18n import _, date_text, money_text
from app.store import clients, icd10, ncci, visits
from app.ui import fields, theme, visit_context, words
from app.ui.controls import Button, Elided, IconLabel, clear, column, framed, label, row, tint, whole_words
from app.ui.desk import Desk
from app.ui.diagnoses import DiagnosesEditor, diagnoses
from app.ui.fields import ChoiceEditor, TextEditor
from app.ui.lookup import Hit, Lookup
from app.ui.theme import Type
from app.ui.visit_context import VisitContext
from app.ui.visit_lines import Prices, VisitLines
from app.ui.visit_pairs import PairChoices
from app.ui.week_repeat import WeekRepeat

OFFICE, _MIXED = "11", ""
_NO_DAY: tuple[dt.date | None, int, Sequence[Visit]] = (None, 0, ())


def parse_time(text: str) -> int | None:
    """Minutes after midnight from `9`, `930`, `9:30`, `1:15 pm`; None when empty. Raises InputError.

    Without am or pm, 1 to 6 are afternoons: sessions are seldom given at night.
    """
    typed = text.strip().lower().replace(".", "")
    if not typed:
        return None
    match = re.fullmatch(r"(\d{1,2})(?::?(\d{2}))?\s*(am|pm|a|p)?", typed, re.ASCII)
    if match is None or not (0 <= int(match[1]) <= 23 and int(match[2] or 0) <= 59):
        raise InputError(_("Not a time."), _("Type 930 or 1:15 pm."))
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "")[:1]
    if half and not 1 <= hour <= 12:
        raise InputError(_("Not a time."), _("Type 930 or 1:15 pm."))
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    elif 1 <= hour <= 6:
        hour += 12
    return hour * 60 + minute


def time_text(minutes: int | None) -> str:
    """`11:30 AM`."""
    if minutes is None:
        return ""
    hour, minute = divmod(minutes, 60)
    return f"{(hour - 1) % 12 + 1}:{minute:02d} {'PM' if hour >= 12 else 'AM'}"


def _labelled(text: str, control: QWidget) -> QVBoxLayout:
    words_label = label(text, Type.LABEL, "second")
    words_label.setBuddy(control)
    return column(words_label, control, gap=5)


class ClientBox(Lookup):
    """Finds a client as one types; `client` is the one taken."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("client")
        self.setAccessibleName(_("Client"))
        self.setFixedHeight(theme.CONTROL)
        self.setMinimumWidth(150)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Prompt in whole words."""
        super().resizeEvent(event)
        whole_words(self, _("Name, birth date, number"))


class VisitForm(QWidget):
    """One session. `load` shows it, `draft` reads it; nothing is kept here."""

    edited = Signal()
    client_changed = Signal()
    help_topic = "visit"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.visit = Visit()
        self.context = VisitContext()
        self._base: object = None
        self._loading = False
        self._therapist_day = _NO_DAY
        self._make_fields()
        self.lines = VisitLines()
        self.lines.changed.connect(self._typed)
        self.pairs = PairChoices()
        self.pairs.asked_drop.connect(self.lines.drop_code)
        self.pairs.asked_modifier.connect(lambda at: self.lines.add_modifier(at, "59"))
        self.pairs.region_typed.connect(self.lines.set_region)
        self._lay_out()

    # Building

    def _make_fields(self) -> None:
        self.client_box = ClientBox()
        self.client_box.search = self._find_clients
        self.client_box.picked.connect(lambda hit: self.take_client(hit.id))
        self.date = TextEditor(fields.date("date", _("Date"), self.desk.today))
        self.start = TextEditor(
            fields.Field(name="start", label=_("Start"), width=88, read=parse_time, show=time_text, figures=True)
        )
        self.provider = self._choice("provider_id", _("Provider"))
        self.status = self._choice("status", _("Status"))
        self.policy = self._choice("policy_id", _("Bill to"))
        self.referral = self._choice("referral_id", _("Referral"))
        self.authorization = self._choice("authorization_id", _("Authorization"))
        self.case = self._choice("case_id", _("Case"))
        spec = diagnoses(self.desk, "diagnoses", _("Diagnoses"), self._day)
        self.diagnoses = DiagnosesEditor(spec, self.desk, self._day)
        self.paid = TextEditor(fields.money("paid", _("Paid today")))
        self.method = self._choice("paid_method", _("How"))
        self.place = self._choice("place", _("Place"))
        self.note = TextEditor(fields.text("note", _("Note"), most=fields.NOTE_LETTERS))
        for name, editor in (
            ("date", self.date), ("start", self.start), ("diagnoses", self.diagnoses), ("paid", self.paid),
            ("note", self.note),
        ):  # fmt: skip
            editor.setObjectName(name)
            editor.setAccessibleName(editor.spec.label)
            editor.changed.connect(self._typed)
        self.date.left.connect(self._context_changed)
        for editor in (self.start, self.paid, self.diagnoses):
            editor.left.connect(self._show)
        self.diagnoses.changed.connect(self._context_changed)

    def _choice(self, name: str, text: str) -> ChoiceEditor:
        made = ChoiceEditor(fields.choice(name, text, lambda: self._options(name), 0))
        made.setObjectName(name)
        made.setAccessibleName(text)
        made.changed.connect(lambda: self._chose(name))
        return made

    def _lay_out(self) -> None:
        first = row(
            _labelled(_("Client"), self.client_box), _labelled(_("Date"), self.date),
            _labelled(_("Start"), self.start), _labelled(_("Provider"), self.provider), gap=12,
        )  # fmt: skip
        first.setStretch(0, 1)
        first.setStretch(3, 1)
        self.date_note = label("", Type.NOTE, "red")
        self.date_note.hide()
        self.last_words = Elided("", tint="second")
        self.same = Button(_("Same as last time"), icon="repeat", key="Ctrl+L")
        self.same.clicked.connect(lambda *_: self.same_as_last())
        self.last_title = label(_("Last time"), Type.TOTAL)
        inside = row(IconLabel("history", "text2", 18), self.last_title, self.last_words, self.same, gap=10)
        inside.setStretch(2, 1)
        self.last = framed("quiet", inside, (14, 9, 10, 9))
        self.trace = label("", wrap=True)
        trace = row(IconLabel("info-circle", "accent", 16), self.trace, gap=10)
        trace.setStretch(1, 1)
        self.trace_note = framed("quiet", trace, (14, 11, 14, 11))
        self.warning = label("", Type.EMPHASIS, "amber", wrap=True)
        warning = row(IconLabel("filled/alert-triangle", "amber", 16), self.warning, gap=10)
        warning.setStretch(1, 1)
        warned = column(warning, self.pairs, gap=10)
        self.warn_note = framed("warn", warned, (14, 11, 14, 11))
        self.source = label("", Type.LABEL, "second")
        self.tags = QHBoxLayout()
        self.tags.setSpacing(8)
        stands_on = [
            row(_labelled(_("Bill to"), self.policy), _labelled(_("Referral"), self.referral), gap=12),
            row(_labelled(_("Authorization"), self.authorization), _labelled(_("Case"), self.case), gap=12),
            row(_labelled(_("Status"), self.status), _labelled(_("Place"), self.place), gap=12),
        ]
        for pair in stands_on[:2]:
            pair.setStretch(0, 1)
            pair.setStretch(1, 1)
        stands_on[2].setStretch(1, 1)
        paid = row(_labelled(_("Paid today"), self.paid), _labelled(_("How"), self.method), None, gap=12)
        self.week = WeekRepeat()
        words_label = label(_("Diagnoses"), Type.LABEL, "second")
        words_label.setBuddy(self.diagnoses)
        diagnoses = column(row(words_label, self.source, None, gap=6), self.diagnoses, gap=5)
        self.setLayout(
            column(
                column(first, self.date_note, gap=4), self.last, self.lines,
                self.trace_note, self.warn_note, self.week, diagnoses, self.tags,
                *stands_on, paid,
                _labelled(_("Note"), self.note), None, gap=14, margins=(theme.MARGIN, 16, 16, 16),
            )
        )  # fmt: skip
        chain: list[QWidget] = [self.client_box, self.date, self.start, self.provider, self.same]
        chain += [cell for cell in self.lines.rows[0].cells]
        for first_widget, next_widget in pairwise(chain):
            QWidget.setTabOrder(first_widget, next_widget)

    @property
    def client(self) -> Client | None:
        """Whose session it is."""
        return self.context.client

    # What may be chosen

    def _options(self, name: str) -> list[tuple[Any, str]]:
        if name == "status":
            return list(words.VISIT.items())
        if name == "paid_method":
            return [("", ""), ("card", _("Card")), ("cash", _("Cash")), ("check", _("Check")), ("other", _("Other"))]
        if name == "place":
            mixed = [(_MIXED, _("as on each line"))] if len(self._places()) > 1 else []
            return [*mixed, *((code, f"{code} {words_of}") for code, words_of in codes.PLACES_OF_SERVICE.items())]
        if name == "provider_id":
            return [(one.id, words.provider(one)) for one in self.context.providers]
        return [(None, _("the client, directly") if name == "policy_id" else _("none")), *self._of_client(name)]

    def _of_client(self, name: str) -> list[tuple[Any, str]]:
        if name == "policy_id":
            return [(one.id, self.context.payers[one.payer_id].name) for one in self.context.policies]
        if name == "referral_id":
            return [
                (one.id, _("{name}, {date}").format(name=_doctor(one), date=date_text(one.written)))
                for one in self.context.referrals
            ]
        if name == "authorization_id":
            return [(one.id, one.number) for one in self.context.authorizations]
        return [(one.id, one.name or words.CASE[one.kind]) for one in self.context.cases]

    def _find_clients(self, text: str) -> list[Hit]:
        with self.desk.read() as s:
            found = clients.find(s, text, limit=8)
        return [
            Hit(one.id, one.name, " · ".join(p for p in (date_text(one.birth_date), one.payer or _("self-pay")) if p))
            for one in found
        ]

    # Loading

    def load(self, visit: Visit) -> None:
        """Show a session; it counts as unchanged."""
        self._loading = True
        self.visit = visit
        self.context = visit_context.read(self.desk, visit.client_id)
        self._therapist_day = _NO_DAY
        self.client_box.setText(words.person(self.client) if self.client else "")
        for editor in (self.date, self.start, self.diagnoses, self.paid, self.note):
            editor.load(getattr(visit, editor.spec.name))
        for chooser in self._choosers():
            chooser.load(getattr(visit, chooser.spec.name))
        self.place.load(_MIXED if len(self._places()) > 1 else next(iter(self._places()), OFFICE))
        self.lines.load(visit.lines, self._prices(), self._letters())
        self._loading = False
        self._show()
        self._base = self._typed_values()

    def _places(self) -> set[str]:
        return {line.place for line in self.visit.lines}

    def _choosers(self) -> tuple[ChoiceEditor, ...]:
        return (
            self.provider, self.status, self.policy, self.referral, self.authorization, self.case, self.method,
        )  # fmt: skip

    def blank(self, client_id: int = 0) -> Visit:
        """A session to begin with: today, the first provider, and what the client's sessions stand on."""
        context = visit_context.read(self.desk, client_id)
        first = next((one.id for one in context.providers if not one.archived), None)
        fresh = Visit(date=self.desk.today(), provider_id=context.own_provider or first or 0)
        return context.preset(fresh, self.desk.today()) if client_id else fresh

    def take_client(self, client_id: int) -> None:
        """This client's session: policy, referral, authorization, case and diagnoses of the date come along."""
        fresh = replace(self.visit, date=self.typed_date(), lines=())
        base = self._base
        self.load(visit_context.read(self.desk, client_id).preset(fresh, self.desk.today()))
        self._base = base
        self.client_changed.emit()
        self.edited.emit()
        self.lines.begin()

    def same_as_last(self) -> None:
        """Lines, minutes and diagnoses of last time."""
        last = self.context.last(self.visit.id)
        if last is None:
            return
        if not self.diagnoses.text().strip():
            self.diagnoses.load(last.diagnoses)
        copied = [replace(line, id=None) for line in last.lines]
        if len({line.place for line in copied}) == 1:
            self.place.load(copied[0].place)
        self.lines.load(copied, self._prices(), self._letters())
        self._typed()
        if self.lines.rows:
            self.lines.rows[0].minutes.setFocus(Qt.FocusReason.OtherFocusReason)
            self.lines.rows[0].minutes.selectAll()

    # Reading

    def _typed_values(self) -> object:
        texts = [editor.text() for editor in self._texts()]
        used = [line for line in self.lines.rows if line.used]
        cells = [[*(cell.text() for cell in line.cells), line.line.separate_region] for line in used]
        chosen = [one.value() for one in (*self._choosers(), self.place)]
        return self.client.id if self.client else None, texts, cells, chosen

    def state(self) -> dict[str, Any]:
        """What is typed, as JSON can hold it."""
        return {
            "id": self.visit.id, "client": self.client.id if self.client else 0,
            "texts": {editor.spec.name: editor.text() for editor in self._texts()},
            "choices": {one.spec.name: one.value() for one in (*self._choosers(), self.place)},
            "lines": self.lines.state(),
        }  # fmt: skip

    def retype(self, state: Mapping[str, Any]) -> None:
        """Type again what `state` answered, into the session that is loaded; it counts as changed."""
        if state["client"] and (self.client is None or self.client.id != state["client"]):
            self.take_client(state["client"])
        self._loading = True
        for editor in self._texts():
            editor.setText(state["texts"][editor.spec.name])
        for one in (*self._choosers(), self.place):
            one.load(state["choices"][one.spec.name])
        self.lines.retype(state["lines"], self.visit.lines, self._prices(), self._letters())
        self._loading = False
        self._typed()

    def _texts(self) -> tuple[TextEditor, ...]:
        return self.date, self.start, self.diagnoses, self.paid, self.note

    @property
    def changed(self) -> bool:
        """Whether anything differs from what was loaded."""
        return self._typed_values() != self._base

    def typed_date(self) -> dt.date | None:
        """The date as far as it can be read."""
        try:
            found = self.date.value()
        except InputError:
            return None
        assert found is None or isinstance(found, dt.date)
        return found

    def _day(self) -> dt.date:
        """The day by which codes are judged."""
        return self.typed_date() or self.desk.today()

    def _letters(self) -> str:
        try:
            return LETTERS[: len(self.diagnoses.value())]
        except InputError:
            return self.lines.letters if hasattr(self, "lines") else ""

    def _prices(self) -> Prices:
        return self.context.prices(self.policy.value(), self.typed_date())

    def draft(self) -> Visit:
        """The session as typed. Raises InputError for what cannot be read."""
        values = {e.spec.name: e.value() for e in (self.date, self.start, self.diagnoses, self.paid, self.note)}
        values |= {chooser.spec.name: chooser.value() for chooser in self._choosers()}
        lines, place = self.lines.lines(), self.place.value()
        if place != _MIXED:
            lines = tuple(replace(line, place=place) for line in lines)
        hands_on = sum(line.minutes for line in lines)
        minutes = self.visit.minutes if self.visit.id is not None or not hands_on else hands_on
        paid_on = self.visit.paid_on or values["date"] if values["paid"] else None
        client_id = self.client.id if self.client and self.client.id else 0
        return replace(self.visit, **values, client_id=client_id, lines=lines, minutes=minutes, paid_on=paid_on)

    def missing(self) -> list[tuple[QWidget, Problem]]:
        """What stops saving, each with the control that mends it."""
        found: list[tuple[QWidget, Problem]] = []

        def stop(control: QWidget, text: str, field: str) -> None:
            found.append((control, block("visit.incomplete", text, field=field)))

        if self.client is None:
            stop(self.client_box, _("The session has no client. Type a name."), "client_id")
        for editor in (self.date, self.start, self.diagnoses, self.paid):
            try:
                value = editor.value()
            except InputError as error:
                stop(editor, f"{editor.spec.label}: {error}", editor.spec.name)
            else:
                if editor is self.date and value is None:
                    stop(editor, _("The session has no date. Type it, or t for today."), "date")
        if not self.provider.value():
            stop(self.provider, _("The session has no provider. Add one in Settings."), "provider_id")
        try:
            if not self.lines.lines():
                stop(self.lines.rows[0].code, _("The session has no service line. Type a code."), "lines")
        except InputError as error:
            stop(self.lines.rows[0].minutes, str(error), "lines")
        return found

    # Showing

    def _chose(self, name: str) -> None:
        if self._loading:
            return
        if name == "referral_id":
            chosen = self.context.referral(self.referral.value())
            if chosen is not None and chosen.diagnoses:
                self.diagnoses.load(chosen.diagnoses)
        self._context_changed()
        self._typed()

    def _context_changed(self) -> None:
        """Another date, payer or list of diagnoses: prices, units and letters follow."""
        if not self._loading:
            self.lines.set_prices(self._prices(), self._letters())
            self._show()

    def _typed(self) -> None:
        if not self._loading:
            self._show()
            self.edited.emit()

    def _show(self) -> None:
        self._show_misread()
        self._show_last()
        self.trace.setText(self.lines.trace)
        self.trace_note.setVisible(bool(self.lines.trace))
        warnings = self._warnings()
        self.warning.setText("\n".join(warnings))
        self._show_pairs()
        self.warn_note.setVisible(bool(warnings) or not self.pairs.isHidden())
        self._show_diagnoses()
        self._show_week()

    def _show_week(self) -> None:
        """A new session of a known client can be repeated in its week."""
        fresh = self.visit.id is None and self.client is not None
        taken = {other.date for other in self.context.visits if other.date and other.status is not VisitStatus.VOID}
        self.week.show_for(self.typed_date() if fresh else None, taken)

    def drafts(self) -> list[Visit]:
        """The session as typed, and its repetitions. Raises InputError for what cannot be read."""
        draft = self.draft()
        return [draft, *(self.context.repeated(draft, day, self.desk.today()) for day in self.week.days())]

    def _show_pairs(self) -> None:
        try:
            lines = self.lines.lines()
        except InputError:
            return
        policy = self.context.policy(self.policy.value())
        payer = self.context.payers.get(policy.payer_id) if policy is not None else None
        self.pairs.show_for(lines if policy is not None else (), self.typed_date(), payer)

    def _show_last(self) -> None:
        last = self.context.last(self.visit.id)
        self.last.setVisible(last is not None and not self.visit.lines)
        if last is not None:
            said = ", ".join(f"{line.code} ×{line.units}" for line in last.lines)
            charge = sum(line.charge for line in last.lines)
            minutes = sum(line.minutes for line in last.lines)
            self.last_title.setText(_("Last time, {date}").format(date=f"{last.date:%m/%d}" if last.date else ""))
            self.last_words.setText(
                _("{lines}, {minutes} min, {charge}").format(lines=said, minutes=minutes, charge=money_text(charge))
            )

    def _show_diagnoses(self) -> None:
        clear(self.tags)
        referral = self.context.referral(self.referral.value())
        try:
            typed = self.diagnoses.value()
        except InputError as error:
            self.source.setText("" if self.diagnoses.hasFocus() else str(error))
            return
        same = referral is not None and typed == referral.diagnoses and typed
        text = _("from {name}'s referral of {date}")
        told = text.format(name=_doctor(referral), date=date_text(referral.written)) if referral and same else ""
        self.source.setText(told)
        date = self._day()
        for letter, code in zip(LETTERS, typed, strict=False):
            self.tags.addWidget(_tag(letter, code, icd10.check(code, date).title))
        self.tags.addStretch(1)

    def _warnings(self) -> list[str]:
        """What the rules say about this session, once it has a line."""
        try:
            draft = self.draft()
        except InputError:
            return self._unreadable()
        said = [problem.message for problem in self.problems(draft)] if draft.lines else []
        if self.lines.tie:
            said.append(_("The remainders are equal. Choose which code gets the unit by typing its units."))
        return list(dict.fromkeys(said))

    def _unreadable(self) -> list[str]:
        """What cannot be read, once the cursor has left it; it stays as typed."""
        wrong = [(editor, _misread(editor)) for editor in (self.start, self.paid, self.diagnoses)]
        return [f"{editor.spec.label}: {told}" for editor, told in wrong if told] + self.lines.misread()

    def _show_misread(self) -> None:
        """Outline what cannot be read; the date says why below itself, as everything else stands on it."""
        for editor in (self.date, self.start, self.paid):
            tint(editor, "block" if _misread(editor) else "", "state")
        told = _misread(self.date)
        self.date_note.setText(told)
        self.date.setAccessibleDescription(told)
        self.date_note.setVisible(bool(told))
        self._lay_note()

    def _lay_note(self) -> None:
        self.date_note.setContentsMargins(max(0, self.date.x() - theme.MARGIN), 0, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the note below the date."""
        super().resizeEvent(event)
        self._lay_note()

    def problems(self, draft: Visit) -> list[Problem]:
        """What a payer would send back, and what is against the referral, the authorization and the benefits."""
        context, policy = self.context, self.context.policy(draft.policy_id)
        found = checks.check_visit(
            draft, today=self.desk.today(), icd=icd10, edits=ncci.edits, client=context.client, policy=policy,
            payer=context.payers.get(policy.payer_id) if policy is not None else None,
            provider=next((one for one in context.providers if one.id == draft.provider_id), None),
            case=next((one for one in context.cases if one.id == draft.case_id), None),
            referral=context.referral(draft.referral_id), authorization=context.authorization(draft.authorization_id),
            others=context.others(draft.id), meanwhile=self._given_on(draft.date, draft.provider_id),
            authorizations=context.authorizations, verifications=context.verifications, limits=context.limits,
        )  # fmt: skip
        return [problem for problem in found if problem.severity is not Severity.INFORM]

    def _given_on(self, date: dt.date | None, provider_id: int) -> Sequence[Visit]:
        """The therapist's sessions of that day with all clients; read once while day and therapist stay."""
        if date is None or not provider_id:
            return ()
        if self._therapist_day[:2] != (date, provider_id):
            with self.desk.read() as s:
                self._therapist_day = (date, provider_id, visits.given_on(s, date, provider_id))
        return self._therapist_day[2]

    def begin(self) -> None:
        """The cursor into the field one needs first."""
        if self.client is None:
            self.client_box.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.lines.begin()


def _misread(editor: TextEditor) -> str:
    """Why a field cannot be read, once the cursor has left it."""
    try:
        editor.value()
    except InputError as error:
        return "" if editor.hasFocus() else str(error)
    return ""


def _tag(letter: str, code: str, title: str) -> QWidget:
    """A lettered diagnosis: A M54.2 Cervicalgia."""
    shown = theme.metrics(Type.BODY).elidedText(title, Qt.TextElideMode.ElideRight, 210)
    letter_box = framed("itemchip", row(label(letter, Type.TOTAL)), (6, 1, 6, 1))
    made = framed(
        "card", row(letter_box, label(code, Type.EMPHASIS), label(shown, tint="second"), gap=8), (5, 4, 12, 4)
    )
    made.setSizePolicy(made.sizePolicy().Policy.Maximum, made.sizePolicy().Policy.Maximum)
    made.setToolTip(title if shown != title else "")
    return made


def _doctor(referral: Referral | None) -> str:
    return _("Dr. {name}").format(name=referral.last_name) if referral is not None else ""
