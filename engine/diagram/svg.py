"""A project as a picture that stands alone: SVG with no fonts, images or scripts from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil

from engine.check.report import Report
from engine.check.shapes import MAIN
from engine.diagram.alignment import Box, bounds
from engine.diagram.captions import caption, chip
from engine.diagram.layout.layered_layout import Size, layout
from engine.diagram.palette import DARK, LIGHT, Tints
from engine.diagram.svg_text import cut, cut_mono, text_element, width_of
from engine.diagram.wire_curve import cubics
from engine.graph.edits.wire_edits import input_ports
from engine.graph.model import Graph, Node, Project, source_node
from engine.graph.view import Point, Route, frames, node_positions, routes
from engine.layers import catalogue

_MARGIN = 40
_HEADER = 28
_ROW = 20
_NARROWEST, _WIDEST, _PAD = 140, 240, 12
_NAME, _KIND, _SMALL = 13, 12, 10.5  # sizes of letters
_BOLD = "font-weight='600'"
_FRAME = (20, 44, 20)  # space of a frame around its nodes: at the sides, above, below
_FONT = "Inter, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif"


def svg(project: Project, report: Report | None = None, dark: bool = True) -> str:
    """Return the picture of a project.

    Args:
        project: nodes without a place are laid out below the others.
        report: its checks; adds shapes and marks what is wrong.
        dark: light text on a dark canvas, or the other way round.
    """
    return _Picture(project, report, DARK if dark else LIGHT).text()


class _Picture:
    """The state of one drawing."""

    def __init__(self, project: Project, report: Report | None, tints: Tints) -> None:
        self.project = project
        self.graph = project.graph
        self.report = report
        self.tints = tints
        self.boxes, self.bends = _placed(project)
        self.worst: dict[str, str] = {}
        for found in reversed(report.diagnostics if report else ()):
            if found.node is not None and found.severity != "info":
                self.worst[found.node] = found.severity

    def text(self) -> str:
        """Return the whole file."""
        parts = [*self._frames(), *self._wires(), *self._cards()]
        x, y, width, height = self._bounds()
        size = f'width="{width:g}" height="{height:g}" viewBox="{x:g} {y:g} {width:g} {height:g}"'
        area = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
        return "\n".join(
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{_FONT}">',
                # Plain: programs that know no patterns paint one black.
                f'<rect {area} fill="{self.tints.canvas}"/>',
                *parts,
                "</svg>\n",
            )
        )

    def _bounds(self) -> Box:
        boxes = {**self.boxes, **{str(at): box for at, _, _, box in self._framed()}}
        if not boxes:
            return 0, 0, 4 * _MARGIN, 2 * _MARGIN
        lanes = [point for points in self._lanes().values() for point in points]
        boxes |= {f"{x} {y}": (x, y, 0, 0) for x, y in lanes}
        x, y, width, height = bounds(boxes)
        return x - _MARGIN, y - _MARGIN, width + 2 * _MARGIN, height + 2 * _MARGIN

    def _framed(self) -> Iterator[tuple[int, str, str, Box]]:
        """Yield place, title, tint and box of each frame."""
        side, above, below = _FRAME
        for frame in frames(self.project):
            x, y, width, height = bounds({name: self.boxes[name] for name in frame.nodes})
            box = (x - side, y - above, width + 2 * side, height + above + below)
            yield frame.index, frame.title, frame.tint, box

    def _frames(self) -> Iterator[str]:
        for _, title, tint, (x, y, width, height) in self._framed():
            color, canvas = self.tints.family(tint), self.tints.canvas
            yield (
                f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="12" '
                f'fill="{_mixed(canvas, color, 0.12)}" stroke="{_mixed(canvas, color, 0.6)}"/>'
            )
            text = cut(title, width - 28, _NAME, bold=True)
            yield text_element(x + 14, y + 25, text, self.tints.text, _NAME, _BOLD)

    def _lanes(self) -> Mapping[Route, Sequence[Point]]:
        return {**self.bends, **routes(self.project)}

    def _wires(self) -> Iterator[str]:
        lanes = self._lanes()
        for node in self.graph:
            for at, (port, _, reference) in enumerate(_in_order(self.graph, node)):
                source = source_node(reference)
                if source not in self.boxes:
                    continue
                begin = self._out(reference)
                end = self._in(node, at)
                key = (reference, node.name, port)
                points = [begin, *lanes.get(key, ()), end]
                color = self.tints.family(_family(self.graph, self.graph[source]))
                yield (
                    f'<path d="{_curve(points)}" fill="none" stroke="{color}" stroke-width="2" '
                    f'stroke-opacity="{0.35 if self.graph[source].off else 0.9}"/>'
                )

    def _in(self, node: Node, at: int) -> Point:
        x, y, _, height = self.boxes[node.name]
        slots = _slots(self.graph, node)
        return x, y + _HEADER + (height - _HEADER) * (at + 1) / (slots + 1)

    def _out(self, reference: str) -> Point:
        name, _, output = reference.partition(".")
        x, y, width, height = self.boxes[name]
        outputs = _outputs(self.report, name)
        at = outputs.index(output) if output in outputs else 0
        return x + width, y + _HEADER + (height - _HEADER) * (at + 1) / (len(outputs) + 1)

    def _cards(self) -> Iterator[str]:
        for node in self.graph:
            x, y, width, height = self.boxes[node.name]
            faint = ' opacity="0.45"' if node.off else ""
            yield f'<g transform="translate({x:g} {y:g})"{faint}>'
            yield from self._card(node, width, height)
            yield "</g>"

    def _card(self, node: Node, width: float, height: float) -> Iterator[str]:
        tints, owner = self.tints, self.graph.weight_owner(node)
        tint = tints.family(_family(self.graph, node))
        yield (
            f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{tints.surface}"/>'
            f'<path d="M0 {_HEADER} V8 Q0 0 8 0 H{width - 8:g} Q{width:g} 0 {width:g} 8 '
            f'V{_HEADER} Z" fill="{tint}"/>'
            f'<rect width="{width:g}" height="{height:g}" rx="8" fill="none" '
            f'stroke="{tints.border}"/>'
        )
        room = width - 2 * _PAD
        name = cut(node.name, room, _NAME, bold=True)
        yield text_element(_PAD, 19, name, tints.title, _NAME, _BOLD)
        kind = cut(owner.kind, room, _KIND)
        yield text_element(_PAD, _HEADER + 18, kind, tints.text, _KIND)
        said = cut(_said(self.graph, node), room, _SMALL)
        yield text_element(_PAD, _HEADER + 36, said, tints.dim, _SMALL)
        yield from self._dots(node, tint)
        yield from self._chips(node, width, height)
        if node.name in self.worst:
            color = tints.danger if self.worst[node.name] == "error" else tints.warning
            yield f'<circle cx="{width:g}" cy="0" r="8" fill="{color}"/>'
            more = "text-anchor='middle' font-weight='700'"
            yield text_element(width, 4, "!", tints.canvas, 11, more)

    def _dots(self, node: Node, tint: str) -> Iterator[str]:
        left, top, _, _ = self.boxes[node.name]
        ends = [self._in(node, at) for at in range(_slots(self.graph, node))]
        if node.kind != "Output":
            outputs = _outputs(self.report, node.name)
            ends += [self._out(f"{node.name}.{name}" if name else node.name) for name in outputs]
        for x, y in ends:
            yield (
                f'<circle cx="{x - left:g}" cy="{y - top:g}" r="5" fill="{tint}" '
                f'stroke="{self.tints.canvas}" stroke-width="2"/>'
            )

    def _chips(self, node: Node, width: float, height: float) -> Iterator[str]:
        outs = self.report.shapes.outs.get(node.name) if self.report else None
        if outs:
            text = cut_mono(chip(outs[MAIN]), width - 2 * _PAD, _SMALL)
            more = "text-anchor='end' font-family='JetBrains Mono, Consolas, monospace'"
            yield text_element(width - 14, height - 9, text, self.tints.shape, _SMALL, more)


def _placed(project: Project) -> tuple[dict[str, Box], Mapping[Route, Sequence[Point]]]:
    """Return where the cards lie; nodes without a place are laid out below the others."""
    graph = project.graph
    sizes = {node.name: _card_size(graph, node) for node in graph}
    known = node_positions(project)
    missing = [node.name for node in graph if node.name not in known]
    found = layout(graph, sizes, chosen=missing, header=_HEADER)
    boxes = {name: (*place, *sizes[name]) for name, place in known.items()}
    left, top = 0.0, 0.0
    if boxes:
        left, top, _, height = bounds(boxes)
        top += height + _MARGIN
    for name, (x, y) in found.places.items():
        boxes[name] = (x + left, y + top, *sizes[name])
    bends = {key: [(x + left, y + top) for x, y in points] for key, points in found.bends.items()}
    return boxes, bends


def _card_size(graph: Graph, node: Node) -> Size:
    widest = 2 * _PAD + max(
        width_of(node.name, _NAME, bold=True),
        width_of(graph.weight_owner(node).kind, _KIND),
        width_of(_said(graph, node), _SMALL),
    )
    wide = 10 * ceil(min(max(widest, _NARROWEST), _WIDEST) / 10)
    return wide, _HEADER + _ROW * max(3, _slots(graph, node))


def _said(graph: Graph, node: Node) -> str:
    """Return the third line of a card."""
    owner = graph.weight_owner(node)
    return f"shares {owner.name}" if owner is not node else caption(node.kind, node.params)


def _in_order(graph: Graph, node: Node) -> list[tuple[str, int | None, str]]:
    """Return the wires into a node, in the order of its ports."""
    ports = input_ports(graph.weight_owner(node).kind) or ()
    rank = {port.name: at for at, port in enumerate(ports)}
    return sorted(node.wires(), key=lambda wire: rank.get(wire[0], len(rank)))


def _slots(graph: Graph, node: Node) -> int:
    ports = input_ports(graph.weight_owner(node).kind) or ()
    return max(len(ports), sum(1 for _ in node.wires()))


def _outputs(report: Report | None, name: str) -> list[str]:
    """Return the names of a node's outputs, "" for the only one."""
    outs = report.shapes.outs.get(name, {}) if report else {}
    named = [output for output in outs if output != MAIN]
    return ["", *named[1:]]


def _family(graph: Graph, node: Node) -> str:
    cls = catalogue.find(graph.weight_owner(node).kind)
    return cls.family if cls else ""


def _curve(points: Sequence[Point]) -> str:
    """Return a smooth path through points."""
    parts = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for (x1, y1), (x2, y2), (x, y) in cubics(points):
        parts.append(f"C{x1:.1f} {y1:.1f} {x2:.1f} {y2:.1f} {x:g} {y:g}")
    return " ".join(parts)


def _mixed(below: str, above: str, share: float) -> str:
    """Return the colour seen where one covers a share of another."""
    pairs = [(int(below[at : at + 2], 16), int(above[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
