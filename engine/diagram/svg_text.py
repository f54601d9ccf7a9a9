"""Texts of a picture that stands alone: escaped, and cut to their room whatever font draws them."""

from __future__ import annotations

import re
from html import escape

# What XML can't hold even when escaped.
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# By letter, in shares of the font's size. They are those of DejaVu Sans, the widest font that is
# likely to stand in for Inter where that is not installed.
_SLIM, _FAT = frozenset("ijltfrI.,:;'|()[]!·- "), frozenset("mwMW×@%…—")
_IDEOGRAPHS = 0x2E80  # from here on signs are as wide as they are high
_BOLD, _MONO = 1.1, 0.61


def width_of(text: str, size: float, bold: bool = False) -> float:
    """Return how wide a text is at most."""
    return sum(map(_share, text)) * size * (_BOLD if bold else 1)


def _share(letter: str) -> float:
    if letter in _SLIM:
        return 0.38
    if letter in _FAT:
        return 0.98
    if ord(letter) >= _IDEOGRAPHS:
        return 1.0
    return 0.75 if letter.isupper() else 0.63


def cut(text: str, room: float, size: float, bold: bool = False) -> str:
    """Return as much of a text as fits, and three dots for the rest."""
    if width_of(text, size, bold) <= room:
        return text
    kept = text[: max(int(room), 1)]  # no letter is slimmer than a pixel
    while kept and width_of(kept + "…", size, bold) > room:
        kept = kept[:-1]
    return kept + "…"


def cut_mono(text: str, room: float, size: float) -> str:
    """Return as much of a text as fits where all letters are equally wide."""
    most = max(int(room / (size * _MONO)), 1)
    return text if len(text) <= most else text[: most - 1] + "…"


def text_element(x: float, y: float, text: str, color: str, size: float, more: str = "") -> str:
    """Return a text as SVG; its base line begins at a place."""
    said = escape(_UNFIT.sub("\ufffd", text))
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{color}" {more}>{said}</text>'
