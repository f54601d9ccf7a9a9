"""Pens and brushes in the colors of the theme, rebuilt when the theme changes."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary, proxy

from PySide6.QtGui import QBrush, QColor, QGradient, QLinearGradient, QPen, QPixmap

from app.canvas.drawing.paint import (
    DASHED,
    contrast_ratio,
    desaturated,
    round_pen,
    shadow_pixmap,
    with_alpha,
)
from app.theme import icons
from app.theme.theme import Theme, mix_colors

ICON_SIZE = 18
MIN_CONTRAST = 4.5
SHADOW_MARGIN = 12


@dataclass(frozen=True)
class FamilyStyle:
    """The pens and brushes of one layer family.

    Args:
        wire_pen, selected_wire_pen, hovered_wire_pen, bypassed_wire_pen: for a normal wire, a wire
            at a selected node, a wire under the pointer, and a wire at a bypassed node.
        port_pen: for unconnected ports.
        fill_brush: for connected ports.
        shared_weights_pen: for the outline of a node that shares the weights of another node.
    """

    color: QColor
    header_brush: QBrush
    wire_pen: QPen
    selected_wire_pen: QPen
    hovered_wire_pen: QPen
    bypassed_wire_pen: QPen
    port_pen: QPen
    shared_weights_pen: QPen
    fill_brush: QBrush
    icon_brush: QBrush


class CanvasStyle:
    """Pens and brushes in the theme's colors, shared by the items of all canvases."""

    def __init__(self, theme: Theme) -> None:
        # A weak reference: the values of `_styles_by_theme` must not keep its keys alive.
        self._theme: Theme = proxy(theme)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def family_style(self, family: str, off: bool = False) -> FamilyStyle:
        """Return the pens and brushes of a layer family, desaturated for bypassed nodes (`off`)."""
        key = (family, off)
        if key not in self._family_styles:
            color = self._theme.family_color(family)
            color = desaturated(color) if off else color
            self._family_styles[key] = self._create_family_style(color)
        return self._family_styles[key]

    def icon(self, kind: str, family: str, scale: float) -> QPixmap:
        """Return the icon of a layer type, sharp at the zoom `scale`.

        If the layer type `kind` has no icon of its own, return the icon of its family.
        """
        name = kind if kind in icons.GLYPHS else family or "unknown"
        key = (name, 1 if scale <= 1 else 2 if scale <= 2 else 4)
        if key not in self._icons:
            self._icons[key] = icons.icon_pixmap(self._theme, name, "on_family", ICON_SIZE * key[1])
        return self._icons[key]

    def shadow(self, width: int, height: int) -> QPixmap:
        """Return the shadow of a node of this size; it extends by SHADOW_MARGIN on every side.

        Why: drawing a cached pixmap is six times as fast as drawing translucent outlines.
        """
        key = (width, height)
        if key not in self._shadows:
            shade = with_alpha(QColor("#000000"), 14 if self.dark else 3)
            self._shadows[key] = shadow_pixmap(width, height, SHADOW_MARGIN, shade)
        return self._shadows[key]

    def _on_theme_changed(self) -> None:
        self._family_styles: dict[tuple[str, bool], FamilyStyle] = {}
        self._icons: dict[tuple[str, int], QPixmap] = {}
        self._shadows: dict[tuple[int, int], QPixmap] = {}
        color = self._theme.color
        border = color("border")
        self.dark = self._theme.is_dark
        self.canvas, self.surface, self.raised = color("canvas"), color("surface"), color("raised")
        self.text, self.dim, self.shape = color("text"), color("dim"), color("shape")
        self.accent, self.danger, self.warning = color("accent"), color("danger"), color("warning")
        self.success, self.on_status = color("success"), color("on_status")
        self.caption = mix_colors(self.text, self.dim, 0.55)
        self.body_brush = QBrush(self.surface if self.dark else color("window"))
        self.chip_brush = QBrush(
            mix_colors(self.canvas, self.surface, 0.75)
            if self.dark
            else mix_colors(border, self.canvas, 0.12)
        )
        self.note_brush = QBrush(mix_colors(self.warning, self.body_brush.color(), 0.13))
        self.dim_brush = QBrush(with_alpha(self.canvas, 150))
        self.selection_brush = QBrush(with_alpha(self.accent, 46))
        self._create_pens(border)

    def _create_pens(self, border: QColor) -> None:
        border_color = border if self.dark else mix_colors(self.dim, border, 0.25)
        self.border_pen = round_pen(border_color, 1)
        self.note_pen = round_pen(mix_colors(self.warning, self.body_brush.color(), 0.5), 1)
        self.note_connector_pen = round_pen(self.dim, 1.2, DASHED)
        self.selected_pen = round_pen(self.accent, 2)
        self.error_pen, self.warning_pen = round_pen(self.danger, 2), round_pen(self.warning, 2)
        self.bypass_pen = round_pen(self.dim, 1.5)
        self.selected_wire_pen = round_pen(self.accent, 3)
        self.port_outline_pen = round_pen(self.canvas, 2)
        self.optional_port_pen = round_pen(self.dim, 1.5)
        self.port_brush = QBrush(self.canvas)
        self.minimap_view_pen = round_pen(self.accent, 1.5)
        self.halo_pen = round_pen(with_alpha(self.accent, 60), 6)

    def _create_family_style(self, color: QColor) -> FamilyStyle:
        background = self.body_brush.color()
        strong = self._legible_mix(background, color, 0.66 if self.dark else 0.3)
        weak = mix_colors(color, background, 0.2 if self.dark else 0.1)
        gradient = QLinearGradient(0, 0, 1, 0)
        gradient.setCoordinateMode(QGradient.CoordinateMode.ObjectMode)
        gradient.setColorAt(0, strong)
        gradient.setColorAt(1, weak)
        vivid = mix_colors(self.text, color, 0.12)
        return FamilyStyle(
            color,
            QBrush(gradient),
            round_pen(vivid, 2.2),
            round_pen(mix_colors(self.text, vivid, 0.4), 2.8),
            round_pen(mix_colors(self.text, vivid, 0.25), 3.6),
            round_pen(vivid, 2.2, DASHED),
            round_pen(vivid, 2),
            round_pen(vivid, 1.4),
            QBrush(vivid),
            QBrush(color),
        )

    def _legible_mix(self, background: QColor, color: QColor, opacity: float) -> QColor:
        texts = (self.text, self.caption)
        while opacity > 0.05:
            mixed = mix_colors(color, background, opacity)
            if all(contrast_ratio(mixed, text) >= MIN_CONTRAST for text in texts):
                return mixed
            opacity -= 0.04
        return background


_styles_by_theme: WeakKeyDictionary[Theme, CanvasStyle] = WeakKeyDictionary()


def canvas_style(theme: Theme) -> CanvasStyle:
    """Return the canvas style of a theme, which is created at the first call."""
    style = _styles_by_theme.get(theme)
    if style is None:
        style = _styles_by_theme[theme] = CanvasStyle(theme)
    return style
