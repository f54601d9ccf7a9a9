"""The colors and fonts of the window, used by palette, style sheet, canvas and charts."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Literal, NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication

from engine.diagram import palette
from engine.diagram.palette import Palette, select_palette

ThemeMode = Literal["system", "dark", "light"]


def _tokens(shared: Palette, **window_colors: str) -> dict[str, str]:
    """Return colors named by their purpose (tokens), as "#rrggbb".

    Args:
        shared: the palette of the engine's diagrams, whose tokens are included. The tokens of the
            layer families are the names of the families, and `families_rest`.
        window_colors: the colors of the other tokens:
            window: background of window and panels.
            raised: background of menus, tooltips and hovered rows.
            selected: background of selected rows and text.
            grid: dots of the canvas.
            outline: border of fields, check boxes and handles.
            faint: disabled text.
            on_accent: text on `accent`.
            on_status: text on danger, warning and success.
    """
    colors = {field.name: getattr(shared, field.name) for field in fields(shared)}
    families = dict(colors.pop("families"))
    families["families_rest"] = families.pop("")
    del colors["curves"]
    return {"on_family": colors.pop("title"), **colors, **families, **window_colors}


_DARK_WINDOW = {
    "window": "#191d25", "raised": "#2a303c", "selected": "#2a3f66", "grid": "#262c37",
    "outline": "#747e90", "faint": "#6a7384", "on_accent": "#0a1222", "on_status": "#12151b",
}  # fmt: skip
_LIGHT_WINDOW = {
    "window": "#f8f9fb", "raised": "#edf0f5", "selected": "#d5e3fd", "grid": "#d3d9e2",
    "outline": "#7c8696", "faint": "#98a1b0", "on_accent": "#ffffff", "on_status": "#ffffff",
}  # fmt: skip
DARK = _tokens(palette.DARK, **_DARK_WINDOW)
LIGHT = _tokens(palette.LIGHT, **_LIGHT_WINDOW)
COLOR_BLIND_DARK = _tokens(palette.COLOR_BLIND_DARK, **_DARK_WINDOW)
COLOR_BLIND_LIGHT = _tokens(palette.COLOR_BLIND_LIGHT, **_LIGHT_WINDOW)

FAMILIES = tuple(family or "families_rest" for family in palette.DARK.families)

# The color token of a message's icon, by severity.
SEVERITY_TOKENS = {"error": "danger", "warning": "warning", "info": "accent", "ok": "success"}


class CurveStyle(NamedTuple):
    """The style of a plotted curve; color, dash and marker differ between curves.

    Args:
        dash: lengths of dashes and gaps, as multiples of the line width; () for a solid line.
        marker: pyqtgraph's name of the point symbol.
    """

    color: QColor
    dash: tuple[float, ...]
    marker: str


_FAMILY_SHARE = 0.62
_STROKES: tuple[tuple[tuple[float, ...], str], ...] = (
    ((), "o"), ((6, 3), "s"), ((2, 2), "t"), ((8, 3, 2, 3), "d"),
    ((12, 3), "x"), ((4, 2, 1, 2, 1, 2), "star"), ((3, 5), "t1"), ((10, 2, 4, 2), "p"),
)  # fmt: skip


class Theme(QObject):
    """The current colors and fonts; dark or light as the system or the user chooses.

    Signals:
        changed: the colors or `reduced_motion` have changed.

    Args:
        color_blind: whether the colors can be told apart with color blindness.
        reduced_motion: whether nothing is animated. By default, as the desktop or
            LAYERLOOM_REDUCED_MOTION=1 says.
    """

    changed = Signal()

    def __init__(
        self,
        mode: ThemeMode = "system",
        *,
        color_blind: bool = False,
        reduced_motion: bool | None = None,
    ) -> None:
        super().__init__()
        self._mode: ThemeMode = mode
        self._color_blind = color_blind
        self._reduced_motion = (
            prefers_reduced_motion() if reduced_motion is None else reduced_motion
        )
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._tokens = self._select_tokens()

    @property
    def mode(self) -> ThemeMode:
        """The mode: "system", "dark" or "light"."""
        return self._mode

    def set_mode(self, mode: ThemeMode) -> None:
        """Set the mode: follow the system, or always dark or light."""
        self._mode = mode
        self._on_system_changed()

    @property
    def color_blind(self) -> bool:
        """Whether curves, layer families and status have colors for color blindness."""
        return self._color_blind

    @color_blind.setter
    def color_blind(self, on: bool) -> None:
        self._color_blind = on
        self._on_system_changed()

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing is animated."""
        return self._reduced_motion

    @reduced_motion.setter
    def reduced_motion(self, on: bool) -> None:
        if on != self._reduced_motion:
            self._reduced_motion = on
            self.changed.emit()

    @property
    def tokens(self) -> Mapping[str, str]:
        """The current colors by token, as "#rrggbb"."""
        return self._tokens

    @property
    def is_dark(self) -> bool:
        """Whether the dark theme is in use."""
        return self._tokens is DARK or self._tokens is COLOR_BLIND_DARK

    @property
    def palette(self) -> Palette:
        """The current palette of the engine's diagrams."""
        return select_palette(self.is_dark, self._color_blind)

    def color(self, token: str) -> QColor:
        """Return the color of a token, such as "window"."""
        return QColor(self._tokens[token])

    def family_color(self, family: str) -> QColor:
        """Return the color of a layer family; a neutral color for unknown families."""
        return self.color(family if family in FAMILIES else "families_rest")

    def stroke_color(self, token: str) -> QColor:
        """Return a token's color for thin lines. The dark theme brightens dark layer families."""
        color = self.color(token)
        if self._tokens is not DARK or token not in FAMILIES:
            return color
        return mix_colors(color, self.color("text"), _FAMILY_SHARE)

    def curve_style(self, index: int) -> CurveStyle:
        """Return the style of the curve with this index in a chart.

        After eight curves, the colors repeat with other dashes. After 64 curves, the styles repeat.
        """
        colors = self.palette.curves
        dash, marker = _STROKES[(index + index // len(colors)) % len(_STROKES)]
        return CurveStyle(QColor(colors[index % len(colors)]), dash, marker)

    def ui_font(self, points: float = 10, bold: bool = False) -> QFont:
        """Return the font for text."""
        font = QFont("Inter")
        font.setStyleHint(QFont.StyleHint.SansSerif)
        font.setPointSizeF(points)
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def mono_font(self, points: float = 9) -> QFont:
        """Return the monospaced font for shapes, numbers and source."""
        font = QFont("JetBrains Mono")
        font.setStyleHint(QFont.StyleHint.Monospace)
        font.setPointSizeF(points)
        return font

    def _select_tokens(self) -> Mapping[str, str]:
        is_light = self._mode == "light"
        if self._mode == "system":
            is_light = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
        if self._color_blind:
            return COLOR_BLIND_LIGHT if is_light else COLOR_BLIND_DARK
        return LIGHT if is_light else DARK

    def _on_system_changed(self) -> None:
        tokens = self._select_tokens()
        if tokens is not self._tokens:
            self._tokens = tokens
            self.changed.emit()


def mix_colors(foreground: QColor, background: QColor, share: float) -> QColor:
    """Return a mix of two colors; `share` is the fraction of `foreground`."""
    channels = zip(foreground.getRgb()[:3], background.getRgb()[:3], strict=True)
    return QColor(*(round(a * share + b * (1 - share)) for a, b in channels))


# The settings of GTK and KDE that disable animations.
_GTK = re.compile(r"^gtk-enable-animations\s*=\s*(0|false)\s*$", re.M | re.I)
_KDE = re.compile(r"^AnimationDurationFactor\s*=\s*0(\.0*)?\s*$", re.M)
_MOTION_FILES = {"gtk-4.0/settings.ini": _GTK, "gtk-3.0/settings.ini": _GTK, "kdeglobals": _KDE}


def prefers_reduced_motion() -> bool:
    """Return whether LAYERLOOM_REDUCED_MOTION or else the desktop settings disable animations."""
    value = os.environ.get("LAYERLOOM_REDUCED_MOTION")
    if value is not None:
        return value not in ("", "0")
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    for name, pattern in _MOTION_FILES.items():
        with suppress(OSError):
            if pattern.search((folder / name).read_text("utf-8", errors="replace")):
                return True
    return False
