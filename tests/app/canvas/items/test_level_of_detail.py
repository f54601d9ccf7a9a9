"""At every zoom at which something is written, it is legible, and lies on its node."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from app.canvas.drawing.text_fit import fonts, width_of
from app.canvas.items.frame_item import FrameItem
from app.canvas.items.level_of_detail import LEGIBLE, LEVELS, STEPS, afar_of, level_at
from app.canvas.items.node_layout import card_of
from app.canvas.items.node_view import Face, Slot
from app.canvas.view.viewer import OVERVIEW, Viewer
from tests.app.windows import opened, posts, settle

DENSE = Face(
    "hidden", "Dense", "dense", "64 units · relu", (Slot("x", None, "in"),), (Slot(""),),
    ("(batch, words, 64)",),
)  # fmt: skip
LONG = replace(DENSE, name="a_name_that_nobody_would_type" * 4, running_loss="0.41234567")
ZOOMS = [OVERVIEW + step * (1.2 - OVERVIEW) / 40 for step in range(41)] + [*STEPS]


def used(zoom: float, face: Face) -> list[str]:
    """Return the fonts that a node is written in at a zoom."""
    level = level_at(zoom)
    if level is None:
        return ["name", "caption", "label", "chip"]
    afar = afar_of(face, card_of(face), level)
    found = [level.name]
    if afar.caption:
        found.append(level.caption)
    return found + ([level.chip] if afar.chips or afar.pill else [])


@pytest.mark.parametrize("zoom", ZOOMS)
def test_no_letters_are_smaller_than_is_legible(qapp, zoom):
    for name in used(zoom, LONG):
        assert fonts()[name].pixelSize() * zoom >= LEGIBLE - 0.01, name


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "face", [DENSE, LONG, replace(LONG, collapsed=True), replace(DENSE, off=True)]
)
def test_what_is_written_larger_lies_on_the_node_and_apart(qapp, level, face):
    card = card_of(face)
    afar = afar_of(face, card, level)
    boxes = []
    for font, words in ((level.name, afar.name), (level.caption, afar.caption)):
        if words is not None:
            metrics = QFontMetricsF(fonts()[font])
            high = metrics.capHeight()
            wide = width_of(font, words.text)
            boxes.append(QRectF(words.at.x(), words.at.y() - high, wide, high))
            assert words.at.y() + metrics.descent() * 0.9 <= card.height
    boxes += [chip.box for chip in (*afar.chips, *([afar.pill] if afar.pill else ()))]
    for number, box in enumerate(boxes):
        assert card.box.adjusted(-1, -1, 1, 1).contains(box)
        assert not any(box.intersects(other) for other in boxes[:number])


def test_shapes_are_written_from_half_the_size_on(qapp):
    shown = [level for level in LEVELS if afar_of(DENSE, card_of(DENSE), level).chips]
    assert min(level.least for level in shown) == 0.5
    chip = afar_of(DENSE, card_of(DENSE), shown[-1]).chips[0]
    assert chip.words.text in ("(batch, words, 64)", "(words, 64)")


@pytest.mark.parametrize("collapsed", [False, True])
@pytest.mark.parametrize("zoom", [1.0, 0.6, 0.4, 0.3])
def test_a_frames_title_is_as_large_as_the_names(theme, collapsed, zoom):
    """Painted, it is higher on the picture than letters of nine pixels at least."""
    frame, other = FrameItem(theme, "HHH"), FrameItem(theme, "")
    pictures = []
    for item in (frame, other):
        item.set_state(item.title, "", collapsed, 2)
        item.fit(QRectF(0, 0, 400, 200))
        image = QImage(QSize(440, 280), QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        painter.scale(zoom, zoom)
        painter.translate(20, 20)
        item.paint(painter, None)
        painter.end()
        pictures.append(image)
    rows = [
        y
        for y in range(280)
        if any(pictures[0].pixel(x, y) != pictures[1].pixel(x, y) for x in range(440))
    ]
    capital = 0.7  # the share of a font's size that a capital letter is high
    assert rows[-1] - rows[0] + 1 >= int(LEGIBLE * capital)


@pytest.fixture
def viewer(theme, qtbot) -> Viewer:
    viewer = Viewer(theme)
    qtbot.addWidget(viewer)
    viewer.resize(800, 600)
    return viewer


@pytest.mark.parametrize("step", STEPS)
def test_fitting_takes_less_margin_where_more_is_legible_so(viewer, step):
    rect = QRectF(0, 0, 800 / step - 80, 300)
    viewer.fit(rect)
    assert viewer.zoom == step
    assert viewer.in_sight.contains(rect)


def test_fitting_leaves_a_margin_where_nothing_more_would_be_legible(viewer):
    rect = QRectF(0, 0, 1000, 300)
    viewer.fit(rect)
    assert viewer.zoom == pytest.approx(800 / 1120)


def test_all_that_is_drawn_is_in_sight_after_fitting(qtbot):
    with opened(qtbot, posts()) as window:
        canvas = window.tabs.canvas
        canvas.looking.fit()
        settle()
        inner = canvas.viewer.in_sight.adjusted(-2, -2, 2, 2)
        assert inner.contains(canvas.picture.drawn_rect())


OUTPUT = Face("gender", "Output", "io", "categorical_crossentropy", (Slot("x", None, "in"),))


@pytest.mark.parametrize("level", [level for level in LEVELS if not level.is_name_only])
@pytest.mark.parametrize("loss", ["0.2214", "12.34", "1,234.56", "1.23e-05", "98,765"])
def test_a_live_loss_has_fewer_digits_rather_than_dots(qapp, level, loss):
    face = replace(OUTPUT, running_loss=loss)
    for pill in (card_of(face).pill, afar_of(face, card_of(face), level).pill):
        assert pill is None or "…" not in pill.words.text
    near = card_of(face).pill
    assert near is not None
    assert float(near.words.text.replace(",", "")) == pytest.approx(
        float(loss.replace(",", "")), rel=0.05
    )


@pytest.mark.parametrize("level", [level for level in LEVELS if not level.is_name_only])
def test_of_a_second_line_whole_parts_are_left_out(qapp, level):
    for face in (DENSE, OUTPUT, replace(OUTPUT, running_loss="0.2214")):
        caption = afar_of(face, card_of(face), level).caption
        assert caption is not None
        assert "…" not in caption.text
        assert caption.text.startswith(face.kind)


def test_a_loss_that_does_not_run_leaves_its_room_to_the_second_line(qapp):
    assert card_of(OUTPUT).caption.text == "Output · categorical_crossentropy"
