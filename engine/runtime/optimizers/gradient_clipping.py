"""Gradients that are too long or too large, made smaller in place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from engine.recipe.optimizer import Optimizer as Schema


def clip(schema: Schema, gradients: Sequence[Tensor], weights: Iterable[list[Tensor]]) -> None:
    """Clip gradients in the one way that an optimizer's constants ask for, if any.

    Args:
        schema: the constants.
        gradients: all of them, in as few pieces as there are.
        weights: the same ones, weight by weight; parts of a weight are clipped as one.
    """
    if schema.clipnorm:
        for one in weights:
            length = torch.linalg.vector_norm(one[0]) if len(one) == 1 else global_norm(one)
            share = schema.clipnorm / length.clamp_(min=schema.clipnorm)
            for gradient in one:
                gradient.mul_(share)
    elif schema.global_clipnorm:
        length = global_norm(gradients).clamp_(min=schema.global_clipnorm)
        for gradient in gradients:
            gradient.mul_(schema.global_clipnorm / length)
    elif schema.clipvalue:
        for gradient in gradients:
            gradient.clamp_(-schema.clipvalue, schema.clipvalue)


def global_norm(tensors: Sequence[Tensor]) -> Tensor:
    """Return the length of all tensors taken together; 0 if there are none.

    Why: torch's own clipping uses the same call, which on a GPU is one for all tensors.
    """
    if not tensors:
        return torch.zeros(())
    length: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(list(tensors))))
    return length
