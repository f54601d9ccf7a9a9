"""Judges wires that are not drawn yet: would they fit, and if not, why."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.text.phrases import sentence as worded
from engine.check.loss_compatibility import Fed, loss_fits
from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, LayerError
from engine.core.tensor_spec import TensorSpec
from engine.graph.model import Graph, Node, source_of
from engine.layers import catalogue
from engine.layers.base import Layer, Port
from engine.layers.input_output import Output

Specs = list[TensorSpec | None]
ANYWAY = "Hold Ctrl to connect anyway."  # what is said below a reason


class Fits:
    """Judges wires for one checked graph.

    Only the node at the wire's end is judged: what follows it may be mended afterwards, and the
    checks say so. What is not known is let through, for it can't be called wrong.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._graph: Graph = report.project.graph
        self._before: dict[str, frozenset[str]] = {}

    def refusal(self, reference: str, name: str, port: str, place: int | None) -> str:
        """Return why a wire can't be drawn, "" if it can.

        Args:
            reference: what it comes from, "conv" or "lstm.state_h".
            name, port, place: where it would end; a place that is taken is replaced.
        """
        source, node = source_of(reference), self._graph.by_name.get(name)
        if node is None or source not in self._graph:
            return "That node is not there any more."
        never = self.loop(reference, name)
        if never:
            return never
        layer = self._report.shapes.layers.get(name)
        if layer is None or node.off:
            return ""
        specs = self._specs(node, layer, (reference, port, place))
        return "" if specs is None else why_not(layer, specs)

    def loop(self, reference: str, name: str) -> str:
        """Return why no wire to a node can be drawn whatever the shapes, "" if one can."""
        source = source_of(reference)
        if source == name:
            return f"{name} can't feed itself."
        if name in self._leading_to(source):
            return f"This would make a loop: {name} already leads to {source}."
        return ""

    def kinds_after(self, reference: str) -> list[str]:
        """Return the kinds that could take what leaves `reference`, in palette order."""
        return [kind for kind, why in self.verdicts_after(reference).items() if not why]

    def verdicts_after(self, reference: str) -> dict[str, str]:
        """Return by kind why it can't take what leaves `reference`, "" where it can."""
        spec = self.spec(reference)
        return {kind: misfit(kind, spec) for kind in catalogue.kinds()}

    def verdicts_before(self) -> dict[str, str]:
        """Return by kind why it has nothing to give, "" where it has.

        What a kind gives depends on what it will be fed, so no more than that can be judged.
        """
        ends = "An Output ends a branch: nothing comes after it."
        return {kind: ends if kind == "Output" else "" for kind in catalogue.kinds()}

    def spec(self, reference: str) -> TensorSpec | None:
        """Return what flows along a wire from `reference`, None where it is not known."""
        return self._report.shapes.spec(self._graph.behind(reference))

    def _leading_to(self, name: str) -> frozenset[str]:
        if name not in self._before:
            self._before[name] = reached(self._graph, name, lambda at: self._graph[at].sources())
        return self._before[name]

    def _specs(self, node: Node, layer: Layer, new: tuple[str, str, int | None]) -> Specs | None:
        """Return what the node would be fed with, or None as long as that is not known."""
        specs: Specs = []
        for port in type(layer).ports():
            wires = list(wires_at(node, port))
            if port.name == new[1]:
                wires = with_wire(wires, port, new[0], new[2])
            if not wires and port.optional:
                specs.append(None)
                continue
            known = [self.spec(wire) for wire in wires]
            if not wires or any(spec is None for spec in known):
                return None
            specs += known
        return specs


def reached(graph: Graph, name: str, step: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """Return every node that steps from `name` lead to, itself left out unless there is a loop."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for other in step(waiting.pop()):
            if other in graph and other not in found:
                found.add(other)
                waiting.append(other)
    return frozenset(found)


def misfit(kind: str, spec: TensorSpec | None) -> str:
    """Return why a newly drawn node of a kind can't take a tensor at its first port, "" if it can.

    Of a tensor that is not known yet, nothing can be called wrong.
    """
    cls = catalogue.kinds()[kind]
    ports = cls.ports()
    if not ports:
        return f"{kind} begins a branch: nothing comes before it."
    # A new Output is given a loss.
    layer = catalogue.layer(kind, {"loss": "mse"} if kind == "Output" else cls.starts)
    if spec is None or not isinstance(layer, Layer):
        return ""
    # A merge, and a layer with several ports, gets its other wires later: try it with equals.
    count = 2 if ports[0].many else sum(not port.optional for port in ports)
    fed: Specs = [spec] * count + [None] * sum(port.optional for port in ports)
    return why_not(layer, fed)


def why_not(layer: Layer, specs: Specs) -> str:
    """Return why a layer can't take these tensors, "" if it can."""
    if type(layer).ports()[0].many and len(specs) < 2:
        specs = specs * 2
    try:
        layer.infer(*specs)
    except LayerError as error:
        return sentence(error.diagnostics[0])
    except (ValueError, TypeError, ArithmeticError, LookupError):
        return ""  # a defect of the layer is the check's to tell
    return _untrainable(layer, specs[0]) if isinstance(layer, Output) else ""


def _untrainable(output: Output, spec: TensorSpec | None) -> str:
    """Return why nothing could train this Output, whatever layer leads to it; "" if one could."""
    if spec is None:
        return ""
    fed = Fed("", output, spec, feeder="", curve=None, bendable=False)
    return next((sentence(found) for found in loss_fits(fed) if found.is_error), "")


def sentence(found: Diagnostic) -> str:
    """Say a finding and its first fix in one or two sentences."""
    text = worded(found.message)
    return f"{text} {found.fixes[0].text}" if found.fixes else text


def wires_at(node: Node, port: Port) -> tuple[str, ...]:
    """Return the references that are wired to a port, in order."""
    wired = node.inputs.get(port.name, ())
    return (wired,) if isinstance(wired, str) else wired


def with_wire(wires: list[str], port: Port, reference: str, place: int | None) -> list[str]:
    """Return the wires of a port with one more, or with the one at a taken place replaced."""
    if not port.many:
        return [reference]
    if place is None or place >= len(wires):
        return [*wires, reference]
    return [*wires[:place], reference, *wires[place + 1 :]]
