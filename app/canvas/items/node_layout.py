"""The layout of a node: its size and the positions of its texts and ports.

It is computed once per change of the view model; texts are elided to the available width.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainterPath

from app.canvas.drawing.paint import top_rounded
from app.canvas.drawing.text_fit import (
    PART,
    Words,
    cut,
    fewer_digits,
    one_line,
    whole_parts,
    width_of,
)
from app.canvas.items.node_view import Face

HEAD, ROW, PAD, RADIUS = 50, 24, 8, 8
_LOSS_WIDTH = 54  # of the text of a loss pill
LEAST, MOST, STEP, GRID = 160, 320, 20, 10
SIDE, TEXT_LEFT, GAP = 14, 50, 14
CHIP_PAD, CHIP_LEAST, CHIP_MOST, LABEL_MOST = 7, 30, 180, 72


@dataclass(frozen=True)
class Chip:
    """A rounded box with a text."""

    box: QRectF
    words: Words


@dataclass(frozen=True)
class Card:
    """The layout of a node, in node coordinates (origin in the upper left corner).

    Args:
        pill: the chip with the last loss of a run in progress.
        inputs, outputs: the centers of the ports.
        head: the outline of the header.
        through: of a bypassed node, the line from the first input to the first output, with gaps
            at texts.
    """

    width: int
    height: int
    name: Words
    caption: Words
    labels: tuple[Words, ...]
    chips: tuple[Chip, ...]
    pill: Chip | None
    inputs: tuple[QPointF, ...]
    outputs: tuple[QPointF, ...]
    through: tuple[QLineF, ...]
    box: QRectF
    head: QPainterPath


def caption_of(face: Face) -> str:
    """Return the caption of a node: its second text line."""
    return one_line(f"bypassed{PART}{_caption_in_use(face)}" if face.off else _caption_in_use(face))


def _caption_in_use(face: Face) -> str:
    """Return the caption that a node has while it is not bypassed."""
    shared = f"weights of {face.shares}" if face.shares else ""
    return PART.join(part for part in (face.kind, shared, face.caption) if part)


def size_of(face: Face, kept_width: int | None = None) -> tuple[int, int]:
    """Return the width and height of a node.

    Args:
        face: its view model. Bypassing a node does not change its size.
        kept_width: the width before the node was bypassed, which changes its output shapes.
    """
    caption = one_line(_caption_in_use(face))
    header_width = max(width_of("name", one_line(face.name)), width_of("caption", caption))
    width = max(TEXT_LEFT + header_width + pill_width(face) + SIDE, kept_width or LEAST)
    rows = 0
    if not face.collapsed:
        rows = max(len(face.inputs), len(face.outputs), 1)
        if kept_width is None:
            width = max([width, *(_row_width(face, row) for row in range(rows))])
    height = HEAD + (2 * PAD + rows * ROW if rows else 0)
    return _round_up(min(width, MOST), STEP), _round_up(height, GRID)


def card_of(face: Face, kept_width: int | None = None) -> Card:
    """Return the layout of a node; for `kept_width` see `node_size`."""
    caption = caption_of(face)
    width, height = size_of(face, kept_width)
    pill = _pill(face, width)
    available_width = width - TEXT_LEFT - SIDE - (pill_width(face) if pill else 0)
    labels, chips = ([], []) if face.collapsed else _rows(face, width)
    inputs = tuple(QPointF(0, _row_center(face, row)) for row in range(len(face.inputs)))
    outputs = tuple(QPointF(width, _row_center(face, row)) for row in range(len(face.outputs)))
    return Card(
        width,
        height,
        Words(cut("name", one_line(face.name), available_width), QPointF(TEXT_LEFT, 22)),
        Words(whole_parts("caption", caption, available_width), QPointF(TEXT_LEFT, 38)),
        tuple(labels),
        tuple(chips),
        pill,
        inputs,
        outputs,
        _bypass_lines(face, labels, chips, width) if face.off and inputs and outputs else (),
        QRectF(0, 0, width, height),
        top_rounded(width, HEAD, RADIUS),
    )


def _round_up(value: float, step: int) -> int:
    return ceil(value / step) * step


def _row_center(face: Face, row: int) -> float:
    return HEAD / 2 if face.collapsed else HEAD + PAD + ROW * (row + 0.5)


def _row_texts(face: Face, row: int) -> tuple[str, str, str]:
    left = face.inputs[row].label if row < len(face.inputs) else ""
    right = face.outputs[row].label if row < len(face.outputs) else ""
    chip = face.output_shapes[row] if row < min(len(face.output_shapes), len(face.outputs)) else ""
    return one_line(left), one_line(right), one_line(chip)


def _row_width(face: Face, row: int) -> float:
    left, right, chip = _row_texts(face, row)
    widths = [
        width_of("label", left) if left else 0,
        min(width_of("label", right), LABEL_MOST) if right else 0,
        min(width_of("chip", chip), CHIP_MOST) + 2 * CHIP_PAD if chip else 0,
    ]
    shown = [width for width in widths if width]
    return 2 * SIDE + sum(shown) + GAP * max(len(shown) - 1, 0)


def _rows(face: Face, width: int) -> tuple[list[Words], list[Chip]]:
    labels, chips = [], []
    for row in range(max(len(face.inputs), len(face.outputs))):
        left, right, text = _row_texts(face, row)
        center_y, right_edge = _row_center(face, row), float(width - SIDE)
        if text:
            excess = max(_row_width(face, row) - width, 0)
            max_width = min(width_of("chip", text), CHIP_MOST) - excess
            chips.append(chip_of(text, right_edge + 4, center_y, max(max_width, CHIP_LEAST)))
            right_edge = chips[-1].box.left() - 8
        if right:
            right = cut("label", right, LABEL_MOST)
            right_edge -= width_of("label", right)
            labels.append(Words(right, QPointF(right_edge, center_y + 4)))
            right_edge -= GAP
        if left:
            labels.append(Words(cut("label", left, right_edge - SIDE), QPointF(SIDE, center_y + 4)))
    return labels, chips


def chip_of(
    text: str,
    right: float,
    center_y: float,
    max_width: float,
    font: str = "chip",
    height: float = 18,
) -> Chip:
    """Return a chip with its right edge at `right`.

    Args:
        text: its text, elided to `max_width`.
        right, center_y: the position of its right edge and of its vertical center.
        max_width: of the text.
        font, height: the font key of the text, and the height of the box.
    """
    text = cut(font, text, max_width)
    width = width_of(font, text) + 2 * CHIP_PAD
    box = QRectF(right - width, center_y - height / 2, width, height)
    return Chip(box, Words(text, QPointF(box.left() + CHIP_PAD, center_y + height * 0.22)))


def pill_width(face: Face) -> float:
    """Return the width reserved for a loss pill, so that an Output keeps its size in training."""
    return _LOSS_WIDTH + 2 * CHIP_PAD + 18 if face.kind == "Output" or face.running_loss else 0


def _pill(face: Face, width: int) -> Chip | None:
    text = fewer_digits("chip", one_line(face.running_loss), _LOSS_WIDTH)
    if not text:
        return None
    chip = chip_of(text, width - SIDE + 4, HEAD / 2, _LOSS_WIDTH)
    return Chip(chip.box.adjusted(-10, 0, 0, 0), chip.words)


def _bypass_lines(
    face: Face, labels: list[Words], chips: list[Chip], width: int
) -> tuple[QLineF, ...]:
    center_y = _row_center(face, 0)
    occupied = [
        (word.at.x(), width_of("label", word.text)) for word in labels if _is_in_row(word, center_y)
    ]
    occupied += [
        (chip.box.left(), chip.box.width()) for chip in chips if _is_in_row(chip.words, center_y)
    ]
    lines, left = [], 0.0
    for start, taken_width in sorted(occupied):
        lines.append(QLineF(left, center_y, start - 5, center_y))
        left = start + taken_width + 5
    return (*lines, QLineF(left, center_y, width, center_y))


def _is_in_row(words: Words, center_y: float) -> bool:
    return abs(words.at.y() - center_y) < ROW / 2
