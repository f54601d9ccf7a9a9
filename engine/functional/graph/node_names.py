"""What the nodes of a model are called: given names first, then kinds, counted as Keras counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.symbolic.tensor import Call, SymbolicTensor, snake
from engine.functional.graph.subgraph import Reach
from engine.graph.node_names import HEAD, legal, numbered, suggest
from engine.layers.io import Input


def node_names(calls: Sequence[Call], keys: Mapping[Call, str]) -> dict[Call, str]:
    """Return the name of each node.

    Args:
        calls: in the order in which they were made.
        keys: what a dict of inputs calls the Inputs, "" where there is no dict.

    Raises:
        Refused: a name that no source could hold, or one that two layers have.
    """
    names: dict[Call, str] = {}
    owners: dict[str, Call] = {}
    for call in calls:
        name = keys.get(call) or call.name
        if not name or call.within:
            continue
        if not legal(name):
            raise Refused(_illegal(name))
        other = owners.setdefault(name, call)
        if other.layer is not call.layer:
            raise Refused(_twice(name))
        if other is call:
            names[call] = name
    taken = set(names.values())
    for call in calls:
        if call not in names:
            names[call] = numbered(call.name or snake(call.layer.kind()), taken)
            taken.add(names[call])
    return names


def end_names(
    outputs: Mapping[str, SymbolicTensor], reach: Reach, names: dict[Call, str]
) -> dict[str, str]:
    """Return the name of each Output by its key, and let the layer that makes it give its own up.

    Args:
        outputs: by key; a place in a list says no name.
        reach: what makes them.
        names: of the nodes, changed where an Output takes one.
    """
    made: dict[Call, int] = {}
    for tensor in outputs.values():
        made[reach.call(tensor)] = made.get(reach.call(tensor), 0) + 1
    taken = set(names.values())
    ends: dict[str, str] = {}
    for key, tensor in outputs.items():
        call = reach.call(tensor)
        node, wish = names[call], said(key)
        alone = made[call] == 1 and not isinstance(call.layer, Input)
        if alone and wish in ("", node):
            ends[key] = node
            names[call] = numbered(node + HEAD, taken)
            taken.add(names[call])
        else:
            ends[key] = numbered(wish or f"{node}_{tensor.output or 'output'}", taken)
            taken.add(ends[key])
    return ends


def said(key: str) -> str:
    """Return the name that a key says; a place in a list says none."""
    return "" if key.isdecimal() else key


def _illegal(name: str) -> Diagnostic:
    return Diagnostic(
        "name-illegal",
        f'"{name}" can\'t stand in written source',
        node=name,
        found=name,
        expected="letters, digits and underscores, with a letter first",
        fixes=(Fix(f'Call it "{suggest(name)}".'),),
    )


def _twice(name: str) -> Diagnostic:
    return Diagnostic(
        "duplicate-name",
        f'two layers are called "{name}"',
        node=name,
        found="two layers of one name",
        expected="a name of its own for each layer",
        fixes=(
            Fix("Call one of them otherwise."),
            Fix("To share weights, call the very same layer twice."),
        ),
    )
