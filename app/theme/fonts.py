"""Registration of the bundled fonts: Inter for text, JetBrains Mono for shapes and source."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QFontDatabase

_SUFFIXES = (".otf", ".ttf")


@cache
def load_fonts() -> tuple[str, ...]:
    """Return the family names of the bundled fonts. The first call registers them with Qt.

    A missing or damaged font is skipped: Qt then uses a system font.
    """
    families: dict[str, None] = {}
    for content in _contents():
        font_id = QFontDatabase.addApplicationFontFromData(QByteArray(content))
        if font_id >= 0:
            families.update(dict.fromkeys(QFontDatabase.applicationFontFamilies(font_id)))
    return tuple(families)


def _contents() -> list[bytes]:
    try:
        fonts = sorted((files("resources") / "fonts").iterdir(), key=lambda font: font.name)
        return [font.read_bytes() for font in fonts if font.name.endswith(_SUFFIXES)]
    except OSError:
        return []
