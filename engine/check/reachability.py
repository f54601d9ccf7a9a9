"""Where the wires of a graph lead: in circles, past every Input, or to nowhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from engine.core.diagnostic import Diagnostic, Fix
from engine.graph.edits.wire_edits import input_ports
from engine.graph.model import Graph, Node, source_node

_SHOWN = 6  # names in a list before it is cut


def reach(graph: Graph, told: Collection[str | None] = ()) -> list[Diagnostic]:
    """Return loops, ends that are missing, outputs not reached and nodes that serve no output.

    Args:
        told: nodes with a wire from what is not there; what follows from that is not told again.
    """
    inputs, outputs = graph.of_kind("Input"), graph.outputs
    found = [*_loops(graph)]
    if not inputs:
        found.append(_no_input())
    if not outputs:
        found.append(_no_output(graph))
    reached = _reached(graph, inputs)
    if not inputs:
        return found
    if any(output.name not in reached for output in outputs):
        return [*found, *_unreached(graph, inputs, reached, told)]
    # Else what is left lying follows from the missing wire, or from the missing Output.
    return [*found, *_unused(graph, reached)] if outputs else found


def _loops(graph: Graph) -> Iterator[Diagnostic]:
    """Go back along the first wire from each node on or after a loop until the way closes.

    Each node is passed once, so several loops through one node show one after the other.
    """
    ordered = {node.name for node in graph.topological_order}
    rank = {node.name: place for place, node in enumerate(graph)}
    passed: set[str] = set()
    for node in graph:
        way: dict[str, int] = {}
        name = node.name
        while name not in ordered and name not in passed and name not in way:
            way[name] = len(way)
            # Every node that has no place in the order takes a wire from another such node.
            name = next(s for s in graph[name].sources() if s in graph and s not in ordered)
        passed.update(way)
        if name in way:
            yield _loop(graph, [*way][way[name] :], rank)


def _loop(graph: Graph, backwards: list[str], rank: Mapping[str, int]) -> Diagnostic:
    circle = backwards[::-1]
    start = min(range(len(circle)), key=lambda place: rank[circle[place]])
    circle = circle[start:] + circle[:start]
    first, last = graph[circle[0]], circle[-1]
    port, place, _ = next(wire for wire in first.wires() if source_node(wire[2]) == last)
    at = {} if place is None else {"place": place}
    return Diagnostic(
        "graph-loop",
        "its wires run in a circle",
        node=first.name,
        port=port,
        found=" -> ".join(_some([*circle, first.name])),
        expected="wires that lead from Inputs to Outputs",
        why="no node of the circle can be computed before all the others",
        fixes=(
            Fix(
                f"Remove the wire from {last} to {first.name}.",
                {"do": "disconnect", "node": first.name, "port": port, **at},
            ),
        ),
    )


def _some(names: list[str]) -> list[str]:
    if len(names) <= _SHOWN:
        return names
    return [*names[: _SHOWN - 2], f"{len(names) - _SHOWN + 1} more", names[-1]]


def _no_input() -> Diagnostic:
    return Diagnostic(
        "no-input",
        "there is no Input",
        found="no node of kind Input",
        expected="an Input for each column that the network reads",
        fixes=(
            Fix(
                "Add an Input and wire it to the first layer.", {"do": "add_node", "kind": "Input"}
            ),
        ),
    )


def _no_output(graph: Graph) -> Diagnostic:
    bypassed = next(iter(graph.of_kind("Output")), None)
    if bypassed is not None:
        name = bypassed.name
        return Diagnostic(
            "no-output",
            "every Output is bypassed",
            node=name,
            found="no Output in use",
            expected="an Output behind each layer that predicts something",
            fixes=(Fix(f"Use {name} again.", {"do": "set_off", "node": name, "off": False}),),
        )
    ends = [node.name for node in graph if not graph.consumers[node.name]]
    advice = f"Add an Output behind {ends[-1]}." if ends else "Add an Output."
    return Diagnostic(
        "no-output",
        "there is no Output",
        found="no node of kind Output",
        expected="an Output behind each layer that predicts something",
        fixes=(Fix(advice, _new_output(ends[-1] if ends else None)),),
    )


def _new_output(source: str | None) -> dict[str, object]:
    """Return the edit that draws an Output; its loss is chosen once layers are known."""
    wired = {"inputs": {"x": source}} if source else {}
    return {"do": "add_node", "kind": "Output", **wired}


def _unreached(
    graph: Graph, inputs: tuple[Node, ...], reached: Collection[str], told: Collection[str | None]
) -> Iterator[Diagnostic]:
    farthest = _farthest(graph, reached)
    begins = ", ".join(_some([node.name for node in inputs]))
    ends: dict[str, Node] = {}
    cut: dict[str, list[Node]] = {}  # by the node at which the wires end, the outputs behind it
    for output in graph.outputs:
        if output.name in reached:
            continue
        end = _way_back(graph, output, ends)
        if _in_circle(graph, end) or (end.name in told and end is not output):
            continue
        cut.setdefault(end.name, []).append(output)
    for name, behind in cut.items():
        end, output = graph[name], behind[0]
        ways = ", ".join(_some([one.name for one in behind]))
        yield Diagnostic(
            "output-unreached",
            _told_of(end, behind),
            node=output.name,
            found=f"what comes from {begins} gets as far as {farthest.name}",
            expected=f"wires that lead from {begins} to {ways}",
            why=_break(graph, end),
            fixes=_bridge(graph, farthest, end, output),
        )


def _told_of(end: Node, behind: list[Node]) -> str:
    if end is behind[0] and not end.sources():
        return "nothing is wired to this output"
    return f"no Input reaches {_these(behind)}: the wires end at {_stuck(end, behind[0])}"


def _these(outputs: list[Node]) -> str:
    names = [output.name for output in outputs[1:]]
    return f"this output, nor {', '.join(_some(names))}" if names else "this output"


def _stuck(end: Node, output: Node) -> str:
    return "it" if end is output else end.name


def _reached(graph: Graph, inputs: tuple[Node, ...]) -> set[str]:
    reached = {node.name for node in inputs}
    waiting = [*reached]
    while waiting:
        for name in graph.consumers[waiting.pop()]:
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return reached


def _farthest(graph: Graph, reached: Collection[str]) -> Node:
    """Return the last node that the Inputs reach, best one that still leads nowhere."""
    nodes = [node for node in graph if node.name in reached and node.kind != "Output"]
    loose = [node for node in nodes if not graph.consumers[node.name]]
    return (loose or nodes)[-1]


def _way_back(graph: Graph, output: Node, ends: dict[str, Node]) -> Node:
    """Follow first wires backwards until there is none; `ends` remembers what was answered."""
    way: list[str] = [output.name]
    end = output
    while end.name not in ends:
        ends[end.name] = end  # a circle ends where it closes
        source = next((name for name in end.sources() if name in graph), None)
        if source is None:
            break
        end = graph[source]
        way.append(source)
    ends.update(dict.fromkeys(way, ends[end.name]))
    return ends[end.name]


def _in_circle(graph: Graph, end: Node) -> bool:
    """Return whether the way back ended by closing, which is a finding of its own."""
    return any(name in graph for name in end.sources())


def _break(graph: Graph, end: Node) -> str:
    missing = [name for name in end.sources() if name not in graph]
    if missing:
        return f"{end.name} takes a wire from {missing[0]}, which is not there"
    return f"{end.name} has no wires"


def _bridge(graph: Graph, farthest: Node, end: Node, output: Node) -> tuple[Fix, ...]:
    whole = Fix(f"Wire {output.name} to a layer that an Input leads to.")
    ports = input_ports(graph.weight_owner(end).kind)
    if ports == ():
        return (whole,)
    port = ports[0].name if ports else "x"
    edit = {"do": "connect", "source": farthest.name, "node": end.name, "port": port}
    return (Fix(f"Wire {farthest.name} to {end.name}.", edit), whole)


def _unused(graph: Graph, reached: Collection[str]) -> Iterator[Diagnostic]:
    for node in graph:
        # One that no Input reaches waits for a wire before all else.
        if node.name in graph.required_names or node.off or node.name not in reached:
            continue
        if node.kind == "Input":
            yield _warning("input-unused", "no output uses this Input", node)
        elif not graph.consumers[node.name]:
            yield _warning("node-unused", "what it computes reaches no Output", node)


def _warning(code: str, message: str, node: Node) -> Diagnostic:
    remove = {"do": "remove_node", "node": node.name}
    end = _new_output(node.name)
    fixes = (
        Fix("Wire it to a layer that leads to an Output."),
        *((Fix("End it with an Output.", end),) if code == "node-unused" else ()),
        Fix("Delete it.", remove),
    )
    return Diagnostic(
        code,
        message,
        severity="warning",
        node=node.name,
        found="no way to an Output",
        expected="wires that lead to an Output",
        fixes=fixes,
    )
