"""Gradients: clipping them, and the values of sparse ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from engine.recipe.optimizer import Optimizer as Schema
from engine.runtime.sharded_tensor import local_parts, norms


def trained_gradients(parameters: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the gradients of parameters that have one, by name.

    A sparse gradient, which has values for some rows of a parameter, is replaced by a coalesced
    one: its rows are distinct and in ascending order.
    """
    gradients = {name: p.grad for name, p in parameters.items() if p.grad is not None}
    for name, gradient in gradients.items():
        if gradient.is_sparse:
            parameters[name].grad = gradients[name] = _coalesced(gradient)
    return gradients


def _coalesced(gradient: Tensor) -> Tensor:
    """Return a sparse gradient as a coalesced one.

    Why: autograd forgets that a gradient is coalesced. `coalesce` would sort and copy its rows.
    Source: torch.sparse, "Working with sparse COO tensors", documents `_indices` and `_values`.
    """
    rows = gradient._indices()[0]
    if gradient.is_coalesced() or not bool((rows.diff() > 0).all()):
        return gradient.coalesce()
    return sparse_gradient(rows, gradient._values(), gradient.shape)


def sparse_gradient(rows: Tensor, values: Tensor, shape: torch.Size) -> Tensor:
    """Return a coalesced gradient: `values` in the given rows, distinct and in ascending order."""
    return torch.sparse_coo_tensor(
        rows.long().unsqueeze(0), values, shape, is_coalesced=True, check_invariants=False
    )


def gradient_values(gradient: Tensor) -> Tensor:
    """Return the values of a gradient, dense or coalesced; they share its memory."""
    return gradient.values() if gradient.is_sparse else gradient


def clip_gradients(
    schema: Schema, gradients: Mapping[str, Tensor], split_parameters: Sequence[tuple[str, ...]]
) -> None:
    """Clip gradients in place, if the optimizer settings have a clipping option.

    Args:
        schema: optimizer settings.
        gradients: gradients by parameter name.
        split_parameters: groups of names of parameters that are one Keras weight. `clipnorm` limits
            the norm of each weight.
    """
    values = {name: gradient_values(gradient) for name, gradient in gradients.items()}
    if schema.clipnorm:
        for weight in _by_weight(values, split_parameters):
            _clip_by_norm(weight, schema.clipnorm)
    elif schema.global_clipnorm and values:
        _clip_by_norm(list(values.values()), schema.global_clipnorm)
    elif schema.clipvalue:
        for part in local_parts(list(values.values())):
            part.clamp_(-schema.clipvalue, schema.clipvalue)


def _by_weight(
    values: dict[str, Tensor], split_parameters: Sequence[tuple[str, ...]]
) -> Iterator[list[Tensor]]:
    remaining = dict(values)
    for names in split_parameters:
        if parts := [remaining.pop(name) for name in names if name in remaining]:
            yield parts
    yield from ([value] for value in remaining.values())


def _clip_by_norm(values: list[Tensor], limit: float) -> None:
    first, *others = parts = norms(values)
    norm = torch.linalg.vector_norm(torch.stack(parts)) if others else first
    factor = limit / norm.clamp_(min=limit)
    for part in local_parts(values):
        part.mul_(factor)
