"""Dresses every widget: Fusion, a palette and one style sheet, all fed from the theme."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template

from PySide6.QtCore import QObject, QTemporaryDir
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from app import fonts
from app.theme import Theme

# Strokes on a square of 16 units; the style sheet takes pictures from files only.
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
}
_WIDTHS = {"check": 2.0, "part": 2.0, "more": 2.0, "dot": 6.0}
_COLORED = ("dim", "text", "faint", "on_accent")

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
_FAINT = (_Role.Text, _Role.WindowText, _Role.ButtonText, _Role.HighlightedText)


def apply(app: QApplication, theme: Theme) -> None:
    """Give the application our looks, now and whenever the theme changes."""
    dresser = app.findChild(_Dresser)
    if not isinstance(dresser, _Dresser):
        fonts.load()
        app.setStyle("Fusion")
        dresser = _Dresser(app)
    dresser.follow(theme)


class _Dresser(QObject):
    """Follows one theme on behalf of the application."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._theme: Theme | None = None
        self._folder = QTemporaryDir()

    def follow(self, theme: Theme) -> None:
        """Dress the application from this theme and no other."""
        if theme is not self._theme:
            if self._theme is not None:
                self._theme.changed.disconnect(self._on_theme_changed)
            self._theme = theme
            theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def _on_theme_changed(self) -> None:
        assert self._theme is not None
        self._app.setFont(self._theme.ui())
        self._app.setPalette(palette(self._theme))
        written = sheet(self._theme, self._marks(self._theme))
        if written != self._app.styleSheet():
            self._app.setStyleSheet(written)

    def _marks(self, theme: Theme) -> Path:
        """Draw the marks of a theme once; Qt keeps pictures by path, so each theme has its own."""
        folder = Path(self._folder.path()) / ("dark" if theme.dark else "light")
        if not folder.exists():
            folder.mkdir(parents=True)
            for name in _STROKES:
                for token in _COLORED:
                    picture = _mark(name, theme.color(token).name())
                    (folder / f"{name}-{token}.svg").write_text(picture, "ascii")
        return folder


def sheet(theme: Theme, marks: Path) -> str:
    """Answer the style sheet, with the colours of a theme and the folder of its marks."""
    words = asdict(theme.tokens)
    soft = _DARK_SOFT if theme.dark else _LIGHT_SOFT
    for status in ("accent", "danger", "warning", "success"):
        words[f"{status}_soft"] = mixed(theme, status, "window", soft).name()
        words[f"{status}_edge"] = mixed(theme, status, "window", _EDGE).name()
    words["edge"] = mixed(theme, "outline", "raised", 0.4).name()
    words["hover"] = mixed(theme, "outline", "raised", 0.25).name()
    words["accent_hover"] = mixed(theme, "text", "accent", 0.15).name()
    words["accent_down"] = mixed(theme, "canvas", "accent", 0.15).name()
    return Template(_template()).substitute(words, marks=marks.as_posix())


def mixed(theme: Theme, front: str, behind: str, share: float) -> QColor:
    """Answer the colour of a token laid thinly over another one."""
    over, under = theme.color(front), theme.color(behind)
    parts = zip(over.getRgb()[:3], under.getRgb()[:3], strict=True)
    return QColor(*(round(a * share + b * (1 - share)) for a, b in parts))


@cache
def _template() -> str:
    return (files("resources") / "style" / "window.qss").read_text("utf-8")


def _mark(name: str, color: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">'
        f'<path d="{_STROKES[name]}" fill="none" stroke="{color}" stroke-linecap="round" '
        f'stroke-linejoin="round" stroke-width="{_WIDTHS.get(name, 1.5)}"/></svg>'
    )


def palette(theme: Theme) -> QPalette:
    """Answer Qt's own colours, for what the style sheet does not reach."""
    made = QPalette()
    for role, token in _ROLES.items():
        made.setColor(role, theme.color(token))
    for role in _FAINT:
        made.setColor(QPalette.ColorGroup.Disabled, role, theme.color("faint"))
    return made
