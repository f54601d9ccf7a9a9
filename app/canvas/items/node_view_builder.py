"""Works out what each node shows from document and report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.canvas.items.node_view import Badge, Face, Slot
from app.text.phrases import sentence
from engine.check.report import Report
from engine.core.diagnostic import Diagnostic
from engine.core.tensor_spec import Length, TensorSpec
from engine.diagram.captions import caption
from engine.graph.edits.wire_edits import ports_of
from engine.graph.model import Node, Project
from engine.graph.view import collapsed
from engine.layers import catalogue
from engine.layers.base import Port, first_line

_LONGEST_CHIP = 24


class Faces:
    """Works out the face of each node, and keeps those that have not changed."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Any, Face]] = {}

    def of(self, report: Report, project: Project, running: Mapping[str, str]) -> dict[str, Face]:
        """Return the faces of a project by node.

        Args:
            report: the last report; it may lag behind the project by some edits.
            project: what is drawn.
            running: by Output, its last loss in a live run.
        """
        folded = collapsed(project)
        found = _by_node(report.diagnostics)
        faces: dict[str, Face] = {}
        for node in project.graph:
            outs = report.shapes.outs.get(node.name)
            owner = project.graph.layer_node(node)
            feeds = owner.kind == "Output" and bool(project.graph.consumers[node.name])
            key = (
                node, feeds, owner.kind, owner.params, outs, found.get(node.name, ()),
                node.name in folded, running.get(node.name, ""),
            )  # fmt: skip
            known = self._known.get(node.name)
            if known is None or known[0] != key:
                known = self._known[node.name] = (key, _face(key, owner))
            faces[node.name] = known[1]
        if len(self._known) > 2 * len(faces) + 100:
            self._known = {name: self._known[name] for name in faces}
        return faces


def _by_node(diagnostics: Sequence[Diagnostic]) -> dict[str, tuple[Diagnostic, ...]]:
    found: dict[str, tuple[Diagnostic, ...]] = {}
    for diagnostic in diagnostics:
        if diagnostic.node is not None:
            found[diagnostic.node] = (*found.get(diagnostic.node, ()), diagnostic)
    return found


def _face(key: Any, owner: Node) -> Face:
    node, feeds, kind, params, outs, found, folded, running = key
    cls = catalogue.find(kind)
    outputs = output_slots(kind, feeds, outs or {})
    return Face(
        name=node.name,
        kind=kind,
        family=cls.family if cls else "",
        caption=caption(kind, params),
        inputs=input_slots(node, kind),
        outputs=outputs,
        output_shapes=tuple(_chip((outs or {}).get(slot.port)) for slot in outputs),
        badge=_badge(found),
        tooltip=_tooltip(node, kind, found),
        off=node.off,
        shares="" if owner is node else owner.name,
        collapsed=folded,
        running_loss=running,
    )


def _chip(spec: TensorSpec | None) -> str:
    """Return a shape for a chip; a free length whose arithmetic is long only tells its Input."""
    if spec is None:
        return ""
    if len(str(spec)) <= _LONGEST_CHIP:
        return str(spec)
    dims = (f"{dim.source}…" if isinstance(dim, Length) else str(dim) for dim in spec.shape)
    return f"({', '.join(('batch', *dims))})"


def _badge(found: Sequence[Diagnostic]) -> Badge:
    if any(diagnostic.is_error for diagnostic in found):
        return "error"
    return "warning" if any(one.severity == "warning" for one in found) else ""


def _tooltip(node: Node, kind: str, found: Sequence[Diagnostic]) -> str:
    cls = catalogue.find(kind)
    lines = [f"{node.name} · {kind}", first_line(cls) if cls else "This version has no such layer."]
    for diagnostic in found:
        lines += ["", sentence(diagnostic.message)]
        lines += [f"→ {fix.text}" for fix in diagnostic.fixes[:2]]
    return "\n".join(lines)


def input_slots(node: Node, kind: str) -> tuple[Slot, ...]:
    """Return the places where wires may end at a node, growing ports with one to spare."""
    slots: list[Slot] = []
    ports = ports_of(kind)
    for port in ports if ports is not None else _ports_in_use(node):
        wired = node.inputs.get(port.name, ())
        if port.many or isinstance(wired, tuple) and len(wired) > 1:
            count = 1 if isinstance(wired, str) else len(wired)
            label = "input" if port.name == "xs" else port.name
            slots += [Slot(port.name, at, f"{label} {at + 1}") for at in range(count)]
            slots.append(Slot(port.name, count, f"+ {label}", spare=True))
        else:
            label = "in" if port.name == "x" else port.name
            slots.append(Slot(port.name, None, label, port.optional))
    known = {slot.port for slot in slots}
    # Wires at ports that the layer has not are drawn too, so that they can be pulled off.
    slots += [Slot(port, place, port) for port, place, _ in node.wires() if port not in known]
    return tuple(slots)


def _ports_in_use(node: Node) -> tuple[Port, ...]:
    used = tuple(Port(name, isinstance(wired, tuple)) for name, wired in node.inputs.items())
    return used or (Port("x"),)


def output_slots(kind: str, feeds: bool, outs: Mapping[str, object]) -> tuple[Slot, ...]:
    """Return the places where wires may begin at a node; the first is the main output.

    Args:
        kind: of the layer. An Output has none, unless wires from what it was before are left.
        feeds: whether such wires are left.
        outs: the outputs by name, as far as they are known.
    """
    if kind == "Output" and not feeds:
        return ()
    names = [name for name in outs if name]
    return (
        Slot("", None, names[0] if names else "out"),
        *(Slot(name, None, name) for name in names[1:]),
    )
