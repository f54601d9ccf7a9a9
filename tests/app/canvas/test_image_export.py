"""An exported picture shows all that is drawn, on the background that the canvas has."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from app.canvas.canvas import Canvas
from app.theme.theme import Theme, ThemeMode
from engine.graph.edits.frame_edits import add_frame, set_route
from tests.app.windows import posts

_MARGIN = 20  # logical pixels that are left free at least


@pytest.fixture(params=["dark", "light"])
def theme(request: pytest.FixtureRequest, qapp: object) -> Theme:
    mode: ThemeMode = request.param
    return Theme(mode)


@pytest.fixture
def canvas(qtbot, theme: Theme) -> Canvas:
    session = posts()
    names = [node.name for node in session.graph]
    session.edit("Frame", add_frame, names)
    session.edit("Bend", set_route, "posts", "words", "x", [[100, -400]])
    canvas = Canvas(session, theme)
    qtbot.addWidget(canvas)
    return canvas


def test_the_background_is_the_canvas_and_its_dots(canvas: Canvas, theme: Theme):
    image = canvas.image(1.0)
    ground, dot = theme.color("canvas"), theme.color("grid")
    seen = {image.pixel(x, y) for y in range(_MARGIN) for x in range(image.width())}
    assert ground.rgb() in seen
    assert len(seen) > 1, "there are dots"
    least, most = sorted((ground.lightness(), dot.lightness()))
    lights = {QColor(color).lightness() for color in seen}
    assert least - 1 <= min(lights)
    assert max(lights) <= most + 1


def test_a_frames_title_and_bent_wires_lie_inside_with_a_margin(canvas: Canvas):
    drawn = canvas.scene_sync.visible_items_rect()
    for item in (*canvas.scene_sync.frames, *canvas.scene_sync.wires.values()):
        assert drawn.contains(item.sceneBoundingRect())
    image = canvas.image(1.0)
    inside = QRectF(drawn).adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
    assert image.width() >= inside.width()
    assert image.height() >= inside.height()


def test_twice_the_scale_is_twice_the_dots(canvas: Canvas):
    once, twice = canvas.image(1.0), canvas.image(2.0)
    assert abs(twice.width() - 2 * once.width()) <= 1


@pytest.mark.parametrize("is_color_blind", [False, True])
def test_a_legend_lies_below_the_drawing_in_the_colors_of_its_families(
    canvas: Canvas, theme: Theme, is_color_blind: bool
):
    theme.color_blind = is_color_blind
    plain, image = canvas.image(1.0), canvas.image(1.0, "Posts")
    assert image.width() == plain.width()
    assert image.height() > plain.height() + 50
    above = image.copy(0, 0, plain.width(), plain.height() - _MARGIN)
    assert above == plain.copy(0, 0, plain.width(), plain.height() - _MARGIN)
    below = image.copy(0, plain.height(), image.width(), image.height() - plain.height())
    seen = {below.pixel(x, y) for x in range(below.width()) for y in range(below.height())}
    assert theme.family_color("conv").rgb() in seen
    assert theme.family_color("attention").rgb() not in seen


def test_no_selection_is_exported(canvas: Canvas):
    plain = canvas.image(1.0)
    session = canvas.context.session
    session.select([node.name for node in session.graph])
    assert canvas.image(1.0) == plain
    assert all(item.isSelected() for item in canvas.scene_sync.nodes.values())
    wire = next(iter(canvas.scene_sync.wires))
    canvas.context.select_wires({wire})
    assert canvas.image(1.0) == plain
    assert canvas.scene_sync.wires[wire].isSelected()
