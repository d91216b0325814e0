"""How the desk looks: tokens for light and dark, fonts, the palette and the style sheet made from them.

Painted controls ask `tokens()` and `font()` each time they paint, so a change of look needs no new widgets. Colours
are written into the sheet as hex: `palette(…)` in a sheet keeps its first value for ever.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication

from app import paths


@dataclass(frozen=True)
class Tone:
    """A state: the colour of its words and of the ground under them. Never without an icon or a word."""

    text: str
    ground: str


@dataclass(frozen=True)
class Tokens:
    """Every colour of one look, as hex."""

    dark: bool
    window: str
    surface: str
    rail: str
    sunken: str
    hover: str
    line: str
    edge: str
    text: str
    text2: str
    text3: str
    accent: str
    accent_hover: str
    on_accent: str
    soft: str
    on_soft: str
    link: str
    neutral: Tone
    blue: Tone
    green: Tone
    amber: Tone
    red: Tone
    paper: str
    form_caption: str
    form_rule: str
    form_shade: str
    ink: str = "#14202B"
    mark: str = "#0A6870"
    mark_warn: str = "#8A5300"
    mark_block: str = "#9C2A14"

    def tone(self, name: str) -> Tone:
        """The state tone called `name`: neutral, blue, green, amber or red."""
        found = getattr(self, name)
        assert isinstance(found, Tone)
        return found


LIGHT = Tokens(
    dark=False, window="#F6F5F1", surface="#FFFFFF", rail="#ECEAE4", sunken="#F1EFEA", hover="#F3F1EC",
    line="#E1DED6", edge="#8A867D", text="#1D2426", text2="#535B5D", text3="#5F6667",
    accent="#0A6870", accent_hover="#07545B", on_accent="#FFFFFF", soft="#DDEEEE", on_soft="#07474D", link="#0A6068",
    neutral=Tone("#4B5354", "#ECEAE5"), blue=Tone("#1A4E91", "#E2ECF8"), green=Tone("#1B5E3B", "#DFF0E5"),
    amber=Tone("#744C00", "#FBEDC0"), red=Tone("#9C2A14", "#FBE5DE"),
    paper="#FFFFFF", form_caption="#BF2C37", form_rule="#D06C73", form_shade="#FBE6E6",
)  # fmt: skip
DARK = Tokens(
    dark=True, window="#161A1B", surface="#1E2324", rail="#121516", sunken="#191D1E", hover="#242A2B",
    line="#31383A", edge="#7A8284", text="#E9E8E4", text2="#B0B6B6", text3="#9BA2A3",
    accent="#5CC0C4", accent_hover="#7BD0D3", on_accent="#06282B", soft="#1B3A3D", on_soft="#BFE8EA", link="#74CDD0",
    neutral=Tone("#C3C8C7", "#2C3233"), blue=Tone("#9DBFF8", "#1B2B4A"), green=Tone("#A6E6B8", "#16442A"),
    amber=Tone("#F2CC70", "#3D3008"), red=Tone("#FFA08C", "#4D1C16"),
    paper="#E9E5DF", form_caption="#A3222D", form_rule="#B25A61", form_shade="#E8D0CE",
)  # fmt: skip
WHITE_PAPER = replace(
    DARK, paper=LIGHT.paper, form_caption=LIGHT.form_caption, form_rule=LIGHT.form_rule, form_shade=LIGHT.form_shade
)
"""The dark look for those who want to see the form as it is on paper."""

# Space, radii and heights in logical pixels.
MARGIN, CARD_PADDING, CARD_GAP, FIELD_GAP, GROUP_GAP = 24, 16, 12, 12, 24
CHIP_RADIUS, RADIUS, CARD_RADIUS = 5, 6, 8
CONTROL, SMALL, ROW, TABLE_HEAD, TALL_ROW, HEADER, TOP_BAR, MESSAGE_BAR = 32, 30, 34, 32, 52, 72, 48, 34
RAIL_WIDE, RAIL_NARROW, NARROW_WINDOW = 200, 60, 1360


class Type(Enum):
    """The type scale: pixels at 100 % and weight."""

    FIGURE = (20, 600)
    TITLE = (20, 600)
    LIST_TITLE = (16, 600)
    SECTION = (14, 600)
    BODY = (13, 400)
    EMPHASIS = (13, 500)
    TOTAL = (13, 600)
    LABEL = (12, 500)
    NOTE = (12, 400)
    KEY = (11, 500)


class _State:
    """The look in force; one per process, like the application."""

    tokens = LIGHT
    scale = 1.0
    family = ""


def tokens() -> Tokens:
    """The colours in force."""
    return _State.tokens


def color(value: str) -> QColor:
    """A token as Qt's colour, cached."""
    return _color(value)


@cache
def _color(value: str) -> QColor:
    return QColor(value)


def font(kind: Type, *, figures: bool = False) -> QFont:
    """The font of a step of the scale; with `figures` all digits are as wide as each other."""
    return _font(kind, figures, _State.family, _State.scale)


@cache
def _font(kind: Type, figures: bool, family: str, scale: float) -> QFont:
    size, weight = kind.value
    made = QFont(family)
    made.setPixelSize(round((size + (1 if family == "Segoe UI" else 0)) * scale))
    made.setWeight(QFont.Weight(weight))
    made.setFeature(QFont.Tag("calt"), 0)  # Inter would show the letter x of a member id 6x4 as a multiplication sign
    if figures:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


def metrics(kind: Type, *, figures: bool = False) -> QFontMetricsF:
    """The metrics of `font`, cached with it."""
    return _metrics(kind, figures, _State.family, _State.scale)


@cache
def _metrics(kind: Type, figures: bool, family: str, scale: float) -> QFontMetricsF:
    return QFontMetricsF(_font(kind, figures, family, scale))


def scaled(pixels: int) -> int:
    """A height that holds lines of words, for the text size in force; it never shrinks."""
    return round(pixels * max(1.0, _State.scale))


FORM_FACE = "Courier Prime"


def load_fonts() -> None:
    """The face of the desk: the system's own where it is a good one, else the bundled Inter; and the form's face."""
    names = ["CourierPrime_400Regular.ttf"]
    _State.family = {"win32": "Segoe UI", "darwin": ".AppleSystemUIFont"}.get(sys.platform, "Inter")
    if _State.family == "Inter":
        names += ["Inter_400Regular.ttf", "Inter_500Medium.ttf", "Inter_600SemiBold.ttf"]
    for name in names:
        QFontDatabase.addApplicationFont(str(paths.resource("fonts", name)))


def apply(app: QApplication, *, look: str = "system", scale: float = 1.0, dim_paper: bool = True) -> None:
    """Set the look ("system", "light", "dark") and the text size for every window, those with words in them included.

    Without `dim_paper` forms are white in the dark look as well.
    """
    if not _State.family:
        app.setStyle("Fusion")
        load_fonts()
    hints = app.styleHints()
    if look == "system":
        hints.unsetColorScheme()
        dark = hints.colorScheme() is Qt.ColorScheme.Dark
    else:
        dark = look == "dark"
        hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
    _State.tokens = LIGHT if not dark else DARK if dim_paper else WHITE_PAPER
    before, _State.scale = _State.scale, scale
    app.setFont(font(Type.BODY))
    app.setPalette(_palette(_State.tokens))
    app.setStyleSheet(_sheet(_State.tokens))
    if before != scale:
        _resize_words(app, before)  # after the sheet, which gives widgets back the fonts that they had


def _resize_words(app: QApplication, before: float) -> None:
    """Widgets keep the font they were made with: give each of them the same step of the scale in its new size."""
    steps = {(_font(kind, False, _State.family, before).pixelSize(), kind.value[1]): kind for kind in Type}
    for widget in app.allWidgets():
        worn = widget.font()
        kind = steps.get((worn.pixelSize(), int(worn.weight())))
        if kind is not None and widget.testAttribute(Qt.WidgetAttribute.WA_SetFont):
            widget.setFont(font(kind, figures=worn.isFeatureSet(QFont.Tag("tnum"))))
            widget.updateGeometry()


def _palette(look: Tokens) -> QPalette:
    role = QPalette.ColorRole
    colors = {
        role.Window: look.window, role.WindowText: look.text, role.Base: look.surface, role.AlternateBase: look.sunken,
        role.Text: look.text, role.Button: look.surface, role.ButtonText: look.text, role.BrightText: look.on_accent,
        role.Light: look.surface, role.Midlight: look.hover, role.Mid: look.line, role.Dark: look.edge,
        role.Shadow: look.line, role.Highlight: look.soft, role.HighlightedText: look.on_soft, role.Link: look.link,
        role.LinkVisited: look.link, role.PlaceholderText: look.text3, role.ToolTipBase: look.text,
        role.ToolTipText: look.surface, role.Accent: look.accent,
    }  # fmt: skip
    palette = QPalette()
    for name, value in colors.items():
        palette.setColor(name, color(value))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, color(look.text3))
    return palette


_SHEET = """
QMainWindow, QDialog, QWidget#ground {{ background: {window}; }}
QWidget#bar {{ background: {rail}; }}
QWidget#pane, QScrollArea#pane, QWidget#surface {{ background: {surface}; }}
QWidget#desk {{ background: {sunken}; }}
QScrollArea {{ border: none; background: transparent; }}
QScrollArea > QWidget > QWidget#ground {{ background: {window}; }}
QFrame#card {{ background: {surface}; border: 1px solid {line}; border-radius: 8px; }}
QLineEdit#typedbox, QLineEdit#typedbox:focus {{
    background: {paper}; color: {ink}; border: none; border-radius: 0; padding: 0;
}}
QFrame#asking {{ background: {surface}; border: 2px solid {accent}; border-radius: 8px; }}
QListView#board {{ background: transparent; border: 2px solid transparent; border-radius: 8px; }}
QListView#board[over="true"] {{ border-color: {accent}; }}
QFrame#quiet {{ background: {rail}; border-radius: 8px; }}
QFrame#warn {{ background: {surface}; border: 1px solid {line}; border-left: 4px solid {amber}; border-radius: 8px;
    border-top-left-radius: 2px; border-bottom-left-radius: 2px; }}
QFrame#block {{ background: {surface}; border: 1px solid {line}; border-left: 4px solid {red}; border-radius: 8px;
    border-top-left-radius: 2px; border-bottom-left-radius: 2px; }}
QFrame#line {{ background: {line}; border: none; }}
QLabel {{ background: transparent; color: {text}; }}
QLabel[tint="second"] {{ color: {text2}; }}
QLabel[tint="third"] {{ color: {text3}; }}
QLabel[tint="red"] {{ color: {red}; }}
QLabel[tint="amber"] {{ color: {amber}; }}
QLabel[tint="green"] {{ color: {green}; }}
QLineEdit, QPlainTextEdit {{
    background: {surface}; color: {text}; border: 1px solid {edge}; border-radius: 6px; padding: 0 9px;
    selection-background-color: {accent}; selection-color: {on_accent};
}}
QPlainTextEdit {{ padding: 4px 5px; }}
QLineEdit:focus, QPlainTextEdit:focus {{ border: 2px solid {accent}; padding: 0 8px; }}
QPlainTextEdit:focus {{ padding: 3px 4px; }}
QLineEdit:read-only {{ background: {sunken}; border-color: {line}; }}
QLineEdit[state="block"] {{ border: 2px solid {red}; padding: 0 8px; }}
QLineEdit[state="warn"] {{ border: 2px solid {amber}; padding: 0 8px; }}
QLineEdit[faint="true"] {{ border-color: {line}; }}
QLineEdit[faint="true"]:focus {{ border-color: {accent}; }}
QMenuBar {{ background: transparent; color: {text2}; spacing: 2px; }}
QMenuBar::item {{ padding: 6px 9px; border-radius: 6px; background: transparent; }}
QMenuBar::item:selected, QMenuBar::item:pressed {{ background: {hover}; color: {text}; }}
QMenu {{ background: {surface}; color: {text}; border: 1px solid {line}; padding: 5px; }}
QMenu::item {{ padding: 6px 22px 6px 10px; border-radius: 5px; }}
QMenu::item:selected {{ background: {soft}; color: {on_soft}; }}
QMenu::item:disabled {{ color: {text3}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 5px 4px; }}
QMenu::icon {{ padding-left: 8px; }}
QToolTip {{ background: {text}; color: {surface}; border: none; padding: 5px 8px; }}
QAbstractItemView {{
    background: {surface}; color: {text}; border: none; outline: none;
    selection-background-color: {soft}; selection-color: {on_soft};
}}
QComboBox QAbstractItemView {{ border: 1px solid {line}; padding: 4px; }}
QComboBox QAbstractItemView::item {{ min-height: 28px; padding: 0 6px; border-radius: 5px; }}
QComboBox QAbstractItemView::item:selected {{ background: {soft}; color: {on_soft}; }}
QHeaderView {{ background: {surface}; border: none; }}
QHeaderView::section {{
    background: {surface}; color: {text2}; border: none; border-bottom: 1px solid {line}; padding: 0 12px;
}}
QFrame#itemchip {{ background: {soft}; border-radius: 5px; }}
QFrame#itemchip QLabel {{ color: {on_soft}; }}
QSplitter::handle {{ background: {line}; }}
QProgressBar {{ background: {line}; border: none; border-radius: 3px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {edge}; border: 3px solid transparent; border-radius: 6px; }}
QScrollBar::handle:vertical {{ min-height: 32px; margin: 2px 3px; border: none; border-radius: 3px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; margin: 3px 2px; border: none; border-radius: 3px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def _sheet(look: Tokens) -> str:
    values = {name: value for name, value in vars(look).items() if isinstance(value, str)}
    tones = {name: look.tone(name).text for name in ("neutral", "blue", "green", "amber", "red")}
    return _SHEET.format(**values, **tones)
