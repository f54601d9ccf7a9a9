"""Texts on the canvas: their fonts, how wide they are, and how they are drawn fast."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QGlyphRun, QPainter, QTextLayout

LONGEST = 200


@dataclass(frozen=True)
class Words:
    """A text that fits, and where its base line begins."""

    text: str
    at: QPointF


def _font(family: str, pixels: int, bold: bool = False) -> QFont:
    # Pixels, not points: a saved arrangement looks the same on every screen.
    font = QFont(family)
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


@lru_cache(maxsize=1)
def fonts() -> dict[str, QFont]:
    """Answer the fonts of nodes; those with a size in their names are for smaller zooms."""
    return {
        "name": _font("Inter", 13, bold=True),
        "caption": _font("Inter", 11),
        "label": _font("Inter", 12),
        "chip": _font("JetBrains Mono", 11),
        **{f"name-{size}": _font("Inter", size, bold=True) for size in (15, 18, 27, 35)},
        **{f"caption-{size}": _font("Inter", size) for size in (14, 18)},
        **{f"chip-{size}": _font("JetBrains Mono", size) for size in (14, 18)},
    }


@lru_cache(maxsize=32)
def _metrics(font: str) -> QFontMetricsF:
    return QFontMetricsF(fonts()[font])


@lru_cache(maxsize=8192)
def width_of(font: str, text: str) -> float:
    """Answer how wide a text is."""
    return _metrics(font).horizontalAdvance(text)


def cut(font: str, text: str, room: float) -> str:
    """Answer the text, or as much of it as the room holds and three dots."""
    if width_of(font, text) <= room:
        return text
    return _metrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room)


def one_line(text: str) -> str:
    """Answer the text without line breaks, and no longer than anyone reads."""
    return " ".join(text[:LONGEST].split())


def draw_words(painter: QPainter, font: str, words: Words) -> None:
    """Draw a text in the painter's pen.

    Why: drawing text shapes it each time, which is the larger half of what it costs.
    """
    for run in _runs(font, words.text):
        painter.drawGlyphRun(words.at, run)


@lru_cache(maxsize=16384)
def _runs(font: str, text: str) -> tuple[QGlyphRun, ...]:
    layout = QTextLayout(text, fonts()[font])
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    runs = layout.glyphRuns() if line.isValid() else []
    for run in runs:
        run.setPositions([at - QPointF(0, line.ascent()) for at in run.positions()])
    return tuple(runs)
