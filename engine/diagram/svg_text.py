"""SVG text elements: escaping, estimated text widths, and truncation to a given width."""

from __future__ import annotations

import re
from html import escape

# Characters that XML and HTML do not allow, even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Widths relative to the font size, of DejaVu Sans: the widest font that is likely to replace Inter
# where that is not installed.
_NARROW, _WIDE = frozenset("ijltfrI.,:;'|()[]!·- "), frozenset("mwMW×@%…—")
_IDEOGRAPHS = 0x2E80  # from this code point on characters are square
_BOLD, _MONO = 1.1, 0.61


def escape_text(value: object) -> str:
    """Return a value as text that is escaped for XML and HTML."""
    return escape(_FORBIDDEN.sub("\ufffd", str(value)))


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return an estimated text width. The estimate is rather too large than too small."""
    return sum(map(_relative_width, text)) * size * (_BOLD if bold else 1)


def _relative_width(char: str) -> float:
    if char in _NARROW:
        return 0.38
    if char in _WIDE:
        return 0.98
    if ord(char) >= _IDEOGRAPHS:
        return 1.0
    return 0.75 if char.isupper() else 0.63


def elide(text: str, max_width: float, size: float, bold: bool = False) -> str:
    """Return the text, shortened with an ellipsis if it is too wide."""
    if text_width(text, size, bold) <= max_width:
        return text
    short = text[: max(int(max_width), 1)]  # a character is at least one pixel wide
    while short and text_width(short + "…", size, bold) > max_width:
        short = short[:-1]
    return short + "…"


def wrap(text: str, max_width: float, size: float) -> list[str]:
    """Return the lines of a text, wrapped between words, or in a word that is too wide."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and text_width(longer, size) > max_width:
                lines.append(line)
                longer = word
            while text_width(longer, size) > max_width and len(longer) > 1:
                end = len(elide(longer, max_width, size)) - 1 or 1
                lines.append(longer[:end])
                longer = longer[end:]
            line = longer
        lines.append(line)
    return lines


def elide_mono(text: str, max_width: float, size: float) -> str:
    """Return a monospaced text, shortened with an ellipsis if it is too wide."""
    max_length = max(int(max_width / (size * _MONO)), 1)
    return text if len(text) <= max_length else text[: max_length - 1] + "…"


def text_element(x: float, y: float, text: str, color: str, size: float, extra: str = "") -> str:
    """Return an SVG text element at the baseline start (x, y), with `extra` attributes."""
    escaped = escape_text(text)
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{color}" {extra}>{escaped}</text>'
