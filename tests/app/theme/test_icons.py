"""Every icon that the window asks for exists, is sharp, and has the colour of its token."""

import ast
import gc
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

import app
from app.theme import icons
from app.theme.theme import FAMILIES, Theme
from engine.layers.catalogue import layer_classes
from tests.tiers import noted


def inked(picture: QPixmap | QImage) -> set[str]:
    image = picture.toImage() if isinstance(picture, QPixmap) else picture
    return {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


def test_every_name_has_a_glyph(qapp: object) -> None:
    """No icon is empty, and none reaches out of its square."""
    for name in icons.GLYPHS:
        with noted(name):
            outline = icons._outline(name)
            assert not outline.isEmpty()
            box = outline.boundingRect()
            assert box.left() >= -0.1
            assert box.top() >= -0.1
            assert box.right() <= 24.1
            assert box.bottom() <= 24.1


def test_every_family_has_an_icon_of_its_own(qapp: object) -> None:
    """All families of the catalogue, and inputs and outputs, can be told apart by their icon."""
    families = {layer.family for layer in layer_classes().values()}
    assert families <= set(icons.GLYPHS)
    told = {*families, *FAMILIES, "Input", "Output"} - {"families_rest"}
    assert len({icons.GLYPHS[name] for name in told}) == len(told)


@pytest.mark.slow
def test_names_asked_for_in_the_program_are_in_the_table() -> None:
    """A misspelt name would be drawn as a question mark."""
    asked = {}
    for path in Path(app.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and _called(call) in (
                "icon",
                "icons.icon",
                "icons.pixmap",
            ):
                words = [word for word in call.args[1:2] if isinstance(word, ast.Constant)]
                asked.update({word.value: path.name for word in words})
    assert {name: where for name, where in asked.items() if name not in icons.GLYPHS} == {}


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func)


@pytest.mark.parametrize("side", [16, 20, 24, 40])
def test_pixmaps_have_the_size_asked_for(theme: Theme, side: int) -> None:
    """In the units of widgets, whatever the screen."""
    picture = icons.icon_pixmap(theme, "play", "text", side)
    assert picture.deviceIndependentSize().toSize() == QSize(side, side)


def test_icons_are_drawn_at_the_pixels_of_the_screen(theme: Theme) -> None:
    """At 200 % an icon has twice the pixels and is not blown up."""
    drawn = icons.icon(theme, "save").pixmap(QSize(16, 16), 2.0)
    assert drawn.size() == QSize(32, 32)
    assert drawn.devicePixelRatio() == 2.0


def test_icons_take_their_colour_from_the_theme_when_painted(theme: Theme) -> None:
    """An icon that a button keeps changes its colour with the theme."""
    kept = icons.icon(theme, "stop", "danger")
    assert inked(kept.pixmap(16, 16)) == {theme.color("danger").name()}
    theme.set_mode("light")
    assert inked(kept.pixmap(16, 16)) == {theme.color("danger").name()}
    copied = QIcon(kept)
    assert inked(copied.pixmap(16, 16, QIcon.Mode.Disabled)) == {theme.color("faint").name()}


@pytest.mark.slow
def test_icons_live_as_long_as_their_buttons(qtbot: QtBot, theme: Theme) -> None:
    """Qt keeps what paints an icon after Python has let go of it."""
    buttons = [QPushButton(icons.icon(theme, name), name) for name in icons.GLYPHS]
    for button in buttons:
        qtbot.addWidget(button)
    gc.collect()
    for button in buttons:
        button.setIcon(QIcon(button.icon()))
    gc.collect()
    blank = [button.text() for button in buttons if not inked(button.icon().pixmap(48, 48))]
    assert blank == []


def test_an_unknown_name_is_a_question_mark(theme: Theme) -> None:
    """A layer kind from elsewhere cannot stop the window."""
    unknown = icons.icon_pixmap(theme, "nonsense", "text", 16).toImage()
    assert unknown == icons.icon_pixmap(theme, "help", "text", 16).toImage()


def test_the_programs_own_mark_has_all_sizes(qapp: object) -> None:
    """From the title bar to the launcher, drawn at each size."""
    mark = icons.app_icon()
    assert {side.width() for side in mark.availableSizes()} == {16, 24, 32, 48, 64, 128, 256}
    drawn = mark.pixmap(QSize(64, 64), 1.0).toImage()
    assert len(inked(drawn)) > 20
    assert drawn.pixelColor(0, 0) == Qt.GlobalColor.transparent
