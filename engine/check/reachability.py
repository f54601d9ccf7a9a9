"""Checks of cycles, of Outputs that no Input reaches, and of unused nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from engine.core.diagnostic import Diagnostic, Fix
from engine.core.traversal import reachable
from engine.graph.edits.wire_edits import input_ports
from engine.graph.model import Graph, Node, source_node

_MAX_NAMES = 6  # number of names in a list before it is shortened


def check_reachability(graph: Graph, reported: Collection[str | None] = ()) -> list[Diagnostic]:
    """Return diagnostics of cycles, missing Inputs and Outputs, unreached and unused nodes.

    Args:
        reported: names of nodes with wires from missing sources. Outputs that are unreached because
            of these wires get no diagnostic here: the wires are reported elsewhere.
    """
    inputs, outputs = graph.of_kind("Input"), graph.outputs
    diagnostics = [*_cycles(graph)]
    if not inputs:
        diagnostics.append(_no_input())
    if not outputs:
        diagnostics.append(_no_output(graph))
    reached = reachable((node.name for node in inputs), graph.consumers.__getitem__)
    if not inputs:
        return diagnostics
    if any(output.name not in reached for output in outputs):
        return [*diagnostics, *_unreached(graph, inputs, reached, reported)]
    # Unused nodes are reported only if every Output is reached; else they may follow from that.
    return [*diagnostics, *_unused(graph, reached)] if outputs else diagnostics


def _cycles(graph: Graph) -> Iterator[Diagnostic]:
    """Yield an error for each cycle.

    The topological order lacks the nodes on or after a cycle. From each of these nodes, the search
    goes backwards until a node repeats. Each step goes to the first source that is also one of
    these nodes. Each node is visited once, so if a node is on several cycles, only one of these
    cycles is reported.
    """
    ordered = {node.name for node in graph.topological_order}
    position = {node.name: index for index, node in enumerate(graph)}
    visited: set[str] = set()
    for node in graph:
        path: dict[str, int] = {}
        name = node.name
        while name not in ordered and name not in visited and name not in path:
            path[name] = len(path)
            name = next(s for s in graph[name].sources() if s in graph and s not in ordered)
        visited.update(path)
        if name in path:
            yield _cycle_error(graph, [*path][path[name] :], position)


def _cycle_error(graph: Graph, backwards: list[str], position: Mapping[str, int]) -> Diagnostic:
    cycle = backwards[::-1]
    start = min(range(len(cycle)), key=lambda index: position[cycle[index]])
    cycle = cycle[start:] + cycle[:start]
    first, last = graph[cycle[0]], cycle[-1]
    port, index, _ = next(wire for wire in first.wires() if source_node(wire[2]) == last)
    edit: dict[str, object] = {"do": "disconnect", "node": first.name, "port": port}
    if index is not None:
        edit["place"] = index
    return Diagnostic.error(
        "graph-loop",
        "its wires form a cycle",
        Fix(f"Remove the wire from {last} to {first.name}.", edit),
        node=first.name,
        port=port,
        found=" -> ".join(_shorten([*cycle, first.name])),
        expected="wires from Inputs to Outputs, without a cycle",
        why="each node of the cycle needs the output of another one",
    )


def _shorten(names: list[str]) -> list[str]:
    if len(names) <= _MAX_NAMES:
        return names
    return [*names[: _MAX_NAMES - 2], f"{len(names) - _MAX_NAMES + 1} more", names[-1]]


def _no_input() -> Diagnostic:
    add = {"do": "add_node", "kind": "Input"}
    return Diagnostic.error(
        "no-input",
        "there is no Input",
        Fix("Add an Input and connect it to the first layer.", add),
        found="no node of kind Input",
        expected="an Input for each column that the network reads",
    )


def _no_output(graph: Graph) -> Diagnostic:
    bypassed = next(iter(graph.of_kind("Output")), None)
    if bypassed is not None:
        name = bypassed.name
        return Diagnostic.error(
            "no-output",
            "every Output is bypassed",
            Fix(f"Enable {name}.", {"do": "set_off", "node": name, "off": False}),
            node=name,
            found="no enabled Output",
            expected="an Output after each layer whose output is a prediction",
        )
    ends = [node.name for node in graph if not graph.consumers[node.name]]
    text = f"Add an Output after {ends[-1]}." if ends else "Add an Output."
    return Diagnostic.error(
        "no-output",
        "there is no Output",
        Fix(text, _new_output(ends[-1] if ends else None)),
        found="no node of kind Output",
        expected="an Output after each layer whose output is a prediction",
    )


def _new_output(source: str | None) -> dict[str, object]:
    """Return the JSON edit that adds an Output without loss, wired to node `source` if given."""
    inputs = {"inputs": {"x": source}} if source else {}
    return {"do": "add_node", "kind": "Output", **inputs}


def _unreached(
    graph: Graph, inputs: tuple[Node, ...], reached: set[str], reported: Collection[str | None]
) -> Iterator[Diagnostic]:
    """Yield an error for each group of Outputs that no Input reaches.

    Each of these Outputs is traced backwards along the first wire from an existing node, until
    there is none or a node repeats. Outputs whose traces end at the same node form a group. A group
    gets no error if its trace ends on a cycle, or at a node in `reported` other than the Output.
    If the trace ends at a layer without wires, the error is about this layer.
    `reached`: names of the nodes that `inputs` reach.
    `reported`: names of the nodes with errors about missing sources.
    """
    input_names = ", ".join(_shorten([node.name for node in inputs]))
    ends: dict[str, Node] = {}
    outputs_by_end: dict[str, list[Node]] = {}
    for output in graph.outputs:
        if output.name in reached:
            continue
        end = _first_ancestor(graph, output, ends)
        # The end of a backward search has a source if it is on a cycle, which is reported.
        is_on_cycle = any(name in graph for name in end.sources())
        if is_on_cycle or (end.name in reported and end is not output):
            continue
        outputs_by_end.setdefault(end.name, []).append(output)
    for name, outputs in outputs_by_end.items():
        end = graph[name]
        is_loose = not end.sources() and end is not outputs[0]
        if is_loose and len(input_ports(graph.weight_owner(end).kind) or ()) > 1:
            continue  # each of its ports has a diagnostic
        output_names = ", ".join(_shorten([output.name for output in outputs]))
        yield Diagnostic(
            "output-unreached",
            _unreached_message(graph, end, outputs),
            node=end.name if is_loose else outputs[0].name,
            found=f"no path from {input_names}",
            expected=f"a path from {input_names} to {output_names}",
            why=_missing_wire(graph, end),
            fixes=_connect_fixes(graph, _best_source(graph, reached, end), end, outputs[0]),
        )


def _unreached_message(graph: Graph, end: Node, outputs: list[Node]) -> str:
    if not end.sources() and end is outputs[0]:
        return "this output is not connected"
    if not end.sources() and input_ports(graph.weight_owner(end).kind) != ():
        unreached = ", ".join(_shorten([output.name for output in outputs]))
        return f"its input is not connected, so no Input reaches {unreached}"
    names = [output.name for output in outputs[1:]]
    others = f", nor {', '.join(_shorten(names))}" if names else ""
    end_name = "it" if end is outputs[0] else end.name
    return f"no Input reaches this output{others}: the wires end at {end_name}"


def _best_source(graph: Graph, reached: Collection[str], end: Node) -> Node | None:
    """Return the best node to connect `end` to, of the `reached` names; None if there is none.

    Preferred are, in this order: nodes that feed nothing, that feed several nodes, and that feed no
    Output; the last of the equals. Nodes that depend on `end` would close a cycle.
    """
    dependent = reachable((end.name,), graph.consumers.__getitem__)
    heads = {name for output in graph.outputs for name in output.sources()}

    def preference(node: Node) -> tuple[bool, bool, bool]:
        count = len(graph.consumers[node.name])
        return count == 0, count > 1, node.name not in heads

    names = set(reached) - dependent
    nodes = [node for node in graph if node.name in names and node.kind != "Output"]
    return max(reversed(nodes), key=preference, default=None)


def _first_ancestor(graph: Graph, output: Node, ends: dict[str, Node]) -> Node:
    """Follow the first wire of each node back from `output`; return the node at the end.

    `ends` caches the results by node.
    """
    path: list[str] = [output.name]
    end = output
    while end.name not in ends:
        ends[end.name] = end  # on a cycle, the search ends at the first repeated node
        source = next((name for name in end.sources() if name in graph), None)
        if source is None:
            break
        end = graph[source]
        path.append(source)
    ends.update(dict.fromkeys(path, ends[end.name]))
    return ends[end.name]


def _missing_wire(graph: Graph, end: Node) -> str:
    missing = [name for name in end.sources() if name not in graph]
    if missing:
        return f"{end.name} is connected to {missing[0]}, which does not exist"
    return f"{end.name} has no wires"


def _connect_fixes(graph: Graph, source: Node | None, end: Node, output: Node) -> tuple[Fix, ...]:
    advice = Fix(f"Connect {output.name} to a layer reachable from an Input.")
    ports = input_ports(graph.weight_owner(end).kind)
    if ports == () or source is None:
        return (advice,)
    port = ports[0].name if ports else "x"
    edit = {"do": "connect", "source": source.name, "node": end.name, "port": port}
    return (Fix(f"Connect {source.name} to {end.name}.", edit), advice)


def _unused(graph: Graph, reached: Collection[str]) -> Iterator[Diagnostic]:
    for node in graph:
        # A node that no Input reaches is incomplete rather than unused.
        if node.name in graph.required_names or node.off or node.name not in reached:
            continue
        if node.kind == "Input":
            yield _unused_warning("input-unused", "no output uses this Input", node)
        elif not graph.consumers[node.name]:
            yield _unused_warning("node-unused", "no Output depends on it", node)


def _unused_warning(code: str, message: str, node: Node) -> Diagnostic:
    fixes = [Fix("Connect it to a layer that reaches an Output.")]
    if code == "node-unused":
        fixes.append(Fix("Add an Output after it.", _new_output(node.name)))
    fixes.append(Fix("Delete it.", {"do": "remove_node", "node": node.name}))
    return Diagnostic.warning(
        code,
        message,
        *fixes,
        node=node.name,
        found="no path to an Output",
        expected="a path to an Output",
    )
