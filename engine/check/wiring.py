"""What is wrong with the wires of a graph: each node by itself, then where the wires lead."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping

from engine.check.reachability import reach
from engine.core.diagnostic import Diagnostic, Fix, Json, nearest_word
from engine.graph import node_names
from engine.graph.edits.wire_edits import input_ports, port_label
from engine.graph.model import Graph, Node, source_node
from engine.layers import catalogue
from engine.layers.base import Port

_GUESSES = 8  # how many wrong words get a "did you mean"; each is compared with every name


def wiring(graph: Graph) -> list[Diagnostic]:
    """Return what is wrong with the names, ports, wires and sharing of a graph, in linear time.

    A kind that the catalogue does not know has unknown ports; only its sources are checked.
    """
    guess = _Guess(graph)
    local = [found for place, _ in enumerate(graph) for found in _Check(graph, place, guess).run()]
    far = reach(graph, {found.node for found in local if found.code == "source-missing"})
    unreached = {found.node for found in far if found.code == "output-unreached"}
    return [
        found for found in local if found.code != "port-loose" or found.node not in unreached
    ] + far


def unknown_output(
    node: Node, port: str, place: int | None, reference: str, outputs: tuple[str, ...] = ()
) -> Diagnostic:
    """Return the finding for a wire from an output that its source does not have.

    Args:
        node, port, place, reference: the wire, as `Node.wires` yields it.
        outputs: the names of the outputs there are; () for a source with only one.
    """
    source, _, output = reference.partition(".")
    nearest = nearest_word(output, outputs)
    right = f"{source}.{nearest}" if nearest else source
    return Diagnostic(
        "output-unknown",
        f'{source} has no output "{output}"',
        node=node.name,
        port=port,
        found=reference,
        expected=", ".join([source, *(f"{source}.{name}" for name in outputs)]),
        fixes=(
            Fix(f'Take "{right}".', _wire("rewire", node.name, port, place, source=right)),
            Fix("Remove the wire.", _wire("disconnect", node.name, port, place)),
        ),
    )


def _wire(do: str, node: str, port: str, place: int | None, **more: Json) -> dict[str, Json]:
    at = {} if place is None else {"place": place}
    return {"do": do, "node": node, "port": port, **at, **more}


class _Guess:
    """Answers the node that a wrong name may mean, for the first few wrong names."""

    def __init__(self, graph: Graph) -> None:
        self._names = tuple(graph.by_name)
        self._known: dict[str, str | None] = {}

    def __call__(self, word: str, but: str) -> str | None:
        if word not in self._known and len(self._known) < _GUESSES:
            self._known[word] = nearest_word(word, self._names)
        near = self._known.get(word)
        return None if near == but else near


class _Check:
    """The findings of one node."""

    def __init__(self, graph: Graph, place: int, guess: _Guess) -> None:
        self.graph = graph
        self.place = place
        self.node = graph.nodes[place]
        self.guess = guess
        ports = input_ports(graph.weight_owner(self.node).kind)
        self.ports: Mapping[str, Port] | None = (
            None if ports is None else {port.name: port for port in ports}
        )

    def run(self) -> Iterator[Diagnostic]:
        """Yield all of them: name, sharing, ports, sources."""
        yield from self._name()
        yield from self._shares()
        yield from self._wired()
        yield from self._loose()
        yield from self._sources()

    def _name(self) -> Iterator[Diagnostic]:
        name = self.node.name
        if node_names.is_valid_name(name):
            return
        to = node_names.unique_name(node_names.suggest_name(name), self.graph)
        yield Diagnostic(
            "name-illegal",
            "the name is no Python name",
            node=name,
            found=name,
            expected="letters, digits and underscores, a letter first, and no word of Python",
            fixes=(Fix(f'Call it "{to}".', {"do": "rename_node", "node": name, "to": to}),),
        )

    def _shares(self) -> Iterator[Diagnostic]:
        node, owner = self.node, self.graph.by_name.get(self.node.shares or "")
        if node.shares is None:
            return
        if node.shares == node.name:
            yield self._sharing("share-self", "it shares its own weights")
        elif owner is None:
            near = self.guess(node.shares, node.name)
            fix = self._share_with(near) if near else ()
            text = f"it shares the weights of {node.shares}, which is not there"
            yield self._sharing("share-missing", text, *fix)
        elif owner.shares is not None:
            text = f"it shares the weights of {owner.name}, which shares those of {owner.shares}"
            far = owner.shares if owner.shares in self.graph else None
            fix = self._share_with(far) if far and far != node.name else ()
            yield self._sharing("share-chain", text, *fix)
        if node.params:
            text = f"its own parameters mean nothing, since {node.shares} owns the weights"
            yield self._sharing("share-params", text, *self._share_with(node.shares))

    def _share_with(self, owner: str) -> tuple[Fix, ...]:
        giver = self.graph.by_name.get(owner)
        if giver is None or self.graph.weight_owner(giver) is self.node:
            return ()
        edit = {"do": "share", "node": self.node.name, "owner": owner}
        return (Fix(f"Use the weights and parameters of {owner}.", edit),)

    def _sharing(self, code: str, message: str, *fixes: Fix) -> Diagnostic:
        own = Fix("Give it weights of its own.", {"do": "unshare", "node": self.node.name})
        return Diagnostic(
            code,
            message,
            node=self.node.name,
            found=f'"shares": "{self.node.shares}"',
            expected="a node that owns its weights",
            fixes=(*fixes, own),
        )

    def _wired(self) -> Iterator[Diagnostic]:
        """Yield ports that the layer does not have, and those wired in the other form."""
        for name, wired in self.node.inputs.items() if self.ports is not None else ():
            port = (self.ports or {}).get(name)
            if port is None:
                yield self._no_such_port(name)
            elif port.many and isinstance(wired, str):
                yield self._takes_many(name, wired)
            elif not port.many and not isinstance(wired, str) and wired:
                yield self._takes_one(name, wired)

    def _no_such_port(self, name: str) -> Diagnostic:
        known = tuple(self.ports or ())
        wired = self.node.inputs[name]
        one = isinstance(wired, str) or len(wired) == 1
        free = [
            port.name
            for port in (self.ports or {}).values()
            if not self.node.inputs.get(port.name) and (one or port.many)
        ]
        to = nearest_word(name, free) or (free[0] if len(free) == 1 else None)
        drop = Fix("Remove the wire.", _wire("disconnect", self.node.name, name, None))
        move = _wire("move_wires", self.node.name, name, None, to=to)
        kind = self.graph.weight_owner(self.node).kind
        return Diagnostic(
            "no-such-port",
            f'{kind} has no input port "{name}"' if known else f"{kind} takes no wires",
            node=self.node.name,
            port=name,
            found=name,
            expected=", ".join(known) or "no wires",
            fixes=(Fix(f'Wire it to "{to}".', move), drop) if to else (drop,),
        )

    def _takes_many(self, port: str, wired: str) -> Diagnostic:
        edit = _wire("move_wires", self.node.name, port, None, to=port)
        return Diagnostic(
            "port-takes-many",
            "a merge lists its wires, even a single one",
            node=self.node.name,
            port=port,
            found=wired,
            expected=f"a list of wires: [{wired}]",
            fixes=(Fix("Make a list of the one wire.", edit),),
        )

    def _takes_one(self, port: str, wired: tuple[str, ...]) -> Diagnostic:
        fixes = [Fix("Remove the wires.", _wire("disconnect", self.node.name, port, None))]
        first = next((wire for wire in wired if source_node(wire) in self.graph), None)
        if first is not None:
            edit = _wire("connect", self.node.name, port, None, source=first)
            keep = f"Keep the wire from {first} only"
            more = ", or merge them with a Concatenate first." if len(wired) > 1 else "."
            fixes.insert(0, Fix(keep + more, edit))
        return Diagnostic(
            "port-takes-one",
            f"a list of {len(wired)} wires stands where one wire may end",
            node=self.node.name,
            port=port,
            found=", ".join(wired[:_GUESSES]),
            expected="one wire",
            fixes=tuple(fixes),
        )

    def _loose(self) -> Iterator[Diagnostic]:
        for port in (self.ports or {}).values():
            if self.node.inputs.get(port.name) or getattr(port, "optional", False):
                continue
            yield Diagnostic(
                "port-loose",
                f"nothing is wired to its {port_label(port.name)}",
                node=self.node.name,
                port=port.name,
                found="no wire",
                expected="wires, in order" if port.many else "a wire from the layer before it",
                fixes=self._feed(port),
            )

    def _feed(self, port: Port) -> tuple[Fix, ...]:
        """Offer the node drawn just before, if it feeds nothing yet."""
        place = self.place - 1
        last = self.graph.nodes[place] if place >= 0 else None
        if last is None or last.kind == "Output" or self.graph.consumers[last.name]:
            return (Fix("Draw a wire to it, or delete the node."),)
        edit = _wire("connect", self.node.name, port.name, None, source=last.name)
        return (Fix(f"Wire {last.name} to it.", edit),)

    def _sources(self) -> Iterator[Diagnostic]:
        for port, place, reference in self.node.wires():
            source = self.graph.by_name.get(source_node(reference))
            if source is None:
                yield self._missing(port, place, reference)
            elif source.kind == "Output":
                yield self._after_output(port, place, source)
            elif "." in reference and _has_one_output(self.graph.weight_owner(source).kind):
                yield unknown_output(self.node, port, place, reference)

    def _missing(self, port: str, place: int | None, reference: str) -> Diagnostic:
        name, dot, output = reference.partition(".")
        near = self.guess(name, self.node.name)
        fixes = [Fix("Remove the wire.", _wire("disconnect", self.node.name, port, place))]
        if near:
            edit = _wire("rewire", self.node.name, port, place, source=near + dot + output)
            fixes.insert(0, Fix(f"Take it from {near}.", edit))
        return Diagnostic(
            "source-missing",
            f"a wire comes from {name}, which is not there",
            node=self.node.name,
            port=port,
            found=reference,
            expected="a node of this graph" + (f"; did you mean {near!r}?" if near else ""),
            fixes=tuple(fixes),
        )

    def _after_output(self, port: str, place: int | None, source: Node) -> Diagnostic:
        before = next((wire for _, _, wire in source.wires()), None)
        fixes = [Fix("Remove the wire.", _wire("disconnect", self.node.name, port, place))]
        if before and source_node(before) in self.graph and source_node(before) != self.node.name:
            edit = _wire("rewire", self.node.name, port, place, source=before)
            fixes.insert(0, Fix(f"Take it from {before}, which {source.name} ends.", edit))
        return Diagnostic(
            "output-feeds",
            f"it takes a wire from {source.name}, which is an Output and ends its head",
            node=self.node.name,
            port=port,
            found=source.name,
            expected="the layer before the Output",
            fixes=tuple(fixes),
        )


def _has_one_output(kind: str) -> bool:
    cls = catalogue.find(kind)
    return cls is not None and inspect.signature(cls.infer).return_annotation == "TensorSpec"
