"""Base class of optimizers: gradient clipping, weight decay, and the slots of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import ClassVar, Generic, TypeVar

import torch
from torch import Tensor

from engine.recipe import optimizer as schemas
from engine.runtime.optimizers.gradients import clip_gradients, gradient_values, trained_gradients
from engine.runtime.optimizers.lazy_rows import LazyRows, UpdateStep
from engine.runtime.sharded_tensor import copy_whole, local_parts, norms

S = TypeVar("S", bound=schemas.Optimizer)
Tensors = list[Tensor]
Slots = Mapping[str, Tensors]


class Optimizer(Generic[S]):
    """Base class of all optimizers, which update parameters in place from their gradients.

    A step clips the gradients in place, applies the weight decay, then updates the parameters by
    `update_step`. Parameters without a gradient are not changed. As in Keras, the state tensors of
    a parameter, such as its momentum, are called slots.

    Args:
        parameters: parameters by name; they stay the same objects.
        split_parameters: groups of names of parameters that are clipped together, as one weight.

    Attributes:
        lazy_rows: the embedding tables that may have sparse gradients, by parameter name.
        update_kernel: a faster function that a step calls instead of `update_step`, if any.
    """

    slots: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        schema: S,
        parameters: Mapping[str, Tensor],
        split_parameters: Sequence[tuple[str, ...]] = (),
    ) -> None:
        self.schema = schema
        self.parameters = dict(parameters)
        self.split_parameters = split_parameters
        self.iterations = 0
        self.param_groups = [{"params": list(parameters.values())}]  # for torch.amp.GradScaler
        self.lazy_rows: dict[str, LazyRows] = {}
        self.update_kernel: UpdateStep | None = None

    @cached_property
    def state(self) -> dict[str, dict[str, Tensor]]:
        """The slots by parameter name; they are created when they are first needed."""
        slots, parameters = self._used_slots(), self.parameters.items()
        return {name: {slot: self._initial_slot(p) for slot in slots} for name, p in parameters}

    def _used_slots(self) -> tuple[str, ...]:
        """Return the names of the slots that the settings need."""
        return self.slots

    def _initial_slot(self, parameter: Tensor) -> Tensor:
        return torch.zeros_like(parameter, requires_grad=False)

    def update_step(self, gradients: Tensors, variables: Tensors, lr: float, slots: Slots) -> None:
        """Update variables in place, as Keras' method of this name updates one variable.

        `slots` has, by slot name, a list with the slot of each variable.

        Why: torch's `_foreach` functions apply an operation to a list of tensors in one call.
        """
        raise NotImplementedError(type(self).__name__)

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Update all parameters that have a gradient."""
        gradients = trained_gradients(self.parameters)
        clip_gradients(self.schema, gradients, self.split_parameters)
        for name, rows in self.lazy_rows.items():
            if name in gradients:
                rows.step(gradients[name], self.iterations, learning_rate)
        names = [n for n, g in gradients.items() if not (g.is_sparse and n in self.lazy_rows)]
        variables = local_parts([self.parameters[name] for name in names])
        if variables and self.schema.weight_decay:
            torch._foreach_mul_(variables, 1 - self.schema.weight_decay * learning_rate)
        if variables:
            slots = {
                slot: local_parts([self.state[name][slot] for name in names])
                for slot in self._used_slots()
            }
            dense = [part.to_dense() for part in local_parts([gradients[n] for n in names])]
            (self.update_kernel or self.update_step)(dense, variables, learning_rate, slots)
        self.iterations += 1

    @torch.no_grad()
    def gradient_norms(self) -> Sequence[Tensor]:
        """Return the norm of each gradient."""
        values = [gradient_values(g) for g in trained_gradients(self.parameters).values()]
        return norms(values) if values else ()

    def zero_grad(self) -> None:
        """Remove all gradients."""
        for parameter in self.parameters.values():
            parameter.grad = None

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state tensors (slots) by "PARAMETER/SLOT"; "iterations" is the step count."""
        slots = {f"{name}/{s}": x for name, own in self.state.items() for s, x in own.items()}
        return {**slots, "iterations": torch.tensor(self.iterations, dtype=torch.int64)}

    @torch.no_grad()
    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Load a state that `state_dict` returned.

        Raises:
            ValueError: if a tensor is missing, unexpected, or of wrong shape; nothing is changed.
        """
        states = self.state_dict(), state
        own, given = ({(name, x.shape) for name, x in s.items()} for s in states)
        if own != given:
            differ = sorted(f"{name} {tuple(shape)}" for name, shape in own ^ given)
            raise ValueError(f"the optimizer's state does not fit: {', '.join(differ[:5])}")
        for name, tensor in self.state_dict().items():
            copy_whole(tensor, state[name])
        self.iterations = int(state["iterations"])
