"""Checks of the wiring of a graph: names, wires, ports, weight sharing, cycles, unused nodes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from engine.check.reachability import check_reachability
from engine.core.diagnostic import Diagnostic, Fix, Json, nearest_word
from engine.graph import node_names
from engine.graph.edits.wire_edits import input_ports, port_label
from engine.graph.model import Graph, Node, source_node
from engine.layers import catalogue
from engine.layers.base import Port

_MAX_SUGGESTIONS = 8  # each "did you mean" compares a name with all others, which is slow


def check_wiring(graph: Graph) -> list[Diagnostic]:
    """Return the diagnostics of names, ports, wires and weight sharing, in linear time.

    The ports of an unknown layer type are unknown, so only the sources of its wires are checked.
    """
    suggest = _NameSuggestions(graph)
    local = [d for index, _ in enumerate(graph) for d in _NodeCheck(graph, index, suggest).run()]
    paths = check_reachability(graph, {d.node for d in local if d.code == "source-missing"})
    unreached = {d.node for d in paths if d.code == "output-unreached"}
    return [d for d in local if d.code != "port-loose" or d.node not in unreached] + paths


def unknown_output_diagnostic(
    node: Node, port: str, index: int | None, reference: str, outputs: tuple[str, ...] = ()
) -> Diagnostic:
    """Return the diagnostic for a wire whose source node does not have the output that it names.

    Args:
        node, port, index: the end of the wire; the index is None if the port takes one wire.
        reference: the source of the wire, a node and its output, such as "lstm.state".
        outputs: names of the outputs that the source node has, () if it has only the main one.
    """
    source, _, output = reference.partition(".")
    nearest = nearest_word(output, outputs)
    valid = f"{source}.{nearest}" if nearest else source
    return Diagnostic.error(
        "output-unknown",
        f'{source} has no output "{output}"',
        Fix(f'Use "{valid}".', _wire_edit("rewire", node.name, port, index, source=valid)),
        Fix("Remove the wire.", _wire_edit("disconnect", node.name, port, index)),
        node=node.name,
        port=port,
        found=reference,
        expected=", ".join([source, *(f"{source}.{name}" for name in outputs)]),
    )


def _wire_edit(do: str, node: str, port: str, index: int | None, **more: Json) -> dict[str, Json]:
    wire_index = {} if index is None else {"place": index}
    return {"do": do, "node": node, "port": port, **wire_index, **more}


class _NameSuggestions:
    """Suggestions of node names, but only for the first few misspelled names of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._names = tuple(graph.by_name)
        self._cache: dict[str, str | None] = {}

    def __call__(self, word: str, excluded: str) -> str | None:
        if word not in self._cache and len(self._cache) < _MAX_SUGGESTIONS:
            self._cache[word] = nearest_word(word, self._names)
        nearest = self._cache.get(word)
        return None if nearest == excluded else nearest


class _NodeCheck:
    def __init__(self, graph: Graph, index: int, suggest: _NameSuggestions) -> None:
        self.graph = graph
        self.index = index
        self.node = graph.nodes[index]
        self.suggest = suggest
        ports = input_ports(graph.weight_owner(self.node).kind)
        self.ports = None if ports is None else {port.name: port for port in ports}

    def run(self) -> Iterator[Diagnostic]:
        yield from self._check_name()
        yield from self._check_sharing()
        yield from self._check_ports()
        yield from self._unwired_ports()
        yield from self._check_sources()

    def _check_name(self) -> Iterator[Diagnostic]:
        name = self.node.name
        if node_names.is_valid_name(name):
            return
        to = node_names.unique_name(node_names.suggest_name(name), self.graph)
        yield Diagnostic.error(
            "name-illegal",
            "the name is not a valid Python name",
            Fix(f'Rename it to "{to}".', {"do": "rename_node", "node": name, "to": to}),
            node=name,
            found=name,
            expected="letters, digits and underscores, a letter first, and no Python keyword",
        )

    def _check_sharing(self) -> Iterator[Diagnostic]:
        node, owner = self.node, self.graph.by_name.get(self.node.shares or "")
        if node.shares is None:
            return
        if node.shares == node.name:
            yield self._sharing_error("share-self", "it shares its own weights")
        elif owner is None:
            nearest = self.suggest(node.shares, node.name)
            fix = self._share_with(nearest) if nearest else ()
            text = f"it shares the weights of {node.shares}, which does not exist"
            yield self._sharing_error("share-missing", text, *fix)
        elif owner.shares is not None:
            text = f"it shares the weights of {owner.name}, which shares those of {owner.shares}"
            first_owner = owner.shares if owner.shares in self.graph else None
            fix = self._share_with(first_owner) if first_owner and first_owner != node.name else ()
            yield self._sharing_error("share-chain", text, *fix)
        if node.params:
            text = f"its own fields have no effect, since {node.shares} owns the weights"
            yield self._sharing_error("share-params", text, *self._share_with(node.shares))

    def _share_with(self, owner: str) -> tuple[Fix, ...]:
        target = self.graph.by_name.get(owner)
        if target is None or self.graph.weight_owner(target) is self.node:
            return ()
        edit = {"do": "share", "node": self.node.name, "owner": owner}
        return (Fix(f"Use the weights and fields of {owner}.", edit),)

    def _sharing_error(self, code: str, message: str, *fixes: Fix) -> Diagnostic:
        unshare = Fix("Give it its own weights.", {"do": "unshare", "node": self.node.name})
        return Diagnostic.error(
            code,
            message,
            *fixes,
            unshare,
            node=self.node.name,
            found=f'"shares": "{self.node.shares}"',
            expected="a node that owns its weights",
        )

    def _check_ports(self) -> Iterator[Diagnostic]:
        """Yield errors for unknown ports, and for ports with a wrong number of wires.

        A port takes either one wire or a list of wires.
        """
        for name, wired in self.node.inputs.items() if self.ports is not None else ():
            port = (self.ports or {}).get(name)
            if port is None:
                yield self._no_such_port(name)
            elif port.many and isinstance(wired, str):
                yield self._takes_many(name, wired)
            elif not port.many and not isinstance(wired, str) and wired:
                yield self._takes_one(name, wired)

    def _no_such_port(self, name: str) -> Diagnostic:
        ports = tuple(self.ports or ())
        wired = self.node.inputs[name]
        is_single = isinstance(wired, str) or len(wired) == 1
        fitting = [port for port in (self.ports or {}).values() if is_single or port.many]
        free = [port.name for port in fitting if not self.node.inputs.get(port.name)]
        to = nearest_word(name, free) or (free[0] if len(free) == 1 else None)
        remove = Fix("Remove the wire.", _wire_edit("disconnect", self.node.name, name, None))
        move = _wire_edit("move_wires", self.node.name, name, None, to=to)
        kind = self.graph.weight_owner(self.node).kind
        return Diagnostic(
            "no-such-port",
            f'{kind} has no input port "{name}"' if ports else f"{kind} takes no wires",
            node=self.node.name,
            port=name,
            found=name,
            expected=", ".join(ports) or "no wires",
            fixes=(Fix(f'Connect it to "{to}".', move), remove) if to else (remove,),
        )

    def _takes_many(self, port: str, wired: str) -> Diagnostic:
        edit = _wire_edit("move_wires", self.node.name, port, None, to=port)
        return Diagnostic.error(
            "port-takes-many",
            "a merging layer takes a list of wires, even for a single one",
            Fix("Write the wire as a list.", edit),
            node=self.node.name,
            port=port,
            found=wired,
            expected=f"a list of wires: [{wired}]",
        )

    def _takes_one(self, port: str, wired: tuple[str, ...]) -> Diagnostic:
        fixes = [Fix("Remove the wires.", _wire_edit("disconnect", self.node.name, port, None))]
        first = next((wire for wire in wired if source_node(wire) in self.graph), None)
        if first is not None:
            edit = _wire_edit("connect", self.node.name, port, None, source=first)
            text = f"Keep the wire from {first} only"
            or_merge = ", or merge them with a Concatenate first." if len(wired) > 1 else "."
            fixes.insert(0, Fix(text + or_merge, edit))
        return Diagnostic.error(
            "port-takes-one",
            f"this port takes one wire, got a list of {len(wired)}",
            *fixes,
            node=self.node.name,
            port=port,
            found=", ".join(wired[:_MAX_SUGGESTIONS]),
            expected="one wire",
        )

    def _unwired_ports(self) -> Iterator[Diagnostic]:
        for port in (self.ports or {}).values():
            if self.node.inputs.get(port.name) or getattr(port, "optional", False):
                continue
            yield Diagnostic(
                "port-loose",
                f"its {port_label(port.name)} is not connected",
                node=self.node.name,
                port=port.name,
                found="no wire",
                expected="wires, in order" if port.many else "a wire from the layer before it",
                fixes=self._connect_previous(port),
            )

    def _connect_previous(self, port: Port) -> tuple[Fix, ...]:
        """Return one fix for an unwired port: a wire from the node before this one in the graph.

        If no node is before this one, or if that node is an Output or already has an outgoing wire,
        the fix is a text without an edit.
        """
        index = self.index - 1
        last = self.graph.nodes[index] if index >= 0 else None
        if last is None or last.kind == "Output" or self.graph.consumers[last.name]:
            return (Fix("Connect it, or delete the node."),)
        edit = _wire_edit("connect", self.node.name, port.name, None, source=last.name)
        return (Fix(f"Connect {last.name} to it.", edit),)

    def _check_sources(self) -> Iterator[Diagnostic]:
        for port, index, reference in self.node.wires():
            source = self.graph.by_name.get(source_node(reference))
            if source is None:
                yield self._missing_source(port, index, reference)
            elif source.kind == "Output":
                yield self._after_output(port, index, source)
            elif "." in reference and _has_one_output(self.graph.weight_owner(source).kind):
                yield unknown_output_diagnostic(self.node, port, index, reference)

    def _missing_source(self, port: str, index: int | None, reference: str) -> Diagnostic:
        name, dot, output = reference.partition(".")
        nearest = self.suggest(name, self.node.name)
        fixes = [Fix("Remove the wire.", _wire_edit("disconnect", self.node.name, port, index))]
        if nearest:
            edit = _wire_edit("rewire", self.node.name, port, index, source=nearest + dot + output)
            fixes.insert(0, Fix(f"Connect it to {nearest}.", edit))
        return Diagnostic.error(
            "source-missing",
            f"it is connected to {name}, which does not exist",
            *fixes,
            node=self.node.name,
            port=port,
            found=reference,
            expected="a node of this graph" + (f"; did you mean {nearest!r}?" if nearest else ""),
        )

    def _after_output(self, port: str, index: int | None, source: Node) -> Diagnostic:
        before = next((wire for _, _, wire in source.wires()), None)
        fixes = [Fix("Remove the wire.", _wire_edit("disconnect", self.node.name, port, index))]
        if before and source_node(before) in self.graph and source_node(before) != self.node.name:
            edit = _wire_edit("rewire", self.node.name, port, index, source=before)
            fixes.insert(0, Fix(f"Connect it to {before}, the source of {source.name}.", edit))
        return Diagnostic.error(
            "output-feeds",
            f"it is connected to {source.name}, but an Output has no output port",
            *fixes,
            node=self.node.name,
            port=port,
            found=source.name,
            expected="the layer before the Output",
        )


def _has_one_output(kind: str) -> bool:
    cls = catalogue.find_layer_class(kind)
    return cls is not None and inspect.signature(cls.infer).return_annotation == "TensorSpec"
