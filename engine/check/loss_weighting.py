"""Checks of the loss weighting of a recipe (`balance`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from engine.check.cost import Costs
from engine.core.diagnostic import Diagnostic, Fix, nearest_word, set_recipe_fix
from engine.core.traversal import reachable
from engine.graph.model import Graph, source_node
from engine.objectives.head import Head
from engine.recipe.loss_weighting import LOSS_WEIGHTINGS, GradNorm, LossWeightingSettings
from engine.recipe.recipe import Recipe

Sources = Callable[[str], Iterable[str]]


def shared_weight_owners(
    order: Sequence[str], sources: Sources, owners: Mapping[str, str], ends: Iterable[str]
) -> list[str]:
    """Return the owners of weights that all outputs depend on, in reverse topological order.

    Args:
        order: all nodes in topological order.
        sources: a function that returns the sources of a node.
        owners: owner of a node's weights by name of the node; only nodes with trainable weights.
        ends: a node for each output of the network; the output depends on this node, on its
            sources, on their sources, and so on.
    """
    shared = set(owners.values())
    for end in ends:
        shared &= {owners[name] for name in reachable([end], sources) if name in owners}
    used = (owners[name] for name in reversed(order) if owners.get(name) in shared)
    return list(dict.fromkeys(used))


def check_loss_weighting(
    recipe: Recipe, graph: Graph, heads: Mapping[str, Head], costs: Costs
) -> Iterator[Diagnostic]:
    """Yield diagnostics if the recipe's loss weighting does not fit the losses or the graph."""
    balance = recipe.balance
    if balance is None:
        return
    trained = [head for head in heads.values() if head.is_trained]
    if len(trained) < 2:
        yield _too_few_losses(balance, trained)
        return
    signed = [head for head in trained if head.loss is not None and head.loss.can_be_negative]
    if signed:
        yield _negative_loss(balance, signed[0])
    elif isinstance(balance, GradNorm):
        shared = _shared_layers(graph, trained, costs)
        if not shared or recipe.sharded:
            yield _no_whole_layer(trained, recipe.sharded)
        elif balance.layer is not None and balance.layer not in shared:
            yield _not_shared(balance, balance.layer, shared)


def _shared_layers(graph: Graph, trained: Sequence[Head], costs: Costs) -> list[str]:
    required = graph.required_names
    order = [n.name for n in graph.topological_order if n.name in required and not n.off]
    weight_owners = {name: graph.weight_owner(graph[name]).name for name in order}
    owners = {
        name: owner
        for name, owner in weight_owners.items()
        if any(weight.trainable for weight in costs.weights.get(owner, ()))
    }

    def sources(name: str) -> list[str]:
        wires = graph[name].wires() if name in graph else ()
        return [source_node(graph.resolve_bypassed(wire)) for _, _, wire in wires]

    return shared_weight_owners(order, sources, owners, [head.name for head in trained])


def _set_balance(text: str, balance: LossWeightingSettings | None) -> Fix:
    value = None if balance is None else LOSS_WEIGHTINGS.to_plain_json(balance)
    return set_recipe_fix(text, balance=value)


def _too_few_losses(balance: LossWeightingSettings, trained: Sequence[Head]) -> Diagnostic:
    names = ", ".join(head.name for head in trained)
    return Diagnostic.warning(
        "balance-idle",
        "the loss weighting has no effect, since fewer than two outputs are trained",
        _set_balance("Remove balance.", None),
        place="recipe.balance",
        found=names or "no trained output",
        expected="two or more outputs with a loss",
    )


def _negative_loss(balance: LossWeightingSettings, head: Head) -> Diagnostic:
    return Diagnostic.error(
        "balance-unfit",
        f"{LOSS_WEIGHTINGS.name_of(balance)} needs losses that are never negative, and "
        f"{head.loss_name} may be",
        _set_balance("Remove balance, and set the loss_weights.", None),
        node=head.name,
        place="recipe.balance",
        found=head.loss_name,
        expected="a loss such as mse or a cross-entropy",
    )


def _no_whole_layer(trained: Sequence[Head], sharded: bool) -> Diagnostic:
    uncertainty = LOSS_WEIGHTINGS.parse("uncertainty")
    why = "the weights are sharded" if sharded else "there is none"
    return Diagnostic.error(
        "balance-unfit",
        f"gradnorm compares gradients on a layer that all outputs share, and {why}",
        _set_balance("Use uncertainty, which needs no shared layer.", uncertainty),
        _set_balance("Remove balance.", None),
        place="recipe.balance",
        found=", ".join(head.name for head in trained),
        expected="a shared layer whose weights are not sharded",
    )


def _not_shared(balance: GradNorm, layer: str, shared: Sequence[str]) -> Diagnostic:
    nearest = nearest_word(layer, shared) or shared[0]
    with_nearest = balance.model_copy(update={"layer": nearest})
    return Diagnostic.error(
        "balance-unfit",
        f'"{layer}" is not a layer with weights that all outputs depend on',
        _set_balance(f'Use the layer "{nearest}".', with_nearest),
        _set_balance("Use the last shared layer.", balance.model_copy(update={"layer": None})),
        place="recipe.balance",
        found=layer,
        expected="one of " + ", ".join(shared),
    )
