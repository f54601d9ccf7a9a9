"""Adds up what an epoch was worth: the total and, by output, the loss and every metric."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from math import isnan
from typing import Any

import torch

from engine.objectives.head import Head
from engine.runtime.batches.data_loader import Batch
from engine.runtime.model.metrics import HeadMetrics, Mean
from engine.runtime.model.network import Network
from engine.runtime.model.total_loss import Scores, heads_of, score


class Ledger:
    """Running scores of all heads. Batches count by their rows, so a short last one weighs less.

    Where targets are masked, each output's loss is a mean over the targets that are there, and the
    total is the sum of these by weight: which rows happen to meet in a batch makes no difference.
    """

    def __init__(self, heads: list[Head]) -> None:
        self._heads = [head for head in heads if head.loss is not None]
        self._masked = False
        self._total = Mean()
        self._penalties: dict[str, Mean] = {}
        self._running = {head.name: HeadMetrics(head) for head in self._heads}

    def weigh(self, heads: list[Head]) -> None:
        """Let the outputs count by the weights that these heads have now."""
        self._heads = [head for head in heads if head.loss is not None]

    def add(self, network: Network, scores: Scores, batch: Batch) -> None:
        """Take one batch in."""
        self._masked = self._masked or bool(batch.masks)
        self._total.add(scores.total * batch.rows, batch.rows)
        for name, term in scores.penalties.items():
            mean = self._penalties.setdefault(name, Mean())
            mean.add(term * batch.rows, batch.rows)
        with torch.no_grad():
            predicted = network.activated(scores.raw)
            for name, running in self._running.items():
                if name in scores.losses:
                    running.update(
                        predicted[name],
                        batch.targets[name],
                        scores.raw.masks.get(name),
                        scores.losses[name],
                        batch.masks.get(name),
                    )

    def result(self) -> dict[str, float]:
        """Return the scores so far.

        Returns:
            "loss" (the total), "<output>/loss" and "<output>/<metric>" of each head, and
            "<node>/<weight>_penalty" of each regulariser.
        """
        answer = {"loss": self._summed() if self._masked else self._total.result()}
        for name, running in self._running.items():
            answer |= {f"{name}/{key}": value for key, value in running.result().items()}
        penalties = {f"{name}_penalty": mean.result() for name, mean in self._penalties.items()}
        return answer | penalties

    def _summed(self) -> float:
        """Return the total of outputs that count different rows; one that counts none adds 0."""
        losses = ((head, self._running[head.name].loss) for head in self._heads)
        terms = [head.loss_weight * loss for head, loss in losses if not isnan(loss)]
        return sum(terms) + sum(mean.result() for mean in self._penalties.values())

    def state(self) -> dict[str, Any]:
        """Return what was added so far as plain JSON, for a run that is resumed in an epoch."""
        heads = {name: running.state() for name, running in self._running.items()}
        penalties = {name: mean.state() for name, mean in self._penalties.items()}
        return {
            "total": self._total.state(),
            "masked": self._masked,
            "heads": heads,
            "penalties": penalties,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore what `state` returned."""
        self._total.restore(state["total"])
        self._masked = bool(state.get("masked"))
        self._penalties = {name: Mean() for name in state["penalties"]}
        for name, mean in self._penalties.items():
            mean.restore(state["penalties"][name])
        for name, running in self._running.items():
            running.restore(state["heads"][name])

    def reset(self) -> None:
        """Forget all batches, for the next epoch."""
        self._total.reset()
        self._masked = False
        self._penalties = {}
        for running in self._running.values():
            running.reset()


def evaluate(network: Network, batches: Iterable[Batch]) -> dict[str, float]:
    """Score batches without training.

    Returns:
        As `Ledger.result`.
    """
    scoring = scored(network, batches)
    while True:
        try:
            next(scoring)
        except StopIteration as done:
            answer: dict[str, float] = done.value
            return answer


def scored(network: Network, batches: Iterable[Batch]) -> Generator[None, None, dict[str, float]]:
    """Score batches without training, and let the caller breathe after each.

    Returns:
        As `Ledger.result`.
    """
    ledger = Ledger(heads_of(network))
    was_training = network.training
    network.eval()
    try:
        for batch in batches:
            with torch.no_grad():
                ledger.add(network, score(network, batch), batch)
            yield
    finally:
        network.train(was_training)
    return ledger.result()
