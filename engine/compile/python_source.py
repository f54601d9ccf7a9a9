"""Writes a checked project as Python that draws it again: layers, Model, compile, fit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import wrap

from engine.check.report import Report
from engine.compile.identifiers import Names
from engine.compile.line_wrap import WIDTH, fitted
from engine.compile.python_training import compiled, trained
from engine.compile.python_values import Values, layer_places, quoted
from engine.compile.torch_source import module_name
from engine.core.diagnostic import DiagnosticError
from engine.core.symbolic.tensor import default_layer_name
from engine.graph.model import Node
from engine.layers.base import Layer

_LAYER = re.compile(r"([\w, ]+ = layers\.\w+\()(.*?)(\)(?:\([^()]*\))?)")


def python_source(report: Report, name: str = "network") -> str:
    """Return a project as Python source that makes an equal graph.

    Args:
        report: what `engine.check.report.check` answered for it.
        name: the network's name.

    Returns:
        A module with one line a node, `model`, compiled, and a function that trains it as the
        recipe says. Nodes that no Output needs, and those that are bypassed, stand in comments.

    Raises:
        Refused: if the project is not sound.
    """
    if report.errors:
        raise DiagnosticError(*report.errors)
    return _Source(report, name).text()


class _Source:
    """Writes one project."""

    def __init__(self, report: Report, name: str) -> None:
        self.report = report
        self.name = name
        self.graph = report.project.graph
        self.names = Names(report)
        self.values = Values()

    def text(self) -> str:
        drawn = [part for line in self._nodes() for part in _broken(line)]
        model = [part for line in self._model() for part in fitted(line)]
        train = list(trained(self.report, self.values))
        used = sorted(
            {"Input", "Model", *self.values.used}, key=lambda word: (word.islower(), word)
        )
        title = re.sub(r"[^\w .-]+", " ", self.name, flags=re.ASCII).strip() or "A network"
        lines = [
            f'"""{title}, drawn with Layerloom."""',
            "",
            f"from engine import {', '.join(used)}",
            "",
            *drawn,
            "",
            *model,
            "",
            "",
            *train,
        ]
        return "\n".join(lines) + "\n"

    def _nodes(self) -> Iterator[str]:
        live = {node.name for node in self.names.live}
        for node in self.graph.topological_order:
            if node.kind == "Output":
                if node.off:
                    yield from _noted("", f"bypassed: the output {node.name}")
            elif node.name in self.names.passed:
                source = self.names.variable(next(wire for _, _, wire in node.wires()))
                line = f"{self.names.variable(node.name)} = {source}"
                yield from _noted(line, f"bypassed: {self._made(node)}")
            elif node.kind == "Input":
                yield f"{self.names.variable(node.name)} = {self._input(node)}"
            elif node.name in live:
                yield from self._called(node)
            else:
                yield from _noted("", f"leads to no output: {self._made(node)}")

    def _input(self, node: Node) -> str:
        arguments = [*self.values.arguments(self._layer(node)), f"name={quoted(node.name)}"]
        return f"Input({', '.join(arguments)})"

    def _called(self, node: Node) -> Iterator[str]:
        """Write a node: its layer, if others use that too, and the call."""
        wires = [self.names.variable(wire) for wire in _wires(node, self._layer(node))]
        targets = self.names.targets(node)
        instance = self.names.instances.get(node.name)
        if instance is not None:
            if self.names.makes(node):
                yield f"{instance} = {self._made(node)}"
            title = self.names.call_title(node)
            named = [f"name={quoted(title)}"] if title else []
            yield f"{targets} = {instance}({', '.join([*wires, *named])})"
        elif self._layer(node).family == "merge":
            yield f"{targets} = {self._merged(node, wires)}"
        else:
            yield f"{targets} = {self._made(node)}({', '.join(wires)})"

    def _merged(self, node: Node, wires: Sequence[str]) -> str:
        """Return the call of a merge in Keras' lower-case form."""
        self.values.used.add("layers")
        arguments = [f"[{', '.join(wires)}]", *self._arguments(node)]
        return f"layers.{default_layer_name(self._layer(node).kind())}({', '.join(arguments)})"

    def _made(self, node: Node) -> str:
        """Return the call that makes a node's layer."""
        self.values.used.add("layers")
        return f"layers.{self._layer(node).kind()}({', '.join(self._arguments(node))})"

    def _arguments(self, node: Node) -> Iterator[str]:
        layer = self._layer(node)
        yield from self.values.arguments(layer, layer_places(layer))
        title = self.names.title(node)
        if title:
            yield f"name={quoted(title)}"

    def _layer(self, node: Node) -> Layer:
        return self.report.shapes.layers[node.name]

    def _model(self) -> Iterator[str]:
        inputs = [self.names.variable(node.name) for node in self.graph.of_kind("Input")]
        takes = inputs[0] if len(inputs) == 1 else f"[{', '.join(inputs)}]"
        arguments = [takes, self.names.outputs(), f'name="{module_name(self.name)}"']
        yield f"model = Model({', '.join(arguments)})"
        yield f"model.compile({', '.join(compiled(self.report, self.values))})"


def _wires(node: Node, layer: Layer) -> Iterator[str]:
    """Yield the wires of a node in the order of its ports."""
    for port in layer.ports():
        wired = node.inputs.get(port.name, ())
        yield from (wired,) if isinstance(wired, str) else wired


def _broken(line: str) -> list[str]:
    """Break a long line as a person would: the parameters of a layer on a line of their own."""
    match = _LAYER.fullmatch(line)
    if len(line) <= WIDTH or match is None or len(match[2]) > WIDTH - 4:
        return [line] if line.startswith("#") else fitted(line)
    return [match[1], f"    {match[2]}", match[3]]


def _noted(line: str, note: str) -> Iterator[str]:
    """Write a line with a comment, behind it where there is room."""
    short = f"{line}  # {note}" if line else f"# {note}"
    if len(short) <= WIDTH:
        yield short
        return
    yield from wrap(note, WIDTH, initial_indent="# ", subsequent_indent="#     ")
    if line:
        yield line
