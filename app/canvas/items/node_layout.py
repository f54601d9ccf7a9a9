"""Where everything on a node stands: measured and cut to its box once, when the face changes."""

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
_LOSS = 54  # widest loss that is shown while training
LEAST, MOST, STEP, GRID = 160, 320, 20, 10
SIDE, TEXT_LEFT, GAP = 14, 50, 14
CHIP_PAD, CHIP_LEAST, CHIP_MOST, LABEL_MOST = 7, 30, 180, 72


@dataclass(frozen=True)
class Chip:
    """A rounded box with words in it."""

    box: QRectF
    words: Words


@dataclass(frozen=True)
class Card:
    """A face laid out, from its upper left corner.

    Args:
        inputs, outputs: the middles of the ports.
        head: the header's outline.
        through: the line from the first input to the first output, broken at words.
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
    """Return the second line of a node."""
    return one_line(f"bypassed{PART}{_used(face)}" if face.off else _used(face))


def _used(face: Face) -> str:
    """Return the second line of a node that is in use."""
    shared = f"weights of {face.shares}" if face.shares else ""
    return PART.join(part for part in (face.kind, shared, face.caption) if part)


def size_of(face: Face, kept: int | None = None) -> tuple[int, int]:
    """Return how large a node is that shows this face.

    Args:
        face: bypassed, it is as large as in use, for its neighbours stay where they are.
        kept: how wide it was before another shape came out of it.
    """
    used = one_line(_used(face))
    head = max(width_of("name", one_line(face.name)), width_of("caption", used))
    wanted = max(TEXT_LEFT + head + pill_width(face) + SIDE, kept or LEAST)
    rows = 0
    if not face.collapsed:
        rows = max(len(face.inputs), len(face.outputs), 1)
        if kept is None:
            wanted = max([wanted, *(_row_width(face, row) for row in range(rows))])
    height = HEAD + (2 * PAD + rows * ROW if rows else 0)
    return _snapped(min(wanted, MOST), STEP), _snapped(height, GRID)


def card_of(face: Face, kept: int | None = None) -> Card:
    """Lay a face out; see `size_of`."""
    caption = caption_of(face)
    width, height = size_of(face, kept)
    pill = _pill(face, width)
    room = width - TEXT_LEFT - SIDE - (pill_width(face) if pill else 0)
    labels, chips = ([], []) if face.collapsed else _rows(face, width)
    inputs = tuple(QPointF(0, _row_middle(face, row)) for row in range(len(face.inputs)))
    outputs = tuple(QPointF(width, _row_middle(face, row)) for row in range(len(face.outputs)))
    return Card(
        width,
        height,
        Words(cut("name", one_line(face.name), room), QPointF(TEXT_LEFT, 22)),
        Words(whole_parts("caption", caption, room), QPointF(TEXT_LEFT, 38)),
        tuple(labels),
        tuple(chips),
        pill,
        inputs,
        outputs,
        _through(face, labels, chips, width) if face.off and inputs and outputs else (),
        QRectF(0, 0, width, height),
        top_rounded(width, HEAD, RADIUS),
    )


def _snapped(value: float, step: int) -> int:
    return ceil(value / step) * step


def _row_middle(face: Face, row: int) -> float:
    return HEAD / 2 if face.collapsed else HEAD + PAD + ROW * (row + 0.5)


def _row_texts(face: Face, row: int) -> tuple[str, str, str]:
    left = face.inputs[row].label if row < len(face.inputs) else ""
    right = face.outputs[row].label if row < len(face.outputs) else ""
    chip = face.chips[row] if row < min(len(face.chips), len(face.outputs)) else ""
    return one_line(left), one_line(right), one_line(chip)


def _row_width(face: Face, row: int) -> float:
    left, right, chip = _row_texts(face, row)
    widths = [
        width_of("label", left) if left else 0,
        min(width_of("label", right), LABEL_MOST) if right else 0,
        min(width_of("chip", chip), CHIP_MOST) + 2 * CHIP_PAD if chip else 0,
    ]
    shown = [wide for wide in widths if wide]
    return 2 * SIDE + sum(shown) + GAP * max(len(shown) - 1, 0)


def _rows(face: Face, width: int) -> tuple[list[Words], list[Chip]]:
    labels, chips = [], []
    for row in range(max(len(face.inputs), len(face.outputs))):
        left, right, text = _row_texts(face, row)
        middle, edge = _row_middle(face, row), float(width - SIDE)
        if text:
            short_of = max(_row_width(face, row) - width, 0)
            most = min(width_of("chip", text), CHIP_MOST) - short_of
            chips.append(chip_of(text, edge + 4, middle, max(most, CHIP_LEAST)))
            edge = chips[-1].box.left() - 8
        if right:
            right = cut("label", right, LABEL_MOST)
            edge -= width_of("label", right)
            labels.append(Words(right, QPointF(edge, middle + 4)))
            edge -= GAP
        if left:
            labels.append(Words(cut("label", left, edge - SIDE), QPointF(SIDE, middle + 4)))
    return labels, chips


def chip_of(
    text: str, right: float, middle: float, most: float, font: str = "chip", high: float = 18
) -> Chip:
    """Lay a chip out.

    Args:
        text: what it says.
        right, middle: where it ends, and how far down its middle is.
        most: how wide its text may be.
        font, high: of the text, and of the box around it.
    """
    text = cut(font, text, most)
    wide = width_of(font, text) + 2 * CHIP_PAD
    box = QRectF(right - wide, middle - high / 2, wide, high)
    return Chip(box, Words(text, QPointF(box.left() + CHIP_PAD, middle + high * 0.22)))


def pill_width(face: Face) -> float:
    """Return the room for a loss, which an Output has from the start, so that it never grows."""
    return _LOSS + 2 * CHIP_PAD + 18 if face.kind == "Output" or face.running else 0


def _pill(face: Face, width: int) -> Chip | None:
    text = fewer_digits("chip", one_line(face.running), _LOSS)
    if not text:
        return None
    chip = chip_of(text, width - SIDE + 4, HEAD / 2, _LOSS)
    return Chip(chip.box.adjusted(-10, 0, 0, 0), chip.words)


def _through(face: Face, labels: list[Words], chips: list[Chip], width: int) -> tuple[QLineF, ...]:
    middle = _row_middle(face, 0)
    taken = [(word.at.x(), width_of("label", word.text)) for word in labels if _on(word, middle)]
    taken += [(chip.box.left(), chip.box.width()) for chip in chips if _on(chip.words, middle)]
    lines, left = [], 0.0
    for start, wide in sorted(taken):
        lines.append(QLineF(left, middle, start - 5, middle))
        left = start + wide + 5
    return (*lines, QLineF(left, middle, width, middle))


def _on(words: Words, middle: float) -> bool:
    return abs(words.at.y() - middle) < ROW / 2
