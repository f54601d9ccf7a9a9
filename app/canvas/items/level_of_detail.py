"""What is written on a node at smaller zooms: less, and in letters that are still legible."""

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

LEGIBLE = 9  # pixels on the screen that letters are high at least
READABLE = LEGIBLE / 11  # from this zoom on all is written as it is on paper
_DOT = 10  # of a pill, beside its text


@dataclass(frozen=True)
class Level:
    """How nodes are written from a zoom on.

    Args:
        least: that zoom.
        size: of the letters, in units of the scene.
        brief: only the name is written, and larger.
    """

    least: float
    size: int
    brief: bool = False

    @property
    def name(self) -> str:
        """The font of names."""
        return f"name-{max(self.size, 15)}"

    @property
    def caption(self) -> str:
        """The font of second lines."""
        return f"caption-{self.size}"

    @property
    def chip(self) -> str:
        """The font of shapes."""
        return f"chip-{self.size}"


LEVELS = (Level(0.645, 14), Level(0.5, 18), Level(0.34, 27, brief=True), Level(0.0, 35, brief=True))
# The zoom from which on shapes are written, too.
SHAPES = min(level.least for level in LEVELS if not level.brief)
# Zooms from which on more is legible.
STEPS = (READABLE, *(level.least for level in LEVELS if level.least))


@dataclass(frozen=True)
class Afar:
    """A face laid out for a level, from its upper left corner.

    Args:
        level: how large the letters are.
        caption: None where only the name is written.
        pill: the last loss of a live run.
    """

    level: Level
    name: Words
    caption: Words | None = None
    chips: tuple[Chip, ...] = ()
    pill: Chip | None = None


def level_at(zoom: float) -> Level | None:
    """Return how nodes are written at a zoom, None as on paper."""
    if zoom >= READABLE:
        return None
    return next(level for level in LEVELS if zoom >= level.least)


def afar_of(face: Face, card: Card, level: Level) -> Afar:
    """Lay a face out for a level, on the card that it has."""
    name = one_line(face.name)
    if level.brief:
        at = QPointF(SIDE, (HEAD + card.height) / 2 + 10)
        if face.collapsed:
            at = QPointF(TEXT_LEFT - 4, 34)
        return Afar(level, Words(cut(level.name, name, card.width - at.x() - SIDE), at))
    pill = _pill(face, card, level)
    room = card.width - TEXT_LEFT - SIDE - (pill_width(face) if pill else 0)
    said = whole_parts(level.caption, caption_of(face), room)
    low = HEAD - level.size * 0.4
    return Afar(
        level,
        Words(cut(level.name, name, room), QPointF(TEXT_LEFT, 22)),
        Words(said, QPointF(TEXT_LEFT, low)),
        () if face.collapsed else _chips(face, card, level),
        pill,
    )


def _chips(face: Face, card: Card, level: Level) -> tuple[Chip, ...]:
    most = card.width - 2 * SIDE - 2 * CHIP_PAD
    return tuple(
        _chip(_short(one_line(text), most, level), card.width - SIDE + 4, at.y(), most, level)
        for text, at in zip(face.chips, card.outputs, strict=False)
        if text
    )


def _short(shape: str, most: float, level: Level) -> str:
    """Leave out the axis that every shape begins with, where there is no room."""
    fits = width_of(level.chip, shape) <= most
    return shape if fits else shape.replace("(batch, ", "(", 1)


def _pill(face: Face, card: Card, level: Level) -> Chip | None:
    most = pill_width(face) - 2 * CHIP_PAD - _DOT
    text = fewer_digits(level.chip, one_line(face.running), most)
    if not text:
        return None
    chip = _chip(text, card.width - SIDE + 4, HEAD / 2, most, level)
    return Chip(chip.box.adjusted(-_DOT, 0, 0, 0), chip.words)


def _chip(text: str, right: float, middle: float, most: float, level: Level) -> Chip:
    return chip_of(text, right, middle, most, level.chip, level.size + 6)
