"""The steps of setting up a clinic, and which of them are done: told from what is kept, not from a list of ticks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtWidgets import QWidget

from app.i18n import _
from app.ui.controls import column, label
from app.ui.tabs import Stage
from app.ui.theme import Type

if TYPE_CHECKING:
    from app.ui.preferences import Preferences


class Step(NamedTuple):
    """A question group: what it is called, and why it is asked. An `optional` one can be left out for good."""

    key: str
    title: str
    why: str
    optional: bool = False


STEPS = (
    Step("where", _("Where"), _("One encrypted file on this computer holds all records.")),
    Step("password", _("Name and password"), _("Only the password or the recovery code opens the file.")),
    Step("code", _("Recovery code"), _("If the password is lost, nothing else opens the file.")),
    Step(
        "practice", _("Practice"),
        _("It stands on every claim (items 25, 32 and 33) and at the head of every superbill. Type it once, as the "
          "payers and the tax office know it."),
    ),
    Step(
        "provider", _("Therapist"),
        _("Every session is given by someone: items 24J and 31 name them. The name as it stands on the license."),
    ),
    Step(
        "fees", _("Fees"),
        _("A charge is the price of one unit times the units. These are the codes massage practices use most; type "
          "your prices, and leave empty what you do not offer."),
    ),
    Step(
        "payer", _("First payer"),
        _("Claims go to a payer, at the address on the back of the client's card. Its kind sets the habits of the "
          "form; what only the contract can tell stays open."), optional=True,
    ),
    Step(
        "printer", _("Printer"),
        _("Most payers want the red form, printed at 100 %. A printer that is lined up once prints into the middle "
          "of every box."), optional=True,
    ),
)  # fmt: skip
BEFORE = ("where", "password", "code")
"""The steps that make the clinic; whoever has one open has done them."""


def begin(preferences: Preferences, clinic: str) -> None:
    """From now on this clinic is being set up on this computer."""
    preferences.setup, preferences.setup_left_out = clinic, ""


def end(preferences: Preferences) -> None:
    """The guide is not offered any more."""
    preferences.setup = preferences.setup_left_out = ""


def leave_out(preferences: Preferences, key: str) -> None:
    """This step is not wanted."""
    preferences.setup_left_out = ",".join(dict.fromkeys([*left_out(preferences), key]))


def left_out(preferences: Preferences) -> list[str]:
    """The steps that are not wanted."""
    return [key for key in preferences.setup_left_out.split(",") if key]


def done(s: Any, preferences: Preferences) -> list[str]:
    """The keys of the steps that are done or left out, in their order. `s` is a reading session."""
    from app.store import payers, practice

    clinic = practice.practice(s)
    wanted = (clinic.name, clinic.street, clinic.city, clinic.state, clinic.zip_code, clinic.phone, clinic.tax_id,
              clinic.npi)  # fmt: skip
    found = {
        "practice": all(wanted),
        "provider": any(each.last_name and each.npi for each in practice.providers(s)),
        "fees": any(fee.amount for schedule in payers.fee_schedules(s) for fee in schedule.fees),
        "payer": bool(payers.payers(s)),
        "printer": bool(preferences.claim_paper or preferences.alignments),
    }
    skipped = left_out(preferences)
    return [step.key for step in STEPS if step.key in BEFORE or found[step.key] or step.key in skipped]


class StepList(QWidget):
    """The steps on the left: which are done, which is in front."""

    def __init__(self, note: str = "") -> None:
        super().__init__()
        last = STEPS[-1].key
        self.stages = {
            step.key: Stage(number, step.title, last=step.key == last) for number, step in enumerate(STEPS, 1)
        }
        self.note = label(note, Type.NOTE, "second", wrap=True)
        self.setLayout(column(*self.stages.values(), 18, self.note, None, gap=0, margins=(24, 20, 16, 20)))
        self.setFixedWidth(max(232, *(stage.sizeHint().width() + 40 for stage in self.stages.values())))

    def show_steps(self, front: str, done_steps: Iterable[str], *, reachable: bool) -> None:
        """Which step is in front and which are done; with `reachable` those after the clinic is made can be gone to."""
        finished = set(done_steps)
        for key, stage in self.stages.items():
            state = "front" if key == front else "done" if key in finished else "later"
            stage.show_state(state, reachable=reachable)
            if key in BEFORE:
                stage.setEnabled(False)
