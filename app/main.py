"""The window's composition root: log, look, window; then, after the first picture, the clinic.

Nothing at the top of this module or of what it imports may load SQLAlchemy or reportlab: that takes longer than the
first picture does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from app import log, paths, viewing
from app.errors import UserError
from app.ui.crash_dialog import CrashDialog
from app.ui.desk import Desk
from app.ui.lock import Locker
from app.ui.look_settings import wear
from app.ui.main_window import MainWindow, load_pages
from app.ui.page import expected
from app.ui.preferences import Preferences
from app.ui.single import Doorbell, raise_other

_FIRST_PAUSE = 800
"""Milliseconds that the first page has for itself before the others are made."""


def make_window(clinic_path: Path | None = None, password: str | None = None) -> MainWindow:
    """The window, not yet shown. Once painted it opens `clinic_path`, at once where the password is given."""
    preferences = Preferences()
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    wear(preferences)
    window = MainWindow(Desk(preferences))
    window.painted.connect(lambda: _warm_up(window.desk))
    window.keeper.watch()
    if clinic_path is not None:
        window.welcome.ask_password(clinic_path)
        if password is not None:
            window.painted.connect(lambda: window.welcome.open(password))
    return window


def paint_once() -> int:
    """Paint the first window off the screen, for the self-test; answers how many colours it has."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setStyle("Fusion")
    window = make_window()
    window.painted.disconnect()  # nothing is loaded ahead for nobody
    window.show()
    app.processEvents()
    picture = window.grab().toImage().scaled(200, 125)
    window.close()
    window.desk.preferences.settings.sync()  # or it is written later, into a folder that is removed by then
    return len({picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())})


def _warm_up(desk: Desk) -> None:
    """Load the pages, and make the search file of diagnoses, while a password is typed."""

    def work() -> None:
        from app.store import icd10

        load_pages()
        icd10.book()

    desk.run_task(work, done=lambda nothing: None, failed=lambda error: desk.fail(expected(error)))


def _check_audit(desk: Desk) -> None:
    from app.ui import audit_settings

    audit_settings.check_at_start(desk)


_running: list[object] = []


def _seen_by_installer() -> object:
    """On Windows, a named mark by which the installer sees that the program runs; its name is in windows.iss."""
    if sys.platform == "win32":
        import ctypes

        return ctypes.windll.kernel32.CreateMutexW(None, False, "SuperbillDesk")
    return None


def _last_clinic() -> Path | None:
    last = Preferences().clinic
    return Path(last) if last else None


def _answer_the_door(window: MainWindow, wanted: Path | None) -> None:
    """A second start for the clinic that is open here, or asked for, brings this window to the front."""
    bell = Doorbell(window)
    bell.listen(wanted)
    window.opened.connect(lambda: bell.listen(window.desk.clinic.path))
    bell.rang.connect(window.come_forward)


def run_window(clinic_path: Path | None = None, password: str | None = None, *, locked: bool = False) -> int:
    """Show the window until it is closed; answers the exit status. `locked`: it takes the place of one that locked."""
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(sys.argv[:1])
    app.setApplicationName(paths.APP_NAME)
    app.setDesktopFileName("superbill-desk")
    app.setWindowIcon(QIcon(str(paths.resource("mark.svg"))))
    app.setStyle("Fusion")
    _running.append(_seen_by_installer())
    log.start(paths.log_dir())
    viewing.empty()
    app.aboutToQuit.connect(viewing.empty)
    wanted = clinic_path or _last_clinic()
    if not locked and raise_other(wanted):
        return 0
    window = make_window(clinic_path, password)
    _answer_the_door(window, wanted)
    Locker(window).watch()
    window.opened.connect(lambda: _check_audit(window.desk))
    window.opened.connect(lambda: QTimer.singleShot(_FIRST_PAUSE, window, window.make_ahead))
    if locked:
        window.welcome.say_locked()

    def show(error: BaseException) -> None:
        if isinstance(error, UserError):
            window.desk.fail(str(error))
        else:
            CrashDialog.ask(window, error)

    log.on_uncaught(show)
    window.show()
    return app.exec()
