"""The look of all widgets: the Fusion style, a palette and a style sheet made from the theme."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template

from PySide6.QtCore import QObject, QTemporaryDir
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QWidget

from app.theme import fonts
from app.theme.theme import Theme, mix_colors

# SVG paths by name, on a square of 16 units; written to files, which a style sheet requires.
_STROKES = {
    "check": "M3.8 8.4 6.8 11.4 12.4 4.9",
    "part": "M4.5 8H11.5",
    "down": "M4.2 6.2 8 10 11.8 6.2",
    "up": "M4.2 9.8 8 6 11.8 9.8",
    "left": "M9.8 4.2 6 8 9.8 11.8",
    "right": "M6.2 4.2 10 8 6.2 11.8",
    "close": "M4.5 4.5 11.5 11.5M11.5 4.5 4.5 11.5",
    "float": "M6.5 3.5H12.5V9.5M9.5 6.5V12.5H3.5V6.5Z",
    "more": "M4 8h.01M8 8h.01M12 8h.01",
    "dot": "M8 8h.01",
    "critical": "M5.5 2H10.5L14 5.5V10.5L10.5 14H5.5L2 10.5V5.5ZM6 6 10 10M10 6 6 10",
    "caution": "M8 2.2 14.4 13.4H1.6ZM8 6.4V9.2M8 11.3h.01",
    "hint": "M8 1.8A6.2 6.2 0 1 0 8 14.2 6.2 6.2 0 1 0 8 1.8ZM8 7.6V11M8 5.1h.01",
    "question": "M8 1.8A6.2 6.2 0 1 0 8 14.2 6.2 6.2 0 1 0 8 1.8ZM6.2 6.3A1.8 1.8 0 1 1 8.8 7.9"
    "C8.2 8.2 8 8.5 8 9.2M8 11.2h.01",
    "folder": "M2 12.5V3.5H6L7.5 5H14V12.5ZM8 7.2V10.8M6.2 9H9.8",
    "grid": "M3 3H6.5V6.5H3ZM9.5 3H13V6.5H9.5ZM3 9.5H6.5V13H3ZM9.5 9.5H13V13H9.5Z",
    "rows": "M3 4H13M3 8H13M3 12H13",
}
_WIDTHS = {"check": 2.0, "part": 2.0, "more": 2.0, "dot": 6.0}
_SVG_REFERENCE = re.compile(r"\$marks/(\w+)-(\w+)\.svg")

# The fraction of a status color in mixed colors: for dark and light backgrounds, and borders.
_DARK_SOFT, _LIGHT_SOFT, _EDGE = 0.14, 0.09, 0.5

_Role = QPalette.ColorRole
_ROLES = {
    _Role.Window: "window", _Role.WindowText: "text", _Role.Base: "surface",
    _Role.AlternateBase: "window", _Role.Text: "text", _Role.Button: "raised",
    _Role.ButtonText: "text", _Role.BrightText: "danger", _Role.ToolTipBase: "raised",
    _Role.ToolTipText: "text", _Role.PlaceholderText: "dim", _Role.Highlight: "selected",
    _Role.HighlightedText: "text", _Role.Link: "accent", _Role.LinkVisited: "accent",
    _Role.Accent: "accent", _Role.Light: "raised", _Role.Midlight: "raised", _Role.Mid: "border",
    _Role.Dark: "border", _Role.Shadow: "canvas",
}  # fmt: skip
_DISABLED_ROLES = (_Role.Text, _Role.WindowText, _Role.ButtonText, _Role.HighlightedText)


def apply_palette(app: QApplication, theme: Theme) -> None:
    """Set font and palette of the application, but not yet the style sheet.

    Why: with a style sheet, Qt restyles a widget and its children whenever its parent changes.
        Building the window before the style sheet is set takes half the time.
    """
    _styler(app).set_palette(theme)


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Apply a theme to the application, now and whenever the theme changes."""
    _styler(app).follow(theme)


def _styler(app: QApplication) -> _Styler:
    styler = app.findChild(_Styler)
    if not isinstance(styler, _Styler):
        fonts.load_fonts()
        app.setStyle("Fusion")
        styler = _Styler(app)
    return styler


class _Styler(QObject):
    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._theme: Theme | None = None
        self._folder = QTemporaryDir()
        self._cursor_flash_time = app.cursorFlashTime()

    def follow(self, theme: Theme) -> None:
        if theme is not self._theme:
            if self._theme is not None:
                self._theme.changed.disconnect(self._on_theme_changed)
            self._theme = theme
            theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def set_palette(self, theme: Theme) -> None:
        self._app.setFont(theme.ui_font())
        self._app.setPalette(build_palette(theme))
        self._app.setCursorFlashTime(0 if theme.reduced_motion else self._cursor_flash_time)

    def _on_theme_changed(self) -> None:
        assert self._theme is not None
        self.set_palette(self._theme)
        style_sheet = build_style_sheet(self._theme, self._svg_folder(self._theme))
        if style_sheet != self._app.styleSheet():
            self._app.setStyleSheet(style_sheet)

    def _svg_folder(self, theme: Theme) -> Path:
        """Return the folder with the SVG files of a theme; write them if the folder is missing.

        Qt caches images by path, so each theme needs its own folder.
        """
        name = ("dark" if theme.is_dark else "light") + "-color-blind" * theme.color_blind
        folder = Path(self._folder.path()) / name
        if not folder.exists():
            folder.mkdir(parents=True)
            for name, token in set(_SVG_REFERENCE.findall(_template())):
                svg = _svg(name, theme.color(token).name())
                (folder / f"{name}-{token}.svg").write_text(svg, "ascii")
        return folder


def build_style_sheet(theme: Theme, svg_folder: Path) -> str:
    """Return the style sheet for the colors of a theme, with images from `svg_folder`."""
    values, color = dict(theme.tokens), theme.color
    soft = _DARK_SOFT if theme.is_dark else _LIGHT_SOFT
    for status in ("accent", "danger", "warning", "success"):
        values[f"{status}_soft"] = mix_colors(color(status), color("window"), soft).name()
        values[f"{status}_edge"] = mix_colors(color(status), color("window"), _EDGE).name()
    values["edge"] = mix_colors(color("outline"), color("raised"), 0.4).name()
    values["hover"] = mix_colors(color("outline"), color("raised"), 0.25).name()
    values["accent_hover"] = mix_colors(color("text"), color("accent"), 0.15).name()
    values["accent_down"] = mix_colors(color("canvas"), color("accent"), 0.15).name()
    return Template(_template()).substitute(values, marks=svg_folder.as_posix())


@cache
def _template() -> str:
    return (files("resources") / "style" / "window.qss").read_text("utf-8")


def _svg(name: str, color: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">'
        f'<path d="{_STROKES[name]}" fill="none" stroke="{color}" stroke-linecap="round" '
        f'stroke-linejoin="round" stroke-width="{_WIDTHS.get(name, 1.5)}"/></svg>'
    )


def build_palette(theme: Theme) -> QPalette:
    """Return the Qt palette of a theme, for everything that the style sheet does not cover."""
    result = QPalette()
    for role, token in _ROLES.items():
        result.setColor(role, theme.color(token))
    for role in _DISABLED_ROLES:
        result.setColor(QPalette.ColorGroup.Disabled, role, theme.color("faint"))
    return result


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property that style sheet selectors use, and restyle the widget."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
