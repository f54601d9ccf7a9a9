"""Texts on the canvas: their fonts, how wide they are, and how they are drawn fast."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QGlyphRun, QPainter, QTextLayout

LONGEST = 200
PART = " · "  # between the parts of a second line
_ONE_DIGIT = 10  # numbers below it mean little without a place behind the point


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
    """Return the fonts of nodes; those with a size in their names are for smaller zooms."""
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
    """Return how wide a text is."""
    return _metrics(font).horizontalAdvance(text)


def cut(font: str, text: str, room: float) -> str:
    """Return the text, or as much of it as the room holds and three dots."""
    if width_of(font, text) <= room:
        return text
    return _metrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room)


def whole_parts(font: str, text: str, room: float) -> str:
    """Return as many parts of a text, from the first on, as the room holds whole.

    What has no second part is cut.
    """
    parts = text.split(PART)
    while len(parts) > 1 and width_of(font, PART.join(parts)) > room:
        parts.pop()
    return cut(font, PART.join(parts), room)


def fewer_digits(font: str, text: str, room: float) -> str:
    """Return a number with as many digits as the room holds, "" where it holds none of it."""
    return next((said for said in _roundings(text) if width_of(font, said) <= room), "")


def _roundings(text: str) -> Iterator[str]:
    """Yield a number as it is written, then with ever fewer digits, as long as it stays one."""
    yield text
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return
    way = "e" if "e" in text else "f"
    digits = len(text.partition("e")[0].partition(".")[2])
    least = 1 if way == "f" and abs(number) < _ONE_DIGIT else 0
    for places in range(digits - 1, least - 1, -1):
        said = f"{number:.{places}{way}}"
        if float(said) or not number:
            yield said


def one_line(text: str) -> str:
    """Return the text without line breaks, and no longer than anyone reads."""
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
