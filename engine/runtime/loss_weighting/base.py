"""Base class of rules that adapt the loss weight of each output during training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from engine.objectives.head import Head
from engine.recipe.optimizer import Optimizer as Schema
from engine.runtime.batches.batch import Batch
from engine.runtime.device import DeviceContext
from engine.runtime.loss_weighting.total_loss import BatchLosses, total_loss
from engine.runtime.model.losses import combine_masks
from engine.runtime.optimizers.algorithms import make_optimizer

Presence = Mapping[str, Tensor | float]  # 1 for outputs that have targets, else 0


class LossWeighting:
    """Base class of rules that train one value per output, to determine the output's loss weight.

    The values have a separate optimizer. Their gradients are computed from detached losses without
    autograd, so gradient scaling and clipping of the network don't affect the values.

    Args:
        start: initial value for each output.
        schema: settings of the optimizer of the values.
    """

    learning_rate: float | None = None  # before the schedule; None: that of the network

    def __init__(
        self, names: Sequence[str], start: float, schema: Schema, device_context: DeviceContext
    ) -> None:
        options: dict[str, Any] = {"dtype": device_context.dtype, "device": device_context.device}
        self.values = {name: torch.tensor(start, **options) for name in names}
        self.optimizer = make_optimizer(schema, self.values)

    def weight_losses(
        self, batch_losses: BatchLosses, heads: Sequence[Head], present: Presence
    ) -> BatchLosses:
        """Return the losses with a new total: the weighted losses plus all penalties.

        Args:
            batch_losses: losses of a batch.
            heads: heads with their current loss weights.
            present: whether the batch has targets of each output, by name.
        """
        losses, weights = batch_losses.losses, self.loss_weights(heads)
        trained = trained_heads(heads, losses)
        penalties = batch_losses.penalties | self.penalties(trained, present)
        terms = [weights[head.name] * losses[head.name] for head in trained]
        total = total_loss([*terms, *penalties.values()])
        return replace(batch_losses, total=total, penalties=penalties, weights=weights)

    def penalties(self, heads: Iterable[Head], present: Presence) -> dict[str, Tensor]:
        """Return what the rule adds to the total loss, by name."""
        return {}

    def prepare(self, losses: Mapping[str, Tensor], heads: Sequence[Head]) -> None:
        """Take what the rule needs before the backward pass of a batch.

        Args:
            losses: the batch's parts of the losses of the step, by output name.
            heads: heads with their current loss weights.
        """

    @property
    def gradient_sums(self) -> list[Tensor]:
        """The tensors of `prepare` that have to be summed over the ranks."""
        return []

    def set_gradients(
        self, losses: Mapping[str, Tensor], heads: Sequence[Head], present: Presence
    ) -> None:
        """Compute the gradients of the learned values from the losses of a whole step.

        An output without a target in the step gets no gradient. Arguments as in `weight_losses`.
        """
        raise NotImplementedError(type(self).__name__)

    def loss_weights(self, heads: Iterable[Head]) -> dict[str, Tensor]:
        """Return the effective loss weights by output name: `head.loss_weight` * `factor(head)`."""
        weighted = [head for head in heads if head.name in self.values]
        return {head.name: head.loss_weight * self.factor(head) for head in weighted}

    def factor(self, head: Head) -> Tensor:
        """Return the factor by which a head's loss is multiplied, in addition to `loss_weight`."""
        raise NotImplementedError(type(self).__name__)

    def step(self, rate: float, base_rate: float) -> None:
        """Update the learned values that determine the loss weights, and clear their gradients.

        If `learning_rate` is set, it is scaled by `rate` / `base_rate`. Otherwise, `rate` is used.

        Args:
            rate: learning rate of the network after the schedule.
            base_rate: learning rate of the network before the schedule.
        """
        fixed_rate = self.learning_rate
        self.optimizer.step(rate if fixed_rate is None else fixed_rate * rate / base_rate)
        self.optimizer.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        """Return the values and the optimizer state as plain JSON."""
        slots = self.optimizer.state_dict().items()
        return {
            "values": {name: value.item() for name, value in self.values.items()},
            "gradients": {},  # version 0.1 stored those of an incomplete step
            "memory": {name: tensor.tolist() for name, tensor in slots},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Load a state that `state_dict` returned.

        Raises:
            ValueError: if the state belongs to other outputs.
        """
        if state["values"].keys() != self.values.keys():
            raise ValueError("loss weights of other outputs")
        slots = {
            name: torch.tensor(state["memory"][name], dtype=tensor.dtype, device=tensor.device)
            for name, tensor in self.optimizer.state_dict().items()
        }
        self.optimizer.load_state_dict(slots)
        for name, value in self.values.items():
            value.fill_(state["values"][name])


def target_presence(batch: Batch) -> dict[str, Tensor | float]:
    """Return 1 for each output with a target of non-zero sample weight in a batch, else 0.

    Why: a bool instead of a tensor would need a device synchronization.
    """
    presence: dict[str, Tensor | float] = dict.fromkeys(batch.targets, 1.0)
    for name in batch.targets:
        given = [group[name] != 0 for group in (batch.masks, batch.weights) if name in group]
        mask = combine_masks(max(given, key=Tensor.dim), *given) if given else None
        if mask is not None:
            presence[name] = mask.any().to(torch.float32)
    return presence


def trained_heads(heads: Iterable[Head], losses: Mapping[str, Tensor]) -> list[Head]:
    """Return the heads that have one of the `losses`, and a loss weight other than 0."""
    return [head for head in heads if head.loss_weight and head.name in losses]
