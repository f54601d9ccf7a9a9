"""Key sequences drawn as the caps of a keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from app.shortcuts.keymap import native
from app.theme.theme import Theme

_ARROWS = {"Left": "\u2190", "Up": "\u2191", "Right": "\u2192", "Down": "\u2193"}
_PAD, _GAP, _APART = 6.0, 3.0, 7.0
_HEIGHT = 21.0


@dataclass(frozen=True)
class Piece:
    """A cap, or a word between caps.

    Args:
        text: what stands on it.
        cap: drawn as a key, else as a word.
    """

    text: str
    cap: bool = True


def caps_of(sequence: str) -> list[str]:
    """Return what stands on the keys of a sequence: "Ctrl", "Shift" and "+" of "Ctrl+Shift++"."""
    keys: list[str] = []
    for chord in native(sequence).split(", "):
        held, plus, last = chord.rpartition("+")
        if plus and not last:
            held, last = held.rstrip("+"), "+"
        keys += [*filter(None, held.split("+")), last]
    return [_ARROWS.get(key, key) for key in keys if key]


def pieces(keys: Sequence[str], mouse: str = "") -> list[Piece]:
    """Return all ways of a gesture in a row, "or" between them."""
    ways = [[Piece(key) for key in caps_of(sequence)] for sequence in keys]
    ways += [[Piece(mouse, cap=False)]] if mouse else []
    found: list[Piece] = []
    for way in filter(None, ways):
        found += [Piece("or", cap=False)] if found else []
        found += way
    return found


def spoken(keys: Sequence[str], mouse: str = "") -> str:
    """Return all ways of a gesture as a sentence, for search and screen readers."""
    return " or ".join(filter(None, [*map(native, keys), mouse]))


def width_of(row: Sequence[Piece], theme: Theme) -> float:
    """Return how wide the pieces are when drawn."""
    return sum(_width(piece, theme) + _space(row, at) for at, piece in enumerate(row))


def draw(painter: QPainter, theme: Theme, row: Sequence[Piece], place: QRectF) -> None:
    """Paint the pieces at the right end of a place."""
    left = max(place.left(), place.right() - width_of(row, theme))
    for at, piece in enumerate(row):
        box = QRectF(left, place.center().y() - _HEIGHT / 2, _width(piece, theme), _HEIGHT)
        box.setRight(min(box.right(), place.right()))
        if piece.cap:
            _draw_cap(painter, theme, box)
        painter.setFont(_font(piece, theme))
        painter.setPen(theme.color("text" if piece.cap else "dim"))
        text = QFontMetricsF(painter.font()).elidedText(
            piece.text, Qt.TextElideMode.ElideRight, box.width() + 1
        )
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
        left = box.right() + _space(row, at)


def _draw_cap(painter: QPainter, theme: Theme, box: QRectF) -> None:
    """Paint a key, its lower edge thicker, as if it stood up a little."""
    edge = box.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setPen(QPen(theme.color("outline"), 1))
    painter.setBrush(theme.color("raised"))
    painter.drawRoundedRect(edge, 4, 4)
    low = edge.bottom() - 1.5
    painter.drawLine(QPointF(edge.left() + 2, low), QPointF(edge.right() - 2, low))


def _font(piece: Piece, theme: Theme) -> QFont:
    return theme.ui_font(8.5, bold=piece.cap)


def _width(piece: Piece, theme: Theme) -> float:
    wide = QFontMetricsF(_font(piece, theme)).horizontalAdvance(piece.text)
    return max(_HEIGHT, wide + 2 * _PAD) if piece.cap else wide + 1


def _space(row: Sequence[Piece], at: int) -> float:
    """Return the room after a piece: little between the keys of a chord, more around words."""
    if at + 1 == len(row):
        return 0
    return _GAP if row[at].cap and row[at + 1].cap else _APART
