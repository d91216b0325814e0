"""Pages as large as they will be on paper, before they are printed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QDialog, QLabel, QWidget

from app.i18n import _
from app.ui.controls import Button, column, label, panel, row, rule, scrolled
from app.ui.theme import Type


class PagePreview(QDialog):
    """The pages one below the other, at true size on this screen."""

    def __init__(self, parent: QWidget | None, title: str, pages: Sequence[QImage]) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Superbill Desk"))
        self.setModal(True)
        inside = column(gap=18, margins=(18, 18, 18, 18))
        ratio = self.devicePixelRatioF()
        self.sheets: list[QLabel] = []
        for number, page in enumerate(pages, 1):
            sheet = QLabel()
            picture = QPixmap.fromImage(page)
            picture.setDevicePixelRatio(ratio)
            sheet.setPixmap(picture)
            sheet.setFixedSize(picture.deviceIndependentSize().toSize())
            sheet.setAccessibleName(_("Page {n} of {count}").format(n=number, count=len(pages)))
            inside.addWidget(sheet, 0, Qt.AlignmentFlag.AlignHCenter)
            self.sheets.append(sheet)
        close = Button(_("Close"), "filled")
        close.clicked.connect(lambda *_: self.accept())
        words = label(_("As large as on paper: hold a sheet against the screen."), tint="second")
        head = row(column(label(title, Type.LIST_TITLE), words, gap=2), None, close, margins=(24, 14, 24, 14))
        self.setLayout(column(head, rule(), scrolled(panel("desk", inside), "desk"), gap=0))
        room = self.screen().availableSize()
        self.resize(min(room.width() - 80, 940), min(room.height() - 80, 900))
        close.setFocus(Qt.FocusReason.OtherFocusReason)

    @classmethod
    def show_pages(cls, parent: QWidget, title: str, pages: Sequence[QImage]) -> None:
        """Show them until closed. Tests replace it."""
        cls(parent, title, pages).exec()


def dots_per_inch(widget: QWidget) -> int:
    """The picture's dots in an inch of the screen on which `widget` is."""
    return round(widget.screen().physicalDotsPerInch() * widget.devicePixelRatioF())
