"""The pages of the window, by the order of the rail, and those beside it.

Importing this imports the database and the libraries for paper: half a second, so it is done on another thread.
"""

from __future__ import annotations

from app.ui.calibration_page import CalibrationPage
from app.ui.claims_page import ClaimsPage
from app.ui.clients_page import ClientsPage
from app.ui.first_run_page import FirstRunPage
from app.ui.import_page import ImportPage
from app.ui.page import Page
from app.ui.payers_page import PayersPage
from app.ui.reports_page import ReportsPage
from app.ui.settings_page import SettingsPage
from app.ui.superbills_page import SuperbillsPage
from app.ui.today_page import TodayPage
from app.ui.visits_page import VisitsPage

RAIL: tuple[type[Page], ...] = (
    TodayPage, ClientsPage, VisitsPage, ClaimsPage, SuperbillsPage, PayersPage, ReportsPage, SettingsPage,
)  # fmt: skip
BESIDE: tuple[type[Page], ...] = (CalibrationPage, FirstRunPage, ImportPage)
