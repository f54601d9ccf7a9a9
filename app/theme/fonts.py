"""Brings the bundled fonts into Qt: Inter for words, JetBrains Mono for shapes and source."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QFontDatabase

_ENDINGS = (".otf", ".ttf")


@cache
def load() -> tuple[str, ...]:
    """Make the bundled fonts known to Qt, once, and answer the names of their families.

    A font that is missing or broken is left out: Qt then takes the desktop's own.
    """
    families: dict[str, None] = {}
    for content in _contents():
        number = QFontDatabase.addApplicationFontFromData(QByteArray(content))
        if number >= 0:
            families.update(dict.fromkeys(QFontDatabase.applicationFontFamilies(number)))
    return tuple(families)


def _contents() -> list[bytes]:
    try:
        places = sorted((files("resources") / "fonts").iterdir(), key=lambda place: place.name)
        return [place.read_bytes() for place in places if place.name.endswith(_ENDINGS)]
    except OSError:
        return []
