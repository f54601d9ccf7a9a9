"""Icons of the user interface, drawn in the color of a theme token.

The glyphs are the Material Design Icons in the package QtAwesome. They are drawn as outlines, which
are sharp at every size. QtAwesome itself is not imported because it would load all its fonts.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPainterPath,
    QPixmap,
    QRawFont,
    QTransform,
)

from app.theme.theme import Theme

# Icon name -> glyph name of Material Design Icons 6.
GLYPHS = {
    # Layer types and families.
    "Input": "location-enter",
    "Output": "location-exit",
    "io": "swap-horizontal",
    "dense": "dots-grid",
    "recurrent": "autorenew",
    "conv": "grid",
    "pool": "arrow-collapse-vertical",
    "merge": "call-merge",
    "norm": "chart-bell-curve",
    "activation": "chart-bell-curve-cumulative",
    "dropout": "scatter-plot-outline",
    "shape": "shape-outline",
    "families_rest": "shape-outline",
    "attention": "image-filter-center-focus",
    # Training.
    "play": "play",
    "stop": "stop",
    "pause": "pause",
    "refresh": "refresh",
    "time": "clock-outline",
    # Editing.
    "undo": "undo",
    "redo": "redo",
    "cut": "content-cut",
    "copy": "content-copy",
    "paste": "content-paste",
    "duplicate": "content-duplicate",
    "delete": "trash-can-outline",
    "add": "plus",
    "edit": "pencil-outline",
    "rename": "form-textbox",
    "search": "magnify",
    "find": "text-box-search-outline",
    "filter": "filter-outline",
    "select-all": "select-all",
    # Canvas.
    "fit": "fit-to-page-outline",
    "fit-selection": "focus-field",
    "zoom-in": "magnify-plus-outline",
    "zoom-out": "magnify-minus-outline",
    "tidy": "sitemap-outline",
    "tidy-down": "arrow-down",
    "align-left": "align-horizontal-left",
    "align-right": "align-horizontal-right",
    "align-top": "align-vertical-top",
    "align-bottom": "align-vertical-bottom",
    "align-centre-h": "align-horizontal-center",
    "align-centre-v": "align-vertical-center",
    "distribute-h": "align-horizontal-distribute",
    "distribute-v": "align-vertical-distribute",
    "frame": "group",
    "note": "note-text-outline",
    "collapse": "unfold-less-horizontal",
    "bypass": "debug-step-over",
    "link": "link-variant",
    "unlink": "link-variant-off",
    "wire": "vector-line",
    "connect": "lan-connect",
    "disconnect": "lan-disconnect",
    "minimap": "map-outline",
    # Files.
    "new": "file-plus-outline",
    "file": "file-outline",
    "open": "folder-open-outline",
    "folder": "folder-outline",
    "save": "content-save-outline",
    "save-as": "content-save-edit-outline",
    "export": "export-variant",
    "image": "image-outline",
    "code": "code-tags",
    "recent": "history",
    "template": "view-dashboard-outline",
    "database": "database-outline",
    # Columns of data.
    "decimal": "decimal",
    "numeric": "numeric",
    "toggle": "toggle-switch-outline",
    "tag": "tag-outline",
    "tags": "tag-multiple-outline",
    "text": "text",
    "date": "calendar",
    "sequence": "code-array",
    "key": "key-outline",
    "equal": "equal",
    # The window.
    "settings": "cog-outline",
    "help": "help-circle-outline",
    "dirty": "circle-medium",
    "keyboard": "keyboard-outline",
    "more": "dots-horizontal",
    "close": "close",
    "float": "dock-window",
    "maximize": "arrow-expand",
    "star": "star",
    "star-outline": "star-outline",
    "left": "chevron-left",
    "right": "chevron-right",
    "up": "chevron-up",
    "down": "chevron-down",
    "check": "check",
    "show": "eye-outline",
    # Diagnostics.
    "error": "close-octagon",
    "warning": "alert",
    "info": "information",
    "ok": "check-circle",
    "fix": "auto-fix",
    # Panels.
    "curve": "chart-line",
    "table": "table",
    "results": "chart-box-outline",
    "tree": "file-tree-outline",
    "list": "format-list-bulleted",
    "layers": "layers-triple-outline",
    "log": "text-box-outline",
    "node": "vector-square",
}

_GRID = 24  # glyphs are designed on a square of this many units
_BASELINE = 21  # units from the top of that square
_OVERSAMPLING = 16  # outlines are read at a font size larger by this factor, to avoid rounding


def icon(theme: Theme, name: str, token: str = "text") -> QIcon:
    """Return an icon in the color of a theme token.

    The color is read from the theme whenever the icon is painted, so it follows theme changes. An
    unknown name is drawn as a question mark.
    """
    return QIcon(_GlyphIconEngine(theme, name, token))


def icon_pixmap(theme: Theme, name: str, token: str, size: int) -> QPixmap:
    """Return an icon in the theme color `token`, as a pixmap of `size` x `size` logical pixels."""
    ratio = QGuiApplication.instance().devicePixelRatio()
    result = QPixmap(_render_glyph(name, theme.stroke_color(token).rgba(), round(size * ratio)))
    result.setDevicePixelRatio(ratio)
    return result


def paint_icon(painter: QPainter, name: str, rect: QRectF, color: QColor) -> None:
    """Draw an icon as a vector outline in a rectangle, for items that are scaled."""
    side = min(rect.width(), rect.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center() - QPointF(side / 2, side / 2))
    painter.scale(side / _GRID, side / _GRID)
    painter.fillPath(_outline(name), color)
    painter.restore()


@cache
def app_icon() -> QIcon:
    """Return the icon of the application."""
    result = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        result.addPixmap(_render_logo(size))
    return result


def _render_logo(size: int) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer

    result = QPixmap(size, size)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    svg = (files("resources") / "icons" / "layerloom.svg").read_bytes()
    QSvgRenderer(svg).render(painter)
    painter.end()
    return result


class _GlyphIconEngine(QIconEngine):
    def __init__(self, theme: Theme, name: str, token: str) -> None:
        super().__init__()
        self._theme, self._name, self._token = theme, name, token

    def clone(self) -> QIconEngine:
        return _GlyphIconEngine(self._theme, self._name, self._token)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        paint_icon(painter, self._name, QRectF(rect), self._color(mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        side = min(size.width(), size.height())
        return QPixmap(_render_glyph(self._name, self._color(mode).rgba(), side))

    def _color(self, mode: QIcon.Mode) -> QColor:
        return self._theme.stroke_color("faint" if mode == QIcon.Mode.Disabled else self._token)


@lru_cache(maxsize=1024)
def _render_glyph(name: str, rgba: int, side: int) -> QPixmap:
    if side < 1:
        return QPixmap()
    result = QPixmap(side, side)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    paint_icon(painter, name, QRectF(0, 0, side, side), QColor.fromRgba(rgba))
    painter.end()
    return result


@cache
def _outline(name: str) -> QPainterPath:
    """Return the outline of an icon in units of the icon grid; empty if the fonts are missing."""
    font, glyphs = _font()
    glyph = glyphs.get(GLYPHS.get(name, GLYPHS["help"]))
    if glyph is None:
        return QPainterPath()
    (index,) = font.glyphIndexesForString(chr(int(glyph, 16)))
    to_grid = QTransform.fromTranslate(0, _BASELINE).scale(1 / _OVERSAMPLING, 1 / _OVERSAMPLING)
    return to_grid.map(font.pathForGlyph(index))


@cache
def _font() -> tuple[QRawFont, dict[str, str]]:
    """Return the icon font, and a mapping from glyph names to hexadecimal code points."""
    spec = find_spec("qtawesome")
    package_paths = (spec.submodule_search_locations if spec else None) or []
    for package_path in package_paths:
        folder = Path(package_path) / "fonts"
        fonts = sorted(folder.glob("materialdesignicons6-webfont-*.ttf"))
        charmaps = sorted(folder.glob("materialdesignicons6-webfont-charmap-*.json"))
        if fonts and charmaps:
            hinting = QFont.HintingPreference.PreferNoHinting
            font = QRawFont(str(fonts[-1]), _GRID * _OVERSAMPLING, hinting)
            return font, json.loads(charmaps[-1].read_text("utf-8"))
    return QRawFont(), {}
