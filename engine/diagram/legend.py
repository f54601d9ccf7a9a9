"""The legend of a drawing: title, description, and the meaning of colors and marks."""

from __future__ import annotations

from collections.abc import Iterator

from engine.diagram.captions import node_family
from engine.diagram.palette import FAMILY_TITLES, Palette
from engine.diagram.svg_text import elide, text_element, text_width, wrap
from engine.graph.model import Project
from engine.graph.notes import notes
from engine.graph.view import frames

FONT_FAMILY = "Inter, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif"
NOTE_SHARE = 0.13  # of the warning color in the background of a note
_TITLE, _TEXT, _LINE = 18, 12, 18  # font sizes, line height
_SWATCH, _GAP, _MIN_WIDTH = 40, 24, 480
Size = tuple[float, float]
_Item = tuple[str, str]  # the SVG of a mark, and its meaning


def render_legend(
    project: Project, title: str, tints: Palette, width: float, has_errors: bool = False
) -> str:
    """Return the legend for a drawing of the window as an SVG image, in the window's font."""
    shape = "(8, 4)", "Output shape"
    parts, (width, height) = legend(project, title, tints, width, shape, has_errors)
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="Inter">'
    return "\n".join((start, *parts, "</svg>\n"))


def legend(
    project: Project,
    title: str,
    tints: Palette,
    width: float,
    shape: tuple[str, str] | None,
    has_errors: bool,
) -> tuple[list[str], Size]:
    """Return the SVG elements of the legend, from (0, 0) on, and its size.

    Args:
        width: the width of the drawing; a narrow legend is wider.
        shape: an example of a shape, and what shapes mean; None if the drawing shows no shapes.
        has_errors: whether nodes are marked by an exclamation mark.
    """
    width = max(width, _MIN_WIDTH)
    parts: list[str] = []
    y = 0.0
    if title:
        y += _TITLE
        text = elide(title, width, _TITLE, bold=True)
        parts.append(text_element(0, y, text, tints.text, _TITLE, "font-weight='600'"))
        y += 8
    for line in wrap(project.description.strip(), width, _TEXT):
        y += _LINE
        parts.append(text_element(0, y, line, tints.text, _TEXT))
    x, y = 0.0, y + 2 * _LINE
    for mark, meaning in _items(project, tints, shape, has_errors):
        item_width = _SWATCH + 8 + text_width(meaning, _TEXT)
        if x and x + item_width > width:
            x, y = 0.0, y + 1.4 * _LINE
        parts.append(f'<g transform="translate({x:g} {y:g})">{mark}')
        parts.append(text_element(_SWATCH + 8, 0, meaning, tints.dim, _TEXT) + "</g>")
        x += item_width + _GAP
    return parts, (width, y + 8)


def _items(
    project: Project, tints: Palette, shape: tuple[str, str] | None, has_errors: bool
) -> Iterator[_Item]:
    """Yield the marks that the drawing has; a mark stands left of a baseline at (0, 0)."""
    graph = project.graph
    families = {node_family(graph, node) for node in graph}
    for family in (*FAMILY_TITLES, *sorted(families - FAMILY_TITLES.keys())):
        if family in families:
            yield _rect(tints.family_color(family), ""), FAMILY_TITLES.get(family, "Other layers")
    if any(node.inputs for node in graph):
        color = tints.family_color(next(iter(sorted(families - {""})), ""))
        yield _line(color, "stroke-width='2'"), "Tensor, in the color of the layer it comes from"
    if shape is not None and len(graph):
        example, meaning = shape
        extra = "font-family='JetBrains Mono, Consolas, monospace'"
        yield text_element(0, 0, example, tints.shape, 11, extra), meaning
    if any(node.off for node in graph):
        yield _rect(tints.family_color(""), 'opacity="0.45"'), "Bypassed"
    if any(node.shares for node in graph):
        yield text_element(0, 0, "shares", tints.dim, 9), "Uses the weights of another layer"
    if frames(project):
        yield _rect("none", f'stroke="{tints.dim}"'), "Frame, a named group"
    if notes(project):
        fill = tints.mix(tints.surface, tints.warning, NOTE_SHARE)
        yield _rect(fill, f'stroke="{tints.warning}"'), "Note, with lines to the layers it is about"
    if has_errors:
        middle = _SWATCH / 2
        mark = text_element(middle, -1, "!", tints.canvas, 11, "text-anchor='middle'")
        circle = f'<circle cx="{middle:g}" cy="-5" r="8" fill="{tints.danger}"/>'
        yield f"{circle}{mark}", "Error or warning"


def _rect(fill: str, extra: str) -> str:
    return f'<rect x="1" y="-11" width="{_SWATCH - 2}" height="14" rx="3" fill="{fill}" {extra}/>'


def _line(color: str, extra: str) -> str:
    return f'<path d="M0 -4 H{_SWATCH}" fill="none" stroke="{color}" {extra}/>'
