"""Paper: the same marks on a printer at true size, and pages of a PDF as pictures for screen and printer.

Full page, 100 %, no scaling: what is drawn in points lands in points, whatever margins the driver claims.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pypdfium2
from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QDialog, QWidget

from app import paths
from app.errors import UserError
from app.forms import guarded
from app.forms.layout import CHARACTER, Layout
from app.forms.marks import Mark
from app.i18n import _
from app.ui import theme

MM = 72 / 25.4
"""Points in a millimetre."""
_DPI = 300
_MARGIN = 18  # points, which nearly every printer leaves free


_FINE = 10
"""Values are set ten times as large and scaled down: fonts take whole pixels only."""


def form_font(layout: Layout) -> QFont:
    """The face of the values, `_FINE` times as large as on paper."""
    made = QFont(theme.FORM_FACE)
    made.setPixelSize(round(layout.font_size * _FINE))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def paint_marks(
    painter: QPainter, marks: Iterable[Mark], layout: Layout, scale: tuple[float, float] = (1.0, 1.0)
) -> None:
    """Write marks on a painter whose unit is the point, one character to a cell.

    `scale` moves the middles of the cells, from the top left corner; the characters stay as large as they are.
    """
    painter.save()
    half = CHARACTER * layout.font_size / 2
    painter.scale(1 / _FINE, 1 / _FINE)
    painter.setFont(form_font(layout))
    for mark in marks:
        down = layout.centre(mark.line) * scale[1] + layout.baseline_drop
        for at, sign in enumerate(mark.text):
            if sign != " ":
                across = (layout.glyph(mark.column + at) + half) * scale[0] - half
                painter.drawText(QPointF(across * _FINE, down * _FINE), sign)
    painter.restore()


_SOURCE = QPrinter.PaperSource
_SOURCES = {
    "": _SOURCE.Auto, "upper": _SOURCE.Upper, "middle": _SOURCE.Middle, "lower": _SOURCE.Lower,
    "manual": _SOURCE.Manual,
}  # fmt: skip
TRAYS = {
    "": _("as the printer chooses"), "upper": _("upper tray"), "middle": _("middle tray"), "lower": _("lower tray"),
    "manual": _("manual feed"),
}  # fmt: skip
"""Where red forms may lie, by the key that is kept."""


def printers() -> list[str]:
    """The printers of this computer, the one it uses by itself first."""
    usual = QPrinterInfo.defaultPrinterName()
    return sorted(QPrinterInfo.availablePrinterNames(), key=lambda name: (name != usual, name.casefold()))


def place_words(printer: str, tray: str) -> str:
    """A printer and its tray in words."""
    name = printer or _("Saved as PDF")
    return _("{printer}, {tray}").format(printer=name, tray=TRAYS[tray]) if TRAYS.get(tray) and tray else name


def choose(printer: QPrinter, name: str, tray: str) -> None:
    """Print on a printer of this computer, from one of its trays."""
    if name:
        printer.setPrinterName(name)
    if tray in _SOURCES:
        printer.setPaperSource(_SOURCES[tray])


def _quiet_printer() -> QPrinter:
    """A printer whose queue shows the program's name only, whatever is printed."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(paths.APP_NAME)
    printer.setCreator(paths.APP_NAME)
    return printer


def new_printer(name: str = "", tray: str = "") -> QPrinter:
    """A printer for letter paper, full page, no margins, at 100 %."""
    printer = _quiet_printer()
    choose(printer, name, tray)
    printer.setFullPage(True)
    printer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.Letter), QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0))
    )
    printer.setFullPage(True)
    return printer


class PrinterQuestion:
    """Which printer. Tests replace `ask`."""

    @staticmethod
    def ask(parent: QWidget, printer: QPrinter) -> bool:
        """The system's own dialog; True to print."""
        return QPrintDialog(printer, parent).exec() == QDialog.DialogCode.Accepted


class PrinterGoneError(UserError):
    """The printer does not answer: nothing was printed."""


def _begin(printer: QPrinter) -> QPainter:
    if not printer.fullPage():
        raise UserError(_("This printer does not print full pages."), _("Save the PDF and print it at 100 %."))
    painter = QPainter()
    if not printer.isValid() or not painter.begin(printer):
        raise PrinterGoneError(_gone(printer.printerName()), _("Look at it, or choose another printer."))
    painter.scale(printer.resolution() / 72, printer.resolution() / 72)
    return painter


def _gone(name: str) -> str:
    return _("{printer} does not answer.").format(printer=name) if name else _("The printer does not answer.")


def print_marks(
    printer: QPrinter,
    pages: Sequence[Sequence[Mark]],
    layout: Layout,
    *,
    dx_mm: float,
    dy_mm: float,
    scale: tuple[float, float] = (1.0, 1.0),
) -> None:
    """The data alone, for red forms: scaled, then moved right by `dx_mm` and down by `dy_mm`. Raises UserError."""
    painter = _begin(printer)
    try:
        painter.translate(dx_mm * MM, dy_mm * MM)
        painter.setPen(Qt.GlobalColor.black)
        for number, marks in enumerate(pages):
            if number:
                printer.newPage()
            paint_marks(painter, marks, layout, scale)
    finally:
        painter.end()


def print_pdf(printer: QPrinter, pdf: bytes, *, payers: bool = False) -> None:
    """A PDF's pages at true size. One that holds a payer's drawing is drawn by another process. Raises UserError."""
    images = payers_images(pdf, _DPI) if payers else page_images(pdf, _DPI)
    painter = _begin(printer)
    try:
        for number, image in enumerate(images):
            if number:
                printer.newPage()
            painter.drawImage(QRectF(0, 0, image.width() * 72 / _DPI, image.height() * 72 / _DPI), image)
    finally:
        painter.end()


def print_pictures(printer: QPrinter, pictures: Iterable[QImage]) -> int:
    """A picture a sheet, as large as fits, upright; answers how many. For any thread. Raises UserError."""
    painter, count = _begin(printer), 0
    try:
        sheet = printer.pageLayout().fullRectPoints()
        room = QSizeF(sheet.width() - 2 * _MARGIN, sheet.height() - 2 * _MARGIN)
        for picture in pictures:
            if count:
                printer.newPage()
            size = QSizeF(picture.size()).scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
            painter.drawImage(QRectF(QPointF(_MARGIN, _MARGIN), size), picture)
            count += 1
    finally:
        painter.end()
    return count


def page_images(pdf: bytes, dpi: float) -> list[QImage]:
    """The pages of a PDF as pictures, with the paper white."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        images = []
        for page in document:
            bitmap = page.render(scale=dpi / 72, rev_byteorder=True, prefer_bgrx=True)
            picture = QImage(
                bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_RGBX8888
            ).copy()
            picture.setDotsPerMeterX(round(dpi / 0.0254))
            picture.setDotsPerMeterY(round(dpi / 0.0254))
            images.append(picture)
            page.close()
        return images
    finally:
        document.close()


def payers_images(pdf: bytes, dpi: int) -> list[QImage]:
    """The same of a PDF that holds a payer's drawing. Raises UserError."""
    images = []
    for picture in guarded.pictures(pdf, dpi):
        grey = QImage.Format.Format_Grayscale8
        image = QImage(picture.pixels, picture.width, picture.height, picture.width, grey).copy()
        image.setDotsPerMeterX(round(dpi / 0.0254))
        image.setDotsPerMeterY(round(dpi / 0.0254))
        images.append(image)
    return images
