"""Pens and brushes in the colours of the theme, rebuilt when the theme changes."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary, proxy

from PySide6.QtGui import QBrush, QColor, QGradient, QLinearGradient, QPen, QPixmap

from app.canvas.drawing.paint import DASHED, contrast, faded, grey, line, mix, soft_box
from app.theme import icons
from app.theme.theme import Theme

ICON = 18
LEGIBLE = 4.5
SHADE = 12


@dataclass(frozen=True)
class Tint:
    """The pens and brushes of one layer family.

    Args:
        color: the family colour of the theme.
        head: the gradient of the header; `head_color` is its strongest colour.
        wire, bright, thick, dashed: a normal wire; at a selected node; under the pointer; at a
            bypassed node.
        ring, fill: unconnected and connected ports.
        outer: the outline of nodes that share the weights of another one.
        tile: the background of the icon.
    """

    color: QColor
    head_color: QColor
    head: QBrush
    wire: QPen
    bright: QPen
    thick: QPen
    dashed: QPen
    ring: QPen
    outer: QPen
    fill: QBrush
    tile: QBrush


class Look:
    """Pens and brushes in the theme's colours, shared by the items of all canvases."""

    def __init__(self, theme: Theme) -> None:
        # A weak reference: the values of `_looks` must not keep its keys alive.
        self._theme: Theme = proxy(theme)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def tint(self, family: str, off: bool = False) -> Tint:
        """Return the pens and brushes of a layer family, desaturated if bypassed (`off`)."""
        key = (family, off)
        if key not in self._tints:
            color = self._theme.family(family)
            self._tints[key] = self._create_tint(grey(color) if off else color)
        return self._tints[key]

    def named(self, name: str) -> QColor:
        """Return a colour by the name of a theme token or of a layer family."""
        if name in ("danger", "warning", "accent", "success", "dim"):
            return self._theme.color(name)
        return self.tint(name).color

    def icon(self, kind: str, family: str, scale: float) -> QPixmap:
        """Return the icon of a layer type, or else of its family, in a resolution for `scale`."""
        name = kind if kind in icons.NAMES else family or "unknown"
        key = (name, 1 if scale <= 1 else 2 if scale <= 2 else 4)
        if key not in self._icons:
            self._icons[key] = icons.pixmap(self._theme, name, "on_family", ICON * key[1])
        return self._icons[key]

    def shadow(self, width: int, height: int) -> QPixmap:
        """Return the shadow of a node of this size, SHADOW_MARGIN wider than it on every side.

        Why: drawing a cached pixmap is six times as fast as drawing translucent outlines.
        """
        key = (width, height)
        if key not in self._shadows:
            shade = faded(QColor("#000000"), 14 if self.dark else 3)
            self._shadows[key] = soft_box(width, height, SHADE, shade)
        return self._shadows[key]

    def _on_theme_changed(self) -> None:
        self._tints: dict[tuple[str, bool], Tint] = {}
        self._icons: dict[tuple[str, int], QPixmap] = {}
        self._shadows: dict[tuple[int, int], QPixmap] = {}
        color = self._theme.color
        border = color("border")
        self.dark = self._theme.dark
        self.canvas, self.surface, self.raised = color("canvas"), color("surface"), color("raised")
        self.text, self.dim, self.shape = color("text"), color("dim"), color("shape")
        self.accent, self.danger, self.warning = color("accent"), color("danger"), color("warning")
        self.success, self.on_status = color("success"), color("on_status")
        self.caption = mix(self.dim, self.text, 0.55)
        self.body = QBrush(self.surface if self.dark else color("window"))
        self.chip = QBrush(
            mix(self.surface, self.canvas, 0.75) if self.dark else mix(self.canvas, border, 0.12)
        )
        self.veil = QBrush(faded(self.canvas, 150))
        self.glow = QBrush(faded(self.accent, 46))
        self._create_pens(border)

    def _create_pens(self, border: QColor) -> None:
        border_color = border if self.dark else mix(border, self.dim, 0.25)
        self.edge = line(border_color, 1)
        self.chosen = line(self.accent, 2)
        self.wrong, self.doubtful = line(self.danger, 2), line(self.warning, 2)
        self.through = line(self.dim, 1.5)
        self.chosen_wire = line(self.accent, 3)
        self.cut = line(self.canvas, 2)
        self.spare = line(self.dim, 1.5)
        self.hole = QBrush(self.canvas)
        self.map_view = line(self.accent, 1.5)
        self.halo = line(faded(self.accent, 60), 6)

    def _create_tint(self, color: QColor) -> Tint:
        background = self.body.color()
        strong = self._legible_mix(background, color, 0.66 if self.dark else 0.3)
        weak = mix(background, color, 0.2 if self.dark else 0.1)
        gradient = QLinearGradient(0, 0, 1, 0)
        gradient.setCoordinateMode(QGradient.CoordinateMode.ObjectMode)
        gradient.setColorAt(0, strong)
        gradient.setColorAt(1, weak)
        vivid = mix(color, self.text, 0.12)
        return Tint(
            color,
            strong,
            QBrush(gradient),
            line(vivid, 2.2),
            line(mix(vivid, self.text, 0.4), 2.8),
            line(mix(vivid, self.text, 0.25), 3.6),
            line(vivid, 2.2, DASHED),
            line(vivid, 2),
            line(vivid, 1.4),
            QBrush(vivid),
            QBrush(color),
        )

    def _legible_mix(self, background: QColor, color: QColor, opacity: float) -> QColor:
        while opacity > 0.05:
            mixed = mix(background, color, opacity)
            if min(contrast(mixed, self.text), contrast(mixed, self.caption)) >= LEGIBLE:
                return mixed
            opacity -= 0.04
        return background


_looks: WeakKeyDictionary[Theme, Look] = WeakKeyDictionary()


def look_of(theme: Theme) -> Look:
    """Return the one look of a theme."""
    look = _looks.get(theme)
    if look is None:
        look = _looks[theme] = Look(theme)
    return look
