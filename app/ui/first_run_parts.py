"""Two steps of the guide that are more than a form of the settings: the first payer, and how claims get on paper."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from app.i18n import _
from app.store import payers
from app.ui import alignment, fields, printing
from app.ui.controls import Button, IconLabel, column, label, row, scrolled
from app.ui.desk import Desk
from app.ui.fields import labelled
from app.ui.payer_settings import payer_kind, spread
from app.ui.record_editor import Kind, RecordEditor
from app.ui.settings_group import Immediate

PAPERS = (
    ("overlay", _("on red forms bought from a printer's shop")),
    ("full", _("on plain paper, with the form drawn")),
    ("template", _("into the payer's own PDF")),
)


def first_payer_kind(desk: Desk) -> Kind:
    """The first payer by name, with who it is and where its mail goes; its habits come from its kind."""
    whole = payer_kind(desk)
    return replace(
        whole, own=False, remove=None, read=lambda s, owner: [spread(each) for each in payers.payers(s)[:1]],
        sections=lambda d, owner: whole.sections(d, owner)[:1],
    )  # fmt: skip


class FirstPayer(RecordEditor):
    """The form of a payer under the choice of its kind."""

    help_topic = "setup"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, first_payer_kind(desk))
        kinds = [(None, _("not chosen yet")), *((at, title) for at, (title, __) in enumerate(self.kind.starts))]
        self.preset = fields.chooser(fields.choice("preset", _("Kind of payer"), lambda: kinds, 320))
        self.preset.load(None)
        self.preset.changed.connect(self._chose_kind)
        held = QWidget()
        held.setMaximumWidth(784)
        held.setLayout(column(labelled(self.preset), margins=(24, 18, 0, 0)))
        whole = self.layout()
        assert whole is not None
        whole.removeWidget(self.area)
        whole.addWidget(held)
        whole.addWidget(self.area)
        self.show_of(0)
        self._show_kind()

    def _show_kind(self) -> None:
        """A payer that is kept has its habits; they are changed on its own page."""
        self.preset.setEnabled(self._shown is None or self._shown.id is None)

    def _chose_kind(self) -> None:
        """The habits of the kind, under what is typed already."""
        chosen = self.preset.value()
        if chosen is None:
            return
        typed = self.form.draft()
        self._show(self.kind.starts[chosen][1](0))
        for name in ("name", "street", "street2", "city", "state", "zip_code", "phone"):
            self.form.editor(name).load(getattr(typed, name))
        self._tell(fresh=True)
        self.edited.emit()

    def save(self) -> bool:
        """Keep it; its kind is settled then."""
        kept = super().save()
        self._show_kind()
        return kept


class PaperStep(Immediate):
    """On what claims print, on which printer, and whether that one is lined up. Each choice counts at once."""

    help_topic = "setup"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        kept = desk.preferences
        self.paper = fields.chooser(fields.choice("claim_paper", _("Claims are printed"), lambda: list(PAPERS), 380))
        known = [(name, name) for name in printing.printers()] or [("", _("none on this computer"))]
        self.printer = fields.chooser(fields.choice("red_printer", _("Printer"), lambda: known, 280))
        trays = [(key, words[:1].upper() + words[1:]) for key, words in printing.TRAYS.items()]
        self.tray = fields.chooser(fields.choice("red_tray", _("Tray with red forms"), lambda: trays, 220))
        self.paper.load(kept.claim_paper)
        self.printer.load(kept.red_printer or known[0][0])
        self.tray.load(kept.red_tray)
        for each in (self.paper, self.printer, self.tray):
            each.changed.connect(self._chosen)
        self.icon, self.state = IconLabel("check", "green"), label("", wrap=True)
        self.line_up = Button(_("Line it up now"), icon="printer")
        self.line_up.clicked.connect(lambda *_: self._line_up())
        later = label(_("Or later: the question comes again with the first claim."), tint="second", wrap=True)
        said = row(self.icon, self.state, gap=8)
        said.setStretch(1, 1)
        self._red = QWidget()
        self._red.setLayout(
            column(
                row(labelled(self.printer), labelled(self.tray), None, gap=12), said,
                row(self.line_up, later, gap=12), gap=14,
            )
        )  # fmt: skip
        self.told = label("", tint="second", wrap=True)
        held = QWidget()
        held.setMaximumWidth(760)
        held.setLayout(column(labelled(self.paper), self.told, self._red, gap=14))
        inside = QWidget()
        inside.setLayout(column(held, None, margins=(24, 18, 24, 18)))
        self.setLayout(column(scrolled(inside), gap=0))
        self._show_state()

    def _chosen(self) -> None:
        kept = self.desk.preferences
        kept.claim_paper = self.paper.value() or ""
        kept.red_printer, kept.red_tray = self.printer.value() or "", self.tray.value() or ""
        self._show_state()
        self.edited.emit()

    def reread(self) -> None:
        """It may have been lined up meanwhile."""
        self._show_state()

    def _show_state(self) -> None:
        paper = self.paper.value()
        self._red.setVisible(paper == "overlay")
        told = {
            "overlay": _(
                "Buy the form CMS-1500 (02/12). A copy of it on red paper is not read by the payers' scanners."
            ),
            "full": _("Right for your own files and for payers who say that they take it. Most want the red form."),
            "template": _("For payers who give out a PDF to fill in. It is chosen when the claim is saved."),
        }
        nothing = _("Nothing is chosen yet, so this step stays open. Today keeps the way back here.")
        self.told.setText(told.get(paper, nothing))
        aligned = alignment.of(self.desk.preferences, self.printer.value() or "", self.tray.value() or "")
        measured = aligned.measured is not None
        self.icon.show_icon("check" if measured else "filled/alert-triangle", "green" if measured else "amber")
        self.state.setText(_("{state}.").format(state=alignment.state_words(aligned)))

    def _line_up(self) -> None:
        self._chosen()
        self.desk.go("calibration", ("setup", self.printer.value() or "", self.tray.value() or ""))

    def focus_field(self, name: str) -> None:
        """The first choice."""
        self.paper.setFocus()
