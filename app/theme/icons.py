"""Every picture on a control, by our own names, coloured by a token of the theme.

The glyphs are the Material Design Icons that QtAwesome brings, drawn as outlines: that is sharp at
every size, and does not wait for QtAwesome to load all of its fonts.
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

# Our name -> glyph of Material Design Icons 6.
NAMES = {
    # Kinds and families of layers.
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
    # Running.
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
    "remove": "minus",
    "edit": "pencil-outline",
    "rename": "form-textbox",
    "search": "magnify",
    "find": "text-box-search-outline",
    "filter": "filter-outline",
    "select-all": "select-all",
    "select-inverse": "select-inverse",
    # Canvas.
    "fit": "fit-to-page-outline",
    "fit-selection": "focus-field",
    "zoom-in": "magnify-plus-outline",
    "zoom-out": "magnify-minus-outline",
    "tidy": "sitemap-outline",
    "tidy-right": "arrow-right",
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
    "ungroup": "ungroup",
    "collapse": "unfold-less-horizontal",
    "expand": "unfold-more-horizontal",
    "bypass": "debug-step-over",
    "link": "link-variant",
    "unlink": "link-variant-off",
    "wire": "vector-line",
    "reroute": "vector-polyline",
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
    "theme": "theme-light-dark",
    "help": "help-circle-outline",
    "dirty": "circle-medium",
    "keyboard": "keyboard-outline",
    "more": "dots-horizontal",
    "menu": "menu",
    "close": "close",
    "float": "dock-window",
    "star": "star",
    "star-outline": "star-outline",
    "left": "chevron-left",
    "right": "chevron-right",
    "up": "chevron-up",
    "down": "chevron-down",
    "check": "check",
    "lock": "lock-outline",
    "show": "eye-outline",
    "hide": "eye-off-outline",
    "external": "open-in-new",
    # What is found.
    "error": "close-octagon",
    "warning": "alert",
    "info": "information",
    "ok": "check-circle",
    "fix": "auto-fix",
    "tip": "lightbulb-on-outline",
    # Panels.
    "curve": "chart-line",
    "table": "table",
    "results": "chart-box-outline",
    "tree": "file-tree-outline",
    "list": "format-list-bulleted",
    "layers": "layers-triple-outline",
    "inspector": "tune-variant",
    "log": "text-box-outline",
    "node": "vector-square",
    "memory": "memory",
}

_GRID = 24  # Glyphs are designed on a square of this many units, the base line 21 below its top.
_BASE = 21
_FINE = 16  # Outlines are taken from a font this much larger, where no hinting rounds them.
_APP_SIZES = (16, 24, 32, 48, 64, 128, 256)


def icon(theme: Theme, name: str, token: str = "text") -> QIcon:
    """Return an icon in the colour of a token.

    It asks the theme for the colour whenever it is painted, so nobody has to replace it when the
    theme changes. A name that is not in NAMES is drawn as a question mark.
    """
    return QIcon(_Engine(theme, name, token))


def pixmap(theme: Theme, name: str, token: str, size: int) -> QPixmap:
    """Return a square picture, `size` wide in the units of widgets, sharp on every screen."""
    ratio = QGuiApplication.instance().devicePixelRatio()
    picture = QPixmap(_drawn(name, theme.ink(token).rgba(), round(size * ratio)))
    picture.setDevicePixelRatio(ratio)
    return picture


def paint(painter: QPainter, name: str, rect: QRectF, color: QColor) -> None:
    """Draw a glyph as an outline into a rectangle, for items that scale."""
    outline = _outline(name)
    side = min(rect.width(), rect.height())
    corner = rect.center() - QPointF(side / 2, side / 2)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(corner)
    painter.scale(side / _GRID, side / _GRID)
    painter.fillPath(outline, color)
    painter.restore()


@cache
def app_icon() -> QIcon:
    """Return the program's own mark."""
    picture = QIcon()
    for side in _APP_SIZES:
        picture.addPixmap(_mark(side))
    return picture


def _mark(side: int) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer

    drawn = QPixmap(side, side)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    mark = (files("resources") / "icons" / "layerloom.svg").read_bytes()
    QSvgRenderer(mark).render(painter)
    painter.end()
    return drawn


class _Engine(QIconEngine):
    """Paints a glyph in the colour that the theme has at that moment."""

    def __init__(self, theme: Theme, name: str, token: str) -> None:
        super().__init__()
        self._theme, self._name, self._token = theme, name, token

    def clone(self) -> QIconEngine:
        return _Engine(self._theme, self._name, self._token)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        paint(painter, self._name, QRectF(rect), self._color(mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        side = min(size.width(), size.height())
        return QPixmap(_drawn(self._name, self._color(mode).rgba(), side))

    def _color(self, mode: QIcon.Mode) -> QColor:
        return self._theme.ink("faint" if mode == QIcon.Mode.Disabled else self._token)


@lru_cache(maxsize=1024)
def _drawn(name: str, rgba: int, side: int) -> QPixmap:
    if side < 1:
        return QPixmap()
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint(painter, name, QRectF(0, 0, side, side), QColor.fromRgba(rgba))
    painter.end()
    return picture


@cache
def _outline(name: str) -> QPainterPath:
    font, glyphs = _font()
    glyph = glyphs.get(NAMES.get(name, NAMES["help"]))
    if glyph is None:
        return QPainterPath()
    (index,) = font.glyphIndexesForString(chr(int(glyph, 16)))
    shrink = QTransform.fromTranslate(0, _BASE).scale(1 / _FINE, 1 / _FINE)
    return shrink.map(font.pathForGlyph(index))


@cache
def _font() -> tuple[QRawFont, dict[str, str]]:
    found = find_spec("qtawesome")
    places = (found.submodule_search_locations if found else None) or []
    for place in places:
        folder = Path(place) / "fonts"
        fonts = sorted(folder.glob("materialdesignicons6-webfont-*.ttf"))
        tables = sorted(folder.glob("materialdesignicons6-webfont-charmap-*.json"))
        if fonts and tables:
            hinting = QFont.HintingPreference.PreferNoHinting
            font = QRawFont(str(fonts[-1]), _GRID * _FINE, hinting)
            return font, json.loads(tables[-1].read_text("utf-8"))
    return QRawFont(), {}
