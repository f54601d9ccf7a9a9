"""Texts on the canvas: fonts, measuring, fitting to a width, and fast drawing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QGlyphRun, QPainter, QTextLayout, QTextOption

MAX_TEXT_LENGTH = 200
CAPTION_SEPARATOR = " · "  # between the parts of a caption
_ONE_DIGIT = 10  # numbers below it keep at least one decimal place


@dataclass(frozen=True)
class TextRun:
    """A text and the start point of its baseline."""

    text: str
    position: QPointF


def _font(family: str, pixels: int, bold: bool = False) -> QFont:
    # Pixels, not points, so that node sizes are the same on every screen.
    font = QFont(family)
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


@lru_cache(maxsize=1)
def fonts() -> dict[str, QFont]:
    """Return the fonts of node texts by key: "name", or "name-18" for small zooms (18 pixels)."""
    return {
        "name": _font("Inter", 13, bold=True),
        "caption": _font("Inter", 11),
        "label": _font("Inter", 12),
        "chip": _font("JetBrains Mono", 11),
        **{f"name-{size}": _font("Inter", size, bold=True) for size in (15, 18, 22, 27, 35)},
        **{f"caption-{size}": _font("Inter", size) for size in (14, 18, 22, 27, 35)},
        **{f"chip-{size}": _font("JetBrains Mono", size) for size in (14, 18, 22, 27, 35)},
    }


@lru_cache(maxsize=32)
def _metrics(font: str) -> QFontMetricsF:
    return QFontMetricsF(fonts()[font])


@lru_cache(maxsize=8192)
def text_width(font: str, text: str) -> float:
    """Return the width of a text in scene units; `font` is a key of `fonts()`, such as "name"."""
    return _metrics(font).horizontalAdvance(text)


def elide(font: str, text: str, width: float) -> str:
    """Return the text, shortened with an ellipsis if it is wider than `width`."""
    if text_width(font, text) <= width:
        return text
    return _metrics(font).elidedText(text, Qt.TextElideMode.ElideRight, width)


def wrap_name(font: str, name: str, width: float, max_lines: int = 2) -> list[str]:
    """Return a name in one line or, if it is wider than `width`, in two.

    The first line ends after "_", a hyphen or a space if the second line has room for the rest.
    Otherwise, a word is split so that at least 3 letters are in the second line.
    What does not fit into the last line is elided.
    """
    if max_lines < 2 or text_width(font, name) <= width:
        return [elide(font, name, width)]
    fitting = [end for end in range(1, len(name)) if text_width(font, name[:end].strip()) <= width]
    between_words = [
        end
        for end in fitting
        if name[end - 1] in "_- " and text_width(font, name[end:].strip()) <= width
    ]
    inside_words = [end for end in fitting if len(name) - end >= 3]
    end = max(between_words or inside_words or fitting, default=len(name))
    return [name[:end].strip(), elide(font, name[end:].strip(), width)]


@lru_cache(maxsize=1024)
def wrap_text(font: str, text: str, width: float, max_lines: int | None = None) -> tuple[str, ...]:
    """Return the lines of a text that is wrapped at `width`; the last of `max_lines` is elided."""
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        layout = QTextLayout(paragraph, fonts()[font])
        layout.setTextOption(_wrap_option())
        layout.beginLayout()
        ends = []
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            ends.append(line.textStart() + line.textLength())
        layout.endLayout()
        units = paragraph.encode("utf-16-le", "surrogatepass")  # Qt counts UTF-16 code units
        parts = [units[2 * a : 2 * b] for a, b in zip([0, *ends], ends, strict=False)]
        lines += [part.decode("utf-16-le", "surrogatepass").rstrip() for part in parts] or [""]
        if max_lines is not None and len(lines) > max_lines:
            return (*lines[: max_lines - 1], elide(font, f"{lines[max_lines - 1]}…", width))
    return tuple(lines)


def _wrap_option() -> QTextOption:
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    return option


def fit_parts(font: str, text: str, width: float) -> str:
    """Return the first parts of a caption ("64 filters · relu") that fit into `width` together.

    If not even the first part fits, it is elided.
    """
    parts = text.split(CAPTION_SEPARATOR)
    while len(parts) > 1 and text_width(font, CAPTION_SEPARATOR.join(parts)) > width:
        parts.pop()
    return elide(font, CAPTION_SEPARATOR.join(parts), width)


def fit_number(font: str, text: str, width: float) -> str:
    """Return the number in `text`, rounded to fit into `width`, or "" if no rounding fits."""
    return next((rounded for rounded in _roundings(text) if text_width(font, rounded) <= width), "")


def _roundings(text: str) -> Iterator[str]:
    """Yield the text of a number, then the number with fewer and fewer decimals, but not as 0."""
    yield text
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return
    notation = "e" if "e" in text else "f"
    digits = len(text.partition("e")[0].partition(".")[2])
    min_places = 1 if notation == "f" and abs(number) < _ONE_DIGIT else 0
    for decimals in range(digits - 1, min_places - 1, -1):
        rounded = f"{number:.{decimals}{notation}}"
        if float(rounded) or not number:
            yield rounded


def single_line(text: str) -> str:
    """Return the text without line breaks, truncated to MAX_TEXT_LENGTH characters."""
    return " ".join(text[:MAX_TEXT_LENGTH].split())


def draw_text(painter: QPainter, font: str, text: TextRun) -> None:
    """Draw a text with the painter's pen, from cached glyph runs.

    Why: QPainter.drawText shapes the text at every call. Shaping takes over half of its time.
    """
    for run in _glyph_runs(font, text.text):
        painter.drawGlyphRun(text.position, run)


@lru_cache(maxsize=16384)
def _glyph_runs(font: str, text: str) -> tuple[QGlyphRun, ...]:
    layout = QTextLayout(text, fonts()[font])
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    runs = layout.glyphRuns() if line.isValid() else []
    for run in runs:
        run.setPositions([position - QPointF(0, line.ascent()) for position in run.positions()])
    return tuple(runs)
