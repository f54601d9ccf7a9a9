"""The one table of colours and fonts. Palette, style sheet, canvas and curves are fed from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
        border, grid: lines around things; dots of the canvas.
        text, dim: what is read; what is read if one looks for it.
        accent, on_accent: what is selected or pressed, and text on it.
        danger, warning, success: errors; warnings; what is well.
        on_status: text on danger, warning and success.
        shape: text of shape chips.
        io ... attention: tints of the layer families of the catalogue.
    """

    canvas: str
    window: str
    surface: str
    raised: str
    border: str
    grid: str
    text: str
    dim: str
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


DARK = Tokens(
    canvas="#14171d", window="#1b1f27", surface="#232833", raised="#2c3340",
    border="#3a4352", grid="#2a303b", text="#e8ecf3", dim="#a3adbd",
    accent="#6ea8fe", on_accent="#0b1220", danger="#ff7a85", warning="#f2c14e",
    success="#56d4a0", on_status="#14171d", shape="#a5e8c5",
    io="#2f9e8f", dense="#4c78e0", recurrent="#b8628f", conv="#3f8fc4", pool="#5a7fa8",
    merge="#8a63d2", norm="#7f8b52", activation="#c27b3a", dropout="#8b7355",
    families_rest="#6b7686", attention="#c2566a",
)  # fmt: skip

LIGHT = Tokens(
    canvas="#f3f5f8", window="#ffffff", surface="#f7f8fa", raised="#eceff4",
    border="#c9d0da", grid="#d9dee6", text="#161b24", dim="#4d5868",
    accent="#1f5fd6", on_accent="#ffffff", danger="#b3202e", warning="#7a5300",
    success="#0f6b47", on_status="#ffffff", shape="#0f5c3c",
    io="#1d8577", dense="#2f5fd0", recurrent="#a2447a", conv="#1f74ad", pool="#4a6b92",
    merge="#6f45bf", norm="#66723a", activation="#a55f1f", dropout="#75603f",
    families_rest="#596474", attention="#ad3f55",
)  # fmt: skip


class Theme(QObject):
    """The colours and fonts in use, following the system or set by the person.

    Signals:
        changed: every colour may be another one.
    """

    changed = Signal()

    def __init__(self, mode: Mode = "system") -> None:
        super().__init__()
        self._mode: Mode = mode
        self.reduced_motion = False
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
        """Answer a colour by the name of its token."""
        return QColor(getattr(self._tokens, token))

    def family(self, family: str) -> QColor:
        """Answer the tint of a layer family; one without a tint of its own has a neutral one."""
        return QColor(getattr(self._tokens, family, self._tokens.families_rest))

    def ui(self, points: float = 10, bold: bool = False) -> QFont:
        """Answer the font of words."""
        font = QFont("Inter")
        font.setPointSizeF(points)
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def mono(self, points: float = 9) -> QFont:
        """Answer the font of shapes, numbers and source."""
        font = QFont("JetBrains Mono")
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
