"""A scan on the screen: one page as a picture, as wide as there is room, read in another process when it is wanted."""

from __future__ import annotations

from collections.abc import Iterator

import shiboken6
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.billing.records import Paper
from app.forms import guarded
from app.forms.scans import ScanPage
from app.i18n import _
from app.store import papers
from app.ui import theme
from app.ui.controls import IconButton, label, row
from app.ui.desk import Desk
from app.ui.page import expected
from app.ui.tasks import Progress
from app.ui.theme import Type, color

_DPI = 110
_EDGE = 12


def image(page: ScanPage) -> QImage:
    """The pixels as a picture of their own."""
    return QImage(page.pixels, page.width, page.height, 3 * page.width, QImage.Format.Format_RGB888).copy()


def images(content: bytes, paper: Paper, dpi: int, progress: Progress) -> Iterator[QImage]:
    """Every page, one after the other, until the work is cancelled. Raises InputError."""
    number, pages = 0, 1
    while number < pages and progress.goes_on(_("Printing the scan"), number, pages if number else 0):
        page = guarded.scan_page(content, paper.media_type, number, dpi)
        number, pages = number + 1, page.pages
        yield image(page)


class PaperView(QWidget):
    """The page in front. `turning` are its buttons and words, for whoever shows them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.paper: Paper | None = None
        self.number, self.pages = 0, 1
        self.picture: QImage | None = None
        self.told = ""
        self._wanted = 0
        self.setObjectName("desk")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.earlier = IconButton("chevron-left", _("Previous page"), key="Alt+PgUp")
        self.later = IconButton("chevron-right", _("Next page"), key="Alt+PgDown")
        self.words = label("", Type.BODY, "second")
        self.turning = QWidget()
        self.turning.setLayout(row(self.earlier, self.words, self.later, gap=6))
        for button, key, step in ((self.earlier, "Alt+PgUp", -1), (self.later, "Alt+PgDown", 1)):
            button.clicked.connect(lambda *_, step=step: self.turn(step))
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setWhatsThis(button.accessibleName())
            shortcut.activated.connect(lambda step=step: self.turn(step))
        self._fit()

    def show_paper(self, paper: Paper | None) -> None:
        """Another scan, from its first page; read when this is on the screen."""
        if paper is not None and self.paper is not None and paper.sha256 == self.paper.sha256:
            self.paper = paper
            return
        self.paper, self.number, self.pages, self.picture = paper, 0, 1, None
        self._wanted += 1
        if self.isVisible():
            self._read()
        self._tell(_("Reading the scan") if paper else "")

    def showEvent(self, event: QShowEvent) -> None:
        """Now it is wanted."""
        super().showEvent(event)
        if self.picture is None and self.paper is not None:
            self._read()

    def turn(self, step: int) -> None:
        """Another page."""
        if self.paper is not None and 0 <= self.number + step < self.pages:
            self.number += step
            self._read()

    def _read(self) -> None:
        self._wanted += 1
        wanted, paper, number = self._wanted, self.paper, self.number
        assert paper is not None
        clinic, dpi = self.desk.clinic, round(_DPI * self.devicePixelRatioF())

        def read() -> ScanPage:
            with clinic.read() as s:
                content = papers.content(s, paper.sha256)
            return guarded.scan_page(content, paper.media_type, number, dpi)

        def done(page: ScanPage) -> None:
            if shiboken6.isValid(self) and wanted == self._wanted:
                self.picture, self.pages = image(page), page.pages
                self._tell("")

        def failed(error: BaseException) -> None:
            told = expected(error)
            if shiboken6.isValid(self) and wanted == self._wanted:
                self.picture = None
                self._tell(told)

        self.desk.run_task(read, done=done, failed=failed)

    def _tell(self, words: str) -> None:
        self.told = words
        page = _("Page {n} of {count}").format(n=self.number + 1, count=self.pages)
        name = self.paper.name if self.paper else ""
        self.setAccessibleName(_("Scan: {name}").format(name=name))
        self.setAccessibleDescription(words or page)
        self.words.setText(page)
        for button, there in ((self.earlier, self.number > 0), (self.later, self.number + 1 < self.pages)):
            button.setVisible(self.pages > 1)
            button.setEnabled(there)
        self._fit()
        self.update()

    def _box(self) -> QRectF:
        if self.picture is None:
            return QRectF()
        true = self.picture.width() / self.devicePixelRatioF()
        width = min(self.width() - 2 * _EDGE, true)
        height = width * self.picture.height() / max(self.picture.width(), 1)
        return QRectF((self.width() - width) / 2, _EDGE, width, height)

    def _fit(self) -> None:
        high = round(self._box().height()) + 2 * _EDGE if self.picture is not None else 120
        if high != self.height():
            self.setFixedHeight(high)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As wide as there is room."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """Something to begin with."""
        return QSize(480, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The page on its sheet, or why there is none."""
        look, painter = theme.tokens(), QPainter(self)
        painter.fillRect(self.rect(), color(look.sunken))
        if self.picture is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            box = self._box()
            painter.fillRect(box.adjusted(-1, -1, 1, 1), color(look.line))
            painter.drawImage(box, self.picture)
        else:
            painter.setFont(theme.font(Type.BODY))
            painter.setPen(color(look.text2))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()).adjusted(24, 12, -24, -12), int(flags), self.told)
        painter.end()
