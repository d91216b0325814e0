"""Claims: all of them on a board or in a list, building from unbilled sessions, the claim that is open, blank forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.billing.problems import Problem
from app.billing.roles import Action
from app.i18n import _
from app.ui.blank_forms import BlankForms, FormEditor
from app.ui.build_claims import BuildClaims
from app.ui.claim_steps import StepEditor
from app.ui.claim_view import ClaimView
from app.ui.claims_overview import ClaimsOverview
from app.ui.controls import column
from app.ui.desk import Desk
from app.ui.dialogs import Leave, LeaveQuestion
from app.ui.page import LazyStack, Page


class ClaimsPage(Page):
    """The overview, the builder or one claim in front."""

    key = "claims"
    name = _("Claims")
    icon = "file-text"
    interests = frozenset(
        {"claim", "claim_line", "client", "policy", "payer", "provider", "practice", "referral", "authorization",
         "case", "visit", "service_line", "override", "waiver", "claim_event", "kept_filter",
         "typed_form"}
    )  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.overview = ClaimsOverview(desk)
        self.stack = LazyStack(
            {"overview": lambda: self.overview, "build": self._make_builder, "claim": self._make_view,
             "blank": self._make_blank}
        )  # fmt: skip
        self.stack.part("overview")
        self.setLayout(column(self.stack, gap=0))
        self.overview.opened.connect(self.open)
        self.overview.building.connect(lambda: self.open("build"))
        self.overview.typing.connect(lambda: self.open("blank"))

    def _make_builder(self) -> BuildClaims:
        made = BuildClaims(self.desk)
        made.closed.connect(self.show_list)
        made.built.connect(self._built)
        return made

    def _make_view(self) -> ClaimView:
        made = ClaimView(self.desk)
        made.closed.connect(self.show_list)
        made.problems_changed.connect(self.problems_changed.emit)
        return made

    def _make_blank(self) -> BlankForms:
        made = BlankForms(self.desk)
        made.closed.connect(self.show_list)
        made.problems_changed.connect(self.problems_changed.emit)
        return made

    def parts_ahead(self) -> Sequence[Callable[[], object]]:
        """The open claim, and what builds claims."""
        return [lambda: self.view, lambda: self.builder]

    @property
    def builder(self) -> BuildClaims:
        """What builds claims."""
        return cast(BuildClaims, self.stack.part("build"))

    @property
    def view(self) -> ClaimView:
        """The claim that is open."""
        return cast(ClaimView, self.stack.part("claim"))

    @property
    def blank(self) -> BlankForms:
        """The forms that are typed by hand."""
        return cast(BlankForms, self.stack.part("blank"))

    @property
    def front(self) -> QWidget | None:
        """The part in front."""
        return self.stack.currentWidget()

    @property
    def on_paper(self) -> ClaimView | ClaimsOverview | FormEditor | None:
        """What can be printed: the claim that is open, those that are ticked, or the form that is typed."""
        if self.stack.key == "blank":
            return self.blank.typed
        if self.stack.key == "claim":
            return self.view
        return self.overview if self.stack.key == "overview" else None

    def refresh(self) -> None:
        """Read anew what is in front, and the overview behind it."""
        self.overview.refresh()
        if self.stack.key == "build":
            self.builder.refresh()
        elif self.stack.key == "claim":
            self.view.reread()
        elif self.stack.key == "blank":
            self.blank.refresh()

    def show_list(self) -> None:
        """Back to all claims."""
        self.stack.bring("overview")
        self.problems_changed.emit()
        self.overview.begin()

    def _built(self, made: Sequence[Any]) -> None:
        if len(made) == 1:
            self.open(made[0].id)
        else:
            self.show_list()

    # The window's commands

    def open(self, target: object) -> None:
        """A claim's id, "list", "build", "blank" for a form to type, ("of-client", id) to build a client's at once, or
        (table, id, field)."""
        if not self.leave():
            return
        if target == "list":
            self.show_list()
        elif _makes_claims(target) and not self.desk.allows(Action.CLAIMS):
            return
        elif target == "build":
            self.builder.refresh()
            self.stack.bring("build")
            self.builder.begin()
        elif target == "blank":
            self.stack.bring("blank")
            self.blank.new()
        elif isinstance(target, tuple) and target[0] == "of-client":
            self.builder.refresh()
            self.builder.build_for(target[1])
        elif isinstance(target, (int, tuple)):
            claim_id = target if isinstance(target, int) else target[1]
            self.stack.bring("claim")
            self.view.show_claim(claim_id)
        self.problems_changed.emit()

    def draft(self) -> Any:
        """A form that is typed by hand; what is asked about a claim takes a moment to type again."""
        return self.blank.typed.draft() if self.stack.key == "blank" and self.blank.typed is not None else None

    def restore(self, draft: Any) -> None:
        """Type it again."""
        self.stack.bring("blank")
        self.blank.retype(draft)

    def problems(self) -> Sequence[Problem]:
        """Those of the open claim, or of the form that is typed."""
        if self.stack.key == "blank":
            return self.blank.problems()
        shown = self.view.open if self.stack.key == "claim" else None
        return shown.problems if shown is not None else ()

    def focus_field(self, problem: Problem) -> bool:
        """The box of the open claim, or of the form that is typed."""
        if self.stack.key == "blank":
            return self.blank.go_to(problem)
        return self.stack.key == "claim" and bool(problem.item) and self.view.show_problem(problem)

    def print_out(self) -> None:
        """The open claim, those that are ticked, or the form that is typed."""
        if self.on_paper is not None:
            self.on_paper.print_out()

    def save_pdf(self) -> None:
        """The open claim, those that are ticked, or the form that is typed."""
        if self.on_paper is not None:
            self.on_paper.save_pdf()

    def save(self) -> None:
        """What is being typed: a value by hand, or the next step of a claim."""
        editor = self._asking()
        if editor is not None:
            editor.keep()
        elif self.stack.key == "claim" and self.view.inspector.hand.is_open:
            self.view.inspector.hand.keep()
        elif self.stack.key == "blank" and self.blank.typed is not None:
            self.blank.typed.save()

    def _asking(self) -> StepEditor | None:
        """The next step that is being typed."""
        if self.stack.key == "overview":
            return self.overview.asking()
        return self.view.asking() if self.stack.key == "claim" else None

    def leave(self) -> bool:
        """Ask about what is being typed."""
        editor = self._asking()
        if editor is not None:
            answer = LeaveQuestion.ask(self, _("the next step")) if editor.changed else Leave.DROP
            if answer is Leave.SAVE:
                editor.keep()
            elif answer is Leave.DROP:
                editor.close_editor()
            if editor.is_open:
                return False
        if self.stack.key == "blank":
            return self.blank.leave()
        return self.stack.key != "claim" or self.view.leave()

    def back(self) -> None:
        """Close what is being typed, else to all claims."""
        if self.stack.key == "blank":
            self.blank.back()
            return
        closed = self.stack.key == "claim" and self.view.close_one()
        if not closed and not (self.stack.key == "overview" and self.overview.close_one()):
            self.show_list()

    def begin(self) -> None:
        """The cursor into what is in front."""
        if self.stack.key == "claim":
            self.view.sheet.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.stack.key == "overview":
            self.overview.begin()
        elif self.stack.key == "blank":
            self.blank.begin()
        else:
            self.builder.begin()


def _makes_claims(target: object) -> bool:
    return target in {"build", "blank"} or (isinstance(target, tuple) and target[0] == "of-client")
