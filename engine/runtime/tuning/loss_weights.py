"""Loss weights with which every output starts with an equal share, from a first pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.cache.policy import Caching
from engine.graph.serialization.file import read
from engine.objectives.head import Head
from engine.runs.events.loss_shares import shares
from engine.runtime.device import seed_step
from engine.runtime.loss_weighting.total_loss import heads_of, score
from engine.runtime.run.project_loader import checked, prepare_data
from engine.runtime.run.runner import Order, training_of
from engine.runtime.training.epoch_metrics import Ledger
from engine.runtime.training.loop import Training

ROWS = 10_000  # enough for a mean loss to some percent
DIGITS = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a first pass over the training rows found.

    Args:
        rows: that it took.
        losses: by output that is trained, before the first step.
        now: by output, the weight that it has.
        shares: by output, its share of the total with these weights.
        weights: by output, the weight that makes all shares equal and leaves the total as it is.
    """

    rows: int
    losses: Mapping[str, float]
    now: Mapping[str, float]
    shares: Mapping[str, float]
    weights: Mapping[str, float]

    @property
    def edit(self) -> dict[str, Any]:
        """The edit that takes all weights over, as one step."""
        edits = [_edit(name, weight) for name, weight in self.weights.items()]
        return {"do": "several", "edits": edits}

    def diagnostics(self) -> list[Diagnostic]:
        """Return the suggestion as one finding an output, each with its edit."""
        return [
            Diagnostic(
                "weights-suggested",
                f"starts with {self.shares[name]:.1%} of the total",
                severity="info",
                node=name,
                param="loss_weight",
                found=f"loss {self.losses[name]:.4g}, loss_weight {self.now[name]:g}",
                expected=f"{1 / len(self.weights):.1%}",
                fixes=(Fix(f"Set loss_weight to {weight:g}.", _edit(name, weight)),),
            )
            for name, weight in self.weights.items()
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain JSON."""
        return {
            "rows": self.rows,
            "losses": dict(self.losses),
            "loss_weights": dict(self.now),
            "shares": dict(self.shares),
            "suggested": dict(self.weights),
            "edit": self.edit,
        }


def suggest(training: Training, most: int = ROWS) -> Suggestion:
    """Pass over training rows without learning, and answer which loss weights would be fair.

    Args:
        training: one that is not started; it is of no use for training afterwards.
        most: rows to look at, at most; those that the first epoch begins with.

    Raises:
        DiagnosticError: if fewer than two outputs are trained, or a loss is no number or none to share.
    """
    heads = [head for head in heads_of(training.network) if head.trained]
    if len(heads) < 2:
        raise Refused(_nothing_to_share(heads))
    rows, scores = _first_pass(training, most)
    losses = {head.name: scores[f"{head.name}/loss"] for head in heads}
    now = {head.name: head.loss_weight for head in heads}
    odd = [name for name, loss in losses.items() if not 0 < loss < float("inf")]
    if odd:
        raise Refused(_no_loss(odd[0], losses[odd[0]]))
    total = sum(now[name] * loss for name, loss in losses.items())
    weights = {
        name: float(f"{total / len(heads) / loss:.{DIGITS}g}") for name, loss in losses.items()
    }
    return Suggestion(rows, losses, now, shares(total, losses, now), weights)


def suggested(order: Order) -> Suggestion:
    """Return which loss weights would be fair for what a person is about to train.

    Raises:
        DiagnosticError: if the graph or the data do not fit, or there is nothing to share out.
    """
    assert order.graph is not None, "a graph file was named"
    assert order.data is not None, "data was named"
    report = checked(read(order.graph).project, order.settings)
    caching = Caching(order.cache)
    prepared = prepare_data(report, order.data, order.validation, order.test, caching)
    return suggest(training_of(prepared))


def _first_pass(training: Training, most: int) -> tuple[int, dict[str, float]]:
    network, recipe = training.network, training.recipe
    ledger, seen = Ledger(heads_of(network)), 0
    network.train()
    order = training.train.order(recipe.seed, 1, recipe.shuffle)
    for step, batch in enumerate(training.train.batches(order)):
        seed_step(recipe.seed, step, training.place.device)
        drawn = training.draws.of(1, batch.numbers)
        with torch.no_grad(), training.place.autocast(), drawn:
            ledger.add(network, score(network, batch), batch)
        seen += batch.rows
        if seen >= most:
            break
    return seen, ledger.result()


def _edit(output: str, weight: float) -> dict[str, Any]:
    return {"do": "set_params", "node": output, "params": {"loss_weight": weight}}


def _nothing_to_share(heads: list[Head]) -> Diagnostic:
    return Diagnostic(
        "balance-idle",
        "there are no shares to make equal, since fewer than two outputs are trained",
        found=", ".join(head.name for head in heads) or "no output that is trained",
        expected="two or more outputs with a loss and a weight above 0",
        fixes=(Fix("Train without suggested weights."),),
    )


def _no_loss(output: str, loss: float) -> Diagnostic:
    return Diagnostic(
        "balance-unfit",
        "its loss is no number above 0 at the start, so no weight makes its share equal",
        node=output,
        found=f"loss {loss:g}",
        expected="a loss above 0 on the first rows",
        fixes=(Fix("Look at its targets: engine check FILE --data D."),),
    )
