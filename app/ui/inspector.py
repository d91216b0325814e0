"""Beside the form: the chosen box in full, why it holds what it holds, a value by hand; then the claim's problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import paperwork
from app.billing import claims as rules
from app.billing import waivers
from app.billing.problems import Problem, Severity
from app.billing.records import ClaimBundle
from app.billing.roles import Action
from app.forms.by_hand import Change
from app.forms.cms1500 import ClaimPage
from app.i18n import _, date_text
from app.ui import fields, theme, words
from app.ui.claim_compare import Difference
from app.ui.controls import (
    Button,
    Flow,
    IconButton,
    IconLabel,
    KeyCap,
    clear,
    column,
    figure,
    framed,
    label,
    row,
    rule,
    scrolled,
)
from app.ui.desk import Desk
from app.ui.form_sheet import Sheet, Stop
from app.ui.hand_editor import HandEditor, part_of, spoken, value_key, value_of
from app.ui.problems_panel import LOOKS
from app.ui.theme import Type


@dataclass(frozen=True)
class Open:
    """A claim as it is shown: its records, its paper, why each item holds what it holds, what is wrong."""

    bundle: ClaimBundle
    paper: paperwork.Sheet
    reasons: Sequence[ClaimPage]
    problems: Sequence[Problem]

    @property
    def changeable(self) -> bool:
        """Whether values may still be put in by hand."""
        claim = self.bundle.claim
        return claim.issued is None and claim.status not in rules.FINISHED

    def may_pass(self, problem: Problem) -> bool:
        """Whether a reason lets a blocking problem pass; never what the paper cannot hold."""
        return self.changeable and waivers.may_pass(problem) and problem not in self.paper.problems

    def passed(self, problem: Problem) -> bool:
        """Whether it was let pass."""
        place = (problem.code, problem.item, problem.record)
        return any((each.code, each.item, each.record) == place for each in self.bundle.waivers)


def source_name(bundle: ClaimBundle, record: str) -> str:
    """A record in words: "Referral of 08/13/2026"."""
    table, __, key = record.partition(":")
    plain = {
        "claim": _("This claim"), "practice": _("The practice"), "provider": words.provider(bundle.provider),
        "client": words.person(bundle.client), "payer": bundle.payer.name, "visit": _("The session"),
        "service_line": _("The session's line"),
    }  # fmt: skip
    if table == "policy":
        second = bundle.secondary is not None and str(bundle.secondary.id) == key
        payer = bundle.secondary_payer if second else bundle.payer
        return _("Policy with {payer}").format(payer=payer.name if payer else "")
    if table == "referral" and bundle.referral is not None:
        return _("Referral of {date}").format(date=date_text(bundle.referral.written))
    if table == "authorization" and bundle.authorization is not None:
        return _("Authorization {number}").format(number=bundle.authorization.number)
    if table == "case" and bundle.case is not None:
        return _("Case: {name}").format(name=bundle.case.name or words.CASE[bundle.case.kind])
    return plain.get(table, "")


def _shown_item(stop: Stop) -> str:
    """`24F, line 2`."""
    number, line = (*stop.item.split("."), "")[:2]
    return f"{number}, {_('line {n}').format(n=line)}" if line else number


class _ByHand(QWidget):
    """What was changed by hand in the chosen box, what the rules say, and the way back."""

    def __init__(self) -> None:
        super().__init__()
        self.words = label("", wrap=True)
        self.own = label("", Type.NOTE, "second", wrap=True)
        self.reset = Button(_("Reset"), icon="arrow-back-up", small=True)
        text = column(label(_("Changed by hand"), Type.TOTAL), self.words, self.own, row(self.reset, None), gap=5)
        line = row(IconLabel("pencil", "accent", 16), text, gap=9)
        line.setAlignment(line.itemAt(0).widget(), Qt.AlignmentFlag.AlignTop)  # type: ignore[union-attr, arg-type]
        line.setStretch(1, 1)
        self.setLayout(column(framed("quiet", line, (12, 10, 12, 10)), gap=0))

    def show_change(self, change: Change | None, *, changeable: bool) -> None:
        """The change in place, if there is one."""
        self.setVisible(change is not None)
        if change is None:
            return
        whom = _("for every claim to this payer") if change.kept_for == "payer" else _("for this claim")
        self.words.setText(_("{reason} ({whom})").format(reason=change.reason, whom=whom))
        self.own.setText(_("The rules say: {value}").format(value=spoken(change.own)))
        self.reset.setVisible(changeable)


class _Reason(QWidget):
    """Asks why a blocking problem may pass."""

    given = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.reason = fields.TextEditor(fields.text("pass_reason", _("Reason, required")))
        self.reason.setAccessibleName(_("Reason to print anyway"))
        self.reason.help_topic = "override"
        self.told = label("", Type.NOTE, "red", wrap=True)
        self.told.hide()
        self.pass_button = Button(_("Print anyway"), small=True)
        self.cancel_button = Button(_("Cancel"), "quiet", small=True)
        self.pass_button.clicked.connect(lambda *_: self.give())
        self.cancel_button.clicked.connect(lambda *_: self.hide())
        head = label(self.reason.spec.label, Type.LABEL, "second")
        head.setBuddy(self.reason)
        self.setLayout(
            column(head, self.reason, self.told, row(self.pass_button, self.cancel_button, None), gap=5)
        )  # fmt: skip
        self.hide()

    def ask(self) -> None:
        """Come up, with the cursor in the field."""
        self.show()
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def give(self) -> None:
        """Hand the reason on; without one, say so."""
        if self.reason.text().strip():
            self.given.emit(self.reason.text())
        else:
            self.told.setText(_("There is no reason. Say why, so that the next reader understands it."))
            self.told.show()
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)


class Inspector(QWidget):
    """340 wide: the chosen box in full, then the problems of the claim."""

    stepped = Signal(int)
    asked_source = Signal(str, str)
    asked_problem = Signal(object)
    asked_override = Signal()
    asked_reset = Signal(object)
    asked_pass = Signal(object, str)
    asked_block = Signal(object)
    asked_box = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.setFixedWidth(340)
        self.setObjectName("pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.where: tuple[str, str] = ("", "")
        self.key = ""
        self.change: Change | None = None
        self.differences: Mapping[str, Difference] | None = None
        """Against the paid claim, by the key of the box; None while the claim is looked at alone."""
        self._make_parts(desk)
        self._lay_out()

    def _make_parts(self, desk: Desk) -> None:
        self.item, self.name = label("", Type.LABEL), label("", Type.LIST_TITLE, wrap=True)
        self.item_box = framed("itemchip", row(self.item), (7, 3, 7, 3))
        self.before, self.after = IconButton("chevron-left", _("Previous box")), IconButton("chevron-right", _("Next"))
        self.before.clicked.connect(lambda *_: self.stepped.emit(-1))
        self.after.clicked.connect(lambda *_: self.stepped.emit(1))
        self.value, self.room = label("", wrap=True), figure("", Type.NOTE, "second")
        face = QFont(theme.FORM_FACE)
        face.setPixelSize(15)
        self.value.setFont(face)
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.then_words = label(_("On the paid claim"), Type.LABEL, "second")
        self.then = label("", tint="second", wrap=True)
        self.then.setFont(face)
        self.source = Button("", "link", icon="file-certificate")
        self.source.clicked.connect(lambda *_: self.asked_source.emit(*self.where))
        self.why, self.rule_source = label("", wrap=True), label("", Type.NOTE, "third", wrap=True)
        self.also = label("", wrap=True)
        self.by_hand = _ByHand()
        self.by_hand.reset.clicked.connect(lambda *_: self.asked_reset.emit(self.change))
        self.override_button = Button(_("Override"), icon="pencil", key="F2", small=True)
        self.override_button.clicked.connect(lambda *_: self.asked_override.emit())
        self.fixed = label("", Type.NOTE, "second", wrap=True)
        self.hand = HandEditor(desk)
        self.problems = QVBoxLayout()
        self.problems.setSpacing(10)
        self._problems_head = label(_("Problems"), Type.SECTION)
        self._problems_count = label("", tint="second")
        self.payer_head = label(_("What this payer did before"), Type.SECTION)
        self.payer_words = label("", tint="second", wrap=True)

    def _lay_out(self) -> None:
        value = row(self.value, self.room, gap=10)
        value.setStretch(0, 1)
        self._parts = [
            (label(_("Comes from"), Type.LABEL, "second"), self.source),
            (label(_("Why"), Type.LABEL, "second"), self.why),
            (label(_("Also from here"), Type.LABEL, "second"), self.also),
        ]
        head = row(self.item_box, self.name, self.before, self.after, gap=8)
        head.setStretch(1, 1)
        top = column(
            head,
            column(self.then_words, self.then, gap=3),
            framed("quiet", value, (12, 9, 12, 9)),
            self.by_hand,
            self.hand,
            gap=12,
            margins=(18, 14, 14, 12),
        )
        details = column(gap=3, margins=(18, 0, 18, 14))
        for title, widget in self._parts:
            details.addSpacing(4)
            details.addWidget(title)
            details.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft if widget is self.source else Qt.AlignmentFlag(0))
            if widget is self.why:
                details.addWidget(self.rule_source)
        details.addSpacing(8)
        details.addLayout(row(self.override_button, None))
        details.addWidget(self.fixed)
        listed = column(row(self._problems_head, self._problems_count, None), self.problems, gap=10)
        inside = QWidget()
        below = column(gap=0, margins=(18, 14, 18, 14))
        below.addLayout(listed)
        before = column(self.payer_head, self.payer_words, gap=6, margins=(18, 14, 18, 16))
        self._before_rule = rule()
        inside.setLayout(column(top, details, rule(), below, self._before_rule, before, None, gap=0))
        keys = (("Tab", _("next box")), ("F2", _("override")), ("F8", _("next problem")))
        told = [part for key, words_of in keys for part in (KeyCap(key), label(words_of, Type.NOTE, "second"))]
        foot = column(Flow(told, high=18, gap=6), gap=0, margins=(18, 8, 12, 8))
        self.area = scrolled(inside, "surface")
        self.setLayout(column(self.area, rule(), foot, gap=0))

    def show_stop(self, stop: Stop | None, sheet: Sheet, page: ClaimPage, shown: Open) -> None:
        """What stands in a box, where it comes from and why."""
        if stop is None:
            return
        self.item.setText(_shown_item(stop))
        self.name.setText(stop.label)
        text = sheet.text(stop)
        self.value.setText(text or _("empty"))
        plain = [box for box in stop.boxes if box.kind != "mark"]
        used = len(text.replace("  ", " "))
        room = _("{used} of {room}").format(used=used, room=sum(box.width for box in plain))
        self.room.setText(room if text and len(plain) == 1 else "")
        differs = (self.differences or {}).get(stop.key)
        self.then.setText(differs.then or _("empty") if differs else "")
        self.then.setVisible(differs is not None)
        self.then_words.setVisible(differs is not None)
        reason = page.reason(stop.boxes[0].key)
        self.where = (reason.record, reason.field) if reason else ("", "")
        name = source_name(shown.bundle, reason.record) if reason else ""
        self.source.setText(name)
        self.source.updateGeometry()
        self.why.setText(reason.rule if reason else _("Nothing is known for this box; it stays blank."))
        self.rule_source.setText(reason.source if reason else "")
        same = [s for s in sheet.sources if sheet.sources[s] == sheet.sources.get(stop.key, "") and s != stop.key]
        items = list(dict.fromkeys(key.split(".")[0] for key in same))
        self.also.setText(", ".join(items[:14]))
        self._show_hand(stop, page, shown)
        told = {self.source: bool(name), self.why: self.change is None, self.also: bool(items)}
        for title, widget in self._parts:
            title.setVisible(told[widget])
            widget.setVisible(told[widget])
        self.rule_source.setVisible(self.change is None)

    def _show_hand(self, stop: Stop, page: ClaimPage, shown: Open) -> None:
        """Whether the box was changed by hand, and whether it may be."""
        here = value_key(stop)
        self.key = value_key(stop, page.first)
        self.change = page.changes.get(here)
        self.by_hand.show_change(self.change, changeable=shown.changeable)
        past_end = here.startswith("24.") and int(here.split(".")[1]) > len(page.values.get("24", ()))
        self.override_button.setVisible(not past_end and shown.bundle.claim.status not in rules.FINISHED)
        issued = shown.bundle.claim.issued is not None
        said = _("The claim is issued: what stands on it stays. Make a corrected claim, and change that one.")
        self.fixed.setText(said if issued else _("No session stands on this line.") if past_end else "")
        self.fixed.setVisible(bool(self.fixed.text()))
        self.override_button.set_gate(self.desk.refusal(Action.OVERRULE) or (said if issued else ""))
        self.override_button.setEnabled(not issued)

    def open_hand(self, stop: Stop, page: ClaimPage) -> None:
        """The fields to put another value into the chosen box."""
        change = self.change
        self.hand.open_for(
            self.key, value_of(page.values, value_key(stop)), change.reason if change else "",
            for_payer=change is not None and change.kept_for == "payer", part=part_of(stop),
        )  # fmt: skip
        self.override_button.hide()
        self.area.ensureWidgetVisible(self.hand)

    # Beside the claim

    def show_answers(self, sentences: Sequence[str]) -> None:
        """How the payer answered before; nothing where it never did."""
        self.payer_words.setText("\n".join(sentences))
        for part in (self.payer_head, self.payer_words, self._before_rule):
            part.setVisible(bool(sentences))

    def show_differences(self, found: Sequence[Difference]) -> None:
        """The boxes that differ from the paid claim, in place of the problems."""
        clear(self.problems)
        self._problems_head.setText(_("Differences"))
        self._problems_count.setText(str(len(found)) if found else _("none"))
        for each in found:
            button = Button(f"{_shown_item(each.stop)}  {each.stop.label}", "link")
            button.clicked.connect(lambda *_, each=each: self.asked_box.emit(each.stop))
            then = _("before: {text}").format(text=each.then or _("empty"))
            now = _("now: {text}").format(text=each.now or _("empty"))
            told = column(row(button, None), label(then, Type.NOTE, "second", wrap=True), gap=1)
            told.addWidget(label(now, Type.NOTE, wrap=True))
            self.problems.addLayout(told)

    # Problems

    def show_problems(self, shown: Open) -> None:
        """The claim's problems, blocking first."""
        clear(self.problems)
        self._problems_head.setText(_("Problems"))
        problems = shown.problems
        blocking = sum(1 for problem in problems if problem.severity is Severity.BLOCK)
        if problems:
            said = _("{n} to look at, {blocking} block") if blocking else _("{n} to look at, none blocks")
            self._problems_count.setText(said.format(n=len(problems), blocking=blocking))
        else:
            self._problems_count.setText(_("none"))
        for problem in problems:
            icon, ink = LOOKS[problem.severity]
            line = row(IconLabel(icon, ink, 18), self._told(problem, shown), gap=10)
            line.setAlignment(line.itemAt(0).widget(), Qt.AlignmentFlag.AlignTop)  # type: ignore[union-attr, arg-type]
            line.setStretch(1, 1)
            self.problems.addLayout(line)

    def _told(self, problem: Problem, shown: Open) -> QVBoxLayout:
        """A problem's sentence with what can be done about it."""
        where = Button(_("Item {item}").format(item=problem.item) if problem.item else _("Go there"), "link")
        where.clicked.connect(lambda *_: self.asked_problem.emit(problem))
        told = column(label(problem.message, wrap=True), row(where, None), gap=2)
        if shown.may_pass(problem):
            asked = Button(_("Print anyway with a reason…"), "link")
            reason = _Reason()
            asked.clicked.connect(lambda *_: reason.ask())
            reason.given.connect(lambda text: self.asked_pass.emit(problem, text))
            told.addLayout(row(asked, None))
            told.addWidget(reason)
        elif shown.changeable and shown.passed(problem):
            again = Button(_("Let it block again"), "link")
            again.clicked.connect(lambda *_: self.asked_block.emit(problem))
            told.addLayout(row(again, None))
        return told
