"""What one layer makes of what it is fed: outputs, weights, findings, cost.

Here a check remembers: as long as node, layer and what comes in are the very same objects as
before, so is the passage. New outputs that equal the old ones are the old ones, so that a change
of one layer ends where it no longer makes a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from operator import is_

from engine.core.diagnostic import Diagnostic, Fix, LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.graph.model import Node
from engine.layers.base import Cost, Layer, Weights
from engine.layers.initializer import INITIALIZERS, Initializer
from engine.layers.io import Input, Output
from engine.layers.regularizer import OrthogonalRegularizer

Outs = Mapping[str, TensorSpec]
Fed = tuple[TensorSpec | None, ...]
Lengths = Mapping[tuple[str, int], int]
MAIN = ""  # the name of a node's only, or first, output


@dataclass(frozen=True, eq=False)
class Passage:
    """What a layer makes of what it is fed.

    Args:
        node, layer: the node, and its layer or its owner's.
        fed: the specs at its ports, None at an unwired optional one.
        outs: its outputs, None if it can't be fed so.
        weights: its arrays; none without outputs.
        found: what is wrong.
    """

    node: Node
    layer: Layer
    fed: Fed
    outs: Outs | None
    weights: Weights
    found: tuple[Diagnostic, ...]

    def holds(self, node: Node, layer: Layer, fed: Fed) -> bool:
        """Return whether the passage would be the same."""
        return self.node is node and self.layer is layer and _same(self.fed, fed)

    @cached_property
    def free(self) -> tuple[DynamicLength, ...]:
        """The free axes of all outputs."""
        return tuple(length for spec in (self.outs or {}).values() for length in spec.dynamic_axes)

    @cached_property
    def size(self) -> int:
        """Number of values in all weights."""
        return sum(weight.size for weight in self.weights)

    @cached_property
    def trainable(self) -> int:
        """Number of values that training moves."""
        return sum(weight.size for weight in self.weights if weight.trainable)

    @cached_property
    def fixed(self) -> bool:
        """True if nothing that comes in has a free axis."""
        return not any(spec.dynamic_axes for spec in given(self.fed))

    def cost(self, lengths: Lengths) -> Cost:
        """Return what one row costs where free axes have these lengths."""
        fed = self.fed if self.fixed else tuple(spec and _cut(spec, lengths) for spec in self.fed)
        return self.layer.cost(*fed)


def given(fed: Fed) -> tuple[TensorSpec, ...]:
    """Return what is wired."""
    return tuple(spec for spec in fed if spec is not None)


def passed(node: Node, layer: Layer, fed: Fed, before: Passage | None = None) -> Passage:
    """Return what a layer makes of what it is fed: `before`, if that still holds."""
    if before is not None and before.holds(node, layer, fed):
        return before
    found: list[Diagnostic] = []
    outs: Outs | None = None
    weights: Weights = ()
    try:
        outs = _outs(node, layer, fed)
    except LayerError as error:
        found += [diagnostic.at_node(node.name) for diagnostic in error.diagnostics]
    except Exception as error:  # noqa: BLE001 - a defect in one layer must not hide the rest
        found.append(_defect(node, error))
    if outs is not None:
        weights = layer.weights(*given(fed))
        found += _mask(node, layer, given(fed))
        found += _matrices(node, layer, weights, outs)
        if before is not None and before.outs is not None and _equal(outs, before.outs):
            outs = before.outs
    return Passage(node, layer, fed, outs, weights, tuple(found))


def _same(one: Fed, other: Fed) -> bool:
    return len(one) == len(other) and all(map(is_, one, other))


def _equal(outs: Outs, others: Outs) -> bool:
    return [*outs] == [*others] and all(
        spec.is_identical(others[name]) for name, spec in outs.items()
    )


def _cut(spec: TensorSpec, lengths: Lengths) -> TensorSpec:
    """Return a spec with every free axis given a length."""
    dims = (
        dim.size_for(lengths[dim.source, dim.axis]) if isinstance(dim, DynamicLength) else dim
        for dim in spec.shape
    )
    return replace(spec, shape=tuple(dims))


def _outs(node: Node, layer: Layer, fed: Fed) -> Outs:
    if isinstance(layer, Input):
        return {MAIN: layer.spec(node.name)}
    answer = layer.infer(*fed)
    mask = layer.masks(*given(fed))
    if isinstance(answer, TensorSpec):
        return {MAIN: replace(answer, mask=mask) if answer.mask != mask else answer}
    # Of several outputs only sequences, as long as what came in, can carry a mask.
    outs = {name: replace(spec, mask=mask and spec.rank > 1) for name, spec in answer.items()}
    return {MAIN: next(iter(outs.values())), **outs}


def _mask(node: Node, layer: Layer, fed: tuple[TensorSpec, ...]) -> Iterator[Diagnostic]:
    lost = layer.mask_rule == "drop" and any(spec.mask for spec in fed)
    if lost and not isinstance(layer, Output):
        yield Diagnostic(
            "mask-dropped",
            f"{node.kind} can't carry the mask of {node.sources()[0]} on, so the layers "
            "after it see padding as if it were data",
            severity="warning",
            node=node.name,
            found="a masked sequence",
            expected="a layer that passes or uses masks",
            fixes=(
                Fix("Put a layer that uses the mask here, such as LSTM or GlobalAveragePooling1D."),
                Fix("Switch mask_zero off where the mask is made, if padding is rare."),
            ),
        )


def sharing(sharer: Passage, owner: Passage) -> Iterator[Diagnostic]:
    """Refuse to share weights between layers that would need them in different shapes."""
    shapes = [[(weight.name, weight.shape) for weight in each.weights] for each in (sharer, owner)]
    if shapes[0] != shapes[1]:
        node = sharer.node
        yield Diagnostic(
            "shapes-differ",
            f"can't share the weights of {node.shares}, since its input has another shape",
            node=node.name,
            found=", ".join(map(str, given(sharer.fed))),
            expected=", ".join(map(str, given(owner.fed))),
            fixes=(Fix("Give the node weights of its own.", {"do": "unshare", "node": node.name}),),
        )


def _matrices(node: Node, layer: Layer, weights: Weights, outs: Outs) -> Iterator[Diagnostic]:
    """Refuse starting values and penalties that only a matrix can have, where there is none."""
    for weight in weights:
        ranks = _ranks(weight.initializer, weight.shape)
        if ranks.get("identity", 2) != 2 or ranks.get("orthogonal", 2) < 2:
            name = INITIALIZERS.name_of(weight.initializer.named)
            yield _no_matrix(node, f'"{weight.name}" can\'t start as {name}')
        if isinstance(weight.regularizer, OrthogonalRegularizer) and len(weight.shape) != 2:
            yield _no_matrix(node, f'"{weight.name}" has no rows that could be orthogonal')
    paired = any(isinstance(each, OrthogonalRegularizer) for each in layer.activities().values())
    if paired and outs[MAIN].rank != 1:
        yield _no_matrix(node, "what comes out has no rows that could be orthogonal")


@lru_cache(1024)
def _ranks(initializer: Initializer, shape: tuple[int, ...]) -> Mapping[str, int]:
    """Answer, by kind of draw, how many axes it has."""
    return {draw.kind: len(draw.shape) for draw in initializer.draws(shape)}


def _no_matrix(node: Node, message: str) -> Diagnostic:
    return Diagnostic(
        "not-a-matrix",
        message + ", since it is no matrix",
        node=node.name,
        found="another number of axes",
        expected="an array with two axes",
        fixes=(Fix("Use another initializer or regularizer here, such as glorot_uniform or l2."),),
    )


def _defect(node: Node, error: Exception) -> Diagnostic:
    return Diagnostic(
        "layer-failed",
        f"the shape rule of {node.kind} failed: {error}",
        node=node.name,
        found=type(error).__name__,
        expected="a shape or a diagnostic",
        fixes=(Fix("Report this with the file; as a way round, use another layer."),),
    )
