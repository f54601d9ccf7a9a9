"""Level of detail: the reduced layout of nodes at small zooms, with fewer and larger texts."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF

from app.canvas.drawing.text_fit import Words, cut, fewer_digits, one_line, whole_parts, width_of
from app.canvas.items.node_layout import (
    CHIP_PAD,
    HEAD,
    SIDE,
    TEXT_LEFT,
    Card,
    Chip,
    caption_of,
    chip_of,
    pill_width,
)
from app.canvas.items.node_view import Face

LEGIBLE = 9  # minimum font size in screen pixels
READABLE = LEGIBLE / 11  # from this zoom on, the full layout with its 11 pixel font is used
_DOT_WIDTH = 10  # of the dot beside the text of a loss pill


@dataclass(frozen=True)
class Level:
    """A level of detail: the font size of nodes from a given zoom on.

    Args:
        least: the lowest zoom of this level.
        size: the font size in scene units.
        is_name_only: whether only the node name is drawn.
    """

    least: float
    size: int
    is_name_only: bool = False

    @property
    def name(self) -> str:
        """The font key of node names."""
        return f"name-{max(self.size, 15)}"

    @property
    def caption(self) -> str:
        """The font key of captions."""
        return f"caption-{self.size}"

    @property
    def chip(self) -> str:
        """The font key of shape chips."""
        return f"chip-{self.size}"


LEVELS = (
    Level(0.645, 14),
    Level(0.5, 18),
    Level(0.34, 27, is_name_only=True),
    Level(0.0, 35, is_name_only=True),
)
# The lowest zoom at which tensor shapes are drawn.
SHAPES = min(level.least for level in LEVELS if not level.is_name_only)
# The zooms at which the next level of detail begins.
STEPS = (READABLE, *(level.least for level in LEVELS if level.least))


@dataclass(frozen=True)
class Afar:
    """The reduced layout of a node at a level of detail, in node coordinates.

    Args:
        level: the level of detail.
        caption: None if only the name is drawn.
        pill: the last loss of a run in progress.
    """

    level: Level
    name: Words
    caption: Words | None = None
    chips: tuple[Chip, ...] = ()
    pill: Chip | None = None


def level_at(zoom: float) -> Level | None:
    """Return the level of detail at a zoom, None for the full layout."""
    if zoom >= READABLE:
        return None
    return next(level for level in LEVELS if zoom >= level.least)


def afar_of(face: Face, card: Card, level: Level) -> Afar:
    """Return the layout of a node at a level of detail, within its full-size layout `card`."""
    name = one_line(face.name)
    if level.is_name_only:
        position = QPointF(SIDE, (HEAD + card.height) / 2 + 10)
        if face.collapsed:
            position = QPointF(TEXT_LEFT - 4, 34)
        return Afar(level, Words(cut(level.name, name, card.width - position.x() - SIDE), position))
    pill = _pill(face, card, level)
    available_width = card.width - TEXT_LEFT - SIDE - (pill_width(face) if pill else 0)
    caption = whole_parts(level.caption, caption_of(face), available_width)
    baseline = HEAD - level.size * 0.4
    return Afar(
        level,
        Words(cut(level.name, name, available_width), QPointF(TEXT_LEFT, 22)),
        Words(caption, QPointF(TEXT_LEFT, baseline)),
        () if face.collapsed else _chips(face, card, level),
        pill,
    )


def _chips(face: Face, card: Card, level: Level) -> tuple[Chip, ...]:
    max_width = card.width - 2 * SIDE - 2 * CHIP_PAD
    return tuple(
        _chip(
            _short(one_line(text), max_width, level),
            card.width - SIDE + 4,
            position.y(),
            max_width,
            level,
        )
        for text, position in zip(face.output_shapes, card.outputs, strict=False)
        if text
    )


def _short(shape: str, max_width: float, level: Level) -> str:
    """Return the shape, without its batch axis if it would be wider than `max_width`."""
    fits = width_of(level.chip, shape) <= max_width
    return shape if fits else shape.replace("(batch, ", "(", 1)


def _pill(face: Face, card: Card, level: Level) -> Chip | None:
    max_width = pill_width(face) - 2 * CHIP_PAD - _DOT_WIDTH
    text = fewer_digits(level.chip, one_line(face.running_loss), max_width)
    if not text:
        return None
    chip = _chip(text, card.width - SIDE + 4, HEAD / 2, max_width, level)
    return Chip(chip.box.adjusted(-_DOT_WIDTH, 0, 0, 0), chip.words)


def _chip(text: str, right_edge: float, center_y: float, max_width: float, level: Level) -> Chip:
    return chip_of(text, right_edge, center_y, max_width, level.chip, level.size + 6)
