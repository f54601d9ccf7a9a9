"""Gradient clipping by norm, by global norm, or by value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from engine.recipe.optimizer import Optimizer as Schema


def clip_gradients(
    schema: Schema, gradients: Sequence[Tensor], weights: Iterable[list[Tensor]]
) -> None:
    """Clip gradients in place, if the optimizer settings have a clipping option.

    Args:
        schema: optimizer settings.
        gradients: all gradients. A flat tensor may hold the gradients of many parameters.
        weights: the same gradients as one list per Keras weight, for clipping each list by its
            norm. A list has several tensors if torch splits the weight into several parameters.
    """
    if schema.clipnorm:
        for parts in weights:
            norm = torch.linalg.vector_norm(parts[0]) if len(parts) == 1 else global_norm(parts)
            factor = schema.clipnorm / norm.clamp_(min=schema.clipnorm)
            for gradient in parts:
                gradient.mul_(factor)
    elif schema.global_clipnorm:
        norm = global_norm(gradients).clamp_(min=schema.global_clipnorm)
        for gradient in gradients:
            gradient.mul_(schema.global_clipnorm / norm)
    elif schema.clipvalue:
        for gradient in gradients:
            gradient.clamp_(-schema.clipvalue, schema.clipvalue)


def global_norm(tensors: Sequence[Tensor]) -> Tensor:
    """Return the norm of all tensors, as if they were concatenated; 0 if there are none.

    Why: `_foreach_norm`, which torch also uses for clipping, is one kernel launch on a GPU.
    """
    if not tensors:
        return torch.zeros(())
    norm: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(list(tensors))))
    return norm
