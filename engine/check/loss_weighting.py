"""Can losses be balanced as the recipe asks: are there several, and is there a layer they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from engine.check.cost import Costs
from engine.core.diagnostic import Diagnostic, Fix, nearest_word
from engine.graph.model import Graph, source_node
from engine.objectives.head import Head
from engine.recipe.loss_weighting import BALANCES, Balance, GradNorm

Sources = Callable[[str], Iterable[str]]


def last_shared(
    order: Sequence[str], sources: Sources, owners: Mapping[str, str], ends: Iterable[str]
) -> list[str]:
    """Return the owners of weights that all ends depend on, the one that is used last first.

    Args:
        order: all nodes, each after those that feed it.
        sources: answers what feeds a node.
        owners: by node with weights to train, the node that they are named after.
        ends: where each output begins.
    """
    shared = set(owners.values())
    for end in ends:
        shared &= {owners[name] for name in _before(end, sources) if name in owners}
    used = (owners[name] for name in reversed(order) if owners.get(name) in shared)
    return list(dict.fromkeys(used))


def _before(end: str, sources: Sources) -> set[str]:
    """Return a node and all that it depends on."""
    waiting, found = [end], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += sources(name)
    return found


def balance_fits(
    balance: Balance | None, graph: Graph, heads: Mapping[str, Head], costs: Costs
) -> Iterator[Diagnostic]:
    """Yield what keeps losses from being balanced."""
    if balance is None:
        return
    trained = [head for head in heads.values() if head.trained]
    if len(trained) < 2:
        yield _nothing_to_balance(balance, trained)
        return
    signed = [head for head in trained if head.loss is not None and head.loss.signed]
    if signed:
        yield _signed(balance, signed[0])
    elif isinstance(balance, GradNorm):
        shared = _shared(graph, trained, costs)
        if not shared:
            yield _nothing_shared(trained)
        elif balance.layer is not None and balance.layer not in shared:
            yield _not_shared(balance, balance.layer, shared)


def _shared(graph: Graph, trained: Sequence[Head], costs: Costs) -> list[str]:
    order = [
        node.name
        for node in graph.topological_order
        if node.name in graph.required_names and not node.off
    ]
    named = {name: graph.weight_owner(graph[name]).name for name in order}
    owners = {
        name: owner
        for name, owner in named.items()
        if any(weight.trainable for weight in costs.weights.get(owner, ()))
    }

    def sources(name: str) -> list[str]:
        wires = graph[name].wires() if name in graph else ()
        return [source_node(graph.resolve_bypassed(wire)) for _, _, wire in wires]

    return last_shared(order, sources, owners, [head.name for head in trained])


def _set(text: str, balance: Balance | None) -> Fix:
    plain = None if balance is None else BALANCES.to_plain_json(balance)
    return Fix(text, {"do": "set_recipe", "fields": {"balance": plain}})


def _nothing_to_balance(balance: Balance, trained: Sequence[Head]) -> Diagnostic:
    names = ", ".join(head.name for head in trained)
    return Diagnostic(
        "balance-idle",
        "there is nothing to balance, since fewer than two outputs are trained",
        severity="warning",
        place="recipe.balance",
        found=names or "no output that is trained",
        expected="two or more outputs with a loss",
        fixes=(_set("Leave the balance out.", None),),
    )


def _signed(balance: Balance, head: Head) -> Diagnostic:
    return Diagnostic(
        "balance-unfit",
        f"{BALANCES.name_of(balance)} needs losses that are never negative, and "
        f"{head.loss_name} may be",
        node=head.name,
        place="recipe.balance",
        found=head.loss_name,
        expected="such as mse, or a cross-entropy",
        fixes=(_set("Leave the balance out, and set the loss_weights.", None),),
    )


def _nothing_shared(trained: Sequence[Head]) -> Diagnostic:
    return Diagnostic(
        "balance-unfit",
        "gradnorm compares gradients on a layer that all outputs share, and there is none",
        place="recipe.balance",
        found=", ".join(head.name for head in trained),
        expected="a layer with weights that all of them depend on",
        fixes=(
            _set("Use uncertainty, which needs none.", BALANCES.parse("uncertainty")),
            _set("Leave the balance out.", None),
        ),
    )


def _not_shared(balance: GradNorm, layer: str, shared: Sequence[str]) -> Diagnostic:
    nearest = nearest_word(layer, shared) or shared[0]
    return Diagnostic(
        "balance-unfit",
        f'"{layer}" is no layer with weights that all outputs depend on',
        place="recipe.balance",
        found=layer,
        expected="one of " + ", ".join(shared),
        fixes=(
            _set(f'Measure on "{nearest}".', balance.model_copy(update={"layer": nearest})),
            _set("Measure on the last one.", balance.model_copy(update={"layer": None})),
        ),
    )
