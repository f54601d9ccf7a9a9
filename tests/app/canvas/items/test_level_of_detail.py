"""At every zoom at which something is written, it is legible, and lies on its node."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from app.canvas.drawing.text_fit import fonts, text_width, wrap_name
from app.canvas.items.frame_item import FrameItem
from app.canvas.items.level_of_detail import (
    DETAIL_LEVELS,
    DETAIL_ZOOMS,
    MIN_FONT_PIXELS,
    detail_level_at,
    reduced_layout,
)
from app.canvas.items.node_item import NodeItem
from app.canvas.items.node_layout import NodeLayout
from app.canvas.items.node_view import NodeViewModel, PortSlot
from app.canvas.view.viewer import BULK_PAINT_ZOOM, CanvasViewer
from tests.app.windows import opened, posts, settle
from tests.tiers import noted

DENSE = NodeViewModel(
    "hidden", "Dense", "dense", "64 units · relu", (PortSlot("x", None, "in"),), (PortSlot(""),),
    ("(batch, words, 64)",),
)  # fmt: skip
LONG = replace(DENSE, name="a_name_that_nobody_would_type" * 4, live_loss="0.41234567")
ZOOMS = [BULK_PAINT_ZOOM + step * (1.2 - BULK_PAINT_ZOOM) / 40 for step in range(41)] + [
    *DETAIL_ZOOMS
]


def used(zoom: float, face: NodeViewModel) -> list[str]:
    """Return the fonts that a node is written in at a zoom."""
    level = detail_level_at(zoom)
    if level is None:
        return ["name", "caption", "label", "chip"]
    afar = reduced_layout(face, NodeLayout(face), level)
    found = [level.name_font]
    if afar.caption:
        found.append(level.caption_font)
    return found + ([level.chip_font] if afar.chips or afar.pill else [])


def test_no_letters_are_smaller_than_is_legible(qapp):
    for zoom in ZOOMS:
        with noted(zoom):
            for name in used(zoom, LONG):
                assert fonts()[name].pixelSize() * zoom >= MIN_FONT_PIXELS - 0.01, name


@pytest.mark.parametrize("level", DETAIL_LEVELS)
@pytest.mark.parametrize(
    "face", [DENSE, LONG, replace(LONG, collapsed=True), replace(DENSE, off=True)]
)
def test_what_is_written_larger_lies_on_the_node_and_apart(qapp, level, face):
    card = NodeLayout(face)
    afar = reduced_layout(face, card, level)
    boxes = []
    lines = [(level.name_font, line) for line in afar.name]
    lines += [(level.caption_font, afar.caption), (level.chip_font, afar.shape)]
    for font, words in lines:
        if words is not None:
            metrics = QFontMetricsF(fonts()[font])
            high = metrics.capHeight()
            wide = text_width(font, words.text)
            boxes.append(QRectF(words.position.x(), words.position.y() - high, wide, high))
            ink = metrics.tightBoundingRect(words.text)
            assert words.position.y() + ink.bottom() <= card.height + 1
    boxes += [chip.box for chip in (*afar.chips, *([afar.pill] if afar.pill else ()))]
    for number, box in enumerate(boxes):
        assert card.box.adjusted(-1, -1, 1, 1).contains(box)
        assert not any(box.intersects(other) for other in boxes[:number])


def test_shapes_are_written_from_half_the_size_on(qapp):
    shown = [
        level for level in DETAIL_LEVELS if reduced_layout(DENSE, NodeLayout(DENSE), level).chips
    ]
    assert min(level.min_zoom for level in shown) == 0.5
    chip = reduced_layout(DENSE, NodeLayout(DENSE), shown[-1]).chips[0]
    assert chip.text.text in ("(batch, words, 64)", "(words, 64)")


@pytest.mark.parametrize("collapsed", [False, True])
@pytest.mark.parametrize("zoom", [1.0, 0.6, 0.4, 0.3])
def test_a_frames_title_is_as_large_as_the_names(theme, collapsed, zoom):
    """Painted, it is higher on the picture than letters of nine pixels at least."""
    frame, other = FrameItem(theme, "HHH"), FrameItem(theme, "")
    pictures = []
    for item in (frame, other):
        item.set_state(item.title, "", collapsed, 2)
        item.fit_to(QRectF(0, 0, 400, 200))
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
    assert rows[-1] - rows[0] + 1 >= int(MIN_FONT_PIXELS * capital)


@pytest.fixture
def viewer(theme, qtbot) -> CanvasViewer:
    viewer = CanvasViewer(theme)
    qtbot.addWidget(viewer)
    viewer.resize(800, 600)
    return viewer


@pytest.mark.parametrize("step", DETAIL_ZOOMS)
def test_fitting_takes_less_margin_where_more_is_legible_so(viewer, step):
    rect = QRectF(0, 0, 800 / step - 80, 300)
    viewer.fit(rect)
    assert viewer.zoom == step
    assert viewer.visible_rect.contains(rect)


def test_fitting_leaves_a_margin_where_nothing_more_would_be_legible(viewer):
    rect = QRectF(0, 0, 1000, 300)
    viewer.fit(rect)
    assert viewer.zoom == pytest.approx(viewer.viewport().width() / 1120)


def test_all_that_is_drawn_is_in_sight_after_fitting(qtbot):
    with opened(qtbot, posts()) as window:
        canvas = window.tabs.canvas
        canvas.navigation.fit()
        settle()
        inner = canvas.viewer.visible_rect.adjusted(-2, -2, 2, 2)
        assert inner.contains(canvas.scene_sync.visible_items_rect())


OUTPUT = NodeViewModel(
    "gender", "Output", "io", "categorical_crossentropy", (PortSlot("x", None, "in"),)
)


@pytest.mark.parametrize("level", [level for level in DETAIL_LEVELS if not level.is_name_only])
@pytest.mark.parametrize("loss", ["0.2214", "12.34", "1,234.56", "1.23e-05", "98,765"])
def test_a_live_loss_has_fewer_digits_rather_than_dots(qapp, level, loss):
    face = replace(OUTPUT, live_loss=loss)
    for pill in (NodeLayout(face).pill, reduced_layout(face, NodeLayout(face), level).pill):
        assert pill is None or "…" not in pill.text.text
    near = NodeLayout(face).pill
    assert near is not None
    assert float(near.text.text.replace(",", "")) == pytest.approx(
        float(loss.replace(",", "")), rel=0.05
    )


@pytest.mark.parametrize("level", [level for level in DETAIL_LEVELS if not level.is_name_only])
def test_of_a_second_line_whole_parts_are_left_out(qapp, level):
    for face in (DENSE, OUTPUT, replace(OUTPUT, live_loss="0.2214")):
        caption = reduced_layout(face, NodeLayout(face), level).caption
        assert caption is not None
        assert "…" not in caption.text
        assert caption.text.startswith(face.kind)


@pytest.mark.parametrize("level", [level for level in DETAIL_LEVELS if not level.is_name_only])
def test_a_layer_type_that_does_not_fit_is_left_out_whole(qapp, level):
    face = NodeViewModel("peak", "GlobalMaxPooling1D", "pool")
    far = reduced_layout(face, NodeLayout(face), level)
    assert far.caption is None
    assert [line.text for line in far.name] == ["peak"]
    assert NodeLayout(face).caption.text == "GlobalMaxPooling1D"
    narrow = replace(face, off=True, kind="Dense")
    assert reduced_layout(narrow, NodeLayout(narrow), level).caption.text == "bypassed"


def test_a_loss_that_does_not_run_leaves_its_room_to_the_second_line(qapp):
    assert NodeLayout(OUTPUT).caption.text == "Output · categorical_crossentropy"


@pytest.mark.parametrize("level", [level for level in DETAIL_LEVELS if level.min_zoom])
@pytest.mark.parametrize(
    "name", ["hidden_layer", "numbers_batch_norm", "piecewise_linear_encoding", "global_max_pool"]
)
def test_usual_names_are_written_whole_down_to_a_third_of_the_size(qapp, level, name):
    """In two lines if they are long, the first of which ends between words."""
    face = replace(DENSE, name=name, caption="64 units")
    lines = [line.text for line in reduced_layout(face, NodeLayout(face), level).name]
    assert "".join(lines) == name
    assert len(lines) == 1 or lines[0].endswith("_")


@pytest.mark.parametrize("name", ["mirroring", "embeddings", "bidirectional"])
def test_a_long_word_is_split_before_its_last_three_letters(qapp, name):
    width = text_width("name", name[:-1])
    first, second = wrap_name("name", name, width)
    assert (first + second, len(second)) == (name, 3)


def test_a_name_beside_which_a_shape_has_space_has_it_in_the_same_card(qapp):
    """A short shape is written from the smallest zoom on, with a name of one line."""
    face = replace(DENSE, name="hidden", output_shapes=("(batch, 64)",))
    for level in DETAIL_LEVELS:
        afar = reduced_layout(face, NodeLayout(face), level)
        text = afar.shape.text if afar.shape else afar.chips[0].text.text
        assert text in ("(batch, 64)", "(64)")


def test_the_name_is_painted_on_the_card_in_the_color_of_its_header(theme):
    """Far from the origin too, at a zoom at which only the name is drawn."""
    pictures = []
    for name in ("HHHH", ""):
        item = NodeItem(theme, replace(DENSE, name=name, output_shapes=()))
        image = QImage(QSize(300, 200), QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        painter.translate(150, 100)
        painter.scale(0.4, 0.4)
        item.paint(painter, None)
        painter.end()
        pictures.append(image)
    changed = [
        (x, y)
        for x in range(300)
        for y in range(200)
        if pictures[0].pixel(x, y) != pictures[1].pixel(x, y)
    ]
    assert changed
    assert all(150 < x < 150 + 0.4 * item.width for x, _ in changed)
    assert all(100 < y < 100 + 0.4 * item.height for _, y in changed)
    assert pictures[1].pixelColor(170, 105) == pictures[1].pixelColor(170, 130)
