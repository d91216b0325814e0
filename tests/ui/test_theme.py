"""Colours can be read, icons are there, and one look differs from the other."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QImage, QPainter
from PySide6.QtWidgets import QApplication, QLabel

from app import paths
from app.ui import icons, theme
from app.ui.controls import Button, Chip
from app.ui.theme import DARK, LIGHT, Tokens, Type

SOURCES = Path(theme.__file__).parent


def contrast(first: str, second: str) -> float:
    def light(value: str) -> float:
        parts = [part / 255 for part in QColor(value).getRgb()[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((light(first), light(second)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_words_have_a_contrast_of_4_5_on_every_ground_they_stand_on(look: Tokens) -> None:
    grounds = (look.window, look.surface, look.rail, look.sunken, look.hover, look.soft)
    pairs = list(itertools.product((look.text, look.text2, look.text3, look.link), grounds))
    pairs += [(look.on_accent, look.accent), (look.on_accent, look.accent_hover), (look.on_soft, look.soft)]
    pairs += [(look.ink, look.paper), (look.form_caption, look.paper), (look.form_caption, look.form_shade)]
    pairs += [(look.mark, look.paper), (look.mark_warn, look.paper), (look.mark_block, look.paper)]
    for name in ("neutral", "blue", "green", "amber", "red"):
        tone = look.tone(name)
        pairs += [(tone.text, tone.ground), (tone.text, look.surface), (tone.text, look.window)]
    weak = {(ink, ground) for ink, ground in pairs if contrast(ink, ground) < 4.5}
    assert weak == set()
    assert contrast(look.edge, look.surface) >= 3 and contrast(look.accent, look.window) >= 3


def test_every_icon_that_is_asked_for_is_there_and_no_other() -> None:
    text = "".join(path.read_text("utf-8") for path in SOURCES.glob("*.py"))
    there = {
        p.stem if p.parent.name == "outline" else f"filled/{p.stem}" for p in paths.resource("icons").glob("*/*.svg")
    }
    asked = {name for name in there if f'"{name}"' in text}
    named = set(re.findall(r'icon\w*\s*=\s*"([\w/-]+)"', text)) | set(
        re.findall(r'Icon(?:Label|Button)\("([\w/-]+)"', text)
    )
    assert named <= there
    assert asked == there
    assert paths.resource("icons", "LICENSE").is_file()


def test_an_icon_takes_the_colour_it_is_asked_for(look: QApplication) -> None:
    image = QImage(24, 24, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    icons.paint(painter, "filled/alert-circle", "#9C2A14", 0, 0, 24)
    painter.end()
    assert image.pixelColor(5, 12).name().upper() == "#9C2A14"


def test_the_bundled_face_is_used_with_digits_of_one_width(look: QApplication) -> None:
    if theme.font(Type.BODY).family() == "Inter":
        assert QFontInfo(theme.font(Type.BODY)).family() == "Inter"
    figures = theme.metrics(Type.BODY, figures=True)
    assert {figures.horizontalAdvance(digit) for digit in "0123456789"} == {figures.horizontalAdvance("0")}
    assert QFontInfo(icons_font()).family() == theme.FORM_FACE


def icons_font():
    from app.forms import layout
    from app.ui import printing

    return printing.form_font(layout.load())


def test_controls_paint_in_the_look_that_is_in_force(look: QApplication, qtbot) -> None:
    button, chip, words = Button("Save", "filled", key="Ctrl+S"), Chip("Draft", "neutral", "pencil"), QLabel("x")
    for widget in (button, chip, words):
        qtbot.addWidget(widget)
        widget.resize(widget.sizeHint())
    for name, tokens in (("light", LIGHT), ("dark", DARK)):
        theme.apply(look, look=name)
        assert button.grab().toImage().pixelColor(6, 6).name().upper() == tokens.accent
        assert chip.grab().toImage().pixelColor(4, 11).name().upper() == tokens.neutral.ground
        assert words.palette().windowText().color().name().upper() == tokens.text


def test_enter_presses_the_button_that_has_the_focus(look: QApplication, qtbot) -> None:
    made = Button("Save")
    qtbot.addWidget(made)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
        with qtbot.waitSignal(made.clicked):
            qtbot.keyClick(made, key)


def test_letters_of_an_id_stay_letters(look: QApplication) -> None:
    """Inter would show the x of 6x4 as a multiplication sign."""
    assert all(theme.font(kind).featureValue(QFont.Tag("calt")) == 0 for kind in Type)


def test_a_button_shows_its_key_and_never_cuts_its_words(look: QApplication, qtbot) -> None:
    plain, keyed = Button("Save and next"), Button("Save and next", key="Ctrl+Return")
    for made in (plain, keyed):
        qtbot.addWidget(made)
    assert keyed.key == "Ctrl+Enter"
    assert (
        keyed.sizeHint().width()
        > plain.sizeHint().width()
        > theme.metrics(Type.EMPHASIS).horizontalAdvance("Save and next")
    )
    keyed.set_gate("Something blocks it.")
    assert keyed.toolTip() == "Something blocks it." and keyed.isEnabled()
