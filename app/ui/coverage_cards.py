"""The right side of a session: its money, and what covers its date."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.billing import benefits, referrals
from app.billing.records import Authorization, Referral
from app.errors import InputError
from app.i18n import _, date_text, money_text, ngettext
from app.ui.controls import IconLabel, clear, column, figure, framed, label, row
from app.ui.theme import Type
from app.ui.visit_context import in_force
from app.ui.visit_form import VisitForm


class CoverageCards(QWidget):
    """The right side: money of this session, and what its date is covered by."""

    def __init__(self, form: VisitForm) -> None:
        super().__init__()
        self._form = form
        self.setFixedWidth(258)
        self._money, self._cover = QVBoxLayout(), QVBoxLayout()
        self._money.setSpacing(6)
        self._cover.setSpacing(10)
        self._cover_title = label("", Type.SECTION, wrap=True)
        money = framed("card", column(label(_("This session"), Type.SECTION), self._money, gap=10), (16, 14, 16, 14))
        cover = framed("card", column(self._cover_title, self._cover, gap=12), (16, 14, 16, 14))
        self.setLayout(column(money, cover, None, gap=12, margins=(0, 16, 24, 16)))
        form.edited.connect(self.show_now)

    def show_now(self) -> None:
        """Work both cards out anew."""
        clear(self._money)
        clear(self._cover)
        form = self._form
        charge = form.lines.charge()
        policy = form.context.policy(form.policy.value())
        self._sum(_("Charge"), charge)
        share = self._share(charge)
        if share is not None:
            self._sum(_("Client's share, expected"), share.client)
        elif policy is not None and policy.copay:
            self._sum(_("Client's share, copay"), policy.copay)
        try:
            paid = form.paid.value()
        except InputError:
            paid = 0
        self._sum(_("Paid today"), paid)
        due = share.client if share is not None else policy.copay if policy is not None else charge
        if due - paid > 0:
            self._sum(_("Client owes"), due - paid, strong=True)
        date = form.typed_date()
        self._cover_title.setText(_("Coverage on {date}").format(date=date_text(date)) if date else _("Coverage"))
        for icon, tone, title, second in self._facts():
            self._cover.addLayout(_fact(icon, tone, title, second))

    def _call(self) -> benefits.Verification | None:
        """The last call about the policy that is billed."""
        return benefits.newest(self._form.context.verifications, self._form.policy.value())

    def _share(self, charge: int) -> benefits.Share | None:
        """What the plan's answers make of this session; None where they do not say."""
        call, date = self._call(), self._form.typed_date()
        if call is None or date is None:
            return None
        return benefits.expected_share(call, charge, date, self._form.context.others(self._form.visit.id))

    def _benefits(self, date: dt.date) -> tuple[str, str, str, str]:
        """Whether the plan was asked, and whether its answers still count."""
        call = self._call()
        if call is None:
            return ("info-circle", "text2", _("Benefits not asked"), _("A call tells what a session costs."))
        due = benefits.due_on(call)
        if due is None or due <= date:
            return ("filled/alert-triangle", "amber", _("Ask about benefits again"),
                    _("last called {date}").format(date=date_text(call.called_on)))  # fmt: skip
        second = _("called {date}").format(date=date_text(call.called_on))
        if call.covers_massage is benefits.Answer.NO:
            return ("filled/alert-triangle", "amber", _("Massage not covered"), second)
        return ("filled/circle-check", "green", _("Benefits asked"), second)

    def _sum(self, text: str, cents: int, *, strong: bool = False) -> None:
        kind = Type.TOTAL if strong else Type.BODY
        line = row(label(text, kind, "" if strong else "second", wrap=True), figure(money_text(cents), kind))
        line.setStretch(0, 1)
        self._money.addLayout(line)

    def _facts(self) -> list[tuple[str, str, str, str]]:
        form, good, warn = self._form, ("filled/circle-check", "green"), ("filled/alert-triangle", "amber")
        date = form.typed_date()
        if form.client is None or date is None:
            first = _("Choose a client") if form.client is None else _("Type a date first")
            return [("info-circle", "text2", first, _("What covers the date shows here."))]
        facts = []
        policy = form.context.policy(form.policy.value())
        if policy is None:
            facts.append(
                ("info-circle", "text2", _("The client pays directly"), _("This session goes on a superbill."))
            )
        elif in_force(policy, date):
            facts.append((*good, _("Policy in force"), form.context.payers[policy.payer_id].name))
        else:
            facts.append((*warn, _("Policy not in force"), form.context.payers[policy.payer_id].name))
        for grant, name in (
            (form.context.referral(form.referral.value()), _("Referral")),
            (form.context.authorization(form.authorization.value()), _("Authorization")),
        ):
            if grant is not None:
                facts.append(self._grant(grant, name, date))
        if policy is not None:
            facts.append(self._benefits(date))
            signed = form.client.release_signed is not None
            facts.append((*(good if signed else warn), _("Release signed") if signed else _("No release on file"),
                          date_text(form.client.release_signed) if signed else _("item 12 stays blank")))  # fmt: skip
        return facts

    def _grant(self, grant: Referral | Authorization, name: str, date: dt.date) -> tuple[str, str, str, str]:
        account = referrals.ledger(grant, self._form.context.others(self._form.visit.id))
        left = account.visits_left
        ends = _("ends {date}").format(date=date_text(account.last)) if account.last else ""
        if not account.covers(date):
            return ("filled/alert-triangle", "amber", _("{name}: not on this date").format(name=name), ends)
        if left is None:
            return ("filled/circle-check", "green", _("{name} on file").format(name=name), ends)
        after = left - 1
        title = ngettext("{name}: {n} visit left after this", "{name}: {n} visits left after this", max(after, 0))
        used = _("{used} of {allowed} used").format(used=account.visits_used, allowed=account.visits_allowed)
        second = ", ".join(part for part in (used, ends) if part)
        look = ("filled/circle-check", "green") if after > 2 else ("filled/alert-triangle", "amber")
        if after < 0:
            return (*look, _("{name} is used up").format(name=name), second)
        return (*look, title.format(name=name, n=after), second)


def _fact(icon: str, ink: str, title: str, second: str) -> QHBoxLayout:
    words_part = column(label(title, Type.EMPHASIS, wrap=True), gap=2)
    if second:
        words_part.addWidget(label(second, Type.NOTE, "amber" if ink == "amber" else "second", wrap=True))
    line = row(IconLabel(icon, ink, 16), words_part, gap=9)
    line.setAlignment(line.itemAt(0).widget(), Qt.AlignmentFlag.AlignTop)  # type: ignore[union-attr, arg-type]
    line.setStretch(1, 1)
    return line
