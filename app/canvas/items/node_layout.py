"""The layout of a node: its size and the positions of its texts and ports.

Size and ports are computed once per change of the view model, texts when they are drawn first.
Texts are elided to fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainterPath

from app.canvas.drawing.paint import top_rounded_path
from app.canvas.drawing.text_fit import (
    CAPTION_SEPARATOR,
    TextRun,
    elide,
    fit_number,
    fit_parts,
    single_line,
    text_width,
)
from app.canvas.items.node_view import NodeViewModel

HEADER_HEIGHT, ROW_HEIGHT, BODY_PADDING, CORNER_RADIUS = 50, 24, 8, 8
LOSS_WIDTH = 54  # maximum width of the text of a loss pill
DOT_WIDTH = 10  # width of the dot beside this text
MIN_WIDTH, MAX_WIDTH, WIDTH_STEP, HEIGHT_STEP = 160, 320, 20, 10
SIDE_PADDING, TEXT_LEFT, LABEL_GAP = 14, 50, 14
CHIP_PADDING, CHIP_MIN_WIDTH, CHIP_MAX_WIDTH, LABEL_MAX_WIDTH = 7, 30, 180, 72


@dataclass(frozen=True)
class TextChip:
    """A rounded box with a text."""

    box: QRectF
    text: TextRun


class NodeLayout:
    """The layout of a node, in node coordinates (origin in the upper left corner).

    A bypassed node keeps `old_width`, its width before the bypass.

    Attributes:
        inputs, outputs: the centers of the ports.
    """

    def __init__(self, node: NodeViewModel, old_width: int | None = None) -> None:
        self._node = node
        self.width, self.height = node_size(node, old_width)
        self.inputs = tuple(QPointF(0, _row_center(node, row)) for row in range(len(node.inputs)))
        self.outputs = tuple(
            QPointF(self.width, _row_center(node, row)) for row in range(len(node.outputs))
        )
        self.box = QRectF(0, 0, self.width, self.height)

    @cached_property
    def name(self) -> TextRun:
        text = elide("name", single_line(self._node.name), self._header_width)
        return TextRun(text, QPointF(TEXT_LEFT, 22))

    @cached_property
    def caption(self) -> TextRun:
        text = fit_parts("caption", node_caption(self._node), self._header_width)
        return TextRun(text, QPointF(TEXT_LEFT, 38))

    @cached_property
    def pill(self) -> TextChip | None:
        """The chip with the last loss of a run in progress."""
        return loss_pill(self._node, self.width, LOSS_WIDTH)

    @property
    def _header_width(self) -> float:
        """The width for the texts of the header."""
        occupied = pill_width(self._node) if self.pill else 0
        return self.width - TEXT_LEFT - SIDE_PADDING - occupied

    @property
    def labels(self) -> list[TextRun]:
        return self._rows[0]

    @property
    def chips(self) -> list[TextChip]:
        return self._rows[1]

    @cached_property
    def _rows(self) -> tuple[list[TextRun], list[TextChip]]:
        return ([], []) if self._node.collapsed else _rows(self._node, self.width)

    @cached_property
    def bypass_lines(self) -> tuple[QLineF, ...]:
        """The line from the first input to the first output of a bypassed node.

        It has gaps at texts.
        """
        if not (self._node.off and self.inputs and self.outputs):
            return ()
        return _bypass_lines(self._node, self.labels, self.chips, self.width)

    @cached_property
    def header_path(self) -> QPainterPath:
        """The outline of the header."""
        return top_rounded_path(self.width, HEADER_HEIGHT, CORNER_RADIUS)


def node_caption(node: NodeViewModel) -> str:
    """Return the caption of a node: its second text line."""
    caption = _caption_in_use(node)
    return single_line(f"bypassed{CAPTION_SEPARATOR}{caption}" if node.off else caption)


def _caption_in_use(node: NodeViewModel) -> str:
    """Return the caption that a node has while it is not bypassed."""
    shared = f"weights of {node.shares}" if node.shares else ""
    return CAPTION_SEPARATOR.join(part for part in (node.kind, shared, node.caption) if part)


def node_size(node: NodeViewModel, old_width: int | None = None) -> tuple[int, int]:
    """Return the width and height of a node.

    `old_width` is the width that a bypassed node had before it was bypassed. The node keeps this
    width when its output shapes change.
    """
    caption = single_line(_caption_in_use(node))
    header_width = max(text_width("name", single_line(node.name)), text_width("caption", caption))
    width = max(TEXT_LEFT + header_width + pill_width(node) + SIDE_PADDING, old_width or MIN_WIDTH)
    rows = 0
    if not node.collapsed:
        rows = max(len(node.inputs), len(node.outputs), 1)
        if old_width is None:
            width = max([width, *(_row_width(node, row) for row in range(rows))])
    height = HEADER_HEIGHT + (2 * BODY_PADDING + rows * ROW_HEIGHT if rows else 0)
    return _round_up(min(width, MAX_WIDTH), WIDTH_STEP), _round_up(height, HEIGHT_STEP)


def _round_up(value: float, step: int) -> int:
    return ceil(value / step) * step


def _row_center(node: NodeViewModel, row: int) -> float:
    if node.collapsed:
        return HEADER_HEIGHT / 2
    return HEADER_HEIGHT + BODY_PADDING + ROW_HEIGHT * (row + 0.5)


def _row_texts(node: NodeViewModel, row: int) -> tuple[str, str, str]:
    left = node.inputs[row].label if row < len(node.inputs) else ""
    right = node.outputs[row].label if row < len(node.outputs) else ""
    chip = node.output_shapes[row] if row < min(len(node.output_shapes), len(node.outputs)) else ""
    return single_line(left), single_line(right), single_line(chip)


def _row_width(node: NodeViewModel, row: int) -> float:
    left, right, chip = _row_texts(node, row)
    widths = [
        text_width("label", left) if left else 0,
        min(text_width("label", right), LABEL_MAX_WIDTH) if right else 0,
        min(text_width("chip", chip), CHIP_MAX_WIDTH) + 2 * CHIP_PADDING if chip else 0,
    ]
    shown = [width for width in widths if width]
    return 2 * SIDE_PADDING + sum(shown) + LABEL_GAP * max(len(shown) - 1, 0)


def _rows(node: NodeViewModel, width: int) -> tuple[list[TextRun], list[TextChip]]:
    labels, chips = [], []
    for row in range(max(len(node.inputs), len(node.outputs))):
        left, right, text = _row_texts(node, row)
        center_y, right_edge = _row_center(node, row), float(width - SIDE_PADDING)
        if text:
            excess = max(_row_width(node, row) - width, 0)
            max_width = min(text_width("chip", text), CHIP_MAX_WIDTH) - excess
            chips.append(text_chip(text, right_edge + 4, center_y, max(max_width, CHIP_MIN_WIDTH)))
            right_edge = chips[-1].box.left() - 8
        if right:
            right = elide("label", right, LABEL_MAX_WIDTH)
            right_edge -= text_width("label", right)
            labels.append(TextRun(right, QPointF(right_edge, center_y + 4)))
            right_edge -= LABEL_GAP
        if left:
            left = elide("label", left, right_edge - SIDE_PADDING)
            labels.append(TextRun(left, QPointF(SIDE_PADDING, center_y + 4)))
    return labels, chips


def text_chip(
    text: str, right: float, y: float, max_width: float, font: str = "chip", height: float = 18
) -> TextChip:
    """Return a chip whose text is elided to `max_width`.

    Its right edge is at `right` and its vertical center at `y`.
    """
    text = elide(font, text, max_width)
    width = text_width(font, text) + 2 * CHIP_PADDING
    box = QRectF(right - width, y - height / 2, width, height)
    return TextChip(box, TextRun(text, QPointF(box.left() + CHIP_PADDING, y + height * 0.22)))


def pill_width(node: NodeViewModel) -> float:
    """Return the width that a node reserves for the label with its last loss, 0 for no label.

    An Output always reserves the width, so that it keeps its size when a run starts.
    """
    return LOSS_WIDTH + 2 * CHIP_PADDING + 18 if node.kind == "Output" or node.live_loss else 0


def loss_pill(
    node: NodeViewModel, width: int, max_width: float, font: str = "chip", height: float = 18
) -> TextChip | None:
    """Return the chip with the last loss of a node of this width, None if there is no loss.

    The number is rounded to fit into `max_width`.
    """
    text = fit_number(font, single_line(node.live_loss), max_width)
    if not text:
        return None
    right, center_y = width - SIDE_PADDING + 4, HEADER_HEIGHT / 2
    chip = text_chip(text, right, center_y, max_width, font, height)
    return TextChip(chip.box.adjusted(-DOT_WIDTH, 0, 0, 0), chip.text)


def _bypass_lines(
    node: NodeViewModel, labels: list[TextRun], chips: list[TextChip], width: int
) -> tuple[QLineF, ...]:
    y = _row_center(node, 0)
    occupied = [
        (label.position.x(), text_width("label", label.text))
        for label in labels
        if _is_in_row(label, y)
    ]
    occupied += [(chip.box.left(), chip.box.width()) for chip in chips if _is_in_row(chip.text, y)]
    lines, left = [], 0.0
    for start, occupied_width in sorted(occupied):
        lines.append(QLineF(left, y, start - 5, y))
        left = start + occupied_width + 5
    return (*lines, QLineF(left, y, width, y))


def _is_in_row(text: TextRun, y: float) -> bool:
    return abs(text.position.y() - y) < ROW_HEIGHT / 2
