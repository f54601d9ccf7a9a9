"""Painting of key sequences as key caps, which look like the keys of a keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from app.shortcuts.keymap import to_native
from app.theme.theme import Theme

_ARROWS = {"Left": "\u2190", "Up": "\u2191", "Right": "\u2192", "Down": "\u2193"}
# Pixels: the padding in a cap, the gaps between caps and around words, the height of a cap.
_PADDING, _CAP_GAP, _WORD_GAP = 6.0, 3.0, 7.0
_HEIGHT = 21.0


@dataclass(frozen=True)
class KeyCap:
    """A part of a painted keyboard shortcut: a key, or text that is painted without a border.

    The text is "or", or a mouse gesture such as "drag from a port".
    """

    text: str
    is_cap: bool = True


def caps_of(sequence: str) -> list[str]:
    """Return the key labels of a sequence, such as ["Ctrl", "Shift", "+"] for "Ctrl+Shift++"."""
    keys: list[str] = []
    for chord in to_native(sequence).split(", "):
        modifiers, plus, key = chord.rpartition("+")
        if plus and not key:  # the key itself is "+", as in "Ctrl++"
            modifiers, key = modifiers.rstrip("+"), "+"
        keys += [*filter(None, modifiers.split("+")), key]
    return [_ARROWS.get(key, key) for key in keys if key]


def key_caps(keys: Sequence[str], mouse: str = "") -> list[KeyCap]:
    """Return a row of keys to paint: all key sequences and the mouse gesture, joined by "or"."""
    alternatives = [[KeyCap(key) for key in caps_of(sequence)] for sequence in keys]
    alternatives += [[KeyCap(mouse, is_cap=False)]] if mouse else []
    row: list[KeyCap] = []
    for alternative in filter(None, alternatives):
        row += [KeyCap("or", is_cap=False)] if row else []
        row += alternative
    return row


def gesture_text(keys: Sequence[str], mouse: str = "") -> str:
    """Return all key sequences and the mouse gesture as text, for search and screen readers."""
    return " or ".join(filter(None, [*map(to_native, keys), mouse]))


def width_of(row: Sequence[KeyCap], theme: Theme) -> float:
    """Return the width of a row of painted key caps in pixels."""
    return sum(_width(piece, theme) + _gap_after(row, index) for index, piece in enumerate(row))


def draw_keys(painter: QPainter, theme: Theme, row: Sequence[KeyCap], rect: QRectF) -> None:
    """Paint a row of key caps right-aligned. A row wider than `rect` is cut off at the right."""
    left = max(rect.left(), rect.right() - width_of(row, theme))
    for index, piece in enumerate(row):
        box = QRectF(left, rect.center().y() - _HEIGHT / 2, _width(piece, theme), _HEIGHT)
        box.setRight(min(box.right(), rect.right()))
        if piece.is_cap:
            _draw_cap(painter, theme, box)
        painter.setFont(_font(piece, theme))
        painter.setPen(theme.color("text" if piece.is_cap else "dim"))
        metrics = QFontMetricsF(painter.font())
        text = metrics.elidedText(piece.text, Qt.TextElideMode.ElideRight, box.width() + 1)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
        left = box.right() + _gap_after(row, index)


def _draw_cap(painter: QPainter, theme: Theme, box: QRectF) -> None:
    edge = box.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setPen(QPen(theme.color("outline"), 1))
    painter.setBrush(theme.color("raised"))
    painter.drawRoundedRect(edge, 4, 4)
    bottom = edge.bottom() - 1.5
    painter.drawLine(QPointF(edge.left() + 2, bottom), QPointF(edge.right() - 2, bottom))


def _font(piece: KeyCap, theme: Theme) -> QFont:
    return theme.ui_font(8.5, bold=piece.is_cap)


def _width(piece: KeyCap, theme: Theme) -> float:
    text_width = QFontMetricsF(_font(piece, theme)).horizontalAdvance(piece.text)
    return max(_HEIGHT, text_width + 2 * _PADDING) if piece.is_cap else text_width + 1


def _gap_after(row: Sequence[KeyCap], index: int) -> float:
    """Return the gap after a key cap or word: small between two caps, larger around words."""
    if index + 1 == len(row):
        return 0
    return _CAP_GAP if row[index].is_cap and row[index + 1].is_cap else _WORD_GAP
