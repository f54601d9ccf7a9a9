"""Checks whether a new connection fits the graph, and explains why not."""

from __future__ import annotations

from app.text.diagnostic_text import diagnostic_sentence
from engine.check.loss_compatibility import OutputInput, check_loss
from engine.check.report import Report
from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import TensorSpec
from engine.graph.model import Graph, Node, source_node
from engine.layers import catalogue
from engine.layers.base import Layer, Port
from engine.layers.io import Output

Specs = list[TensorSpec | None]
CONNECT_ANYWAY = "Hold Ctrl to connect anyway."  # shown below the reason


class ConnectionCheck:
    """Checks whether a new wire or a new node can be connected in the graph of a report.

    Only the node that gets the new input is checked. The nodes after this node have diagnostics of
    their own, and the user can fix them later. Connections with unknown shapes are allowed.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._graph: Graph = report.project.graph
        self._ancestors: dict[str, set[str]] = {}

    def connection_problem(
        self, reference: str, name: str, port: str, index: int | None
    ) -> str | None:
        """Return why a wire can't be connected, "" if it can, None if this could not be checked.

        Args:
            reference: the output that the wire comes from, such as "conv" or "lstm.state_h".
            name, port, index: the node, input port and wire index that the wire ends at; an
                existing wire at this place would be replaced.
        """
        source, node = source_node(reference), self._graph.by_name.get(name)
        if node is None or source not in self._graph:
            return "That node no longer exists."
        cycle_problem = self.cycle_problem(reference, name)
        if cycle_problem:
            return cycle_problem
        layer = self._report.shapes.layers.get(name)
        if layer is None or node.off:
            return None
        specs = self._specs(node, layer, (reference, port, index))
        return None if specs is None else specs_problem(layer, specs)

    def cycle_problem(self, reference: str, name: str) -> str:
        """Return the problem if a wire from `reference` to node `name` makes a cycle, else ""."""
        source = source_node(reference)
        if source == name:
            return f"{name} can't be connected to itself."
        if name in self._ancestors_of(source):
            return f"This would make a cycle: {name} already leads to {source}."
        return ""

    def problems_after(self, reference: str) -> dict[str, str]:
        """Return, by layer type, why the type can't accept the output `reference`, "" if it can."""
        spec = self.spec(reference)
        return {kind: new_node_problem(kind, spec) for kind in catalogue.layer_classes()}

    def problems_before(self) -> dict[str, str]:
        """Return, by layer type, why a new node of this type can't be a source, "" if it can.

        Only Output can't: it has no output port. Shapes are unknown until the node has inputs.
        """
        reason = "An Output has no output port."
        return {kind: reason if kind == "Output" else "" for kind in catalogue.layer_classes()}

    def spec(self, reference: str) -> TensorSpec | None:
        """Return the tensor spec of an output, "node" or "node.output"; None if it is unknown."""
        return self._report.shapes.spec(self._graph.resolve_bypassed(reference))

    def _ancestors_of(self, name: str) -> set[str]:
        if name not in self._ancestors:
            self._ancestors[name] = self._graph.ancestors([name])
        return self._ancestors[name]

    def _specs(self, node: Node, layer: Layer, wire: tuple[str, str, int | None]) -> Specs | None:
        """Return a node's input specs, in port order, after adding a wire; None if one is unknown.

        `wire` is the output, input port and wire index of the new wire. The input spec of an
        unconnected optional port is None.
        """
        specs: Specs = []
        for port in type(layer).ports():
            wired = node.inputs.get(port.name, ())
            references = [wired] if isinstance(wired, str) else list(wired)
            if port.name == wire[1]:
                references = _with_reference(references, port, wire[0], wire[2])
            if not references and port.optional:
                specs.append(None)
                continue
            source_specs = [self.spec(reference) for reference in references]
            if not references or any(spec is None for spec in source_specs):
                return None
            specs += source_specs
        return specs


def new_node_problem(kind: str, spec: TensorSpec | None) -> str:
    """Return why a new node of a layer type can't accept a tensor at its first port, "" if it can.

    A tensor of unknown spec is accepted by every layer type that has an input port.
    """
    cls = catalogue.layer_classes()[kind]
    ports = cls.ports()
    if not ports:
        return f"{kind} has no input port."
    # A new Output gets a loss.
    layer = catalogue.parse_layer(kind, {"loss": "mse"} if kind == "Output" else cls.initial_params)
    if spec is None or not isinstance(layer, Layer):
        return ""
    # Merge layers and layers with several ports get their other wires later: assume equal specs.
    count = 2 if ports[0].many else sum(not port.optional for port in ports)
    input_specs: Specs = [spec] * count + [None] * sum(port.optional for port in ports)
    return specs_problem(layer, input_specs)


def specs_problem(layer: Layer, specs: Specs) -> str:
    """Return why a layer can't accept these input specs, "" if it can."""
    if type(layer).ports()[0].many and len(specs) < 2:
        specs = specs * 2
    try:
        layer.infer(*specs)
    except LayerError as error:
        return diagnostic_sentence(error.diagnostics[0])
    except (ValueError, TypeError, ArithmeticError, LookupError):
        return ""  # an internal error of the layer is reported by the graph check
    return _untrainable(layer, specs[0]) if isinstance(layer, Output) else ""


def _untrainable(output: Output, spec: TensorSpec | None) -> str:
    """Return why the loss of an Output can't be used with the input spec `spec`, "" if it can.

    Errors that depend on the activation of the layer before the Output are not returned.
    """
    if spec is None:
        return ""
    output_input = OutputInput(
        "", output, spec, source="", activation=None, can_set_activation=False
    )
    errors = (diagnostic for diagnostic in check_loss(output_input) if diagnostic.is_error)
    return next((diagnostic_sentence(diagnostic) for diagnostic in errors), "")


def _with_reference(wires: list[str], port: Port, reference: str, index: int | None) -> list[str]:
    """Return the references at a port after `reference` was connected to the port.

    `wires` are the references before. If `wires` has an item at `index`, or if the port accepts
    only one wire, `reference` replaces the old item. Otherwise `reference` is appended.
    """
    if not port.many:
        return [reference]
    if index is None or index >= len(wires):
        return [*wires, reference]
    return [*wires[:index], reference, *wires[index + 1 :]]
