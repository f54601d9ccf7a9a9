"""Drawing of a project as self-contained SVG, without external fonts, images or scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil

from engine.check.report import Report
from engine.check.shapes import MAIN_OUTPUT
from engine.diagram.alignment import Box, bounding_box
from engine.diagram.captions import caption, node_family, shape_label
from engine.diagram.layout.components import slot_count, sorted_wires
from engine.diagram.layout.layered_layout import Size, layered_layout
from engine.diagram.legend import FONT_FAMILY, legend
from engine.diagram.palette import Palette, select_palette
from engine.diagram.svg_notes import draw_notes, note_boxes
from engine.diagram.svg_text import elide, elide_mono, text_element, text_width
from engine.diagram.wire_curve import cubic_segments
from engine.graph.model import Graph, Node, Project, source_node
from engine.graph.view import Point, Route, frames, node_positions, routes

_MARGIN = 40
_HEADER = 28
_ROW = 20
_MIN_WIDTH, _MAX_WIDTH, _PAD = 140, 240, 12
_NAME, _KIND, _SMALL = 13, 12, 10.5  # font sizes
_BOLD = "font-weight='600'"
_FRAME = (20, 44, 20)  # margins of a frame around its nodes: left and right, above, below


def render_svg(
    project: Project,
    report: Report | None = None,
    dark: bool = True,
    color_blind: bool = False,
    *,
    legend_title: str = "",
) -> str:
    """Return the drawing of a project as SVG.

    Nodes without a position are laid out below the other nodes. With a check report, shapes are
    shown, and nodes with errors or warnings are marked. With `color_blind`, the layer families can
    be told apart with color blindness. With `legend_title`, a legend with this title and the
    description of the project is below the drawing.
    """
    return _SvgDrawing(project, report, select_palette(dark, color_blind)).text(legend_title)


class _SvgDrawing:
    def __init__(self, project: Project, report: Report | None, tints: Palette) -> None:
        self.project = project
        self.graph = project.graph
        self.report = report
        self.tints = tints
        self.boxes, self.bends = _node_boxes(project)
        self.worst: dict[str, str] = {}
        for diagnostic in reversed(report.diagnostics if report else ()):
            if diagnostic.node is not None and diagnostic.severity != "info":
                self.worst[diagnostic.node] = diagnostic.severity

    def text(self, legend_title: str) -> str:
        notes = draw_notes(self.project, self.boxes, self.tints)
        parts = [*self._frames(), *self._wires(), *notes, *self._cards()]
        x, y, width, height = self._bounds()
        if legend_title:
            shape = ("8 × 4", "Output shape, without the batch") if self.report else None
            args = self.tints, width - 2 * _MARGIN, shape, bool(self.worst)
            elements, legend_size = legend(self.project, legend_title, *args)
            start = f'<g transform="translate({x + _MARGIN:g} {y + height:g})">'
            parts += [start, *elements, "</g>"]
            width = max(width, legend_size[0] + 2 * _MARGIN)
            height += legend_size[1] + _MARGIN
        size = f'width="{width:g}" height="{height:g}" viewBox="{x:g} {y:g} {width:g} {height:g}"'
        area = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
        start = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FONT_FAMILY}">'
        # A plain color rather than a pattern, which some programs draw black.
        background = f'<rect {area} fill="{self.tints.canvas}"/>'
        return "\n".join((start, background, *parts, "</svg>\n"))

    def _bounds(self) -> Box:
        boxes = {**self.boxes, **{str(index): box for index, _, _, box in self._frame_boxes()}}
        boxes |= note_boxes(self.project)
        if not boxes:
            return 0, 0, 4 * _MARGIN, 2 * _MARGIN
        lanes = [point for points in self._lanes().values() for point in points]
        boxes |= {f"{x} {y}": (x, y, 0, 0) for x, y in lanes}
        x, y, width, height = bounding_box(boxes)
        return x - _MARGIN, y - _MARGIN, width + 2 * _MARGIN, height + 2 * _MARGIN

    def _frame_boxes(self) -> Iterator[tuple[int, str, str, Box]]:
        """Yield index, title, tint and box of each frame."""
        side, above, below = _FRAME
        for frame in frames(self.project):
            x, y, width, height = bounding_box({name: self.boxes[name] for name in frame.nodes})
            box = (x - side, y - above, width + 2 * side, height + above + below)
            yield frame.index, frame.title, frame.tint, box

    def _frames(self) -> Iterator[str]:
        for _, title, tint, (x, y, width, height) in self._frame_boxes():
            color, canvas, mix = self.tints.family_color(tint), self.tints.canvas, self.tints.mix
            yield (
                f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="12" '
                f'fill="{mix(canvas, color, 0.12)}" stroke="{mix(canvas, color, 0.6)}"/>'
            )
            text = elide(title, width - 28, _NAME, bold=True)
            yield text_element(x + 14, y + 25, text, self.tints.text, _NAME, _BOLD)

    def _lanes(self) -> Mapping[Route, Sequence[Point]]:
        return {**self.bends, **routes(self.project)}

    def _wires(self) -> Iterator[str]:
        lanes = self._lanes()
        for node in self.graph:
            for slot, (port, _, reference) in enumerate(sorted_wires(self.graph, node)):
                source = source_node(reference)
                if source not in self.boxes:
                    continue
                lane = lanes.get((reference, node.name, port), ())
                points = [self._output_port(reference), *lane, self._input_port(node, slot)]
                color = self.tints.family_color(node_family(self.graph, self.graph[source]))
                yield (
                    f'<path d="{_curve(points)}" fill="none" stroke="{color}" stroke-width="2" '
                    f'stroke-opacity="{0.35 if self.graph[source].off else 0.9}"/>'
                )

    def _input_port(self, node: Node, slot: int) -> Point:
        x, y, _, height = self.boxes[node.name]
        slots = slot_count(self.graph, node)
        return x, y + _HEADER + (height - _HEADER) * (slot + 1) / (slots + 1)

    def _output_port(self, reference: str) -> Point:
        name, _, output = reference.partition(".")
        x, y, width, height = self.boxes[name]
        outputs = _outputs(self.report, name)
        slot = outputs.index(output) if output in outputs else 0
        return x + width, y + _HEADER + (height - _HEADER) * (slot + 1) / (len(outputs) + 1)

    def _cards(self) -> Iterator[str]:
        for node in self.graph:
            x, y, width, height = self.boxes[node.name]
            opacity = ' opacity="0.45"' if node.off else ""
            yield f'<g transform="translate({x:g} {y:g})"{opacity}>'
            yield from self._card(node, width, height)
            yield "</g>"

    def _card(self, node: Node, width: float, height: float) -> Iterator[str]:
        tints, owner = self.tints, self.graph.weight_owner(node)
        tint = tints.family_color(node_family(self.graph, node))
        yield (
            f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{tints.surface}"/>'
            f'<path d="M0 {_HEADER} V8 Q0 0 8 0 H{width - 8:g} Q{width:g} 0 {width:g} 8 '
            f'V{_HEADER} Z" fill="{tint}"/>'
            f'<rect width="{width:g}" height="{height:g}" rx="8" fill="none" '
            f'stroke="{tints.border}"/>'
        )
        text_width = width - 2 * _PAD
        name = elide(node.name, text_width, _NAME, bold=True)
        yield text_element(_PAD, 19, name, tints.title, _NAME, _BOLD)
        kind = elide(owner.kind, text_width, _KIND)
        yield text_element(_PAD, _HEADER + 18, kind, tints.text, _KIND)
        text = elide(_caption(self.graph, node), text_width, _SMALL)
        yield text_element(_PAD, _HEADER + 36, text, tints.dim, _SMALL)
        yield from self._ports(node, tint)
        yield from self._shape_label(node, width, height)
        if node.name in self.worst:
            color = tints.danger if self.worst[node.name] == "error" else tints.warning
            yield f'<circle cx="{width:g}" cy="0" r="8" fill="{color}"/>'
            extra = "text-anchor='middle' font-weight='700'"
            yield text_element(width, 4, "!", tints.canvas, 11, extra)

    def _ports(self, node: Node, tint: str) -> Iterator[str]:
        left, top, _, _ = self.boxes[node.name]
        ports = [self._input_port(node, slot) for slot in range(slot_count(self.graph, node))]
        if node.kind != "Output":
            for output in _outputs(self.report, node.name):
                ports.append(self._output_port(f"{node.name}.{output}" if output else node.name))
        for x, y in ports:
            yield (
                f'<circle cx="{x - left:g}" cy="{y - top:g}" r="5" fill="{tint}" '
                f'stroke="{self.tints.canvas}" stroke-width="2"/>'
            )

    def _shape_label(self, node: Node, width: float, height: float) -> Iterator[str]:
        outs = self.report.shapes.outputs.get(node.name) if self.report else None
        if outs:
            text = elide_mono(shape_label(outs[MAIN_OUTPUT]), width - 2 * _PAD, _SMALL)
            extra = "text-anchor='end' font-family='JetBrains Mono, Consolas, monospace'"
            yield text_element(width - 14, height - 9, text, self.tints.shape, _SMALL, extra)


def _node_boxes(project: Project) -> tuple[dict[str, Box], Mapping[Route, Sequence[Point]]]:
    """Return the boxes of all nodes by name, and the bend points of some wires by wire.

    Nodes without a position are laid out here. Only wires between two such nodes get bend points.
    """
    graph = project.graph
    sizes = {node.name: _card_size(graph, node) for node in graph}
    known = node_positions(project)
    missing = [node.name for node in graph if node.name not in known]
    layout = layered_layout(graph, sizes, selected=missing, header=_HEADER)
    boxes = {name: (*position, *sizes[name]) for name, position in known.items()}
    left, top = 0.0, 0.0
    if boxes:
        left, top, _, height = bounding_box(boxes)
        top += height + _MARGIN
    for name, (x, y) in layout.positions.items():
        boxes[name] = (x + left, y + top, *sizes[name])
    bends = {key: [(x + left, y + top) for x, y in points] for key, points in layout.bends.items()}
    return boxes, bends


def _card_size(graph: Graph, node: Node) -> Size:
    widest = 2 * _PAD + max(
        text_width(node.name, _NAME, bold=True),
        text_width(graph.weight_owner(node).kind, _KIND),
        text_width(_caption(graph, node), _SMALL),
    )
    wide = 10 * ceil(min(max(widest, _MIN_WIDTH), _MAX_WIDTH) / 10)
    return wide, _HEADER + _ROW * max(3, slot_count(graph, node))


def _caption(graph: Graph, node: Node) -> str:
    """Return the third line of a node: its caption, or the node that it shares weights with."""
    owner = graph.weight_owner(node)
    return f"shares {owner.name}" if owner is not node else caption(node.kind, node.params)


def _outputs(report: Report | None, name: str) -> list[str]:
    """Return the names of a node's output ports, "" for the main output."""
    outs = report.shapes.outputs.get(name, {}) if report else {}
    named = [output for output in outs if output != MAIN_OUTPUT]
    return ["", *named[1:]]


def _curve(points: Sequence[Point]) -> str:
    """Return the `d` attribute of an SVG path: a smooth curve through points."""
    parts = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for (x1, y1), (x2, y2), (x, y) in cubic_segments(points):
        parts.append(f"C{x1:.1f} {y1:.1f} {x2:.1f} {y2:.1f} {x:g} {y:g}")
    return " ".join(parts)
