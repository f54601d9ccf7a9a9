"""Level of detail: the reduced layout of nodes at small zooms, with fewer and larger texts."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF

from app.canvas.drawing.text_fit import (
    CAPTION_SEPARATOR,
    TextRun,
    fit_parts,
    single_line,
    text_width,
    wrap_name,
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

_NARROW_PADDING, _LINE_HEIGHT, _HALF_CAPITAL = 10, 1.1, 0.35
MIN_FONT_PIXELS = 9  # minimum font size in screen pixels
FULL_DETAIL_ZOOM = MIN_FONT_PIXELS / 11  # from here on, the full layout with 11 pixel texts is used


@dataclass(frozen=True)
class DetailLevel:
    """A level of detail, used at zooms of at least `min_zoom`; `font_size` is in scene units.

    With `is_name_only`, the whole card has the color of the header and shows the name, and the
    shape of the first output if there is space for it.
    """

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
    DetailLevel(0.42, 22, is_name_only=True),
    DetailLevel(0.34, 27, is_name_only=True),
    DetailLevel(0.0, 35, is_name_only=True),
)
# The lowest zoom at which the shapes of all outputs are drawn.
MIN_SHAPE_ZOOM = min(level.min_zoom for level in DETAIL_LEVELS if not level.is_name_only)
# The zooms at which the next level of detail begins.
DETAIL_ZOOMS = (FULL_DETAIL_ZOOM, *(level.min_zoom for level in DETAIL_LEVELS if level.min_zoom))


@dataclass(frozen=True)
class ReducedNodeLayout:
    """The texts and boxes of a node at a reduced level of detail, in node coordinates.

    Args:
        name: the lines of the name.
        caption: the text below the name, None if there is no space for it.
        shape: the shape of the first output, in a line below the name.
        pill: the box with the last loss of a run in progress, None if there is no loss.
    """

    level: DetailLevel
    name: tuple[TextRun, ...]
    caption: TextRun | None = None
    shape: TextRun | None = None
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
        return _name_and_shape(node, name, layout, level)
    loss_width = pill_width(node) - 2 * CHIP_PADDING - DOT_WIDTH
    pill = loss_pill(node, layout.width, loss_width, level.chip_font, level.chip_height)
    available_width = layout.width - TEXT_LEFT - SIDE_PADDING - (pill_width(node) if pill else 0)
    chips = () if node.collapsed else _chips(node, layout, level)
    lines = wrap_name(level.name_font, name, available_width)
    kind = node_caption(node).split(CAPTION_SEPARATOR)[0]
    if len(lines) > 1 or text_width(level.caption_font, kind) > available_width:
        # The name takes the place of the caption, which is left out rather than cut.
        return ReducedNodeLayout(
            level, _lines(lines, level, TEXT_LEFT, HEADER_HEIGHT), None, None, chips, pill
        )
    caption = fit_parts(level.caption_font, node_caption(node), available_width)
    return ReducedNodeLayout(
        level,
        (TextRun(lines[0], QPointF(TEXT_LEFT, 22)),),
        TextRun(caption, QPointF(TEXT_LEFT, HEADER_HEIGHT - level.font_size * 0.4)),
        None,
        chips,
        pill,
    )


def _name_and_shape(
    node: NodeViewModel, name: str, layout: NodeLayout, level: DetailLevel
) -> ReducedNodeLayout:
    max_width = layout.width - 2 * _NARROW_PADDING
    lines = wrap_name(level.name_font, name, max_width, 1 if node.collapsed else 2)
    # Without the batch axis on every card, since neighbors with and without it look unlike.
    shape = _without_batch(node.output_shapes[0]) if node.output_shapes else ""
    if text_width(level.chip_font, shape) > max_width:
        shape = shape.replace(" ", "")
    has_space = (len(lines) + 1) * level.font_size * _LINE_HEIGHT <= layout.height
    if not shape or not has_space or text_width(level.chip_font, shape) > max_width:
        return ReducedNodeLayout(level, _lines(lines, level, _NARROW_PADDING, layout.height))
    *runs, last = _lines([*lines, shape], level, _NARROW_PADDING, layout.height)
    return ReducedNodeLayout(level, tuple(runs), shape=last)


def _lines(texts: list[str], level: DetailLevel, left: float, height: float) -> tuple[TextRun, ...]:
    """Return lines of text that are together in the middle of `height`."""
    size = max(level.font_size, 15)
    step = min(size * _LINE_HEIGHT, height / len(texts))
    top = (height - step * len(texts)) / 2
    baseline = step / 2 + size * _HALF_CAPITAL
    return tuple(
        TextRun(text, QPointF(left, top + baseline + step * number))
        for number, text in enumerate(texts)
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
    """Return a shape in one line; if it is wider than `max_width`, without its batch axis.

    If that is too wide too, it has no spaces, unless it is too wide even then.
    """
    shape = single_line(text)
    short = _without_batch(shape)
    forms = (shape, short, short.replace(" ", ""))
    return next((form for form in forms if text_width(font, form) <= max_width), short)


def _without_batch(shape: str) -> str:
    return shape.replace("(batch, ", "(", 1)
