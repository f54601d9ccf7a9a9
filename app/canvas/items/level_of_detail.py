"""Level of detail: the reduced layout of nodes at small zooms, with fewer and larger texts."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF

from app.canvas.drawing.text_fit import (
    TextRun,
    elide,
    fit_parts,
    single_line,
    text_width,
)
from app.canvas.items.node_layout import (
    CHIP_PADDING,
    DOT_WIDTH,
    HEADER_HEIGHT,
    SIDE_PADDING,
    TEXT_LEFT,
    NodeLayout,
    TextChip,
    loss_pill,
    node_caption,
    pill_width,
    text_chip,
)
from app.canvas.items.node_view import NodeViewModel

MIN_FONT_PIXELS = 9  # minimum font size in screen pixels
FULL_DETAIL_ZOOM = MIN_FONT_PIXELS / 11  # from here on, the full layout with 11 pixel texts is used


@dataclass(frozen=True)
class DetailLevel:
    """A level of detail, used at zooms of at least `min_zoom`; `font_size` is in scene units."""

    min_zoom: float
    font_size: int
    is_name_only: bool = False

    @property
    def name_font(self) -> str:
        return f"name-{max(self.font_size, 15)}"

    @property
    def caption_font(self) -> str:
        return f"caption-{self.font_size}"

    @property
    def chip_font(self) -> str:
        return f"chip-{self.font_size}"

    @property
    def chip_height(self) -> int:
        return self.font_size + 6


DETAIL_LEVELS = (
    DetailLevel(0.645, 14),
    DetailLevel(0.5, 18),
    DetailLevel(0.34, 27, is_name_only=True),
    DetailLevel(0.0, 35, is_name_only=True),
)
# The lowest zoom at which tensor shapes are drawn.
MIN_SHAPE_ZOOM = min(level.min_zoom for level in DETAIL_LEVELS if not level.is_name_only)
# The zooms at which the next level of detail begins.
DETAIL_ZOOMS = (FULL_DETAIL_ZOOM, *(level.min_zoom for level in DETAIL_LEVELS if level.min_zoom))


@dataclass(frozen=True)
class ReducedNodeLayout:
    """The texts and boxes of a node at a reduced level of detail, in node coordinates.

    Args:
        caption: the text below the name, None if only the name is drawn.
        pill: the box with the last loss of a run in progress, None if there is no loss.
    """

    level: DetailLevel
    name: TextRun
    caption: TextRun | None = None
    chips: tuple[TextChip, ...] = ()
    pill: TextChip | None = None


def detail_level_at(zoom: float) -> DetailLevel | None:
    """Return the level of detail at a zoom, None for the full layout."""
    if zoom >= FULL_DETAIL_ZOOM:
        return None
    return next(level for level in DETAIL_LEVELS if zoom >= level.min_zoom)


def reduced_layout(
    node: NodeViewModel, layout: NodeLayout, level: DetailLevel
) -> ReducedNodeLayout:
    """Return the layout of a node at a level of detail, computed from its full `layout`."""
    name = single_line(node.name)
    if level.is_name_only:
        position = QPointF(SIDE_PADDING, (HEADER_HEIGHT + layout.height) / 2 + 10)
        if node.collapsed:
            position = QPointF(TEXT_LEFT - 4, 34)
        text = elide(level.name_font, name, layout.width - position.x() - SIDE_PADDING)
        return ReducedNodeLayout(level, TextRun(text, position))
    loss_width = pill_width(node) - 2 * CHIP_PADDING - DOT_WIDTH
    pill = loss_pill(node, layout.width, loss_width, level.chip_font, level.chip_height)
    available_width = layout.width - TEXT_LEFT - SIDE_PADDING - (pill_width(node) if pill else 0)
    caption = fit_parts(level.caption_font, node_caption(node), available_width)
    baseline = HEADER_HEIGHT - level.font_size * 0.4
    return ReducedNodeLayout(
        level,
        TextRun(elide(level.name_font, name, available_width), QPointF(TEXT_LEFT, 22)),
        TextRun(caption, QPointF(TEXT_LEFT, baseline)),
        () if node.collapsed else _chips(node, layout, level),
        pill,
    )


def _chips(node: NodeViewModel, layout: NodeLayout, level: DetailLevel) -> tuple[TextChip, ...]:
    max_width = layout.width - 2 * SIDE_PADDING - 2 * CHIP_PADDING
    right = layout.width - SIDE_PADDING + 4
    font, height = level.chip_font, level.chip_height
    return tuple(
        text_chip(_short(text, max_width, font), right, position.y(), max_width, font, height)
        for text, position in zip(node.output_shapes, layout.outputs, strict=False)
        if text
    )


def _short(text: str, max_width: float, font: str) -> str:
    """Return a shape in one line, without its batch axis if it is wider than `max_width`."""
    shape = single_line(text)
    return shape if text_width(font, shape) <= max_width else shape.replace("(batch, ", "(", 1)
