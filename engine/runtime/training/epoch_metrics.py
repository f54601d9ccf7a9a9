"""Epoch metrics: total loss, losses and metrics of outputs, accumulated over batches."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from math import isnan
from typing import Any

import torch

from engine.objectives.head import Head
from engine.runtime.batches.batch import Batch
from engine.runtime.distributed.process_group import SINGLE_PROCESS, ProcessGroup
from engine.runtime.loss_weighting.total_loss import (
    BatchLosses,
    compute_losses,
    heads_of,
    merge_losses,
)
from engine.runtime.model.metrics import HeadMetrics, WeightedMean
from engine.runtime.model.network import Network


class EpochMetrics:
    """Accumulates the loss and metrics of all heads over an epoch.

    Batches are weighted by their number of rows. If targets are masked, the loss of an output is
    the mean over its present targets, and the total loss is the weighted sum of these means. So
    the result doesn't depend on how rows are grouped into batches.
    """

    def __init__(self, heads: list[Head]) -> None:
        self._heads = [head for head in heads if head.loss is not None]
        self._has_metrics = any(head.metrics for head in self._heads)
        self._masked = False
        self._total = WeightedMean()
        self._penalties: dict[str, WeightedMean] = {}
        self._head_metrics = {head.name: HeadMetrics(head) for head in self._heads}

    def set_loss_weights(self, heads: list[Head]) -> None:
        """Use the loss weights of these heads from now on."""
        self._heads = [head for head in heads if head.loss is not None]

    def update(self, network: Network, batch_losses: BatchLosses, batch: Batch) -> None:
        """Accumulate the losses and metrics of a batch.

        With several ranks, `batch_losses` are those of the global batch, and `batch` is this rank's
        part of it.
        """
        rows = batch_losses.row_count
        self._masked = self._masked or bool(batch.masks)
        self._total.add_mean(batch_losses.total, rows)
        for name, term in batch_losses.penalties.items():
            mean = self._penalties.setdefault(name, WeightedMean())
            mean.add_mean(term, rows)
        raw = batch_losses.forward_output
        predicted = raw.heads
        if self._has_metrics:
            with torch.no_grad():
                predicted = network.apply_activations(raw)
        for name, metrics in self._head_metrics.items():
            if name not in batch_losses.losses:
                continue
            loss = batch_losses.sums[name]
            if name in batch.masks and loss.count is not None:
                metrics.loss.add(loss.total, loss.count)
            else:
                metrics.loss.add_mean(batch_losses.losses[name], rows)
            if batch.is_counted:
                targets, present = batch.targets[name], batch.masks.get(name)
                metrics.update(predicted[name], targets, raw.masks.get(name), present)

    def merge(self, group: ProcessGroup) -> None:
        """Add up the metrics of all ranks on rank 0, and clear those of the others.

        Losses stay as they are, since every rank has those of all rows.
        """
        if group.size == 1:
            return
        for metrics in self._head_metrics.values():
            state = metrics.state_dict()
            parts = group.gather(state["metrics"])
            if group.rank == 0:
                metrics.load_state_dict({**state, "metrics": _sum(parts)})
        if group.rank:
            self.clear_metrics()

    def clear_metrics(self) -> None:
        """Clear the metrics, but not the losses."""
        for head in self._heads:
            cleared = HeadMetrics(head)
            cleared.loss = self._head_metrics[head.name].loss
            self._head_metrics[head.name] = cleared

    def result(self) -> dict[str, float]:
        """Return the scores over all batches so far by name.

        Returns:
            "loss" (total loss), "<output>/loss" and "<output>/<metric>" of each output with a loss,
            and "<name>_penalty" of each penalty, such as "dense/kernel_penalty" of a regularizer.
        """
        scores = {"loss": self._masked_total() if self._masked else self._total.result()}
        for name, metrics in self._head_metrics.items():
            scores |= {f"{name}/{key}": value for key, value in metrics.result().items()}
        penalties = {f"{name}_penalty": mean.result() for name, mean in self._penalties.items()}
        return scores | penalties

    def _masked_total(self) -> float:
        """Return the total loss for masked targets: weighted losses (NaN as 0) plus penalties."""
        losses = ((head, self._head_metrics[head.name].loss.result()) for head in self._heads)
        terms = [head.loss_weight * loss for head, loss in losses if not isnan(loss)]
        return sum(terms) + sum(mean.result() for mean in self._penalties.values())

    def state_dict(self) -> dict[str, Any]:
        """Return the accumulated state as plain JSON, for resuming within an epoch."""
        heads = {name: metrics.state_dict() for name, metrics in self._head_metrics.items()}
        penalties = {name: mean.state() for name, mean in self._penalties.items()}
        return {
            "total": self._total.state(),
            "masked": self._masked,
            "heads": heads,
            "penalties": penalties,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Load a state that `state_dict` returned."""
        self._total.load_state(state["total"])
        self._masked = bool(state.get("masked"))
        self._penalties = {name: WeightedMean() for name in state["penalties"]}
        for name, mean in self._penalties.items():
            mean.load_state(state["penalties"][name])
        for name, metrics in self._head_metrics.items():
            metrics.load_state_dict(state["heads"][name])


def _sum(states: Sequence[Any]) -> Any:
    """Return the sum of numbers, or of each of the numbers in lists and dicts of the same form."""
    first = states[0]
    if isinstance(first, Mapping):
        return {key: _sum([state[key] for state in states]) for key in first}
    if isinstance(first, list):
        return [_sum(parts) for parts in zip(*states, strict=True)]
    return sum(states)


def evaluate(network: Network, batches: Iterable[Batch]) -> dict[str, float]:
    """Return the scores of batches by score name, without training; see `EpochMetrics.result`."""
    steps = evaluate_steps(network, batches)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            scores: dict[str, float] = done.value
            return scores


def evaluate_steps(
    network: Network, batches: Iterable[Batch], group: ProcessGroup = SINGLE_PROCESS
) -> Generator[None, None, dict[str, float]]:
    """Score batches without training, yielding to the caller after each batch.

    Args:
        batches: the batches; with several ranks, this rank's part of each.

    Returns:
        The scores of all batches, by score name; see `EpochMetrics.result`.
    """
    metrics = EpochMetrics(heads_of(network))
    was_training = network.training
    network.eval()
    try:
        for batch in batches:
            with torch.no_grad():
                own = compute_losses(network, batch)
                metrics.update(network, merge_losses(group, network, own, batch), batch)
            yield
    finally:
        network.train(was_training)
    metrics.merge(group)
    return group.broadcast(metrics.result())
