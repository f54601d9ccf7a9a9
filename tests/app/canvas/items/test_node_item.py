"""A node shows its face: right size, texts within their boxes, places that keep their wires."""

import gc
import weakref
from dataclasses import fields, replace

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QGraphicsScene

from app.canvas.drawing.nodegraphqt import IN, OUT
from app.canvas.drawing.paint import contrast_ratio
from app.canvas.drawing.pens import canvas_style
from app.canvas.drawing.text_fit import text_width
from app.canvas.items.node_item import NodeItem
from app.canvas.items.node_layout import (
    HEIGHT_STEP,
    MAX_WIDTH,
    MIN_WIDTH,
    WIDTH_STEP,
    NodeLayout,
    node_size,
)
from app.canvas.items.node_view import NodeViewModel, PortSlot
from app.canvas.items.wire_item import WireItem
from app.theme import fonts
from app.theme.theme import Theme
from engine.layers import catalogue

FAMILIES = sorted({cls.family for cls in catalogue.layer_classes().values()} | {""})
X, OUTPUT = PortSlot("x", None, "x"), PortSlot("")
DENSE = NodeViewModel(
    "hidden", "Dense", "dense", "64 units · relu", (X,), (OUTPUT,), ("batch, 64",)
)
JOIN = replace(
    DENSE,
    kind="Concatenate",
    family="merge",
    inputs=(PortSlot("xs", 0, "input 1"), PortSlot("xs", 1, "+ input", is_placeholder=True)),
)
LONG = NodeViewModel(
    "a_name_that_nobody_would_type_" * 20,
    "MultiHeadAttention",
    "attention",
    "caption " * 60,
    tuple(PortSlot(f"port_{n}", None, f"a long label of a port {n}" * 3) for n in range(3)),
    (PortSlot("one", None, "an output with a long label"), PortSlot("two", None, "two")),
    ("batch, height, width, channels, and many more axes", "batch, 3"),
    live_loss="0.41234567890123456789",
)


@pytest.fixture(autouse=True)
def _fonts(qapp):
    fonts.load_fonts()


def painted(item: NodeItem, zoom: float = 1.0) -> QImage:
    """Return a picture of the node alone."""
    scene = QGraphicsScene()
    scene.addItem(item)
    box = item.sceneBoundingRect()
    size = (box.size() * zoom).toSize()
    picture = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(QColor("#808080"))
    painter = QPainter(picture)
    scene.render(painter, QRectF(picture.rect()), box)
    painter.end()
    scene.removeItem(item)
    return picture


class TestSize:
    """Sizes are known without a scene, and lie on the grid."""

    @pytest.mark.parametrize("face", [DENSE, JOIN, LONG, replace(LONG, collapsed=True)])
    def test_sizes_lie_on_the_grid_and_within_limits(self, face):
        """Widths go in steps between a least and a most; heights lie on the grid."""
        width, height = node_size(face)
        assert MIN_WIDTH <= width <= MAX_WIDTH
        assert width % WIDTH_STEP == 0
        assert height % HEIGHT_STEP == 0

    def test_the_item_is_as_large_as_its_face(self, theme):
        item = NodeItem(theme, DENSE)
        assert (item.width, item.height) == node_size(DENSE)

    @pytest.mark.parametrize("face", [DENSE, JOIN, LONG])
    def test_every_text_fits_its_box(self, face):
        """However long the texts are, none leaves the node or meets its neighbour in the row."""
        card = NodeLayout(face)
        for font, words in [("name", card.name), ("caption", card.caption)]:
            assert words.position.x() + text_width(font, words.text) <= card.width
        if card.pill:
            assert (
                card.name.position.x() + text_width("name", card.name.text) <= card.pill.box.left()
            )
        spans = [(w.position.y(), w.position.x(), text_width("label", w.text)) for w in card.labels]
        for chip in card.chips:
            assert text_width("chip", chip.text.text) <= chip.box.width()
            spans.append((chip.text.position.y(), chip.box.left(), chip.box.width()))
        spans.sort()
        for (row, left, wide), (other_row, other_left, _) in zip(spans, spans[1:], strict=False):
            assert left >= 0
            assert left + wide <= card.width
            assert row != other_row or left + wide <= other_left

    @pytest.mark.parametrize("face", [DENSE, JOIN, LONG, replace(LONG, collapsed=True)])
    def test_a_bypassed_node_is_as_large_as_in_use(self, face):
        """It would lie on its neighbours and their wires, which nobody has moved."""
        assert node_size(replace(face, off=True)) == node_size(face)

    def test_a_bypassed_node_keeps_its_width_whatever_leaves_it(self, theme):
        """Another shape passes it than it made; the chip is cut, and does not meet the label."""
        item = NodeItem(theme, DENSE)
        width = item.width
        long = "(batch, height, width, channels)"
        item.set_view_model(replace(DENSE, off=True, output_shapes=(long,)))
        assert item.width == width
        (chip,) = item.layout.chips
        assert chip.text.text.endswith("…")
        for label in item.layout.labels:
            assert label.position.x() + text_width("label", label.text) <= chip.box.left()
        item.set_view_model(replace(DENSE, output_shapes=(long,)))
        assert item.width > width, "in use, it says all"
        item.set_view_model(DENSE)
        assert item.width == width


class TestShow:
    """Showing another face changes what differs, and nothing else."""

    def test_places_stay_when_their_slots_do(self, theme):
        """A growing input adds a place and keeps the others, wires and all."""
        source, item = NodeItem(theme, DENSE), NodeItem(theme, JOIN)
        wire = WireItem(theme)
        wire.set_ports(source.outputs[0], item.inputs[0])
        first, spare = item.inputs
        item.set_view_model(
            replace(JOIN, inputs=(*JOIN.inputs, PortSlot("xs", 2, "+ input", is_placeholder=True)))
        )
        assert item.inputs[:2] == [first, spare]
        assert len(item.inputs) == 3
        assert item.port_at("xs", 2, IN) is item.inputs[2]
        assert first.is_wired

    def test_a_place_that_goes_takes_its_wire_along(self, theme):
        """No wire is left hanging at a port that is not there any more."""
        scene = QGraphicsScene()
        source, item, wire = NodeItem(theme, DENSE), NodeItem(theme, JOIN), WireItem(theme)
        for part in (source, item, wire):
            scene.addItem(part)
        wire.set_ports(source.outputs[0], item.inputs[1])
        item.set_view_model(replace(JOIN, inputs=JOIN.inputs[:1]))
        assert wire.scene() is None
        assert not source.outputs[0].is_wired

    def test_the_same_face_repaints_nothing(self, theme, monkeypatch):
        """An equal face costs a comparison."""
        item, updates = NodeItem(theme, DENSE), []
        monkeypatch.setattr(item, "update", lambda: updates.append(1))
        item.set_view_model(replace(DENSE))
        assert not updates
        item.set_view_model(replace(DENSE, badge="error"))
        assert updates

    def test_collapsed_ports_meet_in_the_middle_of_the_header(self, theme):
        """All wires of a collapsed node leave and arrive at its middle."""
        item = NodeItem(theme, replace(JOIN, collapsed=True))
        assert {place.center.y() for place in item.inputs} == {item.height / 2}
        assert item.port_at("", None, OUT).center.x() == item.width

    def test_a_tool_tip_from_a_file_is_plain(self, theme):
        """Tags in a file are read as they are, not obeyed."""
        item = NodeItem(theme, replace(DENSE, tooltip="<b>bold</b>"))
        assert "&lt;b&gt;" in item.toolTip()

    def test_a_selected_node_lies_on_top(self, theme):
        """What is dragged is seen above what it is dragged over."""
        item, other = NodeItem(theme, DENSE), NodeItem(theme, DENSE)
        item.setSelected(True)
        assert item.zValue() > other.zValue()
        item.setSelected(False)
        assert item.zValue() == other.zValue()


class TestLook:
    """Every state looks different, in dark and in light, and is legible."""

    @pytest.mark.parametrize("mode", ["dark", "light"])
    @pytest.mark.parametrize("family", FAMILIES)
    def test_header_texts_are_legible_on_every_family(self, qapp, mode, family):
        """Name and second line have a contrast of 4.5 at least, the icon 3, bypassed or not."""
        theme = Theme(mode)
        look = canvas_style(theme)
        for off in (False, True):
            tint = look.family_style(family, off)
            for stop in tint.header_brush.gradient().stops():
                assert contrast_ratio(look.text, stop[1]) >= 4.5
                assert contrast_ratio(look.caption, stop[1]) >= 4.5
            assert contrast_ratio(theme.color("on_family"), tint.icon_brush.color()) >= 3

    @pytest.mark.parametrize("mode", ["dark", "light"])
    def test_body_texts_are_legible(self, qapp, mode):
        """Labels on the body and shapes on their chips have a contrast of 4.5 at least."""
        look = canvas_style(Theme(mode))
        assert contrast_ratio(look.dim, look.body_brush.color()) >= 4.5
        assert contrast_ratio(look.shape, look.chip_brush.color()) >= 4.5

    @pytest.mark.parametrize(
        "change",
        [
            {"badge": "error"},
            {"badge": "warning"},
            {"off": True},
            {"shares": "other"},
            {"collapsed": True},
            {"live_loss": "0.4"},
            {"family": "conv"},
            {"caption": "other"},
        ],
    )
    @pytest.mark.parametrize("zoom", [1.0, 0.6, 0.35])
    def test_every_state_can_be_painted_and_seen(self, theme, change, zoom):
        """A face that differs looks different; from afar what is only read may be left out."""
        plain = painted(NodeItem(theme, DENSE), zoom)
        other = painted(NodeItem(theme, replace(DENSE, **change)), zoom)
        assert plain != other or (zoom < 0.5 and "caption" in change)

    def test_errors_and_warnings_differ_in_shape(self, theme):
        """The corner of the badge is empty beside a triangle, and filled in a disc."""
        item = NodeItem(theme, replace(DENSE, badge="error"))
        other = NodeItem(theme, replace(DENSE, badge="warning"))
        at = (16 + item.width - 3 + 6, 16 + 3 - 6)
        disc, triangle = painted(item).pixelColor(*at), painted(other).pixelColor(*at)
        assert disc == QColor(theme.tokens["danger"])
        assert triangle != QColor(theme.tokens["warning"])

    def test_selection_and_drop_target_are_seen(self, theme):
        """Both put an accent around the node."""
        item = NodeItem(theme, DENSE)
        plain = painted(item)
        item.setSelected(True)
        chosen = painted(item)
        item.setSelected(False)
        item.is_drop_target = True
        assert chosen == painted(item)
        assert chosen != plain

    def test_a_node_that_a_wire_does_not_fit_steps_back(self, theme):
        """Dimmed, it is nearer to the canvas in colour."""
        item = NodeItem(theme, DENSE)
        plain = painted(item)
        item.highlight = "dim"
        assert painted(item) != plain

    def test_the_theme_changes_what_is_painted(self, qapp):
        """After the theme has changed, a node is painted in the new colours."""
        theme = Theme("dark")
        item = NodeItem(theme, DENSE)
        dark = painted(item)
        theme.set_mode("light")
        assert painted(item) != dark
        theme.set_mode("dark")
        assert painted(item) == dark

    def test_nothing_is_painted_outside_its_bounds(self, theme):
        """The outermost pixels stay as they were, in the busiest of states."""
        face = replace(LONG, badge="error", shares="other", off=True)
        item = NodeItem(theme, face)
        item.setSelected(True)
        picture = painted(item)
        edge = [picture.pixelColor(x, 0) for x in range(picture.width())]
        edge += [picture.pixelColor(0, y) for y in range(picture.height())]
        assert set(map(QColor.name, edge)) == {"#808080"}


def test_a_look_goes_with_its_theme(qapp):
    """Looks are shared by theme, and keep none alive."""
    theme = Theme("dark")
    assert canvas_style(theme) is canvas_style(theme)
    gone = weakref.ref(theme)
    del theme
    gc.collect()
    assert gone() is None


def test_faces_are_all_shown():
    """Whoever adds a field to Face decides how it is painted."""
    assert {field.name for field in fields(NodeViewModel)} == {
        "name", "kind", "family", "caption", "inputs", "outputs", "output_shapes", "badge",
        "tooltip", "off", "shares", "collapsed", "live_loss",
    }  # fmt: skip
