"""The one table of colours and fonts. Palette, style sheet, canvas and curves are fed from it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication

Mode = Literal["system", "dark", "light"]


@dataclass(frozen=True)
class Tokens:
    """Colours by what they are for, as "#rrggbb".

    Args:
        canvas: behind the nodes.
        window: behind panels.
        surface: fields, lists, node bodies.
        raised: menus, tool tips, hovered rows.
        selected: rows and texts that are selected.
        border, grid: quiet lines between things; dots of the canvas.
        outline: the edge of whatever can be typed into, ticked or dragged.
        text, dim, faint: what is read; what is read if one looks for it; what cannot be used now.
        accent, on_accent: what is pressed, has the keyboard or is chosen, and text on it.
        danger, warning, success: errors; warnings; what is well.
        on_status: text on danger, warning and success.
        shape: text of shape chips.
        io ... attention: tints of the layer families of the catalogue.
        on_family: text on any of these tints.
    """

    canvas: str
    window: str
    surface: str
    raised: str
    selected: str
    border: str
    grid: str
    outline: str
    text: str
    dim: str
    faint: str
    accent: str
    on_accent: str
    danger: str
    warning: str
    success: str
    on_status: str
    shape: str
    io: str
    dense: str
    recurrent: str
    conv: str
    pool: str
    merge: str
    norm: str
    activation: str
    dropout: str
    families_rest: str
    attention: str
    on_family: str


DARK = Tokens(
    canvas="#12151b", window="#191d25", surface="#20252f", raised="#2a303c", selected="#2a3f66",
    border="#323945", grid="#262c37", outline="#747e90", text="#eff2f7", dim="#a7b0c0",
    faint="#6a7384", accent="#7cb0ff", on_accent="#0a1222", danger="#ff8189", warning="#f3c252",
    success="#5ad3a1", on_status="#12151b", shape="#a6e6c6",
    io="#007d6f", dense="#3d66df", recurrent="#b44391", conv="#0076a6", pool="#56718e",
    merge="#8851d1", norm="#647537", activation="#a45d1a", dropout="#846a4b",
    families_rest="#676f7c", attention="#c43e52", on_family="#ffffff",
)  # fmt: skip

LIGHT = Tokens(
    canvas="#eff2f6", window="#f8f9fb", surface="#ffffff", raised="#edf0f5", selected="#d5e3fd",
    border="#d8dde6", grid="#d3d9e2", outline="#7c8696", text="#151a23", dim="#4e596a",
    faint="#98a1b0", accent="#1c5ad0", on_accent="#ffffff", danger="#b01f2e", warning="#765000",
    success="#0d6845", on_status="#ffffff", shape="#0e5b3b",
    io="#0c796c", dense="#3962da", recurrent="#b03f8d", conv="#0b73a1", pool="#536e8a",
    merge="#854ece", norm="#617233", activation="#a05915", dropout="#806748",
    families_rest="#646c79", attention="#c03a4f", on_family="#ffffff",
)  # fmt: skip

FAMILIES = (
    "io", "dense", "recurrent", "conv", "pool", "merge", "norm", "activation", "dropout",
    "families_rest", "attention",
)  # fmt: skip

_BEHIND = ("canvas", "window", "surface", "raised")
_STATUS = ("danger", "warning", "success")

# The colour of a message's sign, by what kind of message it is.
SIGN_TOKENS = {"error": "danger", "warning": "warning", "info": "accent", "ok": "success"}

# Every pair of tokens that meet, (in front, behind): those that are read, and those that are seen.
PAIRS = (
    *((front, behind) for front in ("text", "dim", *_STATUS) for behind in _BEHIND),
    *((front, "selected") for front in ("text", "dim", "accent", "shape")),
    *(("accent", behind) for behind in _BEHIND),
    *(("shape", behind) for behind in _BEHIND),
    ("on_accent", "accent"),
    *(("on_status", status) for status in _STATUS),
    *(("on_family", family) for family in FAMILIES),
)
EDGES = (
    *(("outline", behind) for behind in _BEHIND),
    *((family, behind) for family in FAMILIES for behind in ("canvas", "window", "surface")),
)


class Curve(NamedTuple):
    """How one line of a plot is drawn: three differences, so that no one needs all of them.

    Args:
        color: of the line.
        dash: lengths of strokes and gaps in line widths, empty for a solid line.
        marker: pyqtgraph's name of the points' symbol.
    """

    color: QColor
    dash: tuple[float, ...]
    marker: str


_TINT = 0.62
_STROKES: tuple[tuple[tuple[float, ...], str], ...] = (
    ((), "o"), ((6, 3), "s"), ((2, 2), "t"), ((8, 3, 2, 3), "d"),
    ((12, 3), "x"), ((4, 2, 1, 2, 1, 2), "star"), ((3, 5), "t1"), ((10, 2, 4, 2), "p"),
)  # fmt: skip
_DARK_CURVES = (
    "#f7a53c", "#42abe8", "#44c294", "#e36bb4", "#e9d55e", "#af88ef", "#f35b48", "#c3d0e3",
)  # fmt: skip
_LIGHT_CURVES = (
    "#a2650a", "#006fa1", "#007c59", "#ab3782", "#8c7c04", "#7048a9", "#ca3324", "#3c4656",
)  # fmt: skip


class Theme(QObject):
    """The colours and fonts in use, following the system or set by the person.

    Signals:
        changed: every colour may be another one.

    Attributes:
        reduced_motion: the desktop or LAYERLOOM_REDUCED_MOTION=1 asks that nothing slides or fades.
    """

    changed = Signal()

    def __init__(self, mode: Mode = "system") -> None:
        super().__init__()
        self._mode: Mode = mode
        self.reduced_motion = motion_reduced()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._tokens = self._chosen()

    @property
    def mode(self) -> Mode:
        """Whether the system, or the person, says dark or light."""
        return self._mode

    def set_mode(self, mode: Mode) -> None:
        """Follow the system, or be dark or light."""
        self._mode = mode
        self._on_system_changed()

    @property
    def tokens(self) -> Tokens:
        """The colours in use."""
        return self._tokens

    @property
    def dark(self) -> bool:
        """True if light text stands on dark."""
        return self._tokens is DARK

    def color(self, token: str) -> QColor:
        """Return a colour by the name of its token."""
        return QColor(getattr(self._tokens, token))

    def family(self, family: str) -> QColor:
        """Return the tint of a layer family; one without a tint of its own has a neutral one."""
        return self.color(family if family in FAMILIES else "families_rest")

    def ink(self, token: str) -> QColor:
        """Return a token's colour for thin strokes: on dark, a family's tint is brightened."""
        color = self.color(token)
        if not self.dark or token not in FAMILIES:
            return color
        parts = zip(color.getRgb()[:3], self.color("text").getRgb()[:3], strict=True)
        return QColor(*(round(tint * _TINT + text * (1 - _TINT)) for tint, text in parts))

    def curve(self, index: int) -> Curve:
        """Return how the plot's line of this number is drawn.

        After eight the colours come round again, with other strokes; after 64 both do.
        """
        colors = _DARK_CURVES if self.dark else _LIGHT_CURVES
        dash, marker = _STROKES[(index + index // len(colors)) % len(_STROKES)]
        return Curve(QColor(colors[index % len(colors)]), dash, marker)

    def ui(self, points: float = 10, bold: bool = False) -> QFont:
        """Return the font of words."""
        font = QFont("Inter")
        font.setStyleHint(QFont.StyleHint.SansSerif)
        font.setPointSizeF(points)
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def mono(self, points: float = 9) -> QFont:
        """Return the font of shapes, numbers and source."""
        font = QFont("JetBrains Mono")
        font.setStyleHint(QFont.StyleHint.Monospace)
        font.setPointSizeF(points)
        return font

    def _chosen(self) -> Tokens:
        if self._mode == "system":
            light = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
            return LIGHT if light else DARK
        return LIGHT if self._mode == "light" else DARK

    def _on_system_changed(self) -> None:
        tokens = self._chosen()
        if tokens is not self._tokens:
            self._tokens = tokens
            self.changed.emit()


# Where desktops write down that nothing shall move: in GTK's settings and in those of KDE.
_GTK = re.compile(r"^gtk-enable-animations\s*=\s*(0|false)\s*$", re.M | re.I)
_KDE = re.compile(r"^AnimationDurationFactor\s*=\s*0(\.0*)?\s*$", re.M)
_MOTION_FILES = (
    ("gtk-4.0/settings.ini", _GTK),
    ("gtk-3.0/settings.ini", _GTK),
    ("kdeglobals", _KDE),
)


def motion_reduced() -> bool:
    """Return whether the person has asked, here or on the desktop, that nothing moves."""
    asked = os.environ.get("LAYERLOOM_REDUCED_MOTION")
    if asked is not None:
        return asked not in ("", "0")
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return any(pattern.search(_content(folder / name)) for name, pattern in _MOTION_FILES)


def _content(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""
