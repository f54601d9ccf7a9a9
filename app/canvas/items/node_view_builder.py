"""The builder of the view models of nodes, from a project and the report of its check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.canvas.items.node_view import Badge, NodeViewModel, PortSlot
from app.text.phrases import to_sentence
from engine.check.report import Report
from engine.core.diagnostic import Diagnostic
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.diagram.captions import caption
from engine.graph.edits.wire_edits import input_ports
from engine.graph.model import Json, Node, Project
from engine.graph.view import collapsed_nodes
from engine.layers import catalogue
from engine.layers.base import Port, docstring_summary

_MAX_SHAPE_LENGTH = 24


class _NodeState(NamedTuple):
    """The values that a view model is built from; if one changes, the view model is rebuilt.

    For a node that shares weights, `kind` and `params` are those of the owner of the weights.
    """

    node: Node
    kind: str
    params: Mapping[str, Json]
    has_consumers: bool
    output_specs: Mapping[str, TensorSpec] | None
    diagnostics: tuple[Diagnostic, ...]
    is_collapsed: bool
    loss: str


class NodeViewModelBuilder:
    """A builder of node view models that reuses the view models of unchanged nodes."""

    def __init__(self) -> None:
        self._cache: dict[str, tuple[_NodeState, NodeViewModel]] = {}

    def build(
        self, report: Report, project: Project, losses: Mapping[str, str]
    ) -> dict[str, NodeViewModel]:
        """Return the view models of all nodes by name.

        Args:
            report: the last report; it may be a few edits older than the project.
            project: the current project.
            losses: the last losses of a run in progress, by the name of the Output.
        """
        collapsed_names = collapsed_nodes(project)
        diagnostics_by_node = _by_node(report.diagnostics)
        cache: dict[str, tuple[_NodeState, NodeViewModel]] = {}
        for node in project.graph:
            owner = project.graph.weight_owner(node)
            state = _NodeState(
                node,
                owner.kind,
                owner.params,
                owner.kind == "Output" and bool(project.graph.consumers[node.name]),
                report.shapes.outputs.get(node.name),
                diagnostics_by_node.get(node.name, ()),
                node.name in collapsed_names,
                losses.get(node.name, ""),
            )
            cached = self._cache.get(node.name)
            if cached is None or cached[0] != state:
                cached = (state, _build(state, owner, cached))
            cache[node.name] = cached
        self._cache = cache
        return {name: view_model for name, (_, view_model) in cache.items()}


def _by_node(diagnostics: Sequence[Diagnostic]) -> dict[str, tuple[Diagnostic, ...]]:
    by_node: dict[str, tuple[Diagnostic, ...]] = {}
    for diagnostic in diagnostics:
        if diagnostic.node is not None:
            by_node[diagnostic.node] = (*by_node.get(diagnostic.node, ()), diagnostic)
    return by_node


def _has_same_texts(one: _NodeState, other: _NodeState) -> bool:
    """Return whether texts and slots of two states are equal: those of node, kind and params."""
    return (one.node, one.kind, one.params) == (other.node, other.kind, other.params)


def _build(
    state: _NodeState, owner: Node, previous: tuple[_NodeState, NodeViewModel] | None
) -> NodeViewModel:
    """Return a view model; `previous` has the texts and slots of an unchanged node."""
    node, kind, output_specs = state.node, state.kind, state.output_specs or {}
    same = previous[1] if previous and _has_same_texts(previous[0], state) else None
    cls = catalogue.find_layer_class(kind)
    outputs = output_slots(kind, state.has_consumers, output_specs)
    return NodeViewModel(
        name=node.name,
        kind=kind,
        family=cls.family if cls else "",
        caption=same.caption if same else caption(kind, state.params),
        inputs=same.inputs if same else input_slots(node, kind),
        outputs=outputs,
        output_shapes=tuple(_shape_text(output_specs.get(slot.port)) for slot in outputs),
        badge=_badge(state.diagnostics),
        tooltip=_tooltip(node, kind, state.diagnostics),
        off=node.off,
        shares="" if owner is node else owner.name,
        collapsed=state.is_collapsed,
        live_loss=state.loss,
    )


def _shape_text(spec: TensorSpec | None) -> str:
    """Return the text of a shape, "" for None.

    In a long text, a dynamic axis is shortened to the name of the Input that it comes from.
    """
    if spec is None:
        return ""
    if len(str(spec)) <= _MAX_SHAPE_LENGTH:
        return str(spec)
    dims = (f"{dim.source}…" if isinstance(dim, DynamicLength) else str(dim) for dim in spec.shape)
    return f"({', '.join(('batch', *dims))})"


def _badge(diagnostics: Sequence[Diagnostic]) -> Badge:
    if any(diagnostic.is_error for diagnostic in diagnostics):
        return "error"
    return "warning" if any(d.severity == "warning" for d in diagnostics) else ""


def _tooltip(node: Node, kind: str, diagnostics: Sequence[Diagnostic]) -> str:
    cls = catalogue.find_layer_class(kind)
    summary = docstring_summary(cls) if cls else "Unknown layer type in this version."
    lines = [f"{node.name} · {kind}", summary]
    for diagnostic in diagnostics:
        lines += ["", to_sentence(diagnostic.message)]
        lines += [f"→ {fix.text}" for fix in diagnostic.fixes[:2]]
    return "\n".join(lines)


def input_slots(node: Node, kind: str) -> tuple[PortSlot, ...]:
    """Return a slot per input port; a port for several wires has one per wire and an empty one."""
    slots: list[PortSlot] = []
    ports = input_ports(kind)
    for port in ports if ports is not None else _ports_in_use(node):
        wired = node.inputs.get(port.name, ())
        if port.many or isinstance(wired, tuple) and len(wired) > 1:
            count = 1 if isinstance(wired, str) else len(wired)
            label = "input" if port.name == "xs" else port.name
            slots += [PortSlot(port.name, index, f"{label} {index + 1}") for index in range(count)]
            slots.append(PortSlot(port.name, count, f"+ {label}", is_placeholder=True))
        else:
            label = "in" if port.name == "x" else port.name
            slots.append(PortSlot(port.name, None, label, port.optional))
    # Wires at unknown ports get slots too, so that they can be disconnected.
    known = {slot.port for slot in slots}
    slots += [PortSlot(port, index, port) for port, index, _ in node.wires() if port not in known]
    return tuple(slots)


def _ports_in_use(node: Node) -> tuple[Port, ...]:
    used = tuple(Port(name, isinstance(wired, tuple)) for name, wired in node.inputs.items())
    return used or (Port("x"),)


def output_slots(
    kind: str, has_consumers: bool, output_specs: Mapping[str, object]
) -> tuple[PortSlot, ...]:
    """Return the output slots of a node; the first is the main output.

    An Output has no output slots. The exception is a node that was changed to an Output while it
    still has consumers.
    """
    if kind == "Output" and not has_consumers:
        return ()
    main, *others = [name for name in output_specs if name] or ["out"]
    return (PortSlot("", None, main), *(PortSlot(name, None, name) for name in others))
